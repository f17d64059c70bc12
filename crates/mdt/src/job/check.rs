//! The rules that a job has to keep, each with its clause.

use super::{
    Anonymization, AreaScope, EventWord, Interval, JobType, LoggedMdtConfig, MdtConfig, ReportTypeWord, TraceJob,
};
use crate::rrc::Plmn;

/// Why a job is refused: whoever made it broke a rule, or asks for what is not done here. Never repeats a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// Longer than [`super::MAX_JOB`].
    #[error("job of {octets} octets; at most 65536 are taken")]
    TooLong {
        /// Its octets.
        octets: usize,
    },
    /// No JSON, an attribute that is not known, or a value that its type does not have.
    #[error("not a TraceJob of TS 28.623 at line {line}, column {column}: JSON, an attribute's name or its value")]
    Malformed {
        /// Line.
        line: usize,
        /// Column.
        column: usize,
    },
    /// An attribute is missing that the others ask for.
    #[error("{attribute} is missing ({clause})")]
    Missing {
        /// Which.
        attribute: &'static str,
        /// Who asks for it.
        clause: &'static str,
    },
    /// A value is outside its range.
    #[error("{attribute} is outside its range, {range} ({clause})")]
    OutOfRange {
        /// Which.
        attribute: &'static str,
        /// What there may be.
        range: &'static str,
        /// Who says so.
        clause: &'static str,
    },
    /// Two attributes contradict each other.
    #[error("{attribute} contradicts {other} ({clause})")]
    Contradicts {
        /// Which.
        attribute: &'static str,
        /// What.
        other: &'static str,
        /// Who says so.
        clause: &'static str,
    },
    /// A kind of job that is not done here.
    #[error("jobs of this type are not done here: only logged and immediate MDT and reports of failures are")]
    NotDone,
    /// A job that can be planned, and whose measurements nobody brings here.
    #[error(
        "immediate MDT cannot be collected here: its measurements come from the radio network as trace files, not from phones; whom to ask \
         can be planned"
    )]
    NotCollected,
    /// The job has nothing for the technology that it is wanted for.
    #[error("the job says nothing for this radio technology: {attribute}")]
    OtherTechnology {
        /// What is missing.
        attribute: &'static str,
    },
}

pub(super) fn missing(attribute: &'static str, clause: &'static str) -> JobError {
    JobError::Missing { attribute, clause }
}

pub(super) fn range(
    holds: bool,
    attribute: &'static str,
    range: &'static str,
    clause: &'static str,
) -> Result<(), JobError> {
    if holds { Ok(()) } else { Err(JobError::OutOfRange { attribute, range, clause }) }
}

