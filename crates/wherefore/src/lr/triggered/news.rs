//! What becomes of the deferred requests of other gateways, kept until each has it.

use super::asking::HOME;
use super::letter::Letter;
use crate::clock;
use crate::config::Config;
use crate::door::note_given_up;
use crate::ldr::{LdrNews, Outbox};
use crate::store::{InOrder, NewReport, ReportKind, Store, StoreError};
use futures_util::future::BoxFuture;
use gmlc::{EndReason, LdrReport, LdrRequest, ReportedEvent};
use lcs::{DeferredEvent, Duration, Failure, TerminationCause};
use mlp::rlp::{OutgoingNews, OutgoingTold, Sender, Subject};
use mlp::{ResultId, TriggerWord, TriggeredOutcome, result_of};
use std::sync::Arc;
use tokio::sync::Notify;

/// Keeps what other gateways are told of their deferred requests until it is delivered.
pub(crate) struct GatewayNews {
    store: Arc<Store>,
    due: Arc<Notify>,
    sender: Sender,
    keep: Duration,
    keep_per_gateway: u32,
}

impl GatewayNews {
    /// Over this store; `due` wakes the delivery.
    pub(crate) fn new(store: Arc<Store>, due: Arc<Notify>, config: &Config) -> Self {
        Self {
            store,
            due,
            sender: Sender::new(config.lr_name()),
            keep: Duration::from_secs(config.mlp.push.keep_s),
            keep_per_gateway: config.mlp.push.keep_per_client,
        }
    }

    async fn keep(&self, request: &LdrRequest, news: &LdrNews) -> Result<(), StoreError> {
        let unreadable = StoreError::Unreadable { table: "deferred", column: "request" };
        let letter = Letter::from_octets(&request.door).ok_or(unreadable)?;
        let subject = letter.subject().ok_or(StoreError::Unreadable { table: "deferred", column: "request" })?;
        let (number, told) = match news {
            // The protocol has no word for it, as far as it is known.
            LdrNews::Paused(_) => return Ok(()),
            LdrNews::Report(report) => {
                (i64::from(report.number) * InOrder::BETWEEN, reported(request, report, &subject))
            }
            LdrNews::End(end) => {
                let reason = end.reason;
                let by_network = matches!(reason, EndReason::Terminated(_) | EndReason::Failed(_) | EndReason::Expired);
                // Why is for the home gateway, which begins it anew where the phone went.
                let cause = letter.is_of_home().then(|| cause_of(reason));
                (InOrder::END, OutgoingTold::Ended { by_network, cause })
            }
        };
        let mut body = String::with_capacity(1024);
        let (version, request_id) = (letter.version(), letter.request_id.as_str());
        OutgoingNews { version, sender: &self.sender, request_id, told }.write(&mut body);
        let report = NewReport {
            kind: ReportKind::Trlrep,
            client: &format!("lr/{}", letter.peer),
            destination: &if letter.is_of_home() { format!("{HOME}{}", letter.peer) } else { letter.peer.clone() },
            body: body.as_bytes(),
            expires: clock::now().after(self.keep),
        };
        let in_order = InOrder { stream: request.id.0, number };
        let given_up = self.store.keep_in_order(&[(report, in_order)], self.keep_per_gateway).await?;
        given_up.iter().for_each(note_given_up);
        self.due.notify_one();
        Ok(())
    }
}

impl Outbox for GatewayNews {
    fn put<'a>(&'a self, request: &'a LdrRequest, news: &'a LdrNews) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.keep(request, news))
    }
}

fn cause_of(reason: EndReason) -> TerminationCause {
    match reason {
        EndReason::Completed => TerminationCause::Normal,
        EndReason::Expired => TerminationCause::InternalTimeout,
        EndReason::ByClient | EndReason::BySubscriber | EndReason::ByOperator => TerminationCause::NetworkTermination,
        EndReason::Refused(_) => TerminationCause::PrivacyViolation,
        EndReason::Terminated(cause) => cause,
        EndReason::Failed(_) => TerminationCause::Undefined,
    }
}

/// A report as it is told. Why a position is missing may be a refusal, which is hidden.
fn reported<'a>(request: &LdrRequest, report: &'a LdrReport, subject: &'a Subject) -> OutgoingTold<'a> {
    let at = report.at;
    let failed = |result| TriggeredOutcome::Failed { result, add_info: None, at };
    let outcome = match (&report.fix, report.event, report.missing) {
        (Some(fix), ..) => TriggeredOutcome::Fixed { fix, at },
        (None, ReportedEvent::NotAvailable, _) => failed(ResultId::ABSENT_SUBSCRIBER),
        (None, ReportedEvent::Periodic, missing) => {
            failed(result_of(missing.unwrap_or(Failure::PositioningFailed), true))
        }
        (None, ..) => TriggeredOutcome::Event { at },
    };
    let trigger = match (report.event, &request.event) {
        (ReportedEvent::NotAvailable, _) | (_, DeferredEvent::Periodic { .. }) => TriggerWord::Periodic,
        (_, DeferredEvent::UeAvailable) => TriggerWord::Available,
        (_, DeferredEvent::Area { .. }) => TriggerWord::ChangeArea,
        (_, DeferredEvent::Motion { .. }) => TriggerWord::Equidistance,
    };
    let (number, last, qos_class) = (report.number, report.last, request.request.qos.class);
    OutgoingTold::Report { number, last, subject, trigger, outcome, qos_class }
}
