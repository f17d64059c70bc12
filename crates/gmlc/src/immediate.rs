//! The common MT-LR procedure for an immediate request (TS 23.271 clause 9.1.1; towards an EPC node clause 9.1.15, a PS node
//! clause 9.1.6, a CS node clause 9.1.2).
//!
//! This gateway is the requesting one. Where it keeps the subscriber's profile it is the home one too, and steps 2 to 4 and 15 fall
//! away; where another does, the request is referred there, and steps 5 to 14 are that gateway's.

use crate::{
    Gateway,
    network::{Ask, Network, Routed},
    positioning::{Asking, Missed, Tried, deliverable, position},
    progress::{Answer, Progress},
    quality,
    roaming::{Home, HomeAnswer, PeerGateway, RequestingGateway},
};
use lcs::{Failure, Fix, Identities, LocationRequest, Named, RefusalReason, RoutingInfo, Target};
use privacy::{
    Authorised, Barred, Basis, Cleared, Permit, PrivacyCheck, ReferralError, Refusal, RuleId,
    disclosure::{LogUnavailable, Recorded, Ticket},
};
use std::borrow::Cow;

/// Runs the procedure and records its end, whatever it is, under `ticket`.
///
/// # Errors
/// The log could not make the end durable; whatever the position was, it is gone.
pub async fn immediate<N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    mut ticket: Ticket,
) -> Result<Recorded<Answer>, LogUnavailable> {
    let mut progress = Progress::default();
    let answer = locate(gateway, ask, By::Client, &mut ticket, &mut progress).await;
    let ending = progress.ending(&answer, gateway.keeps_coordinates).at(gateway.now());
    ticket.record(ending, answer).await
}

/// Who asks.
#[derive(Clone, Copy)]
pub(crate) enum By<'a> {
    /// A client of this gateway, which is the requesting one.
    Client,
    /// Another gateway, whose client asks: this is the home one, or nobody is.
    Gateway(&'a RequestingGateway),
}

/// Steps 1 to 14, or those that are left where the home gateway is another.
pub(crate) async fn locate<N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    by: By<'_>,
    ticket: &mut Ticket,
    progress: &mut Progress,
) -> Answer {
    // Steps 1 and 2: a pseudonym tells where it is at home, and only there is it turned back.
    let named = Named::of(&ask.request.target);
    if let (Named::Pseudonym(_), By::Client) = (&named, by) {
        match gateway.network.home_gateway(&named, None) {
            Home::Peer(peer) => return refer(gateway, ask, named, &peer, None, progress).await,
            Home::Elsewhere => return Err(Failure::Refused(RefusalReason::PseudonymUnresolved)),
            Home::Own | Home::Untold => {}
        }
    }
    let (ask, named) = uncovered(gateway, ask, by).await?;
    let ask = &*ask;
    ticket.identify(gateway.ppr.subject(&named), named);
    let mut tried = Tried::default();
    loop {
        match attempt(gateway, ask, (by, named), &tried, ticket, progress).await {
            Ok(cleared) => return Ok(cleared),
            // Steps 6 to 9 again: the route that was kept may no longer hold, or another domain serve.
            Err(missed) => tried.note(missed)?,
        }
    }
}

/// Step 5, first half: a pseudonym is turned into the verinym, or the request ends. From there on it is one about that subscriber,
/// with every identity that the pseudonym stands for, so that a number that has another owner by now leads to nobody; the client is
/// answered under the name that it gave. A request that names the subscriber stays as it is.
pub(crate) async fn uncovered<'a, N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &'a Ask,
    by: By<'_>,
) -> Result<(Cow<'a, Ask>, Identities), Failure> {
    let Target::Pseudonym(pseudonym) = &ask.request.target else {
        let named = Identities::of(&ask.request.target).ok_or(Failure::SystemFailure)?;
        return Ok((Cow::Borrowed(ask), named));
    };
    let account = match by {
        By::Client => &ask.request.account,
        By::Gateway(requesting) => &requesting.pseudonyms_of,
    };
    let verinym = match gateway.ppr.uncover(&ask.request, account, &gateway.number).await {
        Some(told) => told?,
        None => gateway.network.verinym(pseudonym, account, ask.deadline).await?,
    };
    let target = verinym.msisdn.map(Target::Msisdn).or(verinym.imsi.map(Target::Imsi));
    let target = target.ok_or(Failure::Refused(RefusalReason::PseudonymUnresolved))?;
    let ask = Ask { request: LocationRequest { target, ..ask.request.clone() }, ..*ask };
    Ok((Cow::Owned(ask), verinym))
}

