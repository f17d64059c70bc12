//! What is read: files, standard input, secrets.

use super::error::CliError;
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
    serde_json::from_str(&text).map_err(|error| CliError::Usage(format!("{}: {}", path.display(), json_error(&error))))
}

/// What is wrong with JSON, without repeating values, which may be identities.
pub(super) fn json_error(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let names = ["unknown field", "unknown variant", "missing field", "duplicate field"];
    if names.iter().any(|name| said.starts_with(name)) {
        return said;
    }
    let what = if error.is_data() { "a value has the wrong type or form" } else { "not JSON" };
    format!("{what} at line {} column {}", error.line(), error.column())
}

/// A secret of a file, without blanks at its ends.
pub(super) fn secret(path: &Path) -> Result<Zeroizing<String>, CliError> {
    Ok(Zeroizing::new(text(path)?.trim().to_owned()))
}
