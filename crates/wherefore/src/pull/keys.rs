//! The file of keys that sign tokens: TOML that only its owner reads, replaced as a whole.
//!
//! ```text
//! [[key]]
//! pkcs8 = "hexadecimal digits"        P-256, PKCS#8
//! from = "2030-01-01T00:00:00Z"       signs from then on, until the next begins
//! ```
//!
//! A key is published some time before it signs, and until the last token that it signed has expired.

use crate::config::{Secret, SecretError, create_private};
use crate::forms::{from_hex, to_hex};
use assertion::{SignError, SigningKey};
use lcs::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, Zeroizing};

/// How long before it signs a key is published, s: longer than anybody keeps the set of keys.
pub(super) const LEAD_S: u64 = 3600;
/// By how much clocks may differ, s.
const SPARE_S: u64 = 600;
const HEAD: &str = "# Keys that sign assertions. Whoever has this file can give himself out for anybody.\n\
                    # Another is added by the program itself, pull.key_rotation_s after the last.\n\n";

/// Why the keys cannot be had. No secret is in any of them.
#[derive(Debug, thiserror::Error)]
pub enum AssertionKeyError {
    /// The file cannot be read, or others may read it.
    #[error("pull.key_file: {0}")]
    Secret(#[from] SecretError),
    /// Not the form that it has.
    #[error("pull.key_file: {}: {what}; restore it from a copy, or remove it: tokens of its keys are refused then", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong, without any value.
        what: &'static str,
    },
    /// It cannot be written.
    #[error("pull.key_file: {}: cannot be written ({source}); make its directory writable", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No key could be made.
    #[error("pull.key_file: {0}")]
    Sign(#[from] SignError),
}

/// A key, and from when it signs.
#[derive(Debug, Clone)]
pub(super) struct TimedKey {
    pub(super) key: SigningKey,
    pub(super) from: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyLine {
    pkcs8: String,
    from: jiff::Timestamp,
}

impl Drop for KeyLine {
    fn drop(&mut self) {
        self.pkcs8.zeroize();
    }
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    #[serde(default)]
    key: Vec<KeyLine>,
}

/// The keys of the file, by time. Made with a key that signs at once if it is missing.
pub(super) fn open(path: &Path, now: Timestamp) -> Result<Vec<TimedKey>, AssertionKeyError> {
    if !path.exists() {
        let file = KeyFile { key: vec![KeyLine::new(now)?] };
        create_private(path, file.text(path)?.as_bytes())
            .map_err(|source| AssertionKeyError::Write { path: path.to_owned(), source })?;
        tracing::info!(file = %path.display(), "made the keys that sign assertions");
    }
    KeyFile::read(path)?.keys(path)
}

/// Adds a key once the last one is due to end, and takes out those whose tokens have all expired. The new state of the file, if it
/// changed.
pub(super) fn rotate(
    path: &Path,
    rotation_s: u64,
    token_s: u64,
    now: Timestamp,
) -> Result<Option<Vec<TimedKey>>, AssertionKeyError> {
    let mut file = KeyFile::read(path)?;
    file.key.sort_by_key(|line| line.from);
    let before = file.key.len();
    // A key is out once its successor has signed for as long as a token holds.
    let outlived = |successor: &KeyLine| secs(successor.from) + token_s + SPARE_S <= now.secs();
    let gone = file.key.iter().skip(1).take_while(|successor| outlived(successor)).count();
    file.key.drain(..gone);
    let due = file.key.last().map_or(0, |last| secs(last.from) + rotation_s);
    let adds = now.secs() + LEAD_S >= due;
    if adds {
        file.key.push(KeyLine::new(Timestamp::from_secs(due.max(now.secs() + LEAD_S)))?);
    }
    if gone == 0 && !adds {
        return Ok(None);
    }
    replace(path, file.text(path)?.as_bytes())?;
    tracing::info!(keys = file.key.len(), before, "keys that sign assertions have changed");
    file.keys(path).map(Some)
}

impl KeyLine {
    fn new(from: Timestamp) -> Result<Self, SignError> {
        let pkcs8 = Zeroizing::new(SigningKey::generate()?);
        let from = jiff::Timestamp::from_second(i64::try_from(from.secs()).unwrap_or(i64::MAX));
        Ok(Self { pkcs8: to_hex(&pkcs8), from: from.unwrap_or(jiff::Timestamp::MAX) })
    }

    fn key(&self) -> Option<TimedKey> {
        let pkcs8 = from_hex(&self.pkcs8).map(Zeroizing::new)?;
        let key = SigningKey::from_pkcs8(&pkcs8).ok()?;
        Some(TimedKey { key, from: Timestamp::from_secs(secs(self.from)) })
    }
}

impl KeyFile {
    fn read(path: &Path) -> Result<Self, AssertionKeyError> {
        let text = Secret { file: path, env: None }.read()?;
        let form = |what| AssertionKeyError::Form { path: path.to_owned(), what };
        let file: Self = toml::from_str(&text).map_err(|_| form("not understood"))?;
        if (1..=16).contains(&file.key.len()) { Ok(file) } else { Err(form("not 1 to 16 keys")) }
    }

    fn keys(&self, path: &Path) -> Result<Vec<TimedKey>, AssertionKeyError> {
        let form = || AssertionKeyError::Form { path: path.to_owned(), what: "a key is not P-256 in PKCS#8" };
        let mut keys = self.key.iter().map(|line| line.key().ok_or_else(form)).collect::<Result<Vec<TimedKey>, _>>()?;
        keys.sort_by_key(|key| key.from);
        Ok(keys)
    }

    fn text(&self, path: &Path) -> Result<Zeroizing<String>, AssertionKeyError> {
        let body = toml::to_string(self).map(Zeroizing::new);
        let body = body.map_err(|_| AssertionKeyError::Form { path: path.to_owned(), what: "it cannot be written" })?;
        Ok(Zeroizing::new([HEAD, &body].concat()))
    }
}

/// Puts a whole new file in the place of the old at one moment.
fn replace(path: &Path, content: &[u8]) -> Result<(), AssertionKeyError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let aside = path.with_file_name(name);
    // What an interrupted run left.
    std::fs::remove_file(&aside).ok();
    let replaced = create_private(&aside, content).and_then(|()| std::fs::rename(&aside, path)).and_then(|()| {
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::File::open(dir)?.sync_all()
    });
    replaced.map_err(|source| AssertionKeyError::Write { path: path.to_owned(), source })
}

fn secs(at: jiff::Timestamp) -> u64 {
    u64::try_from(at.as_second()).unwrap_or(0)
}
