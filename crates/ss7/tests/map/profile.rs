//! The privacy profile that a home register gives to a node (TS 29.002 clause 17.7.1, LCSInformation; TS 23.271 Annex C).

use crate::{
    common::{answered, hex, number, sequence, sets},
    samples::profile,
};
use lcs::slpp::{
    ExternalClientEntry, GmlcRestrictionCode, LcsInformation, MoLrCode, NotificationToUser, PrivacyClass,
    PrivacyClassCode, SsStatus,
};
use ss7::map::{
    DecodeError, DeleteSubscriberDataArg, DeleteSubscriberDataRes, InsertSubscriberDataArg, InsertSubscriberDataRes,
    LcsProfile, List, MapError, ProfileError,
};

fn with_classes(privacy_classes: Vec<PrivacyClass>) -> LcsInformation {
    LcsInformation { privacy_classes, ..LcsInformation::default() }
}

fn insert(information: &LcsInformation) -> InsertSubscriberDataArg {
    InsertSubscriberDataArg::of_profile(None, LcsProfile::new(information.clone()).unwrap())
}

/// What a node reads of LCSInformation with these elements.
fn read(elements: &str) -> Result<LcsProfile, DecodeError> {
    let elements = hex(elements);
    let length = u8::try_from(elements.len()).unwrap();
    let argument = [&[0xB6, 0x81, length][..], &elements].concat();
    InsertSubscriberDataArg::decode(&sequence(&argument)).map(|read| read.lcs_information.unwrap())
}

fn clients(count: usize) -> Vec<ExternalClientEntry> {
    let entry = |at| ExternalClientEntry {
        client: Some(number(&format!("49900000{at:02}"))),
        gmlc_restriction: None,
        notification: NotificationToUser::ALL.get(at % 5).copied(),
    };
    (0..count).map(entry).collect()
}

#[test]
fn a_profile_comes_back_whole() {
    for count in [0, 1, 4, 5, 6, 39, 40] {
        let class = PrivacyClass {
            external_clients: clients(count),
            not_listed: Some(NotificationToUser::LocationNotAllowed),
            ..PrivacyClass::active(PrivacyClassCode::CallSessionRelated)
        };
        let sent = insert(&with_classes(vec![class]));
        assert_eq!(InsertSubscriberDataArg::decode(&sent.encode()), Ok(sent), "{count} clients");
    }
    // Any number of classes; the fifth goes into the second list.
    for count in 0..=5 {
        let mut information = profile();
        information.privacy_classes.truncate(count);
        let sent = insert(&information);
        let read = InsertSubscriberDataArg::decode(&sent.encode()).unwrap();
        assert_eq!(*read.lcs_information.unwrap().information(), information, "{count} classes");
    }
}

#[test]
fn what_has_no_room_in_map_is_said() {
    let class = |count| PrivacyClass {
        external_clients: clients(count),
        ..PrivacyClass::active(PrivacyClassCode::CallSessionUnrelated)
    };
    let refused = LcsProfile::new(with_classes(vec![class(41)])).err();
    assert_eq!(refused, Some(ProfileError::TooMany("external_clients", 41, 40)));
    let refused = LcsProfile::new(with_classes(vec![class(1), class(1)])).err();
    assert_eq!(refused, Some(ProfileError::Twice(0xB3)));
    let gateways = LcsInformation { gmlc_list: vec![number("4990"); 6], ..LcsInformation::default() };
    assert_eq!(LcsProfile::new(gateways).err(), Some(ProfileError::TooMany("gmlc_list", 6, 5)));
}

#[test]
fn the_second_list_counts_beside_a_full_first_one_only() {
    let class = |code: &str| format!("3006 0401{code} 040105");
    let list = |tag: &str, codes: &[&str]| {
        format!("{tag}{:02X} {}", codes.len() * 8, codes.iter().map(|code| class(code)).collect::<String>())
    };
    let codes = |elements: &str| -> Vec<u8> {
        read(elements).unwrap().information().privacy_classes.iter().map(|class| class.code.code()).collect()
    };
    let four = list("A1", &["B1", "B2", "B3", "B4"]);
    assert_eq!(codes(&(four.clone() + &list("A3", &["B5"]))), [0xB1, 0xB2, 0xB3, 0xB4, 0xB5]);
    assert_eq!(codes(&(list("A1", &["B1", "B2", "B3"]) + &list("A3", &["B5"]))), [0xB1, 0xB2, 0xB3]);
    assert_eq!(codes(&list("A3", &["B5"])), [0u8; 0]);
    // The same class in both, or twice in one.
    for twice in [four + &list("A3", &["B2"]), list("A1", &["B1", "B1"])] {
        let error = read(&twice).unwrap_err();
        assert_eq!(answered(error), MapError::UnexpectedDataValue { unexpected_subscriber: false });
    }
    assert!(read(&list("A1", &["B1", "B2", "B3", "B4", "B5"])).is_err(), "five in the first list");
}

