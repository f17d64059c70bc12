//! Whole dialogues in good order (ITU-T Q.774 clauses 3.2.1 and 3.3.3).

use ss7::tcap::{AbortReason, Component, Indication, Outcome, Output, Problem, Request, TcapFault, TcapLimits};
use ss7::tcap::{InvokeProblem, Refusal};

use crate::support::*;

/// MAP UpdateLocation: BEGIN invoke UL, CONTINUE invoke ISD, CONTINUE result ISD, END result UL.
#[test]
fn an_update_of_location_takes_four_messages() {
    let (mut vlr, mut hlr) = (party(1), party(2));
    let at_vlr = vlr.begin(HLR, Some(LOCATION_UPDATE), &[invoke(1, UL)], NOW).unwrap();
    hlr.receive(&sent(&mut vlr).1, &GMLC, NOW);
    let Indication::Begin { dialogue: at_hlr, components, application_context, .. } = told(&mut hlr) else {
        panic!("no Begin");
    };
    assert_eq!((components, application_context), (vec![invoked(1, UL)], Some(LOCATION_UPDATE)));

    // The invoke identifiers of both sides are apart: 1 is free here.
    hlr.proceed(at_hlr, &[invoke(1, ISD)], NOW).unwrap();
    vlr.receive(&sent(&mut hlr).1, &HLR, NOW);
    let components = vec![invoked(1, ISD)];
    assert_eq!(told(&mut vlr), Indication::Continue { dialogue: at_vlr, from: HLR, components });

    vlr.proceed(at_vlr, &[result(1)], NOW).unwrap();
    hlr.receive(&sent(&mut vlr).1, &GMLC, NOW);
    let components = vec![Component::ResultLast { invoke_id: 1, operation: ISD, result: RESULT.to_vec() }];
    assert_eq!(told(&mut hlr), Indication::Continue { dialogue: at_hlr, from: GMLC, components });

    hlr.end(at_hlr, &[result(1)]).unwrap();
    vlr.receive(&sent(&mut hlr).1, &HLR, NOW);
    let components = vec![Component::ResultLast { invoke_id: 1, operation: UL, result: RESULT.to_vec() }];
    assert_eq!(told(&mut vlr), Indication::End { dialogue: at_vlr, components });
    assert!(vlr.is_empty() && hlr.is_empty() && vlr.deadline().is_none() && hlr.deadline().is_none());
}

#[test]
fn segments_of_a_result_come_out_as_one() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let dialogue = gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    hlr.receive(&sent(&mut gmlc).1, &GMLC, NOW);
    let Indication::Begin { dialogue: theirs, .. } = told(&mut hlr) else { panic!("no Begin") };
    let segment = |octets| Request::ResultNotLast { invoke_id: 1, result: octets };
    hlr.proceed(theirs, &[segment(&[0x04, 0x01, 0x01]), segment(&[0x04, 0x01, 0x02])], NOW).unwrap();
    gmlc.receive(&sent(&mut hlr).1, &HLR, NOW);
    nothing(&mut gmlc);
    hlr.end(theirs, &[segment(&[0x04, 0x01, 0x03]), Request::ResultLast { invoke_id: 1, result: &[0x04, 0x00] }])
        .unwrap();
    gmlc.receive(&sent(&mut hlr).1, &HLR, NOW);
    let outcome = Outcome::Result(octets("04 01 01 04 01 02 04 01 03 04 00"));
    assert_eq!(told(&mut gmlc), Indication::Outcome { dialogue, outcome });
}

