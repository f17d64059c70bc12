//! Keys of the collector: files that nobody else reads, one each.

use super::super::random::Random;
use crate::config::{Mdt, Secret, create_private};
use crate::forms::{from_hex, to_hex};
use anyhow::{Context as _, Result};
use arc_swap::ArcSwap;
use aws_lc_rs::digest::{SHA256, digest};
use mdt_log::open::{CollectorPrivateKey, ReceiptSigner};
use mdt_log::{KeyId, Suite};
use mdt_store::SessionKey;
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use utoipa::ToSchema;
use zeroize::Zeroizing;

const SUITES: [(Suite, &str); 2] = [(Suite::Small, "small"), (Suite::Hybrid, "hybrid")];

/// A key file cannot be read, made or destroyed.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The folder or file.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The key in it.
    #[error(transparent)]
    Secret(#[from] crate::config::SecretError),
    /// It is no key of its suite.
    #[error("{}: no private key of that suite; make one with `wherefore mdt key create`", path.display())]
    NoKey {
        /// Which file.
        path: PathBuf,
    },
    /// No such key.
    #[error("there is no key {name} here; `wherefore mdt key list` shows those that there are")]
    Unknown {
        /// The name.
        name: String,
    },
}

/// The public half of a key, for the key list of phones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CollectorKeyView {
    /// Its name, 16 hexadecimal digits.
    pub id: String,
    /// `small` or `hybrid`; `receipt` for the key that signs receipts.
    pub suite: String,
    /// The public key, hexadecimal.
    pub public: String,
}

impl CollectorKeyView {
    fn of(key: &CollectorPrivateKey) -> Self {
        Self { id: to_hex(&key.id().0), suite: word(key.suite()).to_owned(), public: to_hex(&key.public()) }
    }
}

fn word(suite: Suite) -> &'static str {
    SUITES.iter().find(|(known, _)| *known == suite).map_or("", |(_, word)| word)
}

/// Files of keys in a folder, with what their names say.
fn files(dir: &Path) -> Result<Vec<(PathBuf, KeyId, Suite)>, KeyFileError> {
    let fault = |source| KeyFileError::File { path: dir.to_owned(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".key"));
        let Some((id, suite)) = name.and_then(|name| name.split_once('-')) else { continue };
        let id = from_hex(id).and_then(|id| id.try_into().ok()).map(KeyId);
        let suite = SUITES.iter().find(|(_, word)| *word == suite).map(|(suite, _)| *suite);
        if let (Some(id), Some(suite)) = (id, suite) {
            found.push((path, id, suite));
        }
    }
    found.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    Ok(found)
}

fn load(dir: &Path) -> Result<Vec<CollectorPrivateKey>, KeyFileError> {
    let read = |(path, id, suite): (PathBuf, KeyId, Suite)| {
        let octets = Secret { file: &path, env: None }.read_key()?;
        CollectorPrivateKey::from_octets(id, suite, octets.as_slice()).ok_or(KeyFileError::NoKey { path })
    };
    files(dir)?.into_iter().map(read).collect()
}

/// Draws a key, writes its private half into a file of its own in `dir`, and gives the public half.
///
/// # Errors
/// The file cannot be written.
pub fn create_key(dir: &Path, suite: Suite) -> Result<CollectorKeyView, KeyFileError> {
    let mut id = [0; 8];
    let fault = |path: &Path, source| KeyFileError::File { path: path.to_owned(), source };
    aws_lc_rs::rand::fill(&mut id).map_err(|_| fault(dir, std::io::Error::other("no randomness")))?;
    let (key, _) = CollectorPrivateKey::generate(KeyId(id), suite, &mut Random);
    let path = dir.join(format!("{}-{}.key", to_hex(&id), word(suite)));
    let text = Zeroizing::new(to_hex(&key.secret_octets()) + "\n");
    create_private(&path, text.as_bytes()).map_err(|source| fault(&path, source))?;
    Ok(CollectorKeyView::of(&key))
}

/// Public halves of the keys in `dir`.
///
/// # Errors
/// One cannot be read.
pub fn key_files(dir: &Path) -> Result<Vec<CollectorKeyView>, KeyFileError> {
    Ok(load(dir)?.iter().map(CollectorKeyView::of).collect())
}

