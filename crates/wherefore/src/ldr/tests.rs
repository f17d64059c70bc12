//! The running gateway with a node that is home register and MME in one: armed, reported, closed, cancelled, restarted.

use super::testing::request;
use super::{Deferred, LdrNews, Outbox};
use crate::config::Config;
use crate::core::Core;
use crate::profile::ProfileBody;
use crate::serve::{Running, start_with};
use crate::store::{Store, StoreError};
use diameter::base::Origin;
use diameter::codec::{ApplicationId, CommandCode, ExperimentalResult, Message, Outcome};
use diameter::slg::{
    DeferredLocationType, DeferredMtLrData, Envelope, LcsTerminationCause, LocationEvent, Lra, Lrr, Pla, ReceivedPlr,
    ReferenceNumber, ReportingAmount, ReportingPlmnList,
};
use diameter::slh::Ria;
use futures_util::future::BoxFuture;
use gmlc::{EndReason, LdrEnd, LdrPause, LdrReport, LdrRequest, Pauser, Phase, ReportedEvent};
use lcs::{
    AreaEvent, DeferredEvent, Duration, Failure, Identities, Imsi, LocationType, Msisdn, NodeKind, PlmnId,
    RefusalReason, Reporting, RoutingInfo, ServingNode, TargetArea,
};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;
use transport::{
    Answer, Application, Destination, Handler, Listen, Node, NodeConfig, PeerInfo, RequestError, Transport,
    UnknownPeers,
};

mod charged;
mod meanwhile;
mod merging;
mod recorded;

const REALM: &str = "epc.mnc001.mcc001.3gppnetwork.org";
const MME: &str = "mme1.epc.mnc001.mcc001.3gppnetwork.org";
const OTHER_MME: &str = "mme2.epc.mnc001.mcc001.3gppnetwork.org";
const GMLC: &str = "gmlc.epc.mnc001.mcc001.3gppnetwork.org";
const NUMBER: &str = "99900000001";
const IMSI: &str = "001010000000001";
const PATIENCE: Duration = Duration::from_secs(60);

fn identities() -> Identities {
    Identities { imsi: Imsi::parse(IMSI).ok(), msisdn: Msisdn::parse(NUMBER).ok(), imei: None }
}

/// What the node was asked: type, reference, events.
type Asked = (LocationType, Option<u8>, Option<u32>);

#[derive(Default)]
struct Seen {
    asked: Mutex<Vec<Asked>>,
    /// Where the phone may report, of each request that waits for an event.
    plmns: Mutex<Vec<Option<Vec<[u8; 3]>>>>,
    /// The node refuses to wait.
    refuses: AtomicBool,
    /// The node by which the subscriber is served: 1 or 2.
    served_by: AtomicU32,
    /// The node acknowledges that it waits when it is told to.
    acknowledges: Mutex<Option<Arc<Notify>>>,
}

#[derive(Clone, Default)]
struct Network(Arc<Seen>);

impl Handler for Network {
    async fn handle(&self, request: Message, _: PeerInfo) -> Answer {
        let origin = Origin { host: MME, realm: REALM };
        if request.header.command == CommandCode::LCS_ROUTING_INFO {
            let second = self.0.served_by.load(Ordering::SeqCst) == 2;
            let name = if second { OTHER_MME } else { MME };
            let kind = NodeKind::Mme { name: name.to_owned(), realm: REALM.to_owned() };
            let nodes = [ServingNode { kind, capabilities: None, v_gmlc: None }].into();
            let route = RoutingInfo { identities: identities(), nodes, h_gmlc: None, ppr: None, optimised_lcs: false };
            return Answer::encode(|out| {
                Ria::to(&request, origin, Outcome::Success).with_routing(&route).encode(request.header, out)
            });
        }
        let plr = ReceivedPlr::decode(&request).unwrap();
        assert!(plr.privacy_check_non_session.is_some(), "a node is always told");
        let reference = plr.reference_number.map(|number| number.0);
        let events = plr.deferred_location_type.map(|events| events.0);
        self.0.asked.lock().unwrap().push((plr.location_type, reference, events));
        if plr.location_type == LocationType::ActivateDeferred {
            let listed = plr.reporting_plmn_list.as_ref();
            let plmns = |list: &ReportingPlmnList<'_>| {
                assert!(list.plmn_id_list.iter().all(|plmn| plmn.periodic_location_support == Some(true)));
                list.plmn_id_list.iter().map(|plmn| plmn.visited_plmn_id).collect()
            };
            self.0.plmns.lock().unwrap().push(listed.map(plmns));
        }
        let told = self.0.acknowledges.lock().unwrap().clone();
        if let Some(told) = told.filter(|_| plr.location_type == LocationType::ActivateDeferred) {
            told.notified().await;
        }
        let refused = Outcome::Experimental(ExperimentalResult::POSITIONING_DENIED);
        let outcome = if self.0.refuses.load(Ordering::SeqCst) { refused } else { Outcome::Success };
        Answer::encode(|out| Pla::to(&request, origin, outcome).encode(request.header, out))
    }
}

