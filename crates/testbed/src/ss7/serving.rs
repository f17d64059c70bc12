//! An MSC with its VLR, or an SGSN: asks its users, finds its phones, answers (TS 23.271 clauses 9.1.2 and 9.1.6, TS 29.002 clause
//! 13A).

use super::{
    Asked, Copies, Denial, Diagnostic, Reach, Verdict, answer, decide,
    register::{Domain, Registration},
};
use crate::{
    counters::count,
    mme::{Showing, UserResponse, estimate, may_go_on, meets, respond, velocity},
    network::Shared,
    phones::Phone,
    scenario::{LegacyNodeSpec, PhoneState, SubscriberSpec},
    seen::{Sight, shown_word},
    wire,
};
use lcs::{
    Address, CellIdentity, Fix, LcsCapabilitySets, LcsClientType, LocationType, PlmnId,
    gad::{GadError, ShapeSet, Uncertainty},
    slpp::NodeKnowledge,
    split_name,
};
use ss7::map::{Operation, PslRes, ReceivedPsl};
use std::{
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};
use tokio::time::Instant;
use transport::sigtran::{Answer, Dialogue, DialogueHandler, Incoming, InvokeProblem, SigtranNode};

/// The five shapes that a gateway takes which names none (TS 29.002 clause 17.7.13, Ext-GeographicalInformation): point, circle,
/// ellipse, ellipsoid with altitude, arc.
pub(super) const FIVE_SHAPES: ShapeSet = ShapeSet(0b110_0111);

/// An MSC or SGSN.
pub(crate) struct ServingNode {
    pub(super) name: String,
    pub(super) number: Address,
    pub(super) domain: Domain,
    pub(super) knowledge: NodeKnowledge,
    /// What it tells the home register when it registers.
    pub(super) registration: Registration,
    /// Name and number of its home register.
    pub(super) hlr: (String, Address),
    /// Where it reports emergency calls and what phones ask for themselves.
    pub(super) gateway: Option<Address>,
    authorised: Vec<Address>,
    /// Its network, as on the wire.
    pub(super) plmn: [u8; 3],
    pub(super) copies: Copies,
    pub(super) shared: Arc<Shared>,
    node: OnceLock<SigtranNode>,
    /// The node itself, for what it does later.
    this: OnceLock<Weak<Self>>,
}

impl ServingNode {
    pub(super) fn new(
        spec: &LegacyNodeSpec,
        domain: Domain,
        number: Address,
        hlr: (String, Address),
        gateway: Option<Address>,
        shared: Arc<Shared>,
    ) -> Self {
        let sets = spec.capability_set.map(|highest| match domain {
            Domain::Cs => LcsCapabilitySets((1 << highest) - 1),
            // An SGSN may not claim set 1 (TS 23.271 clause 10.5.1, TS 29.002 clause 17.7.1).
            Domain::Ps => LcsCapabilitySets(((1 << highest) - 1) & !1),
        });
        Self {
            name: spec.name.clone(),
            number,
            domain,
            knowledge: NodeKnowledge {
                capability_set: spec.acts_by_set(),
                knows_not_allowed: spec.knows_not_allowed(),
            },
            registration: Registration { domain, number, capabilities: sets, v_gmlc: spec.v_gmlc },
            hlr,
            gateway,
            authorised: spec.authorised.iter().filter_map(|text| super::number(text)).collect(),
            plmn: spec.network().map_or_else(|| wire::plmn(&shared.realm), PlmnId::octets),
            copies: Copies::default(),
            shared,
            node: OnceLock::new(),
            this: OnceLock::new(),
        }
    }

    /// Tells it the node whose handler it is.
    pub(super) fn knows(self: &Arc<Self>, node: &SigtranNode) {
        self.node.get_or_init(|| node.clone());
        self.this.get_or_init(|| Arc::downgrade(self));
    }

    /// Itself, for what it does later.
    pub(super) fn myself(&self) -> Option<Arc<Self>> {
        self.this.get().and_then(Weak::upgrade)
    }

    pub(super) fn node(&self) -> Option<&SigtranNode> {
        self.node.get()
    }

    /// Whether it serves a phone.
    pub(super) fn serves(&self, phone: &Phone) -> bool {
        self.is_named_by(&phone.now())
    }

    /// Whether it serves a phone that is like this.
    pub(super) fn is_named_by(&self, spec: &SubscriberSpec) -> bool {
        let name = match self.domain {
            Domain::Cs => spec.msc.as_deref(),
            Domain::Ps => spec.sgsn.as_deref(),
        };
        name == Some(&self.name)
    }
}

