//! Identities, results and errors, and what of them is to be read.

use crate::messages::{Exchange, client, psl};
use crate::network::Who;
use lcs::{
    Address, Fix, Identities, Imei, Imsi, LocationType, Msisdn, PrivacyIndicators, PrivacySetting,
    PseudoExternalIdentity, gad::Shape, gad::ShapeSet,
};
use ss7::map::{
    AbsentSubscriberReason as Absent, AdditionalNetworkResource, FailureCause, MapError, NetworkResource, Operation,
    PositionMethodFailureDiagnostic as Position, PrivacyInstruction, PslRes, RoamingNotAllowedCause, SystemFailure,
    UnauthorizedLcsClientDiagnostic as Client, UnknownSubscriberDiagnostic as Unknown,
};
use transport::sigtran::{Answer, InvokeOutcome};

pub const IMSI: &str = "262010000000001";
pub const MSISDN: &str = "491701234567";
pub const IMEI: &str = "35609204079301";
pub const CLIENT: &str = "4930123456";
pub const NAME: &str = "Acme";
pub const REQUESTOR: &str = "+491709999999";
pub const CIRCLE: &[u8] = &[0x10, 0x4A, 0xB1, 0xF2, 0x09, 0x88, 0x4E, 0x1A];

pub fn number(digits: &str) -> Address {
    Address::international(digits).unwrap()
}

pub fn target() -> Identities {
    Identities { imsi: Imsi::parse(IMSI).ok(), msisdn: Msisdn::parse(MSISDN).ok(), imei: Imei::parse(IMEI).ok() }
}

/// Its number.
pub fn pseudo_external(identity: PseudoExternalIdentity) -> String {
    format!("4990000000{:02}", identity.number())
}

pub fn result_of(shape: &[u8]) -> PslRes {
    let fix = Fix {
        shape: Some(Shape::decode(shape).unwrap()),
        age_min: Some(2),
        accuracy_fulfilled: Some(true),
        velocity: None,
        cell: None,
        civic_address: None,
        barometric_pressure_pa: None,
    };
    PslRes::of_fix(&fix, Some(ShapeSet::ALL)).unwrap()
}

fn asked(name: &'static str, res: &PslRes) -> Exchange {
    let told = PrivacyIndicators::new(PrivacySetting::AllowedWithNotification, None).unwrap();
    let told = psl(LocationType::Current, &client(), PrivacyInstruction::Indicators(told), 5);
    Exchange::psl(name, Who::Msc, &told, res)
}

/// A result with each shape.
pub fn results() -> Vec<Exchange> {
    crate::interop::messages::SHAPES.iter().map(|(_, shape)| asked("shape", &result_of(shape))).collect()
}

/// Each error with each of its diagnostics.
pub fn every_error() -> Vec<MapError> {
    let system = |network_resource, additional_network_resource, failure_cause| {
        MapError::SystemFailure(SystemFailure { network_resource, additional_network_resource, failure_cause })
    };
    let facility = |shape_of_location_estimate, needed_lcs_capability| MapError::FacilityNotSupported {
        shape_of_location_estimate,
        needed_lcs_capability,
    };
    let mut all = vec![
        MapError::UnknownSubscriber(None),
        MapError::UnidentifiedSubscriber,
        MapError::IllegalSubscriber,
        MapError::IllegalEquipment,
        facility(false, false),
        facility(true, false),
        facility(false, true),
        MapError::AbsentSubscriber(None),
        system(None, None, None),
        system(Some(NetworkResource::Vmsc), Some(AdditionalNetworkResource::Gmlc), None),
        system(None, None, Some(FailureCause::LimitReachedOnConcurrentLocationRequests)),
        MapError::DataMissing,
        MapError::UnexpectedDataValue { unexpected_subscriber: false },
        MapError::UnexpectedDataValue { unexpected_subscriber: true },
        MapError::ResourceLimitation,
        MapError::UnauthorizedRequestingNetwork,
        MapError::UnauthorizedLcsClient(None),
        MapError::PositionMethodFailure(None),
        MapError::UnknownOrUnreachableLcsClient,
    ];
    all.extend(Unknown::ALL.iter().map(|told| MapError::UnknownSubscriber(Some(*told))));
    all.extend(RoamingNotAllowedCause::ALL.iter().map(|told| MapError::RoamingNotAllowed(*told)));
    all.extend(Absent::ALL.iter().map(|told| MapError::AbsentSubscriber(Some(*told))));
    all.extend(Client::ALL.iter().map(|told| MapError::UnauthorizedLcsClient(Some(*told))));
    all.extend(Position::ALL.iter().map(|told| MapError::PositionMethodFailure(Some(*told))));
    all
}

pub fn errors() -> Vec<Exchange> {
    every_error().into_iter().map(|error| failed(asked("error", &result_of(CIRCLE)), error)).collect()
}

/// The exchange ends with an error instead.
pub fn failed(exchange: Exchange, error: MapError) -> Exchange {
    let (code, parameter) = (error.code(), error.parameter());
    let outcome = InvokeOutcome::Error { code, parameter: parameter.clone() };
    exchange.answered(Answer::Error { code, parameter }, outcome)
}

#[test]
fn every_error_of_every_operation_is_there() {
    for operation in Operation::ALL {
        let listed = every_error();
        assert!(operation.errors().iter().all(|code| listed.iter().any(|error| error.code() == *code)));
    }
}
