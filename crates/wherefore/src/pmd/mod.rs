//! The role `pmd`: pseudonyms assigned, turned back and revoked (TS 23.271 clauses 6.3.12 and 6.4.2, Annex E).
//!
//! ```text
//!  key file ──┐
//!             ├──> LocalPmd ──resolve──> identities         nothing is stored when one is assigned
//!  store ─────┘       └──revoke──> store, durable ──> memory
//! ```
//!
//! Gateways without a key ask over `lid`: there `Pseudonyms` is the same to their procedures.
//!
//! What a pseudonym is made of is [`privacy::Pmd`]'s to know. No line of the log, no metric and no error tells a pseudonym or
//! whom it stands for; why one was refused is counted and told to nobody.

pub mod keys;
pub(crate) mod lid;
mod local;
mod source;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use local::completed;
pub use local::{Assigned, LocalPmd, PseudonymError, Revoke};
pub(crate) use source::Pseudonyms;
pub use text::subscriber_text;
pub(crate) use text::{charged_digits, digits_text, pseudonym_text};
