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
    /// E-UTRAN cell identity, 28 bits.
    pub cell: u32,
    /// Tracking area code.
    pub tac: u16,
    /// Physical cell identity, 0 to 503.
    pub pci: u16,
    /// EARFCN of the downlink, of bands 1, 3, 7, 8, 20 and 28. Default 1300: 1.815 GHz.
    #[serde(default = "earfcn")]
    pub earfcn: u32,
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
        cell: u32,
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
        self.sites.iter().try_for_each(SiteSpec::check)
    }
}

impl SiteSpec {
    fn check(&self) -> Result<(), RanError> {
        self.cells.iter().try_for_each(|of| {
            let sound = |sound: bool, what| if sound { Ok(()) } else { Err(RanError::Cell { cell: of.cell, what }) };
            sound(on_earth(self.latitude, self.longitude), "latitude or longitude of its site")?;
            sound((10.0..=150.0).contains(&self.height_m), "height_m of its site: 10 to 150")?;
            sound(self.plmn.as_deref().is_none_or(|text| plmn(text).is_some()), "plmn of its site: as 001-01")?;
            sound(of.cell <= 0x0FFF_FFFF, "cell: 28 bits")?;
            sound(of.pci <= 503, "pci: 0 to 503")?;
            sound(carrier_ghz(of.earfcn).is_some(), "earfcn: of bands 1, 3, 7, 8, 20 or 28")?;
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
    }
}