impl DialogueHandler for ServingNode {
    async fn handle(&self, incoming: Incoming, _dialogue: Dialogue) -> Answer {
        let Some(operation) = Operation::from_code(incoming.operation) else {
            return Answer::Reject(InvokeProblem::UnrecognizedOperation);
        };
        if !incoming.application_context.is_some_and(|context| operation.belongs_to(context)) {
            return Answer::ContextNotSupported { alternative: Some(operation.context()) };
        }
        match operation {
            Operation::ProvideSubscriberLocation => self.provide_location(&incoming.argument).await,
            Operation::InsertSubscriberData => self.insert(&incoming),
            Operation::DeleteSubscriberData => self.delete(&incoming),
            _ => Answer::Reject(InvokeProblem::UnrecognizedOperation),
        }
    }
}

/// Why there is no position.
pub(super) enum NotLocated {
    Denied(Denial),
    /// The scenario asks for what the shape cannot hold.
    Unspeakable(GadError),
}

impl From<Denial> for NotLocated {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl ServingNode {
    async fn provide_location(&self, argument: &[u8]) -> Answer {
        count(&self.shared.counters.psl);
        let psl = match ReceivedPsl::decode(argument) {
            Ok(psl) => psl,
            Err(error) => return answer::undecodable(error),
        };
        let phone = self.shared.phones.identified(psl.identities()).filter(|phone| self.serves(phone));
        let faults = self.shared.faults.strike(&self.name, phone.map(|phone| phone.label.as_str()));
        if let Some(answer) = self.shared.misbehave_in_map(&self.name, &faults).await {
            return answer;
        }
        if psl.privacy_check.is_some() {
            count(&self.shared.counters.psl_with_indicators);
        }
        let located = if self.authorised.is_empty() || self.authorised.contains(&psl.mlc_number) {
            match phone {
                Some(phone) => self.locate(&psl, phone).await,
                None => Err(Denial::Unidentified.into()),
            }
        } else {
            Err(Denial::UnauthorizedNetwork.into())
        };
        match located {
            Ok(result) => {
                count(&self.shared.counters.psl_located);
                Answer::Result(answer::spoiled(result, &faults).encode())
            }
            Err(NotLocated::Denied(denial)) => {
                count(&self.shared.counters.psl_refused);
                answer::denied(denial)
            }
            Err(NotLocated::Unspeakable(error)) => {
                count(&self.shared.counters.psl_refused);
                tracing::error!(node = %self.name, %error, "the scenario's estimate cannot be coded");
                answer::denied(Denial::SystemFailure)
            }
        }
    }

    /// What of a request bears on the decision, as this node understands it.
    fn asked(&self, psl: &ReceivedPsl, spec: &SubscriberSpec) -> Asked {
        let client = psl.client_id.as_ref();
        let criteria_met = match self.domain {
            Domain::Cs => client.and_then(|client| client.dialled_by_ms).is_some_and(|number| spec.has_call(number)),
            Domain::Ps => {
                let apn = client.and_then(|client| client.apn.as_ref());
                apn.is_some_and(|labels| spec.has_session(labels.apn()))
            }
        };
        Asked {
            client_type: client.map_or(LcsClientType::ValueAdded, |client| client.client_type),
            external: client.and_then(|client| client.external_id?.external_address),
            internal: client.and_then(|client| client.internal_id),
            service_type: psl.service_type,
            indicators: psl.privacy_check.map(|check| (check.unrelated, check.related)),
            privacy_override: psl.privacy_override,
            gmlc: psl.mlc_number,
            gmlc_in_home_country: self.shared.ss7.as_ref().is_some_and(|ss7| ss7.is_home_country(psl.mlc_number)),
            criteria_met,
            location_type: psl.location_type.estimate_type,
        }
        .as_known_to(self.knowledge.capability_set)
    }

    async fn locate(&self, psl: &ReceivedPsl, phone: &Arc<Phone>) -> Result<PslRes, NotLocated> {
        if self.domain == Domain::Ps && self.registration.capabilities.is_none() {
            return Err(Denial::NoLcs.into());
        }
        let spec = phone.now();
        let asked = self.asked(psl, &spec);
        if asked.location_type == LocationType::CancelDeferred {
            return self.cancel(psl, phone, &spec);
        }
        let held = phone.identities.imsi.map(|imsi| self.copies.of(imsi)).unwrap_or_default();
        let reach = Reach { state: spec.state, notifications: spec.notifications };
        let showing = match decide(&asked, reach, self.knowledge, &held, self.shared.policy) {
            Verdict::Deny(denial) => return Err(denial.into()),
            Verdict::Proceed(showing) => showing,
        };
        if asked.location_type == LocationType::ActivateDeferred {
            return self.defer(psl, phone, showing).await;
        }
        // Positioning goes on while the user thinks; the estimate is held until there is a grant.
        let found = Instant::now() + Duration::from_millis(spec.estimate.positioning_ms);
        let response = self.show(psl, phone, &spec, showing).await;
        if !may_go_on(showing, response) {
            return Err(Denial::UnauthorizedClient(Diagnostic::NoAdditionalInformation).into());
        }
        if asked.location_type == LocationType::NotificationVerificationOnly {
            return Ok(PslRes::without_place(false));
        }
        tokio::time::sleep_until(found).await;
        let fix = self.position(psl, &spec)?;
        // Sound: the estimate has a shape that the gateway takes.
        PslRes::of_fix(&fix, psl.supported_gad_shapes).map_err(|_| Denial::FacilityNotSupported.into())
    }

