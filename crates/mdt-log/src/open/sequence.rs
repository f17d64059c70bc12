//! Whether all segments of an epoch are there.

use super::End;
use crate::CloseReason;
use alloc::vec::Vec;

/// Segments of an epoch that are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hole {
    /// Between others, or before the first.
    Between {
        /// Number of the first that is missing.
        from: u32,
        /// How many in a row.
        count: u32,
    },
    /// After the last: it ended because it was full, so there must have been another.
    After {
        /// Number of the last that is there.
        last: u32,
    },
}

/// What is missing in an epoch, from the numbers of its segments' heads and how each ends; in any order.
///
/// An epoch that lost its last segments after one that was not closed looks like one that a crash ended: this is not told apart.
#[must_use]
pub fn holes(segments: impl IntoIterator<Item = (u32, End)>) -> Vec<Hole> {
    let mut sorted: Vec<(u32, End)> = segments.into_iter().collect();
    sorted.sort_by_key(|(number, _)| *number);
    let mut holes = Vec::new();
    let mut next = 0u32;
    for (number, _) in &sorted {
        if *number > next {
            holes.push(Hole::Between { from: next, count: number - next });
        }
        next = number.saturating_add(1);
    }
    if let Some((last, End::Closed(CloseReason::SegmentFull))) = sorted.last() {
        holes.push(Hole::After { last: *last });
    }
    holes
}
