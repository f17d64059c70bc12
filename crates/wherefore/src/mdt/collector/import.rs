//! Files of others into a running collector (`docs/mdt-import.md`): through the same readers and the same anonymiser as a command's, beside
//! logs that go on coming in.
//!
//! A file brings nobody's consent, as a stream does not. So where consent is looked up by reference, messages and trace files of phones are
//! refused as a whole; a survey is of the device of whoever measured.

use super::super::import::{ImportError, ImportOutcome, ImportReport, Importer, ImporterError, Reading};
use super::super::import::{RrcOptionError, RrcOptions, mode, received};
use super::Collector;
use super::rows::RowsError;
use crate::config::MdtConsent;
use mdt::job::TraceJob;
use mdt::rrc::Rat;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::ToSchema;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ImportKind {
    /// RRC messages: pcap, pcapng, or lines of hexadecimal digits. 256 MiB at most.
    Rrc,
    /// A trace file of TS 32.423. 64 MiB at most.
    Trace,
    /// A survey as CSV. 64 MiB at most.
    Survey,
}

impl ImportKind {
    /// Octets of the longest file.
    pub(crate) const fn most(self) -> usize {
        match self {
            Self::Rrc => mdt::capture::MAX_FILE,
            Self::Trace => mdt::trace_file::MAX_FILE,
            Self::Survey => mdt::survey::MAX_FILE,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Rrc => "rrc",
            Self::Trace => "trace",
            Self::Survey => "survey",
        }
    }
}

/// Technology of a survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ImportRat {
    /// E-UTRA.
    Lte,
    /// NR.
    Nr,
}

impl From<ImportRat> for Rat {
    fn from(rat: ImportRat) -> Self {
        match rat {
            ImportRat::Lte => Self::Lte,
            ImportRat::Nr => Self::Nr,
        }
    }
}

/// The first line of an import: what the octets behind it are, and how they are to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportHead {
    /// What the file is.
    pub kind: ImportKind,
    /// Jobs whose data is to be kept, each a TraceJob in the JSON of TS 28.623, of an area. Without any, all of the collector's own jobs of
    /// areas that run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub jobs: Vec<serde_json::Value>,
    /// Read past what is not as it should be, and report it.
    #[serde(default)]
    pub lenient: bool,
    /// Of a survey: of which technology it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rat: Option<ImportRat>,
    /// Of messages: the channel of lines that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Of messages: what link types of users mean, as `147=lte-rrc.ul.dcch`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub user_link_types: Vec<String>,
    /// Of messages: when those came that say no time; now without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub received: Option<jiff::Timestamp>,
}

/// A file is not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportRefusal {
    /// Another is being read.
    #[error("another file is being imported; send this one again when it is done")]
    Busy,
    /// An option is none, or not of such a file.
    #[error(transparent)]
    Option(#[from] RrcOptionError),
    /// A survey of no technology.
    #[error("say of which technology the survey is: \"rat\" lte or nr")]
    Rat,
    /// A job cannot be used.
    #[error(transparent)]
    Job(#[from] ImporterError),
    /// The collector has it, and it is another or does not run.
    #[error("the collector has a job of this trace reference, and it is another one or was stopped")]
    OtherJob,
    /// Consent is looked up by reference.
    #[error("consent is looked up by reference here, and a file brings none; surveys alone are taken")]
    Consent,
    /// The file.
    #[error(transparent)]
    File(ImportError),
    /// The store of rows.
    #[error(transparent)]
    Rows(#[from] RowsError),
}

/// That no other file is being imported.
pub(crate) struct ImportPlace(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl Collector {
    /// The place for one file, before any of its octets is read.
    pub(crate) fn import_place(&self) -> Result<ImportPlace, ImportRefusal> {
        let place = Arc::clone(&self.importing).try_acquire_owned();
        place.map(ImportPlace).map_err(|_| ImportRefusal::Busy)
    }

    /// What a head asks for, checked before the file is read.
    fn importer(&self, head: &ImportHead) -> Result<(Importer, Reading), ImportRefusal> {
        if head.kind != ImportKind::Survey && self.config.consent == MdtConsent::Reference {
            return Err(ImportRefusal::Consent);
        }
        let mut importer = Importer::with(Arc::clone(&self.anonymiser));
        for given in &head.jobs {
            let job = TraceJob::from_json(given.to_string().as_bytes()).map_err(ImporterError::from)?;
            if !job.reference().is_some_and(|reference| self.jobs.allows(reference, &job)) {
                return Err(ImportRefusal::OtherJob);
            }
            importer.take(job)?;
        }
        if head.jobs.is_empty() {
            self.jobs.of_areas().into_iter().try_for_each(|(_, job)| importer.take((*job).clone()))?;
        }
        let mode = mode(head.lenient);
        let reading = match (head.kind, head.rat) {
            (ImportKind::Trace, _) => Reading::Trace(mode),
            (ImportKind::Survey, None) => return Err(ImportRefusal::Rat),
            (ImportKind::Survey, Some(rat)) => Reading::Survey(rat.into(), mode),
            (ImportKind::Rrc, _) => {
                let (channel, received) = (head.channel.as_deref(), received(head.received));
                Reading::Rrc(RrcOptions::new(mode, channel, &head.user_link_types, received)?)
            }
        };
        Ok((importer, reading))
    }

    /// Whether a file of this head would be read at all.
    pub(crate) fn import_allowed(&self, head: &ImportHead) -> Result<(), ImportRefusal> {
        self.importer(head).map(drop)
    }

    /// Keeps the rows of a file, as one batch that is none of the books'. Durable when this returns. A file with an identity of a job that
    /// is anonymised is told as set aside: nothing of it is kept, and it goes with the request.
    pub(crate) async fn import(
        &self,
        head: &ImportHead,
        file: Vec<u8>,
        _place: ImportPlace,
    ) -> Result<ImportReport, ImportRefusal> {
        let (importer, reading) = self.importer(head)?;
        let read = move || importer.read(&file, &reading).map(|prepared| prepared.named(&file));
        let read = tokio::task::spawn_blocking(read).await.map_err(|_| RowsError::Closed)?;
        let kind = head.kind.word();
        let counted = |outcome: &'static str| {
            metrics::counter!("wherefore_mdt_imports_total", "kind" => kind, "outcome" => outcome).increment(1);
        };
        let (parts, report) = match read {
            Ok(read) => read,
            Err(ImportError::Identity) => {
                tracing::warn!(
                    kind,
                    "an identity or model came in a file of an anonymised job of MDT; nothing of it was kept"
                );
                counted("set_aside");
                return Ok(ImportReport::set_aside(String::new()));
            }
            Err(error) => {
                counted("refused");
                return Err(ImportRefusal::File(error));
            }
        };
        let (parts, kept) = self.rows.import(parts).await?;
        let report = report(&parts, &kept);
        counted(match report.outcome {
            ImportOutcome::Kept => "kept",
            ImportOutcome::KeptBefore => "kept_before",
            ImportOutcome::Nothing | ImportOutcome::SetAside => "nothing",
        });
        tracing::info!(kind, outcome = ?report.outcome, rows = report.rows, failures = report.failures, jobs = parts.len(), "MDT: file imported");
        Ok(report)
    }
}
