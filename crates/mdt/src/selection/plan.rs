//! What a job asks of the consent register.

use crate::job::{Anonymization, JobType, PlmnId as JobPlmn, Subscriber, TraceJob};
use lcs::{Duration, PlmnId};
use privacy::consent::{Keeps, Purpose, Question};

/// A job, as far as consent is concerned.
#[derive(Debug, Clone)]
pub struct Plan {
    purpose: Purpose,
    keeps: Keeps,
    plmns: Vec<PlmnId>,
    subscriber: Option<Subscriber>,
    logs_for: Option<Duration>,
}

/// Why a job cannot be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Not a job that this selects for: trace, or several at once.
    #[error("the job is no MDT of one purpose: trace is not selected for here, and jobs that join purposes are split")]
    JobType,
    /// A network is none.
    #[error("a network of the job is none")]
    Plmn,
    /// Of one subscriber, where an area was expected.
    #[error("the job is signalling based: it has one subscriber, and no area is searched for it")]
    SignallingBased,
    /// Of an area, where a subscriber was expected.
    #[error("the job is management based: it has no subscriber")]
    ManagementBased,
}

fn plmn(job: &JobPlmn) -> Result<PlmnId, PlanError> {
    PlmnId::new(&job.mcc, &job.mnc).ok_or(PlanError::Plmn)
}

impl Plan {
    /// What a job asks.
    ///
    /// # Errors
    /// It cannot be carried out.
    pub fn of(job: &TraceJob) -> Result<Self, PlanError> {
        let purpose = match job.job_type {
            JobType::LoggedMdtOnly => Purpose::LoggedMdt,
            JobType::ImmediateMdtOnly => Purpose::ImmediateMdt,
            JobType::RlfReportOnly | JobType::RcefReportOnly => Purpose::FailureReports,
            _ => return Err(PlanError::JobType),
        };
        let keeps = match job.anonymization() {
            None => Keeps::Identified,
            Some(Anonymization::NoIdentity) => Keeps::NoIdentity,
            Some(Anonymization::TacOfImei) => Keeps::TacOfImei,
        };
        let list = job.logged().map(|logged| logged.plmn_list.as_slice()).unwrap_or_default();
        let plmns: Result<Vec<_>, _> = list.iter().map(plmn).collect();
        let logs_for = job.logging_duration_s().map(|secs| Duration::from_secs(secs.into()));
        Ok(Self { purpose, keeps, plmns: plmns?, subscriber: job.subscriber().copied(), logs_for })
    }

    /// The same job's reports of failures, which are a purpose of their own.
    #[must_use]
    pub fn of_failures(self) -> Self {
        Self { purpose: Purpose::FailureReports, ..self }
    }

    /// The subscriber of a signalling based job.
    #[must_use]
    pub fn subscriber(&self) -> Option<&Subscriber> {
        self.subscriber.as_ref()
    }

    /// For how long phones log for it; `None` where they report at once.
    #[must_use]
    pub fn logs_for(&self) -> Option<Duration> {
        self.logs_for
    }

    /// The question about somebody registered in this network.
    #[must_use]
    pub fn question(&self, registered: PlmnId) -> Question {
        Question { purpose: self.purpose, registered, plmns: self.plmns.clone(), keeps: self.keeps }
    }
}
