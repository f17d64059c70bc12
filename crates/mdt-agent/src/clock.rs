//! Time: milliseconds that never go back, and which boot they count from.

use mdt_log::BootId;
use rustix::time::{ClockId, clock_gettime};
use sha2::{Digest as _, Sha256};
use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Added to what the machine counts since its boot, so that a replayed file may lie before it.
const ORIGIN_MS: u64 = 1 << 40;
/// Where Linux names the boot.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// A clock that runs by itself, or that is moved by hand: by a replay that does not wait, and by tests.
#[derive(Clone, Default)]
pub struct Clock(Rc<Hands>);

#[derive(Default)]
struct Hands {
    ms: Cell<Option<u64>>,
    s: Cell<Option<u64>>,
}

impl Clock {
    /// Milliseconds since some time before the boot, sleep included. Whoever sets the date does not move it.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.0.ms.get().unwrap_or_else(real_ms)
    }

    /// Seconds since 1970: for the validity of keys and the time that a log says it began.
    #[must_use]
    pub fn now_s(&self) -> u64 {
        let real_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        match (self.0.s.get(), self.0.ms.get()) {
            (Some(s), _) => s,
            (None, Some(ms)) => real_s.saturating_sub(real_ms().saturating_sub(ms) / 1000),
            (None, None) => real_s,
        }
    }

    /// Stops it at this time.
    pub fn hold(&self, ms: u64) {
        self.0.ms.set(Some(ms));
    }

    /// Lets it run.
    pub fn release(&self) {
        self.0.ms.set(None);
    }

    /// Whether it is moved by hand.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.0.ms.get().is_some()
    }

    /// Sets the date, which moves nothing but itself.
    pub fn set_date(&self, s: u64) {
        self.0.s.set(Some(s));
    }
}

fn real_ms() -> u64 {
    let since = clock_gettime(ClockId::Boottime);
    let (seconds, nanos) = (since.tv_sec.unsigned_abs(), since.tv_nsec.unsigned_abs());
    ORIGIN_MS.saturating_add(seconds.saturating_mul(1000)).saturating_add(nanos / 1_000_000)
}

/// The boot that is running; none where the system does not say, and then nobody knows how long ago anything was.
#[must_use]
pub fn boot() -> Option<BootId> {
    boot_of(Path::new(BOOT_ID))
}

fn boot_of(path: &Path) -> Option<BootId> {
    let text = std::fs::read_to_string(path).ok()?;
    let name = text.trim();
    if name.is_empty() {
        return None;
    }
    // The name itself would tie files of this daemon to those of others.
    let digest = Sha256::digest(["mdt-agent boot ", name].concat());
    digest.first_chunk::<16>().map(|id| BootId(*id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_does_not_move_the_clock() {
        let clock = Clock::default();
        clock.hold(5000);
        clock.set_date(7);
        assert_eq!((clock.now_ms(), clock.now_s(), clock.is_held()), (5000, 7, true));
        clock.release();
        assert!(clock.now_ms() >= ORIGIN_MS && !clock.is_held());
    }

    #[test]
    fn a_boot_has_one_name_and_another_boot_another() {
        let dir = tempfile::tempdir().unwrap();
        let told = |text: &str| {
            std::fs::write(dir.path().join("id"), text).unwrap();
            boot_of(&dir.path().join("id"))
        };
        let first = told("4ad4…a\n");
        assert!(first.is_some() && first == told("4ad4…a") && first != told("4ad4…b"));
        assert_eq!(told("\n"), None);
        assert_eq!(boot_of(&dir.path().join("none")), None);
        assert_eq!(boot(), boot());
    }
}
