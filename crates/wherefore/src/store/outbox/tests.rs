//! The outbox against a model.

use super::*;
use crate::config;
use lcs::Duration;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Step {
    /// Keep report `number` of request `stream`, which belongs to client `stream % 2`.
    Keep { stream: u8, number: i64 },
    /// Try the due report at this place of the list: taken, or not.
    Try { at: usize, taken: bool },
    /// Time passes, seconds.
    Wait(u64),
    /// The process ends and begins anew.
    Restart,
    /// What is out of date is given up.
    GiveUp,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0u8..4, 1i64..8).prop_map(|(stream, number)| Step::Keep { stream, number }),
        6 => (0usize..6, any::<bool>()).prop_map(|(at, taken)| Step::Try { at, taken }),
        2 => (0u64..400).prop_map(Step::Wait),
        1 => Just(Step::Restart),
        1 => Just(Step::GiveUp),
    ];
    prop::collection::vec(step, 1..60)
}

/// Longest that a report is kept, seconds.
const KEEP_S: u64 = 1_000;
const MOST: u32 = 6;

async fn open(dir: &tempfile::TempDir) -> Store {
    let (path, key_file) = (dir.path().join("w.db"), dir.path().join("w.key"));
    Store::open(&config::Store { path, key_file, ..config::Store::default() }).await.unwrap()
}

fn client(stream: u8) -> &'static str {
    if stream.is_multiple_of(2) { "even" } else { "odd" }
}

/// Runs the steps beside a model: what is kept, by request and number, with when it expires.
async fn run(steps: Vec<Step>) {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir).await;
    let mut kept: BTreeMap<(u8, i64), (Timestamp, u64)> = BTreeMap::new();
    let (mut now, mut serial) = (clock::now().after(Duration::from_secs(10)), 0u64);
    for step in steps {
        match step {
            Step::Keep { stream, number } => {
                serial += 1;
                let expires = now.after(Duration::from_secs(KEEP_S));
                let (kind, destination, body) = (ReportKind::Tlrep, "https://c.example/", serial.to_string());
                let report = NewReport { kind, client: client(stream), destination, body: body.as_bytes(), expires };
                let in_order = InOrder { stream: [stream; 16], number };
                let given_up = store.keep_in_order(&[(report, in_order)], MOST).await.unwrap();
                let entry = kept.entry((stream, number)).or_insert((expires, serial));
                entry.1 = serial;
                for gone in given_up {
                    let InOrder { stream, number } = gone.in_order.unwrap();
                    assert!(kept.remove(&(stream[0], number)).is_some(), "given up once");
                }
                for of in ["even", "odd"] {
                    let count = kept.keys().filter(|(stream, _)| client(*stream) == of).count();
                    assert!(count <= MOST as usize, "{count} of one client");
                }
            }
            Step::Try { at, taken } => {
                let due = store.due_reports(now, 100, 100).await.unwrap();
                let Some(report) = due.get(at) else { continue };
                let InOrder { stream, number } = report.in_order.unwrap();
                let key = (stream[0], number);
                let (_, serial) = kept[&key];
                assert_eq!(report.body.as_slice(), serial.to_string().as_bytes(), "the latest under its number");
                let before = kept.range((key.0, i64::MIN)..key).filter(|(_, (expires, _))| *expires > now).count();
                assert_eq!(before, 0, "nothing that comes before it is still kept");
                if taken {
                    store.delivered_report(report, now).await.unwrap();
                    kept.remove(&key);
                } else {
                    store.postpone_report(report, now.after(Duration::from_secs(50))).await.unwrap();
                    let receiver = report.receiver;
                    let others = store.due_reports(now, 100, 100).await.unwrap();
                    assert!(others.iter().all(|other| other.receiver != receiver), "its receiver is left alone");
                }
            }
            Step::Wait(seconds) => now = now.after(Duration::from_secs(seconds)),
            Step::Restart => {
                drop(store);
                store = open(&dir).await;
            }
            Step::GiveUp => {
                let given_up = store.drop_expired_reports(now).await.unwrap();
                let mut gone: Vec<_> =
                    given_up.iter().map(|gone| gone.in_order.unwrap()).map(|o| (o.stream[0], o.number)).collect();
                gone.sort_unstable();
                let model: Vec<_> =
                    kept.iter().filter(|(_, (expires, _))| *expires <= now).map(|(key, _)| *key).collect();
                assert_eq!(gone, model);
                kept.retain(|_, (expires, _)| *expires > now);
            }
        }
    }
    // A receiver that takes everything empties it, each request in its order.
    let later = now.after(Duration::from_secs(100));
    kept.retain(|_, (expires, _)| *expires > later);
    let mut last: BTreeMap<u8, i64> = BTreeMap::new();
    loop {
        let due = store.due_reports(later, 100, 100).await.unwrap();
        if due.is_empty() {
            break;
        }
        for report in due {
            let InOrder { stream, number } = report.in_order.unwrap();
            assert!(last.insert(stream[0], number).is_none_or(|before| before < number));
            assert!(kept.remove(&(stream[0], number)).is_some(), "each once");
            store.delivered_report(&report, later).await.unwrap();
        }
    }
    assert!(kept.is_empty(), "nothing is lost: {kept:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn reports_keep_their_order_and_none_is_lost(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps));
    }
}

