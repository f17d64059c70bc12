//! The store: batches in, rows out, erasure.

use crate::catalog::{CATALOG, Catalog, Entry, Span};
use crate::files::{Files, FilesError};
use crate::schema::ParquetError;
use crate::table::{Table, Whose};
use crate::{AnonymisedFailures, AnonymisedRows, SubjectId};
use mdt::rrc::TraceReference;
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// Where batches go before they are sorted into days and places.
const INCOMING: &str = "incoming";

/// Why the store does not do what it is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A file.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The catalog cannot be read, or is of another version of the store.
    #[error("catalog.json of the store is unreadable or of another version; restore it, nothing was changed")]
    Catalog,
    /// A file of rows cannot be read.
    #[error("{name} of the store: {error}")]
    Rows {
        /// Which file.
        name: String,
        /// What is wrong with it.
        error: ParquetError,
    },
    /// A file that the catalog names is not there.
    #[error("{name}, which the catalog of the store names, is missing; restore it")]
    Missing {
        /// Which file.
        name: String,
    },
    /// Rows could not be written as Parquet.
    #[error("rows cannot be written: {0}")]
    Write(ParquetError),
    /// Rows or bins could not be put into words.
    #[error("rows cannot be exported")]
    Export,
    /// Bins that were released cannot be read. They are not made again: that would tell what changed since.
    #[error("{name}, which the catalog of the store names, holds no bins of this version; restore it")]
    Bins {
        /// Which file.
        name: String,
    },
    /// Sessions of a job are too many for a trace file.
    #[error("a job has more than 65536 sessions, which a trace file cannot number; export it in another form")]
    Sessions,
    /// Whether an earlier change came about is not known.
    #[error("an earlier write of the catalog failed, so it is open what the store holds; open it again")]
    Doubtful,
}

/// Name of what is imported: a hash of the file and of the job, so that the same file is kept once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImportName([u8; 32]);

impl ImportName {
    /// Of the part of a file that is of one job.
    #[must_use]
    pub fn new(file: &[u8], job: TraceReference) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"mdt-store import\0");
        hash.update(job.plmn.packed().to_be_bytes());
        hash.update(job.trace_id);
        hash.update(Sha256::digest(file));
        Self(hash.finalize().into())
    }
}

impl core::fmt::Display for ImportName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

/// Which rows are to be erased or exported (B28, B29).
#[derive(Clone, PartialEq, Eq)]
pub enum Which {
    /// What came from the log whose erasure token this is. Needs no identity.
    Token([u8; 32]),
    /// Those of a job.
    Job(TraceReference),
    /// Those of a subscriber of signalling based jobs.
    Subject(SubjectId),
}

impl Which {
    fn names(&self) -> impl Fn(&Whose) -> bool + use<> {
        let commitment: Option<[u8; 32]> = match self {
            Self::Token(token) => Some(Sha256::digest(token).into()),
            Self::Job(_) | Self::Subject(_) => None,
        };
        let which = self.clone();
        move |whose| match &which {
            Self::Token(_) => whose.erasure.is_some() && whose.erasure == commitment,
            Self::Job(job) => whose.job == *job,
            Self::Subject(subject) => whose.subject.as_ref() == Some(subject),
        }
    }
}

/// How much compaction takes on, and when a file is big enough to be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rows of batches that one compaction takes at most, and of older files that it joins to them: bounds its memory. At least one batch
    /// is taken.
    pub rows: u64,
    /// Rows from which on a file is full: no more are joined to it.
    pub full: u64,
}

impl Default for Limits {
    /// 4 million rows a compaction, about 400 MB of memory; files of 1 million rows, about 20 MB.
    fn default() -> Self {
        Self { rows: 4 << 20, full: 1 << 20 }
    }
}

/// How old rows may be: what was before these moments is neither read nor kept. Milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ages {
    /// Rows that name nobody.
    pub anonymous_from_ms: i64,
    /// Rows of one subscriber.
    pub subjects_from_ms: i64,
}

impl Ages {
    /// Everything.
    pub const ALL: Self = Self { anonymous_from_ms: i64::MIN, subjects_from_ms: i64::MIN };

