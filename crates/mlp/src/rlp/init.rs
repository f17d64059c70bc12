//! A whole request: `rlp_svc_init` with its header and its service.

use super::{
    answer::AnswerElement,
    client::ClientPart,
    error::RlpError,
    immediate::{self, BodyPart, Immediate, ImmediateService},
    names::stray,
    routing::NetParam,
    triggered::{self, Stop, Triggered},
    version::Version,
};
use crate::{
    cursor::{Cursor, Tag},
    document,
    error::Fault,
    header::{self, HeaderRequestor, PrivacyAction, plain},
    hidden::Hidden,
    init::{Limits, is_asynchronous},
    result::ResultId,
    shapes::SupportedShapes,
    targets::set,
    triggered::WaitingPart,
};

/// A request that was read as a whole. The gateway that sends it is not yet verified, its target not yet resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct SvcInit {
    /// Version to answer in.
    pub version: Version,
    /// Who sends it, as it says itself.
    pub sender: Sender,
    /// What is asked.
    pub service: Service,
}

/// A gateway as it names itself: `locationserver`. What counts is who the transport says that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Its name.
    pub id: String,
    /// A password.
    pub password: Option<Hidden>,
}

impl Sender {
    /// A gateway that is known by its certificate.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), password: None }
    }
}

/// The service called.
#[derive(Debug, Clone, PartialEq)]
pub enum Service {
    /// `srlir` or `erlir`.
    Immediate(Box<Immediate>),
    /// `trlrr`.
    Triggered(Box<Triggered>),
    /// `trlrsr`.
    Stop(Stop),
    /// A service of the standard that is not served here: answer 108.
    Unsupported(UnsupportedService),
}

impl Service {
    /// Where its answer goes.
    #[must_use]
    pub fn answer(&self) -> AnswerElement {
        match self {
            Self::Immediate(request) => request.service.answer(),
            Self::Triggered(_) => AnswerElement::Trlra,
            Self::Stop(_) => AnswerElement::Trlrsa,
            Self::Unsupported(service) => service.answer(),
        }
    }
}

/// Services that the standard defines and this gateway does not serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnsupportedService {
    /// Standard SUPL roaming location immediate request.
    Ssrlir,
    /// Standard SUPL roaming position.
    Ssrp,
}

impl UnsupportedService {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ssrlir, Self::Ssrp];

    /// Name of the request element.
    #[must_use]
    pub fn element(self) -> &'static str {
        match self {
            Self::Ssrlir => "ssrlir",
            Self::Ssrp => "ssrp",
        }
    }

    /// Where its answer goes; what they are answered in could not be found out.
    #[must_use]
    pub fn answer(self) -> AnswerElement {
        match self {
            Self::Ssrlir | Self::Ssrp => AnswerElement::Gem,
        }
    }
}

/// `rlp_hdr` of a request as read.
#[derive(Default)]
pub(super) struct HeaderPart {
    pub(super) client: Option<ClientPart>,
    pub(super) action: Option<PrivacyAction>,
    pub(super) shapes: Option<SupportedShapes>,
    pub(super) net: NetParam,
    pub(super) requestor: Option<HeaderRequestor>,
}

/// Reads a request.
///
/// # Errors
///
/// An [`RlpError`] when the request cannot be served; it knows how to answer.
pub fn parse_svc_init(body: &[u8], limits: &Limits) -> Result<SvcInit, RlpError> {
    let mut progress = Progress { answer: AnswerElement::Gem, version: None, sender: None };
    match read(body, limits, &mut progress) {
        Ok((sender, service)) => Ok(SvcInit { version: progress.version.unwrap_or_default(), sender, service }),
        Err(fault) => Err(RlpError::new(fault, progress.answer, progress.version.unwrap_or_default(), progress.sender)),
    }
}

/// What is known so far of how to answer.
struct Progress {
    answer: AnswerElement,
    version: Option<Version>,
    sender: Option<Sender>,
}

impl Progress {
    /// Takes a `ver` attribute: the first one decides the version of the answer, each must be one that is spoken.
    fn version(&mut self, text: Option<&str>, element: &'static str) -> Result<(), Fault> {
        let Some(text) = text else { return Ok(()) };
        let Some(version) = Version::parse(text) else {
            let rule = "versions 1.0.0 and 1.1.0 are spoken here";
            return Err(Fault::attribute(ResultId::UNSUPPORTED_VERSION, element, "ver", rule));
        };
        self.version.get_or_insert(version);
        Ok(())
    }
}

