//! A coarser shape in place of a fine one.

use super::earth::{GREATEST_RADIUS_M, Position};
use crate::gad::{Latitude, Longitude, Point, Shape, Uncertainty};

/// Coarsest radius, metres. Cells of it still fit into the greatest circle that can be coded, 1807 km.
const COARSEST_M: f64 = 1_000_000.0;
/// Half a meridian, metres.
const HALF_MERIDIAN_M: f64 = core::f64::consts::PI * GREATEST_RADIUS_M;
/// Coordinates of 24 bits are less than 3 m off, and so is the middle of a cell.
const STEP_M: f64 = 3.0;

/// Greatest power of two that cuts `extent_m` into parts of at least `part_m`; 1 if none does.
fn cuts(extent_m: f64, part_m: f64) -> f64 {
    2f64.powf((extent_m / part_m).max(1.0).log2().floor())
}

/// Index of the part of `parts` in which `share`, 0 to 1, lies.
fn part(share: f64, parts: f64) -> f64 {
    (share * parts).floor().clamp(0.0, parts - 1.0)
}

/// Middle of the cell in which `place` lies, and the radius of a circle round it that holds the cell.
///
/// Cells are bands of latitude of equal height, each cut into columns of equal width; a cap round each pole is one cell. At
/// the side that is nearer to the pole they are at least `grid_m` wide. Both numbers are powers of two, and a finer band is
/// cut at least as often as the coarser one around it, because its side towards the pole is no shorter: so grids are nested.
fn cell(place: Position, grid_m: f64) -> (Position, f64) {
    let bands = cuts(HALF_MERIDIAN_M, grid_m);
    let height_deg = 180.0 / bands;
    let south_deg = part((place.lat_deg + 90.0) / 180.0, bands) * height_deg - 90.0;
    let north_deg = south_deg + height_deg;
    let polewards_deg = north_deg.max(-south_deg);
    let columns = cuts(2.0 * HALF_MERIDIAN_M * polewards_deg.to_radians().cos(), grid_m);
    if columns < 2.0 {
        let pole = Position { lat_deg: if north_deg > 0.0 { 90.0 } else { -90.0 }, lon_deg: 0.0 };
        let border_deg = if north_deg > 0.0 { south_deg } else { north_deg };
        return (pole, pole.distance_bounds_m(Position { lat_deg: border_deg, lon_deg: 0.0 }).1);
    }
    let width_deg = 360.0 / columns;
    let west_deg = part((place.lon_deg + 180.0) / 360.0, columns) * width_deg - 180.0;
    let middle = Position { lat_deg: (south_deg + north_deg) / 2.0, lon_deg: west_deg + width_deg / 2.0 };
    let corners = [south_deg, north_deg].map(|lat_deg| Position { lat_deg, lon_deg: west_deg });
    let reach_m = corners.into_iter().map(|corner| middle.distance_bounds_m(corner).1).fold(0.0, f64::max);
    // No border of the cell is farther than a corner, but for the bend of its parallels in the widest cells.
    (middle, 1.001 * reach_m)
}

impl Shape {
    /// A circle of at least `radius_m` that holds this shape and tells no more of the target's place than that it is in one
    /// cell of a fixed grid whose cells are at least `radius_m` wide and high. Altitude and confidence are dropped.
    ///
    /// What is guaranteed, up to the greatest circle of 1807 km:
    ///
    /// 1. The circle holds the whole described area of this shape, as [`Shape::horizontal_uncertainty_m`] bounds it.
    /// 2. Its centre is a function of the cell alone, and its radius of the cell and the shape's own uncertainty, rounded up
    ///    to a step of about 10 %. Asking again, as often as one likes, gives the same circle as long as the target stays in
    ///    the cell: there is nothing to average. A target that sits on a border and whose fixes scatter over it shows
    ///    both cells.
    /// 3. Grids are nested: a cell of a coarser grid is made of whole cells of a finer one. Asking with several radii tells no
    ///    more than the finest of them alone.
    ///
    /// A radius below 1 m counts as 1 m, beyond 1000 km, or no number, as 1000 km. An open-ended shape becomes the greatest
    /// circle.
    #[must_use]
    pub fn coarsen(&self, radius_m: f64) -> Self {
        let radius_m = if radius_m.is_nan() { COARSEST_M } else { radius_m.clamp(1.0, COARSEST_M) };
        let region = self.region();
        let (middle, reach_m) = cell(region.centre, radius_m);
        // Not `max` with the true distance: that would tell where in the cell the target is. The cell holds it.
        let needed_m = reach_m + region.holding_m + STEP_M;
        let uncertainty = Uncertainty::for_result(needed_m.max(radius_m)).unwrap_or(Uncertainty::MAX);
        Self::Circle(point(middle), uncertainty)
    }
}

/// The point that holds a position; in range, as the middle of a cell is.
fn point(position: Position) -> Point {
    let latitude = Latitude::from_degrees(position.lat_deg).unwrap_or(Latitude(0));
    let longitude = Longitude::from_degrees(position.lon_deg).unwrap_or(Longitude(0));
    Point { latitude, longitude }
}
