//! Every command with everything that its grammar has, there and back; and the vocabulary behind it.

use crate::common::{ENVELOPE, GMLC, IDS, MME, avps, decode, hex, imsi, message, msisdn, target, unknown};
use diameter::{
    HiddenOctets, HiddenText, Octets,
    base::{
        CapabilitiesExchangeAnswer, CapabilitiesExchangeRequest, DeviceWatchdogAnswer, DeviceWatchdogRequest,
        DisconnectCause, DisconnectPeerAnswer, DisconnectPeerRequest, InbandSecurity, SessionIds,
        VendorSpecificApplicationId, common_applications,
    },
    codec::{ApplicationId, CommandCode, CommandFlags, Header, Message, Outcome, ResultCode, VendorId},
    dictionary as avp,
    slg::{
        AccuracyFulfilment, Area, AreaDefinition, AreaEventInfo, AreaType, DeferredLocationType, DeferredMtLrData,
        DelayedLocationReportingData, EncodedFix, EsmlcCellInfo, GeranPositioningInfo, LcsQos, LcsTerminationCause,
        LocationEvent, Lra, LraFlags, Lrr, LrrFlags, MotionEventInfo, OccurrenceInfo, PeriodicLdrInformation, Pla,
        PlaFlags, PlmnIdList, Plr, PlrFlags, ReceivedPlr, ReferenceNumber, ReportingLocationRequirements,
        ReportingPlmnList, UtranPositioningInfo,
    },
    slh::{Ria, RiaFlags, Rir, ServingNode, home_network, node_realm},
};
use lcs::{
    Address, ApnNi, CellIdentity, ClientName, Codeword, Failure, Fix, FormatIndicator, Identities, LcsCapabilitySets,
    LcsClientType, LocationType, NodeKind, PositioningOutcome, Priority, PrivacyIndicators, PrivacySetting, Qos,
    QosClass, Requestor, ResponseTime, RoutingInfo, ServiceType,
    gad::{Shape, ShapeSet},
};

const ECGI: HiddenOctets<7> = HiddenOctets([0x00, 0xF1, 0x10, 0x00, 0x01, 0x02, 0x03]);

fn node() -> ServingNode<'static> {
    ServingNode {
        sgsn_number: Some(Address::international("+491701111").unwrap()),
        sgsn_name: Some("sgsn.example.net"),
        sgsn_realm: Some("example.net"),
        mme_name: Some("mme.example.net"),
        mme_realm: Some("example.net"),
        msc_number: Some(Address::international("+4917022222").unwrap()),
        aaa_server_name: Some("aaa.example.net"),
        lcs_capabilities_sets: Some(LcsCapabilitySets(0b1_0000)),
        gmlc_address: Some("2001:db8::5".parse().unwrap()),
        extra: vec![unknown(0, b"12345")],
    }
}

fn area(kind: AreaType) -> Area<'static> {
    Area { area_type: kind, area_identification: Octets(b"\x00\xF1\x10\x00\x01"), extra: vec![] }
}

fn reporting() -> ReportingPlmnList<'static> {
    let plmn =
        |support| PlmnIdList { visited_plmn_id: [0, 0xF1, 0x10], periodic_location_support: support, extra: vec![] };
    ReportingPlmnList { plmn_id_list: vec![plmn(None), plmn(Some(true))], prioritized: Some(true), extra: vec![] }
}

fn periodic(amount: u32, interval: u32) -> PeriodicLdrInformation<'static> {
    let (reporting_amount, reporting_interval) =
        (diameter::Ranged::new(amount).unwrap(), diameter::Ranged::new(interval).unwrap());
    PeriodicLdrInformation { reporting_amount, reporting_interval, extra: vec![] }
}

