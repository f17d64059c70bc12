//! Building requests.

use crate::{header::action_word, immediate::ImmediateService, msid::MsidType, version::Version, write};
use lcs::{CallSession, PrivacySetting, QosClass};

/// An immediate request to build. Texts are written as given, so that wrong ones can be sent too.
#[derive(Clone, PartialEq)]
pub struct Request {
    /// Version.
    pub version: Version,
    /// `slir` or `eme_lir`.
    pub service: ImmediateService,
    /// Client id.
    pub client_id: String,
    /// Client password.
    pub password: Option<String>,
    /// Service identity of the client.
    pub service_id: Option<String>,
    /// Request mode ACTIVE.
    pub active: bool,
    /// Requestor: type (as in OMA MLP section 5.3.105.1) and identity.
    pub requestor: Option<(String, String)>,
    /// Privacy action asked for, passive and active.
    pub privacy_action: Option<(PrivacySetting, PrivacySetting)>,
    /// `supported_shapes`: the attributes as text, for example `Point="1" Altitude="YES"`.
    pub supported_shapes: Option<String>,
    /// `res_type` ASYNC.
    pub asynchronous: bool,
    /// Whom it is about.
    pub targets: Vec<ClientTarget>,
    /// `resp_req` type.
    pub resp_req: Option<&'static str>,
    /// `resp_timer`, seconds.
    pub resp_timer_s: Option<u32>,
    /// `hor_acc`, metres, and its class.
    pub hor_acc_m: Option<(u32, Option<QosClass>)>,
    /// `alt_acc`, metres, and its class.
    pub alt_acc_m: Option<(u32, Option<QosClass>)>,
    /// `max_loc_age`, seconds.
    pub max_loc_age_s: Option<u32>,
    /// `loc_type` type.
    pub loc_type: Option<String>,
    /// `prio` HIGH.
    pub high_priority: bool,
    /// `pushaddr`: URL, id, password.
    pub push_address: Option<(String, Option<String>, Option<String>)>,
    /// `service_coverage`: country codes.
    pub service_coverage: Vec<u16>,
}

/// One target to ask about.
#[derive(Clone, PartialEq)]
pub struct ClientTarget {
    /// Type of identifier.
    pub kind: MsidType,
    /// Encrypted (`enc="CRP"`).
    pub encrypted: bool,
    /// The identifier.
    pub text: String,
    /// Codeword.
    pub codeword: Option<String>,
    /// Call or session with the target.
    pub session: Option<CallSession>,
    /// The client's reference.
    pub trans_id: Option<String>,
}

impl ClientTarget {
    /// A target named by its MSISDN.
    #[must_use]
    pub fn msisdn(text: impl Into<String>) -> Self {
        Self::of(MsidType::Msisdn, text)
    }

    /// A target named by an identifier of a type.
    #[must_use]
    pub fn of(kind: MsidType, text: impl Into<String>) -> Self {
        Self { kind, encrypted: false, text: text.into(), codeword: None, session: None, trans_id: None }
    }
}

impl Request {
    /// A synchronous standard request of the newest version about `targets`, with nothing optional in it.
    #[must_use]
    pub fn new(client_id: impl Into<String>, password: impl Into<String>, targets: Vec<ClientTarget>) -> Self {
        Self {
            version: Version::V3_5,
            service: ImmediateService::Slir,
            client_id: client_id.into(),
            password: Some(password.into()),
            service_id: None,
            active: false,
            requestor: None,
            privacy_action: None,
            supported_shapes: None,
            asynchronous: false,
            targets,
            resp_req: None,
            resp_timer_s: None,
            hor_acc_m: None,
            alt_acc_m: None,
            max_loc_age_s: None,
            loc_type: None,
            high_priority: false,
            push_address: None,
            service_coverage: Vec::new(),
        }
    }

    /// Appends the request to `out`, a whole XML document in UTF-8.
    pub fn write(&self, out: &mut String) {
        let ver = self.version.as_str();
        out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        write::start(out, "svc_init", &[("ver", ver)]);
        self.write_header(out);
        let element = self.service.element();
        write::start(out, element, &[("ver", ver), ("res_type", if self.asynchronous { "ASYNC" } else { "SYNC" })]);
        self.write_targets(out);
        self.write_quality(out, "eqop");
        if let Some(kind) = &self.loc_type {
            write::empty(out, "loc_type", &[("type", kind)]);
        }
        self.write_priority(out);
        self.write_push_address(out);
        self.write_coverage(out);
        write::close(out, element);
        out.push_str("</svc_init>");
    }

