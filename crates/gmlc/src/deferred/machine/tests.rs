//! Every phase and every event against a literal table; then random lists of events with a restart at every point.

use super::*;
use crate::deferred::PlanError;
use crate::deferred::{LdrRequest, Rounds};
use lcs::{
    AreaEvent, DeferredEvent, LcsClientId, LcsClientType, LeastPrivacy, LocationRequest, LocationType, Msisdn, PlmnId,
    Priority, Qos, RefusalReason, Reporting, Target, TargetArea, gad::ShapeSet,
};
use privacy::disclosure::{RequestId, Via};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_secs(1_000_000);
const HOUR: Duration = Duration::from_secs(3600);

fn at(s: u64) -> Timestamp {
    NOW.after(Duration::from_secs(s))
}

fn request(event: DeferredEvent, rounds: Option<Rounds>) -> LdrRequest {
    let client = LcsClientId {
        client_type: LcsClientType::ValueAdded,
        external: None,
        internal: None,
        dialled: None,
        apn: None,
        name: None,
        requestor: None,
        call_session_related: false,
    };
    LdrRequest {
        id: RequestId([7; 16]),
        request: LocationRequest {
            account: "fleet".into(),
            client,
            target: Target::Msisdn(Msisdn::parse("491701234567").unwrap()),
            service_type: None,
            codeword: None,
            location_type: LocationType::Current,
            max_age_s: None,
            qos: Qos::BEST_EFFORT,
            velocity: false,
            priority: Priority::Normal,
            service_coverage: Vec::new(),
            shapes: ShapeSet::ALL,
            least_privacy: LeastPrivacy::NONE,
        },
        event,
        rounds,
        start: None,
        stop: NOW.after(HOUR),
        via: Via::Mlp,
        door: Vec::new(),
    }
}

fn area(multiple: bool, min_interval_s: u16) -> DeferredEvent {
    let plmn = PlmnId::new("262", "01").unwrap();
    let reporting = Reporting { multiple, min_interval_s, ..Reporting::ONCE };
    DeferredEvent::Area { event: AreaEvent::Leaving, areas: vec![TargetArea::Plmn(plmn)], reporting }
}

fn new(event: DeferredEvent) -> Ldr {
    Ldr::new(Plan::new(&request(event, None), NOW).unwrap())
}

/// The same after a node acknowledged.
fn armed(event: DeferredEvent) -> Ldr {
    let mut ldr = new(event);
    assert_eq!(ldr.handle(LdrEvent::Due, NOW), [LdrAction::Activate]);
    assert_eq!(ldr.handle(LdrEvent::Accepted, NOW), []);
    ldr
}

fn left() -> NodeReport {
    NodeReport { event: ReportedEvent::Area(AreaEvent::Leaving), sequence: None, mark: Mark::None }
}

fn report(number: u32, event: ReportedEvent, last: bool) -> LdrAction {
    LdrAction::Report { number, event, last }
}

fn paused(paused: bool, change: u16) -> LdrAction {
    LdrAction::Paused { paused, change }
}

/// An event; then, for each phase in order, the phase after it and what is done.
type Row = (LdrEvent, [(Phase, Vec<LdrAction>); 5]);

/// A request that waits to be left, many times, in each phase.
fn in_phase(phase: Phase) -> Ldr {
    let mut ldr = new(area(true, 60));
    ldr.phase = phase;
    ldr
}

