//! A library without Rust's standard library: memory from C, and a panic ends the program.

use core::alloc::{GlobalAlloc, Layout};
use core::ffi::c_void;
use core::ptr;

// The C library, which every program in C has.
unsafe extern "C" {
    fn malloc(octets: usize) -> *mut c_void;
    fn free(memory: *mut c_void);
    fn abort() -> !;
}

/// What `malloc` aligns to at least: two pointers.
const ALIGNED: usize = 2 * size_of::<usize>();

struct Malloc;

#[global_allocator]
static MEMORY: Malloc = Malloc;

// SAFETY: `malloc` gives memory of so many octets, aligned for every basic type, or null; more alignment than that is not given, and
// nothing here asks for it. It keeps what it gave until `free`. Neither unwinds.
unsafe impl GlobalAlloc for Malloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > ALIGNED {
            return ptr::null_mut();
        }
        // SAFETY: any size may be asked for.
        unsafe { malloc(layout.size()) }.cast()
    }

    unsafe fn dealloc(&self, memory: *mut u8, _: Layout) {
        // SAFETY: `memory` came from `alloc`, so from `malloc`, and is given back once: what `GlobalAlloc` asks of its caller.
        unsafe { free(memory.cast()) }
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // SAFETY: it takes nothing and does not come back.
    unsafe { abort() }
}
