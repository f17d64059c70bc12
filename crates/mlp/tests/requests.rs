//! Sound requests, element by element (OMA MLP sections 5.2.3.1 to 5.2.3.3).
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

mod common;

use common::{immediate, parse, with_service, with_slir, with_targets};
use lcs::{
    CallSession, FormatIndicator, LocationType, NatureOfAddress, Priority, PrivacySetting, QosClass, ResponseTime,
    Target,
};
use mlp::{
    ImmediateService, Limits, MlpShape, MsidEncoding, MsidType, ResultId, Service, UnsupportedService, Version,
    parse_svc_init,
};

const V3_2: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE svc_init SYSTEM "MLP_SVC_INIT_320.DTD">
<svc_init ver="3.2.0">
  <hdr ver="3.2.0">
    <client><id>parcelwatch</id><pwd>k3y&amp;l0ck</pwd><serviceid>17</serviceid><requestmode type="PASSIVE"/></client>
    <requestor type="NAME"><id>Depot Süd</id></requestor>
  </hdr>
  <slir ver="3.2.0" res_type="SYNC">
    <msids>
      <msid type="MSISDN">4915110000001</msid><codeword>blue heron</codeword>
      <msid type="IMSI" enc="ASC">262010000000001</msid>
    </msids>
    <eqop><resp_req type="LOW_DELAY"/><hor_acc qos_class="ASSURED">150</hor_acc><max_loc_age>60</max_loc_age></eqop>
    <geo_info><CoordinateReferenceSystem><Identifier><code>4326</code><codeSpace>EPSG</codeSpace><edition>6.1</edition>
    </Identifier></CoordinateReferenceSystem></geo_info>
    <loc_type type="CURRENT_OR_LAST"/><prio type="HIGH"/>
  </slir>
</svc_init>"#;

#[test]
fn a_request_of_3_2_is_read_whole() {
    let init = parse(V3_2).unwrap();
    assert_eq!(init.version, Version::V3_2);
    let client = init.header.client.unwrap();
    assert_eq!((client.id.as_str(), client.service_id.as_deref(), client.active), ("parcelwatch", Some("17"), false));
    assert_eq!(client.password.unwrap().expose(), "k3y&l0ck");
    let requestor = init.header.requestor.unwrap().requestor;
    assert_eq!((requestor.text.as_str(), requestor.format), ("Depot Süd", FormatIndicator::LogicalName));
    let Service::Immediate(request) = init.service else { panic!("slir is immediate") };
    assert_eq!(request.service, ImmediateService::Slir);
    assert!(!request.asynchronous && !request.prefers_last);
    assert_eq!(request.targets.len(), 2);
    assert!(matches!(request.targets[0].target, Ok(Target::Msisdn(_))));
    assert_eq!(request.targets[0].codeword.as_ref().unwrap().expose(), "blue heron");
    assert!(matches!(request.targets[1].target, Ok(Target::Imsi(_))));
    assert_eq!(request.targets[1].msid.encoding, Some(MsidEncoding::Asc));
    assert_eq!(request.targets[1].codeword, None);
    assert_eq!(request.quality.qos.class, QosClass::Assured);
    assert_eq!(request.quality.qos.horizontal_m, Some(150));
    assert_eq!(request.quality.qos.response_time, Some(ResponseTime::LowDelay));
    assert_eq!(request.quality.max_age_s, Some(60));
    assert_eq!(request.location_type, LocationType::CurrentOrLastKnown);
    assert_eq!(request.priority, Priority::Highest);
}

#[test]
fn a_request_of_3_3_may_have_the_older_list_of_targets() {
    let body = r#"<svc_init ver="3.3.0"><hdr ver="3.3.0"><client><id>a</id></client></hdr><slir ver="3.3.0">
        <msid>4915110000001</msid><codeword>one</codeword><gsm_net_param><cgi><mcc>262</mcc></cgi></gsm_net_param><trans_id>t-1</trans_id>
        <msid type="ASID">anon-77</msid><gsm_net_param/><trans_id>t-2</trans_id>
        <msid>4915110000003</msid>
        <eqop/></slir></svc_init>"#;
    let request = immediate(body);
    assert_eq!(request.targets.len(), 3);
    assert_eq!(request.targets[0].codeword.as_ref().unwrap().expose(), "one");
    assert_eq!(request.targets[0].trans_id.as_ref().unwrap().expose(), "t-1");
    assert!(matches!(request.targets[1].target, Ok(Target::Pseudonym(_))));
    assert_eq!(request.targets[1].trans_id.as_ref().unwrap().expose(), "t-2");
    assert_eq!(request.targets[2].trans_id, None);
    assert_eq!(parse(body).unwrap().version, Version::V3_3);
}

