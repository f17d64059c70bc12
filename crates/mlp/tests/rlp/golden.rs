//! One golden file of each message, annotated: written so, byte for byte but for blanks and comments, and read so.

use crate::samples::*;
use lcs::{LcsClientType, LocationType, PrivacyIndicators, PrivacySetting, QosClass, TerminationCause};
use mlp::{
    Hidden, PushAddress, ResultId, TriggerWord, TriggeredOutcome,
    rlp::{
        Answer, AnswerBody, Outgoing, OutgoingNews, OutgoingStop, OutgoingTold, Plmn, PositionMethod,
        PrivacyInstruction, Report, Sender, Subject, Version, parse_svc_init, write_stopped,
    },
};
use std::{path::Path, process::Command};

fn push_address() -> PushAddress {
    PushAddress {
        url: Hidden::new("https://r-gmlc.asking.example/rlp"),
        id: Some("v-gmlc".to_owned()),
        password: Some(Hidden::new("p&w")),
    }
}

/// Every message that is written, by the name of its file.
fn requests() -> Vec<(&'static str, String)> {
    let requesting = Sender { id: "r-gmlc.asking.example".to_owned(), password: Some(Hidden::new("s3cret")) };
    let (home, full, value_added) = (home(), full(), least(LcsClientType::ValueAdded));
    let (operator, lawful) = (least(LcsClientType::PlmnOperator), least(LcsClientType::LawfulIntercept));
    let mut emergency = least(LcsClientType::Emergency);
    emergency.location_type = LocationType::Initial;
    let push_address = push_address();
    let to_home = |request, subject| Outgoing::to_home(&requesting, request, subject).unwrap();
    let either = PrivacyInstruction::Either(indicators(), pseudo_external());
    let pseudo = PrivacyInstruction::PseudoExternal(pseudo_external());
    let asked_first = PrivacyIndicators::new(PrivacySetting::RestrictedIfNoResponse, None).unwrap();
    let to_visited = |instruction| Outgoing::to_visited(&home, &full, target(), instruction).unwrap();
    vec![
        (
            "srlir-to-home",
            to_home(&full, Subject::Known(target()))
                .routing(routing())
                .response_timer_s(20)
                .transaction(transaction(), NOW)
                .to_xml(),
        ),
        ("srlir-least", to_home(&value_added, Subject::Pseudonym(pseudonym())).version(Version::V1_0).to_xml()),
        ("srlir-operator", to_home(&operator, Subject::Known(target())).to_xml()),
        ("srlir-asynchronous", to_home(&value_added, Subject::Known(target())).asynchronous(&push_address).to_xml()),
        ("srlir-to-visited", to_visited(either).routing(routing()).codeword_to_user().to_xml()),
        ("srlir-notification-only", to_visited(pseudo).notification_only().lcs_ref(7).to_xml()),
        ("srlir-override", Outgoing::overriding(&requesting, &lawful, target()).unwrap().to_xml()),
        (
            "trlrr-area",
            to_home(&value_added, Subject::Known(target()))
                .waiting(&leaving())
                .unwrap()
                .response_timer_s(20)
                .transaction(transaction(), NOW)
                .to_xml(),
        ),
        (
            "trlrr-to-visited",
            Outgoing::to_visited(&home, &value_added, target(), PrivacyInstruction::Indicators(asked_first))
                .unwrap()
                .routing(routing())
                .lcs_ref(7)
                .waiting(&periodic())
                .unwrap()
                .transaction(transaction(), NOW)
                .to_xml(),
        ),
        (
            "trlrr-periodic",
            to_home(&value_added, Subject::Pseudonym(pseudonym())).waiting(&periodic()).unwrap().to_xml(),
        ),
        ("trlrsr", stop(&requesting)),
        ("erlir-override", Outgoing::overriding(&requesting, &emergency, caller()).unwrap().to_xml()),
    ]
}

fn stop(sender: &Sender) -> String {
    let mut out = String::new();
    OutgoingStop { sender, request_id: "r-7f3a91", transaction: &transaction(), sent: NOW }.write(&mut out);
    out
}

/// What becomes of triggered requests, by the name of its file.
fn news() -> Vec<(&'static str, String)> {
    let (sender, subject, fix) = (home(), Subject::Known(target()), fix());
    let text = |told| {
        let mut out = String::new();
        OutgoingNews { version: Version::V1_1, sender: &sender, request_id: "r-7f3a91", told }.write(&mut out);
        out
    };
    let report = |number, last, outcome| OutgoingTold::Report {
        number,
        last,
        subject: &subject,
        trigger: TriggerWord::ChangeArea,
        outcome,
        qos_class: QosClass::BestEffort,
    };
    let refused = TriggeredOutcome::Failed { result: ResultId::ABSENT_SUBSCRIBER, add_info: None, at: NOW };
    vec![
        ("trlrep-position", text(report(1, false, TriggeredOutcome::Fixed { fix: &fix, at: NOW }))),
        ("trlrep-event", text(report(2, true, TriggeredOutcome::Event { at: NOW }))),
        ("trlrep-failed", text(report(3, false, refused))),
        ("trlrsa-ended", text(OutgoingTold::Ended { by_network: false, cause: None })),
        ("trlrsa-by-network", text(OutgoingTold::Ended { by_network: true, cause: None })),
        ("trlrsa-moved", text(OutgoingTold::Ended { by_network: true, cause: Some(TerminationCause::MtLrRestart) })),
    ]
}

