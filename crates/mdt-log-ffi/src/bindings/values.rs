//! What goes in and comes out, as records and enumerations of the other language.

use super::*;

/// Radio access technology.
#[derive(Clone, Copy, uniffi::Enum)]
pub enum RadioTechnology {
    /// E-UTRA.
    Eutra,
    /// NR.
    Nr,
    /// UTRA.
    Utra,
}

/// How entries are written.
#[derive(Clone, Copy, uniffi::Enum)]
pub enum EntryContent {
    /// LogMeasInfo-r10 in UPER.
    EutraUper,
    /// LogMeasInfo-r16 in UPER.
    NrUper,
    /// Made by `measured`.
    Cbor,
}

/// When to log.
#[derive(Clone, Copy, uniffi::Enum)]
pub enum LogTrigger {
    /// Each interval.
    Periodical,
    /// Each interval without coverage, and on the way back.
    OutOfCoverage,
    /// Each interval while the serving cell is worse than a threshold.
    EventL1 {
        /// Threshold, steps of half an index.
        threshold_half: i16,
        /// Hysteresis, steps of half a dB.
        hysteresis_half: u8,
        /// Time to trigger, ms.
        time_to_trigger_ms: u16,
    },
}

/// A cell.
#[derive(Clone, uniffi::Record)]
pub struct RadioCell {
    /// PLMN identity as on the air, 3 octets.
    pub plmn: Vec<u8>,
    /// 28 bits in E-UTRA, 36 in NR.
    pub cell: u64,
}

/// Where to log.
#[derive(Clone, uniffi::Enum)]
pub enum LogArea {
    /// Everywhere.
    Everywhere,
    /// While one of these serves.
    Cells {
        /// They.
        cells: Vec<RadioCell>,
    },
    /// While a cell of one of these tracking areas serves.
    TrackingAreas {
        /// Their codes.
        codes: Vec<u32>,
    },
}

/// A logged measurement configuration (TS 38.331 clause 5.5a.1, TS 36.331 clause 5.6.6).
#[derive(Clone, uniffi::Record)]
pub struct LoggedConfiguration {
    /// At most 8 octets.
    pub trace_reference: Vec<u8>,
    /// 2 octets.
    pub recording_session: Vec<u8>,
    /// Trace collection entity.
    pub tce_id: u8,
    /// absoluteTimeInfo: 6 octets, BCD, YY MM DD HH MM SS.
    pub absolute_time: Vec<u8>,
    /// Technology that configured it.
    pub technology: RadioTechnology,
    /// How entries are written.
    pub content: EntryContent,
    /// Logging interval, ms; 0 for infinity.
    pub interval_ms: u32,
    /// Logging duration, s.
    pub duration_s: u16,
    /// Evidence of consent, at most 64 octets.
    pub consent: Vec<u8>,
    /// When to log.
    pub trigger: LogTrigger,
    /// Where to log.
    pub area: LogArea,
    /// PLMNs where to log and to report besides the registered one, 3 octets each.
    pub plmns: Vec<Vec<u8>>,
}

/// How the phone camps.
#[derive(Clone, Copy, uniffi::Enum)]
pub enum CampingState {
    /// On a suitable cell.
    Normally,
    /// On none: it looks for any.
    AnyCellSelection,
    /// On an acceptable cell, for emergency calls.
    OnAnyCell,
    /// Connected.
    Connected,
}

/// What the modem says of where the phone is.
#[derive(Clone, uniffi::Record)]
pub struct RadioState {
    /// How it camps.
    pub camping: CampingState,
    /// Technology.
    pub technology: RadioTechnology,
    /// The registered PLMN, 3 octets.
    pub rplmn: Option<Vec<u8>>,
    /// The serving cell, or the last that was suitable.
    pub cell: Option<RadioCell>,
    /// Its tracking area code.
    pub tracking_area: Option<u32>,
    /// Quality of the serving cell for event L1, in the unit of the threshold.
    pub quality_half: Option<i16>,
}

/// Results of a cell, as the index of TS 38.133 or TS 36.133.
#[derive(Clone, Copy, uniffi::Record)]
pub struct CellResults {
    /// RSRP.
    pub rsrp: Option<u8>,
    /// RSRQ.
    pub rsrq: Option<u8>,
    /// SINR.
    pub sinr: Option<u8>,
}

/// A neighbour.
#[derive(Clone, uniffi::Record)]
pub struct NeighbourCell {
    /// ARFCN of its technology.
    pub arfcn: u32,
    /// Physical cell identity.
    pub pci: u16,
    /// Whether it is of the technology of the serving cell.
    pub same_technology: bool,
    /// What was measured.
    pub results: CellResults,
}

