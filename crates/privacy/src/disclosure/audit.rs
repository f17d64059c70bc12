//! Verifying a whole log offline, with the public key alone.

use super::checkpoint::{Checkpoint, NoteError, VerifierKey};
use super::merkle::{Frontier, Hash, leaf_hash};
use super::recovery::CHECKPOINT;
use super::segment::{self, Batch, Found, HeaderError, SEGMENT_HEADER, Window};
use super::storage::{ReadStorage, StorageError};
use super::tile::{Edge, TILE, tile_path};

/// How much an audit asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AuditOptions {
    /// The log is being written: an unfinished end is no fault.
    pub live: bool,
    /// Earlier segments may be gone. Without this their absence is a fault.
    pub allow_pruned: bool,
    /// Check the signature of every batch. Without this the last one of each segment is checked, which covers all entries
    /// before it as well; a changed signature in between then goes unseen.
    pub every_signature: bool,
}

/// A place in the log's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// First index of the segment.
    pub segment: u64,
    /// Offset in it, octets.
    pub offset: u64,
    /// First entry that is in doubt.
    pub entry: u64,
}

impl core::fmt::Display for Place {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "segment {}, offset {}, entry {}", self.segment, self.offset, self.entry)
    }
}

/// The first thing wrong with a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// The storage cannot be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Entries are missing at the beginning.
    #[error("entries before {first} are missing; allow that only if the operator removed them by policy")]
    Pruned {
        /// First entry that is there.
        first: u64,
    },
    /// A segment's header is wrong.
    #[error("{place}: {error}")]
    Header {
        /// Where.
        place: Place,
        /// What.
        error: HeaderError,
    },
    /// A segment does not continue the one before.
    #[error("{place}: the segment does not continue the entries before it; a segment is missing or was changed")]
    Discontinued {
        /// Where.
        place: Place,
    },
    /// Octets that are no batch, where one or zeros must be.
    #[error("{place}: neither a whole batch nor empty")]
    Damaged {
        /// Where.
        place: Place,
    },
    /// Octets behind the end of a segment's batches.
    #[error("{place}: not empty behind the last batch")]
    Leftover {
        /// Where.
        place: Place,
    },
    /// The records of a batch do not lead to its root.
    #[error("{place}: the records are not those that were signed: one was changed, added or removed")]
    Changed {
        /// Where; the entry is the very one if tiles tell it.
        place: Place,
    },
    /// A batch's signature is wrong.
    #[error("{place}: the signature of the checkpoint after this batch is wrong")]
    Signature {
        /// Where.
        place: Place,
    },
    /// The published checkpoint cannot be used.
    #[error("the published checkpoint: {0}")]
    Note(#[from] NoteError),
    /// Less is there than the published checkpoint says.
    #[error("the log holds {found} entries and the published checkpoint says {claimed}: it was cut")]
    Cut {
        /// Entries found.
        found: u64,
        /// Entries in the checkpoint.
        claimed: u64,
    },
    /// The published checkpoint is of another tree.
    #[error("the published checkpoint over {size} entries has another root than the entries: one of them was changed")]
    OtherTree {
        /// Size of the checkpoint.
        size: u64,
    },
    /// A published tile is missing or wrong.
    #[error("tile {level}/{index} is missing or wrong; tiles can be rebuilt from the segments")]
    Tile {
        /// Level.
        level: u8,
        /// Index in the level.
        index: u64,
    },
}

/// What a good log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditReport {
    /// First entry that is there; 0 unless the log was pruned.
    pub first: u64,
    /// The whole log: number of entries, and root.
    pub checkpoint: Checkpoint,
    /// Segments read.
    pub segments: usize,
    /// Batches read.
    pub batches: u64,
    /// Signatures checked.
    pub signatures: u64,
    /// Size of the published checkpoint.
    pub published: Option<u64>,
    /// Tiles compared.
    pub tiles: u64,
    /// Where an unfinished end begins, in a log that is being written.
    pub unfinished: Option<Place>,
}

/// Walks the log: every frame, every hash, every root, signatures as asked, the published checkpoint and every tile.
/// `progress` hears the number of entries seen, now and then.
pub fn audit<S: ReadStorage>(
    storage: &mut S,
    key: &VerifierKey,
    options: AuditOptions,
    progress: &mut dyn FnMut(u64),
) -> Result<AuditReport, AuditError> {
    let published = match storage.object(CHECKPOINT)? {
        Some(note) => Some(key.read_note(core::str::from_utf8(&note).map_err(|_| NoteError::Form)?)?),
        None => None,
    };
    let segments = storage.segments()?;
    let first = segments.first().copied().unwrap_or(0);
    if first > 0 && !options.allow_pruned {
        return Err(AuditError::Pruned { first });
    }
    let mut audit =
        Audit { storage, key, options, published, edge: Edge::default(), report: AuditReport::empty(first) };
    let mut frontier = None;
    for (at, segment) in segments.iter().enumerate() {
        frontier = Some(audit.segment(*segment, frontier, at + 1 == segments.len(), progress)?);
    }
    let frontier = frontier.unwrap_or_default();
    audit.report.checkpoint = Checkpoint { size: frontier.size(), root: frontier.root() };
    if let Some(claimed) = audit.published.filter(|claimed| claimed.size > frontier.size()) {
        return Err(AuditError::Cut { found: frontier.size(), claimed: claimed.size });
    }
    audit.report.published = audit.published.map(|published| published.size);
    Ok(audit.report)
}

impl AuditReport {
    fn empty(first: u64) -> Self {
        let checkpoint = Checkpoint { size: 0, root: super::merkle::empty_root() };
        Self { first, checkpoint, segments: 0, batches: 0, signatures: 0, published: None, tiles: 0, unfinished: None }
    }
}

