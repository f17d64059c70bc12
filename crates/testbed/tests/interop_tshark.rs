//! Wireshark's dissector on captures of our traffic: nothing malformed, nothing unknown, every value as it was sent.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, outside of test functions"
)]

mod interop;
mod support;

use diameter::base::{DisconnectCause, Origin};
use diameter::codec::{ApplicationId, Identifiers};
use diameter::slg::{Envelope, Plr};
use interop::messages;
use interop::pcap::{self, Capture, Way};
use interop::tshark::{self, Dissected, Dissection};
use lcs::gad::Shape;
use lcs::{
    ClientName, FormatIndicator, Identities, Imsi, LcsClientType, LocationType, PrivacyIndicators, PrivacySetting,
};
use support::{HEAD, HSS, MME, REALM, Reports, TIMEOUT, imsi, subscriber};
use testbed::{Network, NetworkOptions, scenario::Scenario};
use transport::{Application, Destination, Node, NodeConfig, PeerConfig};

/// An empty LCS-EPS-Client-Name is what the grammar asks for of a client without a name (TS 29.172 clauses 7.3.1 and
/// 7.4.3: the group is mandatory, both members are not); the dissector has nothing to read in it.
const EMPTY_NAME: &str =
    "AVP: LCS-EPS-Client-Name(2501) l=12 f=VM- vnd=TGPP / [Expert Info (Warning/Undecoded): Data is empty]";

