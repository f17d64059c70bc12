//! A phone that takes part in MDT: it moves, camps, talks, loses coverage; takes jobs, logs them sealed, clears and opts out.
//!
//! ```text
//!   Ran ── survey ──▶ MdtPhone: Idle or Connection ── Event::Radio ──▶ mdt_log::Agent ── Measure ──▶ LogMeasInfo in UPER, sealed
//!   RRC octets ──▶ receive                                                             beside it: Truth, which stays in the lab
//! ```
//!
//! A machine under a clock that is passed in, milliseconds since it was switched on. It looks around each 640 ms while it logs (a paging
//! cycle of TS 36.304 clause 7.1), each 100 ms while it is connected, and each 10 s else. What the log holds the phone itself cannot read; [`Truth`] is kept apart from it, for
//! comparisons, and would not exist on a real one.

mod app;
mod configuration;
mod flash;
mod upload;
mod written;

pub use app::WORDS;
pub use configuration::{plmn_octets, plmn_of};
pub use flash::{Entropy, Flash};
pub use upload::{NotReceived, Offered};
pub use written::WriteError;

use crate::ran::{Camping, Connection, Failure, Idle, LinkEvent, Ran, Survey, Technology};
use configuration::Quantity;
use lcs::gad::Position;
use mdt::rrc::UperError;
use mdt_log::entry::{EntryMaker, Serving};
use mdt_log::log::{LogError, Profile, Recovery};
use mdt_log::machine::{self, Event, Phase, Radio};
use mdt_log::{Agent, BootId, Content, KeyList, Kind, Overview, Rat, ReportFacts, Request};
use std::collections::HashMap;

/// How often a phone with a job looks around, ms: a paging cycle of 64 frames.
const LOGGING_MS: u64 = 640;
/// How often one without does, ms: nothing depends on it but when it notices.
const IDLE_MS: u64 = 10_000;
/// How often a connected one does, ms.
const CONNECTED_MS: u64 = 100;
/// Truths kept of one phone.
const MAX_TRUTHS: usize = 1 << 15;

/// How a phone is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How often it has a fix by satellite, ms; none if absent. In a hole of the network as anywhere.
    pub fix_every_ms: Option<u64>,
    /// Room for the log.
    pub profile: Profile,
    /// The collection entity that reports of failures go to.
    pub tce_id: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Self { fix_every_ms: None, profile: Profile::STANDARD, tce_id: 1 }
    }
}

/// What the user does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Destroys what was logged; a job that runs goes on.
    Clear,
    /// Takes no part any more, for good.
    OptOut,
    /// Lifts the opt-out.
    OptIn,
    /// Takes no part for so many milliseconds.
    Pause(u64),
    /// Ends the pause.
    Resume,
}

/// Why a phone did not take a job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// The message did not reach it.
    #[error("the phone has no coverage")]
    NoCoverage,
    /// The user opted out.
    #[error("the user opted out on the phone")]
    OptedOut,
    /// Its key list has no valid key of the collection entity.
    #[error("the phone knows no valid key of this collection entity")]
    UnknownCollector,
    /// A value is out of its range.
    #[error("the configuration has a value out of its range")]
    Unsound,
    /// The octets are no configuration.
    #[error("the message is no logged measurement configuration: {0}")]
    Malformed(#[from] UperError),
    /// The phone failed.
    #[error(transparent)]
    Phone(#[from] PhoneError),
}

/// What can go wrong in a phone of the lab.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Its log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A measurement.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// What was true when an entry was logged.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// Since the phone was switched on, ms.
    pub at_ms: u64,
    /// As in the entry, s.
    pub relative_s: u16,
    /// As in the entry.
    pub any_cell_selection: bool,
    /// Where the phone was.
    pub place: Position,
    /// Where it last had a fix, and when.
    pub fix: Option<(Position, u64)>,
    /// Which cell served, by its place in [`Ran::cells`].
    pub serving: Option<usize>,
    /// What every cell was like.
    pub survey: Survey,
}

