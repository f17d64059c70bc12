//! What two nodes say to each other when all is well.

use std::sync::atomic::Ordering;
use std::time::Duration;

use ss7::tcap::{AbortReason, InvokeProblem, Problem};
use transport::sigtran::{
    Admission, ApplicationContext, AssociationConfig, InvokeError, InvokeOutcome, Role, SccpAddress, SigtranNode, Ssn,
};

use crate::common::{
    ABORT, ANY, ASK_BACK, CONTEXT, ECHO, EMPTY, FAIL, NO_ELEMENT, OTHER_CONTEXT, PANIC, PANIC_LATER, REJECT, Register,
    SILENT, TOO_LONG, WAIT, active, ask, call, centre, element, pair, point_code, register, to_register, until,
};

/// Each outcome, as the handler of the peer gave it.
#[tokio::test]
async fn the_answer_of_the_handler_is_the_outcome_of_the_caller() {
    let served = Register::default();
    let (centre, register) = pair(register(), served.clone()).await;
    let sent = element(20);
    let cases = [
        (ECHO, InvokeOutcome::Result(sent.clone())),
        (EMPTY, InvokeOutcome::Result(Vec::new())),
        (FAIL, InvokeOutcome::Error { code: 10, parameter: sent.clone() }),
        (REJECT, InvokeOutcome::Rejected(Problem::Invoke(InvokeProblem::MistypedParameter))),
        (99, InvokeOutcome::Rejected(Problem::Invoke(InvokeProblem::UnrecognizedOperation))),
        (OTHER_CONTEXT, InvokeOutcome::ContextNotSupported { alternative: Some(ApplicationContext::map(38, 2)) }),
        (ABORT, InvokeOutcome::Aborted(AbortReason::User(Vec::new()))),
        (PANIC, InvokeOutcome::Aborted(AbortReason::User(Vec::new()))),
        (PANIC_LATER, InvokeOutcome::Aborted(AbortReason::User(Vec::new()))),
        (NO_ELEMENT, InvokeOutcome::Aborted(AbortReason::User(Vec::new()))),
        (TOO_LONG, InvokeOutcome::Aborted(AbortReason::User(Vec::new()))),
    ];
    let count = cases.len();
    for (operation, outcome) in cases {
        assert_eq!(centre.invoke(call(operation, sent.clone())).await, Ok(outcome), "operation {operation}");
    }
    let seen = served.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), count);
    for incoming in &seen {
        assert_eq!(incoming.from, centre.address(Ssn::GMLC));
        assert_eq!(incoming.subsystem, Ssn::HLR);
        assert_eq!(incoming.application_context, Some(CONTEXT));
        assert_eq!(incoming.argument, sent);
        assert!(!incoming.within_ours);
    }
    let (ours, theirs) = (centre.counters(), register.counters());
    assert_eq!((ours.invokes_sent, ours.invokes_answered), (count as u64, count as u64));
    assert_eq!((theirs.invokes_received, theirs.invokes_handled), (count as u64, count as u64));
    assert_eq!((centre.status().dialogues, register.status().peer_dialogues), (0, 0));
}

#[tokio::test]
async fn a_silent_peer_is_a_timeout_and_leaves_nothing() {
    let (centre, register) = pair(register(), Register::default()).await;
    let mut call = call(SILENT, element(1));
    call.timeout = Duration::from_millis(50);
    assert_eq!(centre.invoke(call).await, Ok(InvokeOutcome::TimedOut));
    assert_eq!((centre.status().dialogues, centre.counters().timeouts), (0, 1));
    until(|| register.counters().invokes_handled == 1 && register.status().peer_dialogues == 0).await;
    assert_eq!(ask(&centre, ECHO).await, Ok(InvokeOutcome::Result(element(20))));
}

