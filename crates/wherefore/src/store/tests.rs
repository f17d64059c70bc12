use super::*;
use crate::clients::{Registry, StoredClient};
use crate::config;
use crate::profile::{ProfileBody, default_profile};
use lcs::{Identities, Imsi, Msisdn, Timestamp};
use privacy::Register;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const IMSI: &str = "001010123456789";
const MSISDN: &str = "491701234567";

fn settings(dir: &Path) -> config::Store {
    config::Store { path: dir.join("w.db"), key_file: dir.join("w.key"), ..config::Store::default() }
}

fn both() -> Identities {
    Identities { imsi: Imsi::parse(IMSI).ok(), msisdn: Msisdn::parse(MSISDN).ok(), imei: None }
}

fn by_imsi() -> Identities {
    Identities { msisdn: None, ..both() }
}

fn by_msisdn() -> Identities {
    Identities { imsi: None, ..both() }
}

fn profile(json: &str) -> ProfileBody {
    serde_json::from_str(json).unwrap()
}

fn telling_profile() -> ProfileBody {
    profile(
        r#"{"unrelated": {"clients": [{"number": "+4930123456", "setting": "notify"}]},
            "codewords": {"check": "network", "words": ["Abrakadabra"]},
            "conditions": {"requestors": [{"text": "aunt@example.net", "format": "email_address"}],
                           "areas": [{"area": {"circle": {"lat": 52.52171, "lon": 13.40593, "radius_m": 500}}, "effect": "refuse"}]}}"#,
    )
}

fn client(json: &str) -> crate::clients::ClientRecord {
    serde_json::from_str(json).unwrap()
}

fn fleet() -> crate::clients::ClientRecord {
    client(
        r#"{"id": "fleet", "client_type": "value_added", "name": {"text": "Fleet"},
            "external_identities": [{"number": "+4930123456"}, {"number": "+4930123457", "name": "Lorries"}],
            "targets": ["msisdn:491701234567", "msisdn:49171*"]}"#,
    )
}

async fn directory(dir: &Path) -> Directory {
    let store = Arc::new(Store::open(&settings(dir)).await.unwrap());
    let registry = Registry::new(&config::Limits::default(), &config::Cache::default()).unwrap();
    Directory::new(store, Arc::new(Register::new()), Arc::new(registry), false)
}

/// All octets of the database and its companions.
fn on_disk(dir: &Path) -> Vec<u8> {
    let names = ["w.db", "w.db-wal", "w.db-shm"];
    names.iter().flat_map(|name| std::fs::read(dir.join(name)).unwrap_or_default()).collect()
}

fn holds(octets: &[u8], text: &str) -> bool {
    octets.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn what_is_written_is_read_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    {
        let store = Store::open(&settings(dir.path())).await.unwrap();
        let stored = store.put_profile(&both(), &telling_profile(), Some(0)).await.unwrap();
        assert_eq!(stored.version, 1);
        store.put_client(&fleet(), SecretChange::Set("$argon2id$hash"), Some(0)).await.unwrap();
        store.close().await;
    }
    let store = Store::open(&settings(dir.path())).await.unwrap();
    for who in [by_imsi(), by_msisdn(), both()] {
        let stored = store.profile(&who).await.unwrap().unwrap();
        assert!(stored.profile == telling_profile());
        assert_eq!((stored.subscriber.imsi, stored.subscriber.msisdn), (both().imsi, both().msisdn));
    }
    let clients = store.clients().await.unwrap();
    let [StoredClient { record, secret_phc, version: 1 }] = clients.as_slice() else { panic!("one client") };
    assert_eq!((record, secret_phc.as_deref()), (&fleet(), Some("$argon2id$hash")));
}

