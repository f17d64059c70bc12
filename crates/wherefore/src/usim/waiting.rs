//! Who waits for what comes of a message to a card: its word, that it did not take the packet, or that the message never reached it.

use crate::smsc::{FinalState, MessageId, Receipt};
use std::collections::VecDeque;
use tokio::sync::oneshot;
use usat::message::{Installed, RequestName};
use usat::packet::{Counter, Status};

/// Most receipts kept that came before the centre had said the name of their message.
const EARLY: usize = 256;

/// What came of a message to a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// The card, or its user, said this.
    Word(Installed),
    /// The card did not take the packet.
    NotTaken(Status),
    /// A part of it did not reach the phone.
    NotDelivered(FinalState),
}

/// A message to a card.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub(super) card: [u8; 16],
    pub(super) name: RequestName,
    pub(super) cancels: bool,
    pub(super) counter: Counter,
}

struct Wait {
    place: u64,
    sent: Sent,
    /// What the centre calls its parts.
    parts: Vec<MessageId>,
    heard: oneshot::Sender<Heard>,
}

/// All who wait.
#[derive(Default)]
pub(super) struct Waiting {
    waits: Vec<Wait>,
    place: u64,
    /// Parts that the centre was given and has not answered.
    unanswered: usize,
    /// Receipts that may be of those: a centre may settle a message before it has said its name.
    early: VecDeque<(MessageId, FinalState)>,
}

/// Whether a message with this end has not reached its phone, and will not. That it was delivered proves nothing of the card: its word does.
fn is_lost(state: FinalState) -> bool {
    match state {
        FinalState::Expired
        | FinalState::Deleted
        | FinalState::Undeliverable
        | FinalState::MemoryFull
        | FinalState::Rejected => true,
        FinalState::Delivered | FinalState::Unknown => false,
    }
}

impl Waiting {
    /// Waits for what comes of a message; the number is the place of this wait.
    pub(super) fn wait(&mut self, sent: Sent) -> (u64, oneshot::Receiver<Heard>) {
        let (heard, word) = oneshot::channel();
        self.place += 1;
        self.waits.push(Wait { place: self.place, sent, parts: Vec::new(), heard });
        (self.place, word)
    }

    /// A part is given to the centre.
    pub(super) fn submitting(&mut self) {
        self.unanswered += 1;
    }

    /// The centre has answered about a part of the message at this place, and calls it so; `None`: it will not, or did not take it.
    pub(super) fn answered(&mut self, place: u64, part: Option<MessageId>) {
        self.unanswered = self.unanswered.saturating_sub(1);
        let early = part.as_ref().and_then(|part| self.early.iter().position(|(id, _)| id == part));
        let state = early.and_then(|at| self.early.remove(at)).map(|(_, state)| state);
        if self.unanswered == 0 {
            self.early.clear();
        }
        // Without a name no receipt can be known.
        let Some(part) = part.filter(|part| !part.as_str().is_empty()) else { return };
        if let Some(state) = state {
            self.tell(Heard::NotDelivered(state), |wait| wait.place == place);
        } else if let Some(wait) = self.waits.iter_mut().find(|wait| wait.place == place) {
            wait.parts.push(part);
        }
    }

    /// A receipt: who waits for a message that is lost is told.
    pub(super) fn settle(&mut self, Receipt { id, state }: Receipt) {
        if !is_lost(state) || id.as_str().is_empty() {
            return;
        }
        if !self.tell(Heard::NotDelivered(state), |wait| wait.parts.contains(&id)) && self.unanswered > 0 {
            if self.early.len() == EARLY {
                self.early.pop_front();
            }
            self.early.push_back((id, state));
        }
    }

    /// Who waits for this word of a card is told; `false` if nobody does.
    pub(super) fn said(&mut self, card: [u8; 16], name: RequestName, installed: Installed) -> bool {
        let cancels = installed == Installed::Cancelled;
        self.tell(Heard::Word(installed), |Wait { sent, .. }| {
            sent.card == card && sent.name == name && sent.cancels == cancels
        })
    }

    /// A card has not taken the packet with this counter: who waits for what comes of it is told.
    pub(super) fn refused(&mut self, card: [u8; 16], counter: Counter, status: Status) {
        self.tell(Heard::NotTaken(status), |Wait { sent, .. }| sent.card == card && sent.counter == counter);
    }

