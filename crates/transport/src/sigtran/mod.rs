//! Tokio driver for the machines of the crate `ss7`: TCAP over SCCP over M3UA.
//!
//! ```text
//!   caller --invoke()--> Table: Dialogues, Endpoint (SCCP) --+     one lock, held for one message
//!                          ^                                 |
//!                          |                                 v
//!   DialogueHandler <--- Connection, one task each <--- Association: Asp or Sgp, out buffers <--> peer
//!                                                        one lock; one write per round
//! ```
//!
//! A [`SigtranNode`] is a node with a point code, a global title and subsystems. [`SigtranNode::invoke`] asks for one
//! operation in a dialogue of its own: the request is encoded into the buffer of an active connection that leads to its
//! destination, and its caller waits. Invocations of peers go to a [`DialogueHandler`], once [`Admission`] has let them in.
//! Each connection has one task that reads all there is, hands on every whole message, and writes all that is to go in one
//! system call. Deadlines of all dialogues share one sleeper; there is no timer per invocation and no polling.
//!
//! M3UA runs over TCP, or over the kernel's one-to-one SCTP sockets where the kernel has them; the payload protocol
//! identifier (3, RFC 4666 section 7.1) and the stream cannot be set without `unsafe` and stay 0.

mod alarm;
mod association;
mod check;
mod config;
mod conn;
mod connect;
mod connection;
mod counters;
mod dialogue;
mod error;
mod handler;
mod invoke;
mod node;
mod outcome;
mod receive;
mod serve;
mod status;
mod table;

pub use config::{
    Admission, AssociationConfig, GtRoute, Role, SigtranConfig, SigtranLimits, SigtranTimers, SigtranTransport,
};
pub use counters::SigtranCounterSnapshot;
pub use dialogue::Dialogue;
pub use error::{InvokeError, LinkDown, SigtranStartError};
pub use handler::{Answer, DialogueHandler, Incoming, NoOperations};
pub use invoke::{Invoke, by_number};
pub use node::SigtranNode;
pub use outcome::InvokeOutcome;
pub use ss7::m3ua::{NetworkIndicator, PointCode, TrafficMode};
pub use ss7::sccp::{SccpAddress, Ssn};
pub use ss7::tcap::{ApplicationContext, InvokeProblem};
pub use status::{AssociationStatus, ConnectionStatus, SigtranStatus};
