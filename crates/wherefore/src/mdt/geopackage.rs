//! Rows and bins as a GeoPackage (OGC 12-128r18, version 1.3): an SQLite file that planners open in QGIS.

mod bins;

use mdt_store::{FailureLine, Line};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{Connection as _, SqliteConnection};
use std::path::{Path, PathBuf};

/// A GeoPackage cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum GeoPackageError {
    /// Something is there already.
    #[error("{}: it exists; give a name that is free", .0.display())]
    Exists(PathBuf),
    /// SQLite.
    #[error("{}: {error}", path.display())]
    Sql {
        /// Which file.
        path: PathBuf,
        /// What went wrong.
        error: sqlx::Error,
    },
}

/// What makes an SQLite file a GeoPackage: its name in the header, and the tables of clause 1.1 and 2.1. The two systems without a
/// definition are required.
const TABLES: &str = r#"
PRAGMA application_id = 1196444487;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('Undefined Cartesian', -1, 'NONE', -1, 'undefined', NULL),
  ('Undefined geographic', 0, 'NONE', 0, 'undefined', NULL),
  ('WGS 84', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]', NULL);
CREATE TABLE gpkg_contents (
  table_name TEXT PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL UNIQUE REFERENCES gpkg_contents(table_name), column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL REFERENCES gpkg_spatial_ref_sys(srs_id),
  z TINYINT NOT NULL, m TINYINT NOT NULL, PRIMARY KEY (table_name, column_name));
"#;

/// The one layer of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// `measurements`: rows of logs.
    Measurements,
    /// `failures`: reports of failures.
    Failures,
    /// `bins`: squares that enough phones were in.
    Bins,
}

impl Layer {
    const fn tables(self) -> &'static str {
        match self {
            Self::Measurements => MEASUREMENTS,
            Self::Failures => FAILURES,
            Self::Bins => bins::TABLES,
        }
    }
}

const MEASUREMENTS: &str = "
CREATE TABLE measurements (
  fid INTEGER PRIMARY KEY AUTOINCREMENT, geom POINT, time DATETIME NOT NULL, job TEXT NOT NULL, session TEXT NOT NULL, model TEXT,
  rat TEXT NOT NULL, uncertainty_m DOUBLE, network TEXT, cell INTEGER, tracking_area INTEGER, rsrp INTEGER, rsrp_dbm DOUBLE,
  rsrq INTEGER, rsrq_db DOUBLE, sinr INTEGER, sinr_db DOUBLE, flags INTEGER NOT NULL);
INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('measurements', 'features', 'measurements', 4326);
INSERT INTO gpkg_geometry_columns VALUES ('measurements', 'geom', 'POINT', 4326, 0, 0);
";

const FAILURES: &str = "
CREATE TABLE failures (
  fid INTEGER PRIMARY KEY AUTOINCREMENT, geom POINT, time DATETIME NOT NULL, job TEXT NOT NULL, model TEXT, rat TEXT NOT NULL,
  kind TEXT NOT NULL, cause TEXT, uncertainty_m DOUBLE, network TEXT, cell INTEGER, tracking_area INTEGER, carrier INTEGER,
  pci INTEGER, rsrp_dbm DOUBLE, rsrq_db DOUBLE, sinr_db DOUBLE, previous TEXT, reestablishment TEXT, reconnection TEXT,
  until_reconnection_s INTEGER, since_handover_s DOUBLE, preambles INTEGER, failures INTEGER, flags INTEGER NOT NULL);
INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('failures', 'features', 'failures', 4326);
INSERT INTO gpkg_geometry_columns VALUES ('failures', 'geom', 'POINT', 4326, 0, 0);
";

const INSERT: &str = "INSERT INTO measurements (geom, time, job, session, model, rat, uncertainty_m, network, cell, \
    tracking_area, rsrp, rsrp_dbm, rsrq, rsrq_db, sinr, sinr_db, flags) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

const INSERT_FAILURE: &str = "INSERT INTO failures (geom, time, job, model, rat, kind, cause, uncertainty_m, network, cell, \
    tracking_area, carrier, pci, rsrp_dbm, rsrq_db, sinr_db, previous, reestablishment, reconnection, until_reconnection_s, \
    since_handover_s, preambles, failures, flags) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

/// A GeoPackage in the making. Whole only once [`GeoPackage::finish`] returns.
pub struct GeoPackage {
    path: PathBuf,
    connection: SqliteConnection,
    /// West, south, east, north.
    bounds: Option<[f64; 4]>,
}

impl GeoPackage {
    /// Begins a new file with this layer. Errors: it exists, or SQLite.
    pub async fn create(path: &Path, layer: Layer) -> Result<Self, GeoPackageError> {
        if path.exists() {
            return Err(GeoPackageError::Exists(path.to_owned()));
        }
        let options =
            SqliteConnectOptions::new().filename(path).create_if_missing(true).journal_mode(SqliteJournalMode::Delete);
        let sql = |error| GeoPackageError::Sql { path: path.to_owned(), error };
        let mut connection = SqliteConnection::connect_with(&options).await.map_err(sql)?;
        for tables in [TABLES, layer.tables()] {
            sqlx::raw_sql(tables).execute(&mut connection).await.map_err(sql)?;
        }
        sqlx::query("BEGIN").execute(&mut connection).await.map_err(sql)?;
        Ok(Self { path: path.to_owned(), connection, bounds: None })
    }

