//! The machine against a literal table, and the rules of when to log.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

mod support;

use mdt_log::machine::Action::*;
use mdt_log::machine::{Action, Area, Camping, Configuration, Event, KEEP_MS, Machine, Phase, Radio, Trigger};
use mdt_log::{CloseReason, Rat};
use support::phone::{OTHER_PLMN, PLMN, camped, cell, configuration};

const SECOND: u64 = 1000;

fn configured(configuration: &Configuration) -> Event {
    Event::Configure(Box::new(configuration.clone()))
}

/// A machine in a phase; with a log where there can be one.
fn machine(phase: Phase) -> Machine {
    let mut machine = Machine::default();
    machine.handle(Event::Radio(camped()), 0);
    match phase {
        Phase::Idle => {}
        Phase::OptedOut => drop(machine.handle(Event::OptOut, 0)),
        Phase::Logging | Phase::Kept => {
            machine.handle(configured(&configuration(5120, 600)), 0);
            machine.handle(Event::Logged, 0);
            if phase == Phase::Kept {
                machine.handle(Event::Tick, 600 * SECOND);
            }
        }
    }
    assert_eq!(machine.phase(), phase);
    machine
}

const AT: u64 = 601 * SECOND;

#[test]
fn every_event_in_every_phase() {
    use Phase::{Idle, Kept, Logging, OptedOut};
    let new = || configured(&configuration(5120, 600));
    let unsound = || configured(&configuration(5120, 7201));
    let close = Close(CloseReason::MemoryFull);
    // Phase, event, phase after, actions, whether a log is there after. In `Logging`, time stands at 3 s.
    let table: &[(Phase, Event, Phase, &[Action], bool)] = &[
        (Idle, new(), Logging, &[DiscardLog, Begin, Save], false),
        (Logging, new(), Logging, &[DiscardLog, Begin, Save], false),
        (Kept, new(), Logging, &[DiscardLog, Begin, Save], false),
        (OptedOut, new(), OptedOut, &[RefuseOptedOut], false),
        (Idle, unsound(), Idle, &[RefuseUnsound], false),
        (Logging, unsound(), Logging, &[RefuseUnsound], true),
        (Kept, unsound(), Kept, &[RefuseUnsound], true),
        (OptedOut, unsound(), OptedOut, &[RefuseOptedOut], false),
        (Idle, Event::ConfiguredElsewhere, Idle, &[DiscardLog, Save], false),
        (Logging, Event::ConfiguredElsewhere, Idle, &[DiscardLog, Save], false),
        (Kept, Event::ConfiguredElsewhere, Idle, &[DiscardLog, Save], false),
        (OptedOut, Event::ConfiguredElsewhere, OptedOut, &[DiscardLog, Save], false),
        (Idle, Event::PowerOff, Idle, &[DiscardAll, Save], false),
        (Logging, Event::PowerOff, Idle, &[DiscardAll, Save], false),
        (Kept, Event::PowerOff, Idle, &[DiscardAll, Save], false),
        (OptedOut, Event::PowerOff, OptedOut, &[DiscardAll, Save], false),
        (Idle, Event::Detach, Idle, &[DiscardAll, Save], false),
        (Logging, Event::Detach, Idle, &[DiscardAll, Save], false),
        (Kept, Event::Detach, Idle, &[DiscardAll, Save], false),
        (OptedOut, Event::Detach, OptedOut, &[DiscardAll, Save], false),
        (Idle, Event::Radio(Radio::UNKNOWN), Idle, &[], false),
        (Logging, Event::Radio(Radio::UNKNOWN), Logging, &[], true),
        (Kept, Event::Radio(Radio::UNKNOWN), Kept, &[], true),
        (OptedOut, Event::Radio(Radio::UNKNOWN), OptedOut, &[], false),
        (Idle, Event::Tick, Idle, &[], false),
        (Logging, Event::Tick, Logging, &[], true),
        (Kept, Event::Tick, Kept, &[], true),
        (OptedOut, Event::Tick, OptedOut, &[], false),
        (Idle, Event::Logged, Idle, &[], false),
        (Logging, Event::Logged, Logging, &[], true),
        (Kept, Event::Logged, Kept, &[], true),
        (OptedOut, Event::Logged, OptedOut, &[], false),
        (Idle, Event::Reported, Idle, &[Save], false),
        (Logging, Event::Reported, Logging, &[Save], true),
        (Kept, Event::Reported, Kept, &[Save], true),
        (Idle, Event::MemoryFull, Idle, &[], false),
        (Logging, Event::MemoryFull, Kept, &[close, Save], true),
        (Kept, Event::MemoryFull, Kept, &[], true),
        (OptedOut, Event::MemoryFull, OptedOut, &[], false),
        (Idle, Event::Delivered, Idle, &[], false),
        (Logging, Event::Delivered, Logging, &[Save], false),
        (Kept, Event::Delivered, Idle, &[Save], false),
        (OptedOut, Event::Delivered, OptedOut, &[], false),
        (Idle, Event::ReportsDelivered, Idle, &[], false),
        (Logging, Event::ReportsDelivered, Logging, &[], true),
        (Kept, Event::ReportsDelivered, Kept, &[], true),
        (OptedOut, Event::ReportsDelivered, OptedOut, &[], false),
        (Idle, Event::Clear, Idle, &[DiscardAll, Save], false),
        (Logging, Event::Clear, Logging, &[DiscardAll, Begin, Save], false),
        (Kept, Event::Clear, Idle, &[DiscardAll, Save], false),
        (OptedOut, Event::Clear, OptedOut, &[DiscardAll, Save], false),
        (Idle, Event::OptOut, OptedOut, &[DiscardAll, Save, TellRegister], false),
        (Logging, Event::OptOut, OptedOut, &[DiscardAll, Save, TellRegister], false),
        (Kept, Event::OptOut, OptedOut, &[DiscardAll, Save, TellRegister], false),
        (OptedOut, Event::OptOut, OptedOut, &[DiscardAll, Save, TellRegister], false),
        (Idle, Event::OptIn, Idle, &[], false),
        (Logging, Event::OptIn, Logging, &[], true),
        (Kept, Event::OptIn, Kept, &[], true),
        (OptedOut, Event::OptIn, Idle, &[Save], false),
        (Idle, Event::Pause(9), Idle, &[Save], false),
        (Logging, Event::Pause(9), Logging, &[Save], true),
        (Kept, Event::Pause(9), Kept, &[Save], true),
        (OptedOut, Event::Pause(9), OptedOut, &[Save], false),
        (Idle, Event::Resume, Idle, &[], false),
        (Logging, Event::Resume, Logging, &[], true),
        (Kept, Event::Resume, Kept, &[], true),
        (OptedOut, Event::Resume, OptedOut, &[], false),
        (Idle, Event::RegisterTold, Idle, &[], false),
        (Logging, Event::RegisterTold, Logging, &[], true),
        (Kept, Event::RegisterTold, Kept, &[], true),
        (OptedOut, Event::RegisterTold, OptedOut, &[Save], false),
    ];
    for (at, (phase, event, after, actions, log)) in table.iter().enumerate() {
        let mut machine = machine(*phase);
        let now = if *phase == Kept { AT } else { 3 * SECOND };
        assert_eq!(machine.handle(event.clone(), now), *actions, "actions of line {at}");
        assert_eq!((machine.phase(), machine.has_log()), (*after, *log), "line {at}");
    }
}

