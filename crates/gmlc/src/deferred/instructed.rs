//! A deferred request in the visited gateway: a node of the own network waits by the word of the home gateway, which checks each report
//! itself (TS 23.271 clauses 9.1.8.1 steps 3 to 5, 9.1.8.2 steps 10 and 11, 9.1.19.1 steps 3 to 5 and 19 to 21).
//!
//! No profile is known here. The word is one that a gateway gave for which the operator recorded whose subscribers it speaks for; it is
//! looked at again with each report.

use super::{
    Activated, Keep, LdrAsk, LdrRequest,
    activate::{at_node, confirmed},
};
use crate::{
    Gateway,
    network::{Ask, Network},
    progress::{Answer, Progress},
};
use lcs::{Failure, Identities, LocationRequest, PlmnId, PrivacyIndicators, PrivacySetting, RoutingInfo};
use privacy::{
    Authorised, HomeAuthority, HomeWord, Permit, PrivacyCheck,
    disclosure::{LogUnavailable, Recorded, Ticket},
};
use std::net::IpAddr;
use std::sync::Arc;

/// What a home gateway told of its subscriber, and for whom it may speak.
#[derive(Debug, Clone)]
pub struct Instruction {
    /// By the operator's record of that gateway.
    pub authority: HomeAuthority,
    /// What its check came to.
    pub word: HomeWord,
    /// Identities and the node that serves, as it told them.
    pub route: Arc<RoutingInfo>,
    /// Its address, for the node; `None`: it told none, and the node is told that of this gateway.
    pub h_gmlc: Option<IpAddr>,
    /// Networks in which the phone may report beside the one that serves; none: there alone.
    pub reporting_plmns: Vec<PlmnId>,
}

impl Instruction {
    /// By what a report of a phone is told to the gateway at `h_gmlc`, whose request it carries although this one was not asked for that (TS
    /// 23.271 clause 9.1.19.1 NOTE 6 and steps 19 to 22): for whom that gateway may speak, and that nobody is told or asked anything. No node
    /// serves it, so that nobody is positioned by it.
    #[must_use]
    pub fn of_report(authority: HomeAuthority, identities: Identities, h_gmlc: IpAddr) -> Option<Self> {
        let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithoutNotification, None).ok()?;
        let word = HomeWord { indicators: Some(indicators), number: None };
        let route = RoutingInfo { identities, nodes: [].into(), h_gmlc: None, ppr: None, optimised_lcs: false };
        Some(Self { authority, word, route: Arc::new(route), h_gmlc: Some(h_gmlc), reporting_plmns: Vec::new() })
    }
}

/// Has a node wait by the word of the home gateway, and records how that ended under `ticket`, which says that the request came over Lr.
///
/// # Errors
/// The outer one: the log could not make the end durable, so that the request must not be said to be armed. The inner one: why it is not
/// armed; a node that did not answer may have heard of it, and is to be told that it is over.
pub async fn activate_instructed<N: Network, K: Keep>(
    gateway: &Gateway<'_, N>,
    instruction: &Instruction,
    (ldr, ask): (&LdrRequest, &Ask),
    keep: &K,
    mut ticket: Ticket,
) -> Result<Result<Activated, Failure>, LogUnavailable> {
    let mut progress = Progress::default();
    let armed = arm(gateway, instruction, (ldr, ask), keep, (&mut ticket, &mut progress)).await;
    let outcome = armed.as_ref().map(|_| ()).map_err(|failure| *failure);
    progress.record_armed(ticket, outcome, gateway.now()).await?;
    Ok(armed)
}

async fn arm<N: Network, K: Keep>(
    gateway: &Gateway<'_, N>,
    instruction: &Instruction,
    (ldr, ask): (&LdrRequest, &Ask),
    keep: &K,
    (ticket, progress): (&mut Ticket, &mut Progress),
) -> Result<Activated, Failure> {
    let route = &*instruction.route;
    let permit = by_word(gateway, instruction, &ask.request, ticket, progress).await?;
    let ways = gateway.ways(route, &ask.request.client, false, true);
    let about = (route, route.identities);
    let (permit, way) = confirmed(gateway, (ldr, ask), about, (permit, ways), (ticket, progress)).await?;
    at_node(gateway, (ldr, ask, Some(instruction)), (permit, way), (keep, progress)).await
}

async fn by_word<N: Network>(
    gateway: &Gateway<'_, N>,
    instruction: &Instruction,
    request: &LocationRequest,
    ticket: &mut Ticket,
    progress: &mut Progress,
) -> Result<Permit<Authorised>, Failure> {
    let Instruction { authority, word, route, .. } = instruction;
    let identities = &route.identities;
    ticket.identify(gateway.ppr.subject(identities), *identities);
    let permit = gateway.ppr.authorise_instructed_deferred(authority, *word, request, identities).await;
    let permit = permit.map_err(|refusal| progress.refused(refusal))?;
    progress.permitted(&permit, ticket);
    Ok(permit)
}

/// Clears a report of a node for the home gateway, and records it under `ticket`. What did not come with the report is not asked for: the
/// home gateway does that, if its client wants it. The answer may be an empty position: then the event alone is told.
///
/// # Errors
/// The log could not make the end durable; nothing of the report may be told. The node should be asked to report again.
pub async fn report_instructed<N: Network>(
    gateway: &Gateway<'_, N>,
    instruction: &Instruction,
    ask: LdrAsk<'_>,
    mut ticket: Ticket,
) -> Result<Recorded<Answer>, LogUnavailable> {
    let mut progress = Progress::default();
    let answer = match by_word(gateway, instruction, ask.request, &mut ticket, &mut progress).await {
        Ok(permit) => {
            let cleared = gateway.ppr.clear_report(permit, ask.agreed, ask.fix, gateway.now()).await;
            cleared.map_err(|refusal| progress.refused(refusal))
        }
        Err(failure) => Err(failure),
    };
    let ending = progress.ending(&answer, gateway.keeps_coordinates).at(gateway.now());
    ticket.record(ending, answer).await
}
