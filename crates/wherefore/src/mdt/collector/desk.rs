//! What the operator asks of the collector, by the admin API.

use super::consent::{Refusal, refer};
use super::jobs::{JobError, JobView};
use super::keys::CollectorKeyView;
use super::{Collector, EraseError, ErasedRows};
use crate::clock;
use crate::forms::to_hex;
use lcs::Identities;
use mdt::selection::{Plan, Reason};
use mdt_store::SubjectId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What goes to a phone together with a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReferenceView {
    /// The reference, hexadecimal: the phone's log brings it back.
    pub reference: String,
    /// Networks where the phone may log, as `262-01`.
    pub plmns: Vec<String>,
}

/// The register's name for a subscriber.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubjectView {
    /// 32 hexadecimal digits: what rows of signalling based jobs hold, `--subject` of `wherefore mdt export`.
    pub subject: String,
}

/// A person may not be given a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferError {
    /// There is no such job, or it was stopped.
    #[error("no such job runs")]
    Job,
    /// The register says no, or the job is of one subscriber and takes no reference.
    #[error(
        "the consent register does not allow this job of this person; or the job is of one subscriber and needs no reference"
    )]
    Refused,
    /// The phone was given as many jobs of areas as it may be.
    #[error(
        "the phone was given as many jobs as mdt.duty_jobs allows within mdt.duty_within_s; ask later, or somebody else"
    )]
    Duty,
    /// A job of the person's own may still log, and another would replace it.
    #[error("a job of this subscriber's own may still log, and this one would replace it; ask when it has ended")]
    OwnJob,
    /// The register does not answer, or who is given the job cannot be kept.
    #[error("the consent register does not answer, or the store cannot write; nobody is asked until they do")]
    Unavailable,
}

impl Collector {
    /// All jobs.
    pub(crate) fn jobs(&self) -> Vec<JobView> {
        self.jobs.views()
    }

    /// Takes a job, durably.
    pub(crate) async fn add_job(&self, json: &[u8]) -> Result<JobView, JobError> {
        self.jobs.add(json).await
    }

    /// Stops a job, durably: its logs are refused from now on.
    pub(crate) async fn stop_job(&self, job: &str) -> Result<JobView, JobError> {
        self.jobs.stop(job).await
    }

    /// Asks the register whether a person may be given a job, and draws the reference that goes with it. Of a job of an area that is one
    /// more duty of the phone, durable before the reference leaves. Waits: not to be called where tasks run.
    pub(crate) fn refer(&self, job: &str, who: &Identities) -> Result<ReferenceView, ReferError> {
        let reference = mdt_store::job_of(job.as_bytes()).ok_or(ReferError::Job)?;
        let job = self.jobs.running(reference).ok_or(ReferError::Job)?;
        let plan = Plan::of(&job).map_err(|_| ReferError::Job)?;
        let (cap, now) = (self.duties.cap, clock::now());
        let mut known = self.duties.blocking_lock();
        known.ledger.prune(cap, now);
        let referred = refer(&self.duties.port(&self.consents, &known), &plan, (&job, reference), who);
        let (person, plmns) = referred.map_err(|refusal| match refusal {
            Refusal::NotWanted => ReferError::Refused,
            Refusal::Unavailable => ReferError::Unavailable,
        })?;
        let sealed = self.references.seal(person, reference).ok_or(ReferError::Unavailable)?;
        if plan.subscriber().is_none() {
            let taken_on = known.ledger.take_on(person, plan.logs_for().is_some(), cap, now);
            taken_on.map_err(|why| if why == Reason::OwnJob { ReferError::OwnJob } else { ReferError::Duty })?;
            self.duties.keep(&known.ledger, &[person]).map_err(|error| {
                tracing::error!(%error, "who is given a job of MDT cannot be kept, so nobody is");
                ReferError::Unavailable
            })?;
        }
        let plmns = plmns.iter().map(ToString::to_string).collect();
        Ok(ReferenceView { reference: to_hex(&sealed), plmns })
    }

    /// Whoever a reference is about opts out; nothing where it is about nobody.
    pub(super) async fn opt_out(&self, reference: &[u8]) -> Result<(), crate::consent::ConsentError> {
        match self.references.person(reference) {
            Some(person) => self.consents.opt_out_record(person).await,
            None => Ok(()),
        }
    }

    /// The register's name for a subscriber.
    pub(crate) fn subject(&self, who: &Identities) -> Result<SubjectView, crate::consent::ConsentError> {
        Ok(SubjectView { subject: to_hex(&self.subject_id(who)?.0) })
    }

    /// The same, to ask the store by.
    pub(crate) fn subject_id(&self, who: &Identities) -> Result<SubjectId, crate::consent::ConsentError> {
        Ok(SubjectId(self.consents.picture(who)?.person.id().0))
    }

    /// Erases all rows of a subscriber.
    pub(crate) async fn erase_subscriber(&self, who: &Identities) -> Result<ErasedRows, SubscriberError> {
        let subject = self.subject_id(who)?;
        Ok(self.erase_by_subject(subject).await?)
    }

    /// What the key list of phones says of this collector.
    pub(crate) fn key_views(&self) -> Vec<CollectorKeyView> {
        self.keys.views()
    }
}

/// The rows of a subscriber were not erased.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SubscriberError {
    /// Nobody, several, or unreadable.
    #[error(transparent)]
    Consent(#[from] crate::consent::ConsentError),
    /// The store.
    #[error(transparent)]
    Erase(#[from] EraseError),
}
