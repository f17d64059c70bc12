//! What cards send.

use super::Cards;
use super::words::outcome;
use crate::clock;
use crate::core::Core;
use crate::ldr::{FromWaiter, NodeWord, NotTaken, Speaker};
use crate::smsc::{FromPhones, Refused, ShortMessage};
use crate::store::{Card, CardName, StoreError};
use futures_util::future::BoxFuture;
use lcs::{Duration, Failure, Identities, Msisdn};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use usat::exchange::{ExchangeError, FromCard, Word, from_card};
use usat::message::Installed;
use usat::packet::{Counter, PacketError, Status};
use usat::sms::{Carried, Reassembly, read_part};

/// Packets that wait for parts at a time, and parts of one. What the application sends fits one message.
const PACKETS: usize = 1024;
const PARTS: u8 = 4;
/// How long the parts of one packet may take.
const PATIENCE: Duration = Duration::from_secs(600);
/// Cards whose messages are taken at the same time.
const LANES: usize = 64;

/// What became of a message, as metrics have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Part of a packet that is not whole yet.
    Part,
    /// A proof of receipt.
    Proof,
    /// A word that was taken.
    Taken,
    /// From a number to which no card belongs.
    UnknownNumber,
    /// No short message with a part of a packet, or what is secured says nothing.
    Malformed,
    /// Not proven: forged, truncated, for another card, turned around.
    Forged,
    /// Its counter has been taken.
    Replayed,
    /// About a request, an instance or a reference that this card does not have.
    UnknownRequest,
    /// Not taken for now: the centre tries again.
    ForNow,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Part => "part",
            Self::Proof => "proof",
            Self::Taken => "taken",
            Self::UnknownNumber => "unknown_number",
            Self::Malformed => "malformed",
            Self::Forged => "forged",
            Self::Replayed => "replayed",
            Self::UnknownRequest => "unknown_request",
            Self::ForNow => "for_now",
        }
    }

    /// What the centre is told.
    fn answer(self) -> Result<(), Refused> {
        match self {
            Self::Part | Self::Proof | Self::Taken | Self::UnknownRequest => Ok(()),
            Self::UnknownNumber | Self::Malformed | Self::Forged | Self::Replayed => Err(Refused::ForGood),
            Self::ForNow => Err(Refused::ForNow),
        }
    }
}

impl From<StoreError> for Outcome {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store of cards failed");
        Self::ForNow
    }
}

impl From<ExchangeError> for Outcome {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Packet(PacketError::Counter(_)) => Self::Replayed,
            ExchangeError::Packet(_) => Self::Forged,
            ExchangeError::Message(_) | ExchangeError::Sms(_) | ExchangeError::OtherWay => Self::Malformed,
        }
    }
}

/// Takes what cards send. The gateway is set once it runs; before that the centre is to try again.
#[derive(Clone)]
pub(crate) struct FromCards(Arc<Inner>);

struct Inner {
    core: OnceLock<Arc<Core>>,
    parts: Mutex<Reassembly<Msisdn>>,
    /// Messages of one card are taken one after the other.
    lanes: [tokio::sync::Mutex<()>; LANES],
}

impl Default for FromCards {
    fn default() -> Self {
        Self(Arc::new(Inner {
            core: OnceLock::new(),
            parts: Mutex::new(Reassembly::new(PACKETS, PARTS, PATIENCE)),
            lanes: std::array::from_fn(|_| tokio::sync::Mutex::default()),
        }))
    }
}

impl FromPhones for FromCards {
    fn take(&self, from: Msisdn, message: ShortMessage) -> BoxFuture<'_, Result<(), Refused>> {
        Box::pin(async move {
            let Some(core) = self.0.core.get() else { return Err(Refused::ForNow) };
            // What has begun goes on when the centre hangs up.
            let (inner, of) = (Arc::clone(&self.0), Arc::clone(core));
            let taking = core.work.spawn(async move { inner.taken(&of, from, message).await });
            let outcome = taking.await.unwrap_or(Outcome::ForNow);
            metrics::counter!("wherefore_usim_received_total", "outcome" => outcome.word()).increment(1);
            outcome.answer()
        })
    }
}

impl FromCards {
    /// The gateway, once it runs: what was taken and had not come to its end when the process ended goes on.
    pub(crate) async fn serve(&self, core: &Arc<Core>) {
        if let Some(cards) = core.network.cards() {
            match cards.store().cards_with_words().await {
                Ok(under_way) => {
                    for card in under_way {
                        let _lane = self.0.lane(&card).lock().await;
                        if let Err(outcome) = self.0.finish(core, cards, &card, &[]).await {
                            tracing::warn!(outcome = outcome.word(), "what a card said is kept until it can be taken");
                        }
                    }
                }
                Err(error) => tracing::error!(%error, "what cards had said cannot be read"),
            }
        }
        if self.0.core.set(Arc::clone(core)).is_err() {
            tracing::error!("the gateway was set twice");
        }
    }
}

impl Inner {
    fn lane(&self, card: &Card) -> &tokio::sync::Mutex<()> {
        let [first, ..] = card.id();
        let [lane, ..] = &self.lanes;
        self.lanes.get(usize::from(first) % LANES).unwrap_or(lane)
    }

