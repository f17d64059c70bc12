//! Peers without input or output: who is connected, whether the connection lives, which requests are under way, which peer
//! gets the next one.
//!
//! ```text
//!    events, now                                                actions, deadline
//!   ------------> PeerMachine   RFC 6733 section 5.6  ------------------------->
//!   ------------> Watchdog      RFC 3539 Appendix A   ------------------------->
//!    request      Transactions  hop-by-hop identifiers, deadlines     identifier
//!    destination  Routing       host, realm, relay, load sharing      next hop
//! ```
//!
//! Time is a [`core::time::Duration`] since a start that the driver chooses; nothing here reads a clock, draws a random
//! number, or opens a socket. The drivers are in the crate `transport`.

mod capabilities;
mod identifiers;
mod machine;
mod routing;
#[cfg(test)]
mod simulation;
mod transactions;
mod watchdog;

pub use capabilities::{CeaFault, CerRefusal, LocalCapabilities, PeerCapabilities};
pub use identifiers::{EndToEndIds, SessionIds};
pub use machine::{Action, Event, PeerMachine, PeerTimers, Side, State, transition, wins_election};
pub use routing::{Destination, PeerIndex, RoutePeer, Routing, asks_for_alternate};
pub use transactions::{Full, Stray, Transactions};
pub use watchdog::{Watchdog, WatchdogAction, WatchdogConfig, WatchdogEvent, WatchdogState};
