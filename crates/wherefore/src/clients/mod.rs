//! The registered LCS clients: their records (TS 23.271 Table 10.7), who of them is asking, and how much they may ask.
//!
//! [`ClientRecord`] is what the operator writes and the store keeps; [`Client`] is the same made ready for the hot path;
//! [`Registry`] holds them all and authenticates.

mod admission;
mod check;
mod client;
mod push;
mod record;
mod registry;
mod secret;
mod target;
#[cfg(test)]
mod tests;

pub use client::{Client, StoredClient};
pub use record::{
    CallSessionIdentity, ClientRecord, ClientType, ExternalIdentity, ExtraPrivacy, Name, NameFormat, PlmnClientType,
    PriorityWord, RequestType, Service,
};
pub use registry::{AuthFailure, Credential, Registry};
pub use secret::SecretCheckError;
pub use target::{TargetRule, TargetRuleError};
