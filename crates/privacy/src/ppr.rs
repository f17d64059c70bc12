//! The privacy profile register as a whole: what a gateway asks (TS 23.271 clauses 6.3.11 and 9.1.1.1).

use crate::{
    decide::{
        Decision, Explanation, NoTrace, Policy, Question, Refusal, RuleId, RuleResult, Step, Subject, Trace, check,
        check_standing,
    },
    disclosure::Subject as Sealed,
    introduction::Verdict,
    override_path::{self, Jurisdiction, OverrideClient},
    permit::{
        self, Areas, Authorised, Basis, Checked, Cleared, Confirmed, ForCard, Grant, NotificationOnly,
        NotificationOutcome, Permit,
    },
    profile::{SharedRules, Standing},
    register::{Found, RecordView, Register},
};
use lcs::{
    Address, Fix, Identities, LcsClientType, LocationRequest, LocationType, PrivacySetting, RefusalReason, RoutingInfo,
    Target, Timestamp, Way,
};
use std::sync::Arc;

/// The privacy check over a register and the operator's policy. A change of policy makes a new one over the same register.
#[derive(Debug, Clone)]
pub struct Ppr {
    register: Arc<Register>,
    policy: Arc<Policy>,
}

impl Ppr {
    /// Over this register, under this policy.
    #[must_use]
    pub fn new(register: Arc<Register>, policy: Policy) -> Self {
        Self { register, policy: Arc::new(policy) }
    }

    /// The register.
    #[must_use]
    pub fn register(&self) -> &Arc<Register> {
        &self.register
    }

    /// The operator's policy.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Under whose key the entry of a request that ends without a permit is sealed in the disclosure log.
    #[must_use]
    pub fn subject(&self, identities: &Identities) -> Sealed {
        self.register.salt(identities).map_or(Sealed::Operator, Sealed::Subscriber)
    }

    /// Step 5 of TS 23.271 clause 9.1.1: the privacy check before positioning. `gmlc` is the gateway that the client asked.
    ///
    /// # Errors
    /// The request is barred; the refusal names reason and rule.
    pub fn authorise(
        &self,
        request: &LocationRequest,
        identities: &Identities,
        now: Timestamp,
        gmlc: &Address,
    ) -> Result<Permit<Authorised>, Refusal> {
        self.examine(request, identities, now, gmlc, &mut NoTrace, |whose, decision| {
            Permit::new(grant(request, identities, &whose, &decision))
        })
    }

    /// The same check as [`Ppr::authorise`] as a dry run: every rule looked at, and which decided. Gives no permit.
    #[must_use]
    pub fn explain(
        &self,
        request: &LocationRequest,
        identities: &Identities,
        now: Timestamp,
        gmlc: &Address,
    ) -> Explanation {
        let mut steps: Vec<Step> = Vec::new();
        let outcome = self.examine(request, identities, now, gmlc, &mut steps, |_, decision| decision.conclusion());
        Explanation { steps, outcome }
    }

    /// Step 8: the capabilities of the serving node are known. `route` completes the identities; if it adds one that the check
    /// did not know, the check is done again, as it may lead to another profile. `route` must be what the HSS told of the
    /// target as the client named it: only then does it show that a number is still that of the record.
    ///
    /// # Errors
    /// The node cannot keep to the indicators, the HSS knows another subscriber by these identities or does not tell whose a
    /// number is, or the new check refuses.
    pub fn confirm(
        &self,
        permit: Permit<Authorised>,
        request: &LocationRequest,
        route: &RoutingInfo,
        way: Way<'_>,
        now: Timestamp,
        gmlc: &Address,
    ) -> Result<Permit<Confirmed>, Refusal> {
        let permit = self.complete(permit, request, route, now, gmlc)?;
        permit::confirm(permit, way, &self.policy)
    }

    /// The same where the card is told in the place of a node (TS 23.271 Annex F.1).
    ///
    /// # Errors
    /// As [`Ppr::confirm`]; the card has no words for what the check came to.
    pub fn confirm_for_card(
        &self,
        permit: Permit<Authorised>,
        request: &LocationRequest,
        route: &RoutingInfo,
        now: Timestamp,
        gmlc: &Address,
    ) -> Result<Permit<ForCard>, Refusal> {
        permit::confirm_for_card(self.complete(permit, request, route, now, gmlc)?)
    }

