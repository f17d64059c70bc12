//! Where a simulated phone is, how it moves, and in which shape its node tells the place.

use serde::Deserialize;
use std::time::Duration;

/// Metres per degree of latitude, good enough to move a simulated phone.
const METRES_PER_DEGREE: f64 = 111_320.0;

/// A point, and how the phone gets to it from the one before.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waypoint {
    /// Degrees north, -90 to 90.
    pub latitude: f64,
    /// Degrees east, -180 to 180.
    pub longitude: f64,
    /// Metres above the ellipsoid. Default 0.
    #[serde(default)]
    pub altitude_m: f64,
    /// Speed on the way to this point, km/h.
    pub speed_km_h: Option<f64>,
    /// Seconds after the start of the route at which the phone is here; instead of a speed.
    pub at_s: Option<f64>,
}

impl core::fmt::Debug for Waypoint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Waypoint(hidden)")
    }
}

/// A place with motion, at one moment.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Place {
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    pub(crate) altitude_m: f64,
    pub(crate) speed_km_h: f64,
    /// Degrees clockwise from north, 0 to 360.
    pub(crate) bearing_deg: f64,
}

impl Waypoint {
    pub(crate) fn at_rest(&self) -> Place {
        Place {
            latitude: self.latitude,
            longitude: self.longitude,
            altitude_m: self.altitude_m,
            speed_km_h: 0.0,
            bearing_deg: 0.0,
        }
    }

    /// North and east components of the way to `next`, metres, on a local plane.
    fn metres_to(&self, next: &Self) -> (f64, f64) {
        let north = (next.latitude - self.latitude) * METRES_PER_DEGREE;
        let scale = ((self.latitude + next.latitude) / 2.0).to_radians().cos();
        (north, (next.longitude - self.longitude) * METRES_PER_DEGREE * scale)
    }
}

/// The legs of a route as (from, to, seconds).
fn legs(points: &[Waypoint]) -> impl Iterator<Item = (&Waypoint, &Waypoint, f64)> {
    points.iter().zip(points.iter().skip(1)).map(|(from, to)| {
        let (north, east) = from.metres_to(to);
        let seconds = match (to.at_s, to.speed_km_h) {
            (Some(at), _) => at - from.at_s.unwrap_or(0.0),
            (None, Some(speed)) if speed > 0.0 => north.hypot(east) / (speed / 3.6),
            (None, _) => 0.0,
        };
        (from, to, seconds.max(0.0))
    })
}

/// Where a phone is that has followed a route for `elapsed`; the route starts over when it ends.
pub(crate) fn along(points: &[Waypoint], elapsed: Duration) -> Place {
    let whole: f64 = legs(points).map(|(_, _, seconds)| seconds).sum();
    let mut left = if whole > 0.0 { elapsed.as_secs_f64() % whole } else { 0.0 };
    for (from, to, seconds) in legs(points) {
        if left < seconds {
            let share = left / seconds;
            let (north, east) = from.metres_to(to);
            let between = |a: f64, b: f64| a + (b - a) * share;
            return Place {
                latitude: between(from.latitude, to.latitude),
                longitude: between(from.longitude, to.longitude),
                altitude_m: between(from.altitude_m, to.altitude_m),
                speed_km_h: north.hypot(east) / seconds * 3.6,
                bearing_deg: east.atan2(north).to_degrees().rem_euclid(360.0),
            };
        }
        left -= seconds;
    }
    points.last().map_or_else(|| Waypoint::origin().at_rest(), Waypoint::at_rest)
}

impl Waypoint {
    fn origin() -> Self {
        Self { latitude: 0.0, longitude: 0.0, altitude_m: 0.0, speed_km_h: None, at_s: None }
    }
}

/// How a node tells a place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EstimateSpec {
    /// Shape. Default: circle.
    pub shape: ShapeKind,
    /// Uncertainty, metres; the semi-major axis of ellipses, the thickness of arcs, the reach of polygons. Default 50.
    pub uncertainty_m: f64,
    /// Semi-minor axis of ellipses, metres. Default: half the uncertainty.
    pub semi_minor_m: Option<f64>,
    /// Orientation of the major axis, degrees clockwise from north, 0-179. Default 0.
    pub orientation_deg: u8,
    /// Uncertainty of the altitude, metres. Default 10.
    pub altitude_uncertainty_m: f64,
    /// Confidence, percent. Default 67.
    pub confidence: u8,
    /// Inner radius of arcs, metres. Default 500.
    pub inner_radius_m: f64,
    /// Offset and included angle of arcs, degrees. Default 30 and 120.
    pub arc_deg: [u16; 2],
    /// Number of points of polygons, 3-15. Default 4.
    pub points: u8,
    /// Age that the node tells, minutes. Default 0, which is told as current.
    pub age_min: u32,
    /// Age of the last known location, minutes. Default 30.
    pub last_known_age_min: u32,
    /// Seconds of positioning before the answer. Default 0.
    pub positioning_ms: u64,
    /// E-UTRAN cell identity, 28 bits. Default 1.
    pub cell: u32,
}

impl Default for EstimateSpec {
    fn default() -> Self {
        Self {
            shape: ShapeKind::Circle,
            uncertainty_m: 50.0,
            semi_minor_m: None,
            orientation_deg: 0,
            altitude_uncertainty_m: 10.0,
            confidence: 67,
            inner_radius_m: 500.0,
            arc_deg: [30, 120],
            points: 4,
            age_min: 0,
            last_known_age_min: 30,
            positioning_ms: 0,
            cell: 1,
        }
    }
}

/// The shapes of TS 23.032 clause 7.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Named as the standard names them.
pub enum ShapeKind {
    Point,
    Circle,
    Ellipse,
    Polygon,
    PointAltitude,
    AltitudeEllipsoid,
    Arc,
    HaEllipse,
    HaAltitudeEllipsoid,
    HaScalableEllipse,
    HaAltitudeScalableEllipsoid,
}

impl ShapeKind {
    /// All eleven, in the order of the bits of Supported-GAD-Shapes (TS 29.172 clause 7.4.10).
    pub const ALL: [Self; 11] = [
        Self::Point,
        Self::Circle,
        Self::Ellipse,
        Self::Polygon,
        Self::PointAltitude,
        Self::AltitudeEllipsoid,
        Self::Arc,
        Self::HaEllipse,
        Self::HaAltitudeEllipsoid,
        Self::HaScalableEllipse,
        Self::HaAltitudeScalableEllipsoid,
    ];
}
