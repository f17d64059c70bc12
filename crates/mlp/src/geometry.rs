//! From GAD shapes (TS 23.032) to shapes of the protocol (OMA MLP sections 5.2.2.5 and 5.7.5).
//!
//! Coordinates are WGS84 in degrees, minutes and seconds with hemisphere, X latitude and Y longitude (sections 5.3.144,
//! 5.3.145). Lengths are whole metres rounded up, so that no area is told smaller than the network gave it.

use crate::{
    shapes::{MlpShape, SupportedShapes},
    write,
};
use MlpShape::{CircularArcArea, CircularArea, EllipticalArea, Polygon};
use core::f64::consts::TAU;
use lcs::gad::{Angle, Ellipse, HaEllipse, HaPoint, HaRange, InnerRadius, Point, Position, Shape, Uncertainty};

// As which shapes each kind can be told, the most faithful first. Whatever replaces a shape holds it. A point tells no
// accuracy, so it becomes no circle, and nothing becomes a point: that would claim an accuracy that nobody gave.
pub(crate) const POINT_AS: &[MlpShape] = &[MlpShape::Point];
pub(crate) const CIRCLE_AS: &[MlpShape] = &[CircularArea, Polygon];
pub(crate) const ELLIPSE_AS: &[MlpShape] = &[EllipticalArea, CircularArea, Polygon];
pub(crate) const ARC_AS: &[MlpShape] = &[CircularArcArea, CircularArea, Polygon];
pub(crate) const POLYGON_AS: &[MlpShape] = &[Polygon, CircularArea];

/// Why a shape cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Untellable {
    /// The client takes neither this shape nor one that could hold it (OMA MLP section 5.4.1, 107).
    NotTaken(MlpShape),
    /// The uncertainty has no upper bound.
    Unbounded,
}

/// A place and how many decimals of a second of arc it is worth: 3 (3 cm) for 24-bit codes, 5 (0.3 mm) for 32-bit codes.
#[derive(Clone, Copy)]
struct Coord {
    place: Position,
    decimals: usize,
}

impl From<Point> for Coord {
    fn from(point: Point) -> Self {
        Self { place: point.into(), decimals: 3 }
    }
}

impl From<HaPoint> for Coord {
    fn from(point: HaPoint) -> Self {
        Self { place: point.into(), decimals: 5 }
    }
}

/// A shape in the terms of the protocol.
enum Geometry<'a> {
    Point(Coord),
    Circle(Coord, f64),
    Ellipse { centre: Coord, semi_major_m: f64, semi_minor_m: f64, angle_deg: u8 },
    Arc { centre: Coord, inner_m: f64, outer_m: f64, start_deg: u16, included_deg: u16 },
    Polygon(&'a [Point]),
}

/// Appends `<shape>…</shape>`: the shape itself, or the one that the client likes best of those that hold it.
pub(crate) fn write_shape(
    out: &mut String,
    shape: &Shape,
    supported: Option<&SupportedShapes>,
) -> Result<(), Untellable> {
    if shape.is_open_ended() {
        return Err(Untellable::Unbounded);
    }
    let (own, candidates) = geometry(shape).ok_or(Untellable::Unbounded)?;
    let native = candidates.first().copied().unwrap_or(MlpShape::Point);
    let chosen = match supported {
        None => native,
        Some(supported) => supported.choose(candidates).ok_or(Untellable::NotTaken(native))?,
    };
    let holding = || Some((shape.centre(), shape.horizontal_uncertainty_m()?));
    if chosen == native {
        write_geometry(out, &own);
    } else if chosen == CircularArea {
        let (place, radius_m) = holding().ok_or(Untellable::Unbounded)?;
        write_geometry(out, &Geometry::Circle(Coord { place, decimals: 3 }, radius_m));
    } else {
        let (place, radius_m) = holding().ok_or(Untellable::Unbounded)?;
        let corners = polygon_around(place, radius_m).ok_or(Untellable::NotTaken(native))?;
        write_polygon(out, corners.into_iter().map(|place| Coord { place, decimals: 3 }));
    }
    Ok(())
}

