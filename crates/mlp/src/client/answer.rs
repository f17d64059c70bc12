//! Reading answers and reports.

use crate::{
    cursor::{Cursor, Tag},
    document,
    error::Fault,
    hidden::Hidden,
    init::Limits,
    result::ResultId,
    time::parse_time,
    triggered::period,
};
use lcs::Timestamp;

/// A whole answer, report or general error message.
#[derive(Debug, Clone, PartialEq)]
pub struct SvcResult {
    /// `ver` of the outermost element.
    pub version: Option<String>,
    /// Name of the answer element: `slia`, `slirep`, `eme_lia`, `gem` and so on.
    pub element: String,
    /// `client` of the header of a report: id, password, service identity.
    pub client: Option<ReportedClient>,
    /// Request id, of an accepted asynchronous request or a report.
    pub request_id: Option<String>,
    /// Result of the whole, if it is told.
    pub result: Option<(ResultId, String)>,
    /// Additional information on it.
    pub add_info: Option<String>,
    /// `eme_trigger` of an emergency report, as written.
    pub trigger: Option<String>,
    /// `lcs_ref`.
    pub lcs_ref: Option<u8>,
    /// `time_remaining`, seconds.
    pub time_remaining_s: Option<u32>,
    /// `cause` of a pause report, as written.
    pub cause: Option<String>,
    /// `query_id`.
    pub query_id: Option<String>,
    /// Targets named beside a request id: those that a stop is about, or a pause.
    pub targets: Vec<Hidden>,
    /// `trigger_data` of a query report.
    pub triggers: Vec<ReportedTrigger>,
    /// Positions, in document order.
    pub positions: Vec<ReportedPosition>,
}

/// To whom a report is addressed, as its header says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReportedClient {
    /// `id`.
    pub id: String,
    /// `pwd`.
    pub password: Option<Hidden>,
    /// `serviceid`.
    pub service_id: Option<String>,
}

/// One request of a query report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReportedTrigger {
    /// `req_id`.
    pub request_id: String,
    /// Each `msid`.
    pub targets: Vec<Hidden>,
}

/// One `pos`, `eme_pos` or `trl_pos`. `Debug` hides whom and where.
#[derive(Clone, PartialEq, Default)]
pub struct ReportedPosition {
    /// First `msid`: type as written, and text.
    pub msid: (Option<String>, Hidden),
    /// Further ones of the same phone.
    pub other_msids: Vec<(Option<String>, Hidden)>,
    /// `trl_trigger` of a triggered report, as written.
    pub trl_trigger: Option<String>,
    /// Result: 0 with a position, else that of `poserr`.
    pub result: ResultId,
    /// Additional information of `poserr`.
    pub add_info: Option<String>,
    /// Name of the shape element.
    pub shape: Option<String>,
    /// Latitude of the first coordinate, degrees.
    pub lat_deg: Option<f64>,
    /// Longitude of the first coordinate, degrees.
    pub lon_deg: Option<f64>,
    /// Number of coordinates.
    pub coordinates: usize,
    /// `radius`, `semiMajor` or `outRadius`, metres.
    pub radius_m: Option<u32>,
    /// `semiMinor` or `inRadius`, metres.
    pub inner_m: Option<u32>,
    /// `angle` or `startAngle`, degrees.
    pub angle_deg: Option<u32>,
    /// `stopAngle`, degrees.
    pub included_deg: Option<u32>,
    /// `alt`, metres.
    pub altitude_m: Option<i32>,
    /// `alt_unc`, metres.
    pub altitude_uncertainty_m: Option<u32>,
    /// `speed`, m/s.
    pub speed_m_s: Option<u32>,
    /// `direction`, degrees.
    pub direction_deg: Option<u32>,
    /// `lev_conf`, percent.
    pub confidence_percent: Option<u32>,
    /// `qos_not_met` is there.
    pub qos_not_met: bool,
    /// `time`.
    pub time: Option<Timestamp>,
    /// `trans_id`.
    pub trans_id: Option<String>,
    /// `lte_ci` of `serving_cell`.
    pub lte_cell: Option<u32>,
}

impl core::fmt::Debug for ReportedPosition {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ReportedPosition(hidden, {:?}, {:?})", self.result, self.shape)
    }
}

/// An answer that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// Not well-formed, or beyond the limits.
    #[error("not a well-formed XML document within the limits")]
    Malformed,
    /// Well-formed, but not an answer of the protocol.
    #[error("not an MLP answer: neither svc_result with one answer element nor gem")]
    NotAnAnswer,
    /// A figure in it is no figure.
    #[error("a number, coordinate or time in the answer has a wrong format")]
    Format,
}

impl From<Fault> for ClientError {
    fn from(_: Fault) -> Self {
        Self::Malformed
    }
}

