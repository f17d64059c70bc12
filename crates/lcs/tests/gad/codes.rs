//! Every code of every quantity.

use lcs::gad::{
    Altitude, AltitudeUncertainty, Angle, Confidence, GadError, HaAltitude, HaLatitude, HaLongitude, HaRange,
    HaUncertainty, InnerRadius, Latitude, Longitude, Orientation, Uncertainty,
};
use proptest::prelude::*;
use std::thread;

/// No number, infinities and the first numbers outside `limit`.
fn nonsense(limit: f64) -> [f64; 6] {
    [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, limit.next_up(), (-limit).next_down(), f64::MAX]
}

#[test]
fn every_latitude_code_comes_back_and_grows_northwards() {
    let south = thread::spawn(|| walk(0x80_0000..0x100_0000, -1.0));
    walk(0..0x80_0000, 1.0);
    south.join().unwrap();

    fn walk(codes: core::ops::Range<u32>, sign: f64) {
        let mut last = -1.0;
        for code in codes {
            let degrees = Latitude::from_code(code).unwrap().degrees();
            assert_eq!(Latitude::from_degrees(degrees).unwrap().code(), code);
            assert!(degrees * sign > last && degrees.abs() < 90.0);
            last = degrees * sign;
        }
    }
}

#[test]
fn every_longitude_code_comes_back_and_grows_eastwards() {
    let west = thread::spawn(|| walk(-0x80_0000..0));
    walk(0..0x80_0000);
    west.join().unwrap();

    fn walk(codes: core::ops::Range<i32>) {
        let mut last = f64::NEG_INFINITY;
        for code in codes {
            let degrees = Longitude::from_code(code).unwrap().degrees();
            assert_eq!(Longitude::from_degrees(degrees).unwrap().code(), code);
            assert!(degrees > last && (-180.0..180.0).contains(&degrees));
            last = degrees;
        }
    }
}

#[test]
fn coordinates_outside_the_map_are_refused() {
    for degrees in nonsense(90.0) {
        assert_eq!(Latitude::from_degrees(degrees), Err(GadError::LatitudeOutOfRange));
        assert_eq!(HaLatitude::from_degrees(degrees), Err(GadError::LatitudeOutOfRange));
    }
    for degrees in nonsense(180.0) {
        assert_eq!(Longitude::from_degrees(degrees), Err(GadError::LongitudeOutOfRange));
        assert_eq!(HaLongitude::from_degrees(degrees), Err(GadError::LongitudeOutOfRange));
    }
    assert_eq!(Latitude::from_code(1 << 24), None);
    assert_eq!((Longitude::from_code(1 << 23), Longitude::from_code(-(1 << 23) - 1)), (None, None));
}

#[test]
fn edges_of_high_accuracy_coordinates() {
    for (degrees, code) in [(90.0, i32::MAX), (-90.0, i32::MIN), (0.0, 0), (-1e-300, -1), (45.0, 1 << 30)] {
        assert_eq!(HaLatitude::from_degrees(degrees).unwrap().code(), code);
        assert_eq!(HaLongitude::from_degrees(2.0 * degrees).unwrap().code(), code);
    }
}

proptest! {
    #[test]
    fn high_accuracy_coordinates_come_back(code in any::<i32>()) {
        let latitude = HaLatitude::from_code(code).unwrap();
        prop_assert_eq!(HaLatitude::from_degrees(latitude.degrees()), Ok(latitude));
        let longitude = HaLongitude::from_code(code).unwrap();
        prop_assert_eq!(HaLongitude::from_degrees(longitude.degrees()), Ok(longitude));
    }

    #[test]
    fn coordinates_round_towards_the_coded_edge(latitude in -90.0..90.0f64, longitude in -180.0..180.0f64) {
        let coded = Latitude::from_degrees(latitude).unwrap().degrees();
        prop_assert!(coded.abs() <= latitude.abs() && latitude.abs() < coded.abs() + 90.0 / 8_388_608.0);
        let coded = Longitude::from_degrees(longitude).unwrap().degrees();
        prop_assert!(coded <= longitude && longitude < coded + 180.0 / 8_388_608.0);
        let coded = HaLatitude::from_degrees(latitude).unwrap().degrees();
        prop_assert!(coded <= latitude && latitude < coded + 90.0 / 2_147_483_648.0);
        let coded = HaLongitude::from_degrees(longitude).unwrap().degrees();
        prop_assert!(coded <= longitude && longitude < coded + 180.0 / 2_147_483_648.0);
    }

    #[test]
    fn a_result_is_covered_and_a_wish_is_kept(metres in 0.0..1_806_000.0f64) {
        let result = Uncertainty::for_result(metres).unwrap();
        let wish = Uncertainty::for_request(metres).unwrap();
        prop_assert!(result.metres() + 1e-5 >= metres && wish.metres() <= metres + 1e-5);
        prop_assert!(result.code() - wish.code() <= 1);
    }
}

