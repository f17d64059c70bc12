//! Logs, jobs and a folder in memory.

#![allow(dead_code, clippy::unwrap_used, clippy::panic, reason = "helpers of tests, each used by some of them")]

use bytes::Bytes;
use lcs::Timestamp;
use mdt::job::TraceJob;
use mdt::rrc::{AbsoluteTime, LogColumns, LogHead, NONE_COORDINATE, NONE_INDEX, NONE_NUMBER, NeighbourRat, Plmn, Rat};
use mdt_store::*;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// 2026-11-28T12:00:00Z.
pub(crate) const NOON: Timestamp = Timestamp::from_secs(1_795_867_200);

/// A folder whose content outlives the store, with a number of changes after which the machine stops.
#[derive(Clone, Default)]
pub(crate) struct Folder {
    pub(crate) files: Rc<RefCell<BTreeMap<String, Bytes>>>,
    pub(crate) changes_left: Rc<RefCell<Option<usize>>>,
}

impl Folder {
    fn change(&self, what: &'static str, name: &str) -> Result<(), FilesError> {
        let mut left = self.changes_left.borrow_mut();
        match left.as_mut() {
            Some(0) => Err(FilesError { what, name: name.to_owned(), why: "the machine stopped".to_owned() }),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Files for Folder {
    fn read(&self, name: &str) -> Result<Option<Bytes>, FilesError> {
        Ok(self.files.borrow().get(name).cloned())
    }

    fn put(&mut self, name: &str, content: &[u8]) -> Result<(), FilesError> {
        self.change("write", name)?;
        self.files.borrow_mut().insert(name.to_owned(), Bytes::copy_from_slice(content));
        Ok(())
    }

    fn remove(&mut self, name: &str) -> Result<(), FilesError> {
        self.change("remove", name)?;
        self.files.borrow_mut().remove(name);
        Ok(())
    }

    fn list(&self) -> Result<Vec<String>, FilesError> {
        Ok(self.files.borrow().keys().cloned().collect())
    }
}

/// A job as an operator writes it; `rest` goes into it.
pub(crate) fn job(trace_id: &str, anonymization: Option<&str>, target: Option<&str>) -> TraceJob {
    let anonymization = anonymization.map_or(String::new(), |a| format!("\"anonymizationOfMdtData\":\"{a}\","));
    let target = target.map_or(String::new(), |imsi| {
        format!(",\"traceTarget\":{{\"TargetIdType\":\"IMSI\",\"TargetIdValue\":\"{imsi}\"}}")
    });
    let text = format!(
        r#"{{"jobType":"LOGGED_MDT_ONLY","traceReference":{{"mcc":"234","mnc":"15","traceId":"{trace_id}"}},
        "mdtConfig":{{{anonymization}"loggedMDTConfig":{{"traceCollectionEntityId":1,"loggingDuration":"7200s",
        "loggingInterval":{{"LTE":["5.12s"]}},"plmnList":[{{"mcc":"234","mnc":"15"}}]}}}}{target}}}"#
    );
    TraceJob::from_json(text.as_bytes()).unwrap()
}

pub(crate) fn area_job() -> TraceJob {
    job("000001", None, None)
}

pub(crate) fn anonymiser() -> Anonymiser<NoModels> {
    Anonymiser::new(SessionKey::new([7; 32]), NoModels, 100)
}

/// A log of `job` with nothing in it.
pub(crate) fn empty_log(job: &TraceJob, session: u16, rat: Rat, began: Timestamp) -> LogColumns {
    let trace = job.trace_head(session.to_be_bytes()).unwrap();
    let absolute_time = AbsoluteTime::from_timestamp(began);
    LogColumns {
        heads: vec![LogHead {
            rat,
            trace,
            absolute_time,
            entries_start: 0,
            entries_end: 0,
            available: false,
            available_bluetooth: false,
            available_wlan: false,
        }],
        ..LogColumns::default()
    }
}

/// Technology, carrier, identity, quantities.
pub(crate) type Near = (NeighbourRat, Option<u32>, u16, [Option<i8>; 3]);

/// What an entry of a test is made from.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) time_s: u16,
    pub(crate) position: Option<(i32, i32)>,
    pub(crate) uncertainty: Option<u8>,
    pub(crate) network: Option<Plmn>,
    pub(crate) cell: Option<u64>,
    pub(crate) tac: Option<u32>,
    pub(crate) quantities: [Option<i8>; 3],
    pub(crate) flags: u8,
    pub(crate) neighbours: Vec<Near>,
}

