//! Places for requests under way: so many at once, a few set apart for emergencies, a short queue, and beyond that "congestion"
//! at once, because a queue without end serves nobody.

use crate::config::Limits;
use lcs::{Duration, Failure};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places.
#[derive(Debug)]
pub(crate) struct Places {
    general: Arc<Semaphore>,
    reserve: Arc<Semaphore>,
    waiting: AtomicUsize,
    max_waiting: usize,
    max_general: u32,
}

/// Places taken, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _taken: [Option<OwnedSemaphorePermit>; 2],
}

impl Places {
    pub(crate) fn new(limits: &Limits) -> Self {
        let reserve = limits.emergency_reserve.min(limits.max_concurrent);
        let general = (limits.max_concurrent - reserve).min(Semaphore::MAX_PERMITS);
        Self {
            general: Arc::new(Semaphore::new(general)),
            reserve: Arc::new(Semaphore::new(reserve)),
            waiting: AtomicUsize::new(0),
            max_waiting: limits.max_waiting,
            max_general: u32::try_from(general).unwrap_or(u32::MAX),
        }
    }

    /// Takes `targets` places. Emergency and lawful requests (`privileged`) take from the reserve when the rest is full, and
    /// never wait behind others.
    ///
    /// # Errors
    /// [`Failure::Congestion`]: full, and the queue too; [`Failure::TimedOut`]: no place within `patience`.
    pub(crate) async fn take(&self, targets: u32, privileged: bool, patience: Duration) -> Result<Place, Failure> {
        // A request for more targets than there are places could never be served otherwise.
        let targets = targets.min(self.max_general.max(1));
        if let Ok(taken) = Arc::clone(&self.general).try_acquire_many_owned(targets) {
            return Ok(Place { _taken: [Some(taken), None] });
        }
        if privileged {
            let taken = Arc::clone(&self.reserve).try_acquire_owned().map_err(|_| Failure::Congestion)?;
            return Ok(Place { _taken: [None, Some(taken)] });
        }
        let _waiting = Waiting::enter(self)?;
        let taken = tokio::time::timeout(patience, Arc::clone(&self.general).acquire_many_owned(targets)).await;
        let taken = taken.map_err(|_| Failure::TimedOut)?.map_err(|_| Failure::Stopping)?;
        Ok(Place { _taken: [Some(taken), None] })
    }

    /// Places in use, for metrics.
    pub(crate) fn in_use(&self) -> usize {
        (self.max_general as usize).saturating_sub(self.general.available_permits())
    }
}

/// One that waits; leaves the queue when dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(places: &'a Places) -> Result<Self, Failure> {
        let before = places.waiting.fetch_add(1, Ordering::AcqRel);
        let entered = Self(&places.waiting);
        if before < places.max_waiting { Ok(entered) } else { Err(Failure::Congestion) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    fn places(max_concurrent: usize, max_waiting: usize, emergency_reserve: usize) -> Places {
        Places::new(&Limits { max_concurrent, max_waiting, emergency_reserve, ..Limits::default() })
    }

    #[tokio::test]
    async fn the_excess_is_refused_at_once_and_emergencies_have_their_reserve() {
        let places = places(3, 0, 1);
        let first = places.take(2, false, PATIENCE).await.unwrap();
        assert_eq!(places.take(1, false, PATIENCE).await.unwrap_err(), Failure::Congestion);
        let emergency = places.take(1, true, PATIENCE).await.unwrap();
        assert_eq!(places.take(1, true, PATIENCE).await.unwrap_err(), Failure::Congestion);
        drop((first, emergency));
        assert!(places.take(2, false, PATIENCE).await.is_ok());
    }

    #[tokio::test]
    async fn one_who_waits_gets_the_next_place_and_the_queue_is_short() {
        let places = Arc::new(places(1, 1, 0));
        let first = places.take(1, false, PATIENCE).await.unwrap();
        let second = tokio::spawn({
            let places = Arc::clone(&places);
            async move { places.take(1, false, PATIENCE).await.map(|_| ()) }
        });
        while places.waiting.load(Ordering::Acquire) == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(places.take(1, false, PATIENCE).await.unwrap_err(), Failure::Congestion);
        drop(first);
        assert_eq!(second.await.unwrap(), Ok(()));
    }

    /// A client that gave one second hears after one second, whatever those before it take.
    #[tokio::test(start_paused = true)]
    async fn nobody_waits_longer_than_its_request_may_take() {
        let places = places(1, 1, 0);
        let _first = places.take(1, false, PATIENCE).await.unwrap();
        assert_eq!(places.take(1, false, Duration::from_secs(1)).await.unwrap_err(), Failure::TimedOut);
        assert_eq!(places.waiting.load(Ordering::Acquire), 0);
    }
}
