//! The client's side against the server's.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

mod common;

use common::parse;
use lcs::{Address, ApnNi, CallSession, LocationType, Priority, PrivacySetting, QosClass, Target};
use mlp::{
    ImmediateService, MlpShape, MsidType, Service, Version,
    client::{ClientError, ClientTarget, Request, parse_svc_result},
};
use proptest::prelude::*;

#[test]
fn a_full_request_is_read_as_it_was_built() {
    let mut dialled = ClientTarget::msisdn("4915110000001");
    dialled.codeword = Some("a<b & \"c\"".into());
    dialled.session = Some(CallSession::Dialled(Address::international("+4930555000").unwrap()));
    dialled.trans_id = Some("t1".into());
    let mut hidden = ClientTarget::of(MsidType::Asid, "anon");
    hidden.encrypted = true;
    hidden.session = Some(CallSession::Apn(ApnNi::new("web.example").unwrap()));
    let mut request = Request::new("fleet", "p&w", vec![dialled, hidden]);
    request.version = Version::V3_4;
    request.service_id = Some("9".into());
    request.active = true;
    request.requestor = Some(("SIPURL".into(), "sip:a@b.example".into()));
    request.privacy_action = Some((PrivacySetting::NotAllowed, PrivacySetting::AllowedWithNotification));
    request.supported_shapes = Some("Point=\"1\" Altitude=\"YES\"".into());
    request.asynchronous = true;
    request.resp_req = Some("LOW_DELAY");
    request.resp_timer_s = Some(9);
    request.hor_acc_m = Some((50, Some(QosClass::Assured)));
    request.alt_acc_m = Some((10, None));
    request.max_loc_age_s = Some(600);
    request.loc_type = Some("CURRENT_OR_LAST".into());
    request.high_priority = true;
    request.push_address = Some(("http://c.example/".into(), Some("i".into()), Some("p".into())));
    request.service_coverage = vec![49];
    let init = parse(&request.to_xml()).unwrap();
    assert_eq!(init.version, Version::V3_4);
    let client = init.header.client.unwrap();
    assert_eq!((client.id.as_str(), client.active), ("fleet", true));
    assert_eq!(client.password.unwrap().expose(), "p&w");
    assert!(init.header.supported_shapes.unwrap().preference(MlpShape::Point) == 1.0);
    assert_eq!(init.header.privacy_action.unwrap().active, PrivacySetting::AllowedWithNotification);
    let Service::Immediate(read) = init.service else { panic!("slir is immediate") };
    assert!(read.asynchronous);
    assert_eq!(read.targets[0].codeword.as_ref().unwrap().expose(), "a<b & \"c\"");
    assert_eq!(read.targets[0].session, request.targets[0].session);
    assert!(matches!(read.targets[1].target, Ok(Target::Pseudonym(_))));
    assert_eq!((read.location_type, read.priority), (LocationType::CurrentOrLastKnown, Priority::Highest));
    assert_eq!((read.quality.qos.class, read.quality.response_timer_s), (QosClass::Assured, Some(9)));
    let mut emergency = Request::new("psap", "x", vec![ClientTarget::msisdn("4915110000001")]);
    emergency.service = ImmediateService::EmeLir;
    let Service::Immediate(read) = parse(&emergency.to_xml()).unwrap().service else { panic!("eme_lir is immediate") };
    assert_eq!(read.service, ImmediateService::EmeLir);
}

#[test]
fn what_is_no_answer_is_refused() {
    for (body, expected) in [
        ("", ClientError::Malformed),
        ("<svc_result/>", ClientError::NotAnAnswer),
        ("<html/>", ClientError::NotAnAnswer),
        ("<svc_result><slia/><slia/></svc_result>", ClientError::NotAnAnswer),
        ("<svc_result><slia><result resid='x'/></slia></svc_result>", ClientError::Format),
        (
            "<svc_result><slia><pos><pd><time utc_off=''>20260301001005</time></pd></pos></slia></svc_result>",
            ClientError::Format,
        ),
        ("<svc_result><slia><pos><pd><time>20260230001005</time></pd></pos></slia></svc_result>", ClientError::Format),
        (
            "<svc_result><slia><pos><pd><shape><Point><coord><X>91 00 00N</X></coord></Point></shape></pd></pos></slia></svc_result>",
            ClientError::Format,
        ),
    ] {
        assert_eq!(parse_svc_result(body.as_bytes()), Err(expected), "{body}");
    }
    let other = "<svc_result><slia><pos pos_method='CELL'><msid>1</msid><pd><time utc_off='+0200'>20260301001005</time><shape>\
        <Point><coord><X>1 30 36N</X><Y>0 00 36.0W</Y></coord></Point></shape></pd></pos></slia></svc_result>";
    let position = parse_svc_result(other.as_bytes()).unwrap().positions.remove(0);
    assert_eq!(position.time.unwrap().secs(), 1_772_323_805 - 7200);
    assert!((position.lat_deg.unwrap() - 1.51).abs() < 1e-9 && (position.lon_deg.unwrap() + 0.01).abs() < 1e-9);
}

proptest! {
    #[test]
    fn any_text_survives_the_way_there(id in "[^\\p{Cc}\u{FFFE}\u{FFFF}]{1,40}", word in "[^\\p{Cc}\u{FFFE}\u{FFFF}]{1,40}") {
        let mut target = ClientTarget::msisdn("4915110000001");
        target.codeword = Some(word.clone());
        let init = parse(&Request::new(id.clone(), id.clone(), vec![target]).to_xml()).unwrap();
        let blanks = [' ', '\t', '\r', '\n'];
        prop_assert_eq!(init.header.client.unwrap().id, id.trim_matches(blanks));
        let Service::Immediate(read) = init.service else { panic!("slir is immediate") };
        let read_word = read.targets[0].codeword.as_ref().map(|w| w.expose().to_owned());
        prop_assert_eq!(read_word.unwrap_or_default(), word.trim_matches(blanks));
    }
}
