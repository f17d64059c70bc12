//! From a position in the elements of the protocol to a [`Fix`]: what answers of gateways have that do not know our extension.
//!
//! An element that changes what is meant and is not understood makes the shape unreadable; one that adds to it is passed over.
//! Radii become the next larger code, so that no place is taken for better known than it was told.

use crate::{
    client::degrees,
    cursor::{Cursor, Tag},
    error::Fault,
    targets::set,
    time::parse_time,
};
use lcs::{
    Fix, Timestamp,
    gad::{
        Altitude, AltitudeUncertainty, Angle, Confidence, Ellipse, InnerRadius, Latitude, Longitude, Orientation,
        Point, Polygon, Shape, Uncertainty, Velocity,
    },
};

/// `pd` as read.
pub(super) struct Place {
    /// When the position was true.
    pub(super) at: Timestamp,
    /// The position but for its shape; its age is not told here.
    pub(super) fix: Fix,
    /// The shape, or why it is none of TS 23.032: that counts only if the extension tells none.
    pub(super) shape: Result<Shape, Fault>,
}

#[derive(Default)]
struct Parts {
    time: Option<Timestamp>,
    shape: Option<Result<Shape, Fault>>,
    altitude_m: Option<f64>,
    altitude_uncertainty_m: Option<f64>,
    speed_m_s: Option<f64>,
    direction_deg: Option<f64>,
    confidence_percent: Option<f64>,
    qos_not_met: Option<()>,
}

/// Reads `pd` after its start tag.
pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Place, Fault> {
    let mut parts = Parts::default();
    while let Some(tag) = cursor.child("pd")? {
        match tag.name() {
            "time" => set(&mut parts.time, time(cursor, &tag)?, "time")?,
            "shape" => set(&mut parts.shape, shape(cursor)?, "shape")?,
            "alt" => set(&mut parts.altitude_m, decimal(cursor, "alt")?, "alt")?,
            "alt_unc" => set(&mut parts.altitude_uncertainty_m, decimal(cursor, "alt_unc")?, "alt_unc")?,
            "speed" => set(&mut parts.speed_m_s, decimal(cursor, "speed")?, "speed")?,
            "direction" => set(&mut parts.direction_deg, decimal(cursor, "direction")?, "direction")?,
            "lev_conf" => set(&mut parts.confidence_percent, decimal(cursor, "lev_conf")?, "lev_conf")?,
            "qos_not_met" => {
                cursor.empty("qos_not_met")?;
                set(&mut parts.qos_not_met, (), "qos_not_met")?;
            }
            _ => cursor.skip()?,
        }
    }
    parts.place()
}

impl Parts {
    fn place(self) -> Result<Place, Fault> {
        let at = self.time.ok_or_else(|| Fault::syntax("pd", "time is needed"))?;
        let confidence = match self.confidence_percent {
            None => Confidence::from_code(0),
            Some(percent) if (0.0..=100.0).contains(&percent) => Confidence::from_code(percent as u8),
            Some(_) => None,
        };
        let confidence = confidence.ok_or_else(|| Fault::value("lev_conf", "0 to 100"))?;
        let velocity = match self.speed_m_s {
            None => None,
            Some(speed) => Some(velocity(speed, self.direction_deg)?),
        };
        let flat = self.shape.unwrap_or_else(|| Err(Fault::syntax("pd", "shape is needed")));
        let shape = flat.and_then(|flat| raised(flat, confidence, self.altitude_m, self.altitude_uncertainty_m));
        let fix = Fix { velocity, accuracy_fulfilled: self.qos_not_met.map(|()| false), ..Fix::NOWHERE };
        Ok(Place { at, fix, shape })
    }
}

/// A shape with the confidence and the altitude that are told beside it, where a shape of TS 23.032 holds them.
fn raised(flat: Shape, confidence: Confidence, alt_m: Option<f64>, alt_unc_m: Option<f64>) -> Result<Shape, Fault> {
    let wrong = |_| Fault::value("alt", "out of range");
    let altitude = alt_m.map(Altitude::from_metres).transpose().map_err(wrong)?;
    let vertical = alt_unc_m.map(AltitudeUncertainty::for_result).transpose().map_err(wrong)?;
    Ok(match (flat, altitude, vertical) {
        (Shape::Point(point), Some(altitude), _) => Shape::PointAltitude(point, altitude),
        (Shape::Circle(point, radius), Some(altitude), Some(vertical)) => {
            let orientation = Orientation::from_code(0).ok_or_else(|| Fault::value("shape", "out of range"))?;
            let ellipse = Ellipse { semi_major: radius, semi_minor: radius, orientation, confidence };
            Shape::AltitudeEllipsoid(point, altitude, ellipse, vertical)
        }
        (Shape::Ellipse(point, ellipse), Some(altitude), Some(vertical)) => {
            Shape::AltitudeEllipsoid(point, altitude, Ellipse { confidence, ..ellipse }, vertical)
        }
        (Shape::Ellipse(point, ellipse), ..) => Shape::Ellipse(point, Ellipse { confidence, ..ellipse }),
        (Shape::Arc { point, inner_radius, uncertainty, offset, included, .. }, ..) => {
            Shape::Arc { point, inner_radius, uncertainty, offset, included, confidence }
        }
        (flat, ..) => flat,
    })
}

