//! What a gateway asks of a register elsewhere, and what it is answered. Free of any wire.

use crate::{
    decide::{Refusal, RuleId},
    disclosure::SubjectSalt,
    pseudo_external::{Provisioned, PseudoExternalTable},
};
use core::future::Future;
use lcs::{
    Address, Identities, LcsCapabilitySets, LocationRequest, PrivacySetting, PseudoExternalIdentity, RefusalReason,
    gad::Shape,
};

/// Name of one question over Lpp: random, so that no other answer carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LppId(pub [u8; 16]);

impl LppId {
    /// A fresh one; `None` if the system's random source fails.
    #[must_use]
    pub fn random() -> Option<Self> {
        let mut octets = [0; 16];
        aws_lc_rs::rand::fill(&mut octets).ok()?;
        Some(Self(octets))
    }
}

/// Whether a position is known yet (TS 23.271 clause 7.4.1).
#[derive(Clone, Copy, PartialEq)]
pub enum Stage<'r> {
    /// Before the location request.
    BeforePositioning,
    /// With the position, for rules on where the subscriber is; `None`: the network knows a cell at most.
    AfterPositioning(Option<&'r Shape>),
}

impl core::fmt::Debug for Stage<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::BeforePositioning => "BeforePositioning",
            Self::AfterPositioning(_) => "AfterPositioning(hidden)",
        })
    }
}

/// LCS Authorisation Request (TS 23.271 clause 7.4.1). Both results are asked for if, and only if, the client names a dialled
/// number or an APN-NI (clause 9.1.1.1).
#[derive(Debug, Clone, Copy)]
pub struct Authorisation<'r> {
    /// Its name.
    pub id: LppId,
    /// All that is known of the subscriber; nothing where the request names a pseudonym that the register is to turn back.
    pub identities: Identities,
    /// The request.
    pub request: &'r LocationRequest,
    /// The gateway that the client asked.
    pub gmlc: &'r Address,
    /// Capability sets of the node that serves, where that is known.
    pub capabilities: Option<LcsCapabilitySets>,
    /// Before or after positioning.
    pub stage: Stage<'r>,
}

impl Authorisation<'_> {
    /// Whether the call/session related result is asked for too.
    #[must_use]
    pub fn asks_related(&self) -> bool {
        let client = &self.request.client;
        client.dialled.is_some() || client.apn.is_some()
    }

    /// Whether a node below capability set 4 may be meant.
    pub(super) fn may_need_pseudo_external(&self) -> bool {
        !self.capabilities.is_some_and(LcsCapabilitySets::takes_indicators)
    }
}

/// Numbers that stand for results, for nodes below capability set 4 (TS 23.271 Annex C): what may be chosen for one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PseudoExternalOffer {
    /// The lowest capability set whose nodes can be told by them, 1 or 2.
    pub lowest_set: u8,
    /// Identities with their numbers; for a PLMN operator client, whom such a node finds in its own list, none.
    pub numbers: [Option<(PseudoExternalIdentity, Address)>; PseudoExternalOffer::MOST],
}

impl PseudoExternalOffer {
    /// Most identities that one result can come to: the node may know of the call or session or not, and may be told before or
    /// after positioning.
    pub const MOST: usize = 4;

    /// Those of a table that these results can come to.
    pub(super) fn of(table: &PseudoExternalTable, results: &[(Option<PrivacySetting>, PrivacySetting)]) -> Self {
        let lowest_set = match table.provisioned() {
            Provisioned::FirstFour => 1,
            Provisioned::Fourteen => 2,
        };
        let mut numbers = [None; Self::MOST];
        for (related, unrelated) in results {
            let Some(identity) = PseudoExternalIdentity::select(*related, *unrelated) else { continue };
            let Some(number) = table.number_of(identity) else { continue };
            let known = numbers.iter().flatten().any(|(known, _)| *known == identity);
            if let Some(free) = numbers.iter_mut().find(|slot| slot.is_none()).filter(|_| !known) {
                *free = Some((identity, number));
            }
        }
        Self { lowest_set, numbers }
    }

