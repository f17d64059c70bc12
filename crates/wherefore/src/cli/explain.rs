//! `wherefore explain`: a dry run of the privacy check.

use super::api::{AdminApi, Guard};
use super::args::Explain;
use super::error::CliError;
use super::output;
use crate::admin::{ExplainBody, ExplainView};
use crate::clients::NameFormat;
use crate::profile::RequestorBody;
use reqwest::Method;

pub(super) async fn run(args: Explain) -> Result<(), CliError> {
    let api = AdminApi::new(&args.api)?;
    let body = ExplainBody {
        client: args.client,
        target: args.target,
        service_id: args.service,
        codeword: args.codeword,
        requestor: args.requestor.map(|text| RequestorBody { text, format: NameFormat::LogicalName }),
        dialled: args.dialled,
        apn: args.apn,
        at: args.at,
    };
    let view: ExplainView = api.send(Method::POST, "/v1/explain", None, &body, Guard::None).await?;
    if args.api.json {
        output::json(&view)?;
    } else {
        print(&view)?;
    }
    if view.allowed { Ok(()) } else { Err(CliError::No) }
}

fn print(view: &ExplainView) -> Result<(), CliError> {
    let mut table = output::table(&["", "rule", "clause", "result"]);
    for step in &view.steps {
        let decided = if step.rule == view.decided_by { "→" } else { "" };
        let result = match &step.detail {
            Some(detail) => format!("{}: {detail}", step.result.replace('_', " ")),
            None => step.result.replace('_', " "),
        };
        let result = if step.result == "failed" { output::verdict(&result, false) } else { result.into() };
        table.add_row(vec![decided.into(), step.rule.as_str().into(), step.clause.as_str().into(), result]);
    }
    output::print(&table)?;
    let by = format!("decided by {} ({})", view.decided_by, view.clause);
    match (&view.reason, view.unrelated) {
        (Some(reason), _) => output::line(&format!("refused: {reason}; {by}"))?,
        (None, unrelated) => {
            let unrelated = unrelated.map_or_else(String::new, |setting| format!(", unrelated {setting}"));
            let related = view.related.map_or_else(String::new, |setting| format!(", related {setting}"));
            output::line(&format!("would ask the network{unrelated}{related}; {by}"))?;
        }
    }
    view.remarks.iter().try_for_each(|remark| output::line(&format!("note: {remark}")))
}
