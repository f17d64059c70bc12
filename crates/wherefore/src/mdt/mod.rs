//! MDT in the daemon: the store of rows on disk, and what leaves it for maps (`docs/mdt-store.md`).

mod folder;
mod geopackage;

pub use folder::Folder;
pub use geopackage::{GeoPackage, GeoPackageError};
