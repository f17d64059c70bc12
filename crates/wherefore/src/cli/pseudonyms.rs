//! `wherefore pseudonym`.

use super::api::{AdminApi, Guard};
use super::args::{PseudonymAssign, PseudonymCommand, PseudonymResolve, PseudonymRevoke, PseudonymRotateKey};
use super::error::CliError;
use super::{input, output};
use crate::admin::{AssignBody, PseudonymView, ResolveBody, ResolvedView, RevokeBody, RevokedView};
use crate::clock;
use crate::config::Config;
use crate::pmd::keys;
use lcs::Duration;
use reqwest::Method;

pub(super) async fn run(command: PseudonymCommand) -> Result<(), CliError> {
    match command {
        PseudonymCommand::Assign(args) => assign(args).await,
        PseudonymCommand::Resolve(args) => resolve(args).await,
        PseudonymCommand::Revoke(args) => revoke(args).await,
        PseudonymCommand::RotateKey(args) => rotate_key(&args),
    }
}

async fn assign(args: PseudonymAssign) -> Result<(), CliError> {
    let api = AdminApi::new(&args.api)?;
    let body = AssignBody { client: args.client, subscriber: args.subscriber };
    let view: PseudonymView = api.send(Method::POST, "/v1/pseudonyms/assign", None, &body, Guard::None).await?;
    if args.api.json {
        return output::json(&view);
    }
    output::line(&view.pseudonym)?;
    output::line(&format!("another from {}; resolves until {}", view.rotates, view.ends))
}

async fn resolve(args: PseudonymResolve) -> Result<(), CliError> {
    let api = AdminApi::new(&args.api)?;
    let body = ResolveBody { client: args.client, pseudonym: input::text(&args.file)?.trim().to_owned() };
    let view: ResolvedView = api.send(Method::POST, "/v1/pseudonyms/resolve", None, &body, Guard::None).await?;
    if args.api.json { output::json(&view) } else { output::line(&view.subscriber) }
}

async fn revoke(args: PseudonymRevoke) -> Result<(), CliError> {
    if args.subscriber.is_none() && !args.yes {
        let what = "this ends the pseudonyms of every subscriber there; say --yes if that is meant";
        return Err(CliError::Usage(what.into()));
    }
    let api = AdminApi::new(&args.api)?;
    let body = RevokeBody { client: args.client, subscriber: args.subscriber, key: args.key };
    let view: RevokedView = api.send(Method::POST, "/v1/pseudonyms/revoke", None, &body, Guard::None).await?;
    if args.api.json { output::json(&view) } else { output::line("revoked") }
}

/// Works on the file, so that a gateway need not run.
fn rotate_key(args: &PseudonymRotateKey) -> Result<(), CliError> {
    let config = Config::load(&args.config)?;
    let now = clock::now();
    let rotated = keys::rotate(&config.pmd, now, now.after(Duration::from_secs(args.after)))?;
    if args.json {
        return output::json(&serde_json::json!({
            "id": rotated.id, "from_unix_s": rotated.from.secs(), "dropped": rotated.dropped,
        }));
    }
    output::line(&format!(
        "key {} assigns in {} s; copy the file to every gateway that has it",
        rotated.id, args.after
    ))?;
    match rotated.dropped {
        0 => Ok(()),
        dropped => output::line(&format!("{dropped} keys had ended and are out of the file")),
    }
}
