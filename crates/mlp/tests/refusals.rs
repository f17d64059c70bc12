//! Unsound requests: each its own result id, in the right answer element (OMA MLP sections 5.4.1, 5.6.1).
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

mod common;

use common::{parse, refused, with_service, with_slir, with_targets};
use mlp::{ResultId, Version};

fn written(body: &str) -> (String, u16) {
    let error = parse(body).unwrap_err();
    let mut out = String::new();
    error.write(&mut out);
    (out, error.http_status())
}

#[test]
fn an_unknown_version_is_103_and_answered_in_the_newest() {
    for version in ["9.9.9", "3.0.0", "3.1.0", "3.6.0", "2.0.0"] {
        let body = with_slir("").replace("ver=\"3.5.0\"", &format!("ver=\"{version}\""));
        let error = parse(&body).unwrap_err();
        assert_eq!((error.result, error.version), (ResultId::UNSUPPORTED_VERSION, Version::V3_5), "{version}");
    }
    assert_eq!(refused(&with_slir("").replace("ver=\"3.5.0\"", "ver=\"new\"")), 111);
}

#[test]
fn malformed_documents_are_106_and_not_404() {
    for body in [
        "",
        "   ",
        "hello",
        "<",
        "<svc_init>",
        "<svc_init></hdr>",
        "<svc_init ver=></svc_init>",
        "<svc_init a='1' a='2'/>",
        "<svc_init a='<'/>",
        "<svc_init>text</svc_init>",
        "<svc_init>&unknown;</svc_init>",
        "<svc_init>&#0;</svc_init>",
        "<svc_init>&#xD800;</svc_init>",
        "<svc_init>a ]]> b</svc_init>",
        "<svc_init><!-- -- --></svc_init>",
        "<svc_init><?xml version='1.0'?></svc_init>",
        "<svc_init/>",
        "<!DOCTYPE a><!DOCTYPE b><svc_init/>",
    ] {
        let (out, status) = written(body);
        assert!(
            out.contains("<gem ver=\"3.5.0\"><result resid=\"106\">SYNTAX ERROR</result><add_info>"),
            "{body}: {out}"
        );
        assert_eq!(status, 200, "{body}");
    }
    for after in ["<more/>", "more", "&amp;", "<![CDATA[x]]>"] {
        assert_eq!(refused(&(with_slir("") + after)), 106, "{after} after the root element");
    }
    let (out, _) = written(&with_slir("<eqop><hor_acc>5</hor_acc>"));
    assert!(
        out.contains("<slia ver=\"3.5.0\"><result resid=\"106\">"),
        "where the service is known, it answers: {out}"
    );
}

#[test]
fn figures_with_a_wrong_format_are_105_and_too_large_ones_110() {
    for figure in ["-5", "NaN", "+5", "1.5", "", "5 m", "0x10", "1e3", "٣"] {
        for element in ["hor_acc", "alt_acc", "resp_timer", "max_loc_age"] {
            let error = parse(&with_slir(&format!("<eqop><{element}>{figure}</{element}></eqop>"))).unwrap_err();
            assert_eq!(error.result, ResultId::FORMAT_ERROR, "{element} {figure}");
            assert!(error.add_info().starts_with(element), "{}", error.add_info());
        }
    }
    for figure in ["-1", "NaN", "inf", "1e5", "", ".", "7.", "1,5"] {
        assert_eq!(refused(&with_slir(&format!("<eqop><ll_acc>{figure}</ll_acc></eqop>"))), 105, "{figure}");
    }
    assert_eq!(refused(&with_slir("<eqop><hor_acc>99999999999</hor_acc></eqop>")), 110);
    assert_eq!(refused(&with_slir("<eqop><ll_acc>99999999999</ll_acc></eqop>")), 110);
    for cc in ["", "0", "1234", "-4", "DE"] {
        assert_eq!(refused(&with_slir(&format!("<service_coverage><cc>{cc}</cc></service_coverage>"))), 105, "{cc}");
    }
}

#[test]
fn two_services_or_headers_are_106() {
    let slir = "<slir><msids><msid>4915110000001</msid></msids></slir>";
    for body in [
        with_service(&format!("{slir}{slir}")),
        with_service(&format!("{slir}<hlir><msid>1</msid></hlir>")),
        with_service(&format!("{slir}<eme_lir><msids><msid>4915110000001</msid></msids></eme_lir>")),
        with_service(&format!("{slir}<hdr><client><id>other</id></client></hdr>")),
        with_service(""),
        format!("<svc_init>{slir}</svc_init>"),
        with_service(slir).replace("<client><id>fleet</id><pwd>s3cret</pwd></client>", ""),
        with_service(slir).replace("<id>fleet</id>", ""),
    ] {
        assert_eq!(refused(&body), 106, "{body}");
    }
}

#[test]
fn repeated_or_misplaced_elements_are_106() {
    for rest in [
        "<eqop/><eqop/>",
        "<prio/><prio/>",
        "<loc_type/><loc_type/>",
        "<msids><msid>4915110000002</msid></msids>",
        "<msid>4915110000002</msid>",
        "<codeword>late</codeword>",
        "<interval>00000100</interval>",
        "<hor_acc>5</hor_acc>",
        "text",
        "<eqop><hor_acc>5</hor_acc><ll_acc>1</ll_acc></eqop>",
        "<eqop><hor_acc>5</hor_acc><hor_acc>5</hor_acc></eqop>",
        "<eqop><hor_acc>5<b/></hor_acc></eqop>",
        "<prio>HIGH</prio>",
        "<pushaddr><id>a</id></pushaddr>",
        "<service_coverage/>",
        "<geo_info/>",
    ] {
        assert_eq!(refused(&with_slir(rest)), 106, "{rest}");
    }
    for targets in [
        "",
        "<msids/>",
        "<msids><codeword>w</codeword></msids>",
        "<msids><msid>4915110000001</msid><codeword>a</codeword><codeword>b</codeword></msids>",
        "<msids><msid>4915110000001</msid><session>x</session></msids>",
        "<msids><msid_range/></msids>",
        "<codeword>a</codeword><msid>4915110000001</msid>",
        "<msid>4915110000001</msid><msids><msid>4915110000002</msid></msids>",
    ] {
        assert_eq!(refused(&with_targets(targets)), 106, "{targets}");
    }
}

