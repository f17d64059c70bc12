//! Any values of `WWW-Authenticate`: taken apart or refused, and what is a challenge is the same after it was written again.
#![no_main]

use assertion::{Challenge, presented};
use libfuzzer_sys::fuzz_target;
use std::hint::black_box;

fuzz_target!(|data: &[u8]| {
    // Several values of the header, parted by an octet that none may hold.
    if let Ok(Some(found)) = Challenge::find(data.split(|octet| *octet == 0)) {
        let text = found.to_string();
        assert_eq!(Challenge::find([text.as_bytes()]), Ok(Some(found.clone())));
        assert_eq!(Challenge::new(found.realm(), found.audience(), found.nonce()), Ok(found));
    }
    if let Ok(text) = std::str::from_utf8(data) {
        black_box(presented(text));
    }
});
