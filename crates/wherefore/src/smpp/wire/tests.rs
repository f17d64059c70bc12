use super::*;
use proptest::prelude::*;

const ALIAS: &str = "PABCDEFGHIJKLMNOPQR2";
const PSEUDONYM: &str = "AQei_x-9@h.gmlc.example";
const NUMBER: &str = "491701234567";

fn spellings() -> Vec<String> {
    [NUMBER, "00491701234567", "01701234567", "1701234567"].map(str::to_owned).to_vec()
}

const DRESS: Dress<'static> = Dress { tlv: 0x1401, keep: &[0x1500], tlvs: true, head: None };

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let octet = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(octet).collect()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn swapped(pdu: &Pdu, dress: &Dress<'_>) -> Pdu {
    let message = Message::parse(pdu).unwrap().unwrap();
    let spellings = spellings();
    to_client(pdu, &message, Some(&Caller { alias: ALIAS, pseudonym: PSEUDONYM, spellings: &spellings }), dress)
}

/// A deliver_sm from the subscriber with this text and these parameters.
fn deliver(esm_class: u8, data_coding: u8, text: &[u8], tlvs: &[u8]) -> Pdu {
    let head = [b"\0\x01\x01491701234567\0\x03\x0080808\0".as_slice(), &[esm_class, 0, 0, 0, 0, 0, 0, data_coding, 0]];
    let length = [u8::try_from(text.len()).unwrap()];
    Pdu::of(command::DELIVER_SM, 0, 9, &[head[0], head[1], &length, text, tlvs].concat())
}

fn tlv(tag: u16, value: &[u8]) -> Vec<u8> {
    [&tag.to_be_bytes()[..], &u16::try_from(value.len()).unwrap().to_be_bytes(), value].concat()
}

fn text_of(pdu: &Pdu) -> Vec<u8> {
    let message = Message::parse(pdu).unwrap().unwrap();
    let text = message.text.clone().unwrap();
    match message.tlv(pdu, 0x0424) {
        Some(payload) => payload.to_vec(),
        None => pdu.body()[text.start + 1..text.end].to_vec(),
    }
}

#[test]
fn a_message_of_a_terminal_octet_by_octet() {
    // SMPP 5.0 section 4.3.1.
    let came = concat!(
        "00000056",
        "00000005",
        "00000000",
        "00000009", // length 86, deliver_sm, sequence 9
        "00",       // service_type
        "02",
        "01",
        "3137303132333435363700", // source: national, ISDN, 1701234567
        "03",
        "00",
        "383038303800", // destination: network specific, 80808
        "40",
        "00",
        "00",
        "00",
        "00",
        "00",
        "00",
        "00",
        "00", // esm_class with header indicator, ... data_coding 0
        "08",
        "0500031a0201",
        "4869", // header: part 1 of 2; "Hi"
        "0202",
        "0002",
        "8001", // source_subaddress
        "0381",
        "0004",
        "01310031", // callback_num
        "0204",
        "0002",
        "0007", // user_message_reference
        "1500",
        "0001",
        "2a", // of a vendor, kept
        "1501",
        "0001",
        "2b", // of a vendor, not
    );
    let went = concat!(
        "00000068",
        "00000005",
        "00000000",
        "00000009",
        "00",
        "05",
        "00",
        "504142434445464748494a4b4c4d4e4f50515232",
        "00", // alphanumeric, the alias
        "03",
        "00",
        "383038303800",
        "40",
        "00",
        "00",
        "00",
        "00",
        "00",
        "00",
        "00",
        "00",
        "08",
        "0500031a0201",
        "4869",
        "0204",
        "0002",
        "0007",
        "1500",
        "0001",
        "2a",
        "1401",
        "0017",
        "415165695f782d3940682e676d6c632e6578616d706c65", // the pseudonym
    );
    let pdu = Pdu::new(octets(came)).unwrap();
    let message = Message::parse(&pdu).unwrap().unwrap();
    let source = message.source().unwrap();
    assert_eq!((source.ton, source.npi, source.text(&pdu)), (2, 1, &b"1701234567"[..]));
    assert_eq!(hex(swapped(&pdu, &DRESS).octets()), went);
}

