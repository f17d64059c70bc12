//! A request to send as XML, its elements in the order of the DTDs.

use super::{
    client::{format_word, write_client},
    extension::RequestExtension,
    immediate::ImmediateService,
    init::Sender,
    instruction::write_action,
    outgoing::Outgoing,
    routing::write_net_param,
};
use crate::{immediate::PushAddress, write};
use lcs::{
    CallSession, LcsClientId, LocationType, NatureOfAddress, Priority, Qos, QosClass, ResponseTime,
    gad::{ShapeKind, ShapeSet},
};

impl Outgoing<'_> {
    /// Appends the request to `out`, a whole XML document in UTF-8.
    pub fn write(&self, out: &mut String) {
        let ver = ("ver", self.version.as_str());
        out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        write::start(out, "rlp_svc_init", &[ver]);
        write::start(out, "rlp_hdr", &[ver]);
        write_sender(out, self.sender);
        let (client, service_type) = (&self.request.client, self.request.service_type);
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
        let srlir = service == ImmediateService::Srlir;
        let element = if self.waiting.is_some() { "trlrr" } else { service.element() };
        let res_type = if self.push_address.is_some() { "ASYNC" } else { "SYNC" };
        let attributes = [("ver", self.version.as_str()), ("res_type", res_type)];
        // A triggered request is answered by reports whatever it says.
        let said = if self.waiting.is_some() { attributes.get(..1) } else { Some(&attributes[..]) };
        write::start(out, element, said.unwrap_or_default());
        self.subject.write(out, !srlir);
        if let Some(codeword) = request.codeword.as_ref().filter(|_| self.codeword && srlir) {
            write::element(out, "codeword", codeword.expose());
        }
        let dialled_nature = write_session(out, &request.client);
        if let Some(requestor) = &request.client.requestor {
            write::start(out, "requestor", &[("type", format_word(requestor.format))]);
            write::element(out, "id", &requestor.text);
            write::close(out, "requestor");
        }
        self.write_waiting(out);
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
            target_area: self.target_area(),
            nodes: self.routing.nodes.clone(),
            reporting_plmns: self.reporting_plmns.clone(),
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
