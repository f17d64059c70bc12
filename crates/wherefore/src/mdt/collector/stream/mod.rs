//! Streams of trace records from the network (TS 28.532 clause 12.5, TS 32.423 clause 5), `docs/mdt-collector.md`.
//!
//! ```text
//!   POST /connections ──> jobs and consent ──> an id ──> GET with upgrade ──> messages ──> records ──> anonymise ──> rows, a batch a second
//! ```
//!
//! A stream acknowledges nothing, so nothing that comes by one is ever said to be safe; what is read of it waits a second at most. While a
//! batch is written nothing is read, and the network has to wait.

mod registry;
mod routes;
mod socket;

pub(super) use registry::Streams;
pub(super) use routes::routes;
