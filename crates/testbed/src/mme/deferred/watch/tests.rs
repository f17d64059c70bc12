//! Walks through areas against what must be reported.

use super::*;
use lcs::PlmnId;

fn area(code: u16) -> AreaIdentity {
    AreaIdentity::TrackingArea(PlmnId::new("001", "01").expect("five digits"), code)
}

fn order(event: Event, multiple: bool) -> Order {
    Order { event, multiple, min_interval: s(1), max_interval: None, sampling: s(1), duration: None }
}

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// In the tracking area of this code, or where no cell reaches; so many metres east.
fn at(code: Option<u16>, metres: f64) -> Seen {
    Seen { areas: code.map(area).into_iter().collect(), place: Position { lat_deg: 0.0, lon_deg: metres / 111_319.5 } }
}

/// The seconds at which something was reported, of a walk with a look each second; +1000 for the greatest interval, +2000 for the last.
fn walk(order: Order, steps: &[Option<u16>]) -> Vec<u64> {
    let mut watch = Watch::new(order, s(0), &at(None, 0.0));
    let mut reports = Vec::new();
    for (second, code) in (0..).zip(steps) {
        while let Some(told) = watch.look(s(second), &at(*code, second as f64)) {
            assert_eq!(told.sequence as usize, reports.len() + 1);
            reports.push(second + 1000 * u64::from(told.max_interval_over) + 2000 * u64::from(told.last));
        }
    }
    reports
}

#[test]
fn each_area_event_once_and_often() {
    let (o, i, x) = (Some(1), Some(7), None);
    let walks: [&[Option<u16>]; 4] =
        [&[o, i, i, o, i, o], &[i, i, o, i, o, o], &[o, x, i, x, i, o], &[x, o, o, x, x, x]];
    let expected = [
        (AreaEvent::Entering, false, [vec![2001], vec![2003], vec![2002], vec![]]),
        (AreaEvent::Entering, true, [vec![1, 4], vec![3], vec![2], vec![]]),
        (AreaEvent::Leaving, false, [vec![2003], vec![2002], vec![2005], vec![]]),
        (AreaEvent::Leaving, true, [vec![3, 5], vec![2, 4], vec![5], vec![]]),
        (AreaEvent::Inside, false, [vec![2001], vec![2000], vec![2002], vec![]]),
        (AreaEvent::Inside, true, [vec![1, 2, 4], vec![0, 1, 3], vec![2, 4], vec![]]),
    ];
    for (event, multiple, reports) in expected {
        for (steps, expected) in walks.iter().zip(reports) {
            let event = Event::Area { event, areas: vec![area(7), area(9)] };
            assert_eq!(walk(order(event, multiple), steps), expected, "{multiple} {steps:?}");
        }
    }
}

#[test]
fn what_comes_too_early_is_reported_later_even_if_it_is_no_longer_true() {
    let event = Event::Area { event: AreaEvent::Entering, areas: vec![area(7)] };
    let (o, i) = (Some(1), Some(7));
    let order = Order { min_interval: s(5), ..order(event, true) };
    // Entered at 1, again at 3: told at 6, when it is outside.
    assert_eq!(walk(order, &[o, i, o, i, o, o, o, o, o, o, o, o]), [1, 6]);
}

#[test]
fn the_greatest_interval_and_the_duration() {
    let event = Event::Area { event: AreaEvent::Inside, areas: vec![area(7)] };
    let (o, i) = (Some(1), Some(7));
    let order = Order { max_interval: Some(s(3)), duration: Some(s(9)), ..order(event, true) };
    assert_eq!(walk(order.clone(), &[o, o, o, o, i, o, o, o, o, i, i]), [1003, 4, 1007]);
    // One report alone has no intervals.
    let once = Order { multiple: false, ..order };
    assert_eq!(walk(once.clone(), &[o; 12]), Vec::<u64>::new());
    let mut watch = Watch::new(once, s(0), &at(None, 0.0));
    assert_eq!(watch.look(s(8), &at(o, 0.0)), None);
    assert!(!watch.is_over() && watch.next_look() == s(9));
    assert_eq!(watch.look(s(9), &at(i, 0.0)), None);
    assert!(watch.is_over());
}

#[test]
fn motion_is_measured_from_the_last_report() {
    // A metre a second.
    let event = Event::Motion { metres: 2.9 };
    assert_eq!(walk(order(event.clone(), true), &[Some(1); 10]), [3, 6, 9]);
    assert_eq!(walk(order(event, false), &[Some(1); 10]), [2003]);
}

#[test]
fn periodic_reports_keep_their_times_and_catch_up() {
    let event = Event::Periodic { interval: s(4), amount: 3 };
    assert_eq!(walk(order(event.clone(), false), &[None; 20]), [4, 8, 2012]);
    let mut watch = Watch::new(order(event, false), s(0), &at(None, 0.0));
    assert_eq!(watch.next_look(), s(4));
    let told: Vec<_> = std::iter::from_fn(|| watch.look(s(100), &at(None, 0.0))).map(|told| told.sequence).collect();
    assert_eq!(told, [1, 2, 3]);
    assert!(watch.is_over());
}
