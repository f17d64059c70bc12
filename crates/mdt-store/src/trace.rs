//! Rows as a trace file of TS 32.423. What no measurement of the standard says is in measurements of our own, so nothing is lost.

use crate::export::Export;
use crate::place::moment;
use crate::rows::{AnonymisedRows, Origin};
use crate::{Model, StoreError};
use lcs::Timestamp;
use mdt::rrc::{NeighbourRat, Plmn, Rat};
use mdt::trace_file::{Measurement, Session, TraceFile, Ue, names};
use std::collections::BTreeMap;

/// A neighbour, in the order of its words.
type Near = (u8, Option<u32>, u16, [Option<i8>; 3]);

/// A row in an order that depends on its content alone, as sessions of other stores have other numbers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Content {
    time_ms: i64,
    position: Option<(i32, i32)>,
    uncertainty: Option<u8>,
    network: Option<Plmn>,
    cell: Option<u64>,
    tracking_area: Option<u32>,
    quantities: [Option<i8>; 3],
    flags: u8,
    neighbours: Vec<Near>,
}

impl Export {
    /// All rows as one trace file: a session for each log, numbered by job in the order of their first rows.
    ///
    /// # Errors
    /// [`StoreError::Sessions`] where a job has more than such a file can number.
    pub fn trace(&self, rows: &AnonymisedRows) -> Result<TraceFile, StoreError> {
        let mut logs: BTreeMap<u32, Vec<Content>> = BTreeMap::new();
        for at in 0..rows.len() {
            let (Some(content), Some(origin)) = (content(rows, at), rows.origin.get(at)) else { continue };
            logs.entry(*origin).or_default().push(content);
        }
        let mut sessions: Vec<(&Origin, Vec<Content>)> = Vec::new();
        for (origin, mut log) in logs {
            log.sort_unstable();
            sessions.extend(rows.origins.get(origin as usize).map(|origin| (origin, log)));
        }
        let key = |origin: &Origin| (origin.job, origin.rat == Rat::Nr, self.told(origin.model));
        sessions.sort_by(|(a, rows_a), (b, rows_b)| key(a).cmp(&key(b)).then_with(|| rows_a.cmp(rows_b)));
        let mut file = TraceFile {
            format_version: "32.423 V16.0".to_owned(),
            vendor: Some("Wherefore".to_owned()),
            operator: None,
            sender_dn: None,
            sender_type: Some("TCE".to_owned()),
            begins: Timestamp::from_secs(0),
            sessions: Vec::with_capacity(sessions.len()),
        };
        let begins = sessions.iter().filter_map(|(_, log)| log.first()).map(|row| row.time_ms).min();
        file.begins = moment(begins.unwrap_or_default());
        let networks = |(origin, _): &(&Origin, Vec<Content>)| origin.job.plmn;
        let first = sessions.first().map(networks);
        file.operator = first.filter(|first| sessions.iter().all(|session| networks(session) == *first));
        let (mut job, mut number) = (None, 0_u32);
        for (origin, log) in &sessions {
            number = if job == Some(origin.job) { number + 1 } else { 0 };
            job = Some(origin.job);
            let reference = u16::try_from(number).map_err(|_| StoreError::Sessions)?.to_be_bytes();
            file.sessions.push(self.session(origin, log, reference));
        }
        Ok(file)
    }

    fn told(&self, model: Option<Model>) -> Option<Model> {
        model.filter(|model| self.tells(*model))
    }

    fn session(&self, origin: &Origin, log: &[Content], reference: [u8; 2]) -> Session {
        let began_ms = log.first().map_or(0, |row| row.time_ms);
        let mut measurements = Vec::new();
        for (at, row) in log.iter().enumerate() {
            let since_us = u64::try_from(row.time_ms - began_ms).unwrap_or_default() * 1000;
            let mut add = |name: &str, vendor_specific, value: String| {
                let name = name.to_owned();
                measurements.push(Measurement { name, since_us, vendor_specific, target_cell: None, value });
            };
            add(names::FLAGS, true, row.flags.to_string());
            if at == 0 {
                add(names::RAT, true, crate::schema::rat_name(origin.rat).to_owned());
            }
            row.measured(origin.rat, &mut add);
        }
        let ue = self.told(origin.model).map_or(Ue::None, |model| Ue::Model(model.as_str().to_owned()));
        let (started, job) = (moment(began_ms), Some(origin.job));
        Session { dn_prefix: None, reference, started, ue, measurements, responses: Vec::new(), job }
    }
}

impl Content {
    fn measured(&self, rat: Rat, add: &mut impl FnMut(&str, bool, String)) {
        let quantities = if rat == Rat::Nr { names::NR } else { names::LTE };
        for (name, index) in quantities.iter().zip(self.quantities) {
            if let Some(index) = index {
                add(name, false, index.to_string());
            }
        }
        if let Some((latitude, longitude)) = self.position {
            add(names::POSITION, true, format!("{latitude} {longitude}"));
        }
        let text = [
            (names::UNCERTAINTY, self.uncertainty.map(|code| code.to_string())),
            (names::NETWORK, self.network.map(|network| network.to_string())),
            (names::CELL, self.cell.map(|cell| cell.to_string())),
            (names::TRACKING_AREA, self.tracking_area.map(|area| area.to_string())),
        ];
        for (name, text) in text {
            if let Some(text) = text {
                add(name, true, text);
            }
        }
        let word = |number: Option<i64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        for (rat, carrier, pci, quantities) in &self.neighbours {
            let name = NeighbourRat::WORDS.get(usize::from(*rat)).map_or("", |(_, name)| name);
            let [rsrp, rsrq, sinr] = quantities.map(|index| word(index.map(i64::from)));
            let carrier = word(carrier.map(i64::from));
            add(names::NEIGHBOUR, true, format!("{name} {carrier} {pci} {rsrp} {rsrq} {sinr}"));
        }
    }
}

fn content(rows: &AnonymisedRows, at: usize) -> Option<Content> {
    let row = rows.row(at)?;
    let place = |rat: NeighbourRat| NeighbourRat::WORDS.iter().position(|(known, _)| *known == rat);
    let near = |n: crate::Neighbour| {
        let rat = u8::try_from(place(n.rat)?).ok()?;
        Some((rat, n.carrier, n.pci, [n.rsrp, n.rsrq, n.sinr]))
    };
    Some(Content {
        time_ms: row.time_ms,
        position: row.position,
        uncertainty: row.uncertainty,
        network: row.network,
        cell: row.cell,
        tracking_area: row.tracking_area,
        quantities: [row.rsrp, row.rsrq, row.sinr],
        flags: row.flags,
        // In the order of the report, which says which was the strongest.
        neighbours: rows.neighbours(at).filter_map(near).collect(),
    })
}
