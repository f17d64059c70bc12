//! Global title translation (ITU-T Q.714 clause 2.4).

use std::collections::BTreeMap;

use lcs::{Address, Digits, NumberingPlan};

use super::{GlobalTitle, PlanIndicator, ReturnCause, Routing, Ssn};
use crate::m3ua::PointCode;

#[cfg(test)]
mod tests;

/// Most digits of an E.212 prefix: mobile country code and network code.
const MOST_E212: usize = 6;
/// Most digits of an E.214 prefix: country code and national destination code, with some room.
const MOST_E214: usize = 9;

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
    /// No prefix of this numbering plan and nature is known.
    #[error("no translation for a global title of such nature")]
    Nature,
    /// No known prefix fits.
    #[error("no translation for this global title")]
    Address,
    /// The prefix has so many digits that it is a subscriber's identity: networks belong into the table.
    #[error("a prefix of E.212 has at most 6 digits, one of E.214 at most 9: subscribers do not belong into the table")]
    Subscriber,
}

impl TranslationError {
    /// The cause with which a message goes back (ITU-T Q.713 clause 3.12).
    #[must_use]
    pub const fn cause(self) -> ReturnCause {
        match self {
            Self::Nature => ReturnCause::NoTranslationNature,
            Self::Address | Self::Subscriber => ReturnCause::NoTranslationAddress,
        }
    }
}

/// Prefixes of titles and where they lead; the longest that fits counts. Prefixes of E.164 are numbers of network nodes or
/// number ranges of networks, with plan and nature as titles carry them ([`GlobalTitle::node_address`]).
#[derive(Debug, Clone, Default)]
pub struct TranslationTable {
    entries: BTreeMap<Address, Route>,
    default: Option<Route>,
}

impl TranslationTable {
    /// An empty table: no title leads anywhere.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: BTreeMap::new(), default: None }
    }

    /// Takes a prefix, in place of the same prefix before.
    ///
    /// # Errors
    /// [`TranslationError::Subscriber`].
    pub fn insert(&mut self, prefix: Address, route: Route) -> Result<(), TranslationError> {
        let most = match prefix.plan {
            NumberingPlan::Other(plan) if plan == PlanIndicator::LAND_MOBILE.0 => MOST_E212,
            NumberingPlan::Other(plan) if plan == PlanIndicator::ISDN_MOBILE.0 => MOST_E214,
            _ => Digits::MAX,
        };
        if prefix.digits.count() > most {
            return Err(TranslationError::Subscriber);
        }
        self.entries.insert(prefix, route);
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
    pub fn translate(&self, title: GlobalTitle) -> Result<Route, TranslationError> {
        let address = title.node_address();
        let digits = address.digits;
        let prefixes = (1..=digits.count()).rev();
        let found = prefixes.filter_map(|count| Digits::from_digits(digits.values().take(count)).ok());
        let route = found.map(|digits| Address { digits, ..address }).find_map(|prefix| self.entries.get(&prefix));
        if let Some(route) = route.or(self.default.as_ref()) {
            return Ok(*route);
        }
        let known = |entry: &Address| entry.plan == address.plan && entry.nature == address.nature;
        Err(if self.entries.keys().any(known) { TranslationError::Address } else { TranslationError::Nature })
    }
}
