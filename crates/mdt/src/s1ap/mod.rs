//! TraceActivation of S1AP (TS 36.413 clause 9.2.1.4): how a core network tells a cell of LTE that a phone is to be asked for a job.
//!
//! ```text
//!   TraceJob ──▶ TraceActivation::of_job ──▶ to_octets (aligned PER) ──▶ eNB
//!   TraceJob ◀── TraceActivation::job ◀── from_octets ◀───────────────── MME
//! ```
//!
//! Of a trace only what MDT needs: configurations of NR and of application measurements are passed over, as their criticality says. Names
//! of WLANs and of Bluetooth devices are neither written nor kept: they are third parties'.

mod aper;
mod asn;
mod from_job;
mod read;
mod to_job;
mod write;

use crate::job::{
    Duration, Interval, M6PeriodLte, MeasurementPeriodLte, ReportAmount, ReportInterval, RrmPeriodLte, TimeToTriggerL1,
};
use crate::rrc::{Plmn, TraceReference, lte};
use core::net::{Ipv4Addr, Ipv6Addr};

/// Longest TraceActivation taken, octets: a thousand are plenty.
pub const MAX_ACTIVATION: usize = 16 * 1024;

/// Why octets are no TraceActivation, or a value cannot become octets. Never repeats a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum S1apError {
    /// Longer than [`MAX_ACTIVATION`].
    #[error("activation of {octets} octets; at most {MAX_ACTIVATION} are taken")]
    TooLong {
        /// Its octets.
        octets: usize,
    },
    /// The sender's octets are not of this type, or end inside it, or go on behind it.
    #[error("{element} is no sound aligned PER; the sender breaks the rules or this is another element")]
    Unsound {
        /// Which element.
        element: &'static str,
    },
    /// The sender asks for something that is not known here and may not be passed over, or is of a later release.
    #[error("{element} is not known here and may not be passed over")]
    Unknown {
        /// Which element.
        element: &'static str,
    },
    /// The caller's value does not fit its type.
    #[error("{element} does not fit its type")]
    Unencodable {
        /// Which element.
        element: &'static str,
    },
}

/// How much is traced (TS 32.422 clause 5.1). Of MDT alone it says nothing, and is there all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TraceDepth {
    /// minimum.
    Minimum,
    /// medium.
    Medium,
    /// maximum.
    Maximum,
    /// minimumWithoutVendorSpecificExtension.
    MinimumWithoutVendor,
    /// mediumWithoutVendorSpecificExtension.
    MediumWithoutVendor,
    /// maximumWithoutVendorSpecificExtension.
    MaximumWithoutVendor,
}

/// Address of the collector (TS 36.413 clause 9.2.2.1): one of the two, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CollectorAddress {
    /// IPv4.
    V4(Ipv4Addr),
    /// IPv6.
    V6(Ipv6Addr),
    /// Both.
    Both(Ipv4Addr, Ipv6Addr),
}

/// TraceActivation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceActivation {
    /// Which job.
    pub trace_reference: TraceReference,
    /// Which session of it.
    pub recording_session: [u8; 2],
    /// Interfaces that are traced, a bit each; none for MDT alone.
    pub interfaces: u8,
    /// How much is traced.
    pub depth: TraceDepth,
    /// Where what is traced goes.
    pub collector: CollectorAddress,
    /// The same as a URI (Release 16).
    pub collector_uri: Option<String>,
    /// MDT; a trace without it.
    pub mdt: Option<MdtConfiguration>,
}

/// MDT-Activation of the two modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Activation {
    /// Immediate MDT.
    ImmediateOnly,
    /// Immediate MDT and trace.
    ImmediateAndTrace,
    /// Logged MDT.
    LoggedOnly,
}

/// MDT-Configuration (TS 36.413 clause 9.2.1.81).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MdtConfiguration {
    /// What kind.
    pub activation: Activation,
    /// Where.
    pub area: Area,
    /// How.
    pub mode: Mode,
    /// SignallingBasedMDTPLMNList, at most 16.
    pub plmns: Vec<Plmn>,
}

/// AreaScopeOfMDT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Area {
    /// 1 to 32 cells.
    Cells(Vec<lte::Ecgi>),
    /// 1 to 8 tracking area codes of the network.
    TrackingAreaCodes(Vec<u16>),
    /// The whole network.
    Everywhere,
    /// 1 to 8 tracking areas.
    TrackingAreas(Vec<(Plmn, u16)>),
}

