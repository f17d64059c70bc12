//! `wherefore ldr`.

use super::api::{AdminApi, Guard};
use super::args::{LdrCommand, LdrList, LdrOrder};
use super::error::CliError;
use super::output;
use crate::admin::{DeferredCancelled, DeferredList, DeferredOrderBody, DeferredPaused};
use comfy_table::Table;
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
    output::print(&table(&list))
}

fn table(list: &DeferredList) -> Table {
    let mut table = output::table(&["id", "client", "reference", "state", "asked by", "road", "reports", "until"]);
    for request in &list.requests {
        let paused = if request.paused { ", paused" } else { "" };
        let merged = if request.merged { ", merged" } else { "" };
        table.add_row([
            request.id.clone(),
            request.client.clone(),
            request.reference.to_string(),
            format!("{}{paused}", request.state),
            output::word(&request.asked_by),
            format!("{}{merged}", output::word(&request.road)),
            request.reports.to_string(),
            request.stop.to_string(),
        ]);
    }
    table
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::{DeferredAskedBy, DeferredRoad, DeferredView};

    #[test]
    fn a_line_says_who_asked_and_by_which_road() {
        let of = |asked_by, road, merged, paused| DeferredView {
            id: "00".to_owned(),
            reference: 7,
            client: "fleet".to_owned(),
            state: "armed".to_owned(),
            asked_by,
            road,
            merged,
            activated: true,
            paused,
            reports: 2,
            stop: jiff::Timestamp::UNIX_EPOCH,
        };
        let requests = vec![
            of(DeferredAskedBy::Client, DeferredRoad::Slg, true, true),
            of(DeferredAskedBy::RequestingGateway, DeferredRoad::VisitedGateway, false, false),
        ];
        let table = table(&DeferredList { requests });
        let cells = |row: &comfy_table::Row| row.cell_iter().map(comfy_table::Cell::content).collect::<Vec<_>>();
        let rows: Vec<_> = table.row_iter().map(cells).collect();
        assert_eq!(rows[0][3..7], ["armed, paused", "client", "slg, merged", "2"]);
        assert_eq!(rows[1][3..7], ["armed", "requesting_gateway", "visited_gateway", "2"]);
    }
}
