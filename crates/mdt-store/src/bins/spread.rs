//! How a quantity is spread in a bin.

use std::collections::BTreeMap;

/// Percentiles of a quantity: indices as reported. Each session weighs the same, however many entries it has, so that nobody's long
/// stay becomes the bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// Subjects that have the quantity, at least.
    pub subjects: u32,
    /// The index below or at which 5 % lie.
    pub p5: i8,
    /// The median.
    pub p50: i8,
    /// The index below or at which 95 % lie.
    pub p95: i8,
}

/// Weight of a session, shared out among its entries.
const SESSION: u64 = 1 << 32;

/// Weight of each index, and how many sessions there are.
pub(super) struct Weighed {
    weights: BTreeMap<i8, u64>,
    sessions: u64,
}

impl Weighed {
    /// Of entries, those of a session one after the other.
    pub(super) fn by_session(values: &[(u32, i8)]) -> Self {
        let (mut weights, mut sessions) = (BTreeMap::new(), 0);
        for session in values.chunk_by(|(a, _), (b, _)| a == b) {
            let mut indices: Vec<i8> = session.iter().map(|(_, index)| *index).collect();
            indices.sort_unstable();
            // So that a session weighs the same to the last unit, whatever its length.
            let (length, mut before) = (indices.len() as u64, 0);
            for (place, index) in (1..).zip(indices) {
                let until = place * SESSION / length;
                *weights.entry(index).or_default() += until - before;
                before = until;
            }
            sessions += 1;
        }
        Self { weights, sessions }
    }

    /// The least index that has at least so many hundredths of the weight at or below it. Shares are rounded down by less than one unit a
    /// session, which is made good.
    fn percentile(&self, hundredths: u128) -> Option<i8> {
        let whole = u128::from(self.sessions) * u128::from(SESSION);
        let mut below = u128::from(self.sessions);
        self.weights.iter().find_map(|(index, weight)| {
            below += u128::from(*weight);
            (below * 100 >= whole * hundredths).then_some(*index)
        })
    }
}

/// The spread of what is weighed; nothing of nothing.
pub(super) fn spread(weighed: Weighed, subjects: u32) -> Option<Spread> {
    Some(Spread { subjects, p5: weighed.percentile(5)?, p50: weighed.percentile(50)?, p95: weighed.percentile(95)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_weigh_alike() {
        // One session stays for 98 entries, two others pass.
        let mut values = vec![(0, 40); 98];
        values.extend([(1, 10), (2, 20)]);
        let spread = spread(Weighed::by_session(&values), 3).unwrap();
        assert_eq!((spread.p5, spread.p50, spread.p95), (10, 20, 40));
    }

    #[test]
    fn percentiles_of_equal_sessions_are_those_of_their_values() {
        let values: Vec<(u32, i8)> = (0..100).map(|n| (n, n as i8)).collect();
        let spread = spread(Weighed::by_session(&values), 100).unwrap();
        assert_eq!((spread.p5, spread.p50, spread.p95), (4, 49, 94));
        assert!(super::spread(Weighed::by_session(&[]), 0).is_none());
    }
}
