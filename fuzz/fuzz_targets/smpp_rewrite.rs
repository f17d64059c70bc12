//! Any octets as a PDU of SMPP that passes the proxy (role `push`): read or refused, and rewritten both ways. The first octet chooses
//! the command, the second how the client is dressed.
//!
//! The rewriting is a part of the daemon that needs nothing else of it, so it is compiled in here by itself.
#![no_main]

#[allow(dead_code, unused_imports, reason = "the daemon uses the rest")]
#[path = "../../crates/wherefore/src/smpp/wire/mod.rs"]
mod wire;

use libfuzzer_sys::fuzz_target;
use wire::{
    Alphabet, Caller, Dress, Failed, Message, Pdu, command, from_client, multi_answer, to_client, without_tlvs,
};

const COMMANDS: [u32; 16] = [
    command::DELIVER_SM,
    command::SUBMIT_SM,
    command::DATA_SM,
    command::SUBMIT_MULTI,
    command::ALERT_NOTIFICATION,
    command::QUERY_SM,
    command::CANCEL_SM,
    command::REPLACE_SM,
    command::BIND_TRANSCEIVER,
    command::SUBMIT_SM | command::RESPONSE,
    command::SUBMIT_MULTI | command::RESPONSE,
    command::QUERY_SM | command::RESPONSE,
    command::DATA_SM | command::RESPONSE,
    command::GENERIC_NACK,
    command::BROADCAST_SM | command::RESPONSE,
    0x7777,
];
const ALIAS: &str = "PABCDEFGHIJKLMNOPQR2";
const PSEUDONYM: &str = "AQei_x-9@h.gmlc.example";
const NUMBER: &str = "491701234567";
const TAG: u16 = 0x1401;

fn read(pdu: &Pdu) -> Message {
    Message::parse(pdu).expect("what we wrote").expect("of a command that we know")
}

fuzz_target!(|data: &[u8]| {
    let [choice, how, body @ ..] = data else { return };
    let pdu = Pdu::of(COMMANDS[usize::from(*choice) % COMMANDS.len()], 0, 1, body);
    assert_eq!(Pdu::new(pdu.octets().to_vec()).as_ref(), Some(&pdu));
    let Ok(Some(message)) = Message::parse(&pdu) else { return };
    // An answer without a body passes as it is.
    if body.is_empty() {
        return;
    }
    let head = [None, Some(Alphabet::Gsm), Some(Alphabet::Ascii)][usize::from(how >> 1) % 3];
    let dress = Dress { tlv: TAG, keep: &[0x1500], tlvs: how & 1 == 0, head };
    let spellings = [NUMBER.to_owned(), "01701234567".to_owned()];

    let told =
        to_client(&pdu, &message, Some(&Caller { alias: ALIAS, pseudonym: PSEUDONYM, spellings: &spellings }), &dress);
    let again = read(&told);
    if let Some(source) = again.source() {
        assert_eq!((source.ton, source.text(&told)), (5, ALIAS.as_bytes()));
    }
    for tag in [0x001D, 0x0202, 0x0302, 0x0303, 0x0381, 0x060B, 0x1400, 0x3FFF] {
        assert_eq!(again.tlv(&told, tag), None);
    }
    assert_eq!(again.tlv(&told, TAG), dress.tlvs.then_some(PSEUDONYM.as_bytes()));
    read(&to_client(&pdu, &message, None, &dress));
    read(&without_tlvs(&pdu, &message, &dress));

    let recipients: Vec<Option<&str>> = message.destinations().map(|_| Some(NUMBER)).collect();
    let sent = from_client(&pdu, &message, &recipients, TAG);
    let again = read(&sent);
    assert!(again.destinations().all(|address| address.text(&sent) == NUMBER.as_bytes()));
    assert_eq!(again.destinations().count(), recipients.len());
    assert_eq!(again.tlv(&sent, TAG), None);

    if pdu.command() == command::SUBMIT_MULTI | command::RESPONSE {
        let named = [Failed { digits: NUMBER.into(), named: (5, 0, ALIAS.into()) }];
        let told = multi_answer(&pdu, &message, &named, &dress);
        read(&told);
    }
});
