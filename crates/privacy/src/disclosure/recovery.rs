//! Opening a log after any end: what was acknowledged is kept, what is torn is dropped, what is missing is refused.

use super::checkpoint::{Checkpoint, NoteError, VerifierKey};
use super::merkle::{Frontier, leaf_hash};
use super::segment::{self, Batch, Found, HeaderError, SEGMENT_HEADER, Window};
use super::storage::{ReadStorage, Storage, StorageError};

/// Path of the latest published checkpoint.
pub(super) const CHECKPOINT: &str = "checkpoint";

/// Why a log does not open. Nothing is changed then; a person must look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The published checkpoint is not a good one of this log.
    #[error("the published checkpoint is not usable: {0}. Was the log's key or name changed?")]
    Checkpoint(#[from] NoteError),
    /// The header of a segment is not good.
    #[error("the segment that begins with entry {segment}: {error}")]
    Header {
        /// First index of the segment.
        segment: u64,
        /// What is wrong.
        error: HeaderError,
    },
    /// Fewer entries are there than a signed checkpoint says: the log was cut, or an older copy was put back.
    #[error(
        "the log holds {found} entries and a signed checkpoint says {claimed}: it was cut, or an older copy was put back. \
         Restore the newest copy; never continue this one"
    )]
    RolledBack {
        /// Entries found.
        found: u64,
        /// Entries in the checkpoint.
        claimed: u64,
    },
    /// The system's random source failed.
    #[error("the system's random source failed")]
    Random,
    /// A segment would not hold a batch.
    #[error("segments of {capacity} octets are too small: at least 32 KiB")]
    SegmentTooSmall {
        /// Length of a segment.
        capacity: u64,
    },
    /// The tree over the entries is not that of the signed checkpoint.
    #[error("the entries are not those of the signed checkpoint over {size} of them: the log was changed")]
    Changed {
        /// Size of the checkpoint.
        size: u64,
    },
    /// A batch is damaged and good ones follow, so it is no torn end.
    #[error("the segment that begins with entry {segment} is damaged at offset {offset}, and entries follow behind it")]
    Damaged {
        /// First index of the segment.
        segment: u64,
        /// Where the damage begins.
        offset: u64,
    },
}

/// Where a log goes on.
pub(super) struct Recovered {
    pub(super) frontier: Frontier,
    pub(super) segment: Option<u64>,
    pub(super) offset: u64,
}

