//! B27: no bin of fewer than k subjects, and no two releases that differ by fewer.

#![allow(clippy::unwrap_used, reason = "helpers of tests, outside of test functions")]

mod support;

use lcs::{Duration, Timestamp};
use mdt::rrc::Rat;
use mdt_store::*;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use support::*;

/// 2026-11-28T00:00:00Z.
const MIDNIGHT: u64 = 1_795_824_000;
const DAY_S: u64 = 86_400;
const NO_VOUCH: Duration = Duration::ZERO;

fn rule(subjects: u32) -> BinRule {
    BinRule::new(100, 1, subjects, NO_VOUCH).unwrap()
}

fn ms(second: u64) -> i64 {
    i64::try_from(second * 1000).unwrap()
}

/// One log of a phone: everything in it is from that phone alone.
#[derive(Debug, Clone)]
struct Log {
    phone: usize,
    session: u16,
    began_s: u64,
    entries: Vec<Made>,
}

impl Log {
    fn token(&self) -> [u8; 32] {
        Sha256::digest([self.session.to_be_bytes(), [0x5A; 2]].concat()).into()
    }

    fn rows(&self) -> AnonymisedRows {
        let (job, began) = (area_job(), Timestamp::from_secs(self.began_s));
        let mut log = empty_log(&job, self.session, Rat::Lte, began);
        self.entries.iter().for_each(|made| add(&mut log, made));
        let erasure = Some(Sha256::digest(self.token()).into());
        anonymiser().management(&job, &log, Told::Nothing, erasure, began).unwrap().0
    }
}

/// An entry in one of a few squares in a line, 400 steps or 477 m apart.
fn entry(time_s: u16, place: i32, quantities: [Option<i8>; 3]) -> Made {
    Made { quantities, ..london(time_s, 400 * place) }
}

fn quantities() -> impl Strategy<Value = [Option<i8>; 3]> {
    let index = || proptest::option::weighted(0.9, 0..=97_i8);
    [index(), index(), proptest::option::weighted(0.3, 0..=97_i8)]
}

/// Part of the log in thousandths, square, quantities.
type Drawn = (u16, i32, [Option<i8>; 3]);

/// A log of some minutes that begins some minutes after the phone's last one ended, by a clock that is some seconds wrong.
fn log() -> impl Strategy<Value = (u64, u16, i64, Vec<Drawn>)> {
    let entries = prop::collection::vec((0..=1000_u16, 0..3_i32, quantities()), 1..12);
    (0..90_u64, 1..=120_u16, -10..=10_i64, entries)
}

/// Phones, each with its logs one after the other from midnight on.
fn phones() -> impl Strategy<Value = Vec<Log>> {
    prop::collection::vec(prop::collection::vec(log(), 1..4), 4..16).prop_map(|phones| {
        let mut logs = Vec::new();
        for (phone, of_phone) in phones.into_iter().enumerate() {
            let mut now_s = MIDNIGHT + 600;
            for (after_min, length_min, wrong_s, entries) in of_phone {
                let begins_s = now_s + after_min * 60;
                let length_s = u32::from(length_min) * 60;
                let time = |part: u16| (u32::from(part) * length_s / 1000) as u16;
                let mut entries: Vec<Made> =
                    entries.into_iter().map(|(at, place, q)| entry(time(at), place, q)).collect();
                entries.sort_by_key(|entry| entry.time_s);
                now_s = begins_s + u64::from(length_s);
                let (session, began_s) = (logs.len() as u16, begins_s.saturating_add_signed(wrong_s));
                logs.push(Log { phone, session, began_s, entries });
            }
        }
        logs
    })
}

fn bins_of(logs: &[Log], rule: BinRule) -> Vec<PeriodBins> {
    let mut binning = Binning::new(rule, ms(MIDNIGHT + DAY_S), Vec::new());
    logs.iter().for_each(|log| binning.add(&log.rows()));
    binning.finish()
}

/// Entries of each square, with their log.
fn by_square(logs: &[Log]) -> BTreeMap<Square, Vec<(&Log, &Made)>> {
    let mut squares: BTreeMap<Square, Vec<(&Log, &Made)>> = BTreeMap::new();
    for log in logs {
        for made in log.entries.iter().filter(|made| log.began_s + u64::from(made.time_s) < MIDNIGHT + DAY_S) {
            let square = Grid::new(100).unwrap().square(made.position.unwrap());
            squares.entry(square).or_default().push((log, made));
        }
    }
    squares
}

