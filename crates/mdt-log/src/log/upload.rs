//! Sealed octets on their way to the collector, and what its receipt sets free.

use super::state::Purpose;
use super::{LogError, Object, SealedLog, octets};
use crate::port::{Storage, Vault};
use crate::{CloseReason, CollectorKey, EpochId, ErasureToken, Receipt, SegmentId};
use alloc::vec::Vec;
use hpke::rand_core::CryptoRng;

/// A piece of what is uploaded, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The epoch.
    pub epoch: EpochId,
    /// The segment or report.
    pub segment: SegmentId,
    /// Where in it this piece stands: a collector that has it already keeps the one that it has.
    pub offset: u32,
    /// Octets of the whole segment or report.
    pub of: u32,
    /// Sealed octets.
    pub octets: Vec<u8>,
    /// Whether there is more after this (`logMeasAvailable` in the report, TS 38.331 clause 5.7.10.3).
    pub more: bool,
}

/// Something of this phone that a collector has: the token erases or exports it there.
#[derive(Clone, PartialEq, Eq)]
pub struct Submission {
    /// Its name.
    pub segment: SegmentId,
    /// The token. Keep it in a protected place for as long as the collector keeps the data.
    pub token: ErasureToken,
}

/// What a receipt did.
#[derive(Clone, PartialEq, Eq)]
pub enum Delivery {
    /// These are delivered, erased here, and known by their tokens.
    Delivered(Vec<Submission>),
    /// The user cleared in the meantime. What the receipt names reached the collector before: these tokens erase it there.
    ClearedMeanwhile(Vec<Submission>),
}

impl<S: Storage, V: Vault, R: CryptoRng> SealedLog<S, V, R> {
    /// Begins an upload, or goes on with one that failed: closes the segment that is open and freezes the epochs that hold something.
    /// What is logged from now on belongs to new ones. Gives the epochs to upload, of the log first. One of each purpose is frozen at a
    /// time: once its receipt is there, call again for what was logged meanwhile, until none is given.
    ///
    /// # Errors
    /// [`LogError::Storage`]; nothing may be uploaded then.
    pub fn freeze(&mut self) -> Result<Vec<EpochId>, LogError> {
        let frozen = |log: &Self, purpose| log.state.epochs.iter().any(|e| e.frozen && e.purpose == purpose);
        let (log, reports) = (frozen(self, Purpose::Log), frozen(self, Purpose::Reports));
        if log {
            self.flush()?;
        } else {
            self.close(CloseReason::Upload)?;
        }
        let mut changed = false;
        for epoch in &mut self.state.epochs {
            let waits = match epoch.purpose {
                Purpose::Log => log,
                Purpose::Reports => reports,
            };
            if !waits && self.objects.iter().any(|o| o.epoch == epoch.key.id()) {
                (epoch.frozen, changed) = (true, true);
            }
        }
        // Before a key leaves: after a crash nothing may be sealed under it.
        if changed {
            self.save()?;
        }
        let mut frozen: Vec<_> = self.state.epochs.iter().filter(|e| e.frozen).collect();
        frozen.sort_by_key(|e| e.purpose == Purpose::Reports);
        Ok(frozen.into_iter().map(|e| e.key.id()).collect())
    }

    /// The key of a frozen epoch, sealed to the collector. For the connection only, never for storage.
    ///
    /// # Errors
    /// [`LogError::NoJob`] when there is no such epoch, or it is not frozen; [`LogError::Seal`].
    pub fn unlock(&mut self, epoch: EpochId, to: &CollectorKey) -> Result<Vec<u8>, LogError> {
        let found = self.state.epochs.iter().find(|e| e.frozen && e.key.id() == epoch).ok_or(LogError::NoJob)?;
        Ok(found.key.unlock(to, &mut self.rng)?)
    }

    /// The next piece of a frozen epoch after `after`, none when it was the last. Octets in storage stay until a receipt.
    ///
    /// # Errors
    /// [`LogError::NoJob`] when there is no such epoch, or it is not frozen; [`LogError::Storage`].
    pub fn part(&mut self, epoch: EpochId, after: Option<&Part>, limit: usize) -> Result<Option<Part>, LogError> {
        if !self.state.epochs.iter().any(|e| e.frozen && e.key.id() == epoch) {
            return Err(LogError::NoJob);
        }
        let mut left: Vec<Object> = self.objects.iter().filter(|o| o.epoch == epoch && o.octets > 0).cloned().collect();
        let mut offset = 0;
        if let Some(after) = after {
            let at = left.iter().position(|o| o.id == after.segment).ok_or(LogError::NoJob)?;
            offset = after.offset.saturating_add(octets(after.octets.len()));
            let finished = left.get(at).is_none_or(|o| offset >= o.octets);
            left.drain(..at + usize::from(finished));
            if finished {
                offset = 0;
            }
        }
        let Some(object) = left.first() else { return Ok(None) };
        let rest = (object.octets - offset) as usize;
        let mut piece = alloc::vec![0; rest.min(limit.max(1))];
        let read = self.storage.read(object.object, offset, &mut piece)?;
        if read < piece.len() {
            return Err(LogError::Storage(crate::StorageError::Failed));
        }
        let more = left.len() > 1 || piece.len() < rest;
        Ok(Some(Part { epoch, segment: object.id, offset, of: object.octets, octets: piece, more }))
    }

    /// Takes a receipt that [`Receipt::verify`] passed: what it names whole is erased; once nothing of the epoch is left, its key is
    /// destroyed. The same receipt again does nothing.
    ///
    /// # Errors
    /// [`LogError::Storage`]; give the receipt again.
    pub fn received(&mut self, receipt: &Receipt) -> Result<Delivery, LogError> {
        let token = |log: &Self, segment| Submission { segment, token: log.state.device.erasure_token(segment) };
        let known = self.state.epochs.iter().any(|e| e.frozen && e.key.id() == receipt.epoch);
        if !known {
            let named = receipt.received.iter().map(|r| token(self, r.segment)).collect();
            return Ok(Delivery::ClearedMeanwhile(named));
        }
        let whole = |o: &Object| receipt.received.iter().any(|r| r.segment == o.id && r.octets == o.octets);
        let done: Vec<Object> = self.objects.iter().filter(|o| o.epoch == receipt.epoch && whole(o)).cloned().collect();
        let mut delivered = Vec::new();
        let left = self.objects.iter().filter(|o| o.epoch == receipt.epoch).count();
        if left == done.len() {
            self.state.epochs.retain(|e| e.key.id() != receipt.epoch);
            self.save()?;
        }
        for object in done {
            delivered.push(token(self, object.id));
            self.erase(object.object)?;
        }
        Ok(Delivery::Delivered(delivered))
    }
}
