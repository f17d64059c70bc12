//! The home location register: tells gateways who serves (TS 29.002 clause 13A.1), takes location updates (clause 8.1) and gives the
//! nodes the data of their subscribers (clause 8.8).

use super::{
    answer,
    copies::changes,
    register::{Domain, Registration},
};
use crate::{
    counters::count,
    network::Shared,
    phones::Phone,
    scenario::{HlrSpec, PhoneState},
};
use lcs::{Address, Imsi, LcsCapabilitySets, RoutingInfo, slpp::LcsInformation};
use ss7::map::{
    AbsentSubscriberReason, DecodeError, MapError, Operation, RoutingInfoForLcsArg, RoutingInfoForLcsRes,
    SystemFailure, UpdateGprsLocationArg, UpdateGprsLocationRes, UpdateLocationArg, UpdateLocationRes,
};
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};
use transport::sigtran::{
    Answer, Dialogue, DialogueHandler, Incoming, Invoke, InvokeError, InvokeOutcome, InvokeProblem, SigtranNode, Ssn,
    by_number,
};

/// How long a node may take to acknowledge subscriber data.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a node did not take subscriber data.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// It could not be asked.
    #[error("the serving node cannot be reached: {0}")]
    Unreachable(#[from] InvokeError),
    /// It did not do it.
    #[error("the serving node did not take it: {0:?}")]
    Refused(InvokeOutcome),
    /// The home register does not run.
    #[error("the scenario has no home location register")]
    NoRegister,
}

/// The home location register.
pub(crate) struct Hlr {
    name: String,
    number: Address,
    unauthorised: Vec<Address>,
    shared: Arc<Shared>,
    node: OnceLock<SigtranNode>,
}

impl Hlr {
    pub(super) fn new(spec: &HlrSpec, number: Address, shared: Arc<Shared>) -> Self {
        let unauthorised = spec.unauthorised.iter().filter_map(|text| super::number(text)).collect();
        Self { name: spec.name.clone(), number, unauthorised, shared, node: OnceLock::new() }
    }

    /// Tells it the node whose handler it is.
    pub(super) fn knows(&self, node: &SigtranNode) {
        self.node.get_or_init(|| node.clone());
    }

    /// Puts other data of a subscriber in place, and gives it to the nodes that serve.
    pub(crate) async fn provision(&self, phone: &Phone, information: LcsInformation) -> Result<(), PushError> {
        let (Some(ss7), Some(node), Some(imsi)) = (&self.shared.ss7, self.node.get(), phone.identities.imsi) else {
            return Err(PushError::NoRegister);
        };
        let before = ss7.register.provision(&phone.label, information.clone());
        for serving in ss7.register.serving(&phone.label) {
            let (before, after) = (before.sent_to(set(&serving)), information.sent_to(set(&serving)));
            if takes_data(&serving) {
                push(node, imsi, &serving, &before, after).await?;
            }
        }
        Ok(())
    }
}

/// Highest set that the register reckons with: what was told, 1 for a VLR that told none.
fn set(serving: &Registration) -> u8 {
    serving.capabilities.map_or(1, LcsCapabilitySets::highest)
}

/// An SGSN that told no sets has no LCS, and gets no data for it (TS 29.002 clause 17.7.1).
fn takes_data(serving: &Registration) -> bool {
    serving.domain == Domain::Cs || serving.capabilities.is_some()
}

/// Deletes and inserts at a node, each in a dialogue of its own.
async fn push(
    node: &SigtranNode,
    imsi: Imsi,
    to: &Registration,
    before: &LcsInformation,
    after: LcsInformation,
) -> Result<(), PushError> {
    let subsystem = if to.domain == Domain::Cs { Ssn::VLR } else { Ssn::SGSN };
    let address = by_number(to.number, subsystem).map_err(|_| InvokeError::NoRoute)?;
    let (delete, insert) = changes(imsi, before, after);
    let delete = delete.map(|argument| (Operation::DeleteSubscriberData, argument.encode()));
    let insert = insert.map(|argument| (Operation::InsertSubscriberData, argument.encode()));
    for (operation, argument) in delete.into_iter().chain(insert) {
        let call = Invoke::new(address, operation.context(), operation.code(), argument, PATIENCE);
        match node.invoke(call).await? {
            InvokeOutcome::Result(_) => {}
            other => return Err(PushError::Refused(other)),
        }
    }
    Ok(())
}

impl DialogueHandler for Hlr {
    async fn handle(&self, incoming: Incoming, dialogue: Dialogue) -> Answer {
        let Some(operation) = Operation::from_code(incoming.operation) else {
            return Answer::Reject(InvokeProblem::UnrecognizedOperation);
        };
        if !incoming.application_context.is_some_and(|context| operation.belongs_to(context)) {
            return Answer::ContextNotSupported { alternative: Some(operation.context()) };
        }
        match operation {
            Operation::SendRoutingInfoForLcs => self.routing_info(&incoming.argument).await,
            Operation::UpdateLocation | Operation::UpdateGprsLocation => {
                self.update(operation, &incoming.argument, &dialogue).await
            }
            _ => Answer::Reject(InvokeProblem::UnrecognizedOperation),
        }
    }
}

