//! Asking an HLR where a subscriber is served, and a serving node for a position or to have its user told, over MAP (TS 29.002).

use super::{CoreNetwork, Order};
use crate::config;
use gmlc::Ask;
use lcs::{
    Address, Duration, Failure, Identities, LcsClientId, LocationRequest, NodeKind, PositioningOutcome, RoutingInfo,
    ServingNode, Timestamp, Way,
};
use privacy::{NodeInstruction, SessionIdentity};
use ss7::map::{self, MapError, Operation, PrivacyInstruction, Psl, PslError, PslRes, SubscriberIdentity};
use ss7::map::{RoutingInfoForLcsArg, RoutingInfoForLcsRes};
use ss7::sccp::{SccpAddress, Ssn};
use std::sync::Arc;
use transport::sigtran::{Invoke, InvokeError, InvokeOutcome, SigtranNode, by_number};

/// The node of the signalling network, and whom it asks.
pub(crate) struct MapNode {
    node: SigtranNode,
    /// Own number, the mlc-Number of every request.
    number: Address,
    hlr: Option<SccpAddress>,
    routing_limit: Duration,
    location_limit: Duration,
}

impl MapNode {
    /// Over a running node.
    ///
    /// # Errors
    /// The number of the HLR can be no global title.
    pub(crate) fn new(node: SigtranNode, number: Address, config: &config::Map) -> anyhow::Result<Self> {
        let hlr = config.hlr.map(|hlr| by_number(hlr.0, Ssn::HLR)).transpose()?;
        let routing_limit = Duration::from_millis(config.routing_ms);
        let location_limit = Duration::from_millis(config.location_ms);
        Ok(Self { node, number, hlr, routing_limit, location_limit })
    }

    /// The node.
    pub(crate) fn node(&self) -> &SigtranNode {
        &self.node
    }

    /// Whether routes are asked of an HLR.
    pub(super) fn has_home_register(&self) -> bool {
        self.hlr.is_some()
    }

    /// Steps 6 and 7: SendRoutingInfoForLCS (TS 29.002 clause 13A.1).
    pub(super) async fn ask_hlr(&self, target: &Identities, deadline: Timestamp) -> Result<Arc<RoutingInfo>, Failure> {
        // As the client named it, so that the HLR tells the other identity.
        let named = target.msisdn.map(SubscriberIdentity::Msisdn).or(target.imsi.map(SubscriberIdentity::Imsi));
        let (named, hlr) = named.zip(self.hlr).ok_or(Failure::UnknownSubscriber)?;
        let limit = CoreNetwork::time_left(self.routing_limit, deadline)?;
        let argument = RoutingInfoForLcsArg { mlc_number: self.number, target_ms: named }.encode();
        let result = self.invoke(hlr, Operation::SendRoutingInfoForLcs, argument, limit).await?;
        let result = RoutingInfoForLcsRes::decode(&result).map_err(|_| Failure::NetworkProtocol)?;
        let mut info = result.routing_info(*target).ok_or(Failure::NetworkProtocol)?;
        info.identities = info.identities.or(*target);
        Ok(Arc::new(info))
    }

    /// Step 9 or 12: ProvideSubscriberLocation (TS 29.002 clause 13A.2).
    pub(super) async fn ask_node(
        &self,
        order: &Order<'_>,
        way: Way<'_>,
        ask: &Ask,
    ) -> Result<PositioningOutcome, Failure> {
        let to = address(way.node)?;
        let limit = self.location_time(ask.deadline)?;
        let argument = self.psl(order, way, &ask.request).map_err(unsendable)?.encode();
        let result = self.invoke(to, Operation::ProvideSubscriberLocation, argument, limit).await?;
        let result = PslRes::decode(&result).map_err(|_| Failure::NetworkProtocol)?;
        result.positioning_outcome(order.location_type)
    }

    /// Own number.
    pub(super) fn number(&self) -> Address {
        self.number
    }

    /// Time left for a node to answer.
    pub(super) fn location_time(&self, deadline: Timestamp) -> Result<Duration, Failure> {
        CoreNetwork::time_left(self.location_limit, deadline)
    }

    /// Sends to a node, and gives what comes back.
    pub(super) async fn ask_to(
        &self,
        node: &ServingNode,
        operation: Operation,
        argument: Vec<u8>,
        limit: Duration,
    ) -> Result<InvokeOutcome, Failure> {
        let call = Invoke::new(address(node)?, operation.context(), operation.code(), argument, limit);
        self.node.invoke(call).await.map_err(failure_of)
    }

