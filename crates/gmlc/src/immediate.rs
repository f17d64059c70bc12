//! The common MT-LR procedure for an immediate request (TS 23.271 clause 9.1.1, towards an EPC node clause 9.1.15).
//!
//! This gateway is requesting and home GMLC with the PPR in one, so steps 2 to 4 and 15 fall away.

use crate::{
    Gateway,
    network::{Ask, Network, Routed},
    positioning::{Missed, position},
    progress::{Answer, Progress},
};
use lcs::{Failure, Identities, RefusalReason};
use privacy::{
    Cleared, Refusal,
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
    // Step 5, first half: a pseudonym is resolved by the PMD, which this gateway does not have yet.
    let named = Identities::of(&ask.request.target).ok_or(Failure::Refused(RefusalReason::PseudonymUnresolved))?;
    ticket.identify(gateway.ppr.subject(&named), named);
    match attempt(gateway, ask, named, false, ticket, progress).await {
        // Steps 6 to 9 again: the node that was kept no longer serves. Nothing was shown to the user by it.
        Err(Missed { stale: true, .. }) => attempt(gateway, ask, named, true, ticket, progress).await,
        other => other,
    }
    .map_err(|missed| missed.failure)
}

/// One walk from the privacy check to the cleared position.
async fn attempt<N: Network>(
    gateway: &Gateway<'_, N>,
    ask: &Ask,
    named: Identities,
    anew: bool,
    ticket: &mut Ticket,
    progress: &mut Progress,
) -> Result<Cleared, Missed> {
    let Gateway { ppr, network, number, .. } = gateway;
    let fail = |failure| Missed { failure, stale: false };
    let mut routed: Option<Routed> = None;
    // Step 5: the privacy check. Without a profile under this key it waits for step 7, where the HSS tells the other key.
    let permit = match ppr.authorise(&ask.request, &named, gateway.now(), number) {
        Err(refusal) if key_is_missing(refusal, &named) => {
            let route = network.routing_info(&named, anew, ask.deadline).await.map_err(fail)?;
            let completed = named.or(route.info.identities);
            routed = Some(route);
            ppr.authorise(&ask.request, &completed, gateway.now(), number)
        }
        checked => checked,
    };
    let permit = permit.map_err(|refusal| fail(progress.refused(refusal)))?;
    progress.permitted(&permit, ticket);
    // Step 5, last part: a kept position serves if the client takes one and nobody need be told.
    let max_age_s = ask.request.max_age_s.filter(|_| permit.allows_cached());
    if let Some(fix) = max_age_s.and_then(|max_age_s| network.kept_fix(&permit.identities(), max_age_s)) {
        let cleared = ppr.release_cached(permit, fix, gateway.now());
        return cleared.map_err(|refusal| fail(progress.refused(refusal)));
    }
    // Steps 6 and 7.
    let routed = match routed {
        Some(routed) => routed,
        None => network.routing_info(&permit.identities(), anew, ask.deadline).await.map_err(fail)?,
    };
    // Steps 8 to 14.
    position(gateway, ask, permit, &routed, ticket, progress).await
}

/// Whether nobody is known by the key given, while another key may be had.
fn key_is_missing(refusal: Refusal, named: &Identities) -> bool {
    refusal.reason == RefusalReason::NoProfile
        && refusal.rule == privacy::RuleId::ProfileKnown
        && (named.imsi.is_none() || named.msisdn.is_none())
}
