//! Key files.

use super::error::LogError;
use super::files::{make_dir, private};
use privacy::disclosure::{LogKeys, MasterKey, NoteError, Origin, SigningKey, VerifierKey};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Name of the public key's file in the log's directory.
const VERIFIER: &str = "log.vkey";

/// Where the two secrets of a log are.
#[derive(Debug, Clone)]
pub struct KeyPaths {
    /// Signs checkpoints.
    pub signing: PathBuf,
    /// Seals content.
    pub content: PathBuf,
}

/// Reads the keys of the log in `dir`, or makes those that are missing while the log has no entries yet. Exports the public
/// key as `log.vkey` in the directory.
pub fn load_or_make(dir: &Path, paths: &KeyPaths, origin: &str) -> Result<LogKeys, LogError> {
    let origin = Origin::new(origin).map_err(LogError::Origin)?;
    let is_new = std::fs::read_dir(dir.join("segment")).map_or(true, |mut entries| {
        !entries.any(|entry| entry.is_ok_and(|entry| entry.path().extension().is_some_and(|suffix| suffix == "seg")))
    });
    let signing = match read_secret(&paths.signing)? {
        Some(text) => SigningKey::parse(&text).map_err(|error| key_error(&paths.signing, error))?,
        None if is_new => {
            let key = SigningKey::random(origin.clone()).map_err(|_| LogError::Random)?;
            make_secret(&paths.signing, &key.to_text())?;
            key
        }
        None => return Err(lost(&paths.signing, dir)),
    };
    if *signing.verifier().origin() != origin {
        return Err(LogError::OtherOrigin {
            path: paths.signing.clone(),
            of: signing.verifier().origin().as_str().to_owned(),
            wanted: origin.as_str().to_owned(),
        });
    }
    let master = match read_secret(&paths.content)? {
        Some(text) => MasterKey::parse(&text).map_err(|error| key_error(&paths.content, error))?,
        None if is_new => {
            let key = MasterKey::random().ok_or(LogError::Random)?;
            make_secret(&paths.content, &key.to_text())?;
            key
        }
        None => return Err(lost(&paths.content, dir)),
    };
    export(dir, signing.verifier())?;
    Ok(LogKeys { signing, master })
}

/// Reads the content key, for those who may read entries.
pub fn read_master(path: &Path) -> Result<MasterKey, LogError> {
    let missing = || LogError::File { path: path.to_owned(), error: std::io::ErrorKind::NotFound.into() };
    let text = read_secret(path)?.ok_or_else(missing)?;
    MasterKey::parse(&text).map_err(|error| key_error(path, error))
}

/// Reads the public key at `path`, or the one that the log's directory itself holds.
pub fn read_verifier(dir: &Path, path: Option<&Path>) -> Result<VerifierKey, LogError> {
    let path = path.map_or_else(|| dir.join(VERIFIER), Path::to_owned);
    let text = std::fs::read_to_string(&path).map_err(LogError::file(&path))?;
    VerifierKey::parse(&text).map_err(|error| key_error(&path, error))
}

fn export(dir: &Path, key: &VerifierKey) -> Result<(), LogError> {
    let path = dir.join(VERIFIER);
    let text = format!("{}\n", key.to_text());
    if std::fs::read_to_string(&path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    std::fs::write(&path, text).map_err(LogError::file(&path))?;
    // The log itself is new then: the directories must be there after a power cut as long as what will be in them.
    sync_dir(&path).and_then(|()| sync_dir(dir)).map_err(LogError::file(dir))
}

/// Makes the name of a new file or directory durable: a key that is gone takes the whole log with it.
fn sync_dir(path: &Path) -> std::io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    match std::fs::File::open(parent.unwrap_or(Path::new("."))) {
        Ok(dir) => dir.sync_all(),
        // A directory that may be passed and not listed; what was made in it is as durable as the system makes it.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(error),
    }
}

fn read_secret(path: &Path) -> Result<Option<Zeroizing<String>>, LogError> {
    let mode = match std::fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(LogError::File { path: path.to_owned(), error }),
    };
    if mode & 0o077 != 0 {
        return Err(LogError::KeyExposed { path: path.to_owned() });
    }
    std::fs::read_to_string(path).map(Zeroizing::new).map(Some).map_err(LogError::file(path))
}

fn make_secret(path: &Path, text: &str) -> Result<(), LogError> {
    let write = || {
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            make_dir(parent)?;
        }
        let mut file = private().create_new(true).open(path)?;
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        sync_dir(path)
    };
    write().map_err(LogError::file(path))?;
    tracing::warn!(path = %path.display(), "made a key of the disclosure log: keep a copy in a safe place, apart from the log");
    Ok(())
}

fn key_error(path: &Path, error: NoteError) -> LogError {
    LogError::Key { path: path.to_owned(), error }
}

fn lost(path: &Path, dir: &Path) -> LogError {
    LogError::KeyLost { path: path.to_owned(), dir: dir.to_owned() }
}