fn velocity(speed_m_s: f64, direction_deg: Option<f64>) -> Result<Velocity, Fault> {
    let wrong = Fault::value("direction", "0 to 360");
    let bearing_deg = match direction_deg {
        None => 0,
        Some(degrees) if (0.0..=360.0).contains(&degrees) => degrees as u16 % 360,
        Some(_) => return Err(wrong),
    };
    let km_h = (speed_m_s * 3.6).round();
    // 65535 is the open-ended one.
    let horizontal_km_h = if (0.0..65_534.0).contains(&km_h) { km_h as u16 } else { u16::MAX };
    Ok(Velocity {
        bearing_deg,
        horizontal_km_h,
        vertical_km_h: None,
        horizontal_uncertainty_km_h: None,
        vertical_uncertainty_km_h: None,
    })
}

/// Reads `shape` after its start tag: one of the shapes that TS 23.032 has too, or why it is none.
fn shape(cursor: &mut Cursor<'_>) -> Result<Result<Shape, Fault>, Fault> {
    let mut found = None;
    while let Some(tag) = cursor.child("shape")? {
        let shape = match tag.name() {
            "Point" => figures(cursor, &tag, "Point")?.point(),
            "CircularArea" => figures(cursor, &tag, "CircularArea")?.circle(),
            "EllipticalArea" => figures(cursor, &tag, "EllipticalArea")?.ellipse(),
            "CircularArcArea" => figures(cursor, &tag, "CircularArcArea")?.arc(),
            "Polygon" => figures(cursor, &tag, "Polygon")?.polygon(),
            _ => {
                cursor.skip()?;
                Err(Fault::unsupported("shape"))
            }
        };
        set(&mut found, shape, "shape")?;
    }
    found.ok_or_else(|| Fault::syntax("shape", "is empty"))
}

/// The figures of a shape; each shape takes its own.
#[derive(Default)]
struct Figures {
    corners: Vec<Point>,
    radius_m: Option<f64>,
    minor_m: Option<f64>,
    angle_deg: Option<f64>,
    included_deg: Option<f64>,
}

/// Most corners of a polygon (TS 23.032 clause 7.3.4), and the first again.
const CORNERS_MAX: usize = 16;

fn figures(cursor: &mut Cursor<'_>, tag: &Tag<'_>, element: &'static str) -> Result<Figures, Fault> {
    tag.attributes(element, ["srsName", "gid"])?;
    let mut figures = Figures::default();
    collect(cursor, element, &mut figures, 0)?;
    Ok(figures)
}

/// Elements of a shape, and of the two rings that a polygon has around its corners.
fn collect(cursor: &mut Cursor<'_>, element: &'static str, to: &mut Figures, depth: usize) -> Result<(), Fault> {
    while let Some(tag) = cursor.child(element)? {
        match tag.name() {
            "coord" if to.corners.len() >= CORNERS_MAX => return Err(Fault::value("coord", "more than a polygon has")),
            "coord" => to.corners.push(coord(cursor)?),
            "outerBoundaryIs" if depth == 0 => collect(cursor, "outerBoundaryIs", to, 1)?,
            "LinearRing" if depth == 1 => collect(cursor, "LinearRing", to, 2)?,
            "radius" | "semiMajor" | "outRadius" => set(&mut to.radius_m, decimal(cursor, "radius")?, "radius")?,
            "semiMinor" | "inRadius" => set(&mut to.minor_m, decimal(cursor, "radius")?, "radius")?,
            "angle" | "startAngle" => set(&mut to.angle_deg, decimal(cursor, "angle")?, "angle")?,
            "stopAngle" => set(&mut to.included_deg, decimal(cursor, "angle")?, "angle")?,
            "angularUnit" if cursor.text("angularUnit")? == "Degrees" => {}
            "distanceUnit" if cursor.text("distanceUnit")? == "meter" => {}
            _ => return Err(Fault::syntax("shape", "an element or a unit that is not understood")),
        }
    }
    Ok(())
}

