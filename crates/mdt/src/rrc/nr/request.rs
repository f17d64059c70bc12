//! UEInformationRequest-r16 (TS 38.331 clause 6.2.2).

use crate::uper::{As, Int, OctetString, Reader, UperError, Writer};

/// UEInformationRequest-r16: what the network wants to have from a phone. The chain of releases on the wire is flat here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UeInformationRequest {
    /// rrc-TransactionIdentifier, 0..3.
    pub transaction: u8,
    /// Measurements made in idle mode.
    pub idle_measurements: bool,
    /// Logged measurements.
    pub log: bool,
    /// Connection failure reports.
    pub conn_est_fail: bool,
    /// Random access reports.
    pub random_access: bool,
    /// Radio link failure report.
    pub rlf: bool,
    /// Mobility history.
    pub mobility_history: bool,
    /// Report of a handover that nearly failed (Release 17).
    pub success_handover: bool,
    /// Coarse location (Release 17).
    pub coarse_location: bool,
    /// Flight path: at most so many way points, 1..20, and whether with times (Release 18).
    pub flight_path: Option<(u8, bool)>,
    /// Report of a change of the second cell that nearly failed (Release 18).
    pub success_ps_cell: bool,
    /// Measurements for reselection (Release 18).
    pub reselection_measurements: bool,
    /// Only measurements that are still valid (Release 18).
    pub validated_measurements: bool,
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
        if reader.take(1)? != 0 {
            return Err(UperError::OtherMessage);
        }
        for flag in [
            &mut read.idle_measurements,
            &mut read.log,
            &mut read.conn_est_fail,
            &mut read.random_access,
            &mut read.rlf,
            &mut read.mobility_history,
        ] {
            *flag = reader.take(1)? != 0;
        }
        let (late, more) = (reader.take(1)? != 0, reader.take(1)? != 0);
        if late {
            OctetString::read(reader)?;
        }
        if !more {
            return Ok(read);
        }
        let there = reader.take(3)?;
        (read.success_handover, read.coarse_location) = (there & 4 != 0, there & 2 != 0);
        if there & 1 == 0 {
            return Ok(read);
        }
        let there = reader.take(5)?;
        (read.success_ps_cell, read.reselection_measurements) = (there & 8 != 0, there & 4 != 0);
        read.validated_measurements = there & 2 != 0;
        if there & 16 != 0 {
            let with_time = reader.take(1)? != 0;
            read.flight_path = Some((Int::<1, 20>::read(reader)?, with_time));
        }
        Ok(read)
    }

    pub(super) fn write(&self, writer: &mut Writer) -> Result<(), UperError> {
        Int::<0, 3>::write(&self.transaction, writer)?;
        let v1800 = self.flight_path.is_some()
            || self.success_ps_cell
            || self.reselection_measurements
            || self.validated_measurements;
        let v1700 = v1800 || self.success_handover || self.coarse_location;
        let bits = [
            false, // criticalExtensions
            self.idle_measurements,
            self.log,
            self.conn_est_fail,
            self.random_access,
            self.rlf,
            self.mobility_history,
            false, // lateNonCriticalExtension
            v1700,
        ];
        bits.into_iter().for_each(|bit| writer.bit(bit));
        if v1700 {
            [self.success_handover, self.coarse_location, v1800].into_iter().for_each(|bit| writer.bit(bit));
        }
        if v1800 {
            let bits = [
                self.flight_path.is_some(),
                self.success_ps_cell,
                self.reselection_measurements,
                self.validated_measurements,
                false, // Later releases.
            ];
            bits.into_iter().for_each(|bit| writer.bit(bit));
            if let Some((most, with_time)) = self.flight_path {
                writer.bit(with_time);
                Int::<1, 20>::write(&most, writer)?;
            }
        }
        Ok(())
    }
}