#[test]
fn every_phase_and_every_event_as_the_table_says() {
    use LdrAction::{Activate, End, Forget, Release};
    use Phase::{Activating, Armed, Cancelling, Ended, Resting};
    let refused = RefusalReason::OptedOut;
    let (failed, terminated) = (Failure::UnknownSubscriber, TerminationCause::SubscriberTermination);
    let over = |reason| vec![End(reason), Forget];
    let cancelled = |reason| vec![End(reason), Release];
    let declined = over(EndReason::Failed(failed));
    let pauses = LdrAction::Paused { paused: true, change: 1 };
    let by_node = over(EndReason::Terminated(terminated));
    #[rustfmt::skip]
    let table: [Row; 14] = [
        (LdrEvent::Due, [(Activating, vec![Activate]), (Activating, vec![]), (Armed, vec![]), (Cancelling, vec![]), (Ended, vec![])]),
        (LdrEvent::Accepted, [(Resting, vec![]), (Armed, vec![]), (Armed, vec![]), (Cancelling, vec![]), (Ended, vec![])]),
        (LdrEvent::Declined(failed), [(Resting, vec![]), (Ended, declined), (Armed, vec![]), (Cancelling, vec![]), (Ended, vec![])]),
        (LdrEvent::Activated, [(Resting, vec![]), (Armed, vec![]), (Armed, vec![]), (Cancelling, vec![]), (Ended, vec![])]),
        (LdrEvent::Delivered, [(Resting, vec![]), (Activating, vec![]), (Armed, vec![]), (Cancelling, vec![]), (Ended, vec![])]),
        (LdrEvent::Withheld(Some(refused)), [(Resting, vec![]), (Activating, vec![]), (Armed, vec![]), (Cancelling, vec![]), (Ended, vec![])]),
        (LdrEvent::Terminated(terminated), [(Resting, vec![]), (Ended, by_node.clone()), (Ended, by_node), (Cancelling, vec![]), (Ended, vec![])]),
        (LdrEvent::Moved, [(Resting, vec![]), (Activating, vec![]), (Activating, vec![Activate]), (Cancelling, vec![]), (Ended, vec![])]),
        (LdrEvent::Cancel(EndReason::ByClient), [
            (Ended, over(EndReason::ByClient)), (Cancelling, cancelled(EndReason::ByClient)),
            (Cancelling, cancelled(EndReason::ByClient)), (Cancelling, vec![]), (Ended, vec![]),
        ]),
        (LdrEvent::Released, [(Resting, vec![]), (Activating, vec![]), (Armed, vec![]), (Ended, vec![Forget]), (Ended, vec![])]),
        (LdrEvent::NotReleased, [(Resting, vec![]), (Activating, vec![]), (Armed, vec![]), (Cancelling, vec![]), (Ended, vec![])]),
        (LdrEvent::Pause(Pauser::Operator), [
            (Resting, vec![pauses]), (Activating, vec![pauses]), (Armed, vec![pauses]), (Cancelling, vec![]), (Ended, vec![]),
        ]),
        (LdrEvent::Resume(Pauser::Operator), [(Resting, vec![]), (Activating, vec![]), (Armed, vec![]), (Cancelling, vec![]), (Ended, vec![])]),
        (LdrEvent::Restarted, [
            (Resting, vec![]), (Activating, vec![Activate]), (Armed, vec![]), (Cancelling, vec![Release]), (Ended, vec![Forget]),
        ]),
    ];
    for (event, row) in table {
        for (phase, (after, actions)) in Phase::ALL.into_iter().zip(row) {
            let mut ldr = in_phase(phase);
            assert_eq!(ldr.handle(event, NOW), actions, "{event:?} in {phase:?}");
            assert_eq!(ldr.phase(), after, "{event:?} in {phase:?}");
        }
    }
    let taken = [Err(Dropped::NotArmed), Ok(()), Ok(()), Err(Dropped::NotArmed), Err(Dropped::NotArmed)];
    for (phase, expected) in Phase::ALL.into_iter().zip(taken) {
        let mut ldr = in_phase(phase);
        let done = ldr.report(left(), NOW);
        let one = report(1, ReportedEvent::Area(AreaEvent::Leaving), false);
        assert_eq!(done, expected.map(|()| vec![one]), "{phase:?}");
    }
}

/// F-14 of the procedures: one report, and the request is over.
#[test]
fn one_report_closes_a_request_for_one() {
    for event in [area(false, 1), DeferredEvent::UeAvailable] {
        let mut ldr = armed(event.clone());
        let told = if event == DeferredEvent::UeAvailable { ReportedEvent::UeAvailable } else { left().event };
        let told = NodeReport { event: told, ..left() };
        assert_eq!(ldr.report(told, at(5)), Ok(vec![report(1, told.event, true)]));
        assert_eq!(ldr.report(NodeReport { mark: Mark::Message(9), ..told }, at(6)), Err(Dropped::Double));
        assert_eq!(ldr.handle(LdrEvent::Terminated(TerminationCause::Normal), at(6)), []);
        assert_eq!(ldr.handle(LdrEvent::Delivered, at(7)), [LdrAction::Forget]);
        assert_eq!((ldr.phase(), ldr.deadline()), (Phase::Ended, None));
        assert_eq!(ldr.report(told, at(8)), Err(Dropped::NotArmed));
    }
}

/// F-15: many reports, at least 60 s apart; events at 0 and 30 s.
#[test]
fn a_report_before_its_time_waits_for_it() {
    let mut ldr = armed(area(true, 60));
    let event = left().event;
    assert_eq!(ldr.report(NodeReport { mark: Mark::Message(1), ..left() }, at(0)), Ok(vec![report(1, event, false)]));
    assert_eq!(ldr.handle(LdrEvent::Delivered, at(1)), []);
    assert_eq!(ldr.report(NodeReport { mark: Mark::Message(2), ..left() }, at(30)), Ok(vec![]));
    assert_eq!(ldr.deadline(), Some(at(60)));
    assert_eq!(ldr.handle(LdrEvent::Due, at(59)), []);
    assert_eq!(ldr.handle(LdrEvent::Due, at(60)), [report(2, event, false)]);
    assert_eq!(ldr.handle(LdrEvent::Delivered, at(61)), []);
    assert_eq!(ldr.deadline(), Some(NOW.after(HOUR)));
}