/// Whatever the peer makes of it, one operation has one outcome.
#[test]
fn one_operation_ends_with_each_outcome() {
    let problem = Problem::Invoke(InvokeProblem::MistypedParameter);
    let none = Request::ResultLast { invoke_id: 1, result: &[] };
    let error = Request::Error { invoke_id: 1, code: 1, parameter: &RESULT };
    let reject = Request::Reject { invoke_id: 1, problem };
    let ended: [(&[Request<'_>], Outcome); 5] = [
        (&[result(1)], Outcome::Result(RESULT.to_vec())),
        (&[none], Outcome::Result(vec![])),
        (&[error], Outcome::Error { code: 1, parameter: RESULT.to_vec() }),
        (&[reject], Outcome::Rejected(problem)),
        (&[], Outcome::NoAnswer),
    ];
    for (answer, outcome) in ended {
        let (mut gmlc, mut hlr) = (party(1), party(2));
        let dialogue = gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
        hlr.receive(&sent(&mut gmlc).1, &GMLC, NOW);
        let Indication::Begin { dialogue: theirs, .. } = told(&mut hlr) else { panic!("no Begin") };
        hlr.end(theirs, answer).unwrap();
        gmlc.receive(&sent(&mut hlr).1, &HLR, NOW);
        assert_eq!(told(&mut gmlc), Indication::Outcome { dialogue, outcome });
        assert!(gmlc.is_empty() && hlr.is_empty());
    }
}

#[test]
fn one_operation_answered_in_a_continue_is_ended_from_here() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let dialogue = gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    hlr.receive(&sent(&mut gmlc).1, &GMLC, NOW);
    let Indication::Begin { dialogue: theirs, .. } = told(&mut hlr) else { panic!("no Begin") };
    hlr.proceed(theirs, &[result(1)], NOW).unwrap();
    gmlc.receive(&sent(&mut hlr).1, &HLR, NOW);
    let [Output::Send { to: HLR, octets }, Output::Indication(indication)] = &drain(&mut gmlc)[..] else {
        panic!("no End and outcome");
    };
    assert_eq!(*indication, Indication::Outcome { dialogue, outcome: Outcome::Result(RESULT.to_vec()) });
    hlr.receive(octets, &GMLC, NOW);
    assert_eq!(told(&mut hlr), Indication::End { dialogue: theirs, components: vec![] });
    assert!(gmlc.is_empty() && hlr.is_empty());
}

#[test]
fn an_operation_of_the_peer_within_ours_is_rejected_at_once() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let ours = gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    hlr.receive(&sent(&mut gmlc).1, &GMLC, NOW);
    let Indication::Begin { dialogue: theirs, .. } = told(&mut hlr) else { panic!("no Begin") };
    hlr.proceed(theirs, &[invoke(5, ISD)], NOW).unwrap();
    gmlc.receive(&sent(&mut hlr).1, &HLR, NOW);
    hlr.receive(&sent(&mut gmlc).1, &GMLC, NOW);
    let problem = Problem::Invoke(InvokeProblem::UnrecognizedOperation);
    let components = vec![Component::Rejected { invoke_id: Some(5), problem, ends_invocation: true }];
    assert_eq!(told(&mut hlr), Indication::Continue { dialogue: theirs, from: GMLC, components });
    hlr.end(theirs, &[result(1)]).unwrap();
    gmlc.receive(&sent(&mut hlr).1, &HLR, NOW);
    let outcome = Outcome::Result(RESULT.to_vec());
    assert_eq!(told(&mut gmlc), Indication::Outcome { dialogue: ours, outcome });
}

#[test]
fn a_peer_of_an_older_version_is_asked_again_with_what_it_offers() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    hlr.receive(&sent(&mut gmlc).1, &GMLC, NOW);
    let Indication::Begin { dialogue, application_context: Some(ENQUIRY), .. } = told(&mut hlr) else {
        panic!("no Begin");
    };
    hlr.refuse(dialogue, Refusal::ContextNotSupported { alternative: Some(ENQUIRY_V2) }, &[]).unwrap();
    gmlc.receive(&sent(&mut hlr).1, &HLR, NOW);
    let Indication::Outcome { outcome: Outcome::ContextNotSupported { alternative: Some(offered) }, .. } =
        told(&mut gmlc)
    else {
        panic!("no alternative");
    };
    gmlc.invoke(HLR, offered, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    hlr.receive(&sent(&mut gmlc).1, &GMLC, NOW);
    let Indication::Begin { application_context, .. } = told(&mut hlr) else { panic!("no Begin") };
    assert_eq!(application_context, Some(ENQUIRY_V2));
}

