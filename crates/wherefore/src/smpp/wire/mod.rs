//! SMPP 3.4 and 5.0 as far as it is read here, without I/O.
//!
//! ```text
//!   octets --Pdu--> header --Message::parse--> where each address, text and parameter stands --rewrite--> octets
//! ```
//!
//! Nothing is decoded and encoded again: what must change is replaced where it stands, and every other octet goes on as it came.

mod message;
mod pdu;
mod rewrite;
#[cfg(test)]
mod tests;
mod text;

pub use message::{Address, Malformed, Message, Which};
pub use pdu::{HEADER, Pdu, command, status};
pub use rewrite::{Caller, Dress, Failed, Recipient, from_client, multi_answer, to_client, without_tlvs};
pub use text::Alphabet;
