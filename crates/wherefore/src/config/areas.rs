//! `[areas]`: where the cells of networks are (`docs/areas.md`).

use super::check::Findings;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `[areas]`: what shapes and names become in a network (TS 23.271 clause 9.1.19.1 step 3). Without a table shapes and names are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Areas {
    /// Table of cell sites: CSV in the columns of OpenCelliD. Default none.
    pub cell_table_file: Option<PathBuf>,
    /// Named areas: a GeoJSON FeatureCollection. Default none.
    pub names_file: Option<PathBuf>,
    /// Range that is taken for a cell whose range the table does not tell, metres, 1-120000. Default 1000.
    pub unknown_range_m: u32,
}

impl Default for Areas {
    fn default() -> Self {
        Self { cell_table_file: None, names_file: None, unknown_range_m: 1000 }
    }
}

impl Areas {
    pub(super) fn files(&mut self) -> [&mut Option<PathBuf>; 2] {
        [&mut self.cell_table_file, &mut self.names_file]
    }

    pub(super) fn problems(&self, found: &mut Findings) {
        found.file("areas.cell_table_file", self.cell_table_file.as_deref());
        found.file("areas.names_file", self.names_file.as_deref());
        found.range("areas.unknown_range_m", self.unknown_range_m.into(), 1, 120_000);
        found.unless(
            self.names_file.is_none() || self.cell_table_file.is_some(),
            "areas.names_file",
            "needs cell_table_file: a name becomes cells",
            "name a table of cells, or take the key out",
        );
    }
}
