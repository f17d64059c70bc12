//! Machine and log together: what a driver of a modem, or an application, calls.

use crate::log::{Delivery, LogError, Profile, Recovery, SealedLog, Status};
use crate::machine::{Action, Configuration, Event, Machine, Phase};
use crate::port::{Storage, Vault};
use crate::{BootId, CollectorKey, KeyList, Kind, Receipt, ReportFacts, SegmentFacts, Suite};
use alloc::vec::Vec;
use hpke::rand_core::CryptoRng;
use zeroize::Zeroize;

/// What the driver must do, or is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Measure now and give the entry to [`Agent::entry`].
    Measure {
        /// `relativeTimeStamp`, s.
        relative_s: u16,
        /// Whether it is an entry of any cell selection.
        any_cell_selection: bool,
    },
    /// A configuration was refused: the user opted out.
    RefusedOptedOut,
    /// A configuration was refused: a value is out of its range.
    RefusedUnsound,
    /// A configuration was refused: the key list has no valid key for its collection entity.
    RefusedUnknownCollector,
    /// Tell the register of the opt-out by [`Agent::consent_reference`], then send [`Event::RegisterTold`]; asked again at every start until then.
    TellRegister,
}

/// What may be shown to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overview {
    /// Where the phone stands.
    pub phase: Phase,
    /// Until when it is paused, ms since the phone started.
    pub paused_until_ms: Option<u64>,
    /// `logMeasAvailable`.
    pub available: bool,
    /// Sizes and counts.
    pub status: Status,
}

/// The whole phone side.
pub struct Agent<S, V, R> {
    machine: Machine,
    log: SealedLog<S, V, R>,
    keys: KeyList,
    now_s: u64,
    /// Whether an entry was asked for, and nothing happened since.
    asked: bool,
}

impl<S: Storage, V: Vault, R: CryptoRng> Agent<S, V, R> {
    /// Starts, after a boot, a crash or an update. `now_ms` counts from the boot `boot`, sleep included; `keys` is the verified list and
    /// `now_s` the time in seconds since 1970, for the validity of keys alone.
    ///
    /// # Errors
    /// As [`SealedLog::open`].
    pub fn start(
        ports: (S, V, R),
        profile: Profile,
        boot: BootId,
        keys: KeyList,
        now_ms: u64,
        now_s: u64,
    ) -> Result<(Self, Recovery, Vec<Request>), LogError> {
        let (storage, vault, rng) = ports;
        let (mut log, recovery) = SealedLog::open(storage, vault, rng, profile, boot)?;
        let machine = match log.noted() {
            None if recovery.unreadable => Machine::undecided(now_ms),
            None => Machine::default(),
            Some(saved) if recovery.booted => Machine::after_boot(saved, now_ms),
            Some(saved) => Machine::resume(saved.clone(), now_ms),
        };
        log.note(machine.saved().clone());
        log.save()?;
        let mut agent = Self { machine, log, keys, now_s, asked: false };
        if let Some(facts) = agent.facts()
            && let Some(key) = agent.collector(facts.job.tce_id)
        {
            agent.log.begin(&facts, key);
        }
        let mut requests = agent.event(Event::Tick, now_ms)?;
        if agent.machine.must_tell_register() {
            requests.push(Request::TellRegister);
        }
        Ok((agent, recovery, requests))
    }

    /// A newer key list, verified, and the time in seconds since 1970.
    pub fn renew(&mut self, keys: KeyList, now_s: u64) {
        (self.keys, self.now_s) = (keys, now_s);
    }

    /// Takes an event. A configuration for a collection entity without a valid key is refused.
    ///
    /// # Errors
    /// [`LogError::Storage`] when a port fails. What had to be destroyed may then not be: send [`Event::Clear`] until it succeeds.
    pub fn event(&mut self, event: Event, now_ms: u64) -> Result<Vec<Request>, LogError> {
        if let Event::Configure(configuration) = &event
            && self.machine.phase() != Phase::OptedOut
            && self.collector(configuration.job.tce_id).is_none()
        {
            let mut requests = self.event(Event::Tick, now_ms)?;
            requests.push(Request::RefusedUnknownCollector);
            return Ok(requests);
        }
        let actions = self.machine.handle(event, now_ms);
        self.asked = false;
        // Whatever is saved from here on, keys are destroyed and the state that says why is written in one.
        self.log.note(self.machine.saved().clone());
        let mut requests = Vec::new();
        let mut first_error = None;
        // Each is done even when one before failed: a failed erasure must not keep a state from being written down.
        for action in actions {
            if let Err(error) = self.act(action, &mut requests) {
                first_error.get_or_insert(error);
            }
        }
        first_error.map_or(Ok(requests), Err)
    }

