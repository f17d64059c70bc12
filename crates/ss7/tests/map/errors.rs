//! Errors, their parameters, and what they mean (TS 29.002 clauses 17.6.6 and 17.7.7, TS 23.271 clause 9.5).

use crate::common::hex;
use lcs::{Failure, RefusalReason};
use ss7::map::{
    AbsentSubscriberReason as Absent, AdditionalNetworkResource, DecodeError, FailureCause, MapError, NetworkResource,
    Operation, PositionMethodFailureDiagnostic as Position, RoamingNotAllowedCause, SystemFailure,
    UnauthorizedLcsClientDiagnostic as Client, UnknownSubscriberDiagnostic, UnreadableError, error, failure,
};

const fn facility(shape_of_location_estimate: bool, needed_lcs_capability: bool) -> MapError {
    MapError::FacilityNotSupported { shape_of_location_estimate, needed_lcs_capability }
}

const fn unexpected(unexpected_subscriber: bool) -> MapError {
    MapError::UnexpectedDataValue { unexpected_subscriber }
}

fn system(cause: Option<FailureCause>) -> MapError {
    MapError::SystemFailure(SystemFailure { failure_cause: cause, ..SystemFailure::default() })
}

/// Error, code, parameter, meaning.
pub(crate) fn table() -> Vec<(MapError, i64, &'static str, Failure)> {
    let refused = Failure::Refused;
    vec![
        (MapError::UnknownSubscriber(None), 1, "", Failure::UnknownSubscriber),
        (
            MapError::UnknownSubscriber(Some(UnknownSubscriberDiagnostic::NpdbMismatch)),
            1,
            "3003 0A0102",
            Failure::UnknownSubscriber,
        ),
        (MapError::UnidentifiedSubscriber, 5, "", Failure::UnknownSubscriber),
        (
            MapError::RoamingNotAllowed(RoamingNotAllowedCause::OperatorDeterminedBarring),
            8,
            "3003 0A0103",
            Failure::NetworkFault,
        ),
        (MapError::IllegalSubscriber, 9, "", Failure::NetworkFault),
        (MapError::IllegalEquipment, 12, "", Failure::NetworkFault),
        (facility(false, false), 21, "", Failure::ServingNodeUnsupported),
        (MapError::SHAPE_NOT_SUPPORTED, 21, "3002 8000", Failure::PositioningFailed),
        (facility(false, true), 21, "3002 8100", Failure::ServingNodeUnsupported),
        (facility(true, true), 21, "3004 8000 8100", Failure::PositioningFailed),
        (MapError::AbsentSubscriber(None), 27, "", Failure::AbsentSubscriber),
        (MapError::AbsentSubscriber(Some(Absent::ImsiDetach)), 27, "3003 800100", Failure::DetachedSubscriber),
        (MapError::AbsentSubscriber(Some(Absent::RestrictedArea)), 27, "3003 800101", Failure::AbsentSubscriber),
        (MapError::AbsentSubscriber(Some(Absent::NoPageResponse)), 27, "3003 800102", Failure::AbsentSubscriber),
        (MapError::AbsentSubscriber(Some(Absent::PurgedMs)), 27, "3003 800103", Failure::DetachedSubscriber),
        (MapError::AbsentSubscriber(Some(Absent::MtRoamingRetry)), 27, "3003 800104", Failure::AbsentSubscriber),
        (MapError::AbsentSubscriber(Some(Absent::BusySubscriber)), 27, "3003 800105", Failure::AbsentSubscriber),
        (system(None), 34, "", Failure::NetworkFault),
        (
            system(Some(FailureCause::LimitReachedOnConcurrentLocationRequests)),
            34,
            "3003 810100",
            Failure::NetworkCongestion,
        ),
        (
            MapError::SystemFailure(SystemFailure {
                network_resource: Some(NetworkResource::Hlr),
                additional_network_resource: Some(AdditionalNetworkResource::Gmlc),
                failure_cause: None,
            }),
            34,
            "3006 0A0101 800102",
            Failure::NetworkFault,
        ),
        (MapError::DataMissing, 35, "", Failure::NetworkFault),
        (unexpected(false), 36, "", Failure::NetworkFault),
        (unexpected(true), 36, "3002 8000", Failure::UnknownSubscriber),
        (MapError::ResourceLimitation, 51, "", Failure::NetworkCongestion),
        (MapError::UnauthorizedRequestingNetwork, 52, "", Failure::NetworkNotAuthorised),
        (MapError::UnauthorizedLcsClient(None), 53, "", Failure::PositioningDenied),
        (client(Client::NoAdditionalInformation), 53, "3003 800100", Failure::PositioningDenied),
        (client(Client::ClientNotInMsPrivacyExceptionList), 53, "3003 800101", Failure::PositioningDenied),
        (client(Client::CallToClientNotSetup), 53, "3003 800102", Failure::PositioningDenied),
        (
            client(Client::PrivacyOverrideNotApplicable),
            53,
            "3003 800103",
            refused(RefusalReason::OverrideNotApplicable),
        ),
        (
            client(Client::DisallowedByLocalRegulatoryRequirements),
            53,
            "3003 800104",
            refused(RefusalReason::LocalRegulation),
        ),
        (client(Client::UnauthorizedPrivacyClass), 53, "3003 800105", Failure::PositioningDenied),
        (client(Client::UnauthorizedCallSessionUnrelatedExternalClient), 53, "3003 800106", Failure::PositioningDenied),
        (client(Client::UnauthorizedCallSessionRelatedExternalClient), 53, "3003 800107", Failure::PositioningDenied),
        (MapError::PositionMethodFailure(None), 54, "", Failure::PositioningFailed),
        (position(Position::Congestion), 54, "3003 800100", Failure::NetworkCongestion),
        (position(Position::InsufficientResources), 54, "3003 800101", Failure::PositioningFailed),
        (position(Position::InsufficientMeasurementData), 54, "3003 800102", Failure::PositioningFailed),
        (position(Position::InconsistentMeasurementData), 54, "3003 800103", Failure::PositioningFailed),
        (position(Position::LocationProcedureNotCompleted), 54, "3003 800104", Failure::PositioningFailed),
        (position(Position::LocationProcedureNotSupportedByTargetMs), 54, "3003 800105", Failure::PositioningFailed),
        (position(Position::QosNotAttainable), 54, "3003 800106", Failure::QosNotAttainable),
        (position(Position::PositionMethodNotAvailableInNetwork), 54, "3003 800107", Failure::PositioningFailed),
        (position(Position::PositionMethodNotAvailableInLocationArea), 54, "3003 800108", Failure::PositioningFailed),
        (MapError::UnknownOrUnreachableLcsClient, 58, "", Failure::NetworkProtocol),
    ]
}

