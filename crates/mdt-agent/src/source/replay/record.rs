//! One line of a file of measurements.

use super::ReplayError;
use crate::quantity::{Kept, Quality};
use crate::source::{Heard, Reported, Sighting, ranked, shape};
use lcs::PlmnId;
use mdt_log::failure::Failure;
use mdt_log::machine::{Camping, CellId, Plmn};
use mdt_log::{Kind, Rat};
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Camped,
    Searching,
    Limited,
    Connected,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Technology {
    Lte,
    Nr,
}

impl Technology {
    fn rat(self) -> Rat {
        match self {
            Self::Lte => Rat::Eutra,
            Self::Nr => Rat::Nr,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cell<'a> {
    #[serde(borrow)]
    plmn: Option<Cow<'a, str>>,
    id: u64,
    tac: Option<u32>,
    arfcn: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Near {
    technology: Option<Technology>,
    arfcn: u32,
    pci: u16,
    rsrp_dbm: Option<f64>,
    rsrq_db: Option<f64>,
    sinr_db: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FailureKind {
    RadioLink,
    Handover,
    Connection,
}

impl FailureKind {
    fn of_record(self) -> Kind {
        match self {
            Self::RadioLink | Self::Handover => Kind::RadioLinkFailure,
            Self::Connection => Kind::ConnectionFailure,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Failed<'a> {
    kind: FailureKind,
    #[serde(borrow)]
    cell: Option<Cell<'a>>,
    #[serde(borrow)]
    previous: Option<Cell<'a>>,
    #[serde(borrow)]
    reestablishment: Option<Cell<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record<'a> {
    at_s: f64,
    technology: Technology,
    state: State,
    #[serde(borrow)]
    plmn: Option<Cow<'a, str>>,
    #[serde(borrow)]
    cell: Option<Cell<'a>>,
    rsrp_dbm: Option<f64>,
    rsrq_db: Option<f64>,
    sinr_db: Option<f64>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    uncertainty_m: Option<f64>,
    #[serde(default)]
    neighbours: Vec<Near>,
    #[serde(borrow)]
    failure: Option<Failed<'a>>,
}

/// A record that was read, and when it is of.
pub(super) struct Seen {
    pub(super) after_ms: u64,
    pub(super) sighting: Sighting,
    pub(super) failure: Option<Reported>,
}

/// Reads a line.
///
/// # Errors
/// It is no record.
pub(super) fn read(line: u64, text: &[u8]) -> Result<Seen, ReplayError> {
    let record: Record<'_> =
        serde_json::from_slice(text).map_err(|error| ReplayError::Malformed { line, column: error.column() })?;
    let range = |key| ReplayError::Range { line, key };
    if !(0.0..=1e9).contains(&record.at_s) {
        return Err(range("at_s"));
    }
    let (sighting, failure) = record.read().map_err(range)?;
    Ok(Seen { after_ms: (record.at_s * 1000.0).round() as u64, sighting, failure })
}

impl Record<'_> {
    /// What it says, or which of its values is out of its range.
    fn read(&self) -> Result<(Sighting, Option<Reported>), &'static str> {
        let rat = self.technology.rat();
        let rplmn = self.plmn.as_deref().map(plmn).transpose()?;
        let cell_of = |cell: &Option<Cell<'_>>| cell.as_ref().map(|cell| cell.read(self.technology, rplmn)).transpose();
        let cell = cell_of(&self.cell)?;
        let location = self.location()?;
        let quality = Quality { rsrp_dbm: self.rsrp_dbm, rsrq_db: self.rsrq_db, sinr_db: self.sinr_db };
        let tracking_area = self.cell.as_ref().and_then(|cell| cell.tac);
        let failure = match &self.failure {
            None => None,
            Some(failed) => {
                let failed_cell = cell_of(&failed.cell)?;
                let area = failed.cell.as_ref().map_or(tracking_area, |cell| cell.tac);
                let (previous, reestablishment) = (cell_of(&failed.previous)?, cell_of(&failed.reestablishment)?);
                if failed.kind == FailureKind::Connection && (previous.is_some() || reestablishment.is_some()) {
                    return Err("failure.previous or failure.reestablishment of a connection");
                }
                let content = Failure {
                    rat,
                    handover: failed.kind == FailureKind::Handover,
                    since_s: 0,
                    failed: failed_cell.or(cell),
                    tracking_area: area,
                    results: quality.results(rat),
                    previous,
                    reestablishment,
                    location: location.clone(),
                };
                Some((failed.kind.of_record(), content))
            }
        };
        let heard = self.neighbours.iter().map(|near| near.heard(rat)).collect::<Result<Vec<_>, _>>()?;
        let sighting = Sighting {
            camping: match self.state {
                State::Camped => Camping::Normally,
                State::Searching => Camping::AnyCellSelection,
                State::Limited => Camping::OnAnyCell,
                State::Connected => Camping::Connected,
            },
            rat,
            rplmn,
            cell,
            tracking_area,
            arfcn: self.cell.as_ref().and_then(|cell| cell.arfcn).unwrap_or(0),
            quality: Kept(quality),
            location: location.map(|shape| (shape, 0)),
            neighbours: ranked(rat, heard),
            failures: Vec::new(),
        };
        Ok((sighting, failure))
    }

    fn location(&self) -> Result<Option<Vec<u8>>, &'static str> {
        match (self.latitude, self.longitude) {
            (None, None) => Ok(None),
            (Some(latitude), Some(longitude)) => {
                shape(latitude, longitude, self.uncertainty_m).map(Some).map_err(|_| "latitude or longitude")
            }
            _ => Err("latitude without longitude, or the other way round,"),
        }
    }
}

impl Cell<'_> {
    fn read(&self, technology: Technology, rplmn: Option<Plmn>) -> Result<CellId, &'static str> {
        let cells = match technology {
            Technology::Lte => 1 << 28,
            Technology::Nr => 1_u64 << 36,
        };
        if self.id >= cells {
            return Err("the id of a cell");
        }
        let plmn = self.plmn.as_deref().map(plmn).transpose()?.or(rplmn).ok_or("the plmn of a cell")?;
        Ok(CellId { plmn, cell: self.id })
    }
}

impl Near {
    fn heard(&self, serving: Rat) -> Result<Heard, &'static str> {
        let Self { technology, arfcn, pci, rsrp_dbm, rsrq_db, sinr_db } = *self;
        let rat = technology.map_or(serving, Technology::rat);
        let heard = Heard { rat, arfcn, pci, quality: Quality { rsrp_dbm, rsrq_db, sinr_db } };
        if heard.is_sound() { Ok(heard) } else { Err("arfcn or pci of a neighbour") }
    }
}

fn plmn(digits: &str) -> Result<Plmn, &'static str> {
    PlmnId::from_digits(digits).map(PlmnId::octets).ok_or("plmn")
}
