//! One message of each kind as a value: what [`crate::messages`] has as octets and [`crate::peer`] as another codec's values.

use crate::common::{GMLC, client_of, codeword, imei, imsi, msisdn, number, sets, target, value_added};
use lcs::{
    Address, AreaIdentity, CellIdentity, Fix, LcsClientId, LcsClientType, LocationType, PlmnClient, PlmnId, Priority,
    PrivacyIndicators, PrivacySetting, Qos, QosClass, ResponseTime, ServiceType, TerminationCause,
    gad::{Shape, ShapeSet, Velocity},
    slpp::{
        ExternalClientEntry, GmlcRestrictionCode, LcsInformation, MoLrClass, MoLrCode, NotificationToUser,
        PrivacyClass, PrivacyClassCode, ServiceTypeEntry, SsStatus,
    },
};
use ss7::map::{
    AdditionalNumber, Area, AreaDefinition, AreaEventInfo, CellOrArea, ClientId, CodewordString, DeferredEvents,
    DeferredMtLrData, DeleteSubscriberDataArg, DeleteSubscriberDataRes, DiameterIdentity, InsertSubscriberDataArg,
    InsertSubscriberDataRes, LcsEvent, LcsLocationInfo, LcsProfile, List, Lmsi, Number, OccurrenceInfo, Octets,
    PeriodicLdrInfo, PrivacyInstruction, Psl, PslRes, RanTechnology, ReceivedPsl, ReportingPlmn, ReportingPlmnList,
    RoutingInfoForLcsArg, RoutingInfoForLcsRes, ServingNodeAddress, SgsnCapability, SlrArg, SlrRes, SubscriberIdentity,
    UpdateGprsLocationArg, UpdateGprsLocationRes, UpdateLocationArg, UpdateLocationRes, VlrCapability,
};
use std::net::IpAddr;

/// Looks at octets, and panics where they are not what they should be.
type Check = dyn Fn(&[u8]);

/// A message: its type in the notation, our octets, and whether octets read as the same value.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    /// Module and type, as a compiler of the notation names them.
    pub(crate) notation: &'static str,
    pub(crate) octets: Vec<u8>,
    pub(crate) reads_same: Box<Check>,
    /// Reads any octets as the same type, and what can be read once more after writing.
    pub(crate) reread: fn(&[u8]),
    /// What `Debug` shows of it.
    pub(crate) shown: String,
}

macro_rules! sample {
    ($name:literal, $type:ident, $notation:literal, $value:expr) => {{
        let value: $type = $value;
        let (octets, shown) = (value.encode(), format!("{value:?}"));
        let reads_same = Box::new(move |octets: &[u8]| assert_eq!($type::decode(octets).as_ref(), Ok(&value), $name));
        let reread = |octets: &[u8]| {
            if let Ok(value) = $type::decode(octets) {
                let written = value.encode();
                assert_eq!($type::decode(&written).map(|again| again.encode()), Ok(written));
            }
        };
        Sample { name: $name, notation: $notation, octets, reads_same, reread, shown }
    }};
}

const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 10));
const ADDRESS_6: IpAddr = IpAddr::V6(std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));
const PLMN: [u8; 3] = [0x62, 0xF2, 0x10];

/// Every message.
pub(crate) fn all() -> Vec<Sample> {
    requests().into_iter().chain(results()).chain(routing()).chain(reports()).chain(registers()).collect()
}

fn psl(client: &LcsClientId, instruction: PrivacyInstruction, highest: u32) -> Psl {
    Psl::new(number(GMLC), LocationType::Current, target(), client, instruction, sets(highest)).unwrap()
}