#[test]
fn a_message_to_a_terminal_octet_by_octet() {
    // SMPP 5.0 section 4.2.1.
    let came = concat!(
        "00000051",
        "00000004",
        "00000000",
        "0000000a", // length 81, submit_sm, sequence 10
        "00",
        "03",
        "00",
        "383038303800",
        "05",
        "00",
        "504142434445464748494a4b4c4d4e4f5051523200", // the alias
        "00",
        "00",
        "00",
        "00",
        "00",
        "01",
        "00",
        "00",
        "00",
        "02",
        "4f4b",
        "1401",
        "0001",
        "41", // a pseudonym beside it
        "1402",
        "0003",
        "414243", // another parameter
        "0005",
        "0001",
        "00", // dest_addr_subunit
        "0203",
        "0000", // dest_subaddress
    );
    let went = concat!(
        "00000044",
        "00000004",
        "00000000",
        "0000000a",
        "00",
        "03",
        "00",
        "383038303800",
        "01",
        "01",
        "34393137303132333435363700", // international, ISDN, the number
        "00",
        "00",
        "00",
        "00",
        "00",
        "01",
        "00",
        "00",
        "00",
        "02",
        "4f4b",
        "1402",
        "0003",
        "414243",
        "0005",
        "0001",
        "00",
        "0203",
        "0000",
    );
    let pdu = Pdu::new(octets(came)).unwrap();
    let message = Message::parse(&pdu).unwrap().unwrap();
    assert_eq!(message.destinations().next().unwrap().text(&pdu), ALIAS.as_bytes());
    assert_eq!(hex(from_client(&pdu, &message, &[Some(NUMBER)], 0x1401).octets()), went);
}

#[test]
fn failed_destinations_are_told_as_the_client_named_them() {
    // SMPP 5.0 section 4.2.3.2: message_id, two that failed.
    let body =
        [b"id\0\x02\x01\x01491701234567\0\0\0\0\x0b\x01\x01491701234568\0\0\0\0\x0c".as_slice(), &tlv(0x1501, b"x")]
            .concat();
    let pdu = Pdu::of(command::SUBMIT_MULTI | command::RESPONSE, 0, 4, &body);
    let message = Message::parse(&pdu).unwrap().unwrap();
    let named = [Failed { digits: NUMBER.into(), named: (5, 0, ALIAS.into()) }];
    let told = multi_answer(&pdu, &message, &named, &DRESS);
    let expected = [b"id\0\x02\x05\0", ALIAS.as_bytes(), b"\0\0\0\0\x0b\0\0\0\0\0\0\x0c"].concat();
    assert_eq!(told.body(), expected);
}

#[test]
fn a_receipt_names_nobody() {
    // SMPP 3.4 appendix B.
    let said =
        b"id:0123456789 sub:001 dlvrd:001 stat:DELIVRD err:000 text:to 491701234567, +491701234567 or 01701234567";
    let expected = format!("id:0123456789 sub:001 dlvrd:001 stat:DELIVRD err:000 text:to {ALIAS}, {ALIAS} or {ALIAS}");
    for esm_class in [0x04, 0x20, 0x44] {
        let pdu = deliver(esm_class, 0, said, b"");
        assert_eq!(text_of(&swapped(&pdu, &DRESS)), expected.as_bytes());
        let pdu = deliver(esm_class, 0, b"", &tlv(0x0424, said));
        assert_eq!(text_of(&swapped(&pdu, &DRESS)), expected.as_bytes());
    }
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let pdu = deliver(0x04, 8, &wide("an \u{20ac} +491701234567."), b"");
    assert_eq!(text_of(&swapped(&pdu, &DRESS)), wide(&format!("an \u{20ac} {ALIAS}.")));
    // Longer runs of digits are other things, and what people write is theirs.
    let other = b"id:4917012345671 sub:1";
    assert_eq!(text_of(&swapped(&deliver(0x04, 0, other, b""), &DRESS)), other);
    let own = b"call me: 491701234567";
    assert_eq!(text_of(&swapped(&deliver(0x00, 0, own, b""), &DRESS)), own);
}

