use super::*;
use crate::smpp::wire::command;

fn habits(ids: ReceiptIds) -> Habits {
    Habits { ids, ..Habits::new(&Smsc::default()) }
}

fn parameter(tag: u16, value: &[u8]) -> Vec<u8> {
    [&tag.to_be_bytes()[..], &u16::try_from(value.len()).unwrap().to_be_bytes(), value].concat()
}

/// A receipt with this text and these parameters.
fn receipt(data_coding: u8, text: &[u8], parameters: &[Vec<u8>]) -> (Pdu, Message) {
    let head = b"\0\x01\x0149170100\0\x01\x014917\0\x04\0\0\0\0\0\0";
    let length = [data_coding, 0, u8::try_from(text.len()).unwrap()];
    let body = [head, &length[..], text, &parameters.concat()].concat();
    let pdu = Pdu::of(command::DELIVER_SM, 0, 1, &body);
    let message = Message::parse(&pdu).unwrap().unwrap();
    (pdu, message)
}

fn settled(id: &str, state: FinalState) -> Option<Said> {
    Some(Said::Settled(Receipt { id: MessageId::new(id), state }))
}

#[test]
fn the_text_of_appendix_b_and_what_centres_make_of_it() {
    use FinalState as S;
    let read = |text: &str| {
        let (pdu, message) = receipt(0, text.as_bytes(), &[]);
        habits(ReceiptIds::AsAnswered).read(&pdu, &message)
    };
    let whole = |stat: &str, err: &str| {
        format!(
            "id:0000012ab sub:001 dlvrd:001 submit date:2611291200 done date:2611291201 stat:{stat} err:{err} Text:id:7 stat:x"
        )
    };
    for (stat, err, state) in [
        ("DELIVRD", "000", S::Delivered),
        ("delivrd", "", S::Delivered),
        ("DELIVERED", "000", S::Unknown),
        ("EXPIRED", "000", S::Expired),
        ("EXPIRED", "022", S::MemoryFull),
        ("DELETED", "000", S::Deleted),
        ("UNDELIV", "001", S::Undeliverable),
        ("UNDELIVERABLE", "001", S::Undeliverable),
        ("UNDELIV", "022", S::MemoryFull),
        ("UNDELIV", "211", S::MemoryFull),
        ("UNDELIV", "99999", S::Undeliverable),
        ("UNDELIV", "abc", S::Undeliverable),
        ("REJECTD", "022", S::Rejected),
        ("UNKNOWN", "000", S::Unknown),
        ("SKIPPED", "000", S::Undeliverable),
    ] {
        let expected = if stat == "DELIVERED" { None } else { settled("12ab", state) };
        assert_eq!(read(&whole(stat, err)), expected, "{stat} {err}");
    }
    for stat in ["ENROUTE", "ACCEPTD", "SCHEDULED"] {
        assert_eq!(read(&whole(stat, "000")), Some(Said::Underway), "{stat}");
    }
    assert_eq!(read("ID:x-1 STAT:DELIVRD"), settled("x-1", S::Delivered));
    assert_eq!(read("id: 12 stat: EXPIRED"), settled("12", S::Expired), "a blank after the colon");
    assert_eq!(read("stat:DELIVRD\r\nid:12"), settled("12", S::Delivered), "in any order, on lines");
    assert_eq!(read("sid:12 stat:DELIVRD"), None, "another word");
    for nothing in ["", "id:12", "stat:DELIVRD", "id: stat:", "hello", "Text:id:12 stat:DELIVRD", "id:12 stat:GOOD"] {
        assert_eq!(read(nothing), None, "{nothing}");
    }
}