fn read(body: &[u8], limits: &Limits, progress: &mut Progress) -> Result<(Sender, Service), Fault> {
    let text = document::decode(body, limits.max_body)?;
    let mut cursor = Cursor::new(&text, limits);
    let cursor = &mut cursor;
    let root = cursor.root()?;
    if root.name() != "rlp_svc_init" {
        let rule = "not a service of RLP; rlp_svc_init is";
        return Err(Fault::outside(ResultId::SERVICE_NOT_SUPPORTED, root.name(), rule));
    }
    let [ver] = root.attributes("rlp_svc_init", ["ver"])?;
    progress.version(ver.as_deref(), "rlp_svc_init")?;
    let (mut header, mut called) = (None, None);
    while let Some(tag) = cursor.child("rlp_svc_init")? {
        if tag.name() == "rlp_hdr" {
            let [ver] = tag.attributes("rlp_hdr", ["ver"])?;
            progress.version(ver.as_deref(), "rlp_hdr")?;
            set(&mut header, read_header(cursor, &mut progress.sender)?, "rlp_hdr")?;
        } else if called.is_some() {
            return Err(Fault::syntax("rlp_svc_init", "more than one service"));
        } else {
            called = Some(read_service(cursor, &tag, progress)?);
        }
    }
    cursor.finish()?;
    let called = called.ok_or_else(|| Fault::syntax("rlp_svc_init", "no service"))?;
    let header = header.ok_or_else(|| Fault::syntax("rlp_svc_init", "rlp_hdr is needed"))?;
    let sender = progress.sender.clone().ok_or_else(|| Fault::syntax("rlp_hdr", "locationserver is needed"))?;
    let service = match called {
        Called::Unsupported(service) => Service::Unsupported(service),
        Called::Stop(stop) => Service::Stop(stop),
        Called::Triggered(mut body, waiting) => {
            let area = body.extension.target_area.take();
            Service::Triggered(Box::new(Triggered::join(Immediate::join(header, *body)?, *waiting, area)?))
        }
        Called::Immediate(body) if body.extension.target_area.is_some() => {
            return Err(Fault::syntax("target_gad", "for triggered requests alone"));
        }
        Called::Immediate(body) => Service::Immediate(Box::new(Immediate::join(header, *body)?)),
    };
    Ok((sender, service))
}

fn read_header(cursor: &mut Cursor<'_>, sender: &mut Option<Sender>) -> Result<HeaderPart, Fault> {
    let mut header = HeaderPart::default();
    let mut net = None;
    while let Some(tag) = cursor.child("rlp_hdr")? {
        match tag.name() {
            "locationserver" => set(sender, read_sender(cursor, &tag)?, "locationserver")?,
            "client" => set(&mut header.client, ClientPart::parse(cursor, &tag)?, "client")?,
            // The second name is the one that MLP has for the same.
            "serving_node_action" | "serving_node_privacy_action" => {
                let element = "serving_node_action";
                set(&mut header.action, header::privacy_action(&tag, element)?, element)?;
                cursor.empty(element)?;
            }
            "supported_shapes" => {
                set(&mut header.shapes, SupportedShapes::parse(&tag)?, "supported_shapes")?;
                cursor.empty("supported_shapes")?;
            }
            "net_param" => set(&mut net, NetParam::parse(cursor, &tag)?, "net_param")?,
            "requestor" => set(&mut header.requestor, header::requestor(cursor, &tag)?, "requestor")?,
            _ => stray(cursor, &tag, "not an element of rlp_hdr")?,
        }
    }
    header.net = net.unwrap_or_default();
    Ok(header)
}

/// Reads `locationserver` after its start tag.
pub(super) fn read_sender(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Sender, Fault> {
    tag.attributes("locationserver", [])?;
    let (mut id, mut password) = (None, None);
    while let Some(tag) = cursor.child("locationserver")? {
        match tag.name() {
            "id" => set(&mut id, plain(cursor, &tag, "id")?, "id")?,
            "pwd" => set(&mut password, Hidden::new(plain(cursor, &tag, "pwd")?), "pwd")?,
            _ => stray(cursor, &tag, "not an element of locationserver")?,
        }
    }
    let id = id.filter(|id| !id.is_empty()).ok_or_else(|| Fault::syntax("locationserver", "id is needed"))?;
    Ok(Sender { id, password })
}

enum Called {
    Triggered(Box<BodyPart>, Box<WaitingPart>),
    Stop(Stop),
    Immediate(Box<BodyPart>),
    Unsupported(UnsupportedService),
}

fn read_service(cursor: &mut Cursor<'_>, tag: &Tag<'_>, progress: &mut Progress) -> Result<Called, Fault> {
    let service = match tag.name() {
        "srlir" => ImmediateService::Srlir,
        "erlir" => ImmediateService::Erlir,
        "trlrr" => {
            progress.answer = AnswerElement::Trlra;
            let [ver, _] = tag.attributes("trlrr", ["ver", "res_type"])?;
            progress.version(ver.as_deref(), "trlrr")?;
            let mut waiting = WaitingPart::default();
            let body = immediate::parse(cursor, ImmediateService::Srlir, false, Some(&mut waiting))?;
            return Ok(Called::Triggered(Box::new(body), Box::new(waiting)));
        }
        "trlrsr" => {
            progress.answer = AnswerElement::Trlrsa;
            let [ver] = tag.attributes("trlrsr", ["ver"])?;
            progress.version(ver.as_deref(), "trlrsr")?;
            return triggered::parse_stop(cursor).map(Called::Stop);
        }
        name => {
            let unsupported = UnsupportedService::ALL.into_iter().find(|service| service.element() == name);
            let Some(unsupported) = unsupported else {
                let rule = "this gateway does not support a service of this name";
                return Err(Fault::outside(ResultId::SERVICE_NOT_SUPPORTED, name, rule));
            };
            progress.answer = unsupported.answer();
            cursor.skip()?;
            return Ok(Called::Unsupported(unsupported));
        }
    };
    progress.answer = service.answer();
    let element = service.element();
    let [ver, res_type] = tag.attributes(element, ["ver", "res_type"])?;
    progress.version(ver.as_deref(), element)?;
    let asynchronous = is_asynchronous(res_type.as_deref(), element)?;
    immediate::parse(cursor, service, asynchronous, None).map(|body| Called::Immediate(Box::new(body)))
}
