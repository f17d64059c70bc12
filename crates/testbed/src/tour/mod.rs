//! The tour: asks a gateway as LCS clients do, and compares what comes back and what the users saw with what had to come.

mod admin;
mod ask;
mod by_card;
mod disclosures;
mod listener;
mod mdt;
mod row;
mod run;
mod services;
mod table;
mod triggered;

pub use admin::{Admin, AdminError};
pub use disclosures::{Disclosure, Disclosures};
pub use listener::{PushListener, Pushed};
pub use mdt::{DriveTestError, DriveTests};
pub use run::{GatewayPlaces, Restarts, Tour, TourError, TourPlaces};
pub use services::{ServiceDoors, Services, ServicesError};
pub use table::{Row, TourReport};
