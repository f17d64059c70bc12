//! What the collector of MDT keeps: rows that name nobody, as Parquet, found by day and place.
//!
//! ```text
//!   mdt::LogColumns ──▶ Anonymiser ──▶ AnonymisedRows ──▶ Store::commit      one durable batch
//!                        ▲                                   └─ compact      by day and place
//!        SignallingConsent::ask ◀── ConsentRegister          ├─ erase        by token, by job, by subject
//!                                              Binning ◀──────┴─▶ release     bins that enough phones were in, once a period
//! ```
//!
//! The store writes [`AnonymisedRows`] and nothing else, and only an [`Anonymiser`] makes them (TS 32.421 clause 6, TS 32.422 clause 4.7): of a
//! management based job without identity or with the model of the phone, of a signalling based one under a [`SignallingConsent`], which
//! only the answer of the consent register makes.
//!
//! ```compile_fail,E0451
//! // Rows cannot be put together by hand,
//! let rows = mdt_store::AnonymisedRows { origins: Vec::new(), ..Default::default() };
//! ```
//! ```compile_fail,E0308
//! // columns of a log cannot be written,
//! fn write<F: mdt_store::Files>(store: &mut mdt_store::Store<F>, log: &mdt::rrc::LogColumns) {
//!     let _ = store.commit(log);
//! }
//! ```
//! ```compile_fail,E0599
//! // and consent cannot be claimed.
//! let consent = mdt_store::SignallingConsent::new();
//! ```
//!
//! No files and no clock: files are a port, [`Files`]. The layout is in `docs/mdt-store.md`.

mod anonymise;
mod bins;
mod catalog;
mod compact;
mod consent;
mod export;
mod failure;
mod files;
mod model;
mod place;
mod read;
mod release;
mod rows;
mod schema;
mod store;
mod table;
mod trace;
mod write;

pub use anonymise::{AnonymiseError, Anonymiser, Dropped, SessionKey, Told};
pub use bins::{
    Bin, BinExport, BinLine, BinRule, BinRuleError, Binning, Grid, LEAST_SUBJECTS, MOST_SUBJECTS, Period, PeriodBins,
    Spread, Square,
};
pub use compact::{Turns, compact};
pub use consent::{ConsentError, ConsentRegister, ConsentWord, NoRegister, SignallingConsent, SubjectId};
pub use export::{Export, Line, ModelCount};
pub use failure::{AnonymisedFailures, Failure, FailureLine};
pub use files::{Files, FilesError};
pub use model::{Model, Models, NoModels};
pub use place::{Day, Place};
pub use rows::{AnonymisedRows, Neighbour, Origin, Row};
pub use schema::{ParquetError, job_of};
pub use store::{Ages, Compacted, ImportName, Limits, Store, StoreError, Which};