    async fn taken(&self, core: &Arc<Core>, from: Msisdn, message: ShortMessage) -> Outcome {
        let Some(cards) = core.network.cards() else { return Outcome::UnknownNumber };
        match self.take_in(core, cards, from, message).await {
            Ok(outcome) | Err(outcome) => outcome,
        }
    }

    async fn take_in(
        &self,
        core: &Arc<Core>,
        cards: &Cards,
        from: Msisdn,
        message: ShortMessage,
    ) -> Result<Outcome, Outcome> {
        // Nobody without a card takes a place among the parts.
        let name = CardName::Msisdn(from);
        let card = cards.store().card(&name).await?.ok_or(Outcome::UnknownNumber)?;
        let part = Some(&message.user_data).filter(|_| message.has_header).and_then(|data| read_part(data).ok());
        let part = part.ok_or(Outcome::Malformed)?;
        let whole = {
            let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
            parts.take(from, part, clock::now()).map_err(|_| Outcome::Malformed)?
        };
        let Some((carried, packet)) = whole else { return Ok(Outcome::Part) };
        let _lane = self.lane(&card).lock().await;
        // What it said before comes first, and may be this.
        if self.finish(core, cards, &card, &packet).await? {
            return Ok(Outcome::Taken);
        }
        // Its counter may have moved while the lane was waited for.
        let card = cards.store().card(&name).await?.ok_or(Outcome::UnknownNumber)?;
        match from_card(&card.keys, cards.tar_of(&card), card.taken, (carried, &packet))? {
            FromCard::Proof(response) => {
                if response.status != Status::Ok {
                    tracing::info!(status = ?response.status, "a card has not taken a packet");
                    cards.refused(&card, response.counter, response.status);
                }
                Ok(Outcome::Proof)
            }
            FromCard::Word(told) => {
                let store = cards.store();
                let read =
                    told.accept_async(async |counter| store.take_card_counter(&card, counter, &packet).await).await;
                let outcome = match read.map_err(not_the_last)? {
                    Ok(word) => heard(core, cards, &card, word).await?,
                    Err(error) => error.into(),
                };
                store.card_word_done(&card).await?;
                Ok(outcome)
            }
        }
    }

    /// Takes what the card said before and what did not come to its end; whether that is this packet.
    async fn finish(&self, core: &Arc<Core>, cards: &Cards, card: &Card, packet: &[u8]) -> Result<bool, Outcome> {
        let Some(kept) = cards.store().card_word(card).await? else { return Ok(false) };
        // Its counter is the last one taken, or it would not be kept.
        let before = cards.store().card(&CardName::Imsi(card.imsi)).await?.ok_or(Outcome::UnknownNumber)?.taken;
        let before = Counter::new(before.value().saturating_sub(1)).unwrap_or_default();
        let carried = (Carried::Command, kept.as_slice());
        if let Ok(FromCard::Word(told)) = from_card(&card.keys, cards.tar_of(card), before, carried) {
            let stored = Ok::<(), StoreError>(());
            if let Ok(Ok(word)) = told.accept(|_| stored) {
                heard(core, cards, card, word).await?;
            }
        }
        cards.store().card_word_done(card).await?;
        Ok(kept.as_slice() == packet)
    }
}

/// A counter that somebody else took in between is a replay.
fn not_the_last(error: StoreError) -> Outcome {
    match error {
        StoreError::NoCounter => Outcome::Replayed,
        error => error.into(),
    }
}

/// What a card says goes where it belongs. When this returns, it is durable there.
async fn heard(core: &Arc<Core>, cards: &Cards, card: &Card, word: Word) -> Result<Outcome, Outcome> {
    let (name, word) = match word {
        Word::Acknowledged(name, installed) => {
            if cards.said(card, name, installed) {
                return Ok(Outcome::Taken);
            }
            // Whoever waited is gone: the process was another, or gave up.
            let word = match (installed, outcome(installed)) {
                (Installed::Cancelled, _) => NodeWord::TakenOff,
                (_, Ok(())) => NodeWord::Activated,
                (_, Err(failure)) => NodeWord::NotInstalled(failure),
            };
            (name, word)
        }
        // The number tells reports of one request apart; the instance, requests.
        Word::Reported(report) => (report.name, NodeWord::AreaEvent(u64::from(report.sequence))),
    };
    let Some(deferred) = &core.deferred else { return Ok(Outcome::UnknownRequest) };
    let target = Identities { imsi: Some(card.imsi), ..Identities::default() };
    let speaker = Speaker::Card(name.instance);
    let told = FromWaiter { speaker, target, reference: name.reference, word, fix: None, h_gmlc: None };
    match deferred.take(core, told).await {
        Ok(()) => Ok(Outcome::Taken),
        Err(NotTaken::Unknown | NotTaken::OtherNode | NotTaken::OtherEvent) => Ok(Outcome::UnknownRequest),
        Err(NotTaken::ForNow(failure)) => {
            let failure: Failure = failure;
            tracing::warn!(%failure, "what a card says is not taken for now");
            Err(Outcome::ForNow)
        }
    }
}
