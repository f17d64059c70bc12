//! What C sees: numbers, and structures of numbers and pointers. Enumerations that come from C are numbers, because C may give any.

use core::ffi::c_void;

/// What a call came to.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum MdtOutcome {
    /// It was done.
    Ok = 0,
    /// A value is outside its range, or a pointer is null.
    Argument = 1,
    /// Another call runs on this phone, in another thread or around the callback that this one was made from.
    Busy = 2,
    /// The entry or report is too long: 2046 octets at most.
    TooLong = 3,
    /// Nothing waits, the registered network is not one where it may be uploaded, or no such piece was given.
    NothingToUpload = 4,
    /// The random source failed. Nothing was done.
    Random = 5,
    /// The storage or the vault failed. What had to be destroyed may not be: clear again.
    Storage = 6,
    /// The storage is full.
    Full = 7,
    /// The vault's record is of another version.
    Vault = 8,
    /// The key list is malformed, or no root signed it.
    KeyListForged = 9,
    /// A newer key list was seen.
    KeyListOlder = 10,
    /// The key list expired.
    KeyListExpired = 11,
    /// The key list has no valid key of the collection entity.
    Collector = 12,
    /// The receipt is malformed, or no key of the list signed it.
    ReceiptForged = 13,
    /// The library failed.
    Internal = 14,
    /// The buffer is too small.
    Room = 15,
}

/// A callback did it.
pub const MDT_PORT_OK: i32 = 0;
/// There is no room.
pub const MDT_PORT_FULL: i32 = 1;
/// There is no such object or record.
pub const MDT_PORT_MISSING: i32 = 2;
/// It failed. Every other number means the same.
pub const MDT_PORT_FAILED: i32 = 3;

/// What the phone brings. None may be null but `context`, which is given to each. None may call this library for the same phone.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MdtPorts {
    /// Whatever the callbacks need.
    pub context: *mut c_void,
    /// Milliseconds since the phone started, sleep included.
    pub now_ms: Option<unsafe extern "C" fn(context: *mut c_void) -> u64>,
    /// Seconds since 1970.
    pub now_s: Option<unsafe extern "C" fn(context: *mut c_void) -> u64>,
    /// Fills `into` with octets that nobody can guess.
    pub random: Option<unsafe extern "C" fn(context: *mut c_void, into: *mut u8, octets: usize) -> i32>,
    /// Writes the numbers of all objects, `room` at most, and how many there are in all; is asked again with more room.
    pub objects:
        Option<unsafe extern "C" fn(context: *mut c_void, into: *mut u32, room: usize, count: *mut usize) -> i32>,
    /// Octets of an object.
    pub len: Option<unsafe extern "C" fn(context: *mut c_void, object: u32, octets: *mut u32) -> i32>,
    /// Reads from `offset` on; writes how many octets there were, fewer than `room` at the end of the object only.
    pub read: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            object: u32,
            offset: u32,
            into: *mut u8,
            room: usize,
            octets: *mut usize,
        ) -> i32,
    >,
    /// Appends; the object begins with its first octets.
    pub append: Option<unsafe extern "C" fn(context: *mut c_void, object: u32, octets: *const u8, count: usize) -> i32>,
    /// Makes durable what was appended.
    pub flush: Option<unsafe extern "C" fn(context: *mut c_void, object: u32) -> i32>,
    /// Overwrites and removes an object, durably. One that is not there is no error.
    pub erase: Option<unsafe extern "C" fn(context: *mut c_void, object: u32) -> i32>,
    /// Reads the record of the protected store, below 4096 octets, and its length; `MDT_PORT_MISSING` if there is none.
    pub vault_load:
        Option<unsafe extern "C" fn(context: *mut c_void, into: *mut u8, room: usize, octets: *mut usize) -> i32>,
    /// Replaces the record, at once and durably. The old one can then not be had back.
    pub vault_replace: Option<unsafe extern "C" fn(context: *mut c_void, octets: *const u8, count: usize) -> i32>,
}

/// 64 KiB of entries and more.
pub const MDT_PROFILE_STANDARD: u32 = 0;
/// 16 KiB of entries and more, for devices of reduced capability.
pub const MDT_PROFILE_REDUCED: u32 = 1;

/// What a phone is told when its program starts.
#[repr(C)]
pub struct MdtStart {
    /// `MDT_PROFILE_…`.
    pub profile: u32,
    /// Drawn at each boot of the phone, the same until the next.
    pub boot: [u8; 16],
    /// Ed25519 public keys that may sign the key list, 32 octets each.
    pub roots: *const u8,
    /// How many.
    pub roots_count: usize,
    /// The signed key list.
    pub key_list: *const u8,
    /// Octets of it.
    pub key_list_octets: usize,
    /// Version of the key list that was taken last, 0 at first.
    pub key_list_version: u64,
}

