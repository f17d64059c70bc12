//! Columns that logs are read into: one row an entry, neighbours in rows of their own, what is rare beside them.

use super::{AbsoluteTime, TraceHead, radio::hidden};
use crate::uper::{Reader, UperError};
use lcs::gad::{Latitude, Longitude, Point, Shape, Uncertainty, Velocity};

/// Which radio technology a log is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rat {
    /// E-UTRA.
    Lte,
    /// NR.
    Nr,
}

/// Which radio technology a neighbour is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum NeighbourRat {
    /// E-UTRA: RSRP, RSRQ, SINR.
    Lte,
    /// NR: SS-RSRP, SS-RSRQ, SS-SINR.
    Nr,
    /// UTRA FDD: RSCP as the first quantity, Ec/N0 as the second.
    UtraFdd,
    /// UTRA TDD: RSCP as the first quantity.
    UtraTdd,
    /// GERAN on DCS 1800 and below: RSSI as the first quantity; identity NCC x 8 + BCC.
    Geran1800,
    /// GERAN on PCS 1900.
    Geran1900,
    /// CDMA2000: strength of the pilot as the first quantity; identity the offset of the pilot, carrier the band class x 2048 + ARFCN.
    Cdma2000,
}

impl NeighbourRat {
    /// All of them, with the words that files have.
    pub const WORDS: [(Self, &'static str); 7] = [
        (Self::Lte, "LTE"),
        (Self::Nr, "NR"),
        (Self::UtraFdd, "UTRA-FDD"),
        (Self::UtraTdd, "UTRA-TDD"),
        (Self::Geran1800, "GERAN-1800"),
        (Self::Geran1900, "GERAN-1900"),
        (Self::Cdma2000, "CDMA2000"),
    ];
}

/// No coordinate in [`EntryColumns::latitude`] and [`EntryColumns::longitude`].
pub const NONE_COORDINATE: i32 = i32::MIN;
/// No index in a column of a quantity.
pub const NONE_INDEX: i8 = i8::MIN;
/// No number in a column of numbers.
pub const NONE_NUMBER: u32 = u32::MAX;

/// What is said of an entry by bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(pub u8);

impl Flags {
    /// No service: any cell selection. The serving cell is the last one.
    pub const ANY_CELL: u8 = 1;
    /// Logging was suspended after this entry, because radios in the phone disturbed each other.
    pub const IN_DEVICE_COEXISTENCE: u8 = 2;
    /// A position was there whose octets are none.
    pub const UNREADABLE_LOCATION: u8 = 4;
    /// Bluetooth results were there. They are third parties' places and were passed over.
    pub const BLUETOOTH: u8 = 8;
    /// WLAN results were there. They are third parties' places and were passed over.
    pub const WLAN: u8 = 16;
    /// Sensor results were there and were passed over.
    pub const SENSOR: u8 = 32;
    /// RSRQ of the serving cell was measured over all symbols or a wide band, so it compares with no other.
    pub const OTHER_RSRQ: u8 = 64;

    /// Whether all of `bits` are set.
    #[must_use]
    pub const fn has(self, bits: u8) -> bool {
        self.0 & bits == bits
    }
}

/// Rows of entries. All columns are of one length.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct EntryColumns {
    /// Seconds since the log began.
    pub relative_time_s: Vec<u16>,
    /// Latitude in steps of 90/2^23 degrees, south negative, or [`NONE_COORDINATE`]. The middle of the shape.
    pub latitude: Vec<i32>,
    /// Longitude in steps of 360/2^24 degrees, west negative, or [`NONE_COORDINATE`].
    pub longitude: Vec<i32>,
    /// Code K of a circle that holds the position (TS 23.032 clause 6.2), 255 when nothing is said.
    pub uncertainty: Vec<u8>,
    /// Network of the serving cell, [`super::Plmn::packed`], or [`NONE_NUMBER`].
    pub plmn: Vec<u32>,
    /// Serving cell, 28 bits in LTE and 36 in NR, or `u64::MAX`.
    pub cell: Vec<u64>,
    /// Tracking area code, or [`NONE_NUMBER`]; NR alone.
    pub tac: Vec<u32>,
    /// RSRP index of the serving cell, extension included, or [`NONE_INDEX`].
    pub rsrp: Vec<i8>,
    /// RSRQ index, the same.
    pub rsrq: Vec<i8>,
    /// SINR index, NR alone.
    pub sinr: Vec<i8>,
    /// [`Flags`].
    pub flags: Vec<u8>,
    /// Row of [`LogColumns::neighbours`] behind the last neighbour of this entry.
    pub neighbours_end: Vec<u32>,
}

