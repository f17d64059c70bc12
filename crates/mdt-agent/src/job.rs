//! The job: what is to be logged, as the logged part of a TraceJob (TS 28.623), read from a file.
//!
//! Read apart from crate `mdt`, which is the collector's: that would bring what opens a log along. A test reads the same files by both.

use crate::quantity::Quantity;
use lcs::PlmnId;
use mdt_log::machine::{Area, CellId, Configuration, MAX_CELLS, MAX_PLMNS, MAX_TRACKING_AREAS, Trigger};
use mdt_log::{Content, JobReference, MAX_CONSENT_REFERENCE, Rat};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// Longest file of a job, octets.
const LONGEST: usize = 64 << 10;

/// Why a job is not taken. Never repeats a value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JobError {
    /// No JSON of a TraceJob, or with an attribute or value that is not known here.
    #[error("no TraceJob of logged MDT at line {line}, column {column}: JSON, an attribute's name or its value")]
    Malformed {
        /// Line.
        line: usize,
        /// Column.
        column: usize,
    },
    /// A value is missing, out of its range, or contradicts another.
    #[error("{attribute} must be {wanted} ({clause})")]
    Value {
        /// Which.
        attribute: &'static str,
        /// What it must be.
        wanted: &'static str,
        /// Who says so.
        clause: &'static str,
    },
    /// The reference of the consent.
    #[error("the consent reference must be hexadecimal digits, 64 octets at most, in the first line of its file")]
    Consent,
}

fn wrong(attribute: &'static str, wanted: &'static str, clause: &'static str) -> JobError {
    JobError::Value { attribute, wanted, clause }
}

const DURATIONS: [(&str, u16); 6] =
    [("600s", 600), ("1200s", 1200), ("2400s", 2400), ("3600s", 3600), ("5400s", 5400), ("7200s", 7200)];
const INTERVALS: [(&str, u32); 8] = [
    ("1.28s", 1280),
    ("2.56s", 2560),
    ("5.12s", 5120),
    ("10.24s", 10_240),
    ("20.48s", 20_480),
    ("30.72s", 30_720),
    ("40.96s", 40_960),
    ("61.44s", 61_440),
];
/// Those of NR alone.
const NR_INTERVALS: [(&str, u32); 3] = [("0.32s", 320), ("0.64s", 640), ("INFINITY", 0)];
const TIMES_TO_TRIGGER: [u16; 16] = [0, 40, 64, 80, 100, 128, 160, 256, 320, 480, 512, 640, 1024, 1280, 2560, 5120];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Network {
    mcc: String,
    mnc: String,
}