fn requests() -> Vec<Sample> {
    let notify = PrivacySetting::AllowedWithNotification;
    let indicators = PrivacyIndicators::new(notify, Some(PrivacySetting::AllowedWithoutNotification)).unwrap();
    let qos = Qos {
        class: QosClass::Assured,
        horizontal_m: Some(100),
        vertical_m: Some(50),
        response_time: Some(ResponseTime::LowDelay),
    };
    let mut full = psl(&value_added(), PrivacyInstruction::Indicators(indicators), 5)
        .priority(Priority::Highest)
        .qos(qos, true)
        .shapes(ShapeSet::ALL)
        .lmsi(Lmsi([1, 2, 3, 4]))
        .as_received()
        .clone();
    full.service_type = ServiceType::new(16);
    full.codeword = CodewordString::new(&codeword("lighthouse"));
    full.mo_lr_short_circuit = true;
    let pseudo = psl(&value_added(), PrivacyInstruction::PseudoExternal(number("49900000000011")), 2);
    let plmn = LcsClientId { internal: Some(PlmnClient::OmHplmn), ..client_of(LcsClientType::PlmnOperator) };
    let operator = psl(&plmn, PrivacyInstruction::PlmnClient, 1);
    let emergency = psl(&client_of(LcsClientType::Emergency), PrivacyInstruction::Override, 5);
    vec![
        sample!("request with indicators", ReceivedPsl, "MAP_LCS_DataTypes.ProvideSubscriberLocation_Arg", full),
        sample!(
            "request with a pseudo-external identity",
            ReceivedPsl,
            "MAP_LCS_DataTypes.ProvideSubscriberLocation_Arg",
            pseudo.as_received().clone()
        ),
        sample!(
            "request of an operator client",
            ReceivedPsl,
            "MAP_LCS_DataTypes.ProvideSubscriberLocation_Arg",
            operator.as_received().clone()
        ),
        sample!(
            "request with override",
            ReceivedPsl,
            "MAP_LCS_DataTypes.ProvideSubscriberLocation_Arg",
            emergency.as_received().clone()
        ),
        sample!(
            "deferred request for areas",
            ReceivedPsl,
            "MAP_LCS_DataTypes.ProvideSubscriberLocation_Arg",
            deferred(DeferredEvents::ENTERING_INTO_AREA.and(DeferredEvents::LEAVING_FROM_AREA))
                .area_event(areas())
                .reporting_plmns(plmns())
                .as_received()
                .clone()
        ),
        sample!(
            "deferred request for periods",
            ReceivedPsl,
            "MAP_LCS_DataTypes.ProvideSubscriberLocation_Arg",
            deferred(DeferredEvents::PERIODIC_LDR)
                .periodic(PeriodicLdrInfo::new(100, 3600).unwrap())
                .as_received()
                .clone()
        ),
    ]
}

fn deferred(events: DeferredEvents) -> Psl {
    let indicators = PrivacyIndicators::new(PrivacySetting::AllowedWithoutNotification, None).unwrap();
    let instruction = PrivacyInstruction::Indicators(indicators);
    let kind = LocationType::ActivateDeferred;
    let psl = Psl::new(number(GMLC), kind, target(), &value_added(), instruction, sets(4)).unwrap();
    psl.deferred(events, 7, ADDRESS)
}

fn areas() -> AreaEventInfo {
    let plmn = PlmnId::from_octets(PLMN).unwrap();
    let areas = [
        AreaIdentity::Country([2, 6, 2]),
        AreaIdentity::Plmn(plmn),
        AreaIdentity::LocationArea(plmn, 0x1234),
        AreaIdentity::RoutingArea(plmn, 0x1234, 0x56),
        AreaIdentity::Cell(plmn, 0x1234, 0x5678),
        AreaIdentity::UtranCell(plmn, 0x0123_4567),
    ];
    AreaEventInfo {
        area_definition: AreaDefinition {
            area_list: List::new(areas.map(|area| Area::new(area).unwrap()).to_vec()).unwrap(),
        },
        occurrence_info: Some(OccurrenceInfo::MultipleTimeEvent),
        interval_time_s: Number::new(300),
    }
}

