//! Dialogue portions that are not as they should be (ITU-T Q.774 clauses 3.2.2.1 and 3.2.3).

use ss7::tcap::{AbortReason, ApplicationContext, Component, Indication, Outcome};
use tcap::{
    Abort, AbortSource, AssociateSourceDiagnostic, Begin, Continue, DialoguePdu, DialoguePortion, End, TcapMessage,
};

use crate::support::*;

fn oid(context: ApplicationContext) -> rasn::types::ObjectIdentifier {
    rasn::types::ObjectIdentifier::new(context.arcs()).unwrap()
}

fn begin(dialogue_portion: Option<DialoguePortion>) -> Vec<u8> {
    written(TcapMessage::Begin(Begin { otid: vec![1, 2, 3, 4].into(), dialogue_portion, components: None }))
}

/// An Abort to the peer's 01020304 whose dialogue portion is this.
fn refused(party: &mut Party, portion: DialoguePortion) {
    let abort = TcapMessage::Abort(Abort::u_abort(vec![1, 2, 3, 4].into(), Some(portion)));
    assert_eq!(sent(party), (GMLC, written(abort)));
    assert!(party.is_empty());
}

#[test]
fn a_begin_without_version_1_is_told_so() {
    let mut hlr = party(1);
    let aarq = DialoguePdu::Aarq {
        protocol_version: tcap::ProtocolVersion::Other(vec![0x06, 0x40]),
        application_context_name: oid(ENQUIRY),
        user_information: None,
    };
    hlr.receive(&begin(Some(DialoguePortion::from_pdu(&aarq))), &GMLC, NOW);
    refused(&mut hlr, DialoguePortion::no_common_dialogue_portion(&oid(ENQUIRY)));
}

#[test]
fn a_begin_with_anything_but_an_aarq_is_aborted_by_the_provider() {
    let own_syntax = tcap::External::single_asn1_type(
        rasn::types::Oid::const_new(&[2, 999, 1]),
        rasn::types::Any::new(vec![0x05, 0x00]),
    );
    let too_long =
        rasn::types::ObjectIdentifier::new(vec![2, 5, u32::MAX, u32::MAX, u32::MAX, u32::MAX, u32::MAX]).unwrap();
    let portions = [
        DialoguePortion::aare_accept(&oid(ENQUIRY)),
        DialoguePortion::abrt(AbortSource::DialogueServiceUser),
        DialoguePortion::from_external(&own_syntax),
        DialoguePortion::audt(&oid(ENQUIRY)),
        DialoguePortion::aarq(&too_long),
    ];
    for portion in portions {
        let mut hlr = party(1);
        hlr.receive(&begin(Some(portion)), &GMLC, NOW);
        refused(&mut hlr, DialoguePortion::abnormal_dialogue());
    }
    // Malformed: the AARQ has no application-context-name.
    let mut hlr = party(1);
    hlr.receive(&octets("62 19 48 04 01020304 6b 11 28 0f 06 07 00 11 86 05 01 01 01 a0 04 60 02 80 00"), &GMLC, NOW);
    refused(&mut hlr, DialoguePortion::abnormal_dialogue());
}

#[test]
fn the_first_answer_has_to_accept_the_context_proposed_and_no_later_one_says_it_again() {
    let accept = || Some(DialoguePortion::aare_accept(&oid(ENQUIRY)));
    let wrong = [
        None,
        Some(DialoguePortion::aare_accept(&oid(ENQUIRY_V2))),
        Some(DialoguePortion::aare_reject(&oid(ENQUIRY), AssociateSourceDiagnostic::USER_NO_REASON_GIVEN)),
        Some(DialoguePortion::aarq(&oid(ENQUIRY))),
        Some(DialoguePortion::abrt(AbortSource::DialogueServiceUser)),
    ];
    // First answer, in a dialogue with a context.
    for portion in wrong.clone() {
        abnormal(Some(ENQUIRY), &[], portion);
    }
    // First answer, in a dialogue without.
    abnormal(None, &[], accept());
    // Second message.
    for portion in wrong.into_iter().flatten().chain(accept()) {
        abnormal(Some(ENQUIRY), &[accept()], Some(portion));
    }
}

