//! Rows on their way out of a running collector: whoever asks gets what the store holds at one moment, and of whom rows name an entry stands in
//! the disclosure log before the first of them leaves.
//!
//! ```text
//!   names of files ──> read once: models, subscribers ──> disclosure log ──> read again: lines into an unlinked file
//!          ▲                                                                     └─ same files as before? ──> out
//!          └──────────────── erased or sorted meanwhile: from the start ─────────────────┘
//! ```
//!
//! The store is held for one file at a time, so that logs go on coming in. What was erased until an export ends is not in it.

use super::super::export::{Form, Part, TooLong, TraceRows, Wish};
use super::super::{GeoPackage, GeoPackageError, Layer};
use super::Collector;
use super::consent::identities;
use super::rows::RowsError;
use crate::clock;
use crate::consent::Consents;
use lcs::{LcsClientType, LocationType, Qos, Target};
use mdt::job::Subscriber;
use mdt::rrc::TraceReference;
use mdt_store::{Ages, Export, ModelCount, SubjectId};
use privacy::disclosure::{Ending, Facts, Given, Log, LogUnavailable, Outcome, RequestId, Subject, Via};
use std::collections::HashSet;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Attempts beside a store that changes; the last one holds it from beginning to end.
const ATTEMPTS: usize = 4;
/// Name of whoever exports, in the disclosure log.
const ACCOUNT: &str = "mdt export";

/// What leaves.
pub(crate) struct HandedOut {
    /// At its beginning. Has no name any more.
    pub(crate) file: File,
    /// Rows in it.
    pub(crate) rows: u64,
}

/// Nothing leaves.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandOutError {
    /// The store of rows.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// Rows cannot be put into this form.
    #[error("reports of failures are exported as csv, json or geopackage; a trace file has measurements alone")]
    Form,
    /// Too many for a trace file.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// A subscriber whose rows would leave is not known here any more, so nothing could be recorded under the subscriber's key.
    #[error("rows are of a subscriber whom the consent register or its job does not name any more; erase them")]
    Subscriber,
    /// The disclosure log.
    #[error("{0}; nothing left: repeat the export once the log writes")]
    Log(#[from] LogUnavailable),
    /// The file.
    #[error("the export could not be written beside the store: {0}")]
    File(#[from] std::io::Error),
    /// The GeoPackage.
    #[error(transparent)]
    GeoPackage(#[from] GeoPackageError),
}

/// A file that goes when it is dropped.
pub(super) struct Unlinked(pub(super) PathBuf);

impl Drop for Unlinked {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).ok();
    }
}

impl Collector {
    /// Exports what is asked for and not too old.
    pub(crate) async fn hand_out(&self, wish: &Wish) -> Result<HandedOut, HandOutError> {
        if wish.failures && wish.form == Form::Trace {
            return Err(HandOutError::Form);
        }
        let mut recorded = HashSet::new();
        for _ in 1..ATTEMPTS {
            if let Some(done) = self.attempt(wish, &mut recorded).await? {
                return Ok(done);
            }
        }
        // Sorting and erasing wait for this one.
        let _quiet = self.rows.quiet().await;
        self.attempt(wish, &mut recorded).await?.ok_or(HandOutError::Rows(RowsError::Closed))
    }

    /// One attempt; nothing when the store changed under it.
    async fn attempt(
        &self,
        wish: &Wish,
        recorded: &mut HashSet<(TraceReference, SubjectId)>,
    ) -> Result<Option<HandedOut>, HandOutError> {
        let ages = self.ages(clock::now());
        let names = self.rows.names(wish.failures).await?;
        let (mut models, mut subjects) = (ModelCount::default(), HashSet::new());
        for name in &names {
            let Some(part) = self.part(name, wish, ages).await? else { return Ok(None) };
            part.count(&mut models);
            subjects.extend(part.subjects());
        }
        for subject in &subjects {
            if !recorded.contains(subject) {
                self.enter(*subject).await?;
                recorded.insert(*subject);
            }
        }
        let (export, path) = (Arc::new(models.export(wish.model_floor)), self.beside());
        let unlinked = Unlinked(path.clone());
        let mut written = Writing::begin(wish, &path).await?;
        for name in &names {
            let Some(part) = self.part(name, wish, ages).await? else { return Ok(None) };
            // Of a file that is there still nothing can have come in whose subscriber was not counted.
            written = written.add(part, &export).await?;
        }
        let (file, rows) = written.finish(&path, &export).await?;
        drop(unlinked);
        let unchanged = self.rows.hold(&names, wish.failures).await?;
        Ok(unchanged.then_some(HandedOut { file, rows }))
    }

    async fn part(&self, name: &str, wish: &Wish, ages: Ages) -> Result<Option<Part>, RowsError> {
        self.rows.part(name.to_owned(), wish.which.clone(), wish.failures, ages).await
    }

    /// A name beside the rows that no catalog names: whatever happens, it is gone when the store is opened the next time.
    pub(super) fn beside(&self) -> PathBuf {
        let unique = RequestId::random().map_or_else(String::new, |id| id.to_string());
        self.config.dir.join(format!("export-{unique}.tmp"))
    }

    /// Notes in the disclosure log that rows of a job's subscriber leave. Durable when this returns.
    async fn enter(&self, (job, subject): (TraceReference, SubjectId)) -> Result<(), HandOutError> {
        let subscriber = self.jobs.subscriber(job).ok_or(HandOutError::Subscriber)?;
        record(&self.log, &self.consents, &subscriber, subject).await
    }
}

