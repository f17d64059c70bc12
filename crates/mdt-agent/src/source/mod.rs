//! Where measurements come from: a modem over D-Bus, or a file that is played.

#[cfg(feature = "daemon")]
mod cells;
#[cfg(feature = "daemon")]
mod modem;
mod replay;

#[cfg(feature = "daemon")]
pub use modem::{Modem, ModemError};
pub use replay::{Pace, Replay, ReplayError};

use crate::quantity::{Kept, Quality};
use lcs::gad::{GadError, Latitude, Longitude, Point, Shape, Uncertainty};
use mdt_log::entry::{Measurement, Neighbour, Results};
use mdt_log::failure::Failure;
use mdt_log::machine::{Camping, CellId, Plmn, Radio};
use mdt_log::{Kind, Rat};

/// What a report says, and the kind of its record.
pub(crate) type Reported = (Kind, Failure);

/// What was seen at one moment. It has no printable form and is wiped when dropped.
pub struct Sighting {
    camping: Camping,
    rat: Rat,
    rplmn: Option<Plmn>,
    cell: Option<CellId>,
    tracking_area: Option<u32>,
    arfcn: u32,
    quality: Kept,
    location: Option<(Vec<u8>, u64)>,
    neighbours: Vec<Neighbour>,
    failures: Vec<Reported>,
}

impl Sighting {
    /// Of nobody anywhere: the modem is off, or says nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self::registered(None)
    }

    /// Of a modem that is registered and has nothing to be logged.
    fn registered(rplmn: Option<Plmn>) -> Self {
        Self {
            camping: Camping::Connected,
            rat: Rat::Nr,
            rplmn,
            cell: None,
            tracking_area: None,
            arfcn: 0,
            quality: Kept(Quality::default()),
            location: None,
            neighbours: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// The same once more, its place being of `at_ms`; a failure happened but once.
    fn again(&self, at_ms: u64) -> Self {
        Self {
            camping: self.camping,
            rat: self.rat,
            rplmn: self.rplmn,
            cell: self.cell,
            tracking_area: self.tracking_area,
            arfcn: self.arfcn,
            quality: self.quality.clone(),
            location: self.location.as_ref().map(|(shape, _)| (shape.clone(), at_ms)),
            neighbours: self.neighbours.clone(),
            failures: Vec::new(),
        }
    }

    /// What failed since the last look, and what a report of it says.
    pub(crate) fn failures(&self) -> &[Reported] {
        &self.failures
    }

    /// What the log is told of where the phone is, for an event about `quantity`.
    pub(crate) fn radio(&self, quantity: Option<crate::quantity::Quantity>) -> Radio {
        Radio {
            camping: self.camping,
            rat: self.rat,
            rplmn: self.rplmn,
            cell: self.cell,
            tracking_area: self.tracking_area,
            quality_half: quantity.and_then(|quantity| self.quality.0.half_db(quantity)),
        }
    }

    /// The cell that serves; in any cell selection none does.
    pub(crate) fn serving(&self) -> Option<(CellId, Results)> {
        let cell = self.cell.filter(|_| self.camping != Camping::AnyCellSelection)?;
        Some((cell, self.quality.0.results(self.rat)))
    }

    /// What is logged of it.
    pub(crate) fn measurement(&self) -> Measurement {
        Measurement {
            serving: self.serving(),
            serving_arfcn: self.arfcn,
            neighbours: self.neighbours.clone(),
            location: self.location.clone(),
        }
    }
}

impl Drop for Sighting {
    fn drop(&mut self) {
        use zeroize::Zeroize as _;
        if let Some((shape, _)) = &mut self.location {
            shape.zeroize();
        }
        self.neighbours.zeroize();
        if let Some(cell) = &mut self.cell {
            cell.plmn.zeroize();
            cell.cell.zeroize();
        }
    }
}

/// A neighbour as a source tells it.
struct Heard {
    rat: Rat,
    arfcn: u32,
    pci: u16,
    quality: Quality,
}

impl Heard {
    /// Whether its numbers are of its technology (TS 36.331 clause 6.3.4 and TS 38.331 clause 6.3.2, ARFCN and PhysCellId).
    fn is_sound(&self) -> bool {
        match self.rat {
            Rat::Eutra => self.pci <= 503 && self.arfcn <= 262_143,
            Rat::Nr => self.pci <= 1007 && self.arfcn <= 3_279_165,
            Rat::Utra => false,
        }
    }
}

/// Neighbours of a cell of this technology as they rank (TS 38.304 clause 5.2.4.6): the strongest RSRP first, those without one last.
fn ranked(serving: Rat, mut heard: Vec<Heard>) -> Vec<Neighbour> {
    let rsrp = |of: &Heard| of.quality.rsrp_dbm.filter(|dbm| dbm.is_finite()).unwrap_or(f64::NEG_INFINITY);
    heard.sort_by(|a, b| rsrp(b).total_cmp(&rsrp(a)));
    let neighbour = |of: &Heard| Neighbour {
        arfcn: of.arfcn,
        pci: of.pci,
        same_rat: of.rat == serving,
        results: of.quality.results(of.rat),
    };
    heard.iter().map(neighbour).collect()
}

/// A place as a shape of TS 23.032: a circle where it is known how good it is, else a point.
fn shape(latitude: f64, longitude: f64, uncertainty_m: Option<f64>) -> Result<Vec<u8>, GadError> {
    let point = Point { latitude: Latitude::from_degrees(latitude)?, longitude: Longitude::from_degrees(longitude)? };
    let shape = match uncertainty_m {
        None => Shape::Point(point),
        Some(metres) => Shape::Circle(point, Uncertainty::for_result(metres)?),
    };
    Ok(shape.encode())
}

/// A source cannot be used. Never repeats what it said.
#[cfg(feature = "daemon")]
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The modem.
    #[error(transparent)]
    Modem(#[from] ModemError),
    /// The file.
    #[error(transparent)]
    Replay(#[from] ReplayError),
}

/// The source of a daemon.
#[cfg(feature = "daemon")]
pub enum Source {
    /// A modem.
    Modem(Box<Modem>),
    /// A file.
    Replay(Box<Replay>),
}

#[cfg(feature = "daemon")]
impl Source {
    /// What is to be seen at `now_ms`.
    ///
    /// # Errors
    /// The source fails; nothing is seen then.
    pub async fn see(&mut self, now_ms: u64) -> Result<Sighting, SourceError> {
        match self {
            Self::Modem(modem) => Ok(modem.see(now_ms).await?),
            Self::Replay(replay) => Ok(replay.see(now_ms)?),
        }
    }

    /// When there is something new at the latest.
    #[must_use]
    pub fn next_ms(&self) -> Option<u64> {
        match self {
            Self::Modem(modem) => Some(modem.next_ms()),
            Self::Replay(replay) => replay.next_ms(),
        }
    }
}
