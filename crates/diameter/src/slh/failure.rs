//! From the outcome of an SLh answer to the failure that a request ends with.

use crate::codec::{ExperimentalResult, Outcome, ResultCode};
use lcs::Failure;

/// The failure that an outcome of SLh means; `None` for success. Exhaustive: an unknown code counts as its class.
///
/// | outcome | failure | clause |
/// |---|---|---|
/// | Experimental 5001 | unknown subscriber | TS 29.173 clause 6.3.3.1 |
/// | Experimental 5490 | network not authorised | TS 29.173 clause 6.3.3.2 |
/// | Experimental 4201 | absent subscriber | TS 29.173 clause 6.3.4.1 |
/// | 5007 | unknown subscriber: IMSI and MSISDN are of two | TS 29.173 clause 5.2.1.2 |
/// | 5012 | network fault | TS 29.173 clause 5.2.1.2 |
/// | the rest | as [`crate::slg::failure`] | |
#[must_use]
pub fn failure(outcome: Outcome) -> Option<Failure> {
    match outcome {
        Outcome::Base(ResultCode::CONTRADICTING_AVPS) => Some(Failure::UnknownSubscriber),
        Outcome::Success | Outcome::Base(_) | Outcome::Experimental(_) => crate::slg::failure(outcome),
    }
}

/// The outcome with which an HSS tells a failure: the inverse of [`failure`].
#[must_use]
pub fn outcome(failure: Failure) -> Outcome {
    match failure {
        Failure::AbsentSubscriber | Failure::DetachedSubscriber | Failure::SuspendedSubscriber => {
            Outcome::Experimental(ExperimentalResult::ABSENT_USER)
        }
        other => crate::slg::outcome(other),
    }
}