fn is_hex(text: &str, digits: &[usize]) -> bool {
    digits.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

impl TraceJob {
    /// Says which rule the job breaks.
    pub fn check(&self) -> Result<(), JobError> {
        match self.job_type {
            JobType::LoggedMdtOnly | JobType::ImmediateMdtOnly => {}
            JobType::RlfReportOnly | JobType::RcefReportOnly => {}
            _ => return Err(JobError::NotDone),
        }
        let reference = &self.trace_reference;
        let sound = Plmn::new(&reference.mcc, &reference.mnc).is_some() && is_hex(&reference.trace_id, &[6]);
        range(sound, "traceReference", "MCC, MNC and three octets", "TS 32.422 clause 5.6")?;
        if let Some(target) = &self.plmn_target {
            range(target.plmn().is_some(), "plmnTarget", "MCC and MNC", "TS 32.422 clause 5.9b")?;
        }
        let text = |text: &Option<String>, most: usize| {
            text.as_deref().is_none_or(|t| t.len() <= most && !t.chars().any(char::is_control))
        };
        range(text(&self.job_id, 64), "jobId", "64 octets", "TS 28.622 clause 4.3.30")?;
        let uri = text(&self.trace_reporting_consumer_uri, 2048);
        range(uri, "traceReportingConsumerUri", "2048 octets", "TS 28.622 clause 4.3.30")?;
        let mdt = self.mdt_config.as_ref();
        if let Some(mdt) = mdt {
            self.check_identity(mdt)?;
            mdt.area_scope.iter().try_for_each(check_area)?;
            range(mdt.area_scope.len() <= 1, "areaScope", "one list of one kind", "TS 32.422 clause 5.10.2")?;
            range(mdt.sensor_information.len() <= 3, "sensorInformation", "at most 3", "TS 32.422 clause 5.10.29")?;
        }
        self.check_kind()
    }

    /// That the configuration is there that the kind of job has, and no other.
    fn check_kind(&self) -> Result<(), JobError> {
        const CLAUSE: &str = "TS 28.622 clause 4.3.30";
        let mdt = self.mdt_config.as_ref();
        let logged = self.logged();
        let immediate = mdt.and_then(|mdt| mdt.immediate_mdt_config.as_deref());
        let other = |attribute| Err(JobError::Contradicts { attribute, other: "jobType", clause: CLAUSE });
        match (self.job_type, logged, immediate) {
            (JobType::LoggedMdtOnly, None, _) => Err(missing("loggedMDTConfig", CLAUSE)),
            (JobType::ImmediateMdtOnly, _, None) => Err(missing("immediateMDTConfig", CLAUSE)),
            (JobType::ImmediateMdtOnly, Some(_), _) => other("loggedMDTConfig"),
            (JobType::ImmediateMdtOnly, None, Some(immediate)) => immediate.check(),
            (_, _, Some(_)) => other("immediateMDTConfig"),
            (_, Some(logged), None) => check_logged(logged),
            (_, None, None) => Ok(()),
        }
    }

    fn check_identity(&self, mdt: &MdtConfig) -> Result<(), JobError> {
        let said: Option<Anonymization> = mdt.anonymization_of_mdt_data;
        if self.subscriber().is_some() && said.is_some() {
            let (attribute, other) = ("anonymizationOfMdtData", "traceTarget, which is a subscriber");
            return Err(JobError::Contradicts { attribute, other, clause: "TS 32.422 clause 5.10.12" });
        }
        Ok(())
    }
}

fn check_area(scope: &AreaScope) -> Result<(), JobError> {
    const CLAUSE: &str = "TS 32.422 clause 5.10.2";
    match scope {
        AreaScope::Codes(codes) => {
            let length = codes.first().map_or(0, String::len);
            let cells = matches!(length, 7 | 9);
            let most = if cells { 32 } else { 8 };
            range((1..=most).contains(&codes.len()), "areaScope", "1..32 cells, 1..8 tracking areas", CLAUSE)?;
            let one_kind = codes.iter().all(|code| code.len() == length && is_hex(code, &[4, 6, 7, 9]));
            range(one_kind, "areaScope", "hexadecimal, all of 4, 6, 7 or 9 digits", CLAUSE)
        }
        AreaScope::TrackingAreas(areas) => {
            range((1..=8).contains(&areas.len()), "areaScope", "1..8 tracking areas", CLAUSE)?;
            let sound = areas.iter().all(|a| Plmn::new(&a.mcc, &a.mnc).is_some() && is_hex(&a.tac, &[4, 6]));
            range(sound, "areaScope", "MCC, MNC and a hexadecimal tracking area code", CLAUSE)
        }
    }
}

fn check_logged(logged: &LoggedMdtConfig) -> Result<(), JobError> {
    let tce = logged.trace_collection_entity_id <= 255;
    range(tce, "traceCollectionEntityId", "0..255", "TS 32.422 clause 5.10.11")?;
    const INTERVAL: &str = "TS 32.422 clause 5.10.8";
    let intervals = &logged.logging_interval;
    let one = intervals.lte.len() <= 1 && intervals.nr.len() <= 1;
    range(one, "loggingInterval", "one for each technology", INTERVAL)?;
    if intervals.lte.is_empty() && intervals.nr.is_empty() {
        return Err(missing("loggingInterval of LTE or NR", INTERVAL));
    }
    let nr_alone = [Interval::Ms320, Interval::Ms640, Interval::Infinity];
    let lte = intervals.lte.iter().all(|interval| !nr_alone.contains(interval));
    range(lte, "loggingInterval of LTE", "1.28s..61.44s", INTERVAL)?;
    range(logged.plmn_list.len() <= 16, "plmnList", "at most 16", "TS 32.422 clause 5.10.24")?;
    let plmns = logged.plmn_list.iter().all(|plmn| plmn.plmn().is_some());
    range(plmns, "plmnList", "MCC and MNC", "TS 32.422 clause 5.10.24")?;
    if let Some(area) = &logged.area_configuration_for_neigh_cell {
        const CLAUSE: &str = "TS 32.422 clause 5.10.26";
        let pcis = area.pci_list.len() <= 32 && area.pci_list.iter().all(|pci| *pci <= 1007);
        range(pcis, "pciList", "at most 32 of 0..1007", CLAUSE)?;
        range(area.freq_info.arfcn <= 3_279_165, "arfcn", "0..3279165", CLAUSE)?;
    }
    check_event(logged)
}

fn check_event(logged: &LoggedMdtConfig) -> Result<(), JobError> {
    const CLAUSE: &str = "TS 32.422 clause 5.10.28";
    let on_event = logged.report_type == Some(ReportTypeWord::EventTriggered);
    let event = logged.event_list_for_event_triggered_measurement;
    match (on_event, event) {
        (true, None) => return Err(missing("eventListForEventTriggeredMeasurement", CLAUSE)),
        (false, Some(_)) => {
            let (attribute, other) = ("eventListForEventTriggeredMeasurement", "reportType");
            return Err(JobError::Contradicts { attribute, other, clause: CLAUSE });
        }
        _ => {}
    }
    if !on_event && logged.logging_interval.nr.contains(&Interval::Infinity) {
        let (attribute, other) = ("loggingInterval of infinity", "reportType");
        return Err(JobError::Contradicts { attribute, other, clause: "TS 32.422 clause 5.10.8" });
    }
    if event == Some(EventWord::A2Event) {
        let threshold = logged.event_threshold_l1.ok_or(missing("eventThresholdL1", CLAUSE))?;
        let one = threshold.rsrp.is_some() != threshold.rsrq.is_some();
        let indices = threshold.rsrp.unwrap_or(0) <= 127 && threshold.rsrq.unwrap_or(0) <= 127;
        range(one && indices, "eventThresholdL1", "RSRP or RSRQ, 0..127", CLAUSE)?;
        let hysteresis = logged.hysteresis_l1.ok_or(missing("hysteresisL1", CLAUSE))?;
        range(hysteresis <= 30, "hysteresisL1", "0..30", CLAUSE)?;
        logged.time_to_trigger_l1.ok_or(missing("timeToTriggerL1", CLAUSE))?;
    }
    Ok(())
}
