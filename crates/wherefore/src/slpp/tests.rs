use super::{HeldBody, HomeRegisters, SlppBody, WireError, wire};
use crate::config::Config;
use crate::forms::to_hex;
use lcs::slpp::{
    ExternalClientEntry, GmlcRestrictionCode, LcsInformation, MoLrClass, MoLrCode, NotificationToUser, PrivacyClass,
    PrivacyClassCode, ServiceTypeEntry, SsStatus,
};
use lcs::{Address, PlmnClient, ServiceType};
use privacy::{HomeNetwork, Policy};
use serde_json::json;

/// Every member, every value.
fn full() -> LcsInformation {
    let entry = |number: &str, restriction, notification| ExternalClientEntry {
        client: Some(Address::international(number).unwrap()),
        gmlc_restriction: restriction,
        notification,
    };
    let restrictions = [None, Some(GmlcRestrictionCode::GmlcList), Some(GmlcRestrictionCode::HomeCountry)];
    let external_clients = NotificationToUser::ALL
        .into_iter()
        .map(Some)
        .chain([None])
        .zip(restrictions.into_iter().cycle())
        .zip(1..)
        .map(|((notification, restriction), number)| entry(&format!("49900{number}"), restriction, notification));
    LcsInformation {
        gmlc_list: vec![Address::international("4917100000").unwrap()],
        privacy_classes: vec![
            PrivacyClass { status: SsStatus(0), ..PrivacyClass::active(PrivacyClassCode::Universal) },
            PrivacyClass {
                not_listed: Some(NotificationToUser::LocationNotAllowed),
                external_clients: external_clients.collect(),
                ..PrivacyClass::active(PrivacyClassCode::CallSessionRelated)
            },
            PrivacyClass {
                plmn_clients: PlmnClient::ALL.to_vec(),
                ..PrivacyClass::active(PrivacyClassCode::PlmnOperator)
            },
            PrivacyClass {
                service_types: vec![ServiceTypeEntry {
                    service_type: ServiceType::new(16).unwrap(),
                    gmlc_restriction: Some(GmlcRestrictionCode::HomeCountry),
                    notification: Some(NotificationToUser::VerifyAllowedIfNoResponse),
                }],
                ..PrivacyClass::active(PrivacyClassCode::ServiceType)
            },
        ],
        mo_lr: MoLrCode::ALL.map(|code| MoLrClass { code, status: SsStatus(5) }).to_vec(),
    }
}

fn read(held: &HeldBody) -> Result<LcsInformation, WireError> {
    held.information()
}

fn map(octets: &[u8]) -> HeldBody {
    HeldBody { map: Some(to_hex(octets)), ..HeldBody::default() }
}

#[test]
fn data_goes_through_json_map_and_avp_and_back() {
    let json = serde_json::to_value(SlppBody::from(&full())).unwrap();
    let data: SlppBody = serde_json::from_value(json).unwrap();
    assert_eq!(read(&HeldBody { data: Some(data), ..HeldBody::default() }).unwrap(), full());
    let map = wire::map_hex(&full()).unwrap();
    assert_eq!(read(&HeldBody { map: Some(map), ..HeldBody::default() }).unwrap(), full());
    let avp = wire::avp_hex(&full()).unwrap();
    assert_eq!(read(&HeldBody { avp: Some(avp), ..HeldBody::default() }).unwrap(), full());
}

#[test]
fn json_as_a_person_writes_it() {
    let body: SlppBody = serde_json::from_value(json!({
        "classes": [{"class": "call_session_unrelated", "clients": [{"client": "+4990001", "option": "notify"}]}],
        "mo_lr": [{"service": "basic_self_location"}],
    }))
    .unwrap();
    let information = body.information().unwrap();
    let [class] = &information.privacy_classes[..] else { panic!("{information:?}") };
    assert_eq!((class.status, class.not_listed), (SsStatus::ACTIVE, None));
    assert_eq!(class.external_clients[0].notification, Some(NotificationToUser::NotifyLocationAllowed));
    assert_eq!(information.mo_lr[0].status, SsStatus::ACTIVE);
    // "Allowed" is said by absence, and in a class that would be its default.
    for wrong in [
        json!({"classes": [{"class": "call_session_unrelated", "not_listed": "allowed"}]}),
        json!({"classes": [{"class": "unrelated"}]}),
        json!({"classes": [{"class": "universal", "clients": [{"number": "+49"}]}]}),
    ] {
        assert!(serde_json::from_value::<SlppBody>(wrong.clone()).is_err(), "{wrong}");
    }
    let body = json!({"classes": [{"class": "service_type", "service_types": [{"service_type": 128}]}]});
    assert_eq!(serde_json::from_value::<SlppBody>(body).unwrap().information(), None);
}

