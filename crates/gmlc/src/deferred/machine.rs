//! The state of one deferred request.
//!
//! ```text
//!   Resting ──time──> Activating ──accepted──> Armed ──last report, end by the node──> Ended
//!      ^                  ^  │declined            │ │
//!      └── next round ────│──│────────────────────┘ └── cancelled, time over ──> Cancelling ──released──> Ended
//!                         └──│── moved to another node ──┘
//!                            └──> Ended
//! ```
//!
//! Whoever drives it keeps to one order: first what goes to the client is made durable, then the state, then the network is asked. So a
//! crash at any point leaves a state from which [`LdrEvent::Restarted`] goes on, and a report or an end that is made a second time has
//! the number, or the name, of the first.

mod pause;
mod share;

use super::plan::{Kind, Plan};
use super::{EndReason, ReportedEvent};
use lcs::{Duration, Failure, TerminationCause, Timestamp};

/// Most tries to activate again, or to tell a node that it is over.
const MOST_TRIES: u8 = 8;
/// Wait before the second try; doubled with each.
const RETRY: Duration = Duration::from_secs(5);

/// Where a deferred request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// No node knows of it: it waits for its start or its next round.
    Resting,
    /// A node is being asked to wait.
    Activating,
    /// A node, or the phone, waits.
    Armed,
    /// It is over for the client; a node is being told.
    Cancelling,
    /// It is over.
    Ended,
}

impl Phase {
    /// All five.
    pub const ALL: [Self; 5] = [Self::Resting, Self::Activating, Self::Armed, Self::Cancelling, Self::Ended];
}

/// A report of a node about this request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeReport {
    /// What happened.
    pub event: ReportedEvent,
    /// Number of a periodic report, from 1 (TS 29.172 clause 7.4.46); `None`: not told.
    pub sequence: Option<u32>,
    /// By what the same message sent again is seen.
    pub mark: Mark,
}

/// By what a message is known that a node sends again because it got no answer. Hashes, never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// By nothing.
    None,
    /// By a name of its own, such as that of its session: what has the same is the same.
    Message(u64),
    /// By its words alone, where the protocol names no message. The same thing may truly happen twice, but a phone does not report it
    /// again before the least time between two has passed (TS 23.271 clause 9.1.9 step 12): until then the same words are the same report.
    Words(u64),
    /// By its number, from 1, in answer to one asking: what is not higher than the last came before.
    Numbered {
        /// Hash of the name of the asking. Not 0.
        asking: u32,
        /// The number.
        number: u32,
    },
}

impl Mark {
    fn value(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Message(hash) | Self::Words(hash) => hash,
            Self::Numbered { asking, number } => (u64::from(asking) << 32) | u64::from(number),
        }
    }
}

/// Who pauses a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pauser {
    /// Whom it is about.
    Subscriber,
    /// Who runs this gateway.
    Operator,
}

/// What can happen to a deferred request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LdrEvent {
    /// Its deadline has passed.
    Due,
    /// The node acknowledged that it waits.
    Accepted,
    /// The node, or the check before it was asked, refused.
    Declined(Failure),
    /// The phone knows of it (TS 29.172 clause 7.4.36, LDR-Activated).
    Activated,
    /// The report under way is with the client's reports, durably.
    Delivered,
    /// The report under way is withheld by the privacy check; whether the request ends by that.
    Withheld(Option<lcs::RefusalReason>),
    /// The node ended it.
    Terminated(TerminationCause),
    /// The node lost the phone to another: it is to begin anew there (TS 29.172 clause 7.4.55, MT_LR_Restart).
    Moved,
    /// Somebody cancels it.
    Cancel(EndReason),
    /// The node knows that it is over, or knew nothing of it.
    Released,
    /// The node could not be told.
    NotReleased,
    /// The request under whose reference a node waits for this one, too, is gone: this one takes its place.
    Promoted {
        /// The node still waits.
        waits: bool,
        /// When it stops by itself, if it does.
        until: Option<Timestamp>,
    },
    /// No reports until whoever says so says [`LdrEvent::Resume`].
    Pause(Pauser),
    /// Reports again, unless the other one paused it too.
    Resume(Pauser),
    /// The process began anew with the state as it was kept.
    Restarted,
}