    /// A permit with what the HSS told of the target, checked again where that may lead to another profile.
    fn complete(
        &self,
        permit: Permit<Authorised>,
        request: &LocationRequest,
        route: &RoutingInfo,
        now: Timestamp,
        gmlc: &Address,
    ) -> Result<Permit<Authorised>, Refusal> {
        let permit = match completion(&permit, request, route)? {
            Completion::Completed(identities) => permit.completed(identities),
            Completion::Same => permit,
            Completion::Unseen(identities) => {
                let anew = self.authorise(request, &identities, now, gmlc)?;
                anew.deferred_if(permit.is_deferred())?
            }
        };
        // No node is asked on the operator's default profile about the subscriber of another, or of another register.
        if permit.is_by_default() && !self.policy.default_profile_holds(&permit.identities(), route) {
            return Err(Refusal::new(RuleId::ProfileKnown, RefusalReason::NoProfile));
        }
        Ok(permit)
    }

    /// Whether a node can be told this way what the permit came to: for the choice among several (TS 23.271 clause 9.1.1
    /// step 9). The word that counts is that of [`Ppr::confirm`].
    #[must_use]
    pub fn suits(&self, permit: &Permit<Authorised>, way: Way<'_>) -> bool {
        permit::suits(permit, way, &self.policy).is_ok()
    }

    /// Step 11: the check with the position. Takes the position; it comes out as a [`Cleared`] or not at all. An opt-out,
    /// a switch or a pause that came in the meantime counts.
    ///
    /// # Errors
    /// The rules on where the subscriber is refuse, or cannot be judged for want of an estimate.
    pub fn recheck(&self, permit: Permit<Confirmed>, fix: Fix, now: Timestamp) -> Result<Checked, Refusal> {
        self.still_stands(&permit, now)?;
        permit::recheck(permit, fix)
    }

    /// Step 14: the user was told or asked knowing where. The position is cleared, or dropped for good.
    ///
    /// # Errors
    /// The user refused or did not answer, or the subscriber withdrew in the meantime.
    pub fn after_notification(
        &self,
        permit: Permit<NotificationOnly>,
        outcome: NotificationOutcome,
        now: Timestamp,
    ) -> Result<Cleared, Refusal> {
        self.still_stands(&permit, now)?;
        permit.after_notification(outcome)
    }

    /// Step 5: a stored estimate instead of asking the network, where [`Permit::allows_cached`].
    ///
    /// # Errors
    /// The permit does not allow it, or the subscriber withdrew in the meantime.
    pub fn release_cached(&self, permit: Permit<Authorised>, fix: Fix, now: Timestamp) -> Result<Cleared, Refusal> {
        self.still_stands(&permit, now)?;
        permit::release_cached(permit, fix)
    }

    /// The check of a report of a deferred request: see [`crate::PrivacyCheck::clear_report`].
    ///
    /// # Errors
    /// As there.
    pub fn clear_report(
        &self,
        permit: Permit<Authorised>,
        agreed: PrivacySetting,
        fix: Option<Fix>,
        now: Timestamp,
    ) -> Result<Cleared, Refusal> {
        self.still_stands(&permit, now)?;
        permit::clear_report(permit, agreed, fix, &self.policy)
    }

    /// The override for emergency services and lawful interception (TS 23.271 clauses 9.5.1 and 9.1.1A). Reads no profile;
    /// the register gives the salt for the record alone.
    ///
    /// # Errors
    /// The override does not apply here or not to this client.
    pub fn authorise_override(
        &self,
        client: OverrideClient,
        request: &LocationRequest,
        identities: &Identities,
        jurisdiction: Jurisdiction,
    ) -> Result<Permit<Authorised>, Refusal> {
        let permit = override_path::authorise(client, request, identities, jurisdiction)?;
        Ok(permit.with_salt(self.register.salt(identities)))
    }

