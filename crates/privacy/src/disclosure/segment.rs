//! Layout of a segment file, and reading it without trusting it.
//!
//! ```text
//! segment  = header 4096 | batch | batch | … | zeros to the end
//! header   = "WHRFSEG1" | first index 8 | key id 4 | peaks 1 | origin length 1 | origin | peaks 32 each
//!            | signature 64 of the checkpoint at the first index | zeros | SHA-256 of all before it, at 4064
//! batch    = "WHRFBAT1" | first index 8 | entries 4 | length of frames 4 | frames | root 32 | signature 64
//!            | zeros to a multiple of 64
//! frame    = length 2 | record
//! ```
//!
//! Integers are big-endian. Root and signature are those of the checkpoint after the batch, so whatever is durable is
//! signed, and nothing that the log's key did not sign is ever taken for an entry.

use super::checkpoint::{Checkpoint, VerifierKey};
use super::merkle::{Frontier, Hash, sha256};
use super::seal::RECORD_MAX;
use super::storage::{ReadStorage, StorageError};

/// Length of a segment's header: one page, so that batches do not share it.
pub(super) const SEGMENT_HEADER: usize = 4096;
/// Length of a batch's head.
pub(super) const BATCH_HEAD: usize = 24;
/// Root and signature behind the frames.
const BATCH_TAIL: usize = 96;
/// Batches begin at multiples of this.
pub(super) const ALIGN: usize = 64;
/// Longest frames of one batch that are read.
pub(super) const FRAMES_MAX: usize = 16 << 20;
const SEGMENT_MAGIC: &[u8; 8] = b"WHRFSEG1";
const BATCH_MAGIC: &[u8; 8] = b"WHRFBAT1";
const HEADER_HASH: usize = SEGMENT_HEADER - 32;
/// Octets read at once: the first time, and at most. Each further read takes twice as much.
const WINDOW: (usize, usize) = (32 << 10, 1 << 20);

/// Length of a batch on disk with so many octets of frames.
pub(super) fn batch_len(frames: usize) -> usize {
    (BATCH_HEAD + frames + BATCH_TAIL).next_multiple_of(ALIGN)
}

/// Completes a batch in place: `octets` begins with room for the head, followed by the frames.
pub(super) fn finish_batch(octets: &mut Vec<u8>, first: u64, entries: u32, root: &Hash, signature: &[u8; 64]) {
    // The queue's bound keeps frames far below 4 GiB.
    let frames = u32::try_from(octets.len().saturating_sub(BATCH_HEAD)).unwrap_or(u32::MAX);
    let mut head = [0; BATCH_HEAD];
    head[..8].copy_from_slice(BATCH_MAGIC);
    head[8..16].copy_from_slice(&first.to_be_bytes());
    head[16..20].copy_from_slice(&entries.to_be_bytes());
    head[20..].copy_from_slice(&frames.to_be_bytes());
    octets.iter_mut().zip(head).for_each(|(to, from)| *to = from);
    octets.extend_from_slice(root);
    octets.extend_from_slice(signature);
    octets.resize(octets.len().next_multiple_of(ALIGN), 0);
}

/// A segment's header for the tree so far and the signature of its checkpoint.
pub(super) fn segment_header(key: &VerifierKey, frontier: &Frontier, signature: &[u8; 64]) -> Vec<u8> {
    let origin = key.origin().as_str().as_bytes();
    let mut header = Vec::with_capacity(SEGMENT_HEADER);
    header.extend_from_slice(SEGMENT_MAGIC);
    header.extend_from_slice(&frontier.size().to_be_bytes());
    header.extend_from_slice(&key.id());
    // At most 64 peaks and 255 octets of origin.
    header.push(u8::try_from(frontier.peaks().len()).unwrap_or(u8::MAX));
    header.push(u8::try_from(origin.len()).unwrap_or(u8::MAX));
    header.extend_from_slice(origin);
    frontier.peaks().iter().for_each(|peak| header.extend_from_slice(peak));
    header.extend_from_slice(signature);
    header.resize(HEADER_HASH, 0);
    let hash = sha256(&[&header]);
    header.extend_from_slice(&hash);
    header
}

/// What is wrong with a segment's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Damaged, or no segment at all.
    #[error("the header of the segment is damaged")]
    Damaged,
    /// Of another log or signed by another key.
    #[error("the segment belongs to another log or key")]
    OtherLog,
    /// The signature is wrong.
    #[error("the header of the segment is not signed by the log's key")]
    Unsigned,
}

/// Reads and checks a header; gives the tree before the segment's first entry.
pub(super) fn read_header(header: &[u8], key: &VerifierKey) -> Result<Frontier, HeaderError> {
    let (octets, hash) = header.split_at_checked(HEADER_HASH).ok_or(HeaderError::Damaged)?;
    if octets.get(..8) != Some(SEGMENT_MAGIC) || sha256(&[octets]) != hash {
        return Err(HeaderError::Damaged);
    }
    let size = u64_at(octets, 8).ok_or(HeaderError::Damaged)?;
    let (peaks, origin) = octets.get(20).zip(octets.get(21)).ok_or(HeaderError::Damaged)?;
    let origin_end = 22 + usize::from(*origin);
    let peaks_end = origin_end + 32 * usize::from(*peaks);
    let parts = octets.get(22..origin_end).zip(octets.get(origin_end..peaks_end));
    let ((origin, peaks), signature) = parts.zip(octets.get(peaks_end..peaks_end + 64)).ok_or(HeaderError::Damaged)?;
    if origin != key.origin().as_str().as_bytes() || octets.get(16..20) != Some(&key.id()) {
        return Err(HeaderError::OtherLog);
    }
    let peaks = peaks.chunks_exact(32).filter_map(|peak| peak.try_into().ok()).collect();
    let frontier = Frontier::from_parts(size, peaks).ok_or(HeaderError::Damaged)?;
    let checkpoint = Checkpoint { size, root: frontier.root() };
    key.verify(&checkpoint, signature).map_err(|_| HeaderError::Unsigned)?;
    Ok(frontier)
}

