//! The configuration file: one TOML file, every key known, every default written down.
//!
//! ```text
//!   bytes --parse--> Config (types, unknown keys refused) --place--> paths absolute --check--> ready to serve
//! ```
//!
//! `docs/wherefore.toml` is the commented sample. Secrets never stand in the file: it names files or environment variables.
//! Relative paths count from the directory of the file.

mod areas;
mod charging;
mod check;
mod deferred;
mod diameter;
mod error;
mod keeping;
mod lid;
mod lr;
mod mdt;
mod pmd;
mod ppr;
mod pseudo_external;
mod pull;
mod push;
mod push_web;
mod secret;
mod sections;
mod service;
mod sigtran;
mod sigtran_check;
mod smsc;
mod summary;
#[cfg(test)]
mod tests;
mod usim;

pub use areas::Areas;
pub use charging::{ChargedTarget, Charging};
pub use deferred::Deferred;
pub use diameter::{Diameter, DiameterTls, Peer, PeerRole, PeerTransport, Timers};
pub use error::{ConfigError, Problem, SyntaxError};
pub use keeping::{Cache, Limits, Log, Override, Privacy, Store};
pub use lid::{Lid, LidPeer, LidRight, PmdRemote};
pub use lr::{Lr, LrPeer, LrRole};
pub use mdt::{Mdt, MdtConsent};
pub use pmd::Pmd;
pub use ppr::{Lpp, LppPeer, LppRight, Ppr, PprRemote};
pub use pseudo_external::{MoLrWord, ProvisionedWord, PseudoExternal};
pub use pull::{Connect, Others, Pull, PullClient, Upstream};
pub use push::{DefaultAlphabet, PushEsme, PushRole, PushSmpp, UnlistedEsme, UnmarkedNumber};
pub use push_web::{PushWeb, PushWebClient, WithoutIdentity};
pub use secret::{Secret, SecretError, create_private};
pub use sections::{Admin, ClientCertificates, Domain, Gateway, Metrics, Mlp, MlpTls, Push, Roles};
pub use service::{Service, ServicePeer};
pub use sigtran::{
    Association, AssociationRole, Map, Network, Route, Sigtran, SigtranTimers, SigtranTransport, TrafficMode,
};
pub use smsc::{ReceiptIds, Smsc, SmscBind};
pub use usim::{Usim, UsimRoad};

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The whole file. Every section and, save where its documentation says required, every key may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Who this gateway is.
    pub gateway: Gateway,
    /// Which parts it plays.
    pub roles: Roles,
    /// The door for LCS clients.
    pub mlp: Mlp,
    /// The API of the command line.
    pub admin: Admin,
    /// Prometheus.
    pub metrics: Metrics,
    /// The network's nodes that speak Diameter.
    pub diameter: Diameter,
    /// The network's nodes that speak MAP.
    pub sigtran: Sigtran,
    /// What is asked over MAP.
    pub map: Map,
    /// How serving nodes below capability set 4 are told.
    pub pseudo_external: PseudoExternal,
    /// The privacy profile register over the network.
    pub ppr: Ppr,
    /// Pseudonyms.
    pub pmd: Pmd,
    /// Other gateways.
    pub lr: Lr,
    /// Records for billing.
    pub charging: Charging,
    /// Requests that wait for an event.
    pub deferred: Deferred,
    /// Area events that the card watches.
    pub usim: Usim,
    /// Where the cells of networks are.
    pub areas: Areas,
    /// Short messages to phones and from them.
    pub smsc: Smsc,
    /// The collector of MDT logs.
    pub mdt: Mdt,
    /// Pseudonyms in the place of numbers.
    pub push: PushRole,
    /// Who is at a terminal, told under a pseudonym.
    pub pull: Pull,
    /// Clients and profiles on disk.
    pub store: Store,
    /// The disclosure log.
    pub log: Log,
    /// How much is taken on at once.
    pub limits: Limits,
    /// Policy above the subscribers' settings.
    pub privacy: Privacy,
    /// What is remembered.
    pub cache: Cache,
}

impl Config {
    /// Reads, parses and checks a file. Paths in the result are relative to nothing but the file's directory.
    ///
    /// # Errors
    /// Cannot be read; is not TOML or has an unknown key or a wrong type; says something that cannot be served.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let mut config = Self::parse(&text).map_err(|error| ConfigError::Syntax { path: path.to_owned(), error })?;
        config.place(path.parent().unwrap_or(Path::new("")));
        let problems = config.problems();
        if problems.is_empty() { Ok(config) } else { Err(ConfigError::Invalid { path: path.to_owned(), problems }) }
    }

    /// Parses text without looking at files or at sense.
    ///
    /// # Errors
    /// Not TOML, an unknown key, or a value of the wrong type or form, with its line.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        toml::from_str(text).map_err(|error| SyntaxError::of(text, &error))
    }

    /// Makes every relative path start at `dir`.
    pub fn place(&mut self, dir: &Path) {
        let required = [
            &mut self.admin.token_file,
            &mut self.store.path,
            &mut self.store.key_file,
            &mut self.log.dir,
            &mut self.pmd.key_file,
            &mut self.charging.key_file,
            &mut self.pull.key_file,
            &mut self.log.signing_key_file,
            &mut self.log.content_key_file,
        ];
        let optional = [
            &mut self.mlp.tls.cert_file,
            &mut self.mlp.tls.key_file,
            &mut self.mlp.tls.client_ca_file,
            &mut self.mlp.push.ca_file,
            &mut self.diameter.tls.cert_file,
            &mut self.diameter.tls.key_file,
            &mut self.diameter.tls.ca_file,
            &mut self.privacy.default_profile_file,
            &mut self.charging.dir,
            &mut self.pull.ca_file,
        ];
        let pseudonyms = self
            .pmd
            .lid
            .files()
            .into_iter()
            .chain(self.pmd.remote.files())
            .chain(self.lr.files())
            .chain(self.push.files())
            .chain(self.ppr.lpp.files())
            .chain(self.ppr.remote.files())
            .chain(self.areas.files())
            .chain(self.smsc.files());
        let optional = optional.into_iter().chain(pseudonyms).filter_map(Option::as_mut);
        let join = |path: &mut PathBuf| *path = dir.join(&*path);
        required.into_iter().chain(self.mdt.files()).chain(optional).for_each(join);
    }

    /// The origin line of the disclosure log's checkpoints.
    #[must_use]
    pub fn log_origin(&self) -> &str {
        self.log.origin.as_deref().unwrap_or(&self.gateway.name)
    }

    /// The name of this gateway towards other gateways.
    #[must_use]
    pub fn lr_name(&self) -> &str {
        self.lr.name.as_deref().unwrap_or(&self.gateway.name)
    }

    /// The Destination-Realm of SLh requests.
    #[must_use]
    pub fn hss_realm(&self) -> &str {
        self.diameter.hss_realm.as_deref().unwrap_or(&self.diameter.origin_realm)
    }
}
