//! One phone: its log, what its user decided, its job, and what it owes the collector. Without a socket; time is its clock's.

mod errand;
mod notes;
mod owed;

pub use errand::{Errand, NotSettled, Outcome};
pub use notes::{Intent, Taken};

use crate::clock::Clock;
use crate::job::Job;
use crate::source::Sighting;
use getrandom::SysRng;
use mdt_log::entry::{EntryMaker, Serving};
use mdt_log::failure::Failure;
use mdt_log::log::{LogError, Profile};
use mdt_log::machine::{Camping, Event, MAX_DURATION_S, Phase};
use mdt_log::rand_core::{TryRng as _, UnwrapErr};
use mdt_log::{Agent, BootId, Content, KeyList, Kind, ReportFacts, Request, Storage, Vault};
use notes::Notes;
use owed::Owed;
use std::io;
use std::path::Path;
use thiserror::Error;

/// Something of the phone failed.
#[derive(Debug, Error)]
pub enum StationError {
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A note beside it.
    #[error("a note of the agent cannot be read or written: {0}")]
    Note(#[from] io::Error),
}

/// Why a job was not taken.
#[derive(Debug, Error)]
pub enum NotTaken {
    /// It was taken before: a job is taken once.
    #[error("this job was taken before")]
    Before,
    /// The modem is not registered, or in a technology that the job says nothing of.
    #[error("the modem is not registered in a technology that the job is of")]
    NotYet,
    /// The user opted out.
    #[error("the user opted out")]
    OptedOut,
    /// The key list has no valid key of the job's collection entity.
    #[error("the key list has no valid key of the job's collection entity")]
    UnknownCollector,
    /// A value is out of its range.
    #[error("a value of the job is out of its range")]
    Unsound,
    /// The phone failed.
    #[error(transparent)]
    Station(#[from] StationError),
}

/// What the user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Destroys what was logged; a job that runs goes on.
    Clear,
    /// Takes no part any more, for good.
    OptOut,
    /// Takes no part for so many milliseconds.
    Pause(u64),
    /// Ends the pause.
    Resume,
}

/// What may be shown: counts and spans. No place, no cell, no time of an entry.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Status {
    /// Where the phone stands, by [`Phase::word`].
    pub phase: &'static str,
    /// How long the pause still lasts, s.
    pub paused_s: Option<u64>,
    /// Trace reference of the job that runs, or whose log waits.
    pub job: Option<String>,
    /// Its logging interval, ms.
    pub interval_ms: Option<u32>,
    /// Its logging duration, s.
    pub duration_s: Option<u16>,
    /// How much of that is over, s.
    pub span_s: Option<u64>,
    /// Records since the program started.
    pub records: u32,
    /// Sealed octets that wait.
    pub octets: u32,
    /// Segments that wait.
    pub segments: usize,
    /// Reports of failures that wait.
    pub reports: usize,
    /// Whether the log may be brought away from where the modem is registered.
    pub available: bool,
    /// Whether a clear or an opt-out is not finished: what was to be destroyed may still be there.
    pub unfinished: bool,
    /// Whether the register must still hear of the opt-out.
    pub register_waits: bool,
    /// Erasures that the collector must still hear of.
    pub erasures_wait: usize,
}

/// Where reports of failures go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportsTo {
    /// The collection entity.
    pub tce_id: u8,
    /// The reference of the consent to them; empty without one.
    pub consent: Vec<u8>,
}

/// The phone.
pub struct Station<S, V> {
    agent: Agent<S, V, UnwrapErr<SysRng>>,
    clock: Clock,
    keys: KeyList,
    reports_to: Option<ReportsTo>,
    /// The reference of the consent to reports that was given last: what the register knows the user by where no job brought one.
    reference: Vec<u8>,
    boot: BootId,
    notes: Notes,
    owed: Owed,
    taken: Option<Taken>,
    maker: EntryMaker,
    last_camped: Option<(Serving, Option<u32>)>,
    refused: Option<Request>,
    /// Whether the register must still hear of the opt-out.
    register_waits: bool,
    flush_ms: u64,
    flushed_ms: u64,
    unflushed: bool,
    last_ms: u64,
    unfinished: Option<Intent>,
}

