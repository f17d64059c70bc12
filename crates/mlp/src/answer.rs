//! Whole answers: `svc_result` and the general error message (OMA MLP sections 5.6.2.2, 5.2.3.7).

use crate::{
    header::Header,
    immediate::{Immediate, ImmediateService, PushAddress},
    init::Service,
    position::{Manner, Pos, write_pos, write_result},
    result::ResultId,
    shapes::SupportedShapes,
    version::Version,
    write,
};
use lcs::QosClass;

/// Elements in which a result can be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AnswerElement {
    /// Standard location immediate answer.
    Slia,
    /// Emergency location immediate answer.
    EmeLia,
    /// Triggered location reporting answer.
    Tlra,
    /// Triggered location reporting stop answer.
    Tlrsa,
    /// Triggered location reporting query answer.
    Tlrqa,
    /// Historic location immediate answer.
    Hlia,
    /// General error message: when no service of the standard was called, or none can be made out.
    Gem,
}

impl AnswerElement {
    /// All seven.
    pub const ALL: [Self; 7] = [Self::Slia, Self::EmeLia, Self::Tlra, Self::Tlrsa, Self::Tlrqa, Self::Hlia, Self::Gem];

    /// Name of the element.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Slia => "slia",
            Self::EmeLia => "eme_lia",
            Self::Tlra => "tlra",
            Self::Tlrsa => "tlrsa",
            Self::Tlrqa => "tlrqa",
            Self::Hlia => "hlia",
            Self::Gem => "gem",
        }
    }
}

impl Service {
    /// Name of the request element.
    #[must_use]
    pub fn element(&self) -> &'static str {
        match self {
            Self::Immediate(request) => request.service.element(),
            Self::Triggered(_) => "tlrr",
            Self::Stop(_) => "tlrsr",
            Self::Query(_) => "tlrqr",
            Self::Unsupported(service) => service.element(),
        }
    }

    /// Where its answer goes.
    #[must_use]
    pub fn answer(&self) -> AnswerElement {
        match self {
            Self::Immediate(request) => request.service.answer(),
            Self::Triggered(_) => AnswerElement::Tlra,
            Self::Stop(_) => AnswerElement::Tlrsa,
            Self::Query(_) => AnswerElement::Tlrqa,
            Self::Unsupported(service) => service.answer(),
        }
    }
}

impl ImmediateService {
    /// Where its answer goes.
    #[must_use]
    pub fn answer(self) -> AnswerElement {
        match self {
            Self::Slir => AnswerElement::Slia,
            Self::EmeLir => AnswerElement::EmeLia,
        }
    }

    fn report(self) -> &'static str {
        match self {
            Self::Slir => "slirep",
            Self::EmeLir => "eme_lirep",
        }
    }
}

/// An answer to an immediate request.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// Version of the request.
    pub version: Version,
    /// Service of the request.
    pub service: ImmediateService,
    /// Shapes that the client takes; `None`: any.
    pub shapes: Option<&'a SupportedShapes>,
    /// Quality class of the request: assured positions that miss their accuracy are not told.
    pub qos_class: QosClass,
    /// What is answered.
    pub body: AnswerBody<'a>,
}

/// What is answered.
#[derive(Debug, Clone, Copy)]
pub enum AnswerBody<'a> {
    /// One part for each target, at least one, in the order of the request.
    Positions(&'a [Pos<'a>]),
    /// Asynchronous: positions follow as reports under this request id.
    Accepted {
        /// The request id, the server's choice.
        request_id: &'a str,
    },
    /// The request as a whole failed.
    Failed {
        /// Why.
        result: ResultId,
        /// More about it.
        add_info: Option<&'a str>,
    },
}

impl<'a> Answer<'a> {
    /// An answer in the manner of the request.
    #[must_use]
    pub fn to(version: Version, header: &'a Header, request: &Immediate, body: AnswerBody<'a>) -> Self {
        let (service, qos_class) = (request.service, request.quality.qos.class);
        Self { version, service, shapes: header.supported_shapes.as_ref(), qos_class, body }
    }

