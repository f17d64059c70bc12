//! What becomes of triggered requests, on its way to the client: `tlrep`, `tlrsa`.

use super::context::Context;
use super::request_id;
use crate::clients::Client;
use crate::clock;
use crate::config;
use crate::core::Core;
use crate::door::delivery::note_given_up;
use crate::ldr::{LdrNews, Outbox};
use crate::store::{InOrder, NewReport, ReportKind, Store, StoreError};
use futures_util::future::BoxFuture;
use gmlc::{EndReason, LdrEnd, LdrPause, LdrReport, LdrRequest, ReportedEvent};
use lcs::{Duration, Failure, LdrReference, Timestamp};
use mlp::{
    PauseReport, PushAddress, ResultId, StopNotice, TriggerWord, TriggeredOutcome, TriggeredPos, TriggeredReport,
    Version, result_of,
};
use privacy::disclosure::RequestId;
use std::sync::Arc;
use tokio::sync::Notify;

/// Where a client's reports go.
///
/// # Errors
/// No address, or one that the client's record does not allow.
pub(super) fn destination(client: &Client, asked: Option<&PushAddress>) -> Result<String, Failure> {
    let asked = asked.map(|push| push.url.expose().to_owned());
    let url = asked.or_else(|| client.record().push_urls.first().cloned()).ok_or(Failure::InvalidRequest)?;
    if client.may_push_to(&url) { Ok(url) } else { Err(Failure::UnauthorisedApplication) }
}

/// Keeps what clients are told of their triggered requests until it is delivered.
pub(crate) struct ClientNews {
    store: Arc<Store>,
    due: Arc<Notify>,
    keep: Duration,
    keep_per_client: u32,
    hide: bool,
}

impl ClientNews {
    /// Over this store; `due` wakes the delivery.
    pub(crate) fn new(store: Arc<Store>, due: Arc<Notify>, mlp: &config::Mlp) -> Self {
        Self {
            store,
            due,
            keep: Duration::from_secs(mlp.push.keep_s),
            keep_per_client: mlp.push.keep_per_client,
            hide: mlp.hide_refusal_reasons,
        }
    }

    async fn keep(&self, request: &LdrRequest, news: &LdrNews) -> Result<(), StoreError> {
        let unreadable = StoreError::Unreadable { table: "deferred", column: "request" };
        let context = Context::from_octets(&request.door).ok_or(unreadable)?;
        let letters = match news {
            LdrNews::Report(report) => vec![(place_of(report.number, 0), self.report(&context, request, report))],
            LdrNews::End(end) => ending(&context, end),
            LdrNews::Paused(pause) => pausing(&context, pause),
        };
        let expires = clock::now().after(self.keep);
        let reports: Vec<_> = letters
            .iter()
            .map(|(number, body)| {
                let (kind, client, body) = (ReportKind::Tlrep, &*request.request.account, body.as_bytes());
                let report = NewReport { kind, client, destination: context.url(), body, expires };
                (report, InOrder { stream: request.id.0, number: *number })
            })
            .collect();
        let given_up = self.store.keep_in_order(&reports, self.keep_per_client).await?;
        given_up.iter().for_each(note_given_up);
        self.due.notify_one();
        Ok(())
    }

    fn report(&self, context: &Context, request: &LdrRequest, report: &LdrReport) -> String {
        let at = report.at;
        let outcome = match (&report.fix, report.event, report.missing) {
            (Some(fix), ..) => TriggeredOutcome::Fixed { fix, at },
            (None, ReportedEvent::NotAvailable, _) => absent(at),
            // A report at a time has nothing to tell but a place.
            (None, ReportedEvent::Periodic, missing) => {
                let result = result_of(missing.unwrap_or(Failure::PositioningFailed), self.hide);
                TriggeredOutcome::Failed { result, add_info: None, at }
            }
            (None, ..) => TriggeredOutcome::Event { at },
        };
        let trigger = match report.event {
            ReportedEvent::NotAvailable => TriggerWord::Periodic,
            _ => context.trigger(),
        };
        let remaining = Some(request.stop.since(at)).filter(|_| !report.last);
        let manner = (Some(report.reference), request.request.qos.class);
        tlrep_of(context, report.id, manner, (trigger, outcome), remaining)
    }
}

impl Outbox for ClientNews {
    fn put<'a>(&'a self, request: &'a LdrRequest, news: &'a LdrNews) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.keep(request, news))
    }
}

fn absent<'a>(at: Timestamp) -> TriggeredOutcome<'a> {
    TriggeredOutcome::Failed { result: ResultId::ABSENT_SUBSCRIBER, add_info: None, at }
}

/// The place of a report among the news of its request, or of the change after it.
fn place_of(report: u32, change: u16) -> i64 {
    i64::from(report) * InOrder::BETWEEN + i64::from(change)
}

/// Reports pause or go on: a `tlrpr`, which clients know that speak 3.4 or later.
fn pausing(context: &Context, pause: &LdrPause) -> Vec<(i64, String)> {
    if context.version() < Version::V3_4 {
        return Vec::new();
    }
    let (address, msid, request_id) = (context.push_address(), context.msid(), request_id(pause.id));
    let mut body = String::with_capacity(256);
    let notice = PauseReport {
        version: context.version(),
        push_address: Some(&address),
        msid: &msid,
        request_id: &request_id,
        lcs_ref: Some(pause.reference).filter(|_| context.alone),
        resumed: !pause.paused,
    };
    notice.write(&mut body);
    vec![(place_of(pause.after, pause.change), body)]
}

