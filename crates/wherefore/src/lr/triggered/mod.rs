//! Triggered requests between gateways (TS 23.271 clauses 9.1.8, 9.1.9, 9.1.12 and 9.1.19; `docs/lr.md`).
//!
//! ```text
//!   at home:     door (trlrr, trlrsr) ──> crate::ldr ── GatewayNews ──> outbox ── delivered by Gateways::tell ──> the one that asked
//!   visited:     the same by the home gateway's word; and to a visited gateway, Gateways::arm_at_visited, stop_at_visited
//!   requesting:  crate::ldr::referred ── Gateways::arm_at_home, stop_at_home ──> home;  door (trlrep, trlrsa) ──> crate::ldr::referred
//! ```

mod asking;
mod door;
mod letter;
mod news;

pub(crate) use asking::{NewsTaken, is_of_home_gateway};
pub(super) use door::Waited;
pub(crate) use news::GatewayNews;
