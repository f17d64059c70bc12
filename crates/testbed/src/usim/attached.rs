//! A subscriber with a card who is attached to the network: whatever the SMS centre has comes by itself, and what the card sends goes.

use super::{AirError, Answer, CardError, Handset, Subscriber, short_message};
use crate::smsc::{CommandStatus, Party, SmppError, Smsc, Text};
use lcs::Duration;
use std::sync::Arc;
use std::time::Duration as Span;
use tokio::sync::{Mutex, MutexGuard};
use usat::toolkit::{AccessTechnology, LocationInformation};

/// How long one look for a message takes. Whoever waits looks again.
const LOOK: Span = Span::from_secs(3600);

/// A subscriber who is attached. What comes for the card is on it, and what the card answers at the service, a moment later.
pub struct Attached {
    subscriber: Arc<Mutex<Subscriber>>,
    smsc: Arc<Smsc>,
    sent: Arc<std::sync::Mutex<Vec<(String, Text)>>>,
    taking: tokio::task::JoinHandle<()>,
}

impl Attached {
    /// Attaches this subscriber to this centre.
    #[must_use]
    pub fn new(subscriber: Subscriber, smsc: Arc<Smsc>) -> Self {
        let msisdn = subscriber.msisdn.clone();
        let (subscriber, sent) = (Arc::new(Mutex::new(subscriber)), Arc::default());
        let (of, centre, kept) = (Arc::clone(&subscriber), Arc::clone(&smsc), Arc::clone(&sent));
        let taking = tokio::spawn(async move {
            loop {
                let submitted = match centre.next_for_terminal(&msisdn, LOOK).await {
                    Ok(submitted) => submitted,
                    Err(SmppError::Silent) => continue,
                    Err(_) => return,
                };
                let mut subscriber = of.lock().await;
                let taken = subscriber.take(submitted);
                let sent = send(&mut subscriber, &centre, &kept).await;
                if let Err(error) = taken.and(sent) {
                    tracing::warn!(%error, "a short message goes no further");
                }
            }
        });
        Self { subscriber, smsc, sent, taking }
    }

    /// Goes to another cell, and sends what the card has to say about it.
    ///
    /// # Errors
    /// The card does what it may not, or the service does not take what it sends.
    pub async fn go(&self, location: LocationInformation, access: AccessTechnology) -> Result<(), AirError> {
        self.have(|handset| handset.go(location, access)).await
    }

    /// Lets time pass on the handset.
    ///
    /// # Errors
    /// As [`Self::go`].
    pub async fn wait(&self, span: Duration) -> Result<(), AirError> {
        self.have(|handset| handset.wait(span)).await
    }

    async fn have(&self, act: impl FnOnce(&mut Handset) -> Result<(), CardError>) -> Result<(), AirError> {
        let mut subscriber = self.subscriber.lock().await;
        act(&mut subscriber.handset)?;
        send(&mut subscriber, &self.smsc, &self.sent).await
    }

    /// What the user will say from now on.
    pub async fn set_answer(&self, answer: Answer) {
        self.handset().await.handset.set_answer(answer);
    }

    /// Requests on the card.
    pub async fn requests(&self) -> usize {
        self.handset().await.handset.requests()
    }

    /// Texts that were shown, in order.
    pub async fn shown(&self) -> Vec<String> {
        self.handset().await.handset.shown().to_vec()
    }

    async fn handset(&self) -> MutexGuard<'_, Subscriber> {
        self.subscriber.lock().await
    }

    /// Delivers what the card sent last once more, as a network may. What the service answered; `None` if it has sent nothing.
    ///
    /// # Errors
    /// It cannot be delivered.
    pub async fn replay(&self) -> Result<Option<CommandStatus>, AirError> {
        let last = self.sent.lock().unwrap_or_else(std::sync::PoisonError::into_inner).last().cloned();
        let Some((service, text)) = last else { return Ok(None) };
        let from = Party::international(&self.subscriber.lock().await.msisdn);
        Ok(Some(self.smsc.deliver(&from, &service, &text).await?))
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.taking.abort();
    }
}

/// Hands the centre what the card has sent, and keeps it.
async fn send(
    subscriber: &mut Subscriber,
    smsc: &Smsc,
    kept: &std::sync::Mutex<Vec<(String, Text)>>,
) -> Result<(), AirError> {
    let from = Party::international(&subscriber.msisdn);
    while let Some(tpdu) = subscriber.handset.next_sent() {
        let (service, text) = short_message(&tpdu)?;
        kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((service.clone(), text.clone()));
        match smsc.deliver(&from, &service, &text).await? {
            CommandStatus::EsmeRok => {}
            status => return Err(AirError::NotTaken(status)),
        }
    }
    Ok(())
}
