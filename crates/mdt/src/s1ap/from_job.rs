//! From a job to what a core network tells a cell.

use super::{
    Activation, Area, CollectorAddress, Event, Immediate, Links, Logged, M1Trigger, MdtConfiguration, Mode, Periodic,
    Threshold, TraceActivation, TraceDepth, bits,
};
use crate::job::{
    AreaScope, EventWord, ImmediateMdtConfig, JobError, JobType, LoggedMdtConfig, MdtConfig, Measurement, PlmnId,
    PositioningMethod, ReportAmount, ReportingTrigger, Sensor, TraceJob,
};
use crate::rrc::{Plmn, lte};
use core::net::IpAddr;

const UNSOUND: JobError = JobError::Malformed { line: 0, column: 0 };

const fn not_lte(attribute: &'static str) -> JobError {
    JobError::OtherTechnology { attribute }
}

fn hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

impl TraceActivation {
    /// What cells of LTE are told of a job's session. The collector's address has to be in the job: RRC has its number, S1AP its address.
    ///
    /// Of immediate MDT, M4, M5 and M7 are asked for in both directions, and M6 towards the phone: of the uplink it needs a threshold that no
    /// job has a word for.
    ///
    /// # Errors
    /// The job breaks a rule, is not for LTE, or S1AP has no word for what it asks: reports of failures, orientation and speed.
    pub fn of_job(job: &TraceJob, recording_session: [u8; 2]) -> Result<Self, JobError> {
        job.check()?;
        let missing = |attribute| JobError::Missing { attribute, clause: "TS 36.413 clause 9.2.1.4" };
        let address = job.trace_collection_entity_ip_address.ok_or(missing("traceCollectionEntityIpAddress"))?;
        let mdt = job.mdt_config.as_ref().ok_or(missing("mdtConfig"))?;
        let (activation, mode, plmns) = match job.job_type {
            JobType::LoggedMdtOnly => {
                let logged = mdt.logged_mdt_config.as_ref().ok_or(UNSOUND)?;
                let plmns: Option<Vec<Plmn>> = logged.plmn_list.iter().map(PlmnId::plmn).collect();
                (Activation::LoggedOnly, Mode::Logged(self::logged(mdt, logged)?), plmns.ok_or(UNSOUND)?)
            }
            JobType::ImmediateMdtOnly => {
                let immediate = mdt.immediate_mdt_config.as_ref().ok_or(UNSOUND)?;
                let mode = Mode::Immediate(Box::new(self::immediate(immediate)?));
                (Activation::ImmediateOnly, mode, Vec::new())
            }
            _ => return Err(not_lte("jobType that S1AP activates")),
        };
        let area = mdt.area_scope.first().map_or(Ok(Area::Everywhere), |scope| area(job, scope))?;
        Ok(Self {
            trace_reference: job.reference().ok_or(UNSOUND)?,
            recording_session,
            interfaces: 0,
            depth: TraceDepth::Minimum,
            collector: match address {
                IpAddr::V4(v4) => CollectorAddress::V4(v4),
                IpAddr::V6(v6) => CollectorAddress::V6(v6),
            },
            collector_uri: job.trace_reporting_consumer_uri.clone(),
            mdt: Some(MdtConfiguration { activation, area, mode, plmns }),
        })
    }
}

fn area(job: &TraceJob, scope: &AreaScope) -> Result<Area, JobError> {
    const OTHER: JobError = not_lte("areaScope of LTE");
    let codes = match scope {
        AreaScope::TrackingAreas(areas) => {
            let tai = |of: &crate::job::TaiId| {
                let plmn = Plmn::new(&of.mcc, &of.mnc)?;
                if of.tac.len() == 4 { Some((plmn, hex(&of.tac)? as u16)) } else { None }
            };
            let areas: Option<Vec<_>> = areas.iter().map(tai).collect();
            return areas.map(Area::TrackingAreas).ok_or(OTHER);
        }
        AreaScope::Codes(codes) => codes,
    };
    let all = |digits: usize| codes.iter().all(|code| code.len() == digits);
    let values: Vec<u64> = codes.iter().map(|code| hex(code)).collect::<Option<_>>().ok_or(UNSOUND)?;
    if all(4) {
        return Ok(Area::TrackingAreaCodes(values.iter().map(|code| *code as u16).collect()));
    }
    if !all(7) {
        return Err(OTHER);
    }
    let asked = job.reference().map(|reference| reference.plmn);
    let plmn = job.plmn_target.as_ref().map_or(asked, PlmnId::plmn).ok_or(UNSOUND)?;
    Ok(Area::Cells(values.iter().map(|cell| lte::Ecgi { plmn, cell: *cell as u32 }).collect()))
}

