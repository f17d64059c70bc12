//! Points of a GeoPackage (OGC 12-128r18 clause 2.1.3): a header, then well-known binary.

/// Longitude and latitude in degrees of a point, of two or more dimensions; `None` for anything else and for an empty one.
#[must_use]
pub fn point(blob: &[u8]) -> Option<(f64, f64)> {
    let [b'G', b'P', 0, flags, ..] = blob else { return None };
    let envelope = match flags >> 1 & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return None,
    };
    // Bit 5: of a kind that only an extension of the standard explains.
    if flags & 0x20 != 0 {
        return None;
    }
    let (order, rest) = blob.get(8 + envelope..)?.split_first()?;
    let little = match order {
        0 => false,
        1 => true,
        _ => return None,
    };
    let (kind, rest) = rest.split_first_chunk()?;
    let kind = if little { u32::from_le_bytes(*kind) } else { u32::from_be_bytes(*kind) };
    // With heights, measures, or both.
    if !matches!(kind, 1 | 1001 | 2001 | 3001) {
        return None;
    }
    let (x, rest) = rest.split_first_chunk()?;
    let (y, _) = rest.split_first_chunk()?;
    let number = |octets: &[u8; 8]| if little { f64::from_le_bytes(*octets) } else { f64::from_be_bytes(*octets) };
    let (x, y) = (number(x), number(y));
    (x.is_finite() && y.is_finite()).then_some((x, y))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets(hex: &str) -> Vec<u8> {
        let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
        digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
    }

    /// -0.5, 51.5 in both orders, with and without an envelope, with a height.
    #[test]
    fn points_in_every_form() {
        let (x, y) = ("000000000000e0bf", "0000000000c04940");
        for hex in [
            format!("4750 00 01 e6100000 01 01000000 {x}{y}"),
            format!("4750 00 03 e6100000 {x}{x}{y}{y} 01 01000000 {x}{y}"),
            format!("4750 00 01 e6100000 01 e9030000 {x}{y}{x}"),
            "4750 00 00 000010e6 00 00000001 bfe0000000000000 4049c00000000000".to_owned(),
        ] {
            assert_eq!(point(&octets(&hex)), Some((-0.5, 51.5)), "{hex}");
            for cut in 0..octets(&hex).len().min(21) {
                assert_eq!(point(&octets(&hex)[..cut]), None);
            }
        }
    }

    #[test]
    fn what_is_no_point_is_none() {
        let nan = "000000000000f87f";
        for hex in [
            format!("4750 00 11 e6100000 01 01000000 {nan}{nan}"),
            format!("4750 01 01 e6100000 01 01000000 {}", "00".repeat(16)),
            format!("4750 00 0b e6100000 01 01000000 {}", "00".repeat(16)),
            format!("4750 00 21 e6100000 01 01000000 {}", "00".repeat(16)),
            format!("4750 00 01 e6100000 02 01000000 {}", "00".repeat(16)),
            format!("4750 00 01 e6100000 01 02000000 {}", "00".repeat(16)),
            String::new(),
        ] {
            assert_eq!(point(&octets(&hex)), None, "{hex}");
        }
    }
}
