//! Any octets as a record of the consent register.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::consent::record(data));
