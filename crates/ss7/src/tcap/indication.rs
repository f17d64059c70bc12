//! What comes out of [`Dialogues`](super::Dialogues): messages for SCCP and indications for the TC-user.

use core::fmt;

use super::codes::{Problem, ProviderAbortCause};
use super::component::Component;
use super::context::ApplicationContext;

/// Name of a dialogue of this subsystem, not used for another one soon. It is also our transaction identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DialogueId(pub(super) u32);

impl DialogueId {
    /// The local transaction identifier, as it stands on the wire in four octets.
    #[must_use]
    pub const fn transaction_id(self) -> u32 {
        self.0
    }
}

/// Something for the caller of [`Dialogues`](super::Dialogues) to do.
#[derive(Clone, PartialEq, Eq)]
pub enum Output<A> {
    /// Give these octets to SCCP (N-UNITDATA request). `Debug` tells only how many there are.
    Send {
        /// Called address.
        to: A,
        /// The TCAP message.
        octets: Vec<u8>,
    },
    /// Tell the TC-user.
    Indication(Indication<A>),
}

/// What the TC-user learns (ITU-T Q.771 clauses 3.1.2 and 3.1.3).
#[derive(Clone, PartialEq, Eq)]
pub enum Indication<A> {
    /// A peer began a dialogue (TC-BEGIN). To be answered by `proceed`, `end`, `refuse` or `abort`.
    Begin {
        /// The new dialogue.
        dialogue: DialogueId,
        /// Address of the peer.
        from: A,
        /// Application context that the peer proposes; none from a peer that knows none (MAP version 1).
        application_context: Option<ApplicationContext>,
        /// User information of the AARQ: the EXTERNALs in BER, empty for none. `Debug` hides it.
        user_information: Vec<u8>,
        /// Components, in order; empty for none.
        components: Vec<Component>,
    },
    /// A message in a dialogue that goes on (TC-CONTINUE).
    Continue {
        /// The dialogue.
        dialogue: DialogueId,
        /// Address of the peer from now on.
        from: A,
        /// Components, in order; empty for none.
        components: Vec<Component>,
    },
    /// The peer ended the dialogue (TC-END); it is gone, and invocations of ours that these components do not answer
    /// with it.
    End {
        /// The dialogue.
        dialogue: DialogueId,
        /// Components, in order; empty for none.
        components: Vec<Component>,
    },
    /// The dialogue was aborted (TC-U-ABORT, TC-P-ABORT); it is gone.
    Aborted {
        /// The dialogue.
        dialogue: DialogueId,
        /// By whom and why.
        reason: AbortReason,
    },
    /// An invocation of ours was not answered in time (TC-L-CANCEL). The dialogue goes on.
    Cancelled {
        /// The dialogue.
        dialogue: DialogueId,
        /// Identifier of our invocation.
        invoke_id: i8,
    },
    /// A dialogue begun by [`invoke`](super::Dialogues::invoke) is over. Its only indication.
    Outcome {
        /// The dialogue, gone.
        dialogue: DialogueId,
        /// How the operation ended.
        outcome: Outcome,
    },
}

/// How the one operation of a dialogue ended.
#[derive(Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Success: the elements of all segments after each other; empty for no result. `Debug` tells only the length.
    Result(Vec<u8>),
    /// Failure.
    Error {
        /// Local error code.
        code: i64,
        /// Parameter of the error, one BER element; empty for none. `Debug` tells only the length.
        parameter: Vec<u8>,
    },
    /// The peer rejected the invocation.
    Rejected(Problem),
    /// The answer of the peer could not be understood; it was told so where a message could still be sent.
    Unacceptable(Problem),
    /// The peer does not know the application context (AARE rejected-permanent, application-context-name-not-supported).
    ContextNotSupported {
        /// The one that it offers instead, if it names another one.
        alternative: Option<ApplicationContext>,
    },
    /// The dialogue was aborted otherwise.
    Aborted(AbortReason),
    /// The peer ended the dialogue and said nothing of the operation.
    NoAnswer,
    /// No answer in time.
    TimedOut,
}

