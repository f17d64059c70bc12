//! Area events that an application on the (U)SIM watches (TS 23.271 Annex F, `docs/annex-f.md`).
//!
//! ```text
//!   gmlc::activate ── install ─> Cards ── sealed, in parts ──> smsc::SmsCentre ══> phone, card
//!                    <─ the card's own word ─┐
//!   ldr::Deferred <── reports, late words ── FromCards <── smsc::FromPhones <═════ proof, acknowledgement, report
//! ```
//!
//! Keys and counters are in [`crate::store`]; no counter is used before it is durable. Who sends is proven by the key of the card, and by
//! nothing else: the number from which a message comes only says which card is asked for its key.

mod body;
mod from_cards;
#[cfg(test)]
mod tests;
mod to_cards;
mod waiting;
mod words;

pub use body::{CardBody, CardError};
pub(crate) use body::{CardColumns, LineError, parse_card_name};
pub(crate) use from_cards::FromCards;
pub(crate) use to_cards::Cards;
