//! UEInformationResponse-r16 (TS 38.331 clause 6.2.2).

use super::{
    access::RaReport,
    failure::{ConnEstFailReport, RlfReport},
    history::VisitedCellInfo,
    idle::{IdleEutra, IdleNr},
    log::LogMeasReport,
};
use crate::rrc::columns::{LogColumns, LogHead, ScanReport};
use crate::uper::{As, Int, List, OctetString, Reader, Same, Uper, UperError, Writer};

/// UEInformationResponse-r16: what a phone tells of its past. The chain of releases on the wire is flat here.
///
/// `Log` is [`LogMeasReport`] for an entry by entry view, or what is left of a log whose entries went into columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UeInformationResponse<Log = LogMeasReport> {
    /// rrc-TransactionIdentifier, 0..3.
    pub transaction: u8,
    /// Measurements of LTE made in idle mode.
    pub idle_eutra: Option<IdleEutra>,
    /// Measurements of NR made in idle mode.
    pub idle_nr: Option<IdleNr>,
    /// Logged measurements.
    pub log: Option<Log>,
    /// The latest connection that did not come about.
    pub conn_est_fail: Option<ConnEstFailReport>,
    /// Random access, 1..8.
    pub random_access: Option<Vec<RaReport>>,
    /// The latest radio link or handover failure.
    pub rlf: Option<RlfReport>,
    /// Cells visited, the latest first, 1..16.
    pub mobility_history: Option<Vec<VisitedCellInfo>>,
    /// Whether reports of Release 17 and later stood behind, which are not read: handovers that nearly failed, further connection
    /// failures, coarse location, flight paths.
    pub later: bool,
}

/// Written by hand, as a derive would ask for a default of the log.
impl<Log> Default for UeInformationResponse<Log> {
    fn default() -> Self {
        Self {
            transaction: 0,
            idle_eutra: None,
            idle_nr: None,
            log: None,
            conn_est_fail: None,
            random_access: None,
            rlf: None,
            mobility_history: None,
            later: false,
        }
    }
}

type RandomAccess = List<Same, 1, 8>;
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
        let there = [
            false, // criticalExtensions
            self.idle_eutra.is_some(),
            self.idle_nr.is_some(),
            self.log.is_some(),
            self.conn_est_fail.is_some(),
            self.random_access.is_some(),
            self.rlf.is_some(),
            self.mobility_history.is_some(),
            false, // lateNonCriticalExtension
            false, // Release 17.
        ];
        there.into_iter().for_each(|bit| writer.bit(bit));
        if let Some(idle) = &self.idle_eutra {
            idle.write(writer)?;
        }
        if let Some(idle) = &self.idle_nr {
            idle.write(writer)?;
        }
        if let Some(log) = &self.log {
            log.write(writer)?;
        }
        if let Some(report) = &self.conn_est_fail {
            report.write(writer)?;
        }
        if let Some(reports) = &self.random_access {
            RandomAccess::write(reports, writer)?;
        }
        if let Some(rlf) = &self.rlf {
            rlf.write(writer)?;
        }
        if let Some(history) = &self.mobility_history {
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
        if reader.take(1)? != 0 {
            return Err(UperError::OtherMessage);
        }
        let there = reader.take(9)?;
        let is = |bit: u64| there & 1 << bit != 0;
        read.idle_eutra = is(8).then(|| Uper::read(reader)).transpose()?;
        read.idle_nr = is(7).then(|| Uper::read(reader)).transpose()?;
        read.log = is(6).then(|| log(reader)).transpose()?;
        read.conn_est_fail = is(5).then(|| Uper::read(reader)).transpose()?;
        read.random_access = is(4).then(|| RandomAccess::read(reader)).transpose()?;
        read.rlf = is(3).then(|| Uper::read(reader)).transpose()?;
        read.mobility_history = is(2).then(|| History::read(reader)).transpose()?;
        if is(1) {
            OctetString::read(reader)?;
        }
        read.later = is(0);
        Ok(read)
    }
}
