//! A bound session with the centre, without I/O: takes PDUs, submissions and the time; gives what to send.

use super::read::{Arrived, Reading, delivered};
use super::submissions::{Answered, Outcome, Submissions};
use crate::config::Smsc;
use crate::smpp::Ended;
use crate::smpp::wire::{Pdu, command, status};
use lcs::Duration;
use tokio::time::Instant;

/// How long what is under way may still take once the session is to end, and then the answer to unbind.
const CLOSING: Duration = Duration::from_secs(5);
const UNBINDING: Duration = Duration::from_secs(1);
/// Numbers run to here (SMPP 3.4 section 3.2).
const LAST_NUMBER: u32 = 0x7FFF_FFFF;
/// A centre that wants to be bound to. It has no answer.
const OUTBIND: u32 = 0x0B;

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Action<T> {
    /// Send.
    Send(Pdu),
    /// A submission has come to its end.
    Done(T, Outcome),
    /// Have this taken, and say so to [`Session::taken`].
    Take(Request, Arrived),
    /// The session is over.
    End,
}

/// A request of the centre that waits for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Request {
    command: u32,
    sequence: u32,
}

/// Settings of a session.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Messages of the centre that are being taken at once.
    pub(super) window: usize,
    /// Longest time for an answer.
    pub(super) response: Duration,
    /// After how long a silent centre is asked.
    pub(super) enquire: Duration,
}

impl Limits {
    pub(super) fn new(smsc: &Smsc) -> Self {
        Self {
            window: smsc.window,
            response: Duration::from_millis(smsc.response_timeout_ms),
            enquire: Duration::from_secs(smsc.enquire_link_s),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    /// Until then what is under way may end.
    Closing(Instant),
    /// Until then the centre may answer.
    Unbinding(Instant),
}

/// The machine.
#[derive(Debug)]
pub(super) struct Session<'r, T> {
    reading: &'r Reading,
    limits: Limits,
    submissions: Submissions<T>,
    /// The last number used.
    number: u32,
    heard: Instant,
    /// Until when the centre must say that it is there.
    asked: Option<Instant>,
    /// What is being taken.
    taking: usize,
    phase: Phase,
}

impl<'r, T> Session<'r, T> {
    /// A session whose bind had the number 1.
    pub(super) fn new(reading: &'r Reading, limits: Limits, submissions: Submissions<T>, now: Instant) -> Self {
        let phase = Phase::Open;
        Self { reading, limits, submissions, number: 1, heard: now, asked: None, taking: 0, phase }
    }

    /// What waits for another session.
    pub(super) fn into_submissions(self) -> Submissions<T> {
        self.submissions
    }

    /// Whether more is taken.
    pub(super) fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// A message to a phone.
    pub(super) fn submit(&mut self, pdu: Pdu, who: T, now: Instant) -> Vec<Action<T>> {
        let refused = self.submissions.take(pdu, who, now);
        let mut actions: Vec<_> = refused.into_iter().map(|(who, outcome)| Action::Done(who, outcome)).collect();
        self.go_on(now, &mut actions);
        actions
    }

    /// A PDU came.
    pub(super) fn take(&mut self, pdu: Pdu, now: Instant) -> Vec<Action<T>> {
        // Whoever says anything is there.
        (self.heard, self.asked) = (now, None);
        let mut actions =
            match pdu.command() {
                command::ENQUIRE_LINK => vec![Action::Send(pdu.refusal(status::OK))],
                answer if answer == command::ENQUIRE_LINK | command::RESPONSE => Vec::new(),
                command::UNBIND => vec![Action::Send(pdu.refusal(status::OK)), Action::End],
                answer if answer == command::UNBIND | command::RESPONSE => {
                    if matches!(self.phase, Phase::Unbinding(_)) { vec![Action::End] } else { Vec::new() }
                }
                command::DELIVER_SM | command::DATA_SM => vec![self.delivered(&pdu)],
                command::ALERT_NOTIFICATION | OUTBIND => Vec::new(),
                _ if pdu.is_response() => self.answered(&pdu, now),
                _ => vec![nack(status::RINVCMDID, pdu.sequence())],
            };
        self.go_on(now, &mut actions);
        actions
    }

    fn answered(&mut self, pdu: &Pdu, now: Instant) -> Vec<Action<T>> {
        match self.submissions.answer(pdu, now) {
            Answered::Done(who, outcome) => vec![Action::Done(who, outcome)],
            Answered::PutOff => {
                metrics::counter!("wherefore_smsc_put_off_total").increment(1);
                Vec::new()
            }
            Answered::Unbound => vec![Action::End],
            Answered::Stray => {
                metrics::counter!("wherefore_smsc_stray_answers_total").increment(1);
                Vec::new()
            }
        }
    }

