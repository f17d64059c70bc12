//! Requests to send: to a home gateway, to a visited one, or past the check with an override.

use super::{
    ImmediateService,
    client::{may_override, write_client},
    extension::{RequestExtension, Transaction},
    init::Sender,
    instruction::{PrivacyInstruction, write_action},
    routing::{Routing, ServerAddress, write_net_param},
    subject::Subject,
    version::Version,
};
use crate::{immediate::PushAddress, write};
use lcs::{
    Address, CallSession, Identities, LcsClientId, LcsClientType, LeastPrivacy, LocationRequest, LocationType,
    NatureOfAddress, NodeKind, NumberingPlan, Priority, PrivacySetting, Qos, QosClass, ResponseTime, ServiceType,
    Timestamp,
    gad::{ShapeKind, ShapeSet},
};

/// A request to send. The one to a visited gateway is made from a [`PrivacyInstruction`], which has no default; the check at
/// home happens before, and a visited gateway makes none.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing<'a> {
    version: Version,
    sender: &'a Sender,
    request: &'a LocationRequest,
    subject: Subject,
    routing: Routing,
    action: Option<(PrivacySetting, Option<PrivacySetting>)>,
    pseudo_external: Option<Address>,
    privacy_override: bool,
    codeword: bool,
    response_timer_s: Option<u32>,
    push_address: Option<&'a PushAddress>,
    lcs_ref: Option<u8>,
    notification_only: bool,
    transaction: Option<Transaction>,
    sent: Option<Timestamp>,
}

/// Why a request cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutgoingError {
    /// No identity of the target.
    #[error("no identity of the target")]
    NoTarget,
    /// A related indicator without a call or session.
    #[error("a related indicator without the call or session that it is about (TS 23.271 clause 9.5.4)")]
    RelatedWithoutSession,
    /// The client's components do not fit its type.
    #[error("the client's components do not fit its type (TS 23.271 Annex B)")]
    Client,
    /// A number that does not travel: neither of the E.164 plan nor, for a client or a node, international.
    #[error("a number that cannot travel between networks: clients and nodes have international E.164 numbers")]
    Number,
    /// The client's type has no override.
    #[error("a client of this type has no privacy override (TS 23.271 clause 9.5.1)")]
    Override,
    /// A deferred request.
    #[error("not an immediate request")]
    Deferred,
}

impl<'a> Outgoing<'a> {
    /// Requesting to home gateway (TS 23.271 clause 9.1.1 step 4). What the client wants at least goes along; so does its
    /// codeword. A pseudonym goes unresolved.
    ///
    /// # Errors
    /// The request cannot be put into the protocol: see [`OutgoingError`].
    pub fn to_home(sender: &'a Sender, request: &'a LocationRequest, subject: Subject) -> Result<Self, OutgoingError> {
        let mut outgoing = Self::new(sender, request, subject)?;
        if request.least_privacy != LeastPrivacy::NONE {
            outgoing.action = Some((request.least_privacy.unrelated, Some(request.least_privacy.related)));
        }
        outgoing.codeword = true;
        Ok(outgoing)
    }

    /// Home to visited gateway (step 8), with what the check at home decided. The codeword stays behind, unless the user
    /// checks it: see [`Outgoing::codeword_to_user`].
    ///
    /// # Errors
    /// As [`Outgoing::to_home`], and a related indicator without a session.
    pub fn to_visited(
        sender: &'a Sender,
        request: &'a LocationRequest,
        identities: Identities,
        instruction: PrivacyInstruction,
    ) -> Result<Self, OutgoingError> {
        let mut outgoing = Self::new(sender, request, Subject::Known(identities))?;
        let session = request.client.dialled.is_some() || request.client.apn.is_some();
        if let Some(indicators) = instruction.indicators() {
            if indicators.related().is_some() && !session {
                return Err(OutgoingError::RelatedWithoutSession);
            }
            outgoing.action = Some((indicators.unrelated(), indicators.related()));
        }
        if !instruction.is_international() {
            return Err(OutgoingError::Number);
        }
        outgoing.pseudo_external = instruction.pseudo_external();
        Ok(outgoing)
    }

