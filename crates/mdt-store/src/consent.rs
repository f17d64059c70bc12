//! Consent to signalling based jobs, asked once more before anything that names a subscriber is kept.

use core::fmt;
use lcs::Timestamp;
use mdt::job::{Subscriber, TraceJob};
use mdt::rrc::{Plmn, TraceReference};

/// Name of a subscriber in the store: drawn or computed by the consent register, so that nobody else turns it back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubjectId(pub [u8; 16]);

impl fmt::Debug for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectId(hidden)")
    }
}

/// What the register says of a subscriber and a job.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum ConsentWord {
    /// Given, and how far.
    Given {
        /// The subscriber's name in the store.
        subject: SubjectId,
        /// Where it holds (MDT PLMN list, TS 32.422 clause 5.10.24): rows of other networks are dropped.
        networks: Vec<Plmn>,
        /// From when on: rows logged before are dropped.
        since: Timestamp,
        /// Until when, where it was withdrawn since: rows logged from then on are dropped.
        until: Option<Timestamp>,
    },
    /// Not given, or withdrawn altogether.
    Refused,
    /// The register cannot be asked, or knows no such subscriber.
    NoWord,
}

/// The consent register, as the collector asks it.
pub trait ConsentRegister {
    /// Its word on whether data of `subscriber` may be kept under the signalling based job `job`, at `now`.
    fn signalling(&self, subscriber: &Subscriber, job: TraceReference, now: Timestamp) -> ConsentWord;
}

/// Where there is no register: no word, so nothing that names a subscriber is kept.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRegister;

impl ConsentRegister for NoRegister {
    fn signalling(&self, _: &Subscriber, _: TraceReference, _: Timestamp) -> ConsentWord {
        ConsentWord::NoWord
    }
}

/// Why there is no consent to go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConsentError {
    /// The job is of an area: it has no subscriber to ask about.
    #[error("the job is management based; its data is anonymised and needs no consent of one subscriber")]
    NotSignalling,
    /// The job's trace reference is none.
    #[error("the job has no sound trace reference; read it with TraceJob::from_json")]
    Job,
    /// The subscriber did not consent.
    #[error("the consent register refuses: data of this job may not be kept")]
    Refused,
    /// Nobody said anything.
    #[error("the consent register has no word on this job's subscriber; ask again once it answers")]
    NoWord,
}

/// That the subscriber of one signalling based job consented (TS 32.422 clause 4.9.1). Only [`SignallingConsent::ask`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignallingConsent {
    job: TraceReference,
    subject: SubjectId,
    networks: Vec<Plmn>,
    since: Timestamp,
    until: Option<Timestamp>,
}

impl SignallingConsent {
    /// Asks the register about the subscriber of `job`. Errors: whatever is not a clear yes.
    pub fn ask(register: &impl ConsentRegister, job: &TraceJob, now: Timestamp) -> Result<Self, ConsentError> {
        let subscriber = job.subscriber().ok_or(ConsentError::NotSignalling)?;
        let job = job.reference().ok_or(ConsentError::Job)?;
        match register.signalling(subscriber, job, now) {
            ConsentWord::Given { subject, networks, since, until } => Ok(Self { job, subject, networks, since, until }),
            ConsentWord::Refused => Err(ConsentError::Refused),
            ConsentWord::NoWord => Err(ConsentError::NoWord),
        }
    }

    /// Which job it is about.
    #[must_use]
    pub fn job(&self) -> TraceReference {
        self.job
    }

    /// Whether it is this subscriber's.
    #[must_use]
    pub fn is_of(&self, subject: SubjectId) -> bool {
        self.subject == subject
    }

    pub(crate) fn subject(&self) -> SubjectId {
        self.subject
    }

    /// Whether it covers what was logged then and there. A row that tells no network is of none of the list.
    pub(crate) fn covers(&self, at: Timestamp, network: Option<Plmn>) -> bool {
        at >= self.since
            && self.until.is_none_or(|until| at < until)
            && network.is_some_and(|network| self.networks.contains(&network))
    }
}
