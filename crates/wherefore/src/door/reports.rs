//! Reports to clients: kept in the store before anything is promised, delivered until taken or expired.

use super::mlp::{Ended, Job, parts};
use crate::clients::Client;
use crate::clock;
use crate::config::Push;
use crate::core::Core;
use crate::store::{Report, ReportId, ReportKind, Store};
use lcs::{Duration, Failure};
use mlp::{Immediate, Outcome, Pos, ResultId};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;

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

/// Delivers reports as they fall due until the gateway stops. Sleeps until the next is due, a new one is kept, or a place
/// falls free.
pub(crate) async fn deliver_forever(core: Arc<Core>, http: reqwest::Client) {
    let delivery = Delivery { store: Arc::clone(&core.store), push: core.config.mlp.push.clone(), http };
    Arc::new(delivery).run(&core.reports_due).await;
}

/// Delivery of what is in the outbox.
struct Delivery {
    store: Arc<Store>,
    push: Push,
    http: reqwest::Client,
}

/// Places for deliveries under way. Emergencies have their own: a client whose receiver hangs delays none of them.
struct Places {
    emergencies: Arc<Semaphore>,
    others: Arc<Semaphore>,
}

impl Delivery {
    async fn run(self: Arc<Self>, new: &Notify) {
        let most = self.push.max_concurrent.clamp(1, 1024);
        let places = Places { emergencies: Arc::new(Semaphore::new(most)), others: Arc::new(Semaphore::new(most)) };
        let mut under_way = JoinSet::new();
        loop {
            let full = self.begin_due(most, &places, &mut under_way).await;
            // A report that waits for a place needs no timer: the place wakes.
            let wait = if full { LONGEST_SLEEP } else { self.time_to_next().await };
            tokio::select! {
                () = new.notified() => {}
                Some(ended) = under_way.join_next() => {
                    if ended.is_err() {
                        tracing::error!("a delivery ended in a panic");
                    }
                }
                () = tokio::time::sleep(wait) => {
                    if let Err(error) = self.store.drop_expired_reports(clock::now()).await {
                        tracing::error!(%error, "expired reports cannot be dropped");
                    }
                }
            }
        }
    }

    /// Begins what is due and has a place; whether something has none.
    async fn begin_due(self: &Arc<Self>, most: usize, places: &Places, under_way: &mut JoinSet<()>) -> bool {
        let due = self.store.due_reports(clock::now(), u32::try_from(2 * most).unwrap_or(u32::MAX)).await;
        let due =
            due.inspect_err(|error| tracing::error!(%error, "pending reports cannot be read")).unwrap_or_default();
        let mut full = false;
        for report in due {
            let of_kind = match report.kind {
                ReportKind::Emerep => &places.emergencies,
                ReportKind::Slirep | ReportKind::Slrep => &places.others,
            };
            let Ok(place) = Arc::clone(of_kind).try_acquire_owned() else {
                full = true;
                continue;
            };
            // Not due again while it is tried; after a crash it is.
            let until = clock::now().after(self.limit().saturating_mul(2));
            if let Err(error) = self.store.hold_report(report.id, until).await {
                tracing::error!(%error, "a report cannot be held for its delivery");
                continue;
            }
            let delivery = Arc::clone(self);
            under_way.spawn(async move {
                delivery.deliver(report).await;
                drop(place);
            });
        }
        full
    }

    fn limit(&self) -> Duration {
        Duration::from_millis(self.push.timeout_ms)
    }

    /// Bounded below, so that a report that cannot be read or held does not keep the task spinning.
    async fn time_to_next(&self) -> Duration {
        let next = self.store.next_report_due().await.ok().flatten();
        let wait = next.map_or(LONGEST_SLEEP, |at| at.since(clock::now()));
        wait.clamp(Duration::from_millis(20), LONGEST_SLEEP)
    }

    async fn deliver(&self, report: Report) {
        let taken = if self.push.allow_plain_http || is_private(&report.destination) {
            let request = self.http.post(report.destination.as_str()).timeout(self.limit());
            let request = request.header(reqwest::header::CONTENT_TYPE, mlp::CONTENT_TYPE).body(report.body.to_vec());
            request.send().await.is_ok_and(|response| response.status().is_success())
        } else {
            tracing::error!(
                "a report is kept back: its address has no TLS; use https or set mlp.push.allow_plain_http"
            );
            false
        };
        let stored = if taken {
            metrics::counter!("wherefore_reports_delivered_total").increment(1);
            self.store.forget_report(report.id).await
        } else {
            metrics::counter!("wherefore_report_tries_failed_total").increment(1);
            let factor = 2u32.saturating_pow(report.attempts.min(31));
            let wait = Duration::from_millis(self.push.retry_ms).saturating_mul(factor);
            let wait = wait.min(Duration::from_secs(self.push.retry_max_s));
            self.store.postpone_report(report.id, clock::now().after(wait)).await
        };
        if let Err(error) = stored {
            tracing::error!(%error, "the outcome of a delivery cannot be kept");
        }
    }
}

/// Whether what goes to this URL can be read by nobody on the way: it goes over TLS, or to this machine. A name is no address
/// of this machine, whatever it resolves to today.
fn is_private(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    let host = url.host_str().map(|host| host.trim_start_matches('[').trim_end_matches(']'));
    let here = host.and_then(|host| host.parse::<IpAddr>().ok()).is_some_and(|address| address.is_loopback());
    url.scheme() == "https" || here
}

/// Longest sleep of the delivery.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use tokio::net::TcpListener;

    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn plain_http_stays_on_this_machine() {
        for url in ["https://app.example.net/x", "http://127.0.0.1:8080/x", "http://[::1]/x", "http://127.9.9.9/"] {
            assert!(is_private(url), "{url}");
        }
        for url in
            ["http://app.example.net/", "http://10.0.0.1/", "http://localhost/", "http://127.0.0.1.example/", "x"]
        {
            assert!(!is_private(url), "{url}");
        }
    }

    /// A receiver that accepts and never answers holds up its own reports and nobody else's.
    #[tokio::test]
    async fn a_receiver_that_hangs_delays_no_emergency() {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let dir = tempfile::tempdir().unwrap();
        let (path, key_file) = (dir.path().join("w.db"), dir.path().join("w.key"));
        let store = Store::open(&config::Store { path, key_file, ..config::Store::default() }).await.unwrap();
        let store = Arc::new(store);
        let (hanging, sink) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await);
        let sink = sink.unwrap();
        let expires = clock::now().after(PATIENCE);
        let keep = async |kind, client, to: &TcpListener| {
            let url = format!("http://{}/", to.local_addr().unwrap());
            store.keep_report(kind, client, &url, b"<svc_result/>", expires).await.unwrap();
        };
        for _ in 0..3 {
            keep(ReportKind::Slirep, "fleet", &hanging).await;
        }
        let push = Push { max_concurrent: 1, timeout_ms: 60_000, ..Push::default() };
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let (new, delivery) = (Arc::new(Notify::new()), Delivery { store: Arc::clone(&store), push, http });
        let running = tokio::spawn({
            let new = Arc::clone(&new);
            async move { Arc::new(delivery).run(&new).await }
        });
        let held = tokio::time::timeout(PATIENCE, hanging.accept()).await.unwrap().unwrap();
        keep(ReportKind::Emerep, "emergency", &sink).await;
        new.notify_one();
        tokio::time::timeout(PATIENCE, sink.accept()).await.expect("the emergency is delivered meanwhile").unwrap();
        drop(held);
        running.abort();
    }
}
