//! The parts of the running gateway, each made from its section of the configuration.

use super::Addresses;
use super::monitor::Monitor;
use crate::charging::Charging;
use crate::clients::{ClientRecord, Registry};
use crate::config::{Config, Override, Problem, Push};
use crate::consent::Consents;
use crate::core::Core;
use crate::ldr::{Deferred, Outbox};
use crate::lpp::{Checks, HttpRoad, ProfileChanges};
use crate::lr::Gateways;
use crate::mdt::{self, Collector};
use crate::network::{CoreNetwork, MapNode, MapReports, sigtran_config};
use crate::pmd::lid::RemotePmd;
use crate::pmd::{LocalPmd, Pseudonyms};
use crate::profile::default_profile;
use crate::pull::{self, Leases, Pull};
use crate::slpp::HomeRegisters;
use crate::smsc::{self, SmsCentre, Work};
use crate::store::{Directory, LoadSummary, Store};
use crate::usim::{Cards, FromCards};
use crate::{admin, certified, log, lpp, push, tls};
use anyhow::{Context, Result};
use gmlc::Territory;
use lcs::{Address, Digits, LcsClientType};
use privacy::disclosure::Log;
use privacy::{HomeNetwork, OperatorFloor, Policy, Ppr, Register, RemotePpr};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use transport::sigtran::SigtranNode;

pub(super) use crate::log::OpenLog;

/// Clients and subscribers, loaded into memory. A profile that cannot be read refuses its subscriber's requests.
pub(super) async fn directory(config: &Config) -> Result<(Arc<Directory>, LoadSummary)> {
    let store = Arc::new(Store::open(&config.store).await?);
    let registry = Arc::new(Registry::new(&config.limits, &config.cache)?);
    // Where strangers get a default profile, forgetting an opt-out would allow what it forbade.
    let keep_opt_outs = config.privacy.default_profile_file.is_some();
    let directory = Directory::new(store, Arc::new(Register::new()), registry, keep_opt_outs);
    let started = std::time::Instant::now();
    let summary = directory
        .load(|done, of| {
            if done % 1_000_000 == 0 && done > 0 {
                tracing::info!(done, of, "loading profiles");
            }
        })
        .await?;
    tracing::info!(
        profiles = summary.loaded,
        unreadable = summary.unreadable,
        lost = summary.lost,
        seconds = started.elapsed().as_secs_f64(),
        "profiles in memory"
    );
    Ok((Arc::new(directory), summary))
}

/// The certificate that other operators' gateways see; none where Lr is off.
pub(super) fn lr_server(lr: &crate::config::Lr) -> Result<Option<Arc<rustls::ServerConfig>>> {
    let identity = tls::Identity { cert_file: lr.cert_file.as_deref(), key_file: lr.key_file.as_deref() };
    tls::mutual_server(&identity, lr.ca_file.as_deref()).context("lr")
}

/// The device that knows pseudonyms: this process in the role `pmd`, else the one that is configured.
pub(super) async fn pseudonyms(config: &Config, directory: &Directory) -> Result<Option<Pseudonyms>> {
    let store = Arc::clone(directory.store());
    if config.roles.pmd {
        let pmd = LocalPmd::open(&config.pmd, store, crate::clock::now()).await?;
        return Ok(Some(Pseudonyms::Local(Arc::new(pmd))));
    }
    let remote = RemotePmd::new(&config.pmd.remote)?;
    Ok(remote.map(|remote| Pseudonyms::Remote(Arc::new(remote), store)))
}

/// The gateways that put pseudonyms in the place of numbers.
pub(super) async fn push(
    core: &Core,
    stop: &CancellationToken,
    addresses: &mut Addresses,
    background: &mut Vec<tokio::task::JoinHandle<()>>,
) -> Result<()> {
    let Some(pseudonyms) = core.pseudonyms.clone().filter(|_| core.config.roles.push) else { return Ok(()) };
    let settings = &core.config.push;
    let swap = Arc::new(push::Swap::new(settings, pseudonyms, Arc::clone(&core.store)));
    if let Some(listener) = push::smpp::bind(&settings.smpp).await? {
        addresses.push_smpp = Some(listener.address()?);
        background.push(tokio::spawn(push::smpp::serve(listener, Arc::clone(&swap), stop.clone())));
    }
    if let Some(listener) = push::web::bind(&settings.web, &swap).await? {
        addresses.push_web = Some(listener.address()?);
        background.push(tokio::spawn(push::web::serve(listener, stop.clone())));
    }
    Ok(())
}

