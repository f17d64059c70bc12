//! UEInformationResponse-r9 with a log, as types of another library (rasn): the structures of Release 10 that plain logs use (TS 36.331
//! clause 6.2.2). The bench times it beside the columns.
#![allow(dead_code, reason = "the tests read values, the bench counts")]

use rasn::prelude::*;

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(automatic_tags)]
struct UlDcch {
    message: Message,
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(choice, automatic_tags)]
enum Message {
    C1(C1),
    Later(Later),
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(automatic_tags)]
struct Later {}

/// Sixteen messages, of which the twelfth is the one.
#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(choice, automatic_tags)]
enum C1 {
    M0(()),
    M1(()),
    M2(()),
    M3(()),
    M4(()),
    M5(()),
    M6(()),
    M7(()),
    M8(()),
    M9(()),
    M10(()),
    UeInformationResponse(Response),
    M12(()),
    M13(()),
    M14(()),
    M15(()),
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(automatic_tags)]
struct Response {
    #[rasn(value("0..=3"))]
    transaction: u8,
    critical: Critical,
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(choice, automatic_tags)]
enum Critical {
    C1(CriticalC1),
    Future(Later),
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(choice, automatic_tags)]
enum CriticalC1 {
    R9(R9),
    Spare3(()),
    Spare2(()),
    Spare1(()),
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(automatic_tags)]
struct R9 {
    rach: Option<bool>,
    rlf: Option<bool>,
    later: Option<V930>,
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(automatic_tags)]
struct V930 {
    late: Option<OctetString>,
    later: Option<V1020>,
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(automatic_tags)]
struct V1020 {
    log: Option<Log>,
    later: Option<bool>,
}

#[derive(AsnType, Decode, Encode, Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[rasn(enumerated)]
enum True {
    True = 0,
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(automatic_tags)]
#[non_exhaustive]
struct Log {
    absolute_time: FixedBitString<48>,
    trace_reference: TraceReference,
    recording_session: FixedOctetString<2>,
    tce_id: FixedOctetString<1>,
    #[rasn(size("1..=520"))]
    entries: SequenceOf<Entry>,
    available: Option<True>,
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(automatic_tags)]
struct TraceReference {
    plmn: Plmn,
    trace_id: FixedOctetString<3>,
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(delegate, value("0..=9"))]
struct Digit(u8);

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(automatic_tags)]
struct Plmn {
    #[rasn(size("3"))]
    mcc: Option<SequenceOf<Digit>>,
    #[rasn(size("2..=3"))]
    mnc: SequenceOf<Digit>,
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(automatic_tags)]
#[non_exhaustive]
struct Entry {
    location: Option<Location>,
    #[rasn(value("0..=7200"))]
    relative_time: u16,
    serving_cell: Cgi,
    serving: Serving,
    neighbours: Option<Neighbours>,
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(automatic_tags)]
struct Cgi {
    plmn: Plmn,
    cell: FixedBitString<28>,
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(automatic_tags)]
struct Serving {
    #[rasn(value("0..=97"))]
    rsrp: u8,
    #[rasn(value("0..=34"))]
    rsrq: u8,
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(choice, automatic_tags)]
#[non_exhaustive]
enum Coordinates {
    Point(OctetString),
    PointAltitude(OctetString),
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(automatic_tags)]
#[non_exhaustive]
struct Location {
    coordinates: Coordinates,
    velocity: Option<OctetString>,
    gnss_tod: Option<OctetString>,
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(automatic_tags)]
struct Neighbours {
    #[rasn(size("1..=8"))]
    eutra: Option<SequenceOf<Carrier>>,
    utra: Option<bool>,
    geran: Option<bool>,
    cdma2000: Option<bool>,
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(automatic_tags)]
struct Carrier {
    #[rasn(value("0..=65535"))]
    earfcn: u16,
    #[rasn(size("1..=8"))]
    cells: SequenceOf<Cell>,
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(automatic_tags)]
struct Cell {
    #[rasn(value("0..=503"))]
    pci: u16,
    cgi: Option<bool>,
    result: CellResult,
}

#[derive(AsnType, Decode, Encode, Debug, Clone, PartialEq, Eq, Hash)]
#[rasn(automatic_tags)]
#[non_exhaustive]
struct CellResult {
    #[rasn(value("0..=97"))]
    rsrp: Option<u8>,
    #[rasn(value("0..=34"))]
    rsrq: Option<u8>,
}

/// Columns of a log as far as these types go: time, cell, RSRP, RSRQ of each entry, and EARFCN, physical identity, RSRP and RSRQ of each
/// neighbour, 255 for what is not there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) entries: Vec<(u16, u64, u8, u8)>,
    pub(crate) neighbours: Vec<(u32, u16, u8, u8)>,
    pub(crate) points: Vec<Vec<u8>>,
}

/// Reads a message of the channel; `None` if it is another one or has no log.
pub(crate) fn columns(octets: &[u8]) -> Option<Columns> {
    let message: UlDcch = rasn::uper::decode(octets).ok()?;
    let Message::C1(C1::UeInformationResponse(Response { critical: Critical::C1(CriticalC1::R9(r9)), .. })) =
        message.message
    else {
        return None;
    };
    let log = r9.later?.later?.log?;
    let mut columns = Columns::default();
    for entry in &log.entries {
        let cell = entry.serving_cell.cell.iter().take(28).fold(0, |all, bit| all << 1 | u64::from(*bit));
        columns.entries.push((entry.relative_time, cell, entry.serving.rsrp, entry.serving.rsrq));
        if let Some(Location { coordinates: Coordinates::Point(point), .. }) = &entry.location {
            columns.points.push(point.to_vec());
        }
        for carrier in entry.neighbours.iter().flat_map(|n| n.eutra.iter().flatten()) {
            for cell in &carrier.cells {
                let (rsrp, rsrq) = (cell.result.rsrp.unwrap_or(255), cell.result.rsrq.unwrap_or(255));
                columns.neighbours.push((u32::from(carrier.earfcn), cell.pci, rsrp, rsrq));
            }
        }
    }
    Some(columns)
}

/// Entries of a message, for the clock: nothing is copied.
pub(crate) fn entries(octets: &[u8]) -> Option<usize> {
    let message: UlDcch = rasn::uper::decode(octets).ok()?;
    let Message::C1(C1::UeInformationResponse(Response { critical: Critical::C1(CriticalC1::R9(r9)), .. })) =
        message.message
    else {
        return None;
    };
    Some(r9.later?.later?.log?.entries.len())
}
