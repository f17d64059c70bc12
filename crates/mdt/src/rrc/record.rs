//! Records of a sealed log (crate `mdt_log`), one entry each, into columns.

use super::columns::{Flags, LogColumns, LogHead, NONE_INDEX, NeighbourRat, Place, Rat, Row};
use super::{AbsoluteTime, Plmn, TraceHead, TraceReference, lte, nr};
use lcs::gad::Shape;
use mdt_log::entry::{Entry, Neighbour, Results, Serving};
use mdt_log::{Content, Kind, SegmentHead};

/// Longest relative time: 120 minutes (TS 38.331 clause 6.3.4).
const LAST_S: u16 = 7200;

/// Why a log does not become columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Its trace reference is no network and three octets.
    #[error("the trace reference is not that of a job: three octets of the network and three of the trace id")]
    TraceReference,
    /// Of UTRA, or entries in the encoding of another technology than the job's.
    #[error("the log is of a technology that is not kept, or its entries are of another than its job")]
    Technology,
}

/// One log in the making: entries of one segment under one head. Prints counts alone.
#[derive(Debug)]
pub struct RecordReader {
    columns: LogColumns,
    head: LogHead,
    content: Content,
    /// Networks whose rows are kept; all without.
    networks: Option<Vec<Plmn>>,
    counts: RecordCounts,
}

/// Records that did not become rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecordCounts {
    /// Those that cannot be read.
    pub unreadable: u32,
    /// Those logged in other networks than the ones asked for, or in one that they do not tell.
    pub elsewhere: u32,
}

impl RecordReader {
    /// For the records of a segment with this head.
    ///
    /// # Errors
    /// Why they cannot become columns.
    pub fn new(segment: &SegmentHead) -> Result<Self, RecordError> {
        let job = &segment.job;
        let trace_reference = TraceReference::from_octets(&job.trace_reference).ok_or(RecordError::TraceReference)?;
        let rat = match (job.rat, segment.content) {
            (mdt_log::Rat::Eutra, Content::EutraUper | Content::Cbor) => Rat::Lte,
            (mdt_log::Rat::Nr, Content::NrUper | Content::Cbor) => Rat::Nr,
            _ => return Err(RecordError::Technology),
        };
        let head = LogHead {
            rat,
            trace: TraceHead { trace_reference, recording_session: job.recording_session, tce_id: job.tce_id },
            absolute_time: AbsoluteTime(job.absolute_time),
            entries_start: 0,
            entries_end: 0,
            available: false,
            available_bluetooth: false,
            available_wlan: false,
        };
        Ok(Self {
            columns: LogColumns::default(),
            head,
            content: segment.content,
            networks: None,
            counts: RecordCounts::default(),
        })
    }

    /// The same, keeping what was logged in these networks alone.
    #[must_use]
    pub fn only_in(self, networks: Vec<Plmn>) -> Self {
        Self { networks: Some(networks), ..self }
    }

    /// Takes a record: an entry, or a gap, which is an entry before logging was suspended. One that cannot be read is counted.
    pub fn record(&mut self, kind: Kind, content: &[u8]) {
        let (before, columns) = (self.columns.mark(), &mut self.columns);
        let read = match (kind, self.content) {
            (Kind::Entry | Kind::Gap, Content::EutraUper) => lte::entry_alone(content, columns).is_ok(),
            (Kind::Entry | Kind::Gap, Content::NrUper) => nr::entry_alone(content, columns).is_ok(),
            (Kind::Entry | Kind::Gap, Content::Cbor) => cbor(self.head.rat, content, columns).is_some(),
            _ => false,
        };
        if !read {
            self.counts.unreadable += 1;
            return;
        }
        let network = columns.entries.plmn.last().copied().and_then(Plmn::from_packed);
        let is_wanted = |list: &Vec<Plmn>| network.is_some_and(|network| list.contains(&network));
        if !self.networks.as_ref().is_none_or(is_wanted) {
            columns.truncate(&before);
            self.counts.elsewhere += 1;
        } else if let (Kind::Gap, Some(flags)) = (kind, columns.entries.flags.last_mut()) {
            *flags |= Flags::IN_DEVICE_COEXISTENCE;
        }
    }

    /// The log, and what of it did not become rows.
    #[must_use]
    pub fn finish(mut self) -> (LogColumns, RecordCounts) {
        self.head.entries_end = self.columns.row();
        self.columns.heads.push(self.head);
        (self.columns, self.counts)
    }
}

/// An entry in CBOR. Of a neighbour of the other technology than the serving cell's nothing says which: it is taken for the other of LTE
/// and NR.
fn cbor(rat: Rat, content: &[u8], columns: &mut LogColumns) -> Option<()> {
    let entry = Entry::decode(content).filter(|entry| entry.relative_s <= LAST_S)?;
    let (own, other, cells) = match rat {
        Rat::Lte => (NeighbourRat::Lte, NeighbourRat::Nr, 1 << 28),
        Rat::Nr => (NeighbourRat::Nr, NeighbourRat::Lte, 1 << 36),
    };
    let mut row = Row { relative_time_s: entry.relative_s, ..Row::EMPTY };
    if let Some(Serving { cell, results }) = &entry.serving {
        row.plmn = Plmn::from_octets(cell.plmn)?.packed();
        row.cell = Some(cell.cell).filter(|cell| *cell < cells)?;
        [row.rsrp, row.rsrq, row.sinr] = indices(results);
    }
    if entry.any_cell_selection {
        row.flags |= Flags::ANY_CELL;
    }
    if entry.neighbours.iter().any(|neighbour| neighbour.pci > last_pci(rat, neighbour)) {
        return None;
    }
    match entry.location.as_deref().map(Shape::decode) {
        None => {}
        Some(Ok(shape)) => {
            let Place { latitude, longitude, uncertainty } = columns.place_of(shape);
            row.place = Place { latitude, longitude, uncertainty };
        }
        Some(Err(_)) => row.flags |= Flags::UNREADABLE_LOCATION,
    }
    for neighbour in &entry.neighbours {
        let rat = if neighbour.same_rat { own } else { other };
        columns.push_neighbour(rat, neighbour.arfcn, neighbour.pci, indices(&neighbour.results));
    }
    columns.push(&row);
    Some(())
}

