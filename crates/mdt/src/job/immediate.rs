//! immediateMDTConfig: what phones in a connection report at once, through the radio network (TS 37.320 clause 5.1.2).
//!
//! Read, checked and written; whom to ask is planned as for logs. The measurements themselves come from the radio network as trace files:
//! no phone brings them, so no collector here takes them. Attributes of UTRA are not known.

use super::JobError;
use super::check::{missing, range};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

words! {
    /// listOfMeasurements (TS 32.422 clause 5.10.3).
    Measurement {
        /// Signal strength and quality, measured by the phone.
        M1 = "M1",
        /// Power headroom.
        M2 = "M2",
        /// Received interference power.
        M3 = "M3",
        /// Volume of data.
        M4 = "M4",
        /// Throughput.
        M5 = "M5",
        /// Delay of packets.
        M6 = "M6",
        /// Loss of packets.
        M7 = "M7",
        /// Signal strength of WLAN and Bluetooth.
        M8 = "M8",
        /// Round trip time of WLAN.
        M9 = "M9",
        /// M1 as events report it that are configured anyway.
        M1EventTriggered = "M1_EVENT_TRIGGERED",
    }

    /// reportingTrigger of M1 (TS 32.422 clause 5.10.4).
    ReportingTrigger {
        /// Again and again.
        Periodical = "PERIODICAL",
        /// When the serving cell becomes bad.
        A2 = "A2_FOR_LTE_NR",
        /// Again and again while it is bad.
        A2Periodical = "A2_TRIGGERED_PERIODIC_FOR_LTE_NR",
        /// On every event that is configured anyway.
        AllConfigured = "ALL_CONFIGURED_RRM_FOR_LTE_NR",
    }

    /// reportInterval of M1: of LTE without 20.48 s and 40.96 s, of NR without one hour (TS 32.422 clause 5.10.5).
    ReportInterval {
        /// 120 ms.
        Ms120 = "120ms",
        /// 240 ms.
        Ms240 = "240ms",
        /// 480 ms.
        Ms480 = "480ms",
        /// 640 ms.
        Ms640 = "640ms",
        /// 1.024 s.
        Ms1024 = "1024ms",
        /// 2.048 s.
        Ms2048 = "2048ms",
        /// 5.12 s.
        Ms5120 = "5120ms",
        /// 10.24 s.
        Ms10240 = "10240ms",
        /// 20.48 s, NR alone.
        Ms20480 = "20480ms",
        /// 40.96 s, NR alone.
        Ms40960 = "40960ms",
        /// One minute.
        Min1 = "60000ms",
        /// Six minutes.
        Min6 = "360000ms",
        /// Twelve minutes.
        Min12 = "720000ms",
        /// Half an hour.
        Min30 = "1800000ms",
        /// One hour, LTE alone.
        Min60 = "3600000ms",
    }

    /// collectionPeriodRrmLte, of M3 (TS 32.422 clause 5.10.20).
    RrmPeriodLte {
        /// 100 ms.
        Ms100 = "100ms",
        /// 1 s.
        Ms1000 = "1000ms",
        /// 1.024 s.
        Ms1024 = "1024ms",
        /// 1.28 s.
        Ms1280 = "1280ms",
        /// 2.048 s.
        Ms2048 = "2048ms",
        /// 2.56 s.
        Ms2560 = "2560ms",
        /// 5.12 s.
        Ms5120 = "5120ms",
        /// 10 s.
        Ms10000 = "10000ms",
        /// 10.24 s.
        Ms10240 = "10240ms",
        /// One minute.
        Ms60000 = "60000ms",
    }

    /// measurementPeriodLte, of M4 and M5 (TS 32.422 clause 5.10.23).
    MeasurementPeriodLte {
        /// 1.024 s.
        Ms1024 = "1024ms",
        /// 2.048 s.
        Ms2048 = "2048ms",
        /// 5.12 s.
        Ms5120 = "5120ms",
        /// 10.24 s.
        Ms10240 = "10240ms",
        /// One minute.
        Min1 = "1min",
    }

    /// collectionPeriodM6Lte (TS 32.422 clause 5.10.32).
    M6PeriodLte {
        /// 1.024 s.
        Ms1024 = "1024ms",
        /// 2.048 s.
        Ms2048 = "2048ms",
        /// 5.12 s.
        Ms5120 = "5120ms",
        /// 10.24 s.
        Ms10240 = "10240ms",
    }

    /// collectionPeriodRrmNr, of M4 and M5 (TS 32.422 clause 5.10.30).
    RrmPeriodNr {
        /// 1.024 s.
        Ms1024 = "1024ms",
        /// 2.048 s.
        Ms2048 = "2048ms",
        /// 5.12 s.
        Ms5120 = "5120ms",
        /// 10.24 s.
        Ms10240 = "10240ms",
        /// One minute.
        Ms60000 = "60000ms",
    }

    /// collectionPeriodM6Nr (TS 32.422 clause 5.10.34).
    M6PeriodNr {
        /// 120 ms.
        Ms120 = "120ms",
        /// 240 ms.
        Ms240 = "240ms",
        /// 480 ms.
        Ms480 = "480ms",
        /// 640 ms.
        Ms640 = "640ms",
        /// 1.024 s.
        Ms1024 = "1024ms",
        /// 2.048 s.
        Ms2048 = "2048ms",
        /// 5.12 s.
        Ms5120 = "5120ms",
        /// 10.24 s.
        Ms10240 = "10240ms",
        /// 20.48 s.
        Ms20480 = "20480ms",
        /// 40.96 s.
        Ms40960 = "40960ms",
        /// One minute.
        Min1 = "1min",
        /// Six minutes.
        Min6 = "6min",
        /// Twelve minutes.
        Min12 = "12min",
        /// Half an hour.
        Min30 = "30min",
    }

    /// positioningMethod (TS 32.422 clause 5.10.19).
    PositioningMethod {
        /// By satellites.
        Gnss = "GNSS",
        /// By cell.
        ECellId = "E-CELL_ID",
    }

    /// excessPacketDelayThresholdValue (TS 32.422 clause 4.1.1).
    PacketDelay {
        /// 0.25 ms.
        Us250 = "0.25MS",
        /// 0.5 ms.
        Us500 = "0.5MS",
        /// 1 ms.
        Ms1 = "1MS",
        /// 2 ms.
        Ms2 = "2MS",
        /// 4 ms.
        Ms4 = "4MS",
        /// 5 ms.
        Ms5 = "5MS",
        /// 10 ms.
        Ms10 = "10MS",
        /// 20 ms.
        Ms20 = "20MS",
        /// 30 ms.
        Ms30 = "30MS",
        /// 40 ms.
        Ms40 = "40MS",
        /// 50 ms.
        Ms50 = "50MS",
        /// 60 ms.
        Ms60 = "60MS",
        /// 70 ms.
        Ms70 = "70MS",
        /// 80 ms.
        Ms80 = "80MS",
        /// 90 ms.
        Ms90 = "90MS",
        /// 100 ms.
        Ms100 = "100MS",
        /// 150 ms.
        Ms150 = "150MS",
        /// 300 ms.
        Ms300 = "300MS",
        /// 500 ms.
        Ms500 = "500MS",
    }
}

