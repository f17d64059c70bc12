//! Positions on the WGS84 ellipsoid and bounds of the distances between them (TS 23.032 clause 4).

use crate::gad::GadError;

/// Major half axis, metres.
const A_M: f64 = 6_378_137.0;
/// Square of the first eccentricity.
const E2: f64 = 0.006_694_380_066_8;
/// Least radius of curvature anywhere, metres: north-south at the equator, a (1 - e^2), rounded down.
pub(super) const LEAST_RADIUS_M: f64 = 6_335_439.0;
/// Greatest radius of curvature anywhere, metres: at the poles, a / sqrt(1 - e^2), rounded up.
pub(super) const GREATEST_RADIUS_M: f64 = 6_399_594.0;
/// No two points are farther apart over the ellipsoid, metres.
pub(super) const GREATEST_DISTANCE_M: f64 = 20_037_509.0;
/// Mean radius, metres.
const MEAN_RADIUS_M: f64 = 6_371_008.0;
/// Error of a distance for want of digits, metres.
const ROUNDING_M: f64 = 1e-3;

/// A place on the ellipsoid, in degrees: latitude positive north, longitude positive east.
#[derive(Clone, Copy, PartialEq)]
pub struct Position {
    /// Latitude, -90 to 90.
    pub lat_deg: f64,
    /// Longitude, -180 to 180.
    pub lon_deg: f64,
}

impl core::fmt::Debug for Position {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Position(hidden)")
    }
}

pub(super) type Vector = [f64; 3];

pub(super) fn dot(p: Vector, q: Vector) -> f64 {
    p[0] * q[0] + p[1] * q[1] + p[2] * q[2]
}

pub(super) fn cross(p: Vector, q: Vector) -> Vector {
    [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]]
}

pub(super) fn length(p: Vector) -> f64 {
    dot(p, p).sqrt()
}

/// Angle between two vectors, radians, good for small and large angles alike.
pub(super) fn angle(p: Vector, q: Vector) -> f64 {
    length(cross(p, q)).atan2(dot(p, q))
}

impl Position {
    /// Takes degrees; an error outside -90 to 90 and -180 to 180 or for no number.
    pub fn new(lat_deg: f64, lon_deg: f64) -> Result<Self, GadError> {
        if !(-90.0..=90.0).contains(&lat_deg) {
            return Err(GadError::LatitudeOutOfRange);
        }
        if !(-180.0..=180.0).contains(&lon_deg) {
            return Err(GadError::LongitudeOutOfRange);
        }
        Ok(Self { lat_deg, lon_deg })
    }

    /// The direction straight up, of length 1.
    pub(super) fn normal(self) -> Vector {
        let (sin_lat, cos_lat) = self.lat_deg.to_radians().sin_cos();
        let (sin_lon, cos_lon) = self.lon_deg.to_radians().sin_cos();
        [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]
    }

    /// The place whose "straight up" points along `normal`, of any length but zero.
    pub(super) fn of_normal(normal: Vector) -> Self {
        let [x, y, z] = normal;
        Self { lat_deg: z.atan2(x.hypot(y)).to_degrees(), lon_deg: y.atan2(x).to_degrees() }
    }

    /// Unit vectors to the east and to the north.
    pub(super) fn east_north(self) -> (Vector, Vector) {
        let (sin_lat, cos_lat) = self.lat_deg.to_radians().sin_cos();
        let (sin_lon, cos_lon) = self.lon_deg.to_radians().sin_cos();
        ([-sin_lon, cos_lon, 0.0], [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat])
    }

    /// Place in metres from the centre of the Earth.
    fn cartesian(self) -> Vector {
        let [x, y, z] = self.normal();
        let prime_vertical = A_M / (1.0 - E2 * z * z).sqrt();
        [prime_vertical * x, prime_vertical * y, prime_vertical * (1.0 - E2) * z]
    }

    /// Lower and upper bound of the geodesic distance to `other`, metres. They differ by 0.4 ppm of the distance at 10 km and
    /// by 1 % at worst, but for the far side of the Earth, where the upper bound is half its girth.
    ///
    /// A geodesic bends nowhere more than a circle of the least radius of curvature, so it is at most as long as that circle's
    /// arc over the same chord, and nowhere less than a circle of the greatest radius.
    #[must_use]
    pub fn distance_bounds_m(self, other: Self) -> (f64, f64) {
        let (p, q) = (self.cartesian(), other.cartesian());
        let chord = length([p[0] - q[0], p[1] - q[1], p[2] - q[2]]);
        let arc = |radius: f64| 2.0 * radius * (chord / (2.0 * radius)).min(1.0).asin();
        let upper = if chord < 1.99 * LEAST_RADIUS_M { arc(LEAST_RADIUS_M) } else { GREATEST_DISTANCE_M };
        ((arc(GREATEST_RADIUS_M) - ROUNDING_M).max(0.0), (upper + ROUNDING_M).min(GREATEST_DISTANCE_M))
    }

    /// The place at about `metres` from here in the direction `bearing_deg`, clockwise from north; off by less than 0.7 %
    /// of the distance.
    pub(super) fn towards(self, bearing_deg: f64, metres: f64) -> Self {
        let (sin_bearing, cos_bearing) = bearing_deg.to_radians().sin_cos();
        let (sin_way, cos_way) = (metres / MEAN_RADIUS_M).sin_cos();
        let (up, (east, north)) = (self.normal(), self.east_north());
        let component = |at: usize| cos_way * up[at] + sin_way * (sin_bearing * east[at] + cos_bearing * north[at]);
        Self::of_normal([component(0), component(1), component(2)])
    }
}
