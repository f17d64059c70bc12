//! The side of the gateway: permits out of what a register elsewhere answers.
//!
//! ```text
//!   authorise ── Authorisation ──> register ── Verdict ──> granted: belongs to the question? of this subscriber? sound?
//!   confirm      here, as everywhere: what the node can do; once more if the HSS told an identity that the check did not know
//!   recheck   ── Authorisation with the estimate, where the verdict wants it; else Standing
//!   release of a kept fix, end of the second round, own request ── Standing
//! ```
//!
//! An answer is used up with the question that it names, and about the subscriber of that question alone. Without an answer
//! there is no permit.

use super::{
    check::{Barred, PrivacyCheck},
    question::{Allowed, Authorisation, Lpp, LppFault, LppId, Stage, Standing, Stands, Verdict},
};
use crate::{
    decide::{Policy, Refusal, RuleId},
    disclosure::{Subject, Ticket},
    override_path::{self, Jurisdiction, OverrideClient},
    permit::{
        self, Areas, Authorised, Basis, Checked, Cleared, Confirmed, ForCard, Grant, NotificationOnly,
        NotificationOutcome, Permit,
    },
    ppr::{Completion, completion, positioning_type},
    referral::{Referral, ReferralError},
    visited::{HomeAuthority, HomeWord, instructed},
};
use lcs::{
    Address, Fix, Identities, LcsCapabilitySets, LcsClientType, LocationRequest, Named, PrivacySetting, RefusalReason,
    RoutingInfo, Target, Timestamp, Way,
};
use std::sync::Arc;

/// The privacy check by a register at the other end of Lpp, under the policy of this gateway: its floor raises what the
/// register allows, and its home network says where the home PLMN serves.
#[derive(Debug, Clone)]
pub struct RemotePpr<T> {
    road: T,
    policy: Arc<Policy>,
}

impl<T: Lpp> RemotePpr<T> {
    /// By this road, under this policy. Its default profile and its pseudo-external identities are not used: those are the register's.
    #[must_use]
    pub fn new(road: T, policy: Policy) -> Self {
        Self { road, policy: Arc::new(policy) }
    }

    /// The road.
    #[must_use]
    pub fn road(&self) -> &T {
        &self.road
    }

    /// A permit with what the HSS told of the target, checked again where that may lead to another profile. As in [`crate::Ppr`].
    async fn complete(
        &self,
        permit: Permit<Authorised>,
        request: &LocationRequest,
        route: &RoutingInfo,
        way: Option<Way<'_>>,
        gmlc: &Address,
    ) -> Result<Permit<Authorised>, Barred> {
        let subject = permit.subject();
        let barred = |refusal| Barred { refusal, subject };
        let permit = match completion(&permit, request, route).map_err(barred)? {
            Completion::Completed(identities) => permit.completed(identities),
            Completion::Same => permit,
            Completion::Unseen(identities) => {
                let capabilities = way.map(|way| way.node.effective_capabilities());
                let anew = self.ask(request, &identities, gmlc, capabilities).await?;
                let subject = anew.subject();
                anew.deferred_if(permit.is_deferred()).map_err(|refusal| Barred { refusal, subject })?
            }
        };
        if permit.is_by_default() && !self.policy.default_profile_holds(&permit.identities(), route) {
            let refusal = Refusal::new(RuleId::ProfileKnown, RefusalReason::NoProfile);
            return Err(Barred { refusal, subject: permit.subject() });
        }
        Ok(permit)
    }

    /// One check before positioning, and the permit that comes of it.
    async fn ask(
        &self,
        request: &LocationRequest,
        identities: &Identities,
        gmlc: &Address,
        capabilities: Option<LcsCapabilitySets>,
    ) -> Result<Permit<Authorised>, Barred> {
        let stage = Stage::BeforePositioning;
        let id = LppId::random().ok_or_else(|| unanswered(LppFault::Unreachable))?;
        let asked = Authorisation { id, identities: *identities, request, gmlc, capabilities, stage };
        let verdict = self.answered(&asked).await.map_err(unanswered)?;
        let subject = verdict.salt.map_or(Subject::Operator, Subject::Subscriber);
        let granted = granted(&asked, &verdict, &self.policy);
        granted.map(Permit::new).map_err(|refusal| Barred { refusal, subject })
    }

