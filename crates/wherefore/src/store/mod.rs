//! Clients, profiles and pending reports on disk: SQLite, with one writer, which makes durable together what waits together.
//!
//! ```text
//!   admin API ──> Store (sealed rows, versions) ──load──> clients::Registry and privacy::Register in memory
//!   door     ──> outbox ──> delivery, until delivered
//! ```
//!
//! The schema, with a comment on every column, is `migrations/`. Nobody reads the store while a location request runs: what a
//! request needs is in memory and changed in place. Identities, profiles, salts and reports are sealed, each bound to its table,
//! column and row; a subscriber is found by keyed hash. Statements are in the common part of SQLite and PostgreSQL.

mod aliases;
mod cards;
mod clients;
mod consents;
mod deferred;
mod directory;
mod duty;
mod error;
mod mdt;
mod open;
mod outbox;
mod referred;
mod revocations;
mod seal;
mod subscribers;
#[cfg(test)]
mod tests;
mod writes;

pub use aliases::Alias;
pub use cards::{Card, CardCounters, CardName, CardPut, CardRecord, Iccid};
pub use clients::SecretChange;
pub(crate) use deferred::{KeptLdr, LdrParties, LdrRows, Likeness, likeness};
pub use directory::{Directory, DirectoryError};
pub use error::StoreError;
pub(crate) use mdt::TakenSegment;
pub use open::Store;
pub(crate) use outbox::NewReport;
pub use outbox::{GivenUp, InOrder, Receiver, Report, ReportId, ReportKind};
pub(crate) use referred::{KeptReferral, Pauses, ReferralPhase};
pub use subscribers::{LoadSummary, StoredProfile};
