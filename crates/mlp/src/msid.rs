//! Identifiers of mobile stations (OMA MLP section 5.3.72).

use crate::{
    cursor::{Cursor, Tag},
    error::Fault,
    hidden::Hidden,
    result::ResultId,
};
use lcs::{Imei, Imsi, Msisdn, Pseudonym, Target};

macro_rules! msid_types {
    ($($(#[$doc:meta])* $variant:ident = $text:literal;)*) => {
        /// Type of an identifier (OMA MLP section 5.3.72.1).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub enum MsidType {
            $($(#[$doc])* $variant,)*
        }

        impl MsidType {
            /// Every type that the standard defines.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The value of the attribute `type`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// From the value of the attribute `type`.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

msid_types! {
    /// Mobile station ISDN number; the default.
    #[default]
    Msisdn = "MSISDN";
    /// International mobile subscriber identity.
    Imsi = "IMSI";
    /// International mobile equipment identity.
    Imei = "IMEI";
    /// Mobile identification number.
    Min = "MIN";
    /// Mobile directory number.
    Mdn = "MDN";
    /// Emergency identifier.
    EmeMsid = "EME_MSID";
    /// Anonymous subscriber identity.
    Asid = "ASID";
    /// Operator specific identity.
    OpeId = "OPE_ID";
    /// IP version 4 address.
    Ipv4 = "IPV4";
    /// IP version 6 address.
    Ipv6 = "IPV6";
    /// Session identifier.
    Sessid = "SESSID";
    /// IMS public user identity.
    SipUri = "SIP_URI";
    /// Telephone URL.
    TelUrl = "TEL_URL";
    /// Network access identifier.
    Nai = "NAI";
    /// Any URI.
    Uri = "URI";
    /// Reveals nobody; reports only.
    Anonymous = "ANONYMOUS";
    /// Venue specific identity.
    VenueId = "VENUE_ID";
    /// Location identifier.
    LocationId = "LOCATION_ID";
}

/// Encoding of an identifier (OMA MLP section 5.3.72.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MsidEncoding {
    /// Normal text; the default.
    #[default]
    Asc,
    /// Encrypted: a pseudonym, whatever the type says.
    Crp,
}

/// An identifier as the client wrote it, to be put into the answer unchanged. `Debug` shows its type alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Msid {
    /// Type; `None`: not written by the client, so MSISDN.
    pub kind: Option<MsidType>,
    /// Encoding; `None`: not written by the client, so ASC.
    pub encoding: Option<MsidEncoding>,
    /// The text.
    pub text: Hidden,
}

impl core::fmt::Debug for Msid {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Msid(hidden, {:?}, {:?})", self.kind, self.encoding)
    }
}

impl Msid {
    /// Reads `msid` after its start tag. A fault of its value belongs to the target alone.
    pub(crate) fn parse(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<(Self, Result<Target, ResultId>), Fault> {
        let [kind, encoding] = tag.attributes("msid", ["type", "enc"])?;
        let kind_known = kind.as_deref().map(MsidType::from_text);
        let encoding_known = match encoding.as_deref() {
            None => Some(None),
            Some("ASC") => Some(Some(MsidEncoding::Asc)),
            Some("CRP") => Some(Some(MsidEncoding::Crp)),
            Some(_) => None,
        };
        let text = cursor.text("msid")?;
        let msid = Self { kind: kind_known.flatten(), encoding: encoding_known.flatten(), text: Hidden::new(text) };
        let target = if kind_known == Some(None) || encoding_known.is_none() {
            Err(ResultId::INVALID_PROTOCOL_ELEMENT_ATTRIBUTE_VALUE)
        } else {
            msid.target()
        };
        Ok((msid, target))
    }

    /// Whom the identifier names (OMA MLP section 5.3.72): 105 for a value that is not of its type, 113 for a type that
    /// this server does not serve, 111 for ANONYMOUS, which no request may use.
    pub fn target(&self) -> Result<Target, ResultId> {
        let text = self.text.expose();
        let format = ResultId::FORMAT_ERROR;
        let pseudonym = || Pseudonym::new(text.to_owned()).map(Target::Pseudonym).ok_or(format);
        let kind = self.kind.unwrap_or_default();
        if kind == MsidType::Anonymous {
            return Err(ResultId::INVALID_PROTOCOL_ELEMENT_ATTRIBUTE_VALUE);
        }
        if self.encoding == Some(MsidEncoding::Crp) {
            return pseudonym();
        }
        match kind {
            MsidType::Msisdn => msisdn(text).map(Target::Msisdn).ok_or(format),
            MsidType::Imsi => Imsi::parse(text).map(Target::Imsi).map_err(|_| format),
            MsidType::Imei => Imei::parse(text).map(Target::Imei).map_err(|_| format),
            MsidType::Asid => pseudonym(),
            MsidType::TelUrl => tel_url(text).map(Target::Msisdn).ok_or(format),
            MsidType::Min
            | MsidType::Mdn
            | MsidType::EmeMsid
            | MsidType::OpeId
            | MsidType::Ipv4
            | MsidType::Ipv6
            | MsidType::Sessid
            | MsidType::SipUri
            | MsidType::Nai
            | MsidType::Uri
            | MsidType::Anonymous
            | MsidType::VenueId
            | MsidType::LocationId => Err(ResultId::PROTOCOL_ELEMENT_ATTRIBUTE_VALUE_NOT_SUPPORTED),
        }
    }
}

/// International number; a leading `+` is taken, blanks and separators are not (OMA MLP section 5.3.72, note).
fn msisdn(text: &str) -> Option<Msisdn> {
    Msisdn::parse(text.strip_prefix('+').unwrap_or(text)).ok()
}

/// A global number of RFC 2806, visual separators taken, parameters not.
fn tel_url(text: &str) -> Option<Msisdn> {
    let scheme = text.get(..4).filter(|s| s.eq_ignore_ascii_case("tel:"))?;
    let number = text.get(scheme.len()..)?.strip_prefix('+')?;
    let digits: String = number.chars().filter(|c| !matches!(c, '-' | '.' | '(' | ')')).collect();
    Msisdn::parse(&digits).ok()
}
