//! Messages of M3UA as values (RFC 4666 sections 3.3 to 3.8).

use bytes::Bytes;

use super::{ErrorCode, NotifyStatus, PointCode, TrafficMode, Transfer};

/// A message. Info strings are read over and never sent; routing key management (RFC 4666 section 3.6) is not supported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Error (section 3.8.1).
    Error(ErrorReport),
    /// Notify (section 3.8.2).
    Notify(Notify),
    /// Payload data (section 3.3.1).
    Data(Data),
    /// Destination unavailable (section 3.4.1).
    Duna(Network, Vec<Affected>),
    /// Destination available (section 3.4.2).
    Dava(Network, Vec<Affected>),
    /// Destination state audit (section 3.4.3).
    Daud(Network, Vec<Affected>),
    /// Signalling congestion (section 3.4.4).
    Scon(Network, Vec<Affected>, Congestion),
    /// Destination user part unavailable (section 3.4.5).
    Dupu(Network, UserPartUnavailable),
    /// Destination restricted (section 3.4.6).
    Drst(Network, Vec<Affected>),
    /// ASP Up (section 3.5.1).
    AspUp {
        /// ASP identifier.
        asp_identifier: Option<u32>,
    },
    /// ASP Up acknowledgement (section 3.5.2).
    AspUpAck {
        /// ASP identifier.
        asp_identifier: Option<u32>,
    },
    /// ASP Down (section 3.5.3).
    AspDown,
    /// ASP Down acknowledgement (section 3.5.4).
    AspDownAck,
    /// Heartbeat (section 3.5.5) with its data.
    Beat(Bytes),
    /// Heartbeat acknowledgement (section 3.5.6) with the data of the heartbeat.
    BeatAck(Bytes),
    /// ASP Active (section 3.7.1).
    AspActive {
        /// Traffic mode.
        traffic_mode: Option<TrafficMode>,
        /// Routing contexts.
        routing_contexts: Vec<u32>,
    },
    /// ASP Active acknowledgement (section 3.7.2).
    AspActiveAck {
        /// Traffic mode.
        traffic_mode: Option<TrafficMode>,
        /// Routing contexts.
        routing_contexts: Vec<u32>,
    },
    /// ASP Inactive (section 3.7.3) for these routing contexts.
    AspInactive(Vec<u32>),
    /// ASP Inactive acknowledgement (section 3.7.4) for these routing contexts.
    AspInactiveAck(Vec<u32>),
}

/// Which message, without its contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// ERR
    Error,
    /// NTFY
    Notify,
    /// DATA
    Data,
    /// DUNA
    Duna,
    /// DAVA
    Dava,
    /// DAUD
    Daud,
    /// SCON
    Scon,
    /// DUPU
    Dupu,
    /// DRST
    Drst,
    /// ASPUP
    AspUp,
    /// ASPUP ACK
    AspUpAck,
    /// ASPDN
    AspDown,
    /// ASPDN ACK
    AspDownAck,
    /// BEAT
    Beat,
    /// BEAT ACK
    BeatAck,
    /// ASPAC
    AspActive,
    /// ASPAC ACK
    AspActiveAck,
    /// ASPIA
    AspInactive,
    /// ASPIA ACK
    AspInactiveAck,
}

/// Network appearance and routing contexts of a message about destinations.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Network {
    /// Network appearance.
    pub appearance: Option<u32>,
    /// Routing contexts.
    pub routing_contexts: Vec<u32>,
}

/// A point code, or a range of them (RFC 4666 section 3.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Affected {
    /// Number of low bits that are not looked at.
    pub mask_bits: u8,
    /// The point code; 24 bits on the wire.
    pub point_code: u32,
}

impl Affected {
    /// One point code.
    #[must_use]
    pub const fn one(point_code: PointCode) -> Self {
        Self { mask_bits: 0, point_code: point_code.value() as u32 }
    }

    /// Whether `point_code` is meant.
    #[must_use]
    pub fn covers(self, point_code: PointCode) -> bool {
        let ignored = u32::from(self.mask_bits.min(24));
        u32::from(point_code.value()) >> ignored == self.point_code >> ignored
    }

    /// Whether every point code of `other` is meant.
    #[must_use]
    pub fn includes(self, other: Self) -> bool {
        let ignored = u32::from(self.mask_bits.min(24));
        self.mask_bits >= other.mask_bits && other.point_code >> ignored == self.point_code >> ignored
    }
}

/// Congestion of destinations (RFC 4666 section 3.4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Congestion {
    /// Who is to be told, in messages from an ASP.
    pub concerned: Option<u32>,
    /// Level 0 (none) to 3, in networks with levels.
    pub level: Option<u8>,
}

