//! The privacy check as a procedure sees it, wherever the register is.

use crate::{
    decide::Refusal,
    disclosure::{Subject, Ticket},
    override_path::{Jurisdiction, OverrideClient},
    permit::{Authorised, Checked, Cleared, Confirmed, ForCard, NotificationOnly, NotificationOutcome, Permit},
    ppr::Ppr,
    referral::{Referral, ReferralError},
    visited::{HomeAuthority, HomeWord},
};
use core::future::{Future, ready};
use lcs::{Address, Fix, Identities, LocationRequest, Named, PrivacySetting, RoutingInfo, Timestamp, Way};

/// A request that the check barred, and under whose key the record of it is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{refusal}")]
pub struct Barred {
    /// Why, and by which rule.
    pub refusal: Refusal,
    /// Whose record it is.
    pub subject: Subject,
}

/// What a gateway asks of a privacy profile register: one in the same process ([`Ppr`], whose answers are ready at once) or one
/// at the other end of Lpp ([`crate::RemotePpr`]). The steps are those of TS 23.271 clause 9.1.1; [`Ppr`] says what each does.
pub trait PrivacyCheck: Send + Sync {
    /// Under whose key the entry of a request that has no answer of the check yet is sealed, as far as that is known here.
    fn subject(&self, identities: &Identities) -> Subject;

    /// Step 5: the check before positioning.
    fn authorise(
        &self,
        request: &LocationRequest,
        identities: &Identities,
        now: Timestamp,
        gmlc: &Address,
    ) -> impl Future<Output = Result<Permit<Authorised>, Barred>> + Send;

    /// Step 5 for a deferred request, when it is armed and at each of its reports. Leave to wait, not to tell: what a report tells is
    /// cleared by [`PrivacyCheck::clear_report`]. Beyond [`PrivacyCheck::authorise`] it refuses what cannot be kept to when nobody
    /// watches: see `docs/deferred.md`.
    fn authorise_deferred(
        &self,
        request: &LocationRequest,
        identities: &Identities,
        now: Timestamp,
        gmlc: &Address,
    ) -> impl Future<Output = Result<Permit<Authorised>, Barred>> + Send {
        async move {
            let permit = self.authorise(request, identities, now, gmlc).await?;
            let subject = permit.subject();
            permit.deferred().map_err(|refusal| Barred { refusal, subject })
        }
    }

