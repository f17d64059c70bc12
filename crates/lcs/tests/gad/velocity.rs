//! Velocity, TS 23.032 clause 8.

use crate::hex;
use lcs::gad::{GadError, Velocity};
use proptest::prelude::*;

const STILL: Velocity = Velocity {
    bearing_deg: 0,
    horizontal_km_h: 0,
    vertical_km_h: None,
    horizontal_uncertainty_km_h: None,
    vertical_uncertainty_km_h: None,
};

#[test]
fn the_four_types() {
    let fast = Velocity { bearing_deg: 300, horizontal_km_h: 10_000, ..STILL };
    for (velocity, octets) in [
        (Velocity { bearing_deg: 90, horizontal_km_h: 59, ..STILL }, "00 5A 00 3B"), // G-14
        (Velocity { vertical_km_h: Some(200), ..fast }, "11 2C 27 10 C8"),           // G-15
        (Velocity { vertical_km_h: Some(-200), ..fast }, "13 2C 27 10 C8"),
        (
            // G-16
            Velocity { bearing_deg: 301, horizontal_km_h: 10_001, horizontal_uncertainty_km_h: Some(199), ..STILL },
            "21 2D 27 11 C7",
        ),
        (
            // G-17
            Velocity {
                bearing_deg: 302,
                horizontal_km_h: 10_002,
                vertical_km_h: Some(202),
                horizontal_uncertainty_km_h: Some(198),
                vertical_uncertainty_km_h: Some(197),
            },
            "31 2E 27 12 CA C6 C5",
        ),
    ] {
        assert_eq!(velocity.encode(), hex(octets));
        assert_eq!(Velocity::decode(&hex(octets)), Ok(velocity));
    }
}

#[test]
fn every_first_octet_with_every_length() {
    const LENGTHS: [usize; 4] = [4, 5, 5, 7];
    for first in 0..=u8::MAX {
        for length in 1..=9 {
            let octets = [vec![first], vec![1; length - 1]].concat();
            let kind = first >> 4;
            let actual = Velocity::decode(&octets);
            match LENGTHS.get(usize::from(kind)) {
                None => assert_eq!(actual, Err(GadError::UnknownType(kind))),
                Some(expected) if *expected == length => {
                    let downward = if kind & 1 == 1 { 0b11 } else { 0b01 };
                    let sent = [vec![first & (0xF0 | downward)], vec![1; length - 1]].concat();
                    assert_eq!(actual.unwrap().encode(), sent);
                }
                Some(expected) => {
                    assert_eq!(actual, Err(GadError::Length { kind, expected: *expected, actual: length }));
                }
            }
        }
    }
    assert_eq!(Velocity::decode(&[]), Err(GadError::Empty));
}

#[test]
fn every_bearing_comes_back_and_the_unused_are_refused() {
    for bearing in 0..512u16 {
        let octets = [(bearing >> 8) as u8, bearing as u8, 0, 7];
        let expected = if bearing < 360 {
            Ok(Velocity { bearing_deg: bearing, horizontal_km_h: 7, ..STILL })
        } else {
            Err(GadError::BearingUnused(bearing))
        };
        assert_eq!(Velocity::decode(&octets), expected);
    }
}

#[test]
fn what_has_no_code_is_brought_into_range() {
    let odd = Velocity { bearing_deg: 725, vertical_km_h: Some(-300), vertical_uncertainty_km_h: Some(3), ..STILL };
    assert_eq!(odd.encode(), hex("32 05 0000 FF FF 03"));
    let lone = Velocity { vertical_uncertainty_km_h: Some(3), ..STILL };
    assert_eq!(lone.encode(), hex("00 00 0000"));
    let lowest = Velocity { vertical_km_h: Some(i16::MIN), ..STILL };
    assert_eq!(lowest.encode(), hex("12 00 0000 FF"));
}

proptest! {
    #[test]
    fn decoding_never_panics_and_settles(octets in proptest::collection::vec(any::<u8>(), 0..9)) {
        if let Ok(velocity) = Velocity::decode(&octets) {
            prop_assert_eq!(Velocity::decode(&velocity.encode()), Ok(velocity));
        }
    }

    #[test]
    fn every_velocity_comes_back(
        bearing_deg in 0u16..360,
        horizontal_km_h in any::<u16>(),
        vertical in proptest::option::of(-255i16..=255),
        uncertainties in proptest::option::of(any::<(u8, u8)>()),
    ) {
        let velocity = Velocity {
            bearing_deg,
            horizontal_km_h,
            vertical_km_h: vertical,
            horizontal_uncertainty_km_h: uncertainties.map(|(horizontal, _)| horizontal),
            vertical_uncertainty_km_h: vertical.and(uncertainties).map(|(_, vertical)| vertical),
        };
        prop_assert_eq!(Velocity::decode(&velocity.encode()), Ok(velocity));
    }
}