fn plmns() -> ReportingPlmnList {
    let first =
        ReportingPlmn { plmn_id: PLMN, ran_technology: Some(RanTechnology::Umts), ran_periodic_location_support: true };
    let second = ReportingPlmn { plmn_id: [0, 1, 2], ran_technology: None, ran_periodic_location_support: false };
    ReportingPlmnList { plmn_list_prioritized: true, plmn_list: List::new(vec![first, second]).unwrap() }
}

pub(crate) fn fix(shape: &[u8]) -> Fix {
    Fix {
        shape: Some(Shape::decode(shape).unwrap()),
        age_min: Some(2),
        accuracy_fulfilled: Some(true),
        velocity: Some(Velocity {
            bearing_deg: 90,
            horizontal_km_h: 59,
            vertical_km_h: None,
            horizontal_uncertainty_km_h: None,
            vertical_uncertainty_km_h: None,
        }),
        cell: Some(CellIdentity::Sai([0x62, 0xF2, 0x10, 0x12, 0x34, 0x00, 0x05])),
        civic_address: None,
        barometric_pressure_pa: Some(101_325),
    }
}

/// Berlin, within 100 m.
pub(crate) const CIRCLE: [u8; 8] = [0x10, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E, 0x1A];
/// Three corners.
pub(crate) const POLYGON: [u8; 19] =
    [0x53, 0x4A, 0xAA, 0xAA, 0x09, 0x75, 0x30, 0x4A, 0xCF, 0x13, 0x09, 0x75, 0x30, 0x4A, 0xCF, 0x13, 0x09, 0x99, 0x99];

fn results() -> Vec<Sample> {
    let mut full = PslRes::of_fix(&fix(&POLYGON), Some(ShapeSet::ALL)).unwrap();
    full.geran_positioning_data = Octets::new([0, 0x22]);
    full.utran_positioning_data = Octets::new([0, 0, 0x11]);
    full.mo_lr_short_circuit = true;
    full.geran_ganss_positioning_data = Octets::new([0, 1]);
    full.utran_ganss_positioning_data = Octets::new([1]);
    full.target_serving_node_for_handover = DiameterIdentity::new("mme1.example.net").map(ServingNodeAddress::Mme);
    full.utran_additional_positioning_data = Octets::new([2]);
    full.utran_civic_address = Octets::new(*b"<civicAddress/>");
    let area = PslRes {
        cell_id_or_sai: Some(CellOrArea::LocationArea([0x62, 0xF2, 0x10, 0x12, 0x34])),
        ..PslRes::without_place(true)
    };
    vec![
        sample!(
            "result with a circle",
            PslRes,
            "MAP_LCS_DataTypes.ProvideSubscriberLocation_Res",
            PslRes::of_fix(&fix(&CIRCLE), None).unwrap()
        ),
        sample!("result with everything", PslRes, "MAP_LCS_DataTypes.ProvideSubscriberLocation_Res", full),
        sample!("acceptance of a deferred request", PslRes, "MAP_LCS_DataTypes.ProvideSubscriberLocation_Res", area),
    ]
}

fn node() -> LcsLocationInfo {
    LcsLocationInfo {
        supported_lcs_capability_sets: Some(sets(5)),
        ..LcsLocationInfo::of_number(number("499500021"), false)
    }
}

fn routing() -> Vec<Sample> {
    let nodes = LcsLocationInfo {
        lmsi: Some(Lmsi([1, 2, 3, 4])),
        additional_number: Some(AdditionalNumber::Sgsn(number("499500022"))),
        additional_lcs_capability_sets: Some(sets(3)),
        mme_name: DiameterIdentity::new("mmec01.mmegi0001.mme.epc.mnc001.mcc262.3gppnetwork.org"),
        aaa_server_name: DiameterIdentity::new("aaa.example.net"),
        sgsn_name: DiameterIdentity::new("sgsn1.example.net"),
        sgsn_realm: DiameterIdentity::new("example.net"),
        ..node()
    };
    vec![
        sample!(
            "question where a subscriber is served",
            RoutingInfoForLcsArg,
            "MAP_LCS_DataTypes.RoutingInfoForLCS_Arg",
            RoutingInfoForLcsArg { mlc_number: number(GMLC), target_ms: SubscriberIdentity::Msisdn(msisdn()) }
        ),
        sample!(
            "where a subscriber is served",
            RoutingInfoForLcsRes,
            "MAP_LCS_DataTypes.RoutingInfoForLCS_Res",
            RoutingInfoForLcsRes {
                target_ms: SubscriberIdentity::Imsi(imsi()),
                lcs_location_info: nodes,
                v_gmlc_address: Some(ADDRESS),
                h_gmlc_address: Some(ADDRESS_6),
                ppr_address: Some(ADDRESS),
                additional_v_gmlc_address: Some(ADDRESS_6),
            }
        ),
    ]
}

