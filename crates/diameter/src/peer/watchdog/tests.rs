use super::WatchdogAction::{AttemptOpen, CloseConnection, Failback, Failover, SendWatchdog, Throwaway};
use super::WatchdogEvent::{ConnectionDown, ConnectionUp, ReceiveDwa, ReceiveNonDwa, TimerExpires};
use super::WatchdogState::{Down, Initial, Okay, Reopen, Suspect};
use super::*;

/// A random number whose jitter is zero.
const STEADY: u32 = 2000;

const fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Everything a watchdog remembers but its timer.
type Memory = (WatchdogState, bool, i8);

/// State before, event, actions, state after, whether the timer is set again.
type Row = (Memory, WatchdogEvent, &'static [WatchdogAction], Memory, bool);

/// RFC 3539 Appendix A, each row for each value of what it leaves open. Pending is cleared when a connection ends.
const TABLE: &[Row] = &[
    ((Initial, false, 0), ConnectionUp, &[], (Okay, false, 0), true),
    ((Initial, false, 0), ConnectionDown, &[], (Initial, false, 0), false),
    ((Initial, false, 0), ReceiveDwa, &[Throwaway], (Initial, false, 0), false),
    ((Initial, false, 0), ReceiveNonDwa, &[Throwaway], (Initial, false, 0), false),
    ((Initial, false, 0), TimerExpires, &[AttemptOpen], (Initial, false, 0), true),
    ((Okay, false, 0), ConnectionUp, &[], (Okay, false, 0), false),
    ((Okay, false, 0), ConnectionDown, &[CloseConnection, Failover], (Down, false, 0), true),
    ((Okay, false, 0), ReceiveDwa, &[], (Okay, false, 0), true),
    ((Okay, false, 0), ReceiveNonDwa, &[], (Okay, false, 0), true),
    ((Okay, false, 0), TimerExpires, &[SendWatchdog], (Okay, true, 0), true),
    ((Okay, true, 0), ConnectionUp, &[], (Okay, true, 0), false),
    ((Okay, true, 0), ConnectionDown, &[CloseConnection, Failover], (Down, false, 0), true),
    ((Okay, true, 0), ReceiveDwa, &[], (Okay, false, 0), true),
    ((Okay, true, 0), ReceiveNonDwa, &[], (Okay, true, 0), true),
    ((Okay, true, 0), TimerExpires, &[Failover], (Suspect, true, 0), true),
    ((Suspect, true, 0), ConnectionUp, &[], (Suspect, true, 0), false),
    ((Suspect, true, 0), ConnectionDown, &[CloseConnection], (Down, false, 0), true),
    ((Suspect, true, 0), ReceiveDwa, &[Failback], (Okay, false, 0), true),
    // Appendix A keeps Pending here; see the deviation at `receive_non_dwa`.
    ((Suspect, true, 0), ReceiveNonDwa, &[Failback], (Okay, false, 0), true),
    ((Suspect, true, 0), TimerExpires, &[CloseConnection], (Down, false, 0), true),
    ((Down, false, 0), ConnectionUp, &[SendWatchdog], (Reopen, true, 0), true),
    ((Down, false, 0), ConnectionDown, &[], (Down, false, 0), false),
    ((Down, false, 0), ReceiveDwa, &[Throwaway], (Down, false, 0), false),
    ((Down, false, 0), ReceiveNonDwa, &[Throwaway], (Down, false, 0), false),
    ((Down, false, 0), TimerExpires, &[AttemptOpen], (Down, false, 0), true),
    ((Reopen, true, 0), ConnectionUp, &[], (Reopen, true, 0), false),
    ((Reopen, true, 0), ConnectionDown, &[CloseConnection], (Down, false, 0), true),
    ((Reopen, true, 0), ReceiveDwa, &[], (Reopen, false, 1), false),
    ((Reopen, true, 1), ReceiveDwa, &[], (Reopen, false, 2), false),
    ((Reopen, true, 2), ReceiveDwa, &[Failback], (Okay, false, 3), false),
    ((Reopen, true, -1), ReceiveDwa, &[], (Reopen, false, 0), false),
    ((Reopen, true, 0), ReceiveNonDwa, &[Throwaway], (Reopen, true, 0), false),
    ((Reopen, false, 1), ReceiveNonDwa, &[Throwaway], (Reopen, false, 1), false),
    ((Reopen, false, 1), TimerExpires, &[SendWatchdog], (Reopen, true, 1), true),
    ((Reopen, false, 2), TimerExpires, &[SendWatchdog], (Reopen, true, 2), true),
    ((Reopen, true, 0), TimerExpires, &[], (Reopen, true, -1), true),
    ((Reopen, true, 1), TimerExpires, &[], (Reopen, true, -1), true),
    ((Reopen, true, 2), TimerExpires, &[], (Reopen, true, -1), true),
    ((Reopen, true, -1), TimerExpires, &[CloseConnection], (Down, false, -1), true),
];

#[test]
fn every_row_of_appendix_a_holds() {
    for &((state, pending, num_dwa), event, actions, after, set) in TABLE {
        let config = WatchdogConfig::default();
        let mut watchdog = Watchdog { config, state, pending, num_dwa, deadline: at(40) };
        let now = if event == TimerExpires { at(40) } else { at(35) };
        let what = format!("{state:?} pending={pending} {num_dwa} {event:?}");
        assert_eq!(watchdog.handle(event, now, STEADY), actions, "{what}");
        assert_eq!((watchdog.state, watchdog.pending, watchdog.num_dwa), after, "{what}");
        let deadline = if set { now + at(30) } else { at(40) };
        assert_eq!(watchdog.deadline(), deadline, "{what}");
    }
    for state in [Initial, Okay, Suspect, Down, Reopen] {
        for event in [ConnectionUp, ConnectionDown, ReceiveDwa, ReceiveNonDwa, TimerExpires] {
            assert!(TABLE.iter().any(|row| row.0.0 == state && row.1 == event), "{state:?} {event:?} has no row");
        }
    }
}

#[test]
fn a_timer_that_has_not_run_out_does_nothing() {
    let mut watchdog = Watchdog::new(WatchdogConfig::default(), at(0), STEADY);
    watchdog.handle(ConnectionUp, at(0), STEADY);
    assert_eq!(watchdog.handle(TimerExpires, at(29), STEADY), []);
    assert_eq!(watchdog.handle(TimerExpires, at(30), STEADY), [SendWatchdog]);
}

/// RFC 3539 section 3.4.1: Tw is jittered by two seconds either way and never below six.
#[test]
fn jitter_stays_within_two_seconds() {
    for random in (0..4001).chain([u32::MAX, u32::MAX - 1]) {
        let deadline = Watchdog::new(WatchdogConfig::default(), at(0), random).deadline();
        assert!(deadline >= at(28) && deadline <= at(32), "{random}: {deadline:?}");
    }
    let short = WatchdogConfig { tw: at(1), ..WatchdogConfig::default() };
    assert_eq!(Watchdog::new(short, at(0), 0).deadline(), at(4));
    assert_eq!(Watchdog::new(short, at(0), 4000).deadline(), at(8));
}

/// A peer falls silent, is dropped, comes back, and has to answer three watchdogs.
#[test]
fn silence_fails_over_then_closes_and_three_answers_bring_the_peer_back() {
    let mut watchdog = Watchdog::new(WatchdogConfig::default(), at(0), STEADY);
    watchdog.handle(ConnectionUp, at(0), STEADY);
    let mut now = at(0);
    let mut seen = Vec::new();
    while watchdog.state() != Down {
        now = watchdog.deadline();
        seen.extend_from_slice(watchdog.handle(TimerExpires, now, STEADY));
    }
    assert_eq!((now, seen), (at(90), vec![SendWatchdog, Failover, CloseConnection]));

    assert_eq!(watchdog.handle(ConnectionUp, now, STEADY), [SendWatchdog]);
    for _ in 0..2 {
        assert_eq!(watchdog.handle(ReceiveDwa, now, STEADY), []);
        assert!(!watchdog.is_usable());
        now = watchdog.deadline();
        assert_eq!(watchdog.handle(TimerExpires, now, STEADY), [SendWatchdog]);
    }
    assert_eq!(watchdog.handle(ReceiveDwa, now, STEADY), [Failback]);
    assert!(watchdog.is_usable());
    assert_eq!(now, at(150));
}

#[test]
fn prompt_reopening_takes_three_round_trips() {
    let config = WatchdogConfig { prompt_reopen: true, ..WatchdogConfig::default() };
    let mut watchdog = Watchdog { config, state: Down, pending: false, num_dwa: 0, deadline: at(40) };
    assert_eq!(watchdog.handle(ConnectionUp, at(10), STEADY), [SendWatchdog]);
    assert_eq!(watchdog.handle(ReceiveDwa, at(10), STEADY), [SendWatchdog]);
    assert_eq!(watchdog.handle(ReceiveDwa, at(10), STEADY), [SendWatchdog]);
    assert_eq!(watchdog.handle(ReceiveDwa, at(10), STEADY), [Failback]);
    assert_eq!(watchdog.state(), Okay);
}

#[test]
fn a_close_in_good_order_leaves_no_grudge() {
    let mut watchdog = Watchdog::new(WatchdogConfig::default(), at(0), STEADY);
    watchdog.handle(ConnectionUp, at(0), STEADY);
    watchdog.reset(at(5), STEADY);
    assert_eq!(watchdog.handle(ConnectionUp, at(6), STEADY), []);
    assert_eq!(watchdog.state(), Okay);
}

/// Two idle peers, one lost DWA: the connection is suspected once and then left alone.
#[test]
fn one_lost_answer_does_not_make_a_connection_flap() {
    let mut watchdog = Watchdog::new(WatchdogConfig::default(), at(0), STEADY);
    watchdog.handle(ConnectionUp, at(0), STEADY);
    assert_eq!(watchdog.handle(TimerExpires, at(30), STEADY), [SendWatchdog]);
    assert_eq!(watchdog.handle(TimerExpires, at(60), STEADY), [Failover]);
    // The watchdog of the other side shows that it lives.
    assert_eq!(watchdog.handle(ReceiveNonDwa, at(61), STEADY), [Failback]);
    assert_eq!(watchdog.handle(TimerExpires, at(91), STEADY), [SendWatchdog]);
    assert_eq!(watchdog.handle(ReceiveDwa, at(91), STEADY), []);
    assert_eq!(watchdog.handle(TimerExpires, at(121), STEADY), [SendWatchdog]);
}
