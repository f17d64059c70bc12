//! What the fuzz targets share.
//!
//! A target feeds octets to one decoder and checks more than "no panic": what was decoded comes back the same, whatever
//! is refused has an answer, nothing forged is taken for genuine. Seeds are in `seeds/TARGET`, made by the example `seeds`.

pub mod agent;
#[allow(dead_code, reason = "compiled from the daemon, which uses the rest")]
pub mod consent;
#[allow(dead_code, reason = "compiled from the daemon, which uses the rest")]
#[path = "../../crates/wherefore/src/forms.rs"]
mod forms;
pub mod json;
pub mod log;
#[allow(dead_code, unused_imports, reason = "compiled from the daemon, which uses the rest")]
mod lpp;
pub mod mdt;
#[allow(dead_code, reason = "compiled from the daemon, which uses the rest")]
mod pmd;
pub mod wire;
