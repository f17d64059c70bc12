//! Compaction: batches become files of days and places. In steps, between which the store goes on taking batches.

use crate::catalog::Entry;
use crate::files::Files;
use crate::store::{Compacted, Limits, Store, StoreError, in_folder, incoming};
use crate::table::Table;
use crate::{AnonymisedFailures, AnonymisedRows, Day, Place};
use bytes::Bytes;
use std::collections::BTreeMap;

/// Gives the store for the length of one step; others may have it between two.
pub trait Turns<F> {
    /// Why there is no store, or why the step failed.
    type Error: From<StoreError>;

    /// Does one step, which reads or writes one file at most, or the catalog.
    ///
    /// # Errors
    /// Those of the step, and what keeps the store from being had.
    fn turn<T>(&mut self, step: impl FnOnce(&mut Store<F>) -> Result<T, StoreError>) -> Result<T, Self::Error>;
}

impl<F> Turns<F> for Store<F> {
    type Error = StoreError;

    fn turn<T>(&mut self, step: impl FnOnce(&mut Self) -> Result<T, StoreError>) -> Result<T, StoreError> {
        step(self)
    }
}

/// Sorts batches into files of days and places, and joins files there that are not full. What is decoded, sorted and encoded meanwhile needs no
/// turn. Where somebody erased between two turns, or opened the store anew, nothing is done and nothing counted.
///
/// # Errors
/// As [`Store::commit`]; what keeps the store from being had.
pub fn compact<F: Files, S: Turns<F>>(store: &mut S, limits: Limits) -> Result<Compacted, S::Error> {
    let rows = compact_table::<AnonymisedRows, F, S>(store, limits)?;
    let failures = compact_table::<AnonymisedFailures, F, S>(store, limits)?;
    Ok(Compacted {
        taken: rows.taken + failures.taken,
        made: rows.made + failures.made,
        rows: rows.rows + failures.rows,
    })
}

fn compact_table<T: Table, F: Files, S: Turns<F>>(store: &mut S, limits: Limits) -> Result<Compacted, S::Error> {
    let mut taken = store.turn(|store| Ok(store.batches_to_sort::<T>(limits)))?;
    if taken.is_empty() {
        return Ok(Compacted::default());
    }
    let (mut fresh, mut made) = (T::default(), Vec::new());
    for name in &taken {
        if !append_file(store, name, &mut fresh)? {
            return Ok(Compacted::default());
        }
    }
    for (folder, order) in partitions(&fresh) {
        let mut part = T::default();
        part.append_these(&fresh, order.into_iter().map(|at| at as usize));
        for name in store.turn(|store| Ok(store.not_full(&folder, part.rows() as u64, limits)))? {
            // Where it went meanwhile, the last step sees that too.
            append_file(store, &name, &mut part)?;
            taken.push(name);
        }
        let octets = part.write().map_err(StoreError::Write)?;
        made.push(store.turn(|store| store.put_aside(&folder, &part, &octets))?);
    }
    store.turn(|store| store.put_in_place(made, &taken))
}

/// Adds the rows of a file; says whether it is still there.
fn append_file<T: Table, F: Files, S: Turns<F>>(store: &mut S, name: &str, to: &mut T) -> Result<bool, S::Error> {
    let octets = store.turn(|store| store.catalog.has(name).then(|| store.octets(name)).transpose())?;
    let Some(octets) = octets else { return Ok(false) };
    to.append_all(&T::of_file(name, octets)?);
    Ok(true)
}

impl<F: Files> Store<F> {
    /// Sorts batches into files of days and places, and joins files there that are not full.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn compact(&mut self, limits: Limits) -> Result<Compacted, StoreError> {
        compact(self, limits)
    }

    /// Batches that one compaction takes.
    fn batches_to_sort<T: Table>(&self, limits: Limits) -> Vec<String> {
        let (mut names, mut budget, incoming) = (Vec::new(), limits.rows, incoming::<T>());
        for file in self.catalog.files.iter().filter(|file| in_folder(&file.name, &incoming)) {
            if !names.is_empty() && file.rows > budget {
                break;
            }
            budget = budget.saturating_sub(file.rows);
            names.push(file.name.clone());
        }
        names
    }

    /// Files of a folder that so many rows more are joined to.
    fn not_full(&self, folder: &str, mut rows: u64, limits: Limits) -> Vec<String> {
        let mut names = Vec::new();
        for file in self.catalog.files.iter().filter(|file| in_folder(&file.name, folder)) {
            if file.rows + rows <= limits.full {
                rows += file.rows;
                names.push(file.name.clone());
            }
        }
        names
    }

    pub(crate) fn octets(&self, name: &str) -> Result<Bytes, StoreError> {
        self.files.read(name)?.ok_or_else(|| StoreError::Missing { name: name.to_owned() })
    }

    /// Writes a file that does not count yet.
    fn put_aside<T: Table>(&mut self, folder: &str, rows: &T, octets: &[u8]) -> Result<Entry, StoreError> {
        let name = self.catalog.name(folder);
        self.files.put(&name, octets)?;
        self.aside.insert(name.clone());
        Ok(Entry { name, rows: rows.rows() as u64, span: rows.span() })
    }

    /// Has files that were put aside count for those that were taken, if all of these are still there.
    fn put_in_place(&mut self, made: Vec<Entry>, taken: &[String]) -> Result<Compacted, StoreError> {
        let mut next = self.next()?;
        let aside = made.iter().filter(|file| self.aside.remove(&file.name)).count();
        if aside < made.len() || !taken.iter().all(|name| next.has(name)) {
            made.iter().try_for_each(|file| self.files.remove(&file.name))?;
            return Ok(Compacted::default());
        }
        let rows = made.iter().map(|file| file.rows).sum();
        let done = Compacted { taken: taken.len() as u64, made: made.len() as u64, rows };
        next.files.extend(made);
        self.replace(next, taken)?;
        Ok(done)
    }
}

/// Folders of rows, in the form that readers of partitioned data know, with the numbers of their rows in ascending order.
fn partitions<T: Table>(rows: &T) -> BTreeMap<String, Vec<u32>> {
    let mut parts: BTreeMap<(Day, Place), Vec<u32>> = BTreeMap::new();
    for at in 0..rows.rows() {
        parts.entry(rows.partition(at)).or_default().push(at as u32);
    }
    parts.into_iter().map(|((day, place), rows)| (format!("{}day={day}/place={place}", T::FOLDER), rows)).collect()
}
