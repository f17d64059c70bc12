//! From the measurements of a session to columns.

use super::{Measurement, Session, TraceFile, names};
use crate::rrc::{
    NONE_INDEX, NONE_NUMBER, NeighbourRat, Place, Plmn, Quantity, Rat, Row, SingleLog, SingleLogs, TraceHead,
};

/// What became of the measurements of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ColumnCounts {
    /// Rows.
    pub rows: u64,
    /// Measurements that have no column, as power headroom, and further values of lists: passed over.
    pub without_column: u64,
    /// Measurements whose value is none of their name's: passed over.
    pub unsound: u64,
}

/// Which column a measurement belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    /// RSRP, RSRQ, SINR.
    Quantity(usize),
    Flags,
    Rat,
    Position,
    Uncertainty,
    Network,
    Cell,
    TrackingArea,
    Neighbour,
}

type Near = (NeighbourRat, u32, u16, [i8; 3]);

/// A row in the making.
struct Made {
    since_us: u64,
    row: Row,
    rat: Rat,
    neighbours: Vec<Near>,
    seen: Vec<Column>,
}

impl Session {
    /// Rows of the session in logs of the job and session that it names; nothing where it names no job.
    ///
    /// Measurements of one `changeTime` are a row, unless a name comes twice: then that begins the next. Times go to whole seconds, and of
    /// a list of values the first is the serving cell's (TS 32.423 clause 4.16.1).
    #[must_use]
    pub fn columns(&self, file: &TraceFile) -> (Vec<SingleLog>, ColumnCounts) {
        let (mut logs, mut counts) = (SingleLogs::default(), ColumnCounts::default());
        let Some(job) = self.job else { return (Vec::new(), counts) };
        let trace = TraceHead { trace_reference: job, recording_session: self.reference, tce_id: 0 };
        let rat = self.rat(file);
        let mut keep = |made: Option<Made>, counts: &mut ColumnCounts| {
            // A row of nothing but what technology it is of says nothing.
            let Some(made) = made.filter(|made| made.seen.iter().any(|column| *column != Column::Rat)) else { return };
            let at_us = self.started.micros().saturating_add(made.since_us);
            logs.push(made.rat, trace, at_us / 1_000_000, made.row, &made.neighbours);
            counts.rows += 1;
        };
        let mut made: Option<Made> = None;
        for measured in &self.measurements {
            let Some(column) = column(measured) else {
                counts.without_column += 1;
                continue;
            };
            let goes_on = |made: &Made| {
                let again = column != Column::Neighbour && made.seen.contains(&column);
                made.since_us == measured.since_us && !again
            };
            if !made.as_ref().is_some_and(goes_on) {
                let next = Made {
                    since_us: measured.since_us,
                    row: Row::EMPTY,
                    rat: made.as_ref().map_or(rat, |made| made.rat),
                    neighbours: Vec::new(),
                    seen: Vec::new(),
                };
                keep(made.replace(next), &mut counts);
            }
            let Some(made) = made.as_mut() else { continue };
            match made.take(column, &measured.value) {
                Some(further) => {
                    made.seen.push(column);
                    counts.without_column += further;
                }
                None => counts.unsound += 1,
            }
        }
        keep(made, &mut counts);
        (logs.finish(), counts)
    }

    /// What its sender is, what it says itself, what its measurements are called; LTE where nothing tells.
    #[must_use]
    pub fn rat(&self, file: &TraceFile) -> Rat {
        let told = self.measurements.iter().find(|m| m.name == names::RAT).and_then(|m| rat_of(&m.value));
        let by_sender = match file.sender_type.as_deref() {
            Some("gNB") => Some(Rat::Nr),
            Some("eNB") => Some(Rat::Lte),
            _ => None,
        };
        let nr = |m: &Measurement| names::NR.iter().any(|name| plain(&m.name).eq(plain(name)));
        let by_name = if self.measurements.iter().any(nr) { Rat::Nr } else { Rat::Lte };
        told.or(by_sender).unwrap_or(by_name)
    }
}

