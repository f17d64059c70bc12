//! Receipts: what a centre says became of a message, by parameters or in the text of SMPP 3.4 appendix B.

use super::port::{FinalState, MessageId, Receipt};
use crate::config::{ReceiptIds, Smsc};
use crate::smpp::wire::{Message, Pdu};

/// Parameters of receipts (SMPP 3.4 sections 5.3.2.12, 5.3.2.35 and 5.3.2.31).
const RECEIPTED_MESSAGE_ID: u16 = 0x001E;
const MESSAGE_STATE: u16 = 0x0427;
const NETWORK_ERROR_CODE: u16 = 0x0423;
/// Two octets a character (SMPP 3.4 section 5.2.19).
const UCS2: u8 = 0x08;

/// How a centre writes receipts.
#[derive(Debug, Clone)]
pub(super) struct Habits {
    pub(super) ids: ReceiptIds,
    pub(super) memory_full: Vec<u16>,
}

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// The end of a message.
    Settled(Receipt),
    /// It is still under way.
    Underway,
}

impl Habits {
    pub(super) fn new(smsc: &Smsc) -> Self {
        Self { ids: smsc.receipt_ids, memory_full: smsc.memory_full_errors.clone() }
    }

    /// A receipt by its parameters alone, which a phone cannot make up.
    pub(super) fn by_parameters(&self, pdu: &Pdu, message: &Message) -> Option<Said> {
        let id = id(pdu, message)?;
        let state = message.tlv(pdu, MESSAGE_STATE)?.first().copied()?;
        Some(self.said(id, state, error(pdu, message)))
    }

    /// A receipt of what the centre calls one. `None`: it does not say of which message, or not what became of it.
    pub(super) fn read(&self, pdu: &Pdu, message: &Message) -> Option<Said> {
        if let Some(said) = self.by_parameters(pdu, message) {
            return Some(said);
        }
        let text = text(message.user_data(pdu), message.data_coding());
        let written = value(&text, "id:").map(|written| self.id(written));
        let id = id(pdu, message).or(written)?;
        let by_parameter = message.tlv(pdu, MESSAGE_STATE).and_then(|value| value.first().copied());
        let state = by_parameter.or_else(|| state(value(&text, "stat:")?))?;
        let error = error(pdu, message).or_else(|| value(&text, "err:")?.parse().ok());
        Some(self.said(id, state, error))
    }

    fn said(&self, id: MessageId, state: u8, error: Option<u16>) -> Said {
        let full = error.is_some_and(|error| self.memory_full.contains(&error));
        let state = match state {
            // Scheduled, en route, and taken by somebody on the way: more will come.
            0 | 1 | 6 => return Said::Underway,
            2 => FinalState::Delivered,
            3 | 5 | 9 if full => FinalState::MemoryFull,
            3 => FinalState::Expired,
            4 => FinalState::Deleted,
            // And "skipped" of SMPP 5.0.
            5 | 9 => FinalState::Undeliverable,
            8 => FinalState::Rejected,
            _ => FinalState::Unknown,
        };
        Said::Settled(Receipt { id, state })
    }

    /// The name in a text, in the form of the centre's answers.
    fn id(&self, written: &str) -> MessageId {
        let converted = match self.ids {
            ReceiptIds::AsAnswered => None,
            ReceiptIds::Decimal => written.parse::<u128>().ok().map(|number| format!("{number:x}")),
            ReceiptIds::Hexadecimal => u128::from_str_radix(written, 16).ok().map(|number| number.to_string()),
        };
        MessageId::new(converted.as_deref().unwrap_or(written))
    }
}

/// receipted_message_id. Some centres leave the zero octet at its end out.
fn id(pdu: &Pdu, message: &Message) -> Option<MessageId> {
    let octets = message.tlv(pdu, RECEIPTED_MESSAGE_ID)?;
    let octets = octets.split(|octet| *octet == 0).next().unwrap_or_default();
    let id = core::str::from_utf8(octets).ok().map(MessageId::new)?;
    (!id.as_str().is_empty()).then_some(id)
}

/// The code of network_error_code, whatever the network.
fn error(pdu: &Pdu, message: &Message) -> Option<u16> {
    match message.tlv(pdu, NETWORK_ERROR_CODE)? {
        [_, high, low] => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    }
}

/// message_state for the word of a text (SMPP 3.4 sections 5.2.28 and appendix B). Of a word that is not known nothing is known.
fn state(word: &str) -> Option<u8> {
    let states = [
        ("SCHEDUL", 0),
        ("ENROUTE", 1),
        ("DELIVRD", 2),
        ("EXPIRED", 3),
        ("DELETED", 4),
        ("UNDELIV", 5),
        ("ACCEPTD", 6),
        ("UNKNOWN", 7),
        ("REJECTD", 8),
        ("SKIPPED", 9),
    ];
    let begins = |known: &str| word.get(..known.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(known));
    states.into_iter().find_map(|(known, state)| begins(known).then_some(state))
}

/// The characters of a receipt's text, which are all of ASCII.
fn text(octets: &[u8], data_coding: u8) -> String {
    let ascii = |octet: &u8| char::from(*octet & 0x7F);
    if data_coding == UCS2 {
        return octets.iter().skip(1).step_by(2).map(ascii).collect();
    }
    octets.iter().map(ascii).collect()
}

/// What follows a word, up to the next blank. The text of the message, which comes last, says nothing.
fn value<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let lower = text.to_ascii_lowercase();
    let end = lower.find("text:").unwrap_or(lower.len());
    let head = lower.get(..end)?;
    let begins = |at: &usize| *at == 0 || head.as_bytes().get(at - 1).is_some_and(u8::is_ascii_whitespace);
    let (at, _) = head.match_indices(word).find(|(at, _)| begins(at))?;
    let value = text.get(at + word.len()..end)?;
    // Some write a blank after the colon.
    value.split_ascii_whitespace().next()
}

#[cfg(test)]
mod tests;