/// E-UTRA.
pub const MDT_RAT_EUTRA: u32 = 0;
/// NR.
pub const MDT_RAT_NR: u32 = 1;
/// UTRA.
pub const MDT_RAT_UTRA: u32 = 2;

/// Entries are LogMeasInfo-r10 in UPER.
pub const MDT_CONTENT_EUTRA_UPER: u32 = 1;
/// Entries are LogMeasInfo-r16 in UPER.
pub const MDT_CONTENT_NR_UPER: u32 = 2;
/// Entries are made by mdt_measured.
pub const MDT_CONTENT_CBOR: u32 = 3;

/// Each interval.
pub const MDT_TRIGGER_PERIODICAL: u32 = 0;
/// Each interval without coverage, and on the way back.
pub const MDT_TRIGGER_OUT_OF_COVERAGE: u32 = 1;
/// Each interval while the serving cell is worse than a threshold.
pub const MDT_TRIGGER_EVENT_L1: u32 = 2;

/// A cell.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MdtCell {
    /// PLMN identity as on the air (TS 24.008 clause 10.5.1.3).
    pub plmn: [u8; 3],
    /// 28 bits in E-UTRA, 36 in NR.
    pub cell: u64,
}

/// A logged measurement configuration (TS 38.331 clause 5.5a.1, TS 36.331 clause 5.6.6).
#[repr(C)]
pub struct MdtConfiguration {
    /// Trace reference, at most 8 octets.
    pub trace_reference: *const u8,
    /// Octets of it.
    pub trace_reference_octets: usize,
    /// Trace recording session reference.
    pub recording_session: [u8; 2],
    /// Trace collection entity.
    pub tce_id: u8,
    /// absoluteTimeInfo: BCD, YY MM DD HH MM SS.
    pub absolute_time: [u8; 6],
    /// `MDT_RAT_…`.
    pub rat: u32,
    /// `MDT_CONTENT_…`.
    pub content: u32,
    /// Logging interval, ms; 0 for infinity.
    pub interval_ms: u32,
    /// Logging duration, s.
    pub duration_s: u16,
    /// Evidence of consent, at most 64 octets.
    pub consent: *const u8,
    /// Octets of it.
    pub consent_octets: usize,
    /// `MDT_TRIGGER_…`.
    pub trigger: u32,
    /// Of event L1: threshold, steps of half an index.
    pub threshold_half: i16,
    /// Of event L1: hysteresis, steps of half a dB.
    pub hysteresis_half: u8,
    /// Of event L1: time to trigger, ms.
    pub time_to_trigger_ms: u16,
    /// The area, as cells; null and 0 otherwise. With neither cells nor tracking areas: everywhere.
    pub cells: *const MdtCell,
    /// How many.
    pub cells_count: usize,
    /// The area, as tracking area codes; null and 0 otherwise.
    pub tracking_areas: *const u32,
    /// How many.
    pub tracking_areas_count: usize,
    /// PLMNs where to log and to report besides the registered one, three octets each.
    pub plmns: *const u8,
    /// How many.
    pub plmns_count: usize,
}

/// Camped on a suitable cell.
pub const MDT_CAMPING_NORMALLY: u32 = 0;
/// Any cell selection: no coverage.
pub const MDT_CAMPING_ANY_CELL_SELECTION: u32 = 1;
/// Camped on any cell, for emergency calls.
pub const MDT_CAMPING_ON_ANY_CELL: u32 = 2;
/// Connected.
pub const MDT_CAMPING_CONNECTED: u32 = 3;

/// What the modem says of where the phone is.
#[repr(C)]
pub struct MdtRadio {
    /// `MDT_CAMPING_…`.
    pub camping: u32,
    /// `MDT_RAT_…`.
    pub rat: u32,
    /// The registered PLMN, three octets; null if there is none.
    pub rplmn: *const u8,
    /// The serving cell, or the last that was suitable; null if there is none.
    pub cell: *const MdtCell,
    /// Its tracking area code; null if it has none.
    pub tracking_area: *const u32,
    /// Quality of the serving cell for event L1, in the unit of the threshold; null if it is not known.
    pub quality_half: *const i16,
}

/// Not measured.
pub const MDT_NOT_MEASURED: i16 = -1;

/// Results of a cell, as the index of TS 38.133 or TS 36.133, or `MDT_NOT_MEASURED`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MdtResults {
    /// RSRP.
    pub rsrp: i16,
    /// RSRQ.
    pub rsrq: i16,
    /// SINR.
    pub sinr: i16,
}

/// A neighbour.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MdtNeighbour {
    /// ARFCN of its technology.
    pub arfcn: u32,
    /// Physical cell identity.
    pub pci: u16,
    /// 1 if it is of the technology of the serving cell, else 0.
    pub same_rat: u8,
    /// What was measured.
    pub results: MdtResults,
}

