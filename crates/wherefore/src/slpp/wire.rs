//! The same data as octets: for MAP towards an HLR's nodes, for S6a and S6d.

use super::HeldBody;
use crate::forms::{from_hex, to_hex};
use diameter::s6a;
use lcs::slpp::{LcsInformation, PrivacyClass};
use ss7::map::{InsertSubscriberDataArg, LcsProfile};

/// Why data cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// Not one form alone.
    #[error("give exactly one of data, map and avp")]
    NotOne,
    /// Not hexadecimal.
    #[error("{0}: not hexadecimal; give the octets as two digits each")]
    NotHex(&'static str),
    /// More than any home register holds: it would take too long to try every case.
    #[error("{0} entries in all lists, and no home register holds more than {MOST}; give the data of one subscriber")]
    TooMuch(usize),
    /// Not in JSON's bounds.
    #[error("data: a service type goes from 0 to 127")]
    ServiceType,
    /// Not MAP.
    #[error(
        "map: neither InsertSubscriberDataArg with lcsInformation nor LCSInformation ({0}) (TS 29.002 clause 17.7.1)"
    )]
    Map(ss7::map::DecodeError),
    /// An InsertSubscriberDataArg about something else.
    #[error("map: there is no lcsInformation in it (TS 29.002 clause 17.7.1)")]
    NoInformation,
    /// Not LCS-Info.
    #[error("avp: not an LCS-Info AVP ({0}) (TS 29.272 clause 7.3.84)")]
    Avp(diameter::codec::DecodeError),
    /// Does not fit into MAP.
    #[error("the data does not fit into MAP: {0}")]
    Fit(#[from] ss7::map::ProfileError),
    /// Does not fit into an AVP.
    #[error("the data does not fit into an AVP: {0}")]
    FitAvp(#[from] diameter::codec::EncodeError),
}

/// Most entries of all lists that are looked at: more than twice what MAP has room for in the classes that matter.
const MOST: usize = 300;

/// MAP InsertSubscriberDataArg without the subscriber, whom the home register names, hexadecimal.
pub(super) fn map_hex(information: &LcsInformation) -> Result<String, WireError> {
    let lcs_information = Some(LcsProfile::new(information.clone())?);
    Ok(to_hex(&InsertSubscriberDataArg { lcs_information, ..InsertSubscriberDataArg::default() }.encode()))
}

/// The LCS-Info AVP, hexadecimal.
pub(super) fn avp_hex(information: &LcsInformation) -> Result<String, WireError> {
    Ok(to_hex(&s6a::lcs_info(information)?))
}

impl HeldBody {
    /// The data in whatever form it is given.
    ///
    /// # Errors
    /// None or several forms, or one that cannot be read.
    pub fn information(&self) -> Result<LcsInformation, WireError> {
        let information = self.as_given()?;
        let of_class = |class: &PrivacyClass| {
            1 + class.external_clients.len() + class.plmn_clients.len() + class.service_types.len()
        };
        let classes: usize = information.privacy_classes.iter().map(of_class).sum();
        let entries = classes + information.gmlc_list.len() + information.mo_lr.len();
        if entries <= MOST { Ok(information) } else { Err(WireError::TooMuch(entries)) }
    }

    fn as_given(&self) -> Result<LcsInformation, WireError> {
        match (&self.data, &self.map, &self.avp) {
            (Some(data), None, None) => data.information().ok_or(WireError::ServiceType),
            (None, Some(map), None) => read_map(&octets("map", map)?),
            (None, None, Some(avp)) => s6a::read_lcs_info(&octets("avp", avp)?).map_err(WireError::Avp),
            _ => Err(WireError::NotOne),
        }
    }
}

fn octets(what: &'static str, text: &str) -> Result<Vec<u8>, WireError> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    from_hex(&digits).ok_or(WireError::NotHex(what))
}

/// Context tag of lcsInformation in InsertSubscriberDataArg, and the universal tag of a SEQUENCE.
const LCS_INFORMATION: u8 = 0xB6;
const SEQUENCE: u8 = 0x30;

/// Reads an InsertSubscriberDataArg, or lcsInformation as it stands in one or alone.
fn read_map(octets: &[u8]) -> Result<LcsInformation, WireError> {
    let inside = |octets: &[u8]| {
        let arg = InsertSubscriberDataArg::decode(octets).map_err(WireError::Map);
        arg.map(|arg| arg.lcs_information.map(|profile| profile.information().clone()))
    };
    let whole = match octets {
        [LCS_INFORMATION, ..] => inside(&enclosed(octets))?,
        [SEQUENCE, rest @ ..] => match inside(octets) {
            // Nothing in it that an InsertSubscriberDataArg has: the sequence may be the LCSInformation itself.
            Ok(None) | Err(_) => inside(&enclosed(&[&[LCS_INFORMATION], rest].concat()))?
                .filter(|information| *information != LcsInformation::default()),
            found => found?,
        },
        _ => inside(octets)?,
    };
    whole.ok_or(WireError::NoInformation)
}

/// A BER element as the only one of a SEQUENCE.
fn enclosed(element: &[u8]) -> Vec<u8> {
    let length = element.len();
    let [high, low] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
    let head = match length {
        0..=0x7F => vec![SEQUENCE, low],
        0x80..=0xFF => vec![SEQUENCE, 0x81, low],
        _ => vec![SEQUENCE, 0x82, high, low],
    };
    [&head[..], element].concat()
}