#[test]
fn b3_timers() {
    // T330 ends the job; 48 hours later the log goes.
    let mut machine = machine(Phase::Logging);
    machine.handle(Event::Radio(Radio::UNKNOWN), 1);
    assert_eq!(machine.handle(Event::Tick, 600 * SECOND - 1), []);
    assert_eq!(machine.handle(Event::Tick, 600 * SECOND), [Close(CloseReason::DurationOver), Save]);
    assert_eq!(machine.deadline_ms(), Some(600 * SECOND + KEEP_MS));
    assert_eq!(machine.handle(Event::Tick, 600 * SECOND + KEEP_MS - 1), []);
    assert_eq!(machine.handle(Event::Tick, 600 * SECOND + KEEP_MS), [DiscardLog, Save]);
    assert_eq!((machine.phase(), machine.has_log(), machine.deadline_ms()), (Phase::Idle, false, None));
    // Slept through both: both, in order.
    let mut machine = self::machine(Phase::Logging);
    let late = machine.handle(Event::Tick, 600 * SECOND + KEEP_MS + 5);
    assert_eq!(late, [Close(CloseReason::DurationOver), Save, DiscardLog, Save]);
    // A job without an entry leaves nothing.
    let mut machine = Machine::default();
    machine.handle(configured(&configuration(5120, 600)), 0);
    assert_eq!(machine.handle(Event::Tick, 600 * SECOND), [Close(CloseReason::DurationOver), Save]);
    assert_eq!(machine.phase(), Phase::Idle);
    // Reports of failures go 48 hours after the first.
    machine.handle(Event::Reported, 700 * SECOND);
    machine.handle(Event::Reported, 800 * SECOND);
    assert_eq!(machine.handle(Event::Tick, 700 * SECOND + KEEP_MS), [DiscardReports, Save]);
}