#[test]
fn a_request_of_3_4_may_be_asynchronous() {
    let body = r#"<svc_init ver="3.4.0"><hdr ver="3.4.0"><client><id>a</id><pwd>b</pwd></client></hdr>
        <slir ver="3.4.0" res_type="ASYNC"><msids><msid>+4915110000001</msid><session type="DIAL">4930555000</session></msids>
        <eqop><resp_req type="NO_DELAY"/><resp_timer>12</resp_timer><alt_acc>20</alt_acc></eqop>
        <pushaddr><url>https://client.example/reports</url><id>gw</id><pwd>pw</pwd></pushaddr>
        <service_coverage><cc>49</cc><cc>43</cc></service_coverage></slir></svc_init>"#;
    let request = immediate(body);
    assert!(request.asynchronous);
    let push = request.push_address.unwrap();
    assert_eq!(push.url.expose(), "https://client.example/reports");
    assert_eq!((push.id.as_deref(), push.password.unwrap().expose()), (Some("gw"), "pw"));
    assert_eq!(request.service_coverage, [49, 43]);
    assert!(request.quality.no_delay);
    assert_eq!(request.quality.response_timer_s, Some(12));
    assert_eq!(request.quality.qos.vertical_m, Some(20));
    assert!(matches!(request.targets[0].target, Ok(Target::Msisdn(_))), "a leading + is taken");
    let Some(CallSession::Dialled(number)) = &request.targets[0].session else { panic!("dialled") };
    assert_eq!(number.to_string(), "+4930555000");
}

#[test]
fn a_request_of_3_5_tells_shapes_and_privacy_action() {
    let body = r#"<svc_init ver="3.5.0"><hdr ver="3.5.0">
        <client><id>a</id><pwd>b</pwd><requestmode type="ACTIVE"/><applicationid appProvider="P" appName="N" appVersion="1"/></client>
        <sessionid>s1</sessionid>
        <subclient last_client="YES"><id>shop</id><serviceid>9</serviceid></subclient>
        <requestor><id>4915110000009</id><serviceid>9</serviceid></requestor>
        <supported_shapes CircularArea="0.5" EllipticalArea="1" LineString="0.1" Altitude="YES"/>
        <serving_node_privacy_action passive_type="POSITION_IF_ALLOWED" active_type="POSITION"/></hdr>
        <slir ver="3.5.0"><msids><msid>4915110000001</msid><session type="APN">web.example</session></msids></slir></svc_init>"#;
    let init = parse(body).unwrap();
    let client = init.header.client.as_ref().unwrap();
    assert!(client.active);
    assert_eq!(client.application.as_ref().unwrap().name, "N");
    assert_eq!(init.header.session_id.as_ref().unwrap().expose(), "s1");
    assert!(init.header.subclients[0].last_client);
    assert_eq!(init.header.requestor.as_ref().unwrap().requestor.format, FormatIndicator::Msisdn);
    let shapes = init.header.supported_shapes.unwrap();
    assert!(
        shapes.altitude
            && shapes.preference(MlpShape::CircularArea) == 0.5
            && shapes.preference(MlpShape::Point) == 0.0
    );
    let action = init.header.privacy_action.unwrap();
    assert_eq!(
        (action.passive, action.active),
        (PrivacySetting::RestrictedIfNoResponse, PrivacySetting::AllowedWithoutNotification)
    );
    let Service::Immediate(request) = init.service else { panic!("slir is immediate") };
    assert!(matches!(request.targets[0].session, Some(CallSession::Apn(_))));
}

