//! From sealed octets to rows and a receipt.
//!
//! ```text
//!   known already? ──> same receipt          job and consent say no ──> receipt for nothing, unopened
//!   open ──> read ──> anonymise ──> rows and books, durable ──> receipt
//! ```

use super::Collector;
use super::consent::{Admitted, Refusal, admit};
use crate::clock;
use crate::store::TakenSegment;
use aws_lc_rs::digest::{SHA256, digest};
use lcs::Timestamp;
use mdt::job::{JobType, TraceJob};
use mdt::rrc::{FailureRecord, LogColumns, RecordReader, TraceReference};
use mdt_log::open::{
    CollectorPrivateKey, End, Finding, OpenError, UnlockedEpoch, Verdict, holes, open_segment, unlock,
};
use mdt_log::{CloseReason, EpochId, Frames, Kind, ParsedSegment, ReportHead, SegmentHead, SegmentId};
use mdt_store::{AnonymiseError, AnonymisedFailures, AnonymisedRows, Dropped, Told};
use std::sync::Arc;

/// What a phone brings with the last request beside the octets.
pub(super) struct Presented {
    /// The unlock message of the epoch.
    pub(super) unlock: Option<Vec<u8>>,
    /// The model of the phone, for jobs that ask for it.
    pub(super) told: Told,
}

/// What may be kept of a log, and of failures in it.
type InLog = (Admitted, Option<Admitted>);

/// Why nothing is opened.
enum Unopened {
    /// For now, or it cannot be.
    NotTaken(NotTaken),
    /// Refused for good, so many records.
    NotWanted(u32),
}

impl From<NotTaken> for Unopened {
    fn from(error: NotTaken) -> Self {
        Self::NotTaken(error)
    }
}

/// Why a segment is neither taken nor refused for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotTaken {
    /// Neither a segment nor a report.
    #[error("the octets are neither a segment nor a report; begin again")]
    Head,
    /// No unlock message, or none that is one.
    #[error("no unlock message of this segment's epoch came with the last request; send it again with one")]
    Unlock,
    /// Sealed to a key that is not here.
    #[error("it is sealed to a key that is not here; renew the key list")]
    OtherKey,
    /// Altered on its way, or sealed under another epoch key.
    #[error("it does not open: it was altered, or the unlock message is of other keys; begin again")]
    Altered,
    /// Another segment came under this name.
    #[error("another segment came under this name before")]
    OtherOctets,
    /// An identity or a model came with a job that keeps none.
    #[error("a model came with a job that is anonymised; send none (TS 32.422 clause 4.7)")]
    Identity,
    /// The register, the store or the books cannot do it now.
    #[error("it cannot be taken now; send the last request again later")]
    Unavailable,
}

impl NotTaken {
    /// Whether the octets may as well go: another request could not make more of them.
    pub(super) fn is_final(self) -> bool {
        !matches!(self, Self::Unlock | Self::Unavailable)
    }

    /// For counts.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Unlock => "unlock",
            Self::OtherKey => "other_key",
            Self::Altered => "altered",
            Self::OtherOctets => "other_octets",
            Self::Identity => "identity",
            Self::Unavailable => "unavailable",
        }
    }
}

impl From<OpenError> for NotTaken {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::UnknownKey(_) => Self::OtherKey,
            OpenError::Epoch { .. } => Self::Unlock,
            OpenError::Head(_) => Self::Head,
            OpenError::Altered | OpenError::Malformed => Self::Altered,
        }
    }
}

/// What a head says in the clear.
pub(super) struct Named {
    pub(super) segment: SegmentId,
    epoch: EpochId,
    pub(super) erasure: [u8; 32],
}

/// The name of a segment or report, from the first of its octets; nothing while its head is not whole, or for anything else.
pub(super) fn name_of(sealed: &[u8]) -> Option<Named> {
    if let Ok(parsed) = SegmentHead::parse(sealed) {
        let SegmentHead { segment, epoch, erasure, .. } = parsed.head;
        return Some(Named { segment, epoch, erasure });
    }
    let ReportHead { report, epoch, erasure, .. } = ReportHead::parse(sealed).ok()?.head;
    Some(Named { segment: report, epoch, erasure })
}

