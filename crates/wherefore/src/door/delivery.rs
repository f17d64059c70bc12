//! Delivery of what is kept for clients: until taken or out of date.
//!
//! ```text
//!   outbox ── due, next in its order ──> a place ──> POST ── taken ──> forgotten, what waited for the receiver is due
//!                                                     └── not taken ──> the receiver waits, twice as long each time
//! ```

use crate::clock;
use crate::config::Push;
use crate::core::Core;
use crate::lr::NewsTaken;
use crate::store::{GivenUp, InOrder, Receiver, Report, ReportId, ReportKind, Store};
use gmlc::EndReason;
use lcs::{Duration, Timestamp};
use privacy::disclosure::RequestId;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

/// Header that names a report of a triggered request: the name of its request about this target, and its number there, from 1. The same
/// header is the same report, so a client drops what it has seen. `end` stands for the number of what comes last.
const REPORT_HEADER: &str = "wherefore-report";

/// Delivers reports as they fall due until the gateway stops. Sleeps until the next is due, a new one is kept, or a place
/// falls free.
pub(crate) async fn deliver_forever(core: Arc<Core>, http: reqwest::Client) {
    let (store, push, core) = (Arc::clone(&core.store), core.config.mlp.push.clone(), Some(core));
    let due = core.as_ref().map(|core| Arc::clone(&core.reports_due)).unwrap_or_default();
    Arc::new(Delivery { store, push, http, core }).run(&due).await;
}

/// Delivery of what is in the outbox.
struct Delivery {
    store: Arc<Store>,
    push: Push,
    http: reqwest::Client,
    /// Whose gateways of others are told.
    core: Option<Arc<Core>>,
}

/// Places for deliveries under way. Emergencies have their own: a client whose receiver hangs delays none of them. Of the others, one
/// receiver has a fourth at most, and one place while it does not answer.
struct Places {
    emergencies: Arc<Semaphore>,
    others: Arc<Semaphore>,
    of_one: usize,
    under_way: HashSet<ReportId>,
    receivers: HashMap<Receiver, usize>,
}

/// A delivery that has a place.
type Begun = (ReportId, Option<Receiver>);

impl Places {
    fn new(most: usize) -> Self {
        Self {
            emergencies: Arc::new(Semaphore::new(most)),
            others: Arc::new(Semaphore::new(most)),
            of_one: (most / 4).max(1),
            under_way: HashSet::new(),
            receivers: HashMap::new(),
        }
    }

    /// A place for this report; `None` if it is under way already, or nothing is free.
    fn take(&mut self, report: &Report) -> Option<OwnedSemaphorePermit> {
        let emergency = report.kind == ReportKind::Emerep;
        let used = report.receiver.and_then(|receiver| self.receivers.get(&receiver)).copied().unwrap_or(0);
        let most = if report.attempts > 0 { 1 } else { self.of_one };
        if self.under_way.contains(&report.id) || !emergency && used >= most {
            return None;
        }
        let places = if emergency { &self.emergencies } else { &self.others };
        let place = Arc::clone(places).try_acquire_owned().ok()?;
        self.under_way.insert(report.id);
        if let Some(receiver) = report.receiver {
            *self.receivers.entry(receiver).or_default() += 1;
        }
        Some(place)
    }

    fn give_back(&mut self, (id, receiver): Begun) {
        self.under_way.remove(&id);
        let Some(receiver) = receiver else { return };
        let left = self.receivers.get_mut(&receiver).map(|used| {
            *used = used.saturating_sub(1);
            *used
        });
        if left == Some(0) {
            self.receivers.remove(&receiver);
        }
    }
}

impl Delivery {
    async fn run(self: Arc<Self>, new: &Notify) {
        let most = self.push.max_concurrent.clamp(1, 1024);
        let mut places = Places::new(most);
        let mut under_way = JoinSet::new();
        // Nobody is at work on what the process before this one held.
        if let Err(error) = self.store.release_held_reports(clock::now()).await {
            tracing::error!(%error, "what was under way before the start is delivered later");
        }
        loop {
            let now = clock::now();
            self.begin_due(now, most, &mut places, &mut under_way).await;
            let wait = self.time_to_next(now).await;
            tokio::select! {
                () = new.notified() => {}
                Some(ended) = under_way.join_next() => {
                    let mut ended = Some(ended);
                    // What ended meanwhile is looked after together.
                    while let Some(one) = ended {
                        match one {
                            Ok(begun) => places.give_back(begun),
                            Err(_) => {
                                // Whose place it was is not known: all that are under way now end before others begin.
                                tracing::error!("a delivery ended in a panic");
                                while let Some(ended) = under_way.join_next().await {
                                    drop(ended);
                                }
                                places = Places::new(most);
                            }
                        }
                        ended = under_way.try_join_next();
                    }
                }
                () = tokio::time::sleep(wait) => self.give_up().await,
            }
        }
    }

    /// Begins what is due and has a place.
    async fn begin_due(
        self: &Arc<Self>,
        now: Timestamp,
        most: usize,
        places: &mut Places,
        under_way: &mut JoinSet<Begun>,
    ) {
        // What is under way is due, too, until its outcome is kept. After a crash it is delivered again.
        let of_one = u32::try_from(2 * places.of_one).unwrap_or(u32::MAX);
        let limit = u32::try_from(8 * most).unwrap_or(u32::MAX);
        let due = self.store.due_reports_but(&places.under_way, now, of_one, limit).await;
        let due =
            due.inspect_err(|error| tracing::error!(%error, "pending reports cannot be read")).unwrap_or_default();
        for report in due {
            let Some(place) = places.take(&report) else { continue };
            let begun = (report.id, report.receiver);
            let delivery = Arc::clone(self);
            under_way.spawn(async move {
                delivery.deliver(report).await;
                drop(place);
                begun
            });
        }
    }