#[test]
fn an_emergency_request_takes_alternative_identities_of_one_target() {
    let body = with_service(
        r#"<eme_lir ver="3.5.0"><msid type="MSISDN">4915110000001</msid><msid type="IMEI">35850604062684</msid>
        <trans_id>e1</trans_id><esrd>761287612582</esrd><esrk type="LOCAL">77</esrk>
        <target_serving_node><mme_name>mme1.example</mme_name></target_serving_node>
        <msid type="IMSI">262010000000001</msid><loc_type type="INITIAL"/></eme_lir>"#,
    );
    let request = immediate(&body);
    assert_eq!(request.service, ImmediateService::EmeLir);
    assert_eq!(request.targets.len(), 2);
    assert_eq!(request.targets[0].alternatives.len(), 1);
    assert!(matches!(request.targets[0].alternatives[0].target, Ok(Target::Imei(_))));
    assert_eq!(request.targets[0].esrd.as_ref().unwrap().text.expose(), "761287612582");
    assert!(request.targets[0].esrk.as_ref().unwrap().local);
    assert!(request.targets[1].alternatives.is_empty());
    assert_eq!(request.location_type, LocationType::Initial);
    let each = with_service("<eme_lir><msids><msid>4915110000001</msid><msid>4915110000002</msid></msids></eme_lir>");
    assert_eq!(immediate(&each).targets.len(), 2, "inside msids each is a target");
}

#[test]
fn what_is_left_out_has_the_defaults_of_the_standard() {
    let init = parse(
        "<svc_init><hdr><client><id>a</id></client></hdr><slir><msids><msid>4915110000001</msid></msids></slir></svc_init>",
    );
    let init = init.unwrap();
    assert_eq!(init.version, Version::V3_5, "no version told: the one that the DTD fixes");
    let Service::Immediate(request) = init.service else { panic!("slir is immediate") };
    assert!(!request.asynchronous);
    assert_eq!(request.location_type, LocationType::Current);
    assert_eq!(request.priority, Priority::Normal);
    assert_eq!(request.quality, mlp::Quality::UNSPECIFIED);
    let empty = immediate(&with_slir("<eqop><resp_req/></eqop><loc_type/><prio/>"));
    assert_eq!(empty.quality.qos.response_time, Some(ResponseTime::DelayTolerant));
}

#[test]
fn the_version_may_stand_on_any_of_the_three_elements() {
    for (svc, hdr, slir) in [(" ver='3.2.0'", "", ""), ("", " ver='3.2.0'", ""), ("", "", " ver='3.2.0'")] {
        let body = format!(
            "<svc_init{svc}><hdr{hdr}><client><id>a</id></client></hdr><slir{slir}><msids><msid>4915110000001</msid></msids></slir></svc_init>"
        );
        assert_eq!(parse(&body).unwrap().version, Version::V3_2);
        assert_eq!(parse(&body.replace("3.2.0", "9.9.9")).unwrap_err().result, ResultId::UNSUPPORTED_VERSION);
    }
}

#[test]
fn every_type_of_location_is_taken_or_refused_with_113() {
    for (text, wanted, prefers_last) in [
        ("CURRENT", LocationType::Current, false),
        ("CURRENT_OR_LAST", LocationType::CurrentOrLastKnown, false),
        ("LAST_OR_CURRENT", LocationType::Current, true),
        ("INITIAL", LocationType::Initial, false),
    ] {
        let request = immediate(&with_slir(&format!("<loc_type type=\"{text}\"/>")));
        assert_eq!((request.location_type, request.prefers_last), (wanted, prefers_last), "{text}");
    }
    for text in ["LAST", "CURRENT_AND_INTERMEDIATE", "LOCATION_URI"] {
        let error = parse(&with_slir(&format!("<loc_type type=\"{text}\"/>"))).unwrap_err();
        assert_eq!(error.result, ResultId::PROTOCOL_ELEMENT_ATTRIBUTE_VALUE_NOT_SUPPORTED);
        assert!(error.add_info().contains("loc_type") && error.add_info().contains(text), "{}", error.add_info());
    }
}

