//! `wherefore consent`.

mod export;
mod import;

use super::api::{AdminApi, Guard};
use super::args::{
    self, ConsentCommand, ConsentErase, ConsentExclude, ConsentLift, ConsentNamed, ConsentNotices, ConsentPause,
    ConsentVerify, ExcludedBy, Named,
};
use super::error::CliError;
use super::{input, output};
use crate::admin::UnlinkedView;
use crate::consent::{
    DecisionBody, EraseBody, ErasedView, ExclusionBody, InformedBody, LiftBody, LinkBody, NoticeBody, NoticeList,
    PauseUntilBody, PersonView, SignedReceipt, SourceBody, verify,
};
use crate::forms::to_hex;
use crate::log::read_verifier;
use aws_lc_rs::digest;
use reqwest::Method;
use serde::Serialize;
use std::path::Path;

/// Whose word customer care's commands write down.
const CARE: &str = "customer-care";

pub(super) async fn run(command: ConsentCommand) -> Result<(), CliError> {
    match command {
        ConsentCommand::Notice(args) => {
            let body: NoticeBody = input::json(&args.file)?;
            let api = AdminApi::new(&args.api)?;
            let view: NoticeBody = api.send(Method::POST, "/v1/consent/notices", None, &body, Guard::None).await?;
            output::json(&view)
        }
        ConsentCommand::Notices(args) => notices(&args).await,
        ConsentCommand::Inform(args) => {
            let body: InformedBody = input::json(&args.file)?;
            write(&args.api, &args.who.person, "/v1/consent/informed", &body).await
        }
        ConsentCommand::Decide(args) => {
            let body: DecisionBody = input::json(&args.file)?;
            write(&args.api, &args.who.person, "/v1/consent/decision", &body).await
        }
        ConsentCommand::Import(args) => import::run(&args).await,
        ConsentCommand::Export(args) => export::run(&args).await,
        ConsentCommand::Pause(ConsentPause { who, until, api }) => {
            let body = PauseUntilBody { until, source: CARE.to_owned() };
            write(&api, &who.person, "/v1/consent/pause", &body).await
        }
        ConsentCommand::Resume(args) => cared(&args, "/v1/consent/resume").await,
        ConsentCommand::OptOut(args) => cared(&args, "/v1/consent/opt-out").await,
        ConsentCommand::Lift(args) => lift(&args).await,
        ConsentCommand::Exclude(ConsentExclude { who, by, end, api }) => {
            let source = match by {
                ExcludedBy::Law => "law",
                ExcludedBy::CustomerCare => CARE,
            };
            let body = ExclusionBody { excluded: !end, source: source.to_owned() };
            write(&api, &who.person, "/v1/consent/exclusion", &body).await
        }
        ConsentCommand::Link(args) => {
            let body = LinkBody { subscriber: args.to.0, source: CARE.to_owned() };
            write(&args.api, &args.who.person, "/v1/consent/link", &body).await
        }
        ConsentCommand::Unlink(args) => {
            let body = LinkBody { subscriber: args.gone.0, source: CARE.to_owned() };
            let (api, who) = (AdminApi::new(&args.api)?, Some(args.who.person.0.as_str()));
            let view: UnlinkedView = api.send(Method::POST, "/v1/consent/unlink", who, &body, Guard::None).await?;
            if args.api.json { output::json(&view) } else { output::line(&format!("unlinked; {} left", view.left)) }
        }
        ConsentCommand::Erase(args) => erase(&args).await,
        ConsentCommand::Show(ConsentNamed { who, api }) => {
            let view: PersonView = AdminApi::new(&api)?.get("/v1/consent", Some(who.person.0.as_str())).await?;
            show(&api, &view)
        }
        ConsentCommand::Receipt(ConsentNamed { who, api }) => {
            let path = "/v1/consent/receipt";
            let receipt: SignedReceipt = AdminApi::new(&api)?.get(path, Some(who.person.0.as_str())).await?;
            output::json(&receipt)
        }
        ConsentCommand::Verify(args) => check(&args),
    }
}

async fn write(args: &args::Api, who: &Named, path: &str, body: &(impl Serialize + Sync)) -> Result<(), CliError> {
    let view: PersonView = AdminApi::new(args)?.send(Method::POST, path, Some(&who.0), body, Guard::None).await?;
    show(args, &view)
}

