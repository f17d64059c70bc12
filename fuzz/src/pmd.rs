//! The part of the daemon's pseudonyms that its codecs need.

#[path = "../../crates/wherefore/src/pmd/text.rs"]
mod text;
#[path = "../../crates/wherefore/src/pmd/lid/wire.rs"]
mod wire;

use lcs::{Pseudonym, Timestamp};
use std::hint::black_box;
pub(crate) use text::{digits_text, pseudonym_text};

/// A pseudonym that was assigned, as the daemon has it.
pub(crate) struct Assigned {
    pub(crate) pseudonym: Pseudonym,
    pub(crate) rotates: Timestamp,
    pub(crate) ends: Timestamp,
}

/// Whatever octets as a message of Lid.
pub(crate) fn lid(data: &[u8]) {
    black_box(serde_json::from_slice::<wire::ResolveRequest>(data).is_ok());
    if let Ok(request) = serde_json::from_slice::<wire::AssignRequest>(data) {
        black_box(request.subscriber.identities());
    }
    if let Ok(subscriber) = serde_json::from_slice::<wire::Subscriber>(data) {
        if let Some(identities) = subscriber.identities() {
            let again = wire::Subscriber::of(&identities).identities();
            assert!(again == Some(identities), "what was read is written as what reads the same");
        }
    }
    if let Ok(answer) = serde_json::from_slice::<wire::AssignAnswer>(data) {
        if let Some(assigned) = answer.assigned() {
            let again = wire::AssignAnswer::of(&assigned);
            assert!(again.assigned().is_some());
        }
    }
}
