//! Whatever can be sent is read as it was sent.

use crate::samples::*;
use lcs::{
    Address, ApnNi, CellIdentity, ClientName, Codeword, Fix, FormatIndicator, Identities, Imei, Imsi,
    LcsCapabilitySets, LcsClientId, LcsClientType, LeastPrivacy, LocationRequest, LocationType, Msisdn,
    NatureOfAddress, NodeKind, PlmnClient, Priority, PrivacyIndicators, PrivacySetting, Pseudonym, Qos, QosClass,
    Requestor, ResponseTime, ServiceType, ServingNode,
    gad::{Point, Shape, ShapeSet, Velocity},
};
use mlp::{
    Limits,
    rlp::{
        Answer, AnswerBody, Outgoing, PeerOutcome, PrivacyInstruction, Routing, ServerAddress, Subject, Version,
        parse_svc_result,
    },
};
use proptest::{option, prelude::*, sample::select};

/// Text that XML can hold and whose ends are not blank.
const TEXT: &str = "[^\\p{Cc}\\s=\u{FFFE}\u{FFFF}]([^\\p{Cc}=\u{FFFE}\u{FFFF}]{0,30}[^\\p{Cc}\\s=\u{FFFE}\u{FFFF}])?";

fn number() -> impl Strategy<Value = Address> {
    "[1-9][0-9]{4,14}".prop_map(|digits| Address::international(&digits).unwrap())
}

fn setting() -> impl Strategy<Value = PrivacySetting> {
    select(PrivacySetting::ALL.to_vec())
}

fn format() -> impl Strategy<Value = FormatIndicator> {
    select(FormatIndicator::ALL.to_vec())
}

fn client() -> impl Strategy<Value = LcsClientId> {
    let name = (TEXT, format()).prop_map(|(text, format)| ClientName::new(text, format).unwrap());
    let requestor = (TEXT, format()).prop_map(|(text, format)| Requestor { text, format });
    let dialled = (number(), select(vec![NatureOfAddress::International, NatureOfAddress::National]));
    let session = option::of(prop_oneof![
        dialled.prop_map(|(number, nature)| (Some(Address { nature, ..number }), None)),
        "[a-z]{1,10}(\\.[a-z]{1,10}){0,3}".prop_map(|apn| (None, ApnNi::new(&apn).ok())),
    ]);
    let none = |client_type| LcsClientId {
        client_type,
        external: None,
        internal: None,
        dialled: None,
        apn: None,
        name: None,
        requestor: None,
        call_session_related: false,
    };
    let value_added =
        (number(), name, option::of(requestor), session).prop_map(move |(external, name, requestor, session)| {
            let call_session_related = session.is_some();
            let (dialled, apn) = session.unwrap_or_default();
            let client_type = LcsClientType::ValueAdded;
            let (external, name) = (Some(external), Some(name));
            LcsClientId { external, name, requestor, dialled, apn, call_session_related, ..none(client_type) }
        });
    let operator = select(PlmnClient::ALL.to_vec())
        .prop_map(move |internal| LcsClientId { internal: Some(internal), ..none(LcsClientType::PlmnOperator) });
    let emergency =
        option::of(number()).prop_map(move |external| LcsClientId { external, ..none(LcsClientType::Emergency) });
    prop_oneof![4 => value_added, 1 => operator, 1 => emergency, 1 => Just(none(LcsClientType::LawfulIntercept))]
}

fn qos() -> impl Strategy<Value = Qos> {
    let time = option::of(select(vec![ResponseTime::LowDelay, ResponseTime::DelayTolerant]));
    (any::<bool>(), option::of(any::<u32>()), option::of(any::<u32>()), time).prop_map(
        |(assured, horizontal_m, vertical_m, response_time)| {
            // Without an accuracy there is none that could be missed, and the protocol has no place for the class.
            let accurate = horizontal_m.is_some() || vertical_m.is_some();
            let class = if assured && accurate { QosClass::Assured } else { QosClass::BestEffort };
            Qos { class, horizontal_m, vertical_m, response_time }
        },
    )
}

fn request() -> impl Strategy<Value = LocationRequest> {
    let types = vec![
        LocationType::Current,
        LocationType::CurrentOrLastKnown,
        LocationType::Initial,
        LocationType::NotificationVerificationOnly,
    ];
    let what = (select(types), option::of(any::<u32>()), qos(), any::<bool>(), any::<bool>());
    let service = option::of((0u32..128).prop_map(|code| ServiceType::new(code).unwrap()));
    let codeword = option::of(TEXT.prop_map(|text| Codeword::new(text).unwrap()));
    let coverage = prop::collection::vec(1u16..1000, 0..5);
    let least = (setting(), setting()).prop_map(|(unrelated, related)| LeastPrivacy { unrelated, related });
    (client(), what, service, codeword, coverage, any::<u32>(), least).prop_map(
        |(
            client,
            (location_type, max_age_s, qos, velocity, high),
            service_type,
            codeword,
            service_coverage,
            shapes,
            least,
        )| {
            // An emergency request has no place for a codeword.
            let codeword = codeword.filter(|_| client.client_type != LcsClientType::Emergency);
            LocationRequest {
                client,
                service_type,
                codeword,
                location_type,
                max_age_s,
                qos,
                velocity,
                priority: if high { Priority::Highest } else { Priority::Normal },
                service_coverage,
                shapes: ShapeSet(shapes),
                least_privacy: least,
                ..full()
            }
        },
    )
}

