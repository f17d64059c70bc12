//! Which shapes a client takes (OMA MLP section 5.3.126).

use crate::{cursor::Tag, error::Fault, geometry, result::ResultId};
use lcs::gad::{ShapeKind, ShapeSet};

/// A shape of the protocol that this server can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MlpShape {
    /// `Point`.
    Point,
    /// `CircularArea`.
    CircularArea,
    /// `EllipticalArea`.
    EllipticalArea,
    /// `CircularArcArea`.
    CircularArcArea,
    /// `Polygon`.
    Polygon,
    /// `Box`.
    Box,
}

impl MlpShape {
    /// All that can be written.
    pub const ALL: [Self; 6] =
        [Self::Point, Self::CircularArea, Self::EllipticalArea, Self::CircularArcArea, Self::Polygon, Self::Box];

    /// Name of the element.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Point => "Point",
            Self::CircularArea => "CircularArea",
            Self::EllipticalArea => "EllipticalArea",
            Self::CircularArcArea => "CircularArcArea",
            Self::Polygon => "Polygon",
            Self::Box => "Box",
        }
    }
}

/// The client's `supported_shapes`: a preference for each shape, and whether altitude is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SupportedShapes {
    /// In the order of [`MlpShape::ALL`]; zero: not taken.
    preferences: [f32; 6],
    /// Whether the client takes altitude.
    pub altitude: bool,
}

impl SupportedShapes {
    /// Takes the shapes named, all equally.
    #[must_use]
    pub fn of(shapes: &[MlpShape], altitude: bool) -> Self {
        Self { preferences: MlpShape::ALL.map(|s| if shapes.contains(&s) { 1.0 } else { 0.0 }), altitude }
    }

    /// With a preference for each shape, in the order of [`MlpShape::ALL`]; zero: not taken.
    #[must_use]
    pub fn new(preferences: [f32; 6], altitude: bool) -> Self {
        Self { preferences, altitude }
    }

    /// How much the client likes a shape, 0 (not taken) to 1.
    #[must_use]
    pub fn preference(&self, shape: MlpShape) -> f32 {
        MlpShape::ALL.iter().zip(self.preferences).find(|(s, _)| **s == shape).map_or(0.0, |(_, p)| p)
    }

    /// Of `candidates`, ordered from the most faithful, the one that the client likes best; the earlier of two it likes
    /// equally; `None` if it takes none.
    pub(crate) fn choose(&self, candidates: &[MlpShape]) -> Option<MlpShape> {
        let mut best = None;
        let mut liking = 0.0;
        for candidate in candidates {
            let preference = self.preference(*candidate);
            if preference > liking {
                (best, liking) = (Some(*candidate), preference);
            }
        }
        best
    }

    /// The GAD shapes to ask the network for: those that can be told to the client, as themselves or within a larger shape
    /// (TS 29.172 clause 7.4.12, Supported-GAD-Shapes).
    #[must_use]
    pub fn gad_shapes(&self) -> ShapeSet {
        let takes = |kind: &ShapeKind| {
            let candidates = match *kind {
                ShapeKind::POINT | ShapeKind::POINT_ALTITUDE => geometry::POINT_AS,
                ShapeKind::CIRCLE => geometry::CIRCLE_AS,
                ShapeKind::POLYGON => geometry::POLYGON_AS,
                ShapeKind::ARC => geometry::ARC_AS,
                // The others of `ShapeKind::ALL` have an ellipse.
                _ => geometry::ELLIPSE_AS,
            };
            self.choose(candidates).is_some()
        };
        ShapeKind::ALL.into_iter().filter(takes).collect()
    }

    /// Reads the attributes of `supported_shapes`.
    pub(crate) fn parse(tag: &Tag<'_>) -> Result<Self, Fault> {
        const NAMES: [&str; 12] = [
            "Point",
            "CircularArea",
            "EllipticalArea",
            "CircularArcArea",
            "Polygon",
            "Box",
            // Known and never written; their preferences must still be well-formed.
            "LineString",
            "MultiLineString",
            "MultiPoint",
            "MultiPolygon",
            "LinearRing",
            "Altitude",
        ];
        let values = tag.attributes("supported_shapes", NAMES)?;
        let mut shapes = Self { preferences: [0.0; 6], altitude: false };
        for (at, (name, value)) in NAMES.into_iter().zip(values).enumerate() {
            let Some(value) = value else { continue };
            if name == "Altitude" {
                shapes.altitude = match &*value {
                    "YES" => true,
                    "NO" => false,
                    _ => return Err(Fault::attribute_value("supported_shapes", "Altitude")),
                };
                continue;
            }
            let decimal =
                !value.is_empty() && value.len() <= 16 && value.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            let preference = value.parse::<f32>().ok().filter(|p| decimal && (0.0..=1.0).contains(p));
            let preference = preference.ok_or_else(|| {
                let rule = "a preference is a decimal from 0 to 1";
                Fault::attribute(ResultId::INVALID_PROTOCOL_ELEMENT_ATTRIBUTE_VALUE, "supported_shapes", name, rule)
            })?;
            if let Some(slot) = shapes.preferences.get_mut(at) {
                *slot = preference;
            }
        }
        Ok(shapes)
    }
}
