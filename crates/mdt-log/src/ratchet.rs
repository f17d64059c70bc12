//! The one-way chain of keys: each record has its own, and nothing leads back.

use zeroize::{Zeroize, Zeroizing};

/// What is hashed under the chain key at each step. The domain is the key, so this only has to be constant.
const STEP: &[u8] = b"mdt-log step";

/// State of the chain before the next record.
pub(crate) struct Ratchet {
    chain: Zeroizing<[u8; 32]>,
}

impl Ratchet {
    pub(crate) fn new(chain: Zeroizing<[u8; 32]>) -> Self {
        Self { chain }
    }

    /// One derivation of 64 octets: the key of this record, and the chain that replaces the one that gave it.
    pub(crate) fn step(&mut self) -> Zeroizing<[u8; 32]> {
        let mut hasher = blake3::Hasher::new_keyed(&self.chain);
        hasher.update(STEP);
        let mut output = hasher.finalize_xof();
        let mut key = Zeroizing::new([0; 32]);
        output.fill(key.as_mut_slice());
        output.fill(self.chain.as_mut_slice());
        output.zeroize();
        hasher.zeroize();
        key
    }

    /// A second chain from here: the collector's, which looks for records that were lost.
    #[cfg(feature = "open")]
    pub(crate) fn fork(&self) -> Self {
        Self { chain: self.chain.clone() }
    }
}
