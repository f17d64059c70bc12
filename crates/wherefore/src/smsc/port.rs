//! What the gateway wants of an SMS centre, and what it has to take from one.

use futures_util::future::BoxFuture;
use lcs::{Duration, Msisdn};

/// Most octets of user data in one short message (TS 23.040 clause 9.2.3.24).
pub const USER_DATA_MAX: usize = 140;

/// One short message of eight-bit user data, without addresses: an SMS-DELIVER to a phone, or an SMS-SUBMIT from one (TS 23.040 clause
/// 9.2.2).
#[derive(Clone, PartialEq, Eq)]
pub struct ShortMessage {
    /// TP-Protocol-Identifier (TS 23.040 clause 9.2.3.9).
    pub protocol_id: u8,
    /// TP-Data-Coding-Scheme (TS 23.038 clause 4).
    pub data_coding: u8,
    /// Whether the user data begins with a header (TP-User-Data-Header-Indicator, TS 23.040 clause 9.2.3.23).
    pub has_header: bool,
    /// The user data, at most [`USER_DATA_MAX`] octets.
    pub user_data: Vec<u8>,
    /// For how long the centre tries; `None`: as it thinks fit. Says nothing in a message from a phone.
    pub validity: Option<Duration>,
}

impl core::fmt::Debug for ShortMessage {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ShortMessage({} octets, hidden)", self.user_data.len())
    }
}

/// The name that the centre gave to a message, in one form however the centre writes it. Empty: it gave none, and no receipt will be
/// known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MessageId(String);

/// Longest name of a message, octets (SMPP 3.4 section 5.2.23).
const ID_MAX: usize = 64;

impl MessageId {
    /// Takes a name as a centre wrote it, or as it was kept. Centres write the same one with and without zeroes in front, and in capitals
    /// or not, in an answer and in a receipt; both go. What cannot be printed goes as well.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let printed: String = text.chars().filter(char::is_ascii_graphic).take(ID_MAX).collect();
        if printed.is_empty() || !printed.bytes().all(|octet| octet.is_ascii_hexdigit()) {
            return Self(printed);
        }
        let bare = printed.trim_start_matches('0');
        Self(if bare.is_empty() { "0".into() } else { bare.to_ascii_lowercase() })
    }

    /// The name, to be kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a message was not submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SubmitFailure {
    /// No session with the centre for as long as a message may wait. It was not sent.
    #[error("SMS centre: not bound; see the log for why, and the section [smsc]")]
    NotBound,
    /// The centre takes messages more slowly than they are submitted, and a message may not wait longer. It was not taken.
    #[error(
        "SMS centre: throttled for longer than a message may wait; lower smsc.submissions_per_s or have more granted"
    )]
    Throttled,
    /// The centre's queue for this subscriber is full, or ours is. It was not taken.
    #[error("SMS centre: the queue is full")]
    QueueFull,
    /// It was sent, and no answer came. The centre may have taken it.
    #[error("SMS centre: no answer; the message may have been taken")]
    NoAnswer,
    /// The centre cannot for now, with this status (SMPP 3.4 section 5.1.3). It was not taken.
    #[error("SMS centre: cannot for now, status {0:#x}")]
    Unavailable(u32),
    /// The centre knows no such subscriber, or does not serve this one.
    #[error("SMS centre: no such subscriber")]
    NoSuchSubscriber,
    /// Refused with this status (SMPP 3.4 section 5.1.3), and will be again.
    #[error("SMS centre: refused, status {0:#x}")]
    Refused(u32),
    /// The user data is longer than a short message.
    #[error("short message: more than 140 octets of user data; send it in parts")]
    TooLong,
}

impl SubmitFailure {
    /// Whether the same may succeed later.
    #[must_use]
    pub fn is_for_now(self) -> bool {
        match self {
            Self::NotBound | Self::Throttled | Self::QueueFull | Self::NoAnswer | Self::Unavailable(_) => true,
            Self::NoSuchSubscriber | Self::Refused(_) | Self::TooLong => false,
        }
    }

    /// Whether the subscriber may get the message all the same.
    #[must_use]
    pub fn may_have_been_taken(self) -> bool {
        self == Self::NoAnswer
    }
}

