//! A target area as discs and polygons, ready to be compared with a million cells.
//!
//! Every form holds the shape that it stands for, with the steps of its coordinates: it is never smaller. Points, lines and what is open-ended
//! or crosses itself are no area.

use crate::convert::AreaError;
use crate::sphere::{
    LEAST_RADIUS_M, Plane, Vector, add, angle, chord2, chord2_of, cross, dot, scaled, towards, unit, up_at,
};
use lcs::gad::{HaEllipse, HaRange, Position, Shape};

/// Coordinates of 24 bits are less than 3 m off (TS 23.032 clause 6.1).
const STEP_M: f64 = 3.0;
/// Greatest angle between the middle of a polygon and a corner, radians: about 5,000 km.
const GREATEST_REACH: f64 = core::f64::consts::FRAC_PI_4;
/// Greatest radius of a disc, metres.
const GREATEST_RADIUS_M: f64 = 5_000_000.0;
/// No place is so near to the middle: where the middle is outside.
const NO_CORE: f64 = -1.0;
/// Corners by which an ellipse is held.
const CORNERS: u16 = 64;
/// Bearings on the sphere of directions and on the ellipsoid differ by less than this part of the way.
const MISS: f64 = 1.006;

/// One connected part of an area.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Region {
    pub(crate) plane: Plane,
    /// Angle round the middle of the plane that holds all of it, radians.
    pub(crate) reach: f64,
    /// Square of the chord round the middle within which all is inside.
    core_chord2: f64,
    form: Form,
}

#[derive(Debug, Clone, PartialEq)]
enum Form {
    /// All of the reach.
    Disc,
    /// Inside an odd number of loops.
    Polygon(Vec<Loop>),
}

/// Corners in order, the last joined to the first.
#[derive(Debug, Clone, PartialEq)]
struct Loop {
    images: Vec<[f64; 2]>,
    edges: Vec<Edge>,
}

/// An edge, with what the distance from it needs.
#[derive(Debug, Clone, PartialEq)]
struct Edge {
    from: Vector,
    to: Vector,
    /// Of length 1; `None` for an edge without length.
    axis: Option<Vector>,
    /// A place abreast of the edge is on the positive side of both.
    after_from: Vector,
    before_to: Vector,
}

impl Edge {
    fn new(from: Vector, to: Vector) -> Self {
        let axis = cross(from, to);
        Self { from, to, axis: unit(axis), after_from: cross(axis, from), before_to: cross(to, axis) }
    }

    /// Whether the place is within an angle of the edge; the angle by its sine and the square of its chord.
    fn is_within(&self, place: Vector, sine: f64, chord2_most: f64) -> bool {
        if let Some(axis) = self.axis
            && dot(self.after_from, place) > 0.0
            && dot(self.before_to, place) > 0.0
        {
            return dot(axis, place).abs() <= sine;
        }
        chord2(self.from, place) <= chord2_most || chord2(self.to, place) <= chord2_most
    }
}

/// The angle that a way can turn the direction by, at most.
fn most(metres: f64) -> f64 {
    metres / LEAST_RADIUS_M
}

impl Region {
    fn disc(middle: Vector, radius_m: f64) -> Result<Self, AreaError> {
        if !radius_m.is_finite() || radius_m > GREATEST_RADIUS_M {
            return Err(AreaError::TooWide);
        }
        let reach = most(radius_m);
        Ok(Self { plane: Plane::round(middle), reach, core_chord2: chord2_of(reach), form: Form::Disc })
    }

    /// A polygon by loops of corners, each with three or more. Those of an outline and its holes may be mixed.
    fn polygon(loops: &[Vec<Vector>]) -> Result<Self, AreaError> {
        let corners = || loops.iter().flatten();
        let middle = unit(corners().fold([0.0; 3], |sum, corner| add(sum, *corner))).ok_or(AreaError::TooWide)?;
        let reach = corners().map(|corner| angle(*corner, middle)).fold(0.0, f64::max);
        if reach > GREATEST_REACH {
            return Err(AreaError::TooWide);
        }
        let plane = Plane::round(middle);
        let loops = loops.iter().map(|corners| {
            let images = corners.iter().filter_map(|corner| plane.image(*corner)).collect();
            let ends = corners.iter().zip(corners.iter().cycle().skip(1));
            Loop { images, edges: ends.map(|(from, to)| Edge::new(*from, *to)).collect() }
        });
        let form = Form::Polygon(loops.collect());
        // The steps of the coordinates belong to it.
        let mut region = Self { plane, reach: reach + most(STEP_M), core_chord2: NO_CORE, form };
        region.core_chord2 = region.core();
        Ok(region)
    }