#[derive(Debug, Clone, PartialEq)]
enum News {
    Report(LdrReport),
    End(LdrEnd),
    Paused(LdrPause),
}

/// An outbox in memory, which fails when told to.
#[derive(Default)]
struct Kept {
    news: Mutex<Vec<News>>,
    fails: AtomicBool,
}

impl Outbox for Kept {
    fn put<'a>(&'a self, request: &'a LdrRequest, news: &'a LdrNews) -> BoxFuture<'a, Result<(), StoreError>> {
        assert_eq!(request.door, b"push", "what the door keeps comes back");
        Box::pin(async {
            if self.fails.load(Ordering::SeqCst) {
                return Err(StoreError::Seal);
            }
            self.news.lock().unwrap().push(match news {
                LdrNews::Report(report) => News::Report(report.clone()),
                LdrNews::End(end) => News::End(*end),
                LdrNews::Paused(pause) => News::Paused(*pause),
            });
            Ok(())
        })
    }
}

struct Lab {
    directory: tempfile::TempDir,
    node: Node,
    seen: Arc<Seen>,
    outbox: Arc<Kept>,
    sessions: AtomicU32,
}

/// A gateway that runs.
struct Gateway(Running);

impl std::ops::Deref for Gateway {
    type Target = Arc<Core>;

    fn deref(&self) -> &Self::Target {
        self.0.core()
    }
}

impl Gateway {
    fn deferred(&self) -> &Arc<Deferred> {
        self.deferred.as_ref().unwrap()
    }
}

impl Lab {
    async fn new() -> Self {
        Self::with(ProfileBody { universal: true, ..ProfileBody::default() }).await
    }

    /// With a subscriber who has this profile.
    async fn with(profile: ProfileBody) -> Self {
        rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let network = Network::default();
        let mut config = NodeConfig::new(MME, REALM);
        config.applications = vec![Application::tgpp(ApplicationId::SLG), Application::tgpp(ApplicationId::SLH)];
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        config.listen = vec![Listen { address, transport: Transport::Tcp }];
        config.limits.unknown_peers = UnknownPeers::Accept;
        let node = Node::start(config, network.clone()).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let lab = Self { directory, node, seen: network.0, outbox: Arc::default(), sessions: AtomicU32::new(0) };
        let config = lab.config();
        crate::config::create_private(&config.admin.token_file, b"0123456789abcdef0123456789abcdef").unwrap();
        let store = Store::open(&config.store).await.unwrap();
        store.put_profile(&identities(), &profile, None).await.unwrap();
        store.close().await;
        lab
    }

