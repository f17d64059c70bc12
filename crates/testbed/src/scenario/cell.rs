//! Cells of the simulated network.

use serde::Deserialize;

/// A cell of E-UTRAN: a disc round its site.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellSpec {
    /// E-UTRAN cell identity, 28 bits.
    pub cell: u32,
    /// Tracking area code.
    pub tac: u16,
    /// Degrees north, -90 to 90.
    pub latitude: f64,
    /// Degrees east, -180 to 180.
    pub longitude: f64,
    /// Reach, metres, from 1.
    pub range_m: u32,
}

impl core::fmt::Debug for CellSpec {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "CellSpec({})", self.cell)
    }
}
