//! What the card asks of the phone next, and what it makes of the answer.

use super::memory::{Outgoing, Phase};
use super::{Applet, Blocked, Looked, Sending, Step, texts};
use crate::message::{Installed, Message, RequestName};
use crate::packet::{Level, seal_command, seal_response};
use crate::sms::{Carried, DCS_CLASS_2_DATA, Submit, split};
use crate::toolkit::{Command, LocalInformation, Outcome, Position, TerminalResponse};
use core::convert::Infallible;
use lcs::{Address, PrivacySetting, Timestamp};

/// How often a phone that is busy is asked to tell or ask its user.
const ATTEMPTS: u8 = 5;
/// The timer that the application uses.
pub(super) const TIMER: u8 = 1;

impl Applet {
    /// The next thing to ask, most pressing first.
    pub(super) fn next(&mut self) -> Option<(Step, Command)> {
        self.next_send().or_else(|| self.next_look()).or_else(|| self.next_decision()).or_else(|| self.next_set_up())
    }

    fn next_send(&mut self) -> Option<(Step, Command)> {
        if self.session.blocked.send {
            return None;
        }
        if self.session.sending.is_none() {
            self.session.sending = self.begin_sending();
        }
        let sending = self.session.sending.as_ref()?;
        let user_data = sending.parts.front()?.clone();
        let submit = Submit {
            reference: 0,
            destination: sending.to,
            pid: 0,
            dcs: DCS_CLASS_2_DATA,
            has_header: true,
            user_data,
        };
        Some((Step::Send, Command::SendShortMessage(submit.encode().ok()?)))
    }

    /// Seals what is to be sent first: proofs and acknowledgements, then reports.
    fn begin_sending(&mut self) -> Option<Sending> {
        let keys = self.card.keys.clone();
        let (to, carried, packet, report) = if let Some(first) = self.memory.outgoing.front().cloned() {
            match first {
                Outgoing::Proof(to, response) => {
                    let proof = Level::TO_CARD.proof?;
                    (to, Carried::Response, seal_response(&keys, proof, &response).ok()?, None)
                }
                Outgoing::Notice(to, message) => (to, Carried::Command, self.seal(&message)?, None),
            }
        } else {
            let (to, report) = self.memory.due(self.session.now?)?;
            (to, Carried::Command, self.seal(&Message::Report(report))?, Some(report))
        };
        self.memory.concatenation = self.memory.concatenation.wrapping_add(1);
        let parts = split(carried, &packet, self.memory.concatenation).ok()?.into();
        Some(Sending { to, parts, report })
    }

    /// `None` when the counter has come to its end: then the card is silent until it gets other keys.
    fn seal(&mut self, message: &Message) -> Option<Vec<u8>> {
        let data = message.encode().ok()?;
        let given = &mut self.memory.given;
        let Ok(counter) = given.next()?.store(|counter| {
            *given = counter;
            Ok::<_, Infallible>(())
        });
        seal_command(&self.card.keys, Level::FROM_CARD, self.card.tar, &counter, &data).ok()
    }

    fn next_look(&mut self) -> Option<(Step, Command)> {
        let asked = match self.session.looked? {
            Looked::Nothing => LocalInformation::DateTime,
            Looked::Time(_) => LocalInformation::AccessTechnology,
            Looked::Access(..) => LocalInformation::Location,
        };
        Some((Step::Look, Command::ProvideLocalInformation(asked)))
    }

    fn next_decision(&mut self) -> Option<(Step, Command)> {
        if self.session.blocked.ask {
            return None;
        }
        let stored = self.memory.requests.iter().find(|stored| stored.phase == Phase::Deciding)?;
        let name = stored.install.name;
        Some(if stored.install.privacy.verifies() {
            (Step::Ask(name), Command::GetInkey(texts::question(&stored.install)))
        } else {
            (Step::Tell(name), Command::DisplayText(texts::notice(&stored.install)))
        })
    }

    fn next_set_up(&mut self) -> Option<(Step, Command)> {
        let wanted = !self.memory.requests.is_empty();
        if self.session.events != wanted && !self.session.blocked.events {
            return Some((Step::Events(wanted), Command::SetUpEventList { location_status: wanted }));
        }
        if self.session.blocked.timer {
            return None;
        }
        match (self.wakes_after_s(), self.session.timer) {
            (Some(wanted), running) if running.is_none_or(|running| wanted < running) => {
                Some((Step::Timer(Some(wanted)), Command::StartTimer { timer: TIMER, seconds: wanted }))
            }
            (None, Some(_)) => Some((Step::Timer(None), Command::StopTimer { timer: TIMER })),
            _ => None,
        }
    }

    /// After how many seconds the application wants to look again by itself.
    fn wakes_after_s(&self) -> Option<u32> {
        let waits = !self.memory.requests.is_empty() || !self.memory.outgoing.is_empty();
        let poll = self.card.poll_s.clamp(1, 86_399);
        let now = self.session.now.unwrap_or_default();
        let next = self.memory.requests.iter().map(|stored| stored.wakes(now)).min();
        let until = |next: Timestamp| {
            let whole = next.since(now).as_micros().div_ceil(1_000_000);
            u32::try_from(whole).unwrap_or(u32::MAX).max(1)
        };
        waits.then(|| if self.session.now.is_some() { next.map_or(poll, until).min(poll) } else { poll })
    }

