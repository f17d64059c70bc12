//! Secrets: from a file that only its owner reads, or from the environment. Never from the configuration file itself.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Where a secret comes from. The environment is looked at first.
#[derive(Debug, Clone, Copy)]
pub struct Secret<'a> {
    /// The file that holds it.
    pub file: &'a Path,
    /// The environment variable that may hold it.
    pub env: Option<&'a str>,
}

/// Why a secret cannot be had. The secret itself is in none of them.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The variable is named in the configuration and not set.
    #[error("environment variable {0} is not set; set it, or take the *_env key out of the configuration")]
    Unset(String),
    /// The file cannot be read.
    #[error("{}: secret cannot be read ({source}); `wherefore init` makes the files that are missing", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file cannot be made.
    #[error("{}: secret file cannot be made ({source}); make its directory writable for this user", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others may read the file.
    #[error("{}: mode {mode:03o} lets others read this secret; run chmod 600 on it, and change the secret if others are about", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Nothing in it.
    #[error("secret from {0} is empty")]
    Empty(String),
    /// Not of the form asked for.
    #[error("secret from {from}: {wanted} wanted")]
    Form {
        /// The file or variable.
        from: String,
        /// The right form.
        wanted: &'static str,
    },
}

impl Secret<'_> {
    /// Reads the secret, without blanks at its ends.
    ///
    /// # Errors
    /// Not there, readable by others, or empty.
    pub fn read(self) -> Result<Zeroizing<String>, SecretError> {
        let text = match self.env {
            Some(name) => Zeroizing::new(std::env::var(name).map_err(|_| SecretError::Unset(name.to_owned()))?),
            None => self.read_file()?,
        };
        let text = Zeroizing::new(text.trim().to_owned());
        if text.is_empty() { Err(SecretError::Empty(self.from())) } else { Ok(text) }
    }

    fn read_file(self) -> Result<Zeroizing<String>, SecretError> {
        let failed = |source| SecretError::Read { path: self.file.to_owned(), source };
        let mode = private_mode(&std::fs::metadata(self.file).map_err(failed)?);
        if mode & 0o077 != 0 {
            return Err(SecretError::Open { path: self.file.to_owned(), mode });
        }
        std::fs::read_to_string(self.file).map(Zeroizing::new).map_err(failed)
    }

    /// Whether the secret is there to be read.
    #[must_use]
    pub fn exists(self) -> bool {
        self.env.is_some() || self.file.exists()
    }

    /// What to call its origin in a message.
    #[must_use]
    pub fn from(self) -> String {
        self.env.map_or_else(|| self.file.display().to_string(), |name| format!("environment variable {name}"))
    }

    /// Reads 32 bytes written as 64 hexadecimal digits.
    ///
    /// # Errors
    /// As [`Secret::read`], and a wrong form.
    pub fn read_key(self) -> Result<Zeroizing<[u8; 32]>, SecretError> {
        let text = self.read()?;
        let bytes = crate::forms::from_hex(&text).map(Zeroizing::new);
        let key = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        key.map(Zeroizing::new)
            .ok_or_else(|| SecretError::Form { from: self.from(), wanted: "64 hexadecimal digits (32 bytes)" })
    }

    /// Makes the file with 32 fresh random bytes in hexadecimal and mode 0600, unless the secret is there. Says whether
    /// it made one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn create_if_missing(self) -> Result<bool, SecretError> {
        if self.exists() {
            return Ok(false);
        }
        let mut bytes = Zeroizing::new([0u8; 32]);
        let create = |source| SecretError::Create { path: self.file.to_owned(), source };
        aws_lc_rs::rand::fill(bytes.as_mut()).map_err(|_| create(std::io::Error::other("no randomness")))?;
        let text = Zeroizing::new(crate::forms::to_hex(bytes.as_ref()) + "\n");
        create_private(self.file, text.as_bytes()).map_err(create)?;
        Ok(true)
    }
}

#[cfg(unix)]
fn private_mode(meta: &std::fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o777
}

#[cfg(not(unix))]
fn private_mode(_: &std::fs::Metadata) -> u32 {
    0o600
}

/// Makes a new file that only its owner reads, durable when this returns. Its directory is made if missing.
///
/// # Errors
/// The file exists or cannot be written.
pub fn create_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir)?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::File::open(dir)?.sync_all()
}
