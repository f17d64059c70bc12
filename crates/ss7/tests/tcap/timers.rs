//! Time: invocations, idle dialogues, dialogues that last (ITU-T Q.774 clause 3.2.1.1.3; the bounds are ours).

use core::time::Duration;

use ss7::tcap::{AbortReason, Component, Indication, Outcome, Output, Problem, ReturnResultProblem, TcapLimits};

use crate::support::*;

const fn after(seconds: u64) -> Duration {
    NOW.saturating_add(Duration::from_secs(seconds))
}

#[test]
fn an_invocation_without_answer_is_cancelled_and_a_late_answer_rejected() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let (ours, theirs) = active(&mut gmlc, &mut hlr, &[invoke(1, PSL)]);
    assert_eq!(gmlc.deadline(), Some(after(10)));
    gmlc.expire(after(10) - Duration::from_nanos(1));
    nothing(&mut gmlc);
    gmlc.expire(after(10));
    assert_eq!(told(&mut gmlc), Indication::Cancelled { dialogue: ours, invoke_id: 1 });
    gmlc.expire(after(10));
    nothing(&mut gmlc);

    hlr.proceed(theirs, &[result(1)], NOW).unwrap();
    gmlc.receive(&sent(&mut hlr).1, &HLR, after(11));
    let problem = Problem::ReturnResult(ReturnResultProblem::UnrecognizedInvokeId);
    let components = vec![Component::Unacceptable { invoke_id: Some(1), problem, ends_invocation: false }];
    assert_eq!(told(&mut gmlc), Indication::Continue { dialogue: ours, from: HLR, components });
    // The Reject goes out with the next message.
    gmlc.end(ours, &[]).unwrap();
    hlr.receive(&sent(&mut gmlc).1, &GMLC, after(11));
    let components = vec![Component::Rejected { invoke_id: Some(1), problem, ends_invocation: false }];
    assert_eq!(told(&mut hlr), Indication::End { dialogue: theirs, components });
}

#[test]
fn one_operation_without_answer_times_out_and_is_gone() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let dialogue = gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    let (_, begin) = sent(&mut gmlc);
    assert_eq!(gmlc.deadline(), Some(after(10)));
    gmlc.expire(after(10));
    assert_eq!(told(&mut gmlc), Indication::Outcome { dialogue, outcome: Outcome::TimedOut });
    assert!(gmlc.is_empty() && gmlc.deadline().is_none());

    // The answer comes too late: an End is dropped.
    hlr.receive(&begin, &GMLC, NOW);
    let Indication::Begin { dialogue: theirs, .. } = told(&mut hlr) else { panic!("no Begin") };
    hlr.end(theirs, &[result(1)]).unwrap();
    gmlc.receive(&sent(&mut hlr).1, &HLR, after(11));
    nothing(&mut gmlc);
    assert_eq!(gmlc.counters().strays, 1);
}

#[test]
fn one_operation_that_times_out_after_a_continue_tells_the_peer() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let dialogue = gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap();
    hlr.receive(&sent(&mut gmlc).1, &GMLC, NOW);
    let Indication::Begin { dialogue: theirs, .. } = told(&mut hlr) else { panic!("no Begin") };
    hlr.proceed(theirs, &[], NOW).unwrap();
    gmlc.receive(&sent(&mut hlr).1, &HLR, NOW);
    nothing(&mut gmlc);
    gmlc.expire(after(10));
    let [Output::Send { octets, .. }, Output::Indication(indication)] = &drain(&mut gmlc)[..] else {
        panic!("no Abort and outcome");
    };
    assert_eq!(*indication, Indication::Outcome { dialogue, outcome: Outcome::TimedOut });
    hlr.receive(octets, &GMLC, after(10));
    assert_eq!(told(&mut hlr), Indication::Aborted { dialogue: theirs, reason: AbortReason::User(vec![]) });
}

