//! Areas that the operator gave a name to, in GeoJSON (RFC 7946).

use crate::{convert::AreaError, region::Region};
use lcs::gad::{Latitude, Longitude, Point, Polygon, Position, Shape, Uncertainty};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Most corners of a polygon: each line is compared with each other.
const MOST_CORNERS: usize = 10_000;

/// Why a file of names cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NameError {
    /// No JSON, or no FeatureCollection of polygons and circles.
    #[error("the file of named areas is no GeoJSON FeatureCollection of Polygon, MultiPolygon and Point: {0}")]
    Json(#[from] serde_json::Error),
    /// Two areas of one name.
    #[error("two areas are called `{0}`; a name stands for one")]
    Twice(String),
    /// An empty name.
    #[error("feature {0} has an empty name")]
    NoName(usize),
    /// A coordinate that is none.
    #[error("area `{0}`: a longitude from -180 to 180 and a latitude from -90 to 90 are needed, in this order")]
    Position(String),
    /// A polygon without an outline.
    #[error("area `{0}`: a polygon has no outline, or a circle no radius_m")]
    Empty(String),
    /// Too many corners.
    #[error("area `{0}`: a polygon has more than 10000 corners")]
    Corners(String),
    /// A shape that is no area.
    #[error("area `{name}`: {why}")]
    Shape {
        /// Name.
        name: String,
        /// What is wrong with its shape.
        why: AreaError,
    },
}

/// Names and what they stand for.
#[derive(Debug, Default)]
pub struct NamedAreas {
    regions: BTreeMap<String, Vec<Region>>,
    /// Of those that one shape of TS 23.032 holds.
    shapes: BTreeMap<String, Shape>,
}

#[derive(Deserialize)]
struct Collection {
    #[serde(rename = "type")]
    _kind: CollectionKind,
    features: Vec<Feature>,
}

#[derive(Deserialize)]
enum CollectionKind {
    FeatureCollection,
}

#[derive(Deserialize)]
struct Feature {
    properties: Properties,
    geometry: Geometry,
}

#[derive(Deserialize)]
struct Properties {
    name: String,
    radius_m: Option<f64>,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Polygon(Vec<Vec<Coordinates>>),
    MultiPolygon(Vec<Vec<Vec<Coordinates>>>),
    Point(Coordinates),
}

/// Longitude, latitude, and perhaps a height that says nothing here.
type Coordinates = Vec<f64>;

impl NamedAreas {
    /// Reads a FeatureCollection. Each feature has a `name` among its properties and is a Polygon, a MultiPolygon, or a Point with
    /// `radius_m`. Lines between corners are great circles. What else the file says is passed over.
    ///
    /// # Errors
    /// Anything that is no area: a name that cannot be trusted would make an area of another size.
    pub fn parse(json: &[u8]) -> Result<Self, NameError> {
        let collection: Collection = serde_json::from_slice(json)?;
        let (mut names, mut shapes) = (BTreeMap::new(), BTreeMap::new());
        for (at, feature) in collection.features.into_iter().enumerate() {
            let name = feature.properties.name;
            if name.is_empty() {
                return Err(NameError::NoName(at));
            }
            let regions = regions(&name, &feature.geometry, feature.properties.radius_m)?;
            if names.insert(name.clone(), regions).is_some() {
                return Err(NameError::Twice(name));
            }
            if let Some(shape) = one_shape(&feature.geometry, feature.properties.radius_m) {
                shapes.insert(name, shape);
            }
        }
        Ok(Self { regions: names, shapes })
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.regions.keys().map(String::as_str)
    }

    /// The area of this name as one shape of TS 23.032, for those who do not know the name (TS 23.271 clause 9.1.19.1 step 1). `None`: there is no such
    /// area, or no one shape holds it and nothing else: it has several parts, a hole, or more than 15 corners. A circle is at most a tenth
    /// larger, as the codes of its radius are.
    #[must_use]
    pub fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.get(name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&[Region]> {
        self.regions.get(name).map(Vec::as_slice)
    }
}

fn regions(name: &str, geometry: &Geometry, radius_m: Option<f64>) -> Result<Vec<Region>, NameError> {
    let shape = |why| NameError::Shape { name: name.to_owned(), why };
    let polygon = |rings: &Vec<Vec<Coordinates>>| {
        if rings.is_empty() {
            return Err(NameError::Empty(name.to_owned()));
        }
        if rings.iter().map(Vec::len).sum::<usize>() > MOST_CORNERS {
            return Err(NameError::Corners(name.to_owned()));
        }
        let ring = |corners: &Vec<Coordinates>| corners.iter().map(|corner| position(name, corner)).collect();
        let rings = rings.iter().map(ring).collect::<Result<Vec<Vec<Position>>, _>>()?;
        Region::drawn(&rings).map_err(shape)
    };
    match geometry {
        Geometry::Polygon(rings) => Ok(vec![polygon(rings)?]),
        Geometry::MultiPolygon(polygons) if polygons.is_empty() => Err(NameError::Empty(name.to_owned())),
        Geometry::MultiPolygon(polygons) => polygons.iter().map(polygon).collect(),
        Geometry::Point(middle) => {
            let radius_m = radius_m.ok_or_else(|| NameError::Empty(name.to_owned()))?;
            Ok(vec![crate::region::circle(position(name, middle)?, radius_m).map_err(shape)?])
        }
    }
}

/// The one shape that holds it.
fn one_shape(geometry: &Geometry, radius_m: Option<f64>) -> Option<Shape> {
    let point = |coordinates: &Coordinates| {
        let latitude = Latitude::from_degrees(*coordinates.get(1)?).ok()?;
        let longitude = Longitude::from_degrees(*coordinates.first()?).ok()?;
        Some(Point { latitude, longitude })
    };
    match geometry {
        Geometry::Point(middle) => Some(Shape::Circle(point(middle)?, Uncertainty::for_result(radius_m?).ok()?)),
        Geometry::Polygon(rings) => {
            let [outline] = &rings[..] else { return None };
            let corners = match &outline[..] {
                [first, between @ .., last] if first == last => outline.get(..=between.len())?,
                all => all,
            };
            let corners = corners.iter().map(point).collect::<Option<Vec<_>>>()?;
            Polygon::new(corners).ok().map(Shape::Polygon)
        }
        Geometry::MultiPolygon(_) => None,
    }
}

fn position(name: &str, coordinates: &[f64]) -> Result<Position, NameError> {
    let wrong = || NameError::Position(name.to_owned());
    let (Some(lon_deg), Some(lat_deg)) = (coordinates.first(), coordinates.get(1)) else { return Err(wrong()) };
    Position::new(*lat_deg, *lon_deg).map_err(|_| wrong())
}
