//! Shapes and velocities (TS 23.032 clauses 7 and 8): octets both ways, and where a shape lies.
#![no_main]

use std::hint::black_box;

use lcs::gad::geometry::Area;
use lcs::gad::{Position, Shape, Uncertainty, Velocity};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(velocity) = Velocity::decode(data) {
        assert_eq!(Velocity::decode(&velocity.encode()), Ok(velocity));
    }
    // The last octets choose the radius and the areas; the shape is the rest, or the whole.
    let (octets, choice) = data.split_last_chunk::<6>().unwrap_or((data, &[0; 6]));
    for shape in [Shape::decode(data), Shape::decode(octets), Shape::decode_low_nibble(octets)].into_iter().flatten() {
        assert_eq!(Shape::decode(&shape.encode()), Ok(shape.clone()));
        lies_somewhere(&shape, choice);
    }
});

fn lies_somewhere(shape: &Shape, choice: &[u8; 6]) {
    let centre = shape.centre();
    assert!(Position::new(centre.lat_deg, centre.lon_deg).is_ok(), "{centre:?}");
    let told = shape.horizontal_uncertainty_m();
    assert!(told.is_none_or(|metres| metres.is_finite() && metres >= 0.0));
    assert!(shape.vertical_uncertainty_m().is_none_or(|metres| metres >= 0.0));
    assert!(shape.confidence_percent().is_none_or(|percent| (1..=100).contains(&percent)));
    black_box(shape.altitude_m());

    let [radius, lat, lon, spread, ..] = *choice;
    let radius_m = 1.1f64.powi(i32::from(radius)) - 1.0;
    let near = |turn: f64| {
        let off = f64::from(spread) / 8.0;
        let lat_deg = (centre.lat_deg + f64::from(lat) / 64.0 - 2.0 + off * turn.sin()).clamp(-90.0, 90.0);
        let lon_deg = (centre.lon_deg + f64::from(lon) / 64.0 - 2.0 + off * turn.cos()).clamp(-180.0, 180.0);
        Position { lat_deg, lon_deg }
    };
    let circle = Area::circle(near(0.0), radius_m.min(20_000_000.0));
    let polygon = Area::polygon((0..5).map(|corner| near(f64::from(corner) * 1.25)).collect());
    circle.iter().chain(&polygon).for_each(|area| {
        black_box(shape.relation_to(area));
    });

    // A radius beyond 1000 km counts as 1000 km; the greatest circle promises nothing more.
    let coarse = shape.coarsen(radius_m);
    let Shape::Circle(_, uncertainty) = &coarse else { panic!("a coarser shape is a circle: {coarse:?}") };
    if *uncertainty == Uncertainty::MAX {
        return;
    }
    assert!(!shape.is_open_ended());
    let holds_m = uncertainty.metres();
    assert!(holds_m + 1e-3 >= radius_m.min(1_000_000.0), "{holds_m} m for {radius_m} m");
    let apart_m = coarse.centre().distance_bounds_m(centre).0;
    assert!(apart_m + told.unwrap_or(0.0) <= holds_m + 1e-3, "{apart_m} m and {told:?} m in {holds_m} m");
    assert_eq!(shape.coarsen(radius_m), coarse);
}