#[test]
fn the_same_message_again_is_no_second_event() {
    let mut ldr = armed(area(true, 1));
    let told = NodeReport { mark: Mark::Message(77), ..left() };
    assert_eq!(ldr.report(told, at(5)), Ok(vec![report(1, told.event, false)]));
    ldr.handle(LdrEvent::Delivered, at(6));
    assert_eq!(ldr.report(told, at(20)), Err(Dropped::Double));
    assert_eq!(
        ldr.report(NodeReport { mark: Mark::Message(78), ..told }, at(20)),
        Ok(vec![report(2, told.event, false)])
    );
}

/// Words alone name a report until the least time between two has passed; then the same happened again.
#[test]
fn the_same_words_are_the_same_report_until_there_may_be_another() {
    let mut ldr = armed(area(true, 10));
    let told = NodeReport { mark: Mark::Words(77), ..left() };
    assert_eq!(ldr.report(told, at(5)), Ok(vec![report(1, told.event, false)]));
    ldr.handle(LdrEvent::Delivered, at(6));
    assert_eq!(ldr.report(told, at(14)), Err(Dropped::Double));
    assert_eq!(ldr.report(told, at(15)), Ok(vec![report(2, told.event, false)]));
}

/// News of another gateway are told until they are taken: a try of long ago may come after the report that followed.
#[test]
fn what_is_numbered_counts_up_within_one_asking() {
    let mut ldr = armed(area(true, 1));
    let numbered = |asking, number| NodeReport { mark: Mark::Numbered { asking, number }, ..left() };
    let mut taken = 0;
    for (at_s, asking, number, new) in [
        (10, 7, 2, true),
        (20, 7, 2, false),
        (30, 7, 1, false),
        (40, 7, 3, true),
        (50, 7, 2, false),
        // Asked anew, it counts anew.
        (60, 8, 1, true),
        (70, 8, 1, false),
        (80, 8, 2, true),
    ] {
        taken += u32::from(new);
        let expected = if new { Ok(vec![report(taken, left().event, false)]) } else { Err(Dropped::Double) };
        assert_eq!(ldr.report(numbered(asking, number), at(at_s)), expected, "{asking} {number}");
        ldr.handle(LdrEvent::Delivered, at(at_s));
    }
    // What was dropped in a pause came, too.
    ldr.handle(LdrEvent::Pause(Pauser::Operator), at(90));
    assert_eq!(ldr.report(numbered(8, 3), at(90)), Err(Dropped::Paused));
    ldr.handle(LdrEvent::Resume(Pauser::Operator), at(91));
    assert_eq!(ldr.report(numbered(8, 3), at(92)), Err(Dropped::Double));
}

/// A clock that was a day ahead: nothing waits until it says so again.
#[test]
fn a_clock_that_is_set_back_holds_nothing_back() {
    const DAY_S: u64 = 86_400;
    let event = left().event;
    let plan = Plan::new(&LdrRequest { stop: at(10 * DAY_S), ..request(area(true, 60), None) }, at(DAY_S)).unwrap();
    let mut ldr = Ldr::new(plan);
    assert_eq!(ldr.handle(LdrEvent::Due, at(DAY_S)), [LdrAction::Activate]);
    assert_eq!(ldr.handle(LdrEvent::Accepted, at(DAY_S)), []);
    // Armed by it, and reported by the right one.
    let mut first = ldr;
    let words = NodeReport { mark: Mark::Words(77), ..left() };
    assert_eq!(first.report(words, at(10)), Ok(vec![report(1, event, false)]));
    // Reported by it as well, and once more within the least time.
    assert_eq!(ldr.report(words, at(DAY_S + 10)), Ok(vec![report(1, event, false)]));
    ldr.handle(LdrEvent::Delivered, at(DAY_S + 10));
    assert_eq!(ldr.report(left(), at(DAY_S + 20)), Ok(vec![]));
    assert_eq!(ldr.report(words, at(20)), Ok(vec![report(2, event, false)]));
    ldr.handle(LdrEvent::Delivered, at(20));
    // What was held is overtaken, and the least time counts by the right clock again.
    assert_eq!(ldr.deadline(), Some(at(10 * DAY_S)));
    assert_eq!(ldr.report(left(), at(30)), Ok(vec![]));
    assert_eq!(ldr.deadline(), Some(at(80)));
}

/// TS 23.271 clause 9.1.12.2: the sequence number of the last report is the amount.
#[test]
fn periodic_reports_go_by_their_numbers() {
    let mut ldr = armed(DeferredEvent::Periodic { interval_s: 600, amount: 3 });
    let numbered = |sequence| NodeReport { event: ReportedEvent::Periodic, sequence: Some(sequence), mark: Mark::None };
    assert_eq!(ldr.report(numbered(1), at(600)), Ok(vec![report(1, ReportedEvent::Periodic, false)]));
    ldr.handle(LdrEvent::Delivered, at(600));
    for stale in [0, 1, 4] {
        assert_eq!(ldr.report(numbered(stale), at(700)), Err(Dropped::Double), "{stale}");
    }
    // The second was lost on the way.
    assert_eq!(ldr.report(numbered(3), at(1800)), Ok(vec![report(2, ReportedEvent::Periodic, true)]));
    assert_eq!(ldr.handle(LdrEvent::Delivered, at(1800)), [LdrAction::Forget]);
}

