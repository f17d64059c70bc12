//! The privacy check before positioning (TS 23.271 clause 9.1.1 step 5, clause 9.5, Annex A.3). The heart of this crate.
//!
//! Order, and the first that refuses ends it:
//!
//! ```text
//! opt-out > switch > pause > readable > client type > codeword > requestor > hours          of the whole profile
//!   universal class                                -> unrelated N
//!   PLMN operator client: listed?                  -> unrelated N
//!   value added client:  unrelated class           -> U      entry of the longest matching address, or "not listed"
//!                        related class             -> R      only if a dialled number or an APN is named
//!                        service type              -> S      U := looser(U, S), R := looser(R, S), never lifting "not allowed"
//! operator's floor:      U := stricter(U, floor), R := stricter(R, floor)
//! nothing allowed        -> refused, no request goes to a serving node
//! ```
//!
//! Whether the call or session is really up is for the serving node to see, never checked here (Annex A.3).

mod class;
mod policy;
mod rule;
#[cfg(test)]
pub(crate) mod tests;
mod trace;

pub use policy::{HomeNetwork, OperatorFloor, Policy};
pub use rule::{Refusal, RuleId};
pub use trace::{Conclusion, Explanation, RuleResult, Step};
pub(crate) use trace::{NoTrace, Trace};

use crate::profile::{AreaVerdict, CodewordHandling, Conditions, Rules, SharedRules, Standing, judge_areas};
use class::{ClassKind, ClassResult, class_result, service_result};
use lcs::{
    Address, LcsClientType, LeastPrivacy, LocationRequest, PlmnClient, PrivacySetting, RefusalReason, Timestamp,
    gad::Shape,
};

/// What is asked, through whom and when.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) request: &'a LocationRequest,
    /// The gateway that the client asked: the requesting GMLC.
    pub(crate) gmlc: &'a Address,
    pub(crate) now: Timestamp,
    pub(crate) policy: &'a Policy,
}

/// Whose profile is asked.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) standing: Standing,
    /// `None`: cannot be read.
    pub(crate) rules: Option<&'a SharedRules>,
}

/// An entry whose option went into the result, so that its conditions after positioning count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contributor {
    Unrelated(u8),
    Related(u8),
    Service(u8),
}

/// What the check came to, if it does not refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) unrelated: PrivacySetting,
    pub(crate) related: Option<PrivacySetting>,
    pub(crate) rule: RuleId,
    pub(crate) forwards_codeword: bool,
    pub(crate) checks_area: bool,
    pub(crate) notifies_after: bool,
    /// Holds only while the home PLMN serves.
    pub(crate) home_plmn_only: bool,
    pub(crate) contributors: [Option<Contributor>; 3],
}

impl Decision {
    /// Allowed without notification, by `rule`.
    fn unconditional(rule: RuleId) -> Self {
        Self {
            unrelated: PrivacySetting::AllowedWithoutNotification,
            related: None,
            rule,
            forwards_codeword: false,
            checks_area: false,
            notifies_after: false,
            home_plmn_only: false,
            contributors: [None; 3],
        }
    }

    pub(crate) fn conclusion(&self) -> Conclusion {
        Conclusion {
            unrelated: self.unrelated,
            related: self.related,
            rule: self.rule,
            forwards_codeword: self.forwards_codeword,
            checks_area: self.checks_area,
            notifies_after: self.notifies_after,
        }
    }
}

/// The check.
pub(crate) fn check<T: Trace>(
    question: Question<'_>,
    subject: Subject<'_>,
    trace: &mut T,
) -> Result<Decision, Refusal> {
    check_standing(subject.standing, question.now, trace)?;
    let readable = subject.rules.ok_or(RefusalReason::ProfileUnreadable);
    let shared = require(RuleId::ProfileReadable, readable, trace)?;
    let rules = &shared.rules;
    let decision = match question.request.client.client_type {
        LcsClientType::ValueAdded => value_added(question, subject.standing, shared, trace)?,
        LcsClientType::PlmnOperator => plmn_operator(question, subject.standing, rules, trace)?,
        // Without an override these are ordinary clients, whom only the universal class serves.
        LcsClientType::Emergency | LcsClientType::LawfulIntercept => {
            let served = if rules.universal { Ok(()) } else { Err(RefusalReason::OverrideNotApplicable) };
            require(RuleId::ClientType, served, trace)?;
            hours(question, subject.standing, rules, trace)?;
            trace.note(RuleId::Universal, RuleResult::Setting(PrivacySetting::AllowedWithoutNotification));
            under_floor_unnotified(question, Decision::unconditional(RuleId::Universal), trace)?
        }
    };
    Ok(with_later_checks(decision, rules, trace))
}