    /// The request: identities and instruction by the permit, the rest as the client asked.
    pub(super) fn psl(&self, order: &Order<'_>, way: Way<'_>, request: &LocationRequest) -> Result<Psl, PslError> {
        let capabilities = way.node.effective_capabilities();
        let instruction = match order.instruction {
            NodeInstruction::Indicators(indicators) => PrivacyInstruction::Indicators(indicators),
            NodeInstruction::PseudoExternal(_, number) | NodeInstruction::HomeNumber(number) => {
                PrivacyInstruction::PseudoExternal(number)
            }
            NodeInstruction::PlmnClient => PrivacyInstruction::PlmnClient,
            NodeInstruction::Override => PrivacyInstruction::Override,
        };
        let other;
        let client = match told(&request.client, order.session) {
            Some(client) => {
                other = client;
                &other
            }
            None => &request.client,
        };
        let psl = Psl::new(self.number, order.location_type, order.target, client, instruction, capabilities)?;
        let mut psl = psl.priority(request.priority).qos(request.qos, request.velocity).shapes(request.shapes);
        if let Some(service_type) = request.service_type {
            psl = psl.service_type(service_type);
        }
        match order.codeword {
            Some(codeword) => psl.codeword(codeword),
            None => Ok(psl),
        }
    }

    async fn invoke(
        &self,
        to: SccpAddress,
        operation: Operation,
        argument: Vec<u8>,
        limit: Duration,
    ) -> Result<Vec<u8>, Failure> {
        let call = Invoke::new(to, operation.context(), operation.code(), argument, limit);
        match self.node.invoke(call).await.map_err(failure_of)? {
            InvokeOutcome::Result(result) => Ok(result),
            other => Err(failure_of_outcome(&other)),
        }
    }
}

/// Whom to ask over MAP.
fn address(node: &ServingNode) -> Result<SccpAddress, Failure> {
    let (number, subsystem) = match node.kind {
        NodeKind::Msc { number } => (number, Ssn::MSC),
        NodeKind::Sgsn { number: Some(number), .. } => (number, Ssn::SGSN),
        NodeKind::Sgsn { number: None, .. } | NodeKind::Mme { .. } | NodeKind::Aaa { .. } => {
            return Err(Failure::ServingNodeUnsupported);
        }
    };
    by_number(number, subsystem).map_err(|_| Failure::NetworkProtocol)
}

/// The client without what the node is not to be told of call and session; `None` if that is all of it.
pub(super) fn told(client: &LcsClientId, session: Option<SessionIdentity>) -> Option<LcsClientId> {
    let dialled = session == Some(SessionIdentity::Dialled);
    let apn = session == Some(SessionIdentity::Apn);
    let whole = (client.dialled.is_none() || dialled) && (client.apn.is_none() || apn);
    (!whole).then(|| {
        let mut told = client.clone();
        told.dialled = told.dialled.filter(|_| dialled);
        told.apn = told.apn.filter(|_| apn);
        told
    })
}

/// What it means for a request that it cannot be said in MAP.
pub(super) fn unsendable(error: PslError) -> Failure {
    match error {
        // TS 29.002 clause 17.7.13: 20 octets; the client chose a longer word.
        PslError::Codeword => Failure::InvalidRequest,
        PslError::NoTarget => Failure::UnknownSubscriber,
        _ => {
            tracing::error!(%error, "a permit that cannot be told over MAP");
            Failure::SystemFailure
        }
    }
}

/// What it means for a request that it was not sent, or that nothing is known of it.
fn failure_of(error: InvokeError) -> Failure {
    match error {
        InvokeError::NoRoute | InvokeError::NotActive => Failure::NetworkUnreachable,
        // The node may have the request, and its user be asked: nobody else is to ask again.
        InvokeError::Lost | InvokeError::Ended => Failure::NetworkFault,
        InvokeError::Overloaded => Failure::NetworkCongestion,
        InvokeError::TooLong | InvokeError::Malformed(_) => Failure::SystemFailure,
        InvokeError::Stopping => Failure::Stopping,
    }
}

