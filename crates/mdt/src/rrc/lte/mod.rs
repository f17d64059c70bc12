//! RRC of LTE (TS 36.331): messages of the dedicated control channel that belong to MDT.

mod config;
mod failure;
mod history;
mod location;
mod log;
mod measured;
mod request;
mod response;
mod scan;

use super::{LogColumns, LogHead, ScanReport};
use crate::uper::{Reader, Uper, UperError, Writer};

pub use super::radio::{ConnectionFailureType, LoggingDuration, TimeToTrigger};
pub use config::{Area, Event, EventL1, LoggedMeasurementConfiguration, LoggingInterval, MbsfnTarget, Threshold};
pub(in crate::rrc) use failure::alone;
pub use failure::{
    ConnEstFailR16, ConnEstFailReport, ConnEstFailV1250, FailedCell, FailedCellV1090, FailedCellV1250, FailedNrCell,
    FailedResult, FailureNeighbours, FailureR15, FailureV1360, NrCgi, PciArfcnNr, PciEarfcn, PreviousUtra,
    ReconnectCell, ReconnectEutra, RlfBasic, RlfCause, RlfR10, RlfR11, RlfR13, RlfR16, RlfR18, RlfReport, RlfV1090,
    RlfV1250, SelectedUtra,
};
pub use history::{VisitedCell, VisitedCellInfo, VisitedPhysical};
pub use location::{Coordinates, LocationInfo, LocationR15, VerticalVelocity};
pub use log::{
    Bler, DataBler, EntryAnyCell, EntryR12, EntryR13, EntryR15, EntryR16, EntryR17, EntryV1090, EntryV1360,
    LogMeasInfo, LogMeasReport, MbsfnResult, ReportR15, ServingResult,
};
pub use measured::{
    Cdma2000Carrier, Cdma2000Cell, Cdma2000Cgi, Cdma2000Result, CgiBands, Ecgi, EutraCarrier, EutraCarrierV9e0,
    EutraCarrierV1250, EutraCell, EutraResult, GeranCell, GeranCgi, GeranNeighbourCgi, GeranResult, NeighbourCgi,
    Neighbours, NrBeam, NrCarrier, NrCarriers, NrCell, NrResult, ResultR12, ResultR13, ResultV1360, RsrqType,
    UtraCarrier, UtraCell, UtraCgi, UtraNeighbourCgi, UtraPci, UtraResult,
};
pub use request::UeInformationRequest;
pub use response::{RachReport, UeInformationResponse};
pub(super) use scan::entry_alone;

/// DL-DCCH-Message, what of it belongs to MDT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DlDcch {
    /// ueInformationRequest-r9.
    UeInformationRequest(UeInformationRequest),
    /// loggedMeasurementConfiguration-r10.
    LoggedMeasurementConfiguration(Box<LoggedMeasurementConfiguration>),
}

/// UL-DCCH-Message, what of it belongs to MDT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UlDcch<Log = LogMeasReport> {
    /// ueInformationResponse-r9.
    UeInformationResponse(UeInformationResponse<Log>),
}

/// Message type c1 and its index, five bits.
const REQUEST: u64 = 9;
const CONFIGURATION: u64 = 10;
const RESPONSE: u64 = 11;

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
        writer.bits(5, RESPONSE);
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
    if reader.take(5)? == RESPONSE { Ok(reader) } else { Err(UperError::OtherMessage) }
}
