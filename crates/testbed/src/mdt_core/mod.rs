//! The core network's part in MDT: the HSS says who consented and begins jobs, the MME refuses alone, the radio network tells phones.
//!
//! ```text
//!   job of a subscriber ─▶ hss ── S6a Insert-Subscriber-Data: MDT-User-Consent, Trace-Data ──▶ mme ─▶ radio ── RRC octets ──▶ MdtPhone
//!   job of an area ──────────────────────────────────────────────────────────────────────────────▲ asks the MME about each phone
//! ```
//!
//! HSS and MMEs speak Diameter over sockets of their own on loopback, apart from those of SLh and SLg, so that gateways see nothing of it. An
//! MME decides by what it holds itself, whatever planner and home network decided before (TS 32.422 clause 4.9.1).

mod handsets;
mod hss;
mod mme;
mod radio;

use crate::{
    mdt_phone::{MdtPhone, NotReceived, plmn_octets, plmn_of},
    mdt_upload::{UploadError, Uploader},
    network::Shared,
    ran::{Ran, RanError, Survey, plmn},
    scenario::Scenario,
    wire,
};
use handsets::Handsets;
use lcs::{Imsi, Timestamp, gad::Position};
use mdt::{
    job::{JobError, TraceJob},
    rrc::{AbsoluteTime, Plmn},
};
use mdt_log::{KeyList, log::LogError};
use parking_lot::{Mutex, RwLock};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, atomic::AtomicU16},
    time::Duration,
};
use transport::{Node, RequestError};

/// Octets of a log that go to its collector in one request.
const PIECE: usize = 32 << 10;

/// What became of a job for one phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JobOutcome {
    /// The phone logs.
    Taken,
    /// Refused by the home network: it holds no consent.
    HomeNoConsent,
    /// Refused by the home network: the consent holds in none of the networks of the job.
    HomeNotAllowed,
    /// Refused by the MME: it holds no consent.
    NoConsent,
    /// Refused by the MME: the registered network is not one that the job allows.
    NotAllowedHere,
    /// Refused by the MME: it is no job of logged MDT, or lacks interval or duration.
    NotLoggedMdt,
    /// No MME serves the phone.
    NotServed,
    /// The radio network has no number for the address of the collection entity.
    UnknownCollector,
    /// The phone is outside of the area.
    OutsideArea,
    /// A job of the subscriber's own runs, which one of an area must not replace (TS 37.320 clause 5.1.3).
    SignallingJobRuns,
    /// The phone has no coverage.
    NoCoverage,
    /// Refused by the phone: its user opted out.
    OptedOut,
    /// Refused by the phone: it knows no key of the collection entity.
    NoKey,
    /// Refused by the phone: it cannot read it, or a value is out of its range.
    Unsound,
    /// The phone failed.
    PhoneFailed,
}

