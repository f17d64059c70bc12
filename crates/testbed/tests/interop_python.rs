//! python-diameter as HSS and MME of our node, and as a gateway that asks the simulated network.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, outside of test functions"
)]

mod interop;
mod support;

use diameter::base::{DisconnectCause, Origin};
use diameter::codec::ApplicationId;
use diameter::slg::{Envelope, Lrr, Pla, Plr, ReferenceNumber};
use diameter::slh::{Ria, Rir};
use interop::{messages, python};
use lcs::gad::{Shape, ShapeSet};
use lcs::{
    ApnNi, CellIdentity, ClientName, Codeword, FormatIndicator, Identities, Imsi, LcsClientType, LocationType, Msisdn,
    NodeKind, PositioningOutcome, Priority, PrivacyIndicators, PrivacySetting, Qos, QosClass, Requestor, ResponseTime,
    ServiceType,
};
use serde_json::{Value, json};
use std::net::SocketAddr;
use support::{HEAD, HSS, MME, REALM, Reports, TIMEOUT, subscriber};
use testbed::{Network, NetworkOptions, scenario::Scenario};
use transport::{Application, Destination, LinkError, Node, NodeConfig, PeerConfig};

const GMLC: Origin<'static> = Origin { host: "gmlc.test", realm: "test" };

/// Name, flags and value of an AVP that python-diameter printed.
fn shown(tree: &Value, name: &str) -> (String, Value) {
    let avp = python::avp(tree, name).unwrap_or_else(|| panic!("{name} is not there: {tree}"));
    (avp["flags"].as_str().unwrap().to_owned(), avp["value"].clone())
}

