//! LCS-Info and Insert-Subscriber-Data, octet by octet and back (TS 29.272 clauses 7.2.9, 7.3.84 to 7.3.96).

use crate::common::{GMLC, IDS, avps, decode, hex, imsi, unknown};
use diameter::{
    Octets,
    codec::{ApplicationId, DecodeError, FailedAvp, Header, ResultCode},
    dictionary as avp,
    s6a::{
        AreaScope, Ida, Idr, MAX_ALLOWED_PLMNS, MdtConfiguration, MdtUserConsent, SubscriptionData, TraceData, for_mme,
        lcs_info, read_lcs_info,
    },
};
use lcs::{
    Address, NatureOfAddress, PlmnClient, ServiceType,
    slpp::{
        ExternalClientEntry, GmlcRestrictionCode, LcsInformation, MoLrClass, MoLrCode, NotificationToUser,
        PrivacyClass, PrivacyClassCode, ServiceTypeEntry, SsStatus,
    },
};
use proptest::prelude::*;

fn number(text: &str) -> Address {
    Address::international(text).unwrap()
}

fn entry(client: &str, notification: Option<NotificationToUser>) -> ExternalClientEntry {
    ExternalClientEntry { client: Some(number(client)), gmlc_restriction: None, notification }
}

/// A class as an old node needs it, and self location.
fn provisioned() -> LcsInformation {
    LcsInformation {
        gmlc_list: Vec::new(),
        privacy_classes: vec![
            PrivacyClass {
                not_listed: Some(NotificationToUser::LocationNotAllowed),
                external_clients: vec![
                    entry("499000000002", Some(NotificationToUser::NotifyLocationAllowed)),
                    entry("499000000012", None),
                ],
                ..PrivacyClass::active(PrivacyClassCode::CallSessionRelated)
            },
            PrivacyClass {
                plmn_clients: vec![PlmnClient::OmHplmn],
                ..PrivacyClass::active(PrivacyClassCode::PlmnOperator)
            },
        ],
        mo_lr: vec![MoLrClass { code: MoLrCode::BasicSelfLocation, status: SsStatus::ACTIVE }],
    }
}

const PROVISIONED: &str = concat!(
    "000005C1 C0000100 000028AF",                   // 1473 LCS-Info, V M, 256 octets, 3GPP
    "000005C3 C000008C 000028AF",                   //   1475 LCS-PrivacyException, 140
    "000005C4 C000000D 000028AF B2000000",          //     1476 SS-Code B2: call/session related; padded
    "000005C5 C000000D 000028AF 05000000",          //     1477 SS-Status 0101: provisioned, active and operative
    "000005C6 C0000010 000028AF 00000003",          //     1478 Notification-To-UE-User 3: not listed, not allowed
    "000005C7 C0000030 000028AF",                   //     1479 External-Client, 48
    "000005C8 C0000012 000028AF 940900000020 0000", // 1480 Client-Identity 499000000002
    "000005C6 C0000010 000028AF 00000000",          //         1478: 0, notify
    "000005C7 C0000020 000028AF",                   //     1479 External-Client, 32
    "000005C8 C0000012 000028AF 940900000021 0000", // 1480 Client-Identity 499000000012; allowed: no option
    "000005C3 C000003C 000028AF",                   //   1475 LCS-PrivacyException, 60
    "000005C4 C000000D 000028AF B4000000",          //     1476 SS-Code B4: PLMN operator
    "000005C5 C000000D 000028AF 05000000",          //     1477 SS-Status
    "000005CA C0000010 000028AF 00000001",          //     1482 PLMN-Client 1: O&M of the home PLMN
    "000005CD C000002C 000028AF",                   //   1485 MO-LR, 44
    "000005C4 C000000D 000028AF C1000000",          //     1476 SS-Code C1: basic self location
    "000005C5 C000000D 000028AF 05000000",          //     1477 SS-Status
);

