//! What passes through an SMS centre, as its users see it.

use rusmpp::pdus::{DeliverSm, SubmitSm};
use rusmpp::tlvs::{Tlv, TlvTag, TlvValue};
use rusmpp::values::{Npi, Ton};

/// An address with its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Type of number (SMPP 5.0 section 4.7.1).
    pub ton: u8,
    /// Numbering plan indicator.
    pub npi: u8,
    /// The text.
    pub text: String,
}

impl Party {
    /// An international number.
    #[must_use]
    pub fn international(digits: &str) -> Self {
        Self { ton: 1, npi: 1, text: digits.into() }
    }

    /// Any address, by type.
    #[must_use]
    pub fn of(ton: u8, text: &str) -> Self {
        Self { ton, npi: u8::from(ton != 5), text: text.into() }
    }

    pub(super) fn read(ton: Ton, npi: Npi, text: &str) -> Self {
        Self { ton: ton.into(), npi: npi.into(), text: text.into() }
    }
}

/// What a user writes and how it is coded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// The octets, a user data header included.
    pub octets: Vec<u8>,
    /// esm_class.
    pub esm_class: u8,
    /// Protocol identifier (TS 23.040 clause 9.2.3.9).
    pub protocol_id: u8,
    /// data_coding.
    pub data_coding: u8,
    /// Parameters by tag, besides message_payload.
    pub parameters: Vec<(u16, Vec<u8>)>,
}

impl Text {
    /// Characters of ASCII.
    #[must_use]
    pub fn ascii(text: &str) -> Self {
        Self { octets: text.as_bytes().to_vec(), data_coding: 1, ..Self::default() }
    }

    /// The value of a parameter.
    #[must_use]
    pub fn parameter(&self, tag: u16) -> Option<&[u8]> {
        self.parameters.iter().find(|(known, _)| *known == tag).map(|(_, value)| value.as_slice())
    }

    /// As characters.
    #[must_use]
    pub fn characters(&self) -> String {
        String::from_utf8_lossy(&self.octets).into_owned()
    }

    fn new(short: &[u8], tlvs: &[Tlv]) -> Self {
        let mut text = Self { octets: short.to_vec(), ..Self::default() };
        for tlv in tlvs {
            match tlv.value() {
                Some(TlvValue::MessagePayload(payload)) => text.octets = payload.value.as_ref().to_vec(),
                Some(TlvValue::Other { tag, value }) => {
                    text.parameters.push((u16::from(*tag), value.as_ref().to_vec()));
                }
                // Known ones keep their tag; their values are nothing to a user.
                _ => text.parameters.push((u16::from(tlv.tag()), Vec::new())),
            }
        }
        text
    }

    pub(super) fn delivered(pdu: &DeliverSm) -> Self {
        Self {
            esm_class: pdu.esm_class.into(),
            protocol_id: pdu.protocol_id,
            data_coding: pdu.data_coding.into(),
            ..Self::new(pdu.short_message().as_ref(), pdu.tlvs())
        }
    }

    pub(super) fn submitted(pdu: &SubmitSm) -> Self {
        Self {
            esm_class: pdu.esm_class.into(),
            protocol_id: pdu.protocol_id,
            data_coding: pdu.data_coding.into(),
            ..Self::new(pdu.short_message().as_ref(), pdu.tlvs())
        }
    }
}

/// A message that a client submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// The account that submitted it.
    pub account: String,
    /// The service.
    pub source: Party,
    /// The terminal.
    pub destination: Party,
    /// What it says.
    pub text: Text,
    /// The id that the client was told.
    pub message_id: String,
}

/// A tag of the range for vendors, and any other that is not known.
pub(super) fn other(tag: u16) -> TlvTag {
    TlvTag::from(tag)
}
