//! The role `push`: pseudonyms in the place of numbers (TS 23.271 Annex E.1, figure E.1; `docs/push.md`).
//!
//! ```text
//!  terminal ── SMS centre ──SMPP──> smpp ──SMPP──> client        1-3   number becomes pseudonym
//!           <─────────────────────       <────────               7-9   pseudonym becomes number
//!  terminal ── web gateway ──HTTP─> web ──HTTP───> client        1-3   the answer goes back over the same connection
//!                                    │
//!                                  Swap ── Pseudonyms (own device, or over Lid)
//! ```
//!
//! Only clients that the operator lists get messages and requests through here, and only with pseudonyms. Where none can be had,
//! nothing goes on. No line of the log, no metric and no error has a number or a pseudonym in it.

mod number;
pub mod smpp;
mod swap;
pub(crate) mod web;

pub(crate) use swap::Swap;
