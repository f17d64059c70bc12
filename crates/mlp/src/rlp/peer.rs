//! What a result of another gateway means to the procedures here.

use crate::result::ResultId;
use lcs::{Failure, RefusalReason};

/// What is to be made of a result that another gateway told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PeerFailure {
    /// The target is served elsewhere now (208): the home gateway asks for the route anew.
    TargetMoved,
    /// It ends here.
    Failed(Failure),
}

/// The inverse of [`crate::result_of`] as far as there is one. A result that says that our own request was wrong, and one that
/// the standard does not know, is a peer that cannot be worked with, and never a position.
///
/// 2 UNSPECIFIED ERROR may hide a refusal: it becomes the failure that is answered 2 again, so that the reason stays hidden.
#[must_use]
pub fn peer_failure(result: ResultId) -> PeerFailure {
    PeerFailure::Failed(match result {
        ResultId::TARGET_MOVED_TO_NEW_MSC_SGSN => return PeerFailure::TargetMoved,
        ResultId::UNSPECIFIED_ERROR | ResultId::UNAUTHORIZED_APPLICATION => Failure::NetworkNotAuthorised,
        ResultId::UNKNOWN_SUBSCRIBER => Failure::UnknownSubscriber,
        ResultId::ABSENT_SUBSCRIBER => Failure::AbsentSubscriber,
        ResultId::POSITION_METHOD_FAILURE => Failure::PositioningFailed,
        ResultId::TIMEOUT => Failure::TimedOut,
        ResultId::CONGESTION_IN_LOCATION_SERVER | ResultId::CONGESTION_IN_MOBILE_NETWORK => Failure::NetworkCongestion,
        ResultId::QOP_NOT_ATTAINABLE => Failure::QosNotAttainable,
        ResultId::POSITIONING_NOT_ALLOWED => Failure::PositioningDenied,
        ResultId::DISALLOWED_BY_LOCAL_REGULATIONS => Failure::Refused(RefusalReason::LocalRegulation),
        ResultId::SYSTEM_FAILURE | ResultId::MISCONFIGURATION_OF_LOCATION_SERVER => Failure::NetworkFault,
        ResultId::CANCELLATION_OF_TRIGGERED_LOCATION_REQUEST => Failure::Cancelled,
        _ => Failure::NetworkProtocol,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::result_of;

    #[test]
    fn every_result_has_its_meaning_and_what_is_told_of_it_is_told_again() {
        for result in ResultId::ALL.iter().chain(&[ResultId(500), ResultId(42), ResultId(999)]) {
            let PeerFailure::Failed(failure) = peer_failure(*result) else {
                assert_eq!(result.0, 208);
                continue;
            };
            let expected = match result.0 {
                1 | 207 => 1,
                2 | 3 | 114 => 2,
                4 => 4,
                5 => 5,
                6 => 6,
                7 => 7,
                101 | 203 => 203,
                201 => 201,
                202 => 202,
                204 => 204,
                _ => 1,
            };
            assert_eq!(result_of(failure, false).0, expected, "{result:?} is {failure:?}");
        }
    }
}