/// How much of a segment is kept, and why the rest is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    pub(super) kept: u32,
    pub(super) not_wanted: u32,
    pub(super) unreadable: u32,
}

/// What became of a segment or report: nothing, where it was refused unopened.
#[derive(Default)]
pub(super) struct Opened {
    pub(super) rows: AnonymisedRows,
    pub(super) failures: AnonymisedFailures,
    pub(super) counts: Counts,
    /// Number and verdict, of a segment.
    pub(super) segment: Option<(u32, Verdict)>,
}

/// The epoch that a phone unlocked with its last request.
pub(super) fn opened_epoch(
    unlock_message: Option<Vec<u8>>,
    keys: &[CollectorPrivateKey],
) -> Result<UnlockedEpoch, NotTaken> {
    unlock(&unlock_message.ok_or(NotTaken::Unlock)?, keys).map_err(|error| match error {
        OpenError::UnknownKey(_) => NotTaken::OtherKey,
        _ => NotTaken::Unlock,
    })
}

fn sha256(octets: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.iter_mut().zip(digest(&SHA256, octets).as_ref()).for_each(|(to, from)| *to = *from);
    hash
}

impl Collector {
    /// The receipt of a segment that was taken before.
    pub(super) async fn receipt_of(&self, segment: SegmentId) -> Result<Option<Vec<u8>>, NotTaken> {
        let known = self.books.segment(&segment.0, self.rows.batches()).await;
        Ok(known.map_err(|_| NotTaken::Unavailable)?.map(|known| known.receipt))
    }

    /// Takes a whole segment or report: its rows are kept, or it is refused for good. Gives the signed receipt; what it says is durable.
    /// The same octets again give the same receipt.
    pub(super) async fn take(self: &Arc<Self>, sealed: Vec<u8>, presented: Presented) -> Result<Vec<u8>, NotTaken> {
        let now = clock::now();
        let named = name_of(&sealed).ok_or(NotTaken::Head)?;
        let (digest, octets) = (sha256(&sealed), sealed.len());
        let known = self.books.segment(&named.segment.0, self.rows.batches()).await;
        if let Some(known) = known.map_err(|_| NotTaken::Unavailable)? {
            count("repeated");
            return if known.digest == digest { Ok(known.receipt) } else { Err(NotTaken::OtherOctets) };
        }
        let (opened, outcome) = match self.unseal(sealed, presented, now).await {
            Ok(opened) => (opened, "taken"),
            Err(Unopened::NotTaken(error)) => return Err(error),
            Err(Unopened::NotWanted(records)) => {
                let counts = Counts { not_wanted: records, ..Counts::default() };
                (Opened { counts, ..Opened::default() }, "refused_for_good")
            }
        };
        let receipt = self.finish(&named, digest, octets, opened, now).await?;
        count(outcome);
        Ok(receipt)
    }

    /// Opens a whole segment or report that is wanted.
    async fn unseal(
        self: &Arc<Self>,
        sealed: Vec<u8>,
        presented: Presented,
        now: Timestamp,
    ) -> Result<Opened, Unopened> {
        let refused = |refusal, records: usize| match refusal {
            Refusal::Unavailable => Unopened::NotTaken(NotTaken::Unavailable),
            Refusal::NotWanted => Unopened::NotWanted(u32::try_from(records).unwrap_or(u32::MAX)),
        };
        let place = self.opening.acquire().await.map_err(|_| NotTaken::Unavailable)?;
        let this = Arc::clone(self);
        let reading = if let Ok(ParsedSegment { head, records, .. }) = SegmentHead::parse(&sealed) {
            let (job, admitted) =
                self.admit(&head, now).map_err(|refusal| refused(refusal, Frames::new(records).count()))?;
            tokio::task::spawn_blocking(move || this.read(&sealed, &head, &job, &admitted, presented, now))
        } else {
            let head = ReportHead::parse(&sealed).map_err(|_| NotTaken::Head)?.head;
            let candidates = self.admit_report(&head, now).map_err(|refusal| refused(refusal, 1))?;
            tokio::task::spawn_blocking(move || this.read_report(&sealed, &head, &candidates, presented, now))
        };
        let opened = reading.await.map_err(|_| NotTaken::Unavailable)??;
        drop(place);
        Ok(opened)
    }

