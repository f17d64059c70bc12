//! What is read: files, standard input, secrets.

use super::error::CliError;
use crate::forms::json_fault;
use crate::profile::ProfileBody;
use serde::de::DeserializeOwned;
use std::io::Read as _;
use std::path::Path;
use zeroize::Zeroizing;

/// The content of a file, `-` for standard input.
pub(super) fn text(path: &Path) -> Result<Zeroizing<String>, CliError> {
    let mut text = Zeroizing::new(String::new());
    let read = if path == Path::new("-") {
        std::io::stdin().lock().read_to_string(&mut text).map(drop)
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text).map(drop))
    };
    read.map(|()| text).map_err(|source| CliError::File { path: path.to_owned(), source })
}

/// JSON of a file. The error names line and column and, where the API defines it, the member; never a value.
pub(super) fn json<T: DeserializeOwned>(path: &Path) -> Result<T, CliError> {
    let text = text(path)?;
    serde_json::from_str(&text).map_err(|error| CliError::Usage(format!("{}: {}", path.display(), json_fault(&error))))
}

/// A profile of a file, seen to be one and otherwise as it is written: what it leaves out is not the same as its default.
pub(super) fn profile(path: &Path) -> Result<serde_json::Value, CliError> {
    let text = text(path)?;
    let sound = serde_json::from_str::<ProfileBody>(&text).and_then(|_| serde_json::from_str(&text));
    sound.map_err(|error| CliError::Usage(format!("{}: {}", path.display(), json_fault(&error))))
}

/// A secret of a file, without blanks at its ends.
pub(super) fn secret(path: &Path) -> Result<Zeroizing<String>, CliError> {
    Ok(Zeroizing::new(text(path)?.trim().to_owned()))
}
