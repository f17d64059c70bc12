//! The register on disk and in the log: durable before acknowledged, the same after a restart, and receipts that can be checked.

use super::*;
use crate::log::OpenLog;
use crate::{config, log};
use lcs::{Imsi, Msisdn};
use privacy::consent::{Channel, Decision, Delivery, NoticeText, Precision};
use privacy::disclosure::{Origin, VerifierKey};
use std::path::Path;

fn who() -> Identities {
    Identities { imsi: Some(Imsi::parse("262011234567890").unwrap()), ..Identities::default() }
}

fn stranger() -> Identities {
    Identities { imsi: Some(Imsi::parse("262011234567891").unwrap()), ..Identities::default() }
}

fn home() -> PlmnId {
    PlmnId::new("262", "01").unwrap()
}

fn notice() -> Notice {
    Notice {
        name: "drive-tests".to_owned(),
        version: 1,
        published: clock::now(),
        not_before: Timestamp::from_secs(0),
        wait_s: 0,
        purposes: [Purpose::LoggedMdt].into_iter().collect(),
        recipients: vec!["radio planning".to_owned()],
        data: vec!["cells".to_owned()],
        retention_days: 30,
        asks_anew: false,
        texts: vec![NoticeText { language: "de".to_owned(), hash: [1; 32], uri: None }],
    }
}

struct Running {
    consents: Consents,
    store: Arc<Store>,
    log: OpenLog,
}

async fn start(dir: &Path) -> Running {
    let settings = config::Store { path: dir.join("w.db"), key_file: dir.join("w.key"), ..config::Store::default() };
    let store = Arc::new(Store::open(&settings).await.unwrap());
    let settings = config::Log {
        dir: dir.join("log"),
        signing_key_file: dir.join("log.key"),
        content_key_file: dir.join("content.key"),
        ..config::Log::default()
    };
    let log = log::open(&settings, "gmlc.example.net/disclosure").unwrap();
    let consents = Consents::open(Arc::clone(&store), log.log.clone(), log.signing()).await.unwrap();
    Running { consents, store, log }
}

impl Running {
    async fn stop(self) {
        self.store.close().await;
        tokio::task::spawn_blocking(move || self.log.close()).await.unwrap();
    }

    async fn agree(&self) {
        self.consents.publish(notice()).await.unwrap();
        let told = |at| {
            Ok(Change::Informed(Delivery {
                notice: "drive-tests".to_owned(),
                version: 1,
                language: "de".to_owned(),
                channel: Channel::Letter,
                at,
                evidence: [2; 32],
            }))
        };
        self.consents.change(&who(), Source::CustomerCare, told).await.unwrap();
        self.say_yes(Source::Person).await.unwrap();
    }

