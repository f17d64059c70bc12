//! Answers and reports between gateways: `rlp_svc_result` (TS 23.271 clause 5.6.2).

use super::{
    extension::{Plmn, Transaction},
    immediate::{Immediate, ImmediateService},
    init::Sender,
    result_extension::ResultExtension,
    subject::Subject,
    version::Version,
    write_request::write_sender,
};
use crate::{
    position::{Manner, write_fix, write_result},
    result::ResultId,
    write,
};
use lcs::{Fix, QosClass, Timestamp};

/// Elements in which a result can be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AnswerElement {
    /// Standard roaming location immediate answer.
    Srlia,
    /// Emergency roaming location immediate answer.
    Erlia,
    /// Triggered roaming location reporting answer.
    Trlra,
    /// Triggered roaming location reporting stop answer.
    Trlrsa,
    /// General error message, as MLP has it: when no service of the standard was called, or none can be made out.
    Gem,
}

impl AnswerElement {
    /// All five.
    pub const ALL: [Self; 5] = [Self::Srlia, Self::Erlia, Self::Trlra, Self::Trlrsa, Self::Gem];

    /// Name of the element.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Srlia => "srlia",
            Self::Erlia => "erlia",
            Self::Trlra => "trlra",
            Self::Trlrsa => "trlrsa",
            Self::Gem => "gem",
        }
    }
}

/// How a position was found, as far as the standard has words (RLP 1.0, `pos_method`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PositionMethod {
    /// The cell.
    Cell,
    /// Observed time difference of arrival.
    Otdoa,
    /// Satellites, by the phone alone.
    Gps,
    /// Satellites, assisted.
    AssistedGps,
    /// Enhanced observed time difference.
    Eotd,
    /// Uplink time difference of arrival.
    Utdoa,
    /// Any other.
    Other,
}

impl PositionMethod {
    /// All seven.
    pub const ALL: [Self; 7] =
        [Self::Cell, Self::Otdoa, Self::Gps, Self::AssistedGps, Self::Eotd, Self::Utdoa, Self::Other];

    /// Value of the attribute `pos_method`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cell => "CELL",
            Self::Otdoa => "OTDOA",
            Self::Gps => "GPS",
            Self::AssistedGps => "A-GPS",
            Self::Eotd => "E-OTD",
            Self::Utdoa => "U-TDOA",
            Self::Other => "OTHER",
        }
    }

    /// From the attribute; a word that the standard has not, or got later, is another method.
    pub(super) fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|method| method.as_str() == word).unwrap_or(Self::Other)
    }
}

/// An answer to an immediate request.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    version: Version,
    sender: &'a Sender,
    service: ImmediateService,
    element: AnswerElement,
    qos_class: QosClass,
    subject: &'a Subject,
    transaction: Option<&'a Transaction>,
    visited: Option<&'a Plmn>,
    method: Option<PositionMethod>,
    surroundings: bool,
    body: AnswerBody<'a>,
}

/// What is answered.
#[derive(Debug, Clone, Copy)]
pub enum AnswerBody<'a> {
    /// A position that may be told.
    Position {
        /// The position.
        fix: &'a Fix,
        /// When the network gave it; the time told is earlier by its age.
        at: Timestamp,
    },
    /// The user was notified or asked, nothing stands against it, and no position was asked for.
    Notified,
    /// Asynchronous: the position follows as a report under this request id.
    Accepted {
        /// The request id, of this gateway's choice.
        request_id: &'a str,
    },
    /// None.
    Failed {
        /// Why.
        result: ResultId,
        /// More about it; names nobody.
        add_info: Option<&'a str>,
    },
}

impl<'a> Answer<'a> {
    /// An answer in the manner of the request, about the one who was asked about, under the name that they were asked by.
    #[must_use]
    pub fn to(version: Version, request: &'a Immediate, sender: &'a Sender, body: AnswerBody<'a>) -> Self {
        Self {
            version,
            sender,
            service: request.service,
            element: request.service.answer(),
            qos_class: request.quality.qos.class,
            subject: &request.subject,
            transaction: request.transaction.as_ref(),
            visited: None,
            method: None,
            surroundings: false,
            body,
        }
    }

    /// The same in `trlra`, to a triggered request: its acceptance, or why it is not armed.
    #[must_use]
    pub fn to_triggered(mut self) -> Self {
        self.element = AnswerElement::Trlra;
        self
    }

    /// Tells the cell, civic address and air pressure beside the estimate, or the cell where there is no estimate. For a home
    /// gateway, which checks and decides, and for emergencies: to a requesting one they would tell more than the estimate
    /// that was allowed.
    #[must_use]
    pub fn with_surroundings(mut self) -> Self {
        self.surroundings = true;
        self
    }

    /// Tells which network the target was in, for charging. For a home gateway: to a requesting one it tells a country.
    #[must_use]
    pub fn visited(mut self, plmn: &'a Plmn) -> Self {
        self.visited = Some(plmn);
        self
    }

    /// Tells how the position was found.
    #[must_use]
    pub fn method(mut self, method: PositionMethod) -> Self {
        self.method = Some(method);
        self
    }

