//! Cell measurements as CSV, as the program Network Survey writes them: a line a cell, columns by name.
//!
//! Only columns that are named here are ever looked at. What says who measured (serial number and name of the device, mission, provider's
//! name for it) is not among them, so it ends at this door.

mod geometry;
mod logs;

pub use geometry::point;

pub use crate::trace_file::Mode;

use crate::rrc::{NONE_COORDINATE, NONE_INDEX, NONE_NUMBER, Plmn, Quantity, Rat};
use csv::{ByteRecord, ReaderBuilder, Trim};
use lcs::Timestamp;
use lcs::gad::{Latitude, Longitude, Uncertainty};

/// Longest file taken, octets.
pub const MAX_FILE: usize = 64 * 1024 * 1024;

/// Longest field looked at, octets.
const MAX_FIELD: usize = 64;

/// Why a file is refused, or a line passed over. Never repeats a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SurveyError {
    /// Longer than [`MAX_FILE`].
    #[error("file of {octets} octets; at most 67108864 are taken")]
    TooLong {
        /// Its octets.
        octets: usize,
    },
    /// The first line names no column that is needed, or one twice.
    #[error("the first line must name {0} once")]
    Header(&'static str),
    /// A line is no CSV of as many fields as the first one.
    #[error("line {line} is not CSV with the fields of the first line")]
    Line {
        /// Which, from 1.
        line: u64,
    },
    /// A value is missing, or none of its column.
    #[error("line {line} has no sound {column}")]
    Value {
        /// Which, from 1.
        line: u64,
        /// Column.
        column: &'static str,
    },
}

/// Rows. All columns are of one length, and hold what the columns of the same name of [`crate::rrc::EntryColumns`] hold.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SurveyColumns {
    /// When.
    pub time: Vec<Timestamp>,
    /// Latitude, steps of 90/2^23 degrees.
    pub latitude: Vec<i32>,
    /// Longitude, steps of 360/2^24 degrees.
    pub longitude: Vec<i32>,
    /// Code of a circle that holds the position, 255 when no accuracy is told.
    pub uncertainty: Vec<u8>,
    /// Network.
    pub plmn: Vec<u32>,
    /// Cell, or `u64::MAX`: neighbours are seldom identified.
    pub cell: Vec<u64>,
    /// Tracking area code.
    pub tac: Vec<u32>,
    /// EARFCN or NR-ARFCN.
    pub carrier: Vec<u32>,
    /// Physical cell identity.
    pub pci: Vec<u16>,
    /// RSRP index.
    pub rsrp: Vec<i8>,
    /// RSRQ index.
    pub rsrq: Vec<i8>,
    /// SINR index.
    pub sinr: Vec<i8>,
    /// Whether the cell served.
    pub serving: Vec<bool>,
}

crate::rrc::hidden!(SurveyColumns);

impl SurveyColumns {
    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }
}

/// What was done with the lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SurveyReport {
    /// Lines that became rows.
    pub taken: u64,
    /// Lines that were passed over.
    pub passed_over: u64,
    /// Why, for the first hundred of them.
    pub faults: Vec<SurveyError>,
    /// Columns of the file that were not looked at.
    pub dropped_columns: usize,
}

/// Names of a column, without case and underscores; the first is the one that errors tell.
const TIME: &[&str] = &["deviceTime", "time"];
const COLUMNS: [&[&str]; 13] = [
    TIME,
    &["latitude"],
    &["longitude"],
    &["accuracy"],
    &["mcc"],
    &["mnc"],
    &["tac"],
    &["eci", "nci"],
    &["earfcn", "dlearfcn", "narfcn"],
    &["pci", "physcellid"],
    &["rsrp", "ssrsrp"],
    &["rsrq", "ssrsrq"],
    &["snr", "sssinr"],
];
const SERVING: &[&str] = &["servingCell"];

