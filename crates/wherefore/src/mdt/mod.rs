//! MDT in the daemon: the collector of sealed logs (`docs/mdt-collector.md`), the store of rows on disk, what leaves it for maps
//! (`docs/mdt-store.md`), and what comes in from elsewhere (`docs/mdt-import.md`).

mod bins;
mod collector;
mod export;
mod folder;
mod geopackage;
mod import;
mod random;

pub use bins::BinForm;
pub(crate) use bins::{BinFile, BinFileError, Days};
pub use collector::{
    CandidateBody, ChosenView, Collector, CollectorKeyView, ErasedRows, ImportHead, ImportKind, ImportRat, JobError,
    JobView, KeyFileError, ReferError, ReferenceView, SelectBody, SelectError, SelectionView, SubjectView, create_key,
    destroy_key, key_files,
};
pub(crate) use collector::{
    EraseError, HandOutError, HandedOut, ImportPlace, ImportRefusal, SubscriberError, bind, serve,
};
pub use export::Form;
pub(crate) use export::{Part, TooLong, TraceRows, Wish};
pub use folder::Folder;
pub use geopackage::{GeoPackage, GeoPackageError, Layer};
pub(crate) use import::received as import_received;
pub use import::{
    ImportCounts, ImportError, ImportOutcome, ImportReport, Importer, ImporterError, RrcOptionError, RrcOptions,
    SurveyFileError, Table as SurveyTable, is_geopackage, mode as import_mode, tables as survey_tables,
};