    /// Requesting to visited gateway, past home gateway and profile (clause 9.1.1A). The visited gateway judges whether the
    /// override holds there.
    ///
    /// # Errors
    /// As [`Outgoing::to_home`], and a client that has no override.
    pub fn overriding(
        sender: &'a Sender,
        request: &'a LocationRequest,
        identities: Identities,
    ) -> Result<Self, OutgoingError> {
        if !may_override(request.client.client_type) {
            return Err(OutgoingError::Override);
        }
        let mut outgoing = Self::new(sender, request, Subject::Known(identities))?;
        outgoing.privacy_override = true;
        Ok(outgoing)
    }

    fn new(sender: &'a Sender, request: &'a LocationRequest, subject: Subject) -> Result<Self, OutgoingError> {
        let client = &request.client;
        if subject.target().is_none() {
            return Err(OutgoingError::NoTarget);
        }
        if client.validate().is_err() {
            return Err(OutgoingError::Client);
        }
        let external = client.external.is_none_or(|number| number.nature == NatureOfAddress::International);
        let plan = [client.external, client.dialled].iter().flatten().all(|number| number.plan == NumberingPlan::Isdn);
        if !external || !plan {
            return Err(OutgoingError::Number);
        }
        if matches!(request.location_type, LocationType::ActivateDeferred | LocationType::CancelDeferred) {
            return Err(OutgoingError::Deferred);
        }
        Ok(Self {
            version: Version::default(),
            sender,
            request,
            subject,
            routing: Routing::default(),
            action: None,
            pseudo_external: None,
            privacy_override: false,
            codeword: false,
            response_timer_s: None,
            push_address: None,
            lcs_ref: None,
            notification_only: request.location_type == LocationType::NotificationVerificationOnly,
            transaction: None,
            sent: None,
        })
    }

    /// The same in another version.
    #[must_use]
    pub fn version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// Tells where the target is served. A node without an address that could be asked is left out.
    #[must_use]
    pub fn routing(mut self, mut routing: Routing) -> Self {
        routing.nodes.retain(|node| !matches!(node.kind, NodeKind::Sgsn { number: None, diameter: None }));
        self.routing = routing;
        self
    }

    /// Tells the address of the home gateway, where the visited one finds whom to believe.
    #[must_use]
    pub fn home(mut self, address: ServerAddress) -> Self {
        self.routing.h_gmlc = Some(address);
        self
    }

    /// Sends the codeword along, for the user to check.
    #[must_use]
    pub fn codeword_to_user(mut self) -> Self {
        self.codeword = true;
        self
    }

    /// Asks to have the user notified or asked alone, without a positioning (clause 9.1.1 step 12). A gateway that does not
    /// know the extension positions again, as with a pseudo-external identity.
    #[must_use]
    pub fn notification_only(mut self) -> Self {
        self.notification_only = true;
        self
    }

    /// Says how long an answer is waited for, seconds.
    #[must_use]
    pub fn response_timer_s(mut self, seconds: u32) -> Self {
        self.response_timer_s = Some(seconds);
        self
    }

    /// Asks for the position as a report to this address, after an answer at once.
    #[must_use]
    pub fn asynchronous(mut self, to: &'a PushAddress) -> Self {
        self.push_address = Some(to);
        self
    }

    /// Names the LDR reference.
    #[must_use]
    pub fn lcs_ref(mut self, reference: u8) -> Self {
        self.lcs_ref = Some(reference);
        self
    }

    /// Names the exchange and the time of sending.
    #[must_use]
    pub fn transaction(mut self, transaction: Transaction, sent: Timestamp) -> Self {
        (self.transaction, self.sent) = (Some(transaction), Some(sent));
        self
    }

