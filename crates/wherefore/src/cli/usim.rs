//! `wherefore usim`: cards with the change-of-area application.

use super::api::{AdminApi, Guard};
use super::args::{UsimCommand, UsimImport, UsimList};
use super::error::CliError;
use super::output;
use crate::admin::{CardList, CardView, CardsBody, CardsWritten};
use crate::config::Secret;
use crate::usim::{CardColumns, LineError};
use indicatif::{ProgressBar, ProgressStyle};
use lcs::Imsi;
use reqwest::Method;
use std::collections::HashMap;
use std::path::Path;
use zeroize::Zeroizing;

const CARDS: &str = "/v1/usim/cards";
const CARD: &str = "/v1/usim/card";
/// Cards of one request.
const TOGETHER: usize = 100;
/// Most wrong lines told one by one.
const TOLD: usize = 20;

pub(super) async fn run(command: UsimCommand) -> Result<(), CliError> {
    match command {
        UsimCommand::Import(args) => import(&args).await,
        UsimCommand::List(args) => list(&args).await,
        UsimCommand::Show(args) => {
            let view: CardView = AdminApi::new(&args.api)?.get(CARD, Some(&args.card)).await?;
            if args.api.json { output::json(&view) } else { print(&[view]) }
        }
        UsimCommand::Remove(args) => {
            AdminApi::new(&args.api)?.delete(CARD, Some(&args.card)).await?;
            output::line("removed")
        }
    }
}

async fn list(args: &UsimList) -> Result<(), CliError> {
    let path = args.after.as_ref().map_or(CARDS.to_owned(), |after| format!("{CARDS}?after={after}"));
    let list: CardList = AdminApi::new(&args.api)?.get(&path, None).await?;
    if args.api.json { output::json(&list) } else { print(&list.cards) }
}

fn print(cards: &[CardView]) -> Result<(), CliError> {
    let mut table = output::table(&["card", "key set", "tar", "sent", "taken", "number"]);
    for card in cards {
        table.add_row([
            card.card.clone(),
            card.key_set.to_string(),
            card.tar.clone().unwrap_or_else(|| "-".to_owned()),
            card.sent.to_string(),
            card.taken.to_string(),
            if card.has_number { "known" } else { "-" }.to_owned(),
        ]);
    }
    output::print(&table)
}

/// Reads the whole file first: one wrong line, and nothing is written. Importing the same file again is harmless.
async fn import(args: &UsimImport) -> Result<(), CliError> {
    let text = Secret { file: &args.file, env: None }.read()?;
    let (columns, lines) = read(&args.file, &text)?;
    let api = AdminApi::new(&args.api)?;
    let bar = bar(lines.len() as u64);
    let mut written = CardsWritten::default();
    for lines in lines.chunks(TOGETHER) {
        let cards = lines.iter().map(|line| columns.card(line)).collect::<Result<_, LineError>>();
        let body = CardsBody { cards: cards.map_err(|error| CliError::Usage(error.to_string()))? };
        let done: CardsWritten = api.send(Method::POST, CARDS, None, &body, Guard::None).await?;
        written.added += done.added;
        written.renewed += done.renewed;
        written.unchanged += done.unchanged;
        bar.inc(lines.len() as u64);
    }
    bar.finish_and_clear();
    if args.api.json {
        return output::json(&written);
    }
    let CardsWritten { added, renewed, unchanged } = written;
    output::line(&format!("{added} added, {renewed} with other keys, {unchanged} unchanged"))
}

/// The columns of a file and its lines, if all of them are cards. Wrong ones are told on standard error with their numbers.
fn read<'t>(file: &Path, text: &'t Zeroizing<String>) -> Result<(CardColumns, Vec<&'t str>), CliError> {
    let mut lines = text.lines().zip(1_u64..).filter(|(line, _)| !line.trim().is_empty());
    let (first, number) = lines.next().unwrap_or(("", 1));
    let usage = |number, what: String| CliError::Usage(format!("{}: line {number}: {what}", file.display()));
    let columns = CardColumns::parse(first).map_err(|error| usage(number, error.to_string()))?;
    let (mut sound, mut wrong, mut seen) = (Vec::new(), Vec::new(), HashMap::<Imsi, u64>::new());
    for (line, number) in lines {
        let card = columns.card(line).and_then(|body| body.record().map_err(LineError::from));
        match card.map(|card| seen.insert(card.imsi, number)) {
            Ok(None) => sound.push(line),
            Ok(Some(before)) => wrong.push((number, format!("the IMSI of line {before} again"))),
            Err(error) => wrong.push((number, error.to_string())),
        }
    }
    let Some((number, what)) = wrong.first().cloned() else { return Ok((columns, sound)) };
    for (number, what) in wrong.iter().take(TOLD) {
        tell(*number, what);
    }
    match wrong.len() {
        1 => Err(usage(number, format!("{what}; nothing was imported"))),
        count => Err(CliError::Usage(format!("{}: {count} lines are wrong; nothing was imported", file.display()))),
    }
}

fn tell(number: u64, what: &str) {
    use std::io::Write as _;
    // Nobody is left to tell if standard error is closed.
    writeln!(std::io::stderr(), "line {number}: {what}").ok();
}

/// A bar over the cards, on a terminal only.
fn bar(cards: u64) -> ProgressBar {
    let bar = ProgressBar::new(cards);
    match ProgressStyle::with_template("{bar:40} {pos}/{len} cards, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &str = "00112233445566778899aabbccddeeff,ffeeddccbbaa99887766554433221100";

    fn said(text: &str) -> Result<usize, String> {
        let text = Zeroizing::new(text.to_owned());
        let read = read(Path::new("cards.csv"), &text);
        read.map(|(_, lines)| lines.len()).map_err(|error| error.to_string())
    }

    #[test]
    fn one_wrong_line_and_nothing_is_imported() {
        let line = |imsi: u64| format!("{imsi},{KEYS}\n");
        let sound = format!("imsi,kic,kid\n{}\n{}", line(262_011_234_567_890), line(262_011_234_567_891));
        assert_eq!(said(&sound), Ok(2));
        let wrong = said(&format!("{sound}1,{KEYS}\n")).unwrap_err();
        assert_eq!(wrong, "cards.csv: line 5: imsi: must be 6 to 15 digits; nothing was imported");
        let twice = said(&format!("{sound}{}", line(262_011_234_567_890))).unwrap_err();
        assert_eq!(twice, "cards.csv: line 5: the IMSI of line 2 again; nothing was imported");
        let several = said(&format!("{sound}1,2\n3,4\n")).unwrap_err();
        assert_eq!(several, "cards.csv: 2 lines are wrong; nothing was imported");
        assert!(said("").unwrap_err().starts_with("cards.csv: line 1: the first line must name the columns"));
        for said in [wrong, twice, several] {
            assert!(!said.contains("262011") && !said.contains("0011"), "{said}");
        }
    }
}
