//! From a triggered request to what the network can wait for (TS 23.271 clauses 4.4.2 and 9.1.19).

use crate::clients::RequestType;
use crate::config;
use gmlc::Rounds;
use lcs::{AreaEvent, DeferredEvent, Duration, Reporting, TargetArea, Timestamp};
use mlp::{AreaChange, Misfit, MlpArea, ResultId, Schedule, Trigger, TriggerEvent, TriggerWord, Triggered};

/// What is waited for, the same for every target.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wish {
    pub(super) kind: RequestType,
    pub(crate) event: DeferredEvent,
    pub(crate) rounds: Option<Rounds>,
    pub(crate) start: Option<Timestamp>,
    pub(crate) stop: Timestamp,
    pub(super) trigger: TriggerWord,
}

/// How long a single report at a certain time may take: then its time is over.
const SINGLE: Duration = Duration::from_secs(60);
/// Greatest least time between two reports, seconds (TS 29.172 clause 7.4.44).
const LONGEST_MINIMUM_S: u32 = 32_767;

impl Wish {
    /// Judges a request by the time and by what this gateway allows. An end beyond that is this gateway's (OMA MLP section 5.3.134).
    ///
    /// # Errors
    /// Times that cannot be, or an event that no network reports.
    pub(super) fn of(request: &Triggered, settings: &config::Deferred, now: Timestamp) -> Result<Self, Misfit> {
        Self::waiting(&request.trigger, request.schedule(now)?, now, settings)
    }

    /// The same of what is waited for and when alone, as another gateway asks it.
    ///
    /// # Errors
    /// As [`Wish::of`].
    pub(crate) fn waiting(
        trigger: &Trigger,
        times: Schedule,
        now: Timestamp,
        settings: &config::Deferred,
    ) -> Result<Self, Misfit> {
        let Schedule { starts, ends, single } = times;
        let longest = starts.after(Duration::from_secs(settings.max_duration_s));
        let default = starts.after(Duration::from_secs(settings.default_duration_s));
        let stop = ends.unwrap_or(default).min(longest);
        let start = Some(starts).filter(|starts| *starts > now);
        let seconds = u32::try_from(stop.since(starts).as_secs()).unwrap_or(u32::MAX);
        let available = DeferredEvent::UeAvailable;
        let whole = |kind, event, trigger| Self { kind, event, rounds: None, start, stop, trigger };
        if single {
            let once = whole(RequestType::Periodic, available, TriggerWord::Periodic);
            return Ok(Self { stop: starts.after(SINGLE).min(longest), ..once });
        }
        Ok(match trigger {
            Trigger::Periodic { interval_s } => {
                let amount = rounds(seconds, *interval_s)?;
                let event = DeferredEvent::Periodic { interval_s: *interval_s, amount };
                let periodic = whole(RequestType::Periodic, event, TriggerWord::Periodic);
                // The last one falls on the end, and takes a moment to come.
                Self { stop: stop.after(SINGLE).min(longest), ..periodic }
            }
            Trigger::PeriodicOrAvailable { interval_s } => {
                let amount = rounds(seconds, *interval_s)?;
                let rounds = Some(Rounds { interval_s: *interval_s, amount });
                let periodic = whole(RequestType::UeAvailable, available, TriggerWord::Available);
                Self { rounds, stop: stop.after(SINGLE).min(longest), ..periodic }
            }
            Trigger::Event(TriggerEvent::Available) => {
                whole(RequestType::UeAvailable, available, TriggerWord::Available)
            }
            Trigger::Event(TriggerEvent::ChangeArea { change, area, estimates, reports, min_interval_s }) => {
                let reporting = reporting(*reports, *min_interval_s, *estimates, seconds)?;
                let event = DeferredEvent::Area { event: moved(*change)?, areas: areas(area)?, reporting };
                whole(RequestType::ChangeOfArea, event, TriggerWord::ChangeArea)
            }
            Trigger::Event(TriggerEvent::Equidistance { distance_m, estimates, reports, min_interval_s }) => {
                let reporting = reporting(*reports, *min_interval_s, *estimates, seconds)?;
                let event = DeferredEvent::Motion { linear_distance_m: *distance_m, reporting };
                whole(RequestType::Motion, event, TriggerWord::Equidistance)
            }
        })
    }
}

