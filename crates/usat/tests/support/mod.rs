//! A phone and a gateway around the card, under a clock that is moved by hand.

#![allow(dead_code, unreachable_pub, reason = "each test uses some")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use lcs::{Address, AreaEvent, AreaIdentity, Duration, LdrReference, PlmnId, PrivacySetting, Timestamp};
use usat::applet::{Applet, Card, Memory, StatusWord};
use usat::exchange::{ExchangeError, FromCard, Word, from_card, to_card};
use usat::message::{Install, Message, RequestName};
use usat::packet::*;
use usat::sms::*;
use usat::toolkit::*;

pub const START_S: u64 = 1_795_899_600;
pub const POLL_S: u32 = 60;

pub fn keys() -> CardKeys {
    CardKeys::new(3, &[0x11; 16], &[0x22; 16]).unwrap()
}

pub fn card() -> Card {
    Card { keys: keys(), tar: Tar::CHANGE_OF_AREA, poll_s: POLL_S }
}

pub fn plmn() -> PlmnId {
    PlmnId::new("262", "01").unwrap()
}

pub fn at(seconds: u64) -> Timestamp {
    Timestamp::from_secs(START_S + seconds)
}

pub fn cell(ci: u16) -> AreaIdentity {
    AreaIdentity::Cell(plmn(), 1, ci)
}

pub fn number() -> Address {
    Address::international("4917099").unwrap()
}

/// An hour; the area is cell 1.
pub fn install(reference: u8, event: AreaEvent) -> Install {
    Install {
        name: RequestName { reference: LdrReference(reference), instance: 1 },
        gateway: number(),
        start: at(0),
        stop: at(3600),
        event,
        multiple: false,
        min_interval_s: 1,
        areas: vec![cell(1)],
        privacy: PrivacySetting::AllowedWithoutNotification,
        client: Some("School".to_owned()),
        requestor: None,
    }
}

/// What a phone does to commands that need a user or a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum User {
    Yes,
    No,
    Silent,
    Ends,
    Busy,
    NoDisplay,
}

pub struct Phone {
    pub applet: Option<Applet>,
    pub card: Card,
    pub now: Timestamp,
    pub cell: u16,
    pub service: bool,
    pub tells_place: bool,
    pub user: User,
    pub events: bool,
    pub timer: Option<Timestamp>,
    /// Texts shown.
    pub shown: Vec<String>,
    /// SMS-SUBMIT that went out.
    pub sent: Vec<Vec<u8>>,
    /// Short messages that wait until there is service, as a service centre keeps them.
    pub waiting: Vec<Vec<u8>>,
}

impl Phone {
    pub fn new() -> Self {
        let applet = Some(Applet::power_on(card(), Memory::default()));
        let mut phone = Self {
            applet,
            card: card(),
            now: at(0),
            cell: 9,
            service: true,
            tells_place: true,
            user: User::Yes,
            events: false,
            timer: None,
            shown: vec![],
            sent: vec![],
            waiting: vec![],
        };
        phone.poll();
        phone
    }

    pub fn applet(&mut self) -> &mut Applet {
        self.applet.as_mut().unwrap()
    }

    pub fn poll(&mut self) {
        let word = self.applet().status();
        self.serve(word);
    }

    /// Loses power and gets it again.
    pub fn power_cycle(&mut self) {
        let memory = self.applet.take().unwrap().power_off();
        self.applet = Some(Applet::power_on(self.card.clone(), memory));
        (self.events, self.timer) = (false, None);
        self.poll();
    }

    pub fn deliver(&mut self, tpdu: Vec<u8>) {
        self.waiting.push(tpdu);
        self.deliver_waiting();
    }

    fn deliver_waiting(&mut self) {
        while self.service && !self.waiting.is_empty() {
            let tpdu = self.waiting.remove(0);
            let envelope = Envelope::SmsPpDownload { service_centre: None, tpdu: tpdu.clone() };
            let word = self.applet().envelope(&envelope.encode().unwrap());
            if word == StatusWord::Busy {
                self.waiting.insert(0, tpdu);
                self.poll();
                return;
            }
            self.serve(word);
        }
    }

    pub fn move_to(&mut self, cell: u16) {
        self.cell = cell;
        self.tell();
    }

    pub fn set_service(&mut self, service: bool) {
        self.service = service;
        self.tell();
        self.deliver_waiting();
    }

    fn tell(&mut self) {
        if self.events {
            let status = if self.service { LocationStatus::Normal } else { LocationStatus::None };
            let location = self.service.then(|| self.location());
            let word = self.applet().envelope(&Envelope::LocationStatus { status, location }.encode().unwrap());
            self.serve(word);
        }
    }

    pub fn wait(&mut self, seconds: u64) {
        let end = self.now.after(Duration::from_secs(seconds));
        while let Some(expiry) = self.timer.filter(|expiry| *expiry <= end) {
            self.now = expiry;
            self.timer = None;
            let word = self.applet().envelope(&Envelope::TimerExpiration { timer: 1, seconds: 1 }.encode().unwrap());
            self.serve(word);
        }
        self.now = end;
        self.deliver_waiting();
    }

    pub fn location(&self) -> LocationInformation {
        LocationInformation { plmn: plmn(), area_code: 1, cell: Some(self.cell), extended: None }
    }

    /// Fetches and answers until the card wants nothing more.
    pub fn serve(&mut self, mut word: StatusWord) {
        for _ in 0..200 {
            let StatusWord::Fetch(length) = word else {
                assert_eq!(word, StatusWord::Done);
                return;
            };
            let octets = self.applet().fetch().unwrap();
            assert_eq!(octets.len() as u8, length);
            let proactive = Proactive::parse(&octets).unwrap();
            let said = self.answer(&proactive);
            word = self.applet().terminal_response(&said.encode().unwrap());
        }
        panic!("the card never comes to rest");
    }

