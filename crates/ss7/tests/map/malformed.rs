//! What a hostile or broken peer may send: refused with the right answer, never more than refused.

use crate::{
    common::{answered, hex, sequence},
    samples,
};
use ss7::{
    map::{
        DecodeError, InsertSubscriberDataArg, MAX_OCTETS, MapError, PslRes, ReceivedPsl, Reply, RoutingInfoForLcsArg,
        SlrArg, SlrRes,
    },
    tcap::{InvokeProblem, Problem, ReturnErrorProblem, ReturnResultProblem},
};

const LOCATION: &str = "3003 800100";
const GATEWAY: &str = "0405 9194590010";
const SUBSCRIBER: &str = "8208 00010100000000F1";

fn psl(elements: &[&str]) -> Result<ReceivedPsl, DecodeError> {
    ReceivedPsl::decode(&sequence(&hex(&elements.concat())))
}

fn sound(before: &str, behind: &str) -> Result<ReceivedPsl, DecodeError> {
    psl(&[LOCATION, GATEWAY, before, SUBSCRIBER, behind])
}

fn unexpected(name: &'static str) -> Option<DecodeError> {
    let error = DecodeError::UnexpectedDataValue(name);
    assert_eq!(answered(error), MapError::UnexpectedDataValue { unexpected_subscriber: false });
    Some(error)
}

fn missing(name: &'static str) -> Option<DecodeError> {
    let error = DecodeError::DataMissing(name);
    assert_eq!(answered(error), MapError::DataMissing);
    Some(error)
}

fn mistyped(name: &'static str) -> Option<DecodeError> {
    let error = DecodeError::Mistyped(name);
    assert_eq!(error.reply(), Reply::Reject(Problem::Invoke(InvokeProblem::MistypedParameter)));
    assert_eq!(error.result_problem(), Problem::ReturnResult(ReturnResultProblem::MistypedParameter));
    assert_eq!(error.error_problem(), Problem::ReturnError(ReturnErrorProblem::MistypedParameter));
    Some(error)
}

#[test]
fn values_that_may_not_be() {
    for (request, name) in [
        (psl(&["3003 800106", GATEWAY, SUBSCRIBER]), "estimate_type"),
        (psl(&["3007 800103 8102 0204", GATEWAY, SUBSCRIBER]), "deferred_event_type"),
        (psl(&["3006 800103 8101 00", GATEWAY, SUBSCRIBER]), "deferred_event_type"),
        (psl(&["3007 800103 8102 0880", GATEWAY, SUBSCRIBER]), "deferred_event_type"),
        (sound("A003 800104", ""), "client_type"),
        (sound("A006 800102 830105", ""), "internal_id"),
        (sound("", "AD03 800105"), "unrelated"),
        (sound("", "AD06 800100 810105"), "related"),
        (sound("", "8B02 0080"), "service_type"),
        (sound("", "8A02 0102"), "reference_number"),
        (sound("", "8403 010203"), "lmsi"),
        (sound("", "8902 02FC"), "supported_gad_shapes"),
        (sound("", "8F05 05C000020A"), "h_gmlc_address"),
        (sound("", "8F04 04C00002"), "h_gmlc_address"),
        (sound("", "AE0B A009 A007 3005 800100 8100"), "area_identification"),
        (sound("", "AE0E A00C A00A 3008 800104 8103 62F210"), "area_identification"),
        // Digits that are none: of a country, and of a network.
        (sound("", "AE0D A00B A009 3007 800100 8102 A202"), "area_identification"),
        (sound("", "AE0E A00C A00A 3008 800101 8103 62A210"), "area_identification"),
        (sound("", "AE0D A00B A009 3007 800106 8102 6202"), "area_type"),
        (sound("", "B208 A106 3004 8002 62F2"), "plmn_id"),
        (sound("", "B106 020100 02010A"), "reporting_amount"),
        (sound("", "B109 0204 0083D600 02010A"), "reporting_amount"),
        // 8,639,999 reports, two seconds apart.
        (sound("", "B109 0204 0083D5FF 020102"), "reporting_interval_s"),
        (psl(&[LOCATION, GATEWAY, "8202 0001"]), "imsi"),
        (psl(&[LOCATION, GATEWAY, "8208 0A010100000000F1"]), "imsi"),
        (psl(&[LOCATION, "0405 1194590010", SUBSCRIBER]), "mlc_number"),
    ] {
        assert_eq!(request.err(), unexpected(name));
    }
}

