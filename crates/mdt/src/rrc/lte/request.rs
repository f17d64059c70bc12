//! UEInformationRequest-r9 (TS 36.331 clause 6.2.2).

use crate::uper::{As, Int, OctetString, Reader, UperError, Writer};

/// UEInformationRequest-r9: what the network wants to have from a phone. The chain of releases on the wire is flat here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UeInformationRequest {
    /// rrc-TransactionIdentifier, 0..3.
    pub transaction: u8,
    /// Random access report.
    pub rach: bool,
    /// Radio link failure report.
    pub rlf: bool,
    /// Logged measurements (Release 10).
    pub log: bool,
    /// Connection failure report (Release 11).
    pub conn_est_fail: bool,
    /// Mobility history (Release 12).
    pub mobility_history: bool,
    /// Measurements made in idle mode (Release 15).
    pub idle_measurements: bool,
    /// Flight path: at most so many way points, 1..20, and whether with times (Release 15).
    pub flight_path: Option<(u8, bool)>,
    /// Coarse location (Release 17).
    pub coarse_location: bool,
    /// Random access reports of NR (Release 18).
    pub rach_nr: bool,
}

impl UeInformationRequest {
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
        let mut read = Self { transaction: Int::<0, 3>::read(reader)?, ..Self::default() };
        // criticalExtensions c1, of which r9 is the only one that exists.
        if reader.take(3)? != 0 {
            return Err(UperError::OtherMessage);
        }
        read.read_releases(reader)?;
        Ok(read)
    }

    fn read_releases(&mut self, reader: &mut Reader<'_>) -> Result<(), UperError> {
        let more = reader.take(1)? != 0;
        (self.rach, self.rlf) = (reader.take(1)? != 0, reader.take(1)? != 0);
        if !more {
            return Ok(());
        }
        let (late, more) = (reader.take(1)? != 0, reader.take(1)? != 0);
        if late {
            OctetString::read(reader)?;
        }
        if !more {
            return Ok(());
        }
        for flag in [&mut self.log, &mut self.conn_est_fail, &mut self.mobility_history] {
            *flag = reader.take(1)? != 0;
            if reader.take(1)? == 0 {
                return Ok(());
            }
        }
        self.idle_measurements = reader.take(1)? != 0;
        let (flight_path, more) = (reader.take(1)? != 0, reader.take(1)? != 0);
        if flight_path {
            let with_time = reader.take(1)? != 0;
            self.flight_path = Some((Int::<1, 20>::read(reader)?, with_time));
        }
        if !more {
            return Ok(());
        }
        for flag in [&mut self.coarse_location, &mut self.rach_nr] {
            *flag = reader.take(1)? != 0;
            if reader.take(1)? == 0 {
                return Ok(());
            }
        }
        Ok(())
    }

    pub(super) fn write(&self, writer: &mut Writer) -> Result<(), UperError> {
        Int::<0, 3>::write(&self.transaction, writer)?;
        writer.bits(3, 0);
        let v1800 = self.rach_nr;
        let v1710 = v1800 || self.coarse_location;
        let v1530 = v1710 || self.idle_measurements || self.flight_path.is_some();
        let v1250 = v1530 || self.mobility_history;
        let v1130 = v1250 || self.conn_est_fail;
        let v1020 = v1130 || self.log;
        for flag in [v1020, self.rach, self.rlf] {
            writer.bit(flag);
        }
        if v1020 {
            writer.bits(2, 0b01); // Release 9.3, of which nothing is used, and more.
        }
        let levels =
            [(v1020, self.log, v1130), (v1130, self.conn_est_fail, v1250), (v1250, self.mobility_history, v1530)];
        for (_, flag, more) in levels.into_iter().filter(|(there, ..)| *there) {
            writer.bit(flag);
            writer.bit(more);
        }
        if v1530 {
            for flag in [self.idle_measurements, self.flight_path.is_some(), v1710] {
                writer.bit(flag);
            }
            if let Some((most, with_time)) = self.flight_path {
                writer.bit(with_time);
                Int::<1, 20>::write(&most, writer)?;
            }
        }
        for (_, flag, more) in [(v1710, self.coarse_location, v1800), (v1800, self.rach_nr, false)]
            .into_iter()
            .filter(|(there, ..)| *there)
        {
            writer.bit(flag);
            writer.bit(more);
        }
        Ok(())
    }
}
