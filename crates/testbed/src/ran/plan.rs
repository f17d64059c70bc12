//! What a radio network is made of, as a scenario says it.

use super::path_loss::Surroundings;
use mdt::rrc::Plmn;
use serde::Deserialize;

/// A radio network.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RanSpec {
    /// What the shadows, and who sees which antenna, are drawn from. Default 1.
    #[serde(default = "one")]
    pub seed: u64,
    /// Its technology, and that of the phones in it: `lte` or `nr`. Default `lte`.
    #[serde(default)]
    pub technology: Technology,
    /// Its surroundings: `urban_macro`, `urban_micro` or `rural_macro`. Default `urban_macro`.
    #[serde(default = "urban_macro")]
    pub surroundings: Surroundings,
    /// Resource blocks of a cell, 6 to 100. Default 50: 10 MHz.
    #[serde(default = "fifty")]
    pub blocks: u8,
    /// Least RSRP of a suitable cell, dBm: q-RxLevMin (TS 36.304 clause 5.2.3.2). Default -120.
    #[serde(default = "least_rsrp")]
    pub least_rsrp_dbm: f64,
    /// How much better another cell must be for a phone that is idle, dB: q-Hyst (TS 36.304 clause 5.2.4.6). Default 4.
    #[serde(default = "hysteresis")]
    pub hysteresis_db: f64,
    /// How much better another cell must be for a handover, dB: a3-Offset with its hysteresis (TS 36.331 clause 5.5.4.4). Default 3.
    #[serde(default = "handover")]
    pub handover_db: f64,
    /// Masts.
    #[serde(rename = "site")]
    pub sites: Vec<SiteSpec>,
    /// Places that the network does not reach.
    #[serde(rename = "hole", default)]
    pub holes: Vec<HoleSpec>,
    /// Trace collection entities: their numbers, which go over the air, and their addresses, which do not.
    #[serde(rename = "collector", default)]
    pub collectors: Vec<CollectorSpec>,
}

/// What all cells of a network speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Technology {
    /// E-UTRA.
    #[default]
    Lte,
    /// NR, with subcarriers of 15 kHz.
    Nr,
}

impl Technology {
    /// Frequency of a downlink carrier, GHz, by its number.
    pub(super) fn carrier_ghz(self, arfcn: u32) -> Option<f64> {
        match self {
            Self::Lte => carrier_ghz(arfcn),
            Self::Nr => nr_carrier_ghz(arfcn),
        }
    }

    /// Cell identities, physical cell identities and tracking area codes end below these; and what is wrong with a carrier that is none.
    fn bounds(self) -> (u64, u16, u32, [&'static str; 4]) {
        match self {
            Self::Lte => {
                let told = ["cell: 28 bits", "pci: 0 to 503", "tac: 16 bits", "earfcn: of bands 1, 3, 7, 8, 20 or 28"];
                (1 << 28, 504, 1 << 16, told)
            }
            Self::Nr => {
                let told = ["cell: 36 bits", "pci: 0 to 1007", "tac: 24 bits", "nr_arfcn: 123400 to 2016666"];
                (1 << 36, 1008, 1 << 24, told)
            }
        }
    }
}

/// A trace collection entity as the radio network is configured (TS 32.422 clause 5.10.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectorSpec {
    /// Its number.
    pub id: u8,
    /// Its address.
    pub address: core::net::IpAddr,
}

/// A mast.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteSpec {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Height of the antennas, metres: 10 to 150. Default 25.
    #[serde(default = "height")]
    pub height_m: f64,
    /// Its network, as MCC and MNC: `001-01`. Default: that of the realm.
    pub plmn: Option<String>,
    /// Its cells.
    #[serde(rename = "cell")]
    pub cells: Vec<SectorSpec>,
}

impl core::fmt::Debug for SiteSpec {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SiteSpec({} cells)", self.cells.len())
    }
}