/// What is at a place where a batch might begin.
#[derive(Debug)]
pub(super) enum Found<'w> {
    /// A batch with sound framing. Whether it is genuine, only its root and signature tell.
    Batch(Batch<'w>),
    /// Zeros, or the end of the segment: the log ends here.
    Blank,
    /// Something that is not a whole batch.
    Damaged,
}

/// A batch with sound framing.
#[derive(Debug)]
pub(super) struct Batch<'w> {
    pub(super) first: u64,
    pub(super) entries: u32,
    frames: &'w [u8],
    pub(super) root: Hash,
    pub(super) signature: [u8; 64],
    /// Length on disk.
    pub(super) len: u64,
}

impl<'w> Batch<'w> {
    /// The records in order.
    pub(super) fn records(&self) -> Records<'w> {
        Records { rest: self.frames }
    }

    /// The checkpoint after this batch.
    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint { size: self.first.saturating_add(u64::from(self.entries)), root: self.root }
    }
}

/// Records in the frames of a batch.
#[derive(Debug, Clone)]
pub(super) struct Records<'w> {
    rest: &'w [u8],
}

impl<'w> Iterator for Records<'w> {
    type Item = &'w [u8];

    fn next(&mut self) -> Option<&'w [u8]> {
        let (len, rest) = self.rest.split_first_chunk::<2>()?;
        let (record, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
        self.rest = rest;
        Some(record)
    }
}

/// A window over a segment: batches are read through it in large pieces.
#[derive(Debug)]
pub(super) struct Window {
    segment: u64,
    start: u64,
    octets: Vec<u8>,
    step: usize,
}

impl Window {
    /// Over the segment that begins with entry `segment`.
    pub(super) fn new(segment: u64) -> Self {
        Self { segment, start: 0, octets: Vec::new(), step: WINDOW.0 }
    }

    /// Whether it is over the segment that begins with entry `segment`.
    pub(super) fn is_over(&self, segment: u64) -> bool {
        self.segment == segment
    }

    /// Up to `len` octets at `offset`; fewer at the end of the segment.
    pub(super) fn at<S: ReadStorage>(
        &mut self,
        storage: &mut S,
        offset: u64,
        len: usize,
    ) -> Result<&[u8], StorageError> {
        let inside = offset.checked_sub(self.start).and_then(|from| usize::try_from(from).ok());
        let held = inside.is_some_and(|from| self.octets.len().saturating_sub(from) >= len);
        if !held {
            self.octets.resize(len.max(self.step), 0);
            self.step = (self.step * 2).min(WINDOW.1);
            let read = storage.read(self.segment, offset, &mut self.octets);
            self.octets.truncate(*read.as_ref().unwrap_or(&0));
            self.start = offset;
            read?;
        }
        let from = usize::try_from(offset - self.start).unwrap_or(usize::MAX);
        let end = from.saturating_add(len).min(self.octets.len());
        Ok(self.octets.get(from..end).unwrap_or_default())
    }

    /// What is at `offset`.
    pub(super) fn batch<S: ReadStorage>(&mut self, storage: &mut S, offset: u64) -> Result<Found<'_>, StorageError> {
        let head = self.at(storage, offset, BATCH_HEAD)?;
        if head.iter().all(|octet| *octet == 0) {
            return Ok(Found::Blank);
        }
        let parts = u64_at(head, 8).zip(u32_at(head, 16)).zip(u32_at(head, 20));
        let Some(((first, entries), frames_len)) = parts.filter(|_| head.starts_with(BATCH_MAGIC)) else {
            return Ok(Found::Damaged);
        };
        let frames_len = usize::try_from(frames_len).unwrap_or(usize::MAX);
        if frames_len > FRAMES_MAX || entries == 0 {
            return Ok(Found::Damaged);
        }
        let len = batch_len(frames_len);
        let octets = self.at(storage, offset, len)?;
        Ok(parse(octets, first, entries, frames_len, len).map_or(Found::Damaged, Found::Batch))
    }
}

fn parse(octets: &[u8], first: u64, entries: u32, frames_len: usize, len: usize) -> Option<Batch<'_>> {
    let (frames, tail) = octets.get(BATCH_HEAD..len)?.split_at_checked(frames_len)?;
    let (root, tail) = tail.split_first_chunk::<32>()?;
    let (signature, padding) = tail.split_first_chunk::<64>()?;
    let mut records = Records { rest: frames };
    let whole = records.by_ref().take_while(|record| record.len() <= RECORD_MAX).count();
    let sound =
        u32::try_from(whole) == Ok(entries) && records.rest.is_empty() && padding.iter().all(|octet| *octet == 0);
    let len = u64::try_from(len).ok()?;
    sound.then_some(Batch { first, entries, frames, root: *root, signature: *signature, len })
}

/// Places in a stretch of a segment where a batch could begin.
pub(super) fn batch_starts(octets: &[u8]) -> impl Iterator<Item = usize> {
    octets.chunks(ALIGN).enumerate().filter(|(_, line)| line.starts_with(BATCH_MAGIC)).map(|(at, _)| at * ALIGN)
}

fn u64_at(octets: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(octets.get(at..at + 8)?.try_into().ok()?))
}

fn u32_at(octets: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(octets.get(at..at + 4)?.try_into().ok()?))
}
