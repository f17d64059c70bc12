//! References to a consent, which go out with a job and come back with its log (TS 37.320 clause 5.1.3).
//!
//! ```text
//! reference = nonce 12 | AES-256-GCM-SIV(name of the record in the register 16 | trace reference 7) with its tag 16
//! ```
//!
//! Each is drawn anew, so nobody but the register ties two of them together, and none is good for another job.

use anyhow::{Result, anyhow};
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use mdt::rrc::{Plmn, TraceReference};
use privacy::consent::PersonId;

const NONCE: usize = 12;
const ABOUT: &[u8] = b"wherefore mdt consent reference v1";

/// Seals and opens references.
pub(super) struct References(LessSafeKey);

impl References {
    pub(super) fn new(key: &[u8; 32]) -> Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM_SIV, key).map_err(|_| anyhow!("the key of consent references"))?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// A reference to the consent of this record to this job; none without random numbers.
    pub(super) fn seal(&self, person: PersonId, job: TraceReference) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE];
        aws_lc_rs::rand::fill(&mut nonce).ok()?;
        let mut secret = [person.0.as_slice(), &names(job)].concat();
        let unique = Nonce::assume_unique_for_key(nonce);
        self.0.seal_in_place_append_tag(unique, Aad::from(ABOUT), &mut secret).ok()?;
        Some([nonce.as_slice(), &secret].concat())
    }

    /// Whose consent it refers to, if it is one to this job.
    pub(super) fn open(&self, reference: &[u8], job: TraceReference) -> Option<PersonId> {
        self.open_any(reference).filter(|(_, named)| *named == job).map(|(person, _)| person)
    }

    /// Whose consent it refers to, whatever the job: whoever opts out opts out of all.
    pub(super) fn person(&self, reference: &[u8]) -> Option<PersonId> {
        self.open_any(reference).map(|(person, _)| person)
    }

    /// Whose consent it refers to, and to which job.
    pub(super) fn open_any(&self, reference: &[u8]) -> Option<(PersonId, TraceReference)> {
        let (nonce, secret) = reference.split_first_chunk::<NONCE>()?;
        let mut secret = secret.to_vec();
        let plain = self.0.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(ABOUT), &mut secret).ok()?;
        let (person, named) = plain.split_first_chunk::<16>()?;
        let (plmn, trace_id) = <&[u8; 7]>::try_from(named).ok()?.split_first_chunk::<4>()?;
        let plmn = Plmn::from_packed(u32::from_be_bytes(*plmn))?;
        Some((PersonId(*person), TraceReference { plmn, trace_id: trace_id.try_into().ok()? }))
    }
}

fn names(job: TraceReference) -> [u8; 7] {
    let ([a, b, c, d], [e, f, g]) = (job.plmn.packed().to_be_bytes(), job.trace_id);
    [a, b, c, d, e, f, g]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_good_for_its_job_alone_and_never_twice_the_same() {
        let references = References::new(&[7; 32]).unwrap();
        let job = |id| TraceReference { plmn: Plmn::new("234", "15").unwrap(), trace_id: [0, 0, id] };
        let (first, second) = (references.seal(PersonId([1; 16]), job(1)), references.seal(PersonId([1; 16]), job(1)));
        let first = first.unwrap();
        assert_ne!(Some(&first), second.as_ref());
        assert!(first.len() <= mdt_log::MAX_CONSENT_REFERENCE, "it fits into the head of a segment");
        assert_eq!(references.open(&first, job(1)), Some(PersonId([1; 16])));
        assert_eq!(references.open(&first, job(2)), None);
        assert_eq!(references.person(&first), Some(PersonId([1; 16])), "an opt-out is one of all jobs");
        assert_eq!(references.open_any(&first), Some((PersonId([1; 16]), job(1))));
        assert_eq!(References::new(&[8; 32]).unwrap().open(&first, job(1)), None);
        for at in 0..first.len() {
            let mut altered = first.clone();
            altered[at] ^= 1;
            assert_eq!(references.open(&altered, job(1)), None, "octet {at}");
            assert_eq!(references.person(&altered), None, "octet {at}");
            assert_eq!(references.open(&first[..at], job(1)), None, "cut at {at}");
        }
    }
}