    fn keeps(&self, whose: &Whose, time_ms: i64) -> bool {
        time_ms >= if whose.subject.is_some() { self.subjects_from_ms } else { self.anonymous_from_ms }
    }

    /// Whether all rows of a file are young enough, as far as one may say without reading it.
    fn spares(&self, span: Span) -> bool {
        span.first_ms >= self.anonymous_from_ms && (!span.subjects || span.first_ms >= self.subjects_from_ms)
    }
}

/// What a compaction did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compacted {
    /// Files that are gone.
    pub taken: u64,
    /// Files that stand for them.
    pub made: u64,
    /// Rows in them.
    pub rows: u64,
}

/// Rows in files, over a port.
///
/// Every change is one write of the catalog: files are made first, then named, then what they replace is removed. After a crash anywhere
/// the store is what it was before or after the change, and [`Store::open`] removes what no catalog names. One at a time may have a
/// folder open.
pub struct Store<F> {
    pub(crate) files: F,
    pub(crate) catalog: Catalog,
    /// Files that a compaction wrote and that do not count yet.
    pub(crate) aside: HashSet<String>,
    doubtful: bool,
}

impl<F: Files> Store<F> {
    /// Opens a folder; an empty one becomes an empty store.
    ///
    /// # Errors
    /// The folder cannot be read, or its catalog cannot.
    pub fn open(mut files: F) -> Result<Self, StoreError> {
        let catalog = Catalog::load(&files)?.ok_or(StoreError::Catalog)?;
        for name in files.list()? {
            if name != CATALOG && !catalog.has(&name) {
                files.remove(&name)?;
            }
        }
        Ok(Self { files, catalog, aside: HashSet::new(), doubtful: false })
    }

    /// Batches that were committed, ever: whoever keeps books beside the store learns whether its last batch is in.
    #[must_use]
    pub fn batches(&self) -> u64 {
        self.catalog.batches
    }

