//! Who submits: the handle on the work with the centre.

use super::port::{MessageId, ShortMessage, SmsCentre, SubmitFailure};
use super::read::Reading;
use super::session::Limits;
use super::submissions::{Outcome, Terms};
use super::work::{Backoff, Work};
use super::write::Account;
use crate::config::{Config, SmscBind};
use crate::smpp::Dial;
use crate::smpp::wire::Pdu;
use anyhow::{Context as _, Result};
use futures_util::future::BoxFuture;
use lcs::{Address, Duration, Msisdn};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Orders on their way to the work; it takes them at once, and lets them wait itself.
const HANDED: usize = 64;

/// A message that is to go, and who waits for what becomes of it.
pub(super) struct Order {
    pub(super) pdu: Pdu,
    pub(super) who: oneshot::Sender<Outcome>,
}

/// What all sessions share.
pub(super) struct Shared {
    pub(super) account: Account,
    pub(super) dial: Dial,
    pub(super) reading: Reading,
    pub(super) limits: Limits,
    pub(super) terms: Terms,
    pub(super) backoff: Backoff,
    pub(super) bind: SmscBind,
    pub(super) bind_timeout: Duration,
}

/// This gateway as a client of the SMS centre. Clones are the same client.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    orders: mpsc::Sender<Order>,
}

impl Client {
    /// A client, and the work that it needs done; `None` where no centre is configured.
    ///
    /// # Errors
    /// The password or the authorities cannot be read.
    pub fn new(config: &Config) -> Result<Option<(Self, Work)>> {
        let smsc = &config.smsc;
        let Some(address) = smsc.address.as_deref() else { return Ok(None) };
        let shared = Arc::new(Shared {
            account: Account::new(config)?,
            dial: Dial::new(address, smsc.ca_file.as_deref(), smsc.pdu_limit_bytes).context("smsc")?,
            reading: Reading::new(config),
            limits: Limits::new(smsc),
            terms: Terms::new(smsc),
            backoff: Backoff::new(smsc),
            bind: smsc.bind,
            bind_timeout: Duration::from_millis(smsc.bind_timeout_ms),
        });
        let (orders, taken) = mpsc::channel(HANDED);
        Ok(Some((Self { shared: Arc::clone(&shared), orders }, Work::new(shared, taken))))
    }

    /// The number under which phones reach this gateway.
    #[must_use]
    pub fn number(&self) -> Address {
        self.shared.account.number()
    }

    async fn outcome(&self, to: Msisdn, message: &ShortMessage) -> Outcome {
        let pdu = self.shared.account.submit(to, message)?;
        let (who, outcome) = oneshot::channel();
        self.orders.send(Order { pdu, who }).await.map_err(|_| SubmitFailure::NotBound)?;
        // Whoever would have said has gone.
        outcome.await.unwrap_or(Err(SubmitFailure::NoAnswer))
    }
}

impl SmsCentre for Client {
    fn submit(&self, to: Msisdn, message: ShortMessage) -> BoxFuture<'_, Result<MessageId, SubmitFailure>> {
        Box::pin(async move {
            let outcome = self.outcome(to, &message).await;
            let said = match &outcome {
                Ok(_) => "taken",
                Err(SubmitFailure::NotBound) => "not_bound",
                Err(SubmitFailure::Throttled) => "throttled",
                Err(SubmitFailure::QueueFull) => "queue_full",
                Err(SubmitFailure::NoAnswer) => "no_answer",
                Err(SubmitFailure::Unavailable(_)) => "unavailable",
                Err(SubmitFailure::NoSuchSubscriber) => "no_such_subscriber",
                Err(SubmitFailure::Refused(_)) => "refused",
                Err(SubmitFailure::TooLong) => "too_long",
            };
            metrics::counter!("wherefore_smsc_submitted_total", "outcome" => said).increment(1);
            outcome
        })
    }
}
