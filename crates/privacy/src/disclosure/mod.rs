//! The disclosure log: no answer without a record.
//!
//! ```text
//!   Log ── open ──> Ticket ── record ──> queue ──> Writer ── write, sync ──> segment files     Recorded<T>
//!    (seals on the caller's thread)      (what arrives during a sync is the next batch)    ──> released
//!                                                   └─ signs the checkpoint of each batch
//! ```
//!
//! Every request ends in one entry for each target. Entries are the leaves of a Merkle tree (RFC 6962); each batch carries
//! the signed root after it, and its entries are acknowledged once all of it is durable. Content is encrypted under a key
//! of the subscriber, so that destroying the subscriber's salt erases it and leaves every proof valid. The format and what
//! may be trusted are in `docs/disclosure-log.md`.

mod audit;
mod base64;
mod checkpoint;
mod codes;
mod content;
mod entry;
mod log;
mod merkle;
mod plain;
mod proof;
mod publish;
mod queue;
mod recovery;
mod seal;
mod segment;
mod storage;
mod tile;
mod writer;

pub use audit::{AuditError, AuditOptions, AuditReport, Place, audit};
pub use checkpoint::{Checkpoint, NoteError, Origin, SigningKey, VerifierKey};
pub use content::ContentError;
pub use entry::{Content, Ending, Entry, Facts, Given, Notification, Outcome, RequestId, Via};
pub use log::{Bounds, Log, LogState, LogUnavailable, Receipt, Recorded, Recording, Ticket};
pub use merkle::{Frontier, Hash, ProofError, empty_root, leaf_hash, node_hash, verify_consistency, verify_inclusion};
pub use plain::PlainEntry;
pub use proof::{MakeProofError, Proof, ProofTextError, Proven, prove_consistency, prove_inclusion, verify_proofs};
pub use publish::{PublishError, Publisher, latest, record_at, walk};
pub use recovery::OpenError;
pub use seal::{MasterKey, OpenRecordError, SealError, Sealer, Subject, SubjectKeys, SubjectSalt, record_time};
pub use segment::HeaderError;
pub use storage::{Publication, ReadStorage, Storage, StorageError};
pub use tile::{ProveError, Tiles, bundle_path, tile_path};
pub use writer::{CommitError, LogKeys, Step, Writer};

#[cfg(test)]
mod tests;
