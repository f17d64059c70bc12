//! The home network: who consented to MDT, and jobs of single subscribers (TS 32.422 clauses 4.2.8 and 4.9.1), over S6a (TS 29.272).

use super::{Held, JobOutcome, MdtError, MdtStartError, mme::S6aMme};
use crate::{
    mdt_phone::plmn_octets,
    network::Shared,
    phones::Phone,
    ran::Technology,
    scenario::Scenario,
    wire::{self, Origin},
};
use diameter::{
    Octets,
    codec::{ApplicationId, ResultCode, VendorId},
    s6a::{AreaScope, Ida, Idr, MdtConfiguration, MdtUserConsent, SubscriptionData, TraceData},
};
use mdt::{job::TraceJob, rrc::lte};
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use transport::{Application, Destination, Listen, NoCommands, Node, NodeConfig, PeerConfig, Transport};

/// How long the HSS waits for an MME.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Trace-NE-Type-List with the eNB: bit 2 of the second octet (TS 32.422 clause 5.4, as GTPv2 carries the same list, TS 29.274 clause 8.31).
/// The first type is the lowest bit, other than in the bit string of MAP.
const ENB: [u8; 2] = [0x00, 0x02];
/// Trace-Event-List without events: MDT alone.
const NO_EVENTS: [u8; 4] = [0; 4];
/// Job-Type of logged MDT alone (TS 32.422 clause 5.9a).
pub(super) const LOGGED_MDT: u32 = 1;

/// Starts S6a: an HSS for each operator, by its name, that connects to every MME; and the MMEs.
pub(super) async fn start(
    shared: &Arc<Shared>,
    scenario: &Scenario,
) -> Result<(HashMap<String, Node>, Vec<Node>), MdtStartError> {
    let homes: Vec<(String, Origin)> = scenario
        .operators()
        .map(|of| (of.name.to_owned(), Origin { host: of.hss.host.clone(), realm: of.realm.to_owned() }))
        .collect();
    let mut mmes = Vec::new();
    let mut peers = Vec::new();
    for (name, mme) in &shared.mmes {
        let mut config = node(&mme.origin);
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        config.listen = vec![Listen { address, transport: Transport::Tcp }];
        config.peers = homes.iter().map(|(_, home)| PeerConfig::accept(&home.host, &home.realm)).collect();
        let handler = S6aMme { name: name.clone(), origin: mme.origin.clone(), shared: Arc::clone(shared) };
        let started = Node::start(config, handler).await.map_err(|error| MdtStartError::Node(name.clone(), error))?;
        let address = started.local_addrs().first().copied().ok_or(MdtStartError::NotConnected)?;
        peers.push(PeerConfig::initiate(&mme.origin.host, &mme.origin.realm, address));
        mmes.push(started);
    }
    let mut started = HashMap::new();
    for (operator, origin) in homes {
        let mut config = node(&origin);
        config.peers.clone_from(&peers);
        let hss =
            Node::start(config, NoCommands).await.map_err(|error| MdtStartError::Node(operator.clone(), error))?;
        tokio::time::timeout(TIMEOUT, hss.wait_usable(peers.len())).await.map_err(|_| MdtStartError::NotConnected)?;
        started.insert(operator, hss);
    }
    Ok((started, mmes))
}

fn node(origin: &Origin) -> NodeConfig {
    let mut config = NodeConfig::new(&origin.host, &origin.realm);
    config.product_name = "Wherefore testbed".to_owned();
    config.applications = vec![Application { id: ApplicationId::S6A, vendor: Some(VendorId::TGPP.0) }];
    config
}

/// What is held of a subscriber.
fn held(shared: &Shared, phone: &Phone) -> Result<Held, MdtError> {
    let core = shared.mdt.as_ref().ok_or(MdtError::NoSubscriber)?;
    core.home.lock().get(&phone.label).cloned().ok_or(MdtError::NoSubscriber)
}

/// What an MME is to hold: a consent only where it holds in the network of that MME.
fn consent_for(held: &Held, mme: &Origin) -> MdtUserConsent {
    let there = wire::plmn(&mme.realm);
    if held.consent && held.plmns.contains(&there) { MdtUserConsent::Given } else { MdtUserConsent::NotGiven }
}

/// Tells the serving MME of the consent; nobody where none serves. Others forget what they held, as after a Cancel-Location, which the lab does
/// not send.
pub(super) async fn tell(shared: &Arc<Shared>, phone: &Phone) -> Result<(), MdtError> {
    let held = held(shared, phone)?;
    if let (Some(core), Some(imsi)) = (&shared.mdt, phone.identities.imsi) {
        let serving = phone.mme();
        let mut visited = core.visited.lock();
        for (_, of) in visited.iter_mut().filter(|(name, _)| serving.as_ref() != Some(name)) {
            of.remove(&imsi);
        }
    }
    let Some(mme) = phone.mme().and_then(|name| shared.mmes.get(&name)) else { return Ok(()) };
    insert(shared, phone, &mme.origin, consent_for(&held, &mme.origin).data()).await
}

