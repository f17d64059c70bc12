//! One of every message that Wherefore sends or takes, with every AVP of its grammar, for dissectors and as seeds of fuzzing.

use diameter::base::{
    CapabilitiesExchangeAnswer, CapabilitiesExchangeRequest, DeviceWatchdogAnswer, DeviceWatchdogRequest,
    DisconnectCause, DisconnectPeerAnswer, DisconnectPeerRequest, InbandSecurity, Origin, VendorSpecificApplicationId,
    error_answer,
};
use diameter::codec::{
    ApplicationId, AvpRef, Builder, DecodeError, ExperimentalResult, FailedAvp, Header, Identifiers, Message, Outcome,
    ResultCode, VendorId,
};
use diameter::s6a::{AreaScope, Idr, MdtConfiguration, MdtUserConsent, SubscriptionData, TraceData};
use diameter::slg::{
    AccuracyFulfilment, Area, AreaDefinition, AreaEventInfo, AreaType, DeferredLocationType, DeferredMtLrData,
    DelayedLocationReportingData, Envelope, EsmlcCellInfo, Estimate, GeranPositioningInfo, LcsEpsClientName,
    LcsTerminationCause, LocationEvent, Lra, LraFlags, Lrr, LrrFlags, MotionEventInfo, OccurrenceInfo,
    PeriodicLdrInformation, Pla, PlaFlags, PlmnIdList, Plr, ReferenceNumber, ReportingLocationRequirements,
    ReportingPlmnList, UtranPositioningInfo,
};
use diameter::slh::{Ria, RiaFlags, Rir, ServingNode};
use diameter::{HiddenOctets, HiddenText, Octets, Ranged, dictionary};
use lcs::gad::ShapeSet;
use lcs::slpp::{
    ExternalClientEntry, GmlcRestrictionCode, LcsInformation, MoLrClass, MoLrCode, NotificationToUser, PrivacyClass,
    PrivacyClassCode, ServiceTypeEntry, SsStatus,
};
use lcs::{
    Address, ApnNi, ClientName, Codeword, FormatIndicator, Identities, Imei, Imsi, LcsCapabilitySets, LcsClientType,
    LocationType, Msisdn, PlmnClient, Priority, PrivacyIndicators, PrivacySetting, Qos, QosClass, Requestor,
    ResponseTime, ServiceType,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub const GMLC: Origin<'static> = Origin { host: "gmlc.example.net", realm: "example.net" };
pub const HSS: Origin<'static> = Origin { host: "hss.example.net", realm: "example.net" };
pub const MME: Origin<'static> =
    Origin { host: "mme1.epc.mnc001.mcc001.3gppnetwork.org", realm: "epc.mnc001.mcc001.3gppnetwork.org" };
pub const SESSION: &str = "gmlc.example.net;1700000000;1";
pub const IMSI: &str = "001010000000001";
pub const MSISDN: &str = "491701234567";
pub const IMEI: &str = "35609204079301";

/// Types of shape, and the octets of one of each (TS 23.032 clause 7.3).
pub const SHAPES: &[(u8, &[u8])] = &[
    (0, &[0x00, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E]),
    (1, &[0x10, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E, 0x1A]),
    (3, &[0x30, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E, 0x1A, 0x0B, 0x2D, 0x44]),
    (5, &[0x53, 0x40, 0, 0, 0x10, 0, 0, 0x41, 0, 0, 0x10, 0, 0, 0x41, 0, 0, 0x11, 0, 0]),
    (8, &[0x80, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E, 0x00, 0x64]),
    (9, &[0x90, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E, 0x00, 0x64, 0x1A, 0x0B, 0x2D, 0x05, 0x44]),
    (10, &[0xA0, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E, 0x00, 0x0A, 0x12, 0x10, 0x20, 0x5F]),
];

fn ids(number: u32) -> Identifiers {
    Identifiers { hop_by_hop: 0x0102_0300 + number, end_to_end: 0x0506_0700 + number }
}

fn target() -> Identities {
    Identities { imsi: Imsi::parse(IMSI).ok(), msisdn: Msisdn::parse(MSISDN).ok(), imei: Imei::parse(IMEI).ok() }
}

fn address(text: &str) -> Address {
    Address::international(text).unwrap()
}

/// What `write` appends.
fn encoded(write: impl FnOnce(&mut Vec<u8>) -> Result<usize, diameter::codec::EncodeError>) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    out
}

