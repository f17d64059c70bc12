//! Any octets as a message of Lpp, from either side.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::json::lpp(data));
