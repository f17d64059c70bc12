//! The clock of the simulated phones: routes, deferred requests and repeated reports go by it. It runs as fast as the scenario says, and can be
//! moved on by hand.

use std::time::Duration;
use tokio::{sync::watch, time::Instant};

/// Time since the network started.
#[derive(Debug)]
pub struct Clock {
    started: Instant,
    /// Seconds of it in a true second.
    rate: f64,
    /// How far it was moved on.
    ahead: watch::Sender<Duration>,
}

impl Clock {
    /// A clock that begins now. `rate` is above 0.
    #[must_use]
    pub fn new(rate: f64) -> Self {
        Self { started: Instant::now(), rate, ahead: watch::Sender::new(Duration::ZERO) }
    }

    /// Time since the start.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.started.elapsed().mul_f64(self.rate).saturating_add(*self.ahead.borrow())
    }

    /// Moves it on; whoever waits for a time that has come by this goes on at once.
    pub fn advance(&self, by: Duration) {
        self.ahead.send_modify(|ahead| *ahead = ahead.saturating_add(by));
    }

    /// Waits until it shows `at`.
    pub async fn reach(&self, at: Duration) {
        let mut ahead = self.ahead.subscribe();
        loop {
            ahead.borrow_and_update();
            let left = at.saturating_sub(self.now());
            if left.is_zero() {
                return;
            }
            // Whole milliseconds, so that a remainder below the timer's step does not spin.
            let true_left = left.div_f64(self.rate).min(Duration::from_secs(3600)) + Duration::from_millis(1);
            tokio::select! {
                () = tokio::time::sleep(true_left) => {}
                // The sender lives as long as this.
                _ = ahead.changed() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_can_be_moved_on_and_wakes_who_waits() {
        // A second of it would take eleven days.
        let clock = Clock::new(1e-6);
        let hour = Duration::from_secs(3600);
        tokio::join!(clock.reach(hour), async {
            tokio::task::yield_now().await;
            clock.advance(hour / 2);
            tokio::task::yield_now().await;
            clock.advance(hour / 2);
        });
        assert!(clock.now() >= hour && clock.now() < hour + Duration::from_secs(1));
    }

    #[tokio::test]
    async fn it_runs_at_its_rate() {
        let clock = Clock::new(100_000.0);
        let at = Duration::from_secs(1000);
        clock.reach(at).await;
        assert!(clock.now() >= at);
    }
}