/// Where a phone is at a time, ms since it was switched on.
pub type Path<'p> = &'p dyn Fn(u64) -> Position;

/// The phone.
pub struct MdtPhone {
    agent: Agent<Flash, Flash, Entropy>,
    flash: Flash,
    settings: Settings,
    keys: KeyList,
    /// Seconds since 1970 when it was switched on.
    began_s: u64,
    /// The collection entity of the last job, or that of failures.
    tce_id: u8,
    idle: Idle,
    camping: Camping,
    connection: Option<Connection>,
    maker: EntryMaker,
    last_camped: Option<Serving>,
    /// What the event of the job is about.
    watched: Option<Quantity>,
    interval_ms: u32,
    now_ms: u64,
    next_look_ms: u64,
    fix: Option<(Position, u64)>,
    refused: Option<NotTaken>,
    /// Evidence of consent that came for jobs beside RRC, which has no room for it: by trace reference.
    references: HashMap<[u8; 6], Vec<u8>>,
    register_waits: bool,
    truths: Vec<Truth>,
    failures: Vec<Failure>,
}

impl MdtPhone {
    /// Switches a phone on. `keys` is its verified key list, `now_s` the time in seconds since 1970, for the validity of keys.
    ///
    /// # Errors
    /// [`LogError`] when its stores fail.
    pub fn switch_on(
        flash: &Flash,
        entropy: Entropy,
        boot: BootId,
        keys: KeyList,
        settings: Settings,
        now_s: u64,
    ) -> Result<Self, LogError> {
        let ports = (flash.clone(), flash.clone(), entropy);
        let (agent, Recovery { .. }, requests) = Agent::start(ports, settings.profile, boot, keys.clone(), 0, now_s)?;
        Ok(Self {
            agent,
            flash: flash.clone(),
            settings,
            keys,
            began_s: now_s,
            tce_id: settings.tce_id,
            idle: Idle::default(),
            camping: Camping::AnyCellSelection,
            connection: None,
            maker: EntryMaker::default(),
            last_camped: None,
            watched: None,
            interval_ms: 0,
            now_ms: 0,
            next_look_ms: 0,
            fix: None,
            refused: None,
            references: HashMap::new(),
            register_waits: requests.contains(&Request::TellRegister),
            truths: Vec::new(),
            failures: Vec::new(),
        })
    }

    /// Loses its battery and starts again, on the same clock: what its memory holds decides what it knows.
    ///
    /// # Errors
    /// [`LogError`] when its stores fail.
    pub fn reboot(&mut self, entropy: Entropy, boot: BootId) -> Result<(), LogError> {
        let ports = (self.flash.clone(), self.flash.clone(), entropy);
        let (keys, now_s) = (self.keys.clone(), self.now_s());
        let (agent, Recovery { .. }, requests) =
            Agent::start(ports, self.settings.profile, boot, keys, self.now_ms, now_s)?;
        self.agent = agent;
        self.register_waits = requests.contains(&Request::TellRegister);
        (self.connection, self.idle, self.camping) = (None, Idle::default(), Camping::AnyCellSelection);
        (self.maker, self.watched, self.fix, self.last_camped) = (EntryMaker::default(), None, None, None);
        (self.references, self.truths, self.failures) = (HashMap::new(), Vec::new(), Vec::new());
        self.next_look_ms = self.now_ms.max(1);
        Ok(())
    }

