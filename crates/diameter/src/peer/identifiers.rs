//! Identifiers that a node makes up: end-to-end identifiers and session identifiers.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Source of End-to-End Identifiers (RFC 6733 section 3): the high 12 bits begin as the low 12 bits of the time in seconds,
/// the low 20 bits at random; each further one is the next number, so that none repeats within four minutes, even
/// across a restart.
#[derive(Debug)]
pub struct EndToEndIds(AtomicU32);

impl EndToEndIds {
    /// Starts at `unix_seconds` and any 32 random bits.
    #[must_use]
    pub fn new(unix_seconds: u64, random: u32) -> Self {
        // Twelve bits are kept, so the cast loses nothing that is wanted.
        let time = (unix_seconds & 0xfff) as u32;
        Self(AtomicU32::new((time << 20) | (random & 0x000f_ffff)))
    }

    /// The next identifier.
    pub fn next(&self) -> u32 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// Source of Session-Id values (RFC 6733 section 8.8): `<DiameterIdentity>;<high 32 bits>;<low 32 bits>`, counted from
/// the time of the start, so that none repeats after a restart.
#[derive(Debug)]
pub struct SessionIds {
    host: Box<str>,
    next: AtomicU64,
}

impl SessionIds {
    /// Starts for the node `origin_host` at `unix_seconds`.
    #[must_use]
    pub fn new(origin_host: &str, unix_seconds: u64) -> Self {
        Self { host: origin_host.into(), next: AtomicU64::new(unix_seconds << 32) }
    }

    /// The next session identifier.
    #[must_use]
    pub fn next(&self) -> String {
        let value = self.next.fetch_add(1, Ordering::Relaxed);
        format!("{};{};{}", self.host, value >> 32, value & 0xffff_ffff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn end_to_end_ids_hold_the_time_and_count_up() {
        let ids = EndToEndIds::new(0x6123_4567, 0xffff_ffff);
        assert_eq!(ids.next(), 0x567f_ffff);
        assert_eq!(ids.next(), 0x5680_0000);
        let wrapping = EndToEndIds::new(0xfff, 0xf_ffff);
        assert_eq!((wrapping.next(), wrapping.next()), (u32::MAX, 0));
    }

    #[test]
    fn session_ids_have_three_parts_and_do_not_repeat() {
        let ids = SessionIds::new("gmlc.lab", 7);
        assert_eq!(ids.next(), "gmlc.lab;7;0");
        assert_eq!(ids.next(), "gmlc.lab;7;1");
    }
}