    /// The number of an identity.
    pub(crate) fn number_of(&self, identity: PseudoExternalIdentity) -> Option<Address> {
        self.numbers.iter().flatten().find(|(known, _)| *known == identity).map(|(_, number)| *number)
    }
}

/// What a register allows (TS 23.271 clause 7.4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// Indicator of the call/session unrelated class.
    pub unrelated: PrivacySetting,
    /// Indicator of the call/session related class: there if, and only if, it was asked for.
    pub related: Option<PrivacySetting>,
    /// The rule that decided.
    pub rule: RuleId,
    /// Whether the codeword goes to the serving node for the user to see (TS 23.271 Table 10.12a).
    pub forwards_codeword: bool,
    /// Indicator on additional privacy check with location estimate.
    pub additional_check: bool,
    /// Indicator on additional notification without positioning.
    pub additional_notification: bool,
    /// Holds only while the home PLMN serves (TS 23.271 clause 9.5.3.4).
    pub home_plmn_only: bool,
    /// By the operator's default profile, for want of the subscriber's own.
    pub by_default: bool,
    /// Given no finer than this, m. After positioning only.
    pub coarsen_m: Option<u32>,
    /// Numbers for nodes below capability set 4, unless none can be meant.
    pub pseudo_external: Option<PseudoExternalOffer>,
    /// Indicator for MO-LR short circuit.
    pub mo_lr_short_circuit: bool,
}

/// LCS Authorisation Response (TS 23.271 clause 7.4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Name of the question that it answers.
    pub id: LppId,
    /// Whom it is about, completed by the register; if it bars, as far as the register tells.
    pub identities: Identities,
    /// What the pseudonym stands for, where one was asked about.
    pub verinym: Option<Identities>,
    /// For the subscriber's entries in the disclosure log of the gateway; `None` without a record, or if it is not given out.
    pub salt: Option<SubjectSalt>,
    /// What is allowed, or why the request is barred.
    pub outcome: Result<Allowed, Refusal>,
}

/// Asks whether a subscriber is known and has not withdrawn: opted out, switched location off or paused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its name.
    pub id: LppId,
    /// The subscriber.
    pub identities: Identities,
    /// The check before was by the operator's default profile, so that there was no profile and is to be none now.
    pub by_default: bool,
}

/// Answer to [`Standing`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stands {
    /// Name of the question that it answers.
    pub id: LppId,
    /// As in [`Verdict`].
    pub salt: Option<SubjectSalt>,
    /// Nothing stands against it, or what does.
    pub outcome: Result<(), Refusal>,
}

/// Why a register elsewhere has not answered. Whatever it is, the request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum LppFault {
    /// No answer came in time, or the register says that it cannot.
    #[error("the privacy profile register cannot be reached")]
    Unreachable,
    /// The register does not serve this gateway.
    #[error("the privacy profile register does not serve this gateway")]
    Forbidden,
    /// The answer is not one.
    #[error("the privacy profile register broke its protocol")]
    Strange,
}

impl From<LppFault> for Refusal {
    /// Nothing is known of the profile then, so nothing is allowed (TS 23.271 clause 9.5.3).
    fn from(_: LppFault) -> Self {
        Self::new(RuleId::PprAnswer, RefusalReason::ProfileUnreadable)
    }
}

/// The road to a register elsewhere. Waits for a bounded time, and tries nothing twice.
pub trait Lpp: Send + Sync {
    /// LCS Authorisation Request and Response.
    fn authorise(&self, asked: &Authorisation<'_>) -> impl Future<Output = Result<Verdict, LppFault>> + Send;

    /// Whether a subscriber still stands.
    fn standing(&self, asked: &Standing) -> impl Future<Output = Result<Stands, LppFault>> + Send;

    /// Whether the register turns pseudonyms back itself (TS 23.271 clause 9.1.1.1).
    fn resolves_pseudonyms(&self) -> bool;

    /// Told of each answer that does not belong to its question, so that it can be counted.
    fn misbelongs(&self);
}