    /// Drops what is out of date, with a line in the program's log for each.
    async fn give_up(&self) {
        match self.store.drop_expired_reports(clock::now()).await {
            Ok(given_up) => given_up.iter().for_each(note_given_up),
            Err(error) => tracing::error!(%error, "expired reports cannot be dropped"),
        }
    }

    fn limit(&self) -> Duration {
        Duration::from_millis(self.push.timeout_ms)
    }

    /// Time to what is due later than `now`. What was due by then has begun, or waits for a place or for the report before it, whose end
    /// wakes.
    async fn time_to_next(&self, now: Timestamp) -> Duration {
        let next = self.store.next_report_due(now).await.ok().flatten();
        next.map_or(LONGEST_SLEEP, |at| at.since(clock::now())).min(LONGEST_SLEEP)
    }

    async fn deliver(&self, report: Report) {
        let taken = match report.kind {
            ReportKind::Trlrep => self.tell(&report).await,
            _ => self.post(&report).await,
        };
        let now = clock::now();
        let word = if taken { "wherefore_reports_delivered_total" } else { "wherefore_report_tries_failed_total" };
        metrics::counter!(word).increment(1);
        let mut wait = OUTCOME_AGAIN;
        loop {
            let stored = if taken {
                self.store.delivered_report(&report, now).await
            } else {
                self.store.postpone_report(&report, now.after(self.wait(&report))).await
            };
            let Err(error) = stored else { return };
            // It keeps its place: let go, it would be due at once, and its receiver get it over and over.
            tracing::error!(%error, "the outcome of a delivery cannot be kept; nothing else is tried in its place");
            tokio::time::sleep(wait).await;
            wait = wait.saturating_mul(2).min(LONGEST_SLEEP);
        }
    }

    async fn post(&self, report: &Report) -> bool {
        if !self.push.allow_plain_http && !is_private(&report.destination) {
            tracing::error!(
                "a report is kept back: its address has no TLS; use https or set mlp.push.allow_plain_http"
            );
            return false;
        }
        let request = self.http.post(report.destination.as_str()).timeout(self.limit());
        let mut request = request.header(reqwest::header::CONTENT_TYPE, mlp::CONTENT_TYPE);
        if let Some(in_order) = report.in_order {
            request = request.header(REPORT_HEADER, name_of(in_order));
        }
        let sent = request.body(report.body.to_vec()).send().await;
        sent.is_ok_and(|response| response.status().is_success())
    }

    /// Tells another gateway what became of its request. One that waits for nothing of that name any more ends it.
    async fn tell(&self, report: &Report) -> bool {
        let Some(core) = &self.core else { return false };
        match core.network.gateways().tell(&report.destination, &report.body).await {
            NewsTaken::Taken => true,
            NewsTaken::NotTaken => false,
            NewsTaken::Gone => {
                let ending = core.deferred.as_ref().zip(report.in_order);
                if let Some((deferred, InOrder { stream, .. })) = ending {
                    deferred.cancel_one(core, RequestId(stream), EndReason::ByClient).await.is_ok()
                } else {
                    true
                }
            }
        }
    }

    /// Twice as long after each try in vain, and up to a fourth longer by lot, so that receivers that failed together are not tried
    /// together.
    fn wait(&self, report: &Report) -> Duration {
        let factor = 2u32.saturating_pow(report.attempts.min(31));
        let wait = Duration::from_millis(self.push.retry_ms).saturating_mul(factor);
        let wait = wait.min(Duration::from_secs(self.push.retry_max_s));
        wait.saturating_add(wait / 1024 * u32::from(report.id.lot(report.attempts)))
    }
}

/// Value of the header that names a report.
fn name_of(InOrder { stream, number }: InOrder) -> String {
    let stream = crate::forms::to_hex(&stream);
    match (number / InOrder::BETWEEN, number % InOrder::BETWEEN) {
        _ if number == InOrder::END => format!("{stream};end"),
        _ if number == InOrder::END - 1 => format!("{stream};ending"),
        (report, 0) => format!("{stream};{report}"),
        (report, change) => format!("{stream};{report}.{change}"),
    }
}

/// Tells the operator of a report that its client never got.
pub(crate) fn note_given_up(report: &GivenUp) {
    metrics::counter!("wherefore_reports_given_up_total").increment(1);
    let kind = report.kind.map_or("unknown", ReportKind::word);
    let name = report.in_order.map(name_of);
    let (client, attempts) = (report.client.as_str(), report.attempts);
    tracing::error!(client, kind, report = name, attempts, "a report is given up: its client did not take it in time");
}

/// Whether what goes to this URL can be read by nobody on the way: it goes over TLS, or to this machine. A name is no address
/// of this machine, whatever it resolves to today.
fn is_private(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    let host = url.host_str().map(|host| host.trim_start_matches('[').trim_end_matches(']'));
    let here = host.and_then(|host| host.parse::<IpAddr>().ok()).is_some_and(|address| address.is_loopback());
    url.scheme() == "https" || here
}

/// Wait before the outcome of a delivery is kept at the second try; doubled with each.
const OUTCOME_AGAIN: Duration = Duration::from_millis(100);
/// Longest sleep of the delivery.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
