//! Publishing: tiles and the latest checkpoint, derived from the segments without any secret.

use super::checkpoint::{Checkpoint, VerifierKey};
use super::merkle::{Frontier, Hash, leaf_hash};
use super::recovery::{CHECKPOINT, OpenError, published};
use super::segment::{Found, SEGMENT_HEADER, Window};
use super::storage::{Publication, ReadStorage, StorageError};
use super::tile::{Edge, TILE, tile_path, tile_root};

/// Why publishing stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The storage failed. What is published stays as it was; try again.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The published checkpoint is not usable.
    #[error(transparent)]
    Published(#[from] OpenError),
    /// The segments do not lead on from what is published.
    #[error("the segments do not continue the published tree at entry {at}: verify the log")]
    Broken {
        /// First entry that does not fit.
        at: u64,
    },
    /// Earlier segments are gone, so that tiles cannot be rebuilt from them.
    #[error("entries before {first} are no longer there, so tiles cannot be rebuilt")]
    Pruned {
        /// First entry that is there.
        first: u64,
    },
}

/// Publishes a log as it grows. Holds the unfinished tile of each level. After an error, open another.
pub struct Publisher<P: Publication> {
    storage: P,
    key: VerifierKey,
    frontier: Frontier,
    /// Hashes of the unfinished tile of each level.
    edge: Edge,
    /// Partial tiles of the latest checkpoint.
    partial: Vec<String>,
    /// Partial tiles of earlier checkpoints, or paths where such may be: a reader who still has one of those checkpoints looks
    /// for them, until the full tile stands and serves as well (C2SP tlog-tiles).
    earlier: Vec<String>,
    /// Segment being read, and the offset of its next batch.
    place: Option<(u64, u64)>,
    /// What was read of it; may be older than the file.
    window: Window,
}

impl<P: Publication> core::fmt::Debug for Publisher<P> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Publisher({} entries)", self.frontier.size())
    }
}

impl<P: Publication> Publisher<P> {
    /// Goes on where publishing ended; begins from the first segment if tiles are missing or do not fit.
    pub fn open(mut storage: P, key: VerifierKey) -> Result<Self, PublishError> {
        let checkpoint = published(&mut storage, &key)?;
        let mut publisher = Self::fresh(storage, key);
        if let Some(checkpoint) = checkpoint.filter(|checkpoint| checkpoint.size > 0) {
            let resumed = publisher.resume(&checkpoint)?;
            if !resumed {
                publisher = Self::fresh(publisher.storage, publisher.key);
            }
        }
        Ok(publisher)
    }

    /// Begins anew from the first segment, whatever is published: rebuilds every tile.
    pub fn rebuild(storage: P, key: VerifierKey) -> Self {
        Self::fresh(storage, key)
    }

    fn fresh(storage: P, key: VerifierKey) -> Self {
        Self {
            storage,
            key,
            frontier: Frontier::default(),
            edge: Edge::default(),
            partial: Vec::new(),
            earlier: Vec::new(),
            place: None,
            window: Window::new(0),
        }
    }

    /// Entries published or read for publishing.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Publishes the log up to the last batch that ends at `durable` entries or before. Gives the published size. Never pass
    /// more than is durable: a checkpoint must not be seen before its entries are safe.
    pub fn publish(&mut self, durable: u64) -> Result<u64, PublishError> {
        let mut last = None;
        while self.frontier.size() < durable {
            let Some(signed) = self.next_batch(durable)? else { break };
            last = Some(signed);
        }
        if let Some((checkpoint, signature)) = last {
            self.put_edge()?;
            let note = self.key.note(&checkpoint, &signature);
            self.storage.put(CHECKPOINT, note.as_bytes(), true)?;
        }
        Ok(self.frontier.size())
    }