    fn config(&self) -> Config {
        let address = self.node.local_addrs()[0];
        let free = "listen = '127.0.0.1:0'";
        let text = format!(
            "[gateway]\nname = 'lab'\ngmlc_number = '+99912340000'\ncountry_codes = [999]\nhome_plmns = ['00101']\n\
             [mlp]\n{free}\n[admin]\n{free}\n[metrics]\nenabled = false\n[log]\nsegment_mib = 1\n\
             [deferred]\ngmlc_address = '192.0.2.10'\nreporting_plmns = ['26201', '00101', '310410']\n\
             [charging]\ndir = 'charging'\n\
             [diameter]\norigin_host = '{GMLC}'\norigin_realm = '{REALM}'\naccept = false\n\
             [diameter.timers]\nreconnect_s = 1\n\
             [[diameter.peer]]\nhost = '{MME}'\nrealm = '{REALM}'\nrole = 'relay'\naddress = '{address}'\n"
        );
        let mut config = Config::parse(&text).unwrap();
        config.place(Path::new(self.directory.path()));
        config
    }

    async fn start(&self) -> Gateway {
        let outbox: Arc<dyn Outbox> = self.outbox.clone();
        let running = start_with(self.config(), std::sync::Arc::default(), |_| Some(outbox), None).await.unwrap();
        let gateway = Gateway(running);
        tokio::time::timeout(PATIENCE, gateway.network.node().wait_usable(1)).await.unwrap();
        gateway
    }

