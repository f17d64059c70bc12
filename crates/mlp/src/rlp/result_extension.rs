//! The element of our own in answers: what of a position the shapes of the protocol cannot say exactly, and what joins the
//! charging records of both gateways.

use super::extension::{self, ELEMENT, Plmn, Transaction, begin, unknown};
use crate::{
    cursor::{Cursor, Tag},
    error::Fault,
    header::plain,
    quality::whole,
    result::ResultId,
    targets::set,
    write,
};
use lcs::{
    CellIdentity, Fix, TerminationCause,
    gad::{Shape, Velocity},
};

/// What an answer says in the extension.
#[derive(Clone, PartialEq, Default)]
pub(super) struct ResultExtension {
    pub(super) transaction: Option<Transaction>,
    pub(super) visited: Option<Plmn>,
    pub(super) age_min: Option<u32>,
    pub(super) accuracy_fulfilled: Option<bool>,
    pub(super) shape: Option<Shape>,
    pub(super) velocity: Option<Velocity>,
    pub(super) cell: Option<CellIdentity>,
    pub(super) civic_address: Option<String>,
    pub(super) barometric_pressure_pa: Option<u32>,
    /// Number of a report of a triggered request.
    pub(super) report_number: Option<u32>,
    /// Nothing follows that report.
    pub(super) last: bool,
    /// Why the node of a visited network ended a triggered request.
    pub(super) cause: Option<TerminationCause>,
    /// Reference of a triggered request of which the one who tells was not asked.
    pub(super) lcs_ref: Option<u8>,
    /// What is reported is that the greatest time between two reports is over.
    pub(super) max_interval_over: bool,
}

/// Longest civic address taken, octets of XML text.
const CIVIC_MAX: usize = 4096;

impl ResultExtension {
    /// Takes the estimate of a position and its velocity.
    pub(super) fn tell(&mut self, fix: &Fix) {
        (self.age_min, self.accuracy_fulfilled) = (fix.age_min, fix.accuracy_fulfilled);
        (self.shape, self.velocity) = (fix.shape.clone(), fix.velocity);
    }

    /// Takes what tells of the place beside the estimate.
    pub(super) fn tell_surroundings(&mut self, fix: &Fix) {
        (self.age_min, self.cell) = (fix.age_min, fix.cell.clone());
        self.civic_address = fix.civic_address.clone().filter(|xml| xml.len() <= CIVIC_MAX);
        self.barometric_pressure_pa = fix.barometric_pressure_pa;
    }

