//! Bounding circles, areas and coarsening, against Vincenty's formulae.

use crate::{shapes, vincenty};
use lcs::gad::{
    HaEllipse, HaLatitude, HaLongitude, HaPoint, HaRange, HaUncertainty, Latitude, Longitude, Orientation, Point,
    Polygon, Position, Shape, Uncertainty,
    geometry::{Area, AreaError, Relation},
};
use proptest::prelude::*;
use std::collections::HashSet;

fn at(lat_deg: f64, lon_deg: f64) -> Position {
    Position::new(lat_deg, lon_deg).unwrap()
}

fn position() -> impl Strategy<Value = Position> {
    (-90.0..=90.0f64, -180.0..=180.0f64).prop_map(|(lat_deg, lon_deg)| at(lat_deg, lon_deg))
}

fn coded(place: Position) -> Point {
    Point {
        latitude: Latitude::from_degrees(place.lat_deg).unwrap(),
        longitude: Longitude::from_degrees(place.lon_deg).unwrap(),
    }
}

fn circle(place: Position, metres: f64) -> Shape {
    Shape::Circle(coded(place), Uncertainty::for_result(metres).unwrap())
}

/// Whether `place` is within `metres` of `centre`, by Vincenty; opposite points pass only for the whole Earth.
fn within(centre: Position, metres: f64, place: Position) -> bool {
    vincenty::distance(centre, place).map_or(metres > 19_900_000.0, |distance| distance <= metres + 0.01)
}

