//! Who was given jobs, and when: kept across restarts, for logging costs a phone's battery and no job of an area replaces a subscriber's own.

use super::consent::ByIdentity;
use crate::clock;
use crate::config::Mdt;
use crate::consent::Consents;
use crate::store::{Store, StoreError};
use lcs::{Duration, Identities, Timestamp};
use mdt::selection::{ConsentPort, DutyCap, DutyLedger};
use privacy::consent::{Denied, MdtPermit, PersonId, Question};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::{Mutex, MutexGuard};

/// What is known of all people.
#[derive(Default)]
pub(super) struct Known {
    pub(super) ledger: DutyLedger,
    /// Hashed names of those of whom something is kept that does not open.
    unreadable: HashSet<Vec<u8>>,
}

/// Keeps it.
pub(super) struct Duties {
    books: Arc<Store>,
    pub(super) cap: DutyCap,
    known: Mutex<Known>,
}

impl Duties {
    pub(super) async fn open(config: &Mdt, books: Arc<Store>) -> Result<Self, StoreError> {
        let cap = DutyCap { jobs: config.duty_jobs, within: Duration::from_secs(config.duty_within_s) };
        books.forget_duty(clock::now()).await?;
        let kept = books.duty().await?;
        if !kept.unreadable.is_empty() {
            let unreadable = kept.unreadable.len();
            tracing::error!(
                unreadable,
                "records of who was given jobs of MDT cannot be read; they are not asked until these end"
            );
        }
        let mut known = Known { unreadable: kept.unreadable, ..Known::default() };
        kept.known.into_iter().for_each(|(person, duty)| known.ledger.restore(person, duty));
        Ok(Self { books, cap, known: Mutex::new(known) })
    }

    /// What is known, for one selection after the other.
    pub(super) fn blocking_lock(&self) -> MutexGuard<'_, Known> {
        self.known.blocking_lock()
    }

    /// The register, asked about whom nothing unreadable is kept of.
    pub(super) fn port<'a>(&'a self, consents: &'a Consents, known: &Known) -> Askable<'a> {
        Askable { register: ByIdentity(consents), books: &self.books, unreadable: known.unreadable.clone() }
    }

    /// Makes durable what the ledger says of people. Not to be called where tasks run.
    pub(super) fn keep(&self, ledger: &DutyLedger, people: &[PersonId]) -> Result<(), StoreError> {
        if people.is_empty() {
            return Ok(());
        }
        let duties: Vec<_> = people.iter().map(|person| (*person, ledger.of(*person))).collect();
        tokio::runtime::Handle::current().block_on(self.books.put_duty(&duties, self.cap))
    }

    /// Forgets what counts no more.
    pub(super) async fn tend(&self, now: Timestamp) {
        let mut known = self.known.lock().await;
        known.ledger.prune(self.cap, now);
        match self.books.forget_duty(now).await {
            // Some of those that do not open may be among them.
            Ok(gone) if gone > 0 && !known.unreadable.is_empty() => match self.books.duty().await {
                Ok(left) => known.unreadable = left.unreadable,
                Err(error) => tracing::error!(%error, "who was given jobs of MDT could not be read"),
            },
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "who was given jobs of MDT long ago could not be forgotten"),
        }
    }
}

/// A register that does not answer about whoever something unreadable is kept of.
pub(super) struct Askable<'a> {
    register: ByIdentity<'a>,
    books: &'a Store,
    unreadable: HashSet<Vec<u8>>,
}

