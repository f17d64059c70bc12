//! A phone's sealed segments, without a modem: entries are made up.

use mdt_log::entry::{Entry, Results, Serving};
use mdt_log::machine::CellId;
use mdt_log::rand_core::{TryCryptoRng, TryRng};
use mdt_log::{
    CloseReason, CollectorKey, Content, DeviceSecret, EpochKey, ErasureToken, JobReference, Kind, ReportFacts,
    SealError, SegmentFacts, SegmentId, SegmentSealer, seal_report,
};
use std::io::Read as _;

/// Random numbers of the operating system.
struct Urandom;

impl TryRng for Urandom {
    type Error = std::io::Error;

    fn try_next_u32(&mut self) -> Result<u32, std::io::Error> {
        let mut octets = [0; 4];
        self.try_fill_bytes(&mut octets)?;
        Ok(u32::from_ne_bytes(octets))
    }

    fn try_next_u64(&mut self) -> Result<u64, std::io::Error> {
        let mut octets = [0; 8];
        self.try_fill_bytes(&mut octets)?;
        Ok(u64::from_ne_bytes(octets))
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), std::io::Error> {
        std::fs::File::open("/dev/urandom")?.read_exact(into)
    }
}

impl TryCryptoRng for Urandom {}

/// A segment that is ready to go.
#[derive(Clone)]
pub(crate) struct SealedSegment {
    /// Its name.
    pub(crate) id: SegmentId,
    /// Its octets.
    pub(crate) octets: Vec<u8>,
    /// The token that erases what becomes of it.
    pub(crate) token: ErasureToken,
}

/// A phone with one epoch.
pub(crate) struct Phone {
    epoch: EpochKey,
    device: DeviceSecret,
    next: u32,
}

/// An entry in CBOR: `relative_s` seconds after the configuration, in this cell of NR, at a point where one is given (latitude and
/// longitude as the codes of TS 23.032 clause 6.1, both positive).
#[must_use]
pub(crate) fn entry(relative_s: u16, plmn: [u8; 3], cell: u64, point: Option<(u32, u32)>) -> Vec<u8> {
    let location = point.map(|(latitude, longitude)| {
        let ([_, a, b, c], [_, d, e, f]) = (latitude.to_be_bytes(), longitude.to_be_bytes());
        vec![0, a, b, c, d, e, f]
    });
    let results = Results { rsrp: Some(60), rsrq: Some(40), sinr: None };
    let serving = Some(Serving { cell: CellId { plmn, cell }, results });
    Entry { relative_s, any_cell_selection: false, serving, location, neighbours: Vec::new() }.encode()
}

impl Default for Phone {
    fn default() -> Self {
        Self::new()
    }
}

impl Phone {
    /// A phone that was never there before.
    #[must_use]
    pub(crate) fn new() -> Self {
        let mut rng = mdt_log::rand_core::UnwrapErr(Urandom);
        Self { epoch: EpochKey::generate(&mut rng), device: DeviceSecret::generate(&mut rng), next: 0 }
    }

    /// The next segment of the epoch: these entries in CBOR, closed for this reason, or left open as a crash leaves it.
    ///
    /// # Errors
    /// As [`SegmentSealer`].
    pub(crate) fn segment(
        &mut self,
        to: &CollectorKey,
        job: &JobReference,
        consent: &[u8],
        entries: &[Vec<u8>],
        close: Option<CloseReason>,
    ) -> Result<SealedSegment, SealError> {
        let entries: Vec<_> = entries.iter().map(|entry| (Kind::Entry, entry.clone())).collect();
        self.records(to, job, Content::Cbor, consent, &entries, close)
    }

    /// The same of records of any kind, in any encoding.
    ///
    /// # Errors
    /// As [`SegmentSealer`].
    pub(crate) fn records(
        &mut self,
        to: &CollectorKey,
        job: &JobReference,
        content: Content,
        consent: &[u8],
        records: &[(Kind, Vec<u8>)],
        close: Option<CloseReason>,
    ) -> Result<SealedSegment, SealError> {
        let (mut rng, mut octets) = (mdt_log::rand_core::UnwrapErr(Urandom), Vec::new());
        let facts = SegmentFacts { number: self.next, content, job: job.clone(), consent: consent.to_vec() };
        let (mut sealer, id) = SegmentSealer::begin(&facts, to, &self.epoch, &self.device, &mut rng, &mut octets)?;
        for (kind, record) in records {
            sealer.seal(*kind, record, &mut octets)?;
        }
        if let Some(reason) = close {
            sealer.close(reason, &mut octets)?;
        }
        self.next += 1;
        Ok(SealedSegment { id, octets, token: self.device.erasure_token(id) })
    }

    /// A report of a failure on its own.
    ///
    /// # Errors
    /// As [`mdt_log::seal_report`].
    pub(crate) fn report(
        &self,
        to: &CollectorKey,
        kind: Kind,
        content: Content,
        report: &[u8],
        consent: &[u8],
    ) -> Result<SealedSegment, SealError> {
        let (mut rng, facts) =
            (mdt_log::rand_core::UnwrapErr(Urandom), ReportFacts { content, consent: consent.to_vec() });
        let (id, octets) = seal_report(kind, report, &facts, to, &self.epoch, &self.device, &mut rng)?;
        Ok(SealedSegment { id, octets, token: self.device.erasure_token(id) })
    }

    /// The unlock message of the epoch.
    ///
    /// # Errors
    /// The key cannot be sealed to.
    pub(crate) fn unlock(&self, to: &CollectorKey) -> Result<Vec<u8>, SealError> {
        self.epoch.unlock(to, &mut mdt_log::rand_core::UnwrapErr(Urandom))
    }
}