/// A request of ours as its receiver has it.
pub fn read(octets: &[u8]) -> Message {
    Message::decode(bytes::Bytes::copy_from_slice(octets)).unwrap()
}

fn head(octets: &[u8]) -> Header {
    read(octets).header
}

fn envelope(from: Origin<'static>, to: Origin<'static>) -> Envelope<'static> {
    Envelope { session_id: SESSION, origin: from, destination_host: to.host, destination_realm: to.realm }
}

/// Encoded Proxy-Info, as an agent adds it (RFC 6733 section 6.7.2).
fn proxy_info() -> Vec<u8> {
    let mut out = Vec::new();
    Builder::fragment(&mut out)
        .text(&dictionary::PROXY_HOST, "dra.example.net")
        .avp(&dictionary::PROXY_STATE, &[1, 2, 3, 4, 5]);
    out
}

/// Capabilities, watchdog and disconnect, requests and answers.
pub fn base() -> Vec<(&'static str, Vec<u8>)> {
    let applications = || [ApplicationId::SLG, ApplicationId::SLH].map(VendorSpecificApplicationId::tgpp).to_vec();
    let addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let cer = encoded(|out| {
        CapabilitiesExchangeRequest {
            origin_host: GMLC.host,
            origin_realm: GMLC.realm,
            host_ip_address: addresses.clone(),
            vendor_id: VendorId(0),
            product_name: "Wherefore",
            origin_state_id: Some(1_700_000_000),
            supported_vendor_id: vec![VendorId::TGPP],
            auth_application_id: vec![ApplicationId::RELAY],
            inband_security_id: vec![InbandSecurity::NONE],
            acct_application_id: Vec::new(),
            vendor_specific_application_id: applications(),
            firmware_revision: Some(1),
            extra: Vec::new(),
        }
        .encode(ids(1), out)
    });
    let cea = encoded(|out| {
        CapabilitiesExchangeAnswer {
            result_code: Some(ResultCode::SUCCESS),
            origin_host: MME.host,
            origin_realm: MME.realm,
            host_ip_address: addresses,
            vendor_id: Some(VendorId(0)),
            product_name: Some("Wherefore"),
            origin_state_id: Some(1_700_000_000),
            supported_vendor_id: vec![VendorId::TGPP],
            vendor_specific_application_id: applications(),
            ..CapabilitiesExchangeAnswer::default()
        }
        .encode(head(&cer), out)
    });
    let dwr = encoded(|out| {
        DeviceWatchdogRequest {
            origin_host: GMLC.host,
            origin_realm: GMLC.realm,
            origin_state_id: Some(1_700_000_000),
            ..DeviceWatchdogRequest::default()
        }
        .encode(ids(2), out)
    });
    let dwa = encoded(|out| {
        DeviceWatchdogAnswer {
            result_code: Some(ResultCode::SUCCESS),
            origin_host: MME.host,
            origin_realm: MME.realm,
            origin_state_id: Some(1_700_000_000),
            ..DeviceWatchdogAnswer::default()
        }
        .encode(head(&dwr), out)
    });
    let dpr = encoded(|out| {
        DisconnectPeerRequest {
            origin_host: GMLC.host,
            origin_realm: GMLC.realm,
            disconnect_cause: DisconnectCause::REBOOTING,
            extra: Vec::new(),
        }
        .encode(ids(3), out)
    });
    let dpa = encoded(|out| {
        DisconnectPeerAnswer {
            result_code: Some(ResultCode::SUCCESS),
            origin_host: MME.host,
            origin_realm: MME.realm,
            ..DisconnectPeerAnswer::default()
        }
        .encode(head(&dpr), out)
    });
    vec![("cer", cer), ("cea", cea), ("dwr", dwr), ("dwa", dwa), ("dpr", dpr), ("dpa", dpa)]
}

