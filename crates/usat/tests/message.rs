//! The messages of docs/annex-f.md: its example, octet by octet, and whatever else they can say, both ways.

#![allow(clippy::unwrap_used, reason = "helpers of tests, outside of test functions")]

use lcs::{Address, AreaEvent, AreaIdentity, LdrReference, PlmnId, PrivacySetting, Timestamp};
use proptest::prelude::*;
use usat::message::{AREA_LIMIT, Install, Installed, Message, MessageError, Report, RequestName};

const DOCUMENT: &str = include_str!("../../../docs/annex-f.md");

const NAME: RequestName = RequestName { reference: LdrReference(0x2A), instance: 0x0001_0203 };

fn plmn() -> PlmnId {
    PlmnId::new("262", "01").unwrap()
}

fn install() -> Install {
    Install {
        name: NAME,
        gateway: Address::international("4917099").unwrap(),
        start: Timestamp::from_secs(1_795_899_600),
        stop: Timestamp::from_secs(1_795_903_200),
        event: AreaEvent::Leaving,
        multiple: true,
        min_interval_s: 300,
        areas: vec![AreaIdentity::Cell(plmn(), 0x1234, 0x5678), AreaIdentity::EutranCell(plmn(), 0x0123_4567)],
        privacy: PrivacySetting::RestrictedIfNoResponse,
        client: Some("School bus".to_owned()),
        requestor: Some("Mum".to_owned()),
    }
}

/// The hexadecimal octets of a block of the document: what stands before `;` on its lines.
fn example(title: &str) -> Vec<u8> {
    let block = DOCUMENT.split(&format!("```hex {title}\n")).nth(1).unwrap().split("```").next().unwrap();
    let octets = block.lines().flat_map(|line| line.split(';').next().unwrap().split_whitespace());
    octets.map(|octet| u8::from_str_radix(octet, 16).unwrap()).collect()
}

#[test]
fn the_examples_of_the_document() {
    let report = Report {
        name: NAME,
        sequence: 1,
        at: Timestamp::from_secs(1_795_900_000),
        location: Some(AreaIdentity::Cell(plmn(), 0x1234, 0x5679)),
    };
    let messages = [
        ("install", Message::Install(install())),
        ("cancel", Message::Cancel(NAME)),
        ("acknowledge", Message::Acknowledge(NAME, Installed::Yes)),
        ("report", Message::Report(report)),
    ];
    for (title, message) in messages {
        let octets = example(title);
        assert_eq!(message.encode().unwrap(), octets, "{title}");
        assert_eq!(Message::parse(&octets).unwrap(), message);
        for end in 0..octets.len() {
            let cut = Message::parse(&octets[..end]);
            // Without its last object an installation names no requestor, and a report no place: both may be.
            let may = [("install", octets.len() - 5), ("report", octets.len() - 10)].contains(&(title, end));
            assert_eq!(cut.is_ok(), may, "{title} {end}");
        }
        // What may be passed over, and what may not.
        assert_eq!(Message::parse(&[&octets[..], &[0x80, 1, 0]].concat()).unwrap(), message);
        assert_eq!(Message::parse(&[&octets[..], &[0x7F, 1, 0]].concat()), Err(MessageError::Unexpected(0x7F)));
        assert_eq!(Message::parse(&[&octets[..], &[0x03, 1, 0]].concat()), Err(MessageError::Unexpected(0x03)));
    }
}

