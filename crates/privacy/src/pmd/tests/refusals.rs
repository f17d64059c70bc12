//! Every way in which a pseudonym is wrong: one answer, the same work.

use super::super::meter::Work;
use super::super::{AuditCause, PseudonymKey, Unresolved};
use super::{
    DAY_S, FLEET, NOW, Pmd, ROTATION_S, Realm, SHOP, given, key, later, made, other_key, over, pmd, pseudonym, realm,
};
use crate::testing::both;
use lcs::{Duration, Failure, Pseudonym, RefusalReason, Timestamp};
use std::sync::Arc;

/// A PMD, what is shown to it by whom and when, and what is wrong.
struct Wrong {
    what: &'static str,
    pmd: Pmd,
    shown: Pseudonym,
    client: &'static str,
    now: Timestamp,
    cause: AuditCause,
}

fn edited(edit: impl Fn(&mut String)) -> Pseudonym {
    let mut text = given(&pmd(), NOW).expose().to_owned();
    edit(&mut text);
    pseudonym(text)
}

/// A genuine text with one character of the opaque part replaced.
fn with_character(at: usize, character: &str) -> Pseudonym {
    edited(|text| text.replace_range(at..=at, character))
}

fn malformed() -> Vec<(&'static str, Pseudonym)> {
    vec![
        ("one character", pseudonym("A")),
        ("another format", pseudonym("k7-1234567890")),
        ("truncated by one", edited(|text| text.replace_range(55..56, ""))),
        ("truncated to the opaque part", edited(|text| text.truncate(56))),
        ("truncated within it", edited(|text| text.truncate(30))),
        ("nothing before the realm", edited(|text| text.replace_range(..56, ""))),
        ("one character more", edited(|text| text.insert(56, 'A'))),
        ("not of the alphabet", with_character(20, "+")),
        ("padding", with_character(55, "=")),
        ("a blank", with_character(40, " ")),
        ("not ASCII", edited(|text| text.replace_range(10..12, "é"))),
        ("another separator", with_character(56, "#")),
        ("another version", with_character(1, "g")),
        ("version 0", edited(|text| text.replace_range(..2, "AA"))),
        ("of greatest length", pseudonym("A".repeat(512))),
    ]
}

fn of_another_realm() -> Vec<(&'static str, Pseudonym)> {
    let elsewhere = Pmd::new(Realm::new("h.gmlc.invalid").unwrap(), &[key()], Arc::default()).unwrap();
    vec![
        ("the realm replaced", edited(|text| text.replace_range(57.., "h.gmlc.invalid"))),
        ("the realm begun", edited(|text| text.truncate(text.len() - 1))),
        ("the realm gone on", edited(|text| text.push('s'))),
        ("the realm gone on for long", edited(|text| text.push_str(&"s".repeat(400)))),
        ("the realm followed by a zero octet's like", edited(|text| text.push('\u{a0}'))),
        ("the realm empty", edited(|text| text.truncate(57))),
        ("the realm in upper case", edited(|text| text.replace_range(57..58, "H"))),
        ("another's, genuine there", given(&elsewhere, NOW)),
    ]
}

/// One of every kind, and more of those that outsiders can make.
fn all() -> Vec<Wrong> {
    let mut all = Vec::new();
    let mut add = |what, pmd, shown, client, now, cause| all.push(Wrong { what, pmd, shown, client, now, cause });
    for (what, shown) in malformed() {
        add(what, pmd(), shown, FLEET, NOW, AuditCause::Malformed);
    }
    for (what, shown) in of_another_realm() {
        add(what, pmd(), shown, FLEET, NOW, AuditCause::Realm);
    }
    let genuine = || given(&pmd(), NOW);
    add("another client", pmd(), genuine(), SHOP, NOW, AuditCause::NotAuthentic);
    add("a client of almost that name", pmd(), genuine(), "Fleet", NOW, AuditCause::NotAuthentic);
    add("a client without name", pmd(), genuine(), "", NOW, AuditCause::NotAuthentic);
    add("forged in the IV", pmd(), with_character(10, "_"), FLEET, NOW, AuditCause::NotAuthentic);
    add("forged in the ciphertext", pmd(), with_character(50, "_"), FLEET, NOW, AuditCause::NotAuthentic);
    let zeros = pseudonym(format!("AQc{}@{}", "A".repeat(53), super::REALM));
    add("all zeros", pmd(), zeros, FLEET, NOW, AuditCause::NotAuthentic);
    // The same id, as if the octets of the key, its rotation or its overlap had been changed.
    let changed = [
        ("another secret", PseudonymKey { id: 7, ..other_key(9) }),
        ("another rotation", PseudonymKey { rotation: Duration::from_secs(ROTATION_S / 2), ..key() }),
        ("another overlap", PseudonymKey { overlap: Duration::from_secs(2 * DAY_S), ..key() }),
    ];
    for (what, key) in changed {
        add(what, made(&[key]).unwrap(), genuine(), FLEET, NOW, AuditCause::NotAuthentic);
    }
    add("an unknown key", made(&[other_key(8)]).unwrap(), genuine(), FLEET, NOW, AuditCause::Key);
    let ended = PseudonymKey { until: NOW, ..key() };
    add("a key that has ended", made(&[ended]).unwrap(), genuine(), FLEET, NOW, AuditCause::Key);
    let with_revoked_key = pmd();
    with_revoked_key.revocations().revoke_key(7, NOW).unwrap();
    add("a revoked key", with_revoked_key, genuine(), FLEET, NOW, AuditCause::Key);
    add("expired", pmd(), genuine(), FLEET, later(ROTATION_S + DAY_S), AuditCause::Time);
    add("of the future", pmd(), given(&pmd(), later(ROTATION_S)), FLEET, NOW, AuditCause::Time);
    type Revoke = fn(&Pmd);
    let revoked: [(&str, Revoke); 3] = [
        ("revoked", |pmd| drop(pmd.revocations().revoke_pair(&both(), FLEET, NOW).unwrap())),
        ("revoked for the subscriber", |pmd| drop(pmd.revocations().revoke_subscriber(&both(), NOW).unwrap())),
        ("revoked for the client", |pmd| drop(pmd.revocations().revoke_client(FLEET, NOW).unwrap())),
    ];
    for (what, revoke) in revoked {
        let pmd = pmd();
        revoke(&pmd);
        add(what, pmd, genuine(), FLEET, NOW, AuditCause::Revoked);
    }
    let in_doubt: Arc<crate::Revocations> = Arc::default();
    let poisoned = Arc::clone(&in_doubt);
    std::thread::scope(|scope| {
        scope.spawn(move || poisoned.poison()).join().unwrap_err();
    });
    add("revocations in doubt", over(&[key()], &in_doubt), genuine(), FLEET, NOW, AuditCause::Unavailable);
    all
}