/// Reads a file of one technology. Errors: the header in both modes, the first unsound line in [`Mode::Strict`].
pub fn read(text: &[u8], rat: Rat, mode: Mode) -> Result<(SurveyColumns, SurveyReport), SurveyError> {
    if text.len() > MAX_FILE {
        return Err(SurveyError::TooLong { octets: text.len() });
    }
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(text);
    let header = reader.byte_headers().map_err(|_| SurveyError::Line { line: 1 })?.clone();
    let places = Places::of(&header)?;
    let mut report = SurveyReport { dropped_columns: header.len() - places.used(), ..SurveyReport::default() };
    let (mut columns, mut record) = (SurveyColumns::default(), ByteRecord::new());
    loop {
        let line = reader.position().line();
        let row = match reader.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                let line = record.position().map_or(line, csv::Position::line);
                Row::of(&Fields { record: &record, places: &places, line, rat })
            }
            Err(_) => Err(SurveyError::Line { line }),
        };
        match row {
            Ok(row) => {
                columns.push(&row);
                report.taken += 1;
            }
            Err(fault) if mode == Mode::Strict => return Err(fault),
            Err(fault) => {
                report.passed_over += 1;
                if report.faults.len() < 100 {
                    report.faults.push(fault);
                }
            }
        }
    }
    Ok((columns, report))
}

/// Where in a line each column stands.
struct Places {
    columns: [Option<usize>; 13],
    serving: Option<usize>,
}

impl Places {
    fn of(header: &ByteRecord) -> Result<Self, SurveyError> {
        let plain = |name: &[u8]| -> Vec<u8> {
            name.iter().filter(|b| !matches!(b, b'_' | b' ')).map(u8::to_ascii_lowercase).collect()
        };
        let names: Vec<Vec<u8>> = header.iter().map(plain).collect();
        let find = |wanted: &[&'static str]| -> Result<Option<usize>, SurveyError> {
            let is = |name: &Vec<u8>| wanted.iter().any(|w| w.as_bytes().eq_ignore_ascii_case(name));
            let mut found = names.iter().enumerate().filter(|(_, name)| is(name)).map(|(at, _)| at);
            let first = found.next();
            match found.next() {
                Some(_) => Err(SurveyError::Header(wanted.first().copied().unwrap_or_default())),
                None => Ok(first),
            }
        };
        let mut columns = [None; 13];
        for (at, wanted) in COLUMNS.iter().enumerate() {
            let place = find(wanted)?;
            // Accuracy, area, identity, carrier, quality and noise may be missing from a file.
            if place.is_none() && !matches!(at, 3 | 6..=8 | 11 | 12) {
                return Err(SurveyError::Header(wanted.first().copied().unwrap_or_default()));
            }
            if let Some(slot) = columns.get_mut(at) {
                *slot = place;
            }
        }
        Ok(Self { columns, serving: find(SERVING)? })
    }

    fn used(&self) -> usize {
        self.columns.iter().flatten().count() + usize::from(self.serving.is_some())
    }
}

/// One line.
struct Fields<'a> {
    record: &'a ByteRecord,
    places: &'a Places,
    line: u64,
    rat: Rat,
}

impl Fields<'_> {
    /// The text of a column; `None` when it is empty or not in the file.
    fn text(&self, at: usize) -> Result<Option<&str>, SurveyError> {
        let place = self.places.columns.get(at).copied().flatten();
        let field = place.and_then(|place| self.record.get(place)).unwrap_or_default();
        if field.is_empty() {
            return Ok(None);
        }
        let text = core::str::from_utf8(field).ok().filter(|text| text.len() <= MAX_FIELD);
        text.map(Some).ok_or(self.unsound(at))
    }

    fn unsound(&self, at: usize) -> SurveyError {
        let column = COLUMNS.get(at).and_then(|names| names.first()).copied().unwrap_or_default();
        SurveyError::Value { line: self.line, column }
    }

    fn needed(&self, at: usize) -> Result<&str, SurveyError> {
        self.text(at)?.ok_or(self.unsound(at))
    }

    fn number(&self, at: usize) -> Result<Option<f64>, SurveyError> {
        let read = |text: &str| text.parse::<f64>().ok().filter(|n| n.is_finite()).ok_or(self.unsound(at));
        self.text(at)?.map(read).transpose()
    }

    fn whole(&self, at: usize, most: u64) -> Result<Option<u64>, SurveyError> {
        let read = |text: &str| text.parse::<u64>().ok().filter(|n| *n <= most).ok_or(self.unsound(at));
        self.text(at)?.map(read).transpose()
    }

    fn index(&self, at: usize, quantity: Quantity) -> Result<i8, SurveyError> {
        let index = self.number(at)?.and_then(|value| quantity.index(value as f32));
        Ok(index.unwrap_or(NONE_INDEX))
    }
}

