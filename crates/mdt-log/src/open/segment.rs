//! Opens a segment: every record that is genuine, and a finding for each thing that is not as it was sealed.

use super::{CollectorPrivateKey, OpenError, UnlockedEpoch};
use crate::frame::Frames;
use crate::head::is_report;
use crate::ratchet::Ratchet;
use crate::record::{TAG, unpad};
use crate::seal::{CHAIN, CONFIRM, associated};
use crate::{BUCKETS, CloseReason, Kind, ReportHead, SegmentHead, Suite};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use zeroize::{Zeroize, Zeroizing};

/// Records that may be missing in a row, and keys of missing records that are kept for one that comes late.
const LOOKAHEAD: usize = 64;
/// Trials that one segment may cost beyond one for each of its frames: garbage ends, whoever sent it.
const TRIALS: usize = 32_768;
/// Findings that one verdict lists.
const FINDINGS: usize = 64;

/// One record, open.
pub struct OpenedRecord<'a> {
    /// Its number in the segment, from 0: the order in which it was sealed.
    pub number: u32,
    /// What it is.
    pub kind: Kind,
    /// Its content.
    pub content: &'a [u8],
}

/// Something in a segment is not as it was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// Records were taken out.
    Missing {
        /// Number of the first.
        from: u32,
        /// How many in a row.
        count: u32,
    },
    /// A record stands behind one that was sealed after it.
    OutOfOrder {
        /// Its number.
        number: u32,
    },
    /// A frame is not one that the sender made, or was altered, or stands here for the second time. When it was altered, its record is
    /// missing besides, once a later one opens.
    Damaged {
        /// Which frame of the file, from 0.
        frame: u32,
    },
    /// A genuine record whose plaintext breaks the format: its sender is faulty.
    Malformed {
        /// Its number.
        number: u32,
    },
    /// Octets after the last whole frame: what a crash left, or a cut.
    TornTail {
        /// How many.
        octets: usize,
    },
    /// Frames after the close record, which are not looked at.
    AfterClose {
        /// Octets of them.
        octets: usize,
    },
    /// There is more amiss than is listed here.
    More,
}

/// How a segment ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With a close record: nothing was cut off.
    Closed(CloseReason),
    /// Without: a crash, or a cut. What is there counts; never held against anybody.
    Open,
}

/// What became of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Records that opened, the close record not among them.
    pub opened: u32,
    /// What is amiss, in the order in which it was found.
    pub findings: Vec<Finding>,
    /// How it ends.
    pub end: End,
}

impl Verdict {
    /// Whether every record that was sealed opened, in its order.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.findings.is_empty() && self.end != End::Open
    }
}