#[test]
fn every_state_by_parameter() {
    use FinalState as S;
    for state in 0..=u8::MAX {
        let parameters = [parameter(RECEIPTED_MESSAGE_ID, b"7B\0"), parameter(MESSAGE_STATE, &[state])];
        let (pdu, message) = receipt(0, b"", &parameters);
        let expected = match state {
            0 | 1 | 6 => Some(Said::Underway),
            2 => settled("7b", S::Delivered),
            3 => settled("7b", S::Expired),
            4 => settled("7b", S::Deleted),
            5 | 9 => settled("7b", S::Undeliverable),
            8 => settled("7b", S::Rejected),
            _ => settled("7b", S::Unknown),
        };
        assert_eq!(habits(ReceiptIds::Decimal).by_parameters(&pdu, &message), expected, "{state}");
    }
}

#[test]
fn parameters_count_more_than_text() {
    let text = b"id:99 stat:DELIVRD err:000";
    let (id, state) = (parameter(RECEIPTED_MESSAGE_ID, b"12\0"), parameter(MESSAGE_STATE, &[5]));
    let full = parameter(NETWORK_ERROR_CODE, &[3, 0, 0xD0]);
    let read = |text: &[u8], parameters: &[Vec<u8>]| {
        let (pdu, message) = receipt(0, text, parameters);
        habits(ReceiptIds::AsAnswered).read(&pdu, &message)
    };
    assert_eq!(read(text, &[id.clone(), state.clone()]), settled("12", FinalState::Undeliverable));
    assert_eq!(read(text, &[id.clone(), state.clone(), full.clone()]), settled("12", FinalState::MemoryFull));
    assert_eq!(read(text, std::slice::from_ref(&id)), settled("12", FinalState::Delivered));
    assert_eq!(read(text, std::slice::from_ref(&state)), settled("99", FinalState::Undeliverable));
    assert_eq!(read(b"id:9 stat:UNDELIV err:001", &[full]), settled("9", FinalState::MemoryFull));
    // Liberties: no zero octet at the end, nothing in it, a code of two octets.
    let bare = parameter(RECEIPTED_MESSAGE_ID, b"12");
    let short = parameter(NETWORK_ERROR_CODE, &[0, 0xD0]);
    assert_eq!(read(b"", &[bare, state.clone(), short]), settled("12", FinalState::Undeliverable));
    assert_eq!(read(text, &[parameter(RECEIPTED_MESSAGE_ID, b"\0"), state]), settled("99", FinalState::Undeliverable));
    assert_eq!(read(text, &[id, parameter(MESSAGE_STATE, b"")]), settled("12", FinalState::Delivered));
}

#[test]
fn a_name_in_another_base_is_turned_into_that_of_the_answer() {
    let read = |ids, text: &str| {
        let (pdu, message) = receipt(0, format!("id:{text} stat:DELIVRD").as_bytes(), &[]);
        habits(ids).read(&pdu, &message)
    };
    let delivered = |id| settled(id, FinalState::Delivered);
    assert_eq!(read(ReceiptIds::Decimal, "0000006699"), delivered("1A2B"));
    assert_eq!(read(ReceiptIds::Hexadecimal, "00001a2b"), delivered("6699"));
    assert_eq!(read(ReceiptIds::AsAnswered, "00001a2b"), delivered("1A2B"));
    // What is no number of that base stays.
    assert_eq!(read(ReceiptIds::Decimal, "1A2B"), delivered("1a2b"));
    assert_eq!(read(ReceiptIds::Hexadecimal, "c-12"), delivered("c-12"));
    let long = "9".repeat(60);
    assert_eq!(read(ReceiptIds::Decimal, &long), delivered(&long));
}

#[test]
fn a_text_of_two_octets_a_character_is_read_too() {
    let wide: Vec<u8> = b"id:12 stat:DELIVRD".iter().flat_map(|octet| [0, *octet]).collect();
    let (pdu, message) = receipt(UCS2, &wide, &[]);
    assert_eq!(habits(ReceiptIds::AsAnswered).read(&pdu, &message), settled("12", FinalState::Delivered));
    let (pdu, message) = receipt(UCS2, &[0xFF; 5], &[]);
    assert_eq!(habits(ReceiptIds::AsAnswered).read(&pdu, &message), None);
}
