//! Whether cells cover a region as a whole.
//!
//! Judged at places: a grid of 32 by 32 over the square that holds the region, those of them that are inside, and its border at the same
//! spacing. Each must lie in the disc of a cell, taken at the least angle that its range spans. A gap between cells that is narrower than a
//! sixteenth of the radius of the region may go unseen; a wider one does not.

use crate::{
    region::Region,
    sphere::{GREATEST_RADIUS_M, Vector, angle, chord2, chord2_of},
};

/// Places across the square.
const ACROSS: usize = 32;

/// The places, by the square of the grid that they are in.
struct Grid {
    /// Half the side of the square on the plane.
    half: f64,
    /// Where the places of each square begin; one more than there are squares.
    begins: Vec<usize>,
    places: Vec<(Vector, bool)>,
    /// How many are not covered yet.
    open: usize,
}

/// Index of the square that a coordinate is in; those beyond the grid count to its border.
fn square(coordinate: f64, half: f64) -> usize {
    let share = (coordinate + half) / (2.0 * half) * ACROSS as f64;
    (share.max(0.0) as usize).min(ACROSS - 1)
}

impl Grid {
    fn of(region: &Region) -> Self {
        let half = region.reach.tan();
        let side = 2.0 * half / ACROSS as f64;
        let middle = |at: usize| (at as f64 + 0.5) * side - half;
        let inner = (0..ACROSS * ACROSS).map(|at| region.plane.place([middle(at % ACROSS), middle(at / ACROSS)]));
        let inner = inner.filter(|place| region.contains(*place));
        let mut places: Vec<(usize, Vector)> = inner
            .chain(region.border(side))
            .filter_map(|place| {
                let [x, y] = region.plane.image(place)?;
                Some((square(y, half) * ACROSS + square(x, half), place))
            })
            .collect();
        places.sort_unstable_by_key(|(square, _)| *square);
        let mut begins = Vec::with_capacity(ACROSS * ACROSS + 1);
        let mut begin = 0;
        for at in 0..=ACROSS * ACROSS {
            let rest = places.get(begin..).unwrap_or_default();
            begin += rest.iter().take_while(|(square, _)| *square < at).count();
            begins.push(begin);
        }
        let open = places.len();
        Self { half, begins, places: places.into_iter().map(|(_, place)| (place, false)).collect(), open }
    }

    /// Marks the places of a row of squares that are in a disc.
    fn mark(&mut self, row: usize, (from, until): (usize, usize), centre: Vector, chord2_most: f64) {
        let begin = self.begins.get(row * ACROSS + from).copied().unwrap_or(0);
        let end = self.begins.get(row * ACROSS + until + 1).copied().unwrap_or(0);
        for (place, covered) in self.places.get_mut(begin..end).into_iter().flatten() {
            if !*covered && chord2(*place, centre) <= chord2_most {
                *covered = true;
                self.open -= 1;
            }
        }
    }
}

/// Whether these cells cover the region: the direction of each and its range, metres.
pub(crate) fn covers(region: &Region, cells: impl Iterator<Item = (Vector, f64)>) -> bool {
    let mut grid = Grid::of(region);
    for (centre, range_m) in cells {
        // The least angle that the range spans anywhere: what is inside is certainly in range.
        let range = range_m / GREATEST_RADIUS_M;
        let away = angle(centre, region.plane.middle);
        if away + region.reach <= range {
            return true;
        }
        let chord2_most = chord2_of(range);
        let far = away + range;
        let (rows, columns) = match region.plane.image(centre) {
            // The image of a disc reaches farthest on the side that is turned away from the middle.
            Some([x, y]) if far < 1.2 => {
                let wide = far.tan() - away.tan();
                let span = |at: f64| (square(at - wide, grid.half), square(at + wide, grid.half));
                (span(y), span(x))
            }
            _ => ((0, ACROSS - 1), (0, ACROSS - 1)),
        };
        for row in rows.0..=rows.1 {
            grid.mark(row, columns, centre, chord2_most);
        }
        if grid.open == 0 {
            return true;
        }
    }
    false
}