fn reports() -> Vec<Sample> {
    let emergency = ClientId::new(LcsClientType::Emergency);
    let by_equipment = lcs::Identities { imei: Some(imei()), ..lcs::Identities::default() };
    let sgsn = LcsLocationInfo::of_number(number("499500022"), true);
    let mut call = SlrArg::new(LcsEvent::EmergencyCallOrigination, emergency, node(), by_equipment);
    call.na_esrk = Some(number("15550100"));
    let estimate = ss7::map::Estimate::of(&fix(&CIRCLE), None).unwrap();
    let data = DeferredMtLrData {
        deferred_location_event_type: DeferredEvents::PERIODIC_LDR,
        termination_cause: Some(TerminationCause::MtLrRestart),
        lcs_location_info: Some(node()),
    };
    let mut report = SlrArg::new(LcsEvent::MoLr, ClientId::of(&value_added()), sgsn, target())
        .with_estimate(estimate)
        .deferred(data, 7);
    report.add_location_estimate = Octets::new(POLYGON);
    report.h_gmlc_address = Some(ADDRESS);
    report.lcs_service_type_id = ServiceType::new(64);
    report.pseudonym_indicator = true;
    report.sequence_number = Number::new(70_000);
    report.periodic_ldr_info = PeriodicLdrInfo::new(1, 8_639_999);
    report.mo_lr_short_circuit = true;
    report.target_serving_node_for_handover = Some(ServingNodeAddress::Sgsn(number("499500023")));
    vec![
        sample!("report of an emergency call", SlrArg, "MAP_LCS_DataTypes.SubscriberLocationReport_Arg", call),
        sample!("report of a deferred request", SlrArg, "MAP_LCS_DataTypes.SubscriberLocationReport_Arg", report),
        sample!(
            "answer to a report",
            SlrRes,
            "MAP_LCS_DataTypes.SubscriberLocationReport_Res",
            SlrRes {
                na_esrk: Some(number("15550100")),
                na_esrd: None,
                h_gmlc_address: Some(ADDRESS),
                mo_lr_short_circuit: true,
                reporting_plmn_list: Some(plmns()),
                lcs_reference_number: Some(7),
            }
        ),
    ]
}

fn entry(client: Option<Address>, notification: Option<NotificationToUser>) -> ExternalClientEntry {
    ExternalClientEntry { client, gmlc_restriction: Some(GmlcRestrictionCode::HomeCountry), notification }
}

