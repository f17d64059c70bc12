//! Who is asked to measure: nobody without a permit of the consent register, nobody twice within the cap on duty, and no area with so few
//! allowed people that the answer would tell about them (TS 37.320 clause 5.1.3, TS 32.422 clause 4.9.1).
//!
//! ```text
//!  TraceJob ── Plan::of ──┬─ management based: candidates in the area ──> select_area ──> Selection { chosen, audit }
//!                         └─ signalling based: one subscriber ──> select_subscriber ──> Chosen
//!  later, at the collector: Plan ── admit_upload ──> MdtPermit again, or quarantine
//! ```
//!
//! The register is asked through [`ConsentPort`], once for each person, at every one of the three points by itself: here, in the core
//! network (`diameter::s6a::MdtUserConsent::allows_mdt`), and at the collector. Why nobody was chosen is told in counts, and small counts are not told.

mod audit;
mod duty;
mod plan;
#[cfg(test)]
mod tests;

pub use audit::{Audit, COUNT_FLOOR, Count, Reason};
pub use duty::{Duty, DutyCap, DutyLedger};
pub use plan::{Plan, PlanError};

use crate::job::Subscriber;
use lcs::{Identities, PlmnId, Timestamp};
use privacy::consent::{ConsentRegister, Denied, MdtPermit, Question};
use std::collections::HashSet;

/// Where consent is asked. What cannot answer says [`Denied::Unavailable`].
pub trait ConsentPort {
    /// Whether this person may be asked.
    ///
    /// # Errors
    /// Why not.
    fn permit(&self, who: &Identities, question: &Question, now: Timestamp) -> Result<MdtPermit, Denied>;
}

impl ConsentPort for ConsentRegister {
    fn permit(&self, who: &Identities, question: &Question, now: Timestamp) -> Result<MdtPermit, Denied> {
        Self::permit(self, who, question, now)
    }
}

/// Somebody in the area: who, and in which network registered. `Debug` shows no identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub who: Identities,
    /// Registered where.
    pub registered: PlmnId,
}

/// Somebody chosen, with the permit that says how.
#[derive(Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Who: for the core network that carries the job there, and nobody else.
    pub who: Identities,
    /// The permit. Its networks are the MDT PLMN list of the phone.
    pub permit: MdtPermit,
}

/// What a management based job came to.
#[derive(Debug)]
pub struct Selection {
    /// Whoever is asked; empty where the area is refused.
    pub chosen: Vec<Chosen>,
    /// Why others are not, in counts.
    pub audit: Audit,
}

/// Choice among the allowed: numbers below a bound, all as likely. Passed in, for nothing here has a source of randomness; never by
/// anything that people are.
pub trait Draw {
    /// A number below `bound`, which is not 0.
    fn below(&mut self, bound: usize) -> usize;
}

/// How a management based job is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AreaRules {
    /// Fewest allowed people: in an area with fewer nobody is asked. At least 2.
    pub least_allowed: usize,
    /// Most people asked.
    pub most: usize,
    /// How often one phone may be asked.
    pub duty: DutyCap,
}

impl Default for AreaRules {
    /// Ten allowed, a thousand asked, once a day.
    fn default() -> Self {
        Self { least_allowed: 10, most: 1000, duty: DutyCap::default() }
    }
}

