//! What can be asked for over the socket.

use serde::{Deserialize, Serialize};

/// Longest pause, s: a year.
pub const LONGEST_PAUSE_S: u64 = 366 * 86_400;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// How it stands.
    Status,
    /// Take no part for a while.
    Pause,
    /// End the pause.
    Resume,
    /// Take no part any more.
    OptOut,
    /// Destroy what was logged.
    Clear,
}

/// Every verb.
pub const VERBS: [Verb; 5] = [Verb::Status, Verb::Pause, Verb::Resume, Verb::OptOut, Verb::Clear];

/// One line of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// What.
    pub verb: Verb,
    /// For how long, s; of a pause alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_s: Option<u64>,
}

impl Request {
    /// Reads a line; nothing unless it is one of the verbs with what belongs to it.
    #[must_use]
    pub fn parse(line: &[u8]) -> Option<Self> {
        // An array of the same values would be read, too.
        let object = line.trim_ascii_start().first() == Some(&b'{');
        let request: Self = serde_json::from_slice(line).ok().filter(|_| object)?;
        let sound = match (request.verb, request.for_s) {
            (Verb::Pause, Some(seconds)) => (1..=LONGEST_PAUSE_S).contains(&seconds),
            (Verb::Pause, None) | (_, Some(_)) => false,
            (_, None) => true,
        };
        sound.then_some(request)
    }
}
