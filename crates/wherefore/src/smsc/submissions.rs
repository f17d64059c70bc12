//! Messages on their way to the centre, without I/O: they wait their turn, are sent, put off and answered. They outlive a session.

use super::port::{MessageId, SubmitFailure};
use super::read::message_id;
use crate::config::Smsc;
use crate::smpp::wire::{Pdu, command, status};
use lcs::Duration;
use std::collections::VecDeque;
use tokio::time::Instant;

/// What became of a submission.
pub(super) type Outcome = Result<MessageId, SubmitFailure>;

/// How fast the rate may be caught up with: timers are not exact, and a centre counts over a second.
const CATCH_UP: Duration = Duration::from_millis(20);
/// Status of what a centre refuses for now (SMPP 3.4 section 5.1.3).
const RMSGQFUL: u32 = 0x14;
const RSUBMITFAIL: u32 = 0x45;

/// What the centre grants, and what we do when it does not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// Submissions under way at once.
    pub(super) window: usize,
    /// Submissions that wait.
    pub(super) queue: usize,
    /// Time between two.
    pub(super) interval: Duration,
    /// For how long one waits.
    pub(super) patience: Duration,
    /// Longest time for its answer.
    pub(super) response: Duration,
    /// First and longest pause when the centre throttles.
    pub(super) pause: (Duration, Duration),
}

impl Terms {
    pub(super) fn new(smsc: &Smsc) -> Self {
        let first = Duration::from_millis(smsc.throttle_first_ms);
        Self {
            window: smsc.window,
            queue: smsc.queue,
            interval: Duration::from_secs(1) / smsc.submissions_per_s.max(1),
            patience: Duration::from_secs(smsc.patience_s),
            response: Duration::from_millis(smsc.response_timeout_ms),
            pause: (first, Duration::from_secs(smsc.throttle_longest_s).max(first)),
        }
    }
}

/// A message that waits.
#[derive(Debug)]
struct Order<T> {
    pdu: Pdu,
    who: T,
    /// Its place in the order of submissions.
    place: u64,
    /// Until when it waits.
    until: Instant,
    /// What the centre said of it last.
    said: Option<SubmitFailure>,
}

/// A message that was sent and not answered.
#[derive(Debug)]
struct Sent<T> {
    number: u32,
    until: Instant,
    order: Order<T>,
}

/// What an answer of the centre means for the session.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answered<T> {
    /// The submission has come to its end.
    Done(T, Outcome),
    /// It will be sent again.
    PutOff,
    /// The centre knows of no session: it must be made anew.
    Unbound,
    /// Of no submission that waits.
    Stray,
}

/// Messages in order. `T`: who waits for the outcome.
#[derive(Debug)]
pub(super) struct Submissions<T> {
    terms: Terms,
    /// The first to be sent first; so is the first whose patience ends.
    waiting: VecDeque<Order<T>>,
    /// The longest without an answer first.
    sent: VecDeque<Sent<T>>,
    place: u64,
    /// When the next is due by the rate.
    due: Instant,
    /// The next pause, and the end of this one.
    pause: Duration,
    paused: Option<Instant>,
}

impl<T> Submissions<T> {
    pub(super) fn new(terms: Terms, now: Instant) -> Self {
        let (pause, _) = terms.pause;
        Self { terms, waiting: VecDeque::new(), sent: VecDeque::new(), place: 0, due: now, pause, paused: None }
    }

    /// Whether none is without its answer.
    pub(super) fn is_answered(&self) -> bool {
        self.sent.is_empty()
    }

    /// Takes a message; gives back who waits for one that finds no room.
    pub(super) fn take(&mut self, pdu: Pdu, who: T, now: Instant) -> Option<(T, Outcome)> {
        if self.waiting.len() >= self.terms.queue {
            return Some((who, Err(SubmitFailure::QueueFull)));
        }
        self.place += 1;
        let until = now + self.terms.patience;
        self.waiting.push_back(Order { pdu, who, place: self.place, until, said: None });
        None
    }

    /// When the next may be sent; `None`: not before something else happens.
    fn turn(&self) -> Option<Instant> {
        let room = !self.waiting.is_empty() && self.sent.len() < self.terms.window;
        let by_rate = self.due.checked_sub(CATCH_UP).unwrap_or(self.due);
        room.then(|| self.paused.map_or(by_rate, |paused| paused.max(by_rate)))
    }

