//! `wherefore mdt import` as a process of its own; tshark dissects what was imported and finds the same values.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests; only test functions are exempt by configuration"
)]

#[path = "mdt_import/rrc.rs"]
mod rrc;
#[path = "mdt_import/scene.rs"]
mod scene;
#[path = "mdt_import/survey.rs"]
mod survey;
#[path = "mdt_import/trace.rs"]
mod trace;