    /// Job and consent, looked up again.
    fn admit(&self, head: &SegmentHead, now: Timestamp) -> Result<(Arc<TraceJob>, InLog), Refusal> {
        let reference = TraceReference::from_octets(&head.job.trace_reference).ok_or(Refusal::NotWanted)?;
        let job = self.jobs.running(reference).ok_or(Refusal::NotWanted)?;
        if job.job_type != JobType::LoggedMdtOnly {
            return Err(Refusal::NotWanted);
        }
        if head.job.tce_id != self.config.entity || !self.is_ours(&job) {
            return Err(Refusal::NotWanted);
        }
        let mode = self.config.consent;
        let admitted = admit(&self.consents, &self.references, mode, (&job, reference), head, now)?;
        Ok((job, admitted))
    }

    /// Opens, reads and anonymises a segment.
    fn read(
        &self,
        sealed: &[u8],
        head: &SegmentHead,
        job: &TraceJob,
        (admitted, of_failures): &InLog,
        presented: Presented,
        now: Timestamp,
    ) -> Result<Opened, NotTaken> {
        let keys = self.keys.private();
        let unlocked = opened_epoch(presented.unlock, &keys)?;
        let mut reader = RecordReader::new(head).ok();
        if let Some(networks) = &admitted.networks {
            reader = reader.map(|reader| reader.only_in(networks.clone()));
        }
        let (mut failures, mut unread_failures) = (Vec::new(), 0);
        // A log that cannot become columns is opened all the same, so that what is said of it is true.
        let verdict = open_segment(sealed, &keys, &unlocked, |record| {
            if matches!(record.kind, Kind::RadioLinkFailure | Kind::ConnectionFailure) {
                match FailureRecord::read(record.kind, head.content, record.content) {
                    Ok(failure) => failures.push(failure),
                    Err(_) => unread_failures += 1,
                }
            } else if let Some(reader) = &mut reader {
                reader.record(record.kind, record.content);
            }
        })?;
        let mut counts = Counts { unreadable: lost(&verdict), ..Counts::default() };
        let mut opened = Opened::default();
        if let Some((mut log, unread)) = reader.map(RecordReader::finish) {
            if admitted.coarse {
                log.drop_positions();
            }
            opened.rows = self.anonymise(head, job, admitted, &log, presented.told, now)?;
            if let Some(admitted) = of_failures.as_ref().filter(|_| !failures.is_empty()) {
                opened.failures =
                    self.anonymise_failures(job, admitted, &failures, presented.told, head.erasure, now)?;
            }
            let unreadable = unread.unreadable.saturating_add(unread_failures);
            counts.unreadable = counts.unreadable.saturating_add(unreadable);
            counts.kept = u32::try_from(opened.rows.len() + opened.failures.len()).unwrap_or(u32::MAX);
            counts.not_wanted = verdict.opened.saturating_sub(counts.kept).saturating_sub(unreadable);
        } else {
            counts.not_wanted = verdict.opened;
        }
        Ok(Opened { counts, segment: Some((head.number, verdict)), ..opened })
    }

    /// Rows as the job allows them; none of a log whose time is not near now.
    fn anonymise(
        &self,
        head: &SegmentHead,
        job: &TraceJob,
        admitted: &Admitted,
        log: &LogColumns,
        told: Told,
        now: Timestamp,
    ) -> Result<AnonymisedRows, NotTaken> {
        let erasure = Some(head.erasure);
        Self::anonymised(match &admitted.signalling {
            Some(consent) => self.anonymiser.signalling(consent, job, log, erasure, now),
            None => self.anonymiser.management(job, log, told, erasure, now),
        })
    }

    /// What the anonymiser made, counted.
    pub(super) fn anonymised<T: Default>(made: Result<(T, Dropped), AnonymiseError>) -> Result<T, NotTaken> {
        match made {
            Ok((rows, dropped)) => {
                if dropped.model_suppressed {
                    metrics::counter!("wherefore_mdt_models_suppressed_total").increment(1);
                }
                Ok(rows)
            }
            Err(AnonymiseError::Identity) => {
                tracing::warn!("an identity or model came with an anonymised job of MDT; nothing of it was kept");
                Err(NotTaken::Identity)
            }
            Err(_) => Ok(T::default()),
        }
    }

