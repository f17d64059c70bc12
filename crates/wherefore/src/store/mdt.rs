//! The books of the collector of MDT: what it took, and the jobs that it takes logs of (`docs/mdt-collector.md`).

use super::seal::Place;
use super::{Store, StoreError};
use lcs::Timestamp;
use sqlx::Row as _;
use zeroize::Zeroizing;

const NOTE: &str = "INSERT INTO mdt_segments (segment, digest, erasure, epoch, number, ending, batch, receipt, taken_s) \
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

const fn place(row: &[u8]) -> Place<'_> {
    Place { table: "mdt_jobs", column: "record", row }
}

/// A segment or report that was taken, or refused for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TakenSegment {
    pub(crate) segment: [u8; 16],
    pub(crate) digest: [u8; 32],
    pub(crate) erasure: [u8; 32],
    pub(crate) epoch: [u8; 16],
    pub(crate) number: Option<u32>,
    pub(crate) ending: Option<u8>,
    pub(crate) receipt: Vec<u8>,
    pub(crate) taken: Timestamp,
}

/// What a phone that asks again gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownSegment {
    pub(crate) digest: Vec<u8>,
    pub(crate) receipt: Vec<u8>,
}

/// A job as it is kept.
pub(crate) struct KeptJob {
    pub(crate) json: Zeroizing<Vec<u8>>,
    pub(crate) stopped: Option<Timestamp>,
}

/// Whole seconds, as columns of times have them.
pub(super) fn seconds(at: Timestamp) -> i64 {
    i64::try_from(at.secs()).unwrap_or(i64::MAX)
}

impl Store {
    /// The key that seals consent references. Comes from the key of the store.
    ///
    /// # Errors
    /// Never in practice: a keyed hash has 32 octets.
    pub(crate) fn mdt_reference_key(&self) -> Result<[u8; 32], StoreError> {
        let name = self.sealing.name("mdt consent reference key", b"");
        name.as_slice().try_into().map_err(|_| StoreError::Seal)
    }

    /// Notes what is about to be in a batch of the store of rows, 0 for what has no rows: all or none. Durable when this returns.
    ///
    /// # Errors
    /// One of them is noted already, or SQL failed.
    pub(crate) async fn note_segments(&self, taken: &[TakenSegment], batch: u64) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for one in taken {
            sqlx::query(NOTE)
                .bind(one.segment.as_slice())
                .bind(one.digest.as_slice())
                .bind(one.erasure.as_slice())
                .bind(one.epoch.as_slice())
                .bind(one.number.map(i64::from))
                .bind(one.ending.map(i64::from))
                .bind(i64::try_from(batch).unwrap_or(i64::MAX))
                .bind(one.receipt.as_slice())
                .bind(seconds(one.taken))
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Forgets what was noted for batches that never came about: all behind this one. Says how many.
    ///
    /// # Errors
    /// SQL failed.
    pub(crate) async fn forget_segments_after(&self, batch: u64) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let query = sqlx::query("DELETE FROM mdt_segments WHERE batch > $1");
        let done = query.bind(i64::try_from(batch).unwrap_or(i64::MAX)).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }

    /// Forgets what was taken before this moment, with its receipts. What comes from an older version of the books is taken for taken `now`.
    /// Says how many.
    ///
    /// # Errors
    /// SQL failed.
    pub(crate) async fn forget_segments_before(&self, at: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let undated = sqlx::query("UPDATE mdt_segments SET taken_s = $1 WHERE taken_s = 0");
        undated.bind(seconds(now)).execute(&mut *tx).await?;
        let query = sqlx::query("DELETE FROM mdt_segments WHERE taken_s < $1");
        let done = query.bind(seconds(at)).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }

    /// Forgets jobs that were stopped before this moment. Says how many.
    ///
    /// # Errors
    /// SQL failed.
    pub(crate) async fn forget_mdt_jobs_stopped_before(&self, at: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let query = sqlx::query("DELETE FROM mdt_jobs WHERE stopped_s < $1");
        let done = query.bind(seconds(at)).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }

    /// A segment whose batch is among the first `batches`.
    ///
    /// # Errors
    /// SQL failed.
    pub(crate) async fn segment(&self, segment: &[u8; 16], batches: u64) -> Result<Option<KnownSegment>, StoreError> {
        let query = sqlx::query("SELECT digest, receipt FROM mdt_segments WHERE segment = $1 AND batch <= $2");
        let query = query.bind(segment.as_slice()).bind(i64::try_from(batches).unwrap_or(i64::MAX));
        let Some(row) = query.fetch_optional(&self.readers).await? else { return Ok(None) };
        Ok(Some(KnownSegment { digest: row.try_get("digest")?, receipt: row.try_get("receipt")? }))
    }

    /// Whether anything was taken whose erasure token this is the hash of.
    ///
    /// # Errors
    /// SQL failed.
    pub(crate) async fn has_erasure(&self, commitment: &[u8; 32]) -> Result<bool, StoreError> {
        let query = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM mdt_segments WHERE erasure = $1");
        Ok(query.bind(commitment.as_slice()).fetch_one(&self.readers).await? > 0)
    }

