//! LoggedMeasurementConfiguration-r16 (TS 38.331 clause 6.2.2).

use super::measured::Ncgi;
use crate::rrc::radio::{LoggingDuration, TimeToTrigger};
use crate::rrc::{AbsoluteTime, Plmn, TraceHead};
use crate::uper::{
    As, Int, List, OctetString, Octets, Reader, Same, Uper, UperError, Writer, choice, enumerated, sequence,
};

enumerated! {
    /// LoggingInterval-r16 (TS 32.422 clause 5.10.8).
    pub enum LoggingInterval of 11 {
        /// 0.32 s.
        Ms320 = 0,
        /// 0.64 s.
        Ms640 = 1,
        /// 1.28 s.
        Ms1280 = 2,
        /// 2.56 s.
        Ms2560 = 3,
        /// 5.12 s.
        Ms5120 = 4,
        /// 10.24 s.
        Ms10240 = 5,
        /// 20.48 s.
        Ms20480 = 6,
        /// 30.72 s.
        Ms30720 = 7,
        /// 40.96 s.
        Ms40960 = 8,
        /// 61.44 s.
        Ms61440 = 9,
        /// Once for each event.
        Infinity = 10,
    }
}

impl LoggingInterval {
    /// Milliseconds; `None` for infinity.
    #[must_use]
    pub fn ms(self) -> Option<u32> {
        [320, 640, 1280, 2560, 5120, 10_240, 20_480, 30_720, 40_960, 61_440].get(self as usize).copied()
    }
}

sequence! {
    /// TrackingAreaIdentity-r16.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct Tai {
        /// Network.
        must plmn: Plmn as Same,
        /// Tracking area code, 24 bits.
        must tac: u32 as Int<0, 0xFF_FFFF>,
    }
}

choice! {
    /// AreaConfig-r16: where is logged.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Area {
        /// In cells, 1..32.
        Cells(Vec<Ncgi> as List<Same, 1, 32>) = 0,
        /// In tracking areas of the own network, 1..8.
        TrackingAreaCodes(Vec<u32> as List<Int<0, 0xFF_FFFF>, 1, 8>) = 1,
        /// In tracking areas, 1..8.
        TrackingAreas(Vec<Tai> as List<Same, 1, 8>) = 2,
    }
}

sequence! {
    /// InterFreqTargetInfo-r16: neighbours on a carrier.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct InterFreqTarget {
        /// NR-ARFCN.
        must arfcn: u32 as Int<0, 3_279_165>,
        /// Physical cell identities, 1..32; all when absent.
        may cells: Vec<u16> as List<Int<0, 1007>, 1, 32>,
    }
}

sequence! {
    /// AreaConfiguration-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AreaConfiguration {
        /// Where.
        must area: Area as Same,
        /// Which neighbours, 1..8 carriers.
        may inter_freq: Vec<InterFreqTarget> as List<Same, 1, 8>,
    }
}

sequence! {
    /// AreaConfiguration-r17, which replaces that of Release 16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AreaConfigurationR17 {
        /// Where.
        may area: Area as Same,
        /// Which neighbours, 1..8 carriers.
        may inter_freq: Vec<InterFreqTarget> as List<Same, 1, 8>,
    }
}

sequence! {
    /// CAG-Config-r18: closed access groups of a network.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CagConfig {
        /// Network.
        must plmn: Plmn as Same,
        /// Groups, 1..12.
        must groups: Vec<u32> as List<Int<0, 0xFFFF_FFFF>, 1, 12>,
    }
}

/// NIDs of stand-alone networks, 44 bits each, 1..12.
type Nids = List<Int<0, 0xFFF_FFFF_FFFF>, 1, 12>;

sequence! {
    /// SNPN-ConfigCellId-r18.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SnpnCell {
        /// Cell.
        must cell: Ncgi as Same,
        /// NIDs, 1..12.
        must nids: Vec<u64> as Nids,
    }
}

sequence! {
    /// SNPN-ConfigTAI-r18.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SnpnTai {
        /// Tracking area.
        must tai: Tai as Same,
        /// NIDs, 1..12.
        must nids: Vec<u64> as Nids,
    }
}

sequence! {
    /// SNPN-ConfigID-r18.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SnpnId {
        /// Network.
        must plmn: Plmn as Same,
        /// NIDs, 1..12.
        must nids: Vec<u64> as Nids,
    }
}

