//! Pseudo-external identities: the operator's fourteen numbers, and what of them a home register must hold (TS 23.271 Annex C).
//!
//! ```text
//!   PseudoExternalTable ── HomeRegisterData ── slpp(profile) ──> LcsInformation ──> MAP, S6a/S6d
//!                                                                     │ check      traps by rule, and every case by Fig. A.1
//!                                                                     └────────> SlppFault
//! ```

mod check;
mod fault;
mod provision;
#[cfg(test)]
mod tests;
mod walk;

pub use check::{SlppContext, check as check_slpp};
pub use fault::SlppFault;
pub use provision::{HomeRegisterData, PlmnClass, SlppData, WhyWithheld};
pub use walk::{Misread, walk as walk_slpp};

use lcs::{Address, Digits, NatureOfAddress, NumberingPlan, PseudoExternalIdentity};

/// How many of the fourteen the home registers hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provisioned {
    /// All fourteen: for nodes of capability sets 2 and 3. Set 1 knows no list that long (TS 23.271 clause 10.5.2).
    Fourteen,
    /// The first four, in the unrelated class alone: for nodes of set 1 too.
    FirstFour,
}

/// The operator's numbers that stand for the fourteen identities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PseudoExternalTable {
    numbers: [Address; 14],
    provisioned: Provisioned,
}

/// Why fourteen numbers make no table (TS 23.271 clause 9.5.3.6: an entry matches every number that begins with it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A number is no international E.164 number.
    #[error("pseudo-external identity {0}: must be an international E.164 number (TS 23.271 Table 10.2)")]
    NotInternational(u8),
    /// Two numbers differ in length.
    #[error(
        "pseudo-external identity {0}: has {1} digits where the first has {2}; all must be of one length, as an entry matches what begins with it (TS 23.271 clause 9.5.3.6)"
    )]
    UnequalLength(u8, usize, usize),
    /// One number begins with another, or is the same.
    #[error(
        "pseudo-external identity {1}: begins with the number of identity {0}, whose entry would match it; give each a number of its own (TS 23.271 clause 9.5.3.6)"
    )]
    Prefix(u8, u8),
}

impl PseudoExternalTable {
    /// Takes the numbers of identities 1 to 14, in this order.
    ///
    /// # Errors
    /// They cannot be told apart by a node.
    pub fn new(numbers: [Address; 14], provisioned: Provisioned) -> Result<Self, TableError> {
        let numbered = || (1u8..).zip(&numbers);
        let first = numbers[0].digits.count();
        for (number, address) in numbered() {
            if address.nature != NatureOfAddress::International || address.plan != NumberingPlan::Isdn {
                return Err(TableError::NotInternational(number));
            }
            if address.digits.count() != first {
                return Err(TableError::UnequalLength(number, address.digits.count(), first));
            }
            let earlier = numbered().take_while(|(other, _)| *other < number);
            if let Some((other, _)) = earlier.into_iter().find(|(_, known)| address.digits.starts_with(known.digits)) {
                return Err(TableError::Prefix(other, number));
            }
        }
        Ok(Self { numbers, provisioned })
    }

    /// The number that stands for an identity, if home registers hold it.
    #[must_use]
    pub fn number_of(&self, identity: PseudoExternalIdentity) -> Option<Address> {
        let held = match self.provisioned {
            Provisioned::Fourteen => true,
            Provisioned::FirstFour => identity.number() <= 4,
        };
        self.numbers.get(usize::from(identity.number()) - 1).copied().filter(|_| held)
    }

    /// The identity that a number stands for, held by home registers or not; `None`: an ordinary client's.
    #[must_use]
    pub fn identity_of(&self, number: Address) -> Option<PseudoExternalIdentity> {
        PseudoExternalIdentity::all()
            .zip(&self.numbers)
            .find_map(|(identity, known)| (number == *known).then_some(identity))
    }

    /// The lowest capability set whose nodes can be told by the identities that home registers hold (TS 23.271 clause 10.5.2).
    #[must_use]
    pub fn lowest_set(&self) -> u8 {
        match self.provisioned {
            Provisioned::Fourteen => 2,
            Provisioned::FirstFour => 1,
        }
    }

    /// How many of them home registers hold.
    #[must_use]
    pub fn provisioned(&self) -> Provisioned {
        self.provisioned
    }

    /// The identity whose entry would match a client's number, or whose number the client's would match: such a client could
    /// pass for it, or it for the client (TS 23.271 clause 9.5.3.6).
    #[must_use]
    pub fn conflicting(&self, client: Digits) -> Option<PseudoExternalIdentity> {
        PseudoExternalIdentity::all().zip(&self.numbers).find_map(|(identity, known)| {
            (client.starts_with(known.digits) || known.digits.starts_with(client)).then_some(identity)
        })
    }
}
