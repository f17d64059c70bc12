//! What a job asks for: when to log, where, and in whose network.

use crate::{Content, JobReference};
use alloc::vec::Vec;
use minicbor::{Decode, Encode};

/// A PLMN identity: three octets (TS 24.008 clause 10.5.1.3).
pub type Plmn = [u8; 3];
/// PLMNs that a list may name beside the registered one (`maxnoofMDTPLMNs`, TS 32.422 clause 5.10.24).
pub const MAX_PLMNS: usize = 16;
/// Cells that an area may name (TS 38.331 `AreaConfiguration-r16`).
pub const MAX_CELLS: usize = 32;
/// Tracking areas that an area may name.
pub const MAX_TRACKING_AREAS: usize = 8;
/// Longest logging duration, s (TS 32.422 clause 5.10.9).
pub const MAX_DURATION_S: u16 = 7200;

/// A cell: PLMN and cell identity (28 bits in E-UTRA, 36 in NR).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(array)]
pub struct CellId {
    /// The network.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub plmn: Plmn,
    /// The cell in it.
    #[n(1)]
    pub cell: u64,
}

/// Where to log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Area {
    /// Everywhere.
    #[n(0)]
    Any,
    /// While one of these cells serves.
    #[n(1)]
    Cells(#[n(0)] Vec<CellId>),
    /// While a cell of one of these tracking areas serves: their codes, in any PLMN.
    #[n(2)]
    TrackingAreas(#[n(0)] Vec<u32>),
}

/// When to log (TS 38.331 clause 5.5a.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Trigger {
    /// Each interval.
    #[n(0)]
    Periodical,
    /// Each interval without coverage, and on the way back.
    #[n(1)]
    OutOfCoverage,
    /// Each interval while the serving cell is worse than a threshold (`eventL1`).
    #[n(2)]
    EventL1 {
        /// Threshold, in the index of the quantity, doubled: steps of half a dB or half an index.
        #[n(0)]
        threshold_half: i16,
        /// Hysteresis, steps of half a dB, 0 to 30.
        #[n(1)]
        hysteresis_half: u8,
        /// Time to trigger, ms.
        #[n(2)]
        time_to_trigger_ms: u16,
    },
}

/// A logged measurement configuration (TS 38.331 `LoggedMeasurementConfiguration-r16`, TS 36.331 -r10), as far as logging depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Configuration {
    /// What goes back with the log: job, session, entity, time, interval, duration.
    #[n(0)]
    pub job: JobReference,
    /// How entries will be written.
    #[n(1)]
    pub content: Content,
    /// Evidence of consent that came with it.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub consent: Vec<u8>,
    /// When to log.
    #[n(3)]
    pub trigger: Trigger,
    /// Where to log.
    #[n(4)]
    pub area: Area,
    /// PLMNs where to log and to report, beside the one that is registered when this arrives.
    #[n(5)]
    pub plmns: Vec<minicbor::bytes::ByteArray<3>>,
}

impl Configuration {
    /// Whether every value is in its range.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let area = match &self.area {
            Area::Any => true,
            Area::Cells(cells) => (1..=MAX_CELLS).contains(&cells.len()),
            Area::TrackingAreas(areas) => (1..=MAX_TRACKING_AREAS).contains(&areas.len()),
        };
        let trigger = match self.trigger {
            Trigger::EventL1 { hysteresis_half, time_to_trigger_ms, .. } => {
                hysteresis_half <= 30 && time_to_trigger_ms <= 5120
            }
            Trigger::Periodical | Trigger::OutOfCoverage => true,
        };
        let duration = (1..=MAX_DURATION_S).contains(&self.job.duration_s);
        // `infinity` makes sense out of coverage only: one entry when it begins, one when it ends.
        let interval = match self.job.interval_ms {
            0 => self.trigger == Trigger::OutOfCoverage,
            interval => (320..=61_440).contains(&interval),
        };
        area && trigger && duration && interval && self.plmns.len() <= MAX_PLMNS
    }
}

/// How the phone camps (TS 38.304 clause 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Camping {
    /// On a suitable cell.
    Normally,
    /// On none: it looks for any.
    AnyCellSelection,
    /// On an acceptable cell, for emergency calls.
    OnAnyCell,
    /// Connected: nothing is logged.
    Connected,
}

/// What the modem says of where the phone is. It stays in memory.
#[derive(Clone, PartialEq, Eq)]
pub struct Radio {
    /// How the phone camps.
    pub camping: Camping,
    /// Radio access technology.
    pub rat: crate::Rat,
    /// The registered PLMN.
    pub rplmn: Option<Plmn>,
    /// The serving cell, or the last that was suitable.
    pub cell: Option<CellId>,
    /// Its tracking area code.
    pub tracking_area: Option<u32>,
    /// Quality of the serving cell for `eventL1`, in the unit of the threshold.
    pub quality_half: Option<i16>,
}

impl Radio {
    /// Before the modem said anything.
    pub const UNKNOWN: Self = Self {
        camping: Camping::Connected,
        rat: crate::Rat::Nr,
        rplmn: None,
        cell: None,
        tracking_area: None,
        quality_half: None,
    };

    pub(crate) fn inside(&self, area: &Area) -> bool {
        match area {
            Area::Any => true,
            Area::Cells(cells) => self.cell.is_some_and(|cell| cells.contains(&cell)),
            Area::TrackingAreas(areas) => self.tracking_area.is_some_and(|area| areas.contains(&area)),
        }
    }
}
