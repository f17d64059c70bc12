//! An SMS centre and clients of one, over SMPP (by the codec `rusmpp`, which the gateway does not use).
//!
//! ```text
//!   terminal --send_from_terminal--> Smsc ==SMPP==> Esme --next--> a service
//!   terminal <--next_for_terminal--  Smsc <==SMPP== Esme <--submit--
//! ```
//!
//! The centre takes what a client submits as delivered at once, and sends a receipt where one is asked for.

mod centre;
mod esme;
mod link;
mod text;

pub use centre::{Account, Smsc};
pub use esme::{Bind, Delivered, Esme};
pub use link::SmppError;
pub use rusmpp::CommandStatus;
pub use text::{Party, Submitted, Text};
