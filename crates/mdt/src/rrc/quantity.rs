//! From the index of a measurement to what was measured (TS 36.133 clause 9.1, TS 38.133 clause 10.1, TS 38.331 clause 6.3.2).
//!
//! Columns and files keep the index; what is shown to a person is the middle of its interval.

use super::Rat;

/// A measured quantity with its own table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// LTE RSRP, 0..97, with its extension -17..-1 (TS 36.133 clause 9.1.4), dBm.
    LteRsrp,
    /// LTE RSRQ, 0..34, with its extensions -30..-1 and 35..46 (TS 36.133 clause 9.1.7), dB.
    LteRsrq,
    /// LTE RS-SINR, 0..127 (TS 36.133 clause 9.1.17), dB.
    LteSinr,
    /// NR SS-RSRP, 0..127 (TS 38.133 clause 10.1.6), dBm.
    NrRsrp,
    /// NR SS-RSRQ, 0..127 (TS 38.133 clause 10.1.11), dB.
    NrRsrq,
    /// NR SS-SINR, 0..127 (TS 38.133 clause 10.1.16), dB.
    NrSinr,
}

/// What an index says: at least `from` and below `below`, each open where `None`. dBm or dB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end, included.
    pub from: Option<f32>,
    /// The upper end, not included.
    pub below: Option<f32>,
}

impl Quantity {
    /// RSRP, RSRQ and SINR of a technology.
    #[must_use]
    pub const fn of(rat: Rat) -> [Self; 3] {
        match rat {
            Rat::Lte => [Self::LteRsrp, Self::LteRsrq, Self::LteSinr],
            Rat::Nr => [Self::NrRsrp, Self::NrRsrq, Self::NrSinr],
        }
    }

    /// The interval of an index; `None` for an index that the table does not have, and for NR RSRP 127, which is no measurement.
    #[must_use]
    pub fn interval(self, index: i8) -> Option<Interval> {
        let (least, greatest) = self.range();
        if !(least..=greatest).contains(&index) || (self == Self::NrRsrp && index == 127) {
            return None;
        }
        let n = f32::from(index);
        let (from, step) = match self {
            // Below and above the range of Release 8, indices go on from where the open ends began, so they lie half a turn off.
            Self::LteRsrp if index < 0 => (n - 140.0, 1.0),
            Self::LteRsrp => (n - 141.0, 1.0),
            Self::LteRsrq if index < 0 => (n / 2.0 - 19.5, 0.5),
            Self::LteRsrq if index > 34 => (n / 2.0 - 20.5, 0.5),
            Self::LteRsrq => (n / 2.0 - 20.0, 0.5),
            Self::NrRsrp => (n - 157.0, 1.0),
            Self::NrRsrq => (n / 2.0 - 43.5, 0.5),
            Self::LteSinr | Self::NrSinr => (n / 2.0 - 23.5, 0.5),
        };
        let open_below = index == least || (index == 0 && matches!(self, Self::LteRsrp | Self::LteRsrq));
        let top = match self {
            Self::NrRsrp => 126,
            _ => greatest,
        };
        let open_above = index == top || (self == Self::LteRsrq && index == 34);
        Some(Interval { from: (!open_below).then_some(from), below: (!open_above).then_some(from + step) })
    }

    /// The middle of the interval; half a step inside where it is open. dBm or dB.
    #[must_use]
    pub fn middle(self, index: i8) -> Option<f32> {
        let interval = self.interval(index)?;
        let half = match self {
            Self::LteRsrp | Self::NrRsrp => 0.5,
            _ => 0.25,
        };
        interval.from.map(|from| from + half).or(interval.below.map(|below| below - half))
    }

    /// What the index means as a threshold; infinite for NR RSRP 127. `None` outside of 0 to the greatest of Release 8 or 15.
    #[must_use]
    pub fn threshold(self, index: u8) -> Option<f32> {
        let n = f32::from(index);
        Some(match (self, index) {
            (Self::LteRsrp, 0..=97) => n - 140.0,
            (Self::LteRsrq, 0..=34) => (n - 40.0) / 2.0,
            (Self::NrRsrp, 127) => f32::INFINITY,
            (Self::NrRsrp, 0..=126) => n - 156.0,
            (Self::NrRsrq, 0..=127) => (n - 87.0) / 2.0,
            (Self::LteSinr | Self::NrSinr, 0..=127) => (n - 46.0) / 2.0,
            _ => return None,
        })
    }