#[test]
fn every_uncertainty_code_comes_back_and_its_neighbours_round_as_told() {
    macro_rules! walk {
        ($name:ident, $last:expr) => {
            for code in 0..=$last {
                let own = $name::from_code(code).unwrap();
                let metres = own.metres();
                assert_eq!(($name::for_result(metres), $name::for_request(metres)), (Ok(own), Ok(own)));
                assert_eq!($name::for_request(metres + 0.001), Ok(own));
                if code > 0 {
                    assert_eq!($name::for_result(metres - 0.001), Ok(own));
                    assert!(metres > $name::from_code(code - 1).unwrap().metres());
                }
            }
            assert_eq!($name::from_code($last + 1), None);
            assert_eq!($name::for_result($name::MAX.metres() + 1.0), Err(GadError::UncertaintyOutOfRange));
            assert_eq!($name::for_request(f64::MAX), Ok($name::MAX));
            for metres in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.001] {
                assert_eq!($name::for_result(metres), Err(GadError::UncertaintyOutOfRange));
                assert_eq!($name::for_request(metres), Err(GadError::UncertaintyOutOfRange));
            }
        };
    }
    walk!(Uncertainty, 127u8);
    walk!(AltitudeUncertainty, 127u8);
}

#[test]
fn every_high_accuracy_uncertainty_code_comes_back() {
    for range in [HaRange::Default, HaRange::Extended] {
        let mut last = -1.0;
        for code in 0..=255 {
            let own = HaUncertainty::from_code(code);
            let Some(metres) = own.metres(range) else {
                assert_eq!((code, range), (255, HaRange::Extended));
                continue;
            };
            assert!(metres > last);
            last = metres;
            assert_eq!(HaUncertainty::for_result(metres, range), Ok(own));
            assert_eq!(HaUncertainty::for_request(metres, range), Ok(own));
        }
        for metres in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.001] {
            assert_eq!(HaUncertainty::for_result(metres, range), Err(GadError::UncertaintyOutOfRange));
            assert_eq!(HaUncertainty::for_request(metres, range), Err(GadError::UncertaintyOutOfRange));
        }
    }
    assert_eq!(HaUncertainty::for_result(46.5, HaRange::Default), Err(GadError::UncertaintyOutOfRange));
    assert_eq!(HaUncertainty::for_result(201.0, HaRange::Extended).unwrap().code(), 255);
    assert_eq!(HaUncertainty::for_request(201.0, HaRange::Extended).unwrap().code(), 254);
}

#[test]
fn every_altitude_code_comes_back() {
    for code in 0..=u16::MAX {
        let own = Altitude::from_code(code).unwrap();
        assert_eq!(Altitude::from_metres(own.metres()), Ok(own));
        assert_eq!(own.is_open_ended(), code & 0x7FFF == 0x7FFF);
    }
    for code in -64_000..=1_280_000 {
        let own = HaAltitude::from_code(code).unwrap();
        assert_eq!(HaAltitude::from_metres(own.metres()), Ok(own));
    }
    assert_eq!((HaAltitude::from_code(-64_001), HaAltitude::from_code(1_280_001)), (None, None));
    for metres in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(Altitude::from_metres(metres), Err(GadError::AltitudeOutOfRange));
        assert_eq!(HaAltitude::from_metres(metres), Err(GadError::AltitudeOutOfRange));
    }
    for metres in [-500.1, 10_000.1, 1e300] {
        assert_eq!(HaAltitude::from_metres(metres), Err(GadError::AltitudeOutOfRange));
    }
}

#[test]
fn every_radius_angle_orientation_and_confidence_code_comes_back() {
    for code in 0..=u16::MAX {
        let own = InnerRadius::from_code(code).unwrap();
        assert_eq!(InnerRadius::from_metres(own.metres()), Ok(own));
    }
    for code in 0..=u8::MAX {
        let (angle, orientation) = (Angle::from_code(code), Orientation::from_code(code));
        assert_eq!((angle.is_some(), orientation.is_some()), (code < 180, code < 180));
        assert_eq!(Confidence::from_code(code).is_some(), code < 128);
        if let (Some(angle), Some(orientation)) = (angle, orientation) {
            assert_eq!(Angle::from_offset_degrees(f64::from(angle.offset_degrees())), Ok(angle));
            assert_eq!(Angle::from_included_degrees(f64::from(angle.included_degrees())), Ok(angle));
            assert_eq!(Orientation::from_degrees(f64::from(orientation.degrees())), Ok(orientation));
            assert_eq!(Orientation::from_degrees(f64::from(orientation.degrees()) + 180.0), Ok(orientation));
        }
    }
    for nonsense in [f64::NAN, f64::INFINITY, -1.0] {
        assert_eq!(InnerRadius::from_metres(nonsense), Err(GadError::RadiusOutOfRange));
        assert_eq!(Angle::from_offset_degrees(nonsense), Err(GadError::AngleOutOfRange));
        assert_eq!(Angle::from_included_degrees(nonsense), Err(GadError::AngleOutOfRange));
    }
    assert_eq!(Angle::from_offset_degrees(360.0), Err(GadError::AngleOutOfRange));
    assert_eq!(Angle::from_included_degrees(0.0), Err(GadError::AngleOutOfRange));
    assert_eq!(Angle::from_included_degrees(f64::MIN_POSITIVE).unwrap().code(), 0);
    assert_eq!(Orientation::from_degrees(f64::NAN), Err(GadError::AngleOutOfRange));
    assert_eq!(Orientation::from_degrees(179.7).unwrap().degrees(), 0);
    assert_eq!(Confidence::from_percent(101), Err(GadError::ConfidenceOutOfRange));
}
