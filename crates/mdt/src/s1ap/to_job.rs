//! From what a cell was told to a job.

use super::{
    Activation, Area, CollectorAddress, Event, Immediate, Logged, M1Trigger, MdtConfiguration, Mode, Threshold,
    TraceActivation, bits,
};
use crate::job::{
    AreaScope, ByTechnology, EventThreshold, EventWord, ImmediateMdtConfig, Intervals, JobError, JobType,
    LoggedMdtConfig, MdtConfig, Measurement, PlmnId, PositioningMethod, ReportTypeWord, ReportingTrigger, Sensor,
    TaiId, ThresholdL1, TraceJob, TraceReferenceId,
};
use crate::rrc::Plmn;
use core::net::IpAddr;

/// Digits of a network, which [`Plmn`] shows divided by a hyphen.
fn digits(plmn: Plmn) -> PlmnId {
    let text = plmn.to_string();
    let (mcc, mnc) = text.split_once('-').unwrap_or((&text, ""));
    PlmnId { mcc: mcc.to_owned(), mnc: mnc.to_owned() }
}

impl TraceActivation {
    /// The job that this is a session of, as far as S1AP tells: neither whose phone it is nor the collector's number, which is `entity`. Of
    /// both addresses of a collector the one of IPv6 is taken. Which way data goes and the threshold of M6 have no word in a job.
    ///
    /// # Errors
    /// There is no MDT in it, a trace is asked for besides, cells of several networks are, or what is asked for breaks a rule of jobs.
    pub fn job(&self, entity: u8) -> Result<TraceJob, JobError> {
        let mdt = self.mdt.as_ref().ok_or(JobError::NotDone)?;
        let mut config = MdtConfig::default();
        let job_type = match (mdt.activation, &mdt.mode) {
            (Activation::LoggedOnly, Mode::Logged(logged)) => {
                config.logged_mdt_config = Some(logged_config(logged, mdt, entity));
                if logged.barometer {
                    config.sensor_information.push(Sensor::BarometricPressure);
                }
                JobType::LoggedMdtOnly
            }
            (Activation::ImmediateOnly, Mode::Immediate(immediate)) => {
                if immediate.m4.zip(immediate.m5).is_some_and(|(m4, m5)| m4.period != m5.period) {
                    return Err(JobError::OtherTechnology { attribute: "measurementPeriodLte, one of M4 and M5" });
                }
                config.immediate_mdt_config = Some(Box::new(immediate_config(immediate)));
                JobType::ImmediateMdtOnly
            }
            _ => return Err(JobError::NotDone),
        };
        let (area, plmn_target) = self.area(mdt)?;
        config.area_scope.extend(area);
        let PlmnId { mcc, mnc } = digits(self.trace_reference.plmn);
        let [a, b, c] = self.trace_reference.trace_id;
        let job = TraceJob {
            job_type,
            plmn_target,
            trace_collection_entity_ip_address: Some(match self.collector {
                CollectorAddress::V4(v4) => IpAddr::V4(v4),
                CollectorAddress::V6(v6) | CollectorAddress::Both(_, v6) => IpAddr::V6(v6),
            }),
            trace_reporting_consumer_uri: self.collector_uri.clone(),
            trace_reference: TraceReferenceId { mcc, mnc, trace_id: format!("{a:02x}{b:02x}{c:02x}") },
            job_id: None,
            trace_reporting_format: None,
            trace_target: None,
            mdt_config: Some(config),
        };
        job.check()?;
        Ok(job)
    }

    /// Where, and of which network where that is not the one that asked.
    fn area(&self, mdt: &MdtConfiguration) -> Result<(Option<AreaScope>, Option<PlmnId>), JobError> {
        Ok(match &mdt.area {
            Area::Everywhere => (None, None),
            Area::TrackingAreaCodes(codes) => {
                (Some(AreaScope::Codes(codes.iter().map(|code| format!("{code:04x}")).collect())), None)
            }
            Area::TrackingAreas(areas) => {
                let tai = |(plmn, code): &(Plmn, u16)| {
                    let PlmnId { mcc, mnc } = digits(*plmn);
                    TaiId { mcc, mnc, tac: format!("{code:04x}") }
                };
                (Some(AreaScope::TrackingAreas(areas.iter().map(tai).collect())), None)
            }
            Area::Cells(cells) => {
                let plmn = cells.first().map_or(self.trace_reference.plmn, |cell| cell.plmn);
                if cells.iter().any(|cell| cell.plmn != plmn) {
                    return Err(JobError::OtherTechnology { attribute: "areaScope of one network" });
                }
                let codes = cells.iter().map(|cell| format!("{:07x}", cell.cell)).collect();
                let target = (plmn != self.trace_reference.plmn).then(|| digits(plmn));
                (Some(AreaScope::Codes(codes)), target)
            }
        })
    }
}

