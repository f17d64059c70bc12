//! What `check-config` prints about a sound file.

use super::{ChargedTarget, Config, PeerRole, ProvisionedWord};

impl Config {
    /// A few lines for a person: roles, listeners, peers, where data lies. Warnings begin with `note:`.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut out = String::new();
        let mut line = |text: String| {
            out.push_str(&text);
            out.push('\n');
        };
        let roles = [
            ("gmlc", self.roles.gmlc),
            ("ppr", self.roles.ppr),
            ("pmd", self.roles.pmd),
            ("push", self.roles.push),
            ("pull", self.roles.pull),
            ("mdt", self.roles.mdt),
        ];
        let roles: Vec<&str> = roles.into_iter().filter_map(|(name, on)| on.then_some(name)).collect();
        let number = self.gateway.gmlc_number.map_or_else(|| "none".to_owned(), |n| n.to_string());
        line(format!("gateway   {} ({}), GMLC number {number}", self.gateway.name, roles.join(", ")));
        line(format!("mlp       http {}", self.mlp.listen));
        if self.mlp.tls.cert_file.is_some() {
            line(format!("          https {}", self.mlp.tls.listen));
        }
        line(format!("admin     http {}", self.admin.listen));
        if self.metrics.enabled {
            line(format!("metrics   http {}", self.metrics.listen));
        }
        line(format!("diameter  {} in {}", self.diameter.origin_host, self.diameter.origin_realm));
        for role in [PeerRole::Hss, PeerRole::Mme, PeerRole::Relay] {
            let peers = self.diameter.peer.iter().filter(|peer| peer.role == role);
            let names: Vec<&str> = peers.map(|peer| peer.host.as_str()).collect();
            if !names.is_empty() {
                line(format!("          {role:?}: {}", names.join(", ")).to_lowercase());
            }
        }
        if self.sigtran.enabled {
            let code = self.sigtran.point_code;
            let hlr = self.map.hlr.map_or_else(|| "no HLR".to_owned(), |hlr| format!("HLR {hlr}"));
            line(format!("map       point code {code}, {hlr}"));
            for association in &self.sigtran.association {
                let transport = format!("{:?}", association.transport).to_lowercase();
                line(format!("          {}: {transport} {}", association.name, association.address));
            }
        }
        if let [first, .., last] = &self.pseudo_external.numbers[..] {
            let held = if self.pseudo_external.provisioned == ProvisionedWord::FirstFour { "1 to 4" } else { "all" };
            line(format!("old nodes by pseudo-external identities {first} to {last}, {held} in home registers"));
        }
        if self.ppr.lpp.cert_file.is_some() {
            line(format!("ppr       lpp https {}", self.ppr.lpp.listen));
        }
        if let Some(url) = &self.ppr.remote.url {
            line(format!("ppr       asked at {url}"));
        }
        if self.roles.pmd {
            let realm = self.pmd.realm.as_deref().unwrap_or("none");
            line(format!("pmd       realm {realm}, keys in {}", self.pmd.key_file.display()));
            if self.pmd.lid.cert_file.is_some() {
                line(format!("          lid https {}", self.pmd.lid.listen));
            }
        }
        if let Some(url) = &self.pmd.remote.url {
            line(format!("pmd       asked at {url}"));
        }
        if self.lr.is_on() {
            line(format!("lr        https {} as {}", self.lr.listen, self.lr_name()));
            for peer in &self.lr.peer {
                let roles: Vec<&str> = peer.roles.iter().map(|role| role.as_str()).collect();
                let url = peer.url.as_deref().unwrap_or("only asks");
                line(format!("          {} ({}): {url}", peer.name, roles.join(", ")));
            }
        }
        if let Some(dir) = &self.charging.dir {
            line(format!("charging  {}", dir.display()));
        }
        self.push_lines().into_iter().for_each(&mut line);
        line(format!("store     {}", self.store.path.display()));
        line(format!("log       {} (origin {})", self.log.dir.display(), self.log_origin()));
        line(format!("floor     {}", self.privacy.operator_floor));
        self.notes().into_iter().for_each(|note| line(format!("note: {note}")));
        out
    }

    /// Where nodes report, what carries short messages, and the gateways that put pseudonyms in the place of numbers.
    fn push_lines(&self) -> Vec<String> {
        let (smpp, web) = (&self.push.smpp, &self.push.web);
        let mut lines: Vec<String> = Vec::new();
        if self.roles.mdt {
            lines.push(format!("mdt       https {}, rows in {}", self.mdt.listen, self.mdt.dir.display()));
        }
        lines.extend(self.deferred.gmlc_address.map(|address| format!("deferred  reports to {address}")));
        lines.extend(self.usim.enabled.then(|| format!("usim      TAR {}", self.usim.tar)));
        lines.extend(self.areas.cell_table_file.as_ref().map(|path| format!("areas     cells of {}", path.display())));
        lines.extend(self.smsc.address.as_ref().map(|smsc| format!("smsc      {smsc} as {}", self.smsc.system_id)));
        if let Some(smsc) = smpp.smsc.as_ref().filter(|_| self.roles.push) {
            lines.push(format!("push      smpp {} before {smsc}, {} clients", smpp.listen, smpp.esme.len()));
        }
        if self.roles.push && !web.client.is_empty() {
            lines.push(format!("push      web {}, {} clients", web.listen, web.client.len()));
        }
        lines
    }

    /// Settings that are allowed and worth a second look.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for (key, address) in [("mlp.listen", self.mlp.listen), ("admin.listen", self.admin.listen)] {
            if !address.ip().is_loopback() {
                notes.push(format!("{key} {address} is not loopback and has no encryption"));
            }
        }
        let serves = |role| self.diameter.peer.iter().any(|p| p.role == role || p.role == PeerRole::Relay);
        if self.roles.gmlc && self.map.hlr.is_none() && !serves(PeerRole::Hss) {
            notes.push("no peer of role hss or relay: every request will end as network unreachable".into());
        }
        if self.roles.gmlc && !self.sigtran.enabled && !serves(PeerRole::Mme) {
            notes.push("no peer of role mme or relay: no position can be asked for".into());
        }
        if self.gateway.country_codes.is_empty() {
            notes.push(
                "gateway.country_codes is empty: \"any GMLC in the home country\" and overrides never hold".into(),
            );
        }
        if self.privacy.default_profile_file.is_some() {
            notes.push("privacy.default_profile_file decides for subscribers who never chose".into());
        }
        if self.charging.dir.is_some() && self.charging.target == ChargedTarget::Clear {
            notes.push("charging.target writes in clear who was looked for".into());
        }
        if self.log.keep_coordinates {
            notes.push("log.keep_coordinates keeps a history of where subscribers were".into());
        }
        notes
    }
}
