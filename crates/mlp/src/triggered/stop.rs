//! Stopping and asking what is armed: `tlrsr`, `tlrqr` (OMA MLP sections 5.2.3.6.4, 5.2.3.6.7).

use crate::{
    cursor::Cursor,
    error::Fault,
    header::{misplaced, plain},
    hidden::Hidden,
    immediate::{ImmediateService, PushAddress, pushaddr},
    init::Limits,
    names,
    targets::{TargetEntry, TargetList, set},
};
use lcs::LdrReference;

/// A request to stop reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Which request, as the answer to it told.
    pub request_id: Hidden,
    /// LDR reference, as the answer told.
    pub lcs_ref: Option<LdrReference>,
    /// Targets to stop for; empty: all of the request.
    pub targets: Vec<TargetEntry>,
}

/// A question for what is armed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Where the report goes, if the request says so.
    pub push_address: Option<PushAddress>,
}

/// Longest request id that is read, octets; ours are shorter.
const REQUEST_ID_MAX: usize = 128;

/// Reads `tlrsr` after its start tag, its version already judged.
pub(crate) fn parse_stop(cursor: &mut Cursor<'_>, limits: &Limits) -> Result<Stop, Fault> {
    let mut targets = TargetList::new(limits.max_targets, ImmediateService::Slir);
    let (mut request_id, mut lcs_ref, mut msids) = (None, None, false);
    while let Some(tag) = cursor.child("tlrsr")? {
        match tag.name() {
            "msids" if !targets.is_empty() => {
                return Err(Fault::syntax("msids", "given more than once, or beside msid"));
            }
            "msids" => {
                targets.msids(cursor, &tag)?;
                msids = true;
            }
            "msid" if !targets.is_empty() || msids => {
                return Err(Fault::syntax("msid", "given more than once, or beside msids"));
            }
            "msid" => targets.msid(cursor, &tag, false)?,
            "req_id" => {
                let text = plain(cursor, &tag, "req_id")?;
                if text.is_empty() || text.len() > REQUEST_ID_MAX {
                    return Err(Fault::value("req_id", "1 to 128 octets"));
                }
                set(&mut request_id, Hidden::new(text), "req_id")?;
            }
            "lcs_ref" => set(&mut lcs_ref, reference(&plain(cursor, &tag, "lcs_ref")?)?, "lcs_ref")?,
            name => match names::defined(name) {
                Some(_) => return Err(misplaced(name, "not an element of this request, or not here")),
                None => cursor.skip()?,
            },
        }
    }
    let targets = if targets.is_empty() { Vec::new() } else { targets.finish("tlrsr")? };
    let request_id = request_id.ok_or_else(|| Fault::syntax("tlrsr", "req_id is needed"))?;
    Ok(Stop { request_id, lcs_ref, targets })
}

/// Two decimal digits, 00-64 (OMA MLP section 5.3.51).
fn reference(text: &str) -> Result<LdrReference, Fault> {
    let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    let value =
        text.parse::<u8>().ok().filter(|_| digits).ok_or_else(|| Fault::format("lcs_ref", "two decimal digits"))?;
    if value > 64 { Err(Fault::value("lcs_ref", "00 to 64")) } else { Ok(LdrReference(value)) }
}

/// Reads `tlrqr` after its start tag, its version already judged.
pub(crate) fn parse_query(cursor: &mut Cursor<'_>) -> Result<Query, Fault> {
    let mut push_address = None;
    while let Some(tag) = cursor.child("tlrqr")? {
        match tag.name() {
            "pushaddr" => set(&mut push_address, pushaddr(cursor, &tag)?, "pushaddr")?,
            name => match names::defined(name) {
                Some(_) => return Err(misplaced(name, "not an element of this request, or not here")),
                None => cursor.skip()?,
            },
        }
    }
    Ok(Query { push_address })
}