#[test]
fn what_a_request_must_have() {
    let deferred =
        |events: &str, behind: &str| psl(&[&format!("3007 800103 8102 {events}"), GATEWAY, SUBSCRIBER, behind]).err();
    let none = None;
    for (error, expected) in [
        (psl(&[LOCATION, GATEWAY]).err(), missing("imsi")),
        (psl(&[LOCATION, GATEWAY, "8508 53062940703910F0"]).err(), missing("imsi")),
        (psl(&[LOCATION, GATEWAY, "8307 91947110325476"]).err(), none),
        (psl(&["3003 800103", GATEWAY, SUBSCRIBER]).err(), missing("reference_number")),
        (psl(&["3003 800104", GATEWAY, SUBSCRIBER]).err(), missing("reference_number")),
        (psl(&["3003 800104", GATEWAY, SUBSCRIBER, "8A0107"]).err(), none),
        (psl(&["3003 800103", GATEWAY, SUBSCRIBER, "8A0107"]).err(), missing("deferred_event_type")),
        (deferred("0780", "8A0107"), none),
        (deferred("0640", "8A0107"), missing("area_event_info")),
        (deferred("0520", "8A0107"), missing("area_event_info")),
        (deferred("0410", "8A0107"), missing("area_event_info")),
        (deferred("0640", "8A0107 AE0D A00B A009 3007 800100 8102 62F2"), none),
        (deferred("0308", "8A0107"), missing("periodic_ldr_info")),
        (deferred("0308", "8A0107 B106 020101 020101"), none),
        (psl(&[LOCATION, SUBSCRIBER]).err(), mistyped("mlc_number")),
        (psl(&[GATEWAY, SUBSCRIBER]).err(), mistyped("location_type")),
        (sound("", "AD03 810100").err(), mistyped("unrelated")),
        (sound("", "AD00").err(), mistyped("unrelated")),
    ] {
        assert_eq!(error, expected);
    }
}

#[test]
fn what_a_report_must_have() {
    const CLIENT: &str = "3003 800101";
    const NODE: &str = "3008 0406 9194590020F1";
    const IMSI: &str = "8108 00010100000000F1";
    let slr = |event: u8, behind: &str| {
        let first = format!("0A01{event:02X}");
        SlrArg::decode(&sequence(&hex(&[&first, CLIENT, NODE, behind].concat()))).err()
    };
    let with_imsi = |event: u8, behind: &str| slr(event, &[IMSI, behind].concat());
    for event in 0..=5 {
        assert_eq!(slr(event, ""), missing("imsi"));
        // A phone without a SIM makes emergency calls only.
        let emergency = matches!(event, 0 | 1 | 5);
        let by_equipment = slr(event, "8208 53062940703910F0");
        assert_eq!(by_equipment, if emergency { None } else { missing("imsi") }, "{event}");
        // Deferred data exactly with its event.
        let data = with_imsi(event, "A904 0302 0640 8A0107");
        let (with, without) =
            if event == 3 { (None, missing("deferred_mt_lr_data")) } else { (unexpected("deferred_mt_lr_data"), None) };
        assert_eq!(data, with, "{event}");
        assert_eq!(with_imsi(event, ""), without, "{event}");
    }
    assert_eq!(with_imsi(6, ""), unexpected("lcs_event"));
    assert_eq!(with_imsi(3, "A904 0302 0640"), missing("lcs_reference_number"));
    // A new node is told only where the gateway is to begin anew; a cause that is not listed is an undefined error.
    let data = |cause: &str| format!("A911 0302 0640 8001{cause} A108 0406 9194590020F1 8A0107");
    assert_eq!(with_imsi(3, &data("04")), None);
    assert_eq!(with_imsi(3, &data("03")), unexpected("lcs_location_info"));
    assert_eq!(with_imsi(3, "A907 0302 0640 800163 8A0107"), None);
    let both = SlrRes::decode(&sequence(&hex("8005 9151551000 8105 9151551000")));
    assert_eq!(both.err(), unexpected("na_esrd"));
}

