//! `wherefore consent`.

use super::api::{AdminApi, Guard};
use super::args::{self, ConsentCommand, ConsentPause, ConsentVerify, SubscriberNamed};
use super::error::CliError;
use super::{input, output};
use crate::consent::{
    DecisionBody, InformedBody, NoticeBody, PauseUntilBody, PersonView, SignedReceipt, SourceBody, verify,
};
use crate::log::read_verifier;
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
        ConsentCommand::Inform(args) => {
            let body: InformedBody = input::json(&args.file)?;
            write(&args.api, &args.who.subscriber, "/v1/consent/informed", &body).await
        }
        ConsentCommand::Decide(args) => {
            let body: DecisionBody = input::json(&args.file)?;
            write(&args.api, &args.who.subscriber, "/v1/consent/decision", &body).await
        }
        ConsentCommand::Pause(ConsentPause { who, until, api }) => {
            let body = PauseUntilBody { until, source: CARE.to_owned() };
            write(&api, &who.subscriber, "/v1/consent/pause", &body).await
        }
        ConsentCommand::OptOut(SubscriberNamed { who, api }) => {
            let body = SourceBody { source: CARE.to_owned() };
            write(&api, &who.subscriber, "/v1/consent/opt-out", &body).await
        }
        ConsentCommand::Show(SubscriberNamed { who, api }) => {
            let view: PersonView = AdminApi::new(&api)?.get("/v1/consent", Some(who.subscriber.as_str())).await?;
            show(&api, &view)
        }
        ConsentCommand::Receipt(SubscriberNamed { who, api }) => {
            let path = "/v1/consent/receipt";
            let receipt: SignedReceipt = AdminApi::new(&api)?.get(path, Some(who.subscriber.as_str())).await?;
            output::json(&receipt)
        }
        ConsentCommand::Verify(args) => check(&args),
    }
}

async fn write(args: &args::Api, who: &str, path: &str, body: &(impl Serialize + Sync)) -> Result<(), CliError> {
    let view: PersonView = AdminApi::new(args)?.send(Method::POST, path, Some(who), body, Guard::None).await?;
    show(args, &view)
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
