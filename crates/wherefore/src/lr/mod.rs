//! Lr (TS 23.271 clause 5.6): requests from and to the gateways of other operators, RLP over HTTPS with certificates on both
//! sides. `docs/lr.md` connects two operators.
//!
//! ```text
//!  procedure ── network ──> Gateways ── RLP ──> another operator's gateway
//!  another's ── RLP ──> LrDoor ── Judge: who, as what, for whom? ──> home | visited | overriding ── recorded ──> answer
//!                          └── triggered: armed here for the other; reports of what the other waits for
//! ```

mod client;
mod door;
mod home;
mod judge;
mod nodes;
mod peers;
mod replay;
mod subscribers;
#[cfg(test)]
mod tests;
mod triggered;

pub(crate) use client::Gateways;
pub(crate) use client::{transaction, unsendable};
pub(crate) use door::{LrDoor, peer_of_account};
pub(crate) use nodes::{name_of_node, plmn_of_host, plmn_of_node};
pub(crate) use peers::Peers;
use replay::Replayed;
pub(crate) use triggered::{GatewayNews, NewsTaken, is_of_home_gateway};
