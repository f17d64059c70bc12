//! The conversion against a look at every cell, by the geometry that `lcs` has for other ends.

use super::*;
use crate::sphere::{lat_lon, towards, up};
use lcs::gad::{
    Angle, Confidence, Ellipse, InnerRadius, Latitude, Longitude, Orientation, Point, Polygon, Position, Shape,
    Uncertainty,
    geometry::{Area, Relation},
};
use proptest::prelude::*;

fn network() -> Network {
    PlmnId::new("001", "01").expect("five digits").into()
}

fn map(csv: &str) -> AreaMap {
    let (sites, _) = CellSites::read(csv.as_bytes(), 1_000, |_| ()).expect("a table");
    AreaMap { sites, names: NamedAreas::default() }
}

/// Lines of a table from radio, area, cell, longitude, latitude and range.
fn table(cells: &[(&str, u16, u32, f64, f64, f64)]) -> String {
    let line = |(radio, area, cell, lon, lat, range): &(&str, u16, u32, f64, f64, f64)| {
        format!("{radio},1,1,{area},{cell},0,{lon},{lat},{range},1,1,0,0,0\n")
    };
    cells.iter().map(line).collect()
}

fn point((lat_deg, lon_deg): (f64, f64)) -> Point {
    Point {
        latitude: Latitude::from_degrees(lat_deg).expect("a latitude"),
        longitude: Longitude::from_degrees(lon_deg).expect("a longitude"),
    }
}

fn circle(at: (f64, f64), metres: f64) -> Shape {
    Shape::Circle(point(at), Uncertainty::for_result(metres).expect("in range"))
}

fn named(map: &AreaMap, shape: Shape, naming: Naming) -> Result<Vec<AreaIdentity>, AreaError> {
    map.identities(&[TargetArea::Shape(shape)], network(), naming).map(|named| named.identities)
}

/// Four cells in a row, 1 km reach, 1.1 km from each other; three of one tracking area, one of another.
const ROW: [(&str, u16, u32, f64, f64, f64); 4] = [
    ("LTE", 7, 1, 0.0, 0.0, 1000.0),
    ("LTE", 7, 2, 0.01, 0.0, 1000.0),
    ("LTE", 7, 3, 0.02, 0.0, 1000.0),
    ("LTE", 8, 4, 0.03, 0.0, 1000.0),
];

#[test]
fn a_tracking_area_stands_for_its_cells_only_when_none_is_missing() {
    let map = map(&table(&ROW));
    let plmn = network().plmn;
    // Touches cells 1, 2 and 3, and not 4 at 1.6 km beyond its border.
    let three = named(&map, circle((0.0, 0.01), 250.0), Naming::Slg);
    assert_eq!(three, Ok(vec![AreaIdentity::TrackingArea(plmn, 7)]));
    let two = named(&map, circle((0.0, 0.005), 100.0), Naming::Slg);
    assert_eq!(two, Ok(vec![AreaIdentity::EutranCell(plmn, 1), AreaIdentity::EutranCell(plmn, 2)]));
    // The only cell of its area stays a cell.
    let last = named(&map, circle((0.0, 0.032), 20.0), Naming::Slg);
    assert_eq!(last, Ok(vec![AreaIdentity::EutranCell(plmn, 4)]));
}

#[test]
fn each_interface_names_what_it_can() {
    let cells =
        [("GSM", 7, 1, 0.0, 0.0, 2000.0), ("UMTS", 7, 0x1_0002, 0.0, 0.0, 500.0), ("GSM", 7, 3, 1.0, 0.0, 500.0)];
    let map = map(&table(&cells));
    let plmn = network().plmn;
    let small = circle((0.0, 0.0), 20.0);
    assert_eq!(
        named(&map, small.clone(), Naming::Map),
        Ok(vec![AreaIdentity::Cell(plmn, 7, 1), AreaIdentity::UtranCell(plmn, 0x1_0002)])
    );
    assert_eq!(named(&map, small.clone(), Naming::Slg), Err(AreaError::NoNetwork));
    let other = PlmnId::new("001", "02").expect("five digits").into();
    assert_eq!(map.identities(&[TargetArea::Shape(small)], other, Naming::Map), Err(AreaError::NoNetwork));
    // A network and a country need no table.
    let as_they_are = [TargetArea::Plmn(plmn), TargetArea::Country([2, 6, 2])];
    let named = map.identities(&as_they_are, other, Naming::Slg).map(|named| (named.identities, named.cells));
    assert_eq!(named, Ok((vec![AreaIdentity::Country([2, 6, 2]), AreaIdentity::Plmn(plmn)], 0)));
}