#[test]
fn indefinite_lengths_mean_the_same() {
    let definite = sound("", "AD06 800100 810102").unwrap();
    let octets = hex(concat!(
        "3080",
        "3080 800100 0000",
        "0405 9194590010",
        "8208 00010100000000F1",
        "AD80 800100 810102 0000",
        "0000",
    ));
    assert_eq!(ReceivedPsl::decode(&octets), Ok(definite.clone()));
    // Lengths longer than they need be.
    let octets = hex(concat!(
        "3084 00000025",
        "3082 0004 8081 01 00",
        "0483 000005 9194590010",
        "8281 08 00010100000000F1",
        "AD06 800100 810102",
    ));
    assert_eq!(ReceivedPsl::decode(&octets), Ok(definite));
    // An end of contents where there is nothing to end, inside a definite length, or with a length of its own.
    for octets in ["3002 0000", "3080 0000 0000", "3080 0001 00", "3080 2000", "3080 800100", "8080 0000"] {
        assert!(SlrRes::decode(&hex(octets)).is_err(), "{octets}");
    }
    assert_eq!(SlrRes::decode(&hex("3080 0000")), Ok(SlrRes::default()));
    // A NULL with tag 0 looks like one; it is none.
    assert_eq!(SlrRes::decode(&hex("3080 8300 0000")).map(|read| read.mo_lr_short_circuit), Ok(true));
    let error = hex("3080 8000 8100 0000");
    let told = MapError::FacilityNotSupported { shape_of_location_estimate: true, needed_lcs_capability: true };
    assert_eq!(MapError::decode(21, &error), Ok(told));
}

#[test]
fn extensions_are_passed_over_wherever_they_are() {
    let plain = sound("", "AD03 800101").unwrap();
    for extension in [
        "9F22 00",
        "BF22 03 020107",
        "BF8101 80 0000",
        "9FFF7F 00",
        "DF22 00",
        "5F22 00",
        "88 00",
        "A880 3080 0000 A000 0000",
        "0403 010203",
    ] {
        for (before, behind) in [(extension, "AD03 800101"), ("", &*format!("AD03 800101 {extension}"))] {
            let read = sound(before, behind);
            // One that has the tag of an element that was there is not an extension.
            let taken = extension.starts_with("04");
            assert_eq!(read.as_ref().ok(), (!taken).then_some(&plain), "{extension}");
        }
        let inside = format!("AD{:02X} 800101 {extension}", 3 + hex(extension).len());
        assert_eq!(sound("", &inside).as_ref(), Ok(&plain), "{extension} inside");
    }
}

#[test]
fn elements_come_once_and_in_order() {
    // A second privacy check must not replace the first, nor hide behind another element.
    for twice in
        ["AD03 800104 AD03 800100", "AD03 800104 8F05 04C000020A AD03 800100", "8A0107 8A0108", "8B0110 8A0107"]
    {
        assert!(matches!(sound("", twice), Err(DecodeError::Mistyped(_))), "{twice}");
    }
    assert!(matches!(sound("", "AD06 800104 800100"), Err(DecodeError::Mistyped(_))));
    assert!(matches!(psl(&[GATEWAY, LOCATION, SUBSCRIBER]), Err(DecodeError::Mistyped(_))));
}

#[test]
fn a_check_that_cannot_be_read_is_never_taken_for_absent() {
    for broken in
        ["8D03 800100", "AD03 A00100", "AD03 8000 00", "AD02 8000", "AD04 80050000", "AD03 8001FF", "AD05 80030100 00"]
    {
        let error = sound("", broken).unwrap_err();
        assert!(matches!(error, DecodeError::Mistyped(_) | DecodeError::UnexpectedDataValue(_)), "{broken}");
    }
}