fn rat_of(value: &str) -> Option<Rat> {
    match value {
        "LTE" => Some(Rat::Lte),
        "NR" => Some(Rat::Nr),
        _ => None,
    }
}

/// A name without case, blanks and hyphens.
pub(super) fn plain(name: &str) -> impl Iterator<Item = u8> + '_ {
    name.bytes().filter(|c| !matches!(c, b' ' | b'-' | b'_')).map(|c| c.to_ascii_lowercase())
}

fn column(measured: &Measurement) -> Option<Column> {
    let own = match measured.name.as_str() {
        names::FLAGS => Some(Column::Flags),
        names::RAT => Some(Column::Rat),
        names::POSITION => Some(Column::Position),
        names::UNCERTAINTY => Some(Column::Uncertainty),
        names::NETWORK => Some(Column::Network),
        names::CELL => Some(Column::Cell),
        names::TRACKING_AREA => Some(Column::TrackingArea),
        names::NEIGHBOUR => Some(Column::Neighbour),
        _ => None,
    };
    if measured.vendor_specific {
        return own;
    }
    let known = names::LTE.iter().zip(&names::NR).enumerate();
    let is = |name: &str| plain(&measured.name).eq(plain(name));
    let mut at = known.filter(|(at, (lte, nr))| is(lte) || is(nr) || (*at == 2 && is("SINR"))).map(|(at, _)| at);
    at.next().map(Column::Quantity)
}

impl Made {
    /// Puts a value into its column, and says how many further values of a list were passed over; `None` where it is none of the column's.
    fn take(&mut self, column: Column, value: &str) -> Option<u64> {
        let mut words = value.split(|c: char| c.is_ascii_whitespace() || c == ',').filter(|word| !word.is_empty());
        let first = words.next()?;
        let row = &mut self.row;
        match column {
            Column::Quantity(at) => {
                let (least, greatest) = Quantity::of(self.rat).get(at)?.range();
                let index = first.parse().ok().filter(|index| (least..=greatest).contains(index))?;
                *[&mut row.rsrp, &mut row.rsrq, &mut row.sinr].into_iter().nth(at)? = index;
                return Some(words.count() as u64);
            }
            Column::Flags => row.flags = first.parse().ok()?,
            Column::Rat => self.rat = rat_of(first)?,
            Column::Position => {
                let latitude: i32 = first.parse().ok().filter(|code| (-0x7F_FFFF..=0x7F_FFFF).contains(code))?;
                let longitude = words.next()?.parse().ok().filter(|code| (-0x80_0000..=0x7F_FFFF).contains(code))?;
                row.place = Place { latitude, longitude, ..row.place };
            }
            Column::Uncertainty => row.place.uncertainty = first.parse().ok().filter(|code| *code <= 127)?,
            Column::Network => {
                let (mcc, mnc) = first.split_once('-')?;
                row.plmn = Plmn::new(mcc, mnc)?.packed();
            }
            Column::Cell => row.cell = first.parse().ok().filter(|cell| *cell < 1 << 36)?,
            Column::TrackingArea => row.tac = first.parse().ok().filter(|tac| *tac <= 0xFF_FFFF)?,
            Column::Neighbour => {
                let (rat, _) = NeighbourRat::WORDS.iter().find(|(_, name)| *name == first)?;
                let carrier = known(words.next()?, NONE_NUMBER)?;
                let pci = words.next()?.parse().ok()?;
                let mut index = || words.next().and_then(|word| known(word, NONE_INDEX));
                self.neighbours.push((*rat, carrier, pci, [index()?, index()?, index()?]));
            }
        }
        words.next().is_none().then_some(0)
    }
}

/// A number, or `none` for `-`.
fn known<T: core::str::FromStr>(word: &str, none: T) -> Option<T> {
    if word == "-" { Some(none) } else { word.parse().ok() }
}
