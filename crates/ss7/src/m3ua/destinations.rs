//! What the network told about destinations (RFC 4666 sections 3.4 and 4.5).

use core::time::Duration;
use std::collections::VecDeque;

use super::{Affected, Message, PointCode};

#[cfg(test)]
mod tests;

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
    /// Later statements count more.
    reach: VecDeque<(Affected, Destination)>,
    /// Level, and when it is forgotten.
    congested: VecDeque<(Affected, u8, Duration)>,
}

impl Destinations {
    /// Nothing is known. At most `limit` statements of each sort are kept, the latest; congestion is forgotten after
    /// `congestion`.
    #[must_use]
    pub const fn new(limit: usize, congestion: Duration) -> Self {
        Self { limit, congestion, reach: VecDeque::new(), congested: VecDeque::new() }
    }

    /// State of a destination.
    #[must_use]
    pub fn of(&self, point_code: PointCode, now: Duration) -> Destination {
        let reach = self.reach.iter().rev().find(|(affected, _)| affected.covers(point_code)).map(|told| told.1);
        if reach == Some(Destination::Unavailable) {
            return Destination::Unavailable;
        }
        let level = self.congested.iter().rev().find(|(affected, ..)| affected.covers(point_code));
        match level {
            Some((_, level, until)) if *level > 0 && now < *until => Destination::Congested(*level),
            _ => reach.unwrap_or(Destination::Available),
        }
    }

    /// Takes a DUNA, DAVA, DRST, SCON or DUPU; other messages change nothing.
    pub fn take(&mut self, message: &Message, now: Duration) -> Vec<DestinationChange> {
        match message {
            Message::Duna(_, affected) => {
                self.reachable(affected, Destination::Unavailable);
                affected.iter().copied().map(DestinationChange::Paused).collect()
            }
            Message::Dava(_, affected) => {
                self.reachable(affected, Destination::Available);
                affected.iter().copied().map(DestinationChange::Resumed).collect()
            }
            Message::Drst(_, affected) => {
                self.reachable(affected, Destination::Restricted);
                affected.iter().copied().map(DestinationChange::Restricted).collect()
            }
            Message::Scon(_, affected, congestion) => {
                let level = congestion.level.unwrap_or(1);
                for entry in affected {
                    self.congested.retain(|(other, ..)| !entry.includes(*other));
                    self.congested.push_back((*entry, level, now + self.congestion));
                    let excess = self.congested.len().saturating_sub(self.limit);
                    self.congested.drain(..excess);
                }
                affected.iter().map(|entry| DestinationChange::Congested(*entry, level)).collect()
            }
            Message::Dupu(_, user_part) => {
                vec![DestinationChange::UserPartUnavailable(user_part.affected, user_part.cause)]
            }
            _ => Vec::new(),
        }
    }

    /// Forgets everything, as after the loss of the association.
    pub fn clear(&mut self) {
        self.reach.clear();
        self.congested.clear();
    }

    fn reachable(&mut self, affected: &[Affected], state: Destination) {
        for entry in affected {
            self.reach.retain(|(other, _)| !entry.includes(*other));
            self.reach.push_back((*entry, state));
            let excess = self.reach.len().saturating_sub(self.limit);
            self.reach.drain(..excess);
        }
    }
}
