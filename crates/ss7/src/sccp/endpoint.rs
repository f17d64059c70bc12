//! A node with subsystems: what its users send, and what arrives for them (ITU-T Q.714 clauses 2.3 and 4).

use core::time::Duration;

use bytes::Bytes;
use lcs::Address;

use super::codec::max_data;
use super::reassembly::Reassembly;
use super::returns::Returns;
use super::{
    Class, Discard, Extension, Form, Message, ReturnCause, Routing, SccpAddress, Segmentation, SendError, Ssn,
    TranslationTable, UnitdataMessage,
};
use crate::m3ua::{NetworkIndicator, PointCode, SERVICE_SCCP, Transfer};

mod arrival;
#[cfg(test)]
mod tests;

/// Bits of a segmentation local reference (ITU-T Q.713 clause 3.17).
const REFERENCE: u32 = 0x00FF_FFFF;
/// Most segments of a message (ITU-T Q.714 clause 4.1.1.2).
const SEGMENTS: u8 = 16;
/// Values of the signalling link selection (ITU-T Q.704 clause 2.2.4).
const LINK_SELECTIONS: u32 = 16;

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
    /// Octets: from 1 to what sixteen segments hold, 3,536 with the longest addresses.
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
    reassembly: Reassembly,
    returns: Returns,
    next_message: u64,
    next_reference: u32,
    next_sls: u8,
}

impl Endpoint {
    /// A node that has sent and got nothing.
    ///
    /// `seed` starts the segmentation references; another value after each start keeps segments of before apart.
    #[must_use]
    pub fn new(config: EndpointConfig, seed: u32) -> Self {
        let reassembly = Reassembly::new(config.max_reassemblies, config.timers.reassembly);
        let returns = Returns::new(config.max_returns, config.timers.returns);
        Self { config, reassembly, returns, next_message: 0, next_reference: seed & REFERENCE, next_sls: 0 }
    }

    /// What is configured.
    #[must_use]
    pub const fn config(&self) -> &EndpointConfig {
        &self.config
    }

    /// Turns unitdata of a user into transfers: one UDT, or up to sixteen XUDTs in the same sequence.
    ///
    /// # Errors
    /// The address leads nowhere, or there is no or too much data.
    pub fn send(&mut self, unitdata: &Unitdata, now: Duration) -> Result<Sent, SendError> {
        if unitdata.data.is_empty() {
            return Err(SendError::Empty);
        }
        let (dpc, called) = self.route(unitdata.called)?;
        let class = if unitdata.sequence.is_some() { Class::Sequenced } else { Class::Basic };
        let short = UnitdataMessage {
            form: Form::Short,
            class,
            return_on_error: unitdata.return_on_error,
            called,
            calling: unitdata.calling,
            data: unitdata.data.clone(),
        };
        let messages = if unitdata.data.len() <= max_data(Form::Short, called, unitdata.calling) {
            vec![short]
        } else {
            self.segments(&short)?
        };
        let sls = self.link_selection(unitdata.sequence);
        let mut transfers = Vec::with_capacity(messages.len());
        for message in &messages {
            let octets = Message::Unitdata(message.clone()).encode()?;
            transfers.push(self.transfer(dpc, sls, octets));
        }
        let message = MessageId(self.next_message);
        self.next_message += 1;
        if let Some(first) = messages.first().filter(|_| unitdata.return_on_error) {
            self.returns.remember(message, unitdata.calling.ssn, first.data.clone(), now);
        }
        Ok(Sent { message, transfers })
    }

    /// Takes a transfer from MTP.
    pub fn receive(&mut self, transfer: &Transfer, now: Duration) -> Vec<Indication> {
        let mut out = self.expire(now);
        if transfer.dpc != self.config.point_code {
            out.push(Indication::Discarded(Discard::NotForUs(transfer.dpc)));
            return out;
        }
        match Message::decode(&transfer.data) {
            Err(error) => out.push(Indication::Discarded(Discard::Malformed(error))),
            Ok(Message::Unitdata(message)) => self.unitdata(message, transfer, now, &mut out),
            Ok(Message::Service(message)) => self.returned(message, &mut out),
        }
        out
    }

    /// When [`Endpoint::expire`] is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        [self.reassembly.deadline(), self.returns.deadline()].into_iter().flatten().min()
    }

    /// Drops what took too long.
    pub fn expire(&mut self, now: Duration) -> Vec<Indication> {
        let mut out = Vec::new();
        self.returns.expire(now);
        while let Some((first, opc)) = self.reassembly.expire(now) {
            self.send_back(&first, opc, ReturnCause::MessageTransport, &mut out);
            out.push(Indication::Discarded(Discard::ReassemblyTimeout));
        }
        out
    }

    /// The node that gets a message for `called`, and the address that it reads.
    fn route(&self, called: SccpAddress) -> Result<(PointCode, SccpAddress), SendError> {
        match (called.routing, called.title, called.point_code, called.ssn) {
            (Routing::Ssn, _, Some(point_code), Some(_)) => Ok((point_code, called)),
            (Routing::GlobalTitle, Some(title), ..) => {
                let route = self.config.translation.translate(title)?;
                let ssn = route.ssn.or(called.ssn);
                let by_ssn = route.routing == Routing::Ssn;
                if by_ssn && ssn.is_none() {
                    return Err(SendError::Incomplete);
                }
                let point_code = if by_ssn { Some(route.point_code) } else { called.point_code };
                Ok((route.point_code, SccpAddress { routing: route.routing, point_code, ssn, title: called.title }))
            }
            _ => Err(SendError::Incomplete),
        }
    }

    /// Cuts a message into segments (ITU-T Q.714 clause 4.1.1.2.2). Only the first asks to come back, so that one does.
    fn segments(&mut self, whole: &UnitdataMessage) -> Result<Vec<UnitdataMessage>, SendError> {
        let reference = self.next_reference;
        self.next_reference = self.next_reference.wrapping_add(1) & REFERENCE;
        let form = |first, remaining| {
            let segmentation = Some(Segmentation { first, class: whole.class, remaining, reference });
            Form::Extended(Extension { segmentation, ..Extension::NEW })
        };
        let max = max_data(form(true, 0), whole.called, whole.calling).min(self.config.max_segment).max(1);
        let octets = whole.data.len();
        let count = octets.div_ceil(max);
        let last = u8::try_from(count - 1).ok().filter(|last| *last < SEGMENTS);
        let last = last.ok_or(SendError::TooLong { octets, max: max * usize::from(SEGMENTS) })?;
        let cut = |at: u8| {
            let from = usize::from(at) * max;
            UnitdataMessage {
                form: form(at == 0, last - at),
                class: Class::Sequenced,
                return_on_error: whole.return_on_error && at == 0,
                data: whole.data.slice(from..octets.min(from + max)),
                ..whole.clone()
            }
        };
        Ok((0..=last).map(cut).collect())
    }

    fn link_selection(&mut self, sequence: Option<u32>) -> u8 {
        let turn = self.next_sls;
        match sequence {
            Some(number) => (number % LINK_SELECTIONS) as u8,
            None => {
                self.next_sls = (turn + 1) % LINK_SELECTIONS as u8;
                turn
            }
        }
    }

    fn transfer(&self, dpc: PointCode, sls: u8, octets: Vec<u8>) -> Transfer {
        Transfer {
            opc: self.config.point_code,
            dpc,
            service: SERVICE_SCCP,
            network: self.config.network,
            priority: 0,
            sls,
            data: Bytes::from(octets),
        }
    }
}
