//! Deferred requests in the running gateway (TS 23.271 clauses 9.1.8, 9.1.9, 9.1.12 and 9.1.19; `docs/deferred.md`).
//!
//! ```text
//!   door ── arm, cancel, query, pause ──> Deferred ── gmlc::activate ──> serving node
//!                                          │    ▲
//!   client <── outbox <── gmlc::ldr_report ┘    └── intake <── report of a node        time: run
//! ```
//!
//! Who is at home elsewhere is waited for there: [`referred`]. Who asks may be a client, another gateway for one of its own, or the home
//! gateway of somebody who is here: [`instructed`]. Who is in another's network may be waited for by its gateway: [`visited`]. What a phone carried on into a third one is reported from there:
//! [`passed_on`].
//!
//! One order holds throughout: what the client is to get is durable first, then how far the request came, and only then a node is
//! answered or asked. [`gmlc::Ldr`] decides; this carries it out.

mod arm;
mod changes;
mod charge;
mod course;
mod desk;
mod index;
mod instructed;
mod intake;
mod outbox;
mod passed_on;
mod referred;
mod requesting;
mod run;
mod speaker;
mod standing;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod visited;

pub(crate) use arm::Armed;
pub(crate) use desk::{Done, LdrDesk};
pub(crate) use intake::{FromWaiter, NodeWord, NotTaken, instance_of};
pub(crate) use outbox::{LdrNews, Outbox};
pub(crate) use referred::{NewsFate, waiting_at_once};
pub(crate) use requesting::ByDoor;
pub(crate) use speaker::{Speaker, kept_name, visited_of};
pub(crate) use standing::{Asker, LdrStanding, Road};

use crate::config;
use crate::store::{LdrRows, Store, StoreError};
use index::Index;
use lcs::{Duration, RefusalReason};
use referred::Referred;
use std::sync::Arc;
use tokio::sync::Notify;

/// Whether a refusal is of the moment, so that the next report may be told: a place, an hour, a pause, a register that cannot be asked.
fn passes(reason: RefusalReason) -> bool {
    matches!(
        reason,
        RefusalReason::AreaRule
            | RefusalReason::OutsideHours
            | RefusalReason::Paused
            | RefusalReason::ProfileUnreadable
    )
}

/// All deferred requests of this gateway.
pub(crate) struct Deferred {
    index: Index,
    rows: LdrRows,
    outbox: Arc<dyn Outbox>,
    /// Those about subscribers of others.
    referred: Referred,
    settings: config::Deferred,
    /// Something is due sooner than it was.
    sooner: Notify,
}

impl Deferred {
    /// Reads what is kept. `keep_news`: how long news for clients are kept. Nothing is done about it before [`Deferred::run`].
    ///
    /// # Errors
    /// The store cannot be read.
    pub(crate) async fn open(
        store: Arc<Store>,
        outbox: Arc<dyn Outbox>,
        settings: config::Deferred,
        keep_news: Duration,
    ) -> Result<Self, StoreError> {
        let referred = Referred::open(Arc::clone(&store), Arc::clone(&outbox), &settings, keep_news).await?;
        let (index, rows) = (Index::default(), LdrRows::new(store));
        let started = std::time::Instant::now();
        let unreadable = rows.load(|parties, kept| drop(index.restore(parties, kept))).await?;
        let seconds = started.elapsed().as_secs_f64();
        if index.len() > 0 || unreadable > 0 {
            tracing::info!(requests = index.len(), unreadable, seconds, "deferred requests in memory");
        }
        Ok(Self { index, rows, outbox, referred, settings, sooner: Notify::new() })
    }
}