/// Everything that the group can hold.
fn full() -> LcsInformation {
    LcsInformation {
        gmlc_list: vec![number("491710001")],
        privacy_classes: vec![
            PrivacyClass { status: SsStatus(0b0100), ..PrivacyClass::active(PrivacyClassCode::Universal) },
            PrivacyClass {
                external_clients: vec![ExternalClientEntry {
                    client: Some(number("4420")),
                    gmlc_restriction: Some(GmlcRestrictionCode::HomeCountry),
                    notification: Some(NotificationToUser::VerifyNotAllowedIfNoResponse),
                }],
                ..PrivacyClass::active(PrivacyClassCode::CallSessionUnrelated)
            },
            PrivacyClass {
                service_types: vec![ServiceTypeEntry {
                    service_type: ServiceType::new(16).unwrap(),
                    gmlc_restriction: Some(GmlcRestrictionCode::GmlcList),
                    notification: Some(NotificationToUser::VerifyAllowedIfNoResponse),
                }],
                ..PrivacyClass::active(PrivacyClassCode::ServiceType)
            },
        ],
        mo_lr: vec![MoLrClass { code: MoLrCode::TransferToThirdParty, status: SsStatus::NOT_PROVISIONED }],
    }
}

const FULL: &str = concat!(
    "000005C1 C0000148 000028AF",                   // 1473 LCS-Info, 328
    "000005C2 C0000011 000028AF 94710100F1 000000", // 1474 GMLC-Number 491710001, filler; padded
    "000005C3 C000002C 000028AF",                   //   1475 LCS-PrivacyException, 44
    "000005C4 C000000D 000028AF B1000000",          //     1476 SS-Code B1: universal
    "000005C5 C000000D 000028AF 04000000",          //     1477 SS-Status 0100: provisioned, not active
    "000005C3 C0000068 000028AF",                   //   1475 LCS-PrivacyException, 104
    "000005C4 C000000D 000028AF B3000000",          //     1476 SS-Code B3: call/session unrelated
    "000005C5 C000000D 000028AF 05000000",          //     1477 SS-Status; clients not listed: not allowed, by default
    "000005C7 C000003C 000028AF",                   //     1479 External-Client, 60
    "000005C8 C000000E 000028AF 4402 0000",         //      1480 Client-Identity 4420
    "000005C9 C0000010 000028AF 00000001",          //         1481 GMLC-Restriction 1: home country
    "000005C6 C0000010 000028AF 00000002",          //         1478: 2, restricted if no response
    "000005C3 C0000068 000028AF",                   //   1475 LCS-PrivacyException, 104
    "000005C4 C000000D 000028AF B5000000",          //     1476 SS-Code B5: service type
    "000005C5 C000000D 000028AF 05000000",          //     1477 SS-Status
    "000005CB C000003C 000028AF",                   //     1483 Service-Type, 60
    "000005CC C0000010 000028AF 00000010",          //       1484 ServiceTypeIdentity 16: find your friend
    "000005C9 C0000010 000028AF 00000000",          //       1481 GMLC-Restriction 0: GMLC list
    "000005C6 C0000010 000028AF 00000001",          //       1478: 1, allowed if no response
    "000005CD C000002C 000028AF",                   //   1485 MO-LR, 44
    "000005C4 C000000D 000028AF C3000000",          //     1476 SS-Code C3: transfer to third party
    "000005C5 C000000D 000028AF 00000000",          //     1477 SS-Status 0000: not provisioned
);

#[test]
fn what_is_provisioned_octet_by_octet() {
    assert_eq!(lcs_info(&provisioned()).unwrap(), hex(PROVISIONED));
    assert_eq!(read_lcs_info(&hex(PROVISIONED)).unwrap(), provisioned());
    let empty = hex("000005C1 C000000C 000028AF");
    assert_eq!(lcs_info(&LcsInformation::default()).unwrap(), empty);
    assert_eq!(read_lcs_info(&empty).unwrap(), LcsInformation::default());
}

#[test]
fn every_member_octet_by_octet() {
    assert_eq!(lcs_info(&full()).unwrap(), hex(FULL));
    assert_eq!(read_lcs_info(&hex(FULL)).unwrap(), full());
}

/// LCS-Info with one LCS-PrivacyException of these members.
fn exception(members: &[u8]) -> Vec<u8> {
    avps(|info| {
        info.group(&avp::LCS_INFO, |info| {
            info.avp(&avp::LCS_PRIVACY_EXCEPTION, members);
        });
    })
}