choice! {
    /// SNPN-ConfigList-r18.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum SnpnList {
        /// In cells, 1..32.
        Cells(Vec<SnpnCell> as List<Same, 1, 32>) = 0,
        /// In tracking areas, 1..8.
        TrackingAreas(Vec<SnpnTai> as List<Same, 1, 8>) = 1,
        /// In networks, 1..16.
        Networks(Vec<SnpnId> as List<Same, 1, 16>) = 2,
    }
}

choice! {
    /// AreaConfiguration-v1800: non-public networks.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum NonPublicArea {
        /// Closed access groups, 1..12.
        Cag(Vec<CagConfig> as List<Same, 1, 12>) = 0,
        /// Stand-alone networks.
        Snpn(SnpnList as Same) = 1,
    }
}

/// SetupRelease: a list that is set or taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetupRelease<T> {
    /// Taken back.
    Release,
    /// Set.
    Setup(T),
}

/// A SetupRelease whose content is coded by `C`.
struct Settable<C>(core::marker::PhantomData<C>);

impl<T, C: As<T>> As<SetupRelease<T>> for Settable<C> {
    fn read(reader: &mut Reader<'_>) -> Result<SetupRelease<T>, UperError> {
        if reader.take(1)? == 0 { Ok(SetupRelease::Release) } else { C::read(reader).map(SetupRelease::Setup) }
    }

    fn write(value: &SetupRelease<T>, writer: &mut Writer) -> Result<(), UperError> {
        match value {
            SetupRelease::Release => writer.bit(false),
            SetupRelease::Setup(value) => {
                writer.bit(true);
                C::write(value, writer)?;
            }
        }
        Ok(())
    }
}

sequence! {
    /// Sensor-NameList-r16.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct SensorNames {
        /// Uncompensated barometric pressure.
        flag barometer,
        /// Speed.
        flag speed,
        /// Orientation.
        flag orientation,
    }
}

choice! {
    /// MeasTriggerQuantity: a threshold by its index.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Threshold {
        /// SS-RSRP, 0..127.
        Rsrp(u8 as Int<0, 127>) = 0,
        /// SS-RSRQ, 0..127.
        Rsrq(u8 as Int<0, 127>) = 1,
        /// SS-SINR, 0..127.
        Sinr(u8 as Int<0, 127>) = 2,
    }
}

sequence! {
    /// eventL1: the serving cell is worse than a threshold.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct EventL1 {
        /// Below what.
        must threshold: Threshold as Same,
        /// Hysteresis, 0.5 dB, 0..30.
        must hysteresis_half_db: u8 as Int<0, 30>,
        /// For how long.
        must time_to_trigger: TimeToTrigger as Same,
    }
}

/// EventType-r16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// While out of coverage.
    OutOfCoverage,
    /// While the serving cell is bad.
    L1(EventL1),
}

impl Uper for Event {
    fn read(reader: &mut Reader<'_>) -> Result<Self, UperError> {
        match reader.take(2)? {
            0b00 => Ok(Self::OutOfCoverage),
            0b01 => Uper::read(reader).map(Self::L1),
            _ => Err(reader.out_of_range()),
        }
    }

    fn write(&self, writer: &mut Writer) -> Result<(), UperError> {
        match self {
            Self::OutOfCoverage => writer.bits(2, 0b00),
            Self::L1(event) => {
                writer.bits(2, 0b01);
                event.write(writer)?;
            }
        }
        Ok(())
    }
}

sequence! {
    /// LoggedPeriodicalReportConfig-r16.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Periodical {
        /// How often.
        must interval: LoggingInterval as Same,
    }
    extensible {}
}

sequence! {
    /// LoggedEventTriggerConfig-r16.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct EventTriggered {
        /// When.
        must event: Event as Same,
        /// How often while it lasts.
        must interval: LoggingInterval as Same,
    }
    extensible {}
}

choice! {
    /// reportType.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum ReportType {
        /// Always.
        Periodical(Periodical as Same) = 0,
        /// On an event.
        EventTriggered(EventTriggered as Same) = 1,
    }
    extensible {}
}

/// LoggedMeasurementConfiguration-r16: what a phone is to log. The chain of releases on the wire is flat here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedMeasurementConfiguration {
    /// Job, session and collector.
    pub trace: TraceHead,
    /// The time that the log begins at.
    pub absolute_time: AbsoluteTime,
    /// Where; everywhere when absent.
    pub area: Option<AreaConfiguration>,
    /// MDT PLMN list, 1..16.
    pub plmns: Option<Vec<Plmn>>,
    /// Bluetooth names, 1..4 of 1..248 octets.
    pub bluetooth: Option<SetupRelease<Vec<Vec<u8>>>>,
    /// WLAN names, 1..4 of 1..32 octets.
    pub wlan: Option<SetupRelease<Vec<Vec<u8>>>>,
    /// Sensors.
    pub sensors: Option<SetupRelease<SensorNames>>,
    /// For how long.
    pub duration: LoggingDuration,
    /// Always or on an event.
    pub report_type: ReportType,
    /// The job is signalling based (Release 17).
    pub signalling_based: bool,
    /// May log carriers of early measurements (Release 17).
    pub early_measurements: bool,
    /// Where, instead of [`Self::area`] (Release 17).
    pub area_r17: Option<AreaConfigurationR17>,
    /// Where in non-public networks (Release 18).
    pub non_public_area: Option<NonPublicArea>,
}

