//! The log of a running gateway: its writer, its publisher, its end.

use super::error::LogError;
use super::files::{FileStore, Files};
use super::keys::{self, KeyPaths};
use crate::admin::LogHead;
use crate::config;
use privacy::disclosure::{Bounds, Log, Publisher, ReadStorage, SigningKey, Step, VerifierKey, Writer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Shortest time between two publications.
const PUBLISH_EVERY: Duration = Duration::from_secs(1);

/// Time between two attempts of a log that cannot write.
const RETRY_EVERY: Duration = Duration::from_secs(1);

/// A log that is open for writing. Close it with [`OpenLog::close`], which writes and publishes what is left.
#[derive(Debug)]
pub struct OpenLog {
    /// Handle for whoever ends requests.
    pub log: Log,
    key: VerifierKey,
    signing: Arc<SigningKey>,
    dir: PathBuf,
    writer: Option<JoinHandle<()>>,
    publisher: Option<JoinHandle<()>>,
}

/// Reads the latest published checkpoint.
#[derive(Debug, Clone)]
pub struct HeadReader {
    dir: PathBuf,
    key: VerifierKey,
}

/// Opens the log that the configuration names, recovers it, and starts its threads.
pub fn open(config: &config::Log, origin: &str) -> Result<OpenLog, LogError> {
    let paths = KeyPaths { signing: config.signing_key_file.clone(), content: config.content_key_file.clone() };
    start(&config.dir, &paths, origin, config.segment_mib.saturating_mul(1 << 20), PUBLISH_EVERY)
}

pub(super) fn start(
    dir: &Path,
    paths: &KeyPaths,
    origin: &str,
    segment: u64,
    publish_every: Duration,
) -> Result<OpenLog, LogError> {
    let mut store = FileStore::open(dir, segment)?;
    let keys = keys::load_or_make(dir, paths, origin)?;
    // After the keys: where there is no room for a segment there may be some for them.
    store.begin_spare();
    let key = keys.verifier().clone();
    let signing = SigningKey::parse(&keys.signing.to_text());
    let signing = Arc::new(signing.map_err(|error| LogError::Key { path: paths.signing.clone(), error })?);
    let opened = Writer::open(store, keys, Bounds::default());
    let (writer, log) = opened.map_err(|error| LogError::Open { dir: dir.to_owned(), error })?;
    tracing::info!(entries = writer.size(), key = %key.to_text(), "disclosure log open");
    let writing = {
        let log = log.clone();
        Builder::new().name("log-writer".to_owned()).spawn(move || writer.run(|step| tell(step, &log)))
    };
    let writing = writing.map_err(LogError::Thread)?;
    let publishing = {
        let (log, key, dir) = (log.clone(), key.clone(), dir.to_owned());
        let thread = Builder::new().name("log-publisher".to_owned());
        thread.spawn(move || publish(&log, &key, &dir, publish_every))
    };
    let publishing = match publishing {
        Ok(thread) => thread,
        Err(error) => {
            log.close();
            drop(writing.join());
            return Err(LogError::Thread(error));
        }
    };
    Ok(OpenLog { log, key, signing, dir: dir.to_owned(), writer: Some(writing), publisher: Some(publishing) })
}

/// What an operator hears of the writer.
fn tell(step: Step, log: &Log) {
    match step {
        Step::Committed(entries) => {
            metrics::counter!("wherefore_log_batches_total").increment(1);
            metrics::histogram!("wherefore_log_batch_entries").record(entries as f64);
        }
        Step::Failed(error) => {
            metrics::counter!("wherefore_log_failures_total").increment(1);
            tracing::error!(%error, "the disclosure log cannot write: no location is given until it can");
            // Requests make it try again, but a gateway that is not ready may get none.
            std::thread::sleep(RETRY_EVERY);
            log.retry();
        }
        Step::Resumed(entries) => tracing::warn!(entries, "the disclosure log writes again"),
        Step::Ended => tracing::info!("disclosure log closed"),
        Step::Idle => {}
    }
}

/// Publishes whenever there is more, at most once in `every`, and once more at the end.
fn publish(log: &Log, key: &VerifierKey, dir: &Path, every: Duration) {
    let mut publisher = None;
    let mut published = 0;
    let mut ended = false;
    while !ended {
        // Woken by a batch, or by the end of the writer.
        let durable = log.wait_durable(published).unwrap_or_else(|| {
            ended = true;
            log.durable()
        });
        if durable > published {
            match publish_to(&mut publisher, key, dir, durable) {
                Ok(size) => published = size,
                Err(error) => {
                    publisher = None;
                    metrics::counter!("wherefore_log_publish_failures_total").increment(1);
                    tracing::error!(%error, "tiles and checkpoint of the disclosure log could not be published");
                }
            }
        }
        if !ended {
            std::thread::park_timeout(every);
        }
    }
}

fn publish_to(
    publisher: &mut Option<Publisher<Files>>,
    key: &VerifierKey,
    dir: &Path,
    durable: u64,
) -> Result<u64, privacy::disclosure::PublishError> {
    match publisher {
        Some(publisher) => publisher.publish(durable),
        None => publisher.insert(Publisher::open(Files::new(dir), key.clone())?).publish(durable),
    }
}

impl OpenLog {
    /// The key that signs checkpoints, for receipts of consent.
    #[must_use]
    pub fn signing(&self) -> Arc<SigningKey> {
        Arc::clone(&self.signing)
    }

    /// Reads checkpoints of this log.
    #[must_use]
    pub fn head(&self) -> HeadReader {
        HeadReader { dir: self.dir.clone(), key: self.key.clone() }
    }

    /// The public key.
    #[must_use]
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// Writes what waits, refuses what comes later, publishes, and gives the lock back. Blocks for that long.
    pub fn close(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.log.close();
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the writer of the disclosure log died");
        }
        if let Some(publisher) = self.publisher.take() {
            publisher.thread().unpark();
            if publisher.join().is_err() {
                tracing::error!("the publisher of the disclosure log died");
            }
        }
    }
}

impl Drop for OpenLog {
    fn drop(&mut self) {
        self.end();
    }
}

impl HeadReader {
    /// The latest published checkpoint; `None` if there is none or it cannot be read.
    #[must_use]
    pub fn read(&self) -> Option<LogHead> {
        let note = Files::new(&self.dir).object("checkpoint").ok().flatten()?;
        let note = String::from_utf8(note).ok()?;
        let checkpoint = self.key.read_note(&note).ok()?;
        let root = checkpoint.root.iter().map(|octet| format!("{octet:02x}")).collect();
        Some(LogHead { origin: self.key.origin().as_str().to_owned(), size: checkpoint.size, root, checkpoint: note })
    }
}