/// Rows of neighbours, in the order of the report. All columns are of one length.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct CellColumns {
    /// Technology.
    pub rat: Vec<NeighbourRat>,
    /// Carrier: EARFCN, NR-ARFCN, UARFCN, ARFCN; [`NONE_NUMBER`] where an NR list came without.
    pub carrier: Vec<u32>,
    /// Physical identity.
    pub pci: Vec<u16>,
    /// First quantity, RSRP of LTE and NR, or [`NONE_INDEX`].
    pub rsrp: Vec<i8>,
    /// Second quantity, RSRQ.
    pub rsrq: Vec<i8>,
    /// Third quantity, SINR.
    pub sinr: Vec<i8>,
}

/// The best beam of the serving cell of an NR entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beam {
    /// Row of the entry.
    pub entry: u32,
    /// Its index, 0..63.
    pub index: u8,
    /// RSRP index or [`NONE_INDEX`].
    pub rsrp: i8,
    /// RSRQ index, the same.
    pub rsrq: i8,
    /// SINR index, the same.
    pub sinr: i8,
    /// Good beams, 1..64.
    pub good_beams: u8,
}

/// Head of one report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHead {
    /// Technology.
    pub rat: Rat,
    /// Job, session, collector.
    pub trace: TraceHead,
    /// When the log began.
    pub absolute_time: AbsoluteTime,
    /// Row of its first entry.
    pub entries_start: u32,
    /// Row behind its last entry.
    pub entries_end: u32,
    /// More entries wait in the phone.
    pub available: bool,
    /// More entries with Bluetooth results wait.
    pub available_bluetooth: bool,
    /// More entries with WLAN results wait.
    pub available_wlan: bool,
}

/// What a report held that did not become a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScanReport {
    /// Extension additions passed over by their length: later than what is known here, or without use here.
    pub skipped_additions: u32,
    /// Positions and velocities whose octets are none.
    pub unreadable_locations: u32,
    /// Entries with Bluetooth, WLAN or sensor results, which were dropped.
    pub dropped_results: u32,
}

/// Logs in columns. `Debug` tells counts alone: the rest is where a person was.
#[derive(Clone, PartialEq, Default)]
pub struct LogColumns {
    /// Head of each report.
    pub heads: Vec<LogHead>,
    /// Entries.
    pub entries: EntryColumns,
    /// Neighbours of entries.
    pub neighbours: CellColumns,
    /// Whole shapes of positions that are neither a point nor a circle, by entry.
    pub shapes: Vec<(u32, Shape)>,
    /// Velocities, by entry.
    pub velocities: Vec<(u32, Velocity)>,
    /// Milliseconds within the hour of GNSS time, by entry.
    pub gnss_tod_ms: Vec<(u32, u32)>,
    /// Best beams.
    pub beams: Vec<Beam>,
    /// Good beams of NR neighbours, by row of neighbours.
    pub neighbour_good_beams: Vec<(u32, u8)>,
    /// Phases of pilots, by row of neighbours.
    pub pilot_phases: Vec<(u32, u16)>,
}

/// A place to come back to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark([usize; 9]);

hidden!(EntryColumns CellColumns);

impl core::fmt::Debug for LogColumns {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (heads, entries, neighbours) = (self.heads.len(), self.len(), self.neighbours.pci.len());
        write!(f, "LogColumns({heads} reports, {entries} entries, {neighbours} neighbours)")
    }
}

impl LogColumns {
    /// Entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.relative_time_s.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rows of the neighbours of an entry.
    #[must_use]
    pub fn neighbours_of(&self, entry: usize) -> core::ops::Range<usize> {
        let end = |at: usize| self.entries.neighbours_end.get(at).map_or(0, |end| *end as usize);
        let start = entry.checked_sub(1).map_or(0, end);
        start..end(entry).max(start)
    }

