//! Identities, results and errors, and what of them is to be read.

use crate::messages::{Exchange, Field, client, field, no, psl};
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

const SECOND: &str = "gsm_map.lcs.add_LocationEstimate";

/// Octets as the dissector writes them.
fn octets(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(":")
}

/// A result with each shape.
pub fn results() -> Vec<Exchange> {
    let result = |kind, shape| {
        // Those that the first field has no room for are in the second, and the first says nothing.
        let (first, second) = match kind {
            5 | 8 => (field("gsm_map.lcs.locationEstimate", "00"), field(SECOND, octets(shape))),
            _ => (field("gsm_map.lcs.locationEstimate", octets(shape)), no(SECOND)),
        };
        asked("shape", &result_of(shape)).told(vec![
            first,
            second,
            field("gsm_map.lcs.ageOfLocationEstimate", 2),
            field("gsm_map.lcs.accuracyFulfilmentIndicator", 0),
        ])
    };
    crate::interop::messages::SHAPES.iter().map(|(kind, shape)| result(*kind, shape)).collect()
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
    exchange.answered(Answer::Error { code, parameter }, outcome).told(diagnosed(error))
}

/// Every field of diagnostics: those of this error with their values, and no other.
fn diagnosed(error: MapError) -> Vec<Field> {
    let mut all = [
        "gsm_map.er.unknownSubscriberDiagnostic",
        "gsm_map.er.roamingNotAllowedCause",
        "gsm_map.er.absentSubscriberReason",
        "gsm_map.er.networkResource",
        "gsm_map.er.additionalNetworkResource",
        "gsm_map.er.failureCauseParam",
        "gsm_map.er.unauthorizedLCSClient_Diagnostic",
        "gsm_map.er.positionMethodFailure_Diagnostic",
        "gsm_map.er.shapeOfLocationEstimateNotSupported_element",
        "gsm_map.er.neededLcsCapabilityNotSupportedInServingNode_element",
        "gsm_map.er.unexpectedSubscriber_element",
    ]
    .map(|name| (name, Vec::new()));
    let mut is = |number: usize, value: Option<u8>| all[number].1.extend(value.map(|code| code.to_string()));
    match error {
        MapError::UnknownSubscriber(told) => is(0, told.map(Unknown::code)),
        MapError::RoamingNotAllowed(told) => is(1, Some(told.code())),
        MapError::AbsentSubscriber(told) => is(2, told.map(Absent::code)),
        MapError::SystemFailure(told) => {
            is(3, told.network_resource.map(NetworkResource::code));
            is(4, told.additional_network_resource.map(AdditionalNetworkResource::code));
            is(5, told.failure_cause.map(FailureCause::code));
        }
        MapError::UnauthorizedLcsClient(told) => is(6, told.map(Client::code)),
        MapError::PositionMethodFailure(told) => is(7, told.map(Position::code)),
        MapError::FacilityNotSupported { shape_of_location_estimate, needed_lcs_capability } => {
            all[8].1.extend(shape_of_location_estimate.then(String::new));
            all[9].1.extend(needed_lcs_capability.then(String::new));
        }
        MapError::UnexpectedDataValue { unexpected_subscriber } => {
            all[10].1.extend(unexpected_subscriber.then(String::new));
        }
        _ => {}
    }
    all.into()
}

#[test]
fn every_error_of_every_operation_is_there() {
    for operation in Operation::ALL {
        let listed = every_error();
        assert!(operation.errors().iter().all(|code| listed.iter().any(|error| error.code() == *code)));
    }
}
