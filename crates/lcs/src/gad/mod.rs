//! Universal geographical area description (GAD): shapes and velocities of TS 23.032, held as their exact codes.
//!
//! A shape keeps the integers of the wire, so decode and encode are inverse to the bit; degrees and metres are views.

mod codes;

pub use codes::{
    Altitude, AltitudeUncertainty, Angle, Confidence, HaAltitude, HaLatitude, HaLongitude, HaUncertainty, InnerRadius,
    Latitude, Longitude, Orientation, Uncertainty,
};

/// A point on the ellipsoid, 24 bits each way (TS 23.032 clause 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Point {
    /// Latitude.
    pub latitude: Latitude,
    /// Longitude.
    pub longitude: Longitude,
}

/// A high accuracy point, 32 bits each way (TS 23.032 clause 6.1a).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HaPoint {
    /// Latitude.
    pub latitude: HaLatitude,
    /// Longitude.
    pub longitude: HaLongitude,
}

/// Uncertainty ellipse (TS 23.032 clauses 5.3, 6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ellipse {
    /// Semi-major axis.
    pub semi_major: Uncertainty,
    /// Semi-minor axis.
    pub semi_minor: Uncertainty,
    /// Orientation of the major axis, degrees clockwise from north.
    pub orientation: Orientation,
    /// Confidence.
    pub confidence: Confidence,
}

/// High accuracy uncertainty ellipse; `extended` selects the extended coding (scalable shapes only).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HaEllipse {
    /// Semi-major axis.
    pub semi_major: HaUncertainty,
    /// Semi-minor axis.
    pub semi_minor: HaUncertainty,
    /// Orientation of the major axis, degrees clockwise from north.
    pub orientation: Orientation,
    /// Confidence.
    pub confidence: Confidence,
}

/// A shape (TS 23.032 clause 7.2). The number of each variant is its type code.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Shape {
    /// 0: ellipsoid point.
    Point(Point),
    /// 1: ellipsoid point with uncertainty circle.
    Circle(Point, Uncertainty),
    /// 3: ellipsoid point with uncertainty ellipse.
    Ellipse(Point, Ellipse),
    /// 5: polygon, 3-15 points, the area on the right of the line of travel.
    Polygon(Vec<Point>),
    /// 8: ellipsoid point with altitude.
    PointAltitude(Point, Altitude),
    /// 9: ellipsoid point with altitude and uncertainty ellipsoid.
    AltitudeEllipsoid(Point, Altitude, Ellipse, AltitudeUncertainty),
    /// 10: ellipsoid arc.
    Arc {
        /// Centre.
        point: Point,
        /// Inner radius.
        inner_radius: InnerRadius,
        /// Uncertainty radius: thickness of the arc.
        uncertainty: Uncertainty,
        /// Offset angle from north, clockwise.
        offset: Angle,
        /// Included angle.
        included: Angle,
        /// Confidence.
        confidence: Confidence,
    },
    /// 11: high accuracy point with uncertainty ellipse.
    HaEllipse(HaPoint, HaEllipse),
    /// 12: high accuracy point with altitude and uncertainty ellipsoid.
    HaAltitudeEllipsoid(HaPoint, HaAltitude, HaEllipse, HaUncertainty, Confidence),
    /// 13: high accuracy point with scalable uncertainty ellipse.
    HaScalableEllipse(HaPoint, HaEllipse),
    /// 14: high accuracy point with altitude and scalable uncertainty ellipsoid.
    HaAltitudeScalableEllipsoid(HaPoint, HaAltitude, HaEllipse, HaUncertainty, Confidence),
}

/// Set of shapes that a receiver takes (TS 29.172 clause 7.4.1, Supported-GAD-Shapes): bits 0-10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShapeSet(pub u32);

impl ShapeSet {
    /// Every shape.
    pub const ALL: Self = Self(0x7FF);
}

/// Velocity (TS 23.032 clause 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Velocity {
    /// Bearing, degrees clockwise from north, 0-359.
    pub bearing_deg: u16,
    /// Horizontal speed, km/h; 65535 is open-ended.
    pub horizontal_km_h: u16,
    /// Vertical speed, km/h, positive up; magnitude 255 is open-ended.
    pub vertical_km_h: Option<i16>,
    /// Uncertainty of horizontal speed, km/h; 255 is unspecified.
    pub horizontal_uncertainty_km_h: Option<u8>,
    /// Uncertainty of vertical speed, km/h; 255 is unspecified.
    pub vertical_uncertainty_km_h: Option<u8>,
}
