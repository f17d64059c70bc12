//! From the message that configures logging to what the log of a phone takes (TS 36.331 clauses 5.6.6 and 6.2.2).

use mdt::rrc::{Plmn, UperError, lte};
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

/// What a message of the dedicated control channel asks a phone to log.
///
/// # Errors
/// The octets are no LoggedMeasurementConfiguration.
pub(super) fn read(octets: &[u8]) -> Result<(Configuration, Option<lte::Threshold>), UperError> {
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
    let (trigger, threshold) = trigger(told.event);
    // In a list, an MCC that is missing is that of the one before.
    let mut before = reference.plmn;
    let plmns = told.plmns.iter().flatten().map(|plmn| {
        before = plmn.after(before);
        plmn_octets(before).into()
    });
    let plmns = plmns.collect();
    let configuration =
        Configuration { job, content: Content::EutraUper, consent: Vec::new(), trigger, area: area(&told), plmns };
    Ok((configuration, threshold))
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
fn trigger(event: Option<lte::Event>) -> (Trigger, Option<lte::Threshold>) {
    match event {
        None => (Trigger::Periodical, None),
        Some(lte::Event::OutOfCoverage) => (Trigger::OutOfCoverage, None),
        Some(lte::Event::L1(l1)) => {
            // RSRP n - 140 dBm, RSRQ (n - 40)/2 dB.
            let threshold_half = match l1.threshold {
                lte::Threshold::Rsrp(index) => 2 * (i16::from(index) - 140),
                lte::Threshold::Rsrq(index) => i16::from(index) - 40,
            };
            let trigger = Trigger::EventL1 {
                threshold_half,
                hysteresis_half: l1.hysteresis_half_db,
                time_to_trigger_ms: l1.time_to_trigger.ms(),
            };
            (trigger, Some(l1.threshold))
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
        let (first, _) = read(&octets("50246815000001000101101011120000a8")).unwrap();
        assert_eq!((first.job.interval_ms, first.job.duration_s, first.job.tce_id), (5120, 7200, 1));
        assert_eq!(first.job.trace_reference, [0x32, 0xF4, 0x51, 0, 0, 1]);
        assert_eq!((first.area == Area::Any, first.trigger, first.plmns.len()), (true, Trigger::Periodical, 0));
        let hex = "50a468150000010001011010111200000646815123450191a05448d14080";
        let (second, _) = read(&octets(hex)).unwrap();
        assert_eq!((second.job.interval_ms, second.job.duration_s), (1280, 600));
        let cell = |cell| CellId { plmn: [0x32, 0xF4, 0x51], cell };
        assert!(second.area == Area::Cells(vec![cell(0x123_4501), cell(0x123_4502)]));
        assert!(read(&octets("0578")).is_err());
        assert!(read(&[]).is_err());
    }
}
