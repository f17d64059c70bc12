//! RRC of NR (TS 38.331): messages of the dedicated control channel that belong to MDT.

mod access;
mod config;
mod failure;
mod history;
mod idle;
mod log;
mod measured;
mod request;
mod response;
mod scan;

use super::{LogColumns, LogHead, ScanReport};
use crate::uper::{Reader, Uper, UperError, Writer};

pub use super::radio::{ConnectionFailureType, LoggingDuration, TimeToTrigger};
pub use access::{
    Attempt, BeamAttempts, CsiRsAttempts, Occasions, RaReport, RandomAccess, SsbAttempts, SubcarrierSpacing,
};
pub use config::{
    Area, AreaConfiguration, AreaConfigurationR17, CagConfig, Event, EventL1, EventTriggered, InterFreqTarget,
    LoggedMeasurementConfiguration, LoggingInterval, NonPublicArea, Periodical, ReportType, SensorNames, SetupRelease,
    SnpnCell, SnpnId, SnpnList, SnpnTai, Tai, Threshold,
};
pub use failure::{
    ConnEstFailReport, EutraRlfReport, HandoverType, LastServing, LastServingBeams, NrRlfReport, RlfCause, RlfR17,
    RlfReport, RlfV1650,
};
pub use history::{VisitedCell, VisitedCellInfo, VisitedEutra, VisitedPsCell, VisitedR17};
pub use idle::{
    IdleBeam, IdleBeamResult, IdleEutra, IdleEutraCarrier, IdleEutraCell, IdleEutraResult, IdleNr, IdleNrCarrier,
    IdleNrCell, IdleNrResult,
};
pub use log::{CommonLocation, EntryR17, LocationInfo, LogMeasInfo, LogMeasReport, SensorLocation};
pub use measured::{
    AnyCell, BeamResults, BestBeam, CellResults, CsiRsResult, EutraAccess5gc, EutraAccessEpc, EutraCarrier, EutraCell,
    EutraCellId, EutraCellIdentity, EutraCgi, EutraEpc, EutraLoggedCell, EutraPlmn, EutraQuantities, FailureNeighbours,
    GlobalCell, LoggedCarrier, LoggedCell, Ncgi, Neighbours, NrCarrier, NrCell, NrCellId, NrCellResult, PciArfcnEutra,
    PciArfcnNr, Quantities, ServingResult, SsbResult,
};
pub use request::UeInformationRequest;
pub use response::UeInformationResponse;
pub(super) use scan::entry_alone;

/// DL-DCCH-Message, what of it belongs to MDT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DlDcch {
    /// ueInformationRequest-r16.
    UeInformationRequest(UeInformationRequest),
    /// loggedMeasurementConfiguration-r16.
    LoggedMeasurementConfiguration(Box<LoggedMeasurementConfiguration>),
}

/// UL-DCCH-Message, what of it belongs to MDT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UlDcch<Log = LogMeasReport> {
    /// ueInformationResponse-r16.
    UeInformationResponse(UeInformationResponse<Log>),
}

/// Message type c1 and its index, five bits.
const REQUEST: u64 = 10;
const CONFIGURATION: u64 = 12;
/// Message class extension c2 and its index, six bits.
const RESPONSE: u64 = 0b10_0011;

impl DlDcch {
    /// Reads a message of the channel; [`UperError::OtherMessage`] for one that is no business of MDT.
    pub fn decode(octets: &[u8]) -> Result<Self, UperError> {
        let mut reader = Reader::new(octets)?;
        match reader.take(5)? {
            REQUEST => UeInformationRequest::read(&mut reader).map(Self::UeInformationRequest),
            CONFIGURATION => LoggedMeasurementConfiguration::read(&mut reader)
                .map(|read| Self::LoggedMeasurementConfiguration(Box::new(read))),
            _ => Err(UperError::OtherMessage),
        }
    }

    /// Writes the message.
    pub fn encode(&self) -> Result<Vec<u8>, UperError> {
        let mut writer = Writer::new();
        match self {
            Self::UeInformationRequest(request) => {
                writer.bits(5, REQUEST);
                request.write(&mut writer)?;
            }
            Self::LoggedMeasurementConfiguration(configuration) => {
                writer.bits(5, CONFIGURATION);
                configuration.write(&mut writer)?;
            }
        }
        Ok(writer.finish())
    }
}

impl UlDcch {
    /// Reads a message of the channel; [`UperError::OtherMessage`] for one that is no business of MDT.
    pub fn decode(octets: &[u8]) -> Result<Self, UperError> {
        let mut reader = response(octets)?;
        UeInformationResponse::read(&mut reader, LogMeasReport::read).map(Self::UeInformationResponse)
    }

    /// Writes the message.
    pub fn encode(&self) -> Result<Vec<u8>, UperError> {
        let Self::UeInformationResponse(response) = self;
        let mut writer = Writer::new();
        writer.bits(6, RESPONSE);
        response.write(&mut writer)?;
        Ok(writer.finish())
    }
}

impl UlDcch<(LogHead, ScanReport)> {
    /// Reads a message of the channel and appends the entries of its log to `columns`; on an error nothing is appended.
    pub fn decode_into(octets: &[u8], columns: &mut LogColumns) -> Result<Self, UperError> {
        UeInformationResponse::scan(&mut response(octets)?, columns).map(Self::UeInformationResponse)
    }
}

fn response(octets: &[u8]) -> Result<Reader<'_>, UperError> {
    let mut reader = Reader::new(octets)?;
    if reader.take(6)? == RESPONSE { Ok(reader) } else { Err(UperError::OtherMessage) }
}
