//! The cells of every network, each a disc, in one sorted list.
//!
//! Cells lie sorted by network and radio, then by class of range, then by band of latitude, then by longitude. Those round a place are,
//! for each class and band that can hold any, one run of the list, or two where the antimeridian cuts it; binary searches find its ends.
//! Twenty octets a cell, and no other index.

use crate::sphere::{LEAST_RADIUS_M, Vector, lat_lon, up};
use std::collections::{BTreeMap, HashMap};

/// Radio access of a cell that an interface can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Radio {
    /// GERAN.
    Gsm,
    /// UTRAN.
    Umts,
    /// E-UTRAN.
    Lte,
}

impl Radio {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Gsm, Self::Umts, Self::Lte];

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is = |name: &str| text.eq_ignore_ascii_case(name);
        if is("gsm") {
            Some(Self::Gsm)
        } else if is("umts") {
            Some(Self::Umts)
        } else {
            is("lte").then_some(Self::Lte)
        }
    }

    /// Greatest cell code: 16 bits in GERAN, 28 in UTRAN and E-UTRAN (TS 23.003 clauses 4.3.1 and 19.6).
    pub(crate) fn greatest_cell(self) -> u32 {
        match self {
            Self::Gsm => 0xFFFF,
            Self::Umts | Self::Lte => 0x0FFF_FFFF,
        }
    }
}

/// Classes of range by their upper ends, metres; the last holds all others.
const CLASSES_M: [u32; 3] = [2_000, 8_000, 32_000];
/// Steps of a degree in which sites are kept: 1.1 cm of latitude.
const STEPS: f64 = 1e7;
/// Height of a band, steps: 2.2 km.
const BAND: i64 = 200_000;

/// A cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Site {
    lat: i32,
    lon: i32,
    /// Reach, metres.
    pub(crate) range_m: u32,
    /// Cell code.
    pub(crate) cell: u32,
    /// Location or tracking area code.
    pub(crate) area: u16,
}

impl Site {
    pub(crate) fn new(lat_deg: f64, lon_deg: f64, range_m: u32, area: u16, cell: u32) -> Self {
        let steps = |degrees: f64| (degrees * STEPS).round() as i32;
        Self { lat: steps(lat_deg), lon: steps(lon_deg), range_m, cell, area }
    }

    fn class(&self) -> usize {
        CLASSES_M.iter().position(|most| self.range_m <= *most).unwrap_or(CLASSES_M.len())
    }

    fn band(&self) -> u16 {
        band(i64::from(self.lat))
    }

    pub(crate) fn up(&self) -> Vector {
        up(f64::from(self.lat) / STEPS, f64::from(self.lon) / STEPS)
    }
}

/// Directions of sites near a place, without a sine for each: the sum formulas over the sines of the place and short series.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Near {
    lat: f64,
    lon: f64,
    lat_sin_cos: (f64, f64),
    lon_sin_cos: (f64, f64),
}

/// Radians up to which the series are good to less than a tenth of a millimetre.
const NEAR: f64 = 0.25;

/// Sine and cosine of the sum of an angle, by its sine and cosine, and a small one.
fn beside((sin, cos): (f64, f64), by: f64) -> (f64, f64) {
    let square = by * by;
    let small_sin = by * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0)));
    let small_cos = 1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0 * (1.0 - square / 56.0)));
    (sin * small_cos + cos * small_sin, cos * small_cos - sin * small_sin)
}

impl Near {
    pub(crate) fn to(middle: Vector) -> Self {
        let (lat_deg, lon_deg) = lat_lon(middle);
        let (lat, lon) = (lat_deg.to_radians(), lon_deg.to_radians());
        Self { lat, lon, lat_sin_cos: lat.sin_cos(), lon_sin_cos: lon.sin_cos() }
    }

    pub(crate) fn up(&self, site: &Site) -> Vector {
        const RADIANS: f64 = core::f64::consts::PI / 180.0 / STEPS;
        let (by_lat, by_lon) = (f64::from(site.lat) * RADIANS - self.lat, f64::from(site.lon) * RADIANS - self.lon);
        if by_lat.abs().max(by_lon.abs()) > NEAR {
            return site.up();
        }
        let ((sin_lat, cos_lat), (sin_lon, cos_lon)) =
            (beside(self.lat_sin_cos, by_lat), beside(self.lon_sin_cos, by_lon));
        [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]
    }
}

