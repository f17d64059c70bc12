//! From a job to what its phones are told: LoggedMeasurementConfiguration of LTE and NR.

use super::{AreaScope, EventWord, Interval, JobError, LoggedMdtConfig, MdtConfig, Sensor, TraceJob};
use crate::rrc::{AbsoluteTime, Plmn, TraceHead, TraceReference, lte, nr};

fn hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

/// The value of a set of the standard at the same place as another of the same set.
fn same_place<A: Copy + PartialEq, B: Copy>(value: A, from: &[A], to: &[B]) -> Option<B> {
    from.iter().position(|v| *v == value).and_then(|at| to.get(at)).copied()
}

const UNSOUND: JobError = JobError::Malformed { line: 0, column: 0 };

impl TraceJob {
    fn checked_logged(&self) -> Result<(&MdtConfig, &LoggedMdtConfig), JobError> {
        self.check()?;
        let logged = self.mdt_config.as_ref().zip(self.logged());
        logged.ok_or(JobError::Missing { attribute: "loggedMDTConfig", clause: "TS 28.622 clause 4.3.30" })
    }

    /// The network that areas without one are of: the target, or the one that asked.
    fn area_plmn(&self) -> Result<Plmn, JobError> {
        let reference = &self.trace_reference;
        let asked = Plmn::new(&reference.mcc, &reference.mnc);
        self.plmn_target.as_ref().map_or(asked, super::PlmnId::plmn).ok_or(UNSOUND)
    }

    /// What ties the log of a session to this job.
    pub fn trace_head(&self, session: [u8; 2]) -> Result<TraceHead, JobError> {
        let (_, logged) = self.checked_logged()?;
        let reference = &self.trace_reference;
        let plmn = Plmn::new(&reference.mcc, &reference.mnc).ok_or(UNSOUND)?;
        let [.., a, b, c] = hex(&reference.trace_id).ok_or(UNSOUND)?.to_be_bytes();
        let tce_id = u8::try_from(logged.trace_collection_entity_id).map_err(|_| UNSOUND)?;
        let trace_reference = TraceReference { plmn, trace_id: [a, b, c] };
        Ok(TraceHead { trace_reference, recording_session: session, tce_id })
    }

    /// The configuration of a phone in LTE that begins a session at `now`. Errors: the job breaks a rule, or is not for LTE.
    pub fn lte_configuration(
        &self,
        session: [u8; 2],
        now: AbsoluteTime,
    ) -> Result<lte::LoggedMeasurementConfiguration, JobError> {
        let (mdt, logged) = self.checked_logged()?;
        let other = JobError::OtherTechnology { attribute: "loggingInterval of LTE" };
        let interval = *logged.logging_interval.lte.first().ok_or(other)?;
        let mut area_plmns = None;
        let area = match mdt.area_scope.first() {
            None => None,
            Some(AreaScope::Codes(codes)) => Some(self.lte_codes(codes)?),
            Some(AreaScope::TrackingAreas(areas)) => {
                area_plmns =
                    Some(areas.iter().map(|a| Plmn::new(&a.mcc, &a.mnc)).collect::<Option<_>>().ok_or(UNSOUND)?);
                let tacs: Vec<String> = areas.iter().map(|a| a.tac.clone()).collect();
                Some(self.lte_codes(&tacs)?)
            }
        };
        let intervals = Interval::ALL.get(2..10).unwrap_or_default();
        Ok(lte::LoggedMeasurementConfiguration {
            trace: self.trace_head(session)?,
            absolute_time: now,
            area,
            duration: same_place(logged.logging_duration, super::Duration::ALL, lte::LoggingDuration::ALL)
                .ok_or(UNSOUND)?,
            interval: same_place(interval, intervals, lte::LoggingInterval::ALL).ok_or(UNSOUND)?,
            plmns: plmns(logged)?,
            tracking_area_plmns: area_plmns,
            mbsfn: None,
            bluetooth: None,
            wlan: None,
            event: lte_event(logged)?,
            barometer: mdt.sensor_information.contains(&Sensor::BarometricPressure),
            signalling_based: self.subscriber().is_some(),
        })
    }

    fn lte_codes(&self, codes: &[String]) -> Result<lte::Area, JobError> {
        let plmn = self.area_plmn()?;
        let all = |digits: usize| codes.iter().all(|code| code.len() == digits);
        let values = codes.iter().map(|code| hex(code)).collect::<Option<Vec<u64>>>().ok_or(UNSOUND)?;
        if all(7) {
            let cells = values.iter().map(|cell| lte::Ecgi { plmn, cell: *cell as u32 }).collect();
            return Ok(lte::Area::Cells(cells));
        }
        let other = JobError::OtherTechnology { attribute: "areaScope of LTE" };
        if all(4) { Ok(lte::Area::TrackingAreas(values.iter().map(|tac| *tac as u16).collect())) } else { Err(other) }
    }

