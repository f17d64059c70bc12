//! Rows that may be kept.

use crate::place::{Day, Place, z_order};
use crate::table::{Table, Whose};
use crate::{Model, SubjectId};
use core::fmt;
use core::ops::Range;
use mdt::rrc::{CellColumns, NONE_COORDINATE, NONE_INDEX, NONE_NUMBER, NeighbourRat, Plmn, Rat, TraceReference};

/// What all rows of one log have in common.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The job.
    pub job: TraceReference,
    /// Technology of the log.
    pub rat: Rat,
    /// Stands for the trace recording session within its job, and with no other job's (keyed, so nobody goes back).
    pub session: u64,
    /// SHA-256 of the token that erases these rows, where the phone gave one.
    pub erasure: Option<[u8; 32]>,
    /// The subscriber, of a signalling based job alone.
    pub subject: Option<SubjectId>,
    /// The model of the phone, where the job allows and enough phones are of it.
    pub model: Option<Model>,
}

impl Origin {
    fn whose(&self) -> Whose {
        Whose { job: self.job, erasure: self.erasure, subject: self.subject }
    }
}

/// Prints the job alone.
impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TraceReference { plmn, trace_id: [a, b, c] } = self.job;
        write!(f, "Origin({plmn}-{a:02x}{b:02x}{c:02x})")
    }
}

/// A neighbour of a row, as [`mdt::rrc::CellColumns`] has it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Neighbour {
    /// Technology.
    pub rat: NeighbourRat,
    /// Carrier.
    pub carrier: Option<u32>,
    /// Physical identity.
    pub pci: u16,
    /// First quantity, RSRP index.
    pub rsrp: Option<i8>,
    /// Second quantity, RSRQ index.
    pub rsrq: Option<i8>,
    /// Third quantity, SINR index.
    pub sinr: Option<i8>,
}

/// One row, apart from its neighbours. `Debug` tells nothing: it is where somebody was.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub time_ms: i64,
    /// Of which log.
    pub origin: Origin,
    /// Latitude and longitude, steps of 90/2^23 and 360/2^24 degrees.
    pub position: Option<(i32, i32)>,
    /// Code K of a circle that holds the position (TS 23.032 clause 6.2).
    pub uncertainty: Option<u8>,
    /// Network of the serving cell.
    pub network: Option<Plmn>,
    /// Serving cell.
    pub cell: Option<u64>,
    /// Tracking area code.
    pub tracking_area: Option<u32>,
    /// RSRP index.
    pub rsrp: Option<i8>,
    /// RSRQ index.
    pub rsrq: Option<i8>,
    /// SINR index.
    pub sinr: Option<i8>,
    /// [`mdt::rrc::Flags`].
    pub flags: u8,
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Row(hidden)")
    }
}

impl fmt::Debug for Neighbour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Neighbour(hidden)")
    }
}

/// Rows that went through an [`crate::Anonymiser`], in columns. Everything else that a log holds is gone.
#[derive(Clone, Default)]
pub struct AnonymisedRows {
    pub(crate) origins: Vec<Origin>,
    pub(crate) origin: Vec<u32>,
    pub(crate) time_ms: Vec<i64>,
    pub(crate) latitude: Vec<i32>,
    pub(crate) longitude: Vec<i32>,
    pub(crate) uncertainty: Vec<u8>,
    pub(crate) network: Vec<u32>,
    pub(crate) cell: Vec<u64>,
    pub(crate) tracking_area: Vec<u32>,
    pub(crate) rsrp: Vec<i8>,
    pub(crate) rsrq: Vec<i8>,
    pub(crate) sinr: Vec<i8>,
    pub(crate) flags: Vec<u8>,
    pub(crate) neighbours: CellColumns,
    pub(crate) neighbours_end: Vec<u32>,
}

impl fmt::Debug for AnonymisedRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnonymisedRows({} of {} logs)", self.len(), self.origins.len())
    }
}

pub(crate) const NO_UNCERTAINTY: u8 = 255;

fn index(value: Option<&i8>) -> Option<i8> {
    value.copied().filter(|index| *index != NONE_INDEX)
}

