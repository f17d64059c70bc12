//! A phone with a card, and an SMS centre between it and the gateway.

use crate::clock;
use crate::smsc::{FromPhones as _, MessageId, Refused, ShortMessage, SmsCentre, SubmitFailure};
use crate::usim::FromCards;
use futures_util::future::BoxFuture;
use lcs::{Address, Duration, Msisdn, PlmnId, Timestamp};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;
use usat::applet::{Applet, Card, Memory, StatusWord};
use usat::packet::{CardKeys, Tar};
use usat::sms::{Deliver, Submit};
use usat::toolkit::{
    AccessTechnology, Command, Envelope, LocalInformation, LocationInformation, LocationStatus, Outcome, Proactive,
    TerminalResponse,
};

/// What the user does when asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum User {
    Yes,
    No,
    Silent,
}

/// A phone that is switched on.
pub(super) struct Phone {
    applet: Applet,
    pub(super) user: User,
    /// How far its clock is ahead.
    ahead: Duration,
    network: u8,
    pub(super) shown: Vec<String>,
    sent: Vec<ShortMessage>,
}

pub(super) fn keys(key: u8) -> CardKeys {
    CardKeys::new(1, &[key; 16], &[key ^ 0xFF; 16]).unwrap()
}

fn place(network: u8) -> LocationInformation {
    LocationInformation {
        plmn: PlmnId::new("001", &format!("{network:02}")).unwrap(),
        area_code: 1,
        cell: Some(1),
        extended: None,
    }
}

impl Phone {
    pub(super) fn new(key: u8) -> Self {
        let card = Card { keys: keys(key), tar: Tar::CHANGE_OF_AREA, poll_s: 3600 };
        let applet = Applet::power_on(card, Memory::default());
        let (shown, sent) = (Vec::new(), Vec::new());
        Self { applet, user: User::Yes, ahead: Duration::ZERO, network: 1, shown, sent }
    }

    /// Requests on the card.
    pub(super) fn requests(&self) -> usize {
        self.applet.requests().count()
    }

    fn now(&self) -> Timestamp {
        clock::now().after(self.ahead)
    }

    fn take(&mut self, user_data: Vec<u8>) {
        let deliver = Deliver {
            originating: Address::international("+99912340000").unwrap(),
            pid: usat::sms::PID_USIM_DOWNLOAD,
            dcs: usat::sms::DCS_CLASS_2_DATA,
            service_centre_time: [0x62, 0x11, 0x82, 0x22, 0x00, 0x00, 0x00],
            has_header: true,
            user_data,
        };
        self.envelope(&Envelope::SmsPpDownload { service_centre: None, tpdu: deliver.encode().unwrap() });
    }

    fn go(&mut self, network: u8) {
        self.network = network;
        let location = Some(place(network));
        self.envelope(&Envelope::LocationStatus { status: LocationStatus::Normal, location });
    }

    fn envelope(&mut self, envelope: &Envelope) {
        let mut word = self.applet.envelope(&envelope.encode().unwrap());
        while let StatusWord::Fetch(_) = word {
            let proactive = Proactive::parse(&self.applet.fetch().unwrap()).unwrap();
            let said = self.say(&proactive).encode().unwrap();
            word = self.applet.terminal_response(&said);
        }
        assert_eq!(word, StatusWord::Done);
    }

    fn say(&mut self, proactive: &Proactive) -> TerminalResponse {
        let done = TerminalResponse::to(proactive, Outcome::Done);
        match &proactive.command {
            Command::DisplayText(text) => self.shown.push(text.clone()),
            Command::GetInkey(text) => {
                self.shown.push(text.clone());
                return match self.user {
                    User::Yes => TerminalResponse { yes: Some(true), ..done },
                    User::No => TerminalResponse { yes: Some(false), ..done },
                    User::Silent => TerminalResponse::to(proactive, Outcome::NoResponse),
                };
            }
            Command::ProvideLocalInformation(LocalInformation::DateTime) => {
                return TerminalResponse { time: Some(self.now()), ..done };
            }
            Command::ProvideLocalInformation(LocalInformation::AccessTechnology) => {
                return TerminalResponse { access: Some(AccessTechnology::Geran), ..done };
            }
            Command::ProvideLocalInformation(LocalInformation::Location) => {
                return TerminalResponse { location: Some(place(self.network)), ..done };
            }
            Command::SendShortMessage(tpdu) => {
                let Submit { pid, dcs, has_header, user_data, .. } = Submit::parse(tpdu).unwrap();
                let validity = None;
                self.sent.push(ShortMessage { protocol_id: pid, data_coding: dcs, has_header, user_data, validity });
            }
            Command::SetUpEventList { .. } | Command::StartTimer { .. } | Command::StopTimer { .. } => {}
        }
        done
    }
}

/// What the gateway answered to messages of the phone, with the messages.
type Answers = Arc<Mutex<Vec<(ShortMessage, Result<(), Refused>)>>>;

/// A centre that carries what is submitted to one phone at once, and what the phone sends to the gateway, one after the other.
pub(super) struct Centre {
    number: Msisdn,
    pub(super) phone: Arc<Mutex<Phone>>,
    to_gateway: mpsc::UnboundedSender<ShortMessage>,
    pub(super) answered: Answers,
    pub(super) submitted: Mutex<Vec<ShortMessage>>,
    /// What becomes of submissions instead.
    pub(super) fails: Mutex<Option<SubmitFailure>>,
    /// The phone is out of reach: messages stay at the centre.
    pub(super) unreachable: Mutex<bool>,
}

impl Centre {
    pub(super) fn new(number: Msisdn, phone: Arc<Mutex<Phone>>, gateway: FromCards) -> Arc<Self> {
        let (to_gateway, mut from_phone) = mpsc::unbounded_channel();
        let answered = Answers::default();
        let answers = Arc::clone(&answered);
        tokio::spawn(async move {
            while let Some(message) = from_phone.recv().await {
                let answer = gateway.take(number, ShortMessage::clone(&message)).await;
                answers.lock().unwrap().push((message, answer));
            }
        });
        let (submitted, fails, unreachable) = (Mutex::default(), Mutex::default(), Mutex::default());
        Arc::new(Self { number, phone, to_gateway, answered, submitted, fails, unreachable })
    }

    /// The phone goes to another network.
    pub(super) fn go(&self, network: u8) {
        self.with_phone(|phone| phone.go(network));
    }

    /// Time passes on the phone, which then looks around.
    pub(super) fn wait(&self, span: Duration) {
        let mut phone = self.phone.lock().unwrap();
        phone.ahead = phone.ahead.saturating_add(span);
    }

    fn with_phone(&self, act: impl FnOnce(&mut Phone)) {
        let mut phone = self.phone.lock().unwrap();
        act(&mut phone);
        for message in phone.sent.drain(..) {
            // A gateway that is gone takes nothing.
            self.to_gateway.send(message).ok();
        }
    }
}

impl SmsCentre for Centre {
    fn submit(&self, to: Msisdn, message: ShortMessage) -> BoxFuture<'_, Result<MessageId, SubmitFailure>> {
        Box::pin(async move {
            assert!(to == self.number && message.has_header && message.validity.is_some());
            assert_eq!((message.protocol_id, message.data_coding), (0x7F, 0xF6));
            if let Some(failure) = *self.fails.lock().unwrap() {
                return Err(failure);
            }
            self.submitted.lock().unwrap().push(message.clone());
            if !*self.unreachable.lock().unwrap() {
                self.with_phone(|phone| phone.take(message.user_data));
            }
            Ok(MessageId::new("1"))
        })
    }
}