/// What is to be done, in the order given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LdrAction {
    /// Ask a node to wait.
    Activate,
    /// Tell the node that it is over.
    Release,
    /// Check, record and tell the client; then [`LdrEvent::Delivered`] or [`LdrEvent::Withheld`].
    Report {
        /// Number of the report.
        number: u32,
        /// What happened.
        event: ReportedEvent,
        /// Nothing follows.
        last: bool,
    },
    /// Tell the client that it is over.
    End(EndReason),
    /// Tell the client that reports pause, or go on.
    Paused {
        /// They pause.
        paused: bool,
        /// How many such changes there were, with this one; from 1, and from 0 again after 65,535.
        change: u16,
    },
    /// It is over and no node has to be told: nothing of it need be kept.
    Forget,
}

/// Why a report of a node is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Dropped {
    /// The request is over, or no node knows of it.
    #[error("the request is not armed")]
    NotArmed,
    /// It waits for something else.
    #[error("the request waits for another event")]
    OtherEvent,
    /// The same report again, or an older one after a newer.
    #[error("the report came before")]
    Double,
    /// It is paused: what happens meanwhile is told to nobody.
    #[error("the request is paused")]
    Paused,
}

/// The state of one deferred request: its course and how far it came. About 100 octets; [`Ldr::octets`] keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ldr {
    pub(super) plan: Plan,
    pub(super) phase: Phase,
    /// The client was told that it is armed, or may believe so.
    pub(super) told: bool,
    /// The phone knows of it.
    pub(super) activated: bool,
    pub(super) paused_by_subscriber: bool,
    pub(super) paused_by_operator: bool,
    /// Another request under the same reference is the one that a node was asked for.
    pub(super) joined: bool,
    /// A node acknowledged this one, or the one whose place it took, and nothing ended that.
    pub(super) waits: bool,
    /// When that node stops by itself.
    pub(super) until: Option<Timestamp>,
    /// How often reports paused or went on.
    pub(super) changes: u16,
    /// Tries in vain to activate or to release.
    pub(super) tries: u8,
    /// Number of the last report.
    pub(super) reports: u32,
    /// Sequence number of the last periodic report of the node.
    pub(super) sequence: u32,
    /// The round under way, from 0.
    pub(super) round: u32,
    /// The message that the last report came in.
    pub(super) mark: u64,
    /// When the last report was made.
    pub(super) reported: Option<Timestamp>,
    /// The report under way.
    pub(super) owed: Option<ReportedEvent>,
    /// Nothing is to follow the report under way.
    pub(super) closing: bool,
    /// The node ended it while a report was under way, which goes first.
    pub(super) terminated: Option<TerminationCause>,
    /// A report that comes later, because of the least time between reports or the report under way.
    pub(super) held: Option<ReportedEvent>,
    /// When to try again.
    pub(super) retry: Option<Timestamp>,
}

impl Ldr {
    /// A request that is taken now. Its first event is [`LdrEvent::Due`].
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        Self {
            plan,
            phase: Phase::Resting,
            told: false,
            activated: false,
            paused_by_subscriber: false,
            paused_by_operator: false,
            joined: false,
            waits: false,
            until: None,
            changes: 0,
            tries: 0,
            reports: 0,
            sequence: 0,
            round: 0,
            mark: 0,
            reported: None,
            owed: None,
            closing: false,
            terminated: None,
            held: None,
            retry: None,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether a node acknowledged that it waits, and nothing ended that.
    #[must_use]
    pub fn is_armed(&self) -> bool {
        self.phase == Phase::Armed
    }

    /// Whether its client was told that it is armed, or may believe so.
    #[must_use]
    pub fn was_armed(&self) -> bool {
        self.told
    }

    /// Whether the phone itself is known to know of it.
    #[must_use]
    pub fn is_activated(&self) -> bool {
        self.activated
    }

    /// The event of an area event.
    #[must_use]
    pub fn area_event(&self) -> Option<lcs::AreaEvent> {
        match self.plan.kind {
            Kind::Area(event) => Some(event),
            Kind::UeAvailable | Kind::Periodic | Kind::Motion => None,
        }
    }

    /// Whether it is paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused_by_subscriber || self.paused_by_operator
    }

