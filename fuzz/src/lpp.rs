//! The daemon's codec of Lpp.

#[path = "../../crates/wherefore/src/lpp/wire/mod.rs"]
pub(crate) mod wire;
