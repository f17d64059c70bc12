//! What the home register holds: the data that its operator provisioned, and which nodes serve.

use crate::scenario::{Scenario, Ss7Spec};
use lcs::{Address, LcsCapabilitySets, slpp::LcsInformation};
use parking_lot::Mutex;
use std::{collections::HashMap, net::IpAddr};

/// Which part of a network a legacy node belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Domain {
    /// Circuit switched: MSC and VLR.
    Cs,
    /// Packet switched: SGSN.
    Ps,
}

/// A node that serves a subscriber, as it told the home register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registration {
    /// MSC or SGSN.
    pub domain: Domain,
    /// Its E.164 number.
    pub number: Address,
    /// LCS capability sets that it told; `None`: it told none.
    pub capabilities: Option<LcsCapabilitySets>,
    /// Its visited gateway, if it told one.
    pub v_gmlc: Option<IpAddr>,
}

#[derive(Debug, Default)]
struct Held {
    information: LcsInformation,
    cs: Option<Registration>,
    ps: Option<Registration>,
}

/// The home register's memory, by label of the subscriber.
#[derive(Debug, Default)]
pub struct Register {
    held: Mutex<HashMap<String, Held>>,
}

impl Register {
    /// What the scenario provisions; nobody is registered anywhere yet.
    #[must_use]
    pub fn new(scenario: &Scenario, spec: &Ss7Spec) -> Self {
        let of = |subscriber: &crate::scenario::SubscriberSpec| {
            let information = subscriber.lcs_information.as_ref().or(spec.hlr.lcs_information.as_ref());
            // Sound: checked when the scenario was read.
            let information = information.and_then(|spec| spec.data().ok()).unwrap_or_default();
            (subscriber.label.clone(), Held { information, ..Held::default() })
        };
        Self { held: Mutex::new(scenario.subscribers.iter().map(of).collect()) }
    }

    /// The data of a subscriber.
    #[must_use]
    pub fn information(&self, label: &str) -> LcsInformation {
        self.held.lock().get(label).map(|held| held.information.clone()).unwrap_or_default()
    }

    /// Puts other data in place of what there is; what there was.
    pub fn provision(&self, label: &str, information: LcsInformation) -> LcsInformation {
        let mut all = self.held.lock();
        let held = all.entry(label.to_owned()).or_default();
        std::mem::replace(&mut held.information, information)
    }

    /// A node registers itself as serving; the one that served in the domain before, if it was another.
    pub fn register(&self, label: &str, registration: Registration) -> Option<Registration> {
        let mut all = self.held.lock();
        let held = all.entry(label.to_owned()).or_default();
        let place = match registration.domain {
            Domain::Cs => &mut held.cs,
            Domain::Ps => &mut held.ps,
        };
        place.replace(registration).filter(|before| before.number != registration.number)
    }

    /// The nodes that serve, MSC first.
    #[must_use]
    pub fn serving(&self, label: &str) -> Vec<Registration> {
        let all = self.held.lock();
        all.get(label).map(|held| held.cs.into_iter().chain(held.ps).collect()).unwrap_or_default()
    }
}
