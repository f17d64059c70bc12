//! Strings that must never change, made by another implementation of RFC 5297 and RFC 5869; and what is read without a key.

use super::super::{Home, PSEUDONYM_MAX, Realm, RealmError, home_of};
use super::{FLEET, NOW, REALM, SHOP, key, made, pmd, pseudonym, realm, resolves};
use crate::testing::{both, by_msisdn, imsi};
use crate::{AssignError, Pmd, PmdError, PseudonymKey};
use lcs::{Duration, Identities, Imei};
use std::sync::Arc;

/// Client, identities, revoked before, octets, text. All under key 7 in period 692 = 1 795 600 800 s / 30 days.
///
/// Key: HKDF-SHA256 without salt of 00 01 … 1f, with
/// `wherefore pseudonym v1` | 07 | 0000000000278d00 (30 days) | 0000000000015180 (1 day) | `h.gmlc.example`:
/// c99f99b739072d2f5170988f26c19836e237727634f845cc70f94930c35e019a (CMAC)
/// 48d8708e284299eefa44ac94c5c375cb5b25593cd35894658e50a1b1b8a7418a (CTR)
const VECTORS: [(&str, bool, bool, &str); 4] = [
    // 262011234567890f 491700000001000c 000002b4 00000000: IMSI and its 15 digits, MSISDN and its 12, period, generation
    // 01 07 | a2336d5969161710d2aeb1e1a4385cf9 | 5dc8d58a25de1149fc7a33663529aec8b9a67fe17fb3cd3c
    (FLEET, true, false, "AQeiM21ZaRYXENKuseGkOFz5XcjViiXeEUn8ejNmNSmuyLmmf-F_s808@h.gmlc.example"),
    // The same for another client.
    // 01 07 | 59657c69976ed95509fd78738f5b06ed | 59c8376ac0ea704da5c6f8ed1f25804602f8c22fe5715ca0
    (SHOP, true, false, "AQdZZXxpl27ZVQn9eHOPWwbtWcg3asDqcE2lxvjtHyWARgL4wi_lcVyg@h.gmlc.example"),
    // 0000000000000000 491700000001000c 000002b4 00000000: no IMSI
    // 01 07 | 78e3bae14d18bcd0026f4fd89e3e3838 | d64c2cb7f7020d61dc04b92babbce5942ed6ddd4cfdcafee
    (FLEET, false, false, "AQd447rhTRi80AJvT9iePjg41kwst_cCDWHcBLkrq7zllC7W3dTP3K_u@h.gmlc.example"),
    // 262011234567890f 491700000001000c 000002b4 00000001: revoked once
    // 01 07 | f14cc15053a64392ada181408031517f | 409d09d48d4562a807aff23069fb3574d7973e194796d601
    (FLEET, true, true, "AQfxTMFQU6ZDkq2hgUCAMVF_QJ0J1I1FYqgHr_Iwafs1dNeXPhlHltYB@h.gmlc.example"),
];

#[test]
fn pseudonyms_are_those_of_another_implementation() {
    for (client, with_imsi, revoked, text) in VECTORS {
        let pmd = pmd();
        let identities = if with_imsi { both() } else { by_msisdn() };
        if revoked {
            pmd.revocations().revoke_client(client, NOW).unwrap();
        }
        let assigned = pmd.assign(&identities, client, NOW).unwrap();
        assert_eq!(assigned.expose(), text);
        assert_eq!(resolves(&pmd, &pseudonym(text), client, NOW), Some(identities), "{text}");
    }
}

#[test]
fn length_tells_nothing_of_what_is_inside() {
    let pmd = pmd();
    let short = Identities { msisdn: Some(lcs::Msisdn::parse("49170").unwrap()), ..Identities::default() };
    let by_imsi = Identities { imsi: Some(imsi()), ..Identities::default() };
    for identities in [both(), by_msisdn(), by_imsi, short] {
        assert_eq!(pmd.assign(&identities, FLEET, NOW).unwrap().expose().len(), 57 + REALM.len());
    }
    let longest = "gmlc1.epc.mnc001.mcc262.3gppnetwork.org";
    let pmd = Pmd::new(realm(longest), &[key()], Arc::default()).unwrap();
    assert_eq!(pmd.assign(&both(), FLEET, NOW).unwrap().expose().len(), PSEUDONYM_MAX);
}

#[test]
fn only_characters_that_urls_and_addresses_take() {
    let pmd = pmd();
    for client in 0..200 {
        let text = pmd.assign(&both(), &format!("client {client}"), NOW).unwrap();
        let (local, domain) = text.expose().split_once('@').unwrap();
        assert!(local.len() <= 64 && local.starts_with("AQ"), "RFC 5321 section 4.5.3.1.1");
        assert!(local.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'_'));
        assert_eq!(domain, REALM);
    }
}