    /// The configuration of a phone in NR that begins a session at `now`. Errors: the job breaks a rule, or is not for NR.
    pub fn nr_configuration(
        &self,
        session: [u8; 2],
        now: AbsoluteTime,
    ) -> Result<nr::LoggedMeasurementConfiguration, JobError> {
        let (mdt, logged) = self.checked_logged()?;
        let other = JobError::OtherTechnology { attribute: "loggingInterval of NR" };
        let interval = *logged.logging_interval.nr.first().ok_or(other)?;
        let interval = same_place(interval, Interval::ALL, nr::LoggingInterval::ALL).ok_or(UNSOUND)?;
        let inter_freq = logged.area_configuration_for_neigh_cell.as_ref().map(|area| {
            let cells = (!area.pci_list.is_empty()).then(|| area.pci_list.clone());
            vec![nr::InterFreqTarget { arfcn: area.freq_info.arfcn, cells }]
        });
        let area = mdt.area_scope.first().map(|scope| self.nr_area(scope)).transpose()?;
        // Neighbours without an area need the form of Release 17.
        let (area, area_r17) = match (area, inter_freq) {
            (Some(area), inter_freq) => (Some(nr::AreaConfiguration { area, inter_freq }), None),
            (None, Some(list)) => (None, Some(nr::AreaConfigurationR17 { area: None, inter_freq: Some(list) })),
            (None, None) => (None, None),
        };
        let report_type = match nr_event(logged)? {
            None => nr::ReportType::Periodical(nr::Periodical { interval }),
            Some(event) => nr::ReportType::EventTriggered(nr::EventTriggered { event, interval }),
        };
        let has = |sensor| mdt.sensor_information.contains(&sensor);
        let sensors = nr::SensorNames {
            barometer: has(Sensor::BarometricPressure),
            speed: has(Sensor::UeSpeed),
            orientation: has(Sensor::UeOrientation),
        };
        Ok(nr::LoggedMeasurementConfiguration {
            trace: self.trace_head(session)?,
            absolute_time: now,
            area,
            plmns: plmns(logged)?,
            bluetooth: None,
            wlan: None,
            sensors: (sensors != nr::SensorNames::default()).then_some(nr::SetupRelease::Setup(sensors)),
            duration: same_place(logged.logging_duration, super::Duration::ALL, nr::LoggingDuration::ALL)
                .ok_or(UNSOUND)?,
            report_type,
            signalling_based: self.subscriber().is_some(),
            early_measurements: false,
            area_r17,
            non_public_area: None,
        })
    }

    fn nr_area(&self, scope: &AreaScope) -> Result<nr::Area, JobError> {
        let other = JobError::OtherTechnology { attribute: "areaScope of NR" };
        match scope {
            AreaScope::TrackingAreas(areas) => areas
                .iter()
                .map(|a| Some(nr::Tai { plmn: Plmn::new(&a.mcc, &a.mnc)?, tac: hex(&a.tac)? as u32 }))
                .collect::<Option<_>>()
                .map(nr::Area::TrackingAreas)
                .ok_or(other),
            AreaScope::Codes(codes) => {
                let plmn = self.area_plmn()?;
                let all = |digits: usize| codes.iter().all(|code| code.len() == digits);
                let values = codes.iter().map(|code| hex(code)).collect::<Option<Vec<u64>>>().ok_or(UNSOUND)?;
                if all(9) {
                    let cells = values.iter().map(|cell| nr::Ncgi { plmn, cell: *cell, tac: None });
                    return Ok(nr::Area::Cells(cells.collect()));
                }
                let codes = values.iter().map(|tac| *tac as u32).collect();
                if all(6) { Ok(nr::Area::TrackingAreaCodes(codes)) } else { Err(other) }
            }
        }
    }
}

fn plmns(logged: &LoggedMdtConfig) -> Result<Option<Vec<Plmn>>, JobError> {
    if logged.plmn_list.is_empty() {
        return Ok(None);
    }
    logged.plmn_list.iter().map(super::PlmnId::plmn).collect::<Option<Vec<_>>>().map(Some).ok_or(UNSOUND)
}

/// Hysteresis and time to trigger, which check() has found there.
fn hysteresis(logged: &LoggedMdtConfig) -> Result<(u8, lte::TimeToTrigger), JobError> {
    let time = logged.time_to_trigger_l1.ok_or(UNSOUND)?;
    let time = same_place(time, super::TimeToTriggerL1::ALL, lte::TimeToTrigger::ALL).ok_or(UNSOUND)?;
    Ok((logged.hysteresis_l1.ok_or(UNSOUND)?, time))
}

fn lte_event(logged: &LoggedMdtConfig) -> Result<Option<lte::Event>, JobError> {
    match logged.event_list_for_event_triggered_measurement {
        None => Ok(None),
        Some(EventWord::OutOfCoverage) => Ok(Some(lte::Event::OutOfCoverage)),
        Some(EventWord::A2Event) => {
            let l1 = logged.event_threshold_l1.ok_or(UNSOUND)?;
            let other = JobError::OtherTechnology { attribute: "eventThresholdL1 within the range of LTE" };
            let threshold = match (l1.rsrp, l1.rsrq) {
                (Some(rsrp @ 0..=97), None) => lte::Threshold::Rsrp(rsrp),
                (None, Some(rsrq @ 0..=34)) => lte::Threshold::Rsrq(rsrq),
                _ => return Err(other),
            };
            let (hysteresis_half_db, time_to_trigger) = hysteresis(logged)?;
            Ok(Some(lte::Event::L1(lte::EventL1 { threshold, hysteresis_half_db, time_to_trigger })))
        }
    }
}

fn nr_event(logged: &LoggedMdtConfig) -> Result<Option<nr::Event>, JobError> {
    match logged.event_list_for_event_triggered_measurement {
        None => Ok(None),
        Some(EventWord::OutOfCoverage) => Ok(Some(nr::Event::OutOfCoverage)),
        Some(EventWord::A2Event) => {
            let l1 = logged.event_threshold_l1.ok_or(UNSOUND)?;
            let threshold = match (l1.rsrp, l1.rsrq) {
                (Some(rsrp), None) => nr::Threshold::Rsrp(rsrp),
                (None, Some(rsrq)) => nr::Threshold::Rsrq(rsrq),
                _ => return Err(UNSOUND),
            };
            let (hysteresis_half_db, time_to_trigger) = hysteresis(logged)?;
            Ok(Some(nr::Event::L1(nr::EventL1 { threshold, hysteresis_half_db, time_to_trigger })))
        }
    }
}
