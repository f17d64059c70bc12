use super::*;
use lcs::gad::geometry::{Area, Relation};
use lcs::gad::{Confidence, HaLatitude, HaLongitude, HaUncertainty, Latitude, Longitude, Orientation};

fn dmsh(degrees: f64, decimals: usize) -> String {
    let mut out = String::new();
    write_dmsh(&mut out, degrees, decimals, ['N', 'S']);
    out
}

fn point(lat: f64, lon: f64) -> Point {
    Point { latitude: Latitude::from_degrees(lat).unwrap(), longitude: Longitude::from_degrees(lon).unwrap() }
}

fn written(shape: &Shape, supported: Option<&SupportedShapes>) -> Result<String, Untellable> {
    let mut out = String::new();
    write_shape(&mut out, shape, supported).map(|()| out)
}

fn berlin_ellipse() -> Shape {
    Shape::Ellipse(
        point(52.52, 13.405),
        Ellipse {
            semi_major: Uncertainty::from_code(24).unwrap(),
            semi_minor: Uncertainty::from_code(15).unwrap(),
            orientation: Orientation::from_degrees(30.0).unwrap(),
            confidence: Confidence::from_percent(67).unwrap(),
        },
    )
}

#[test]
fn coordinates_are_degrees_minutes_seconds_hemisphere() {
    // OMA MLP section 5.3.144: minutes and seconds below 10 have a leading zero.
    assert_eq!(dmsh(30.274_53, 3), "30 16 28.308N");
    assert_eq!(dmsh(35.0 + 3.0 / 60.0 + 28.244 / 3600.0, 3), "35 03 28.244N");
    assert_eq!(dmsh(-7.0 - 2.0 / 60.0 - 2.82 / 3600.0, 3), "7 02 02.820S");
    assert_eq!(dmsh(0.0, 3), "0 00 00.000N");
    assert_eq!(dmsh(-0.0, 3), "0 00 00.000N");
    assert_eq!(dmsh(-1e-9, 3), "0 00 00.000N");
    assert_eq!(dmsh(59.999_999_999, 3), "60 00 00.000N", "rounding carries into the minutes and degrees");
    assert_eq!(dmsh(-180.0, 3), "180 00 00.000S");
    assert_eq!(dmsh(1e-7, 5), "0 00 00.00036N");
}

#[test]
fn metres_are_rounded_up_but_not_by_the_dust_of_the_arithmetic() {
    assert_eq!(whole_up(10.0 * (1.1 - 1.0)), 1);
    assert_eq!(whole_up(10.1), 11);
    assert_eq!(whole_up(0.0), 0);
    for code in 0..=127 {
        let metres = Uncertainty::from_code(code).unwrap().metres();
        assert!(whole_up(metres) as f64 >= metres - 1e-6 && (whole_up(metres) as f64) < metres + 1.0);
    }
}

#[test]
fn without_supported_shapes_each_shape_is_told_as_itself() {
    let ellipse = written(&berlin_ellipse(), None).unwrap();
    assert_eq!(
        ellipse,
        "<shape><EllipticalArea srsName=\"www.epsg.org#4326\"><coord><X>52 31 11.969N</X><Y>13 24 17.978E</Y></coord>\
         <angle>30</angle><semiMajor>89</semiMajor><semiMinor>32</semiMinor><angularUnit>Degrees</angularUnit></EllipticalArea></shape>"
    );
}

#[test]
fn swapped_axes_are_put_right() {
    let Shape::Ellipse(at, mut ellipse) = berlin_ellipse() else { panic!("an ellipse") };
    (ellipse.semi_major, ellipse.semi_minor) = (ellipse.semi_minor, ellipse.semi_major);
    let out = written(&Shape::Ellipse(at, ellipse), None).unwrap();
    assert!(out.contains("<angle>120</angle><semiMajor>89</semiMajor><semiMinor>32</semiMinor>"), "{out}");
}

