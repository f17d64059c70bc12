//! Proofs as text that stand alone: C2SP tlog-proof for one entry, and a like form for growth.
//!
//! ```text
//! c2sp.org/tlog-proof@v1                    wherefore-consistency-proof@v1
//! extra <base64 of the record>              old <size> <base64 root>
//! index <index>                             <base64 hash> …
//! <base64 hash> …
//!                                           <signed checkpoint>
//! <signed checkpoint>
//! ```

use super::base64;
use super::checkpoint::{Checkpoint, NoteError, VerifierKey};
use super::merkle::{Hash, ProofError, leaf_hash, verify_consistency, verify_inclusion};
use super::publish::record_at;
use super::recovery::CHECKPOINT;
use super::storage::ReadStorage;
use super::tile::{ProveError, Tiles};

const INCLUSION: &str = "c2sp.org/tlog-proof@v1";
const CONSISTENCY: &str = "wherefore-consistency-proof@v1";
/// Hashes in the longest proof that can be: 64 levels, twice for consistency.
const HASHES_MAX: usize = 128;

/// What is wrong with the text of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofTextError {
    /// Not in the form of a proof.
    #[error("not a proof: line {0} is not as it must be")]
    Form(usize),
    /// The checkpoint in it is not good.
    #[error("the checkpoint in the proof: {0}")]
    Note(#[from] NoteError),
    /// It does not prove what it says.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

/// Text of a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof(pub String);

/// What a good proof shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proven {
    /// This record is the entry at this index of the log that the checkpoint signs.
    Inclusion {
        /// Index of the entry.
        index: u64,
        /// The record, still sealed.
        record: Vec<u8>,
        /// The signed checkpoint.
        checkpoint: Checkpoint,
    },
    /// The log that the checkpoint signs begins with the older one: nothing was changed or removed since.
    Consistency {
        /// The older log. Its root must be one that the reader has kept: the proof does not sign it.
        old: Checkpoint,
        /// The signed checkpoint.
        checkpoint: Checkpoint,
    },
}

/// Makes a proof that the entry at `index` is in the published log. `None`: nothing is published, or the record is gone.
pub fn prove_inclusion<S: ReadStorage>(
    storage: &mut S,
    key: &VerifierKey,
    index: u64,
) -> Result<Option<Proof>, MakeProofError> {
    let Some((note, checkpoint)) = note(storage, key)? else { return Ok(None) };
    let mut tiles = Tiles::new(storage, checkpoint.size);
    let path = tiles.inclusion(index, checkpoint.size)?;
    let Some(record) = record_at(storage, index).map_err(ProveError::from)? else { return Ok(None) };
    let mut text = format!("{INCLUSION}\nextra {}\nindex {index}\n", base64::encode(&record));
    lines(&mut text, &path);
    text.push_str(&note);
    Ok(Some(Proof(text)))
}

/// Makes a proof that the published log begins with its first `old` entries. `None`: nothing is published.
pub fn prove_consistency<S: ReadStorage>(
    storage: &mut S,
    key: &VerifierKey,
    old: u64,
) -> Result<Option<Proof>, MakeProofError> {
    let Some((note, checkpoint)) = note(storage, key)? else { return Ok(None) };
    let mut tiles = Tiles::new(storage, checkpoint.size);
    let path = tiles.consistency(old, checkpoint.size)?;
    let root = tiles.root(old)?;
    let mut text = format!("{CONSISTENCY}\nold {old} {}\n", base64::encode(&root));
    lines(&mut text, &path);
    text.push_str(&note);
    Ok(Some(Proof(text)))
}

/// Why a proof could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MakeProofError {
    /// The tree could not be read.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// The published checkpoint is not good.
    #[error("the published checkpoint: {0}")]
    Note(#[from] NoteError),
}

fn note<S: ReadStorage>(storage: &mut S, key: &VerifierKey) -> Result<Option<(String, Checkpoint)>, MakeProofError> {
    let Some(note) = storage.object(CHECKPOINT).map_err(ProveError::from)? else { return Ok(None) };
    let note = String::from_utf8(note).map_err(|_| NoteError::Form)?;
    let checkpoint = key.read_note(&note)?;
    Ok(Some((note, checkpoint)))
}

fn lines(text: &mut String, path: &[Hash]) {
    for hash in path {
        text.push_str(&base64::encode(hash));
        text.push('\n');
    }
    text.push('\n');
}

/// Checks a text of one or more proofs, with the public key alone.
pub fn verify_proofs(text: &str, key: &VerifierKey) -> Result<Vec<Proven>, ProofTextError> {
    let mut starts: Vec<usize> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if matches!(line.trim_end(), INCLUSION | CONSISTENCY) {
            starts.push(at);
        }
        at += line.len();
    }
    if starts.first() != Some(&0) {
        return Err(ProofTextError::Form(1));
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(start, end)| verify_one(text.get(*start..end).unwrap_or_default(), key)).collect()
}

fn verify_one(text: &str, key: &VerifierKey) -> Result<Proven, ProofTextError> {
    let mut rest = text;
    let mut number = 0;
    let mut line = || {
        number += 1;
        let (line, after) = rest.split_once('\n')?;
        rest = after;
        Some((number, line))
    };
    let form = |number| move || ProofTextError::Form(number);
    let (_, kind) = line().ok_or(ProofTextError::Form(1))?;
    let is_inclusion = kind == INCLUSION;
    let (at, second) = line().ok_or(ProofTextError::Form(2))?;
    let (record, third) = if is_inclusion {
        let record = second.strip_prefix("extra ").and_then(base64::decode).ok_or_else(form(at))?;
        (record, line().ok_or(ProofTextError::Form(3))?)
    } else {
        (Vec::new(), (at, second))
    };
    let mut path: Vec<Hash> = Vec::new();
    loop {
        let (at, hash) = line().ok_or(ProofTextError::Form(4))?;
        if hash.is_empty() {
            break;
        }
        let hash = base64::decode(hash).and_then(|hash| hash.try_into().ok()).ok_or_else(form(at))?;
        path.push(hash);
        if path.len() > HASHES_MAX {
            return Err(ProofTextError::Form(at));
        }
    }
    let checkpoint = key.read_note(rest)?;
    let (at, third) = third;
    if is_inclusion {
        let index = third.strip_prefix("index ").and_then(decimal).ok_or_else(form(at))?;
        verify_inclusion(&leaf_hash(&record), index, checkpoint.size, &path, &checkpoint.root)?;
        return Ok(Proven::Inclusion { index, record, checkpoint });
    }
    let (size, root) = third.strip_prefix("old ").and_then(|old| old.split_once(' ')).ok_or_else(form(at))?;
    let size = decimal(size).ok_or_else(form(at))?;
    let root = base64::decode(root).and_then(|root| root.try_into().ok()).ok_or_else(form(at))?;
    verify_consistency((size, &root), (checkpoint.size, &checkpoint.root), &path)?;
    Ok(Proven::Consistency { old: Checkpoint { size, root }, checkpoint })
}

/// A number in its one spelling.
fn decimal(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}