    /// Shows what is to be shown and waits for what the user does.
    pub(super) async fn show(
        &self,
        psl: &ReceivedPsl,
        phone: &Phone,
        spec: &SubscriberSpec,
        showing: Showing,
    ) -> UserResponse {
        if showing == Showing::Nothing {
            return UserResponse::NotAsked;
        }
        count(&self.shared.counters.shown);
        let id = self.shared.screens.show(&phone.label, self.sight(psl, showing));
        let (response, after) = respond(spec.user, showing, self.shared.verification_timeout);
        tokio::time::sleep(after).await;
        self.shared.screens.respond(&id, response);
        response
    }

    /// What the phone shows. A node before set 3 passes on neither requestor, codeword nor service type, and its phones show the name
    /// as it came: merged, if the gateway merged it (TS 23.271 Annex D).
    fn sight(&self, psl: &ReceivedPsl, showing: Showing) -> Sight {
        let client = psl.client_id.as_ref();
        let shown_name = client.and_then(|client| client.name.as_ref()?.expose());
        let old = self.knowledge.capability_set < 3;
        let (name, merged) = match shown_name.as_deref().map(split_name) {
            Some((name, merged)) if old => (Some(name.to_owned()), merged.map(str::to_owned)),
            _ => (shown_name.clone(), None),
        };
        let requestor = client.filter(|_| !old).and_then(|client| client.requestor.as_ref()?.expose());
        let codeword = psl.codeword.as_ref().filter(|_| !old).and_then(|word| word.codeword());
        let number = client.and_then(|client| client.external_id?.external_address);
        Sight {
            at_us: crate::network::now_us(),
            shown: shown_word(showing),
            response: None,
            after_positioning: psl.location_type.estimate_type == LocationType::NotificationVerificationOnly,
            client: name,
            requestor: requestor.or(merged),
            service_type: psl.service_type.filter(|_| !old).map(|service| u32::from(service.code())),
            codeword: codeword.map(|word| word.expose().to_owned()),
            shown_name,
            client_number: number.map(|number| number.to_string()),
        }
    }

    /// Where the phone is, in a shape that the gateway takes.
    fn position(&self, psl: &ReceivedPsl, spec: &SubscriberSpec) -> Result<Fix, NotLocated> {
        let last_known = match (spec.state, psl.location_type.estimate_type) {
            (PhoneState::Attached, _) => false,
            (_, LocationType::CurrentOrLastKnown) => true,
            (PhoneState::PositioningFails, _) => return Err(Denial::PositioningFailed.into()),
            _ => return Err(Denial::NoPageResponse.into()),
        };
        let shapes = psl.supported_gad_shapes.unwrap_or(FIVE_SHAPES);
        let mut fix = self.fix(spec, shapes).map_err(NotLocated::Unspeakable)?;
        let accuracy = psl.qos.and_then(|qos| qos.horizontal_accuracy);
        let metres = accuracy.and_then(|code| Uncertainty::from_code(code & 0x7F)).map(Uncertainty::metres);
        fix.accuracy_fulfilled = fix.shape.as_ref().map(|shape| meets(shape, &spec.estimate, metres));
        if last_known {
            fix.age_min = Some(spec.estimate.last_known_age_min);
        }
        if last_known || !psl.qos.is_some_and(|qos| qos.velocity_request) {
            fix.velocity = None;
        }
        Ok(fix)
    }

    /// The position of a phone now, with its cell.
    pub(super) fn fix(&self, spec: &SubscriberSpec, shapes: ShapeSet) -> Result<Fix, GadError> {
        let place = self.shared.phones.place(spec);
        Ok(Fix {
            shape: Some(estimate(&place, &spec.estimate, shapes)?),
            age_min: Some(spec.estimate.age_min),
            accuracy_fulfilled: None,
            velocity: Some(velocity(&place)),
            cell: Some(CellIdentity::Cgi(wire::cgi(self.plmn, spec.estimate.cell))),
            civic_address: None,
            barometric_pressure_pa: None,
        })
    }
}
