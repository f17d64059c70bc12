//! What requests mean to the gateway that reads them, and which cannot be made.

use crate::samples::*;
use lcs::{
    Address, CallSession, Identities, IndicatorError, LcsClientType, LeastPrivacy, LocationType, NatureOfAddress,
    NumberingPlan, PrivacyIndicators, PrivacySetting, Target,
};
use mlp::rlp::{
    ImmediateService, InstructionError, Outgoing, OutgoingError, PrivacyInstruction, Routing, Service, Subject,
    UnsupportedService, Version,
};

#[test]
fn a_home_gateway_reads_the_request_as_the_requesting_one_had_it() {
    let (sender, request) = (home(), full());
    let outgoing = Outgoing::to_home(&sender, &request, Subject::Known(target())).unwrap().routing(routing());
    let read = immediate(&outgoing.transaction(transaction(), NOW).to_xml());
    assert_eq!(read.location_request("fleet".into()), Some(request.clone()));
    assert_eq!(read.subject, Subject::Known(target()));
    assert_eq!((read.routing, read.transaction, read.sent), (routing(), Some(transaction()), Some(NOW)));
    assert_eq!(read.service, ImmediateService::Srlir);
    // The same without any wish: nothing is stricter than the subscriber's own settings.
    let plain = least(LcsClientType::ValueAdded);
    let read = immediate(&Outgoing::to_home(&sender, &plain, Subject::Pseudonym(pseudonym())).unwrap().to_xml());
    assert_eq!((read.least_privacy(), read.privacy_action), (LeastPrivacy::NONE, None));
    assert_eq!(read.subject.target(), Some(Target::Pseudonym(pseudonym())));
    assert_eq!(read.routing, Routing::default());
}

#[test]
fn a_visited_gateway_reads_the_instruction_that_it_was_sent_and_no_codeword() {
    let (sender, request) = (home(), full());
    let plain = PrivacyIndicators::new(PrivacySetting::AllowedWithoutNotification, None).unwrap();
    let related_alone =
        PrivacyIndicators::new(PrivacySetting::NotAllowed, Some(PrivacySetting::AllowedIfNoResponse)).unwrap();
    for instruction in [
        PrivacyInstruction::Indicators(plain),
        PrivacyInstruction::Indicators(indicators()),
        PrivacyInstruction::Indicators(related_alone),
        PrivacyInstruction::PseudoExternal(pseudo_external()),
        PrivacyInstruction::Either(indicators(), pseudo_external()),
    ] {
        let outgoing = Outgoing::to_visited(&sender, &request, target(), instruction).unwrap();
        let read = immediate(&outgoing.to_xml());
        assert_eq!(read.instruction(), Ok(instruction));
        assert_eq!(read.codeword, None, "checked at home");
        let read = immediate(&outgoing.codeword_to_user().to_xml());
        assert_eq!(read.codeword, request.codeword, "checked by the user");
    }
}

/// TS 23.271 clause 9.5.4 over all pairs: what makes indicators travels unchanged, what does not is barred on both sides.
#[test]
fn every_pair_of_settings_travels_or_is_barred() {
    let (sender, request) = (home(), full());
    for unrelated in PrivacySetting::ALL {
        for related in [None].into_iter().chain(PrivacySetting::ALL.map(Some)) {
            let written = related.map_or(String::new(), |setting| format!(" active_type=\"{}\"", word(setting)));
            let action = format!("<serving_node_action passive_type=\"{}\"{written}/>", word(unrelated));
            let base = Outgoing::to_home(&sender, &request, Subject::Known(target())).unwrap().to_xml();
            let old = "<serving_node_action passive_type=\"NOTIFY_AND_POSITION\" active_type=\"POSITION\"/>";
            let read = immediate(&base.replace(old, &action));
            match PrivacyIndicators::new(unrelated, related) {
                Ok(indicators) => {
                    let instruction = PrivacyInstruction::Indicators(indicators);
                    assert_eq!(read.instruction(), Ok(instruction));
                    let sent = Outgoing::to_visited(&sender, &request, target(), instruction).unwrap();
                    assert_eq!(immediate(&sent.to_xml()).instruction(), Ok(instruction));
                }
                Err(barred) => assert_eq!(read.instruction(), Err(InstructionError::Barred(barred))),
            }
            let strictest = related.unwrap_or(PrivacySetting::NotAllowed);
            assert_eq!(read.least_privacy(), LeastPrivacy { unrelated, related: strictest });
        }
    }
    assert_eq!(PrivacyIndicators::new(PrivacySetting::NotAllowed, None), Err(IndicatorError::Barred));
}

