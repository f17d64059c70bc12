//! `[lr]`: other gateways, asked and asking (Lr, TS 23.271 clause 5.6; `docs/lr.md`).

use super::check::{Findings, is_name};
use super::sections::loopback;
use super::service::mutual;
use crate::clients::ClientType;
use crate::forms::{CountryCode, Number};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// `[lr]`: requests from and to the gateways of other networks. Off unless `cert_file` is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lr {
    /// Address for HTTPS. Default `127.0.0.1:7273`.
    pub listen: SocketAddr,
    /// Own certificate chain, PEM, shown as a server and as a client. Default none: no Lr.
    pub cert_file: Option<PathBuf>,
    /// Own private key, PEM. Whoever has it can ask other networks for positions in this one's name. Default none.
    pub key_file: Option<PathBuf>,
    /// Authorities that sign other gateways' certificates, PEM. Whoever controls one can pose as any peer known by subject.
    /// Default none.
    pub ca_file: Option<PathBuf>,
    /// Name of this gateway towards others. Default none: `gateway.name`.
    pub name: Option<String>,
    /// IP addresses by which HSS and HLR name this gateway as home or visited gateway. Default none.
    pub addresses: Vec<IpAddr>,
    /// Longest wait for another gateway's answer, ms. Default 20000.
    pub answer_timeout_ms: u64,
    /// Longest wait for a connection to another gateway, ms. Default 2000.
    pub connect_timeout_ms: u64,
    /// Longest time for a handshake and for a request to arrive, ms. Default 5000.
    pub read_timeout_ms: u64,
    /// How long a connection may lie idle, ms. Default 60000.
    pub idle_timeout_ms: u64,
    /// Most connections open at once that others made. Default 256.
    pub max_connections: usize,
    /// Longest body of a request or an answer, bytes. Default 65536.
    pub body_limit_bytes: usize,
    /// How old a request may be, and how far ahead the clock of its sender, s; within it a request is carried out once.
    /// Default 60.
    pub replay_window_s: u64,
    /// Most requests of each peer remembered in that time; those beyond are refused. Default 100000.
    pub replay_entries: usize,
    /// The other gateways, and what each may do. Default none.
    pub peer: Vec<LrPeer>,
}

/// Another network's gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LrPeer {
    /// Its name: in `rlp_hdr` of what it sends, in logs, metrics and records. Required.
    pub name: String,
    /// What it may act as. Required.
    pub roles: Vec<LrRole>,
    /// E.164 code of its country. Required.
    pub country_code: CountryCode,
    /// Where it is asked, an https URL. Default none: it may ask and is not asked.
    #[serde(default)]
    pub url: Option<String>,
    /// SHA-256 fingerprints of its certificates, 64 hexadecimal digits. Default none.
    #[serde(default)]
    pub certificate_sha256: Vec<String>,
    /// Subjects of its certificates, such as `CN=gmlc.b.example`. Default none.
    #[serde(default)]
    pub certificate_subjects: Vec<String>,
    /// Realms of pseudonyms that it resolves as home gateway. Default none.
    #[serde(default)]
    pub realms: Vec<String>,
    /// Networks of its operator as MCC and MNC digits: subscribers by IMSI that it is home for, and nodes that it is visited
    /// gateway of. Default none.
    #[serde(default)]
    pub plmns: Vec<String>,
    /// Beginnings of subscribers' numbers that it is home for. Default none.
    #[serde(default)]
    pub number_prefixes: Vec<Number>,
    /// IP addresses by which HSS and HLR name it as home or visited gateway. Default none.
    #[serde(default)]
    pub addresses: Vec<IpAddr>,
    /// Its GMLC number, with which subscribers' GMLC restrictions are compared (TS 23.271 clause 9.5.3.2). Needed by the role
    /// `requesting`; no default.
    #[serde(default)]
    pub gmlc_number: Option<Number>,
    /// Types of client that it may ask for. Default `value_added`. An emergency or lawful one needs an agreement beside.
    #[serde(default = "value_added")]
    pub client_types: Vec<ClientType>,
    /// Accounts of clients registered here that it may speak for. Default none.
    #[serde(default)]
    pub clients: Vec<String>,
    /// Whether its requests must have a name and a time of sending (`transaction` and `sent_us` of our extension), without which one
    /// that comes again is not known. Default true. False for gateways of another make.
    #[serde(default = "yes")]
    pub requires_transaction: bool,
    /// Requests per second that are taken from it. Default 100.
    #[serde(default = "hundred")]
    pub rate_per_s: u32,
    /// Requests taken at once after a pause. Default 200.
    #[serde(default = "two_hundred")]
    pub burst: u32,
    /// Most requests of it under way at once. Default 200.
    #[serde(default = "two_hundred")]
    pub max_concurrent: u32,
}

