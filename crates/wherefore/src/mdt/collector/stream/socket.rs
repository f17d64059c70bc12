//! One socket: messages in, rows kept.

use super::super::Collector;
use super::registry::ConnectionId;
use crate::clock;
use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use lcs::Duration;
use mdt::rrc::{LogColumns, UperError};
use mdt::stream::{Kind, Record, StreamFault};
use mdt_store::{AnonymiseError, AnonymisedRows, Told};
use std::sync::Arc;
use tokio::time::Instant;

/// Rows that are kept at once, before their second is over.
const BATCH: usize = 4096;
/// How long rows wait for others.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a stream may be silent: networks send heartbeats.
const SILENCE: Duration = Duration::from_secs(300);

/// How long the end may take.
const LAST_WORD: Duration = Duration::from_secs(5);

/// Codes of RFC 6455 section 7.4.1, and of its registry.
const NORMAL: u16 = 1000;
const SILENT: u16 = 1001;
const NOT_BINARY: u16 = 1003;
const MALFORMED: u16 = 1007;
const TRY_AGAIN: u16 = 1013;

/// Reads a socket to its end. What was read is kept before the last word is said.
pub(super) async fn consume(collector: Arc<Collector>, mut socket: WebSocket, id: ConnectionId) {
    metrics::gauge!("wherefore_mdt_streams").increment(1);
    let (mut pending, mut due) = (AnonymisedRows::default(), None);
    let code = loop {
        let until = due.unwrap_or_else(|| Instant::now() + SILENCE);
        match tokio::time::timeout_at(until, socket.recv()).await {
            Err(_) if due.is_some() => {}
            Err(_) => break SILENT,
            Ok(Some(Ok(Message::Binary(octets)))) => match collector.message(octets, id).await {
                Ok(rows) => {
                    pending.append(&rows);
                    if !pending.is_empty() {
                        due = due.or(Some(Instant::now() + PATIENCE));
                    }
                    if pending.len() < BATCH {
                        continue;
                    }
                }
                Err(_) => break MALFORMED,
            },
            Ok(Some(Ok(Message::Text(_)))) => break NOT_BINARY,
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
            Ok(Some(Ok(Message::Close(_)))) | Ok(None) => break NORMAL,
            Ok(Some(Err(_))) => break MALFORMED,
        }
        // A second is over, or a batch is full. Nothing is read until it is written.
        due = None;
        if !collector.keep_streamed(&mut pending).await {
            break TRY_AGAIN;
        }
    };
    let code = if collector.keep_streamed(&mut pending).await { code } else { TRY_AGAIN };
    // Whoever hears the last word finds the connection gone.
    collector.streams.remove(id);
    metrics::gauge!("wherefore_mdt_streams").decrement(1);
    if code == NORMAL {
        // The other side closed: reading on sends the answer, now that everything is kept.
        tokio::time::timeout(LAST_WORD, async { while let Some(Ok(_)) = socket.recv().await {} }).await.ok();
    } else {
        let last = Message::Close(Some(CloseFrame { code, reason: "".into() }));
        // Whoever went away does not hear it.
        tokio::time::timeout(LAST_WORD, socket.send(last)).await.ok();
    }
}

fn count_message(outcome: &'static str) {
    metrics::counter!("wherefore_mdt_stream_messages_total", "outcome" => outcome).increment(1);
}

fn count_log(outcome: &'static str) {
    metrics::counter!("wherefore_mdt_stream_logs_total", "outcome" => outcome).increment(1);
}

impl Collector {
    /// Rows of one message.
    async fn message(self: &Arc<Self>, octets: Bytes, id: ConnectionId) -> Result<AnonymisedRows, StreamFault> {
        let this = Arc::clone(self);
        let reading = move || {
            let records = mdt::stream::read(&octets)?;
            Ok(this.records(&records, id))
        };
        // A closed runtime ends the stream as a message that is none does.
        let read = tokio::task::spawn_blocking(reading).await.unwrap_or(Err(StreamFault::TooMany));
        count_message(if read.is_ok() { "read" } else { "malformed" });
        if let Err(fault) = &read {
            tracing::warn!(%fault, "a stream of trace records was closed");
        }
        read
    }

    fn records(&self, records: &[Record], id: ConnectionId) -> AnonymisedRows {
        let (mut rows, mut log) = (AnonymisedRows::default(), LogColumns::default());
        for (number, record) in (1..).zip(records) {
            metrics::counter!("wherefore_mdt_stream_records_total", "kind" => record.kind.word()).increment(1);
            if record.dropped > 0 {
                metrics::counter!("wherefore_mdt_stream_dropped_events_total").increment(record.dropped);
            }
            if record.kind == Kind::Normal {
                count_log(self.record(record, number, id, &mut log, &mut rows));
            }
        }
        rows
    }

    /// Adds the rows of a log; says what became of it.
    fn record(
        &self,
        record: &Record,
        number: u64,
        id: ConnectionId,
        log: &mut LogColumns,
        rows: &mut AnonymisedRows,
    ) -> &'static str {
        let Some(found) = record.found(number) else { return "no_message" };
        // Asked for each: a job may be stopped, and a stream taken off, while the socket is open.
        let job = record.job.filter(|job| self.streams.streams(id, *job));
        let Some((reference, job)) = job.and_then(|job| Some((job, self.admit_stream(job).ok()?))) else {
            return "other_job";
        };
        log.clear();
        match found.decode_into(log) {
            Err(UperError::OtherMessage) => return "other_message",
            Err(_) => return "unreadable",
            Ok(_) if log.is_empty() => return "no_log",
            Ok(_) => {}
        }
        // The log names its job as well, and that one counts.
        if log.heads.iter().any(|head| head.trace.trace_reference != reference) {
            return "other_job";
        }
        match self.anonymiser.management(&job, log, Told::Nothing, None, clock::now()) {
            Ok((kept, _)) => {
                rows.append(&kept);
                "kept"
            }
            Err(AnonymiseError::Time { .. }) => "out_of_time",
            Err(_) => "other_job",
        }
    }

    /// Makes rows durable. They are gone from here in any case; a network that is told to try again sends new ones.
    async fn keep_streamed(&self, pending: &mut AnonymisedRows) -> bool {
        let rows = std::mem::take(pending);
        if rows.is_empty() {
            return true;
        }
        let count = rows.len() as u64;
        let kept = self.rows.keep_streamed(rows).await;
        let outcome = if kept.is_ok() { "kept" } else { "lost" };
        metrics::counter!("wherefore_mdt_stream_rows_total", "outcome" => outcome).increment(count);
        if let Err(error) = &kept {
            tracing::error!(%error, rows = count, "rows of a stream could not be kept and are lost");
        }
        kept.is_ok()
    }
}
