//! A position as a serving node gives it.

use crate::gad::{Shape, Velocity};

/// The cell that serves, when told instead of or beside an estimate. Octets as on the wire.
#[derive(Clone, PartialEq, Eq)]
pub enum CellIdentity {
    /// E-UTRAN cell global identity, 7 octets (TS 29.274 clause 8.21.5).
    Ecgi([u8; 7]),
    /// Cell global identity, 7 octets.
    Cgi([u8; 7]),
    /// Service area identity, 7 octets.
    Sai([u8; 7]),
}

impl core::fmt::Debug for CellIdentity {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Ecgi(_) => "Ecgi(hidden)",
            Self::Cgi(_) => "Cgi(hidden)",
            Self::Sai(_) => "Sai(hidden)",
        })
    }
}

/// A position from the network. It must not leave before it is recorded: see the crate `privacy`. `Debug` hides the place.
#[derive(Clone, PartialEq)]
pub struct Fix {
    /// The estimate; absent when the node knows the cell only.
    pub shape: Option<Shape>,
    /// Age of the estimate in minutes; `None`: not told, taken as current (TS 29.172 clause 7.4.16).
    pub age_min: Option<u32>,
    /// Whether the accuracy asked for was met; `None`: not told.
    pub accuracy_fulfilled: Option<bool>,
    /// Velocity.
    pub velocity: Option<Velocity>,
    /// Serving cell.
    pub cell: Option<CellIdentity>,
    /// Civic address as XML text, if told.
    pub civic_address: Option<String>,
    /// Barometric pressure, Pa.
    pub barometric_pressure_pa: Option<u32>,
}

impl Fix {
    /// Nothing told: neither place nor cell.
    pub const NOWHERE: Self = Self {
        shape: None,
        age_min: None,
        accuracy_fulfilled: None,
        velocity: None,
        cell: None,
        civic_address: None,
        barometric_pressure_pa: None,
    };
}

impl core::fmt::Debug for Fix {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Fix(hidden, age {:?} min, accuracy met {:?})", self.age_min, self.accuracy_fulfilled)
    }
}

/// What a serving node answers to a request that it accepted.
#[derive(Debug, Clone, PartialEq)]
pub enum PositioningOutcome {
    /// A position, or at least a cell.
    Fixed(Fix),
    /// The user was notified or asked and nothing stands against it; no estimate, as none was asked for.
    Notified,
    /// The UE is transiently not reachable; a report may follow later (TS 29.172 PLA-Flags bit 3).
    TransientlyUnreachable,
}