/// The most logs of which all went on at one moment, looked for at every second.
fn at_once(logs: &BTreeSet<u16>, all: &[Log]) -> u32 {
    let span = |log: &Log| {
        let times = || log.entries.iter().map(|made| log.began_s + u64::from(made.time_s));
        let today = || times().filter(|second| *second < MIDNIGHT + DAY_S);
        Some((today().min()? + 30, today().max()?.saturating_sub(30)))
    };
    let spans: Vec<_> = all.iter().filter(|log| logs.contains(&log.session)).filter_map(span).collect();
    let active = |second: u64| spans.iter().filter(|(from, until)| (*from..*until).contains(&second)).count();
    let most = spans.iter().map(|(from, _)| active(*from)).max().unwrap_or_default();
    most.max(usize::from(!logs.is_empty())) as u32
}

/// Least value with at least so many hundredths at or below, where each log weighs the same: in 27720ths, which 1 to 12 divide.
fn percentile(values: &[(u16, i8)], hundredths: u64) -> i8 {
    let mut lengths: HashMap<u16, u64> = HashMap::new();
    values.iter().for_each(|(log, _)| *lengths.entry(*log).or_default() += 1);
    let whole = lengths.len() as u64 * 27_720;
    let below = |limit: i8| -> u64 {
        values.iter().filter(|(_, value)| *value <= limit).map(|(log, _)| 27_720 / lengths[log]).sum()
    };
    (0..=97).find(|limit| below(*limit) * 100 >= whole * hundredths).unwrap()
}

fn expected(entries: &[(&Log, &Made)], quantity: usize, all: &[Log], subjects: u32) -> Option<Spread> {
    let value = |(log, made): &(&Log, &Made)| Some((log.session, made.quantities[quantity]?));
    let values: Vec<(u16, i8)> = entries.iter().filter_map(value).collect();
    let found = at_once(&values.iter().map(|(log, _)| *log).collect(), all);
    let [p5, p50, p95] =
        [5, 50, 95].map(|hundredths| if values.is_empty() { 0 } else { percentile(&values, hundredths) });
    (found >= subjects).then_some(Spread { subjects: found, p5, p50, p95 })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// However phones log one after the other, and whatever their clocks: a bin is of at least k of them, and says no more than there were.
    #[test]
    fn no_bin_is_of_fewer_phones_than_asked_for(logs in phones(), subjects in 5..8_u32) {
        let squares = by_square(&logs);
        for period in bins_of(&logs, rule(subjects)) {
            for bin in period.bins() {
                let phones: BTreeSet<usize> = squares[&bin.square].iter().map(|(log, _)| log.phone).collect();
                prop_assert!(bin.subjects >= subjects && phones.len() >= bin.subjects as usize, "{bin:?} of {phones:?}");
                for (quantity, spread) in [bin.rsrp, bin.rsrq, bin.sinr].into_iter().enumerate() {
                    let Some(spread) = spread else { continue };
                    let with = squares[&bin.square].iter().filter(|(_, made)| made.quantities[quantity].is_some());
                    let phones: BTreeSet<usize> = with.map(|(log, _)| log.phone).collect();
                    prop_assert!(spread.subjects >= subjects && phones.len() >= spread.subjects as usize);
                }
            }
        }
    }

    /// Bin by bin what a slow and simple reading of the rule comes to, and no bin is missing.
    #[test]
    fn bins_are_what_the_rule_says(logs in phones(), subjects in 5..7_u32) {
        let mut simple = Vec::new();
        for (square, entries) in by_square(&logs) {
            let found = at_once(&entries.iter().map(|(log, _)| log.session).collect(), &logs);
            let spread = |quantity| expected(&entries, quantity, &logs, subjects);
            let (entries, rat) = (entries.len() as u64, Rat::Lte);
            let bin = Bin { square, rat, entries, subjects: found, rsrp: spread(0), rsrq: spread(1), sinr: spread(2) };
            if found >= subjects {
                simple.push(bin);
            }
        }
        let made: Vec<Bin> = bins_of(&logs, rule(subjects)).iter().flat_map(|period| period.bins().to_vec()).collect();
        prop_assert_eq!(made, simple);
    }
}