impl Hlr {
    async fn routing_info(&self, argument: &[u8]) -> Answer {
        count(&self.shared.counters.sri);
        let asked = match RoutingInfoForLcsArg::decode(argument) {
            Ok(asked) => asked,
            Err(error) => return answer::undecodable(error),
        };
        let own = |phone: &&Arc<Phone>| phone.operator == self.shared.operator;
        let phone = self.shared.phones.identified(asked.target_ms.identities()).filter(own);
        let faults = self.shared.faults.strike(&self.name, phone.map(|phone| phone.label.as_str()));
        if let Some(answer) = self.shared.misbehave_in_map(&self.name, &faults).await {
            return answer;
        }
        match self.look_up(&asked, phone) {
            Ok(found) => Answer::Result(found.encode()),
            Err(error) => {
                count(&self.shared.counters.sri_refused);
                answer::error(error)
            }
        }
    }

    fn look_up(
        &self,
        asked: &RoutingInfoForLcsArg,
        phone: Option<&Arc<Phone>>,
    ) -> Result<RoutingInfoForLcsRes, MapError> {
        if self.unauthorised.contains(&asked.mlc_number) {
            return Err(MapError::UnauthorizedRequestingNetwork);
        }
        let state = phone.map(|phone| phone.now().state);
        let Some(phone) = phone.filter(|_| state != Some(PhoneState::UnknownToHss)) else {
            return Err(MapError::UnknownSubscriber(None));
        };
        let nodes = self.shared.serving_nodes(phone);
        if state == Some(PhoneState::Absent) || nodes.is_empty() {
            return Err(MapError::AbsentSubscriber(Some(AbsentSubscriberReason::PurgedMs)));
        }
        let (h_gmlc, ppr) = self.shared.ss7.as_ref().map_or((None, None), |ss7| (ss7.h_gmlc, ss7.ppr));
        let routing =
            RoutingInfo { identities: phone.identities, nodes: nodes.into(), h_gmlc, ppr, optimised_lcs: false };
        RoutingInfoForLcsRes::of(&routing, asked.target_ms).ok_or(MapError::SystemFailure(SystemFailure::default()))
    }

    /// Takes note of a node that serves, gives it the data in the same dialogue, and then accepts.
    async fn update(&self, operation: Operation, argument: &[u8], dialogue: &Dialogue) -> Answer {
        let (imsi, registration) = match read(operation, argument) {
            Ok(read) => read,
            Err(error) => return answer::undecodable(error),
        };
        let (Some(phone), Some(ss7)) = (self.shared.phones.with_imsi(imsi), &self.shared.ss7) else {
            return answer::error(MapError::UnknownSubscriber(None));
        };
        let data = ss7.register.information(&phone.label).sent_to(set(&registration));
        let (_, insert) = changes(imsi, &LcsInformation::default(), data);
        if let Some(argument) = insert.filter(|_| takes_data(&registration)) {
            let insert = Operation::InsertSubscriberData.code();
            match dialogue.invoke(insert, &argument.encode(), PATIENCE).await {
                Ok(InvokeOutcome::Result(_)) => {}
                failed => {
                    tracing::warn!(node = %self.name, ?failed, "subscriber data was not taken");
                    return answer::error(MapError::SystemFailure(SystemFailure::default()));
                }
            }
        }
        ss7.register.register(&phone.label, registration);
        let hlr_number = self.number;
        Answer::Result(match operation {
            Operation::UpdateLocation => UpdateLocationRes { hlr_number }.encode(),
            _ => UpdateGprsLocationRes { hlr_number }.encode(),
        })
    }
}

/// Who serves whom, as a location update tells.
fn read(operation: Operation, argument: &[u8]) -> Result<(Imsi, Registration), DecodeError> {
    if operation == Operation::UpdateLocation {
        let told = UpdateLocationArg::decode(argument)?;
        let capabilities = told.vlr_capability.and_then(|capability| capability.supported_lcs_capability_sets);
        let registration =
            Registration { domain: Domain::Cs, number: told.msc_number, capabilities, v_gmlc: told.v_gmlc_address };
        return Ok((told.imsi, registration));
    }
    let told = UpdateGprsLocationArg::decode(argument)?;
    let capabilities = told.sgsn_capability.and_then(|capability| capability.supported_lcs_capability_sets);
    let registration =
        Registration { domain: Domain::Ps, number: told.sgsn_number, capabilities, v_gmlc: told.v_gmlc_address };
    Ok((told.imsi, registration))
}
