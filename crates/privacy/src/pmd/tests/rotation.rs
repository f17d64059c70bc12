//! Rotation by time and from key to key, by a moved clock.

use super::super::{AuditCause, PseudonymKey, Term};
use super::{DAY_S, FLEET, NOW, ROTATION_S, given, key, later, made, other_key, pmd, resolves};
use crate::AssignError;
use crate::testing::both;
use lcs::{Duration, Timestamp};

/// Start of the period that [`NOW`] lies in, and of the next.
const START_S: u64 = NOW.secs() / ROTATION_S * ROTATION_S;
const NEXT_S: u64 = START_S + ROTATION_S;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_secs(seconds)
}

#[test]
fn one_pseudonym_through_a_period_and_another_in_the_next() {
    let pmd = pmd();
    let last_instant = Timestamp::from_micros(at(NEXT_S).micros() - 1);
    assert_eq!(given(&pmd, at(START_S)), given(&pmd, NOW));
    assert_eq!(given(&pmd, NOW), given(&pmd, last_instant));
    assert_ne!(given(&pmd, last_instant), given(&pmd, at(NEXT_S)));
    assert_eq!(pmd.term(NOW), Some(Term { rotates: at(NEXT_S), ends: at(NEXT_S + DAY_S) }));
}

#[test]
fn the_former_resolves_through_the_overlap_and_not_after() {
    let pmd = pmd();
    let former = given(&pmd, NOW);
    let end = at(NEXT_S + DAY_S);
    for now in [at(START_S), NOW, at(NEXT_S), Timestamp::from_micros(end.micros() - 1)] {
        assert_eq!(resolves(&pmd, &former, FLEET, now), Some(both()));
    }
    for now in [end, later(365 * DAY_S), Timestamp::from_micros(u64::MAX)] {
        assert_eq!(resolves(&pmd, &former, FLEET, now), None);
    }
}

#[test]
fn clocks_may_differ_by_ten_minutes() {
    let pmd = pmd();
    let early = given(&pmd, at(NEXT_S));
    assert_eq!(resolves(&pmd, &early, FLEET, at(NEXT_S - 600)), Some(both()));
    assert_eq!(pmd.resolve_for_audit(&early, FLEET, at(NEXT_S - 601)).1, Some(AuditCause::Time));
}

#[test]
fn the_key_that_began_last_assigns_and_the_former_resolves_until_its_end() {
    // Both within the period, so that only the key changes.
    let change = later(2 * DAY_S);
    let end = later(6 * DAY_S);
    let old = PseudonymKey { until: end, ..key() };
    let new = PseudonymKey { from: change, ..other_key(8) };
    // Whatever the order in the file.
    for keys in [[old.clone(), new.clone()], [new, old]] {
        let pmd = made(&keys).unwrap();
        let before = Timestamp::from_micros(change.micros() - 1);
        let (under_old, under_new) = (given(&pmd, before), given(&pmd, change));
        assert_eq!(under_old, given(&pmd, NOW));
        assert_ne!(under_old.expose()[..3], under_new.expose()[..3], "the id of the key");
        assert_eq!(pmd.term(NOW).map(|term| term.rotates), Some(change));
        for now in [change, Timestamp::from_micros(end.micros() - 1)] {
            assert_eq!(given(&pmd, now).expose()[..3], under_new.expose()[..3]);
            assert_eq!(resolves(&pmd, &under_old, FLEET, now), Some(both()));
        }
        assert_eq!(pmd.resolve_for_audit(&under_old, FLEET, end).1, Some(AuditCause::Key));
        assert_eq!(resolves(&pmd, &under_new, FLEET, change), Some(both()));
        // Another gateway, whose clock is behind.
        assert_eq!(resolves(&pmd, &under_new, FLEET, before), Some(both()));
    }
}

#[test]
fn keys_may_rotate_at_different_paces() {
    let weekly = PseudonymKey { rotation: Duration::from_secs(7 * DAY_S), from: later(DAY_S), ..other_key(8) };
    let pmd = made(&[key(), weekly]).unwrap();
    let (monthly, weekly) = (given(&pmd, NOW), given(&pmd, later(DAY_S)));
    assert_eq!(resolves(&pmd, &monthly, FLEET, at(NEXT_S + DAY_S - 1)), Some(both()));
    assert_eq!(resolves(&pmd, &monthly, FLEET, at(NEXT_S + DAY_S)), None);
    assert_eq!(resolves(&pmd, &weekly, FLEET, later(2 * DAY_S)), Some(both()));
    assert_eq!(resolves(&pmd, &weekly, FLEET, later(16 * DAY_S)), None);
}

#[test]
fn no_key_in_force_no_pseudonym() {
    let only = PseudonymKey { from: NOW, until: later(DAY_S), ..key() };
    let pmd = made(&[only]).unwrap();
    assert_eq!(pmd.assign(&both(), FLEET, Timestamp::from_micros(NOW.micros() - 1)), Err(AssignError::NoKey));
    assert_eq!(pmd.assign(&both(), FLEET, later(DAY_S)), Err(AssignError::NoKey));
    assert_eq!(pmd.term(later(DAY_S)), None);
    assert_eq!(pmd.term(NOW), Some(Term { rotates: later(DAY_S), ends: later(DAY_S) }));
    given(&pmd, NOW);
}
