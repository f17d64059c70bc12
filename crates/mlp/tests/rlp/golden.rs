//! One golden file of each message, annotated: written so, byte for byte but for blanks and comments, and read so.

use crate::samples::*;
use lcs::{LcsClientType, LocationType};
use mlp::{
    Hidden, PushAddress, ResultId,
    rlp::{
        Answer, AnswerBody, Outgoing, Plmn, PositionMethod, PrivacyInstruction, Report, Sender, Subject, Version,
        parse_svc_init,
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
        ("erlir-override", Outgoing::overriding(&requesting, &emergency, caller()).unwrap().to_xml()),
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
    for (name, written) in requests().into_iter().chain(answers()) {
        let file = dir.join(format!("{name}.xml"));
        std::fs::write(&file, written).unwrap();
        files.push(file);
    }
    let dtd = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rlp.dtd");
    let checked = Command::new("xmllint").args(["--noout", "--nonet", "--dtdvalid"]).arg(dtd).args(files).output();
    let checked = checked.unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
