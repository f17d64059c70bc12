//! The immediate services: `slir` and `eme_lir` (OMA MLP sections 5.2.3.2, 5.2.3.3).

use crate::{
    cursor::{Cursor, Tag},
    error::Fault,
    header::misplaced,
    hidden::Hidden,
    init::Limits,
    names,
    quality::Quality,
    result::ResultId,
    targets::{TargetEntry, TargetList, set},
};
use lcs::{LocationType, Priority};

/// Which immediate service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImmediateService {
    /// Standard location immediate request. Any client may call it; that it was called says nothing about the client.
    Slir,
    /// Emergency location immediate request. Only a client that the operator registered as an emergency one may use it.
    EmeLir,
}

/// An immediate request, standard or emergency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Immediate {
    /// Which of the two.
    pub service: ImmediateService,
    /// `res_type` ASYNC: the answer is a request id, positions follow as reports (OMA MLP section 5.3.112.1).
    pub asynchronous: bool,
    /// Whom it is about; never empty.
    pub targets: Vec<TargetEntry>,
    /// Quality of position.
    pub quality: Quality,
    /// Type of location.
    pub location_type: LocationType,
    /// LAST_OR_CURRENT: a stored position that meets the quality goes before a fresh one (section 5.3.60.1); without one
    /// the current location is wanted, as `location_type` says.
    pub prefers_last: bool,
    /// Priority.
    pub priority: Priority,
    /// Where reports go, if the request says so.
    pub push_address: Option<PushAddress>,
    /// E.164 country codes that the service covers; empty: everywhere.
    pub service_coverage: Vec<u16>,
}

/// Where, and with which credentials, reports go (OMA MLP section 5.3.138). Named by the client: the daemon decides
/// whether it may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushAddress {
    /// An http or https URL, at most 2048 octets. Hidden, because it may carry a token.
    pub url: Hidden,
    /// Name to give to the client.
    pub id: Option<String>,
    /// Password to give to the client.
    pub password: Option<Hidden>,
}

/// Reads `slir` or `eme_lir` after its start tag, its version already judged.
///
/// Elements may come in any order. An element that the standard does not define is an extension and passed over
/// (OMA MLP section 5.1.2).
pub(crate) fn parse(
    cursor: &mut Cursor<'_>,
    asynchronous: bool,
    service: ImmediateService,
    limits: &Limits,
) -> Result<Immediate, Fault> {
    let element = service.element();
    let slir = service == ImmediateService::Slir;
    let mut targets = TargetList::new(limits.max_targets, service);
    let (mut msids_seen, mut geo_info_seen) = (None, None);
    let (mut quality, mut location, mut priority, mut push_address, mut coverage) = (None, None, None, None, None);
    while let Some(tag) = cursor.child(element)? {
        match tag.name() {
            "msids" => {
                if !targets.is_empty() {
                    return Err(Fault::syntax("msids", "given more than once, or beside msid"));
                }
                targets.msids(cursor, &tag)?;
                msids_seen = Some(());
            }
            "msid" if msids_seen.is_some() => return Err(Fault::syntax("msid", "given beside msids")),
            "msid" => targets.msid(cursor, &tag, !slir)?,
            "eqop" => set(&mut quality, Quality::parse(cursor, &tag)?, "eqop")?,
            "geo_info" => set(&mut geo_info_seen, geo_info(cursor, &tag, slir)?, "geo_info")?,
            "loc_type" => set(&mut location, loc_type(cursor, &tag)?, "loc_type")?,
            "prio" if slir => {
                set(&mut priority, prio(&tag)?, "prio")?;
                cursor.empty("prio")?;
            }
            "pushaddr" => set(&mut push_address, pushaddr(cursor, &tag)?, "pushaddr")?,
            "service_coverage" if slir => {
                set(&mut coverage, service_coverage(cursor, &tag)?, "service_coverage")?;
            }
            // A relative location is only wished for; an absolute one may be given (OMA MLP section 5.2.3.2.1).
            "ReferencePoint" => cursor.skip()?,
            "MapRequest" => return Err(Fault::unsupported("MapRequest")),
            "MotionStateRequest" if slir => return Err(Fault::unsupported("MotionStateRequest")),
            name => {
                let name = name.to_owned();
                let companion = msids_seen.is_none() && targets.companion(cursor, &tag, &name)?;
                match (companion, names::defined(&name)) {
                    (true, _) => {}
                    (false, Some(_)) => return Err(misplaced(&name, "not an element of this request, or not here")),
                    (false, None) => cursor.skip()?,
                }
            }
        }
    }
    let (location_type, prefers_last) = location.unwrap_or((LocationType::Current, false));
    Ok(Immediate {
        service,
        asynchronous,
        targets: targets.finish(element)?,
        quality: quality.unwrap_or(Quality::UNSPECIFIED),
        location_type,
        prefers_last,
        priority: priority.unwrap_or(Priority::Normal),
        push_address,
        service_coverage: coverage.unwrap_or_default(),
    })
}

