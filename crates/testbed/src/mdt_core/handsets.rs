//! The phones of the scenario with MDT, and how they go on with the clock.

use super::{JobOutcome, MdtCore, MdtError, MdtStartError, radio::Told};
use crate::{
    mdt_phone::{Entropy, Flash, MdtPhone, NotTaken, Settings, Wish},
    network::Shared,
    phones::Phone,
    scenario::{Scenario, SubscriberMdtSpec, SubscriberSpec},
};
use lcs::gad::Position;
use mdt_log::{BootId, KeyList, log::Profile};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc, time::Duration};

/// How often phones go on by themselves, on their own clock.
const STEP: Duration = Duration::from_secs(5);

/// A phone, and what the radio network remembers of it.
pub(super) struct Handset {
    pub(super) phone: MdtPhone,
    /// Until when a job of the subscriber's own runs, ms.
    signalling_until_ms: u64,
}

impl Handset {
    /// Off and on again.
    pub(super) fn reboot(&mut self) -> Result<(), MdtError> {
        let (entropy, boot) = chance().ok_or(MdtError::CutOff)?;
        self.phone.reboot(entropy, boot)?;
        self.signalling_until_ms = 0;
        Ok(())
    }
}

/// All of them, by label.
pub(super) struct Handsets(HashMap<String, Mutex<Handset>>);

/// Before a collector was made known.
pub(super) fn no_keys() -> KeyList {
    KeyList { version: 0, issued_s: 0, expires_s: 0, keys: Vec::new(), receipts: Vec::new() }
}

impl Handsets {
    pub(super) fn new(scenario: &Scenario, now_s: u64) -> Result<Self, MdtStartError> {
        let with_mdt = scenario.subscribers.iter().filter_map(|of| Some((of, of.mdt.as_ref()?)));
        let handsets = with_mdt.map(|(of, mdt)| Ok((of.label.clone(), Mutex::new(handset(of, mdt, now_s)?))));
        handsets.collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn has(&self, label: &str) -> bool {
        self.0.contains_key(label)
    }

    /// All phones take the key list.
    pub(super) fn trust(&self, keys: &KeyList) {
        for handset in self.0.values() {
            handset.lock().phone.trust(keys.clone());
        }
    }
}

/// Random octets of a phone, and the name of a boot; `None` where the system has none.
fn chance() -> Option<(Entropy, BootId)> {
    let (mut seed, mut boot) = ([0; 32], [0; 16]);
    aws_lc_rs::rand::fill(&mut seed).ok()?;
    aws_lc_rs::rand::fill(&mut boot).ok()?;
    Some((Entropy::new(seed), BootId(boot)))
}

fn handset(of: &SubscriberSpec, mdt: &SubscriberMdtSpec, now_s: u64) -> Result<Handset, MdtStartError> {
    let (entropy, boot) = chance().ok_or(MdtStartError::Entropy)?;
    let settings = Settings {
        fix_every_ms: mdt.fix_every_s.map(|every_s| u64::from(every_s) * 1000),
        profile: if mdt.small_memory { Profile::REDUCED } else { Profile::STANDARD },
        ..Settings::default()
    };
    let failed = |error| MdtStartError::Phone(of.label.clone(), error);
    let mut phone =
        MdtPhone::switch_on(&Flash::default(), entropy, boot, no_keys(), settings, now_s).map_err(failed)?;
    if mdt.opted_out {
        phone.wish(Wish::OptOut).map_err(failed)?;
    }
    Ok(Handset { phone, signalling_until_ms: 0 })
}

fn millis(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

/// Where a phone is, ms after the start of the network.
fn path(spec: SubscriberSpec) -> impl Fn(u64) -> Position {
    move |at_ms| {
        let place = spec.place_after(Duration::from_millis(at_ms));
        Position { lat_deg: place.latitude, lon_deg: place.longitude }
    }
}

/// Does something with a phone, once it went on to the present; on a thread of its own, as hours of a phone are much work.
pub(super) async fn with<R: Send + 'static>(
    shared: &Arc<Shared>,
    phone: Arc<Phone>,
    how: impl FnOnce(&mut Handset, &MdtCore) -> R + Send + 'static,
) -> Result<R, MdtError> {
    let shared = Arc::clone(shared);
    let done = tokio::task::spawn_blocking(move || {
        let core = shared.mdt.as_ref()?;
        let mut handset = core.handsets.0.get(&phone.label)?.lock();
        catch_up(core, &mut handset, &phone, shared.phones.clock().now());
        Some(how(&mut handset, core))
    });
    done.await.map_err(|_| MdtError::CutOff)?.ok_or(MdtError::NoSubscriber)
}

fn catch_up(core: &MdtCore, handset: &mut Handset, phone: &Phone, now: Duration) {
    if let Err(error) = handset.phone.pass(&core.ran, &path(phone.now()), millis(now)) {
        tracing::error!(subscriber = %phone.label, %error, "a phone could not go on with its log");
    }
}

/// A message of the radio network that configures logging arrives at a phone, or does not. It is one of a subscriber's own job or of an area.
pub(super) fn deliver(core: &MdtCore, handset: &mut Handset, phone: &Phone, told: Told) -> JobOutcome {
    let now_ms = handset.phone.now_ms();
    let (signalling, ends_ms) = (told.signalling_based(), now_ms + u64::from(told.duration_s()) * 1000);
    if !signalling && now_ms < handset.signalling_until_ms {
        return JobOutcome::SignallingJobRuns;
    }
    let Ok(octets) = told.encode() else { return JobOutcome::Unsound };
    match handset.phone.receive(&octets, &core.ran, &path(phone.now())) {
        Ok(()) => {
            handset.signalling_until_ms = if signalling { ends_ms } else { 0 };
            JobOutcome::Taken
        }
        Err(NotTaken::NoCoverage) => JobOutcome::NoCoverage,
        Err(NotTaken::OptedOut) => JobOutcome::OptedOut,
        Err(NotTaken::UnknownCollector) => JobOutcome::NoKey,
        Err(NotTaken::Unsound | NotTaken::Malformed(_)) => JobOutcome::Unsound,
        Err(NotTaken::Phone(error)) => {
            tracing::error!(subscriber = %phone.label, %error, "a phone could not take a job");
            JobOutcome::PhoneFailed
        }
    }
}

/// Every phone goes on, again and again, until the network ends. Phones that are to be connected from the start connect where they can.
pub(super) async fn go_on(shared: Arc<Shared>) {
    let labels = |connected: bool| {
        let of = shared.phones.all().filter(|phone| phone.now().mdt.is_some_and(|mdt| !connected || mdt.connected));
        of.cloned().collect::<Vec<_>>()
    };
    let all = labels(false);
    let mut waiting = labels(true);
    loop {
        let next = shared.phones.clock().now() + STEP;
        for phone in &all {
            if let Err(error) = with(&shared, Arc::clone(phone), |_, _| ()).await {
                tracing::error!(subscriber = %phone.label, %error, "a phone did not go on");
            }
        }
        let mut still = Vec::new();
        for phone in waiting {
            if !with(&shared, Arc::clone(&phone), |handset, _| handset.phone.connect()).await.unwrap_or(false) {
                still.push(phone);
            }
        }
        waiting = still;
        shared.phones.clock().reach(next).await;
    }
}