struct Audit<'s, S> {
    storage: &'s mut S,
    key: &'s VerifierKey,
    options: AuditOptions,
    published: Option<Checkpoint>,
    edge: Edge,
    report: AuditReport,
}

impl<S: ReadStorage> Audit<'_, S> {
    fn segment(
        &mut self,
        first: u64,
        before: Option<Frontier>,
        is_last: bool,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Frontier, AuditError> {
        let mut window = Window::new(first);
        let mut place = Place { segment: first, offset: 0, entry: first };
        let header = window.at(self.storage, 0, SEGMENT_HEADER)?;
        let claimed = segment::read_header(header, self.key).map_err(|error| AuditError::Header { place, error })?;
        if claimed.size() != first || before.as_ref().is_some_and(|before| *before != claimed) {
            return Err(AuditError::Discontinued { place });
        }
        let mut frontier = claimed;
        self.report.segments += 1;
        self.report.signatures += 1;
        if first == 0 {
            self.reached(&frontier)?;
        }
        place.offset = SEGMENT_HEADER as u64;
        let mut last: Option<(Place, Checkpoint, [u8; 64])> = None;
        loop {
            place.entry = frontier.size();
            let batch = match window.batch(self.storage, place.offset)? {
                Found::Batch(batch) => batch,
                Found::Blank => break,
                Found::Damaged if is_last && self.options.live => break,
                Found::Damaged => return Err(AuditError::Damaged { place }),
            };
            if batch.first != frontier.size() {
                return Err(AuditError::Discontinued { place });
            }
            self.batch(&batch, &mut frontier, place)?;
            self.report.batches += 1;
            last = Some((place, batch.checkpoint(), batch.signature));
            place.offset += batch.len;
            progress(frontier.size());
        }
        if let Some((place, checkpoint, signature)) = last.filter(|_| !self.options.every_signature) {
            self.signature(place, &checkpoint, &signature)?;
        }
        self.rest(&mut window, place, is_last)?;
        Ok(frontier)
    }

    fn batch(&mut self, batch: &Batch<'_>, frontier: &mut Frontier, place: Place) -> Result<(), AuditError> {
        let start = frontier.size();
        let leaves: Vec<Hash> = batch.records().map(leaf_hash).collect();
        for leaf in &leaves {
            frontier.push(*leaf);
            if self.report.first == 0 {
                self.tiles(frontier.size() - 1, *leaf)?;
                self.reached(frontier)?;
            }
        }
        if frontier.root() != batch.root {
            return Err(AuditError::Changed { place: Place { entry: self.culprit(start, &leaves), ..place } });
        }
        if self.options.every_signature {
            self.signature(place, &batch.checkpoint(), &batch.signature)?;
        }
        Ok(())
    }

    fn signature(&mut self, place: Place, checkpoint: &Checkpoint, signature: &[u8]) -> Result<(), AuditError> {
        self.report.signatures += 1;
        self.key.verify(checkpoint, signature).map_err(|_| AuditError::Signature { place })
    }

    /// Compares tiles that a leaf completes, as far as they are published.
    fn tiles(&mut self, index: u64, leaf: Hash) -> Result<(), AuditError> {
        let Some(published) = self.published else { return Ok(()) };
        if index >= published.size {
            return Ok(());
        }
        let (storage, compared) = (&mut *self.storage, &mut self.report.tiles);
        self.edge.push(index, leaf, |level, index, row| {
            *compared += 1;
            compare(storage, level, index, row)
        })
    }

    /// At the size of the published checkpoint: its root and its unfinished tiles must be right.
    fn reached(&mut self, frontier: &Frontier) -> Result<(), AuditError> {
        let Some(published) = self.published.filter(|published| published.size == frontier.size()) else {
            return Ok(());
        };
        if frontier.root() != published.root {
            return Err(AuditError::OtherTree { size: published.size });
        }
        for (level, index, row) in self.edge.partial(published.size) {
            self.report.tiles += 1;
            compare(self.storage, level, index, row)?;
        }
        Ok(())
    }

    /// The first entry of a bad batch that differs from its published leaf hash; the batch's first if none is published.
    fn culprit(&mut self, start: u64, leaves: &[Hash]) -> u64 {
        let mut tiles = super::tile::Tiles::new(self.storage, self.published.map_or(0, |published| published.size));
        let differs = |(index, leaf): &(u64, &Hash)| tiles.leaf(*index).is_ok_and(|stored| stored != **leaf);
        (start..).zip(leaves).find(differs).map_or(start, |(index, _)| index)
    }

    /// Behind the last batch of a segment there are zeros, except where the log is being written.
    fn rest(&mut self, window: &mut Window, mut place: Place, is_last: bool) -> Result<(), AuditError> {
        loop {
            let octets = window.at(self.storage, place.offset, 32 << 10)?;
            if octets.is_empty() {
                return Ok(());
            }
            if let Some(at) = octets.iter().position(|octet| *octet != 0) {
                place.offset += at as u64;
                if is_last && self.options.live {
                    self.report.unfinished = Some(place);
                    return Ok(());
                }
                return Err(AuditError::Leftover { place });
            }
            place.offset += octets.len() as u64;
        }
    }
}

fn compare<S: ReadStorage>(storage: &mut S, level: u8, index: u64, row: &[Hash]) -> Result<(), AuditError> {
    let width = row.len() as u64;
    let mut stored = storage.object(&tile_path(level, index, width))?;
    if stored.is_none() && width < TILE {
        // A log being written may have completed the tile meanwhile.
        stored = storage.object(&tile_path(level, index, TILE))?.map(|mut full| {
            full.truncate(row.len() * 32);
            full
        });
    }
    if stored.as_deref() == Some(row.as_flattened()) { Ok(()) } else { Err(AuditError::Tile { level, index }) }
}
