//! Areas that a shape is compared with: where a rule holds, where a client may ask, what a client asks to verify.

use super::earth::{GREATEST_DISTANCE_M, LEAST_RADIUS_M, Position, Vector, angle, cross, dot, length};
use crate::gad::Shape;

/// How the place of a target lies to an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Wherever in its shape the target is, it is inside.
    Inside,
    /// Wherever in its shape the target is, it is outside.
    Outside,
    /// It may be inside or outside.
    Straddles,
}

/// A circle or polygon on the ellipsoid. The border belongs to the area. Poles and the antimeridian are places like others.
///
/// The edges of a polygon are great circles through the geodetic latitudes and longitudes of its corners, which within 100 km
/// is within 3 m of the shortest line (TS 23.032 clause 5.4); the area is the side that they surround, whichever way they run.
#[derive(Debug, Clone, PartialEq)]
pub struct Area(Form);

#[derive(Debug, Clone, PartialEq)]
enum Form {
    Circle { centre: Position, radius_m: f64 },
    Polygon { corners: Vec<Position>, middle: Vector },
}

/// Why figures make no area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AreaError {
    /// A coordinate outside its range or no number.
    #[error("a latitude from -90 to 90 and a longitude from -180 to 180 are needed")]
    Position,
    /// A radius that is no number from 0 to 20037509.
    #[error("a radius from 0 to 20037509 m is needed")]
    Radius,
    /// Fewer than three corners.
    #[error("a polygon has at least 3 corners")]
    TooFewCorners,
    /// Corners more than 45 degrees of arc from their mean.
    #[error("a polygon reaches at most about 5000 km from its middle")]
    TooWide,
}

/// Greatest angle between the middle of a polygon and a corner, radians.
const GREATEST_REACH: f64 = core::f64::consts::FRAC_PI_4;

fn sound(position: Position) -> Result<Position, AreaError> {
    Position::new(position.lat_deg, position.lon_deg).map_err(|_| AreaError::Position)
}

impl Area {
    /// A circle.
    pub fn circle(centre: Position, radius_m: f64) -> Result<Self, AreaError> {
        if !(0.0..=GREATEST_DISTANCE_M).contains(&radius_m) {
            return Err(AreaError::Radius);
        }
        Ok(Self(Form::Circle { centre: sound(centre)?, radius_m }))
    }

    /// A polygon by its corners in order, at least three, within 45 degrees of arc of their mean. A last corner that repeats
    /// the first does no harm. Where edges cross, every part that they surround counts.
    pub fn polygon(corners: Vec<Position>) -> Result<Self, AreaError> {
        if corners.len() < 3 {
            return Err(AreaError::TooFewCorners);
        }
        let mut middle = [0.0; 3];
        for corner in &corners {
            let normal = sound(*corner)?.normal();
            middle = [middle[0] + normal[0], middle[1] + normal[1], middle[2] + normal[2]];
        }
        let reach = corners.iter().map(|corner| angle(corner.normal(), middle)).fold(0.0, f64::max);
        if length(middle) < 1e-9 || reach > GREATEST_REACH {
            return Err(AreaError::TooWide);
        }
        Ok(Self(Form::Polygon { corners, middle }))
    }

    /// Whether the place is inside, to the precision of the coordinates.
    #[must_use]
    pub fn contains(&self, place: Position) -> bool {
        match &self.0 {
            Form::Circle { centre, radius_m } => centre.distance_bounds_m(place).1 <= *radius_m,
            Form::Polygon { corners, middle } => surrounds(corners, *middle, place),
        }
    }

    /// How a disc of `radius_m` round `place` lies to this area.
    fn relation_to_disc(&self, place: Position, disc_m: f64) -> Relation {
        if !disc_m.is_finite() {
            return Relation::Straddles;
        }
        match &self.0 {
            Form::Circle { centre, radius_m } => {
                let (least, greatest) = centre.distance_bounds_m(place);
                if greatest + disc_m <= *radius_m {
                    Relation::Inside
                } else if least - disc_m > *radius_m {
                    Relation::Outside
                } else {
                    Relation::Straddles
                }
            }
            Form::Polygon { corners, middle } => {
                // Every way over the ellipsoid is at least its angle between normals times the least radius of curvature.
                let to_edge_m = to_edges(corners, place) * LEAST_RADIUS_M - 1e-3;
                if to_edge_m < disc_m {
                    Relation::Straddles
                } else if surrounds(corners, *middle, place) {
                    Relation::Inside
                } else {
                    Relation::Outside
                }
            }
        }
    }
}

fn edges(corners: &[Position]) -> impl Iterator<Item = (Vector, Vector)> {
    let normals = || corners.iter().map(|corner| corner.normal());
    normals().zip(normals().cycle().skip(1))
}

/// Whether the corners go round the place: the turn of the sight line from it along the edges is not zero.
fn surrounds(corners: &[Position], middle: Vector, place: Position) -> bool {
    // Corners are within 45 degrees of the middle, so nothing beyond 90 degrees is inside; the point opposite to an inner
    // one, round which the edges turn too, is ruled out here.
    if dot(place.normal(), middle) <= 0.0 {
        return false;
    }
    let (east, north) = place.east_north();
    let sight = |normal: Vector| [dot(normal, east), dot(normal, north)];
    let turn: f64 = edges(corners)
        .map(|(from, to)| {
            let ([a, b], [c, d]) = (sight(from), sight(to));
            (a * d - b * c).atan2(a * c + b * d)
        })
        .sum();
    turn.abs() > core::f64::consts::PI
}

/// Angle from the place to the nearest edge, radians.
fn to_edges(corners: &[Position], place: Position) -> f64 {
    let place = place.normal();
    edges(corners).map(|(from, to)| to_edge(from, to, place)).fold(f64::INFINITY, f64::min)
}

fn to_edge(from: Vector, to: Vector, place: Vector) -> f64 {
    let axis = cross(from, to);
    let size = length(axis);
    let abreast = dot(cross(axis, from), place) > 0.0 && dot(cross(to, axis), place) > 0.0;
    if size > 1e-12 && abreast {
        (dot(axis, place) / size).abs().min(1.0).asin()
    } else {
        angle(from, place).min(angle(to, place))
    }
}

impl Shape {
    /// How the place of the target lies to `area`, with the whole uncertainty of the shape, replaced by the circle that holds
    /// it: never `Inside` or `Outside` unless all of it is. A shape that tells no uncertainty is taken at its word, to the
    /// step of its coordinates; an open-ended one straddles everything.
    #[must_use]
    pub fn relation_to(&self, area: &Area) -> Relation {
        let region = self.region();
        area.relation_to_disc(region.centre, region.holding_m)
    }
}
