//! Whose terminal has which address. The operator's network says so, through the admin API; the proxy believes nobody else.

use lcs::{Duration, Msisdn, Timestamp};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// That an address is a subscriber's, for a while. `Debug` shows no identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The subscriber.
    pub subscriber: Msisdn,
    /// From when it is nobody's.
    pub until: Timestamp,
    /// Another for each lease: tells one from the next of the same address.
    pub number: u64,
}

/// The leases that hold. In memory alone: after a restart nobody is known until the network says so again.
#[derive(Debug)]
pub struct Leases {
    held: RwLock<HashMap<IpAddr, Lease>>,
    most: usize,
    next: AtomicU64,
}

/// Why a lease is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeaseError {
    /// As many are held as may be.
    #[error("as many addresses are known as pull.max_leases lets; raise it, or let leases end")]
    Full,
}

impl Leases {
    /// Room for `most`.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { held: RwLock::default(), most, next: AtomicU64::new(1) }
    }

    /// Says that an address is this subscriber's, whoever had it before.
    ///
    /// # Errors
    /// [`LeaseError::Full`].
    pub fn set(&self, address: IpAddr, subscriber: Msisdn, lasts: Duration, now: Timestamp) -> Result<(), LeaseError> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let until = Timestamp::from_micros(now.micros().saturating_add(micros(lasts)));
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= self.most && !held.contains_key(&key(address)) {
            held.retain(|_, lease| now < lease.until);
            if held.len() >= self.most {
                return Err(LeaseError::Full);
            }
        }
        held.insert(key(address), Lease { subscriber, until, number });
        Ok(())
    }

    /// Says that an address is nobody's any more. Whether it was somebody's.
    pub fn end(&self, address: IpAddr) -> bool {
        self.held.write().unwrap_or_else(PoisonError::into_inner).remove(&key(address)).is_some()
    }

    /// Who has an address at `now`.
    #[must_use]
    pub fn of(&self, address: IpAddr, now: Timestamp) -> Option<Lease> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.get(&key(address)).filter(|lease| now < lease.until).copied()
    }

    /// Number of leases held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets those that have ended.
    pub fn prune(&self, now: Timestamp) {
        self.held.write().unwrap_or_else(PoisonError::into_inner).retain(|_, lease| now < lease.until);
    }
}

/// A terminal has all of a /64 (TS 23.401 clause 5.3.1.2.2); an IPv4 address inside an IPv6 one is that IPv4 address.
fn key(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

fn micros(lasts: Duration) -> u64 {
    u64::try_from(lasts.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_795_600_800);
    const HOUR: Duration = Duration::from_secs(3600);

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_is_the_last_ones_until_its_lease_ends() {
        let (one, two) = (Msisdn::parse("491700000001").unwrap(), Msisdn::parse("491700000002").unwrap());
        let leases = Leases::new(2);
        leases.set(ip("10.0.0.1"), one, HOUR, NOW).unwrap();
        let first = leases.of(ip("::ffff:10.0.0.1"), NOW).unwrap();
        assert_eq!(first.subscriber, one);
        assert_eq!(leases.of(ip("10.0.0.2"), NOW), None);
        let end = Timestamp::from_secs(NOW.secs() + 3600);
        assert!(leases.of(ip("10.0.0.1"), Timestamp::from_micros(end.micros() - 1)).is_some());
        assert_eq!(leases.of(ip("10.0.0.1"), end), None);
        leases.set(ip("10.0.0.1"), two, HOUR, NOW).unwrap();
        let second = leases.of(ip("10.0.0.1"), NOW).unwrap();
        assert!(second.subscriber == two && second.number != first.number);
        assert!(leases.end(ip("10.0.0.1")) && !leases.end(ip("10.0.0.1")) && leases.is_empty());
        assert!(!format!("{second:?}").contains("4917"));
    }

    #[test]
    fn a_terminal_has_its_whole_64() {
        let one = Msisdn::parse("491700000001").unwrap();
        let leases = Leases::new(2);
        leases.set(ip("2001:db8:0:1::5"), one, HOUR, NOW).unwrap();
        assert!(leases.of(ip("2001:db8:0:1:ffff::9"), NOW).is_some());
        assert_eq!(leases.of(ip("2001:db8:0:2::5"), NOW), None);
    }

    #[test]
    fn there_is_room_for_so_many_and_ended_ones_make_room() {
        let one = Msisdn::parse("491700000001").unwrap();
        let leases = Leases::new(2);
        leases.set(ip("10.0.0.1"), one, HOUR, NOW).unwrap();
        leases.set(ip("10.0.0.2"), one, HOUR, NOW).unwrap();
        assert_eq!(leases.set(ip("10.0.0.3"), one, HOUR, NOW), Err(LeaseError::Full));
        leases.set(ip("10.0.0.2"), one, HOUR, NOW).unwrap();
        let later = Timestamp::from_secs(NOW.secs() + 3600);
        leases.set(ip("10.0.0.3"), one, HOUR, later).unwrap();
        leases.prune(later);
        assert_eq!(leases.len(), 1);
    }
}
