//! What the fuzz targets share.
//!
//! A target feeds octets to one decoder and checks more than "no panic": what was decoded comes back the same, whatever
//! is refused has an answer, nothing forged is taken for genuine. Seeds are in `seeds/TARGET`, made by the example `seeds`.

pub mod log;
pub mod mdt;
pub mod wire;
