//! When an entry is due (TS 38.331 clause 5.5a.3.2).

use super::{Camping, Configuration, Radio, Trigger};

/// Intervals and conditions of the job that runs.
#[derive(Default)]
pub(super) struct Gate {
    /// When the next interval ends.
    next_ms: Option<u64>,
    interval_ms: u64,
    /// Since when the condition of `eventL1` holds, and whether it triggered.
    worse_since_ms: Option<u64>,
    triggered: bool,
    /// Whether the last word of the modem was that no cell is to be had.
    was_out: bool,
}

impl Gate {
    /// The first interval ends one interval after the configuration: nothing is logged on its arrival.
    pub(super) fn start(&mut self, started_ms: u64, interval_ms: u64) {
        self.interval_ms = interval_ms;
        self.next_ms = (interval_ms > 0).then(|| started_ms.saturating_add(interval_ms));
    }

    pub(super) fn deadline_ms(&self) -> Option<u64> {
        self.next_ms
    }

    /// Whether an entry is due now; and then whether it is one without coverage.
    pub(super) fn due(
        &mut self,
        job: &Configuration,
        radio: &Radio,
        listed: bool,
        paused: bool,
        now_ms: u64,
    ) -> Option<bool> {
        let out = radio.camping == Camping::AnyCellSelection;
        let changed = out != self.was_out;
        self.was_out = out;
        self.condition(job.trigger, radio, now_ms);
        let elapsed = self.elapsed(now_ms);
        let normally = radio.camping == Camping::Normally && radio.rat == job.job.rat;
        let allowed = !paused && listed && radio.inside(&job.area);
        let due = match job.trigger {
            Trigger::Periodical => elapsed && (out || normally),
            // On the way back too; with an interval of `infinity` on the way out as well, else nothing would be logged of it.
            Trigger::OutOfCoverage => (out && (elapsed || (changed && self.interval_ms == 0))) || (changed && normally),
            Trigger::EventL1 { .. } => elapsed && normally && self.triggered,
        };
        (due && allowed).then_some(out)
    }

    /// Whether an interval ended since the last call. Those that were missed are not made up for.
    fn elapsed(&mut self, now_ms: u64) -> bool {
        let Some(next_ms) = self.next_ms.filter(|next| *next <= now_ms) else { return false };
        let behind = (now_ms - next_ms) / self.interval_ms.max(1);
        self.next_ms = next_ms.checked_add((behind + 1).saturating_mul(self.interval_ms));
        true
    }

    /// Entering and leaving conditions like those of event A2 (TS 38.331 clause 5.5.4.3), each for the time to trigger.
    fn condition(&mut self, trigger: Trigger, radio: &Radio, now_ms: u64) {
        let Trigger::EventL1 { threshold_half, hysteresis_half, time_to_trigger_ms } = trigger else { return };
        let Some(quality) = radio.quality_half.filter(|_| radio.camping == Camping::Normally) else {
            (self.worse_since_ms, self.triggered) = (None, false);
            return;
        };
        let (quality, threshold, hysteresis) =
            (i32::from(quality), i32::from(threshold_half), i32::from(hysteresis_half));
        let turning = if self.triggered { quality - hysteresis > threshold } else { quality + hysteresis < threshold };
        if !turning {
            self.worse_since_ms = None;
            return;
        }
        let since = *self.worse_since_ms.get_or_insert(now_ms);
        if now_ms.saturating_sub(since) >= u64::from(time_to_trigger_ms) {
            (self.triggered, self.worse_since_ms) = (!self.triggered, None);
        }
    }
}