/// How often the key file is looked at, and revocations that concern nothing any more are forgotten.
const TENDING: lcs::Duration = lcs::Duration::from_secs(60);

/// Keeps keys and revocations up to date, for ever.
pub(super) async fn tend(pmd: Arc<LocalPmd>) {
    loop {
        tokio::time::sleep(TENDING).await;
        if let Err(error) = pmd.tend(crate::clock::now()).await {
            tracing::error!(%error, "pseudonyms: what holds goes on to hold");
        }
    }
}

/// The consent register of MDT, loaded.
async fn consents(directory: &Directory, log: &OpenLog) -> Result<Arc<Consents>> {
    let consents = Consents::open(Arc::clone(directory.store()), log.log.clone(), log.signing()).await;
    Ok(Arc::new(consents.context("the consent register cannot be loaded")?))
}

/// The consent register of MDT and, where this process plays that part, the collector of its logs.
pub(super) async fn mdt(
    monitor: Monitor,
    (core, directory, log): (&Core, &Directory, &OpenLog),
    addresses: &mut Addresses,
    stop: &CancellationToken,
    background: &mut Vec<tokio::task::JoinHandle<()>>,
) -> Result<Arc<Monitor>> {
    let consents = consents(directory, log).await?;
    let monitor = monitor.with_consents(Arc::clone(&consents));
    if !core.config.roles.mdt {
        return Ok(Arc::new(monitor));
    }
    let settings = &core.config.mdt;
    let listener = mdt::bind(settings).await?;
    addresses.mdt = Some(listener.address()?);
    let collector = Collector::open(settings, Arc::clone(&core.store), consents, log.log.clone()).await?;
    let collector = Arc::new(collector);
    background.push(tokio::spawn(mdt::serve(listener, Arc::clone(&collector), stop.clone())));
    let tended = Arc::clone(&collector);
    background.push(until(stop.clone(), async move { tended.tend().await }));
    Ok(Arc::new(monitor.with_collector(collector)))
}

/// Opens the disclosure log and starts its writer.
pub(super) fn open_log(config: &Config) -> Result<OpenLog> {
    log::open(&config.log, config.log_origin()).context("the disclosure log cannot be opened")
}

/// Whom procedures ask.
pub(super) struct Outside {
    pub(super) node: transport::Node,
    pub(super) map: Option<SigtranNode>,
    pub(super) pseudonyms: Option<Pseudonyms>,
    pub(super) gateways: Gateways,
    pub(super) deferred: Option<Arc<Deferred>>,
    pub(super) cards: Option<Arc<Cards>>,
    pub(super) reports_due: Arc<tokio::sync::Notify>,
}

/// What doors and background tasks share.
pub(super) fn core(
    config: Config,
    directory: &Directory,
    loaded: &LoadSummary,
    log: Log,
    outside: Outside,
) -> Result<Core> {
    let Outside { node, map, pseudonyms, gateways, deferred, cards, reports_due } = outside;
    let number = own_number(&config)?;
    let territory = |section: &Override| {
        section.enabled.then(|| Territory {
            home: config.gateway.country_codes.iter().map(|code| code.value()).collect(),
            agreements: section.agreement_country_codes.iter().map(|code| code.value()).collect(),
            realms: home_realms(&config),
        })
    };
    let policy = policy(&config, loaded)?;
    let home_registers = home_registers(&config, &policy, directory.registry())?;
    let (ppr, checks) = register(&config, directory, policy)?;
    let areas = crate::network::load_areas(&config.areas)?;
    let map = map.map(|node| MapNode::new(node, number, &config.map)).transpose()?;
    Ok(Core {
        ppr,
        checks,
        home_registers,
        network: CoreNetwork::new(node, map, pseudonyms.clone(), gateways, &config).with_areas(areas).with_cards(cards),
        pseudonyms,
        domains: config.gateway.domains.iter().map(|domain| (*domain).into()).collect(),
        clients: Arc::clone(directory.registry()),
        store: Arc::clone(directory.store()),
        number,
        emergency: territory(&config.privacy.emergency),
        lawful: territory(&config.privacy.lawful),
        deferred,
        charging: Charging::start(&config.charging, config.lr_name())?,
        work: tokio_util::task::TaskTracker::new(),
        reports_due,
        log,
        config,
    })
}

