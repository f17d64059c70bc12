//! Codes, contexts and timers of the operations (TS 29.002 clauses 17.1.2, 17.3.2 and 17.6).

use lcs::Duration;
use ss7::map::{
    GPRS_LOCATION_UPDATE_V3, LOCATION_SVC_ENQUIRY_V3, LOCATION_SVC_GATEWAY_V3, NETWORK_LOC_UP_V3, Operation,
    SUBSCRIBER_DATA_MNGT_V3,
};

#[test]
fn each_operation_has_its_code_context_and_timer() {
    use Operation as O;
    let (medium, medium_long) = ((15, 30), (60, 600));
    let table = [
        (O::UpdateLocation, 2, "0.4.0.0.1.0.1.3", medium),
        (O::InsertSubscriberData, 7, "0.4.0.0.1.0.16.3", medium),
        (O::DeleteSubscriberData, 8, "0.4.0.0.1.0.16.3", medium),
        (O::UpdateGprsLocation, 23, "0.4.0.0.1.0.32.3", medium),
        (O::ProvideSubscriberLocation, 83, "0.4.0.0.1.0.38.3", medium_long),
        (O::SendRoutingInfoForLcs, 85, "0.4.0.0.1.0.37.3", medium),
        (O::SubscriberLocationReport, 86, "0.4.0.0.1.0.38.3", medium),
    ];
    assert_eq!(table.map(|(operation, ..)| operation), Operation::ALL);
    for (operation, code, context, (least_s, most_s)) in table {
        assert_eq!((operation.code(), operation.context().to_string()), (code, context.to_owned()));
        assert_eq!(operation.timer().range(), (Duration::from_secs(least_s), Duration::from_secs(most_s)));
    }
    let known: Vec<i64> = (-1..300).filter(|code| Operation::from_code(*code).is_some()).collect();
    assert_eq!(known, [2, 7, 8, 23, 83, 85, 86]);
}

#[test]
fn subscriber_data_comes_inside_a_location_update_too() {
    let contexts = [
        NETWORK_LOC_UP_V3,
        SUBSCRIBER_DATA_MNGT_V3,
        GPRS_LOCATION_UPDATE_V3,
        LOCATION_SVC_GATEWAY_V3,
        LOCATION_SVC_ENQUIRY_V3,
    ];
    for operation in Operation::ALL {
        for context in contexts {
            let inside = operation == Operation::InsertSubscriberData
                && [NETWORK_LOC_UP_V3, GPRS_LOCATION_UPDATE_V3].contains(&context);
            assert_eq!(operation.belongs_to(context), inside || context == operation.context(), "{operation:?}");
        }
    }
}