    /// Has the node report, and gives the code that the gateway answers.
    async fn report(&self, reference: u8, change: impl Fn(&mut Lrr<'_>)) -> u32 {
        let session = format!("{MME};1;{}", self.sessions.fetch_add(1, Ordering::SeqCst));
        self.report_as(&session, MME, reference, change).await
    }

    async fn report_as(&self, session: &str, host: &str, reference: u8, change: impl Fn(&mut Lrr<'_>)) -> u32 {
        let envelope = Envelope {
            session_id: session,
            origin: Origin { host, realm: REALM },
            destination_host: GMLC,
            destination_realm: REALM,
        };
        let target = Identities { msisdn: None, ..identities() };
        let mut lrr = Lrr::new(envelope, LocationEvent::DEFERRED_MT_LR_RESPONSE, target);
        lrr.reference_number = Some(ReferenceNumber(reference));
        change(&mut lrr);
        let encode = |ids, out: &mut Vec<u8>| lrr.encode(ids, out);
        let to = Destination::to_host(GMLC, REALM);
        let answer = match self.node.request(ApplicationId::SLG, to, encode, PATIENCE).await {
            Ok(answer) => answer,
            Err(RequestError::Protocol { result_code }) => return result_code,
            Err(error) => panic!("{error}"),
        };
        match Lra::decode(&answer).unwrap().outcome().unwrap() {
            Outcome::Success => 2001,
            Outcome::Base(code) => code.0,
            Outcome::Experimental(result) => result.code,
        }
    }

    fn news(&self) -> Vec<News> {
        self.outbox.news.lock().unwrap().clone()
    }

    fn asked(&self) -> Vec<Asked> {
        self.seen.asked.lock().unwrap().clone()
    }

    /// Waits until something holds.
    async fn until(&self, holds: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !holds(self) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it did not come to hold");
    }
}

fn happened(event: DeferredLocationType) -> impl Fn(&mut Lrr<'_>) {
    move |lrr| lrr.deferred_mt_lr_data = Some(data(event, None))
}

fn data(event: DeferredLocationType, cause: Option<LcsTerminationCause>) -> DeferredMtLrData<'static> {
    DeferredMtLrData { deferred_location_type: event, termination_cause: cause, serving_node: None, extra: Vec::new() }
}

fn leaving(name: u8, multiple: bool) -> LdrRequest {
    let areas = vec![TargetArea::Plmn(PlmnId::new("001", "01").unwrap())];
    let reporting = Reporting { multiple, ..Reporting::ONCE };
    let event = DeferredEvent::Area { event: AreaEvent::Leaving, areas, reporting };
    LdrRequest { event, ..soon(name) }
}

fn soon(name: u8) -> LdrRequest {
    LdrRequest { stop: crate::clock::now().after(Duration::from_secs(3600)), ..request(name, NUMBER) }
}

fn reported(news: &News) -> &LdrReport {
    match news {
        News::Report(report) => report,
        other => panic!("no report: {other:?}"),
    }
}

const LEFT: DeferredLocationType = DeferredLocationType::LEAVING_AREA;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_report_is_checked_recorded_kept_and_closes_the_request() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    let before = gateway.log.durable();
    let armed = gateway.deferred().arm(&gateway, leaving(1, false)).await.unwrap();
    assert_eq!(lab.asked(), [(LocationType::ActivateDeferred, Some(0), Some(LEFT.0))]);
    assert_eq!(gateway.log.durable(), before + 1, "arming is recorded");
    let stands = gateway.deferred().query("fleet", armed.id).await.unwrap();
    assert_eq!((stands.phase, stands.reports), (Phase::Armed, 0));
    // Another reference, another event, another subscriber: nobody waits for that.
    assert_eq!(lab.report(9, happened(LEFT)).await, 4226);
    assert_eq!(lab.report(0, happened(DeferredLocationType::ENTERING_AREA)).await, 5012);
    let of_another = |lrr: &mut Lrr<'_>| {
        happened(LEFT)(lrr);
        lrr.imsi = Imsi::parse("001010000000002").ok();
    };
    assert_eq!(lab.report(0, of_another).await, 4226);
    assert_eq!((lab.news(), gateway.log.durable()), (vec![], before + 1));
    // A node that does not serve the target.
    assert_eq!(lab.report_as("x;1", OTHER_MME, 0, happened(LEFT)).await, 5490);

    assert_eq!(lab.report(0, happened(LEFT)).await, 2001);
    assert_eq!(gateway.log.durable(), before + 2, "a report without a position is a disclosure");
    let news = lab.news();
    let told = reported(&news[0]);
    assert_eq!((news.len(), told.id, told.number, told.last), (1, armed.id, 1, true));
    assert_eq!((told.event, &told.fix, told.missing), (ReportedEvent::Area(AreaEvent::Leaving), &None, None));
    // Closed: a second report is of nobody (F-14).
    assert_eq!(lab.report(0, happened(LEFT)).await, 4226);
    assert_eq!(gateway.deferred().query("fleet", armed.id).await, Err(Failure::InvalidRequest));
    gateway.0.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_between_arming_and_report_loses_nothing() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    let armed = gateway.deferred().arm(&gateway, leaving(1, true)).await.unwrap();
    let session = "mme1;1;77";
    assert_eq!(lab.report_as(session, MME, armed.reference.0, happened(LEFT)).await, 2001);
    gateway.0.stop().await.unwrap();

    let gateway = lab.start().await;
    let stands = gateway.deferred().query("fleet", armed.id).await.unwrap();
    assert_eq!((stands.phase, stands.reports, stands.reference), (Phase::Armed, 1, armed.reference));
    // The node repeats what it had no answer to.
    assert_eq!(lab.report_as(session, MME, armed.reference.0, happened(LEFT)).await, 2001);
    assert_eq!(lab.news().len(), 1);
    lab.outbox.fails.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(lab.report(armed.reference.0, happened(LEFT)).await, 3004, "not kept, not acknowledged");
    lab.outbox.fails.store(false, Ordering::SeqCst);
    assert_eq!(lab.report(armed.reference.0, happened(LEFT)).await, 2001);
    let numbers: Vec<_> = lab.news().iter().map(|news| reported(news).number).collect();
    assert_eq!(numbers, [1, 2]);
    gateway.0.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_refuses_is_not_armed_and_nothing_stays() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    lab.seen.refuses.store(true, Ordering::SeqCst);
    let refused = gateway.deferred().arm(&gateway, leaving(1, true)).await;
    assert_eq!(refused, Err(Failure::PositioningDenied));
    let shapeless = LdrRequest {
        event: DeferredEvent::Area {
            event: AreaEvent::Inside,
            areas: vec![TargetArea::Named("school".into())],
            reporting: Reporting::ONCE,
        },
        ..soon(2)
    };
    assert_eq!(gateway.deferred().arm(&gateway, shapeless).await, Err(Failure::OutsideCoverage));
    let over = LdrRequest { stop: crate::clock::now(), ..soon(3) };
    assert_eq!(gateway.deferred().arm(&gateway, over).await, Err(Failure::InvalidRequest));
    lab.until(|_| gateway.deferred().index.len() == 0).await;
    assert_eq!(lab.news(), []);
    gateway.0.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_cancels_its_own_and_no_other() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    let armed = gateway.deferred().arm(&gateway, leaving(1, true)).await.unwrap();
    assert_eq!(gateway.deferred().cancel(&gateway, "other", armed.id).await, Err(Failure::InvalidRequest));
    gateway.deferred().cancel(&gateway, "fleet", armed.id).await.unwrap();
    assert_eq!(gateway.deferred().cancel(&gateway, "fleet", armed.id).await, Err(Failure::InvalidRequest));
    assert_eq!(lab.report(armed.reference.0, happened(LEFT)).await, 4226);
    lab.until(|lab| lab.asked().len() == 2 && gateway.deferred().index.len() == 0).await;
    assert_eq!(lab.asked()[1], (LocationType::CancelDeferred, Some(armed.reference.0), Some(LEFT.0)));
    assert_eq!(lab.news(), [], "who cancels is not told of it");
    gateway.0.stop().await.unwrap();
}