proptest! {
    #[test]
    fn distance_lies_between_its_bounds(p in position(), q in position(), bearing in 0.0..360.0f64, exponent in 0.0..7.3f64) {
        let near = vincenty::destination(p, bearing, 10f64.powf(exponent));
        for other in [q, near] {
            let (least, greatest) = p.distance_bounds_m(other);
            if let Some(distance) = vincenty::distance(p, other) {
                prop_assert!(least <= distance + 1e-3 && distance <= greatest + 1e-3, "{least} {distance} {greatest}");
                prop_assert!(distance > 1e5 || greatest - least < 0.002 + distance * 1e-6);
                prop_assert!(distance > 1e7 || greatest - least < 0.01 + distance * 0.011);
            }
        }
    }

    #[test]
    fn circle_and_ellipse_are_held_by_their_radius(shape in shapes::shape(), bearing in 0.0..360.0f64) {
        let centre = shape.centre();
        prop_assert!(centre.lat_deg.abs() <= 90.0 && centre.lon_deg.abs() <= 180.0);
        let Some(radius) = shape.horizontal_uncertainty_m() else { return Ok(()) };
        if let Shape::Polygon(polygon) = &shape {
            for corner in polygon.points() {
                prop_assert!(within(centre, radius, Position::from(*corner)));
            }
        } else if !matches!(shape, Shape::Arc { .. }) {
            let border = vincenty::destination(centre, bearing, radius);
            prop_assert!(within(centre, radius, border));
        }
    }

    #[test]
    fn arc_is_held_by_its_circle(shape in shapes::arc(), along in 0.0..=1.0f64, across in 0.0..=1.0f64) {
        let Shape::Arc { point, inner_radius, uncertainty, offset, included, .. } = shape else { unreachable!() };
        let Some(radius) = shape.horizontal_uncertainty_m() else {
            prop_assert!(inner_radius.is_open_ended() && shape.is_open_ended());
            return Ok(());
        };
        // The origin of the angles and of the radius anywhere within their step, and anywhere from the inner to the outer edge.
        for (along, across) in [(along, across), (along.round(), across.round()), (along, across.round())] {
            let from = inner_radius.metres();
            let distance = from + across * (5.0 + uncertainty.metres());
            let sweep = f64::from(included.included_degrees()) + 2.0;
            let bearing = f64::from(offset.offset_degrees()) + along * sweep;
            let place = vincenty::destination(point.into(), bearing, distance);
            prop_assert!(within(shape.centre(), radius, place), "radius {radius}, sweep {sweep}, {from} to {distance}");
        }
        // No larger than the whole disc, but for the error of its centre.
        prop_assert!(radius <= 1.01 * (inner_radius.metres() + 5.0 + uncertainty.metres()));
    }

    #[test]
    fn relation_to_a_circle_holds_for_every_place_of_the_shape(
        place in position(), exponent in 0.0..5.5f64, uncertainty in 0u8..100, offset in 0.0..3.0f64, turn in 0.0..360.0f64,
    ) {
        let shape = Shape::Circle(coded(place), Uncertainty::from_code(uncertainty).unwrap());
        let area_m = 10f64.powf(exponent);
        let middle = vincenty::destination(place, turn, offset * area_m);
        let relation = shape.relation_to(&Area::circle(middle, area_m).unwrap());
        let (centre, radius) = (shape.centre(), shape.horizontal_uncertainty_m().unwrap());
        for bearing in [turn, turn + 90.0, turn + 180.0, turn + 270.0] {
            for distance in [0.0, radius / 2.0, radius] {
                let Some(away) = vincenty::distance(middle, vincenty::destination(centre, bearing, distance)) else { continue };
                match relation {
                    Relation::Inside => prop_assert!(away <= area_m + 0.01),
                    Relation::Outside => prop_assert!(away > area_m - 0.01),
                    Relation::Straddles => {}
                }
            }
        }
        // And it is not always undecided: far within and far without are told.
        if radius + 8.0 + offset * area_m < 0.98 * area_m { prop_assert_eq!(relation, Relation::Inside) }
        if offset * area_m > 1.02 * (radius + 8.0 + area_m) { prop_assert_eq!(relation, Relation::Outside) }
    }

    #[test]
    fn relation_to_a_polygon_agrees_with_counting_crossings(
        shift in -180.0..180.0f64, base in -70.0..70.0f64,
        corners in proptest::collection::vec((0.0..0.01f64, 0.0..0.01f64), 3..12),
        place in (-0.004..0.014f64, -0.004..0.014f64), uncertainty in 0u8..30, bearing in 0.0..360.0f64,
    ) {
        // A star shaped polygon round its mean never crosses itself.
        let mean = corners.iter().fold((0.0, 0.0), |sum, c| (sum.0 + c.0 / corners.len() as f64, sum.1 + c.1 / corners.len() as f64));
        let mut star = corners;
        star.sort_by(|p, q| (p.0 - mean.0).atan2(p.1 - mean.1).total_cmp(&(q.0 - mean.0).atan2(q.1 - mean.1)));
        let wrap = |lon: f64| (lon + 180.0).rem_euclid(360.0) - 180.0;
        let area = Area::polygon(star.iter().map(|c| at(base + c.0, wrap(shift + c.1))).collect()).unwrap();
        let centre = at(base + place.0, wrap(shift + place.1));
        let shape = Shape::Circle(coded(centre), Uncertainty::from_code(uncertainty).unwrap());
        let relation = shape.relation_to(&area);
        let radius = shape.horizontal_uncertainty_m().unwrap();
        for distance in [0.0, radius] {
            let spot = vincenty::destination(shape.centre(), bearing, distance);
            let inside = crossings(&star, (spot.lat_deg - base, wrap(spot.lon_deg - shift))) % 2 == 1;
            match relation {
                Relation::Inside => prop_assert!(inside),
                Relation::Outside => prop_assert!(!inside),
                Relation::Straddles => {}
            }
        }
    }

    #[test]
    fn coarser_shape_holds_the_finer_one(shape in shapes::shape(), exponent in 0.0..6.0f64, bearing in 0.0..360.0f64) {
        let asked = 10f64.powf(exponent);
        let coarse = shape.coarsen(asked);
        let radius = coarse.horizontal_uncertainty_m().unwrap();
        prop_assert!(matches!(coarse, Shape::Circle(..)));
        prop_assert!(radius + 1e-3 >= asked);
        prop_assert_eq!(coarse.altitude_m(), None);
        // Beyond the greatest circle that can be coded nothing can be held.
        if let Some(fine) = shape.horizontal_uncertainty_m().or(Some(0.0)).filter(|_| !shape.is_open_ended() && radius < 1.8e6) {
            for bearing in [bearing, bearing + 120.0, bearing + 240.0] {
                let border = vincenty::destination(shape.centre(), bearing, fine);
                prop_assert!(within(coarse.centre(), radius, border));
            }
        }
        prop_assert_eq!(shape.coarsen(asked), coarse);
    }

    #[test]
    fn asking_again_nearby_gives_few_answers(place in position(), exponent in 1.0..5.5f64, seed in 0.0..360.0f64) {
        // Fixes scattered by a tenth of the radius see the cells that meet nearby, however often one asks.
        let asked = 10f64.powf(exponent);
        let answers: HashSet<Vec<u8>> = (0..100)
            .map(|n| vincenty::destination(place, seed + 137.5 * f64::from(n), asked / 1000.0 * f64::from(n)))
            .map(|fix| circle(fix, 5.0).coarsen(asked).encode())
            .collect();
        let limit = if place.lat_deg.abs() < 89.0 { 4 } else { 12 };
        prop_assert!(answers.len() <= limit, "{} answers", answers.len());
    }

    #[test]
    fn coarser_grid_tells_no_more_than_the_finer(p in position(), turn in 0.0..360.0f64, exponent in 1.0..5.0f64, more in 1.0..50.0f64, way in 0.0..2.0f64) {
        let asked = 10f64.powf(exponent);
        let q = vincenty::destination(p, turn, way * asked);
        let [fine, other] = [p, q].map(|place| Shape::Point(coded(place)).coarsen(asked).centre());
        let [coarse, coarse_other] = [p, q].map(|place| Shape::Point(coded(place)).coarsen(more * asked).centre());
        if fine == other { prop_assert_eq!(coarse, coarse_other) }
    }

    #[test]
    fn cells_are_as_wide_and_high_as_asked(place in (-89.0..89.0f64, -180.0..180.0f64), exponent in 1.0..5.0f64) {
        let (place, asked) = (at(place.0, place.1), 10f64.powf(exponent));
        let answer = |place: Position| Shape::Point(coded(place)).coarsen(asked).centre();
        let own = answer(place);
        // How far one may go north and south, east and west, within the cell, in steps of a fiftieth of the radius.
        let reach = |bearing: f64| {
            let step = |n: u32| vincenty::destination(own, bearing, asked / 50.0 * f64::from(n));
            f64::from((0..200).find(|n| answer(step(*n)) != own).unwrap_or(200)) * asked / 50.0
        };
        prop_assert!(reach(0.0) + reach(180.0) >= 0.97 * asked - 10.0);
        if own.lat_deg.abs() < 89.9 { prop_assert!(reach(90.0) + reach(270.0) >= 0.97 * asked - 10.0) }
    }
}