    /// Numbers and endings of the opened segments of an epoch.
    ///
    /// # Errors
    /// SQL failed.
    pub(crate) async fn segments_of_epoch(&self, epoch: &[u8; 16]) -> Result<Vec<(u32, Option<u8>)>, StoreError> {
        let query = sqlx::query("SELECT number, ending FROM mdt_segments WHERE epoch = $1 AND number IS NOT NULL");
        let rows = query.bind(epoch.as_slice()).fetch_all(&self.readers).await?;
        let segment = |row: &sqlx::sqlite::SqliteRow| {
            let (number, ending): (i64, Option<i64>) = (row.try_get("number")?, row.try_get("ending")?);
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            Ok((number, ending.and_then(|ending| u8::try_from(ending).ok())))
        };
        rows.iter().map(segment).collect()
    }

    /// Keeps a job. Durable when this returns; says whether it was new.
    ///
    /// # Errors
    /// It cannot be sealed, or SQL failed.
    pub(crate) async fn put_mdt_job(&self, job: &str, json: &[u8]) -> Result<bool, StoreError> {
        let sealed = self.sealing.seal(&place(job.as_bytes()), json)?;
        let query = sqlx::query("INSERT INTO mdt_jobs (job, record) VALUES ($1, $2) ON CONFLICT (job) DO NOTHING");
        let mut tx = self.begin().await?;
        let done = query.bind(job).bind(sealed).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes that a job was stopped. Durable when this returns.
    ///
    /// # Errors
    /// SQL failed.
    pub(crate) async fn stop_mdt_job(&self, job: &str, at: Timestamp) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE mdt_jobs SET stopped_s = $2 WHERE job = $1 AND stopped_s IS NULL");
        let mut tx = self.begin().await?;
        query.bind(job).bind(seconds(at)).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// All jobs.
    ///
    /// # Errors
    /// One cannot be read, or SQL failed.
    pub(crate) async fn mdt_jobs(&self) -> Result<Vec<KeptJob>, StoreError> {
        let rows = sqlx::query("SELECT job, record, stopped_s FROM mdt_jobs").fetch_all(&self.readers).await?;
        let kept = |row: &sqlx::sqlite::SqliteRow| {
            let (job, stopped): (String, Option<i64>) = (row.try_get("job")?, row.try_get("stopped_s")?);
            let json = self.sealing.open(&place(job.as_bytes()), &row.try_get::<Vec<u8>, _>("record")?)?;
            let stopped = stopped.map(|at| Timestamp::from_secs(u64::try_from(at).unwrap_or_default()));
            Ok(KeptJob { json, stopped })
        };
        rows.iter().map(kept).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    const DAY_S: u64 = 86_400;

    fn taken(at: u64) -> TakenSegment {
        let name = u8::try_from(at).unwrap();
        TakenSegment {
            segment: [name; 16],
            digest: [0; 32],
            erasure: [name; 32],
            epoch: [0; 16],
            number: Some(0),
            ending: None,
            receipt: vec![1],
            taken: Timestamp::from_secs(at * DAY_S),
        }
    }

    /// Books are kept to the day: what is older goes with its receipt, what an older version noted counts from the first pass on. A job
    /// that was stopped goes after its time, one that runs never.
    #[tokio::test]
    async fn books_and_jobs_are_kept_as_long_as_said() {
        let dir = tempfile::tempdir().unwrap();
        let (path, key_file) = (dir.path().join("w.db"), dir.path().join("w.key"));
        let store = Store::open(&config::Store { path, key_file, ..config::Store::default() }).await.unwrap();
        // Day 0 is how a row of an older version looks.
        store.note_segments(&[taken(0), taken(9), taken(10), taken(11)], 1).await.unwrap();
        let day = |day: u64| Timestamp::from_secs(day * DAY_S);
        assert_eq!(store.forget_segments_before(day(10), day(20)).await.unwrap(), 1);
        let mut known = Vec::new();
        for at in [0, 9, 10, 11] {
            known.push(store.segment(&taken(at).segment, 1).await.unwrap().is_some());
        }
        assert_eq!(known, [true, false, true, true]);
        assert!(!store.has_erasure(&taken(9).erasure).await.unwrap());
        assert_eq!(
            store.forget_segments_before(day(20), day(20)).await.unwrap(),
            2,
            "the one from before counts from day 20 on"
        );
        assert_eq!(store.forget_segments_before(day(21), day(21)).await.unwrap(), 1);

        for job in ["234-15-000001", "234-15-000002", "234-15-000003"] {
            assert!(store.put_mdt_job(job, b"{}").await.unwrap());
        }
        store.stop_mdt_job("234-15-000001", day(1)).await.unwrap();
        store.stop_mdt_job("234-15-000002", day(2)).await.unwrap();
        assert_eq!(store.forget_mdt_jobs_stopped_before(day(2)).await.unwrap(), 1);
        assert_eq!(store.mdt_jobs().await.unwrap().len(), 2);
        store.close().await;
    }
}
