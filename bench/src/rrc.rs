//! Goal P9: entries of logs from RRC into columns, beside another library (rasn) on the same octets.

// The types that the tests hold the columns against, value by value.
#[path = "../../crates/mdt/tests/rrc/rasn_lte.rs"]
mod rasn_lte;

use crate::Settings;
use crate::measure::{pin_thread, thread_cpu_s};
use anyhow::{Result, ensure};
use lcs::gad::{Latitude, Longitude, Point, Shape};
use mdt::rrc::{AbsoluteTime, LogColumns, Plmn, TraceReference, lte, nr};
use std::hint::black_box;

const MESSAGES: usize = 64;
const ENTRIES: u16 = 40;
const NEIGHBOURS: u16 = 3;
const ROUNDS: usize = 7;

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (((self.0 >> 33) * u64::from(end)) >> 31) as u32
    }

    fn place(&mut self) -> Result<Shape> {
        let latitude = Latitude::from_degrees(48.1 + f64::from(self.below(200_000)) * 1e-6)?;
        let longitude = Longitude::from_degrees(11.4 + f64::from(self.below(250_000)) * 1e-6)?;
        Ok(Shape::Point(Point { latitude, longitude }))
    }

    fn index(&mut self, from: u32, to: u32) -> i8 {
        (from + self.below(to - from)) as i8
    }
}

/// Runs both technologies.
pub(crate) fn run(_settings: &Settings) -> Result<()> {
    pin_thread(0)?;
    let plmn = Plmn::new("001", "01").ok_or_else(|| anyhow::anyhow!("digits"))?;
    let (lte, nr) = (lte_messages(plmn, NEIGHBOURS)?, nr_messages(plmn)?);
    let octets = |messages: &[Vec<u8>]| messages.iter().map(Vec::len).sum::<usize>() / messages.len();
    println!(
        "logs of {ENTRIES} entries with {NEIGHBOURS} neighbours, {} octets in LTE, {} in NR",
        octets(&lte),
        octets(&nr)
    );
    println!("entries a core second, millions, thread time, best of {ROUNDS} rounds");
    let mut columns = LogColumns::default();
    let to_columns = rate(|| {
        columns.clear();
        lte.iter().try_for_each(|m| Ok(lte::UlDcch::decode_into(black_box(m), &mut columns).map(drop)?))
    })?;
    ensure!(columns.len() == MESSAGES * usize::from(ENTRIES), "entries are missing");
    println!("LTE into columns     {to_columns:>6.2}");
    let typed = rate(|| lte.iter().try_for_each(|m| Ok(lte::UlDcch::decode(m).map(black_box).map(drop)?)))?;
    println!("LTE, typed           {typed:>6.2}");
    let library = rate(|| {
        lte.iter().try_for_each(|m| rasn_lte::entries(black_box(m)).map(drop).ok_or_else(|| anyhow::anyhow!("no log")))
    })?;
    println!("LTE, rasn            {library:>6.2}  columns are {:.1}x as fast", to_columns / library);
    let nr_columns = rate(|| {
        columns.clear();
        nr.iter().try_for_each(|m| Ok(nr::UlDcch::decode_into(black_box(m), &mut columns).map(drop)?))
    })?;
    println!("NR into columns      {nr_columns:>6.2}");
    let written: Vec<_> = lte.iter().map(|m| lte::UlDcch::decode(m)).collect::<Result<_, _>>()?;
    let encode = rate(|| written.iter().try_for_each(|m| Ok(m.encode().map(black_box).map(drop)?)))?;
    println!("LTE, written         {encode:>6.2}");
    Ok(())
}

/// Millions of entries a second of a work that takes all messages once.
fn rate(mut work: impl FnMut() -> Result<()>) -> Result<f64> {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let start = thread_cpu_s();
        let mut turns = 0;
        while thread_cpu_s() - start < 0.1 {
            work()?;
            turns += 1;
        }
        best = best.min((thread_cpu_s() - start) / f64::from(turns));
    }
    Ok(MESSAGES as f64 * f64::from(ENTRIES) / best / 1e6)
}