/// reportAmount (TS 32.422 clause 5.10.6): 1, 2, 4, 8, 16, 32, 64, or without end. TS 28.623 lists numbers under a type of text, so both
/// are read; text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportAmount {
    /// So many: a power of two up to 64.
    Times(u8),
    /// Without end.
    Infinity,
}

impl ReportAmount {
    fn of(times: u64) -> Option<Self> {
        let times = u8::try_from(times).ok().filter(|times| times.is_power_of_two() && *times <= 64)?;
        Some(Self::Times(times))
    }
}

impl Serialize for ReportAmount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Times(times) => serializer.collect_str(times),
            Self::Infinity => serializer.serialize_str("INFINITY"),
        }
    }
}

impl<'de> Deserialize<'de> for ReportAmount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(u64),
            Text(String),
        }
        let read = match Either::deserialize(deserializer)? {
            Either::Number(times) => Self::of(times),
            Either::Text(text) if text == "INFINITY" => Some(Self::Infinity),
            // "016" is no spelling of 16.
            Either::Text(text) => text.parse().ok().and_then(Self::of).filter(|_| !text.starts_with(['0', '+'])),
        };
        read.ok_or_else(|| D::Error::custom("no value of reportAmount"))
    }
}

/// Values by technology.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByTechnology<T> {
    /// LTE.
    #[serde(rename = "LTE", default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub lte: Vec<T>,
    /// NR.
    #[serde(rename = "NR", default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub nr: Vec<T>,
}

