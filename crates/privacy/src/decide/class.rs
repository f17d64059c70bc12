//! What one privacy class, or the service types, give for a request.

use super::{
    Question,
    rule::{Refusal, RuleId},
    trace::{RuleResult, Trace},
};
use crate::profile::{Conditions, GmlcRestriction, Rules, SharedRules, Standing};
use lcs::{PrivacySetting, RefusalReason};

/// The two classes for value added clients.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ClassKind {
    Unrelated,
    Related,
}

/// What a class gives.
#[derive(Clone, Copy)]
pub(super) struct ClassResult {
    pub(super) setting: PrivacySetting,
    /// The entry that decided, if the client is listed.
    pub(super) entry: Option<u8>,
    pub(super) rule: RuleId,
    /// Whether the class is subscribed.
    pub(super) subscribed: bool,
    /// Why, if the setting is "not allowed".
    pub(super) reason: RefusalReason,
}

impl ClassResult {
    fn shut(rule: RuleId, reason: RefusalReason) -> Self {
        Self { setting: PrivacySetting::NotAllowed, entry: None, rule, subscribed: true, reason }
    }

    pub(super) fn refusal(self) -> Refusal {
        Refusal::new(self.rule, self.reason)
    }
}

/// What a service type gives.
#[derive(Clone, Copy)]
pub(super) struct ServiceResult {
    pub(super) setting: PrivacySetting,
    /// The entry that decided, if the type is listed.
    pub(super) entry: Option<u8>,
}

/// Result of a class (TS 23.271 clauses 9.5.3.2, 9.5.3.3). A class not subscribed allows nothing. The entry with the longest
/// matching address decides alone; if its conditions fail the class is shut, as the client is listed and so the option for
/// clients not listed is not for it.
pub(super) fn class_result<T: Trace>(
    kind: ClassKind,
    question: Question<'_>,
    standing: Standing,
    shared: &SharedRules,
    trace: &mut T,
) -> ClassResult {
    let SharedRules { rules, related_addresses, unrelated_addresses, .. } = shared;
    let (class, addresses, listed, not_listed) = match kind {
        ClassKind::Unrelated => {
            (&rules.unrelated, unrelated_addresses, RuleId::UnrelatedListed, RuleId::UnrelatedNotListed)
        }
        ClassKind::Related => (&rules.related, related_addresses, RuleId::RelatedListed, RuleId::RelatedNotListed),
    };
    let Some(class) = class else {
        trace.note(listed, RuleResult::NotApplicable);
        return ClassResult { subscribed: false, ..ClassResult::shut(RuleId::ClassSubscribed, RefusalReason::NoClass) };
    };
    // A value added client without number fits no entry and is not an "other client" either (Annex B makes it mandatory).
    let Some(address) = question.request.client.external else {
        trace.note(listed, RuleResult::Failed(RefusalReason::ClientNotListed));
        return ClassResult::shut(listed, RefusalReason::ClientNotListed);
    };
    // Entries are sorted, longest address first, and at most 250.
    let found = addresses.iter().zip(0u8..).find(|(stored, _)| address.matches(**stored)).map(|(_, at)| at);
    let Some((client, at)) = found.and_then(|at| Some((class.clients.get(usize::from(at))?, at))) else {
        trace.note(not_listed, RuleResult::Setting(class.not_listed));
        let shut = ClassResult::shut(not_listed, RefusalReason::ClientNotListed);
        return ClassResult { setting: class.not_listed, ..shut };
    };
    match entry_conditions(client.gmlc, &client.conditions, question, standing, rules) {
        Ok(()) => {
            trace.note(listed, RuleResult::Setting(client.setting));
            let shut = ClassResult::shut(listed, RefusalReason::ClassBars);
            ClassResult { setting: client.setting, entry: Some(at), ..shut }
        }
        Err(Refusal { reason, rule }) => {
            trace.note(rule, RuleResult::Failed(reason));
            ClassResult::shut(rule, reason)
        }
    }
}

/// Result of the service types (TS 23.271 clause 9.5.3.5, Table 10.11); `None` if none is subscribed or none is named.
///
/// A listed type whose conditions fail, and a request that names none, loosen nothing: neither is a "type not listed".
pub(super) fn service_result<T: Trace>(
    question: Question<'_>,
    standing: Standing,
    rules: &Rules,
    trace: &mut T,
) -> Option<ServiceResult> {
    let (Some(services), Some(asked)) = (&rules.service_types, question.request.service_type) else {
        trace.note(RuleId::ServiceListed, RuleResult::NotApplicable);
        return None;
    };
    let found = services.listed.iter().zip(0u8..).find(|(service, _)| service.service_type == asked);
    let Some((service, at)) = found else {
        trace.note(RuleId::ServiceNotListed, RuleResult::Setting(services.not_listed));
        return Some(ServiceResult { setting: services.not_listed, entry: None });
    };
    match entry_conditions(service.gmlc, &service.conditions, question, standing, rules) {
        Ok(()) => {
            trace.note(RuleId::ServiceListed, RuleResult::Setting(service.setting));
            Some(ServiceResult { setting: service.setting, entry: Some(at) })
        }
        Err(Refusal { reason, rule }) => {
            trace.note(rule, RuleResult::Failed(reason));
            None
        }
    }
}

/// GMLC restriction, requestors and hours of an entry.
fn entry_conditions(
    gmlc: GmlcRestriction,
    conditions: &Conditions,
    question: Question<'_>,
    standing: Standing,
    rules: &Rules,
) -> Result<(), Refusal> {
    let through = match gmlc {
        GmlcRestriction::Any => true,
        GmlcRestriction::HomeCountry => question.policy.home.holds_gmlc(question.gmlc),
        GmlcRestriction::Identified => rules.gmlcs.iter().any(|known| question.gmlc.matches(*known)),
    };
    if !through {
        return Err(Refusal::new(RuleId::GmlcRestriction, RefusalReason::GmlcRestriction));
    }
    if !conditions.admits_requestor(question.request.client.requestor.as_ref()) {
        return Err(Refusal::new(RuleId::EntryRequestor, RefusalReason::RequestorNotAllowed));
    }
    if !conditions.admits_time(question.now, standing.utc_offset_min) {
        return Err(Refusal::new(RuleId::EntryHours, RefusalReason::OutsideHours));
    }
    Ok(())
}