const fn client(diagnostic: Client) -> MapError {
    MapError::UnauthorizedLcsClient(Some(diagnostic))
}

const fn position(diagnostic: Position) -> MapError {
    MapError::PositionMethodFailure(Some(diagnostic))
}

#[test]
fn each_error_has_its_octets_and_its_meaning() {
    for (error, code, parameter, meaning) in table() {
        assert_eq!((error.code(), error.parameter()), (code, hex(parameter)), "{error:?}");
        assert_eq!(MapError::decode(code, &hex(parameter)), Ok(error));
        assert_eq!(failure(error), meaning, "{error:?}");
    }
}

#[test]
fn diagnostics_that_are_not_listed_are_ignored() {
    for (code, parameter, error) in [
        (1, "3003 0A0109", MapError::UnknownSubscriber(None)),
        (27, "3003 800106", MapError::AbsentSubscriber(None)),
        (34, "3009 0A0163 800163 810163", system(None)),
        (53, "3003 800108", MapError::UnauthorizedLcsClient(None)),
        (54, "3003 800109", MapError::PositionMethodFailure(None)),
        // Extensions are passed over, and a parameter may be empty.
        (35, "3004 3002 A000", MapError::DataMissing),
        (52, "3000", MapError::UnauthorizedRequestingNetwork),
        (53, "3007 800101 A102 A000", client(Client::ClientNotInMsPrivacyExceptionList)),
        (58, "3003 9F2200", MapError::UnknownOrUnreachableLcsClient),
    ] {
        assert_eq!(MapError::decode(code, &hex(parameter)), Ok(error), "{code} {parameter}");
    }
}

#[test]
fn old_nodes_say_where_a_system_failed_without_a_sequence() {
    for (octets, network_resource) in [("0A0105", Some(NetworkResource::Vmsc)), ("0A0109", None)] {
        let told = MapError::SystemFailure(SystemFailure { network_resource, ..SystemFailure::default() });
        assert_eq!(MapError::decode(34, &hex(octets)), Ok(told));
    }
}

#[test]
fn errors_that_cannot_be_read() {
    assert_eq!(MapError::decode(999, &[]), Err(UnreadableError::Unrecognized(999)));
    let listed: Vec<i64> = (0..256).filter(|code| MapError::decode(*code, &hex("3003 0A0100")).is_ok()).collect();
    assert_eq!(listed, [1, 5, 8, 9, 12, 21, 27, 34, 35, 36, 51, 52, 53, 54, 58]);
    for (code, parameter) in [(8, ""), (8, "3000"), (53, "04020101"), (53, "30"), (54, "3003 A00100"), (34, "0A")] {
        let error = MapError::decode(code, &hex(parameter));
        assert!(matches!(error, Err(UnreadableError::Parameter(DecodeError::Mistyped(_)))), "{code} {error:?}");
    }
}

#[test]
fn each_failure_is_told_in_the_words_of_the_operation() {
    for operation in Operation::ALL {
        assert_eq!(Operation::from_code(operation.code()), Some(operation));
        for reason in Failure::ALL {
            let told = error(reason, operation);
            assert!(operation.errors().contains(&told.code()), "{operation:?} {reason:?}: {told:?}");
        }
    }
    let psl = |failure| error(failure, Operation::ProvideSubscriberLocation);
    // What this gateway understands of its own words.
    for told in [
        Failure::UnknownSubscriber,
        Failure::AbsentSubscriber,
        Failure::DetachedSubscriber,
        Failure::NetworkNotAuthorised,
        Failure::PositioningDenied,
        Failure::PositioningFailed,
        Failure::QosNotAttainable,
        Failure::ServingNodeUnsupported,
        Failure::NetworkCongestion,
        Failure::Refused(RefusalReason::LocalRegulation),
        Failure::Refused(RefusalReason::OverrideNotApplicable),
    ] {
        assert_eq!(failure(psl(told)), told);
    }
    // Which of the subscriber's rules refused is not told.
    for reason in RefusalReason::ALL {
        if !matches!(reason, RefusalReason::LocalRegulation | RefusalReason::OverrideNotApplicable) {
            assert_eq!(psl(Failure::Refused(reason)), MapError::UnauthorizedLcsClient(None));
        }
    }
    assert_eq!(psl(Failure::UnknownSubscriber), MapError::UnidentifiedSubscriber);
    let report = |failure| error(failure, Operation::SubscriberLocationReport);
    assert_eq!(report(Failure::UnknownSubscriber), MapError::UnknownSubscriber(None));
    assert_eq!(report(Failure::Congestion), MapError::ResourceLimitation);
    assert_eq!(report(Failure::UnauthorisedApplication), MapError::UnknownOrUnreachableLcsClient);
}
