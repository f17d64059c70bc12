//! The privacy check as a procedure sees it, wherever the register is.

use crate::{
    decide::Refusal,
    disclosure::{Subject, Ticket},
    override_path::{Jurisdiction, OverrideClient},
    permit::{Authorised, Checked, Cleared, Confirmed, NotificationOnly, NotificationOutcome, Permit},
    ppr::Ppr,
};
use core::future::{Future, ready};
use lcs::{Address, Fix, Identities, LocationRequest, RoutingInfo, Timestamp, Way};

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

    /// The position that a serving node reports because the subscriber wants a client to have it (clause 9.2.2).
    fn clear_own_request(
        &self,
        fix: Fix,
        ticket: &Ticket,
        now: Timestamp,
    ) -> impl Future<Output = Result<Cleared, Barred>> + Send;
}

impl PrivacyCheck for Ppr {
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
    ) -> impl Future<Output = Result<Cleared, Barred>> + Send {
        let cleared = Self::clear_own_request(self, fix, ticket, now);
        let subject = || Self::subject(self, &ticket.identities());
        ready(cleared.map_err(|refusal| Barred { refusal, subject: subject() }))
    }
}
