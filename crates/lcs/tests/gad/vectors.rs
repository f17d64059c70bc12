//! Worked examples, both ways: degrees and metres to octets and back.

use crate::hex;
use lcs::gad::{
    Altitude, AltitudeUncertainty, Angle, Confidence, Ellipse, GadError, HaAltitude, HaEllipse, HaLatitude,
    HaLongitude, HaPoint, HaRange, HaUncertainty, HaVertical, InnerRadius, Latitude, Longitude, Orientation, Point,
    Polygon, Shape, ShapeKind, Uncertainty,
};

fn point(latitude: f64, longitude: f64) -> Point {
    Point {
        latitude: Latitude::from_degrees(latitude).unwrap(),
        longitude: Longitude::from_degrees(longitude).unwrap(),
    }
}

fn berlin() -> Point {
    point(52.52, 13.405)
}

fn round_trip(shape: &Shape, octets: &str) {
    assert_eq!(shape.encode(), hex(octets), "encoding of {}", shape.kind().as_str());
    assert_eq!(Shape::decode(&hex(octets)).as_ref(), Ok(shape), "decoding of {octets}");
}

fn ellipse() -> Ellipse {
    Ellipse {
        semi_major: Uncertainty::for_result(50.0).unwrap(),
        semi_minor: Uncertainty::for_result(25.0).unwrap(),
        orientation: Orientation::from_degrees(45.0).unwrap(),
        confidence: Confidence::from_percent(67).unwrap(),
    }
}

fn arc() -> Shape {
    Shape::Arc {
        point: berlin(),
        inner_radius: InnerRadius::from_metres(500.0).unwrap(),
        uncertainty: Uncertainty::for_result(100.0).unwrap(),
        offset: Angle::from_offset_degrees(30.0).unwrap(),
        included: Angle::from_included_degrees(120.0).unwrap(),
        confidence: Confidence::from_percent(67).unwrap(),
    }
}

#[test]
fn shapes_of_24_bit_coordinates() {
    round_trip(&Shape::Point(berlin()), "00 4AB1F2 09884E"); // G-01
    round_trip(&Shape::Circle(berlin(), Uncertainty::for_result(100.0).unwrap()), "10 4AB1F2 09884E 1A"); // G-02
    round_trip(&Shape::Circle(berlin(), Uncertainty::for_request(100.0).unwrap()), "10 4AB1F2 09884E 19");
    round_trip(&Shape::Ellipse(berlin(), ellipse()), "30 4AB1F2 09884E 13 0E 2D 43"); // G-03
    round_trip(&Shape::PointAltitude(berlin(), Altitude::from_metres(34.0).unwrap()), "80 4AB1F2 09884E 0022"); // G-04
    round_trip(&Shape::PointAltitude(berlin(), Altitude::from_metres(-17.0).unwrap()), "80 4AB1F2 09884E 8011");
    let vertical = AltitudeUncertainty::for_result(10.0).unwrap();
    let altitude = Altitude::from_metres(34.0).unwrap();
    let ellipsoid = Shape::AltitudeEllipsoid(berlin(), altitude, ellipse(), vertical);
    round_trip(&ellipsoid, "90 4AB1F2 09884E 0022 13 0E 2D 09 43"); // G-05
    round_trip(&arc(), "A0 4AB1F2 09884E 0064 1A 0F 3B 43"); // G-06
}

#[test]
fn polygon_says_its_number_of_points_in_the_low_nibble() {
    // North, then east: clockwise, so the area is on the right of the way.
    let corners = vec![point(52.5, 13.3), point(52.6, 13.3), point(52.6, 13.5)];
    let polygon = Shape::Polygon(Polygon::new(corners).unwrap());
    round_trip(&polygon, "53 4AAAAA 097530 4ACF13 097530 4ACF13 099999"); // G-07
    for count in 0..=40 {
        let corners = vec![berlin(); count];
        let expected = if (3..=15).contains(&count) { Ok(count) } else { Err(GadError::PolygonPoints(count)) };
        assert_eq!(Polygon::new(corners).map(|polygon| polygon.points().len()), expected);
    }
}