type Plmns = List<Same, 1, 16>;
type Bluetooth = Settable<List<Octets<1, 248>, 1, 4>>;
type Wlan = Settable<List<Octets<1, 32>, 1, 4>>;

fn some<T, C: As<T>>(there: bool, reader: &mut Reader<'_>) -> Result<Option<T>, UperError> {
    there.then(|| C::read(reader)).transpose()
}

fn put<T, C: As<T>>(value: Option<&T>, writer: &mut Writer) -> Result<(), UperError> {
    value.map_or(Ok(()), |value| C::write(value, writer))
}

impl LoggedMeasurementConfiguration {
    /// Reads the bare message, without the wrapping of its channel.
    pub fn decode(octets: &[u8]) -> Result<Self, UperError> {
        Self::read(&mut Reader::new(octets)?)
    }

    /// Writes the bare message.
    pub fn encode(&self) -> Result<Vec<u8>, UperError> {
        let mut writer = Writer::new();
        self.write(&mut writer)?;
        Ok(writer.finish())
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, UperError> {
        if reader.take(1)? != 0 {
            return Err(UperError::OtherMessage);
        }
        let there = reader.take(7)?;
        let mut read = Self {
            trace: Uper::read(reader)?,
            absolute_time: Uper::read(reader)?,
            area: some::<_, Same>(there & 64 != 0, reader)?,
            plmns: some::<_, Plmns>(there & 32 != 0, reader)?,
            bluetooth: some::<_, Bluetooth>(there & 16 != 0, reader)?,
            wlan: some::<_, Wlan>(there & 8 != 0, reader)?,
            sensors: some::<_, Settable<Same>>(there & 4 != 0, reader)?,
            duration: Uper::read(reader)?,
            report_type: Uper::read(reader)?,
            signalling_based: false,
            early_measurements: false,
            area_r17: None,
            non_public_area: None,
        };
        some::<Vec<u8>, OctetString>(there & 2 != 0, reader)?;
        if there & 1 != 0 {
            let there = reader.take(4)?;
            (read.signalling_based, read.early_measurements) = (there & 8 != 0, there & 4 != 0);
            read.area_r17 = some::<_, Same>(there & 2 != 0, reader)?;
            if there & 1 != 0 {
                // Behind is what later releases add, of which none is known.
                let there = reader.take(2)?;
                read.non_public_area = some::<_, Same>(there & 2 != 0, reader)?;
            }
        }
        Ok(read)
    }

    pub(super) fn write(&self, writer: &mut Writer) -> Result<(), UperError> {
        let v1800 = self.non_public_area.is_some();
        let v1700 = v1800 || self.signalling_based || self.early_measurements || self.area_r17.is_some();
        let there = [
            false, // criticalExtensions
            self.area.is_some(),
            self.plmns.is_some(),
            self.bluetooth.is_some(),
            self.wlan.is_some(),
            self.sensors.is_some(),
            false, // lateNonCriticalExtension
            v1700,
        ];
        there.into_iter().for_each(|bit| writer.bit(bit));
        self.trace.write(writer)?;
        self.absolute_time.write(writer)?;
        put::<_, Same>(self.area.as_ref(), writer)?;
        put::<_, Plmns>(self.plmns.as_ref(), writer)?;
        put::<_, Bluetooth>(self.bluetooth.as_ref(), writer)?;
        put::<_, Wlan>(self.wlan.as_ref(), writer)?;
        put::<_, Settable<Same>>(self.sensors.as_ref(), writer)?;
        self.duration.write(writer)?;
        self.report_type.write(writer)?;
        if v1700 {
            let there = [self.signalling_based, self.early_measurements, self.area_r17.is_some(), v1800];
            there.into_iter().for_each(|bit| writer.bit(bit));
            put::<_, Same>(self.area_r17.as_ref(), writer)?;
        }
        if v1800 {
            writer.bits(2, 0b10);
            put::<_, Same>(self.non_public_area.as_ref(), writer)?;
        }
        Ok(())
    }
}
