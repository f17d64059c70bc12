//! The random numbers of the cryptographic library, for `mdt_log`.

use aws_lc_rs::error::Unspecified;
use core::convert::Infallible;
use mdt_log::rand_core::{TryCryptoRng, TryRng};

/// Draws from the operating system by way of the cryptographic library.
pub(crate) struct Random;

/// No key is made of numbers that are none: without randomness the process ends.
fn drawn(result: Result<(), Unspecified>) {
    if result.is_err() {
        tracing::error!("the operating system gives no random numbers");
        std::process::abort();
    }
}

impl TryRng for Random {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut octets = [0; 4];
        drawn(aws_lc_rs::rand::fill(&mut octets));
        Ok(u32::from_ne_bytes(octets))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut octets = [0; 8];
        drawn(aws_lc_rs::rand::fill(&mut octets));
        Ok(u64::from_ne_bytes(octets))
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        drawn(aws_lc_rs::rand::fill(into));
        Ok(())
    }
}

impl TryCryptoRng for Random {}
