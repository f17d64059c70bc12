//! `wherefore mdt …`: what works on the folder of a store, which no other process may have open, is here.

use super::api::AdminApi;
use super::args::{Api, MdtCommand, MdtCompact, MdtErase, MdtExport, MdtForm, MdtRunning, MdtWhich};
use super::error::CliError;
use super::{collector, input, mdt_bins, mdt_import, output};
use crate::forms::from_hex;
use crate::mdt::{Folder, Form, GeoPackage, Layer, Part, TooLong, TraceRows};
use ::mdt::rrc::TraceReference;
use mdt_store::{Ages, Export, Limits, ModelCount, Store, StoreError, SubjectId, Which};
use serde::Serialize;
use std::io::Write as _;
use std::path::Path;

pub(super) async fn run(command: MdtCommand) -> Result<(), CliError> {
    match command {
        MdtCommand::Export(args) => export(&args).await,
        MdtCommand::Bins(args) => mdt_bins::run(&args).await,
        MdtCommand::Import(command) => mdt_import::run(command).await,
        MdtCommand::Compact(args) => compact(&args),
        MdtCommand::Erase(args) => erase(&args),
        MdtCommand::Job(command) => collector::job(command).await,
        MdtCommand::Key(command) => collector::key(command),
        MdtCommand::Select(args) => collector::select(args).await,
        MdtCommand::Reference(args) => collector::reference(args).await,
        MdtCommand::Subject(args) => collector::subject(args).await,
        MdtCommand::Forget(args) => collector::forget(args).await,
    }
}

/// An existing store: a folder that is not there is a slip of the pen and not an empty store.
pub(super) fn open(folder: &Path) -> Result<Store<Folder>, CliError> {
    if !folder.is_dir() {
        return Err(CliError::Usage(format!("{}: no folder of a store", folder.display())));
    }
    Ok(Store::open(Folder::open(folder).map_err(mdt_store::StoreError::from)?)?)
}

fn octets<const N: usize>(digits: &str) -> Option<[u8; N]> {
    from_hex(digits)?.try_into().ok()
}

fn usage(what: &str) -> CliError {
    CliError::Usage(what.to_owned())
}

fn job(name: &str) -> Result<TraceReference, CliError> {
    mdt_store::job_of(name.as_bytes()).ok_or_else(|| usage("--job is MCC-MNC-trace id, as 234-15-000001"))
}

