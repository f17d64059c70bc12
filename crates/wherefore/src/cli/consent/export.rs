//! `wherefore consent export`.

use crate::cli::api::AdminApi;
use crate::cli::args::{ConsentExport, ExportForm, Named};
use crate::cli::error::CliError;
use crate::cli::{input, output};
use crate::consent::{AccessView, AmDataView, SubscriptionDataView};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};

/// Questions under way at once.
const AT_ONCE: usize = 8;

pub(super) async fn run(args: &ConsentExport) -> Result<(), CliError> {
    let api = AdminApi::new(&args.api)?;
    let Some(list) = &args.list else {
        let Some(Named(who)) = &args.person else {
            return Err(CliError::Usage("name a person, or a file of them with --list".to_owned()));
        };
        let told = told(&api, args, who).await?;
        return match &told {
            // Octets alone, to be pasted: unless JSON is asked for.
            Value::Object(members) if args.form == ExportForm::S6a && !args.api.json => {
                output::line(members.get("avp").and_then(Value::as_str).unwrap_or_default())
            }
            _ => output::json(&told),
        };
    };
    let text = input::text(list)?;
    let who = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let asked = who.map(|who| {
        let api = &api;
        async move { Ok::<_, CliError>(json!({ "subscriber": who, "data": told(api, args, who).await? })) }
    });
    let lines = futures_util::stream::iter(asked).buffered(AT_ONCE);
    lines.try_for_each(async |line| output::line(&line.to_string())).await
}

async fn told(api: &AdminApi, args: &ConsentExport, who: &str) -> Result<Value, CliError> {
    let plmn = args.plmn.as_deref().unwrap_or_default();
    let told = match args.form {
        ExportForm::Access => json!(api.get::<AccessView>("/v1/consent/export", Some(who)).await?),
        ExportForm::AmData => {
            json!(api.get::<AmDataView>(&format!("/v1/consent/am-data/{plmn}"), Some(who)).await?)
        }
        ExportForm::S6a => {
            let path = format!("/v1/consent/subscription-data/{plmn}");
            json!(api.get::<SubscriptionDataView>(&path, Some(who)).await?)
        }
    };
    Ok(told)
}