    /// Rows of both kinds that are there.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.catalog.files.iter().map(|file| file.rows).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Names of the files that are the store.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.catalog.files.iter().map(|file| file.name.as_str())
    }

    /// Names of the files of rows, or of failures.
    #[must_use]
    pub fn names_of(&self, failures: bool) -> Vec<String> {
        let is_asked = |name: &&str| is_of::<AnonymisedFailures>(name) == failures;
        self.names().filter(is_asked).map(str::to_owned).collect()
    }

    /// Rows of one file that are asked for and not too old; nothing when the store has no such file any more.
    pub fn rows_in(&self, name: &str, which: Option<&Which>, ages: Ages) -> Option<Result<AnonymisedRows, StoreError>> {
        self.asked(which, ages, Some(name)).next()
    }

    /// The same of failures.
    pub fn failures_in(
        &self,
        name: &str,
        which: Option<&Which>,
        ages: Ages,
    ) -> Option<Result<AnonymisedFailures, StoreError>> {
        self.asked(which, ages, Some(name)).next()
    }

    /// Keeps a batch, as one file. When this returns it is durable; what it returns is [`Store::batches`].
    ///
    /// # Errors
    /// [`StoreError::Doubtful`] from then on when it is open whether the batch is in: open the store again and compare the number.
    pub fn commit(&mut self, rows: &AnonymisedRows) -> Result<u64, StoreError> {
        self.commit_both(rows, &AnonymisedFailures::default())
    }

    /// Keeps rows and failures as one batch, a file each.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn commit_both(&mut self, rows: &AnonymisedRows, failures: &AnonymisedFailures) -> Result<u64, StoreError> {
        let mut next = self.next()?;
        if !rows.is_empty() {
            self.write(&mut next, INCOMING, rows)?;
        }
        if !failures.is_empty() {
            self.write(&mut next, &incoming::<AnonymisedFailures>(), failures)?;
        }
        next.batches += 1;
        self.become_durable(next)?;
        Ok(self.catalog.batches)
    }

    /// Keeps what was read of files, as one file: each part under its name, unless something was kept under that name before, whatever
    /// became of its rows since. Says of each part whether it was kept now. When this returns it is durable.
    ///
    /// It counts as no batch, so that who keeps books beside the store is not misled.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn import(&mut self, parts: &[(ImportName, AnonymisedRows)]) -> Result<Vec<bool>, StoreError> {
        let none = AnonymisedFailures::default();
        self.import_all(parts.iter().map(|(name, rows)| (name, rows, &none)))
    }

    /// The same of rows and failures, a file each.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn import_both(
        &mut self,
        parts: &[(ImportName, AnonymisedRows, AnonymisedFailures)],
    ) -> Result<Vec<bool>, StoreError> {
        self.import_all(parts.iter().map(|(name, rows, failures)| (name, rows, failures)))
    }

    fn import_all<'p>(
        &mut self,
        parts: impl Iterator<Item = (&'p ImportName, &'p AnonymisedRows, &'p AnonymisedFailures)>,
    ) -> Result<Vec<bool>, StoreError> {
        let (mut next, mut kept) = (self.next()?, Vec::new());
        let (mut rows, mut failures) = (AnonymisedRows::default(), AnonymisedFailures::default());
        for (name, of_logs, failed) in parts {
            let is_empty = of_logs.is_empty() && failed.is_empty();
            let new = !is_empty && next.imports.insert(name.to_string());
            if new {
                rows.append(of_logs);
                failures.append(failed);
            }
            kept.push(new);
        }
        if rows.is_empty() && failures.is_empty() {
            return Ok(kept);
        }
        if !rows.is_empty() {
            self.write(&mut next, INCOMING, &rows)?;
        }
        if !failures.is_empty() {
            self.write(&mut next, &incoming::<AnonymisedFailures>(), &failures)?;
        }
        self.become_durable(next)?;
        Ok(kept)
    }

    /// Whether something was kept under this name.
    #[must_use]
    pub fn has_import(&self, name: &ImportName) -> bool {
        self.catalog.imports.contains(&name.to_string())
    }

    /// All rows, or those that are asked for and no others: a file at a time.
    pub fn parts<'a>(
        &'a self,
        which: Option<&Which>,
    ) -> impl Iterator<Item = Result<AnonymisedRows, StoreError>> + use<'a, F> {
        self.asked(which, Ages::ALL, None)
    }

    /// The same of what is not too old.
    pub fn young_parts<'a>(
        &'a self,
        which: Option<&Which>,
        ages: Ages,
    ) -> impl Iterator<Item = Result<AnonymisedRows, StoreError>> + use<'a, F> {
        self.asked(which, ages, None)
    }

    /// Failures that are asked for and not too old: a file at a time.
    pub fn failures<'a>(
        &'a self,
        which: Option<&Which>,
        ages: Ages,
    ) -> impl Iterator<Item = Result<AnonymisedFailures, StoreError>> + use<'a, F> {
        self.asked(which, ages, None)
    }

    /// Rows of all files, or of the one of this name.
    fn asked<'a, T: Table + 'a>(
        &'a self,
        which: Option<&Which>,
        ages: Ages,
        name: Option<&str>,
    ) -> impl Iterator<Item = Result<T, StoreError>> + use<'a, F, T> {
        let (named, name) = (which.map(Which::names), name.map(str::to_owned));
        let wanted = move |file: &&Entry| is_of::<T>(&file.name) && name.as_ref().is_none_or(|name| *name == file.name);
        self.catalog.files.iter().filter(wanted).map(move |file| {
            let rows: T = self.read(file)?;
            if named.is_none() && file.span.is_some_and(|span| ages.spares(span)) {
                return Ok(rows);
            }
            let mut asked = T::default();
            if named.as_ref().is_none_or(|named| rows.anybody(named)) {
                let wanted = |whose: &Whose| named.as_ref().is_none_or(|named| named(whose));
                let wanted = |at| rows.whose(at).is_some_and(|of| wanted(&of) && ages.keeps(&of, rows.time_ms(at)));
                asked.append_where(&rows, wanted);
            }
            Ok(asked)
        })
    }

    /// Erases rows and failures: from what is read and from disk, before it returns. Says how many there were.
    ///
    /// # Errors
    /// As [`Store::commit`]; do it again after that.
    pub fn erase(&mut self, which: &Which) -> Result<u64, StoreError> {
        let named = which.names();
        self.drop_where(|_| false, |whose, _| named(whose))
    }

    /// Erases what is too old, as [`Store::erase`] does. A file that is young enough as a whole is not read.
    ///
    /// # Errors
    /// As [`Store::erase`].
    pub fn expire(&mut self, ages: Ages) -> Result<u64, StoreError> {
        let young = |file: &Entry| file.span.is_some_and(|span| ages.spares(span));
        self.drop_where(young, |whose, time_ms| !ages.keeps(whose, time_ms))
    }

    /// Drops rows from all files but those that are spared.
    fn drop_where(
        &mut self,
        spared: impl Fn(&Entry) -> bool,
        goes: impl Fn(&Whose, i64) -> bool,
    ) -> Result<u64, StoreError> {
        let (mut next, mut taken) = (self.next()?, Vec::new());
        let mut dropped = 0;
        for file in self.catalog.files.clone().iter().filter(|file| !spared(file)) {
            dropped += if is_of::<AnonymisedRows>(&file.name) {
                self.drop_from::<AnonymisedRows>(&mut next, &mut taken, file, &goes)?
            } else {
                self.drop_from::<AnonymisedFailures>(&mut next, &mut taken, file, &goes)?
            };
        }
        if !taken.is_empty() {
            self.replace(next, &taken)?;
        }
        Ok(dropped)
    }

    fn drop_from<T: Table>(
        &mut self,
        next: &mut Catalog,
        taken: &mut Vec<String>,
        file: &Entry,
        goes: &impl Fn(&Whose, i64) -> bool,
    ) -> Result<u64, StoreError> {
        let rows: T = self.read(file)?;
        let goes = |at: usize| rows.whose(at).is_some_and(|whose| goes(&whose, rows.time_ms(at)));
        if !(0..rows.rows()).any(goes) {
            return Ok(0);
        }
        let mut left = T::default();
        left.append_where(&rows, |at| !goes(at));
        taken.push(file.name.clone());
        if left.rows() > 0 {
            let folder = file.name.rsplit_once('/').map_or(INCOMING, |(folder, _)| folder);
            self.write(next, folder, &left)?;
        }
        Ok((rows.rows() - left.rows()) as u64)
    }

    pub(crate) fn next(&self) -> Result<Catalog, StoreError> {
        if self.doubtful { Err(StoreError::Doubtful) } else { Ok(self.catalog.clone()) }
    }

    fn read<T: Table>(&self, file: &Entry) -> Result<T, StoreError> {
        T::of_file(&file.name, self.octets(&file.name)?)
    }

    fn write<T: Table>(&mut self, next: &mut Catalog, folder: &str, rows: &T) -> Result<(), StoreError> {
        let octets = rows.write().map_err(StoreError::Write)?;
        let name = next.name(folder);
        self.files.put(&name, &octets)?;
        next.files.push(Entry { name, rows: rows.rows() as u64, span: rows.span() });
        Ok(())
    }

    /// The one write that counts.
    pub(crate) fn become_durable(&mut self, next: Catalog) -> Result<(), StoreError> {
        self.doubtful = true;
        next.save(&mut self.files)?;
        (self.catalog, self.doubtful) = (next, false);
        Ok(())
    }

    pub(crate) fn replace(&mut self, mut next: Catalog, taken: &[String]) -> Result<(), StoreError> {
        let gone: HashSet<&String> = taken.iter().collect();
        next.files.retain(|file| !gone.contains(&file.name));
        self.become_durable(next)?;
        taken.iter().try_for_each(|name| self.files.remove(name))?;
        Ok(())
    }
}

pub(crate) fn in_folder(name: &str, folder: &str) -> bool {
    name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Where batches of a table go first.
pub(crate) fn incoming<T: Table>() -> String {
    format!("{}{INCOMING}", T::FOLDER)
}

/// Whether a file is of this table.
pub(crate) fn is_of<T: Table>(name: &str) -> bool {
    name.starts_with(AnonymisedFailures::FOLDER) == (T::FOLDER == AnonymisedFailures::FOLDER)
}
