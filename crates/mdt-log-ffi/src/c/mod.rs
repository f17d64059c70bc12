//! The interface in C. `include/mdt_log.h` is made from this file and `types.rs`.

#[cfg(feature = "bare")]
mod bare;
mod border;
mod convert;
mod ports;
mod types;

use crate::phone::Phone;
use crate::refusal::Refusal;
use alloc::boxed::Box;
use border::{answer, structure, values, values_mut};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};
use mdt_log::log::Delivery;
use mdt_log::machine::Event;
use mdt_log::{Kind, ReportFacts};
use ports::Ports;
pub use types::*;

type Inside = Phone<Ports, Ports, Ports>;

/// A phone. C sees a pointer to it.
pub struct MdtPhone {
    /// Whether a call runs: a second one is refused, so that never two hold what is inside.
    busy: AtomicBool,
    inside: UnsafeCell<Inside>,
}

/// Does one call.
///
/// # Safety
/// `phone` is null or came from [`mdt_start`] and was not given to [`mdt_end`].
unsafe fn call(phone: *mut MdtPhone, work: impl FnOnce(&mut Inside) -> Result<(), MdtOutcome>) -> MdtOutcome {
    // SAFETY: null, or a phone that lives: the caller's promise. It is shared, and changed only as `busy` allows.
    let phone = match unsafe { structure(phone.cast_const()) } {
        Ok(phone) => phone,
        Err(refusal) => return refusal.into(),
    };
    if phone.busy.swap(true, Ordering::Acquire) {
        return MdtOutcome::Busy;
    }
    // SAFETY: `busy` was false and is true now, so no other call holds this reference. A panic does not leave an `extern "C"` function:
    // it ends the program, and nobody finds what is inside half changed.
    let done = work(unsafe { &mut *phone.inside.get() });
    phone.busy.store(false, Ordering::Release);
    done.err().unwrap_or(MdtOutcome::Ok)
}

/// Writes octets and how many there are.
///
/// # Safety
/// `into` has `room` octets that nobody else reads or writes; `count` is null or has room for a number.
unsafe fn give(octets: &[u8], into: *mut u8, room: usize, count: *mut usize) -> Result<(), MdtOutcome> {
    // SAFETY: the caller's promise.
    let into = unsafe { values_mut(into, room) }?;
    into.get_mut(..octets.len()).ok_or(MdtOutcome::Room)?.copy_from_slice(octets);
    // SAFETY: the caller's promise.
    Ok(unsafe { answer(count, octets.len()) }?)
}

/// Starts the phone's side, after a boot, a crash or an update. Writes the phone, or null if it does not start.
///
/// # Safety
/// `ports`, `start` and what they point to are as described; the callbacks do what they are described to do for as long as the phone
/// lives, from whatever thread calls this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_start(
    ports: *const MdtPorts,
    start: *const MdtStart,
    phone: *mut *mut MdtPhone,
) -> MdtOutcome {
    let begin = || {
        // Before anything is done, so that a phone is never lost.
        // SAFETY: null, or room for a pointer: the caller's promise.
        unsafe { answer(phone, core::ptr::null_mut()) }?;
        // SAFETY: as described: the caller's promise.
        let ports = Ports::new(unsafe { structure(ports) }?)?;
        // SAFETY: as described: the caller's promise.
        let start = unsafe { structure(start) }?;
        // SAFETY: `roots` and `key_list` have as many octets as is said: the caller's promise.
        let settings = unsafe { convert::settings(start) }?;
        let inside = UnsafeCell::new(Phone::start((ports, ports), ports, &settings)?);
        let made = Box::into_raw(Box::new(MdtPhone { busy: AtomicBool::new(false), inside }));
        // SAFETY: as above.
        unsafe { answer(phone, made) }
    };
    begin().map_or_else(MdtOutcome::from, |()| MdtOutcome::Ok)
}

/// Ends it. What was not flushed may be lost; nothing else.
///
/// # Safety
/// `phone` came from `mdt_start`, is not used again, and no other call runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_end(phone: *mut MdtPhone) {
    if !phone.is_null() {
        // SAFETY: it came from `Box::into_raw` and is given back once: the caller's promise.
        drop(unsafe { Box::from_raw(phone) });
    }
}