fn misfit(result: ResultId, add_info: &'static str) -> Misfit {
    Misfit { result, add_info }
}

fn rounds(seconds: u32, interval_s: u32) -> Result<u32, Misfit> {
    let amount = seconds.checked_div(interval_s).filter(|amount| *amount > 0);
    let rule = "interval: longer than the time in which reports are wanted";
    amount.ok_or(misfit(ResultId::INVALID_PROTOCOL_ELEMENT_VALUE, rule))
}

fn reporting(
    reports: u32,
    min_interval_s: Option<u32>,
    estimate_wanted: bool,
    seconds: u32,
) -> Result<Reporting, Misfit> {
    let min_interval_s = min_interval_s.unwrap_or(1).max(1);
    let min_interval_s = u16::try_from(min_interval_s).ok().filter(|s| u32::from(*s) <= LONGEST_MINIMUM_S);
    let rule = "minimumIntervalTime: a network takes 32767 s at most";
    let min_interval_s = min_interval_s.ok_or(misfit(ResultId::PROTOCOL_ELEMENT_VALUE_NOT_SUPPORTED, rule))?;
    let duration_s = Some(seconds.clamp(1, 8_640_000));
    let (multiple, most) = (reports > 1, (reports > 1).then_some(reports));
    Ok(Reporting { multiple, most, min_interval_s, duration_s, estimate_wanted, ..Reporting::ONCE })
}

/// No network waits for somebody to be outside of an area.
fn moved(change: AreaChange) -> Result<AreaEvent, Misfit> {
    match change {
        AreaChange::Entering => Ok(AreaEvent::Entering),
        AreaChange::Leaving => Ok(AreaEvent::Leaving),
        AreaChange::Within => Ok(AreaEvent::Inside),
        AreaChange::Outside => {
            let rule = "change_area/@type: MS_OUTSIDE_AREA; use MS_LEAVING";
            Err(misfit(ResultId::PROTOCOL_ELEMENT_ATTRIBUTE_VALUE_NOT_SUPPORTED, rule))
        }
    }
}

