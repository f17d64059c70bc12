use super::keys::{self, KeyFileError};
use super::*;
use crate::config;
use crate::store::Store;
use lcs::{Identities, Imsi, Msisdn, Pseudonym, Timestamp};
use privacy::RevocationScope;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

const NOW: Timestamp = Timestamp::from_secs(1_900_000_000);
const DAY_S: u64 = 86_400;

fn later(seconds: u64) -> Timestamp {
    Timestamp::from_secs(NOW.secs() + seconds)
}

fn settings(dir: &Path) -> config::Pmd {
    config::Pmd {
        realm: Some("h.gmlc.example".into()),
        key_file: dir.join("pseudonym.keys"),
        rotation_s: 10 * DAY_S,
        overlap_s: DAY_S,
        ..config::Pmd::default()
    }
}

async fn store(dir: &Path) -> Arc<Store> {
    let settings = config::Store { path: dir.join("w.db"), key_file: dir.join("w.key"), ..config::Store::default() };
    Arc::new(Store::open(&settings).await.unwrap())
}

async fn pmd(dir: &Path) -> LocalPmd {
    LocalPmd::open(&settings(dir), store(dir).await, NOW).await.unwrap()
}

fn person(number: u64) -> Identities {
    Identities {
        imsi: Imsi::parse(&format!("00101{number:010}")).ok(),
        msisdn: Msisdn::parse(&format!("4917{number:010}")).ok(),
        imei: None,
    }
}

async fn assigned(pmd: &LocalPmd, who: &Identities, client: &str, now: Timestamp) -> Pseudonym {
    pmd.assign(who, client, now).await.unwrap().pseudonym
}

#[tokio::test]
async fn the_key_file_is_made_once_private_and_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let first = assigned(&pmd(dir.path()).await, &person(1), "fleet", NOW).await;
    let file = settings(dir.path()).key_file;
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&file).unwrap();
    let again = pmd(dir.path()).await;
    assert_eq!(assigned(&again, &person(1), "fleet", NOW).await, first);
    assert_eq!(again.resolve(&first, "fleet", NOW), Ok(person(1)));
    assert!(again.resolve(&first, "other", NOW).is_err());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[tokio::test]
async fn a_key_file_that_is_open_or_damaged_keeps_the_role_from_starting_and_tells_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    drop(pmd(dir.path()).await);
    let settings = settings(dir.path());
    let good = std::fs::read_to_string(&settings.key_file).unwrap();
    let secret = good.split("secret = \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let other = good.split_once("[[key]]").unwrap().1;
    let bad = [
        "not toml".to_owned(),
        good.replace(&secret, &secret[2..]),
        good.replace("id = 0", "id = 256"),
        good.replace("secret = ", "secrets = "),
        good.replace(&format!("\"{secret}\""), &secret),
        // Two keys of one id, and none at all.
        format!("{good}\n[[key]]{other}"),
        String::from("# nothing"),
    ];
    for text in bad {
        std::fs::write(&settings.key_file, &text).unwrap();
        let error = LocalPmd::open(&settings, store(dir.path()).await, NOW).await.unwrap_err().to_string();
        assert!(error.contains("pmd.key_file") && !error.contains(&secret[2..]), "{error}");
    }
    std::fs::write(&settings.key_file, &good).unwrap();
    assert_eq!(keys::read(&settings.key_file).unwrap().len(), 1);
    std::fs::set_permissions(&settings.key_file, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(keys::read(&settings.key_file), Err(KeyFileError::Secret(_))));
}

