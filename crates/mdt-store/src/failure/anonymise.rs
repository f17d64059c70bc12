//! From reports of failures to what may be kept of them (TS 32.422 clauses 4.7 and 5.10.12).

use super::{AnonymisedFailures, Failure};
use crate::place::moment;
use crate::{AnonymiseError, Anonymiser, Dropped, Models, SignallingConsent, Told};
use lcs::Timestamp;
use mdt::job::TraceJob;
use mdt::rrc::FailureRecord;

impl<M: Models> Anonymiser<M> {
    /// Failures of a management based job: nobody's, at most with the model of the phone.
    ///
    /// # Errors
    /// Why nothing may be kept.
    pub fn management_failures(
        &self,
        job: &TraceJob,
        records: &[FailureRecord],
        told: Told,
        erasure: Option<[u8; 32]>,
        received: Timestamp,
    ) -> Result<(AnonymisedFailures, Dropped), AnonymiseError> {
        let (model, dropped) = self.model(job, told)?;
        let job = job.reference().ok_or(AnonymiseError::Job)?;
        let failure = |record: &FailureRecord| {
            let (time_ms, record) = (time_ms(record, received), FailureRecord { since_s: None, ..*record });
            Failure { time_ms, job, erasure, subject: None, model, record }
        };
        Ok((AnonymisedFailures(records.iter().map(failure).collect()), dropped))
    }

    /// Failures of a signalling based job: the subscriber's who consented, as far as the consent goes.
    ///
    /// # Errors
    /// Why nothing may be kept.
    pub fn signalling_failures(
        &self,
        consent: &SignallingConsent,
        job: &TraceJob,
        records: &[FailureRecord],
        erasure: Option<[u8; 32]>,
        received: Timestamp,
    ) -> Result<(AnonymisedFailures, Dropped), AnonymiseError> {
        let job = job.reference().ok_or(AnonymiseError::Job)?;
        if consent.job() != job {
            return Err(AnonymiseError::OtherConsent);
        }
        let (subject, model) = (Some(consent.subject()), None);
        let failure = |record: &FailureRecord| {
            let (time_ms, record) = (time_ms(record, received), FailureRecord { since_s: None, ..*record });
            let covered = consent.covers(moment(time_ms), record.network());
            covered.then_some(Failure { time_ms, job, erasure, subject, model, record })
        };
        let kept: Vec<Failure> = records.iter().filter_map(failure).collect();
        let outside_consent = (records.len() - kept.len()) as u32;
        Ok((AnonymisedFailures(kept), Dropped { outside_consent, model_suppressed: false }))
    }
}

/// A report has no date of its own: when it came, less what it says it waited. How long its phone kept it sealed is not known.
fn time_ms(record: &FailureRecord, received: Timestamp) -> i64 {
    let waited_ms = u64::from(record.since_s.unwrap_or(0)) * 1000;
    i64::try_from((received.micros() / 1000).saturating_sub(waited_ms)).unwrap_or(i64::MAX)
}
