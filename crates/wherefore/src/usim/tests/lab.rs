//! A gateway, a node that is home register and MME in one, and a phone.

use super::phone::{Centre, Phone, keys};
use crate::config::Config;
use crate::core::Core;
use crate::ldr::{Armed, Deferred, LdrNews, Outbox, testing};
use crate::profile::ProfileBody;
use crate::serve::{self, Running, start_with};
use crate::store::{CardRecord, Store, StoreError};
use crate::usim::FromCards;
use diameter::base::Origin;
use diameter::codec::{ApplicationId, CommandCode, Message, Outcome};
use diameter::slg::Pla;
use diameter::slh::Ria;
use futures_util::future::BoxFuture;
use gmlc::{LdrEnd, LdrReport, LdrRequest, ReportedEvent};
use lcs::{
    Address, AreaEvent, DeferredEvent, Duration, Identities, Imsi, Msisdn, NodeKind, PlmnId, Reporting, RoutingInfo,
    ServingNode, TargetArea,
};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use transport::{Answer, Application, Handler, Listen, Node, NodeConfig, PeerInfo, Transport, UnknownPeers};
use usat::packet::Counter;

const REALM: &str = "epc.mnc001.mcc001.3gppnetwork.org";
const MME: &str = "mme1.epc.mnc001.mcc001.3gppnetwork.org";
const GMLC: &str = "gmlc.epc.mnc001.mcc001.3gppnetwork.org";
pub(super) const NUMBER: &str = "99900000001";
pub(super) const IMSI: &str = "001010000000001";
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn identities() -> Identities {
    Identities { imsi: Imsi::parse(IMSI).ok(), msisdn: Msisdn::parse(NUMBER).ok(), imei: None }
}

/// A home register, whose subscriber is served by an MSC, or by an MME that waits for everything.
#[derive(Clone, Default)]
struct Network(Arc<Seen>);

#[derive(Default)]
struct Seen {
    mme: AtomicBool,
    asked: AtomicUsize,
}

impl Handler for Network {
    async fn handle(&self, request: Message, _: PeerInfo) -> Answer {
        let origin = Origin { host: MME, realm: REALM };
        if request.header.command != CommandCode::LCS_ROUTING_INFO {
            let plr = diameter::slg::ReceivedPlr::decode(&request).unwrap();
            if plr.location_type == lcs::LocationType::ActivateDeferred {
                self.0.asked.fetch_add(1, Ordering::SeqCst);
            }
            return Answer::encode(|out| Pla::to(&request, origin, Outcome::Success).encode(request.header, out));
        }
        let mme = NodeKind::Mme { name: MME.to_owned(), realm: REALM.to_owned() };
        let msc = NodeKind::Msc { number: Address::international("+99912340009").unwrap() };
        let kind = if self.0.mme.load(Ordering::SeqCst) { mme } else { msc };
        let nodes = [ServingNode { kind, capabilities: None, v_gmlc: None }].into();
        let route = RoutingInfo { identities: identities(), nodes, h_gmlc: None, ppr: None, optimised_lcs: false };
        Answer::encode(|out| {
            Ria::to(&request, origin, Outcome::Success).with_routing(&route).encode(request.header, out)
        })
    }
}

/// An outbox in memory, which fails when told to.
#[derive(Default)]
struct Kept {
    news: Mutex<Vec<LdrNews>>,
    fails: AtomicBool,
}

impl Outbox for Kept {
    fn put<'a>(&'a self, _: &'a LdrRequest, news: &'a LdrNews) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async {
            if self.fails.load(Ordering::SeqCst) {
                return Err(StoreError::Seal);
            }
            self.news.lock().unwrap().push(match news {
                LdrNews::Report(report) => LdrNews::Report(report.clone()),
                LdrNews::End(end) => LdrNews::End(*end),
                LdrNews::Paused(_) => return Ok(()),
            });
            Ok(())
        })
    }
}

pub(super) struct Lab {
    directory: tempfile::TempDir,
    node: Node,
    seen: Arc<Seen>,
    outbox: Arc<Kept>,
    pub(super) phone: Arc<Mutex<Phone>>,
    centre: Mutex<Option<Arc<Centre>>>,
}

/// A gateway that runs.
pub(super) struct Gateway {
    running: Running,
    pub(super) from_cards: FromCards,
}

impl std::ops::Deref for Gateway {
    type Target = Arc<Core>;

    fn deref(&self) -> &Self::Target {
        self.running.core()
    }
}

impl Gateway {
    pub(super) fn deferred(&self) -> &Arc<Deferred> {
        self.deferred.as_ref().unwrap()
    }

    pub(super) fn core(&self) -> Arc<Core> {
        Arc::clone(self)
    }

    pub(super) async fn stop(self) {
        self.running.stop().await.unwrap();
    }
}

impl Lab {
    pub(super) async fn new() -> Self {
        rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let network = Network::default();
        let mut config = NodeConfig::new(MME, REALM);
        config.applications = vec![Application::tgpp(ApplicationId::SLG), Application::tgpp(ApplicationId::SLH)];
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        config.listen = vec![Listen { address, transport: Transport::Tcp }];
        config.limits.unknown_peers = UnknownPeers::Accept;
        let node = Node::start(config, network.clone()).await.unwrap();
        let phone = Arc::new(Mutex::new(Phone::new(7)));
        let directory = tempfile::tempdir().unwrap();
        let (outbox, centre) = (Arc::default(), Mutex::default());
        let lab = Self { directory, node, seen: network.0, outbox, phone, centre };
        let config = lab.config();
        crate::config::create_private(&config.admin.token_file, b"0123456789abcdef0123456789abcdef").unwrap();
        let store = Store::open(&config.store).await.unwrap();
        store.put_profile(&identities(), &profile("allowed"), None).await.unwrap();
        let imsi = Imsi::parse(IMSI).unwrap();
        let card = CardRecord { imsi, iccid: None, keys: keys(7), tar: None, sent: Counter::default() };
        store.put_cards(&[card]).await.unwrap();
        store.close().await;
        lab
    }