fn inner(tree: &Value, group: &str, name: &str) -> Value {
    python::value(python::value(tree, group), name).clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_serves_our_node() {
    if let Some(missing) = python::missing() {
        interop::skip("it_serves_our_node", missing);
        return;
    }
    let (hss, mme) = (interop::free_port(), interop::free_port());
    let mut peer = python::start(&["serve", &hss.to_string(), &mme.to_string(), GMLC.host, GMLC.realm]);
    python::said(&mut peer, "ready");
    let mut config = NodeConfig::new(GMLC.host, GMLC.realm);
    config.applications = [ApplicationId::SLH, ApplicationId::SLG].map(Application::tgpp).to_vec();
    let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
    config.peers = vec![PeerConfig::initiate(HSS, REALM, at(hss)), PeerConfig::initiate(MME, REALM, at(mme))];
    // Long enough for what became of the connection to be seen.
    (config.timers.reconnect_min, config.timers.reconnect_max) = (interop::PATIENCE, interop::PATIENCE);
    let (sender, mut reports) = tokio::sync::mpsc::unbounded_channel();
    let gateway = Node::start(config, Reports(sender)).await.unwrap();
    tokio::time::timeout(interop::PATIENCE, gateway.wait_usable(2)).await.expect("both take the gateway");
    assert!(gateway.peers().iter().all(|peer| peer.product_name == "python-diameter"));

    routing(&gateway).await;
    let asked = python::said(&mut peer, "request");
    assert_eq!(asked["at"], HSS);
    assert_eq!(shown(&asked["request"], "MSISDN"), ("VM".to_owned(), json!("947110325476")));

    positioning(&gateway).await;
    let asked = python::said(&mut peer, "request");
    assert_eq!(asked["at"], MME);
    read_back(&asked["request"]);

    peer.tell("report");
    let answer = python::said(&mut peer, "answer");
    assert_eq!(python::value(&answer["answer"], "Result-Code"), &json!(2001));
    let report = reports.recv().await.unwrap();
    let report = Lrr::decode(&report).unwrap();
    assert_eq!((report.origin_host, report.imsi), (MME, Imsi::parse(messages::IMSI).ok()));
    let shape = report.estimate().fix().unwrap().unwrap().shape.unwrap();
    assert_eq!(shape.encode(), messages::SHAPES[1].1);

    peer.tell("stop");
    python::said(&mut peer, "stopped");
    for peer in gateway.peers() {
        assert!(matches!(peer.last_error, Some(LinkError::Disconnected(_))), "it said so: {:?}", peer.last_error);
    }
    gateway.shutdown(DisconnectCause::REBOOTING).await;
}

async fn routing(gateway: &Node) {
    let session = gateway.session_id();
    let target = Identities { msisdn: Msisdn::parse(messages::MSISDN).ok(), ..Identities::default() };
    let mut rir = Rir::new(&session, GMLC, REALM, target);
    rir.destination_host = Some(HSS);
    let to = Destination::to_host(HSS, REALM);
    let answer = gateway.request(ApplicationId::SLH, to, |ids, out| rir.encode(ids, out), TIMEOUT).await.unwrap();
    let ria = Ria::decode(&answer).unwrap();
    let routing = ria.routing_info().unwrap();
    assert_eq!(routing.identities.imsi, Imsi::parse(messages::IMSI).ok());
    assert_eq!(routing.nodes[0].kind, NodeKind::Mme { name: MME.to_owned(), realm: REALM.to_owned() });
}

async fn positioning(gateway: &Node) {
    let session = gateway.session_id();
    let envelope = Envelope { session_id: &session, origin: GMLC, destination_host: MME, destination_realm: REALM };
    let (unrelated, related) = (PrivacySetting::RestrictedIfNoResponse, PrivacySetting::AllowedWithNotification);
    let indicators = PrivacyIndicators::new(unrelated, Some(related)).unwrap();
    let target = Identities { imsi: Imsi::parse(messages::IMSI).ok(), ..Identities::default() };
    let apn = ApnNi::new("fleet.example").unwrap();
    let name = ClientName::new("Example Fleet", FormatIndicator::LogicalName).unwrap();
    let requestor = Requestor { text: "dispatch desk".to_owned(), format: FormatIndicator::EmailAddress };
    let codeword = Codeword::new("lighthouse".to_owned()).unwrap();
    let client = LcsClientType::ValueAdded;
    let qos = Qos {
        class: QosClass::Assured,
        horizontal_m: Some(50),
        vertical_m: Some(20),
        response_time: Some(ResponseTime::DelayTolerant),
    };
    let plr = Plr::new(envelope, LocationType::CurrentOrLastKnown, target, client, indicators, Some(&apn))
        .unwrap()
        .client_name(&name)
        .requestor(&requestor)
        .priority(Priority::Highest)
        .qos(qos)
        .velocity()
        .shapes(ShapeSet::ALL)
        .service_type(ServiceType::new(7).unwrap())
        .codeword(&codeword)
        .delayed_reporting(ReferenceNumber(17));
    let to = Destination::to_host(MME, REALM);
    let answer = gateway.request(ApplicationId::SLG, to, |ids, out| plr.encode(ids, out), TIMEOUT).await.unwrap();
    let pla = Pla::decode(&answer).unwrap();
    let Ok(PositioningOutcome::Fixed(fix)) = pla.positioning_outcome(LocationType::Current) else { panic!() };
    assert_eq!(fix.shape, Shape::decode(messages::SHAPES[1].1).ok());
    assert_eq!((fix.age_min, fix.accuracy_fulfilled), (Some(3), Some(false)));
    assert_eq!(fix.cell, Some(CellIdentity::Ecgi([0x00, 0xF1, 0x10, 0x00, 0x00, 0x01, 0x01])));
}

/// Every AVP of the request as the dictionary of python-diameter names and types it.
fn read_back(plr: &Value) {
    assert_eq!(shown(plr, "User-Name"), ("M".to_owned(), json!(messages::IMSI)));
    assert_eq!(shown(plr, "Service-Selection"), ("M".to_owned(), json!("fleet.example")));
    for (name, value) in [
        ("Slg-Location-Type", json!(1)),
        ("LCS-Client-Type", json!(1)),
        ("LCS-Priority", json!(0)),
        ("Velocity-Requested", json!(1)),
        ("Supported-GAD-Shapes", json!(ShapeSet::ALL.0)),
        ("LCS-Service-Type-ID", json!(7)),
        ("LCS-Codeword", json!("lighthouse")),
    ] {
        assert_eq!(shown(plr, name), ("VM".to_owned(), value), "{name}");
    }
    // The later ones may be passed over by who does not know them (TS 29.172 clause 7.4.1).
    assert_eq!(shown(plr, "PLR-Flags"), ("V".to_owned(), json!(4)));
    assert_eq!(shown(plr, "LCS-Reference-Number"), ("V".to_owned(), json!("11")));
    for (group, name, value) in [
        ("LCS-EPS-Client-Name", "LCS-Name-String", json!("Example Fleet")),
        ("LCS-EPS-Client-Name", "LCS-Format-Indicator", json!(0)),
        ("LCS-Requestor-Name", "LCS-Requestor-ID-String", json!("dispatch desk")),
        ("LCS-Requestor-Name", "LCS-Format-Indicator", json!(1)),
        ("LCS-Privacy-Check-Non-Session", "LCS-Privacy-Check", json!(3)),
        ("LCS-Privacy-Check-Session", "LCS-Privacy-Check", json!(1)),
        ("LCS-QoS", "LCS-QoS-Class", json!(0)),
        ("LCS-QoS", "Horizontal-Accuracy", json!(18)),
        ("LCS-QoS", "Vertical-Requested", json!(1)),
        ("LCS-QoS", "Response-Time", json!(1)),
    ] {
        assert_eq!(inner(plr, group, name), value, "{group} {name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_asks_our_network() {
    if let Some(missing) = python::missing() {
        interop::skip("it_asks_our_network", missing);
        return;
    }
    let scenario = Scenario::parse(&[HEAD.to_owned(), subscriber(1, "")].concat()).unwrap();
    let network = Network::start(&scenario, NetworkOptions::default()).await.unwrap();
    let port = |name: &str| {
        network.addresses().iter().find(|(node, _)| node == name).map(|(_, address)| address.port().to_string())
    };
    let (hss, mme) = (port("hss").unwrap(), port("mme-1").unwrap());
    let mut peer = python::start(&["ask", HSS, &hss, MME, &mme, REALM]);
    let answer = python::said(&mut peer, "answer");
    let ria = &answer["answer"];
    assert_eq!(python::value(ria, "Result-Code"), &json!(2001), "{ria}");
    assert_eq!(python::value(ria, "User-Name"), &json!("001010000000001"));
    let hex = |text: &str| text.bytes().map(|octet| format!("{octet:02x}")).collect::<String>();
    assert_eq!(inner(ria, "Serving-Node", "MME-Name"), json!(hex(MME)));
    let answer = python::said(&mut peer, "answer");
    let pla = &answer["answer"];
    assert_eq!(python::value(pla, "Result-Code"), &json!(2001));
    assert!(python::value(pla, "Location-Estimate").is_string());
    // 4 is "not allowed": denied, as a result of 3GPP.
    let answer = python::said(&mut peer, "answer");
    assert_eq!(inner(&answer["answer"], "Experimental-Result", "Experimental-Result-Code"), json!(4224));
    python::said(&mut peer, "stopped");
    network.stop().await;
}
