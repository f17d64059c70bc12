//! Identities, addresses, the client identity, capability sets and service types, from outside the crate.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in helpers of tests")]

use lcs::{
    Address, AddressError, ApnNi, CellIdentity, ClientName, Component, Digits, DigitsError, Fix, FormatIndicator,
    Identities, Imei, Imsi, LcsCapabilitySets, LcsClientId, LcsClientType, LcsInterface, Msisdn, Named,
    NatureOfAddress, NodeKind, NumberingPlan, PlmnClient, Presence, PresenceError, Pseudonym, Requestor, ServiceType,
    ServingNode, Target, presence,
};
use proptest::prelude::*;

// Annex B

/// The table of Annex B: rows emergency, value added, PLMN operator, lawful intercept; columns external, internal, call or
/// session, name, requestor.
const ANNEX_B: [[&str; 5]; 4] = [
    ["O", "N.A.", "N.A.", "N.A.", "N.A."],
    ["M", "N.A.", "O", "M", "O"],
    ["N.A.", "M", "N.A.", "N.A.", "N.A."],
    ["N.A.", "N.A.", "N.A.", "N.A.", "N.A."],
];

#[test]
fn presence_is_the_table_of_annex_b() {
    for (client_type, row) in LcsClientType::ALL.into_iter().zip(ANNEX_B) {
        for (component, cell) in Component::ALL.into_iter().zip(row) {
            let expected = match cell {
                "M" => Presence::Mandatory,
                "O" => Presence::Optional,
                _ => Presence::NotApplicable,
            };
            assert_eq!(presence(client_type, component), expected, "{client_type:?} {component:?}");
        }
    }
}

fn identity(client_type: LcsClientType) -> LcsClientId {
    LcsClientId {
        client_type,
        external: None,
        internal: None,
        dialled: None,
        apn: None,
        name: None,
        requestor: None,
        call_session_related: false,
    }
}

fn number(text: &str) -> Option<Address> {
    Some(Address::international(text).unwrap())
}

fn name() -> Option<ClientName> {
    Some(ClientName::new("Acme", FormatIndicator::LogicalName).unwrap())
}

fn requestor() -> Option<Requestor> {
    Some(Requestor { text: "alice".to_owned(), format: FormatIndicator::LogicalName })
}

fn apn() -> Option<ApnNi> {
    Some(ApnNi::new("internet.example").unwrap())
}

#[test]
fn every_combination_of_components_breaks_the_rules_it_breaks() {
    for (client_type, row) in LcsClientType::ALL.into_iter().zip(ANNEX_B) {
        for bits in 0..128u32 {
            let there = |bit: u32| bits & 1 << bit != 0;
            let client = LcsClientId {
                external: number("49900").filter(|_| there(0)),
                internal: Some(PlmnClient::OmVplmn).filter(|_| there(1)),
                dialled: number("49800").filter(|_| there(2)),
                apn: apn().filter(|_| there(3)),
                name: name().filter(|_| there(4)),
                requestor: requestor().filter(|_| there(5)),
                call_session_related: there(6),
                ..identity(client_type)
            };
            let present = [there(0), there(1), there(2) || there(3), there(4), there(5)];
            let mut expected = Vec::new();
            for ((component, cell), present) in Component::ALL.into_iter().zip(row).zip(present) {
                match (cell, present) {
                    ("M", false) => expected.push(PresenceError::Missing(client_type, component)),
                    ("N.A.", true) => expected.push(PresenceError::NotApplicable(client_type, component)),
                    ("O", false) if component == Component::CallSessionIdentity && there(6) => {
                        expected.push(PresenceError::NoCallSession);
                    }
                    ("O", true) if component == Component::CallSessionIdentity && there(2) && there(3) => {
                        expected.push(PresenceError::TwoCallSessions);
                    }
                    _ => {}
                }
            }
            assert_eq!(client.validate().err().unwrap_or_default(), expected, "{client:?}");
        }
    }
}

