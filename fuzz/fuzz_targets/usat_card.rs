//! Any octets where a card and its gateway expect each other's: envelopes, commands, terminal responses, short messages, messages of the
//! protocol, secured packets. What is read is written alike; what nobody with the keys has made is not taken; a card that is under way
//! stays within its bounds whatever comes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::hint::black_box;
use usat::applet::{Applet, Card, Memory, REQUEST_LIMIT, StatusWord};
use usat::message::Message;
use usat::packet::{CardKeys, Counter, Level, Tar, header, open_command, open_response, seal_command};
use usat::sms::{Carried, DCS_CLASS_2_DATA, Deliver, PID_USIM_DOWNLOAD, Submit, read_part, split};
use usat::toolkit::{Envelope, Proactive, TerminalResponse};

fn keys() -> CardKeys {
    CardKeys::new(1, &[1; 16], &[2; 16]).expect("sixteen octets each")
}

/// A message to the card that holds `data`, as the phone would hand it over.
fn enveloped(data: &[u8], last: Counter) -> Option<(Counter, Vec<Vec<u8>>)> {
    let usable = last.next()?.store(|_| Ok::<_, ()>(())).ok()?;
    let packet = seal_command(&keys(), Level::TO_CARD, Tar::CHANGE_OF_AREA, &usable, data).ok()?;
    let parts = split(Carried::Command, &packet, 1).ok()?;
    let envelope = |user_data| {
        let deliver = Deliver {
            originating: lcs::Address::international("49170").expect("digits"),
            pid: PID_USIM_DOWNLOAD,
            dcs: DCS_CLASS_2_DATA,
            service_centre_time: [0; 7],
            has_header: true,
            user_data,
        };
        let tpdu = deliver.encode().expect("a part fits");
        Envelope::SmsPpDownload { service_centre: None, tpdu }.encode().expect("a message fits")
    };
    Some((usable.counter(), parts.into_iter().map(envelope).collect()))
}

/// The card gets the pieces one after the other: as an answer if it has asked, else as an envelope or, proven, as a message.
fn run(octets: &[u8]) {
    let card = Card { keys: keys(), tar: Tar::CHANGE_OF_AREA, poll_s: 60 };
    let mut applet = Applet::power_on(card, Memory::default());
    let mut last = Counter::default();
    let mut rest = octets;
    while let [kind, length, behind @ ..] = rest {
        let (piece, behind) = behind.split_at(usize::from(*length).min(behind.len()));
        rest = behind;
        let words = match kind % 4 {
            0 => vec![applet.envelope(piece)],
            1 => vec![applet.terminal_response(piece)],
            2 => {
                let Some((counter, envelopes)) = enveloped(piece, last) else { return };
                last = counter;
                envelopes.iter().map(|envelope| applet.envelope(envelope)).collect()
            }
            _ => vec![applet.status()],
        };
        if words.iter().any(|word| matches!(word, StatusWord::Fetch(_))) {
            let fetched = applet.fetch().expect("it said so");
            assert!(fetched.len() <= 256);
            Proactive::parse(&fetched).expect("a card says what a phone understands");
        }
        assert!(applet.requests().count() <= REQUEST_LIMIT);
    }
    black_box(applet.power_off());
}

fuzz_target!(|octets: &[u8]| {
    if let Ok(envelope) = Envelope::parse(octets) {
        assert_eq!(Envelope::parse(&envelope.encode().expect("it was short enough")), Ok(envelope));
    }
    if let Ok(said) = TerminalResponse::parse(octets) {
        assert_eq!(TerminalResponse::parse(&said.encode().expect("it was short enough")), Ok(said));
    }
    if let Ok(deliver) = Deliver::parse(octets) {
        assert_eq!(Deliver::parse(&deliver.encode().expect("it was one")), Ok(deliver));
    }
    if let Ok(submit) = Submit::parse(octets) {
        assert_eq!(Submit::parse(&submit.encode().expect("it was one")), Ok(submit));
    }
    if let Ok(message) = Message::parse(octets) {
        assert_eq!(Message::parse(&message.encode().expect("it was one")), Ok(message));
    }
    black_box((Proactive::parse(octets).ok(), read_part(octets).ok(), header(octets).ok()));
    let (last, proof) = (Counter::default(), Level::TO_CARD.proof.expect("it asks for one"));
    assert!(open_command(&keys(), Level::TO_CARD, Tar::CHANGE_OF_AREA, last, octets).is_err());
    assert!(open_response(&keys(), proof, Tar::CHANGE_OF_AREA, octets).is_err());
    run(octets);
});