    /// What a request without call or session comes to, and by whose profile.
    pub(crate) fn verdict(
        &self,
        request: &LocationRequest,
        identities: &Identities,
        now: Timestamp,
        gmlc: &Address,
    ) -> Result<Verdict, Refusal> {
        self.examine(request, identities, now, gmlc, &mut NoTrace, |whose, decision| Verdict {
            setting: decision.unrelated,
            rule: decision.rule,
            own: whose.record.map(RecordView::identities),
        })
    }

    /// Looks the subscriber up, checks, and lets `conclude` make something of the decision while the record is at hand.
    fn examine<T: Trace, R>(
        &self,
        request: &LocationRequest,
        identities: &Identities,
        now: Timestamp,
        gmlc: &Address,
        trace: &mut T,
        conclude: impl Fn(Whose<'_>, Decision) -> R,
    ) -> Result<R, Refusal> {
        let question = Question { request, gmlc, now, policy: &self.policy };
        self.register.with(identities, |found| {
            let whose = whose(found, identities, &self.policy, trace)?;
            let subject = Subject { standing: whose.standing, rules: whose.rules.map(|shared| &**shared) };
            let decision = check(question, subject, trace)?;
            Ok(conclude(whose, decision))
        })
    }

    /// Whether the subscriber has not withdrawn since the check. Overrides do not ask.
    fn still_stands<Stage>(&self, permit: &Permit<Stage>, now: Timestamp) -> Result<(), Refusal> {
        if permit.basis().overrides() {
            return Ok(());
        }
        let without_profile = permit.is_by_default() || permit.basis() == Basis::HomeInstruction;
        self.stands(&permit.identities(), without_profile, now)
    }

    /// Whether no profile is held here, so that this gateway is not the subscriber's home gateway by it (TS 23.271 clause 9.1.1
    /// step 1).
    pub(crate) fn holds_nobody(&self, identities: &Identities) -> Result<(), RefusalReason> {
        self.register.with(identities, |found| match found {
            Found::Nobody => Ok(()),
            Found::Record(record) if record.rules().is_some() => Err(RefusalReason::GatewayNotAuthorised),
            Found::Record(_) | Found::Unreadable => Err(RefusalReason::ProfileUnreadable),
            Found::TwoSubscribers => Err(RefusalReason::NoProfile),
        })
    }

    /// Whether a subscriber is known and has not withdrawn. `by_default`: there was no profile at the check, and is to be none now.
    pub(crate) fn stands(&self, identities: &Identities, by_default: bool, now: Timestamp) -> Result<(), Refusal> {
        self.register.with(identities, |found| match found {
            // It came after the check, which did not see it.
            Found::Record(_) if by_default => Err(Refusal::new(RuleId::ProfileKnown, RefusalReason::NoProfile)),
            Found::Record(record) if record.rules().is_some() => check_standing(record.standing(), now, &mut NoTrace),
            Found::Record(_) | Found::Unreadable => {
                Err(Refusal::new(RuleId::ProfileReadable, RefusalReason::ProfileUnreadable))
            }
            Found::TwoSubscribers => Err(Refusal::new(RuleId::OneSubscriber, RefusalReason::NoProfile)),
            Found::Nobody if by_default => Ok(()),
            Found::Nobody => Err(Refusal::new(RuleId::ProfileKnown, RefusalReason::NoProfile)),
        })
    }
}

/// What the HSS added to the identities that the check knew.
pub(crate) enum Completion {
    /// An override, which no profile is asked for: the identities completed.
    Completed(Identities),
    /// Nothing that could lead to another profile.
    Same,
    /// An identity that the check did not see, so that it is to be done again.
    Unseen(Identities),
}

/// Holds what the HSS told against what the check knew, as [`Ppr::confirm`] says.
pub(crate) fn completion(
    permit: &Permit<Authorised>,
    request: &LocationRequest,
    route: &RoutingInfo,
) -> Result<Completion, Refusal> {
    let (known, told) = (permit.identities(), route.identities);
    // The home gateway has done that, and told whom it is about.
    if permit.basis() == Basis::HomeInstruction {
        return Ok(Completion::Same);
    }
    if permit.basis().overrides() {
        return Ok(Completion::Completed(known.or(told)));
    }
    let by_number = matches!(request.target, Target::Msisdn(_));
    // TS 29.173 clause 5.2.1.2: asked by a number, the HSS tells the IMSI.
    let untold = by_number && told.imsi.is_none();
    if untold || (known.imsi.is_some() && told.imsi.is_some() && known.imsi != told.imsi) {
        return Err(Refusal::new(RuleId::OneSubscriber, RefusalReason::NoProfile));
    }
    // Asked by the IMSI, it tells the number of now, which may have a record that the check did not see.
    let completed = if by_number { known.or(told) } else { told.or(known) };
    let unseen = (completed.imsi, completed.msisdn) != (known.imsi, known.msisdn);
    Ok(if unseen { Completion::Unseen(completed) } else { Completion::Same })
}

/// Whose profile decides.
pub(crate) struct Whose<'a> {
    pub(crate) standing: Standing,
    pub(crate) rules: Option<&'a Arc<SharedRules>>,
    /// `None` for the operator's default profile.
    pub(crate) record: Option<RecordView<'a>>,
}

