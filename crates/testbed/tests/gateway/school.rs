//! A school in a cell of its own and a home in another: the places of tests of area events, the event, and what a log says of it.

use lcs::gad::Position;
use mlp::AreaChange;
use mlp::client::{ClientArea, ClientEvent};
use serde_json::Value;

/// The home, where everybody is at first, and the school 9 km to the north.
pub(crate) const CELLS: &str = "
[[cell]]
cell = 1
tac = 7
latitude = 52.52
longitude = 13.405
range_m = 1000
[[cell]]
cell = 2
tac = 8
latitude = 52.60
longitude = 13.405
range_m = 1000
";

pub(crate) const HOME: f64 = 52.52;
pub(crate) const SCHOOL: f64 = 52.60;

/// An event about the school.
pub(crate) fn school(change: AreaChange, reports: Option<u32>) -> ClientEvent {
    let centre = Position { lat_deg: SCHOOL, lon_deg: 13.405 };
    let area = ClientArea::Circle { centre, radius_m: 300 };
    ClientEvent::ChangeArea { change, area, estimates: true, reports, min_interval_s: None }
}

/// The entries of a request that reported so many times.
pub(crate) fn complete(reports: usize) -> Vec<(&'static str, &'static str)> {
    let mut wanted = vec![("activate deferred", "allowed")];
    wanted.resize(1 + reports, ("current", "allowed"));
    wanted
}

/// Type and outcome of each entry.
pub(crate) fn told(entries: &[Value]) -> Vec<(&str, &str)> {
    entries.iter().map(|entry| (entry["location_type"].as_str().unwrap(), entry["outcome"].as_str().unwrap())).collect()
}