/// One walk from the privacy check to the cleared position. `tried`: what earlier ones came to.
async fn attempt<N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    (by, named): (By<'_>, Identities),
    tried: &Tried,
    ticket: &mut Ticket,
    progress: &mut Progress,
) -> Result<Cleared, Missed> {
    let Gateway { ppr, network, number, .. } = gateway;
    let anew = tried.anew;
    // Step 5: the privacy check. Whose profile is here is at home here.
    let mut checked = ppr.authorise(&ask.request, &named, gateway.now(), number).await;
    let mut routed: Option<Routed> = None;
    if is_stranger(&checked) {
        let mut home = network.home_gateway(&Named::Verinym(named), None);
        // Steps 2 and 3, or 6 and 7: the home register tells the home gateway, and the other key of the profile.
        if home == Home::Untold || (home == Home::Own && checked.is_err() && key_is_missing(&named)) {
            let route = network.routing_info(&named, anew, ask.deadline).await?;
            let completed = named.or(route.info.identities);
            ticket.identify(ppr.subject(&completed), completed);
            checked = ppr.authorise(&ask.request, &completed, gateway.now(), number).await;
            if home == Home::Untold && is_stranger(&checked) {
                home = network.home_gateway(&Named::Verinym(completed), Some(&route.info));
            }
            routed = Some(route);
        }
        match (home, by) {
            _ if !is_stranger(&checked) => {}
            (Home::Own, _) => {}
            (Home::Peer(peer), By::Client) => {
                let route = routed.as_ref().map(|routed| &*routed.info);
                let named = Named::Verinym(route.map_or(named, |route| named.or(route.identities)));
                return Ok(refer(gateway, ask, named, &peer, route, progress).await?);
            }
            // Step 4, without a home gateway: no check, and so no position. Nor is a request referred twice.
            (Home::Peer(_) | Home::Elsewhere | Home::Untold, _) => {
                checked = Err(Barred { refusal: NOBODY, subject: ppr.subject(&named) });
            }
        }
    }
    let known = routed.as_ref().map_or(named, |route| named.or(route.info.identities));
    let permit = checked.map_err(|barred| progress.barred(barred, known, ticket))?;
    progress.permitted(&permit, ticket);
    if let Some(fix) = kept_fix(gateway, ask, &permit) {
        let cleared = ppr.release_cached(permit, fix, gateway.now()).await;
        return Ok(cleared.map_err(|refusal| progress.refused(refusal))?);
    }
    // Steps 6 and 7. Asked by the name that the client gave, whatever the record adds to it, the HSS tells whether both are
    // still of one subscriber.
    let routed = match routed {
        Some(routed) => routed,
        None => network.routing_info(&named, anew, ask.deadline).await?,
    };
    // Steps 8 to 14.
    position(gateway, ask, permit, &Asking::anywhere(&routed, tried), ticket, progress).await
}

/// Steps 4 and 15: the home gateway checks, and answers with a position or not. It is asked once, whatever comes of it, since its
/// user may have been asked.
async fn refer<N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    named: Named,
    home: &PeerGateway,
    route: Option<&RoutingInfo>,
    progress: &mut Progress,
) -> Answer {
    let referral = gateway.ppr.refer(&ask.request, named).await.map_err(|refusal| progress.refused(refusal))?;
    progress.on(Basis::HomeGateway, RuleId::HomeGateway);
    let request = LocationRequest { least_privacy: referral.least_privacy(), ..ask.request.clone() };
    let asked = Ask { request, ..*ask };
    let HomeAnswer { about, fix } = gateway.network.refer(&referral, home, route, &asked).await?;
    let cleared = gateway.ppr.clear_referred(referral, &about, fix).await.map_err(|error| match error {
        ReferralError::Refused(refusal) => progress.refused(refusal),
        ReferralError::OtherSubscriber => error.into(),
    })?;
    deliverable(ask, cleared)
}

/// Step 5, last part: a position given earlier, if the client takes one that old, it is good enough and nobody need be told.
/// Not where the check had only the operator's default profile, because the HSS may tell a key that leads to the subscriber's
/// own; and not under a service coverage, because no node is known to be in it.
fn kept_fix<N: Network>(gateway: &Gateway<'_, N>, ask: &Ask, permit: &Permit<Authorised>) -> Option<Fix> {
    let may = permit.allows_cached() && !permit.is_by_default() && ask.request.service_coverage.is_empty();
    let max_age_s = ask.request.max_age_s.filter(|_| may)?;
    let kept = gateway.network.kept_fix(&permit.identities(), max_age_s);
    kept.filter(|fix| quality::serves(&ask.request, max_age_s, fix))
}

/// Whether no profile of the subscriber is here, as far as the keys lead.
pub(crate) fn is_stranger(checked: &Result<Permit<Authorised>, Barred>) -> bool {
    match checked {
        Ok(permit) => permit.is_by_default(),
        Err(barred) => barred.refusal == NOBODY,
    }
}

/// Nobody is known by the keys given.
pub(crate) const NOBODY: Refusal = Refusal { reason: RefusalReason::NoProfile, rule: RuleId::ProfileKnown };

/// Whether another key of the profile may be had.
fn key_is_missing(named: &Identities) -> bool {
    named.imsi.is_none() || named.msisdn.is_none()
}
