//! Goal P10, its last stages: from a log in columns to rows that name nobody, to Parquet, and into files by day and place. In memory: the
//! disk is another matter.

use crate::Settings;
use crate::measure::{pin_thread, thread_cpu_s};
use crate::rrc::lte_messages;
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use lcs::Timestamp;
use mdt::job::TraceJob;
use mdt::rrc::{LogColumns, Plmn, lte};
use mdt_store::{Anonymiser, Files, FilesError, Limits, NoModels, SessionKey, Store, Told};
use std::collections::BTreeMap;
use std::hint::black_box;

const ROUNDS: usize = 5;
const NEIGHBOURS: u16 = 6;
/// How often the messages come in one batch.
const TIMES: usize = 25;
/// Batches that are compacted together.
const BATCHES: usize = 8;
/// 2026-11-28T14:00:00Z, two hours after the logs began.
const RECEIVED: Timestamp = Timestamp::from_secs(1_795_874_400);
const JOB: &str = r#"{"jobType":"LOGGED_MDT_ONLY","traceReference":{"mcc":"001","mnc":"01","traceId":"000001"},
    "mdtConfig":{"loggedMDTConfig":{"traceCollectionEntityId":1,"loggingDuration":"7200s",
    "loggingInterval":{"LTE":["5.12s"]},"plmnList":[{"mcc":"001","mnc":"01"}]}}}"#;

/// A folder in memory.
#[derive(Default)]
struct Memory(BTreeMap<String, Bytes>);

impl Files for Memory {
    fn read(&self, name: &str) -> Result<Option<Bytes>, FilesError> {
        Ok(self.0.get(name).cloned())
    }

    fn put(&mut self, name: &str, content: &[u8]) -> Result<(), FilesError> {
        self.0.insert(name.to_owned(), Bytes::copy_from_slice(content));
        Ok(())
    }

    fn remove(&mut self, name: &str) -> Result<(), FilesError> {
        self.0.remove(name);
        Ok(())
    }

    fn list(&self) -> Result<Vec<String>, FilesError> {
        Ok(self.0.keys().cloned().collect())
    }
}

/// Runs the stages, each by itself.
pub(crate) fn run(_settings: &Settings) -> Result<()> {
    pin_thread(0)?;
    let plmn = Plmn::new("001", "01").context("digits")?;
    let messages = lte_messages(plmn, NEIGHBOURS)?;
    let job = TraceJob::from_json(JOB.as_bytes())?;
    let anonymiser = Anonymiser::new(SessionKey::new([7; 32]), NoModels, 100);
    let mut columns = LogColumns::default();
    let decode_s = best_s(|| {
        columns.clear();
        for _ in 0..TIMES {
            messages.iter().try_for_each(|m| lte::UlDcch::decode_into(black_box(m), &mut columns).map(drop))?;
        }
        Ok(())
    })?;
    let rows = columns.len();
    let anonymised = || anonymiser.management(&job, black_box(&columns), Told::Nothing, Some([9; 32]), RECEIVED);
    let anonymise_s = best_s(|| Ok(anonymised().map(black_box).map(drop)?))?;
    let (batch, _) = anonymised()?;
    ensure!(batch.len() == rows, "rows are missing");
    let commit_s = best_s(|| {
        let mut store = Store::open(Memory::default())?;
        store.commit(black_box(&batch))?;
        black_box(store);
        Ok(())
    })?;
    let mut compact_s = f64::MAX;
    for _ in 0..ROUNDS {
        let mut store = Store::open(Memory::default())?;
        for _ in 0..BATCHES {
            store.commit(&batch)?;
        }
        let begin = thread_cpu_s();
        let compacted = store.compact(Limits::default())?;
        compact_s = compact_s.min(thread_cpu_s() - begin);
        ensure!(compacted.rows == (rows * BATCHES) as u64, "rows are missing");
    }
    let million = |rows: usize, seconds: f64| rows as f64 / seconds / 1e6;
    println!(
        "batches of {rows} rows with {NEIGHBOURS} neighbours each, millions of rows a core second, best of {ROUNDS}"
    );
    println!("decoded into columns          {:>6.2}", million(rows, decode_s));
    println!("anonymised                    {:>6.2}", million(rows, anonymise_s));
    println!("committed, Parquet in memory  {:>6.2}", million(rows, commit_s));
    println!("all three                     {:>6.2}", million(rows, decode_s + anonymise_s + commit_s));
    println!("compacted, {BATCHES} batches together {:>5.2}", million(rows * BATCHES, compact_s));
    Ok(())
}

/// Thread seconds of a work, the best of some rounds.
fn best_s(mut work: impl FnMut() -> Result<()>) -> Result<f64> {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let begin = thread_cpu_s();
        work()?;
        best = best.min(thread_cpu_s() - begin);
    }
    Ok(best)
}
