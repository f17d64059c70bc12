//! Any octets as the state of a deferred request: read or refused; what is read is written the same, and runs its course without harm.
#![no_main]

use gmlc::{Dropped, Ldr, LdrAction, LdrEvent, Mark, NodeReport, Pauser, Phase, ReportedEvent};
use lcs::{AreaEvent, Failure, TerminationCause, Timestamp};
use libfuzzer_sys::fuzz_target;

/// Octets of a state; those after it are what happens to it.
const STATE: usize = 84;

fn event(code: u8, until: Timestamp) -> LdrEvent {
    let by = if code & 0x80 == 0 { Pauser::Operator } else { Pauser::Subscriber };
    match code & 0x0F {
        0 => LdrEvent::Accepted,
        1 => LdrEvent::Declined(Failure::AbsentSubscriber),
        2 => LdrEvent::Declined(Failure::PositioningDenied),
        3 => LdrEvent::Activated,
        4 => LdrEvent::Delivered,
        5 => LdrEvent::Withheld(None),
        6 => LdrEvent::Terminated(TerminationCause::UeTermination),
        7 => LdrEvent::Moved,
        8 => LdrEvent::Cancel(gmlc::EndReason::ByClient),
        9 => LdrEvent::Released,
        10 => LdrEvent::NotReleased,
        11 => LdrEvent::Pause(by),
        12 => LdrEvent::Resume(by),
        13 => LdrEvent::Promoted { waits: code & 0x80 == 0, until: Some(until) },
        14 => LdrEvent::Restarted,
        _ => LdrEvent::Due,
    }
}

fn reported(code: u8) -> ReportedEvent {
    match code % 8 {
        0 => ReportedEvent::UeAvailable,
        1 => ReportedEvent::Area(AreaEvent::Entering),
        2 => ReportedEvent::Area(AreaEvent::Leaving),
        3 => ReportedEvent::Area(AreaEvent::Inside),
        4 => ReportedEvent::Periodic,
        5 => ReportedEvent::Motion,
        6 => ReportedEvent::MaximumIntervalExpired,
        _ => ReportedEvent::NotAvailable,
    }
}

fn mark(code: u8) -> Mark {
    match code % 3 {
        0 => Mark::None,
        1 => Mark::Message(u64::from(code)),
        _ => Mark::Words(u64::from(code)),
    }
}

fuzz_target!(|data: &[u8]| {
    let (octets, happens) = data.split_at_checked(STATE).unwrap_or((data, &[]));
    let Ok(mut ldr) = Ldr::from_octets(octets) else { return };
    assert_eq!(ldr.octets(), octets);
    let mut now = Timestamp::from_secs(1_000_000);
    for code in happens {
        let over = ldr.is_over();
        let actions = match code & 0x10 {
            0 => ldr.handle(event(*code, now), now),
            _ => {
                now = ldr.deadline().map_or(now, |due| now.max(due));
                let told = NodeReport { event: reported(code >> 5), sequence: None, mark: mark(*code) };
                let before = ldr;
                let done = ldr.report(told, now);
                assert!(!matches!(done, Err(dropped) if dropped != Dropped::Paused) || ldr == before);
                done.unwrap_or_default()
            }
        };
        let told = |action: &LdrAction| {
            matches!(action, LdrAction::Report { .. } | LdrAction::Paused { .. } | LdrAction::End(_))
        };
        assert!(!over || *code & 0x0F == 14 || !actions.iter().any(told), "told after the end");
        assert_eq!(Ldr::from_octets(&ldr.octets()), Ok(ldr));
        if ldr.phase() == Phase::Ended {
            assert_eq!(ldr.deadline(), None);
        }
    }
});
