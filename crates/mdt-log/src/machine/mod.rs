//! What a phone does with a configuration and a log, event by event (TS 38.331 clause 5.5a; the user's own events are of this project).
//!
//! A machine without effects: it takes an event and `now_ms`, milliseconds since the phone started on a clock that never goes back, and
//! says what is to be done. When the log must go:
//!
//! | event | configuration | log | timer T330 | source |
//! |---|---|---|---|---|
//! | new configuration | replaced | discarded | starts anew | TS 38.331 clause 5.5a.1.3 |
//! | configuration in another technology, power off, detach | discarded | discarded | stops | TS 38.331 clause 5.5a.2.2 |
//! | T330 expires | discarded | kept 48 h, then discarded | - | TS 38.331 clause 5.5a.1.4 |
//! | memory full | discarded | kept 48 h from now | stops | TS 38.331 clause 5.5a.3.2 |
//! | wrong state, PLMN, area; pause | kept | kept | runs | TS 25.304 clause 5.7 |
//! | all delivered | kept | gone | runs | TS 38.331 clause 5.7.10.3 |
//! | clear | kept | discarded with its key | runs | here |
//! | opt-out | discarded, new ones refused | discarded with its key | stops | here |

mod gate;
mod job;

pub use job::{
    Area, Camping, CellId, Configuration, MAX_CELLS, MAX_DURATION_S, MAX_PLMNS, MAX_TRACKING_AREAS, Plmn, Radio,
    Trigger,
};

use crate::CloseReason;
use alloc::boxed::Box;
use alloc::vec::Vec;
use gate::Gate;
use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

/// How long a log may stay once its job ended, ms: 48 hours (TS 38.331 clause 5.5a.1.4, which says "may"; here it goes).
pub const KEEP_MS: u64 = 48 * 3600 * 1000;

/// Where the phone stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Phase {
    /// No job, no log.
    #[n(0)]
    Idle,
    /// A job runs (T330 runs).
    #[n(1)]
    Logging,
    /// The job ended, its log waits to be fetched.
    #[n(2)]
    Kept,
    /// The user wants no part in it, for good.
    #[n(3)]
    OptedOut,
}

impl Phase {
    /// As it is shown: `idle`, `logging`, `kept`, `opted-out`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Logging => "logging",
            Self::Kept => "kept",
            Self::OptedOut => "opted-out",
        }
    }
}

/// What happens to a phone.
#[derive(Clone, PartialEq, Eq)]
pub enum Event {
    /// A logged measurement configuration arrived (TS 38.331 clause 5.5a.1).
    Configure(Box<Configuration>),
    /// One arrived in another radio access technology, which holds it.
    ConfiguredElsewhere,
    /// Power off.
    PowerOff,
    /// Deregistration.
    Detach,
    /// The modem says where the phone is.
    Radio(Radio),
    /// Time went on: the deadline of [`Machine::deadline_ms`] has come, or not yet.
    Tick,
    /// An entry was logged.
    Logged,
    /// A report of a failure was sealed.
    Reported,
    /// The log takes no more.
    MemoryFull,
    /// All that was logged is in safe hands.
    Delivered,
    /// So are all reports of failures.
    ReportsDelivered,
    /// The user clears the log.
    Clear,
    /// The user opts out, here or at the register.
    OptOut,
    /// The user, and nobody else, lifts the opt-out.
    OptIn,
    /// The user wants a pause of so many milliseconds.
    Pause(u64),
    /// The user ends the pause.
    Resume,
    /// The register knows about the opt-out.
    RegisterTold,
}

/// What is to be done, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Destroy the key of the log and the log; a segment that is open goes with it.
    DiscardLog,
    /// Destroy the key of the reports of failures, and them.
    DiscardReports,
    /// Destroy every key, the log and every report of a failure.
    DiscardAll,
    /// Begin to log the job.
    Begin,
    /// Close the segment that is open.
    Close(CloseReason),
    /// Measure now and log one entry.
    Measure {
        /// `relativeTimeStamp`: whole seconds since the configuration arrived, 0 to 7200.
        relative_s: u16,
        /// Whether the entry says `anyCellSelectionDetected` and repeats the last serving cell.
        any_cell_selection: bool,
    },
    /// The configuration is not taken: the user opted out.
    RefuseOptedOut,
    /// The configuration is not taken: a value is out of its range.
    RefuseUnsound,
    /// Tell the register that the user opted out; again until it knows.
    TellRegister,
    /// Write the state down.
    Save,
}

