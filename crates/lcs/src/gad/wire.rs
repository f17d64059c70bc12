//! Shapes to and from octets (TS 23.032 clause 7).
//!
//! Type in bits 8-5 of octet 1; bits 4-1 are spare, or the number of points of a polygon. Spare bits are sent as zero and
//! not looked at when received. Lengths are strict. Figures 7.3.3b-1 and 7.3.6b-1 put the range bits of the scalable shapes
//! where the others have a spare bit: U in bit 8 of octet 13, HU in bit 8 of octet 16, VU in bit 8 of octet 18. The text
//! beside the figures does not repeat the place.

use super::{
    Altitude, AltitudeUncertainty, Angle, Confidence, Ellipse, GadError, HaAltitude, HaEllipse, HaLatitude,
    HaLongitude, HaPoint, HaRange, HaUncertainty, HaVertical, InnerRadius, Latitude, Longitude, Orientation, Point,
    Polygon, Shape, Uncertainty,
};

/// Bit 8 of an octet.
const BIT_8: u8 = 0x80;

impl Shape {
    /// Decodes one shape that fills `octets`.
    pub fn decode(octets: &[u8]) -> Result<Self, GadError> {
        let (first, rest) = octets.split_first().ok_or(GadError::Empty)?;
        decode_body(first >> 4, first & 0xF, rest)
    }

    /// Decodes one shape of a peer that puts the type into bits 4-1 of octet 1, and a polygon's number of points into bits
    /// 8-5. No standard says so; only for peers known to do it, because 0x01 then means a circle and not a point.
    pub fn decode_low_nibble(octets: &[u8]) -> Result<Self, GadError> {
        let (first, rest) = octets.split_first().ok_or(GadError::Empty)?;
        decode_body(first & 0xF, first >> 4, rest)
    }

    /// The octets of this shape: 7 to 91.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(18);
        self.encode_into(&mut out);
        out
    }

    /// Appends the octets of this shape.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        let kind = self.kind().code() << 4;
        match self {
            Self::Polygon(polygon) => {
                // At most 15: checked in Polygon::new.
                out.push(kind | polygon.points().len() as u8 & 0xF);
                polygon.points().iter().for_each(|point| put_point(out, *point));
                return;
            }
            _ => out.push(kind),
        }
        match self {
            Self::Polygon(_) => {}
            Self::Point(point) => put_point(out, *point),
            Self::Circle(point, uncertainty) => {
                put_point(out, *point);
                out.push(uncertainty.0);
            }
            Self::Ellipse(point, ellipse) => {
                put_point(out, *point);
                put_axes(out, *ellipse);
                out.push(ellipse.confidence.0);
            }
            Self::PointAltitude(point, altitude) => {
                put_point(out, *point);
                out.extend(altitude.0.to_be_bytes());
            }
            Self::AltitudeEllipsoid(point, altitude, ellipse, vertical) => {
                put_point(out, *point);
                out.extend(altitude.0.to_be_bytes());
                put_axes(out, *ellipse);
                out.extend([vertical.0, ellipse.confidence.0]);
            }
            Self::Arc { point, inner_radius, uncertainty, offset, included, confidence } => {
                put_point(out, *point);
                out.extend(inner_radius.0.to_be_bytes());
                out.extend([uncertainty.0, offset.0, included.0, confidence.0]);
            }
            Self::HaEllipse(point, ellipse) => {
                put_ha_point(out, *point);
                put_ha_ellipse(out, *ellipse, HaRange::Default);
            }
            Self::HaScalableEllipse(point, ellipse, range) => {
                put_ha_point(out, *point);
                put_ha_ellipse(out, *ellipse, *range);
            }
            Self::HaAltitudeEllipsoid(point, altitude, ellipse, vertical) => {
                put_ha_point(out, *point);
                put_ha_altitude(out, *altitude);
                put_ha_ellipse(out, *ellipse, HaRange::Default);
                put_ha_vertical(out, *vertical, HaRange::Default);
            }
            Self::HaAltitudeScalableEllipsoid {
                point,
                altitude,
                ellipse,
                horizontal_range,
                vertical,
                vertical_range,
            } => {
                put_ha_point(out, *point);
                put_ha_altitude(out, *altitude);
                put_ha_ellipse(out, *ellipse, *horizontal_range);
                put_ha_vertical(out, *vertical, *vertical_range);
            }
        }
    }
}

