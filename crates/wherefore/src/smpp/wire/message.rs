//! Where everything stands in the body of a PDU (SMPP 3.4 section 4; SMPP 5.0 sections 4.1 to 4.6).

use super::pdu::{Pdu, command};
use core::ops::Range;

/// Whose an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// source_addr.
    Source,
    /// destination_addr, dest_address, esme_addr.
    Destination,
    /// A destination that failed, in submit_multi_resp.
    Failed,
}

/// An address and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Whose.
    pub which: Which,
    /// Type of number (SMPP 5.0 section 4.7.1).
    pub ton: u8,
    /// Numbering plan indicator.
    pub npi: u8,
    /// The text, without its zero octet.
    pub text: Range<usize>,
    /// Type, plan, text and zero octet.
    pub(super) whole: Range<usize>,
}

/// A parameter by tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tlv {
    pub(super) tag: u16,
    pub(super) value: Range<usize>,
    pub(super) whole: Range<usize>,
}

/// The body does not have the parts of its command: cut short, too long, or a text without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body of the PDU does not have the parts of its command; see SMPP 5.0 section 4")]
pub struct Malformed;

/// Where everything stands in a body. Ranges count from the beginning of the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    pub(super) addresses: Vec<Address>,
    /// esm_class, where the command has it.
    pub(super) esm_class: u8,
    /// protocol_id, where the command has it.
    pub(super) protocol_id: u8,
    /// data_coding, where the command has it.
    pub(super) data_coding: u8,
    /// sm_length and short_message.
    pub(super) text: Option<Range<usize>>,
    pub(super) tlvs: Vec<Tlv>,
    /// Where parameters by tag begin.
    pub(super) fixed: usize,
    /// Whether a destination is a list by name.
    pub(super) distribution_list: bool,
    /// interface_version of a bind.
    pub(super) version: u8,
    /// system_id and password of a bind, without their zero octets.
    pub(super) credentials: [Range<usize>; 2],
}

/// Takes parts off the front of a body.
struct Cursor<'b> {
    body: &'b [u8],
    at: usize,
}

impl Cursor<'_> {
    fn octet(&mut self) -> Result<u8, Malformed> {
        let octet = *self.body.get(self.at).ok_or(Malformed)?;
        self.at += 1;
        Ok(octet)
    }

    fn octets(&mut self, count: usize) -> Result<Range<usize>, Malformed> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.body.len()).ok_or(Malformed)?;
        let range = self.at..end;
        self.at = end;
        Ok(range)
    }

    /// A text that ends with a zero octet, of at most `most` octets with it.
    fn text(&mut self, most: usize) -> Result<Range<usize>, Malformed> {
        let rest = self.body.get(self.at..).unwrap_or_default();
        let length = rest.iter().take(most).position(|octet| *octet == 0).ok_or(Malformed)?;
        let range = self.at..self.at + length;
        self.at += length + 1;
        Ok(range)
    }

    fn address(&mut self, which: Which, most: usize) -> Result<Address, Malformed> {
        let begin = self.at;
        let (ton, npi) = (self.octet()?, self.octet()?);
        let text = self.text(most)?;
        Ok(Address { which, ton, npi, text, whole: begin..self.at })
    }

    fn tlvs(&mut self) -> Result<Vec<Tlv>, Malformed> {
        let mut tlvs = Vec::new();
        while self.at < self.body.len() {
            let begin = self.at;
            let tag = u16::from_be_bytes([self.octet()?, self.octet()?]);
            let length = u16::from_be_bytes([self.octet()?, self.octet()?]);
            let value = self.octets(length.into())?;
            tlvs.push(Tlv { tag, value, whole: begin..self.at });
        }
        Ok(tlvs)
    }
}

/// Longest address of messages, with its zero octet (SMPP 5.0 section 4.7.29), and of data_sm and alerts.
const SHORT: usize = 21;
const LONG: usize = 65;

impl Message {
    /// Reads a PDU. `None`: a command whose parts are not known here.
    ///
    /// # Errors
    /// The parts are not those of the command.
    pub fn parse(pdu: &Pdu) -> Result<Option<Self>, Malformed> {
        let mut cursor = Cursor { body: pdu.body(), at: 0 };
        let mut message = Self::default();
        let response = pdu.command() & command::RESPONSE != 0;
        if response && pdu.body().is_empty() {
            return Ok(Some(message));
        }
        match pdu.command() {
            command::SUBMIT_SM | command::DELIVER_SM => message.message(&mut cursor, false)?,
            command::SUBMIT_MULTI => message.message(&mut cursor, true)?,
            command::DATA_SM => {
                cursor.text(6)?;
                message.addresses.push(cursor.address(Which::Source, LONG)?);
                message.addresses.push(cursor.address(Which::Destination, LONG)?);
                message.esm_class = cursor.octet()?;
                cursor.octet()?;
                message.data_coding = cursor.octet()?;
            }
            command::ALERT_NOTIFICATION => {
                message.addresses.push(cursor.address(Which::Source, LONG)?);
                message.addresses.push(cursor.address(Which::Destination, LONG)?);
            }
            command::QUERY_SM => {
                cursor.text(65)?;
                message.addresses.push(cursor.address(Which::Source, SHORT)?);
            }
            command::CANCEL_SM => {
                cursor.text(6)?;
                cursor.text(65)?;
                message.addresses.push(cursor.address(Which::Source, SHORT)?);
                message.addresses.push(cursor.address(Which::Destination, SHORT)?);
            }
            command::REPLACE_SM => {
                cursor.text(65)?;
                message.addresses.push(cursor.address(Which::Source, SHORT)?);
                cursor.text(17)?;
                cursor.text(17)?;
                cursor.octets(2)?;
                message.short_message(&mut cursor)?;
            }
            command::BIND_RECEIVER | command::BIND_TRANSMITTER | command::BIND_TRANSCEIVER => {
                message.credentials = [cursor.text(16)?, cursor.text(9)?];
                cursor.text(13)?;
                message.version = cursor.octet()?;
                cursor.octets(2)?;
                cursor.text(41)?;
            }
            other => return message.response(&mut cursor, other),
        }
        message.rest(&mut cursor)?;
        Ok(Some(message))
    }