struct Row {
    time: Timestamp,
    place: (i32, i32, u8),
    plmn: u32,
    cell: u64,
    tac: u32,
    carrier: u32,
    pci: u16,
    quantities: [i8; 3],
    serving: bool,
}

impl Row {
    fn of(fields: &Fields<'_>) -> Result<Self, SurveyError> {
        let time: jiff::Timestamp = fields.needed(0)?.parse().map_err(|_| fields.unsound(0))?;
        let time = u64::try_from(time.as_microsecond()).map_err(|_| fields.unsound(0))?;
        let nr = fields.rat == Rat::Nr;
        let (most_cell, most_tac, most_carrier, most_pci) =
            if nr { ((1 << 36) - 1, 0xFF_FFFF, 3_279_165, 1007) } else { ((1 << 28) - 1, 0xFFFF, 262_143, 503) };
        let plmn = match (fields.text(4)?, fields.text(5)?) {
            (Some(mcc), Some(mnc)) => network(mcc, mnc).ok_or(fields.unsound(4))?.packed(),
            _ => NONE_NUMBER,
        };
        let [rsrp, rsrq, sinr] = Quantity::of(fields.rat);
        let serving = fields.places.serving.and_then(|place| fields.record.get(place)).unwrap_or_default();
        Ok(Self {
            time: Timestamp::from_micros(time),
            place: place(fields)?,
            plmn,
            cell: fields.whole(7, most_cell)?.unwrap_or(u64::MAX),
            tac: fields.whole(6, most_tac)?.map_or(NONE_NUMBER, |tac| tac as u32),
            carrier: fields.whole(8, most_carrier)?.map_or(NONE_NUMBER, |carrier| carrier as u32),
            pci: fields.whole(9, most_pci)?.ok_or(fields.unsound(9))? as u16,
            quantities: [fields.index(10, rsrp)?, fields.index(11, rsrq)?, fields.index(12, sinr)?],
            serving: serving.eq_ignore_ascii_case(b"true"),
        })
    }
}

/// Where, with the accuracy as a circle; 0,0 is what a phone without a position writes.
fn place(fields: &Fields<'_>) -> Result<(i32, i32, u8), SurveyError> {
    let (Some(lat), Some(lon)) = (fields.number(1)?, fields.number(2)?) else {
        return Ok((NONE_COORDINATE, NONE_COORDINATE, 255));
    };
    if lat == 0.0 && lon == 0.0 {
        return Ok((NONE_COORDINATE, NONE_COORDINATE, 255));
    }
    let latitude = Latitude::from_degrees(lat).map_err(|_| fields.unsound(1))?.code();
    let longitude = Longitude::from_degrees(lon).map_err(|_| fields.unsound(2))?.code();
    let magnitude = (latitude & 0x7F_FFFF) as i32;
    let latitude = if latitude >> 23 == 0 { magnitude } else { -magnitude };
    let uncertainty = match fields.number(3)? {
        Some(metres) => Uncertainty::for_result(metres).map_err(|_| fields.unsound(3))?.code(),
        None => 255,
    };
    Ok((latitude, longitude, uncertainty))
}

/// The program writes numbers: leading zeroes are gone, so an MNC below 100 has two digits.
fn network(mcc: &str, mnc: &str) -> Option<Plmn> {
    let (mcc, number): (u16, u16) = (mcc.parse().ok()?, mnc.parse().ok()?);
    let mnc = if mnc.len() == 3 || number > 99 { format!("{number:03}") } else { format!("{number:02}") };
    Plmn::new(&format!("{mcc:03}"), &mnc)
}

impl SurveyColumns {
    fn push(&mut self, row: &Row) {
        self.time.push(row.time);
        self.latitude.push(row.place.0);
        self.longitude.push(row.place.1);
        self.uncertainty.push(row.place.2);
        self.plmn.push(row.plmn);
        self.cell.push(row.cell);
        self.tac.push(row.tac);
        self.carrier.push(row.carrier);
        self.pci.push(row.pci);
        self.rsrp.push(row.quantities[0]);
        self.rsrq.push(row.quantities[1]);
        self.sinr.push(row.quantities[2]);
        self.serving.push(row.serving);
    }
}