    /// Reports made so far.
    #[must_use]
    pub fn reports(&self) -> u32 {
        self.reports
    }

    /// When it ends at the latest.
    #[must_use]
    pub fn stop(&self) -> Timestamp {
        self.plan.stop
    }

    /// The report under way, if there is one.
    #[must_use]
    pub fn owes(&self) -> Option<(u32, ReportedEvent)> {
        self.owed.map(|event| (self.reports, event))
    }

    /// Whether it is over for the client.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Cancelling | Phase::Ended)
    }

    /// When [`LdrEvent::Due`] is due; `None`: never.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        let begins = match self.phase {
            Phase::Ended => return None,
            Phase::Cancelling => return self.retry,
            Phase::Resting => (!self.is_paused()).then(|| self.plan.round_begins(self.round)),
            Phase::Activating => self.retry,
            Phase::Armed if self.plan.has_rounds() => Some(self.plan.round_begins(self.round.saturating_add(1))),
            Phase::Armed => self.runs_out(),
        };
        let held = self.held.filter(|_| self.owed.is_none() && !self.is_paused()).map(|_| self.earliest());
        // A report that is under way when the time is over is still told, unless it is held up by a pause.
        let stop = self.may_expire().then_some(self.plan.stop);
        [begins, held, stop].into_iter().flatten().min()
    }

    fn may_expire(&self) -> bool {
        self.owed.is_none() || self.is_paused()
    }

    /// The earliest time of the next report.
    fn earliest(&self) -> Timestamp {
        let least = Duration::from_secs(u64::from(self.plan.min_interval_s));
        self.reported.map_or(self.plan.start, |last| last.after(least))
    }

    /// Takes a report of a node.
    ///
    /// # Errors
    /// It is dropped, and nothing changed, except that a report that is dropped because of a pause counts as seen.
    pub fn report(&mut self, report: NodeReport, now: Timestamp) -> Result<Vec<LdrAction>, Dropped> {
        // A report before the acknowledgement shows that the node waits.
        if !matches!(self.phase, Phase::Armed | Phase::Activating) || self.terminated.is_some() {
            return Err(Dropped::NotArmed);
        }
        if !self.plan.awaits(report.event) {
            return Err(Dropped::OtherEvent);
        }
        if self.says_again(report.mark, now) || self.is_reported_out() {
            return Err(Dropped::Double);
        }
        let periodic = report.event == ReportedEvent::Periodic;
        let sequence =
            if periodic { report.sequence.unwrap_or(self.sequence.saturating_add(1)) } else { self.sequence };
        if periodic && (sequence <= self.sequence || sequence > self.plan.amount) {
            return Err(Dropped::Double);
        }
        self.accepted(now);
        (self.mark, self.sequence) = (report.mark.value(), sequence);
        if self.is_paused() {
            return self.drop_in_pause(report.event);
        }
        // A periodic report comes when it is due; the least time is that of areas and motion.
        let early = !periodic && self.plan.multiple && !self.plan.has_rounds() && self.is_early(now);
        if self.owed.is_some() || early {
            self.held = Some(report.event);
            return Ok(Vec::new());
        }
        if self.reported.is_some_and(|last| last > now) {
            // What was held by a clock that was ahead has been overtaken.
            self.held = None;
        }
        Ok(vec![self.owe(report.event, now)])
    }

    /// Whether the last report came by this message.
    fn says_again(&self, mark: Mark, now: Timestamp) -> bool {
        match mark {
            Mark::None => false,
            Mark::Message(hash) => hash == self.mark,
            Mark::Words(hash) => hash == self.mark && self.is_early(now),
            Mark::Numbered { asking, .. } => self.mark >> 32 == u64::from(asking) && mark.value() <= self.mark,
        }
    }

    /// Whether the least time since the last report has not passed. A clock that says that it was made later than now was set back since: how
    /// long ago that was is not known, and nobody waits for a day because of it.
    fn is_early(&self, now: Timestamp) -> bool {
        self.reported.is_some_and(|last| last <= now) && now < self.earliest()
    }

    /// Takes any other event.
    pub fn handle(&mut self, event: LdrEvent, now: Timestamp) -> Vec<LdrAction> {
        match event {
            LdrEvent::Due => self.due(now),
            LdrEvent::Accepted if self.phase == Phase::Activating => {
                self.accepted(now);
                Vec::new()
            }
            LdrEvent::Declined(failure) if self.phase == Phase::Activating => self.declined(failure, now),
            LdrEvent::Activated if self.phase == Phase::Armed || self.phase == Phase::Activating => {
                self.accepted(now);
                self.activated = true;
                Vec::new()
            }
            LdrEvent::Delivered => self.delivered(now),
            LdrEvent::Withheld(reason) => self.withheld(reason, now),
            // A node that says so after its last report says nothing new.
            LdrEvent::Terminated(_) if self.is_reported_out() => Vec::new(),
            LdrEvent::Terminated(cause) if self.phase == Phase::Armed || self.phase == Phase::Activating => {
                if self.owed.is_some() {
                    self.terminated = Some(cause);
                    return Vec::new();
                }
                self.ended_by_node(cause)
            }
            // While one is being asked, another that lost the phone says nothing new.
            LdrEvent::Moved if self.phase == Phase::Armed && self.terminated.is_none() && !self.joined => {
                self.begin_anew(now)
            }
            LdrEvent::Promoted { waits, until } if self.joined => self.promoted(waits, until, now),
            LdrEvent::Cancel(reason) => self.finish(reason, now),
            LdrEvent::Released if self.phase == Phase::Cancelling => self.forget(),
            LdrEvent::NotReleased if self.phase == Phase::Cancelling => {
                self.tries = self.tries.saturating_add(1);
                if self.tries >= MOST_TRIES {
                    return self.forget();
                }
                self.retry = Some(now.after(self.wait()));
                Vec::new()
            }
            LdrEvent::Pause(by) if !self.is_over() => self.pause(by, true),
            LdrEvent::Resume(by) if !self.is_over() => self.pause(by, false),
            LdrEvent::Restarted => self.restarted(now),
            _ => Vec::new(),
        }
    }

    fn due(&mut self, now: Timestamp) -> Vec<LdrAction> {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return Vec::new();
        }
        if !self.is_over() && self.may_expire() && now >= self.plan.stop {
            return self.finish(EndReason::Expired, now);
        }
        match self.phase {
            Phase::Resting if !self.is_paused() && now >= self.plan.round_begins(self.round) => {
                self.phase = Phase::Activating;
                self.retry = Some(now.after(self.wait()));
                vec![LdrAction::Activate]
            }
            // No answer came to whoever asked.
            Phase::Activating if self.retry.is_some_and(|at| now >= at) => {
                self.retry = Some(now.after(self.wait()));
                vec![LdrAction::Activate]
            }
            Phase::Cancelling => {
                self.retry = Some(now.after(self.wait()));
                vec![LdrAction::Release]
            }
            Phase::Armed if self.runs_out().is_some_and(|at| now >= at) => self.begin_anew(now),
            Phase::Armed if self.plan.has_rounds() && now >= self.plan.round_begins(self.round.saturating_add(1)) => {
                // One report at a time: a round that ends while one is under way is told with the next.
                self.round = self.round.saturating_add(1);
                if self.owed.is_some() || self.is_paused() {
                    return Vec::new();
                }
                vec![self.owe(ReportedEvent::NotAvailable, now)]
            }
            _ if self.is_paused() => Vec::new(),
            _ => self.held.take().map(|event| self.owe(event, now)).into_iter().collect(),
        }
    }

    /// Makes a report the one under way.
    fn owe(&mut self, event: ReportedEvent, now: Timestamp) -> LdrAction {
        self.reports = self.reports.saturating_add(1);
        (self.owed, self.reported, self.closing) = (Some(event), Some(now), self.is_last(event, self.reports));
        if !self.closing {
            self.next_round(event);
        }
        LdrAction::Report { number: self.reports, event, last: self.closing }
    }

    /// The phone was available: the node is done, and the next round asks one again.
    fn next_round(&mut self, event: ReportedEvent) {
        if event == ReportedEvent::UeAvailable {
            self.rest();
            self.round = self.round.saturating_add(1);
        }
    }

    /// Whether nothing is to follow a report of this with this number.
    fn is_last(&self, event: ReportedEvent, number: u32) -> bool {
        match self.plan.kind {
            Kind::UeAvailable if self.plan.has_rounds() && event == ReportedEvent::NotAvailable => {
                self.round >= self.plan.amount
            }
            Kind::UeAvailable if self.plan.has_rounds() => self.round.saturating_add(1) >= self.plan.amount,
            Kind::UeAvailable => true,
            Kind::Area(_) | Kind::Motion => !self.plan.multiple || self.plan.amount > 0 && number >= self.plan.amount,
            Kind::Periodic => self.sequence >= self.plan.amount,
        }
    }

    /// Whether the last report is under way or held, so that the node has nothing more to say.
    fn is_reported_out(&self) -> bool {
        let next = self.reports.saturating_add(1);
        self.owed.is_some() && self.closing || self.held.is_some_and(|event| self.is_last(event, next))
    }

    fn accepted(&mut self, now: Timestamp) {
        if !self.joined && !self.waits {
            let duration = Some(self.plan.duration_s).filter(|seconds| *seconds > 0);
            self.until = duration.map(|seconds| now.after(Duration::from_secs(seconds.into())));
            self.waits = true;
        }
        self.phase = Phase::Armed;
        (self.told, self.tries, self.retry) = (true, 0, None);
    }

    fn declined(&mut self, failure: Failure, now: Timestamp) -> Vec<LdrAction> {
        self.tries = self.tries.saturating_add(1);
        if self.told && self.tries < MOST_TRIES && passes(failure) {
            self.retry = Some(now.after(self.wait()));
            return Vec::new();
        }
        self.phase = Phase::Ended;
        let reason = match failure {
            Failure::Refused(reason) => EndReason::Refused(reason),
            failure => EndReason::Failed(failure),
        };
        vec![LdrAction::End(reason), LdrAction::Forget]
    }

    fn delivered(&mut self, now: Timestamp) -> Vec<LdrAction> {
        let Some(event) = self.owed.take().filter(|_| !self.is_over()) else { return Vec::new() };
        match self.terminated {
            Some(cause) if !self.closing => self.ended_by_node(cause),
            _ if self.closing => self.close(event, now),
            _ => Vec::new(),
        }
    }

    fn withheld(&mut self, reason: Option<lcs::RefusalReason>, now: Timestamp) -> Vec<LdrAction> {
        let Some(event) = self.owed.take().filter(|_| !self.is_over()) else { return Vec::new() };
        let reason = match (reason, self.terminated) {
            (Some(reason), _) => EndReason::Refused(reason),
            (None, Some(cause)) => return self.ended_by_node(cause),
            (None, None) if self.closing => EndReason::Completed,
            (None, None) => return Vec::new(),
        };
        self.held = None;
        let rest = match self.phase {
            Phase::Resting => self.forget(),
            _ if self.terminated.is_some() => self.forget(),
            _ if self.closing => self.close(event, now),
            _ => self.release(now),
        };
        [vec![LdrAction::End(reason)], rest].concat()
    }

    fn ended_by_node(&mut self, cause: TerminationCause) -> Vec<LdrAction> {
        (self.phase, self.waits) = (Phase::Ended, false);
        (self.terminated, self.held) = (None, None);
        let reason = match cause {
            TerminationCause::Normal => EndReason::Completed,
            cause => EndReason::Terminated(cause),
        };
        vec![LdrAction::End(reason), LdrAction::Forget]
    }

    /// Nothing follows this report. A node that was to report many times, or waits in a last round in vain, still waits; any other is
    /// done.
    fn close(&mut self, event: ReportedEvent, now: Timestamp) -> Vec<LdrAction> {
        let waits = event == ReportedEvent::NotAvailable || self.plan.node_waits_on();
        self.waits &= waits && self.terminated.is_none();
        if waits && self.terminated.is_none() { self.release(now) } else { self.forget() }
    }

    /// Ends it for the client; then for the node, if one knows.
    fn finish(&mut self, reason: EndReason, now: Timestamp) -> Vec<LdrAction> {
        if self.is_over() {
            return Vec::new();
        }
        (self.held, self.owed) = (None, None);
        let rest = if self.phase == Phase::Resting { self.forget() } else { self.release(now) };
        [vec![LdrAction::End(reason)], rest].concat()
    }

    /// Has the node told, unless it waits for another request under the same reference.
    fn release(&mut self, now: Timestamp) -> Vec<LdrAction> {
        if self.joined {
            return self.forget();
        }
        self.phase = Phase::Cancelling;
        self.tries = 0;
        self.retry = Some(now.after(self.wait()));
        vec![LdrAction::Release]
    }

    fn forget(&mut self) -> Vec<LdrAction> {
        self.phase = Phase::Ended;
        vec![LdrAction::Forget]
    }

    fn restarted(&mut self, now: Timestamp) -> Vec<LdrAction> {
        // What is kept may have been told.
        self.told = true;
        let mut actions = Vec::new();
        match self.phase {
            Phase::Activating => {
                self.retry = Some(now.after(self.wait()));
                actions.push(LdrAction::Activate);
            }
            Phase::Cancelling => {
                self.retry = Some(now.after(self.wait()));
                actions.push(LdrAction::Release);
            }
            Phase::Ended => actions.push(LdrAction::Forget),
            Phase::Resting | Phase::Armed => {}
        }
        actions.extend(self.owed_report());
        actions
    }

    /// How long to wait for the next try: longer than a node takes to answer, and doubled with each.
    fn wait(&self) -> Duration {
        RETRY.saturating_mul(1 << self.tries.min(10)).saturating_add(Duration::from_secs(55))
    }
}

/// Whether a failure to activate may pass by itself.
fn passes(failure: Failure) -> bool {
    match failure {
        Failure::AbsentSubscriber
        | Failure::DetachedSubscriber
        | Failure::NetworkCongestion
        | Failure::NetworkUnreachable
        | Failure::NetworkFault
        | Failure::TimedOut
        | Failure::Congestion
        | Failure::Stopping
        | Failure::LogUnavailable
        | Failure::SystemFailure => true,
        Failure::Refused(_)
        | Failure::PositioningDenied
        | Failure::UnknownSubscriber
        | Failure::SuspendedSubscriber
        | Failure::PositioningFailed
        | Failure::QosNotAttainable
        | Failure::NetworkNotAuthorised
        | Failure::NetworkProtocol
        | Failure::OutsideCoverage
        | Failure::ServingNodeUnsupported
        | Failure::UnauthorisedApplication
        | Failure::TooManyTargets
        | Failure::OverQuota
        | Failure::InvalidRequest
        | Failure::Cancelled => false,
    }
}

#[cfg(test)]
mod tests;