#[tokio::test]
async fn a_new_key_takes_over_at_its_time_and_the_former_resolves_until_its_last_pseudonym_expired() {
    let dir = tempfile::tempdir().unwrap();
    let (settings, pmd) = (settings(dir.path()), pmd(dir.path()).await);
    let before = assigned(&pmd, &person(1), "fleet", NOW).await;
    let rotated = keys::rotate(&settings, NOW, later(600)).unwrap();
    assert_eq!((rotated.id, rotated.from, rotated.dropped), (1, later(600), 0));
    assert_eq!(std::fs::metadata(&settings.key_file).unwrap().permissions().mode() & 0o777, 0o600);
    pmd.tend(later(60)).await.unwrap();
    assert_eq!(assigned(&pmd, &person(1), "fleet", later(60)).await, before);
    let told = pmd.assign(&person(1), "fleet", later(60)).await.unwrap();
    assert_eq!(told.rotates.min(later(600)), told.rotates);
    let after = assigned(&pmd, &person(1), "fleet", later(601)).await;
    assert_ne!(after, before);
    for pseudonym in [&before, &after] {
        assert_eq!(pmd.resolve(pseudonym, "fleet", later(601)), Ok(person(1)));
    }
    // A pseudonym assigned last under the former key lives rotation and overlap; then the key ends and leaves the file.
    let ended = later(600 + 11 * DAY_S + 601);
    let ids = || keys::read(&settings.key_file).unwrap().iter().map(|key| key.id).collect::<Vec<_>>();
    assert_eq!(ids(), [0, 1]);
    assert_eq!(keys::rotate(&settings, ended, ended).unwrap().dropped, 1);
    assert_eq!(ids(), [1, 2]);
}

#[tokio::test]
async fn sixteen_keys_and_no_more_and_a_file_left_aside_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let (settings, pmd) = (settings(dir.path()), pmd(dir.path()).await);
    for id in 1..16 {
        assert_eq!(keys::rotate(&settings, NOW, later(id)).unwrap().id, u8::try_from(id).unwrap());
    }
    assert!(matches!(keys::rotate(&settings, NOW, later(99)), Err(KeyFileError::Full)));
    pmd.tend(NOW).await.unwrap();
    std::fs::write(dir.path().join("pseudonym.keys.new"), "").unwrap();
    let ended = later(30 * DAY_S);
    assert!(matches!(keys::rotate(&settings, ended, ended), Err(KeyFileError::Write { .. })));
}

#[tokio::test]
async fn keys_that_cannot_be_read_leave_those_before_in_force() {
    let dir = tempfile::tempdir().unwrap();
    let pmd = pmd(dir.path()).await;
    let pseudonym = assigned(&pmd, &person(1), "fleet", NOW).await;
    std::fs::write(settings(dir.path()).key_file, "[[key]]\n").unwrap();
    assert!(pmd.tend(NOW).await.is_err());
    assert_eq!(pmd.resolve(&pseudonym, "fleet", NOW), Ok(person(1)));
}

/// What is revoked, and for which of (person 1 | person 2) x (fleet | shop) that holds.
fn cases() -> Vec<(Revoke<'static>, [bool; 4])> {
    static ONE: std::sync::LazyLock<Identities> = std::sync::LazyLock::new(|| person(1));
    vec![
        (Revoke::Pair(&ONE, "fleet"), [true, false, false, false]),
        (Revoke::Subscriber(&ONE), [true, true, false, false]),
        (Revoke::Client("fleet"), [true, false, true, false]),
        (Revoke::Key(0), [true; 4]),
    ]
}

#[tokio::test]
async fn a_revocation_holds_for_what_it_names_and_over_a_restart() {
    for (what, expected) in cases() {
        let dir = tempfile::tempdir().unwrap();
        let pmd = pmd(dir.path()).await;
        let mut pseudonyms = Vec::new();
        for (number, client) in [(1, "fleet"), (1, "shop"), (2, "fleet"), (2, "shop")] {
            pseudonyms.push((assigned(&pmd, &person(number), client, NOW).await, client));
        }
        pmd.revoke(what, NOW).await.unwrap();
        let restarted = LocalPmd::open(&settings(dir.path()), store(dir.path()).await, NOW).await.unwrap();
        for device in [&pmd, &restarted] {
            let refused: Vec<_> =
                pseudonyms.iter().map(|(p, client)| device.resolve(p, client, NOW).is_err()).collect();
            assert_eq!(refused, expected, "{what:?}");
        }
        match what {
            Revoke::Key(_) => assert!(restarted.assign(&person(1), "fleet", NOW).await.is_err()),
            _ => {
                let next = assigned(&restarted, &person(1), "fleet", NOW).await;
                assert_ne!(next, pseudonyms[0].0);
                assert_eq!(restarted.resolve(&next, "fleet", NOW), Ok(person(1)));
                // Counted on from what is stored: revoked again, it is again another.
                restarted.revoke(what, NOW).await.unwrap();
                assert!(restarted.resolve(&next, "fleet", NOW).is_err());
            }
        }
    }
}

