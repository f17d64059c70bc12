//! How long rows, books, receipts and jobs are kept: by whole days, UTC, checked at the start and whenever a day ends.

use super::Collector;
use super::rows::RowsError;
use crate::clock;
use lcs::Timestamp;
use mdt_store::{Ages, Day};

const DAY_S: u64 = 86_400;
const DAY_MS: i64 = 86_400_000;

/// What a pass let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct LetGo {
    rows: u64,
    books: u64,
    jobs: u64,
    bins: u64,
}

/// Retention was not carried out; it is tried again.
#[derive(Debug, thiserror::Error)]
pub(super) enum RetentionError {
    /// Rows.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// Books or jobs.
    #[error(transparent)]
    Books(#[from] crate::store::StoreError),
    /// Jobs.
    #[error(transparent)]
    Jobs(#[from] super::JobError),
}

/// The first moment of the day so many days before this one.
fn days_before(now: Timestamp, days: u32) -> Timestamp {
    Timestamp::from_secs((now.secs() / DAY_S).saturating_sub(days.into()) * DAY_S)
}

impl Collector {
    /// From when on rows are told; what is older is gone from every answer, whether or not the pass took it from disk already.
    pub(super) fn ages(&self, now: Timestamp) -> Ages {
        let from = |days| i64::try_from(days_before(now, days).secs() / DAY_S).map_or(i64::MAX, |day| day * DAY_MS);
        Ages {
            anonymous_from_ms: from(self.config.keep_rows_days),
            subjects_from_ms: from(self.config.keep_subject_rows_days),
        }
    }

    /// One pass: rows from disk, then what is known of segments, with their receipts, then jobs that were stopped long ago, then bins.
    pub(super) async fn let_go(&self, now: Timestamp) -> Result<LetGo, RetentionError> {
        let rows = self.rows.expire(self.ages(now)).await?;
        let books = self.books.forget_segments_before(days_before(now, self.config.keep_books_days), now).await?;
        let jobs = self.jobs.forget_stopped_before(days_before(now, self.config.keep_jobs_days)).await?;
        let day = days_before(now, self.config.keep_bins_days).secs() / DAY_S;
        let bins = self.rows.forget_bins_before(Day(i32::try_from(day).unwrap_or_default())).await?;
        Ok(LetGo { rows, books, jobs, bins })
    }

    /// The pass, once a day; says which day is done.
    pub(super) async fn keep_to_ages(&self, done: Option<u64>) -> Option<u64> {
        let now = clock::now();
        let today = now.secs() / DAY_S;
        if done == Some(today) {
            return done;
        }
        // Before rows go: a bin is made of rows that are there.
        if let Err(error) = self.release_bins(now).await {
            tracing::error!(%error, "MDT: bins could not be released; it is tried again tomorrow, and whenever somebody asks");
        }
        match self.let_go(now).await {
            Ok(gone) => {
                if gone != LetGo::default() {
                    let LetGo { rows, books, jobs, bins } = gone;
                    tracing::info!(rows, books, jobs, bins, "MDT: what was kept long enough is gone");
                    metrics::counter!("wherefore_mdt_rows_expired_total").increment(rows);
                }
                Some(today)
            }
            Err(error) => {
                tracing::error!(%error, "MDT: what was kept long enough could not be removed; it is not told, and is tried again");
                done
            }
        }
    }
}
