//! The one table between result codes of SLg and failures.

use crate::codec::{ExperimentalResult, Outcome, ResultCode, VendorId};
use lcs::Failure;

/// The failure that an outcome of SLg means; `None` for success. Exhaustive: an unknown code counts as its class.
///
/// | outcome | failure | clause |
/// |---|---|---|
/// | Experimental 5001 | unknown subscriber | TS 29.172 clause 7.5.3.1 |
/// | Experimental 5490 | network not authorised | TS 29.172 clause 7.5.3.2 |
/// | Experimental 4201 | absent subscriber | TS 29.173 clause 6.3.4.1 |
/// | Experimental 4221 | absent subscriber (unreachable) | TS 29.172 clause 7.5.4.1 |
/// | Experimental 4222 | suspended subscriber | TS 29.172 clause 7.5.4.2 |
/// | Experimental 4223 | detached subscriber | TS 29.172 clause 7.5.4.3 |
/// | Experimental 4224 | positioning denied | TS 29.172 clause 7.5.4.4 |
/// | Experimental 4225 | positioning failed | TS 29.172 clause 7.5.4.5 |
/// | Experimental 4226 | network protocol: only a gateway may say it | TS 29.172 clause 7.5.4.6 |
/// | 3004, 4002, 5006 | network congestion | RFC 6733 section 7.1 |
/// | 3001-3003, 3005-3007, 3010 | network unreachable | RFC 6733 section 7.1.3 |
/// | 5003 | network not authorised | RFC 6733 section 7.1.5 |
/// | 5012 and what the base protocol finds wrong with a request | network fault | RFC 6733 section 7.1.5 |
/// | other 3xxx | network unreachable | RFC 6733 section 7.1.3 |
/// | other 4xxx, 5xxx, of any vendor | network fault | RFC 6733 sections 7.1.4, 7.1.5 |
/// | 1xxx and classes that do not exist | network protocol | RFC 6733 section 7.1 |
///
/// 4201, 4221-4225 and 5490 in Result-Code, where the base protocol has no meaning for them, are read as the codes of 3GPP,
/// since some nodes send them so; 5001 is not, because there it says "AVP unsupported".
#[must_use]
pub fn failure(outcome: Outcome) -> Option<Failure> {
    match outcome {
        Outcome::Success => None,
        Outcome::Experimental(ExperimentalResult { vendor: VendorId::TGPP, code: 5001 }) => {
            Some(Failure::UnknownSubscriber)
        }
        Outcome::Experimental(ExperimentalResult { vendor: VendorId::TGPP, code }) => {
            Some(tgpp(code).unwrap_or_else(|| by_class(code)))
        }
        Outcome::Experimental(ExperimentalResult { code, .. }) => Some(by_class(code)),
        Outcome::Base(code) => Some(base(code)),
    }
}

/// Codes that 3GPP alone has assigned.
fn tgpp(code: u32) -> Option<Failure> {
    Some(match code {
        5490 => Failure::NetworkNotAuthorised,
        4201 | 4221 => Failure::AbsentSubscriber,
        4222 => Failure::SuspendedSubscriber,
        4223 => Failure::DetachedSubscriber,
        4224 => Failure::PositioningDenied,
        4225 => Failure::PositioningFailed,
        4226 => Failure::NetworkProtocol,
        _ => return None,
    })
}

fn base(code: ResultCode) -> Failure {
    match code {
        ResultCode::TOO_BUSY | ResultCode::OUT_OF_SPACE | ResultCode::RESOURCES_EXCEEDED => Failure::NetworkCongestion,
        ResultCode::INVALID_HDR_BITS | ResultCode::INVALID_AVP_BITS => Failure::NetworkFault,
        ResultCode::AUTHORIZATION_REJECTED => Failure::NetworkNotAuthorised,
        ResultCode(code) => tgpp(code).unwrap_or_else(|| by_class(code)),
    }
}

fn by_class(code: u32) -> Failure {
    match code / 1000 {
        3 => Failure::NetworkUnreachable,
        4 | 5 => Failure::NetworkFault,
        _ => Failure::NetworkProtocol,
    }
}

/// The outcome with which a serving node or HSS tells a failure: the inverse of [`failure`], for the nodes of a test network
/// and for a gateway that answers for one. Failures that have no code of their own are DIAMETER_UNABLE_TO_COMPLY.
#[must_use]
pub fn outcome(failure: Failure) -> Outcome {
    match failure {
        Failure::UnknownSubscriber => Outcome::Experimental(ExperimentalResult::USER_UNKNOWN),
        Failure::NetworkNotAuthorised => Outcome::Experimental(ExperimentalResult::UNAUTHORIZED_REQUESTING_NETWORK),
        Failure::AbsentSubscriber => Outcome::Experimental(ExperimentalResult::UNREACHABLE_USER),
        Failure::SuspendedSubscriber => Outcome::Experimental(ExperimentalResult::SUSPENDED_USER),
        Failure::DetachedSubscriber => Outcome::Experimental(ExperimentalResult::DETACHED_USER),
        Failure::PositioningDenied | Failure::Refused(_) => {
            Outcome::Experimental(ExperimentalResult::POSITIONING_DENIED)
        }
        Failure::PositioningFailed | Failure::QosNotAttainable => {
            Outcome::Experimental(ExperimentalResult::POSITIONING_FAILED)
        }
        Failure::NetworkCongestion | Failure::Congestion | Failure::OverQuota => Outcome::Base(ResultCode::TOO_BUSY),
        Failure::NetworkUnreachable => Outcome::Base(ResultCode::UNABLE_TO_DELIVER),
        Failure::NetworkFault
        | Failure::NetworkProtocol
        | Failure::TimedOut
        | Failure::OutsideCoverage
        | Failure::ServingNodeUnsupported
        | Failure::UnauthorisedApplication
        | Failure::TooManyTargets
        | Failure::InvalidRequest
        | Failure::Cancelled
        | Failure::Stopping
        | Failure::LogUnavailable
        | Failure::SystemFailure => Outcome::Base(ResultCode::UNABLE_TO_COMPLY),
    }
}
