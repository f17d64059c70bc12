//! The application on the card. It behaves as a card does: envelopes in, status words out, commands to fetch, answers to them in. No
//! clock: it asks the phone for the time.
//!
//! ```text
//!             ┌──── phone tells neither time nor place, or it is over: acknowledged as failed
//!   install ─▶ New ─▶ Deciding ─▶ Watching ─▶ report (one: removed; many: again)
//!                │       └─ denied, silence that refuses, no display: acknowledged as refused
//!                └─ nobody is to be told ─▶ Watching      cancel, end of validity: removed from anywhere
//! ```

mod memory;
mod steps;
mod texts;

pub use memory::{Memory, Phase, REQUEST_LIMIT};

use crate::message::{Install, Installed, Message, Report, RequestName};
use crate::packet::{CardKeys, Counter, Level, Response, Status, Tar, open_command};
use crate::sms::{Carried, Deliver, PID_USIM_DOWNLOAD, Reassembly, read_part};
use crate::toolkit::{AccessTechnology, Envelope, LocationStatus, Outcome, Proactive, TerminalResponse};
use core::convert::Infallible;
use lcs::{Address, AreaIdentity, Duration, Timestamp};
use memory::{OUTGOING_LIMIT, Outgoing, Stored};
use std::collections::VecDeque;

/// Response status: proven, but no message that this application knows. Of the range for proprietary codes.
const NOT_UNDERSTOOD: Status = Status::Other(0xC0);
/// Greatest number of parts of a packet, and of packets that wait for parts.
const PARTS: u8 = 8;

/// What the card's issuer put on it.
#[derive(Clone)]
pub struct Card {
    /// Its keys.
    pub keys: CardKeys,
    /// Under which reference the application answers.
    pub tar: Tar,
    /// How often it looks where the phone is if nothing tells it, seconds.
    pub poll_s: u32,
}

/// What a card says to a command of the phone (ETSI TS 102 221 clause 10.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusWord {
    /// 90 00: done.
    Done,
    /// 91 XX: done, and a command of so many octets is to be fetched.
    Fetch(u8),
    /// 93 00: busy; the short message is to be delivered again.
    Busy,
    /// 6A 80: what came is wrong.
    Wrong,
}

impl StatusWord {
    /// SW1, SW2.
    #[must_use]
    pub fn octets(self) -> [u8; 2] {
        match self {
            Self::Done => [0x90, 0x00],
            Self::Fetch(length) => [0x91, length],
            Self::Busy => [0x93, 0x00],
            Self::Wrong => [0x6A, 0x80],
        }
    }
}

/// A card under power.
pub struct Applet {
    card: Card,
    memory: Memory,
    session: Session,
}

/// What is lost with the power.
struct Session {
    number: u8,
    /// A command that waits to be fetched or answered: what it is for, itself, its octets, whether it was fetched.
    outstanding: Option<(Step, Proactive, Vec<u8>, bool)>,
    reassembly: Reassembly<Address>,
    sending: Option<Sending>,
    /// How much of a look there is; `None`: none is wanted.
    looked: Option<Looked>,
    /// The time, as last told.
    now: Option<Timestamp>,
    /// Whether the phone tells of new cells.
    events: bool,
    /// A timer runs; it was started with so many seconds.
    timer: Option<u32>,
    blocked: Blocked,
}

/// A message on its way out.
struct Sending {
    to: Address,
    parts: VecDeque<Vec<u8>>,
    /// The report that it is; else the first of what waits.
    report: Option<Report>,
}

#[derive(Clone, Copy)]
enum Looked {
    Nothing,
    Time(Timestamp),
    Access(Timestamp, AccessTechnology),
}

/// What the phone could not do; tried again at the next event.
#[derive(Default)]
struct Blocked {
    send: bool,
    ask: bool,
    events: bool,
    timer: bool,
}

/// What a command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Send,
    Look,
    Ask(RequestName),
    Tell(RequestName),
    Events(bool),
    Timer(Option<u32>),
}

impl Applet {
    /// A card that gets power, and the phone's profile.
    #[must_use]
    pub fn power_on(card: Card, memory: Memory) -> Self {
        let session = Session {
            number: 0,
            outstanding: None,
            reassembly: Reassembly::new(2, PARTS, Duration::from_secs(u64::MAX / 2_000_000)),
            sending: None,
            looked: None,
            now: None,
            events: false,
            timer: None,
            blocked: Blocked::default(),
        };
        let mut applet = Self { card, memory, session };
        applet.wake();
        applet
    }

    /// The power goes: what is kept.
    #[must_use]
    pub fn power_off(self) -> Memory {
        self.memory
    }

    /// Which requests are there, and how far.
    pub fn requests(&self) -> impl Iterator<Item = (RequestName, Phase)> {
        self.memory.requests.iter().map(|stored| (stored.install.name, stored.phase))
    }

    /// STATUS, as a phone asks it now and then.
    pub fn status(&mut self) -> StatusWord {
        if self.session.blocked.timer {
            self.wake();
        }
        self.word()
    }

    /// ENVELOPE.
    pub fn envelope(&mut self, octets: &[u8]) -> StatusWord {
        match Envelope::parse(octets) {
            Ok(Envelope::SmsPpDownload { tpdu, .. }) => {
                // Room for a proof, and for what becomes of the message and of one that it takes the place of.
                if self.memory.outgoing.len() + 3 + self.memory.requests.len() > OUTGOING_LIMIT {
                    self.wake();
                    return StatusWord::Busy;
                }
                self.download(&tpdu);
            }
            Ok(Envelope::LocationStatus { status, .. }) => {
                if status == LocationStatus::Normal {
                    self.wake();
                }
            }
            Ok(Envelope::TimerExpiration { timer: steps::TIMER, .. }) => {
                self.session.timer = None;
                self.wake();
            }
            Ok(Envelope::TimerExpiration { .. }) => (),
            Err(_) => return StatusWord::Wrong,
        }
        self.word()
    }

