//! The common MT-LR procedure for an immediate request (TS 23.271 clause 9.1.1; towards an EPC node clause 9.1.15, a PS node
//! clause 9.1.6, a CS node clause 9.1.2).
//!
//! This gateway is requesting and home GMLC with the PPR in one, so steps 2 to 4 and 15 fall away.

use crate::{
    Gateway,
    network::{Ask, Network, Routed},
    positioning::{Missed, Tried, position},
    progress::{Answer, Progress},
    quality,
};
use lcs::{Failure, Fix, Identities, LocationRequest, RefusalReason, Target};
use privacy::{
    Authorised, Barred, Cleared, Permit, PrivacyCheck, Refusal,
    disclosure::{LogUnavailable, Recorded, Ticket},
};

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
    let answer = locate(gateway, ask, &mut ticket, &mut progress).await;
    let ending = progress.ending(&answer, gateway.keeps_coordinates).at(gateway.now());
    ticket.record(ending, answer).await
}

async fn locate<N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    ticket: &mut Ticket,
    progress: &mut Progress,
) -> Answer {
    let uncovered = uncovered(gateway, ask).await?;
    let (ask, named) = match &uncovered {
        Some((ask, verinym)) => (ask, *verinym),
        None => (ask, Identities::of(&ask.request.target).ok_or(Failure::SystemFailure)?),
    };
    ticket.identify(gateway.ppr.subject(&named), named);
    let mut tried = Tried::default();
    loop {
        match attempt(gateway, ask, named, &tried, ticket, progress).await {
            Ok(cleared) => return Ok(cleared),
            // Steps 6 to 9 again: the route that was kept may no longer hold, or another domain serve.
            Err(missed) => tried.note(missed)?,
        }
    }
}

/// Step 5, first half: a pseudonym is turned into the verinym, or the request ends. From there on it is one about that subscriber,
/// with every identity that the pseudonym stands for, so that a number that has another owner by now leads to nobody; the client is
/// answered under the name that it gave. `None` if it gave no pseudonym.
async fn uncovered<N: Network>(gateway: &Gateway<'_, N>, ask: &Ask) -> Result<Option<(Ask, Identities)>, Failure> {
    let Target::Pseudonym(pseudonym) = &ask.request.target else { return Ok(None) };
    let verinym = gateway.network.verinym(pseudonym, &ask.request.account, ask.deadline).await?;
    let target = verinym.msisdn.map(Target::Msisdn).or(verinym.imsi.map(Target::Imsi));
    let target = target.ok_or(Failure::Refused(RefusalReason::PseudonymUnresolved))?;
    let ask = Ask { request: LocationRequest { target, ..ask.request.clone() }, ..*ask };
    Ok(Some((ask, verinym)))
}

/// One walk from the privacy check to the cleared position. `tried`: what earlier ones came to.
async fn attempt<N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    named: Identities,
    tried: &Tried,
    ticket: &mut Ticket,
    progress: &mut Progress,
) -> Result<Cleared, Missed> {
    let Gateway { ppr, network, number, .. } = gateway;
    let anew = tried.anew;
    let mut routed: Option<Routed> = None;
    // Step 5: the privacy check. Without a profile under this key it waits for step 7, where the HSS tells the other key.
    let permit = match ppr.authorise(&ask.request, &named, gateway.now(), number).await {
        Err(Barred { refusal, .. }) if key_is_missing(refusal, &named) => {
            let route = network.routing_info(&named, anew, ask.deadline).await?;
            let completed = named.or(route.info.identities);
            ticket.identify(ppr.subject(&completed), completed);
            routed = Some(route);
            let checked = ppr.authorise(&ask.request, &completed, gateway.now(), number).await;
            checked.map_err(|barred| progress.barred(barred, completed, ticket))?
        }
        checked => checked.map_err(|barred| progress.barred(barred, named, ticket))?,
    };
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
    position(gateway, ask, permit, &routed, tried, ticket, progress).await
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

/// Whether nobody is known by the key given, while another key may be had.
fn key_is_missing(refusal: Refusal, named: &Identities) -> bool {
    refusal.reason == RefusalReason::NoProfile
        && refusal.rule == privacy::RuleId::ProfileKnown
        && (named.imsi.is_none() || named.msisdn.is_none())
}
