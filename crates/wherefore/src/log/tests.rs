//! The log on real files.

use super::*;
use lcs::{LcsClientType, LocationType, Msisdn, Qos, RefusalReason, Target, Timestamp};
use privacy::disclosure::{Ending, Facts, Log, Origin, RequestId, Subject, SubjectSalt, Via};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const ORIGIN: &str = "gmlc1.example.net/disclosure";

fn paths(root: &Path) -> (PathBuf, KeyPaths) {
    let keys = KeyPaths { signing: root.join("keys/sign.key"), content: root.join("keys/content.key") };
    (root.join("log"), keys)
}

fn start(root: &Path) -> Result<OpenLog, LogError> {
    let (dir, keys) = paths(root);
    service::start(&dir, &keys, ORIGIN, 1 << 20, Duration::ZERO)
}

fn facts(number: u64) -> Facts {
    Facts {
        time: Timestamp::from_secs(1_700_000_000 + number),
        request: RequestId([number as u8; 16]),
        via: Via::Mlp,
        account: if number.is_multiple_of(2) { "fleet".into() } else { "family".into() },
        client_type: LcsClientType::ValueAdded,
        external: None,
        requestor: None,
        service_type: None,
        location_type: LocationType::Current,
        qos: Qos::BEST_EFFORT,
        target: Target::Msisdn(Msisdn::parse("491720000002").unwrap()),
    }
}

async fn record(log: &Log, number: u64, salt: Option<SubjectSalt>) -> u64 {
    let mut ticket = log.open(facts(number));
    if let Some(salt) = salt {
        ticket.identify(Subject::Subscriber(salt), lcs::Identities::default());
    }
    ticket.record(Ending::refused(RefusalReason::OptedOut), ()).await.unwrap().receipt().index
}

#[tokio::test]
async fn a_log_is_made_written_verified_proved_shown_and_opened_again() {
    let root = tempfile::tempdir().unwrap();
    let (dir, keys) = paths(root.path());
    let (alice, bob) = (SubjectSalt::from_octets([1; 16]), SubjectSalt::from_octets([2; 16]));
    for life in 0..3_u64 {
        let open = start(root.path()).unwrap();
        for at in 0..100 {
            let salt = [Some(alice), Some(bob), None][at as usize % 3];
            assert_eq!(record(&open.log, at, salt).await, life * 100 + at);
        }
        open.close();
        let verified = verify(&dir, None, VerifyOptions::default()).unwrap();
        assert_eq!(verified.report.checkpoint.size, (life + 1) * 100);
        assert_eq!(verified.report.published, Some((life + 1) * 100));
        assert!(!verified.live && verified.to_json()["good"] == true && verified.to_string().starts_with("good"));
    }
    let head = start(root.path()).unwrap().head().read().unwrap();
    assert_eq!((head.size, head.origin.as_str()), (300, ORIGIN));

    let key = read_verifier(&dir, None).unwrap();
    for what in [ProveWhat::Entry(256), ProveWhat::Range(3..=6), ProveWhat::GrownFrom(100)] {
        let proof = prove(&dir, None, &what).unwrap();
        assert!(check_proof(&proof, &key).unwrap().iter().all(|line| line.starts_with("good")));
        assert!(check_proof(&proof.replacen('A', "B", 1), &key).is_err());
    }

    let master = read_master(&keys.content).unwrap();
    let origin = Origin::new(ORIGIN).unwrap();
    let all = Filter { operator: true, ..Filter::default() };
    let (shown, closed) = show(&dir, &master, &origin, [alice, bob], &all).unwrap();
    assert_eq!((shown.len(), closed), (300, 0));
    let (shown, closed) = show(&dir, &master, &origin, [alice], &Filter::default()).unwrap();
    assert_eq!((shown.len(), closed), (102, 198));
    let narrow = Filter {
        account: Some("fleet".into()),
        outcome: Some("refused".into()),
        since: Some(Timestamp::from_secs(1_700_000_010)),
        until: Some(Timestamp::from_secs(1_700_000_020)),
        limit: Some(2),
        ..all
    };
    let (shown, _) = show(&dir, &master, &origin, [alice, bob], &narrow).unwrap();
    assert_eq!(shown.len(), 2);
    assert!(shown_as_table(&shown).contains("fleet") && shown_as_table(&shown).contains("2023-11-14T22:13:30Z"));
    assert_eq!(shown_as_json(&shown)[0]["target"], "msisdn 491720000002");
}

#[test]
fn files_are_closed_to_others_and_two_processes_cannot_write() {
    let root = tempfile::tempdir().unwrap();
    let (dir, keys) = paths(root.path());
    let open = start(root.path()).unwrap();
    assert!(Files::new(&dir).is_live());
    assert!(matches!(start(root.path()), Err(LogError::Locked { .. })));
    drop(open.log.open(facts(1)).record(Ending::refused(RefusalReason::Paused), ()));
    open.close();
    assert!(!Files::new(&dir).is_live());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&dir), mode(&keys.signing), mode(&keys.content)), (0o700, 0o600, 0o600));
    assert_eq!(mode(&dir.join("segment/00000000000000000000.seg")), 0o600);
    assert_eq!(std::fs::metadata(dir.join("segment/00000000000000000000.seg")).unwrap().len(), 1 << 20);

    std::fs::set_permissions(&keys.content, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(start(root.path()), Err(LogError::KeyExposed { .. })));
    std::fs::remove_file(&keys.content).unwrap();
    assert!(matches!(start(root.path()), Err(LogError::KeyLost { .. })));
}

#[test]
fn a_key_of_another_log_is_not_taken() {
    let root = tempfile::tempdir().unwrap();
    let (dir, keys) = paths(root.path());
    start(root.path()).unwrap().close();
    let other = service::start(&dir, &keys, "other", 1 << 20, Duration::ZERO);
    assert!(matches!(other, Err(LogError::OtherOrigin { .. })));
    assert!(matches!(service::start(&dir, &keys, "a b", 1 << 20, Duration::ZERO), Err(LogError::Origin(_))));
}

#[tokio::test]
async fn segments_rotate_and_lost_tiles_are_published_again() {
    let root = tempfile::tempdir().unwrap();
    let (dir, keys) = paths(root.path());
    let open = service::start(&dir, &keys, ORIGIN, 64 << 10, Duration::ZERO).unwrap();
    for at in 0..600 {
        record(&open.log, at, None).await;
    }
    open.close();
    let verified = verify(&dir, None, VerifyOptions { fast: true, ..VerifyOptions::default() }).unwrap();
    assert!(verified.report.segments > 3);
    std::fs::remove_file(dir.join("tile/0/001")).unwrap();
    assert!(matches!(verify(&dir, None, VerifyOptions::default()), Err(LogError::Audit { .. })));
    assert_eq!(publish(&dir, None, true).unwrap(), 600);
    std::fs::remove_file(dir.join("checkpoint")).unwrap();
    assert_eq!(publish(&dir, None, false).unwrap(), 600);
    assert!(verify(&dir, None, VerifyOptions::default()).is_ok());
    // Spoilt on disk: the first thing wrong is named with its place.
    let segment = dir.join("segment/00000000000000000000.seg");
    let mut octets = std::fs::read(&segment).unwrap();
    octets[5000] ^= 1;
    std::fs::write(&segment, octets).unwrap();
    let error = verify(&dir, None, VerifyOptions::default()).unwrap_err().to_string();
    assert!(error.contains("entry") && error.contains("segment 0"), "{error}");
}
