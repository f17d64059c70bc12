//! Goal P12: memory of a million full profiles.

use crate::Settings;
use crate::measure::resident_bytes;
use crate::population::{SETS, rules, subscriber};
use anyhow::{Result, bail};
use lcs::{Address, Digits};
use privacy::{ListedClient, Profile, Register};
use std::time::Instant;

const SUBSCRIBERS: u64 = 1_000_000;

/// Which profiles a program fills a register with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// A thousand sets of rules, found to be the same.
    Shared,
    /// The same sets with what is never shared: an area, a codeword or a list of requestors, in two of five subscribers.
    Personal,
    /// Everybody with rules that nobody else has.
    Own,
    /// No product at all: an array of 64-byte records.
    Floor,
}

/// Each kind in a process of its own, so that nothing freed before blurs what is resident.
pub(crate) fn run(settings: &Settings) -> Result<()> {
    let programs = &settings.programs;
    println!("memory of {SUBSCRIBERS} full profiles: resident before and after, and the register's own account");
    for kind in ["floor", "shared", "personal", "own"] {
        print!("{}", programs.run("bench", &["fill", kind])?);
    }
    println!("target: under 150 bytes each (goal 80)");
    Ok(())
}

/// The work of the process.
pub(crate) fn measure(kind: Kind) -> Result<()> {
    let register = Register::new();
    let mut floor: Vec<[u32; 16]> = Vec::new();
    let (before, start) = (resident_bytes(None), Instant::now());
    match kind {
        Kind::Shared | Kind::Personal | Kind::Own => fill(&register, kind)?,
        Kind::Floor => floor.extend((0..SUBSCRIBERS as u32).map(|n| [n | 1; 16])),
    }
    let (seconds, resident) = (start.elapsed().as_secs_f64(), resident_bytes(None) - before);
    let each = |bytes: usize| bytes as f64 / SUBSCRIBERS as f64;
    let name = match kind {
        Kind::Shared => "1000 sets of rules",
        Kind::Personal => "personal parts in two of five",
        Kind::Own => "rules of everybody's own",
        Kind::Floor => "floor: array of 64 bytes",
    };
    print!("{name:<30} {:>7.1} bytes each resident, filled in {seconds:.1} s", each(resident as usize));
    if matches!(kind, Kind::Floor) {
        if floor.len() as u64 != SUBSCRIBERS {
            bail!("the floor is not full");
        }
        println!();
    } else {
        let memory = register.memory();
        println!(
            "; account {:.1} = records {:.1} + index {:.1} + rules {:.1}",
            each(memory.total()),
            each(memory.records),
            each(memory.index),
            each(memory.rules)
        );
    }
    Ok(())
}

/// Each profile compiled by itself, as the gateway does when it loads them.
fn fill(register: &Register, kind: Kind) -> Result<()> {
    for n in 0..SUBSCRIBERS {
        let mut rules = rules(n % SETS)?;
        rules.codewords = rules.codewords.filter(|_| kind == Kind::Personal);
        if let Some(class) = &mut rules.unrelated {
            if kind != Kind::Personal {
                class.clients.iter_mut().for_each(|client| {
                    client.conditions.areas.clear();
                    client.conditions.requestors = None;
                });
            }
            if kind == Kind::Own {
                // A friend whom nobody else lists.
                let digits = Digits::parse(&format!("4915{n:09}"))?;
                class.clients.push(ListedClient::new(Address { digits, ..Address::international("+49")? }));
            }
        }
        register.put(&subscriber(n)?, &Profile { rules, ..Profile::default() }.compile()?)?;
    }
    Ok(())
}