#[test]
fn a_clock_that_goes_back_is_taken_for_forged() {
    // Threat T22.
    let mut machine = machine(Phase::Kept);
    machine.handle(Event::Tick, AT);
    assert_eq!(machine.handle(Event::Tick, AT - 1), [DiscardAll, Save]);
    assert_eq!((machine.phase(), machine.has_log()), (Phase::Idle, false));
}

/// Runs a machine to the end of its job; relative times of what it measured, and the flag.
fn run(configuration: &Configuration, script: &[(u64, Event)]) -> Vec<(u16, bool)> {
    let mut machine = Machine::default();
    machine.handle(Event::Radio(camped()), 0);
    let mut measured = vec![];
    let mut take = |actions: Vec<Action>| {
        for action in actions {
            if let Measure { relative_s, any_cell_selection } = action {
                measured.push((relative_s, any_cell_selection));
            }
        }
    };
    take(machine.handle(configured(configuration), 0));
    let mut script = script.iter().peekable();
    loop {
        let deadline = machine.deadline_ms();
        match script.peek() {
            Some((at, event)) if deadline.is_none_or(|deadline| *at < deadline) => {
                take(machine.handle(event.clone(), *at));
                script.next();
            }
            _ => {
                let Some(deadline) = deadline else { return measured };
                take(machine.handle(Event::Tick, deadline));
                if machine.phase() != Phase::Logging {
                    return measured;
                }
            }
        }
    }
}

fn seconds(measured: &[(u16, bool)]) -> Vec<u16> {
    measured.iter().map(|(at, _)| *at).collect()
}

#[test]
fn b2_ten_minutes_at_1280_ms_are_468_entries() {
    let measured = seconds(&run(&configuration(1280, 600), &[]));
    assert_eq!(measured.len(), 468, "the first one interval after the configuration");
    assert_eq!((measured.first(), measured.last()), (Some(&1), Some(&599)));
    assert!(measured.is_sorted());
    // An entry that would fall together with the expiry is not logged.
    assert_eq!(seconds(&run(&configuration(40_960, 7200), &[])).len(), 175);
    assert_eq!(seconds(&run(&configuration(320, 600), &[])).len(), 1874);
}

fn with(change: impl FnOnce(&mut Radio)) -> Event {
    let mut radio = camped();
    change(&mut radio);
    Event::Radio(radio)
}

#[test]
fn b6_outside_the_list_of_plmns() {
    let away = with(|radio| radio.rplmn = Some(OTHER_PLMN));
    let script = [(100 * SECOND, away.clone()), (300 * SECOND, Event::Radio(camped()))];
    let measured = seconds(&run(&configuration(10_240, 600), &script));
    assert!(measured.iter().all(|at| *at < 100 || *at >= 300), "{measured:?}");
    assert!(measured.contains(&92) && measured.contains(&307), "time stamps show the gap: {measured:?}");
    // Neither flag nor report while outside.
    let mut machine = machine(Phase::Kept);
    assert!(machine.available());
    machine.handle(away, AT);
    assert!(!machine.available());
    machine.handle(Event::Radio(camped()), AT);
    assert!(machine.available());
    // The list names both: both.
    let mut both = configuration(10_240, 600);
    both.plmns.push(OTHER_PLMN.into());
    assert_eq!(seconds(&run(&both, &script)).len(), 58);
}

#[test]
fn b7_outside_the_area() {
    let third = with(|radio| radio.cell = Some(cell(3)));
    let mut job = configuration(10_240, 600);
    job.area = Area::Cells(vec![cell(1), cell(2)]);
    let script = [(0, third.clone()), (400 * SECOND, with(|radio| radio.cell = Some(cell(2))))];
    let measured = seconds(&run(&job, &script));
    assert_eq!(measured.first(), Some(&409), "the job is kept and goes on");
    job.area = Area::TrackingAreas(vec![7]);
    let script = [(0, with(|radio| radio.tracking_area = Some(8))), (400 * SECOND, third)];
    assert_eq!(seconds(&run(&job, &script)).first(), Some(&409), "any cell of the tracking area");
    let script = [(0, with(|radio| radio.tracking_area = None))];
    assert_eq!(run(&job, &script), []);
}

