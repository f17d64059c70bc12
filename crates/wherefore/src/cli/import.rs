//! `wherefore subscriber import`: many profiles from lines of JSON.

use super::api::{AdminApi, Guard};
use super::args::SubscriberImport;
use super::error::CliError;
use super::output;
use crate::admin::ProfileView;
use crate::profile::ProfileBody;
use futures_util::StreamExt as _;
use reqwest::Method;
use serde::Deserialize;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Most failures told one by one.
const TOLD: u64 = 20;

/// A line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    subscriber: String,
    profile: ProfileBody,
}

/// The same with its profile as it stands there.
#[derive(Deserialize)]
struct AsWritten {
    profile: serde_json::Value,
}

/// Imports line by line, several at once. A line that fails is told with its number and does not stop the others; the exit
/// status then is 1. Importing the same file again is harmless.
pub(super) async fn run(args: &SubscriberImport) -> Result<(), CliError> {
    let api = AdminApi::new(&args.api)?;
    let bar = output::bar(&args.file);
    let failed = |source| CliError::File { path: args.file.clone(), source };
    let reader: Box<dyn BufRead> = if args.file == Path::new("-") {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        Box::new(BufReader::new(std::fs::File::open(&args.file).map_err(failed)?))
    };
    let lines = (1_u64..).zip(reader.lines()).map(|(number, line)| {
        let api = &api;
        async move {
            let line = match line {
                Ok(line) => line,
                Err(source) => return (number, 0, Err(CliError::File { path: args.file.clone(), source })),
            };
            let octets = line.len() as u64 + 1;
            (number, octets, put(api, &line).await)
        }
    });
    let mut results = futures_util::stream::iter(lines).buffer_unordered(args.parallel.into());
    let (mut written, mut failures) = (0_u64, 0_u64);
    while let Some((number, octets, result)) = results.next().await {
        bar.inc(octets);
        match result {
            Ok(()) => written += 1,
            Err(CliError::No) => {}
            // Every further line would end the same way.
            Err(error) if error.exit_status() == 3 => return Err(error),
            Err(error) => {
                failures += 1;
                if failures <= TOLD {
                    bar.suspend(|| tell(number, &error));
                }
            }
        }
    }
    bar.finish_and_clear();
    if args.api.json {
        output::json(&serde_json::json!({ "written": written, "failed": failures }))?;
    } else {
        output::line(&format!("{written} written, {failures} failed"))?;
    }
    if failures > 0 { Err(CliError::No) } else { Ok(()) }
}

/// Writes one line's profile. [`CliError::No`] for an empty line.
async fn put(api: &AdminApi, line: &str) -> Result<(), CliError> {
    if line.trim().is_empty() {
        return Err(CliError::No);
    }
    let unsound = |error: serde_json::Error| CliError::Usage(crate::forms::json_fault(&error));
    let Line { subscriber, profile: ProfileBody { .. } } = serde_json::from_str(line).map_err(unsound)?;
    // Sent as it is written: what it leaves out is not the same as its default.
    let AsWritten { profile } = serde_json::from_str(line).map_err(unsound)?;
    let path = "/v1/subscriber";
    let _: ProfileView = api.send(Method::PUT, path, Some(&subscriber), &profile, Guard::None).await?;
    Ok(())
}

fn tell(number: u64, error: &CliError) {
    use std::io::Write as _;
    // Nobody is left to tell if standard error is closed.
    writeln!(std::io::stderr(), "line {number}: {error}").ok();
}
