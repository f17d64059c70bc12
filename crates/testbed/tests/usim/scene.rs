//! A centre, a client of it that speaks the gateway's end, and a subscriber.

use crate::interop::{PATIENCE, pcap};
use lcs::{Address, AreaEvent, AreaIdentity, Duration, LdrReference, PlmnId, PrivacySetting, Timestamp};
use testbed::smsc::{Account, Bind, Esme, Party, Smsc, Text};
use testbed::usim::{HAS_HEADER, Handset, Subscriber};
use usat::applet::Card;
use usat::exchange::{ExchangeError, FromCard, Word, from_card, to_card};
use usat::message::{Install, Message, RequestName};
use usat::packet::{CardKeys, Counter, Status, Tar};
use usat::sms::{DCS_CLASS_2_DATA, PID_USIM_DOWNLOAD, Reassembly, read_part};
use usat::toolkit::{AccessTechnology, LocationInformation};

pub(crate) const SERVICE: &str = "4917099";
pub(crate) const NUMBER: &str = "491701234567";
const START_S: u64 = 1_795_899_600;
const TAR: Tar = Tar::CHANGE_OF_AREA;

fn plmn() -> PlmnId {
    PlmnId::new("262", "01").unwrap()
}

pub(crate) fn cell(ci: u16) -> AreaIdentity {
    AreaIdentity::Cell(plmn(), 1, ci)
}

pub(crate) fn place(ci: u16) -> LocationInformation {
    LocationInformation { plmn: plmn(), area_code: 1, cell: Some(ci), extended: None }
}

/// Leaving cell 1, within an hour.
pub(crate) fn install(reference: u8, instance: u32) -> Install {
    Install {
        name: RequestName { reference: LdrReference(reference), instance },
        gateway: Address::international(SERVICE).unwrap(),
        start: Timestamp::from_secs(START_S),
        stop: Timestamp::from_secs(START_S + 3600),
        event: AreaEvent::Leaving,
        multiple: false,
        min_interval_s: 1,
        areas: vec![cell(1)],
        privacy: PrivacySetting::AllowedWithNotification,
        client: Some("School bus".to_owned()),
        requestor: Some("Mum".to_owned()),
    }
}

fn keys() -> CardKeys {
    CardKeys::new(1, &[0x51; 16], &[0x52; 16]).unwrap()
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Came {
    Proof(Status),
    Word(Word),
}

pub(crate) struct Scene {
    pub(crate) smsc: Smsc,
    pub(crate) subscriber: Subscriber,
    esme: Esme,
    reassembly: Reassembly<String>,
    given: Counter,
    taken: Counter,
    instance: u32,
}

impl Scene {
    pub(crate) async fn new(capture: Option<&pcap::Capture>) -> Self {
        let account =
            Account { system_id: "gmlc".to_owned(), password: "gmlc-pw".to_owned(), service: SERVICE.to_owned() };
        let smsc = Smsc::start("127.0.0.1:0".parse().unwrap(), vec![account]).await.unwrap();
        let at = match capture {
            Some(capture) => pcap::before(smsc.address(), 1, capture).await,
            None => smsc.address(),
        };
        let esme = Esme::bind(at, Bind::Transceiver, "gmlc", "gmlc-pw").await.unwrap();
        smsc.wait_bound("gmlc", 1, PATIENCE).await.unwrap();
        let card = Card { keys: keys(), tar: TAR, poll_s: 60 };
        let start = Timestamp::from_secs(START_S);
        let handset = Handset::new(card, start, place(9), AccessTechnology::Geran);
        let subscriber = Subscriber { msisdn: NUMBER.to_owned(), handset };
        let reassembly = Reassembly::new(8, 8, Duration::from_secs(600));
        let (given, taken) = (Counter::default(), Counter::default());
        Self { smsc, subscriber, esme, reassembly, given, taken, instance: 0 }
    }

    pub(crate) fn instance(&mut self) -> u32 {
        self.instance += 1;
        self.instance
    }

    /// User data of a message to the card.
    pub(crate) fn parts(&mut self, message: &Message) -> Vec<Vec<u8>> {
        let usable = self.given.next().unwrap().store(|counter| {
            self.given = counter;
            Ok::<_, ()>(())
        });
        to_card(&keys(), TAR, &usable.unwrap(), message, self.given.value() as u8).unwrap()
    }

    /// Submits user data, and has the subscriber take it.
    pub(crate) async fn submit(&mut self, parts: &[Vec<u8>]) {
        for part in parts {
            let text = Text {
                octets: part.clone(),
                esm_class: HAS_HEADER,
                protocol_id: PID_USIM_DOWNLOAD,
                data_coding: DCS_CLASS_2_DATA,
                parameters: vec![],
            };
            self.esme.submit(SERVICE, &Party::international(NUMBER), &text, false).await.unwrap();
            self.subscriber.receive(&self.smsc, PATIENCE).await.unwrap();
        }
    }

    pub(crate) async fn exchange(&mut self, message: &Message) -> Vec<Came> {
        let parts = self.parts(message);
        self.submit(&parts).await;
        self.came().await
    }

    /// User data of the next message from the card.
    pub(crate) async fn next(&mut self) -> Vec<u8> {
        let delivered = self.esme.next(PATIENCE).await.unwrap();
        assert_eq!((delivered.source.text.as_str(), delivered.text.esm_class), (NUMBER, HAS_HEADER));
        delivered.text.octets
    }

    /// All that has come: what the card sent was answered, and before that it was here.
    pub(crate) async fn came(&mut self) -> Vec<Came> {
        let mut came = vec![];
        while self.esme.waiting() > 0 {
            let part = self.next().await;
            came.push(self.take(&part).unwrap());
        }
        came
    }

    pub(crate) fn take(&mut self, part: &[u8]) -> Result<Came, ExchangeError> {
        let now = Timestamp::from_secs(START_S);
        let part = read_part(part).unwrap();
        let (carried, packet) = self.reassembly.take(NUMBER.to_owned(), part, now).unwrap().unwrap();
        match from_card(&keys(), TAR, self.taken, (carried, &packet))? {
            FromCard::Proof(response) => Ok(Came::Proof(response.status)),
            FromCard::Word(told) => {
                let word = told.accept(|counter| {
                    self.taken = counter;
                    Ok::<_, ()>(())
                });
                word.unwrap().map(Came::Word)
            }
        }
    }

    pub(crate) async fn go(&mut self, ci: u16) {
        self.subscriber.handset.go(place(ci), AccessTechnology::Geran).unwrap();
        self.subscriber.send(&self.smsc).await.unwrap();
    }

    pub(crate) async fn wait(&mut self, seconds: u64) {
        self.subscriber.handset.wait(Duration::from_secs(seconds)).unwrap();
        self.subscriber.send(&self.smsc).await.unwrap();
    }

    pub(crate) async fn switch_off_and_on(&mut self) {
        let handset = std::mem::replace(
            &mut self.subscriber.handset,
            Handset::new(
                Card { keys: keys(), tar: TAR, poll_s: 60 },
                Timestamp::from_secs(START_S),
                place(9),
                AccessTechnology::Geran,
            ),
        );
        self.subscriber.handset = handset.switch_off_and_on().unwrap();
        self.subscriber.send(&self.smsc).await.unwrap();
    }
}
