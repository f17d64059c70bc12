//! Components as the TC-user sees them (ITU-T Q.771 clause 3.1.3, Q.773 clause 3.1).

use core::fmt;
use core::time::Duration;

use super::codes::Problem;

/// A component that came, or what was made of it.
///
/// Arguments, results and parameters are the BER elements of the sender, tags and lengths and all; empty when the
/// component had none. `Debug` tells only how long they are, because they name subscribers.
#[derive(Clone, PartialEq, Eq)]
pub enum Component {
    /// The peer asks for an operation (TC-INVOKE). To be answered by one [`Request`] with the same identifier.
    Invoke {
        /// Identifier of the invocation, unique in the dialogue among those not yet answered.
        invoke_id: i8,
        /// Identifier of an invocation of ours that this one belongs to.
        linked_id: Option<i8>,
        /// Local operation code.
        operation: i64,
        /// Argument.
        argument: Vec<u8>,
    },
    /// An operation of ours succeeded (TC-RESULT-L). It is over.
    ResultLast {
        /// Identifier of our invocation.
        invoke_id: i8,
        /// Local operation code of our invocation.
        operation: i64,
        /// Result: the elements of all segments (TC-RESULT-NL) and of the last one after each other.
        result: Vec<u8>,
    },
    /// An operation of ours failed (TC-U-ERROR). It is over.
    Error {
        /// Identifier of our invocation.
        invoke_id: i8,
        /// Local operation code of our invocation.
        operation: i64,
        /// Local error code.
        code: i64,
        /// Parameter of the error.
        parameter: Vec<u8>,
    },
    /// The peer rejected a component of ours (TC-U-REJECT, TC-R-REJECT).
    Rejected {
        /// Identifier in the component that was rejected, where the peer could read it.
        invoke_id: Option<i8>,
        /// What was wrong.
        problem: Problem,
        /// Whether an invocation of ours ended with it: it names one, and the problem is none of an answer.
        ends_invocation: bool,
    },
    /// A component of the peer was not acceptable (TC-L-REJECT). The Reject for it goes out with the next message of the
    /// dialogue, if there is one.
    Unacceptable {
        /// Identifier in that component, where it could be read.
        invoke_id: Option<i8>,
        /// What was wrong, as it is told to the peer.
        problem: Problem,
        /// Whether an invocation of ours ended with it: it would have been its answer.
        ends_invocation: bool,
    },
}

/// A component to send, part of a [`begin`](super::Dialogues::begin), [`proceed`](super::Dialogues::proceed) or
/// [`end`](super::Dialogues::end).
///
/// Arguments, results and parameters are one BER element each, tag and length and all; empty for none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Request<'a> {
    /// Asks the peer for an operation of class 1, which reports success and failure (TC-INVOKE).
    Invoke {
        /// Identifier, not one of an invocation of ours that is under way.
        invoke_id: i8,
        /// Identifier of an invocation of the peer that this one belongs to.
        linked_id: Option<i8>,
        /// Local operation code.
        operation: i64,
        /// Argument.
        argument: &'a [u8],
        /// How long to wait for the outcome.
        timeout: Duration,
    },
    /// Answers an invocation of the peer with success, or with the last segment of it (TC-RESULT-L).
    ResultLast {
        /// Identifier of the peer's invocation.
        invoke_id: i8,
        /// Result.
        result: &'a [u8],
    },
    /// A segment of a result that is not its last (TC-RESULT-NL).
    ResultNotLast {
        /// Identifier of the peer's invocation.
        invoke_id: i8,
        /// This segment.
        result: &'a [u8],
    },
    /// Answers an invocation of the peer with failure (TC-U-ERROR).
    Error {
        /// Identifier of the peer's invocation.
        invoke_id: i8,
        /// Local error code.
        code: i64,
        /// Parameter of the error.
        parameter: &'a [u8],
    },
    /// Rejects a component of the peer (TC-U-REJECT). An invocation of the peer with this identifier counts as answered
    /// when the problem is one of an Invoke.
    Reject {
        /// Identifier in that component.
        invoke_id: i8,
        /// What is wrong with it.
        problem: Problem,
    },
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invoke { invoke_id, linked_id, operation, argument } => f
                .debug_struct("Invoke")
                .field("invoke_id", invoke_id)
                .field("linked_id", linked_id)
                .field("operation", operation)
                .field("argument_octets", &argument.len())
                .finish(),
            Self::ResultLast { invoke_id, operation, result } => f
                .debug_struct("ResultLast")
                .field("invoke_id", invoke_id)
                .field("operation", operation)
                .field("result_octets", &result.len())
                .finish(),
            Self::Error { invoke_id, operation, code, parameter } => f
                .debug_struct("Error")
                .field("invoke_id", invoke_id)
                .field("operation", operation)
                .field("code", code)
                .field("parameter_octets", &parameter.len())
                .finish(),
            Self::Rejected { invoke_id, problem, ends_invocation } => f
                .debug_struct("Rejected")
                .field("invoke_id", invoke_id)
                .field("problem", problem)
                .field("ends_invocation", ends_invocation)
                .finish(),
            Self::Unacceptable { invoke_id, problem, ends_invocation } => f
                .debug_struct("Unacceptable")
                .field("invoke_id", invoke_id)
                .field("problem", problem)
                .field("ends_invocation", ends_invocation)
                .finish(),
        }
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invoke { invoke_id, operation, .. } => write!(f, "Invoke({invoke_id}, operation {operation})"),
            Self::ResultLast { invoke_id, .. } => write!(f, "ResultLast({invoke_id})"),
            Self::ResultNotLast { invoke_id, .. } => write!(f, "ResultNotLast({invoke_id})"),
            Self::Error { invoke_id, code, .. } => write!(f, "Error({invoke_id}, code {code})"),
            Self::Reject { invoke_id, problem } => write!(f, "Reject({invoke_id}, {problem:?})"),
        }
    }
}
