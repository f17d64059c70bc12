//! Latencies, counted in buckets of at most 3 % width.

use std::time::Duration;

/// Buckets per power of two.
const PER_OCTAVE: u64 = 32;
const SHIFT: u32 = PER_OCTAVE.ilog2();

/// A histogram of latencies in microseconds.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    max_us: u64,
}

impl Histogram {
    /// Counts one latency.
    pub fn add(&mut self, latency: Duration) {
        let us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        let at = bucket(us);
        if self.buckets.len() <= at {
            self.buckets.resize(at + 1, 0);
        }
        if let Some(bucket) = self.buckets.get_mut(at) {
            *bucket += 1;
        }
        self.count += 1;
        self.max_us = self.max_us.max(us);
    }

    /// Adds the counts of another one.
    pub fn merge(&mut self, other: &Self) {
        if self.buckets.len() < other.buckets.len() {
            self.buckets.resize(other.buckets.len(), 0);
        }
        for (own, of) in self.buckets.iter_mut().zip(&other.buckets) {
            *own += of;
        }
        self.count += other.count;
        self.max_us = self.max_us.max(other.max_us);
    }

    /// Latencies counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The greatest latency, microseconds.
    #[must_use]
    pub fn max_us(&self) -> u64 {
        self.max_us
    }

    /// The latency in microseconds that a share, 0 to 1, of all stay within; the upper edge of its bucket.
    #[must_use]
    pub fn quantile_us(&self, share: f64) -> u64 {
        let wanted = (share * self.count as f64).ceil() as u64;
        let mut sum = 0;
        for (at, count) in self.buckets.iter().enumerate() {
            sum += count;
            if sum >= wanted && sum > 0 {
                return edge_us(at).min(self.max_us);
            }
        }
        self.max_us
    }
}

fn bucket(us: u64) -> usize {
    if us < PER_OCTAVE {
        return us as usize;
    }
    let octave = us.ilog2() - SHIFT;
    (u64::from(octave + 1) * PER_OCTAVE + ((us >> octave) - PER_OCTAVE)) as usize
}

/// The greatest value of a bucket.
fn edge_us(at: usize) -> u64 {
    let at = at as u64;
    if at < PER_OCTAVE {
        return at;
    }
    let octave = at / PER_OCTAVE - 1;
    ((at % PER_OCTAVE + PER_OCTAVE + 1) << octave) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_each_other_without_gap_and_stay_narrow() {
        let mut before = 0;
        for us in 1..200_000u64 {
            let at = bucket(us);
            assert!(at == before || at == before + 1, "{us}");
            assert!(edge_us(at) >= us && (edge_us(at) - us) as f64 <= us as f64 * 0.032, "{us}");
            before = at;
        }
    }

    #[test]
    fn quantiles_are_those_of_what_was_counted() {
        let (mut a, mut b) = (Histogram::default(), Histogram::default());
        for us in 1..=500 {
            a.add(Duration::from_micros(us));
            b.add(Duration::from_micros(us + 500));
        }
        a.merge(&b);
        assert_eq!((a.count(), a.max_us()), (1000, 1000));
        for (share, us) in [(0.5, 500.0), (0.9, 900.0), (0.99, 990.0), (1.0, 1000.0)] {
            let told = a.quantile_us(share) as f64;
            assert!(told >= us && told <= us * 1.033, "{share}: {told}");
        }
        assert_eq!(Histogram::default().quantile_us(0.5), 0);
    }
}