    async fn say_yes(&self, source: Source) -> Result<(), ConsentError> {
        let yes = |at| {
            let decision = Decision {
                given: true,
                plmns: vec![home()],
                precision: Precision::Exact,
                notice: "drive-tests".to_owned(),
                version: 1,
                source,
                ..Decision::no(at)
            };
            Ok(Change::Decided { purpose: Purpose::LoggedMdt, decision })
        };
        self.consents.change(&who(), source, yes).await
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart_and_an_opt_out_above_all() {
    let dir = tempfile::tempdir().unwrap();
    let first = start(dir.path()).await;
    assert!(!first.consents.network_word(&who(), home()));
    first.agree().await;
    assert!(first.consents.network_word(&who(), home()));
    assert!(!first.consents.network_word(&who(), PlmnId::new("262", "02").unwrap()));
    assert_eq!(first.log.log.durable(), 2);
    // Its entries can be read by whoever asks about the person, or about all.
    let salt = first.consents.picture(&who()).unwrap().person.salt();
    for (asked, salts) in [(Some(who()), vec![salt]), (None, vec![salt]), (Some(stranger()), vec![])] {
        assert_eq!(first.store.consent_salts(asked.as_ref()).await.unwrap(), salts);
    }
    // No stop: what is on disk now is all that a power cut would leave.
    let copy = tempfile::tempdir().unwrap();
    copy_dir(dir.path(), copy.path());
    let second = start(copy.path()).await;
    assert!(second.consents.network_word(&who(), home()));
    second.consents.change(&who(), Source::Person, |_| Ok(Change::OptedOut)).await.unwrap();
    let number = Identities { msisdn: Some(Msisdn::parse("491701234567").unwrap()), ..Identities::default() };
    second.consents.link(&who(), &number, Source::CustomerCare).await.unwrap();
    second.stop().await;
    let third = start(copy.path()).await;
    for who in [who(), number] {
        assert!(!third.consents.network_word(&who, home()));
        assert!(third.consents.picture(&who).unwrap().person.opted_out().is_some());
    }
    assert!(matches!(third.say_yes(Source::Import).await, Err(ConsentError::Change(ChangeError::OptedOut))));
    third.stop().await;
    first.stop().await;
}

fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[tokio::test]
async fn with_the_log_closed_an_opt_out_is_in_force_and_a_yes_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path()).await;
    running.agree().await;
    running.consents.change(&who(), Source::Person, |_| Ok(Change::Paused { until: None })).await.unwrap();
    running.log.log.close();
    let resumed = running.consents.change(&who(), Source::Person, |_| Ok(Change::Resumed)).await;
    assert!(matches!(resumed, Err(ConsentError::Log(_))));
    assert!(running.consents.picture(&who()).unwrap().person.pause().is_some());
    let opted_out = running.consents.change(&who(), Source::Person, |_| Ok(Change::OptedOut)).await;
    assert!(matches!(opted_out, Err(ConsentError::Log(_))));
    assert!(running.consents.picture(&who()).unwrap().person.opted_out().is_some());
    running.stop().await;
    let again = start(dir.path()).await;
    assert!(again.consents.picture(&who()).unwrap().person.opted_out().is_some());
    again.stop().await;
}

#[tokio::test]
async fn a_record_that_does_not_open_refuses_its_person_and_no_identity_is_in_the_database() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path()).await;
    running.agree().await;
    let person = running.consents.picture(&who()).unwrap().person;
    running.stop().await;
    let path = dir.path().join("w.db");
    let database = std::fs::read(&path).unwrap();
    let holds = |plain: &[u8]| database.windows(plain.len()).any(|window| window == plain);
    assert!(holds(&person.id().0));
    assert!(!holds(b"262011234567890") && !holds(&person.salt().octets()) && !holds(b"radio planning"));
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    let spoilt = "UPDATE consent_persons SET record = record || X'00'";
    assert_eq!(sqlx::query(spoilt).execute(&pool).await.unwrap().rows_affected(), 1);
    pool.close().await;
    let again = start(dir.path()).await;
    let question =
        Question { purpose: Purpose::LoggedMdt, registered: home(), plmns: vec![], keeps: Keeps::NoIdentity };
    assert_eq!(again.consents.permit(&who(), &question), Err(Denied::OptedOut));
    again.stop().await;
}

#[tokio::test]
async fn a_receipt_says_what_was_said_and_any_change_of_it_shows() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path()).await;
    running.agree().await;
    let signed = running.consents.receipt(&who()).unwrap();
    let key = std::fs::read_to_string(dir.path().join("log/log.vkey")).unwrap();
    let key = VerifierKey::parse(&key).unwrap();
    assert_eq!(verify(&signed, &key), Ok(()));
    let text = serde_json::to_string_pretty(&signed).unwrap();
    assert!(text.contains("logged-mdt") && text.contains("262-01") && text.contains("drive-tests 1"));
    assert!(!text.contains("262011234567890"));
    // Through a file, laid out otherwise.
    let read: SignedReceipt = serde_json::from_str(&text).unwrap();
    assert_eq!(verify(&read, &key), Ok(()));
    let mut forged = read.clone();
    forged.receipt["event"][1]["plmns"][0] = "262-02".into();
    assert_eq!(verify(&forged, &key), Err(ReceiptError::Forged));
    let mut forged = read.clone();
    forged.receipt["event"].as_array_mut().unwrap().pop();
    assert_eq!(verify(&forged, &key), Err(ReceiptError::Forged));
    let other = SigningKey::random(Origin::new("gmlc.example.net/disclosure").unwrap()).unwrap();
    assert_eq!(verify(&read, other.verifier()), Err(ReceiptError::OtherKey));
    running.stop().await;
}
