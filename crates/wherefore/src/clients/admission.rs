//! How much a client may ask: a rate with a burst, and a quota per day.

use super::record::ClientRecord;
use crate::config::Limits;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use lcs::{Failure, Timestamp};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bits of the day's count below the day number in one word.
const COUNT_BITS: u32 = 40;
const COUNT_MASK: u64 = (1 << COUNT_BITS) - 1;
const MICROS_PER_DAY: u64 = 86_400_000_000;

/// Counts the targets that a client asked about. The daily count starts anew when the process does.
#[derive(Debug)]
pub(super) struct Admission {
    rate_per_s: NonZeroU32,
    burst: NonZeroU32,
    daily_quota: Option<u64>,
    limiter: DefaultDirectRateLimiter,
    /// Day since the epoch, then the count of that day.
    today: AtomicU64,
}

impl Admission {
    pub(super) fn new(record: &ClientRecord, limits: &Limits) -> Self {
        let rate_per_s = at_least_one(record.rate_per_s.unwrap_or(limits.client_rate_per_s));
        let burst = at_least_one(record.burst.unwrap_or(limits.client_burst));
        let quota = Quota::per_second(rate_per_s).allow_burst(burst);
        Self {
            rate_per_s,
            burst,
            daily_quota: record.daily_quota.or(limits.client_daily_quota),
            limiter: RateLimiter::direct(quota),
            today: AtomicU64::new(0),
        }
    }

    pub(super) fn same_limits(&self, other: &Self) -> bool {
        (self.rate_per_s, self.burst, self.daily_quota) == (other.rate_per_s, other.burst, other.daily_quota)
    }

    pub(super) fn admit(&self, targets: NonZeroU32, now: Timestamp) -> Result<(), Failure> {
        let within_rate = matches!(self.limiter.check_n(targets), Ok(Ok(())));
        if within_rate && self.within_quota(targets, now) { Ok(()) } else { Err(Failure::OverQuota) }
    }

    fn within_quota(&self, targets: NonZeroU32, now: Timestamp) -> bool {
        let Some(quota) = self.daily_quota else { return true };
        let day = now.micros() / MICROS_PER_DAY;
        let take = |word: u64| {
            let used = if word >> COUNT_BITS == day { word & COUNT_MASK } else { 0 };
            let used = used.saturating_add(targets.get().into());
            (used <= quota.min(COUNT_MASK)).then_some(day << COUNT_BITS | used)
        };
        self.today.try_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }
}

fn at_least_one(value: u32) -> NonZeroU32 {
    NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN)
}
