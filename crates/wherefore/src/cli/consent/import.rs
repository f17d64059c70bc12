//! `wherefore consent import`.

use crate::cli::api::{AdminApi, Guard};
use crate::cli::args::ConsentImport;
use crate::cli::error::CliError;
use crate::cli::{input, output};
use crate::consent::{ImportBody, ImportRow, ImportView, read_csv};
use reqwest::Method;
use std::io::Write as _;

/// Rows of one request.
const TOGETHER: usize = 100;
/// Most lines told one by one.
const TOLD: usize = 20;

/// Reads the whole file first: one wrong line, and nothing is imported. What the register refuses is told with its line and stops no
/// other; the exit status then is 1. Importing the same file again is harmless.
pub(super) async fn run(args: &ConsentImport) -> Result<(), CliError> {
    let text = input::text(&args.file)?;
    let rows = read_csv(text.as_bytes()).map_err(|wrong| {
        wrong.iter().take(TOLD).for_each(|error| tell(error.line, error.what));
        let count = wrong.len();
        CliError::Usage(format!("{}: lines that are no decisions: {count}; nothing was imported", args.file.display()))
    })?;
    let api = AdminApi::new(&args.api)?;
    let (mut written, mut refused) = (0, Vec::new());
    for together in rows.chunks(TOGETHER) {
        let body = ImportBody { rows: together.iter().map(|(_, row)| row.clone()).collect::<Vec<ImportRow>>() };
        let view: ImportView = api.send(Method::POST, "/v1/consent/import", None, &body, Guard::None).await?;
        written += view.written;
        let line = |row: usize| together.get(row).map_or(0, |(line, _)| *line);
        refused.extend(view.refused.into_iter().map(|refused| (line(refused.row), refused.what)));
    }
    refused.iter().take(TOLD).for_each(|(line, what)| tell(*line, what));
    if args.api.json {
        let refused: Vec<_> =
            refused.iter().map(|(line, what)| serde_json::json!({ "line": line, "what": what })).collect();
        output::json(&serde_json::json!({ "written": written, "refused": refused }))?;
    } else {
        output::line(&format!("{written} written, {} refused", refused.len()))?;
    }
    if refused.is_empty() { Ok(()) } else { Err(CliError::No) }
}

fn tell(line: u64, what: &str) {
    // Nobody is left to tell if standard error is closed.
    writeln!(std::io::stderr(), "line {line}: {what}").ok();
}