    /// The next that may be sent now, under the number that `number` gives.
    pub(super) fn send(&mut self, now: Instant, number: impl FnOnce() -> u32) -> Option<Pdu> {
        self.turn().filter(|turn| *turn <= now)?;
        let order = self.waiting.pop_front()?;
        self.due = self.due.max(now) + self.terms.interval;
        let number = number();
        let pdu = order.pdu.clone().numbered(number);
        self.sent.push_back(Sent { number, until: now + self.terms.response, order });
        Some(pdu)
    }

    /// An answer of the centre.
    pub(super) fn answer(&mut self, pdu: &Pdu, now: Instant) -> Answered<T> {
        let fits = [command::SUBMIT_SM | command::RESPONSE, command::GENERIC_NACK].contains(&pdu.command());
        let at = self.sent.iter().position(|sent| sent.number == pdu.sequence());
        let Some(sent) = at.filter(|_| fits).and_then(|at| self.sent.remove(at)) else { return Answered::Stray };
        let order = sent.order;
        if pdu.command() != command::GENERIC_NACK && pdu.status() == status::OK {
            (self.pause, self.paused) = (self.terms.pause.0, None);
            return Answered::Done(order.who, Ok(message_id(pdu)));
        }
        let failure = match pdu.status() {
            status::RTHROTTLED => SubmitFailure::Throttled,
            RMSGQFUL => SubmitFailure::QueueFull,
            status::RINVBNDSTS => SubmitFailure::NotBound,
            status::RINVDSTADR => return Answered::Done(order.who, Err(SubmitFailure::NoSuchSubscriber)),
            said @ (status::RSYSERR | RSUBMITFAIL | status::RX_T_APPN) => {
                return Answered::Done(order.who, Err(SubmitFailure::Unavailable(said)));
            }
            said => return Answered::Done(order.who, Err(SubmitFailure::Refused(said))),
        };
        let unbound = failure == SubmitFailure::NotBound;
        // All that are under way are told so at once; they make one pause.
        if !unbound && self.paused.is_none_or(|paused| paused <= now) {
            self.paused = Some(now + self.pause);
            self.pause = (self.pause * 2).min(self.terms.pause.1);
        }
        if order.until <= now {
            return Answered::Done(order.who, Err(failure));
        }
        let before = self.waiting.partition_point(|waiting| waiting.place < order.place);
        self.waiting.insert(before, Order { said: Some(failure), ..order });
        if unbound { Answered::Unbound } else { Answered::PutOff }
    }

    /// Those whose time is over. `bound`: whether there is a session.
    pub(super) fn expire(&mut self, bound: bool, now: Instant) -> Vec<(T, Outcome)> {
        let mut over = Vec::new();
        while let Some(late) = self.sent.pop_front_if(|sent| sent.until <= now) {
            over.push((late.order.who, Err(SubmitFailure::NoAnswer)));
        }
        while let Some(late) = self.waiting.pop_front_if(|order| order.until <= now) {
            let failure = if bound { late.said.unwrap_or(SubmitFailure::Throttled) } else { SubmitFailure::NotBound };
            over.push((late.who, Err(failure)));
        }
        over
    }

    /// The session is over: what was sent will not be answered.
    pub(super) fn lost(&mut self) -> Vec<(T, Outcome)> {
        self.sent.drain(..).map(|sent| (sent.order.who, Err(SubmitFailure::NoAnswer))).collect()
    }

    /// There will be no session any more.
    pub(super) fn close(&mut self) -> Vec<(T, Outcome)> {
        let waiting = self.waiting.drain(..).map(|order| (order.who, Err(SubmitFailure::NotBound)));
        waiting.collect()
    }

    /// When something is due: an end by [`Self::expire`], or, in a session, the next to be sent.
    pub(super) fn deadline(&self, bound: bool) -> Option<Instant> {
        let ends = [self.sent.front().map(|sent| sent.until), self.waiting.front().map(|order| order.until)];
        ends.into_iter().chain([self.turn().filter(|_| bound)]).flatten().min()
    }
}

#[cfg(test)]
mod tests;
