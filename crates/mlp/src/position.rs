//! One target's part of an answer: `pos` and `eme_pos` (OMA MLP section 5.2.2.3).

use crate::{
    geometry::{self, Untellable},
    immediate::ImmediateService,
    msid::{Msid, MsidEncoding},
    result::ResultId,
    shapes::SupportedShapes,
    targets::{EmergencyKey, TargetEntry},
    time::write_time,
    version::Version,
    write,
};
use lcs::{CellIdentity, Duration, Fix, QosClass, Timestamp, gad::Velocity};

/// One target and what became of it.
#[derive(Debug, Clone, Copy)]
pub struct Pos<'a> {
    /// The target as the client wrote it.
    pub target: &'a TargetEntry,
    /// What became of it.
    pub outcome: Outcome<'a>,
}

/// What became of a target.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// A position that may be told.
    Fixed {
        /// The position.
        fix: &'a Fix,
        /// When the network gave it; the time told is earlier by its age.
        at: Timestamp,
    },
    /// None.
    Failed {
        /// Why.
        result: ResultId,
        /// More about it; not about anybody else than the client.
        add_info: Option<&'a str>,
        /// When that became clear.
        at: Timestamp,
    },
}

/// What all positions of one answer share.
#[derive(Clone, Copy)]
pub(crate) struct Manner<'a> {
    pub(crate) version: Version,
    pub(crate) service: ImmediateService,
    pub(crate) shapes: Option<&'a SupportedShapes>,
    pub(crate) qos_class: QosClass,
}

/// Appends `pos` or `eme_pos`.
pub(crate) fn write_pos(out: &mut String, pos: &Pos<'_>, manner: Manner<'_>) {
    let emergency = manner.service == ImmediateService::EmeLir;
    let element = if emergency { "eme_pos" } else { "pos" };
    write::open(out, element);
    write_msid(out, &pos.target.msid);
    pos.target.alternatives.iter().for_each(|other| write_msid(out, &other.msid));
    let mut cell = None;
    match pos.outcome {
        Outcome::Fixed { fix, at } => cell = write_fix(out, fix, at, manner),
        Outcome::Failed { result, add_info, at } => write_poserr(out, result, add_info, at),
    }
    if emergency {
        write_key(out, "esrd", pos.target.esrd.as_ref());
        write_key(out, "esrk", pos.target.esrk.as_ref());
    }
    if let Some(trans_id) = &pos.target.trans_id {
        write::element(out, "trans_id", trans_id.expose());
    }
    if let Some(cell) = cell {
        write_serving_cell(out, cell);
    }
    write::close(out, element);
}

/// Appends `pd`, or `poserr` where the position may not or cannot be told. Returns the cell to name instead of a position.
pub(crate) fn write_fix<'f>(
    out: &mut String,
    fix: &'f Fix,
    at: Timestamp,
    manner: Manner<'_>,
) -> Option<&'f CellIdentity> {
    let missed = fix.accuracy_fulfilled == Some(false);
    if missed && manner.qos_class == QosClass::Assured {
        // OMA MLP section 5.3.6.1: an assured position that misses its accuracy is discarded.
        write_poserr(out, ResultId::QOP_NOT_ATTAINABLE, Some("accuracy"), at);
        return None;
    }
    let Some(shape) = &fix.shape else {
        // Only an emergency answer has a place for the cell, and only from 3.4 on; `pos` must have a shape or an error.
        let emergency = manner.service == ImmediateService::EmeLir && manner.version >= Version::V3_4;
        let cell = fix.cell.as_ref().filter(|_| emergency);
        write_poserr(out, ResultId::POSITION_METHOD_FAILURE, Some("no estimate, only the cell is known"), at);
        return cell;
    };
    let start = out.len();
    out.push_str("<pd>");
    let age = Duration::from_secs(u64::from(fix.age_min.unwrap_or(0)).saturating_mul(60));
    write_time(out, at.before(age));
    match geometry::write_shape(out, shape, manner.shapes) {
        Ok(()) => {}
        Err(untellable) => {
            out.truncate(start);
            let (result, add_info) = match untellable {
                Untellable::NotTaken(shape) => (ResultId::PROTOCOL_ELEMENT_NOT_SUPPORTED, shape.name()),
                Untellable::Unbounded => {
                    (ResultId::POSITION_METHOD_FAILURE, "the uncertainty of the estimate has no upper bound")
                }
            };
            write_poserr(out, result, Some(add_info), at);
            return None;
        }
    }
    if let Some(altitude_m) = shape.altitude_m().filter(|_| manner.shapes.is_none_or(|shapes| shapes.altitude)) {
        write_altitude(out, altitude_m, shape.vertical_uncertainty_m());
    }
    if let Some(velocity) = &fix.velocity {
        write_velocity(out, velocity);
    }
    if let Some(percent) = shape.confidence_percent() {
        write::number(out, "lev_conf", u64::from(percent));
    }
    if missed {
        out.push_str("<qos_not_met/>");
    }
    if let Some(pascal) = fix.barometric_pressure_pa.filter(|_| manner.version >= Version::V3_5) {
        write::number(out, "uncompensatedBarometricPressure", u64::from(pascal));
    }
    out.push_str("</pd>");
    None
}

