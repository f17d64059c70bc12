//! The plaintext of a record: kind, content, padding to a bucket.

use crate::SealError;
use alloc::vec::Vec;

/// Octets of the longest entry.
pub const MAX_ENTRY: usize = 2046;
/// Octets that a plaintext may have. Its length tells the bucket and no more, so that it does not betray how many neighbours there were.
pub const BUCKETS: [usize; 8] = [16, 32, 64, 128, 256, 512, 1024, 2048];
/// Octets of an authentication tag.
pub(crate) const TAG: usize = 16;
/// Ends the content, before zeroes (as in ISO/IEC 7816-4).
const END: u8 = 0x80;

/// What a record is. Sealed with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// One entry of the log of measurements (TS 38.331 `LogMeasInfo-r16`, TS 36.331 `LogMeasInfo-r10`).
    Entry,
    /// A radio link failure or handover failure.
    RadioLinkFailure,
    /// A failure of connection establishment or resume.
    ConnectionFailure,
    /// Logging was suspended by the modem (in-device coexistence).
    Gap,
    /// The last record of a segment: how many went before, and why it ends.
    Close,
}

impl Kind {
    /// Its number in a record.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Entry => 0,
            Self::RadioLinkFailure => 1,
            Self::ConnectionFailure => 2,
            Self::Gap => 3,
            Self::Close => 4,
        }
    }

    /// The kind of a number.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Entry),
            1 => Some(Self::RadioLinkFailure),
            2 => Some(Self::ConnectionFailure),
            3 => Some(Self::Gap),
            4 => Some(Self::Close),
            _ => None,
        }
    }
}

/// Why a segment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CloseReason {
    /// As many octets as a segment may have.
    SegmentFull,
    /// It is about to be uploaded; logging goes on in another.
    Upload,
    /// The logging duration is over (timer T330, TS 38.331 clause 5.5a.1.4).
    DurationOver,
    /// The memory reserved for the log is full (TS 38.331 clause 5.5a.3.2).
    MemoryFull,
}

impl CloseReason {
    /// Its number in a close record.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::SegmentFull => 0,
            Self::Upload => 1,
            Self::DurationOver => 2,
            Self::MemoryFull => 3,
        }
    }

    /// The reason of a number.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::SegmentFull),
            1 => Some(Self::Upload),
            2 => Some(Self::DurationOver),
            3 => Some(Self::MemoryFull),
            _ => None,
        }
    }
}

/// Octets of the bucket for a content of so many.
pub(crate) fn bucket(content: usize) -> Result<usize, SealError> {
    let needed = content.saturating_add(2);
    BUCKETS.into_iter().find(|bucket| needed <= *bucket).ok_or(SealError::TooLong { octets: content, limit: MAX_ENTRY })
}

/// Appends the plaintext of a record.
pub(crate) fn pad(kind: Kind, content: &[u8], into: &mut Vec<u8>) -> Result<(), SealError> {
    let end = into.len() + bucket(content.len())?;
    // Nothing may be moved once content is in it: what is moved leaves a copy behind.
    into.reserve(end - into.len() + TAG);
    into.push(kind.code());
    into.extend_from_slice(content);
    into.push(END);
    into.resize(end, 0);
    Ok(())
}

/// Kind and content of a plaintext; nothing when its sender broke the rules.
#[cfg(feature = "open")]
pub(crate) fn unpad(plaintext: &[u8]) -> Option<(Kind, &[u8])> {
    let (kind, rest) = plaintext.split_first()?;
    let end = rest.iter().rposition(|octet| *octet != 0)?;
    let content = rest.get(..end).filter(|_| rest.get(end) == Some(&END))?;
    Some((Kind::from_code(*kind)?, content))
}
