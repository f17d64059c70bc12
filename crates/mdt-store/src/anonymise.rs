//! From the columns of a log to rows that may be kept (TS 32.421 clause 6, TS 32.422 clauses 4.7 and 5.10.12).

use crate::place::moment;
use crate::rows::{AnonymisedRows, NO_UNCERTAINTY, Neighbour, Origin, Row};
use crate::{Model, Models, SignallingConsent};
use lcs::{Duration, Timestamp};
use mdt::job::{Anonymization, TraceJob};
use mdt::rrc::{LogColumns, LogHead, NONE_COORDINATE, NONE_INDEX, NONE_NUMBER, Plmn, TraceReference};
use zeroize::ZeroizeOnDrop;

/// The secret that hides trace recording sessions. Without it nobody goes back, and once it is destroyed nobody ever does.
#[derive(ZeroizeOnDrop)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// From 32 octets of a good source.
    #[must_use]
    pub fn new(octets: [u8; 32]) -> Self {
        Self(octets)
    }

    /// One session of one job: the same two octets under another job give another number (B24).
    fn session(&self, head: &LogHead) -> u64 {
        let TraceReference { plmn, trace_id } = head.trace.trace_reference;
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(b"mdt-store session").update(&plmn.packed().to_be_bytes()).update(&trace_id);
        hasher.update(&head.trace.recording_session);
        hasher.finalize().as_bytes().first_chunk().map_or(0, |octets| u64::from_be_bytes(*octets))
    }
}

/// What somebody told about the phone of a management based job, beside its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Nothing.
    Nothing,
    /// Its model.
    Model(Model),
    /// An identity: IMSI, SUPI, IMEI. What it is does not matter, it must not be here (B26).
    Identity,
}

/// Why no row of a log may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnonymiseError {
    /// The job has no sound trace reference.
    #[error("the job has no sound trace reference; read it with TraceJob::from_json")]
    Job,
    /// The log is of another job.
    #[error("report {report} is of another job than the one that it came under")]
    OtherJob {
        /// Which of the columns' heads, from 0.
        report: usize,
    },
    /// The log's beginning is no date, or far from its reception.
    #[error("report {report} says that it began at no time near its reception; set the offset of its network's clock")]
    Time {
        /// Which of the columns' heads, from 0.
        report: usize,
    },
    /// An identity came with an anonymised job: whoever sent it is to be told, and the whole is set aside.
    #[error(
        "an identity came with a job that is anonymised; set the whole aside and tell its sender (TS 32.422 clause 4.7)"
    )]
    Identity,
    /// A signalling based job without consent in hand.
    #[error("the job is of one subscriber; its data is kept under a consent alone")]
    Signalling,
    /// The consent is about another job.
    #[error("the consent is about another job")]
    OtherConsent,
}

/// Rows that were not kept, by why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dropped {
    /// Rows that the consent does not cover: before it, after it was withdrawn, in another network.
    pub outside_consent: u32,
    /// Whether the model was told and taken off, because too few phones are of it or nobody counted them.
    pub model_suppressed: bool,
}

/// How old a log may be when it comes: logged for 2 hours and kept for 48 (TS 38.331 clause 5.5a.1.4).
const AGE: Duration = Duration::from_secs(50 * 3600);

/// Makes rows that may be kept. There is no other way to have [`AnonymisedRows`] than through here, or by reading what was written.
pub struct Anonymiser<M> {
    key: SessionKey,
    models: M,
    floor: u64,
}

impl<M: Models> Anonymiser<M> {
    /// With the secret for sessions, the counts of models, and how many phones a model must have not to be a rare one.
    pub fn new(key: SessionKey, models: M, floor: u64) -> Self {
        Self { key, models, floor }
    }

    /// Rows of a management based job: nobody's, at most with the model of the phone.
    ///
    /// `erasure` is what the phone committed to, `received` when the log came.
    ///
    /// # Errors
    /// Why nothing may be kept.
    pub fn management(
        &self,
        job: &TraceJob,
        log: &LogColumns,
        told: Told,
        erasure: Option<[u8; 32]>,
        received: Timestamp,
    ) -> Result<(AnonymisedRows, Dropped), AnonymiseError> {
        let (model, dropped) = self.model(job, told)?;
        let job = job.reference().ok_or(AnonymiseError::Job)?;
        let origin = |head: &LogHead| Origin {
            job,
            rat: head.rat,
            session: self.key.session(head),
            erasure,
            subject: None,
            model,
        };
        Ok((rows(job, log, received, origin, |_| true)?, dropped))
    }