/// Why a dialogue was aborted.
#[derive(Clone, PartialEq, Eq)]
pub enum AbortReason {
    /// The peer's transaction sub-layer: P-Abort (TC-P-ABORT).
    Provider(ProviderAbortCause),
    /// The peer's TC-user (TC-U-ABORT), with its user information: the EXTERNALs in BER, empty for none. `Debug` hides it.
    User(Vec<u8>),
    /// The peer's component sub-layer: ABRT of the dialogue-service-provider.
    DialogueProvider,
    /// The peer refused the dialogue: application-context-name-not-supported.
    ContextNotSupported {
        /// Application context that it offers instead, if it names another one.
        alternative: Option<ApplicationContext>,
        /// User information: the EXTERNALs in BER, empty for none. `Debug` hides it.
        user_information: Vec<u8>,
    },
    /// The peer refused the dialogue for another reason, or none.
    Refused {
        /// User information: the EXTERNALs in BER, empty for none. `Debug` hides it.
        user_information: Vec<u8>,
    },
    /// The peer has no version of the dialogue portion in common with us.
    NoCommonDialoguePortion,
    /// Found here: the dialogue portion of the peer's message was missing, unexpected or malformed.
    AbnormalDialogue,
    /// Found here: the transaction portion of the peer's message was malformed.
    Malformed(ProviderAbortCause),
    /// SCCP could not deliver a message of the dialogue and gave it back (TC-NOTICE).
    Undeliverable,
    /// Found here: the dialogue lasted too long, or nothing happened in it for too long.
    Expired,
}

/// How a dialogue that a peer began is refused (Q.774 clause 3.2.1.2, Q.773 clause 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// application-context-name-not-supported, with the name of the one offered instead; without one, the name proposed is
    /// sent back.
    ContextNotSupported {
        /// Application context offered instead, as the same one of a lower version.
        alternative: Option<ApplicationContext>,
    },
    /// no-reason-given.
    NoReasonGiven,
}

/// Stands for octets that are not printed.
struct Octets(usize);

impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} octets", self.0)
    }
}

impl<A: fmt::Debug> fmt::Debug for Output<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send { to, octets } => {
                f.debug_struct("Send").field("to", to).field("octets", &Octets(octets.len())).finish()
            }
            Self::Indication(indication) => indication.fmt(f),
        }
    }
}

impl<A: fmt::Debug> fmt::Debug for Indication<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin { dialogue, from, application_context, user_information, components } => f
                .debug_struct("Begin")
                .field("dialogue", dialogue)
                .field("from", from)
                .field("application_context", application_context)
                .field("user_information", &Octets(user_information.len()))
                .field("components", components)
                .finish(),
            Self::Continue { dialogue, from, components } => f
                .debug_struct("Continue")
                .field("dialogue", dialogue)
                .field("from", from)
                .field("components", components)
                .finish(),
            Self::End { dialogue, components } => {
                f.debug_struct("End").field("dialogue", dialogue).field("components", components).finish()
            }
            Self::Aborted { dialogue, reason } => {
                f.debug_struct("Aborted").field("dialogue", dialogue).field("reason", reason).finish()
            }
            Self::Cancelled { dialogue, invoke_id } => {
                f.debug_struct("Cancelled").field("dialogue", dialogue).field("invoke_id", invoke_id).finish()
            }
            Self::Outcome { dialogue, outcome } => {
                f.debug_struct("Outcome").field("dialogue", dialogue).field("outcome", outcome).finish()
            }
        }
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Result(result) => write!(f, "Result({:?})", Octets(result.len())),
            Self::Error { code, parameter } => write!(f, "Error({code}, {:?})", Octets(parameter.len())),
            Self::Rejected(problem) => write!(f, "Rejected({problem:?})"),
            Self::Unacceptable(problem) => write!(f, "Unacceptable({problem:?})"),
            Self::ContextNotSupported { alternative } => write!(f, "ContextNotSupported({alternative:?})"),
            Self::Aborted(reason) => write!(f, "Aborted({reason:?})"),
            Self::NoAnswer => f.write_str("NoAnswer"),
            Self::TimedOut => f.write_str("TimedOut"),
        }
    }
}

impl fmt::Debug for AbortReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider(cause) => write!(f, "Provider({cause:?})"),
            Self::User(information) => write!(f, "User({:?})", Octets(information.len())),
            Self::DialogueProvider => f.write_str("DialogueProvider"),
            Self::ContextNotSupported { alternative, user_information } => {
                write!(f, "ContextNotSupported({alternative:?}, {:?})", Octets(user_information.len()))
            }
            Self::Refused { user_information } => write!(f, "Refused({:?})", Octets(user_information.len())),
            Self::NoCommonDialoguePortion => f.write_str("NoCommonDialoguePortion"),
            Self::AbnormalDialogue => f.write_str("AbnormalDialogue"),
            Self::Malformed(cause) => write!(f, "Malformed({cause:?})"),
            Self::Undeliverable => f.write_str("Undeliverable"),
            Self::Expired => f.write_str("Expired"),
        }
    }
}
