//! Cell sites from CSV, in the columns of OpenCelliD.

use crate::sites::{Builder, CellSites, Radio, Site};
use std::{collections::BTreeMap, io::Read};

/// The columns of OpenCelliD's files, for a file without a line of names.
const COLUMNS: [&str; 14] = [
    "radio",
    "mcc",
    "net",
    "area",
    "cell",
    "unit",
    "lon",
    "lat",
    "range",
    "samples",
    "changeable",
    "created",
    "updated",
    "averageSignal",
];

/// Greatest range that is believed, metres: GSM reaches 120 km with an extended timing advance, nothing else does farther.
const GREATEST_RANGE_M: f64 = 120_000.0;

/// Why a table cannot be read. The first mistake ends the reading: a table with holes would make incomplete areas.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The text is no CSV, or the file cannot be read.
    #[error("the table of cells cannot be read: {0}")]
    Csv(#[from] csv::Error),
    /// A column that is needed has no name in the first line.
    #[error(
        "the table of cells has no column `{0}`; the columns of OpenCelliD are needed: radio,mcc,net,area,cell,unit,lon,lat,range"
    )]
    NoColumn(&'static str),
    /// A value is missing or none of its kind.
    #[error("line {line} of the table of cells: `{column}` {what}")]
    Value {
        /// Line, from 1.
        line: u64,
        /// Column.
        column: &'static str,
        /// What is needed.
        what: &'static str,
    },
    /// More cells than can be numbered.
    #[error("the table of cells has more than 4294967295 lines")]
    TooMany,
}

/// What an import came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Import {
    /// Cells taken.
    pub taken: u64,
    /// Cells passed over because no interface names their kind: radio, and how many.
    pub other_radio: BTreeMap<String, u64>,
    /// Cells passed over because their code is none that a network can have: an area code above 65535, a cell of more than 16 bits (GSM)
    /// or 28 bits (UMTS, LTE).
    pub impossible: u64,
    /// Cells whose range is not told, and was taken to be the one given for that.
    pub without_range: u64,
    /// Cells whose range was above 120 km, and was taken to be that.
    pub range_cut: u64,
}

/// Places of the columns that count.
struct Columns {
    radio: usize,
    mcc: usize,
    net: usize,
    area: usize,
    cell: usize,
    lon: usize,
    lat: usize,
    range: usize,
}

impl Columns {
    fn of<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Result<Self, TableError> {
        let at = |name: &'static str| {
            names.clone().position(|of| of.trim().eq_ignore_ascii_case(name)).ok_or(TableError::NoColumn(name))
        };
        Ok(Self {
            radio: at("radio")?,
            mcc: at("mcc")?,
            net: at("net")?,
            area: at("area")?,
            cell: at("cell")?,
            lon: at("lon")?,
            lat: at("lat")?,
            range: at("range")?,
        })
    }
}

/// One line, with its number for what is wrong with it.
struct Line<'r> {
    record: &'r csv::StringRecord,
    number: u64,
}

impl Line<'_> {
    fn text(&self, at: usize) -> &str {
        self.record.get(at).unwrap_or_default().trim()
    }

    fn wrong(&self, column: &'static str, what: &'static str) -> TableError {
        TableError::Value { line: self.number, column, what }
    }

    fn number(&self, at: usize, column: &'static str, most: u64) -> Result<u64, TableError> {
        let number = self.text(at).parse::<u64>().ok().filter(|number| *number <= most);
        number.ok_or_else(|| self.wrong(column, "is no number from 0 that this column can hold"))
    }

    fn degrees(&self, at: usize, column: &'static str, most: f64) -> Result<f64, TableError> {
        let degrees = self.text(at).parse::<f64>().ok().filter(|degrees| degrees.abs() <= most);
        degrees.ok_or_else(|| self.wrong(column, "is no number of degrees that this column can hold"))
    }
}

impl CellSites {
    /// Reads a table: a line of names with at least radio, mcc, net, area, cell, lon, lat and range among them, in any order, or the
    /// fourteen columns of OpenCelliD without one. `unknown_range_m` is taken for a cell whose range is 0. `progress` hears the number of
    /// lines now and then.
    ///
    /// A network is known by the numbers of its codes, so that `1`, `01` and `001` are one.
    ///
    /// # Errors
    /// The first line that says something that is no value of its column.
    pub fn read(
        table: impl Read,
        unknown_range_m: u32,
        mut progress: impl FnMut(u64),
    ) -> Result<(Self, Import), TableError> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(1 << 16).from_reader(table);
        let (mut record, mut import, mut builder) = (csv::StringRecord::new(), Import::default(), Builder::default());
        let mut columns: Option<Columns> = None;
        let mut lines = 0u64;
        while reader.read_record(&mut record)? {
            lines += 1;
            if lines.is_multiple_of(1 << 14) {
                progress(lines);
            }
            let columns = match &columns {
                Some(columns) => columns,
                None if record.iter().any(|name| name.trim().eq_ignore_ascii_case("radio")) => {
                    columns = Some(Columns::of(record.iter())?);
                    continue;
                }
                None => columns.insert(Columns::of(COLUMNS.into_iter())?),
            };
            let line = Line { record: &record, number: record.position().map_or(lines, csv::Position::line) };
            take(&line, columns, unknown_range_m, &mut import, &mut builder)?;
        }
        progress(lines);
        Ok((builder.build().ok_or(TableError::TooMany)?, import))
    }
}

fn take(
    line: &Line<'_>,
    columns: &Columns,
    unknown_range_m: u32,
    import: &mut Import,
    builder: &mut Builder,
) -> Result<(), TableError> {
    let mcc = line.number(columns.mcc, "mcc", 999)?;
    let mnc = line.number(columns.net, "net", 999)?;
    let area = line.number(columns.area, "area", u64::MAX)?;
    let cell = line.number(columns.cell, "cell", u64::MAX)?;
    let lon_deg = line.degrees(columns.lon, "lon", 180.0)?;
    let lat_deg = line.degrees(columns.lat, "lat", 90.0)?;
    let range = line.text(columns.range).parse::<f64>().ok().filter(|metres| *metres >= 0.0);
    let range_m = range.ok_or_else(|| line.wrong("range", "is no number of metres from 0"))?;
    let radio = line.text(columns.radio);
    let Some(radio) = Radio::parse(radio) else {
        *import.other_radio.entry(radio.to_ascii_uppercase()).or_default() += 1;
        return Ok(());
    };
    let code = (u16::try_from(area).ok(), u32::try_from(cell).ok().filter(|cell| *cell <= radio.greatest_cell()));
    let (Some(area), Some(cell)) = code else {
        import.impossible += 1;
        return Ok(());
    };
    let told_m = if range_m == 0.0 { f64::from(unknown_range_m) } else { range_m };
    import.without_range += u64::from(range_m == 0.0);
    import.range_cut += u64::from(told_m > GREATEST_RANGE_M);
    import.taken += 1;
    let range_m = told_m.min(GREATEST_RANGE_M).ceil() as u32;
    builder.add((mcc as u16, mnc as u16, radio), Site::new(lat_deg, lon_deg, range_m, area, cell));
    Ok(())
}