    /// The index of a value in dBm or dB: the one whose interval holds it. `None` for NaN.
    #[must_use]
    pub fn index(self, value: f32) -> Option<i8> {
        if value.is_nan() {
            return None;
        }
        let (least, greatest) = match self {
            Self::LteRsrp => (0, 97),
            Self::LteRsrq => (0, 34),
            Self::NrRsrp => (0, 126),
            _ => (0, 127),
        };
        let found = match self {
            Self::LteRsrp => value + 141.0,
            Self::LteRsrq => (value + 20.0) * 2.0,
            Self::NrRsrp => value + 157.0,
            Self::NrRsrq => (value + 43.5) * 2.0,
            Self::LteSinr | Self::NrSinr => (value + 23.5) * 2.0,
        };
        Some(found.floor().clamp(least as f32, greatest as f32) as i8)
    }

    /// The least and the greatest index, extensions included.
    #[must_use]
    pub const fn range(self) -> (i8, i8) {
        match self {
            Self::LteRsrp => (-17, 97),
            Self::LteRsrq => (-30, 46),
            Self::LteSinr | Self::NrRsrp | Self::NrRsrq | Self::NrSinr => (0, 127),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(quantity: Quantity, index: i8) -> (Option<f32>, Option<f32>) {
        let found = quantity.interval(index).unwrap();
        (found.from, found.below)
    }

    #[test]
    fn ends_of_the_lte_tables() {
        for (index, from, below) in [
            (0, None, Some(-140.0)),
            (1, Some(-140.0), Some(-139.0)),
            (40, Some(-101.0), Some(-100.0)),
            (96, Some(-45.0), Some(-44.0)),
            (97, Some(-44.0), None),
            (-17, None, Some(-156.0)),
            (-16, Some(-156.0), Some(-155.0)),
            (-1, Some(-141.0), Some(-140.0)),
        ] {
            assert_eq!(interval(Quantity::LteRsrp, index), (from, below), "RSRP {index}");
        }
        for (index, from, below) in [
            (0, None, Some(-19.5)),
            (1, Some(-19.5), Some(-19.0)),
            (20, Some(-10.0), Some(-9.5)),
            (34, Some(-3.0), None),
            (-30, None, Some(-34.0)),
            (-29, Some(-34.0), Some(-33.5)),
            (-1, Some(-20.0), Some(-19.5)),
            (35, Some(-3.0), Some(-2.5)),
            (45, Some(2.0), Some(2.5)),
            (46, Some(2.5), None),
        ] {
            assert_eq!(interval(Quantity::LteRsrq, index), (from, below), "RSRQ {index}");
        }
    }

    #[test]
    fn ends_of_the_nr_tables() {
        assert_eq!(interval(Quantity::NrRsrp, 0), (None, Some(-156.0)));
        assert_eq!(interval(Quantity::NrRsrp, 126), (Some(-31.0), None));
        assert_eq!(Quantity::NrRsrp.interval(127), None);
        assert_eq!(interval(Quantity::NrRsrq, 0), (None, Some(-43.0)));
        assert_eq!(interval(Quantity::NrRsrq, 127), (Some(20.0), None));
        assert_eq!(interval(Quantity::NrSinr, 0), (None, Some(-23.0)));
        assert_eq!(interval(Quantity::NrSinr, 127), (Some(40.0), None));
    }

    #[test]
    fn thresholds() {
        assert_eq!(Quantity::NrRsrp.threshold(46), Some(-110.0));
        assert_eq!(Quantity::NrRsrp.threshold(127), Some(f32::INFINITY));
        assert_eq!(Quantity::NrRsrq.threshold(65), Some(-11.0));
        assert_eq!(Quantity::NrSinr.threshold(66), Some(10.0));
        assert_eq!(Quantity::LteRsrp.threshold(98), None);
    }

    #[test]
    fn the_middle_of_an_interval_has_its_index() {
        let all = [
            Quantity::LteRsrp,
            Quantity::LteRsrq,
            Quantity::LteSinr,
            Quantity::NrRsrp,
            Quantity::NrRsrq,
            Quantity::NrSinr,
        ];
        for quantity in all {
            let greatest = if quantity == Quantity::LteRsrq { 34 } else { quantity.range().1 };
            for index in 0..=greatest {
                if let Some(middle) = quantity.middle(index) {
                    assert_eq!(quantity.index(middle), Some(index), "{quantity:?} {index}");
                }
            }
            assert_eq!(quantity.index(f32::NAN), None);
            assert_eq!(quantity.index(-1000.0), Some(0));
        }
        assert_eq!(Quantity::LteRsrp.middle(40), Some(-100.5));
    }
}