#[test]
fn without_an_application_context_there_is_no_dialogue_portion() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let ours = gmlc.begin(HLR, None, &[invoke(1, PSL)], NOW).unwrap();
    let (_, begin) = sent(&mut gmlc);
    assert!(tcap::decode(&begin).unwrap().dialogue_portion().is_none());
    hlr.receive(&begin, &GMLC, NOW);
    let Indication::Begin { dialogue: theirs, application_context: None, .. } = told(&mut hlr) else {
        panic!("no Begin");
    };
    hlr.proceed(theirs, &[], NOW).unwrap();
    let (_, proceed) = sent(&mut hlr);
    assert!(tcap::decode(&proceed).unwrap().dialogue_portion().is_none());
    gmlc.receive(&proceed, &HLR, NOW);
    assert!(matches!(told(&mut gmlc), Indication::Continue { .. }));
    // An Abort has no reason then, of either side.
    gmlc.abort(ours, &[]).unwrap();
    let (_, abort) = sent(&mut gmlc);
    assert_eq!(abort, octets(&format!("67 06 49 04 {:08x}", theirs.transaction_id())));
    hlr.receive(&abort, &GMLC, NOW);
    assert_eq!(told(&mut hlr), Indication::Aborted { dialogue: theirs, reason: AbortReason::User(vec![]) });

    gmlc.begin(HLR, None, &[invoke(1, PSL)], NOW).unwrap();
    hlr.receive(&sent(&mut gmlc).1, &GMLC, NOW);
    let Indication::Begin { dialogue, .. } = told(&mut hlr) else { panic!("no Begin") };
    hlr.refuse(dialogue, Refusal::NoReasonGiven, &[]).unwrap();
    assert_eq!(tcap::decode(&sent(&mut hlr).1).unwrap().dialogue_portion(), None);
}

#[test]
fn a_prearranged_end_sends_nothing() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let (ours, theirs) = begun(&mut gmlc, &mut hlr, &[invoke(1, PSL)]);
    gmlc.end_prearranged(ours).unwrap();
    hlr.end_prearranged(theirs).unwrap();
    nothing(&mut gmlc);
    nothing(&mut hlr);
    assert!(gmlc.is_empty() && hlr.is_empty());
    assert_eq!(gmlc.end_prearranged(ours), Err(TcapFault::UnknownDialogue));
}

#[test]
fn an_abort_before_the_peer_answered_is_local() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let (ours, theirs) = begun(&mut gmlc, &mut hlr, &[invoke(1, PSL)]);
    gmlc.abort(ours, &[]).unwrap();
    nothing(&mut gmlc);
    // The peer learns it when it answers: with a Continue, not with an End (Q.774 clause 3.3.4).
    hlr.proceed(theirs, &[result(1)], NOW).unwrap();
    gmlc.receive(&sent(&mut hlr).1, &HLR, NOW);
    hlr.receive(&sent(&mut gmlc).1, &GMLC, NOW);
    let reason = AbortReason::Provider(ss7::tcap::ProviderAbortCause::UnrecognizedTransactionId);
    assert_eq!(told(&mut hlr), Indication::Aborted { dialogue: theirs, reason });
    assert_eq!(gmlc.counters().strays, 1);
}

#[test]
fn requests_out_of_place_are_refused_and_change_nothing() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    assert_eq!(gmlc.begin(HLR, None, &[result(1)], NOW), Err(TcapFault::MisplacedComponent));
    let linked =
        Request::Invoke { invoke_id: 2, linked_id: Some(9), operation: PSL, argument: &ARGUMENT, timeout: TEN_SECONDS };
    assert_eq!(gmlc.begin(HLR, None, &[linked], NOW), Err(TcapFault::UnknownInvokeId(9)));
    assert_eq!(gmlc.begin(HLR, None, &[invoke(1, PSL), invoke(1, PSL)], NOW), Err(TcapFault::InvokeIdInUse(1)));
    let two =
        Request::Invoke { invoke_id: 1, linked_id: None, operation: 1, argument: &[5, 0, 5, 0], timeout: TEN_SECONDS };
    assert_eq!(gmlc.begin(HLR, None, &[two], NOW), Err(TcapFault::NotOneElement));
    nothing(&mut gmlc);
    assert!(gmlc.is_empty());

    let (ours, theirs) = begun(&mut gmlc, &mut hlr, &[invoke(1, PSL)]);
    // Before the peer answered nothing can be sent to it.
    assert_eq!(gmlc.proceed(ours, &[], NOW), Err(TcapFault::WrongState));
    assert_eq!(gmlc.end(ours, &[]), Err(TcapFault::WrongState));
    assert_eq!(gmlc.refuse(ours, Refusal::NoReasonGiven, &[]), Err(TcapFault::WrongState));
    assert_eq!(hlr.end(theirs, &[invoke(1, ISD)]), Err(TcapFault::MisplacedComponent));
    assert_eq!(hlr.end(theirs, &[result(2)]), Err(TcapFault::UnknownInvokeId(2)));
    assert_eq!(hlr.end(theirs, &[result(1), result(1)]), Err(TcapFault::UnknownInvokeId(1)));
    let bad = Request::ResultLast { invoke_id: 1, result: &[0x30, 0x05] };
    assert_eq!(hlr.end(theirs, &[bad]), Err(TcapFault::NotOneElement));
    let long = [&[0x04, 0x82, 0x0f, 0xa0][..], &[0; 4_000]].concat();
    let long = Request::ResultLast { invoke_id: 1, result: &long };
    assert!(matches!(hlr.end(theirs, &[long]), Err(TcapFault::TooLong { limit: 3_952, .. })));
    assert_eq!(hlr.proceed(theirs, &[invoke(1, ISD); 17], NOW), Err(TcapFault::TooManyComponents));
    nothing(&mut hlr);

    hlr.proceed(theirs, &[invoke(1, ISD)], NOW).unwrap();
    sent(&mut hlr);
    assert_eq!(hlr.refuse(theirs, Refusal::NoReasonGiven, &[]), Err(TcapFault::WrongState));
    assert_eq!(hlr.proceed(theirs, &[invoke(1, ISD)], NOW), Err(TcapFault::InvokeIdInUse(1)));
    hlr.end(theirs, &[result(1)]).unwrap();
    assert_eq!(hlr.end(theirs, &[]), Err(TcapFault::UnknownDialogue));
    assert_eq!(hlr.abort(theirs, &[]), Err(TcapFault::UnknownDialogue));

    // A dialogue of one operation answers to nobody but its peer.
    let single = gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    hlr.receive(&drain(&mut gmlc).pop().map(octets_of).unwrap(), &GMLC, NOW);
    assert_eq!(gmlc.proceed(single, &[], NOW), Err(TcapFault::WrongState));
    gmlc.abort(single, &[]).unwrap();
    nothing(&mut gmlc);
}

