//! From a result to a position and back (TS 29.002 clause 17.7.13, TS 23.032).

use crate::{
    common::hex,
    samples::{CIRCLE, POLYGON, fix},
};
use lcs::{
    CellIdentity, Failure, Fix, LocationType, PositioningOutcome,
    gad::{Shape, ShapeKind, ShapeSet},
};
use ss7::map::{AccuracyFulfilment, CellOrArea, Estimate, MapError, Number, Octets, PslRes};

const POINT: [u8; 7] = [0x00, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E];
const CELL: [u8; 7] = [0x62, 0xF2, 0x10, 0x12, 0x34, 0x56, 0x78];

fn result(estimate: &[u8], add: Option<&[u8]>) -> PslRes {
    PslRes {
        location_estimate: Octets::new(estimate).unwrap(),
        add_location_estimate: add.and_then(Octets::new),
        ..PslRes::without_place(false)
    }
}

fn shape_of(result: &PslRes) -> Result<Option<Shape>, Failure> {
    result.estimate().fix().map(|fix| fix.and_then(|fix| fix.shape))
}

/// One shape of each kind.
fn shapes() -> Vec<Shape> {
    let octets = [
        "00 4AB1F2 09884E",
        "10 4AB1F2 09884E 1A",
        "30 4AB1F2 09884E 13 0E 2D 43",
        "53 4AAAAA 097530 4ACF13 097530 4ACF13 099999",
        "80 4AB1F2 09884E 0022",
        "90 4AB1F2 09884E 0022 13 0E 2D 09 43",
        "A0 4AB1F2 09884E 0064 1A 0F 3B 43",
        "B0 4AB1F2CD 09884E47 13 0E 2D 43",
    ];
    octets.iter().map(|octets| Shape::decode(&hex(octets)).unwrap()).collect()
}

#[test]
fn each_shape_goes_where_it_may() {
    for shape in shapes() {
        let place = Fix { shape: Some(shape.clone()), ..fix(&CIRCLE) };
        let kind = shape.kind();
        let five = matches!(
            kind,
            ShapeKind::POINT | ShapeKind::CIRCLE | ShapeKind::ELLIPSE | ShapeKind::ALTITUDE_ELLIPSOID | ShapeKind::ARC
        );
        // A gateway that named no shape takes five, and never gets add-LocationEstimate.
        match PslRes::of_fix(&place, None) {
            Ok(result) => {
                assert!(five && result.add_location_estimate.is_none(), "{kind:?}");
                assert_eq!(result.estimate().fix(), Ok(Some(place.clone())));
            }
            Err(error) => assert_eq!((five, error), (false, MapError::SHAPE_NOT_SUPPORTED)),
        }
        // One that named them gets those.
        let result = PslRes::of_fix(&place, Some([kind].into_iter().collect())).unwrap();
        assert_eq!(result.add_location_estimate.is_some(), !five, "{kind:?}");
        assert_eq!(PslRes::decode(&result.encode()).as_ref(), Ok(&result));
        assert_eq!(result.estimate().fix(), Ok(Some(place.clone())));
        let others = ShapeSet(ShapeSet::ALL.0 & !ShapeSet::from_iter([kind]).0);
        assert_eq!(PslRes::of_fix(&place, Some(others)), Err(MapError::SHAPE_NOT_SUPPORTED));
    }
}

#[test]
fn which_of_two_estimates_counts() {
    let circle = Shape::decode(&CIRCLE).ok();
    let polygon = Shape::decode(&POLYGON).ok();
    // The first, if it is valid, whatever the second is.
    assert_eq!(shape_of(&result(&CIRCLE, Some(&POLYGON))), Ok(circle.clone()));
    assert_eq!(shape_of(&result(&CIRCLE, Some(&[0xFF]))), Ok(circle));
    // The second, if the first is one octet.
    assert_eq!(shape_of(&result(&[0], Some(&POLYGON))), Ok(polygon));
    // A shape that the first may not have, a wrong number of octets, a reserved type.
    for (first, second) in [
        (&POLYGON[..], None),
        (&CIRCLE[..7], None),
        (&[0x40, 0, 0, 0, 0, 0, 0][..], None),
        (&[0x40, 0][..], Some(&POLYGON[..])),
        (&[0][..], Some(&POLYGON[..18])),
        (&[0][..], Some(&[0xF0; 7][..])),
    ] {
        assert_eq!(shape_of(&result(first, second)), Err(Failure::NetworkProtocol), "{first:02x?}");
    }
}

