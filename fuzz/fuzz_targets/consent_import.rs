//! Any octets as CSV of another system's consents.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::consent::import(data));