#[test]
fn points_of_every_quarter_and_the_edges_of_the_map() {
    for (latitude, longitude, octets) in [
        (-33.8688, 151.2093, "00 B02B40 6B86D0"), // G-08
        (40.7128, -74.0060, "00 39E713 CB5F9E"),  // G-09
        (90.0, 180.0, "00 7FFFFF 7FFFFF"),        // G-10
        (-90.0, -180.0, "00 FFFFFF 800000"),
        (0.0, -149.0, "00 000000 960B60"), // G-11
        (0.0, -3.0, "00 000000 FDDDDD"),
    ] {
        round_trip(&Shape::Point(point(latitude, longitude)), octets);
    }
}

#[test]
fn uncertainty_table() {
    // G-12, TS 23.032 Table 1
    let expected = [0.0, 1.0, 2.1, 9.487, 57.275, 442.593, 3034.8, 20474.0, 137_796.1, 1_806_627.0];
    for (code, metres) in [0u8, 1, 2, 7, 20, 40, 60, 80, 100, 127].into_iter().zip(expected) {
        let actual = Uncertainty::from_code(code).unwrap().metres();
        assert!((actual - metres).abs() <= metres * 1e-4, "code {code}: {actual}");
    }
    // TS 23.032 Table 2
    for (code, metres) in
        [(1, 1.13), (2, 2.28), (20, 28.7), (40, 75.8), (60, 153.0), (80, 279.4), (120, 826.1), (127, 990.5)]
    {
        let actual = AltitudeUncertainty::from_code(code).unwrap().metres();
        assert!((actual - metres).abs() < 0.06, "code {code}: {actual}");
    }
    // TS 23.032 Table 6.2a-1
    for (code, metres) in [(1, 0.006), (2, 0.01212), (20, 0.14578), (100, 1.87339), (127, 3.40973), (255, 46.49129)] {
        let actual = HaUncertainty::from_code(code).metres(HaRange::Default).unwrap();
        assert!((actual - metres).abs() < 1e-4, "code {code}: {actual}");
    }
    // TS 23.032 Table 6.2b-1
    for (code, metres) in [(1, 0.00778), (2, 0.01577), (60, 1.09457), (120, 6.18271), (253, 195.12396), (254, 200.0)] {
        let actual = HaUncertainty::from_code(code).metres(HaRange::Extended).unwrap();
        assert!((actual - metres).abs() < 1e-4, "code {code}: {actual}");
    }
    assert_eq!(HaUncertainty::from_code(255).metres(HaRange::Extended), None);
}

fn ha_berlin() -> HaPoint {
    HaPoint {
        latitude: HaLatitude::from_degrees(52.52).unwrap(),
        longitude: HaLongitude::from_degrees(13.405).unwrap(),
    }
}

fn ha_ellipse(range: HaRange) -> HaEllipse {
    HaEllipse {
        semi_major: HaUncertainty::for_result(2.0, range).unwrap(),
        semi_minor: HaUncertainty::for_result(1.0, range).unwrap(),
        orientation: Orientation::from_degrees(179.0).unwrap(),
        confidence: Confidence::from_percent(95).unwrap(),
    }
}