/// The deferred requests that are kept, where the operator takes some.
pub(super) async fn deferred(
    config: &Config,
    store: &Arc<Store>,
    outbox: Option<Arc<dyn Outbox>>,
) -> Result<Option<Arc<Deferred>>> {
    let wanted = config.roles.gmlc && config.deferred.gmlc_address.is_some();
    let Some(outbox) = outbox.filter(|_| wanted) else { return Ok(None) };
    let keep_news = lcs::Duration::from_secs(config.mlp.push.keep_s);
    let opened = Deferred::open(Arc::clone(store), outbox, config.deferred.clone(), keep_news).await;
    Ok(Some(Arc::new(opened.context("deferred requests cannot be read")?)))
}

/// An SMS centre, and who takes what phones send.
pub(crate) struct Centre {
    /// Where messages for phones go.
    pub(crate) centre: Arc<dyn SmsCentre>,
    /// The number under which phones reach this gateway.
    pub(crate) number: Address,
    /// Who takes what they send there.
    pub(crate) from_cards: FromCards,
}

/// The SMS centre that is configured, where cards are asked, and the work that it needs done.
pub(super) fn centre(config: &Config) -> Result<Option<(Centre, Work)>> {
    if !config.roles.gmlc || !config.usim.enabled {
        return Ok(None);
    }
    let client = smsc::Client::new(config)?;
    Ok(client.map(|(client, work)| {
        let number = client.number();
        (Centre { centre: Arc::new(client), number, from_cards: FromCards::default() }, work)
    }))
}

/// The road to cards, where the operator has one and there is a centre; and who takes what cards send.
pub(super) fn cards(
    config: &Config,
    store: &Arc<Store>,
    centre: Option<Centre>,
    stop: &CancellationToken,
) -> (Option<Arc<Cards>>, FromCards) {
    let Some(Centre { centre, number, from_cards }) = centre.filter(|_| config.usim.enabled) else {
        return (None, FromCards::default());
    };
    let cards = Cards::new(Arc::clone(store), (centre, number), &config.usim, stop.clone());
    (Some(Arc::new(cards)), from_cards)
}

/// Starts what goes on with deferred requests by itself: time, what was under way before, and changes of profiles here.
pub(super) fn run_deferred(
    core: &Arc<Core>,
    changes: &Arc<ProfileChanges>,
    stop: &CancellationToken,
    background: &mut Vec<tokio::task::JoinHandle<()>>,
) {
    let Some(deferred) = core.deferred.clone() else { return };
    let (running, following) = (Arc::clone(&deferred), deferred);
    let (timed, changed) = (Arc::clone(core), Arc::clone(core));
    let (elsewhere, there) = (Arc::clone(&following), Arc::clone(core));
    background.push(until(stop.clone(), async move { elsewhere.tend_referred(&there).await }));
    let changes = Arc::clone(changes);
    background.push(until(stop.clone(), async move { running.run(timed).await }));
    background.push(until(stop.clone(), async move { following.follow(&changed, &changes).await }));
}

/// The register of this process, and who checks requests. Where another register does, that of this process holds nobody: what its
/// store may have of earlier days decides nothing.
fn register(config: &Config, directory: &Directory, policy: Policy) -> Result<(Ppr, Checks)> {
    Ok(match HttpRoad::new(&config.ppr.remote)? {
        Some(road) => {
            let nobodys = Ppr::new(Arc::new(Register::new()), policy.clone());
            (nobodys, Checks::Elsewhere(RemotePpr::new(road, policy)))
        }
        None => {
            let ppr = Ppr::new(Arc::clone(directory.register()), policy);
            (ppr.clone(), Checks::Here(ppr))
        }
    })
}

/// The number of this gateway.
fn own_number(config: &Config) -> Result<Address> {
    match config.gateway.gmlc_number {
        Some(number) => Ok(number.0),
        // Needed by the role gmlc, which check-config sees to; a mere PPR is never compared by it.
        None => Ok(Address::international("0")?),
    }
}

