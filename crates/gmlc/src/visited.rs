//! The visited gateway: a node of the own network is asked for the gateway of another (TS 23.271 clause 9.1.1 steps 8 to 10 and 12 to
//! 14, and clause 9.1.1A steps 4 to 6).
//!
//! No profile is known here, and none is asked for. By the word of the subscriber's home gateway the node is told what that gateway
//! decided; past it, an override holds as far as the law and agreements between countries reach.

use crate::{
    Gateway,
    network::{Ask, Network, Routed},
    overriding::Territory,
    positioning::{Asking, Missed, Tried, accurate, ask_node, deliverable, position},
    progress::{Answer, Progress},
};
use lcs::{Address, Failure, LocationType, PositioningOutcome, RoutingInfo};
use privacy::{
    Basis, Checked, HomeAuthority, HomeWord, OverrideClient, PrivacyCheck, VisitedAnswer,
    disclosure::{Ending, Given, LogUnavailable, Recorded, Ticket},
};
use std::sync::Arc;

/// Positions, or has the user told, by the word of the home gateway, and records the end under `ticket`, which says that the request
/// came over Lr. `route`: identities and nodes as that gateway told them; nodes that are not of the own network are not asked.
///
/// # Errors
/// The log could not make the end durable; whatever the position was, it is gone.
pub async fn visited<N: Network>(
    gateway: &Gateway<'_, N>,
    authority: &HomeAuthority,
    word: HomeWord,
    route: Arc<RoutingInfo>,
    ask: &Ask,
    mut ticket: Ticket,
) -> Result<Recorded<Result<VisitedAnswer, Failure>>, LogUnavailable> {
    let mut progress = Progress::default();
    let answer = relay(gateway, authority, word, route, ask, &mut ticket, &mut progress).await;
    let ending = match &answer {
        Ok(VisitedAnswer::Position(cleared)) => progress.ending_of(Ok(cleared), gateway.keeps_coordinates),
        Ok(VisitedAnswer::Notified) => {
            progress.completed(Ending::allowed(Given::default(), Basis::HomeInstruction), Ok(()))
        }
        Err(failure) => progress.ending_of(Err(*failure), gateway.keeps_coordinates),
    };
    ticket.record(ending.at(gateway.now()), answer).await
}

async fn relay<N: Network>(
    gateway: &Gateway<'_, N>,
    authority: &HomeAuthority,
    word: HomeWord,
    route: Arc<RoutingInfo>,
    ask: &Ask,
    ticket: &mut Ticket,
    progress: &mut Progress,
) -> Result<VisitedAnswer, Failure> {
    let identities = route.identities;
    ticket.identify(gateway.ppr.subject(&identities), identities);
    let routed = Routed { info: route, kept: false };
    let mut tried = Tried::default();
    loop {
        let permit = gateway.ppr.authorise_instructed(authority, word, &ask.request, &identities).await;
        let permit = permit.map_err(|refusal| progress.refused(refusal))?;
        let asked = ask_node(gateway, ask, permit, &Asking::directly(&routed, &tried), ticket, progress).await;
        let (permit, _, outcome) = match asked {
            Ok(asked) => asked,
            Err(missed) => {
                tried.note(missed)?;
                continue;
            }
        };
        // Steps 13 and 14: what was asked for as an acknowledgement is one, and nothing else is.
        if permit.location_type() == LocationType::NotificationVerificationOnly {
            return match outcome {
                PositioningOutcome::Notified => Ok(VisitedAnswer::Notified),
                PositioningOutcome::Fixed(_) => Err(Failure::NetworkProtocol),
                PositioningOutcome::TransientlyUnreachable => Err(Failure::AbsentSubscriber),
            };
        }
        // Step 10. Rules on where are the home gateway's.
        let fix = accurate(outcome, ask)?;
        let checked = gateway.ppr.recheck(permit, fix, &ask.request, gateway.now(), &gateway.number).await;
        return match checked.map_err(|refusal| progress.refused(refusal))? {
            Checked::Release(cleared) => Ok(VisitedAnswer::Position(deliverable(ask, cleared)?)),
            // No word of a home gateway orders a round of its own here.
            Checked::NotifyFirst(_) => Err(Failure::SystemFailure),
        };
    }
}

/// Positions with a privacy override for a gateway that asks past the home gateway, and records the end under `ticket`, which says
/// that the request came over Lr. `client`: by the operator's record of that gateway; `requesting`: its E.164 address, whose country
/// says whether the override holds here (clause 9.5.1).
///
/// # Errors
/// The log could not make the end durable; whatever the position was, it is gone.
pub async fn visited_overriding<N: Network>(
    gateway: &Gateway<'_, N>,
    client: OverrideClient,
    (territory, requesting): (&Territory, Address),
    route: Arc<RoutingInfo>,
    ask: &Ask,
    mut ticket: Ticket,
) -> Result<Recorded<Answer>, LogUnavailable> {
    let mut progress = Progress::default();
    let jurisdiction = territory.jurisdiction_of_gateway(requesting);
    let identities = route.identities;
    ticket.identify(gateway.ppr.subject(&identities), identities);
    let routed = Routed { info: route, kept: false };
    let mut tried = Tried::default();
    let answer = loop {
        let permit = gateway.ppr.authorise_override_for_gateway(client, &ask.request, &identities, jurisdiction);
        let located = match permit {
            Ok(permit) => {
                progress.permitted(&permit, &mut ticket);
                position(gateway, ask, permit, &Asking::directly(&routed, &tried), &mut ticket, &mut progress).await
            }
            Err(refusal) => Err(Missed::from(progress.refused(refusal))),
        };
        match located.map_err(|missed| tried.note(missed)) {
            Ok(cleared) => break Ok(cleared),
            Err(Err(failure)) => break Err(failure),
            Err(Ok(())) => {}
        }
    };
    let ending = progress.ending(&answer, gateway.keeps_coordinates).at(gateway.now());
    ticket.record(ending, answer).await
}
