//! Lid (TS 23.271 clause 7.5): pseudonyms over the network, between gateways without a key and the device that has it. No standard
//! says how; this is HTTPS with certificates on both sides and JSON, as `docs/lid.md` tells.
//!
//! ```text
//!  gateway ──RemotePmd── POST /lid/v1/resolve, /lid/v1/assign ──> server ──> LocalPmd
//! ```

mod client;
mod server;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use client::RemotePmd;
pub(crate) use server::{WORDS, router};
