//! An SMS centre and clients of one, over SMPP (by the codec `rusmpp`, by which the gateway reads nothing).
//!
//! ```text
//!   terminal --send_from_terminal--> Smsc ==SMPP==> Esme --next--> a service
//!   terminal <--next_for_terminal--  Smsc <==SMPP== Esme <--submit--
//! ```
//!
//! The centre takes what a client submits as delivered at once, and sends a receipt where one is asked for. It can be told to do what centres do
//! in trouble: throttle, keep silent, answer late and out of order, hold receipts and give them another end, break connections.

mod centre;
mod conduct;
mod esme;
mod link;
mod text;

pub use centre::{Account, Smsc};
pub use conduct::{End, Written};
pub use esme::{Bind, Delivered, Esme};
pub use link::SmppError;
pub use rusmpp::CommandStatus;
pub use text::{Party, Submitted, Text};
