use super::*;
use crate::config;
use futures_util::future::join_all;
use std::sync::atomic::AtomicUsize;

async fn open(dir: &tempfile::TempDir) -> Store {
    let (path, key_file) = (dir.path().join("w.db"), dir.path().join("w.key"));
    let store = Store::open(&config::Store { path, key_file, ..config::Store::default() }).await.unwrap();
    let tables = "CREATE TABLE parents (n BIGINT PRIMARY KEY); CREATE TABLE taken (n BIGINT PRIMARY KEY, \
                  parent BIGINT REFERENCES parents (n) DEFERRABLE INITIALLY DEFERRED)";
    sqlx::raw_sql(tables).execute(&store.writer).await.unwrap();
    store
}

/// Takes a number that nobody has, under a parent that must be there in the end.
struct Take {
    number: i64,
    parent: Option<i64>,
    begun: Arc<AtomicUsize>,
}

impl Job for Take {
    type Value = i64;

    async fn write(&self, to: &mut SqliteConnection) -> Result<i64, StoreError> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let query = sqlx::query("INSERT INTO taken (n, parent) VALUES ($1, $2)").bind(self.number).bind(self.parent);
        query.execute(&mut *to).await?;
        Ok(self.number * 10)
    }
}

async fn numbers(store: &Store) -> Vec<i64> {
    sqlx::query_scalar("SELECT n FROM taken ORDER BY n").fetch_all(&store.readers).await.unwrap()
}

/// Has so many jobs wait while somebody else writes, and tells what became of them and how many transactions that took.
async fn together(store: &Store, jobs: Vec<Take>) -> (Vec<Result<i64, StoreError>>, u64) {
    let before = store.writes.transactions();
    let busy = store.begin().await.unwrap();
    let waiting = jobs.into_iter().map(|job| store.write_with_others(job));
    let release = async {
        // All were sent before the writer runs, and it waits for who is busy.
        while store.writes.transactions() == before {
            tokio::task::yield_now().await;
        }
        drop(busy);
    };
    let (told, ()) = tokio::join!(join_all(waiting), release);
    (told, store.writes.transactions() - before)
}

fn take(number: i64, parent: Option<i64>, begun: &Arc<AtomicUsize>) -> Take {
    Take { number, parent, begun: Arc::clone(begun) }
}

#[tokio::test]
async fn what_waits_together_is_made_durable_together() {
    let dir = tempfile::tempdir().unwrap();
    let (store, begun) = (open(&dir).await, Arc::default());
    let (told, transactions) = together(&store, (1..=200).map(|n| take(n, None, &begun)).collect()).await;
    assert!(transactions <= 2, "{transactions} transactions for 200 jobs");
    let told: Vec<_> = told.into_iter().map(Result::unwrap).collect();
    assert_eq!(told, (1..=200).map(|n| n * 10).collect::<Vec<_>>(), "each learns its own");
    assert_eq!(begun.load(Ordering::SeqCst), 200);
    drop(store);
    assert_eq!(numbers(&reopened(&dir).await).await.len(), 200);
}

async fn reopened(dir: &tempfile::TempDir) -> Store {
    let (path, key_file) = (dir.path().join("w.db"), dir.path().join("w.key"));
    Store::open(&config::Store { path, key_file, ..config::Store::default() }).await.unwrap()
}

#[tokio::test]
async fn a_job_that_fails_fails_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (store, begun) = (open(&dir).await, Arc::default());
    store.write_with_others(take(7, None, &begun)).await.unwrap();
    // Two that are taken already, and the second of two that want the same.
    let wanted = [1, 7, 2, 3, 3, 7, 4];
    let (told, transactions) = together(&store, wanted.iter().map(|n| take(*n, None, &begun)).collect()).await;
    let failed: Vec<bool> = told.iter().map(Result::is_err).collect();
    assert_eq!(failed, [false, true, false, false, true, true, false]);
    assert!(told.into_iter().filter_map(Result::err).all(|error| matches!(error, StoreError::Sql(_))));
    assert_eq!(numbers(&store).await, [1, 2, 3, 4, 7]);
    assert!(transactions <= 5, "{transactions}: one for each that failed, and for what was left");
}

#[tokio::test]
async fn what_cannot_be_made_durable_is_told_to_all() {
    let dir = tempfile::tempdir().unwrap();
    let (store, begun) = (open(&dir).await, Arc::default());
    // The missing parent is seen at the commit, when every statement has succeeded.
    let jobs = [None, Some(99), None].into_iter().zip(1..).map(|(parent, n)| take(n, parent, &begun)).collect();
    let (told, _) = together(&store, jobs).await;
    let kept = numbers(&store).await;
    let durable: Vec<i64> = told.iter().filter_map(|told| told.as_ref().ok()).map(|value| value / 10).collect();
    assert_eq!(durable, kept, "told of just what is kept");
    assert!(matches!(told[1], Err(StoreError::NotWritten)));
    assert!(matches!(told[2], Err(StoreError::NotWritten)), "it was in the same transaction");
    // The writer goes on.
    assert_eq!(store.write_with_others(take(50, None, &begun)).await.unwrap(), 500);
    assert!(numbers(&store).await.contains(&50));
}

#[tokio::test]
async fn a_store_that_is_only_read_or_closed_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (store, begun) = (open(&dir).await, Arc::default());
    let (path, key_file) = (dir.path().join("w.db"), dir.path().join("w.key"));
    let config = config::Store { path, key_file, ..config::Store::default() };
    let read = Store::open_to_read(&config).await.unwrap().unwrap();
    assert!(matches!(read.write_with_others(take(1, None, &begun)).await, Err(StoreError::NotWritten)));
    store.close().await;
    assert!(matches!(store.write_with_others(take(2, None, &begun)).await, Err(StoreError::NotWritten)));
    assert_eq!(begun.load(Ordering::SeqCst), 0);
}