/// A phone may camp on any access, so a card watches the cells of all; location and tracking areas of the same code stay apart.
#[test]
fn a_card_watches_the_cells_of_every_access() {
    let mut cells = ROW.to_vec();
    cells.extend([
        ("GSM", 7, 21, 0.0, 0.0, 1000.0),
        ("GSM", 7, 22, 0.03, 0.0, 1000.0),
        ("UMTS", 9, 31, 0.01, 0.0, 900.0),
    ]);
    let map = map(&table(&cells));
    let plmn = network().plmn;
    let three = named(&map, circle((0.0, 0.01), 250.0), Naming::Card);
    let expected =
        vec![AreaIdentity::Cell(plmn, 7, 21), AreaIdentity::UtranCell(plmn, 31), AreaIdentity::TrackingArea(plmn, 7)];
    assert_eq!(three, Ok(expected));
}

#[test]
fn what_cannot_be_named_whole_is_refused_and_why() {
    let row = map(&table(&ROW));
    for (shape, why) in [
        (Shape::Point(point((0.0, 0.0))), AreaError::NoExtent),
        (circle((10.0, 10.0), 100.0), AreaError::NoCell),
        // Reaches over the row to the north and the south.
        (circle((0.0, 0.01), 1_500.0), AreaError::NotCovered),
        // Half of it beyond the end of the row.
        (circle((0.0, -0.01), 200.0), AreaError::NotCovered),
    ] {
        assert_eq!(named(&row, shape, Naming::Slg), Err(why));
    }
    assert_eq!(row.identities(&[], network(), Naming::Slg), Err(AreaError::Nothing));
    let unknown = row.identities(&[TargetArea::Named("Nowhere".to_owned())], network(), Naming::Slg);
    assert_eq!(unknown, Err(AreaError::UnknownName));
    let open = InnerRadius::from_code(u16::MAX).expect("any code");
    let arc = arc((0.0, 0.0), open, 100.0, (0.0, 90.0));
    assert_eq!(named(&row, arc, Naming::Slg), Err(AreaError::TooWide));
    let many: Vec<_> = (0..251u32).map(|cell| ("LTE", 1, cell, 0.0, 0.0, 3000.0)).collect();
    let some = [many.as_slice(), &[("LTE", 1, 999, 5.0, 0.0, 100.0)]].concat();
    let count = AreaError::TooMany { count: 251, most: 250 };
    assert_eq!(named(&map(&table(&some)), circle((0.0, 0.0), 100.0), Naming::Slg), Err(count));
    // The same cells, and nothing of their tracking area elsewhere.
    let whole = named(&map(&table(&many)), circle((0.0, 0.0), 100.0), Naming::Slg);
    assert_eq!(whole, Ok(vec![AreaIdentity::TrackingArea(network().plmn, 1)]));
}

