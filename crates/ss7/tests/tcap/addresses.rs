//! Whose messages are believed. TCAP has no other proof of a peer than its address and the transaction identifier.

use ss7::tcap::{FirstAnswer, Indication, Outcome, TcapLimits};
use tcap::{Abort, Continue, End, PAbortCause, TcapMessage};

use crate::support::*;

/// A Begin to a global title is answered from the address of the node that got it; from then on that is the peer.
#[test]
fn the_first_answer_may_come_from_another_address_which_then_is_fixed() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let (ours, theirs) = begun(&mut gmlc, &mut hlr, &[invoke(1, PSL)]);
    hlr.proceed(theirs, &[], NOW).unwrap();
    gmlc.receive(&sent(&mut hlr).1, &ELSEWHERE, NOW);
    assert_eq!(told(&mut gmlc), Indication::Continue { dialogue: ours, from: ELSEWHERE, components: vec![] });
    gmlc.proceed(ours, &[], NOW).unwrap();
    let (to, proceed) = sent(&mut gmlc);
    assert_eq!(to, ELSEWHERE);
    hlr.receive(&proceed, &GMLC, NOW);
    told(&mut hlr);

    // Not from the address of the Begin any more.
    hlr.end(theirs, &[result(1)]).unwrap();
    let (_, end) = sent(&mut hlr);
    gmlc.receive(&end, &HLR, NOW);
    nothing(&mut gmlc);
    gmlc.receive(&end, &ELSEWHERE, NOW);
    assert!(matches!(told(&mut gmlc), Indication::End { .. }));
}

#[test]
fn where_configured_the_first_answer_comes_from_the_address_of_the_begin() {
    let mut gmlc = narrow(TcapLimits { first_answer: FirstAnswer::FromSameAddress, ..TcapLimits::default() });
    let mut hlr = party(2);
    let dialogue = gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    hlr.receive(&sent(&mut gmlc).1, &GMLC, NOW);
    let Indication::Begin { dialogue: theirs, .. } = told(&mut hlr) else { panic!("no Begin") };
    hlr.end(theirs, &[result(1)]).unwrap();
    let (_, end) = sent(&mut hlr);
    gmlc.receive(&end, &ELSEWHERE, NOW);
    nothing(&mut gmlc);
    gmlc.receive(&end, &HLR, NOW);
    let outcome = Outcome::Result(RESULT.to_vec());
    assert_eq!(told(&mut gmlc), Indication::Outcome { dialogue, outcome });
}

/// To a stranger a dialogue under way looks as one that is not.
#[test]
fn strangers_learn_and_change_nothing() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let (ours, theirs) = active(&mut gmlc, &mut hlr, &[invoke(1, PSL)]);
    let dtid = identifier(ours);
    let proceed = |otid: tcap::TransactionId, dtid: tcap::TransactionId| {
        written(TcapMessage::Continue(Continue { otid, dtid, dialogue_portion: None, components: None }))
    };
    let unknown = |otid: tcap::TransactionId| {
        written(TcapMessage::Abort(Abort::p_abort(otid, PAbortCause::UNRECOGNIZED_TRANSACTION_ID)))
    };
    // Another address, and the peer's address with another identifier of its own.
    for (otid, from) in [(identifier(theirs), ELSEWHERE), (vec![1].into(), HLR)] {
        gmlc.receive(&proceed(otid.clone(), dtid.clone()), &from, NOW);
        assert_eq!(sent(&mut gmlc), (from, unknown(otid)));
    }
    // A dialogue that does not exist.
    gmlc.receive(&proceed(vec![7].into(), vec![1, 2, 3, 4].into()), &ELSEWHERE, NOW);
    assert_eq!(sent(&mut gmlc), (ELSEWHERE, unknown(vec![7].into())));
    // Identifiers that cannot be ours, because ours have four octets.
    for short in [vec![0], vec![0, 0], vec![0, 0, 0]] {
        gmlc.receive(&proceed(vec![7].into(), short.into()), &HLR, NOW);
        assert_eq!(sent(&mut gmlc), (HLR, unknown(vec![7].into())));
    }
    // End and Abort are not answered.
    let end = TcapMessage::End(End { dtid: dtid.clone(), dialogue_portion: None, components: None });
    gmlc.receive(&written(end), &ELSEWHERE, NOW);
    gmlc.receive(&written(TcapMessage::Abort(Abort::u_abort(dtid.clone(), None))), &ELSEWHERE, NOW);
    gmlc.receive(&written(TcapMessage::Abort(Abort::u_abort(vec![1, 2, 3, 4].into(), None))), &HLR, NOW);
    // A damaged message of a stranger: answered, but the dialogue stands.
    let damaged = format!("65 0e 48 01 07 49 04 {:08x} 5f 7f 00 00", ours.transaction_id());
    gmlc.receive(&octets(&damaged), &ELSEWHERE, NOW);
    sent(&mut gmlc);
    assert_eq!(gmlc.counters().strays, 9);

    hlr.end(theirs, &[result(1)]).unwrap();
    gmlc.receive(&sent(&mut hlr).1, &HLR, NOW);
    assert!(matches!(told(&mut gmlc), Indication::End { components, .. } if components.len() == 1));
}

/// Our identifier of a dialogue that the peer began is not on the wire before our first Continue.
#[test]
fn nobody_can_name_a_dialogue_that_was_not_answered() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let (_, theirs) = begun(&mut gmlc, &mut hlr, &[invoke(1, PSL)]);
    let dtid = identifier(theirs);
    let end = TcapMessage::End(End { dtid: dtid.clone(), dialogue_portion: None, components: None });
    hlr.receive(&written(end), &GMLC, NOW);
    hlr.receive(&written(TcapMessage::Abort(Abort::u_abort(dtid, None))), &GMLC, NOW);
    nothing(&mut hlr);
    assert_eq!((hlr.len(), hlr.counters().strays), (1, 2));
}
