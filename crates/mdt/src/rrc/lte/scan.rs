//! LogMeasReport-r10 straight into columns: the hot path of the collector.
//!
//! Follows the structures of `log` and `measured`, which the tests hold it against. The reader is looked at once an entry; everything that
//! loops is bounded by the ranges of lists.

use super::log::{EntryAnyCell, EntryR12, EntryR13, EntryR16, EntryV1360, ReportR15};
use super::measured::{
    Cdma2000Cgi, EutraCarrierV9e0, GeranNeighbourCgi, NeighbourCgi, NrCarriers, NrCell, ResultR12, ResultR13,
    ResultV1360, UtraNeighbourCgi,
};
use crate::rrc::columns::{
    Flags, LogColumns, LogHead, NO_UNCERTAINTY, NONE_INDEX, NONE_NUMBER, Place, Row, ScanReport,
};
use crate::rrc::columns::{NeighbourRat, Rat};
use crate::rrc::lpp::{self, read_shape};
use crate::rrc::radio::OpenEnum;
use crate::rrc::{Plmn, TraceHead, TraceReference};
use crate::uper::{Additions, As, Reader, Uper, UperError};

/// Reads a report; the caller takes back what was added when it fails.
pub(super) fn scan(reader: &mut Reader<'_>, columns: &mut LogColumns) -> Result<(LogHead, ScanReport), UperError> {
    let (extended, available) = (reader.take(1)? != 0, reader.take(1)? != 0);
    let absolute_time = Uper::read(reader)?;
    let trace_reference = TraceReference::read(reader)?;
    let (recording_session, tce_id) = (Uper::read(reader)?, reader.take(8)? as u8);
    let count = reader.up_to(10, 519) as usize + 1;
    reader.check()?;
    let entries_start = columns.row();
    columns.reserve(count);
    let mut report = ScanReport::default();
    for _ in 0..count {
        entry(reader, columns, &mut report)?;
        if !reader.is_sound() {
            reader.check()?;
        }
    }
    let mut head = LogHead {
        rat: Rat::Lte,
        trace: TraceHead { trace_reference, recording_session, tce_id },
        absolute_time,
        entries_start,
        entries_end: columns.row(),
        available,
        available_bluetooth: false,
        available_wlan: false,
    };
    if extended {
        let mut additions = reader.additions();
        if let Some(r15) = additions.read(reader, ReportR15::read)? {
            (head.available_bluetooth, head.available_wlan) = (r15.available_bluetooth, r15.available_wlan);
        }
        report.skipped_additions += additions.skip(reader);
    }
    reader.check()?;
    columns.heads.push(head);
    Ok((head, report))
}

/// Rows of the neighbours where each LTE carrier of an entry begins, and behind the last one.
struct Carriers {
    starts: [u32; 9],
    count: usize,
}

/// Reads one LogMeasInfo-r10 that fills its octets, as a sealed log holds it; on an error nothing is appended.
pub(in crate::rrc) fn entry_alone(octets: &[u8], columns: &mut LogColumns) -> Result<ScanReport, UperError> {
    columns.alone(octets, entry)
}

#[inline(always)]
fn entry(reader: &mut Reader<'_>, columns: &mut LogColumns, report: &mut ScanReport) -> Result<(), UperError> {
    let mut row = Row::EMPTY;
    let bits = reader.bits(3);
    let (extended, located, with_neighbours) = (bits & 4 != 0, bits & 2 != 0, bits & 1 != 0);
    if located {
        location(reader, columns, &mut row, report)?;
    }
    row.relative_time_s = reader.up_to(13, 7200) as u16;
    row.plmn = Plmn::scan(reader).packed();
    row.cell = reader.bits(28);
    row.rsrp = reader.up_to(7, 97) as i8;
    row.rsrq = reader.up_to(6, 34) as i8;
    let mut carriers = Carriers { starts: [0; 9], count: 0 };
    if with_neighbours {
        neighbours(reader, columns, &mut carriers)?;
    }
    if extended {
        let additions = reader.additions();
        entry_additions(reader, additions, columns, &mut row, &carriers, report)?;
    }
    columns.push(&row);
    Ok(())
}

