//! `wherefore log prove`, and the checking of what it prints.

use super::error::LogError;
use super::files::{FileStore, Files};
use super::keys::read_verifier;
use privacy::disclosure::{
    Proven, Publisher, VerifierKey, latest, prove_consistency, prove_inclusion, verify_proofs, walk,
};
use std::ops::RangeInclusive;
use std::path::Path;

/// What to prove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProveWhat {
    /// That an entry is in the log (C2SP tlog-proof).
    Entry(u64),
    /// The same for several, one proof after the other.
    Range(RangeInclusive<u64>),
    /// That the log of so many entries is the beginning of the log now.
    GrownFrom(u64),
}

/// Text of a proof about the published log in `dir`. It can be checked alone: see [`check_proof`].
pub fn prove(dir: &Path, vkey: Option<&Path>, what: &ProveWhat) -> Result<String, LogError> {
    let key = read_verifier(dir, vkey)?;
    let mut files = Files::new(dir);
    let absent = || LogError::NotPublished { dir: dir.to_owned() };
    match what {
        ProveWhat::Entry(index) => Ok(prove_inclusion(&mut files, &key, *index)?.ok_or_else(absent)?.0),
        ProveWhat::Range(range) => {
            let mut text = String::new();
            for index in range.clone() {
                text.push_str(&prove_inclusion(&mut files, &key, index)?.ok_or_else(absent)?.0);
            }
            Ok(text)
        }
        ProveWhat::GrownFrom(old) => Ok(prove_consistency(&mut files, &key, *old)?.ok_or_else(absent)?.0),
    }
}

/// Checks the text of a proof with the public key alone; says in words what it shows.
pub fn check_proof(text: &str, key: &VerifierKey) -> Result<Vec<String>, LogError> {
    let say = |proven: Proven| match proven {
        Proven::Inclusion { index, record, checkpoint } => format!(
            "good: this record of {} octets is entry {index} of {}, signed at {} entries",
            record.len(),
            key.origin().as_str(),
            checkpoint.size
        ),
        Proven::Consistency { old, checkpoint } => format!(
            "good: {} at {} entries begins with its first {}, root {}; compare that root with one that you kept",
            key.origin().as_str(),
            checkpoint.size,
            old.size,
            super::verify::hex(&old.root)
        ),
    };
    Ok(verify_proofs(text, key)?.into_iter().map(say).collect())
}

/// Publishes tiles and checkpoint of a log that no gateway has open; `rebuild`: all tiles anew. Needs no secret. Gives the
/// number of entries published.
pub fn publish(dir: &Path, vkey: Option<&Path>, rebuild: bool) -> Result<u64, LogError> {
    let key = read_verifier(dir, vkey)?;
    // Taken for its lock: no gateway may publish meanwhile.
    let _lock = FileStore::open(dir, 0)?;
    let mut files = Files::new(dir);
    let published = latest(&mut files, &key).map_err(|error| LogError::Open { dir: dir.to_owned(), error })?;
    let mut size = published.map_or(0, |checkpoint| checkpoint.size);
    walk(&mut files, size, |index, _| {
        size = index + 1;
        true
    })?;
    let mut publisher = if rebuild { Publisher::rebuild(files, key) } else { Publisher::open(files, key)? };
    Ok(publisher.publish(size)?)
}