fn word(setting: PrivacySetting) -> &'static str {
    match setting {
        PrivacySetting::AllowedWithoutNotification => "POSITION",
        PrivacySetting::AllowedWithNotification => "NOTIFY_AND_POSITION",
        PrivacySetting::AllowedIfNoResponse => "POSITION_IF_NOT_DISALLOWED",
        PrivacySetting::RestrictedIfNoResponse => "POSITION_IF_ALLOWED",
        PrivacySetting::NotAllowed => "POSITION_NOT_ALLOWED",
    }
}

#[test]
fn a_request_that_says_nothing_of_privacy_instructs_nobody() {
    let (sender, request) = (home(), least(LcsClientType::ValueAdded));
    let read = immediate(&Outgoing::to_home(&sender, &request, Subject::Known(target())).unwrap().to_xml());
    assert_eq!(read.instruction(), Err(InstructionError::Missing));
    let lawful = least(LcsClientType::LawfulIntercept);
    let read = immediate(&Outgoing::overriding(&sender, &lawful, target()).unwrap().to_xml());
    assert!(read.privacy_override);
    assert_eq!(read.instruction(), Err(InstructionError::Missing), "an override is judged, not followed");
}

#[test]
fn a_related_indicator_needs_its_session_on_both_sides() {
    let (sender, request) = (home(), least(LcsClientType::ValueAdded));
    let instruction = PrivacyInstruction::Indicators(indicators());
    let refused = Outgoing::to_visited(&sender, &request, target(), instruction);
    assert_eq!(refused.err(), Some(OutgoingError::RelatedWithoutSession));
    let full = full();
    let sent = Outgoing::to_visited(&sender, &full, target(), instruction).unwrap().to_xml();
    let stripped =
        sent.replace("<session type=\"APN\">fleet.example</session>", "").replace("<requestmode type=\"ACTIVE\"/>", "");
    assert_eq!(immediate(&stripped).instruction(), Err(InstructionError::RelatedWithoutSession));
}

#[test]
fn what_cannot_travel_is_not_sent() {
    let sender = home();
    let nobody = Identities::default();
    let instruction = PrivacyInstruction::PseudoExternal(pseudo_external());
    let request = full();
    assert_eq!(Outgoing::to_home(&sender, &request, nobody.into()).err(), Some(OutgoingError::NoTarget));
    let refused = Outgoing::to_visited(&sender, &request, nobody, instruction).err();
    assert_eq!(refused, Some(OutgoingError::NoTarget));
    let national = Address { nature: NatureOfAddress::National, ..pseudo_external() };
    let telex = Address { plan: NumberingPlan::Other(4), ..pseudo_external() };
    for number in [national, telex] {
        let instruction = PrivacyInstruction::PseudoExternal(number);
        let refused = Outgoing::to_visited(&sender, &request, target(), instruction).err();
        assert_eq!(refused, Some(OutgoingError::Number));
        let mut request = full();
        request.client.external = Some(number);
        assert_eq!(Outgoing::to_home(&sender, &request, target().into()).err(), Some(OutgoingError::Number));
    }
    let mut nameless = full();
    nameless.client.name = None;
    assert_eq!(Outgoing::to_home(&sender, &nameless, target().into()).err(), Some(OutgoingError::Client));
    for deferred in [LocationType::ActivateDeferred, LocationType::CancelDeferred] {
        let mut request = full();
        request.location_type = deferred;
        assert_eq!(Outgoing::to_home(&sender, &request, target().into()).err(), Some(OutgoingError::Deferred));
    }
    for client_type in LcsClientType::ALL {
        let request = least(client_type);
        let overriding = Outgoing::overriding(&sender, &request, target());
        match client_type {
            LcsClientType::Emergency | LcsClientType::LawfulIntercept => assert!(overriding.is_ok()),
            LcsClientType::ValueAdded | LcsClientType::PlmnOperator => {
                assert_eq!(overriding.err(), Some(OutgoingError::Override));
            }
        }
    }
}

#[test]
fn every_type_of_client_comes_back_and_an_emergency_by_its_service() {
    let sender = home();
    for client_type in LcsClientType::ALL {
        let request = least(client_type);
        let outgoing = Outgoing::to_home(&sender, &request, caller().into()).unwrap();
        let emergency = client_type == LcsClientType::Emergency;
        let service = if emergency { ImmediateService::Erlir } else { ImmediateService::Srlir };
        assert_eq!(outgoing.service(), service);
        let read = immediate(&outgoing.to_xml());
        assert_eq!((read.service, &read.client), (service, &request.client));
        let told = if emergency { caller() } else { target() };
        assert_eq!(read.subject, Subject::Known(told), "an IMEI is for emergencies");
    }
}

