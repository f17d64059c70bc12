//! Views of a shape in degrees and metres, and the circle that holds it.

use super::earth::{GREATEST_DISTANCE_M, Position, Vector};
use crate::gad::{Angle, HaEllipse, HaPoint, HaRange, InnerRadius, Point, Polygon, Shape, Uncertainty};

/// Coordinates of 24 bits are less than 3 m off (TS 23.032 clause 6.1).
const STEP_M: f64 = 3.0;
/// Coordinates of 32 bits are less than 5 mm and 10 mm off (TS 23.032 clause 6.1a).
const HA_STEP_M: f64 = 0.012;
/// How far [`Position::towards`] may miss, as a part of the way.
const MISS: f64 = 0.007;

/// A circle that holds a shape.
pub(super) struct Region {
    pub(super) centre: Position,
    /// Radius that the shape tells, metres; `None` if it tells none.
    pub(super) told_m: Option<f64>,
    /// Radius that certainly holds it, with the steps of its coordinates; infinite if open-ended.
    pub(super) holding_m: f64,
}

impl From<Point> for Position {
    fn from(point: Point) -> Self {
        Self { lat_deg: point.latitude.degrees(), lon_deg: point.longitude.degrees() }
    }
}

impl From<HaPoint> for Position {
    fn from(point: HaPoint) -> Self {
        Self { lat_deg: point.latitude.degrees(), lon_deg: point.longitude.degrees() }
    }
}

impl Shape {
    /// The middle of the described area: the point itself where the shape has one, the middle of the enclosing circle of an
    /// arc of less than a half circle, the mean of the corners of a polygon.
    #[must_use]
    pub fn centre(&self) -> Position {
        self.region().centre
    }

    /// Radius of the circle round [`Shape::centre`] that holds the whole described area, metres. `None` if the shape tells no
    /// uncertainty, or says only that it is greater than the coding holds ([`Shape::is_open_ended`]).
    #[must_use]
    pub fn horizontal_uncertainty_m(&self) -> Option<f64> {
        self.region().told_m.filter(|metres| metres.is_finite())
    }

    /// Whether the horizontal uncertainty is greater than the coding holds, without bound: inner radius 65535 (TS 23.032
    /// clause 6.6), extended high accuracy uncertainty 255 (TS 23.032 clause 6.2b).
    #[must_use]
    pub fn is_open_ended(&self) -> bool {
        self.region().holding_m.is_infinite()
    }

    /// Altitude above the ellipsoid in metres, negative below, if the shape has one.
    #[must_use]
    pub fn altitude_m(&self) -> Option<f64> {
        match self {
            Self::PointAltitude(_, altitude) | Self::AltitudeEllipsoid(_, altitude, ..) => Some(altitude.metres()),
            Self::HaAltitudeEllipsoid(_, altitude, ..) | Self::HaAltitudeScalableEllipsoid { altitude, .. } => {
                Some(altitude.metres())
            }
            _ => None,
        }
    }

    /// Vertical uncertainty in metres, if the shape tells one.
    #[must_use]
    pub fn vertical_uncertainty_m(&self) -> Option<f64> {
        match self {
            Self::AltitudeEllipsoid(.., uncertainty) => Some(uncertainty.metres()),
            Self::HaAltitudeEllipsoid(.., vertical) => vertical.uncertainty.metres(HaRange::Default),
            Self::HaAltitudeScalableEllipsoid { vertical, vertical_range, .. } => {
                vertical.uncertainty.metres(*vertical_range)
            }
            _ => None,
        }
    }

    /// Confidence in percent that the target is in the described area, 1-100; `None` if nothing is said. The horizontal one
    /// where there are two.
    #[must_use]
    pub fn confidence_percent(&self) -> Option<u8> {
        match self {
            Self::Ellipse(_, ellipse) | Self::AltitudeEllipsoid(_, _, ellipse, _) => ellipse.confidence.percent(),
            Self::Arc { confidence, .. } => confidence.percent(),
            Self::HaEllipse(_, ellipse)
            | Self::HaScalableEllipse(_, ellipse, _)
            | Self::HaAltitudeEllipsoid(_, _, ellipse, _)
            | Self::HaAltitudeScalableEllipsoid { ellipse, .. } => ellipse.confidence.percent(),
            Self::Point(_) | Self::Circle(..) | Self::Polygon(_) | Self::PointAltitude(..) => None,
        }
    }

