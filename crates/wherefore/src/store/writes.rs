//! Writes of many tasks in one transaction: what waits while the one before it is made durable goes together.
//!
//! ```text
//!   task ── job ──> waiting ── up to 512 ──> BEGIN · job · job · job · COMMIT ──> each task is told
//!                                                    └ fails: ROLLBACK, its task is told, the others begin again
//! ```

use super::{Store, StoreError};
use futures_util::future::BoxFuture;
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{mpsc, oneshot};

/// Most jobs made durable together.
const BATCH: usize = 512;
/// Jobs that may wait; whoever comes then waits for a place.
const WAITING: usize = 4096;

/// Something to write, with all that it needs. It may be carried out more than once, each time as if it were the first: nothing of the time
/// before is left.
pub(super) trait Job: Send + Sync + 'static {
    /// What its task learns by it.
    type Value: Send + 'static;

    /// Carries it out within a transaction of several.
    ///
    /// # Errors
    /// It cannot be written. The other jobs are.
    fn write<'c>(
        &'c self,
        to: &'c mut SqliteConnection,
    ) -> impl Future<Output = Result<Self::Value, StoreError>> + Send + 'c;
}

/// The jobs that wait for the one writer.
pub(super) struct Writes {
    waiting: mpsc::Sender<Box<dyn Waiting>>,
    #[cfg_attr(not(test), expect(dead_code, reason = "tests count them"))]
    transactions: Arc<AtomicU64>,
}

impl Writes {
    /// Over this pool. The writer ends with this.
    pub(super) fn new(pool: SqlitePool) -> Self {
        let (waiting, jobs) = mpsc::channel(WAITING);
        let transactions = Arc::default();
        tokio::spawn(write_forever(pool, jobs, Arc::clone(&transactions)));
        Self { waiting, transactions }
    }

    /// Of a store that is only read: nothing can be written.
    pub(super) fn none() -> Self {
        Self { waiting: mpsc::channel(1).0, transactions: Arc::default() }
    }

    /// Transactions begun.
    #[cfg(test)]
    pub(super) fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::SeqCst)
    }
}

impl Store {
    /// Carries out a job together with those of others. Durable when this returns.
    ///
    /// # Errors
    /// What the job failed with, or [`StoreError::NotWritten`]: the whole transaction failed. Nothing of it is kept.
    pub(super) async fn write_with_others<J: Job>(&self, job: J) -> Result<J::Value, StoreError> {
        let (done, told) = oneshot::channel();
        let waiting = Box::new(Asked { job, value: None, done });
        self.writes.waiting.send(waiting).await.map_err(|_| StoreError::NotWritten)?;
        told.await.unwrap_or(Err(StoreError::NotWritten))
    }

    /// Waits until what was to be written by now has been.
    pub(super) async fn written(&self) {
        // A store that cannot write has nothing to wait for.
        drop(self.write_with_others(Nothing).await);
    }
}

struct Nothing;

impl Job for Nothing {
    type Value = ();

    async fn write(&self, _: &mut SqliteConnection) -> Result<(), StoreError> {
        Ok(())
    }
}

/// A job, whatever it gives.
trait Waiting: Send {
    fn write<'c>(&'c mut self, to: &'c mut SqliteConnection) -> BoxFuture<'c, Result<(), StoreError>>;

    /// Tells its task that it is durable, or is not.
    fn tell(self: Box<Self>, durable: Result<(), StoreError>);
}

struct Asked<J: Job> {
    job: J,
    value: Option<J::Value>,
    done: oneshot::Sender<Result<J::Value, StoreError>>,
}

impl<J: Job> Waiting for Asked<J> {
    fn write<'c>(&'c mut self, to: &'c mut SqliteConnection) -> BoxFuture<'c, Result<(), StoreError>> {
        Box::pin(async move {
            self.value = Some(self.job.write(to).await?);
            Ok(())
        })
    }

    fn tell(self: Box<Self>, durable: Result<(), StoreError>) {
        let Self { value, done, .. } = *self;
        // Whoever gave up waiting asks nobody.
        drop(done.send(durable.and_then(|()| value.ok_or(StoreError::NotWritten))));
    }
}

/// Why a transaction came to nothing.
enum Undone {
    /// One of its jobs failed.
    By(usize, StoreError),
    /// It could not begin, or not be made durable.
    Wholly(sqlx::Error),
}

async fn write_forever(pool: SqlitePool, mut jobs: mpsc::Receiver<Box<dyn Waiting>>, transactions: Arc<AtomicU64>) {
    let mut batch = Vec::with_capacity(BATCH);
    while jobs.recv_many(&mut batch, BATCH).await > 0 {
        while !batch.is_empty() {
            transactions.fetch_add(1, Ordering::SeqCst);
            match write_together(&pool, &mut batch).await {
                Ok(()) => batch.drain(..).for_each(|job| job.tell(Ok(()))),
                Err(Undone::By(at, error)) => batch.remove(at).tell(Err(error)),
                Err(Undone::Wholly(error)) => {
                    tracing::error!(%error, jobs = batch.len(), "the store could not write what was waiting");
                    batch.drain(..).for_each(|job| job.tell(Err(StoreError::NotWritten)));
                }
            }
        }
    }
}

async fn write_together(pool: &SqlitePool, batch: &mut [Box<dyn Waiting>]) -> Result<(), Undone> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await.map_err(Undone::Wholly)?;
    for (at, job) in batch.iter_mut().enumerate() {
        if let Err(error) = job.write(&mut tx).await {
            // One that cannot be rolled back is closed with its connection.
            drop(tx.rollback().await);
            return Err(Undone::By(at, error));
        }
    }
    tx.commit().await.map_err(Undone::Wholly)
}

#[cfg(test)]
mod tests;