impl ConsentPort for Askable<'_> {
    fn permit(&self, who: &Identities, question: &Question, now: Timestamp) -> Result<MdtPermit, Denied> {
        let permit = self.register.permit(who, question, now)?;
        let is_kept = !self.unreadable.is_empty() && self.unreadable.contains(&self.books.duty_name(permit.person()));
        if is_kept { Err(Denied::Unavailable) } else { Ok(permit) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use mdt::selection::Duty;
    use std::path::Path;

    const NOON: Timestamp = Timestamp::from_secs(4_102_444_800);
    const WHO: PersonId = PersonId([1; 16]);
    const OTHER: PersonId = PersonId([2; 16]);

    async fn store(dir: &Path) -> Arc<Store> {
        let settings =
            config::Store { path: dir.join("w.db"), key_file: dir.join("w.key"), ..config::Store::default() };
        Arc::new(Store::open(&settings).await.unwrap())
    }

    async fn duties(store: &Arc<Store>) -> Duties {
        let config = Mdt { duty_jobs: 2, duty_within_s: 3600, ..Mdt::default() };
        Duties::open(&config, Arc::clone(store)).await.unwrap()
    }

    fn at(secs: u64) -> Timestamp {
        NOON.after(Duration::from_secs(secs))
    }

    /// As a selection does it.
    async fn give(duties: Arc<Duties>, person: PersonId, duty: Duty) {
        let keep = move || {
            let mut known = duties.blocking_lock();
            known.ledger.restore(person, duty);
            duties.keep(&known.ledger, &[person]).unwrap();
        };
        tokio::task::spawn_blocking(keep).await.unwrap();
    }

    #[tokio::test]
    async fn what_was_given_counts_after_a_restart_and_is_forgotten_after_its_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = store(dir.path()).await;
        let before = Arc::new(duties(&first).await);
        give(Arc::clone(&before), WHO, Duty { given: vec![at(0)], own_until: None }).await;
        give(Arc::clone(&before), WHO, Duty { given: vec![at(1800)], own_until: None }).await;
        give(Arc::clone(&before), OTHER, Duty { given: vec![], own_until: Some(at(600)) }).await;
        let octets = ["w.db", "w.db-wal"].map(|name| std::fs::read(dir.path().join(name)).unwrap_or_default()).concat();
        assert!(!octets.windows(16).any(|octets| octets == WHO.0), "names are hashed and sealed");
        first.close().await;

        let second = store(dir.path()).await;
        let after = duties(&second).await;
        {
            let known = after.known.lock().await;
            assert!(
                !known.ledger.has_room(WHO, after.cap, at(3599)) && known.ledger.has_room(WHO, after.cap, at(3600))
            );
            assert!(known.ledger.has_room(OTHER, after.cap, at(0)));
            assert!(known.ledger.has_own_job(OTHER, at(599)) && !known.ledger.has_own_job(OTHER, at(600)));
        }
        // Rows go when nothing of them counts; whole seconds, rounded up.
        for (now, left) in [(600, 2), (601, 1), (5400, 1), (5401, 0)] {
            after.tend(at(now)).await;
            assert_eq!(second.duty().await.unwrap().known.len(), left, "{now}");
        }
        second.close().await;
    }

    #[tokio::test]
    async fn a_record_that_does_not_open_is_known_by_its_name_until_it_ends() {
        let dir = tempfile::tempdir().unwrap();
        let first = store(dir.path()).await;
        give(Arc::new(duties(&first).await), WHO, Duty { given: vec![at(0)], own_until: None }).await;
        first.close().await;
        let path = format!("sqlite://{}", dir.path().join("w.db").display());
        let pool = sqlx::SqlitePool::connect(&path).await.unwrap();
        let spoilt = "UPDATE mdt_duty SET record = record || X'00'";
        assert_eq!(sqlx::query(spoilt).execute(&pool).await.unwrap().rows_affected(), 1);
        pool.close().await;
        let second = store(dir.path()).await;
        let after = duties(&second).await;
        let is_kept = async |person| after.known.lock().await.unreadable.contains(&second.duty_name(person));
        assert!(is_kept(WHO).await && !is_kept(OTHER).await);
        after.tend(at(3600)).await;
        assert!(is_kept(WHO).await);
        after.tend(at(3601)).await;
        assert!(!is_kept(WHO).await);
        second.close().await;
    }
}