fn full_plr<'a>(name: &'a ClientName, requestor: &'a Requestor, codeword: &'a Codeword, apn: &'a ApnNi) -> Plr<'a> {
    let indicators =
        PrivacyIndicators::new(PrivacySetting::RestrictedIfNoResponse, Some(PrivacySetting::AllowedWithNotification));
    Plr::new(
        ENVELOPE,
        LocationType::ActivateDeferred,
        target(),
        LcsClientType::ValueAdded,
        indicators.unwrap(),
        Some(apn),
    )
    .unwrap()
    .client_name(name)
    .requestor(requestor)
    .priority(Priority::Highest)
    .qos(Qos {
        class: QosClass::Assured,
        horizontal_m: Some(100),
        vertical_m: Some(10),
        response_time: Some(ResponseTime::DelayTolerant),
    })
    .velocity()
    .shapes(ShapeSet(u32::MAX))
    .service_type(ServiceType::new(64).unwrap())
    .codeword(codeword)
    .deferred(DeferredLocationType::ENTERING_AREA, ReferenceNumber(255), "192.0.2.1".parse().unwrap())
    .area_event(AreaEventInfo {
        area_definition: AreaDefinition {
            area: vec![area(AreaType::TRACKING_AREA)],
            additional_area: vec![area(AreaType::ECGI), area(AreaType(99))],
            extra: vec![],
        },
        occurrence_info: Some(OccurrenceInfo::MULTIPLE),
        interval_time: diameter::Ranged::new(32_767),
        maximum_interval: diameter::Ranged::new(86_400),
        sampling_interval: diameter::Ranged::new(1),
        reporting_duration: diameter::Ranged::new(8_640_000),
        reporting_location_requirements: Some(ReportingLocationRequirements::LOCATION_ESTIMATE),
        extra: vec![],
    })
    .motion_event(MotionEventInfo {
        linear_distance: diameter::Ranged::new(10_000).unwrap(),
        occurrence_info: None,
        interval_time: None,
        maximum_interval: None,
        sampling_interval: None,
        reporting_duration: None,
        reporting_location_requirements: None,
        extra: vec![unknown(0, b"")],
    })
    .periodic(periodic(8_639_999, 1))
    .reporting_plmns(reporting())
    .delayed_reporting(ReferenceNumber(0))
    .extra(unknown(0, b"later"))
}

fn names() -> (ClientName, Requestor, Codeword, ApnNi) {
    (
        ClientName { text: "Acme".into(), format: FormatIndicator::Url },
        Requestor { text: "tel:1".into(), format: FormatIndicator::SipUrl },
        Codeword::new("sesame".into()).unwrap(),
        ApnNi::new("internet").unwrap(),
    )
}

#[test]
fn plr() {
    let (name, requestor, codeword, apn) = names();
    let plr = full_plr(&name, &requestor, &codeword, &apn);
    let mut out = Vec::new();
    plr.encode(IDS, &mut out).unwrap();
    let message = decode(&out);
    let received = ReceivedPlr::decode(&message).unwrap();
    assert_eq!(&received, plr.as_received());
    assert_eq!(received.supported_gad_shapes, Some(ShapeSet::ALL), "bits without meaning are cleared");
    assert_eq!(received.plr_flags, Some(PlrFlags::DELAYED_REPORTING));
    // Accuracies round down: 100 m is code 25 (98.3 m), 10 m of altitude code 8 (9.8 m).
    let qos = received.qos.unwrap();
    assert_eq!((qos.horizontal_accuracy, qos.vertical_accuracy), (Some(25), Some(8)));
    assert_eq!(qos.vertical_requested, Some(true));
    let again = qos.to_lcs();
    assert_eq!((again.horizontal_m, again.vertical_m, again.class), (Some(98), Some(10), QosClass::Assured));
    // Bits above 6 mean nothing (TS 29.172 clause 7.4.7).
    let noisy = LcsQos { horizontal_accuracy: Some(0xFFFF_FF80 | 25), ..LcsQos::default() };
    assert_eq!(noisy.to_lcs().horizontal_m, Some(98));
}