fn identities() -> impl Strategy<Value = Identities> {
    let digits = ("[1-9][0-9]{4,14}", "[0-9]{6,15}", "[0-9]{14,15}");
    (digits, 1u8..8).prop_map(|((msisdn, imsi, imei), which)| Identities {
        msisdn: Msisdn::parse(&msisdn).ok().filter(|_| which & 1 != 0),
        imsi: Imsi::parse(&imsi).ok().filter(|_| which & 2 != 0),
        imei: Imei::parse(&imei).ok().filter(|_| which & 4 != 0),
    })
}

fn routing() -> impl Strategy<Value = Routing> {
    let host = "[a-z0-9-]{1,12}(\\.[a-z0-9-]{1,12}){0,3}";
    let server = || {
        option::of(prop_oneof![
            any::<std::net::IpAddr>().prop_map(ServerAddress::Ip),
            // A label that is not a number alone: four of those are an IP address.
            "[a-z][a-z0-9-]{0,12}(\\.[a-z][a-z0-9-]{0,12}){0,3}(:[1-9][0-9]{0,3})?".prop_map(ServerAddress::Host),
        ])
    };
    let diameter = (host, host);
    let kind = prop_oneof![
        diameter.prop_map(|(name, realm)| NodeKind::Mme { name, realm }),
        (option::of(number()), diameter).prop_map(|(number, pair)| NodeKind::Sgsn { number, diameter: Some(pair) }),
        number().prop_map(|number| NodeKind::Sgsn { number: Some(number), diameter: None }),
        number().prop_map(|number| NodeKind::Msc { number }),
        host.prop_map(|name| NodeKind::Aaa { name }),
    ];
    let node = (kind, option::of(any::<u32>()), option::of(any::<std::net::IpAddr>()))
        .prop_map(|(kind, sets, v_gmlc)| ServingNode { kind, capabilities: sets.map(LcsCapabilitySets), v_gmlc });
    (server(), server(), server(), prop::collection::vec(node, 0..=8), any::<bool>())
        .prop_map(|(h_gmlc, v_gmlc, ppr, nodes, optimised_lcs)| Routing { h_gmlc, v_gmlc, ppr, nodes, optimised_lcs })
}

/// Octets that are a shape: of a kind, however long that is.
fn shape() -> impl Strategy<Value = Shape> {
    let kinds = vec![0x00u8, 0x10, 0x30, 0x53, 0x5F, 0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0];
    let octets = (select(kinds), prop::collection::vec(0u8..0x60, 96));
    octets.prop_filter_map("no shape", |(kind, mut octets)| {
        octets[0] = kind;
        (7..=96).find_map(|len| Shape::decode(&octets[..len]).ok())
    })
}

fn fix() -> impl Strategy<Value = Fix> {
    let velocity = prop::collection::vec(any::<u8>(), 7).prop_filter_map("no velocity", |mut octets| {
        octets[0] &= 0x33;
        (4..=7).find_map(|len| Velocity::decode(&octets[..len]).ok())
    });
    let cell = (0..3u8, any::<[u8; 7]>()).prop_map(|(kind, octets)| match kind {
        0 => CellIdentity::Ecgi(octets),
        1 => CellIdentity::Cgi(octets),
        _ => CellIdentity::Sai(octets),
    });
    let told = (option::of(any::<u32>()), option::of(any::<bool>()), option::of(any::<u32>()));
    (shape(), option::of(velocity), option::of(cell), option::of(TEXT), told).prop_map(
        |(shape, velocity, cell, civic_address, (age_min, accuracy_fulfilled, barometric_pressure_pa))| Fix {
            shape: Some(shape),
            age_min,
            accuracy_fulfilled,
            velocity,
            cell,
            civic_address,
            barometric_pressure_pa,
        },
    )
}

/// The place that a shape begins with, degrees: its own point, the first of a polygon.
fn corner(shape: &Shape) -> (f64, f64) {
    let of = |point: &Point| (point.latitude.degrees(), point.longitude.degrees());
    match shape {
        Shape::Polygon(polygon) => of(&polygon.points()[0]),
        Shape::Arc { point, .. } => of(point),
        other => (other.centre().lat_deg, other.centre().lon_deg),
    }
}

