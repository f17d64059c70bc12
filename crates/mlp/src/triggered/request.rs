//! The request: `tlrr` (OMA MLP section 5.2.3.6.1).

use super::{
    event::{self, TriggerEvent},
    period,
};
use crate::{
    cursor::{Cursor, Tag},
    error::Fault,
    header::misplaced,
    immediate::{ImmediateService, PushAddress, geo_info, loc_type, prio, pushaddr, service_coverage},
    init::Limits,
    names,
    quality::Quality,
    result::ResultId,
    targets::{TargetEntry, TargetList, set},
    time::parse_time,
};
use lcs::{Duration, LocationType, Priority, Timestamp};

/// A request for reports.
#[derive(Debug, Clone, PartialEq)]
pub struct Triggered {
    /// Whom it is about; never empty.
    pub targets: Vec<TargetEntry>,
    /// What is waited for, as written; [`Triggered::schedule`] says what comes of it.
    pub trigger: Trigger,
    /// `start_time`.
    pub start: Option<Timestamp>,
    /// `stop_time`; not beside `duration_s`.
    pub stop: Option<Timestamp>,
    /// `duration`, seconds.
    pub duration_s: Option<u32>,
    /// Quality of position.
    pub quality: Quality,
    /// Type of location.
    pub location_type: LocationType,
    /// LAST_OR_CURRENT, as in an immediate request.
    pub prefers_last: bool,
    /// Priority.
    pub priority: Priority,
    /// Where reports go, if the request says so.
    pub push_address: Option<PushAddress>,
    /// E.164 country codes that the service covers; periodic requests alone may have some; empty: everywhere.
    pub service_coverage: Vec<u16>,
}

/// What is waited for.
#[derive(Debug, Clone, PartialEq)]
pub enum Trigger {
    /// `interval` alone.
    Periodic {
        /// Time between reports, seconds, not zero.
        interval_s: u32,
    },
    /// `tlrr_event` alone.
    Event(TriggerEvent),
    /// `interval` beside MS_AVAIL: a report each time, or as soon as the phone can be reached.
    PeriodicOrAvailable {
        /// Time between reports, seconds, not zero.
        interval_s: u32,
    },
}

/// What is waited for, and when: the part of a request that another gateway is told, too.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// What is waited for, as written; [`Waiting::schedule`] says what comes of it.
    pub trigger: Trigger,
    /// `start_time`.
    pub start: Option<Timestamp>,
    /// `stop_time`; not beside `duration_s`.
    pub stop: Option<Timestamp>,
    /// `duration`, seconds.
    pub duration_s: Option<u32>,
}

/// When reports are wanted, judged against a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// From when.
    pub starts: Timestamp,
    /// Until when; `None`: until it is stopped, or as long as the server likes.
    pub ends: Option<Timestamp>,
    /// One report at `starts` and no more: the stop time is the start time, or the duration zero. Interval and event say nothing.
    pub single: bool,
}

/// Times that cannot be: 110 and what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misfit {
    /// The result.
    pub result: ResultId,
    /// Text of ADD_INFO.
    pub add_info: &'static str,
}

impl Triggered {
    /// Judges the times by `now`: see [`Waiting::schedule`].
    ///
    /// # Errors
    /// As there.
    pub fn schedule(&self, now: Timestamp) -> Result<Schedule, Misfit> {
        let Self { start, stop, duration_s, .. } = *self;
        Schedule::of(start, stop, duration_s, now)
    }
}

impl Waiting {
    /// Judges the times by `now` (OMA MLP section 5.2.3.6.1). Times are whole seconds, so a start in this very second is not past.
    ///
    /// # Errors
    /// A start or stop that is past, or a stop before the start.
    pub fn schedule(&self, now: Timestamp) -> Result<Schedule, Misfit> {
        Schedule::of(self.start, self.stop, self.duration_s, now)
    }
}

