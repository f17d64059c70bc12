//! `wherefore ldr`.

use super::api::{AdminApi, Guard};
use super::args::{LdrCommand, LdrList, LdrOrder};
use super::error::CliError;
use super::output;
use crate::admin::{DeferredCancelled, DeferredList, DeferredOrderBody, DeferredPaused};
use reqwest::Method;

pub(super) async fn run(command: LdrCommand) -> Result<(), CliError> {
    match command {
        LdrCommand::List(args) => list(args).await,
        LdrCommand::Cancel(args) => cancel(args).await,
        LdrCommand::Pause(args) => pause(args, "pause", "paused").await,
        LdrCommand::Resume(args) => pause(args, "resume", "let go on").await,
    }
}

async fn list(args: LdrList) -> Result<(), CliError> {
    let api = AdminApi::new(&args.api)?;
    let path = args.after.map_or("/v1/deferred".to_owned(), |after| format!("/v1/deferred?after={after}"));
    let list: DeferredList = api.get(&path, args.subscriber.as_deref()).await?;
    if args.api.json {
        return output::json(&list);
    }
    let mut table = output::table(&["id", "client", "reference", "state", "reports", "until"]);
    for request in &list.requests {
        let paused = if request.paused { ", paused" } else { "" };
        table.add_row([
            request.id.clone(),
            request.client.clone(),
            request.reference.to_string(),
            format!("{}{paused}", request.state),
            request.reports.to_string(),
            request.stop.to_string(),
        ]);
    }
    output::print(&table)
}

async fn cancel(args: LdrOrder) -> Result<(), CliError> {
    let api = AdminApi::new(&args.api)?;
    let LdrOrder { id, subscriber, demanded_by_subscriber, .. } = args;
    let body = DeferredOrderBody { id, subscriber, demanded_by_subscriber };
    let done: DeferredCancelled = api.send(Method::POST, "/v1/deferred/cancel", None, &body, Guard::None).await?;
    if args.api.json { output::json(&done) } else { output::line(&format!("{} ended", done.cancelled)) }
}

async fn pause(args: LdrOrder, what: &str, done_word: &str) -> Result<(), CliError> {
    let api = AdminApi::new(&args.api)?;
    let LdrOrder { id, subscriber, demanded_by_subscriber, .. } = args;
    let body = DeferredOrderBody { id, subscriber, demanded_by_subscriber };
    let path = format!("/v1/deferred/{what}");
    let done: DeferredPaused = api.send(Method::POST, &path, None, &body, Guard::None).await?;
    if args.api.json { output::json(&done) } else { output::line(&format!("{} {done_word}", done.requests)) }
}
