//! The two ends of web requests that pass a gateway of the role `push`: the network's web gateway, which knows its terminals, and a
//! service that should not.
//!
//! ```text
//!   WebGateway --X-MSISDN--> gateway under test --X-Pseudonym--> WebService
//! ```

mod gateway;
mod service;

pub use gateway::{WebAnswer, WebGateway};
pub use service::{Seen, WebService};