    /// Takes the answer to a step.
    pub(super) fn answered(&mut self, step: Step, said: &TerminalResponse) {
        let (done, blocked) = (said.outcome == Outcome::Done, &mut self.session.blocked);
        match step {
            Step::Send if done => self.sent(),
            Step::Send => {
                blocked.send = true;
                self.session.sending = None;
            }
            Step::Look => self.looked(said),
            Step::Ask(name) | Step::Tell(name) => self.decided(name, matches!(step, Step::Ask(_)), said),
            Step::Events(wanted) if done => self.session.events = wanted,
            Step::Events(_) => blocked.events = true,
            Step::Timer(seconds) if done => self.session.timer = seconds,
            Step::Timer(_) => blocked.timer = true,
        }
    }

    fn sent(&mut self) {
        let Some(sending) = self.session.sending.as_mut() else { return };
        sending.parts.pop_front();
        if !sending.parts.is_empty() {
            return;
        }
        match self.session.sending.take().and_then(|sending| sending.report) {
            Some(report) => self.memory.reported(&report),
            None => drop(self.memory.outgoing.pop_front()),
        }
    }

    fn looked(&mut self, said: &TerminalResponse) {
        let done = said.outcome == Outcome::Done;
        let never = said.outcome == Outcome::Never;
        match self.session.looked.take() {
            Some(Looked::Nothing) => match said.time.filter(|_| done) {
                Some(time) => self.session.looked = Some(Looked::Time(time)),
                // A time without its zone is as good as none.
                None => self.take_sample(None, None, never || done),
            },
            Some(Looked::Time(time)) => match said.access.filter(|_| done) {
                Some(access) => self.session.looked = Some(Looked::Access(time, access)),
                None => self.take_sample(Some(time), None, never || done),
            },
            Some(Looked::Access(time, access)) => {
                let position = said.location.filter(|_| done).map(|information| Position { information, access });
                self.take_sample(Some(time), position, never);
            }
            None => (),
        }
    }

    /// Time and place as far as the phone tells them; `never`: it never will.
    fn take_sample(&mut self, time: Option<Timestamp>, position: Option<Position>, never: bool) {
        let Some(now) = time else {
            if never {
                self.end_new(Installed::NoLocalInformation);
            }
            return;
        };
        self.session.now = Some(now);
        if never {
            self.end_new(Installed::NoLocalInformation);
        }
        let over: Vec<_> = self.memory.requests.iter().filter(|stored| stored.install.stop <= now).collect();
        let over: Vec<_> = over.iter().map(|stored| (stored.install.name, stored.phase)).collect();
        for (name, phase) in over {
            if phase == Phase::Watching {
                self.memory.remove(name);
            } else {
                self.end(name, Installed::Expired);
            }
        }
        let mut decided = vec![];
        for stored in &mut self.memory.requests {
            match (stored.phase, &position) {
                (Phase::New, _) if stored.decides() => stored.phase = Phase::Deciding,
                (Phase::New, _) => decided.push(stored.install.name),
                (Phase::Watching, Some(position)) => stored.sample(now, position),
                (Phase::Watching | Phase::Deciding, _) => (),
            }
        }
        for name in decided {
            self.watch(name, Installed::Yes);
        }
    }

    /// What the user said, or did not say (TS 23.271 Annex F.1 step 4).
    fn decided(&mut self, name: RequestName, asked: bool, said: &TerminalResponse) {
        let Some(stored) = self.memory.find(name) else { return };
        let silence = if !asked {
            Installed::Yes
        } else if stored.install.privacy == PrivacySetting::AllowedIfNoResponse {
            Installed::YesWithoutResponse
        } else {
            Installed::NoResponse
        };
        let installed = match (said.outcome, said.yes) {
            (Outcome::Never, _) => Installed::NoUserInterface,
            (Outcome::NotNow, _) => {
                stored.attempts += 1;
                if stored.attempts < ATTEMPTS {
                    self.session.blocked.ask = true;
                    return;
                }
                // Nobody could be told: that is not silence of somebody who was asked.
                Installed::NoUserInterface
            }
            (Outcome::Done, Some(true)) => Installed::Yes,
            (Outcome::Done, Some(false)) if asked => Installed::Denied,
            (Outcome::EndedByUser | Outcome::Refused, _) if asked => Installed::Denied,
            _ => silence,
        };
        match installed {
            Installed::Yes | Installed::YesWithoutResponse => self.watch(name, installed),
            refused => self.end(name, refused),
        }
    }

    fn watch(&mut self, name: RequestName, installed: Installed) {
        let Some(stored) = self.memory.find(name) else { return };
        stored.phase = Phase::Watching;
        let to = stored.install.gateway;
        self.notice(to, Message::Acknowledge(name, installed));
        self.session.looked.get_or_insert(Looked::Nothing);
    }

    /// Takes a request off and says why.
    pub(super) fn end(&mut self, name: RequestName, why: Installed) {
        let Some(to) = self.memory.find(name).map(|stored| stored.install.gateway) else { return };
        self.memory.remove(name);
        self.notice(to, Message::Acknowledge(name, why));
    }

    fn end_new(&mut self, why: Installed) {
        let new: Vec<_> = self.memory.requests.iter().filter(|stored| stored.phase == Phase::New).collect();
        for name in new.iter().map(|stored| stored.install.name).collect::<Vec<_>>() {
            self.end(name, why);
        }
    }

    pub(super) fn notice(&mut self, to: Address, message: Message) {
        self.memory.outgoing.push_back(Outgoing::Notice(to, message));
    }

    /// Whatever was put off is tried again.
    pub(super) fn wake(&mut self) {
        self.session.blocked = Blocked::default();
        if !self.memory.requests.is_empty() {
            self.session.looked.get_or_insert(Looked::Nothing);
        }
    }
}
