//! The state of a deferred request in octets, for whoever keeps it.
//!
//! ```text
//! version 2 | phase | flags | kind | min interval 2 | interval 4 | amount 4 | start 8 | stop 8 | tries | reports 4 | sequence 4 | round 4
//!   | mark 8 | reported 8 | owed | held | terminated | retry 8 | changes 2
//!   | duration 4 | until 8
//! flags: told 1, activated 2, paused by the operator 4, multiple 8, closing 16, paused by the subscriber 32, joined 64, waits 128
//! ```
//! Numbers in network order; times in microseconds since 1970, 0 for none; events by number, 0 for none; a cause by its number and one.

use super::ReportedEvent;
use super::machine::{Ldr, Phase};
use super::plan::{Kind, Plan};
use lcs::{AreaEvent, TerminationCause, Timestamp};

const VERSION: u8 = 2;
/// Octets of a state.
const LENGTH: usize = 84;

/// Octets that are no state of a deferred request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the state of a deferred request cannot be read: written by a later version, or damaged")]
pub struct UnreadableLdr;

impl Ldr {
    /// The state in octets.
    #[must_use]
    pub fn octets(&self) -> Vec<u8> {
        let Self { plan, .. } = self;
        let bit = |set: bool, bit: u8| if set { bit } else { 0 };
        let flags = bit(self.told, 1) | bit(self.activated, 2) | bit(self.paused_by_operator, 4);
        let flags = flags | bit(plan.multiple, 8) | bit(self.closing, 16) | bit(self.paused_by_subscriber, 32);
        let flags = flags | bit(self.joined, 64) | bit(self.waits, 128);
        let mut out = Vec::with_capacity(LENGTH);
        out.extend([VERSION, phase_code(self.phase), flags, kind_code(plan.kind)]);
        out.extend(plan.min_interval_s.to_be_bytes());
        out.extend(plan.interval_s.to_be_bytes());
        out.extend(plan.amount.to_be_bytes());
        out.extend(plan.start.micros().to_be_bytes());
        out.extend(plan.stop.micros().to_be_bytes());
        out.push(self.tries);
        out.extend(self.reports.to_be_bytes());
        out.extend(self.sequence.to_be_bytes());
        out.extend(self.round.to_be_bytes());
        out.extend(self.mark.to_be_bytes());
        out.extend(time(self.reported));
        out.extend([event_code(self.owed), event_code(self.held), self.terminated.map_or(0, |cause| cause as u8 + 1)]);
        out.extend(time(self.retry));
        out.extend(self.changes.to_be_bytes());
        out.extend(plan.duration_s.to_be_bytes());
        out.extend(time(self.until));
        out
    }

    /// The state from its octets.
    ///
    /// # Errors
    /// Another version, another length, or a number without a meaning.
    pub fn from_octets(octets: &[u8]) -> Result<Self, UnreadableLdr> {
        let mut reader = Reader(octets);
        let [version, phase, flags, kind] = reader.take()?;
        if version != VERSION {
            return Err(UnreadableLdr);
        }
        let mut plan = Plan {
            kind: kind_from(kind)?,
            multiple: flags & 8 != 0,
            min_interval_s: u16::from_be_bytes(reader.take()?),
            interval_s: u32::from_be_bytes(reader.take()?),
            amount: u32::from_be_bytes(reader.take()?),
            duration_s: 0,
            start: Timestamp::from_micros(u64::from_be_bytes(reader.take()?)),
            stop: Timestamp::from_micros(u64::from_be_bytes(reader.take()?)),
        };
        let [tries] = reader.take()?;
        let mut ldr = Self {
            plan,
            phase: phase_from(phase)?,
            told: flags & 1 != 0,
            activated: flags & 2 != 0,
            paused_by_operator: flags & 4 != 0,
            paused_by_subscriber: flags & 32 != 0,
            closing: flags & 16 != 0,
            tries,
            reports: u32::from_be_bytes(reader.take()?),
            sequence: u32::from_be_bytes(reader.take()?),
            round: u32::from_be_bytes(reader.take()?),
            mark: u64::from_be_bytes(reader.take()?),
            reported: reader.time()?,
            owed: reader.event()?,
            held: reader.event()?,
            terminated: reader.cause()?,
            retry: reader.time()?,
            changes: u16::from_be_bytes(reader.take()?),
            joined: flags & 64 != 0,
            waits: flags & 128 != 0,
            until: None,
        };
        plan.duration_s = u32::from_be_bytes(reader.take()?);
        (ldr.plan, ldr.until) = (plan, reader.time()?);
        if reader.0.is_empty() { Ok(ldr) } else { Err(UnreadableLdr) }
    }
}