/// What another gateway may act as (TS 23.271 clause 6.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LrRole {
    /// Asks about this network's subscribers for its own clients, and for emergency and lawful ones about whoever is here.
    Requesting,
    /// Home gateway of its subscribers: is asked about them, and has them positioned where they roam here.
    Home,
    /// Visited gateway: has this network's subscribers positioned where they roam there.
    Visited,
}

impl LrRole {
    /// As it is written in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requesting => "requesting",
            Self::Home => "home",
            Self::Visited => "visited",
        }
    }
}

fn value_added() -> Vec<ClientType> {
    vec![ClientType::ValueAdded]
}

fn yes() -> bool {
    true
}

fn hundred() -> u32 {
    100
}

fn two_hundred() -> u32 {
    200
}

impl Default for Lr {
    fn default() -> Self {
        Self {
            listen: loopback(mlp::rlp::PORT),
            cert_file: None,
            key_file: None,
            ca_file: None,
            name: None,
            addresses: Vec::new(),
            answer_timeout_ms: 20_000,
            connect_timeout_ms: 2000,
            read_timeout_ms: 5000,
            idle_timeout_ms: 60_000,
            max_connections: 256,
            body_limit_bytes: 65_536,
            replay_window_s: 60,
            replay_entries: 100_000,
            peer: Vec::new(),
        }
    }
}

impl Lr {
    /// Whether there is an Lr at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.cert_file.is_some()
    }

    pub(super) fn files(&mut self) -> [&mut Option<PathBuf>; 3] {
        [&mut self.cert_file, &mut self.key_file, &mut self.ca_file]
    }

    /// `own`: networks of this operator. `role`: whether this process is a GMLC.
    pub(super) fn problems(&self, own: &[String], role: bool, found: &mut Findings) {
        let files = [("cert_file", &self.cert_file), ("key_file", &self.key_file), ("ca_file", &self.ca_file)];
        let some = files.iter().any(|(_, file)| file.is_some());
        found.unless(!some || role, "lr", "set, and the role gmlc is off", "set roles.gmlc, or take the files out");
        let lonely = self.peer.is_empty() || some;
        found.unless(
            lonely,
            "lr.cert_file",
            "missing, and there are peers",
            "name the PEM file, or take the peers out",
        );
        mutual(found, "lr", some, &files);
        let what = "missing, and other operators' gateways are spoken with";
        let remedy = "give the network codes that this operator's IMSIs begin with";
        found.unless(!self.is_on() || !own.is_empty(), "gateway.home_plmns", what, remedy);
        if let Some(name) = &self.name {
            let what = "must be 1-64 letters, digits, dots, slashes or hyphens";
            found.unless(is_name(name), "lr.name", what, "give a name such as \"gmlc.a.example\"");
        }
        found.range("lr.answer_timeout_ms", self.answer_timeout_ms, 100, 600_000);
        found.range("lr.connect_timeout_ms", self.connect_timeout_ms, 10, 60_000);
        found.range("lr.read_timeout_ms", self.read_timeout_ms, 100, 60_000);
        found.range("lr.idle_timeout_ms", self.idle_timeout_ms, 1000, 3_600_000);
        found.range("lr.max_connections", self.max_connections as u64, 1, 65_536);
        found.range("lr.body_limit_bytes", self.body_limit_bytes as u64, 4096, 4 << 20);
        found.range("lr.replay_window_s", self.replay_window_s, 1, 3600);
        found.range("lr.replay_entries", self.replay_entries as u64, 100, 10_000_000);
        for (at, peer) in self.peer.iter().enumerate() {
            peer.problems(&|name: &str| format!("lr.peer[{at}].{name}"), own, found);
            let others = self.peer.get(..at).unwrap_or_default();
            peer.problems_beside(&|name: &str| format!("lr.peer[{at}].{name}"), others, found);
        }
    }
}

