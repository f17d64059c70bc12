//! The tree in tiles of height 8 (C2SP tlog-tiles), and proofs out of them in few reads.

use super::merkle::{Hash, node_hash};
use super::storage::{ReadStorage, StorageError};
use std::collections::HashMap;

/// Hashes in a full tile.
pub(super) const TILE: u64 = 256;
/// Levels of the tree in one tile.
const HEIGHT: u32 = 8;

/// Path of a tile (C2SP tlog-tiles): `tile/<level>/<index>`, with `.p/<width>` if it is not full.
#[must_use]
pub fn tile_path(level: u8, index: u64, width: u64) -> String {
    format!("tile/{level}/{}", numbered(index, width))
}

/// Path of a bundle of entries (C2SP tlog-tiles).
#[must_use]
pub fn bundle_path(index: u64, width: u64) -> String {
    format!("tile/entries/{}", numbered(index, width))
}

fn numbered(index: u64, width: u64) -> String {
    let (mut path, mut rest) = (format!("{:03}", index % 1000), index / 1000);
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    if width < TILE { format!("{path}.p/{width}") } else { path }
}

/// Why a proof could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProveError {
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The position or size is outside the tree that is published.
    #[error("outside the published tree of {size} entries")]
    Outside {
        /// Size of the published tree.
        size: u64,
    },
    /// A tile is missing or has the wrong length. Publishing again from the segments mends it.
    #[error(
        "tile {level}/{index} is missing or damaged: publish the log again, which rebuilds tiles from its segments"
    )]
    Tile {
        /// Level of the tile.
        level: u8,
        /// Index of the tile in its level.
        index: u64,
    },
}

/// Reads hashes of the tree of one size out of tiles, each tile once.
#[derive(Debug)]
pub struct Tiles<'s, S: ReadStorage> {
    storage: &'s mut S,
    size: u64,
    /// Rows of each tile read: the stored one, and those above it up to its root.
    read: HashMap<(u8, u64), Vec<Vec<Hash>>>,
}

impl<'s, S: ReadStorage> Tiles<'s, S> {
    /// Over the published tree of `size` leaves.
    #[must_use]
    pub fn new(storage: &'s mut S, size: u64) -> Self {
        Self { storage, size, read: HashMap::new() }
    }

    /// Number of tiles read so far.
    #[must_use]
    pub fn reads(&self) -> usize {
        self.read.len()
    }

    /// Hash of the leaf at `index`.
    pub fn leaf(&mut self, index: u64) -> Result<Hash, ProveError> {
        if index >= self.size {
            return Err(ProveError::Outside { size: self.size });
        }
        self.node(0, index)
    }

    /// Root of the tree of the first `size` leaves.
    pub fn root(&mut self, size: u64) -> Result<Hash, ProveError> {
        if size > self.size {
            return Err(ProveError::Outside { size: self.size });
        }
        if size == 0 { Ok(super::merkle::empty_root()) } else { self.range(0, size) }
    }

