//! `wherefore mdt import …`: files of others into a store.

use super::args::{MdtImportCommand, MdtImportInto, MdtImportRrc, MdtImportSurvey, MdtImportTrace, SurveyRat};
use super::error::CliError;
use super::{input, mdt, output};
use crate::clock;
use crate::mdt::{
    Folder, ImportError, ImportReport, Importer, RrcOptions, SurveyTable, import_mode, is_geopackage, survey_tables,
};
use ::mdt::capture::{Channel, UserLinkTypes};
use ::mdt::rrc::Rat;
use lcs::Timestamp;
use mdt_store::Store;
use std::path::{Path, PathBuf};

pub(super) async fn run(command: MdtImportCommand) -> Result<(), CliError> {
    match command {
        MdtImportCommand::Rrc(args) => rrc(&args),
        MdtImportCommand::Trace(args) => trace(&args),
        MdtImportCommand::Survey(args) => survey(&args).await,
    }
}

fn usage(what: &str) -> CliError {
    CliError::Usage(what.to_owned())
}

fn rrc(args: &MdtImportRrc) -> Result<(), CliError> {
    let channel = |name: &str| {
        let names = Channel::ALL.map(Channel::name).join(", ");
        Channel::from_name(name).ok_or_else(|| CliError::Usage(format!("no such channel; there are {names}")))
    };
    let mut users = UserLinkTypes::default();
    for text in &args.user_link_types {
        let (link, name) = text.split_once('=').ok_or_else(|| usage("--user-link-type is as 147=lte-rrc.ul.dcch"))?;
        let named = link.parse().ok().map(|link| Ok::<_, CliError>((link, channel(name)?))).transpose()?;
        let with = named.and_then(|(link, channel)| users.with(link, channel));
        users = with.ok_or_else(|| usage("link types of users are 147 to 162"))?;
    }
    let received = match args.received {
        None => clock::now(),
        Some(at) => Timestamp::from_micros(u64::try_from(at.as_microsecond()).unwrap_or_default()),
    };
    let options = RrcOptions {
        mode: import_mode(args.into.lenient),
        channel: args.channel.as_deref().map(channel).transpose()?,
        users,
        received,
    };
    let importer = Importer::open(&args.into.session_key_file, None, u64::MAX)?;
    let run = Run::begin(&args.into, importer, None)?;
    files(run, |importer, store, file| importer.rrc(store, file, &options))
}

fn trace(args: &MdtImportTrace) -> Result<(), CliError> {
    let into = &args.into;
    let beside = || {
        let mut name = into.store.components().as_path().as_os_str().to_owned();
        name.push("-quarantine");
        PathBuf::from(name)
    };
    let quarantine = args.quarantine.clone().unwrap_or_else(beside);
    let importer = Importer::open(&into.session_key_file, args.models_file.as_deref(), args.model_floor)?;
    let mode = import_mode(into.lenient);
    let run = Run::begin(into, importer, Some(&quarantine))?;
    files(run, |importer, store, file| importer.trace(store, file, mode))
}

/// Files in turn; what was kept before one is refused stays, and is reported.
struct Run<'a> {
    args: &'a MdtImportInto,
    importer: Importer,
    store: Store<Folder>,
    quarantine: Option<&'a Path>,
    reports: Vec<ImportReport>,
    refused: Option<CliError>,
}

impl<'a> Run<'a> {
    fn begin(args: &'a MdtImportInto, mut importer: Importer, quarantine: Option<&'a Path>) -> Result<Self, CliError> {
        for path in &args.jobs {
            let taken = importer.job(input::text(path)?.as_bytes());
            taken.map_err(|error| CliError::Usage(format!("{}: {error}", path.display())))?;
        }
        Ok(Self { args, importer, store: mdt::open(&args.store)?, quarantine, reports: Vec::new(), refused: None })
    }

    /// One file that was read; says whether to go on.
    fn take(
        &mut self,
        path: &Path,
        import: impl FnOnce(&Importer, &mut Store<Folder>) -> Result<ImportReport, ImportError>,
    ) -> bool {
        let file = path.display().to_string();
        let error = match import(&self.importer, &mut self.store) {
            Ok(report) => {
                self.reports.push(ImportReport { file, ..report });
                return true;
            }
            Err(error) => error,
        };
        let identity = matches!(error, ImportError::Identity);
        self.refused = Some(CliError::Import { path: path.to_owned(), error });
        if !identity {
            return false;
        }
        // Whoever sent it has to be told; the other files are none the worse for it.
        if let Some(Err(source)) = self.quarantine.map(|folder| set_aside(path, folder)) {
            self.refused = Some(CliError::File { path: path.to_owned(), source });
            return false;
        }
        self.reports.push(ImportReport::set_aside(file));
        true
    }

    fn end(self) -> Result<(), CliError> {
        shown(&self.reports, self.args.json)?;
        self.refused.map_or(Ok(()), Err)
    }
}

fn octets(path: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|source| CliError::File { path: path.to_owned(), source })
}

/// Each file by the same means.
fn files(
    mut run: Run<'_>,
    import: impl Fn(&Importer, &mut Store<Folder>, &[u8]) -> Result<ImportReport, ImportError>,
) -> Result<(), CliError> {
    for path in &run.args.files {
        let file = match octets(path) {
            Ok(file) => file,
            Err(error) => {
                run.refused = Some(error);
                break;
            }
        };
        if !run.take(path, |importer, store| import(importer, store, &file)) {
            break;
        }
    }
    run.end()
}

async fn survey(args: &MdtImportSurvey) -> Result<(), CliError> {
    let importer = Importer::open(&args.into.session_key_file, None, u64::MAX)?;
    let mut run = Run::begin(&args.into, importer, None)?;
    let mode = import_mode(args.into.lenient);
    for path in &args.into.files {
        let file = match octets(path) {
            Ok(file) => file,
            Err(error) => {
                run.refused = Some(error);
                break;
            }
        };
        let tables = match (is_geopackage(&file), args.rat) {
            (true, _) => survey_tables(path).await.map_err(ImportError::from),
            (false, Some(SurveyRat::Lte)) => Ok(vec![SurveyTable { rat: Rat::Lte, csv: file.clone() }]),
            (false, Some(SurveyRat::Nr)) => Ok(vec![SurveyTable { rat: Rat::Nr, csv: file.clone() }]),
            (false, None) => {
                run.refused = Some(usage("say of which technology the CSV is: --rat lte or --rat nr"));
                break;
            }
        };
        if !run.take(path, |importer, store| importer.survey(store, &file, &tables?, mode)) {
            break;
        }
    }
    run.end()
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
    let mut table = output::table(&["file", "outcome", "rows", "what was in it"]);
    for report in reports {
        let row = [report.file.clone(), output::word(&report.outcome), report.rows.to_string(), counts(report)];
        table.add_row(row);
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
