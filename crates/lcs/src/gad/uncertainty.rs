//! Uncertainty codes: r = C * ((1 + x)^K - 1) metres (TS 23.032 clauses 6.2 to 6.4).
//!
//! The standard leaves the rounding of K open. A result is rounded up, so that what is described still holds the place; a
//! wish (quality of service) is rounded down, so that what is asked for is no less than what was wanted.

use super::error::GadError;

/// Metres by which a value may exceed a table entry and still count as equal: swallows the rounding of decimal fractions.
const SLACK_M: f64 = 1e-6;

const fn table<const N: usize>(c: f64, x: f64) -> [f64; N] {
    let mut out = [0.0; N];
    let (mut at, mut power) = (0, 1.0);
    while at < N {
        out[at] = c * (power - 1.0);
        power *= 1.0 + x;
        at += 1;
    }
    out
}
static HORIZONTAL_M: [f64; 128] = table(10.0, 0.1);
static ALTITUDE_M: [f64; 128] = table(45.0, 0.025);
static HIGH_ACCURACY_M: [f64; 256] = table(0.3, 0.02);
/// Codes 0-253 by the formula, 254 is 200 m; 255, more than 200 m, is not here.
static EXTENDED_M: [f64; 255] = {
    let mut out: [f64; 255] = table(0.3, 0.025_94);
    out[254] = 200.0;
    out
};

/// Least code whose radius is at least `metres`; `None` if none is, or for no sensible number.
fn up(table: &[f64], metres: f64) -> Option<u8> {
    let code = table.partition_point(|radius| *radius + SLACK_M < metres);
    // NaN compares false, so its partition point is 0: the range check refuses it.
    if metres >= 0.0 && code < table.len() { u8::try_from(code).ok() } else { None }
}

/// Greatest code whose radius is at most `metres`; `None` for no sensible number.
fn down(table: &[f64], metres: f64) -> Option<u8> {
    let above = table.partition_point(|radius| *radius <= metres + SLACK_M);
    // Code 0 is 0 m, so a value from 0 on has at least one code at or below it.
    if metres.is_finite() && metres >= 0.0 { u8::try_from(above.saturating_sub(1)).ok() } else { None }
}

macro_rules! uncertainty {
    ($($(#[$doc:meta])* $name:ident, $table:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub(crate) u8);

        impl $name {
            /// The greatest code.
            pub const MAX: Self = Self(127);

            /// From the code on the wire, 0-127; `None` outside.
            #[must_use]
            pub fn from_code(code: u8) -> Option<Self> {
                (code < 128).then_some(Self(code))
            }

            /// The code on the wire.
            #[must_use]
            pub const fn code(self) -> u8 {
                self.0
            }

            /// For a result: the least code that covers `metres`. An error beyond the last code, negative, or no number.
            pub fn for_result(metres: f64) -> Result<Self, GadError> {
                up(&$table, metres).map(Self).ok_or(GadError::UncertaintyOutOfRange)
            }

            /// For a wish: the greatest code within `metres`, the last one beyond it. An error if negative or no number.
            pub fn for_request(metres: f64) -> Result<Self, GadError> {
                down(&$table, metres).map(Self).ok_or(GadError::UncertaintyOutOfRange)
            }

            /// Metres.
            #[must_use]
            pub fn metres(self) -> f64 {
                $table[usize::from(self.0 & 0x7F)]
            }
        }
    )*};
}
uncertainty! {
    /// Horizontal uncertainty code, 0-127: 10 * (1.1^K - 1) metres, up to 1807 km (TS 23.032 clause 6.2).
    Uncertainty, HORIZONTAL_M;
    /// Altitude uncertainty code, 0-127: 45 * (1.025^K - 1) metres, up to 990.5 m (TS 23.032 clause 6.4).
    AltitudeUncertainty, ALTITUDE_M;
}

/// Which of two codings a high accuracy uncertainty uses: bits U, HU and VU of the scalable shapes (TS 23.032 clauses 7.3.3b
/// and 7.3.6b).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HaRange {
    /// Bit 0: 0.3 * (1.02^K - 1) metres, up to 46.49 m (clause 6.2a). The only one of the shapes that do not scale.
    Default,
    /// Bit 1: 0.3 * (1.02594^K - 1) metres up to K = 253; 254 is 200 m, 255 is more than 200 m (clause 6.2b).
    Extended,
}

/// High accuracy uncertainty code, 0-255; its metres depend on the [`HaRange`] (TS 23.032 clauses 6.2a and 6.2b).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HaUncertainty(pub(crate) u8);

impl HaUncertainty {
    /// From the code on the wire; every octet is one.
    #[must_use]
    pub const fn from_code(code: u8) -> Self {
        Self(code)
    }

    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> u8 {
        self.0
    }

    /// For a result: the least code that covers `metres`. Beyond 46.49 m an error in the default range, the open-ended last
    /// code beyond 200 m in the extended one.
    pub fn for_result(metres: f64, range: HaRange) -> Result<Self, GadError> {
        let code = match range {
            HaRange::Default => up(&HIGH_ACCURACY_M, metres),
            HaRange::Extended => up(&EXTENDED_M, metres).or((metres.is_finite() && metres > 200.0).then_some(255)),
        };
        code.map(Self).ok_or(GadError::UncertaintyOutOfRange)
    }

    /// For a wish: the greatest code within `metres`; never the open-ended one. An error if negative or no number.
    pub fn for_request(metres: f64, range: HaRange) -> Result<Self, GadError> {
        let code = match range {
            HaRange::Default => down(&HIGH_ACCURACY_M, metres),
            HaRange::Extended => down(&EXTENDED_M, metres),
        };
        code.map(Self).ok_or(GadError::UncertaintyOutOfRange)
    }

    /// Metres; `None` for "more than 200 m".
    #[must_use]
    pub fn metres(self, range: HaRange) -> Option<f64> {
        let at = usize::from(self.0);
        match range {
            HaRange::Default => HIGH_ACCURACY_M.get(at).copied(),
            HaRange::Extended => EXTENDED_M.get(at).copied(),
        }
    }
}