    /// What a pseudonym stands for: what the answer to a check by it tells beside its result.
    async fn turned_back(
        &self,
        request: &LocationRequest,
        account: &str,
        gmlc: &Address,
    ) -> Result<Identities, LppFault> {
        let (identities, stage) = (Identities::default(), Stage::BeforePositioning);
        let id = LppId::random().ok_or(LppFault::Unreachable)?;
        let of_account = LocationRequest { account: account.into(), ..request.clone() };
        let asked = Authorisation { id, identities, request: &of_account, gmlc, capabilities: None, stage };
        // What it came to is asked again by the name that the HSS knows, where a refusal is recorded with its rule.
        self.answered(&asked).await?.verinym.ok_or(LppFault::Strange)
    }

    /// The answer to this question, and to no other.
    async fn answered(&self, asked: &Authorisation<'_>) -> Result<Verdict, LppFault> {
        let verdict = self.road.authorise(asked).await?;
        if belongs(asked, &verdict) {
            return Ok(verdict);
        }
        self.road.misbelongs();
        Err(LppFault::Strange)
    }

    /// Whose record it is, if nothing stands against the subscriber.
    async fn stands(&self, identities: &Identities, by_default: bool) -> Result<Subject, Barred> {
        let id = LppId::random().ok_or_else(|| unanswered(LppFault::Unreachable))?;
        let asked = Standing { id, identities: *identities, by_default };
        let Stands { id: answered, salt, outcome } = self.road.standing(&asked).await.map_err(unanswered)?;
        if answered != id {
            self.road.misbelongs();
            return Err(unanswered(LppFault::Strange));
        }
        let subject = salt.map_or(Subject::Operator, Subject::Subscriber);
        outcome.map(|()| subject).map_err(|refusal| Barred { refusal, subject })
    }

    /// Whether the subscriber has not withdrawn since the check. Overrides do not ask.
    async fn still_stands<S: Sync>(&self, permit: &Permit<S>) -> Result<(), Refusal> {
        if permit.basis().overrides() {
            return Ok(());
        }
        if permit.basis() == Basis::HomeInstruction {
            return self.knows_nobody(&permit.identities()).await;
        }
        let stands = self.stands(&permit.identities(), permit.is_by_default()).await;
        stands.map(|_| ()).map_err(|barred| barred.refusal)
    }

    /// Whether the register has no profile of the subscriber, so that this gateway is not the home one by it. What nothing stands
    /// against without a profile has none.
    async fn knows_nobody(&self, identities: &Identities) -> Result<(), Refusal> {
        self.stands(identities, true).await.map(|_| ()).map_err(|barred| barred.refusal)
    }
}

fn unanswered(fault: LppFault) -> Barred {
    Barred { refusal: fault.into(), subject: Subject::Operator }
}

/// Whether an answer is one to this question: by its name, about the same subscriber, and with what was asked for.
fn belongs(asked: &Authorisation<'_>, verdict: &Verdict) -> bool {
    let by_pseudonym = matches!(asked.request.target, Target::Pseudonym(_));
    let same = match (by_pseudonym, verdict.verinym) {
        (true, Some(verinym)) => is_of(&verinym, &verdict.identities),
        // A pseudonym that does not resolve is about nobody.
        (true, None) => verdict.outcome.is_err(),
        (false, None) => is_of(&asked.identities, &verdict.identities),
        (false, Some(_)) => false,
    };
    let complete = verdict.outcome.is_err()
        || verdict.outcome.is_ok_and(|allowed| {
            let after = matches!(asked.stage, Stage::AfterPositioning(_));
            let related = allowed.related.unwrap_or(PrivacySetting::NotAllowed);
            allowed.related.is_some() == asked.asks_related()
                && related.looser(allowed.unrelated) != PrivacySetting::NotAllowed
                && (after || allowed.coarsen_m.is_none())
        });
    verdict.id == asked.id && same && complete
}

/// Whether two name one subscriber: an identity in common, and none that differs.
fn is_of(asked: &Identities, told: &Identities) -> bool {
    let shared = (asked.imsi.is_some() && asked.imsi == told.imsi)
        || (asked.msisdn.is_some() && asked.msisdn == told.msisdn)
        || (asked.imei.is_some() && asked.imei == told.imei);
    shared && !asked.contradicts(told)
}

