//! What a web service needs to know people under pseudonyms of their mobile network, and what the network needs to tell them: the
//! PULL model of TS 23.271 Annex E over HTTP. No sockets, no clock: the caller says what time it is.
//!
//! ```text
//!  service                                   operator's proxy                            terminal
//!  Gate::challenge ──401 + Challenge──────────────>│
//!                                        Challenge::find, consent, pseudonym
//!                                        SigningKey::sign(Claims)
//!  Gate::admit <──Authorization: Pseudonym TOKEN───│
//!     └─ Assertion::pseudonym: the `msid` of type ASID for the location gateway
//! ```
//!
//! A service makes one [`Gate`] with the operator's keys ([`KeySet`], from the operator's `/.well-known/jwks.json`), answers 401 with
//! [`Gate::challenge`] where it wants to know who is there, and gives [`Gate::admit`] the header `Authorization` of what comes back.
//! The exchange and its threats are in `docs/pull.md`.

mod challenge;
mod claims;
mod gate;
mod keys;
mod nonce;
mod sign;
#[cfg(test)]
mod tests;
mod verify;

pub use challenge::{Challenge, ChallengeError, SCHEME, presented};
pub use claims::{Assertion, Claims, TOKEN_TYPE};
pub use gate::{Gate, GateError};
pub use keys::{KeySet, KeySetError, PublishedKey, key_set_json};
pub use nonce::{NonceError, Nonces};
pub use sign::{SignError, SigningKey, random_id};
pub use verify::{Verifier, VerifyError};
