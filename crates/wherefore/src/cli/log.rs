//! `wherefore log …`: works on files, without the gateway.

use super::args::{LogCommand, LogDir, LogProve, LogShow, LogVerify};
use super::error::CliError;
use super::{input, output};
use crate::admin::parse_identities;
use crate::clock::timestamp;
use crate::config::Config;
use crate::log::{self, Filter, LogError, ProveWhat, VerifyOptions};
use crate::lpp::HttpRoad;
use crate::store::Store;
use lcs::Identities;
use privacy::SubjectSalt;
use privacy::disclosure::Origin;

pub(super) async fn run(command: LogCommand) -> Result<(), CliError> {
    match command {
        LogCommand::Verify(args) => verify(&args),
        LogCommand::Prove(args) => prove(&args),
        LogCommand::CheckProof(args) => {
            let text = input::text(&args.file)?;
            let key = log::read_verifier(&args.vkey, Some(&args.vkey))?;
            log::check_proof(&text, &key)?.iter().try_for_each(|line| output::line(line))
        }
        LogCommand::Publish(args) => {
            let LogDir { dir, vkey } = &args.log;
            let size = log::publish(dir, vkey.as_deref(), args.rebuild)?;
            output::line(&format!("published {size} entries"))
        }
        LogCommand::Show(args) => show(&args).await,
    }
}

fn verify(args: &LogVerify) -> Result<(), CliError> {
    let options = VerifyOptions { fast: args.fast, allow_pruned: args.allow_pruned, progress: !args.json };
    match log::verify(&args.log.dir, args.log.vkey.as_deref(), options) {
        Ok(verified) if args.json => output::json(&verified.to_json()),
        Ok(verified) => output::line(verified.to_string().trim_end()),
        Err(error @ LogError::Audit { .. }) if args.json => {
            output::json(&serde_json::json!({ "good": false, "wrong": error.to_string() }))?;
            Err(CliError::No)
        }
        Err(error) => Err(error.into()),
    }
}

fn prove(args: &LogProve) -> Result<(), CliError> {
    let what = match (args.what.entry, args.what.range, args.what.grown_from) {
        (Some(entry), None, None) => ProveWhat::Entry(entry),
        (None, Some((first, last)), None) => ProveWhat::Range(first..=last),
        (None, None, Some(size)) => ProveWhat::GrownFrom(size),
        _ => return Err(CliError::Usage("give one of --entry, --range and --grown-from".into())),
    };
    output::line(log::prove(&args.log.dir, args.log.vkey.as_deref(), &what)?.trim_end())
}

async fn show(args: &LogShow) -> Result<(), CliError> {
    let config = Config::load(&args.config)?;
    let origin = Origin::new(config.log_origin()).map_err(LogError::Origin)?;
    let master = log::read_master(&config.log.content_key_file)?;
    let salts = salts(args, &config).await?;
    let filter = Filter {
        from: args.from,
        limit: args.limit,
        since: args.since.map(timestamp),
        until: args.until.map(timestamp),
        account: args.client.clone(),
        outcome: args.outcome.clone(),
        request: args.request.clone(),
        operator: args.operator,
    };
    let (shown, closed) = log::show(&config.log.dir, &master, &origin, salts, &filter)?;
    if args.json {
        return output::json(&log::shown_as_json(&shown));
    }
    output::line(&log::shown_as_table(&shown))?;
    output::line(&format!("{} shown; {closed} others that these keys do not open", shown.len()))
}

/// The salts whose entries are asked for, from the store, or of one subscriber from the register that is elsewhere.
async fn salts(args: &LogShow, config: &Config) -> Result<Vec<SubjectSalt>, CliError> {
    if args.subscriber.is_none() && !args.all {
        return Ok(Vec::new());
    }
    let who = args.subscriber.as_deref().map(|text| {
        let what = "name the subscriber as msisdn:DIGITS or imsi:DIGITS";
        parse_identities(text).ok_or_else(|| CliError::Usage(what.into()))
    });
    let who = who.transpose()?;
    if let Some(who) = who.filter(|_| config.ppr.remote.url.is_some()) {
        return Ok(vec![told_salt(who, config).await?]);
    }
    if !config.store.path.exists() {
        let what =
            format!("{}: no such store; without it only --operator entries can be read", config.store.path.display());
        return Err(CliError::Usage(what));
    }
    let store = Store::open(&config.store).await?;
    let mut salts = store.consent_salts(who.as_ref()).await?;
    let Some(who) = who else {
        salts.extend(store.salts().await?);
        return Ok(salts);
    };
    salts.extend(store.salt(&who).await?);
    match salts.is_empty() {
        false => Ok(salts),
        true => Err(CliError::Usage("no such subscriber: unknown or erased, so that no entry can be read".into())),
    }
}

/// What the register elsewhere tells.
async fn told_salt(who: Identities, config: &Config) -> Result<SubjectSalt, CliError> {
    // Set already if a caller did it first.
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let unusable = |error: anyhow::Error| CliError::Usage(format!("{error:#}"));
    let road = HttpRoad::new(&config.ppr.remote).map_err(unusable)?;
    let road = road.ok_or_else(|| CliError::Usage("ppr.remote.url: missing".into()))?;
    let what = "no such subscriber at the register: unknown, erased, or this gateway has not the right `salts` there";
    road.salt(who).await?.ok_or_else(|| CliError::Usage(what.into()))
}