    /// Takes everything off that says where the phone was more exactly than its serving cell: positions, shapes, velocities.
    pub fn drop_positions(&mut self) {
        self.entries.latitude.fill(NONE_COORDINATE);
        self.entries.longitude.fill(NONE_COORDINATE);
        self.entries.uncertainty.fill(NO_UNCERTAINTY);
        self.shapes.clear();
        self.velocities.clear();
    }

    /// Empties the columns and keeps their memory.
    pub fn clear(&mut self) {
        self.truncate(&Mark([0; 9]));
    }

    /// Reads what fills these octets by `entry`; on an error nothing is appended.
    pub(super) fn alone(
        &mut self,
        octets: &[u8],
        entry: impl FnOnce(&mut Reader<'_>, &mut Self, &mut ScanReport) -> Result<(), UperError>,
    ) -> Result<ScanReport, UperError> {
        let (mut reader, mut report, mark) = (Reader::new(octets)?, ScanReport::default(), self.mark());
        let read = entry(&mut reader, self, &mut report).and_then(|()| reader.check());
        let whole = read.and_then(|()| if reader.is_at_end() { Ok(report) } else { Err(UperError::OtherMessage) });
        if whole.is_err() {
            self.truncate(&mark);
        }
        whole
    }

    pub(super) fn mark(&self) -> Mark {
        Mark([
            self.heads.len(),
            self.len(),
            self.neighbours.pci.len(),
            self.shapes.len(),
            self.velocities.len(),
            self.gnss_tod_ms.len(),
            self.beams.len(),
            self.neighbour_good_beams.len(),
            self.pilot_phases.len(),
        ])
    }

    pub(super) fn truncate(&mut self, to: &Mark) {
        let [heads, entries, neighbours, shapes, velocities, tods, beams, good, phases] = to.0;
        self.heads.truncate(heads);
        let e = &mut self.entries;
        e.relative_time_s.truncate(entries);
        e.latitude.truncate(entries);
        e.longitude.truncate(entries);
        e.uncertainty.truncate(entries);
        e.plmn.truncate(entries);
        e.cell.truncate(entries);
        e.tac.truncate(entries);
        e.rsrp.truncate(entries);
        e.rsrq.truncate(entries);
        e.sinr.truncate(entries);
        e.flags.truncate(entries);
        e.neighbours_end.truncate(entries);
        let n = &mut self.neighbours;
        n.rat.truncate(neighbours);
        n.carrier.truncate(neighbours);
        n.pci.truncate(neighbours);
        n.rsrp.truncate(neighbours);
        n.rsrq.truncate(neighbours);
        n.sinr.truncate(neighbours);
        self.shapes.truncate(shapes);
        self.velocities.truncate(velocities);
        self.gnss_tod_ms.truncate(tods);
        self.beams.truncate(beams);
        self.neighbour_good_beams.truncate(good);
        self.pilot_phases.truncate(phases);
    }

    /// Row of the entry that is being read.
    pub(super) fn row(&self) -> u32 {
        self.len() as u32
    }

    /// Row of the neighbour that comes next.
    pub(super) fn neighbour_row(&self) -> u32 {
        self.neighbours.pci.len() as u32
    }

    /// Adds an entry, whose neighbours were added before.
    #[inline(always)]
    pub(crate) fn push(&mut self, row: &Row) {
        let end = self.neighbour_row();
        let e = &mut self.entries;
        e.relative_time_s.push(row.relative_time_s);
        e.latitude.push(row.place.latitude);
        e.longitude.push(row.place.longitude);
        e.uncertainty.push(row.place.uncertainty);
        e.plmn.push(row.plmn);
        e.cell.push(row.cell);
        e.tac.push(row.tac);
        e.rsrp.push(row.rsrp);
        e.rsrq.push(row.rsrq);
        e.sinr.push(row.sinr);
        e.flags.push(row.flags);
        e.neighbours_end.push(end);
    }

    /// Makes room for entries of a report.
    pub(super) fn reserve(&mut self, count: usize) {
        let e = &mut self.entries;
        e.relative_time_s.reserve(count);
        e.latitude.reserve(count);
        e.longitude.reserve(count);
        e.uncertainty.reserve(count);
        e.plmn.reserve(count);
        e.cell.reserve(count);
        e.tac.reserve(count);
        e.rsrp.reserve(count);
        e.rsrq.reserve(count);
        e.sinr.reserve(count);
        e.flags.reserve(count);
        e.neighbours_end.reserve(count);
    }

    /// Adds a neighbour.
    #[inline(always)]
    pub(crate) fn push_neighbour(&mut self, rat: NeighbourRat, carrier: u32, pci: u16, quantities: [i8; 3]) {
        let n = &mut self.neighbours;
        n.rat.push(rat);
        n.carrier.push(carrier);
        n.pci.push(pci);
        n.rsrp.push(quantities[0]);
        n.rsrq.push(quantities[1]);
        n.sinr.push(quantities[2]);
    }

    /// Adds a shape, and gives the place that it becomes in the row of the entry.
    pub(super) fn place_of(&mut self, shape: Shape) -> Place {
        let place = Place::of_shape(&shape);
        if matches!(shape, Shape::Point(_) | Shape::Circle(..)) {
            return place;
        }
        self.shapes.push((self.row(), shape));
        place
    }

    /// Keeps what a location says if it is sound, and counts it otherwise.
    pub(super) fn kept<T>(&self, read: Result<T, UperError>, row: &mut Row, report: &mut ScanReport) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(_) => {
                row.flags |= Flags::UNREADABLE_LOCATION;
                report.unreadable_locations += 1;
                None
            }
        }
    }
}

