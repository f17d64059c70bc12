//! Requests for tests.

use gmlc::LdrRequest;
use lcs::{
    DeferredEvent, LcsClientId, LcsClientType, LeastPrivacy, LocationRequest, LocationType, Msisdn, Priority, Qos,
    Target, Timestamp, gad::ShapeSet,
};
use privacy::disclosure::{RequestId, Via};

/// A request of "fleet" until 1970-01-12, about this number, named by sixteen times this octet.
pub(crate) fn request(name: u8, number: &str) -> LdrRequest {
    let client = LcsClientId {
        client_type: LcsClientType::ValueAdded,
        external: lcs::Address::international("+4930100").ok(),
        internal: None,
        dialled: None,
        apn: None,
        name: lcs::ClientName::new("Fleet", lcs::FormatIndicator::LogicalName).ok(),
        requestor: None,
        call_session_related: false,
    };
    LdrRequest {
        id: RequestId([name; 16]),
        request: LocationRequest {
            account: "fleet".into(),
            client,
            target: Target::Msisdn(Msisdn::parse(number).unwrap()),
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
        },
        event: DeferredEvent::UeAvailable,
        rounds: None,
        start: None,
        stop: Timestamp::from_secs(1_000_000),
        via: Via::Mlp,
        door: b"push".to_vec(),
    }
}