/// A cell of a mast.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectorSpec {
    /// Cell identity: 28 bits in E-UTRA, 36 in NR.
    pub cell: u64,
    /// Tracking area code: 16 bits in E-UTRA, 24 in NR.
    pub tac: u32,
    /// Physical cell identity, 0 to 503, in NR to 1007.
    pub pci: u16,
    /// EARFCN of the downlink, of bands 1, 3, 7, 8, 20 and 28. Default 1300: 1.815 GHz.
    #[serde(default = "earfcn")]
    pub earfcn: u32,
    /// NR-ARFCN of the downlink, in a network of NR alone: 123400 to 2016666. Default 367000: 1.835 GHz.
    #[serde(default = "nr_arfcn")]
    pub nr_arfcn: u32,
    /// Where the antenna looks, degrees clockwise from north; all around if absent.
    pub azimuth_deg: Option<f64>,
    /// How far it looks down, degrees. Default 6.
    #[serde(default = "tilt")]
    pub tilt_deg: f64,
    /// Power of the cell, dBm. Default 46.
    #[serde(default = "power")]
    pub power_dbm: f64,
    /// Share of its resource blocks that are used, 0 to 1. Default 0.5.
    #[serde(default = "load")]
    pub load: f64,
    /// Whether it lets phones in; handovers to one that does not fail. Default yes.
    #[serde(default = "yes")]
    pub admits: bool,
}

/// A place that the network does not reach: a tunnel, a cellar.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoleSpec {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// How far it goes, metres.
    pub radius_m: f64,
    /// What it takes from every signal, dB. Default 60.
    #[serde(default = "hole")]
    pub loss_db: f64,
}

impl SectorSpec {
    /// The number of its carrier.
    pub(super) fn arfcn(&self, technology: Technology) -> u32 {
        match technology {
            Technology::Lte => self.earfcn,
            Technology::Nr => self.nr_arfcn,
        }
    }
}

impl core::fmt::Debug for HoleSpec {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "HoleSpec({} dB)", self.loss_db)
    }
}

fn one() -> u64 {
    1
}
fn urban_macro() -> Surroundings {
    Surroundings::UrbanMacro
}
fn fifty() -> u8 {
    50
}
fn least_rsrp() -> f64 {
    -120.0
}
fn hysteresis() -> f64 {
    4.0
}
fn handover() -> f64 {
    3.0
}
fn height() -> f64 {
    25.0
}
fn earfcn() -> u32 {
    1300
}
fn nr_arfcn() -> u32 {
    367_000
}
fn tilt() -> f64 {
    6.0
}
fn power() -> f64 {
    46.0
}
fn load() -> f64 {
    0.5
}
fn yes() -> bool {
    true
}
fn hole() -> f64 {
    60.0
}

/// Why a radio network cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RanError {
    /// There is nothing to hear.
    #[error("[ran] has no [[ran.site]] with a [[ran.site.cell]]")]
    Empty,
    /// A value of a cell, or of its mast, is out of its range.
    #[error("cell {cell} of [ran]: {what}")]
    Cell {
        /// The cell.
        cell: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// A value of the network is out of its range.
    #[error("[ran]: {0}")]
    Network(&'static str),
}

/// Frequency of a downlink carrier, GHz (TS 36.101 Table 5.7.3-1): first EARFCN of the band, number of them, lower edge in MHz.
pub(super) fn carrier_ghz(earfcn: u32) -> Option<f64> {
    const BANDS: [(u32, u32, f64); 6] = [
        (0, 600, 2110.0),
        (1200, 750, 1805.0),
        (2750, 700, 2620.0),
        (3450, 350, 925.0),
        (6150, 300, 791.0),
        (9210, 450, 758.0),
    ];
    let of = |(first, count, low_mhz): (u32, u32, f64)| {
        let at = earfcn.checked_sub(first).filter(|at| *at < count)?;
        Some((low_mhz + 0.1 * f64::from(at)) / 1000.0)
    };
    BANDS.into_iter().find_map(of)
}

/// Frequency of a downlink carrier, GHz, on the global raster (TS 38.104 Table 5.4.2.1-1), from 617 MHz, the lowest of the bands, up.
fn nr_carrier_ghz(arfcn: u32) -> Option<f64> {
    match arfcn {
        123_400..=599_999 => Some(0.000_005 * f64::from(arfcn)),
        600_000..=2_016_666 => Some(3.0 + 0.000_015 * f64::from(arfcn - 600_000)),
        _ => None,
    }
}

/// A network as a scenario or a person writes it: `001-01`.
pub(crate) fn plmn(text: &str) -> Option<Plmn> {
    let (mcc, mnc) = text.split_once('-')?;
    Plmn::new(mcc, mnc)
}

impl RanSpec {
    /// Whether every value is in its range.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check(&self) -> Result<(), RanError> {
        let network = |sound: bool, what| if sound { Ok(()) } else { Err(RanError::Network(what)) };
        network((6..=100).contains(&self.blocks), "blocks: 6 to 100")?;
        network((-140.0..=-44.0).contains(&self.least_rsrp_dbm), "least_rsrp_dbm: -140 to -44")?;
        network((0.0..=24.0).contains(&self.hysteresis_db), "hysteresis_db: 0 to 24")?;
        network((0.0..=24.0).contains(&self.handover_db), "handover_db: 0 to 24")?;
        network(self.holes.iter().all(|h| on_earth(h.latitude, h.longitude)), "hole: latitude or longitude")?;
        network(self.holes.iter().all(|h| h.radius_m >= 0.0 && h.loss_db >= 0.0), "hole: radius_m and loss_db from 0")?;
        if self.sites.iter().all(|site| site.cells.is_empty()) {
            return Err(RanError::Empty);
        }
        self.sites.iter().try_for_each(|site| site.check(self.technology))
    }
}