/// By point code and subsystem number instead of titles, and from MAP version 1 without an application context.
#[tokio::test]
async fn nodes_without_titles_and_contexts_are_served() {
    let served = Register::default();
    let (centre, _register) = pair(register(), served.clone()).await;
    let mut call = call(ECHO, element(3));
    call.to = SccpAddress::by_ssn(point_code(2062), Ssn::HLR);
    call.application_context = None;
    assert_eq!(centre.invoke(call).await, Ok(InvokeOutcome::Result(element(3))));
    let seen = served.seen.lock().unwrap().clone();
    assert_eq!(seen[0].from, SccpAddress::by_ssn(point_code(2057), Ssn::GMLC));
    assert_eq!(seen[0].application_context, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_invocations_at_once_each_get_their_own_answer() {
    let (centre, register) = pair(register(), Register::default()).await;
    let mut tasks = Vec::new();
    for at in 0..64u8 {
        let centre = centre.clone();
        tasks.push(tokio::spawn(async move {
            for round in 0..50u8 {
                let argument = vec![0x04, 0x03, at, round, 0x55];
                let outcome = centre.invoke(call(ECHO, argument.clone())).await;
                assert_eq!(outcome, Ok(InvokeOutcome::Result(argument)));
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(register.counters().invokes_handled, 64 * 50);
    assert_eq!(centre.counters().data_received, 64 * 50);
    // Many messages share a system call.
    assert!(centre.counters().writes < 64 * 50, "{}", centre.counters().writes);
}

/// Unitdata takes some 200 octets beside two titles: more go in segments, and come together again, in both directions.
#[tokio::test]
async fn long_arguments_and_results_travel_in_segments() {
    let (centre, register) = pair(register(), Register::default()).await;
    for octets in [100, 180, 190, 200, 210, 250, 300, 1000, 2500] {
        let outcome = centre.invoke(call(ECHO, element(octets))).await;
        assert_eq!(outcome, Ok(InvokeOutcome::Result(element(octets))), "{octets} octets");
    }
    let (asked, answered) = (centre.counters(), register.counters());
    assert!(asked.data_sent > 20 && answered.data_sent > 20, "{asked:?} {answered:?}");
    assert_eq!((asked.data_sent, answered.data_sent), (answered.data_received, asked.data_received));
    // Interleaved, each finds its own rest.
    let calls: Vec<_> = (0..20).map(|at| tokio::spawn(centre.invoke(call(ECHO, element(1000 + at))))).collect();
    for (at, call) in calls.into_iter().enumerate() {
        assert_eq!(call.await.unwrap(), Ok(InvokeOutcome::Result(element(1000 + at))));
    }
    let too_long = centre.invoke(call(ECHO, element(5000))).await;
    assert_eq!(too_long, Err(InvokeError::TooLong));
    let no_element = centre.invoke(call(ECHO, vec![0x04, 0x05, 0x00])).await;
    assert!(matches!(no_element, Err(InvokeError::Malformed(_))), "{no_element:?}");
    assert_eq!((centre.status().dialogues, register.status().peer_dialogues), (0, 0));
}

/// As a home register inserts subscriber data within a location update: the answer comes within the dialogue, its end
/// follows.
#[tokio::test]
async fn a_handler_asks_back_in_the_same_dialogue() {
    let served = Register::default();
    let (centre, register) = pair(register(), served.clone()).await;
    let outcome = centre.invoke(call(ASK_BACK, element(700)).serving()).await;
    assert_eq!(outcome, Ok(InvokeOutcome::Result(element(700))));
    let seen = served.seen.lock().unwrap().clone();
    let seen: Vec<_> = seen.iter().map(|one| (one.operation, one.within_ours, one.subsystem)).collect();
    assert_eq!(seen, [(ASK_BACK, false, Ssn::HLR), (ECHO, true, Ssn::GMLC)]);
    // Who does not serve rejects what is asked back, and the register tells a failure.
    let outcome = ask(&centre, ASK_BACK).await;
    assert_eq!(outcome, Ok(InvokeOutcome::Error { code: 34, parameter: Vec::new() }));
    assert!(matches!(served.asked.lock().unwrap()[1], Ok(InvokeOutcome::Rejected(_))));
    assert_eq!((centre.status().dialogues, register.status().peer_dialogues), (0, 0));
}

/// A caller that stops waiting leaves nothing behind, and what comes late is nobody's.
#[tokio::test]
async fn a_dropped_invocation_is_forgotten() {
    let served = Register::default();
    let (centre, register) = pair(register(), served.clone()).await;
    let task = tokio::spawn(centre.invoke(call(WAIT, element(9))));
    until(|| served.waiting.load(Ordering::SeqCst) == 1).await;
    assert_eq!((centre.status().dialogues, register.status().peer_dialogues), (1, 1));
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(centre.status().dialogues, 0);
    served.gate.0.add_permits(1);
    until(|| centre.counters().stray_dialogues == 1).await;
    // Asked back in a dialogue that its caller has left: the register learns that it is gone.
    let task = tokio::spawn(centre.invoke(call(ASK_BACK, element(9)).serving()));
    until(|| register.counters().invokes_received == 2).await;
    task.abort();
    until(|| register.status().peer_dialogues == 0 && centre.status().dialogues == 0).await;
    assert_eq!(ask(&centre, ECHO).await, Ok(InvokeOutcome::Result(element(20))));
}

/// The side that listens may ask too, and either may have the other's request under way.
#[tokio::test]
async fn the_server_asks_its_clients() {
    let served = Register::default();
    let (centre_config, mut register_config) = (centre(), register());
    register_config.admission = Admission::Anyone;
    let register = SigtranNode::start(register_config, served.clone()).await.unwrap();
    let mut config = crate::common::connected_to(centre_config, register.local_addrs()[0].unwrap());
    config.admission = Admission::Anyone;
    let centre = SigtranNode::start(config, served.clone()).await.unwrap();
    active(&register, 1).await;
    let mut call = call(ECHO, element(30));
    call.to = centre.address(Ssn::GMLC);
    assert_eq!(register.invoke(call).await, Ok(InvokeOutcome::Result(element(30))));
    let status = register.status();
    assert_eq!(status.associations.len(), 1);
    assert_eq!((status.associations[0].role, status.associations[0].active), (Role::Server, true));
    assert_eq!(status.associations[0].connections.len(), 1);
}

/// Two associations to the same point code share the traffic; one that is lost leaves it to the other.
#[tokio::test]
async fn associations_share_the_traffic() {
    let served = Register::default();
    let mut two = register();
    two.associations.push(AssociationConfig::server("centre, second", ANY, [point_code(2057)]));
    let register = SigtranNode::start(two, served.clone()).await.unwrap();
    let mut config = crate::common::connected_to(centre(), register.local_addrs()[0].unwrap());
    let second = AssociationConfig::asp("second", register.local_addrs()[1].unwrap(), [point_code(2062)]);
    config.associations.push(second);
    let centre = SigtranNode::start(config, served).await.unwrap();
    active(&centre, 2).await;
    active(&register, 2).await;
    for _ in 0..64 {
        assert_eq!(ask(&centre, ECHO).await, Ok(InvokeOutcome::Result(element(20))));
    }
    assert_eq!(to_register(), register.address(Ssn::HLR));
    let connections = centre.counters().connections_opened;
    assert_eq!(connections, 2);
}