#[tokio::test]
async fn what_is_revoked_is_not_readable_on_disk_and_is_gone_once_it_says_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let pmd = pmd(dir.path()).await;
    pmd.revoke(Revoke::Pair(&person(1), "fleet-account"), NOW).await.unwrap();
    let octets: Vec<u8> =
        ["w.db", "w.db-wal"].iter().flat_map(|f| std::fs::read(dir.path().join(f)).unwrap()).collect();
    for text in ["0000000001", "fleet-account"] {
        assert!(!octets.windows(text.len()).any(|window| window == text.as_bytes()), "{text}");
    }
    pmd.tend(later(11 * DAY_S)).await.unwrap();
    assert_eq!(pmd.revoked(), 2);
    pmd.tend(later(11 * DAY_S + 700)).await.unwrap();
    assert_eq!(pmd.revoked(), 0);
    assert!(store(dir.path()).await.pseudonym_revocations().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_revocation_that_cannot_be_read_keeps_the_role_from_starting() {
    let dir = tempfile::tempdir().unwrap();
    let pmd = pmd(dir.path()).await;
    pmd.revoke(Revoke::Client("fleet"), NOW).await.unwrap();
    pmd.revoke(Revoke::Client("shop"), NOW).await.unwrap();
    drop(pmd);
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", dir.path().join("w.db").display())).await.unwrap();
    // The record of one moved to the row of the other: sealed, and in the wrong place.
    let swap =
        "UPDATE pseudonym_revocations SET record = (SELECT record FROM pseudonym_revocations ORDER BY id DESC LIMIT 1)";
    sqlx::query(swap).execute(&pool).await.unwrap();
    pool.close().await;
    let error = LocalPmd::open(&settings(dir.path()), store(dir.path()).await, NOW).await.unwrap_err();
    assert!(error.to_string().contains("pseudonym_revocations.record"), "{error}");
}

#[tokio::test]
async fn identities_are_completed_from_the_register() {
    let dir = tempfile::tempdir().unwrap();
    let pmd = pmd(dir.path()).await;
    let profile = crate::profile::ProfileBody::default();
    store(dir.path()).await.put_profile(&person(1), &profile, None).await.unwrap();
    let by_number = Identities { imsi: None, ..person(1) };
    let pseudonym = assigned(&pmd, &by_number, "fleet", NOW).await;
    assert_eq!(pmd.resolve(&pseudonym, "fleet", NOW), Ok(person(1)));
    assert_eq!(assigned(&pmd, &Identities { msisdn: None, ..person(1) }, "fleet", NOW).await, pseudonym);
    // A revocation by one identity holds for both, and IMSI and MSISDN of two people are nobody's.
    pmd.revoke(Revoke::Subscriber(&by_number), NOW).await.unwrap();
    assert!(pmd.resolve(&pseudonym, "fleet", NOW).is_err());
    store(dir.path()).await.put_profile(&person(2), &profile, None).await.unwrap();
    let mixed = Identities { imsi: person(2).imsi, ..person(1) };
    assert!(pmd.assign(&mixed, "fleet", NOW).await.is_err());
    assert!(pmd.assign(&Identities::default(), "fleet", NOW).await.is_err());
    assert!(pmd.revoke(Revoke::Subscriber(&Identities::default()), NOW).await.is_err());
    assert!(matches!(pmd.revoke(Revoke::Key(9), NOW).await, Err(PseudonymError::NoSuchKey(9))));
}

#[tokio::test]
async fn a_later_revocation_is_not_forgotten_with_an_earlier_one() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let scope = [RevocationScope::Client("fleet".into())];
    store.revoke_pseudonyms(&scope, NOW).await.unwrap();
    let again = store.revoke_pseudonyms(&scope, later(10)).await.unwrap();
    assert_eq!((again[0].count, again[0].at), (2, later(10)));
    store.forget_revocations(&scope, later(5)).await.unwrap();
    assert_eq!(store.pseudonym_revocations().await.unwrap(), again);
    store.forget_revocations(&scope, later(11)).await.unwrap();
    assert_eq!(store.pseudonym_revocations().await.unwrap(), []);
}