/// A request that ended: a `tlrsa`, and before it a `tlrep` with 114 if it was the network that ended it (OMA MLP section 5.2.3.6).
fn ending(context: &Context, end: &LdrEnd) -> Vec<(i64, String)> {
    let by_network = matches!(end.reason, EndReason::Terminated(_) | EndReason::Failed(_) | EndReason::Expired);
    let mut letters = Vec::with_capacity(2);
    if by_network {
        let result = ResultId::CANCELLATION_OF_TRIGGERED_LOCATION_REQUEST;
        let outcome = TriggeredOutcome::Failed { result, add_info: None, at: end.at };
        let body = tlrep(context, end.id, Some(end.reference), (context.trigger(), outcome), None);
        letters.push((InOrder::END - 1, body));
    }
    let (address, msid) = (context.push_address(), context.msid());
    let targets: &[_] = if context.alone { &[] } else { &[&msid] };
    let request_id = request_id(end.id);
    let mut body = String::with_capacity(256);
    let notice =
        StopNotice { version: context.version(), push_address: Some(&address), request_id: &request_id, targets };
    notice.write(&mut body);
    letters.push((InOrder::END, body));
    letters
}

fn tlrep(
    context: &Context,
    id: RequestId,
    lcs_ref: Option<LdrReference>,
    (trigger, outcome): (TriggerWord, TriggeredOutcome<'_>),
    remaining: Option<Duration>,
) -> String {
    tlrep_of(context, id, (lcs_ref, lcs::QosClass::BestEffort), (trigger, outcome), remaining)
}

/// The same for a quality class: an assured position that misses its accuracy is not told.
fn tlrep_of(
    context: &Context,
    id: RequestId,
    (lcs_ref, qos_class): (Option<LdrReference>, lcs::QosClass),
    (trigger, outcome): (TriggerWord, TriggeredOutcome<'_>),
    remaining: Option<Duration>,
) -> String {
    let (address, msid, shapes) = (context.push_address(), context.msid(), context.shapes());
    let request_id = request_id(id);
    let positions = [TriggeredPos { msid: &msid, trigger, outcome }];
    let mut body = String::with_capacity(1024);
    let report = TriggeredReport {
        version: context.version(),
        shapes: shapes.as_ref(),
        qos_class,
        request_id: &request_id,
        lcs_ref: lcs_ref.filter(|_| context.alone),
        push_address: Some(&address),
        positions: &positions,
        remaining,
    };
    report.write(&mut body);
    body
}

/// Tells a client which targets of a request are not waited for, though others are.
///
/// # Errors
/// It cannot be kept.
pub(super) async fn tell_refused(
    core: &Core,
    account: &str,
    refused: &[(RequestId, Context, ResultId)],
) -> Result<(), StoreError> {
    let at = core.now();
    let bodies = refused.iter().map(|(id, context, result)| {
        let outcome = TriggeredOutcome::Failed { result: *result, add_info: None, at };
        tlrep(context, *id, None, (context.trigger(), outcome), None)
    });
    let bodies: Vec<String> = bodies.collect();
    let expires = at.after(Duration::from_secs(core.config.mlp.push.keep_s));
    let reports: Vec<_> = refused
        .iter()
        .zip(&bodies)
        .map(|((id, context, _), body)| {
            let (kind, body) = (ReportKind::Tlrep, body.as_bytes());
            let report = NewReport { kind, client: account, destination: context.url(), body, expires };
            (report, InOrder { stream: id.0, number: InOrder::END })
        })
        .collect();
    let given_up = core.store.keep_in_order(&reports, core.config.mlp.push.keep_per_client).await?;
    given_up.iter().for_each(note_given_up);
    core.reports_due.notify_one();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use mlp::{Hidden, Msid};

    /// `tlrpr` came with 3.4.
    #[test]
    fn clients_that_know_pauses_are_told_between_two_reports() {
        let msid = Msid { kind: None, encoding: None, text: Hidden::new("461011678298") };
        let told = |version, after, change, paused| {
            let context = Context::new(version, "https://c.example/".into(), None, &msid, None);
            let (id, reference) = (RequestId([0xAB; 16]), LdrReference(7));
            pausing(&context, &LdrPause { id, reference, paused, after, change })
        };
        for version in [Version::V3_2, Version::V3_3] {
            assert_eq!(told(version, 1, 1, true), []);
        }
        for version in [Version::V3_4, Version::V3_5] {
            let (pause, resume) = (told(version, 1, 1, true), told(version, 1, 2, false));
            assert!(place_of(1, 0) < pause[0].0 && pause[0].0 < resume[0].0 && resume[0].0 < place_of(2, 0));
            let said = |cause: &str| {
                format!("<tlrpr ver=\"{}\" cause=\"{cause}\"><msid>461011678298</msid>", version.as_str())
            };
            assert!(pause[0].1.contains(&said("PAUSE")) && resume[0].1.contains(&said("RESUME")), "{}", pause[0].1);
        }
        assert!(place_of(u32::MAX, u16::MAX) < InOrder::END - 1);
    }
}