/// F-12: the profile changes while a request is outstanding, and the new check fails.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscriber_who_opts_out_ends_what_waits() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    let armed = gateway.deferred().arm(&gateway, leaving(1, true)).await.unwrap();
    let token = std::fs::read_to_string(&lab.config().admin.token_file).unwrap();
    let url = format!("http://{}/v1/subscriber/opt-out", gateway.0.addresses().admin.unwrap());
    let asked =
        reqwest::Client::new().post(url).bearer_auth(token.trim()).header("Subscriber", format!("msisdn:{NUMBER}"));
    assert!(asked.send().await.unwrap().status().is_success());
    lab.until(|lab| !lab.news().is_empty()).await;
    let News::End(end) = lab.news()[0].clone() else { panic!("a report") };
    assert_eq!((end.id, end.reason), (armed.id, EndReason::Refused(RefusalReason::OptedOut)));
    lab.until(|lab| lab.asked().len() == 2).await;
    assert_eq!(lab.asked()[1].0, LocationType::CancelDeferred);
    assert_eq!(lab.report(armed.reference.0, happened(LEFT)).await, 4226);
    gateway.0.stop().await.unwrap();
}

/// F-13: the node lost the phone, and the request begins anew at the one that serves now, under the same reference.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_follows_the_phone_to_another_node() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    let armed = gateway.deferred().arm(&gateway, soon(1)).await.unwrap();
    let restart = Some(LcsTerminationCause::MT_LR_RESTART);
    let available = DeferredLocationType::UE_AVAILABLE;
    let moved = move |lrr: &mut Lrr<'_>| lrr.deferred_mt_lr_data = Some(data(available, restart));
    assert_eq!(lab.report(armed.reference.0, moved).await, 2001);
    lab.until(|lab| lab.asked().len() == 2).await;
    let again = (LocationType::ActivateDeferred, Some(armed.reference.0), Some(available.0));
    assert_eq!(lab.asked()[1], again);
    assert_eq!(lab.news(), []);
    // The node gives up.
    let privacy = Some(LcsTerminationCause::PRIVACY_VIOLATION);
    let ended = move |lrr: &mut Lrr<'_>| lrr.deferred_mt_lr_data = Some(data(available, privacy));
    assert_eq!(lab.report(armed.reference.0, ended).await, 2001);
    let News::End(end) = lab.news()[0].clone() else { panic!("a report") };
    assert_eq!(end.reason, EndReason::Terminated(lcs::TerminationCause::PrivacyViolation));
    gateway.0.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn periodic_reports_go_by_the_numbers_of_the_node() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    let periodic = LdrRequest { event: DeferredEvent::Periodic { interval_s: 10, amount: 2 }, ..soon(1) };
    let armed = gateway.deferred().arm(&gateway, periodic).await.unwrap();
    let numbered = |number| {
        move |lrr: &mut Lrr<'_>| {
            lrr.deferred_mt_lr_data = Some(data(DeferredLocationType::PERIODIC, None));
            lrr.reporting_amount = ReportingAmount::new(number);
            lrr.location_estimate = Some(diameter::Octets(&[0x00, 0x4A, 0xB1, 0x7C, 0x09, 0x88, 0x2E]));
        }
    };
    for number in [1, 1, 2] {
        assert_eq!(lab.report(armed.reference.0, numbered(number)).await, 2001);
    }
    assert_eq!(lab.report(armed.reference.0, numbered(2)).await, 4226);
    let news = lab.news();
    let told: Vec<_> =
        news.iter().map(reported).map(|report| (report.number, report.fix.is_some(), report.last)).collect();
    assert_eq!(told, [(1, true, false), (2, true, true)]);
    gateway.0.stop().await.unwrap();
}

