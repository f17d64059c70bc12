//! LogMeasReport-r16 (TS 38.331 clause 6.2.2), typed, and LocationInfo-r16.

use super::measured::{Ncgi, Neighbours, ServingResult};
use crate::rrc::{AbsoluteTime, BluetoothResult, TraceReference, WlanResult, lpp, radio::hidden};
use crate::uper::{Int, List, OctetString, Reader, Same, Uper as _, UperError, Writer, sequence};
use lcs::gad::{Shape, Velocity};

sequence! {
    /// CommonLocationInfo-r16: octets of LPP. Prints nothing.
    #[derive(Clone, PartialEq, Eq, Default)]
    pub struct CommonLocation {
        /// gnss-TOD-msec.
        may gnss_tod: Vec<u8> as OctetString,
        /// DisplacementTimeStamp.
        may timestamp: Vec<u8> as OctetString,
        /// LocationCoordinates.
        may coordinate: Vec<u8> as OctetString,
        /// LocationError.
        may error: Vec<u8> as OctetString,
        /// LocationSource.
        may source: Vec<u8> as OctetString,
        /// Velocity.
        may velocity: Vec<u8> as OctetString,
    }
}

impl CommonLocation {
    /// The position, if there is one. Errors: the octets are none.
    pub fn shape(&self) -> Result<Option<Shape>, UperError> {
        self.coordinate.as_deref().map(lpp::decode_location).transpose()
    }
}

sequence! {
    /// Sensor-LocationInfo-r16: octets of LPP. Prints nothing.
    #[derive(Clone, PartialEq, Eq, Default)]
    pub struct SensorLocation {
        /// Sensor-MeasurementInformation.
        may measurement: Vec<u8> as OctetString,
        /// Sensor-MotionInformation.
        may motion: Vec<u8> as OctetString,
    }
    extensible {}
}

sequence! {
    /// LocationInfo-r16: where the phone was, by what it happened to know. Prints nothing.
    #[derive(Clone, PartialEq, Eq, Default)]
    pub struct LocationInfo {
        /// Position and velocity.
        may common: CommonLocation as Same,
        /// Bluetooth beacons that were heard.
        may bluetooth: Vec<BluetoothResult> as List<Same, 1, 32>,
        /// Access points that were heard.
        may wlan: Vec<WlanResult> as List<Same, 1, 32>,
        /// Sensors.
        may sensor: SensorLocation as Same,
    }
    extensible {}
}

hidden!(CommonLocation SensorLocation LocationInfo);

impl LocationInfo {
    /// A position alone. Errors: [`UperError::Unencodable`] for a confidence above 100.
    pub fn at(shape: &Shape) -> Result<Self, UperError> {
        let coordinate = Some(lpp::encode_location(shape)?);
        Ok(Self { common: Some(CommonLocation { coordinate, ..CommonLocation::default() }), ..Self::default() })
    }

    /// Adds velocity.
    pub fn with_velocity(mut self, velocity: &Velocity) -> Result<Self, UperError> {
        self.common.get_or_insert_default().velocity = Some(lpp::encode_velocity(velocity)?);
        Ok(self)
    }
}

sequence! {
    /// Addition of Release 17.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct EntryR17 {
        /// Logging was suspended after this entry, because radios in the phone disturbed each other.
        flag in_device_coexistence,
    }
}

sequence! {
    /// LogMeasInfo-r16: one entry of a log.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct LogMeasInfo {
        /// Where, if it became known within the last interval.
        may location: LocationInfo as Same,
        /// Seconds since the configuration came, 0..7200.
        must relative_time_s: u16 as Int<0, 7200>,
        /// Serving cell; may be absent.
        may serving_cell: Ncgi as Same,
        /// Its results; may be absent.
        may serving: ServingResult as Same,
        /// Neighbours.
        must neighbours: Neighbours as Same,
        /// No service: any cell selection.
        flag any_cell,
    }
    extensible {
        /// Release 17.
        r17: EntryR17 as Same,
    }
}

impl LogMeasInfo {
    /// Reads one entry on its own, as a sealed log holds it.
    pub fn decode(octets: &[u8]) -> Result<Self, UperError> {
        Self::read(&mut Reader::new(octets)?)
    }

    /// Writes one entry on its own.
    pub fn encode(&self) -> Result<Vec<u8>, UperError> {
        let mut writer = Writer::new();
        self.write(&mut writer)?;
        Ok(writer.finish())
    }
}

sequence! {
    /// LogMeasReport-r16.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct LogMeasReport {
        /// When the configuration came.
        must absolute_time: AbsoluteTime as Same,
        /// The job.
        must trace_reference: TraceReference as Same,
        /// The session within the job.
        must recording_session: [u8; 2] as Same,
        /// The collector.
        must tce_id: u8 as Int<0, 255>,
        /// Entries, oldest first, 1..520.
        must entries: Vec<LogMeasInfo> as List<Same, 1, 520>,
        /// More entries wait in the phone.
        flag available,
        /// More entries with Bluetooth results wait.
        flag available_bluetooth,
        /// More entries with WLAN results wait.
        flag available_wlan,
    }
    extensible {}
}
