//! Random and mutated octets: reading never panics, and writing is its inverse.

use crate::{
    common::{GMLC, hex, number, sets, target, value_added},
    samples,
};
use lcs::{LocationType, PrivacyIndicators, PrivacySetting, Qos, QosClass, ResponseTime, gad::ShapeSet};
use proptest::prelude::*;
use ss7::map::{
    DecodeError, DeleteSubscriberDataArg, DeleteSubscriberDataRes, InsertSubscriberDataArg, InsertSubscriberDataRes,
    MapError, PeriodicLdrInfo, PrivacyInstruction, Psl, PslRes, ReceivedPsl, RoutingInfoForLcsArg,
    RoutingInfoForLcsRes, SlrArg, SlrRes, UpdateGprsLocationArg, UpdateGprsLocationRes, UpdateLocationArg,
    UpdateLocationRes,
};

/// Reads octets as each type there is; what can be read is written and read again as the same value.
fn read_all(octets: &[u8]) {
    macro_rules! each {
        ($($type:ident),+) => {$(
            match $type::decode(octets) {
                Ok(value) => {
                    let written = value.encode();
                    assert_eq!($type::decode(&written).map(|again| again.encode()), Ok(written));
                    let _text = format!("{value:?}");
                }
                Err(error) => {
                    let _answer = (error.reply(), error.to_string());
                }
            }
        )+};
    }
    each!(
        ReceivedPsl,
        PslRes,
        RoutingInfoForLcsArg,
        RoutingInfoForLcsRes,
        SlrArg,
        SlrRes,
        InsertSubscriberDataArg,
        InsertSubscriberDataRes,
        DeleteSubscriberDataArg,
        DeleteSubscriberDataRes,
        UpdateLocationArg,
        UpdateLocationRes,
        UpdateGprsLocationArg,
        UpdateGprsLocationRes
    );
    for code in [1, 5, 8, 9, 12, 21, 27, 34, 35, 36, 51, 52, 53, 54, 58] {
        if let Ok(error) = MapError::decode(code, octets) {
            assert_eq!(MapError::decode(error.code(), &error.parameter()), Ok(error));
        }
    }
    if let Ok(result) = PslRes::decode(octets) {
        for asked in LocationType::ALL {
            let _outcome = result.positioning_outcome(asked);
        }
    }
    if let Ok(request) = ReceivedPsl::decode(octets) {
        let _client = request.client_id.map(|client| client.client());
    }
}

proptest! {
    #[test]
    fn any_octets(octets in proptest::collection::vec(any::<u8>(), 0..256)) {
        read_all(&octets);
    }

    #[test]
    fn any_elements(elements in proptest::collection::vec((0u8..32, any::<bool>(), proptest::collection::vec(any::<u8>(), 0..12)), 0..12)) {
        let mut content = Vec::new();
        for (tag, constructed, octets) in elements {
            content.extend([0x80 | tag.min(30) | u8::from(constructed) << 5, octets.len() as u8]);
            content.extend(octets);
        }
        read_all(&crate::common::sequence(&content));
    }

    #[test]
    fn mutated_messages(
        which in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
        whole in any::<bool>(),
    ) {
        let samples = samples::all();
        let mut octets = which.get(&samples).octets.clone();
        for (at, value) in changes {
            let at = at.index(octets.len());
            octets[at] = value;
        }
        if !whole {
            octets.truncate(cut.index(octets.len() + 1));
        }
        read_all(&octets);
    }

    #[test]
    fn requests_come_back(
        unrelated in prop::sample::select(&PrivacySetting::ALL[..]),
        related in prop::option::of(prop::sample::select(&PrivacySetting::ALL[..])),
        kind in prop::sample::select(&[LocationType::Current, LocationType::CurrentOrLastKnown, LocationType::Initial][..]),
        shapes in any::<u32>(),
        metres in prop::option::of(0u32..2_000_000),
        vertical in prop::option::of(0u32..2_000),
        velocity in any::<bool>(),
    ) {
        let Ok(indicators) = PrivacyIndicators::new(unrelated, related) else { return Ok(()) };
        let instruction = PrivacyInstruction::Indicators(indicators);
        let qos = Qos {
            class: QosClass::BestEffort,
            horizontal_m: metres,
            vertical_m: vertical,
            response_time: Some(ResponseTime::LowDelay),
        };
        let psl = Psl::new(number(GMLC), kind, target(), &value_added(), instruction, sets(5))
            .unwrap()
            .qos(qos, velocity)
            .shapes(ShapeSet(shapes));
        let read = ReceivedPsl::decode(&psl.encode()).unwrap();
        prop_assert_eq!(&read, psl.as_received());
        prop_assert_eq!(read.privacy_check.map(|check| check.unrelated), Some(unrelated));
        // Never more lenient than asked.
        let asked = read.qos.unwrap().qos();
        prop_assert!(metres.is_none_or(|metres| asked.horizontal_m.is_some_and(|sent| sent <= metres.max(1))));
    }

    #[test]
    fn periods_span_less_than_a_hundred_days(amount in any::<u32>(), interval_s in any::<u32>()) {
        let info = PeriodicLdrInfo::new(amount, interval_s);
        let fits = amount > 0 && interval_s > 0
            && u64::from(amount) * u64::from(interval_s) <= u64::from(PeriodicLdrInfo::MAX_SPAN_S);
        prop_assert_eq!(info.is_some(), fits);
    }
}

#[test]
fn every_bit_of_every_message_flipped() {
    for sample in samples::all() {
        for at in 0..sample.octets.len() {
            for bit in 0..8 {
                let mut octets = sample.octets.clone();
                octets[at] ^= 1 << bit;
                (sample.reread)(&octets);
            }
        }
    }
    assert_eq!(ReceivedPsl::decode(&hex("30")), Err(DecodeError::Mistyped("ProvideSubscriberLocation-Arg")));
}

#[test]
fn debug_shows_no_identity() {
    for sample in crate::samples::all() {
        let shown = sample.shown;
        for hidden in ["001010000000001", "491701234567", "35609204079301", "lighthouse"] {
            assert!(!shown.contains(hidden), "{}: {shown}", sample.name);
        }
        assert!(!shown.contains("1, 2, 3, 4"), "{}: {shown}", sample.name);
    }
}
