//! ProvideSubscriberLocation-Arg as a gateway sends it: never without saying what the node shall do about privacy.

use super::{
    AreaEventInfo, ClientExternalId, ClientId, ClientNameString, CodewordString, LcsQos, PeriodicLdrInfo, ReceivedPsl,
    ReportingPlmnList, RequestedLocation, RequestedPrivacy,
    value::{DeferredEvents, Lmsi},
};
use lcs::{
    Address, Codeword, Identities, LcsCapabilitySets, LcsClientId, LcsClientType, LocationType, Priority,
    PrivacyIndicators, PrivacySetting, Qos, ServiceType, gad::ShapeSet,
};
use std::net::IpAddr;

/// What the serving node shall do about the subscriber's privacy. One of these is in every request, and there is no default: a
/// request that says nothing is left to whatever the node makes of it (TS 23.271 clauses 9.5.4, 9.1.1A and Annex C).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivacyInstruction {
    /// The indicators of the privacy check, for a node that acts on them (capability set 4 or higher): LCS-PrivacyCheck.
    Indicators(PrivacyIndicators),
    /// This pseudo-external identity stands where the client's own external identity would, for a node that knows no indicators
    /// and finds the identity in the profile that its home register gave it (Annex C). No LCS-PrivacyCheck.
    PseudoExternal(Address),
    /// The internal identity of a client of the operator and nothing else, for a node that knows no indicators and finds it in the
    /// profile that its home register gave it (clause 9.5.3.4).
    PlmnClient,
    /// The subscriber's privacy is overridden: privacyOverride, and beside it "not allowed", so that a node to which the override does
    /// not apply refuses (clause 9.1.1A). For emergency services and lawful interception.
    Override,
}

/// Why a request cannot be sent as it is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PslError {
    /// Neither IMSI nor MSISDN.
    #[error("the target has neither IMSI nor MSISDN (TS 29.002 clause 17.7.13)")]
    NoTarget,
    /// A node below capability set 4 would not see the indicators.
    #[error("the node does not know privacy indicators and would pass them over: use a pseudo-external identity")]
    NodeIgnoresIndicators,
    /// A node of capability set 4 or higher goes by indicators, and their absence would be no instruction.
    #[error("the node acts on privacy indicators and must get them")]
    NodeTakesIndicators,
    /// A related indicator says nothing without the call or session.
    #[error("a call/session related indicator without dialled number or APN (TS 23.271 clause 9.5.4)")]
    RelatedWithoutCallSession,
    /// The instruction is none for a client of this type.
    #[error("this instruction is not for a client of type {0:?} (TS 23.271 Annex B, clause 9.5.1)")]
    NotForClient(LcsClientType),
    /// A client of the operator without internal identity.
    #[error("a client of the operator without internal identity (TS 23.271 Annex B)")]
    NoInternalIdentity,
    /// A value added client without a name that can be told.
    #[error("a value added client without name (TS 23.271 Annex B)")]
    NoName,
    /// The codeword cannot be sent whole.
    #[error("codeword longer than 22 characters of the default alphabet, or with others (TS 29.002 clause 17.7.13)")]
    Codeword,
}

/// ProvideSubscriberLocation-Arg to send (TS 29.002 clause 13A.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Psl {
    request: ReceivedPsl,
}

impl Psl {
    /// A request for a location of a target, of a client, to a node with these capability sets
    /// ([`lcs::ServingNode::effective_capabilities`]).
    ///
    /// Dialled number and APN go along as the client has them (TS 23.271 Annex B NOTE). A node below capability set 3 has no field for the
    /// requestor, so it is merged into the name too (TS 23.271 Annex D). An external identity in the client is replaced by a
    /// pseudo-external one where that is the instruction; a client of the operator has none.
    ///
    /// # Errors
    /// Whatever would make the instruction unheard, and a target or client that is not whole.
    pub fn new(
        mlc_number: Address,
        location_type: LocationType,
        target: Identities,
        client: &LcsClientId,
        instruction: PrivacyInstruction,
        capabilities: LcsCapabilitySets,
    ) -> Result<Self, PslError> {
        if target.imsi.is_none() && target.msisdn.is_none() {
            return Err(PslError::NoTarget);
        }
        let mut client_id = ClientId::of(client);
        if let Some(name) = client.name.as_ref().filter(|_| capabilities.highest() < 3) {
            client_id.name = ClientNameString::new(name, client.requestor.as_ref());
        }
        if client.client_type == LcsClientType::ValueAdded && client_id.name.is_none() {
            return Err(PslError::NoName);
        }
        let privacy_check = instruct(&mut client_id, instruction, capabilities)?;
        let request = ReceivedPsl {
            location_type: RequestedLocation { estimate_type: location_type, deferred_event_type: None },
            mlc_number,
            client_id: Some(client_id),
            privacy_override: instruction == PrivacyInstruction::Override,
            imsi: target.imsi,
            msisdn: target.msisdn,
            lmsi: None,
            imei: target.imei,
            priority: None,
            qos: None,
            supported_gad_shapes: None,
            reference_number: None,
            service_type: None,
            codeword: None,
            privacy_check,
            area_event_info: None,
            h_gmlc_address: None,
            mo_lr_short_circuit: false,
            periodic_ldr_info: None,
            reporting_plmn_list: None,
        };
        Ok(Self { request })
    }

