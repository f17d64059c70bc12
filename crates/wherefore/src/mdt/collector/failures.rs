//! Reports of failures: single ones, and those among the records of a log (TS 37.320 clause 5.1.6). Job and consent decide, as of a log.
//!
//! A single report names no job. What it was given when its person was asked, the reference, does; where the network selects, its kind does:
//! the oldest running job of an area that asks for such reports.

use super::Collector;
use super::consent::{Admitted, Refusal, admit_report};
use super::intake::{Counts, NotTaken, Opened, Presented, opened_epoch};
use lcs::Timestamp;
use mdt::job::TraceJob;
use mdt::rrc::FailureRecord;
use mdt_log::ReportHead;
use mdt_log::open::open_report;
use mdt_store::{AnonymisedFailures, Told};
use std::sync::Arc;

/// A job that a report may be of, and what may be kept of it.
pub(super) type Candidate = (Arc<TraceJob>, Admitted);

impl Collector {
    /// Jobs and consent, looked up for a single report.
    pub(super) fn admit_report(&self, head: &ReportHead, now: Timestamp) -> Result<Vec<Candidate>, Refusal> {
        admit_report(&self.consents, &self.references, self.config.consent, &self.jobs, head, now)
    }

    /// Opens, reads and anonymises a single report.
    pub(super) fn read_report(
        &self,
        sealed: &[u8],
        head: &ReportHead,
        candidates: &[Candidate],
        presented: Presented,
        now: Timestamp,
    ) -> Result<Opened, NotTaken> {
        let keys = self.keys.private();
        let unlocked = opened_epoch(presented.unlock, &keys)?;
        let mut read = None;
        open_report(sealed, &keys, &unlocked, |head, record| {
            read = FailureRecord::read(record.kind, head.content, record.content).ok();
        })?;
        let mut opened = Opened::default();
        let Some(record) = read else {
            opened.counts = Counts { unreadable: 1, ..Counts::default() };
            return Ok(opened);
        };
        opened.counts = Counts { not_wanted: 1, ..Counts::default() };
        let Some((job, admitted)) = candidates.iter().find(|(job, _)| job.asks_for(record.kind)) else {
            return Ok(opened);
        };
        opened.failures = self.anonymise_failures(job, admitted, &[record], presented.told, head.erasure, now)?;
        if !opened.failures.is_empty() {
            opened.counts = Counts { kept: 1, ..Counts::default() };
        }
        Ok(opened)
    }

    /// Failures as the job allows them, of the networks that the consent lists.
    pub(super) fn anonymise_failures(
        &self,
        job: &TraceJob,
        admitted: &Admitted,
        records: &[FailureRecord],
        told: Told,
        erasure: [u8; 32],
        now: Timestamp,
    ) -> Result<AnonymisedFailures, NotTaken> {
        let wanted = |record: &&FailureRecord| {
            let listed = admitted.networks.as_ref();
            listed.is_none_or(|listed| record.network().is_some_and(|network| listed.contains(&network)))
        };
        let placed = |record: &FailureRecord| if admitted.coarse { record.without_position() } else { *record };
        let records: Vec<FailureRecord> = records.iter().filter(wanted).map(placed).collect();
        let erasure = Some(erasure);
        Self::anonymised(match &admitted.signalling {
            Some(consent) => self.anonymiser.signalling_failures(consent, job, &records, erasure, now),
            None => self.anonymiser.management_failures(job, &records, told, erasure, now),
        })
    }
}