#[test]
fn b10_any_cell_selection_is_marked() {
    let out = with(|radio| radio.camping = Camping::AnyCellSelection);
    let script = [(100 * SECOND, out), (200 * SECOND, Event::Radio(camped()))];
    let measured = run(&configuration(10_240, 600), &script);
    assert!(measured.iter().all(|(at, out)| *out == (100..200).contains(at)), "{measured:?}");
    assert_eq!(measured.len(), 58);
}

#[test]
fn out_of_coverage_logs_without_cover_and_on_the_way_back() {
    let out = with(|radio| radio.camping = Camping::AnyCellSelection);
    let script = [(100 * SECOND, out), (200 * SECOND, Event::Radio(camped()))];
    let mut job = configuration(30_720, 600);
    job.trigger = Trigger::OutOfCoverage;
    assert_eq!(run(&job, &script), [(122, true), (153, true), (184, true), (200, false)]);
    job.job.interval_ms = 0;
    assert!(job.is_sound());
    assert_eq!(run(&job, &script), [(100, true), (200, false)], "an interval of infinity");
}

#[test]
fn b9_event_l1_with_hysteresis_and_time_to_trigger() {
    let quality = |value| with(|radio| radio.quality_half = Some(value));
    let mut job = configuration(1280, 600);
    // -110 dBm, 2 dB, 640 ms, in halves of a dB.
    job.trigger = Trigger::EventL1 { threshold_half: -220, hysteresis_half: 4, time_to_trigger_ms: 640 };
    let script = [
        (0, quality(-200)),
        (50 * SECOND, quality(-222)),  // worse than the threshold, within the hysteresis
        (100 * SECOND, quality(-226)), // worse than both
        (200 * SECOND, quality(-218)), // better, within the hysteresis
        (300 * SECOND, quality(-214)), // better than both
        (400 * SECOND, quality(-226)),
        (400 * SECOND + 100, quality(-200)), // not for long enough
    ];
    let measured = seconds(&run(&job, &script));
    let (first, last) = (*measured.first().unwrap(), *measured.last().unwrap());
    assert!((100..=103).contains(&first) && (298..=302).contains(&last), "{first} to {last}");
    assert!(measured.len().abs_diff(200_000 / 1280) <= 1);
}

#[test]
fn nothing_is_logged_connected_on_an_acceptable_cell_or_in_another_technology() {
    for radio in [
        with(|radio| radio.camping = Camping::Connected),
        with(|radio| radio.camping = Camping::OnAnyCell),
        with(|radio| radio.rat = Rat::Eutra),
        with(|radio| radio.rplmn = None),
    ] {
        assert_eq!(run(&configuration(1280, 600), &[(0, radio)]), []);
    }
}

#[test]
fn b17_a_pause_is_silent_and_ends_by_itself() {
    let script = [(100 * SECOND, Event::Pause(200 * SECOND))];
    let measured = seconds(&run(&configuration(10_240, 600), &script));
    assert!(measured.iter().all(|at| *at < 100 || *at >= 300), "{measured:?}");
    assert_eq!(measured.len(), 58 - 20);
    let script = [(100 * SECOND, Event::Pause(500 * SECOND)), (120 * SECOND, Event::Resume)];
    assert_eq!(seconds(&run(&configuration(10_240, 600), &script)).len(), 56);
    // It is not an opt-out, and nobody is told.
    let mut machine = machine(Phase::Logging);
    assert_eq!(machine.handle(Event::Pause(SECOND), 1), [Save]);
    assert!(!machine.must_tell_register());
}

#[test]
fn ranges_of_a_configuration() {
    let sound = configuration(5120, 7200);
    assert!(sound.is_sound());
    let changes: &[fn(&mut Configuration)] = &[
        |c| c.job.duration_s = 0,
        |c| c.job.duration_s = 7201,
        |c| c.job.interval_ms = 0,
        |c| c.job.interval_ms = 319,
        |c| c.job.interval_ms = 61_441,
        |c| c.area = Area::Cells(vec![]),
        |c| c.area = Area::Cells(vec![cell(1); 33]),
        |c| c.area = Area::TrackingAreas(vec![1; 9]),
        |c| c.plmns = vec![PLMN.into(); 17],
        |c| c.trigger = Trigger::EventL1 { threshold_half: 0, hysteresis_half: 31, time_to_trigger_ms: 0 },
        |c| c.trigger = Trigger::EventL1 { threshold_half: 0, hysteresis_half: 0, time_to_trigger_ms: 5121 },
    ];
    for (at, change) in changes.iter().enumerate() {
        let mut changed = sound.clone();
        change(&mut changed);
        assert!(!changed.is_sound(), "change {at}");
    }
}
