//! Keys of a card, and the two algorithms that use them.

use super::PacketError;
use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::{
    Array, BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, array,
};
use cmac::{Cmac, KeyInit, Mac};
use zeroize::Zeroizing;

/// Octets of a block of AES, and of its IV of zeroes (TS 102 225 clause 5.1.2).
pub(super) const BLOCK: usize = 16;
/// Octets of a cryptographic checksum. TS 102 225 clause 5.1.3.1 allows four too; four are guessed too soon.
pub(super) const CHECKSUM: usize = 8;

/// AES keys that a card shares with the gateway: KIc enciphers, KID makes checksums (TS 102 225 clause 5.1). 16, 24 or 32 octets each. No
/// printable form; wiped when dropped.
///
/// ```compile_fail,E0277
/// fn print<T: core::fmt::Debug>() {}
/// print::<usat::packet::CardKeys>();
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct CardKeys {
    set: u8,
    kic: Zeroizing<Vec<u8>>,
    kid: Zeroizing<Vec<u8>>,
}

/// Why octets are no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not 16, 24 or 32 octets.
    #[error("key of a card: 16, 24 or 32 octets for AES, not {0}")]
    Length(usize),
    /// Number of a key set that four bits do not hold, or zero, which names none.
    #[error("key set of a card: 1-15, not {0}")]
    Set(u8),
    /// Both keys are the same: then a checksum may tell of the cipher.
    #[error("keys of a card: KIc and KID must differ")]
    Same,
}

impl CardKeys {
    /// Key set number (1-15), KIc, KID.
    pub fn new(set: u8, kic: &[u8], kid: &[u8]) -> Result<Self, KeyError> {
        for key in [kic, kid] {
            if !matches!(key.len(), 16 | 24 | 32) {
                return Err(KeyError::Length(key.len()));
            }
        }
        if !(1..=15).contains(&set) {
            return Err(KeyError::Set(set));
        }
        if kic == kid {
            return Err(KeyError::Same);
        }
        Ok(Self { set, kic: Zeroizing::new(kic.to_vec()), kid: Zeroizing::new(kid.to_vec()) })
    }

    /// Number of the key set.
    #[must_use]
    pub fn set(&self) -> u8 {
        self.set
    }

    /// KIc and KID in the clear: for sealed columns alone.
    #[must_use]
    pub fn expose(&self) -> (&[u8], &[u8]) {
        (&self.kic, &self.kid)
    }

    /// Octet KIc or KID of a header: key set above, AES in CBC or CMAC below (TS 102 225 clauses 5.1.2 and 5.1.3.1).
    pub(super) fn indicator(&self) -> u8 {
        self.set << 4 | 0b0010
    }

    /// Checksum over `octets`.
    pub(super) fn checksum(&self, octets: &[&[u8]]) -> Result<[u8; CHECKSUM], PacketError> {
        match self.kid.len() {
            16 => checksum::<Cmac<Aes128>>(&self.kid, octets),
            24 => checksum::<Cmac<Aes192>>(&self.kid, octets),
            _ => checksum::<Cmac<Aes256>>(&self.kid, octets),
        }
    }

    /// Whether `claimed` is the checksum over `octets`; takes as long for a wrong one.
    pub(super) fn verify(&self, octets: &[&[u8]], claimed: &[u8]) -> bool {
        match self.kid.len() {
            16 => verify::<Cmac<Aes128>>(&self.kid, octets, claimed),
            24 => verify::<Cmac<Aes192>>(&self.kid, octets, claimed),
            _ => verify::<Cmac<Aes256>>(&self.kid, octets, claimed),
        }
    }

    /// Enciphers whole blocks in place.
    pub(super) fn encipher(&self, octets: &mut [u8]) -> Result<(), PacketError> {
        match self.kic.len() {
            16 => encipher::<Aes128>(&self.kic, octets),
            24 => encipher::<Aes192>(&self.kic, octets),
            _ => encipher::<Aes256>(&self.kic, octets),
        }
    }

    /// Deciphers whole blocks in place.
    pub(super) fn decipher(&self, octets: &mut [u8]) -> Result<(), PacketError> {
        match self.kic.len() {
            16 => decipher::<Aes128>(&self.kic, octets),
            24 => decipher::<Aes192>(&self.kic, octets),
            _ => decipher::<Aes256>(&self.kic, octets),
        }
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8], octets: &[&[u8]]) -> Option<M> {
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    octets.iter().for_each(|part| mac.update(part));
    Some(mac)
}

fn checksum<M: Mac + KeyInit>(key: &[u8], octets: &[&[u8]]) -> Result<[u8; CHECKSUM], PacketError> {
    let whole = mac::<M>(key, octets).ok_or(PacketError::Cipher)?.finalize().into_bytes();
    whole.first_chunk().copied().ok_or(PacketError::Cipher)
}

fn verify<M: Mac + KeyInit>(key: &[u8], octets: &[&[u8]], claimed: &[u8]) -> bool {
    claimed.len() == CHECKSUM && mac::<M>(key, octets).is_some_and(|mac| mac.verify_truncated_left(claimed).is_ok())
}

fn blocks<N: array::ArraySize>(octets: &mut [u8]) -> Result<&mut [Array<u8, N>], PacketError> {
    match Array::slice_as_chunks_mut(octets) {
        (blocks, []) => Ok(blocks),
        _ => Err(PacketError::Cipher),
    }
}

fn encipher<C: BlockCipherEncrypt + KeyInit>(key: &[u8], octets: &mut [u8]) -> Result<(), PacketError> {
    let mut mode = cbc::Encryptor::<C>::new_from_slices(key, &[0; BLOCK]).map_err(|_| PacketError::Cipher)?;
    mode.encrypt_blocks(blocks(octets)?);
    Ok(())
}

fn decipher<C: BlockCipherDecrypt + KeyInit>(key: &[u8], octets: &mut [u8]) -> Result<(), PacketError> {
    let mut mode = cbc::Decryptor::<C>::new_from_slices(key, &[0; BLOCK]).map_err(|_| PacketError::Cipher)?;
    mode.decrypt_blocks(blocks(octets)?);
    Ok(())
}
