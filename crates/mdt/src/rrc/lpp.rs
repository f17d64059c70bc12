//! What RRC carries of LPP (TS 37.355 clause 6.4.1): positions and velocities, coded unaligned, against the shapes of TS 23.032.

use crate::uper::{As, Int, List, Reader, Same, Uper, UperError, Writer};
use lcs::gad::{
    Altitude, AltitudeUncertainty, Angle, Confidence, Ellipse, HaAltitude, HaEllipse, HaLatitude, HaLongitude, HaPoint,
    HaRange, HaUncertainty, HaVertical, InnerRadius, Latitude, Longitude, Orientation, Point, Polygon, Shape,
    Uncertainty, Velocity,
};

/// A quantity of TS 23.032, coded as the offset of its integer.
macro_rules! code {
    ($($name:ident $repr:ty, $min:literal..=$max:literal;)*) => {$(
        impl Uper for $name {
            fn read(reader: &mut Reader<'_>) -> Result<Self, UperError> {
                let code: $repr = Int::<$min, $max>::read(reader)?;
                Self::from_code(code).ok_or(reader.out_of_range())
            }

            fn write(&self, writer: &mut Writer) -> Result<(), UperError> {
                Int::<$min, $max>::write(&self.code(), writer)
            }
        }
    )*};
}
code! {
    // Sign and magnitude: the sign is an enumeration of its own in LPP, in the same place.
    Latitude u32, 0..=0xFF_FFFF;
    Longitude i32, -8_388_608..=8_388_607;
    Altitude u16, 0..=0xFFFF;
    Uncertainty u8, 0..=127;
    AltitudeUncertainty u8, 0..=127;
    Orientation u8, 0..=179;
    Angle u8, 0..=179;
    Confidence u8, 0..=100;
    InnerRadius u16, 0..=65_535;
    HaLatitude i32, -2_147_483_648..=2_147_483_647;
    HaLongitude i32, -2_147_483_648..=2_147_483_647;
    HaAltitude i32, -64_000..=1_280_000;
}

impl Uper for HaUncertainty {
    fn read(reader: &mut Reader<'_>) -> Result<Self, UperError> {
        Int::<0, 255>::read(reader).map(Self::from_code)
    }

    fn write(&self, writer: &mut Writer) -> Result<(), UperError> {
        Int::<0, 255>::write(&self.code(), writer)
    }
}

impl Uper for HaRange {
    fn read(reader: &mut Reader<'_>) -> Result<Self, UperError> {
        Ok(if bool::read(reader)? { Self::Extended } else { Self::Default })
    }

    fn write(&self, writer: &mut Writer) -> Result<(), UperError> {
        (*self == Self::Extended).write(writer)
    }
}

/// A struct whose members follow each other.
macro_rules! in_order {
    ($($name:ident { $($field:ident),* })*) => {$(
        impl Uper for $name {
            fn read(reader: &mut Reader<'_>) -> Result<Self, UperError> {
                Ok(Self { $($field: Uper::read(reader)?),* })
            }

            fn write(&self, writer: &mut Writer) -> Result<(), UperError> {
                $( self.$field.write(writer)?; )*
                Ok(())
            }
        }
    )*};
}
in_order! {
    Point { latitude, longitude }
    Ellipse { semi_major, semi_minor, orientation, confidence }
    HaPoint { latitude, longitude }
    HaEllipse { semi_major, semi_minor, orientation, confidence }
    HaVertical { uncertainty, confidence }
}

impl Uper for Polygon {
    fn read(reader: &mut Reader<'_>) -> Result<Self, UperError> {
        let points = List::<Same, 3, 15>::read(reader)?;
        Self::new(points).map_err(|_| reader.out_of_range())
    }

    fn write(&self, writer: &mut Writer) -> Result<(), UperError> {
        List::<Same, 3, 15>::write(&self.points().to_vec(), writer)
    }
}

