//! What the network told about destinations (RFC 4666 sections 3.4 and 4.5).

use core::time::Duration;

use super::{Affected, Message, PointCode};

/// Whether a destination can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Destination {
    /// It can, or nothing else was said.
    Available,
    /// It can, by worse routes.
    Restricted,
    /// It can, and is congested at this level; 1 where the network has no levels.
    Congested(u8),
    /// It cannot.
    Unavailable,
}

/// What changed, for the MTP3 user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DestinationChange {
    /// Destinations cannot be reached (MTP-PAUSE).
    Paused(Affected),
    /// Destinations can be reached (MTP-RESUME).
    Resumed(Affected),
    /// Destinations can be reached by worse routes.
    Restricted(Affected),
    /// Destinations are congested at this level, 1 where the network has no levels (MTP-STATUS).
    Congested(Affected, u8),
    /// The user part there is not available: cause 0 unknown, 1 unequipped, 2 inaccessible (MTP-STATUS).
    UserPartUnavailable(Affected, u16),
}

/// States of destinations, bounded in number.
#[derive(Debug, Clone)]
pub struct Destinations {
    limit: usize,
    congestion: Duration,
    told: Vec<(Affected, Destination, Duration)>,
}

impl Destinations {
    /// Nothing is known. At most `limit` statements are kept; congestion is forgotten after `congestion`.
    #[must_use]
    pub const fn new(limit: usize, congestion: Duration) -> Self {
        Self { limit, congestion, told: Vec::new() }
    }

    /// State of a destination.
    #[must_use]
    pub fn of(&self, _point_code: PointCode, _now: Duration) -> Destination {
        Destination::Available
    }

    /// Takes a DUNA, DAVA, DRST, SCON or DUPU; other messages change nothing.
    pub fn take(&mut self, _message: &Message, _now: Duration) -> Vec<DestinationChange> {
        let _ = (self.limit, self.congestion);
        Vec::new()
    }

    /// Forgets everything, as after the loss of the association.
    pub fn clear(&mut self) {
        self.told.clear();
    }
}
