//! What the store needs to know of a kind of rows, to cut, join, erase and age it.

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

    /// Adds the rows of `other` that `keep` is true of, by their number.
    fn append_where(&mut self, other: &Self, keep: impl Fn(usize) -> bool);
}
