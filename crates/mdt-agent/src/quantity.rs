//! From what a modem measures to the index of the standard (TS 36.133 clause 9.1, TS 38.133 clause 10.1).

use mdt_log::Rat;
use mdt_log::entry::Results;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What a modem says of one cell, as far as it says it.
#[derive(Clone, Copy, PartialEq, Default, Zeroize)]
pub struct Quality {
    /// Reference signal received power, dBm.
    pub rsrp_dbm: Option<f64>,
    /// Reference signal received quality, dB.
    pub rsrq_db: Option<f64>,
    /// Signal to noise and interference, dB.
    pub sinr_db: Option<f64>,
}

/// Kept with the last sighting, wiped with it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Kept(pub(crate) Quality);

/// Which quantity an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quantity {
    /// RSRP.
    Rsrp,
    /// RSRQ.
    Rsrq,
}

/// The index whose interval holds `value`: steps of `1 / steps` from `first` on, index 0 below it, `last` at the end.
fn index(value: f64, first: f64, steps: f64, last: u8) -> Option<u8> {
    if !value.is_finite() {
        return None;
    }
    let at = ((value - first) * steps).floor().clamp(0.0, f64::from(last));
    // Clamped to an octet, whole.
    Some(at as u8)
}

impl Quality {
    /// As indices of a technology. Of UTRA nothing is kept.
    #[must_use]
    pub fn results(&self, rat: Rat) -> Results {
        let of = |value: Option<f64>, first, steps, last| value.and_then(|value| index(value, first, steps, last));
        match rat {
            Rat::Eutra => Results {
                rsrp: of(self.rsrp_dbm, -141.0, 1.0, 97),
                rsrq: of(self.rsrq_db, -20.0, 2.0, 34),
                sinr: of(self.sinr_db, -23.5, 2.0, 127),
            },
            Rat::Nr => Results {
                rsrp: of(self.rsrp_dbm, -157.0, 1.0, 126),
                rsrq: of(self.rsrq_db, -43.5, 2.0, 127),
                sinr: of(self.sinr_db, -23.5, 2.0, 127),
            },
            Rat::Utra => Results { rsrp: None, rsrq: None, sinr: None },
        }
    }

    /// In steps of half a dB, for the threshold of an event.
    #[must_use]
    pub fn half_db(&self, quantity: Quantity) -> Option<i16> {
        let value = match quantity {
            Quantity::Rsrp => self.rsrp_dbm,
            Quantity::Rsrq => self.rsrq_db,
        };
        value.filter(|value| value.is_finite()).map(|value| (value * 2.0).floor().clamp(-1000.0, 1000.0) as i16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ends and the middles that the tables print.
    #[test]
    fn indices_are_those_of_the_tables() {
        let quality = |rsrp, rsrq, sinr| Quality { rsrp_dbm: Some(rsrp), rsrq_db: Some(rsrq), sinr_db: Some(sinr) };
        let of = |quality: Quality, rat| {
            let results = quality.results(rat);
            (results.rsrp, results.rsrq, results.sinr)
        };
        for (rat, rsrp, rsrq, sinr, wanted) in [
            (Rat::Eutra, -140.1, -19.6, -23.1, (0, 0, 0)),
            (Rat::Eutra, -140.0, -19.5, -23.0, (1, 1, 1)),
            (Rat::Eutra, -100.5, -10.0, 9.5, (40, 20, 66)),
            (Rat::Eutra, -44.1, -3.1, 39.9, (96, 33, 126)),
            (Rat::Eutra, -44.0, -3.0, 40.0, (97, 34, 127)),
            (Rat::Eutra, 10.0, 10.0, 90.0, (97, 34, 127)),
            (Rat::Nr, -156.1, -43.1, -23.1, (0, 0, 0)),
            (Rat::Nr, -110.5, -11.0, 9.5, (46, 65, 66)),
            (Rat::Nr, -31.0, 20.0, 40.0, (126, 127, 127)),
            (Rat::Nr, 0.0, 20.0, 40.0, (126, 127, 127)),
        ] {
            let (a, b, c) = wanted;
            assert!(of(quality(rsrp, rsrq, sinr), rat) == (Some(a), Some(b), Some(c)), "{rsrp} {rsrq} {sinr}");
        }
        assert!(of(quality(f64::NAN, f64::INFINITY, f64::NEG_INFINITY), Rat::Nr) == (None, None, None));
        assert!(of(Quality::default(), Rat::Eutra) == (None, None, None));
    }

    #[test]
    fn thresholds_are_compared_in_half_db() {
        let quality = Quality { rsrp_dbm: Some(-110.2), rsrq_db: Some(-10.5), sinr_db: None };
        assert_eq!((quality.half_db(Quantity::Rsrp), quality.half_db(Quantity::Rsrq)), (Some(-221), Some(-21)));
        assert_eq!(Quality::default().half_db(Quantity::Rsrp), None);
    }
}