/// `before` are the portions of Continues that are well; `portion` is the one that is not, in a Continue and in an End.
fn abnormal(context: Option<ApplicationContext>, before: &[Option<DialoguePortion>], portion: Option<DialoguePortion>) {
    for ends in [false, true] {
        let mut gmlc = party(3);
        let dialogue = gmlc.begin(HLR, context, &[invoke(1, PSL)], NOW).unwrap();
        sent(&mut gmlc);
        let message = |dialogue_portion| Continue {
            otid: vec![9, 9].into(),
            dtid: identifier(dialogue),
            dialogue_portion,
            components: None,
        };
        for portion in before {
            gmlc.receive(&written(TcapMessage::Continue(message(portion.clone()))), &HLR, NOW);
            assert!(matches!(told(&mut gmlc), Indication::Continue { .. }));
        }
        let Continue { dtid, dialogue_portion, components, .. } = message(portion.clone());
        let last = if ends {
            TcapMessage::End(End { dtid, dialogue_portion, components })
        } else {
            TcapMessage::Continue(message(portion.clone()))
        };
        gmlc.receive(&written(last), &HLR, NOW);
        let mut outputs = drain(&mut gmlc);
        let told = Indication::Aborted { dialogue, reason: AbortReason::AbnormalDialogue };
        assert_eq!(outputs.pop(), Some(ss7::tcap::Output::Indication(told)), "{portion:?}");
        if ends {
            assert_eq!(outputs, []);
        } else {
            let abort = Abort::u_abort(vec![9, 9].into(), Some(DialoguePortion::abnormal_dialogue()));
            let octets = written(TcapMessage::Abort(abort));
            assert_eq!(outputs, [ss7::tcap::Output::Send { to: HLR, octets }]);
        }
        assert!(gmlc.is_empty());
    }
}

#[test]
fn a_malformed_portion_of_an_answer_ends_the_dialogue() {
    let mut gmlc = party(4);
    let dialogue = gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    sent(&mut gmlc);
    let end = format!("64 0a 49 04 {:08x} 6b 02 28 00", dialogue.transaction_id());
    gmlc.receive(&octets(&end), &HLR, NOW);
    let outcome = Outcome::Aborted(AbortReason::AbnormalDialogue);
    assert_eq!(told(&mut gmlc), Indication::Outcome { dialogue, outcome });

    let dialogue = gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    sent(&mut gmlc);
    let abort = format!("67 0a 49 04 {:08x} 6b 02 28 00", dialogue.transaction_id());
    gmlc.receive(&octets(&abort), &HLR, NOW);
    let outcome = Outcome::Aborted(AbortReason::AbnormalDialogue);
    assert_eq!(told(&mut gmlc), Indication::Outcome { dialogue, outcome });
}

#[test]
fn a_peer_without_our_version_and_a_late_refusal_are_told_apart() {
    let mut gmlc = party(5);
    let none = AssociateSourceDiagnostic::PROVIDER_NO_COMMON_DIALOGUE_PORTION;
    let portion = DialoguePortion::aare_reject(&oid(ENQUIRY), none);
    let dialogue = gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    sent(&mut gmlc);
    gmlc.receive(&written(TcapMessage::Abort(Abort::u_abort(identifier(dialogue), Some(portion.clone())))), &HLR, NOW);
    let outcome = Outcome::Aborted(AbortReason::NoCommonDialoguePortion);
    assert_eq!(told(&mut gmlc), Indication::Outcome { dialogue, outcome });

    // After the dialogue was accepted it cannot be refused.
    let mut hlr = party(6);
    let (dialogue, _) = active(&mut gmlc, &mut hlr, &[]);
    gmlc.receive(&written(TcapMessage::Abort(Abort::u_abort(identifier(dialogue), Some(portion)))), &HLR, NOW);
    assert_eq!(told(&mut gmlc), Indication::Aborted { dialogue, reason: AbortReason::AbnormalDialogue });
}

#[test]
fn user_information_of_a_begin_is_handed_on() {
    let external = tcap::External::single_asn1_type(
        rasn::types::Oid::const_new(&[0, 4, 0, 0, 1, 1, 1, 1]),
        rasn::types::Any::new(octets("a0 04 80 02 12 34")),
    );
    let aarq = DialoguePdu::Aarq {
        protocol_version: tcap::ProtocolVersion::Version1,
        application_context_name: oid(ENQUIRY),
        user_information: Some(vec![external.clone(), external.clone()]),
    };
    let mut hlr = party(7);
    hlr.receive(&begin(Some(DialoguePortion::from_pdu(&aarq))), &GMLC, NOW);
    let Indication::Begin { user_information, components, .. } = told(&mut hlr) else { panic!("no Begin") };
    assert_eq!(user_information, [external.encode(), external.encode()].concat());
    assert_eq!(components, Vec::<Component>::new());
}
