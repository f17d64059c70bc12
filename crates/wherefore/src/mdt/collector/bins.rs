//! Bins of a running collector: released once a period, and told as they were released (B27, `docs/mdt-store.md`).

use super::super::{BinFile, BinFileError, BinForm, Days, Part};
use super::Collector;
use super::hand_out::{HandOutError, HandedOut, Unlinked};
use super::rows::RowsError;
use crate::clock;
use lcs::{Duration, Timestamp};
use mdt_store::{BinRule, BinRuleError};

/// Attempts beside a store that changes; the last one holds it from beginning to end.
const ATTEMPTS: usize = 3;

impl Collector {
    pub(super) fn bin_rule(config: &crate::config::Mdt) -> Result<BinRule, BinRuleError> {
        let apart = Duration::from_secs(config.bin_apart_s);
        BinRule::new(config.bin_side_m, config.bin_days, config.bin_subjects, apart)
    }

    /// Releases the bins of periods that are over and waited for. Durable when this returns.
    pub(super) async fn release_bins(&self, now: Timestamp) -> Result<(), RowsError> {
        for _ in 1..ATTEMPTS {
            if self.try_to_release(now).await? {
                return Ok(());
            }
        }
        // Sorting and erasing wait for this one.
        let _quiet = self.rows.quiet().await;
        if self.try_to_release(now).await? { Ok(()) } else { Err(RowsError::Closed) }
    }

    /// One attempt; false when rows were erased or sorted under it.
    async fn try_to_release(&self, now: Timestamp) -> Result<bool, RowsError> {
        let closed_before = now.before(Duration::from_secs(self.config.bin_wait_s));
        let closed_before_ms = i64::try_from(closed_before.micros() / 1000).unwrap_or(i64::MAX);
        let (mut binning, names) = self.rows.binning(self.bin_rule, closed_before_ms).await?;
        let ages = self.ages(now);
        for name in &names {
            let Some(part) = self.rows.part(name.clone(), None, false, ages).await? else { return Ok(false) };
            let added = tokio::task::spawn_blocking(move || {
                if let Part::Rows(rows) = part {
                    binning.add(&rows);
                }
                binning
            });
            binning = added.await.map_err(|_| RowsError::Closed)?;
        }
        let made = tokio::task::spawn_blocking(move || binning.finish()).await.map_err(|_| RowsError::Closed)?;
        self.rows.release(made, names).await
    }

    /// Releases what is due, and exports what was ever released of these days.
    pub(crate) async fn hand_out_bins(&self, days: &Days, form: BinForm) -> Result<HandedOut, HandOutError> {
        self.release_bins(clock::now()).await?;
        let path = self.beside();
        let unlinked = Unlinked(path.clone());
        let mut file = BinFile::create(&path, form, self.bin_rule.subjects()).await?;
        for period in self.rows.released().await? {
            if days.has(period)
                && let Some(bins) = self.rows.bins(period).await?
            {
                file.add(&bins).await?;
            }
        }
        let (file, rows) = file.finish(&path).await?;
        drop(unlinked);
        Ok(HandedOut { file, rows })
    }
}

impl From<BinFileError> for HandOutError {
    fn from(error: BinFileError) -> Self {
        match error {
            BinFileError::File(error) => Self::File(error),
            BinFileError::Store(error) => Self::Rows(error.into()),
            BinFileError::GeoPackage(error) => Self::GeoPackage(error),
        }
    }
}