/// A measurement.
#[repr(C)]
pub struct MdtMeasurement {
    /// The serving cell; null in any cell selection.
    pub serving: *const MdtCell,
    /// What was measured of it.
    pub serving_results: MdtResults,
    /// ARFCN of the serving cell, or of the last that was.
    pub serving_arfcn: u32,
    /// Neighbours, the best ranked first.
    pub neighbours: *const MdtNeighbour,
    /// How many.
    pub neighbours_count: usize,
    /// Where: a shape of TS 23.032, at most 91 octets; null if it is not known.
    pub location: *const u8,
    /// Octets of it.
    pub location_octets: usize,
    /// When the location was determined, ms since the phone started.
    pub location_ms: u64,
}

/// A configuration arrived in another radio access technology.
pub const MDT_EVENT_CONFIGURED_ELSEWHERE: u32 = 0;
/// Power off.
pub const MDT_EVENT_POWER_OFF: u32 = 1;
/// Deregistration.
pub const MDT_EVENT_DETACH: u32 = 2;
/// Time went on: to be sent at deadline_ms of the overview at the latest.
pub const MDT_EVENT_TICK: u32 = 3;
/// The user clears the log.
pub const MDT_EVENT_CLEAR: u32 = 4;
/// The user opts out, for good.
pub const MDT_EVENT_OPT_OUT: u32 = 5;
/// The user, and nobody else, lifts the opt-out.
pub const MDT_EVENT_OPT_IN: u32 = 6;
/// The user ends a pause.
pub const MDT_EVENT_RESUME: u32 = 7;
/// The register knows of the opt-out.
pub const MDT_EVENT_REGISTER_TOLD: u32 = 8;

/// Nothing more is asked.
pub const MDT_REQUEST_NONE: u32 = 0;
/// Measure now, and give the entry to mdt_entry or the measurement to mdt_measured before anything else.
pub const MDT_REQUEST_MEASURE: u32 = 1;
/// The configuration was refused: the user opted out.
pub const MDT_REQUEST_REFUSED_OPTED_OUT: u32 = 2;
/// The configuration was refused: a value is outside its range.
pub const MDT_REQUEST_REFUSED_UNSOUND: u32 = 3;
/// The configuration was refused: the key list has no valid key of its collection entity.
pub const MDT_REQUEST_REFUSED_UNKNOWN_COLLECTOR: u32 = 4;
/// Tell the register of the opt-out by mdt_consent_reference, then send `MDT_EVENT_REGISTER_TOLD`.
pub const MDT_REQUEST_TELL_REGISTER: u32 = 5;

/// What the driver must do.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MdtRequest {
    /// `MDT_REQUEST_…`.
    pub kind: u32,
    /// Of a measurement: relativeTimeStamp, s.
    pub relative_s: u16,
    /// Of a measurement: 1 in any cell selection, else 0.
    pub any_cell_selection: u8,
}

/// A report of a radio link failure.
pub const MDT_REPORT_RADIO_LINK_FAILURE: u32 = 1;
/// A report of a failure of connection establishment or resume.
pub const MDT_REPORT_CONNECTION_FAILURE: u32 = 2;

/// No job, no log.
pub const MDT_PHASE_IDLE: u32 = 0;
/// A job runs.
pub const MDT_PHASE_LOGGING: u32 = 1;
/// The job ended, its log waits to be fetched.
pub const MDT_PHASE_KEPT: u32 = 2;
/// The user opted out.
pub const MDT_PHASE_OPTED_OUT: u32 = 3;

/// There is none.
pub const MDT_NEVER: u64 = u64::MAX;

/// What may be shown to the user: counts.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MdtOverview {
    /// `MDT_PHASE_…`.
    pub phase: u32,
    /// 1 if the log may be fetched here (logMeasAvailable), else 0.
    pub available: u8,
    /// 1 if the vault could not be read at the start and the user must decide anew, else 0.
    pub undecided: u8,
    /// Until when it is paused, ms since the phone started, or `MDT_NEVER`.
    pub paused_until_ms: u64,
    /// When to send `MDT_EVENT_TICK` at the latest, ms since the phone started, or `MDT_NEVER`.
    pub deadline_ms: u64,
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
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MdtPiece {
    /// Octets of the piece; 0 when there is no more.
    pub octets: usize,
    /// The epoch.
    pub epoch: [u8; 16],
    /// The segment or report.
    pub segment: [u8; 16],
    /// Where in it the piece begins.
    pub offset: u32,
    /// Octets of the whole segment or report: with its last piece goes the unlock message.
    pub of: u32,
}

/// Something of this phone that a collector has. The token erases or exports it there: keep it in a protected place.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MdtSubmission {
    /// The segment or report.
    pub segment: [u8; 16],
    /// The token.
    pub token: [u8; 32],
}

/// What a receipt did.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MdtDelivery {
    /// How many submissions there are; those beyond the room of the caller were not written.
    pub count: usize,
    /// 1 if the user cleared in the meantime: the tokens erase at the collector what had reached it. Else 0.
    pub cleared_meanwhile: u8,
}
