//! The proxy between clients (ESMEs) and the SMS centre: SMPP 3.3, 3.4 and 5.0.
//!
//! ```text
//!   ESME ──bind──> session ──bind──> SMS centre          one session there for each here
//!        <──────>  Relay   <──────>                      numbers of PDUs, windows, deadlines: a machine without I/O
//!                    │ Job
//!                  wire: rewrites, keeps every other octet
//! ```

mod bind;
mod clients;
mod job;
mod listen;
mod relay;
mod session;

pub(crate) use listen::{bind, serve};