/// F-13: the node lost the phone, and the request begins anew at another.
#[test]
fn a_request_that_moved_is_activated_again_and_keeps_trying() {
    let mut ldr = armed(DeferredEvent::UeAvailable);
    assert_eq!(ldr.handle(LdrEvent::Moved, at(10)), [LdrAction::Activate]);
    assert_eq!(ldr.handle(LdrEvent::Declined(Failure::AbsentSubscriber), at(11)), []);
    let again = ldr.deadline().unwrap();
    assert!(again > at(11) && again < at(120));
    assert_eq!(ldr.handle(LdrEvent::Due, again), [LdrAction::Activate]);
    assert_eq!(ldr.handle(LdrEvent::Accepted, again), []);
    assert!(ldr.is_armed());
    // Denied, it ends at once.
    ldr.handle(LdrEvent::Moved, again);
    let ended = ldr.handle(LdrEvent::Declined(Failure::PositioningDenied), again);
    assert_eq!(ended, [LdrAction::End(EndReason::Failed(Failure::PositioningDenied)), LdrAction::Forget]);
}

#[test]
fn one_that_was_never_armed_ends_with_its_first_failure() {
    let mut ldr = new(DeferredEvent::UeAvailable);
    ldr.handle(LdrEvent::Due, NOW);
    let ended = ldr.handle(LdrEvent::Declined(Failure::TimedOut), at(1));
    assert_eq!(ended, [LdrAction::End(EndReason::Failed(Failure::TimedOut)), LdrAction::Forget]);
}

/// TS 23.271 clause 9.1.8.3: a round in which the phone was not available is told as that; the next round asks again.
#[test]
fn rounds_of_available_under_one_reference() {
    let rounds = Some(Rounds { interval_s: 600, amount: 3 });
    let plan = Plan::new(&request(DeferredEvent::UeAvailable, rounds), NOW).unwrap();
    let available = NodeReport { event: ReportedEvent::UeAvailable, sequence: None, mark: Mark::None };
    let mut ldr = Ldr::new(plan);
    assert_eq!(ldr.handle(LdrEvent::Due, NOW), [LdrAction::Activate]);
    ldr.handle(LdrEvent::Accepted, NOW);
    assert_eq!(ldr.report(available, at(20)), Ok(vec![report(1, ReportedEvent::UeAvailable, false)]));
    ldr.handle(LdrEvent::Delivered, at(20));
    assert_eq!((ldr.phase(), ldr.deadline()), (Phase::Resting, Some(at(600))));
    assert_eq!(ldr.handle(LdrEvent::Due, at(600)), [LdrAction::Activate]);
    ldr.handle(LdrEvent::Accepted, at(601));
    // Step 6: the second round ends in vain, and the node goes on waiting in the third.
    assert_eq!(ldr.handle(LdrEvent::Due, at(1200)), [report(2, ReportedEvent::NotAvailable, false)]);
    ldr.handle(LdrEvent::Delivered, at(1200));
    assert_eq!((ldr.phase(), ldr.deadline()), (Phase::Armed, Some(at(1800))));
    let mut other = ldr;
    assert_eq!(ldr.report(available, at(1300)), Ok(vec![report(3, ReportedEvent::UeAvailable, true)]));
    assert_eq!(ldr.handle(LdrEvent::Delivered, at(1300)), [LdrAction::Forget]);
    assert_eq!(other.handle(LdrEvent::Due, at(1800)), [report(3, ReportedEvent::NotAvailable, true)]);
    assert_eq!(other.handle(LdrEvent::Delivered, at(1800)), [LdrAction::Release]);
}

#[test]
fn its_time_over_it_ends_but_not_before_the_report_under_way() {
    let mut ldr = armed(area(true, 60));
    assert_eq!(ldr.report(left(), at(3599)), Ok(vec![report(1, left().event, false)]));
    assert_eq!((ldr.deadline(), ldr.handle(LdrEvent::Due, at(3600))), (None, vec![]));
    ldr.handle(LdrEvent::Delivered, at(3601));
    assert_eq!(ldr.handle(LdrEvent::Due, at(3601)), [LdrAction::End(EndReason::Expired), LdrAction::Release]);
    assert_eq!(ldr.handle(LdrEvent::NotReleased, at(3602)), []);
    let again = ldr.deadline().unwrap();
    assert_eq!(ldr.handle(LdrEvent::Due, again), [LdrAction::Release]);
    assert_eq!(ldr.handle(LdrEvent::Released, again), [LdrAction::Forget]);
}

