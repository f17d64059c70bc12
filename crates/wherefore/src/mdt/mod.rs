//! MDT in the daemon: the collector of sealed logs (`docs/mdt-collector.md`), the store of rows on disk, and what leaves it for maps
//! (`docs/mdt-store.md`).

mod collector;
mod folder;
mod geopackage;
mod random;

pub use collector::{
    CandidateBody, ChosenView, Collector, CollectorKeyView, ErasedRows, JobError, JobView, KeyFileError, ReferError,
    ReferenceView, SelectBody, SelectError, SelectionView, SubjectView, create_key, destroy_key, key_files,
};
pub(crate) use collector::{EraseError, SubscriberError, bind, serve};
pub use folder::Folder;
pub use geopackage::{GeoPackage, GeoPackageError};