/// A measurement.
#[derive(uniffi::Record)]
pub struct PhoneMeasurement {
    /// The serving cell; nothing in any cell selection.
    pub serving: Option<RadioCell>,
    /// What was measured of it.
    pub serving_results: CellResults,
    /// ARFCN of the serving cell, or of the last that was.
    pub serving_arfcn: u32,
    /// Neighbours, the best ranked first.
    pub neighbours: Vec<NeighbourCell>,
    /// A shape of TS 23.032, at most 91 octets.
    pub location: Option<Vec<u8>>,
    /// When the location was determined, ms since the phone started.
    pub location_ms: u64,
}

/// What happens to a phone.
#[derive(Clone, Copy, uniffi::Enum)]
pub enum PhoneEvent {
    /// A configuration arrived in another technology.
    ConfiguredElsewhere,
    /// Power off.
    PowerOff,
    /// Deregistration.
    Detach,
    /// Time went on: to be said at `deadline_ms` of the overview at the latest.
    Tick,
    /// The user clears the log.
    Clear,
    /// The user opts out, for good.
    OptOut,
    /// The user, and nobody else, lifts the opt-out.
    OptIn,
    /// The user ends a pause.
    Resume,
    /// The register knows of the opt-out.
    RegisterTold,
}

/// What the driver must do.
#[derive(Clone, Copy, uniffi::Enum)]
pub enum DriverRequest {
    /// Measure now, and call `entry` or `measured` before anything else.
    Measure {
        /// relativeTimeStamp, s.
        relative_s: u16,
        /// Whether in any cell selection.
        any_cell_selection: bool,
    },
    /// The configuration was refused: the user opted out.
    RefusedOptedOut,
    /// The configuration was refused: a value is outside its range.
    RefusedUnsound,
    /// The configuration was refused: the key list has no valid key of its collection entity.
    RefusedUnknownCollector,
    /// Tell the register of the opt-out by `consent_reference`, then say `RegisterTold`.
    TellRegister,
}

/// What a report is of.
#[derive(Clone, Copy, uniffi::Enum)]
pub enum ReportKind {
    /// A radio link failure.
    RadioLinkFailure,
    /// A failure of connection establishment or resume.
    ConnectionFailure,
}

/// Where the phone stands.
#[derive(Clone, Copy, uniffi::Enum)]
pub enum LogPhase {
    /// No job, no log.
    Idle,
    /// A job runs.
    Logging,
    /// The job ended, its log waits to be fetched.
    Kept,
    /// The user opted out.
    OptedOut,
}

/// What may be shown to the user: counts.
#[derive(Clone, uniffi::Record)]
pub struct LogOverview {
    /// Where the phone stands.
    pub phase: LogPhase,
    /// Whether the log may be fetched here (logMeasAvailable).
    pub available: bool,
    /// Whether the vault could not be read at the start and the user must decide anew.
    pub undecided: bool,
    /// Until when it is paused, ms since the phone started.
    pub paused_until_ms: Option<u64>,
    /// When to say `Tick` at the latest, ms since the phone started.
    pub deadline_ms: Option<u64>,
    /// Records since the program started.
    pub records: u32,
    /// Sealed octets of the log.
    pub octets: u32,
    /// Segments.
    pub segments: u32,
    /// Reports of failures.
    pub reports: u32,
}

/// A piece of what is uploaded.
#[derive(Clone, uniffi::Record)]
pub struct SealedPiece {
    /// The epoch, 16 octets.
    pub epoch: Vec<u8>,
    /// The segment or report, 16 octets.
    pub segment: Vec<u8>,
    /// Where in it the piece begins.
    pub offset: u32,
    /// Octets of the whole segment or report: with its last piece goes the unlock message.
    pub of: u32,
    /// Sealed octets.
    pub octets: Vec<u8>,
}

/// Something of this phone that a collector has.
#[derive(Clone, uniffi::Record)]
pub struct LogSubmission {
    /// The segment or report, 16 octets.
    pub segment: Vec<u8>,
    /// The token that erases or exports it there, 32 octets: keep it in a protected place.
    pub token: Vec<u8>,
}

/// What a receipt did.
#[derive(Clone, uniffi::Record)]
pub struct LogDelivery {
    /// What it names.
    pub submissions: Vec<LogSubmission>,
    /// Whether the user cleared in the meantime: the tokens erase at the collector what had reached it.
    pub cleared_meanwhile: bool,
}

fn octets<const N: usize>(given: &[u8]) -> Result<[u8; N], Refusal> {
    given.try_into().map_err(|_| Refusal::Argument)
}

impl TryFrom<&RadioCell> for CellId {
    type Error = Refusal;

    fn try_from(given: &RadioCell) -> Result<Self, Refusal> {
        Ok(Self { plmn: octets(&given.plmn)?, cell: given.cell })
    }
}

impl From<RadioTechnology> for Rat {
    fn from(given: RadioTechnology) -> Self {
        match given {
            RadioTechnology::Eutra => Self::Eutra,
            RadioTechnology::Nr => Self::Nr,
            RadioTechnology::Utra => Self::Utra,
        }
    }
}

