//! Who can read a record, who can find it, and what erasure leaves.

use super::*;
use lcs::gad::{Point, Shape, Uncertainty};
use proptest::prelude::*;

fn sealer() -> Sealer {
    Sealer::new(&keys().master, &origin()).unwrap()
}

fn entry(number: u64) -> Entry {
    let facts = facts(number);
    let identities = Identities { imsi: Imsi::parse("262010000000001").ok(), ..Identities::of(&facts.target).unwrap() };
    Entry { facts, identities, ending: refused() }
}

fn content(number: u64) -> Content {
    Content::Request(Box::new(entry(number)))
}

fn seal(number: u64, subject: &Subject) -> Vec<u8> {
    sealer().seal(&content(number), facts(number).time, subject).unwrap()
}

const ALICE: Subject = Subject::Subscriber(SubjectSalt::from_octets([1; 16]));
const BOB: Subject = Subject::Subscriber(SubjectSalt::from_octets([2; 16]));

#[test]
fn only_the_subject_opens_and_finds_a_record() {
    let sealer = sealer();
    for (subject, others) in
        [(ALICE, [BOB, Subject::Operator]), (BOB, [ALICE, Subject::Operator]), (Subject::Operator, [ALICE, BOB])]
    {
        let record = seal(5, &subject);
        assert_eq!(record_time(&record), Some(Timestamp::from_secs(1_700_000_005)));
        let keys = sealer.subject(&subject);
        assert!(sealer.belongs(&record, &keys));
        assert_eq!(sealer.open(&record, &keys), Ok(content(5)));
        assert_eq!(sealer.bucket_of(&record), Some(keys.bucket()));
        for other in others {
            let keys = sealer.subject(&other);
            assert!(!sealer.belongs(&record, &keys));
            assert_eq!(sealer.open(&record, &keys), Err(OpenRecordError::OtherSubject));
        }
    }
}

#[test]
fn an_operator_key_is_not_reached_by_any_salt() {
    // The contexts differ in length and first octet, so no salt derives the operator's own key.
    let record = seal(5, &Subject::Operator);
    for salt in [[0; 16], [2; 16], [0xFF; 16]] {
        let keys = sealer().subject(&Subject::Subscriber(SubjectSalt::from_octets(salt)));
        assert!(!sealer().belongs(&record, &keys));
    }
}

#[test]
fn another_master_key_or_origin_opens_nothing() {
    let record = seal(5, &ALICE);
    let other = Sealer::new(&MasterKey::from_octets([10; 32]), &origin()).unwrap();
    assert_eq!(other.open(&record, &other.subject(&ALICE)), Err(OpenRecordError::OtherSubject));
    // A record carried over into another log of the same operator does not authenticate there.
    let elsewhere = Sealer::new(&keys().master, &Origin::new("gmlc2.example.net/disclosure").unwrap()).unwrap();
    assert_eq!(elsewhere.open(&record, &elsewhere.subject(&ALICE)), Err(OpenRecordError::Forged));
}

#[test]
fn any_changed_octet_is_noticed_by_the_cipher() {
    let record = seal(5, &ALICE);
    let keys = sealer().subject(&ALICE);
    for at in 0..record.len() {
        let mut changed = record.clone();
        changed[at] ^= 0x10;
        assert!(sealer().open(&changed, &keys).is_err(), "octet {at}");
    }
    for len in 0..record.len() {
        assert!(sealer().open(&record[..len], &keys).is_err(), "length {len}");
    }
}

#[test]
fn the_clear_part_links_no_two_entries() {
    // Same subject, same content, same time: everything but version and time differs, and no value of tag, hint or nonce
    // comes twice. What differs between subjects does not differ more than what differs within one.
    let mut seen = std::collections::HashSet::new();
    let mut hints = std::collections::HashSet::new();
    for round in 0..200 {
        let record = seal(5, if round % 2 == 0 { &ALICE } else { &BOB });
        assert_eq!(record[..9], seal(5, &ALICE)[..9]);
        hints.insert(record[9..11].to_vec());
        assert!(seen.insert(record[11..27].to_vec()), "tag");
        assert!(seen.insert(record[27..39].to_vec()), "nonce");
        assert!(seen.insert(record[39..71].to_vec()), "ciphertext");
    }
    assert!(hints.len() > 150, "hints are blinded per entry: {}", hints.len());
}

