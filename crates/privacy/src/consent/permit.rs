//! What lets a phone be asked to measure. Made by the register alone.

use super::person::PersonId;
use super::table::Ground;
use super::words::{Keeps, Precision, Purpose};
use lcs::{Duration, PlmnId, Timestamp};

/// How long a permit is good for: a change takes effect at once for new ones, and after this for all.
pub(super) const PERMIT_MAX: Duration = Duration::from_secs(600);

/// What is asked of the register about one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// For what.
    pub purpose: Purpose,
    /// The network where the phone is registered.
    pub registered: PlmnId,
    /// MDT PLMN list of the job; empty: the registered network alone (TS 37.320 clause 5.1.3).
    pub plmns: Vec<PlmnId>,
    /// What the job keeps of an identity.
    pub keeps: Keeps,
}

/// That one person may be asked for measurements of one purpose, in these networks, keeping no more of the identity than it says.
///
/// ```compile_fail,E0451
/// // None can be made outside.
/// fn forge(permit: privacy::consent::MdtPermit, keeps: privacy::consent::Keeps) -> privacy::consent::MdtPermit {
///     privacy::consent::MdtPermit { keeps, ..permit }
/// }
/// ```
/// ```compile_fail,E0277
/// fn by_default() -> privacy::consent::MdtPermit { Default::default() }
/// ```
/// ```compile_fail,E0599
/// // Nor doubled, to be used for somebody else later.
/// fn double(permit: &privacy::consent::MdtPermit) -> privacy::consent::MdtPermit { permit.clone() }
/// ```
#[derive(Debug, PartialEq, Eq)]
#[must_use = "without its permit nobody is asked"]
pub struct MdtPermit {
    pub(super) person: PersonId,
    pub(super) purpose: Purpose,
    pub(super) registered: PlmnId,
    pub(super) plmns: Vec<PlmnId>,
    pub(super) keeps: Keeps,
    pub(super) precision: Precision,
    pub(super) identified: bool,
    pub(super) ground: Ground,
    pub(super) expires: Timestamp,
}

impl MdtPermit {
    /// Random name of the person's record, for caps on duty. No identity.
    #[must_use]
    pub fn person(&self) -> PersonId {
        self.person
    }

    /// For what.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The networks in which to log and report: the job's and the person's. Never empty.
    #[must_use]
    pub fn plmns(&self) -> &[PlmnId] {
        &self.plmns
    }

    /// What stays of the identity.
    #[must_use]
    pub fn keeps(&self) -> Keeps {
        self.keeps
    }

    /// How exactly a place may be kept.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Whether the person also agreed to identified, signalling based collection.
    #[must_use]
    pub fn allows_identified(&self) -> bool {
        self.identified
    }

    /// On what it rests.
    #[must_use]
    pub fn ground(&self) -> Ground {
        self.ground
    }

    /// Until when it is good.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// Whether it answers this question now: same purpose, a network that it names, no more of the identity, and not too old.
    #[must_use]
    pub fn answers(&self, question: &Question, now: Timestamp) -> bool {
        let listed = |plmn: &PlmnId| question.plmns.is_empty() || question.plmns.contains(plmn);
        self.purpose == question.purpose
            && self.keeps == question.keeps
            && self.plmns.contains(&question.registered)
            && self.plmns.iter().all(listed)
            && now < self.expires
    }
}