#[test]
fn every_type_of_identifier_is_a_target_or_a_fault_of_that_target_alone() {
    let value = |kind: MsidType| match kind {
        MsidType::Imsi => "262010000000001",
        MsidType::Imei => "35850604062684",
        MsidType::TelUrl => "tel:+49-151.1000(00)01",
        _ => "4915110000001",
    };
    for kind in MsidType::ALL.iter().copied() {
        assert_eq!(MsidType::from_text(kind.as_str()), Some(kind));
        let body = with_targets(&format!(
            "<msids><msid type=\"{}\">{}</msid><msid>4915110000002</msid></msids>",
            kind.as_str(),
            value(kind)
        ));
        let targets = immediate(&body).targets;
        assert!(targets[1].target.is_ok(), "{kind:?} must not spoil the other target");
        match kind {
            MsidType::Msisdn | MsidType::TelUrl => assert!(matches!(targets[0].target, Ok(Target::Msisdn(_)))),
            MsidType::Imsi => assert!(matches!(targets[0].target, Ok(Target::Imsi(_)))),
            MsidType::Imei => assert!(matches!(targets[0].target, Ok(Target::Imei(_)))),
            MsidType::Asid => assert!(matches!(targets[0].target, Ok(Target::Pseudonym(_)))),
            MsidType::Anonymous => assert_eq!(targets[0].target, Err(ResultId(111))),
            _ => assert_eq!(targets[0].target, Err(ResultId(113)), "{kind:?}"),
        }
    }
}

#[test]
fn a_bad_identifier_is_a_fault_of_its_target_alone() {
    for (msid, expected) in [
        ("<msid>not-a-number</msid>", 105),
        ("<msid></msid>", 105),
        ("<msid>49 151 10000001</msid>", 105),
        ("<msid>++4915110000001</msid>", 105),
        ("<msid>1234</msid>", 105),
        ("<msid>4915110000001234567</msid>", 105),
        ("<msid type=\"IMSI\">26201</msid>", 105),
        ("<msid type=\"IMEI\">3585060406268</msid>", 105),
        ("<msid type=\"TEL_URL\">4915110000001</msid>", 105),
        ("<msid type=\"PHONE\">4915110000001</msid>", 111),
        ("<msid enc=\"ROT13\">4915110000001</msid>", 111),
        ("<msid>4915110000001</msid><codeword/>", 110),
        ("<msid>4915110000001</msid><session type=\"APN\">no such apn</session>", 110),
        ("<msid>4915110000001</msid><session type=\"DIAL\">*100#</session>", 110),
    ] {
        let targets = immediate(&with_targets(&format!("<msids><msid>4915110000002</msid>{msid}</msids>"))).targets;
        assert!(targets[0].target.is_ok(), "{msid}");
        assert_eq!(targets[1].target, Err(ResultId(expected)), "{msid}");
    }
}

#[test]
fn an_encrypted_identifier_is_a_pseudonym_whatever_its_type() {
    for kind in ["MSISDN", "IMSI", "ASID"] {
        let targets =
            immediate(&with_targets(&format!("<msids><msid type=\"{kind}\" enc=\"CRP\">Zm9v+/=</msid></msids>")))
                .targets;
        let Ok(Target::Pseudonym(pseudonym)) = &targets[0].target else { panic!("{kind}") };
        assert_eq!(pseudonym.expose(), "Zm9v+/=");
    }
}

#[test]
fn a_range_becomes_its_targets_with_a_codeword_each_or_none() {
    let range = |from: &str, to: &str, rest: &str| {
        with_targets(&format!(
            "<msids><msid_range><start_msid><msid>{from}</msid></start_msid><stop_msid><msid>{to}</msid></stop_msid></msid_range>{rest}</msids>"
        ))
    };
    let targets = immediate(&range("+4915110000008", "+4915110000011", "<msid>4915110000020</msid>")).targets;
    assert_eq!(targets.len(), 5);
    let texts: Vec<_> = targets.iter().map(|t| t.msid.text.expose()).collect();
    assert_eq!(texts, ["+4915110000008", "+4915110000009", "+4915110000010", "+4915110000011", "4915110000020"]);
    let words =
        immediate(&range("4915110000008", "4915110000009", "<codeword>a</codeword><codeword>b</codeword>")).targets;
    assert_eq!(words[0].codeword.as_ref().unwrap().expose(), "a");
    assert_eq!(words[1].codeword.as_ref().unwrap().expose(), "b");
    for (body, expected) in [
        (range("4915110000008", "4915110000009", "<codeword>a</codeword>"), 110),
        (range("4915110000008", "4915110000009", "<codeword>a</codeword><msid>4915110000020</msid>"), 110),
        (
            range(
                "4915110000008",
                "4915110000009",
                "<codeword>a</codeword><codeword>b</codeword><codeword>c</codeword>",
            ),
            110,
        ),
        (range("4915110000008", "4915110000009", "<trans_id>t</trans_id>"), 106),
        (range("4915110000009", "4915110000008", ""), 110),
        (range("4915110000009", "14915110000010", ""), 110),
        (range("x", "y", ""), 105),
        (range("4915110000000", "4915110000500", ""), 104),
        (range("0", "99999999999999999999", ""), 105),
        (range("100000000000000", "999999999999999", ""), 104),
    ] {
        assert_eq!(common::refused(&body), expected, "{body}");
    }
    assert_eq!(immediate(&range("4915110000001", "4915110000500", "")).targets.len(), 500, "the limit itself is taken");
}

