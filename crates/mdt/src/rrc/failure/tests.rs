use super::*;

const LINK: Kind = Kind::RadioLinkFailure;

fn cell(cell: u64) -> CellId {
    CellId { plmn: [0x32, 0xf4, 0x51], cell }
}

fn failure() -> Failure {
    Failure {
        rat: mdt_log::Rat::Nr,
        handover: true,
        since_s: 30,
        failed: Some(cell(0x1_2345_6701)),
        tracking_area: Some(7),
        results: Results { rsrp: Some(60), rsrq: Some(200), sinr: None },
        previous: Some(cell(1)),
        reestablishment: None,
        // A point at 51.5 degrees north, 0.1 west (TS 23.032 clause 7.3.1).
        location: Some(vec![0x00, 0x49, 0x3e, 0x93, 0xff, 0xed, 0xcb]),
    }
}

fn read(kind: Kind, failure: &Failure) -> Option<FailureRecord> {
    FailureRecord::read(kind, Content::Cbor, &failure.encode()).ok()
}

#[test]
fn a_failure_in_cbor_is_a_record() {
    let network = Plmn::new("234", "15").unwrap();
    let wanted = FailureRecord {
        kind: FailureKind::Handover,
        rat: Rat::Nr,
        since_s: Some(30),
        position: Some((0x49_3e93, -0x1235)),
        failed: Some(NamedCell { network, cell: 0x1_2345_6701, tracking_area: Some(7) }),
        results: [Some(60), None, None],
        previous: Some(NamedCell { network, cell: 1, tracking_area: None }),
        ..FailureRecord::EMPTY
    };
    assert!(read(LINK, &failure()) == Some(wanted));
    let mut link = failure();
    (link.handover, link.location) = (false, Some(vec![0xff]));
    let record = read(LINK, &link).unwrap();
    assert_eq!((record.kind, record.position), (FailureKind::RadioLink, None));
    assert_eq!(record.flags, FailureRecord::UNREADABLE_POSITION);
    assert_eq!(read(Kind::ConnectionFailure, &link).unwrap().kind, FailureKind::Connection);
}

#[test]
fn what_is_no_failure_is_none() {
    let without = |change: fn(&mut Failure)| {
        let mut failure = failure();
        change(&mut failure);
        read(LINK, &failure).is_none()
    };
    assert!(without(|of| of.rat = mdt_log::Rat::Utra));
    assert!(without(|of| of.since_s = 172_801));
    assert!(without(|of| of.failed = Some(cell(1 << 36))));
    assert!(without(|of| of.previous = Some(CellId { plmn: [0xff; 3], cell: 1 })));
    assert!(without(|of| of.location = Some(vec![0; 92])));
    // A cell of NR is none of LTE; a tracking area of the other technology is left out.
    assert!(without(|of| of.rat = mdt_log::Rat::Eutra));
    assert!(read(Kind::ConnectionFailure, &failure()).is_none(), "a connection is no handover");
    assert!(read(Kind::Entry, &failure()).is_none());
    let octets = [failure().encode(), vec![0]].concat();
    assert!(matches!(FailureRecord::read(LINK, Content::Cbor, &octets), Err(FailureError::Kind)));
}