/// Limits that the grammar of groups has (TS 29.172 clauses 7.4.39, 7.4.44-7.4.48, 7.4.65-7.4.68).
#[test]
fn limits_of_deferred_requests() {
    let (name, requestor, codeword, apn) = names();
    let full = full_plr(&name, &requestor, &codeword, &apn);
    let refused = |plr: Plr<'_>| {
        let mut out = Vec::new();
        plr.encode(IDS, &mut out).unwrap();
        let message = decode(&out);
        ReceivedPlr::decode(&message).unwrap_err().result_code()
    };
    let mut areas = full.as_received().area_event_info.clone().unwrap();
    areas.area_definition.area = vec![area(AreaType::ECGI); 10];
    let mut out = Vec::new();
    full.clone().area_event(areas.clone()).encode(IDS, &mut out).unwrap();
    assert!(ReceivedPlr::decode(&decode(&out)).is_ok());
    areas.area_definition.area = vec![area(AreaType::ECGI); 11];
    assert_eq!(refused(full.clone().area_event(areas.clone())), ResultCode::AVP_OCCURS_TOO_MANY_TIMES);
    areas.area_definition.area = vec![];
    assert_eq!(refused(full.clone().area_event(areas)), ResultCode::MISSING_AVP);
    let mut list = reporting();
    list.plmn_id_list = vec![list.plmn_id_list[0].clone(); 21];
    assert_eq!(refused(full.clone().reporting_plmns(list)), ResultCode::AVP_OCCURS_TOO_MANY_TIMES);
    assert_eq!(refused(full.clone().periodic(periodic(4_320_000, 2))), ResultCode::INVALID_AVP_VALUE);
    assert_eq!(diameter::slg::IntervalTime::new(0), None);
    assert_eq!(diameter::slg::IntervalTime::new(32_768), None);
}

fn answer_header(command: CommandCode) -> Header {
    Header::request(ApplicationId::SLG, command, IDS)
}

#[test]
fn pla() {
    let pla = Pla {
        session_id: Some("s;1;1"),
        result_code: Some(ResultCode::SUCCESS),
        auth_session_state: Some(diameter::base::AuthSessionState::NO_STATE_MAINTAINED),
        origin_host: "mme.example.net",
        origin_realm: "example.net",
        location_estimate: Some(Octets(&[0x10, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E, 0x1A])),
        accuracy_fulfilment: Some(AccuracyFulfilment::NOT_FULFILLED),
        age_min: Some(3),
        velocity_estimate: Some(Octets(&[0, 0x5A, 0, 0x3B])),
        eutran_positioning_data: Some(Octets(b"\x01\x02")),
        ecgi: Some(ECGI),
        geran_positioning_info: Some(GeranPositioningInfo {
            positioning_data: Some(Octets(b"1")),
            ganss_positioning_data: Some(Octets(b"2")),
            extra: vec![],
        }),
        cell_global_identity: Some(HiddenOctets([1; 7])),
        utran_positioning_info: Some(UtranPositioningInfo {
            positioning_data: Some(Octets(b"1")),
            ganss_positioning_data: Some(Octets(b"2")),
            additional_positioning_data: Some(Octets(b"3")),
            extra: vec![],
        }),
        service_area_identity: Some(HiddenOctets([2; 7])),
        serving_node: Some(node()),
        pla_flags: Some(PlaFlags(0)),
        esmlc_cell_info: Some(EsmlcCellInfo { ecgi: Some(ECGI), cell_portion_id: Some(4), extra: vec![] }),
        civic_address: Some(HiddenText("<civicAddress/>")),
        barometric_pressure_pa: Some(101_325),
        error_message: Some(HiddenText("none")),
        route_record: vec!["a", "b"],
        extra: vec![unknown(0, b"later")],
        ..Pla::default()
    };
    let mut out = Vec::new();
    pla.encode(answer_header(CommandCode::PROVIDE_LOCATION), &mut out).unwrap();
    let message = decode(&out);
    assert_eq!(message.header.flags, CommandFlags(0x40));
    let read = Pla::decode(&message).unwrap();
    assert_eq!(read, pla);
    let Ok(PositioningOutcome::Fixed(fix)) = read.positioning_outcome(LocationType::Current) else { panic!("a fix") };
    assert!(matches!(fix.shape, Some(Shape::Circle(..))));
    assert_eq!((fix.age_min, fix.accuracy_fulfilled), (Some(3), Some(false)));
    assert_eq!(fix.velocity.map(|v| (v.bearing_deg, v.horizontal_km_h)), Some((90, 59)));
    assert_eq!(fix.cell, Some(CellIdentity::Ecgi(ECGI.0)));
    assert_eq!(fix.barometric_pressure_pa, Some(101_325));
    assert_eq!(fix.civic_address.as_deref(), Some("<civicAddress/>"));
    let text = format!("{read:?}");
    assert!(!text.contains("civic/") && !text.contains("civicAddress") && !text.contains("16, 74, 177"), "{text}");
}

