//! `[push]`: pseudonyms in the place of numbers, in messages and web requests towards clients (TS 23.271 Annex E.1; `docs/push.md`).

use super::Secret;
use super::check::{Findings, is_host_port};
use super::push_web::PushWeb;
use super::sections::loopback;
use crate::forms::CountryCode;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// `[push]`: what both gateways have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushRole {
    /// E.164 country code of national numbers. No default: needed by the role `push`.
    pub country_code: Option<CountryCode>,
    /// What international numbers begin with where their type is not told, besides `+`. Default `00`.
    pub international_prefix: String,
    /// What national numbers begin with, and E.164 leaves out. Empty: nothing. Default `0`.
    pub trunk_prefix: String,
    /// What a number is that has neither type nor prefix. Default `international`.
    pub unmarked: UnmarkedNumber,
    /// Short messages.
    pub smpp: PushSmpp,
    /// Web requests.
    pub web: PushWeb,
}

/// What a number is that says nothing of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnmarkedNumber {
    /// It begins with a country code.
    International,
    /// It does not.
    National,
}

impl Default for PushRole {
    fn default() -> Self {
        Self {
            country_code: None,
            international_prefix: "00".into(),
            trunk_prefix: "0".into(),
            unmarked: UnmarkedNumber::International,
            smpp: PushSmpp::default(),
            web: PushWeb::default(),
        }
    }
}

/// `[push.smpp]`: a proxy between clients (ESMEs) and the SMS centre. Off unless `smsc` is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushSmpp {
    /// Address for clients: SMPP 3.3, 3.4 or 5.0 over TCP, over TLS where `cert_file` is set. Default `127.0.0.1:2775`.
    pub listen: SocketAddr,
    /// The SMS centre, host and port. Default none: no proxy.
    pub smsc: Option<String>,
    /// Authorities that sign the certificate of the SMS centre, PEM; where set, it is spoken to over TLS. Whoever controls one
    /// reads and writes all messages. Default none.
    pub smsc_ca_file: Option<PathBuf>,
    /// Own certificate chain, PEM, for clients. Default none: no TLS.
    pub cert_file: Option<PathBuf>,
    /// Own private key, PEM. Whoever has it can pose as this proxy and read what clients and subscribers write. Default none.
    pub key_file: Option<PathBuf>,
    /// What becomes of a client that is not listed. Default `refuse`.
    pub unlisted: UnlistedEsme,
    /// Longest PDU, octets; a longer one ends the session. Default 70000.
    pub pdu_limit_bytes: u32,
    /// Most connections of clients open at once. Default 256.
    pub max_connections: usize,
    /// Requests of one side of a session under way at once; more are answered `ESME_RTHROTTLED`. Default 64.
    pub window: usize,
    /// Longest time for a handshake and from it to a bind, and for the SMS centre's answer to that, ms. Default 5000.
    pub bind_timeout_ms: u64,
    /// Longest time for the answer to a request, and for a peer to take what is sent, ms. Default 10000.
    pub response_timeout_ms: u64,
    /// After how long a silent peer is asked whether it is there, s. Default 30.
    pub enquire_link_s: u64,
    /// Tag of the parameter with the whole pseudonym, of the range for vendors, 5120-16383. Default 5121.
    pub pseudonym_tlv: u16,
    /// Tags of that range that go to listed clients as they are. All others are taken out. Default none.
    pub keep_vendor_tlvs: Vec<u16>,
    /// Most aliases kept for one client; the one unused for longest makes room. Default 1000000.
    pub aliases_max: u64,
    /// `[[push.smpp.esme]]`: the clients that get pseudonyms.
    pub esme: Vec<PushEsme>,
}

/// What becomes of a client that is not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnlistedEsme {
    /// It cannot bind.
    Refuse,
    /// The SMS centre decides; all passes as it is, numbers included.
    Pass,
}

/// A client that gets pseudonyms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushEsme {
    /// The system_id with which it binds, at most 15 characters. Required.
    pub system_id: String,
    /// File with its password, at most 8 characters. Required unless `password_env` is set.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// Environment variable with its password, used before the file. Default none.
    #[serde(default)]
    pub password_env: Option<String>,
    /// Account for which pseudonyms are assigned: the one with which it asks for locations. Required.
    pub client: String,
    /// The system_id with which this proxy binds for it. Default none: its own.
    #[serde(default)]
    pub smsc_system_id: Option<String>,
    /// File with the password of that. Default none: the client's own.
    #[serde(default)]
    pub smsc_password_file: Option<PathBuf>,
    /// Whether messages begin with the pseudonym and a blank. Default false.
    #[serde(default)]
    pub pseudonym_in_text: bool,
    /// What data coding 0 is. Default `gsm`.
    #[serde(default)]
    pub default_alphabet: DefaultAlphabet,
}

/// The default alphabet of an SMS centre towards a client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefaultAlphabet {
    /// That of TS 23.038 clause 6.2.1, an octet for each character.
    #[default]
    Gsm,
    /// ASCII.
    Ascii,
}

impl Default for PushSmpp {
    fn default() -> Self {
        Self {
            listen: loopback(2775),
            smsc: None,
            smsc_ca_file: None,
            cert_file: None,
            key_file: None,
            unlisted: UnlistedEsme::Refuse,
            pdu_limit_bytes: 70_000,
            max_connections: 256,
            window: 64,
            bind_timeout_ms: 5000,
            response_timeout_ms: 10_000,
            enquire_link_s: 30,
            pseudonym_tlv: 0x1401,
            keep_vendor_tlvs: Vec::new(),
            aliases_max: 1_000_000,
            esme: Vec::new(),
        }
    }
}