/// No uncertainty is told.
pub(super) const NO_UNCERTAINTY: u8 = 255;

/// A place in columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) latitude: i32,
    pub(crate) longitude: i32,
    pub(crate) uncertainty: u8,
}

impl Place {
    pub(crate) const NONE: Self =
        Self { latitude: NONE_COORDINATE, longitude: NONE_COORDINATE, uncertainty: NO_UNCERTAINTY };

    /// A point, and the circle that holds what is not one.
    pub(super) fn of_shape(shape: &Shape) -> Self {
        match shape {
            Shape::Point(point) => Self::of(*point, NO_UNCERTAINTY),
            Shape::Circle(point, uncertainty) => Self::of(*point, uncertainty.code()),
            shape => {
                let centre = shape.centre();
                let uncertainty = shape.horizontal_uncertainty_m().and_then(|m| Uncertainty::for_result(m).ok());
                let uncertainty = uncertainty.map_or(NO_UNCERTAINTY, Uncertainty::code);
                match (Latitude::from_degrees(centre.lat_deg), Longitude::from_degrees(centre.lon_deg)) {
                    (Ok(latitude), Ok(longitude)) => Self::of(Point { latitude, longitude }, uncertainty),
                    _ => Self::NONE,
                }
            }
        }
    }

    pub(super) fn of(point: Point, uncertainty: u8) -> Self {
        Self::of_codes(point.latitude.code(), point.longitude.code(), uncertainty)
    }

    /// From sign and magnitude, and a signed longitude.
    #[inline(always)]
    pub(super) fn of_codes(latitude: u32, longitude: i32, uncertainty: u8) -> Self {
        let magnitude = (latitude & 0x7F_FFFF) as i32;
        let latitude = if latitude & 0x80_0000 == 0 { magnitude } else { -magnitude };
        Self { latitude, longitude, uncertainty }
    }
}

/// An entry on its way into columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) relative_time_s: u16,
    pub(crate) place: Place,
    pub(crate) plmn: u32,
    pub(crate) cell: u64,
    pub(crate) tac: u32,
    pub(crate) rsrp: i8,
    pub(crate) rsrq: i8,
    pub(crate) sinr: i8,
    pub(crate) flags: u8,
}

impl Row {
    pub(crate) const EMPTY: Self = Self {
        relative_time_s: 0,
        place: Place::NONE,
        plmn: NONE_NUMBER,
        cell: u64::MAX,
        tac: NONE_NUMBER,
        rsrp: NONE_INDEX,
        rsrq: NONE_INDEX,
        sinr: NONE_INDEX,
        flags: 0,
    };
}
