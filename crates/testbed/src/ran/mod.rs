//! A radio access network whose truth is known: what every cell is like at every place is a pure function of the scenario and its seed.
//!
//! ```text
//!   RanSpec ──▶ Ran ── survey(place) ──▶ Survey: RSRP, RSRQ, SINR of each cell     the truth
//!                                          ├─▶ Camping     a phone that is idle: cell selection, reselection, no cell
//!                                          └─▶ Connection  one that is connected: handover, its failure, radio link failure
//! ```
//!
//! Path loss and line of sight are those of TR 38.901 clause 7.4 for phones outdoors, antennas those of its clause 7.3, shadows correlated
//! in space as in its clauses 7.4.4 and 7.6.3. Cells of one mast share shadow and sight; masts have theirs apart (clause 7.5 step 4). No
//! fast fading, no penetration of buildings: places that are not reached are drawn as holes. No input or output, no clock.

mod antenna;
mod camping;
mod connection;
mod field;
mod path_loss;
mod plan;
mod survey;

pub use camping::{Camping, Idle};
pub use connection::{Connection, Failure, LinkEvent};
pub use path_loss::{LEAST_M, Link, Surroundings};
pub(crate) use plan::plmn;
pub use plan::{CollectorSpec, HoleSpec, RanError, RanSpec, SectorSpec, SiteSpec, Technology};
pub use survey::{Heard, Survey};

use field::{Draws, Field, normal_share};
use lcs::gad::Position;
use mdt::rrc::Plmn;

/// Metres per degree of latitude.
const METRES_PER_DEGREE: f64 = 111_320.0;
/// Thermal noise in 15 kHz with a noise figure of 9 dB, dBm: -174 + 41.8 + 9.
const NOISE_DBM: f64 = -123.2;
/// Height of a phone, metres.
const PHONE_M: f64 = 1.5;

/// A cell, as phones and reports name it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Its network.
    pub plmn: Plmn,
    /// Cell identity: 28 bits in E-UTRA, 36 in NR.
    pub cell: u64,
    /// Tracking area code.
    pub tac: u32,
    /// Physical cell identity.
    pub pci: u16,
    /// EARFCN or NR-ARFCN.
    pub arfcn: u32,
    /// Whether it lets phones in.
    pub admits: bool,
    site: usize,
    carrier_ghz: f64,
    antenna: antenna::Antenna,
    /// Power of a resource element, dBm.
    element_dbm: f64,
    load: f64,
}

/// A mast: where it is, and its fields.
#[derive(Debug, Clone)]
struct Site {
    east_m: f64,
    north_m: f64,
    height_m: f64,
    sight: Field,
    /// Shadows: of those who do not see it, of those who do.
    shadows: [Field; 2],
}

/// A place that is not reached.
#[derive(Debug, Clone, Copy)]
struct Hole {
    east_m: f64,
    north_m: f64,
    radius_m: f64,
    loss_db: f64,
}

/// A radio access network.
#[derive(Debug, Clone)]
pub struct Ran {
    technology: Technology,
    surroundings: Surroundings,
    origin: Position,
    sites: Vec<Site>,
    cells: Vec<Cell>,
    holes: Vec<Hole>,
    least_rsrp_dbm: f64,
    hysteresis_db: f64,
    handover_db: f64,
}

impl Ran {
    /// Builds the network; `plmn` is that of masts which name none.
    ///
    /// # Errors
    /// The first value that is out of its range.
    pub fn new(spec: &RanSpec, plmn: Plmn) -> Result<Self, RanError> {
        spec.check()?;
        let first = spec.sites.first().ok_or(RanError::Empty)?;
        let mut ran = Self {
            technology: spec.technology,
            surroundings: spec.surroundings,
            origin: Position { lat_deg: first.latitude, lon_deg: first.longitude },
            sites: Vec::new(),
            cells: Vec::new(),
            holes: Vec::new(),
            least_rsrp_dbm: spec.least_rsrp_dbm,
            hysteresis_db: spec.hysteresis_db,
            handover_db: spec.handover_db,
        };
        for (at, site) in spec.sites.iter().enumerate() {
            let (east_m, north_m) = ran.metres(Position { lat_deg: site.latitude, lon_deg: site.longitude });
            let draws = |of| Draws::new(spec.seed, [at as u64, of]);
            let shadow = |sight| Field::new(draws(1 + u64::from(sight)), spec.surroundings.shadow_m(sight));
            let sight = Field::new(draws(0), spec.surroundings.sight_m());
            let shadows = [shadow(false), shadow(true)];
            ran.sites.push(Site { east_m, north_m, height_m: site.height_m, sight, shadows });
            for sector in &site.cells {
                ran.cells.push(cell(spec, at, site, sector, plmn)?);
            }
        }
        ran.holes = spec.holes.iter().map(|hole| ran.hole(hole)).collect();
        Ok(ran)
    }

    /// What all cells speak.
    #[must_use]
    pub fn technology(&self) -> Technology {
        self.technology
    }

    /// All cells, in the order of the scenario.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Least RSRP of a suitable cell, dBm.
    #[must_use]
    pub fn least_rsrp_dbm(&self) -> f64 {
        self.least_rsrp_dbm
    }

    fn hole(&self, spec: &HoleSpec) -> Hole {
        let (east_m, north_m) = self.metres(Position { lat_deg: spec.latitude, lon_deg: spec.longitude });
        Hole { east_m, north_m, radius_m: spec.radius_m, loss_db: spec.loss_db }
    }