/// Ten phones in one square at once, from noon on.
fn crowd(count: u16) -> Vec<Log> {
    let entries = |n: u16| vec![entry(0, 0, [Some(40), Some(20), None]), entry(3600, 0, [Some(n as i8), None, None])];
    let one = |n: u16| Log { phone: n.into(), session: n, began_s: MIDNIGHT + DAY_S / 2, entries: entries(n) };
    (0..count).map(one).collect()
}

fn commit(store: &mut Store<Folder>, logs: &[Log]) {
    for log in logs {
        store.commit(&log.rows()).unwrap();
    }
}

/// Releases what is due, as a collector does.
fn release(store: &mut Store<Folder>, rule: BinRule, closed_before_s: u64) -> Result<bool, StoreError> {
    let mut binning = Binning::new(rule, ms(closed_before_s), store.released());
    let names = store.names_for(&binning);
    for name in &names {
        binning.add(&store.rows_in(name, None, Ages::ALL).unwrap()?);
    }
    store.release(&binning.finish(), &names)
}

/// What is told of all periods: by day and bin, the line.
fn told(store: &Store<Folder>, subjects: u32) -> BTreeMap<String, BinLine> {
    let export = BinExport::new(subjects);
    let mut lines = BTreeMap::new();
    for period in store.released() {
        let bins = store.bins(period).unwrap().unwrap();
        for line in export.lines(&bins) {
            let before = lines.insert(format!("{} {} {}", line.day, line.bin, line.rat), line);
            assert!(before.is_none(), "a bin is in one period");
        }
    }
    lines
}

#[test]
fn a_crowd_is_told_and_a_few_are_not() {
    for (count, subjects, bins) in [(9, 10, 0), (10, 10, 1), (4, 5, 0), (5, 5, 1)] {
        let made = bins_of(&crowd(count), rule(subjects));
        assert_eq!(made.iter().map(|period| period.bins().len()).sum::<usize>(), bins, "{count} {subjects}");
    }
    let made = bins_of(&crowd(10), rule(10));
    let [bin] = made[0].bins() else { unreachable!() };
    assert_eq!((bin.entries, bin.subjects), (20, 10));
    assert_eq!(bin.rsrp, Some(Spread { subjects: 10, p5: 0, p50: 9, p95: 40 }));
    assert_eq!(bin.rsrq, Some(Spread { subjects: 10, p5: 20, p50: 20, p95: 20 }));
    assert_eq!(bin.sinr, None);
    // One who has what nobody else has is not told by it.
    let mut logs = crowd(10);
    logs[3].entries[0].quantities[2] = Some(7);
    assert_eq!(bins_of(&logs, rule(10))[0].bins()[0].sinr, None);
}

#[test]
fn ten_logs_of_one_phone_are_one_subject() {
    // One phone, sixteen logs of an hour, one after the other.
    let one = |n: u16| Log { began_s: MIDNIGHT + 3601 * u64::from(n), phone: 0, ..crowd(16)[usize::from(n)].clone() };
    let logs: Vec<Log> = (0..16).map(one).collect();
    assert_eq!(bins_of(&logs, rule(5)), Vec::new());
    // Where the operator vouches that no phone has two within a day they are of sixteen.
    let vouched = BinRule::new(100, 1, 16, Duration::from_secs(DAY_S)).unwrap();
    assert_eq!(bins_of(&logs, vouched)[0].bins()[0].subjects, 16);
}

#[test]
fn rows_that_say_no_place_are_in_no_bin() {
    let spoilt: [fn(&mut Made); 3] = [
        |made| made.position = None,
        // 3 km.
        |made| made.uncertainty = Some(60),
        |made| made.flags = mdt::rrc::Flags::ANY_CELL,
    ];
    for spoil in spoilt {
        let mut logs = crowd(10);
        logs[0].entries.iter_mut().for_each(spoil);
        assert_eq!(bins_of(&logs, rule(10)), Vec::new());
        assert_eq!(bins_of(&logs, rule(9))[0].bins()[0].entries, 18);
    }
}

