//! Any octets as a message of RRC that belongs to MDT (TS 36.331, TS 38.331): read or refused; what was read comes back; columns take what
//! the types take and keep nothing of what is refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mdt::rrc::{FailureRecord, LogColumns, lte, nr};
use mdt_log::{Content, Kind};

fuzz_target!(|data: &[u8]| {
    let mut columns = LogColumns::default();
    let typed = lte::UlDcch::decode(data);
    let scanned = lte::UlDcch::decode_into(data, &mut columns);
    assert!(typed.is_err() || scanned.is_ok());
    assert!(scanned.is_ok() || columns == LogColumns::default());
    assert!(columns.len() <= data.len() * 8);
    if let Ok(lte::UlDcch::UeInformationResponse(mut response)) = typed {
        // That reports of later releases stood behind is noted; they are not read, and so not written.
        response.later = false;
        let message = lte::UlDcch::UeInformationResponse(response);
        assert_eq!(lte::UlDcch::decode(&message.encode().expect("it was read")), Ok(message));
    }
    columns.clear();
    let typed = nr::UlDcch::decode(data);
    let scanned = nr::UlDcch::decode_into(data, &mut columns);
    assert!(typed.is_err() || scanned.is_ok());
    assert!(scanned.is_ok() || columns == LogColumns::default());
    if let Ok(nr::UlDcch::UeInformationResponse(mut response)) = typed {
        // That reports of later releases stood behind is noted; they are not read, and so not written.
        response.later = false;
        let message = nr::UlDcch::UeInformationResponse(response);
        assert_eq!(nr::UlDcch::decode(&message.encode().expect("it was read")), Ok(message));
    }
    for kind in [Kind::RadioLinkFailure, Kind::ConnectionFailure] {
        for content in [Content::EutraUper, Content::NrUper] {
            // A position is in steps of 24 bits, or it was not kept.
            if let Ok(FailureRecord { position: Some((latitude, longitude)), .. }) =
                FailureRecord::read(kind, content, data)
            {
                assert!(latitude.abs() < 1 << 23 && (-(1 << 23)..1 << 23).contains(&longitude));
            }
        }
    }
    if let Ok(message) = lte::DlDcch::decode(data) {
        assert_eq!(lte::DlDcch::decode(&message.encode().expect("it was read")), Ok(message));
    }
    if let Ok(message) = nr::DlDcch::decode(data) {
        assert_eq!(nr::DlDcch::decode(&message.encode().expect("it was read")), Ok(message));
    }
});
