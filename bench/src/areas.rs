//! Areas among the cells of a nation: from a polygon to the identities of a network, beside a look at every cell.

use crate::Settings;
use crate::measure::{pin_thread, thread_cpu_s};
use anyhow::{Context, Result, ensure};
use areas::{AreaError, AreaMap, CellSites, NamedAreas, Naming, Network};
use lcs::gad::{Latitude, Longitude, Point, Polygon, Position, Shape, geometry::Area};
use lcs::{PlmnId, TargetArea};
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

/// Cells of the nation, all of one network, the worst that there is.
const CELLS: u32 = 1_000_000;
const CITIES: u32 = 100;
const ROUNDS: usize = 200;

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn share(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// About a bell, from -1 to 1.
    fn bell(&mut self) -> f64 {
        (self.share() + self.share() + self.share()) * 2.0 / 3.0 - 1.0
    }
}

/// One cell in forty reaches far, anywhere; the others are in cities 32 km across, with tracking areas of some 250 cells.
fn nation() -> String {
    let mut random = Random(88_172_645_463_325_252);
    let mut text = String::with_capacity(80 << 20);
    let square = |degrees: f64, side: f64| (degrees / side).floor() as u32;
    for cell in 0..CELLS {
        let city = cell / 40 % CITIES;
        let (lat, lon, range, area) = if cell % 40 > 0 {
            let (north, east) = ((random.bell() + 1.0) * 0.15, (random.bell() + 1.0) * 0.23);
            let (lat, lon) = city_at(city);
            let area = 100 + city * 100 + square(north, 0.06) * 10 + square(east, 0.06);
            (lat - 0.15 + north, lon - 0.23 + east, 300.0 + 1200.0 * random.share(), area)
        } else {
            let (lat, lon) = (47.5 + 7.0 * random.share(), 6.5 + 8.0 * random.share());
            (lat, lon, 6000.0 + 6000.0 * random.share(), 20_000 + square(lat, 0.2) * 100 + square(lon, 0.2))
        };
        // Writing to a text does not fail.
        let _ = writeln!(text, "LTE,262,1,{area},{cell},0,{lon:.6},{lat:.6},{range:.0},9,1,0,0,0");
    }
    text
}

fn city_at(city: u32) -> (f64, f64) {
    (48.0 + f64::from(city / 10) * 0.65, 7.0 + f64::from(city % 10) * 0.75)
}

/// Twelve corners round a city.
fn polygon(city: u32, reach_deg: f64) -> Result<(Shape, Vec<Position>)> {
    let (lat, lon) = city_at(city);
    let corner = |at: u32| {
        let (sin, cos) = (f64::from(at) * core::f64::consts::TAU / 12.0).sin_cos();
        let reach = reach_deg * if at.is_multiple_of(2) { 1.0 } else { 0.8 };
        Position { lat_deg: lat + reach * sin, lon_deg: lon + reach * cos * 1.55 }
    };
    let corners: Vec<Position> = (0..12).map(corner).collect();
    let point = |at: &Position| {
        let latitude = Latitude::from_degrees(at.lat_deg)?;
        Ok(Point { latitude, longitude: Longitude::from_degrees(at.lon_deg)? })
    };
    let points = corners.iter().map(point).collect::<Result<Vec<_>>>()?;
    Ok((Shape::Polygon(Polygon::new(points)?), corners))
}

/// Runs.
pub(crate) fn run(_settings: &Settings) -> Result<()> {
    pin_thread(0)?;
    let text = nation();
    let begin = Instant::now();
    let (sites, import) = CellSites::read(text.as_bytes(), 1_000, |_| ())?;
    let took = begin.elapsed();
    ensure!(import.taken == u64::from(CELLS), "cells are missing");
    println!(
        "{CELLS} cells read in {:.2} s ({} octets of text); in memory {:.1} MB, {:.1} octets a cell",
        took.as_secs_f64(),
        text.len(),
        sites.memory_octets() as f64 / 1e6,
        sites.memory_octets() as f64 / f64::from(CELLS)
    );
    let network: Network = PlmnId::new("262", "01").context("five digits")?.into();
    let map = AreaMap { sites, names: NamedAreas::default() };
    for (what, reach_deg) in
        [("school, 300 m", 0.003), ("quarter, 2 km", 0.02), ("city, 9 km", 0.08), ("city, 22 km", 0.2)]
    {
        let mut times = Vec::with_capacity(ROUNDS);
        let (mut named, mut refused) = (0usize, 0usize);
        let mut last = String::new();
        let cpu_begin = thread_cpu_s();
        for round in 0..ROUNDS {
            let areas = [TargetArea::Shape(polygon(round as u32 % CITIES, reach_deg)?.0)];
            let begin = Instant::now();
            let answer = black_box(map.identities(black_box(&areas), network, Naming::Slg));
            times.push(begin.elapsed());
            match answer {
                Ok(of) => {
                    (named, last) = (named + 1, format!("{} cells as {} identities", of.cells, of.identities.len()))
                }
                Err(AreaError::TooMany { count, .. }) => {
                    (refused, last) = (refused + 1, format!("{count} identities, refused"))
                }
                Err(error) => (refused, last) = (refused + 1, error.to_string()),
            }
        }
        let cpu_ms = (thread_cpu_s() - cpu_begin) * 1e3 / ROUNDS as f64;
        times.sort_unstable();
        let at = |share: usize| times.get(ROUNDS * share / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3);
        println!(
            "{what:<15} thread {cpu_ms:.3} ms, p50 {:.3} ms, p99 {:.3} ms; named {named}, refused {refused}; the last: {last}",
            at(50),
            at(99)
        );
    }
    let (_, corners) = polygon(3, 0.08)?;
    let area = Area::polygon(corners)?;
    let mut random = Random(7);
    let begin = Instant::now();
    let inside = (0..CELLS)
        .filter(|_| {
            area.contains(Position { lat_deg: 47.5 + 7.0 * random.share(), lon_deg: 6.5 + 8.0 * random.share() })
        })
        .count();
    black_box(inside);
    println!(
        "floor: the city against every cell, one by one, middles alone: {:.1} ms",
        begin.elapsed().as_secs_f64() * 1e3
    );
    Ok(())
}