/// SLh: where a subscriber is served.
pub fn slh() -> Vec<(&'static str, Vec<u8>)> {
    let proxy = proxy_info();
    let proxy_info = || vec![AvpRef { data: &proxy, ..avp(&dictionary::PROXY_INFO) }];
    let mut rir = Rir::new(SESSION, GMLC, HSS.realm, target());
    rir.destination_host = Some(HSS.host);
    rir.gmlc_number = Some(address("491700000000"));
    rir.proxy_info = proxy_info();
    rir.route_record = vec![GMLC.host];
    let rir = encoded(|out| rir.encode(ids(4), out));
    let ria = encoded(|out| {
        Ria {
            session_id: Some(SESSION),
            result_code: Some(ResultCode::SUCCESS),
            auth_session_state: Some(diameter::base::AuthSessionState::NO_STATE_MAINTAINED),
            origin_host: HSS.host,
            origin_realm: HSS.realm,
            imsi: target().imsi,
            msisdn: target().msisdn,
            lmsi: Some(HiddenOctets([1, 2, 3, 4])),
            serving_node: Some(ServingNode {
                mme_name: Some(MME.host),
                mme_realm: Some(MME.realm),
                gmlc_address: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7))),
                ..ServingNode::default()
            }),
            additional_serving_node: vec![
                ServingNode {
                    sgsn_number: Some(address("491700000001")),
                    sgsn_name: Some("sgsn.example.net"),
                    sgsn_realm: Some("example.net"),
                    lcs_capabilities_sets: Some(LcsCapabilitySets::ALL_FIVE),
                    ..ServingNode::default()
                },
                ServingNode { msc_number: Some(address("491700000002")), ..ServingNode::default() },
                ServingNode { aaa_server_name: Some("aaa.example.net"), ..ServingNode::default() },
            ],
            gmlc_address: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 8))),
            ppr_address: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9))),
            ria_flags: Some(RiaFlags::OPTIMISED_LCS),
            proxy_info: proxy_info(),
            ..Ria::default()
        }
        .encode(head(&rir), out)
    });
    let unknown = Outcome::Experimental(ExperimentalResult::USER_UNKNOWN);
    let refused = encoded(|out| Ria::to(&read(&rir), HSS, unknown).encode(head(&rir), out));
    vec![("rir", rir), ("ria", ria), ("ria-unknown", refused)]
}

fn avp(def: &dictionary::AvpDef) -> AvpRef<'static> {
    AvpRef { code: def.code, vendor: def.vendor, flags: def.flags(), data: &[] }
}

fn immediate(out: &mut Vec<u8>) -> Result<usize, diameter::codec::EncodeError> {
    let unrelated = PrivacySetting::RestrictedIfNoResponse;
    let indicators = PrivacyIndicators::new(unrelated, Some(PrivacySetting::AllowedWithNotification)).unwrap();
    let apn = ApnNi::new("fleet.example").unwrap();
    let name = ClientName::new("Example Fleet", FormatIndicator::LogicalName).unwrap();
    let requestor = Requestor { text: "dispatch desk".to_owned(), format: FormatIndicator::Msisdn };
    let codeword = Codeword::new("lighthouse".to_owned()).unwrap();
    let qos = Qos {
        class: QosClass::Assured,
        horizontal_m: Some(50),
        vertical_m: Some(20),
        response_time: Some(ResponseTime::LowDelay),
    };
    let (to, kind) = (envelope(GMLC, MME), LocationType::CurrentOrLastKnown);
    Plr::new(to, kind, target(), LcsClientType::ValueAdded, indicators, Some(&apn))?
        .client_name(&name)
        .requestor(&requestor)
        .priority(Priority::Highest)
        .qos(qos)
        .velocity()
        .shapes(ShapeSet::ALL)
        .service_type(ServiceType::new(7).unwrap())
        .codeword(&codeword)
        .delayed_reporting(ReferenceNumber(17))
        .encode(ids(5), out)
}

fn plmns() -> ReportingPlmnList<'static> {
    let plmn =
        PlmnIdList { visited_plmn_id: [0x00, 0xF1, 0x10], periodic_location_support: Some(true), extra: Vec::new() };
    ReportingPlmnList { plmn_id_list: vec![plmn], prioritized: Some(true), extra: Vec::new() }
}

fn periodic() -> PeriodicLdrInformation<'static> {
    PeriodicLdrInformation {
        reporting_amount: Ranged::new(3).unwrap(),
        reporting_interval: Ranged::new(60).unwrap(),
        extra: Vec::new(),
    }
}

