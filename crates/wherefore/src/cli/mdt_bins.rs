//! `wherefore mdt bins`: of the running gateway, or of a folder that no other process has open.

use super::args::{MdtBinForm, MdtBins};
use super::error::CliError;
use super::mdt::{download, open, running};
use super::output;
use crate::mdt::{BinFile, BinFileError, BinForm, Days};
use crate::{clock, config};
use lcs::Duration;
use mdt_store::{Ages, BinRule, Binning, Store};
use serde::Serialize;
use std::path::Path;

pub(super) async fn run(args: &MdtBins) -> Result<(), CliError> {
    let no_day = || CliError::Usage("--from and --until are days, as 2026-11-28".to_owned());
    let days = Days::new(args.from.clone(), args.until.clone()).ok_or_else(no_day)?;
    let bins = match &args.store {
        Some(folder) => of_folder(folder, args, &days).await?,
        None => of_running(args).await?,
    };
    told(args, bins)
}

impl From<MdtBinForm> for BinForm {
    fn from(form: MdtBinForm) -> Self {
        match form {
            MdtBinForm::Csv => Self::Csv,
            MdtBinForm::Json => Self::Json,
            MdtBinForm::Geopackage => Self::Geopackage,
        }
    }
}

#[derive(Serialize)]
struct Told {
    bins: u64,
}

fn told(args: &MdtBins, bins: u64) -> Result<(), CliError> {
    if args.json { output::json(&Told { bins }) } else { output::line(&format!("{bins} bins")) }
}

async fn of_running(args: &MdtBins) -> Result<u64, CliError> {
    let form = output::word(&BinForm::from(args.format));
    let mut path = format!("/v1/mdt/bins?form={form}");
    for (name, day) in [("from", &args.from), ("until", &args.until)] {
        if let Some(day) = day {
            path.push_str(&format!("&{name}={day}"));
        }
    }
    let api = running(&args.running)?;
    download(&api, &path, None, &args.to).await
}

/// Releases what is due and exports what was ever released.
async fn of_folder(folder: &Path, args: &MdtBins, days: &Days) -> Result<u64, CliError> {
    // What is not said is as a gateway has it that is not told either.
    let (asked, usual) = (&args.rule, config::Mdt::default());
    let apart = Duration::from_secs(asked.apart_s.unwrap_or(usual.bin_apart_s));
    let (side_m, length) = (asked.side_m.unwrap_or(usual.bin_side_m), asked.days.unwrap_or(usual.bin_days));
    let rule = BinRule::new(side_m, length, asked.subjects.unwrap_or(usual.bin_subjects), apart);
    let rule = rule.map_err(|error| CliError::Usage(error.to_string()))?;
    let mut store = open(folder)?;
    let closed_before = clock::now().before(Duration::from_secs(asked.wait_s.unwrap_or(usual.bin_wait_s)));
    release(&mut store, rule, i64::try_from(closed_before.micros() / 1000).unwrap_or(i64::MAX))?;
    let fault = |error| match error {
        BinFileError::File(source) => CliError::File { path: args.to.clone(), source },
        BinFileError::Store(error) => error.into(),
        BinFileError::GeoPackage(error) => error.into(),
    };
    let mut file = BinFile::create(&args.to, args.format.into(), rule.subjects()).await.map_err(fault)?;
    for period in store.released().into_iter().filter(|period| days.has(*period)) {
        if let Some(bins) = store.bins(period) {
            file.add(&bins?).await.map_err(fault)?;
        }
    }
    Ok(file.finish(&args.to).await.map_err(fault)?.1)
}

fn release<F: mdt_store::Files>(store: &mut Store<F>, rule: BinRule, closed_before_ms: i64) -> Result<(), CliError> {
    let mut binning = Binning::new(rule, closed_before_ms, store.released());
    let names = store.names_for(&binning);
    for name in &names {
        if let Some(rows) = store.rows_in(name, None, Ages::ALL) {
            binning.add(&rows?);
        }
    }
    // Nobody else has the store, so nothing it was made from is gone.
    store.release(&binning.finish(), &names)?;
    Ok(())
}