#[test]
fn a_period_is_released_once_and_after_its_end() {
    let mut store = Store::open(Folder::default()).unwrap();
    commit(&mut store, &crowd(12));
    assert!(release(&mut store, rule(10), MIDNIGHT + DAY_S - 1).unwrap());
    assert_eq!(store.released(), [], "the day is not over");
    assert!(release(&mut store, rule(10), MIDNIGHT + DAY_S).unwrap());
    let first = told(&store, 10);
    assert_eq!(first.len(), 1);
    // Three phones more, and two that want to be forgotten: what was told does not move by them.
    for n in 12..15_u16 {
        let late = Log { session: n, phone: n.into(), ..crowd(1)[0].clone() };
        store.commit(&late.rows()).unwrap();
    }
    for log in &crowd(2) {
        assert_eq!(store.erase(&Which::Token(log.token())), Ok(2));
    }
    let anew = bins_of(&crowd(15)[2..], rule(10));
    assert_ne!(anew[0].bins()[0].entries, first.values().next().unwrap().entries, "made anew, it would");
    assert!(release(&mut store, rule(10), MIDNIGHT + DAY_S).unwrap());
    assert_eq!(told(&store, 10), first);
    // A stricter rule tells less, and a laxer one no more.
    assert_eq!((told(&store, 13).len(), told(&store, 5)), (0, first));
}

#[test]
fn what_is_erased_before_a_release_is_not_in_it() {
    let mut store = Store::open(Folder::default()).unwrap();
    commit(&mut store, &crowd(10));
    // Erased while bins are being made: they are not kept.
    let mut binning = Binning::new(rule(10), ms(MIDNIGHT + DAY_S), store.released());
    let names = store.names_for(&binning);
    names.iter().for_each(|name| binning.add(&store.rows_in(name, None, Ages::ALL).unwrap().unwrap()));
    store.erase(&Which::Token(crowd(1)[0].token())).unwrap();
    assert!(!store.release(&binning.finish(), &names).unwrap());
    assert!(release(&mut store, rule(10), MIDNIGHT + DAY_S).unwrap());
    assert_eq!(told(&store, 10), BTreeMap::new());
}

#[test]
fn bins_are_forgotten_only_after_their_rows() {
    let folder = Folder::default();
    let mut store = Store::open(folder.clone()).unwrap();
    commit(&mut store, &crowd(10));
    release(&mut store, rule(10), MIDNIGHT + DAY_S).unwrap();
    let later = Day(store.released()[0].first.0 + 1000);
    assert_eq!(store.forget_bins_before(later), Ok(0), "the rows could be released again");
    store.erase(&Which::Job(area_job().trace_head([0, 1]).unwrap().trace_reference)).unwrap();
    assert_eq!(store.forget_bins_before(store.released()[0].first), Ok(0), "too young");
    assert_eq!(store.forget_bins_before(later), Ok(1));
    assert_eq!(folder.list().unwrap(), ["catalog.json"]);
}

#[test]
fn what_cannot_be_read_is_not_made_again() {
    let folder = Folder::default();
    let mut store = Store::open(folder.clone()).unwrap();
    commit(&mut store, &crowd(10));
    release(&mut store, rule(10), MIDNIGHT + DAY_S).unwrap();
    let name = folder.list().unwrap().into_iter().find(|name| name.starts_with("bins/")).unwrap();
    folder.files.borrow_mut().insert(name.clone(), bytes::Bytes::from_static(b"{}"));
    release(&mut store, rule(10), MIDNIGHT + DAY_S).unwrap();
    assert_eq!(store.bins(store.released()[0]), Some(Err(StoreError::Bins { name: name.clone() })));
    folder.files.borrow_mut().remove(&name);
    assert_eq!(store.bins(store.released()[0]), Some(Err(StoreError::Missing { name })));
}

#[test]
fn rules_are_checked() {
    assert_eq!(BinRule::new(9, 1, 10, NO_VOUCH), Err(BinRuleError::Side));
    assert_eq!(BinRule::new(100, 0, 10, NO_VOUCH), Err(BinRuleError::Days));
    assert_eq!(BinRule::new(100, 32, 10, NO_VOUCH), Err(BinRuleError::Days));
    assert_eq!(BinRule::new(100, 1, LEAST_SUBJECTS - 1, NO_VOUCH), Err(BinRuleError::Subjects));
}