/// A change that needs no more than whose word it is.
async fn cared(args: &ConsentNamed, path: &str) -> Result<(), CliError> {
    write(&args.api, &args.who.person, path, &SourceBody { source: CARE.to_owned() }).await
}

async fn lift(args: &ConsentLift) -> Result<(), CliError> {
    if !args.demanded_by_person {
        let what = "an opt-out holds until the person demands otherwise; confirm it with --demanded-by-person";
        return Err(CliError::Usage(what.into()));
    }
    let failed = |source| CliError::File { path: args.evidence.clone(), source };
    let evidence = std::fs::read(&args.evidence).map_err(failed)?;
    let hash = digest::digest(&digest::SHA256, &evidence);
    let body = LiftBody { demanded_by_person: true, evidence_sha256: to_hex(hash.as_ref()) };
    write(&args.api, &args.who.person, "/v1/consent/lift", &body).await
}

async fn erase(args: &ConsentErase) -> Result<(), CliError> {
    if !args.demanded_by_person {
        let what = "a person is forgotten on their own demand, and nothing brings it back; confirm it with --demanded-by-person";
        return Err(CliError::Usage(what.into()));
    }
    let (api, body) = (AdminApi::new(&args.api)?, EraseBody { demanded_by_person: true });
    let who = Some(args.who.person.0.as_str());
    let view: ErasedView = api.send(Method::POST, "/v1/consent/erase", who, &body, Guard::None).await?;
    if args.api.json {
        return output::json(&view);
    }
    output::line(if view.known { "erased" } else { "nobody of that identity" })?;
    if let Some(rows) = view.rows {
        output::line(&format!("rows of measurements erased: {rows}"))?;
    }
    if view.opt_out_stays {
        output::line("the opt-out stays, for ever")?;
    }
    if view.exclusion_stays { output::line("the exclusion stays") } else { Ok(()) }
}

async fn notices(args: &ConsentNotices) -> Result<(), CliError> {
    let list: NoticeList = AdminApi::new(&args.api)?.get("/v1/consent/notices", None).await?;
    if args.api.json {
        return output::json(&list);
    }
    let mut table = output::table(&["notice", "version", "not before", "time to think", "purposes", "languages"]);
    for notice in &list.notices {
        let languages: Vec<&str> = notice.texts.iter().map(|text| text.language.as_str()).collect();
        table.add_row([
            notice.name.clone(),
            notice.version.to_string(),
            notice.not_before.to_string(),
            format!("{} s", notice.wait_s),
            notice.purposes.join(" "),
            languages.join(" "),
        ]);
    }
    output::print(&table)
}

fn check(args: &ConsentVerify) -> Result<(), CliError> {
    let signed: SignedReceipt = input::json(&args.file)?;
    let key = read_verifier(Path::new("."), Some(&args.key))?;
    match verify(&signed, &key) {
        Ok(()) => output::line("good: issued with this key and not changed since"),
        Err(error) => {
            output::line(&format!("not good: {error}"))?;
            Err(CliError::No)
        }
    }
}

fn show(args: &args::Api, view: &PersonView) -> Result<(), CliError> {
    if args.json {
        return output::json(view);
    }
    let mut table = output::table(&["purpose", "said", "networks", "notice", "word of", "since"]);
    for decision in &view.decisions {
        let said = if decision.given { "yes" } else { "no" };
        let (networks, notice) = (decision.plmns.join(" "), decision.notice.clone().unwrap_or_default());
        let (purpose, source, at) = (decision.purpose.as_str(), decision.source.as_str(), decision.at.as_str());
        table.add_row([purpose, said, networks.as_str(), notice.as_str(), source, at]);
    }
    output::print(&table)?;
    view.informed.iter().try_for_each(|delivery| output::line(&format!("told: {delivery}")))?;
    if let Some(since) = &view.opted_out {
        output::line(&format!("opted out for good since {since}"))?;
    }
    if let Some(since) = &view.paused_since {
        let until = view.paused_until.as_deref().unwrap_or("resumed");
        output::line(&format!("paused since {since} until {until}"))?;
    }
    if view.excluded { output::line("excluded: must not be asked") } else { Ok(()) }
}
