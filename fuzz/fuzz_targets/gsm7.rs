//! The GSM 7-bit alphabet (TS 23.038 clause 6.1.2.3) and the merged client name (TS 23.271 Annex D).
#![no_main]

use lcs::{ClientName, FormatIndicator, MergedName, Requestor, gsm7, merge_name, split_name};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let septets = gsm7::unpack(data);
    assert!(septets.len() <= data.len() * 8 / 7);
    let packed = gsm7::pack(&septets);
    assert!(packed.len() <= data.len() + 1);

    let plain: Vec<u8> = data.iter().map(|octet| octet & 0x7F).collect();
    // Two carriage returns at the beginning of an octet are one: documented at `unpack`.
    if !(plain.len() % 8 == 1 && plain.ends_with(b"\r\r")) {
        assert_eq!(gsm7::unpack(&gsm7::pack(&plain)), plain);
    }
    let text = gsm7::from_septets(data);
    assert!(text.chars().count() <= data.len());

    let text = String::from_utf8_lossy(data);
    let again = gsm7::from_septets(&gsm7::to_septets(&text));
    assert_eq!(again.chars().count(), text.chars().count());
    assert_eq!(gsm7::to_septets(&again), gsm7::to_septets(&text));

    let (first, second) = split_name(&text);
    if let Ok(name) = ClientName::new(first, FormatIndicator::LogicalName) {
        let requestor = second.map(|who| Requestor { text: who.to_owned(), format: FormatIndicator::Msisdn });
        merged(&merge_name(&name, requestor.as_ref()), &name.text);
    }
});

fn merged(merged: &MergedName, name: &str) {
    assert!(merged.octets().len() <= 63 && merged.septet_count() <= 72);
    let shown = merged.expose();
    let alone = gsm7::from_septets(&gsm7::to_septets(name));
    assert!(shown.starts_with(&alone) || alone.starts_with(&shown), "the name comes first, whole or cut");
    if shown.len() > alone.len() {
        assert_eq!(split_name(&shown).0, alone, "the requestor begins where the name ends");
    }
}
