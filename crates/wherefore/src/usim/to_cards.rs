//! The gateway's end towards cards: messages out, and who waits for what comes of them.

use super::waiting::{Heard, Sent, Waiting};
use super::words::{installation, name_of, not_delivered, not_submitted, not_taken, outcome};
use crate::clock;
use crate::config;
use crate::ldr::instance_of;
use crate::smsc::{MessageId, Receipt, Receipts, Refused, ShortMessage, SmsCentre};
use crate::store::{Card, CardName, Store, StoreError};
use futures_util::future::BoxFuture;
use gmlc::{CardRoad, LdrCancel, LdrOrder};
use lcs::{Address, Duration, Failure, Identities, Msisdn};
use privacy::{ForCard, Permit};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;
use usat::exchange::to_card;
use usat::message::{Installed, Message, RequestName};
use usat::packet::{Counter, Status, Tar};
use usat::sms::{DCS_CLASS_2_DATA, PID_USIM_DOWNLOAD};

/// Cards with the application, as the gateway reaches them.
pub(crate) struct Cards {
    store: Arc<Store>,
    centre: Arc<dyn SmsCentre>,
    /// Where cards answer to.
    gateway: Address,
    road: CardRoad,
    tar: Tar,
    /// How long the word of a card is waited for.
    patience: Duration,
    /// How long the centre keeps a message that takes a request off.
    validity: Duration,
    waiting: Mutex<Waiting>,
    /// The gateway stops: no word is waited for any more.
    stop: CancellationToken,
    /// Tells the parts of one packet from those of another.
    parts: AtomicU8,
}

/// A part that the centre was given.
struct Submitting<'a> {
    cards: &'a Cards,
    place: u64,
    part: Option<MessageId>,
}

impl Drop for Submitting<'_> {
    fn drop(&mut self) {
        self.cards.lock().answered(self.place, self.part.take());
    }
}

impl Cards {
    /// Over this centre, where cards answer to `gateway`, until `stop`.
    pub(crate) fn new(
        store: Arc<Store>,
        (centre, gateway): (Arc<dyn SmsCentre>, Address),
        settings: &config::Usim,
        stop: CancellationToken,
    ) -> Self {
        Self {
            store,
            centre,
            gateway,
            road: match settings.road {
                config::UsimRoad::Never => CardRoad::Never,
                config::UsimRoad::WhenNoNodeCan => CardRoad::WhenNoNodeCan,
                config::UsimRoad::Preferred => CardRoad::Preferred,
            },
            tar: settings.tar().unwrap_or(Tar::CHANGE_OF_AREA),
            patience: Duration::from_secs(settings.acknowledgement_s),
            validity: Duration::from_secs(settings.message_validity_s),
            waiting: Mutex::default(),
            stop,
            parts: AtomicU8::new(0),
        }
    }

