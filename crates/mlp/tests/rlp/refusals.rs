//! Requests that are refused: with which result, in which element.

use crate::samples::*;
use lcs::LcsClientType;
use mlp::{
    Limits, ResultId,
    rlp::{AnswerElement, Outgoing, PeerOutcome, RlpError, Version, parse_svc_init},
};

fn refusal(body: &str) -> RlpError {
    match parse_svc_init(body.as_bytes(), &Limits::default()) {
        Ok(init) => panic!("read: {init:?}\n{body}"),
        Err(error) => error,
    }
}

/// A sound request, one part of it replaced.
fn with(part: &str, by: &str) -> String {
    let (sender, request) = (home(), full());
    let body = Outgoing::to_home(&sender, &request, target().into()).unwrap().routing(routing()).to_xml();
    assert!(body.contains(part), "{part} is not in {body}");
    body.replacen(part, by, 1)
}

/// A sound request with something more at the end of its body.
fn and(more: &str) -> String {
    with("</srlir>", &format!("{more}</srlir>"))
}

#[test]
fn each_fault_has_its_result() {
    let client = "<client type=\"1\">";
    let action = "passive_type=\"NOTIFY_AND_POSITION\"";
    let msid = "<msid type=\"MSISDN\">4915110000001</msid>";
    let number = "<id>4930555000</id>";
    for (body, result) in [
        (with(" ver=\"1.1.0\"", " ver=\"1.2.0\""), 103),
        (with(client, "<client type=\"0\">"), 111),
        (with(client, "<client type=\"4\">"), 111),
        (with(client, "<client kind=\"1\">"), 109),
        (with(client, "<client type=\"1\"><poi/>"), 110),
        (with(client, "<client type=\"2\">"), 110),
        (with(client, "<client type=\"3\">"), 106),
        (with(client, "<client type=\"1\"><pwd>x</pwd>"), 106),
        (with(client, "<client type=\"1\"><truck/>"), 107),
        (with(number, ""), 106),
        (with(number, "<id>fleet</id>"), 105),
        (with(number, &number.repeat(2)), 106),
        (with("<servicetype>3<", "<servicetype>128<"), 110),
        (with("<servicetype>3<", "<servicetype>tracking<"), 105),
        (with("<requestmode type=\"ACTIVE\"/>", "<requestmode type=\"ON\"/>"), 111),
        (with("Example Fleet", "Example==Fleet"), 110),
        (with("<clientname type=\"NAME\">", "<clientname type=\"IMSI\">"), 111),
        (with("<h_ls>192.0.2.10</h_ls>", "<h_ls>not an address</h_ls>"), 105),
        (with("<imsi>262011234567890<", "<imsi>26201x<"), 105),
        (with("<imsi>262011234567890<", "<imsi>262011234567890</imsi><imsi>262011234567891<"), 106),
        (with(action, "passive_type=\"MAYBE\""), 111),
        (with(action, ""), 106),
        (with(action, "passive_type=\"POSITION\" note=\"x\""), 109),
        (with("<locationserver><id>h-gmlc.home.example</id></locationserver>", ""), 106),
        (with("<id>h-gmlc.home.example</id>", "<id/>"), 106),
        (with(msid, ""), 106),
        (with(msid, "<msid>49x</msid>"), 105),
        (with(msid, "<msid type=\"SIP_URI\">sip:a@b.example</msid>"), 113),
        (with(msid, "<msid type=\"ANONYMOUS\"/>"), 111),
        (with(msid, "<msid type=\"ASID\">p</msid>"), 110),
        (with(msid, "<msid type=\"IMSI\">262011234567891</msid>"), 110),
        (with(msid, "<msid>4915110000001</msid><msid>4915110000002</msid>"), 110),
        (with("<codeword>light&lt;house</codeword>", "<codeword/>"), 110),
        (and("<msid>4915110000002</msid>"), 104),
        (and("<loc_type type=\"LAST\"/>"), 113),
        (with("<loc_type type=\"CURRENT_OR_LAST\"/>", "<loc_type type=\"LAST\"/>"), 113),
        (and("<prio type=\"HIGH\"/>"), 106),
        (and("<lcs_ref>256</lcs_ref>"), 110),
        (and("<lcs_ref>-1</lcs_ref>"), 105),
        (and("<poi/>"), 106),
        (and("<tlrr_event/>"), 106),
        (with("</rlp_hdr>", "<truck/></rlp_hdr>"), 107),
        (with("</rlp_hdr>", "<subclient><id>x</id></subclient></rlp_hdr>"), 106),
        (with("</rlp_hdr>", "<requestor><id>1</id></requestor></rlp_hdr>"), 106),
        (with("</rlp_hdr>", "</rlp_hdr><rlp_hdr><locationserver><id>x</id></locationserver></rlp_hdr>"), 106),
        (with("</srlir>", "</srlir><srlir/>"), 106),
        (with("res_type=\"SYNC\"", "res_type=\"LATER\""), 111),
    ] {
        let error = refusal(&body);
        assert_eq!(error.result.0, result, "{error}\n{body}");
        assert_eq!(error.version, Version::V1_1);
        // Whatever is refused is answered, and the answer is read by the other side.
        let mut out = String::new();
        error.write(&mut out);
        let answer = parse_answer(&out);
        assert_eq!((answer.element, answer.outcome), (error.answer, PeerOutcome::Failed(error.result)));
    }
}

