//! Shapes of every kind with any codes.

use lcs::gad::{
    Altitude, AltitudeUncertainty, Angle, Confidence, Ellipse, HaAltitude, HaEllipse, HaLatitude, HaLongitude, HaPoint,
    HaRange, HaUncertainty, HaVertical, InnerRadius, Latitude, Longitude, Orientation, Point, Polygon, Shape,
    Uncertainty,
};
use proptest::prelude::*;

pub(crate) fn point() -> impl Strategy<Value = Point> {
    (0u32..1 << 24, -(1i32 << 23)..1 << 23).prop_map(|(latitude, longitude)| Point {
        latitude: Latitude::from_code(latitude).unwrap(),
        longitude: Longitude::from_code(longitude).unwrap(),
    })
}

fn orientation() -> impl Strategy<Value = Orientation> {
    (0u8..180).prop_map(|code| Orientation::from_code(code).unwrap())
}

fn confidence() -> impl Strategy<Value = Confidence> {
    (0u8..128).prop_map(|code| Confidence::from_code(code).unwrap())
}

pub(crate) fn uncertainty() -> impl Strategy<Value = Uncertainty> {
    (0u8..128).prop_map(|code| Uncertainty::from_code(code).unwrap())
}

fn ellipse() -> impl Strategy<Value = Ellipse> {
    (uncertainty(), uncertainty(), orientation(), confidence()).prop_map(
        |(semi_major, semi_minor, orientation, confidence)| Ellipse { semi_major, semi_minor, orientation, confidence },
    )
}

fn ha_point() -> impl Strategy<Value = HaPoint> {
    (any::<i32>(), any::<i32>()).prop_map(|(latitude, longitude)| HaPoint {
        latitude: HaLatitude::from_code(latitude).unwrap(),
        longitude: HaLongitude::from_code(longitude).unwrap(),
    })
}

fn ha_uncertainty() -> impl Strategy<Value = HaUncertainty> {
    any::<u8>().prop_map(HaUncertainty::from_code)
}

fn ha_ellipse() -> impl Strategy<Value = HaEllipse> {
    (ha_uncertainty(), ha_uncertainty(), orientation(), confidence()).prop_map(
        |(semi_major, semi_minor, orientation, confidence)| HaEllipse {
            semi_major,
            semi_minor,
            orientation,
            confidence,
        },
    )
}

fn altitude() -> impl Strategy<Value = Altitude> {
    any::<u16>().prop_map(|code| Altitude::from_code(code).unwrap())
}

fn ha_altitude() -> impl Strategy<Value = HaAltitude> {
    (-64_000i32..=1_280_000).prop_map(|code| HaAltitude::from_code(code).unwrap())
}

fn vertical() -> impl Strategy<Value = HaVertical> {
    (ha_uncertainty(), confidence()).prop_map(|(uncertainty, confidence)| HaVertical { uncertainty, confidence })
}

fn range() -> impl Strategy<Value = HaRange> {
    any::<bool>().prop_map(|extended| if extended { HaRange::Extended } else { HaRange::Default })
}

pub(crate) fn arc() -> impl Strategy<Value = Shape> {
    (point(), any::<u16>(), uncertainty(), 0u8..180, 0u8..180, confidence()).prop_map(
        |(point, radius, uncertainty, offset, included, confidence)| Shape::Arc {
            point,
            inner_radius: InnerRadius::from_code(radius).unwrap(),
            uncertainty,
            offset: Angle::from_code(offset).unwrap(),
            included: Angle::from_code(included).unwrap(),
            confidence,
        },
    )
}

pub(crate) fn shape() -> impl Strategy<Value = Shape> {
    let vertical_uncertainty = (0u8..128).prop_map(|code| AltitudeUncertainty::from_code(code).unwrap());
    prop_oneof![
        point().prop_map(Shape::Point),
        (point(), uncertainty()).prop_map(|(p, u)| Shape::Circle(p, u)),
        (point(), ellipse()).prop_map(|(p, e)| Shape::Ellipse(p, e)),
        proptest::collection::vec(point(), 3..=15).prop_map(|points| Shape::Polygon(Polygon::new(points).unwrap())),
        (point(), altitude()).prop_map(|(p, a)| Shape::PointAltitude(p, a)),
        (point(), altitude(), ellipse(), vertical_uncertainty)
            .prop_map(|(p, a, e, v)| Shape::AltitudeEllipsoid(p, a, e, v)),
        arc(),
        (ha_point(), ha_ellipse()).prop_map(|(p, e)| Shape::HaEllipse(p, e)),
        (ha_point(), ha_altitude(), ha_ellipse(), vertical())
            .prop_map(|(p, a, e, v)| Shape::HaAltitudeEllipsoid(p, a, e, v)),
        (ha_point(), ha_ellipse(), range()).prop_map(|(p, e, r)| Shape::HaScalableEllipse(p, e, r)),
        (ha_point(), ha_altitude(), ha_ellipse(), range(), vertical(), range()).prop_map(
            |(point, altitude, ellipse, horizontal_range, vertical, vertical_range)| {
                Shape::HaAltitudeScalableEllipsoid {
                    point,
                    altitude,
                    ellipse,
                    horizontal_range,
                    vertical,
                    vertical_range,
                }
            }
        ),
    ]
}