#[test]
fn shapes_of_32_bit_coordinates() {
    // G-13: the point; 2 m is 103 in the default range and 80 in the extended one, 1 m is 75 and 58.
    let (default, extended) = (HaRange::Default, HaRange::Extended);
    round_trip(&Shape::HaEllipse(ha_berlin(), ha_ellipse(default)), "B0 4AB1F2CD 09884E47 67 4B B3 5F");
    round_trip(
        &Shape::HaScalableEllipse(ha_berlin(), ha_ellipse(default), default),
        "D0 4AB1F2CD 09884E47 67 4B B3 5F",
    );
    // Bit U is bit 8 of octet 13.
    round_trip(
        &Shape::HaScalableEllipse(ha_berlin(), ha_ellipse(extended), extended),
        "D0 4AB1F2CD 09884E47 50 3A B3 DF",
    );
    // -1.5 m is -192, 22 bits below two spare ones.
    let altitude = HaAltitude::from_metres(-1.5).unwrap();
    let vertical = |range| HaVertical {
        uncertainty: HaUncertainty::for_result(2.0, range).unwrap(),
        confidence: Confidence::from_percent(90).unwrap(),
    };
    round_trip(
        &Shape::HaAltitudeEllipsoid(ha_berlin(), altitude, ha_ellipse(default), vertical(default)),
        "C0 4AB1F2CD 09884E47 3FFF40 67 4B B3 5F 67 5A",
    );
    // Bit HU is bit 8 of octet 16, bit VU bit 8 of octet 18.
    for (horizontal_range, vertical_range, octets) in [
        (default, default, "E0 4AB1F2CD 09884E47 3FFF40 67 4B B3 5F 67 5A"),
        (extended, default, "E0 4AB1F2CD 09884E47 3FFF40 50 3A B3 DF 67 5A"),
        (default, extended, "E0 4AB1F2CD 09884E47 3FFF40 67 4B B3 5F 50 DA"),
        (extended, extended, "E0 4AB1F2CD 09884E47 3FFF40 50 3A B3 DF 50 DA"),
    ] {
        let shape = Shape::HaAltitudeScalableEllipsoid {
            point: ha_berlin(),
            altitude,
            ellipse: ha_ellipse(horizontal_range),
            horizontal_range,
            vertical: vertical(vertical_range),
            vertical_range,
        };
        round_trip(&shape, octets);
    }
}

#[test]
fn type_in_the_low_nibble_is_never_taken_for_a_circle_unasked() {
    // G-18: 0x01 is a point with a spare bit set.
    let circle = hex("01 4AB1F2 09884E 1A");
    assert_eq!(Shape::decode(&circle), Err(GadError::Length { kind: 0, expected: 7, actual: 8 }));
    assert_eq!(Shape::decode(&hex("01 4AB1F2 09884E")), Ok(Shape::Point(berlin())));
    let low = Shape::decode_low_nibble(&circle).unwrap();
    assert_eq!(low.encode(), hex("10 4AB1F2 09884E 1A"));
    let polygon = Shape::decode_low_nibble(&hex("35 4AAAAA 097530 4ACF13 097530 4ACF13 099999")).unwrap();
    assert_eq!(polygon.kind(), ShapeKind::POLYGON);
    assert_eq!(Shape::decode_low_nibble(&[]), Err(GadError::Empty));
}

#[test]
fn polygon_of_too_few_points_is_refused() {
    // G-19
    for first in [0x50, 0x51, 0x52] {
        for points in 0..=15 {
            let octets = [vec![first], vec![0; 6 * points]].concat();
            assert_eq!(Shape::decode(&octets), Err(GadError::PolygonPoints(usize::from(first & 0xF))));
        }
    }
}

#[test]
fn confidence_of_zero_or_above_hundred_says_nothing() {
    // G-19, every code
    for code in 0..128 {
        let octets = [hex("30 4AB1F2 09884E 13 0E 2D"), vec![code]].concat();
        let shape = Shape::decode(&octets).unwrap();
        assert_eq!(shape.confidence_percent(), (1..=100).contains(&code).then_some(code));
        assert_eq!(shape.encode(), octets);
    }
}

#[test]
fn full_circle_and_open_ended_codes() {
    // G-21
    assert_eq!(Angle::from_included_degrees(360.0).unwrap().code(), 179);
    assert_eq!(Angle::from_offset_degrees(0.0).unwrap().code(), 0);
    // G-22
    let high = Altitude::from_metres(40_000.0).unwrap();
    assert_eq!((high.code(), high.is_open_ended()), (0x7FFF, true));
    assert_eq!(Altitude::from_metres(-40_000.0).unwrap().code(), 0xFFFF);
    assert_eq!(InnerRadius::from_metres(1e9).unwrap().code(), u16::MAX);
}
