//! Releasing bins: what is told of a period is kept before it is told, and is what is told of it ever after (B27).

use crate::bins::{Binning, Period, PeriodBins};
use crate::catalog::Release;
use crate::files::Files;
use crate::store::{Store, is_of};
use crate::{AnonymisedRows, Day, StoreError};

/// Where bins are, below the folder of the store.
const FOLDER: &str = "bins";

impl<F: Files> Store<F> {
    /// Periods whose bins were released, in the order in which that was done.
    #[must_use]
    pub fn released(&self) -> Vec<Period> {
        self.catalog.released.iter().map(|release| release.period).collect()
    }

    /// Bins of a period as they were released; nothing where none were.
    pub fn bins(&self, period: Period) -> Option<Result<PeriodBins, StoreError>> {
        let release = self.catalog.released.iter().find(|release| release.period == period)?;
        let name = || release.name.clone();
        let read = || {
            let text = self.files.read(&release.name)?.ok_or_else(|| StoreError::Missing { name: name() })?;
            let bins = PeriodBins::from_json(&text).filter(|bins| bins.period() == period);
            bins.ok_or_else(|| StoreError::Bins { name: name() })
        };
        Some(read())
    }

    /// Names of the files of rows that have to be read, so that `binning` knows all it is to release.
    #[must_use]
    pub fn names_for(&self, binning: &Binning) -> Vec<String> {
        let files = self.catalog.files.iter().filter(|file| is_of::<AnonymisedRows>(&file.name));
        let due = files.filter(|file| file.span.is_none_or(|span| binning.due_between(span.first_ms, span.last_ms)));
        due.map(|file| file.name.clone()).collect()
    }

    /// Keeps bins as released, and says whether it did. It does not where a file that they were made from is not there any more: rows were
    /// erased or sorted meanwhile, and the bins are to be made again. A period of which a day was released before is passed over, whatever
    /// its bins are now. Durable when this returns; only then may they be told.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn release(&mut self, made: &[PeriodBins], from: &[String]) -> Result<bool, StoreError> {
        let mut next = self.next()?;
        if !from.iter().all(|name| next.files.iter().any(|file| file.name == *name)) {
            return Ok(false);
        }
        let before = next.released.len();
        for bins in made {
            let period = bins.period();
            if next.released.iter().any(|release| release.period.meets(period)) {
                continue;
            }
            let name = next.name_as(FOLDER, "json");
            self.files.put(&name, &bins.to_json().ok_or(StoreError::Export)?)?;
            next.released.push(Release { period, name });
        }
        if next.released.len() > before {
            self.become_durable(next)?;
        }
        Ok(true)
    }

    /// Forgets bins of periods that ended before a day, unless rows of theirs are there still, which could then be released again. Says
    /// how many.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn forget_bins_before(&mut self, day: Day) -> Result<u64, StoreError> {
        let mut next = self.next()?;
        let rows = |period: Period| {
            let within = |first_ms, last_ms| first_ms < period.end_ms() && period.start_ms() <= last_ms;
            let files = self.catalog.files.iter().filter(|file| is_of::<AnonymisedRows>(&file.name));
            files.into_iter().any(|file| file.span.is_none_or(|span| within(span.first_ms, span.last_ms)))
        };
        let goes = |release: &Release| release.period.end_ms() <= day.start_ms() && !rows(release.period);
        let gone: Vec<String> =
            self.catalog.released.iter().filter(|release| goes(release)).map(|release| release.name.clone()).collect();
        if gone.is_empty() {
            return Ok(0);
        }
        next.released.retain(|release| !gone.contains(&release.name));
        self.become_durable(next)?;
        gone.iter().try_for_each(|name| self.files.remove(name))?;
        Ok(gone.len() as u64)
    }
}