    /// The service that is called: by the type of the client.
    #[must_use]
    pub fn service(&self) -> ImmediateService {
        match self.request.client.client_type {
            LcsClientType::Emergency => ImmediateService::Erlir,
            LcsClientType::ValueAdded | LcsClientType::PlmnOperator | LcsClientType::LawfulIntercept => {
                ImmediateService::Srlir
            }
        }
    }

    /// Whom it asks about, to compare with whom the answer tells of.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Appends the request to `out`, a whole XML document in UTF-8.
    pub fn write(&self, out: &mut String) {
        let ver = ("ver", self.version.as_str());
        out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        write::start(out, "rlp_svc_init", &[ver]);
        write::start(out, "rlp_hdr", &[ver]);
        write_sender(out, self.sender);
        let client: &LcsClientId = &self.request.client;
        let service_type: Option<ServiceType> = self.request.service_type;
        write_client(out, client, service_type, self.pseudo_external, self.privacy_override);
        if let Some((passive, active)) = self.action {
            write_action(out, passive, active);
        }
        write_shapes(out, self.request.shapes);
        write_net_param(out, &self.routing, self.subject.imsi_beside());
        write::close(out, "rlp_hdr");
        self.write_body(out);
        out.push_str("</rlp_svc_init>");
    }

    /// The request as a new text.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut out = String::with_capacity(1536);
        self.write(&mut out);
        out
    }

    fn write_body(&self, out: &mut String) {
        let (service, request) = (self.service(), self.request);
        let (element, srlir) = (service.element(), service == ImmediateService::Srlir);
        let res_type = if self.push_address.is_some() { "ASYNC" } else { "SYNC" };
        write::start(out, element, &[("ver", self.version.as_str()), ("res_type", res_type)]);
        self.subject.write(out, !srlir);
        if let Some(codeword) = request.codeword.as_ref().filter(|_| self.codeword && srlir) {
            write::element(out, "codeword", codeword.expose());
        }
        let dialled_nature = write_session(out, &request.client);
        if let Some(requestor) = &request.client.requestor {
            write::start(out, "requestor", &[("type", super::client::format_word(requestor.format))]);
            write::element(out, "id", &requestor.text);
            write::close(out, "requestor");
        }
        write_quality(out, request.qos, request.max_age_s, self.response_timer_s);
        let location = match request.location_type {
            LocationType::CurrentOrLastKnown => "CURRENT_OR_LAST",
            LocationType::Initial => "INITIAL",
            LocationType::Current
            | LocationType::ActivateDeferred
            | LocationType::CancelDeferred
            | LocationType::NotificationVerificationOnly => "CURRENT",
        };
        write::empty(out, "loc_type", &[("type", location)]);
        if request.priority == Priority::Highest {
            write::empty(out, "prio", &[("type", "HIGH")]);
        }
        if let Some(PushAddress { url, id, password }) = self.push_address {
            write::open(out, "pushaddr");
            write::element(out, "url", url.expose());
            id.iter().for_each(|id| write::element(out, "id", id));
            password.iter().for_each(|password| write::element(out, "pwd", password.expose()));
            write::close(out, "pushaddr");
        }
        if !request.service_coverage.is_empty() {
            write::open(out, "service_coverage");
            request.service_coverage.iter().for_each(|code| write::number(out, "cc", u64::from(*code)));
            write::close(out, "service_coverage");
        }
        if let Some(reference) = self.lcs_ref {
            write::open(out, "lcs_ref");
            write::digits(out, u64::from(reference), 2);
            write::close(out, "lcs_ref");
        }
        let extension = RequestExtension {
            transaction: self.transaction.clone(),
            sent: self.sent,
            velocity: request.velocity,
            notification_only: self.notification_only,
            shapes: (request.shapes != ShapeSet::ALL).then_some(request.shapes),
            dialled_nature,
            optimised_lcs: self.routing.optimised_lcs,
            nodes: self.routing.nodes.clone(),
        };
        extension.write(out);
        write::close(out, element);
    }
}