/// A job that runs, or ran.
#[derive(Clone, Encode, Decode)]
#[cbor(array)]
struct Job {
    #[n(0)]
    configuration: Configuration,
    #[n(1)]
    started_ms: u64,
}

/// The state that outlives the program, but not the boot, except opt-out and pause.
#[derive(Clone, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Saved {
    #[n(0)]
    phase: Phase,
    #[n(1)]
    job: Option<Job>,
    /// Where the log may be reported.
    #[n(2)]
    plmns: Vec<ByteArray<3>>,
    #[n(3)]
    has_log: bool,
    #[n(4)]
    discard_ms: Option<u64>,
    #[n(5)]
    resume_ms: Option<u64>,
    #[n(6)]
    pause_ms: u64,
    #[n(7)]
    untold: bool,
    #[n(8)]
    discard_reports_ms: Option<u64>,
    /// Evidence of consent to the last job that brought one: the register knows by it whose word an opt-out is.
    #[n(9)]
    #[cbor(with = "minicbor::bytes", default)]
    reference: Vec<u8>,
}

/// The machine.
pub struct Machine {
    saved: Saved,
    radio: Radio,
    gate: Gate,
    now_ms: u64,
}

impl Default for Machine {
    fn default() -> Self {
        let saved = Saved {
            phase: Phase::Idle,
            job: None,
            plmns: Vec::new(),
            has_log: false,
            discard_ms: None,
            resume_ms: None,
            pause_ms: 0,
            untold: false,
            discard_reports_ms: None,
            reference: Vec::new(),
        };
        Self { saved, radio: Radio::UNKNOWN, gate: Gate::default(), now_ms: 0 }
    }
}

impl Machine {
    /// Goes on from what was saved in the same boot.
    pub(crate) fn resume(saved: Saved, now_ms: u64) -> Self {
        let mut machine = Self { saved, now_ms, ..Self::default() };
        let started =
            machine.saved.job.as_ref().map(|job| (job.started_ms, u64::from(job.configuration.job.interval_ms)));
        if let Some((started_ms, interval_ms)) = started {
            machine.gate.start(started_ms, interval_ms);
        }
        machine
    }

    /// Goes on after a boot: nothing is left but what the user decided, and the name that the register knows the user by. A pause starts over, so that a boot never makes it shorter.
    pub(crate) fn after_boot(saved: &Saved, now_ms: u64) -> Self {
        let mut machine = Self { now_ms, ..Self::default() };
        if saved.phase == Phase::OptedOut {
            machine.saved.phase = Phase::OptedOut;
        }
        machine.saved.untold = saved.untold;
        machine.saved.reference.clone_from(&saved.reference);
        if saved.resume_ms.is_some() {
            machine.saved.pause_ms = saved.pause_ms;
            machine.saved.resume_ms = Some(now_ms.saturating_add(saved.pause_ms));
        }
        machine
    }

    /// Of somebody whose decision was lost: nothing is logged until the user says so.
    pub(crate) fn undecided(now_ms: u64) -> Self {
        let mut machine = Self { now_ms, ..Self::default() };
        machine.saved.phase = Phase::OptedOut;
        machine
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.now_ms
    }

    pub(crate) fn saved(&self) -> &Saved {
        &self.saved
    }