    /// The circle that holds this shape.
    pub(super) fn region(&self) -> Region {
        match self {
            Self::Point(point) | Self::PointAltitude(point, _) => round((*point).into(), None, STEP_M),
            Self::Circle(point, uncertainty) => round((*point).into(), Some(uncertainty.metres()), STEP_M),
            Self::Ellipse(point, ellipse) | Self::AltitudeEllipsoid(point, _, ellipse, _) => {
                // A peer may have swapped the axes.
                let axis = ellipse.semi_major.max(ellipse.semi_minor);
                round((*point).into(), Some(axis.metres()), STEP_M)
            }
            Self::Polygon(polygon) => of_polygon(polygon),
            Self::Arc { point, inner_radius, uncertainty, offset, included, .. } => {
                of_arc((*point).into(), *inner_radius, *uncertainty, *offset, *included)
            }
            Self::HaEllipse(point, ellipse) | Self::HaAltitudeEllipsoid(point, _, ellipse, _) => {
                of_ha_ellipse(*point, *ellipse, HaRange::Default)
            }
            Self::HaScalableEllipse(point, ellipse, range)
            | Self::HaAltitudeScalableEllipsoid { point, ellipse, horizontal_range: range, .. } => {
                of_ha_ellipse(*point, *ellipse, *range)
            }
        }
    }
}

fn round(centre: Position, told_m: Option<f64>, step_m: f64) -> Region {
    Region { centre, told_m, holding_m: told_m.unwrap_or(0.0) + step_m }
}

fn of_ha_ellipse(point: HaPoint, ellipse: HaEllipse, range: HaRange) -> Region {
    let axis = ellipse.semi_major.max(ellipse.semi_minor);
    round(point.into(), Some(axis.metres(range).unwrap_or(f64::INFINITY)), HA_STEP_M)
}

/// The mean of the corners, and the farthest corner from it. A circle of less than a quarter of the Earth's girth holds every
/// shortest line between two of its points, so it holds the edges.
///
/// The area is taken to be the side that is surrounded, whichever way the corners run: the other side is no position.
fn of_polygon(polygon: &Polygon) -> Region {
    let corners = || polygon.points().iter().map(|point| Position::from(*point));
    let mean = corners()
        .map(Position::normal)
        .fold([0.0; 3], |sum: Vector, normal| [sum[0] + normal[0], sum[1] + normal[1], sum[2] + normal[2]]);
    let centre = Position::of_normal(mean);
    let farthest = corners().map(|corner| centre.distance_bounds_m(corner).1).fold(0.0, f64::max);
    let told_m = if farthest < GREATEST_DISTANCE_M / 2.3 { farthest } else { GREATEST_DISTANCE_M };
    round(centre, Some(told_m), STEP_M)
}

/// The circle round an arc: over its outer corners, or over all four corners if that is smaller; the whole disc for a half
/// circle and more.
///
/// The radii are geodesic distances from the origin. Distances between the ends of two such radii are no longer over a body
/// that bulges than in the plane, so the plane's formulas hold it.
fn of_arc(origin: Position, inner: InnerRadius, uncertainty: Uncertainty, offset: Angle, included: Angle) -> Region {
    if inner.is_open_ended() {
        return round(origin, Some(f64::INFINITY), STEP_M);
    }
    // A step of the inner radius is 5 m wide, of the offset 2 degrees.
    let inner_m = inner.metres();
    let outer_m = inner_m + 5.0 + uncertainty.metres();
    let half_deg = f64::from(included.included_degrees() + 2) / 2.0;
    let bearing_deg = f64::from(offset.offset_degrees()) + half_deg;
    if half_deg >= 90.0 {
        return round(origin, Some(outer_m), STEP_M);
    }
    let (sin, cos) = half_deg.to_radians().sin_cos();
    let way_m = (outer_m * cos).min((outer_m + inner_m) / (2.0 * cos));
    let across_m = (way_m - outer_m * cos).hypot(outer_m * sin);
    round(origin.towards(bearing_deg, way_m), Some(across_m + MISS * way_m), STEP_M)
}
