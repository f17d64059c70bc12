//! Logs put together from single measurements, as files of other programs have them.

use super::columns::Row;
use super::{AbsoluteTime, LogColumns, LogHead, NeighbourRat, Rat, TraceHead};
use lcs::Timestamp;

/// A log of one head.
pub struct SingleLog {
    /// When it began, to the second; all four digits of the year are known.
    pub began: Timestamp,
    /// Its entries.
    pub columns: LogColumns,
}

/// Single measurements in logs: a new one wherever time runs back, or on for longer than a log can tell.
#[derive(Default)]
pub struct SingleLogs {
    logs: Vec<SingleLog>,
}

impl SingleLogs {
    /// The logs.
    #[must_use]
    pub fn finish(self) -> Vec<SingleLog> {
        self.logs
    }

    /// Adds a measurement at a whole second, with neighbours: technology, carrier, identity, quantities.
    pub(crate) fn push(
        &mut self,
        rat: Rat,
        trace: TraceHead,
        at_s: u64,
        row: Row,
        neighbours: &[(NeighbourRat, u32, u16, [i8; 3])],
    ) {
        let fits = |log: &SingleLog| {
            let same = log.columns.heads.first().is_some_and(|head| head.rat == rat && head.trace == trace);
            let last = log.columns.entries.relative_time_s.last().copied().unwrap_or_default();
            let since = at_s.checked_sub(log.began.secs()).and_then(|since| u16::try_from(since).ok());
            since.filter(|since| same && *since >= last)
        };
        let relative = match self.logs.last().and_then(fits) {
            Some(relative) => relative,
            None => {
                let began = Timestamp::from_secs(at_s);
                self.logs.push(SingleLog { began, columns: empty(rat, trace, began) });
                0
            }
        };
        let Some(SingleLog { columns, .. }) = self.logs.last_mut() else { return };
        for (rat, carrier, pci, quantities) in neighbours {
            columns.push_neighbour(*rat, *carrier, *pci, *quantities);
        }
        columns.push(&Row { relative_time_s: relative, ..row });
        let end = columns.len() as u32;
        if let Some(head) = columns.heads.first_mut() {
            head.entries_end = end;
        }
    }
}

fn empty(rat: Rat, trace: TraceHead, began: Timestamp) -> LogColumns {
    let head = LogHead {
        rat,
        trace,
        absolute_time: AbsoluteTime::from_timestamp(began),
        entries_start: 0,
        entries_end: 0,
        available: false,
        available_bluetooth: false,
        available_wlan: false,
    };
    LogColumns { heads: vec![head], ..LogColumns::default() }
}
