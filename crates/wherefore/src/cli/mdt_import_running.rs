//! `wherefore mdt import …` without a folder: files of others into the running gateway.

use super::api::AdminApi;
use super::args::MdtImportInto;
use super::error::CliError;
use super::mdt;
use super::mdt_import::{NO_RAT, octets, set_aside, shown, usage};
use crate::mdt::{ImportError, ImportHead, ImportOutcome, ImportRat, ImportReport, is_geopackage, survey_tables};
use ::mdt::rrc::Rat;
use std::path::Path;

const ROUTE: &str = "/v1/mdt/import";

/// Files in turn; what was kept before one is refused stays, and is reported.
struct Run<'a> {
    args: &'a MdtImportInto,
    api: AdminApi,
    quarantine: Option<&'a Path>,
    reports: Vec<ImportReport>,
    refused: Option<CliError>,
}

impl<'a> Run<'a> {
    fn begin(args: &'a MdtImportInto, quarantine: Option<&'a Path>) -> Result<Self, CliError> {
        let api = mdt::running(&args.running)?;
        Ok(Self { args, api, quarantine, reports: Vec::new(), refused: None })
    }

    /// What the gateway says of a file; says whether to go on.
    fn take(&mut self, path: &Path, told: Result<ImportReport, CliError>) -> bool {
        let report = match told {
            Ok(report) => ImportReport { file: path.display().to_string(), ..report },
            Err(error) => {
                self.refused = Some(named(path, error));
                return false;
            }
        };
        if report.outcome == ImportOutcome::SetAside {
            self.refused = Some(CliError::Import { path: path.to_owned(), error: ImportError::Identity });
            // Whoever sent it has to be told; the other files are none the worse for it.
            if let Some(Err(source)) = self.quarantine.map(|folder| set_aside(path, folder)) {
                self.refused = Some(CliError::File { path: path.to_owned(), source });
                return false;
            }
        }
        self.reports.push(report);
        true
    }

    fn end(self) -> Result<(), CliError> {
        shown(&self.reports, self.args.json)?;
        self.refused.map_or(Ok(()), Err)
    }
}

/// The same refusal with the name of the file.
fn named(path: &Path, error: CliError) -> CliError {
    match error {
        CliError::Refused(mut problem) => {
            problem.title = format!("{}: {}", path.display(), problem.title);
            CliError::Refused(problem)
        }
        other => other,
    }
}

/// Each file under the same head.
pub(super) async fn files(args: &MdtImportInto, quarantine: Option<&Path>, head: &ImportHead) -> Result<(), CliError> {
    let mut run = Run::begin(args, quarantine)?;
    for path in &args.paths {
        let told = match tokio::fs::File::open(path).await {
            Ok(file) => run.api.upload(ROUTE, head, file).await,
            Err(source) => Err(CliError::File { path: path.to_owned(), source }),
        };
        if !run.take(path, told) {
            break;
        }
    }
    run.end()
}

/// Surveys. A GeoPackage is read here, so that nothing of the device that made it leaves; each of its technologies is a file of its own.
pub(super) async fn surveys(args: &MdtImportInto, head: &ImportHead) -> Result<(), CliError> {
    let mut run = Run::begin(args, None)?;
    'files: for path in &args.paths {
        let parts = match parts(path, head).await {
            Ok(parts) => parts,
            Err(error) => {
                run.refused = Some(error);
                break;
            }
        };
        for (rat, csv) in parts {
            let told =
                run.api.upload(ROUTE, &ImportHead { rat: Some(rat), ..head.clone() }, std::io::Cursor::new(csv)).await;
            if !run.take(path, told) {
                break 'files;
            }
        }
    }
    run.end()
}

async fn parts(path: &Path, head: &ImportHead) -> Result<Vec<(ImportRat, Vec<u8>)>, CliError> {
    let file = octets(path)?;
    if !is_geopackage(&file) {
        return Ok(vec![(head.rat.ok_or_else(|| usage(NO_RAT))?, file)]);
    }
    let tables = survey_tables(path).await;
    let tables = tables.map_err(|error| CliError::Import { path: path.to_owned(), error: error.into() })?;
    let rat = |rat| if rat == Rat::Nr { ImportRat::Nr } else { ImportRat::Lte };
    Ok(tables.into_iter().map(|table| (rat(table.rat), table.csv)).collect())
}