/// Destroys a key: its file is overwritten and removed. What is sealed to it opens nowhere any more, unless a copy of the file is
/// somewhere. A collector that runs drops it within half a minute.
///
/// # Errors
/// There is no such key, or the file cannot be written.
pub fn destroy_key(dir: &Path, name: &str) -> Result<(), KeyFileError> {
    let found = files(dir)?.into_iter().find(|(_, id, _)| to_hex(&id.0) == name);
    let (path, ..) = found.ok_or_else(|| KeyFileError::Unknown { name: name.to_owned() })?;
    let destroy = || -> std::io::Result<()> {
        let len = std::fs::metadata(&path)?.len();
        let mut file = std::fs::OpenOptions::new().write(true).open(&path)?;
        file.write_all(&vec![0; usize::try_from(len).unwrap_or_default()])?;
        file.sync_all()?;
        std::fs::remove_file(&path)?;
        std::fs::File::open(dir)?.sync_all()
    };
    destroy().map_err(|source| KeyFileError::File { path: path.clone(), source })
}

/// The keys in use.
pub(super) struct Keys {
    dir: PathBuf,
    private: ArcSwap<Vec<CollectorPrivateKey>>,
    pub(super) signer: ReceiptSigner,
    /// Hashes whose an upload is, so that the spool names no phone.
    owners: Zeroizing<[u8; 32]>,
}

impl Keys {
    pub(super) fn open(config: &Mdt) -> Result<Self> {
        let receipt = Secret { file: &config.receipt_key_file, env: None };
        if receipt.create_if_missing().context("mdt.receipt_key_file")? {
            tracing::info!(file = %config.receipt_key_file.display(), "made the key that signs receipts of MDT");
        }
        let seed = receipt.read_key().context("mdt.receipt_key_file")?;
        let unnamed = ReceiptSigner::from_seed(KeyId([0; 8]), &seed);
        let mut id = [0; 8];
        id.iter_mut().zip(digest(&SHA256, &unnamed.public()).as_ref()).for_each(|(to, from)| *to = *from);
        let mut owners = Zeroizing::new([0; 32]);
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, seed.as_slice());
        let tag = aws_lc_rs::hmac::sign(&key, b"wherefore mdt owners v1");
        owners.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        std::fs::create_dir_all(&config.keys_dir).context("mdt.keys_dir")?;
        let private = load(&config.keys_dir).context("mdt.keys_dir")?;
        tracing::info!(keys = private.len(), "private keys of the MDT collector in memory");
        Ok(Self {
            dir: config.keys_dir.clone(),
            private: ArcSwap::from_pointee(private),
            signer: ReceiptSigner::from_seed(KeyId(id), &seed),
            owners,
        })
    }

    /// The secret for sessions, made if missing.
    pub(super) fn session(&self, config: &Mdt) -> Result<SessionKey> {
        let secret = Secret { file: &config.session_key_file, env: None };
        secret.create_if_missing().context("mdt.session_key_file")?;
        Ok(SessionKey::new(*secret.read_key().context("mdt.session_key_file")?))
    }

    pub(super) fn private(&self) -> Arc<Vec<CollectorPrivateKey>> {
        self.private.load_full()
    }

    pub(super) fn owners(&self) -> &[u8; 32] {
        &self.owners
    }

    /// Takes the folder as it is now: new keys come, destroyed ones go. Where it cannot be read, all stays as it is.
    pub(super) fn read_again(&self) {
        match load(&self.dir) {
            Ok(keys) => self.private.store(Arc::new(keys)),
            Err(error) => tracing::error!(%error, "mdt.keys_dir cannot be read; the keys stay as they were"),
        }
    }

    /// What the key list of phones says of this collector.
    pub(super) fn views(&self) -> Vec<CollectorKeyView> {
        let receipt = CollectorKeyView {
            id: to_hex(&self.signer.id().0),
            suite: "receipt".to_owned(),
            public: to_hex(&self.signer.public()),
        };
        self.private().iter().map(CollectorKeyView::of).chain([receipt]).collect()
    }
}