fn band(lat: i64) -> u16 {
    u16::try_from((lat + 900_000_000).max(0) / BAND).unwrap_or(u16::MAX)
}

/// The cells of one network and radio: where they are in the list.
#[derive(Debug, Default)]
struct Group {
    /// For each class, where it begins and ends, and its greatest range, metres.
    classes: Vec<(usize, usize, u32)>,
    /// How many cells each area code has, sorted by code.
    areas: Vec<(u16, u32)>,
}

/// Country code, network code and radio.
type Key = (u16, u16, Radio);

/// Cell sites of all networks of a table.
#[derive(Debug, Default)]
pub struct CellSites {
    sites: Vec<Site>,
    groups: BTreeMap<Key, Group>,
}

/// How many cells a network has in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkCells {
    /// Mobile country code.
    pub mcc: u16,
    /// Mobile network code, as a number.
    pub mnc: u16,
    /// Radio.
    pub radio: Radio,
    /// Cells.
    pub cells: usize,
    /// Location or tracking areas.
    pub areas: usize,
}

/// Cells on their way into a table.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    groups: HashMap<Key, Vec<Site>>,
}

impl Builder {
    pub(crate) fn add(&mut self, key: Key, site: Site) {
        self.groups.entry(key).or_default().push(site);
    }

    /// `None` if there are more than the counts can hold.
    pub(crate) fn build(self) -> Option<CellSites> {
        let total: usize = self.groups.values().map(Vec::len).sum();
        u32::try_from(total).ok()?;
        let mut built = CellSites { sites: Vec::with_capacity(total), groups: BTreeMap::new() };
        for (key, mut sites) in self.groups {
            sites.sort_unstable_by_key(|site| (site.class(), site.band(), site.lon));
            let mut areas = BTreeMap::<u16, u32>::new();
            sites.iter().for_each(|site| *areas.entry(site.area).or_default() += 1);
            let begin = built.sites.len();
            let mut classes = Vec::new();
            let mut from = 0;
            for class in 0..=CLASSES_M.len() {
                let until = sites.partition_point(|site| site.class() <= class);
                let of_class = sites.get(from..until).unwrap_or_default();
                if let Some(greatest) = of_class.iter().map(|site| site.range_m).max() {
                    classes.push((begin + from, begin + until, greatest));
                }
                from = until;
            }
            built.sites.append(&mut sites);
            built.groups.insert(key, Group { classes, areas: areas.into_iter().collect() });
        }
        Some(built)
    }
}

impl CellSites {
    /// Number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sites.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sites.is_empty()
    }

    /// Octets that the cells take in memory.
    #[must_use]
    pub fn memory_octets(&self) -> usize {
        let areas: usize = self.groups.values().map(|group| group.areas.len() * size_of::<(u16, u32)>()).sum();
        self.sites.capacity() * size_of::<Site>() + areas + self.groups.len() * size_of::<(Key, Group)>()
    }

    /// The networks of the table, by code.
    pub fn networks(&self) -> impl Iterator<Item = NetworkCells> {
        self.groups.iter().map(|((mcc, mnc, radio), group)| NetworkCells {
            mcc: *mcc,
            mnc: *mnc,
            radio: *radio,
            cells: group.classes.iter().map(|(from, until, _)| until - from).sum(),
            areas: group.areas.len(),
        })
    }

    /// Whether any cell of this network and radio is known.
    pub(crate) fn has(&self, key: Key) -> bool {
        self.groups.contains_key(&key)
    }

    /// How many cells of this network and radio have this area code.
    pub(crate) fn cells_of_area(&self, key: Key, area: u16) -> u32 {
        let group = self.groups.get(&key);
        let at = group.and_then(|group| group.areas.binary_search_by_key(&area, |(code, _)| *code).ok());
        let count = group.zip(at).and_then(|(group, at)| group.areas.get(at));
        count.map_or(0, |(_, count)| *count)
    }

    /// The cells of a network and radio that may touch the disc of `reach` radians round `middle`: all that do, and others near. Those of
    /// great range come first.
    pub(crate) fn round(&self, key: Key, middle: Vector, reach: f64) -> impl Iterator<Item = &Site> {
        let (lat_deg, lon_deg) = lat_lon(middle);
        let classes = self.groups.get(&key).map(|group| group.classes.as_slice()).unwrap_or_default();
        classes.iter().rev().flat_map(move |(from, until, greatest_m)| {
            // A thousandth and a metre more than the sum, for the steps of the sites and the rounding of angles.
            let angle = (reach + (f64::from(*greatest_m) + 1.0) / LEAST_RADIUS_M) * 1.001;
            let sites = self.sites.get(*from..*until).unwrap_or_default();
            let bands = bands(lat_deg, angle);
            let runs = longitudes(lat_deg, lon_deg, angle);
            bands.flat_map(move |band| runs.into_iter().flatten().map(move |run| run_of(sites, band, run))).flatten()
        })
    }
}

