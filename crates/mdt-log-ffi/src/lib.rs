//! The phone's side of the sealed MDT log (`mdt-log`) for other languages.
//!
//! | language | interface | module |
//! |---|---|---|
//! | C, and whatever calls C | `include/mdt_log.h`, made from the module by cbindgen | [`c`] |
//! | Kotlin, Swift, Python | UniFFI, feature `uniffi` | `bindings` |
//!
//! Both are skins over one piece of safe code, `phone`. What a phone brings comes as callbacks: where sealed octets lie, where secrets lie, two
//! clocks, and random octets. What goes in: the collector's key list, configurations, what the modem says, measurements, receipts, the
//! user's decisions. What comes out: requests to measure, sealed octets, counts. No call gives an entry back.
//!
//! Unsafe code is in [`c`] alone, where pointers arrive; see `docs/decisions/0020-phone-library.md`.
#![cfg_attr(feature = "bare", no_std)]

extern crate alloc;

#[cfg(all(feature = "bare", feature = "uniffi"))]
compile_error!("UniFFI needs the standard library: build it without the feature `bare`");

#[cfg(feature = "uniffi")]
#[allow(
    unsafe_code,
    missing_docs,
    clippy::undocumented_unsafe_blocks,
    reason = "what UniFFI generates is extern \"C\""
)]
pub mod bindings;
#[allow(unsafe_code, reason = "pointers arrive here")]
pub mod c;
mod phone;
mod refusal;

pub use refusal::Refusal;

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!("mdt_log");