/// What it means for a request that its dialogue ended so.
pub(super) fn failure_of_outcome(outcome: &InvokeOutcome) -> Failure {
    match outcome {
        InvokeOutcome::Error { code, parameter } => match MapError::decode(*code, parameter) {
            Ok(error) => map::failure(error),
            Err(_) => Failure::NetworkProtocol,
        },
        InvokeOutcome::TimedOut => Failure::TimedOut,
        // A node without location services.
        InvokeOutcome::ContextNotSupported { .. } => Failure::ServingNodeUnsupported,
        // ITU-T Q.713 clause 3.12: congestion of subsystem or network.
        InvokeOutcome::Unreachable { cause: 2 | 6 } => Failure::NetworkCongestion,
        InvokeOutcome::Unreachable { .. } => Failure::NetworkUnreachable,
        InvokeOutcome::Rejected(_) | InvokeOutcome::Aborted(_) | InvokeOutcome::NoAnswer => Failure::NetworkFault,
        InvokeOutcome::Result(_) | InvokeOutcome::Unacceptable(_) => Failure::NetworkProtocol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lcs::{ApnNi, ClientName, FormatIndicator, LcsClientType};
    use ss7::tcap::{InvokeProblem, Problem};
    use transport::sigtran::ApplicationContext;

    /// Only what no node has got may be asked of another one: its user might be asked twice.
    #[test]
    fn a_request_that_a_node_may_have_is_never_undelivered() {
        let undelivered = |failure| failure == Failure::NetworkUnreachable;
        for (error, expected) in [
            (InvokeError::NoRoute, true),
            (InvokeError::NotActive, true),
            (InvokeError::Lost, false),
            (InvokeError::Ended, false),
            (InvokeError::Overloaded, false),
            (InvokeError::Stopping, false),
            (InvokeError::TooLong, false),
            (InvokeError::Malformed("test"), false),
        ] {
            assert_eq!(undelivered(failure_of(error)), expected, "{error:?}");
        }
        for (outcome, failure) in [
            (InvokeOutcome::TimedOut, Failure::TimedOut),
            (InvokeOutcome::NoAnswer, Failure::NetworkFault),
            (InvokeOutcome::Rejected(Problem::Invoke(InvokeProblem::ResourceLimitation)), Failure::NetworkFault),
            (InvokeOutcome::Unacceptable(Problem::Invoke(InvokeProblem::MistypedParameter)), Failure::NetworkProtocol),
            (InvokeOutcome::Result(Vec::new()), Failure::NetworkProtocol),
            (InvokeOutcome::ContextNotSupported { alternative: None }, Failure::ServingNodeUnsupported),
            (
                InvokeOutcome::ContextNotSupported { alternative: Some(ApplicationContext::map(38, 2)) },
                Failure::ServingNodeUnsupported,
            ),
            // unauthorizedLCSClient without and with "call not set up", and an error that no operation of ours has.
            (InvokeOutcome::Error { code: 53, parameter: Vec::new() }, Failure::PositioningDenied),
            (InvokeOutcome::Error { code: 53, parameter: vec![0x30, 3, 0x80, 1, 2] }, Failure::PositioningDenied),
            (InvokeOutcome::Error { code: 200, parameter: Vec::new() }, Failure::NetworkProtocol),
        ] {
            assert_eq!(failure_of_outcome(&outcome), failure, "{outcome:?}");
        }
        for cause in 0..=u8::MAX {
            let congested = matches!(cause, 2 | 6);
            let failure = failure_of_outcome(&InvokeOutcome::Unreachable { cause });
            assert_eq!(
                (failure == Failure::NetworkCongestion, undelivered(failure)),
                (congested, !congested),
                "{cause}"
            );
        }
    }

    #[test]
    fn a_node_is_told_of_call_and_session_what_the_permit_says() {
        let dialled = Address::international("+4930123456").ok();
        let apn = ApnNi::new("fleet.example").ok();
        let client = |dialled, apn| LcsClientId {
            client_type: LcsClientType::ValueAdded,
            external: Address::international("+4930999999").ok(),
            internal: None,
            dialled,
            apn,
            name: Some(ClientName { text: "Fleet".to_owned(), format: FormatIndicator::LogicalName }),
            requestor: None,
            call_session_related: true,
        };
        for (session, tells_number, tells_apn) in [
            (None, false, false),
            (Some(SessionIdentity::Dialled), true, false),
            (Some(SessionIdentity::Apn), false, true),
        ] {
            for whole in [client(dialled, None), client(None, apn.clone()), client(None, None)] {
                let told = told(&whole, session).unwrap_or_else(|| whole.clone());
                let expected = client(whole.dialled.filter(|_| tells_number), whole.apn.clone().filter(|_| tells_apn));
                assert_eq!(told, expected, "{session:?}");
            }
        }
    }
}