fn geometry(shape: &Shape) -> Option<(Geometry<'_>, &'static [MlpShape])> {
    let ha = |point: &HaPoint, ellipse: &HaEllipse, range| ha_ellipse(*point, *ellipse, range).map(|g| (g, ELLIPSE_AS));
    match shape {
        Shape::Point(point) | Shape::PointAltitude(point, _) => Some((Geometry::Point((*point).into()), POINT_AS)),
        Shape::Circle(point, uncertainty) => Some((Geometry::Circle((*point).into(), uncertainty.metres()), CIRCLE_AS)),
        Shape::Ellipse(point, e) | Shape::AltitudeEllipsoid(point, _, e, _) => Some((ellipse(*point, *e), ELLIPSE_AS)),
        Shape::Polygon(polygon) => Some((Geometry::Polygon(polygon.points()), POLYGON_AS)),
        Shape::Arc { point, inner_radius, uncertainty, offset, included, .. } => {
            Some((arc(*point, *inner_radius, *uncertainty, *offset, *included), ARC_AS))
        }
        Shape::HaEllipse(point, e) | Shape::HaAltitudeEllipsoid(point, _, e, _) => ha(point, e, HaRange::Default),
        Shape::HaScalableEllipse(point, e, range) => ha(point, e, *range),
        Shape::HaAltitudeScalableEllipsoid { point, ellipse, horizontal_range, .. } => {
            ha(point, ellipse, *horizontal_range)
        }
    }
}

/// An ellipse whose axes may have been swapped by the peer: the longer one is the major one, a right angle away.
fn oriented<'a>(centre: Coord, major_m: f64, minor_m: f64, orientation_deg: u8) -> Geometry<'a> {
    if major_m >= minor_m {
        Geometry::Ellipse { centre, semi_major_m: major_m, semi_minor_m: minor_m, angle_deg: orientation_deg }
    } else {
        let angle_deg = if orientation_deg < 90 { orientation_deg + 90 } else { orientation_deg - 90 };
        Geometry::Ellipse { centre, semi_major_m: minor_m, semi_minor_m: major_m, angle_deg }
    }
}

fn ellipse<'a>(point: Point, ellipse: Ellipse) -> Geometry<'a> {
    let (major, minor) = (ellipse.semi_major.metres(), ellipse.semi_minor.metres());
    oriented(point.into(), major, minor, ellipse.orientation.degrees())
}

fn ha_ellipse<'a>(point: HaPoint, ellipse: HaEllipse, range: HaRange) -> Option<Geometry<'a>> {
    let (major, minor) = (ellipse.semi_major.metres(range)?, ellipse.semi_minor.metres(range)?);
    Some(oriented(point.into(), major, minor, ellipse.orientation.degrees()))
}

/// The outer radius is that of the farther circle (OMA MLP section 5.3.88); GAD's uncertainty radius is the thickness. The
/// stop angle is counted from the start angle (section 5.3.123), like GAD's included angle.
fn arc<'a>(point: Point, inner: InnerRadius, thickness: Uncertainty, offset: Angle, included: Angle) -> Geometry<'a> {
    Geometry::Arc {
        centre: point.into(),
        inner_m: inner.metres(),
        outer_m: inner.metres() + thickness.metres(),
        start_deg: offset.offset_degrees(),
        included_deg: included.included_degrees(),
    }
}

/// Corners of a polygon that holds a circle.
const CORNERS: u32 = 12;
/// A polygon of twelve corners holds a circle if they lie 1 / cos(15 degrees) = 1.0353 radii out; the rest is margin for the
/// plane that it is drawn in.
const OUT: f64 = 1.05;
/// Beyond this radius, metres, and this latitude, degrees, the plane is too far from the ellipsoid.
const PLANE_M: f64 = 50_000.0;
const PLANE_LAT_DEG: f64 = 75.0;

/// Twelve corners, clockwise, round a circle; `None` where they could not be trusted to hold it.
fn polygon_around(centre: Position, radius_m: f64) -> Option<Vec<Position>> {
    if radius_m > PLANE_M || centre.lat_deg.abs() > PLANE_LAT_DEG {
        return None;
    }
    let out_m = radius_m * OUT + 1.0;
    let corner = |at: u32| {
        let (sin, cos) = (f64::from(at) * TAU / f64::from(CORNERS)).sin_cos();
        // Metres of a degree where they are fewest, so that the corner is no nearer than meant.
        let lat_deg = centre.lat_deg + out_m * cos / 110_574.0;
        let parallel = lat_deg.abs().max(centre.lat_deg.abs()).to_radians().cos();
        let lon_deg = centre.lon_deg + out_m * sin / (111_319.0 * parallel);
        Position::new(lat_deg, (lon_deg + 180.0).rem_euclid(360.0) - 180.0).ok()
    };
    (0..CORNERS).map(corner).collect()
}

