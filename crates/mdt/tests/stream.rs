//! Streaming trace records of TS 32.423 Annex G: B32. Octets are annotated by hand.
#![allow(clippy::unwrap_used, reason = "helpers of tests, outside of test functions")]

use lcs::Timestamp;
use mdt::capture::Channel;
use mdt::rrc::{LogColumns, Plmn, TraceReference};
use mdt::stream::{Kind, MAX_RECORDS, MAX_TRANSPORT, StreamFault, read};
use proptest::prelude::*;

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

/// UL-DCCH of LTE, UEInformationResponse with one entry (pycrate), 36 octets.
const LTE: &str = "580b02020222400012340a800000800080800800c92828affd17800591a05448d1405428";

/// A field of octets: key, length, octets.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    assert!(content.len() < 128);
    [&[number << 3 | 2, content.len() as u8][..], content].concat()
}

fn job() -> TraceReference {
    TraceReference { plmn: Plmn::new("234", "15").unwrap(), trace_id: [0, 0, 1] }
}

/// A header of that kind, with everything that says whose phone it was.
fn header(kind: u8) -> Vec<u8> {
    let mut header = octets("08 90f0a5d9b925"); // time_stamp 1286798407696
    header.extend(field(2, b"nf-1")); // nf_instance_id
    header.extend(field(3, b"eNB")); // nf_type
    header.extend(field(4, &octets("32f451 000001"))); // trace_reference
    header.extend(field(5, &octets("0001"))); // trace_recording_session_ref
    header.extend([6 << 3, kind]); // trace_rec_type_id
    header.extend(field(7, b"ran-ue-4711")); // ran_ue_id
    header.extend(field(9, &[field(1, b"imsi"), field(2, b"234150000000001")].concat())); // vendor_extension
    header
}

/// Behind its length.
fn record(parts: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let record: Vec<u8> = parts.iter().flat_map(|(number, content)| long_field(*number, content)).collect();
    [varint(record.len()), record].concat()
}

fn varint(mut n: usize) -> Vec<u8> {
    let mut octets = Vec::new();
    while n > 127 {
        octets.push(n as u8 | 0x80);
        n >>= 7;
    }
    octets.push(n as u8);
    octets
}

fn long_field(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2][..], &varint(content.len()), content].concat()
}

/// Size, then content.
fn payload() -> Vec<u8> {
    [&octets("08 24")[..], &field(2, &octets(LTE))].concat()
}

/// CommonTracePayload: five dropped events, and an extension.
fn dropped(number: &str) -> Vec<u8> {
    field(6, &[&octets("08")[..], &octets(number), &field(2, &field(1, b"x"))].concat())
}

#[test]
fn b32_three_records_in_one_message() {
    for (data, common) in [(2, 3), (3, 2)] {
        let message = [
            record(&[(1, header(0)), (data, payload())]),
            record(&[(1, header(5)), (common, field(5, b""))]),
            record(&[(1, header(6)), (common, dropped("05"))]),
        ]
        .concat();
        let records = read(&message).unwrap();
        let kinds: Vec<Kind> = records.iter().map(|record| record.kind).collect();
        assert_eq!(kinds, [Kind::Normal, Kind::Heartbeat, Kind::DroppedEvents]);
        assert_eq!(records.iter().map(|record| record.dropped).sum::<u64>(), 5);
        let normal = &records[0];
        assert_eq!((normal.channel, &normal.content), (Some(Channel::LteUlDcch), &octets(LTE)));
        assert_eq!((normal.at, normal.job), (Some(Timestamp::from_micros(1_286_798_407_696_000)), Some(job())));
        let mut columns = LogColumns::default();
        assert!(normal.found(1).unwrap().decode_into(&mut columns).unwrap().response);
        assert_eq!((columns.len(), columns.heads[0].trace.trace_reference), (1, job()));
        assert!(records[1].found(2).is_none());
        // Whose phone it was is nowhere.
        let printed = format!("{records:?}");
        assert!(!printed.contains("4711") && !printed.contains("23415000"), "{printed}");
        assert!(!records.iter().any(|record| record.content.windows(4).any(|four| four == b"4711")));
    }
}