    /// Lets time pass until `to_ms`: the phone goes along `path`, looks around, logs what is due. A time that is past changes nothing.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub fn pass(&mut self, ran: &Ran, path: Path<'_>, to_ms: u64) -> Result<(), PhoneError> {
        while self.now_ms < to_ms || self.next_look_ms == 0 {
            let deadline_ms = self.agent.deadline_ms().unwrap_or(u64::MAX).max(self.now_ms);
            self.now_ms = deadline_ms.min(self.next_look_ms.max(self.now_ms)).min(to_ms.max(self.now_ms));
            let place = path(self.now_ms);
            let survey = ran.survey(place);
            self.locate(path);
            // What was due is logged as the phone camped until now; then it looks around.
            if deadline_ms <= self.now_ms {
                self.tell(Event::Tick, ran, &survey, place)?;
            }
            if self.next_look_ms <= self.now_ms {
                self.look(ran, &survey, place)?;
            }
        }
        Ok(())
    }

    /// The fix of satellites, made at whole intervals.
    fn locate(&mut self, path: Path<'_>) {
        if let Some(every_ms) = self.settings.fix_every_ms.filter(|every| *every > 0) {
            let at_ms = self.now_ms / every_ms * every_ms;
            if self.fix.is_none_or(|(_, known_ms)| known_ms < at_ms) {
                self.fix = Some((path(at_ms), at_ms));
            }
        }
    }

    fn look(&mut self, ran: &Ran, survey: &Survey, place: Position) -> Result<(), PhoneError> {
        self.next_look_ms = self.now_ms
            + match (&self.connection, self.agent.overview().phase) {
                (Some(_), _) => CONNECTED_MS,
                // A shorter interval is kept, a longer one does not matter: events are noticed all the same.
                (None, Phase::Logging) if self.interval_ms > 0 => LOGGING_MS.min(self.interval_ms.into()),
                (None, Phase::Logging) => LOGGING_MS,
                (None, _) => IDLE_MS,
            };
        if let Some(connection) = &mut self.connection {
            if let Some(LinkEvent::Failed(failure)) = connection.step(ran, survey, self.now_ms) {
                self.failed(ran, failure)?;
            }
        } else {
            self.camping = self.idle.step(ran, survey, self.now_ms);
        }
        if let Some(at) = self.serving()
            && let (Some(cell), Some(heard)) = (ran.cells().get(at), survey.of(at))
        {
            self.last_camped =
                Some(Serving { cell: written::cell_id(cell), results: written::results(ran.technology(), heard) });
        }
        let radio = self.radio(ran, survey);
        self.tell(Event::Radio(radio), ran, survey, place)
    }

    /// A connection broke: reported in LTE, and the phone is idle where it found no cell to come back to.
    fn failed(&mut self, ran: &Ran, failure: Failure) -> Result<(), PhoneError> {
        if ran.technology() == Technology::Lte {
            self.report(ran, &failure)?;
        }
        if failure.reestablished.is_none() {
            (self.connection, self.idle, self.camping) = (None, Idle::default(), Camping::AnyCellSelection);
        }
        Ok(())
    }

    fn report(&mut self, ran: &Ran, failure: &Failure) -> Result<(), PhoneError> {
        let mut content = written::failure(ran, failure, self.fix.map(|(place, _)| place))?;
        let facts = ReportFacts { content: Content::EutraUper, consent: Vec::new() };
        if self.agent.report(Kind::RadioLinkFailure, &mut content, &facts, self.settings.tce_id)?
            && self.failures.len() < MAX_TRUTHS
        {
            self.failures.push(failure.clone());
        }
        Ok(())
    }

    /// The cell that serves, by its place in [`Ran::cells`].
    #[must_use]
    pub fn serving(&self) -> Option<usize> {
        match (&self.connection, self.camping) {
            (Some(connection), _) => Some(connection.serving()),
            (None, Camping::Normally(at)) => Some(at),
            (None, Camping::AnyCellSelection) => None,
        }
    }

    /// Whether it is connected.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    /// What its modem says of where it is. The registered network stays that of the last suitable cell.
    fn radio(&self, ran: &Ran, survey: &Survey) -> Radio {
        let camping = match (&self.connection, self.camping) {
            (Some(_), _) => machine::Camping::Connected,
            (None, Camping::Normally(_)) => machine::Camping::Normally,
            (None, Camping::AnyCellSelection) => machine::Camping::AnyCellSelection,
        };
        let rat = match ran.technology() {
            Technology::Lte => Rat::Eutra,
            Technology::Nr => Rat::Nr,
        };
        let cell = self.serving().and_then(|at| ran.cells().get(at));
        let last = self.last_camped.map(|serving| serving.cell);
        let heard = self.serving().and_then(|at| survey.of(at));
        let quality_half = heard.zip(self.watched).map(|(heard, quantity)| {
            let value_db = match quantity {
                Quantity::Rsrp => heard.rsrp_dbm,
                Quantity::Rsrq => heard.rsrq_db,
                Quantity::Sinr => heard.sinr_db,
            };
            (value_db * 2.0).floor() as i16
        });
        let tracking_area = last.and_then(|last| {
            let of = ran.cells().iter().find(|of| written::cell_id(of) == last)?;
            Some(of.tac)
        });
        Radio {
            camping,
            rat,
            rplmn: last.map(|last| last.plmn),
            cell: cell.map(written::cell_id).or(last),
            tracking_area,
            quality_half,
        }
    }

    /// Gives the log an event, and does what it asks for.
    fn tell(&mut self, event: Event, ran: &Ran, survey: &Survey, place: Position) -> Result<(), PhoneError> {
        for request in self.agent.event(event, self.now_ms)? {
            match request {
                Request::Measure { relative_s, any_cell_selection } => {
                    self.log(relative_s, any_cell_selection, ran, survey, place)?;
                }
                Request::RefusedOptedOut => self.refused = Some(NotTaken::OptedOut),
                Request::RefusedUnsound => self.refused = Some(NotTaken::Unsound),
                Request::RefusedUnknownCollector => self.refused = Some(NotTaken::UnknownCollector),
                Request::TellRegister => self.register_waits = true,
            }
        }
        Ok(())
    }

    fn log(
        &mut self,
        relative_s: u16,
        any_cell_selection: bool,
        ran: &Ran,
        survey: &Survey,
        place: Position,
    ) -> Result<(), PhoneError> {
        let serving = self.serving();
        let measured = written::measure(ran, survey, serving, self.fix).map_err(WriteError::from)?;
        let entry = self.maker.entry(measured, relative_s, any_cell_selection, self.interval_ms, self.now_ms);
        let mut content = written::entry(ran.technology(), ran, &entry, self.last_camped)?;
        if self.agent.entry(&mut content, true)? && self.truths.len() < MAX_TRUTHS {
            let (at_ms, fix, survey) = (self.now_ms, self.fix, survey.clone());
            self.truths.push(Truth { at_ms, relative_s, any_cell_selection, place, fix, serving, survey });
        }
        Ok(())
    }

    /// Takes a message of the dedicated control channel that configures logging: the network reaches a phone that a cell serves.
    ///
    /// # Errors
    /// Why it was not taken; [`NotTaken::Phone`] when the phone failed.
    pub fn receive(&mut self, octets: &[u8], ran: &Ran, path: Path<'_>) -> Result<(), NotTaken> {
        let place = path(self.now_ms);
        let survey = ran.survey(place);
        self.look(ran, &survey, place)?;
        if self.serving().is_none() {
            return Err(NotTaken::NoCoverage);
        }
        let (mut configuration, watched) = configuration::read(ran.technology(), octets)?;
        let named = self.references.get(configuration.job.trace_reference.as_slice());
        configuration.consent = named.cloned().unwrap_or_default();
        let (interval_ms, tce_id) = (configuration.job.interval_ms, configuration.job.tce_id);
        self.agent.renew(self.keys.clone(), self.now_s());
        self.refused = None;
        self.tell(Event::Configure(Box::new(configuration)), ran, &survey, place)?;
        if let Some(refused) = self.refused.take() {
            return Err(refused);
        }
        (self.maker, self.watched, self.interval_ms) = (EntryMaker::default(), watched, interval_ms);
        self.truths.clear();
        self.tce_id = tce_id;
        self.next_look_ms = self.now_ms + LOGGING_MS;
        Ok(())
    }

    /// The user does something.
    ///
    /// # Errors
    /// [`LogError`]: what was to be destroyed may still be there, so it is to be tried again.
    pub fn wish(&mut self, wish: Wish) -> Result<(), LogError> {
        let event = match wish {
            Wish::Clear => Event::Clear,
            Wish::OptOut => Event::OptOut,
            Wish::OptIn => Event::OptIn,
            Wish::Pause(ms) => Event::Pause(ms),
            Wish::Resume => Event::Resume,
        };
        if matches!(wish, Wish::Clear | Wish::OptOut) {
            (self.maker, self.truths, self.failures) = (EntryMaker::default(), Vec::new(), Vec::new());
        }
        let requests = self.agent.event(event, self.now_ms)?;
        self.register_waits |= requests.contains(&Request::TellRegister);
        Ok(())
    }

    /// The phone deregisters: neither job nor log stays (TS 38.331 clause 5.5a.2.2).
    ///
    /// # Errors
    /// As [`MdtPhone::wish`].
    pub fn detach(&mut self) -> Result<(), LogError> {
        (self.truths, self.failures, self.connection) = (Vec::new(), Vec::new(), None);
        self.agent.event(Event::Detach, self.now_ms).map(drop)
    }

    /// Takes evidence of consent to a job, PLMN and trace id in six octets, which its log brings back.
    pub fn refer(&mut self, job: [u8; 6], reference: Vec<u8>) {
        self.references.insert(job, reference);
    }

    /// What the register is told an opt-out by; `None` where no job ever brought one.
    #[must_use]
    pub fn consent_reference(&self) -> Option<&[u8]> {
        self.agent.consent_reference()
    }

    /// The register knows about the opt-out.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn register_told(&mut self) -> Result<(), LogError> {
        self.register_waits = false;
        self.agent.event(Event::RegisterTold, self.now_ms).map(drop)
    }

    /// Whether the register must still hear of an opt-out.
    #[must_use]
    pub fn register_waits(&self) -> bool {
        self.register_waits
    }

    /// A connection begins where the phone camps; says whether it did.
    pub fn connect(&mut self) -> bool {
        let Camping::Normally(at) = self.camping else { return false };
        if self.connection.is_none() {
            (self.connection, self.next_look_ms) = (Some(Connection::on(at)), self.now_ms.max(1));
        }
        true
    }

    /// The connection ends; the phone camps where it was.
    pub fn release(&mut self) {
        if let Some(connection) = self.connection.take() {
            let at = connection.serving();
            (self.idle, self.camping, self.next_look_ms) =
                (Idle::on(Some(at)), Camping::Normally(at), self.now_ms.max(1));
        }
    }

    /// A newer key list, verified.
    pub fn trust(&mut self, keys: KeyList) {
        self.keys = keys;
        self.agent.renew(self.keys.clone(), self.now_s());
    }

    /// Seconds since 1970, for the validity of keys.
    fn now_s(&self) -> u64 {
        self.began_s.saturating_add(self.now_ms / 1000)
    }

    /// What may be shown to the user.
    #[must_use]
    pub fn overview(&self) -> Overview {
        self.agent.overview()
    }

    /// Its clock, ms since it was switched on.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// The registered network.
    #[must_use]
    pub fn registered(&self) -> Option<machine::Plmn> {
        self.last_camped.map(|serving| serving.cell.plmn)
    }

    /// What was true at each entry since the job began or the user cleared; the lab's alone.
    #[must_use]
    pub fn truths(&self) -> &[Truth] {
        &self.truths
    }

    /// The failures that were reported; the lab's alone.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// Its memory.
    #[must_use]
    pub fn flash(&self) -> &Flash {
        &self.flash
    }
}

#[cfg(test)]
mod tests;