#[test]
fn worked_examples_of_annex_b() {
    use Component as C;
    use LcsClientType::{Emergency, LawfulIntercept, PlmnOperator, ValueAdded};
    use PresenceError::{Missing, NoCallSession, NotApplicable, TwoCallSessions};
    let vas = LcsClientId { external: number("49900"), name: name(), ..identity(ValueAdded) };
    let internal = Some(PlmnClient::OmVplmn);
    for (example, client, expected) in [
        ("B-01", identity(Emergency), vec![]),
        ("B-02", LcsClientId { external: number("112"), ..identity(Emergency) }, vec![]),
        ("B-03", LcsClientId { name: name(), ..identity(Emergency) }, vec![NotApplicable(Emergency, C::ClientName)]),
        ("B-04", vas.clone(), vec![]),
        ("B-05", LcsClientId { name: None, ..vas.clone() }, vec![Missing(ValueAdded, C::ClientName)]),
        ("B-06", LcsClientId { external: None, ..vas.clone() }, vec![Missing(ValueAdded, C::ExternalIdentity)]),
        ("B-07", LcsClientId { requestor: requestor(), ..vas.clone() }, vec![]),
        ("B-08", LcsClientId { internal, ..vas.clone() }, vec![NotApplicable(ValueAdded, C::InternalIdentity)]),
        ("B-09", LcsClientId { internal, ..identity(PlmnOperator) }, vec![]),
        ("B-10", identity(PlmnOperator), vec![Missing(PlmnOperator, C::InternalIdentity)]),
        ("B-11 nothing", identity(LawfulIntercept), vec![]),
        (
            "B-11",
            LcsClientId { external: number("49900"), ..identity(LawfulIntercept) },
            vec![NotApplicable(LawfulIntercept, C::ExternalIdentity)],
        ),
        ("B-12", LcsClientId { call_session_related: true, ..vas.clone() }, vec![NoCallSession]),
        ("B-13", LcsClientId { dialled: number("49800"), apn: apn(), ..vas }, vec![TwoCallSessions]),
    ] {
        assert_eq!(client.validate().err().unwrap_or_default(), expected, "{example}");
    }
}

// Digits and identities

#[test]
fn digits_of_every_length_come_back() {
    for length in 1..=15 {
        let text: String = "123456789012345".chars().take(length).collect();
        let digits = Digits::parse(&text).unwrap();
        assert_eq!(digits.count(), length);
        assert_eq!(digits.values().map(|value| char::from(b'0' + value)).collect::<String>(), text);
        assert_eq!(Digits::from_word(digits.to_word()), Some(digits));
        let (octets, count) = digits.to_tbcd();
        assert_eq!(count, length.div_ceil(2));
        assert_eq!(Digits::from_tbcd(&octets[..count]), Ok(digits));
    }
    assert_eq!(Digits::parse(""), Err(DigitsError::Empty));
    assert_eq!(Digits::parse("1234567890123456"), Err(DigitsError::TooLong));
    for (text, at) in [("+49", 0), ("49 170", 2), ("49a", 2), ("4９", 1), ("-1", 0)] {
        assert_eq!(Digits::parse(text), Err(DigitsError::NotADigit(at)), "{text}");
    }
}

#[test]
fn tbcd_swaps_nibbles_and_fills_with_f() {
    let digits = Digits::parse("491701234567").unwrap();
    assert_eq!(digits.to_tbcd(), ([0x94, 0x71, 0x10, 0x32, 0x54, 0x76, 0xFF, 0xFF], 6));
    let odd = Digits::parse("724999900000007").unwrap();
    assert_eq!(odd.to_tbcd().0, [0x27, 0x94, 0x99, 0x09, 0x00, 0x00, 0x00, 0xF7]);
    assert_eq!(Digits::from_tbcd(&[]), Err(DigitsError::Empty));
    assert_eq!(Digits::from_tbcd(&[0xFF]), Err(DigitsError::NotADigit(0)));
    // A filler may only stand in the last high nibble.
    assert_eq!(Digits::from_tbcd(&[0xF1, 0x32]), Err(DigitsError::NotADigit(1)));
    assert_eq!(Digits::from_tbcd(&[0x1F]), Err(DigitsError::NotADigit(0)));
    assert_eq!(Digits::from_tbcd(&[0x11; 8]), Err(DigitsError::TooLong));
    assert_eq!(Digits::from_tbcd(&[0x11; 300]), Err(DigitsError::TooLong));
}

