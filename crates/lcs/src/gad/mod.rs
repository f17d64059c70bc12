//! Universal geographical area description (GAD): shapes and velocities of TS 23.032, held as their exact codes.
//!
//! A shape keeps the integers of the wire, so decode and encode are inverse to the bit; degrees and metres are views.

//!
//! | module | what |
//! |---|---|
//! | `codes`, `uncertainty` | the coded quantities of clause 6, with views in degrees and metres |
//! | `wire` | [`Shape::decode`] and [`Shape::encode`], clause 7 |
//! | `velocity` | clause 8 |
//! | `kind` | [`ShapeKind`], [`ShapeSet`] |
//! | [`geometry`] | where a shape lies: its bounding circle, its relation to an area, making it coarser |

mod codes;
mod error;
pub mod geometry;
mod kind;
mod uncertainty;
mod velocity;
mod wire;

pub use codes::{
    Altitude, Angle, Confidence, HaAltitude, HaLatitude, HaLongitude, InnerRadius, Latitude, Longitude, Orientation,
};
pub use error::GadError;
pub use geometry::Position;
pub use kind::{ShapeKind, ShapeSet};
pub use uncertainty::{AltitudeUncertainty, HaRange, HaUncertainty, Uncertainty};
pub use velocity::Velocity;

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

/// High accuracy uncertainty ellipse (TS 23.032 clauses 5.3a, 6.2a). Which range its codes use is told beside it in the scalable
/// shapes and is [`HaRange::Default`] in the others.
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

/// Vertical part of a high accuracy ellipsoid (TS 23.032 clauses 5.6a, 5.6b).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HaVertical {
    /// Uncertainty of altitude; same coding as the horizontal one.
    pub uncertainty: HaUncertainty,
    /// Confidence of the altitude.
    pub confidence: Confidence,
}

/// The corners of a polygon, 3-15 (TS 23.032 clause 5.4). The area described lies on the right of the line of travel.
///
/// Lines that cross are not looked for: the octets of a peer are kept as they came.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Polygon(Vec<Point>);

impl Polygon {
    /// Takes 3-15 points in order, without repeating the first.
    pub fn new(points: Vec<Point>) -> Result<Self, GadError> {
        if (3..=15).contains(&points.len()) { Ok(Self(points)) } else { Err(GadError::PolygonPoints(points.len())) }
    }

    /// The points in order.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.0
    }
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
    /// 5: polygon.
    Polygon(Polygon),
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
    HaAltitudeEllipsoid(HaPoint, HaAltitude, HaEllipse, HaVertical),
    /// 13: high accuracy point with scalable uncertainty ellipse.
    HaScalableEllipse(HaPoint, HaEllipse, HaRange),
    /// 14: high accuracy point with altitude and scalable uncertainty ellipsoid.
    HaAltitudeScalableEllipsoid {
        /// Centre.
        point: HaPoint,
        /// Altitude of the centre.
        altitude: HaAltitude,
        /// Horizontal ellipse.
        ellipse: HaEllipse,
        /// Range of the horizontal uncertainties: bit HU.
        horizontal_range: HaRange,
        /// Vertical uncertainty.
        vertical: HaVertical,
        /// Range of the vertical uncertainty: bit VU.
        vertical_range: HaRange,
    },
}