#[test]
fn more_targets_than_the_limit_are_104() {
    let limits = Limits { max_targets: 2, ..Limits::default() };
    let three =
        with_targets("<msids><msid>4915110000001</msid><msid>4915110000002</msid><msid>4915110000003</msid></msids>");
    assert_eq!(parse_svc_init(three.as_bytes(), &limits).unwrap_err().result, ResultId::TOO_MANY_POSITION_ITEMS);
}

#[test]
fn accuracies_are_metres_and_seconds_of_arc() {
    let quality = |eqop: &str| immediate(&with_slir(&format!("<eqop>{eqop}</eqop>"))).quality.qos;
    assert_eq!(quality("<hor_acc> 200 </hor_acc>").horizontal_m, Some(200));
    assert_eq!(quality("<ll_acc>7.5</ll_acc>").horizontal_m, Some(230), "7.5 seconds of latitude, rounded down");
    assert_eq!(quality("<ll_acc>0</ll_acc>").horizontal_m, Some(0));
    assert_eq!(quality("<hor_acc>1</hor_acc>").class, QosClass::BestEffort);
    assert_eq!(
        quality("<hor_acc qos_class='BEST_EFFORT'>1</hor_acc><alt_acc qos_class='ASSURED'>5</alt_acc>").class,
        QosClass::Assured
    );
}

#[test]
fn a_short_dialled_number_is_an_abbreviated_one() {
    let body = with_targets("<msids><msid>4915110000001</msid><session type=\"DIAL\">22433</session></msids>");
    let Some(CallSession::Dialled(number)) = &immediate(&body).targets[0].session else { panic!("dialled") };
    assert_eq!(number.nature, NatureOfAddress::Abbreviated);
}

#[test]
fn services_of_the_standard_that_are_not_served_are_known_by_name() {
    let init = parse(&with_service("<hlir><msid>4915110000001</msid></hlir>")).unwrap();
    assert_eq!(init.service, Service::Unsupported(UnsupportedService::Hlir));
}

#[test]
fn namespaces_comments_instructions_and_cdata_are_taken() {
    let body = r#"<?xml version="1.0"?><!-- a --><?pi b?>
        <m:svc_init xmlns:m="http://example/mlp" xmlns="http://example/other" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
          xsi:schemaLocation="x y" ver="3.5.0"><m:hdr ver="3.5.0"><m:client><m:id><![CDATA[fl]]>e<!-- c -->et</m:id>
          <m:pwd>&#112;w&#x21;</m:pwd></m:client></m:hdr>
        <m:slir><m:msids><m:msid>49151<!-- x -->10000001</m:msid></m:msids><vnd:truck xmlns:vnd="v"><vnd:no a="1">7</vnd:no></vnd:truck></m:slir></m:svc_init>
        <!-- end -->"#;
    let init = parse(body).unwrap();
    let client = init.header.client.unwrap();
    assert_eq!(client.id, "fleet");
    assert_eq!(client.password.unwrap().expose(), "pw!");
    let Service::Immediate(request) = init.service else { panic!("slir is immediate") };
    assert!(request.targets[0].target.is_ok());
}

#[test]
fn nothing_of_a_person_is_printed() {
    let body = V3_2.replace("4915110000001", "4915190817263");
    let printed = format!("{:?}", parse(&body).unwrap());
    for secret in ["4915190817263", "262010000000001", "blue heron", "k3y", "Depot"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
    let error = parse(&body.replace("<prio", "<m4915190817263/><prio").replace("<eqop>", "<eqop><m4915190817263/>"))
        .unwrap_err();
    assert!(!format!("{error} {error:?}").contains("4915190817263"), "not even as the name of an element");
    assert!(error.add_info().contains("m4915190817263"), "the client is told its own element");
}