/// What an answer means, case by case (TS 29.172 clauses 6.2.2, 7.4.53).
#[test]
fn positioning_outcomes() {
    let meaning = |change: fn(&mut Pla<'_>), asked| {
        let mut pla =
            Pla { result_code: Some(ResultCode::SUCCESS), origin_host: "m", origin_realm: "r", ..Pla::default() };
        change(&mut pla);
        pla.positioning_outcome(asked)
    };
    let current = LocationType::Current;
    for (change, cell) in [
        ((|p| p.ecgi = Some(ECGI)) as fn(&mut Pla<'_>), CellIdentity::Ecgi(ECGI.0)),
        (|p| p.cell_global_identity = Some(HiddenOctets([1; 7])), CellIdentity::Cgi([1; 7])),
        (|p| p.service_area_identity = Some(HiddenOctets([2; 7])), CellIdentity::Sai([2; 7])),
        (
            |p| p.esmlc_cell_info = Some(EsmlcCellInfo { ecgi: Some(ECGI), ..EsmlcCellInfo::default() }),
            CellIdentity::Ecgi(ECGI.0),
        ),
    ] {
        let Ok(PositioningOutcome::Fixed(fix)) = meaning(change, current) else { panic!("a cell is a position") };
        assert_eq!((fix.shape, fix.cell), (None, Some(cell)));
    }
    assert_eq!(meaning(|_| {}, current), Err(Failure::PositioningFailed), "success, and no place");
    let notify = LocationType::NotificationVerificationOnly;
    assert_eq!(meaning(|_| {}, notify), Ok(PositioningOutcome::Notified));
    assert_eq!(meaning(|p| p.ecgi = Some(ECGI), notify), Ok(PositioningOutcome::Notified), "a cell unasked for");
    const POINT: &[u8] = &[0x00, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E];
    let placed = meaning(|p| p.location_estimate = Some(Octets(POINT)), notify);
    assert!(matches!(placed, Ok(PositioningOutcome::Fixed(_))), "a place is no acknowledgement");
    let later = |p: &mut Pla<'_>| p.pla_flags = Some(PlaFlags::DEFERRED_RESPONSE);
    assert_eq!(meaning(later, notify), Ok(PositioningOutcome::TransientlyUnreachable));
    assert_eq!(meaning(later, LocationType::ActivateDeferred), Ok(PositioningOutcome::Notified));
    let flags = |p: &mut Pla<'_>| p.pla_flags = Some(PlaFlags(0xFFFF_FFF8));
    assert_eq!(meaning(flags, current), Ok(PositioningOutcome::TransientlyUnreachable));
    let deferred = |p: &mut Pla<'_>| (p.pla_flags, p.ecgi) = (Some(PlaFlags::DEFERRED_RESPONSE), Some(ECGI));
    assert_eq!(meaning(deferred, LocationType::ActivateDeferred), Ok(PositioningOutcome::Notified));
    let low_nibble =
        |p: &mut Pla<'_>| p.location_estimate = Some(Octets(&[0x01, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E, 0x1A]));
    assert_eq!(meaning(low_nibble, current), Err(Failure::NetworkProtocol));
    let empty = |p: &mut Pla<'_>| p.velocity_estimate = Some(Octets(&[]));
    assert_eq!(meaning(empty, current), Err(Failure::NetworkProtocol));
}

#[test]
fn a_node_answers_with_a_fix() {
    let shape = Shape::decode(&hex("10 4AB1F2 09884E 1A")).unwrap();
    let fix = Fix {
        shape: Some(shape),
        age_min: Some(0),
        accuracy_fulfilled: Some(true),
        velocity: lcs::gad::Velocity::decode(&hex("005A003B")).ok(),
        cell: Some(CellIdentity::Cgi([7; 7])),
        civic_address: Some("<a/>".into()),
        barometric_pressure_pa: Some(100_000),
    };
    let request = decode(&message(
        answer_header(CommandCode::PROVIDE_LOCATION),
        &avps(|b| {
            b.text(&avp::SESSION_ID, "s;1;1");
            b.group(&avp::PROXY_INFO, |b| {
                b.text(&avp::PROXY_HOST, "a").avp(&avp::PROXY_STATE, b"1");
            });
        }),
    ));
    let encoded = EncodedFix::new(&fix);
    let mut out = Vec::new();
    let pla = Pla::to(&request, MME, Outcome::Success).with_estimate(encoded.estimate(&fix));
    pla.encode(request.header, &mut out).unwrap();
    let answer = decode(&out);
    let read = Pla::decode(&answer).unwrap();
    assert_eq!(read.positioning_outcome(LocationType::Current), Ok(PositioningOutcome::Fixed(fix)));
    assert_eq!((read.session_id, read.proxy_info.len()), (Some("s;1;1"), 1));
}

#[test]
fn lrr_and_lra() {
    let mut lrr = Lrr::new(ENVELOPE, LocationEvent::DEFERRED_MT_LR_RESPONSE, target());
    lrr.client_name = Some(diameter::slg::LcsEpsClientName::default());
    lrr.service_type = ServiceType::new(1);
    lrr.pseudonym_requested = Some(true);
    lrr.qos_class = Some(QosClass::BestEffort);
    lrr.serving_node = Some(node());
    lrr.lrr_flags = Some(LrrFlags::LGD);
    lrr.reference_number = Some(ReferenceNumber(9));
    lrr.deferred_mt_lr_data = Some(DeferredMtLrData {
        deferred_location_type: DeferredLocationType::PERIODIC,
        termination_cause: Some(LcsTerminationCause::MT_LR_RESTART),
        serving_node: Some(node()),
        extra: vec![],
    });
    lrr.gmlc_address = Some("192.0.2.9".parse().unwrap());
    lrr.reporting_amount = diameter::Ranged::new(5);
    lrr.periodic_ldr_information = Some(periodic(10, 60));
    lrr.one_x_rtt_rcid = Some(Octets(b"\x02\x01"));
    lrr.delayed_location_reporting_data = Some(DelayedLocationReportingData {
        termination_cause: Some(LcsTerminationCause(77)),
        serving_node: None,
        extra: vec![],
    });
    lrr.ecgi = Some(ECGI);
    lrr.esmlc_cell_info = Some(EsmlcCellInfo { ecgi: None, cell_portion_id: Some(1), extra: vec![] });
    lrr.barometric_pressure_pa = Some(1);
    lrr.extra.push(unknown(0, b"x"));
    let mut out = Vec::new();
    lrr.encode(IDS, &mut out).unwrap();
    let request = decode(&out);
    let read = Lrr::decode(&request).unwrap();
    assert_eq!(read, lrr);
    assert_eq!(read.identities(), target());
    let cause = read.delayed_location_reporting_data.as_ref().unwrap().termination_cause.unwrap();
    assert_eq!(cause.known(), LcsTerminationCause::ERROR_UNDEFINED);
    let fix = read.estimate().fix().unwrap().unwrap();
    assert_eq!(fix.cell, Some(CellIdentity::Ecgi(ECGI.0)));

    let mut lra = Lra::to(&request, GMLC, Outcome::Success);
    lra.gmlc_address = Some("192.0.2.9".parse().unwrap());
    lra.lra_flags = Some(LraFlags::SHORT_CIRCUIT);
    lra.reporting_plmn_list = Some(reporting());
    lra.reference_number = Some(ReferenceNumber(9));
    out.clear();
    lra.encode(request.header, &mut out).unwrap();
    let message = decode(&out);
    assert_eq!(Lra::decode(&message).unwrap(), lra);
}

#[test]
fn rir_and_ria() {
    let mut rir = Rir::new("s;1;1", GMLC, "home.net", target());
    rir.destination_host = Some("hss.home.net");
    rir.gmlc_number = Some(Address::international("+49170333").unwrap());
    rir.route_record = vec!["dra"];
    let mut out = Vec::new();
    rir.encode(IDS, &mut out).unwrap();
    let request = decode(&out);
    assert_eq!(Rir::decode(&request).unwrap(), rir);

    let ria = Ria {
        lmsi: Some(HiddenOctets([1, 2, 3, 4])),
        imsi: Some(imsi()),
        msisdn: Some(msisdn()),
        serving_node: Some(node()),
        additional_serving_node: vec![
            ServingNode { mme_name: Some("mmec01.mme.epc.mnc001.mcc262.3gppnetwork.org"), ..ServingNode::default() },
            ServingNode {
                mme_name: Some("mme.example.net"),
                gmlc_address: node().gmlc_address,
                lcs_capabilities_sets: node().lcs_capabilities_sets,
                ..ServingNode::default()
            },
        ],
        gmlc_address: Some("192.0.2.1".parse().unwrap()),
        ppr_address: Some("192.0.2.2".parse().unwrap()),
        ria_flags: Some(RiaFlags(0xFFFF_FFFF)),
        ..Ria::to(&request, MME, Outcome::Success)
    };
    out.clear();
    ria.encode(request.header, &mut out).unwrap();
    let message = decode(&out);
    let read = Ria::decode(&message).unwrap();
    assert_eq!(read, ria);
    let routing = read.routing_info().unwrap();
    let kinds: Vec<_> = routing.nodes.iter().map(|node| std::mem::discriminant(&node.kind)).collect();
    assert_eq!(kinds.len(), 5, "MME, SGSN, MSC, AAA, and the second MME; the one told twice is once");
    assert_eq!(
        routing.nodes[4].kind,
        NodeKind::Mme {
            name: "mmec01.mme.epc.mnc001.mcc262.3gppnetwork.org".into(),
            realm: "epc.mnc001.mcc262.3gppnetwork.org".into()
        }
    );
    assert_eq!((routing.h_gmlc, routing.ppr), (ria.gmlc_address, ria.ppr_address));
    assert!(routing.optimised_lcs);
}

#[test]
fn routing_information_there_and_back() {
    let routing = RoutingInfo {
        identities: Identities { imsi: Some(imsi()), msisdn: Some(msisdn()), imei: None },
        nodes: [
            lcs::ServingNode {
                kind: NodeKind::Mme { name: "mme.a.net".into(), realm: "a.net".into() },
                capabilities: None,
                v_gmlc: Some("192.0.2.7".parse().unwrap()),
            },
            lcs::ServingNode {
                kind: NodeKind::Sgsn { number: Address::international("+4917").ok(), diameter: None },
                capabilities: Some(LcsCapabilitySets(0b1_1111)),
                v_gmlc: None,
            },
        ]
        .into(),
        h_gmlc: Some("192.0.2.8".parse().unwrap()),
        ppr: None,
        optimised_lcs: false,
    };
    let header = Header::request(ApplicationId::SLH, CommandCode::LCS_ROUTING_INFO, IDS);
    let request = decode(&message(header, &[]));
    let mut out = Vec::new();
    Ria::to(&request, MME, Outcome::Success).with_routing(&routing).encode(header, &mut out).unwrap();
    let answer = decode(&out);
    assert_eq!(Ria::decode(&answer).unwrap().routing_info(), Ok(routing));

    let mut ria = Ria::to(&request, MME, Outcome::Success);
    assert_eq!(ria.routing_info(), Err(Failure::NetworkProtocol), "success without a node");
    ria.serving_node = Some(ServingNode { msc_number: Address::international("49").ok(), ..ServingNode::default() });
    ria.msisdn = lcs::Msisdn::parse("000000000000000").ok();
    assert_eq!(ria.routing_info().unwrap().identities, Identities::default(), "the dummy MSISDN is nobody's");
}

/// TS 23.003 clause 19.
#[test]
fn names_of_nodes() {
    let mme = "mmec01.mmegi8001.mme.epc.mnc005.mcc234.3gppnetwork.org";
    assert_eq!(node_realm(mme), Some("epc.mnc005.mcc234.3gppnetwork.org"));
    assert_eq!(home_network(mme), Some((234, 5)));
    assert_eq!(home_network("mme.epc.MNC99.mcc234.3gppnetwork.org"), None);
    assert_eq!(home_network("mme.mcc234.mnc005.net"), None);
    assert_eq!(node_realm("mme1.example.net"), Some("example.net"));
    for name in ["mme", "mme.", "", "."] {
        assert_eq!((node_realm(name), home_network(name)), (None, None), "{name}");
    }
    assert_eq!(home_network("mé.mncé05.mcc234"), None);
}

fn round_trip(encode: impl FnOnce(&mut Vec<u8>)) -> Message {
    let mut out = Vec::new();
    encode(&mut out);
    decode(&out)
}

/// RFC 6733 section 5.3.
#[test]
fn capabilities_exchange() {
    let slg = VendorSpecificApplicationId::tgpp(ApplicationId::SLG);
    let slh = VendorSpecificApplicationId::tgpp(ApplicationId::SLH);
    let cer = CapabilitiesExchangeRequest {
        origin_host: "gmlc.example.net",
        origin_realm: "example.net",
        host_ip_address: vec!["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()],
        vendor_id: VendorId(0),
        product_name: "Wherefore",
        origin_state_id: Some(1),
        supported_vendor_id: vec![VendorId::TGPP],
        auth_application_id: vec![],
        inband_security_id: vec![InbandSecurity::NONE],
        acct_application_id: vec![],
        vendor_specific_application_id: vec![slg, slh],
        firmware_revision: Some(7),
        extra: vec![],
    };
    let request = round_trip(|out| assert!(cer.encode(IDS, out).is_ok()));
    assert_eq!(request.header.flags, CommandFlags::REQUEST, "common messages are not proxied");
    let application = "00000104 40000020 0000010A 4000000C 000028AF 00000102 4000000C 01000027"; // 260 { 266, 258 = SLg }
    assert!(crate::common::contains(request.body(), &hex(application)));
    assert!(crate::common::contains(request.body(), &hex("0000010D 00000011 576865726566 6F7265 000000")), "no M");
    let read = CapabilitiesExchangeRequest::decode(&request).unwrap();
    assert_eq!(read, cer);
    let local = [ApplicationId::SLH, ApplicationId::SLG];
    assert_eq!(common_applications(&local, read.applications()), local);
    assert_eq!(common_applications(&local, [ApplicationId::SLG]), [ApplicationId::SLG]);
    assert_eq!(common_applications(&local, [ApplicationId::RELAY]), local);
    assert_eq!(common_applications(&[ApplicationId::RELAY], [ApplicationId(4)]), [ApplicationId(4)]);
    assert!(common_applications(&local, [ApplicationId(4)]).is_empty());

    let none = CapabilitiesExchangeRequest { host_ip_address: vec![], ..cer };
    let request = round_trip(|out| assert!(none.encode(IDS, out).is_ok()));
    let error = CapabilitiesExchangeRequest::decode(&request).unwrap_err();
    assert_eq!(error.failed_avp().unwrap().octets(), hex("00000101 4000000E 000000000000 0000"));

    let cea = CapabilitiesExchangeAnswer {
        result_code: Some(ResultCode::NO_COMMON_APPLICATION),
        origin_host: "a",
        origin_realm: "b",
        ..CapabilitiesExchangeAnswer::default()
    };
    let answer = round_trip(|out| assert!(cea.encode(request.header, out).is_ok()));
    assert!(!answer.header.is_error());
    assert_eq!(CapabilitiesExchangeAnswer::decode(&answer).unwrap(), cea);
    let unknown_peer = CapabilitiesExchangeAnswer { result_code: Some(ResultCode::UNKNOWN_PEER), ..cea };
    let answer = round_trip(|out| assert!(unknown_peer.encode(request.header, out).is_ok()));
    assert!(answer.header.is_error());
}

/// RFC 6733 sections 5.4 and 5.5.
#[test]
fn watchdog_and_disconnection() {
    let dwr = DeviceWatchdogRequest { origin_host: "a", origin_realm: "b", origin_state_id: Some(3), extra: vec![] };
    let request = round_trip(|out| assert!(dwr.encode(IDS, out).is_ok()));
    assert_eq!(DeviceWatchdogRequest::decode(&request).unwrap(), dwr);
    let expected = concat!(
        "01000038 80000118 00000000 01020304 05060708", // version, length 56, R, 280, application 0
        "00000108 40000009 61 000000",                  // Origin-Host "a"
        "00000128 40000009 62 000000",                  // Origin-Realm "b"
        "00000116 4000000C 00000003"                    // Origin-State-Id 3
    );
    let mut out = Vec::new();
    request.encode(&mut out);
    assert_eq!(out, hex(expected));
    let dwa = DeviceWatchdogAnswer {
        result_code: Some(ResultCode::SUCCESS),
        origin_host: "a",
        origin_realm: "b",
        origin_state_id: Some(3),
        ..DeviceWatchdogAnswer::default()
    };
    let answer = round_trip(|out| assert!(dwa.encode(request.header, out).is_ok()));
    assert_eq!(answer.header.ids, IDS);
    assert_eq!(DeviceWatchdogAnswer::decode(&answer).unwrap(), dwa);

    let dpr = DisconnectPeerRequest {
        origin_host: "a",
        origin_realm: "b",
        disconnect_cause: DisconnectCause::BUSY,
        extra: vec![],
    };
    let request = round_trip(|out| assert!(dpr.encode(IDS, out).is_ok()));
    assert_eq!(DisconnectPeerRequest::decode(&request).unwrap(), dpr);
    let dpa = DisconnectPeerAnswer {
        result_code: Some(ResultCode::SUCCESS),
        origin_host: "a",
        origin_realm: "b",
        ..DisconnectPeerAnswer::default()
    };
    let answer = round_trip(|out| assert!(dpa.encode(request.header, out).is_ok()));
    assert_eq!(DisconnectPeerAnswer::decode(&answer).unwrap(), dpa);
}

#[test]
fn session_ids_differ() {
    let mut ids = SessionIds::new("gmlc", 7);
    let (mut one, mut two) = (String::new(), String::new());
    ids.next_into(&mut one);
    ids.next_into(&mut two);
    assert_eq!((one.as_str(), two.as_str()), ("gmlc;7;0", "gmlc;7;1"));
}

/// RFC 6733 section 4.3.1: the count rolls over in 2036.
#[test]
fn times() {
    use lcs::Timestamp;
    for unix in [0, 1_700_000_000, 2_085_978_495, 2_085_978_496, 4_000_000_000] {
        let octets = avps(|b| {
            b.time(&avp::EVENT_TIMESTAMP, Timestamp::from_secs(unix));
        });
        let avp = diameter::codec::Avps::new(&octets).next().unwrap();
        assert_eq!(avp.time(), Ok(Timestamp::from_secs(unix)));
    }
}
