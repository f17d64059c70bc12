//! What a file that parses may still say wrong.

use super::{Config, PeerTransport, Problem};
use std::path::Path;

/// Collects problems under dotted keys.
#[derive(Default)]
pub(super) struct Findings(Vec<Problem>);

impl Findings {
    pub(super) fn unless(&mut self, sound: bool, key: &str, what: impl Into<String>, remedy: impl Into<String>) {
        if !sound {
            self.0.push(Problem { key: key.to_owned(), what: what.into(), remedy: remedy.into() });
        }
    }

    pub(super) fn file(&mut self, key: &str, path: Option<&Path>) {
        if let Some(path) = path {
            let what = format!("{} is not a readable file", path.display());
            self.unless(std::fs::File::open(path).is_ok(), key, what, "name an existing file, or take the key out");
        }
    }

    pub(super) fn range(&mut self, key: &str, value: u64, least: u64, most: u64) {
        let what = format!("{value} is out of range");
        self.unless((least..=most).contains(&value), key, what, format!("give a number from {least} to {most}"));
    }
}

impl Config {
    /// Everything in the file that cannot be served, in the order of the file.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Findings::default();
        self.gateway_problems(&mut found);
        self.mlp_problems(&mut found);
        self.listener_problems(&mut found);
        self.diameter_problems(&mut found);
        self.sigtran_problems(&mut found);
        self.pseudo_external.problems(&mut found);
        self.ppr.problems(self.roles.ppr, &mut found);
        self.register_problems(&mut found);
        self.pmd.problems(self.roles.pmd, &mut found);
        self.lr.problems(&self.gateway.home_plmns, self.roles.gmlc, &mut found);
        self.charging.problems(&mut found);
        self.deferred.problems(&mut found);
        let (deferred, smsc) = (self.deferred.gmlc_address.is_some(), self.smsc.address.is_some());
        self.usim.problems(deferred, smsc, &mut found);
        self.areas.problems(&mut found);
        self.smsc.problems(self.gateway.gmlc_number, &mut found);
        self.mdt.problems(self.roles.mdt, &mut found);
        let pseudonyms = self.roles.pmd || self.pmd.remote.url.is_some();
        self.push.problems(self.roles.push, pseudonyms, &mut found);
        self.pull.problems(self.roles.pull, pseudonyms, &mut found);
        self.keeping_problems(&mut found);
        found.0
    }

    fn gateway_problems(&self, found: &mut Findings) {
        let gateway = &self.gateway;
        found.unless(
            is_name(&gateway.name),
            "gateway.name",
            "must be 1-64 letters, digits, dots, slashes or hyphens",
            "give a short name such as \"gmlc1.example.net\"",
        );
        found.unless(
            !self.roles.gmlc || gateway.gmlc_number.is_some(),
            "gateway.gmlc_number",
            "missing, and the role gmlc needs it",
            "give this gateway's E.164 number, for instance \"+4917100000\"",
        );
        let international = gateway.gmlc_number.is_none_or(|n| n.0.nature == lcs::NatureOfAddress::International);
        found.unless(international, "gateway.gmlc_number", "not an international number", "write it with a leading +");
        for plmn in &gateway.home_plmns {
            let sound = (5..=6).contains(&plmn.len()) && plmn.bytes().all(|b| b.is_ascii_digit());
            found.unless(
                sound,
                "gateway.home_plmns",
                format!("{plmn:?} is not a network code"),
                "write MCC and MNC as 5 or 6 digits",
            );
        }
        for number in &gateway.home_node_numbers {
            let international = number.0.nature == lcs::NatureOfAddress::International;
            found.unless(
                international,
                "gateway.home_node_numbers",
                format!("{number} is not an international number"),
                "write it with a leading +",
            );
        }
        let twice = (1..gateway.domains.len()).any(|at| gateway.domains[..at].contains(&gateway.domains[at]));
        found.unless(!twice, "gateway.domains", "names a domain twice", "name each domain once");
        let remedy = "set it to false; this version does not have that part";
        found.unless(!self.roles.portal, "roles.portal", "not available", remedy);
        let pseudonyms = self.roles.pmd || self.roles.push || self.roles.pull;
        let some = self.roles.gmlc || self.roles.ppr || pseudonyms || self.roles.mdt;
        found.unless(
            some,
            "roles",
            "every role is off, so there is nothing to do",
            "switch on gmlc, ppr, pmd, push, pull or mdt",
        );
    }

    /// Whose settings decide.
    fn register_problems(&self, found: &mut Findings) {
        let elsewhere = self.ppr.remote.url.is_some();
        found.unless(
            !self.roles.gmlc || self.roles.ppr || elsewhere,
            "roles.ppr",
            "false, and no ppr.remote.url says which register to ask",
            "set it to true, or name the register",
        );
        found.unless(
            !elsewhere || self.privacy.default_profile_file.is_none(),
            "privacy.default_profile_file",
            "set, and the register is elsewhere",
            "set it at the register, and take it out here",
        );
        found.unless(
            !elsewhere || !self.roles.pull,
            "roles.pull",
            "on, and the register is elsewhere",
            "let the process that has the register tell clients who is at a terminal",
        );
    }

    fn mlp_problems(&self, found: &mut Findings) {
        let mlp = &self.mlp;
        found.range("mlp.body_limit_bytes", mlp.body_limit_bytes as u64, 1024, 64 << 20);
        found.range("mlp.max_targets", mlp.max_targets.into(), 1, 10_000);
        found.range("mlp.request_timeout_ms", mlp.request_timeout_ms, 100, 600_000);
        found.range("mlp.read_timeout_ms", mlp.read_timeout_ms, 100, 600_000);
        found.range("mlp.idle_timeout_ms", mlp.idle_timeout_ms, 100, 3_600_000);
        found.range("mlp.max_connections", mlp.max_connections as u64, 1, 1_000_000);
        found.range("mlp.push.timeout_ms", mlp.push.timeout_ms, 100, 600_000);
        found.range("mlp.push.retry_ms", mlp.push.retry_ms, 10, 600_000);
        found.range("mlp.push.keep_per_client", mlp.push.keep_per_client.into(), 1, 1_000_000);
        found.range("mlp.push.max_concurrent", mlp.push.max_concurrent as u64, 1, 10_000);
        pair(found, "mlp.tls", mlp.tls.cert_file.is_some(), mlp.tls.key_file.is_some());
        let wants = mlp.tls.client_certificates != super::ClientCertificates::Off;
        found.unless(
            !wants || mlp.tls.client_ca_file.is_some(),
            "mlp.tls.client_ca_file",
            "missing, and client certificates are asked for",
            "name the PEM file of the authorities that sign clients' certificates",
        );
        found.file("mlp.tls.cert_file", mlp.tls.cert_file.as_deref());
        found.file("mlp.tls.key_file", mlp.tls.key_file.as_deref());
        found.file("mlp.tls.client_ca_file", mlp.tls.client_ca_file.as_deref());
        found.file("mlp.push.ca_file", mlp.push.ca_file.as_deref());
        if let Some(url) = &mlp.push.emergency_url {
            let url = reqwest::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            found.unless(
                url.is_some(),
                "mlp.push.emergency_url",
                "not an http or https URL",
                "write it whole, with its scheme",
            );
        }
    }

    fn listener_problems(&self, found: &mut Findings) {
        let mut listeners = vec![("mlp.listen", self.mlp.listen), ("admin.listen", self.admin.listen)];
        if self.mlp.tls.cert_file.is_some() {
            listeners.push(("mlp.tls.listen", self.mlp.tls.listen));
        }
        if self.metrics.enabled {
            listeners.push(("metrics.listen", self.metrics.listen));
        }
        if self.pmd.lid.cert_file.is_some() {
            listeners.push(("pmd.lid.listen", self.pmd.lid.listen));
        }
        if self.lr.is_on() {
            listeners.push(("lr.listen", self.lr.listen));
        }
        listeners.extend(self.push.listeners().filter(|_| self.roles.push));
        if self.roles.pull {
            listeners.push(("pull.listen", self.pull.listen));
        }
        if self.roles.mdt {
            listeners.push(("mdt.listen", self.mdt.listen));
        }
        if self.ppr.lpp.cert_file.is_some() {
            listeners.push(("ppr.lpp.listen", self.ppr.lpp.listen));
        }
        if self.diameter.accept && self.roles.gmlc {
            listeners.push(("diameter.listen", self.diameter.listen));
            if self.diameter.tls.cert_file.is_some() {
                listeners.push(("diameter.tls.listen", self.diameter.tls.listen));
            }
        }
        if self.sigtran.enabled {
            let servers =
                self.sigtran.association.iter().filter(|a| {
                    a.role == super::AssociationRole::Server && a.transport == super::SigtranTransport::Tcp
                });
            listeners.extend(servers.map(|association| ("sigtran.association.address", association.address)));
        }
        for (at, (key, address)) in listeners.iter().enumerate() {
            let taken = listeners.iter().take(at).find(|(_, other)| other == address && address.port() != 0);
            if let Some((other, _)) = taken {
                found.unless(false, key, format!("{address} is also {other}"), "give each listener its own port");
            }
        }
    }

    fn diameter_problems(&self, found: &mut Findings) {
        let diameter = &self.diameter;
        for (key, name) in
            [("diameter.origin_host", &diameter.origin_host), ("diameter.origin_realm", &diameter.origin_realm)]
        {
            let what = if name.is_empty() { "missing, and the role gmlc needs it" } else { "not a host name" };
            let sound = is_host(name) || (name.is_empty() && !self.roles.gmlc);
            found.unless(sound, key, what, "give a fully qualified name such as \"gmlc.example.net\"");
        }
        if let Some(realm) = &diameter.hss_realm {
            found.unless(
                is_host(realm),
                "diameter.hss_realm",
                "not a host name",
                "give a name such as \"example.net\"",
            );
        }
        found.range("diameter.message_limit_bytes", diameter.message_limit_bytes.into(), 1024, 0x00FF_FFFF);
        found.range("diameter.timers.watchdog_s", diameter.timers.watchdog_s, 6, 3600);
        found.range("diameter.timers.reconnect_s", diameter.timers.reconnect_s, 1, 3600);
        found.range("diameter.timers.connect_ms", diameter.timers.connect_ms, 10, 600_000);
        found.range("diameter.timers.slh_ms", diameter.timers.slh_ms, 10, 600_000);
        found.range("diameter.timers.slg_ms", diameter.timers.slg_ms, 10, 600_000);
        pair(found, "diameter.tls", diameter.tls.cert_file.is_some(), diameter.tls.key_file.is_some());
        found.file("diameter.tls.cert_file", diameter.tls.cert_file.as_deref());
        found.file("diameter.tls.key_file", diameter.tls.key_file.as_deref());
        found.file("diameter.tls.ca_file", diameter.tls.ca_file.as_deref());
        for (at, peer) in diameter.peer.iter().enumerate() {
            let key = |name: &str| format!("diameter.peer[{at}].{name}");
            found.unless(is_host(&peer.host), &key("host"), "not a host name", "give the peer's Diameter identity");
            found.unless(is_host(&peer.realm), &key("realm"), "not a host name", "give the peer's realm");
            let twice = diameter.peer.iter().take(at).any(|other| other.host.eq_ignore_ascii_case(&peer.host));
            found.unless(!twice, &key("host"), "given twice", "name each peer once");
            let reachable = peer.address.as_deref().is_none_or(is_host_port);
            found.unless(reachable, &key("address"), "not host:port", "write it as \"mme1.example.net:3868\"");
            found.unless(
                peer.address.is_some() || diameter.accept,
                &key("address"),
                "missing, and peers may not connect to us",
                "give an address, or set diameter.accept to true",
            );
            found.unless(
                peer.transport != PeerTransport::Tls || diameter.tls.ca_file.is_some(),
                "diameter.tls.ca_file",
                format!("missing, and {} is reached over TLS", peer.host),
                "name the PEM file of the authorities that sign peers' certificates",
            );
        }
    }

    fn keeping_problems(&self, found: &mut Findings) {
        found.range("store.read_connections", self.store.read_connections.into(), 1, 64);
        found.range("log.segment_mib", self.log.segment_mib, 1, 4096);
        found.unless(
            is_name(self.log_origin()),
            "log.origin",
            "must be 1-64 letters, digits, dots, slashes or hyphens",
            "give a name that no other log has",
        );
        let limits = &self.limits;
        found.range("limits.max_concurrent", limits.max_concurrent as u64, 1, 1_000_000);
        found.range("limits.max_waiting", limits.max_waiting as u64, 0, 1_000_000);
        found.unless(
            limits.emergency_reserve < limits.max_concurrent,
            "limits.emergency_reserve",
            "leaves no place for anybody else",
            "make it smaller than limits.max_concurrent",
        );
        found.range("limits.client_rate_per_s", limits.client_rate_per_s.into(), 1, 10_000_000);
        found.range("limits.client_burst", limits.client_burst.into(), 1, 10_000_000);
        found.range("limits.client_max_targets", limits.client_max_targets.into(), 1, 10_000);
        found.range("limits.secret_checks", limits.secret_checks as u64, 1, 64);
        found.file("privacy.default_profile_file", self.privacy.default_profile_file.as_deref());
        found.range("cache.routing_s", self.cache.routing_s, 0, 86_400);
        found.range("cache.secret_s", self.cache.secret_s, 1, 86_400);
        found.range("cache.secret_entries", self.cache.secret_entries, 1, 10_000_000);
    }
}

/// A certificate without its key, or the other way round.
fn pair(found: &mut Findings, section: &str, cert: bool, key: bool) {
    let remedy = "give both cert_file and key_file, or neither";
    found.unless(cert || !key, &format!("{section}.cert_file"), "missing beside key_file", remedy);
    found.unless(key || !cert, &format!("{section}.key_file"), "missing beside cert_file", remedy);
}

pub(super) fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-/_".contains(&b))
}

/// A host name, as Diameter identities are (RFC 6733 section 4.3.1).
fn is_host(text: &str) -> bool {
    let label =
        |l: &str| (1..=63).contains(&l.len()) && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    (1..=255).contains(&text.len()) && text.split('.').all(label)
}

pub(super) fn is_host_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let literal = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let host_sound = literal.map_or_else(|| is_host(host), |h| h.parse::<std::net::Ipv6Addr>().is_ok());
    host_sound && port.parse::<u16>().is_ok_and(|port| port != 0)
}
