//! The gateway's end: messages into short messages to a card, and what comes from a card into what it says.
//!
//! Counters of both ways are the caller's to store, which the types of [`crate::packet`] see to.

use crate::message::{Installed, Message, MessageError, Report, RequestName};
use crate::packet::{
    CardKeys, Counter, Level, PacketError, Received, Response, Tar, Usable, open_command, open_response, seal_command,
};
use crate::sms::{Carried, Parts, SmsError, split};

/// Why something does not go to a card, or is not taken from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// The packet is not one of this card, or came before.
    #[error(transparent)]
    Packet(#[from] PacketError),
    /// What it secures is no message.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// It does not fit short messages.
    #[error(transparent)]
    Sms(#[from] SmsError),
    /// It is a message that goes the other way.
    #[error("area event message: not one that a card sends")]
    OtherWay,
}

/// User data of the short messages that take `message` to a card. Each goes with TP-PID 7F, TP-DCS F6 and a user data header.
/// `reference` tells them apart from those of another message, where there are several.
pub fn to_card(
    keys: &CardKeys,
    tar: Tar,
    counter: &Usable,
    message: &Message,
    reference: u8,
) -> Result<Parts, ExchangeError> {
    let packet = seal_command(keys, Level::TO_CARD, tar, counter, &message.encode()?)?;
    Ok(split(Carried::Command, &packet, reference)?)
}

/// What came from a card: who sent it is proven.
pub enum FromCard {
    /// Proof that a message has arrived, or why it is not taken.
    Proof(Response),
    /// A message; it is read when its counter is stored.
    Word(Told),
}

/// A message whose counter is not stored yet.
pub struct Told(Received);

/// What a card says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// What became of an installation or a cancellation.
    Acknowledged(RequestName, Installed),
    /// The event was there.
    Reported(Report),
}

impl core::fmt::Debug for Word {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Acknowledged(name, installed) => write!(f, "Acknowledged({name:?}, {installed:?})"),
            Self::Reported(report) => write!(f, "Reported({:?}, {})", report.name, report.sequence),
        }
    }
}

/// Opens a packet that was put together of what came from the number of a card. `last`: the last counter taken from it.
pub fn from_card(
    keys: &CardKeys,
    tar: Tar,
    last: Counter,
    (carried, packet): (Carried, &[u8]),
) -> Result<FromCard, ExchangeError> {
    match (carried, Level::TO_CARD.proof) {
        (Carried::Response, Some(proof)) => Ok(FromCard::Proof(open_response(keys, proof, tar, packet)?)),
        (Carried::Response, None) => Err(ExchangeError::OtherWay),
        (Carried::Command, _) => {
            let received = open_command(keys, Level::FROM_CARD, tar, last, packet);
            Ok(FromCard::Word(Told(received.map_err(|rejected| rejected.error)?)))
        }
    }
}

impl Told {
    /// Stores the counter by `write`, which returns when it is durable; then reads the message.
    pub fn accept<E>(self, write: impl FnOnce(Counter) -> Result<(), E>) -> Result<Result<Word, ExchangeError>, E> {
        Ok(read(&self.0.accept(write)?))
    }

    /// The same where a store makes one wait.
    pub async fn accept_async<E>(
        self,
        write: impl AsyncFnOnce(Counter) -> Result<(), E>,
    ) -> Result<Result<Word, ExchangeError>, E> {
        Ok(read(&self.0.accept_async(write).await?))
    }
}

fn read(data: &[u8]) -> Result<Word, ExchangeError> {
    match Message::parse(data)? {
        Message::Acknowledge(name, installed) => Ok(Word::Acknowledged(name, installed)),
        Message::Report(report) => Ok(Word::Reported(report)),
        Message::Install(_) | Message::Cancel(_) => Err(ExchangeError::OtherWay),
    }
}
