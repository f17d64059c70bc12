//! Heads of segments and of single reports: what is in the clear, and bound into every key by its hash.

use crate::{EpochId, KeyId, Kind, SealError, SegmentId, Suite};
use alloc::vec::Vec;
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Octets of the longest consent reference.
pub const MAX_CONSENT_REFERENCE: usize = 64;
/// First octets of a segment.
pub(crate) const SEGMENT: [u8; 5] = *b"MDTS\x01";
/// First octets of a single report.
pub(crate) const REPORT: [u8; 5] = *b"MDTR\x01";
/// Octets that tell whether both sides derived the same keys.
pub(crate) const CONFIRMATION: usize = 16;

/// Radio access technology of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Rat {
    /// E-UTRA (TS 36.331).
    #[n(0)]
    Eutra,
    /// NR (TS 38.331).
    #[n(1)]
    Nr,
    /// UTRA (TS 25.331).
    #[n(2)]
    Utra,
}

/// How the content of entries is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Content {
    /// `LogMeasInfo-r10` in UPER (TS 36.331 clause 6.2.2); failures as `RLF-Report-r9` and `ConnEstFailReport-r11`.
    #[n(1)]
    EutraUper,
    /// `LogMeasInfo-r16` in UPER (TS 38.331 clause 6.2.2); failures as `RLF-Report-r16` and `ConnEstFailReport-r16`.
    #[n(2)]
    NrUper,
    /// The CBOR of [`crate::entry::Entry`].
    #[n(3)]
    Cbor,
}

/// Which job a log belongs to: what the network said in its configuration and gets back with the log (TS 38.331 clause 5.5a.1.3), so
/// that it can be routed unopened. Names a job and a recording session, not a subscriber; still a pseudonym.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(array)]
pub struct JobReference {
    /// Trace reference: PLMN in three octets, trace id in three (TS 32.422 clause 5.6); up to 8 octets are taken.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub trace_reference: Vec<u8>,
    /// Trace recording session reference (TS 32.422 clause 5.7).
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub recording_session: [u8; 2],
    /// Trace collection entity, by number (TS 32.422 clause 5.10.11).
    #[n(2)]
    pub tce_id: u8,
    /// Radio access technology that configured it.
    #[n(3)]
    pub rat: Rat,
    /// `absoluteTimeInfo`: BCD, YY MM DD HH MM SS (TS 38.331 clause 6.3.4). Entries count seconds from here.
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub absolute_time: [u8; 6],
    /// Logging interval, ms; 0 for `infinity`.
    #[n(5)]
    pub interval_ms: u32,
    /// Logging duration, s.
    #[n(6)]
    pub duration_s: u16,
}

/// What is in the clear at the start of a segment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(array)]
pub struct SegmentHead {
    /// Number of the suite, see [`Suite::code`].
    #[n(0)]
    pub(crate) suite: u8,
    /// The collector's key that it is sealed to.
    #[n(1)]
    pub key: KeyId,
    /// The epoch whose key opens it beside the collector's.
    #[n(2)]
    pub epoch: EpochId,
    /// Its name.
    #[n(3)]
    pub segment: SegmentId,
    /// Its place in the epoch, from 0 without a hole: a missing segment shows.
    #[n(4)]
    pub number: u32,
    /// How entries are written.
    #[n(5)]
    pub content: Content,
    /// The job.
    #[n(6)]
    pub job: JobReference,
    /// What the register gave as evidence of consent; opaque, may be empty.
    #[n(7)]
    #[cbor(with = "minicbor::bytes")]
    pub consent: Vec<u8>,
    /// SHA-256 of the erasure token of this segment: who shows the token may erase or export, without an identity.
    #[n(8)]
    #[cbor(with = "minicbor::bytes")]
    pub erasure: [u8; 32],
}

/// What is in the clear at the start of a single report.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(array)]
pub struct ReportHead {
    /// The collector's key, of the small suite.
    #[n(0)]
    pub key: KeyId,
    /// The epoch whose key opens it beside the collector's.
    #[n(1)]
    pub epoch: EpochId,
    /// Its name.
    #[n(2)]
    pub report: SegmentId,
    /// How it is written.
    #[n(3)]
    pub content: Content,
    /// Evidence of consent, as in a segment.
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub consent: Vec<u8>,
    /// SHA-256 of its erasure token.
    #[n(5)]
    #[cbor(with = "minicbor::bytes")]
    pub erasure: [u8; 32],
}

/// A head cannot be read. What follows it is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HeadError {
    /// Not a file of this format, or of another version.
    #[error("the first octets are not those of a segment or report of version 1")]
    Magic,
    /// The file ends inside its head: a crash while it was begun.
    #[error("the file ends inside its head")]
    Torn,
    /// The head is not the CBOR that it must be.
    #[error("the head is malformed")]
    Malformed,
    /// A suite that this version does not know.
    #[error("suite {0} is not known")]
    Suite(u8),
}

impl SegmentHead {
    /// The suite.
    #[must_use]
    pub fn suite(&self) -> Suite {
        // Read and made with a known one only.
        Suite::from_code(self.suite).unwrap_or(Suite::Hybrid)
    }

