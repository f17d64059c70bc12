//! LogMeasReport-r16 straight into columns: the hot path of the collector. See `lte::scan`.

use super::log::{EntryR17, SensorLocation};
use super::measured::EutraCgi;
use crate::rrc::columns::NO_UNCERTAINTY;
use crate::rrc::columns::{Beam, Flags, LogColumns, LogHead, NONE_INDEX, NeighbourRat, Place, Rat, Row, ScanReport};
use crate::rrc::lpp;
use crate::rrc::{BluetoothResult, Plmn, TraceHead, TraceReference, WlanResult};
use crate::uper::{Reader, Uper, UperError};

/// Reads a report; the caller takes back what was added when it fails.
pub(super) fn scan(reader: &mut Reader<'_>, columns: &mut LogColumns) -> Result<(LogHead, ScanReport), UperError> {
    let extended = reader.take(1)? != 0;
    let [available, available_bluetooth, available_wlan] =
        [reader.take(1)? != 0, reader.take(1)? != 0, reader.take(1)? != 0];
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
    if extended {
        report.skipped_additions += reader.additions().skip(reader);
    }
    reader.check()?;
    let head = LogHead {
        rat: Rat::Nr,
        trace: TraceHead { trace_reference, recording_session, tce_id },
        absolute_time,
        entries_start,
        entries_end: columns.row(),
        available,
        available_bluetooth,
        available_wlan,
    };
    columns.heads.push(head);
    Ok((head, report))
}

/// Reads one LogMeasInfo-r16 that fills its octets, as a sealed log holds it; on an error nothing is appended.
pub(in crate::rrc) fn entry_alone(octets: &[u8], columns: &mut LogColumns) -> Result<ScanReport, UperError> {
    columns.alone(octets, entry)
}

#[inline(always)]
fn entry(reader: &mut Reader<'_>, columns: &mut LogColumns, report: &mut ScanReport) -> Result<(), UperError> {
    let mut row = Row::EMPTY;
    let bits = reader.bits(5);
    if bits & 8 != 0 {
        location(reader, columns, &mut row, report)?;
    }
    row.relative_time_s = reader.up_to(13, 7200) as u16;
    if bits & 4 != 0 {
        let with_tac = reader.bit();
        row.plmn = Plmn::scan(reader).packed();
        row.cell = reader.bits(36);
        if with_tac {
            row.tac = reader.bits(24) as u32;
        }
    }
    if bits & 2 != 0 {
        let with_beam = reader.bit();
        [row.rsrp, row.rsrq, row.sinr] = quantities(reader);
        if with_beam {
            let index = reader.bits(6) as u8;
            let [rsrp, rsrq, sinr] = quantities(reader);
            let good_beams = reader.bits(6) as u8 + 1;
            columns.beams.push(Beam { entry: columns.row(), index, rsrp, rsrq, sinr, good_beams });
        }
    }
    if bits & 1 != 0 {
        row.flags |= Flags::ANY_CELL;
    }
    neighbours(reader, columns)?;
    if bits & 16 != 0 {
        let mut additions = reader.additions();
        reader.check()?;
        if additions.read(reader, EntryR17::read)?.is_some_and(|r17| r17.in_device_coexistence) {
            row.flags |= Flags::IN_DEVICE_COEXISTENCE;
        }
        report.skipped_additions += additions.skip(reader);
    }
    columns.push(&row);
    Ok(())
}

/// MeasQuantityResults: three that may be absent, all of seven bits.
#[inline(always)]
fn quantities(reader: &mut Reader<'_>) -> [i8; 3] {
    let there = reader.bits(3);
    if there == 7 {
        let all = reader.bits(21);
        return [(all >> 14) as i8, (all >> 7 & 127) as i8, (all & 127) as i8];
    }
    let mut one = |bit: u64| if there & bit != 0 { reader.bits(7) as i8 } else { NONE_INDEX };
    [one(4), one(2), one(1)]
}

#[inline(always)]
fn location(
    reader: &mut Reader<'_>,
    columns: &mut LogColumns,
    row: &mut Row,
    report: &mut ScanReport,
) -> Result<(), UperError> {
    let parts = reader.bits(5);
    if parts & 8 != 0 {
        let octets = reader.bits(6);
        // LocationCoordinates alone is what phones send.
        if octets == 0b00_1000 {
            coordinates(reader, columns, row, report)?;
        } else {
            common(reader, octets, columns, row, report)?;
        }
    }
    if parts & 0b1_0111 != 0 {
        other_parts(reader, parts, row, report)?;
    }
    Ok(())
}