    /// Appends the answer to `out`, a whole XML document in UTF-8.
    pub fn write(&self, out: &mut String) {
        let element = self.service.answer();
        let failed = |out: &mut String, result, add_info| write_failure(out, self.version, element, result, add_info);
        match self.body {
            AnswerBody::Failed { result, add_info } => failed(out, result, add_info),
            // `slia` has no empty form; nothing to tell at this point is a fault of ours.
            AnswerBody::Positions([]) => failed(out, ResultId::SYSTEM_FAILURE, None),
            AnswerBody::Positions(positions) => enclosed(out, self.version, element.name(), |out| {
                let Self { version, service, shapes, qos_class, .. } = *self;
                positions.iter().for_each(|pos| write_pos(out, pos, Manner { version, service, shapes, qos_class }));
            }),
            AnswerBody::Accepted { request_id } => enclosed(out, self.version, element.name(), |out| {
                write::element(out, "req_id", request_id);
            }),
        }
    }
}

/// A report, pushed to the client after an asynchronous request was accepted (OMA MLP sections 5.2.3.2.3, 5.2.3.3.3).
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// Version of the request.
    pub version: Version,
    /// Service of the request.
    pub service: ImmediateService,
    /// Shapes that the client takes; `None`: any.
    pub shapes: Option<&'a SupportedShapes>,
    /// Quality class of the request.
    pub qos_class: QosClass,
    /// The request id that the answer gave.
    pub request_id: &'a str,
    /// Where it goes: its id and password are put into the header.
    pub push_address: Option<&'a PushAddress>,
    /// One part for each target told of in this report, at least one.
    pub positions: &'a [Pos<'a>],
}

impl Report<'_> {
    /// Appends the report to `out`, a whole XML document in UTF-8.
    pub fn write(&self, out: &mut String) {
        let Self { version, service, shapes, qos_class, .. } = *self;
        begin(out, version);
        write_push_header(out, version, self.push_address, None);
        open_versioned(out, service.report(), version);
        write::element(out, "req_id", self.request_id);
        self.positions.iter().for_each(|pos| write_pos(out, pos, Manner { version, service, shapes, qos_class }));
        write::close(out, service.report());
        out.push_str("</svc_result>");
    }
}

/// Appends an answer that says that a request as a whole failed: in its answer element, or as a general error message.
pub fn write_failure(
    out: &mut String,
    version: Version,
    element: AnswerElement,
    result: ResultId,
    add_info: Option<&str>,
) {
    if element == AnswerElement::Gem {
        out.push_str(DECLARATION);
        open_versioned(out, "gem", version);
        write_result(out, result, add_info);
        write::close(out, "gem");
    } else {
        enclosed(out, version, element.name(), |out| write_result(out, result, add_info));
    }
}

/// No DOCTYPE follows: a receiver that acts on one would have to fetch the DTD.
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

pub(crate) fn begin(out: &mut String, version: Version) {
    out.push_str(DECLARATION);
    open_versioned(out, "svc_result", version);
}

/// Appends the header of what is pushed: id and password of its address, and the service identity beside them.
pub(crate) fn write_push_header(
    out: &mut String,
    version: Version,
    push_address: Option<&PushAddress>,
    service_id: Option<&str>,
) {
    let Some(PushAddress { id: Some(id), password, .. }) = push_address else { return };
    open_versioned(out, "hdr", version);
    out.push_str("<client>");
    write::element(out, "id", id);
    if let Some(password) = password {
        write::element(out, "pwd", password.expose());
    }
    if let Some(service_id) = service_id {
        write::element(out, "serviceid", service_id);
    }
    out.push_str("</client></hdr>");
}

pub(crate) fn enclosed(out: &mut String, version: Version, element: &str, content: impl FnOnce(&mut String)) {
    begin(out, version);
    open_versioned(out, element, version);
    content(out);
    write::close(out, element);
    out.push_str("</svc_result>");
}

pub(crate) fn open_versioned(out: &mut String, element: &str, version: Version) {
    out.push('<');
    out.push_str(element);
    out.push_str(" ver=\"");
    out.push_str(version.as_str());
    out.push_str("\">");
}
