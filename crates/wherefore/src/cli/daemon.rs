//! `serve`, `check-config`, `init`, `status`.

use super::api::AdminApi;
use super::args::{CheckConfig, Init, LogFormat, Serve, Status};
use super::error::CliError;
use super::output;
use crate::admin::{LogHead, PeerList, SubscriberCount};
use crate::config::{Config, ConfigError, Problem, create_private};
use crate::store::Store;
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// The commented sample, which `init` writes.
const SAMPLE: &str = include_str!("../../../../docs/wherefore.toml");

/// Runs the gateway.
pub(super) async fn serve(args: Serve) -> Result<(), CliError> {
    start_log(&args)?;
    let config = Config::load(&args.config)?;
    if config.admin.token().create_if_missing()? {
        tracing::info!(file = %config.admin.token_file.display(), "made the token of the admin API");
    }
    crate::serve::run(config).await.map_err(CliError::Serve)
}

fn start_log(args: &Serve) -> Result<(), CliError> {
    let filter = EnvFilter::try_new(&args.log).map_err(|error| CliError::Usage(format!("--log: {error}")))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let done = match args.log_format {
        LogFormat::Json => builder.json().try_init(),
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    done.map_err(|error| CliError::Usage(format!("log: {error}")))
}

/// Says what is wrong with a file, or sums it up.
pub(super) async fn check_config(args: &CheckConfig) -> Result<(), CliError> {
    let config = Config::load(&args.file)?;
    let problems = client_problems(&config).await?;
    if !problems.is_empty() {
        return Err(ConfigError::Invalid { path: args.file.clone(), problems }.into());
    }
    output::line(config.summary().trim_end())
}

/// What is wrong with pseudo-external identities beside the clients registered so far. Without the former nothing is opened.
async fn client_problems(config: &Config) -> Result<Vec<Problem>, CliError> {
    if config.pseudo_external.table().is_none() {
        return Ok(Vec::new());
    }
    let clients = match Store::open_to_read(&config.store).await? {
        Some(store) => store.clients().await?,
        None => Vec::new(),
    };
    crate::serve::pseudo_external_problems(config, clients.iter().map(|client| &client.record)).map_err(CliError::Serve)
}

/// Makes configuration file and secrets where they are missing.
pub(super) fn init(args: &Init) -> Result<(), CliError> {
    let path = args.dir.join("wherefore.toml");
    let made = |what: &str, made: bool| output::line(&format!("{} {what}", if made { "made" } else { "kept" }));
    let missing = !path.exists();
    if missing {
        let write = create_private(&path, SAMPLE.as_bytes());
        write.map_err(|source| CliError::File { path: path.clone(), source })?;
    }
    made(&path.display().to_string(), missing)?;
    let config = Config::load(&path)?;
    for secret in [config.admin.token(), config.store.key()] {
        // A database without its key is not given another one: nothing in it could be read.
        let lost = secret.file == config.store.key_file && config.store.path.exists() && !secret.exists();
        if lost {
            let what = format!("{} holds data and its key is missing; put the key back", config.store.path.display());
            return Err(CliError::Usage(what));
        }
        let new = secret.create_if_missing()?;
        made(&secret.from(), new)?;
    }
    output::line("the keys of the disclosure log are made on first start")?;
    output::line(&format!("next: edit {0}, then run: wherefore serve --config {0}", path.display()))
}

/// How the running gateway fares.
pub(super) async fn status(args: &Status) -> Result<(), CliError> {
    let api = AdminApi::new(&args.api)?;
    let readiness = api.readiness().await?;
    let peers: PeerList = api.get("/v1/peers", None).await?;
    let count: SubscriberCount = api.get("/v1/subscribers", None).await?;
    let head: Option<LogHead> = match api.get("/v1/log/head", None).await {
        Ok(head) => Some(head),
        Err(CliError::GatewayFailed(_)) => None,
        Err(error) => return Err(error),
    };
    if args.api.json {
        output::json(&serde_json::json!({
            "readiness": readiness, "peers": peers.peers, "subscribers": count.subscribers, "log_head": head,
        }))?;
    } else {
        output::line(if readiness.ready { "ready" } else { "not ready" })?;
        readiness.hindrances.iter().try_for_each(|hindrance| output::line(&format!("  {hindrance}")))?;
        output::line(&format!("subscribers: {}", count.subscribers))?;
        if let Some(head) = &head {
            output::line(&format!("disclosure log: {} entries, root {}", head.size, head.root))?;
        }
        let mut table = output::table(&["peer", "realm", "role", "state", "outstanding"]);
        for peer in &peers.peers {
            table.add_row(vec![
                peer.host.clone().into(),
                peer.realm.clone().into(),
                peer.role.clone().into(),
                output::verdict(&peer.state, peer.usable),
                peer.outstanding.to_string().into(),
            ]);
        }
        output::print(&table)?;
    }
    if readiness.ready { Ok(()) } else { Err(CliError::No) }
}