#[tokio::test]
async fn nothing_that_names_or_places_anybody_is_on_disk_in_clear() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&settings(dir.path())).await.unwrap();
    store.put_profile(&both(), &telling_profile(), None).await.unwrap();
    store.put_client(&fleet(), SecretChange::Keep, None).await.unwrap();
    let expires = Timestamp::from_secs(4_000_000_000);
    store
        .keep_report(ReportKind::Slirep, "fleet", "https://app.example.net/t0ken", MSISDN.as_bytes(), expires)
        .await
        .unwrap();
    let octets = on_disk(dir.path());
    assert!(holds(&octets, "fleet"), "the search looks at the right octets");
    for secret in [IMSI, MSISDN, "49171*", "Abrakadabra", "aunt@example.net", "52.52171", "13.40593", "t0ken", "notify"]
    {
        assert!(!holds(&octets, secret), "{secret} is readable");
    }
    store.close().await;
    assert!(!holds(&on_disk(dir.path()), MSISDN));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        for name in ["w.db", "w.key"] {
            let mode = std::fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{name}");
        }
    }
}

#[tokio::test]
async fn versions_guard_against_lost_changes() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&settings(dir.path())).await.unwrap();
    store.put_profile(&both(), &ProfileBody::default(), Some(0)).await.unwrap();
    let again = store.put_profile(&by_imsi(), &ProfileBody::default(), Some(0)).await;
    assert!(matches!(again, Err(StoreError::Conflict { expected: 0, found: 1 })));
    assert_eq!(store.put_profile(&by_imsi(), &ProfileBody::default(), Some(1)).await.unwrap().version, 2);
    assert_eq!(store.put_profile(&by_imsi(), &ProfileBody::default(), None).await.unwrap().version, 3);
    store.put_client(&fleet(), SecretChange::Set("a"), Some(0)).await.unwrap();
    assert!(matches!(
        store.put_client(&fleet(), SecretChange::Keep, Some(7)).await,
        Err(StoreError::Conflict { expected: 7, found: 1 })
    ));
    let kept = store.put_client(&fleet(), SecretChange::Keep, Some(1)).await.unwrap();
    assert_eq!((kept.version, kept.secret_phc.as_deref()), (2, Some("a")));
    assert_eq!(store.put_client(&fleet(), SecretChange::Remove, None).await.unwrap().secret_phc, None);
    assert!(store.remove_client("fleet").await.unwrap());
    assert!(!store.remove_client("fleet").await.unwrap());
    assert!(store.clients().await.unwrap().is_empty());
}

#[tokio::test]
async fn identities_of_two_subscribers_are_not_joined() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&settings(dir.path())).await.unwrap();
    store.put_profile(&by_imsi(), &ProfileBody::default(), None).await.unwrap();
    store.put_profile(&by_msisdn(), &ProfileBody::default(), None).await.unwrap();
    assert!(matches!(store.put_profile(&both(), &ProfileBody::default(), None).await, Err(StoreError::TwoSubscribers)));
    assert!(matches!(store.erase_subscriber(&both()).await, Err(StoreError::TwoSubscribers)));
    assert!(matches!(store.profile(&Identities::default()).await, Err(StoreError::NoIdentity)));
    assert!(store.erase_subscriber(&by_msisdn()).await.unwrap());
    // A second identity joins the row of the first.
    store.put_profile(&both(), &ProfileBody::default(), None).await.unwrap();
    assert!(store.profile(&by_msisdn()).await.unwrap().is_some());
    assert_eq!(store.subscriber_count().await.unwrap(), 1);
}

#[tokio::test]
async fn another_key_or_none_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    Store::open(&settings(dir.path())).await.unwrap().close().await;
    let key = std::fs::read_to_string(dir.path().join("w.key")).unwrap();
    std::fs::remove_file(dir.path().join("w.key")).unwrap();
    assert!(matches!(Store::open(&settings(dir.path())).await, Err(StoreError::KeyMissing { .. })));
    config::create_private(&dir.path().join("w.key"), "77".repeat(32).as_bytes()).unwrap();
    assert!(matches!(Store::open(&settings(dir.path())).await, Err(StoreError::WrongKey)));
    std::fs::write(dir.path().join("w.key"), key).unwrap();
    Store::open(&settings(dir.path())).await.unwrap();
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("w.db"), "this is no database, it only looks long enough to be one".repeat(40))
        .unwrap();
    config::create_private(&dir.path().join("w.key"), "77".repeat(32).as_bytes()).unwrap();
    let said = Store::open(&settings(dir.path())).await.unwrap_err().to_string();
    assert!(said.starts_with("store") || said.contains("store cannot be opened"), "{said}");
}

