//! TraceJob: what operators ask for (TS 28.622 clause 4.3.30, TS 28.623), as JSON in and out.
//!
//! Creating the object activates the job and deleting it ends the job. A job is management based, of an area, or signalling based, of one
//! subscriber. [`TraceJob::from_json`] reads, and [`TraceJob::check`] says which rule a job breaks; both refuse what they do not know, so
//! that a misspelt restriction is never a missing one.

#[macro_use]
mod words;
mod check;
mod immediate;
mod target;
mod to_rrc;

pub use check::JobError;
pub use immediate::{
    ByTechnology, EventThreshold, ExcessPacketDelay, ImmediateMdtConfig, M6PeriodLte, M6PeriodNr, Measurement,
    MeasurementPeriodLte, PacketDelay, PositioningMethod, ReportAmount, ReportInterval, ReportingTrigger, RrmPeriodLte,
    RrmPeriodNr,
};
pub use target::{Subscriber, TraceTarget};
pub use words::{
    Anonymization, Duration, EventWord, Interval, JobType, ReportTypeWord, ReportingFormat, Sensor, TargetIdType,
    TimeToTriggerL1,
};

use crate::rrc::{FailureKind, Plmn, TraceReference};
use serde::{Deserialize, Serialize};

/// A network by its digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlmnId {
    /// Three digits.
    pub mcc: String,
    /// Two or three digits.
    pub mnc: String,
}

impl PlmnId {
    /// Packed; `None` where the digits are none.
    #[must_use]
    pub fn plmn(&self) -> Option<Plmn> {
        Plmn::new(&self.mcc, &self.mnc)
    }
}

/// traceReference (TS 32.422 clause 5.6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TraceReferenceId {
    /// Three digits.
    pub mcc: String,
    /// Two or three digits.
    pub mnc: String,
    /// Six hexadecimal digits.
    pub trace_id: String,
}

/// A tracking area of a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaiId {
    /// Three digits.
    pub mcc: String,
    /// Two or three digits.
    pub mnc: String,
    /// Four hexadecimal digits in LTE, six in NR.
    pub tac: String,
}

/// AreaScope (TS 32.422 clause 5.10.2): one list of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AreaScope {
    /// Cells of LTE by seven, of NR by nine hexadecimal digits, or tracking area codes by four or six.
    Codes(Vec<String>),
    /// Tracking areas.
    TrackingAreas(Vec<TaiId>),
}

/// loggingInterval by technology; each list holds one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intervals {
    /// LTE.
    #[serde(rename = "LTE", default, skip_serializing_if = "Vec::is_empty")]
    pub lte: Vec<Interval>,
    /// NR.
    #[serde(rename = "NR", default, skip_serializing_if = "Vec::is_empty")]
    pub nr: Vec<Interval>,
}

/// eventThresholdL1: indices of NR, one of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThresholdL1 {
    /// RSRP, 0..127.
    #[serde(rename = "RSRP", skip_serializing_if = "Option::is_none")]
    pub rsrp: Option<u8>,
    /// RSRQ, 0..127.
    #[serde(rename = "RSRQ", skip_serializing_if = "Option::is_none")]
    pub rsrq: Option<u8>,
}

/// Carrier of neighbours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FreqInfo {
    /// NR-ARFCN.
    pub arfcn: u32,
    /// Bands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freq_bands: Vec<u16>,
}

/// areaConfigurationForNeighCell (TS 32.422 clause 5.10.26).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NeighbourArea {
    /// Carrier.
    pub freq_info: FreqInfo,
    /// Physical cell identities, at most 32; all when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pci_list: Vec<u16>,
}

/// loggedMDTConfig.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoggedMdtConfig {
    /// Number of the collector, 0..255; its address never goes over the air.
    pub trace_collection_entity_id: u16,
    /// For how long.
    pub logging_duration: Duration,
    /// How often.
    pub logging_interval: Intervals,
    /// Always or on an event; always when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report_type: Option<ReportTypeWord>,
    /// On which event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_list_for_event_triggered_measurement: Option<EventWord>,
    /// Below what.
    #[serde(rename = "eventThresholdL1", skip_serializing_if = "Option::is_none")]
    pub event_threshold_l1: Option<ThresholdL1>,
    /// Hysteresis, 0.5 dB, 0..30.
    #[serde(rename = "hysteresisL1", skip_serializing_if = "Option::is_none")]
    pub hysteresis_l1: Option<u8>,
    /// For how long.
    #[serde(rename = "timeToTriggerL1", skip_serializing_if = "Option::is_none")]
    pub time_to_trigger_l1: Option<TimeToTriggerL1>,
    /// MDT PLMN list, at most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plmn_list: Vec<PlmnId>,
    /// Neighbours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area_configuration_for_neigh_cell: Option<NeighbourArea>,
}