fn members(fill: impl FnOnce(&mut diameter::codec::Builder<'_>)) -> Vec<u8> {
    avps(|group| {
        group.avp(&avp::SS_CODE, &[0xB3]).avp(&avp::SS_STATUS, &[5]);
        fill(group);
    })
}

#[test]
fn values_that_are_unknown_are_passed_over() {
    // As TS 29.002 clause 17.7.1 has it: the default stands, and a client type or service type that is none allows nobody.
    let octets = exception(&members(|group| {
        group.u32(&avp::NOTIFICATION_TO_UE_USER, 4).u32(&avp::PLMN_CLIENT, 5).u32(&avp::PLMN_CLIENT, 0);
        group.group(&avp::EXTERNAL_CLIENT, |client| {
            client.avp(&avp::CLIENT_IDENTITY, &hex("4402")).u32(&avp::GMLC_RESTRICTION, 2);
            client.u32(&avp::NOTIFICATION_TO_UE_USER, 9).raw(unknown(0, b"more"));
        });
        group.group(&avp::SERVICE_TYPE, |service| {
            service.u32(&avp::SERVICE_TYPE_IDENTITY, 128);
        });
    }));
    let class = PrivacyClass {
        external_clients: vec![entry("4420", None)],
        plmn_clients: vec![PlmnClient::Broadcast],
        ..PrivacyClass::active(PrivacyClassCode::CallSessionUnrelated)
    };
    let expected = LcsInformation { privacy_classes: vec![class], ..LcsInformation::default() };
    assert_eq!(read_lcs_info(&octets).unwrap(), expected);
    // A class that is none, and a self location service that is none.
    let octets = avps(|info| {
        info.group(&avp::LCS_INFO, |info| {
            for def in [&avp::LCS_PRIVACY_EXCEPTION, &avp::MO_LR] {
                info.group(def, |group| {
                    group.avp(&avp::SS_CODE, &[0x21]).avp(&avp::SS_STATUS, &[5]);
                });
            }
        });
    });
    assert_eq!(read_lcs_info(&octets).unwrap(), LcsInformation::default());
}

#[test]
fn a_client_that_is_no_international_number_matches_nobody() {
    for (identity, client) in [("", None), ("4A", None), ("4402", Some(number("4420")))] {
        let octets = exception(&members(|group| {
            group.group(&avp::EXTERNAL_CLIENT, |client| {
                client.avp(&avp::CLIENT_IDENTITY, &hex(identity));
            });
        }));
        let read = read_lcs_info(&octets).unwrap();
        assert_eq!(read.privacy_classes[0].external_clients[0].client, client, "{identity}");
        if client.is_some() || identity.is_empty() {
            assert_eq!(lcs_info(&read).unwrap(), octets);
        }
    }
    // The nature of a number does not travel, so a national one may not go as if it were international.
    let national = Address { nature: NatureOfAddress::National, ..number("4420") };
    let mut information = full();
    information.gmlc_list = vec![national];
    information.privacy_classes[1].external_clients[0].client = Some(national);
    let read = read_lcs_info(&lcs_info(&information).unwrap()).unwrap();
    assert_eq!((read.gmlc_list.len(), read.privacy_classes[1].external_clients[0].client), (0, None));
}

#[test]
fn what_is_unsound_is_refused() {
    let member = |def: &avp::AvpDef, data: &[u8]| avps(|b| _ = b.avp(def, data));
    let code = |code: Vec<u8>| result(&exception(&code));
    let missing_status = member(&avp::SS_CODE, &[0xB3]);
    assert_eq!(code(missing_status.clone()), ResultCode::MISSING_AVP);
    assert_eq!(code([missing_status.clone(), member(&avp::SS_STATUS, &[])].concat()), ResultCode::INVALID_AVP_LENGTH);
    assert_eq!(
        code([missing_status.clone(), member(&avp::SS_STATUS, &[5; 6])].concat()),
        ResultCode::INVALID_AVP_LENGTH
    );
    assert_eq!(code([member(&avp::SS_CODE, &[0xB3, 0]), missing_status].concat()), ResultCode::INVALID_AVP_LENGTH);
    assert_eq!(code(members(|b| _ = b.avp(&avp::SS_CODE, &[0xB3]))), ResultCode::AVP_OCCURS_TOO_MANY_TIMES);
    assert_eq!(code(members(|b| _ = b.raw(unknown(0x40, b"?")))), ResultCode::AVP_UNSUPPORTED);
    assert_eq!(code(members(|b| _ = b.group(&avp::EXTERNAL_CLIENT, |_| ()))), ResultCode::MISSING_AVP);
    // Five octets of status are sound, and the first says it.
    let long = [member(&avp::SS_CODE, &[0xB3]), member(&avp::SS_STATUS, &[4, 1, 1, 1, 1])].concat();
    assert_eq!(read_lcs_info(&exception(&long)).unwrap().privacy_classes[0].status, SsStatus(4));
    // Alone, and an LCS-Info.
    assert_eq!(result(&[]), ResultCode::MISSING_AVP);
    assert_eq!(result(&member(&avp::SS_CODE, &[0xB3])), ResultCode::MISSING_AVP);
    assert_eq!(result(&hex(FULL)[..100]), ResultCode::MISSING_AVP);
    assert_eq!(result(&[hex(FULL), hex(FULL)].concat()), ResultCode::AVP_OCCURS_TOO_MANY_TIMES);
    assert_eq!(result(&[hex(FULL), vec![0; 4]].concat()), ResultCode::INVALID_AVP_LENGTH);
    assert_eq!(read_lcs_info(&[]), Err(DecodeError::MissingAvp(FailedAvp::example(&avp::LCS_INFO))));
}

fn result(octets: &[u8]) -> ResultCode {
    read_lcs_info(octets).unwrap_err().result_code()
}

#[test]
fn insert_subscriber_data_octet_by_octet() {
    let idr = Idr::new("hss.example.net;1;2", GMLC, "sgsn1.example.net", "example.net", imsi(), for_mme(&full()));
    let expected = concat!(
        "010000F4 C000013F 01000023 01020304 05060708", // version 1, 244 octets, R P, 319, S6a 16777251, identifiers
        "00000107 4000001B 6873732E6578616D706C652E6E65743B313B32 00", // 263 Session-Id
        "00000115 4000000C 00000001",                   // 277 Auth-Session-State: NO_STATE_MAINTAINED
        "00000108 40000018 676D6C632E6578616D706C652E6E6574", // 264 Origin-Host gmlc.example.net
        "00000128 40000013 6578616D706C652E6E6574 00",  // 296 Origin-Realm example.net
        "00000125 40000019 7367736E312E6578616D706C652E6E6574 000000", // 293 Destination-Host sgsn1.example.net
        "0000011B 40000013 6578616D706C652E6E6574 00",  // 283 Destination-Realm example.net
        "00000001 40000017 303031303130303030303030303031 00", // 1 User-Name: IMSI
        "00000578 C0000044 000028AF",                   // 1400 Subscription-Data, 68
        "000005C1 C0000038 000028AF",                   //   1473 LCS-Info, 56: to an MME self location alone
        "000005CD C000002C 000028AF",                   //     1485 MO-LR
        "000005C4 C000000D 000028AF C3000000",          //       1476 SS-Code C3
        "000005C5 C000000D 000028AF 00000000",          //       1477 SS-Status
    );
    let mut out = Vec::new();
    idr.encode(IDS, &mut out).unwrap();
    assert_eq!(out, hex(expected));
    let message = decode(&hex(expected));
    assert_eq!(Idr::decode(&message).unwrap(), idr);
    assert_eq!(message.header.application, ApplicationId::S6A);
}

#[test]
fn insert_subscriber_data_answer() {
    let ida = Ida {
        session_id: Some("hss.example.net;1;2"),
        result_code: Some(ResultCode::SUCCESS),
        origin_host: "sgsn1.example.net",
        origin_realm: "example.net",
        ..Ida::default()
    };
    let request = Header::request(ApplicationId::S6A, diameter::codec::CommandCode::INSERT_SUBSCRIBER_DATA, IDS);
    let mut out = Vec::new();
    ida.encode(request, &mut out).unwrap();
    assert_eq!(out[..20], hex("0100006C 4000013F 01000023 01020304 05060708"));
    assert_eq!(Ida::decode(&decode(&out)).unwrap(), ida);
    // Subscription data is what the request is for.
    let without = request.encode(20);
    assert_eq!(Idr::decode(&decode(&without)).unwrap_err().result_code(), ResultCode::MISSING_AVP);
}

fn any_entry() -> impl Strategy<Value = ExternalClientEntry> {
    let client = prop::option::of("[0-9]{1,15}".prop_map(|text| number(&text)));
    let restriction = prop::option::of(prop::sample::select(GmlcRestrictionCode::ALL.to_vec()));
    let notification = prop::option::of(prop::sample::select(NotificationToUser::ALL.to_vec()));
    (client, restriction, notification).prop_map(|(client, gmlc_restriction, notification)| ExternalClientEntry {
        client,
        gmlc_restriction,
        notification,
    })
}

fn any_class() -> impl Strategy<Value = PrivacyClass> {
    let code = prop::sample::select(PrivacyClassCode::ALL.to_vec());
    let notification = prop::option::of(prop::sample::select(NotificationToUser::ALL.to_vec()));
    let plmn = prop::collection::vec(prop::sample::select(PlmnClient::ALL.to_vec()), 0..6);
    let services = prop::collection::vec((0u32..128, any_entry()), 0..4);
    let clients = prop::collection::vec(any_entry(), 0..12);
    (code, any::<u8>(), notification, clients, plmn, services).prop_map(
        |(code, status, not_listed, external_clients, plmn_clients, services)| PrivacyClass {
            code,
            status: SsStatus(status),
            not_listed,
            external_clients,
            plmn_clients,
            service_types: services
                .into_iter()
                .map(|(code, entry)| ServiceTypeEntry {
                    service_type: ServiceType::new(code).unwrap(),
                    gmlc_restriction: entry.gmlc_restriction,
                    notification: entry.notification,
                })
                .collect(),
        },
    )
}

proptest! {
    #[test]
    fn any_data_comes_back(
        gmlcs in prop::collection::vec("[0-9]{1,15}", 0..5),
        privacy_classes in prop::collection::vec(any_class(), 0..5),
        services in prop::collection::vec((prop::sample::select(MoLrCode::ALL.to_vec()), any::<u8>()), 0..4),
    ) {
        let gmlc_list = gmlcs.iter().map(|text| number(text)).collect();
        let mo_lr = services.into_iter().map(|(code, status)| MoLrClass { code, status: SsStatus(status) }).collect();
        let information = LcsInformation { gmlc_list, privacy_classes, mo_lr };
        let octets = lcs_info(&information).unwrap();
        prop_assert_eq!(read_lcs_info(&octets).unwrap(), information);
    }

    #[test]
    fn any_octets_are_read_or_refused(octets in prop::collection::vec(any::<u8>(), 0..200), at in 0usize..328, bit in 0u8..8) {
        prop_assert!(octets.starts_with(&[0, 0, 5, 0xC1]) || read_lcs_info(&octets).is_err());
        let mut near = hex(FULL);
        near[at] ^= 1 << bit;
        if let Ok(read) = read_lcs_info(&near) {
            prop_assert_eq!(read_lcs_info(&lcs_info(&read).unwrap()).unwrap(), read);
        }
    }
}

const GIVEN: &str = concat!(
    "00000578 C000001C 000028AF", // 1400 Subscription-Data, V M, 28 octets, 3GPP
    "00000662 80000010 000028AF", //   1634 MDT-User-Consent, V, 16
    "00000001",                   //     1: CONSENT_GIVEN
);

fn consent_request<'a>(data: SubscriptionData<'a>) -> Idr<'a> {
    let origin = diameter::base::Origin { host: "hss.example.net", realm: "example.net" };
    Idr::with_data("hss;1;1", origin, "mme.example.net", "example.net", imsi(), data)
}

