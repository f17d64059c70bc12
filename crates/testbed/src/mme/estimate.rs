//! The position that a node tells: a place in the shape which the scenario asks for (TS 23.032), its age and accuracy.

use crate::scenario::{EstimateSpec, Place, ShapeKind};
use lcs::gad::{
    Altitude, AltitudeUncertainty, Angle, Confidence, Ellipse, GadError, HaAltitude, HaEllipse, HaLatitude,
    HaLongitude, HaPoint, HaRange, HaUncertainty, HaVertical, InnerRadius, Latitude, Longitude, Orientation, Point,
    Polygon, Shape, ShapeSet, Uncertainty, Velocity,
};

/// Metres per degree of latitude.
const METRES_PER_DEGREE: f64 = 111_320.0;

/// The estimate of a phone at `place`. A shape that the requester does not take becomes a circle, or else a point.
pub(crate) fn estimate(place: &Place, spec: &EstimateSpec, taken: ShapeSet) -> Result<Shape, GadError> {
    let wanted = shape(place, spec, spec.shape)?;
    if taken.contains(wanted.kind()) {
        return Ok(wanted);
    }
    let circle = shape(place, spec, ShapeKind::Circle)?;
    if taken.contains(circle.kind()) { Ok(circle) } else { shape(place, spec, ShapeKind::Point) }
}

/// Whether the horizontal accuracy asked for is met (TS 29.172 clause 7.4.15). A bare point tells no uncertainty, so it
/// meets none that was asked for.
pub(crate) fn meets(shape: &Shape, spec: &EstimateSpec, horizontal_m: Option<f64>) -> bool {
    let Some(asked) = horizontal_m else { return true };
    match shape {
        Shape::Point(_) | Shape::PointAltitude(..) => false,
        _ => spec.uncertainty_m <= asked,
    }
}

/// The velocity of a moving phone (TS 23.032 clause 8).
pub(crate) fn velocity(place: &Place) -> Velocity {
    Velocity {
        bearing_deg: (place.bearing_deg.round() as u16) % 360,
        horizontal_km_h: place.speed_km_h.round() as u16,
        vertical_km_h: None,
        horizontal_uncertainty_km_h: None,
        vertical_uncertainty_km_h: None,
    }
}

fn shape(place: &Place, spec: &EstimateSpec, kind: ShapeKind) -> Result<Shape, GadError> {
    let centre = point(place.latitude, place.longitude)?;
    let ha_point = || -> Result<HaPoint, GadError> {
        Ok(HaPoint {
            latitude: HaLatitude::from_degrees(place.latitude)?,
            longitude: HaLongitude::from_degrees(place.longitude)?,
        })
    };
    let uncertainty = Uncertainty::for_result(spec.uncertainty_m)?;
    let confidence = Confidence::from_percent(spec.confidence)?;
    let altitude = Altitude::from_metres(place.altitude_m)?;
    Ok(match kind {
        ShapeKind::Point => Shape::Point(centre),
        ShapeKind::Circle => Shape::Circle(centre, uncertainty),
        ShapeKind::Ellipse => Shape::Ellipse(centre, ellipse(spec)?),
        ShapeKind::Polygon => Shape::Polygon(polygon(place, spec)?),
        ShapeKind::PointAltitude => Shape::PointAltitude(centre, altitude),
        ShapeKind::AltitudeEllipsoid => Shape::AltitudeEllipsoid(
            centre,
            altitude,
            ellipse(spec)?,
            AltitudeUncertainty::for_result(spec.altitude_uncertainty_m)?,
        ),
        ShapeKind::Arc => Shape::Arc {
            point: centre,
            inner_radius: InnerRadius::from_metres(spec.inner_radius_m)?,
            uncertainty,
            offset: Angle::from_offset_degrees(f64::from(spec.arc_deg[0]))?,
            included: Angle::from_included_degrees(f64::from(spec.arc_deg[1]))?,
            confidence,
        },
        ShapeKind::HaEllipse => Shape::HaEllipse(ha_point()?, ha_ellipse(spec, HaRange::Default)?),
        ShapeKind::HaAltitudeEllipsoid => Shape::HaAltitudeEllipsoid(
            ha_point()?,
            HaAltitude::from_metres(place.altitude_m)?,
            ha_ellipse(spec, HaRange::Default)?,
            vertical(spec, HaRange::Default)?,
        ),
        ShapeKind::HaScalableEllipse => {
            let range = range_for(spec.uncertainty_m);
            Shape::HaScalableEllipse(ha_point()?, ha_ellipse(spec, range)?, range)
        }
        ShapeKind::HaAltitudeScalableEllipsoid => {
            let (horizontal_range, vertical_range) =
                (range_for(spec.uncertainty_m), range_for(spec.altitude_uncertainty_m));
            Shape::HaAltitudeScalableEllipsoid {
                point: ha_point()?,
                altitude: HaAltitude::from_metres(place.altitude_m)?,
                ellipse: ha_ellipse(spec, horizontal_range)?,
                horizontal_range,
                vertical: vertical(spec, vertical_range)?,
                vertical_range,
            }
        }
    })
}

fn point(latitude: f64, longitude: f64) -> Result<Point, GadError> {
    Ok(Point { latitude: Latitude::from_degrees(latitude)?, longitude: Longitude::from_degrees(longitude)? })
}