fn which(args: &MdtWhich) -> Result<Option<Which>, CliError> {
    if let Some(name) = &args.job {
        return Ok(Some(Which::Job(job(name)?)));
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
    match &args.store {
        Some(folder) => export_folder(folder, args).await,
        None => export_running(args).await,
    }
}

/// The admin API of the running gateway.
pub(super) fn running(args: &MdtRunning) -> Result<AdminApi, CliError> {
    let MdtRunning { admin, admin_token_file, config } = args;
    let (admin, token_file, config) = (admin.clone(), admin_token_file.clone(), config.clone());
    AdminApi::new(&Api { admin, token_file, config, json: false })
}

/// Has the running gateway export: it records first whose rows leave.
async fn export_running(args: &MdtExport) -> Result<(), CliError> {
    if args.which.subject.is_some() || args.which.token_file.is_some() {
        return Err(usage("without a folder say --job or --subscriber; --subject and --token-file are for a folder"));
    }
    let form = match args.format {
        MdtForm::Csv => "csv",
        MdtForm::Json => "json",
        MdtForm::Geopackage => "geopackage",
        MdtForm::Trace => "32.423",
    };
    let mut path = format!("/v1/mdt/export?form={form}&failures={}&model_floor={}", args.failures, args.model_floor);
    if let Some(name) = &args.which.job {
        path.push_str(&format!("&job={}", job(name)?));
    }
    let api = running(&args.running)?;
    let rows = download(&api, &path, args.subscriber.as_deref(), &args.to).await?;
    told(args, rows, 0)
}

/// An answer of the running gateway as a new file; says how many rows the gateway said that are in it.
pub(super) async fn download(api: &AdminApi, path: &str, about: Option<&str>, to: &Path) -> Result<u64, CliError> {
    let fault = |source| CliError::File { path: to.to_owned(), source };
    let mut file = std::fs::File::create_new(to).map_err(fault)?;
    let done = match api.download(path, about, &mut file).await {
        Ok(rows) => file.sync_all().map_err(fault).map(|()| rows),
        Err(error) => Err(error),
    };
    done.inspect_err(|_| {
        // What is not whole is not there.
        std::fs::remove_file(to).ok();
    })
}

/// What an export came to.
#[derive(Serialize)]
struct Told {
    rows: u64,
    left_out: u64,
}

fn told(args: &MdtExport, rows: u64, left_out: u64) -> Result<(), CliError> {
    if args.json {
        return output::json(&Told { rows, left_out });
    }
    if left_out > 0 {
        let why = "the running gateway exports them, and records it";
        output::line(&format!("{left_out} rows of subscribers left out; {why}"))?;
    }
    output::line(&format!("{rows} rows"))
}

/// Exports a folder that nobody has open. There is no disclosure log to record in here, so rows of subscribers stay where they are.
async fn export_folder(folder: &Path, args: &MdtExport) -> Result<(), CliError> {
    let (store, which) = (open(folder)?, which(&args.which)?);
    if args.subscriber.is_some() || matches!(which, Some(Which::Subject(_))) {
        let what = "rows of a subscriber are exported by the running gateway alone, which records it first: leave the folder out and say --subscriber";
        return Err(usage(what));
    }
    let parts = || -> Box<dyn Iterator<Item = Result<Part, StoreError>> + '_> {
        if args.failures {
            return Box::new(store.failures(which.as_ref(), Ages::ALL).map(|part| part.map(Part::Failures)));
        }
        Box::new(store.parts(which.as_ref()).map(|part| part.map(Part::Rows)))
    };
    let (mut models, mut left_out) = (ModelCount::default(), 0);
    for part in parts() {
        let part = part?;
        let anonymous = part.anonymous();
        left_out += part.len() - anonymous.len();
        anonymous.count(&mut models);
    }
    let export = models.export(usize::from(args.model_floor));
    let parts = parts().map(|part| part.map(|part| part.anonymous()));
    let written = match args.format {
        MdtForm::Trace if args.failures => {
            return Err(usage("reports of failures are exported as csv, json or geopackage"));
        }
        MdtForm::Geopackage => {
            let layer = if args.failures { Layer::Failures } else { Layer::Measurements };
            geopackage(parts, &export, GeoPackage::create(&args.to, layer).await?).await?
        }
        MdtForm::Trace => trace(parts, &export, &args.to)?,
        MdtForm::Csv => text(parts, &export, Form::Csv, &args.to)?,
        MdtForm::Json => text(parts, &export, Form::Json, &args.to)?,
    };
    told(args, written as u64, left_out as u64)
}

async fn geopackage(
    parts: impl Iterator<Item = Result<Part, StoreError>>,
    export: &Export,
    mut file: GeoPackage,
) -> Result<usize, CliError> {
    let mut written = 0;
    for part in parts {
        let part = part?;
        written += part.len();
        match &part {
            Part::Rows(rows) => file.add(export.lines(rows)).await?,
            Part::Failures(failures) => file.add_failures(export.failure_lines(failures)).await?,
        }
    }
    file.finish().await?;
    Ok(written)
}

/// A trace file is written as a whole, and is no longer than one that is read.
fn trace(parts: impl Iterator<Item = Result<Part, StoreError>>, export: &Export, to: &Path) -> Result<usize, CliError> {
    let too_long = |error: TooLong| CliError::Usage(error.to_string());
    let mut all = TraceRows::default();
    for part in parts {
        all.add(&part?).map_err(too_long)?;
    }
    let text = all.text(export)?.map_err(too_long)?;
    let fault = |source| CliError::File { path: to.to_owned(), source };
    let mut file = std::fs::File::create_new(to).map_err(fault)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fault)?;
    Ok(all.len())
}

fn text(
    parts: impl Iterator<Item = Result<Part, StoreError>>,
    export: &Export,
    form: Form,
    to: &Path,
) -> Result<usize, CliError> {
    let fault = |source| CliError::File { path: to.to_owned(), source };
    let mut file = std::fs::File::create_new(to).map_err(fault)?;
    let (mut written, mut octets) = (0, Vec::new());
    for part in parts {
        let part = part?;
        part.text(export, form, written == 0, &mut octets)?;
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
        return Err(usage("say which rows: --job, --subject or --token-file"));
    };
    let erased = open(&args.store)?.erase(&which)?;
    output::line(&format!("{erased} rows erased"))
}
