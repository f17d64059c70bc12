//! The area of an event: `target_area` and the shapes in it (OMA MLP sections 5.3.128, 5.2.2.5).

use crate::{
    client::degrees,
    cursor::{Cursor, Tag},
    error::Fault,
    header::{misplaced, plain},
    quality::whole,
    result::ResultId,
    targets::set,
};
use lcs::{
    PlmnId,
    gad::{
        Angle, Confidence, Ellipse, InnerRadius, Latitude, Longitude, Orientation, Point, Polygon, Position, Shape,
        Uncertainty, geometry::Area,
    },
};

/// An area as a client names it. `Debug` shows its kind alone: where it lies may tell of somebody.
#[derive(Clone, PartialEq)]
pub enum MlpArea {
    /// A shape; what lies within its figures. Lengths are rounded up to the codes of TS 23.032, so no area is watched that is
    /// smaller than asked.
    Shape(Shape),
    /// E.164 country code (section 5.3.15).
    CountryCode(u16),
    /// A network.
    Plmn(PlmnId),
    /// A name that the operator gave to an area; 1-64 characters.
    Named(String),
}

impl core::fmt::Debug for MlpArea {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Shape(_) => "Shape(hidden)",
            Self::CountryCode(_) => "CountryCode(hidden)",
            Self::Plmn(_) => "Plmn(hidden)",
            Self::Named(_) => "Named(hidden)",
        })
    }
}

/// Longest name taken, characters.
const NAME_MAX: usize = 64;

