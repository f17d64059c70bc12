//! `wherefore mdt import …`: files of others into the folder of a store; into the running gateway in `mdt_import_running.rs`.

use super::args::{MdtImportCommand, MdtImportInto, MdtImportRrc, MdtImportSurvey, MdtImportTrace, SurveyRat};
use super::error::CliError;
use super::{input, mdt, mdt_import_running as running, output};
use crate::mdt::{
    Folder, ImportError, ImportHead, ImportKind, ImportOutcome, ImportRat, ImportReport, Importer, RrcOptions,
    SurveyTable, import_mode, import_received, is_geopackage, survey_tables,
};
use mdt_store::Store;
use std::path::{Path, PathBuf};

pub(super) async fn run(command: MdtImportCommand) -> Result<(), CliError> {
    match command {
        MdtImportCommand::Rrc(args) => rrc(&args).await,
        MdtImportCommand::Trace(args) => trace(&args).await,
        MdtImportCommand::Survey(args) => survey(&args).await,
    }
}

pub(super) fn usage(what: &str) -> CliError {
    CliError::Usage(what.to_owned())
}

/// What the running gateway is told of a file of this kind.
fn head(kind: ImportKind, into: &MdtImportInto) -> Result<ImportHead, CliError> {
    if into.session_key_file.is_some() {
        return Err(usage("--session-key-file is for a folder; the running gateway has its own key"));
    }
    let jobs = into.jobs.iter().map(|path| input::json(path)).collect::<Result<_, _>>()?;
    let (rat, channel, user_link_types, received) = (None, None, Vec::new(), None);
    Ok(ImportHead { kind, jobs, lenient: into.lenient, rat, channel, user_link_types, received })
}

async fn rrc(args: &MdtImportRrc) -> Result<(), CliError> {
    let (mode, channel) = (import_mode(args.into.lenient), args.channel.as_deref());
    let options = RrcOptions::new(mode, channel, &args.user_link_types, import_received(args.received));
    let options = options.map_err(|error| CliError::Usage(error.to_string()))?;
    let (Some(folder), _) = args.into.split() else {
        let (channel, user_link_types) = (args.channel.clone(), args.user_link_types.clone());
        let head = head(ImportKind::Rrc, &args.into)?;
        return running::files(
            &args.into,
            None,
            &ImportHead { channel, user_link_types, received: args.received, ..head },
        )
        .await;
    };
    let run = Run::begin(folder, &args.into, (None, u64::MAX), None)?;
    files(run, |importer, store, file| importer.rrc(store, file, &options))
}

async fn trace(args: &MdtImportTrace) -> Result<(), CliError> {
    let into = &args.into;
    let (folder, _) = into.split();
    let beside = || {
        let store = folder.unwrap_or(Path::new("mdt"));
        let mut name = store.components().as_path().as_os_str().to_owned();
        name.push("-quarantine");
        PathBuf::from(name)
    };
    let quarantine = args.quarantine.clone().unwrap_or_else(beside);
    let Some(folder) = folder else {
        if args.models_file.is_some() {
            return Err(usage("--models-file is for a folder; the running gateway has its own"));
        }
        return running::files(into, Some(&quarantine), &head(ImportKind::Trace, into)?).await;
    };
    let mode = import_mode(into.lenient);
    let run = Run::begin(folder, into, (args.models_file.as_deref(), args.model_floor), Some(&quarantine))?;
    files(run, |importer, store, file| importer.trace(store, file, mode))
}

/// What became of files in turn; what was kept before one is refused stays, and is reported.
pub(super) struct Reports<'a> {
    json: bool,
    quarantine: Option<&'a Path>,
    reports: Vec<ImportReport>,
    refused: Option<CliError>,
}

impl<'a> Reports<'a> {
    pub(super) fn new(json: bool, quarantine: Option<&'a Path>) -> Self {
        Self { json, quarantine, reports: Vec::new(), refused: None }
    }

    /// Of one file; says whether to go on.
    pub(super) fn take(&mut self, path: &Path, told: Result<ImportReport, CliError>) -> bool {
        let report = match told {
            Ok(report) => ImportReport { file: path.display().to_string(), ..report },
            Err(error) => return self.refuse(error),
        };
        if report.outcome == ImportOutcome::SetAside {
            self.refused = Some(CliError::Import { path: path.to_owned(), error: ImportError::Identity });
            // Whoever sent it has to be told; the other files are none the worse for it.
            if let Some(Err(source)) = self.quarantine.map(|folder| set_aside(path, folder)) {
                return self.refuse(CliError::File { path: path.to_owned(), source });
            }
        }
        self.reports.push(report);
        true
    }

    /// Ends it here: there is no going on.
    pub(super) fn refuse(&mut self, error: CliError) -> bool {
        self.refused = Some(error);
        false
    }

    pub(super) fn end(self) -> Result<(), CliError> {
        shown(&self.reports, self.json)?;
        self.refused.map_or(Ok(()), Err)
    }
}

/// Files into a folder.
struct Run<'a> {
    files: &'a [PathBuf],
    importer: Importer,
    store: Store<Folder>,
    reports: Reports<'a>,
}

