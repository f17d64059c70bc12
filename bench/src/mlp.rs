//! The share of goal P1 that MLP takes: a request read and its answer written, beside bare parser events of the same octets.

use crate::Settings;
use crate::load::slir;
use crate::measure::{pin_thread, thread_cpu_s};
use anyhow::{Result, bail};
use lcs::gad::Shape;
use lcs::{Fix, Timestamp};
use mlp::{Answer, AnswerBody, Limits, Outcome, Pos, Service, parse_svc_init};
use quick_xml::events::Event;
use std::hint::black_box;

const REQUESTS: u32 = 20_000;
const ROUNDS: usize = 7;

/// Runs floor and product in turns.
pub(crate) fn run(_settings: &Settings) -> Result<()> {
    pin_thread(0)?;
    let body = slir("bench", "bench-secret-of-a-client", "491700000042");
    let fix = fix()?;
    let mut best = [f64::MAX; 4];
    for _ in 0..ROUNDS {
        let mut time = |at: usize, work: &mut dyn FnMut() -> Result<()>| -> Result<()> {
            let start = thread_cpu_s();
            for _ in 0..REQUESTS {
                work()?;
            }
            best[at] = best[at].min((thread_cpu_s() - start) * 1e6 / f64::from(REQUESTS));
            Ok(())
        };
        time(0, &mut || events(&body, false))?;
        time(1, &mut || events(&body, true))?;
        time(2, &mut || {
            black_box(parse_svc_init(black_box(body.as_bytes()), &Limits::default()).is_ok());
            Ok(())
        })?;
        time(3, &mut || answer(&body, &fix))?;
    }
    let [bare, attributes, parsed, both] = best;
    println!("MLP SLIR of {} octets, us each, thread time, best of {ROUNDS} rounds", body.len());
    println!("floor, events              {bare:>6.2}");
    println!("floor, events, attributes  {attributes:>6.2}");
    println!("parse_svc_init             {parsed:>6.2}  {:.1}x of the events with attributes", parsed / attributes);
    println!("parse and answer           {both:>6.2}  {:.1}x", both / attributes);
    Ok(())
}

fn events(body: &str, attributes: bool) -> Result<()> {
    let mut reader = quick_xml::Reader::from_str(body);
    let mut seen = 0usize;
    loop {
        match reader.read_event()? {
            Event::Start(start) | Event::Empty(start) if attributes => {
                for attribute in start.attributes() {
                    seen += attribute?.value.len();
                }
            }
            Event::Eof => break,
            _ => seen += 1,
        }
    }
    black_box(seen);
    Ok(())
}

fn answer(body: &str, fix: &Fix) -> Result<()> {
    let init = parse_svc_init(black_box(body.as_bytes()), &Limits::default());
    let Ok(init) = init else { bail!("the request is not read") };
    let Service::Immediate(request) = &init.service else { bail!("the request is of another service") };
    let Some(target) = request.targets.first() else { bail!("the request has no target") };
    let parts = [Pos { target, outcome: Outcome::Fixed { fix, at: Timestamp::from_secs(1_795_600_800) } }];
    let mut out = String::with_capacity(1024);
    Answer::to(init.version, &init.header, request, AnswerBody::Positions(&parts)).write(&mut out);
    black_box(out);
    Ok(())
}

/// What the answerer of the benches gives.
fn fix() -> Result<Fix> {
    let shape = Shape::decode(&[0x10, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E, 0x1A])?;
    Ok(Fix {
        shape: Some(shape),
        age_min: Some(0),
        accuracy_fulfilled: Some(true),
        velocity: None,
        cell: None,
        civic_address: None,
        barometric_pressure_pa: None,
    })
}
