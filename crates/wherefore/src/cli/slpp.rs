//! `wherefore subscriber slpp`.

use super::api::{AdminApi, Guard};
use super::args::SubscriberSlpp;
use super::error::CliError;
use super::{input, output};
use crate::forms::json_fault;
use crate::slpp::{HeldBody, LineView, SlppCheckView, SlppView};
use reqwest::Method;
use std::path::Path;

const PATH: &str = "/v1/subscriber/slpp";
/// The first octets of an LCS-Info AVP: its code, 1473.
const LCS_INFO: &str = "000005c1";

pub(super) async fn run(args: &SubscriberSlpp) -> Result<(), CliError> {
    let api = AdminApi::new(&args.api)?;
    let who = Some(args.who.subscriber.as_str());
    if let Some(path) = &args.check {
        let held = held(path)?;
        let view: SlppCheckView = api.send(Method::POST, PATH, who, &held, Guard::None).await?;
        if args.api.json {
            output::json(&view)?
        } else {
            show_check(&view)?
        }
        return if view.sound { Ok(()) } else { Err(CliError::No) };
    }
    let view: SlppView = api.get(PATH, who).await?;
    match args {
        SubscriberSlpp { map: true, .. } => output::line(&view.map),
        SubscriberSlpp { avp: true, .. } => output::line(&view.avp),
        _ if args.api.json => output::json(&view),
        _ => show(&view),
    }
}

/// What a file says that a home register holds: JSON, MAP or an AVP, told by how it begins.
fn held(path: &Path) -> Result<HeldBody, CliError> {
    let text = input::text(path)?;
    if text.trim_start().starts_with('{') {
        let data = serde_json::from_str(&text)
            .map_err(|error| CliError::Usage(format!("{}: {}", path.display(), json_fault(&error))))?;
        return Ok(HeldBody { data: Some(data), ..HeldBody::default() });
    }
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        let what = "neither JSON nor hexadecimal; see the examples of --help";
        return Err(CliError::Usage(format!("{}: {what}", path.display())));
    }
    Ok(if digits.starts_with(LCS_INFO) {
        HeldBody { avp: Some(digits), ..HeldBody::default() }
    } else {
        HeldBody { map: Some(digits), ..HeldBody::default() }
    })
}

fn show(view: &SlppView) -> Result<(), CliError> {
    output::print(&table(&view.lines))?;
    view.remarks.iter().try_for_each(|remark| output::line(&format!("note: {remark}")))?;
    output::line("--map and --avp print the octets to write, --json all of it")
}

fn show_check(view: &SlppCheckView) -> Result<(), CliError> {
    output::print(&table(&view.lines))?;
    if view.sound {
        return output::line("sound: old nodes do what the gateway means, and serve nobody else");
    }
    output::line(&format!("not sound: {} faults, {} leaks", view.faults.len(), view.leaks))?;
    view.faults.iter().try_for_each(|fault| output::line(&format!("  {fault}")))
}

fn table(lines: &[LineView]) -> comfy_table::Table {
    let mut table = output::table(&["class", "who", "identity", "gets", "why"]);
    for line in lines {
        let identity = line.identity.map_or_else(String::new, |identity| identity.to_string());
        table.add_row([&line.class, &line.who, &identity, &line.option, &line.why]);
    }
    table
}
