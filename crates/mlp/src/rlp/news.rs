//! What becomes of a triggered request, told by the home gateway over a connection of its own: `trlrep`, and a `trlrsa` that nobody asked
//! for (TS 23.271 clauses 9.1.8.2 step 14, 9.1.9 step 17, 9.1.8.4 and 9.1.9.1).
//!
//! A report has a number, by which what comes twice is seen, in the extension; a gateway of another make tells none.

use super::{
    PassedOn,
    error::AnswerError,
    extension::is_extension,
    init::{Sender, read_sender},
    place,
    result::{PeerOutcome, PeerPosition, PosPart, result},
    result_extension::ResultExtension,
    subject::Subject,
    triggered::named as name,
    version::Version,
    write_request::write_sender,
};
use crate::{
    cursor::{Cursor, Tag},
    document,
    error::Fault,
    header::plain,
    init::Limits,
    msid::Msid,
    position::{Manner, write_fix, write_poserr, write_result},
    result::ResultId,
    targets::set,
    time::write_time,
    triggered::{TriggerWord, TriggeredOutcome},
    write,
};
use lcs::{QosClass, TerminationCause, Timestamp};

/// News to send to the gateway that asked.
#[derive(Debug, Clone, Copy)]
pub struct OutgoingNews<'a> {
    /// Version of the request.
    pub version: Version,
    /// Who tells.
    pub sender: &'a Sender,
    /// The request id that the answer gave.
    pub request_id: &'a str,
    /// What became of it.
    pub told: OutgoingTold<'a>,
}

/// What became of a request.
#[derive(Debug, Clone, Copy)]
pub enum OutgoingTold<'a> {
    /// `trlrep`: a report.
    Report {
        /// Its number, from 1.
        number: u32,
        /// Nothing follows.
        last: bool,
        /// Whom it is about, by the name that they were asked by.
        subject: &'a Subject,
        /// What made it come.
        trigger: TriggerWord,
        /// What it tells.
        outcome: TriggeredOutcome<'a>,
        /// Quality class of the request.
        qos_class: QosClass,
    },
    /// `trlrsa`: it is over.
    Ended {
        /// The network or the time ended it, and not somebody: told as 114.
        by_network: bool,
        /// Why, as a visited gateway tells the home one: it begins the request anew where the phone moved to another node. The gateway of a
        /// client is not told.
        cause: Option<TerminationCause>,
    },
}

impl OutgoingNews<'_> {
    /// Appends the message to `out`, a whole XML document in UTF-8.
    pub fn write(&self, out: &mut String) {
        let ver = [("ver", self.version.as_str())];
        begin(out, self.version, self.sender);
        match self.told {
            OutgoingTold::Report { number, last, subject, trigger, outcome, qos_class } => {
                write::start(out, "trlrep", &ver);
                write::element(out, "req_id", self.request_id);
                let mut extension = ResultExtension { report_number: Some(number), last, ..ResultExtension::default() };
                write_position(out, (subject, trigger), outcome, qos_class, &mut extension);
                extension.write(out);
                write::close(out, "trlrep");
            }
            OutgoingTold::Ended { by_network, cause } => {
                write::start(out, "trlrsa", &ver);
                write::element(out, "req_id", self.request_id);
                if by_network {
                    write_result(out, ResultId::CANCELLATION_OF_TRIGGERED_LOCATION_REQUEST, None);
                }
                ResultExtension { cause, ..ResultExtension::default() }.write(out);
                write::close(out, "trlrsa");
            }
        }
        out.push_str("</rlp_svc_result>");
    }
}

/// All before the report or the end.
pub(super) fn begin(out: &mut String, version: Version, sender: &Sender) {
    let ver = [("ver", version.as_str())];
    out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    write::start(out, "rlp_svc_result", &ver);
    write::start(out, "rlp_hdr", &ver);
    write_sender(out, sender);
    write::close(out, "rlp_hdr");
}

pub(super) fn write_position(
    out: &mut String,
    (subject, trigger): (&Subject, TriggerWord),
    outcome: TriggeredOutcome<'_>,
    qos_class: QosClass,
    extension: &mut ResultExtension,
) {
    write::start(out, "trl_pos", &[("trl_trigger", trigger.as_str())]);
    subject.write(out, false);
    match outcome {
        TriggeredOutcome::Fixed { fix, at } => {
            let start = out.len();
            let service = crate::ImmediateService::Slir;
            let manner = Manner { version: crate::Version::V3_2, service, shapes: None, qos_class };
            write_fix(out, fix, at, manner);
            // What may not be told is not told in any way.
            if out.get(start..).is_some_and(|written| written.starts_with("<pd>")) {
                extension.tell(fix);
            }
        }
        TriggeredOutcome::Event { at } => write_time(out, at),
        TriggeredOutcome::Failed { result, add_info, at } => write_poserr(out, result, add_info, at),
    }
    write::close(out, "trl_pos");
}

