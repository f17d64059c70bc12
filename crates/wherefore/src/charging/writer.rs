//! From the queue to the disk: batches, each one write and one sync, on a thread where waiting is allowed.

use super::files::Files;
use super::record::{Finished, Form};
use crate::clock;
use crate::config::{self, Secret};
use anyhow::{Context as _, Result};
use aws_lc_rs::hmac;
use lcs::Duration;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Where finished requests are handed over. Cheap to clone; without a directory it keeps nothing.
#[derive(Clone, Default)]
pub(crate) struct Charging(Option<mpsc::Sender<Job>>);

enum Job {
    Record(Box<Finished>),
    /// Everything before it is to be on disk and the file closed.
    Close(oneshot::Sender<()>),
}

/// Most records of one batch.
const BATCH: usize = 1024;
/// Wait before another try, when the disk took none.
const RETRY: Duration = Duration::from_secs(1);
/// How often a quiet writer looks whether the day is over.
const LOOK: Duration = Duration::from_secs(10);
/// Tries before the records at hand are given up when the gateway stops.
const LAST_TRIES: u32 = 3;

impl Charging {
    /// Starts the writer.
    ///
    /// # Errors
    /// The directory or the key cannot be had.
    pub(crate) fn start(config: &config::Charging, gateway: &str) -> Result<Self> {
        let Some(dir) = &config.dir else { return Ok(Self(None)) };
        let files = Files::open(dir, config.rotate_mib << 20);
        let files = files.with_context(|| format!("charging.dir: {} cannot be used", dir.display()))?;
        let secret = Secret { file: &config.key_file, env: None };
        secret.create_if_missing().context("charging.key_file")?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.read_key().context("charging.key_file")?.as_ref());
        let form = Arc::new(Form { gateway: gateway.to_owned(), target: config.target, key });
        let (queue, jobs) = mpsc::channel(config.max_waiting);
        tokio::spawn(write_all(jobs, form, files));
        Ok(Self(Some(queue)))
    }

    /// Whether records are kept.
    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Hands a finished request over. Never waits: one too many is counted and lost.
    pub(crate) fn keep(&self, finished: impl FnOnce() -> Finished) {
        let Some(queue) = &self.0 else { return };
        match queue.try_reserve() {
            Ok(place) => place.send(Job::Record(Box::new(finished()))),
            Err(_) => metrics::counter!("wherefore_charging_lost_total").increment(1),
        }
    }

    /// Waits until everything handed over is on disk and closes the file.
    pub(crate) async fn close(&self) {
        let Some(queue) = &self.0 else { return };
        let (done, closed) = oneshot::channel();
        if queue.send(Job::Close(done)).await.is_ok() {
            // An error is a writer that is gone: nothing is left to wait for.
            closed.await.ok();
        }
    }
}

async fn write_all(mut jobs: mpsc::Receiver<Job>, form: Arc<Form>, mut files: Files) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let received = tokio::time::timeout(LOOK, jobs.recv_many(&mut batch, BATCH)).await;
        let ended = received == Ok(0);
        let mut closers = Vec::new();
        let mut finished = Vec::with_capacity(batch.len());
        for job in batch.drain(..) {
            match job {
                Job::Record(record) => finished.push(*record),
                Job::Close(done) => closers.push(done),
            }
        }
        let last = ended || !closers.is_empty();
        let Some(back) = write(files, finished, &form, last).await else { return };
        files = back;
        for done in closers {
            // Whoever waited may have given up.
            done.send(()).ok();
        }
        if ended {
            return;
        }
    }
}

/// Writes one batch, again and again until the disk takes it; when the gateway stops, a few times. `None` ends the writer: its
/// thread was lost, and with it the file.
async fn write(mut files: Files, finished: Vec<Finished>, form: &Arc<Form>, last: bool) -> Option<Files> {
    let records = finished.len() as u64;
    let form = Arc::clone(form);
    let made = tokio::task::spawn_blocking(move || lines(finished, &form)).await;
    let mut text = made.unwrap_or_default();
    let mut tries = 0;
    loop {
        let now = timestamp();
        let tried = tokio::task::spawn_blocking(move || {
            let written = put(&mut files, &mut text, last, now);
            (files, text, written)
        });
        let written;
        (files, text, written) = tried.await.ok()?;
        match written {
            Ok(()) => {
                metrics::counter!("wherefore_charging_records_total").increment(records);
                return Some(files);
            }
            Err(error) => {
                metrics::counter!("wherefore_charging_failures_total").increment(1);
                tracing::error!(%error, records, "charging: records wait for the disk");
            }
        }
        tries += 1;
        if last && tries >= LAST_TRIES {
            metrics::counter!("wherefore_charging_lost_total").increment(records);
            return Some(files);
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// One try. What is on disk is taken out of `text`, so that another try does not write it twice.
fn put(files: &mut Files, text: &mut Vec<u8>, last: bool, now: jiff::Timestamp) -> std::io::Result<()> {
    if text.is_empty() {
        files.close_if_due(now)?;
    } else {
        files.append(text, now)?;
        text.clear();
    }
    if last { files.close() } else { Ok(()) }
}

/// The records as JSON, one a line.
fn lines(finished: Vec<Finished>, form: &Form) -> Vec<u8> {
    let mut text = Vec::with_capacity(finished.len() * 512);
    for finished in finished {
        let before = text.len();
        match serde_json::to_writer(&mut text, &form.record(finished)) {
            Ok(()) => text.push(b'\n'),
            Err(_) => text.truncate(before),
        }
    }
    text
}

fn timestamp() -> jiff::Timestamp {
    let micros = i64::try_from(clock::now().micros()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX)
}