    /// Appends the answer to `out`, a whole XML document in UTF-8.
    pub fn write(&self, out: &mut String) {
        self.write_as(out, self.element.name(), None);
    }

    fn write_as(&self, out: &mut String, element: &'static str, request_id: Option<&str>) {
        begin(out, self.version);
        write::start(out, "rlp_hdr", &[("ver", self.version.as_str())]);
        write_sender(out, self.sender);
        write::close(out, "rlp_hdr");
        write::start(out, element, &[("ver", self.version.as_str())]);
        if let Some(request_id) = request_id {
            write::element(out, "req_id", request_id);
        }
        let mut extension = ResultExtension {
            transaction: self.transaction.cloned(),
            visited: self.visited.cloned(),
            ..ResultExtension::default()
        };
        match self.body {
            AnswerBody::Position { fix, at } => self.write_position(out, fix, at, &mut extension),
            AnswerBody::Notified => write_result(out, ResultId::OK, None),
            AnswerBody::Accepted { request_id } => write::element(out, "req_id", request_id),
            // A failure that were told as 0 would read as "notified".
            AnswerBody::Failed { result: ResultId::OK, add_info } => {
                write_result(out, ResultId::SYSTEM_FAILURE, add_info);
            }
            AnswerBody::Failed { result, add_info } => write_result(out, result, add_info),
        }
        extension.write(out);
        write::close(out, element);
        out.push_str("</rlp_svc_result>");
    }

    /// Appends `pos` or `eme_pos`. What the shapes of the protocol say only roughly goes into the extension, but nothing of a
    /// position that may not be told.
    fn write_position(&self, out: &mut String, fix: &Fix, at: Timestamp, extension: &mut ResultExtension) {
        let emergency = self.service == ImmediateService::Erlir;
        let element = if emergency { "eme_pos" } else { "pos" };
        match self.method {
            Some(method) => write::start(out, element, &[("pos_method", method.as_str())]),
            None => write::open(out, element),
        }
        self.subject.write(out, emergency);
        let start = out.len();
        // RLP 1.0 stands beside MLP 3.2, which has nothing of what came later.
        let service = if emergency { crate::ImmediateService::EmeLir } else { crate::ImmediateService::Slir };
        let manner = Manner { version: crate::Version::V3_2, service, shapes: None, qos_class: self.qos_class };
        write_fix(out, fix, at, manner);
        let told = out.get(start..).is_some_and(|written| written.starts_with("<pd>"));
        let missed = fix.accuracy_fulfilled == Some(false) && self.qos_class == QosClass::Assured;
        if told {
            extension.tell(fix);
        }
        if self.surroundings && (told || (fix.shape.is_none() && !missed)) {
            extension.tell_surroundings(fix);
        }
        write::close(out, element);
    }
}

/// A report, sent to the gateway that asked after an asynchronous request was accepted.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// What is reported, as it would be answered at once; an acceptance is none.
    pub answer: Answer<'a>,
    /// The request id that the answer gave.
    pub request_id: &'a str,
}

impl Report<'_> {
    /// Appends the report to `out`, a whole XML document in UTF-8.
    pub fn write(&self, out: &mut String) {
        self.answer.write_as(out, self.answer.service.report(), Some(self.request_id));
    }
}

/// Appends a `trlrsa`: no more reports come. `transaction`: the name of the exchange, as the request gave it.
pub fn write_stopped(
    out: &mut String,
    version: Version,
    sender: &Sender,
    request_id: &str,
    transaction: Option<&Transaction>,
) {
    begin(out, version);
    write::start(out, "rlp_hdr", &[("ver", version.as_str())]);
    write_sender(out, sender);
    write::close(out, "rlp_hdr");
    write::start(out, "trlrsa", &[("ver", version.as_str())]);
    write::element(out, "req_id", request_id);
    ResultExtension { transaction: transaction.cloned(), ..ResultExtension::default() }.write(out);
    write::close(out, "trlrsa");
    out.push_str("</rlp_svc_result>");
}

/// Appends an answer that says that a request failed: in its answer element, or as a general error message. For a request whose
/// service is not served, or of which no more than its answer element is known.
pub fn write_failure(
    out: &mut String,
    version: Version,
    element: AnswerElement,
    result: ResultId,
    add_info: Option<&str>,
) {
    let ver = [("ver", version.as_str())];
    if element == AnswerElement::Gem {
        out.push_str(DECLARATION);
        write::start(out, "gem", &ver);
        write_result(out, result, add_info);
        write::close(out, "gem");
    } else {
        begin(out, version);
        write::start(out, element.name(), &ver);
        write_result(out, result, add_info);
        write::close(out, element.name());
        out.push_str("</rlp_svc_result>");
    }
}

/// No DOCTYPE follows: a receiver that acts on one would have to fetch the DTD.
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

fn begin(out: &mut String, version: Version) {
    out.push_str(DECLARATION);
    write::start(out, "rlp_svc_result", &[("ver", version.as_str())]);
}