/// An entry under the subscriber's own key: the operator was given rows with cells and perhaps positions.
async fn record(
    log: &Log,
    consents: &Consents,
    subscriber: &Subscriber,
    subject: SubjectId,
) -> Result<(), HandOutError> {
    let target = match subscriber {
        Subscriber::Imsi(imsi) => Target::Imsi(*imsi),
        Subscriber::Imei(imei) => Target::Imei(*imei),
    };
    let identities = identities(subscriber);
    let picture = consents.picture(&identities).map_err(|_| HandOutError::Subscriber)?;
    if picture.person.id().0 != subject.0 {
        return Err(HandOutError::Subscriber);
    }
    let now = clock::now();
    let facts = Facts {
        time: now,
        request: RequestId::random().ok_or(HandOutError::Log(LogUnavailable::Closed))?,
        via: Via::Admin,
        account: ACCOUNT.into(),
        client_type: LcsClientType::PlmnOperator,
        external: None,
        requestor: None,
        service_type: None,
        location_type: LocationType::CurrentOrLastKnown,
        qos: Qos::BEST_EFFORT,
        target,
    };
    let mut ticket = log.open(facts);
    ticket.identify(Subject::Subscriber(picture.person.salt()), identities);
    let ending = Ending::new(Outcome::Allowed(Given { cell: true, ..Given::default() })).at(now);
    ticket.record(ending, ()).await?.release();
    Ok(())
}

/// The file in the making.
enum Writing {
    Text { file: File, form: Form, rows: u64 },
    GeoPackage { package: GeoPackage, rows: u64 },
    Trace { file: File, rows: Box<TraceRows> },
}

impl Writing {
    async fn begin(wish: &Wish, path: &Path) -> Result<Self, HandOutError> {
        let file = || File::options().read(true).write(true).create_new(true).open(path);
        Ok(match wish.form {
            Form::Geopackage => {
                let layer = if wish.failures { Layer::Failures } else { Layer::Measurements };
                Self::GeoPackage { package: GeoPackage::create(path, layer).await?, rows: 0 }
            }
            Form::Trace => Self::Trace { file: file()?, rows: Box::default() },
            form @ (Form::Csv | Form::Json) => Self::Text { file: file()?, form, rows: 0 },
        })
    }

    async fn add(self, part: Part, export: &Arc<Export>) -> Result<Self, HandOutError> {
        match self {
            Self::Text { mut file, form, rows } => {
                let export = Arc::clone(export);
                let written = tokio::task::spawn_blocking(move || {
                    let mut octets = Vec::new();
                    part.text(&export, form, rows == 0, &mut octets).map_err(RowsError::from)?;
                    file.write_all(&octets)?;
                    Ok(Self::Text { file, form, rows: rows + part.len() as u64 })
                });
                written.await.map_err(|_| RowsError::Closed)?
            }
            Self::GeoPackage { mut package, mut rows } => {
                match &part {
                    Part::Rows(part) => package.add(export.lines(part)).await?,
                    Part::Failures(part) => package.add_failures(export.failure_lines(part)).await?,
                }
                rows += part.len() as u64;
                Ok(Self::GeoPackage { package, rows })
            }
            Self::Trace { file, mut rows } => {
                rows.add(&part)?;
                Ok(Self::Trace { file, rows })
            }
        }
    }

    async fn finish(self, path: &Path, export: &Arc<Export>) -> Result<(File, u64), HandOutError> {
        Ok(match self {
            Self::Text { mut file, rows, .. } => {
                file.rewind()?;
                (file, rows)
            }
            Self::GeoPackage { package, rows } => {
                package.finish().await?;
                (File::open(path)?, rows)
            }
            Self::Trace { mut file, rows } => {
                let export = Arc::clone(export);
                let written = tokio::task::spawn_blocking(move || {
                    let text = rows.text(&export).map_err(RowsError::from)??;
                    file.write_all(text.as_bytes())?;
                    file.rewind()?;
                    Ok::<_, HandOutError>((file, rows.len() as u64))
                });
                written.await.map_err(|_| RowsError::Closed)??
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use crate::{config, log};
    use lcs::{Identities, Imsi};
    use privacy::consent::{Change, Source};

    /// Second law: what a subscriber's rows leave under is durable first, and where the log cannot write nothing leaves.
    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_leaves_without_an_entry() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let settings = config::Store { path: at("w.db"), key_file: at("w.key"), ..config::Store::default() };
        let store = Arc::new(Store::open(&settings).await.unwrap());
        let settings = config::Log {
            dir: at("log"),
            signing_key_file: at("log.key"),
            content_key_file: at("content.key"),
            ..config::Log::default()
        };
        let open = log::open(&settings, "gmlc.example.net/disclosure").unwrap();
        let consents = Consents::open(Arc::clone(&store), open.log.clone(), open.signing()).await.unwrap();
        let imsi = Imsi::parse("262011234567890").unwrap();
        let who = Identities { imsi: Some(imsi), ..Identities::default() };
        consents.change(&who, Source::Person, |_| Ok(Change::OptedOut)).await.unwrap();
        let subject = SubjectId(consents.picture(&who).unwrap().person.id().0);
        let before = open.log.durable();
        let subscriber = Subscriber::Imsi(imsi);
        record(&open.log, &consents, &subscriber, subject).await.unwrap();
        assert_eq!(open.log.durable(), before + 1);
        let of_another = record(&open.log, &consents, &subscriber, SubjectId([0; 16])).await;
        assert!(matches!(of_another, Err(HandOutError::Subscriber)));
        open.log.close();
        let refused = record(&open.log, &consents, &subscriber, subject).await;
        assert!(matches!(refused, Err(HandOutError::Log(_))), "{refused:?}");
        store.close().await;
        tokio::task::spawn_blocking(move || open.close()).await.unwrap();
    }
}
