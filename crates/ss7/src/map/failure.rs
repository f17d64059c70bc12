//! The one table between errors of MAP and failures.

use super::{
    AbsentSubscriberReason, FailureCause, MapError, Operation, PositionMethodFailureDiagnostic, SystemFailure,
    UnauthorizedLcsClientDiagnostic,
};
use lcs::{Failure, RefusalReason};

/// The failure that an error of MAP means. Exhaustive.
///
/// | error | failure |
/// |---|---|
/// | 1, 5 | unknown subscriber |
/// | 36 with "unexpected subscriber" | unknown subscriber |
/// | 27 because of detach or purge | detached subscriber |
/// | 27 else | absent subscriber |
/// | 52 | network not authorised |
/// | 53 with diagnostic 3 | refused: override not applicable |
/// | 53 with diagnostic 4 | refused: local regulation |
/// | 53 else | positioning denied |
/// | 54 with diagnostic 0 | network congestion |
/// | 54 with diagnostic 6 | quality not attainable |
/// | 54 else | positioning failed |
/// | 21 because of the shape | positioning failed |
/// | 21 else | serving node unsupported |
/// | 34 for too many requests at once, 51 | network congestion |
/// | 8, 9, 12, 34, 35, 36 | network fault |
/// | 58 | network protocol: only a gateway may say it |
#[must_use]
pub fn failure(error: MapError) -> Failure {
    use AbsentSubscriberReason as Absent;
    use PositionMethodFailureDiagnostic as Position;
    use UnauthorizedLcsClientDiagnostic as Client;
    match error {
        MapError::UnknownSubscriber(_)
        | MapError::UnidentifiedSubscriber
        | MapError::UnexpectedDataValue { unexpected_subscriber: true } => Failure::UnknownSubscriber,
        MapError::AbsentSubscriber(Some(Absent::ImsiDetach | Absent::PurgedMs)) => Failure::DetachedSubscriber,
        MapError::AbsentSubscriber(_) => Failure::AbsentSubscriber,
        MapError::UnauthorizedRequestingNetwork => Failure::NetworkNotAuthorised,
        MapError::UnauthorizedLcsClient(Some(Client::PrivacyOverrideNotApplicable)) => {
            Failure::Refused(RefusalReason::OverrideNotApplicable)
        }
        MapError::UnauthorizedLcsClient(Some(Client::DisallowedByLocalRegulatoryRequirements)) => {
            Failure::Refused(RefusalReason::LocalRegulation)
        }
        MapError::UnauthorizedLcsClient(_) => Failure::PositioningDenied,
        MapError::PositionMethodFailure(Some(Position::Congestion)) => Failure::NetworkCongestion,
        MapError::PositionMethodFailure(Some(Position::QosNotAttainable)) => Failure::QosNotAttainable,
        MapError::PositionMethodFailure(_)
        | MapError::FacilityNotSupported { shape_of_location_estimate: true, .. } => Failure::PositioningFailed,
        MapError::FacilityNotSupported { .. } => Failure::ServingNodeUnsupported,
        MapError::SystemFailure(SystemFailure {
            failure_cause: Some(FailureCause::LimitReachedOnConcurrentLocationRequests),
            ..
        })
        | MapError::ResourceLimitation => Failure::NetworkCongestion,
        MapError::RoamingNotAllowed(_)
        | MapError::IllegalSubscriber
        | MapError::IllegalEquipment
        | MapError::SystemFailure(_)
        | MapError::DataMissing
        | MapError::UnexpectedDataValue { unexpected_subscriber: false } => Failure::NetworkFault,
        MapError::UnknownOrUnreachableLcsClient => Failure::NetworkProtocol,
    }
}

/// The error with which a failure is told to who asked for `operation`, one of those that the operation has: for the nodes of a
/// test network, and for a gateway that answers a report. What the operation has no word for is a system failure, or where it has
/// not even that, unexpected data.
#[must_use]
pub fn error(failure: Failure, operation: Operation) -> MapError {
    let has = |error: &MapError| operation.errors().contains(&error.code());
    let none = MapError::UnexpectedDataValue { unexpected_subscriber: false };
    let choices = [wanted(failure), second(failure), MapError::SystemFailure(SystemFailure::default())];
    choices.into_iter().find(has).unwrap_or(none)
}

fn wanted(failure: Failure) -> MapError {
    use UnauthorizedLcsClientDiagnostic as Client;
    match failure {
        Failure::UnknownSubscriber => MapError::UnknownSubscriber(None),
        Failure::AbsentSubscriber | Failure::SuspendedSubscriber => MapError::AbsentSubscriber(None),
        Failure::DetachedSubscriber => MapError::AbsentSubscriber(Some(AbsentSubscriberReason::ImsiDetach)),
        Failure::NetworkNotAuthorised => MapError::UnauthorizedRequestingNetwork,
        Failure::Refused(RefusalReason::OverrideNotApplicable) => {
            MapError::UnauthorizedLcsClient(Some(Client::PrivacyOverrideNotApplicable))
        }
        Failure::Refused(RefusalReason::LocalRegulation) => {
            MapError::UnauthorizedLcsClient(Some(Client::DisallowedByLocalRegulatoryRequirements))
        }
        // Which rule refused is the subscriber's own affair.
        Failure::Refused(_) | Failure::PositioningDenied => MapError::UnauthorizedLcsClient(None),
        Failure::PositioningFailed => MapError::PositionMethodFailure(None),
        Failure::QosNotAttainable => {
            MapError::PositionMethodFailure(Some(PositionMethodFailureDiagnostic::QosNotAttainable))
        }
        Failure::ServingNodeUnsupported => {
            MapError::FacilityNotSupported { shape_of_location_estimate: false, needed_lcs_capability: true }
        }
        Failure::NetworkCongestion | Failure::Congestion | Failure::OverQuota => MapError::ResourceLimitation,
        Failure::UnauthorisedApplication => MapError::UnknownOrUnreachableLcsClient,
        Failure::InvalidRequest => MapError::UnexpectedDataValue { unexpected_subscriber: false },
        Failure::NetworkUnreachable
        | Failure::NetworkFault
        | Failure::NetworkProtocol
        | Failure::TimedOut
        | Failure::OutsideCoverage
        | Failure::TooManyTargets
        | Failure::Cancelled
        | Failure::Stopping
        | Failure::LogUnavailable
        | Failure::SystemFailure => MapError::SystemFailure(SystemFailure::default()),
    }
}

/// What says the same in an operation that lacks the first word.
fn second(failure: Failure) -> MapError {
    match failure {
        Failure::UnknownSubscriber => MapError::UnidentifiedSubscriber,
        Failure::NetworkCongestion | Failure::Congestion | Failure::OverQuota => {
            MapError::PositionMethodFailure(Some(PositionMethodFailureDiagnostic::Congestion))
        }
        other => wanted(other),
    }
}
