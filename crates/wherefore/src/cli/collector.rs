//! `wherefore mdt job`, `key`, `select`, `reference`, `subject` and `forget`: the collector, running or not.

use super::api::{AdminApi, Guard};
use super::args::{CollectorKeyCommand, JobCommand, KeySuite, MdtForget, MdtReference, MdtSelect, MdtSubject};
use super::error::CliError;
use super::{input, output};
use crate::admin::{JobBody, JobList, MdtEraseBody};
use crate::forms::json_fault;
use crate::mdt::{
    CandidateBody, ChosenView, CollectorKeyView, ErasedRows, JobView, ReferenceView, SelectBody, SelectionView,
    SubjectView, create_key, destroy_key, key_files,
};
use mdt_log::Suite;
use reqwest::Method;
use std::path::Path;

pub(super) async fn job(command: JobCommand) -> Result<(), CliError> {
    match command {
        JobCommand::Import(args) => {
            let job: serde_json::Value = input::json(&args.file)?;
            let api = AdminApi::new(&args.api)?;
            let view: JobView = api.send(Method::POST, "/v1/mdt/jobs", None, &job, Guard::None).await?;
            shown(&[view], args.api.json)
        }
        JobCommand::List(args) => {
            let list: JobList = AdminApi::new(&args.api)?.get("/v1/mdt/jobs", None).await?;
            if args.api.json { output::json(&list) } else { shown(&list.jobs, false) }
        }
        JobCommand::Stop(args) => {
            let (api, body) = (AdminApi::new(&args.api)?, JobBody { job: args.job });
            let view: JobView = api.send(Method::POST, "/v1/mdt/jobs/stop", None, &body, Guard::None).await?;
            shown(&[view], args.api.json)
        }
    }
}

fn shown(jobs: &[JobView], json: bool) -> Result<(), CliError> {
    if json {
        return jobs.iter().try_for_each(output::json);
    }
    let mut table = output::table(&["job", "kind", "scope", "keeps", "entity", "stopped"]);
    for job in jobs {
        let stopped = job.stopped.map_or_else(|| "runs".to_owned(), |at| at.to_string());
        table.add_row([
            job.job.clone(),
            job.kind.clone(),
            job.scope.clone(),
            job.keeps.clone(),
            job.entity.to_string(),
            stopped,
        ]);
    }
    output::print(&table)
}

pub(super) fn key(command: CollectorKeyCommand) -> Result<(), CliError> {
    match command {
        CollectorKeyCommand::Create(args) => {
            let suite = match args.suite {
                KeySuite::Small => Suite::Small,
                KeySuite::Hybrid => Suite::Hybrid,
            };
            keys_shown(&[create_key(&args.dir, suite)?], args.json)
        }
        CollectorKeyCommand::List(args) => keys_shown(&key_files(&args.dir)?, args.json),
        CollectorKeyCommand::Destroy(args) => {
            destroy_key(&args.dir, &args.id)?;
            output::line("destroyed; a running collector drops it within half a minute")
        }
    }
}

fn keys_shown(keys: &[CollectorKeyView], json: bool) -> Result<(), CliError> {
    if json {
        return keys.iter().try_for_each(output::json);
    }
    let mut table = output::table(&["id", "suite", "public key"]);
    for key in keys {
        // Of a hybrid key, 1216 octets, a person sees the beginning; --json prints all.
        let public = key.public.get(..64).unwrap_or(&key.public);
        let more = if public.len() < key.public.len() { "…" } else { "" };
        table.add_row([key.id.clone(), key.suite.clone(), format!("{public}{more}")]);
    }
    output::print(&table)
}

pub(super) async fn select(args: MdtSelect) -> Result<(), CliError> {
    let body = SelectBody { job: args.job, candidates: candidates(&args.candidates)? };
    let api = AdminApi::new(&args.api)?;
    let view: SelectionView = api.send(Method::POST, "/v1/mdt/selection", None, &body, Guard::None).await?;
    if args.api.json {
        output::json(&view)?;
    } else if view.area_refused {
        output::line("too few of them are allowed: nobody is asked, and nothing more is told")?;
    } else {
        selection_shown(&view)?;
    }
    if view.chosen.is_empty() { Err(CliError::No) } else { Ok(()) }
}

fn selection_shown(view: &SelectionView) -> Result<(), CliError> {
    if !view.chosen.is_empty() {
        let mut table = output::table(&["candidate, from 0", "networks", "reference"]);
        for ChosenView { candidate, plmns, reference } in &view.chosen {
            table.add_row([candidate.to_string(), plmns.join(", "), reference.clone().unwrap_or_default()]);
        }
        output::print(&table)?;
    }
    let told: Vec<String> = view.not_chosen.iter().map(|(why, count)| format!("{why} {count}")).collect();
    if told.is_empty() { Ok(()) } else { output::line(&format!("not chosen: {}", told.join(", "))) }
}

/// Candidates of a file: JSON as the admin API takes it, or a line each. No error repeats an identity.
fn candidates(path: &Path) -> Result<Vec<CandidateBody>, CliError> {
    let text = input::text(path)?;
    if text.trim_start().starts_with('[') {
        let read = serde_json::from_str(&text);
        return read.map_err(|error| CliError::Usage(format!("{}: {}", path.display(), json_fault(&error))));
    }
    let lines = (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let candidate = |(number, line): (u32, &str)| {
        let wrong = || CliError::Usage(format!("{}: line {number} is none as imsi:DIGITS,234-15", path.display()));
        let (subscriber, registered) = line.rsplit_once(',').ok_or_else(wrong)?;
        Ok(CandidateBody { subscriber: subscriber.trim().to_owned(), registered: registered.trim().to_owned() })
    };
    lines.map(candidate).collect()
}

pub(super) async fn reference(args: MdtReference) -> Result<(), CliError> {
    let (api, body, who) = (AdminApi::new(&args.api)?, JobBody { job: args.job }, Some(args.subscriber.as_str()));
    let view: ReferenceView = api.send(Method::POST, "/v1/mdt/consent-reference", who, &body, Guard::None).await?;
    if args.api.json {
        return output::json(&view);
    }
    output::line(&format!("{}\nnetworks {}", view.reference, view.plmns.join(", ")))
}

pub(super) async fn subject(args: MdtSubject) -> Result<(), CliError> {
    let view: SubjectView = AdminApi::new(&args.api)?.get("/v1/mdt/subject", Some(&args.subscriber)).await?;
    if args.api.json { output::json(&view) } else { output::line(&view.subject) }
}

pub(super) async fn forget(args: MdtForget) -> Result<(), CliError> {
    let (api, body) = (AdminApi::new(&args.api)?, MdtEraseBody { job: args.job });
    let who = args.subscriber.as_deref();
    let erased: ErasedRows = api.send(Method::POST, "/v1/mdt/erase", who, &body, Guard::None).await?;
    if args.api.json { output::json(&erased) } else { output::line(&format!("{} rows erased", erased.rows)) }
}