/// The node of the signalling network, where the operator has one.
pub(super) async fn signalling(config: &Config, reports: MapReports) -> Result<Option<SigtranNode>> {
    if !config.sigtran.enabled || !config.roles.gmlc {
        return Ok(None);
    }
    let sigtran = sigtran_config(config, own_number(config)?)?;
    Ok(Some(SigtranNode::start(sigtran, reports).await?))
}

fn policy(config: &Config, loaded: &LoadSummary) -> Result<Policy> {
    Ok(Policy { default_profile: default_profile(&config.privacy, loaded)?, ..bare_policy(config)? })
}

/// The policy without a profile for strangers.
fn bare_policy(config: &Config) -> Result<Policy> {
    let code = |code: &crate::forms::CountryCode| Digits::parse(&code.value().to_string());
    let home = HomeNetwork {
        country_codes: config.gateway.country_codes.iter().map(code).collect::<Result<_, _>>()?,
        realms: home_realms(config),
        node_numbers: config.gateway.home_node_numbers.iter().map(|number| number.0.digits).collect(),
    };
    let floor = OperatorFloor::none().for_client_type(LcsClientType::ValueAdded, config.privacy.operator_floor.into());
    // Where other gateways are spoken with, whose subscriber somebody is matters.
    let prefixes = || config.gateway.home_plmns.iter().map(|plmn| Digits::parse(plmn)).collect::<Result<_, _>>();
    let own_subscribers = config.lr.is_on().then(prefixes).transpose()?;
    Ok(Policy {
        floor,
        own_subscribers,
        own_registers: config.ppr.addresses.clone(),
        pseudo_external: config.pseudo_external.table(),
        ..Policy::new(home)
    })
}

/// What is wrong with the configured pseudo-external identities beside these clients.
pub(super) fn pseudo_external_problems<'a>(
    config: &Config,
    clients: impl IntoIterator<Item = &'a ClientRecord>,
) -> Result<Vec<Problem>> {
    let registers = HomeRegisters::new(config, &bare_policy(config)?);
    Ok(registers.map(|registers| registers.problems(clients)).transpose()?.unwrap_or_default())
}

/// What home registers hold, seen not to conflict with any registered client: nodes would take one for the other.
fn home_registers(config: &Config, policy: &Policy, registry: &Registry) -> Result<Option<Arc<HomeRegisters>>> {
    let Some(registers) = HomeRegisters::new(config, policy) else { return Ok(None) };
    let clients = registry.all();
    let problems = registers.problems(clients.iter().map(|client| client.record()))?;
    if let [first, others @ ..] = &problems[..] {
        anyhow::bail!("{first} ({} more)", others.len());
    }
    Ok(Some(Arc::new(registers)))
}

/// Realms of the own network: that of this node, and those that TS 23.003 clause 19.2 gives to the own PLMNs.
fn home_realms(config: &Config) -> Vec<String> {
    let of_plmn = |plmn: &String| {
        let (mcc, mnc) = plmn.split_at_checked(3)?;
        Some(format!("epc.mnc{mnc:0>3}.mcc{mcc}.3gppnetwork.org"))
    };
    let own = std::iter::once(config.diameter.origin_realm.clone());
    own.chain(config.gateway.home_plmns.iter().filter_map(of_plmn)).collect()
}

/// Delivers reports: HTTPS with the configured authorities, no redirects (they would lead past the client's list). Whether one
/// may go without TLS is for the delivery to say, which knows where to.
pub(super) fn push_client(push: &Push) -> Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    if let Some(ca_file) = push.ca_file.as_deref() {
        let identity = tls::Identity { cert_file: None, key_file: None };
        let config = tls::client(&identity, Some(ca_file)).context("mlp.push.ca_file")?;
        builder = builder.tls_backend_preconfigured((*config).clone());
    }
    builder.build().context("mlp.push")
}