impl<T> Default for ByTechnology<T> {
    fn default() -> Self {
        Self { lte: Vec::new(), nr: Vec::new() }
    }
}

impl<T> ByTechnology<T> {
    fn is_empty(&self) -> bool {
        self.lte.is_empty() && self.nr.is_empty()
    }
}

/// eventThreshold of A2: indices, one of the two (TS 32.422 clauses 5.10.7 and 5.10.7a).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventThreshold {
    /// RSRP, 0..97 in LTE, 0..127 in NR.
    #[serde(rename = "EventThresholdRSRP", skip_serializing_if = "Option::is_none")]
    pub rsrp: Option<u8>,
    /// RSRQ, 0..34 in LTE, 0..127 in NR.
    #[serde(rename = "EventThresholdRSRQ", skip_serializing_if = "Option::is_none")]
    pub rsrq: Option<u8>,
}

/// One of excessPacketDelayThresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExcessPacketDelay {
    /// 5QI, 0..255.
    #[serde(rename = "fiveQIValue")]
    pub five_qi: u8,
    /// Above what.
    #[serde(rename = "excessPacketDelayThresholdValue")]
    pub threshold: PacketDelay,
}

/// immediateMDTConfig of LTE and NR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImmediateMdtConfig {
    /// What.
    pub list_of_measurements: ByTechnology<Measurement>,
    /// When M1 is reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reporting_trigger: Vec<ReportingTrigger>,
    /// How often M1 is reported in all, where no amount of its technology says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report_amount: Option<ReportAmount>,
    /// How often M1 of LTE is reported in all.
    #[serde(rename = "reportAmountM1LTE", skip_serializing_if = "Option::is_none")]
    pub report_amount_m1_lte: Option<ReportAmount>,
    /// How often M4 of LTE is reported in all.
    #[serde(rename = "reportAmountM4LTE", skip_serializing_if = "Option::is_none")]
    pub report_amount_m4_lte: Option<ReportAmount>,
    /// How often M5 of LTE is reported in all.
    #[serde(rename = "reportAmountM5LTE", skip_serializing_if = "Option::is_none")]
    pub report_amount_m5_lte: Option<ReportAmount>,
    /// How often M6 of LTE is reported in all.
    #[serde(rename = "reportAmountM6LTE", skip_serializing_if = "Option::is_none")]
    pub report_amount_m6_lte: Option<ReportAmount>,
    /// How often M7 of LTE is reported in all.
    #[serde(rename = "reportAmountM7LTE", skip_serializing_if = "Option::is_none")]
    pub report_amount_m7_lte: Option<ReportAmount>,
    /// How often M1 of NR is reported in all.
    #[serde(rename = "reportAmountM1NR", skip_serializing_if = "Option::is_none")]
    pub report_amount_m1_nr: Option<ReportAmount>,
    /// How often M4 of NR is reported in all.
    #[serde(rename = "reportAmountM4NR", skip_serializing_if = "Option::is_none")]
    pub report_amount_m4_nr: Option<ReportAmount>,
    /// How often M5 of NR is reported in all.
    #[serde(rename = "reportAmountM5NR", skip_serializing_if = "Option::is_none")]
    pub report_amount_m5_nr: Option<ReportAmount>,
    /// How often M6 of NR is reported in all.
    #[serde(rename = "reportAmountM6NR", skip_serializing_if = "Option::is_none")]
    pub report_amount_m6_nr: Option<ReportAmount>,
    /// How often M7 of NR is reported in all.
    #[serde(rename = "reportAmountM7NR", skip_serializing_if = "Option::is_none")]
    pub report_amount_m7_nr: Option<ReportAmount>,
    /// How long between two reports of M1; each list holds one.
    #[serde(default, skip_serializing_if = "ByTechnology::is_empty")]
    pub report_interval: ByTechnology<ReportInterval>,
    /// Below what A2 reports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_threshold: Option<EventThreshold>,
    /// Of M3 in LTE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection_period_rrm_lte: Option<RrmPeriodLte>,
    /// Of M6 in LTE.
    #[serde(rename = "collectionPeriodM6Lte", skip_serializing_if = "Option::is_none")]
    pub collection_period_m6_lte: Option<M6PeriodLte>,
    /// Of M7 in LTE, 1..60.
    #[serde(rename = "collectionPeriodM7Lte", skip_serializing_if = "Option::is_none")]
    pub collection_period_m7_lte: Option<u8>,
    /// Of M4 and M5 in NR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection_period_rrm_nr: Option<RrmPeriodNr>,
    /// Of M6 in NR.
    #[serde(rename = "collectionPeriodM6Nr", skip_serializing_if = "Option::is_none")]
    pub collection_period_m6_nr: Option<M6PeriodNr>,
    /// Of M7 in NR, 1..60 minutes.
    #[serde(rename = "collectionPeriodM7Nr", skip_serializing_if = "Option::is_none")]
    pub collection_period_m7_nr: Option<u8>,
    /// Of M4 and M5 in LTE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measurement_period_lte: Option<MeasurementPeriodLte>,
    /// M1 of NR by beams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beam_level_measurement: Option<bool>,
    /// How the position is found, where it is wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub positioning_method: Option<PositioningMethod>,
    /// Above which delay packets of NR count, at most 255.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excess_packet_delay_thresholds: Vec<ExcessPacketDelay>,
}

