//! MDT, the server side (TS 37.320): what phones and operators write, and the jobs that ask for it. No input or output, no clock.
//!
//! ```text
//!   RRC of a phone ──▶ rrc ──▶ LogColumns ──▶ (the collector anonymises and stores)
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`rrc`] | logged measurements, their configuration, reports of failures: TS 36.331, TS 38.331 |

pub mod rrc;
mod uper;
