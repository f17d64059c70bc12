//! A bound session between a client and the SMS centre, without I/O: takes PDUs, jobs that are done and the time; gives what to send.
//!
//! Each side numbers its own requests, so a request goes on under a number of ours and its answer comes back under the one it had
//! (SMPP 5.0 section 2.6). Links are watched on both sides for themselves (section 2.7).

use super::job::{Done, Job, Side};
use crate::smpp::wire::{Dress, Failed, Message, Pdu, command, multi_answer, status, without_tlvs};
use lcs::Duration;
use std::collections::VecDeque;
use tokio::time::Instant;

/// What is to be done.
#[derive(Debug)]
pub(super) enum Action {
    /// Send to this side.
    Send(Side, Pdu),
    /// Have pseudonyms put in or taken out, and say so to [`Relay::done`].
    Run(Box<Job>),
    /// The session is over.
    End,
}

/// Settings of a relay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Requests of one side under way at once.
    pub(super) window: usize,
    /// Longest time for an answer.
    pub(super) response: Duration,
    /// After how long a silent side is asked.
    pub(super) enquire: Duration,
}

/// A request that was sent to a side and not answered.
#[derive(Debug)]
struct Waiting {
    /// Our number.
    number: u32,
    /// As it came, and from where its answer goes back.
    command: u32,
    theirs: u32,
    until: Instant,
    named: Vec<Failed>,
}

/// One side.
#[derive(Debug)]
struct Half {
    /// Requests sent to it, the longest waiting first.
    waiting: VecDeque<Waiting>,
    /// Jobs of its requests.
    jobs: usize,
    /// The last number used towards it.
    number: u32,
    heard: Instant,
    /// Until when it must say that it is there.
    asked: Option<Instant>,
}

/// The machine.
#[derive(Debug)]
pub(super) struct Relay<'a> {
    /// How PDUs are dressed for the client; `None` for one that is not listed, where all passes as it is.
    dress: Option<Dress<'a>>,
    limits: Limits,
    client: Half,
    centre: Half,
}

/// Numbers run to here (SMPP 5.0 section 3.2.1.4).
const LAST_NUMBER: u32 = 0x7FFF_FFFF;

impl Half {
    fn new(now: Instant) -> Self {
        // The bind of either side was number 1 or anything; ours go on from 1.
        Self { waiting: VecDeque::new(), jobs: 0, number: 1, heard: now, asked: None }
    }

    fn next_number(&mut self) -> u32 {
        self.number = if self.number >= LAST_NUMBER { 1 } else { self.number + 1 };
        self.number
    }
}

