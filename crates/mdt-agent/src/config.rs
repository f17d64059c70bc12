//! The file that an operator writes (`docs/mdt-agent.toml` is the commented sample).

use crate::job::hex;
use crate::source::Pace;
use mdt_log::log::Profile;
use serde::Deserialize;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The file cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// It is no configuration: no TOML, a key that is not known, a value of another kind.
    #[error("{0}: {1}")]
    Malformed(PathBuf, Box<toml::de::Error>),
    /// A value cannot be used.
    #[error("{key}: {wanted}")]
    Value {
        /// Which.
        key: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
}

/// All of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where things lie.
    pub state: State,
    /// Where measurements come from.
    pub source: SourceConfig,
    /// What is to be measured.
    pub job: JobConfig,
    /// Where failures are reported to; nowhere without.
    pub failures: Option<FailuresConfig>,
    /// Whose keys it is sealed to.
    pub keys: KeysConfig,
    /// Where the log goes.
    pub collector: CollectorConfig,
    /// The local interface.
    #[serde(default)]
    pub control: ControlConfig,
}

/// How large the log may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// 256 KiB.
    #[default]
    Standard,
    /// 64 KiB.
    Reduced,
}

impl Size {
    /// As the log takes it.
    #[must_use]
    pub fn profile(self) -> Profile {
        match self {
            Self::Standard => Profile::STANDARD,
            Self::Reduced => Profile::REDUCED,
        }
    }
}

/// Where things lie.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Sealed octets and notes.
    pub dir: PathBuf,
    /// Keys and what is owed to the collector.
    pub keys_dir: PathBuf,
    /// How large the log may become.
    #[serde(default)]
    pub size: Size,
    /// Entries of how many seconds a crash may cost.
    #[serde(default = "flush_s")]
    pub flush_s: u64,
}

/// Where measurements come from: one of the two.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub enum SourceConfig {
    /// A modem.
    Modem(ModemConfig),
    /// A file.
    Replay(ReplayConfig),
}

/// A modem by ModemManager.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModemConfig {
    /// `system`, or the address of a bus.
    #[serde(default = "system_bus")]
    pub bus: String,
    /// Object path of the modem; the first without.
    pub device: Option<String>,
    /// How often it is looked at, s.
    #[serde(default = "poll_s")]
    pub poll_s: u64,
}

/// A file of measurements.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayConfig {
    /// The file.
    pub file: PathBuf,
    /// How it is played.
    #[serde(default)]
    pub pace: Pace,
}

/// What is to be measured.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobConfig {
    /// A TraceJob in JSON.
    pub file: PathBuf,
    /// The reference of the consent that goes with it.
    pub consent_file: Option<PathBuf>,
}

/// Where failures are reported to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailuresConfig {
    /// The collection entity.
    pub tce_id: u8,
    /// The reference of the consent to reports of failures.
    pub consent_file: Option<PathBuf>,
}

/// Whose keys it is sealed to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysConfig {
    /// The signed key list.
    pub list_file: PathBuf,
    /// Ed25519 public keys of the roots that may sign it, hexadecimal.
    pub roots: Vec<String>,
}

impl KeysConfig {
    /// The roots.
    ///
    /// # Errors
    /// There is none, or one is not 32 octets.
    pub fn roots(&self) -> Result<Vec<[u8; 32]>, ConfigError> {
        let roots: Option<Vec<_>> = self.roots.iter().map(|root| hex(root)?.try_into().ok()).collect();
        roots.filter(|roots| !roots.is_empty()).ok_or(ConfigError::Value {
            key: "keys.roots",
            wanted: "one or two public keys of 64 hexadecimal digits each",
        })
    }
}

