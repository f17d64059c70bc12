//! The collector of sealed MDT logs (role `mdt`, `docs/mdt-collector.md`).
//!
//! ```text
//!   TLS 1.3 ──> door ──> routes ──> spool          sealed octets, until all are there
//!                                     └─> intake   job and consent again ──> open ──> anonymise ──> rows: one durable batch
//!               receipt <── books (store/mdt.rs) <──────────────────────────────────────────────────┘
//! ```
//!
//! A raw measurement is in memory alone, between opening and anonymising. A segment is noted in the books under the number of the batch
//! that is about to hold its rows, before that batch is committed; it counts once the store of rows has that many batches. So whatever
//! ends the process in between, a segment is taken whole or not at all, and once.

mod bins;
mod consent;
mod desk;
mod door;
mod duty;
mod erase;
mod failures;
mod fields;
mod hand_out;
mod import;
mod intake;
mod jobs;
mod keys;
mod models;
mod phones;
mod reference;
mod retention;
mod routes;
mod rows;
mod select;
mod spool;
mod stream;

pub(crate) use desk::SubscriberError;
pub use desk::{ReferError, ReferenceView, SubjectView};
pub(crate) use door::{bind, serve};
pub(crate) use erase::EraseError;
pub use erase::ErasedRows;
pub(crate) use hand_out::{HandOutError, HandedOut};
pub use import::{ImportHead, ImportKind, ImportRat};
pub(crate) use import::{ImportPlace, ImportRefusal};
pub use jobs::{JobError, JobView};
pub use keys::{CollectorKeyView, KeyFileError, create_key, destroy_key, key_files};
pub(in crate::mdt) use models::CountedModels;
pub use select::{CandidateBody, ChosenView, SelectBody, SelectError, SelectionView};

use crate::clock;
use crate::config::Mdt;
use crate::consent::Consents;
use crate::store::Store;
use anyhow::{Context as _, Result};
use duty::Duties;
use jobs::Jobs;
use keys::Keys;
use lcs::Duration;
use mdt::job::TraceJob;
use mdt_store::{Anonymiser, BinRule, Limits};
use phones::Phones;
use privacy::disclosure::Log;
use reference::References;
use routes::router;
use rows::Rows;
use spool::Spool;
use std::sync::Arc;
use stream::Streams;
use tokio::sync::Semaphore;

/// Batches between two compactions of the store of rows.
const COMPACT_EVERY: u64 = 256;
/// How often keys are read anew and old uploads go.
const TENDING: Duration = Duration::from_secs(30);

/// The collector.
pub struct Collector {
    config: Mdt,
    keys: Keys,
    jobs: Jobs,
    spool: Arc<Spool>,
    rows: Arc<Rows>,
    books: Arc<Store>,
    consents: Arc<Consents>,
    log: Log,
    references: References,
    anonymiser: Arc<Anonymiser<CountedModels>>,
    /// How bins are cut and which of them are told.
    bin_rule: BinRule,
    phones: Phones,
    /// Who was given a job, and when.
    duties: Duties,
    streams: Streams,
    /// Segments that are opened at once: as many as there are cores.
    opening: Semaphore,
    /// One file of others at a time, for each may take much memory.
    importing: Arc<Semaphore>,
}

impl core::fmt::Debug for Collector {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Collector")
    }
}

impl Collector {
    /// Opens keys, store and spool.
    ///
    /// # Errors
    /// Which of them cannot be read, and why.
    pub(crate) async fn open(config: &Mdt, books: Arc<Store>, consents: Arc<Consents>, log: Log) -> Result<Self> {
        let keys = Keys::open(config)?;
        let models = CountedModels::load(config.models_file.as_deref()).context("mdt.models_file")?;
        let rows = Rows::open(config.dir.clone(), Arc::clone(&books)).await.context("mdt.dir")?;
        let spool = Spool::open(config, clock::now()).context("mdt.spool_dir")?;
        // An earlier process may have ended between the books and the spool.
        for name in spool.names() {
            if books.segment(&name.0, rows.batches()).await?.is_some() {
                spool.forget(name).context("mdt.spool_dir")?;
            }
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            bin_rule: Self::bin_rule(config).context("bins of mdt")?,
            anonymiser: Arc::new(Anonymiser::new(keys.session(config)?, models, config.model_floor)),
            jobs: Jobs::load(Arc::clone(&books)).await.context("jobs of MDT")?,
            spool: Arc::new(spool),
            references: References::new(&books.mdt_reference_key()?)?,
            phones: Phones::open(config, &keys)?,
            streams: Streams::open(config)?,
            duties: Duties::open(config, Arc::clone(&books)).await.context("duties of MDT")?,
            rows: Arc::new(rows),
            keys,
            books,
            consents,
            log,
            config: config.clone(),
            opening: Semaphore::new(cores),
            importing: Arc::new(Semaphore::new(1)),
        })
    }

    /// Whether the logs of a job come to this collector (TS 32.422 clause 5.10.11).
    fn is_ours(&self, job: &TraceJob) -> bool {
        job.logged().is_some_and(|logged| logged.trace_collection_entity_id == u16::from(self.config.entity))
    }

    /// Looks after keys, unfinished uploads and the store, for ever.
    pub(crate) async fn tend(&self) {
        let (mut compacted, mut aged) = (self.rows.batches(), None);
        loop {
            aged = self.keep_to_ages(aged).await;
            tokio::time::sleep(TENDING).await;
            self.keys.read_again();
            self.duties.tend(clock::now()).await;
            let gone = self.spool.expire(clock::now());
            if gone > 0 {
                metrics::counter!("wherefore_mdt_uploads_expired_total").increment(gone);
            }
            if self.rows.batches().saturating_sub(compacted) >= COMPACT_EVERY {
                compacted = self.rows.batches();
                if let Err(error) = self.rows.compact(Limits::default()).await {
                    tracing::error!(%error, "the store of MDT rows could not be compacted");
                }
            }
        }
    }
}