#[test]
fn shapes_of_elements_that_do_not_fit() {
    for (octets, why) in [
        ("", "nothing"),
        ("30", "no length"),
        ("3001", "no content"),
        ("300100", "half an element"),
        ("3000 00", "something behind"),
        ("3100", "another type"),
        ("1000", "a primitive sequence"),
        ("7000", "another class"),
        ("3085 0000000000", "five octets of length"),
        ("30FF", "a reserved length"),
        ("3084 FFFFFFFF", "four billion octets"),
        ("3084 7FFFFFFF 00", "two billion octets"),
        ("3F8080808000 00", "a tag of five octets"),
    ] {
        assert!(matches!(SlrRes::decode(&hex(octets)), Err(DecodeError::Mistyped(_))), "{why}");
    }
    // A constructed string, a primitive sequence, a NULL with content, an empty number.
    for behind in ["A403 040102", "2405 0405 9194590010", "8D00", "900100", "8B00"] {
        assert!(matches!(sound("", behind), Err(DecodeError::Mistyped(_))), "{behind}");
    }
    // Longer than its surroundings.
    assert!(sound("", "AD04 8002 00").is_err());
}

#[test]
fn depth_and_size_have_ends() {
    let head = hex(&[LOCATION, GATEWAY, SUBSCRIBER].concat());
    let deep = |levels: usize| {
        // Indefinite lengths inside each other, behind an extension's tag.
        let open = [0xBF, 0x22, 0x80].repeat(levels);
        [&[0x30, 0x80][..], &head, &open, &[0, 0].repeat(levels + 1)].concat()
    };
    assert!(ReceivedPsl::decode(&deep(1000)).is_ok());
    assert!(ReceivedPsl::decode(&deep(3000)).is_ok(), "passed over without recursion");
    assert!(matches!(ReceivedPsl::decode(&deep(20_000)), Err(DecodeError::TooLong(_))));
    // The same without its ends, as far as is looked at.
    let open = [&[0x30, 0x80][..], &head, &[0xBF, 0x22, 0x80].repeat(6000)].concat();
    assert!(ReceivedPsl::decode(&open[..MAX_OCTETS]).is_err());
    // Definite lengths: each level has two octets less.
    let mut nested = Vec::new();
    for _ in 0..4000 {
        nested = [&[0xA8, 0x82, (nested.len() >> 8) as u8, nested.len() as u8][..], &nested].concat();
        if nested.len() + head.len() + 4 > MAX_OCTETS {
            break;
        }
    }
    let octets = sequence(&[&head[..], &nested].concat());
    assert!(matches!(ReceivedPsl::decode(&octets), Ok(_) | Err(DecodeError::TooLong(_))));
    let octets = sequence(&[&head[..], &nested[4..]].concat());
    assert!(ReceivedPsl::decode(&octets).is_ok());
    assert_eq!(ReceivedPsl::decode(&vec![0; MAX_OCTETS + 1]), Err(DecodeError::TooLong(MAX_OCTETS + 1)));
    // Lists end where their notation says.
    let areas = |count: usize| {
        let list = hex("3007 800100 8102 62F2").repeat(count);
        let length = list.len() as u8;
        [&[0xAE, length + 4, 0xA0, length + 2, 0xA0, length][..], &list].concat()
    };
    for (count, fits) in [(0, false), (1, true), (10, true), (11, false)] {
        let octets = sequence(&[&head[..], &areas(count)].concat());
        assert_eq!(ReceivedPsl::decode(&octets).is_ok(), fits, "{count} areas");
    }
}

#[test]
fn cut_anywhere_a_message_is_refused() {
    for sample in samples::all() {
        for length in 0..sample.octets.len() {
            let cut = &sample.octets[..length];
            let read = [
                ReceivedPsl::decode(cut).is_ok(),
                PslRes::decode(cut).is_ok(),
                SlrArg::decode(cut).is_ok(),
                RoutingInfoForLcsArg::decode(cut).is_ok(),
                InsertSubscriberDataArg::decode(cut).is_ok(),
            ];
            assert_eq!(read, [false; 5], "{} cut at {length}", sample.name);
        }
    }
}
