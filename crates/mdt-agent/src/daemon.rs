//! The daemon: one task that owns the station, and turns what happens into calls of it.

use crate::clock::{Clock, boot};
use crate::collector::{Collector, CollectorError};
use crate::config::{Config, ConfigError, FailuresConfig, SourceConfig};
use crate::control::{self, Answer, Asked, Request, Verb};
use crate::files::{Claim, KeyFile, LogFiles, own_folder, read};
use crate::job::{Job, consent_reference};
use crate::keys;
use crate::source::{Modem, Pace, Replay, ReplayError, Sighting, Source};
use crate::station::{Errand, NotTaken, Outcome, ReportsTo, Station, StationError, Wish};
use mdt_log::machine::Phase;
use mdt_log::rand_core::TryRng as _;
use std::io;
use std::path::Path;
use std::time::Duration;
use thiserror::Error;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

/// Longest sleep: timers stand still while the machine sleeps, and 48 hours must not become more by that.
const NAP: Duration = Duration::from_secs(30);

/// The daemon cannot begin, or not go on.
#[derive(Debug, Error)]
pub enum DaemonError {
    /// Its configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Files, socket, signals.
    #[error("{what}: {error}")]
    System {
        /// What was wanted.
        what: &'static str,
        /// Why not.
        error: io::Error,
    },
    /// Its log.
    #[error(transparent)]
    Station(#[from] StationError),
    /// Its source.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// Its way to the collector.
    #[error(transparent)]
    Collector(#[from] CollectorError),
}

fn system(what: &'static str) -> impl FnOnce(io::Error) -> DaemonError {
    move |error| DaemonError::System { what, error }
}

/// What a call at the collector came to, with what was asked.
type Done = (Errand, Result<Outcome, CollectorError>);

struct Daemon {
    config: Config,
    clock: Clock,
    station: Station<LogFiles, KeyFile>,
    source: Source,
    collector: Collector,
    /// Version of the key list that was read last.
    key_list: Option<u64>,
    job: Option<Job>,
    /// Whether the job is still to be taken, once the modem is registered.
    waits_for_job: bool,
    transfer: Option<JoinHandle<Done>>,
    /// When to go to the collector again, and how long to wait after the next failure, s.
    next_errand_ms: u64,
    wait_s: u64,
    was_logging: bool,
    source_failed: bool,
    /// Until when nothing is looked at, after a store failed.
    rest_ms: u64,
}

/// Runs until SIGTERM or SIGINT. SIGHUP reads job, consent and key list anew.
///
/// # Errors
/// [`DaemonError`].
pub async fn run(config: Config) -> Result<(), DaemonError> {
    let clock = Clock::default();
    own_folder(&config.state.dir).map_err(system("state.dir"))?;
    own_folder(&config.state.keys_dir).map_err(system("state.keys_dir"))?;
    let _claim = Claim::of(&config.state.dir).map_err(system("state.dir"))?;
    let listener = control::listen(&config.control.socket).map_err(system("control.socket"))?;
    let collector = Collector::new(&config.collector)?;
    let source = source(&config, &clock)?;
    let ports = (
        LogFiles::new(&config.state.dir.join("log")).map_err(system("state.dir"))?,
        KeyFile::new(&config.state.keys_dir).map_err(system("state.keys_dir"))?,
    );
    let folders = (config.state.dir.as_path(), config.state.keys_dir.as_path());
    let (profile, flush_s) = (config.state.size.profile(), config.state.flush_s);
    let station = Station::start(ports, folders, profile, boot(), keys::none(), clock.clone(), flush_s)?;
    let wait_s = config.collector.retry_first_s;
    let mut daemon = Daemon {
        config,
        clock,
        station,
        source,
        collector,
        key_list: None,
        job: None,
        waits_for_job: false,
        transfer: None,
        next_errand_ms: 0,
        wait_s,
        was_logging: false,
        source_failed: false,
        rest_ms: 0,
    };
    daemon.next_errand_ms = daemon.after_interval_ms();
    daemon.reload();
    // What is owed from before goes first.
    if daemon.station.errand(false)?.is_some() {
        daemon.next_errand_ms = daemon.clock.now_ms();
    }
    let (to, requests) = mpsc::channel(8);
    let server = tokio::spawn(control::serve(listener, to));
    let ended = daemon.work(requests).await;
    server.abort();
    daemon.station.flush()?;
    std::fs::remove_file(&daemon.config.control.socket).map_err(system("control.socket"))?;
    tracing::info!("stopped");
    ended
}

fn source(config: &Config, clock: &Clock) -> Result<Source, DaemonError> {
    match &config.source {
        SourceConfig::Modem(modem) => {
            let poll_ms = modem.poll_s.saturating_mul(1000);
            Ok(Source::Modem(Box::new(Modem::new(&modem.bus, modem.device.as_deref(), poll_ms))))
        }
        SourceConfig::Replay(replay) => {
            let now_ms = clock.now_ms();
            let played = Replay::open(&replay.file, replay.pace, now_ms)?;
            if played.pace() == Pace::AtOnce {
                clock.hold(played.start_ms());
            }
            Ok(Source::Replay(Box::new(played)))
        }
    }
}

impl Daemon {
    /// Reads job, consent and key list. What is not taken leaves what there was.
    fn reload(&mut self) {
        self.renew_keys();
        // Where it cannot be read whose consent it would be, nothing is reported.
        let (to, unread) = match self.read_reports_to() {
            Ok(to) => (to, None),
            Err(error) => (None, Some(error)),
        };
        let noted = self.station.report_to(to).map_err(|error| error.to_string());
        if let Some(error) = unread.or(noted.err()) {
            tracing::error!(error, "failures are not reported");
        }
        match self.read_job() {
            Ok(job) => {
                (self.job, self.waits_for_job) = (Some(job), true);
            }
            Err(error) => tracing::error!(error, "the job is not taken"),
        }
    }

    /// Reads the key list, which the operator puts a newer one in the place of.
    fn renew_keys(&mut self) {
        let keys = &self.config.keys;
        let seen = self.config.state.dir.join("key-list-version");
        let roots = keys.roots().unwrap_or_default();
        match keys::take(&keys.list_file, &roots, &seen, self.clock.now_s()) {
            Ok(list) => {
                if self.key_list != Some(list.version) {
                    tracing::info!(version = list.version, "the key list is taken");
                }
                self.key_list = Some(list.version);
                self.station.renew(list);
            }
            Err(error) => {
                // Once, not for each attempt to reach the collector.
                if self.key_list.take().is_some() || self.job.is_none() {
                    tracing::error!(%error, "the key list is not taken");
                }
            }
        }
    }

    fn read_reports_to(&self) -> Result<Option<ReportsTo>, String> {
        let Some(FailuresConfig { tce_id, consent_file }) = &self.config.failures else { return Ok(None) };
        let consent = match consent_file {
            None => Vec::new(),
            Some(path) => consent_reference(&file(path)?).map_err(|error| error.to_string())?,
        };
        Ok(Some(ReportsTo { tce_id: *tce_id, consent }))
    }

    fn read_job(&self) -> Result<Job, String> {
        let text = file(&self.config.job.file)?;
        let consent = self.config.job.consent_file.as_deref().map(file).transpose()?;
        Job::read(&text, consent.as_ref().map(|consent| consent.as_slice())).map_err(|error| error.to_string())
    }

    async fn work(&mut self, mut requests: mpsc::Receiver<Asked>) -> Result<(), DaemonError> {
        let handler = |kind| signal(kind).map_err(system("signals"));
        let (mut term, mut int) = (handler(SignalKind::terminate())?, handler(SignalKind::interrupt())?);
        let mut hup = handler(SignalKind::hangup())?;
        tracing::info!("ready");
        loop {
            let wake_ms = self.wake_ms();
            tokio::select! {
                biased;
                _ = term.recv() => return Ok(()),
                _ = int.recv() => return Ok(()),
                _ = hup.recv() => self.reload(),
                Some((request, answer)) = requests.recv() => {
                    // Who asked may be gone; it is done all the same.
                    if answer.send(self.asked(request)).is_err() {
                        tracing::debug!("a caller went before its answer");
                    }
                }
                done = finished(&mut self.transfer) => self.came_back(done),
                () = until(&self.clock, wake_ms) => self.turn(wake_ms).await,
            }
            self.send();
        }
    }

    /// When there is something to do at the latest.
    fn wake_ms(&self) -> u64 {
        let errand = (self.transfer.is_none() && !self.clock.is_held()).then_some(self.next_errand_ms);
        let due = [self.station.deadline_ms(), self.source.next_ms(), errand].into_iter().flatten().min();
        due.unwrap_or(u64::MAX).max(self.rest_ms)
    }

    /// Looks at the source if anything is to be seen now; lets time pass.
    async fn turn(&mut self, wake_ms: u64) {
        if self.clock.is_held() {
            self.clock.hold(wake_ms.max(self.clock.now_ms()));
            if self.source.next_ms().is_none() {
                // Played to its end, which is now.
                self.clock.release();
            }
        }
        let now_ms = self.clock.now_ms();
        if let Err(error) = self.station.finish() {
            tracing::error!(%error, "a clear or an opt-out is not finished");
        }
        if let Err(error) = self.station.flush_if_due() {
            tracing::error!(%error, "what was logged is not durable yet");
        }
        let due = |at: Option<u64>| at.is_some_and(|at| at <= now_ms);
        if due(self.station.deadline_ms()) || due(self.source.next_ms()) {
            let sighting = self.sight(now_ms).await;
            self.saw(&sighting);
        }
    }

    async fn sight(&mut self, now_ms: u64) -> Sighting {
        match self.source.see(now_ms).await {
            Ok(sighting) => {
                self.source_failed = false;
                sighting
            }
            Err(error) => {
                // Once for each failure, not for each look.
                if !std::mem::replace(&mut self.source_failed, true) {
                    tracing::warn!(%error, "nothing is seen");
                }
                Sighting::nothing()
            }
        }
    }

    fn saw(&mut self, sighting: &Sighting) {
        if let Err(error) = self.station.see(sighting) {
            tracing::error!(%error, "what was seen is not logged");
            self.rest_ms = self.clock.now_ms().saturating_add(1000);
        }
        if let Some(job) = self.job.as_ref().filter(|_| self.waits_for_job) {
            match self.station.take(job, sighting) {
                Ok(()) => {
                    self.waits_for_job = false;
                    self.next_errand_ms = self.after_interval_ms();
                    tracing::info!(job = job.name(), "the job is taken");
                }
                Err(NotTaken::NotYet) => {}
                Err(error) => {
                    self.waits_for_job = false;
                    tracing::info!(job = job.name(), %error, "the job is not taken");
                }
            }
        }
        let logging = self.station.phase() == Phase::Logging;
        if std::mem::replace(&mut self.was_logging, logging) && !logging {
            // The job is over: its log goes at once.
            self.next_errand_ms = self.clock.now_ms();
        }
    }

    fn asked(&mut self, request: Request) -> Answer {
        let wish = match request.verb {
            Verb::Status => None,
            Verb::Pause => request.for_s.map(|seconds| Wish::Pause(seconds.saturating_mul(1000))),
            Verb::Resume => Some(Wish::Resume),
            Verb::OptOut => Some(Wish::OptOut),
            Verb::Clear => Some(Wish::Clear),
        };
        let done = match wish {
            Some(wish) => self.station.wish(wish),
            None => self.station.pass(),
        };
        if matches!(wish, Some(Wish::OptOut | Wish::Clear)) {
            (self.next_errand_ms, self.wait_s) = (self.clock.now_ms(), self.config.collector.retry_first_s);
        }
        let status = Some(self.station.status());
        match done {
            Ok(()) => Answer { ok: true, status, error: None, verbs: None },
            Err(error) => {
                tracing::error!(%error, "what was asked for is not done");
                let error =
                    Some("not done yet: a store of the agent failed; a clear or an opt-out is tried again by itself");
                Answer { ok: false, status, error, verbs: None }
            }
        }
    }

    /// Goes to the collector if it is time and there is something to tell.
    fn send(&mut self) {
        if self.transfer.is_some() || self.clock.is_held() || self.clock.now_ms() < self.next_errand_ms {
            return;
        }
        self.renew_keys();
        match self.station.errand(true) {
            Ok(Some(errand)) => {
                let collector = self.collector.clone();
                self.transfer = Some(tokio::spawn(async move {
                    let outcome = collector.run(&errand).await;
                    (errand, outcome)
                }));
            }
            Ok(None) => {
                self.next_errand_ms = self.after_interval_ms();
            }
            Err(error) => {
                tracing::error!(%error, "nothing can be brought to the collector");
                self.wait(None);
            }
        }
    }

    fn came_back(&mut self, done: Result<Done, tokio::task::JoinError>) {
        self.transfer = None;
        let (errand, outcome) = match done {
            Ok(done) => done,
            Err(error) => {
                tracing::error!(%error, "an upload ended by itself");
                return self.wait(None);
            }
        };
        match outcome {
            Ok(outcome) => match self.station.settle(&errand, &outcome) {
                Ok(()) => {
                    self.wait_s = self.config.collector.retry_first_s;
                    self.next_errand_ms = self.clock.now_ms();
                    tracing::info!("the collector has it");
                }
                Err(error) => {
                    tracing::error!(%error, "what the collector answered changes nothing");
                    self.wait(None);
                }
            },
            Err(error) => {
                tracing::warn!(%error, "the collector does not have it");
                let retry_after_s = match error {
                    CollectorError::Answer { retry_after_s, .. } => retry_after_s,
                    _ => None,
                };
                self.wait(retry_after_s);
            }
        }
    }

    /// When the collector is gone to next, unless something brings it forward.
    fn after_interval_ms(&self) -> u64 {
        self.clock.now_ms().saturating_add(self.config.collector.every_s.saturating_mul(1000))
    }

    /// Puts the next attempt off: twice as long each time, a part of it by chance, so that routers do not come all at once.
    fn wait(&mut self, retry_after_s: Option<u64>) {
        let longest_s = self.config.collector.retry_longest_s;
        let wait_ms = retry_after_s.unwrap_or(self.wait_s).clamp(self.wait_s, longest_s).saturating_mul(1000);
        let chance = u64::from(getrandom::SysRng.try_next_u32().unwrap_or_default());
        let wait_ms = wait_ms / 2 + chance % (wait_ms / 2 + 1);
        self.next_errand_ms = self.clock.now_ms().saturating_add(wait_ms);
        self.wait_s = self.wait_s.saturating_mul(2).min(longest_s);
    }
}

fn file(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    read(path).map_err(|error| format!("{}: {error}", path.display()))
}

async fn finished(transfer: &mut Option<JoinHandle<Done>>) -> Result<Done, tokio::task::JoinError> {
    match transfer {
        Some(transfer) => transfer.await,
        None => std::future::pending().await,
    }
}

/// Until a time, or for a nap; at once under a clock that is moved by hand.
async fn until(clock: &Clock, at_ms: u64) {
    if clock.is_held() {
        return tokio::task::yield_now().await;
    }
    let rest = Duration::from_millis(at_ms.saturating_sub(clock.now_ms()));
    tokio::time::sleep(rest.min(NAP)).await;
}