impl Schedule {
    fn of(
        start: Option<Timestamp>,
        stop: Option<Timestamp>,
        duration_s: Option<u32>,
        now: Timestamp,
    ) -> Result<Self, Misfit> {
        let misfit = |add_info| Err(Misfit { result: ResultId::INVALID_PROTOCOL_ELEMENT_VALUE, add_info });
        let past = |time: Option<Timestamp>| time.is_some_and(|time| time.secs() < now.secs());
        if past(start) {
            return misfit("start_time: past");
        }
        if past(stop) {
            return misfit("stop_time: past");
        }
        let starts = start.unwrap_or(now);
        if start.zip(stop).is_some_and(|(start, stop)| stop < start) {
            return misfit("stop_time: before start_time");
        }
        let duration = duration_s.map(|seconds| starts.after(Duration::from_secs(u64::from(seconds))));
        let single = duration_s == Some(0) || start.is_some() && start == stop;
        Ok(Self { starts, ends: stop.or(duration), single })
    }
}

/// Reads `tlrr` after its start tag, its version already judged. Elements may come in any order, as in an immediate request.
pub(crate) fn parse(cursor: &mut Cursor<'_>, limits: &Limits) -> Result<Triggered, Fault> {
    let mut targets = TargetList::new(limits.max_targets, ImmediateService::Slir);
    let mut read = Read::default();
    while let Some(tag) = cursor.child("tlrr")? {
        match tag.name() {
            "msids" => {
                if !targets.is_empty() {
                    return Err(Fault::syntax("msids", "given more than once, or beside msid"));
                }
                targets.msids(cursor, &tag)?;
                read.msids = true;
            }
            "msid" if read.msids => return Err(Fault::syntax("msid", "given beside msids")),
            "msid" => targets.msid(cursor, &tag, false)?,
            name => {
                let name = name.to_owned();
                let companion = !read.msids && targets.companion(cursor, &tag, &name)?;
                if !companion && !read.element(cursor, &tag, &name)? {
                    match names::defined(&name) {
                        Some(_) => return Err(misplaced(&name, "not an element of this request, or not here")),
                        None => cursor.skip()?,
                    }
                }
            }
        }
    }
    read.finish(targets)
}

/// What was read so far, beside the targets.
#[derive(Default)]
struct Read {
    msids: bool,
    geo_info: Option<()>,
    waiting: WaitingPart,
    quality: Option<Quality>,
    location: Option<(LocationType, bool)>,
    priority: Option<Priority>,
    push_address: Option<PushAddress>,
    coverage: Option<Vec<u16>>,
}

impl Read {
    /// Reads an element after its start tag; `false` if it is none of this request.
    fn element(&mut self, cursor: &mut Cursor<'_>, tag: &Tag<'_>, name: &str) -> Result<bool, Fault> {
        match name {
            // The DTD has `qop`, a part of `eqop`; clients send both.
            "qop" => set(&mut self.quality, Quality::parse_as(cursor, tag, "qop")?, "qop")?,
            "eqop" => set(&mut self.quality, Quality::parse(cursor, tag)?, "eqop")?,
            "geo_info" => set(&mut self.geo_info, geo_info(cursor, tag, true)?, "geo_info")?,
            "loc_type" => set(&mut self.location, loc_type(cursor, tag)?, "loc_type")?,
            "prio" => {
                set(&mut self.priority, prio(tag)?, "prio")?;
                cursor.empty("prio")?;
            }
            "pushaddr" => set(&mut self.push_address, pushaddr(cursor, tag)?, "pushaddr")?,
            "service_coverage" => {
                set(&mut self.coverage, service_coverage(cursor, tag)?, "service_coverage")?;
            }
            "ReferencePoint" => cursor.skip()?,
            "analytic_report" => return Err(Fault::unsupported("analytic_report")),
            "MapRequest" => return Err(Fault::unsupported("MapRequest")),
            _ => return self.waiting.element(cursor, tag, name),
        }
        Ok(true)
    }