#[test]
fn an_equipment_identity_counts_for_nothing() {
    let imei = Some(Imei::parse("490154203237518").unwrap());
    let (with, alone) = (Identities { imei, ..both() }, Identities { imei, ..Identities::default() });
    let pmd = pmd();
    assert_eq!(pmd.assign(&with, FLEET, NOW), pmd.assign(&both(), FLEET, NOW));
    assert_eq!(pmd.assign(&alone, FLEET, NOW), Err(AssignError::NoVerinym));
    assert_eq!(pmd.assign(&Identities::default(), FLEET, NOW), Err(AssignError::NoVerinym));
}

#[test]
fn the_home_is_read_without_a_key() {
    let genuine = VECTORS[0].3;
    assert_eq!(home_of(&pseudonym(genuine)), Some(Home { realm: REALM, key: 7 }));
    // Another version, too short, too long, a character of the other alphabet, no realm, no domain name, upper case, a second @.
    let (opaque, _) = genuine.split_once('@').unwrap();
    for text in [
        format!("Ag{}@{REALM}", &opaque[2..]),
        format!("{}@{REALM}", &opaque[..55]),
        format!("{opaque}AAAA@{REALM}"),
        format!("{}+@{REALM}", &opaque[..55]),
        format!("{}=@{REALM}", &opaque[..55]),
        opaque.to_owned(),
        format!("{opaque}@"),
        format!("{opaque}@example"),
        format!("{opaque}@H.gmlc.example"),
        format!("{opaque}@h.gmlc.example."),
        format!("{opaque}@h.gmlc.example@x.example"),
        format!("{opaque}@{}.example", "a".repeat(40)),
        "k7".to_owned(),
    ] {
        assert_eq!(home_of(&pseudonym(text.clone())), None, "{text}");
    }
}

#[test]
fn a_realm_is_a_domain_name_in_lower_case() {
    for sound in ["h.gmlc.example", "a.b", "gmlc1.epc.mnc001.mcc262.3gppnetwork.org"] {
        assert_eq!(realm(sound).as_str(), sound);
    }
    for wrong in ["", "a", ".a", "a.", "a..b", "A.b", "-a.b", "a-.b", "a_b.c", "a b.c", "ä.b", "a.b@c"] {
        assert_eq!(Realm::new(wrong), Err(RealmError::NoDomainName), "{wrong}");
    }
    let long = "gmlc10.epc.mnc001.mcc262.3gppnetwork.org";
    assert_eq!(Realm::new(long), Err(RealmError::TooLong(40)));
}

#[test]
fn keys_that_do_not_fit_together_are_named() {
    let changed = |change: fn(&mut PseudonymKey)| {
        let mut key = key();
        change(&mut key);
        made(&[key]).map(|_| ())
    };
    let span = Duration::from_secs;
    assert_eq!(made(&[]).err(), Some(PmdError::NoKey));
    assert_eq!(made(&[key(), key()]).err(), Some(PmdError::SameId(7)));
    assert_eq!(made(&[key(), PseudonymKey { id: 8, ..key() }]).err(), Some(PmdError::SameSecret(7, 8)));
    assert_eq!(made(&(0..17).map(super::other_key).collect::<Vec<_>>()).err(), Some(PmdError::TooManyKeys(17)));
    assert!(made(&(0..16).map(super::other_key).collect::<Vec<_>>()).is_ok());
    assert_eq!(changed(|key| key.until = key.from), Err(PmdError::Ended(7)));
    for wrong in [span(3599), span(315_360_001), Duration::from_millis(3_600_500)] {
        assert_eq!(made(&[PseudonymKey { rotation: wrong, ..key() }]).err(), Some(PmdError::Rotation(7)));
    }
    assert_eq!(changed(|key| key.overlap = key.rotation + Duration::from_secs(1)), Err(PmdError::Overlap(7)));
    assert_eq!(changed(|key| key.overlap = Duration::from_nanos(1)), Err(PmdError::Overlap(7)));
    assert_eq!(changed(|key| (key.rotation, key.overlap) = (Duration::from_secs(3600), Duration::ZERO)), Ok(()));
    assert_eq!(changed(|key| key.overlap = key.rotation), Ok(()));
}

#[test]
fn nothing_shows_a_secret_or_an_identity() {
    let pmd = pmd();
    let assigned = pmd.assign(&both(), FLEET, NOW).unwrap();
    let records = pmd.revocations().revoke_pair(&both(), FLEET, NOW).unwrap();
    let shown = format!(
        "{pmd:?} {:?} {records:?} {:?} {assigned:?} {:?} {:?} {}",
        key(),
        pmd.revocations(),
        pmd.resolve(&assigned, FLEET, NOW),
        pmd.resolve_for_audit(&assigned, FLEET, NOW),
        pmd.resolve(&assigned, FLEET, NOW).unwrap_err(),
    );
    for secret in ["262011234567890", "491700000001", "AQei", "0, 1, 2, 3", "00010203"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
