//! A random field over the plane: a pure function of the place, normal with deviation 1, whose correlation falls with the distance d as
//! exp(-d / d_cor) (TR 38.901 clauses 7.4.4 and 7.6.3.1).
//!
//! A sum of waves in random directions. Their wave numbers are drawn from the spectrum of that correlation in two dimensions, which falls as
//! (1/d_cor^2 + k^2)^(-3/2); its distribution is F(k) = 1 - (1 + (k d_cor)^2)^(-1/2).

use std::f64::consts::TAU;

/// Waves in a field: enough for its values to be near a normal distribution.
const WAVES: usize = 128;

/// Random numbers that are the same for the same seed (SplitMix64).
pub(crate) struct Draws(u64);

impl Draws {
    /// Those of one purpose: `of` names it.
    pub(crate) fn new(seed: u64, of: [u64; 2]) -> Self {
        let mut draws = Self(seed);
        for part in of {
            draws.0 = draws.next() ^ part;
        }
        draws
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Evenly between 0 and 1, without 1.
    pub(crate) fn even(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A wave: its vector, radians a metre, and its phase.
#[derive(Debug, Clone, Copy)]
struct Wave {
    east: f64,
    north: f64,
    phase: f64,
}

/// The field.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    waves: Vec<Wave>,
}

impl Field {
    /// A field that decorrelates to 1/e over `d_cor_m` metres.
    pub(crate) fn new(mut draws: Draws, d_cor_m: f64) -> Self {
        let wave = |_| {
            let left = 1.0 - draws.even();
            let number = (left.powi(-2) - 1.0).sqrt() / d_cor_m;
            let direction = draws.even() * TAU;
            Wave { east: number * direction.cos(), north: number * direction.sin(), phase: draws.even() * TAU }
        };
        Self { waves: (0..WAVES).map(wave).collect() }
    }

    /// Its value at a place, metres from the origin.
    pub(crate) fn at(&self, east_m: f64, north_m: f64) -> f64 {
        let sum: f64 = self.waves.iter().map(|w| (w.east * east_m + w.north * north_m + w.phase).cos()).sum();
        sum * (2.0 / WAVES as f64).sqrt()
    }
}

/// The share of a normal distribution below `x` (Abramowitz and Stegun 26.2.17; off by less than 1e-7).
pub(crate) fn normal_share(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let tail = [1.330_274_429, -1.821_255_978, 1.781_477_937, -0.356_563_782, 0.319_381_530]
        .iter()
        .fold(0.0, |sum, factor| (sum + factor) * t);
    let above = tail * (-x * x / 2.0).exp() / TAU.sqrt();
    if x >= 0.0 { 1.0 - above } else { above }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Correlation at a distance: over many fields, of pairs in two directions.
    fn correlation(d_cor_m: f64, distance_m: f64) -> (f64, f64, f64) {
        let (mut mean, mut square, mut product, mut pairs) = (0.0, 0.0, 0.0, 0.0);
        for field in 0..600 {
            let field = Field::new(Draws::new(1, [field, 0]), d_cor_m);
            for place in 0..8 {
                let (east, north) = (f64::from(place) * 977.0, f64::from(place) * -311.0);
                let here = field.at(east, north);
                let there = [field.at(east + distance_m, north), field.at(east, north + distance_m)];
                for other in there {
                    (mean, square, product, pairs) =
                        (mean + here, square + here * here, product + here * other, pairs + 1.0);
                }
            }
        }
        (mean / pairs, square / pairs, product / pairs)
    }

    #[test]
    fn it_is_normal_and_decorrelates_exponentially() {
        for (d_cor_m, distance_m) in [(37.0, 0.0), (37.0, 10.0), (37.0, 37.0), (50.0, 100.0), (120.0, 60.0)] {
            let (mean, variance, product) = correlation(d_cor_m, distance_m);
            assert!(mean.abs() < 0.05, "mean {mean}");
            assert!((variance - 1.0).abs() < 0.05, "variance {variance}");
            let wanted = f64::exp(-distance_m / d_cor_m);
            assert!((product - wanted).abs() < 0.05, "{d_cor_m} m at {distance_m} m: {product}, not {wanted}");
        }
        // As many values lie within one and two deviations as should.
        let field = Field::new(Draws::new(3, [0, 0]), 10.0);
        let values: Vec<f64> = (0..4000).map(|at| field.at(f64::from(at) * 53.0, f64::from(at % 61) * 71.0)).collect();
        let within = |deviations: f64| values.iter().filter(|v| v.abs() < deviations).count() as f64 / 4000.0;
        assert!((within(1.0) - 0.683).abs() < 0.03 && (within(2.0) - 0.954).abs() < 0.02);
    }

    #[test]
    fn the_same_seed_gives_the_same_field_and_another_one_another() {
        let at = |seed, of| Field::new(Draws::new(seed, of), 37.0).at(123.0, -45.0);
        assert_eq!(at(1, [2, 3]).to_bits(), at(1, [2, 3]).to_bits());
        let others = [at(1, [2, 3]), at(2, [2, 3]), at(1, [3, 2]), at(1, [2, 4])];
        for (n, a) in others.iter().enumerate() {
            assert!(others[..n].iter().all(|b| a != b));
        }
    }

    #[test]
    fn shares_of_the_normal_distribution() {
        for (x, share) in [(0.0, 0.5), (1.0, 0.841_344_7), (-1.0, 0.158_655_3), (1.96, 0.975_002_1), (-6.0, 0.0)] {
            assert!((normal_share(x) - share).abs() < 2e-7, "{x}");
        }
    }
}
