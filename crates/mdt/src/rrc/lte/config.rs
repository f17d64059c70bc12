//! LoggedMeasurementConfiguration-r10 (TS 36.331 clause 6.2.2).

use super::measured::Ecgi;
use crate::rrc::radio::{LoggingDuration, TimeToTrigger};
use crate::rrc::{AbsoluteTime, Plmn, TraceHead};
use crate::uper::{
    As, Int, List, OctetString, Octets, Reader, Same, Uper, UperError, Writer, choice, enumerated, sequence,
};

enumerated! {
    /// LoggingInterval-r10 (TS 32.422 clause 5.10.8).
    pub enum LoggingInterval of 8 {
        /// 1.28 s.
        Ms1280 = 0,
        /// 2.56 s.
        Ms2560 = 1,
        /// 5.12 s.
        Ms5120 = 2,
        /// 10.24 s.
        Ms10240 = 3,
        /// 20.48 s.
        Ms20480 = 4,
        /// 30.72 s.
        Ms30720 = 5,
        /// 40.96 s.
        Ms40960 = 6,
        /// 61.44 s.
        Ms61440 = 7,
    }
}

impl LoggingInterval {
    /// Milliseconds.
    #[must_use]
    pub const fn ms(self) -> u32 {
        [1280, 2560, 5120, 10_240, 20_480, 30_720, 40_960, 61_440][self as usize]
    }
}

choice! {
    /// AreaConfiguration-r10: where is logged.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Area {
        /// In cells, 1..32.
        Cells(Vec<Ecgi> as List<Same, 1, 32>) = 0,
        /// In tracking areas, 1..8.
        TrackingAreas(Vec<u16> as List<Int<0, 0xFFFF>, 1, 8>) = 1,
    }
}

choice! {
    /// ThresholdEUTRA.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Threshold {
        /// RSRP, 0..97.
        Rsrp(u8 as Int<0, 97>) = 0,
        /// RSRQ, 0..34.
        Rsrq(u8 as Int<0, 34>) = 1,
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

/// EventType-r17: when is logged.
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
    /// TargetMBSFN-Area-r12.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct MbsfnTarget {
        /// MBSFN area; all on the carrier when absent.
        may area: u8 as Int<0, 255>,
        /// EARFCN.
        must earfcn: u32 as Int<0, 262_143>,
    }
    extensible {}
}

/// LoggedMeasurementConfiguration-r10: what a phone is to log. The chain of releases on the wire is flat here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedMeasurementConfiguration {
    /// Job, session and collector.
    pub trace: TraceHead,
    /// The time that the log begins at.
    pub absolute_time: AbsoluteTime,
    /// Where; everywhere when absent.
    pub area: Option<Area>,
    /// For how long.
    pub duration: LoggingDuration,
    /// How often.
    pub interval: LoggingInterval,
    /// MDT PLMN list, 1..16 (Release 11).
    pub plmns: Option<Vec<Plmn>>,
    /// The network of each tracking area, 1..8 (Release 11).
    pub tracking_area_plmns: Option<Vec<Plmn>>,
    /// MBSFN areas, 0..8 (Release 12).
    pub mbsfn: Option<Vec<MbsfnTarget>>,
    /// Bluetooth names, 1..4 of 1..248 octets (Release 15).
    pub bluetooth: Option<Vec<Vec<u8>>>,
    /// WLAN names, 1..4 of 1..32 octets (Release 15).
    pub wlan: Option<Vec<Vec<u8>>>,
    /// Log on an event instead of always (Release 17).
    pub event: Option<Event>,
    /// Log the barometer (Release 17).
    pub barometer: bool,
    /// The job is signalling based (Release 18).
    pub signalling_based: bool,
}

