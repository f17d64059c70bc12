//! What a phone gives to a collection entity, and what it does with the receipt (`docs/mdt-log.md`).

use super::MdtPhone;
use mdt_log::log::{Delivery, LogError};
use mdt_log::{CollectorKey, Receipt, ReceiptError, SegmentId};

/// Octets of a part that the log is read in.
const PART: usize = 64 << 10;

/// One segment or report of failures as it goes to a collection entity.
pub struct Offered {
    /// Its name.
    pub segment: SegmentId,
    /// All its octets.
    pub octets: Vec<u8>,
    /// What opens it together with the collector's key; for inside of TLS alone.
    pub unlock: Vec<u8>,
}

/// Prints nothing of what is inside.
impl core::fmt::Debug for Offered {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Offered({:?}, {} octets)", self.segment, self.octets.len())
    }
}

/// Why a receipt changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReceived {
    /// It counts for nothing.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// The phone could not erase; give it again.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl MdtPhone {
    /// Whatever waits to be fetched, where it may be: segments by age, then reports. Nothing where the registered network is not listed
    /// (`logMeasAvailable`, TS 36.331 clause 5.3.3.4), or the key list has no key of the collection entity.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn offer(&mut self) -> Result<Vec<Offered>, LogError> {
        let Some(key) = self.unlock_key() else { return Ok(Vec::new()) };
        let Some(log) = self.agent.upload() else { return Ok(Vec::new()) };
        let mut offered: Vec<Offered> = Vec::new();
        for epoch in log.freeze()? {
            let unlock = log.unlock(epoch, &key)?;
            let mut last = None;
            while let Some(part) = log.part(epoch, last.as_ref(), PART)? {
                match offered.last_mut().filter(|of| of.segment == part.segment) {
                    Some(of) => of.octets.extend_from_slice(&part.octets),
                    None => offered.push(Offered {
                        segment: part.segment,
                        octets: part.octets.clone(),
                        unlock: unlock.clone(),
                    }),
                }
                last = Some(part);
            }
        }
        Ok(offered)
    }

    /// The key that the second lock is sealed to.
    fn unlock_key(&self) -> Option<CollectorKey> {
        self.keys.preferred(self.tce_id, self.now_s()).cloned()
    }

    /// Takes a receipt as its collection entity signed it: what is delivered is erased.
    ///
    /// # Errors
    /// [`NotReceived`]: the phone keeps what it has.
    pub fn receipt(&mut self, octets: &[u8]) -> Result<Delivery, NotReceived> {
        let receipt = Receipt::verify(octets, &self.keys, self.now_s())?;
        Ok(self.agent.received(&receipt)?)
    }
}