/// locationCoordinate: octets with a LocationCoordinates of LPP inside.
#[inline(always)]
fn coordinates(
    reader: &mut Reader<'_>,
    columns: &mut LogColumns,
    row: &mut Row,
    report: &mut ScanReport,
) -> Result<(), UperError> {
    let length = reader.length();
    let mut window = reader.window(length);
    if length == 7 || length == 8 {
        let mut fast = window.clone();
        let kind = fast.bits(4);
        if kind == 0 || (kind == 1 && length == 8) {
            let (latitude, longitude) = (fast.bits(24) as u32, fast.bits(24) as i32 - 0x80_0000);
            let uncertainty = if kind == 0 { NO_UNCERTAINTY } else { fast.bits(7) as u8 };
            row.place = Place::of_codes(latitude, longitude, uncertainty);
            return Ok(());
        }
    }
    reader.check()?;
    if let Some(shape) = columns.kept(lpp::read_location(&mut window), row, report) {
        row.place = columns.place_of(shape);
    }
    Ok(())
}

fn common(
    reader: &mut Reader<'_>,
    parts: u64,
    columns: &mut LogColumns,
    row: &mut Row,
    report: &mut ScanReport,
) -> Result<(), UperError> {
    let pass = |reader: &mut Reader<'_>| {
        let length = reader.length();
        reader.skip(length);
    };
    if parts & 32 != 0 {
        let ms = lpp::scan_gnss_tod_ms(reader);
        if let Some(ms) = columns.kept(ms, row, report) {
            columns.gnss_tod_ms.push((columns.row(), ms));
        }
    }
    if parts & 16 != 0 {
        pass(reader);
    }
    if parts & 8 != 0 {
        coordinates(reader, columns, row, report)?;
    }
    for part in [4, 2] {
        if parts & part != 0 {
            pass(reader);
        }
    }
    if parts & 1 != 0 {
        let length = reader.length();
        let mut window = reader.window(length);
        reader.check()?;
        if let Some(velocity) = columns.kept(lpp::read_any_velocity(&mut window), row, report) {
            columns.velocities.push((columns.row(), velocity));
        }
    }
    reader.check()
}

/// Third parties' devices and sensors: passed over, and told by flags.
#[cold]
fn other_parts(reader: &mut Reader<'_>, parts: u64, row: &mut Row, report: &mut ScanReport) -> Result<(), UperError> {
    if parts & 4 != 0 {
        for _ in 0..reader.take(5)? + 1 {
            BluetoothResult::read(reader)?;
        }
        row.flags |= Flags::BLUETOOTH;
    }
    if parts & 2 != 0 {
        for _ in 0..reader.take(5)? + 1 {
            WlanResult::read(reader)?;
        }
        row.flags |= Flags::WLAN;
    }
    if parts & 1 != 0 {
        SensorLocation::read(reader)?;
        row.flags |= Flags::SENSOR;
    }
    report.dropped_results += u32::from(parts & 7 != 0);
    if parts & 16 != 0 {
        report.skipped_additions += reader.additions().skip(reader);
    }
    reader.check()
}

#[inline(always)]
fn neighbours(reader: &mut Reader<'_>, columns: &mut LogColumns) -> Result<(), UperError> {
    let lists = reader.bits(2);
    if lists & 2 != 0 {
        for _ in 0..reader.bits(3) + 1 {
            let arfcn = reader.up_to(22, 3_279_165) as u32;
            for _ in 0..reader.bits(3) + 1 {
                let with_beams = reader.bit();
                let pci = reader.up_to(10, 1007) as u16;
                let quantities = quantities(reader);
                if with_beams {
                    columns.neighbour_good_beams.push((columns.neighbour_row(), reader.bits(6) as u8 + 1));
                }
                columns.push_neighbour(NeighbourRat::Nr, arfcn, pci, quantities);
            }
        }
    }
    if lists & 1 != 0 {
        for _ in 0..reader.bits(3) + 1 {
            let earfcn = reader.bits(18) as u32;
            for _ in 0..reader.bits(3) + 1 {
                eutra_cell(reader, columns, earfcn)?;
            }
        }
    }
    Ok(())
}

#[inline(always)]
fn eutra_cell(reader: &mut Reader<'_>, columns: &mut LogColumns, earfcn: u32) -> Result<(), UperError> {
    let bits = reader.bits(2);
    let pci = reader.up_to(10, 1007) as u16;
    let there = reader.bits(3);
    let rsrp = if there & 4 != 0 { reader.up_to(7, 97) as i8 } else { NONE_INDEX };
    let rsrq = if there & 2 != 0 { reader.up_to(6, 34) as i8 } else { NONE_INDEX };
    let sinr = if there & 1 != 0 { reader.bits(7) as i8 } else { NONE_INDEX };
    if bits & 1 != 0 {
        EutraCgi::read(reader)?;
    }
    if bits & 2 != 0 {
        reader.additions().skip(reader);
        reader.check()?;
    }
    columns.push_neighbour(NeighbourRat::Lte, earfcn, pci, [rsrp, rsrq, sinr]);
    Ok(())
}