#[test]
fn every_value_of_one_tbcd_octet() {
    for octet in 0..=u8::MAX {
        let (low, high) = (octet & 0xF, octet >> 4);
        let expected = match (low, high) {
            (10.., _) => Err(DigitsError::NotADigit(0)),
            (_, 15) => Digits::from_digits([low]),
            (_, 10..) => Err(DigitsError::NotADigit(1)),
            _ => Digits::from_digits([low, high]),
        };
        assert_eq!(Digits::from_tbcd(&[octet]), expected, "{octet:02X}");
    }
}

proptest! {
    #[test]
    fn a_word_that_no_digits_make_is_refused(word in any::<u64>()) {
        if let Some(digits) = Digits::from_word(word) {
            prop_assert_eq!(digits.to_word(), word);
        }
    }

    #[test]
    fn words_are_equal_exactly_when_digits_are(p in "[0-9]{1,15}", q in "[0-9]{1,15}") {
        let [one, other] = [&p, &q].map(|text| Digits::parse(text).unwrap());
        prop_assert_eq!(one.to_word() == other.to_word(), p == q);
        prop_assert_eq!(one == other, p == q);
        prop_assert_eq!(Digits::from_word(one.to_word()), Some(one));
        prop_assert_eq!(one.starts_with(other), p.starts_with(&q));
        prop_assert!(one.starts_with(one));
        let (octets, count) = one.to_tbcd();
        prop_assert_eq!(Digits::from_tbcd(&octets[..count]), Ok(one));
    }

    #[test]
    fn parsing_never_panics(text in ".{0,40}", octets in proptest::collection::vec(any::<u8>(), 0..20)) {
        let _digits = (Digits::parse(&text), Digits::from_tbcd(&octets), Address::international(&text));
        let _others = (Imsi::parse(&text), ApnNi::new(&text), Pseudonym::new(text));
    }

    #[test]
    fn nothing_that_names_a_subscriber_is_printed(text in "[0-9]{14,15}") {
        let digits = Digits::parse(&text).unwrap();
        let imsi = Imsi::parse(&text).unwrap();
        let target = [
            Target::Imsi(imsi),
            Target::Msisdn(Msisdn::parse(&text).unwrap()),
            Target::Imei(Imei::parse(&text).unwrap()),
            Target::Pseudonym(Pseudonym::new(text.clone()).unwrap()),
        ];
        let requestor = Requestor { text: text.clone(), format: FormatIndicator::Msisdn };
        let codeword = lcs::Codeword::new(text.clone());
        let error = Imsi::parse(&format!("{text}x"));
        let printed = format!("{digits:?} {target:?} {requestor:?} {codeword:?} {:?} {error:?}", Identities::of(&target[0]));
        // Lengths and positions are told, which have at most two digits.
        prop_assert!((0..12).all(|at| !printed.contains(&text[at..at + 3])), "{}", printed);
    }
}

#[test]
fn lengths_of_identities() {
    let text = "123456789012345";
    for length in 1..=15 {
        let text = &text[..length];
        assert_eq!(Imsi::parse(text).is_ok(), (6..=15).contains(&length));
        assert_eq!(Msisdn::parse(text).is_ok(), (5..=15).contains(&length));
        assert_eq!(Imei::parse(text).is_ok(), (14..=15).contains(&length));
    }
    assert_eq!(Pseudonym::new(String::new()), None);
    assert_eq!(Pseudonym::new("a\nb".to_owned()), None);
    assert!(Pseudonym::new("a".repeat(512)).is_some() && Pseudonym::new("a".repeat(513)).is_none());
}

#[test]
fn a_fix_does_not_print_its_place() {
    let fix = Fix {
        shape: lcs::gad::Shape::decode(&[0, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E]).ok(),
        age_min: Some(1),
        accuracy_fulfilled: None,
        velocity: None,
        cell: Some(CellIdentity::Ecgi([0x62; 7])),
        civic_address: Some("Unter den Linden".to_owned()),
        barometric_pressure_pa: None,
    };
    assert_eq!(format!("{fix:?}"), "Fix(hidden, age Some(1) min, accuracy met None)");
    assert_eq!(format!("{:?}", fix.cell), "Some(Ecgi(hidden))");
}