#[test]
fn a_refused_report_ends_the_request_if_the_refusal_lasts() {
    let mut ldr = armed(area(true, 1));
    ldr.report(left(), at(1)).unwrap();
    assert_eq!(ldr.handle(LdrEvent::Withheld(None), at(2)), []);
    ldr.report(NodeReport { mark: Mark::Message(3), ..left() }, at(9)).unwrap();
    let ended = ldr.handle(LdrEvent::Withheld(Some(RefusalReason::OptedOut)), at(9));
    assert_eq!(ended, [LdrAction::End(EndReason::Refused(RefusalReason::OptedOut)), LdrAction::Release]);
    // The only report, withheld for a moment's reason, is not made up for.
    let mut once = armed(area(false, 1));
    once.report(left(), at(1)).unwrap();
    assert_eq!(once.handle(LdrEvent::Withheld(None), at(2)), [LdrAction::End(EndReason::Completed), LdrAction::Forget]);
}

#[test]
fn what_happens_in_a_pause_is_told_to_nobody() {
    let mut ldr = armed(area(true, 1));
    assert_eq!(ldr.handle(LdrEvent::Pause(Pauser::Operator), at(1)), [paused(true, 1)]);
    assert_eq!(ldr.report(left(), at(2)), Err(Dropped::Paused));
    assert_eq!(ldr.deadline(), Some(NOW.after(HOUR)));
    assert_eq!(ldr.handle(LdrEvent::Resume(Pauser::Operator), at(50)), [paused(false, 2)]);
    assert_eq!(ldr.handle(LdrEvent::Due, at(50)), []);
    assert_eq!(
        ldr.report(NodeReport { mark: Mark::Message(2), ..left() }, at(51)),
        Ok(vec![report(1, left().event, false)])
    );
}

/// The node reported the one event that it was to report, in a pause: it is asked anew afterwards, not before.
#[test]
fn what_a_pause_swallowed_is_waited_for_anew() {
    for event in [area(false, 1), DeferredEvent::UeAvailable] {
        let told = if event == DeferredEvent::UeAvailable { ReportedEvent::UeAvailable } else { left().event };
        let mut ldr = armed(event);
        ldr.handle(LdrEvent::Pause(Pauser::Subscriber), at(1));
        assert_eq!(ldr.report(NodeReport { event: told, ..left() }, at(2)), Err(Dropped::Paused));
        assert_eq!((ldr.phase(), ldr.deadline()), (Phase::Resting, Some(NOW.after(HOUR))));
        assert_eq!(ldr.handle(LdrEvent::Restarted, at(3)), []);
        assert_eq!(ldr.handle(LdrEvent::Resume(Pauser::Subscriber), at(4)), [paused(false, 2)]);
        assert_eq!(ldr.handle(LdrEvent::Due, at(4)), [LdrAction::Activate]);
    }
    let mut periodic = armed(DeferredEvent::Periodic { interval_s: 600, amount: 3 });
    periodic.handle(LdrEvent::Pause(Pauser::Operator), at(1));
    let numbered = |number| NodeReport { event: ReportedEvent::Periodic, sequence: Some(number), mark: Mark::None };
    assert_eq!(periodic.report(numbered(1), at(600)), Err(Dropped::Paused));
    let over = vec![LdrAction::End(EndReason::Completed), LdrAction::Forget];
    assert_eq!(periodic.report(numbered(3), at(1800)), Ok(over), "nothing more can come");
}

#[test]
fn both_must_let_go_on_what_both_paused_and_time_ends_it_meanwhile() {
    let mut ldr = armed(area(true, 1));
    ldr.report(left(), at(1)).unwrap();
    assert_eq!(ldr.handle(LdrEvent::Pause(Pauser::Subscriber), at(2)), [paused(true, 1)]);
    assert_eq!(ldr.handle(LdrEvent::Pause(Pauser::Operator), at(3)), []);
    assert_eq!(ldr.handle(LdrEvent::Restarted, at(3)), [], "the report under way is held up");
    assert_eq!(ldr.handle(LdrEvent::Resume(Pauser::Operator), at(4)), []);
    let mut other = ldr;
    assert_eq!(
        ldr.handle(LdrEvent::Resume(Pauser::Subscriber), at(5)),
        [paused(false, 2), report(1, left().event, false)]
    );
    assert_eq!(other.deadline(), Some(NOW.after(HOUR)));
    assert_eq!(other.handle(LdrEvent::Due, NOW.after(HOUR)), [LdrAction::End(EndReason::Expired), LdrAction::Release]);
    assert_eq!(other.handle(LdrEvent::Resume(Pauser::Subscriber), NOW.after(HOUR)), []);
}

