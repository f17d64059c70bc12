//! Charging: one record for each finished request, in files that a billing system takes away (TS 23.271 clauses 11.1 and 11.2;
//! `docs/charging.md`).
//!
//! ```text
//!  request ended ──Charging::keep──> queue ──> writer task: batch, one write, one sync ──> NAME.jsonl.open ──> NAME.jsonl
//! ```
//!
//! A request never waits for the disk here. What is disclosed is the disclosure log's to prove; this is about money.

mod files;
mod record;
mod slip;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use record::ChargedPart;
pub use record::{ChargedClient, ChargedDeferred, ChargedLeg, ChargedPosition, ChargedQos, ChargedRole, Record};
pub(crate) use slip::{Began, Slip, note_leg, note_node, noting};
pub(crate) use writer::Charging;