    /// East and north of the first mast, metres on a local plane.
    fn metres(&self, place: Position) -> (f64, f64) {
        let north = (place.lat_deg - self.origin.lat_deg) * METRES_PER_DEGREE;
        let east = (place.lon_deg - self.origin.lon_deg) * METRES_PER_DEGREE * self.origin.lat_deg.to_radians().cos();
        (east, north)
    }

    /// The truth at a place.
    #[must_use]
    pub fn survey(&self, place: Position) -> Survey {
        let (east_m, north_m) = self.metres(place);
        let covered = |hole: &&Hole| (east_m - hole.east_m).hypot(north_m - hole.north_m) <= hole.radius_m;
        let hole_db: f64 = self.holes.iter().filter(covered).map(|hole| hole.loss_db).sum();
        let at_sites: Vec<AtSite> = self.sites.iter().map(|site| self.at_site(site, east_m, north_m)).collect();
        let heard = self.cells.iter().enumerate().filter_map(|(at, cell)| {
            let site = self.sites.get(cell.site)?;
            let there = at_sites.get(cell.site)?;
            let link = Link { carrier_ghz: cell.carrier_ghz, ..there.link };
            if link.ground_m > self.surroundings.reach_m(there.sight) {
                return None;
            }
            let loss_db = self.surroundings.path_loss_db(link, there.sight)
                + hole_db
                + there.shadow * self.surroundings.shadow_db(link, there.sight);
            let below_deg = (site.height_m - PHONE_M).atan2(link.ground_m.max(LEAST_M)).to_degrees();
            let gain_db = cell.antenna.gain_db(there.bearing_deg, below_deg);
            Some((at, cell.element_dbm + gain_db - loss_db, there.sight))
        });
        self.qualities(heard.collect())
    }

    fn at_site(&self, site: &Site, east_m: f64, north_m: f64) -> AtSite {
        let (east, north) = (east_m - site.east_m, north_m - site.north_m);
        let ground_m = east.hypot(north);
        let sight = normal_share(site.sight.at(east_m, north_m)) < self.surroundings.line_of_sight(ground_m);
        let [hidden, seen] = &site.shadows;
        let shadow = if sight { seen } else { hidden };
        AtSite {
            link: Link { ground_m, site_m: site.height_m, phone_m: PHONE_M, carrier_ghz: 1.0 },
            bearing_deg: east.atan2(north).to_degrees(),
            sight,
            shadow: shadow.at(east_m, north_m),
        }
    }

    /// RSRQ and SINR out of the powers of all cells on the same carrier (TS 36.214 clauses 5.1.3 and 5.1.13). In a resource block there are
    /// two reference symbols of a cell with one antenna, and ten other resource elements, of which its load is used.
    fn qualities(&self, powers: Vec<(usize, f64, bool)>) -> Survey {
        let linear = |dbm: f64| 10f64.powf(dbm / 10.0);
        let of = |at: usize| self.cells.get(at).map_or((0, 0.0), |cell| (cell.arfcn, cell.load));
        let mut heard: Vec<Heard> = powers
            .iter()
            .map(|(at, rsrp_dbm, sight)| {
                let (carrier, _) = of(*at);
                let alike =
                    || powers.iter().map(|(at, dbm, _)| (*at, of(*at), *dbm)).filter(|(_, of, _)| of.0 == carrier);
                let block: f64 = alike().map(|(_, (_, load), dbm)| linear(dbm) * (2.0 + 10.0 * load)).sum();
                let others: f64 =
                    alike().filter(|(other, ..)| other != at).map(|(_, (_, load), dbm)| linear(dbm) * load).sum();
                let noise = linear(NOISE_DBM);
                Heard {
                    at: *at,
                    rsrp_dbm: *rsrp_dbm,
                    rsrq_db: rsrp_dbm - 10.0 * (block + 12.0 * noise).log10(),
                    sinr_db: rsrp_dbm - 10.0 * (others + noise).log10(),
                    sight: *sight,
                }
            })
            .collect();
        heard.sort_by(|a, b| b.rsrp_dbm.total_cmp(&a.rsrp_dbm));
        Survey { heard }
    }
}

/// A place as one mast has it.
struct AtSite {
    link: Link,
    bearing_deg: f64,
    sight: bool,
    /// In deviations.
    shadow: f64,
}

fn cell(spec: &RanSpec, site: usize, of: &SiteSpec, sector: &SectorSpec, plmn: Plmn) -> Result<Cell, RanError> {
    let wrong = |what| RanError::Cell { cell: sector.cell, what };
    let arfcn = sector.arfcn(spec.technology);
    Ok(Cell {
        plmn: of.plmn.as_deref().map_or(Some(plmn), plan::plmn).ok_or(wrong("plmn of its site: as 001-01"))?,
        cell: sector.cell,
        tac: sector.tac,
        pci: sector.pci,
        arfcn,
        admits: sector.admits,
        site,
        carrier_ghz: spec.technology.carrier_ghz(arfcn).ok_or(wrong("no carrier"))?,
        antenna: antenna::Antenna { azimuth_deg: sector.azimuth_deg, tilt_deg: sector.tilt_deg },
        element_dbm: sector.power_dbm - 10.0 * (12.0 * f64::from(spec.blocks)).log10(),
        load: sector.load,
    })
}

#[cfg(test)]
mod tests;