/// Opt-out, switch and pause; also looked at again before a position is released.
pub(crate) fn check_standing<T: Trace>(standing: Standing, now: Timestamp, trace: &mut T) -> Result<(), Refusal> {
    let unless = |barred: bool, reason| if barred { Err(reason) } else { Ok(()) };
    require(RuleId::OptOut, unless(standing.opted_out, RefusalReason::OptedOut), trace)?;
    require(RuleId::Switch, unless(standing.switched_off, RefusalReason::SwitchedOff), trace)?;
    let paused = standing.paused_until.is_some_and(|until| now < until);
    require(RuleId::Pause, unless(paused, RefusalReason::Paused), trace)
}

fn value_added<T: Trace>(
    question: Question<'_>,
    standing: Standing,
    shared: &SharedRules,
    trace: &mut T,
) -> Result<Decision, Refusal> {
    let rules = &shared.rules;
    trace.note(RuleId::ClientType, RuleResult::Passed);
    let forwards_codeword = codeword(question, rules, trace)?;
    let requestor = question.request.client.requestor.as_ref();
    let admitted = rules.conditions.admits_requestor(requestor);
    require(RuleId::Requestor, if admitted { Ok(()) } else { Err(RefusalReason::RequestorNotAllowed) }, trace)?;
    hours(question, standing, rules, trace)?;
    let (decision, refused) = if rules.universal {
        trace.note(RuleId::Universal, RuleResult::Setting(PrivacySetting::AllowedWithoutNotification));
        (Decision::unconditional(RuleId::Universal), None)
    } else {
        trace.note(RuleId::Universal, RuleResult::NotApplicable);
        by_classes(question, standing, shared, trace)
    };
    let decision = under_floor(question, decision, trace);
    let decision = at_least(question, decision, trace);
    let barred =
        decision.related.unwrap_or(PrivacySetting::NotAllowed).looser(decision.unrelated) == PrivacySetting::NotAllowed;
    let floored = match decision.rule {
        RuleId::LeastPrivacy => Refusal::new(RuleId::LeastPrivacy, RefusalReason::ClassBars),
        _ => Refusal::new(RuleId::OperatorFloor, RefusalReason::OperatorFloor),
    };
    match (barred, refused) {
        (true, refused) => {
            let refusal = refused.unwrap_or(floored);
            if refusal.rule == RuleId::ClassSubscribed {
                trace.note(refusal.rule, RuleResult::Failed(refusal.reason));
            }
            trace.note(RuleId::Barring, RuleResult::Failed(refusal.reason));
            Err(refusal)
        }
        (false, _) => {
            trace.note(RuleId::Barring, RuleResult::Passed);
            Ok(Decision { forwards_codeword, ..decision })
        }
    }
}

