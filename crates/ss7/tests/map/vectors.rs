//! Published and computed octets, both ways: W-10 to W-14, names, addresses.

use crate::common::{GMLC, hex, msisdn, number, sequence, sets, target, value_added};
use lcs::{
    ClientName, FormatIndicator, Imei, LcsClientType, LocationType, Msisdn, PlmnClient, Priority, PrivacyIndicators,
    PrivacySetting, ResponseTime, gad::ShapeSet,
};
use ss7::map::{
    ClientExternalId, ClientId, ClientNameString, DecodeError, DeferredEvents, LcsQos, Lmsi, PrivacyInstruction, Psl,
    ReceivedPsl, RequestedLocation, RequestedPrivacy, ResponseTimeCategory, RoutingInfoForLcsArg, SubscriberIdentity,
    UpdateGprsLocationArg,
};

/// The least request: current location, gateway, IMSI; `more` behind.
fn least(more: &str) -> Vec<u8> {
    with_client("", more)
}

/// The same with a client before the IMSI.
fn with_client(client: &str, more: &str) -> Vec<u8> {
    sequence(&hex(&["3003 800100", "0405 91 94 59 00 10", client, "8208 00 01 01 00 00 00 00 F1", more].concat()))
}

#[test]
fn privacy_check_is_two_enumerations() {
    // W-10: unrelated 0, related 2.
    let psl = ReceivedPsl::decode(&least("AD06 800100 810102")).unwrap();
    let told = RequestedPrivacy {
        unrelated: PrivacySetting::AllowedWithoutNotification,
        related: Some(PrivacySetting::AllowedIfNoResponse),
    };
    assert_eq!(psl.privacy_check, Some(told));
    assert_eq!(psl.encode(), least("AD06 800100 810102"));
    for setting in PrivacySetting::ALL {
        let octets = least(&format!("AD03 8001{:02X}", setting.code()));
        let psl = ReceivedPsl::decode(&octets).unwrap();
        assert_eq!(psl.privacy_check, Some(RequestedPrivacy { unrelated: setting, related: None }));
        assert_eq!(psl.encode(), octets);
    }
}

#[test]
fn client_name_is_packed_in_the_default_alphabet() {
    // W-11: 16 characters in 14 octets, behind the type.
    let octets = with_client("A018 800101 A413 80010F 820E6E72FB1C86C3656E72FB1C86C365", "");
    let psl = ReceivedPsl::decode(&octets).unwrap();
    let name = psl.client_id.as_ref().unwrap().name.as_ref().unwrap();
    assert_eq!((name.expose().as_deref(), name.format), (Some("ndmgapp2ndmgapp2"), None));
    let client_name = ClientName::new("ndmgapp2ndmgapp2", FormatIndicator::LogicalName).unwrap();
    let written = ClientNameString::new(&client_name, None).unwrap();
    assert_eq!(written.name_string, name.name_string);
    assert_eq!(psl.encode(), octets);
}

#[test]
fn external_identity_is_an_address() {
    // W-12: 49900000000011, international, E.164.
    let octets = with_client("A00F 800101 A10A 8008 91 94090000000011", "");
    let psl = ReceivedPsl::decode(&octets).unwrap();
    let external = psl.client_id.as_ref().unwrap().external_id;
    assert_eq!(external, Some(ClientExternalId::of(number("49900000000011"))));
    assert_eq!(psl.encode(), octets);
}