#[test]
fn consent_to_mdt_octet_by_octet() {
    let mut octets = Vec::new();
    consent_request(MdtUserConsent::Given.data()).encode(IDS, &mut octets).unwrap();
    let given = hex(GIVEN);
    assert_eq!(MdtUserConsent::Given.avp().unwrap(), given);
    assert!(octets.windows(given.len()).any(|window| window == given));
    let message = decode(&octets);
    let read = Idr::decode(&message).unwrap();
    assert_eq!(MdtUserConsent::of(&read.subscription_data), MdtUserConsent::Given);
    assert_eq!(read.subscription_data.lcs_info, None);
    let mut octets = Vec::new();
    consent_request(MdtUserConsent::NotGiven.data()).encode(IDS, &mut octets).unwrap();
    let mut not_given = given;
    *not_given.last_mut().unwrap() = 0;
    assert!(octets.windows(not_given.len()).any(|window| window == not_given));
}

#[test]
fn consent_to_mdt_that_is_absent_or_unknown_is_not_given() {
    for code in [None, Some(0), Some(2), Some(u32::MAX)] {
        let data = SubscriptionData { mdt_user_consent: code, ..SubscriptionData::default() };
        let mut octets = Vec::new();
        consent_request(data).encode(IDS, &mut octets).unwrap();
        let message = decode(&octets);
        let read = Idr::decode(&message).unwrap();
        assert_eq!(MdtUserConsent::of(&read.subscription_data), MdtUserConsent::NotGiven, "{code:?}");
    }
    assert!(MdtUserConsent::allows_mdt(Some(MdtUserConsent::Given)));
    assert!(!MdtUserConsent::allows_mdt(Some(MdtUserConsent::NotGiven)) && !MdtUserConsent::allows_mdt(None));
}

