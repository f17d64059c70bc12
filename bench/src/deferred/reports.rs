//! From the report of a node to the push.

use super::node::Mme;
use super::{Event, gateway_host, loopback, lost, next, own_name, subscriber};
use crate::Settings;
use crate::gateway::{GATEWAY_CORE, Gateway};
use crate::measure::{Histogram, process_cpu_s};
use anyhow::{Result, bail, ensure};
use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

/// The name that the floor gives itself.
const FLOOR: &str = "gmlc.floor.example";
const ROUNDS: usize = 2;

/// How reports follow each other.
#[derive(Clone, Copy)]
enum Pace {
    /// One every so often, whatever became of the others.
    Every(Duration),
    /// So many under way, each followed by the next when the client has it.
    Window(usize),
}

const PACES: [(&str, Pace); 4] = [
    ("one every 10 ms", Pace::Every(Duration::from_millis(10))),
    ("1 under way", Pace::Window(1)),
    ("8 under way", Pace::Window(8)),
    ("64 under way", Pace::Window(64)),
];

/// What reports are told of, each about a subscriber of whom none was told before.
pub(super) struct Reports {
    pub(super) mme: Mme,
    pub(super) events: Receiver<Event>,
    /// Request that is reported next.
    pub(super) next: u64,
    pub(super) requests: u64,
}

/// What a run gave.
struct Outcome {
    rate_per_s: f64,
    per_cpu_s: f64,
    latency: Histogram,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ms = |share: f64| self.latency.quantile_us(share) / 1000.0;
        let (p50, p99) = (ms(0.5), ms(0.99));
        write!(f, "{:.0}/s {:.0}/cpu·s p50 {p50:.2} p99 {p99:.2} ms", self.rate_per_s, self.per_cpu_s)
    }
}

impl Reports {
    /// Reports until one is taken by a gateway that was just started.
    pub(super) fn until_taken(&mut self, patience: Duration) -> Result<()> {
        let (host, begun) = (gateway_host(), Instant::now());
        self.mme.forget(&host);
        self.mme.wait_for(&host)?;
        let at = self.take_next()?;
        loop {
            ensure!(begun.elapsed() < patience, "the gateway takes no report");
            self.mme.report(&host, at)?;
            let asked = Instant::now();
            while asked.elapsed() < Duration::from_millis(50) {
                match next(&self.events, Duration::from_millis(10))? {
                    Some(Event::Answered { n, result: 2001, .. }) if n == subscriber(at) => return Ok(()),
                    Some(Event::Answered { .. }) => break,
                    Some(Event::Pushed { .. }) | None => {}
                }
            }
        }
    }

    fn take_next(&mut self) -> Result<u64> {
        ensure!(self.next < self.requests, "every request was reported; arm more with --requests");
        self.next += 1;
        Ok(self.next - 1)
    }

    /// Gateway and floor in turns.
    pub(super) fn beside_floor(&mut self, settings: &Settings, dir: &Path, gateway: &Gateway, push: u16) -> Result<()> {
        let (log, errors) = (dir.join("relay.log"), dir.join("relay.err"));
        let arguments = ["relay", &loopback(self.mme.port), &loopback(push), own_name(&log)?];
        let floor = settings.programs.start(GATEWAY_CORE, "bench", &arguments, &errors)?;
        self.mme.wait_for(FLOOR)?;
        println!("from the report of a node to the client's push; gateway on one core");
        println!("{:<16}  {:>46}  {:>46}  {:>6}", "reports", "floor", "wherefore", "p50");
        for (name, pace) in PACES {
            let mut best = [const { None::<Outcome> }; 2];
            for _ in 0..ROUNDS {
                let sides = [(FLOOR.to_owned(), floor.pid()), (gateway_host(), gateway.running.pid())];
                for (best, (host, pid)) in best.iter_mut().zip(sides) {
                    let outcome = self.measure(&host, pid, pace, settings.seconds)?;
                    let p50 = |outcome: &Outcome| outcome.latency.quantile_us(0.5);
                    if best.as_ref().is_none_or(|best| p50(&outcome) < p50(best)) {
                        *best = Some(outcome);
                    }
                }
            }
            let [Some(floor), Some(product)] = best else { continue };
            let ratio = product.latency.quantile_us(0.5) / floor.latency.quantile_us(0.5);
            println!("{name:<16}  {:>46}  {:>46}  {ratio:>5.1}x", floor.to_string(), product.to_string());
        }
        println!("target: p50 under 5 ms");
        Ok(())
    }

    fn measure(&mut self, host: &str, pid: u32, pace: Pace, seconds: f64) -> Result<Outcome> {
        let warm_up = Duration::from_millis(500);
        let (begun, mut counted) = (Instant::now(), None);
        let (mut latency, mut under_way) = (Histogram::default(), HashMap::new());
        let mut due = begun;
        loop {
            let over = begun.elapsed() > warm_up + Duration::from_secs_f64(seconds);
            if counted.is_none() && begun.elapsed() > warm_up {
                counted = Some((Instant::now(), process_cpu_s(Some(pid))));
                latency = Histogram::default();
            }
            if let Some((since, cpu_s)) = counted.filter(|_| over) {
                let (wall, cpu_s) = (since.elapsed().as_secs_f64(), process_cpu_s(Some(pid)) - cpu_s);
                let n = latency.count() as f64;
                self.drain(&mut under_way)?;
                return Ok(Outcome { rate_per_s: n / wall, per_cpu_s: n / cpu_s.max(0.01), latency });
            }
            let (room, wait) = match pace {
                Pace::Every(interval) => {
                    let now = Instant::now();
                    let room = now >= due;
                    due = if room { due + interval } else { due };
                    (room, due.saturating_duration_since(now))
                }
                Pace::Window(most) => (under_way.len() < most, Duration::from_secs(5)),
            };
            if room {
                let at = self.take_next()?;
                under_way.insert(subscriber(at), Instant::now());
                ensure!(self.mme.report(host, at)?, "{host} is not connected");
                continue;
            }
            match next(&self.events, wait)? {
                Some(event) => note(&event, &mut under_way, &mut latency)?,
                None if matches!(pace, Pace::Window(_)) => return Err(lost()),
                None => {}
            }
        }
    }

    /// Waits for what is under way.
    fn drain(&self, under_way: &mut HashMap<u64, Instant>) -> Result<()> {
        let mut dropped = Histogram::default();
        while !under_way.is_empty() {
            let event = next(&self.events, Duration::from_secs(5))?.ok_or_else(lost)?;
            note(&event, under_way, &mut dropped)?;
        }
        // The last answers, and what the gateway does after its client has it.
        while next(&self.events, Duration::from_millis(300))?.is_some() {}
        Ok(())
    }
}

fn note(event: &Event, under_way: &mut HashMap<u64, Instant>, latency: &mut Histogram) -> Result<()> {
    match event {
        Event::Answered { result: 2001, .. } => Ok(()),
        Event::Answered { n, result, at } => bail!("a report about subscriber {n} is answered {result} ({at:?})"),
        Event::Pushed { n, at } => {
            if let Some(sent) = under_way.remove(n) {
                latency.add(at.saturating_duration_since(sent));
            }
            Ok(())
        }
    }
}