fn areas(area: &MlpArea) -> Result<Vec<TargetArea>, Misfit> {
    Ok(match area {
        MlpArea::Shape(shape) => vec![TargetArea::Shape(shape.clone())],
        MlpArea::Plmn(plmn) => vec![TargetArea::Plmn(*plmn)],
        MlpArea::Named(name) => vec![TargetArea::Named(name.clone())],
        MlpArea::CountryCode(code) => {
            let digit = |value: u16| u8::try_from(value % 10).unwrap_or_default();
            let country = |mcc: u16| TargetArea::Country([digit(mcc / 100), digit(mcc / 10), digit(mcc)]);
            let codes = gmlc::mobile_codes_of(*code);
            if codes.is_empty() {
                return Err(misfit(ResultId::INVALID_PROTOCOL_ELEMENT_VALUE, "cc: no country has this code"));
            }
            codes.into_iter().map(country).collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mlp::{Limits, Service, parse_svc_init};

    /// 2026-03-01T00:10:05Z.
    const NOW: Timestamp = Timestamp::from_secs(1_772_323_805);

    fn wish(inside: &str) -> Result<Wish, (u16, &'static str)> {
        let body = format!(
            "<svc_init><hdr><client><id>a</id></client></hdr><tlrr><msids><msid>4915110000001</msid></msids>{inside}</tlrr></svc_init>"
        );
        let Service::Triggered(request) = parse_svc_init(body.as_bytes(), &Limits::default()).unwrap().service else {
            panic!("triggered")
        };
        let settings = config::Deferred { max_duration_s: 100_000, ..config::Deferred::default() };
        Wish::of(&request, &settings, NOW).map_err(|misfit| (misfit.result.0, misfit.add_info))
    }

    fn area(kind: &str, rest: &str) -> String {
        format!(
            "<tlrr_event><change_area type=\"{kind}\" loc_estimates=\"TRUE\"><target_area><cc>49</cc></target_area>{rest}</change_area></tlrr_event>"
        )
    }

    fn later(seconds: u64) -> Timestamp {
        NOW.after(Duration::from_secs(seconds))
    }

    #[test]
    fn periodic_requests_have_as_many_reports_as_fit() {
        let asked = wish("<interval>00001000</interval><duration>00020000</duration>").unwrap();
        assert_eq!(asked.event, DeferredEvent::Periodic { interval_s: 600, amount: 12 });
        assert_eq!((asked.start, asked.stop), (None, later(7_260)));
        let unlimited = wish("<interval>00010000</interval>").unwrap();
        assert_eq!(unlimited.event, DeferredEvent::Periodic { interval_s: 3_600, amount: 24 }, "the gateway's own end");
        let long = wish("<interval>00010000</interval><duration>90000000</duration>").unwrap();
        assert_eq!(long.event, DeferredEvent::Periodic { interval_s: 3_600, amount: 27 });
        assert_eq!(long.stop, later(100_000), "no longer than the gateway allows");
        assert_eq!(wish("<interval>00020000</interval><duration>00010000</duration>").unwrap_err().0, 110);
        let both = wish(
            "<interval>00010000</interval><duration>00030000</duration><tlrr_event><ms_action type=\"MS_AVAIL\"/></tlrr_event>",
        );
        let both = both.unwrap();
        assert_eq!(
            (both.event, both.rounds),
            (DeferredEvent::UeAvailable, Some(Rounds { interval_s: 3_600, amount: 3 }))
        );
    }

    #[test]
    fn a_stop_that_is_the_start_is_one_report_then() {
        let single = wish(
            "<interval>00010000</interval><start_time>20260301010000</start_time><stop_time>20260301010000</stop_time>",
        )
        .unwrap();
        assert_eq!((single.event, single.trigger), (DeferredEvent::UeAvailable, TriggerWord::Periodic));
        let at = Timestamp::from_secs(1_772_326_800);
        assert_eq!((single.start, single.stop), (Some(at), at.after(SINGLE)));
    }

    #[test]
    fn area_events_that_a_network_has_are_passed_on() {
        for (kind, event) in [
            ("MS_ENTERING", AreaEvent::Entering),
            ("MS_LEAVING", AreaEvent::Leaving),
            ("MS_WITHIN_AREA", AreaEvent::Inside),
        ] {
            let asked =
                wish(&area(kind, "<no_of_reports>5</no_of_reports><minimumIntervalTime>30</minimumIntervalTime>"));
            let asked = asked.unwrap();
            let DeferredEvent::Area { event: found, areas, reporting } = asked.event else { panic!("an area") };
            assert_eq!((found, areas), (event, vec![TargetArea::Country([2, 6, 2])]));
            assert_eq!((reporting.multiple, reporting.min_interval_s, reporting.most), (true, 30, Some(5)));
        }
        let once = wish(&area("MS_ENTERING", "")).unwrap();
        let DeferredEvent::Area { reporting, .. } = once.event else { panic!("an area") };
        assert_eq!((reporting.multiple, reporting.min_interval_s, reporting.most), (false, 1, None));
        assert_eq!(wish(&area("MS_OUTSIDE_AREA", "")).unwrap_err().0, 113);
        assert_eq!(wish(&area("MS_ENTERING", "<minimumIntervalTime>32768</minimumIntervalTime>")).unwrap_err().0, 112);
        assert_eq!(wish(&area("MS_ENTERING", "").replace(">49<", ">999<")).unwrap_err().0, 110);
    }
}