impl<'a> Relay<'a> {
    pub(super) fn new(dress: Option<Dress<'a>>, limits: Limits, now: Instant) -> Self {
        Self { dress, limits, client: Half::new(now), centre: Half::new(now) }
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Client => &mut self.client,
            Side::Centre => &mut self.centre,
        }
    }

    /// A PDU came from a side.
    pub(super) fn take(&mut self, from: Side, pdu: Pdu, now: Instant) -> Vec<Action> {
        let half = self.half(from);
        half.heard = now;
        match pdu.command() {
            command::ENQUIRE_LINK => vec![Action::Send(from, pdu.refusal(status::OK))],
            // Whatever its number, it is there.
            answer if answer == command::ENQUIRE_LINK | command::RESPONSE => {
                half.asked = None;
                Vec::new()
            }
            command::UNBIND => {
                let unbind = self.unbind(from.other());
                vec![Action::Send(from, pdu.refusal(status::OK)), unbind, Action::End]
            }
            answer if answer == command::UNBIND | command::RESPONSE => vec![Action::End],
            command::BIND_RECEIVER | command::BIND_TRANSMITTER | command::BIND_TRANSCEIVER if from == Side::Client => {
                vec![Action::Send(from, pdu.refusal(status::RALYBND))]
            }
            _ if pdu.is_response() => self.answer(from, &pdu),
            _ => self.request(from, pdu, now),
        }
    }

    /// The message that ends the session on a side.
    pub(super) fn unbind(&mut self, side: Side) -> Action {
        let number = self.half(side).next_number();
        Action::Send(side, Pdu::of(command::UNBIND, status::OK, number, b""))
    }

    fn request(&mut self, from: Side, pdu: Pdu, now: Instant) -> Vec<Action> {
        let answered = pdu.command() != command::ALERT_NOTIFICATION;
        let refuse = |status| if answered { vec![Action::Send(from, pdu.refusal(status))] } else { Vec::new() };
        let (window, jobs) = (self.limits.window, self.half(from).jobs);
        if jobs + self.half(from.other()).waiting.len() >= window {
            count(from, "throttled");
            // The SMS centre tries a message again after either; the one is meant for clients.
            return refuse(if from == Side::Client { status::RTHROTTLED } else { status::RX_T_APPN });
        }
        if self.dress.is_none() {
            return vec![self.pass(from, pdu.command(), pdu.sequence(), pdu, Vec::new(), now)];
        }
        let swapped = match (from, pdu.command()) {
            (Side::Centre, command::DELIVER_SM | command::DATA_SM | command::ALERT_NOTIFICATION) => true,
            (Side::Client, command::SUBMIT_SM | command::DATA_SM | command::SUBMIT_MULTI | command::CANCEL_SM) => true,
            (
                Side::Client,
                command::QUERY_SM
                | command::REPLACE_SM
                | command::BROADCAST_SM
                | command::QUERY_BROADCAST_SM
                | command::CANCEL_BROADCAST_SM,
            ) => false,
            // What is not known could name anybody.
            _ => {
                count(from, "unknown");
                let nack = Pdu::of(command::GENERIC_NACK, status::RINVCMDID, pdu.sequence(), b"");
                return vec![Action::Send(from, nack)];
            }
        };
        if !swapped {
            return vec![self.pass(from, pdu.command(), pdu.sequence(), pdu, Vec::new(), now)];
        }
        match Message::parse(&pdu) {
            Ok(Some(message)) => {
                self.half(from).jobs += 1;
                vec![Action::Run(Box::new(Job { from, pdu, message }))]
            }
            Ok(None) | Err(_) => {
                count(from, "malformed");
                refuse(status::RINVCMDLEN)
            }
        }
    }

    /// A job is done.
    pub(super) fn done(&mut self, done: Done, now: Instant) -> Vec<Action> {
        let Done { from, asked, outcome } = done;
        let half = self.half(from);
        half.jobs = half.jobs.saturating_sub(1);
        match outcome {
            Ok((pdu, named)) => {
                count(from, "swapped");
                vec![self.pass(from, asked.command(), asked.sequence(), pdu, named, now)]
            }
            Err(status) => {
                count(from, if status == status::RX_T_APPN { "put_off" } else { "refused" });
                // An alert has no answer, and is gone.
                let answered = asked.command() != command::ALERT_NOTIFICATION;
                answered.then(|| Action::Send(from, asked.refusal(status))).into_iter().collect()
            }
        }
    }

    /// Passes a request on under a number of ours.
    fn pass(&mut self, from: Side, asked: u32, theirs: u32, pdu: Pdu, named: Vec<Failed>, now: Instant) -> Action {
        let until = now + self.limits.response;
        let to = from.other();
        let half = self.half(to);
        let number = half.next_number();
        if asked != command::ALERT_NOTIFICATION {
            half.waiting.push_back(Waiting { number, command: asked, theirs, until, named });
        }
        Action::Send(to, pdu.numbered(number))
    }

    fn answer(&mut self, from: Side, pdu: &Pdu) -> Vec<Action> {
        let half = self.half(from);
        let fits = |waiting: &Waiting| {
            let command = pdu.command();
            let answers = command == waiting.command | command::RESPONSE || command == command::GENERIC_NACK;
            waiting.number == pdu.sequence() && answers
        };
        let Some(at) = half.waiting.iter().position(fits) else {
            // Too late, or never asked.
            count(from, "stray");
            return Vec::new();
        };
        let Some(waiting) = half.waiting.remove(at) else { return Vec::new() };
        let dressed = match (&self.dress, from) {
            (Some(dress), Side::Centre) => dressed(pdu, &waiting, dress),
            _ => pdu.clone(),
        };
        vec![Action::Send(from.other(), dressed.numbered(waiting.theirs))]
    }

    /// Time has passed: requests without an answer are refused, silent sides asked.
    pub(super) fn tick(&mut self, now: Instant) -> Vec<Action> {
        let mut actions = Vec::new();
        for side in [Side::Client, Side::Centre] {
            let Limits { response, enquire, .. } = self.limits;
            let half = self.half(side);
            while half.waiting.front().is_some_and(|waiting| waiting.until <= now) {
                let Some(late) = half.waiting.pop_front() else { break };
                count(side, "unanswered");
                let status = if side == Side::Client { status::RX_T_APPN } else { status::RSYSERR };
                let refusal = Pdu::of(late.command, status::OK, late.theirs, b"").refusal(status);
                actions.push(Action::Send(side.other(), refusal));
            }
            if half.asked.is_some_and(|until| until <= now) {
                count(side, "silent");
                actions.push(Action::End);
            } else if half.asked.is_none() && half.heard + enquire <= now {
                half.asked = Some(now + response);
                let number = half.next_number();
                actions.push(Action::Send(side, Pdu::of(command::ENQUIRE_LINK, status::OK, number, b"")));
            }
        }
        actions
    }

    /// When to call [`Self::tick`] next.
    pub(super) fn deadline(&self) -> Instant {
        let of = |half: &Half| {
            let link = half.asked.unwrap_or(half.heard + self.limits.enquire);
            half.waiting.front().map_or(link, |waiting| link.min(waiting.until))
        };
        of(&self.client).min(of(&self.centre))
    }
}

/// An answer of the SMS centre as a listed client may have it.
fn dressed(pdu: &Pdu, waiting: &Waiting, dress: &Dress<'_>) -> Pdu {
    match Message::parse(pdu) {
        Ok(Some(message)) if waiting.command == command::SUBMIT_MULTI => {
            multi_answer(pdu, &message, &waiting.named, dress)
        }
        Ok(Some(message)) => without_tlvs(pdu, &message, dress),
        Ok(None) | Err(_) if pdu.body().is_empty() => pdu.clone(),
        Ok(None) | Err(_) => {
            count(Side::Centre, "malformed");
            Pdu::of(pdu.command(), pdu.status().max(status::RSYSERR), pdu.sequence(), b"")
        }
    }
}

fn count(from: Side, outcome: &'static str) {
    let from = match from {
        Side::Client => "client",
        Side::Centre => "centre",
    };
    metrics::counter!("wherefore_push_smpp_total", "from" => from, "outcome" => outcome).increment(1);
}

#[cfg(test)]
mod tests;
