//! A deferred request about somebody of another home gateway: referred there, and what comes back recorded before it is told (TS 23.271
//! clauses 9.1.8.1, 9.1.9 and 9.1.12.1 steps 1 to 4, clauses 9.1.8.2 step 15 and 9.1.9 step 18).
//!
//! The check is the home gateway's, at arming and at each report. What is held to here is that nobody is referred whose profile is here,
//! that a report is about the one who was asked about, and that nothing is told without an entry.

use crate::{
    Gateway,
    immediate::{NOBODY, is_stranger},
    network::{Ask, Network},
    progress::{Answer, Progress},
    roaming::{Home, PeerGateway},
};
use lcs::{Failure, Fix, LocationRequest, Named, RefusalReason, RoutingInfo};
use privacy::{
    Barred, Basis, PrivacyCheck, Referral, ReferralError, RuleId,
    disclosure::{LogUnavailable, Recorded, Ticket},
};
use std::future::Future;
use std::sync::Arc;

/// Where a request is kept that another gateway is to wait for, and the way to that gateway.
pub trait AtHome: Send + Sync {
    /// Keeps the request durably, before the home gateway hears of it.
    ///
    /// # Errors
    /// The client has as many as it may, or it cannot be kept: the gateway is not asked.
    fn keep(&self, home: &PeerGateway) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Asks the home gateway to wait, once, about [`Referral::named`], with the request of `ask` and what the home register told. After any
    /// failure but [`Failure::NetworkUnreachable`] and an answer of the gateway, it may wait.
    ///
    /// # Errors
    /// Why it does not wait.
    fn arm(
        &self,
        referral: &Referral,
        home: &PeerGateway,
        route: Option<&RoutingInfo>,
        ask: &Ask,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// What came of looking for the home gateway.
#[derive(Debug)]
pub enum Referred {
    /// This is the home gateway: the request goes on here, under the ticket that was given.
    Here(Box<Ticket>),
    /// Another is, and waits; or nobody waits, for this reason. Recorded.
    There(Result<(), Failure>),
}

/// Refers a request to another home gateway, if there is one, and records how that ended under `ticket`. A request that came from a gateway
/// has no `at_home`: it is not referred on, and ends if its target is not at home here.
///
/// # Errors
/// The log could not make the end durable, so that the request must not be said to be armed.
pub async fn refer_ldr<N: Network, H: AtHome>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    at_home: Option<&H>,
    mut ticket: Ticket,
) -> Result<Referred, LogUnavailable> {
    let mut progress = Progress::default();
    let armed = match elsewhere(gateway, ask, at_home.is_some(), &mut ticket, &mut progress).await {
        Ok(None) => return Ok(Referred::Here(Box::new(ticket))),
        Ok(Some(elsewhere)) => match at_home {
            Some(at_home) => arm(gateway, ask, elsewhere, at_home, &mut progress).await,
            None => Err(Failure::SystemFailure),
        },
        Err(failure) => Err(failure),
    };
    progress.record_armed(ticket, armed, gateway.now()).await?;
    Ok(Referred::There(armed))
}

/// Whom a request is about, and who keeps their profile.
struct Elsewhere {
    home: PeerGateway,
    named: Named,
    route: Option<Arc<RoutingInfo>>,
}

/// The home gateway, if it is another: as for an immediate request.
async fn elsewhere<N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    may_refer: bool,
    ticket: &mut Ticket,
    progress: &mut Progress,
) -> Result<Option<Elsewhere>, Failure> {
    let Gateway { ppr, network, number, .. } = gateway;
    let named = Named::of(&ask.request.target);
    let mut home = network.home_gateway(&named, None);
    let identities = match (&named, &home) {
        (_, Home::Own) | (Named::Pseudonym(_), Home::Untold) => return Ok(None),
        // Whoever asks for another's client has it opened here or nowhere.
        (Named::Pseudonym(_), _) if !may_refer => return Ok(None),
        (Named::Pseudonym(_), Home::Peer(peer)) => {
            return Ok(Some(Elsewhere { home: peer.clone(), named, route: None }));
        }
        (Named::Pseudonym(_), Home::Elsewhere) => return Err(Failure::Refused(RefusalReason::PseudonymUnresolved)),
        (Named::Verinym(identities), _) => *identities,
    };
    ticket.identify(ppr.subject(&identities), identities);
    if !is_stranger(&ppr.authorise_deferred(&ask.request, &identities, gateway.now(), number).await) {
        return Ok(None);
    }
    let (mut known, mut route) = (identities, None);
    if home == Home::Untold {
        let routed = network.routing_info(&identities, false, ask.deadline).await?;
        known = identities.or(routed.info.identities);
        ticket.identify(ppr.subject(&known), known);
        if !is_stranger(&ppr.authorise_deferred(&ask.request, &known, gateway.now(), number).await) {
            return Ok(None);
        }
        home = network.home_gateway(&Named::Verinym(known), Some(&routed.info));
        route = Some(routed.info);
    }
    match home {
        Home::Own => Ok(None),
        Home::Peer(home) if may_refer => Ok(Some(Elsewhere { home, named: Named::Verinym(known), route })),
        Home::Peer(_) | Home::Elsewhere | Home::Untold => {
            let barred = Barred { refusal: NOBODY, subject: ppr.subject(&known) };
            Err(progress.barred(barred, known, ticket))
        }
    }
}

async fn arm<N: Network, H: AtHome>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    Elsewhere { home, named, route }: Elsewhere,
    at_home: &H,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let referral = gateway.ppr.refer(&ask.request, named).await.map_err(|refusal| progress.refused(refusal))?;
    progress.on(Basis::HomeGateway, RuleId::HomeGateway);
    at_home.keep(&home).await?;
    let request = LocationRequest { least_privacy: referral.least_privacy(), ..ask.request.clone() };
    let ask = Ask { request, ..*ask };
    at_home.arm(&referral, &home, route.as_deref(), &ask).await
}

/// Clears a report of the home gateway and records it under `ticket`. `told`: whom the report says it is about. Without a position it tells
/// that the event happened; the answer then is an empty position.
///
/// # Errors
/// The log could not make the end durable; nothing of the report may be told.
pub async fn relay_ldr_report<N: Network>(
    gateway: &Gateway<'_, N>,
    request: &LocationRequest,
    told: &Named,
    fix: Option<Fix>,
    mut ticket: Ticket,
) -> Result<Recorded<Answer>, LogUnavailable> {
    let mut progress = Progress::default();
    let named = Named::of(&request.target);
    if let Named::Verinym(identities) = &named {
        ticket.identify(gateway.ppr.subject(identities), *identities);
    }
    let answer = match gateway.ppr.refer(request, named).await {
        Ok(referral) => {
            progress.on(Basis::HomeGateway, RuleId::HomeGateway);
            let cleared = gateway.ppr.clear_referred(referral, told, fix.unwrap_or(Fix::NOWHERE)).await;
            cleared.map_err(|error| match error {
                ReferralError::Refused(refusal) => progress.refused(refusal),
                ReferralError::OtherSubscriber => error.into(),
            })
        }
        Err(refusal) => Err(progress.refused(refusal)),
    };
    let ending = progress.ending(&answer, gateway.keeps_coordinates).at(gateway.now());
    ticket.record(ending, answer).await
}
