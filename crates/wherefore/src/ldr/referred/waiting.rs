//! From what the network can wait for to what another gateway is asked to.

use gmlc::{LdrRequest, Rounds};
use lcs::{DeferredEvent, Reporting, TargetArea, Timestamp};
use mlp::{MlpArea, Trigger, TriggerEvent, Waiting};

/// As many reports as there are.
const MANY: u32 = 65_535;

/// What the home gateway is to wait for, with the event as it is told it; `None`: the protocol has no word for it.
pub(super) fn waiting(request: &LdrRequest, event: &DeferredEvent) -> Option<Waiting> {
    waiting_from(event, request.stop, request.rounds, request.start)
}

/// What a visited gateway is to have its node wait for. Rounds and the time of the beginning are those of the gateway that asks it, and so is the
/// number of reports: it does not count what a pause drops, and ends what has reported enough.
pub(crate) fn waiting_at_once(request: &LdrRequest, event: &DeferredEvent) -> Option<Waiting> {
    let mut waiting = waiting_from(event, request.stop, None, None)?;
    if let Trigger::Event(TriggerEvent::ChangeArea { reports, .. } | TriggerEvent::Equidistance { reports, .. }) =
        &mut waiting.trigger
        && *reports > 1
    {
        *reports = MANY;
    }
    Some(waiting)
}

fn waiting_from(
    event: &DeferredEvent,
    stop: Timestamp,
    rounds: Option<Rounds>,
    start: Option<Timestamp>,
) -> Option<Waiting> {
    let stop = Some(stop);
    let until = |trigger| Some(Waiting { trigger, start, stop, duration_s: None });
    let rounds_of = |trigger, interval_s: u32, amount: u32| {
        let duration_s = Some(interval_s.checked_mul(amount)?);
        Some(Waiting { trigger, start, stop: None, duration_s })
    };
    match event {
        DeferredEvent::UeAvailable => match rounds {
            None => until(Trigger::Event(TriggerEvent::Available)),
            Some(rounds) => {
                let interval_s = rounds.interval_s;
                rounds_of(Trigger::PeriodicOrAvailable { interval_s }, interval_s, rounds.amount)
            }
        },
        DeferredEvent::Periodic { interval_s, amount } => {
            rounds_of(Trigger::Periodic { interval_s: *interval_s }, *interval_s, *amount)
        }
        DeferredEvent::Area { event, areas, reporting } => {
            let (estimates, reports, min_interval_s) = often(reporting);
            let (change, area) = ((*event).into(), area(areas)?);
            until(Trigger::Event(TriggerEvent::ChangeArea { change, area, estimates, reports, min_interval_s }))
        }
        DeferredEvent::Motion { linear_distance_m: distance_m, reporting } => {
            let (estimates, reports, min_interval_s) = often(reporting);
            let distance_m = *distance_m;
            until(Trigger::Event(TriggerEvent::Equidistance { distance_m, estimates, reports, min_interval_s }))
        }
    }
}

fn often(reporting: &Reporting) -> (bool, u32, Option<u32>) {
    let reports = if reporting.multiple { reporting.most.unwrap_or(MANY) } else { 1 };
    (reporting.estimate_wanted, reports, Some(u32::from(reporting.min_interval_s)))
}