#[test]
fn lengths_say_little() {
    // An allowed, a refused and an abandoned request about a subscriber have records of one length.
    let sealer = sealer();
    let ends = [
        refused(),
        Ending::new(Outcome::Abandoned),
        Ending::failed(Failure::TimedOut),
        Ending::allowed(Given { shape: Some(1), accuracy_m: Some(100), ..Given::default() }, crate::Basis::Profile)
            .by(crate::RuleId::UnrelatedListed)
            .at(Timestamp::from_micros(u64::MAX)),
    ];
    for ending in ends {
        let content = Content::Request(Box::new(Entry { ending, ..entry(1) }));
        let record = sealer.seal(&content, facts(1).time, &ALICE).unwrap();
        assert_eq!(record.len(), 39 + 256 + 16);
    }
}

#[test]
fn content_comes_back_in_every_field() {
    let sealer = sealer();
    let fix = lcs::Fix {
        shape: Some(Shape::Circle(
            Point {
                latitude: lcs::gad::Latitude::from_degrees(52.5).unwrap(),
                longitude: lcs::gad::Longitude::from_degrees(13.4).unwrap(),
            },
            Uncertainty::from_code(20).unwrap(),
        )),
        age_min: Some(3),
        accuracy_fulfilled: Some(true),
        velocity: None,
        cell: Some(lcs::CellIdentity::Ecgi([1; 7])),
        civic_address: None,
        barometric_pressure_pa: None,
    };
    let given = Given::of(&fix);
    assert_eq!((given.shape, given.accuracy_m, given.cell, &given.octets), (Some(1), Some(58), true, &None));
    let kept = Given { octets: Some(vec![0x10, 1, 2, 3, 4, 5, 6, 20]), coarsened: true, ..given };
    let ending = Ending::allowed(kept, crate::Basis::Emergency)
        .by(crate::RuleId::Override)
        .notified(Notification::NoAnswer)
        .after_second_round()
        .at(Timestamp::from_micros(77));
    let settings = Some((lcs::PrivacySetting::NotAllowed, Some(lcs::PrivacySetting::AllowedWithoutNotification)));
    let entry = Entry {
        facts: Facts {
            via: Via::Network,
            external: None,
            requestor: None,
            service_type: None,
            qos: Qos {
                class: lcs::QosClass::Assured,
                horizontal_m: Some(50),
                vertical_m: Some(0),
                response_time: Some(lcs::ResponseTime::DelayTolerant),
            },
            target: Target::Pseudonym(lcs::Pseudonym::new("@h.gmlc.example".into()).unwrap()),
            ..facts(9)
        },
        identities: Identities::default(),
        ending: Ending { settings, ..ending },
    };
    for content in [Content::Request(Box::new(entry)), Content::Gap { lost: 3, since: Timestamp::from_micros(5) }] {
        let record = sealer.seal(&content, facts(9).time, &Subject::Operator).unwrap();
        assert_eq!(sealer.open(&record, &sealer.subject(&Subject::Operator)), Ok(content));
    }
}

#[test]
fn an_entry_keeps_of_a_pseudonym_its_realm_alone() {
    let sealer = sealer();
    for (asked, kept) in [("1secret@h.gmlc.example", "@h.gmlc.example"), ("secret", "@"), ("a@b@c", "@c"), ("x@", "@")]
    {
        let target = Target::Pseudonym(lcs::Pseudonym::new(asked.into()).unwrap());
        let content = Content::Request(Box::new(Entry { facts: Facts { target, ..facts(1) }, ..entry(1) }));
        let record = sealer.seal(&content, facts(1).time, &ALICE).unwrap();
        let Ok(Content::Request(read)) = sealer.open(&record, &sealer.subject(&ALICE)) else { panic!() };
        assert_eq!(read.facts.target, Target::Pseudonym(lcs::Pseudonym::new(kept.into()).unwrap()));
        // The identity is there, and nothing to join it with.
        assert!(read.identities.imsi.is_some());
    }
}