    /// Reads one batch into the tree; `None` if the next one ends beyond `durable` or is not there.
    fn next_batch(&mut self, durable: u64) -> Result<Option<(Checkpoint, [u8; 64])>, PublishError> {
        let at = self.frontier.size();
        let (mut first, mut offset) = match self.place {
            Some(place) => place,
            None => self.find(at)?,
        };
        if !self.window.is_over(first) {
            self.window = Window::new(first);
        }
        let mut fresh = false;
        let (leaves, checkpoint, signature) = loop {
            match self.window.batch(&mut self.storage, offset)? {
                Found::Batch(batch) if batch.checkpoint().size <= at => offset += batch.len,
                Found::Batch(batch) if batch.checkpoint().size > durable => return Ok(None),
                Found::Batch(batch) => {
                    let skip = usize::try_from(at.saturating_sub(batch.first)).unwrap_or(usize::MAX);
                    let leaves: Vec<Hash> = batch.records().skip(skip).map(leaf_hash).collect();
                    offset += batch.len;
                    break (leaves, batch.checkpoint(), batch.signature);
                }
                Found::Blank | Found::Damaged if !fresh => {
                    // What was read may be older than what is there now.
                    (self.window, fresh) = (Window::new(first), true);
                }
                Found::Blank | Found::Damaged => {
                    match self.storage.segments()?.into_iter().find(|next| *next > first) {
                        None => {
                            self.place = Some((first, offset));
                            return Ok(None);
                        }
                        // This segment is full, and the next one begins here.
                        Some(next) if next == at => {
                            (first, offset) = (next, SEGMENT_HEADER as u64);
                            self.window = Window::new(first);
                        }
                        Some(_) => return Err(PublishError::Broken { at }),
                    }
                }
            }
        };
        for leaf in leaves {
            self.push(leaf)?;
        }
        if self.frontier.size() != checkpoint.size || self.frontier.root() != checkpoint.root {
            return Err(PublishError::Broken { at });
        }
        self.place = Some((first, offset));
        Ok(Some((checkpoint, signature)))
    }

    /// The segment that holds entry `at`, or would, and where its batches begin.
    fn find(&mut self, at: u64) -> Result<(u64, u64), PublishError> {
        let segments = self.storage.segments()?;
        let first = segments.iter().rev().find(|first| **first <= at);
        match (first, segments.first()) {
            (Some(first), _) => Ok((*first, SEGMENT_HEADER as u64)),
            (None, Some(first)) => Err(PublishError::Pruned { first: *first }),
            (None, None) => Err(PublishError::Broken { at }),
        }
    }

    fn push(&mut self, leaf: Hash) -> Result<(), PublishError> {
        let index = self.frontier.size();
        self.frontier.push(leaf);
        let (storage, partial, earlier) = (&mut self.storage, &mut self.partial, &mut self.earlier);
        self.edge.push(index, leaf, |level, number, row| {
            let full = tile_path(level, number, TILE);
            storage.put(&full, row.as_flattened(), true)?;
            let of_it =
                |path: &mut String| path.strip_prefix(full.as_str()).is_some_and(|rest| rest.starts_with(".p/"));
            let mut superseded = partial.extract_if(.., of_it).chain(earlier.extract_if(.., of_it));
            superseded.try_for_each(|path| storage.remove(&path))
        })?;
        Ok(())
    }

    /// Writes the unfinished tiles. Those of the checkpoint before stay until they are full.
    fn put_edge(&mut self) -> Result<(), PublishError> {
        let mut written = Vec::new();
        for (level, number, row) in self.edge.partial(self.frontier.size()) {
            let path = tile_path(level, number, row.len() as u64);
            if !self.partial.contains(&path) {
                self.storage.put(&path, row.as_flattened(), false)?;
            }
            written.push(path);
        }
        let before = core::mem::replace(&mut self.partial, written);
        self.earlier.extend(before.into_iter().filter(|path| !self.partial.contains(path)));
        Ok(())
    }

