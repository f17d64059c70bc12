//! Bins as squares.

use super::{GeoPackage, GeoPackageError, begin_geometry};
use mdt_store::BinLine;

/// The layer of bins.
pub(super) const TABLES: &str = r#"
CREATE TABLE bins (
  fid INTEGER PRIMARY KEY AUTOINCREMENT, geom POLYGON NOT NULL, day DATE NOT NULL, days INTEGER NOT NULL, bin TEXT NOT NULL,
  rat TEXT NOT NULL, entries INTEGER NOT NULL, subjects INTEGER NOT NULL, rsrp_p5_dbm DOUBLE, rsrp_p50_dbm DOUBLE,
  rsrp_p95_dbm DOUBLE, rsrq_p5_db DOUBLE, rsrq_p50_db DOUBLE, rsrq_p95_db DOUBLE, sinr_p5_db DOUBLE, sinr_p50_db DOUBLE,
  sinr_p95_db DOUBLE);
INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('bins', 'features', 'bins', 4326);
INSERT INTO gpkg_geometry_columns VALUES ('bins', 'geom', 'POLYGON', 4326, 0, 0);
"#;

const INSERT: &str = "INSERT INTO bins (geom, day, days, bin, rat, entries, subjects, rsrp_p5_dbm, rsrp_p50_dbm, rsrp_p95_dbm, \
    rsrq_p5_db, rsrq_p50_db, rsrq_p95_db, sinr_p5_db, sinr_p50_db, sinr_p95_db) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

impl GeoPackage {
    /// Adds bins, where the layer is of them, and says how many.
    pub(crate) async fn add_bins(&mut self, lines: impl Iterator<Item = BinLine>) -> Result<u64, GeoPackageError> {
        let mut written = 0;
        for line in lines {
            let bounds = [line.west_deg, line.south_deg, line.east_deg, line.north_deg];
            self.reach(bounds);
            let added = sqlx::query(INSERT)
                .bind(square(bounds))
                .bind(line.day)
                .bind(line.days)
                .bind(line.bin)
                .bind(line.rat)
                .bind(i64::try_from(line.entries).unwrap_or(i64::MAX))
                .bind(line.subjects)
                .bind(line.rsrp_p5_dbm)
                .bind(line.rsrp_p50_dbm)
                .bind(line.rsrp_p95_dbm)
                .bind(line.rsrq_p5_db)
                .bind(line.rsrq_p50_db)
                .bind(line.rsrq_p95_db)
                .bind(line.sinr_p5_db)
                .bind(line.sinr_p50_db)
                .bind(line.sinr_p95_db)
                .execute(&mut self.connection)
                .await;
            added.map_err(|error| self.fault(error))?;
            written += 1;
        }
        Ok(written)
    }
}

/// A polygon of one ring, anticlockwise from the south-west.
fn square([west, south, east, north]: [f64; 4]) -> Vec<u8> {
    let mut octets = begin_geometry(3);
    octets.extend_from_slice(&1_u32.to_le_bytes());
    let ring = [(west, south), (east, south), (east, north), (west, north), (west, south)];
    octets.extend_from_slice(&(ring.len() as u32).to_le_bytes());
    for (x, y) in ring {
        octets.extend_from_slice(&x.to_le_bytes());
        octets.extend_from_slice(&y.to_le_bytes());
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_in_octets() {
        let octets = square([-0.5, 51.5, -0.25, 51.75]);
        // Header, order and kind, rings, points, five of them.
        assert_eq!(octets.len(), 8 + 5 + 4 + 4 + 5 * 16);
        assert_eq!(octets[8..21], [1, 3, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0]);
        assert_eq!(octets[21..37], octets[85..], "closed");
    }
}