    /// When cards are asked.
    pub(crate) fn road(&self) -> CardRoad {
        self.road
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// The reference of the application on a card.
    pub(super) fn tar_of(&self, card: &Card) -> Tar {
        card.tar.unwrap_or(self.tar)
    }

    /// Whether there is a card of this subscriber, and a number to reach it by.
    pub(crate) async fn has_card(&self, target: &Identities) -> bool {
        matches!(self.card_of(target).await, Ok(Some(_)))
    }

    async fn card_of(&self, target: &Identities) -> Result<Option<(Card, Msisdn)>, StoreError> {
        let (Some(imsi), Some(number)) = (target.imsi, target.msisdn) else { return Ok(None) };
        Ok(self.store.card(&CardName::Imsi(imsi)).await?.map(|card| (card, number)))
    }

    /// Has the card watch, and waits for it to say so: [`gmlc::Network::install`].
    ///
    /// # Errors
    /// It does not watch, or has not said so in time; [`Failure::Stopping`]: before the gateway stopped.
    pub(crate) async fn install(&self, permit: &Permit<ForCard>, order: &LdrOrder<'_>) -> Result<(), Failure> {
        let install = installation(order, permit.privacy_action(), self.gateway, clock::now())?;
        let validity = self.patience.min(self.validity);
        let heard = self.exchange(&permit.identities(), Message::Install(install), name_of(order), validity).await;
        count("install", &heard);
        match heard? {
            Heard::Word(installed) => outcome(installed),
            Heard::NotTaken(status) => Err(not_taken(status)),
            Heard::NotDelivered(state) => Err(not_delivered(state)),
        }
    }

    /// Has the card watch no longer: [`gmlc::Network::uninstall`].
    ///
    /// # Errors
    /// It has not said so in time; [`Failure::Stopping`]: before the gateway stopped.
    pub(crate) async fn uninstall(&self, cancel: &LdrCancel<'_>) -> Result<(), Failure> {
        let name = RequestName { reference: cancel.reference, instance: instance_of(cancel.request.id) };
        let heard = self.exchange(&cancel.target, Message::Cancel(name), name, self.validity).await;
        count("cancel", &heard);
        match heard? {
            Heard::Word(_) => Ok(()),
            Heard::NotTaken(status) => Err(not_taken(status)),
            Heard::NotDelivered(state) => Err(not_delivered(state)),
        }
    }

    /// Sends a message, and waits for what comes of it; not past the end of the gateway. What is kept of the request says then what is to be
    /// done with it after the next start, and a word that comes meanwhile waits at the centre.
    async fn exchange(
        &self,
        target: &Identities,
        message: Message,
        name: RequestName,
        validity: Duration,
    ) -> Result<Heard, Failure> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Failure::Stopping),
            heard = self.sent_and_heard(target, message, name, validity) => heard,
        }
    }

    async fn sent_and_heard(
        &self,
        target: &Identities,
        message: Message,
        name: RequestName,
        validity: Duration,
    ) -> Result<Heard, Failure> {
        let found = self.card_of(target).await.map_err(failed)?;
        let (card, number) = found.ok_or(Failure::ServingNodeUnsupported)?;
        let counter = self.store.next_card_counter(&card, number).await.map_err(failed)?;
        let reference = self.parts.fetch_add(1, Ordering::Relaxed);
        let parts = to_card(&card.keys, self.tar_of(&card), &counter, &message, reference);
        let parts = parts.map_err(|error| {
            tracing::warn!(%error, "a message for a card cannot be written");
            Failure::SystemFailure
        })?;
        let cancels = matches!(message, Message::Cancel(_));
        let (place, word) = self.lock().wait(Sent { card: card.id(), name, cancels, counter: counter.counter() });
        for user_data in parts {
            let submitted = ShortMessage {
                protocol_id: PID_USIM_DOWNLOAD,
                data_coding: DCS_CLASS_2_DATA,
                has_header: true,
                user_data,
                validity: Some(validity),
            };
            self.submit(number, submitted, place).await?;
        }
        match tokio::time::timeout(self.patience, word).await {
            Ok(heard) => heard.map_err(|_| Failure::SystemFailure),
            Err(_) => Err(Failure::TimedOut),
        }
    }

    /// Submits a part of the message that is waited for at this place.
    async fn submit(&self, number: Msisdn, part: ShortMessage, place: u64) -> Result<(), Failure> {
        self.lock().submitting();
        let mut submitting = Submitting { cards: self, place, part: None };
        let submitted = self.centre.submit(number, part).await;
        submitting.part = Some(submitted.map_err(|failure| {
            tracing::info!(%failure, "a message for a card is not submitted");
            not_submitted(failure)
        })?);
        Ok(())
    }

    /// Who waits for this word of a card is told; `false` if nobody does.
    pub(super) fn said(&self, card: &Card, name: RequestName, installed: Installed) -> bool {
        self.lock().said(card.id(), name, installed)
    }

    /// A card has not taken the packet with this counter: who waits for what comes of it is told.
    pub(super) fn refused(&self, card: &Card, counter: Counter, status: Status) {
        self.lock().refused(card.id(), counter, status);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What becomes of messages to cards shortens a wait and nothing else: nothing of it is kept over a restart, when nobody waits.
impl Receipts for Cards {
    fn settle(&self, receipt: Receipt) -> BoxFuture<'_, Result<(), Refused>> {
        self.lock().settle(receipt);
        Box::pin(std::future::ready(Ok(())))
    }
}

fn failed(error: StoreError) -> Failure {
    tracing::error!(%error, "the store of cards failed");
    Failure::SystemFailure
}

fn count(what: &'static str, heard: &Result<Heard, Failure>) {
    let outcome = match heard {
        Ok(Heard::Word(_) | Heard::NotTaken(_)) => "answered",
        Ok(Heard::NotDelivered(_)) => "undelivered",
        Err(_) => "unanswered",
    };
    metrics::counter!("wherefore_usim_messages_total", "message" => what, "outcome" => outcome).increment(1);
}
