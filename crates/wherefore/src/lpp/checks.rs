//! Where the gateway has its privacy checks from: the register in this process, or another's over Lpp.

use super::HttpRoad;
use lcs::{Address, Fix, Identities, LocationRequest, RoutingInfo, Timestamp, Way};
use privacy::disclosure::{Subject, Ticket};
use privacy::{
    Authorised, Barred, Checked, Cleared, Confirmed, Jurisdiction, NotificationOnly, NotificationOutcome,
    OverrideClient, Permit, Ppr, PrivacyCheck, Refusal, RemotePpr,
};

/// The register, wherever it is.
#[derive(Debug)]
pub(crate) enum Checks {
    /// In this process.
    Here(Ppr),
    /// At the other end of Lpp.
    Elsewhere(RemotePpr<HttpRoad>),
}

/// The same call on either.
macro_rules! either {
    ($checks:expr, $method:ident($($given:expr),*)) => {
        match $checks {
            Self::Here(ppr) => PrivacyCheck::$method(ppr, $($given),*),
            Self::Elsewhere(ppr) => PrivacyCheck::$method(ppr, $($given),*),
        }
    };
    ($checks:expr, $method:ident($($given:expr),*).await) => {
        match $checks {
            Self::Here(ppr) => PrivacyCheck::$method(ppr, $($given),*).await,
            Self::Elsewhere(ppr) => PrivacyCheck::$method(ppr, $($given),*).await,
        }
    };
}

impl PrivacyCheck for Checks {
    fn subject(&self, identities: &Identities) -> Subject {
        either!(self, subject(identities))
    }

    async fn authorise(
        &self,
        request: &LocationRequest,
        identities: &Identities,
        now: Timestamp,
        gmlc: &Address,
    ) -> Result<Permit<Authorised>, Barred> {
        either!(self, authorise(request, identities, now, gmlc).await)
    }

    async fn uncover(&self, request: &LocationRequest, gmlc: &Address) -> Option<Result<Identities, Refusal>> {
        either!(self, uncover(request, gmlc).await)
    }

    fn suits(&self, permit: &Permit<Authorised>, way: Way<'_>) -> bool {
        either!(self, suits(permit, way))
    }

    async fn confirm(
        &self,
        permit: Permit<Authorised>,
        request: &LocationRequest,
        route: &RoutingInfo,
        way: Way<'_>,
        now: Timestamp,
        gmlc: &Address,
    ) -> Result<Permit<Confirmed>, Barred> {
        either!(self, confirm(permit, request, route, way, now, gmlc).await)
    }

    async fn recheck(
        &self,
        permit: Permit<Confirmed>,
        fix: Fix,
        request: &LocationRequest,
        now: Timestamp,
        gmlc: &Address,
    ) -> Result<Checked, Refusal> {
        either!(self, recheck(permit, fix, request, now, gmlc).await)
    }

    async fn after_notification(
        &self,
        permit: Permit<NotificationOnly>,
        outcome: NotificationOutcome,
        now: Timestamp,
    ) -> Result<Cleared, Refusal> {
        either!(self, after_notification(permit, outcome, now).await)
    }

    async fn release_cached(&self, permit: Permit<Authorised>, fix: Fix, now: Timestamp) -> Result<Cleared, Refusal> {
        either!(self, release_cached(permit, fix, now).await)
    }

    fn authorise_override(
        &self,
        client: OverrideClient,
        request: &LocationRequest,
        identities: &Identities,
        jurisdiction: Jurisdiction,
    ) -> Result<Permit<Authorised>, Refusal> {
        either!(self, authorise_override(client, request, identities, jurisdiction))
    }

    async fn clear_own_request(&self, fix: Fix, ticket: &Ticket, now: Timestamp) -> Result<Cleared, Barred> {
        either!(self, clear_own_request(fix, ticket, now).await)
    }
}