/// mdtConfig.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MdtConfig {
    /// How much of an identity stays, of a management based job; see [`TraceJob::anonymization`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymization_of_mdt_data: Option<Anonymization>,
    /// Where; everywhere when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub area_scope: Vec<AreaScope>,
    /// Sensors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensor_information: Vec<Sensor>,
    /// Immediate MDT.
    #[serde(rename = "immediateMDTConfig", skip_serializing_if = "Option::is_none")]
    pub immediate_mdt_config: Option<Box<ImmediateMdtConfig>>,
    /// Logged MDT.
    #[serde(rename = "loggedMDTConfig", skip_serializing_if = "Option::is_none")]
    pub logged_mdt_config: Option<LoggedMdtConfig>,
}

/// TraceJob, its attributes that belong to MDT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TraceJob {
    /// What kind.
    pub job_type: JobType,
    /// Whose users, where several networks share the RAN (TS 32.422 clause 5.9b).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plmn_target: Option<PlmnId>,
    /// Address of the collector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_collection_entity_ip_address: Option<core::net::IpAddr>,
    /// Consumer of a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_reporting_consumer_uri: Option<String>,
    /// Which job.
    pub trace_reference: TraceReferenceId,
    /// The job as its maker names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// Files or a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_reporting_format: Option<ReportingFormat>,
    /// Whom or what; a subscriber makes the job signalling based.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_target: Option<TraceTarget>,
    /// MDT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mdt_config: Option<MdtConfig>,
}

/// Longest text taken, octets.
pub const MAX_JOB: usize = 64 * 1024;

impl TraceJob {
    /// Reads and checks a job. Errors: [`JobError`], which never repeats a value.
    pub fn from_json(text: &[u8]) -> Result<Self, JobError> {
        if text.len() > MAX_JOB {
            return Err(JobError::TooLong { octets: text.len() });
        }
        let job: Self = serde_json::from_slice(text)
            .map_err(|error| JobError::Malformed { line: error.line(), column: error.column() })?;
        job.check()?;
        Ok(job)
    }

    /// Writes the job, identities included: for the network that it goes to.
    pub fn to_json(&self) -> Result<String, JobError> {
        serde_json::to_string(self).map_err(|_| JobError::Malformed { line: 0, column: 0 })
    }

    /// Whether a collector here gets what the job asks for: what phones log or keep of failures, which they bring themselves.
    ///
    /// # Errors
    /// [`JobError::NotCollected`] for immediate MDT, which can be planned and whose measurements the radio network brings.
    pub fn is_collected(&self) -> Result<(), JobError> {
        match self.job_type {
            JobType::ImmediateMdtOnly => Err(JobError::NotCollected),
            _ => Ok(()),
        }
    }

    /// Whether the job asks for reports of failures of this kind and nothing else (TS 32.422 clause 5.9a).
    #[must_use]
    pub fn asks_for(&self, kind: FailureKind) -> bool {
        match kind {
            FailureKind::RadioLink | FailureKind::Handover => self.job_type == JobType::RlfReportOnly,
            FailureKind::Connection => self.job_type == JobType::RcefReportOnly,
        }
    }

    /// Whether the job asks for reports of failures, of either kind, and nothing else.
    #[must_use]
    pub fn is_of_reports(&self) -> bool {
        matches!(self.job_type, JobType::RlfReportOnly | JobType::RcefReportOnly)
    }

    /// For how long phones log for the job, timer T330 (TS 32.422 clause 5.10.9); `None` for a job without logs.
    #[must_use]
    pub fn logging_duration_s(&self) -> Option<u32> {
        Some(self.logged()?.logging_duration.secs())
    }

    /// loggedMDTConfig, if the job has one.
    #[must_use]
    pub fn logged(&self) -> Option<&LoggedMdtConfig> {
        self.mdt_config.as_ref()?.logged_mdt_config.as_ref()
    }

    /// The trace reference, packed; `None` where the job was not checked and it is none.
    #[must_use]
    pub fn reference(&self) -> Option<TraceReference> {
        let TraceReferenceId { mcc, mnc, trace_id } = &self.trace_reference;
        let [0, a, b, c] = u32::from_str_radix(trace_id, 16).ok()?.to_be_bytes() else { return None };
        Some(TraceReference { plmn: Plmn::new(mcc, mnc)?, trace_id: [a, b, c] })
    }

    /// The subscriber of a signalling based job; `None` for a management based one.
    #[must_use]
    pub fn subscriber(&self) -> Option<&Subscriber> {
        self.trace_target.as_ref().and_then(TraceTarget::subscriber)
    }

    /// How much of an identity may stay with the data: of a management based job what it says, nothing when it says nothing; `None` for a
    /// signalling based job, whose data is its subscriber's by construction (TS 32.422 clause 5.10.12).
    #[must_use]
    pub fn anonymization(&self) -> Option<Anonymization> {
        if self.subscriber().is_some() {
            return None;
        }
        let said = self.mdt_config.as_ref().and_then(|mdt| mdt.anonymization_of_mdt_data);
        Some(said.unwrap_or(Anonymization::NoIdentity))
    }
}