/// Which shape a position has, by its type code of TS 23.032 clause 7.2.
pub(crate) fn read_shape(kind: u8, reader: &mut Reader<'_>) -> Result<Shape, UperError> {
    let r = reader;
    Ok(match kind {
        0 => Shape::Point(Uper::read(r)?),
        1 => Shape::Circle(Uper::read(r)?, Uper::read(r)?),
        3 => Shape::Ellipse(Uper::read(r)?, Uper::read(r)?),
        5 => Shape::Polygon(Uper::read(r)?),
        8 => Shape::PointAltitude(Uper::read(r)?, Uper::read(r)?),
        9 => {
            let (point, altitude) = (Uper::read(r)?, Uper::read(r)?);
            let (semi_major, semi_minor, orientation) = (Uper::read(r)?, Uper::read(r)?, Uper::read(r)?);
            let vertical = Uper::read(r)?;
            let ellipse = Ellipse { semi_major, semi_minor, orientation, confidence: Uper::read(r)? };
            Shape::AltitudeEllipsoid(point, altitude, ellipse, vertical)
        }
        10 => Shape::Arc {
            point: Uper::read(r)?,
            inner_radius: Uper::read(r)?,
            uncertainty: Uper::read(r)?,
            offset: Uper::read(r)?,
            included: Uper::read(r)?,
            confidence: Uper::read(r)?,
        },
        11 => Shape::HaEllipse(Uper::read(r)?, Uper::read(r)?),
        12 => Shape::HaAltitudeEllipsoid(Uper::read(r)?, Uper::read(r)?, Uper::read(r)?, Uper::read(r)?),
        13 => Shape::HaScalableEllipse(Uper::read(r)?, Uper::read(r)?, Uper::read(r)?),
        14 => {
            let (point, altitude, ellipse, vertical) = (Uper::read(r)?, Uper::read(r)?, Uper::read(r)?, Uper::read(r)?);
            let (horizontal_range, vertical_range) = (Uper::read(r)?, Uper::read(r)?);
            Shape::HaAltitudeScalableEllipsoid { point, altitude, ellipse, horizontal_range, vertical, vertical_range }
        }
        _ => return Err(r.out_of_range()),
    })
}

/// The type code of TS 23.032 clause 7.2.
pub(crate) fn kind(shape: &Shape) -> u8 {
    match shape {
        Shape::Point(_) => 0,
        Shape::Circle(..) => 1,
        Shape::Ellipse(..) => 3,
        Shape::Polygon(_) => 5,
        Shape::PointAltitude(..) => 8,
        Shape::AltitudeEllipsoid(..) => 9,
        Shape::Arc { .. } => 10,
        Shape::HaEllipse(..) => 11,
        Shape::HaAltitudeEllipsoid(..) => 12,
        Shape::HaScalableEllipse(..) => 13,
        Shape::HaAltitudeScalableEllipsoid { .. } => 14,
    }
}

pub(crate) fn write_shape(shape: &Shape, w: &mut Writer) -> Result<(), UperError> {
    match shape {
        Shape::Point(point) => point.write(w),
        Shape::Circle(point, uncertainty) => point.write(w).and_then(|()| uncertainty.write(w)),
        Shape::Ellipse(point, ellipse) => point.write(w).and_then(|()| ellipse.write(w)),
        Shape::Polygon(polygon) => polygon.write(w),
        Shape::PointAltitude(point, altitude) => point.write(w).and_then(|()| altitude.write(w)),
        Shape::AltitudeEllipsoid(point, altitude, ellipse, vertical) => {
            point.write(w)?;
            altitude.write(w)?;
            ellipse.semi_major.write(w)?;
            ellipse.semi_minor.write(w)?;
            ellipse.orientation.write(w)?;
            vertical.write(w)?;
            ellipse.confidence.write(w)
        }
        Shape::Arc { point, inner_radius, uncertainty, offset, included, confidence } => {
            point.write(w)?;
            inner_radius.write(w)?;
            uncertainty.write(w)?;
            offset.write(w)?;
            included.write(w)?;
            confidence.write(w)
        }
        Shape::HaEllipse(point, ellipse) => point.write(w).and_then(|()| ellipse.write(w)),
        Shape::HaAltitudeEllipsoid(point, altitude, ellipse, vertical) => {
            point.write(w)?;
            altitude.write(w)?;
            ellipse.write(w)?;
            vertical.write(w)
        }
        Shape::HaScalableEllipse(point, ellipse, range) => {
            point.write(w)?;
            ellipse.write(w)?;
            range.write(w)
        }
        Shape::HaAltitudeScalableEllipsoid { point, altitude, ellipse, horizontal_range, vertical, vertical_range } => {
            point.write(w)?;
            altitude.write(w)?;
            ellipse.write(w)?;
            vertical.write(w)?;
            horizontal_range.write(w)?;
            vertical_range.write(w)
        }
    }
}