/// OMA MLP section 5.3.80: the session is complete by the last of so many, and the node, which does not count, is told.
#[test]
fn a_number_of_reports_ends_the_request_and_the_node_is_told() {
    let plmn = PlmnId::new("262", "01").unwrap();
    let reporting = Reporting { multiple: true, most: Some(2), ..Reporting::ONCE };
    let event = DeferredEvent::Area { event: AreaEvent::Leaving, areas: vec![TargetArea::Plmn(plmn)], reporting };
    let mut ldr = armed(event);
    assert_eq!(
        ldr.report(NodeReport { mark: Mark::Message(1), ..left() }, at(5)),
        Ok(vec![report(1, left().event, false)])
    );
    assert_eq!(ldr.handle(LdrEvent::Delivered, at(5)), []);
    assert_eq!(
        ldr.report(NodeReport { mark: Mark::Message(2), ..left() }, at(9)),
        Ok(vec![report(2, left().event, true)])
    );
    assert_eq!(ldr.report(NodeReport { mark: Mark::Message(3), ..left() }, at(12)), Err(Dropped::Double));
    let mut restarted = Ldr::from_octets(&ldr.octets()).unwrap();
    assert_eq!(restarted.handle(LdrEvent::Restarted, at(13)), [report(2, left().event, true)]);
    assert_eq!(
        ldr.handle(LdrEvent::Withheld(None), at(13)),
        [LdrAction::End(EndReason::Completed), LdrAction::Release]
    );
    assert_eq!(restarted.handle(LdrEvent::Delivered, at(13)), [LdrAction::Release]);
    assert_eq!(restarted.handle(LdrEvent::Restarted, at(14)), [LdrAction::Release], "after another restart too");
}

/// TS 23.271 clause 4.5: a node waits for two; what becomes of the one that it was asked for is no matter of the other's client.
#[test]
fn one_that_joined_another_leaves_the_node_alone_until_it_takes_its_place() {
    let plmn = PlmnId::new("262", "01").unwrap();
    let reporting = Reporting { multiple: true, duration_s: Some(1_800), ..Reporting::ONCE };
    let event = DeferredEvent::Area { event: AreaEvent::Leaving, areas: vec![TargetArea::Plmn(plmn)], reporting };
    let mut ldr = new(event).joining();
    ldr.handle(LdrEvent::Due, NOW);
    assert_eq!((ldr.handle(LdrEvent::Accepted, NOW), ldr.node_waits()), (vec![], (false, None)));
    assert_eq!(ldr.handle(LdrEvent::Moved, at(1)), []);
    let mut cancelled = ldr;
    let over = [LdrAction::End(EndReason::ByClient), LdrAction::Forget];
    assert_eq!(cancelled.handle(LdrEvent::Cancel(EndReason::ByClient), at(1)), over);

    // The node no longer waits: it is asked.
    let mut lost = ldr;
    assert_eq!(lost.handle(LdrEvent::Promoted { waits: false, until: None }, at(2)), [LdrAction::Activate]);
    // It waits, but not as long as this one.
    let until = Some(at(900));
    assert_eq!(ldr.handle(LdrEvent::Promoted { waits: true, until }, at(2)), []);
    assert_eq!((ldr.deadline(), ldr.node_waits()), (until, (true, until)));
    assert_eq!(ldr.handle(LdrEvent::Due, at(900)), [LdrAction::Activate]);
    ldr.handle(LdrEvent::Accepted, at(901));
    assert_eq!(ldr.node_waits(), (true, Some(at(2_701))));
    assert_eq!(ldr.handle(LdrEvent::Cancel(EndReason::ByClient), at(950))[1], LdrAction::Release);
}

/// Who joins right after a report would miss what the node does not look for until the least time has passed.
#[test]
fn nobody_joins_while_the_node_does_not_look() {
    let mut ldr = armed(area(true, 60));
    assert_eq!(ldr.open_from(), Some(NOW));
    ldr.report(left(), at(5)).unwrap();
    assert_eq!(ldr.open_from(), Some(at(65)));
    let mut once = armed(area(false, 1));
    once.report(left(), at(5)).unwrap();
    assert_eq!(once.open_from(), None, "the node is done");
    assert_eq!(new(area(true, 60)).open_from(), None);
}

