//! Names of measurements.
//!
//! TS 32.423 clauses 4.16 and 4.34 name what a network measures. What a store keeps besides has names of its own, which are marked as
//! vendor specific, so that a file that was written here is read here without a loss.

/// Beginning of a row: its flags. In every row of a file written here, and the first of it.
pub const FLAGS: &str = "wherefore-flags";
/// `LTE` or `NR`.
pub const RAT: &str = "wherefore-rat";
/// Latitude and longitude, steps of 90/2^23 and 360/2^24 degrees.
pub const POSITION: &str = "wherefore-position";
/// Code of a circle that holds the position (TS 23.032 clause 6.2).
pub const UNCERTAINTY: &str = "wherefore-uncertainty";
/// Network of the serving cell, `234-15`.
pub const NETWORK: &str = "wherefore-network";
/// Serving cell.
pub const CELL: &str = "wherefore-cell";
/// Tracking area code.
pub const TRACKING_AREA: &str = "wherefore-tracking-area";
/// A neighbour: technology, carrier, identity, three quantities; `-` for what is not known.
pub const NEIGHBOUR: &str = "wherefore-neighbour";

/// RSRP, RSRQ and SINR of LTE.
pub const LTE: [&str; 3] = ["RSRP", "RSRQ", "RS-SINR"];
/// RSRP, RSRQ and SINR of NR.
pub const NR: [&str; 3] = ["SS-RSRP", "SS-RSRQ", "SS-SINR"];