/// Dissects messages sent by the gateway and by others; nothing is doubtful but so many empty names.
fn dissect(messages: &[(&'static str, Vec<u8>)], empty_names: usize) -> Vec<Dissected> {
    let capture = Capture::default();
    for (_, octets) in messages {
        // Requests of the gateway and of a node, and their answers, as two connections of a listening node.
        let header = messages::read(octets).header;
        let report = header.command == diameter::codec::CommandCode::LOCATION_REPORT;
        let way = if header.is_request() != report { Way::ToServer } else { Way::ToClient };
        capture.add(1, way, octets);
    }
    let Dissection { messages: read, doubts } = tshark::dissect(&capture);
    assert_eq!(doubts, vec![EMPTY_NAME; empty_names]);
    assert_eq!(read.len(), messages.len());
    read
}

fn check(dissected: &Dissected, fields: &[(&str, &[&str])]) {
    for (field, values) in fields {
        assert_eq!(dissected.all(field), *values, "{field}");
    }
}

/// Octets as the dissector writes them.
fn octets(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(":")
}

#[test]
fn base_messages_read_as_sent() {
    if let Some(missing) = tshark::missing() {
        return interop::skip("base_messages_read_as_sent", missing);
    }
    let read = dissect(&messages::base(), 0);
    let [cer, cea, dwr, dwa, dpr, dpa] = &read[..] else { panic!() };
    for (message, code) in [(cer, "257"), (cea, "257"), (dwr, "280"), (dwa, "280"), (dpr, "282"), (dpa, "282")] {
        check(message, &[("cmd.code", &[code]), ("applicationId", &["0"])]);
        assert_eq!(message.all("Origin-Host").len(), 1);
    }
    let applications: &[(&str, &[&str])] =
        &[("Product-Name", &["Wherefore"]), ("Supported-Vendor-Id", &["10415"]), ("Origin-State-Id", &["1700000000"])];
    check(cer, applications);
    check(cea, applications);
    check(cer, &[("Auth-Application-Id", &["4294967295", "16777255", "16777291"]), ("Inband-Security-Id", &["0"])]);
    check(cea, &[("Auth-Application-Id", &["16777255", "16777291"]), ("Result-Code", &["2001"])]);
    check(dpr, &[("Disconnect-Cause", &["0"])]);
    for answer in [dwa, dpa] {
        check(answer, &[("Result-Code", &["2001"])]);
    }
}

#[test]
fn routing_information_reads_as_sent() {
    if let Some(missing) = tshark::missing() {
        return interop::skip("routing_information_reads_as_sent", missing);
    }
    let read = dissect(&messages::slh(), 0);
    let [rir, ria, unknown] = &read[..] else { panic!() };
    check(
        rir,
        &[
            ("cmd.code", &["8388622"]),
            ("applicationId", &["16777291"]),
            ("Session-Id", &[messages::SESSION]),
            ("Auth-Session-State", &["1"]),
            ("User-Name", &[messages::IMSI]),
            ("e164.msisdn", &[messages::MSISDN]),
            ("Destination-Host", &[messages::HSS.host]),
            ("Route-Record", &[messages::GMLC.host]),
            ("Proxy-Host", &["dra.example.net"]),
            ("Proxy-State", &["01:02:03:04:05"]),
        ],
    );
    check(
        ria,
        &[
            ("Result-Code", &["2001"]),
            ("LMSI", &["01:02:03:04"]),
            ("MME-Name", &[messages::MME.host]),
            ("MME-Realm", &[messages::MME.realm]),
            ("SGSN-Name", &["sgsn.example.net"]),
            ("SGSN-Realm", &["example.net"]),
            ("3GPP-AAA-Server-Name", &["aaa.example.net"]),
            ("LCS-Capabilities-Sets", &["31"]),
            ("RIA-Flags", &["1"]),
            ("GMLC-Address.IPv4", &["192.0.2.7", "192.0.2.8"]),
            ("PSR-Address.IPv4", &["192.0.2.9"]),
        ],
    );
    check(unknown, &[("Experimental-Result-Code", &["5001"]), ("Vendor-Id", &["10415"]), ("Result-Code", &[])]);
}

#[test]
fn the_profile_for_an_old_node_reads_as_sent() {
    if let Some(missing) = tshark::missing() {
        return interop::skip("the_profile_for_an_old_node_reads_as_sent", missing);
    }
    let read = dissect(&messages::s6a(), 0);
    let [idr] = &read[..] else { panic!() };
    check(
        idr,
        &[
            ("cmd.code", &["319"]),
            ("applicationId", &["16777251"]),
            ("User-Name", &[messages::IMSI]),
            ("SS-Code", &["b2", "c1"]),
            ("SS-Status", &["05", "05"]),
            ("Notification-To-UE-User", &["3", "0", "1"]),
            ("Client-Identity", &["94:09:00:00:00:20"]),
            ("GMLC-Restriction", &["1", "0"]),
            ("PLMN-Client", &["1"]),
            ("ServiceTypeIdentity", &["16"]),
        ],
    );
}

#[test]
fn consent_and_job_of_mdt_read_as_sent() {
    if let Some(missing) = tshark::missing() {
        return interop::skip("consent_and_job_of_mdt_read_as_sent", missing);
    }
    let read = dissect(&messages::s6a_mdt(), 0);
    let [not_given, given, job] = &read[..] else { panic!() };
    for (message, consent) in [(not_given, "0"), (given, "1"), (job, "1")] {
        check(
            message,
            &[
                ("cmd.code", &["319"]),
                ("applicationId", &["16777251"]),
                ("User-Name", &[messages::IMSI]),
                ("Destination-Host", &[messages::MME.host]),
                ("MDT-User-Consent", &[consent]),
            ],
        );
    }
    check(
        job,
        &[
            ("Trace-Reference", &["32:f4:51:00:00:01"]),
            ("Trace-Depth", &["0"]),
            ("Trace-NE-Type-List", &["00:02"]),
            ("Trace-Event-List", &["00:00:00:00"]),
            ("Trace-Collection-Entity.IPv4", &["192.0.2.7"]),
            ("Job-Type", &["1"]),
            ("E-UTRAN-Cell-Global-Identity", &["32:f4:51:00:00:01:01"]),
            ("Tracking-Area-Identity", &["32:f4:51:00:07"]),
            ("Logging-Interval", &["2"]),
            ("Logging-Duration", &["5"]),
            ("MDT-Allowed-PLMN-Id", &["32:f4:51", "62:f2:20"]),
        ],
    );
}

#[test]
fn a_request_for_a_position_reads_as_sent() {
    if let Some(missing) = tshark::missing() {
        return interop::skip("a_request_for_a_position_reads_as_sent", missing);
    }
    // The deferred request comes from a client of the operator, which has no name.
    let read = dissect(&messages::positioning(), 1);
    let [plr, pla, denied, missing, deferred, shapes @ ..] = &read[..] else { panic!() };
    check(
        plr,
        &[
            ("cmd.code", &["8388620"]),
            ("applicationId", &["16777255"]),
            ("Slg-Location-Type", &["1"]),
            ("User-Name", &[messages::IMSI]),
            ("e164.msisdn", &[messages::MSISDN]),
            ("IMEI", &[messages::IMEI]),
            ("LCS-Name-String", &["Example Fleet"]),
            ("LCS-Requestor-ID-String", &["dispatch desk"]),
            ("LCS-Format-Indicator", &["0", "2"]),
            ("LCS-Client-Type", &["1"]),
            ("LCS-Priority", &["0"]),
            ("LCS-QoS-Class", &["0"]),
            ("Horizontal-Accuracy", &["18"]),
            ("Vertical-Accuracy", &["14"]),
            ("Vertical-Requested", &["1"]),
            ("Response-Time", &["0"]),
            ("Velocity-Requested", &["1"]),
            ("Supported-GAD-Shapes", &["2047"]),
            ("LCS-Service-Type-ID", &["7"]),
            ("LCS-Codeword", &["lighthouse"]),
            // Outside sessions restricted without a response, inside one allowed with notification.
            ("LCS-Privacy-Check", &["3", "1"]),
            ("Service-Selection", &["fleet.example"]),
            ("LCS-Reference-Number", &["11"]),
            ("PLR-Flags", &["4"]),
        ],
    );
    check(
        pla,
        &[
            ("Result-Code", &["2001"]),
            ("Accuracy-Fulfilment-Indicator", &["1"]),
            ("Age-Of-Location-Estimate", &["12"]),
            ("Velocity-Estimate", &["31:10:00:5a:05:0a:02"]),
            ("ECGI", &["00:f1:10:00:00:01:01", "00:f1:10:00:00:01:02"]),
            ("Cell-Global-Identity", &["00:f1:10:00:01:00:02"]),
            ("Service-Area-Identity", &["00:f1:10:00:01:00:03"]),
            ("PLA-Flags", &["5"]),
            ("Barometric-Pressure", &["101325"]),
            ("Civic-Address", &["<civicAddress><country>DE</country></civicAddress>"]),
        ],
    );
    check(denied, &[("Experimental-Result-Code", &["4224"]), ("Location-Estimate", &[])]);
    check(missing, &[("Result-Code", &["5005"]), ("LCS-Client-Type", &["0"])]);
    check(
        deferred,
        &[
            ("Deferred-Location-Type", &["18"]),
            ("Area-Type", &["6", "7", "1"]),
            ("Area-Identification", &["00:f1:10:00:01", "00:f1:10:00:00:01:01", "00:f1:10"]),
            ("Occurrence-Info", &["1", "0"]),
            ("Linear-Distance", &["500"]),
            ("Reporting-Amount", &["3"]),
            ("Reporting-Interval", &["60"]),
            ("Visited-PLMN-Id", &["00:f1:10"]),
            ("GMLC-Address.IPv4", &["192.0.2.8"]),
        ],
    );
    assert_eq!(shapes.len(), messages::SHAPES.len());
    shapes.iter().zip(messages::SHAPES).for_each(|(read, (kind, sent))| shape(read, *kind, sent));
}

/// The shape's codes, as our decoder and the dissector read them.
fn shape(read: &Dissected, kind: u8, sent: &[u8]) {
    check(read, &[("Location-Estimate", &[&octets(sent)]), ("gsm_a.gad.location_estimate", &[&kind.to_string()])]);
    let (points, single) = match Shape::decode(sent).unwrap() {
        Shape::Polygon(polygon) => (polygon.points().to_vec(), false),
        Shape::Point(point) | Shape::Circle(point, _) | Shape::Ellipse(point, _) => (vec![point], true),
        Shape::PointAltitude(point, _) | Shape::AltitudeEllipsoid(point, ..) => (vec![point], true),
        Shape::Arc { point, .. } => (vec![point], true),
        other => panic!("{other:?}"),
    };
    let decimal = |codes: Vec<i64>| codes.iter().map(ToString::to_string).collect::<Vec<_>>();
    let latitudes = decimal(points.iter().map(|point| i64::from(point.latitude.code() & 0x7F_FFFF)).collect());
    let longitudes = decimal(points.iter().map(|point| i64::from(point.longitude.code())).collect());
    assert_eq!(read.all("gsm_a.gad.deg_of_latitude"), latitudes);
    assert_eq!(read.all("gsm_a.gad.deg_of_longitude"), longitudes);
    assert_eq!(single, read.all("gsm_a.gad.location_uri").len() == 1);
    // The dissector doubles the orientation of type 9, whose step is one degree as in type 3 (TS 23.032 clauses 6.7 and
    // 7.3.6); in version 4.0 it takes the uncertainty radius of an arc for a number of points.
    let expected: &[(&str, &[&str])] = match kind {
        1 => &[("gsm_a.gad.uncertainty_code", &["26"])],
        3 => &[
            ("gsm_a.gad.uncertainty_semi_major", &["26"]),
            ("gsm_a.gad.uncertainty_semi_minor", &["11"]),
            ("gsm_a.gad.orientation_of_major_axis", &["45"]),
            ("gsm_a.gad.confidence", &["68"]),
        ],
        8 => &[("gsm_a.gad.altitude", &["100"]), ("gsm_a.gad.D", &["0"])],
        9 => &[
            ("gsm_a.gad.altitude", &["100"]),
            ("gsm_a.gad.uncertainty_semi_major", &["26"]),
            ("gsm_a.gad.uncertainty_semi_minor", &["11"]),
            ("gsm_a.gad.uncertainty_altitude", &["5"]),
            ("gsm_a.gad.confidence", &["68"]),
        ],
        10 => &[
            ("gsm_a.gad.inner_radius", &["10"]),
            ("gsm_a.gad.offset_angle", &["16"]),
            ("gsm_a.gad.included_angle", &["32"]),
            ("gsm_a.gad.confidence", &["95"]),
        ],
        _ => &[],
    };
    check(read, expected);
    if kind == 9 {
        let orientation = read.all("gsm_a.gad.orientation_of_major_axis");
        assert!(matches!(orientation[..], ["45" | "90"]), "{orientation:?}");
    }
}

#[test]
fn reports_of_a_node_read_as_sent() {
    if let Some(missing) = tshark::missing() {
        return interop::skip("reports_of_a_node_read_as_sent", missing);
    }
    let read = dissect(&messages::reports(), 1);
    let [lrr, lra, emergency, busy] = &read[..] else { panic!() };
    check(
        lrr,
        &[
            ("cmd.code", &["8388621"]),
            ("Location-Event", &["4"]),
            ("LCS-Name-String", &["Example Fleet"]),
            ("User-Name", &[messages::IMSI]),
            ("e164.msisdn", &[messages::MSISDN]),
            ("IMEI", &[messages::IMEI]),
            ("Location-Estimate", &[&octets(messages::SHAPES[1].1)]),
            ("Pseudonym-Indicator", &["1"]),
            ("LCS-QoS-Class", &["1"]),
            ("LRR-Flags", &["3"]),
            ("LCS-Reference-Number", &["12"]),
            ("Deferred-Location-Type", &["2"]),
            ("Termination-Cause-3GPP", &["4", "0"]),
            ("MME-Name", &[messages::MME.host; 3]),
            ("Reporting-Amount", &["2", "3"]),
            ("OnexRTT-RCID", &["01:02"]),
        ],
    );
    check(
        lra,
        &[
            ("Result-Code", &["2001"]),
            ("LRA-Flags", &["1"]),
            ("Prioritized-List-Indicator", &["1"]),
            ("Periodic-Location-Support-Indicator", &["1"]),
            ("GMLC-Address.IPv4", &["192.0.2.8"]),
        ],
    );
    check(emergency, &[("Location-Event", &["0"]), ("LCS-Name-String", &[])]);
    check(busy, &[("Result-Code", &["3004"]), ("flags.error", &["1"])]);
}

/// What really passes between a gateway's node and the simulated network, from CER to DPA, with a report of an emergency call.
#[tokio::test]
async fn traffic_between_nodes_is_dissected() {
    if let Some(missing) = tshark::missing() {
        return interop::skip("traffic_between_nodes_is_dissected", missing);
    }
    let scenario = Scenario::parse(&[HEAD.to_owned(), subscriber(1, "")].concat()).unwrap();
    let network = Network::start(&scenario, NetworkOptions::default()).await.unwrap();
    let capture = Capture::default();
    let mut config = NodeConfig::new("gmlc.test", "test");
    config.applications = [ApplicationId::SLH, ApplicationId::SLG].map(Application::tgpp).to_vec();
    for (number, (name, address)) in network.addresses().into_iter().take(2).enumerate() {
        let address = pcap::before(address, 10 * u16::try_from(number).unwrap(), &capture).await;
        config.peers.push(PeerConfig::initiate(if name == "hss" { HSS } else { MME }, REALM, address));
    }
    let (sender, _reports) = tokio::sync::mpsc::unbounded_channel();
    let gateway = Node::start(config, Reports(sender)).await.unwrap();
    tokio::time::timeout(TIMEOUT, gateway.wait_usable(2)).await.expect("both are there");

    let target = Identities { imsi: Imsi::parse(&imsi(1)).ok(), ..Identities::default() };
    let origin = Origin { host: "gmlc.test", realm: "test" };
    let session = gateway.session_id();
    let rir = diameter::slh::Rir::new(&session, origin, REALM, target);
    let encode = |ids: Identifiers, out: &mut Vec<u8>| rir.encode(ids, out);
    gateway.request(ApplicationId::SLH, Destination::to_realm(REALM), encode, TIMEOUT).await.unwrap();
    let session = gateway.session_id();
    let envelope = Envelope { session_id: &session, origin, destination_host: MME, destination_realm: REALM };
    let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithNotification, None).unwrap();
    let name = ClientName::new("Example Fleet", FormatIndicator::LogicalName).unwrap();
    let client = LcsClientType::ValueAdded;
    let plr = Plr::new(envelope, LocationType::Current, target, client, indicators, None).unwrap().client_name(&name);
    let encode = |ids: Identifiers, out: &mut Vec<u8>| plr.encode(ids, out);
    gateway.request(ApplicationId::SLG, Destination::to_host(MME, REALM), encode, TIMEOUT).await.unwrap();
    assert_eq!(network.emergency_call("sub-01").await.unwrap(), 2001);
    gateway.shutdown(DisconnectCause::REBOOTING).await;
    network.stop().await;

    let read = tokio::task::spawn_blocking(move || tshark::dissect(&capture)).await.unwrap();
    assert!(read.doubts.iter().all(|doubt| doubt == EMPTY_NAME), "{:?}", read.doubts);
    let mut seen: Vec<String> =
        read.messages.iter().map(|of| [of.all("cmd.code")[0], of.all("flags.request")[0]].join(" ")).collect();
    seen.sort();
    let expected =
        |code: &str, count: usize| [vec![format!("{code} 0"); count], vec![format!("{code} 1"); count]].concat();
    let all = [expected("257", 2), expected("282", 2), expected("8388620", 1), expected("8388621", 1)].concat();
    assert_eq!(seen, [all, expected("8388622", 1)].concat());
    let plr = read.messages.iter().find(|of| !of.all("LCS-Privacy-Check").is_empty()).unwrap();
    check(plr, &[("LCS-Privacy-Check", &["1"]), ("User-Name", &[&imsi(1)]), ("LCS-Client-Type", &["1"])]);
}
