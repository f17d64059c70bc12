//! TCAP dialogues and invocations (ITU-T Q.771-Q.774, 06/97), without I/O.
//!
//! ```text
//!   TC-user                          Dialogues                             SCCP
//!     begin, invoke ---------->  +------------------+
//!     proceed, end, abort, ...   | dialogues        |  Output::Send -----> address, octets
//!     <----- Output::Indication  | invocations      |
//!                                | timers           |  <------ receive(octets, address, now)
//!     <------------- deadline()  +------------------+  <------ expire(now)
//! ```
//!
//! One [`Dialogues`] per local subsystem. Every call takes the time of the caller's own clock; after every call the
//! caller drains [`Dialogues::poll`] and notes [`Dialogues::deadline`].

mod codec;
mod codes;
mod component;
mod context;
mod dialogues;
mod fault;
mod indication;
mod limits;
mod state;

pub use codes::{GeneralProblem, InvokeProblem, Problem, ProviderAbortCause, ReturnErrorProblem, ReturnResultProblem};
pub use component::{Component, Request};
pub use context::{ApplicationContext, InvalidContext};
pub use dialogues::{Counters, Dialogues};
pub use fault::TcapFault;
pub use indication::{AbortReason, DialogueId, Indication, Outcome, Output, Refusal};
pub use limits::{FirstAnswer, TcapLimits};
