//! Another codec of RRC, pycrate (PyPI), as the program `peer.py` beside this file. What it makes at random is read here and written again
//! to the bit, and its logs become the columns that it computes from its own values; `samples.jsonl` has some of it for machines without.

use super::pycrate::{Peer, found};
use mdt::rrc::{LogColumns, NONE_COORDINATE, UperError, lte, nr};
use serde_json::{Value, json};

/// Reads a message of a type and writes it again.
pub(crate) fn again(name: &str, octets: &[u8]) -> Result<Vec<u8>, UperError> {
    match name {
        "lte response" => lte::UeInformationResponse::decode(octets)?.encode(),
        "lte request" => lte::UeInformationRequest::decode(octets)?.encode(),
        "lte configuration" => lte::LoggedMeasurementConfiguration::decode(octets)?.encode(),
        "nr response" => nr::UeInformationResponse::decode(octets)?.encode(),
        "nr request" => nr::UeInformationRequest::decode(octets)?.encode(),
        "nr configuration" => nr::LoggedMeasurementConfiguration::decode(octets)?.encode(),
        _ => panic!("{name}"),
    }
}

/// Appends the log of a message to columns.
pub(crate) fn scan(name: &str, octets: &[u8], columns: &mut LogColumns) -> Result<(), UperError> {
    match name {
        "lte response" => lte::UeInformationResponse::decode_into(octets, columns).map(|_| ()),
        "nr response" => nr::UeInformationResponse::decode_into(octets, columns).map(|_| ()),
        _ => Ok(()),
    }
}

pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn check(message: &Value) {
    let (name, octets) = (message["type"].as_str().unwrap(), message["octets"].as_str().unwrap());
    let read = crate::vectors::octets(octets);
    match again(name, &read) {
        Ok(written) => assert_eq!(hex(&written), octets, "{name}"),
        Err(error) => panic!("{name} {octets}: {error}"),
    }
    let mut columns = LogColumns::default();
    scan(name, &read, &mut columns).unwrap();
    if message["columns"].is_null() {
        assert!(columns.is_empty() && columns.heads.is_empty());
    } else {
        same(&columns, &message["columns"], octets);
    }
}

/// Compares columns with those of the other codec; null stands for what only this side computes.
fn same(columns: &LogColumns, other: &Value, octets: &str) {
    let e = &columns.entries;
    let entries: Vec<Value> = (0..columns.len())
        .map(|at| {
            let place = [e.latitude[at], e.longitude[at], i32::from(e.uncertainty[at])];
            let theirs = &other["entries"][at];
            let place: Vec<Value> = (0..3)
                .map(|part| match theirs[1 + part].as_i64() {
                    // A shape that is no point or circle goes through degrees, which may cost a step.
                    Some(code) if theirs[3].is_null() && code.abs_diff(i64::from(place[part])) <= 1 => json!(code),
                    Some(_) => json!(place[part]),
                    None => {
                        assert!(part == 2 || place[part] != NONE_COORDINATE, "no place: {octets}");
                        Value::Null
                    }
                })
                .collect();
            json!([
                e.relative_time_s[at],
                place[0],
                place[1],
                place[2],
                e.plmn[at],
                e.cell[at],
                e.tac[at],
                e.rsrp[at],
                e.rsrq[at],
                e.sinr[at],
                e.flags[at]
            ])
        })
        .collect();
    assert_eq!(Value::Array(entries), other["entries"], "{octets}");
    let n = &columns.neighbours;
    let neighbours: Vec<Value> = (0..columns.len())
        .flat_map(|entry| columns.neighbours_of(entry).map(move |at| (entry, at)))
        .map(|(entry, at)| {
            let rat = format!("{:?}", n.rat[at]);
            json!([entry, rat, n.carrier[at], n.pci[at], n.rsrp[at], n.rsrq[at], n.sinr[at]])
        })
        .collect();
    assert_eq!(Value::Array(neighbours), other["neighbours"], "{octets}");
    let velocities: Vec<Value> = columns
        .velocities
        .iter()
        .map(|(entry, v)| {
            let (of_horizontal, of_vertical) = (v.horizontal_uncertainty_km_h, v.vertical_uncertainty_km_h);
            json!([entry, [v.bearing_deg, v.horizontal_km_h, v.vertical_km_h, of_horizontal, of_vertical]])
        })
        .collect();
    assert_eq!(Value::Array(velocities), other["velocities"], "{octets}");
    assert_eq!(json!(columns.gnss_tod_ms), other["times"], "{octets}");
    let beams: Vec<Value> =
        columns.beams.iter().map(|b| json!([b.entry, b.index, b.rsrp, b.rsrq, b.sinr, b.good_beams])).collect();
    assert_eq!(Value::Array(beams), other["beams"], "{octets}");
}

/// The messages that were kept.
pub(crate) fn samples() -> Vec<Value> {
    include_str!("samples.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn messages_of_another_codec_come_back_to_the_bit_and_fill_the_same_columns() {
    let all = samples();
    assert_eq!(all.iter().filter(|message| !message["columns"].is_null()).count(), 32);
    all.iter().for_each(check);
}

#[test]
fn another_codec_makes_messages_at_random() {
    if !found() {
        return;
    }
    let mut peer = Peer::start("tests/rrc/peer.py");
    for seed in 1000..1080 {
        for name in
            ["lte response", "nr response", "lte request", "nr request", "lte configuration", "nr configuration"]
        {
            check(&peer.ask(&json!({"make": name, "seed": seed})));
        }
    }
}

#[test]
fn another_codec_reads_what_is_written_here() {
    if !found() {
        return;
    }
    let mut peer = Peer::start("tests/rrc/peer.py");
    for (name, octets) in crate::made::messages(100) {
        let octets = hex(&octets);
        let answer = peer.ask(&json!({"read": name, "octets": octets}));
        assert_eq!(answer["octets"], octets, "{name}");
        check(&answer);
    }
}
