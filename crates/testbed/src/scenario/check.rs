//! Reading a scenario file, and what must hold beyond its grammar.

use super::{Meanwhile, Operator, Scenario, Step, StepService, SubscriberSpec, TriggerEvent, Waypoint};
use lcs::{ApnNi, Imsi, Msisdn};
use std::{collections::HashSet, path::Path};

/// Why a scenario cannot be used. Names files, labels and keys; never an identity.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("cannot read the scenario file {0}: {1}")]
    Unreadable(std::path::PathBuf, std::io::Error),
    /// The text is not TOML, or has a wrong, missing or unknown key.
    #[error("the scenario is not as it should be: {0}")]
    Grammar(#[from] toml::de::Error),
    /// No MME.
    #[error("no [[mme]]: a network needs at least one")]
    NoMme,
    /// No MME of another operator.
    #[error("no [[operator.mme]] of operator `{0}`: a network needs at least one")]
    NoMmeOf(String),
    /// Two things have one name.
    #[error("{0} `{1}` occurs twice")]
    Twice(&'static str, String),
    /// Two subscribers have one identity.
    #[error("subscriber `{0}` has an IMSI or MSISDN that another one has too")]
    SharedIdentity(String),
    /// A name leads nowhere.
    #[error("{place}: there is no {what} `{name}`")]
    Nowhere {
        /// Where it is written.
        place: String,
        /// What it should name.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// The radio network cannot be built.
    #[error(transparent)]
    Ran(#[from] crate::ran::RanError),
    /// A value cannot be used.
    #[error("{place}: {what}")]
    Value {
        /// Where it is written.
        place: String,
        /// What is wrong with it.
        what: &'static str,
    },
}

impl Scenario {
    /// Reads and checks a scenario file.
    pub fn read(path: &Path) -> Result<Self, ScenarioError> {
        let text = std::fs::read_to_string(path).map_err(|error| ScenarioError::Unreadable(path.to_owned(), error))?;
        Self::parse(&text)
    }

    /// Parses and checks the text of a scenario.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text)?;
        scenario.check()?;
        Ok(scenario)
    }

    /// The scenario of the built-in tour.
    pub fn tour() -> Result<Self, ScenarioError> {
        Self::parse(super::TOUR)
    }

    fn has_card(&self, label: &str) -> bool {
        self.subscribers.iter().any(|subscriber| subscriber.label == label && subscriber.card)
    }

    fn check_trigger(&self, step: &Step) -> Result<(), ScenarioError> {
        let wrong = |what| Err(value(&format!("step `{}`", step.name), what));
        match (step.service == StepService::Triggered, &step.trigger) {
            (false, None) => Ok(()),
            (true, Some(_)) if self.cells.is_empty() => wrong("service `triggered` needs cells: [[cell]]"),
            (true, Some(of)) if of.reports == 0 || of.reports > 1 && of.event != TriggerEvent::Inside && !of.card => {
                wrong("reports: 1, or more for the event `inside` or a card")
            }
            (true, Some(of)) if of.card && (of.meanwhile != Meanwhile::Nothing || of.event == TriggerEvent::Inside) => {
                wrong("a card is for the events `entering` and `leaving`, with nothing meanwhile")
            }
            (true, Some(of)) if of.card && !step.targets.iter().all(|target| self.has_card(&target.subscriber)) => {
                wrong("each target needs a card")
            }
            (true, Some(_)) => Ok(()),
            _ => wrong("service `triggered` needs a trigger, and no other has one"),
        }
    }

    fn check(&self) -> Result<(), ScenarioError> {
        if self.mmes.is_empty() {
            return Err(ScenarioError::NoMme);
        }
        if let Some(of) = self.operators.iter().find(|of| of.mmes.is_empty()) {
            return Err(ScenarioError::NoMmeOf(of.name.clone()));
        }
        self.check_drive_tests()?;
        unique("operator", self.operators().map(|operator| operator.name))?;
        unique("realm", self.operators().map(|operator| operator.realm))?;
        for operator in self.operators() {
            check_gateway(operator)?;
        }
        if !self.network.control.ip().is_loopback() {
            return Err(value("[network] control", "the control API must listen on a loopback address"));
        }
        let nodes =
            self.operators().flat_map(|of| of.mmes.iter().map(|mme| mme.name.as_str()).chain([of.hss.name.as_str()]));
        unique("node", nodes.chain(self.ss7.iter().flat_map(super::Ss7Spec::names)))?;
        self.ss7.as_ref().map_or(Ok(()), super::Ss7Spec::check)?;
        if !(self.network.clock_rate > 0.0 && self.network.clock_rate <= 100_000.0) {
            return Err(value("[network] clock_rate", "must be above 0, and 100000 at most"));
        }
        for cell in &self.cells {
            let on_earth = (-90.0..=90.0).contains(&cell.latitude) && (-180.0..=180.0).contains(&cell.longitude);
            if !on_earth || cell.range_m == 0 || cell.cell >= 1 << 28 {
                return Err(value(
                    "[[cell]]",
                    "cell has 28 bits, range_m is from 1, latitude -90 to 90, longitude -180 to 180",
                ));
            }
        }
        if let Some(ran) = &self.ran {
            ran.check()?;
        }
        unique("subscriber", self.subscribers.iter().map(|subscriber| subscriber.label.as_str()))?;
        unique("client", self.clients.iter().map(|client| client.id.as_str()))?;
        for client in &self.clients {
            let place = || format!("client `{}`", client.id);
            self.check_operator(client.operator.as_deref(), place)?;
            client.known_to.iter().try_for_each(|name| self.check_operator(Some(name), place))?;
        }
        let mut identities = HashSet::new();
        for subscriber in &self.subscribers {
            self.check_subscriber(subscriber)?;
            let fresh = identities.insert(("imsi", subscriber.imsi.as_str()))
                && subscriber.msisdn.as_deref().is_none_or(|msisdn| identities.insert(("msisdn", msisdn)));
            if !fresh {
                return Err(ScenarioError::SharedIdentity(subscriber.label.clone()));
            }
        }
        for step in &self.steps {
            let place = || format!("step `{}`", step.name);
            let known = |id: &&String| self.clients.iter().any(|client| client.id == **id);
            if let Some(id) = std::iter::once(&step.client).chain(&step.others).find(|id| !known(id)) {
                return Err(ScenarioError::Nowhere { place: place(), what: "client", name: id.clone() });
            }
            if step.dialled.as_deref().is_some_and(|number| lcs::Address::international(number).is_err()) {
                return Err(value(&place(), "dialled must be 1-15 digits, with or without +"));
            }
            if step.dialled.is_some() && step.session_apn.is_some() {
                return Err(value(&place(), "give either session_apn or dialled"));
            }
            self.check_trigger(step)?;
            if step.targets.is_empty() {
                return Err(value(&place(), "a step needs at least one target"));
            }
            for target in &step.targets {
                if !self.subscribers.iter().any(|subscriber| subscriber.label == target.subscriber) {
                    let name = target.subscriber.clone();
                    return Err(ScenarioError::Nowhere { place: place(), what: "subscriber", name });
                }
            }
        }
        Ok(())
    }

    fn check_operator(&self, named: Option<&str>, place: impl Fn() -> String) -> Result<(), ScenarioError> {
        match named {
            Some(name) if self.operator(named).is_none() => {
                Err(ScenarioError::Nowhere { place: place(), what: "operator", name: name.to_owned() })
            }
            _ => Ok(()),
        }
    }

    fn check_subscriber(&self, subscriber: &SubscriberSpec) -> Result<(), ScenarioError> {
        let place = format!("subscriber `{}`", subscriber.label);
        if Imsi::parse(&subscriber.imsi).is_err() {
            return Err(value(&place, "imsi must be 6-15 digits"));
        }
        if subscriber.msisdn.as_deref().is_some_and(|msisdn| Msisdn::parse(msisdn).is_err()) {
            return Err(value(&place, "msisdn must be 5-15 digits, without +"));
        }
        self.check_operator(subscriber.operator.as_deref(), || place.clone())?;
        let mme = |name: &&String| self.operators().any(|of| of.mmes.iter().any(|mme| mme.name == **name));
        if let Some(name) = subscriber.mme.as_ref().filter(|name| !mme(name)) {
            return Err(ScenarioError::Nowhere { place, what: "mme", name: name.clone() });
        }
        self.check_legacy(subscriber, &place)?;
        self.check_mdt(subscriber, &place)?;
        let home = subscriber.operator.as_ref().is_none_or(|operator| *operator == self.network.operator);
        let reached = self.smsc.is_some() && !self.cells.is_empty() && subscriber.msisdn.is_some() && home;
        if subscriber.card && !reached {
            return Err(value(&place, "card needs [smsc], cells, an msisdn, and the operator of [network]"));
        }
        if subscriber.sessions.iter().any(|session| ApnNi::new(&session.apn).is_err()) {
            return Err(value(&place, "a session's apn must be 1-63 letters, digits and hyphens in labels"));
        }
        if subscriber.position.is_some() != subscriber.route.is_empty() {
            return Err(value(&place, "give either position or route"));
        }
        if subscriber.route.len() == 1 {
            return Err(value(&place, "a route needs two points at least"));
        }
        if !subscriber.position.iter().chain(&subscriber.route).all(on_earth) {
            return Err(value(&place, "latitude must be -90 to 90, longitude -180 to 180, altitude -500 to 10000 m"));
        }
        if subscriber.route.iter().skip(1).any(|point| point.at_s.is_some() == point.speed_km_h.is_some()) {
            return Err(value(&place, "each point of a route after the first needs either at_s or speed_km_h"));
        }
        let estimate = &subscriber.estimate;
        if !(3..=15).contains(&estimate.points) {
            return Err(value(&place, "a polygon has 3-15 points"));
        }
        if estimate.orientation_deg > 179 || estimate.confidence > 100 {
            return Err(value(&place, "orientation_deg must be 0-179, confidence 0-100"));
        }
        if !(estimate.uncertainty_m >= 0.0 && estimate.altitude_uncertainty_m >= 0.0) {
            return Err(value(&place, "uncertainties must not be negative"));
        }
        if estimate.cell >= 1 << 28 {
            return Err(value(&place, "cell has 28 bits"));
        }
        Ok(())
    }

    /// What a subscriber and its phone have to do with MDT.
    /// Whoever takes part in the steps of MDT has a phone for it.
    fn check_drive_tests(&self) -> Result<(), ScenarioError> {
        let Some(spec) = &self.drive_tests else { return Ok(()) };
        for label in [&spec.not_informed, &spec.logs, &spec.leaves] {
            let has = |of: &SubscriberSpec| of.label == *label && of.mdt.is_some();
            if !self.subscribers.iter().any(has) {
                let (place, what) = ("[drive_tests]".to_owned(), "subscriber with mdt");
                return Err(ScenarioError::Nowhere { place, what, name: label.clone() });
            }
        }
        Ok(())
    }

    fn check_mdt(&self, subscriber: &SubscriberSpec, place: &str) -> Result<(), ScenarioError> {
        let Some(mdt) = &subscriber.mdt else { return Ok(()) };
        if self.ran.is_none() {
            return Err(value(place, "mdt needs a radio network: [ran]"));
        }
        if mdt.plmns.len() > 16 || mdt.plmns.iter().any(|text| crate::ran::plmn(text).is_none()) {
            return Err(value(place, "mdt.plmns must be 16 networks at most, each as 001-01"));
        }
        if mdt.fix_every_s == Some(0) {
            return Err(value(place, "mdt.fix_every_s must be 1 at least"));
        }
        Ok(())
    }

    /// What a subscriber has to do with MSC, SGSN and HLR.
    fn check_legacy(&self, subscriber: &SubscriberSpec, place: &str) -> Result<(), ScenarioError> {
        let named = |nodes: fn(&super::Ss7Spec) -> &[super::LegacyNodeSpec], name: &str| {
            self.ss7.as_ref().is_some_and(|ss7| nodes(ss7).iter().any(|node| node.name == name))
        };
        let nowhere =
            |what, name: &str| ScenarioError::Nowhere { place: place.to_owned(), what, name: name.to_owned() };
        if let Some(name) = subscriber.msc.as_deref().filter(|name| !named(|ss7| &ss7.mscs, name)) {
            return Err(nowhere("msc", name));
        }
        if let Some(name) = subscriber.sgsn.as_deref().filter(|name| !named(|ss7| &ss7.sgsns, name)) {
            return Err(nowhere("sgsn", name));
        }
        if subscriber.calls.iter().any(|call| lcs::Address::international(&call.number).is_err()) {
            return Err(value(place, "a call's number must be 1-15 digits, with or without +"));
        }
        let legacy = subscriber.msc.is_some() || subscriber.sgsn.is_some() || subscriber.lcs_information.is_some();
        if legacy && subscriber.operator.as_ref().is_some_and(|operator| *operator != self.network.operator) {
            return Err(value(
                place,
                "MSCs, SGSNs and the HLR are of the operator of [network] and know its subscribers alone",
            ));
        }
        let information = subscriber.lcs_information.as_ref().map_or(Ok(()), |spec| spec.data().map(|_| ()));
        information.map_err(|what| value(place, what))
    }
}

/// What stands in a gateway's configuration must be fit for it.
fn check_gateway(of: Operator<'_>) -> Result<(), ScenarioError> {
    let place = format!("operator `{}`, gateway", of.name);
    let gateway = of.gateway;
    let within = |number: &String| {
        let digits = number.strip_prefix('+').unwrap_or(number);
        lcs::Address::international(number).is_ok() && digits.starts_with(&gateway.country_code.to_string())
    };
    if !within(&gateway.number) {
        return Err(value(&place, "number must be 1-15 digits, with or without +, and begin with country_code"));
    }
    if !gateway.number_prefixes.iter().all(within) {
        return Err(value(&place, "number_prefixes must be digits, with or without +, and begin with country_code"));
    }
    let plmn = |plmn: &String| (5..=6).contains(&plmn.len()) && plmn.bytes().all(|octet| octet.is_ascii_digit());
    if gateway.plmns.is_empty() || !gateway.plmns.iter().all(plmn) {
        return Err(value(&place, "plmns must be MCC and MNC, 5 or 6 digits, at least one"));
    }
    Ok(())
}

fn on_earth(point: &Waypoint) -> bool {
    (-90.0..=90.0).contains(&point.latitude)
        && (-180.0..=180.0).contains(&point.longitude)
        && (-500.0..=10_000.0).contains(&point.altitude_m)
}

pub(super) fn value(place: &str, what: &'static str) -> ScenarioError {
    ScenarioError::Value { place: place.to_owned(), what }
}

fn unique<'a>(what: &'static str, names: impl Iterator<Item = &'a str>) -> Result<(), ScenarioError> {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(ScenarioError::Twice(what, name.to_owned()));
        }
    }
    Ok(())
}