fn put_point(out: &mut Vec<u8>, point: Point) {
    let [_, latitude @ ..] = point.latitude.0.to_be_bytes();
    let [_, longitude @ ..] = point.longitude.0.to_be_bytes();
    out.extend(latitude);
    out.extend(longitude);
}

fn put_axes(out: &mut Vec<u8>, ellipse: Ellipse) {
    out.extend([ellipse.semi_major.0, ellipse.semi_minor.0, ellipse.orientation.0]);
}

fn put_ha_point(out: &mut Vec<u8>, point: HaPoint) {
    out.extend(point.latitude.0.to_be_bytes());
    out.extend(point.longitude.0.to_be_bytes());
}

fn put_ha_altitude(out: &mut Vec<u8>, altitude: HaAltitude) {
    let [_, high, middle, low] = altitude.0.to_be_bytes();
    out.extend([high & 0x3F, middle, low]);
}

fn put_ha_ellipse(out: &mut Vec<u8>, ellipse: HaEllipse, range: HaRange) {
    out.extend([ellipse.semi_major.0, ellipse.semi_minor.0, ellipse.orientation.0]);
    out.push(ellipse.confidence.0 | range_bit(range));
}

fn put_ha_vertical(out: &mut Vec<u8>, vertical: HaVertical, range: HaRange) {
    out.extend([vertical.uncertainty.0, vertical.confidence.0 | range_bit(range)]);
}

fn range_bit(range: HaRange) -> u8 {
    match range {
        HaRange::Default => 0,
        HaRange::Extended => BIT_8,
    }
}

/// The body as an array of the length that the type takes.
fn fixed<const N: usize>(kind: u8, body: &[u8]) -> Result<[u8; N], GadError> {
    body.try_into().map_err(|_| GadError::Length { kind, expected: N + 1, actual: body.len() + 1 })
}

fn decode_body(kind: u8, count: u8, body: &[u8]) -> Result<Shape, GadError> {
    Ok(match kind {
        0 => Shape::Point(point(fixed(kind, body)?)),
        1 => {
            let [a, b, c, d, e, f, uncertainty] = fixed(kind, body)?;
            Shape::Circle(point([a, b, c, d, e, f]), Uncertainty(uncertainty & !BIT_8))
        }
        3 => {
            let [a, b, c, d, e, f, axes @ .., confidence] = fixed::<10>(kind, body)?;
            Shape::Ellipse(point([a, b, c, d, e, f]), ellipse(axes, confidence)?)
        }
        5 => polygon(kind, count, body)?,
        8 => {
            let [a, b, c, d, e, f, altitude @ ..] = fixed::<8>(kind, body)?;
            Shape::PointAltitude(point([a, b, c, d, e, f]), Altitude(u16::from_be_bytes(altitude)))
        }
        9 => {
            let [a, b, c, d, e, f, g, h, i, j, k, vertical, confidence] = fixed(kind, body)?;
            let altitude = Altitude(u16::from_be_bytes([g, h]));
            let ellipse = ellipse([i, j, k], confidence)?;
            let vertical = AltitudeUncertainty(vertical & !BIT_8);
            Shape::AltitudeEllipsoid(point([a, b, c, d, e, f]), altitude, ellipse, vertical)
        }
        10 => {
            let [a, b, c, d, e, f, g, h, uncertainty, offset, included, confidence] = fixed(kind, body)?;
            let angle = |code| Angle::from_code(code).ok_or(GadError::AngleUnused(code));
            Shape::Arc {
                point: point([a, b, c, d, e, f]),
                inner_radius: InnerRadius(u16::from_be_bytes([g, h])),
                uncertainty: Uncertainty(uncertainty & !BIT_8),
                offset: angle(offset)?,
                included: angle(included)?,
                confidence: Confidence(confidence & !BIT_8),
            }
        }
        11 | 13 => {
            let [a, b, c, d, e, f, g, h, axes @ .., last] = fixed::<12>(kind, body)?;
            let (point, ellipse) = (ha_point([a, b, c, d, e, f, g, h]), ha_ellipse(axes, last)?);
            if kind == 11 {
                Shape::HaEllipse(point, ellipse)
            } else {
                Shape::HaScalableEllipse(point, ellipse, range(last))
            }
        }
        12 | 14 => {
            let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, horizontal, uncertainty, last] = fixed(kind, body)?;
            let point = ha_point([a, b, c, d, e, f, g, h]);
            let altitude = ha_altitude([i, j, k])?;
            let ellipse = ha_ellipse([l, m, n], horizontal)?;
            let vertical =
                HaVertical { uncertainty: HaUncertainty(uncertainty), confidence: Confidence(last & !BIT_8) };
            if kind == 12 {
                Shape::HaAltitudeEllipsoid(point, altitude, ellipse, vertical)
            } else {
                let (horizontal_range, vertical_range) = (range(horizontal), range(last));
                Shape::HaAltitudeScalableEllipsoid {
                    point,
                    altitude,
                    ellipse,
                    horizontal_range,
                    vertical,
                    vertical_range,
                }
            }
        }
        reserved => return Err(GadError::UnknownType(reserved)),
    })
}

