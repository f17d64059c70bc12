//! The sender's side of a segment, and single reports.

use crate::frame::PREFIX;
use crate::head::{CONFIRMATION, is_report};
use crate::ratchet::Ratchet;
use crate::record::{TAG, bucket, pad};
use crate::suite::{export, seal_once};
use crate::{CloseReason, CollectorKey, Content, DeviceSecret, EpochKey, JobReference, Kind, ReportHead, SealError};
use crate::{SegmentHead, SegmentId, Suite};
use alloc::vec::Vec;
use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use hpke::rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Labels of the two exports (RFC 9180 section 5.3).
pub(crate) const CHAIN: &[u8] = b"mdt-log chain";
pub(crate) const CONFIRM: &[u8] = b"mdt-log confirm";
/// Octets that a close record takes, prefix and tag included: 2, 16, 16.
pub const CLOSE_OCTETS: usize = PREFIX + 16 + TAG;

/// What a segment says in the clear, beside what is drawn for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentFacts {
    /// Its place in the epoch.
    pub number: u32,
    /// How entries are written.
    pub content: Content,
    /// The job.
    pub job: JobReference,
    /// Evidence of consent.
    pub consent: Vec<u8>,
}

/// Seals the records of one segment, one after the other. It holds the key of the next record and of none before: what it sealed, it
/// cannot open. It is not kept across a restart: a segment that was open then stays without a close record, and a new one begins under
/// a new key.
pub struct SegmentSealer {
    ratchet: Ratchet,
    head: [u8; 32],
    sealed: u32,
}

impl SegmentSealer {
    /// Begins a segment. Appends its head to `into`.
    ///
    /// # Errors
    /// [`SealError::CollectorKey`] when the key cannot be sealed to, [`SealError::Field`] when a fact is too long.
    pub fn begin(
        facts: &SegmentFacts,
        to: &CollectorKey,
        epoch: &EpochKey,
        device: &DeviceSecret,
        rng: &mut impl CryptoRng,
        into: &mut Vec<u8>,
    ) -> Result<(Self, SegmentId), SealError> {
        let mut segment = SegmentId([0; 16]);
        rng.fill_bytes(&mut segment.0);
        let head = SegmentHead {
            suite: to.suite().code(),
            key: to.id(),
            epoch: epoch.id(),
            segment,
            number: facts.number,
            content: facts.content,
            job: facts.job.clone(),
            consent: facts.consent.clone(),
            erasure: device.erasure_token(segment).commitment(),
        };
        let mut octets = head.encode()?;
        let mut chain = Zeroizing::new([0; 32]);
        let mut confirmation = [0; CONFIRMATION];
        let exports = [(CHAIN, chain.as_mut_slice()), (CONFIRM, confirmation.as_mut_slice())];
        let encapsulated = export(to.suite(), to.public(), &octets, &epoch.psk(), rng, exports)?;
        octets.extend_from_slice(&encapsulated);
        octets.extend_from_slice(&confirmation);
        into.extend_from_slice(&octets);
        Ok((Self { ratchet: Ratchet::new(chain), head: Sha256::digest(&octets).into(), sealed: 0 }, segment))
    }

    /// How many records were sealed.
    #[must_use]
    pub fn sealed(&self) -> u32 {
        self.sealed
    }

    /// Octets of the frame of a content of so many.
    ///
    /// # Errors
    /// [`SealError::TooLong`].
    pub fn frame_octets(content: usize) -> Result<usize, SealError> {
        Ok(PREFIX + bucket(content)? + TAG)
    }

    /// Seals one record and appends its frame to `into`. Its key and the chain before it are gone when this returns.
    ///
    /// # Errors
    /// [`SealError::TooLong`], with nothing appended and no key used; [`SealError::Exhausted`].
    pub fn seal(&mut self, kind: Kind, content: &[u8], into: &mut Vec<u8>) -> Result<(), SealError> {
        let start = into.len();
        let frame = Self::frame_octets(content.len())?;
        let next = self.sealed.checked_add(1).ok_or(SealError::Exhausted)?;
        let len = u16::try_from(frame - PREFIX).map_err(|_| SealError::Internal)?;
        // Before there is content in it: what is moved would leave a copy behind.
        into.reserve(frame);
        into.extend_from_slice(&len.to_be_bytes());
        pad(kind, content, into)?;
        let key = self.ratchet.step();
        let plaintext = into.get_mut(start + PREFIX..).ok_or(SealError::Internal)?;
        let tag = ChaCha20Poly1305::new((&*key).into()).encrypt_inout_detached(
            &[0; 12].into(),
            &associated(&self.head, self.sealed),
            plaintext.into(),
        );
        let Ok(tag) = tag else {
            into.get_mut(start..).unwrap_or_default().fill(0);
            into.truncate(start);
            return Err(SealError::Internal);
        };
        into.extend_from_slice(&tag);
        self.sealed = next;
        Ok(())
    }

    /// Ends the segment with a record that says how many there are and why it ends, so that a cut shows.
    ///
    /// # Errors
    /// As [`SegmentSealer::seal`].
    pub fn close(mut self, reason: CloseReason, into: &mut Vec<u8>) -> Result<(), SealError> {
        let [a, b, c, d] = self.sealed.to_be_bytes();
        self.seal(Kind::Close, &[a, b, c, d, reason.code()], into)
    }
}

/// Associated data of a record: SHA-256 of the head, then its number. The key is used once, so the nonce is zero.
pub(crate) fn associated(head: &[u8; 32], number: u32) -> [u8; 36] {
    let mut data = [0; 36];
    data[..32].copy_from_slice(head);
    data[32..].copy_from_slice(&number.to_be_bytes());
    data
}

/// What a single report says in the clear, beside what is drawn for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFacts {
    /// How it is written.
    pub content: Content,
    /// Evidence of consent.
    pub consent: Vec<u8>,
}

/// Seals a report of a failure on its own (TS 38.331 clause 5.3.10.5, clause 5.3.3.7): rare and small, so one encapsulation each.
///
/// # Errors
/// [`SealError::CollectorKey`] when the key is not of the small suite or cannot be sealed to, [`SealError::TooLong`],
/// [`SealError::Field`], [`SealError::NotAReport`].
pub fn seal_report(
    kind: Kind,
    content: &[u8],
    facts: &ReportFacts,
    to: &CollectorKey,
    epoch: &EpochKey,
    device: &DeviceSecret,
    rng: &mut impl CryptoRng,
) -> Result<(SegmentId, Vec<u8>), SealError> {
    if to.suite() != Suite::Small {
        return Err(SealError::CollectorKey);
    }
    if !is_report(kind) {
        return Err(SealError::NotAReport);
    }
    let mut report = SegmentId([0; 16]);
    rng.fill_bytes(&mut report.0);
    let head = ReportHead {
        key: to.id(),
        epoch: epoch.id(),
        report,
        content: facts.content,
        consent: facts.consent.clone(),
        erasure: device.erasure_token(report).commitment(),
    };
    let mut octets = head.encode()?;
    let mut plaintext = Zeroizing::new(Vec::new());
    pad(kind, content, &mut plaintext)?;
    let (encapsulated, sealed) = seal_once(Suite::Small, to.public(), &octets, Some(&epoch.psk()), &plaintext, rng)?;
    octets.extend_from_slice(&encapsulated);
    octets.extend_from_slice(&sealed);
    Ok((report, octets))
}