/// MDTMode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Immediate MDT.
    Immediate(Box<Immediate>),
    /// Logged MDT.
    Logged(Logged),
}

/// LoggedMDT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// How often; those of NR alone do not fit.
    pub interval: Interval,
    /// For how long.
    pub duration: Duration,
    /// On which event alone (Release 17).
    pub event: Option<Event>,
    /// With the barometer, uncompensated (Release 17).
    pub barometer: bool,
}

/// LoggedMDTTrigger, where it is no period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// While out of coverage.
    OutOfCoverage,
    /// While the serving cell is bad.
    L1 {
        /// Below what.
        threshold: Threshold,
        /// 0.5 dB, 0..30.
        hysteresis: u8,
        /// For how long.
        time_to_trigger: TimeToTriggerL1,
    },
}

/// A threshold of LTE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// RSRP, 0..97.
    Rsrp(u8),
    /// RSRQ, 0..34.
    Rsrq(u8),
}

/// When M1 is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum M1Trigger {
    /// Again and again.
    Periodic,
    /// When the serving cell becomes bad.
    A2,
    /// Again and again while it is bad.
    A2Periodic,
}

/// Which way data goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Links {
    /// From the phone.
    Uplink,
    /// To the phone.
    Downlink,
    /// Both.
    Both,
}

/// M6delay-threshold, the share of packets above which is told of the uplink: 30, 40, 50, 60, 70, 80, 90, 100, 150, 300, 500 or 750 ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DelayThreshold(u16);

impl DelayThreshold {
    /// Every value in the order of the standard.
    const ALL_MS: [u16; 12] = [30, 40, 50, 60, 70, 80, 90, 100, 150, 300, 500, 750];

    /// From milliseconds; nothing for a value that there is not.
    #[must_use]
    pub fn from_ms(ms: u16) -> Option<Self> {
        Self::ALL_MS.contains(&ms).then_some(Self(ms))
    }

    /// Milliseconds.
    #[must_use]
    pub fn ms(self) -> u16 {
        self.0
    }
}

/// A measurement of the network with its period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Periodic<T> {
    /// How often.
    pub period: T,
    /// Which way.
    pub links: Links,
    /// How often in all (Release 17); without end when absent.
    pub amount: Option<ReportAmount>,
}

/// ImmediateMDT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Immediate {
    /// MeasurementsToActivate (TS 36.413 clause 9.2.1.82): from the highest bit on M1, M2, M3, M4, M5, M1 by events that are configured
    /// anyway, M6, M7.
    pub measurements: u8,
    /// When M1 is reported.
    pub m1_trigger: M1Trigger,
    /// Below what.
    pub m1_threshold: Option<Threshold>,
    /// How often.
    pub m1_periodic: Option<(ReportInterval, ReportAmount)>,
    /// Period of M3.
    pub m3: Option<RrmPeriodLte>,
    /// M4.
    pub m4: Option<Periodic<MeasurementPeriodLte>>,
    /// M5.
    pub m5: Option<Periodic<MeasurementPeriodLte>>,
    /// M6.
    pub m6: Option<Periodic<M6PeriodLte>>,
    /// Delay above which packets of the uplink count in M6.
    pub m6_threshold: Option<DelayThreshold>,
    /// M7; the period is 1..60 minutes.
    pub m7: Option<Periodic<u8>>,
    /// MDT-Location-Info: 0x80 by satellites, 0x40 by cell.
    pub location: u8,
    /// RSSI of Bluetooth devices.
    pub bluetooth_rssi: bool,
    /// RSSI of WLANs.
    pub wlan_rssi: bool,
    /// Round trip time of WLANs.
    pub wlan_rtt: bool,
}

/// Bits of [`Immediate::measurements`].
pub(crate) mod bits {
    pub(crate) const M1: u8 = 0x80;
    pub(crate) const M2: u8 = 0x40;
    pub(crate) const M3: u8 = 0x20;
    pub(crate) const M4: u8 = 0x10;
    pub(crate) const M5: u8 = 0x08;
    pub(crate) const M1_BY_EVENTS: u8 = 0x04;
    pub(crate) const M6: u8 = 0x02;
    pub(crate) const M7: u8 = 0x01;
    pub(crate) const GNSS: u8 = 0x80;
    pub(crate) const E_CID: u8 = 0x40;
}

