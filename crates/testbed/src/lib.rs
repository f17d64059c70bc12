//! A simulated operator network: HSS, MMEs, phones and the users who hold them.
//!
//! ```text
//!   scenario (TOML) --> Network --+-- Hss ---- tap ----+
//!                                 +-- Mme(s) - tap ----+---- Diameter (SLh, SLg) ---- a gateway under test
//!                                 |    `- phones, users, screens
//!                                 `-- control API (HTTP, loopback): faults, what users saw, emergency calls
//!   tour ---------------------------------------------------- MLP, admin API ------- the same gateway
//! ```
//!
//! It meets a gateway on the wire alone, so it works against any. Binary: `wherefore-testbed`.

pub mod answerer;
mod cells;
mod clock;
mod control;
mod counters;
pub mod fault;
mod hss;
pub mod load;
pub mod mdt_core;
pub mod mdt_phone;
pub mod mdt_stream;
pub mod mdt_upload;
pub mod mme;
mod network;
mod phones;
pub mod pull;
pub mod push;
pub mod ran;
pub mod scenario;
mod seen;
pub mod smsc;
pub mod ss7;
pub mod tap;
mod tls;
pub mod tour;
pub mod trouble;
mod tunnel;
pub mod usim;
mod wire;

pub use clock::Clock;
pub use counters::{Counted, Counters};
pub use network::{DiameterAddress, EmergencyCallError, Network, NetworkError, NetworkOptions, NodeRole};
pub use phones::{Phone, Phones};
pub use seen::{Screens, Sight, SightId};
pub use tls::{Authority, Laboratory, Pair, TlsError, write_secret};
pub use tunnel::Tunnel;