/// The results of the classes and of the service type; beside them the refusal that they come to if nothing is allowed.
fn by_classes<T: Trace>(
    question: Question<'_>,
    standing: Standing,
    shared: &SharedRules,
    trace: &mut T,
) -> (Decision, Option<Refusal>) {
    let client = &question.request.client;
    let unrelated = class_result(ClassKind::Unrelated, question, standing, shared, trace);
    let names_session = client.dialled.is_some() || client.apn.is_some();
    let related = names_session.then(|| class_result(ClassKind::Related, question, standing, shared, trace));
    let service = service_result(question, standing, &shared.rules, trace);
    let fold = |class: ClassResult| match service {
        Some(service) if class.setting != PrivacySetting::NotAllowed && service.setting < class.setting => {
            (ClassResult { setting: service.setting, rule: RuleId::ServiceFold, ..class }, service.entry)
        }
        _ => (class, None),
    };
    let ((u, u_service), folded) = (fold(unrelated), related.map(fold));
    let r = folded.map(|(r, _)| r);
    let by_service = u_service.or(folded.and_then(|(_, service)| service));
    if u.rule == RuleId::ServiceFold || r.is_some_and(|r| r.rule == RuleId::ServiceFold) {
        let looser = r.map_or(u.setting, |r| r.setting.looser(u.setting));
        trace.note(RuleId::ServiceFold, RuleResult::Setting(looser));
    }
    let entry = |class: ClassResult, of: fn(u8) -> Contributor| {
        class.entry.filter(|_| class.setting != PrivacySetting::NotAllowed).map(of)
    };
    let decision = Decision {
        unrelated: u.setting,
        related: r.filter(|r| r.subscribed).map(|r| r.setting),
        rule: r.filter(|r| r.setting < u.setting).unwrap_or(u).rule,
        contributors: [
            entry(u, Contributor::Unrelated),
            r.and_then(|r| entry(r, Contributor::Related)),
            by_service.map(Contributor::Service),
        ],
        ..Decision::unconditional(u.rule)
    };
    let open = |class: ClassResult| class.setting != PrivacySetting::NotAllowed;
    let refused = (!open(u) && !r.is_some_and(open)).then(|| match r.filter(|r| r.subscribed && !u.subscribed) {
        Some(related) => related.refusal(),
        None => u.refusal(),
    });
    (decision, refused)
}

fn plmn_operator<T: Trace>(
    question: Question<'_>,
    standing: Standing,
    rules: &Rules,
    trace: &mut T,
) -> Result<Decision, Refusal> {
    trace.note(RuleId::ClientType, RuleResult::Passed);
    hours(question, standing, rules, trace)?;
    if rules.universal {
        trace.note(RuleId::Universal, RuleResult::Setting(PrivacySetting::AllowedWithoutNotification));
        return under_floor_unnotified(question, Decision::unconditional(RuleId::Universal), trace);
    }
    trace.note(RuleId::Universal, RuleResult::NotApplicable);
    let asking = question.request.client.internal;
    let listed = asking.is_some_and(|asking| rules.plmn_operator.as_ref().is_some_and(|list| list.contains(&asking)));
    let listed = if listed { Ok(()) } else { Err(RefusalReason::PlmnClientNotListed) };
    require(RuleId::PlmnOperator, listed, trace)?;
    let home_plmn_only = asking == Some(PlmnClient::OmHplmn);
    if home_plmn_only {
        trace.note(RuleId::PlmnScope, RuleResult::Later);
    }
    let decision = Decision { home_plmn_only, ..Decision::unconditional(RuleId::PlmnOperator) };
    under_floor_unnotified(question, decision, trace)
}

/// Codeword of a value added client (TS 23.271 Table 10.12a); whether it goes on to the serving node.
fn codeword<T: Trace>(question: Question<'_>, rules: &Rules, trace: &mut T) -> Result<bool, Refusal> {
    let Some(codewords) = &rules.codewords else {
        trace.note(RuleId::Codeword, RuleResult::NotApplicable);
        return Ok(false);
    };
    let given = match (question.request.codeword.as_ref(), codewords.handling()) {
        (None, _) => Err(RefusalReason::CodewordMissing),
        (Some(_), CodewordHandling::Ue) => Ok(true),
        (Some(word), CodewordHandling::Network) if codewords.admit(word) => Ok(false),
        (Some(_), CodewordHandling::Network) => Err(RefusalReason::CodewordWrong),
    };
    require(RuleId::Codeword, given, trace)
}

fn hours<T: Trace>(question: Question<'_>, standing: Standing, rules: &Rules, trace: &mut T) -> Result<(), Refusal> {
    let admitted = rules.conditions.admits_time(question.now, standing.utc_offset_min);
    require(RuleId::Hours, if admitted { Ok(()) } else { Err(RefusalReason::OutsideHours) }, trace)
}

/// The floor for a value added client: the stricter of floor and result.
fn under_floor<T: Trace>(question: Question<'_>, decision: Decision, trace: &mut T) -> Decision {
    let floor = question.policy.floor.of(question.request);
    trace.note(RuleId::OperatorFloor, RuleResult::Setting(floor));
    let (unrelated, related) = (decision.unrelated.stricter(floor), decision.related.map(|r| r.stricter(floor)));
    let raised = (unrelated, related) != (decision.unrelated, decision.related);
    Decision { unrelated, related, rule: if raised { RuleId::OperatorFloor } else { decision.rule }, ..decision }
}