/// Opens a segment and gives each genuine record to `take`, in the order in which they stand.
///
/// A record that is damaged costs itself alone: the key of the next does not depend on it.
///
/// # Errors
/// Why nothing of it opens.
pub fn open_segment(
    octets: &[u8],
    keys: &[CollectorPrivateKey],
    epoch: &UnlockedEpoch,
    mut take: impl FnMut(OpenedRecord<'_>),
) -> Result<Verdict, OpenError> {
    let parsed = SegmentHead::parse(octets)?;
    if parsed.head.epoch != epoch.id() {
        return Err(OpenError::Epoch { segment: parsed.head.epoch, unlocked: epoch.id() });
    }
    let key = CollectorPrivateKey::find(keys, parsed.head.key, parsed.head.suite())?;
    let mut chain = Zeroizing::new([0; 32]);
    let mut confirmation = [0; crate::head::CONFIRMATION];
    let exports = [(CHAIN, chain.as_mut_slice()), (CONFIRM, confirmation.as_mut_slice())];
    key.export(parsed.encapsulated, parsed.info, &epoch.0, exports)?;
    verify_slices_are_equal(&confirmation, parsed.confirmation).map_err(|_| OpenError::Altered)?;
    let mut reader = Reader {
        chain: Ratchet::new(chain),
        next: 0,
        head: parsed.hash,
        skipped: VecDeque::new(),
        trials: TRIALS,
        unread: 0,
        opened: 0,
        findings: Vec::new(),
        plaintext: Zeroizing::new([0; BUCKETS[BUCKETS.len() - 1]]),
    };
    let end = reader.read(parsed.records, &mut take);
    Ok(reader.verdict(end))
}

/// Reads one segment.
struct Reader {
    /// Before record `next`.
    chain: Ratchet,
    next: u32,
    head: [u8; 32],
    /// Keys of records that were passed over.
    skipped: VecDeque<(u32, Zeroizing<[u8; 32]>)>,
    trials: usize,
    /// Frames in a row that did not open.
    unread: usize,
    opened: u32,
    findings: Vec<Finding>,
    plaintext: Zeroizing<[u8; BUCKETS[BUCKETS.len() - 1]]>,
}

impl Reader {
    fn read(&mut self, records: &[u8], take: &mut impl FnMut(OpenedRecord<'_>)) -> End {
        let mut frames = Frames::new(records);
        let mut position = 0;
        while let Some(sealed) = frames.next() {
            match self.number_of(sealed) {
                None => self.find(Finding::Damaged { frame: position }),
                Some(number) => {
                    if let Some(reason) = self.record(number, sealed.len().saturating_sub(TAG), take) {
                        if frames.left() > 0 {
                            self.find(Finding::AfterClose { octets: frames.left() });
                        }
                        return End::Closed(reason);
                    }
                }
            }
            position += 1;
        }
        if frames.left() > 0 {
            self.find(Finding::TornTail { octets: frames.left() });
        }
        End::Open
    }

    /// Gives the record in `plaintext` away; the reason when it is the one that closes.
    fn record(&mut self, number: u32, len: usize, take: &mut impl FnMut(OpenedRecord<'_>)) -> Option<CloseReason> {
        let found = self.plaintext.get(..len).and_then(unpad);
        if let Some((kind, content)) = found
            && kind != Kind::Close
        {
            self.opened += 1;
            take(OpenedRecord { number, kind, content });
            return None;
        }
        let reason = found.and_then(|(_, content)| closing(content, number));
        if reason.is_none() {
            self.find(Finding::Malformed { number });
        }
        reason
    }

    /// Opens a frame into `plaintext`: as the next record, as one that was passed over, or as one further on.
    fn number_of(&mut self, sealed: &[u8]) -> Option<u32> {
        let before = self.chain.fork();
        let key = self.chain.step();
        if self.opens(&key, self.next, sealed) {
            (self.next, self.unread) = (self.next.saturating_add(1), 0);
            return Some(self.next - 1);
        }
        if let Some(at) = (0..self.skipped.len()).find(|at| self.opens_skipped(*at, sealed)) {
            self.chain = before;
            let (number, _) = self.skipped.remove(at)?;
            self.find(Finding::OutOfOrder { number });
            return Some(number);
        }
        let mut ahead = self.chain.fork();
        let mut passed = alloc::vec![(self.next, key)];
        for number in (self.next.saturating_add(1)..).take(LOOKAHEAD + self.unread) {
            if self.trials == 0 {
                break;
            }
            self.trials -= 1;
            let key = ahead.step();
            if self.opens(&key, number, sealed) {
                passed.into_iter().for_each(|(number, key)| self.skip(number, key));
                (self.chain, self.next, self.unread) = (ahead, number.saturating_add(1), 0);
                return Some(number);
            }
            passed.push((number, key));
        }
        // The chain waits where it was: this frame may be one that was put in, or the next one altered.
        (self.chain, self.unread) = (before, self.unread + 1);
        None
    }

    fn opens_skipped(&mut self, at: usize, sealed: &[u8]) -> bool {
        if self.trials == 0 {
            return false;
        }
        self.trials -= 1;
        let Some((number, key)) = self.skipped.get(at).map(|(number, key)| (*number, key.clone())) else {
            return false;
        };
        self.opens(&key, number, sealed)
    }

    fn opens(&mut self, key: &[u8; 32], number: u32, sealed: &[u8]) -> bool {
        let Ok(unbound) = UnboundKey::new(&CHACHA20_POLY1305, key) else { return false };
        let Some((ciphertext, tag)) = sealed.split_last_chunk::<TAG>() else { return false };
        let Some(plaintext) = self.plaintext.get_mut(..ciphertext.len()) else { return false };
        let nonce = Nonce::assume_unique_for_key([0; 12]);
        let associated = Aad::from(associated(&self.head, number));
        LessSafeKey::new(unbound).open_separate_gather(nonce, associated, ciphertext, tag, plaintext).is_ok()
    }

    fn skip(&mut self, number: u32, key: Zeroizing<[u8; 32]>) {
        self.skipped.push_back((number, key));
        if self.skipped.len() > LOOKAHEAD
            && let Some((number, _)) = self.skipped.pop_front()
        {
            self.missing(number);
        }
    }

    /// A record that will not be found any more.
    fn missing(&mut self, number: u32) {
        if let Some(Finding::Missing { from, count }) = self.findings.last_mut()
            && from.checked_add(*count) == Some(number)
        {
            *count += 1;
            return;
        }
        self.find(Finding::Missing { from: number, count: 1 });
    }

    fn find(&mut self, finding: Finding) {
        match self.findings.len() {
            0..FINDINGS => self.findings.push(finding),
            FINDINGS => self.findings.push(Finding::More),
            _ => {}
        }
    }

    fn verdict(mut self, end: End) -> Verdict {
        while let Some((number, _)) = self.skipped.pop_front() {
            self.missing(number);
        }
        self.plaintext.zeroize();
        Verdict { opened: self.opened, findings: self.findings, end }
    }
}

/// The reason in a close record, whose count must be its own number.
fn closing(content: &[u8], number: u32) -> Option<CloseReason> {
    let (count, rest) = content.split_first_chunk::<4>()?;
    let [reason] = rest else { return None };
    (u32::from_be_bytes(*count) == number).then(|| CloseReason::from_code(*reason)).flatten()
}

/// Opens a single report.
///
/// # Errors
/// Why it does not open.
pub fn open_report(
    octets: &[u8],
    keys: &[CollectorPrivateKey],
    epoch: &UnlockedEpoch,
    take: impl FnOnce(&ReportHead, OpenedRecord<'_>),
) -> Result<(), OpenError> {
    let parsed = ReportHead::parse(octets)?;
    if parsed.head.epoch != epoch.id() {
        return Err(OpenError::Epoch { segment: parsed.head.epoch, unlocked: epoch.id() });
    }
    let key = CollectorPrivateKey::find(keys, parsed.head.key, Suite::Small)?;
    let plaintext = key.open(parsed.encapsulated, parsed.info, Some(&epoch.0), parsed.sealed)?;
    let (kind, content) = unpad(&plaintext).filter(|(kind, _)| is_report(*kind)).ok_or(OpenError::Malformed)?;
    take(&parsed.head, OpenedRecord { number: 0, kind, content });
    Ok(())
}