    /// A polygon as somebody drew it: corners that say nothing are left out, and what is no area is refused. Holes come after the outline.
    pub(crate) fn drawn(loops: &[Vec<Position>]) -> Result<Self, AreaError> {
        let mut kept = Vec::with_capacity(loops.len());
        for corners in loops {
            let mut corners: Vec<Vector> = corners.iter().map(|corner| up_at(*corner)).collect();
            corners.dedup_by(|a, b| chord2(*a, *b) < 1e-20);
            while corners.len() > 1 && corners.first().zip(corners.last()).is_some_and(|(a, b)| chord2(*a, *b) < 1e-20)
            {
                corners.pop();
            }
            if corners.len() < 3 {
                return Err(AreaError::NoExtent);
            }
            kept.push(corners);
        }
        let region = Self::polygon(&kept)?;
        let Form::Polygon(loops) = &region.form else { return Err(AreaError::NoExtent) };
        if loops.iter().any(|of| of.breadth() < LEAST_SURFACE) {
            return Err(AreaError::NoExtent);
        }
        if crosses(loops) {
            return Err(AreaError::Crossing);
        }
        Ok(region)
    }

    /// A shape of TS 23.032. A point is no area, and neither is what has a code of 0 m.
    pub(crate) fn of_shape(shape: &Shape) -> Result<Self, AreaError> {
        let at = |point: Position| up_at(point);
        match shape {
            Shape::Point(_) | Shape::PointAltitude(..) => Err(AreaError::NoExtent),
            Shape::Circle(point, radius) => round(at((*point).into()), radius.metres()),
            Shape::Ellipse(point, ellipse) | Shape::AltitudeEllipsoid(point, _, ellipse, _) => {
                let (a, b) = (ellipse.semi_major.metres(), ellipse.semi_minor.metres());
                Self::ellipse(at((*point).into()), a, b, f64::from(ellipse.orientation.degrees()))
            }
            Shape::HaEllipse(point, ellipse) | Shape::HaAltitudeEllipsoid(point, _, ellipse, _) => {
                Self::ha_ellipse(at((*point).into()), ellipse, HaRange::Default)
            }
            Shape::HaScalableEllipse(point, ellipse, range)
            | Shape::HaAltitudeScalableEllipsoid { point, ellipse, horizontal_range: range, .. } => {
                Self::ha_ellipse(at((*point).into()), ellipse, *range)
            }
            Shape::Polygon(polygon) => Self::drawn(&[polygon.points().iter().map(|point| (*point).into()).collect()]),
            Shape::Arc { point, inner_radius, uncertainty, offset, included, .. } => {
                if inner_radius.is_open_ended() {
                    return Err(AreaError::TooWide);
                }
                if uncertainty.metres() == 0.0 {
                    return Err(AreaError::NoExtent);
                }
                // A step of the inner radius is 5 m wide, of the offset 2 degrees.
                let outer_m = inner_radius.metres() + 5.0 + uncertainty.metres() + STEP_M;
                let inner_m = (inner_radius.metres() - STEP_M).max(0.0);
                let sweep_deg = f64::from(included.included_degrees() + 2);
                Self::arc(at((*point).into()), inner_m, outer_m, f64::from(offset.offset_degrees()), sweep_deg)
            }
        }
    }

    fn ha_ellipse(middle: Vector, ellipse: &HaEllipse, range: HaRange) -> Result<Self, AreaError> {
        let axes = ellipse.semi_major.metres(range).zip(ellipse.semi_minor.metres(range));
        let (a, b) = axes.ok_or(AreaError::TooWide)?;
        Self::ellipse(middle, a, b, f64::from(ellipse.orientation.degrees()))
    }