#[inline(always)]
fn location(
    reader: &mut Reader<'_>,
    columns: &mut LogColumns,
    row: &mut Row,
    report: &mut ScanReport,
) -> Result<(), UperError> {
    let bits = reader.bits(4);
    let (extended, with_velocity, with_tod) = (bits & 8 != 0, bits & 4 != 0, bits & 2 != 0);
    if bits & 1 == 0 {
        let kind = reader.bits(1) as u8 * 8;
        place(reader, kind, columns, row, report)?;
    } else {
        let index = reader.up_to(7, 63) as usize;
        let open = reader.length();
        let mut inside = reader.window(open);
        // An alternative that is not known yet is passed over with the open type around it.
        if let Some(kind) = [1, 3, 9, 10, 5].get(index) {
            place(&mut inside, *kind, columns, row, report)?;
            reader.absorb(&inside);
        } else {
            row.flags |= Flags::UNREADABLE_LOCATION;
            report.unreadable_locations += 1;
        }
    }
    if with_velocity {
        velocity(reader, columns, row, report)?;
    }
    if with_tod {
        let ms = lpp::scan_gnss_tod_ms(reader);
        if let Some(ms) = columns.kept(ms, row, report) {
            columns.gnss_tod_ms.push((columns.row(), ms));
        }
    }
    if extended {
        report.skipped_additions += reader.additions().skip(reader);
    }
    Ok(())
}

/// horizontalVelocity: octets with a HorizontalVelocity of LPP inside.
fn velocity(
    reader: &mut Reader<'_>,
    columns: &mut LogColumns,
    row: &mut Row,
    report: &mut ScanReport,
) -> Result<(), UperError> {
    let length = reader.length();
    let mut window = reader.window(length);
    reader.check()?;
    if let Some(velocity) = columns.kept(lpp::read_velocity(0, &mut window), row, report) {
        columns.velocities.push((columns.row(), velocity));
    }
    Ok(())
}

/// One alternative of locationCoordinates: octets with a type of LPP inside, by its type code of TS 23.032.
#[inline(always)]
fn place(
    reader: &mut Reader<'_>,
    kind: u8,
    columns: &mut LogColumns,
    row: &mut Row,
    report: &mut ScanReport,
) -> Result<(), UperError> {
    let length = reader.length();
    if kind <= 1 && length == 6 + kind as usize {
        let (latitude, longitude) = (reader.bits(24) as u32, reader.bits(24) as i32 - 0x80_0000);
        // A spare bit follows the seven of the uncertainty.
        let uncertainty = if kind == 0 { NO_UNCERTAINTY } else { (reader.bits(8) >> 1) as u8 };
        row.place = Place::of_codes(latitude, longitude, uncertainty);
        return Ok(());
    }
    let mut window = reader.window(length);
    reader.check()?;
    if let Some(shape) = columns.kept(read_shape(kind, &mut window), row, report) {
        row.place = columns.place_of(shape);
    }
    Ok(())
}

#[inline(always)]
fn neighbours(reader: &mut Reader<'_>, columns: &mut LogColumns, carriers: &mut Carriers) -> Result<(), UperError> {
    let lists = reader.bits(4);
    if lists & 8 != 0 {
        for carrier in 0..reader.bits(3) as usize + 1 {
            if let Some(start) = carriers.starts.get_mut(carrier) {
                *start = columns.neighbour_row();
            }
            carriers.count = carrier + 1;
            let earfcn = reader.bits(16) as u32;
            for _ in 0..reader.bits(3) + 1 {
                eutra_cell(reader, columns, earfcn)?;
            }
        }
        if let Some(end) = carriers.starts.get_mut(carriers.count) {
            *end = columns.neighbour_row();
        }
    }
    if lists & 7 != 0 {
        other_neighbours(reader, columns, lists)?;
    }
    Ok(())
}

