//! Any octets in, any shape out.

use crate::shapes;
use lcs::gad::{GadError, Shape, ShapeKind, ShapeSet};
use proptest::prelude::*;

/// Octets of each type by its code, all told (TS 23.032 clause 7.3); 0: reserved. Polygons separately.
const LENGTHS: [usize; 16] = [7, 8, 0, 11, 0, 0, 0, 0, 9, 14, 13, 13, 18, 13, 18, 0];

#[test]
fn every_first_octet_with_every_length() {
    for first in 0..=u8::MAX {
        let (kind, low) = (first >> 4, first & 0xF);
        for length in 1..=100 {
            let octets = [vec![first], vec![0; length - 1]].concat();
            let actual = Shape::decode(&octets);
            match (kind, LENGTHS[usize::from(kind)]) {
                (5, _) if low < 3 => assert_eq!(actual, Err(GadError::PolygonPoints(usize::from(low)))),
                (5, _) if length == 1 + 6 * usize::from(low) => {
                    assert_eq!(actual.unwrap().encode(), octets);
                }
                (5, _) => assert!(matches!(actual, Err(GadError::Length { kind: 5, .. }))),
                (_, 0) => assert_eq!(actual, Err(GadError::UnknownType(kind))),
                (_, expected) if expected == length => {
                    let shape = actual.unwrap();
                    assert_eq!(shape.kind(), ShapeKind::from_code(kind));
                    // Spare bits are not looked at and sent as zero.
                    assert_eq!(shape.encode(), [vec![first & 0xF0], vec![0; length - 1]].concat());
                }
                (_, expected) => assert_eq!(actual, Err(GadError::Length { kind, expected, actual: length })),
            }
            let swapped = [vec![first.rotate_left(4)], vec![0; length - 1]].concat();
            assert_eq!(Shape::decode_low_nibble(&swapped), Shape::decode(&octets));
        }
    }
    assert_eq!(Shape::decode(&[]), Err(GadError::Empty));
}

#[test]
fn every_value_of_every_octet_decodes_or_names_the_fault() {
    for (kind, length) in LENGTHS.into_iter().enumerate().filter(|(_, length)| *length > 0) {
        for at in 1..length {
            for value in 0..=u8::MAX {
                let mut octets = vec![0; length];
                octets[0] = (kind as u8) << 4;
                octets[at] = value;
                match Shape::decode(&octets) {
                    Ok(shape) => {
                        // What was a spare bit comes back as zero, everything else as it was.
                        let again = shape.encode();
                        let differs = again[at] ^ value;
                        assert!(differs == 0 || spare(kind, at) & differs == differs, "type {kind} octet {at}");
                        octets[at] = again[at];
                        assert_eq!(again, octets);
                    }
                    Err(GadError::OrientationUnused(code)) => assert!(code == value && code >= 180),
                    Err(GadError::AngleUnused(code)) => assert!(kind == 10 && code == value && code >= 180),
                    Err(GadError::HaAltitudeUnused) => assert!(matches!(kind, 12 | 14) && at == 9),
                    Err(other) => panic!("type {kind} octet {at} value {value}: {other}"),
                }
            }
        }
    }
}

/// Spare bits of an octet, counted from 0, by the figures of TS 23.032 clause 7.3.
fn spare(kind: usize, at: usize) -> u8 {
    match (kind, at) {
        (1, 7) | (3, 7 | 8 | 10) | (9, 9 | 10 | 12 | 13) | (10, 9 | 12) | (11, 12) | (12, 15 | 17) => 0x80,
        (12 | 14, 9) => 0xC0,
        _ => 0,
    }
}

#[test]
fn supported_shapes_have_the_bits_of_slg() {
    // TS 29.172 clause 7.4.12
    let codes = [0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14];
    for (bit, code) in codes.into_iter().enumerate() {
        let kind = ShapeKind::from_code(code);
        assert_eq!(kind.code(), code);
        let mut set = ShapeSet::NONE;
        set.insert(kind);
        assert_eq!(set, ShapeSet(1 << bit));
        assert_eq!(set.kinds().collect::<Vec<_>>(), [kind]);
        assert!(ShapeSet::ALL.contains(kind) && ShapeSet(u32::MAX).contains(kind) && !ShapeSet::NONE.contains(kind));
    }
    let all: ShapeSet = (0..16).map(ShapeKind::from_code).collect();
    assert_eq!(all, ShapeSet::ALL);
    for reserved in [2, 4, 6, 7, 15] {
        assert!(!ShapeSet(u32::MAX).contains(ShapeKind::from_code(reserved)));
        assert_eq!(ShapeKind::from_code(reserved).as_str(), "reserved");
    }
}

proptest! {
    #[test]
    fn decoding_never_panics_and_settles(octets in proptest::collection::vec(any::<u8>(), 0..100)) {
        if let Ok(shape) = Shape::decode(&octets) {
            prop_assert_eq!(Shape::decode(&shape.encode()), Ok(shape.clone()));
            let _centre = (shape.centre(), shape.altitude_m(), shape.vertical_uncertainty_m());
        }
        let _low = Shape::decode_low_nibble(&octets);
    }

    #[test]
    fn every_shape_comes_back(shape in shapes::shape()) {
        let octets = shape.encode();
        prop_assert_eq!(Shape::decode(&octets), Ok(shape.clone()));
        let mut appended = vec![0xAA];
        shape.encode_into(&mut appended);
        prop_assert_eq!(&appended[1..], &octets[..]);
        for cut in 0..octets.len() {
            prop_assert!(Shape::decode(&octets[..cut]).is_err());
        }
    }
}