/// Whether each value stands once.
fn once<T: PartialEq>(values: &[T]) -> bool {
    values.iter().enumerate().all(|(at, value)| !values.iter().take(at).any(|before| before == value))
}

fn needed<T>(is: bool, value: Option<T>, attribute: &'static str, clause: &'static str) -> Result<(), JobError> {
    if is && value.is_none() { Err(missing(attribute, clause)) } else { Ok(()) }
}

impl ImmediateMdtConfig {
    /// Says which rule it breaks.
    pub(super) fn check(&self) -> Result<(), JobError> {
        const LIST: &str = "TS 32.422 clause 5.10.3";
        let wanted = &self.list_of_measurements;
        if wanted.is_empty() {
            return Err(missing("listOfMeasurements of LTE or NR", LIST));
        }
        range(once(&wanted.lte) && once(&wanted.nr), "listOfMeasurements", "each once", LIST)?;
        if has_any(&wanted.lte, &[Measurement::M1]) || has_any(&wanted.nr, &[Measurement::M1]) {
            self.check_m1()?;
        }
        use Measurement::{M3, M4, M5, M6, M7};
        let m3 = self.collection_period_rrm_lte;
        needed(has_any(&wanted.lte, &[M3]), m3, "collectionPeriodRrmLte", "TS 32.422 clause 5.10.20")?;
        let (lte, nr) = (self.measurement_period_lte, self.collection_period_rrm_nr);
        needed(has_any(&wanted.lte, &[M4, M5]), lte, "measurementPeriodLte", "TS 32.422 clause 5.10.23")?;
        needed(has_any(&wanted.nr, &[M4, M5]), nr, "collectionPeriodRrmNr", "TS 32.422 clause 5.10.30")?;
        let (lte, nr) = (self.collection_period_m6_lte, self.collection_period_m6_nr);
        needed(has_any(&wanted.lte, &[M6]), lte, "collectionPeriodM6Lte", "TS 32.422 clause 5.10.32")?;
        needed(has_any(&wanted.nr, &[M6]), nr, "collectionPeriodM6Nr", "TS 32.422 clause 5.10.34")?;
        let (lte, nr) = (self.collection_period_m7_lte, self.collection_period_m7_nr);
        needed(has_any(&wanted.lte, &[M7]), lte, "collectionPeriodM7Lte", "TS 32.422 clause 5.10.33")?;
        needed(has_any(&wanted.nr, &[M7]), nr, "collectionPeriodM7Nr", "TS 32.422 clause 5.10.35")?;
        let period = |period: Option<u8>| period.is_none_or(|period| (1..=60).contains(&period));
        range(period(lte), "collectionPeriodM7Lte", "1..60", "TS 32.422 clause 5.10.33")?;
        range(period(nr), "collectionPeriodM7Nr", "1..60", "TS 32.422 clause 5.10.35")?;
        let delays = self.excess_packet_delay_thresholds.len() <= 255;
        range(delays, "excessPacketDelayThresholds", "at most 255", "TS 32.422 clause 4.1.1")
    }