/// Takes a newer key list and writes its version, to be kept and shown at the next start.
///
/// # Safety
/// `phone` lives; `key_list` has so many octets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_renew(
    phone: *mut MdtPhone,
    key_list: *const u8,
    octets: usize,
    version: *mut u64,
) -> MdtOutcome {
    let work = |inside: &mut Inside| {
        // SAFETY: the caller's promise.
        let taken = inside.renew(unsafe { values(key_list, octets) }?)?;
        // SAFETY: null, or room for a number: the caller's promise.
        Ok(unsafe { answer(version, taken) }?)
    };
    // SAFETY: the caller's promise.
    unsafe { call(phone, work) }
}

/// A configuration arrived. What becomes of it is among the requests.
///
/// # Safety
/// `phone` lives; `configuration` is as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_configure(phone: *mut MdtPhone, configuration: *const MdtConfiguration) -> MdtOutcome {
    let work = |inside: &mut Inside| {
        // SAFETY: the caller's promise.
        let given = unsafe { structure(configuration) }?;
        // SAFETY: what it points to is as described: the caller's promise.
        let configuration = unsafe { convert::configuration(given) }?;
        Ok(inside.event(Event::Configure(Box::new(configuration)))?)
    };
    // SAFETY: the caller's promise.
    unsafe { call(phone, work) }
}

/// The modem says where the phone is.
///
/// # Safety
/// `phone` lives; `radio` is as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_radio(phone: *mut MdtPhone, radio: *const MdtRadio) -> MdtOutcome {
    let work = |inside: &mut Inside| {
        // SAFETY: the caller's promise.
        let given = unsafe { structure(radio) }?;
        // SAFETY: what it points to is as described: the caller's promise.
        Ok(inside.event(Event::Radio(unsafe { convert::radio(given) }?))?)
    };
    // SAFETY: the caller's promise.
    unsafe { call(phone, work) }
}

/// Something happened, `MDT_EVENT_…`. When the outcome is `Storage`, send it again, or `MDT_EVENT_CLEAR`, until it is `Ok`.
///
/// # Safety
/// `phone` lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_event(phone: *mut MdtPhone, event: u32) -> MdtOutcome {
    // SAFETY: the caller's promise.
    unsafe { call(phone, |inside| Ok(inside.event(convert::event(event)?)?)) }
}

/// The user wants a pause of so many milliseconds.
///
/// # Safety
/// `phone` lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_pause(phone: *mut MdtPhone, duration_ms: u64) -> MdtOutcome {
    // SAFETY: the caller's promise.
    unsafe { call(phone, |inside| Ok(inside.event(Event::Pause(duration_ms))?)) }
}

/// Writes what the driver must do next. Ask after every call until it is `MDT_REQUEST_NONE`.
///
/// # Safety
/// `phone` lives; `request` has room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_next_request(phone: *mut MdtPhone, request: *mut MdtRequest) -> MdtOutcome {
    let work = |inside: &mut Inside| {
        let next = convert::request(inside.next_request());
        // SAFETY: null, or room for one: the caller's promise.
        Ok(unsafe { answer(request, next) }?)
    };
    // SAFETY: the caller's promise.
    unsafe { call(phone, work) }
}

/// Seals the entry that was asked for; its octets are zero afterwards. Durable at once if `durable` is not 0, else by `mdt_flush`.
/// Writes 1 if it was logged, 0 if nobody asked for one or the memory is full.
///
/// # Safety
/// `phone` lives; `content` has so many octets that nobody else reads or writes; `logged` has room for one octet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_entry(
    phone: *mut MdtPhone,
    content: *mut u8,
    octets: usize,
    durable: u8,
    logged: *mut u8,
) -> MdtOutcome {
    let work = |inside: &mut Inside| {
        // SAFETY: the caller's promise.
        let sealed = inside.entry(unsafe { values_mut(content, octets) }?, durable != 0)?;
        // SAFETY: null, or room for one octet: the caller's promise.
        Ok(unsafe { answer(logged, u8::from(sealed)) }?)
    };
    // SAFETY: the caller's promise.
    unsafe { call(phone, work) }
}