    /// Makes it durable, and only then gives the receipt away.
    async fn finish(
        &self,
        named: &Named,
        digest: [u8; 32],
        octets: usize,
        opened: Opened,
        now: Timestamp,
    ) -> Result<Vec<u8>, NotTaken> {
        let Opened { rows, failures, counts: Counts { kept, not_wanted, unreadable }, segment } = opened;
        let octets = u32::try_from(octets).unwrap_or(u32::MAX);
        let received = mdt_log::Received { segment: named.segment, octets, digest, kept, not_wanted, unreadable };
        let signed = self.keys.signer.sign(named.epoch, now.secs(), vec![received]);
        let receipt = signed.map_err(|_| NotTaken::Unavailable)?;
        let (number, verdict) = segment.unzip();
        let taken = TakenSegment {
            segment: named.segment.0,
            digest,
            erasure: named.erasure,
            epoch: named.epoch.0,
            number,
            ending: verdict.as_ref().and_then(|verdict| reason(verdict.end)),
            receipt: receipt.clone(),
            taken: now,
        };
        self.rows.keep(rows, failures, taken).await.map_err(|_| NotTaken::Unavailable)?;
        for (what, records) in [("kept", kept), ("not_wanted", not_wanted), ("unreadable", unreadable)] {
            metrics::counter!("wherefore_mdt_records_total", "outcome" => what).increment(records.into());
        }
        if let Some(verdict) = verdict {
            self.note(&verdict, named.epoch).await;
        }
        Ok(receipt)
    }

    /// Counts what is amiss in a segment and, once its epoch ends, in the epoch. A gap is never held against anybody, so nothing else
    /// follows from it.
    async fn note(&self, verdict: &Verdict, epoch: EpochId) {
        for finding in &verdict.findings {
            let what = match finding {
                Finding::Missing { .. } => "missing",
                Finding::OutOfOrder { .. } => "out_of_order",
                Finding::Damaged { .. } => "damaged",
                Finding::Malformed { .. } => "malformed",
                Finding::TornTail { .. } => "torn_tail",
                Finding::AfterClose { .. } => "after_close",
                Finding::More => "more",
            };
            metrics::counter!("wherefore_mdt_findings_total", "finding" => what).increment(1);
        }
        match verdict.end {
            End::Open => metrics::counter!("wherefore_mdt_findings_total", "finding" => "open").increment(1),
            End::Closed(CloseReason::SegmentFull) => {}
            End::Closed(_) => {
                let Ok(segments) = self.books.segments_of_epoch(&epoch.0).await else { return };
                let end = |ending: Option<u8>| ending.and_then(CloseReason::from_code).map_or(End::Open, End::Closed);
                let missing = holes(segments.into_iter().map(|(number, ending)| (number, end(ending)))).len();
                let counter = metrics::counter!("wherefore_mdt_findings_total", "finding" => "segment_missing");
                counter.increment(missing as u64);
            }
        }
    }
}

/// Records of which nothing is there.
fn lost(verdict: &Verdict) -> u32 {
    let of = |finding: &Finding| match finding {
        Finding::Missing { count, .. } => *count,
        // A frame that was altered is missing besides, once a later one opens; at the end it is only here.
        Finding::Malformed { .. } => 1,
        Finding::Damaged { .. }
        | Finding::OutOfOrder { .. }
        | Finding::TornTail { .. }
        | Finding::AfterClose { .. }
        | Finding::More => 0,
    };
    verdict.findings.iter().map(of).fold(0, u32::saturating_add)
}

fn reason(end: End) -> Option<u8> {
    if let End::Closed(reason) = end { Some(reason.code()) } else { None }
}

/// Counts an upload that came to its end.
pub(super) fn count(outcome: &'static str) {
    metrics::counter!("wherefore_mdt_uploads_total", "outcome" => outcome).increment(1);
}