    fn ellipse(middle: Vector, semi_major_m: f64, semi_minor_m: f64, orientation_deg: f64) -> Result<Self, AreaError> {
        // A peer may have swapped the axes; then the disc over the greater one holds it whichever way it was meant.
        if semi_minor_m >= semi_major_m {
            return round(middle, semi_minor_m);
        }
        if semi_minor_m == 0.0 {
            return Err(AreaError::NoExtent);
        }
        if semi_major_m > GREATEST_RADIUS_M {
            return Err(AreaError::TooWide);
        }
        let step = core::f64::consts::TAU / f64::from(CORNERS);
        let (a, b) = ((semi_major_m + STEP_M) / (step / 2.0).cos(), (semi_minor_m + STEP_M) / (step / 2.0).cos());
        let corner = |at: u16| {
            let (along, across) = ((f64::from(at) * step).cos() * a, (f64::from(at) * step).sin() * b);
            let bearing_deg = orientation_deg + across.atan2(along).to_degrees();
            towards(middle, bearing_deg, most(along.hypot(across) * MISS))
        };
        Self::polygon(&[(0..CORNERS).map(corner).collect()])
    }

    fn arc(middle: Vector, inner_m: f64, outer_m: f64, offset_deg: f64, sweep_deg: f64) -> Result<Self, AreaError> {
        let whole = sweep_deg >= 360.0;
        if whole && inner_m == 0.0 {
            return Self::disc(middle, outer_m);
        }
        let parts = (sweep_deg.min(360.0) / 5.0).ceil();
        let step_deg = sweep_deg.min(360.0) / parts;
        // Edges between corners of the outer side cut the disc, so they lie farther out; those of the inner side may cut into the hole.
        let out = most(outer_m * MISS / (step_deg / 2.0).to_radians().cos());
        let inside = most(inner_m / MISS) * LEAST_RADIUS_M / crate::sphere::GREATEST_RADIUS_M;
        let corners = |angle: f64| (0..=parts as u16).map(move |at| (f64::from(at) * step_deg + offset_deg, angle));
        let corner = |(bearing_deg, angle): (f64, f64)| towards(middle, bearing_deg, angle);
        if whole {
            let ring = |angle| corners(angle).skip(1).map(corner).collect();
            return Self::polygon(&[ring(out), ring(inside)]);
        }
        let outline = corners(out).map(corner);
        if inner_m == 0.0 {
            return Self::polygon(&[outline.chain([middle]).collect()]);
        }
        Self::polygon(&[outline.chain(corners(inside).rev().map(corner)).collect()])
    }

    /// Square of the chord to the border nearest to the middle, if the middle is inside: found by halving.
    fn core(&self) -> f64 {
        let Form::Polygon(loops) = &self.form else { return NO_CORE };
        if !self.contains(self.plane.middle) {
            return NO_CORE;
        }
        let reached = |angle: f64| {
            let edges = loops.iter().flat_map(|of| &of.edges);
            edges.into_iter().any(|edge| edge.is_within(self.plane.middle, angle.sin(), chord2_of(angle)))
        };
        let (mut free, mut met) = (0.0, self.reach);
        for _ in 0..24 {
            let half = f64::midpoint(free, met);
            if reached(half) { met = half } else { free = half }
        }
        chord2_of(free)
    }

    /// Whether a place is inside.
    pub(crate) fn contains(&self, place: Vector) -> bool {
        let away = chord2(place, self.plane.middle);
        if away <= self.core_chord2 {
            return true;
        }
        if away > chord2_of(self.reach) {
            return false;
        }
        match &self.form {
            Form::Disc => true,
            Form::Polygon(loops) => {
                let Some(image) = self.plane.image(place) else { return false };
                loops.iter().fold(false, |inside, of| inside != of.goes_round(image))
            }
        }
    }

    /// Whether a disc of `range_m` round a place touches the region, or may.
    pub(crate) fn touches(&self, place: Vector, range_m: f64) -> bool {
        let range = most(range_m + STEP_M);
        let away = chord2(place, self.plane.middle);
        if away <= self.core_chord2 {
            return true;
        }
        if away > chord2_of(self.reach + range) {
            return false;
        }
        let Form::Polygon(loops) = &self.form else { return true };
        let (sine, chord2_most) = (range.min(core::f64::consts::FRAC_PI_2).sin(), chord2_of(range));
        let near = |of: &Loop| of.edges.iter().any(|edge| edge.is_within(place, sine, chord2_most));
        self.contains(place) || loops.iter().any(near)
    }