    fn finish(self, targets: TargetList) -> Result<Triggered, Fault> {
        let Waiting { trigger, start, stop, duration_s } = self.waiting.finish("tlrr")?;
        if self.coverage.is_some() && !matches!(trigger, Trigger::Periodic { .. }) {
            return Err(Fault::syntax("service_coverage", "for periodic requests alone"));
        }
        let (location_type, prefers_last) = self.location.unwrap_or((LocationType::Current, false));
        Ok(Triggered {
            targets: targets.finish("tlrr")?,
            trigger,
            start,
            stop,
            duration_s,
            quality: self.quality.unwrap_or(Quality::UNSPECIFIED),
            location_type,
            prefers_last,
            priority: self.priority.unwrap_or(Priority::Normal),
            push_address: self.push_address,
            service_coverage: self.coverage.unwrap_or_default(),
        })
    }
}

/// What is waited for, as read so far.
#[derive(Default)]
pub(crate) struct WaitingPart {
    interval_s: Option<u32>,
    event: Option<TriggerEvent>,
    start: Option<Timestamp>,
    stop: Option<Timestamp>,
    duration_s: Option<u32>,
}

impl WaitingPart {
    /// Reads an element after its start tag; `false` if it is none that says what is waited for.
    pub(crate) fn element(&mut self, cursor: &mut Cursor<'_>, tag: &Tag<'_>, name: &str) -> Result<bool, Fault> {
        match name {
            "interval" => set(&mut self.interval_s, span(cursor, tag, "interval")?, "interval")?,
            "duration" => set(&mut self.duration_s, span(cursor, tag, "duration")?, "duration")?,
            "start_time" => set(&mut self.start, time(cursor, tag, "start_time")?, "start_time")?,
            "stop_time" => set(&mut self.stop, time(cursor, tag, "stop_time")?, "stop_time")?,
            "tlrr_event" => set(&mut self.event, event::parse(cursor, tag)?, "tlrr_event")?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What was read, if it can be; `element`: the request.
    pub(crate) fn finish(self, element: &'static str) -> Result<Waiting, Fault> {
        if self.interval_s.is_none() && self.event.is_none() {
            return Err(Fault::syntax(element, "interval or tlrr_event is needed"));
        }
        if self.stop.is_some() && self.duration_s.is_some() {
            return Err(Fault::value("duration", "given beside stop_time"));
        }
        if self.interval_s == Some(0) {
            return Err(Fault::value("interval", "1 second or more"));
        }
        let trigger = match (self.interval_s, self.event) {
            (Some(interval_s), None) => Trigger::Periodic { interval_s },
            (Some(interval_s), Some(TriggerEvent::Available)) => Trigger::PeriodicOrAvailable { interval_s },
            (None, Some(event)) => Trigger::Event(event),
            _ => {
                let rule = "beside an event, with MS_AVAIL alone";
                return Err(Fault::element(ResultId::PROTOCOL_ELEMENT_NOT_SUPPORTED, "interval", rule));
            }
        };
        let Self { start, stop, duration_s, .. } = self;
        Ok(Waiting { trigger, start, stop, duration_s })
    }
}

fn span(cursor: &mut Cursor<'_>, tag: &Tag<'_>, element: &'static str) -> Result<u32, Fault> {
    tag.attributes(element, [])?;
    period::parse(&cursor.text(element)?, element)
}

fn time(cursor: &mut Cursor<'_>, tag: &Tag<'_>, element: &'static str) -> Result<Timestamp, Fault> {
    let [utc_off] = tag.attributes(element, ["utc_off"])?;
    let rule = "yyyyMMddhhmmss, with an offset of at most 14 hours";
    parse_time(&cursor.text(element)?, utc_off.as_deref()).ok_or_else(|| Fault::format(element, rule))
}
