//! What a gateway says about privacy: for each instruction, client and node, exactly what goes out (TS 23.271 clauses 9.5.4 and
//! 9.1.1A, Annex C).

use crate::common::{GMLC, client_of, codeword, number, sets, target, value_added};
use lcs::{
    Address, ClientName, FormatIndicator, Identities, LcsClientId, LcsClientType, LocationType, PlmnClient, Priority,
    PrivacyIndicators, PrivacySetting, PseudoExternalIdentity, Qos, ServiceType, gad::ShapeSet,
};
use ss7::map::{
    ClientExternalId, ClientId, CodewordString, PrivacyInstruction, Psl, PslError, ReceivedPsl, RequestedPrivacy,
};

const ALLOWED: PrivacySetting = PrivacySetting::AllowedWithoutNotification;
const NOTIFY: PrivacySetting = PrivacySetting::AllowedWithNotification;

fn indicators(unrelated: PrivacySetting, related: Option<PrivacySetting>) -> PrivacyInstruction {
    PrivacyInstruction::Indicators(PrivacyIndicators::new(unrelated, related).unwrap())
}

fn psl(client: &LcsClientId, instruction: PrivacyInstruction, highest: u32) -> Result<ReceivedPsl, PslError> {
    let psl = Psl::new(number(GMLC), LocationType::Current, target(), client, instruction, sets(highest))?;
    let read = ReceivedPsl::decode(&psl.encode()).unwrap();
    assert_eq!(read, *psl.as_received());
    Ok(read)
}

fn external(psl: &ReceivedPsl) -> Option<Address> {
    psl.client_id.as_ref().unwrap().external_id.and_then(|id| id.external_address)
}

fn operator() -> LcsClientId {
    LcsClientId { internal: Some(PlmnClient::AnonymousLocation), ..client_of(LcsClientType::PlmnOperator) }
}

#[test]
fn indicators_go_to_nodes_that_act_on_them_and_to_no_others() {
    for unrelated in PrivacySetting::ALL {
        for related in [None, Some(ALLOWED), Some(NOTIFY)] {
            let Ok(told) = PrivacyIndicators::new(unrelated, related) else { continue };
            let instruction = PrivacyInstruction::Indicators(told);
            for highest in 0..=3 {
                let refused = psl(&value_added(), instruction, highest);
                assert_eq!(refused, Err(PslError::NodeIgnoresIndicators), "set {highest}");
            }
            for highest in 4..=5 {
                let sent = psl(&value_added(), instruction, highest).unwrap();
                assert_eq!(sent.privacy_check, Some(RequestedPrivacy { unrelated, related }));
                assert_eq!((sent.privacy_override, external(&sent)), (false, value_added().external));
                // The session goes along as the client has it.
                assert!(sent.client_id.unwrap().apn.is_some());
            }
        }
    }
}

#[test]
fn a_related_indicator_needs_the_call_or_session() {
    let mut client = LcsClientId { apn: None, ..value_added() };
    let instruction = indicators(PrivacySetting::NotAllowed, Some(ALLOWED));
    assert_eq!(psl(&client, instruction, 4), Err(PslError::RelatedWithoutCallSession));
    let dialled = number("4980012345");
    client.dialled = Some(dialled);
    assert_eq!(psl(&client, instruction, 4).unwrap().client_id.unwrap().dialled_by_ms, Some(dialled));
}

#[test]
fn a_pseudo_external_identity_takes_the_place_of_the_real_one() {
    // P-04 to P-06: every one of the fourteen, at every node that does not know indicators.
    for identity in PseudoExternalIdentity::all() {
        let pseudo = number(&format!("499000000{:02}", identity.number()));
        for highest in 0..=3 {
            let sent = psl(&value_added(), PrivacyInstruction::PseudoExternal(pseudo), highest).unwrap();
            assert_eq!(external(&sent), Some(pseudo));
            assert_eq!((sent.privacy_check, sent.privacy_override), (None, false));
            let real = value_added().external.unwrap().digits.to_tbcd();
            let octets = sent.encode();
            let found = octets.windows(real.1).any(|window| window == &real.0[..real.1]);
            assert!(!found, "the real identity is nowhere");
            // The node looks for the session itself.
            assert!(sent.client_id.unwrap().apn.is_some());
        }
        for highest in 4..=5 {
            let refused = psl(&value_added(), PrivacyInstruction::PseudoExternal(pseudo), highest);
            assert_eq!(refused, Err(PslError::NodeTakesIndicators));
        }
    }
    for client_type in [LcsClientType::PlmnOperator, LcsClientType::LawfulIntercept] {
        let refused = psl(&client_of(client_type), PrivacyInstruction::PseudoExternal(number("4990")), 3);
        assert_eq!(refused, Err(PslError::NotForClient(client_type)));
    }
}

