//! MT-LR with privacy override, for emergency services and lawful interception (TS 23.271 clauses 9.1.1A and 9.5.1; of an
//! emergency call without a query to HSS or HLR clauses 9.1.3, 9.1.6A and 9.1.16).
//!
//! Apart from the ordinary procedure: the subscriber's profile is not asked, and the record says on what ground.

use crate::{
    Gateway,
    country::{calling_code_of_node, calling_code_of_number},
    network::{Ask, Network, Routed},
    positioning::{Asking, Missed, Tried, position},
    progress::{Answer, Progress},
};
use lcs::{
    Address, Digits, Failure, Identities, LcsClientType, NatureOfAddress, RefusalReason, RoutingInfo, ServingNode,
};
use privacy::{
    Jurisdiction, OverrideClient, PrivacyCheck,
    disclosure::{LogUnavailable, Recorded, Ticket},
};
use std::sync::Arc;

/// Where the override holds, set by the operator.
#[derive(Debug, Clone, Default)]
pub struct Territory {
    /// E.164 country codes of this gateway's own country.
    pub home: Vec<u16>,
    /// Those of countries with whose operators there is an agreement.
    pub agreements: Vec<u16>,
    /// Diameter realms of the own network, for nodes whose realm tells no country.
    pub realms: Vec<String>,
}

impl Territory {
    /// Procedure A or B of TS 23.271 clause 9.5.1, for the node that would be asked. A node whose country cannot be told is
    /// nobody's.
    #[must_use]
    pub fn jurisdiction(&self, node: Option<&ServingNode>) -> Jurisdiction {
        let Some(node) = node else { return Jurisdiction::Otherwise };
        match calling_code_of_node(node) {
            Some(code) if self.home.contains(&code) => Jurisdiction::SameCountry,
            Some(code) if self.agreements.contains(&code) => Jurisdiction::Agreement,
            Some(_) => Jurisdiction::Otherwise,
            None if node.realm().is_some_and(|realm| self.realms.iter().any(|own| own.eq_ignore_ascii_case(realm))) => {
                Jurisdiction::SameCountry
            }
            // A code that the table of countries does not have, such as those of laboratories and satellite networks.
            None if begins(node, &self.home) => Jurisdiction::SameCountry,
            None if begins(node, &self.agreements) => Jurisdiction::Agreement,
            None => Jurisdiction::Otherwise,
        }
    }

    /// The same for a gateway that asks this one, as the visited one, to honour its override: by where that gateway is.
    #[must_use]
    pub fn jurisdiction_of_gateway(&self, requesting: Address) -> Jurisdiction {
        let within = |codes: &[u16]| match calling_code_of_number(requesting) {
            Some(code) => codes.contains(&code),
            None => number_begins(requesting, codes),
        };
        if within(&self.home) {
            Jurisdiction::SameCountry
        } else if within(&self.agreements) {
            Jurisdiction::Agreement
        } else {
            Jurisdiction::Otherwise
        }
    }

    /// The same route without the nodes where the override does not hold, so that none of them is asked in the place of one where
    /// it does.
    fn within(&self, routed: Routed) -> Routed {
        let holds = |node: &ServingNode| self.jurisdiction(Some(node)) != Jurisdiction::Otherwise;
        if routed.info.nodes.iter().all(holds) {
            return routed;
        }
        let mut info = RoutingInfo::clone(&routed.info);
        info.nodes = info.nodes.iter().filter(|node| holds(node)).cloned().collect();
        Routed { info: Arc::new(info), ..routed }
    }
}

/// Whether the node has an international number that begins with one of these codes.
fn begins(node: &ServingNode, codes: &[u16]) -> bool {
    node.number().is_some_and(|number| number_begins(number, codes))
}

fn number_begins(number: Address, codes: &[u16]) -> bool {
    let code = |code: &u16| Digits::parse(&code.to_string()).ok();
    let begins = codes.iter().filter_map(code).any(|code| number.digits.starts_with(code));
    begins && number.nature == NatureOfAddress::International
}

/// Runs the procedure and records its end, whatever it is, under `ticket`.
///
/// # Errors
/// The log could not make the end durable; whatever the position was, it is gone.
pub async fn overriding<N: Network>(
    gateway: &Gateway<'_, N>,
    client: OverrideClient,
    territory: &Territory,
    ask: &Ask,
    mut ticket: Ticket,
) -> Result<Recorded<Answer>, LogUnavailable> {
    let mut progress = Progress::default();
    let answer = locate(gateway, client, territory, ask, &mut ticket, &mut progress).await;
    let ending = progress.ending(&answer, gateway.keeps_coordinates).at(gateway.now());
    ticket.record(ending, answer).await
}

async fn locate<N: Network>(
    gateway: &Gateway<'_, N>,
    client: OverrideClient,
    territory: &Territory,
    ask: &Ask,
    ticket: &mut Ticket,
    progress: &mut Progress,
) -> Answer {
    // Pseudonyms are not for these clients (clause 9.1.1A step 1).
    let named = Identities::of(&ask.request.target).ok_or(Failure::Refused(RefusalReason::PseudonymUnresolved))?;
    ticket.identify(gateway.ppr.subject(&named), named);
    let mut tried = Tried::default();
    let of_emergency = ask.request.client.client_type == LcsClientType::Emergency;
    let mut call = of_emergency.then(|| gateway.network.emergency_call(&named, ask.emergency_key)).flatten();
    loop {
        // Steps 2 and 3: where the subscriber is served says whether the override holds there. The node of an emergency call is
        // known from its report, and a phone without a SIM to no HSS (clauses 9.1.3, 9.1.6A and 9.1.16).
        let routed = match call.take() {
            Some(routed) => routed,
            None => gateway.network.routing_info(&named, tried.anew, ask.deadline).await?,
        };
        let completed = named.or(routed.info.identities);
        ticket.identify(gateway.ppr.subject(&completed), completed);
        let ways = gateway.ways(&routed.info, &ask.request.client, true, false);
        let jurisdiction = territory.jurisdiction(ways.first().map(|way| way.node));
        let permit = gateway.ppr.authorise_override(client, &ask.request, &completed, jurisdiction);
        let located = match permit {
            Ok(permit) => {
                progress.permitted(&permit, ticket);
                let within = territory.within(routed);
                position(gateway, ask, permit, &Asking::anywhere(&within, &tried), ticket, progress).await
            }
            Err(refusal) => Err(Missed::by_route(progress.refused(refusal), &routed)),
        };
        match located {
            Ok(cleared) => return Ok(cleared),
            Err(missed) => tried.note(missed)?,
        }
    }
}
