//! MAP operations of location services as octets and as values (TS 29.002).

mod common;
mod errors;
mod instruction;
mod malformed;
mod messages;
mod peer;
mod place;
mod profile;
mod properties;
mod routing;
mod samples;
mod vectors;
