//! SCCP, connectionless service (ITU-T Q.711-Q.714), without I/O.
//!
//! ```text
//!   SccpAddress, GlobalTitle      who sends, who is to get it             Q.713 clause 3.4
//!   Message                       UDT, XUDT, LUDT and their services      Q.713 clause 4
//!   TranslationTable              digits of a title -> where to           Q.714 clause 2.4
//!   Endpoint                      send, receive, return, reassemble, SST  Q.714 clauses 2.3, 4 and 5
//! ```
//!
//! An [`Endpoint`] turns unitdata of its users into [`crate::m3ua::Transfer`]s and back. It is no relay.

mod address;
mod codec;
mod endpoint;
mod fault;
mod management;
mod message;
mod reassembly;
mod returns;
mod title;
mod translation;

pub use address::{Routing, SccpAddress, Ssn};
pub use endpoint::{Endpoint, EndpointConfig, EndpointTimers, Indication, MessageId, Notice, Received, Sent, Unitdata};
pub use fault::{DecodeError, Discard, EncodeError, SendError};
pub use message::{Class, Extension, Form, Message, ReturnCause, Segmentation, UnitdataMessage, UnitdataService};
pub use title::{GlobalTitle, NatureIndicator, PlanIndicator, TitleError};
pub use translation::{Route, TranslationError, TranslationTable};