/// What a verdict grants, made no looser than this gateway's floor and the request's own wish.
fn granted(asked: &Authorisation<'_>, verdict: &Verdict, policy: &Policy) -> Result<Grant, Refusal> {
    let allowed = verdict.outcome?;
    let request = asked.request;
    let (unrelated, related, rule) = raised(&allowed, request, policy)?;
    let client = &request.client;
    Ok(Grant {
        identities: asked.identities.or(verdict.identities),
        account: Arc::clone(&request.account),
        salt: verdict.salt,
        basis: match (client.client_type, rule) {
            (LcsClientType::PlmnOperator, RuleId::PlmnOperator) => Basis::PlmnOperator,
            _ => Basis::Profile,
        },
        rule,
        unrelated,
        related,
        forwards_codeword: allowed.forwards_codeword,
        notifies_after: allowed.additional_notification,
        home_plmn_only: allowed.home_plmn_only,
        home_word: None,
        areas: Areas::Elsewhere { checks: allowed.additional_check, offer: allowed.pseudo_external },
        names_dialled: client.dialled.is_some(),
        names_apn: client.apn.is_some(),
        location_type: positioning_type(request.location_type),
        client_type: client.client_type,
        by_default: allowed.by_default,
    })
}

type Raised = (PrivacySetting, Option<PrivacySetting>, RuleId);

fn raised(allowed: &Allowed, request: &LocationRequest, policy: &Policy) -> Result<Raised, Refusal> {
    let floor = policy.floor.of(request);
    let told_to_users = request.client.client_type == LcsClientType::ValueAdded;
    let least = request.least_privacy;
    let by = |setting: PrivacySetting, least: PrivacySetting| {
        let floored = setting.stricter(floor);
        if told_to_users { floored.stricter(least) } else { floored }
    };
    let unrelated = by(allowed.unrelated, least.unrelated);
    let related = allowed.related.map(|related| by(related, least.related));
    let changed = (unrelated, related) != (allowed.unrelated, allowed.related);
    let barred = related.unwrap_or(PrivacySetting::NotAllowed).looser(unrelated) == PrivacySetting::NotAllowed;
    if barred || (changed && !told_to_users) {
        return Err(Refusal::new(RuleId::OperatorFloor, RefusalReason::OperatorFloor));
    }
    Ok((unrelated, related, if changed { RuleId::OperatorFloor } else { allowed.rule }))
}

/// What the check with the position came to, beside what the one before it did: an answer that became stricter, or is by
/// another profile, means that the profile changed under the request.
fn rechecked(
    asked: &Authorisation<'_>,
    verdict: &Verdict,
    permit: &Permit<Confirmed>,
    policy: &Policy,
) -> Result<Option<u32>, Refusal> {
    let allowed = verdict.outcome?;
    let (unrelated, related, rule) = raised(&allowed, asked.request, policy)?;
    let (was_unrelated, was_related) = permit.settings();
    let stricter = unrelated > was_unrelated || related > was_related;
    let later = allowed.additional_notification && !permit.notifies_after();
    if stricter || later {
        return Err(Refusal::new(rule, RefusalReason::ClassBars));
    }
    if allowed.by_default != permit.is_by_default() {
        return Err(Refusal::new(RuleId::ProfileKnown, RefusalReason::NoProfile));
    }
    Ok(allowed.coarsen_m)
}

impl<T: Lpp> PrivacyCheck for RemotePpr<T> {
    /// The register alone knows the salt, and tells it with its answer.
    fn subject(&self, _: &Identities) -> Subject {
        Subject::Operator
    }

    async fn authorise(
        &self,
        request: &LocationRequest,
        identities: &Identities,
        _: Timestamp,
        gmlc: &Address,
    ) -> Result<Permit<Authorised>, Barred> {
        self.ask(request, identities, gmlc, None).await
    }

    /// Rules on where the subscriber is are judged by the register, which Lpp asks about immediate requests alone: with such rules a
    /// report is refused.
    async fn clear_report(
        &self,
        permit: Permit<Authorised>,
        agreed: PrivacySetting,
        fix: Option<Fix>,
        _: Timestamp,
    ) -> Result<Cleared, Refusal> {
        self.still_stands(&permit).await?;
        permit::clear_report(permit, agreed, fix, &self.policy)
    }

    async fn uncover(
        &self,
        request: &LocationRequest,
        account: &str,
        gmlc: &Address,
    ) -> Option<Result<Identities, Refusal>> {
        if !self.road.resolves_pseudonyms() || !matches!(request.target, Target::Pseudonym(_)) {
            return None;
        }
        let unresolved = |_| Refusal::new(RuleId::PprAnswer, RefusalReason::PseudonymUnresolved);
        Some(self.turned_back(request, account, gmlc).await.map_err(unresolved))
    }