#[test]
fn what_is_not_supported_says_so() {
    for (rest, expected) in [
        ("<MapRequest/>", 107),
        ("<MotionStateRequest/>", 107),
        ("<service_coverage><cc>1</cc><ndc>202</ndc></service_coverage>", 107),
        ("<eqop><vendor_acc>1</vendor_acc></eqop>", 107),
        ("<prio urgency='9'/>", 109),
        ("<prio type='URGENT'/>", 111),
        ("<loc_type type='SOMETIME'/>", 111),
        ("<loc_type per_type='BATCH'/>", 113),
        ("<eqop><resp_req type='AT_ONCE'/></eqop>", 111),
        ("<eqop><hor_acc qos_class='GOLD'>5</hor_acc></eqop>", 111),
        (
            "<geo_info><CoordinateReferenceSystem><Identifier><code>27700</code><codeSpace>EPSG</codeSpace><edition>6.1</edition></Identifier></CoordinateReferenceSystem></geo_info>",
            112,
        ),
        (
            "<geo_info><CoordinateReferenceSystem><Identifier><code>4326</code><codeSpace>LOCAL</codeSpace><edition>1</edition></Identifier></CoordinateReferenceSystem></geo_info>",
            112,
        ),
        ("<geo_info requested_positiondata='CIVICLOC'/>", 113),
        ("<geo_info requested_positiondata='SONG'/>", 111),
        ("<pushaddr><url>ftp://client.example/</url></pushaddr>", 110),
        ("<pushaddr><url>https://client.example/a b</url></pushaddr>", 110),
    ] {
        assert_eq!(refused(&with_slir(rest)), expected, "{rest}");
    }
    let printed = "<geo_info><CoordinateReferenceSystem><Identifier><code>4325</code><codeSpace>EPSG</codeSpace></Identifier></CoordinateReferenceSystem></geo_info>";
    assert_eq!(refused(&with_slir(printed)), 112);
    let emergency = format!("<eme_lir><msids><msid>4915110000001</msid></msids>{printed}</eme_lir>");
    assert!(parse(&with_service(&emergency)).is_ok(), "as the examples of OMA MLP section 5.2.3.3.1 have it");
    assert_eq!(refused(&with_targets("<msids><msid_group>ALL</msid_group></msids>")), 107);
    assert_eq!(refused(&with_slir("").replace("<slir", "<slir res_type='LATER'")), 111);
    assert_eq!(refused(&with_slir("").replace("</client>", "</client><loyalty_card/>")), 107);
    assert_eq!(refused(&with_slir("").replace("</client>", "</client><supported_shapes Point='2'/>")), 111);
    assert_eq!(refused(&with_slir("").replace("</client>", "</client><supported_shapes Point='NaN'/>")), 111);
    assert_eq!(
        refused(&with_slir("").replace("</client>", "</client><requestor type='PET'><id>x</id></requestor>")),
        111
    );
    for ignored in
        ["<truckco_extension><codeword>x</codeword></truckco_extension>", "<ReferencePoint referencepoint_id='1'/>"]
    {
        assert!(parse(&with_slir(ignored)).is_ok(), "{ignored}");
    }
}

#[test]
fn an_unknown_service_is_a_general_error_message_with_404() {
    for body in
        [with_service("<skir ver=\"3.5.0\"/>"), with_service("<upqr/>"), "<soap:Envelope xmlns:soap='x'/>".into()]
    {
        let (out, status) = written(&body);
        assert_eq!(status, 404, "{body}");
        assert!(
            out.contains("<gem ver=\"3.5.0\"><result resid=\"108\">SERVICE NOT SUPPORTED</result><add_info>"),
            "{out}"
        );
    }
    assert!(written(&with_service("<skir/>")).0.contains("skir"));
}

#[test]
fn the_header_goes_with_the_error_so_that_the_refusal_can_be_recorded() {
    let error = parse(&with_slir("<eqop><hor_acc>-5</hor_acc></eqop>")).unwrap_err();
    let client = error.header.as_ref().and_then(|h| h.client.as_ref()).unwrap();
    assert_eq!(client.id, "fleet");
    let mut out = String::new();
    error.write(&mut out);
    assert!(
        out.contains("<slia ver=\"3.5.0\"><result resid=\"105\">FORMAT ERROR</result><add_info>hor_acc: "),
        "{out}"
    );
}

#[test]
fn an_error_speaks_the_version_of_its_request() {
    for version in Version::ALL {
        let body = with_slir("<eqop><hor_acc>x</hor_acc></eqop>").replace("3.5.0", version.as_str());
        let (out, _) = written(&body);
        assert!(out.contains(&format!("<slia ver=\"{}\">", version.as_str())), "{out}");
    }
}

#[test]
fn names_of_the_clients_are_escaped_and_cut_when_told_back() {
    let long = "x".repeat(5000);
    let (out, _) = written(&with_service(&format!("<{long}/>")));
    assert!(out.len() < 400, "{}", out.len());
    let (out, _) = written(&with_service("<skir&quot;/>").replace("&quot;", "\u{e9}"));
    assert!(out.contains("skir\u{e9}"));
}