fn logged(mdt: &MdtConfig, logged: &LoggedMdtConfig) -> Result<Logged, JobError> {
    let interval = *logged.logging_interval.lte.first().ok_or(not_lte("loggingInterval of LTE"))?;
    let event = match logged.event_list_for_event_triggered_measurement {
        None => None,
        Some(EventWord::OutOfCoverage) => Some(Event::OutOfCoverage),
        Some(EventWord::A2Event) => {
            let l1 = logged.event_threshold_l1.ok_or(UNSOUND)?;
            let threshold = threshold(l1.rsrp, l1.rsrq).ok_or(not_lte("eventThresholdL1 within the range of LTE"))?;
            let hysteresis = logged.hysteresis_l1.ok_or(UNSOUND)?;
            let time_to_trigger = logged.time_to_trigger_l1.ok_or(UNSOUND)?;
            Some(Event::L1 { threshold, hysteresis, time_to_trigger })
        }
    };
    if mdt.sensor_information.iter().any(|sensor| *sensor != Sensor::BarometricPressure) {
        return Err(not_lte("sensorInformation of LTE"));
    }
    let barometer = !mdt.sensor_information.is_empty();
    Ok(Logged { interval, duration: logged.logging_duration, event, barometer })
}

fn threshold(rsrp: Option<u8>, rsrq: Option<u8>) -> Option<Threshold> {
    match (rsrp, rsrq) {
        (Some(rsrp @ 0..=97), None) => Some(Threshold::Rsrp(rsrp)),
        (None, Some(rsrq @ 0..=34)) => Some(Threshold::Rsrq(rsrq)),
        _ => None,
    }
}

/// Bit of a measurement; none for M8 and M9, which have elements of their own.
fn bit(measurement: Measurement) -> u8 {
    match measurement {
        Measurement::M1 => bits::M1,
        Measurement::M2 => bits::M2,
        Measurement::M3 => bits::M3,
        Measurement::M4 => bits::M4,
        Measurement::M5 => bits::M5,
        Measurement::M6 => bits::M6,
        Measurement::M7 => bits::M7,
        Measurement::M1EventTriggered => bits::M1_BY_EVENTS,
        Measurement::M8 | Measurement::M9 => 0,
    }
}

fn immediate(config: &ImmediateMdtConfig) -> Result<Immediate, JobError> {
    let wanted = &config.list_of_measurements.lte;
    if wanted.is_empty() {
        return Err(not_lte("listOfMeasurements of LTE"));
    }
    let has = |measurement| wanted.contains(&measurement);
    let mut made = Immediate {
        measurements: wanted.iter().fold(0, |all, measurement| all | bit(*measurement)),
        // Without M1 this one asks for nothing more.
        m1_trigger: M1Trigger::A2,
        m1_threshold: None,
        m1_periodic: None,
        m3: config.collection_period_rrm_lte.filter(|_| has(Measurement::M3)),
        m4: None,
        m5: None,
        m6: None,
        m6_threshold: None,
        m7: None,
        location: match config.positioning_method {
            None => 0,
            Some(PositioningMethod::Gnss) => bits::GNSS,
            Some(PositioningMethod::ECellId) => bits::E_CID,
        },
        bluetooth_rssi: has(Measurement::M8),
        wlan_rssi: has(Measurement::M8),
        wlan_rtt: has(Measurement::M9),
    };
    if has(Measurement::M1) {
        m1(config, &mut made)?;
    }
    let volume = |is: Measurement, amount: Option<ReportAmount>| {
        let period = config.measurement_period_lte.filter(|_| has(is))?;
        Some(Periodic { period, links: Links::Both, amount })
    };
    made.m4 = volume(Measurement::M4, config.report_amount_m4_lte);
    made.m5 = volume(Measurement::M5, config.report_amount_m5_lte);
    let m6 = config.collection_period_m6_lte.filter(|_| has(Measurement::M6));
    made.m6 = m6.map(|period| Periodic { period, links: Links::Downlink, amount: config.report_amount_m6_lte });
    let m7 = config.collection_period_m7_lte.filter(|_| has(Measurement::M7));
    made.m7 = m7.map(|period| Periodic { period, links: Links::Both, amount: config.report_amount_m7_lte });
    Ok(made)
}

/// When, how often and below what M1 is reported.
fn m1(config: &ImmediateMdtConfig, made: &mut Immediate) -> Result<(), JobError> {
    let triggers = &config.reporting_trigger;
    if triggers.contains(&ReportingTrigger::AllConfigured) {
        made.measurements |= bits::M1_BY_EVENTS;
    }
    let mut own = triggers.iter().filter(|trigger| **trigger != ReportingTrigger::AllConfigured);
    let trigger = own.next();
    if own.next().is_some() {
        return Err(not_lte("reportingTrigger of LTE, one beside ALL_CONFIGURED_RRM_FOR_LTE_NR"));
    }
    let Some(trigger) = trigger else {
        // By events that are configured anyway, and by nothing else.
        made.measurements &= !bits::M1;
        return Ok(());
    };
    made.m1_trigger = match trigger {
        ReportingTrigger::Periodical => M1Trigger::Periodic,
        ReportingTrigger::A2Periodical => M1Trigger::A2Periodic,
        _ => M1Trigger::A2,
    };
    if made.m1_trigger != M1Trigger::Periodic {
        let event = config.event_threshold.ok_or(UNSOUND)?;
        made.m1_threshold = Some(threshold(event.rsrp, event.rsrq).ok_or(UNSOUND)?);
    }
    if made.m1_trigger != M1Trigger::A2 {
        let amount = config.report_amount_m1_lte.or(config.report_amount);
        made.m1_periodic = Some(config.report_interval.lte.first().copied().zip(amount).ok_or(UNSOUND)?);
    }
    Ok(())
}
