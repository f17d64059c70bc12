//! From areas as clients mean them to areas as a network names them.

use crate::{
    cover::covers,
    names::NamedAreas,
    region::Region,
    sites::{CellSites, Near, Radio, Site},
    sphere::Vector,
};
use lcs::{AreaIdentity, PlmnId, TargetArea};
use std::borrow::Cow;

/// Why areas cannot be put into the identities of a network. Tells no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AreaError {
    /// No area was given.
    #[error("no area is given")]
    Nothing,
    /// Nobody gave that name to an area.
    #[error("no area has this name; names are in the file of named areas")]
    UnknownName,
    /// A point, a line, a circle of 0 m, a polygon of fewer than three corners.
    #[error("the shape has no extent: a point or a line is no area")]
    NoExtent,
    /// Lines of a polygon cross (TS 23.032 clause 5.4).
    #[error("the polygon crosses itself, which TS 23.032 clause 5.4 rules out")]
    Crossing,
    /// Open-ended, or more than about 5,000 km from its middle.
    #[error("the shape is open-ended or reaches more than about 5000 km from its middle")]
    TooWide,
    /// The table has no cell of this network that the interface can name.
    #[error("the table of cells has none of this network")]
    NoNetwork,
    /// No cell touches the area.
    #[error("no cell of this network lies there")]
    NoCell,
    /// Cells touch the area and leave gaps.
    #[error("the cells of this network do not cover the whole area")]
    NotCovered,
    /// More identities than the interface takes.
    #[error("the area takes {count} cells and whole areas, and a request can name {most}")]
    TooMany {
        /// How many would be needed.
        count: usize,
        /// How many may be named.
        most: usize,
    },
}

/// What an interface can name, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Naming {
    /// SLg of an MME: cells of E-UTRAN and tracking areas, 10 in Area and 240 in Additional-Area (TS 29.172 clauses 7.4.39, 7.4.42).
    Slg,
    /// MAP of an MSC or SGSN: cells of GERAN and UTRAN and location areas, 10 (TS 29.002 clause 17.7.13, maxNumOfAreas).
    Map,
    /// An application on a (U)SIM: cells of every access, tracking and location areas, 32 (`docs/annex-f.md`).
    Card,
}

impl Naming {
    /// Greatest number of areas in a request.
    #[must_use]
    pub fn most(self) -> usize {
        match self {
            Self::Slg => 250,
            Self::Map => 10,
            Self::Card => 32,
        }
    }

    fn radios(self) -> &'static [Radio] {
        match self {
            Self::Slg => &[Radio::Lte],
            Self::Map => &[Radio::Gsm, Radio::Umts],
            Self::Card => &[Radio::Gsm, Radio::Umts, Radio::Lte],
        }
    }
}

/// The network whose identities are wanted: its digits as they stand in identities, and its numbers as they stand in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    /// As on the wire.
    pub plmn: PlmnId,
    mcc: u16,
    mnc: u16,
}

impl From<PlmnId> for Network {
    fn from(plmn: PlmnId) -> Self {
        let [_, b, c] = plmn.octets();
        let number = |digits: &[u8]| digits.iter().fold(0, |number, digit| number * 10 + u16::from(*digit));
        let two = [c & 0xF, c >> 4];
        let mnc = if b >> 4 == 0xF { number(&two) } else { number(&two) * 10 + u16::from(b >> 4) };
        Self { plmn, mcc: number(&plmn.mcc()), mnc }
    }
}

/// What areas became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The identities, each once, sorted.
    pub identities: Vec<AreaIdentity>,
    /// How many cells of the table they stand for; none for a country or a network.
    pub cells: usize,
}

/// A cell that touches a region.
#[derive(Debug, Clone, Copy)]
struct Touched<'s> {
    radio: Radio,
    site: &'s Site,
    up: Vector,
}

/// A table of cells and the names of areas.
#[derive(Debug, Default)]
pub struct AreaMap {
    /// The cells.
    pub sites: CellSites,
    /// The names.
    pub names: NamedAreas,
}