/// Why nothing became of a job or a change.
#[derive(Debug, thiserror::Error)]
pub enum MdtError {
    /// There is no such subscriber.
    #[error("no subscriber of this label or identity has a phone with MDT")]
    NoSubscriber,
    /// The job breaks a rule.
    #[error("the job cannot be told to a phone of this network: {0}")]
    Job(#[from] JobError),
    /// The interface has no words for it.
    #[error("S6a has no AVP for {0}; give a job of an area")]
    Untold(&'static str),
    /// The MME did not answer as it should.
    #[error("the MME did not take the subscriber's data: {0}")]
    Mme(#[from] RequestError),
    /// The MME refused the data.
    #[error("the MME answered the subscriber's data with result {0}")]
    Refused(u32),
    /// A phone failed.
    #[error("the phone failed: {0}")]
    Phone(#[from] LogError),
    /// The time of a job cannot be told.
    #[error("the work on the phones was cut off")]
    CutOff,
}

/// Why a log did not go to its collector.
#[derive(Debug, thiserror::Error)]
pub enum LogUploadError {
    /// The phone.
    #[error(transparent)]
    Phone(#[from] MdtError),
    /// The collector, or the way there.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// The receipt.
    #[error(transparent)]
    Receipt(#[from] NotReceived),
}

/// Why this part of a network did not start.
#[derive(Debug, thiserror::Error)]
pub enum MdtStartError {
    /// The radio network.
    #[error(transparent)]
    Ran(#[from] RanError),
    /// The realm names no network.
    #[error("the realm of [network] names no network as mncNNN.mccNNN")]
    Realm,
    /// A phone.
    #[error("phone of `{0}`: {1}")]
    Phone(String, LogError),
    /// Random octets.
    #[error("the system gives no random octets")]
    Entropy,
    /// A node of S6a.
    #[error("S6a of {0}: {1}")]
    Node(String, transport::StartError),
    /// The nodes of S6a did not meet.
    #[error("HSS and MMEs did not connect over S6a")]
    NotConnected,
    /// A consent could not be told at the start.
    #[error("consent of `{0}`: {1}")]
    Consent(String, MdtError),
}

/// What the home network holds of a subscriber.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Held {
    consent: bool,
    plmns: Vec<[u8; 3]>,
}

/// State of the core and of the phones.
pub(crate) struct MdtCore {
    ran: Ran,
    /// Numbers of collection entities, as the radio network is configured (TS 32.422 clause 5.10.11).
    collectors: Vec<(u8, IpAddr)>,
    handsets: Handsets,
    /// At home: by label.
    home: Mutex<HashMap<String, Held>>,
    /// At each MME, by its name: what it was told of consent.
    visited: Mutex<HashMap<String, HashMap<Imsi, diameter::s6a::MdtUserConsent>>>,
    /// What MMEs made of the last job of each subscriber.
    outcomes: Mutex<HashMap<Imsi, JobOutcome>>,
    /// One job of a subscriber at a time.
    one_job: tokio::sync::Mutex<()>,
    sessions: AtomicU16,
    /// Seconds since 1970 when the phones' clock began.
    started_s: u64,
    /// HSS by operator; and MMEs, to be ended.
    nodes: RwLock<(HashMap<String, Node>, Vec<Node>)>,
    task: Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl MdtCore {
    /// The core of a scenario with a radio network.
    pub(crate) fn new(scenario: &Scenario) -> Result<Option<Self>, MdtStartError> {
        let Some(spec) = &scenario.ran else { return Ok(None) };
        let own = plmn_of(wire::plmn(&scenario.network.realm)).ok_or(MdtStartError::Realm)?;
        let ran = Ran::new(spec, own)?;
        let started_s = crate::network::now_us() / 1_000_000;
        let home = scenario.subscribers.iter().filter_map(|subscriber| {
            let mdt = subscriber.mdt.as_ref()?;
            let operator = scenario.operator(subscriber.operator.as_deref())?;
            let plmns: Vec<[u8; 3]> = mdt.plmns.iter().filter_map(|text| plmn(text).map(plmn_octets)).collect();
            let plmns = if plmns.is_empty() { vec![wire::plmn(operator.realm)] } else { plmns };
            Some((subscriber.label.clone(), Held { consent: mdt.consent, plmns }))
        });
        Ok(Some(Self {
            handsets: Handsets::new(scenario, started_s)?,
            collectors: spec.collectors.iter().map(|of| (of.id, of.address)).collect(),
            home: Mutex::new(home.collect()),
            ran,
            visited: Mutex::default(),
            outcomes: Mutex::default(),
            one_job: tokio::sync::Mutex::default(),
            sessions: AtomicU16::new(1),
            started_s,
            nodes: RwLock::default(),
            task: Mutex::default(),
        }))
    }

    /// Seconds since 1970 on the phones' clock.
    fn now_s(&self, elapsed: Duration) -> u64 {
        self.started_s.saturating_add(elapsed.as_secs())
    }

    fn absolute_time(&self, elapsed: Duration) -> AbsoluteTime {
        AbsoluteTime::from_timestamp(Timestamp::from_secs(self.now_s(elapsed)))
    }
}

/// Starts S6a, tells MMEs who consented, and lets the phones go by the clock.
pub(crate) async fn start(shared: &Arc<Shared>, scenario: &Scenario) -> Result<(), MdtStartError> {
    let Some(core) = &shared.mdt else { return Ok(()) };
    let nodes = hss::start(shared, scenario).await?;
    *core.nodes.write() = nodes;
    for phone in shared.phones.all().filter(|phone| core.handsets.has(&phone.label)) {
        hss::tell(shared, phone).await.map_err(|error| MdtStartError::Consent(phone.label.clone(), error))?;
    }
    let of_task = Arc::clone(shared);
    *core.task.lock() = Some(tokio::spawn(async move { handsets::go_on(of_task).await }));
    Ok(())
}

/// Ends S6a and the phones.
pub(crate) async fn stop(shared: &Shared) {
    let Some(core) = &shared.mdt else { return };
    if let Some(task) = core.task.lock().take() {
        task.abort();
    }
    let (homes, others) = std::mem::take(&mut *core.nodes.write());
    for node in homes.into_values().chain(others) {
        node.shutdown(diameter::base::DisconnectCause::REBOOTING).await;
    }
}

/// MDT in a running network.
#[derive(Clone)]
pub struct Mdt {
    shared: Arc<Shared>,
}

impl Mdt {
    /// That of a network with a radio network.
    pub(crate) fn of(shared: &Arc<Shared>) -> Option<Self> {
        shared.mdt.is_some().then(|| Self { shared: Arc::clone(shared) })
    }

    fn core(&self) -> Result<&MdtCore, MdtError> {
        self.shared.mdt.as_ref().ok_or(MdtError::NoSubscriber)
    }

    /// All phones take this list of keys of collection entities, which the caller has verified.
    ///
    /// # Errors
    /// [`MdtError::NoSubscriber`] without a radio network.
    pub fn trust(&self, keys: &KeyList) -> Result<(), MdtError> {
        self.core()?.handsets.trust(keys);
        Ok(())
    }

    /// The home network learns whether a subscriber consents to MDT and in which networks, and tells the MME that serves.
    ///
    /// # Errors
    /// [`MdtError`].
    pub async fn consent(&self, name: &str, consent: bool, plmns: Option<Vec<Plmn>>) -> Result<(), MdtError> {
        let phone = self.shared.phones.named(name).ok_or(MdtError::NoSubscriber)?;
        {
            let mut home = self.core()?.home.lock();
            let held = home.get_mut(&phone.label).ok_or(MdtError::NoSubscriber)?;
            held.consent = consent;
            if let Some(plmns) = plmns {
                held.plmns = plmns.into_iter().map(plmn_octets).collect();
            }
        }
        hss::tell(&self.shared, phone).await
    }

    /// Tells the MME that serves now what the home network holds: after the subscriber went to another one.
    ///
    /// # Errors
    /// [`MdtError`].
    pub async fn attach(&self, name: &str) -> Result<(), MdtError> {
        let phone = self.shared.phones.named(name).ok_or(MdtError::NoSubscriber)?;
        if self.core()?.handsets.has(&phone.label) { hss::tell(&self.shared, phone).await } else { Ok(()) }
    }

    /// Gives a job to its subscriber, or to the phones of its area, and says by label what became of it. `home_check` is whether the home
    /// network looks at the consent; a faulty one does not.
    ///
    /// # Errors
    /// [`MdtError`].
    pub async fn job(&self, job: &TraceJob, home_check: bool) -> Result<Vec<(String, JobOutcome)>, MdtError> {
        match job.subscriber() {
            Some(subscriber) => {
                let mdt::job::Subscriber::Imsi(imsi) = subscriber else { return Err(MdtError::NoSubscriber) };
                let phone = self.shared.phones.with_imsi(*imsi).ok_or(MdtError::NoSubscriber)?;
                let outcome = hss::begin(&self.shared, phone, job, home_check).await?;
                Ok(vec![(phone.label.clone(), outcome)])
            }
            None => radio::area_job(&self.shared, job).await,
        }
    }

    /// A phone gets the evidence of consent to a job that its log will bring back: beside RRC, which has no room for it. `job` is PLMN and
    /// trace id in six octets.
    ///
    /// # Errors
    /// [`MdtError`].
    pub async fn refer(&self, name: &str, job: [u8; 6], reference: Vec<u8>) -> Result<(), MdtError> {
        self.phone(name, move |phone, _| phone.refer(job, reference)).await
    }

    /// A phone is switched off and on again: neither job nor log stays, what its user decided does.
    ///
    /// # Errors
    /// [`MdtError`].
    pub async fn reboot(&self, name: &str) -> Result<(), MdtError> {
        let phone = Arc::clone(self.shared.phones.named(name).ok_or(MdtError::NoSubscriber)?);
        handsets::with(&self.shared, phone, |handset, _| handset.reboot()).await??;
        Ok(())
    }

    /// Tells the register of an opt-out, if it must still hear of one and the phone has something to tell it by. Says whether nothing
    /// waits any more.
    ///
    /// # Errors
    /// No answer came, or another than that it is done: the phone says it again at the next contact.
    pub async fn tell_register(&self, name: &str, to: &Uploader) -> Result<bool, LogUploadError> {
        let told_by = |phone: &mut MdtPhone, _: &Ran| {
            let reference = phone.consent_reference().map(<[u8]>::to_vec);
            phone.register_waits().then_some(reference)
        };
        let reference = match self.phone(name, told_by).await? {
            None => return Ok(true),
            Some(None) => return Ok(false),
            Some(Some(reference)) => reference,
        };
        let answer = to.opt_out(&reference).await?;
        if !answer.status.is_success() {
            let told = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(UploadError::Refused(answer.status, told).into());
        }
        self.phone(name, |phone, _| phone.register_told()).await?.map_err(MdtError::from)?;
        Ok(true)
    }

    /// Brings up what a phone offers, and has it delete what the receipts name. How many segments and reports went. An opt-out that the
    /// register does not know of goes first.
    ///
    /// # Errors
    /// The first that did not come up; it and those after it stay on the phone.
    pub async fn upload(&self, name: &str, to: &Uploader) -> Result<usize, LogUploadError> {
        self.tell_register(name, to).await?;
        let offered = self.phone(name, |phone, _| phone.offer()).await?.map_err(MdtError::from)?;
        for of in &offered {
            let receipt = to.upload(of.segment, &of.octets, &of.unlock, PIECE).await?;
            self.phone(name, move |phone, _| phone.receipt(&receipt)).await??;
        }
        Ok(offered.len())
    }

    /// What every cell is like at a place: the truth that maps are compared with.
    ///
    /// # Errors
    /// [`MdtError::NoSubscriber`] without a radio network.
    pub fn with_survey<R>(&self, place: Position, with: impl FnOnce(&Survey, &Ran) -> R) -> Result<R, MdtError> {
        let ran = &self.core()?.ran;
        Ok(with(&ran.survey(place), ran))
    }

    /// Looks at a phone, or does something with it, once it went on to the present.
    ///
    /// # Errors
    /// [`MdtError::NoSubscriber`], [`MdtError::CutOff`].
    pub async fn phone<R: Send + 'static>(
        &self,
        name: &str,
        with: impl FnOnce(&mut MdtPhone, &Ran) -> R + Send + 'static,
    ) -> Result<R, MdtError> {
        let phone = Arc::clone(self.shared.phones.named(name).ok_or(MdtError::NoSubscriber)?);
        handsets::with(&self.shared, phone, move |handset, core| with(&mut handset.phone, &core.ran)).await
    }
}

impl core::fmt::Debug for Mdt {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Mdt")
    }
}