    /// What M1 needs: when, how often, below what.
    fn check_m1(&self) -> Result<(), JobError> {
        const TRIGGER: &str = "TS 32.422 clause 5.10.4";
        const INTERVAL: &str = "TS 32.422 clause 5.10.5";
        const AMOUNT: &str = "TS 32.422 clause 5.10.6";
        let triggers = &self.reporting_trigger;
        if triggers.is_empty() {
            return Err(missing("reportingTrigger", TRIGGER));
        }
        range(once(triggers), "reportingTrigger", "each once", TRIGGER)?;
        let has = |which: &[ReportingTrigger]| triggers.iter().any(|trigger| which.contains(trigger));
        let again = has(&[ReportingTrigger::Periodical, ReportingTrigger::A2Periodical]);
        let (wanted, interval) = (&self.list_of_measurements, &self.report_interval);
        let one = interval.lte.len() <= 1 && interval.nr.len() <= 1;
        range(one, "reportInterval", "one for each technology", INTERVAL)?;
        let lte = !has_any(&interval.lte, &[ReportInterval::Ms20480, ReportInterval::Ms40960]);
        range(lte, "reportInterval of LTE", "120ms..10240ms, 60000ms..3600000ms", INTERVAL)?;
        let nr = !has_any(&interval.nr, &[ReportInterval::Min60]);
        range(nr, "reportInterval of NR", "120ms..1800000ms", INTERVAL)?;
        let (of_lte, of_nr) = (wanted.lte.contains(&Measurement::M1), wanted.nr.contains(&Measurement::M1));
        needed(again && of_lte, interval.lte.first(), "reportInterval of LTE", INTERVAL)?;
        needed(again && of_nr, interval.nr.first(), "reportInterval of NR", INTERVAL)?;
        let (lte, nr) = (self.report_amount_m1_lte, self.report_amount_m1_nr);
        needed(again && of_lte, lte.or(self.report_amount), "reportAmount", AMOUNT)?;
        needed(again && of_nr, nr.or(self.report_amount), "reportAmount", AMOUNT)?;
        self.check_threshold(has(&[ReportingTrigger::A2, ReportingTrigger::A2Periodical]), of_lte)
    }

    fn check_threshold(&self, is_needed: bool, of_lte: bool) -> Result<(), JobError> {
        const CLAUSE: &str = "TS 32.422 clauses 5.10.7 and 5.10.7a";
        needed(is_needed, self.event_threshold, "eventThreshold", CLAUSE)?;
        let Some(threshold) = self.event_threshold else { return Ok(()) };
        let one = threshold.rsrp.is_some() != threshold.rsrq.is_some();
        range(one, "eventThreshold", "RSRP or RSRQ", CLAUSE)?;
        // One value for both technologies: it has to be one of each.
        let (rsrp, rsrq) = if of_lte { (97, 34) } else { (127, 127) };
        let holds = threshold.rsrp.is_none_or(|at| at <= rsrp) && threshold.rsrq.is_none_or(|at| at <= rsrq);
        range(holds, "eventThreshold", "RSRP 0..97 and RSRQ 0..34 in LTE, 0..127 in NR", CLAUSE)
    }
}

fn has_any<T: PartialEq>(of: &[T], which: &[T]) -> bool {
    of.iter().any(|value| which.contains(value))
}