    /// Places along its border, not farther from each other than `spacing` radians.
    pub(crate) fn border(&self, spacing: f64) -> Vec<Vector> {
        let Form::Polygon(loops) = &self.form else {
            return (0..64u16).map(|at| towards(self.plane.middle, f64::from(at) * 5.625, self.reach)).collect();
        };
        let along = |edge: &Edge| {
            let (from, to) = (edge.from, edge.to);
            let parts = (angle(from, to) / spacing).ceil().max(1.0);
            let between = move |at: u32| {
                let share = f64::from(at) / parts;
                unit(add(scaled(from, 1.0 - share), scaled(to, share))).unwrap_or(from)
            };
            (0..parts as u32).map(between)
        };
        loops.iter().flat_map(|of| of.edges.iter().flat_map(along)).collect()
    }
}

/// A circle; of 0 m it is a point.
fn round(middle: Vector, radius_m: f64) -> Result<Region, AreaError> {
    if radius_m == 0.0 { Err(AreaError::NoExtent) } else { Region::disc(middle, radius_m + STEP_M) }
}

/// A circle by its middle and radius, as an operator names one.
pub(crate) fn circle(middle: Position, radius_m: f64) -> Result<Region, AreaError> {
    if radius_m > 0.0 { round(up_at(middle), radius_m) } else { Err(AreaError::NoExtent) }
}

/// A square metre, in the units of the plane.
const LEAST_SURFACE: f64 = 1.0 / (LEAST_RADIUS_M * LEAST_RADIUS_M);

impl Loop {
    fn sides(&self) -> impl Iterator<Item = ([f64; 2], [f64; 2])> {
        self.images.iter().copied().zip(self.images.iter().copied().cycle().skip(1))
    }

