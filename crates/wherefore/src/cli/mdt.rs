//! `wherefore mdt …`: what works on the folder of a store, which no other process may have open, is here.

use super::args::{MdtCommand, MdtCompact, MdtErase, MdtExport, MdtForm, MdtWhich};
use super::error::CliError;
use super::{collector, input, mdt_import, output};
use crate::mdt::{Folder, GeoPackage};
use mdt_store::{Ages, AnonymisedRows, Export, Limits, ModelCount, Store, SubjectId, Which};
use std::io::Write as _;
use std::path::Path;

pub(super) async fn run(command: MdtCommand) -> Result<(), CliError> {
    match command {
        MdtCommand::Export(args) => export(&args).await,
        MdtCommand::Import(command) => mdt_import::run(command).await,
        MdtCommand::Compact(args) => compact(&args),
        MdtCommand::Erase(args) => erase(&args),
        MdtCommand::Job(command) => collector::job(command).await,
        MdtCommand::Key(command) => collector::key(command),
        MdtCommand::Reference(args) => collector::reference(args).await,
        MdtCommand::Subject(args) => collector::subject(args).await,
        MdtCommand::Forget(args) => collector::forget(args).await,
    }
}

/// Rows that could possibly be in a trace file: each takes more than a hundred octets.
const MOST_ROWS: usize = ::mdt::trace_file::MAX_FILE / 100;
const TOO_LONG: &str = "these rows make a trace file of more than 64 MiB; export a job at a time, or in another form";

/// An existing store: a folder that is not there is a slip of the pen and not an empty store.
pub(super) fn open(folder: &Path) -> Result<Store<Folder>, CliError> {
    if !folder.is_dir() {
        return Err(CliError::Usage(format!("{}: no folder of a store", folder.display())));
    }
    Ok(Store::open(Folder::open(folder).map_err(mdt_store::StoreError::from)?)?)
}

fn octets<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let mut octets = [0; N];
    if digits.len() != 2 * N || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (octet, at) in octets.iter_mut().zip((0..).step_by(2)) {
        *octet = u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?;
    }
    Some(octets)
}

fn which(args: &MdtWhich) -> Result<Option<Which>, CliError> {
    let usage = |what: &str| CliError::Usage(what.to_owned());
    if let Some(job) = &args.job {
        let job =
            mdt_store::job_of(job.as_bytes()).ok_or_else(|| usage("--job is MCC-MNC-trace id, as 234-15-000001"))?;
        return Ok(Some(Which::Job(job)));
    }
    if let Some(subject) = &args.subject {
        let subject = octets(subject).ok_or_else(|| usage("--subject is 32 hexadecimal digits"))?;
        return Ok(Some(Which::Subject(SubjectId(subject))));
    }
    let Some(file) = &args.token_file else { return Ok(None) };
    let token = octets(input::secret(file)?.trim()).ok_or_else(|| usage("the token is not 64 hexadecimal digits"))?;
    Ok(Some(Which::Token(token)))
}

async fn export(args: &MdtExport) -> Result<(), CliError> {
    let (store, which) = (open(&args.store)?, which(&args.which)?);
    let mut models = ModelCount::default();
    if args.failures {
        for failures in store.failures(which.as_ref(), Ages::ALL) {
            models.count_failures(&failures?);
        }
    } else {
        for rows in store.parts(which.as_ref()) {
            models.count(&rows?);
        }
    }
    let export = models.export(usize::from(args.model_floor));
    let written = match args.format {
        MdtForm::Geopackage if args.failures => {
            return Err(CliError::Usage("reports of failures are exported as csv or json".to_owned()));
        }
        MdtForm::Csv | MdtForm::Json if args.failures => failures(&store, which.as_ref(), &export, args)?,
        MdtForm::Geopackage => geopackage(&store, which.as_ref(), &export, &args.to).await?,
        MdtForm::Trace => trace(&store, which.as_ref(), &export, &args.to)?,
        MdtForm::Csv | MdtForm::Json => text(&store, which.as_ref(), &export, args)?,
    };
    output::line(&format!("{written} rows"))
}

async fn geopackage(
    store: &Store<Folder>,
    which: Option<&Which>,
    export: &Export,
    to: &Path,
) -> Result<usize, CliError> {
    let (mut file, mut written) = (GeoPackage::create(to).await?, 0);
    for rows in store.parts(which) {
        let rows = rows?;
        written += rows.len();
        file.add(export.lines(&rows)).await?;
    }
    file.finish().await?;
    Ok(written)
}

/// A trace file is written as a whole, and is no longer than one that is read.
fn trace(store: &Store<Folder>, which: Option<&Which>, export: &Export, to: &Path) -> Result<usize, CliError> {
    let mut all = AnonymisedRows::default();
    for rows in store.parts(which) {
        all.append(&rows?);
        if all.len() > MOST_ROWS {
            return Err(CliError::Usage(TOO_LONG.to_owned()));
        }
    }
    let text = export.trace(&all)?.to_xml();
    if text.len() > ::mdt::trace_file::MAX_FILE {
        return Err(CliError::Usage(TOO_LONG.to_owned()));
    }
    let fault = |source| CliError::File { path: to.to_owned(), source };
    let mut file = std::fs::File::create_new(to).map_err(fault)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fault)?;
    Ok(all.len())
}

fn text(store: &Store<Folder>, which: Option<&Which>, export: &Export, args: &MdtExport) -> Result<usize, CliError> {
    let fault = |source| CliError::File { path: args.to.clone(), source };
    let mut file = std::fs::File::create_new(&args.to).map_err(fault)?;
    let (mut written, mut octets) = (0, Vec::new());
    for rows in store.parts(which) {
        let rows = rows?;
        match args.format {
            MdtForm::Json => export.json(&rows, &mut octets)?,
            _ => export.csv(&rows, written == 0, &mut octets)?,
        }
        written += rows.len();
        file.write_all(&octets).map_err(fault)?;
        octets.clear();
    }
    file.sync_all().map_err(fault)?;
    Ok(written)
}

fn failures(
    store: &Store<Folder>,
    which: Option<&Which>,
    export: &Export,
    args: &MdtExport,
) -> Result<usize, CliError> {
    let fault = |source| CliError::File { path: args.to.clone(), source };
    let mut file = std::fs::File::create_new(&args.to).map_err(fault)?;
    let (mut written, mut octets) = (0, Vec::new());
    for part in store.failures(which, Ages::ALL) {
        let part = part?;
        match args.format {
            MdtForm::Json => export.failures_json(&part, &mut octets)?,
            _ => export.failures_csv(&part, written == 0, &mut octets)?,
        }
        written += part.len();
        file.write_all(&octets).map_err(fault)?;
        octets.clear();
    }
    file.sync_all().map_err(fault)?;
    Ok(written)
}

fn compact(args: &MdtCompact) -> Result<(), CliError> {
    let mut store = open(&args.store)?;
    let (mut rows, mut files) = (0, 0);
    loop {
        let done = store.compact(Limits::default())?;
        (rows, files) = (rows + done.rows, files + done.made);
        if done.taken == 0 {
            return output::line(&format!("{rows} rows sorted into {files} files"));
        }
    }
}

fn erase(args: &MdtErase) -> Result<(), CliError> {
    let Some(which) = which(&args.which)? else {
        return Err(CliError::Usage("say which rows: --job, --subject or --token-file".to_owned()));
    };
    let erased = open(&args.store)?.erase(&which)?;
    output::line(&format!("{erased} rows erased"))
}