#[test]
fn a_request_from_a_trace_comes_back_octet_by_octet() {
    // W-13: current location, operator client, name, IMSI, normal priority, low delay, seven shapes.
    let octets = hex(concat!(
        "3041",
        "3003 800100",
        "0405 91 55160970",
        "A01B 800102 830100 A413 80010F 820E6E72FB1C86C3656E72FB1C86C365",
        "8208 27949909000000F7",
        "8601 01",
        "A705 A303 0A0100",
        "8902 01FE",
    ));
    let psl = ReceivedPsl::decode(&octets).unwrap();
    assert_eq!(psl.location_type.estimate_type, LocationType::Current);
    assert_eq!(psl.mlc_number, number("55619007"));
    let client = psl.client_id.as_ref().unwrap();
    assert_eq!((client.client_type, client.internal_id), (LcsClientType::PlmnOperator, Some(PlmnClient::Broadcast)));
    let digits: String = psl.imsi.unwrap().expose_digits().values().map(|digit| char::from(b'0' + digit)).collect();
    assert_eq!(digits, "724999900000007");
    assert_eq!(psl.priority, Some(Priority::Normal));
    assert_eq!(psl.qos.unwrap().response_time, Some(ResponseTimeCategory { category: ResponseTime::LowDelay }));
    assert_eq!(psl.supported_gad_shapes, Some(ShapeSet(0x7F)));
    assert_eq!((psl.privacy_check, psl.privacy_override), (None, false));
    assert_eq!(psl.encode(), octets);
}

#[test]
fn events_are_bits_from_the_left() {
    // W-14, and each event of the notation.
    for (events, bits) in [
        (DeferredEvents::MS_AVAILABLE, "8102 07 80"),
        (DeferredEvents::ENTERING_INTO_AREA, "8102 06 40"),
        (DeferredEvents::LEAVING_FROM_AREA, "8102 05 20"),
        (DeferredEvents::BEING_INSIDE_AREA, "8102 04 10"),
        (DeferredEvents::PERIODIC_LDR, "8102 03 08"),
        (DeferredEvents::ENTERING_INTO_AREA.and(DeferredEvents::LEAVING_FROM_AREA), "8102 05 60"),
    ] {
        let octets = sequence(&hex(&["3007 800104", bits, "0405 9194590010 8208 00010100000000F1 8A0107"].concat()));
        let psl = ReceivedPsl::decode(&octets).unwrap();
        let location =
            RequestedLocation { estimate_type: LocationType::CancelDeferred, deferred_event_type: Some(events) };
        assert_eq!(psl.location_type, location);
        assert_eq!(psl.encode(), octets);
    }
}

#[test]
fn capability_sets_are_bits_from_the_left() {
    // TS 29.002 clause 17.7.1: at least two bits, set 1 first.
    for (highest, bits) in [(1, "06 80"), (2, "06 C0"), (3, "05 E0"), (4, "04 F0"), (5, "03 F8")] {
        let octets =
            sequence(&hex(&["0408 00010100000000F1 0405 9194590020 0405 04 0A000001 A004 8502", bits].concat()));
        let update = UpdateGprsLocationArg::decode(&octets).unwrap();
        assert_eq!(update.sgsn_capability.unwrap().supported_lcs_capability_sets, Some(sets(highest)));
        assert_eq!(update.encode(), octets);
    }
    // More bits than are known mean nothing.
    let octets = sequence(&hex("0408 00010100000000F1 0405 9194590020 0405 04 0A000001 A005 8503 00 F8 FF"));
    let update = UpdateGprsLocationArg::decode(&octets).unwrap();
    assert_eq!(update.sgsn_capability.unwrap().supported_lcs_capability_sets, Some(sets(5)));
}

#[test]
fn identities_of_subscribers() {
    let arg = RoutingInfoForLcsArg { mlc_number: number(GMLC), target_ms: SubscriberIdentity::Msisdn(msisdn()) };
    // A CHOICE under a tag keeps its own tag inside.
    let octets = sequence(&hex("8006 91 9459 0000 F1 A109 8107 91 947110325476"));
    assert_eq!(arg.encode(), octets);
    assert_eq!(RoutingInfoForLcsArg::decode(&octets), Ok(arg));
    // An MSISDN is an international number; any other form could be somebody else.
    for first in [0x81, 0xA1, 0x90, 0x11, 0xC1] {
        let mut national = octets.clone();
        national[14] = first;
        let refused = Err(DecodeError::UnexpectedDataValue("target_ms"));
        assert_eq!(RoutingInfoForLcsArg::decode(&national), refused, "{first:02x}");
    }
    assert_eq!(Msisdn::parse("491701234567"), Ok(msisdn()));
}

