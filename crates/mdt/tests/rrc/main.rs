//! RRC: vectors, random messages in both codecs of this crate and in two others, and octets that are none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what must hold")]

mod made;
mod peer;
#[path = "../support/pycrate.rs"]
mod pycrate;
mod rasn_lte;
mod vectors;