    fn tell(&mut self, heard: Heard, meant: impl Fn(&Wait) -> bool) -> bool {
        // Whoever gave up waits no longer.
        self.waits.retain(|wait| !wait.heard.is_closed());
        let told = self.waits.extract_if(.., |wait| meant(wait)).filter_map(|wait| wait.heard.send(heard).ok());
        told.count() > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lcs::LdrReference;

    const STATES: [(FinalState, bool); 7] = [
        (FinalState::Delivered, false),
        (FinalState::Expired, true),
        (FinalState::Deleted, true),
        (FinalState::Undeliverable, true),
        (FinalState::MemoryFull, true),
        (FinalState::Rejected, true),
        (FinalState::Unknown, false),
    ];

    fn sent(card: u8) -> Sent {
        let name = RequestName { reference: LdrReference(card), instance: 1 };
        Sent { card: [card; 16], name, cancels: false, counter: Counter::new(u64::from(card)).unwrap() }
    }

    fn id(text: &str) -> MessageId {
        MessageId::new(text)
    }

    fn receipt(text: &str, state: FinalState) -> Receipt {
        Receipt { id: id(text), state }
    }

    /// A message in these parts, all of which the centre has named.
    fn submitted(waiting: &mut Waiting, card: u8, parts: &[&str]) -> oneshot::Receiver<Heard> {
        let (place, heard) = waiting.wait(sent(card));
        for part in parts {
            waiting.submitting();
            waiting.answered(place, Some(id(part)));
        }
        heard
    }

    #[test]
    fn any_part_that_is_lost_ends_the_wait_for_its_message_and_no_other() {
        for (state, lost) in STATES {
            for part in ["a1", "A2"] {
                let mut waiting = Waiting::default();
                let mut heard = submitted(&mut waiting, 1, &["a1", "a2"]);
                let mut other = submitted(&mut waiting, 2, &["b1"]);
                waiting.settle(receipt("c9", state));
                assert!(heard.try_recv().is_err(), "{state:?}: of nobody's message");
                waiting.settle(receipt(part, state));
                let told = heard.try_recv().ok();
                assert_eq!(told, lost.then_some(Heard::NotDelivered(state)), "{state:?}");
                // It comes twice.
                waiting.settle(receipt(part, state));
                assert!(other.try_recv().is_err(), "{state:?}");
                assert_eq!(
                    waiting.said([1; 16], sent(1).name, Installed::Yes),
                    !lost,
                    "{state:?}: only its word counts"
                );
                assert!(waiting.said([2; 16], sent(2).name, Installed::Denied));
                assert_eq!(other.try_recv(), Ok(Heard::Word(Installed::Denied)));
            }
        }
    }

    #[test]
    fn a_receipt_before_the_name_of_its_message_counts_and_is_not_kept_for_ever() {
        for (state, lost) in STATES {
            let mut waiting = Waiting::default();
            let (place, mut heard) = waiting.wait(sent(1));
            waiting.submitting();
            waiting.settle(receipt("a1", state));
            waiting.answered(place, Some(id("a1")));
            assert_eq!(heard.try_recv().ok(), lost.then_some(Heard::NotDelivered(state)), "{state:?}");
            assert!(waiting.early.is_empty());
            // Of a message of the process before this one, when nothing is on its way.
            waiting.settle(receipt("a2", state));
            assert!(waiting.early.is_empty());
        }
        let mut waiting = Waiting::default();
        let (place, mut heard) = waiting.wait(sent(1));
        waiting.submitting();
        for number in 0..2 * EARLY {
            waiting.settle(receipt(&format!("x{number}"), FinalState::Expired));
        }
        assert_eq!(waiting.early.len(), EARLY);
        waiting.answered(place, None);
        assert!(waiting.early.is_empty() && heard.try_recv().is_err());
    }

    #[test]
    fn a_message_without_a_name_has_no_receipt() {
        let mut waiting = Waiting::default();
        let mut heard = submitted(&mut waiting, 1, &["", "\n"]);
        for text in ["", " "] {
            waiting.settle(receipt(text, FinalState::Undeliverable));
        }
        assert!(heard.try_recv().is_err());
        waiting.refused([1; 16], Counter::new(1).unwrap(), Status::InsufficientMemory);
        assert_eq!(heard.try_recv(), Ok(Heard::NotTaken(Status::InsufficientMemory)));
    }
}