    fn answer(&mut self, proactive: &Proactive) -> TerminalResponse {
        let done = TerminalResponse::to(proactive, Outcome::Done);
        match &proactive.command {
            Command::DisplayText(text) => {
                self.shown.push(text.clone());
                let outcome = match self.user {
                    User::Busy => Outcome::NotNow,
                    User::NoDisplay => Outcome::Never,
                    _ => Outcome::Done,
                };
                TerminalResponse { outcome, ..done }
            }
            Command::GetInkey(text) => {
                self.shown.push(text.clone());
                let (outcome, yes) = match self.user {
                    User::Yes => (Outcome::Done, Some(true)),
                    User::No => (Outcome::Done, Some(false)),
                    User::Silent => (Outcome::NoResponse, None),
                    User::Ends => (Outcome::EndedByUser, None),
                    User::Busy => (Outcome::NotNow, None),
                    User::NoDisplay => (Outcome::Never, None),
                };
                TerminalResponse { outcome, yes, ..done }
            }
            Command::SetUpEventList { location_status } => {
                self.events = *location_status;
                done
            }
            Command::ProvideLocalInformation(asked) if self.tells_place => match asked {
                LocalInformation::DateTime => TerminalResponse { time: Some(self.now), ..done },
                LocalInformation::AccessTechnology => {
                    TerminalResponse { access: Some(AccessTechnology::Geran), ..done }
                }
                LocalInformation::Location if self.service => {
                    TerminalResponse { location: Some(self.location()), ..done }
                }
                LocalInformation::Location => TerminalResponse { outcome: Outcome::NotNow, ..done },
            },
            Command::ProvideLocalInformation(_) => TerminalResponse { outcome: Outcome::Never, ..done },
            Command::StartTimer { seconds, .. } => {
                self.timer = Some(self.now.after(Duration::from_secs((*seconds).into())));
                done
            }
            Command::StopTimer { .. } => {
                self.timer = None;
                done
            }
            Command::SendShortMessage(tpdu) if self.service => {
                self.sent.push(tpdu.clone());
                done
            }
            Command::SendShortMessage(_) => TerminalResponse { outcome: Outcome::NotNow, ..done },
        }
    }
}

/// What came from a card.
#[derive(Debug, PartialEq, Eq)]
pub enum Came {
    Proof(Status),
    Said(Message),
}

pub struct Gateway {
    pub keys: CardKeys,
    pub given: Counter,
    pub taken: Counter,
    pub reassembly: Reassembly<Address>,
}

impl Gateway {
    pub fn new() -> Self {
        let reassembly = Reassembly::new(4, 8, Duration::from_secs(60));
        Self { keys: keys(), given: Counter::default(), taken: Counter::default(), reassembly }
    }

    /// The message as short messages to the phone.
    pub fn send(&mut self, message: &Message) -> Vec<Vec<u8>> {
        let counter = self.given.next().unwrap().store(|counter| {
            self.given = counter;
            Ok::<_, ()>(())
        });
        let reference = self.given.value() as u8;
        let parts = to_card(&self.keys, Tar::CHANGE_OF_AREA, &counter.unwrap(), message, reference).unwrap();
        parts.into_iter().map(deliver).collect()
    }

    /// What a short message of the phone completes.
    pub fn take(&mut self, submit: &[u8], now: Timestamp) -> Option<Came> {
        let submit = Submit::parse(submit).unwrap();
        assert_eq!(submit.destination, number());
        let (carried, packet) = self.reassembly.take(number(), read_part(&submit.user_data).unwrap(), now).unwrap()?;
        let came = from_card(&self.keys, Tar::CHANGE_OF_AREA, self.taken, (carried, &packet)).unwrap();
        // The same once more is refused when it is taken (F-27).
        let word = match came {
            FromCard::Proof(response) => return Some(Came::Proof(response.status)),
            FromCard::Word(told) => told.accept(|counter| {
                self.taken = counter;
                Ok::<_, ()>(())
            }),
        };
        let again = from_card(&self.keys, Tar::CHANGE_OF_AREA, self.taken, (carried, &packet)).map(|_| ());
        assert_eq!(again, Err(ExchangeError::Packet(PacketError::Counter(Status::CounterLow))));
        Some(match word.unwrap().unwrap() {
            Word::Acknowledged(name, installed) => Came::Said(Message::Acknowledge(name, installed)),
            Word::Reported(report) => Came::Said(Message::Report(report)),
        })
    }

    /// All that the phone has sent.
    pub fn drain(&mut self, phone: &mut Phone) -> Vec<Came> {
        let now = phone.now;
        std::mem::take(&mut phone.sent).iter().filter_map(|submit| self.take(submit, now)).collect()
    }
}

/// User data as a short message to the phone.
pub fn deliver(user_data: Vec<u8>) -> Vec<u8> {
    let deliver = Deliver {
        originating: number(),
        pid: PID_USIM_DOWNLOAD,
        dcs: DCS_CLASS_2_DATA,
        service_centre_time: [0x62, 0x11, 0x82, 0x22, 0x00, 0x00, 0x00],
        has_header: true,
        user_data,
    };
    deliver.encode().unwrap()
}

/// A packet as short messages to the phone.
pub fn delivers(packet: &[u8], reference: u8) -> Vec<Vec<u8>> {
    split(Carried::Command, packet, reference).unwrap().into_iter().map(deliver).collect()
}

/// Sends a message to the phone and gives what it says.
pub fn exchange(gateway: &mut Gateway, phone: &mut Phone, message: &Message) -> Vec<Came> {
    for tpdu in gateway.send(message) {
        phone.deliver(tpdu);
    }
    gateway.drain(phone)
}
