//! Tokio drivers for the machines of the crates `diameter` and `ss7`: sockets, clocks and tasks, and nothing that decides.
//!
//! ```text
//!   caller --request()--> Routing --> Link (out buffer, Transactions) --+
//!                                       ^   one lock, held briefly       | one write per round
//!                                       |                                v
//!   Handler <--requests-- Driver, one task per peer: PeerMachine, Watchdog, sockets <--> peer
//! ```
//!
//! A [`Node`] is a Diameter node (RFC 6733) with its listeners and peers. [`Node::request`] finds the peer, encodes the
//! request into the buffer of its connection, and waits; a request that loses its peer goes to another one with the T bit.
//! Requests of peers go to a [`Handler`]. Each peer has one task that reads all there is, handles every complete message,
//! and writes all that is to go in one system call; there is no timer per request and no polling.
//!
//! The same for Signalling System No. 7 is in [`sigtran`].
//!
//! Diameter over SCTP uses the kernel's one-to-one sockets, so that it needs a kernel with SCTP; the payload protocol
//! identifier of RFC 6733 section 2.1.1 cannot be set without `unsafe` and stays 0.

mod check;
mod config;
mod conn;
mod counters;
mod dial;
mod driver;
mod error;
mod handler;
mod lifecycle;
mod link;
mod listen;
mod node;
mod peer;
mod read;
mod receive;
mod relay;
mod request;
mod serve;
pub mod sigtran;
mod status;

pub use config::{
    Application, Limits, Listen, Mode, NodeConfig, PeerConfig, Timers, TlsConfig, Transport, UnknownPeers,
};
pub use counters::CounterSnapshot;
pub use diameter::peer::Destination;
pub use error::{RequestError, StartError};
pub use handler::{Answer, Handler, NoCommands, PeerInfo};
pub use node::Node;
pub use status::{LinkError, PeerStatus};