/// How many edges a way to the north crosses.
fn crossings(corners: &[(f64, f64)], (lat, lon): (f64, f64)) -> usize {
    let edges = corners.iter().zip(corners.iter().cycle().skip(1));
    edges
        .filter(|(p, q)| (p.1 > lon) != (q.1 > lon))
        .filter(|(p, q)| lat < p.0 + (lon - p.1) / (q.1 - p.1) * (q.0 - p.0))
        .count()
}

#[test]
fn area_over_the_antimeridian() {
    let corners = [(-1.0, 179.0), (1.0, 179.0), (1.0, -179.0), (-1.0, -179.0)];
    let area = Area::polygon(corners.map(|(lat, lon)| at(lat, lon)).to_vec()).unwrap();
    for (lon, inside) in
        [(180.0, true), (-180.0, true), (179.5, true), (-179.5, true), (178.5, false), (-178.5, false), (0.0, false)]
    {
        assert_eq!(area.contains(at(0.0, lon)), inside, "{lon}");
    }
    assert_eq!(circle(at(0.0, -179.9), 1000.0).relation_to(&area), Relation::Inside);
    assert_eq!(circle(at(0.0, 179.0), 1000.0).relation_to(&area), Relation::Straddles);
    assert_eq!(circle(at(0.0, 0.0), 1000.0).relation_to(&area), Relation::Outside);
    let ring = Area::circle(at(0.0, 179.99), 10_000.0).unwrap();
    assert_eq!(circle(at(0.0, -179.99), 1000.0).relation_to(&ring), Relation::Inside);
    let across = Polygon::new([179.9, -179.9, 180.0].map(|lon| coded(at(10.0, lon))).to_vec()).unwrap();
    assert!(Shape::Polygon(across).horizontal_uncertainty_m().unwrap() < 12_000.0);
}

#[test]
fn area_over_a_pole() {
    for sign in [1.0, -1.0] {
        let corners = [0.0, 90.0, 180.0, -90.0].map(|lon| at(sign * 89.0, lon)).to_vec();
        let area = Area::polygon(corners).unwrap();
        assert!(area.contains(at(sign * 90.0, 17.0)) && area.contains(at(sign * 89.5, 45.0)));
        assert!(!area.contains(at(sign * 88.0, 45.0)) && !area.contains(at(-sign * 90.0, 0.0)));
        assert_eq!(circle(at(sign * 89.9, -135.0), 100.0).relation_to(&area), Relation::Inside);
        assert_eq!(circle(at(-sign * 89.9, -135.0), 100.0).relation_to(&area), Relation::Outside);
        let ring = Area::circle(at(sign * 89.999, 0.0), 1000.0).unwrap();
        assert_eq!(circle(at(sign * 89.999, 180.0), 100.0).relation_to(&ring), Relation::Inside);
    }
}

