//! Goal P4: the disclosure log beside a raw group commit of the same octets.
//!
//! Two ways. *In step*: one thread makes a batch of so many entries and commits it, so that batches are exact and nothing
//! overlaps. *In flight*: so many entries are always under way, a second thread commits what has gathered, as in the gateway.

use crate::Settings;
use crate::measure::process_cpu_s;
use crate::raw_commit::RawLog;
use anyhow::{Context, Result, bail};
use lcs::{
    Address, FormatIndicator, LcsClientType, LocationType, PrivacySetting, Qos, Requestor, ServiceType, Target,
    Timestamp,
};
use privacy::disclosure::{
    Bounds, Content, Ending, Entry, Facts, Given, Log, LogKeys, MasterKey, Origin, RequestId, Sealer, SigningKey, Step,
    Subject, SubjectSalt, Via, Writer,
};
use privacy::{Basis, RuleId};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context as Polling, Poll, Waker};
use std::time::{Duration, Instant};
use wherefore::log::FileStore;

/// Batch, and entries in a window.
const POINTS: [(usize, u64); 4] = [(1, 4_000), (8, 24_000), (64, 96_000), (512, 128_000)];
const ROUNDS: usize = 3;
/// Large enough that no window meets the end of a segment.
const SEGMENT: u64 = 768 << 20;
/// What the gateway is configured with by default.
const USUAL_SEGMENT: u64 = 64 << 20;

/// Runs the work in a process of its own on both cores.
pub(crate) fn run(settings: &Settings) -> Result<()> {
    let programs = &settings.programs;
    let dir = tempfile::tempdir_in(&programs.dir)?;
    let dir = dir.path().to_str().context("the directory has no UTF-8 name")?;
    print!("{}", programs.run_on("0,1", "bench", &["record", dir])?);
    println!("target: 70 % of the raw group commit at 64 (goal 90 %)");
    Ok(())
}

/// The work of the process.
pub(crate) fn measure(dir: &Path) -> Result<()> {
    let record = sample()?;
    let mut raw = RawLog::open(&dir.join("raw"), record.clone())?;
    println!(
        "disclosure log: sealed entries of {} octets, tree, signed checkpoint, fdatasync; entries/s, best of {ROUNDS}",
        record.len()
    );
    println!("{:>6}  {:>28}  {:>28}  {:>5}", "batch", "raw group commit", "log", "ratio");
    let (mut writer, log) = open(&dir.join("log"), SEGMENT)?;
    settle(&mut writer, &log)?;
    for (batch, entries) in POINTS {
        let (mut floor, mut product) = (Rate::default(), Rate::default());
        for _ in 0..ROUNDS {
            floor.keep(Rate::of(entries, || raw.in_step(batch, entries))?);
            product.keep(Rate::of(entries, || in_step(&mut writer, &log, batch, entries))?);
        }
        println!("{batch:>6}  {:>28}  {:>28}  {:>4.0}%  in step", floor.show(), product.show(), product.ratio(floor));
    }
    let writing = Arc::new(AtomicU64::new(0));
    let batches = Arc::clone(&writing);
    let thread = std::thread::spawn(move || {
        writer.run(|step| {
            if let Step::Committed(_) = step {
                batches.fetch_add(1, Ordering::Relaxed);
            }
        });
    });
    let raw = raw.into_running()?;
    for (flight, entries) in POINTS {
        let (mut floor, mut product) = (Rate::default(), Rate::default());
        for _ in 0..ROUNDS {
            let before = raw.batches();
            let rate = Rate::of(entries, || raw.in_flight(flight, entries))?;
            floor.keep(rate.in_batches(entries, raw.batches() - before));
            let before = writing.load(Ordering::Relaxed);
            let rate = Rate::of(entries, || in_flight(&log, flight, entries))?;
            product.keep(rate.in_batches(entries, writing.load(Ordering::Relaxed) - before));
        }
        println!(
            "{flight:>6}  {:>28}  {:>28}  {:>4.0}%  in flight",
            floor.show(),
            product.show(),
            product.ratio(floor)
        );
    }
    log.close();
    if thread.join().is_err() {
        bail!("the writer died");
    }
    over_segments(dir)
}

/// What changing segments costs: a million entries in batches of 64 over segments of the usual size.
fn over_segments(dir: &Path) -> Result<()> {
    let (mut writer, log) = open(&dir.join("usual"), USUAL_SEGMENT)?;
    settle(&mut writer, &log)?;
    let rate = Rate::of(1_000_000, || in_step(&mut writer, &log, 64, 1_000_000))?;
    println!("{:>6}  {:>28}  {:>28}         in step, over segments of 64 MiB", 64, "", rate.show());
    Ok(())
}

/// Entries a second.
#[derive(Debug, Clone, Copy, Default)]
struct Rate {
    per_s: f64,
    cpu_us: f64,
    batch: Option<f64>,
}

