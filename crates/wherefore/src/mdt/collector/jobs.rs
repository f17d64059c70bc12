//! Jobs whose logs are taken. Kept before they count, and read at start.

use crate::clock;
use crate::store::{Store, StoreError};
use lcs::Timestamp;
use mdt::job::{Anonymization, JobType, Subscriber, TraceJob};
use mdt::rrc::TraceReference;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use utoipa::ToSchema;

/// A job cannot be taken or stopped.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// It is no TraceJob, or breaks a rule.
    #[error(transparent)]
    Job(#[from] mdt::job::JobError),
    /// Nothing that phones log for a collector.
    #[error("jobType is none of LOGGED_MDT_ONLY, RLF_REPORT_ONLY and RCEF_REPORT_ONLY, which the collector takes")]
    Kind,
    /// Another is there under its trace reference.
    #[error("a job of this trace reference is there already; a reference names one job for ever")]
    Twice,
    /// There is none.
    #[error("there is no such job; `wherefore mdt job list` shows those that there are")]
    Unknown,
    /// It cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A job as it is listed. Names no subscriber.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobView {
    /// Trace reference, as `234-15-000001`.
    pub job: String,
    /// What it collects: `log`, with the failures in it; `rlf` or `rcef`, single reports of failures.
    pub kind: String,
    /// `area`, of whoever is there, or `subscriber`, of one.
    pub scope: String,
    /// What stays of who it was: `nothing`, `model`, or `subscriber`.
    pub keeps: String,
    /// Number of the collector that its logs go to.
    pub entity: u16,
    /// When it was stopped.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub stopped: Option<jiff::Timestamp>,
}

#[derive(Clone)]
struct Kept {
    job: Arc<TraceJob>,
    stopped: Option<Timestamp>,
}

/// All jobs.
pub(super) struct Jobs {
    books: Arc<Store>,
    jobs: RwLock<BTreeMap<TraceReference, Kept>>,
}

/// What a job collects, if it is one for a collector (TS 32.422 clause 5.9a).
fn kind(job: &TraceJob) -> Option<&'static str> {
    match job.job_type {
        JobType::LoggedMdtOnly => Some("log"),
        JobType::RlfReportOnly => Some("rlf"),
        JobType::RcefReportOnly => Some("rcef"),
        _ => None,
    }
}

impl Jobs {
    pub(super) async fn load(books: Arc<Store>) -> Result<Self, JobError> {
        let mut jobs = BTreeMap::new();
        for kept in books.mdt_jobs().await? {
            let job = TraceJob::from_json(&kept.json)?;
            if let Some(reference) = job.reference() {
                jobs.insert(reference, Kept { job: Arc::new(job), stopped: kept.stopped });
            }
        }
        Ok(Self { books, jobs: RwLock::new(jobs) })
    }

    /// Takes a job, durably.
    pub(super) async fn add(&self, json: &[u8]) -> Result<JobView, JobError> {
        let job = TraceJob::from_json(json)?;
        job.is_collected()?;
        if kind(&job).is_none() {
            return Err(JobError::Kind);
        }
        // Read and checked: it has one.
        let reference = job.reference().ok_or(JobError::Kind)?;
        if !self.books.put_mdt_job(&reference.to_string(), json).await? {
            return Err(JobError::Twice);
        }
        let kept = Kept { job: Arc::new(job), stopped: None };
        let view = view(reference, &kept);
        self.jobs.write().unwrap_or_else(PoisonError::into_inner).insert(reference, kept);
        Ok(view)
    }

    /// Stops a job, durably: its logs are refused from now on. Stopped once, it stays stopped.
    pub(super) async fn stop(&self, job: &str) -> Result<JobView, JobError> {
        let reference = mdt_store::job_of(job.as_bytes()).filter(|known| self.find(*known).is_some());
        let reference = reference.ok_or(JobError::Unknown)?;
        let now = clock::now();
        self.books.stop_mdt_job(&reference.to_string(), now).await?;
        let mut jobs = self.jobs.write().unwrap_or_else(PoisonError::into_inner);
        let kept = jobs.get_mut(&reference).ok_or(JobError::Unknown)?;
        kept.stopped.get_or_insert(now);
        Ok(view(reference, kept))
    }

    fn find(&self, reference: TraceReference) -> Option<Kept> {
        self.jobs.read().unwrap_or_else(PoisonError::into_inner).get(&reference).cloned()
    }

