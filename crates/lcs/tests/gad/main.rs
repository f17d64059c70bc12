//! Universal geographical area description, TS 23.032, from outside the crate.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in helpers of tests")]

mod codes;
mod geometry;
mod octets;
mod shapes;
mod vectors;
mod velocity;
mod vincenty;

/// Octets of a hexadecimal text; blanks are for the reader.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16).unwrap()).collect();
    assert!(digits.len().is_multiple_of(2), "odd number of digits");
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}