impl<S: Storage, V: Vault> Station<S, V> {
    /// Starts on these ports; notes lie in `dir`, what is owed in `keys_dir`. A clear or an opt-out that a crash interrupted is
    /// finished. Without the name of the boot nobody knows how old anything is: everything goes but what the user decided.
    ///
    /// # Errors
    /// [`StationError`].
    pub fn start(
        ports: (S, V),
        folders: (&Path, &Path),
        profile: Profile,
        boot: Option<BootId>,
        keys: KeyList,
        clock: Clock,
        flush_s: u64,
    ) -> Result<Self, StationError> {
        let boot = match boot {
            Some(boot) => boot,
            None => BootId(drawn()?),
        };
        let (notes, owed) = (Notes::new(folders.0)?, Owed::new(folders.1)?);
        let (storage, vault) = ports;
        let (now_ms, now_s) = (clock.now_ms(), clock.now_s());
        let ports = (storage, vault, UnwrapErr(SysRng));
        let (agent, recovery, requests) = Agent::start(ports, profile, boot, keys.clone(), now_ms, now_s)?;
        if recovery.unreadable {
            tracing::error!("the protected record cannot be read: nothing is logged, as if the user had opted out");
        }
        tracing::info!(kept = recovery.kept, erased = recovery.erased, booted = recovery.booted, "the log is open");
        let mut station = Self {
            agent,
            clock,
            keys,
            reports_to: None,
            reference: notes.reference()?,
            boot,
            taken: notes.taken()?,
            unfinished: notes.intent()?,
            notes,
            owed,
            maker: EntryMaker::default(),
            last_camped: None,
            refused: None,
            register_waits: requests.contains(&Request::TellRegister),
            flush_ms: flush_s.saturating_mul(1000),
            flushed_ms: now_ms,
            unflushed: false,
            last_ms: now_ms,
        };
        station.finish()?;
        Ok(station)
    }

    /// A key list that was verified.
    pub fn renew(&mut self, keys: KeyList) {
        self.keys = keys.clone();
        self.agent.renew(keys, self.clock.now_s());
    }

    /// Where failures are reported to from now on; nowhere without. Those that wait go where they were sealed to.
    ///
    /// # Errors
    /// [`StationError::Note`]; nothing is reported then.
    pub fn report_to(&mut self, to: Option<ReportsTo>) -> Result<(), StationError> {
        self.reports_to = None;
        // Before the first report: an opt-out after it must be told, whatever becomes of the file that this came from.
        if let Some(to) = to.as_ref().filter(|to| !to.consent.is_empty() && to.consent != self.reference) {
            self.notes.note_reference(&to.consent)?;
            self.reference.clone_from(&to.consent);
        }
        self.reports_to = to;
        Ok(())
    }

    /// What the register is told an opt-out by.
    fn register_reference(&self) -> Option<&[u8]> {
        let of_reports = Some(self.reference.as_slice()).filter(|reference| !reference.is_empty());
        self.agent.consent_reference().or(of_reports)
    }

    /// When to look at the source at the latest, ms: an entry is due, or time alone ends something.
    #[must_use]
    pub fn deadline_ms(&self) -> Option<u64> {
        self.agent.deadline_ms()
    }

