//! What is wrong with a parameter, and what its receiver must answer.

use super::MapError;
use crate::tcap::{InvokeProblem, Problem, ReturnErrorProblem, ReturnResultProblem};

/// Why octets are no argument, result or parameter of MAP. Names elements and no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The encoding breaks BER, or the elements are not those of the syntax. To be rejected (TS 29.002 clause 15.6).
    #[error("{0}: breaks BER or the syntax of TS 29.002 clause 17 (mistyped parameter)")]
    Mistyped(&'static str),
    /// Longer than is looked at. To be rejected.
    #[error("{0} octets: no parameter is longer than 16384")]
    TooLong(usize),
    /// An element is missing that this case needs (TS 29.002 clause 7.6.1.4).
    #[error("{0}: missing (data missing)")]
    DataMissing(&'static str),
    /// An element has a value that it may not have, or is there where it may not be (TS 29.002 clause 7.6.1.4).
    #[error("{0}: a value that is not expected (unexpected data value)")]
    UnexpectedDataValue(&'static str),
}

/// How to answer an argument that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// By a Reject with this problem.
    Reject(Problem),
    /// By a Return Error.
    Error(MapError),
}

impl DecodeError {
    /// How to answer an Invoke with such an argument.
    #[must_use]
    pub fn reply(self) -> Reply {
        match self {
            Self::Mistyped(_) | Self::TooLong(_) => Reply::Reject(Problem::Invoke(InvokeProblem::MistypedParameter)),
            Self::DataMissing(_) => Reply::Error(MapError::DataMissing),
            Self::UnexpectedDataValue(_) => {
                Reply::Error(MapError::UnexpectedDataValue { unexpected_subscriber: false })
            }
        }
    }

    /// The problem with which a Return Result with such a result is rejected.
    #[must_use]
    pub fn result_problem(self) -> Problem {
        Problem::ReturnResult(ReturnResultProblem::MistypedParameter)
    }

    /// The problem with which a Return Error with such a parameter is rejected.
    #[must_use]
    pub fn error_problem(self) -> Problem {
        Problem::ReturnError(ReturnErrorProblem::MistypedParameter)
    }
}