impl AnonymisedRows {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.time_ms.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.time_ms.is_empty()
    }

    /// Row `at`, from 0.
    #[must_use]
    pub fn row(&self, at: usize) -> Option<Row> {
        Some(Row {
            time_ms: *self.time_ms.get(at)?,
            origin: *self.origin_of(at)?,
            position: self.position(at),
            uncertainty: self.uncertainty.get(at).copied().filter(|code| *code != NO_UNCERTAINTY),
            network: self.network.get(at).copied().filter(|n| *n != NONE_NUMBER).and_then(Plmn::from_packed),
            cell: self.cell.get(at).copied().filter(|cell| *cell != u64::MAX),
            tracking_area: self.tracking_area_of(at),
            rsrp: index(self.rsrp.get(at)),
            rsrq: index(self.rsrq.get(at)),
            sinr: index(self.sinr.get(at)),
            flags: *self.flags.get(at)?,
        })
    }

    /// Neighbours of row `at`, in the order of the report.
    pub fn neighbours(&self, at: usize) -> impl Iterator<Item = Neighbour> + '_ {
        self.neighbour_rows(at).filter_map(|at| {
            let n = &self.neighbours;
            Some(Neighbour {
                rat: *n.rat.get(at)?,
                carrier: n.carrier.get(at).copied().filter(|carrier| *carrier != NONE_NUMBER),
                pci: *n.pci.get(at)?,
                rsrp: index(n.rsrp.get(at)),
                rsrq: index(n.rsrq.get(at)),
                sinr: index(n.sinr.get(at)),
            })
        })
    }

    /// Subscribers that rows are of, each with the job.
    pub fn subjects(&self) -> impl Iterator<Item = (TraceReference, SubjectId)> + '_ {
        self.origins.iter().filter_map(|origin| origin.subject.map(|subject| (origin.job, subject)))
    }

    /// The rows that name nobody.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        let mut anonymous = Self::default();
        anonymous.append_where(self, |at| self.origin_of(at).is_some_and(|origin| origin.subject.is_none()));
        anonymous
    }

    /// Adds all rows of `other`.
    pub fn append(&mut self, other: &Self) {
        self.append_all(other);
    }

    pub(crate) fn intern(&mut self, origin: Origin) -> u32 {
        // Rows of one log come together, so the last one is the likely one; few logs are in one batch.
        match self.origins.iter().rposition(|known| *known == origin) {
            Some(at) => at as u32,
            None => {
                self.origins.push(origin);
                (self.origins.len() - 1) as u32
            }
        }
    }

    /// Adds a row, whose neighbours were added before.
    pub(crate) fn push(&mut self, origin: u32, row: &Row) {
        self.origin.push(origin);
        self.time_ms.push(row.time_ms);
        let (latitude, longitude) = row.position.unwrap_or((NONE_COORDINATE, NONE_COORDINATE));
        self.latitude.push(latitude);
        self.longitude.push(longitude);
        self.uncertainty.push(row.uncertainty.unwrap_or(NO_UNCERTAINTY));
        self.network.push(row.network.map_or(NONE_NUMBER, Plmn::packed));
        self.cell.push(row.cell.unwrap_or(u64::MAX));
        self.tracking_area.push(row.tracking_area.unwrap_or(NONE_NUMBER));
        self.rsrp.push(row.rsrp.unwrap_or(NONE_INDEX));
        self.rsrq.push(row.rsrq.unwrap_or(NONE_INDEX));
        self.sinr.push(row.sinr.unwrap_or(NONE_INDEX));
        self.flags.push(row.flags);
        self.neighbours_end.push(self.neighbours.pci.len() as u32);
    }

    pub(crate) fn push_neighbour(&mut self, neighbour: &Neighbour) {
        let n = &mut self.neighbours;
        n.rat.push(neighbour.rat);
        n.carrier.push(neighbour.carrier.unwrap_or(NONE_NUMBER));
        n.pci.push(neighbour.pci);
        n.rsrp.push(neighbour.rsrp.unwrap_or(NONE_INDEX));
        n.rsrq.push(neighbour.rsrq.unwrap_or(NONE_INDEX));
        n.sinr.push(neighbour.sinr.unwrap_or(NONE_INDEX));
    }

    pub(crate) fn neighbour_rows(&self, at: usize) -> Range<usize> {
        let end = |at: usize| self.neighbours_end.get(at).map_or(0, |end| *end as usize);
        let start = at.checked_sub(1).map_or(0, end);
        start..end(at).max(start)
    }

    pub(crate) fn origin_of(&self, at: usize) -> Option<&Origin> {
        self.origin.get(at).and_then(|origin| self.origins.get(*origin as usize))
    }

    fn position(&self, at: usize) -> Option<(i32, i32)> {
        let (latitude, longitude) = (*self.latitude.get(at)?, *self.longitude.get(at)?);
        (latitude != NONE_COORDINATE && longitude != NONE_COORDINATE).then_some((latitude, longitude))
    }

    fn tracking_area_of(&self, at: usize) -> Option<u32> {
        self.tracking_area.get(at).copied().filter(|area| *area != NONE_NUMBER)
    }

    /// Day and place of a row.
    fn day_and_place(&self, at: usize) -> (Day, Place) {
        let day = Day::of(self.time_ms.get(at).copied().unwrap_or_default());
        (day, Place::of(self.position(at), self.tracking_area_of(at)))
    }

    /// Numbers of the rows by day, place, where in the place, and time.
    pub(crate) fn sorted(&self) -> Vec<u32> {
        let key = |at: &u32| {
            let at = *at as usize;
            (
                self.day_and_place(at),
                z_order(self.position(at)),
                self.time_ms.get(at).copied(),
                self.cell.get(at).copied(),
            )
        };
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        order.sort_by_cached_key(key);
        order
    }
}

impl Table for AnonymisedRows {
    const FOLDER: &'static str = "";

    fn read(file: bytes::Bytes) -> Result<Self, crate::ParquetError> {
        crate::read::read(file)
    }

    fn write(&self) -> Result<Vec<u8>, crate::ParquetError> {
        crate::write::write(self, &self.sorted())
    }

    fn rows(&self) -> usize {
        self.len()
    }

    fn whose(&self, at: usize) -> Option<Whose> {
        self.origin_of(at).map(Origin::whose)
    }

    fn anybody(&self, is: impl Fn(&Whose) -> bool) -> bool {
        self.origins.iter().any(|origin| is(&origin.whose()))
    }

    fn time_ms(&self, at: usize) -> i64 {
        self.time_ms.get(at).copied().unwrap_or_default()
    }

    fn partition(&self, at: usize) -> (Day, Place) {
        self.day_and_place(at)
    }

    fn append_these(&mut self, other: &Self, rows: impl Iterator<Item = usize>) {
        // Only origins that have rows here, so that nothing tells of a log that is not.
        let mut origins: Vec<Option<u32>> = vec![None; other.origins.len()];
        for at in rows {
            let (Some(row), Some(from)) = (other.row(at), other.origin.get(at)) else { continue };
            let Some(known) = origins.get_mut(*from as usize) else { continue };
            let origin = *known.get_or_insert_with(|| self.intern(row.origin));
            for neighbour in other.neighbours(at) {
                self.push_neighbour(&neighbour);
            }
            self.push(origin, &row);
        }
    }
}
