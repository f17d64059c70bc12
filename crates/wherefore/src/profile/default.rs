//! The profile of subscribers who have none.

use super::{BodyError, ProfileBody};
use crate::config;
use crate::store::LoadSummary;
use privacy::CompiledProfile;
use std::path::PathBuf;

/// Why the default profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DefaultProfileError {
    /// The file cannot be read.
    #[error("privacy.default_profile_file: {} cannot be read ({source})", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not a profile in JSON.
    #[error("privacy.default_profile_file: {} is not a profile ({}); see docs/admin-api.md", path.display(), crate::forms::json_fault(source))]
    Json {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// The profile is not sound.
    #[error("privacy.default_profile_file: {} ({source})", path.display())]
    Profile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: BodyError,
    },
    /// Some subscribers' own rows are lost, so that it is not known whom the default profile would stand for.
    #[error(
        "privacy.default_profile_file: {lost} subscribers of the store cannot be read, and a default profile might allow \
         what they forbid; restore the store from a backup, or take the key out"
    )]
    SubscribersLost {
        /// How many.
        lost: u64,
    },
}

/// Reads the default profile that the configuration names; `None` if it names none: subscribers without a profile are
/// refused (TS 23.271 clause 9.5.3).
///
/// # Errors
/// The file is not a sound profile, or loading lost subscribers whom it might stand for.
pub fn default_profile(
    config: &config::Privacy,
    loaded: &LoadSummary,
) -> Result<Option<CompiledProfile>, DefaultProfileError> {
    let Some(path) = &config.default_profile_file else { return Ok(None) };
    if loaded.lost > 0 {
        return Err(DefaultProfileError::SubscribersLost { lost: loaded.lost });
    }
    let path = || path.clone();
    let text = std::fs::read(path()).map_err(|source| DefaultProfileError::Read { path: path(), source })?;
    let body: ProfileBody =
        serde_json::from_slice(&text).map_err(|source| DefaultProfileError::Json { path: path(), source })?;
    body.compile().map(Some).map_err(|source| DefaultProfileError::Profile { path: path(), source })
}
