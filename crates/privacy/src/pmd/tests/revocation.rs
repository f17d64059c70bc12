//! Revocation: what dies, what lives, what comes after, and how long a record counts.

use super::super::{AuditCause, PseudonymKey, RevocationRecord, RevocationScope, Revocations, RevokeError};
use super::{DAY_S, FLEET, NOW, Pmd, ROTATION_S, SHOP, given, key, later, other_key, over, pmd, resolves};
use crate::AssignError;
use crate::testing::{both, by_msisdn, imsi, msisdn};
use lcs::{Duration, Identities, Msisdn, Pseudonym, Timestamp};
use std::collections::HashSet;
use std::sync::Arc;

/// Longest time that a revocation counts, seconds: the lifetime and what clocks differ.
const COUNTS_S: u64 = ROTATION_S + DAY_S + 600;

fn somebody_else() -> Identities {
    Identities { msisdn: Some(Msisdn::parse("491700000002").unwrap()), ..Identities::default() }
}

/// The four pairs of two subscribers and two clients, and their pseudonyms.
fn four(pmd: &Pmd, now: Timestamp) -> Vec<(Identities, &'static str, Pseudonym)> {
    let pairs = [(both(), FLEET), (both(), SHOP), (somebody_else(), FLEET), (somebody_else(), SHOP)];
    pairs.map(|(who, client)| (who, client, pmd.assign(&who, client, now).unwrap())).into()
}

#[test]
fn each_kind_of_revocation_ends_what_it_names_and_nothing_else() {
    type Revoke = fn(&Pmd);
    let table: [(&str, Revoke, [bool; 4]); 5] = [
        ("pair", |p| drop(p.revocations().revoke_pair(&both(), FLEET, NOW).unwrap()), [false, true, true, true]),
        ("subscriber", |p| drop(p.revocations().revoke_subscriber(&both(), NOW).unwrap()), [false, false, true, true]),
        ("client", |p| drop(p.revocations().revoke_client(FLEET, NOW).unwrap()), [false, true, false, true]),
        ("key", |p| drop(p.revocations().revoke_key(7, NOW).unwrap()), [false; 4]),
        ("another key", |p| drop(p.revocations().revoke_key(71, NOW).unwrap()), [true; 4]),
    ];
    for (what, revoke, live) in table {
        let pmd = over(
            &[key(), PseudonymKey { from: key().from.before(Duration::from_secs(1)), ..other_key(8) }],
            &Arc::default(),
        );
        let before = four(&pmd, NOW);
        revoke(&pmd);
        let after = four(&pmd, NOW);
        for (at, (who, client, shown)) in before.iter().enumerate() {
            assert_eq!(resolves(&pmd, shown, client, NOW), live[at].then_some(*who), "{what} {at}");
            assert_eq!(after[at].2 == *shown, live[at], "{what} {at}: a new one is assigned if the old is dead");
            assert_eq!(resolves(&pmd, &after[at].2, client, NOW), Some(*who), "{what} {at}: the new one resolves");
        }
    }
}

#[test]
fn revoked_again_and_again_each_is_new_and_only_the_last_resolves() {
    let pmd = pmd();
    let revocations = pmd.revocations();
    let mut seen = HashSet::from([given(&pmd, NOW)]);
    for round in 0_u32..60 {
        match round % 4 {
            0 => drop(revocations.revoke_pair(&both(), FLEET, NOW).unwrap()),
            1 => drop(revocations.revoke_subscriber(&by_msisdn(), NOW).unwrap()),
            2 => drop(revocations.revoke_client(FLEET, NOW).unwrap()),
            _ => drop(revocations.revoke_pair(&by_msisdn(), FLEET, NOW).unwrap()),
        }
        let new = given(&pmd, NOW);
        assert!(seen.iter().all(|old| resolves(&pmd, old, FLEET, NOW).is_none()), "round {round}");
        assert_eq!(resolves(&pmd, &new, FLEET, NOW), Some(both()));
        assert!(seen.insert(new), "round {round}");
    }
}

#[test]
fn one_identity_is_enough_to_revoke() {
    let by_imsi = Identities { imsi: Some(imsi()), ..Identities::default() };
    for known in [by_imsi, by_msisdn(), both()] {
        let pmd = pmd();
        let shown = given(&pmd, NOW);
        let records = pmd.revocations().revoke_pair(&known, FLEET, NOW).unwrap();
        assert_eq!(records.len(), usize::from(known.imsi.is_some()) + usize::from(known.msisdn.is_some()));
        assert_eq!(pmd.resolve_for_audit(&shown, FLEET, NOW).1, Some(AuditCause::Revoked));
    }
    let nobody = Identities::default();
    assert_eq!(pmd().revocations().revoke_pair(&nobody, FLEET, NOW), Err(RevokeError::NoVerinym));
    assert_eq!(pmd().revocations().revoke_subscriber(&nobody, NOW), Err(RevokeError::NoVerinym));
}