/// The subscriber's own profile, or for want of one the operator's default, or a refusal.
pub(crate) fn whose<'a, T: Trace>(
    found: Found<'a>,
    identities: &Identities,
    policy: &'a Policy,
    trace: &mut T,
) -> Result<Whose<'a>, Refusal> {
    let refuse = |rule, reason, trace: &mut T| {
        trace.note(rule, RuleResult::Failed(reason));
        Err(Refusal::new(rule, reason))
    };
    let default = policy.default_profile.as_ref().filter(|_| policy.owns(identities) != Some(false));
    match (found, default) {
        (Found::Record(record), _) => {
            trace.note(RuleId::ProfileKnown, RuleResult::Passed);
            Ok(Whose { standing: record.standing(), rules: record.rules(), record: Some(record) })
        }
        (Found::Nobody, Some(default)) => {
            trace.note(RuleId::DefaultProfile, RuleResult::Passed);
            Ok(Whose { standing: default.standing, rules: Some(&default.rules), record: None })
        }
        (Found::Nobody, None) => refuse(RuleId::ProfileKnown, RefusalReason::NoProfile, trace),
        (Found::TwoSubscribers, _) => refuse(RuleId::OneSubscriber, RefusalReason::NoProfile, trace),
        (Found::Unreadable, _) => refuse(RuleId::ProfileReadable, RefusalReason::ProfileUnreadable, trace),
    }
}

fn grant(request: &LocationRequest, identities: &Identities, whose: &Whose<'_>, decision: &Decision) -> Grant {
    let client = &request.client;
    let areas = whose.rules.filter(|_| decision.checks_area);
    Grant {
        identities: whose.record.map_or(*identities, |record| identities.or(record.identities())),
        account: Arc::clone(&request.account),
        salt: whose.record.map(RecordView::salt),
        basis: match (client.client_type, decision.rule) {
            (LcsClientType::PlmnOperator, RuleId::PlmnOperator) => Basis::PlmnOperator,
            _ => Basis::Profile,
        },
        rule: decision.rule,
        unrelated: decision.unrelated,
        related: decision.related,
        forwards_codeword: decision.forwards_codeword,
        notifies_after: decision.notifies_after,
        home_plmn_only: decision.home_plmn_only,
        home_word: None,
        areas: areas.map_or(Areas::None, |rules| Areas::Here(Arc::clone(rules), decision.contributors)),
        names_dialled: client.dialled.is_some(),
        names_apn: client.apn.is_some(),
        location_type: positioning_type(request.location_type),
        client_type: client.client_type,
        by_default: whose.record.is_none(),
    }
}

/// What an ordinary client may ask for. The other types belong to emergency calls, deferred requests and this crate's own
/// second round; a client that names one is given the current location.
pub(crate) fn positioning_type(asked: LocationType) -> LocationType {
    match asked {
        LocationType::CurrentOrLastKnown => LocationType::CurrentOrLastKnown,
        LocationType::Current
        | LocationType::Initial
        | LocationType::ActivateDeferred
        | LocationType::CancelDeferred
        | LocationType::NotificationVerificationOnly => LocationType::Current,
    }
}
