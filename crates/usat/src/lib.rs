//! The change-of-area event over SMS to the (U)SIM (TS 23.271 Annex F): what a gateway and an application on the card say to each other,
//! how it is secured and carried, and the application itself.
//!
//! ```text
//!   gateway                                                              card
//!   message::Message ─▶ packet::seal_command ─▶ sms::split ─▶ SMSC ─▶ phone ─▶ toolkit::Envelope ─▶ applet::Applet
//!   message::Message ◀─ packet::open_command ◀─ sms::Reassembly ◀─ SMSC ◀─ phone ◀─ toolkit::Command ◀──────┘
//! ```
//!
//! No I/O and no clock. The protocol is in `docs/annex-f.md`. What a card keeps, and what is sealed, is in types: a packet takes a counter
//! that is durable, and what came is seen when its counter is ([`packet::Counter`]).

pub mod applet;
pub mod exchange;
pub mod message;
pub mod packet;
pub mod sms;
pub mod toolkit;