#[inline(always)]
fn eutra_cell(reader: &mut Reader<'_>, columns: &mut LogColumns, earfcn: u32) -> Result<(), UperError> {
    let with_cgi = reader.bit();
    let pci = reader.up_to(9, 503) as u16;
    if with_cgi {
        NeighbourCgi::read(reader)?;
    }
    let bits = reader.bits(3);
    let mut rsrp = if bits & 2 != 0 { reader.up_to(7, 97) as i8 } else { NONE_INDEX };
    let mut rsrq = if bits & 1 != 0 { reader.up_to(6, 34) as i8 } else { NONE_INDEX };
    let mut sinr = NONE_INDEX;
    if bits & 4 != 0 {
        let mut additions = reader.additions();
        additions.read(reader, |_| Ok(()))?;
        let r12 = additions.read(reader, ResultR12::read)?;
        let r13 = additions.read(reader, ResultR13::read)?;
        let v1360 = additions.read(reader, ResultV1360::read)?;
        additions.skip(reader);
        rsrq = r12.and_then(|r12| r12.rsrq).unwrap_or(rsrq);
        sinr = r13.and_then(|r13| r13.sinr).map_or(sinr, |sinr| sinr as i8);
        rsrp = v1360.and_then(|v1360| v1360.rsrp).unwrap_or(rsrp);
    }
    columns.push_neighbour(NeighbourRat::Lte, earfcn, pci, [rsrp, rsrq, sinr]);
    Ok(())
}

#[cold]
fn other_neighbours(reader: &mut Reader<'_>, columns: &mut LogColumns, lists: u64) -> Result<(), UperError> {
    if lists & 4 != 0 {
        for _ in 0..reader.bits(3) + 1 {
            let uarfcn = reader.bits(14) as u32;
            for _ in 0..reader.bits(3) + 1 {
                utra_cell(reader, columns, uarfcn)?;
            }
        }
    }
    if lists & 2 != 0 {
        for _ in 0..reader.up_to(2, 2) + 1 {
            for _ in 0..reader.bits(3) + 1 {
                geran_cell(reader, columns)?;
            }
        }
    }
    if lists & 1 != 0 {
        for _ in 0..reader.bits(3) + 1 {
            let band: u8 = OpenEnum::<32>::read(reader)?;
            let carrier = u32::from(band) << 11 | reader.bits(11) as u32;
            reader.bit(); // Registered beforehand.
            for _ in 0..reader.bits(3) + 1 {
                cdma2000_cell(reader, columns, carrier)?;
            }
        }
    }
    Ok(())
}

fn utra_cell(reader: &mut Reader<'_>, columns: &mut LogColumns, uarfcn: u32) -> Result<(), UperError> {
    let with_cgi = reader.bit();
    let (rat, pci) = if reader.bit() {
        (NeighbourRat::UtraTdd, reader.bits(7) as u16)
    } else {
        (NeighbourRat::UtraFdd, reader.bits(9) as u16)
    };
    if with_cgi {
        UtraNeighbourCgi::read(reader)?;
    }
    let bits = reader.bits(3);
    let rscp = if bits & 2 != 0 { reader.up_to(7, 96) as i8 - 5 } else { NONE_INDEX };
    let ec_n0 = if bits & 1 != 0 { reader.up_to(6, 49) as i8 } else { NONE_INDEX };
    if bits & 4 != 0 {
        reader.additions().skip(reader);
    }
    columns.push_neighbour(rat, uarfcn, pci, [rscp, ec_n0, NONE_INDEX]);
    reader.check()
}

fn geran_cell(reader: &mut Reader<'_>, columns: &mut LogColumns) -> Result<(), UperError> {
    let with_cgi = reader.bit();
    let arfcn = reader.bits(10) as u32;
    let rat = if reader.bit() { NeighbourRat::Geran1900 } else { NeighbourRat::Geran1800 };
    let identity = reader.bits(6) as u16;
    if with_cgi {
        GeranNeighbourCgi::read(reader)?;
    }
    let extended = reader.bit();
    let rssi = reader.bits(6) as i8;
    if extended {
        reader.additions().skip(reader);
    }
    columns.push_neighbour(rat, arfcn, identity, [rssi, NONE_INDEX, NONE_INDEX]);
    reader.check()
}

