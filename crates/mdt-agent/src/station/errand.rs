//! What goes to the collector, and what comes of it.

use super::{Station, StationError};
use mdt_log::log::Delivery;
use mdt_log::machine::Event;
use mdt_log::{ErasureReceipt, Receipt, ReceiptError, SegmentId, Storage, Vault};
use sha2::{Digest as _, Sha256};
use std::io;
use std::path::PathBuf;
use thiserror::Error;
use zeroize::Zeroizing;

/// Octets that the log is read in.
const PART: usize = 64 << 10;

/// One thing that the collector is to hear. Prints nothing of what is inside.
pub enum Errand {
    /// The user opted out: the reference of the consent, for the register.
    OptOut(Vec<u8>),
    /// A token: what became of its segment is to be erased.
    Erase(PathBuf, Zeroizing<Vec<u8>>),
    /// A segment or a report of a failure, sealed, and what opens it together with the collector's key.
    Segment {
        /// Its name.
        segment: SegmentId,
        /// All its octets.
        octets: Vec<u8>,
        /// For inside of TLS alone.
        unlock: Zeroizing<Vec<u8>>,
    },
}

/// What the collector answered.
pub enum Outcome {
    /// The register knows of the opt-out.
    Told,
    /// Octets of a receipt.
    Receipt(Vec<u8>),
}

/// An answer changed nothing; the errand is to be done again.
#[derive(Debug, Error)]
pub enum NotSettled {
    /// The receipt counts for nothing.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// It is of something else than what was sent.
    #[error("the receipt is of something else than what was sent")]
    Other,
    /// The phone failed.
    #[error(transparent)]
    Station(#[from] StationError),
}

impl<S: Storage, V: Vault> Station<S, V> {
    /// The next thing that the collector is to hear: an opt-out first, then erasures, then, if `with_log` and the modem is registered
    /// where the log may be reported, segments by age and then reports of failures.
    ///
    /// # Errors
    /// [`StationError`].
    pub fn errand(&mut self, with_log: bool) -> Result<Option<Errand>, StationError> {
        if let Some(reference) = self.register_reference().filter(|_| self.register_waits) {
            return Ok(Some(Errand::OptOut(reference.to_vec())));
        }
        if let Some((path, token)) = self.owed.next_erasure()? {
            return Ok(Some(Errand::Erase(path, token)));
        }
        if with_log && self.unfinished.is_none() { self.segment() } else { Ok(None) }
    }

    fn segment(&mut self) -> Result<Option<Errand>, StationError> {
        let now_s = self.clock.now_s();
        let entities = [self.taken.as_ref().map(|taken| taken.tce_id), self.reports_to.as_ref().map(|to| to.tce_id)];
        // Without a key there is no upload to freeze anything for.
        if !entities.into_iter().flatten().any(|tce_id| self.keys.preferred(tce_id, now_s).is_some()) {
            return Ok(None);
        }
        let Some(log) = self.agent.upload() else { return Ok(None) };
        for epoch in log.freeze()? {
            let Some(mut part) = log.part(epoch, None, PART)? else { continue };
            let (segment, mut octets) = (part.segment, part.octets.clone());
            while let Some(next) = log.part(epoch, Some(&part), PART)?.filter(|next| next.segment == segment) {
                octets.extend_from_slice(&next.octets);
                part = next;
            }
            let Some(key) = self.keys.unlocking(&octets, now_s) else { continue };
            let unlock = Zeroizing::new(log.unlock(epoch, key)?);
            return Ok(Some(Errand::Segment { segment, octets, unlock }));
        }
        Ok(None)
    }

    /// Takes the answer to an errand. Nothing is deleted but for a receipt that a key of the list signed and that is of what was sent.
    ///
    /// # Errors
    /// [`NotSettled`].
    pub fn settle(&mut self, errand: &Errand, outcome: &Outcome) -> Result<(), NotSettled> {
        let now_s = self.clock.now_s();
        let note = |error: io::Error| NotSettled::Station(error.into());
        match (errand, outcome) {
            (Errand::OptOut(_), Outcome::Told) => {
                self.tell(Event::RegisterTold, self.clock.now_ms(), None)?;
                self.register_waits = false;
            }
            (Errand::Erase(path, token), Outcome::Receipt(receipt)) => {
                let receipt = ErasureReceipt::verify(receipt, &self.keys, now_s)?;
                if receipt.commitment != *Sha256::digest(token.as_slice()) {
                    return Err(NotSettled::Other);
                }
                crate::files::wipe(path).map_err(note)?;
            }
            (Errand::Segment { segment, octets, .. }, Outcome::Receipt(receipt)) => {
                let receipt = Receipt::verify(receipt, &self.keys, now_s)?;
                let whole = receipt.received.iter().any(|received| {
                    let same = received.octets as usize == octets.len() && received.digest == *Sha256::digest(octets);
                    received.segment == *segment && same
                });
                if !whole || receipt.received.len() != 1 {
                    return Err(NotSettled::Other);
                }
                self.delivered(&receipt)?;
            }
            _ => return Err(NotSettled::Other),
        }
        Ok(())
    }

    fn delivered(&mut self, receipt: &Receipt) -> Result<(), StationError> {
        match self.agent.received(receipt)? {
            Delivery::Delivered(of) => of.iter().try_for_each(|of| self.owed.sent(of))?,
            // Whoever cleared or opted out meanwhile wants it gone there too.
            Delivery::ClearedMeanwhile(of) => of.iter().try_for_each(|of| self.owed.erase(of))?,
        }
        Ok(())
    }
}
