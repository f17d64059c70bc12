//! What a gateway that is started beside the network finds in its file.

use crate::gateway::Doors;
use std::fmt::Write as _;
use testbed::{
    Network, NodeRole,
    scenario::{Operator, Scenario},
    tour::Services,
    usim::Cards,
};

/// What is set otherwise than by default when trouble is made, so that it takes minutes and not hours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tuning {
    pub(crate) slh_ms: u64,
    pub(crate) slg_ms: u64,
    pub(crate) watchdog_s: u64,
    pub(crate) max_concurrent: usize,
}

impl Tuning {
    pub(crate) const FOR_TROUBLE: Self = Self { slh_ms: 1000, slg_ms: 3000, watchdog_s: 6, max_concurrent: 256 };

    fn sections(self) -> String {
        let Self { slh_ms, slg_ms, watchdog_s, max_concurrent } = self;
        format!(
            "\n[diameter.timers]\nslh_ms = {slh_ms}\nslg_ms = {slg_ms}\nwatchdog_s = {watchdog_s}\nreconnect_s = 2\n\
             \n[cache]\nrouting_s = 0\n\n[limits]\nmax_concurrent = {max_concurrent}\nmax_waiting = 32\n\
             emergency_reserve = 8\n"
        )
    }
}

/// Table of the network's cells, beside the configuration.
pub(crate) const CELLS: &str = "cells.csv";

/// Certificates of the collector and of phones, in a folder beside it.
pub(crate) const MDT_TLS: &str = "mdt-tls";

/// Password for the SMS centre that reaches cards, beside it too.
pub(crate) const SMSC_PASSWORD: &str = "smsc.password";

/// A gateway to be started: of which operator, beside what.
pub(crate) struct Setup<'a> {
    pub(crate) operator: Operator<'a>,
    pub(crate) doors: Doors,
    pub(crate) scenario: &'a Scenario,
    pub(crate) network: &'a Network,
    /// Where reports of emergency calls go.
    pub(crate) emergency_url: &'a str,
    pub(crate) tuning: Option<Tuning>,
    /// The other operators, with the doors of their gateways.
    pub(crate) others: Vec<(Operator<'a>, Doors)>,
    /// SMS centre and web services that it knows.
    pub(crate) services: Option<&'a Services>,
}

/// Diameter identity of an operator's gateway, its name towards other gateways, and the common name of its certificate.
pub(crate) fn host(of: Operator<'_>) -> String {
    format!("gmlc.{}", of.realm)
}

/// End of the pseudonyms that an operator's gateway makes.
fn pseudonym_realm(of: Operator<'_>) -> String {
    format!("gmlc.{}.example", of.name)
}