#[test]
fn nothing_that_should_not_be_installed_goes_either_way() {
    let wrong = [
        Install { areas: vec![], ..install() },
        Install { areas: vec![AreaIdentity::Plmn(plmn()); AREA_LIMIT + 1], ..install() },
        Install { stop: install().start, ..install() },
        Install { privacy: PrivacySetting::NotAllowed, ..install() },
        Install { client: None, ..install() },
        Install { client: Some(String::new()), ..install() },
        Install { client: Some("x".repeat(121)), ..install() },
        Install { requestor: Some("a\nb".to_owned()), ..install() },
        Install { stop: Timestamp::from_secs(1 << 32), ..install() },
    ];
    for (number, install) in wrong.into_iter().enumerate() {
        assert!(Message::Install(install).encode().is_err(), "{number}");
    }
    let octets = example("install");
    let privacy = octets.windows(3).position(|window| window == [0x08, 1, 3]).unwrap();
    for code in 0..=255u8 {
        let mut changed = octets.clone();
        changed[privacy + 2] = code;
        assert_eq!(Message::parse(&changed).is_ok(), code < 4, "{code}");
    }
}

#[test]
fn versions_and_types() {
    for octet in 0..=255u8 {
        let cancel = |version, kind| Message::parse(&[1, 1, version, 2, 1, kind, 3, 1, 0, 0x0F, 4, 0, 0, 0, 0]);
        assert_eq!(cancel(1, octet).is_ok(), octet == 2);
        assert_eq!(cancel(octet, 2).is_ok(), octet == 1);
    }
    for octet in 0..=255u8 {
        assert_eq!(Installed::from_octet(octet).octet(), octet);
    }
}

#[test]
fn nothing_personal_is_printed() {
    let text = format!("{:?}", Message::Install(install()));
    assert!(!text.contains("Mum") && !text.contains("School") && text.contains("Install"), "{text}");
}

fn any_area() -> impl Strategy<Value = AreaIdentity> {
    prop_oneof![
        Just(AreaIdentity::Country([2, 6, 2])),
        Just(AreaIdentity::Plmn(plmn())),
        any::<u16>().prop_map(|code| AreaIdentity::LocationArea(plmn(), code)),
        any::<(u16, u8)>().prop_map(|(lac, rac)| AreaIdentity::RoutingArea(plmn(), lac, rac)),
        any::<(u16, u16)>().prop_map(|(lac, ci)| AreaIdentity::Cell(plmn(), lac, ci)),
        any::<u32>().prop_map(|cell| AreaIdentity::UtranCell(plmn(), cell >> 4)),
        any::<u16>().prop_map(|code| AreaIdentity::TrackingArea(plmn(), code)),
        any::<u32>().prop_map(|cell| AreaIdentity::EutranCell(plmn(), cell >> 4)),
    ]
}

proptest! {
    #[test]
    fn any_installation_and_back(
        areas in proptest::collection::vec(any_area(), 1..=AREA_LIMIT),
        event in prop_oneof![Just(AreaEvent::Entering), Just(AreaEvent::Leaving), Just(AreaEvent::Inside)],
        (start, length) in (0u64..4_000_000_000, 1u64..200_000_000),
        (multiple, min_interval_s, code) in any::<(bool, u16, u8)>(),
        client in "[^\\p{Cc}]{1,30}",
        requestor in proptest::option::of("[^\\p{Cc}]{1,30}"),
    ) {
        let message = Message::Install(Install {
            areas, event, multiple, min_interval_s, requestor,
            start: Timestamp::from_secs(start),
            stop: Timestamp::from_secs(start + length),
            privacy: PrivacySetting::from_code(u32::from(code % 4)).unwrap(),
            client: Some(client),
            ..install()
        });
        let octets = message.encode().unwrap();
        prop_assert_eq!(Message::parse(&octets).unwrap(), message);
    }

    /// Any octets: what is read is written alike or refused.
    #[test]
    fn any_octets(octets in proptest::collection::vec(any::<u8>(), 0..80)) {
        let whole = [&[1, 1, 1, 2, 1, 4, 3, 1, 7, 0x0F, 4, 0, 0, 0, 1][..], &octets].concat();
        if let Ok(message) = Message::parse(&whole) {
            prop_assert_eq!(Message::parse(&message.encode().unwrap()).unwrap(), message);
        }
    }
}