    /// Where the phone stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.saved.phase
    }

    /// The job that runs.
    #[must_use]
    pub fn configuration(&self) -> Option<&Configuration> {
        self.saved.job.as_ref().map(|job| &job.configuration)
    }

    /// Until when the user paused, ms since the phone started.
    #[must_use]
    pub fn paused_until_ms(&self) -> Option<u64> {
        self.saved.resume_ms
    }

    /// `logMeasAvailable`: there is a log, and the registered PLMN is one where it may be reported (TS 38.331 clause 5.3.3.4). Only then
    /// may it be fetched.
    #[must_use]
    pub fn available(&self) -> bool {
        self.saved.has_log && self.plmn_listed()
    }

    fn plmn_listed(&self) -> bool {
        self.radio.rplmn.is_some_and(|plmn| self.saved.plmns.iter().any(|listed| **listed == plmn))
    }

    /// When to send [`Event::Tick`] at the latest, ms since the phone started.
    #[must_use]
    pub fn deadline_ms(&self) -> Option<u64> {
        let expiry = self.saved.job.as_ref().map(Job::expiry_ms);
        let sample = self.saved.job.as_ref().and(self.gate.deadline_ms());
        [expiry, sample, self.saved.discard_ms, self.saved.discard_reports_ms, self.saved.resume_ms]
            .into_iter()
            .flatten()
            .min()
    }

    /// Takes an event. A clock that went back is taken for a forged one: whatever was kept by it is discarded.
    pub fn handle(&mut self, event: Event, now_ms: u64) -> Vec<Action> {
        let mut actions = Vec::new();
        if now_ms < self.now_ms {
            self.forget(Action::DiscardAll, &mut actions);
        }
        self.now_ms = now_ms;
        self.timers(&mut actions);
        self.take(event, &mut actions);
        actions
    }

    fn take(&mut self, event: Event, actions: &mut Vec<Action>) {
        match event {
            Event::Configure(configuration) => self.configure(*configuration, actions),
            Event::ConfiguredElsewhere => self.forget(Action::DiscardLog, actions),
            Event::PowerOff | Event::Detach => self.forget(Action::DiscardAll, actions),
            Event::Radio(radio) => {
                self.radio = radio;
                self.sample(actions);
            }
            Event::Tick => {}
            Event::Logged => {
                if self.saved.phase == Phase::Logging && !self.saved.has_log {
                    self.saved.has_log = true;
                    actions.push(Action::Save);
                }
            }
            Event::Reported => {
                // From the first that waits: those after it go earlier than they must.
                self.saved.discard_reports_ms.get_or_insert(self.now_ms.saturating_add(KEEP_MS));
                actions.push(Action::Save);
            }
            Event::ReportsDelivered => {
                if self.saved.discard_reports_ms.take().is_some() {
                    actions.push(Action::Save);
                }
            }
            Event::MemoryFull => self.end(CloseReason::MemoryFull, actions),
            Event::Delivered => self.delivered(actions),
            Event::Clear => self.clear(actions),
            Event::OptOut => self.opt_out(actions),
            Event::OptIn => {
                if self.saved.phase == Phase::OptedOut {
                    (self.saved.phase, self.saved.untold) = (Phase::Idle, false);
                    actions.push(Action::Save);
                }
            }
            Event::Pause(ms) => {
                self.saved.pause_ms = ms;
                self.saved.resume_ms = Some(self.now_ms.saturating_add(ms));
                actions.push(Action::Save);
            }
            Event::Resume => {
                if self.saved.resume_ms.take().is_some() {
                    actions.push(Action::Save);
                }
            }
            Event::RegisterTold => {
                if core::mem::take(&mut self.saved.untold) {
                    actions.push(Action::Save);
                }
            }
        }
    }

    /// Whether anything of the log waits, here or at the collector.
    #[must_use]
    pub fn has_log(&self) -> bool {
        self.saved.has_log
    }

    /// Whether the register must still hear of the opt-out.
    #[must_use]
    pub fn must_tell_register(&self) -> bool {
        self.saved.untold
    }

    /// What the register is told an opt-out by: the evidence of consent to the last job that brought one. It outlives job, log, boot and
    /// opt-out.
    #[must_use]
    pub fn reference(&self) -> Option<&[u8]> {
        Some(self.saved.reference.as_slice()).filter(|reference| !reference.is_empty())
    }

    /// What time alone brings about.
    fn timers(&mut self, actions: &mut Vec<Action>) {
        let due = |at: Option<u64>, now: u64| at.is_some_and(|at| at <= now);
        if due(self.saved.resume_ms, self.now_ms) {
            self.saved.resume_ms = None;
            actions.push(Action::Save);
        }
        if due(self.saved.job.as_ref().map(Job::expiry_ms), self.now_ms) {
            self.end(CloseReason::DurationOver, actions);
        }
        if due(self.saved.discard_ms, self.now_ms) {
            self.forget(Action::DiscardLog, actions);
        }
        if due(self.saved.discard_reports_ms, self.now_ms) {
            self.saved.discard_reports_ms = None;
            actions.extend([Action::DiscardReports, Action::Save]);
        }
        self.sample(actions);
    }

    fn sample(&mut self, actions: &mut Vec<Action>) {
        let Some(job) = &self.saved.job else { return };
        let paused = self.saved.resume_ms.is_some();
        let listed = self.plmn_listed();
        if let Some(any_cell_selection) = self.gate.due(&job.configuration, &self.radio, listed, paused, self.now_ms) {
            let relative_s = self.now_ms.saturating_sub(job.started_ms) / 1000;
            let relative_s = u16::try_from(relative_s).unwrap_or(MAX_DURATION_S);
            actions.push(Action::Measure { relative_s, any_cell_selection });
        }
    }

    fn configure(&mut self, configuration: Configuration, actions: &mut Vec<Action>) {
        if self.saved.phase == Phase::OptedOut {
            actions.push(Action::RefuseOptedOut);
            return;
        }
        if !configuration.is_sound() {
            actions.push(Action::RefuseUnsound);
            return;
        }
        actions.push(Action::DiscardLog);
        self.gate = Gate::default();
        self.gate.start(self.now_ms, u64::from(configuration.job.interval_ms));
        self.saved.plmns.clone_from(&configuration.plmns);
        if let Some(rplmn) = self.radio.rplmn.filter(|plmn| !self.saved.plmns.iter().any(|listed| **listed == *plmn)) {
            self.saved.plmns.push(rplmn.into());
        }
        if !configuration.consent.is_empty() {
            self.saved.reference.clone_from(&configuration.consent);
        }
        (self.saved.has_log, self.saved.discard_ms) = (false, None);
        self.saved.phase = Phase::Logging;
        self.saved.job = Some(Job { configuration, started_ms: self.now_ms });
        actions.extend([Action::Begin, Action::Save]);
    }

    /// The job ends; what it logged waits.
    fn end(&mut self, reason: CloseReason, actions: &mut Vec<Action>) {
        if self.saved.phase != Phase::Logging {
            return;
        }
        let expiry_ms = self.saved.job.take().map_or(self.now_ms, |job| job.expiry_ms());
        actions.push(Action::Close(reason));
        if self.saved.has_log {
            self.saved.phase = Phase::Kept;
            // From the expiry, however late it was noticed.
            self.saved.discard_ms = Some(expiry_ms.min(self.now_ms).saturating_add(KEEP_MS));
        } else {
            self.saved.phase = Phase::Idle;
        }
        actions.push(Action::Save);
    }

    /// Neither configuration nor log stays.
    fn forget(&mut self, how: Action, actions: &mut Vec<Action>) {
        actions.push(how);
        if self.saved.phase != Phase::OptedOut {
            self.saved.phase = Phase::Idle;
        }
        (self.saved.job, self.saved.has_log, self.saved.discard_ms) = (None, false, None);
        self.saved.plmns.clear();
        if how == Action::DiscardAll {
            self.saved.discard_reports_ms = None;
        }
        actions.push(Action::Save);
    }

    fn delivered(&mut self, actions: &mut Vec<Action>) {
        if !self.saved.has_log {
            return;
        }
        self.saved.has_log = false;
        if self.saved.phase == Phase::Kept {
            (self.saved.phase, self.saved.discard_ms) = (Phase::Idle, None);
            self.saved.plmns.clear();
        }
        actions.push(Action::Save);
    }

    fn clear(&mut self, actions: &mut Vec<Action>) {
        actions.push(Action::DiscardAll);
        (self.saved.has_log, self.saved.discard_reports_ms) = (false, None);
        match self.saved.phase {
            // The job stays: the user who wants silence opts out or pauses.
            Phase::Logging => actions.push(Action::Begin),
            Phase::Kept => {
                (self.saved.phase, self.saved.discard_ms) = (Phase::Idle, None);
                self.saved.plmns.clear();
            }
            Phase::Idle | Phase::OptedOut => {}
        }
        actions.push(Action::Save);
    }

    fn opt_out(&mut self, actions: &mut Vec<Action>) {
        let already = self.saved.phase == Phase::OptedOut;
        self.forget(Action::DiscardAll, actions);
        self.saved.phase = Phase::OptedOut;
        self.saved.untold |= !already;
        if self.saved.untold {
            actions.push(Action::TellRegister);
        }
    }
}

impl Job {
    fn expiry_ms(&self) -> u64 {
        self.started_ms.saturating_add(u64::from(self.configuration.job.duration_s) * 1000)
    }
}
