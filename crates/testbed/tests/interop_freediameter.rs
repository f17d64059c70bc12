//! freeDiameter between a gateway's node and the simulated network: requests and answers pass through a relay agent.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, outside of test functions"
)]

mod interop;
mod support;

use diameter::base::{DisconnectCause, Origin};
use diameter::codec::{ApplicationId, Message};
use diameter::dictionary as avp;
use diameter::peer::WatchdogState;
use diameter::slg::{Envelope, LocationEvent, Lrr, Pla, Plr};
use diameter::slh::{Ria, Rir};
use interop::freediameter::{self, Relay};
use lcs::{
    ClientName, FormatIndicator, Identities, Imsi, LcsClientType, LocationType, Msisdn, NodeKind, PositioningOutcome,
    PrivacyIndicators, PrivacySetting,
};
use std::time::Duration;
use support::{HEAD, HSS, MME, REALM, Reports, TIMEOUT, imsi, msisdn, subscriber};
use testbed::{Network, NetworkOptions, scenario::Scenario};
use tokio::sync::mpsc::UnboundedReceiver;
use transport::{Application, Destination, NoCommands, Node, NodeConfig, PeerConfig, RequestError};

const GMLC: Origin<'static> = Origin { host: "gmlc.test", realm: "test" };

/// A network of an HSS and an MME that the tests do not speak to.
const HEAD_OF_HSS: &str = "
[network]
realm = 'epc.mnc001.mcc001.3gppnetwork.org'
control = '127.0.0.1:0'
[hss]
host = 'hss.epc.mnc001.mcc001.3gppnetwork.org'
listen = '127.0.0.1:0'
[[mme]]
name = 'mme-9'
host = 'mme9.epc.mnc001.mcc001.3gppnetwork.org'
listen = '127.0.0.1:0'
";

struct Lab {
    network: Network,
    relay: Relay,
    gateway: Node,
    reports: UnboundedReceiver<Message>,
}

/// The network behind the relay, the gateway before it; `None` if there is no freeDiameter here.
async fn lab(test: &str, scenario: &str) -> Option<Lab> {
    if let Some(missing) = freediameter::missing() {
        interop::skip(test, missing);
        return None;
    }
    let scenario = Scenario::parse(scenario).unwrap();
    let network = Network::start(&scenario, NetworkOptions::default()).await.unwrap();
    let addresses = network.addresses();
    let mut nodes = vec![(HSS, REALM, addresses[0].1)];
    for mme in &scenario.mmes {
        let (_, address) = addresses.iter().find(|(name, _)| *name == mme.name).unwrap();
        nodes.push((&mme.host, mme.realm.as_deref().unwrap_or(REALM), *address));
    }
    let mut relay = Relay::start(&nodes);
    // Each node has the relay as its peer before anything is asked of it.
    tokio::time::timeout(interop::PATIENCE, network.connected()).await.expect("the relay connects to the network");
    let (sender, reports) = tokio::sync::mpsc::unbounded_channel();
    let gateway = Node::start(gateway(&relay), Reports(sender)).await.unwrap();
    relay.opened(&gateway).await;
    Some(Lab { network, relay, gateway, reports })
}

fn gateway(relay: &Relay) -> NodeConfig {
    let mut config = NodeConfig::new(GMLC.host, GMLC.realm);
    config.applications = [ApplicationId::SLH, ApplicationId::SLG].map(Application::tgpp).to_vec();
    config.peers = vec![PeerConfig::initiate(freediameter::HOST, freediameter::REALM, relay.address).relay()];
    config
}

impl Lab {
    /// RIR and RIA (TS 29.173 clause 6.2).
    async fn route(&self, target: Identities, host: Option<&'static str>) -> Result<Message, RequestError> {
        let session = self.gateway.session_id();
        let mut rir = Rir::new(&session, GMLC, REALM, target);
        rir.destination_host = host;
        let to = Destination::new(host, REALM);
        self.gateway.request(ApplicationId::SLH, to, |ids, out| rir.encode(ids, out), TIMEOUT).await
    }

