//! A whole request: `svc_init` (OMA MLP section 5.6.2.1).

use crate::{
    answer::AnswerElement,
    cursor::{Cursor, Tag},
    document,
    error::{Fault, MlpError},
    header::{self, Header},
    immediate::{self, Immediate, ImmediateService},
    result::ResultId,
    triggered::{self, Query, Stop, Triggered},
    version::{Version, VersionError},
};

/// Bounds on what is read. The defaults fit every request of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Octets of the body.
    pub max_body: usize,
    /// Nesting of elements.
    pub max_depth: usize,
    /// Attributes on one element.
    pub max_attributes: usize,
    /// Targets of one request, ranges expanded.
    pub max_targets: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_body: 256 * 1024, max_depth: 32, max_attributes: 64, max_targets: 500 }
    }
}

/// A request that was read as a whole. Its client is not yet verified, its targets not yet resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct SvcInit {
    /// Version to answer in.
    pub version: Version,
    /// Who asks.
    pub header: Header,
    /// What is asked.
    pub service: Service,
}

/// The service called.
#[derive(Debug, Clone, PartialEq)]
pub enum Service {
    /// `slir` or `eme_lir`.
    Immediate(Immediate),
    /// `tlrr`.
    Triggered(Box<Triggered>),
    /// `tlrsr`.
    Stop(Stop),
    /// `tlrqr`.
    Query(Query),
    /// A service of the standard that is not served here: answer 108 in its own answer element.
    Unsupported(UnsupportedService),
}

/// Services that the standard defines and this server does not serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnsupportedService {
    /// Historic location immediate request.
    Hlir,
}

impl UnsupportedService {
    /// Name of the request element.
    #[must_use]
    pub fn element(self) -> &'static str {
        match self {
            Self::Hlir => "hlir",
        }
    }

    /// Where its answer goes.
    #[must_use]
    pub fn answer(self) -> AnswerElement {
        match self {
            Self::Hlir => AnswerElement::Hlia,
        }
    }
}

/// Reads a request (OMA MLP section 5.6.2.1).
///
/// # Errors
///
/// An [`MlpError`] when the request cannot be served as a whole; it knows how to answer. What is wrong with one target
/// alone is in its [`crate::TargetEntry`] and no error here.
pub fn parse_svc_init(body: &[u8], limits: &Limits) -> Result<SvcInit, MlpError> {
    let mut progress = Progress::default();
    match read(body, limits, &mut progress) {
        Ok(service) => Ok(SvcInit {
            version: progress.version.unwrap_or_default(),
            header: progress.header.unwrap_or_default(),
            service,
        }),
        Err(fault) => Err(fault.answered(progress.answer, progress.version.unwrap_or_default(), progress.header)),
    }
}

/// What is known so far of how to answer.
struct Progress {
    answer: AnswerElement,
    version: Option<Version>,
    header: Option<Header>,
}

impl Default for Progress {
    fn default() -> Self {
        Self { answer: AnswerElement::Gem, version: None, header: None }
    }
}

impl Progress {
    /// Takes a `ver` attribute. The first one decides the version of the answer; each must be a version that is spoken. One
    /// left out has the value that the DTD fixes, so it says nothing.
    fn version(&mut self, text: Option<&str>, element: &'static str) -> Result<(), Fault> {
        match text.map(Version::parse) {
            None => Ok(()),
            Some(Ok(version)) => {
                self.version.get_or_insert(version);
                Ok(())
            }
            Some(Err(VersionError::Unsupported)) => {
                let rule = "versions 3.2.0 to 3.5.0 are spoken here";
                Err(Fault::attribute(ResultId::UNSUPPORTED_VERSION, element, "ver", rule))
            }
            Some(Err(VersionError::Malformed)) => Err(Fault::attribute_value(element, "ver")),
        }
    }
}

fn read(body: &[u8], limits: &Limits, progress: &mut Progress) -> Result<Service, Fault> {
    let text = document::decode(body, limits.max_body)?;
    let mut cursor = Cursor::new(&text, limits);
    let cursor = &mut cursor;
    let root = cursor.root()?;
    if root.name() != "svc_init" {
        return Err(Fault::outside(ResultId::SERVICE_NOT_SUPPORTED, root.name(), "not a service of MLP; svc_init is"));
    }
    let [ver] = root.attributes("svc_init", ["ver"])?;
    progress.version(ver.as_deref(), "svc_init")?;
    let mut service = None;
    while let Some(tag) = cursor.child("svc_init")? {
        if tag.name() == "hdr" {
            let [ver] = tag.attributes("hdr", ["ver"])?;
            progress.version(ver.as_deref(), "hdr")?;
            let header = header::parse(cursor)?;
            if progress.header.replace(header).is_some() {
                return Err(Fault::syntax("hdr", "given more than once"));
            }
        } else if service.is_some() {
            return Err(Fault::syntax("svc_init", "more than one service"));
        } else {
            service = Some(read_service(cursor, &tag, limits, progress)?);
        }
    }
    cursor.finish()?;
    let service = service.ok_or_else(|| Fault::syntax("svc_init", "no service"))?;
    if progress.header.is_none() {
        return Err(Fault::syntax("svc_init", "hdr is needed"));
    }
    Ok(service)
}

/// What `res_type` of a service says: whether the answer is to come as a report.
pub(crate) fn is_asynchronous(res_type: Option<&str>, element: &'static str) -> Result<bool, Fault> {
    match res_type {
        None | Some("SYNC") => Ok(false),
        Some("ASYNC") => Ok(true),
        Some(_) => Err(Fault::attribute_value(element, "res_type")),
    }
}

fn read_service(
    cursor: &mut Cursor<'_>,
    tag: &Tag<'_>,
    limits: &Limits,
    progress: &mut Progress,
) -> Result<Service, Fault> {
    let mut immediate = |service: ImmediateService, answer| {
        progress.answer = answer;
        let element = service.element();
        let [ver, res_type] = tag.attributes(element, ["ver", "res_type"])?;
        progress.version(ver.as_deref(), element)?;
        let asynchronous = is_asynchronous(res_type.as_deref(), element)?;
        immediate::parse(cursor, asynchronous, service, limits).map(Service::Immediate)
    };
    match tag.name() {
        "slir" => return immediate(ImmediateService::Slir, AnswerElement::Slia),
        "eme_lir" => return immediate(ImmediateService::EmeLir, AnswerElement::EmeLia),
        _ => {}
    }
    let mut plain = |element: &'static str, answer| {
        progress.answer = answer;
        let [ver, _] = tag.attributes(element, ["ver", "res_type"])?;
        progress.version(ver.as_deref(), element)
    };
    match tag.name() {
        "tlrr" => {
            plain("tlrr", AnswerElement::Tlra)?;
            triggered::parse(cursor, limits).map(|request| Service::Triggered(Box::new(request)))
        }
        "tlrsr" => {
            plain("tlrsr", AnswerElement::Tlrsa)?;
            triggered::parse_stop(cursor, limits).map(Service::Stop)
        }
        "tlrqr" => {
            plain("tlrqr", AnswerElement::Tlrqa)?;
            triggered::parse_query(cursor).map(Service::Query)
        }
        "hlir" => {
            plain("hlir", AnswerElement::Hlia)?;
            cursor.skip()?;
            Ok(Service::Unsupported(UnsupportedService::Hlir))
        }
        other => {
            let rule = "the server does not support a service of this name";
            Err(Fault::outside(ResultId::SERVICE_NOT_SUPPORTED, other, rule))
        }
    }
}
