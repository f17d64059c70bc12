//! Any octets as an argument or result of MAP (TS 29.002 clause 17): read or refused, and answered either way.
#![no_main]

use std::hint::black_box;

use lcs::{Identities, LocationType, PositioningOutcome};
use libfuzzer_sys::fuzz_target;
use ss7::map::{
    DecodeError, DeleteSubscriberDataArg, DeleteSubscriberDataRes, InsertSubscriberDataArg, InsertSubscriberDataRes,
    MAX_OCTETS, PslRes, ReceivedPsl, RoutingInfoForLcsArg, RoutingInfoForLcsRes, SlrArg, SlrRes, UpdateGprsLocationArg,
    UpdateGprsLocationRes, UpdateLocationArg, UpdateLocationRes,
};

/// What can be read is written, and reads the same once more; what cannot has an answer.
macro_rules! each {
    ($octets:ident: $($type:ident),+) => {$(
        match $type::decode($octets) {
            Ok(value) => {
                black_box(format!("{value:?}"));
                let written = value.encode();
                assert!(written.len() <= MAX_OCTETS);
                let again = $type::decode(&written).expect("our own octets");
                assert_eq!(again.encode(), written);
            }
            Err(error) => refused(error),
        }
    )+};
}

fn refused(error: DecodeError) {
    black_box((error.reply(), error.result_problem(), error.to_string()));
}

fuzz_target!(|data: &[u8]| {
    each!(data:
        ReceivedPsl, PslRes, RoutingInfoForLcsArg, RoutingInfoForLcsRes, SlrArg, SlrRes, InsertSubscriberDataArg,
        InsertSubscriberDataRes, DeleteSubscriberDataArg, DeleteSubscriberDataRes, UpdateLocationArg,
        UpdateLocationRes, UpdateGprsLocationArg, UpdateGprsLocationRes
    );
    if let Ok(request) = ReceivedPsl::decode(data) {
        assert!(request.imsi.is_some() || request.msisdn.is_some());
        black_box(request.client_id.map(|client| client.client()));
        black_box(request.qos.map(|qos| qos.qos()));
    }
    if let Ok(result) = PslRes::decode(data) {
        for asked in LocationType::ALL {
            match result.positioning_outcome(asked) {
                Ok(PositioningOutcome::Fixed(fix)) => {
                    assert!(fix.shape.is_some() || fix.cell.is_some() || fix.civic_address.is_some());
                }
                outcome => drop(black_box(outcome)),
            }
        }
    }
    if let Ok(routing) = RoutingInfoForLcsRes::decode(data)
        && let Some(info) = routing.routing_info(Identities::default())
    {
        assert!(!info.nodes.is_empty());
    }
});
