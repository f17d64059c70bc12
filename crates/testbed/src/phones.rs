//! The simulated phones: found by label or identity, each with what can change while the network runs.

use crate::{
    clock::Clock,
    scenario::{CallSpec, PhoneState, Place, Scenario, SessionSpec, SubscriberSpec, Waypoint},
};
use lcs::{Identities, Imsi, Msisdn};
use parking_lot::RwLock;
use std::{collections::HashMap, sync::Arc};
use tokio::sync::{Notify, futures::Notified};

/// A phone, with its subscription and its user.
pub struct Phone {
    /// The name used instead of an identity.
    pub label: String,
    /// IMSI and MSISDN.
    pub identities: Identities,
    /// Name of the home operator.
    pub operator: String,
    spec: RwLock<SubscriberSpec>,
    /// Wakes whoever waits for a change.
    changed: Notify,
}

impl core::fmt::Debug for Phone {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Phone({})", self.label)
    }
}

impl Phone {
    /// The phone as it is now.
    #[must_use]
    pub fn now(&self) -> SubscriberSpec {
        self.spec.read().clone()
    }

    /// Changes the phone: its state, its user, its sessions, its place.
    pub fn change(&self, how: impl FnOnce(&mut SubscriberSpec)) {
        how(&mut self.spec.write());
        self.changed.notify_waiters();
    }

    /// Name of the serving MME, if one serves.
    #[must_use]
    pub fn mme(&self) -> Option<String> {
        self.spec.read().mme.clone()
    }

    /// Name of the MME that it is registered with, if it is.
    pub(crate) fn registered(&self) -> Option<String> {
        let spec = self.spec.read();
        let gone = matches!(
            spec.state,
            PhoneState::Detached | PhoneState::Absent | PhoneState::UnknownToMme | PhoneState::UnknownToHss
        );
        spec.mme.clone().filter(|_| !gone)
    }

    /// Name of the serving MSC, if one serves.
    #[must_use]
    pub fn msc(&self) -> Option<String> {
        self.spec.read().msc.clone()
    }

    /// Name of the serving SGSN, if one serves.
    #[must_use]
    pub fn sgsn(&self) -> Option<String> {
        self.spec.read().sgsn.clone()
    }

    /// The phone goes somewhere else, and is served by another MME; what is not told stays.
    pub fn go(&self, position: Option<Waypoint>, mme: Option<String>) {
        self.change(|spec| {
            if let Some(position) = position {
                (spec.position, spec.route) = (Some(position), Vec::new());
            }
            spec.mme = mme.or(spec.mme.take());
        });
    }

    /// The next change. It is noticed from the first poll or from [`Notified::enable`] on.
    pub(crate) fn change_to_come(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// Waits until `holds` says so of the phone.
    pub async fn when(&self, holds: impl Fn(&SubscriberSpec) -> bool) {
        loop {
            // Enabled before the look, so that no change falls between.
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if holds(&self.spec.read()) {
                return;
            }
            changed.await;
        }
    }

    /// Sets up or ends an own-originated call.
    pub fn set_call(&self, number: &str, up: bool) {
        let digits = |text: &str| text.trim_start_matches('+').to_owned();
        self.change(|spec| {
            spec.calls.retain(|call| digits(&call.number) != digits(number));
            if up {
                spec.calls.push(CallSpec { number: number.to_owned(), originated_by: Default::default() });
            }
        });
    }

    /// Sets up or ends an own-originated session.
    pub fn set_session(&self, apn: &str, up: bool) {
        self.change(|spec| {
            spec.sessions.retain(|session| !session.apn.eq_ignore_ascii_case(apn));
            if up {
                spec.sessions.push(SessionSpec { apn: apn.to_owned(), originated_by: Default::default() });
            }
        });
    }
}

/// All phones of a network.
#[derive(Debug)]
pub struct Phones {
    all: Vec<Arc<Phone>>,
    by_label: HashMap<String, Arc<Phone>>,
    by_imsi: HashMap<Imsi, Arc<Phone>>,
    by_msisdn: HashMap<Msisdn, Arc<Phone>>,
    clock: Clock,
}

impl Phones {
    /// The phones of a checked scenario; routes start now.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let phones = scenario.subscribers.iter().map(|spec| {
            let home = scenario.operator(spec.operator.as_deref());
            let first = home.and_then(|home| home.mmes.first()).map(|mme| mme.name.clone());
            let identities = Identities {
                imsi: Imsi::parse(&spec.imsi).ok(),
                msisdn: spec.msisdn.as_deref().and_then(|digits| Msisdn::parse(digits).ok()),
                imei: None,
            };
            let legacy = spec.msc.is_some() || spec.sgsn.is_some();
            Arc::new(Phone {
                label: spec.label.clone(),
                identities,
                operator: home.map_or_else(String::new, |home| home.name.to_owned()),
                spec: RwLock::new(SubscriberSpec {
                    mme: spec.mme.clone().or_else(|| first.filter(|_| !legacy)),
                    ..spec.clone()
                }),
                changed: Notify::new(),
            })
        });
        let all: Vec<Arc<Phone>> = phones.collect();
        Self {
            by_label: all.iter().map(|phone| (phone.label.clone(), Arc::clone(phone))).collect(),
            by_imsi: all.iter().filter_map(|phone| Some((phone.identities.imsi?, Arc::clone(phone)))).collect(),
            by_msisdn: all.iter().filter_map(|phone| Some((phone.identities.msisdn?, Arc::clone(phone)))).collect(),
            all,
            clock: Clock::new(scenario.network.clock_rate),
        }
    }

    /// All phones, in the order of the scenario.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Phone>> {
        self.all.iter()
    }

    /// By label.
    #[must_use]
    pub fn labelled(&self, label: &str) -> Option<&Arc<Phone>> {
        self.by_label.get(label)
    }

    /// By IMSI.
    #[must_use]
    pub fn with_imsi(&self, imsi: Imsi) -> Option<&Arc<Phone>> {
        self.by_imsi.get(&imsi)
    }

    /// By MSISDN.
    #[must_use]
    pub fn with_msisdn(&self, msisdn: Msisdn) -> Option<&Arc<Phone>> {
        self.by_msisdn.get(&msisdn)
    }

    /// By whichever identity is given, IMSI first.
    #[must_use]
    pub fn identified(&self, identities: Identities) -> Option<&Arc<Phone>> {
        let by_imsi = identities.imsi.and_then(|imsi| self.with_imsi(imsi));
        by_imsi.or_else(|| identities.msisdn.and_then(|msisdn| self.with_msisdn(msisdn)))
    }

    /// By label, or by IMSI or MSISDN digits: what the control API takes.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<Phone>> {
        self.labelled(name)
            .or_else(|| self.with_imsi(Imsi::parse(name).ok()?))
            .or_else(|| self.with_msisdn(Msisdn::parse(name).ok()?))
    }

    /// The clock that phones go by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Where a phone is now.
    pub(crate) fn place(&self, spec: &SubscriberSpec) -> Place {
        spec.place_after(self.clock.now())
    }
}