fn semi_minor_m(spec: &EstimateSpec) -> f64 {
    spec.semi_minor_m.unwrap_or(spec.uncertainty_m / 2.0)
}

fn ellipse(spec: &EstimateSpec) -> Result<Ellipse, GadError> {
    Ok(Ellipse {
        semi_major: Uncertainty::for_result(spec.uncertainty_m)?,
        semi_minor: Uncertainty::for_result(semi_minor_m(spec))?,
        orientation: Orientation::from_degrees(f64::from(spec.orientation_deg))?,
        confidence: Confidence::from_percent(spec.confidence)?,
    })
}

fn ha_ellipse(spec: &EstimateSpec, range: HaRange) -> Result<HaEllipse, GadError> {
    Ok(HaEllipse {
        semi_major: HaUncertainty::for_result(spec.uncertainty_m, range)?,
        semi_minor: HaUncertainty::for_result(semi_minor_m(spec), range)?,
        orientation: Orientation::from_degrees(f64::from(spec.orientation_deg))?,
        confidence: Confidence::from_percent(spec.confidence)?,
    })
}

fn vertical(spec: &EstimateSpec, range: HaRange) -> Result<HaVertical, GadError> {
    Ok(HaVertical {
        uncertainty: HaUncertainty::for_result(spec.altitude_uncertainty_m, range)?,
        confidence: Confidence::from_percent(spec.confidence)?,
    })
}

/// The finer range that holds so many metres.
fn range_for(metres: f64) -> HaRange {
    if HaUncertainty::for_result(metres, HaRange::Default).is_ok() { HaRange::Default } else { HaRange::Extended }
}

/// Corners around the place, clockwise, so that it lies on the right of the line of travel (TS 23.032 clause 5.4).
fn polygon(place: &Place, spec: &EstimateSpec) -> Result<Polygon, GadError> {
    let scale = place.latitude.to_radians().cos().max(0.01);
    let corner = |at: u8| {
        let bearing = f64::from(at) / f64::from(spec.points) * std::f64::consts::TAU;
        let north = spec.uncertainty_m * bearing.cos() / METRES_PER_DEGREE;
        let east = spec.uncertainty_m * bearing.sin() / METRES_PER_DEGREE / scale;
        point((place.latitude + north).clamp(-90.0, 90.0), (place.longitude + east).clamp(-180.0, 180.0))
    };
    Polygon::new((0..spec.points).map(corner).collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERLIN: Place =
        Place { latitude: 52.52, longitude: 13.405, altitude_m: 34.0, speed_km_h: 59.4, bearing_deg: 359.7 };

    /// G-01 to G-07 of the digest of TS 23.032, where the scenario can say the same.
    #[test]
    fn shapes_are_coded_as_the_standard_has_them() {
        let spec = |shape| EstimateSpec { shape, orientation_deg: 45, ..EstimateSpec::default() };
        for (spec, octets) in [
            (spec(ShapeKind::Point), "004ab1f209884e"),
            (EstimateSpec { uncertainty_m: 100.0, ..spec(ShapeKind::Circle) }, "104ab1f209884e1a"),
            (spec(ShapeKind::Ellipse), "304ab1f209884e130e2d43"),
            (spec(ShapeKind::PointAltitude), "804ab1f209884e0022"),
            (spec(ShapeKind::AltitudeEllipsoid), "904ab1f209884e0022130e2d0943"),
            (EstimateSpec { uncertainty_m: 100.0, ..spec(ShapeKind::Arc) }, "a04ab1f209884e00641a0f3b43"),
        ] {
            let encoded = estimate(&BERLIN, &spec, ShapeSet::ALL).unwrap().encode();
            let hex: String = encoded.iter().map(|octet| format!("{octet:02x}")).collect();
            assert_eq!(hex, octets, "{:?}", spec.shape);
        }
    }

    #[test]
    fn every_shape_decodes_as_itself_and_falls_back_when_not_taken() {
        for (kind, at) in ShapeKind::ALL.into_iter().zip(0u32..) {
            for uncertainty_m in [20.0, 40.0] {
                let spec = EstimateSpec { shape: kind, uncertainty_m, ..EstimateSpec::default() };
                let only = |bits| estimate(&BERLIN, &spec, ShapeSet(bits)).unwrap();
                let own = only(1 << at);
                assert_eq!(Shape::decode(&own.encode()).unwrap(), own, "{kind:?}");
                assert_eq!(lcs::gad::ShapeKind::ALL[at as usize], own.kind());
                if at > 1 {
                    assert!(matches!(only(0b10), Shape::Circle(..)));
                    assert!(matches!(only(0b01), Shape::Point(..)));
                }
            }
        }
    }

    #[test]
    fn accuracy_is_met_by_what_tells_it() {
        let spec = EstimateSpec { uncertainty_m: 50.0, ..EstimateSpec::default() };
        let circle = estimate(&BERLIN, &spec, ShapeSet::ALL).unwrap();
        let point = estimate(&BERLIN, &spec, ShapeSet(1)).unwrap();
        assert!(meets(&circle, &spec, None) && meets(&circle, &spec, Some(50.0)) && !meets(&circle, &spec, Some(49.0)));
        assert!(meets(&point, &spec, None) && !meets(&point, &spec, Some(1000.0)));
    }

    #[test]
    fn velocity_is_in_range() {
        let velocity = velocity(&BERLIN);
        assert_eq!((velocity.bearing_deg, velocity.horizontal_km_h), (0, 59));
    }
}