impl<'a> Run<'a> {
    /// `models`: counts of phones by model, and how many a model must have.
    fn begin(
        folder: &Path,
        args: &'a MdtImportInto,
        (models_file, model_floor): (Option<&Path>, u64),
        quarantine: Option<&'a Path>,
    ) -> Result<Self, CliError> {
        let (Some(key), false) = (&args.session_key_file, args.jobs.is_empty()) else {
            return Err(usage(
                "a folder needs --job and --session-key-file; leave the folder out for the running gateway",
            ));
        };
        let (_, files) = args.split();
        if files.is_empty() {
            return Err(usage("name files to read behind the folder"));
        }
        let mut importer = Importer::open(key, models_file, model_floor)?;
        for path in &args.jobs {
            let taken = importer.job(input::text(path)?.as_bytes());
            taken.map_err(|error| CliError::Usage(format!("{}: {error}", path.display())))?;
        }
        let store = mdt::open(folder)?;
        Ok(Self { files, importer, store, reports: Reports::new(args.json, quarantine) })
    }

    /// One file that was read; says whether to go on.
    fn take(
        &mut self,
        path: &Path,
        import: impl FnOnce(&Importer, &mut Store<Folder>) -> Result<ImportReport, ImportError>,
    ) -> bool {
        let told = match import(&self.importer, &mut self.store) {
            Err(ImportError::Identity) => Ok(ImportReport::set_aside(String::new())),
            told => told.map_err(|error| CliError::Import { path: path.to_owned(), error }),
        };
        self.reports.take(path, told)
    }
}

pub(super) fn octets(path: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|source| CliError::File { path: path.to_owned(), source })
}

/// Each file by the same means.
fn files(
    mut run: Run<'_>,
    import: impl Fn(&Importer, &mut Store<Folder>, &[u8]) -> Result<ImportReport, ImportError>,
) -> Result<(), CliError> {
    for path in run.files {
        let file = match octets(path) {
            Ok(file) => file,
            Err(error) => {
                run.reports.refuse(error);
                break;
            }
        };
        if !run.take(path, |importer, store| import(importer, store, &file)) {
            break;
        }
    }
    run.reports.end()
}

pub(super) const NO_RAT: &str = "say of which technology the CSV is: --rat lte or --rat nr";

const fn rat(rat: SurveyRat) -> ImportRat {
    match rat {
        SurveyRat::Lte => ImportRat::Lte,
        SurveyRat::Nr => ImportRat::Nr,
    }
}

async fn survey(args: &MdtImportSurvey) -> Result<(), CliError> {
    let (Some(folder), _) = args.into.split() else {
        let head = head(ImportKind::Survey, &args.into)?;
        return running::surveys(&args.into, &ImportHead { rat: args.rat.map(rat), ..head }).await;
    };
    let mut run = Run::begin(folder, &args.into, (None, u64::MAX), None)?;
    let mode = import_mode(args.into.lenient);
    for path in run.files {
        let file = match octets(path) {
            Ok(file) => file,
            Err(error) => {
                run.reports.refuse(error);
                break;
            }
        };
        let tables = match (is_geopackage(&file), args.rat) {
            (true, _) => survey_tables(path).await.map_err(ImportError::from),
            (false, Some(of)) => Ok(vec![SurveyTable { rat: rat(of).into(), csv: file.clone() }]),
            (false, None) => {
                run.reports.refuse(usage(NO_RAT));
                break;
            }
        };
        if !run.take(path, |importer, store| importer.survey(store, &file, &tables?, mode)) {
            break;
        }
    }
    run.reports.end()
}

/// Moves a file out of the way whole, to where its owner alone reads it; nothing that lies there is overwritten.
fn set_aside(path: &Path, folder: &Path) -> std::io::Result<()> {
    if !folder.is_dir() {
        std::fs::create_dir_all(folder)?;
        std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    }
    let name = path.file_name().unwrap_or(path.as_os_str());
    let free = |number: u32| {
        let mut free = name.to_owned();
        if number > 0 {
            free.push(format!(".{number}"));
        }
        Some(folder.join(free)).filter(|to| !to.exists())
    };
    let to = (0..).find_map(free).ok_or(std::io::ErrorKind::AlreadyExists)?;
    std::fs::rename(path, &to).or_else(|_| {
        // Another file system.
        std::fs::copy(path, &to)?;
        std::fs::File::open(&to)?.sync_all()?;
        std::fs::remove_file(path)
    })
}

fn shown(reports: &[ImportReport], json: bool) -> Result<(), CliError> {
    if json {
        return reports.iter().try_for_each(output::json);
    }
    let mut table = output::table(&["file", "outcome", "rows", "failures", "what was in it"]);
    for report in reports {
        let (rows, failures) = (report.rows.to_string(), report.failures.to_string());
        table.add_row([report.file.clone(), output::word(&report.outcome), rows, failures, counts(report)]);
    }
    if !reports.is_empty() {
        output::print(&table)?;
    }
    for (report, fault) in reports.iter().flat_map(|report| report.faults.iter().map(move |fault| (report, fault))) {
        output::line(&format!("{}: {fault}", report.file))?;
    }
    Ok(())
}

/// What is not zero, in words.
fn counts(report: &ImportReport) -> String {
    let Ok(serde_json::Value::Object(counts)) = serde_json::to_value(report.counts) else { return String::new() };
    let told = counts.iter().filter(|(_, count)| count.as_u64() != Some(0));
    told.map(|(what, count)| format!("{} {count}", what.replace('_', " "))).collect::<Vec<_>>().join(", ")
}
