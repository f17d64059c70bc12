//! Reports to clients: kept in the store before anything is promised, delivered until taken or expired.

use super::mlp::{Ended, Job, parts};
use crate::clients::Client;
use crate::core::Core;
use crate::store::{Report, ReportId, ReportKind};
use lcs::{Duration, Failure};
use mlp::{Immediate, Outcome, Pos, ResultId};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The promise of a report, kept in the store as one that says "system failure" until the true one takes its place.
pub(super) struct Promise {
    kept: ReportId,
    request_id: String,
    destination: String,
    client: Arc<str>,
}

/// Promises a report about `job` to where the client may have it.
///
/// # Errors
/// No address, one that the client's record does not allow, or the store cannot keep the promise.
pub(super) async fn promise(core: &Core, job: &Job, client: &Client) -> Result<Promise, Failure> {
    let request = job.immediate().ok_or(Failure::InvalidRequest)?;
    let asked = request.push_address.as_ref().map(|push| push.url.expose().to_owned());
    let destination = asked.or_else(|| client.record().push_urls.first().cloned()).ok_or(Failure::InvalidRequest)?;
    if !client.may_push_to(&destination) {
        return Err(Failure::UnauthorisedApplication);
    }
    let request_id = request_id(&job.id.0);
    let at = core.now();
    let failed =
        |target| Pos { target, outcome: Outcome::Failed { result: ResultId::SYSTEM_FAILURE, add_info: None, at } };
    let body = write(job, request, &request_id, &request.targets.iter().map(failed).collect::<Vec<_>>());
    // Due only when the true one must have come.
    let due = Duration::from_millis(core.config.mlp.request_timeout_ms).saturating_mul(2);
    let expires = at.after(Duration::from_secs(core.config.mlp.push.keep_s)).after(due);
    let kept = core.store.keep_report_for_later(
        ReportKind::Slirep,
        client.account(),
        &destination,
        &body,
        at.after(due),
        expires,
    );
    let kept = kept.await.map_err(|_| Failure::SystemFailure)?;
    Ok(Promise { kept, request_id, destination, client: Arc::clone(client.account()) })
}

impl Promise {
    pub(super) fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Puts the true report in place of the promise, due at once.
    pub(super) async fn keep(self, core: &Core, job: &Job, ended: &[Ended]) {
        let Some(request) = job.immediate() else { return };
        let body = write(job, request, &self.request_id, &parts(&request.targets, ended));
        let expires = core.now().after(Duration::from_secs(core.config.mlp.push.keep_s));
        let kept = core.store.keep_report(ReportKind::Slirep, &self.client, &self.destination, &body, expires).await;
        let done = match kept {
            // The promise goes last: a crash in between tells the client twice, which its request id lets it see.
            Ok(_) => core.store.forget_report(self.kept).await.is_ok(),
            Err(_) => false,
        };
        if !done {
            metrics::counter!("wherefore_reports_not_kept_total").increment(1);
            tracing::error!(request = %self.request_id, "a report could not be kept; the client will be told of a failure");
        }
        core.reports_due.notify_one();
    }
}

fn write(job: &Job, request: &Immediate, request_id: &str, positions: &[Pos<'_>]) -> Vec<u8> {
    let mut out = String::with_capacity(1024);
    let report = mlp::Report {
        version: job.init.version,
        service: request.service,
        shapes: job.init.header.supported_shapes.as_ref(),
        qos_class: request.quality.qos.class,
        request_id,
        push_address: request.push_address.as_ref(),
        positions,
    };
    report.write(&mut out);
    out.into_bytes()
}

fn request_id(octets: &[u8; 16]) -> String {
    crate::forms::to_hex(octets)
}

/// Delivers reports as they fall due, so many at once, until the gateway stops. Sleeps until the next is due or a new one is
/// kept.
pub(crate) async fn deliver_forever(core: Arc<Core>, http: reqwest::Client) {
    let push = &core.config.mlp.push;
    let places = Arc::new(Semaphore::new(push.max_concurrent.clamp(1, 1024)));
    loop {
        let notified = core.reports_due.notified();
        let batch = u32::try_from(push.max_concurrent.clamp(1, 1024)).unwrap_or(1);
        let due = core.store.due_reports(core.now(), batch).await;
        let due =
            due.inspect_err(|error| tracing::error!(%error, "pending reports cannot be read")).unwrap_or_default();
        if due.is_empty() {
            let next = core.store.next_report_due().await.ok().flatten();
            let wait = next.map_or(Duration::from_secs(60), |at| at.since(core.now()));
            // Bounded below, so that a report that cannot be read does not keep this task spinning.
            let wait = wait.clamp(Duration::from_millis(20), Duration::from_secs(60));
            tokio::select! {
                () = notified => {}
                () = tokio::time::sleep(wait) => {}
            }
            if let Err(error) = core.store.drop_expired_reports(core.now()).await {
                tracing::error!(%error, "expired reports cannot be dropped");
            }
            continue;
        }
        let mut under_way = Vec::with_capacity(due.len());
        for report in due {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let (core, http) = (Arc::clone(&core), http.clone());
            under_way.push(tokio::spawn(async move {
                deliver(&core, &http, report).await;
                drop(place);
            }));
        }
        for task in under_way {
            if task.await.is_err() {
                tracing::error!("a delivery ended in a panic");
            }
        }
    }
}

async fn deliver(core: &Core, http: &reqwest::Client, report: Report) {
    let limit = Duration::from_millis(core.config.mlp.push.timeout_ms);
    let request = http.post(report.destination.as_str()).timeout(limit);
    let request = request.header(reqwest::header::CONTENT_TYPE, mlp::CONTENT_TYPE).body(report.body.to_vec());
    let taken = request.send().await.is_ok_and(|response| response.status().is_success());
    let stored = if taken {
        metrics::counter!("wherefore_reports_delivered_total").increment(1);
        core.store.forget_report(report.id).await
    } else {
        metrics::counter!("wherefore_report_tries_failed_total").increment(1);
        let push = &core.config.mlp.push;
        let factor = 2u32.saturating_pow(report.attempts.min(31));
        let wait = Duration::from_millis(push.retry_ms).saturating_mul(factor);
        let wait = wait.min(Duration::from_secs(push.retry_max_s));
        core.store.postpone_report(report.id, core.now().after(wait)).await
    };
    if let Err(error) = stored {
        tracing::error!(%error, "the outcome of a delivery cannot be kept");
    }
}