    fn delivered(&mut self, pdu: &Pdu) -> Action<T> {
        let request = Request { command: pdu.command(), sequence: pdu.sequence() };
        let answer = |status| Action::Send(delivered(request.command, request.sequence, status));
        if !self.is_open() || self.taking >= self.limits.window {
            count("put_off");
            return answer(status::RX_T_APPN);
        }
        match self.reading.arrived(pdu) {
            Ok(Arrived::Idle) => {
                count("idle");
                answer(status::OK)
            }
            Ok(arrived) => {
                self.taking += 1;
                Action::Take(request, arrived)
            }
            Err(status::RINVCMDLEN) => {
                count("malformed");
                nack(status::RINVCMDLEN, pdu.sequence())
            }
            Err(status) => {
                count("unreadable");
                answer(status)
            }
        }
    }

    /// What became of something that was to be taken.
    pub(super) fn taken(&mut self, request: Request, status: u32, now: Instant) -> Vec<Action<T>> {
        self.taking = self.taking.saturating_sub(1);
        let mut actions = vec![Action::Send(delivered(request.command, request.sequence, status))];
        self.go_on(now, &mut actions);
        actions
    }

    /// Nothing more can be read.
    pub(super) fn ended(&mut self, ended: Ended) -> Vec<Action<T>> {
        match ended {
            Ended::Closed => vec![Action::End],
            // Where the next PDU begins is not known.
            Ended::Length => vec![nack(status::RINVCMDLEN, 0), Action::End],
        }
    }

    /// The session is to end: what is under way may still, nothing new is begun.
    pub(super) fn stop(&mut self, now: Instant) -> Vec<Action<T>> {
        self.phase = Phase::Closing(now + CLOSING);
        let mut actions: Vec<_> =
            self.submissions.close().into_iter().map(|(who, outcome)| Action::Done(who, outcome)).collect();
        self.go_on(now, &mut actions);
        actions
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, now: Instant) -> Vec<Action<T>> {
        let mut actions = Vec::new();
        if self.asked.is_some_and(|until| until <= now) {
            tracing::warn!("smsc: the centre is silent; the session is given up");
            actions.push(Action::End);
        } else if self.asked.is_none() && self.heard + self.limits.enquire <= now {
            self.asked = Some(now + self.limits.response);
            let number = self.next_number();
            actions.push(Action::Send(Pdu::of(command::ENQUIRE_LINK, status::OK, number, b"")));
        }
        self.go_on(now, &mut actions);
        actions
    }

    /// What may be done now that something has happened.
    fn go_on(&mut self, now: Instant, actions: &mut Vec<Action<T>>) {
        let over = self.submissions.expire(true, now);
        actions.extend(over.into_iter().map(|(who, outcome)| Action::Done(who, outcome)));
        match self.phase {
            Phase::Open => {
                let Self { submissions, number, .. } = self;
                while let Some(pdu) = submissions.send(now, || next(number)) {
                    actions.push(Action::Send(pdu));
                }
            }
            Phase::Closing(until) if until <= now || (self.taking == 0 && self.submissions.is_answered()) => {
                self.phase = Phase::Unbinding(now + UNBINDING);
                let number = self.next_number();
                actions.push(Action::Send(Pdu::of(command::UNBIND, status::OK, number, b"")));
            }
            Phase::Unbinding(until) if until <= now => actions.push(Action::End),
            Phase::Closing(_) | Phase::Unbinding(_) => {}
        }
    }

    fn next_number(&mut self) -> u32 {
        next(&mut self.number)
    }

    /// When to call [`Self::tick`] next.
    pub(super) fn deadline(&self) -> Instant {
        let link = self.asked.unwrap_or(self.heard + self.limits.enquire);
        let phase = match self.phase {
            Phase::Open => None,
            Phase::Closing(until) | Phase::Unbinding(until) => Some(until),
        };
        let due = self.submissions.deadline(self.is_open());
        [phase, due].into_iter().flatten().fold(link, Instant::min)
    }
}

fn next(number: &mut u32) -> u32 {
    *number = if *number >= LAST_NUMBER { 1 } else { *number + 1 };
    *number
}

fn nack<T>(status: u32, sequence: u32) -> Action<T> {
    Action::Send(Pdu::of(command::GENERIC_NACK, status, sequence, b""))
}

fn count(outcome: &'static str) {
    metrics::counter!("wherefore_smsc_from_phones_total", "outcome" => outcome).increment(1);
}

#[cfg(test)]
mod tests;
