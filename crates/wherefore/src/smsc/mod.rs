//! Short messages to phones and from them, over an SMS centre (TS 23.040; SMPP 3.4): this gateway as its client.
//!
//! ```text
//!   SmsCentre::submit ──> Client ──Order──> Work ──> Session (a machine without I/O) ──PDU──> SMS centre
//!                                            │         └── Submissions: rate, window, patience, pauses; outlive a session
//!   FromPhones, Receipts <──durable, then answered──┘ <──── read, receipt <────────────────────────┘
//! ```
//!
//! What goes out is written by crate `rusmpp`; what comes in is read where it stands by [`crate::smpp::wire`], which lets a centre's
//! liberties pass that a strict reader would break the session for (`docs/decisions/0013-short-messages.md`).

mod client;
mod port;
mod read;
mod receipt;
mod session;
mod submissions;
mod work;
mod write;

pub use client::Client;
pub use port::{
    FinalState, FromPhones, MessageId, Receipt, Receipts, Refused, ShortMessage, SmsCentre, SubmitFailure,
    USER_DATA_MAX,
};
pub use work::{Takers, Work};