impl From<EntryContent> for Content {
    fn from(given: EntryContent) -> Self {
        match given {
            EntryContent::EutraUper => Self::EutraUper,
            EntryContent::NrUper => Self::NrUper,
            EntryContent::Cbor => Self::Cbor,
        }
    }
}

impl TryFrom<LoggedConfiguration> for Configuration {
    type Error = Refusal;

    fn try_from(given: LoggedConfiguration) -> Result<Self, Refusal> {
        fits(&given.trace_reference, &given.consent)?;
        Ok(Self {
            job: JobReference {
                trace_reference: given.trace_reference,
                recording_session: octets(&given.recording_session)?,
                tce_id: given.tce_id,
                rat: given.technology.into(),
                absolute_time: octets(&given.absolute_time)?,
                interval_ms: given.interval_ms,
                duration_s: given.duration_s,
            },
            content: given.content.into(),
            consent: given.consent,
            trigger: match given.trigger {
                LogTrigger::Periodical => Trigger::Periodical,
                LogTrigger::OutOfCoverage => Trigger::OutOfCoverage,
                LogTrigger::EventL1 { threshold_half, hysteresis_half, time_to_trigger_ms } => {
                    Trigger::EventL1 { threshold_half, hysteresis_half, time_to_trigger_ms }
                }
            },
            area: match given.area {
                LogArea::Everywhere => Area::Any,
                LogArea::Cells { cells } => Area::Cells(cells.iter().map(CellId::try_from).collect::<Result<_, _>>()?),
                LogArea::TrackingAreas { codes } => Area::TrackingAreas(codes),
            },
            plmns: given.plmns.iter().map(|plmn| Ok(octets::<3>(plmn)?.into())).collect::<Result<_, Refusal>>()?,
        })
    }
}

impl TryFrom<RadioState> for Radio {
    type Error = Refusal;

    fn try_from(given: RadioState) -> Result<Self, Refusal> {
        Ok(Self {
            camping: match given.camping {
                CampingState::Normally => Camping::Normally,
                CampingState::AnyCellSelection => Camping::AnyCellSelection,
                CampingState::OnAnyCell => Camping::OnAnyCell,
                CampingState::Connected => Camping::Connected,
            },
            rat: given.technology.into(),
            rplmn: given.rplmn.map(|plmn| octets(&plmn)).transpose()?,
            cell: given.cell.as_ref().map(CellId::try_from).transpose()?,
            tracking_area: given.tracking_area,
            quality_half: given.quality_half,
        })
    }
}

impl From<CellResults> for Results {
    fn from(given: CellResults) -> Self {
        Self { rsrp: given.rsrp, rsrq: given.rsrq, sinr: given.sinr }
    }
}

impl TryFrom<PhoneMeasurement> for Measurement {
    type Error = Refusal;

    fn try_from(mut given: PhoneMeasurement) -> Result<Self, Refusal> {
        let serving = given.serving.as_ref().map(CellId::try_from).transpose()?;
        if let Some(location) = given.location.as_mut().filter(|location| location.len() > MAX_LOCATION) {
            location.zeroize();
            return Err(Refusal::Argument);
        }
        let neighbour = |of: &NeighbourCell| Neighbour {
            arfcn: of.arfcn,
            pci: of.pci,
            same_rat: of.same_technology,
            results: of.results.into(),
        };
        Ok(Self {
            serving: serving.map(|serving| (serving, given.serving_results.into())),
            serving_arfcn: given.serving_arfcn,
            neighbours: given.neighbours.iter().map(neighbour).collect(),
            location: given.location.map(|location| (location, given.location_ms)),
        })
    }
}

impl From<PhoneEvent> for Event {
    fn from(given: PhoneEvent) -> Self {
        match given {
            PhoneEvent::ConfiguredElsewhere => Self::ConfiguredElsewhere,
            PhoneEvent::PowerOff => Self::PowerOff,
            PhoneEvent::Detach => Self::Detach,
            PhoneEvent::Tick => Self::Tick,
            PhoneEvent::Clear => Self::Clear,
            PhoneEvent::OptOut => Self::OptOut,
            PhoneEvent::OptIn => Self::OptIn,
            PhoneEvent::Resume => Self::Resume,
            PhoneEvent::RegisterTold => Self::RegisterTold,
        }
    }
}

impl From<Request> for DriverRequest {
    fn from(request: Request) -> Self {
        match request {
            Request::Measure { relative_s, any_cell_selection } => Self::Measure { relative_s, any_cell_selection },
            Request::RefusedOptedOut => Self::RefusedOptedOut,
            Request::RefusedUnsound => Self::RefusedUnsound,
            Request::RefusedUnknownCollector => Self::RefusedUnknownCollector,
            Request::TellRegister => Self::TellRegister,
        }
    }
}

impl From<Phase> for LogPhase {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Idle => Self::Idle,
            Phase::Logging => Self::Logging,
            Phase::Kept => Self::Kept,
            Phase::OptedOut => Self::OptedOut,
        }
    }
}
