//! Types of shape and sets of them.

use super::Shape;

/// Type of shape, the code in bits 8-5 of octet 1 (TS 23.032 clause 7.2). Open: reserved codes can be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShapeKind(u8);

impl ShapeKind {
    /// Ellipsoid point.
    pub const POINT: Self = Self(0);
    /// Ellipsoid point with uncertainty circle.
    pub const CIRCLE: Self = Self(1);
    /// Ellipsoid point with uncertainty ellipse.
    pub const ELLIPSE: Self = Self(3);
    /// Polygon.
    pub const POLYGON: Self = Self(5);
    /// Ellipsoid point with altitude.
    pub const POINT_ALTITUDE: Self = Self(8);
    /// Ellipsoid point with altitude and uncertainty ellipsoid.
    pub const ALTITUDE_ELLIPSOID: Self = Self(9);
    /// Ellipsoid arc.
    pub const ARC: Self = Self(10);
    /// High accuracy ellipsoid point with uncertainty ellipse.
    pub const HA_ELLIPSE: Self = Self(11);
    /// High accuracy ellipsoid point with altitude and uncertainty ellipsoid.
    pub const HA_ALTITUDE_ELLIPSOID: Self = Self(12);
    /// High accuracy ellipsoid point with scalable uncertainty ellipse.
    pub const HA_SCALABLE_ELLIPSE: Self = Self(13);
    /// High accuracy ellipsoid point with altitude and scalable uncertainty ellipsoid.
    pub const HA_ALTITUDE_SCALABLE_ELLIPSOID: Self = Self(14);

    /// All eleven, in the order of the bits of Supported-GAD-Shapes (TS 29.172 clause 7.4.12).
    pub const ALL: [Self; 11] = [
        Self::POINT,
        Self::CIRCLE,
        Self::ELLIPSE,
        Self::POLYGON,
        Self::POINT_ALTITUDE,
        Self::ALTITUDE_ELLIPSOID,
        Self::ARC,
        Self::HA_ELLIPSE,
        Self::HA_ALTITUDE_ELLIPSOID,
        Self::HA_SCALABLE_ELLIPSE,
        Self::HA_ALTITUDE_SCALABLE_ELLIPSOID,
    ];

    /// From the code; its low four bits count.
    #[must_use]
    pub const fn from_code(code: u8) -> Self {
        Self(code & 0xF)
    }

    /// The code, 0-15.
    #[must_use]
    pub const fn code(self) -> u8 {
        self.0
    }

    /// Name for logs and metrics; reserved codes share "reserved".
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self.0 {
            0 => "point",
            1 => "circle",
            3 => "ellipse",
            5 => "polygon",
            8 => "point_altitude",
            9 => "altitude_ellipsoid",
            10 => "arc",
            11 => "ha_ellipse",
            12 => "ha_altitude_ellipsoid",
            13 => "ha_scalable_ellipse",
            14 => "ha_altitude_scalable_ellipsoid",
            _ => "reserved",
        }
    }

    /// Bit in a [`ShapeSet`]; `None` for a reserved code.
    fn bit(self) -> Option<u32> {
        Self::ALL.iter().position(|kind| *kind == self).map(|at| 1 << at)
    }
}

/// Set of shapes that a receiver takes, bits 0-10 as in [`ShapeKind::ALL`] (TS 29.172 clause 7.4.12, Supported-GAD-Shapes).
/// Bits 11 to 31 are kept and mean nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShapeSet(pub u32);

impl ShapeSet {
    /// Every shape.
    pub const ALL: Self = Self(0x7FF);
    /// No shape.
    pub const NONE: Self = Self(0);

    /// Whether the set has this kind; reserved kinds are never in it.
    #[must_use]
    pub fn contains(self, kind: ShapeKind) -> bool {
        kind.bit().is_some_and(|bit| self.0 & bit != 0)
    }

    /// Adds a kind; a reserved one is passed over.
    pub fn insert(&mut self, kind: ShapeKind) {
        self.0 |= kind.bit().unwrap_or(0);
    }

    /// The kinds in the set, in bit order.
    pub fn kinds(self) -> impl Iterator<Item = ShapeKind> {
        ShapeKind::ALL.into_iter().filter(move |kind| self.contains(*kind))
    }
}

impl FromIterator<ShapeKind> for ShapeSet {
    fn from_iter<I: IntoIterator<Item = ShapeKind>>(kinds: I) -> Self {
        let mut set = Self::NONE;
        kinds.into_iter().for_each(|kind| set.insert(kind));
        set
    }
}

impl Shape {
    /// The type of this shape.
    #[must_use]
    pub fn kind(&self) -> ShapeKind {
        match self {
            Self::Point(_) => ShapeKind::POINT,
            Self::Circle(..) => ShapeKind::CIRCLE,
            Self::Ellipse(..) => ShapeKind::ELLIPSE,
            Self::Polygon(_) => ShapeKind::POLYGON,
            Self::PointAltitude(..) => ShapeKind::POINT_ALTITUDE,
            Self::AltitudeEllipsoid(..) => ShapeKind::ALTITUDE_ELLIPSOID,
            Self::Arc { .. } => ShapeKind::ARC,
            Self::HaEllipse(..) => ShapeKind::HA_ELLIPSE,
            Self::HaAltitudeEllipsoid(..) => ShapeKind::HA_ALTITUDE_ELLIPSOID,
            Self::HaScalableEllipse(..) => ShapeKind::HA_SCALABLE_ELLIPSE,
            Self::HaAltitudeScalableEllipsoid { .. } => ShapeKind::HA_ALTITUDE_SCALABLE_ELLIPSOID,
        }
    }
}