/// Where the log goes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectorConfig {
    /// Its address.
    pub url: String,
    /// The one authority that its certificate may be of.
    pub ca_file: PathBuf,
    /// A token that it knows this router by.
    pub token_file: Option<PathBuf>,
    /// A certificate that it knows this router by, with its chain.
    pub cert_file: Option<PathBuf>,
    /// The certificate's key.
    pub key_file: Option<PathBuf>,
    /// How often what was logged is brought there while a job runs, s.
    #[serde(default = "every_s")]
    pub every_s: u64,
    /// Octets of one request.
    #[serde(default = "piece_octets")]
    pub piece_octets: usize,
    /// Wait after a first attempt that failed, s; doubled with each further one.
    #[serde(default = "retry_first_s")]
    pub retry_first_s: u64,
    /// Longest wait, s.
    #[serde(default = "retry_longest_s")]
    pub retry_longest_s: u64,
}

/// The local interface.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ControlConfig {
    /// The socket.
    pub socket: PathBuf,
}

/// Where the socket is unless the file says otherwise.
pub const SOCKET: &str = "/run/mdt-agent/control.sock";

impl Default for ControlConfig {
    fn default() -> Self {
        Self { socket: SOCKET.into() }
    }
}

fn flush_s() -> u64 {
    10
}

fn system_bus() -> String {
    "system".to_owned()
}

fn poll_s() -> u64 {
    10
}

fn every_s() -> u64 {
    900
}

fn piece_octets() -> usize {
    32 << 10
}

fn retry_first_s() -> u64 {
    5
}

fn retry_longest_s() -> u64 {
    3600
}

impl Config {
    /// Reads a file. Paths in it are taken from its folder.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::File(path.to_owned(), error))?;
        let mut config: Self =
            toml::from_str(&text).map_err(|error| ConfigError::Malformed(path.to_owned(), Box::new(error)))?;
        config.resolve(path.parent().unwrap_or(Path::new(".")));
        config.check()?;
        Ok(config)
    }

    fn resolve(&mut self, folder: &Path) {
        let Self { state, source, job, failures, keys, collector, control } = self;
        let mut paths = vec![&mut state.dir, &mut state.keys_dir, &mut job.file, &mut keys.list_file];
        paths.extend([&mut collector.ca_file, &mut control.socket]);
        paths.extend(job.consent_file.as_mut());
        paths.extend(failures.as_mut().and_then(|failures| failures.consent_file.as_mut()));
        let credentials = [&mut collector.token_file, &mut collector.cert_file, &mut collector.key_file];
        paths.extend(credentials.into_iter().flatten());
        if let SourceConfig::Replay(replay) = source {
            paths.push(&mut replay.file);
        }
        for path in paths {
            *path = folder.join(&*path);
        }
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.keys.roots()?;
        let collector = &self.collector;
        let holds = |holds: bool, key, wanted| holds.then_some(()).ok_or(ConfigError::Value { key, wanted });
        holds(self.state.dir != self.state.keys_dir, "state.keys_dir", "another folder than state.dir")?;
        holds(collector.url.starts_with("https://"), "collector.url", "an address that begins with https://")?;
        let both = collector.cert_file.is_some() == collector.key_file.is_some();
        holds(both, "collector.key_file", "there together with collector.cert_file")?;
        let known = collector.cert_file.is_some() != collector.token_file.is_some();
        holds(known, "collector.token_file", "there, or else collector.cert_file: one of the two")?;
        holds((4096..=1 << 20).contains(&collector.piece_octets), "collector.piece_octets", "4096 to 1048576")?;
        holds((1..=86_400).contains(&collector.every_s), "collector.every_s", "1 to 86400")?;
        let waits = (1..=collector.retry_longest_s).contains(&collector.retry_first_s);
        holds(
            waits && collector.retry_longest_s <= 86_400,
            "collector.retry_first_s",
            "1 to retry_longest_s, that to 86400",
        )?;
        holds(self.state.flush_s <= 60, "state.flush_s", "0 to 60")?;
        if let SourceConfig::Modem(modem) = &self.source {
            holds((1..=60).contains(&modem.poll_s), "source.modem.poll_s", "1 to 60")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
