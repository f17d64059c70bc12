//! What a node does with the invocations of its peers.

use core::future::Future;
use core::pin::Pin;
use std::sync::Arc;

use ss7::sccp::{SccpAddress, Ssn};
use ss7::tcap::{ApplicationContext, InvokeProblem};

use super::dialogue::Dialogue;

/// An invocation of a peer. `Debug` hides its argument, which names subscribers.
#[derive(Clone, PartialEq, Eq)]
pub struct Incoming {
    /// SCCP calling party address: whom the answer goes to.
    pub from: SccpAddress,
    /// Subsystem of this node that was called.
    pub subsystem: Ssn,
    /// Application context of the dialogue; none from a peer of MAP version 1.
    pub application_context: Option<ApplicationContext>,
    /// User information of the peer's AARQ, such as MAP-OpenInfo: EXTERNALs in BER; empty for none.
    pub user_information: Arc<[u8]>,
    /// Local operation code.
    pub operation: i64,
    /// Argument: BER elements, tags and lengths and all; empty for none.
    pub argument: Vec<u8>,
    /// Whether this node began the dialogue.
    pub within_ours: bool,
}

impl core::fmt::Debug for Incoming {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Incoming")
            .field("subsystem", &self.subsystem)
            .field("application_context", &self.application_context)
            .field("operation", &self.operation)
            .field("argument_octets", &self.argument.len())
            .finish_non_exhaustive()
    }
}

/// What goes back to the sender of an invocation. In a dialogue that the peer began and that has nothing else under way it
/// goes in the last message (TC-END), else the dialogue goes on.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// Success. One BER element, tag and length and all; empty for none.
    Result(Vec<u8>),
    /// Failure.
    Error {
        /// Local error code, such as those of TS 29.002 clause 17.6.
        code: i64,
        /// Its parameter, one BER element; empty for none.
        parameter: Vec<u8>,
    },
    /// The invocation cannot be served: unknown operation, unreadable argument.
    Reject(InvokeProblem),
    /// The dialogue is refused: its application context is not supported. Where something was sent in it already, it is
    /// aborted.
    ContextNotSupported {
        /// The one that would be, as the same of a lower version.
        alternative: Option<ApplicationContext>,
    },
    /// The dialogue is aborted with this user information: EXTERNALs in BER, empty for none.
    Abort(Vec<u8>),
    /// No answer at all, and the dialogue is forgotten: for laboratories that act a silent node.
    Silence,
}

impl core::fmt::Debug for Answer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Result(result) => write!(f, "Result({} octets)", result.len()),
            Self::Error { code, parameter } => write!(f, "Error({code}, {} octets)", parameter.len()),
            Self::Reject(problem) => write!(f, "Reject({problem:?})"),
            Self::ContextNotSupported { alternative } => write!(f, "ContextNotSupported({alternative:?})"),
            Self::Abort(_) => f.write_str("Abort"),
            Self::Silence => f.write_str("Silence"),
        }
    }
}

/// Serves the invocations of peers.
///
/// Only those arrive that are for a subsystem of this node, from somebody whom its
/// [`Admission`](crate::sigtran::Admission) admits, or in a dialogue that this node began. One runs up to its first wait
/// in the task of its connection and goes on in a task of its own, so a slow one delays nobody; one that computes for long
/// has to move that elsewhere, such as `spawn_blocking`. It runs to its end when its dialogue ends meanwhile, and its
/// answer is dropped.
pub trait DialogueHandler: Send + Sync + 'static {
    /// Answers one invocation. `dialogue` is for further invocations to the same peer in the same dialogue before that,
    /// as a home register inserts subscriber data within the location update.
    fn handle(&self, incoming: Incoming, dialogue: Dialogue) -> impl Future<Output = Answer> + Send;
}

impl<H: DialogueHandler> DialogueHandler for Arc<H> {
    fn handle(&self, incoming: Incoming, dialogue: Dialogue) -> impl Future<Output = Answer> + Send {
        H::handle(self, incoming, dialogue)
    }
}

/// Knows no operation: for nodes that only ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoOperations;

impl DialogueHandler for NoOperations {
    async fn handle(&self, _incoming: Incoming, _dialogue: Dialogue) -> Answer {
        Answer::Reject(InvokeProblem::UnrecognizedOperation)
    }
}

pub(crate) type HandlerFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// A handler of any type, behind one pointer.
pub(crate) trait AnyHandler: Send + Sync {
    fn serve(self: Arc<Self>, incoming: Incoming, dialogue: Dialogue) -> HandlerFuture;
}

impl<H: DialogueHandler> AnyHandler for H {
    fn serve(self: Arc<Self>, incoming: Incoming, dialogue: Dialogue) -> HandlerFuture {
        Box::pin(async move { H::handle(&self, incoming, dialogue).await })
    }
}
