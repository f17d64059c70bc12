//! Counts the allocations of privacy checks, in a program of its own: counting costs time, and here none is measured.

#[allow(dead_code, reason = "shared with the program bench")]
#[path = "../population.rs"]
mod population;

use anyhow::Result;
use population::{NOW, asked_by, compiled, fill, gmlc, policy, random_numbers, request};
use privacy::{Ppr, Register};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::sync::Arc;

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SUBSCRIBERS: u64 = 10_000;
const DECISIONS: usize = 100_000;

fn main() -> Result<()> {
    let (sets, register) = (compiled()?, Arc::new(Register::new()));
    fill(&register, &sets, 0..SUBSCRIBERS)?;
    let ppr = Ppr::new(register, policy()?);
    let (request, gmlc) = (request()?, gmlc()?);
    for by_imsi in [false, true] {
        let numbers = random_numbers(SUBSCRIBERS, 42).take(DECISIONS);
        let asked = numbers.map(|n| asked_by(n, by_imsi)).collect::<Result<Vec<_>>>()?;
        let region = Region::new(COUNTED);
        let permits = asked.iter().filter(|identities| ppr.authorise(&request, identities, NOW, &gmlc).is_ok()).count();
        let seen = region.change();
        println!(
            "allocations in {DECISIONS} decisions by {}: {} ({permits} permits)",
            if by_imsi { "IMSI" } else { "MSISDN" },
            seen.allocations + seen.reallocations,
        );
    }
    Ok(())
}
