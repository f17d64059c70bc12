//! What a deferred request is, and what comes out of it.

use lcs::{
    AreaEvent, DeferredEvent, Failure, Fix, LdrReference, LocationRequest, RefusalReason, TerminationCause, Timestamp,
};
use privacy::disclosure::{RequestId, Via};

/// Rounds of "available", one each interval, under one reference (TS 23.271 clause 9.1.8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounds {
    /// Time from the beginning of a round to the beginning of the next, seconds, at least 1.
    pub interval_s: u32,
    /// Number of rounds, at least 1.
    pub amount: u32,
}

/// A deferred request about one target, after it was parsed and its client admitted.
#[derive(Debug, Clone, PartialEq)]
pub struct LdrRequest {
    /// Its name: what the client knows it by (`req_id`), and what every entry of the disclosure log about it says. The reference of the
    /// network is one octet, and another request may have it later.
    pub id: RequestId,
    /// Account, client, target as the client named it, service type, codeword, quality and shapes. Its location type and age say nothing
    /// here.
    pub request: LocationRequest,
    /// What it waits for.
    pub event: DeferredEvent,
    /// Repeats [`DeferredEvent::UeAvailable`]; `None` for all other events.
    pub rounds: Option<Rounds>,
    /// When it begins to wait; `None`: at once.
    pub start: Option<Timestamp>,
    /// When it ends at the latest.
    pub stop: Timestamp,
    /// The door through which it came.
    pub via: Via,
    /// What that door needs to write reports, in octets of its own; sealed where the request is kept.
    pub door: Vec<u8>,
}

/// What happened, as a report tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportedEvent {
    /// The phone can be reached.
    UeAvailable,
    /// The phone could not be reached in this round (TS 23.271 clause 9.1.8.3).
    NotAvailable,
    /// The phone moved against the area.
    Area(AreaEvent),
    /// The interval has passed.
    Periodic,
    /// The phone moved away.
    Motion,
    /// The greatest time between reports has passed without an event (TS 29.172 clause 7.4.66).
    MaximumIntervalExpired,
}

/// One report of a deferred request, checked and recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct LdrReport {
    /// The request.
    pub id: RequestId,
    /// Its reference at this gateway.
    pub reference: LdrReference,
    /// Number of the report, from 1, by which a client drops doubles. The same number is the same report. A report that was withheld
    /// leaves a gap.
    pub number: u32,
    /// What happened.
    pub event: ReportedEvent,
    /// When this gateway was told.
    pub at: Timestamp,
    /// Where the phone is; `None`: not asked for, not to be had, or not to be told.
    pub fix: Option<Fix>,
    /// Why there is no position although one was asked for (TS 23.271 clause 9.1.9 step 17).
    pub missing: Option<Failure>,
    /// No further report follows, and no [`LdrEnd`] either.
    pub last: bool,
}

/// The end of a deferred request that no last report told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LdrEnd {
    /// The request.
    pub id: RequestId,
    /// Its reference at this gateway.
    pub reference: LdrReference,
    /// Why.
    pub reason: EndReason,
    /// When.
    pub at: Timestamp,
}

/// Reports of a deferred request pause, or go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LdrPause {
    /// The request.
    pub id: RequestId,
    /// Its reference at this gateway.
    pub reference: LdrReference,
    /// They pause.
    pub paused: bool,
    /// Number of the last report before; 0: none.
    pub after: u32,
    /// Which of its changes this is. The same number is the same change.
    pub change: u16,
}

/// Why a deferred request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndReason {
    /// All that it asked for was reported, or its last report was withheld for a moment alone.
    Completed,
    /// Its time was over.
    Expired,
    /// The client cancelled it.
    ByClient,
    /// The subscriber had it cancelled.
    BySubscriber,
    /// The operator cancelled it.
    ByOperator,
    /// The privacy check refused, at a report or after a change of the profile (TS 23.271 clauses 9.1.8.4 and 9.1.9.1).
    Refused(RefusalReason),
    /// The node ended it.
    Terminated(TerminationCause),
    /// It could not be activated again at another node.
    Failed(Failure),
}

impl EndReason {
    /// Whether the client has to be told, because it did not end the request itself.
    #[must_use]
    pub fn is_unsolicited(self) -> bool {
        !matches!(self, Self::ByClient)
    }
}