impl ImmediateService {
    /// Name of the request element.
    #[must_use]
    pub fn element(self) -> &'static str {
        match self {
            Self::Slir => "slir",
            Self::EmeLir => "eme_lir",
        }
    }
}

/// `geo_info`: WGS84, EPSG 4326, is the coordinate reference system that every server has (OMA MLP section 5.7.4) and the
/// only one here; another is 112. Civic locations are not given: wanting one strictly is 113.
///
/// Both examples of an emergency request for a location say 4325, whose answer says 4326 (sections 5.2.3.3.1, 5.2.3.3.2):
/// there it is the misprint that clients have copied, and no emergency fails for it.
pub(crate) fn geo_info(cursor: &mut Cursor<'_>, tag: &Tag<'_>, slir: bool) -> Result<(), Fault> {
    let [wanted, strict] = tag.attributes("geo_info", ["requested_positiondata", "Strict"])?;
    let civic = match wanted.as_deref() {
        None | Some("SHAPE") => false,
        Some("CIVICLOC" | "SHAPE_AND_CIVICLOC") => true,
        Some(_) => return Err(Fault::attribute_value("geo_info", "requested_positiondata")),
    };
    let lenient = match strict.as_deref() {
        None | Some("YES") => false,
        Some("NO") => true,
        Some(_) => return Err(Fault::attribute_value("geo_info", "Strict")),
    };
    if civic && !lenient {
        let result = ResultId::PROTOCOL_ELEMENT_ATTRIBUTE_VALUE_NOT_SUPPORTED;
        let rule = "civic locations are not given; Strict=\"NO\" gets a shape";
        return Err(Fault::attribute(result, "geo_info", "requested_positiondata", rule));
    }
    let mut code = None;
    let mut code_space = None;
    let mut depth_names = ["CoordinateReferenceSystem", "Identifier"].into_iter();
    nested(cursor, "geo_info", &mut depth_names, &mut code, &mut code_space)?;
    let epsg = code_space.is_none_or(|space: String| space.to_ascii_lowercase().contains("epsg"));
    match code.as_deref() {
        None => Err(Fault::syntax("geo_info", "code of the coordinate reference system is needed")),
        Some("4326") if epsg => Ok(()),
        Some("4325") if epsg && !slir => Ok(()),
        Some(_) => {
            let rule = "WGS84, EPSG 4326, is the only coordinate reference system here";
            Err(Fault::element(ResultId::PROTOCOL_ELEMENT_VALUE_NOT_SUPPORTED, "code", rule))
        }
    }
}

/// Goes down `CoordinateReferenceSystem`, `Identifier` to `code` and `codeSpace`; two levels, so the recursion is bounded.
fn nested(
    cursor: &mut Cursor<'_>,
    element: &'static str,
    path: &mut core::array::IntoIter<&'static str, 2>,
    code: &mut Option<String>,
    code_space: &mut Option<String>,
) -> Result<(), Fault> {
    let step = path.next();
    while let Some(tag) = cursor.child(element)? {
        match (step, tag.name()) {
            (Some(expected), name) if name == expected => nested(cursor, expected, path, code, code_space)?,
            (None, "code") => set(code, cursor.text("code")?.into_owned(), "code")?,
            (None, "codeSpace") => set(code_space, cursor.text("codeSpace")?.into_owned(), "codeSpace")?,
            (None, "edition") => cursor.skip()?,
            (_, other) => return Err(misplaced(other, "not an element of geo_info, or not here")),
        }
    }
    Ok(())
}