#[test]
fn an_operator_client_is_its_internal_identity() {
    // A2: no pseudo-external identity, no indicator; the node has the list of its home register.
    let given = LcsClientId { external: Some(number("49301")), ..operator() };
    let sent = psl(&given, PrivacyInstruction::PlmnClient, 3).unwrap();
    let only = ClientId { internal_id: operator().internal, ..ClientId::new(LcsClientType::PlmnOperator) };
    assert_eq!((sent.client_id, sent.privacy_check, sent.privacy_override), (Some(only), None, false));
    // P-09: a node that takes indicators gets one.
    assert_eq!(psl(&operator(), PrivacyInstruction::PlmnClient, 4), Err(PslError::NodeTakesIndicators));
    let sent = psl(&operator(), indicators(ALLOWED, None), 5).unwrap();
    assert_eq!(sent.privacy_check, Some(RequestedPrivacy { unrelated: ALLOWED, related: None }));
    let none = client_of(LcsClientType::PlmnOperator);
    assert_eq!(psl(&none, PrivacyInstruction::PlmnClient, 1), Err(PslError::NoInternalIdentity));
    let other = LcsClientType::ValueAdded;
    assert_eq!(psl(&value_added(), PrivacyInstruction::PlmnClient, 1), Err(PslError::NotForClient(other)));
}

#[test]
fn an_override_never_goes_without_not_allowed() {
    // F-21, at nodes of every kind.
    for client_type in [LcsClientType::Emergency, LcsClientType::LawfulIntercept] {
        for highest in 0..=5 {
            let sent = psl(&client_of(client_type), PrivacyInstruction::Override, highest).unwrap();
            assert!(sent.privacy_override);
            let check = RequestedPrivacy { unrelated: PrivacySetting::NotAllowed, related: None };
            assert_eq!(sent.privacy_check, Some(check));
        }
    }
    for client in [value_added(), operator()] {
        let refused = Err(PslError::NotForClient(client.client_type));
        assert_eq!(psl(&client, PrivacyInstruction::Override, 5), refused);
    }
}

#[test]
fn the_requestor_is_merged_into_the_name_for_nodes_that_have_no_field_for_it() {
    // D-02 and A22: below set 3 both, from set 3 on apart.
    let pseudo = PrivacyInstruction::PseudoExternal(number("49900000000001"));
    for (highest, name) in [(1, "Acme==+491701234567"), (2, "Acme==+491701234567"), (3, "Acme")] {
        let sent = psl(&value_added(), pseudo, highest).unwrap().client_id.unwrap();
        assert_eq!(sent.name.as_ref().unwrap().expose().as_deref(), Some(name), "set {highest}");
        assert_eq!(sent.requestor.as_ref().unwrap().expose().as_deref(), Some("+491701234567"));
        // Whoever reads it gets the same client.
        assert_eq!(sent.client().name, value_added().name);
        assert_eq!(sent.client().requestor, value_added().requestor);
    }
    // D-11: a receiver without the requestor's own field.
    let told = ClientName { text: "Acme==a==b".to_owned(), format: FormatIndicator::LogicalName };
    let client = LcsClientId { name: Some(told), requestor: None, ..value_added() };
    let read = ClientId::of(&client).client();
    assert_eq!(read.name.unwrap().text, "Acme");
    assert_eq!(read.requestor.unwrap().text, "a==b");
}

#[test]
fn what_is_not_whole_is_not_sent() {
    let instruction = indicators(NOTIFY, None);
    let unnamed = LcsClientId { name: None, ..value_added() };
    assert_eq!(psl(&unnamed, instruction, 4), Err(PslError::NoName));
    let nobody = Identities { imsi: None, msisdn: None, ..target() };
    let none = Psl::new(number(GMLC), LocationType::Current, nobody, &value_added(), instruction, sets(4));
    assert_eq!(none, Err(PslError::NoTarget));
}

#[test]
fn what_a_client_may_ask_for_goes_along() {
    let psl = || {
        let kind = LocationType::CurrentOrLastKnown;
        Psl::new(number(GMLC), kind, target(), &value_added(), indicators(NOTIFY, None), sets(5)).unwrap()
    };
    let sent = psl()
        .priority(Priority::Normal)
        .qos(Qos::BEST_EFFORT, true)
        .shapes(ShapeSet::ALL)
        .service_type(ServiceType::new(16).unwrap())
        .codeword(&codeword("lighthouse"))
        .unwrap();
    let read = ReceivedPsl::decode(&sent.encode()).unwrap();
    assert_eq!(read.location_type.estimate_type, LocationType::CurrentOrLastKnown);
    assert_eq!((read.service_type, read.priority), (ServiceType::new(16), Some(Priority::Normal)));
    assert!(read.qos.unwrap().velocity_request);
    // Shapes that have no bit in MAP are not promised.
    assert_eq!(read.supported_gad_shapes, Some(ShapeSet(0x7F)));
    assert_eq!(read.codeword.as_ref().and_then(CodewordString::codeword), Some(codeword("lighthouse")));
    assert_eq!(read.client_id.unwrap().external_id, value_added().external.map(ClientExternalId::of));
    // A23: 22 characters fit; 23, or one that the alphabet lacks, would be another codeword.
    assert!(psl().codeword(&codeword(&"x".repeat(22))).is_ok());
    for word in ["x".repeat(23), "шифр".to_owned(), "line\nbreak".to_owned()] {
        assert_eq!(psl().codeword(&codeword(&word)), Err(PslError::Codeword), "{word}");
    }
}
