//! What a triggered request waits for: `tlrr_event` (OMA MLP section 5.2.2.2).

use super::area::{self, MlpArea};
use crate::{
    cursor::{Cursor, Tag},
    error::Fault,
    header::misplaced,
    quality::whole,
    result::ResultId,
    targets::set,
};

/// Which way a phone moves against an area (OMA MLP section 5.3.17.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AreaChange {
    /// MS_ENTERING.
    Entering,
    /// MS_LEAVING.
    Leaving,
    /// MS_WITHIN_AREA.
    Within,
    /// MS_OUTSIDE_AREA.
    Outside,
}

impl AreaChange {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Entering, Self::Leaving, Self::Within, Self::Outside];

    /// Value of the attribute `type`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Entering => "MS_ENTERING",
            Self::Leaving => "MS_LEAVING",
            Self::Within => "MS_WITHIN_AREA",
            Self::Outside => "MS_OUTSIDE_AREA",
        }
    }
}

/// An event that a triggered request waits for.
#[derive(Debug, Clone, PartialEq)]
pub enum TriggerEvent {
    /// `ms_action` MS_AVAIL: the phone can be reached again.
    Available,
    /// `change_area`.
    ChangeArea {
        /// Which way.
        change: AreaChange,
        /// Against what.
        area: MlpArea,
        /// Whether the position is wanted with each report.
        estimates: bool,
        /// Most reports, 1 or more.
        reports: u32,
        /// Least time between two reports, seconds; `None`: as the server likes.
        min_interval_s: Option<u32>,
    },
    /// `equidistance_event`: the phone moved so far from where the last report was.
    Equidistance {
        /// How far, metres, 1-10,000.
        distance_m: u16,
        /// Whether the position is wanted with each report.
        estimates: bool,
        /// Most reports, 1 or more.
        reports: u32,
        /// Least time between two reports, seconds; `None`: as the server likes.
        min_interval_s: Option<u32>,
    },
}

/// Greatest distance that a network can watch, metres (TS 29.172 clause 7.4.65, Linear-Distance).
const DISTANCE_MAX_M: u32 = 10_000;