pub(crate) fn uk() -> Plmn {
    Plmn::new("234", "15").unwrap()
}

/// An entry in London, `step` steps of the grid further north.
pub(crate) fn london(time_s: u16, step: i32) -> Made {
    Made {
        time_s,
        position: Some((4_800_837 + step, -5_956)),
        uncertainty: Some(18),
        network: Some(uk()),
        cell: Some(0x123_4501),
        tac: Some(0x1234),
        quantities: [Some(40), Some(20), None],
        flags: 0,
        neighbours: vec![(NeighbourRat::Lte, Some(1300), 10, [Some(35), Some(18), None])],
    }
}

pub(crate) fn add(log: &mut LogColumns, made: &Made) {
    let none = |index: Option<i8>| index.unwrap_or(NONE_INDEX);
    for (rat, carrier, pci, [rsrp, rsrq, sinr]) in &made.neighbours {
        let n = &mut log.neighbours;
        n.rat.push(*rat);
        n.carrier.push(carrier.unwrap_or(NONE_NUMBER));
        n.pci.push(*pci);
        n.rsrp.push(none(*rsrp));
        n.rsrq.push(none(*rsrq));
        n.sinr.push(none(*sinr));
    }
    let (latitude, longitude) = made.position.unwrap_or((NONE_COORDINATE, NONE_COORDINATE));
    let [rsrp, rsrq, sinr] = made.quantities.map(none);
    let end = log.neighbours.pci.len() as u32;
    let e = &mut log.entries;
    e.relative_time_s.push(made.time_s);
    e.latitude.push(latitude);
    e.longitude.push(longitude);
    e.uncertainty.push(made.uncertainty.unwrap_or(255));
    e.plmn.push(made.network.map_or(NONE_NUMBER, Plmn::packed));
    e.cell.push(made.cell.unwrap_or(u64::MAX));
    e.tac.push(made.tac.unwrap_or(NONE_NUMBER));
    e.rsrp.push(rsrp);
    e.rsrq.push(rsrq);
    e.sinr.push(sinr);
    e.flags.push(made.flags);
    e.neighbours_end.push(end);
    let rows = log.len() as u32;
    if let Some(head) = log.heads.last_mut() {
        head.entries_end = rows;
    }
}

/// A log of a job without identity with these entries, anonymised.
pub(crate) fn kept(job: &TraceJob, session: u16, erasure: Option<[u8; 32]>, entries: &[Made]) -> AnonymisedRows {
    let mut log = empty_log(job, session, Rat::Lte, NOON);
    entries.iter().for_each(|made| add(&mut log, made));
    anonymiser().management(job, &log, Told::Nothing, erasure, NOON).unwrap().0
}

/// Rows with their neighbours, in an order that depends on their content alone.
pub(crate) fn content(rows: &AnonymisedRows) -> Vec<String> {
    let show = |row: Row, neighbours: Vec<Neighbour>| {
        let o = row.origin;
        let near: Vec<_> = neighbours.iter().map(|n| (n.rat as u8, n.carrier, n.pci, n.rsrp, n.rsrq, n.sinr)).collect();
        format!(
            "{} {:?} {:?} {:x} {:?} {:?} {:?} | {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {} | {near:?}",
            row.time_ms,
            o.job,
            o.rat,
            o.session,
            o.erasure,
            o.subject.map(|s| s.0),
            o.model,
            row.position,
            row.uncertainty,
            row.network,
            row.cell,
            row.tracking_area,
            row.rsrp,
            row.rsrq,
            row.sinr,
            row.flags
        )
    };
    let mut lines: Vec<String> =
        (0..rows.len()).map(|at| show(rows.row(at).unwrap(), rows.neighbours(at).collect())).collect();
    lines.sort();
    lines
}

/// All of a store.
pub(crate) fn stored(store: &Store<Folder>) -> Vec<String> {
    let mut all = AnonymisedRows::default();
    store.parts(None).for_each(|rows| all.append(&rows.unwrap()));
    content(&all)
}