impl LrPeer {
    /// Whether it may act as this.
    #[must_use]
    pub fn acts_as(&self, role: LrRole) -> bool {
        self.roles.contains(&role)
    }

    fn problems(&self, key: &dyn Fn(&str) -> String, own: &[String], found: &mut Findings) {
        let named = is_name(&self.name);
        let what = "must be 1-64 letters, digits, dots, slashes or hyphens";
        found.unless(named, &key("name"), what, "give the name that it says in rlp_hdr");
        let remedy = "say \"requesting\", \"home\", \"visited\" or several";
        found.unless(!self.roles.is_empty(), &key("roles"), "empty", remedy);
        let known = self.certificate_sha256.len() + self.certificate_subjects.len() > 0;
        let what = "missing, and so is certificate_subjects";
        found.unless(known, &key("certificate_sha256"), what, "give one of them");
        let sound = |text: &String| crate::forms::from_hex(text).is_some_and(|octets| octets.len() == 32);
        let what = "must be 64 hexadecimal digits";
        let remedy = "take it from openssl x509 -fingerprint -sha256, without colons";
        found.unless(self.certificate_sha256.iter().all(sound), &key("certificate_sha256"), what, remedy);
        let asked = self.acts_as(LrRole::Home) || self.acts_as(LrRole::Visited);
        let remedy = "give its https URL, or take the roles home and visited out";
        found.unless(!asked || self.url.is_some(), &key("url"), "missing, and it is to be asked", remedy);
        if let Some(url) = &self.url {
            let sound = reqwest::Url::parse(url)
                .is_ok_and(|url| url.scheme() == "https" && url.has_host() && url.query().is_none());
            let remedy = "write it as \"https://gmlc.b.example:7273\"";
            found.unless(sound, &key("url"), "not an https URL", remedy);
        }
        self.problems_of_subscribers(key, own, found);
        let account = |account: &String| !account.is_empty() && !account.contains('/');
        found.unless(
            self.clients.iter().all(account),
            &key("clients"),
            "not accounts",
            "name clients as `wherefore client list` does",
        );
        found.range(&key("rate_per_s"), self.rate_per_s.into(), 1, 1_000_000);
        found.range(&key("burst"), self.burst.into(), 1, 1_000_000);
        found.range(&key("max_concurrent"), self.max_concurrent.into(), 1, 1_000_000);
    }