#[test]
fn a_cell_alone_is_a_position_and_a_location_area_is_none() {
    let bare = result(&[0], None);
    for (sai_present, cell) in [(false, CellIdentity::Cgi(CELL)), (true, CellIdentity::Sai(CELL))] {
        let told = PslRes { cell_id_or_sai: Some(CellOrArea::CellOrServiceArea(CELL)), sai_present, ..bare.clone() };
        let place = told.estimate().fix().unwrap().unwrap();
        assert_eq!((place.cell, place.shape), (Some(cell), None));
        assert!(matches!(told.positioning_outcome(LocationType::Current), Ok(PositioningOutcome::Fixed(_))));
    }
    let area = PslRes { cell_id_or_sai: Some(CellOrArea::LocationArea([1; 5])), ..bare.clone() };
    for told in [area, bare] {
        assert_eq!(told.estimate().fix(), Ok(None));
        assert_eq!(told.positioning_outcome(LocationType::Current), Err(Failure::PositioningFailed));
    }
}

#[test]
fn a_position_counts_where_one_was_asked_for() {
    let place = PslRes::of_fix(&fix(&CIRCLE), None).unwrap();
    for asked in LocationType::ALL {
        let deferred = matches!(asked, LocationType::ActivateDeferred | LocationType::CancelDeferred);
        let told = place.positioning_outcome(asked).unwrap();
        // Where only notification was asked for, a place is not the acknowledgement that would release another.
        let expected = if deferred { PositioningOutcome::Notified } else { PositioningOutcome::Fixed(fix(&CIRCLE)) };
        assert_eq!(told, expected, "{asked:?}");
        // An estimate beside the acceptance of a deferred request is ignored; where none was asked for, a report follows.
        let accepted = PslRes { deferred_mt_lr_response: true, ..place.clone() };
        let expected = match asked {
            LocationType::ActivateDeferred | LocationType::CancelDeferred => PositioningOutcome::Notified,
            _ => PositioningOutcome::TransientlyUnreachable,
        };
        assert_eq!(accepted.positioning_outcome(asked), Ok(expected), "{asked:?}");
    }
    let unsound = PslRes { velocity_estimate: Octets::new([0xF0; 4]), ..place };
    assert_eq!(unsound.positioning_outcome(LocationType::Current), Err(Failure::NetworkProtocol));
    assert_eq!(unsound.positioning_outcome(LocationType::NotificationVerificationOnly), Err(Failure::NetworkProtocol));
}

#[test]
fn age_and_accuracy() {
    for (age_min, told) in [(0, 0), (32_767, 32_767), (40_000, 32_767)] {
        let place = Fix { age_min: Some(age_min), ..fix(&POINT) };
        assert_eq!(Estimate::of(&place, None).unwrap().age_min.map(Number::value), Some(told));
    }
    let octets = |fulfilment: &str| hex(&["300E 0407 004AB1F209884E", fulfilment, "8A00"].concat());
    for (code, told) in [
        ("880100", Some(AccuracyFulfilment::Fulfilled)),
        ("880101", Some(AccuracyFulfilment::NotFulfilled)),
        // A value that is not listed tells nothing.
        ("880107", None),
    ] {
        let result = PslRes::decode(&octets(code)[..]);
        assert_eq!(result.map(|result| result.accuracy_fulfilment), Ok(told), "{code}");
    }
}

#[test]
fn debug_hides_the_place() {
    let text = format!("{:?}", PslRes::of_fix(&fix(&POLYGON), Some(ShapeSet::ALL)).unwrap());
    for octet in [0x4A, 0xAA, 0x62, 0xF2] {
        assert!(!text.contains(&format!("{octet}, ")), "{text}");
    }
}
