//! What a PMD refuses, and what of it may be told to whom.

use lcs::{Failure, RefusalReason};

/// Why keys and realm make no PMD: the operator's file is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PmdError {
    /// No key at all.
    #[error("pseudonym keys: none; at least one is needed")]
    NoKey,
    /// More than 16 keys.
    #[error("pseudonym keys: {0}; at most 16, take out those that have ended")]
    TooManyKeys(usize),
    /// Two keys have one id.
    #[error("pseudonym key {0}: the id is there twice; an id is never used again")]
    SameId(u8),
    /// Two keys have the same octets.
    #[error("pseudonym keys {0} and {1} have the same secret; each needs its own")]
    SameSecret(u8, u8),
    /// The key ends before it begins.
    #[error("pseudonym key {0}: ends before it begins")]
    Ended(u8),
    /// The rotation is out of bounds.
    #[error("pseudonym key {0}: rotation must be whole seconds from 1 hour to 10 years")]
    Rotation(u8),
    /// The overlap is out of bounds.
    #[error("pseudonym key {0}: overlap must be whole seconds and at most the rotation")]
    Overlap(u8),
    /// The cryptographic library failed.
    #[error("pseudonym keys: the cryptographic library failed")]
    Crypto,
}

/// Why no pseudonym is assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssignError {
    /// Neither IMSI nor MSISDN is known: nothing that a pseudonym could stand for.
    #[error("a pseudonym stands for an IMSI or an MSISDN; neither is known")]
    NoVerinym,
    /// No key is in force now.
    #[error("no pseudonym key is in force now: give one that begins before now, has not ended and is not revoked")]
    NoKey,
    /// The register of revocations cannot be read, or the cipher failed.
    #[error("pseudonyms cannot be assigned: revocations cannot be read or the cipher failed")]
    Unavailable,
}

/// Why nothing is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RevokeError {
    /// Neither IMSI nor MSISDN is known.
    #[error("pseudonyms are revoked of an IMSI or an MSISDN; neither is known")]
    NoVerinym,
    /// The register of revocations cannot be written.
    #[error("revocations cannot be written")]
    Unavailable,
}

/// A pseudonym that this PMD does not resolve. There is one such value: whoever presents a pseudonym learns nothing of why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the pseudonym is not resolved")]
pub struct Unresolved;

impl From<Unresolved> for Failure {
    fn from(Unresolved: Unresolved) -> Self {
        Self::Refused(RefusalReason::PseudonymUnresolved)
    }
}

/// Why a pseudonym was not resolved, for the operator's own audit: a closed number that turns into no failure, result or text,
/// so that it cannot become part of an answer by the ways that answers are made.
///
/// ```compile_fail,E0277
/// fn answer(cause: privacy::AuditCause) -> lcs::Failure { cause.into() }
/// ```
/// ```compile_fail,E0277
/// fn answer(cause: privacy::AuditCause) -> String { cause.to_string() }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum AuditCause {
    /// Not a pseudonym of this format: truncated, too long, or of other characters.
    Malformed = 1,
    /// Of another realm.
    Realm = 2,
    /// Under a key that is not known, has ended, or is revoked.
    Key = 3,
    /// Forged, or assigned for another client: the cipher cannot tell the two apart, by design.
    NotAuthentic = 4,
    /// Expired, or not yet begun.
    Time = 5,
    /// Revoked.
    Revoked = 6,
    /// Revocations cannot be read.
    Unavailable = 7,
}

impl AuditCause {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Malformed, Self::Realm, Self::Key, Self::NotAuthentic, Self::Time, Self::Revoked, Self::Unavailable];

    /// Its number in records.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}