/// What a request is read as: an IMEI is for emergencies.
fn told(identities: Identities, client: &LcsClientId) -> Identities {
    let imei = identities.imei.filter(|_| {
        client.client_type == LcsClientType::Emergency || (identities.msisdn.is_none() && identities.imsi.is_none())
    });
    Identities { imei, ..identities }
}

proptest! {
    #[test]
    fn requests_to_a_home_gateway(request in request(), identities in identities(), routing in routing()) {
        let sender = home();
        let outgoing = Outgoing::to_home(&sender, &request, identities.into()).unwrap();
        let read = immediate(&outgoing.routing(routing.clone()).to_xml());
        let mut expected = request.clone();
        expected.target = Subject::Known(identities).target().unwrap();
        prop_assert_eq!(read.location_request(request.account.clone()), Some(expected));
        prop_assert_eq!(read.subject, Subject::Known(told(identities, &request.client)));
        prop_assert_eq!(read.routing, routing);
        prop_assert!(!read.privacy_override);
    }

    #[test]
    fn requests_to_a_visited_gateway(
        request in request(), identities in identities(), pair in (setting(), option::of(setting())), number in number(), which in 0u8..3,
    ) {
        let sender = home();
        let session = request.client.dialled.is_some() || request.client.apn.is_some();
        let Ok(indicators) = PrivacyIndicators::new(pair.0, pair.1.filter(|_| session)) else { return Ok(()) };
        let instruction = match which {
            0 => PrivacyInstruction::Indicators(indicators),
            1 => PrivacyInstruction::PseudoExternal(number),
            _ => PrivacyInstruction::Either(indicators, number),
        };
        let outgoing = Outgoing::to_visited(&sender, &request, identities, instruction).unwrap();
        let read = immediate(&outgoing.to_xml());
        prop_assert_eq!(read.instruction(), Ok(instruction));
        prop_assert_eq!((read.client, read.codeword), (request.client, None));
    }

    #[test]
    fn positions_with_all_that_the_network_told(fix in fix(), pseudonym in option::of(TEXT)) {
        let subject = match pseudonym {
            None => Subject::Known(target()),
            Some(text) => Subject::Pseudonym(Pseudonym::new(text).unwrap()),
        };
        let (request, sender, mut out) = (received(&subject, false), home(), String::new());
        let body = AnswerBody::Position { fix: &fix, at: NOW };
        Answer::to(Version::V1_1, &request, &sender, body).with_surroundings().write(&mut out);
        match parse_answer(&out).outcome {
            PeerOutcome::Position(read) => {
                prop_assert!(subject.is(&read.subject));
                let age_min = fix.age_min.or(Some(0));
                prop_assert_eq!(read.fix(NOW), Fix { age_min, ..fix });
            }
            outcome => {
                let shape = fix.shape.unwrap();
                prop_assert!(shape.is_open_ended(), "{:?} of {:?}", outcome, shape);
                prop_assert!(!out.contains("<gad>"));
            }
        }
    }

    /// A gateway that does not know our extension reads the elements of the standard: the same place, not better known.
    #[test]
    fn positions_in_the_elements_of_the_standard_hold_what_the_network_told(fix in fix()) {
        let (request, sender, mut out) = (received(&Subject::Known(target()), false), home(), String::new());
        let body = AnswerBody::Position { fix: &fix, at: NOW };
        Answer::to(Version::V1_0, &request, &sender, body).write(&mut out);
        let Some((before, rest)) = out.split_once("<lr_extension") else { panic!("no extension: {out}") };
        if !out.contains("<pd>") {
            return Ok(());
        }
        let bare = before.to_owned() + rest.split_once("</lr_extension>").unwrap().1;
        let shape = fix.shape.clone().unwrap();
        let read = match parse_svc_result(bare.as_bytes(), &Limits::default()).map(|answer| answer.outcome) {
            Ok(PeerOutcome::Position(read)) => read.fix(NOW).shape.unwrap(),
            Ok(outcome) => panic!("{outcome:?}"),
            // A radius in whole metres, up, may be more than the greatest code.
            Err(error) => {
                prop_assert!(shape.horizontal_uncertainty_m().unwrap() > 1_000_000.0, "{error}: {shape:?}");
                return Ok(());
            }
        };
        let ((was_lat, was_lon), (is_lat, is_lon)) = (corner(&shape), corner(&read));
        // A code of latitude is 1.07e-5 degrees, one of longitude twice that.
        prop_assert!((was_lat - is_lat).abs() < 2.5e-5, "{was_lat} {is_lat}");
        let apart = (was_lon - is_lon).abs();
        prop_assert!(!(5e-5..=359.9).contains(&apart), "{was_lon} {is_lon}");
        if matches!(shape, Shape::Polygon(_) | Shape::Arc { .. }) {
            return Ok(());
        }
        if let (Some(was), Some(is)) = (shape.horizontal_uncertainty_m(), read.horizontal_uncertainty_m()) {
            prop_assert!(is >= was, "{is} m holds {was} m");
        }
    }
}