    fn act(&mut self, action: Action, requests: &mut Vec<Request>) -> Result<(), LogError> {
        match action {
            Action::DiscardLog => self.log.discard(true, false),
            Action::DiscardReports => self.log.discard(false, true),
            Action::DiscardAll => self.log.discard(true, true),
            Action::Begin => {
                if let Some(facts) = self.facts()
                    && let Some(key) = self.collector(facts.job.tce_id)
                {
                    self.log.begin(&facts, key);
                }
                Ok(())
            }
            Action::Close(reason) => self.log.close(reason),
            Action::Measure { relative_s, any_cell_selection } => {
                self.asked = true;
                requests.push(Request::Measure { relative_s, any_cell_selection });
                Ok(())
            }
            Action::RefuseOptedOut => {
                requests.push(Request::RefusedOptedOut);
                Ok(())
            }
            Action::RefuseUnsound => {
                requests.push(Request::RefusedUnsound);
                Ok(())
            }
            Action::TellRegister => {
                requests.push(Request::TellRegister);
                Ok(())
            }
            Action::Save => self.log.save(),
        }
    }

    /// Seals the entry that [`Request::Measure`] asked for, before any other event, and makes it durable if `durable`; else
    /// [`Agent::flush`] does, every few seconds. Whatever is in `content` is zero afterwards. Says whether it was logged: not when nobody
    /// asked, nor when the memory is full, which ends the job.
    ///
    /// # Errors
    /// [`LogError::Storage`], [`LogError::Seal`].
    pub fn entry(&mut self, content: &mut [u8], durable: bool) -> Result<bool, LogError> {
        let asked = core::mem::take(&mut self.asked);
        let sealed = if asked { self.log.append(Kind::Entry, content) } else { Err(LogError::NoJob) };
        content.zeroize();
        match sealed {
            Ok(()) => {
                if durable {
                    self.log.flush()?;
                }
                self.settle(Event::Logged)?;
                Ok(true)
            }
            Err(LogError::NoJob) => Ok(false),
            Err(LogError::Full) => {
                self.settle(Event::MemoryFull)?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Makes durable what was logged.
    ///
    /// # Errors
    /// [`LogError::Storage`].
    pub fn flush(&mut self) -> Result<(), LogError> {
        self.log.flush()
    }

    /// Seals a report of a failure, unless the user opted out or paused; says whether it did. What is in `content` afterwards is zero.
    ///
    /// # Errors
    /// [`LogError::Seal`], [`LogError::Storage`].
    pub fn report(
        &mut self,
        kind: Kind,
        content: &mut [u8],
        facts: &ReportFacts,
        tce_id: u8,
    ) -> Result<bool, LogError> {
        let wanted = self.machine.phase() != Phase::OptedOut && self.machine.paused_until_ms().is_none();
        let key = self.keys.collector(tce_id, Suite::Small, self.now_s).filter(|_| wanted).cloned();
        let sealed = key.map(|key| self.log.report(kind, content, facts, &key)).transpose();
        content.zeroize();
        let sealed = sealed?.is_some();
        if sealed {
            self.settle(Event::Reported)?;
        }
        Ok(sealed)
    }

    /// Takes a receipt: erases what is delivered.
    ///
    /// # Errors
    /// [`LogError::Storage`]; give it again.
    pub fn received(&mut self, receipt: &Receipt) -> Result<Delivery, LogError> {
        let delivery = self.log.received(receipt)?;
        let left = self.log.status();
        if left.segments == 0 {
            self.settle(Event::Delivered)?;
        }
        if left.reports == 0 {
            self.settle(Event::ReportsDelivered)?;
        }
        Ok(delivery)
    }

    /// What may be shown.
    #[must_use]
    pub fn overview(&self) -> Overview {
        Overview {
            phase: self.machine.phase(),
            paused_until_ms: self.machine.paused_until_ms(),
            available: self.machine.available(),
            status: self.log.status(),
        }
    }

    /// The job that runs.
    #[must_use]
    pub fn configuration(&self) -> Option<&Configuration> {
        self.machine.configuration()
    }

    /// The generator, for callers that seed it anew. Its state must not outlive the call that drew: keys could be made again from it.
    pub fn generator(&mut self) -> &mut R {
        self.log.generator()
    }

    /// When to send [`Event::Tick`] at the latest, ms since the phone started.
    #[must_use]
    pub fn deadline_ms(&self) -> Option<u64> {
        self.machine.deadline_ms()
    }

    /// What the register is told an opt-out by, in a request to the collector; `None` where no job ever brought one.
    #[must_use]
    pub fn consent_reference(&self) -> Option<&[u8]> {
        self.machine.reference()
    }

    /// The log, for an upload: while the registered PLMN is one where it may be reported; with reports of failures alone, anywhere.
    pub fn upload(&mut self) -> Option<&mut SealedLog<S, V, R>> {
        let reports_alone = !self.machine.has_log() && self.log.status().reports > 0;
        (self.machine.available() || reports_alone).then_some(&mut self.log)
    }

    /// Takes what a call of the driver came to, at the time of the last event: no timer goes off in it.
    fn settle(&mut self, event: Event) -> Result<(), LogError> {
        let now_ms = self.machine.now_ms();
        self.event(event, now_ms).map(drop)
    }

    fn facts(&self) -> Option<SegmentFacts> {
        self.machine.configuration().map(|configuration| SegmentFacts {
            number: 0,
            content: configuration.content,
            job: configuration.job.clone(),
            consent: configuration.consent.clone(),
        })
    }

    /// The key that this entity's log is sealed to.
    fn collector(&self, tce_id: u8) -> Option<CollectorKey> {
        self.keys.preferred(tce_id, self.now_s).cloned()
    }
}