impl SiteSpec {
    fn check(&self, technology: Technology) -> Result<(), RanError> {
        let (cells, pcis, tacs, told) = technology.bounds();
        self.cells.iter().try_for_each(|of| {
            let sound = |sound: bool, what| if sound { Ok(()) } else { Err(RanError::Cell { cell: of.cell, what }) };
            sound(on_earth(self.latitude, self.longitude), "latitude or longitude of its site")?;
            sound((10.0..=150.0).contains(&self.height_m), "height_m of its site: 10 to 150")?;
            sound(self.plmn.as_deref().is_none_or(|text| plmn(text).is_some()), "plmn of its site: as 001-01")?;
            let [cell, pci, tac, carrier] = told;
            sound(of.cell < cells, cell)?;
            sound(of.pci < pcis, pci)?;
            sound(of.tac < tacs, tac)?;
            sound(technology.carrier_ghz(of.arfcn(technology)).is_some(), carrier)?;
            sound((0.0..=1.0).contains(&of.load), "load: 0 to 1")?;
            sound((0.0..=60.0).contains(&of.power_dbm), "power_dbm: 0 to 60")?;
            sound((-90.0..=90.0).contains(&of.tilt_deg), "tilt_deg: -90 to 90")?;
            sound(of.azimuth_deg.is_none_or(|azimuth| (0.0..=360.0).contains(&azimuth)), "azimuth_deg: 0 to 360")
        })
    }
}

fn on_earth(latitude: f64, longitude: f64) -> bool {
    (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carriers_of_the_bands() {
        // Band 3: 1805 + 0.1*(1300 - 1200) = 1815 MHz; band 20: 791 + 0.1*(6300 - 6150) = 806 MHz.
        for (earfcn, ghz) in [(0, 2.110), (599, 2.1699), (1300, 1.815), (3100, 2.655), (6300, 0.806), (9210, 0.758)] {
            assert!((carrier_ghz(earfcn).unwrap() - ghz).abs() < 1e-9, "{earfcn}");
        }
        assert_eq!(carrier_ghz(600), None);
        assert_eq!(carrier_ghz(700_000), None);
        // n3: 1805 MHz; n78: 3300 and 3800 MHz; n257: 24250.08 MHz (TS 38.104 Table 5.4.2.3-1, 5.4.2.3-2).
        for (arfcn, ghz) in [(361_000, 1.805), (620_000, 3.3), (653_333, 3.799_995), (2_016_666, 24.249_99)] {
            assert!((nr_carrier_ghz(arfcn).unwrap() - ghz).abs() < 1e-9, "{arfcn}");
        }
        assert_eq!((nr_carrier_ghz(100_000), nr_carrier_ghz(2_016_667)), (None, None));
    }
}