    /// The model that may be kept of what somebody told, for a management based job.
    pub(crate) fn model(&self, job: &TraceJob, told: Told) -> Result<(Option<Model>, Dropped), AnonymiseError> {
        let level = job.anonymization().ok_or(AnonymiseError::Signalling)?;
        let mut dropped = Dropped::default();
        let model = match (level, told) {
            (_, Told::Nothing) => None,
            (_, Told::Identity) | (Anonymization::NoIdentity, Told::Model(_)) => return Err(AnonymiseError::Identity),
            (Anonymization::TacOfImei, Told::Model(model)) => {
                let common = self.models.phones(model).is_some_and(|phones| phones >= self.floor);
                dropped.model_suppressed = !common;
                common.then_some(model)
            }
        };
        Ok((model, dropped))
    }

    /// Rows of a signalling based job: the subscriber's who consented, as far as the consent goes.
    ///
    /// # Errors
    /// Why nothing may be kept.
    pub fn signalling(
        &self,
        consent: &SignallingConsent,
        job: &TraceJob,
        log: &LogColumns,
        erasure: Option<[u8; 32]>,
        received: Timestamp,
    ) -> Result<(AnonymisedRows, Dropped), AnonymiseError> {
        let job = job.reference().ok_or(AnonymiseError::Job)?;
        if consent.job() != job {
            return Err(AnonymiseError::OtherConsent);
        }
        let origin = |head: &LogHead| Origin {
            job,
            rat: head.rat,
            session: self.key.session(head),
            erasure,
            subject: Some(consent.subject()),
            model: None,
        };
        let covered = |row: &Row| consent.covers(moment(row.time_ms), row.network);
        let kept = rows(job, log, received, origin, covered)?;
        let outside_consent = (log.len() - kept.len()) as u32;
        Ok((kept, Dropped { outside_consent, model_suppressed: false }))
    }
}

fn rows(
    job: TraceReference,
    log: &LogColumns,
    received: Timestamp,
    origin: impl Fn(&LogHead) -> Origin,
    keep: impl Fn(&Row) -> bool,
) -> Result<AnonymisedRows, AnonymiseError> {
    let mut rows = AnonymisedRows::default();
    for (report, head) in log.heads.iter().enumerate() {
        if head.trace.trace_reference != job {
            return Err(AnonymiseError::OtherJob { report });
        }
        let began = head.absolute_time.near(received, AGE).ok_or(AnonymiseError::Time { report })?;
        let began_ms = (began.micros() / 1000) as i64;
        let origin = origin(head);
        let number = rows.intern(origin);
        for at in head.entries_start as usize..(head.entries_end as usize).min(log.len()) {
            let Some(row) = row(log, at, began_ms, origin).filter(&keep) else { continue };
            for neighbour in log.neighbours_of(at).filter_map(|at| neighbour(log, at)) {
                rows.push_neighbour(&neighbour);
            }
            rows.push(number, &row);
        }
    }
    Ok(rows)
}

fn index(column: &[i8], at: usize) -> Option<i8> {
    column.get(at).copied().filter(|index| *index != NONE_INDEX)
}

fn row(log: &LogColumns, at: usize, began_ms: i64, origin: Origin) -> Option<Row> {
    let e = &log.entries;
    let (latitude, longitude) = (*e.latitude.get(at)?, *e.longitude.get(at)?);
    let network = e.plmn.get(at).copied().filter(|plmn| *plmn != NONE_NUMBER);
    Some(Row {
        time_ms: began_ms + 1000 * i64::from(*e.relative_time_s.get(at)?),
        origin,
        position: (latitude != NONE_COORDINATE && longitude != NONE_COORDINATE).then_some((latitude, longitude)),
        uncertainty: e.uncertainty.get(at).copied().filter(|code| *code != NO_UNCERTAINTY),
        network: network.and_then(Plmn::from_packed),
        cell: e.cell.get(at).copied().filter(|cell| *cell != u64::MAX),
        tracking_area: e.tac.get(at).copied().filter(|area| *area != NONE_NUMBER),
        rsrp: index(&e.rsrp, at),
        rsrq: index(&e.rsrq, at),
        sinr: index(&e.sinr, at),
        flags: *e.flags.get(at)?,
    })
}

fn neighbour(log: &LogColumns, at: usize) -> Option<Neighbour> {
    let n = &log.neighbours;
    Some(Neighbour {
        rat: *n.rat.get(at)?,
        carrier: n.carrier.get(at).copied().filter(|carrier| *carrier != NONE_NUMBER),
        pci: *n.pci.get(at)?,
        rsrp: index(&n.rsrp, at),
        rsrq: index(&n.rsrq, at),
        sinr: index(&n.sinr, at),
    })
}