/// A machine that stops before any change of the folder leaves the release kept or not there, and nothing else in the folder.
#[test]
fn a_crash_leaves_a_release_whole_or_not_there() {
    for stop in 0.. {
        let folder = Folder::default();
        let mut store = Store::open(folder.clone()).unwrap();
        commit(&mut store, &crowd(10));
        *folder.changes_left.borrow_mut() = Some(stop);
        let done = release(&mut store, rule(10), MIDNIGHT + DAY_S);
        *folder.changes_left.borrow_mut() = None;
        let again = Store::open(folder.clone()).unwrap();
        let files = folder.list().unwrap().len();
        assert_eq!(files, 1 + again.names().count() + again.released().len());
        assert_eq!(told(&again, 10).len(), again.released().len());
        if done.is_ok() {
            assert_eq!(again.released().len(), 1);
            break;
        }
    }
}

/// What happens to a store.
#[derive(Debug, Clone)]
enum Step {
    Commit(usize),
    Erase(usize),
    Sort,
    Restart,
    Age(u64),
    Forget(u64),
    Release { subjects: u32, side: u32, days: u8, closed: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..60_usize).prop_map(Step::Commit),
        3 => (0..60_usize).prop_map(Step::Erase),
        1 => Just(Step::Sort),
        1 => Just(Step::Restart),
        1 => (0..2_u64).prop_map(Step::Age),
        1 => (0..4_u64).prop_map(Step::Forget),
        4 => (5..8_u32, prop::sample::select(vec![100_u32, 250]), 1..3_u8, 1..4_u64)
            .prop_map(|(subjects, side, days, closed)| Step::Release { subjects, side, days, closed }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whoever may look at every release, under any rule, and knows of every row that came or went in between, never sees two releases that
    /// differ in a bin; what one of them lacks is of at least k phones.
    #[test]
    fn no_two_releases_differ_by_a_few(logs in phones(), steps in prop::collection::vec(step(), 1..24)) {
        let folder = Folder::default();
        let mut store = Store::open(folder.clone()).unwrap();
        // Half of them to begin with, so that there is something to tell.
        for log in logs.iter().step_by(2) {
            store.commit(&log.rows()).unwrap();
        }
        let mut ever: BTreeMap<String, BinLine> = BTreeMap::new();
        let mut days: BTreeMap<String, u8> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Commit(log) => commit(&mut store, &logs[log % logs.len()..][..1]),
                Step::Erase(log) => {
                    store.erase(&Which::Token(logs[log % logs.len()].token())).unwrap();
                }
                Step::Sort => {
                    store.compact(Limits::default()).unwrap();
                }
                Step::Restart => store = Store::open(folder.clone()).unwrap(),
                Step::Age(days) => {
                    let anonymous_from_ms = ms(MIDNIGHT + days * DAY_S / 2);
                    store.expire(Ages { anonymous_from_ms, ..Ages::ALL }).unwrap();
                }
                Step::Forget(after) => {
                    let day = Day((MIDNIGHT / DAY_S + after) as i32);
                    let rows = !store.is_empty();
                    let forgotten = store.forget_bins_before(day).unwrap();
                    prop_assert!(forgotten == 0 || !rows, "all rows here are of one period");
                    if forgotten > 0 {
                        // Told no more. Rows of it that come again are of nobody who was in it by the collector's books.
                        ever.clear();
                        days.clear();
                    }
                }
                Step::Release { subjects, side, days: length, closed } => {
                    let rule = BinRule::new(side, length, subjects, NO_VOUCH).unwrap();
                    prop_assert!(release(&mut store, rule, MIDNIGHT + closed * DAY_S).unwrap());
                    prop_assert!(told(&store, subjects).values().all(|line| line.subjects >= subjects));
                    // All that was released: a stricter rule leaves out quantities of bins, too.
                    for (bin, line) in told(&store, LEAST_SUBJECTS) {
                        let first = ever.entry(bin).or_insert_with(|| line.clone());
                        prop_assert_eq!(&line, &*first);
                        // One grid and one length for each day, whatever was asked for later.
                        let one = days.entry(line.day.clone()).or_insert(line.days);
                        prop_assert_eq!(*one, line.days);
                    }
                    let sides: BTreeSet<&str> = ever.values().filter_map(|line| line.bin.split('m').next()).collect();
                    prop_assert!(sides.len() <= 1 || days.len() > 1, "{sides:?}");
                }
            }
        }
    }
}