const BEGAN: AbsoluteTime = AbsoluteTime([0x26, 0x11, 0x28, 0x12, 0, 0]);

/// Logs of LTE, some entries each, with so many neighbours.
pub(crate) fn lte_messages(plmn: Plmn, neighbours: u16) -> Result<Vec<Vec<u8>>> {
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let mut entry = |at: u16| -> Result<lte::LogMeasInfo> {
        let serving = lte::ServingResult { rsrp: random.index(20, 81), rsrq: random.index(5, 35) };
        let cells = (0..neighbours).map(|_| lte::EutraCell {
            pci: random.below(504) as u16,
            cgi: None,
            result: lte::EutraResult {
                rsrp: Some(random.index(10, 61)),
                rsrq: Some(random.index(0, 35)),
                ..lte::EutraResult::default()
            },
        });
        let eutra = Some(vec![lte::EutraCarrier { earfcn: 1300, cells: cells.collect() }]);
        let mut location = lte::LocationInfo::at(&random.place()?)?;
        location.gnss_tod = Some(vec![0x12, 0x34, 0x54]);
        let cell = lte::Ecgi { plmn, cell: random.below(1 << 28) };
        Ok(lte::LogMeasInfo {
            location: Some(location),
            neighbours: Some(lte::Neighbours { eutra, ..lte::Neighbours::default() }),
            ..lte::LogMeasInfo::new(at * 5, cell, serving)
        })
    };
    (0..MESSAGES)
        .map(|_| {
            let log = lte::LogMeasReport {
                absolute_time: BEGAN,
                trace_reference: TraceReference { plmn, trace_id: [0, 0, 1] },
                recording_session: [0, 1],
                tce_id: 1,
                entries: (0..ENTRIES).map(&mut entry).collect::<Result<_>>()?,
                available: false,
                r15: None,
            };
            let response = lte::UeInformationResponse { log: Some(log), ..lte::UeInformationResponse::default() };
            Ok(lte::UlDcch::UeInformationResponse(response).encode()?)
        })
        .collect()
}

fn nr_messages(plmn: Plmn) -> Result<Vec<Vec<u8>>> {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut entry = |at: u16| -> Result<nr::LogMeasInfo> {
        let quantities = |random: &mut Random| nr::Quantities {
            rsrp: Some(random.index(20, 100)),
            rsrq: Some(random.index(20, 80)),
            sinr: Some(random.index(20, 80)),
        };
        let cells = (0..NEIGHBOURS).map(|_| nr::LoggedCell {
            pci: random.below(1008) as u16,
            result: quantities(&mut random),
            good_beams: None,
        });
        let carriers = vec![nr::LoggedCarrier { arfcn: 632_448, cells: cells.collect() }];
        Ok(nr::LogMeasInfo {
            location: Some(nr::LocationInfo::at(&random.place()?)?),
            relative_time_s: at * 5,
            serving_cell: Some(nr::Ncgi { plmn, cell: u64::from(random.below(1 << 28)) << 8, tac: Some(1) }),
            serving: Some(nr::ServingResult { cell: quantities(&mut random), beam: None }),
            neighbours: nr::Neighbours { nr: Some(carriers), eutra: None },
            any_cell: false,
            r17: None,
        })
    };
    (0..MESSAGES)
        .map(|_| {
            let log = nr::LogMeasReport {
                absolute_time: BEGAN,
                trace_reference: TraceReference { plmn, trace_id: [0, 0, 1] },
                recording_session: [0, 1],
                tce_id: 1,
                entries: (0..ENTRIES).map(&mut entry).collect::<Result<_>>()?,
                available: false,
                available_bluetooth: false,
                available_wlan: false,
            };
            let response = nr::UeInformationResponse { log: Some(log), ..nr::UeInformationResponse::default() };
            Ok(nr::UlDcch::UeInformationResponse(response).encode()?)
        })
        .collect()
}
