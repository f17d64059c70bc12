use super::files::Files;
use super::record::Finished;
use super::{Began, ChargedLeg, ChargedPosition, ChargedRole, Charging, Record, note_leg, note_node, noting};
use crate::config::{self, ChargedTarget};
use lcs::{
    Address, Failure, Identities, Imsi, LcsClientType, LocationType, Msisdn, Priority, Qos, QosClass, Timestamp,
};
use mlp::rlp::Transaction;
use privacy::disclosure::RequestId;
use std::path::Path;

const NUMBER: &str = "491701234567";
const IMSI: &str = "262011234567890";

fn finished(result: Result<ChargedPosition, Failure>) -> Finished {
    Finished {
        role: ChargedRole::Home,
        request: RequestId([7; 16]),
        transaction: Transaction::new("t-1"),
        from: Some("gmlc.b.example".into()),
        asked: vec![ChargedLeg {
            gateway: "gmlc.c.example".into(),
            role: ChargedRole::Visited,
            transaction: "t-2".into(),
            result: "located".into(),
            took_ms: 12,
        }],
        account: "lr/gmlc.b.example/33123".into(),
        client_type: LcsClientType::ValueAdded,
        number: Address::international("33123").ok(),
        target: Identities { msisdn: Msisdn::parse(NUMBER).ok(), imsi: Imsi::parse(IMSI).ok(), imei: None },
        location_type: LocationType::Current,
        service_type: None,
        qos: Qos { class: QosClass::Assured, horizontal_m: Some(100), ..Qos::BEST_EFFORT },
        priority: Priority::Normal,
        visited_plmn: Some("20801".into()),
        node: None,
        began: Timestamp::from_micros(1_900_000_000_000_000),
        ended: Timestamp::from_micros(1_900_000_000_034_567),
        result,
        part: None,
    }
}

fn settings(dir: &Path, target: ChargedTarget) -> config::Charging {
    config::Charging {
        dir: Some(dir.join("charging")),
        target,
        key_file: dir.join("charging.key"),
        ..config::Charging::default()
    }
}

/// Names and content of the files, those with an end of `open` included.
fn files(dir: &Path) -> Vec<(String, String)> {
    let mut all: Vec<_> = std::fs::read_dir(dir.join("charging"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap()))
        .collect();
    all.sort();
    all
}

async fn written(dir: &Path, target: ChargedTarget, all: Vec<Finished>) -> Vec<Record> {
    let charging = Charging::start(&settings(dir, target), "gmlc.a.example").unwrap();
    for one in all {
        charging.keep(|| one);
    }
    charging.close().await;
    let files = files(dir);
    assert!(files.iter().all(|(name, _)| name.ends_with("Z.jsonl")), "{files:?}");
    let lines = files.iter().flat_map(|(_, text)| text.lines());
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_record_says_all_that_is_billed_and_names_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let position = ChargedPosition { accuracy_m: Some(50), accuracy_met: Some(true), ..ChargedPosition::default() };
    let all = vec![finished(Ok(position.clone())), finished(Err(Failure::AbsentSubscriber))];
    let records = written(dir.path(), ChargedTarget::Hashed, all).await;
    let [located, failed] = &records[..] else { panic!("{records:?}") };
    assert_eq!((located.v, located.role, located.response_ms), (1, ChargedRole::Home, 34));
    assert_eq!(located.ended.to_string(), "2030-03-17T17:46:40.034567Z");
    assert_eq!((located.result.as_str(), &located.position), ("located", &Some(position)));
    assert_eq!((located.gateway.as_str(), located.from.as_deref()), ("gmlc.a.example", Some("gmlc.b.example")));
    assert_eq!((located.transaction.as_deref(), located.visited_plmn.as_deref()), (Some("t-1"), Some("20801")));
    assert_eq!((located.client.kind.as_str(), located.client.number.as_deref()), ("value_added", Some("+33123")));
    assert_eq!((located.qos.class.as_str(), located.qos.horizontal_m), ("assured", Some(100)));
    assert_eq!((failed.result.as_str(), &failed.position), (Failure::AbsentSubscriber.as_str(), &None));
    assert_eq!(located.target, failed.target);
    assert!(located.target.as_ref().unwrap().starts_with("hash:"));
    let text: String = files(dir.path()).into_iter().map(|(_, text)| text).collect();
    assert!(!text.contains(NUMBER) && !text.contains(IMSI));

    // The same key names the subscriber so again, another does not.
    let again = written(dir.path(), ChargedTarget::Hashed, vec![finished(Err(Failure::TimedOut))]).await;
    assert!(again.len() == 3 && again.iter().all(|record| record.target == located.target));
    let other = tempfile::tempdir().unwrap();
    let strange = written(other.path(), ChargedTarget::Hashed, vec![finished(Err(Failure::TimedOut))]).await;
    assert_ne!(strange[0].target, located.target);
}

#[tokio::test]
async fn the_target_is_named_as_the_operator_set() {
    for (target, expected) in [(ChargedTarget::Clear, Some(format!("msisdn:{NUMBER}"))), (ChargedTarget::None, None)] {
        let dir = tempfile::tempdir().unwrap();
        let records = written(dir.path(), target, vec![finished(Err(Failure::TimedOut))]).await;
        assert_eq!(records[0].target, expected);
    }
}