#[test]
fn no_parameter_leads_to_the_subscriber() {
    let gone = [0x001D, 0x0202, 0x0302, 0x0303, 0x0381, 0x060B, 0x1400, 0x1401, 0x1501, 0x3FFF];
    for tag in gone {
        let out = swapped(&deliver(0, 0, b"x", &tlv(tag, b"value")), &DRESS);
        let message = Message::parse(&out).unwrap().unwrap();
        let left: Vec<&[u8]> = message.tlvs.iter().map(|tlv| &out.body()[tlv.value.clone()]).collect();
        assert_eq!(left, [PSEUDONYM.as_bytes()], "{tag:#06x}");
    }
    // Any other that has the number in it.
    let out = swapped(&deliver(0, 0, b"x", &tlv(0x0030, b"from +491701234567")), &DRESS);
    assert_eq!(Message::parse(&out).unwrap().unwrap().tlvs.len(), 1);
    for tag in [0x0030, 0x0204, 0x13FF, 0x1500, 0x4000, 0xFFFF] {
        let out = swapped(&deliver(0, 0, b"x", &tlv(tag, b"value")), &DRESS);
        assert_eq!(Message::parse(&out).unwrap().unwrap().tlv(&out, tag), Some(&b"value"[..]), "{tag:#06x}");
    }
}

#[test]
fn the_pseudonym_may_stand_before_the_text() {
    let with = |head, tlvs| Dress { head: Some(head), tlvs, ..DRESS };
    let gsm = [b"AQei\x11x-9\0h.gmlc.example Hi".as_slice()].concat();
    let ascii = format!("{PSEUDONYM} Hi").into_bytes();
    let ucs2: Vec<u8> = format!("{PSEUDONYM} ").bytes().flat_map(|octet| [0, octet]).chain(*b"Hi").collect();
    for tlvs in [true, false] {
        for (coding, alphabet, expected) in [
            (0, Alphabet::Gsm, &gsm),
            (0, Alphabet::Ascii, &ascii),
            (1, Alphabet::Gsm, &ascii),
            (3, Alphabet::Gsm, &ascii),
            (8, Alphabet::Gsm, &ucs2),
            (4, Alphabet::Gsm, &b"Hi".to_vec()),
            (0xF5, Alphabet::Gsm, &b"Hi".to_vec()),
        ] {
            let out = swapped(&deliver(0, coding, b"Hi", b""), &with(alphabet, tlvs));
            assert_eq!(&text_of(&out), expected, "{coding}");
            let parameter = Message::parse(&out).unwrap().unwrap().tlv(&out, 0x1401).is_some();
            assert_eq!(parameter, tlvs);
        }
    }
    let first = [b"\x05\x00\x03\x1a\x02\x01".as_slice(), &ascii].concat();
    let of = |text: &[u8]| text_of(&swapped(&deliver(0x40, 3, text, b""), &with(Alphabet::Ascii, true)));
    assert_eq!(of(b"\x05\x00\x03\x1a\x02\x01Hi"), first);
    for later in [&b"\x05\x00\x03\x1a\x02\x02Hi"[..], b"\x06\x08\x04\x00\x1a\x02\x02Hi", b"\x09Hi", b""] {
        assert_eq!(of(later), later);
    }
    // Where it does not fit, it goes where it fits, or nowhere.
    let long = [b'x'; 250];
    let whole = [format!("{PSEUDONYM} ").as_bytes(), &long].concat();
    assert_eq!(text_of(&swapped(&deliver(0, 3, &long, b""), &with(Alphabet::Ascii, true))), whole);
    assert_eq!(text_of(&swapped(&deliver(0, 3, &long, b""), &with(Alphabet::Ascii, false))), long);
}

#[test]
fn every_cut_of_every_message_is_refused() {
    let address = b"\x01\x01491701234567\0".as_slice();
    let text = b"\0\0\0\0\0\0\0\0\0\x02Hi".as_slice();
    let whole: [(u32, Vec<u8>); 9] = [
        (command::DELIVER_SM, [b"\0", address, address, text].concat()),
        (command::SUBMIT_SM, [b"\0", address, address, text].concat()),
        (command::SUBMIT_MULTI, [b"\0", address, b"\x02\x01", address, b"\x02list\0", text].concat()),
        (command::DATA_SM, [b"\0", address, address, b"\0\0\0"].concat()),
        (command::ALERT_NOTIFICATION, [address, address].concat()),
        (command::QUERY_SM, [b"id\0", address].concat()),
        (command::CANCEL_SM, [b"\0id\0", address, address].concat()),
        (command::REPLACE_SM, [b"id\0", address, b"\0\0\0\0\x02Hi"].concat()),
        (command::BIND_TRANSCEIVER, b"fleet\0secret\0\0\x34\0\0\0".to_vec()),
    ];
    for (command, body) in whole {
        assert!(Message::parse(&Pdu::of(command, 0, 1, &body)).unwrap().is_some(), "{command}");
        for end in 0..body.len() {
            assert_eq!(Message::parse(&Pdu::of(command, 0, 1, &body[..end])), Err(Malformed), "{command} {end}");
        }
        // Three octets are no parameter.
        assert_eq!(
            Message::parse(&Pdu::of(command, 0, 1, &[&body[..], &[0; 3]].concat())),
            Err(Malformed),
            "{command}"
        );
    }
    let long = Pdu::of(command::DELIVER_SM, 0, 1, &[b"\0\x01\x01", &[b'1'; 21][..], b"\0", address, text].concat());
    assert_eq!(Message::parse(&long), Err(Malformed));
}

