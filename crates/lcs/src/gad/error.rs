//! What can be wrong with a description of an area or a velocity.

/// Why octets are no shape or velocity, or a value has no code. Tells no coordinate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GadError {
    /// No octet at all.
    #[error("empty: a type of shape in octet 1 is needed (TS 23.032 clause 7.2)")]
    Empty,
    /// The type is reserved for future use.
    #[error("type {0} is reserved (TS 23.032 clauses 7.2 and 8.6)")]
    UnknownType(u8),
    /// The number of octets does not fit the type.
    #[error("type {kind} takes {expected} octets, {actual} are given")]
    Length {
        /// Type in bits 8-5 of octet 1.
        kind: u8,
        /// Octets that the type takes.
        expected: usize,
        /// Octets given.
        actual: usize,
    },
    /// A polygon of fewer than 3 or more than 15 points.
    #[error("a polygon has 3 to 15 points, not {0} (TS 23.032 clause 7.3.4)")]
    PolygonPoints(usize),
    /// An orientation of 180 or more, which is not used.
    #[error("orientation {0} is not used (TS 23.032 clause 7.3.3)")]
    OrientationUnused(u8),
    /// An angle code of 180 or more, which is not used.
    #[error("angle code {0} is not used (TS 23.032 clause 6.7)")]
    AngleUnused(u8),
    /// A bearing of 360 or more, which is not used.
    #[error("bearing {0} is not used (TS 23.032 clause 8.8)")]
    BearingUnused(u16),
    /// A high accuracy altitude code outside -64000 to 1280000.
    #[error("high accuracy altitude outside -500 to 10000 m (TS 23.032 clause 6.3a)")]
    HaAltitudeUnused,
    /// A latitude that is no number from -90 to 90.
    #[error("latitude: a number from -90 to 90 degrees is needed")]
    LatitudeOutOfRange,
    /// A longitude that is no number from -180 to 180.
    #[error("longitude: a number from -180 to 180 degrees is needed")]
    LongitudeOutOfRange,
    /// An altitude that is no number, or beyond what high accuracy coding holds.
    #[error("altitude: a number that the coding holds is needed")]
    AltitudeOutOfRange,
    /// An uncertainty that is no number, negative, or beyond what the coding can contain.
    #[error("uncertainty: a number of metres from 0 to the end of the coding is needed")]
    UncertaintyOutOfRange,
    /// A confidence above 100 percent.
    #[error("confidence: 0 to 100 percent")]
    ConfidenceOutOfRange,
    /// A radius that is no number or negative.
    #[error("radius: a number of metres from 0 is needed")]
    RadiusOutOfRange,
    /// An angle outside its range.
    #[error("angle: offset 0 up to 360, included above 0 up to 360, orientation any number of degrees")]
    AngleOutOfRange,
}