/// LocationCoordinates: the type codes of its root alternatives, in order.
const ROOT: [u8; 7] = [0, 1, 3, 5, 8, 9, 10];
/// Those of its extension; two more, relative to a local origin, say nothing about where on earth and are not read.
const LATER: [u8; 4] = [11, 12, 13, 14];

/// Reads a LocationCoordinates of LPP.
pub(crate) fn read_location(reader: &mut Reader<'_>) -> Result<Shape, UperError> {
    if bool::read(reader)? {
        let index = reader.take(7)?;
        let length = reader.take_length()?;
        let mut window = reader.window(length);
        reader.check()?;
        let kind = LATER.get(index as usize).ok_or(reader.out_of_range())?;
        return read_shape(*kind, &mut window);
    }
    let kind = ROOT.get(reader.take(3)? as usize).ok_or(reader.out_of_range())?;
    read_shape(*kind, reader)
}

/// Reads a LocationCoordinates that fills `octets`.
pub fn decode_location(octets: &[u8]) -> Result<Shape, UperError> {
    read_location(&mut Reader::new(octets)?)
}

/// Writes a LocationCoordinates. Errors: [`UperError::Unencodable`] for a confidence above 100, which LPP does not have.
pub fn encode_location(shape: &Shape) -> Result<Vec<u8>, UperError> {
    let (mut writer, kind) = (Writer::new(), kind(shape));
    if let Some(index) = LATER.iter().position(|k| *k == kind) {
        writer.bits(8, 0x80 | index as u64);
        writer.open(|writer| write_shape(shape, writer))?;
    } else {
        writer.bit(false);
        writer.bits(3, ROOT.iter().position(|k| *k == kind).unwrap_or_default() as u64);
        write_shape(shape, &mut writer)?;
    }
    Ok(writer.finish())
}

/// HorizontalVelocity of LPP, and what the other velocities add to it.
pub(crate) fn read_velocity(kind: u64, reader: &mut Reader<'_>) -> Result<Velocity, UperError> {
    let bearing_deg = Int::<0, 359>::read(reader)?;
    let horizontal_km_h = Int::<0, 2047>::read(reader)?;
    let vertical_km_h = match kind {
        1 | 3 => {
            let (down, speed): (bool, u8) = (Uper::read(reader)?, Int::<0, 255>::read(reader)?);
            Some(if down { -i16::from(speed) } else { i16::from(speed) })
        }
        _ => None,
    };
    let mut uncertainty = |there: bool| there.then(|| Int::<0, 255>::read(reader)).transpose();
    let horizontal_uncertainty_km_h = uncertainty(kind >= 2)?;
    let vertical_uncertainty_km_h = uncertainty(kind == 3)?;
    Ok(Velocity { bearing_deg, horizontal_km_h, vertical_km_h, horizontal_uncertainty_km_h, vertical_uncertainty_km_h })
}