#[test]
fn every_reason_and_failure_has_its_own_number() {
    let sealer = sealer();
    let keys = sealer.subject(&ALICE);
    let mut seen = std::collections::HashSet::new();
    let reasons = (1..=255).filter_map(crate::disclosure::codes::reason_from).map(Outcome::Refused);
    let failures = (1..=255).filter_map(crate::disclosure::codes::failure_from).map(Outcome::Failed);
    for outcome in reasons.chain(failures) {
        let content = Content::Request(Box::new(Entry { ending: Ending::new(outcome.clone()), ..entry(1) }));
        let record = sealer.seal(&content, facts(1).time, &ALICE).unwrap();
        let Ok(Content::Request(read)) = sealer.open(&record, &keys) else { panic!("{outcome:?}") };
        assert_eq!(read.ending.outcome, outcome);
        assert!(seen.insert(format!("{outcome:?}")));
    }
    assert_eq!(seen.len(), 23 + 24);
}

#[test]
fn a_refusal_is_recorded_as_one_however_it_arrives() {
    let ending = Ending::failed(Failure::Refused(RefusalReason::OptedOut));
    assert_eq!(ending, Ending::refused(RefusalReason::OptedOut));
}

#[test]
fn long_texts_are_cut_and_no_identity_is_printed() {
    let sealer = sealer();
    let facts = Facts {
        account: "ä".repeat(20_000).into(),
        requestor: Some(Requestor { text: "€".repeat(5000), format: FormatIndicator::Url }),
        target: Target::Pseudonym(lcs::Pseudonym::new("x".repeat(512)).unwrap()),
        ..facts(1)
    };
    let content = Content::Request(Box::new(Entry { facts, ..entry(1) }));
    let record = sealer.seal(&content, Timestamp::from_secs(1), &ALICE).unwrap();
    let Ok(Content::Request(read)) = sealer.open(&record, &sealer.subject(&ALICE)) else { panic!() };
    assert!(read.facts.account.len() == 512 && read.facts.account.chars().all(|letter| letter == 'ä'));
    assert!(read.facts.requestor.as_ref().unwrap().text.len() == 510);
    let printed = format!("{content:?} {read:?} {:?} {:?}", keys().master, ALICE);
    assert!(!printed.contains("49172") && !printed.contains("26201") && !printed.contains("xxx"), "{printed}");
    let plain = PlainEntry::from(&entry(1));
    assert_eq!((plain.target.as_str(), plain.imsi.as_deref()), ("msisdn 491720000002", Some("262010000000001")));
    assert!(!format!("{plain:?}").contains("49172"));
}

#[test]
fn content_of_another_kind_is_refused_and_named() {
    use crate::disclosure::content::decode;
    assert_eq!(decode(&[]), Err(ContentError::Malformed));
    assert_eq!(decode(&[0x82, 0x18, 0x63, 0x80]), Err(ContentError::Malformed));
    // Padding must be zero: nothing hides behind the content.
    let mut octets = Vec::new();
    crate::disclosure::content::encode(&Content::Gap { lost: 1, since: Timestamp::from_secs(1) }, &mut octets).unwrap();
    octets.extend_from_slice(&[0, 0, 1]);
    assert_eq!(decode(&octets), Err(ContentError::Malformed));
}

proptest! {
    #[test]
    fn opening_never_panics(octets in proptest::collection::vec(any::<u8>(), 0..400)) {
        let sealer = sealer();
        let keys = sealer.subject(&ALICE);
        prop_assert!(sealer.open(&octets, &keys).is_err());
        let _unused = (sealer.bucket_of(&octets), record_time(&octets));
    }

    #[test]
    fn decoding_content_never_panics(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _unused = crate::disclosure::content::decode(&octets);
    }

    #[test]
    fn seal_then_open_is_identity(number in any::<u32>(), salt in any::<[u8; 16]>()) {
        let sealer = sealer();
        let subject = Subject::Subscriber(SubjectSalt::from_octets(salt));
        let record = sealer.seal(&content(number.into()), facts(number.into()).time, &subject).unwrap();
        prop_assert_eq!(sealer.open(&record, &sealer.subject(&subject)), Ok(content(number.into())));
    }
}