impl Network {
    fn plmn(&self) -> Option<PlmnId> {
        PlmnId::new(&self.mcc, &self.mnc)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Reference {
    mcc: String,
    mnc: String,
    trace_id: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Intervals {
    #[serde(rename = "LTE", default)]
    lte: Vec<String>,
    #[serde(rename = "NR", default)]
    nr: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Threshold {
    #[serde(rename = "RSRP")]
    rsrp: Option<u8>,
    #[serde(rename = "RSRQ")]
    rsrq: Option<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Logged {
    trace_collection_entity_id: u8,
    logging_duration: String,
    logging_interval: Intervals,
    report_type: Option<String>,
    event_list_for_event_triggered_measurement: Option<String>,
    #[serde(rename = "eventThresholdL1")]
    event_threshold_l1: Option<Threshold>,
    #[serde(rename = "hysteresisL1")]
    hysteresis_l1: Option<u8>,
    #[serde(rename = "timeToTriggerL1")]
    time_to_trigger_l1: Option<String>,
    #[serde(default)]
    plmn_list: Vec<Network>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Mdt {
    /// The collector's affair: nothing about who is ever in a log.
    #[serde(rename = "anonymizationOfMdtData")]
    _anonymization: Option<String>,
    #[serde(default)]
    area_scope: Vec<Vec<String>>,
    #[serde(rename = "loggedMDTConfig")]
    logged: Logged,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Told {
    job_type: String,
    trace_reference: Reference,
    plmn_target: Option<Network>,
    mdt_config: Mdt,
}

/// A job.
pub struct Job {
    trace: [u8; 6],
    name: String,
    tce_id: u8,
    duration_s: u16,
    lte: Option<(u32, Trigger)>,
    nr: Option<(u32, Trigger)>,
    quantity: Option<Quantity>,
    lte_area: Option<Area>,
    nr_area: Option<Area>,
    plmns: Vec<[u8; 3]>,
    consent: Vec<u8>,
    digest: [u8; 32],
}

impl Job {
    /// Reads a TraceJob in JSON, and the reference of the consent that goes with it, if one does.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn read(text: &[u8], consent: Option<&[u8]>) -> Result<Self, JobError> {
        if text.len() > LONGEST {
            return Err(JobError::Malformed { line: 0, column: 0 });
        }
        let told: Told = serde_json::from_slice(text)
            .map_err(|error| JobError::Malformed { line: error.line(), column: error.column() })?;
        if told.job_type != "LOGGED_MDT_ONLY" {
            return Err(wrong("jobType", "LOGGED_MDT_ONLY", "TS 32.422 clause 5.9a"));
        }
        let Told { trace_reference: reference, plmn_target, mdt_config: Mdt { area_scope, logged, .. }, .. } = told;
        const REFERENCE: &str = "TS 32.422 clause 5.6";
        let asked = PlmnId::new(&reference.mcc, &reference.mnc).ok_or(wrong(
            "traceReference",
            "MCC, MNC and three octets",
            REFERENCE,
        ))?;
        let [id_a, id_b, id_c] = hex(&reference.trace_id).and_then(|id| <[u8; 3]>::try_from(id).ok()).ok_or(wrong(
            "traceReference",
            "MCC, MNC and three octets",
            REFERENCE,
        ))?;
        let [a, b, c] = asked.octets();
        let target = match plmn_target {
            None => asked,
            Some(target) => target.plmn().ok_or(wrong("plmnTarget", "MCC and MNC", "TS 32.422 clause 5.9b"))?,
        };
        let duration = DURATIONS.iter().find(|(word, _)| *word == logged.logging_duration);
        let (_, duration_s) =
            duration.ok_or(wrong("loggingDuration", "one of 600s to 7200s", "TS 32.422 clause 5.10.9"))?;
        let (lte, nr) = intervals(&logged.logging_interval)?;
        let (lte_trigger, nr_trigger, quantity) = trigger(&logged)?;
        if nr == Some(0) && nr_trigger != Trigger::OutOfCoverage {
            return Err(wrong(
                "loggingInterval of infinity",
                "with the event of no coverage",
                "TS 32.422 clause 5.10.8",
            ));
        }
        let (lte_area, nr_area) = areas(&area_scope, target)?;
        let consent = match consent {
            None => Vec::new(),
            Some(text) => consent_reference(text)?,
        };
        let mut digest = Sha256::new();
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
        digest.update(&consent);
        Ok(Self {
            trace: [a, b, c, id_a, id_b, id_c],
            name: format!("{asked}-{}", reference.trace_id.to_ascii_lowercase()),
            tce_id: logged.trace_collection_entity_id,
            duration_s: *duration_s,
            lte: lte.zip(lte_trigger),
            nr: nr.map(|interval_ms| (interval_ms, nr_trigger)),
            quantity,
            lte_area,
            nr_area,
            plmns: plmns(&logged.plmn_list)?,
            consent,
            digest: digest.finalize().into(),
        })
    }

    /// Its trace reference, as the collector's commands take it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The collection entity that its log goes to.
    #[must_use]
    pub fn tce_id(&self) -> u8 {
        self.tce_id
    }

    /// What tells it from another, consent included.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// The quantity of its threshold.
    #[must_use]
    pub fn quantity(&self) -> Option<Quantity> {
        self.quantity
    }

    /// The reference of the consent; empty without one.
    #[must_use]
    pub fn consent(&self) -> &[u8] {
        &self.consent
    }

    /// As it is taken in a radio technology at a time; nothing where it says nothing for that technology.
    #[must_use]
    pub fn configuration(&self, rat: Rat, session: [u8; 2], now_s: u64) -> Option<Configuration> {
        let (timing, area) = match rat {
            Rat::Eutra => (self.lte, self.lte_area.clone()),
            Rat::Nr => (self.nr, self.nr_area.clone()),
            Rat::Utra => (None, None),
        };
        let ((interval_ms, trigger), area) = timing.zip(area)?;
        Some(Configuration {
            job: JobReference {
                trace_reference: self.trace.to_vec(),
                recording_session: session,
                tce_id: self.tce_id,
                rat,
                absolute_time: bcd(now_s)?,
                interval_ms,
                duration_s: self.duration_s,
            },
            content: Content::Cbor,
            consent: self.consent.clone(),
            trigger,
            area,
            plmns: self.plmns.iter().map(|plmn| (*plmn).into()).collect(),
        })
    }
}

/// Two digits each of year, month, day, hour, minute and second, UTC (`absoluteTimeInfo`, TS 38.331 clause 6.3.4).
fn bcd(now_s: u64) -> Option<[u8; 6]> {
    let time = jiff::Timestamp::from_second(i64::try_from(now_s).ok()?).ok()?.to_string();
    let digits: Vec<u8> = time.get(2..19)?.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    let octets: Vec<u8> =
        digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |sum, digit| sum << 4 | digit)).collect();
    octets.try_into().ok()
}

fn intervals(told: &Intervals) -> Result<(Option<u32>, Option<u32>), JobError> {
    const CLAUSE: &str = "TS 32.422 clause 5.10.8";
    let one = |words: &[String], also: &[(&str, u32)]| match words {
        [] => Ok(None),
        [word] => INTERVALS.iter().chain(also).find(|(known, _)| known == word).map(|(_, ms)| Some(*ms)).ok_or(wrong(
            "loggingInterval",
            "one of those of its technology",
            CLAUSE,
        )),
        _ => Err(wrong("loggingInterval", "one for each technology", CLAUSE)),
    };
    let both = (one(&told.lte, &[])?, one(&told.nr, &NR_INTERVALS)?);
    if both == (None, None) { Err(wrong("loggingInterval", "there for LTE or NR", CLAUSE)) } else { Ok(both) }
}

/// When to log in LTE, where the threshold is one of LTE, and in NR; and the quantity that is compared.
fn trigger(logged: &Logged) -> Result<(Option<Trigger>, Trigger, Option<Quantity>), JobError> {
    const CLAUSE: &str = "TS 32.422 clause 5.10.28";
    let on_event = match logged.report_type.as_deref() {
        None | Some("PERIODICAL") => false,
        Some("EVENT_TRIGGERED" | "EVENT_TRIGGED") => true,
        Some(_) => return Err(wrong("reportType", "PERIODICAL or EVENT_TRIGGERED", "TS 32.422 clause 5.10.27")),
    };
    match (on_event, logged.event_list_for_event_triggered_measurement.as_deref()) {
        (false, None) => return Ok((Some(Trigger::Periodical), Trigger::Periodical, None)),
        (true, Some("OUT_OF_COVERAGE" | "OUT_OF_COVERAG")) => {
            return Ok((Some(Trigger::OutOfCoverage), Trigger::OutOfCoverage, None));
        }
        (true, Some("A2_EVENT")) => {}
        _ => {
            let (attribute, wanted) =
                ("eventListForEventTriggeredMeasurement", "one event, where reportType wants one");
            return Err(wrong(attribute, wanted, CLAUSE));
        }
    }
    let threshold = match &logged.event_threshold_l1 {
        Some(Threshold { rsrp: Some(index @ 0..=127), rsrq: None }) => Some((Quantity::Rsrp, *index)),
        Some(Threshold { rsrp: None, rsrq: Some(index @ 0..=127) }) => Some((Quantity::Rsrq, *index)),
        _ => None,
    };
    let (quantity, index) = threshold.ok_or(wrong("eventThresholdL1", "RSRP or RSRQ, 0..127", CLAUSE))?;
    let hysteresis_half = logged.hysteresis_l1.filter(|value| *value <= 30);
    let hysteresis_half = hysteresis_half.ok_or(wrong("hysteresisL1", "0..30", CLAUSE))?;
    let time = logged.time_to_trigger_l1.as_deref().and_then(|word| word.strip_suffix("ms")?.parse().ok());
    let time_to_trigger_ms = time.filter(|ms| TIMES_TO_TRIGGER.contains(ms));
    let time_to_trigger_ms = time_to_trigger_ms.ok_or(wrong("timeToTriggerL1", "one of 0ms to 5120ms", CLAUSE))?;
    let of = |threshold_half| Trigger::EventL1 { threshold_half, hysteresis_half, time_to_trigger_ms };
    let index_half = i16::from(index);
    // The index counts from -140 dBm and -20 dB in LTE, from -156 dBm and -43.5 dB in NR; in steps of 1 dBm and of half a dB.
    let (lte, nr) = match quantity {
        Quantity::Rsrp => ((index <= 97).then(|| of(2 * (index_half - 140))), of(2 * (index_half - 156))),
        Quantity::Rsrq => ((index <= 34).then(|| of(index_half - 40)), of(index_half - 87)),
    };
    Ok((lte, nr, Some(quantity)))
}

/// The area in LTE and in NR; none in a technology whose codes these are not.
fn areas(scope: &[Vec<String>], network: PlmnId) -> Result<(Option<Area>, Option<Area>), JobError> {
    let unsound = wrong(
        "areaScope",
        "one list, of 1..32 cells or 1..8 tracking area codes, all of 7 or 4 (LTE) or 9 or 6 (NR) digits",
        "TS 32.422 clause 5.10.2",
    );
    let codes = match scope {
        [] => return Ok((Some(Area::Any), Some(Area::Any))),
        [codes] => codes,
        _ => return Err(unsound),
    };
    let length = codes.first().map_or(0, String::len);
    let value = |code: &String| {
        let sound = code.len() == length && code.bytes().all(|digit| digit.is_ascii_hexdigit());
        sound.then(|| u64::from_str_radix(code, 16).ok()).flatten()
    };
    let values = codes.iter().map(value).collect::<Option<Vec<u64>>>().ok_or(unsound.clone())?;
    let cells = || Area::Cells(values.iter().map(|cell| CellId { plmn: network.octets(), cell: *cell }).collect());
    let codes = || Area::TrackingAreas(values.iter().filter_map(|code| u32::try_from(*code).ok()).collect());
    match (length, values.len()) {
        (7, 1..=MAX_CELLS) => Ok((Some(cells()), None)),
        (9, 1..=MAX_CELLS) => Ok((None, Some(cells()))),
        (4, 1..=MAX_TRACKING_AREAS) => Ok((Some(codes()), None)),
        (6, 1..=MAX_TRACKING_AREAS) => Ok((None, Some(codes()))),
        _ => Err(unsound),
    }
}

fn plmns(list: &[Network]) -> Result<Vec<[u8; 3]>, JobError> {
    let plmns: Option<Vec<_>> = list.iter().map(|network| network.plmn().map(PlmnId::octets)).collect();
    plmns.filter(|plmns| plmns.len() <= MAX_PLMNS).ok_or(wrong(
        "plmnList",
        "at most 16 of MCC and MNC",
        "TS 32.422 clause 5.10.24",
    ))
}

/// The reference of a consent as `wherefore mdt reference` prints it: digits in the first line.
///
/// # Errors
/// [`JobError::Consent`].
pub fn consent_reference(text: &[u8]) -> Result<Vec<u8>, JobError> {
    let line = std::str::from_utf8(text).ok().and_then(|text| text.lines().next()).unwrap_or_default();
    hex(line.trim()).filter(|octets| (1..=MAX_CONSENT_REFERENCE).contains(&octets.len())).ok_or(JobError::Consent)
}

/// Octets of hexadecimal digits, two each.
#[must_use]
pub fn hex(text: &str) -> Option<Vec<u8>> {
    let sound = text.len().is_multiple_of(2) && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    let octets = || (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect();
    sound.then(octets).flatten()
}

#[cfg(test)]
mod tests;
