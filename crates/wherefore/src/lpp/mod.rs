//! Lpp (TS 23.271 clauses 6.3.11 and 7.4): the privacy profile register over the network. No standard says how; this is HTTPS with
//! certificates on both sides and JSON, as `docs/lpp.md` tells.
//!
//! ```text
//!  gateway: gmlc ── Checks ─┬─ Ppr                                                       register: server ── Ppr::answer
//!                           └─ RemotePpr ── HttpRoad ── POST /lpp/v1/authorisation, /standing ──────┘         │
//!           routes <── follow ───────────── POST /lpp/v1/profile-updates <────────────── ProfileChanges <── Directory
//! ```

mod changes;
mod client;
mod follow;
mod server;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use changes::{ProfileChange, ProfileChanges};
pub(crate) use client::HttpRoad;
pub(crate) use follow::{Keeps, follow};
pub(crate) use server::{Served, WORDS, router};
pub(crate) use wire::AuthorisationRequest;

/// Where the gateway has its privacy checks from.
pub(crate) type Checks = privacy::Checks<HttpRoad>;