impl AreaMap {
    /// The identities of areas in a network: all of every area, or an error.
    ///
    /// - A cell is named if the disc of its range touches the area. Sizes are taken at their greatest: a cell that is as far from the area as
    ///   1 % of the range and the radius of the area, and 6 m, may be named too; for an ellipse or an arc 2 %. None that touches is left out.
    /// - A location or tracking area is named in the place of its cells when all cells that the table has of it touch the area, and there is
    ///   more than one.
    /// - An area is covered if each of some thousand places in it and on its border is in range of a cell.
    /// - A country and a network stand for themselves (TS 23.271 clause 9.1.9.1 step 3).
    ///
    /// # Errors
    /// [`AreaError`]; of several areas, the first that cannot be named.
    pub fn identities(&self, areas: &[TargetArea], network: Network, naming: Naming) -> Result<Named, AreaError> {
        if areas.is_empty() {
            return Err(AreaError::Nothing);
        }
        let (mut identities, mut drawn) = (Vec::new(), Vec::new());
        for area in areas {
            match area {
                TargetArea::Country(mcc) => identities.push(AreaIdentity::Country(*mcc)),
                TargetArea::Plmn(plmn) => identities.push(AreaIdentity::Plmn(*plmn)),
                TargetArea::Shape(shape) => drawn.push(Cow::Owned(Region::of_shape(shape)?)),
                TargetArea::Named(name) => {
                    drawn.extend(self.names.get(name).ok_or(AreaError::UnknownName)?.iter().map(Cow::Borrowed));
                }
            }
        }
        let regions = drawn.iter().map(|region| Ok((region.as_ref(), self.touched(region, network, naming)?)));
        let regions = regions.collect::<Result<Vec<_>, AreaError>>()?;
        // A cell of several regions counts once.
        let touched = match regions.as_slice() {
            [(_, one)] => Cow::Borrowed(one),
            several => {
                let mut all: Vec<Touched<'_>> = several.iter().flat_map(|(_, touched)| touched).copied().collect();
                all.sort_unstable_by_key(|touched| (touched.radio, core::ptr::from_ref(touched.site).addr()));
                all.dedup_by(|a, b| core::ptr::eq(a.site, b.site));
                Cow::Owned(all)
            }
        };
        self.name(&touched, network, naming, &mut identities);
        identities.sort_unstable();
        identities.dedup();
        let most = naming.most();
        if identities.len() > most {
            return Err(AreaError::TooMany { count: identities.len(), most });
        }
        for (region, touched) in &regions {
            if !covers(region, touched.iter().map(|touched| (touched.up, f64::from(touched.site.range_m)))) {
                return Err(AreaError::NotCovered);
            }
        }
        Ok(Named { identities, cells: touched.len() })
    }

    /// The cells that touch a region; those of great range first.
    fn touched(&self, region: &Region, network: Network, naming: Naming) -> Result<Vec<Touched<'_>>, AreaError> {
        let key = |radio: Radio| (network.mcc, network.mnc, radio);
        if !naming.radios().iter().any(|radio| self.sites.has(key(*radio))) {
            return Err(AreaError::NoNetwork);
        }
        let near = Near::to(region.plane.middle);
        let candidates = naming.radios().iter().flat_map(|radio| {
            let sites = self.sites.round(key(*radio), region.plane.middle, region.reach);
            sites.map(move |site| Touched { radio: *radio, site, up: near.up(site) })
        });
        let touches = |of: &Touched<'_>| region.touches(of.up, f64::from(of.site.range_m));
        let touched: Vec<Touched<'_>> = candidates.filter(touches).collect();
        if touched.is_empty() { Err(AreaError::NoCell) } else { Ok(touched) }
    }

    /// Names cells, those of a location or tracking area together if none of it is missing.
    fn name(&self, touched: &[Touched<'_>], network: Network, naming: Naming, identities: &mut Vec<AreaIdentity>) {
        let plmn = network.plmn;
        if naming == Naming::Card {
            // The codes of location and of tracking areas have nothing to do with each other.
            for part in [Naming::Map, Naming::Slg] {
                let of_part = touched.iter().filter(|touched| part.radios().contains(&touched.radio));
                self.name(&of_part.copied().collect::<Vec<_>>(), network, part, identities);
            }
            return;
        }
        // By code, all that there can be: most are never looked at, and so never in memory.
        let mut counts = vec![0u32; 1 << 16];
        for of in touched {
            if let Some(count) = counts.get_mut(usize::from(of.site.area)) {
                *count += 1;
            }
        }
        let all = |area: u16| {
            let of = |radio: &Radio| self.sites.cells_of_area((network.mcc, network.mnc, *radio), area);
            naming.radios().iter().map(of).sum::<u32>()
        };
        const WHOLE: u32 = u32::MAX;
        for Touched { radio, site, .. } in touched {
            let Some(count) = counts.get_mut(usize::from(site.area)).filter(|count| **count != WHOLE) else { continue };
            if *count > 1 && *count == all(site.area) {
                *count = WHOLE;
                identities.push(match naming {
                    Naming::Slg => AreaIdentity::TrackingArea(plmn, site.area),
                    Naming::Map | Naming::Card => AreaIdentity::LocationArea(plmn, site.area),
                });
                continue;
            }
            identities.push(match radio {
                Radio::Gsm => AreaIdentity::Cell(plmn, site.area, site.cell as u16),
                Radio::Umts => AreaIdentity::UtranCell(plmn, site.cell),
                Radio::Lte => AreaIdentity::EutranCell(plmn, site.cell),
            });
        }
    }
}

#[cfg(test)]
mod tests;
