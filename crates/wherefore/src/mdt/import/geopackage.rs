//! Tables of Network Survey in a GeoPackage, an SQLite file. It may come from anybody: it is opened read-only and as it stands, its schema
//! is not trusted, only columns that are known are asked for, and what is read of it has a bound.

use mdt::rrc::Rat;
use mdt::survey::{MAX_FILE, point};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{Column as _, Connection as _, Row as _, SqliteConnection, TypeInfo as _, ValueRef as _};
use std::path::Path;

/// What SQLite files begin with.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

/// Tables by their names.
const TABLES: [(&str, Rat); 2] = [("LTE_MESSAGE", Rat::Lte), ("NR_MESSAGE", Rat::Nr)];

/// Columns that are asked for, without case, blanks and underscores. Nothing that names a device is among them.
const COLUMNS: [&str; 21] = [
    "time",
    "devicetime",
    "latitude",
    "longitude",
    "accuracy",
    "mcc",
    "mnc",
    "tac",
    "eci",
    "nci",
    "earfcn",
    "dlearfcn",
    "narfcn",
    "pci",
    "physcellid",
    "rsrp",
    "ssrsrp",
    "rsrq",
    "ssrsrq",
    "snr",
    "sssinr",
];
const SERVING: &str = "servingcell";
/// Most columns of a table that are looked at by name.
const MAX_COLUMNS: usize = 256;

/// Measurements of one technology, as CSV.
#[derive(Debug)]
pub struct Table {
    /// Which.
    pub rat: Rat,
    /// A line of names, and a line a measurement.
    pub csv: Vec<u8>,
}

/// A GeoPackage cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SurveyFileError {
    /// SQLite.
    #[error("no sound SQLite file: {0}")]
    Sql(#[from] sqlx::Error),
    /// It has neither of the tables.
    #[error("it has no table LTE_MESSAGE or NR_MESSAGE")]
    NoTable,
    /// There is too much in it.
    #[error("its measurements are more than 67108864 octets")]
    TooLong,
    /// A table has more columns than any survey has.
    #[error("a table has more than 256 columns")]
    Columns,
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | ' ')).map(|c| c.to_ascii_lowercase()).collect()
}

/// Reads the tables of a file.
///
/// # Errors
/// [`SurveyFileError`].
pub async fn tables(path: &Path) -> Result<Vec<Table>, SurveyFileError> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
    let options = options.pragma("trusted_schema", "OFF").pragma("cell_size_check", "ON").pragma("mmap_size", "0");
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let (mut tables, mut octets) = (Vec::new(), 0);
    for (name, rat) in TABLES {
        // A view could be any statement; only tables are read.
        let found = sqlx::query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE");
        if found.bind(name).fetch_optional(&mut connection).await?.is_none() {
            continue;
        }
        let csv = table(&mut connection, name, MAX_FILE - octets).await?;
        octets += csv.len();
        tables.push(Table { rat, csv });
    }
    connection.close().await?;
    if tables.is_empty() { Err(SurveyFileError::NoTable) } else { Ok(tables) }
}

/// One table, of at most so many octets.
async fn table(connection: &mut SqliteConnection, name: &str, most: usize) -> Result<Vec<u8>, SurveyFileError> {
    let listed = sqlx::query("SELECT name FROM pragma_table_info(?) LIMIT 257").bind(name);
    let names: Vec<String> =
        listed.fetch_all(&mut *connection).await?.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    if names.len() > MAX_COLUMNS {
        return Err(SurveyFileError::Columns);
    }
    let known = |name: &&String| {
        let plain = plain(name);
        COLUMNS.contains(&plain.as_str()) || plain == SERVING || plain == "geom"
    };
    let asked: Vec<&String> = names.iter().filter(known).collect();
    let quoted: Vec<String> = asked.iter().map(|name| format!("\"{}\"", name.replace('"', "\"\""))).collect();
    let has_place = asked.iter().any(|name| plain(name) == "latitude");
    let heads = asked.iter().filter(|name| plain(name) != "geom").map(|name| name.as_str());
    let place: &[&str] = if has_place { &[] } else { &["latitude", "longitude"] };
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = |_| SurveyFileError::TooLong;
    writer.write_record(heads.chain(place.iter().copied())).map_err(written)?;
    if asked.is_empty() {
        return writer.into_inner().map_err(|_| SurveyFileError::TooLong);
    }
    let statement =
        format!("SELECT rowid, {} FROM \"{name}\" WHERE rowid > ? ORDER BY rowid LIMIT 4096", quoted.join(", "));
    let mut after = i64::MIN;
    loop {
        let rows = sqlx::query(sqlx::AssertSqlSafe(statement.clone())).bind(after).fetch_all(&mut *connection).await?;
        let Some(last) = rows.last() else { break };
        after = last.try_get(0)?;
        for row in &rows {
            writer.write_record(fields(row, has_place)).map_err(written)?;
        }
        if writer.get_ref().len() > most {
            return Err(SurveyFileError::TooLong);
        }
    }
    let csv = writer.into_inner().map_err(|_| SurveyFileError::TooLong)?;
    if csv.len() > most { Err(SurveyFileError::TooLong) } else { Ok(csv) }
}

/// A row as CSV has it: the known columns as they stand, then the position where only the geometry tells it.
fn fields(row: &SqliteRow, has_place: bool) -> Vec<String> {
    let (mut fields, mut place) = (Vec::with_capacity(row.len() + 1), None);
    for at in 1..row.len() {
        let name = plain(row.column(at).name());
        match name.as_str() {
            "geom" => place = row.try_get::<Option<Vec<u8>>, _>(at).ok().flatten().and_then(|blob| point(&blob)),
            "time" | "devicetime" => fields.push(time(row, at)),
            SERVING => fields.push(if matches!(text(row, at).as_str(), "1" | "true") { "true" } else { "" }.to_owned()),
            _ => fields.push(text(row, at)),
        }
    }
    if !has_place {
        let (longitude, latitude) = place.map_or((None, None), |(x, y)| (Some(x), Some(y)));
        let told = |degrees: Option<f64>| degrees.map(|degrees| degrees.to_string()).unwrap_or_default();
        fields.extend([told(latitude), told(longitude)]);
    }
    fields
}

/// A value as text, by what it is and not by what its column was declared to be; empty for NULL and for octets.
fn text(row: &SqliteRow, at: usize) -> String {
    let Ok(value) = row.try_get_raw(at) else { return String::new() };
    let kind = value.type_info().name().to_owned();
    match kind.as_str() {
        "INTEGER" => row.try_get_unchecked::<i64, _>(at).map(|n| n.to_string()).unwrap_or_default(),
        "REAL" => row.try_get_unchecked::<f64, _>(at).map(|n| n.to_string()).unwrap_or_default(),
        "TEXT" | "DATETIME" | "BOOLEAN" => row.try_get_unchecked::<String, _>(at).unwrap_or_default(),
        _ => String::new(),
    }
}

/// Milliseconds since 1970, or text: RFC 3339, or the same with a blank in the middle.
fn time(row: &SqliteRow, at: usize) -> String {
    let text = text(row, at);
    let millis = text.parse().ok().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    millis.map_or_else(|| text.replacen(' ', "T", 1), |time| time.to_string())
}
