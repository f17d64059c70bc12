//! Any octets as a message of Lid, from either side.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::json::lid(data));