/// Insert-Subscriber-Data to an MME.
async fn insert(shared: &Arc<Shared>, phone: &Phone, mme: &Origin, data: SubscriptionData<'_>) -> Result<(), MdtError> {
    let core = shared.mdt.as_ref().ok_or(MdtError::NoSubscriber)?;
    let node = core.nodes.read().0.get(&phone.operator).cloned().ok_or(MdtError::NoSubscriber)?;
    let imsi = phone.identities.imsi.ok_or(MdtError::NoSubscriber)?;
    let session = node.session_id();
    let (host, realm) = (node.origin_host().to_owned(), node.origin_realm().to_owned());
    let origin = diameter::base::Origin { host: &host, realm: &realm };
    let request = Idr::with_data(&session, origin, &mme.host, &mme.realm, imsi, data);
    let destination = Destination::to_host(&mme.host, &mme.realm);
    let answer = node.request(ApplicationId::S6A, destination, |ids, out| request.encode(ids, out), TIMEOUT).await?;
    let answer = Ida::decode(&answer).map_err(|_| MdtError::Mme(transport::RequestError::BadAnswer))?;
    match (answer.result_code, answer.experimental_result) {
        (Some(ResultCode::SUCCESS), None) => Ok(()),
        (code, experimental) => Err(MdtError::Refused(
            experimental.map(|result| result.code).or(code.map(|code| code.0)).unwrap_or_default(),
        )),
    }
}

/// Begins a job of one subscriber. The home network looks at the consent first, unless it is a faulty one; the MME looks for itself.
pub(super) async fn begin(
    shared: &Arc<Shared>,
    phone: &Arc<Phone>,
    job: &TraceJob,
    home_check: bool,
) -> Result<JobOutcome, MdtError> {
    let core = shared.mdt.as_ref().ok_or(MdtError::NoSubscriber)?;
    if core.ran.technology() == Technology::Nr {
        return Err(MdtError::Untold("jobs of one subscriber in NR, whose core has no S6a"));
    }
    let held = held(shared, phone)?;
    let told = job.lte_configuration([0, 0], core.absolute_time(shared.phones.clock().now()))?;
    if told.event.is_some() {
        return Err(MdtError::Untold("jobs that log on an event"));
    }
    let asked: Vec<[u8; 3]> = told.plmns.iter().flatten().map(|plmn| plmn_octets(*plmn)).collect();
    let mut allowed: Vec<[u8; 3]> =
        held.plmns.iter().filter(|plmn| asked.is_empty() || asked.contains(plmn)).copied().collect();
    if home_check && !held.consent {
        return Ok(JobOutcome::HomeNoConsent);
    }
    if home_check && allowed.is_empty() {
        return Ok(JobOutcome::HomeNotAllowed);
    }
    if !home_check && allowed.is_empty() {
        allowed = asked;
    }
    let Some(mme) = phone.registered().and_then(|name| shared.mmes.get(&name)) else {
        return Ok(JobOutcome::NotServed);
    };
    let reference = reference(&told);
    let collector = job.trace_collection_entity_ip_address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let mut data = trace(&told, &reference, collector, &allowed);
    data.mdt_user_consent =
        home_check.then_some(consent_for(&held, &mme.origin)).and_then(|of| of.data().mdt_user_consent);
    let imsi = phone.identities.imsi.ok_or(MdtError::NoSubscriber)?;
    let _alone = core.one_job.lock().await;
    core.outcomes.lock().remove(&imsi);
    insert(shared, phone, &mme.origin, data).await?;
    core.outcomes.lock().remove(&imsi).ok_or(MdtError::CutOff)
}

/// Trace-Reference: PLMN and number of the job.
fn reference(told: &lte::LoggedMeasurementConfiguration) -> [u8; 6] {
    let of = told.trace.trace_reference;
    let ([a, b, c], [d, e, f]) = (plmn_octets(of.plmn), of.trace_id);
    [a, b, c, d, e, f]
}

/// Subscription data that begin a trace session of logged MDT.
fn trace<'a>(
    told: &lte::LoggedMeasurementConfiguration,
    reference: &'a [u8],
    collector: IpAddr,
    allowed: &[[u8; 3]],
) -> SubscriptionData<'a> {
    let mdt_configuration = MdtConfiguration {
        job_type: LOGGED_MDT,
        area_scope: told.area.as_ref().map(|area| area_scope(area, told)),
        logging_interval: Some(told.interval as u32),
        logging_duration: Some(told.duration as u32),
        mdt_allowed_plmn_id: allowed.to_vec(),
        extra: Vec::new(),
    };
    let trace_data = TraceData {
        trace_reference: Octets(reference),
        trace_depth: 0,
        trace_ne_type_list: Octets(&ENB),
        trace_interface_list: None,
        trace_event_list: Octets(&NO_EVENTS),
        omc_id: None,
        trace_collection_entity: collector,
        mdt_configuration: Some(mdt_configuration),
        extra: Vec::new(),
    };
    SubscriptionData { trace_data: Some(trace_data), ..SubscriptionData::default() }
}

/// Cells, or tracking areas with the network that each is of: that of the job where none is told.
fn area_scope<'a>(area: &lte::Area, told: &lte::LoggedMeasurementConfiguration) -> AreaScope<'a> {
    let mut scope = AreaScope::default();
    match area {
        lte::Area::Cells(cells) => {
            scope.e_utran_cell_global_identity = cells
                .iter()
                .map(|of| {
                    let ([a, b, c], [d, e, f, g]) = (plmn_octets(of.plmn), of.cell.to_be_bytes());
                    [a, b, c, d, e, f, g]
                })
                .collect();
        }
        lte::Area::TrackingAreas(codes) => {
            let networks = told.tracking_area_plmns.iter().flatten().copied();
            let networks = networks.chain(std::iter::repeat(told.trace.trace_reference.plmn));
            scope.tracking_area_identity = codes
                .iter()
                .zip(networks)
                .map(|(code, plmn)| {
                    let ([a, b, c], [d, e]) = (plmn_octets(plmn), code.to_be_bytes());
                    [a, b, c, d, e]
                })
                .collect();
        }
    }
    scope
}