/// Reads an answer or a report. Elements that are not looked for are passed over.
///
/// # Errors
///
/// A [`ClientError`] if it is none, or a figure of a position is none.
pub fn parse_svc_result(body: &[u8]) -> Result<SvcResult, ClientError> {
    let limits = Limits { max_body: 16 * 1024 * 1024, ..Limits::default() };
    let text = document::decode(body, limits.max_body)?;
    let mut cursor = Cursor::new(&text, &limits);
    let cursor = &mut cursor;
    let root = cursor.root()?;
    let [version] = root.attributes("svc_result", ["ver"])?;
    let mut answer = SvcResult {
        version: version.map(|v| v.into_owned()),
        element: String::new(),
        client: None,
        request_id: None,
        result: None,
        add_info: None,
        trigger: None,
        lcs_ref: None,
        time_remaining_s: None,
        cause: None,
        query_id: None,
        targets: Vec::new(),
        triggers: Vec::new(),
        positions: Vec::new(),
    };
    match root.name() {
        "gem" => message(cursor, &root, &mut answer)?,
        "svc_result" => {
            while let Some(tag) = cursor.child("svc_result")? {
                match tag.name() {
                    "hdr" => header(cursor, &mut answer)?,
                    _ if answer.element.is_empty() => message(cursor, &tag, &mut answer)?,
                    _ => return Err(ClientError::NotAnAnswer),
                }
            }
        }
        _ => return Err(ClientError::NotAnAnswer),
    }
    cursor.finish()?;
    if answer.element.is_empty() { Err(ClientError::NotAnAnswer) } else { Ok(answer) }
}

fn header(cursor: &mut Cursor<'_>, answer: &mut SvcResult) -> Result<(), ClientError> {
    while let Some(tag) = cursor.child("hdr")? {
        if tag.name() != "client" {
            cursor.skip()?;
            continue;
        }
        let client = answer.client.get_or_insert_default();
        while let Some(tag) = cursor.child("client")? {
            match tag.name() {
                "id" => client.id = cursor.text("id")?.into_owned(),
                "pwd" => client.password = Some(Hidden::new(cursor.text("pwd")?)),
                "serviceid" => client.service_id = Some(cursor.text("serviceid")?.into_owned()),
                _ => cursor.skip()?,
            }
        }
    }
    Ok(())
}

fn message(cursor: &mut Cursor<'_>, tag: &Tag<'_>, answer: &mut SvcResult) -> Result<(), ClientError> {
    answer.element = tag.name().to_owned();
    if answer.element == "tlrpr" {
        let [_, cause] = tag.attributes("tlrpr", ["ver", "cause"])?;
        answer.cause = cause.map(|cause| cause.into_owned());
    }
    while let Some(tag) = cursor.child("svc_result")? {
        match tag.name() {
            "req_id" => answer.request_id = Some(cursor.text("req_id")?.into_owned()),
            "result" => answer.result = Some(result(cursor, &tag)?),
            "add_info" => answer.add_info = Some(cursor.text("add_info")?.into_owned()),
            "pos" | "eme_pos" => answer.positions.push(position(cursor)?),
            "trl_pos" => {
                let [trigger, _] = tag.attributes("trl_pos", ["trl_trigger", "pos_method"])?;
                let trl_trigger = trigger.map(|t| t.into_owned());
                answer.positions.push(ReportedPosition { trl_trigger, ..position(cursor)? });
            }
            "lcs_ref" => {
                answer.lcs_ref = Some(cursor.text("lcs_ref")?.parse().map_err(|_| ClientError::Format)?);
            }
            "time_remaining" => {
                let text = cursor.text("time_remaining")?;
                answer.time_remaining_s =
                    Some(period::parse(&text, "time_remaining").map_err(|_| ClientError::Format)?);
            }
            "query_id" => answer.query_id = Some(cursor.text("query_id")?.into_owned()),
            "msid" => answer.targets.push(Hidden::new(cursor.text("msid")?)),
            "msids" => answer.targets.append(&mut msids(cursor, "msids")?.targets),
            "trigger_data" => answer.triggers.push(msids(cursor, "trigger_data")?),
            "eme_event" => {
                let [trigger] = tag.attributes("eme_event", ["eme_trigger"])?;
                answer.trigger = trigger.map(|t| t.into_owned());
                while let Some(tag) = cursor.child("eme_event")? {
                    match tag.name() {
                        "eme_pos" => answer.positions.push(position(cursor)?),
                        _ => cursor.skip()?,
                    }
                }
            }
            _ => cursor.skip()?,
        }
    }
    Ok(())
}

/// `msid`s, and `req_id` where there is one.
fn msids(cursor: &mut Cursor<'_>, element: &'static str) -> Result<ReportedTrigger, ClientError> {
    let mut read = ReportedTrigger::default();
    while let Some(tag) = cursor.child(element)? {
        match tag.name() {
            "msid" => read.targets.push(Hidden::new(cursor.text("msid")?)),
            "req_id" => read.request_id = cursor.text("req_id")?.into_owned(),
            _ => cursor.skip()?,
        }
    }
    Ok(read)
}