    /// Adds lines, where the layer is of measurements.
    pub async fn add(&mut self, lines: impl Iterator<Item = Line>) -> Result<(), GeoPackageError> {
        for line in lines {
            let added = sqlx::query(INSERT)
                .bind(self.point(line.longitude_deg, line.latitude_deg))
                .bind(line.time)
                .bind(line.job)
                .bind(line.session)
                .bind(line.model)
                .bind(line.rat)
                .bind(line.uncertainty_m)
                .bind(line.network)
                .bind(line.cell.and_then(|cell| i64::try_from(cell).ok()))
                .bind(line.tracking_area)
                .bind(line.rsrp)
                .bind(line.rsrp_dbm)
                .bind(line.rsrq)
                .bind(line.rsrq_db)
                .bind(line.sinr)
                .bind(line.sinr_db)
                .bind(line.flags)
                .execute(&mut self.connection)
                .await;
            added.map_err(|error| self.fault(error))?;
        }
        Ok(())
    }

    /// Adds failures, where the layer is of them.
    pub async fn add_failures(&mut self, lines: impl Iterator<Item = FailureLine>) -> Result<(), GeoPackageError> {
        for line in lines {
            let added = sqlx::query(INSERT_FAILURE)
                .bind(self.point(line.longitude_deg, line.latitude_deg))
                .bind(line.time)
                .bind(line.job)
                .bind(line.model)
                .bind(line.rat)
                .bind(line.kind)
                .bind(line.cause)
                .bind(line.uncertainty_m)
                .bind(line.network)
                .bind(line.cell.and_then(|cell| i64::try_from(cell).ok()))
                .bind(line.tracking_area)
                .bind(line.carrier)
                .bind(line.pci)
                .bind(line.rsrp_dbm)
                .bind(line.rsrq_db)
                .bind(line.sinr_db)
                .bind(line.previous)
                .bind(line.reestablishment)
                .bind(line.reconnection)
                .bind(line.until_reconnection_s)
                .bind(line.since_handover_s)
                .bind(line.preambles)
                .bind(line.failures)
                .bind(line.flags)
                .execute(&mut self.connection)
                .await;
            added.map_err(|error| self.fault(error))?;
        }
        Ok(())
    }

    /// The geometry of a position, which widens the bounds.
    fn point(&mut self, longitude_deg: Option<f64>, latitude_deg: Option<f64>) -> Option<Vec<u8>> {
        let (x, y) = longitude_deg.zip(latitude_deg)?;
        self.reach([x, y, x, y]);
        Some(geometry(x, y))
    }

    /// Widens the bounds.
    fn reach(&mut self, [west, south, east, north]: [f64; 4]) {
        let [w, s, e, n] = self.bounds.unwrap_or([west, south, east, north]);
        self.bounds = Some([w.min(west), s.min(south), e.max(east), n.max(north)]);
    }

    /// Writes what remains and closes the file.
    pub async fn finish(mut self) -> Result<(), GeoPackageError> {
        if let Some([west, south, east, north]) = self.bounds {
            let bounded = sqlx::query("UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ?")
                .bind(west)
                .bind(south)
                .bind(east)
                .bind(north)
                .execute(&mut self.connection)
                .await;
            bounded.map_err(|error| self.fault(error))?;
        }
        let committed = sqlx::query("COMMIT").execute(&mut self.connection).await;
        committed.map_err(|error| self.fault(error))?;
        let path = self.path;
        self.connection.close().await.map_err(|error| GeoPackageError::Sql { path, error })
    }

    fn fault(&self, error: sqlx::Error) -> GeoPackageError {
        GeoPackageError::Sql { path: self.path.clone(), error }
    }
}

/// The header of clause 2.1.3 without envelope, then the kind of well-known binary, all little-endian.
fn begin_geometry(kind: u32) -> Vec<u8> {
    let mut octets = b"GP\x00\x01".to_vec();
    octets.extend_from_slice(&4326_i32.to_le_bytes());
    octets.push(1);
    octets.extend_from_slice(&kind.to_le_bytes());
    octets
}

/// A point.
fn geometry(x: f64, y: f64) -> Vec<u8> {
    let mut octets = begin_geometry(1);
    octets.extend_from_slice(&x.to_le_bytes());
    octets.extend_from_slice(&y.to_le_bytes());
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_in_octets() {
        let expected = [
            b'G', b'P', 0, 1, // magic, version 1, little-endian without envelope
            0xE6, 0x10, 0, 0, // 4326
            1, 1, 0, 0, 0, // little-endian, a point
            0, 0, 0, 0, 0, 0, 0xE0, 0xBF, // -0.5
            0, 0, 0, 0, 0, 0xC0, 0x49, 0x40, // 51.5
        ];
        assert_eq!(geometry(-0.5, 51.5), expected);
    }
}