fn octets_of(output: Output<&'static str>) -> Vec<u8> {
    let Output::Send { octets, .. } = output else { panic!("no message") };
    octets
}

#[test]
fn no_more_dialogues_than_allowed() {
    let limits = TcapLimits { dialogues: 2, ..TcapLimits::default() };
    let (mut few, mut hlr) = (narrow(limits), party(2));
    few.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    sent(&mut few);
    hlr.invoke(GMLC, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    few.receive(&sent(&mut hlr).1, &HLR, NOW);
    assert!(matches!(told(&mut few), Indication::Begin { .. }));
    assert!(few.is_full());
    assert_eq!(few.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW), Err(TcapFault::Full));

    // A peer is told: P-Abort, resourceLimitation.
    let dialogue = hlr.invoke(GMLC, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    few.receive(&sent(&mut hlr).1, &HLR, NOW);
    hlr.receive(&sent(&mut few).1, &GMLC, NOW);
    let reason = AbortReason::Provider(ss7::tcap::ProviderAbortCause::ResourceLimitation);
    assert_eq!(told(&mut hlr), Indication::Outcome { dialogue, outcome: Outcome::Aborted(reason) });
    assert_eq!(few.counters().refused_full, 1);
}

#[test]
fn a_message_that_sccp_gave_back_ends_its_dialogue() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let dialogue = gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    let (_, begin) = sent(&mut gmlc);
    gmlc.returned(&begin);
    let outcome = Outcome::Aborted(AbortReason::Undeliverable);
    assert_eq!(told(&mut gmlc), Indication::Outcome { dialogue, outcome });
    gmlc.returned(&begin);
    gmlc.returned(&[0x62]);
    nothing(&mut gmlc);

    let (_, theirs) = begun(&mut gmlc, &mut hlr, &[invoke(1, PSL)]);
    hlr.proceed(theirs, &[invoke(1, ISD)], NOW).unwrap();
    let (_, proceed) = sent(&mut hlr);
    hlr.returned(&proceed);
    assert_eq!(told(&mut hlr), Indication::Aborted { dialogue: theirs, reason: AbortReason::Undeliverable });
}

#[test]
fn transaction_identifiers_do_not_follow_each_other() {
    let mut gmlc = party(0);
    let mut drawn: Vec<u32> = (0..2_000)
        .map(|_| gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap().transaction_id())
        .collect();
    let near = drawn.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) < 0x1000).count();
    assert!(near <= 2, "{near} of 2,000 are close to the one before");
    let high_bits: std::collections::BTreeSet<u32> = drawn.iter().map(|id| id >> 24).collect();
    assert_eq!(high_bits.len(), 256);
    // Another seed, other identifiers.
    let mut other = party(1);
    let first = other.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap().transaction_id();
    assert_ne!(first, drawn[0]);
    drawn.sort_unstable();
    drawn.dedup();
    assert_eq!(drawn.len(), 2_000);
}