#[test]
fn missing_identities_are_filled_from_others() {
    let (imsi, other) = (Imsi::parse("001010000000001").unwrap(), Imsi::parse("001010000000002").unwrap());
    let msisdn = Msisdn::parse("491701234567").unwrap();
    let own = Identities::of(&Target::Imsi(imsi)).unwrap();
    let filled = own.or(Identities { imsi: Some(other), msisdn: Some(msisdn), imei: None });
    assert_eq!(filled, Identities { imsi: Some(imsi), msisdn: Some(msisdn), imei: None });
    assert_eq!(Identities::of(&Target::Pseudonym(Pseudonym::new("p".to_owned()).unwrap())), None);
}

// Addresses

#[test]
fn stored_address_matches_as_a_prefix_of_like_nature_and_plan() {
    // TS 23.271 clause 9.5.3.6
    let stored = Address::international("+4990012").unwrap();
    let asks = |text: &str| Address::international(text).unwrap();
    assert!(asks("4990012").matches(stored));
    assert!(asks("+49900123456").matches(stored));
    assert!(!asks("499001").matches(stored));
    assert!(!asks("4990013").matches(stored));
    let national = Address { nature: NatureOfAddress::National, ..asks("49900123") };
    assert!(!national.matches(stored));
    assert!(national.matches(Address { nature: NatureOfAddress::National, ..stored }));
    let other_plan = Address { plan: NumberingPlan::Other(3), ..asks("49900123") };
    assert!(!other_plan.matches(stored));
    assert!(!other_plan.matches(Address { plan: NumberingPlan::Other(4), ..stored }));
    assert_eq!(asks("+4990012").to_string(), "+4990012");
    assert_eq!(national.to_string(), "49900123");
    for text in ["", "+", "++49", "0049x", "+1234567890123456"] {
        assert!(matches!(Address::international(text), Err(AddressError::Digits(_))), "{text}");
    }
}

#[test]
fn apn_labels_all_match_without_regard_to_case() {
    let apn = ApnNi::new("Internet.Example-1").unwrap();
    assert_eq!(apn, ApnNi::new("internet.example-1").unwrap());
    assert_ne!(apn, ApnNi::new("internet").unwrap());
    assert_ne!(apn, ApnNi::new("internet.example-1.mnc001").unwrap());
    assert_eq!(apn.as_str(), "Internet.Example-1");
    let longest = "a".repeat(63);
    assert!(ApnNi::new(&longest).is_ok());
    for text in [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "a b",
        "ä",
        "a/b",
        &"a".repeat(64),
        &format!("{}.{}", &longest[..32], &longest[..31]),
    ] {
        assert_eq!(ApnNi::new(text), Err(AddressError::Apn), "{text}");
    }
}

// Capability sets, TS 23.271 clause 10.5.1

#[test]
fn highest_capability_set_of_every_mask() {
    for mask in 0..64u32 {
        let expected = (1..=5).rev().find(|set| mask & 1 << (set - 1) != 0).unwrap_or(0);
        let sets = LcsCapabilitySets(mask);
        assert_eq!(sets.highest(), expected, "{mask:06b}");
        assert_eq!((sets.takes_indicators(), sets.notifies_after_positioning()), (expected >= 4, expected == 5));
        assert_eq!(LcsCapabilitySets(mask | 0xFFFF_FFE0).highest(), expected);
    }
}

#[test]
fn capability_sets_to_reckon_with() {
    // TS 29.173 clause 5.2.1.2, TS 23.271 clause 10.5.1
    let number = Address::international("4917").unwrap();
    let mme = NodeKind::Mme { name: "mme".to_owned(), realm: "example".to_owned() };
    let sgsn = NodeKind::Sgsn { number: Some(number), diameter: None };
    let aaa = NodeKind::Aaa { name: "aaa".to_owned() };
    for (kind, told, expected) in [
        (mme.clone(), None, 5),
        (mme, Some(1), 5),
        (NodeKind::Msc { number }, None, 1),
        (NodeKind::Msc { number }, Some(0b1000), 4),
        (NodeKind::Msc { number }, Some(0), 0),
        (sgsn.clone(), None, 0),
        (sgsn, Some(0b10), 2),
        (aaa, None, 0),
    ] {
        let node = ServingNode { kind, capabilities: told.map(LcsCapabilitySets), v_gmlc: None };
        assert_eq!(node.effective_capabilities().highest(), expected, "{node:?}");
    }
}