fn answers() -> Vec<(&'static str, String)> {
    let (visited, plmn) = (Sender::new("v-gmlc.visited.example"), Plmn::new("23201").unwrap());
    let (known, hidden) = (Subject::Known(target()), Subject::Pseudonym(pseudonym()));
    let (standard, emergency) = (received(&known, false), received(&Subject::Known(caller()), true));
    let pseudonymous = received(&hidden, false);
    let (fix, cell) = (fix(), only_a_cell());
    let at = |fix| AnswerBody::Position { fix, at: NOW };
    let answer = |request, body| Answer::to(Version::V1_1, request, &visited, body);
    let text = |answer: Answer<'_>| {
        let mut out = String::new();
        answer.write(&mut out);
        out
    };
    let mut report = String::new();
    Report { answer: answer(&standard, at(&fix)).with_surroundings(), request_id: "4711" }.write(&mut report);
    let mut general = String::new();
    parse_svc_init(b"<rlp_ping/>", &mlp::Limits::default()).unwrap_err().write(&mut general);
    let mut stopped = String::new();
    write_stopped(&mut stopped, Version::V1_1, &visited, "r-7f3a91", Some(&transaction()));
    let refused = AnswerBody::Failed { result: ResultId::POSITIONING_NOT_ALLOWED, add_info: None };
    let moved =
        AnswerBody::Failed { result: ResultId::TARGET_MOVED_TO_NEW_MSC_SGSN, add_info: Some("ask the HSS again") };
    vec![
        (
            "srlia-of-visited",
            text(answer(&standard, at(&fix)).with_surroundings().visited(&plmn).method(PositionMethod::AssistedGps)),
        ),
        ("srlia-of-home", text(answer(&pseudonymous, at(&fix)))),
        ("srlia-cell", text(answer(&standard, at(&cell)).with_surroundings())),
        ("srlia-refused", text(answer(&standard, refused))),
        ("srlia-moved", text(answer(&standard, moved))),
        ("srlia-notified", text(answer(&standard, AnswerBody::Notified))),
        ("srlia-accepted", text(answer(&standard, AnswerBody::Accepted { request_id: "4711" }))),
        ("srlirep", report),
        ("trlra-armed", text(answer(&standard, AnswerBody::Accepted { request_id: "r-7f3a91" }).to_triggered())),
        ("trlra-refused", text(answer(&standard, refused).to_triggered())),
        ("trlrsa-stopped", stopped),
        ("erlia-position", text(answer(&emergency, at(&fix)))),
        ("gem", general),
    ]
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rlp")
}

/// A golden file without what is for people only.
fn bare(file: &str) -> String {
    let mut text = file.to_owned();
    while let Some((before, rest)) = text.split_once("<!--") {
        text = before.to_owned() + rest.split_once("-->").unwrap().1;
    }
    text.lines().map(str::trim).collect()
}

#[test]
fn every_message_is_written_as_its_golden_file_and_read_from_it() {
    let mut known = Vec::new();
    for (name, written) in requests() {
        let file = golden(name, &written);
        assert_eq!(parse(&file), parse(&written), "{name}");
        known.push(format!("{name}.xml"));
    }
    for (name, written) in answers() {
        let file = golden(name, &written);
        assert_eq!(parse_answer(&file), parse_answer(&written), "{name}");
        known.push(format!("{name}.xml"));
    }
    for (name, written) in news() {
        let file = golden(name, &written);
        assert_eq!(parse_told(&file), parse_told(&written), "{name}");
        known.push(format!("{name}.xml"));
    }
    for file in std::fs::read_dir(folder()).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(&name), "{name} is the golden file of no message");
    }
}

fn golden(name: &str, written: &str) -> String {
    let path = folder().join(format!("{name}.xml"));
    let file = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}\n{written}", path.display()));
    assert_eq!(bare(&file), *written, "{name}");
    file
}

#[test]
fn every_message_is_valid() {
    if Command::new("xmllint").arg("--version").output().is_err() {
        println!("skipped: xmllint is not installed (Debian package libxml2-utils)");
        return;
    }
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rlp");
    std::fs::create_dir_all(&dir).unwrap();
    let mut files = Vec::new();
    for (name, written) in requests().into_iter().chain(answers()).chain(news()) {
        let file = dir.join(format!("{name}.xml"));
        std::fs::write(&file, written).unwrap();
        files.push(file);
    }
    let dtd = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rlp.dtd");
    let checked = Command::new("xmllint").args(["--noout", "--nonet", "--dtdvalid"]).arg(dtd).args(files).output();
    let checked = checked.unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