/// Changes one octet of a sealed column.
async fn damage(store: &Store, sql: &'static str) {
    sqlx::query(sql).execute(&store.writer).await.unwrap();
}

#[tokio::test]
async fn a_damaged_profile_is_refused_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let directory = directory(dir.path()).await;
    let open = profile(r#"{"universal": true}"#);
    directory.put_profile(&both(), &open, None).await.unwrap();
    damage(
        directory.store(),
        "UPDATE profiles SET profile = X'0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e'",
    )
    .await;
    let fresh = self::fresh(&directory);
    let summary = fresh.load(|_, _| ()).await.unwrap();
    assert_eq!(summary, LoadSummary { loaded: 0, unreadable: 1, lost: 0 });
    assert_eq!(refusal(&fresh, &by_msisdn()), Some(lcs::RefusalReason::ProfileUnreadable));
    assert!(matches!(
        fresh.profile(&both()).await,
        Err(DirectoryError::Store(StoreError::Unreadable { table: "profiles", column: "profile" }))
    ));
    // It can be opted out and set anew.
    fresh.opt_out(&by_imsi()).await.unwrap();
    assert_eq!(refusal(&fresh, &both()), Some(lcs::RefusalReason::OptedOut));
}

#[tokio::test]
async fn a_row_whose_identities_are_damaged_forbids_a_default_profile() {
    let dir = tempfile::tempdir().unwrap();
    let directory = directory(dir.path()).await;
    directory.put_profile(&both(), &ProfileBody::default(), None).await.unwrap();
    damage(directory.store(), "UPDATE profiles SET identities = salt").await;
    let fresh = self::fresh(&directory);
    let summary = fresh.load(|_, _| ()).await.unwrap();
    assert_eq!(summary, LoadSummary { loaded: 0, unreadable: 0, lost: 1 });
    assert_eq!(refusal(&fresh, &both()), Some(lcs::RefusalReason::NoProfile));
    let file = dir.path().join("default.json");
    std::fs::write(&file, r#"{"universal": true}"#).unwrap();
    let policy = config::Privacy { default_profile_file: Some(file), ..config::Privacy::default() };
    assert!(default_profile(&policy, &summary).is_err());
    assert!(default_profile(&policy, &LoadSummary::default()).unwrap().is_some());
    assert!(default_profile(&config::Privacy::default(), &summary).unwrap().is_none());
}

#[tokio::test]
async fn a_value_moved_to_another_row_or_column_does_not_open() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&settings(dir.path())).await.unwrap();
    store.put_profile(&by_imsi(), &profile(r#"{"universal": true}"#), None).await.unwrap();
    store.put_profile(&by_msisdn(), &ProfileBody::default(), None).await.unwrap();
    damage(&store, "UPDATE profiles SET profile = (SELECT profile FROM profiles WHERE imsi_hash IS NOT NULL)").await;
    assert!(store.profile(&by_imsi()).await.is_ok());
    assert!(matches!(store.profile(&by_msisdn()).await, Err(StoreError::Unreadable { .. })));
    damage(&store, "UPDATE profiles SET profile = identities").await;
    assert!(matches!(store.profile(&by_imsi()).await, Err(StoreError::Unreadable { .. })));
}

fn fresh(directory: &Directory) -> Directory {
    let registry = Registry::new(&config::Limits::default(), &config::Cache::default()).unwrap();
    Directory::new(Arc::clone(directory.store()), Arc::new(Register::new()), Arc::new(registry), false)
}

/// What the privacy check says to an operator client about this subscriber.
fn refusal(directory: &Directory, who: &Identities) -> Option<lcs::RefusalReason> {
    use lcs::{LcsClientId, LcsClientType, LocationRequest, LocationType, PlmnClient, Priority, Qos, Target};
    let home = privacy::HomeNetwork { country_codes: Vec::new(), realms: Vec::new(), node_numbers: Vec::new() };
    let ppr = privacy::Ppr::new(Arc::clone(directory.register()), privacy::Policy::new(home));
    let request = LocationRequest {
        account: "op".into(),
        client: LcsClientId {
            client_type: LcsClientType::PlmnOperator,
            external: None,
            internal: Some(PlmnClient::AnonymousLocation),
            dialled: None,
            apn: None,
            name: None,
            requestor: None,
            call_session_related: false,
        },
        target: who.imsi.map(Target::Imsi).or(who.msisdn.map(Target::Msisdn)).unwrap(),
        service_type: None,
        codeword: None,
        location_type: LocationType::Current,
        max_age_s: None,
        qos: Qos::BEST_EFFORT,
        velocity: false,
        priority: Priority::Normal,
        service_coverage: Vec::new(),
        shapes: lcs::gad::ShapeSet::ALL,
        least_privacy: lcs::LeastPrivacy::NONE,
    };
    let gmlc = lcs::Address::international("4900000001").unwrap();
    ppr.authorise(&request, who, crate::clock::now(), &gmlc).err().map(|refusal| refusal.reason)
}

#[tokio::test]
async fn changes_take_effect_in_place_and_after_a_restart() {
    use lcs::RefusalReason::{OptedOut, Paused, SwitchedOff};
    let dir = tempfile::tempdir().unwrap();
    let live = directory(dir.path()).await;
    live.put_profile(&both(), &profile(r#"{"universal": true}"#), None).await.unwrap();
    let mut seen = Vec::new();
    let restarted = fresh(&live);
    restarted.load(|done, total| seen.push((done, total))).await.unwrap();
    assert_eq!(seen.last(), Some(&(1, 1)));
    assert_eq!((refusal(&live, &both()), refusal(&restarted, &by_msisdn())), (None, None));

    live.change_standing(&by_imsi(), |standing| standing.switched_off = true).await.unwrap();
    assert_eq!(refusal(&live, &by_msisdn()), Some(SwitchedOff));
    live.change_standing(&by_imsi(), |standing| {
        standing.switched_off = false;
        standing.paused_until = jiff::Timestamp::from_second(4_000_000_000).ok();
    })
    .await
    .unwrap();
    assert_eq!(refusal(&live, &by_msisdn()), Some(Paused));
    live.change_standing(&by_imsi(), |standing| standing.paused_until = None).await.unwrap();
    assert_eq!(refusal(&live, &by_msisdn()), None);

    live.opt_out(&by_msisdn()).await.unwrap();
    assert_eq!(refusal(&live, &by_imsi()), Some(OptedOut));
    let undo = live.put_profile(&both(), &profile(r#"{"universal": true}"#), None).await;
    assert!(matches!(undo, Err(DirectoryError::OptedOut)));
    let undo = live.change_standing(&both(), |standing| standing.opted_out = false).await;
    assert!(matches!(undo, Err(DirectoryError::OptedOut)));
    let restarted = fresh(&live);
    restarted.load(|_, _| ()).await.unwrap();
    assert_eq!(refusal(&restarted, &both()), Some(OptedOut));
    live.opt_in(&both()).await.unwrap();
    assert_eq!(refusal(&live, &both()), None);
}

#[tokio::test]
async fn erasure_leaves_nothing_and_is_idempotent() {
    let dir = tempfile::tempdir().unwrap();
    let live = directory(dir.path()).await;
    live.put_profile(&both(), &telling_profile(), None).await.unwrap();
    let sealed: Vec<u8> =
        sqlx::query_scalar("SELECT salt FROM profiles").fetch_one(&live.store().readers).await.unwrap();
    let on_disk_now = |octets: &[u8]| on_disk(dir.path()).windows(octets.len()).any(|window| window == octets);
    assert!(on_disk_now(&sealed));
    let salt = live.register().salt(&both()).unwrap();
    assert!(live.erase(&by_msisdn()).await.unwrap());
    assert!(!live.erase(&by_msisdn()).await.unwrap());
    assert!(!on_disk_now(&sealed), "the sealed salt is still in the file or its log");
    assert!(live.register().salt(&both()).is_none());
    assert!(matches!(live.profile(&both()).await, Err(DirectoryError::NoSubscriber)));
    // Whoever comes back is somebody new to the log.
    live.put_profile(&both(), &telling_profile(), None).await.unwrap();
    assert!(live.register().salt(&both()).unwrap() != salt);
}

#[tokio::test]
async fn an_opt_out_outlives_erasure_where_a_default_profile_would_allow() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(&settings(dir.path())).await.unwrap());
    let registry = Registry::new(&config::Limits::default(), &config::Cache::default()).unwrap();
    let live = Directory::new(store, Arc::new(Register::new()), Arc::new(registry), true);
    live.opt_out(&both()).await.unwrap();
    let salt = live.register().salt(&both()).unwrap();
    live.erase(&both()).await.unwrap();
    assert!(live.register().standing(&both()).unwrap().opted_out);
    assert!(live.register().salt(&both()).unwrap() != salt);
}

#[tokio::test]
async fn a_profile_under_another_imsi_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let live = directory(dir.path()).await;
    live.put_profile(&both(), &profile(r#"{"universal": true}"#), None).await.unwrap();
    live.opt_out(&both()).await.unwrap();
    let salt = live.register().salt(&both()).unwrap();
    let stranger = Identities { imsi: Imsi::parse("001019999999999").ok(), ..both() };
    let open = profile(r#"{"universal": true}"#);
    assert!(matches!(
        live.put_profile(&stranger, &open, None).await,
        Err(DirectoryError::Store(StoreError::TwoSubscribers))
    ));
    assert!(live.opt_out(&stranger).await.is_err() && live.opt_in(&stranger).await.is_err());
    assert!(live.erase(&stranger).await.is_err());
    let restarted = fresh(&live);
    restarted.load(|_, _| ()).await.unwrap();
    for directory in [&live, &restarted] {
        assert_eq!(refusal(directory, &both()), Some(lcs::RefusalReason::OptedOut));
        assert_eq!(directory.register().salt(&by_imsi()), Some(salt));
    }
}

#[tokio::test]
async fn what_is_left_of_an_opt_out_is_under_every_key() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(&settings(dir.path())).await.unwrap());
    let registry = Arc::new(Registry::new(&config::Limits::default(), &config::Cache::default()).unwrap());
    let live = Directory::new(Arc::clone(&store), Arc::new(Register::new()), Arc::clone(&registry), true);
    live.opt_out(&both()).await.unwrap();
    live.erase(&by_msisdn()).await.unwrap();
    assert!(live.register().standing(&by_imsi()).unwrap().opted_out);
    // Whether a profile that cannot be read opts out is not known: it does then.
    live.opt_in(&both()).await.unwrap();
    damage(&store, "UPDATE profiles SET profile = identities").await;
    let restarted = Directory::new(store, Arc::new(Register::new()), registry, true);
    restarted.load(|_, _| ()).await.unwrap();
    restarted.erase(&by_imsi()).await.unwrap();
    for who in [both(), by_imsi(), by_msisdn()] {
        assert!(restarted.register().standing(&who).unwrap().opted_out);
    }
}

#[tokio::test]
async fn erasure_is_not_done_while_the_write_ahead_log_still_holds_it() {
    let dir = tempfile::tempdir().unwrap();
    let live = directory(dir.path()).await;
    live.put_profile(&both(), &telling_profile(), None).await.unwrap();
    sqlx::query("PRAGMA busy_timeout = 0").execute(&live.store().writer).await.unwrap();
    let mut reader = live.store().readers.begin().await.unwrap();
    let _: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM profiles").fetch_one(&mut *reader).await.unwrap();
    assert!(matches!(live.erase(&both()).await, Err(DirectoryError::Store(StoreError::StillRead))));
    assert!(live.register().salt(&both()).is_none(), "nothing more is recorded under the salt");
    reader.rollback().await.unwrap();
    assert!(!live.erase(&both()).await.unwrap());
}

#[tokio::test]
async fn rules_alone_leave_switch_pause_and_time_zone() {
    let dir = tempfile::tempdir().unwrap();
    let live = directory(dir.path()).await;
    let open = profile(r#"{"universal": true}"#);
    live.put_rules(&both(), &open, Some(0)).await.unwrap();
    let until = jiff::Timestamp::from_second(4_000_000_000).ok();
    let change = move |standing: &mut crate::profile::StandingBody| {
        (standing.paused_until, standing.switched_off, standing.utc_offset_min) = (until, true, 60);
    };
    live.change_standing(&both(), change).await.unwrap();
    let stored = live.put_rules(&by_imsi(), &open, Some(2)).await.unwrap();
    let standing = &stored.profile.standing;
    assert_eq!((standing.paused_until, standing.switched_off, standing.utc_offset_min), (until, true, 60));
    assert_eq!(refusal(&live, &both()), Some(lcs::RefusalReason::SwitchedOff));
    live.opt_out(&both()).await.unwrap();
    assert!(matches!(live.put_rules(&both(), &open, None).await, Err(DirectoryError::OptedOut)));
}

#[tokio::test]
async fn an_unsound_profile_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let live = directory(dir.path()).await;
    live.put_profile(&both(), &profile(r#"{"universal": true}"#), None).await.unwrap();
    let unsound = profile(r#"{"unrelated": {"not_listed": "allowed"}}"#);
    assert!(matches!(live.put_profile(&both(), &unsound, None).await, Err(DirectoryError::Profile(_))));
    assert_eq!(live.profile(&both()).await.unwrap().version, 1);
}

#[tokio::test]
async fn reports_stay_until_delivered() {
    let dir = tempfile::tempdir().unwrap();
    let start = crate::clock::now();
    {
        let store = Store::open(&settings(dir.path())).await.unwrap();
        let expires = start.after(Duration::from_secs(3600));
        store.keep_report(ReportKind::Slirep, "fleet", "https://a.example.net/", b"one", expires).await.unwrap();
        store.keep_report(ReportKind::Emerep, "psap", "https://b.example.net/", b"two", expires).await.unwrap();
        store.close().await;
    }
    let store = Store::open(&settings(dir.path())).await.unwrap();
    let now = crate::clock::now();
    let due = store.due_reports(now, 10, 10).await.unwrap();
    let [first, second] = due.as_slice() else { panic!("two reports") };
    assert_eq!((first.kind, first.client.as_str(), first.body.as_slice()), (ReportKind::Emerep, "psap", &b"two"[..]));
    assert_eq!(
        (second.kind, second.destination.as_str(), second.attempts),
        (ReportKind::Slirep, "https://a.example.net/", 0)
    );
    let later = now.after(Duration::from_secs(60));
    store.postpone_report(first, later).await.unwrap();
    store.forget_report(second.id).await.unwrap();
    assert!(store.due_reports(now, 10, 10).await.unwrap().is_empty());
    assert_eq!(store.next_report_due(now).await.unwrap(), Some(later));
    let [again] = <[Report; 1]>::try_from(store.due_reports(later, 10, 10).await.unwrap()).unwrap();
    assert_eq!(again.attempts, 1);
    assert_eq!(store.drop_expired_reports(start.after(Duration::from_secs(3601))).await.unwrap().len(), 1);
    assert_eq!(store.next_report_due(start).await.unwrap(), None);
}

#[tokio::test]
async fn a_client_that_cannot_be_read_is_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&settings(dir.path())).await.unwrap();
    store.put_client(&fleet(), SecretChange::Keep, None).await.unwrap();
    let other = client(r#"{"id": "anon", "client_type": "plmn_operator", "internal_identity": "anonymous_location"}"#);
    store.put_client(&other, SecretChange::Keep, None).await.unwrap();
    damage(&store, "UPDATE clients SET targets = X'01' WHERE id = 'fleet'").await;
    let clients = store.clients().await.unwrap();
    assert_eq!(clients.iter().map(|client| client.record.id.as_str()).collect::<Vec<_>>(), ["anon"]);
}

#[tokio::test]
async fn an_alias_is_one_clients_and_makes_room() {
    let dir = tempfile::tempdir().unwrap();
    let at = Timestamp::from_secs(1_900_000_000);
    let later = |seconds: u64| Timestamp::from_secs(at.secs() + seconds);
    let pseudonym = |name: &str| lcs::Pseudonym::new(format!("AQ{name}@h.gmlc.example")).unwrap();
    let (first, second, third) = (pseudonym("first"), pseudonym("second"), pseudonym("third"));
    let store = Store::open(&settings(dir.path())).await.unwrap();
    let alias = store.alias("fleet", &first);
    assert_eq!(alias.text().len(), 20);
    assert!(alias.text().starts_with('P'));
    assert!(alias.text().bytes().all(|octet| octet.is_ascii_uppercase() || (b'2'..=b'7').contains(&octet)));
    assert!(alias != store.alias("other", &first) && alias != store.alias("fleet", &second));
    // The two texts are apart.
    assert_ne!(
        store.alias("f", &pseudonym("x")),
        store.alias("fA", &lcs::Pseudonym::new("Qx@h.gmlc.example".into()).unwrap())
    );
    assert_eq!(store.pseudonym_of_alias("fleet", alias.text()).await.unwrap(), None);
    store.keep_alias("fleet", &alias, &first, later(100), at).await.unwrap();
    store.keep_alias("fleet", &alias, &first, later(100), at).await.unwrap();
    assert_eq!(store.pseudonym_of_alias("fleet", alias.text()).await.unwrap(), Some(first.clone()));
    for (client, text) in [("other", alias.text()), ("fleet", "P"), ("fleet", ""), ("", alias.text())] {
        assert_eq!(store.pseudonym_of_alias(client, text).await.unwrap(), None);
    }
    // Durable, and nothing on disk tells it.
    store.close().await;
    let octets = std::fs::read(dir.path().join("w.db")).unwrap();
    for text in [alias.text(), "AQfirst"] {
        assert!(!octets.windows(text.len()).any(|window| window == text.as_bytes()));
    }
    let store = Store::open(&settings(dir.path())).await.unwrap();
    assert_eq!(store.alias("fleet", &first), alias);

    // The longest unused makes room, and what has ended.
    for (pseudonym, used) in [(&second, 10), (&third, 20)] {
        let alias = store.alias("fleet", pseudonym);
        store.keep_alias("fleet", &alias, pseudonym, later(200), later(used)).await.unwrap();
    }
    let known = async |client: &str| {
        let mut known = Vec::new();
        for pseudonym in [&first, &second, &third] {
            let alias = store.alias(client, pseudonym);
            known.push(store.pseudonym_of_alias(client, alias.text()).await.unwrap().is_some());
        }
        known
    };
    assert_eq!(store.prune_aliases("other", 1, later(30)).await.unwrap(), 0);
    assert_eq!(store.prune_aliases("fleet", 2, later(30)).await.unwrap(), 1);
    assert_eq!(known("fleet").await, [false, true, true]);
    store.keep_alias("fleet", &alias, &first, later(100), later(40)).await.unwrap();
    assert_eq!(store.prune_aliases("fleet", 2, later(40)).await.unwrap(), 1);
    assert_eq!(known("fleet").await, [true, false, true]);
    assert_eq!(store.prune_aliases("other", 9, later(100)).await.unwrap(), 1);
    assert_eq!(known("fleet").await, [false, false, true]);
}
