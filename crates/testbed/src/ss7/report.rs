//! What a node reports of its own: emergency calls (NI-LR, TS 23.271 clauses 9.1.5 and 9.1.7) and what phones ask for themselves
//! (MO-LR, clause 9.2).

use super::{Domain, ServingNode};
use crate::{
    counters::count,
    phones::Phone,
    scenario::{PhoneState, SubscriberSpec},
};
use lcs::{
    Address, LcsClientType, ServiceType,
    gad::{GadError, ShapeSet},
    slpp::MoLrCode,
};
use ss7::map::{
    ClientExternalId, ClientId, Estimate, LcsEvent, LcsLocationInfo, MapError, Operation, SlrArg, UnreadableError,
};
use std::time::Duration;
use transport::sigtran::{Invoke, InvokeError, InvokeOutcome, Ssn, by_number};

/// How long a gateway may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a report came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The phone cannot call.
    #[error("the phone is not attached")]
    NotAttached,
    /// No MSC or SGSN serves it.
    #[error("no MSC or SGSN serves the phone")]
    NotServed,
    /// The scenario names no gateway.
    #[error("the scenario names no [[ss7.gateway]] to report to")]
    NoGateway,
    /// The subscriber has not this service (TS 23.271 Table 9.3).
    #[error("the subscriber data that the node holds does not allow it")]
    NotSubscribed,
    /// The gateway could not be asked.
    #[error("no gateway took the report: {0}")]
    Unreachable(#[from] InvokeError),
    /// The gateway answered with an error.
    #[error("the gateway answered {0:?}")]
    Refused(MapError),
    /// The gateway's answer cannot be read.
    #[error("the gateway's answer cannot be used: {0}")]
    Unreadable(#[from] UnreadableError),
    /// The gateway did otherwise than answer.
    #[error("the gateway did not answer: {0:?}")]
    NoAnswer(InvokeOutcome),
    /// The scenario asks for what the shape cannot hold.
    #[error("the scenario's estimate cannot be coded: {0}")]
    NoEstimate(#[from] GadError),
}

/// What a phone asks its network to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfLocation {
    /// Number of the client that is to have the position.
    pub client: Address,
    /// Service type, if the phone names one.
    pub service_type: Option<ServiceType>,
    /// Whether the client is to know a pseudonym alone.
    pub pseudonym: bool,
}

impl ServingNode {
    /// A phone calls for help, or hangs up.
    pub(crate) async fn emergency_call(&self, phone: &Phone, event: LcsEvent) -> Result<(), ReportError> {
        let spec = attached(phone)?;
        let client = ClientId::new(LcsClientType::Emergency);
        let report = SlrArg::new(event, client, self.location_info(), phone.identities);
        let report = report.with_estimate(self.estimate(&spec, None)?);
        self.report(self.gateway.ok_or(ReportError::NoGateway)?, &report).await
    }

    /// A phone has its position sent to a client (transfer to third party).
    pub(crate) async fn self_location(&self, phone: &Phone, wanted: &SelfLocation) -> Result<(), ReportError> {
        let spec = attached(phone)?;
        let held = phone.identities.imsi.map(|imsi| self.copies.of(imsi)).unwrap_or_default();
        let third_party = held.mo_lr.iter().find(|class| class.code == MoLrCode::TransferToThirdParty);
        if !third_party.is_some_and(|class| class.status.counts()) {
            return Err(ReportError::NotSubscribed);
        }
        let external_id = Some(ClientExternalId::of(wanted.client));
        let client = ClientId { external_id, ..ClientId::new(LcsClientType::ValueAdded) };
        let mut report = SlrArg::new(LcsEvent::MoLr, client, self.location_info(), phone.identities);
        report.lcs_service_type_id = wanted.service_type;
        report.pseudonym_indicator = wanted.pseudonym;
        let report = report.with_estimate(self.estimate(&spec, None)?);
        self.report(self.gateway.ok_or(ReportError::NoGateway)?, &report).await
    }

    /// How the node names itself in reports.
    pub(super) fn location_info(&self) -> LcsLocationInfo {
        let mut info = LcsLocationInfo::of_number(self.number, self.domain == Domain::Ps);
        info.supported_lcs_capability_sets = self.registration.capabilities;
        info
    }

    /// Where a phone is, for a gateway that takes these shapes.
    pub(super) fn estimate(&self, spec: &SubscriberSpec, taken: Option<ShapeSet>) -> Result<Estimate, GadError> {
        let fix = self.fix(spec, taken.unwrap_or(super::serving::FIVE_SHAPES))?;
        // Sound: the shape is one that is taken.
        Ok(Estimate::of(&fix, taken).unwrap_or_default())
    }

    /// Sends a report and waits for the acknowledgement.
    pub(super) async fn report(&self, gateway: Address, report: &SlrArg) -> Result<(), ReportError> {
        self.send(gateway, report).await?;
        count(&self.shared.counters.slr_accepted);
        Ok(())
    }

    /// The same; an acknowledgement is not counted yet.
    pub(super) async fn send(&self, gateway: Address, report: &SlrArg) -> Result<(), ReportError> {
        let node = self.node().ok_or(InvokeError::NotActive)?;
        let to = by_number(gateway, Ssn::GMLC).map_err(|_| InvokeError::NoRoute)?;
        let operation = Operation::SubscriberLocationReport;
        count(&self.shared.counters.slr);
        let call = Invoke::new(to, operation.context(), operation.code(), report.encode(), PATIENCE);
        match node.invoke(call).await? {
            InvokeOutcome::Result(_) => Ok(()),
            InvokeOutcome::Error { code, parameter } => Err(ReportError::Refused(MapError::decode(code, &parameter)?)),
            other => Err(ReportError::NoAnswer(other)),
        }
    }
}

fn attached(phone: &Phone) -> Result<SubscriberSpec, ReportError> {
    let spec = phone.now();
    if spec.state == PhoneState::Attached { Ok(spec) } else { Err(ReportError::NotAttached) }
}