fn coord(cursor: &mut Cursor<'_>) -> Result<Point, Fault> {
    let wrong = || Fault::format("coord", "X and Y in degrees, minutes, seconds and hemisphere");
    let (mut latitude, mut longitude) = (None, None);
    while let Some(tag) = cursor.child("coord")? {
        match tag.name() {
            "X" => set(&mut latitude, degrees(&cursor.text("X")?, ['N', 'S'], 90.0).map_err(|_| wrong())?, "X")?,
            "Y" => set(&mut longitude, degrees(&cursor.text("Y")?, ['E', 'W'], 180.0).map_err(|_| wrong())?, "Y")?,
            _ => cursor.skip()?,
        }
    }
    let (Some(latitude), Some(longitude)) = (latitude, longitude) else { return Err(wrong()) };
    let latitude = Latitude::from_degrees(latitude).map_err(|_| wrong())?;
    let longitude = Longitude::from_degrees(longitude).map_err(|_| wrong())?;
    Ok(Point { latitude, longitude })
}

impl Figures {
    fn centre(&self) -> Result<Point, Fault> {
        match self.corners[..] {
            [centre] => Ok(centre),
            _ => Err(Fault::syntax("coord", "one is needed")),
        }
    }

    fn point(&self) -> Result<Shape, Fault> {
        self.centre().map(Shape::Point)
    }

    fn circle(&self) -> Result<Shape, Fault> {
        Ok(Shape::Circle(self.centre()?, radius(self.radius_m)?))
    }

    fn ellipse(&self) -> Result<Shape, Fault> {
        let orientation = self.angle_deg.map(|degrees| degrees % 180.0).ok_or_else(angle)?;
        let ellipse = Ellipse {
            semi_major: radius(self.radius_m)?,
            semi_minor: radius(self.minor_m)?,
            orientation: Orientation::from_degrees(orientation).map_err(|_| angle())?,
            confidence: Confidence::from_code(0).ok_or_else(angle)?,
        };
        Ok(Shape::Ellipse(self.centre()?, ellipse))
    }

    fn arc(&self) -> Result<Shape, Fault> {
        let (inner_m, outer_m) = (self.minor_m.unwrap_or(0.0), self.radius_m.unwrap_or(-1.0));
        let inner_radius = InnerRadius::from_metres(inner_m).map_err(|_| length())?;
        if outer_m < inner_m {
            return Err(length());
        }
        // The code of the inner radius may be below it, and the thickness makes up for that.
        let thickness = Uncertainty::for_result(outer_m - inner_radius.metres()).map_err(|_| length())?;
        let (start, included) = self.angle_deg.zip(self.included_deg).ok_or_else(angle)?;
        Ok(Shape::Arc {
            point: self.centre()?,
            inner_radius,
            uncertainty: thickness,
            offset: Angle::from_offset_degrees(start).map_err(|_| angle())?,
            included: Angle::from_included_degrees(included).map_err(|_| angle())?,
            confidence: Confidence::from_code(0).ok_or_else(angle)?,
        })
    }

    /// A ring may repeat its first corner at its end; TS 23.032 does not.
    fn polygon(mut self) -> Result<Shape, Fault> {
        if self.corners.len() > 1 && self.corners.first() == self.corners.last() {
            self.corners.pop();
        }
        Polygon::new(self.corners).map(Shape::Polygon).map_err(|_| Fault::syntax("Polygon", "3 to 15 corners"))
    }
}

fn radius(metres: Option<f64>) -> Result<Uncertainty, Fault> {
    metres.and_then(|metres| Uncertainty::for_result(metres).ok()).ok_or_else(length)
}

fn length() -> Fault {
    Fault::value("radius", "missing, or out of the range of TS 23.032")
}

fn angle() -> Fault {
    Fault::value("angle", "missing, or out of the range of TS 23.032")
}

/// A decimal number, a sign before it or not, a point in it or not.
fn decimal(cursor: &mut Cursor<'_>, element: &'static str) -> Result<f64, Fault> {
    let text = cursor.text(element)?;
    let figures = text.strip_prefix(['-', '+']).unwrap_or(&text);
    let sound = (1..=16).contains(&figures.len())
        && figures.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && figures.starts_with(|c: char| c.is_ascii_digit());
    let value = text.parse::<f64>().ok().filter(|_| sound);
    value.ok_or_else(|| Fault::format(element, "a decimal number"))
}

/// Reads `time` after its start tag.
pub(super) fn time(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Timestamp, Fault> {
    let [utc_off] = tag.attributes("time", ["utc_off"])?;
    let utc_off = utc_off.map(std::borrow::Cow::into_owned);
    let time = parse_time(&cursor.text("time")?, utc_off.as_deref());
    time.ok_or_else(|| Fault::format("time", "yyyyMMddhhmmss and an offset of at most 14 hours"))
}