#[tokio::test]
async fn a_new_report_waits_with_the_others_of_a_receiver_that_does_not_answer_unless_it_is_an_emergency() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let now = clock::now().after(Duration::from_secs(1));
    let (expires, url) = (now.after(Duration::from_secs(3_600)), "https://c.example/");
    store.keep_report(ReportKind::Slirep, "c", url, b"1", expires).await.unwrap();
    let due = store.due_reports(now, 10, 10).await.unwrap();
    let until = now.after(Duration::from_secs(60));
    store.postpone_report(&due[0], until).await.unwrap();
    store.keep_report(ReportKind::Slrep, "c", url, b"2", expires).await.unwrap();
    store.keep_report(ReportKind::Emerep, "c", url, b"3", expires).await.unwrap();
    store.keep_report(ReportKind::Slirep, "d", url, b"4", expires).await.unwrap();
    store.keep_report(ReportKind::Slirep, "c", "https://other.example/", b"5", expires).await.unwrap();
    let bodies = async |at| {
        let due = store.due_reports(at, 10, 10).await.unwrap();
        let mut bodies: Vec<_> =
            due.iter().map(|r| (String::from_utf8_lossy(&r.body).into_owned(), r.attempts)).collect();
        bodies.sort();
        bodies
    };
    let row = |body: &str, attempts| (body.to_owned(), attempts);
    assert_eq!(bodies(now).await, [row("3", 0), row("4", 0), row("5", 0)]);
    assert_eq!(bodies(until).await, [row("1", 1), row("2", 1), row("3", 0), row("4", 0), row("5", 0)]);
    // It took one: all that waited is due at once.
    let due = store.due_reports(until, 10, 10).await.unwrap();
    let first = due.iter().find(|report| report.body.as_slice() == b"1").unwrap();
    store.delivered_report(first, now).await.unwrap();
    assert_eq!(bodies(now).await, [row("2", 0), row("3", 0), row("4", 0), row("5", 0)]);
}

#[tokio::test]
async fn reports_of_many_tasks_and_their_ends_are_made_durable_together() {
    let dir = tempfile::tempdir().unwrap();
    let (store, now) = (open(&dir).await, clock::now().after(Duration::from_secs(1)));
    let expires = now.after(Duration::from_secs(3_600));
    let keep = async |stream: u8| {
        let (kind, destination, body) = (ReportKind::Tlrep, "https://c.example/", [stream]);
        let report = NewReport { kind, client: client(stream), destination, body: &body, expires };
        store.keep_in_order(&[(report, InOrder { stream: [stream; 16], number: 1 })], 1_000).await
    };
    let before = store.writes.transactions();
    for kept in futures_util::future::join_all((0..200).map(keep)).await {
        assert!(kept.unwrap().is_empty());
    }
    let due = store.due_reports(now, 1_000, 1_000).await.unwrap();
    assert_eq!(due.len(), 200);
    for ended in futures_util::future::join_all(due.iter().map(|report| store.delivered_report(report, now))).await {
        ended.unwrap();
    }
    assert!(store.due_reports(now, 1_000, 1_000).await.unwrap().is_empty());
    let transactions = store.writes.transactions() - before;
    assert!(transactions <= 4, "{transactions} transactions for 200 reports");
}

#[tokio::test]
async fn an_emergency_is_seen_behind_whatever_else_its_receiver_is_owed() {
    let dir = tempfile::tempdir().unwrap();
    let (store, now) = (open(&dir).await, clock::now().after(Duration::from_secs(1)));
    let (expires, url) = (now.after(Duration::from_secs(3_600)), "https://c.example/");
    for body in 0u8..20 {
        store.keep_report(ReportKind::Slrep, "c", url, &[body], expires).await.unwrap();
    }
    store.keep_report(ReportKind::Emerep, "c", url, b"help", expires).await.unwrap();
    let due = store.due_reports(now, 2, 100).await.unwrap();
    let bodies: Vec<&[u8]> = due.iter().map(|report| report.body.as_slice()).collect();
    assert_eq!(bodies, [b"help".as_slice(), &[0], &[1]]);
}