    /// Reads the extension element after its start tag.
    pub(super) fn parse(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Self, Fault> {
        tag.attributes(ELEMENT, [])?;
        let (mut read, mut last, mut over) = (Self::default(), None, None);
        while let Some(tag) = cursor.child(ELEMENT)? {
            match tag.name() {
                "transaction" => set(&mut read.transaction, extension::transaction(cursor, &tag)?, "transaction")?,
                "visited_plmn" => {
                    let plmn = Plmn::new(plain(cursor, &tag, "visited_plmn")?);
                    let plmn = plmn.ok_or_else(|| Fault::format("visited_plmn", "five or six digits"))?;
                    set(&mut read.visited, plmn, "visited_plmn")?;
                }
                "age_min" => set(&mut read.age_min, number(cursor, &tag, "age_min")?, "age_min")?,
                "accuracy_fulfilled" => {
                    let fulfilled = match plain(cursor, &tag, "accuracy_fulfilled")?.as_str() {
                        "YES" => true,
                        "NO" => false,
                        _ => return Err(Fault::value("accuracy_fulfilled", "YES or NO")),
                    };
                    set(&mut read.accuracy_fulfilled, fulfilled, "accuracy_fulfilled")?;
                }
                "gad" => {
                    let octets = hex(&plain(cursor, &tag, "gad")?, "gad")?;
                    let shape = Shape::decode(&octets).map_err(|_| Fault::value("gad", "a shape of TS 23.032"))?;
                    set(&mut read.shape, shape, "gad")?;
                }
                "velocity" => {
                    let octets = hex(&plain(cursor, &tag, "velocity")?, "velocity")?;
                    let velocity = Velocity::decode(&octets);
                    let velocity = velocity.map_err(|_| Fault::value("velocity", "a velocity of TS 23.032"))?;
                    set(&mut read.velocity, velocity, "velocity")?;
                }
                "cell" => set(&mut read.cell, cell(cursor, &tag)?, "cell")?,
                "civic_address" => {
                    tag.attributes("civic_address", [])?;
                    let xml = cursor.text("civic_address")?.into_owned();
                    if xml.len() > CIVIC_MAX {
                        return Err(Fault::value("civic_address", "longer than 4096 octets"));
                    }
                    set(&mut read.civic_address, xml, "civic_address")?;
                }
                "barometric_pressure_pa" => {
                    let element = "barometric_pressure_pa";
                    set(&mut read.barometric_pressure_pa, number(cursor, &tag, element)?, element)?;
                }
                "report_number" => {
                    let told = number(cursor, &tag, "report_number")?;
                    let told = Some(told).filter(|told| *told > 0);
                    let told = told.ok_or_else(|| Fault::value("report_number", "1 or more"))?;
                    set(&mut read.report_number, told, "report_number")?;
                }
                "last_report" => extension::flag(cursor, &tag, &mut last, "last_report")?,
                "lcs_ref" => {
                    let octet = u8::try_from(number(cursor, &tag, "lcs_ref")?);
                    set(&mut read.lcs_ref, octet.map_err(|_| Fault::value("lcs_ref", "one octet"))?, "lcs_ref")?;
                }
                "max_interval_over" => extension::flag(cursor, &tag, &mut over, "max_interval_over")?,
                "termination_cause" => {
                    let cause = TerminationCause::from_code(number(cursor, &tag, "termination_cause")?);
                    set(&mut read.cause, cause, "termination_cause")?;
                }
                other => return Err(unknown(other)),
            }
        }
        (read.last, read.max_interval_over) = (last.is_some(), over.is_some());
        Ok(read)
    }

    /// Appends the extension element; nothing if it would say nothing.
    pub(super) fn write(&self, out: &mut String) {
        if *self == Self::default() {
            return;
        }
        begin(out);
        if let Some(transaction) = &self.transaction {
            write::element(out, "transaction", transaction.as_str());
        }
        if let Some(plmn) = &self.visited {
            write::element(out, "visited_plmn", plmn.as_str());
        }
        if let Some(age_min) = self.age_min {
            write::number(out, "age_min", u64::from(age_min));
        }
        if let Some(fulfilled) = self.accuracy_fulfilled {
            write::element(out, "accuracy_fulfilled", if fulfilled { "YES" } else { "NO" });
        }
        if let Some(shape) = &self.shape {
            write::element(out, "gad", &to_hex(&shape.encode()));
        }
        if let Some(velocity) = &self.velocity {
            write::element(out, "velocity", &to_hex(&velocity.encode()));
        }
        if let Some(cell) = &self.cell {
            let (kind, octets) = match cell {
                CellIdentity::Ecgi(octets) => ("ECGI", octets),
                CellIdentity::Cgi(octets) => ("CGI", octets),
                CellIdentity::Sai(octets) => ("SAI", octets),
            };
            write::start(out, "cell", &[("type", kind)]);
            out.push_str(&to_hex(octets));
            write::close(out, "cell");
        }
        if let Some(xml) = &self.civic_address {
            write::element(out, "civic_address", xml);
        }
        if let Some(pascal) = self.barometric_pressure_pa {
            write::number(out, "barometric_pressure_pa", u64::from(pascal));
        }
        if let Some(number) = self.report_number {
            write::number(out, "report_number", u64::from(number));
        }
        if self.last {
            write::empty(out, "last_report", &[]);
        }
        if let Some(reference) = self.lcs_ref {
            write::number(out, "lcs_ref", u64::from(reference));
        }
        if self.max_interval_over {
            write::empty(out, "max_interval_over", &[]);
        }
        if let Some(cause) = self.cause {
            write::number(out, "termination_cause", u64::from(cause as u8));
        }
        write::close(out, ELEMENT);
    }
}

fn number(cursor: &mut Cursor<'_>, tag: &Tag<'_>, element: &'static str) -> Result<u32, Fault> {
    whole(&plain(cursor, tag, element)?, element)
}

fn cell(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<CellIdentity, Fault> {
    let [kind] = tag.attributes("cell", ["type"])?;
    let kind = match kind.as_deref() {
        Some("ECGI") => CellIdentity::Ecgi,
        Some("CGI") => CellIdentity::Cgi,
        Some("SAI") => CellIdentity::Sai,
        _ => {
            let result = ResultId::INVALID_PROTOCOL_ELEMENT_ATTRIBUTE_VALUE;
            return Err(Fault::attribute(result, "cell", "type", "ECGI, CGI or SAI"));
        }
    };
    let octets = hex(&cursor.text("cell")?, "cell")?;
    octets.try_into().map(kind).map_err(|_| Fault::value("cell", "seven octets"))
}

pub(super) fn to_hex(octets: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase();
    octets.iter().flat_map(|octet| [digit(octet >> 4), digit(octet & 0xF)]).collect()
}

/// Pairs of hexadecimal digits; the longest shape is 91 octets.
pub(super) fn hex(text: &str, element: &'static str) -> Result<Vec<u8>, Fault> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |octet: u8| char::from(octet).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let octets = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect::<Option<Vec<u8>>>();
    octets.filter(|_| rest.is_empty()).ok_or_else(|| Fault::format(element, "pairs of hexadecimal digits"))
}
