//! What the store needs to know of a kind of rows, to cut, join, erase and age it.

use crate::catalog::Span;
use crate::store::StoreError;
use crate::{Day, ParquetError, Place, SubjectId};
use bytes::Bytes;
use mdt::rrc::TraceReference;

/// Whose a row is: by what it is erased and exported.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Whose {
    pub(crate) job: TraceReference,
    pub(crate) erasure: Option<[u8; 32]>,
    pub(crate) subject: Option<SubjectId>,
}

/// Rows of one kind.
pub(crate) trait Table: Default {
    /// Where its files lie, below the folder of the store.
    const FOLDER: &'static str;

    /// All rows of a file.
    fn read(file: Bytes) -> Result<Self, ParquetError>;

    /// All rows as a file, in the order of the store.
    fn write(&self) -> Result<Vec<u8>, ParquetError>;

    /// How many.
    fn rows(&self) -> usize;

    /// Whose row `at` is.
    fn whose(&self, at: usize) -> Option<Whose>;

    /// Whether any row is of such.
    fn anybody(&self, is: impl Fn(&Whose) -> bool) -> bool;

    /// When row `at` was.
    fn time_ms(&self, at: usize) -> i64;

    /// Day and place of row `at`.
    fn partition(&self, at: usize) -> (Day, Place);

    /// Adds the rows of `other` that have these numbers.
    fn append_these(&mut self, other: &Self, rows: impl Iterator<Item = usize>);

    /// Adds the rows of `other` that `keep` is true of, by their number.
    fn append_where(&mut self, other: &Self, keep: impl Fn(usize) -> bool) {
        self.append_these(other, (0..other.rows()).filter(|at| keep(*at)));
    }

    /// Adds all rows of `other`.
    fn append_all(&mut self, other: &Self) {
        self.append_these(other, 0..other.rows());
    }

    /// All rows of the file of this name.
    fn of_file(name: &str, octets: Bytes) -> Result<Self, StoreError> {
        Self::read(octets).map_err(|error| StoreError::Rows { name: name.to_owned(), error })
    }

    /// What retention has to know; nothing where there is no row.
    fn span(&self) -> Option<Span> {
        let times = || (0..self.rows()).map(|at| self.time_ms(at));
        let (first_ms, last_ms) = times().min().zip(times().max())?;
        Some(Span { first_ms, last_ms, subjects: self.anybody(|whose| whose.subject.is_some()) })
    }
}