/// F-16: a position is wanted with the event, the network has none, and the event is told all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_whose_position_cannot_be_had_is_told_without() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    let areas = vec![TargetArea::Plmn(PlmnId::new("001", "01").unwrap())];
    let reporting = Reporting { estimate_wanted: true, ..Reporting::ONCE };
    let event = DeferredEvent::Area { event: AreaEvent::Leaving, areas, reporting };
    let armed = gateway.deferred().arm(&gateway, LdrRequest { event, ..soon(1) }).await.unwrap();
    assert_eq!(lab.report(armed.reference.0, happened(LEFT)).await, 2001);
    lab.until(|lab| !lab.news().is_empty()).await;
    // The node was asked once more, for the current location, and told none.
    assert_eq!(lab.asked()[1].0, LocationType::Current);
    let news = lab.news();
    let told = reported(&news[0]);
    assert_eq!((&told.fix, told.missing, told.last), (&None, Some(Failure::PositioningFailed), true));
    gateway.0.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_of_areas_are_read_again_without_an_end_to_what_is_armed() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    let network = &gateway.network;
    assert!(network.reload_areas(&crate::config::Areas::default()).is_none(), "none is configured");
    let school = |name| {
        let (areas, reporting) = (vec![TargetArea::Named("school".into())], Reporting::ONCE);
        LdrRequest { event: DeferredEvent::Area { event: AreaEvent::Leaving, areas, reporting }, ..soon(name) }
    };
    assert_eq!(gateway.deferred().arm(&gateway, school(1)).await, Err(Failure::OutsideCoverage));

    let file = |name: &str, text: &str| {
        let path = lab.directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        Some(path)
    };
    let names = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"school","radius_m":100},
        "geometry":{"type":"Point","coordinates":[13.4,52.5]}}]}"#;
    let config = crate::config::Areas {
        cell_table_file: file("cells.csv", "LTE,1,1,7,1,0,13.4,52.5,1000,1,1,0,0,0\n"),
        names_file: file("names.json", names),
        ..crate::config::Areas::default()
    };
    let loaded = network.reload_areas(&config).unwrap().unwrap();
    assert_eq!((loaded.cells, loaded.names), (1, 1));
    let armed = gateway.deferred().arm(&gateway, school(2)).await.unwrap();
    file("cells.csv", "LTE,1,1,7,1,0,13.4,95,1000,1,1,0,0,0\n");
    let wrong = format!("{:#}", network.reload_areas(&config).unwrap().unwrap_err());
    assert!(wrong.contains("cells.csv") && wrong.contains("line 1"), "{wrong}");
    gateway.deferred().arm(&gateway, school(3)).await.unwrap();
    assert_eq!(lab.report(armed.reference.0, happened(LEFT)).await, 2001);
    gateway.0.stop().await.unwrap();
}

/// TS 23.271 clause 9.1.19.1 step 2: the network that serves is in the list, first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_is_told_where_the_phone_may_report() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    gateway.deferred().arm(&gateway, leaving(1, true)).await.unwrap();
    gateway.deferred().arm(&gateway, soon(2)).await.unwrap();
    // 001-01, 262-01, 310-410.
    let listed = vec![[0x00, 0xF1, 0x10], [0x62, 0xF2, 0x10], [0x13, 0x00, 0x14]];
    assert_eq!(*lab.seen.plmns.lock().unwrap(), [Some(listed), None]);
    gateway.0.stop().await.unwrap();
}