    /// Rebuilds the edge from full tiles and the segments; false if tiles are missing or do not lead to the checkpoint.
    fn resume(&mut self, checkpoint: &Checkpoint) -> Result<bool, PublishError> {
        let size = checkpoint.size;
        let mut full_tiles = true;
        for level in 1_u8..8 {
            let in_level = size >> (8 * u32::from(level));
            if in_level == 0 {
                break;
            }
            let mut row = Vec::new();
            for tile in in_level / TILE * TILE..in_level {
                let stored = self.storage.object(&tile_path(level - 1, tile, TILE))?;
                let hashes = stored.filter(|octets| octets.len() as u64 == TILE * 32).unwrap_or_default();
                let hashes = hashes.chunks_exact(32).filter_map(|hash| hash.try_into().ok()).collect();
                match tile_root(hashes) {
                    Some(root) => row.push(root),
                    None => full_tiles = false,
                }
            }
            self.edge.rows.push(row);
        }
        self.edge.rows.insert(0, Vec::new());
        if !full_tiles {
            return Ok(false);
        }
        let begin = size / TILE * TILE;
        let Some(frontier) = self.frontier_of_edge(begin) else { return Ok(false) };
        self.frontier = frontier;
        match self.read_to(size) {
            Ok(()) => {}
            Err(PublishError::Broken { .. } | PublishError::Pruned { .. }) => return Ok(false),
            Err(error) => return Err(error),
        }
        for (level, number, row) in self.edge.partial(size) {
            let width = row.len() as u64;
            self.partial.push(tile_path(level, number, width));
            self.earlier.extend((1..width).map(|width| tile_path(level, number, width)));
        }
        Ok(self.frontier.root() == checkpoint.root)
    }

    /// The right edge of the tree of `size` leaves, a multiple of 256, out of the rows of the upper levels.
    fn frontier_of_edge(&self, size: u64) -> Option<Frontier> {
        let mut peaks = Vec::new();
        for row in self.edge.rows.iter().skip(1).rev() {
            // The row's hashes make up the peaks of its eight heights: greatest first.
            let mut row = row.as_slice();
            for height in (0..8).rev() {
                let width = 1_usize << height;
                if row.len() & width != 0 {
                    let (part, rest) = row.split_at_checked(width)?;
                    let mut subtree = Frontier::default();
                    part.iter().for_each(|hash| subtree.push(*hash));
                    peaks.push(subtree.root());
                    row = rest;
                }
            }
        }
        Frontier::from_parts(size, peaks)
    }

    /// Reads leaves from the segments up to exactly `size`, without publishing.
    fn read_to(&mut self, size: u64) -> Result<(), PublishError> {
        while self.frontier.size() < size {
            let at = self.frontier.size();
            if self.next_batch(size)?.is_none() {
                return Err(PublishError::Broken { at });
            }
        }
        Ok(())
    }
}

/// Whether a published note is good, for those who only serve it.
pub fn latest<S: ReadStorage>(storage: &mut S, key: &VerifierKey) -> Result<Option<Checkpoint>, OpenError> {
    published(storage, key)
}

/// The record at `index`, by walking its segment; `None` if it is not there.
pub fn record_at<S: ReadStorage>(storage: &mut S, index: u64) -> Result<Option<Vec<u8>>, StorageError> {
    let mut records = None;
    walk(storage, index, |at, record| {
        if at == index {
            records = Some(record.to_vec());
        }
        at < index
    })?;
    Ok(records)
}

/// Calls `each` with the index and octets of every record from `from` on, in order, until it answers false or the log ends.
/// Checks framing only; [`audit`](super::audit) checks everything.
pub fn walk<S: ReadStorage>(
    storage: &mut S,
    from: u64,
    mut each: impl FnMut(u64, &[u8]) -> bool,
) -> Result<(), StorageError> {
    let segments = storage.segments()?;
    let begin = segments.iter().rposition(|first| *first <= from).unwrap_or(0);
    for first in segments.into_iter().skip(begin) {
        let mut window = Window::new(first);
        let mut offset = SEGMENT_HEADER as u64;
        while let Found::Batch(batch) = window.batch(storage, offset)? {
            offset += batch.len;
            for (index, record) in (batch.first..).zip(batch.records()) {
                if index >= from && !each(index, record) {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}