    /// What is wrong with what it is home, visited or requesting gateway by.
    fn problems_of_subscribers(&self, key: &dyn Fn(&str) -> String, own: &[String], found: &mut Findings) {
        for realm in &self.realms {
            let sound = privacy::Realm::new(realm).is_ok();
            found.unless(
                sound,
                &key("realms"),
                format!("{realm:?} is not a realm of pseudonyms"),
                "write it as in pmd.realm there",
            );
        }
        let is_plmn = |plmn: &String| (5..=6).contains(&plmn.len()) && plmn.bytes().all(|b| b.is_ascii_digit());
        found.unless(
            self.plmns.iter().all(is_plmn),
            &key("plmns"),
            "not network codes",
            "write MCC and MNC as 5 or 6 digits",
        );
        let ours = self.plmns.iter().any(|plmn| own.iter().any(|own| overlap(own, plmn)));
        found.unless(
            !ours,
            &key("plmns"),
            "overlaps gateway.home_plmns",
            "a network has one home gateway: take it out of one",
        );
        let international = |number: &Number| number.0.nature == lcs::NatureOfAddress::International;
        let what = "not international numbers";
        found.unless(
            self.number_prefixes.iter().all(international),
            &key("number_prefixes"),
            what,
            "write them with a leading +",
        );
        let country = self.country_code.value().to_string();
        let within = |number: &Number| {
            let digits = number.to_string();
            !international(number) || digits.trim_start_matches('+').starts_with(&country)
        };
        let what = "not in the country of country_code";
        found.unless(
            self.number_prefixes.iter().all(within),
            &key("number_prefixes"),
            what,
            "begin them with its country code",
        );
        let home = !self.realms.is_empty() || !self.plmns.is_empty() || !self.number_prefixes.is_empty();
        let remedy = "say which subscribers it is home for: plmns, number_prefixes or realms";
        let addressed = home || !self.addresses.is_empty();
        found.unless(!self.acts_as(LrRole::Home) || addressed, &key("plmns"), "missing, and it acts as home", remedy);
        let remedy = "say which nodes it is visited gateway of: plmns, or addresses as the HSS tells them";
        let named = !self.plmns.is_empty() || !self.addresses.is_empty();
        found.unless(!self.acts_as(LrRole::Visited) || named, &key("plmns"), "missing, and it acts as visited", remedy);
        let numbered = self.gmlc_number.as_ref().is_none_or(international);
        found.unless(numbered, &key("gmlc_number"), "not an international number", "write it with a leading +");
        let asks = self.acts_as(LrRole::Requesting);
        let remedy = "give the E.164 number of that gateway, or take the role requesting out";
        found.unless(
            !asks || self.gmlc_number.is_some(),
            &key("gmlc_number"),
            "missing, and it acts as requesting",
            remedy,
        );
        let here = self.gmlc_number.as_ref().is_none_or(|number| !international(number) || within(number));
        let remedy = "its country decides whether its overrides hold here: give a number of country_code";
        found.unless(here, &key("gmlc_number"), "not in the country of country_code", remedy);
    }

    /// What is wrong with it beside the peers before it: no two may be taken for one another, nor be home for one subscriber.
    fn problems_beside(&self, key: &dyn Fn(&str) -> String, others: &[Self], found: &mut Findings) {
        for other in others {
            let twice = other.name == self.name;
            found.unless(!twice, &key("name"), "given twice", "name each peer once");
            let same = |one: &[String], two: &[String]| {
                one.iter().any(|text| two.iter().any(|it| it.eq_ignore_ascii_case(text)))
            };
            let what = format!("one is also a certificate of {}", other.name);
            let remedy = "a certificate is of one peer: take it out of one";
            found.unless(
                !same(&self.certificate_sha256, &other.certificate_sha256),
                &key("certificate_sha256"),
                what.clone(),
                remedy,
            );
            found.unless(
                !same(&self.certificate_subjects, &other.certificate_subjects),
                &key("certificate_subjects"),
                what,
                remedy,
            );
            let what = format!("overlaps {}", other.name);
            let remedy = "a subscriber has one home gateway: take it out of one";
            let plmns = self.plmns.iter().any(|one| other.plmns.iter().any(|two| overlap(one, two)));
            found.unless(!plmns, &key("plmns"), what.clone(), remedy);
            let digits = |number: &Number| number.to_string();
            let numbers = self
                .number_prefixes
                .iter()
                .any(|one| other.number_prefixes.iter().any(|two| overlap(&digits(one), &digits(two))));
            found.unless(!numbers, &key("number_prefixes"), what.clone(), remedy);
            found.unless(!same(&self.realms, &other.realms), &key("realms"), what.clone(), remedy);
            let addresses = self.addresses.iter().any(|one| other.addresses.contains(one));
            found.unless(!addresses, &key("addresses"), what, "an address is of one gateway: take it out of one");
        }
    }
}

/// Whether something begins with both.
fn overlap(one: &str, two: &str) -> bool {
    one.starts_with(two) || two.starts_with(one)
}