/// Makes the entry that was asked for out of a measurement, for configurations with `MDT_CONTENT_CBOR`, and seals it as `mdt_entry`
/// does. The measurement stays the caller's to wipe.
///
/// # Safety
/// `phone` lives; `measurement` is as described; `logged` has room for one octet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_measured(
    phone: *mut MdtPhone,
    measurement: *const MdtMeasurement,
    durable: u8,
    logged: *mut u8,
) -> MdtOutcome {
    let work = |inside: &mut Inside| {
        // SAFETY: the caller's promise.
        let given = unsafe { structure(measurement) }?;
        // SAFETY: what it points to is as described: the caller's promise.
        let sealed = inside.measured(unsafe { convert::measurement(given) }?, durable != 0)?;
        // SAFETY: null, or room for one octet: the caller's promise.
        Ok(unsafe { answer(logged, u8::from(sealed)) }?)
    };
    // SAFETY: the caller's promise.
    unsafe { call(phone, work) }
}

/// Seals a report of a failure, `MDT_REPORT_…`, written as `content_kind`, `MDT_CONTENT_…`, says; its octets are zero afterwards. Writes
/// 1 if it was sealed, 0 if the user opted out or paused or the entity has no key.
///
/// # Safety
/// `phone` lives; `content` and `consent` have as many octets as is said, `content` such that nobody else reads or writes; `sealed` has
/// room for one octet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_report(
    phone: *mut MdtPhone,
    kind: u32,
    content_kind: u32,
    content: *mut u8,
    octets: usize,
    consent: *const u8,
    consent_octets: usize,
    tce_id: u8,
    sealed: *mut u8,
) -> MdtOutcome {
    let work = |inside: &mut Inside| {
        let kind = match kind {
            MDT_REPORT_RADIO_LINK_FAILURE => Kind::RadioLinkFailure,
            MDT_REPORT_CONNECTION_FAILURE => Kind::ConnectionFailure,
            _ => return Err(MdtOutcome::Argument),
        };
        // SAFETY: the caller's promise.
        let consent = unsafe { values(consent, consent_octets) }?.to_vec();
        let facts = ReportFacts { content: convert::content(content_kind)?, consent };
        // SAFETY: the caller's promise.
        let done = inside.report(kind, unsafe { values_mut(content, octets) }?, &facts, tce_id)?;
        // SAFETY: null, or room for one octet: the caller's promise.
        Ok(unsafe { answer(sealed, u8::from(done)) }?)
    };
    // SAFETY: the caller's promise.
    unsafe { call(phone, work) }
}

/// Makes durable what was logged.
///
/// # Safety
/// `phone` lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_flush(phone: *mut MdtPhone) -> MdtOutcome {
    // SAFETY: the caller's promise.
    unsafe { call(phone, |inside| Ok(inside.flush()?)) }
}

/// Writes what may be shown to the user.
///
/// # Safety
/// `phone` lives; `overview` has room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_overview(phone: *mut MdtPhone, overview: *mut MdtOverview) -> MdtOutcome {
    let work = |inside: &mut Inside| {
        let seen = convert::overview(inside);
        // SAFETY: null, or room for one: the caller's promise.
        Ok(unsafe { answer(overview, seen) }?)
    };
    // SAFETY: the caller's promise.
    unsafe { call(phone, work) }
}

/// Writes what the register is told an opt-out by, in a request to the collector, and its octets: 64 at most, none where no job ever
/// brought one.
///
/// # Safety
/// `phone` lives; `into` has `room` octets that nobody else reads or writes; `octets` has room for a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_consent_reference(
    phone: *mut MdtPhone,
    into: *mut u8,
    room: usize,
    octets: *mut usize,
) -> MdtOutcome {
    let work = |inside: &mut Inside| {
        // SAFETY: the caller's promise.
        unsafe { give(inside.consent_reference(), into, room, octets) }
    };
    // SAFETY: the caller's promise.
    unsafe { call(phone, work) }
}

/// Begins an upload, or begins it again. What is logged from now on belongs to the next.
///
/// # Safety
/// `phone` lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_upload(phone: *mut MdtPhone) -> MdtOutcome {
    // SAFETY: the caller's promise.
    unsafe { call(phone, |inside| Ok(inside.upload()?)) }
}