/// `loc_type` (OMA MLP section 5.3.60): the location wanted, and whether a stored one goes first.
///
/// LAST asks for a stored location alone, which a serving node cannot be asked for (TS 29.172 clause 7.4.2): it is 113
/// and never turned into a fresh positioning, which would tell more than was asked. So are intermediate locations and URIs.
pub(crate) fn loc_type(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<(LocationType, bool), Fault> {
    let unsupported = |attribute, rule| {
        Fault::attribute(ResultId::PROTOCOL_ELEMENT_ATTRIBUTE_VALUE_NOT_SUPPORTED, "loc_type", attribute, rule)
    };
    let [kind, periodic] = tag.attributes("loc_type", ["type", "per_type"])?;
    match periodic.as_deref() {
        None | Some("REALTIME") => {}
        Some("QUASIREALTIME" | "BATCH") => {
            return Err(unsupported("per_type", "REALTIME: each report is given as it comes"));
        }
        Some(_) => return Err(Fault::attribute_value("loc_type", "per_type")),
    }
    let wanted = match kind.as_deref() {
        None | Some("CURRENT") => (LocationType::Current, false),
        Some("CURRENT_OR_LAST") => (LocationType::CurrentOrLastKnown, false),
        Some("LAST_OR_CURRENT") => (LocationType::Current, true),
        Some("INITIAL") => (LocationType::Initial, false),
        Some("LAST") => return Err(unsupported("type", "LAST: no last location is kept; use LAST_OR_CURRENT")),
        Some("CURRENT_AND_INTERMEDIATE") => {
            return Err(unsupported("type", "CURRENT_AND_INTERMEDIATE: intermediate locations are not given"));
        }
        Some("LOCATION_URI") => return Err(unsupported("type", "LOCATION_URI: location URIs are not given")),
        Some(_) => return Err(Fault::attribute_value("loc_type", "type")),
    };
    while let Some(tag) = cursor.child("loc_type")? {
        match tag.name() {
            "batch_cond" => cursor.skip()?,
            other => return Err(misplaced(other, "not an element of loc_type")),
        }
    }
    Ok(wanted)
}

pub(crate) fn prio(tag: &Tag<'_>) -> Result<Priority, Fault> {
    let [kind] = tag.attributes("prio", ["type"])?;
    match kind.as_deref() {
        None | Some("NORMAL") => Ok(Priority::Normal),
        Some("HIGH") => Ok(Priority::Highest),
        Some(_) => Err(Fault::attribute_value("prio", "type")),
    }
}

/// Longest URL taken, octets.
const URL_MAX: usize = 2048;

pub(crate) fn pushaddr(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<PushAddress, Fault> {
    tag.attributes("pushaddr", [])?;
    let (mut url, mut id, mut password) = (None, None, None);
    while let Some(tag) = cursor.child("pushaddr")? {
        match tag.name() {
            "url" => set(&mut url, cursor.text("url")?.into_owned(), "url")?,
            "id" => set(&mut id, cursor.text("id")?.into_owned(), "id")?,
            "pwd" => set(&mut password, Hidden::new(cursor.text("pwd")?), "pwd")?,
            other => return Err(misplaced(other, "not an element of pushaddr")),
        }
    }
    let url = url.ok_or_else(|| Fault::syntax("pushaddr", "url is needed"))?;
    let scheme = |name: &str| url.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    let sound = url.len() <= URL_MAX && !url.chars().any(|c| c.is_control() || c.is_whitespace());
    if !sound || !(scheme("http://") || scheme("https://")) {
        return Err(Fault::value("url", "an http or https URL of at most 2048 octets"));
    }
    Ok(PushAddress { url: Hidden::new(url), id, password })
}

/// `service_coverage`: country codes. A destination code narrows the coverage, and this server cannot judge it: 107, because
/// passing it over would widen what was asked.
pub(crate) fn service_coverage(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Vec<u16>, Fault> {
    tag.attributes("service_coverage", [])?;
    let mut codes = Vec::new();
    while let Some(tag) = cursor.child("service_coverage")? {
        match tag.name() {
            "cc" => {
                let text = cursor.text("cc")?;
                let digits = (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
                let code = text.parse::<u16>().ok().filter(|code| digits && *code > 0);
                codes.push(code.ok_or_else(|| Fault::format("cc", "1 to 3 decimal digits"))?);
            }
            "ndc" => return Err(Fault::unsupported("ndc")),
            other => return Err(misplaced(other, "not an element of service_coverage")),
        }
    }
    if codes.is_empty() { Err(Fault::syntax("service_coverage", "cc is needed")) } else { Ok(codes) }
}
