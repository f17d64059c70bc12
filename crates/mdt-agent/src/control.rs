//! The local interface: a Unix socket that takes one line of JSON and answers with one. It tells counts and takes what the user decides;
//! there is no verb for anything else.

mod request;
#[cfg(feature = "daemon")]
mod socket;

pub use request::{LONGEST_PAUSE_S, Request, VERBS, Verb};
#[cfg(feature = "daemon")]
pub use socket::{Answer, Asked, ask, listen, serve};
