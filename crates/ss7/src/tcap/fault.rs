//! What a TC-user did wrong, or cannot have.

/// Why a request of the TC-user was not carried out. Nothing was sent and nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TcapFault {
    /// We cannot: as many dialogues as allowed are under way.
    #[error("as many dialogues as allowed are under way")]
    Full,
    /// Caller: no such dialogue; it ended, was aborted, or timed out.
    #[error("no such dialogue is under way")]
    UnknownDialogue,
    /// Caller: the request is not allowed in the present state of the dialogue, as a Continue before the peer answered.
    #[error("the dialogue is not in a state that allows this")]
    WrongState,
    /// Caller: an invocation of ours with this identifier is under way already.
    #[error("invoke identifier {0} is in use")]
    InvokeIdInUse(i8),
    /// Caller: the peer has no unanswered invocation with this identifier.
    #[error("the peer has no unanswered invocation {0}")]
    UnknownInvokeId(i8),
    /// Caller: an argument, result or parameter is not exactly one BER element, or user information is not one EXTERNAL.
    #[error("a parameter is not exactly one BER element, or user information not one EXTERNAL")]
    NotOneElement,
    /// Caller: too many components for one message, or too many invocations under way in one dialogue.
    #[error("more components than allowed")]
    TooManyComponents,
    /// Caller: an answer in a Begin, or an invocation in an End.
    #[error("a component that this message cannot carry")]
    MisplacedComponent,
    /// Caller: the message would be longer than allowed.
    #[error("the message would be {octets} octets long, at most {limit} are allowed")]
    TooLong {
        /// Octets of the message.
        octets: usize,
        /// Octets allowed.
        limit: usize,
    },
}