/// Reads `tlrr_event` after its start tag. Exactly one event. What the network has no trigger for is 107: speed, distance from
/// somebody else, access networks, conditions on groups, and a time that a condition must hold.
pub(super) fn parse(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<TriggerEvent, Fault> {
    tag.attributes("tlrr_event", [])?;
    let mut event = None;
    while let Some(tag) = cursor.child("tlrr_event")? {
        let read = match tag.name() {
            "ms_action" => {
                let [kind] = tag.attributes("ms_action", ["type"])?;
                match kind.as_deref() {
                    Some("MS_AVAIL") => cursor.empty("ms_action")?,
                    Some(_) => return Err(Fault::attribute_value("ms_action", "type")),
                    None => return Err(Fault::syntax("ms_action", "type is needed")),
                }
                TriggerEvent::Available
            }
            "change_area" => change_area(cursor, &tag)?,
            "equidistance_event" => equidistance(cursor, &tag)?,
            "velocity_event" => return Err(Fault::unsupported("velocity_event")),
            "distance_event" => return Err(Fault::unsupported("distance_event")),
            "aln_event" => return Err(Fault::unsupported("aln_event")),
            "group_condition" => return Err(Fault::unsupported("group_condition")),
            "persistence" => return Err(Fault::unsupported("persistence")),
            other => return Err(misplaced(other, "not an element of tlrr_event")),
        };
        set(&mut event, read, "tlrr_event")?;
    }
    event.ok_or_else(|| Fault::syntax("tlrr_event", "an event is needed"))
}

/// How often an event is reported.
#[derive(Default)]
struct Often {
    reports: Option<u32>,
    min_interval_s: Option<u32>,
}

impl Often {
    /// Reads `no_of_reports` or `minimumIntervalTime` after its start tag; `false` if the element is neither.
    fn element(&mut self, cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<bool, Fault> {
        match tag.name() {
            "no_of_reports" => {
                tag.attributes("no_of_reports", [])?;
                let reports = whole(&cursor.text("no_of_reports")?, "no_of_reports")?;
                if reports == 0 {
                    return Err(Fault::value("no_of_reports", "1 or more"));
                }
                set(&mut self.reports, reports, "no_of_reports")?;
            }
            "minimumIntervalTime" => {
                tag.attributes("minimumIntervalTime", [])?;
                let seconds = whole(&cursor.text("minimumIntervalTime")?, "minimumIntervalTime")?;
                set(&mut self.min_interval_s, seconds, "minimumIntervalTime")?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// One report unless told otherwise (OMA MLP section 5.3.80).
    fn reports(&self) -> u32 {
        self.reports.unwrap_or(1)
    }
}

fn change_area(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<TriggerEvent, Fault> {
    let [kind, estimates] = tag.attributes("change_area", ["type", "loc_estimates"])?;
    let kind = kind.ok_or_else(|| Fault::syntax("change_area", "type is needed"))?;
    let change = AreaChange::ALL.into_iter().find(|change| change.as_str() == kind);
    let change = change.ok_or_else(|| Fault::attribute_value("change_area", "type"))?;
    let estimates = wants_estimates(estimates.as_deref(), "change_area")?;
    let (mut target, mut often) = (None, Often::default());
    while let Some(tag) = cursor.child("change_area")? {
        if often.element(cursor, &tag)? {
            continue;
        }
        match tag.name() {
            "target_area" => set(&mut target, area::parse(cursor, &tag)?, "target_area")?,
            other => return Err(misplaced(other, "not an element of change_area")),
        }
    }
    let area = target.ok_or_else(|| Fault::syntax("change_area", "target_area is needed"))?;
    let (reports, min_interval_s) = (often.reports(), often.min_interval_s);
    Ok(TriggerEvent::ChangeArea { change, area, estimates, reports, min_interval_s })
}

fn equidistance(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<TriggerEvent, Fault> {
    // The example of section 5.3.38 has a `type` that the DTD does not know; it says nothing.
    let [estimates, _] = tag.attributes("equidistance_event", ["loc_estimates", "type"])?;
    let estimates = wants_estimates(estimates.as_deref(), "equidistance_event")?;
    let (mut distance, mut often) = (None, Often::default());
    while let Some(tag) = cursor.child("equidistance_event")? {
        if often.element(cursor, &tag)? {
            continue;
        }
        match tag.name() {
            "target_equidistance" => {
                tag.attributes("target_equidistance", [])?;
                let metres = whole(&cursor.text("target_equidistance")?, "target_equidistance")?;
                set(&mut distance, metres, "target_equidistance")?;
            }
            other => return Err(misplaced(other, "not an element of equidistance_event")),
        }
    }
    let metres = distance.ok_or_else(|| Fault::syntax("equidistance_event", "target_equidistance is needed"))?;
    if metres == 0 {
        return Err(Fault::value("target_equidistance", "1 or more"));
    }
    let distance_m = u16::try_from(metres).ok().filter(|_| metres <= DISTANCE_MAX_M).ok_or_else(|| {
        let rule = "a network watches 10000 m at most";
        Fault::element(ResultId::PROTOCOL_ELEMENT_VALUE_NOT_SUPPORTED, "target_equidistance", rule)
    })?;
    let (reports, min_interval_s) = (often.reports(), often.min_interval_s);
    Ok(TriggerEvent::Equidistance { distance_m, estimates, reports, min_interval_s })
}

/// `loc_estimates`, which the DTD requires and its own examples leave out for `equidistance_event`: not said means not wanted, as
/// less is told then.
fn wants_estimates(text: Option<&str>, element: &'static str) -> Result<bool, Fault> {
    match text {
        Some("TRUE") => Ok(true),
        None | Some("FALSE") => Ok(false),
        Some(_) => Err(Fault::attribute_value(element, "loc_estimates")),
    }
}
