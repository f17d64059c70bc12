//! SLh: where is this subscriber served? (TS 29.173)

mod failure;
mod messages;
mod node;
mod routing;

pub use failure::{failure, outcome};
pub use lcs::node_realm;
pub use messages::{Ria, RiaFlags, Rir};
pub use node::ServingNode;
pub use routing::home_network;