fn logged_config(logged: &Logged, mdt: &MdtConfiguration, entity: u8) -> LoggedMdtConfig {
    let (event, l1) = match logged.event {
        None => (None, None),
        Some(Event::OutOfCoverage) => (Some(EventWord::OutOfCoverage), None),
        Some(Event::L1 { threshold, hysteresis, time_to_trigger }) => {
            let threshold = match threshold {
                Threshold::Rsrp(rsrp) => ThresholdL1 { rsrp: Some(rsrp), rsrq: None },
                Threshold::Rsrq(rsrq) => ThresholdL1 { rsrp: None, rsrq: Some(rsrq) },
            };
            (Some(EventWord::A2Event), Some((threshold, hysteresis, time_to_trigger)))
        }
    };
    LoggedMdtConfig {
        trace_collection_entity_id: entity.into(),
        logging_duration: logged.duration,
        logging_interval: Intervals { lte: vec![logged.interval], nr: Vec::new() },
        report_type: event.map(|_| ReportTypeWord::EventTriggered),
        event_list_for_event_triggered_measurement: event,
        event_threshold_l1: l1.map(|(threshold, ..)| threshold),
        hysteresis_l1: l1.map(|(_, hysteresis, _)| hysteresis),
        time_to_trigger_l1: l1.map(|(.., time)| time),
        plmn_list: mdt.plmns.iter().map(|plmn| digits(*plmn)).collect(),
        area_configuration_for_neigh_cell: None,
    }
}

const MEASUREMENTS: [(u8, Measurement); 8] = [
    (bits::M1, Measurement::M1),
    (bits::M2, Measurement::M2),
    (bits::M3, Measurement::M3),
    (bits::M4, Measurement::M4),
    (bits::M5, Measurement::M5),
    (bits::M6, Measurement::M6),
    (bits::M7, Measurement::M7),
    (bits::M1_BY_EVENTS, Measurement::M1EventTriggered),
];

fn immediate_config(immediate: &Immediate) -> ImmediateMdtConfig {
    let asked = MEASUREMENTS.iter().filter(|(bit, _)| immediate.measurements & bit != 0);
    let mut lte: Vec<Measurement> = asked.map(|(_, measurement)| *measurement).collect();
    if immediate.bluetooth_rssi || immediate.wlan_rssi {
        lte.push(Measurement::M8);
    }
    if immediate.wlan_rtt {
        lte.push(Measurement::M9);
    }
    let has = |bit: u8| immediate.measurements & bit != 0;
    // What is configured of a measurement that is not asked for says nothing.
    let (m3, m4) = (immediate.m3.filter(|_| has(bits::M3)), immediate.m4.filter(|_| has(bits::M4)));
    let (m5, m6) = (immediate.m5.filter(|_| has(bits::M5)), immediate.m6.filter(|_| has(bits::M6)));
    let m7 = immediate.m7.filter(|_| has(bits::M7));
    let has_m1 = has(bits::M1);
    let trigger = match immediate.m1_trigger {
        M1Trigger::Periodic => ReportingTrigger::Periodical,
        M1Trigger::A2 => ReportingTrigger::A2,
        M1Trigger::A2Periodic => ReportingTrigger::A2Periodical,
    };
    let periodic = immediate.m1_periodic.filter(|_| has_m1 && immediate.m1_trigger != M1Trigger::A2);
    let threshold = immediate.m1_threshold.filter(|_| has_m1 && immediate.m1_trigger != M1Trigger::Periodic);
    let event_threshold = threshold.map(|threshold| match threshold {
        Threshold::Rsrp(rsrp) => EventThreshold { rsrp: Some(rsrp), rsrq: None },
        Threshold::Rsrq(rsrq) => EventThreshold { rsrp: None, rsrq: Some(rsrq) },
    });
    ImmediateMdtConfig {
        list_of_measurements: ByTechnology { lte, nr: Vec::new() },
        reporting_trigger: has_m1.then_some(trigger).into_iter().collect(),
        report_amount: None,
        report_amount_m1_lte: periodic.map(|(_, amount)| amount),
        report_amount_m4_lte: m4.and_then(|m4| m4.amount),
        report_amount_m5_lte: m5.and_then(|m5| m5.amount),
        report_amount_m6_lte: m6.and_then(|m6| m6.amount),
        report_amount_m7_lte: m7.and_then(|m7| m7.amount),
        report_amount_m1_nr: None,
        report_amount_m4_nr: None,
        report_amount_m5_nr: None,
        report_amount_m6_nr: None,
        report_amount_m7_nr: None,
        report_interval: ByTechnology {
            lte: periodic.map(|(interval, _)| interval).into_iter().collect(),
            nr: Vec::new(),
        },
        event_threshold,
        collection_period_rrm_lte: m3,
        collection_period_m6_lte: m6.map(|m6| m6.period),
        collection_period_m7_lte: m7.map(|m7| m7.period),
        collection_period_rrm_nr: None,
        collection_period_m6_nr: None,
        collection_period_m7_nr: None,
        measurement_period_lte: m4.or(m5).map(|m4| m4.period),
        beam_level_measurement: None,
        positioning_method: match immediate.location {
            0 => None,
            location if location & bits::GNSS != 0 => Some(PositioningMethod::Gnss),
            _ => Some(PositioningMethod::ECellId),
        },
        excess_packet_delay_thresholds: Vec::new(),
    }
}
