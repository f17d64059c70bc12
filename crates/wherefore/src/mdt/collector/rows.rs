//! Rows into the store, and what was taken into the books, so that both are there or neither. Whoever waits at the same time shares one
//! batch.

use super::super::import::ImportPart;
use super::super::{Folder, Part};
use crate::store::{Store as Books, StoreError as BooksError, TakenSegment};
use mdt_store::{
    Ages, AnonymisedFailures, AnonymisedRows, BinRule, Binning, Compacted, Day, Limits, Period, PeriodBins, Store,
    StoreError, Turns, Which,
};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, MutexGuard, OwnedMutexGuard, mpsc, oneshot};

/// Most segments in one batch.
const BATCH: usize = 64;
/// Segments that may wait for a batch; whoever comes then waits for a place.
const WAITING: usize = 256;

/// Something could not be kept or erased.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RowsError {
    /// The store of rows.
    #[error(transparent)]
    Rows(#[from] StoreError),
    /// The books.
    #[error(transparent)]
    Books(#[from] BooksError),
    /// The program is ending.
    #[error("the store of rows is closed")]
    Closed,
}

/// What is to be kept of one segment.
struct Keep {
    rows: AnonymisedRows,
    failures: AnonymisedFailures,
    taken: TakenSegment,
    done: oneshot::Sender<bool>,
}

/// The store, if nothing is in doubt about it; opened anew otherwise.
struct Held(Option<Store<Folder>>);

impl Held {
    fn work<T>(&mut self, work: impl FnOnce(&mut Store<Folder>) -> Result<T, StoreError>) -> Result<T, RowsError> {
        let result = self.0.as_mut().map(work);
        if !matches!(result, Some(Ok(_))) {
            self.0 = None;
        }
        Ok(result.ok_or(RowsError::Closed)??)
    }
}

/// The store for a step of a compaction. Between two steps whoever waits has it.
struct Steps {
    shared: Arc<Shared>,
    runtime: Handle,
}

impl Turns<Folder> for Steps {
    type Error = RowsError;

    fn turn<T>(&mut self, step: impl FnOnce(&mut Store<Folder>) -> Result<T, StoreError>) -> Result<T, RowsError> {
        self.runtime.block_on(self.shared.lock())?.work(step)
    }
}

/// The store of rows beside the books.
pub(super) struct Rows {
    shared: Arc<Shared>,
    /// Held by whoever erases or sorts.
    changing: Mutex<()>,
    waiting: mpsc::Sender<Keep>,
}

struct Shared {
    dir: PathBuf,
    books: Arc<Books>,
    store: Arc<Mutex<Held>>,
    batches: AtomicU64,
}

impl Rows {
    pub(super) async fn open(dir: PathBuf, books: Arc<Books>) -> Result<Self, RowsError> {
        let store = Arc::new(Mutex::new(Held(None)));
        let shared = Arc::new(Shared { dir, books, store, batches: AtomicU64::new(0) });
        drop(shared.lock().await?);
        let (waiting, kept) = mpsc::channel(WAITING);
        tokio::spawn(keep_forever(Arc::clone(&shared), kept));
        Ok(Self { shared, changing: Mutex::new(()), waiting })
    }

    /// Batches that are there.
    pub(super) fn batches(&self) -> u64 {
        self.shared.batches.load(Ordering::Acquire)
    }

    /// Keeps rows and notes the segment. Durable when this returns.
    pub(super) async fn keep(
        &self,
        rows: AnonymisedRows,
        failures: AnonymisedFailures,
        taken: TakenSegment,
    ) -> Result<(), RowsError> {
        let (done, kept) = oneshot::channel();
        self.waiting.send(Keep { rows, failures, taken, done }).await.map_err(|_| RowsError::Closed)?;
        if kept.await.unwrap_or(false) { Ok(()) } else { Err(RowsError::Closed) }
    }

    /// Keeps rows that nobody waits for, as one batch. Durable when this returns.
    pub(super) async fn keep_streamed(&self, rows: AnonymisedRows) -> Result<(), RowsError> {
        self.shared.commit(self.shared.lock().await?, rows, AnonymisedFailures::default()).await
    }

    /// Keeps what was read of a file, as one batch that is none of the books'. Says of each part whether it is kept now.
    pub(super) async fn import(&self, parts: Vec<ImportPart>) -> Result<(Vec<ImportPart>, Vec<bool>), RowsError> {
        self.shared.work(move |store| store.import_both(&parts).map(|kept| (parts, kept))).await
    }

    /// Names of the files of rows or of failures, as they are now.
    pub(super) async fn names(&self, failures: bool) -> Result<Vec<String>, RowsError> {
        self.shared.work(move |store| Ok(store.names_of(failures))).await
    }

    /// What is asked for of one file; nothing when it is not there any more. The store is held no longer than that.
    pub(super) async fn part(
        &self,
        name: String,
        which: Option<Which>,
        failures: bool,
        ages: Ages,
    ) -> Result<Option<Part>, RowsError> {
        let read = move |store: &mut Store<Folder>| {
            if failures {
                return store.failures_in(&name, which.as_ref(), ages).map(|part| part.map(Part::Failures)).transpose();
            }
            store.rows_in(&name, which.as_ref(), ages).map(|part| part.map(Part::Rows)).transpose()
        };
        self.shared.work(read).await
    }

    /// What is to be released by this rule of periods that ended before a moment, and names of the files with their rows.
    pub(super) async fn binning(
        &self,
        rule: BinRule,
        closed_before_ms: i64,
    ) -> Result<(Binning, Vec<String>), RowsError> {
        let begin = move |store: &mut Store<Folder>| {
            let binning = Binning::new(rule, closed_before_ms, store.released());
            let names = store.names_for(&binning);
            Ok((binning, names))
        };
        self.shared.work(begin).await
    }

    /// Keeps bins as released, unless a file that they were made from is gone. Durable when this returns.
    pub(super) async fn release(&self, made: Vec<PeriodBins>, from: Vec<String>) -> Result<bool, RowsError> {
        self.shared.work(move |store| store.release(&made, &from)).await
    }

    /// Periods whose bins were released.
    pub(super) async fn released(&self) -> Result<Vec<Period>, RowsError> {
        self.shared.work(|store| Ok(store.released())).await
    }

    /// The bins of such a period; nothing when they were forgotten meanwhile.
    pub(super) async fn bins(&self, period: Period) -> Result<Option<PeriodBins>, RowsError> {
        self.shared.work(move |store| store.bins(period).transpose()).await
    }

    /// Forgets bins that are too old, unless there are rows of theirs. Says of how many periods.
    pub(super) async fn forget_bins_before(&self, day: Day) -> Result<u64, RowsError> {
        let _changing = self.changing.lock().await;
        self.shared.work(move |store| store.forget_bins_before(day)).await
    }

    /// Whether all of these files are still the store's: nothing of them was erased, aged or sorted.
    pub(super) async fn hold(&self, names: &[String], failures: bool) -> Result<bool, RowsError> {
        let now: HashSet<String> = self.names(failures).await?.into_iter().collect();
        Ok(names.iter().all(|name| now.contains(name)))
    }

    /// Nothing is erased or sorted while this is held.
    pub(super) async fn quiet(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().await
    }

    /// Lets rows go that are too old. Says how many.
    pub(super) async fn expire(&self, ages: Ages) -> Result<u64, RowsError> {
        let _changing = self.changing.lock().await;
        self.shared.work(move |store| store.expire(ages)).await
    }

    /// Erases rows, before it returns. Says how many.
    pub(super) async fn erase(&self, which: Which) -> Result<u64, RowsError> {
        let _changing = self.changing.lock().await;
        self.shared.work(move |store| store.erase(&which)).await
    }

    /// Sorts batches into days and places. Rows are kept meanwhile.
    pub(super) async fn compact(&self, limits: Limits) -> Result<Compacted, RowsError> {
        let _changing = self.changing.lock().await;
        let mut steps = Steps { shared: Arc::clone(&self.shared), runtime: Handle::current() };
        let compacted = tokio::task::spawn_blocking(move || mdt_store::compact(&mut steps, limits)).await;
        compacted.map_err(|_| RowsError::Closed)?
    }
}

impl Shared {
    /// The store, opened where it is not, the books in accord with it.
    async fn lock(&self) -> Result<OwnedMutexGuard<Held>, RowsError> {
        let mut held = Arc::clone(&self.store).lock_owned().await;
        if held.0.is_none() {
            let dir = self.dir.clone();
            let opened = tokio::task::spawn_blocking(move || Store::open(Folder::open(&dir)?)).await;
            let store = opened.map_err(|_| RowsError::Closed)??;
            let gone = self.books.forget_segments_after(store.batches()).await?;
            if gone > 0 {
                tracing::info!(gone, "MDT uploads whose batch never came about will be taken again");
            }
            self.batches.store(store.batches(), Ordering::Release);
            held.0 = Some(store);
        }
        Ok(held)
    }

    /// Works on the store alone. What fails leaves it in doubt: it is opened anew before the next.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store<Folder>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, RowsError> {
        Self::work_on(self.lock().await?, work).await
    }

    async fn work_on<T: Send + 'static>(
        held: OwnedMutexGuard<Held>,
        work: impl FnOnce(&mut Store<Folder>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, RowsError> {
        let mut held = held;
        tokio::task::spawn_blocking(move || held.work(work)).await.map_err(|_| RowsError::Closed)?
    }

    /// One batch: noted first, then committed.
    async fn batch(
        &self,
        rows: AnonymisedRows,
        failures: AnonymisedFailures,
        taken: &[TakenSegment],
    ) -> Result<(), RowsError> {
        if rows.is_empty() && failures.is_empty() {
            return Ok(self.books.note_segments(taken, 0).await?);
        }
        // Held from the note to the commit: were the store opened anew in between, what is noted would be forgotten.
        let held = self.lock().await?;
        let next = held.0.as_ref().map_or(0, Store::batches) + 1;
        self.books.note_segments(taken, next).await?;
        self.commit(held, rows, failures).await
    }

    /// Commits on the store that is held. Of two that end at once the later batch counts.
    async fn commit(
        &self,
        held: OwnedMutexGuard<Held>,
        rows: AnonymisedRows,
        failures: AnonymisedFailures,
    ) -> Result<(), RowsError> {
        let committed = Self::work_on(held, move |store| store.commit_both(&rows, &failures)).await?;
        self.batches.fetch_max(committed, Ordering::AcqRel);
        Ok(())
    }
}

async fn keep_forever(shared: Arc<Shared>, mut waiting: mpsc::Receiver<Keep>) {
    let mut group = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut group, BATCH).await > 0 {
        let (mut rows, mut failures) = (AnonymisedRows::default(), AnonymisedFailures::default());
        let (mut taken, mut done) = (Vec::new(), Vec::new());
        for keep in group.drain(..) {
            if rows.is_empty() {
                rows = keep.rows;
            } else {
                rows.append(&keep.rows);
            }
            failures.append(&keep.failures);
            taken.push(keep.taken);
            done.push(keep.done);
        }
        let kept = shared.batch(rows, failures, &taken).await;
        if let Err(error) = &kept {
            tracing::error!(%error, segments = taken.len(), "a batch of MDT rows could not be kept");
        }
        for done in done {
            done.send(kept.is_ok()).ok();
        }
    }
}