fn deferred(out: &mut Vec<u8>) -> Result<usize, diameter::codec::EncodeError> {
    let area = |area_type, area_identification: &'static [u8]| Area {
        area_type,
        area_identification: Octets(area_identification),
        extra: Vec::new(),
    };
    let requirements = Some(ReportingLocationRequirements::LOCATION_ESTIMATE);
    let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithoutNotification, None).unwrap();
    let (to, kind) = (envelope(GMLC, MME), LocationType::ActivateDeferred);
    let events = DeferredLocationType(DeferredLocationType::ENTERING_AREA.0 | DeferredLocationType::PERIODIC.0);
    Plr::new(to, kind, target(), LcsClientType::PlmnOperator, indicators, None)?
        .deferred(events, ReferenceNumber(18), IpAddr::V4(Ipv4Addr::new(192, 0, 2, 8)))
        .area_event(AreaEventInfo {
            area_definition: AreaDefinition {
                area: vec![
                    area(AreaType::TRACKING_AREA, &[0x00, 0xF1, 0x10, 0x00, 0x01]),
                    area(AreaType::ECGI, &[0x00, 0xF1, 0x10, 0x00, 0x00, 0x01, 0x01]),
                ],
                additional_area: vec![area(AreaType::PLMN, &[0x00, 0xF1, 0x10])],
                extra: Vec::new(),
            },
            occurrence_info: Some(OccurrenceInfo::MULTIPLE),
            interval_time: Ranged::new(60),
            maximum_interval: Ranged::new(3600),
            sampling_interval: Ranged::new(10),
            reporting_duration: Ranged::new(7200),
            reporting_location_requirements: requirements,
            extra: Vec::new(),
        })
        .motion_event(MotionEventInfo {
            linear_distance: Ranged::new(500).unwrap(),
            occurrence_info: Some(OccurrenceInfo::ONCE),
            interval_time: Ranged::new(60),
            maximum_interval: Ranged::new(3600),
            sampling_interval: Ranged::new(10),
            reporting_duration: Ranged::new(7200),
            reporting_location_requirements: requirements,
            extra: Vec::new(),
        })
        .periodic(periodic())
        .reporting_plmns(plmns())
        .encode(ids(6), out)
}

fn place() -> Estimate<'static> {
    Estimate {
        location_estimate: Some(Octets(SHAPES[1].1)),
        accuracy_fulfilment: Some(AccuracyFulfilment::NOT_FULFILLED),
        age_min: Some(12),
        velocity_estimate: Some(Octets(&[0x31, 0x10, 0x00, 0x5A, 0x05, 0x0A, 0x02])),
        ecgi: Some(HiddenOctets([0x00, 0xF1, 0x10, 0x00, 0x00, 0x01, 0x01])),
        cell_global_identity: Some(HiddenOctets([0x00, 0xF1, 0x10, 0x00, 0x01, 0x00, 0x02])),
        service_area_identity: Some(HiddenOctets([0x00, 0xF1, 0x10, 0x00, 0x01, 0x00, 0x03])),
        esmlc_ecgi: None,
        civic_address: Some(HiddenText("<civicAddress><country>DE</country></civicAddress>")),
        barometric_pressure_pa: Some(101_325),
    }
}

fn cell_info() -> EsmlcCellInfo<'static> {
    let ecgi = Some(HiddenOctets([0x00, 0xF1, 0x10, 0x00, 0x00, 0x01, 0x02]));
    EsmlcCellInfo { ecgi, cell_portion_id: Some(5), extra: Vec::new() }
}

fn geran() -> GeranPositioningInfo<'static> {
    GeranPositioningInfo {
        positioning_data: Some(Octets(&[0x00, 0x2B])),
        ganss_positioning_data: Some(Octets(&[0x08])),
        extra: Vec::new(),
    }
}

fn utran() -> UtranPositioningInfo<'static> {
    UtranPositioningInfo {
        positioning_data: Some(Octets(&[0x00, 0x2B])),
        ganss_positioning_data: Some(Octets(&[0x08])),
        additional_positioning_data: Some(Octets(&[0x08])),
        extra: Vec::new(),
    }
}