#[test]
fn what_is_no_pdu_is_none() {
    for octets in [&b""[..], &[0; 15], &[0; 16], &[0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]] {
        assert!(Pdu::new(octets.to_vec()).is_none());
    }
    let shown = format!("{:?}", deliver(0, 0, b"secret", b""));
    assert!(!shown.contains("secret") && !shown.contains("115, 101"), "{shown}");
}

fn parameters() -> impl Strategy<Value = Vec<u8>> {
    let one = (any::<u16>(), prop::collection::vec(any::<u8>(), 0..20)).prop_map(|(tag, value)| tlv(tag, &value));
    prop::collection::vec(one, 0..6).prop_map(|all| all.concat())
}

proptest! {
    #[test]
    fn any_octets_are_read_or_refused(command in prop_oneof![0_u32..0x16, 0x100_u32..0x114, any::<u32>()], body: Vec<u8>) {
        let pdu = Pdu::of(command, 0, 1, &body);
        if let Ok(Some(message)) = Message::parse(&pdu) {
            // Nothing changed: every octet stays.
            let all = Dress { tlv: 0, keep: &[], tlvs: false, head: None };
            let same = from_client(&pdu, &message, &[], 0);
            let taken = message.tlvs.iter().filter(|tlv| tlv.tag == 0).count();
            prop_assert!(taken > 0 || same == pdu);
            let out = swapped(&pdu, &all);
            prop_assert!(Message::parse(&out).is_ok());
        }
    }

    #[test]
    fn what_goes_to_a_client_has_no_number_and_comes_back_whole(
        esm_class: u8,
        coding: u8,
        text in prop::collection::vec(b'a'..=b'z', 0..254),
        parameters in parameters(),
        version: bool,
        head: bool,
    ) {
        let dress = Dress { tlvs: version, head: head.then_some(Alphabet::Gsm), ..DRESS };
        let pdu = deliver(esm_class, coding, &text, &parameters);
        let out = swapped(&pdu, &dress);
        let message = Message::parse(&out).unwrap().unwrap();
        prop_assert_eq!(message.source().unwrap().text(&out), ALIAS.as_bytes());
        prop_assert!(!out.octets().windows(NUMBER.len()).any(|window| window == NUMBER.as_bytes()));
        prop_assert_eq!(message.tlv(&out, 0x1401).is_some(), version);
        // Whatever the client is told of the text, none of it is lost.
        let said = text_of(&pdu);
        let told = text_of(&out);
        let last = &said[said.len().saturating_sub(4)..];
        prop_assert!(told == said || told.ends_with(last));
    }

    #[test]
    fn a_reply_reaches_the_number_and_keeps_the_rest(text: Vec<u8>, parameters in parameters()) {
        let text = &text[..text.len().min(254)];
        let length = u8::try_from(text.len()).unwrap();
        let head = [b"\0\x03\x0080808\0\x05\0", ALIAS.as_bytes(), b"\0\0\0\0\0\0\0\0\0\0", &[length], text, &parameters].concat();
        let pdu = Pdu::of(command::SUBMIT_SM, 0, 1, &head);
        let message = Message::parse(&pdu).unwrap().unwrap();
        let out = from_client(&pdu, &message, &[Some(NUMBER)], 0x1401);
        let again = Message::parse(&out).unwrap().unwrap();
        prop_assert_eq!(again.destinations().next().unwrap().text(&out), NUMBER.as_bytes());
        let short = again.text.clone().unwrap();
        prop_assert_eq!(&out.body()[short.start + 1..short.end], text);
        let tags = |message: &Message| message.tlvs.iter().map(|tlv| tlv.tag).filter(|tag| *tag != 0x1401).collect::<Vec<_>>();
        prop_assert_eq!(tags(&again), tags(&message));
    }
}