/// News as read. That the sender may tell them, and whether anybody waits for them, is not yet seen.
#[derive(Debug, Clone, PartialEq)]
pub struct News {
    /// Who tells, as it says itself.
    pub sender: Option<Sender>,
    /// Which request; where it is told by its reference, the name of this report or end, which is the same when it is told again.
    pub request_id: String,
    /// By what the request is told, if the one who tells was not asked for it.
    pub passed_on: Option<PassedOn>,
    /// What became of it.
    pub told: PeerNews,
}

/// What became of a request, as another gateway tells it.
#[derive(Debug, Clone, PartialEq)]
pub enum PeerNews {
    /// A report.
    Report(Box<PeerReport>),
    /// It is over.
    Ended {
        /// The network or the time ended it.
        by_network: bool,
        /// Why, if that is told.
        cause: Option<TerminationCause>,
    },
}

/// A report of another gateway. `Debug` hides whom and where.
#[derive(Debug, Clone, PartialEq)]
pub struct PeerReport {
    /// Its number, from 1; `None`: of a gateway that does not number.
    pub number: Option<u32>,
    /// Nothing follows.
    pub last: bool,
    /// Whom it is about: to be compared with whom was asked about, see [`Subject::is`].
    pub subject: Subject,
    /// What made it come.
    pub trigger: TriggerWord,
    /// What it tells.
    pub outcome: PeerReported,
}

/// What a report tells.
#[derive(Debug, Clone, PartialEq)]
pub enum PeerReported {
    /// The event, and where.
    Position(Box<PeerPosition>),
    /// The event alone.
    Event,
    /// No position, and why.
    Failed(ResultId),
}

/// Whether a message is a result of a service, and not a call of one. One that is neither is no result.
#[must_use]
pub fn is_svc_result(body: &[u8], limits: &Limits) -> bool {
    let Ok(text) = document::decode(body, limits.max_body) else { return false };
    let mut cursor = Cursor::new(&text, limits);
    cursor.root().is_ok_and(|root| root.name() == "rlp_svc_result")
}

/// Reads a report, or an end that nobody asked for.
///
/// # Errors
/// An [`AnswerError`] if it is neither, is about more than one target, or says something that is not understood.
pub fn parse_news(body: &[u8], limits: &Limits) -> Result<News, AnswerError> {
    let text = document::decode(body, limits.max_body)?;
    let mut cursor = Cursor::new(&text, limits);
    let cursor = &mut cursor;
    let root = cursor.root()?;
    root.attributes("rlp_svc_result", ["ver"])?;
    if root.name() != "rlp_svc_result" {
        return Err(Fault::outside(ResultId::SERVICE_NOT_SUPPORTED, root.name(), "not a result of RLP").into());
    }
    let (mut sender, mut news) = (None, None);
    while let Some(tag) = cursor.child("rlp_svc_result")? {
        match tag.name() {
            "rlp_hdr" => read_header(cursor, &tag, &mut sender)?,
            "trlrep" => set(&mut news, read_report(cursor, &tag)?, "rlp_svc_result")?,
            "trlrsa" => set(&mut news, read_end(cursor, &tag)?, "rlp_svc_result")?,
            name => return Err(Fault::outside(ResultId::SERVICE_NOT_SUPPORTED, name, "not news of a request").into()),
        }
    }
    cursor.finish()?;
    let (request_id, passed_on, told) = news.ok_or_else(|| Fault::syntax("rlp_svc_result", "no report and no end"))?;
    Ok(News { sender, request_id, passed_on, told })
}

/// `req_id`, by what else the request is told, and what became of it.
type Read = (String, Option<PassedOn>, PeerNews);

fn read_header(cursor: &mut Cursor<'_>, tag: &Tag<'_>, sender: &mut Option<Sender>) -> Result<(), Fault> {
    tag.attributes("rlp_hdr", ["ver"])?;
    while let Some(tag) = cursor.child("rlp_hdr")? {
        match tag.name() {
            "locationserver" => set(sender, read_sender(cursor, &tag)?, "locationserver")?,
            _ => cursor.skip()?,
        }
    }
    Ok(())
}

