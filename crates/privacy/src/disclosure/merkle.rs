//! The Merkle tree of RFC 6962 section 2.1: hashes, the growing edge, and the checking of proofs.

use aws_lc_rs::digest;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// SHA-256 over parts laid end to end.
pub(super) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    to_hash(&context.finish())
}

/// SHA-256 over one part.
pub(super) fn hash(octets: &[u8]) -> Hash {
    to_hash(&digest::digest(&digest::SHA256, octets))
}

fn to_hash(digest: &digest::Digest) -> Hash {
    let mut out = [0; 32];
    out.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    out
}

/// Hash of a leaf: SHA-256(0x00, record) (RFC 6962 section 2.1).
#[must_use]
pub fn leaf_hash(record: &[u8]) -> Hash {
    // One call over one buffer costs less than a context, and nearly every record fits.
    let mut input = [0; 512];
    match input.get_mut(1..=record.len()) {
        Some(room) => {
            room.copy_from_slice(record);
            hash(input.get(..=record.len()).unwrap_or_default())
        }
        None => sha256(&[&[0], record]),
    }
}

/// Hash of an inner node: SHA-256(0x01, left, right) (RFC 6962 section 2.1).
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut input = [1; 65];
    input[1..33].copy_from_slice(left);
    input[33..].copy_from_slice(right);
    hash(&input)
}

/// Root of the tree without leaves: SHA-256 of nothing (RFC 6962 section 2.1).
#[must_use]
pub fn empty_root() -> Hash {
    hash(&[])
}

/// The right edge of a growing tree: the roots of the full subtrees that make it up, greatest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// From its parts; `None` if the number of peaks does not fit the size.
    #[must_use]
    pub fn from_parts(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (size.count_ones() as usize == peaks.len()).then_some(Self { size, peaks })
    }

    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the full subtrees, greatest first: one for each bit set in the size.
    #[must_use]
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        // Each trailing one bit of the size is a full subtree that the new one completes.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// Root of the tree (RFC 6962 section 2.1).
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return empty_root() };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Index or size outside the tree.
    #[error("the proof is about a position outside the tree")]
    OutsideTree,
    /// Too many or too few hashes.
    #[error("the proof has the wrong number of hashes")]
    WrongLength,
    /// The hashes do not lead to the root.
    #[error("the proof does not lead to the root: the record, the proof or the checkpoint is not genuine")]
    Mismatch,
}

/// Checks that `leaf` is at `index` of the tree of `size` leaves with this root (RFC 9162 section 2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutsideTree);
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    match last {
        0 if hash == *root => Ok(()),
        0 => Err(ProofError::Mismatch),
        _ => Err(ProofError::WrongLength),
    }
}

/// Checks that the tree of `old_size` leaves is the beginning of that of `new_size` (RFC 9162 section 2.1.4.2).
pub fn verify_consistency(
    (old_size, old_root): (u64, &Hash),
    (new_size, new_root): (u64, &Hash),
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::OutsideTree);
    }
    if old_size == new_size || old_size == 0 {
        // Nothing to prove: the same tree, or the empty one, which begins every tree.
        let same = if old_size == 0 { *old_root == empty_root() } else { old_root == new_root };
        return match (proof.is_empty(), same) {
            (false, _) => Err(ProofError::WrongLength),
            (true, false) => Err(ProofError::Mismatch),
            (true, true) => Ok(()),
        };
    }
    let mut proof = proof.iter();
    let first = if old_size.is_power_of_two() { old_root } else { proof.next().ok_or(ProofError::WrongLength)? };
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (*first, *first);
    for hash in proof {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if node & 1 == 1 || node == last {
            old = node_hash(hash, &old);
            new = node_hash(hash, &new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, hash);
        }
        node >>= 1;
        last >>= 1;
    }
    match last {
        0 if old == *old_root && new == *new_root => Ok(()),
        0 => Err(ProofError::Mismatch),
        _ => Err(ProofError::WrongLength),
    }
}