/// The last physical cell identity of a neighbour's technology: 503 in LTE, 1007 in NR.
fn last_pci(serving: Rat, neighbour: &Neighbour) -> u16 {
    if (serving == Rat::Nr) == neighbour.same_rat { 1007 } else { 503 }
}

/// RSRP, RSRQ and SINR.
fn indices(results: &Results) -> [i8; 3] {
    let index = |value: Option<u8>| value.and_then(|value| i8::try_from(value).ok()).unwrap_or(NONE_INDEX);
    [index(results.rsrp), index(results.rsrq), index(results.sinr)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use mdt_log::machine::CellId;

    fn entry() -> Entry {
        let results = Results { rsrp: Some(60), rsrq: Some(40), sinr: None };
        Entry {
            relative_s: 10,
            any_cell_selection: false,
            serving: Some(Serving { cell: CellId { plmn: [0x32, 0xf4, 0x51], cell: 0x1_2345_6701 }, results }),
            // A point at 51.5 degrees north, 0.1 west (TS 23.032 clause 7.3.1).
            location: Some(vec![0x00, 0x49, 0x3e, 0x93, 0xff, 0xed, 0xcb]),
            neighbours: vec![
                Neighbour { arfcn: 632_448, pci: 1007, same_rat: true, results },
                Neighbour { arfcn: 1300, pci: 503, same_rat: false, results },
            ],
        }
    }

    #[test]
    fn an_entry_in_cbor_becomes_a_row() {
        let mut columns = LogColumns::default();
        cbor(Rat::Nr, &entry().encode(), &mut columns).unwrap();
        let e = &columns.entries;
        assert_eq!((e.relative_time_s[0], e.cell[0], e.rsrp[0], e.sinr[0]), (10, 0x1_2345_6701, 60, NONE_INDEX));
        assert_eq!(Plmn::from_packed(e.plmn[0]).unwrap().to_string(), "234-15");
        assert_eq!((e.latitude[0], e.longitude[0]), (0x49_3e93, -0x1235));
        assert_eq!(columns.neighbours.rat, [NeighbourRat::Nr, NeighbourRat::Lte]);
        assert_eq!(columns.neighbours_of(0), 0..2);
    }

    /// An entry in UPER hardly ever ends with an octet: what fills it up is no more of it, a whole octet behind it is.
    #[test]
    fn an_entry_in_uper_becomes_a_row_wherever_it_ends() {
        let ecgi = lte::Ecgi { plmn: Plmn::new("234", "15").unwrap(), cell: 257 };
        let cell =
            lte::EutraCell { pci: 1, cgi: None, result: lte::EutraResult { rsrp: Some(3), ..Default::default() } };
        for cells in 0..8 {
            let mut written = lte::LogMeasInfo::new(10, ecgi, lte::ServingResult { rsrp: 60, rsrq: 30 });
            let eutra = (cells > 0).then(|| vec![lte::EutraCarrier { earfcn: 1300, cells: vec![cell.clone(); cells] }]);
            written.neighbours = eutra.map(|eutra| lte::Neighbours { eutra: Some(eutra), ..Default::default() });
            let mut octets = written.encode().unwrap();
            let mut columns = LogColumns::default();
            assert!(lte::entry_alone(&octets, &mut columns).is_ok(), "{cells} neighbours");
            assert_eq!((columns.entries.rsrp[0], columns.neighbours.pci.len()), (60, cells));
            octets.push(0);
            assert!(lte::entry_alone(&octets, &mut columns).is_err() && columns.len() == 1);
        }
    }

    #[test]
    fn what_is_no_entry_adds_nothing() {
        let mut late = entry();
        late.relative_s = 7201;
        let mut cell = entry();
        cell.serving.as_mut().unwrap().cell.cell = 1 << 36;
        let mut digit = entry();
        digit.serving.as_mut().unwrap().cell.plmn = [0xaa; 3];
        let mut neighbour = entry();
        neighbour.neighbours[1].pci = 504;
        let mut columns = LogColumns::default();
        for wrong in [late, cell, digit, neighbour] {
            assert_eq!(cbor(Rat::Nr, &wrong.encode(), &mut columns), None);
        }
        assert_eq!(cbor(Rat::Nr, b"", &mut columns), None);
        assert!(columns.is_empty() && columns.neighbours.pci.is_empty() && columns.shapes.is_empty());
    }

    #[test]
    fn networks_of_two_and_three_digits() {
        for (octets, text) in
            [([0x32, 0xf4, 0x51], "234-15"), ([0x13, 0x00, 0x62], "310-260"), ([0x62, 0xf2, 0x10], "262-01")]
        {
            assert_eq!(Plmn::from_octets(octets).unwrap().to_string(), text);
            assert_eq!(Plmn::from_octets(octets).unwrap().to_octets(), octets);
        }
        assert_eq!(Plmn::from_octets([0x3a, 0xf4, 0x51]), None);
    }
}