/// A user part that cannot be reached (RFC 4666 section 3.4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UserPartUnavailable {
    /// Where.
    pub affected: Affected,
    /// Why: 0 unknown, 1 unequipped, 2 inaccessible.
    pub cause: u16,
    /// Which: 3 is SCCP.
    pub user: u16,
}

/// Payload data (RFC 4666 section 3.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    /// Network appearance.
    pub network_appearance: Option<u32>,
    /// Routing context.
    pub routing_context: Option<u32>,
    /// The message of the MTP3 user.
    pub transfer: Transfer,
    /// Correlation identifier.
    pub correlation: Option<u32>,
}

/// Notify (RFC 4666 section 3.8.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notify {
    /// What changed.
    pub status: NotifyStatus,
    /// Which ASP.
    pub asp_identifier: Option<u32>,
    /// For which Application Servers.
    pub routing_contexts: Vec<u32>,
}

/// Error (RFC 4666 section 3.8.1).
#[derive(Clone, PartialEq, Eq)]
pub struct ErrorReport {
    /// What was wrong.
    pub code: ErrorCode,
    /// Routing contexts that are at fault.
    pub routing_contexts: Vec<u32>,
    /// Network appearance that is at fault.
    pub network_appearance: Option<u32>,
    /// Destinations that are at fault.
    pub affected: Vec<Affected>,
    /// The first octets of the message at fault, 40 at most.
    pub diagnostic: Bytes,
}

impl ErrorReport {
    /// Nothing but a code.
    #[must_use]
    pub const fn new(code: ErrorCode) -> Self {
        Self {
            code,
            routing_contexts: Vec::new(),
            network_appearance: None,
            affected: Vec::new(),
            diagnostic: Bytes::new(),
        }
    }
}

impl core::fmt::Debug for ErrorReport {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // The diagnostic may hold octets of a user's message.
        f.debug_struct("ErrorReport")
            .field("code", &self.code)
            .field("routing_contexts", &self.routing_contexts)
            .field("network_appearance", &self.network_appearance)
            .field("affected", &self.affected)
            .field("diagnostic_octets", &self.diagnostic.len())
            .finish()
    }
}

impl Message {
    /// Which message it is.
    #[must_use]
    pub const fn kind(&self) -> MessageKind {
        match self {
            Self::Error(_) => MessageKind::Error,
            Self::Notify(_) => MessageKind::Notify,
            Self::Data(_) => MessageKind::Data,
            Self::Duna(..) => MessageKind::Duna,
            Self::Dava(..) => MessageKind::Dava,
            Self::Daud(..) => MessageKind::Daud,
            Self::Scon(..) => MessageKind::Scon,
            Self::Dupu(..) => MessageKind::Dupu,
            Self::Drst(..) => MessageKind::Drst,
            Self::AspUp { .. } => MessageKind::AspUp,
            Self::AspUpAck { .. } => MessageKind::AspUpAck,
            Self::AspDown => MessageKind::AspDown,
            Self::AspDownAck => MessageKind::AspDownAck,
            Self::Beat(_) => MessageKind::Beat,
            Self::BeatAck(_) => MessageKind::BeatAck,
            Self::AspActive { .. } => MessageKind::AspActive,
            Self::AspActiveAck { .. } => MessageKind::AspActiveAck,
            Self::AspInactive(_) => MessageKind::AspInactive,
            Self::AspInactiveAck(_) => MessageKind::AspInactiveAck,
        }
    }

    /// Routing contexts that the message names.
    #[must_use]
    pub fn routing_contexts(&self) -> Vec<u32> {
        match self {
            Self::Error(report) => report.routing_contexts.clone(),
            Self::Notify(notify) => notify.routing_contexts.clone(),
            Self::Data(data) => data.routing_context.into_iter().collect(),
            Self::Duna(network, _)
            | Self::Dava(network, _)
            | Self::Daud(network, _)
            | Self::Drst(network, _)
            | Self::Scon(network, ..)
            | Self::Dupu(network, _) => network.routing_contexts.clone(),
            Self::AspActive { routing_contexts, .. }
            | Self::AspActiveAck { routing_contexts, .. }
            | Self::AspInactive(routing_contexts)
            | Self::AspInactiveAck(routing_contexts) => routing_contexts.clone(),
            _ => Vec::new(),
        }
    }

    /// The Error message that answers this one; its routing contexts are told again (RFC 4666 section 3.8.1).
    pub(super) fn refusal(&self, code: ErrorCode) -> ErrorReport {
        ErrorReport {
            routing_contexts: self.routing_contexts(),
            diagnostic: self.diagnostic(),
            ..ErrorReport::new(code)
        }
    }
}
