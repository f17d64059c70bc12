//! Diameter without input or output: the base protocol (RFC 6733) and the applications of location services, SLh
//! (TS 29.173) and SLg (TS 29.172), and of S6a (TS 29.272) the LCS data of a subscriber.
//!
//! ```text
//!   octets --codec::Framer--> frame --codec::Message::decode--> Message --slg, slh, base--> typed view of the message
//!   typed message --encode--> the caller's buffer               (codec::Builder, dictionary: code, vendor, flags)
//! ```
//!
//! Typed messages borrow from the received octets, so a message is checked once and read in place. What is wrong with a
//! message is a [`codec::DecodeError`]: the result code and Failed-AVP of the answer that reports it.

pub mod base;
pub mod codec;
pub mod dictionary;
mod dump;
mod grammar;
pub mod peer;
pub mod s6a;
pub mod slg;
pub mod slh;
mod value;

pub use dump::Dump;
pub use value::{HiddenOctets, HiddenText, Octets, Ranged};
