//! Any octets as a message of streaming trace records (TS 32.423 Annex G) and as a point of a GeoPackage: read or refused, within bounds, and
//! nothing longer than what came.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mdt::rrc::LogColumns;
use mdt::stream::{MAX_RECORDS, read};

fuzz_target!(|data: &[u8]| {
    if let Some((x, y)) = mdt::survey::point(data) {
        assert!(x.is_finite() && y.is_finite());
    }
    let Ok(records) = read(data) else { return };
    assert!(records.len() <= MAX_RECORDS && records.len() <= data.len());
    assert!(records.iter().map(|record| record.content.len()).sum::<usize>() <= data.len());
    let mut columns = LogColumns::default();
    for found in records.iter().filter_map(|record| record.found(0)) {
        let before = columns.len();
        assert!(found.decode_into(&mut columns).is_ok() || columns.len() == before);
    }
    // Two messages are one.
    let twice = [data, data].concat();
    assert_eq!(read(&twice).map_or(0, |both| both.len()), if records.len() * 2 <= MAX_RECORDS { records.len() * 2 } else { 0 });
});