/// What the request wants at least: the stricter of that and of the result. It never loosens.
fn at_least<T: Trace>(question: Question<'_>, decision: Decision, trace: &mut T) -> Decision {
    let least = question.request.least_privacy;
    if least == LeastPrivacy::NONE {
        return decision;
    }
    trace.note(RuleId::LeastPrivacy, RuleResult::Setting(least.unrelated));
    let unrelated = decision.unrelated.stricter(least.unrelated);
    let related = decision.related.map(|related| related.stricter(least.related));
    let raised = (unrelated, related) != (decision.unrelated, decision.related);
    Decision { unrelated, related, rule: if raised { RuleId::LeastPrivacy } else { decision.rule }, ..decision }
}

/// The floor for a client whose requests are never notified of: one stricter than the result refuses.
fn under_floor_unnotified<T: Trace>(
    question: Question<'_>,
    decision: Decision,
    trace: &mut T,
) -> Result<Decision, Refusal> {
    let floor = question.policy.floor.of(question.request);
    let kept = if floor <= decision.unrelated { Ok(()) } else { Err(RefusalReason::OperatorFloor) };
    require(RuleId::OperatorFloor, kept, trace)?;
    Ok(decision)
}

/// Marks what is to be looked at again once the position is known.
fn with_later_checks<T: Trace>(decision: Decision, rules: &Rules, trace: &mut T) -> Decision {
    let (mut checks_area, mut after) = (false, false);
    for conditions in conditions_of(rules, decision.contributors) {
        checks_area |= !conditions.areas.is_empty();
        after |= conditions.notify_after_positioning;
    }
    let notifies = decision.unrelated.notifies() || decision.related.is_some_and(PrivacySetting::notifies);
    let notifies_after = notifies && after;
    if checks_area {
        trace.note(RuleId::AreaRule, RuleResult::Later);
    }
    if notifies_after {
        trace.note(RuleId::NotifyAfter, RuleResult::Later);
    }
    Decision { checks_area, notifies_after, ..decision }
}

/// Conditions that count for a decision: those of the whole profile and of the entries that went into it.
fn conditions_of(rules: &Rules, contributors: [Option<Contributor>; 3]) -> impl Iterator<Item = &Conditions> {
    let entry = move |contributor| match contributor {
        Contributor::Unrelated(at) => client_conditions(rules.unrelated.as_ref(), at),
        Contributor::Related(at) => client_conditions(rules.related.as_ref(), at),
        Contributor::Service(at) => {
            rules.service_types.as_ref()?.listed.get(usize::from(at)).map(|service| &service.conditions)
        }
    };
    core::iter::once(&rules.conditions).chain(contributors.into_iter().flatten().filter_map(entry))
}

fn client_conditions(class: Option<&crate::profile::ClassRules>, at: u8) -> Option<&Conditions> {
    class?.clients.get(usize::from(at)).map(|client| &client.conditions)
}

/// The second check, with the position (TS 23.271 clause 9.1.1 step 11): the radius to coarsen to, if any.
pub(crate) fn check_area(
    rules: &Rules,
    contributors: [Option<Contributor>; 3],
    shape: Option<&Shape>,
) -> Result<Option<u32>, Refusal> {
    conditions_of(rules, contributors).try_fold(None, |coarsest: Option<u32>, conditions| {
        match judge_areas(&conditions.areas, shape) {
            AreaVerdict::AsItIs => Ok(coarsest),
            AreaVerdict::Coarsened(radius_m) => Ok(coarsest.max(Some(radius_m))),
            AreaVerdict::Refused => Err(Refusal::new(RuleId::AreaRule, RefusalReason::AreaRule)),
        }
    })
}

/// Tells the trace how a condition turned out, and refuses if it does not hold.
fn require<V, T: Trace>(rule: RuleId, outcome: Result<V, RefusalReason>, trace: &mut T) -> Result<V, Refusal> {
    match outcome {
        Ok(value) => {
            trace.note(rule, RuleResult::Passed);
            Ok(value)
        }
        Err(reason) => {
            trace.note(rule, RuleResult::Failed(reason));
            Err(Refusal::new(rule, reason))
        }
    }
}
