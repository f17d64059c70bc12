//! How an invocation ended.

use ss7::tcap::{AbortReason, ApplicationContext, Outcome, Problem};

/// How an invocation ended, as the network told. `Debug` hides results and parameters, which name subscribers.
#[derive(Clone, PartialEq, Eq)]
pub enum InvokeOutcome {
    /// Success: the BER elements of the result, those of all its segments after each other; empty for none.
    Result(Vec<u8>),
    /// The peer failed.
    Error {
        /// Local error code, such as those of TS 29.002 clause 17.6.
        code: i64,
        /// Its parameter in BER; empty for none.
        parameter: Vec<u8>,
    },
    /// The peer rejected the invocation.
    Rejected(Problem),
    /// The answer could not be understood.
    Unacceptable(Problem),
    /// The peer does not support the application context.
    ContextNotSupported {
        /// The one that it offers instead, if it names one.
        alternative: Option<ApplicationContext>,
    },
    /// The dialogue was aborted otherwise.
    Aborted(AbortReason),
    /// The peer ended the dialogue and said nothing of the operation.
    NoAnswer,
    /// The message came back undelivered (UDTS, XUDTS), with the return cause (ITU-T Q.713 clause 3.12): 0 no translation
    /// for an address of such nature, 1 no translation for this specific address, 2 subsystem congestion, 3 subsystem
    /// failure, 4 unequipped user, 5 MTP failure, 6 network congestion.
    Unreachable {
        /// The return cause.
        cause: u8,
    },
    /// No answer in time. Whether the peer got the invocation is not known.
    TimedOut,
}

impl From<Outcome> for InvokeOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Result(result) => Self::Result(result),
            Outcome::Error { code, parameter } => Self::Error { code, parameter },
            Outcome::Rejected(problem) => Self::Rejected(problem),
            Outcome::Unacceptable(problem) => Self::Unacceptable(problem),
            Outcome::ContextNotSupported { alternative } => Self::ContextNotSupported { alternative },
            Outcome::Aborted(reason) => Self::from(reason),
            Outcome::NoAnswer => Self::NoAnswer,
            Outcome::TimedOut => Self::TimedOut,
        }
    }
}

impl From<AbortReason> for InvokeOutcome {
    fn from(reason: AbortReason) -> Self {
        match reason {
            AbortReason::ContextNotSupported { alternative, .. } => Self::ContextNotSupported { alternative },
            reason => Self::Aborted(reason),
        }
    }
}

impl core::fmt::Debug for InvokeOutcome {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Result(result) => write!(f, "Result({} octets)", result.len()),
            Self::Error { code, parameter } => write!(f, "Error({code}, {} octets)", parameter.len()),
            Self::Rejected(problem) => write!(f, "Rejected({problem:?})"),
            Self::Unacceptable(problem) => write!(f, "Unacceptable({problem:?})"),
            Self::ContextNotSupported { alternative } => write!(f, "ContextNotSupported({alternative:?})"),
            Self::Aborted(reason) => write!(f, "Aborted({reason:?})"),
            Self::NoAnswer => f.write_str("NoAnswer"),
            Self::Unreachable { cause } => write!(f, "Unreachable({cause})"),
            Self::TimedOut => f.write_str("TimedOut"),
        }
    }
}