fn time(at: Option<Timestamp>) -> [u8; 8] {
    at.map_or(0, Timestamp::micros).to_be_bytes()
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], UnreadableLdr> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(UnreadableLdr)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn time(&mut self) -> Result<Option<Timestamp>, UnreadableLdr> {
        let micros = u64::from_be_bytes(self.take()?);
        Ok((micros != 0).then(|| Timestamp::from_micros(micros)))
    }

    fn cause(&mut self) -> Result<Option<TerminationCause>, UnreadableLdr> {
        let [code] = self.take()?;
        let Some(index) = code.checked_sub(1) else { return Ok(None) };
        TerminationCause::ALL.get(usize::from(index)).copied().map(Some).ok_or(UnreadableLdr)
    }

    fn event(&mut self) -> Result<Option<ReportedEvent>, UnreadableLdr> {
        let [code] = self.take()?;
        Ok(Some(match code {
            0 => return Ok(None),
            1 => ReportedEvent::UeAvailable,
            2 => ReportedEvent::NotAvailable,
            3 => ReportedEvent::Area(AreaEvent::Entering),
            4 => ReportedEvent::Area(AreaEvent::Leaving),
            5 => ReportedEvent::Area(AreaEvent::Inside),
            6 => ReportedEvent::Periodic,
            7 => ReportedEvent::Motion,
            8 => ReportedEvent::MaximumIntervalExpired,
            _ => return Err(UnreadableLdr),
        }))
    }
}

fn event_code(event: Option<ReportedEvent>) -> u8 {
    match event {
        None => 0,
        Some(ReportedEvent::UeAvailable) => 1,
        Some(ReportedEvent::NotAvailable) => 2,
        Some(ReportedEvent::Area(AreaEvent::Entering)) => 3,
        Some(ReportedEvent::Area(AreaEvent::Leaving)) => 4,
        Some(ReportedEvent::Area(AreaEvent::Inside)) => 5,
        Some(ReportedEvent::Periodic) => 6,
        Some(ReportedEvent::Motion) => 7,
        Some(ReportedEvent::MaximumIntervalExpired) => 8,
    }
}

fn phase_code(phase: Phase) -> u8 {
    match phase {
        Phase::Resting => 0,
        Phase::Activating => 1,
        Phase::Armed => 2,
        Phase::Cancelling => 3,
        Phase::Ended => 4,
    }
}

fn phase_from(code: u8) -> Result<Phase, UnreadableLdr> {
    Phase::ALL.into_iter().find(|phase| phase_code(*phase) == code).ok_or(UnreadableLdr)
}

fn kind_code(kind: Kind) -> u8 {
    match kind {
        Kind::UeAvailable => 0,
        Kind::Area(AreaEvent::Entering) => 1,
        Kind::Area(AreaEvent::Leaving) => 2,
        Kind::Area(AreaEvent::Inside) => 3,
        Kind::Periodic => 4,
        Kind::Motion => 5,
    }
}

fn kind_from(code: u8) -> Result<Kind, UnreadableLdr> {
    Ok(match code {
        0 => Kind::UeAvailable,
        1 => Kind::Area(AreaEvent::Entering),
        2 => Kind::Area(AreaEvent::Leaving),
        3 => Kind::Area(AreaEvent::Inside),
        4 => Kind::Periodic,
        5 => Kind::Motion,
        _ => return Err(UnreadableLdr),
    })
}
