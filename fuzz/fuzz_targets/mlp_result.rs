//! Any octets as an MLP answer or report, read by the client's side.
#![no_main]

use std::hint::black_box;

use libfuzzer_sys::fuzz_target;
use mlp::client::parse_svc_result;

fuzz_target!(|data: &[u8]| match parse_svc_result(data) {
    Err(error) => {
        black_box(error.to_string());
    }
    Ok(answer) => {
        black_box(format!("{answer:?}"));
        for position in &answer.positions {
            assert!(position.lat_deg.is_none_or(|degrees| degrees.abs() <= 90.0));
            assert!(position.lon_deg.is_none_or(|degrees| degrees.abs() <= 180.0));
        }
    }
});