#[test]
fn the_extension_is_closed() {
    for (part, by, result) in [
        ("<optimised_lcs/>", "<optimised_lcs/><truck/>", 107),
        ("<optimised_lcs/>", "<optimised_lcs>yes</optimised_lcs>", 106),
        ("<optimised_lcs/>", "<optimised_lcs on=\"1\"/>", 109),
        ("<optimised_lcs/>", "<optimised_lcs/><optimised_lcs/>", 106),
        ("<gad_shapes>22<", "<gad_shapes>0x16<", 105),
        ("<optimised_lcs/>", "<transaction>two words</transaction>", 105),
        ("<optimised_lcs/>", "<transaction/>", 105),
        ("<optimised_lcs/>", "<sent_us>-1</sent_us>", 105),
        ("<optimised_lcs/>", "<dialled_nature>8</dialled_nature>", 110),
        ("type=\"MSC\"", "type=\"AMF\"", 111),
        ("type=\"MSC\"", "type=\"MME\"", 106),
        ("type=\"MSC\" number=\"436641234\"", "type=\"MSC\" number=\"x\"", 111),
        ("realm=\"visited.example\"", "", 106),
        ("capability_sets=\"31\"", "capability_sets=\"all\"", 105),
        ("v_gmlc=\"2001:db8::20\"", "v_gmlc=\"gmlc\"", 111),
        ("</lr_extension>", "</lr_extension><lr_extension xmlns=\"urn:x-wherefore:rlp:1\"/>", 106),
    ] {
        let error = refusal(&with(part, by));
        assert_eq!(error.result.0, result, "{error}: {by}");
    }
    let many = "<serving_node type=\"AAA\" name=\"aaa.example\"/>".repeat(9);
    assert_eq!(refusal(&with("<optimised_lcs/>", &many)).result.0, 104);
    // The same name in no namespace, or in another's, is another's extension.
    for namespace in ["", " xmlns=\"urn:other\"", " xmlns:w=\"urn:x-wherefore:rlp:1\""] {
        let body = with("<lr_extension xmlns=\"urn:x-wherefore:rlp:1\">", &format!("<lr_extension{namespace}>"));
        let read = immediate(&body);
        assert!(!read.velocity && !read.routing.optimised_lcs, "{namespace}");
    }
    let prefixed = with("<lr_extension xmlns=", "<w:lr_extension xmlns:w=").replace("</lr_ext", "</w:lr_ext");
    assert!(immediate(&prefixed).velocity, "a prefix is as good as a default namespace");
}

#[test]
fn what_cannot_be_told_apart_is_a_general_error_and_an_unknown_service_404() {
    let header = "<rlp_hdr><locationserver><id>x</id></locationserver></rlp_hdr>";
    for (body, result, answer, status) in [
        (String::new(), 106, AnswerElement::Gem, 200),
        ("<rlp_svc_init>".to_owned(), 106, AnswerElement::Gem, 200),
        ("<svc_init/>".to_owned(), 108, AnswerElement::Gem, 404),
        (format!("<rlp_svc_init>{header}</rlp_svc_init>"), 106, AnswerElement::Gem, 200),
        (format!("<rlp_svc_init>{header}<slir/></rlp_svc_init>"), 108, AnswerElement::Gem, 404),
        (format!("<rlp_svc_init>{header}<srlir/></rlp_svc_init>"), 106, AnswerElement::Srlia, 200),
        (format!("<rlp_svc_init>{header}<erlir/></rlp_svc_init>"), 106, AnswerElement::Erlia, 200),
        ("<rlp_svc_init><trlrr/></rlp_svc_init>".to_owned(), 106, AnswerElement::Trlra, 200),
    ] {
        let error = refusal(&body);
        assert_eq!((error.result.0, error.answer, error.http_status()), (result, answer, status), "{body}");
    }
    let known = refusal(&format!("<rlp_svc_init>{header}<srlir/></rlp_svc_init>"));
    assert_eq!(known.sender.as_ref().map(|sender| sender.id.as_str()), Some("x"), "so that it can be recorded");
    assert!(!format!("{known} {known:?}").contains('\''));
}

#[test]
fn a_fault_repeats_nothing_of_the_peer_but_to_the_peer() {
    let error = refusal(&with("</rlp_hdr>", "<four9one5/></rlp_hdr>"));
    assert!(!format!("{error} {error:?}").contains("four9"), "{error}");
    assert!(error.add_info().starts_with("four9one5: "), "{}", error.add_info());
    assert_eq!(error.result, ResultId::PROTOCOL_ELEMENT_NOT_SUPPORTED);
}

#[test]
fn no_emergency_fails_for_a_name() {
    let (sender, request) = (home(), least(LcsClientType::Emergency));
    let body = Outgoing::to_home(&sender, &request, caller().into()).unwrap().to_xml();
    let named = body
        .replace("<servicetype/>", "<servicetype>0</servicetype><id>4930112</id><clientname>PSAP</clientname>")
        .replace("</erlir>", "<requestor><id>4930112</id></requestor></erlir>");
    let read = immediate(&named);
    assert_eq!(read.client.client_type, LcsClientType::Emergency);
    assert_eq!((read.client.name, read.client.requestor), (None, None), "Annex B has neither");
    assert!(read.client.external.is_some());
    let bare = body.replace("<client><servicetype/></client>", "");
    assert_eq!(immediate(&bare).client.client_type, LcsClientType::Emergency);
}