#[test]
fn area_is_the_side_that_is_surrounded_whichever_way_it_runs() {
    let mut corners = [(52.5, 13.3), (52.6, 13.3), (52.6, 13.5)].map(|(lat, lon)| at(lat, lon)).to_vec();
    let there = Area::polygon(corners.clone()).unwrap();
    corners.reverse();
    let back = Area::polygon(corners.clone()).unwrap();
    corners.push(corners[0]);
    let closed = Area::polygon(corners).unwrap();
    for area in [there, back, closed] {
        assert!(
            area.contains(at(52.58, 13.35)) && !area.contains(at(52.52, 13.45)) && !area.contains(at(-52.58, -166.65))
        );
    }
}

#[test]
fn figures_that_make_no_area() {
    assert_eq!(Area::circle(at(0.0, 0.0), -1.0), Err(AreaError::Radius));
    assert_eq!(Area::circle(at(0.0, 0.0), f64::NAN), Err(AreaError::Radius));
    let nowhere = Position { lat_deg: f64::NAN, lon_deg: 0.0 };
    assert_eq!(Area::circle(nowhere, 1.0), Err(AreaError::Position));
    assert_eq!(Area::polygon(vec![nowhere; 3]), Err(AreaError::Position));
    assert_eq!(Area::polygon(vec![at(0.0, 0.0); 2]), Err(AreaError::TooFewCorners));
    assert_eq!(Area::polygon([0.0, 120.0, -120.0].map(|lon| at(0.0, lon)).to_vec()), Err(AreaError::TooWide));
    assert_eq!(Area::polygon([0.0, 90.0, 45.1].map(|lon| at(0.0, lon)).to_vec()), Err(AreaError::TooWide));
}

#[test]
fn a_point_without_uncertainty_is_taken_at_its_word() {
    let area = Area::circle(at(52.52, 13.405), 10.0).unwrap();
    assert_eq!(Shape::Point(coded(at(52.52, 13.405))).relation_to(&area), Relation::Inside);
    assert_eq!(Shape::Point(coded(at(52.52, 13.405))).horizontal_uncertainty_m(), None);
    assert_eq!(Shape::Point(coded(at(52.53, 13.405))).relation_to(&area), Relation::Outside);
}

#[test]
fn an_open_ended_uncertainty_is_never_taken_for_a_small_one() {
    let point = HaPoint {
        latitude: HaLatitude::from_degrees(1.0).unwrap(),
        longitude: HaLongitude::from_degrees(1.0).unwrap(),
    };
    let ellipse = HaEllipse {
        semi_major: HaUncertainty::from_code(255),
        semi_minor: HaUncertainty::from_code(1),
        orientation: Orientation::from_code(0).unwrap(),
        confidence: lcs::gad::Confidence::NO_INFORMATION,
    };
    let bounded = Shape::HaScalableEllipse(point, ellipse, HaRange::Default);
    assert!(!bounded.is_open_ended() && bounded.horizontal_uncertainty_m().unwrap() < 47.0);
    let shape = Shape::HaScalableEllipse(point, ellipse, HaRange::Extended);
    assert!(shape.is_open_ended());
    assert_eq!(shape.horizontal_uncertainty_m(), None);
    for (middle, radius_m) in [(at(1.0, 1.0), 20_000_000.0), (at(50.0, 1.0), 1.0)] {
        assert_eq!(shape.relation_to(&Area::circle(middle, radius_m).unwrap()), Relation::Straddles);
    }
    let Shape::Circle(_, uncertainty) = shape.coarsen(1000.0) else { panic!() };
    assert_eq!(uncertainty, Uncertainty::MAX);
}

#[test]
fn nonsense_radii_make_the_coarsest_shape_not_the_finest() {
    let shape = circle(at(52.52, 13.405), 5.0);
    for radius_m in [f64::NAN, f64::INFINITY, 1e9] {
        assert_eq!(shape.coarsen(radius_m), shape.coarsen(1_000_000.0));
    }
    for radius_m in [f64::NEG_INFINITY, -5.0, 0.0] {
        assert_eq!(shape.coarsen(radius_m), shape.coarsen(1.0));
    }
}

#[test]
fn a_place_is_not_printed() {
    assert_eq!(format!("{:?}", at(52.52, 13.405)), "Position(hidden)");
}
