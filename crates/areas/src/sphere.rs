//! Directions "straight up" and the angles between them.
//!
//! A way of so many metres over the ellipsoid turns the direction by at most metres / [`LEAST_RADIUS_M`] and at least metres /
//! [`GREATEST_RADIUS_M`]: the two differ by 1 %, and each question is answered with the one that errs on its safe side.

use lcs::gad::Position;

/// Least radius of curvature of WGS84, metres, rounded down.
pub(crate) const LEAST_RADIUS_M: f64 = 6_335_439.0;
/// Greatest radius of curvature of WGS84, metres, rounded up.
pub(crate) const GREATEST_RADIUS_M: f64 = 6_399_594.0;

pub(crate) type Vector = [f64; 3];

pub(crate) fn dot(p: Vector, q: Vector) -> f64 {
    p[0] * q[0] + p[1] * q[1] + p[2] * q[2]
}

pub(crate) fn cross(p: Vector, q: Vector) -> Vector {
    [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]]
}

pub(crate) fn add(p: Vector, q: Vector) -> Vector {
    [p[0] + q[0], p[1] + q[1], p[2] + q[2]]
}

pub(crate) fn scaled(p: Vector, by: f64) -> Vector {
    [p[0] * by, p[1] * by, p[2] * by]
}

pub(crate) fn length(p: Vector) -> f64 {
    dot(p, p).sqrt()
}

/// Of length 1; `None` for what has no direction.
pub(crate) fn unit(p: Vector) -> Option<Vector> {
    let size = length(p);
    (size > 1e-12).then(|| scaled(p, 1.0 / size))
}

/// Angle between two directions, radians.
pub(crate) fn angle(p: Vector, q: Vector) -> f64 {
    length(cross(p, q)).atan2(dot(p, q))
}

/// Square of the chord between two directions: grows with the angle, and is exact for small ones.
pub(crate) fn chord2(p: Vector, q: Vector) -> f64 {
    let d = [p[0] - q[0], p[1] - q[1], p[2] - q[2]];
    dot(d, d)
}

/// Square of the chord over an angle from 0; the greatest from a half circle on.
pub(crate) fn chord2_of(angle: f64) -> f64 {
    let half = (angle / 2.0).clamp(0.0, core::f64::consts::FRAC_PI_2).sin();
    4.0 * half * half
}

/// The direction straight up at a place.
pub(crate) fn up(lat_deg: f64, lon_deg: f64) -> Vector {
    let (sin_lat, cos_lat) = lat_deg.to_radians().sin_cos();
    let (sin_lon, cos_lon) = lon_deg.to_radians().sin_cos();
    [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]
}

pub(crate) fn up_at(place: Position) -> Vector {
    up(place.lat_deg, place.lon_deg)
}

/// Latitude and longitude of a direction, degrees.
pub(crate) fn lat_lon(up: Vector) -> (f64, f64) {
    let [x, y, z] = up;
    (z.atan2(x.hypot(y)).to_degrees(), y.atan2(x).to_degrees())
}

/// East and north at a direction; at a pole, along the meridian 0.
pub(crate) fn east_north(up: Vector) -> (Vector, Vector) {
    let (lat_deg, lon_deg) = lat_lon(up);
    let (sin_lat, cos_lat) = lat_deg.to_radians().sin_cos();
    let (sin_lon, cos_lon) = lon_deg.to_radians().sin_cos();
    ([-sin_lon, cos_lon, 0.0], [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat])
}

/// The direction at `angle` from here, at `bearing_deg` clockwise from north.
pub(crate) fn towards(from: Vector, bearing_deg: f64, angle: f64) -> Vector {
    let (sin_bearing, cos_bearing) = bearing_deg.to_radians().sin_cos();
    let (sin_way, cos_way) = angle.sin_cos();
    let (east, north) = east_north(from);
    let aside = add(scaled(east, sin_bearing), scaled(north, cos_bearing));
    add(scaled(from, cos_way), scaled(aside, sin_way))
}

/// A plane on which great circles are straight lines: the gnomonic projection round a middle. Places beyond 90 degrees have no image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Plane {
    pub(crate) middle: Vector,
    east: Vector,
    north: Vector,
}

impl Plane {
    pub(crate) fn round(middle: Vector) -> Self {
        let (east, north) = east_north(middle);
        Self { middle, east, north }
    }

    pub(crate) fn image(&self, place: Vector) -> Option<[f64; 2]> {
        let depth = dot(place, self.middle);
        (depth > 1e-3).then(|| [dot(place, self.east) / depth, dot(place, self.north) / depth])
    }

    /// The direction whose image this is.
    pub(crate) fn place(&self, [x, y]: [f64; 2]) -> Vector {
        let long = add(self.middle, add(scaled(self.east, x), scaled(self.north, y)));
        scaled(long, 1.0 / (1.0 + x * x + y * y).sqrt())
    }
}
