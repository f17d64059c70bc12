//! Where the gateway has its privacy checks from: the register in this process, or another's over Lpp.

use super::{
    check::{Barred, PrivacyCheck},
    question::Lpp,
    remote::RemotePpr,
};
use crate::{
    decide::Refusal,
    disclosure::{Subject, Ticket},
    override_path::{Jurisdiction, OverrideClient},
    permit::{Authorised, Checked, Cleared, Confirmed, ForCard, NotificationOnly, NotificationOutcome, Permit},
    ppr::Ppr,
    referral::{Referral, ReferralError},
    visited::{HomeAuthority, HomeWord},
};
use lcs::{Address, Fix, Identities, LocationRequest, Named, PrivacySetting, RoutingInfo, Timestamp, Way};

/// The register, wherever it is.
#[derive(Debug)]
pub enum Checks<T> {
    /// In this process.
    Here(Ppr),
    /// At the other end of Lpp.
    Elsewhere(RemotePpr<T>),
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

impl<T: Lpp> PrivacyCheck for Checks<T> {
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

    async fn uncover(
        &self,
        request: &LocationRequest,
        account: &str,
        gmlc: &Address,
    ) -> Option<Result<Identities, Refusal>> {
        either!(self, uncover(request, account, gmlc).await)
    }

    async fn clear_report(
        &self,
        permit: Permit<Authorised>,
        agreed: PrivacySetting,
        fix: Option<Fix>,
        now: Timestamp,
    ) -> Result<Cleared, Refusal> {
        either!(self, clear_report(permit, agreed, fix, now).await)
    }

    async fn refer(&self, request: &LocationRequest, named: Named) -> Result<Referral, Refusal> {
        either!(self, refer(request, named).await)
    }

    async fn clear_referred(&self, referral: Referral, told: &Named, fix: Fix) -> Result<Cleared, ReferralError> {
        either!(self, clear_referred(referral, told, fix).await)
    }

    async fn authorise_instructed(
        &self,
        authority: &HomeAuthority,
        word: HomeWord,
        request: &LocationRequest,
        identities: &Identities,
    ) -> Result<Permit<Authorised>, Refusal> {
        either!(self, authorise_instructed(authority, word, request, identities).await)
    }

    fn authorise_override_for_gateway(
        &self,
        client: OverrideClient,
        request: &LocationRequest,
        identities: &Identities,
        jurisdiction: Jurisdiction,
    ) -> Result<Permit<Authorised>, Refusal> {
        either!(self, authorise_override_for_gateway(client, request, identities, jurisdiction))
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

    async fn confirm_for_card(
        &self,
        permit: Permit<Authorised>,
        request: &LocationRequest,
        route: &RoutingInfo,
        now: Timestamp,
        gmlc: &Address,
    ) -> Result<Permit<ForCard>, Barred> {
        either!(self, confirm_for_card(permit, request, route, now, gmlc).await)
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

    async fn clear_own_request(&self, fix: Fix, ticket: &Ticket, now: Timestamp) -> Result<(Cleared, Subject), Barred> {
        either!(self, clear_own_request(fix, ticket, now).await)
    }
}