    fn config(&self) -> Config {
        let address = self.node.local_addrs()[0];
        let free = "listen = '127.0.0.1:0'";
        let text = format!(
            "[gateway]\nname = 'lab'\ngmlc_number = '+99912340000'\ncountry_codes = [999]\nhome_plmns = ['00101']\n\
             [mlp]\n{free}\n[admin]\n{free}\n[metrics]\nenabled = false\n[log]\nsegment_mib = 1\n\
             [deferred]\ngmlc_address = '192.0.2.10'\n[usim]\nenabled = true\n\
             [diameter]\norigin_host = '{GMLC}'\norigin_realm = '{REALM}'\naccept = false\n\
             [diameter.timers]\nreconnect_s = 1\n\
             [[diameter.peer]]\nhost = '{MME}'\nrealm = '{REALM}'\nrole = 'relay'\naddress = '{address}'\n"
        );
        let mut config = Config::parse(&text).unwrap();
        config.place(self.directory.path());
        config
    }

    pub(super) async fn start(&self, change: impl FnOnce(&mut Config)) -> Gateway {
        let mut config = self.config();
        change(&mut config);
        let outbox: Arc<dyn Outbox> = self.outbox.clone();
        let from_cards = FromCards::default();
        let phone = Arc::clone(&self.phone);
        let centre = Centre::new(Msisdn::parse(NUMBER).unwrap(), phone, from_cards.clone());
        *self.centre.lock().unwrap() = Some(Arc::clone(&centre));
        let number = Address::international("+99912340000").unwrap();
        let centre = serve::Centre { centre, number, from_cards: from_cards.clone() };
        let running = start_with(config, Arc::default(), |_| Some(outbox), Some(centre)).await.unwrap();
        let gateway = Gateway { running, from_cards };
        tokio::time::timeout(PATIENCE, gateway.network.node().wait_usable(1)).await.unwrap();
        gateway
    }

    /// The centre of the gateway that runs.
    pub(super) fn centre(&self) -> Arc<Centre> {
        self.centre.lock().unwrap().clone().unwrap()
    }

    /// What the subscriber allows the client.
    pub(super) async fn set(&self, gateway: &Gateway, setting: &str) {
        let profile = profile(setting);
        let compiled = profile.compile().unwrap();
        gateway.store.put_profile(&identities(), &profile, None).await.unwrap();
        let stored = gateway.store.profile(&identities()).await.unwrap().unwrap();
        gateway.ppr.register().put(&stored.subscriber, &compiled).unwrap();
    }

    pub(super) fn serve_by_mme(&self, mme: bool) {
        self.seen.mme.store(mme, Ordering::SeqCst);
    }

    pub(super) fn nodes_asked(&self) -> usize {
        self.seen.asked.load(Ordering::SeqCst)
    }

    pub(super) fn outbox_fails(&self, fails: bool) {
        self.outbox.fails.store(fails, Ordering::SeqCst);
    }

    pub(super) fn news_count(&self) -> usize {
        self.outbox.news.lock().unwrap().len()
    }

    pub(super) fn take_news(&self) -> Vec<LdrNews> {
        std::mem::take(&mut *self.outbox.news.lock().unwrap())
    }

    /// Waits until something holds.
    pub(super) async fn until(&self, holds: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !holds(self) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it did not come to hold");
    }

    /// Waits until nothing is kept of any request.
    pub(super) async fn until_none(&self, gateway: &Gateway) {
        let waiting = async {
            while !gateway.deferred().page(None, 1).await.is_empty() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("a request is still kept");
    }
}

fn profile(setting: &str) -> ProfileBody {
    let text = format!(r#"{{"unrelated": {{"clients": [{{"number": "+4930100", "setting": "{setting}"}}]}}}}"#);
    serde_json::from_str(&text).unwrap()
}

/// A request about the network 001-01.
pub(super) fn event(name: u8, multiple: bool, event: AreaEvent) -> LdrRequest {
    let areas = vec![TargetArea::Plmn(PlmnId::new("001", "01").unwrap())];
    let reporting = Reporting { multiple, ..Reporting::ONCE };
    let event = DeferredEvent::Area { event, areas, reporting };
    let stop = crate::clock::now().after(Duration::from_secs(36_000));
    LdrRequest { event, stop, ..testing::request(name, NUMBER) }
}

pub(super) fn leaving(name: u8, multiple: bool) -> LdrRequest {
    event(name, multiple, AreaEvent::Leaving)
}

/// A report without a position.
pub(super) fn news_word(armed: &Armed, number: u32, event: AreaEvent, last: bool) -> LdrNews {
    LdrNews::Report(LdrReport {
        id: armed.id,
        reference: armed.reference,
        number,
        event: ReportedEvent::Area(event),
        at: crate::clock::now(),
        fix: None,
        missing: None,
        last,
    })
}

/// When it was told is not compared.
impl PartialEq for LdrNews {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Report(a), Self::Report(b)) => *a == LdrReport { at: a.at, ..b.clone() },
            (Self::End(a), Self::End(b)) => *a == LdrEnd { at: a.at, ..*b },
            (Self::Report(_) | Self::End(_) | Self::Paused(_), _) => false,
        }
    }
}
