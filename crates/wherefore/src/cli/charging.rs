//! `wherefore charging …`: works on files, without the gateway.

use super::args::{ChargingCommand, ChargingShow};
use super::error::CliError;
use super::{input, output};
use crate::charging::Record;
use crate::forms::json_fault;

pub(super) fn run(command: &ChargingCommand) -> Result<(), CliError> {
    match command {
        ChargingCommand::Show(args) => show(args),
    }
}

fn show(args: &ChargingShow) -> Result<(), CliError> {
    let text = input::text(&args.file)?;
    let records = text.lines().enumerate().map(|(at, line)| {
        serde_json::from_str(line).map_err(|error| {
            let fault = json_fault(&error);
            CliError::Usage(format!("{}: record {}: {fault}", args.file.display(), at + 1))
        })
    });
    let records: Vec<Record> = records.collect::<Result<_, _>>()?;
    if args.json {
        return output::json(&records);
    }
    let mut table = output::table(&["ended", "role", "from", "client", "target", "network", "result", "ms"]);
    for record in &records {
        table.add_row([
            record.ended.to_string(),
            output::word(&record.role),
            record.from.clone().unwrap_or_default(),
            record.client.account.clone(),
            record.target.clone().unwrap_or_default(),
            record.visited_plmn.clone().unwrap_or_default(),
            record.result.clone(),
            record.response_ms.to_string(),
        ]);
    }
    output::print(&table)
}
