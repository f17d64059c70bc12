//! Dialogues of TCAP as their users and their peers see them (ITU-T Q.771-Q.774).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of a test fail as its tests do"
)]

mod addresses;
mod components;
mod damaged;
mod dialogue_portion;
mod exchange;
mod hostile;
mod simulation;
mod support;
mod timers;
mod vectors;
