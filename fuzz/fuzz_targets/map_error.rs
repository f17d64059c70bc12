//! Any octets as the parameter of an error of MAP (TS 29.002 clause 17.7.7), the first octet being the code.
#![no_main]

use std::hint::black_box;

use libfuzzer_sys::fuzz_target;
use ss7::map::{MapError, failure};

fuzz_target!(|data: &[u8]| {
    let Some((code, parameter)) = data.split_first() else { return };
    match MapError::decode(i64::from(*code), parameter) {
        Ok(error) => {
            assert_eq!(error.code(), i64::from(*code));
            assert_eq!(MapError::decode(error.code(), &error.parameter()), Ok(error));
            black_box(failure(error).to_string());
        }
        Err(error) => {
            black_box(error.to_string());
        }
    }
});