#[test]
fn a_revoked_key_assigns_nothing_and_a_former_one_steps_in() {
    let former = PseudonymKey { from: key().from.before(Duration::from_secs(1)), ..other_key(8) };
    let alone = pmd();
    alone.revocations().revoke_key(7, NOW).unwrap();
    assert_eq!(alone.assign(&both(), FLEET, NOW), Err(AssignError::NoKey));
    let pmd = over(&[key(), former], alone.revocations());
    assert_eq!(resolves(&pmd, &given(&pmd, NOW), FLEET, NOW), Some(both()));
    // Every id has a bit of its own.
    let all = Revocations::default();
    for id in 0..=255 {
        assert!(!all.view().unwrap().key_is_revoked(id));
        all.revoke_key(id, NOW).unwrap();
        assert!(all.view().unwrap().key_is_revoked(id));
    }
}

#[test]
fn records_restore_the_same_state_in_any_order_and_twice() {
    let pmd = pmd();
    let revocations = pmd.revocations();
    let mut records: Vec<RevocationRecord> = Vec::new();
    for now in [NOW, later(60), later(120)] {
        records.extend(revocations.revoke_pair(&both(), FLEET, now).unwrap());
        records.extend(revocations.revoke_subscriber(&somebody_else(), now).unwrap());
        records.push(revocations.revoke_client(SHOP, now).unwrap());
    }
    records.push(revocations.revoke_key(9, NOW).unwrap());
    let one = RevocationScope::MsisdnAtClient(msisdn(), FLEET.into());
    assert!(records.contains(&RevocationRecord { scope: one, count: 3, at: later(120) }));
    let (mut back, twice) = (records.clone(), [records.clone(), records.clone()].concat());
    back.reverse();
    for order in [records, back, twice] {
        let restored: Arc<Revocations> = Arc::default();
        order.iter().for_each(|record| restored.apply(record).unwrap());
        assert_eq!(restored.len(), revocations.len());
        assert!(restored.view().unwrap().key_is_revoked(9));
        assert_eq!(four(&over(&[key()], &restored), later(200)), four(&pmd, later(200)));
    }
}

#[test]
fn a_record_that_cannot_be_counted_refuses() {
    let pmd = pmd();
    let shown = given(&pmd, NOW);
    for scope in [RevocationScope::Msisdn(msisdn()), RevocationScope::Client(FLEET.into())] {
        pmd.revocations().apply(&RevocationRecord { scope, count: u32::MAX, at: NOW }).unwrap();
    }
    assert_eq!(pmd.assign(&both(), FLEET, NOW), Err(AssignError::Unavailable));
    assert_eq!(pmd.resolve_for_audit(&shown, FLEET, NOW).1, Some(AuditCause::Unavailable));
    assert_eq!(pmd.revocations().revoke_client(FLEET, NOW), Err(RevokeError::Unavailable));
}

#[test]
fn a_revocation_counts_for_what_was_assigned_before_and_is_forgotten_after() {
    let pmd = pmd();
    let old = given(&pmd, NOW);
    pmd.revocations().revoke_pair(&both(), FLEET, NOW).unwrap();
    let new = given(&pmd, NOW);
    // The next period has the pseudonym that it would have without any revocation.
    let next = later(ROTATION_S);
    assert_eq!(given(&pmd, next), given(&super::pmd(), next));
    // What the old was revoked by stays until the old has expired for whatever clock.
    assert_eq!(pmd.prune(later(COUNTS_S)), Ok(vec![]));
    assert_eq!(resolves(&pmd, &old, FLEET, NOW), None);
    assert_eq!(resolves(&pmd, &new, FLEET, NOW), Some(both()));
    let gone: HashSet<RevocationScope> = pmd.prune(later(COUNTS_S + 1)).unwrap().into_iter().collect();
    let pair =
        [RevocationScope::ImsiAtClient(imsi(), FLEET.into()), RevocationScope::MsisdnAtClient(msisdn(), FLEET.into())];
    assert_eq!(gone, HashSet::from(pair));
    assert!(pmd.revocations().is_empty());
    assert_eq!(resolves(&pmd, &old, FLEET, later(COUNTS_S + 1)), None);
}

#[test]
fn a_gateway_whose_clock_is_ahead_gave_a_pseudonym_of_the_next_period_that_is_revoked_too() {
    let pmd = pmd();
    let next_s = (NOW.secs() / ROTATION_S + 1) * ROTATION_S;
    let before = Timestamp::from_secs(next_s - 600);
    let early = given(&pmd, Timestamp::from_secs(next_s));
    pmd.revocations().revoke_pair(&both(), FLEET, before).unwrap();
    assert_eq!(resolves(&pmd, &early, FLEET, Timestamp::from_secs(next_s + 5)), None);
    assert_ne!(given(&pmd, Timestamp::from_secs(next_s + 5)), early);
}

#[test]
fn every_kind_is_forgotten_but_a_key() {
    let pmd = pmd();
    let revocations = pmd.revocations();
    revocations.revoke_pair(&both(), FLEET, NOW).unwrap();
    revocations.revoke_subscriber(&both(), NOW).unwrap();
    revocations.revoke_client(FLEET, NOW).unwrap();
    revocations.revoke_client(SHOP, later(10)).unwrap();
    revocations.revoke_key(9, NOW).unwrap();
    assert_eq!(revocations.len(), 6);
    assert_eq!(pmd.prune(later(COUNTS_S + 1)).unwrap().len(), 5);
    assert_eq!(revocations.len(), 1);
    assert_eq!(pmd.prune(later(COUNTS_S + 11)), Ok(vec![RevocationScope::Client(SHOP.into())]));
    assert!(revocations.is_empty() && revocations.view().unwrap().key_is_revoked(9));
}
