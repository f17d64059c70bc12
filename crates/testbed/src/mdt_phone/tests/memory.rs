//! T3: what a debugger, or a core dump, would find in the memory of a phone. Of what it sealed, nothing; the truths that the lab keeps
//! beside it, which no phone has, are there, and show that the dump is one.

use super::scene::*;
use crate::mdt_phone::*;
use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;

/// Everything that this process may write to, as a dump of it has it. On disk, so that looking for something puts nothing there.
fn dump() -> File {
    let memory = File::open("/proc/self/mem").unwrap();
    let (mut dump, mut page) = (tempfile::tempfile().unwrap(), vec![0; 4096]);
    for line in std::fs::read_to_string("/proc/self/maps").unwrap().lines() {
        let mut parts = line.split_whitespace();
        let (range, rights) = (parts.next().unwrap(), parts.next().unwrap());
        let (from, to) = range.split_once('-').unwrap();
        let (from, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        // A page that is not there any more, or never was, is passed over.
        for at in (from..to).step_by(page.len()).take_while(|_| rights.starts_with("rw")) {
            if memory.read_exact_at(&mut page, at).is_ok() && page.iter().any(|octet| *octet != 0) {
                dump.write_all(&page).unwrap();
            }
        }
    }
    dump
}

/// How often these octets, 8 or more each, are in a dump.
fn found(mut dump: &File, wanted: &[Vec<u8>]) -> usize {
    let mut by_start: HashMap<&[u8], Vec<&[u8]>> = HashMap::new();
    let mut begins = vec![false; 1 << 16];
    let pair = |octets: &[u8]| usize::from(u16::from_be_bytes([octets[0], octets[1]]));
    for octets in wanted {
        begins[pair(octets)] = true;
        by_start.entry(&octets[..8]).or_default().push(octets);
    }
    let mut octets = Vec::new();
    dump.seek(SeekFrom::Start(0)).unwrap();
    dump.read_to_end(&mut octets).unwrap();
    let likely = octets.windows(8).enumerate().filter(|(_, window)| begins[pair(window)]);
    let starts = likely.filter_map(|(at, window)| Some((at, by_start.get(window)?)));
    starts.map(|(at, of)| of.iter().filter(|wanted| octets[at..].starts_with(wanted)).count()).sum()
}

/// A phone that has logged for a minute, at places that no other test goes to: they may share this memory.
fn logged(collector: &Collector, ran: &Ran) -> MdtPhone {
    let mut phone = collector.phone(Settings { fix_every_ms: Some(1000), ..Settings::default() });
    let path = going(137.31, 0.71);
    phone.pass(ran, &path, SECOND).unwrap();
    phone.receive(&job(|_| ()), ran, &path).unwrap();
    phone.pass(ran, &path, 61 * SECOND).unwrap();
    phone
}

#[test]
fn t3_a_dump_of_a_phone_has_nothing_of_what_it_sealed_nor_of_what_was_cleared() {
    let (collector, ran) = (Collector::new(), street(true));
    let mut phone = logged(&collector, &ran);
    let places: Vec<Vec<u8>> = phone.truths().iter().map(|truth| truth.place.lon_deg.to_le_bytes().to_vec()).collect();
    let sealed = dump();
    // The same phone once more, whose user clears.
    let mut other = logged(&collector, &ran);
    other.wish(Wish::Clear).unwrap();
    let cleared = dump();
    // Only now are entries opened, in this same memory.
    let image = phone.flash().image();
    let records = collector.records(&mut phone);
    assert!(records.len() == 46 && records.iter().all(|content| content.len() >= 16), "{}", records.len());
    // Time, place and serving cell stand at the beginning: a part of an entry tells as much as all of it.
    let parts = records.iter().flat_map(|content| [content[..8].to_vec(), content[4..12].to_vec(), content.clone()]);
    let wanted: Vec<Vec<u8>> = parts.collect();
    assert_eq!((found(&sealed, &wanted), found(&cleared, &wanted)), (0, 0));
    assert!(found(&sealed, &places) > 0, "it is the memory: the lab's truths are there");
    let objects: Vec<Vec<u8>> = image.iter().map(|octets| octets[..64].to_vec()).collect();
    assert!(found(&sealed, &objects) > 0, "and so are sealed octets");
    assert_eq!(other.flash().image(), Vec::<Vec<u8>>::new());
}
