use super::{DEFAULT, ESCAPE, EXTENSION, Septets, from_septets, pack, packed_len, to_septets, unpack};
use proptest::prelude::*;

#[test]
fn every_code_of_both_tables_comes_back() {
    for code in (0..128u8).filter(|code| *code != ESCAPE) {
        let character = DEFAULT[usize::from(code)];
        assert_eq!(Septets::of(character).unwrap().codes(), [code]);
        assert_eq!(from_septets(&[code]), character.to_string());
    }
    for (code, character) in EXTENSION {
        assert_eq!(Septets::of(character).unwrap().codes(), [ESCAPE, code]);
        assert_eq!(from_septets(&[ESCAPE, code]), character.to_string());
    }
    let distinct: std::collections::HashSet<char> = DEFAULT.into_iter().chain(EXTENSION.map(|row| row.1)).collect();
    assert_eq!(distinct.len(), 128 + 10);
}

#[test]
fn places_of_the_default_alphabet_known_by_heart() {
    for (character, code) in
        [('@', 0), ('£', 1), ('Δ', 0x10), (' ', 0x20), ('¤', 0x24), ('0', 0x30), ('¡', 0x40), ('A', 0x41)]
    {
        assert_eq!(Septets::of(character).unwrap().codes(), [code]);
    }
    for (character, code) in
        [('Z', 0x5A), ('Ä', 0x5B), ('§', 0x5F), ('¿', 0x60), ('a', 0x61), ('z', 0x7A), ('à', 0x7F), ('É', 0x1F)]
    {
        assert_eq!(Septets::of(character).unwrap().codes(), [code]);
    }
}

#[test]
fn what_the_alphabet_lacks_becomes_a_question_mark() {
    assert_eq!(from_septets(&to_septets("Жя€\u{1B}\r\n\0ç中")), "??€??????");
}

#[test]
fn escapes_that_lead_nowhere() {
    // TS 23.038 clause 6.2.1.1
    assert_eq!(from_septets(&[ESCAPE]), " ");
    assert_eq!(from_septets(&[ESCAPE, ESCAPE, 0x41]), " A");
    assert_eq!(from_septets(&[ESCAPE, 0x41]), "A");
}

#[test]
fn left_over_bits() {
    // D-13, D-14
    let packed = |text: &str| pack(&to_septets(text));
    assert_eq!(packed("xxyyyzz"), [0x78, 0x7C, 0x3E, 0x9F, 0xD7, 0xEB, 0x1B]);
    assert_eq!(from_septets(&unpack(&packed("xxyyyzz"))), "xxyyyzz");
    let trace = [0x6E, 0x72, 0xFB, 0x1C, 0x86, 0xC3, 0x65, 0x6E, 0x72, 0xFB, 0x1C, 0x86, 0xC3, 0x65];
    assert_eq!(packed("ndmgapp2ndmgapp2"), trace);
    assert_eq!(from_septets(&unpack(&trace)), "ndmgapp2ndmgapp2");
    // Eight septets that end with a carriage return get another one, which the receiver takes away.
    let returning = [0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x0D];
    assert_eq!((pack(&returning).len(), unpack(&pack(&returning))), (8, returning.to_vec()));
}

#[test]
fn octets_of_every_number_of_septets() {
    // D-15
    for (septets, octets) in [(0, 0), (1, 1), (7, 7), (8, 7), (70, 62), (71, 63), (72, 63), (73, 64)] {
        assert_eq!(packed_len(septets), octets);
        assert_eq!(pack(&vec![0x41; septets]).len(), octets);
    }
}

proptest! {
    #[test]
    fn septets_come_back(septets in proptest::collection::vec(0u8..128, 0..100)) {
        let doubled = septets.len() % 8 == 1 && septets.ends_with(&[0x0D, 0x0D]);
        prop_assume!(!doubled);
        prop_assert_eq!(unpack(&pack(&septets)), septets);
    }

    #[test]
    fn text_of_the_alphabet_comes_back(text in "[ -_a-~€ÄÖÜäöüß£]{0,80}") {
        prop_assert_eq!(from_septets(&unpack(&pack(&to_septets(&text)))), text);
    }

    #[test]
    fn nothing_panics(octets in proptest::collection::vec(any::<u8>(), 0..80), text in ".{0,80}") {
        let _text = from_septets(&unpack(&octets));
        let _again = from_septets(&octets);
        let _octets = pack(&to_septets(&text));
    }
}