#[test]
fn one_answer_whatever_is_wrong() {
    let mut causes = Vec::new();
    for Wrong { what, pmd, shown, client, now, cause } in all() {
        let answer = pmd.resolve(&shown, client, now);
        assert_eq!(answer, Err(Unresolved), "{what}");
        assert_eq!(Failure::from(answer.unwrap_err()), Failure::Refused(RefusalReason::PseudonymUnresolved));
        assert_eq!(pmd.resolve_for_audit(&shown, client, now), (Err(Unresolved), Some(cause)), "{what}");
        causes.push(cause);
    }
    for cause in AuditCause::ALL {
        assert!(causes.contains(&cause), "no case for {cause:?}");
    }
    assert_eq!(AuditCause::ALL.map(AuditCause::code), [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn the_same_work_whatever_is_wrong() {
    for Wrong { what, pmd, shown, client, now, .. } in all() {
        let mut works = Vec::new();
        pmd.examine(&shown, client, now, &mut works).unwrap_err();
        // The block that opens and the one that does not come in either order.
        let opened = |work: &&Work| matches!(work, Work::Opened | Work::NotOpened);
        let mut of_cipher: Vec<Work> = works.iter().filter(opened).copied().collect();
        of_cipher.sort_by_key(|work| *work == Work::NotOpened);
        assert_eq!(of_cipher, [Work::Opened, Work::NotOpened], "{what}");
        let order = works.iter().map(|work| if opened(&work) { Work::Opened } else { *work });
        assert_eq!(order.collect::<Vec<_>>(), [Work::Read, Work::Opened, Work::LookedUp, Work::Opened], "{what}");
    }
}

#[test]
fn what_is_right_is_resolved_by_the_client_that_it_was_given_to() {
    let pmd = pmd();
    for client in [FLEET, SHOP, "", "decoy", "Ünïcode", &"x".repeat(300)] {
        let assigned = pmd.assign(&both(), client, NOW).unwrap();
        assert_eq!(pmd.resolve_for_audit(&assigned, client, NOW), (Ok(both()), None));
    }
    let mut works = Vec::new();
    pmd.examine(&given(&pmd, NOW), FLEET, NOW, &mut works).unwrap();
    assert_eq!(works, [Work::Read, Work::Opened, Work::LookedUp]);
}

#[test]
fn without_revocations_to_read_none_is_assigned() {
    let pmd = pmd();
    std::thread::scope(|scope| {
        scope.spawn(|| pmd.revocations().poison()).join().unwrap_err();
    });
    assert_eq!(pmd.assign(&both(), FLEET, NOW), Err(crate::AssignError::Unavailable));
    assert_eq!(pmd.term(NOW), None);
    assert_eq!(pmd.revocations().revoke_client(FLEET, NOW), Err(crate::RevokeError::Unavailable));
    assert_eq!(pmd.prune(NOW), Err(crate::RevokeError::Unavailable));
}

#[test]
fn a_realm_of_another_gateway_with_the_same_secret_gives_other_pseudonyms() {
    let elsewhere = Pmd::new(realm("h.gmlc.invalid"), &[key()], Arc::default()).unwrap();
    let (here, there) = (given(&pmd(), NOW), given(&elsewhere, NOW));
    assert_ne!(here.expose()[3..56], there.expose()[3..56]);
    // The opaque part of one under the realm of the other.
    let mixed = pseudonym(format!("{}@h.gmlc.invalid", &here.expose()[..56]));
    assert_eq!(elsewhere.resolve_for_audit(&mixed, FLEET, NOW).1, Some(AuditCause::NotAuthentic));
}