fn read_end(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Read, Fault> {
    tag.attributes("trlrsa", ["ver"])?;
    let (mut request_id, mut named, mut told, mut extension) = (None, None, None, None);
    while let Some(tag) = cursor.child("trlrsa")? {
        match tag.name() {
            "req_id" => set(&mut request_id, name(plain(cursor, &tag, "req_id")?)?, "req_id")?,
            "msid" => set(&mut named, Msid::parse(cursor, &tag)?.1, "msid")?,
            "result" => set(&mut told, result(cursor, &tag)?, "result")?,
            _ if is_extension(&tag) => {
                set(&mut extension, ResultExtension::parse(cursor, &tag)?, "lr_extension")?;
            }
            _ => cursor.skip()?,
        }
    }
    let request_id = request_id.ok_or_else(|| Fault::syntax("trlrsa", "req_id is needed"))?;
    let extension = extension.unwrap_or_default();
    let passed_on = match extension.lcs_ref {
        None => None,
        Some(reference) => {
            let subject = Subject::merge(named.into_iter())?;
            Some(PassedOn { reference, subject, max_interval_over: false })
        }
    };
    // Over is over, whatever the reason.
    let by_network = told.is_some_and(|told| told != ResultId::OK);
    Ok((request_id, passed_on, PeerNews::Ended { by_network, cause: extension.cause }))
}

/// `trl_pos` as read: its position is put together with the extension.
struct Pos {
    trigger: TriggerWord,
    told: Told,
}

enum Told {
    Place(Box<PosPart>),
    Event(Subject),
}

fn read_report(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Read, Fault> {
    tag.attributes("trlrep", ["ver"])?;
    let (mut request_id, mut position, mut extension) = (None, None, None);
    while let Some(tag) = cursor.child("trlrep")? {
        match tag.name() {
            "req_id" => set(&mut request_id, name(plain(cursor, &tag, "req_id")?)?, "req_id")?,
            "trl_pos" => set(&mut position, read_position(cursor, &tag)?, "trl_pos")?,
            _ if is_extension(&tag) => {
                set(&mut extension, ResultExtension::parse(cursor, &tag)?, "lr_extension")?;
            }
            _ => cursor.skip()?,
        }
    }
    let request_id = request_id.ok_or_else(|| Fault::syntax("trlrep", "req_id is needed"))?;
    let Pos { trigger, told } = position.ok_or_else(|| Fault::syntax("trlrep", "trl_pos is needed"))?;
    let extension = extension.unwrap_or_default();
    let (number, last) = (extension.report_number, extension.last);
    let (reference, max_interval_over) = (extension.lcs_ref, extension.max_interval_over);
    let (subject, outcome) = match told {
        Told::Event(subject) => (subject, PeerReported::Event),
        Told::Place(place) => {
            let subject = place.subject.clone();
            let outcome = match place.outcome(extension)? {
                PeerOutcome::Position(position) => PeerReported::Position(position),
                PeerOutcome::Failed(result) => PeerReported::Failed(result),
                PeerOutcome::Notified | PeerOutcome::Accepted => {
                    return Err(Fault::syntax("trl_pos", "neither a position nor a result"));
                }
            };
            (subject, outcome)
        }
    };
    let passed_on = reference.map(|reference| PassedOn { reference, subject: subject.clone(), max_interval_over });
    let report = PeerReport { number, last, subject, trigger, outcome };
    Ok((request_id, passed_on, PeerNews::Report(Box::new(report))))
}

fn read_position(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Pos, Fault> {
    let [word] = tag.attributes("trl_pos", ["trl_trigger"])?;
    let word = word.ok_or_else(|| Fault::syntax("trl_pos", "trl_trigger is needed"))?;
    let trigger = TriggerWord::ALL.into_iter().find(|known| known.as_str() == word);
    let trigger = trigger.ok_or_else(|| Fault::attribute_value("trl_pos", "trl_trigger"))?;
    let (mut named, mut told, mut event): (_, _, Option<Timestamp>) = (None, None, None);
    while let Some(tag) = cursor.child("trl_pos")? {
        match tag.name() {
            "msid" => set(&mut named, Msid::parse(cursor, &tag)?.1, "msid")?,
            "pd" => set(&mut told, Ok(place::parse(cursor)?), "pd")?,
            "poserr" => set(&mut told, Err(super::result::poserr(cursor)?), "poserr")?,
            "time" => set(&mut event, place::time(cursor, &tag)?, "time")?,
            _ => cursor.skip()?,
        }
    }
    let subject = Subject::merge(named.into_iter())?;
    let told = match (told, event) {
        (Some(told), None) => Told::Place(Box::new(PosPart { subject, method: None, told })),
        (None, Some(_)) => Told::Event(subject),
        _ => return Err(Fault::syntax("trl_pos", "one of pd, poserr and time is needed")),
    };
    Ok(Pos { trigger, told })
}
