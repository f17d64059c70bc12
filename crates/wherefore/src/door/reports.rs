//! Reports of asynchronous requests: kept in the store before anything is promised.

use super::mlp::{Ended, Job, parts};
use crate::clients::Client;
use crate::core::Core;
use crate::store::{ReportId, ReportKind};
use lcs::{Duration, Failure};
use mlp::{Immediate, Outcome, Pos, ResultId};
use std::sync::Arc;

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