#[test]
fn equipment_is_fourteen_digits() {
    // TS 23.003 clause 6.2: then a zero and a filler, or a software version; a check digit is not transmitted.
    for last in ["F0", "F8", "21"] {
        let psl = ReceivedPsl::decode(&least(&["8508 53062940703901", last].concat())).unwrap();
        assert_eq!(psl.imei, Imei::parse("35609204079310").ok(), "{last}");
        assert!(psl.encode().ends_with(&hex("8508 53062940703901 F0")));
    }
    let mut psl = ReceivedPsl::decode(&least("")).unwrap();
    psl.imei = Imei::parse("356092040793108").ok();
    assert!(psl.encode().ends_with(&hex("8508 53062940703901 F0")));
    for octets in ["8507 53062940703901", "8508 530629407039F1F0", "8508 5306294070390AF0"] {
        assert!(ReceivedPsl::decode(&least(octets)).is_err(), "{octets}");
    }
}

#[test]
fn qualities_round_to_what_is_asked_for_or_better() {
    let qos = lcs::Qos {
        class: lcs::QosClass::Assured,
        horizontal_m: Some(100),
        vertical_m: Some(50),
        response_time: Some(ResponseTime::DelayTolerant),
    };
    let psl = ReceivedPsl { qos: Some(LcsQos::of(qos, true)), ..ReceivedPsl::decode(&least("")).unwrap() };
    // K = 25: 98.3 m; K = 30 of altitude: 49.4 m; velocity.
    let octets = least("A70F 8001 19 8100 8201 1E A303 0A0101 8500");
    assert_eq!(psl.encode(), octets);
    let read = ReceivedPsl::decode(&octets).unwrap().qos.unwrap();
    assert!(read.velocity_request);
    let qos = read.qos();
    assert_eq!((qos.horizontal_m, qos.vertical_m), (Some(98), Some(49)));
}

#[test]
fn a_request_is_built_octet_by_octet() {
    let indicators = PrivacyIndicators::new(
        PrivacySetting::AllowedWithNotification,
        Some(PrivacySetting::AllowedWithoutNotification),
    )
    .unwrap();
    let psl = Psl::new(
        number(GMLC),
        LocationType::CurrentOrLastKnown,
        target(),
        &value_added(),
        PrivacyInstruction::Indicators(indicators),
        sets(4),
    )
    .unwrap()
    .priority(Priority::Highest)
    .lmsi(Lmsi([1, 2, 3, 4]))
    .shapes(ShapeSet::ALL);
    let octets = sequence(&hex(concat!(
        "3003 800101",                                      // currentOrLastKnownLocation
        "0406 91 94590000F1",                               // mlc-Number
        "A041",                                             // lcs-ClientID
        "800101",                                           //   value added
        "A108 8006 91 9403214365",                          //   external identity
        "A40C 80010F 8204 C171BB0C 830100",                 //   "Acme", logical name
        "850E 05666C656574 076578616D706C65",               //   fleet.example
        "A614 80010F 810C 2B5A2E7683C564335ACD7603 820102", //   requestor, a number
        "8208 00010100000000F1",                            // imsi
        "8307 91 947110325476",                             // msisdn
        "8404 01020304",                                    // lmsi
        "8508 53062940703910F0",                            // imei
        "8601 00",                                          // highest priority
        "8902 01FE",                                        // seven shapes
        "AD06 800101 810100",                               // unrelated: notify; related: allowed
    )));
    assert_eq!(psl.encode(), octets);
    assert_eq!(ReceivedPsl::decode(&octets).unwrap(), *psl.as_received());
    assert_eq!(psl.as_received().client_id, Some(ClientId::of(&value_added())));
    assert_eq!(psl.as_received().client_id.as_ref().unwrap().client(), value_added());
    assert_eq!(psl.as_received().identities(), target());
}