#[test]
fn what_a_request_may_not_ask_has_no_course() {
    let mut over = request(area(true, 1), None);
    over.stop = NOW;
    assert_eq!(Plan::new(&over, NOW), Err(PlanError::EndsBeforeItBegins));
    let rounds = Some(Rounds { interval_s: 1, amount: 1 });
    let cases = [
        (request(area(true, 1), rounds), PlanError::RoundsOfOtherEvent),
        (request(area(true, 0), None), PlanError::OutOfRange),
        (request(area(true, 32_768), None), PlanError::OutOfRange),
        (request(DeferredEvent::Periodic { interval_s: 0, amount: 1 }, None), PlanError::Periodic),
        (request(DeferredEvent::Periodic { interval_s: 8_639_999, amount: 2 }, None), PlanError::Periodic),
        (request(DeferredEvent::UeAvailable, Some(Rounds { interval_s: 5, amount: 0 })), PlanError::Periodic),
        (
            request(DeferredEvent::Motion { linear_distance_m: 0, reporting: Reporting::ONCE }, None),
            PlanError::OutOfRange,
        ),
    ];
    for (request, error) in cases {
        assert_eq!(Plan::new(&request, NOW), Err(error));
    }
    let none = DeferredEvent::Area { event: AreaEvent::Inside, areas: Vec::new(), reporting: Reporting::ONCE };
    assert_eq!(Plan::new(&request(none, None), NOW), Err(PlanError::NoArea));
}

#[test]
fn octets_of_a_state_by_hand() {
    let mut ldr = armed(area(true, 60));
    ldr.report(NodeReport { mark: Mark::Message(0x0102_0304_0506_0708), ..left() }, at(5)).unwrap();
    let octets = ldr.octets();
    #[rustfmt::skip]
    let expected: Vec<u8> = [
        // version 2, armed, told and multiple and a node waits, waits for leaving; at least 60 s; no interval; no amount
        &[2, 2, 137, 2, 0, 60, 0, 0, 0, 0, 0, 0, 0, 0][..],
        &NOW.micros().to_be_bytes(), &NOW.after(HOUR).micros().to_be_bytes(),
        // no try in vain; one report; no sequence; round 0; the message
        &[0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8],
        &at(5).micros().to_be_bytes(),
        // leaving is under way, nothing held, no end by the node, nothing to try again, never paused, no end by itself
        &[4, 0, 0], &[0; 8], &[0, 0], &[0; 12],
    ].concat();
    assert_eq!(octets, expected);
    assert_eq!(Ldr::from_octets(&octets), Ok(ldr));
    for cut in 0..octets.len() {
        assert!(Ldr::from_octets(&octets[..cut]).is_err(), "{cut}");
    }
    assert!(Ldr::from_octets(&[&octets[..], &[0]].concat()).is_err());
    for (place, value) in [(0, 1), (1, 5), (3, 6), (59, 9), (60, 9), (61, 11)] {
        let mut wrong = octets.clone();
        wrong[place] = value;
        assert!(Ldr::from_octets(&wrong).is_err(), "{place}");
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Wait(u16),
    Report {
        event: u8,
        sequence: u8,
        mark: u8,
    },
    Event(u8),
    /// The process dies after this many of the writes of the next event, and begins anew with what was kept.
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..2000_u16).prop_map(Step::Wait),
        4 => (0..6_u8, 0..6_u8, 1..200_u8).prop_map(|(event, sequence, mark)| Step::Report { event, sequence, mark }),
        7 => (0..18_u8).prop_map(Step::Event),
        1 => Just(Step::Crash),
    ];
    proptest::collection::vec(step, 1..60)
}

fn at_most(most: u32) -> DeferredEvent {
    let DeferredEvent::Area { event, areas, reporting } = area(true, 60) else { unreachable!() };
    DeferredEvent::Area { event, areas, reporting: Reporting { most: Some(most), ..reporting } }
}

fn kinds() -> impl Strategy<Value = (DeferredEvent, Option<Rounds>)> {
    prop_oneof![
        Just((DeferredEvent::UeAvailable, None)),
        Just((DeferredEvent::UeAvailable, Some(Rounds { interval_s: 600, amount: 3 }))),
        any::<bool>().prop_map(|multiple| (area(multiple, 60), None)),
        (2..4_u32).prop_map(|most| (at_most(most), None)),
        Just((DeferredEvent::Periodic { interval_s: 300, amount: 4 }, None)),
        Just((
            DeferredEvent::Motion { linear_distance_m: 50, reporting: Reporting { multiple: true, ..Reporting::ONCE } },
            None
        )),
    ]
}

fn event_of(code: u8) -> LdrEvent {
    match code {
        0 | 1 => LdrEvent::Due,
        2 => LdrEvent::Accepted,
        3 => LdrEvent::Declined(Failure::AbsentSubscriber),
        4 | 5 => LdrEvent::Delivered,
        6 => LdrEvent::Withheld(None),
        7 => LdrEvent::Moved,
        8 => LdrEvent::Terminated(TerminationCause::UeTermination),
        9 => LdrEvent::Cancel(EndReason::ByClient),
        10 => LdrEvent::Released,
        11 => LdrEvent::Pause(Pauser::Operator),
        12 => LdrEvent::Pause(Pauser::Subscriber),
        13 => LdrEvent::Resume(Pauser::Operator),
        14 => LdrEvent::Resume(Pauser::Subscriber),
        15 => LdrEvent::Promoted { waits: true, until: None },
        16 => LdrEvent::Promoted { waits: true, until: Some(at(1_000)) },
        _ => LdrEvent::Promoted { waits: false, until: None },
    }
}