/// S6d: what an old node is told of a subscriber.
pub fn s6a() -> Vec<(&'static str, Vec<u8>)> {
    let entry = ExternalClientEntry {
        client: Some(address("499000000002")),
        gmlc_restriction: Some(GmlcRestrictionCode::HomeCountry),
        notification: Some(NotificationToUser::NotifyLocationAllowed),
    };
    let service = ServiceTypeEntry {
        service_type: ServiceType::new(16).unwrap(),
        gmlc_restriction: Some(GmlcRestrictionCode::GmlcList),
        notification: Some(NotificationToUser::VerifyAllowedIfNoResponse),
    };
    let class = PrivacyClass {
        not_listed: Some(NotificationToUser::LocationNotAllowed),
        external_clients: vec![entry],
        plmn_clients: vec![PlmnClient::OmHplmn],
        service_types: vec![service],
        ..PrivacyClass::active(PrivacyClassCode::CallSessionRelated)
    };
    let information = LcsInformation {
        gmlc_list: vec![address("491700000000")],
        privacy_classes: vec![class],
        mo_lr: vec![MoLrClass { code: MoLrCode::BasicSelfLocation, status: SsStatus::ACTIVE }],
    };
    let imsi = Imsi::parse(IMSI).unwrap();
    let idr = Idr::new(SESSION, HSS, "sgsn.example.net", "example.net", imsi, information);
    vec![("idr", encoded(|out| idr.encode(ids(30), out)))]
}

/// S6a: what an MME is told of a consent to MDT, and of a job of one subscriber.
pub fn s6a_mdt() -> Vec<(&'static str, Vec<u8>)> {
    let mdt_configuration = MdtConfiguration {
        job_type: 1,
        area_scope: Some(AreaScope {
            e_utran_cell_global_identity: vec![[0x32, 0xF4, 0x51, 0, 0, 1, 1]],
            tracking_area_identity: vec![[0x32, 0xF4, 0x51, 0, 7]],
            extra: Vec::new(),
        }),
        logging_interval: Some(2),
        logging_duration: Some(5),
        mdt_allowed_plmn_id: vec![[0x32, 0xF4, 0x51], [0x62, 0xF2, 0x20]],
        extra: Vec::new(),
    };
    let trace_data = TraceData {
        trace_reference: Octets(&[0x32, 0xF4, 0x51, 0, 0, 1]),
        trace_depth: 0,
        trace_ne_type_list: Octets(&[0x00, 0x02]),
        trace_interface_list: None,
        trace_event_list: Octets(&[0; 4]),
        omc_id: None,
        trace_collection_entity: IpAddr::from([192, 0, 2, 7]),
        mdt_configuration: Some(mdt_configuration),
        extra: Vec::new(),
    };
    let imsi = Imsi::parse(IMSI).unwrap();
    let idr = |data| Idr::with_data(SESSION, HSS, MME.host, MME.realm, imsi, data);
    let job = SubscriptionData { trace_data: Some(trace_data), ..MdtUserConsent::Given.data() };
    vec![
        ("idr_mdt_not_given", encoded(|out| idr(MdtUserConsent::NotGiven.data()).encode(ids(31), out))),
        ("idr_mdt_given", encoded(|out| idr(MdtUserConsent::Given.data()).encode(ids(32), out))),
        ("idr_mdt_job", encoded(|out| idr(job).encode(ids(33), out))),
    ]
}

