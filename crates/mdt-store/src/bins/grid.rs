//! The grid: squares of some metres all over the world, as boxes of latitude and longitude.

use core::fmt;
use lcs::gad::Uncertainty;

/// Metres of one degree on the sphere of 6371008.8 m.
const METRES_PER_DEGREE: f64 = 6_371_008.8 * core::f64::consts::PI / 180.0;
/// Codes of TS 23.032 clause 6.1 from pole to pole, and around.
const CODES_LOG2: u32 = 24;
const HALF: i64 = 1 << 23;

/// A reduced grid of latitude and longitude: rows of equal height from the south pole on, each cut into a whole number of equal columns from
/// 180 degrees west on, so many that they come nearest to being square in the row's middle.
///
/// With 100 m at 51.5 degrees a square is 100.0 m by 100.0 m; the error is below half a column in the row, which matters near the poles
/// alone. No projection, no zone: the corners are exact in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    side_m: u32,
}

/// A square of a [`Grid`]: row from the south pole and column from 180 degrees west, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Square {
    /// Row.
    pub row: u32,
    /// Column.
    pub column: u32,
}

impl Grid {
    /// Squares with this side, 10 to 100000 m.
    #[must_use]
    pub fn new(side_m: u32) -> Option<Self> {
        (10..=100_000).contains(&side_m).then_some(Self { side_m })
    }

    /// Side of a square, metres.
    #[must_use]
    pub fn side_m(self) -> u32 {
        self.side_m
    }

    /// Rows from pole to pole.
    fn rows(self) -> u32 {
        (180.0 * METRES_PER_DEGREE / f64::from(self.side_m)).round() as u32
    }

    /// Columns of a row.
    fn columns(self, row: u32) -> u32 {
        let middle = (f64::from(row) + 0.5) * 180.0 / f64::from(self.rows()) - 90.0;
        let round = 360.0 * METRES_PER_DEGREE * middle.to_radians().cos();
        ((round / f64::from(self.side_m)).round() as u32).max(1)
    }

    /// The square of a latitude and longitude in codes of TS 23.032 clause 6.1.
    #[must_use]
    pub fn square(self, (latitude, longitude): (i32, i32)) -> Square {
        let part = |code: i32, of: u32| {
            let from_edge = (i64::from(code) + HALF).clamp(0, 2 * HALF - 1) as u64;
            ((from_edge * u64::from(of)) >> CODES_LOG2) as u32
        };
        let row = part(latitude, self.rows());
        Square { row, column: part(longitude, self.columns(row)) }
    }

    /// West, south, east and north of a square, degrees.
    #[must_use]
    pub fn bounds(self, square: Square) -> [f64; 4] {
        let edge = |at: u32, of: u32, whole: f64| f64::from(at) * whole / f64::from(of) - whole / 2.0;
        let (rows, columns) = (self.rows(), self.columns(square.row));
        [
            edge(square.column, columns, 360.0),
            edge(square.row, rows, 180.0),
            edge(square.column.saturating_add(1), columns, 360.0),
            edge(square.row.saturating_add(1), rows, 180.0),
        ]
    }

    /// Whether a position with this code of uncertainty says enough: a radius no longer than the side.
    pub(crate) fn is_sure(self, code: Option<u8>) -> bool {
        let radius = code.and_then(Uncertainty::from_code).map_or(0.0, Uncertainty::metres);
        radius <= f64::from(self.side_m)
    }
}

/// As a bin is named, with the side in front: `r0157349c0124487`.
impl fmt::Display for Square {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{:07}c{:07}", self.row, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every code of a coarse walk lies within the bounds of its square, and squares are square but at the poles.
    #[test]
    fn squares_hold_their_codes_and_are_square() {
        for side_m in [10, 100, 500, 100_000] {
            let grid = Grid::new(side_m).unwrap();
            for latitude in (-(HALF as i32) + 1..HALF as i32).step_by(99_991) {
                for longitude in (-(HALF as i32)..HALF as i32).step_by(1_234_577) {
                    let square = grid.square((latitude, longitude));
                    let [west, south, east, north] = grid.bounds(square);
                    let (x, y) =
                        (f64::from(longitude) * 360.0 / 16_777_216.0, f64::from(latitude) * 90.0 / 8_388_608.0);
                    assert!(west - 1e-9 <= x && x < east + 1e-9, "{side_m} {latitude} {longitude}");
                    assert!(south - 1e-9 <= y && y < north + 1e-9, "{side_m} {latitude} {longitude}");
                    let middle = ((south + north) / 2.0).to_radians().cos();
                    let (wide, high) =
                        ((east - west) * middle * METRES_PER_DEGREE, (north - south) * METRES_PER_DEGREE);
                    let side = f64::from(side_m);
                    assert!((high / side - 1.0).abs() < 0.005, "{side_m} {latitude}: {high} m high");
                    if y.abs() < 80.0 {
                        assert!((wide / side - 1.0).abs() < 0.01, "{side_m} {latitude}: {wide} m wide");
                    }
                }
            }
        }
        assert_eq!((Grid::new(9), Grid::new(100_001)), (None, None));
    }

    #[test]
    fn london_has_its_square() {
        let grid = Grid::new(100).unwrap();
        let square = grid.square((4_800_837, -5_956));
        assert_eq!(square.to_string(), "r0157349c0124487");
        let [west, south, east, north] = grid.bounds(square);
        assert!(west < -0.1278 && -0.1278 < east && south < 51.5074 && 51.5074 < north);
    }

    #[test]
    fn corners_of_the_world_are_in_the_grid() {
        let grid = Grid::new(100).unwrap();
        let most = HALF as i32 - 1;
        assert_eq!(grid.square((-most, -most - 1)).row, 0);
        assert_eq!(grid.square((most, most)).row, grid.rows() - 1);
        assert_eq!(grid.square((0, most)).column, grid.columns(grid.rows() / 2) - 1);
        assert_eq!(grid.square((i32::MIN, i32::MAX)), grid.square((-most - 1, most)));
    }
}