#[test]
fn a_dialled_number_keeps_its_nature() {
    let sender = home();
    for nature in [
        NatureOfAddress::International,
        NatureOfAddress::National,
        NatureOfAddress::NetworkSpecific,
        NatureOfAddress::Subscriber,
        NatureOfAddress::Abbreviated,
        NatureOfAddress::Other(0),
        NatureOfAddress::Other(7),
    ] {
        for digits in ["112", "800123456"] {
            let mut request = full();
            let number = Address { nature, ..Address::international(digits).unwrap() };
            (request.client.apn, request.client.dialled) = (None, Some(number));
            let read = immediate(&Outgoing::to_home(&sender, &request, target().into()).unwrap().to_xml());
            assert_eq!(read.client.dialled, Some(number));
        }
    }
}

#[test]
fn notification_alone_is_asked_for_by_the_request_or_beside_it() {
    let sender = home();
    let instruction = PrivacyInstruction::Indicators(indicators());
    let full = full();
    let beside = Outgoing::to_visited(&sender, &full, target(), instruction).unwrap().notification_only();
    let mut request = full.clone();
    request.location_type = LocationType::NotificationVerificationOnly;
    let by_itself = Outgoing::to_visited(&sender, &request, target(), instruction).unwrap();
    for outgoing in [beside, by_itself] {
        assert_eq!(immediate(&outgoing.to_xml()).location_type, LocationType::NotificationVerificationOnly);
    }
}

#[test]
fn services_of_the_standard_that_are_not_served_are_known_by_name() {
    for service in UnsupportedService::ALL {
        let element = service.element();
        let body = format!(
            "<rlp_svc_init ver=\"1.0.0\"><rlp_hdr><locationserver><id>x</id></locationserver></rlp_hdr><{element}><anything \
             of='it'/></{element}></rlp_svc_init>"
        );
        let read = parse(&body);
        assert_eq!((read.version, read.service), (Version::V1_0, Service::Unsupported(service)));
    }
}

/// As gateways of others may write it: elements in another order, the identifier in `msids`, blanks, no extension.
#[test]
fn a_request_of_another_make_is_read() {
    let body = "<?xml version=\"1.0\"?><!DOCTYPE rlp_svc_init PUBLIC \"-//OMA//DTD RLP 1.0//EN\" \
        \"http://www.openmobilealliance.org/DTD/RLP_SVC_INIT_100.DTD\"><rlp_svc_init><srlir>\
        <eqop><hor_acc>200</hor_acc></eqop><msids><msid>4915110000001</msid><session type=\"DIAL\">+4930555001</session></msids>\
        <vendor_element><deep/></vendor_element></srlir>\
        <rlp_hdr ver=\"1.0.0\"><net_param><gsm_net_param><neid/></gsm_net_param><imsi>262011234567890</imsi><h_ls> 192.0.2.1 </h_ls>\
        <neid><vmscid><cc>43</cc><ndc>664</ndc><vmscno>1234</vmscno></vmscid><vlrid><vlrno>9</vlrno></vlrid></neid></net_param>\
        <client><clientname>Fleet</clientname><id>+4930555000</id><servicetype/><serviceid>f</serviceid></client>\
        <locationserver><id>other</id></locationserver><v:x xmlns:v=\"urn:v\"/></rlp_hdr></rlp_svc_init>";
    let read = parse(body);
    assert_eq!((read.version, read.sender.id.as_str()), (Version::V1_0, "other"));
    let Service::Immediate(request) = read.service else { panic!("srlir is immediate") };
    assert_eq!(request.subject, Subject::Known(target()));
    assert_eq!(request.client.client_type, LcsClientType::ValueAdded, "no type: the least rights");
    let session = request.client.dialled.map(CallSession::Dialled);
    assert_eq!(session, Address::international("4930555001").ok().map(CallSession::Dialled));
    assert!(request.client.call_session_related);
    assert_eq!(request.service_id.as_deref(), Some("f"));
    let [node] = &request.routing.nodes[..] else { panic!("one node") };
    assert_eq!(node.number(), Address::international("436641234").ok());
    assert_eq!(node.capabilities, None);
}

#[test]
fn nothing_of_a_person_is_printed() {
    let (sender, full) = (home(), full());
    let instruction = PrivacyInstruction::PseudoExternal(pseudo_external());
    let to_home = Outgoing::to_home(&sender, &full, Subject::Pseudonym(pseudonym())).unwrap();
    let to_visited = Outgoing::to_visited(&sender, &full, target(), instruction).unwrap();
    let shown = format!("{to_home:?} {to_visited:?} {:?} {:?}", parse(&to_home.to_xml()), parse(&to_visited.to_xml()));
    for secret in ["49151", "26201", "zq7", "lighthouse", "light<house", "desk@fleet"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