    /// The check of a report of a deferred request, with its position if there is one. `agreed`: what the node was told to do about its
    /// user when the request was armed.
    ///
    /// # Errors
    /// The rules on where the subscriber is refuse, or cannot be judged for want of an estimate; the user would have to be told or asked
    /// more than was agreed; the subscriber withdrew.
    fn clear_report(
        &self,
        permit: Permit<Authorised>,
        agreed: PrivacySetting,
        fix: Option<Fix>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Cleared, Refusal>> + Send;

    /// Step 5, first half: what the pseudonym of a request stands for, where the register turns those back itself (clause 9.1.1.1).
    /// `account` is whose pseudonyms count. `None`: it does not, so that whoever does is to be asked.
    fn uncover(
        &self,
        request: &LocationRequest,
        account: &str,
        gmlc: &Address,
    ) -> impl Future<Output = Option<Result<Identities, Refusal>>> + Send;

    /// Whether a node can be told this way what the permit came to.
    fn suits(&self, permit: &Permit<Authorised>, way: Way<'_>) -> bool;

    /// Step 8: the capabilities of the serving node are known.
    fn confirm(
        &self,
        permit: Permit<Authorised>,
        request: &LocationRequest,
        route: &RoutingInfo,
        way: Way<'_>,
        now: Timestamp,
        gmlc: &Address,
    ) -> impl Future<Output = Result<Permit<Confirmed>, Barred>> + Send;

    /// The same where the application on the subscriber's card is told in the place of a node (TS 23.271 Annex F.1 step 3).
    fn confirm_for_card(
        &self,
        permit: Permit<Authorised>,
        request: &LocationRequest,
        route: &RoutingInfo,
        now: Timestamp,
        gmlc: &Address,
    ) -> impl Future<Output = Result<Permit<ForCard>, Barred>> + Send;

    /// Step 11: the check with the position. `request` and `gmlc` are those of [`PrivacyCheck::authorise`].
    fn recheck(
        &self,
        permit: Permit<Confirmed>,
        fix: Fix,
        request: &LocationRequest,
        now: Timestamp,
        gmlc: &Address,
    ) -> impl Future<Output = Result<Checked, Refusal>> + Send;

    /// Step 14: the user was told or asked knowing where.
    fn after_notification(
        &self,
        permit: Permit<NotificationOnly>,
        outcome: NotificationOutcome,
        now: Timestamp,
    ) -> impl Future<Output = Result<Cleared, Refusal>> + Send;

    /// Step 5: a stored estimate instead of asking the network, where [`Permit::allows_cached`].
    fn release_cached(
        &self,
        permit: Permit<Authorised>,
        fix: Fix,
        now: Timestamp,
    ) -> impl Future<Output = Result<Cleared, Refusal>> + Send;

    /// The override for emergency services and lawful interception, which asks no profile register (clause 9.1.1A).
    ///
    /// # Errors
    /// The override does not apply here or not to this client.
    fn authorise_override(
        &self,
        client: OverrideClient,
        request: &LocationRequest,
        identities: &Identities,
        jurisdiction: Jurisdiction,
    ) -> Result<Permit<Authorised>, Refusal>;

    /// The position that a serving node reports because the subscriber wants a client to have it (clause 9.2.2), and whose record
    /// it is.
    fn clear_own_request(
        &self,
        fix: Fix,
        ticket: &Ticket,
        now: Timestamp,
    ) -> impl Future<Output = Result<(Cleared, Subject), Barred>> + Send;

    /// Step 4: leave to refer a request to the subscriber's home gateway. [`Ppr::refer`] says more.
    fn refer(&self, request: &LocationRequest, named: Named) -> impl Future<Output = Result<Referral, Refusal>> + Send;

    /// Step 15: the position that the home gateway sent back; `told`: about whom.
    fn clear_referred(
        &self,
        referral: Referral,
        told: &Named,
        fix: Fix,
    ) -> impl Future<Output = Result<Cleared, ReferralError>> + Send;

    /// Step 8 in the visited gateway: the permit by the home gateway's word.
    fn authorise_instructed(
        &self,
        authority: &HomeAuthority,
        word: HomeWord,
        request: &LocationRequest,
        identities: &Identities,
    ) -> impl Future<Output = Result<Permit<Authorised>, Refusal>> + Send;

    /// The same for a deferred request (clauses 9.1.8.1 step 3 and 9.1.19.1 step 3), when it is armed and at each of its reports: leave to
    /// have a node wait, and to tell the home gateway, which checks what its client is told.
    fn authorise_instructed_deferred(
        &self,
        authority: &HomeAuthority,
        word: HomeWord,
        request: &LocationRequest,
        identities: &Identities,
    ) -> impl Future<Output = Result<Permit<Authorised>, Refusal>> + Send {
        async move { self.authorise_instructed(authority, word, request, identities).await?.deferred_by_word() }
    }

    /// The override for a gateway that asks past the subscriber's home (clause 9.1.1A), at nodes of the own network.
    ///
    /// # Errors
    /// The override does not apply here, or not to this client.
    fn authorise_override_for_gateway(
        &self,
        client: OverrideClient,
        request: &LocationRequest,
        identities: &Identities,
        jurisdiction: Jurisdiction,
    ) -> Result<Permit<Authorised>, Refusal> {
        Ok(self.authorise_override(client, request, identities, jurisdiction)?.at_own_nodes())
    }
}

impl PrivacyCheck for Ppr {
    fn refer(&self, request: &LocationRequest, named: Named) -> impl Future<Output = Result<Referral, Refusal>> + Send {
        ready(Self::refer(self, request, named))
    }

    fn clear_referred(
        &self,
        referral: Referral,
        told: &Named,
        fix: Fix,
    ) -> impl Future<Output = Result<Cleared, ReferralError>> + Send {
        ready(Self::clear_referred(self, referral, told, fix))
    }

    fn authorise_instructed(
        &self,
        authority: &HomeAuthority,
        word: HomeWord,
        request: &LocationRequest,
        identities: &Identities,
    ) -> impl Future<Output = Result<Permit<Authorised>, Refusal>> + Send {
        ready(Self::authorise_instructed(self, authority, word, request, identities))
    }

    fn subject(&self, identities: &Identities) -> Subject {
        Self::subject(self, identities)
    }

    fn authorise(
        &self,
        request: &LocationRequest,
        identities: &Identities,
        now: Timestamp,
        gmlc: &Address,
    ) -> impl Future<Output = Result<Permit<Authorised>, Barred>> + Send {
        let checked = Self::authorise(self, request, identities, now, gmlc);
        ready(checked.map_err(|refusal| Barred { refusal, subject: Self::subject(self, identities) }))
    }

    fn uncover(
        &self,
        _: &LocationRequest,
        _: &str,
        _: &Address,
    ) -> impl Future<Output = Option<Result<Identities, Refusal>>> + Send {
        ready(None)
    }

    fn clear_report(
        &self,
        permit: Permit<Authorised>,
        agreed: PrivacySetting,
        fix: Option<Fix>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Cleared, Refusal>> + Send {
        ready(Self::clear_report(self, permit, agreed, fix, now))
    }

    fn suits(&self, permit: &Permit<Authorised>, way: Way<'_>) -> bool {
        Self::suits(self, permit, way)
    }

    fn confirm(
        &self,
        permit: Permit<Authorised>,
        request: &LocationRequest,
        route: &RoutingInfo,
        way: Way<'_>,
        now: Timestamp,
        gmlc: &Address,
    ) -> impl Future<Output = Result<Permit<Confirmed>, Barred>> + Send {
        let completed = permit.identities().or(route.identities);
        let confirmed = Self::confirm(self, permit, request, route, way, now, gmlc);
        ready(confirmed.map_err(|refusal| Barred { refusal, subject: Self::subject(self, &completed) }))
    }

    fn confirm_for_card(
        &self,
        permit: Permit<Authorised>,
        request: &LocationRequest,
        route: &RoutingInfo,
        now: Timestamp,
        gmlc: &Address,
    ) -> impl Future<Output = Result<Permit<ForCard>, Barred>> + Send {
        let completed = permit.identities().or(route.identities);
        let confirmed = Self::confirm_for_card(self, permit, request, route, now, gmlc);
        ready(confirmed.map_err(|refusal| Barred { refusal, subject: Self::subject(self, &completed) }))
    }

    fn recheck(
        &self,
        permit: Permit<Confirmed>,
        fix: Fix,
        _: &LocationRequest,
        now: Timestamp,
        _: &Address,
    ) -> impl Future<Output = Result<Checked, Refusal>> + Send {
        ready(Self::recheck(self, permit, fix, now))
    }

    fn after_notification(
        &self,
        permit: Permit<NotificationOnly>,
        outcome: NotificationOutcome,
        now: Timestamp,
    ) -> impl Future<Output = Result<Cleared, Refusal>> + Send {
        ready(Self::after_notification(self, permit, outcome, now))
    }

    fn release_cached(
        &self,
        permit: Permit<Authorised>,
        fix: Fix,
        now: Timestamp,
    ) -> impl Future<Output = Result<Cleared, Refusal>> + Send {
        ready(Self::release_cached(self, permit, fix, now))
    }

    fn authorise_override(
        &self,
        client: OverrideClient,
        request: &LocationRequest,
        identities: &Identities,
        jurisdiction: Jurisdiction,
    ) -> Result<Permit<Authorised>, Refusal> {
        Self::authorise_override(self, client, request, identities, jurisdiction)
    }

    fn clear_own_request(
        &self,
        fix: Fix,
        ticket: &Ticket,
        now: Timestamp,
    ) -> impl Future<Output = Result<(Cleared, Subject), Barred>> + Send {
        let cleared = Self::clear_own_request(self, fix, ticket, now);
        let subject = Self::subject(self, &ticket.identities());
        ready(cleared.map(|cleared| (cleared, subject)).map_err(|refusal| Barred { refusal, subject }))
    }
}