    /// The request as a new text.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut out = String::with_capacity(1024);
        self.write(&mut out);
        out
    }

    pub(super) fn write_targets(&self, out: &mut String) {
        write::open(out, "msids");
        self.targets.iter().for_each(|target| target.write(out));
        write::close(out, "msids");
    }

    pub(super) fn write_priority(&self, out: &mut String) {
        if self.high_priority {
            write::empty(out, "prio", &[("type", "HIGH")]);
        }
    }

    pub(super) fn write_push_address(&self, out: &mut String) {
        if let Some((url, id, password)) = &self.push_address {
            write::open(out, "pushaddr");
            write::element(out, "url", url);
            optional(out, "id", id.as_deref());
            optional(out, "pwd", password.as_deref());
            write::close(out, "pushaddr");
        }
    }

    pub(super) fn write_coverage(&self, out: &mut String) {
        if !self.service_coverage.is_empty() {
            write::open(out, "service_coverage");
            self.service_coverage.iter().for_each(|cc| write::number(out, "cc", u64::from(*cc)));
            write::close(out, "service_coverage");
        }
    }

    pub(super) fn write_header(&self, out: &mut String) {
        write::start(out, "hdr", &[("ver", self.version.as_str())]);
        write::open(out, "client");
        write::element(out, "id", &self.client_id);
        optional(out, "pwd", self.password.as_deref());
        optional(out, "serviceid", self.service_id.as_deref());
        write::empty(out, "requestmode", &[("type", if self.active { "ACTIVE" } else { "PASSIVE" })]);
        write::close(out, "client");
        if let Some((kind, id)) = &self.requestor {
            write::start(out, "requestor", &[("type", kind)]);
            write::element(out, "id", id);
            write::close(out, "requestor");
        }
        if let Some(attributes) = &self.supported_shapes {
            out.push_str("<supported_shapes ");
            out.push_str(attributes);
            out.push_str("/>");
        }
        if let Some((passive, active)) = self.privacy_action {
            let attributes = [("passive_type", action_word(passive)), ("active_type", action_word(active))];
            write::empty(out, "serving_node_privacy_action", &attributes);
        }
        write::close(out, "hdr");
    }

    pub(super) fn write_quality(&self, out: &mut String, element: &str) {
        let accuracy = |out: &mut String, element: &str, asked: Option<(u32, Option<QosClass>)>| {
            let Some((metres, class)) = asked else { return };
            match class {
                None => write::open(out, element),
                Some(QosClass::Assured) => write::start(out, element, &[("qos_class", "ASSURED")]),
                Some(QosClass::BestEffort) => write::start(out, element, &[("qos_class", "BEST_EFFORT")]),
            }
            write::digits(out, u64::from(metres), 1);
            write::close(out, element);
        };
        write::open(out, element);
        if let Some(kind) = self.resp_req {
            write::empty(out, "resp_req", &[("type", kind)]);
        }
        if let Some(seconds) = self.resp_timer_s {
            write::number(out, "resp_timer", u64::from(seconds));
        }
        accuracy(out, "hor_acc", self.hor_acc_m);
        accuracy(out, "alt_acc", self.alt_acc_m);
        if let Some(seconds) = self.max_loc_age_s {
            write::number(out, "max_loc_age", u64::from(seconds));
        }
        write::close(out, element);
    }
}

impl ClientTarget {
    fn write(&self, out: &mut String) {
        let encoding = if self.encrypted { "CRP" } else { "ASC" };
        write::start(out, "msid", &[("type", self.kind.as_str()), ("enc", encoding)]);
        write::text(out, &self.text);
        write::close(out, "msid");
        optional(out, "codeword", self.codeword.as_deref());
        match &self.session {
            None => {}
            Some(CallSession::Apn(apn)) => {
                write::start(out, "session", &[("type", "APN")]);
                write::text(out, apn.as_str());
                write::close(out, "session");
            }
            Some(CallSession::Dialled(address)) => {
                write::start(out, "session", &[("type", "DIAL")]);
                write::text(out, &address.to_string());
                write::close(out, "session");
            }
        }
        optional(out, "trans_id", self.trans_id.as_deref());
    }
}

fn optional(out: &mut String, name: &str, content: Option<&str>) {
    if let Some(content) = content {
        write::element(out, name, content);
    }
}