impl Setup<'_> {
    /// The text. What is not said has its default, so files lie beside it and all doors are on loopback.
    pub(crate) fn text(&self) -> String {
        let Self { operator, doors, emergency_url, .. } = self;
        let gateway = operator.gateway;
        let Doors { mlp, admin, metrics, diameter, .. } = doors;
        let (name, host, realm) = (operator.name, host(*operator), operator.realm);
        let number = plus(&gateway.number);
        let (country, plmns, agreed) = (gateway.country_code, &gateway.plmns, &gateway.emergency_agreements);
        let nodes = self.node_numbers();
        let pseudonyms = pseudonym_realm(*operator);
        let with = self.services.is_some();
        let collects = self.collects();
        let mut text = format!(
            r#"# Made for a demonstration; every door is on loopback.
[gateway]
name = "{name}"
gmlc_number = "{number}"
country_codes = [{country}]
home_plmns = {plmns:?}
home_node_numbers = {nodes:?}

[roles]
pmd = true
push = {with}
pull = {with}
mdt = {collects}

[pmd]
realm = "{pseudonyms}"

[mlp]
listen = "{mlp}"

[mlp.push]
emergency_url = "{emergency_url}"
retry_ms = 200
# To the tour on this machine.
allow_plain_http = true

[admin]
listen = "{admin}"

[metrics]
listen = "{metrics}"

[log]
segment_mib = 8

[privacy.emergency]
enabled = true
agreement_country_codes = {agreed:?}

[diameter]
origin_host = "{host}"
origin_realm = "{realm}"
listen = "{diameter}"
"#
        );
        if let Some(agreed) = &gateway.lawful_agreements {
            // Writing to a String cannot fail.
            write!(text, "\n[privacy.lawful]\nenabled = true\nagreement_country_codes = {agreed:?}\n").ok();
        }
        text.push_str(&self.tuning.map(Tuning::sections).unwrap_or_default());
        text.push_str(&self.mdt());
        self.nodes(&mut text);
        if let Some(services) = self.services {
            text.push_str(&services.sections(gateway.country_code));
        }
        if !self.others.is_empty() {
            self.lr(&mut text);
        }
        if self.cells().is_some()
            && let Some(address) = gateway.address
        {
            // Writing to a String cannot fail.
            write!(text, "\n[deferred]\ngmlc_address = \"{address}\"\n\n[areas]\ncell_table_file = \"{CELLS}\"\n").ok();
            text.push_str(&self.cards().map(|cards| cards.gateway_sections(SMSC_PASSWORD)).unwrap_or_default());
        }
        text
    }

    /// The collector of MDT logs, where there is one. In a street of three phones two are an area, and the tour may be made again.
    fn mdt(&self) -> String {
        if !self.collects() {
            return String::new();
        }
        format!(
            "\n[mdt]\nlisten = \"{}\"\ncert_file = \"{MDT_TLS}/server.pem\"\nkey_file = \"{MDT_TLS}/server.key\"\n\
             client_ca_file = \"{MDT_TLS}/ca.pem\"\nleast_allowed = 2\nduty_jobs = 1000\n",
            self.doors.mdt
        )
    }

    /// Whether phones bring it logs.
    pub(crate) fn collects(&self) -> bool {
        self.operator.name == self.scenario.network.operator && self.scenario.drive_tests.is_some()
    }

    /// The cells that its network tells it of, in the file [`CELLS`].
    pub(crate) fn cells(&self) -> Option<String> {
        self.network.cell_table_in(self.operator.realm)
    }

    /// The centre by which the first operator's gateway reaches cards in its cells.
    pub(crate) fn cards(&self) -> Option<&Cards> {
        let first = self.operator.name == self.scenario.network.operator && !self.scenario.cells.is_empty();
        self.network.cards().filter(|_| first)
    }

    /// The numbers of its MSCs and SGSNs.
    fn node_numbers(&self) -> Vec<String> {
        let first = self.operator.name == self.scenario.network.operator;
        let ss7 = self.scenario.ss7.iter().filter(|_| first);
        ss7.flat_map(|ss7| ss7.mscs.iter().chain(&ss7.sgsns)).map(|node| plus(&node.number)).collect()
    }

    /// The nodes of the operator.
    fn nodes(&self, text: &mut String) {
        let own = self.network.diameter_addresses().into_iter().filter(|node| node.operator == self.operator.name);
        for node in own {
            let role = match node.role {
                NodeRole::Hss => "hss",
                NodeRole::Mme => "mme",
            };
            let (host, realm, address) = (&node.host, &node.realm, node.listen);
            // Writing to a String cannot fail.
            write!(
                text,
                "\n[[diameter.peer]]\nhost = \"{host}\"\nrealm = \"{realm}\"\nrole = \"{role}\"\naddress = \"{address}\"\n"
            )
            .ok();
        }
        let first = self.operator.name == self.scenario.network.operator;
        if let Some(ss7) = self.scenario.ss7.as_ref().filter(|_| first) {
            text.push_str(&testbed::ss7::gateway_sections(ss7, &self.network.ss7_addresses()));
        }
    }

    /// The gateways of the other operators: each may ask about this one's subscribers, and is asked about its own.
    fn lr(&self, text: &mut String) {
        let (name, listen) = (host(self.operator), self.doors.lr);
        let addresses = self.operator.gateway.address;
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        write!(
            text,
            "\n[lr]\nname = \"{name}\"\nlisten = \"{listen}\"\ncert_file = \"lr.pem\"\nkey_file = \"lr.key\"\n\
             ca_file = \"lr-ca.pem\"\naddresses = {addresses:?}\n"
        )
        .ok();
        for (other, doors) in &self.others {
            let gateway = other.gateway;
            let speaks_for = self.scenario.clients.iter().filter(|client| {
                client.operator.as_deref() == Some(other.name)
                    && client.known_to.iter().any(|at| at == self.operator.name)
            });
            let clients: Vec<&str> = speaks_for.map(|client| client.id.as_str()).collect();
            let addresses: Vec<String> = gateway.address.iter().map(ToString::to_string).collect();
            let prefixes: Vec<String> = gateway.number_prefixes.iter().map(|prefix| plus(prefix)).collect();
            let (name, pseudonyms, number) = (host(*other), pseudonym_realm(*other), plus(&gateway.number));
            let (country, plmns, lr) = (gateway.country_code, &gateway.plmns, doors.lr);
            write!(
                text,
                r#"
[[lr.peer]]
name = "{name}"
roles = ["requesting", "home", "visited"]
country_code = {country}
url = "https://{lr}"
certificate_subjects = ["CN={name}"]
realms = ["{pseudonyms}"]
plmns = {plmns:?}
number_prefixes = {prefixes:?}
addresses = {addresses:?}
gmlc_number = "{number}"
client_types = ["value_added", "emergency"]
clients = {clients:?}
"#
            )
            .ok();
        }
    }
}

/// A number with its plus.
fn plus(number: &str) -> String {
    format!("+{}", number.trim_start_matches('+'))
}
