use super::super::port::FinalState;
use super::*;

fn reading(country: &str) -> Reading {
    Reading::new(&Config::parse(&format!("[gateway]\ncountry_codes = {country}")).unwrap())
}

/// A deliver_sm with this sender and esm_class, short_message and parameters.
fn deliver(ton: u8, from: &str, esm_class: u8, text: &[u8], parameters: &[u8]) -> Pdu {
    let mut body = vec![0, ton, 1];
    body.extend(from.as_bytes());
    body.extend(b"\0\x01\x014917099\0");
    body.extend([esm_class, 0x7F, 0, 0, 0, 0, 0, 0xF6, 0, u8::try_from(text.len()).unwrap()]);
    body.extend(text);
    body.extend(parameters);
    Pdu::of(command::DELIVER_SM, 0, 1, &body)
}

fn message(has_header: bool, user_data: &[u8]) -> ShortMessage {
    ShortMessage { protocol_id: 0x7F, data_coding: 0xF6, has_header, user_data: user_data.into(), validity: None }
}

#[test]
fn a_message_from_a_phone_comes_with_its_header() {
    let from = Msisdn::parse("49170100").unwrap();
    let reading = reading("[49]");
    let read = |pdu: &Pdu| reading.arrived(pdu);
    let expected = |header, data: &[u8]| Ok(Arrived::Message(from, message(header, data)));
    assert_eq!(read(&deliver(1, "49170100", 0x40, &[2, 0x70, 0, 1], b"")), expected(true, &[2, 0x70, 0, 1]));
    assert_eq!(read(&deliver(1, "49170100", 0, b"x", b"")), expected(false, b"x"));
    assert_eq!(read(&deliver(1, "49170100", 0xC0, b"", b"")), expected(true, b""), "with a reply path");
    // message_payload, alone and beside; a parameter that nobody knows.
    let payload = b"\x14\x01\0\x01\x09\x04\x24\0\x03\x02\x70\x00";
    assert_eq!(read(&deliver(1, "49170100", 0x40, b"", payload)), expected(true, &[2, 0x70, 0]));
    assert_eq!(read(&deliver(1, "49170100", 0x40, b"other", payload)), expected(true, &[2, 0x70, 0]));
    // The longest short_message of SMPP 5.0.
    assert_eq!(read(&deliver(1, "49170100", 0, &[9; 255], b"")), expected(false, &[9; 255]));
}

#[test]
fn data_sm_carries_messages_too() {
    let body = b"\0\x01\x0149170100\0\x01\x014917099\0\x40\0\xF6\x04\x24\0\x02\x01\x02";
    let pdu = Pdu::of(command::DATA_SM, 0, 1, body);
    let expected = ShortMessage { protocol_id: 0, ..message(true, &[1, 2]) };
    let from = Msisdn::parse("49170100").unwrap();
    assert_eq!(reading("[]").arrived(&pdu), Ok(Arrived::Message(from, expected)));
}

#[test]
fn a_number_is_known_however_the_centre_writes_it() {
    let whole = Msisdn::parse("49170100").ok();
    for (ton, text, at_home, without_country) in [
        (1, "49170100", whole, whole),
        (1, "+49170100", whole, whole),
        (1, "0049170100", whole, whole),
        (0, "49170100", whole, whole),
        (0, "0170100", whole, None),
        (2, "170100", whole, None),
        (2, "0170100", whole, None),
        (5, "Bank", None, None),
        (5, "49170100", None, None),
        (3, "70707", None, None),
        (1, "", None, None),
        (1, "4917x", None, None),
        (1, "+", None, None),
        (1, "12345678901234567890", None, None),
    ] {
        assert_eq!(reading("[49]").number(ton, text.as_bytes()), at_home, "{ton} {text}");
        for countries in ["[]", "[49, 43]"] {
            assert_eq!(reading(countries).number(ton, text.as_bytes()), without_country, "{ton} {text} {countries}");
        }
    }
    assert_eq!(reading("[49]").number(1, &[0xFF; 8]), None);
}

#[test]
fn receipts_are_told_from_messages_by_what_a_phone_cannot_make_up() {
    let reading = reading("[49]");
    let read = |esm_class, text: &[u8], parameters: &[u8]| {
        reading.arrived(&deliver(1, "49170100", esm_class, text, parameters)).unwrap()
    };
    let (text, parameters) = (b"id:12 stat:DELIVRD", b"\x00\x1E\0\x0312\0\x04\x27\0\x01\x02");
    let receipt = Arrived::Receipt(Receipt { id: MessageId::new("12"), state: FinalState::Delivered });
    assert_eq!(read(0x04, text, b""), receipt);
    assert_eq!(read(0x44, text, b""), receipt);
    assert_eq!(read(0x00, b"", parameters), receipt, "not marked, by parameters");
    // What anybody could write in a message is a message.
    assert!(matches!(read(0x00, text, b""), Arrived::Message(..)));
    for (esm_class, text) in [(0x04, &b"no receipt"[..]), (0x04, b"id:12 stat:ENROUTE"), (0x20, text), (0x08, text)] {
        assert_eq!(read(esm_class, text, b""), Arrived::Idle, "{esm_class:#x}");
    }
    // The sender of a receipt need have no number.
    let pdu = deliver(5, "SMSC", 0x04, text, b"");
    assert_eq!(reading.arrived(&pdu), Ok(receipt));
}

#[test]
fn every_cut_of_a_message_is_refused() {
    let whole = deliver(1, "49170100", 0x40, &[2, 0x70, 0, 1], b"\x04\x24\0\x01\x09");
    let fixed = whole.body().len() - 5;
    for cut in 0..whole.body().len() {
        let pdu = Pdu::of(command::DELIVER_SM, 0, 1, &whole.body()[..cut]);
        let expected_whole = cut == fixed;
        assert_eq!(reading("[]").arrived(&pdu).is_ok(), expected_whole, "{cut}");
        assert!(expected_whole || reading("[]").arrived(&pdu) == Err(status::RINVCMDLEN));
    }
}

#[test]
fn the_name_in_an_answer() {
    for (body, id) in
        [(&b"00A1\0"[..], "a1"), (b"00A1", "a1"), (b"", ""), (b"\0", ""), (b"\xFF\0", ""), (b"a\0\x04", "a")]
    {
        assert_eq!(message_id(&Pdu::of(command::SUBMIT_SM | command::RESPONSE, 0, 1, body)), MessageId::new(id));
    }
}