/// Appends `locationserver`.
pub(super) fn write_sender(out: &mut String, sender: &Sender) {
    write::open(out, "locationserver");
    write::element(out, "id", &sender.id);
    sender.password.iter().for_each(|password| write::element(out, "pwd", password.expose()));
    write::close(out, "locationserver");
}

/// Appends `session`, and returns the nature of a dialled number that its text does not tell.
fn write_session(out: &mut String, client: &LcsClientId) -> Option<NatureOfAddress> {
    let session = client.dialled.map(CallSession::Dialled).or_else(|| client.apn.clone().map(CallSession::Apn));
    match session? {
        CallSession::Apn(apn) => {
            write::start(out, "session", &[("type", "APN")]);
            write::text(out, apn.as_str());
            write::close(out, "session");
            None
        }
        CallSession::Dialled(number) => {
            write::start(out, "session", &[("type", "DIAL")]);
            write::text(out, &number.to_string());
            write::close(out, "session");
            (number.nature != NatureOfAddress::International).then_some(number.nature)
        }
    }
}

fn write_quality(out: &mut String, qos: Qos, max_age_s: Option<u32>, response_timer_s: Option<u32>) {
    let class = match qos.class {
        QosClass::Assured => "ASSURED",
        QosClass::BestEffort => "BEST_EFFORT",
    };
    let start = out.len();
    write::open(out, "eqop");
    let empty = out.len();
    match qos.response_time {
        None => {}
        Some(ResponseTime::LowDelay) => write::empty(out, "resp_req", &[("type", "LOW_DELAY")]),
        Some(ResponseTime::DelayTolerant) => write::empty(out, "resp_req", &[("type", "DELAY_TOL")]),
    }
    if let Some(seconds) = response_timer_s {
        write::number(out, "resp_timer", u64::from(seconds));
    }
    for (name, metres) in [("hor_acc", qos.horizontal_m), ("alt_acc", qos.vertical_m)] {
        if let Some(metres) = metres {
            write::start(out, name, &[("qos_class", class)]);
            write::digits(out, u64::from(metres), 1);
            write::close(out, name);
        }
    }
    if let Some(seconds) = max_age_s {
        write::number(out, "max_loc_age", u64::from(seconds));
    }
    if out.len() == empty { out.truncate(start) } else { write::close(out, "eqop") }
}

/// Appends `supported_shapes` with what of a set the shapes of the protocol can say; the extension says it exactly.
fn write_shapes(out: &mut String, shapes: ShapeSet) {
    if shapes == ShapeSet::ALL {
        return;
    }
    let any = |kinds: &[ShapeKind]| kinds.iter().any(|kind| shapes.contains(*kind));
    let altitude = [
        ShapeKind::POINT_ALTITUDE,
        ShapeKind::ALTITUDE_ELLIPSOID,
        ShapeKind::HA_ALTITUDE_ELLIPSOID,
        ShapeKind::HA_ALTITUDE_SCALABLE_ELLIPSOID,
    ];
    let ellipses = [
        ShapeKind::ELLIPSE,
        ShapeKind::ALTITUDE_ELLIPSOID,
        ShapeKind::HA_ELLIPSE,
        ShapeKind::HA_ALTITUDE_ELLIPSOID,
        ShapeKind::HA_SCALABLE_ELLIPSE,
        ShapeKind::HA_ALTITUDE_SCALABLE_ELLIPSOID,
    ];
    let said = [
        ("Point", any(&[ShapeKind::POINT, ShapeKind::POINT_ALTITUDE])),
        ("CircularArea", any(&[ShapeKind::CIRCLE])),
        ("EllipticalArea", any(&ellipses)),
        ("CircularArcArea", any(&[ShapeKind::ARC])),
        ("Polygon", any(&[ShapeKind::POLYGON])),
    ];
    let mut attributes: Vec<_> = said.into_iter().filter(|(_, said)| *said).map(|(name, _)| (name, "1")).collect();
    if any(&altitude) {
        attributes.push(("Altitude", "YES"));
    }
    write::empty(out, "supported_shapes", &attributes);
}
