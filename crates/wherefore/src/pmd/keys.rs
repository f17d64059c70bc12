//! The file of pseudonym keys: TOML that only its owner reads, replaced as a whole.
//!
//! ```text
//! [[key]]
//! id = 0
//! secret = "64 hexadecimal digits"
//! from = "2030-01-01T00:00:00Z"
//! until = "2030-03-01T00:00:00Z"      none: no end
//! rotation_s = 2592000
//! overlap_s = 604800
//! ```
//!
//! Rotation and overlap stand beside each key, for they are bound into it: those of the configuration hold for the next key.

use crate::clock::timestamp;
use crate::config::{self, Secret, SecretError, create_private};
use crate::forms::{from_hex, to_hex};
use lcs::{Duration, Timestamp};
use privacy::{PseudonymKey, PseudonymMaster};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, Zeroizing};

/// Greatest number of keys that a file holds.
pub const KEYS_MAX: usize = 16;
/// What the file begins with when this program writes it.
const HEAD: &str = "# Pseudonym keys. Whoever has this file turns every pseudonym into a subscriber.\n\
                    # New keys: `wherefore pseudonym rotate-key`. Nothing but `until` may be changed by hand.\n\n";

/// Why the keys cannot be had. No secret is in any of them.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read, or others may read it.
    #[error("pmd.key_file: {0}")]
    Secret(#[from] SecretError),
    /// Not the form that it has.
    #[error("pmd.key_file: {}: {what}; restore it from a copy", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong, without any value.
        what: String,
    },
    /// It cannot be written.
    #[error("pmd.key_file: {}: cannot be written ({source}); make its directory writable, and remove what an interrupted run left", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Sixteen keys, none of which has ended.
    #[error("pmd.key_file: 16 keys that have not ended; wait until the oldest has, or set its `until`")]
    Full,
    /// Every id was used.
    #[error("pmd.key_file: every id up to 255 was used; take another realm and a new file")]
    NoId,
    /// Randomness failed.
    #[error("pmd.key_file: the system's random source failed; try again")]
    NoRandomness,
}

/// A key in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyLine {
    id: u8,
    secret: String,
    from: jiff::Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<jiff::Timestamp>,
    rotation_s: u64,
    overlap_s: u64,
}

impl Drop for KeyLine {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl KeyLine {
    fn key(&self) -> Option<PseudonymKey> {
        let octets = from_hex(&self.secret).map(Zeroizing::new)?;
        let octets = Zeroizing::new(<[u8; 32]>::try_from(octets.as_slice()).ok()?);
        Some(PseudonymKey {
            id: self.id,
            master: PseudonymMaster::from_octets(*octets),
            from: timestamp(self.from),
            until: self.until.map_or(Timestamp::from_micros(u64::MAX), timestamp),
            rotation: Duration::from_secs(self.rotation_s),
            overlap: Duration::from_secs(self.overlap_s),
        })
    }

    /// When the last pseudonym under it has expired, if another key assigns from `successor` on.
    fn outlived(&self, successor: Timestamp) -> Timestamp {
        let last = successor.secs().saturating_add(self.rotation_s).saturating_add(self.overlap_s);
        Timestamp::from_secs(last.saturating_add(SPARE_S))
    }

    fn has_ended(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| timestamp(until) < now)
    }
}

/// By how much clocks may differ.
const SPARE_S: u64 = 600;

/// The content of the file.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    #[serde(default)]
    key: Vec<KeyLine>,
}

/// What a rotation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotated {
    /// Id of the new key.
    pub id: u8,
    /// From when it assigns.
    pub from: Timestamp,
    /// Keys that had ended and are out of the file.
    pub dropped: usize,
}

/// The keys of the file, made with a first key that assigns at once if it is missing.
///
/// # Errors
/// It cannot be read, made, or is not sound.
pub fn open(pmd: &config::Pmd, now: Timestamp) -> Result<Vec<PseudonymKey>, KeyFileError> {
    if !pmd.key_file.exists() {
        let mut file = KeyFile::default();
        file.add(pmd, 0, now)?;
        let path = &pmd.key_file;
        create_private(path, file.text()?.as_bytes())
            .map_err(|source| KeyFileError::Write { path: path.clone(), source })?;
        tracing::info!(file = %path.display(), "made the pseudonym keys; keep a copy, without it no pseudonym resolves");
    }
    read(&pmd.key_file)
}

