//! From rows of a survey to logs.

use super::SurveyColumns;
use crate::rrc::{NONE_NUMBER, NeighbourRat, Place, Rat, Row, SingleLog, SingleLogs, TraceHead};

impl SurveyColumns {
    /// The rows as logs of this job and session. Lines of one time are one entry: the first cell that served, and the others as its
    /// neighbours; where none served, all are neighbours.
    #[must_use]
    pub fn logs(&self, rat: Rat, trace: TraceHead) -> Vec<SingleLog> {
        let (mut logs, mut from) = (SingleLogs::default(), 0);
        while let Some(time) = self.time.get(from) {
            let same = self.time.iter().skip(from).take_while(|other| *other == time).count();
            let rows = from..from + same;
            let serving = rows.clone().find(|at| self.serving.get(*at).copied().unwrap_or_default());
            let neighbours: Vec<_> =
                rows.filter(|at| Some(*at) != serving).filter_map(|at| self.neighbour(rat, at)).collect();
            if let Some(row) = self.row(serving.unwrap_or(from), serving.is_some()) {
                logs.push(rat, trace, time.secs(), row, &neighbours);
            }
            from += same;
        }
        logs.finish()
    }

    fn row(&self, at: usize, serves: bool) -> Option<Row> {
        let place = Place {
            latitude: *self.latitude.get(at)?,
            longitude: *self.longitude.get(at)?,
            uncertainty: *self.uncertainty.get(at)?,
        };
        if !serves {
            return Some(Row { place, ..Row::EMPTY });
        }
        Some(Row {
            place,
            plmn: *self.plmn.get(at)?,
            cell: *self.cell.get(at)?,
            tac: *self.tac.get(at)?,
            rsrp: *self.rsrp.get(at)?,
            rsrq: *self.rsrq.get(at)?,
            sinr: *self.sinr.get(at)?,
            ..Row::EMPTY
        })
    }

    fn neighbour(&self, rat: Rat, at: usize) -> Option<(NeighbourRat, u32, u16, [i8; 3])> {
        let rat = match rat {
            Rat::Lte => NeighbourRat::Lte,
            Rat::Nr => NeighbourRat::Nr,
        };
        let carrier = self.carrier.get(at).copied().unwrap_or(NONE_NUMBER);
        let quantities = [*self.rsrp.get(at)?, *self.rsrq.get(at)?, *self.sinr.get(at)?];
        Some((rat, carrier, *self.pci.get(at)?, quantities))
    }
}