#[test]
fn every_kind_by_its_number() {
    for (number, kind) in (0..).zip(Kind::ALL) {
        assert_eq!(read(&record(&[(1, header(number))])).unwrap()[0].kind, kind);
    }
    assert_eq!(read(&record(&[(1, header(8))])).unwrap()[0].kind, Kind::Other);
    let negative = record(&[(1, header(6)), (2, dropped("ffffffffffffffffff01"))]);
    assert_eq!(read(&negative).unwrap()[0].dropped, 0, "a number below zero counts nothing");
}

#[test]
fn what_is_torn_is_refused_whole() {
    let message = [record(&[(1, header(5))]), record(&[(1, header(0)), (2, payload())])].concat();
    let first = record(&[(1, header(5))]).len();
    for length in 1..message.len() {
        let expected = if length == first { Ok(1) } else { Err(()) };
        assert_eq!(read(&message[..length]).map(|records| records.len()).map_err(drop), expected, "{length}");
    }
    assert_eq!(read(&octets("80")), Err(StreamFault::Length { record: 0 }), "a varint without an end");
    assert_eq!(read(&octets("ffffffffffffffffffff01")), Err(StreamFault::Length { record: 0 }), "one of eleven octets");
    assert_eq!(
        read(&octets("ffffffffffffffffff01")),
        Err(StreamFault::Length { record: 0 }),
        "longer than the message"
    );
    assert_eq!(read(&octets("00")), Err(StreamFault::Record { record: 0 }), "a record without a header");
    assert_eq!(read(&octets("02 0a05")), Err(StreamFault::Record { record: 0 }), "a header longer than its record");
    assert_eq!(read(&[]), Ok(vec![]));
}

#[test]
fn bounds() {
    let long = vec![0; MAX_TRANSPORT + 1];
    assert_eq!(read(&long), Err(StreamFault::TooLong { octets: MAX_TRANSPORT + 1 }));
    let one = record(&[(1, octets("3005"))]);
    assert_eq!(read(&one.repeat(MAX_RECORDS)).unwrap().len(), MAX_RECORDS);
    assert_eq!(read(&one.repeat(MAX_RECORDS + 1)), Err(StreamFault::TooMany));
    let content = long_field(2, &vec![0; mdt::rrc::MAX_MESSAGE + 1]);
    assert_eq!(read(&record(&[(1, octets("3000")), (2, content)])), Err(StreamFault::Record { record: 0 }));
}

#[test]
fn what_the_schema_says_and_what_the_function_is() {
    for (schema, function, channel) in [
        (Some("https://example.com/schemas/nr-rrc.ul.dcch"), "eNB", Some(Channel::NrUlDcch)),
        (Some("urn:x#lte_rrc.dl_dcch"), "gNB", Some(Channel::LteDlDcch)),
        (Some("lte-rrc.ue-information-response"), "", Some(Channel::LteResponse)),
        (Some("https://example.com/ngap"), "gNB", None),
        (Some(""), "gNB", Some(Channel::NrUlDcch)),
        (None, "eNB", Some(Channel::LteUlDcch)),
        (None, "gNB-CU-CP", Some(Channel::NrUlDcch)),
        (None, "AMF", None),
    ] {
        let schema = schema.map(|schema| field(8, schema.as_bytes())).unwrap_or_default();
        let header = [field(3, function.as_bytes()), schema].concat();
        assert_eq!(read(&record(&[(1, header)])).unwrap()[0].channel, channel, "{function}");
    }
}

/// A23: milliseconds, and what other units are told by their size.
#[test]
fn units_of_time_are_told_by_their_size() {
    for (stamp, micros) in [
        (1_286_798_407, Some(1_286_798_407_000_000)),
        (1_286_798_407_250, Some(1_286_798_407_250_000)),
        (1_286_798_407_250_000, Some(1_286_798_407_250_000)),
        (1_286_798_407_250_000_000, Some(1_286_798_407_250_000)),
        (0, None),
    ] {
        let header = [vec![8], varint(stamp)].concat();
        assert_eq!(read(&record(&[(1, header)])).unwrap()[0].at, micros.map(Timestamp::from_micros));
    }
}

proptest! {
    #[test]
    fn any_octets_are_read_or_refused(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        read(&octets).ok();
        let framed = [varint(octets.len()), octets].concat();
        read(&framed).ok();
    }
}
