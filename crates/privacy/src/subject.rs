//! The salt of a subscriber, defined where it is used to seal.

pub use crate::disclosure::SubjectSalt;