/// Identities of extensions (TS 36.413 clause 9.3.7).
mod ids {
    pub(super) const MDT_CONFIGURATION: u16 = 162;
    pub(super) const M3: u16 = 171;
    pub(super) const M4: u16 = 172;
    pub(super) const M5: u16 = 173;
    pub(super) const LOCATION: u16 = 174;
    pub(super) const PLMNS: u16 = 178;
    pub(super) const M6: u16 = 220;
    pub(super) const M7: u16 = 221;
    pub(super) const BLUETOOTH: u16 = 284;
    pub(super) const WLAN: u16 = 285;
    pub(super) const COLLECTOR_URI: u16 = 325;
    pub(super) const LOGGED_TRIGGER: u16 = 344;
    pub(super) const SENSORS: u16 = 345;
    pub(super) const M4_AMOUNT: u16 = 346;
    pub(super) const M5_AMOUNT: u16 = 347;
    pub(super) const M6_AMOUNT: u16 = 348;
    pub(super) const M7_AMOUNT: u16 = 349;
}

/// Octets of a network as S1AP writes them, or back (TS 36.413 clause 9.2.3.8): the digits one after the other, where NAS puts the third
/// one of a long MNC in front (TS 24.008 clause 10.5.1.13). With two digits both are the same.
fn turn_plmn([a, b, c]: [u8; 3], to_nas: bool) -> [u8; 3] {
    if b >> 4 == 0xF {
        return [a, b, c];
    }
    let (first, second, third) = (b >> 4, c & 0xF, c >> 4);
    // S1AP has 1, 2, 3 in these places; NAS has 3, 1, 2.
    let [x, y, z] = if to_nas { [third, first, second] } else { [second, third, first] };
    [a, x << 4 | b & 0xF, z << 4 | y]
}

/// Place of a value in a closed set.
fn place<T: Copy + PartialEq>(value: T, set: &[T]) -> Option<u8> {
    set.iter().position(|known| *known == value).and_then(|at| u8::try_from(at).ok())
}

/// The value at a place.
fn at_place<T: Copy>(place: u8, set: &[T]) -> Option<T> {
    set.get(usize::from(place)).copied()
}

/// The closed sets in the order of S1AP.
mod sets {
    use super::{Activation, Links, M1Trigger, TraceDepth};
    use crate::job::{Interval, ReportAmount, ReportInterval, RrmPeriodLte};

    pub(super) const DEPTHS: [TraceDepth; 6] = {
        use TraceDepth::*;
        [Minimum, Medium, Maximum, MinimumWithoutVendor, MediumWithoutVendor, MaximumWithoutVendor]
    };
    pub(super) const ACTIVATIONS: [Activation; 3] =
        [Activation::ImmediateOnly, Activation::ImmediateAndTrace, Activation::LoggedOnly];
    pub(super) const M1_TRIGGERS: [M1Trigger; 3] = [M1Trigger::Periodic, M1Trigger::A2, M1Trigger::A2Periodic];
    pub(super) const LINKS: [Links; 3] = [Links::Uplink, Links::Downlink, Links::Both];
    pub(super) const INTERVALS: [Interval; 8] = {
        use Interval::*;
        [Ms1280, Ms2560, Ms5120, Ms10240, Ms20480, Ms30720, Ms40960, Ms61440]
    };
    pub(super) const M1_INTERVALS: [ReportInterval; 13] = {
        use ReportInterval::*;
        [Ms120, Ms240, Ms480, Ms640, Ms1024, Ms2048, Ms5120, Ms10240, Min1, Min6, Min12, Min30, Min60]
    };
    pub(super) const AMOUNTS: [ReportAmount; 8] = {
        use ReportAmount::{Infinity, Times};
        [Times(1), Times(2), Times(4), Times(8), Times(16), Times(32), Times(64), Infinity]
    };
    pub(super) const M3_PERIODS: [RrmPeriodLte; 10] = {
        use RrmPeriodLte::*;
        [Ms100, Ms1000, Ms10000, Ms1024, Ms1280, Ms2048, Ms2560, Ms5120, Ms10240, Ms60000]
    };
}