#[tokio::test]
async fn without_a_directory_nothing_is_kept() {
    let charging = Charging::start(&config::Charging::default(), "a").unwrap();
    charging.keep(|| panic!("made for nobody"));
    charging.close().await;
}

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

#[test]
fn files_end_with_their_day_or_when_they_are_full() {
    let dir = tempfile::tempdir().unwrap();
    let mut open = Files::open(&dir.path().join("charging"), 12).unwrap();
    let names = || files(dir.path()).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    open.append(b"{\"a\":1}\n", at("2030-01-01T23:59:59Z")).unwrap();
    assert_eq!(names(), ["charging-20300101T235959.000000Z.jsonl.open"]);
    open.close_if_due(at("2030-01-01T23:59:59.9Z")).unwrap();
    assert!(names()[0].ends_with(".open"));
    open.append(b"{\"b\":1}\n", at("2030-01-02T00:00:00Z")).unwrap();
    // Full now, and the next of the same moment is another file.
    open.append(b"{\"c\":1}\n", at("2030-01-02T00:00:00Z")).unwrap();
    open.append(b"{\"d\":1}\n", at("2030-01-02T00:00:00Z")).unwrap();
    open.close().unwrap();
    open.close().unwrap();
    let expected = [
        ("charging-20300101T235959.000000Z.jsonl", "{\"a\":1}\n"),
        ("charging-20300102T000000.000000Z.jsonl", "{\"b\":1}\n{\"c\":1}\n"),
        ("charging-20300102T000000.000001Z.jsonl", "{\"d\":1}\n"),
    ];
    assert_eq!(files(dir.path()), expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
}

#[test]
fn a_file_that_a_crash_left_is_closed_without_its_last_half_line() {
    let dir = tempfile::tempdir().unwrap();
    let charging = dir.path().join("charging");
    std::fs::create_dir(&charging).unwrap();
    std::fs::write(charging.join("charging-1.jsonl.open"), "{\"a\":1}\n{\"b\"").unwrap();
    std::fs::write(charging.join("charging-2.jsonl.open"), "{\"c\"").unwrap();
    std::fs::write(charging.join("charging-0.jsonl"), "{\"z\":1}\n").unwrap();
    Files::open(&charging, 100).unwrap();
    let expected = [("charging-0.jsonl", "{\"z\":1}\n"), ("charging-1.jsonl", "{\"a\":1}\n")];
    assert_eq!(files(dir.path()), expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
}

#[tokio::test]
async fn what_is_noted_on_the_way_is_of_one_request_each() {
    let request = |digits: &str| lcs::LocationRequest {
        account: "fleet".into(),
        client: lcs::LcsClientId {
            client_type: LcsClientType::PlmnOperator,
            external: None,
            internal: Some(lcs::PlmnClient::OmHplmn),
            dialled: None,
            apn: None,
            name: None,
            requestor: None,
            call_session_related: false,
        },
        target: lcs::Target::Msisdn(Msisdn::parse(digits).unwrap()),
        service_type: None,
        codeword: None,
        location_type: LocationType::Current,
        max_age_s: None,
        qos: Qos::BEST_EFFORT,
        velocity: false,
        priority: Priority::Normal,
        service_coverage: Vec::new(),
        shapes: lcs::gad::ShapeSet::ALL,
        least_privacy: lcs::LeastPrivacy::NONE,
    };
    let leg =
        |role| ChargedLeg { gateway: "b".into(), role, transaction: "t".into(), result: "located".into(), took_ms: 1 };
    let imsi = Identities { imsi: Imsi::parse(IMSI).ok(), ..Identities::default() };
    // Outside of a request nothing is noted, and nothing fails.
    note_node(imsi, None, None);
    let one = async {
        note_node(imsi, Some("mme1".into()), Some("00101".into()));
        tokio::task::yield_now().await;
    };
    let other = async {
        tokio::task::yield_now().await;
        note_leg(imsi, leg(ChargedRole::Home), Some("20801".into()));
    };
    let (((), one), ((), other)) = tokio::join!(noting(one), noting(other));
    let (first, second) = (request(NUMBER), request("33123456789"));
    let began =
        |request, visited| Began { id: RequestId([1; 16]), at: Timestamp::from_secs(1), request, from: None, visited };
    let failed = Err(Failure::TimedOut);
    let one = began(&first, true).finished(one, Timestamp::from_secs(2), failed.clone());
    assert_eq!(
        (one.role, one.node.as_deref(), one.visited_plmn.as_deref()),
        (ChargedRole::Visited, Some("mme1"), Some("00101"))
    );
    assert!(one.asked.is_empty() && one.target.imsi.is_some() && one.target.msisdn.is_some());
    let other = began(&second, false).finished(other, Timestamp::from_secs(2), failed);
    assert_eq!((other.role, other.node, other.visited_plmn.as_deref()), (ChargedRole::Requesting, None, Some("20801")));
    assert_eq!(other.asked.len(), 1);
}
