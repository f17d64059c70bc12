//! What a subscriber and its phone have to do with MDT, and who takes which part in its steps of a tour.

use serde::Deserialize;

/// Consent as the HSS holds it, and the phone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SubscriberMdtSpec {
    /// Whether the home network holds a consent to MDT. Default: no.
    pub consent: bool,
    /// Networks where it holds, as `001-01`, 16 at most. Default: that of the home operator.
    pub plmns: Vec<String>,
    /// How often the phone has a fix by satellite, seconds; none if absent.
    pub fix_every_s: Option<u32>,
    /// Whether it has room for 16 KiB of entries alone, instead of 64 KiB (TS 38.306 clause 4.2.18). Default: no.
    pub small_memory: bool,
    /// Whether it is connected from the start. Default: no.
    pub connected: bool,
    /// Whether its user opted out on the phone. Default: no.
    pub opted_out: bool,
}

/// The parts of the steps of MDT, by label: subscribers with `mdt`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriveTestsSpec {
    /// Was told nothing.
    pub not_informed: String,
    /// Was told and agreed; its log goes the whole way.
    pub logs: String,
    /// Was told and agreed; clears, and opts out in the middle of a job.
    pub leaves: String,
}
