//! Where pointers become references and slices. Every function asks of its caller what the header asks of C.

use crate::refusal::Refusal;
use core::ptr;

/// A structure that C lent.
///
/// # Safety
/// `pointer` is null, or points to an initialised `T` that nobody changes while `'a` lasts.
pub(super) unsafe fn structure<'a, T>(pointer: *const T) -> Result<&'a T, Refusal> {
    // SAFETY: null is looked for; the rest is the caller's promise.
    unsafe { optional(pointer) }?.ok_or(Refusal::Argument)
}

/// A structure that C may have left out.
///
/// # Safety
/// As [`structure`].
pub(super) unsafe fn optional<'a, T>(pointer: *const T) -> Result<Option<&'a T>, Refusal> {
    if !pointer.is_aligned() {
        return Err(Refusal::Argument);
    }
    // SAFETY: aligned, as just seen; null gives nothing; the rest is the caller's promise.
    Ok(unsafe { pointer.as_ref() })
}

/// So many values that C lent.
///
/// # Safety
/// `pointer` points to `count` initialised values that nobody changes while `'a` lasts; with 0 it may be anything.
pub(super) unsafe fn values<'a, T>(pointer: *const T, count: usize) -> Result<&'a [T], Refusal> {
    if count == 0 {
        return Ok(&[]);
    }
    fits(pointer, count)?;
    // SAFETY: not null, aligned, not longer than memory can be, as `fits` saw; the rest is the caller's promise.
    Ok(unsafe { core::slice::from_raw_parts(pointer, count) })
}

/// So many values that C lent, to be written.
///
/// # Safety
/// As [`values`], and nobody reads them either.
pub(super) unsafe fn values_mut<'a, T>(pointer: *mut T, count: usize) -> Result<&'a mut [T], Refusal> {
    if count == 0 {
        return Ok(&mut []);
    }
    fits(pointer, count)?;
    // SAFETY: as in `values`; that nobody else reads or writes is the caller's promise.
    Ok(unsafe { core::slice::from_raw_parts_mut(pointer, count) })
}

/// Writes an answer.
///
/// # Safety
/// `pointer` is null, or points to memory for a `T` that nobody reads or writes meanwhile.
pub(super) unsafe fn answer<T>(pointer: *mut T, value: T) -> Result<(), Refusal> {
    fits(pointer, 1)?;
    // SAFETY: not null and aligned, as `fits` saw; the rest is the caller's promise. What was there is not dropped: it may be nothing.
    unsafe { ptr::write(pointer, value) };
    Ok(())
}

fn fits<T>(pointer: *const T, count: usize) -> Result<(), Refusal> {
    let octets = count.checked_mul(size_of::<T>()).filter(|octets| isize::try_from(*octets).is_ok());
    if pointer.is_null() || !pointer.is_aligned() || octets.is_none() {
        return Err(Refusal::Argument);
    }
    Ok(())
}
