//! The tour: asks a gateway as LCS clients do, and compares what comes back and what the users saw with what had to come.

mod admin;
mod listener;
mod run;
mod table;

pub use admin::{Admin, AdminError};
pub use listener::PushListener;
pub use run::{Tour, TourError, TourPlaces};
pub use table::{Row, TourReport};
