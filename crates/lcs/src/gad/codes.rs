//! The coded quantities of TS 23.032 clause 6, held as the integers of the wire; degrees and metres are views.

use super::error::GadError;

/// 2^23, the number of steps of a quarter meridian.
const STEPS_24: f64 = 8_388_608.0;
/// 2^31, the number of steps of a quarter meridian in high accuracy coding.
const STEPS_32: f64 = 2_147_483_648.0;

macro_rules! code {
    ($($(#[$doc:meta])* $name:ident($repr:ty), $valid:expr, $says:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub(crate) $repr);

        impl $name {
            #[doc = concat!("From the code on the wire, ", $says, "; `None` outside.")]
            #[must_use]
            pub fn from_code(code: $repr) -> Option<Self> {
                let valid: fn($repr) -> bool = $valid;
                valid(code).then_some(Self(code))
            }

            /// The code on the wire.
            #[must_use]
            pub const fn code(self) -> $repr {
                self.0
            }
        }
    )*};
}
code! {
    /// Latitude: sign bit and 23 bits, 24 in all (TS 23.032 clause 6.1). Compares by code, not by place.
    Latitude(u32), |code| code < 1 << 24, "24 bits";
    /// Longitude: 24-bit two's complement (TS 23.032 clause 6.1).
    Longitude(i32), |code| (-(1 << 23)..1 << 23).contains(&code), "-2^23 to 2^23-1";
    /// High accuracy latitude, 32-bit two's complement (TS 23.032 clause 6.1a).
    HaLatitude(i32), |_| true, "any 32 bits";
    /// High accuracy longitude, 32-bit two's complement (TS 23.032 clause 6.1a).
    HaLongitude(i32), |_| true, "any 32 bits";
    /// Altitude: direction bit and 15 bits of metres (TS 23.032 clause 6.3).
    Altitude(u16), |_| true, "any 16 bits";
    /// High accuracy altitude, 22-bit two's complement of 1/128 m, -500 to 10000 m (TS 23.032 clause 6.3a).
    HaAltitude(i32), |code| (-64_000..=1_280_000).contains(&code), "-64000 to 1280000";
    /// Confidence in percent, 0-127; 0 and 101-127 say nothing (TS 23.032 clause 6.5).
    Confidence(u8), |code| code < 128, "0 to 127";
    /// Inner radius in steps of 5 m (TS 23.032 clause 6.6).
    InnerRadius(u16), |_| true, "any 16 bits";
    /// Angle code, steps of 2 degrees, 0-179 (TS 23.032 clause 6.7).
    Angle(u8), |code| code < 180, "0 to 179";
    /// Orientation, degrees clockwise from north, 0-179 (TS 23.032 clause 7.3.3).
    Orientation(u8), |code| code < 180, "0 to 179";
}

/// The greatest N with `N * step <= value * steps`, without the rounding of the division; `value` is not negative.
///
/// Multiplying by a power of two and by a small integer is exact here, so the comparison is.
fn floor_steps(value: f64, steps: f64, span: f64) -> f64 {
    let scaled = value * steps;
    let guess = (scaled / span).floor();
    if guess * span > scaled {
        guess - 1.0
    } else if (guess + 1.0) * span <= scaled {
        guess + 1.0
    } else {
        guess
    }
}

fn within(value: f64, limit: f64, error: GadError) -> Result<f64, GadError> {
    if value.is_finite() && value.abs() <= limit { Ok(value) } else { Err(error) }
}

impl Latitude {
    /// From degrees, -90 to 90: magnitude rounded down to a step of 90/2^23 degrees, 90 itself held by the last code
    /// (TS 23.032 clause 6.1).
    pub fn from_degrees(degrees: f64) -> Result<Self, GadError> {
        let degrees = within(degrees, 90.0, GadError::LatitudeOutOfRange)?;
        let magnitude = floor_steps(degrees.abs(), STEPS_24, 90.0).min(STEPS_24 - 1.0) as u32;
        Ok(Self(if degrees.is_sign_negative() { 1 << 23 | magnitude } else { magnitude }))
    }

    /// Degrees, positive north: the edge of the coded step that is nearer to the equator. Exact.
    #[must_use]
    pub fn degrees(self) -> f64 {
        let magnitude = f64::from(self.0 & 0x7F_FFFF) * 90.0 / STEPS_24;
        if self.0 & 1 << 23 == 0 { magnitude } else { -magnitude }
    }
}

/// Floor of `degrees / span * steps`, both signs, exact as in [`floor_steps`]; the end of the range held by the last code.
fn signed_steps(degrees: f64, steps: f64, span: f64) -> i32 {
    floor_steps(degrees, steps, span).min(steps - 1.0) as i32
}

impl Longitude {
    /// From degrees, -180 to 180: rounded down to a step of 360/2^24 degrees; 180 itself is held by the last code
    /// (TS 23.032 clause 6.1).
    pub fn from_degrees(degrees: f64) -> Result<Self, GadError> {
        let degrees = within(degrees, 180.0, GadError::LongitudeOutOfRange)?;
        Ok(Self(signed_steps(degrees, STEPS_24, 180.0)))
    }

    /// Degrees, positive east: the western edge of the coded step. Exact.
    #[must_use]
    pub fn degrees(self) -> f64 {
        f64::from(self.0) * 180.0 / STEPS_24
    }
}

impl HaLatitude {
    /// From degrees, -90 to 90: rounded down to a step of 90/2^31 degrees (TS 23.032 clause 6.1a).
    pub fn from_degrees(degrees: f64) -> Result<Self, GadError> {
        let degrees = within(degrees, 90.0, GadError::LatitudeOutOfRange)?;
        Ok(Self(signed_steps(degrees, STEPS_32, 90.0)))
    }

    /// Degrees, positive north: the southern edge of the coded step. Exact.
    #[must_use]
    pub fn degrees(self) -> f64 {
        f64::from(self.0) * 90.0 / STEPS_32
    }
}

impl HaLongitude {
    /// From degrees, -180 to 180: rounded down to a step of 180/2^31 degrees (TS 23.032 clause 6.1a). The standard's range
    /// ends before 180, which is held by the last code.
    pub fn from_degrees(degrees: f64) -> Result<Self, GadError> {
        let degrees = within(degrees, 180.0, GadError::LongitudeOutOfRange)?;
        Ok(Self(signed_steps(degrees, STEPS_32, 180.0)))
    }

    /// Degrees, positive east: the western edge of the coded step. Exact.
    #[must_use]
    pub fn degrees(self) -> f64 {
        f64::from(self.0) * 180.0 / STEPS_32
    }
}

impl Altitude {
    const DEPTH: u16 = 1 << 15;

    /// From metres above the ellipsoid, negative below: magnitude rounded down to a metre; 32767 m and all beyond share
    /// the last code (TS 23.032 clause 6.3).
    pub fn from_metres(metres: f64) -> Result<Self, GadError> {
        if !metres.is_finite() {
            return Err(GadError::AltitudeOutOfRange);
        }
        let magnitude = metres.abs().floor().min(32_767.0) as u16;
        Ok(Self(if metres.is_sign_negative() { Self::DEPTH | magnitude } else { magnitude }))
    }

    /// Metres above the ellipsoid, negative below: the edge of the coded metre that is nearer to the ellipsoid.
    #[must_use]
    pub fn metres(self) -> f64 {
        let magnitude = f64::from(self.0 & !Self::DEPTH);
        if self.0 & Self::DEPTH == 0 { magnitude } else { -magnitude }
    }

    /// Whether the code means "this or any greater magnitude".
    #[must_use]
    pub fn is_open_ended(self) -> bool {
        self.0 & !Self::DEPTH == 32_767
    }
}

impl HaAltitude {
    /// From metres above the ellipsoid, -500 to 10000, rounded down to 1/128 m (TS 23.032 clause 6.3a). Beyond is an
    /// error: no code is open-ended; [`Altitude`] reaches farther.
    pub fn from_metres(metres: f64) -> Result<Self, GadError> {
        let code = (metres * 128.0).floor();
        if (-64_000.0..=1_280_000.0).contains(&code) {
            Ok(Self(code as i32))
        } else {
            Err(GadError::AltitudeOutOfRange)
        }
    }

    /// Metres above the ellipsoid, negative below. Exact.
    #[must_use]
    pub fn metres(self) -> f64 {
        f64::from(self.0) / 128.0
    }
}

impl Confidence {
    /// Nothing is said of the confidence.
    pub const NO_INFORMATION: Self = Self(0);

    /// From percent, 1-100 (TS 23.032 clause 6.5); 0 makes "no information".
    pub fn from_percent(percent: u8) -> Result<Self, GadError> {
        if percent <= 100 { Ok(Self(percent)) } else { Err(GadError::ConfidenceOutOfRange) }
    }

    /// Percent, 1-100; `None` for the codes that say nothing: 0 and 101-127.
    #[must_use]
    pub fn percent(self) -> Option<u8> {
        (1..=100).contains(&self.0).then_some(self.0)
    }
}

impl InnerRadius {
    /// From metres, rounded down to a step of 5 m; 327675 m and all beyond share the last code (TS 23.032 clause 6.6).
    pub fn from_metres(metres: f64) -> Result<Self, GadError> {
        if !metres.is_finite() || metres < 0.0 {
            return Err(GadError::RadiusOutOfRange);
        }
        Ok(Self((metres / 5.0).floor().min(65_535.0) as u16))
    }

    /// Metres: the inner edge of the coded step, which is 5 m wide.
    #[must_use]
    pub fn metres(self) -> f64 {
        f64::from(self.0) * 5.0
    }

    /// Whether the code means "this or any greater radius".
    #[must_use]
    pub fn is_open_ended(self) -> bool {
        self.0 == u16::MAX
    }
}

impl Angle {
    /// Code of an offset angle, degrees clockwise from north, 0 up to but not including 360: 2N <= angle < 2N+2
    /// (TS 23.032 clause 6.7).
    pub fn from_offset_degrees(degrees: f64) -> Result<Self, GadError> {
        if (0.0..360.0).contains(&degrees) { Ok(Self((degrees / 2.0) as u8)) } else { Err(GadError::AngleOutOfRange) }
    }

    /// Code of an included angle, degrees, above 0 up to 360: 2N < angle <= 2N+2 (TS 23.032 clause 6.7).
    pub fn from_included_degrees(degrees: f64) -> Result<Self, GadError> {
        if degrees > 0.0 && degrees <= 360.0 {
            Ok(Self(((degrees / 2.0).ceil() - 1.0).max(0.0) as u8))
        } else {
            Err(GadError::AngleOutOfRange)
        }
    }

    /// As an offset angle, degrees: the lower edge of the coded step.
    #[must_use]
    pub fn offset_degrees(self) -> u16 {
        2 * u16::from(self.0)
    }

    /// As an included angle, degrees: the upper edge of the coded step, so that 360 is a full circle.
    #[must_use]
    pub fn included_degrees(self) -> u16 {
        2 * u16::from(self.0) + 2
    }
}

impl Orientation {
    /// From degrees clockwise from north, any finite value, rounded to a degree: an axis that points one way points the
    /// opposite way too, so values repeat after 180 (TS 23.032 clause 7.3.3).
    pub fn from_degrees(degrees: f64) -> Result<Self, GadError> {
        if !degrees.is_finite() {
            return Err(GadError::AngleOutOfRange);
        }
        Ok(Self((degrees.rem_euclid(180.0).round() as u8) % 180))
    }

    /// Degrees clockwise from north, 0-179.
    #[must_use]
    pub fn degrees(self) -> u8 {
        self.0
    }
}