    /// Reads the head of a segment.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(octets: &[u8]) -> Result<ParsedSegment<'_>, HeadError> {
        let (fixed, head): (usize, Self) = parse(&SEGMENT, octets)?;
        let suite = Suite::from_code(head.suite).ok_or(HeadError::Suite(head.suite))?;
        head.check().map_err(|_| HeadError::Malformed)?;
        let whole = fixed + suite.encapsulated_len() + CONFIRMATION;
        let (bound, records) = octets.split_at_checked(whole).ok_or(HeadError::Torn)?;
        let (info, rest) = bound.split_at_checked(fixed).ok_or(HeadError::Torn)?;
        let (encapsulated, confirmation) = rest.split_at_checked(suite.encapsulated_len()).ok_or(HeadError::Torn)?;
        Ok(ParsedSegment { head, info, encapsulated, confirmation, hash: Sha256::digest(bound).into(), records })
    }

    /// The octets that are bound as HPKE info.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, SealError> {
        self.check()?;
        encode(&SEGMENT, self)
    }

    fn check(&self) -> Result<(), SealError> {
        limit("the trace reference", self.job.trace_reference.len(), 8)?;
        limit("the consent reference", self.consent.len(), MAX_CONSENT_REFERENCE)
    }
}

impl ReportHead {
    /// Reads the head of a single report.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(octets: &[u8]) -> Result<ParsedReport<'_>, HeadError> {
        let (fixed, head): (usize, Self) = parse(&REPORT, octets)?;
        head.check().map_err(|_| HeadError::Malformed)?;
        let (info, rest) = octets.split_at_checked(fixed).ok_or(HeadError::Torn)?;
        let (encapsulated, sealed) = rest.split_at_checked(Suite::Small.encapsulated_len()).ok_or(HeadError::Torn)?;
        Ok(ParsedReport { head, info, encapsulated, sealed })
    }

    pub(crate) fn encode(&self) -> Result<Vec<u8>, SealError> {
        self.check()?;
        encode(&REPORT, self)
    }

    fn check(&self) -> Result<(), SealError> {
        limit("the consent reference", self.consent.len(), MAX_CONSENT_REFERENCE)
    }
}

/// A segment with its head read. Still sealed.
#[cfg_attr(not(feature = "open"), expect(dead_code, reason = "read by who opens"))]
pub struct ParsedSegment<'a> {
    /// What is in the clear.
    pub head: SegmentHead,
    /// Octets up to the encapsulated key.
    pub(crate) info: &'a [u8],
    pub(crate) encapsulated: &'a [u8],
    pub(crate) confirmation: &'a [u8],
    /// SHA-256 of everything before the records.
    pub(crate) hash: [u8; 32],
    /// The frames.
    pub records: &'a [u8],
}

/// A single report with its head read. Still sealed.
#[cfg_attr(not(feature = "open"), expect(dead_code, reason = "read by who opens"))]
pub struct ParsedReport<'a> {
    /// What is in the clear.
    pub head: ReportHead,
    pub(crate) info: &'a [u8],
    pub(crate) encapsulated: &'a [u8],
    pub(crate) sealed: &'a [u8],
}

impl ParsedReport<'_> {
    /// Whether it is as long as one of the buckets makes it; else it is torn.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        crate::BUCKETS.iter().any(|bucket| bucket + crate::record::TAG == self.sealed.len())
    }
}

/// Kinds that a single report may have.
#[must_use]
pub(crate) const fn is_report(kind: Kind) -> bool {
    matches!(kind, Kind::RadioLinkFailure | Kind::ConnectionFailure)
}

fn limit(field: &'static str, octets: usize, limit: usize) -> Result<(), SealError> {
    if octets <= limit { Ok(()) } else { Err(SealError::Field { field, octets, limit }) }
}

fn encode<H: Encode<()>>(magic: &[u8; 5], head: &H) -> Result<Vec<u8>, SealError> {
    let cbor = minicbor::to_vec(head).map_err(|_| SealError::Internal)?;
    let len = u16::try_from(cbor.len()).map_err(|_| SealError::Internal)?;
    let mut octets = Vec::with_capacity(magic.len() + 2 + cbor.len());
    octets.extend_from_slice(magic);
    octets.extend_from_slice(&len.to_be_bytes());
    octets.extend_from_slice(&cbor);
    Ok(octets)
}

/// The head, and how many octets it takes with its magic and length.
fn parse<'b, H: Decode<'b, ()>>(magic: &[u8; 5], octets: &'b [u8]) -> Result<(usize, H), HeadError> {
    let shown = octets.len().min(magic.len());
    if octets.get(..shown) != magic.get(..shown) {
        return Err(HeadError::Magic);
    }
    let rest = octets.get(magic.len()..).ok_or(HeadError::Torn)?;
    let (len, rest) = rest.split_first_chunk::<2>().ok_or(HeadError::Torn)?;
    let len = usize::from(u16::from_be_bytes(*len));
    let cbor = rest.get(..len).ok_or(HeadError::Torn)?;
    let mut decoder = minicbor::Decoder::new(cbor);
    let head = decoder.decode().map_err(|_| HeadError::Malformed)?;
    if decoder.position() != len {
        return Err(HeadError::Malformed);
    }
    Ok((magic.len() + 2 + len, head))
}
