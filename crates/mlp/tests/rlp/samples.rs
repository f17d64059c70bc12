//! What the tests share: one request, one position, in the words of `lcs`.

use lcs::{
    Address, ApnNi, CellIdentity, ClientName, Codeword, Duration, Fix, FormatIndicator, Identities, Imei, Imsi,
    LcsCapabilitySets, LcsClientId, LcsClientType, LeastPrivacy, LocationRequest, LocationType, Msisdn, NodeKind,
    PlmnClient, Priority, PrivacyIndicators, PrivacySetting, Pseudonym, Qos, QosClass, Requestor, ResponseTime,
    ServiceType, ServingNode, Target, Timestamp,
    gad::{Latitude, Longitude, Point, Shape, ShapeKind, ShapeSet, Uncertainty, Velocity},
};
use mlp::{
    AreaChange, Limits, MlpArea, Trigger, TriggerEvent, Waiting,
    rlp::{
        Immediate, News, Routing, Sender, ServerAddress, Service, Subject, SvcInit, SvcResult, Transaction, Triggered,
    },
};

/// 2026-03-01T00:10:05Z.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_772_323_805);

pub(crate) fn home() -> Sender {
    Sender::new("h-gmlc.home.example")
}

pub(crate) fn transaction() -> Transaction {
    Transaction::new("r-7f3a91").unwrap()
}

pub(crate) fn target() -> Identities {
    Identities { msisdn: Msisdn::parse("4915110000001").ok(), imsi: Imsi::parse("262011234567890").ok(), imei: None }
}

pub(crate) fn caller() -> Identities {
    Identities { imei: Imei::parse("35850604062684").ok(), ..target() }
}

pub(crate) fn pseudonym() -> Pseudonym {
    Pseudonym::new("zq7-kd2@home.example".to_owned()).unwrap()
}

/// A value added client that asks with all that a request can have.
pub(crate) fn full() -> LocationRequest {
    LocationRequest {
        account: "fleet".into(),
        client: LcsClientId {
            client_type: LcsClientType::ValueAdded,
            external: Address::international("+4930555000").ok(),
            internal: None,
            dialled: None,
            apn: ApnNi::new("fleet.example").ok(),
            name: ClientName::new("Example Fleet & Co", FormatIndicator::LogicalName).ok(),
            requestor: Some(Requestor { text: "sip:desk@fleet.example".to_owned(), format: FormatIndicator::SipUrl }),
            call_session_related: true,
        },
        target: Target::Msisdn(target().msisdn.unwrap()),
        service_type: ServiceType::new(3),
        codeword: Codeword::new("light<house".to_owned()),
        location_type: LocationType::CurrentOrLastKnown,
        max_age_s: Some(600),
        qos: Qos {
            class: QosClass::Assured,
            horizontal_m: Some(100),
            vertical_m: Some(30),
            response_time: Some(ResponseTime::LowDelay),
        },
        velocity: true,
        priority: Priority::Highest,
        service_coverage: vec![49, 43],
        shapes: [ShapeKind::CIRCLE, ShapeKind::ELLIPSE, ShapeKind::POINT_ALTITUDE].into_iter().collect(),
        least_privacy: LeastPrivacy {
            unrelated: PrivacySetting::AllowedWithNotification,
            related: PrivacySetting::AllowedWithoutNotification,
        },
    }
}

/// The least that a client of this type asks with.
pub(crate) fn least(client_type: LcsClientType) -> LocationRequest {
    let value_added = client_type == LcsClientType::ValueAdded;
    let client = LcsClientId {
        client_type,
        external: full().client.external.filter(|_| value_added),
        internal: (client_type == LcsClientType::PlmnOperator).then_some(PlmnClient::OmVplmn),
        dialled: None,
        apn: None,
        name: full().client.name.filter(|_| value_added),
        requestor: None,
        call_session_related: false,
    };
    LocationRequest {
        client,
        service_type: None,
        codeword: None,
        location_type: LocationType::Current,
        max_age_s: None,
        qos: Qos::BEST_EFFORT,
        velocity: false,
        priority: Priority::Normal,
        service_coverage: Vec::new(),
        shapes: ShapeSet::ALL,
        least_privacy: LeastPrivacy::NONE,
        ..full()
    }
}

pub(crate) fn indicators() -> PrivacyIndicators {
    let related = Some(PrivacySetting::AllowedWithNotification);
    PrivacyIndicators::new(PrivacySetting::RestrictedIfNoResponse, related).unwrap()
}

/// The number of a pseudo-external identity.
pub(crate) fn pseudo_external() -> Address {
    Address::international("4990000000009").unwrap()
}

