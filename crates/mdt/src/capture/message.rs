//! Messages and their channels.

use super::Place;
use crate::rrc::{FailureRecord, LogColumns, LogHead, ScanReport, UperError, lte, nr};
use lcs::Timestamp;
use std::borrow::Cow;

/// How the octets of a message are to be read. Names are those of the dissectors of Wireshark, where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// DL-DCCH-Message of TS 36.331.
    LteDlDcch,
    /// UL-DCCH-Message of TS 36.331.
    LteUlDcch,
    /// DL-DCCH-Message of TS 38.331.
    NrDlDcch,
    /// UL-DCCH-Message of TS 38.331.
    NrUlDcch,
    /// UEInformationResponse of TS 36.331, without the wrapping of its channel.
    LteResponse,
    /// UEInformationResponse of TS 38.331, without the wrapping of its channel.
    NrResponse,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::LteDlDcch, Self::LteUlDcch, Self::NrDlDcch, Self::NrUlDcch, Self::LteResponse, Self::NrResponse];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LteDlDcch => "lte-rrc.dl.dcch",
            Self::LteUlDcch => "lte-rrc.ul.dcch",
            Self::NrDlDcch => "nr-rrc.dl.dcch",
            Self::NrUlDcch => "nr-rrc.ul.dcch",
            Self::LteResponse => "lte-rrc.ue-information-response",
            Self::NrResponse => "nr-rrc.ue-information-response",
        }
    }

    /// The channel of a name; case does not count, and `.`, `-` and `_` are alike, as Wireshark has both `lte_rrc.ul_dcch` and
    /// `nr-rrc.ul.dcch`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let plain = |c: u8| if matches!(c, b'-' | b'_') { b'.' } else { c.to_ascii_lowercase() };
        let alike = |known: &str| known.len() == name.len() && known.bytes().map(plain).eq(name.bytes().map(plain));
        Self::ALL.into_iter().find(|channel| alike(channel.name()))
    }
}

/// A message that was found.
#[derive(Clone, PartialEq, Eq)]
pub struct Found<'a> {
    /// Its channel.
    pub channel: Channel,
    /// Its octets.
    pub octets: Cow<'a, [u8]>,
    /// When it was captured, where that is said.
    pub at: Option<Timestamp>,
    /// Where it stands.
    pub place: Place,
}

/// Tells the channel and the place alone: what is in it is where somebody was.
impl core::fmt::Debug for Found<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Found({}, {})", self.channel.name(), self.place)
    }
}

/// What a message of MDT holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holds {
    /// LoggedMeasurementConfiguration.
    pub configuration: bool,
    /// UEInformationRequest.
    pub request: bool,
    /// UEInformationResponse.
    pub response: bool,
    /// Of a response: entries of a log, which are in the columns now.
    pub log: Option<ScanReport>,
    /// Of a response: a report of a radio link or handover failure.
    pub rlf: bool,
    /// Of a response: a report of a connection that did not come about.
    pub connection_failure: bool,
    /// Of a response: both as they may be kept.
    pub failures: [Option<FailureRecord>; 2],
    /// Of a response: a report of a failure in LTE inside one of NR that cannot be read.
    pub unreadable_failure: bool,
    /// Of a response: the cells that the phone visited. Nothing of them is read out: they are a trail, and no job asks for it.
    pub mobility_history: bool,
}

impl Found<'_> {
    /// Reads the message, and appends the entries of a log to `columns`; on an error nothing is appended.
    ///
    /// # Errors
    /// [`UperError::OtherMessage`] for a message that is no business of MDT; anything else for one that is and cannot be read.
    pub fn decode_into(&self, columns: &mut LogColumns) -> Result<Holds, UperError> {
        let octets = self.octets.as_ref();
        match self.channel {
            Channel::LteDlDcch => lte::DlDcch::decode(octets).map(|message| match message {
                lte::DlDcch::UeInformationRequest(_) => Holds { request: true, ..Holds::default() },
                lte::DlDcch::LoggedMeasurementConfiguration(_) => Holds { configuration: true, ..Holds::default() },
            }),
            Channel::NrDlDcch => nr::DlDcch::decode(octets).map(|message| match message {
                nr::DlDcch::UeInformationRequest(_) => Holds { request: true, ..Holds::default() },
                nr::DlDcch::LoggedMeasurementConfiguration(_) => Holds { configuration: true, ..Holds::default() },
            }),
            Channel::LteUlDcch => {
                let lte::UlDcch::UeInformationResponse(read) = lte::UlDcch::decode_into(octets, columns)?;
                Ok(of_lte(&read))
            }
            Channel::NrUlDcch => {
                let nr::UlDcch::UeInformationResponse(read) = nr::UlDcch::decode_into(octets, columns)?;
                Ok(of_nr(&read))
            }
            Channel::LteResponse => lte::UeInformationResponse::decode_into(octets, columns).map(|read| of_lte(&read)),
            Channel::NrResponse => nr::UeInformationResponse::decode_into(octets, columns).map(|read| of_nr(&read)),
        }
    }
}

fn of_lte(read: &lte::UeInformationResponse<(LogHead, ScanReport)>) -> Holds {
    Holds {
        response: true,
        log: read.log.map(|(_, report)| report),
        rlf: read.rlf.is_some(),
        connection_failure: read.conn_est_fail.is_some(),
        failures: FailureRecord::of_lte(read),
        mobility_history: read.mobility_history.is_some(),
        ..Holds::default()
    }
}

fn of_nr(read: &nr::UeInformationResponse<(LogHead, ScanReport)>) -> Holds {
    let failures = FailureRecord::of_nr(read);
    Holds {
        response: true,
        log: read.log.map(|(_, report)| report),
        rlf: read.rlf.is_some(),
        connection_failure: read.conn_est_fail.is_some(),
        failures: failures.unwrap_or_default(),
        unreadable_failure: failures.is_err(),
        mobility_history: read.mobility_history.is_some(),
        ..Holds::default()
    }
}