/// Finds the end of the log. Reads the last segment only: its header is signed and has the tree of all before.
pub(super) fn recover<S: Storage>(storage: &mut S, key: &VerifierKey) -> Result<Recovered, OpenError> {
    let claimed = published(storage, key)?;
    let Some(last) = storage.segments()?.last().copied() else {
        let found = Recovered { frontier: Frontier::default(), segment: None, offset: SEGMENT_HEADER as u64 };
        return match claimed {
            Some(claimed) if claimed.size > 0 => Err(OpenError::RolledBack { found: 0, claimed: claimed.size }),
            Some(_) | None => Ok(found),
        };
    };
    let mut window = Window::new(last);
    let header = window.at(storage, 0, SEGMENT_HEADER)?;
    let frontier = segment::read_header(header, key).map_err(|error| OpenError::Header { segment: last, error })?;
    if frontier.size() != last {
        return Err(OpenError::Header { segment: last, error: HeaderError::Damaged });
    }
    let start = frontier;
    // The last signature covers all before it. Only if that one is not good is each batch's own looked at.
    let fast = scan(storage, key, start.clone(), claimed.as_ref(), Signatures::Last)?;
    let (frontier, offset) = match fast {
        Some(end) => end,
        None => {
            let nothing = (start.clone(), SEGMENT_HEADER as u64);
            scan(storage, key, start, claimed.as_ref(), Signatures::Each)?.unwrap_or(nothing)
        }
    };
    if let Some(claimed) = claimed.filter(|claimed| claimed.size > frontier.size()) {
        return Err(OpenError::RolledBack { found: frontier.size(), claimed: claimed.size });
    }
    clear_end(storage, key, last, offset)?;
    Ok(Recovered { frontier, segment: Some(last), offset })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Signatures {
    Last,
    Each,
}

/// Follows the batches of the segment that begins after `frontier`, to the last good one; gives the tree after it and where
/// it ends. `None` if only the last signature was to be checked, and it is not good.
fn scan<S: Storage>(
    storage: &mut S,
    key: &VerifierKey,
    mut frontier: Frontier,
    claimed: Option<&Checkpoint>,
    signatures: Signatures,
) -> Result<Option<(Frontier, u64)>, OpenError> {
    let mut window = Window::new(frontier.size());
    let mut offset = SEGMENT_HEADER as u64;
    let mut last = None;
    // The tree is compared with the checkpoint where it has that size; an older checkpoint is the auditor's to compare.
    check_size(&frontier, claimed)?;
    while let Found::Batch(batch) = window.batch(storage, offset)? {
        let signed = |b: &Batch<'_>| key.verify(&b.checkpoint(), &b.signature).is_ok();
        let Some(after) = extend(&frontier, &batch).filter(|_| signatures == Signatures::Last || signed(&batch)) else {
            break;
        };
        offset += batch.len;
        last = Some((batch.checkpoint(), batch.signature));
        frontier = after;
        check_size(&frontier, claimed)?;
    }
    let good = last.is_none_or(|(checkpoint, signature)| key.verify(&checkpoint, &signature).is_ok());
    Ok(good.then_some((frontier, offset)))
}

/// The tree after a batch, if the batch continues this tree.
pub(super) fn extend(frontier: &Frontier, batch: &Batch<'_>) -> Option<Frontier> {
    if batch.first != frontier.size() {
        return None;
    }
    let mut after = frontier.clone();
    batch.records().for_each(|record| after.push(leaf_hash(record)));
    (after.root() == batch.root).then_some(after)
}

/// The latest published checkpoint.
pub(super) fn published<S: ReadStorage>(storage: &mut S, key: &VerifierKey) -> Result<Option<Checkpoint>, OpenError> {
    let Some(note) = storage.object(CHECKPOINT)? else { return Ok(None) };
    let note = String::from_utf8(note).map_err(|_| NoteError::Form)?;
    Ok(Some(key.read_note(&note)?))
}

fn check_size(frontier: &Frontier, claimed: Option<&Checkpoint>) -> Result<(), OpenError> {
    match claimed {
        Some(claimed) if claimed.size == frontier.size() && claimed.root != frontier.root() => {
            Err(OpenError::Changed { size: claimed.size })
        }
        Some(_) | None => Ok(()),
    }
}

/// Looks at what lies behind the last good batch: signed batches there mean damage before them; anything else was never
/// acknowledged, and is overwritten with zeros.
fn clear_end<S: Storage>(storage: &mut S, key: &VerifierKey, segment: u64, from: u64) -> Result<(), OpenError> {
    const STRETCH: usize = 32 << 10;
    let (mut window, mut inner) = (Window::new(segment), Window::new(segment));
    let (mut at, mut dirty_end) = (from, from);
    loop {
        let octets = window.at(storage, at, STRETCH)?;
        if octets.is_empty() {
            break;
        }
        if let Some(last) = octets.iter().rposition(|octet| *octet != 0) {
            dirty_end = at + last as u64 + 1;
        }
        for start in segment::batch_starts(octets) {
            let offset = at + start as u64;
            if let Found::Batch(batch) = inner.batch(storage, offset)?
                && offset > from
                && key.verify(&batch.checkpoint(), &batch.signature).is_ok()
            {
                return Err(OpenError::Damaged { segment, offset: from });
            }
        }
        at += octets.len() as u64;
    }
    let zeros = vec![0; STRETCH.min(usize::try_from(dirty_end - from).unwrap_or(STRETCH))];
    let mut at = from;
    while at < dirty_end {
        let len = zeros.len().min(usize::try_from(dirty_end - at).unwrap_or(zeros.len()));
        storage.write(segment, at, zeros.get(..len).unwrap_or_default())?;
        at += len as u64;
    }
    if dirty_end > from {
        storage.sync(segment)?;
    }
    Ok(())
}
