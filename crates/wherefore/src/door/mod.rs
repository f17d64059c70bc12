//! The door for LCS clients: OMA MLP over HTTP (the Le reference point of TS 23.271).
//!
//! ```text
//!   http (sockets, limits) -> mlp (read, authenticate, admit) -> Core::locate, one per target -> answer
//!                                                             \-> reports: asynchronous, kept until delivered
//! ```

mod admission;
mod delivery;
mod http;
mod mlp;
pub(crate) mod patience;
mod places;
mod reports;
mod triggered;

pub(crate) use delivery::{deliver_forever, note_given_up};
pub(crate) use http::{Bounds, Reply, Respondent, Words, bind, serve};
pub(crate) use mlp::Door;
pub(crate) use triggered::{ClientNews, Wish};