#[test]
fn a_dialogue_that_its_user_forgets_is_given_up_and_the_peer_told() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let (ours, theirs) = begun(&mut gmlc, &mut hlr, &[invoke(1, PSL)]);
    assert_eq!(hlr.deadline(), Some(after(60)));
    hlr.expire(after(60));
    let [Output::Send { octets, .. }, Output::Indication(indication)] = &drain(&mut hlr)[..] else {
        panic!("no Abort and indication");
    };
    assert_eq!(*indication, Indication::Aborted { dialogue: theirs, reason: AbortReason::Expired });
    gmlc.receive(octets, &HLR, NOW);
    assert_eq!(told(&mut gmlc), Indication::Aborted { dialogue: ours, reason: AbortReason::User(vec![]) });
    assert!(hlr.is_empty() && hlr.deadline().is_none());
}

#[test]
fn a_dialogue_of_ours_that_nobody_answers_is_given_up_without_a_message() {
    let mut gmlc = party(1);
    let dialogue = gmlc.begin(HLR, Some(ENQUIRY), &[invoke(1, PSL)], NOW).unwrap();
    sent(&mut gmlc);
    gmlc.expire(after(10));
    assert_eq!(told(&mut gmlc), Indication::Cancelled { dialogue, invoke_id: 1 });
    // The cancellation is something that happened: the user has its time to act on it.
    gmlc.expire(after(69));
    nothing(&mut gmlc);
    gmlc.expire(after(70));
    assert_eq!(told(&mut gmlc), Indication::Aborted { dialogue, reason: AbortReason::Expired });
}

#[test]
fn messages_keep_a_dialogue_until_its_life_is_over() {
    let (mut gmlc, mut hlr) = (party(1), party(2));
    let (ours, theirs) = active(&mut gmlc, &mut hlr, &[]);
    for seconds in (50..600).step_by(50) {
        hlr.proceed(theirs, &[], after(seconds)).unwrap();
        gmlc.receive(&sent(&mut hlr).1, &HLR, after(seconds));
        gmlc.expire(after(seconds));
        hlr.expire(after(seconds));
        assert!(matches!(told(&mut gmlc), Indication::Continue { .. }));
    }
    gmlc.expire(after(600));
    let last = drain(&mut gmlc).pop();
    let told = Indication::Aborted { dialogue: ours, reason: AbortReason::Expired };
    assert_eq!(last, Some(Output::Indication(told)));
}

#[test]
fn an_invocation_that_waits_long_keeps_its_dialogue() {
    let limits = TcapLimits { idle_timeout: Duration::from_secs(5), ..TcapLimits::default() };
    let mut gmlc = narrow(limits);
    let dialogue = gmlc.begin(HLR, Some(ENQUIRY), &[invoke(1, PSL), invoke(2, PSL)], NOW).unwrap();
    sent(&mut gmlc);
    gmlc.expire(after(9));
    nothing(&mut gmlc);
    gmlc.expire(after(10));
    let cancelled = |invoke_id| Output::Indication(Indication::Cancelled { dialogue, invoke_id });
    assert_eq!(drain(&mut gmlc), [cancelled(1), cancelled(2)]);
    gmlc.expire(after(15));
    assert_eq!(told(&mut gmlc), Indication::Aborted { dialogue, reason: AbortReason::Expired });
}

#[test]
fn a_clock_that_jumps_ends_everything_once() {
    let mut gmlc = party(1);
    let many: Vec<_> =
        (0..1_000).map(|_| gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, TEN_SECONDS, NOW).unwrap()).collect();
    drain(&mut gmlc);
    gmlc.expire(Duration::MAX);
    let mut over: Vec<_> = drain(&mut gmlc)
        .into_iter()
        .map(|output| match output {
            Output::Indication(Indication::Outcome { dialogue, outcome: Outcome::TimedOut }) => dialogue,
            other => panic!("{other:?}"),
        })
        .collect();
    over.sort_unstable();
    let mut expected = many;
    expected.sort_unstable();
    assert_eq!(over, expected);
    assert!(gmlc.is_empty() && gmlc.deadline().is_none());
    // A timeout beyond all time does not overflow.
    gmlc.invoke(HLR, ENQUIRY, PSL, &ARGUMENT, Duration::MAX, Duration::MAX).unwrap();
}
