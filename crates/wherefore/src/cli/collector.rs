//! `wherefore mdt job`, `key`, `reference`, `subject` and `forget`: the collector, running or not.

use super::api::{AdminApi, Guard};
use super::args::{CollectorKeyCommand, JobCommand, KeySuite, MdtForget, MdtReference, MdtSubject};
use super::error::CliError;
use super::{input, output};
use crate::admin::{JobBody, JobList, MdtEraseBody};
use crate::mdt::{
    CollectorKeyView, ErasedRows, JobView, ReferenceView, SubjectView, create_key, destroy_key, key_files,
};
use mdt_log::Suite;
use reqwest::Method;

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
