//! A segment that was changed in any way: whatever opens is genuine, once, and a whole one is never called broken.
#![no_main]

use arbitrary::Arbitrary;
use fuzz::mdt::{content, genuine};
use libfuzzer_sys::fuzz_target;
use mdt_log::Kind;
use mdt_log::open::open_segment;
use std::collections::BTreeSet;

#[derive(Debug, Arbitrary)]
enum Edit {
    Flip { at: u16, bit: u8 },
    Remove { from: u16, len: u16 },
    Insert { at: u16, octets: Vec<u8> },
    Repeat { from: u16, len: u16, to: u16 },
    Fill { from: u16, len: u16, octet: u8 },
}

fn apply(edit: &Edit, octets: &mut Vec<u8>) {
    let len = octets.len();
    let place = |at: u16| usize::from(at) % (len + 1);
    let range = |from: u16, count: u16| place(from)..(place(from) + usize::from(count)).min(len);
    match edit {
        Edit::Flip { at, bit } => {
            if let Some(octet) = octets.get_mut(place(*at)) {
                *octet ^= 1 << (bit % 8);
            }
        }
        Edit::Remove { from, len } => drop(octets.drain(range(*from, *len))),
        Edit::Insert { at, octets: more } => drop(octets.splice(place(*at)..place(*at), more.iter().copied())),
        Edit::Repeat { from, len, to } => {
            let piece = octets[range(*from, *len)].to_vec();
            octets.splice(place(*to)..place(*to), piece);
        }
        Edit::Fill { from, len, octet } => octets[range(*from, *len)].fill(*octet),
    }
}

fuzz_target!(|edits: Vec<Edit>| {
    let genuine = genuine();
    let mut octets = genuine.segment.clone();
    edits.iter().for_each(|edit| apply(edit, &mut octets));
    let mut seen = BTreeSet::new();
    let verdict = open_segment(&octets, &genuine.private, &genuine.epoch, |record| {
        assert_eq!((record.kind, record.content), (Kind::Entry, content(record.number).as_slice()));
        assert!(seen.insert(record.number), "a record opens once");
    });
    let Ok(verdict) = verdict else {
        assert!(octets != genuine.segment);
        return;
    };
    assert_eq!(verdict.opened as usize, seen.len());
    if verdict.is_complete() {
        assert!(octets == genuine.segment, "what was changed is not called complete");
        assert_eq!(verdict.opened, genuine.records);
    }
});