pub(crate) fn routing() -> Routing {
    let number = |text: &str| Address::international(text).unwrap();
    let ip = |text: &str| ServerAddress::parse(text);
    Routing {
        h_gmlc: ip("192.0.2.10"),
        v_gmlc: ip("2001:db8::20"),
        ppr: ip("ppr.home.example:9230"),
        nodes: vec![
            ServingNode {
                kind: NodeKind::Mme { name: "mme1.visited.example".to_owned(), realm: "visited.example".to_owned() },
                capabilities: Some(LcsCapabilitySets(31)),
                v_gmlc: "2001:db8::20".parse().ok(),
            },
            ServingNode {
                kind: NodeKind::Msc { number: number("436641234") },
                capabilities: Some(LcsCapabilitySets(3)),
                v_gmlc: None,
            },
            ServingNode {
                kind: NodeKind::Sgsn { number: Some(number("436645678")), diameter: None },
                capabilities: None,
                v_gmlc: None,
            },
        ],
        optimised_lcs: true,
    }
}

pub(crate) fn point() -> Point {
    Point { latitude: Latitude::from_degrees(52.52).unwrap(), longitude: Longitude::from_degrees(13.405).unwrap() }
}

pub(crate) fn fix() -> Fix {
    Fix {
        shape: Some(Shape::Circle(point(), Uncertainty::from_code(20).unwrap())),
        age_min: Some(2),
        accuracy_fulfilled: Some(true),
        velocity: Some(Velocity {
            bearing_deg: 90,
            horizontal_km_h: 59,
            vertical_km_h: None,
            horizontal_uncertainty_km_h: Some(3),
            vertical_uncertainty_km_h: None,
        }),
        cell: Some(CellIdentity::Ecgi([0x62, 0xF2, 0x10, 0x01, 0x23, 0x45, 0x67])),
        civic_address: Some("<civic>Unter den Linden</civic>".to_owned()),
        barometric_pressure_pa: Some(101_325),
    }
}

pub(crate) fn only_a_cell() -> Fix {
    Fix {
        shape: None,
        velocity: None,
        civic_address: None,
        barometric_pressure_pa: None,
        accuracy_fulfilled: None,
        ..fix()
    }
}

pub(crate) fn parse(xml: &str) -> SvcInit {
    mlp::rlp::parse_svc_init(xml.as_bytes(), &Limits::default()).unwrap_or_else(|error| panic!("{error}\n{xml}"))
}

pub(crate) fn immediate(xml: &str) -> Immediate {
    match parse(xml).service {
        Service::Immediate(request) => *request,
        other => panic!("{other:?} is not immediate"),
    }
}

pub(crate) fn triggered(xml: &str) -> Triggered {
    match parse(xml).service {
        Service::Triggered(request) => *request,
        other => panic!("{other:?} is not triggered"),
    }
}

pub(crate) fn parse_told(xml: &str) -> News {
    mlp::rlp::parse_news(xml.as_bytes(), &Limits::default()).unwrap_or_else(|error| panic!("{error}\n{xml}"))
}

/// Out of a circle of 299 m, at most twice, until an hour later.
pub(crate) fn leaving() -> Waiting {
    let (latitude, longitude) = (Latitude::from_degrees(52.52), Longitude::from_degrees(13.405));
    let point = Point { latitude: latitude.unwrap(), longitude: longitude.unwrap() };
    let circle = Shape::Circle(point, Uncertainty::from_code(36).unwrap());
    let (change, area) = (AreaChange::Leaving, MlpArea::Shape(circle));
    let event = TriggerEvent::ChangeArea { change, area, estimates: true, reports: 2, min_interval_s: Some(30) };
    let stop = Some(NOW.after(Duration::from_secs(3_600)));
    Waiting { trigger: Trigger::Event(event), start: None, stop, duration_s: None }
}

/// Every ten minutes for two hours, from an hour later.
pub(crate) fn periodic() -> Waiting {
    let start = Some(NOW.after(Duration::from_secs(3_600)));
    Waiting { trigger: Trigger::Periodic { interval_s: 600 }, start, stop: None, duration_s: Some(7_200) }
}

pub(crate) fn parse_answer(xml: &str) -> SvcResult {
    mlp::rlp::parse_svc_result(xml.as_bytes(), &Limits::default()).unwrap_or_else(|error| panic!("{error}\n{xml}"))
}

/// A request as received, with a body of ours.
pub(crate) fn received(subject: &Subject, emergency: bool) -> Immediate {
    let request = least(if emergency { LcsClientType::Emergency } else { LcsClientType::ValueAdded });
    let sender = home();
    let outgoing = mlp::rlp::Outgoing::to_home(&sender, &request, subject.clone()).unwrap();
    immediate(&outgoing.transaction(transaction(), NOW).to_xml())
}