/// The keys of a file that is there.
///
/// # Errors
/// It cannot be read or is not sound.
pub fn read(path: &Path) -> Result<Vec<PseudonymKey>, KeyFileError> {
    let form = |what: &str| KeyFileError::Form { path: path.to_owned(), what: what.to_owned() };
    let file = KeyFile::read(path)?;
    file.key.iter().map(|line| line.key().ok_or_else(|| form("a secret is not 64 hexadecimal digits"))).collect()
}

/// Adds a key that assigns from `from` on, ends the others once their last pseudonyms have expired, and takes out those that had.
/// The file is replaced at one moment.
///
/// # Errors
/// The file is not sound, full, or cannot be written.
pub fn rotate(pmd: &config::Pmd, now: Timestamp, from: Timestamp) -> Result<Rotated, KeyFileError> {
    let path = &pmd.key_file;
    let mut file = KeyFile::read(path)?;
    // The one with the highest id stays, so that no id is given twice.
    let last = file.key.iter().map(|line| line.id).max();
    let id = last.map_or(Some(0), |last| last.checked_add(1)).ok_or(KeyFileError::NoId)?;
    let before = file.key.len();
    file.key.retain(|line| Some(line.id) == last || !line.has_ended(now));
    let dropped = before - file.key.len();
    for line in &mut file.key {
        let outlived = moment(line.outlived(from));
        line.until = Some(line.until.map_or(outlived, |until| until.min(outlived)));
    }
    file.add(pmd, id, from)?;
    let aside = aside(path);
    let failed = |source| KeyFileError::Write { path: aside.clone(), source };
    // Made anew: of two who rotate at once, one fails.
    create_private(&aside, file.text()?.as_bytes()).map_err(failed)?;
    let replaced = std::fs::rename(&aside, path).and_then(|()| {
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::File::open(dir)?.sync_all()
    });
    replaced.map_err(|source| KeyFileError::Write { path: path.clone(), source })?;
    Ok(Rotated { id, from, dropped })
}

impl KeyFile {
    fn read(path: &Path) -> Result<Self, KeyFileError> {
        let text = Secret { file: path, env: None }.read()?;
        toml::from_str(&text).map_err(|error| {
            // The parser's text may repeat a secret; the line tells enough.
            let line = error.span().map_or(0, |span| text.get(..span.start).unwrap_or("").matches('\n').count() + 1);
            KeyFileError::Form { path: path.to_owned(), what: format!("line {line} is not understood") }
        })
    }

    fn add(&mut self, pmd: &config::Pmd, id: u8, from: Timestamp) -> Result<(), KeyFileError> {
        if self.key.len() >= KEYS_MAX {
            return Err(KeyFileError::Full);
        }
        let mut secret = Zeroizing::new([0u8; 32]);
        aws_lc_rs::rand::fill(secret.as_mut()).map_err(|_| KeyFileError::NoRandomness)?;
        self.key.push(KeyLine {
            id,
            secret: to_hex(secret.as_ref()),
            from: moment(Timestamp::from_secs(from.secs())),
            until: None,
            rotation_s: pmd.rotation_s,
            overlap_s: pmd.overlap_s,
        });
        Ok(())
    }

    fn text(&self) -> Result<Zeroizing<String>, KeyFileError> {
        let body = toml::to_string(self).map(Zeroizing::new);
        let body = body.map_err(|_| KeyFileError::Form { path: PathBuf::new(), what: "cannot be written".into() })?;
        Ok(Zeroizing::new([HEAD, &body].concat()))
    }
}

/// Beside the file, under the same permissions.
fn aside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

/// Seconds suffice; a time past what can be written is the last that can.
fn moment(at: Timestamp) -> jiff::Timestamp {
    let secs = i64::try_from(at.secs()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(secs).unwrap_or(jiff::Timestamp::MAX)
}