// Service types, TS 29.002 clause 17.7.8

#[test]
fn service_types_0_to_20_have_names() {
    for code in 0..=300u32 {
        let service = ServiceType::new(code);
        assert_eq!(service.is_some(), code < 128);
        let Some(service) = service else { continue };
        assert_eq!(u32::from(service.code()), code);
        assert_eq!(service.name().is_some(), code <= 20);
        assert_eq!(service.is_operator_specific(), code >= 64);
    }
    let name = |code| ServiceType::new(code).unwrap().name().unwrap();
    assert_eq!((name(0), name(2), name(8)), ("emergency services", "person tracking", "navigation"));
    assert_eq!((name(13), name(16), name(20)), ("weather", "find your friend", "where am I"));
    assert_eq!(ServiceType::new(u32::MAX), None);
}

// Whom gateways name to each other

/// Every pair of what two can know of three identities, the same or another: one subscriber if something is the same and nothing
/// differs.
#[test]
fn two_are_the_same_if_an_identity_is_and_none_differs() {
    let some = |which: usize, text: [&str; 2]| (which > 0).then(|| text[which - 1].to_owned());
    let identities = |code: usize| Identities {
        imsi: some(code % 3, ["262011234567890", "262011234567891"]).map(|text| Imsi::parse(&text).unwrap()),
        msisdn: some(code / 3 % 3, ["491700000001", "491700000002"]).map(|text| Msisdn::parse(&text).unwrap()),
        imei: some(code / 9, ["350000000000001", "350000000000002"]).map(|text| Imei::parse(&text).unwrap()),
    };
    let parts = |code: usize| [code % 3, code / 3 % 3, code / 9];
    for (one, other) in (0..27).flat_map(|one| (0..27).map(move |other| (one, other))) {
        let pairs = parts(one).into_iter().zip(parts(other)).filter(|(a, b)| *a > 0 && *b > 0);
        let (same, differ) = (pairs.clone().any(|(a, b)| a == b), pairs.clone().any(|(a, b)| a != b));
        let (one, other) = (identities(one), identities(other));
        assert_eq!(one.is_same(&other), same && !differ);
        assert_eq!(one.contradicts(&other), differ);
        assert_eq!(Named::Verinym(one).is(&Named::Verinym(other)), same && !differ);
    }
}

#[test]
fn who_was_asked_about_under_a_pseudonym_is_told_of_under_the_same() {
    let pseudonym = |text: &str| Named::Pseudonym(Pseudonym::new(text.to_owned()).unwrap());
    let known = Named::of(&Target::Msisdn(Msisdn::parse("491700000001").unwrap()));
    assert!(pseudonym("p").is(&pseudonym("p")) && !pseudonym("p").is(&pseudonym("q")));
    assert!(!pseudonym("p").is(&known) && !known.is(&pseudonym("p")) && known.is(&known));
    assert_eq!(Named::of(&Target::Pseudonym(Pseudonym::new("p".to_owned()).unwrap())), pseudonym("p"));
}

/// Each kind of node over each interface: a visited gateway asks for any node that it can be named.
#[test]
fn a_node_is_reached_over_the_interfaces_that_it_has_an_address_on() {
    let number = Address::international("+49170777").unwrap();
    let name = || ("node.example.net".to_owned(), "example.net".to_owned());
    let sgsn = |number, diameter| NodeKind::Sgsn { number, diameter };
    for (kind, over) in [
        (NodeKind::Mme { name: name().0, realm: name().1 }, [true, false, true]),
        (NodeKind::Msc { number }, [false, true, true]),
        (sgsn(Some(number), None), [false, true, true]),
        (sgsn(None, Some(name())), [true, false, true]),
        (sgsn(Some(number), Some(name())), [true, true, true]),
        (sgsn(None, None), [false; 3]),
        (NodeKind::Aaa { name: name().0 }, [false; 3]),
    ] {
        let node = ServingNode { kind, capabilities: None, v_gmlc: None };
        let reached = [LcsInterface::Slg, LcsInterface::Lg, LcsInterface::Lr].map(|one| node.is_reached_over(one));
        assert_eq!(reached, over, "{node:?}");
    }
}
