//! What the centre delivers: messages from phones, and receipts (SMPP 3.4 sections 4.6 and 4.7).

use super::port::{MessageId, Receipt, ShortMessage};
use super::receipt::{Habits, Said};
use super::write::HAS_HEADER;
use crate::config::Config;
use crate::smpp::wire::{Message, Pdu, command, status};
use lcs::Msisdn;

/// Message type, in esm_class (SMPP 3.4 section 5.2.12).
const MESSAGE_TYPE: u8 = 0x3C;
const RECEIPT: u8 = 0x04;

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Arrived {
    /// A message from a phone.
    Message(Msisdn, ShortMessage),
    /// A receipt.
    Receipt(Receipt),
    /// Something that nobody here waits for; it is taken, and that is all.
    Idle,
}

/// How this centre writes.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    habits: Habits,
    /// Code of the country of national numbers, where there is one.
    country: Option<String>,
}

impl Reading {
    pub(super) fn new(config: &Config) -> Self {
        let country = match &config.gateway.country_codes[..] {
            [country] => Some(country.value().to_string()),
            _ => None,
        };
        Self { habits: Habits::new(&config.smsc), country }
    }

    /// Reads a deliver_sm or data_sm.
    ///
    /// # Errors
    /// The status of its answer: it does not have the parts of its command, or its sender has no number.
    pub(super) fn arrived(&self, pdu: &Pdu) -> Result<Arrived, u32> {
        let message = Message::parse(pdu).ok().flatten().ok_or(status::RINVCMDLEN)?;
        let settled = |said: Option<Said>| match said {
            Some(Said::Settled(receipt)) => Arrived::Receipt(receipt),
            // Whatever it says, once more would say it again.
            Some(Said::Underway) | None => Arrived::Idle,
        };
        match message.esm_class() & MESSAGE_TYPE {
            RECEIPT => return Ok(settled(self.habits.read(pdu, &message))),
            0 => {}
            // Acknowledgements by phones, and word of what is still under way.
            _ => return Ok(Arrived::Idle),
        }
        // Some centres do not mark what they send of their own.
        if let Some(said) = self.habits.by_parameters(pdu, &message) {
            return Ok(settled(Some(said)));
        }
        let source = message.source().ok_or(status::RINVCMDLEN)?;
        let from = self.number(source.ton, source.text(pdu)).ok_or(status::RINVSRCADR)?;
        let message = ShortMessage {
            protocol_id: message.protocol_id(),
            data_coding: message.data_coding(),
            has_header: message.esm_class() & HAS_HEADER != 0,
            user_data: message.user_data(pdu).to_vec(),
            validity: None,
        };
        Ok(Arrived::Message(from, message))
    }

    /// The number of a phone. Centres often do not tell its type.
    fn number(&self, ton: u8, text: &[u8]) -> Option<Msisdn> {
        let text = core::str::from_utf8(text).ok()?;
        let international = |digits: &str| Msisdn::parse(digits).ok();
        let national = |digits: &str| Msisdn::parse(&format!("{}{digits}", self.country.as_deref()?)).ok();
        if let Some(digits) = text.strip_prefix('+').or_else(|| text.strip_prefix("00")) {
            return international(digits);
        }
        match (ton, text.strip_prefix('0')) {
            (0..=2, Some(digits)) => national(digits),
            (0 | 1, None) => international(text),
            (2, None) => national(text),
            _ => None,
        }
    }
}

/// The name in the answer to a submission. Some centres leave the zero octet at its end out, some the name.
pub(super) fn message_id(answer: &Pdu) -> MessageId {
    let octets = answer.body().split(|octet| *octet == 0).next().unwrap_or_default();
    MessageId::new(core::str::from_utf8(octets).unwrap_or_default())
}

/// The answer to something that was delivered.
pub(super) fn delivered(command: u32, sequence: u32, status: u32) -> Pdu {
    // message_id is there, whatever the status, and says nothing (SMPP 3.4 sections 4.6.2 and 4.7.2).
    Pdu::of(command | command::RESPONSE, status, sequence, b"\0")
}

#[cfg(test)]
mod tests;