#[test]
fn values_that_are_not_listed() {
    // Notification 4 and restriction 2 count as absent: the default of the class.
    let elements = "A11E 301C 0401B3 040105 800104 A111 300F 3007 8005 91947110F5 800102 810109";
    let class = read(elements).unwrap().information().privacy_classes[0].clone();
    assert_eq!(class.not_listed, None);
    let entry = ExternalClientEntry { client: Some(number("4917015")), gmlc_restriction: None, notification: None };
    assert_eq!(class.external_clients, [entry]);
    // An operator client that is not listed is in no list.
    let class = read("A10F 300D 0401B4 040105 A205 0A0101 0A0109").map(|read| read.information().clone());
    assert!(class.is_err(), "a length that does not fit");
    let class = read("A110 300E 0401B4 040105 A206 0A0101 0A0109").unwrap().information().privacy_classes[0].clone();
    assert_eq!(class.plmn_clients, [lcs::PlmnClient::OmHplmn]);
    // Services that are not known are told to the home register.
    let elements = "A110 3006 0401B6 040105 3006 0401B1 040105 A210 3006 0401C3 040105 3006 0401C4 040105";
    let argument = [&[0xB6, 0x24][..], &hex(elements)].concat();
    let read = InsertSubscriberDataArg::decode(&sequence(&argument)).unwrap();
    let told = read.lcs_information.as_ref().unwrap();
    assert_eq!(told.information().privacy_classes, [PrivacyClass::active(PrivacyClassCode::Universal)]);
    assert_eq!(told.information().mo_lr[0].code, MoLrCode::TransferToThirdParty);
    assert_eq!(InsertSubscriberDataRes::to(&read), InsertSubscriberDataRes { ss_list: List::new(vec![0xB6, 0xC4]) });
    // Reserved octets of a status mean nothing.
    let class = read_status("0405 05FFFFFFFF");
    assert_eq!(class, SsStatus::ACTIVE);
}

fn read_status(status: &str) -> SsStatus {
    read(&["A10C 300A 0401B1", status].concat()).unwrap().information().privacy_classes[0].status
}

#[test]
fn restrictions_are_told() {
    for (restriction, code) in [(None, ""), (Some(GmlcRestrictionCode::GmlcList), "800100")] {
        let entry = ExternalClientEntry { client: None, gmlc_restriction: restriction, notification: None };
        let class = PrivacyClass {
            external_clients: vec![entry],
            ..PrivacyClass::active(PrivacyClassCode::CallSessionUnrelated)
        };
        let sent = insert(&with_classes(vec![class]));
        assert!(sent.encode().ends_with(&hex(&["3000", code].concat())));
        assert_eq!(InsertSubscriberDataArg::decode(&sent.encode()), Ok(sent));
    }
}

#[test]
fn an_old_node_gets_what_it_can_keep_to() {
    let codes = |highest: u32| -> Vec<u8> {
        let given = LcsProfile::new(profile()).unwrap().for_node(sets(highest));
        let sent = InsertSubscriberDataArg::of_profile(None, given);
        let read = InsertSubscriberDataArg::decode(&sent.encode()).unwrap().lcs_information.unwrap();
        read.information().privacy_classes.iter().map(|class| class.code.code()).collect()
    };
    assert_eq!(codes(1), [0xB1, 0xB4]);
    assert_eq!(codes(2), [0xB1, 0xB2, 0xB3, 0xB4]);
    assert_eq!(codes(3), [0xB1, 0xB2, 0xB3, 0xB4, 0xB5]);
}

#[test]
fn a_withdrawal_is_by_service_or_by_group() {
    let withdraws = |codes: &[u8]| -> Vec<u8> {
        let argument = DeleteSubscriberDataArg {
            imsi: crate::common::imsi(),
            ss_list: List::new(codes.to_vec()),
            gmlc_list_withdraw: false,
        };
        let classes = PrivacyClassCode::ALL.map(PrivacyClassCode::code).into_iter();
        classes.chain(MoLrCode::ALL.map(MoLrCode::code)).filter(|code| argument.withdraws(*code)).collect()
    };
    assert_eq!(withdraws(&[0xB2, 0xC1]), [0xB2, 0xC1]);
    assert_eq!(withdraws(&[DeleteSubscriberDataArg::ALL_LCS_PRIVACY_EXCEPTION]), [0xB1, 0xB2, 0xB3, 0xB4, 0xB5]);
    assert_eq!(withdraws(&[DeleteSubscriberDataArg::ALL_MO_LR]), [0xC1, 0xC2, 0xC3]);
    assert_eq!(withdraws(&[]), [0u8; 0]);
    assert_eq!(withdraws(&[0xA0, 0x11]), [0u8; 0]);
}

#[test]
fn results_may_be_absent() {
    assert_eq!(InsertSubscriberDataRes::decode_optional(&[]), Ok(InsertSubscriberDataRes::default()));
    assert_eq!(DeleteSubscriberDataRes::decode_optional(&[]), Ok(DeleteSubscriberDataRes::default()));
    assert!(InsertSubscriberDataRes::decode(&[]).is_err());
}

#[test]
fn other_subscriber_data_is_passed_over() {
    // category, subscriberStatus, teleserviceList, ODB, CAMEL data nested in it, network access mode.
    let argument = sequence(&hex(concat!(
        "8008 00010100000000F1",
        "8107 91947110325476",
        "82010A",
        "830100",
        "A603 040111",
        "A806 8004 00 000000",
        "AD0A A008 3006 8001 02 8101 03",
        "AE04 A002 3000",
        "B604 A002 3000",
        "980100",
    )));
    // gmlc-List with something that is no number in it.
    assert!(InsertSubscriberDataArg::decode(&argument).is_err());
    let sound = argument[..argument.len() - 9].to_vec();
    let sound = sequence(&[&sound[2..], &hex("B600 980100")].concat());
    let read = InsertSubscriberDataArg::decode(&sound).unwrap();
    assert_eq!(read.msisdn, Some(crate::common::msisdn()));
    assert_eq!(*read.lcs_information.unwrap().information(), LcsInformation::default());
}
