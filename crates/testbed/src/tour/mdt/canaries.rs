//! What a measurement cannot be without, looked for where it must not be.

use crate::mdt_phone::{Truth, plmn_octets};
use crate::ran::{Cell, Ran};
use lcs::gad::{Latitude, Longitude, Point, Position, Shape};
use std::collections::HashSet;

/// Places and cells of a log, in the forms in which they are written: coordinates as in TS 23.032 and as in LPP, network and cell as in S1AP and as in RRC,
/// and in words.
#[derive(Debug, Default)]
pub(super) struct Canaries {
    octets: HashSet<Vec<u8>>,
    words: HashSet<String>,
}

impl Canaries {
    /// Those of what was true.
    pub(super) fn of(truths: &[Truth], ran: &Ran) -> Self {
        let mut canaries = Self::default();
        for truth in truths {
            canaries.place(truth.fix.map_or(truth.place, |(place, _)| place));
            if let Some(cell) = truth.serving.and_then(|at| ran.cells().get(at)) {
                canaries.cell(cell);
            }
        }
        canaries
    }

    fn place(&mut self, place: Position) {
        let codes = Latitude::from_degrees(place.lat_deg).ok().zip(Longitude::from_degrees(place.lon_deg).ok());
        let point = codes.map(|(latitude, longitude)| Shape::Point(Point { latitude, longitude }).encode());
        if let Some([_, lat @ .., a, b, c]) = point.as_deref() {
            self.octets.insert([lat, &[*a, *b, *c]].concat());
            // LPP counts longitudes from the west (TS 37.355 clause 6.4.1): the first bit is the other one.
            self.octets.insert([lat, &[*a ^ 0x80, *b, *c]].concat());
        }
        self.words.extend([format!("{:.4}", place.lat_deg), format!("{:.4}", place.lon_deg)]);
    }

    fn cell(&mut self, cell: &Cell) {
        let plmn = plmn_octets(cell.plmn);
        // Of a cell of NR its last 28 bits.
        let low = u32::try_from(cell.cell & 0xFFF_FFFF).unwrap_or_default();
        self.octets.insert([&plmn[..], &low.to_be_bytes()].concat());
        // In RRC: MCC, a bit for the length of the MNC, MNC, 28 bits of cell; all but the last bit.
        let [a, b, c] = plmn.map(u64::from);
        if b >> 4 == 0xF {
            let mcc = (a & 0xF) << 8 | (a >> 4) << 4 | b & 0xF;
            let bits = mcc << 37 | ((c & 0xF) << 4 | c >> 4) << 28 | u64::from(low);
            self.octets.insert((bits >> 1).to_be_bytes().into_iter().skip(2).collect());
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.octets.len() + self.words.len()
    }

    /// How often any of them is in these octets, at whatever bit it begins: UPER aligns nothing.
    pub(super) fn found_in(&self, octets: &[u8]) -> usize {
        let lengths: HashSet<usize> = self.octets.iter().map(Vec::len).collect();
        let at_bit = |shift: u32| {
            let next = octets.iter().skip(1).chain([&0]);
            let pairs = octets.iter().zip(next).map(|(high, low)| u16::from_be_bytes([*high, *low]) << shift);
            let shifted: Vec<u8> = pairs.map(|pair| pair.to_be_bytes()[0]).collect();
            let of = |length: &usize| shifted.windows(*length).filter(|window| self.octets.contains(*window)).count();
            lengths.iter().map(of).sum::<usize>()
        };
        let text = String::from_utf8_lossy(octets);
        (0..8).map(at_bit).sum::<usize>() + self.words.iter().filter(|word| text.contains(word.as_str())).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ran::plmn;
    use mdt::rrc::lte;

    /// A search that finds nothing says something only if it would find what is there.
    #[test]
    fn what_is_not_sealed_is_found_in_every_form() {
        let place = Position { lat_deg: 51.5074, lon_deg: -0.1278 };
        let plmn = plmn("234-15").unwrap();
        let spec = "[[site]]\nlatitude = 51.5\nlongitude = 0\nplmn = '234-15'\n[[site.cell]]\ncell = 19088641\ntac = 1\npci = 1\n";
        let ran = Ran::new(&toml::from_str(spec).unwrap(), plmn).unwrap();
        let mut canaries = Canaries::default();
        canaries.place(place);
        canaries.cell(&ran.cells()[0]);
        assert_eq!(canaries.len(), 6);
        let point = Point {
            latitude: Latitude::from_degrees(place.lat_deg).unwrap(),
            longitude: Longitude::from_degrees(place.lon_deg).unwrap(),
        };
        let ecgi = lte::Ecgi { plmn, cell: 19_088_641 };
        let mut entry = lte::LogMeasInfo::new(5, ecgi, lte::ServingResult { rsrp: 40, rsrq: 20 });
        assert_eq!(canaries.found_in(&entry.encode().unwrap()), 1, "the cell");
        entry.location = Some(lte::LocationInfo::at(&Shape::Point(point)).unwrap());
        assert_eq!(canaries.found_in(&entry.encode().unwrap()), 2, "cell and place");
        assert_eq!(canaries.found_in(&Shape::Point(point).encode()), 1);
        assert_eq!(canaries.found_in(&[0x32, 0xF4, 0x51, 0x01, 0x23, 0x45, 0x01]), 1);
        assert_eq!(canaries.found_in(b"at 51.5074, -0.1278"), 2);
        assert_eq!(canaries.found_in(&[0x5A; 4096]), 0);
        assert_eq!(canaries.found_in(b""), 0);
    }
}