/// OMA MLP section 5.3.80: the request ends with so many reports, and the node is told, also after a restart in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_reports_end_a_request_also_after_a_restart() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    let asked = leaving(1, true);
    let DeferredEvent::Area { event, areas, reporting } = asked.event.clone() else { panic!("an area") };
    let event = DeferredEvent::Area { event, areas, reporting: Reporting { most: Some(2), ..reporting } };
    let armed = gateway.deferred().arm(&gateway, LdrRequest { event, ..asked }).await.unwrap();
    assert_eq!(lab.report(armed.reference.0, happened(LEFT)).await, 2001);
    gateway.0.stop().await.unwrap();
    let gateway = lab.start().await;
    // The second comes at once, and is told when the least time has passed.
    assert_eq!(lab.report(armed.reference.0, happened(LEFT)).await, 2001);
    lab.until(|lab| lab.asked().len() == 2 && gateway.deferred().index.len() == 0).await;
    assert_eq!(lab.asked()[1].0, LocationType::CancelDeferred);
    let numbers: Vec<_> = lab.news().iter().map(reported).map(|report| (report.number, report.last)).collect();
    assert_eq!(numbers, [(1, false), (2, true)], "and no end beside the last");
    assert_eq!(lab.report(armed.reference.0, happened(LEFT)).await, 4226);
    gateway.0.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_it_is_paused_nothing_leaves_and_a_restart_does_not_end_that() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    let armed = gateway.deferred().arm(&gateway, leaving(1, false)).await.unwrap();
    let somebody = Identities { imsi: Imsi::parse("001010000000002").ok(), ..Identities::default() };
    let (one, nobody) = ((Some(armed.id), None), (Some(armed.id), Some(&somebody)));
    let by = Pauser::Subscriber;
    assert_eq!(gateway.deferred().pause(&gateway, nobody, (by, true)).await, Ok(0), "of somebody else");
    assert_eq!(gateway.deferred().pause(&gateway, one, (by, true)).await, Ok(1));
    let recorded = gateway.log.durable();
    assert_eq!(lab.report(armed.reference.0, happened(LEFT)).await, 2001);
    gateway.0.stop().await.unwrap();
    let gateway = lab.start().await;
    let stands = gateway.deferred().query("fleet", armed.id).await.unwrap();
    assert_eq!((stands.phase, stands.paused, stands.reports), (Phase::Resting, true, 0));
    assert_eq!(gateway.log.durable(), recorded, "nothing was disclosed");

    // The node had told all that it was to tell: it is asked anew.
    assert_eq!(gateway.deferred().pause(&gateway, one, (by, false)).await, Ok(1));
    lab.until(|lab| lab.asked().len() == 2).await;
    assert_eq!(lab.asked()[1].0, LocationType::ActivateDeferred);
    assert_eq!(lab.report(armed.reference.0, happened(LEFT)).await, 2001);
    let news = lab.news();
    let told = |paused, change| {
        let (id, reference) = (armed.id, armed.reference);
        News::Paused(LdrPause { id, reference, paused, after: 0, change })
    };
    assert_eq!(news[..2], [told(true, 1), told(false, 2)]);
    assert_eq!((news.len(), reported(&news[2]).number, reported(&news[2]).last), (3, 1, true));
    gateway.0.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_is_what_was_asked() {
    let lab = Lab::new().await;
    let gateway = lab.start().await;
    let start = Some(crate::clock::now().after(Duration::from_secs(600)));
    let later = LdrRequest { start, ..leaving(1, true) };
    let armed = gateway.deferred().arm(&gateway, later.clone()).await.unwrap();
    assert_eq!(lab.asked(), [], "no node is asked before it begins");
    assert_eq!(gateway.deferred().query("fleet", armed.id).await.unwrap().phase, Phase::Resting);
    let kept = gateway.deferred().rows.request(armed.id).await.unwrap().unwrap();
    assert_eq!(kept, later);
    gateway.0.stop().await.unwrap();
}