/// A profile that fills the first list of classes and needs the second, with six clients in one class.
pub(crate) fn profile() -> LcsInformation {
    let clients = [None, Some(NotificationToUser::NotifyLocationAllowed), Some(NotificationToUser::LocationNotAllowed)];
    let clients = clients.into_iter().cycle().take(6).enumerate();
    let clients = clients.map(|(at, told)| entry(Some(number(&format!("4990000{at}"))), told)).collect();
    LcsInformation {
        gmlc_list: vec![number(GMLC), number("499500002")],
        privacy_classes: vec![
            PrivacyClass { status: SsStatus::NOT_PROVISIONED, ..PrivacyClass::active(PrivacyClassCode::Universal) },
            PrivacyClass {
                not_listed: Some(NotificationToUser::LocationNotAllowed),
                external_clients: vec![entry(None, None)],
                ..PrivacyClass::active(PrivacyClassCode::CallSessionRelated)
            },
            PrivacyClass { external_clients: clients, ..PrivacyClass::active(PrivacyClassCode::CallSessionUnrelated) },
            PrivacyClass {
                plmn_clients: PlmnClient::ALL.to_vec(),
                ..PrivacyClass::active(PrivacyClassCode::PlmnOperator)
            },
            PrivacyClass {
                service_types: vec![ServiceTypeEntry {
                    service_type: ServiceType::new(16).unwrap(),
                    gmlc_restriction: Some(GmlcRestrictionCode::GmlcList),
                    notification: Some(NotificationToUser::VerifyAllowedIfNoResponse),
                }],
                ..PrivacyClass::active(PrivacyClassCode::ServiceType)
            },
        ],
        mo_lr: MoLrCode::ALL.map(|code| MoLrClass { code, status: SsStatus::ACTIVE }).to_vec(),
    }
}

fn registers() -> Vec<Sample> {
    let profile = LcsProfile::new(profile()).unwrap();
    let sgsn = UpdateGprsLocationArg {
        imsi: imsi(),
        sgsn_number: number("499500022"),
        sgsn_address: ADDRESS,
        sgsn_capability: Some(SgsnCapability { supported_lcs_capability_sets: Some(lcs::LcsCapabilitySets(0b0_1110)) }),
        ps_lcs_not_supported_by_ue: true,
        v_gmlc_address: Some(ADDRESS),
        sgsn_name: DiameterIdentity::new("sgsn1.example.net"),
        sgsn_realm: DiameterIdentity::new("example.net"),
        lgd_support_indicator: true,
    };
    let msc = UpdateLocationArg {
        imsi: imsi(),
        msc_number: number("499500021"),
        vlr_number: number("499500021"),
        lmsi: Some(Lmsi([1, 2, 3, 4])),
        vlr_capability: Some(VlrCapability { supported_lcs_capability_sets: Some(sets(3)) }),
        cs_lcs_not_supported_by_ue: false,
        v_gmlc_address: Some(ADDRESS),
    };
    vec![
        sample!(
            "profile for a node",
            InsertSubscriberDataArg,
            "MAP_MS_DataTypes.InsertSubscriberDataArg",
            InsertSubscriberDataArg { imsi: Some(imsi()), msisdn: Some(msisdn()), lcs_information: Some(profile) }
        ),
        sample!(
            "what a node does not support",
            InsertSubscriberDataRes,
            "MAP_MS_DataTypes.InsertSubscriberDataRes",
            InsertSubscriberDataRes { ss_list: List::new(vec![0xB6, 0xC4]) }
        ),
        sample!(
            "withdrawal of a profile",
            DeleteSubscriberDataArg,
            "MAP_MS_DataTypes.DeleteSubscriberDataArg",
            DeleteSubscriberDataArg { imsi: imsi(), ss_list: List::new(vec![0xB0, 0xC1]), gmlc_list_withdraw: true }
        ),
        sample!(
            "result of a withdrawal",
            DeleteSubscriberDataRes,
            "MAP_MS_DataTypes.DeleteSubscriberDataRes",
            DeleteSubscriberDataRes::default()
        ),
        sample!("location of an MSC server", UpdateLocationArg, "MAP_MS_DataTypes.UpdateLocationArg", msc),
        sample!(
            "home register to an MSC server",
            UpdateLocationRes,
            "MAP_MS_DataTypes.UpdateLocationRes",
            UpdateLocationRes { hlr_number: number("499500010") }
        ),
        sample!("location of an SGSN", UpdateGprsLocationArg, "MAP_MS_DataTypes.UpdateGprsLocationArg", sgsn),
        sample!(
            "home register to an SGSN",
            UpdateGprsLocationRes,
            "MAP_MS_DataTypes.UpdateGprsLocationRes",
            UpdateGprsLocationRes { hlr_number: number("499500010") }
        ),
    ]
}