    /// FETCH: the command that waits; `None` if none does.
    pub fn fetch(&mut self) -> Option<Vec<u8>> {
        let (_, _, octets, fetched) = self.session.outstanding.as_mut()?;
        *fetched = true;
        Some(octets.clone())
    }

    /// TERMINAL RESPONSE to the command that was fetched.
    pub fn terminal_response(&mut self, octets: &[u8]) -> StatusWord {
        let Some((step, proactive, _, _)) = self.session.outstanding.take_if(|(_, _, _, fetched)| *fetched) else {
            return StatusWord::Wrong;
        };
        let said = TerminalResponse::parse(octets)
            .ok()
            .filter(|said| (said.number, said.kind) == (proactive.number, proactive.command.kind()));
        let sound = said.is_some();
        // An answer that is none counts as "not now".
        let said = said.unwrap_or_else(|| TerminalResponse::to(&proactive, Outcome::NotNow));
        self.answered(step, &said);
        let word = self.word();
        if sound || word != StatusWord::Done { word } else { StatusWord::Wrong }
    }

    /// Makes the next command if none waits.
    fn word(&mut self) -> StatusWord {
        if self.session.outstanding.is_none()
            && let Some((step, command)) = self.next()
        {
            self.session.number = self.session.number % 254 + 1;
            let proactive = Proactive { number: self.session.number, command };
            // Texts are cut and messages are in parts: it always fits.
            self.session.outstanding = proactive.encode().ok().map(|octets| (step, proactive, octets, false));
        }
        match &self.session.outstanding {
            // 256 octets are told as 00.
            Some((_, _, octets, false)) => StatusWord::Fetch(octets.len() as u8),
            _ => StatusWord::Done,
        }
    }

    /// A short message for the card. What is not for this application, or cannot be proven, is as if it had not come.
    fn download(&mut self, tpdu: &[u8]) {
        let Some(deliver) = Deliver::parse(tpdu).ok().filter(|deliver| deliver.has_header) else { return };
        let Some(part) = read_part(&deliver.user_data).ok().filter(|_| deliver.pid == PID_USIM_DOWNLOAD) else {
            return;
        };
        // A card has no clock: the bound on their number does.
        let whole = self.session.reassembly.take(deliver.originating, part, Timestamp::default());
        let Ok(Some((Carried::Command, packet))) = whole else { return };
        let (tar, taken) = (self.card.tar, self.memory.taken);
        match open_command(&self.card.keys, Level::TO_CARD, tar, taken, &packet) {
            Ok(received) => {
                let counter = received.counter();
                let Ok(data) = received.accept(|counter| {
                    self.memory.taken = counter;
                    Ok::<_, Infallible>(())
                });
                let from = deliver.originating;
                let (to, status, message) = match Message::parse(&data) {
                    Ok(Message::Install(install)) if self.is_full_for(&install) => {
                        (install.gateway, Status::InsufficientMemory, None)
                    }
                    Ok(Message::Install(install)) => (install.gateway, Status::Ok, Some(Message::Install(install))),
                    Ok(Message::Cancel(name)) => {
                        let stored = self.memory.find(name).map(|stored| stored.install.gateway);
                        (stored.unwrap_or(from), Status::Ok, Some(Message::Cancel(name)))
                    }
                    Ok(Message::Acknowledge(..) | Message::Report(_)) | Err(_) => (from, NOT_UNDERSTOOD, None),
                };
                self.prove(to, counter, status);
                match message {
                    Some(Message::Install(install)) => self.install(install),
                    Some(Message::Cancel(name)) => {
                        self.memory.remove(name);
                        self.forget_report(name);
                        self.notice(to, Message::Acknowledge(name, Installed::Cancelled));
                    }
                    _ => (),
                }
            }
            Err(rejected) => {
                if let Some(counter) = rejected.proven {
                    self.prove(deliver.originating, counter, rejected.error.status());
                }
            }
        }
    }

    fn prove(&mut self, to: Address, counter: Counter, status: Status) {
        let response = Response { tar: self.card.tar, counter, status, data: vec![] };
        self.memory.outgoing.push_back(Outgoing::Proof(to, response));
    }

    fn is_full_for(&self, install: &Install) -> bool {
        let same = |stored: &Stored| stored.install.name.reference == install.name.reference;
        self.memory.requests.len() >= REQUEST_LIMIT && !self.memory.requests.iter().any(same)
    }

    fn install(&mut self, install: Install) {
        let (name, to) = (install.name, install.gateway);
        if let Some(stored) = self.memory.find(name) {
            // It came again: the gateway has not heard.
            if stored.phase == Phase::Watching {
                self.notice(to, Message::Acknowledge(name, Installed::Yes));
            }
            return;
        }
        // The gateway uses a reference again when what had it is over.
        let old = self.memory.requests.iter().find(|stored| stored.install.name.reference == name.reference);
        if let Some(old) = old.map(|stored| stored.install.name) {
            self.memory.remove(old);
            self.forget_report(old);
        }
        if install.areas.iter().any(|area| matches!(area, AreaIdentity::RoutingArea(..))) {
            self.notice(to, Message::Acknowledge(name, Installed::AreaNotSupported));
            return;
        }
        self.memory.requests.push(Stored::new(install));
        self.wake();
    }

    /// A report on its way about a request that is no more goes no further.
    fn forget_report(&mut self, name: RequestName) {
        self.session.sending.take_if(|sending| sending.report.is_some_and(|report| report.name == name));
    }
}
