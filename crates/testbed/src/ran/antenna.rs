//! How an antenna looks into the directions (TR 38.901 Table 7.3-1).

/// Gain where it looks, dBi.
const GAIN_DBI: f64 = 8.0;
/// Width of the beam, degrees, to both sides and up and down.
const WIDTH_DEG: f64 = 65.0;
/// What it takes away behind, dB.
const BACK_DB: f64 = 30.0;

/// An antenna.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Antenna {
    /// Where it looks, degrees clockwise from north; all around without one.
    pub(super) azimuth_deg: Option<f64>,
    /// How far it looks down, degrees.
    pub(super) tilt_deg: f64,
}

impl Antenna {
    /// Gain towards a bearing, degrees clockwise from north, so many degrees below the horizon.
    pub(super) fn gain_db(self, bearing_deg: f64, below_deg: f64) -> f64 {
        let taken = |off_deg: f64| (12.0 * (off_deg / WIDTH_DEG).powi(2)).min(BACK_DB);
        let aside = |azimuth: f64| taken((bearing_deg - azimuth + 180.0).rem_euclid(360.0) - 180.0);
        let both = self.azimuth_deg.map_or(0.0, aside) + taken(below_deg - self.tilt_deg);
        GAIN_DBI - both.min(BACK_DB)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gains_worked_by_hand() {
        let antenna = Antenna { azimuth_deg: Some(350.0), tilt_deg: 6.0 };
        // Where it looks; half the width aside: 12*(1/2)^2 = 3 dB less, on both sides, over north as well; behind 30 dB less.
        assert_eq!(antenna.gain_db(350.0, 6.0), 8.0);
        assert!((antenna.gain_db(350.0 - 32.5, 6.0) - 5.0).abs() < 1e-9);
        assert!((antenna.gain_db(22.5, 6.0) - 5.0).abs() < 1e-9);
        assert_eq!(antenna.gain_db(170.0, 6.0), -22.0);
        assert_eq!(antenna.gain_db(-190.0, 90.0), -22.0);
        // Below: 12*(32.5/65)^2 again.
        assert!((antenna.gain_db(350.0, 38.5) - 5.0).abs() < 1e-9);
        let around = Antenna { azimuth_deg: None, tilt_deg: 0.0 };
        assert_eq!(around.gain_db(123.0, 0.0), around.gain_db(-5.0, 0.0));
    }
}