/// Lpp from either side: the service of this register, or the ear at another's. Gives the address of the service.
pub(super) async fn lpp(
    core: &Arc<Core>,
    directory: &Directory,
    stop: &CancellationToken,
    background: &mut Vec<tokio::task::JoinHandle<()>>,
) -> Result<Option<SocketAddr>> {
    if let Checks::Elsewhere(remote) = &core.checks {
        let (road, core) = (remote.road().clone(), Arc::clone(core));
        let following = async move { lpp::follow(road, &core).await };
        background.push(until(stop.clone(), following));
    }
    let Some(listener) = certified::bind(&core.config.ppr.lpp, &lpp::WORDS).await? else { return Ok(None) };
    let address = listener.address()?;
    let pmd = core.pseudonyms.as_ref().and_then(Pseudonyms::local).cloned();
    let served = lpp::Served { ppr: core.ppr.clone(), pmd, changes: Arc::clone(directory.changes()) };
    let router = lpp::router(Arc::new(served));
    background.push(tokio::spawn(certified::serve(listener, router, stop.clone())));
    Ok(Some(address))
}

/// The admin API.
pub(super) fn admin_router(config: &Config, directory: &Arc<Directory>, monitor: Arc<Monitor>) -> Result<axum::Router> {
    let token = admin::Token::new(config.admin.token().read()?.trim());
    let operations: Arc<dyn admin::Operations> = monitor;
    Ok(admin::router(Arc::clone(directory), operations, token, config.admin.body_limit_bytes))
}

/// How long requests to the admin API and for metrics may still take once the gateway stops. A client that began one and never
/// ends it would hold the stop up for ever.
const LEAVE: lcs::Duration = lcs::Duration::from_secs(5);

/// Serves a router until `stop`.
pub(super) async fn serve_http(
    listen: SocketAddr,
    router: axum::Router,
    key: &'static str,
    stop: CancellationToken,
) -> Result<(SocketAddr, tokio::task::JoinHandle<()>)> {
    let socket = tokio::net::TcpListener::bind(listen).await;
    let socket = socket.with_context(|| format!("{key}: cannot listen on {listen}; choose another or free it"))?;
    let address = socket.local_addr()?;
    let task = tokio::spawn(async move {
        let serving = axum::serve(socket, router).with_graceful_shutdown(stop.clone().cancelled_owned());
        let too_long = async {
            stop.cancelled().await;
            tokio::time::sleep(LEAVE).await;
        };
        tokio::select! {
            ended = serving => if let Err(error) = ended {
                tracing::error!(key, %error, "an HTTP server ended");
            },
            () = too_long => tracing::warn!(key, "requests that were not complete are cut off"),
        }
    });
    Ok((address, task))
}

/// Runs a task until `stop`.
pub(super) fn until(
    stop: CancellationToken,
    work: impl Future<Output = ()> + Send + 'static,
) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        tokio::select! {
            () = work => {}
            () = stop.cancelled() => {}
        }
    })
}

/// The proxy for terminals, and what looks after it.
pub(super) async fn pull(
    core: &Arc<Core>,
    leases: Arc<Leases>,
    addresses: &mut Addresses,
    stop: &CancellationToken,
) -> Result<[tokio::task::JoinHandle<()>; 2]> {
    let listener = pull::bind(core.config.pull.listen).await?;
    let address = listener.address()?;
    addresses.pull = Some(address);
    let role = Arc::new(Pull::new(Arc::clone(core), leases, &addresses.all())?);
    let tending = Arc::clone(&role);
    let tend = until(stop.clone(), async move { tending.tend().await });
    Ok([tokio::spawn(pull::serve(listener, role, stop.clone())), tend])
}

/// Says on standard error where the gateway listens.
pub(super) fn announce(addresses: &Addresses) {
    let said = [
        ("mlp", addresses.mlp),
        ("mlp over tls", addresses.mlp_tls),
        ("admin", addresses.admin),
        ("lid", addresses.lid),
        ("lpp", addresses.lpp),
        ("lr", addresses.lr),
        ("push smpp", addresses.push_smpp),
        ("push web", addresses.push_web),
        ("pull", addresses.pull),
        ("mdt", addresses.mdt),
        ("metrics", addresses.metrics),
    ];
    for (what, address) in said {
        if let Some(address) = address {
            tracing::info!(%address, "{what} ready");
        }
    }
    for (what, listeners) in [("diameter", &addresses.diameter), ("m3ua", &addresses.m3ua)] {
        for address in listeners {
            tracing::info!(%address, "{what} ready");
        }
    }
}