#[test]
fn names_stand_for_their_shapes_and_are_refused_as_these() {
    let json = r#"{ "type": "FeatureCollection", "features": [
        { "type": "Feature", "properties": { "name": "School" },
          "geometry": { "type": "Polygon", "coordinates": [[[0.0095,-0.001],[0.0105,-0.001],[0.0105,0.001],[0.0095,0.001],[0.0095,-0.001]]] } },
        { "type": "Feature", "properties": { "name": "Two", "colour": "red" },
          "geometry": { "type": "MultiPolygon", "coordinates": [
            [[[0.0,0.0],[0.001,0.0],[0.001,0.001]]], [[[9.0,9.0],[9.001,9.0],[9.001,9.001]]] ] } },
        { "type": "Feature", "properties": { "name": "Kiosk", "radius_m": 10 },
          "geometry": { "type": "Point", "coordinates": [0.03, 0.0] } } ] }"#;
    let names = NamedAreas::parse(json.as_bytes()).expect("three areas");
    assert_eq!(names.names().collect::<Vec<_>>(), ["Kiosk", "School", "Two"]);
    let map = AreaMap { names, ..map(&table(&ROW)) };
    let of = |name: &str| {
        let named = map.identities(&[TargetArea::Named(name.to_owned())], network(), Naming::Slg);
        named.map(|named| named.cells)
    };
    assert_eq!(of("School"), Ok(1));
    assert_eq!(of("Kiosk"), Ok(1));
    // A part of it is where no cell is.
    assert_eq!(of("Two"), Err(AreaError::NoCell));
    let feature = |geometry: &str| {
        format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"name":"A"}},"geometry":{geometry}}}]}}"#
        )
    };
    for (geometry, why) in [
        (r#"{"type":"LineString","coordinates":[[0,0],[1,1]]}"#, "unknown variant"),
        (r#"{"type":"Polygon","coordinates":[]}"#, "no outline"),
        (r#"{"type":"Polygon","coordinates":[[[0,0],[1,1]]]}"#, "no extent"),
        (r#"{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1]]]}"#, "crosses itself"),
        (r#"{"type":"Polygon","coordinates":[[[0,0],[1,95],[1,0]]]}"#, "latitude"),
        (r#"{"type":"Polygon","coordinates":[[[0],[1,9],[1,0]]]}"#, "latitude"),
        (r#"{"type":"Point","coordinates":[0,0]}"#, "radius_m"),
    ] {
        let error = NamedAreas::parse(feature(geometry).as_bytes()).expect_err(geometry).to_string();
        assert!(error.contains(why), "{geometry}: {error}");
    }
}

#[test]
fn a_ring_of_cells_covers_a_ring_and_no_disc() {
    let ring: Vec<_> = (0..60u32)
        .map(|at| {
            let (lat, lon) = lat_lon(towards(up(48.0, 11.0), f64::from(at) * 6.0, 10_000.0 / 6_370_000.0));
            ("LTE", 1, at, lon, lat, 1500.0)
        })
        .collect();
    let with_one_more = [ring.as_slice(), &[("LTE", 1, 99, 0.0, 0.0, 100.0)]].concat();
    let map = map(&table(&with_one_more));
    let inner = InnerRadius::from_metres(9_500.0).expect("in range");
    let around = named(&map, arc((48.0, 11.0), inner, 500.0, (0.0, 360.0)), Naming::Slg).expect("covered");
    assert_eq!(around.len(), 60);
    let quarter = named(&map, arc((48.0, 11.0), inner, 500.0, (0.0, 90.0)), Naming::Slg).expect("covered");
    assert!((15..22).contains(&quarter.len()), "{}", quarter.len());
    assert_eq!(named(&map, circle((48.0, 11.0), 10_000.0), Naming::Slg), Err(AreaError::NotCovered));
    // One cell of the ring fails.
    let broken = self::map(&table(&with_one_more[1..]));
    let around = named(&broken, arc((48.0, 11.0), inner, 500.0, (0.0, 360.0)), Naming::Slg);
    assert_eq!(around.map(|cells| cells.len()), Ok(59), "neighbours overlap by a half");
    let broken = self::map(&table(&with_one_more[3..]));
    let around = named(&broken, arc((48.0, 11.0), inner, 500.0, (0.0, 360.0)), Naming::Slg);
    assert_eq!(around, Err(AreaError::NotCovered));
}

fn arc(at: (f64, f64), inner_radius: InnerRadius, thickness_m: f64, (offset, included): (f64, f64)) -> Shape {
    Shape::Arc {
        point: point(at),
        inner_radius,
        uncertainty: Uncertainty::for_result(thickness_m).expect("in range"),
        offset: Angle::from_offset_degrees(offset).expect("in range"),
        included: Angle::from_included_degrees(included).expect("in range"),
        confidence: Confidence::NO_INFORMATION,
    }
}

/// Middles all over the Earth, and often where it is hard: at poles and at the antimeridian.
fn middles() -> impl Strategy<Value = (f64, f64)> {
    prop_oneof![
        (-90.0..=90.0f64, -180.0..=180.0f64),
        (-60.0..=60.0f64, prop_oneof![179.5..=180.0f64, -180.0..=-179.5f64]),
        (prop_oneof![89.0..=90.0f64, -90.0..=-89.0f64], -180.0..=180.0f64),
    ]
}

/// Cells round a middle: bearing, way in metres, range in metres.
fn around(reach_m: f64) -> impl Strategy<Value = Vec<(f64, f64, f64)>> {
    let range = prop_oneof![1.0..3_000.0f64, 1.0..120_000.0f64];
    proptest::collection::vec((0.0..360.0f64, 0.0..3.0 * reach_m, range), 1..60)
}

fn placed((lat_deg, lon_deg): (f64, f64), bearing_deg: f64, metres: f64) -> (f64, f64) {
    lat_lon(towards(up(lat_deg, lon_deg), bearing_deg, metres / 6_370_000.0))
}

/// Where a cell is, as the table has it, and its range.
type Placed = (Position, f64);

/// The cells that touch, by number; and where each is.
fn touched(middle: (f64, f64), cells: &[(f64, f64, f64)], shape: &Shape) -> Option<(Vec<u32>, Vec<Placed>)> {
    let rows: Vec<_> = cells
        .iter()
        .zip(0u32..)
        .map(|((bearing, way, range), number)| {
            let (lat, lon) = placed(middle, *bearing, *way);
            ("LTE", 1, number, lon, lat, range.ceil())
        })
        .collect();
    let map = map(&table(&rows));
    let region = Region::of_shape(shape).ok()?;
    let mut numbers: Vec<u32> =
        map.touched(&region, network(), Naming::Slg).unwrap_or_default().iter().map(|of| of.site.cell).collect();
    numbers.sort_unstable();
    let places = rows.iter().map(|(.., lon, lat, range)| (Position { lat_deg: *lat, lon_deg: *lon }, *range)).collect();
    Some((numbers, places))
}

proptest! {
    #[test]
    fn circles_as_a_look_at_every_cell_has_them(
        middle in middles(), radius_m in 20.0..200_000.0f64, seed in around(100_000.0),
    ) {
        let shape = circle(middle, radius_m);
        let (numbers, places) = touched(middle, &seed, &shape).expect("a circle");
        let radius_m = shape.horizontal_uncertainty_m().expect("a circle has one");
        for ((place, range), number) in places.iter().zip(0u32..) {
            let (least, greatest) = shape.centre().distance_bounds_m(*place);
            let in_list = numbers.binary_search(&number).is_ok();
            if greatest <= radius_m + range {
                prop_assert!(in_list, "cell {number} touches");
            }
            if least > 1.011 * (radius_m + range) + 10.0 {
                prop_assert!(!in_list, "cell {number} is far away");
            }
        }
    }

    #[test]
    fn polygons_as_a_look_at_every_cell_has_them(
        middle in middles(),
        ways in proptest::collection::vec(500.0..60_000.0f64, 3..=15),
        seed in around(50_000.0),
    ) {
        // Corners round the middle at even bearings: a star, which crosses itself nowhere.
        let count = ways.len() as f64;
        let points: Vec<Point> = ways
            .iter()
            .enumerate()
            .map(|(at, way)| point(placed(middle, at as f64 * 360.0 / count, *way)))
            .collect();
        let area = Area::polygon(points.iter().map(|point| Position::from(*point)).collect()).expect("a polygon");
        let shape = Shape::Polygon(Polygon::new(points).expect("3 to 15"));
        // Three corners of which two are at opposite bearings may be a line.
        let Some((numbers, places)) = touched(middle, &seed, &shape) else { return Ok(()) };
        for ((place, range), number) in places.iter().zip(0u32..) {
            let in_list = numbers.binary_search(&number).is_ok();
            // Places in the disc of the cell: one inside the polygon is enough.
            let inside = (0..72u32).any(|at| {
                let way = f64::from(at / 24 + 1) / 3.0 * range * 0.99;
                let (lat_deg, lon_deg) = placed((place.lat_deg, place.lon_deg), f64::from(at % 24) * 15.0, way);
                area.contains(Position { lat_deg, lon_deg })
            });
            if inside || area.contains(*place) {
                prop_assert!(in_list, "cell {number} touches");
            }
            let wider = circle((place.lat_deg, place.lon_deg), range * 1.011 + 10.0);
            if wider.relation_to(&area) == Relation::Outside {
                prop_assert!(!in_list, "cell {number} is far away");
            }
        }
    }

    #[test]
    fn ellipses_and_arcs_hold_every_place_of_theirs(
        middle in middles(),
        major_m in 100.0..60_000.0f64,
        ratio in 0.05..0.99f64,
        turn in 0u8..180,
        bearings in (0.0..359.0f64, 2.0..360.0f64),
        share in (0.0..1.0f64, 0.0..1.0f64),
    ) {
        let uncertainty = |metres: f64| Uncertainty::for_result(metres).expect("in range");
        let orientation = Orientation::from_degrees(f64::from(turn)).expect("in range");
        let (semi_major, semi_minor) = (uncertainty(major_m), uncertainty(major_m * ratio));
        let ellipse = Ellipse { semi_major, semi_minor, orientation, confidence: Confidence::NO_INFORMATION };
        let shape = Shape::Ellipse(point(middle), ellipse);
        let from: Position = point(middle).into();
        let from = (from.lat_deg, from.lon_deg);
        // A place of the ellipse: polar coordinates in a circle, the circle drawn out.
        let (sin, cos) = (share.0 * core::f64::consts::TAU).sin_cos();
        let size = share.1.sqrt() * 0.99;
        let (along, across) = (cos * size * semi_major.metres(), sin * size * semi_minor.metres());
        let place = placed(from, f64::from(turn) + across.atan2(along).to_degrees(), along.hypot(across));
        let region = Region::of_shape(&shape).expect("an ellipse");
        prop_assert!(region.contains(up(place.0, place.1)), "inside the ellipse");
        let beyond = placed(from, f64::from(turn), semi_major.metres() * 1.03 + 20.0);
        prop_assert!(!region.contains(up(beyond.0, beyond.1)), "beyond the ellipse");

        let inner = InnerRadius::from_metres(major_m).expect("in range");
        let shape = arc(middle, inner, major_m * ratio, bearings);
        let region = Region::of_shape(&shape).expect("an arc");
        let bearing = bearings.0 + share.0 * bearings.1;
        let place = placed(from, bearing, inner.metres() + 1.0 + share.1 * 0.99 * uncertainty(major_m * ratio).metres());
        prop_assert!(region.touches(up(place.0, place.1), 0.0), "inside the arc");
        let outer_m = inner.metres() + uncertainty(major_m * ratio).metres();
        let beyond = placed(from, bearing, outer_m * 1.03 + 20.0);
        prop_assert!(!region.contains(up(beyond.0, beyond.1)), "beyond the arc");
        let hole = placed(from, bearing, inner.metres() * 0.95 - 30.0);
        if inner.metres() > 1_000.0 {
            prop_assert!(!region.contains(up(hole.0, hole.1)), "in the hole of the arc");
        }
    }

    /// What is said to be covered is: no place of the shape is farther from a cell than the step of the grid.
    #[test]
    fn what_counts_as_covered_has_no_wide_gap(
        middle in middles(), radius_m in 1_000.0..20_000.0f64, seed in around(7_000.0),
        share in proptest::collection::vec((0.0..360.0f64, 0.0..1.0f64), 40),
    ) {
        let shape = circle(middle, radius_m);
        let rows: Vec<_> = seed.iter().zip(0u32..).map(|((bearing, way, range), number)| {
            let (lat, lon) = placed(middle, *bearing, *way);
            ("LTE", number as u16, number, lon, lat, (range * 5.0).ceil().min(120_000.0))
        }).collect();
        let covered = named(&map(&table(&rows)), shape.clone(), Naming::Slg).is_ok();
        let radius_m = shape.horizontal_uncertainty_m().expect("a circle has one");
        let mut widest_gap = 0.0f64;
        for (bearing, part) in share {
            let (lat_deg, lon_deg) = placed(middle, bearing, radius_m * part.sqrt() * 0.99);
            let place = Position { lat_deg, lon_deg };
            let gap = rows.iter().map(|(.., lon, lat, range)| {
                place.distance_bounds_m(Position { lat_deg: *lat, lon_deg: *lon }).0 - range
            }).fold(f64::INFINITY, f64::min);
            widest_gap = widest_gap.max(gap);
        }
        if covered {
            prop_assert!(widest_gap <= radius_m / 8.0 + 10.0, "a gap of {widest_gap} m in {radius_m} m");
        }
    }
}