fn polygon(kind: u8, count: u8, body: &[u8]) -> Result<Shape, GadError> {
    let count = usize::from(count);
    if !(3..=15).contains(&count) {
        return Err(GadError::PolygonPoints(count));
    }
    let (points, rest) = body.as_chunks::<6>();
    if points.len() != count || !rest.is_empty() {
        return Err(GadError::Length { kind, expected: 6 * count + 1, actual: body.len() + 1 });
    }
    Polygon::new(points.iter().map(|octets| point(*octets)).collect()).map(Shape::Polygon)
}

fn point([a, b, c, d, e, f]: [u8; 6]) -> Point {
    // The shift right brings the sign of the 24-bit number down.
    let longitude = i32::from_be_bytes([d, e, f, 0]) >> 8;
    Point { latitude: Latitude(u32::from_be_bytes([0, a, b, c])), longitude: Longitude(longitude) }
}

fn ellipse([major, minor, axis]: [u8; 3], confidence: u8) -> Result<Ellipse, GadError> {
    Ok(Ellipse {
        semi_major: Uncertainty(major & !BIT_8),
        semi_minor: Uncertainty(minor & !BIT_8),
        orientation: orientation(axis)?,
        confidence: Confidence(confidence & !BIT_8),
    })
}

fn orientation(code: u8) -> Result<Orientation, GadError> {
    Orientation::from_code(code).ok_or(GadError::OrientationUnused(code))
}

fn ha_point([a, b, c, d, e, f, g, h]: [u8; 8]) -> HaPoint {
    HaPoint {
        latitude: HaLatitude(i32::from_be_bytes([a, b, c, d])),
        longitude: HaLongitude(i32::from_be_bytes([e, f, g, h])),
    }
}

fn ha_altitude([high, middle, low]: [u8; 3]) -> Result<HaAltitude, GadError> {
    // Bits 8 and 7 of the first octet are spare: the 22-bit number is moved to the top and its sign brought down.
    let code = (i32::from_be_bytes([high, middle, low, 0]) << 2) >> 10;
    HaAltitude::from_code(code).ok_or(GadError::HaAltitudeUnused)
}

fn ha_ellipse([major, minor, axis]: [u8; 3], last: u8) -> Result<HaEllipse, GadError> {
    Ok(HaEllipse {
        semi_major: HaUncertainty(major),
        semi_minor: HaUncertainty(minor),
        orientation: orientation(axis)?,
        confidence: Confidence(last & !BIT_8),
    })
}

fn range(octet: u8) -> HaRange {
    if octet & BIT_8 == 0 { HaRange::Default } else { HaRange::Extended }
}
