//! SMPP over a connection: what the proxy of the role push and the client of an SMS centre have in common.

mod dial;
mod frames;
pub mod wire;
mod writer;

pub(crate) use dial::{Dial, Link};
pub(crate) use frames::{Ended, Stream};
pub(crate) use writer::Writer;
