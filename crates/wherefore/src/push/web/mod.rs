//! The reverse proxy between the web gateway of the network and clients.
//!
//! ```text
//!   web gateway ──X-MSISDN──> caller: whom it vouches for ──> headers taken out ──> Swap ──X-Pseudonym──> client
//!               <──────────────────────────── the answer, streamed, nothing kept ─────────────────────────
//! ```

mod body;
mod caller;
mod listen;
mod proxy;

pub(crate) use listen::{bind, serve};