/// Chooses among the people in an area: at random among those whom the register allows, whose duty leaves room, and whose phones log for no
/// job of their own. Whoever is chosen has one duty more in `ledger`.
///
/// # Errors
/// The job is signalling based.
pub fn select_area(
    plan: &Plan,
    candidates: &[Candidate],
    consent: &impl ConsentPort,
    ledger: &mut DutyLedger,
    rules: &AreaRules,
    draw: &mut impl Draw,
    now: Timestamp,
) -> Result<Selection, PlanError> {
    if plan.subscriber().is_some() {
        return Err(PlanError::SignallingBased);
    }
    let mut audit = Audit::new(candidates.len());
    let (mut allowed, mut seen) = (Vec::new(), HashSet::new());
    for candidate in candidates {
        let question = plan.question(candidate.registered);
        match consent.permit(&candidate.who, &question, now) {
            // Whatever answers is judged here too.
            Ok(permit) if !permit.answers(&question, now) => audit.count(Reason::Denied(Denied::Unavailable)),
            Ok(permit) if !seen.insert(permit.person()) => audit.count(Reason::Twice),
            Ok(permit) => allowed.push(Chosen { who: candidate.who, permit }),
            Err(denied) => audit.count(Reason::Denied(denied)),
        }
    }
    if allowed.len() < rules.least_allowed.max(2) {
        audit.refuse_area(allowed.len());
        return Ok(Selection { chosen: Vec::new(), audit });
    }
    let before = allowed.len();
    allowed.retain(|chosen| ledger.has_room(chosen.permit.person(), rules.duty, now));
    (allowed.len()..before).for_each(|_| audit.count(Reason::Duty));
    let before = allowed.len();
    // What is reported at once replaces no log.
    allowed.retain(|chosen| plan.logs_for().is_none() || !ledger.has_own_job(chosen.permit.person(), now));
    (allowed.len()..before).for_each(|_| audit.count(Reason::OwnJob));
    // The first `most` places of a shuffle.
    let most = rules.most.min(allowed.len());
    for at in 0..most {
        let left = allowed.len() - at;
        allowed.swap(at, at + draw.below(left).min(left - 1));
    }
    (most..allowed.len()).for_each(|_| audit.count(Reason::Enough));
    allowed.truncate(most);
    allowed.iter().for_each(|chosen| ledger.note(chosen.permit.person(), now));
    audit.chose(allowed.len());
    Ok(Selection { chosen: allowed, audit })
}

/// Asks whether the one subscriber of a signalling based job may be asked. No cap on duty and no least number: whoever is asked agreed to
/// identified collection. A job that logs is noted in `ledger`, so that no job of an area replaces it while it does.
///
/// # Errors
/// The job is management based, or the register denies.
pub fn select_subscriber(
    plan: &Plan,
    candidate: &Candidate,
    consent: &impl ConsentPort,
    ledger: &mut DutyLedger,
    now: Timestamp,
) -> Result<Chosen, SubscriberRefusal> {
    let target = plan.subscriber().ok_or(SubscriberRefusal::Plan(PlanError::ManagementBased))?;
    let is_target = match target {
        Subscriber::Imsi(imsi) => candidate.who.imsi == Some(*imsi),
        Subscriber::Imei(imei) => candidate.who.imei == Some(*imei),
    };
    if !is_target {
        return Err(SubscriberRefusal::OtherSubscriber);
    }
    let question = plan.question(candidate.registered);
    let permit = consent.permit(&candidate.who, &question, now)?;
    // A port that answers another question must not help.
    if !permit.answers(&question, now) || !permit.allows_identified() {
        return Err(SubscriberRefusal::Denied(Denied::NotIdentified));
    }
    if let Some(logs_for) = plan.logs_for() {
        // The phone is told while the permit is good, at the latest at its end, and logs from then on.
        ledger.note_own_job(permit.person(), permit.expires().after(logs_for));
    }
    Ok(Chosen { who: candidate.who, permit })
}

/// Asks again at the collector, when measurements of a person arrive: consent as it is now, for the network where they were logged. Where
/// this refuses, nothing is opened.
///
/// # Errors
/// The register denies.
pub fn admit_upload(
    plan: &Plan,
    logged: &Candidate,
    consent: &impl ConsentPort,
    now: Timestamp,
) -> Result<MdtPermit, Denied> {
    let question = plan.question(logged.registered);
    let permit = consent.permit(&logged.who, &question, now)?;
    if permit.answers(&question, now) { Ok(permit) } else { Err(Denied::Unavailable) }
}

/// Why a subscriber is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubscriberRefusal {
    /// The job is of another kind.
    #[error(transparent)]
    Plan(PlanError),
    /// The person named is not the subscriber of the job.
    #[error("the person is not the subscriber of the job")]
    OtherSubscriber,
    /// The register denies.
    #[error(transparent)]
    Denied(#[from] Denied),
}