/// Appends `msid` as the client wrote it.
pub(crate) fn write_msid(out: &mut String, msid: &Msid) {
    out.push_str("<msid");
    if let Some(kind) = msid.kind {
        out.push_str(" type=\"");
        out.push_str(kind.as_str());
        out.push('"');
    }
    out.push_str(match msid.encoding {
        None => ">",
        Some(MsidEncoding::Asc) => " enc=\"ASC\">",
        Some(MsidEncoding::Crp) => " enc=\"CRP\">",
    });
    write::text(out, msid.text.expose());
    write::close(out, "msid");
}

pub(crate) fn write_poserr(out: &mut String, result: ResultId, add_info: Option<&str>, at: Timestamp) {
    out.push_str("<poserr>");
    write_result(out, result, add_info);
    write_time(out, at);
    out.push_str("</poserr>");
}

/// Appends `result` and, if given, `add_info` (OMA MLP section 5.2.2.4).
pub(crate) fn write_result(out: &mut String, result: ResultId, add_info: Option<&str>) {
    out.push_str("<result resid=\"");
    write::digits(out, u64::from(result.0), 1);
    out.push_str("\">");
    out.push_str(result.slogan());
    out.push_str("</result>");
    if let Some(add_info) = add_info {
        write::element(out, "add_info", add_info);
    }
}

fn write_altitude(out: &mut String, altitude_m: f64, uncertainty_m: Option<f64>) {
    write::open(out, "alt");
    let rounded = altitude_m.round();
    if rounded < 0.0 {
        out.push('-');
    }
    write::digits(out, rounded.abs() as u64, 1);
    write::close(out, "alt");
    if let Some(uncertainty_m) = uncertainty_m {
        // Half a metre may have been rounded away above.
        let exact = rounded == altitude_m;
        write::number(out, "alt_unc", geometry::whole_up(uncertainty_m + if exact { 0.0 } else { 0.5 }));
    }
}

/// `speed` is in m/s (OMA MLP section 5.3.119), GAD's in km/h; an open-ended one is not told.
fn write_velocity(out: &mut String, velocity: &Velocity) {
    if velocity.horizontal_km_h < u16::MAX {
        write::number(out, "speed", (u64::from(velocity.horizontal_km_h) * 10 + 18) / 36);
    }
    if velocity.bearing_deg <= 360 {
        write::number(out, "direction", u64::from(velocity.bearing_deg));
    }
}

fn write_key(out: &mut String, element: &'static str, key: Option<&EmergencyKey>) {
    let Some(key) = key else { return };
    out.push('<');
    out.push_str(element);
    out.push_str(if key.local { " type=\"LOCAL\">" } else { ">" });
    write::text(out, key.text.expose());
    write::close(out, element);
}

/// Appends `serving_cell`; nothing if its network code has no decimal digits.
fn write_serving_cell(out: &mut String, cell: &CellIdentity) {
    let (CellIdentity::Ecgi(octets) | CellIdentity::Cgi(octets) | CellIdentity::Sai(octets)) = cell;
    let [plmn0, plmn1, plmn2, a, b, c, d] = *octets;
    let Some((mcc, mnc)) = plmn(plmn0, plmn1, plmn2) else { return };
    out.push_str("<serving_cell>");
    let area = u64::from(u16::from_be_bytes([a, b]));
    let code = u64::from(u16::from_be_bytes([c, d]));
    match cell {
        CellIdentity::Ecgi(_) => {
            write_plmn(out, &mcc, &mnc);
            write::number(out, "lte_ci", u64::from(u32::from_be_bytes([a & 0xF, b, c, d])));
        }
        CellIdentity::Cgi(_) => {
            out.push_str("<cgi>");
            write_plmn(out, &mcc, &mnc);
            write::number(out, "lac", area);
            write::number(out, "cellid", code);
            out.push_str("</cgi>");
        }
        CellIdentity::Sai(_) => {
            out.push_str("<sai>");
            write_plmn(out, &mcc, &mnc);
            write::number(out, "lac", area);
            write::number(out, "sac", code);
            out.push_str("</sai>");
        }
    }
    out.push_str("</serving_cell>");
}

fn write_plmn(out: &mut String, mcc: &str, mnc: &str) {
    write::element(out, "mcc", mcc);
    write::element(out, "mnc", mnc);
}

/// Mobile country and network codes of three octets (TS 24.008 clause 10.5.1.3).
fn plmn(first: u8, second: u8, third: u8) -> Option<(String, String)> {
    let digit = |nibble: u8| (nibble <= 9).then(|| char::from(b'0' + nibble));
    let digits = |nibbles: &[u8]| nibbles.iter().map(|n| digit(*n)).collect::<Option<String>>();
    let mcc = digits(&[first & 0xF, first >> 4, second & 0xF])?;
    let mnc = if second >> 4 == 0xF {
        digits(&[third & 0xF, third >> 4])?
    } else {
        digits(&[third & 0xF, third >> 4, second >> 4])?
    };
    Some((mcc, mnc))
}
