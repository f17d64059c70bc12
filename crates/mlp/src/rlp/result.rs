//! Reading answers and reports of other gateways. Nothing is taken that is not understood.

use super::{
    answer::{AnswerElement, PositionMethod},
    error::AnswerError,
    extension::{Plmn, Transaction, is_extension},
    immediate::ImmediateService,
    init::{Sender, read_sender},
    place::{self, Place},
    result_extension::ResultExtension,
    subject::Subject,
    version::Version,
};
use crate::{
    cursor::{Cursor, Tag},
    document,
    error::Fault,
    header::plain,
    init::Limits,
    msid::Msid,
    quality::whole,
    result::ResultId,
    targets::set,
};
use lcs::{Fix, Timestamp};

/// A whole answer, report or general error message.
#[derive(Debug, Clone, PartialEq)]
pub struct SvcResult {
    /// `ver` of the outermost element, if it is one that is spoken here.
    pub version: Option<Version>,
    /// Who answers, as it says itself.
    pub sender: Option<Sender>,
    /// The element of the answer; that of the request's answer for a report.
    pub element: AnswerElement,
    /// Whether it is a report, of an asynchronous request.
    pub report: bool,
    /// Request id, of an acceptance or a report.
    pub request_id: Option<String>,
    /// The name of the exchange that the request gave.
    pub transaction: Option<Transaction>,
    /// The network where the target was.
    pub visited: Option<Plmn>,
    /// What became of the request.
    pub outcome: PeerOutcome,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum PeerOutcome {
    /// A position, or at least a cell.
    Position(Box<PeerPosition>),
    /// Result 0 without a position: the user was notified or asked, and no position was asked for. To a request for a
    /// position it is none.
    Notified,
    /// A report will follow.
    Accepted,
    /// None; see [`peer_failure`](super::peer_failure).
    Failed(ResultId),
}

/// A position of another gateway. It must not leave before the check at home and the record. `Debug` hides whom and where.
#[derive(Debug, Clone, PartialEq)]
pub struct PeerPosition {
    /// Whom it is about: to be compared with whom was asked about, see [`Subject::is`].
    pub subject: Subject,
    /// When it was true, by the clock of the peer.
    pub at: Timestamp,
    /// How it was found.
    pub method: Option<PositionMethod>,
    fix: Fix,
}

impl PeerPosition {
    /// The position, with its age at `now`: as the peer told it, and older by what has passed since in whole minutes, for a report may be
    /// told late; if the peer did not tell it, counted in minutes, up. A time in the future is now.
    #[must_use]
    pub fn fix(&self, now: Timestamp) -> Fix {
        let mut fix = self.fix.clone();
        let since_s = now.since(self.at).as_secs();
        fix.age_min = match fix.age_min {
            Some(told) => Some(u32::try_from(since_s / 60).unwrap_or(u32::MAX).max(told)),
            None => u32::try_from(since_s.div_ceil(60)).ok(),
        };
        fix
    }
}

/// Reads an answer or a report.
///
/// # Errors
///
/// An [`AnswerError`] if it is none, is about more than one target, or says something that is not understood.
pub fn parse_svc_result(body: &[u8], limits: &Limits) -> Result<SvcResult, AnswerError> {
    let text = document::decode(body, limits.max_body)?;
    let mut cursor = Cursor::new(&text, limits);
    let cursor = &mut cursor;
    let root = cursor.root()?;
    let [ver] = root.attributes("rlp_svc_result", ["ver"])?;
    let version = ver.as_deref().and_then(Version::parse);
    let (mut sender, mut answer) = (None, None);
    match root.name() {
        "gem" => answer = Some(Message { element: AnswerElement::Gem, ..Message::read(cursor)? }),
        "rlp_svc_result" => {
            while let Some(tag) = cursor.child("rlp_svc_result")? {
                if tag.name() == "rlp_hdr" {
                    tag.attributes("rlp_hdr", ["ver"])?;
                    read_header(cursor, &mut sender)?;
                } else {
                    set(&mut answer, message(cursor, &tag)?, "rlp_svc_result")?;
                }
            }
        }
        name => return Err(Fault::outside(ResultId::SERVICE_NOT_SUPPORTED, name, "not an answer of RLP").into()),
    }
    cursor.finish()?;
    let answer = answer.ok_or_else(|| Fault::syntax("rlp_svc_result", "no answer"))?;
    Ok(answer.result(version, sender)?)
}

fn read_header(cursor: &mut Cursor<'_>, sender: &mut Option<Sender>) -> Result<(), Fault> {
    while let Some(tag) = cursor.child("rlp_hdr")? {
        match tag.name() {
            "locationserver" => set(sender, read_sender(cursor, &tag)?, "locationserver")?,
            _ => cursor.skip()?,
        }
    }
    Ok(())
}

fn message(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Message, Fault> {
    let name = tag.name();
    let answer = AnswerElement::ALL.into_iter().find(|e| *e != AnswerElement::Gem && e.name() == name);
    let report = ImmediateService::ALL.into_iter().find(|service| service.report() == name);
    let element = match (answer, report) {
        (Some(element), _) => element,
        (None, Some(service)) => service.answer(),
        (None, None) => {
            return Err(Fault::outside(ResultId::SERVICE_NOT_SUPPORTED, name, "not an answer to an immediate request"));
        }
    };
    tag.attributes("rlp_svc_result", ["ver"])?;
    Ok(Message { element, report: report.is_some(), ..Message::read(cursor)? })
}

/// An answer element as read.
struct Message {
    element: AnswerElement,
    report: bool,
    request_id: Option<String>,
    result: Option<ResultId>,
    position: Option<PosPart>,
    extension: ResultExtension,
}

impl Message {
    /// Reads the children of an answer element.
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Fault> {
        let (mut request_id, mut outcome, mut position, mut extension) = (None, None, None, None);
        while let Some(tag) = cursor.child("rlp_svc_result")? {
            match tag.name() {
                "req_id" => set(&mut request_id, plain(cursor, &tag, "req_id")?, "req_id")?,
                "result" => set(&mut outcome, result(cursor, &tag)?, "result")?,
                "add_info" => cursor.skip()?,
                "pos" | "eme_pos" => set(&mut position, PosPart::read(cursor, &tag)?, "pos")?,
                _ if is_extension(&tag) => {
                    set(&mut extension, ResultExtension::parse(cursor, &tag)?, "lr_extension")?;
                }
                _ => cursor.skip()?,
            }
        }
        Ok(Self {
            element: AnswerElement::Gem,
            report: false,
            request_id,
            result: outcome,
            position,
            extension: extension.unwrap_or_default(),
        })
    }

    fn result(self, version: Option<Version>, sender: Option<Sender>) -> Result<SvcResult, Fault> {
        let Self { element, report, request_id, result, position, extension } = self;
        let (transaction, visited) = (extension.transaction.clone(), extension.visited.clone());
        let outcome = match (result, position, &request_id) {
            (None, Some(position), _) => position.outcome(extension)?,
            (Some(ResultId::OK), None, _) => PeerOutcome::Notified,
            (Some(result), None, _) => PeerOutcome::Failed(result),
            (None, None, Some(_)) if !report => PeerOutcome::Accepted,
            _ => return Err(Fault::syntax("rlp_svc_result", "neither a position nor a result, or both")),
        };
        Ok(SvcResult { version, sender, element, report, request_id, transaction, visited, outcome })
    }
}

/// `pos` or `eme_pos` as read.
pub(super) struct PosPart {
    pub(super) subject: Subject,
    pub(super) method: Option<PositionMethod>,
    pub(super) told: Result<Place, (ResultId, Option<Timestamp>)>,
}

impl PosPart {
    fn read(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Self, Fault> {
        let [method, result_type] = tag.attributes("pos", ["pos_method", "result_type"])?;
        if result_type.is_some_and(|kind| kind != "FINAL") {
            return Err(Fault::attribute_value("pos", "result_type"));
        }
        let method = method.as_deref().map(PositionMethod::of);
        let (mut named, mut told) = (Vec::new(), None);
        while let Some(tag) = cursor.child("pos")? {
            match tag.name() {
                "msid" if named.len() >= MSIDS_MAX => return Err(Fault::syntax("msid", "too many of one target")),
                "msid" => named.push(Msid::parse(cursor, &tag)?.1),
                "pd" => set(&mut told, Ok(place::parse(cursor)?), "pd")?,
                "poserr" => set(&mut told, Err(poserr(cursor)?), "poserr")?,
                _ => cursor.skip()?,
            }
        }
        let subject = Subject::merge(named.into_iter())?;
        let told = told.ok_or_else(|| Fault::syntax("pos", "neither pd nor poserr"))?;
        Ok(Self { subject, method, told })
    }

    /// The position: what the extension says exactly goes before what the elements of the standard say.
    pub(super) fn outcome(self, extension: ResultExtension) -> Result<PeerOutcome, Fault> {
        let Self { subject, method, told } = self;
        let ResultExtension { age_min, accuracy_fulfilled, shape, velocity, cell, .. } = extension;
        let (at, mut fix, of_standard) = match told {
            Ok(Place { at, fix, shape }) => (at, fix, shape),
            // Only the cell is known, and only the extension has a place for it.
            Err((ResultId::POSITION_METHOD_FAILURE, Some(at))) if cell.is_some() => {
                let fix = Fix { age_min, cell, ..Fix::NOWHERE };
                return Ok(PeerOutcome::Position(Box::new(PeerPosition { subject, at, method, fix })));
            }
            Err((result, _)) => return Ok(PeerOutcome::Failed(result)),
        };
        // What misses its accuracy by either does.
        if fix.accuracy_fulfilled.is_none() {
            fix.accuracy_fulfilled = accuracy_fulfilled;
        }
        fix.age_min = age_min;
        fix.shape = Some(shape.map_or(of_standard, Ok)?);
        fix.velocity = velocity.or(fix.velocity);
        fix.cell = cell;
        fix.civic_address = extension.civic_address;
        fix.barometric_pressure_pa = extension.barometric_pressure_pa;
        Ok(PeerOutcome::Position(Box::new(PeerPosition { subject, at, method, fix })))
    }
}

/// Most identities of one target.
const MSIDS_MAX: usize = 8;

/// Reads `poserr` after its start tag. Result 0 says nothing here.
pub(super) fn poserr(cursor: &mut Cursor<'_>) -> Result<(ResultId, Option<Timestamp>), Fault> {
    let (mut told, mut at) = (None, None);
    while let Some(tag) = cursor.child("poserr")? {
        match tag.name() {
            "result" => set(&mut told, result(cursor, &tag)?, "result")?,
            "time" => set(&mut at, place::time(cursor, &tag)?, "time")?,
            _ => cursor.skip()?,
        }
    }
    let told = told.filter(|result| *result != ResultId::OK);
    Ok((told.ok_or_else(|| Fault::syntax("poserr", "a result other than 0 is needed"))?, at))
}

pub(super) fn result(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<ResultId, Fault> {
    let [id] = tag.attributes("result", ["resid"])?;
    let id = id.ok_or_else(|| Fault::syntax("result", "resid is needed"))?;
    let id = whole(&id, "result").ok().and_then(|id| u16::try_from(id).ok());
    cursor.skip()?;
    id.map(ResultId).ok_or_else(|| Fault::format("result", "resid is a number of 16 bits"))
}