#[test]
fn map_is_read_as_argument_as_member_and_alone() {
    // InsertSubscriberDataArg { lcsInformation [22] { lcs-PrivacyExceptionList [1] { { ss-Code B1, ss-Status 05 } } } }
    let class = [0x30, 6, 4, 1, 0xB1, 4, 1, 5];
    let list = [&[0xA1, 8][..], &class].concat();
    let member = [&[0xB6, 10][..], &list].concat();
    let argument = [&[0x30, 12][..], &member].concat();
    let alone = [&[0x30, 10][..], &list].concat();
    let expected = LcsInformation {
        privacy_classes: vec![PrivacyClass::active(PrivacyClassCode::Universal)],
        ..LcsInformation::default()
    };
    for octets in [&argument, &member, &alone] {
        assert_eq!(read(&map(octets)).unwrap(), expected, "{octets:02x?}");
    }
    // With the subscriber in it, who is passed over.
    let imsi = [0x80, 8, 0x62, 0x02, 0x11, 0x32, 0x54, 0x76, 0x98, 0xF0];
    let with_imsi = [&[0x30, 22][..], &imsi, &member].concat();
    assert_eq!(read(&map(&with_imsi)).unwrap(), expected);
    // About a subscriber and nothing of LCS.
    let other = [&[0x30, 10][..], &imsi].concat();
    assert!(matches!(read(&map(&other)), Err(WireError::NoInformation | WireError::Map(_))));
    assert!(matches!(read(&map(&[0x30, 0])), Err(WireError::NoInformation)));
    for broken in [&[][..], &[0x30], &[0x30, 5, 4], &[0xB6, 2, 0xA1], &[0x04, 1, 1]] {
        assert!(read(&map(broken)).is_err(), "{broken:02x?}");
    }
}

#[test]
fn exactly_one_form_is_taken() {
    let one = |data: bool, map: bool, avp: bool| HeldBody {
        data: data.then(SlppBody::default),
        map: map.then(|| "3000".to_owned()),
        avp: avp.then(|| "000005c1c000000c000028af".to_owned()),
    };
    for (data, map, avp) in
        [(false, false, false), (true, true, false), (true, false, true), (false, true, true), (true, true, true)]
    {
        assert!(matches!(read(&one(data, map, avp)), Err(WireError::NotOne)));
    }
    assert_eq!(read(&one(false, false, true)).unwrap(), LcsInformation::default());
    let odd = HeldBody { avp: Some("0".into()), ..HeldBody::default() };
    assert!(matches!(read(&odd), Err(WireError::NotHex("avp"))));
}

#[test]
fn more_than_a_register_holds_is_not_tried() {
    let held = |entries: usize| {
        let mut information = full();
        information.privacy_classes[1].external_clients.clear();
        let entry = ExternalClientEntry { client: None, gmlc_restriction: None, notification: None };
        // 1 gateway, 4 classes, 5 client types, 1 service type, 3 services.
        information.privacy_classes[1].external_clients = vec![entry; entries - 14];
        HeldBody { data: Some(SlppBody::from(&information)), ..HeldBody::default() }
    };
    assert!(read(&held(300)).is_ok());
    assert!(matches!(read(&held(301)), Err(WireError::TooMuch(301))));
}

#[test]
fn what_is_configured_for_old_nodes_has_no_fault_of_its_own() {
    let numbers: Vec<String> = (1..=14).map(|number| format!("\"+4990000000{number:02}\"")).collect();
    for provisioned in ["fourteen", "first_four"] {
        let text = format!(
            "[gateway]\ngmlc_number = \"+4917100000\"\n[pseudo_external]\nnumbers = [{}]\nprovisioned = \"{provisioned}\"\n\
             v_gmlc_numbers = [\"+336000000\", \"+337000000\"]\n",
            numbers.join(", ")
        );
        let config = Config::parse(&text).unwrap();
        let home = HomeNetwork { country_codes: Vec::new(), realms: Vec::new(), node_numbers: Vec::new() };
        let registers = HomeRegisters::new(&config, &Policy::new(home)).unwrap();
        assert_eq!(registers.gateways.len(), 3);
        assert_eq!(registers.problems([]).unwrap(), []);
    }
    let none = Config::parse("[pseudo_external]\nmo_lr = [\"basic_self_location\"]\n").unwrap();
    assert!(none.problems().iter().all(|problem| !problem.key.starts_with("pseudo_external")));
    assert_eq!(none.pseudo_external.home_register(), None);
}