    fn suits(&self, permit: &Permit<Authorised>, way: Way<'_>) -> bool {
        permit::suits(permit, way, &self.policy).is_ok()
    }

    async fn confirm(
        &self,
        permit: Permit<Authorised>,
        request: &LocationRequest,
        route: &RoutingInfo,
        way: Way<'_>,
        _: Timestamp,
        gmlc: &Address,
    ) -> Result<Permit<Confirmed>, Barred> {
        let permit = self.complete(permit, request, route, Some(way), gmlc).await?;
        let subject = permit.subject();
        permit::confirm(permit, way, &self.policy).map_err(|refusal| Barred { refusal, subject })
    }

    async fn confirm_for_card(
        &self,
        permit: Permit<Authorised>,
        request: &LocationRequest,
        route: &RoutingInfo,
        _: Timestamp,
        gmlc: &Address,
    ) -> Result<Permit<ForCard>, Barred> {
        let permit = self.complete(permit, request, route, None, gmlc).await?;
        let subject = permit.subject();
        permit::confirm_for_card(permit).map_err(|refusal| Barred { refusal, subject })
    }

    async fn recheck(
        &self,
        permit: Permit<Confirmed>,
        fix: Fix,
        request: &LocationRequest,
        _: Timestamp,
        gmlc: &Address,
    ) -> Result<Checked, Refusal> {
        if permit.basis().overrides() || !permit.checks_elsewhere() {
            self.still_stands(&permit).await?;
            return permit::recheck_elsewhere(permit, fix, None);
        }
        let id = LppId::random().ok_or(LppFault::Unreachable)?;
        let stage = Stage::AfterPositioning(fix.shape.as_ref());
        let asked = Authorisation { id, identities: permit.identities(), request, gmlc, capabilities: None, stage };
        let verdict = self.answered(&asked).await?;
        let coarsen_m = rechecked(&asked, &verdict, &permit, &self.policy)?;
        permit::recheck_elsewhere(permit, fix, coarsen_m)
    }

    async fn after_notification(
        &self,
        permit: Permit<NotificationOnly>,
        outcome: NotificationOutcome,
        _: Timestamp,
    ) -> Result<Cleared, Refusal> {
        self.still_stands(&permit).await?;
        permit.after_notification(outcome)
    }

    async fn release_cached(&self, permit: Permit<Authorised>, fix: Fix, _: Timestamp) -> Result<Cleared, Refusal> {
        self.still_stands(&permit).await?;
        permit::release_cached(permit, fix)
    }

    fn authorise_override(
        &self,
        client: OverrideClient,
        request: &LocationRequest,
        identities: &Identities,
        jurisdiction: Jurisdiction,
    ) -> Result<Permit<Authorised>, Refusal> {
        override_path::authorise(client, request, identities, jurisdiction)
    }

    async fn refer(&self, request: &LocationRequest, named: Named) -> Result<Referral, Refusal> {
        let referral = Referral::new(request, named, &self.policy)?;
        if let Some(verinym) = referral.verinym() {
            self.knows_nobody(verinym).await?;
        }
        Ok(referral)
    }

    async fn clear_referred(&self, referral: Referral, told: &Named, fix: Fix) -> Result<Cleared, ReferralError> {
        referral.is_about(told)?;
        if let Some(verinym) = referral.verinym() {
            self.knows_nobody(verinym).await?;
        }
        Ok(referral.cleared(fix))
    }

    async fn authorise_instructed(
        &self,
        authority: &HomeAuthority,
        word: HomeWord,
        request: &LocationRequest,
        identities: &Identities,
    ) -> Result<Permit<Authorised>, Refusal> {
        let permit = instructed(authority, word, request, identities)?;
        self.knows_nobody(identities).await?;
        Ok(permit)
    }

    async fn clear_own_request(&self, fix: Fix, ticket: &Ticket, _: Timestamp) -> Result<(Cleared, Subject), Barred> {
        let facts = crate::own_request::facts_of(ticket)
            .map_err(|refusal| Barred { refusal, subject: Subject::Operator })?
            .clone();
        let identities = ticket.identities();
        let subject = self.stands(&identities, false).await?;
        Ok((Cleared::of_own_request(fix, &facts, identities), subject))
    }
}