    /// Whether a ray from the place to the east meets an odd number of sides.
    fn goes_round(&self, [x, y]: [f64; 2]) -> bool {
        let Some(mut before) = self.images.last().copied() else { return false };
        let mut inside = false;
        for corner in &self.images {
            let ([ax, ay], [bx, by]) = (before, *corner);
            if (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax {
                inside = !inside;
            }
            before = *corner;
        }
        inside
    }

    /// Greatest surface of a triangle over the first corner and the one farthest from it, twice: 0 for what lies on a line.
    fn breadth(&self) -> f64 {
        let Some(first) = self.images.first().copied() else { return 0.0 };
        let away = |of: &[f64; 2]| (of[0] - first[0]).hypot(of[1] - first[1]);
        let farthest = self.images.iter().copied().fold(first, |a, b| if away(&b) > away(&a) { b } else { a });
        self.images.iter().map(|corner| side(first, farthest, *corner).abs()).fold(0.0, f64::max)
    }
}

/// On which side of a line through `a` and `b` a place is.
fn side([ax, ay]: [f64; 2], [bx, by]: [f64; 2], [cx, cy]: [f64; 2]) -> f64 {
    (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
}

type Segment = ([f64; 2], [f64; 2]);

/// Whether two segments have a place in common.
fn meet((a, b): Segment, (c, d): Segment) -> bool {
    let (c_side, d_side, a_side, b_side) = (side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b));
    let apart = |one: f64, other: f64| (one > 0.0 && other > 0.0) || (one < 0.0 && other < 0.0);
    let boxes = |at: usize| {
        let low = |p: [f64; 2], q: [f64; 2]| p.get(at).copied().unwrap_or(0.0).min(q.get(at).copied().unwrap_or(0.0));
        let high = |p: [f64; 2], q: [f64; 2]| p.get(at).copied().unwrap_or(0.0).max(q.get(at).copied().unwrap_or(0.0));
        low(a, b) <= high(c, d) && low(c, d) <= high(a, b)
    };
    boxes(0) && boxes(1) && !apart(c_side, d_side) && !apart(a_side, b_side)
}

/// Whether a connecting line crosses another, or goes back over the one before (TS 23.032 clause 5.4).
fn crosses(loops: &[Loop]) -> bool {
    let sides: Vec<(usize, usize, Segment)> = loops
        .iter()
        .enumerate()
        .flat_map(|(at, of)| of.sides().enumerate().map(move |(side, segment)| (at, side, segment)))
        .collect();
    sides.iter().enumerate().any(|(index, (loop_a, at_a, a))| {
        sides.iter().skip(index + 1).any(|(loop_b, at_b, b)| {
            let count = loops.get(*loop_a).map_or(0, |of| of.images.len());
            let follows = at_a + 1 == *at_b;
            let closes = *at_a == 0 && at_b + 1 == count;
            match (loop_a == loop_b, follows, closes) {
                (true, true, _) => folds(a.0, a.1, b.1),
                (true, _, true) => folds(b.0, b.1, a.1),
                _ => meet(*a, *b),
            }
        })
    })
}

/// Whether the way from `b` to `c` goes back over the way from `a` to `b`.
fn folds(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> bool {
    let ([ux, uy], [vx, vy]) = ([a[0] - b[0], a[1] - b[1]], [c[0] - b[0], c[1] - b[1]]);
    let (along, across) = (ux * vx + uy * vy, ux * vy - uy * vx);
    along > 0.0 && across.abs() <= 1e-9 * along
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sphere::length;

    fn corners(of: &[(f64, f64)]) -> Vec<Position> {
        of.iter().map(|(lat_deg, lon_deg)| Position { lat_deg: *lat_deg, lon_deg: *lon_deg }).collect()
    }

    /// Corners, and what comes of them.
    type Drawn<'a> = (&'a [(f64, f64)], Result<(), AreaError>);

    #[test]
    fn what_is_no_area_is_refused_and_why() {
        let (a, b, c, d) = ((52.0, 13.0), (52.0, 13.1), (52.1, 13.1), (52.1, 13.0));
        let cases: [Drawn<'_>; 9] = [
            (&[a, b, c, d], Ok(())),
            (&[d, c, b, a], Ok(())),
            (&[a, b, c, d, a, a], Ok(())),
            (&[a, c, b, d], Err(AreaError::Crossing)),
            // There and back.
            (&[a, b, c, b], Err(AreaError::Crossing)),
            (&[a, b, c, d, (52.05, 13.0), (52.07, 13.0)], Err(AreaError::Crossing)),
            (&[a, a, b, b], Err(AreaError::NoExtent)),
            (&[(52.0, 13.0), (52.1, 13.0), (52.2, 13.0)], Err(AreaError::NoExtent)),
            (&[(0.0, 0.0), (0.0, 120.0), (0.0, -120.0)], Err(AreaError::TooWide)),
        ];
        for (drawn, expected) in cases {
            assert_eq!(Region::drawn(&[corners(drawn)]).map(drop), expected, "{drawn:?}");
        }
    }

    #[test]
    fn a_polygon_lies_over_the_antimeridian_and_round_a_pole_as_anywhere() {
        let over = Region::drawn(&[corners(&[(-17.0, 179.0), (-17.0, -179.0), (-16.0, -179.0), (-16.0, 179.0)])]);
        let over = over.expect("a rectangle");
        for (lon_deg, inside) in [(179.5, true), (-179.5, true), (180.0, true), (178.9, false), (-178.9, false)] {
            assert_eq!(over.contains(up_at(Position { lat_deg: -16.5, lon_deg })), inside, "{lon_deg}");
        }
        let cap = Region::drawn(&[corners(&[(80.0, 0.0), (80.0, 90.0), (80.0, 180.0), (80.0, -90.0)])]);
        let cap = cap.expect("a square round the pole");
        for (lat_deg, lon_deg, inside) in
            [(90.0, 0.0, true), (85.0, 45.0, true), (81.0, 45.0, false), (-90.0, 0.0, false)]
        {
            assert_eq!(cap.contains(up_at(Position { lat_deg, lon_deg })), inside, "{lat_deg} {lon_deg}");
        }
    }

    #[test]
    fn a_hole_is_outside_and_its_border_is_near() {
        let outline = corners(&[(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)]);
        let hole = corners(&[(0.4, 0.4), (0.4, 0.6), (0.6, 0.6), (0.6, 0.4)]);
        let region = Region::drawn(&[outline.clone(), hole]).expect("a square with a hole");
        let middle = up_at(Position { lat_deg: 0.5, lon_deg: 0.5 });
        assert!(!region.contains(middle) && !region.touches(middle, 10_000.0) && region.touches(middle, 11_200.0));
        // A hole that cuts the outline.
        let cut = corners(&[(0.4, 0.4), (0.4, 1.6), (0.6, 1.6), (0.6, 0.4)]);
        assert_eq!(Region::drawn(&[outline, cut]).map(drop), Err(AreaError::Crossing));
    }

    #[test]
    fn planes_keep_directions_of_length_one() {
        let plane = Plane::round(up_at(Position { lat_deg: 89.0, lon_deg: 10.0 }));
        let place = plane.place([0.3, -0.2]);
        assert!((length(place) - 1.0).abs() < 1e-12);
        let image = plane.image(place).expect("near");
        assert!((image[0] - 0.3).abs() < 1e-12 && (image[1] + 0.2).abs() < 1e-12);
    }
}
