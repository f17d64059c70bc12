//! A daemon for Linux routers: measures the radio under an MDT job, logs sealed, brings the log to its collector (TS 37.320).
//!
//! ```text
//!   modem (D-Bus) or replay (file) ── Sighting ──▶ Station ── mdt_log::Agent ──▶ files, sealed
//!                                                     ▲ │
//!   control socket: status, pause, resume, opt-out, clear └──── Errand ──▶ collector (TLS 1.3) ── receipt ──▶ Station
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`config`] | the file that an operator writes |
//! | [`job`], [`keys`] | what is to be measured, and whose keys it is sealed to |
//! | [`source`] | where measurements come from |
//! | [`station`] | one phone: its log, its user's decisions, what it owes the collector |
//! | [`files`] | sealed octets and secrets on disk |
//! | [`collector`] | the upload protocol |
//! | [`control`] | the local interface |
//! | [`daemon`] | all of it, running |
//!
//! Nothing that holds a measurement has a printable form, and no call gives an entry back: it cannot.

pub mod clock;
#[cfg(feature = "daemon")]
pub mod collector;
pub mod config;
pub mod control;
#[cfg(feature = "daemon")]
pub mod daemon;
pub mod files;
pub mod hardening;
pub mod job;
pub mod keys;
pub mod quantity;
pub mod source;
pub mod station;