/// The one area; a country has several mobile codes, and one for calls.
fn area(areas: &[TargetArea]) -> Option<MlpArea> {
    match areas {
        [TargetArea::Shape(shape)] => Some(MlpArea::Shape(shape.clone())),
        [TargetArea::Plmn(plmn)] => Some(MlpArea::Plmn(*plmn)),
        // A name is one that the client's operator gave.
        [TargetArea::Named(_)] => None,
        _ => {
            let country = |area: &TargetArea| match area {
                TargetArea::Country([a, b, c]) => Some(u16::from(*a) * 100 + u16::from(*b) * 10 + u16::from(*c)),
                TargetArea::Shape(_) | TargetArea::Plmn(_) | TargetArea::Named(_) => None,
            };
            let countries = areas.iter().map(country).collect::<Option<Vec<_>>>()?;
            let code = gmlc::calling_code_of(*countries.first()?)?;
            (gmlc::mobile_codes_of(code) == countries).then_some(MlpArea::CountryCode(code))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::door::Wish;
    use crate::ldr::testing::request;
    use lcs::{AreaEvent, Duration, PlmnId};

    /// What the home gateway makes of it is what was asked.
    #[test]
    fn what_is_waited_for_at_home_is_what_was_asked() {
        let now = Timestamp::from_secs(1_000_000);
        let later = |seconds| now.after(Duration::from_secs(seconds));
        let germany: Vec<_> = gmlc::mobile_codes_of(49).into_iter().map(country).collect();
        let reporting = Reporting { duration_s: Some(3_600), min_interval_s: 30, ..Reporting::ONCE };
        let often = Reporting { multiple: true, most: Some(5), estimate_wanted: true, ..reporting };
        let mut events = vec![DeferredEvent::UeAvailable, DeferredEvent::Periodic { interval_s: 600, amount: 5 }];
        for areas in [germany, vec![TargetArea::Plmn(PlmnId::new("001", "01").unwrap())]] {
            for event in [AreaEvent::Entering, AreaEvent::Leaving, AreaEvent::Inside] {
                for reporting in [reporting, often] {
                    events.push(DeferredEvent::Area { event, areas: areas.clone(), reporting });
                }
            }
        }
        events.push(DeferredEvent::Motion { linear_distance_m: 500, reporting: often });
        for event in events {
            let asked = LdrRequest { event, stop: later(3_600), ..request(1, "99900000001") };
            let settings = config::Deferred::default();
            let waiting = waiting(&asked, &asked.event).unwrap();
            let wish = Wish::waiting(&waiting.trigger, waiting.schedule(now).unwrap(), now, &settings).unwrap();
            assert_eq!((&wish.event, wish.rounds, wish.start), (&asked.event, None, None));
            assert!(wish.stop <= asked.stop);
        }
        let rounds = Some(Rounds { interval_s: 60, amount: 3 });
        let asked = LdrRequest { rounds, start: Some(later(60)), stop: later(3_600), ..request(1, "99900000001") };
        let waiting = waiting(&asked, &asked.event).unwrap();
        let settings = config::Deferred::default();
        let wish = Wish::waiting(&waiting.trigger, waiting.schedule(now).unwrap(), now, &settings).unwrap();
        assert_eq!((wish.event, wish.rounds, wish.start), (DeferredEvent::UeAvailable, rounds, Some(later(60))));
    }

    /// What the visited gateway waits for begins at once, has no rounds, and ends by the word of the home gateway.
    #[test]
    fn what_is_counted_is_counted_at_home_alone() {
        let area = vec![TargetArea::Plmn(PlmnId::new("001", "01").unwrap())];
        let once = Reporting { duration_s: Some(3_600), estimate_wanted: true, ..Reporting::ONCE };
        let few = Reporting { multiple: true, most: Some(2), ..once };
        let changed = |reporting| DeferredEvent::Area { event: AreaEvent::Leaving, areas: area.clone(), reporting };
        let moved = |reporting| DeferredEvent::Motion { linear_distance_m: 500, reporting };
        let reports = |event| {
            let waiting = waiting_at_once(&request(1, "99900000001"), &event).unwrap();
            match waiting.trigger {
                Trigger::Event(
                    TriggerEvent::ChangeArea { reports, .. } | TriggerEvent::Equidistance { reports, .. },
                ) => reports,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!([once, few].map(|reporting| reports(changed(reporting))), [1, MANY]);
        assert_eq!([once, few].map(|reporting| reports(moved(reporting))), [1, MANY]);
        let now = Timestamp::from_secs(1_000_000);
        let rounds = Some(Rounds { interval_s: 60, amount: 3 });
        let start = Some(now.after(Duration::from_secs(60)));
        let asked = LdrRequest { rounds, start, ..request(1, "99900000001") };
        let waiting = waiting_at_once(&asked, &asked.event).unwrap();
        assert_eq!((waiting.trigger, waiting.start), (Trigger::Event(TriggerEvent::Available), None));
    }

    #[test]
    fn what_has_no_word_between_gateways_is_not_asked() {
        let of = |areas| DeferredEvent::Area { event: AreaEvent::Entering, areas, reporting: Reporting::ONCE };
        let plmn = TargetArea::Plmn(PlmnId::new("001", "01").unwrap());
        for areas in [
            vec![],
            vec![TargetArea::Named("school".into())],
            vec![plmn.clone(), plmn],
            vec![country(262), country(208)],
        ] {
            assert_eq!(waiting(&request(1, "99900000001"), &of(areas)), None);
        }
    }

    fn country(code: u16) -> TargetArea {
        let digit = |value: u16| u8::try_from(value % 10).unwrap();
        TargetArea::Country([digit(code / 100), digit(code / 10), digit(code)])
    }
}