const TRACE: &str = concat!(
    "00000578 C0000100 000028AF",                   // 1400 Subscription-Data, V M, 256 octets
    "000005B2 C00000E4 000028AF",                   //   1458 Trace-Data, V M, 228
    "000005B3 C0000012 000028AF 00F110000001 0000", //     1459 Trace-Reference: PLMN 001-01, trace 1
    "000005B6 C0000010 000028AF 00000000",          //     1462 Trace-Depth
    "000005B7 C000000E 000028AF 0002 0000",         //     1463 Trace-NE-Type-List: eNB
    "000005B9 C0000010 000028AF 00000000",          //     1465 Trace-Event-List
    "000005AC C0000012 000028AF 0001C0000207 0000", //     1452 Trace-Collection-Entity: IPv4 192.0.2.7
    "00000656 80000080 000028AF",                   //     1622 MDT-Configuration, V, 128
    "00000657 80000010 000028AF 00000001",          //       1623 Job-Type: logged MDT alone
    "00000658 80000034 000028AF",                   //       1624 Area-Scope, V, 52
    "00000642 80000013 000028AF 00F11000000101 00", //         1602 E-UTRAN-Cell-Global-Identity: cell 257
    "00000643 80000011 000028AF 00F1100007 000000", //         1603 Tracking-Area-Identity: area 7
    "0000065F 80000010 000028AF 00000002",          //       1631 Logging-Interval: 5.12 s
    "00000660 80000010 000028AF 00000000",          //       1632 Logging-Duration: 600 s
    "00000687 8000000F 000028AF 00F110 00",         //       1671 MDT-Allowed-PLMN-Id: 001-01
    "00000662 80000010 000028AF 00000001",          //   1634 MDT-User-Consent: CONSENT_GIVEN
);