/// The coordinate reference system as the examples of the standard write it (OMA MLP section 5.2.3.2.2).
const SRS: &str = " srsName=\"www.epsg.org#4326\">";

fn write_geometry(out: &mut String, geometry: &Geometry<'_>) {
    match geometry {
        Geometry::Point(coord) => {
            open(out, MlpShape::Point);
            write_coord(out, *coord);
            close(out, MlpShape::Point);
        }
        Geometry::Circle(coord, radius_m) => {
            open(out, CircularArea);
            write_coord(out, *coord);
            write::number(out, "radius", whole_up(*radius_m));
            close(out, CircularArea);
        }
        Geometry::Ellipse { centre, semi_major_m, semi_minor_m, angle_deg } => {
            open(out, EllipticalArea);
            write_coord(out, *centre);
            write::number(out, "angle", u64::from(*angle_deg));
            write::number(out, "semiMajor", whole_up(*semi_major_m));
            write::number(out, "semiMinor", whole_up(*semi_minor_m));
            write::element(out, "angularUnit", "Degrees");
            close(out, EllipticalArea);
        }
        Geometry::Arc { centre, inner_m, outer_m, start_deg, included_deg } => {
            open(out, CircularArcArea);
            write_coord(out, *centre);
            write::number(out, "inRadius", inner_m.max(0.0) as u64);
            write::number(out, "outRadius", whole_up(*outer_m));
            write::number(out, "startAngle", u64::from(*start_deg));
            write::number(out, "stopAngle", u64::from(*included_deg));
            write::element(out, "angularUnit", "Degrees");
            close(out, CircularArcArea);
        }
        Geometry::Polygon(points) => write_polygon(out, points.iter().map(|point| Coord::from(*point))),
    }
}

/// Corners in their order, the first not repeated: so TS 23.032 has them, and 15 may be the most (OMA MLP section 5.7.5.5).
fn write_polygon(out: &mut String, corners: impl Iterator<Item = Coord>) {
    open(out, Polygon);
    out.push_str("<outerBoundaryIs><LinearRing>");
    corners.for_each(|corner| write_coord(out, corner));
    out.push_str("</LinearRing></outerBoundaryIs>");
    close(out, Polygon);
}

/// Appends a shape that is given by corners, or by a middle and what `rest` writes after it.
pub(crate) fn write_corners(out: &mut String, shape: MlpShape, at: &[Position], rest: impl FnOnce(&mut String)) {
    let coords = at.iter().map(|place| Coord { place: *place, decimals: 3 });
    if shape == Polygon {
        return write_polygon(out, coords);
    }
    open(out, shape);
    coords.for_each(|coord| write_coord(out, coord));
    rest(out);
    close(out, shape);
}

fn open(out: &mut String, shape: MlpShape) {
    out.push_str("<shape><");
    out.push_str(shape.name());
    out.push_str(SRS);
}

fn close(out: &mut String, shape: MlpShape) {
    write::close(out, shape.name());
    out.push_str("</shape>");
}

/// Whole metres, up; what the arithmetic of the code adds in the last digits does not count.
pub(crate) fn whole_up(metres: f64) -> u64 {
    (metres - 1e-6).ceil().max(0.0) as u64
}

fn write_coord(out: &mut String, coord: Coord) {
    out.push_str("<coord><X>");
    write_dmsh(out, coord.place.lat_deg, coord.decimals, ['N', 'S']);
    out.push_str("</X><Y>");
    write_dmsh(out, coord.place.lon_deg, coord.decimals, ['E', 'W']);
    out.push_str("</Y></coord>");
}

/// Degrees, minutes and seconds with hemisphere, fields separated by a blank, minutes and seconds of two digits
/// (OMA MLP section 5.3.144).
fn write_dmsh(out: &mut String, degrees: f64, decimals: usize, hemispheres: [char; 2]) {
    let unit = if decimals == 3 { 1_000 } else { 100_000 };
    let decimals = if decimals == 3 { 3 } else { 5 };
    let total = (degrees.abs() * 3600.0 * unit as f64).round() as u64;
    let (seconds, fraction) = (total / unit, total % unit);
    write::digits(out, seconds / 3600, 1);
    out.push(' ');
    write::digits(out, seconds / 60 % 60, 2);
    out.push(' ');
    write::digits(out, seconds % 60, 2);
    out.push('.');
    write::digits(out, fraction, decimals);
    let [positive, negative] = hemispheres;
    out.push(if degrees < 0.0 && total > 0 { negative } else { positive });
}

#[cfg(test)]
mod tests;