/// Reads a HorizontalVelocity that fills `octets`, as LTE sends it.
pub fn decode_horizontal_velocity(octets: &[u8]) -> Result<Velocity, UperError> {
    read_velocity(0, &mut Reader::new(octets)?)
}

/// Reads a Velocity that fills `octets`, as NR sends it.
pub fn decode_velocity(octets: &[u8]) -> Result<Velocity, UperError> {
    read_any_velocity(&mut Reader::new(octets)?)
}

pub(crate) fn read_any_velocity(reader: &mut Reader<'_>) -> Result<Velocity, UperError> {
    if bool::read(reader)? {
        return Err(reader.out_of_range());
    }
    let kind = reader.take(2)?;
    read_velocity(kind, reader)
}

fn write_velocity(velocity: &Velocity, writer: &mut Writer) -> Result<(), UperError> {
    Int::<0, 359>::write(&velocity.bearing_deg, writer)?;
    Int::<0, 2047>::write(&velocity.horizontal_km_h.min(2047), writer)?;
    if let Some(vertical) = velocity.vertical_km_h {
        writer.bit(vertical < 0);
        Int::<0, 255>::write(&vertical.unsigned_abs().min(255), writer)?;
    }
    for uncertainty in [velocity.horizontal_uncertainty_km_h, velocity.vertical_uncertainty_km_h].into_iter().flatten()
    {
        Int::<0, 255>::write(&uncertainty, writer)?;
    }
    Ok(())
}

/// Writes a HorizontalVelocity: bearing and speed alone, speeds above 2047 km/h as that.
pub fn encode_horizontal_velocity(velocity: &Velocity) -> Result<Vec<u8>, UperError> {
    let mut writer = Writer::new();
    let flat = Velocity {
        vertical_km_h: None,
        horizontal_uncertainty_km_h: None,
        vertical_uncertainty_km_h: None,
        ..*velocity
    };
    write_velocity(&flat, &mut writer)?;
    Ok(writer.finish())
}

/// Writes a Velocity. Errors: [`UperError::Unencodable`] when one of two uncertainties is missing beside a vertical speed, or an
/// uncertainty of what is not there.
pub fn encode_velocity(velocity: &Velocity) -> Result<Vec<u8>, UperError> {
    let there = (
        velocity.vertical_km_h.is_some(),
        velocity.horizontal_uncertainty_km_h.is_some(),
        velocity.vertical_uncertainty_km_h.is_some(),
    );
    let kind = match there {
        (false, false, false) => 0,
        (true, false, false) => 1,
        (false, true, false) => 2,
        (true, true, true) => 3,
        _ => return Err(UperError::Unencodable("a velocity without all of its uncertainties")),
    };
    let mut writer = Writer::new();
    writer.bits(3, kind);
    write_velocity(velocity, &mut writer)?;
    Ok(writer.finish())
}

/// Octets with a gnss-TOD-msec inside. An error stands for what the octets say: the reader has passed over them and tells by its mark
/// when they were not there.
#[inline(always)]
pub(crate) fn scan_gnss_tod_ms(reader: &mut Reader<'_>) -> Result<u32, UperError> {
    let length = reader.length();
    let mut window = reader.window(length);
    let ms = window.bits(22) as u32;
    if length < 3 || ms > 3_599_999 { Err(window.out_of_range()) } else { Ok(ms) }
}

/// Milliseconds within the hour of GNSS time (gnss-TOD-msec), from the octets that RRC carries.
pub fn decode_gnss_tod_ms(octets: &[u8]) -> Result<u32, UperError> {
    Int::<0, 3_599_999>::read(&mut Reader::new(octets)?)
}

/// The octets of a gnss-TOD-msec. Errors: [`UperError::Unencodable`] from 3 600 000 on.
pub fn encode_gnss_tod_ms(ms: u32) -> Result<Vec<u8>, UperError> {
    let mut writer = Writer::new();
    Int::<0, 3_599_999>::write(&ms, &mut writer)?;
    Ok(writer.finish())
}