type Plmns = List<Same, 1, 16>;
type AreaPlmns = List<Same, 1, 8>;
type Targets = List<Same, 0, 8>;
type Bluetooth = List<Octets<1, 248>, 1, 4>;
type Wlan = List<Octets<1, 32>, 1, 4>;

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
        // criticalExtensions c1, of which r10 is the only one that exists.
        if reader.take(3)? != 0 {
            return Err(UperError::OtherMessage);
        }
        let (area, more) = (reader.take(1)? != 0, reader.take(1)? != 0);
        let mut read = Self {
            trace: Uper::read(reader)?,
            absolute_time: Uper::read(reader)?,
            area: some::<_, Same>(area, reader)?,
            duration: Uper::read(reader)?,
            interval: Uper::read(reader)?,
            plmns: None,
            tracking_area_plmns: None,
            mbsfn: None,
            bluetooth: None,
            wlan: None,
            event: None,
            barometer: false,
            signalling_based: false,
        };
        if more {
            read.read_later(reader)?;
        }
        Ok(read)
    }

    fn read_later(&mut self, reader: &mut Reader<'_>) -> Result<(), UperError> {
        let (late, more) = (reader.take(1)? != 0, reader.take(1)? != 0);
        some::<Vec<u8>, OctetString>(late, reader)?;
        if !more {
            return Ok(());
        }
        let [plmns, areas, more] = [reader.take(1)? != 0, reader.take(1)? != 0, reader.take(1)? != 0];
        self.plmns = some::<_, Plmns>(plmns, reader)?;
        self.tracking_area_plmns = some::<_, AreaPlmns>(areas, reader)?;
        if !more {
            return Ok(());
        }
        let (targets, more) = (reader.take(1)? != 0, reader.take(1)? != 0);
        self.mbsfn = some::<_, Targets>(targets, reader)?;
        if !more {
            return Ok(());
        }
        let [bluetooth, wlan, more] = [reader.take(1)? != 0, reader.take(1)? != 0, reader.take(1)? != 0];
        self.bluetooth = some::<_, Bluetooth>(bluetooth, reader)?;
        self.wlan = some::<_, Wlan>(wlan, reader)?;
        if !more {
            return Ok(());
        }
        let [event, barometer, more] = [reader.take(1)? != 0, reader.take(1)? != 0, reader.take(1)? != 0];
        (self.event, self.barometer) = (some::<_, Same>(event, reader)?, barometer);
        if more {
            self.signalling_based = reader.take(1)? != 0;
            reader.take(1)?; // Later releases, of which none is known.
        }
        Ok(())
    }

    pub(super) fn write(&self, writer: &mut Writer) -> Result<(), UperError> {
        let v1800 = self.signalling_based;
        let v1700 = v1800 || self.event.is_some() || self.barometer;
        let v1530 = v1700 || self.bluetooth.is_some() || self.wlan.is_some();
        let v1250 = v1530 || self.mbsfn.is_some();
        let v1130 = v1250 || self.plmns.is_some() || self.tracking_area_plmns.is_some();
        writer.bits(3, 0);
        writer.bit(self.area.is_some());
        writer.bit(v1130);
        self.trace.write(writer)?;
        self.absolute_time.write(writer)?;
        put::<_, Same>(self.area.as_ref(), writer)?;
        self.duration.write(writer)?;
        self.interval.write(writer)?;
        if v1130 {
            writer.bits(2, 0b01); // Release 10.8, of which nothing is used, and more.
            writer.bit(self.plmns.is_some());
            writer.bit(self.tracking_area_plmns.is_some());
            writer.bit(v1250);
            put::<_, Plmns>(self.plmns.as_ref(), writer)?;
            put::<_, AreaPlmns>(self.tracking_area_plmns.as_ref(), writer)?;
        }
        if v1250 {
            writer.bit(self.mbsfn.is_some());
            writer.bit(v1530);
            put::<_, Targets>(self.mbsfn.as_ref(), writer)?;
        }
        if v1530 {
            writer.bit(self.bluetooth.is_some());
            writer.bit(self.wlan.is_some());
            writer.bit(v1700);
            put::<_, Bluetooth>(self.bluetooth.as_ref(), writer)?;
            put::<_, Wlan>(self.wlan.as_ref(), writer)?;
        }
        if v1700 {
            writer.bit(self.event.is_some());
            writer.bit(self.barometer);
            writer.bit(v1800);
            put::<_, Same>(self.event.as_ref(), writer)?;
        }
        if v1800 {
            writer.bits(2, 0b10);
        }
        Ok(())
    }
}