/// SLg towards a node: immediate and deferred requests, answers with everything, with each shape, without a place.
pub fn positioning() -> Vec<(&'static str, Vec<u8>)> {
    let plr = encoded(immediate);
    let (request, header) = (read(&plr), head(&plr));
    let success = Outcome::Base(ResultCode::SUCCESS);
    let flags = PlaFlags::DEFERRED_RESPONSE.0 | PlaFlags::OPTIMISED_LCS.0;
    let full = Pla {
        eutran_positioning_data: Some(Octets(&[0x00, 0x2B])),
        geran_positioning_info: Some(geran()),
        utran_positioning_info: Some(utran()),
        serving_node: Some(ServingNode {
            mme_name: Some(MME.host),
            mme_realm: Some(MME.realm),
            ..ServingNode::default()
        }),
        pla_flags: Some(PlaFlags(flags)),
        esmlc_cell_info: Some(cell_info()),
        ..Pla::to(&request, MME, success).with_estimate(place())
    };
    let denied = Outcome::Experimental(ExperimentalResult::POSITIONING_DENIED);
    let missing = DecodeError::MissingAvp(FailedAvp::example(&dictionary::LCS_CLIENT_TYPE));
    let mut all = vec![
        ("plr", plr.clone()),
        ("pla", encoded(|out| full.encode(header, out))),
        ("pla-denied", encoded(|out| Pla::to(&request, MME, denied).encode(header, out))),
        ("pla-missing-avp", encoded(|out| error_answer(&request, MME, &missing, out))),
        ("plr-deferred", encoded(deferred)),
    ];
    let names = ["pla-0", "pla-1", "pla-3", "pla-5", "pla-8", "pla-9", "pla-10"];
    for (name, (_, octets)) in names.into_iter().zip(SHAPES) {
        let estimate = Estimate { location_estimate: Some(Octets(octets)), ..Estimate::default() };
        let pla = Pla::to(&request, MME, success).with_estimate(estimate);
        all.push((name, encoded(|out| pla.encode(header, out))));
    }
    all
}

/// SLg from a node: a report with everything, one of an emergency call, answers.
pub fn reports() -> Vec<(&'static str, Vec<u8>)> {
    let node = || ServingNode { mme_name: Some(MME.host), mme_realm: Some(MME.realm), ..ServingNode::default() };
    let to = envelope(MME, GMLC);
    let lrr = Lrr {
        client_name: Some(LcsEpsClientName {
            name: Some("Example Fleet"),
            format: Some(FormatIndicator::LogicalName),
            extra: Vec::new(),
        }),
        eutran_positioning_data: Some(Octets(&[0x00, 0x2B])),
        geran_positioning_info: Some(geran()),
        utran_positioning_info: Some(utran()),
        service_type: ServiceType::new(7),
        pseudonym_requested: Some(true),
        qos_class: Some(QosClass::BestEffort),
        serving_node: Some(node()),
        lrr_flags: Some(LrrFlags(LrrFlags::LGD.0 | LrrFlags::SHORT_CIRCUIT.0)),
        reference_number: Some(ReferenceNumber(18)),
        deferred_mt_lr_data: Some(DeferredMtLrData {
            deferred_location_type: DeferredLocationType::ENTERING_AREA,
            termination_cause: Some(LcsTerminationCause::MT_LR_RESTART),
            serving_node: Some(node()),
            extra: Vec::new(),
        }),
        gmlc_address: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 8))),
        reporting_amount: Ranged::new(2),
        periodic_ldr_information: Some(periodic()),
        esmlc_cell_info: Some(cell_info()),
        one_x_rtt_rcid: Some(Octets(&[0x01, 0x02])),
        delayed_location_reporting_data: Some(DelayedLocationReportingData {
            termination_cause: Some(LcsTerminationCause::NORMAL),
            serving_node: Some(node()),
            extra: Vec::new(),
        }),
        ..Lrr::new(to, LocationEvent::DEFERRED_MT_LR_RESPONSE, target()).with_estimate(place())
    };
    let lrr = encoded(|out| lrr.encode(ids(7), out));
    let call = Lrr {
        client_name: Some(LcsEpsClientName::default()),
        ..Lrr::new(to, LocationEvent::EMERGENCY_CALL_ORIGINATION, target())
    };
    let call = encoded(|out| call.with_estimate(place()).encode(ids(8), out));
    let request = read(&lrr);
    let lra = Lra {
        gmlc_address: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 8))),
        lra_flags: Some(LraFlags::SHORT_CIRCUIT),
        reporting_plmn_list: Some(plmns()),
        reference_number: Some(ReferenceNumber(18)),
        ..Lra::to(&request, GMLC, Outcome::Base(ResultCode::SUCCESS))
    };
    let lra = encoded(|out| lra.encode(request.header, out));
    let busy = Outcome::Base(ResultCode::TOO_BUSY);
    let refused = encoded(|out| Lra::to(&request, GMLC, busy).encode(request.header, out));
    vec![("lrr", lrr), ("lra", lra), ("lrr-emergency", call), ("lra-busy", refused)]
}
