//! Velocity (TS 23.032 clause 8).

use super::GadError;

/// Velocity (TS 23.032 clause 8).
///
/// The type on the wire follows from what is there: vertical speed, uncertainty, both or neither. "Down at 0 km/h" becomes
/// "up at 0 km/h", the only octets that do not come back as they were but for spare bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Velocity {
    /// Bearing, degrees clockwise from north, 0-359.
    pub bearing_deg: u16,
    /// Horizontal speed, km/h; 65535 is open-ended.
    pub horizontal_km_h: u16,
    /// Vertical speed, km/h, positive up; magnitude 255 is open-ended.
    pub vertical_km_h: Option<i16>,
    /// Uncertainty of horizontal speed, km/h; 255 is unspecified.
    pub horizontal_uncertainty_km_h: Option<u8>,
    /// Uncertainty of vertical speed, km/h; 255 is unspecified.
    pub vertical_uncertainty_km_h: Option<u8>,
}

/// Uncertainty that is not specified (TS 23.032 clause 8.11).
const UNSPECIFIED: u8 = 255;

impl Velocity {
    /// Decodes one velocity that fills `octets`. Bearings of 360 and more are not used and refused (clause 8.8).
    pub fn decode(octets: &[u8]) -> Result<Self, GadError> {
        let &[first, ref rest @ ..] = octets else { return Err(GadError::Empty) };
        let kind = first >> 4;
        let expected = match kind {
            0 => 4,
            1 | 2 => 5,
            3 => 7,
            reserved => return Err(GadError::UnknownType(reserved)),
        };
        let downward = first & 0b10 != 0;
        let vertical = |speed: u8| Some(if downward { -i16::from(speed) } else { i16::from(speed) });
        let (bearing, speed, vertical, horizontal_uncertainty, vertical_uncertainty) = match (kind, rest) {
            (0, &[bearing, a, b]) => (bearing, [a, b], None, None, None),
            (1, &[bearing, a, b, speed]) => (bearing, [a, b], vertical(speed), None, None),
            (2, &[bearing, a, b, uncertainty]) => (bearing, [a, b], None, Some(uncertainty), None),
            (3, &[bearing, a, b, speed, of_horizontal, of_vertical]) => {
                (bearing, [a, b], vertical(speed), Some(of_horizontal), Some(of_vertical))
            }
            _ => return Err(GadError::Length { kind, expected, actual: octets.len() }),
        };
        let bearing_deg = u16::from_be_bytes([first & 1, bearing]);
        if bearing_deg >= 360 {
            return Err(GadError::BearingUnused(bearing_deg));
        }
        Ok(Self {
            bearing_deg,
            horizontal_km_h: u16::from_be_bytes(speed),
            vertical_km_h: vertical,
            horizontal_uncertainty_km_h: horizontal_uncertainty,
            vertical_uncertainty_km_h: vertical_uncertainty,
        })
    }

    /// The octets: 4, 5 or 7. A bearing is taken modulo 360, a vertical speed beyond 255 km/h becomes the open-ended 255;
    /// an uncertainty that is missing beside the other one is sent as unspecified, one of a missing vertical speed is not sent.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(7);
        self.encode_into(&mut out);
        out
    }

    /// Appends the octets.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        let uncertain = self.horizontal_uncertainty_km_h.is_some()
            || (self.vertical_km_h.is_some() && self.vertical_uncertainty_km_h.is_some());
        let kind = u8::from(uncertain) << 1 | u8::from(self.vertical_km_h.is_some());
        let downward = self.vertical_km_h.is_some_and(|speed| speed < 0);
        let [bearing_high, bearing_low] = (self.bearing_deg % 360).to_be_bytes();
        out.extend([kind << 4 | u8::from(downward) << 1 | bearing_high, bearing_low]);
        out.extend(self.horizontal_km_h.to_be_bytes());
        if let Some(speed) = self.vertical_km_h {
            out.push(u8::try_from(speed.unsigned_abs()).unwrap_or(u8::MAX));
        }
        if uncertain {
            out.push(self.horizontal_uncertainty_km_h.unwrap_or(UNSPECIFIED));
            if self.vertical_km_h.is_some() {
                out.push(self.vertical_uncertainty_km_h.unwrap_or(UNSPECIFIED));
            }
        }
    }
}