    /// Audit path of the leaf at `index` in the tree of `size` leaves (RFC 6962 section 2.1.1).
    pub fn inclusion(&mut self, index: u64, size: u64) -> Result<Vec<Hash>, ProveError> {
        if index >= size || size > self.size {
            return Err(ProveError::Outside { size: self.size });
        }
        let mut path = Vec::new();
        let (mut begin, mut end) = (0, size);
        while end - begin > 1 {
            let middle = begin + split(end - begin);
            if index < middle {
                path.push(self.range(middle, end)?);
                end = middle;
            } else {
                path.push(self.range(begin, middle)?);
                begin = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// Proof that the tree of `old` leaves begins that of `new` (RFC 6962 section 2.1.2).
    pub fn consistency(&mut self, old: u64, new: u64) -> Result<Vec<Hash>, ProveError> {
        if old > new || new > self.size {
            return Err(ProveError::Outside { size: self.size });
        }
        let mut path = Vec::new();
        if old == 0 || old == new {
            return Ok(path);
        }
        let (mut begin, mut end, mut whole) = (0, new, true);
        while old != end {
            let middle = begin + split(end - begin);
            if old <= middle {
                path.push(self.range(middle, end)?);
                end = middle;
            } else {
                path.push(self.range(begin, middle)?);
                begin = middle;
                whole = false;
            }
        }
        if !whole {
            path.push(self.range(begin, end)?);
        }
        path.reverse();
        Ok(path)
    }

    /// Hash over the leaves `begin..end`, where that is a subtree of RFC 6962: full, or at the right edge.
    fn range(&mut self, begin: u64, end: u64) -> Result<Hash, ProveError> {
        let leaves = end - begin;
        if leaves.is_power_of_two() {
            let height = leaves.trailing_zeros();
            return self.node(height, begin >> height);
        }
        let middle = begin + split(leaves);
        Ok(node_hash(&self.range(begin, middle)?, &self.range(middle, end)?))
    }

    /// Root of the full subtree number `index` of this height.
    fn node(&mut self, height: u32, index: u64) -> Result<Hash, ProveError> {
        let (level, above) = (height / HEIGHT, height % HEIGHT);
        // Below 2^64 leaves a level is below 8, so it fits.
        let level = u8::try_from(level).unwrap_or(u8::MAX);
        let in_row = index << above;
        let tile = in_row / TILE;
        let at = usize::try_from((in_row % TILE) >> above).unwrap_or(usize::MAX);
        let row = usize::try_from(above).unwrap_or(usize::MAX);
        let rows = self.tile(level, tile)?;
        rows.get(row).and_then(|row| row.get(at)).copied().ok_or(ProveError::Tile { level, index: tile })
    }

    fn tile(&mut self, level: u8, index: u64) -> Result<&Vec<Vec<Hash>>, ProveError> {
        if !self.read.contains_key(&(level, index)) {
            let row = self.stored(level, index)?;
            self.read.insert((level, index), rows(row));
        }
        self.read.get(&(level, index)).ok_or(ProveError::Tile { level, index })
    }

    fn stored(&mut self, level: u8, index: u64) -> Result<Vec<Hash>, ProveError> {
        let in_level = self.size >> (HEIGHT * u32::from(level));
        let width = in_level.saturating_sub(index * TILE).min(TILE);
        // A partial tile may have given way to the full one, which begins with the same hashes.
        let candidates = [(tile_path(level, index, width), width), (tile_path(level, index, TILE), TILE)];
        for (path, stored) in candidates {
            let Some(octets) = self.storage.object(&path)? else { continue };
            if octets.len() as u64 == stored * 32 {
                let hashes = octets.chunks_exact(32).filter_map(|hash| hash.try_into().ok());
                return Ok(hashes.take(usize::try_from(width).unwrap_or(usize::MAX)).collect());
            }
        }
        Err(ProveError::Tile { level, index })
    }
}

/// The rows of a tile from the stored one up: each holds the roots of full pairs of the one below.
fn rows(stored: Vec<Hash>) -> Vec<Vec<Hash>> {
    let mut rows = vec![stored];
    for _ in 1..HEIGHT {
        let below = rows.last().map(Vec::as_slice).unwrap_or_default();
        let above = below.chunks_exact(2).filter_map(|pair| Some(node_hash(pair.first()?, pair.get(1)?))).collect();
        rows.push(above);
    }
    rows
}

/// Root over the hashes of a full tile.
pub(super) fn tile_root(stored: Vec<Hash>) -> Option<Hash> {
    let rows = rows(stored);
    let top = rows.last()?;
    Some(node_hash(top.first()?, top.get(1)?))
}

/// The unfinished tile of each level: hashes not yet in a full tile.
#[derive(Debug, Clone, Default)]
pub(super) struct Edge {
    pub(super) rows: Vec<Vec<Hash>>,
}

impl Edge {
    /// Adds the leaf at `index`; calls `full` with level, index and hashes of each tile that it completes.
    pub(super) fn push<E>(
        &mut self,
        index: u64,
        leaf: Hash,
        mut full: impl FnMut(u8, u64, &[Hash]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut hash = leaf;
        for level in 0..=u8::MAX {
            let at = usize::from(level);
            if self.rows.len() == at {
                self.rows.push(Vec::new());
            }
            let Some(row) = self.rows.get_mut(at) else { break };
            row.push(hash);
            if row.len() as u64 != TILE {
                break;
            }
            let row = core::mem::take(row);
            full(level, number(index, level), &row)?;
            let Some(root) = tile_root(row) else { break };
            hash = root;
        }
        Ok(())
    }

    /// The unfinished tiles of the tree of `size` leaves: level, index and hashes.
    pub(super) fn partial(&self, size: u64) -> impl Iterator<Item = (u8, u64, &[Hash])> {
        let rows = (0_u8..).zip(&self.rows).filter(|(_, row)| !row.is_empty());
        rows.map(move |(level, row)| (level, number(size, level), row.as_slice()))
    }
}

/// Index of the tile of this level over the leaf at `index`.
fn number(index: u64, level: u8) -> u64 {
    index.checked_shr(8 * (u32::from(level) + 1)).unwrap_or(0)
}

/// The greatest power of two less than `leaves`, which is at least 2 (RFC 6962 section 2.1).
fn split(leaves: u64) -> u64 {
    1 << (63 - (leaves - 1).leading_zeros())
}
