//! Parameters of deferred requests (TS 23.271 clause 7.4.1). No setting of a profile depends on them; they are read so that a
//! gateway that has them may say them, and checked so that nonsense is told.

use super::Unsound;
use super::words::Estimate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// When a report is made about an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AreaEvent {
    /// The UE enters it.
    Entering,
    /// The UE leaves it.
    Leaving,
    /// The UE is in it.
    BeingInside,
}

/// What change of area and motion have in common.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reporting {
    /// Whether there may be more than one report.
    pub(crate) multiple_reports: bool,
    /// Least time between reports, s, 1-32767.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) minimum_interval_s: Option<u32>,
    /// Whether location estimates are wanted.
    pub(crate) location_estimates: bool,
    /// For how long, s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) duration_s: Option<u64>,
    /// Greatest time between reports, s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maximum_interval_s: Option<u32>,
    /// Greatest time between samples, s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maximum_sampling_interval_s: Option<u32>,
}

/// Geographic area and parameters of a change of area event.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeOfArea {
    /// The event.
    pub(crate) event: AreaEvent,
    /// The area, as a shape.
    pub(crate) area: Estimate,
    /// How it is reported.
    pub(crate) reporting: Reporting,
}

/// Parameters of a motion event.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Motion {
    /// Linear distance threshold, m, 1-10000.
    pub(crate) linear_distance_m: u32,
    /// How it is reported.
    pub(crate) reporting: Reporting,
}

/// Parameters of periodic location.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Periodic {
    /// Reporting interval, s, 1-8639999.
    pub(crate) interval_s: u32,
    /// Total number of reports, 1-8639999.
    pub(crate) reports: u32,
    /// Whether MO-LR short circuit is asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) mo_lr_short_circuit: bool,
}

impl Reporting {
    fn is_sound(&self) -> Result<(), Unsound> {
        let within = |value: Option<u32>| value.is_none_or(|s| (1..=86_400).contains(&s));
        let sound = self.minimum_interval_s.is_none_or(|s| (1..=32_767).contains(&s))
            && within(self.maximum_interval_s)
            && within(self.maximum_sampling_interval_s)
            && self.duration_s.is_none_or(|s| s > 0);
        if sound { Ok(()) } else { Err("reporting: an interval is out of range") }
    }
}

impl ChangeOfArea {
    pub(super) fn is_sound(&self) -> Result<(), Unsound> {
        self.reporting.is_sound()
    }
}

impl Motion {
    pub(super) fn is_sound(&self) -> Result<(), Unsound> {
        let sound = (1..=10_000).contains(&self.linear_distance_m);
        if sound { self.reporting.is_sound() } else { Err("motion.linear_distance_m: 1-10000") }
    }
}

impl Periodic {
    /// TS 29.002 clause 17.7.13: interval times number of reports is at most 8639999 s.
    pub(super) fn is_sound(&self) -> Result<(), Unsound> {
        let all = u64::from(self.interval_s) * u64::from(self.reports);
        if (1..=8_639_999).contains(&all) {
            Ok(())
        } else {
            Err("periodic: interval times reports is at most 8639999 s")
        }
    }
}