impl PushEsme {
    /// Where its password comes from.
    #[must_use]
    pub fn password(&self) -> Option<Secret<'_>> {
        let file = self.password_file.as_deref();
        let env = self.password_env.as_deref();
        (file.is_some() || env.is_some()).then(|| Secret { file: file.unwrap_or(std::path::Path::new("")), env })
    }

    /// Where the password for the SMS centre comes from, if it has one of its own.
    #[must_use]
    pub fn smsc_password(&self) -> Option<Secret<'_>> {
        self.smsc_password_file.as_deref().map(|file| Secret { file, env: None })
    }
}

impl PushRole {
    /// Listeners that are open in this role, with their keys.
    pub(super) fn listeners(&self) -> impl Iterator<Item = (&'static str, SocketAddr)> {
        let smpp = self.smpp.smsc.is_some().then_some(("push.smpp.listen", self.smpp.listen));
        let web = (!self.web.client.is_empty()).then_some(("push.web.listen", self.web.listen));
        smpp.into_iter().chain(web)
    }

    pub(super) fn files(&mut self) -> impl Iterator<Item = &mut Option<PathBuf>> {
        let smpp = &mut self.smpp;
        let esmes = smpp.esme.iter_mut().flat_map(|esme| [&mut esme.password_file, &mut esme.smsc_password_file]);
        let smpp = [&mut smpp.smsc_ca_file, &mut smpp.cert_file, &mut smpp.key_file].into_iter();
        smpp.chain(esmes).chain(self.web.files())
    }

    pub(super) fn problems(&self, role: bool, pseudonyms: bool, found: &mut Findings) {
        let used = self.smpp.smsc.is_some() || !self.web.client.is_empty();
        let remedy = "set push.smpp.smsc, list a push.web.client, or set roles.push to false";
        found.unless(!role || used, "roles.push", "on, and neither SMPP nor web is set", remedy);
        found.unless(!used || role, "push", "set, and the role push is off", "set roles.push, or take the section out");
        let what = "missing, and the role push needs it";
        found.unless(!role || self.country_code.is_some(), "push.country_code", what, "give a number such as 49");
        let what = "no pseudonyms can be had, and the role push needs them";
        found.unless(!role || pseudonyms, "roles.push", what, "set roles.pmd or pmd.remote.url");
        for (key, prefix, least) in
            [("push.international_prefix", &self.international_prefix, 1), ("push.trunk_prefix", &self.trunk_prefix, 0)]
        {
            let sound = (least..=5).contains(&prefix.len()) && prefix.bytes().all(|octet| octet.is_ascii_digit());
            found.unless(sound, key, "not a prefix", "give at most 5 digits");
        }
        self.smpp.problems(found);
        self.web.problems(found);
    }
}

impl PushSmpp {
    fn problems(&self, found: &mut Findings) {
        let reachable = self.smsc.as_deref().is_none_or(is_host_port);
        found.unless(reachable, "push.smpp.smsc", "not host:port", "write it as \"smsc.example.net:2775\"");
        let pair = self.cert_file.is_some() == self.key_file.is_some();
        found.unless(pair, "push.smpp.cert_file", "one of two", "give both cert_file and key_file, or neither");
        found.file("push.smpp.smsc_ca_file", self.smsc_ca_file.as_deref());
        found.file("push.smpp.cert_file", self.cert_file.as_deref());
        found.file("push.smpp.key_file", self.key_file.as_deref());
        found.range("push.smpp.pdu_limit_bytes", self.pdu_limit_bytes.into(), 1024, 1 << 20);
        found.range("push.smpp.max_connections", self.max_connections as u64, 1, 65_536);
        found.range("push.smpp.window", self.window as u64, 1, 1024);
        found.range("push.smpp.bind_timeout_ms", self.bind_timeout_ms, 100, 60_000);
        found.range("push.smpp.response_timeout_ms", self.response_timeout_ms, 100, 600_000);
        found.range("push.smpp.enquire_link_s", self.enquire_link_s, 1, 3600);
        found.range("push.smpp.pseudonym_tlv", self.pseudonym_tlv.into(), 0x1400, 0x3FFF);
        found.range("push.smpp.aliases_max", self.aliases_max, 1, 1_000_000_000);
        for tag in &self.keep_vendor_tlvs {
            found.range("push.smpp.keep_vendor_tlvs", (*tag).into(), 0x1400, 0x3FFF);
            let other = *tag != self.pseudonym_tlv;
            found.unless(other, "push.smpp.keep_vendor_tlvs", "has pseudonym_tlv in it", "take it out");
        }
        for (at, esme) in self.esme.iter().enumerate() {
            let key = |name: &str| format!("push.smpp.esme[{at}].{name}");
            let id = |text: &str| (1..=15).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_graphic());
            let twice = self.esme.iter().take(at).any(|other| other.system_id == esme.system_id);
            found.unless(id(&esme.system_id), &key("system_id"), "not a system_id", "give 1 to 15 characters");
            found.unless(!twice, &key("system_id"), "given twice", "name each client once");
            let sound = esme.smsc_system_id.as_deref().is_none_or(id);
            found.unless(sound, &key("smsc_system_id"), "not a system_id", "give 1 to 15 characters");
            let client = (1..=64).contains(&esme.client.len());
            found.unless(
                client,
                &key("client"),
                "not an account",
                "name the account of the client, 1 to 64 characters",
            );
            let what = "missing, and so is password_env";
            found.unless(esme.password().is_some(), &key("password_file"), what, "give one of them");
            if esme.password_env.is_none() {
                found.file(&key("password_file"), esme.password_file.as_deref());
            }
            found.file(&key("smsc_password_file"), esme.smsc_password_file.as_deref());
        }
    }
}
