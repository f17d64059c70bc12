//! The store: batches in, rows out, compaction, erasure.

use crate::catalog::{CATALOG, Catalog, Entry};
use crate::files::{Files, FilesError};
use crate::read::read;
use crate::schema::ParquetError;
use crate::write::write;
use crate::{AnonymisedRows, Day, Origin, Place, SubjectId};
use mdt::rrc::TraceReference;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

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
    /// Rows could not be put into words.
    #[error("rows cannot be exported")]
    Export,
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
    fn names(&self) -> impl Fn(&Origin) -> bool + use<> {
        let commitment: Option<[u8; 32]> = match self {
            Self::Token(token) => Some(Sha256::digest(token).into()),
            Self::Job(_) | Self::Subject(_) => None,
        };
        let which = self.clone();
        move |origin| match &which {
            Self::Token(_) => origin.erasure.is_some() && origin.erasure == commitment,
            Self::Job(job) => origin.job == *job,
            Self::Subject(subject) => origin.subject.as_ref() == Some(subject),
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
    files: F,
    catalog: Catalog,
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
            if name != CATALOG && !catalog.files.iter().any(|file| file.name == name) {
                files.remove(&name)?;
            }
        }
        Ok(Self { files, catalog, doubtful: false })
    }

    /// Batches that were committed, ever: whoever keeps books beside the store learns whether its last batch is in.
    #[must_use]
    pub fn batches(&self) -> u64 {
        self.catalog.batches
    }

    /// Rows that are there.
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

    /// Keeps a batch, as one file. When this returns it is durable; what it returns is [`Store::batches`].
    ///
    /// # Errors
    /// [`StoreError::Doubtful`] from then on when it is open whether the batch is in: open the store again and compare the number.
    pub fn commit(&mut self, rows: &AnonymisedRows) -> Result<u64, StoreError> {
        let mut next = self.next()?;
        if !rows.is_empty() {
            self.write(&mut next, INCOMING, rows)?;
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
        let (mut next, mut rows, mut kept) = (self.next()?, AnonymisedRows::default(), Vec::new());
        for (name, part) in parts {
            let new = !part.is_empty() && next.imports.insert(name.to_string());
            if new {
                rows.append(part);
            }
            kept.push(new);
        }
        if !rows.is_empty() {
            self.write(&mut next, INCOMING, &rows)?;
            self.become_durable(next)?;
        }
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
        let named = which.map(Which::names);
        self.catalog.files.iter().map(move |file| {
            let rows = self.read(file)?;
            let Some(named) = &named else { return Ok(rows) };
            let mut asked = AnonymisedRows::default();
            if rows.origins.iter().any(named) {
                asked.append_where(&rows, |at| rows.origin_of(at).is_some_and(named));
            }
            Ok(asked)
        })
    }

    /// Sorts batches into files of days and places, and joins files there that are not full.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn compact(&mut self, limits: Limits) -> Result<Compacted, StoreError> {
        let mut next = self.next()?;
        let (mut fresh, mut taken, mut budget) = (AnonymisedRows::default(), Vec::new(), limits.rows);
        for file in self.catalog.files.iter().filter(|file| file.name.starts_with(INCOMING)) {
            if !taken.is_empty() && file.rows > budget {
                break;
            }
            fresh.append(&self.read(file)?);
            budget = budget.saturating_sub(file.rows);
            taken.push(file.name.clone());
        }
        let mut done = Compacted::default();
        for (folder, order) in partitions(&fresh) {
            let mut part = AnonymisedRows::default();
            part.append_where(&fresh, |at| order.binary_search(&(at as u32)).is_ok());
            for file in self.catalog.files.iter().filter(|file| in_folder(&file.name, &folder)) {
                if file.rows + (part.len() as u64) <= limits.full {
                    part.append(&self.read(file)?);
                    taken.push(file.name.clone());
                }
            }
            self.write(&mut next, &folder, &part)?;
            done.made += 1;
            done.rows += part.len() as u64;
        }
        done.taken = taken.len() as u64;
        self.replace(next, &taken)?;
        Ok(done)
    }

    /// Erases rows: from what is read and from disk, before it returns. Says how many there were.
    ///
    /// # Errors
    /// As [`Store::commit`]; do it again after that.
    pub fn erase(&mut self, which: &Which) -> Result<u64, StoreError> {
        let (mut next, named, mut taken, mut erased) = (self.next()?, which.names(), Vec::new(), 0);
        for file in self.catalog.files.clone() {
            let rows = self.read(&file)?;
            if !rows.origins.iter().any(&named) {
                continue;
            }
            let mut left = AnonymisedRows::default();
            left.append_where(&rows, |at| rows.origin_of(at).is_some_and(|origin| !named(origin)));
            erased += (rows.len() - left.len()) as u64;
            taken.push(file.name.clone());
            if !left.is_empty() {
                let folder = file.name.rsplit_once('/').map_or(INCOMING, |(folder, _)| folder);
                self.write(&mut next, folder, &left)?;
            }
        }
        if !taken.is_empty() {
            self.replace(next, &taken)?;
        }
        Ok(erased)
    }

    fn next(&self) -> Result<Catalog, StoreError> {
        if self.doubtful { Err(StoreError::Doubtful) } else { Ok(self.catalog.clone()) }
    }

    fn read(&self, file: &Entry) -> Result<AnonymisedRows, StoreError> {
        let octets = self.files.read(&file.name)?.ok_or_else(|| StoreError::Missing { name: file.name.clone() })?;
        read(octets).map_err(|error| StoreError::Rows { name: file.name.clone(), error })
    }

    fn write(&mut self, next: &mut Catalog, folder: &str, rows: &AnonymisedRows) -> Result<(), StoreError> {
        let octets = write(rows, &rows.sorted()).map_err(StoreError::Write)?;
        let name = next.name(folder);
        self.files.put(&name, &octets)?;
        next.files.push(Entry { name, rows: rows.len() as u64 });
        Ok(())
    }

    /// The one write that counts.
    fn become_durable(&mut self, next: Catalog) -> Result<(), StoreError> {
        self.doubtful = true;
        next.save(&mut self.files)?;
        (self.catalog, self.doubtful) = (next, false);
        Ok(())
    }

    fn replace(&mut self, mut next: Catalog, taken: &[String]) -> Result<(), StoreError> {
        next.files.retain(|file| !taken.contains(&file.name));
        self.become_durable(next)?;
        taken.iter().try_for_each(|name| self.files.remove(name))?;
        Ok(())
    }
}

fn in_folder(name: &str, folder: &str) -> bool {
    name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Folders of rows, in the form that readers of partitioned data know, with the numbers of their rows in ascending order.
fn partitions(rows: &AnonymisedRows) -> BTreeMap<String, Vec<u32>> {
    let mut parts: BTreeMap<(Day, Place), Vec<u32>> = BTreeMap::new();
    for at in 0..rows.len() {
        parts.entry(rows.partition(at)).or_default().push(at as u32);
    }
    parts.into_iter().map(|((day, place), rows)| (format!("day={day}/place={place}"), rows)).collect()
}
