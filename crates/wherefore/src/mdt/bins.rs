//! Bins on their way into a file (`docs/mdt-store.md`).

use super::{GeoPackage, GeoPackageError, Layer};
use mdt_store::{BinExport, Period, PeriodBins, StoreError};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::Path;
use utoipa::ToSchema;

/// Form of bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BinForm {
    /// RFC 4180, a line a bin.
    Csv,
    /// A JSON object a line.
    Json,
    /// OGC 12-128r18, squares.
    Geopackage,
}

/// Which periods: those whose first day is within these, both included, each as `2026-11-28`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Days {
    from: Option<String>,
    until: Option<String>,
}

impl Days {
    /// Nothing where one of them is no day.
    pub(crate) fn new(from: Option<String>, until: Option<String>) -> Option<Self> {
        let is_day = |day: &Option<String>| {
            day.as_ref().is_none_or(|day| day.parse::<jiff::civil::Date>().is_ok() && day.len() == 10)
        };
        (is_day(&from) && is_day(&until)).then_some(Self { from, until })
    }

    /// Whether a period is asked for.
    pub(crate) fn has(&self, period: Period) -> bool {
        let day = period.first.to_string();
        self.from.as_ref().is_none_or(|from| *from <= day) && self.until.as_ref().is_none_or(|until| day <= *until)
    }
}

/// Bins could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BinFileError {
    /// The file.
    #[error("the file of bins could not be written: {0}")]
    File(#[from] std::io::Error),
    /// Words.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The GeoPackage.
    #[error(transparent)]
    GeoPackage(#[from] GeoPackageError),
}

/// A file of bins in the making.
pub(crate) struct BinFile {
    into: Into,
    export: BinExport,
    written: u64,
}

enum Into {
    Text { file: File, form: BinForm, begun: bool },
    Package(GeoPackage),
}

impl BinFile {
    /// Begins a new file, of bins of at least so many subjects.
    pub(crate) async fn create(path: &Path, form: BinForm, subjects: u32) -> Result<Self, BinFileError> {
        let into = match form {
            BinForm::Geopackage => Into::Package(GeoPackage::create(path, Layer::Bins).await?),
            BinForm::Csv | BinForm::Json => {
                let file = File::options().read(true).write(true).create_new(true).open(path)?;
                Into::Text { file, form, begun: false }
            }
        };
        Ok(Self { into, export: BinExport::new(subjects), written: 0 })
    }

    /// Adds the bins of a period.
    pub(crate) async fn add(&mut self, bins: &PeriodBins) -> Result<(), BinFileError> {
        self.written += match &mut self.into {
            Into::Package(package) => package.add_bins(self.export.lines(bins)).await?,
            Into::Text { file, form, begun } => {
                let mut octets = Vec::new();
                let written = match form {
                    BinForm::Json => self.export.json(bins, &mut octets)?,
                    BinForm::Csv | BinForm::Geopackage => self.export.csv(bins, !*begun, &mut octets)?,
                };
                *begun |= written > 0;
                file.write_all(&octets)?;
                written
            }
        };
        Ok(())
    }

    /// Writes what remains. Gives the file at its beginning, and how many bins are in it.
    pub(crate) async fn finish(self, path: &Path) -> Result<(File, u64), BinFileError> {
        let file = match self.into {
            Into::Package(package) => {
                package.finish().await?;
                File::open(path)?
            }
            Into::Text { mut file, .. } => {
                file.sync_all()?;
                file.rewind()?;
                file
            }
        };
        Ok((file, self.written))
    }
}