/// Reads `target_area` after its start tag. A civic location is 107: without it the area would be wider than asked.
pub(super) fn parse(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<MlpArea, Fault> {
    tag.attributes("target_area", [])?;
    let mut area = None;
    while let Some(tag) = cursor.child("target_area")? {
        let read = match tag.name() {
            "shape" => MlpArea::Shape(shape(cursor, &tag)?),
            "cc" => MlpArea::CountryCode(country_code(&plain(cursor, &tag, "cc")?)?),
            "plmn" => MlpArea::Plmn(plmn(cursor, &tag)?),
            "name_area" => {
                let name = plain(cursor, &tag, "name_area")?;
                if name.is_empty() || name.chars().nth(NAME_MAX).is_some() {
                    return Err(Fault::value("name_area", "1 to 64 characters"));
                }
                MlpArea::Named(name)
            }
            "civicloc" => return Err(Fault::unsupported("civicloc")),
            other => return Err(misplaced(other, "not an element of target_area")),
        };
        set(&mut area, read, "target_area")?;
    }
    area.ok_or_else(|| Fault::syntax("target_area", "shape, cc, plmn or name_area is needed"))
}

fn country_code(text: &str) -> Result<u16, Fault> {
    let digits = (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let code = text.parse::<u16>().ok().filter(|code| digits && *code > 0);
    code.ok_or_else(|| Fault::format("cc", "1 to 3 decimal digits"))
}

fn plmn(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<PlmnId, Fault> {
    tag.attributes("plmn", [])?;
    let (mut mcc, mut mnc) = (None, None);
    while let Some(tag) = cursor.child("plmn")? {
        match tag.name() {
            "mcc" => set(&mut mcc, plain(cursor, &tag, "mcc")?, "mcc")?,
            "mnc" => set(&mut mnc, plain(cursor, &tag, "mnc")?, "mnc")?,
            other => return Err(misplaced(other, "not an element of plmn")),
        }
    }
    let (Some(mcc), Some(mnc)) = (mcc, mnc) else { return Err(Fault::syntax("plmn", "mcc and mnc are needed")) };
    PlmnId::new(&mcc, &mnc).ok_or_else(|| Fault::format("plmn", "mcc of three, mnc of two or three decimal digits"))
}

/// Reads `shape`. What is no area (a point, a line) and what could not be one area (several polygons) is 112.
fn shape(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Shape, Fault> {
    tag.attributes("shape", [])?;
    let mut shape = None;
    while let Some(tag) = cursor.child("shape")? {
        let name = tag.name().to_owned();
        let read = match name.as_str() {
            "CircularArea" => figure(cursor, &tag, "CircularArea")?.circle()?,
            "EllipticalArea" => figure(cursor, &tag, "EllipticalArea")?.ellipse()?,
            "CircularArcArea" => figure(cursor, &tag, "CircularArcArea")?.arc()?,
            "Box" => figure(cursor, &tag, "Box")?.rectangle()?,
            "Polygon" => {
                referenced(&tag, "Polygon")?;
                polygon(outer_boundary(cursor)?)?
            }
            "LinearRing" => {
                referenced(&tag, "LinearRing")?;
                polygon(ring(cursor)?)?
            }
            "Point" | "LineString" | "MultiLineString" | "MultiPoint" | "MultiPolygon" => {
                let rule = "a circle, an ellipse, an arc, a box or one polygon is an area here";
                return Err(Fault::element(ResultId::PROTOCOL_ELEMENT_VALUE_NOT_SUPPORTED, "shape", rule));
            }
            other => return Err(misplaced(other, "not an element of shape")),
        };
        set(&mut shape, read, "shape")?;
    }
    shape.ok_or_else(|| Fault::syntax("shape", "empty"))
}

/// The reference system of a shape: WGS84 or not named (OMA MLP section 5.7.4).
fn referenced(tag: &Tag<'_>, element: &'static str) -> Result<(), Fault> {
    let [_, srs] = tag.attributes(element, ["gid", "srsName"])?;
    if srs.is_none_or(|name| name.rsplit(['#', ':', '/']).next() == Some("4326")) {
        return Ok(());
    }
    let rule = "WGS84, EPSG 4326, is the only coordinate reference system here";
    let result = ResultId::PROTOCOL_ELEMENT_ATTRIBUTE_VALUE_NOT_SUPPORTED;
    Err(Fault::attribute(result, element, "srsName", rule))
}

/// The figures of a shape, whichever they are.
#[derive(Default)]
struct Figure {
    element: &'static str,
    corners: Vec<Point>,
    radius_m: Option<u32>,
    inner_m: Option<u32>,
    outer_m: Option<u32>,
    semi_major_m: Option<u32>,
    semi_minor_m: Option<u32>,
    angle_deg: Option<u32>,
    start_deg: Option<u32>,
    stop_deg: Option<u32>,
}

fn figure(cursor: &mut Cursor<'_>, tag: &Tag<'_>, element: &'static str) -> Result<Figure, Fault> {
    referenced(tag, element)?;
    let mut figure = Figure { element, ..Figure::default() };
    while let Some(tag) = cursor.child(element)? {
        let mut number = |slot: &mut Option<u32>, name: &'static str| {
            tag.attributes(name, [])?;
            set(slot, whole(&cursor.text(name)?, name)?, name)
        };
        match tag.name() {
            "coord" if figure.corners.len() >= 2 => return Err(Fault::syntax("coord", "more than the shape has")),
            "coord" => figure.corners.push(coord(cursor)?),
            "radius" => number(&mut figure.radius_m, "radius")?,
            "inRadius" => number(&mut figure.inner_m, "inRadius")?,
            "outRadius" => number(&mut figure.outer_m, "outRadius")?,
            "semiMajor" => number(&mut figure.semi_major_m, "semiMajor")?,
            "semiMinor" => number(&mut figure.semi_minor_m, "semiMinor")?,
            "angle" => number(&mut figure.angle_deg, "angle")?,
            "startAngle" => number(&mut figure.start_deg, "startAngle")?,
            "stopAngle" => number(&mut figure.stop_deg, "stopAngle")?,
            "distanceUnit" => unit(cursor, "distanceUnit", &["meter", "metre", "m"])?,
            "angularUnit" => unit(cursor, "angularUnit", &["degrees", "degree"])?,
            other => return Err(misplaced(other, "not an element of this shape")),
        }
    }
    Ok(figure)
}

fn unit(cursor: &mut Cursor<'_>, element: &'static str, known: &[&str]) -> Result<(), Fault> {
    let text = cursor.text(element)?;
    if known.iter().any(|unit| text.eq_ignore_ascii_case(unit)) {
        return Ok(());
    }
    Err(Fault::element(ResultId::PROTOCOL_ELEMENT_VALUE_NOT_SUPPORTED, element, "metres and degrees are taken"))
}

impl Figure {
    fn needed(&self, value: Option<u32>) -> Result<f64, Fault> {
        value.map(f64::from).ok_or_else(|| Fault::syntax(self.element, "a coordinate or figure is missing"))
    }

    fn centre(&self) -> Result<Point, Fault> {
        match self.corners.as_slice() {
            [centre] => Ok(*centre),
            _ => Err(Fault::syntax(self.element, "one coord is needed")),
        }
    }

    /// A length that is not zero, as a code that covers it.
    fn length(&self, metres: f64) -> Result<Uncertainty, Fault> {
        let code = Uncertainty::for_result(metres).ok().filter(|_| metres > 0.0);
        code.ok_or_else(|| Fault::value(self.element, "a length from 1 m to 1807 km"))
    }

    fn circle(&self) -> Result<Shape, Fault> {
        Ok(Shape::Circle(self.centre()?, self.length(self.needed(self.radius_m)?)?))
    }

    fn ellipse(&self) -> Result<Shape, Fault> {
        let (major, minor) = (self.needed(self.semi_major_m)?, self.needed(self.semi_minor_m)?);
        if minor > major {
            return Err(Fault::value(self.element, "semiMinor longer than semiMajor"));
        }
        let angle = self.needed(self.angle_deg)?;
        let orientation = Orientation::from_degrees(angle).map_err(|_| Fault::value("angle", "degrees"))?;
        let (semi_major, semi_minor) = (self.length(major)?, self.length(minor)?);
        let ellipse = Ellipse { semi_major, semi_minor, orientation, confidence: Confidence::NO_INFORMATION };
        Ok(Shape::Ellipse(self.centre()?, ellipse))
    }

    /// The stop angle is counted from the start angle (OMA MLP section 5.3.123).
    fn arc(&self) -> Result<Shape, Fault> {
        let (inner, outer) = (self.needed(self.inner_m)?, self.needed(self.outer_m)?);
        let inner_radius = InnerRadius::from_metres(inner).ok().filter(|code| !code.is_open_ended());
        let inner_radius = inner_radius.ok_or_else(|| Fault::value("inRadius", "a length up to 327670 m"))?;
        if outer <= inner {
            return Err(Fault::value("outRadius", "not longer than inRadius"));
        }
        let start = self.needed(self.start_deg)? % 360.0;
        let stop = self.needed(self.stop_deg)?;
        // Codes are of two degrees: an odd start goes down by one, and the arc is longer by that.
        let offset = Angle::from_offset_degrees(start).map_err(|_| Fault::value("startAngle", "degrees"))?;
        let span = (stop + start - f64::from(offset.offset_degrees())).min(360.0);
        let included = Angle::from_included_degrees(span).ok().filter(|_| stop > 0.0 && stop <= 360.0);
        let included = included.ok_or_else(|| Fault::value("stopAngle", "1 to 360 degrees"))?;
        Ok(Shape::Arc {
            point: self.centre()?,
            inner_radius,
            uncertainty: self.length(outer - inner_radius.metres())?,
            offset,
            included,
            confidence: Confidence::NO_INFORMATION,
        })
    }

    /// Two opposite corners (OMA MLP section 5.3.14). From the western to the eastern one, whichever way is shorter.
    fn rectangle(&self) -> Result<Shape, Fault> {
        let [a, b] = self.corners.as_slice() else { return Err(Fault::syntax("Box", "two coords are needed")) };
        let at = |latitude, longitude| Point { latitude, longitude };
        polygon(vec![*a, at(b.latitude, a.longitude), *b, at(a.latitude, b.longitude)])
    }
}

fn coord(cursor: &mut Cursor<'_>) -> Result<Point, Fault> {
    let (mut x, mut y) = (None, None);
    let rule = "degrees, minutes and seconds with hemisphere, fields apart by a blank";
    while let Some(tag) = cursor.child("coord")? {
        match tag.name() {
            "X" => {
                let value = degrees(&cursor.text("X")?, ['N', 'S'], 90.0).map_err(|_| Fault::format("X", rule))?;
                set(&mut x, value, "X")?;
            }
            "Y" => {
                let value = degrees(&cursor.text("Y")?, ['E', 'W'], 180.0).map_err(|_| Fault::format("Y", rule))?;
                set(&mut y, value, "Y")?;
            }
            "Z" => return Err(Fault::unsupported("Z")),
            other => return Err(misplaced(other, "not an element of coord in WGS84")),
        }
    }
    let (Some(x), Some(y)) = (x, y) else { return Err(Fault::syntax("coord", "X and Y are needed")) };
    // `degrees` keeps to the ranges, so both codes exist.
    let (latitude, longitude) = (Latitude::from_degrees(x), Longitude::from_degrees(y));
    match (latitude, longitude) {
        (Ok(latitude), Ok(longitude)) => Ok(Point { latitude, longitude }),
        _ => Err(Fault::value("coord", "outside the ranges of latitude and longitude")),
    }
}

/// Corners of `Polygon`. A hole is 107: without it the area would be wider than asked.
fn outer_boundary(cursor: &mut Cursor<'_>) -> Result<Vec<Point>, Fault> {
    let mut corners = None;
    while let Some(tag) = cursor.child("Polygon")? {
        match tag.name() {
            "outerBoundaryIs" => {
                tag.attributes("outerBoundaryIs", [])?;
                while let Some(tag) = cursor.child("outerBoundaryIs")? {
                    match tag.name() {
                        "LinearRing" => {
                            referenced(&tag, "LinearRing")?;
                            set(&mut corners, ring(cursor)?, "LinearRing")?;
                        }
                        other => return Err(misplaced(other, "not an element of outerBoundaryIs")),
                    }
                }
            }
            "innerBoundaryIs" => return Err(Fault::unsupported("innerBoundaryIs")),
            other => return Err(misplaced(other, "not an element of Polygon")),
        }
    }
    corners.ok_or_else(|| Fault::syntax("Polygon", "outerBoundaryIs with a LinearRing is needed"))
}

/// Most corners that are read, the first one repeated; TS 23.032 has 15.
const CORNERS_MAX: usize = 16;

fn ring(cursor: &mut Cursor<'_>) -> Result<Vec<Point>, Fault> {
    let mut corners = Vec::new();
    while let Some(tag) = cursor.child("LinearRing")? {
        match tag.name() {
            "coord" if corners.len() >= CORNERS_MAX => return Err(too_many_corners()),
            "coord" => corners.push(coord(cursor)?),
            other => return Err(misplaced(other, "not an element of LinearRing")),
        }
    }
    Ok(corners)
}

fn too_many_corners() -> Fault {
    Fault::element(ResultId::PROTOCOL_ELEMENT_VALUE_NOT_SUPPORTED, "LinearRing", "at most 15 corners are taken")
}

/// Corners in either direction, the first one repeated at the end or not. They are put clockwise, so that the inside lies on the
/// right of the line of travel (TS 23.032 clause 5.4).
fn polygon(mut corners: Vec<Point>) -> Result<Shape, Fault> {
    if corners.len() > 1 && corners.first() == corners.last() {
        corners.pop();
    }
    if corners.len() > 15 {
        return Err(too_many_corners());
    }
    let places: Vec<Position> = corners.iter().map(|corner| Position::from(*corner)).collect();
    let turn = clockwise(&places);
    Area::polygon(places)
        .map_err(|_| Fault::value("shape", "a polygon of 3 corners at least, within 5000 km of its middle"))?;
    if turn == 0.0 {
        return Err(Fault::value("shape", "a polygon that holds nothing"));
    }
    if turn < 0.0 {
        corners.reverse();
    }
    Polygon::new(corners).map(Shape::Polygon).map_err(|_| too_many_corners())
}

/// Positive if the corners run clockwise, negative if the other way, zero if they enclose nothing. Each step of longitude is the
/// shorter way round, so the date line is a place like others.
fn clockwise(corners: &[Position]) -> f64 {
    let next = corners.iter().cycle().skip(1);
    let steps = corners.iter().zip(next).map(|(from, to)| {
        let step = (to.lon_deg - from.lon_deg + 540.0).rem_euclid(360.0) - 180.0;
        step * (from.lat_deg + to.lat_deg)
    });
    let sum: f64 = steps.sum();
    if sum.abs() < 1e-12 { 0.0 } else { sum }
}