    fn response(mut self, cursor: &mut Cursor<'_>, response: u32) -> Result<Option<Self>, Malformed> {
        const ANSWER: u32 = command::RESPONSE;
        match response ^ ANSWER {
            command::SUBMIT_SM
            | command::DELIVER_SM
            | command::DATA_SM
            | command::BROADCAST_SM
            | command::QUERY_BROADCAST_SM => {
                cursor.text(65)?;
            }
            command::SUBMIT_MULTI => {
                cursor.text(65)?;
                for _ in 0..cursor.octet()? {
                    self.addresses.push(cursor.address(Which::Failed, SHORT)?);
                    cursor.octets(4)?;
                }
            }
            command::QUERY_SM => {
                cursor.text(65)?;
                cursor.text(17)?;
                cursor.octets(2)?;
            }
            command::REPLACE_SM | command::CANCEL_SM | command::CANCEL_BROADCAST_SM => {}
            _ => return Ok(None),
        }
        self.rest(cursor)?;
        Ok(Some(self))
    }

    fn message(&mut self, cursor: &mut Cursor<'_>, many: bool) -> Result<(), Malformed> {
        cursor.text(6)?;
        self.addresses.push(cursor.address(Which::Source, SHORT)?);
        if many {
            for _ in 0..cursor.octet()? {
                match cursor.octet()? {
                    1 => self.addresses.push(cursor.address(Which::Destination, SHORT)?),
                    2 => {
                        cursor.text(SHORT)?;
                        self.distribution_list = true;
                    }
                    _ => return Err(Malformed),
                }
            }
        } else {
            self.addresses.push(cursor.address(Which::Destination, SHORT)?);
        }
        self.esm_class = cursor.octet()?;
        self.protocol_id = cursor.octet()?;
        cursor.octet()?;
        cursor.text(17)?;
        cursor.text(17)?;
        cursor.octets(2)?;
        self.data_coding = cursor.octet()?;
        cursor.octet()?;
        self.short_message(cursor)
    }

    fn short_message(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Malformed> {
        let begin = cursor.at;
        let length = cursor.octet()?;
        cursor.octets(length.into())?;
        self.text = Some(begin..cursor.at);
        Ok(())
    }

    fn rest(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Malformed> {
        self.fixed = cursor.at;
        self.tlvs = cursor.tlvs()?;
        Ok(())
    }

    /// The source address, where the command has one.
    #[must_use]
    pub fn source(&self) -> Option<&Address> {
        self.addresses.iter().find(|address| address.which == Which::Source)
    }

    /// The destinations by address.
    pub fn destinations(&self) -> impl Iterator<Item = &Address> {
        self.addresses.iter().filter(|address| address.which == Which::Destination)
    }

    /// Whether a destination is a list that the SMS centre keeps.
    #[must_use]
    pub fn to_distribution_list(&self) -> bool {
        self.distribution_list
    }

    /// esm_class, where the command has it.
    #[must_use]
    pub fn esm_class(&self) -> u8 {
        self.esm_class
    }

    /// protocol_id, where the command has it.
    #[must_use]
    pub fn protocol_id(&self) -> u8 {
        self.protocol_id
    }

    /// data_coding, where the command has it.
    #[must_use]
    pub fn data_coding(&self) -> u8 {
        self.data_coding
    }

    /// What a message says: message_payload where it is there (SMPP 5.0 section 4.8.4.36), else short_message.
    #[must_use]
    pub fn user_data<'b>(&self, pdu: &'b Pdu) -> &'b [u8] {
        const MESSAGE_PAYLOAD: u16 = 0x0424;
        let short = || {
            // The first octet is sm_length.
            let text = self.text.as_ref().and_then(|text| pdu.body().get(text.clone()));
            text.and_then(|text| text.get(1..)).unwrap_or_default()
        };
        self.tlv(pdu, MESSAGE_PAYLOAD).unwrap_or_else(short)
    }

    /// interface_version of a bind.
    #[must_use]
    pub fn version(&self) -> u8 {
        self.version
    }

    /// system_id and password of a bind.
    #[must_use]
    pub fn credentials<'b>(&self, pdu: &'b Pdu) -> [&'b [u8]; 2] {
        let [id, password] = &self.credentials;
        [id, password].map(|range| pdu.body().get(range.clone()).unwrap_or_default())
    }

    /// A bind like this one with other credentials.
    #[must_use]
    pub fn bind_as(&self, pdu: &Pdu, system_id: &[u8], password: &[u8]) -> Pdu {
        let rest = pdu.body().get(self.credentials[1].end..).unwrap_or_default();
        pdu.with_body(&[system_id, b"\0", password, rest].concat())
    }

    /// The value of a parameter.
    #[must_use]
    pub fn tlv<'b>(&self, pdu: &'b Pdu, tag: u16) -> Option<&'b [u8]> {
        let tlv = self.tlvs.iter().find(|tlv| tlv.tag == tag)?;
        pdu.body().get(tlv.value.clone())
    }
}

impl Address {
    /// The text of the address.
    #[must_use]
    pub fn text<'b>(&self, pdu: &'b Pdu) -> &'b [u8] {
        pdu.body().get(self.text.clone()).unwrap_or_default()
    }
}