    /// Sets the service type.
    #[must_use]
    pub fn service_type(mut self, service_type: ServiceType) -> Self {
        self.request.service_type = Some(service_type);
        self
    }

    /// Sets the codeword, for the user to check (TS 23.271 Table 10.12a).
    ///
    /// # Errors
    /// MAP cannot carry it whole: 20 octets of the default alphabet.
    pub fn codeword(mut self, codeword: &Codeword) -> Result<Self, PslError> {
        self.request.codeword = Some(CodewordString::new(codeword).ok_or(PslError::Codeword)?);
        Ok(self)
    }

    /// Sets the priority.
    #[must_use]
    pub fn priority(mut self, priority: Priority) -> Self {
        self.request.priority = Some(priority);
        self
    }

    /// Sets the quality wanted, and whether velocity is.
    #[must_use]
    pub fn qos(mut self, qos: Qos, velocity: bool) -> Self {
        self.request.qos = Some(LcsQos::of(qos, velocity));
        self
    }

    /// Sets the shapes that can be taken; those without a bit in MAP are left out.
    #[must_use]
    pub fn shapes(mut self, shapes: ShapeSet) -> Self {
        self.request.supported_gad_shapes = Some(ShapeSet(shapes.0 & 0x7F));
        self
    }

    /// Sets the LMSI that the home register told.
    #[must_use]
    pub fn lmsi(mut self, lmsi: Lmsi) -> Self {
        self.request.lmsi = Some(lmsi);
        self
    }

    /// Makes it a deferred request: what it waits for, its reference, and where reports go (TS 23.271 clause 4.4.2).
    #[must_use]
    pub fn deferred(mut self, events: DeferredEvents, reference: u8, h_gmlc: IpAddr) -> Self {
        self.request.location_type.deferred_event_type = Some(events);
        self.request.reference_number = Some(reference);
        self.request.h_gmlc_address = Some(h_gmlc);
        self
    }

    /// Sets the area event of a deferred request.
    #[must_use]
    pub fn area_event(mut self, info: AreaEventInfo) -> Self {
        self.request.area_event_info = Some(info);
        self
    }

    /// Sets the periodic reports of a deferred request.
    #[must_use]
    pub fn periodic(mut self, info: PeriodicLdrInfo) -> Self {
        self.request.periodic_ldr_info = Some(info);
        self
    }

    /// Sets the networks where a deferred request may report.
    #[must_use]
    pub fn reporting_plmns(mut self, list: ReportingPlmnList) -> Self {
        self.request.reporting_plmn_list = Some(list);
        self
    }

    /// The request as its receiver will see it.
    #[must_use]
    pub fn as_received(&self) -> &ReceivedPsl {
        &self.request
    }

    /// The argument as one BER element.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.request.encode()
    }

    /// Appends the argument as one BER element.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        self.request.encode_into(out);
    }
}

/// Puts the instruction into the client's identity, or gives what belongs into LCS-PrivacyCheck.
fn instruct(
    client: &mut ClientId,
    instruction: PrivacyInstruction,
    capabilities: LcsCapabilitySets,
) -> Result<Option<RequestedPrivacy>, PslError> {
    let client_type = client.client_type;
    let heard = capabilities.takes_indicators();
    match instruction {
        PrivacyInstruction::Indicators(_) if !heard => Err(PslError::NodeIgnoresIndicators),
        PrivacyInstruction::Indicators(indicators) => {
            let related = indicators.related();
            if related.is_some() && client.dialled_by_ms.is_none() && client.apn.is_none() {
                return Err(PslError::RelatedWithoutCallSession);
            }
            Ok(Some(RequestedPrivacy { unrelated: indicators.unrelated(), related }))
        }
        PrivacyInstruction::PseudoExternal(_) | PrivacyInstruction::PlmnClient if heard => {
            Err(PslError::NodeTakesIndicators)
        }
        PrivacyInstruction::PseudoExternal(identity) => match client_type {
            LcsClientType::ValueAdded | LcsClientType::Emergency => {
                client.external_id = Some(ClientExternalId::of(identity));
                Ok(None)
            }
            LcsClientType::PlmnOperator | LcsClientType::LawfulIntercept => Err(PslError::NotForClient(client_type)),
        },
        PrivacyInstruction::PlmnClient => match (client_type, client.internal_id) {
            (LcsClientType::PlmnOperator, None) => Err(PslError::NoInternalIdentity),
            (LcsClientType::PlmnOperator, internal_id) => {
                *client = ClientId { internal_id, ..ClientId::new(client_type) };
                Ok(None)
            }
            (other, _) => Err(PslError::NotForClient(other)),
        },
        PrivacyInstruction::Override => match client_type {
            LcsClientType::Emergency | LcsClientType::LawfulIntercept => {
                Ok(Some(RequestedPrivacy { unrelated: PrivacySetting::NotAllowed, related: None }))
            }
            LcsClientType::ValueAdded | LcsClientType::PlmnOperator => Err(PslError::NotForClient(client_type)),
        },
    }
}
