//! The wire formats of this crate, seen from outside.

mod common;
mod dictionary;
mod grammar;
mod malformed;
mod properties;
mod results;
mod vectors;
