//! Any octets as a capture or as lines with RRC messages: read or refused, alike strictly and leniently where nothing is wrong; messages are
//! no longer than the file and keep nothing of what is refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mdt::capture::{Channel, Mode, UserLinkTypes, read_lines, read_packets};
use mdt::rrc::LogColumns;

fuzz_target!(|data: &[u8]| {
    let users = UserLinkTypes::default().with(147, Channel::NrUlDcch).expect("of users");
    for read in [read_packets(data, &users, Mode::Lenient), read_lines(data, Some(Channel::LteUlDcch), Mode::Lenient)] {
        let Ok((found, report)) = read else { continue };
        assert_eq!(found.len() as u64, report.found);
        assert_eq!(report.first.len() as u64, report.faults.min(100));
        assert!(found.iter().map(|found| found.octets.len()).sum::<usize>() <= data.len());
        let mut columns = LogColumns::default();
        for message in &found {
            let before = columns.len();
            let holds = message.decode_into(&mut columns);
            assert!(holds.is_ok() || columns.len() == before);
        }
    }
    let strict = read_packets(data, &users, Mode::Strict).ok();
    let lenient = read_packets(data, &users, Mode::Lenient).ok().filter(|(_, report)| report.faults == 0);
    assert_eq!(strict, lenient);
});