/// The bands between `angle` south and north.
fn bands(lat_deg: f64, angle: f64) -> core::ops::RangeInclusive<u16> {
    let steps = |degrees: f64| (degrees.clamp(-90.0, 90.0) * STEPS) as i64;
    let reach_deg = angle.to_degrees();
    band(steps(lat_deg - reach_deg) - 1)..=band(steps(lat_deg + reach_deg) + 1)
}

/// The longitudes that the disc of `angle` radians has, steps, both ends included: two runs where the antimeridian cuts it.
fn longitudes(lat_deg: f64, lon_deg: f64, angle: f64) -> [Option<(i32, i32)>; 2] {
    const WEST: i32 = -1_800_000_000;
    const EAST: i32 = 1_800_000_000;
    if lat_deg.abs() + angle.to_degrees() >= 89.999 {
        return [Some((WEST, EAST)), None];
    }
    let ratio = angle.sin() / lat_deg.to_radians().cos();
    let half_deg = ratio.min(1.0).asin().to_degrees() + 1e-6;
    let steps = |degrees: f64| (degrees * STEPS) as i32;
    let (west, east) = (lon_deg - half_deg, lon_deg + half_deg);
    if east - west >= 360.0 {
        [Some((WEST, EAST)), None]
    } else if west < -180.0 {
        [Some((WEST, steps(east))), Some((steps(west + 360.0), EAST))]
    } else if east > 180.0 {
        [Some((steps(west), EAST)), Some((WEST, steps(east - 360.0)))]
    } else {
        [Some((steps(west), steps(east))), None]
    }
}

/// The run of `sites`, all of one class, in a band and between two longitudes.
fn run_of(sites: &[Site], band: u16, (west, east): (i32, i32)) -> &[Site] {
    let from = sites.partition_point(|site| (site.band(), site.lon) < (band, west));
    let rest = sites.get(from..).unwrap_or_default();
    let count = rest.partition_point(|site| (site.band(), site.lon) <= (band, east));
    rest.get(..count).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sphere::chord2;

    #[test]
    fn directions_by_series_are_those_by_sines() {
        for (lat_deg, lon_deg) in [(0.0, 0.0), (52.5, 13.4), (-89.9, 10.0), (10.0, 180.0), (10.0, -179.99)] {
            let near = Near::to(up(lat_deg, lon_deg));
            for (by_lat, by_lon) in [(0.0, 0.0), (0.05, 0.03), (-14.3, 14.3), (14.3, -14.3), (3.0, 90.0)] {
                let lon = lon_deg + by_lon;
                let lon = if lon > 180.0 { lon - 360.0 } else { lon };
                let site = Site::new((lat_deg + by_lat).clamp(-90.0, 90.0), lon, 1, 1, 1);
                // A tenth of a millimetre.
                assert!(chord2(near.up(&site), site.up()).sqrt() < 1e-4 / LEAST_RADIUS_M, "{lat_deg} {lon}");
            }
        }
    }
}
