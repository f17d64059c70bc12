//! From the message that configures logging to what the log of a phone takes (TS 36.331 clauses 5.6.6 and 6.2.2, TS 38.331 clause 5.5a.1).

use crate::ran::Technology;
use mdt::rrc::{Plmn, UperError, lte, nr};
use mdt_log::machine::{Area, CellId, Configuration, Trigger};
use mdt_log::{Content, JobReference, Rat};

/// A PLMN as three octets (TS 24.008 clause 10.5.1.3).
#[must_use]
pub fn plmn_octets(plmn: Plmn) -> [u8; 3] {
    let digit = |number: u16, place: u16| (number / place % 10) as u8;
    let (mcc, mnc) = (plmn.mcc().unwrap_or_default(), plmn.mnc());
    let (first, second, third) = match plmn.mnc_digits() {
        2 => (digit(mnc, 10), digit(mnc, 1), 0xF),
        _ => (digit(mnc, 100), digit(mnc, 10), digit(mnc, 1)),
    };
    [digit(mcc, 10) << 4 | digit(mcc, 100), third << 4 | digit(mcc, 1), second << 4 | first]
}

/// The PLMN of three octets; `None` where they hold anything but digits.
#[must_use]
pub fn plmn_of([a, b, c]: [u8; 3]) -> Option<Plmn> {
    let mcc = format!("{:x}{:x}{:x}", a & 0xF, a >> 4, b & 0xF);
    let mnc = format!("{:x}{:x}", c & 0xF, c >> 4);
    let third = b >> 4;
    Plmn::new(&mcc, &if third == 0xF { mnc } else { format!("{mnc}{third:x}") })
}

/// Which quantity of the serving cell an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    Rsrp,
    Rsrq,
    Sinr,
}

/// What a message of the dedicated control channel asks a phone to log.
///
/// # Errors
/// The octets are no LoggedMeasurementConfiguration of this technology.
pub(super) fn read(technology: Technology, octets: &[u8]) -> Result<(Configuration, Option<Quantity>), UperError> {
    match technology {
        Technology::Lte => read_lte(octets),
        Technology::Nr => read_nr(octets),
    }
}

fn read_nr(octets: &[u8]) -> Result<(Configuration, Option<Quantity>), UperError> {
    let nr::DlDcch::LoggedMeasurementConfiguration(told) = nr::DlDcch::decode(octets)? else {
        return Err(UperError::OtherMessage);
    };
    let reference = &told.trace.trace_reference;
    let (event, interval) = match told.report_type {
        nr::ReportType::Periodical(of) => (None, of.interval),
        nr::ReportType::EventTriggered(of) => (Some(of.event), of.interval),
    };
    let job = JobReference {
        trace_reference: [plmn_octets(reference.plmn), reference.trace_id].concat(),
        recording_session: told.trace.recording_session,
        tce_id: told.trace.tce_id,
        rat: Rat::Nr,
        absolute_time: told.absolute_time.0,
        // Infinity is none.
        interval_ms: interval.ms().unwrap_or_default(),
        duration_s: told.duration.seconds(),
    };
    let (trigger, quantity) = match event {
        None => (Trigger::Periodical, None),
        Some(nr::Event::OutOfCoverage) => (Trigger::OutOfCoverage, None),
        Some(nr::Event::L1(l1)) => {
            // RSRP n - 156 dBm, RSRQ (n - 87)/2 dB, SINR (n - 46)/2 dB (TS 38.331 clause 6.3.2).
            let (threshold_half, quantity) = match l1.threshold {
                nr::Threshold::Rsrp(index) => (2 * (i16::from(index) - 156), Quantity::Rsrp),
                nr::Threshold::Rsrq(index) => (i16::from(index) - 87, Quantity::Rsrq),
                nr::Threshold::Sinr(index) => (i16::from(index) - 46, Quantity::Sinr),
            };
            let (hysteresis_half, time_to_trigger_ms) = (l1.hysteresis_half_db, l1.time_to_trigger.ms());
            (Trigger::EventL1 { threshold_half, hysteresis_half, time_to_trigger_ms }, Some(quantity))
        }
    };
    // That of Release 17 stands instead of the other (TS 38.331 clause 5.5a.1.3).
    let area = match (&told.area_r17, &told.area) {
        (Some(of), _) => of.area.as_ref(),
        (None, of) => of.as_ref().map(|of| &of.area),
    };
    let area = area.map_or(Area::Any, |area| match area {
        nr::Area::Cells(cells) => {
            Area::Cells(cells.iter().map(|of| CellId { plmn: plmn_octets(of.plmn), cell: of.cell }).collect())
        }
        nr::Area::TrackingAreaCodes(codes) => Area::TrackingAreas(codes.clone()),
        nr::Area::TrackingAreas(areas) => Area::TrackingAreas(areas.iter().map(|of| of.tac).collect()),
    });
    let plmns = listed(reference.plmn, told.plmns.as_deref()).into_iter().map(Into::into).collect();
    let configuration = Configuration { job, content: Content::NrUper, consent: Vec::new(), trigger, area, plmns };
    Ok((configuration, quantity))
}