/// Sends short messages to phones.
pub trait SmsCentre: Send + Sync {
    /// Submits one message, under the number of this gateway and with a receipt asked for. Returns when the centre has answered, or when
    /// it is clear that it will not; that takes as long as `smsc.patience_s` and `smsc.response_timeout_ms` together at most.
    ///
    /// # Errors
    /// The centre did not take it, or did not say.
    fn submit(&self, to: Msisdn, message: ShortMessage) -> BoxFuture<'_, Result<MessageId, SubmitFailure>>;
}

/// Why something that the centre delivers is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refused {
    /// It could not be kept: the centre shall try again.
    #[error("not now; the SMS centre shall try again")]
    ForNow,
    /// It is of no use here: the centre shall not try again.
    #[error("of no use here")]
    ForGood,
}

/// Takes what phones send to this gateway. A message may come twice, and several at once.
pub trait FromPhones: Send + Sync {
    /// Takes a message. Durable when this returns: only then is the centre told that it was taken.
    ///
    /// # Errors
    /// It is not taken; the centre is told so.
    fn take(&self, from: Msisdn, message: ShortMessage) -> BoxFuture<'_, Result<(), Refused>>;
}

/// What became of a message in the end (SMPP 3.4 section 5.2.28).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FinalState {
    /// It is on the phone.
    Delivered,
    /// Its validity ended before.
    Expired,
    /// Somebody took it out of the centre.
    Deleted,
    /// It cannot be delivered.
    Undeliverable,
    /// It cannot be delivered: no room on the phone or the card.
    MemoryFull,
    /// The centre refused it after it had taken it.
    Rejected,
    /// It was read for the subscriber by somebody else, or the centre does not say.
    Unknown,
}

/// The receipt of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Which message.
    pub id: MessageId,
    /// What became of it.
    pub state: FinalState,
}

/// Takes receipts. One may come twice, long after the message, after a restart, and before [`SmsCentre::submit`] has returned the name of
/// its message.
pub trait Receipts: Send + Sync {
    /// Takes a receipt. Durable when this returns, as with [`FromPhones::take`].
    ///
    /// # Errors
    /// It is not taken. Who must not lose one, has submissions under way, and does not know the name, says [`Refused::ForNow`]: it may be that
    /// of one of them.
    fn settle(&self, receipt: Receipt) -> BoxFuture<'_, Result<(), Refused>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_however_it_is_written() {
        for (left, right) in [("0000000012", "12"), ("1A2B", "1a2b"), ("000", "0"), ("ab-01", "ab-01\r\n")] {
            assert_eq!(MessageId::new(left), MessageId::new(right));
        }
        for (left, right) in [("12", "120"), ("AB-01", "ab-01"), ("0", ""), ("x0", "0x")] {
            assert_ne!(MessageId::new(left), MessageId::new(right));
        }
        let kept = MessageId::new("00Ff");
        assert_eq!(MessageId::new(kept.as_str()), kept);
        assert_eq!(MessageId::new(&"9".repeat(100)).as_str().len(), ID_MAX);
    }

    #[test]
    fn only_silence_leaves_it_open_and_only_words_are_for_good() {
        use SubmitFailure as F;
        let all = [
            (F::NotBound, true, false),
            (F::Throttled, true, false),
            (F::QueueFull, true, false),
            (F::NoAnswer, true, true),
            (F::Unavailable(8), true, false),
            (F::NoSuchSubscriber, false, false),
            (F::Refused(1), false, false),
            (F::TooLong, false, false),
        ];
        for (failure, for_now, open) in all {
            assert_eq!((failure.is_for_now(), failure.may_have_been_taken()), (for_now, open), "{failure}");
        }
    }

    #[test]
    fn a_message_does_not_print_its_content() {
        let message = ShortMessage {
            protocol_id: 0x7F,
            data_coding: 0xF6,
            has_header: true,
            user_data: b"secret".to_vec(),
            validity: None,
        };
        assert_eq!(format!("{message:?}"), "ShortMessage(6 octets, hidden)");
    }
}
