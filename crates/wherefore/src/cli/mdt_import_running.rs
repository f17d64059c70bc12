//! `wherefore mdt import …` without a folder: files of others into the running gateway.

use super::args::MdtImportInto;
use super::error::CliError;
use super::mdt;
use super::mdt_import::{NO_RAT, Reports, octets, usage};
use crate::mdt::{ImportHead, ImportRat, is_geopackage, survey_tables};
use ::mdt::rrc::Rat;
use std::path::Path;

const ROUTE: &str = "/v1/mdt/import";

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
    let (api, mut reports) = (mdt::running(&args.running)?, Reports::new(args.json, quarantine));
    for path in &args.paths {
        let told = match tokio::fs::File::open(path).await {
            Ok(file) => api.upload(ROUTE, head, file).await,
            Err(source) => Err(CliError::File { path: path.to_owned(), source }),
        };
        if !reports.take(path, told.map_err(|error| named(path, error))) {
            break;
        }
    }
    reports.end()
}

/// Surveys. A GeoPackage is read here, so that nothing of the device that made it leaves; each of its technologies is a file of its own.
pub(super) async fn surveys(args: &MdtImportInto, head: &ImportHead) -> Result<(), CliError> {
    let (api, mut reports) = (mdt::running(&args.running)?, Reports::new(args.json, None));
    'files: for path in &args.paths {
        let parts = match parts(path, head).await {
            Ok(parts) => parts,
            Err(error) => {
                reports.refuse(error);
                break;
            }
        };
        for (rat, csv) in parts {
            let head = ImportHead { rat: Some(rat), ..head.clone() };
            let told = api.upload(ROUTE, &head, std::io::Cursor::new(csv)).await;
            if !reports.take(path, told.map_err(|error| named(path, error))) {
                break 'files;
            }
        }
    }
    reports.end()
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