/// The MDT PLMN list. In a list, an MCC that is missing is that of the one before.
fn listed(job: Plmn, list: Option<&[Plmn]>) -> Vec<[u8; 3]> {
    let mut before = job;
    let full = list.unwrap_or_default().iter().map(|plmn| {
        before = plmn.after(before);
        plmn_octets(before)
    });
    full.collect()
}

fn read_lte(octets: &[u8]) -> Result<(Configuration, Option<Quantity>), UperError> {
    let lte::DlDcch::LoggedMeasurementConfiguration(told) = lte::DlDcch::decode(octets)? else {
        return Err(UperError::OtherMessage);
    };
    let reference = &told.trace.trace_reference;
    let job = JobReference {
        trace_reference: [plmn_octets(reference.plmn), reference.trace_id].concat(),
        recording_session: told.trace.recording_session,
        tce_id: told.trace.tce_id,
        rat: Rat::Eutra,
        absolute_time: told.absolute_time.0,
        interval_ms: told.interval.ms(),
        duration_s: told.duration.seconds(),
    };
    let (trigger, quantity) = trigger(told.event);
    let plmns = listed(reference.plmn, told.plmns.as_deref()).into_iter().map(Into::into).collect();
    let configuration =
        Configuration { job, content: Content::EutraUper, consent: Vec::new(), trigger, area: area(&told), plmns };
    Ok((configuration, quantity))
}

fn area(told: &lte::LoggedMeasurementConfiguration) -> Area {
    match &told.area {
        None => Area::Any,
        Some(lte::Area::Cells(cells)) => {
            let id = |cell: &lte::Ecgi| CellId { plmn: plmn_octets(cell.plmn), cell: u64::from(cell.cell) };
            Area::Cells(cells.iter().map(id).collect())
        }
        Some(lte::Area::TrackingAreas(codes)) => {
            Area::TrackingAreas(codes.iter().map(|code| u32::from(*code)).collect())
        }
    }
}

/// The trigger in steps of half a dB, and the quantity that it is about.
fn trigger(event: Option<lte::Event>) -> (Trigger, Option<Quantity>) {
    match event {
        None => (Trigger::Periodical, None),
        Some(lte::Event::OutOfCoverage) => (Trigger::OutOfCoverage, None),
        Some(lte::Event::L1(l1)) => {
            // RSRP n - 140 dBm, RSRQ (n - 40)/2 dB.
            let (threshold_half, quantity) = match l1.threshold {
                lte::Threshold::Rsrp(index) => (2 * (i16::from(index) - 140), Quantity::Rsrp),
                lte::Threshold::Rsrq(index) => (i16::from(index) - 40, Quantity::Rsrq),
            };
            let trigger = Trigger::EventL1 {
                threshold_half,
                hysteresis_half: l1.hysteresis_half_db,
                time_to_trigger_ms: l1.time_to_trigger.ms(),
            };
            (trigger, Some(quantity))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_octets_and_back() {
        // TS 24.008 Figure 10.5.3: MCC 2 and 1, MNC 3 and MCC 3, MNC 2 and 1.
        for (mcc, mnc, octets) in [
            ("234", "15", [0x32, 0xF4, 0x51]),
            ("001", "01", [0x00, 0xF1, 0x10]),
            ("310", "260", [0x13, 0x00, 0x62]),
            ("310", "004", [0x13, 0x40, 0x00]),
        ] {
            let plmn = Plmn::new(mcc, mnc).unwrap();
            assert_eq!(plmn_octets(plmn), octets, "{mcc}-{mnc}");
            assert_eq!(plmn_of(octets), Some(plmn));
        }
        assert_eq!(plmn_of([0xFF, 0xFF, 0xFF]), None);
        assert_eq!(plmn_of([0x32, 0xF4, 0xA1]), None);
    }

    /// The published vectors: no area, 120 minutes, 5.12 s; two cells, 10 minutes, 1.28 s.
    #[test]
    fn the_published_messages_are_taken() {
        let octets = |hex: &str| -> Vec<u8> {
            (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
        };
        let (first, _) = read(Technology::Lte, &octets("50246815000001000101101011120000a8")).unwrap();
        assert_eq!((first.job.interval_ms, first.job.duration_s, first.job.tce_id), (5120, 7200, 1));
        assert_eq!(first.job.trace_reference, [0x32, 0xF4, 0x51, 0, 0, 1]);
        assert_eq!((first.area == Area::Any, first.trigger, first.plmns.len()), (true, Trigger::Periodical, 0));
        let hex = "50a468150000010001011010111200000646815123450191a05448d14080";
        let (second, _) = read(Technology::Lte, &octets(hex)).unwrap();
        assert_eq!((second.job.interval_ms, second.job.duration_s), (1280, 600));
        let cell = |cell| CellId { plmn: [0x32, 0xF4, 0x51], cell };
        assert!(second.area == Area::Cells(vec![cell(0x123_4501), cell(0x123_4502)]));
        assert!(read(Technology::Lte, &octets("0578")).is_err());
        assert!(read(Technology::Lte, &[]).is_err());
    }
}