/// Writes the next piece, oldest first, and what it is. Sealed octets stay on the phone until a receipt.
///
/// # Safety
/// `phone` lives; `into` has `room` octets that nobody else reads or writes; `piece` has room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_next_piece(
    phone: *mut MdtPhone,
    into: *mut u8,
    room: usize,
    piece: *mut MdtPiece,
) -> MdtOutcome {
    let work = |inside: &mut Inside| {
        // SAFETY: the caller's promise.
        let into = unsafe { values_mut(into, room) }?;
        if into.is_empty() {
            return Err(MdtOutcome::Room);
        }
        let part = inside.piece(into.len())?;
        if let Some(part) = part {
            into.get_mut(..part.octets.len()).ok_or(MdtOutcome::Internal)?.copy_from_slice(&part.octets);
        }
        // SAFETY: null, or room for one: the caller's promise.
        Ok(unsafe { answer(piece, convert::piece(part)) }?)
    };
    // SAFETY: the caller's promise.
    unsafe { call(phone, work) }
}

/// Writes the unlock message for the segment or report of the last piece, and its octets. For the connection to the collector only,
/// never for storage. 2048 octets are room enough.
///
/// # Safety
/// `phone` lives; `into` has `room` octets that nobody else reads or writes; `octets` has room for a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_unlock(
    phone: *mut MdtPhone,
    into: *mut u8,
    room: usize,
    octets: *mut usize,
) -> MdtOutcome {
    let work = |inside: &mut Inside| {
        // SAFETY: the caller's promise.
        unsafe { give(&inside.unlock()?, into, room, octets) }
    };
    // SAFETY: the caller's promise.
    unsafe { call(phone, work) }
}

/// Takes a receipt: what is delivered is erased. Writes what it did, and a submission for each segment or report that it names, `room`
/// at most; a receipt names 1024 at most. The same receipt again does nothing.
///
/// # Safety
/// `phone` lives; `receipt` has so many octets; `submissions` has room for `room` of them that nobody else reads or writes; `delivery`
/// has room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mdt_received(
    phone: *mut MdtPhone,
    receipt: *const u8,
    octets: usize,
    submissions: *mut MdtSubmission,
    room: usize,
    delivery: *mut MdtDelivery,
) -> MdtOutcome {
    let work = |inside: &mut Inside| {
        // SAFETY: the caller's promise. It comes before the receipt is taken: tokens must not be lost.
        let into = unsafe { values_mut(submissions, room) }?;
        // SAFETY: null, or room for one: the caller's promise.
        unsafe { answer(delivery, MdtDelivery { count: 0, cleared_meanwhile: 0 }) }?;
        // SAFETY: the caller's promise.
        let done = inside.received(unsafe { values(receipt, octets) }?)?;
        let (named, cleared) = match &done {
            Delivery::Delivered(named) => (named, 0),
            Delivery::ClearedMeanwhile(named) => (named, 1),
        };
        for (to, from) in into.iter_mut().zip(named) {
            *to = MdtSubmission { segment: from.segment.0, token: from.token.0 };
        }
        // SAFETY: null, or room for one: the caller's promise.
        Ok(unsafe { answer(delivery, MdtDelivery { count: named.len(), cleared_meanwhile: cleared }) }?)
    };
    // SAFETY: the caller's promise.
    unsafe { call(phone, work) }
}

impl From<Refusal> for MdtOutcome {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Argument => Self::Argument,
            Refusal::Busy => Self::Busy,
            Refusal::TooLong => Self::TooLong,
            Refusal::NothingToUpload => Self::NothingToUpload,
            Refusal::Random => Self::Random,
            Refusal::Storage => Self::Storage,
            Refusal::Full => Self::Full,
            Refusal::Vault => Self::Vault,
            Refusal::KeyListForged => Self::KeyListForged,
            Refusal::KeyListOlder => Self::KeyListOlder,
            Refusal::KeyListExpired => Self::KeyListExpired,
            Refusal::Collector => Self::Collector,
            Refusal::ReceiptForged => Self::ReceiptForged,
            Refusal::Internal => Self::Internal,
        }
    }
}
