//! A node with subsystems: what its users send, and what arrives for them (ITU-T Q.714 clauses 2.3 and 4).

use core::time::Duration;

use bytes::Bytes;
use lcs::Address;

use super::{Class, Discard, ReturnCause, SccpAddress, SendError, Ssn, TranslationTable};
use crate::m3ua::{NetworkIndicator, PointCode, Transfer};

/// What is configured.
#[derive(Debug, Clone)]
pub struct EndpointConfig {
    /// Point code of this node.
    pub point_code: PointCode,
    /// Network indicator.
    pub network: NetworkIndicator,
    /// Numbers of this node: messages routed by one of these titles, or by a longer one that begins with it, are for its subsystems.
    pub titles: Vec<Address>,
    /// Subsystems of this node.
    pub subsystems: Vec<Ssn>,
    /// Where titles lead.
    pub translation: TranslationTable,
    /// Most octets of user data in one segment; less where addresses leave less room.
    pub max_segment: usize,
    /// Most messages that may be in reassembly at a time.
    pub max_reassemblies: usize,
    /// Most sent messages that are remembered in case they come back.
    pub max_returns: usize,
    /// Times.
    pub timers: EndpointTimers,
}

/// Times of an [`Endpoint`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointTimers {
    /// T(reass): how long the segments of a message may take (ITU-T Q.714 Annex C: 10 to 20 s).
    pub reassembly: Duration,
    /// How long a sent message is remembered in case it comes back.
    pub returns: Duration,
}

impl Default for EndpointTimers {
    fn default() -> Self {
        Self { reassembly: Duration::from_secs(10), returns: Duration::from_secs(30) }
    }
}

impl EndpointConfig {
    /// A node with default limits, without titles and translations.
    #[must_use]
    pub const fn new(point_code: PointCode, network: NetworkIndicator, subsystems: Vec<Ssn>) -> Self {
        Self {
            point_code,
            network,
            titles: Vec::new(),
            subsystems,
            translation: TranslationTable::new(),
            max_segment: 254,
            max_reassemblies: 1024,
            max_returns: 16_384,
            timers: EndpointTimers { reassembly: Duration::from_secs(10), returns: Duration::from_secs(30) },
        }
    }
}

/// Names a message that was sent, in case it comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub u64);

/// What a user wants to send (N-UNITDATA request, ITU-T Q.711 clause 6.2.2).
#[derive(Clone, PartialEq, Eq)]
pub struct Unitdata {
    /// Who is to get it.
    pub called: SccpAddress,
    /// Who sends it.
    pub calling: SccpAddress,
    /// Messages with the same number keep their order (class 1); `None` for class 0.
    pub sequence: Option<u32>,
    /// Whether a [`Notice`] is wanted when it cannot be delivered.
    pub return_on_error: bool,
    /// Octets, 1 to about 3,900 depending on the addresses.
    pub data: Bytes,
}

/// What arrived for a user (N-UNITDATA indication).
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// Who is to get it; its subsystem number is one of ours.
    pub called: SccpAddress,
    /// Who sent it. An answer goes there.
    pub calling: SccpAddress,
    /// Point code of the node that MTP names as the sender; the last transfer point, if titles were translated on the way.
    pub opc: PointCode,
    /// Class that the sender asked for.
    pub class: Class,
    /// Octets.
    pub data: Bytes,
}

/// A message that came back (N-NOTICE indication). Only for messages that were sent from here.
#[derive(Clone, PartialEq, Eq)]
pub struct Notice {
    /// Which message.
    pub message: MessageId,
    /// Why.
    pub cause: ReturnCause,
    /// Who should have had it.
    pub called: SccpAddress,
    /// Who sent it: one of our users.
    pub calling: SccpAddress,
    /// Its octets; of a message in segments, those of the segment that came back.
    pub data: Bytes,
}

macro_rules! debug_without_octets {
    ($($name:ident { $($field:ident),* })*) => {$(
        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                // The octets hold subscriber identities.
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))*
                    .field("octets", &self.data.len()).finish()
            }
        }
    )*};
}
debug_without_octets! {
    Unitdata { called, calling, sequence, return_on_error }
    Received { called, calling, opc, class }
    Notice { message, cause, called, calling }
}

/// What became of a wish to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The name under which a [`Notice`] would tell of it.
    pub message: MessageId,
    /// What to give to MTP, in this order.
    pub transfers: Vec<Transfer>,
}

/// What came of a message from MTP, or of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Indication {
    /// For the user with the called subsystem number.
    Unitdata(Received),
    /// For the user with the calling subsystem number.
    Notice(Notice),
    /// To be given to MTP: a message that goes back, or an answer of the management.
    Transfer(Transfer),
    /// Another node told of a subsystem of its own (SSA, SSP).
    Subsystem {
        /// Where.
        point_code: PointCode,
        /// Which.
        ssn: Ssn,
        /// Whether it can be used.
        allowed: bool,
    },
    /// Something was dropped, for the log and a counter.
    Discarded(Discard),
}

/// The machine of one node.
#[derive(Debug)]
pub struct Endpoint {
    config: EndpointConfig,
}

impl Endpoint {
    /// A node that has sent and got nothing.
    ///
    /// `seed` starts the segmentation references; another value after each start keeps segments of before apart.
    #[must_use]
    pub fn new(config: EndpointConfig, seed: u32) -> Self {
        let _ = seed;
        Self { config }
    }

    /// What is configured.
    #[must_use]
    pub const fn config(&self) -> &EndpointConfig {
        &self.config
    }

    /// Turns unitdata of a user into transfers.
    ///
    /// # Errors
    /// The address leads nowhere, or there is too much data.
    pub fn send(&mut self, _unitdata: &Unitdata, _now: Duration) -> Result<Sent, SendError> {
        Err(SendError::Incomplete)
    }

    /// Takes a transfer from MTP.
    pub fn receive(&mut self, _transfer: &Transfer, _now: Duration) -> Vec<Indication> {
        Vec::new()
    }

    /// When [`Endpoint::expire`] is due.
    #[must_use]
    pub const fn deadline(&self) -> Option<Duration> {
        None
    }

    /// Drops what took too long.
    pub fn expire(&mut self, _now: Duration) -> Vec<Indication> {
        Vec::new()
    }
}
