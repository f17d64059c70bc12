//! LocationInfo-r10 (TS 36.331 clause 6.3.6).

use crate::rrc::lpp::{self, kind, read_shape, write_shape};
use crate::rrc::radio::hidden;
use crate::uper::{OctetString, Reader, Same, UperError, Writer, choice, sequence};
use lcs::gad::{Shape, Velocity};

choice! {
    /// locationCoordinates: each alternative holds the octets of a type of LPP.
    #[derive(Clone, PartialEq, Eq)]
    pub enum Coordinates {
        /// Ellipsoid-Point.
        Point(Vec<u8> as OctetString) = 0,
        /// EllipsoidPointWithAltitude.
        PointAltitude(Vec<u8> as OctetString) = 1,
    }
    extensible {
        /// Ellipsoid-PointWithUncertaintyCircle.
        Circle(Vec<u8> as OctetString) = 0,
        /// EllipsoidPointWithUncertaintyEllipse.
        Ellipse(Vec<u8> as OctetString) = 1,
        /// EllipsoidPointWithAltitudeAndUncertaintyEllipsoid.
        AltitudeEllipsoid(Vec<u8> as OctetString) = 2,
        /// EllipsoidArc.
        Arc(Vec<u8> as OctetString) = 3,
        /// Polygon.
        Polygon(Vec<u8> as OctetString) = 4,
    }
}

impl Coordinates {
    /// The octets and the type code of TS 23.032 clause 7.2 that they are of.
    fn parts(&self) -> (u8, &[u8]) {
        match self {
            Self::Point(octets) => (0, octets),
            Self::PointAltitude(octets) => (8, octets),
            Self::Circle(octets) => (1, octets),
            Self::Ellipse(octets) => (3, octets),
            Self::AltitudeEllipsoid(octets) => (9, octets),
            Self::Arc(octets) => (10, octets),
            Self::Polygon(octets) => (5, octets),
        }
    }

    /// The shape inside. Errors: the octets are none of their type.
    pub fn shape(&self) -> Result<Shape, UperError> {
        let (kind, octets) = self.parts();
        read_shape(kind, &mut Reader::new(octets)?)
    }

    /// Puts a shape inside. Errors: [`UperError::Unencodable`] for a high accuracy shape, which LTE does not carry here, and for a
    /// confidence above 100.
    pub fn of(shape: &Shape) -> Result<Self, UperError> {
        let mut writer = Writer::new();
        write_shape(shape, &mut writer)?;
        let octets = writer.finish();
        Ok(match kind(shape) {
            0 => Self::Point(octets),
            8 => Self::PointAltitude(octets),
            1 => Self::Circle(octets),
            3 => Self::Ellipse(octets),
            9 => Self::AltitudeEllipsoid(octets),
            10 => Self::Arc(octets),
            5 => Self::Polygon(octets),
            _ => return Err(UperError::Unencodable("high accuracy shape in a report of LTE")),
        })
    }
}

choice! {
    /// verticalVelocityInfo-r15, octets of LPP.
    #[derive(Clone, PartialEq, Eq)]
    pub enum VerticalVelocity {
        /// VerticalVelocity.
        Plain(Vec<u8> as OctetString) = 0,
        /// VerticalVelocityAndUncertainty.
        WithUncertainty(Vec<u8> as OctetString) = 1,
    }
}

sequence! {
    /// Addition of Release 15 to a location.
    #[derive(Clone, PartialEq, Eq)]
    pub struct LocationR15 {
        /// Vertical velocity.
        may vertical: VerticalVelocity as Same,
    }
}

sequence! {
    /// LocationInfo-r10: where the phone was, if it happened to know. Prints nothing.
    #[derive(Clone, PartialEq, Eq)]
    pub struct LocationInfo {
        /// Where.
        must coordinates: Coordinates as Same,
        /// HorizontalVelocity of LPP.
        may horizontal_velocity: Vec<u8> as OctetString,
        /// gnss-TOD-msec of LPP.
        may gnss_tod: Vec<u8> as OctetString,
    }
    extensible {
        /// Release 15.
        r15: LocationR15 as Same,
    }
}

hidden!(Coordinates VerticalVelocity LocationR15 LocationInfo);

impl LocationInfo {
    /// A position alone. Errors: as of [`Coordinates::of`].
    pub fn at(shape: &Shape) -> Result<Self, UperError> {
        let coordinates = Coordinates::of(shape)?;
        Ok(Self { coordinates, horizontal_velocity: None, gnss_tod: None, r15: None })
    }

    /// Adds horizontal velocity.
    pub fn with_velocity(mut self, velocity: &Velocity) -> Result<Self, UperError> {
        self.horizontal_velocity = Some(lpp::encode_horizontal_velocity(velocity)?);
        Ok(self)
    }
}