impl Rate {
    fn of(entries: u64, work: impl FnOnce() -> Result<()>) -> Result<Self> {
        let (start, cpu) = (Instant::now(), process_cpu_s(None));
        work()?;
        let (wall, cpu) = (start.elapsed().as_secs_f64(), process_cpu_s(None) - cpu);
        Ok(Self { per_s: entries as f64 / wall, cpu_us: cpu * 1e6 / entries as f64, batch: None })
    }

    fn in_batches(self, entries: u64, batches: u64) -> Self {
        Self { batch: Some(entries as f64 / batches.max(1) as f64), ..self }
    }

    fn keep(&mut self, other: Self) {
        if other.per_s > self.per_s {
            *self = other;
        }
    }

    fn ratio(self, floor: Self) -> f64 {
        100.0 * self.per_s / floor.per_s
    }

    fn show(self) -> String {
        let batch = self.batch.map_or_else(String::new, |batch| format!(" by {batch:.0}"));
        format!("{:.0}/s {:.1} us cpu{batch}", self.per_s, self.cpu_us)
    }
}

fn keys() -> Result<LogKeys> {
    let signing = SigningKey::random(Origin::new("bench.example/log")?)?;
    Ok(LogKeys { signing, master: MasterKey::from_octets([7; 32]) })
}

fn open(dir: &Path, segment: u64) -> Result<(Writer<FileStore>, Log)> {
    Ok(Writer::open(FileStore::open(dir, segment)?, keys()?, Bounds::default())?)
}

/// Begins the first segment, and waits until the next one is set aside, which a thread does meanwhile.
fn settle(writer: &mut Writer<FileStore>, log: &Log) -> Result<()> {
    in_step(writer, log, 1, 1)?;
    std::thread::sleep(Duration::from_secs(5));
    Ok(())
}

fn facts() -> Result<Facts> {
    Ok(Facts {
        time: Timestamp::from_secs(1_795_600_800),
        request: RequestId::random().context("no random numbers")?,
        via: Via::Mlp,
        account: "fleet".into(),
        client_type: LcsClientType::ValueAdded,
        external: Some(Address::international("+4930123456")?),
        requestor: Some(Requestor { text: "dispatcher".to_owned(), format: FormatIndicator::LogicalName }),
        service_type: ServiceType::new(3),
        location_type: LocationType::CurrentOrLastKnown,
        qos: Qos { horizontal_m: Some(1000), ..Qos::BEST_EFFORT },
        target: Target::Msisdn(lcs::Msisdn::parse("491700000042")?),
    })
}

fn ending() -> Ending {
    let given = Given { shape: Some(1), accuracy_m: Some(100), age_min: Some(0), ..Given::default() };
    let settings = Some((PrivacySetting::AllowedWithoutNotification, None));
    Ending { settings, ..Ending::allowed(given, Basis::Profile).by(RuleId::UnrelatedListed) }
}

fn subject(n: u64) -> Subject {
    Subject::Subscriber(SubjectSalt::from_octets((u128::from(n) << 7 | 1).to_be_bytes()))
}

/// One record as the log writes it.
fn sample() -> Result<Vec<u8>> {
    let entry = Entry { facts: facts()?, identities: lcs::Identities::default(), ending: ending() };
    let sealer = Sealer::new(&MasterKey::from_octets([7; 32]), &Origin::new("bench.example/log")?);
    let sealer = sealer.context("no sealer")?;
    let time = entry.facts.time;
    Ok(sealer.seal(&Content::Request(Box::new(entry)), time, &subject(1))?)
}

fn in_step(writer: &mut Writer<FileStore>, log: &Log, batch: usize, entries: u64) -> Result<()> {
    let mut waiting = Vec::with_capacity(batch);
    for begun in (0..entries).step_by(batch) {
        for n in 0..batch as u64 {
            let mut ticket = log.open(facts()?);
            ticket.identify(subject(begun + n), lcs::Identities::default());
            waiting.push(ticket.record(ending(), ()));
        }
        let step = writer.step();
        if step != Step::Committed(batch) {
            bail!("a batch of {batch} ended as {step:?}");
        }
        for mut recording in waiting.drain(..) {
            let polled = std::pin::Pin::new(&mut recording).poll(&mut Polling::from_waker(Waker::noop()));
            if !matches!(polled, Poll::Ready(Ok(_))) {
                bail!("an entry is not durable after its batch");
            }
        }
    }
    Ok(())
}

fn in_flight(log: &Log, flight: usize, entries: u64) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        let tasks: Vec<_> = (0..flight as u64)
            .map(|at| {
                let (log, share) = (log.clone(), entries / flight as u64);
                tokio::spawn(async move {
                    for n in 0..share {
                        let mut ticket = log.open(facts()?);
                        ticket.identify(subject(at * share + n), lcs::Identities::default());
                        ticket.record(ending(), ()).await?.release();
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        for task in tasks {
            task.await??;
        }
        Ok(())
    })
}
