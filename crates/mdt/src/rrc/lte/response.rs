//! UEInformationResponse-r9 (TS 36.331 clause 6.2.2).

use super::{
    failure::{ConnEstFailReport, RlfReport},
    history::VisitedCellInfo,
    log::LogMeasReport,
    measured::EutraCarrierV9e0,
};
use crate::rrc::columns::{LogColumns, LogHead, ScanReport};
use crate::uper::{As, Int, List, OctetString, Reader, Same, Uper, UperError, Writer, sequence};

sequence! {
    /// RACH-Report.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct RachReport {
        /// Preambles sent, 1..200.
        must preambles_sent: u8 as Int<1, 200>,
        /// Whether another phone was met.
        must contention_detected: bool as Same,
    }
}

/// UEInformationResponse-r9: what a phone tells of its past. The chain of releases on the wire is flat here.
///
/// `Log` is [`LogMeasReport`] for an entry by entry view, or what is left of a log whose entries went into columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UeInformationResponse<Log = LogMeasReport> {
    /// rrc-TransactionIdentifier, 0..3.
    pub transaction: u8,
    /// Random access.
    pub rach: Option<RachReport>,
    /// The latest radio link or handover failure.
    pub rlf: Option<RlfReport>,
    /// EARFCNs of 65536 and more in the failure report, one for each LTE carrier (Release 9.14).
    pub rlf_v9e0: Option<Vec<EutraCarrierV9e0>>,
    /// Logged measurements (Release 10).
    pub log: Option<Log>,
    /// The latest connection that did not come about (Release 11).
    pub conn_est_fail: Option<ConnEstFailReport>,
    /// Cells visited, the latest first, 1..16 (Release 12).
    pub mobility_history: Option<Vec<VisitedCellInfo>>,
    /// Whether reports of Release 15 and later stood behind; they have nothing to do with MDT and are not read.
    pub later: bool,
}

/// Written by hand, as a derive would ask for a default of the log.
impl<Log> Default for UeInformationResponse<Log> {
    fn default() -> Self {
        Self {
            transaction: 0,
            rach: None,
            rlf: None,
            rlf_v9e0: None,
            log: None,
            conn_est_fail: None,
            mobility_history: None,
            later: false,
        }
    }
}

type V9e0 = List<Same, 1, 8>;
type History = List<Same, 1, 16>;

impl UeInformationResponse {
    /// Reads the bare message, without the wrapping of its channel.
    pub fn decode(octets: &[u8]) -> Result<Self, UperError> {
        Self::read(&mut Reader::new(octets)?, LogMeasReport::read)
    }

    /// Writes the bare message; [`UeInformationResponse::later`] is not asked.
    pub fn encode(&self) -> Result<Vec<u8>, UperError> {
        let mut writer = Writer::new();
        self.write(&mut writer)?;
        Ok(writer.finish())
    }

    pub(super) fn write(&self, writer: &mut Writer) -> Result<(), UperError> {
        Int::<0, 3>::write(&self.transaction, writer)?;
        writer.bits(3, 0);
        let v1250 = self.mobility_history.is_some();
        let v1130 = v1250 || self.conn_est_fail.is_some();
        let v1020 = v1130 || self.log.is_some();
        let v930 = v1020 || self.rlf_v9e0.is_some();
        for there in [self.rach.is_some(), self.rlf.is_some(), v930] {
            writer.bit(there);
        }
        if let Some(rach) = &self.rach {
            rach.write(writer)?;
        }
        if let Some(rlf) = &self.rlf {
            rlf.write(writer)?;
        }
        if v930 {
            writer.bit(self.rlf_v9e0.is_some());
            writer.bit(v1020);
            if let Some(carriers) = &self.rlf_v9e0 {
                writer.open(|writer| {
                    writer.bits(2, 0b10);
                    V9e0::write(carriers, writer)
                })?;
            }
        }
        if v1020 {
            writer.bit(self.log.is_some());
            writer.bit(v1130);
            if let Some(log) = &self.log {
                log.write(writer)?;
            }
        }
        if v1130 {
            writer.bit(self.conn_est_fail.is_some());
            writer.bit(v1250);
            if let Some(report) = &self.conn_est_fail {
                report.write(writer)?;
            }
        }
        if let Some(history) = &self.mobility_history {
            writer.bits(2, 0b10);
            History::write(history, writer)?;
        }
        Ok(())
    }
}

impl UeInformationResponse<(LogHead, ScanReport)> {
    /// Reads the bare message and appends the entries of its log to `columns`; on an error nothing is appended.
    pub fn decode_into(octets: &[u8], columns: &mut LogColumns) -> Result<Self, UperError> {
        Self::scan(&mut Reader::new(octets)?, columns)
    }

    pub(super) fn scan(reader: &mut Reader<'_>, columns: &mut LogColumns) -> Result<Self, UperError> {
        let before = columns.mark();
        let read = Self::read(reader, |reader| super::scan::scan(reader, columns));
        if read.is_err() {
            columns.truncate(&before);
        }
        read
    }
}

impl<Log> UeInformationResponse<Log> {
    pub(super) fn read<'a>(
        reader: &mut Reader<'a>,
        log: impl FnOnce(&mut Reader<'a>) -> Result<Log, UperError>,
    ) -> Result<Self, UperError> {
        let mut read = Self { transaction: Int::<0, 3>::read(reader)?, ..Self::default() };
        // criticalExtensions c1, of which r9 is the only one that exists.
        if reader.take(3)? != 0 {
            return Err(UperError::OtherMessage);
        }
        let [rach, rlf, more] = [reader.take(1)? != 0, reader.take(1)? != 0, reader.take(1)? != 0];
        read.rach = rach.then(|| Uper::read(reader)).transpose()?;
        read.rlf = rlf.then(|| Uper::read(reader)).transpose()?;
        if more {
            read.read_later(reader, log)?;
        }
        Ok(read)
    }

    fn read_later<'a>(
        &mut self,
        reader: &mut Reader<'a>,
        log: impl FnOnce(&mut Reader<'a>) -> Result<Log, UperError>,
    ) -> Result<(), UperError> {
        let (late, more) = (reader.take(1)? != 0, reader.take(1)? != 0);
        if late {
            self.rlf_v9e0 = late_addition(&OctetString::read(reader)?)?;
        }
        if !more {
            return Ok(());
        }
        let (there, more) = (reader.take(1)? != 0, reader.take(1)? != 0);
        self.log = there.then(|| log(reader)).transpose()?;
        if !more {
            return Ok(());
        }
        let (there, more) = (reader.take(1)? != 0, reader.take(1)? != 0);
        self.conn_est_fail = there.then(|| Uper::read(reader)).transpose()?;
        if !more {
            return Ok(());
        }
        let there = reader.take(1)? != 0;
        self.later = reader.take(1)? != 0;
        self.mobility_history = there.then(|| History::read(reader)).transpose()?;
        Ok(())
    }
}

/// UEInformationResponse-v9e0-IEs, which stand in the octets of a late addition.
fn late_addition(octets: &[u8]) -> Result<Option<Vec<EutraCarrierV9e0>>, UperError> {
    let mut reader = Reader::new(octets)?;
    let there = reader.take(1)? != 0;
    reader.take(1)?; // Nothing is defined behind.
    there.then(|| V9e0::read(&mut reader)).transpose()
}