fn trace<'a>(plmns: usize) -> SubscriptionData<'a> {
    let area = AreaScope {
        e_utran_cell_global_identity: vec![[0, 0xF1, 0x10, 0, 0, 1, 1]],
        tracking_area_identity: vec![[0, 0xF1, 0x10, 0, 7]],
        extra: Vec::new(),
    };
    let mdt_configuration = MdtConfiguration {
        job_type: 1,
        area_scope: Some(area),
        logging_interval: Some(2),
        logging_duration: Some(0),
        mdt_allowed_plmn_id: vec![[0, 0xF1, 0x10]; plmns],
        extra: Vec::new(),
    };
    let trace_data = TraceData {
        trace_reference: Octets(&[0, 0xF1, 0x10, 0, 0, 1]),
        trace_depth: 0,
        trace_ne_type_list: Octets(&[0, 0x02]),
        trace_interface_list: None,
        trace_event_list: Octets(&[0; 4]),
        omc_id: None,
        trace_collection_entity: std::net::IpAddr::from([192, 0, 2, 7]),
        mdt_configuration: Some(mdt_configuration),
        extra: Vec::new(),
    };
    SubscriptionData { trace_data: Some(trace_data), ..MdtUserConsent::Given.data() }
}

#[test]
fn a_trace_with_mdt_octet_by_octet() {
    let mut octets = Vec::new();
    consent_request(trace(1)).encode(IDS, &mut octets).unwrap();
    let wanted = hex(TRACE);
    assert!(octets.windows(wanted.len()).any(|window| window == wanted));
    let message = decode(&octets);
    assert_eq!(Idr::decode(&message).unwrap().subscription_data, trace(1));
}

#[test]
fn more_networks_than_a_configuration_may_allow_are_refused() {
    for (plmns, result) in
        [(MAX_ALLOWED_PLMNS, None), (MAX_ALLOWED_PLMNS + 1, Some(ResultCode::AVP_OCCURS_TOO_MANY_TIMES))]
    {
        let mut octets = Vec::new();
        consent_request(trace(plmns)).encode(IDS, &mut octets).unwrap();
        let message = decode(&octets);
        assert_eq!(Idr::decode(&message).err().map(|error| error.result_code()), result);
    }
}