#[test]
fn a_shape_that_the_client_does_not_take_becomes_one_that_holds_it() {
    let only = |shapes: &[MlpShape]| SupportedShapes::of(shapes, false);
    let circle = written(&berlin_ellipse(), Some(&only(&[MlpShape::CircularArea]))).unwrap();
    assert!(circle.contains("<CircularArea") && circle.contains("<radius>89</radius>"), "{circle}");
    let polygon = written(&berlin_ellipse(), Some(&only(&[MlpShape::Polygon]))).unwrap();
    assert_eq!(polygon.matches("<coord>").count(), 12);
    for shapes in [&[MlpShape::Point][..], &[MlpShape::CircularArcArea], &[]] {
        let told = written(&berlin_ellipse(), Some(&only(shapes)));
        assert_eq!(told, Err(Untellable::NotTaken(MlpShape::EllipticalArea)), "never a point, never an exact circle");
    }
    let exact = Shape::Point(point(52.52, 13.405));
    let told = written(&exact, Some(&only(&[MlpShape::CircularArea])));
    assert_eq!(told, Err(Untellable::NotTaken(MlpShape::Point)), "a point tells no radius, so it has none");
}

#[test]
fn the_polygon_round_a_circle_holds_it() {
    for lat in [-75.0, -52.5, 0.0, 13.0, 74.9] {
        for lon in [-179.99, 0.0, 13.405, 179.99] {
            for code in [0, 10, 40, 80] {
                let shape = Shape::Circle(point(lat, lon), Uncertainty::from_code(code).unwrap());
                let corners = polygon_around(shape.centre(), shape.horizontal_uncertainty_m().unwrap()).unwrap();
                let area = Area::polygon(corners).unwrap();
                // A metre of margin is less than the step of the coordinates, which `relation_to` reckons with.
                if code >= 40 {
                    assert_eq!(shape.relation_to(&area), Relation::Inside, "{lat} {lon} {code}");
                } else {
                    assert!(area.contains(shape.centre()), "{lat} {lon} {code}");
                }
            }
        }
    }
    assert_eq!(polygon_around(Position::new(80.0, 0.0).unwrap(), 10.0), None);
    assert_eq!(polygon_around(Position::new(0.0, 0.0).unwrap(), 60_000.0), None);
}

#[test]
fn an_uncertainty_without_bound_is_not_told_at_all() {
    let at = HaPoint {
        latitude: HaLatitude::from_degrees(1.0).unwrap(),
        longitude: HaLongitude::from_degrees(1.0).unwrap(),
    };
    let ellipse = HaEllipse {
        semi_major: HaUncertainty::from_code(255),
        semi_minor: HaUncertainty::from_code(3),
        orientation: Orientation::from_degrees(0.0).unwrap(),
        confidence: Confidence::NO_INFORMATION,
    };
    let shape = Shape::HaScalableEllipse(at, ellipse, HaRange::Extended);
    assert_eq!(written(&shape, None), Err(Untellable::Unbounded));
    let arc = Shape::Arc {
        point: point(1.0, 1.0),
        inner_radius: InnerRadius::from_metres(1e9).unwrap(),
        uncertainty: Uncertainty::from_code(1).unwrap(),
        offset: Angle::from_offset_degrees(0.0).unwrap(),
        included: Angle::from_included_degrees(10.0).unwrap(),
        confidence: Confidence::NO_INFORMATION,
    };
    assert_eq!(written(&arc, None), Err(Untellable::Unbounded));
}

#[test]
fn the_network_is_asked_only_for_shapes_that_can_be_told() {
    let asked = |shapes: &[MlpShape]| SupportedShapes::of(shapes, true).gad_shapes().0;
    assert_eq!(asked(&MlpShape::ALL), 0x7FF);
    assert_eq!(asked(&[MlpShape::Point]), 0b000_0001_0001);
    assert_eq!(asked(&[MlpShape::CircularArea]), 0b111_1110_1110);
    assert_eq!(asked(&[MlpShape::EllipticalArea]), 0b111_1010_0100);
    assert_eq!(asked(&[]), 0);
}