    /// Where the phone stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.agent.overview().phase
    }

    /// Takes what was seen; seals reports of what failed, and logs an entry if one is due.
    ///
    /// # Errors
    /// [`StationError`]. What had to be destroyed may then not be: [`Station::finish`] tries again.
    pub fn see(&mut self, sighting: &Sighting) -> Result<(), StationError> {
        let now_ms = self.clock.now_ms();
        let mut radio = sighting.radio(self.taken.as_ref().and_then(|taken| taken.quantity));
        if let (Camping::Normally, Some((cell, results))) = (radio.camping, sighting.serving()) {
            self.last_camped = Some((Serving { cell, results }, radio.tracking_area));
        }
        if radio.camping == Camping::AnyCellSelection {
            // Registered, and in the area, is where it last was.
            let last = self.last_camped;
            radio.rplmn = radio.rplmn.or(last.map(|(serving, _)| serving.cell.plmn));
            radio.cell = last.map(|(serving, _)| serving.cell);
            radio.tracking_area = last.and_then(|(_, area)| area);
        }
        // Where the phone is counts before anything that is due by now, however late it is noticed.
        let due_ms = self.agent.deadline_ms().unwrap_or(now_ms);
        let before_ms = now_ms.min(due_ms.saturating_sub(1)).max(self.last_ms);
        self.tell(Event::Radio(radio), before_ms, Some(sighting))?;
        self.tell(Event::Tick, now_ms, Some(sighting))?;
        sighting.failures().iter().try_for_each(|(kind, failure)| self.report(*kind, failure))
    }

    /// Seals a report of a failure, unless nobody asked for them, the user opted out or paused, or the list has no key for it.
    fn report(&mut self, kind: Kind, failure: &Failure) -> Result<(), StationError> {
        let Some(ReportsTo { tce_id, consent }) = &self.reports_to else { return Ok(()) };
        let facts = ReportFacts { content: Content::Cbor, consent: consent.clone() };
        self.agent.renew(self.keys.clone(), self.clock.now_s());
        let sealed = self.agent.report(kind, &mut failure.encode(), &facts, *tce_id)?;
        tracing::debug!(sealed, "something failed");
        Ok(())
    }

    /// Lets time alone bring about what it does.
    ///
    /// # Errors
    /// As [`Station::see`].
    pub fn pass(&mut self) -> Result<(), StationError> {
        self.tell(Event::Tick, self.clock.now_ms(), None)
    }

    fn tell(&mut self, event: Event, now_ms: u64, sighting: Option<&Sighting>) -> Result<(), StationError> {
        self.last_ms = now_ms;
        let requests = match self.agent.event(event, now_ms) {
            Ok(requests) => requests,
            Err(error) => {
                // What was to go may still be there: it goes, with all else.
                self.intend(Intent::Clear)?;
                return Err(error.into());
            }
        };
        for request in requests {
            match (request, sighting) {
                (Request::Measure { relative_s, any_cell_selection }, Some(sighting)) => {
                    self.log(relative_s, any_cell_selection, sighting, now_ms)?;
                }
                (Request::Measure { .. } | Request::TellRegister, _) => {}
                (refused, _) => self.refused = Some(refused),
            }
        }
        Ok(())
    }

    fn log(
        &mut self,
        relative_s: u16,
        any_cell_selection: bool,
        sighting: &Sighting,
        now_ms: u64,
    ) -> Result<(), StationError> {
        let interval_ms = self.taken.as_ref().map_or(0, |taken| taken.interval_ms);
        let measured = sighting.measurement();
        let mut entry = self.maker.entry(measured, relative_s, any_cell_selection, interval_ms, now_ms);
        if entry.serving.is_none() {
            entry.serving = self.last_camped.map(|(serving, _)| serving);
        }
        let mut content = entry.encode();
        let durable = now_ms.saturating_sub(self.flushed_ms) >= self.flush_ms;
        let logged = self.agent.entry(&mut content, durable)?;
        if logged {
            self.unflushed = !durable;
            if durable {
                self.flushed_ms = now_ms;
            }
        }
        Ok(())
    }

    /// Makes durable what was logged.
    ///
    /// # Errors
    /// [`StationError::Log`].
    pub fn flush(&mut self) -> Result<(), StationError> {
        (self.flushed_ms, self.unflushed) = (self.clock.now_ms(), false);
        Ok(self.agent.flush()?)
    }

    /// The same once it is time.
    ///
    /// # Errors
    /// [`StationError::Log`].
    pub fn flush_if_due(&mut self) -> Result<(), StationError> {
        let due = self.clock.now_ms().saturating_sub(self.flushed_ms) >= self.flush_ms;
        if self.unflushed && due { self.flush() } else { Ok(()) }
    }

    /// Takes a job, once, in the technology that the modem is registered in.
    ///
    /// # Errors
    /// Why it is not taken. What was logged under another stays then, unless the phone failed.
    pub fn take(&mut self, job: &Job, sighting: &Sighting) -> Result<(), NotTaken> {
        let failed = |error: io::Error| NotTaken::Station(error.into());
        if self.taken.as_ref().is_some_and(|taken| taken.digest == *job.digest()) {
            return Err(NotTaken::Before);
        }
        if self.agent.overview().phase == Phase::OptedOut {
            return Err(NotTaken::OptedOut);
        }
        let radio = sighting.radio(None);
        let session = drawn().map_err(failed)?;
        let configuration = job.configuration(radio.rat, session, self.clock.now_s());
        let configuration = configuration.filter(|_| radio.camping == Camping::Normally && radio.rplmn.is_some());
        let Some(configuration) = configuration else { return Err(NotTaken::NotYet) };
        let reference = &configuration.job;
        let taken = Taken {
            digest: *job.digest(),
            boot: self.boot.0,
            began_ms: self.clock.now_ms(),
            name: job.name().to_owned(),
            tce_id: reference.tce_id,
            interval_ms: reference.interval_ms,
            duration_s: reference.duration_s,
            quantity: job.quantity(),
        };
        // The note first: a job that a crash interrupts is lost rather than taken twice.
        let before = self.taken.replace(taken);
        self.notes.note_taken(self.taken.as_ref()).map_err(failed)?;
        self.refused = None;
        // Keys are judged by the time of now, not by that of the list's coming.
        self.renew(self.keys.clone());
        let now_ms = self.clock.now_ms();
        self.tell(Event::Radio(radio), now_ms, None)?;
        self.tell(Event::Configure(Box::new(configuration)), now_ms, None)?;
        let refused = match self.refused.take() {
            None => {
                self.maker = EntryMaker::default();
                return Ok(());
            }
            Some(Request::RefusedOptedOut) => NotTaken::OptedOut,
            Some(Request::RefusedUnknownCollector) => NotTaken::UnknownCollector,
            Some(_) => NotTaken::Unsound,
        };
        self.taken = before;
        self.notes.note_taken(self.taken.as_ref()).map_err(failed)?;
        Err(refused)
    }

    /// What the user wants. Once this is done, it is durable, and a crash does not undo it.
    ///
    /// # Errors
    /// [`StationError`]: it is not done; a clear or an opt-out is noted, and [`Station::finish`] tries again.
    pub fn wish(&mut self, wish: Wish) -> Result<(), StationError> {
        let event = match wish {
            Wish::Clear => Err(Intent::Clear),
            Wish::OptOut => Err(Intent::OptOut),
            Wish::Pause(ms) => Ok(Event::Pause(ms)),
            Wish::Resume => Ok(Event::Resume),
        };
        match event {
            Ok(event) => self.tell(event, self.clock.now_ms(), None),
            Err(intent) => {
                self.intend(intent)?;
                self.finish()
            }
        }
    }

    /// Notes what is to be done before it is begun. An opt-out is never weakened to a clear.
    fn intend(&mut self, intent: Intent) -> io::Result<()> {
        if self.unfinished == Some(Intent::OptOut) {
            return Ok(());
        }
        self.unfinished = Some(intent);
        self.notes.note_intent(intent)
    }

    /// Finishes a clear or an opt-out that is noted.
    ///
    /// # Errors
    /// [`StationError`]: call again.
    pub fn finish(&mut self) -> Result<(), StationError> {
        let Some(intent) = self.unfinished else { return Ok(()) };
        (self.maker, self.last_camped) = (EntryMaker::default(), None);
        let event = match intent {
            Intent::Clear => Event::Clear,
            Intent::OptOut => Event::OptOut,
        };
        let now_ms = self.clock.now_ms();
        self.last_ms = now_ms;
        // With each of these what is to be destroyed is destroyed, or it is an error.
        let requests = self.agent.event(event, now_ms)?;
        if intent == Intent::OptOut {
            // The register hears of it, the collector erases what it has from here, and nothing of the job stays.
            self.register_waits |= requests.contains(&Request::TellRegister);
            self.owed.erase_all()?;
            self.notes.note_taken(None)?;
            self.taken = None;
            if self.register_waits && self.register_reference().is_none() {
                // Nothing ever brought a reference: there is nobody whom the register could be told about.
                self.agent.event(Event::RegisterTold, now_ms)?;
                self.register_waits = false;
            }
        }
        self.notes.forget_intent()?;
        self.unfinished = None;
        Ok(())
    }

    /// What may be shown.
    #[must_use]
    pub fn status(&self) -> Status {
        let overview = self.agent.overview();
        let now_ms = self.clock.now_ms();
        let shown = matches!(overview.phase, Phase::Logging | Phase::Kept);
        let taken = self.taken.as_ref().filter(|_| shown);
        let span = |taken: &Taken| {
            let since_s = now_ms.saturating_sub(taken.began_ms) / 1000;
            since_s.min(u64::from(taken.duration_s.min(MAX_DURATION_S)))
        };
        Status {
            phase: overview.phase.word(),
            paused_s: overview.paused_until_ms.map(|until| until.saturating_sub(now_ms).div_ceil(1000)),
            job: taken.map(|taken| taken.name.clone()),
            interval_ms: taken.map(|taken| taken.interval_ms),
            duration_s: taken.map(|taken| taken.duration_s),
            span_s: taken.map(span),
            records: overview.status.records,
            octets: overview.status.octets,
            segments: overview.status.segments,
            reports: overview.status.reports,
            available: overview.available,
            unfinished: self.unfinished.is_some(),
            register_waits: self.register_waits,
            erasures_wait: self.owed.erasures().map_or(0, |tokens| tokens.len()),
        }
    }
}

/// Octets that nobody can guess.
fn drawn<const N: usize>() -> io::Result<[u8; N]> {
    let mut octets = [0; N];
    SysRng.try_fill_bytes(&mut octets).map_err(io::Error::other)?;
    Ok(octets)
}