fn cdma2000_cell(reader: &mut Reader<'_>, columns: &mut LogColumns, carrier: u32) -> Result<(), UperError> {
    let with_cgi = reader.bit();
    let offset = reader.bits(9) as u16;
    if with_cgi {
        Cdma2000Cgi::read(reader)?;
    }
    let bits = reader.bits(2);
    if bits & 1 != 0 {
        columns.pilot_phases.push((columns.neighbour_row(), reader.bits(15) as u16));
    }
    let strength = reader.bits(6) as i8;
    if bits & 2 != 0 {
        reader.additions().skip(reader);
    }
    columns.push_neighbour(NeighbourRat::Cdma2000, carrier, offset, [strength, NONE_INDEX, NONE_INDEX]);
    reader.check()
}

#[cold]
fn entry_additions(
    reader: &mut Reader<'_>,
    mut additions: Additions,
    columns: &mut LogColumns,
    row: &mut Row,
    carriers: &Carriers,
    report: &mut ScanReport,
) -> Result<(), UperError> {
    reader.check()?;
    additions.read(reader, |window| wide_carriers(window, columns, carriers))?;
    if let Some(r12) = additions.read(reader, EntryR12::read)? {
        row.rsrq = r12.serving_rsrq.unwrap_or(row.rsrq);
        if r12.rsrq_type.is_some() {
            row.flags |= Flags::OTHER_RSRQ;
        }
        report.skipped_additions += u32::from(r12.mbsfn.is_some());
    }
    if additions.read(reader, EntryR13::read)?.is_some_and(|r13| r13.in_device_coexistence) {
        row.flags |= Flags::IN_DEVICE_COEXISTENCE;
    }
    row.rsrp = additions.read(reader, EntryV1360::read)?.and_then(|v1360| v1360.serving_rsrp).unwrap_or(row.rsrp);
    // Which radios were heard is told; the devices are not read.
    if let Some(heard) = additions.read(reader, |window| window.take(2))? {
        row.flags |= if heard & 2 != 0 { Flags::BLUETOOTH } else { 0 };
        row.flags |= if heard & 1 != 0 { Flags::WLAN } else { 0 };
        report.dropped_results += u32::from(heard != 0);
    }
    if additions.read(reader, EntryAnyCell::read)?.is_some_and(|any_cell| any_cell.detected) {
        row.flags |= Flags::ANY_CELL;
    }
    let first = additions.read(reader, EntryR16::read)?.and_then(|r16| r16.nr).unwrap_or_default();
    let further = additions.read(reader, NrCarriers::read)?.unwrap_or_default();
    nr_cells(columns, &first, further.arfcn.unwrap_or(NONE_NUMBER));
    for carrier in further.carriers.unwrap_or_default() {
        nr_cells(columns, carrier.cells.as_deref().unwrap_or_default(), carrier.arfcn);
    }
    if additions.read(reader, |window| window.take(1))?.is_some_and(|barometer| barometer != 0) {
        row.flags |= Flags::SENSOR;
        report.dropped_results += 1;
    }
    report.skipped_additions += additions.skip(reader);
    Ok(())
}

/// EARFCNs of 65536 and more, one for each carrier of the list before.
fn wide_carriers(window: &mut Reader<'_>, columns: &mut LogColumns, carriers: &Carriers) -> Result<(), UperError> {
    if window.take(1)? == 0 {
        return Ok(());
    }
    for carrier in 0..window.take(3)? as usize + 1 {
        let wide = EutraCarrierV9e0::read(window)?.earfcn;
        let known = carrier < carriers.count;
        if let (Some(earfcn), true, Some(rows)) = (wide, known, carriers.starts.get(carrier..=carrier + 1)) {
            let (start, end) = (rows.first().copied().unwrap_or(0), rows.last().copied().unwrap_or(0));
            let rows = columns.neighbours.carrier.get_mut(start as usize..end as usize);
            rows.unwrap_or_default().fill(earfcn);
        }
    }
    Ok(())
}

fn nr_cells(columns: &mut LogColumns, cells: &[NrCell], arfcn: u32) {
    for cell in cells {
        let index = |value: Option<i8>| value.unwrap_or(NONE_INDEX);
        let quantities = [index(cell.result.rsrp), index(cell.result.rsrq), index(cell.result.sinr)];
        columns.push_neighbour(NeighbourRat::Nr, arfcn, cell.pci, quantities);
    }
}