    /// PLR and PLA (TS 29.172 clause 7.3).
    async fn locate(&self, n: u8, setting: PrivacySetting, host: &str, realm: &str) -> Result<Message, RequestError> {
        let session = self.gateway.session_id();
        let (origin, destination_host, destination_realm) = (GMLC, host, realm);
        let envelope = Envelope { session_id: &session, origin, destination_host, destination_realm };
        let indicators = PrivacyIndicators::new(setting, None).unwrap();
        let name = ClientName::new("Example Fleet", FormatIndicator::LogicalName).unwrap();
        let client = LcsClientType::ValueAdded;
        let plr = Plr::new(envelope, LocationType::Current, by_imsi(n), client, indicators, None).unwrap();
        let plr = plr.client_name(&name).velocity();
        let to = Destination::to_host(host, realm);
        self.gateway.request(ApplicationId::SLG, to, |ids, out| plr.encode(ids, out), TIMEOUT).await
    }
}

fn by_imsi(n: u8) -> Identities {
    Identities { imsi: Imsi::parse(&imsi(n)).ok(), ..Identities::default() }
}

fn by_msisdn(n: u8) -> Identities {
    Identities { msisdn: Msisdn::parse(&msisdn(n)).ok(), ..Identities::default() }
}

/// The whole of a location request: who serves the subscriber, then where they are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn routing_and_positioning_pass_through_the_relay() {
    let scenario = [HEAD.to_owned(), subscriber(1, ""), subscriber(2, "mme = 'mme-2'")].concat();
    let test = "routing_and_positioning_pass_through_the_relay";
    let Some(lab) = lab(test, &scenario).await else { return };
    assert_eq!(lab.gateway.peers()[0].product_name, "freeDiameter");
    for (n, mme, realm) in [(1, MME, REALM), (2, "mme2.epc.mnc001.mcc001.3gppnetwork.org", "visited.test")] {
        for host in [Some(HSS), None] {
            let answer = lab.route(by_msisdn(n), host).await.unwrap();
            let ria = Ria::decode(&answer).unwrap();
            assert_eq!((ria.origin_host, ria.imsi), (HSS, by_imsi(n).imsi));
            let routing = ria.routing_info().unwrap();
            let expected = NodeKind::Mme { name: mme.to_owned(), realm: realm.to_owned() };
            assert_eq!(routing.nodes[0].kind, expected);
        }
        let answer = lab.locate(n, PrivacySetting::AllowedWithNotification, mme, realm).await.unwrap();
        let pla = Pla::decode(&answer).unwrap();
        assert_eq!(pla.origin_host, mme);
        let Ok(PositioningOutcome::Fixed(fix)) = pla.positioning_outcome(LocationType::Current) else { panic!() };
        let centre = fix.shape.unwrap().centre();
        assert!((centre.lat_deg - 52.52).abs() < 1e-3 && (centre.lon_deg - 13.405).abs() < 1e-3);
    }
    // The relay added its Route-Record and nothing to the answers; the users were told.
    assert_eq!(lab.network.screens().of("sub-01").len(), 1);
    assert_eq!(lab.network.screens().of("sub-01")[0].client.as_deref(), Some("Example Fleet"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_of_both_kinds_come_back() {
    let scenario = [HEAD.to_owned(), subscriber(1, "user = { answer = 'refuses' }")].concat();
    let Some(lab) = lab("refusals_of_both_kinds_come_back", &scenario).await else { return };
    let answer = lab.locate(1, PrivacySetting::RestrictedIfNoResponse, MME, REALM).await.unwrap();
    assert_eq!(support::result(&answer), -4224, "positioning denied (TS 29.172 clause 7.5.4.4)");
    let answer = lab.route(by_msisdn(77), Some(HSS)).await.unwrap();
    assert_eq!(support::result(&answer), -5001, "user unknown (TS 29.173 clause 6.3.3.1)");
    // The relay itself answers for whom it cannot reach: the E bit is set, and the request ends at once.
    let unreachable =
        lab.locate(1, PrivacySetting::AllowedWithoutNotification, "mme.nowhere.test", "nowhere.test").await;
    assert_eq!(unreachable.unwrap_err(), RequestError::Protocol { result_code: 3002 }, "unable to deliver");
}

/// A node of the network that sends no answers, and connects to the relay as the gateway does.
async fn mme(relay: &mut Relay) -> Node {
    let mut config = NodeConfig::new(MME, REALM);
    config.applications = vec![Application::tgpp(ApplicationId::SLG)];
    config.peers = vec![PeerConfig::initiate(freediameter::HOST, freediameter::REALM, relay.address).relay()];
    let node = Node::start(config, NoCommands).await.unwrap();
    relay.opened(&node).await;
    node
}

/// Requests of the other direction: a report of an emergency call reaches the gateway and its answer goes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_reach_the_gateway() {
    let Some(mut lab) = lab("reports_reach_the_gateway", HEAD_OF_HSS).await else { return };
    let mme = mme(&mut lab.relay).await;
    let session = mme.session_id();
    let (destination_host, destination_realm) = (GMLC.host, GMLC.realm);
    let origin = Origin { host: MME, realm: REALM };
    let envelope = Envelope { session_id: &session, origin, destination_host, destination_realm };
    let lrr = Lrr::new(envelope, LocationEvent::EMERGENCY_CALL_ORIGINATION, by_imsi(1));
    let to = Destination::to_host(GMLC.host, GMLC.realm);
    let answer = mme.request(ApplicationId::SLG, to, |ids, out| lrr.encode(ids, out), TIMEOUT).await.unwrap();
    assert_eq!(support::result(&answer), 2001);
    let report = lab.reports.recv().await.unwrap();
    let passed: Vec<&str> = report.all(&avp::ROUTE_RECORD).map(|avp| avp.utf8().unwrap()).collect();
    assert_eq!(passed, [MME], "the relay notes from where a request came (RFC 6733 section 6.1.9)");
    let read = Lrr::decode(&report).unwrap();
    assert_eq!((read.origin_host, read.session_id, read.identities()), (MME, session.as_str(), by_imsi(1)));
}

/// Watchdogs of both sides are answered (RFC 6733 section 5.5), and a stop is told (section 5.4). The side with the short
/// timer asks first.
async fn watched(test: &str, ours_s: u64, theirs_s: u32) -> Option<(Relay, Node)> {
    if let Some(missing) = freediameter::missing() {
        interop::skip(test, missing);
        return None;
    }
    let mut relay = Relay::with_watchdog(theirs_s, &[]);
    let mut config = gateway(&relay);
    config.timers.watchdog = Duration::from_secs(ours_s);
    let gateway = Node::start(config, NoCommands).await.unwrap();
    relay.opened(&gateway).await;
    Some((relay, gateway))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_watchdog_is_answered_and_our_leave_taken() {
    let test = "our_watchdog_is_answered_and_our_leave_taken";
    let Some((mut relay, gateway)) = watched(test, 6, 30).await else { return };
    relay.message("RCV from", GMLC.host, "Device-Watchdog-Request");
    relay.message("SND to", GMLC.host, "Device-Watchdog-Answer");
    assert_eq!(gateway.counters().watchdogs_sent, 1);
    assert_eq!(gateway.peers()[0].watchdog, WatchdogState::Okay);
    gateway.shutdown(DisconnectCause::REBOOTING).await;
    relay.message("RCV from", GMLC.host, "Disconnect-Peer-Request");
    relay.running.line("sent a DPR with cause: REBOOTING");
    relay.message("SND to", GMLC.host, "Disconnect-Peer-Answer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_watchdog_is_answered_and_its_leave_taken() {
    let test = "its_watchdog_is_answered_and_its_leave_taken";
    let Some((mut relay, gateway)) = watched(test, 30, 6).await else { return };
    relay.message("SND to", GMLC.host, "Device-Watchdog-Request");
    relay.message("RCV from", GMLC.host, "Device-Watchdog-Answer");
    relay.running.line("DIAMETER_SUCCESS");
    assert_eq!((gateway.counters().watchdogs_sent, gateway.counters().malformed_messages), (0, 0));
    let said = relay.running.end();
    assert!(said.contains("'Disconnect-Peer-Request'") && said.contains("'Disconnect-Peer-Answer'"), "{said}");
}