fn result(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<(ResultId, String), ClientError> {
    let [resid] = tag.attributes("result", ["resid"])?;
    let id = resid.and_then(|text| text.parse().ok()).map(ResultId).ok_or(ClientError::Format)?;
    Ok((id, cursor.text("result")?.into_owned()))
}

fn position(cursor: &mut Cursor<'_>) -> Result<ReportedPosition, ClientError> {
    let mut position = ReportedPosition::default();
    let mut first = true;
    while let Some(tag) = cursor.child("pos")? {
        match tag.name() {
            "msid" => {
                let [kind, _] = tag.attributes("msid", ["type", "enc"])?;
                let kind = kind.map(|k| k.into_owned());
                let msid = (kind, Hidden::new(cursor.text("msid")?));
                if core::mem::take(&mut first) { position.msid = msid } else { position.other_msids.push(msid) }
            }
            "pd" => details(cursor, "pd", &mut position)?,
            "time" => position.time = Some(time(cursor, &tag)?),
            "poserr" => {
                while let Some(tag) = cursor.child("poserr")? {
                    match tag.name() {
                        "result" => position.result = result(cursor, &tag)?.0,
                        "add_info" => position.add_info = Some(cursor.text("add_info")?.into_owned()),
                        "time" => position.time = Some(time(cursor, &tag)?),
                        _ => cursor.skip()?,
                    }
                }
            }
            "trans_id" => position.trans_id = Some(cursor.text("trans_id")?.into_owned()),
            "serving_cell" => {
                while let Some(tag) = cursor.child("serving_cell")? {
                    match tag.name() {
                        "lte_ci" => position.lte_cell = Some(number(&cursor.text("lte_ci")?)?),
                        _ => cursor.skip()?,
                    }
                }
            }
            _ => cursor.skip()?,
        }
    }
    Ok(position)
}

/// Elements of `pd` and of the shapes in it, whose names do not collide. The cursor bounds the depth.
fn details(cursor: &mut Cursor<'_>, element: &'static str, to: &mut ReportedPosition) -> Result<(), ClientError> {
    while let Some(tag) = cursor.child(element)? {
        let whole =
            |cursor: &mut Cursor<'_>| -> Result<Option<u32>, ClientError> { Ok(Some(number(&cursor.text("pd")?)?)) };
        match tag.name() {
            "time" => to.time = Some(time(cursor, &tag)?),
            name @ ("Point" | "CircularArea" | "EllipticalArea" | "CircularArcArea" | "Polygon" | "Box") => {
                to.shape = Some(name.to_owned());
                details(cursor, "shape", to)?;
            }
            "shape" | "outerBoundaryIs" | "LinearRing" => details(cursor, "shape", to)?,
            "coord" => {
                to.coordinates += 1;
                details(cursor, "coord", to)?;
            }
            "X" => keep_first(&mut to.lat_deg, degrees(&cursor.text("X")?, ['N', 'S'], 90.0)?),
            "Y" => keep_first(&mut to.lon_deg, degrees(&cursor.text("Y")?, ['E', 'W'], 180.0)?),
            "radius" | "semiMajor" | "outRadius" => to.radius_m = whole(cursor)?,
            "semiMinor" | "inRadius" => to.inner_m = whole(cursor)?,
            "angle" | "startAngle" => to.angle_deg = whole(cursor)?,
            "stopAngle" => to.included_deg = whole(cursor)?,
            "alt" => to.altitude_m = Some(cursor.text("alt")?.parse().map_err(|_| ClientError::Format)?),
            "alt_unc" => to.altitude_uncertainty_m = whole(cursor)?,
            "speed" => to.speed_m_s = whole(cursor)?,
            "direction" => to.direction_deg = whole(cursor)?,
            "lev_conf" => to.confidence_percent = whole(cursor)?,
            "qos_not_met" => {
                to.qos_not_met = true;
                cursor.skip()?;
            }
            _ => cursor.skip()?,
        }
    }
    Ok(())
}

fn keep_first(slot: &mut Option<f64>, value: f64) {
    slot.get_or_insert(value);
}

fn number(text: &str) -> Result<u32, ClientError> {
    text.parse().map_err(|_| ClientError::Format)
}

fn time(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Timestamp, ClientError> {
    let [utc_off] = tag.attributes("time", ["utc_off"])?;
    parse_time(&cursor.text("time")?, utc_off.as_deref()).ok_or(ClientError::Format)
}

/// Degrees from degrees, minutes, seconds and hemisphere (OMA MLP section 5.3.144).
pub(crate) fn degrees(text: &str, hemispheres: [char; 2], limit: f64) -> Result<f64, ClientError> {
    let [positive, negative] = hemispheres;
    let (figures, sign) = match (text.strip_suffix(positive), text.strip_suffix(negative)) {
        (Some(figures), _) => (figures, 1.0),
        (None, Some(figures)) => (figures, -1.0),
        (None, None) => return Err(ClientError::Format),
    };
    let mut fields = figures.split_ascii_whitespace();
    let mut field = |below: f64| {
        let text = fields.next().filter(|t| t.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
        text.and_then(|t| t.parse::<f64>().ok()).filter(|v| *v < below).ok_or(ClientError::Format)
    };
    let (whole, minutes, seconds) = (field(181.0)?, field(60.0)?, field(60.0)?);
    let value = whole + minutes / 60.0 + seconds / 3600.0;
    if fields.next().is_some() || value > limit { Err(ClientError::Format) } else { Ok(sign * value) }
}