fn reported(code: u8) -> ReportedEvent {
    match code {
        0 => ReportedEvent::UeAvailable,
        1 | 2 => ReportedEvent::Area(AreaEvent::Leaving),
        3 => ReportedEvent::Periodic,
        4 => ReportedEvent::Motion,
        _ => ReportedEvent::MaximumIntervalExpired,
    }
}

/// What a client has been told, and what must be true of it.
#[derive(Default)]
struct Client {
    reports: Vec<(u32, ReportedEvent)>,
    last_at: Option<Timestamp>,
    ended: bool,
    closed: bool,
}

impl Client {
    fn told(&mut self, ldr: &Ldr, actions: &[LdrAction], now: Timestamp) {
        for action in actions {
            match *action {
                LdrAction::Report { number, event, last } => {
                    assert!(!self.ended, "a report after the end");
                    assert!(!ldr.is_paused(), "a report in a pause");
                    if let Some(again) = self.reports.iter().find(|(told, _)| *told == number) {
                        assert_eq!(again.1, event, "the same number is the same report");
                    } else {
                        assert!(!self.closed, "a report after the last");
                        let before = self.reports.last().map_or(0, |(number, _)| *number);
                        assert_eq!(number, before + 1, "numbers go up by one");
                        if matches!(event, ReportedEvent::Area(_)) && ldr.plan.multiple {
                            let least = Duration::from_secs(60);
                            assert!(self.last_at.is_none_or(|last| now >= last.after(least)), "too early");
                        }
                        let most = if ldr.plan.node_waits_on() { ldr.plan.amount } else { 0 };
                        assert!(most == 0 || number <= most, "more than wanted");
                        self.reports.push((number, event));
                        self.last_at = Some(now);
                        self.closed = last;
                    }
                }
                LdrAction::End(_) => {
                    assert!(!self.ended, "two ends");
                    self.ended = true;
                }
                LdrAction::Paused { paused, .. } => assert!(!self.ended && paused == ldr.is_paused()),
                LdrAction::Forget => assert_eq!(ldr.phase(), Phase::Ended),
                LdrAction::Activate => assert_eq!(ldr.phase(), Phase::Activating),
                LdrAction::Release => assert!(ldr.phase() == Phase::Cancelling && !ldr.is_joined()),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn random_events_with_restarts_break_no_rule((event, rounds) in kinds(), joins: bool, steps in steps()) {
        let ldr = Ldr::new(Plan::new(&request(event, rounds), NOW).unwrap());
        let mut ldr = if joins { ldr.joining() } else { ldr };
        let (mut now, mut client) = (NOW, Client::default());
        for step in steps {
            let before = ldr;
            let actions = match step {
                Step::Wait(s) => {
                    now = now.after(Duration::from_secs(s.into()));
                    ldr.handle(LdrEvent::Due, now)
                }
                Step::Report { event, sequence, mark } => {
                    let told = NodeReport { event: reported(event), sequence: Some(sequence.into()), mark: Mark::Message(mark.into()) };
                    let done = ldr.report(told, now);
                    if matches!(done, Err(dropped) if dropped != Dropped::Paused) {
                        prop_assert_eq!(ldr, before);
                    }
                    done.unwrap_or_default()
                }
                Step::Event(code) => ldr.handle(event_of(code), now),
                Step::Crash => {
                    ldr = Ldr::from_octets(&ldr.octets()).unwrap();
                    ldr.handle(LdrEvent::Restarted, now)
                }
            };
            client.told(&ldr, &actions, now);
            prop_assert_eq!(Ldr::from_octets(&ldr.octets()), Ok(ldr));
            // Nothing stays for ever: it is over, or something is due, or a report is under way.
            let waits = ldr.deadline().is_some() || ldr.owes().is_some() || ldr.phase() == Phase::Ended;
            prop_assert!(waits, "{:?}", ldr);
        }
        // Left alone, it ends.
        for _ in 0..200 {
            if ldr.owes().is_some() {
                let actions = ldr.handle(LdrEvent::Delivered, now);
                client.told(&ldr, &actions, now);
            }
            let Some(due) = ldr.deadline() else { break };
            now = now.max(due);
            let actions = ldr.handle(LdrEvent::Due, now);
            client.told(&ldr, &actions, now);
            let answers = actions.iter().filter_map(|action| match action {
                LdrAction::Release => Some(LdrEvent::NotReleased),
                LdrAction::Activate => Some(LdrEvent::Declined(Failure::TimedOut)),
                _ => None,
            });
            for answer in answers.collect::<Vec<_>>() {
                let actions = ldr.handle(answer, now);
                client.told(&ldr, &actions, now);
            }
        }
        prop_assert!(ldr.is_over(), "{:?}", ldr);
    }
}