    /// The subscriber of a job, running or not.
    pub(super) fn subscriber(&self, reference: TraceReference) -> Option<Subscriber> {
        self.find(reference).and_then(|kept| kept.job.subscriber().copied())
    }

    /// Forgets jobs that were stopped before this moment. Says how many.
    pub(super) async fn forget_stopped_before(&self, at: Timestamp) -> Result<u64, JobError> {
        let gone = self.books.forget_mdt_jobs_stopped_before(at).await?;
        if gone > 0 {
            let mut jobs = self.jobs.write().unwrap_or_else(PoisonError::into_inner);
            jobs.retain(|_, kept| kept.stopped.is_none_or(|stopped| stopped.secs() >= at.secs()));
        }
        Ok(gone)
    }

    /// A job that runs.
    pub(super) fn running(&self, reference: TraceReference) -> Option<Arc<TraceJob>> {
        self.find(reference).filter(|kept| kept.stopped.is_none()).map(|kept| kept.job)
    }

    /// Jobs of areas that run, in the order of their references.
    pub(super) fn of_areas(&self) -> Vec<(TraceReference, Arc<TraceJob>)> {
        let jobs = self.jobs.read().unwrap_or_else(PoisonError::into_inner);
        let runs = jobs.iter().filter(|(_, kept)| kept.stopped.is_none() && kept.job.subscriber().is_none());
        runs.map(|(reference, kept)| (*reference, Arc::clone(&kept.job))).collect()
    }

    /// Whether data of a job that somebody brings may be kept: it is not here, or it is the same and runs.
    pub(super) fn allows(&self, reference: TraceReference, job: &TraceJob) -> bool {
        self.find(reference).is_none_or(|kept| kept.stopped.is_none() && *kept.job == *job)
    }

    /// Jobs of areas that run and ask for reports of failures, in the order of their references.
    pub(super) fn reporting(&self) -> Vec<(TraceReference, Arc<TraceJob>)> {
        let mut jobs = self.of_areas();
        jobs.retain(|(_, job)| job.job_type != JobType::LoggedMdtOnly);
        jobs
    }

    /// All of them, in the order of their references.
    pub(super) fn views(&self) -> Vec<JobView> {
        let jobs = self.jobs.read().unwrap_or_else(PoisonError::into_inner);
        jobs.iter().map(|(reference, kept)| view(*reference, kept)).collect()
    }
}

fn view(reference: TraceReference, kept: &Kept) -> JobView {
    let (scope, keeps) = match kept.job.anonymization() {
        None => ("subscriber", "subscriber"),
        Some(Anonymization::NoIdentity) => ("area", "nothing"),
        Some(Anonymization::TacOfImei) => ("area", "model"),
    };
    let moment = |at: Timestamp| jiff::Timestamp::from_second(i64::try_from(at.secs()).ok()?).ok();
    JobView {
        job: reference.to_string(),
        kind: kind(&kept.job).unwrap_or_default().to_owned(),
        scope: scope.to_owned(),
        keeps: keeps.to_owned(),
        entity: kept.job.logged().map_or(0, |logged| logged.trace_collection_entity_id),
        stopped: kept.stopped.and_then(moment),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[tokio::test]
    async fn a_job_whose_measurements_nobody_brings_is_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        let settings = config::Store {
            path: dir.path().join("w.db"),
            key_file: dir.path().join("w.key"),
            ..config::Store::default()
        };
        let jobs = Jobs::load(Arc::new(Store::open(&settings).await.unwrap())).await.unwrap();
        let job = |kind: &str, config: &str| {
            format!(
                r#"{{"jobType": "{kind}", "traceReference": {{"mcc": "234", "mnc": "15", "traceId": "000001"}},
                    "mdtConfig": {{{config}}}}}"#
            )
        };
        let immediate = job("IMMEDIATE_MDT_ONLY", r#""immediateMDTConfig": {"listOfMeasurements": {"LTE": ["M2"]}}"#);
        let refused = jobs.add(immediate.as_bytes()).await.unwrap_err();
        assert!(refused.to_string().contains("cannot be collected here"), "{refused}");
        assert!(matches!(jobs.add(job("TRACE_ONLY", "").as_bytes()).await, Err(JobError::Job(_))));
        assert!(jobs.views().is_empty());
        let taken = jobs.add(job("RLF_REPORT_ONLY", "").as_bytes()).await.unwrap();
        assert_eq!((taken.kind.as_str(), taken.scope.as_str()), ("rlf", "area"));
        jobs.books.close().await;
    }
}
