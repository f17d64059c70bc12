//! The books of the collector of MDT: what it took, and the jobs that it takes logs of (`docs/mdt-collector.md`).

use super::seal::Place;
use super::{Store, StoreError};
use lcs::Timestamp;
use sqlx::Row as _;
use zeroize::Zeroizing;

const NOTE: &str = "INSERT INTO mdt_segments (segment, digest, erasure, epoch, number, ending, batch, receipt) \
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

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
        query.bind(job).bind(i64::try_from(at.secs()).unwrap_or(i64::MAX)).execute(&mut *tx).await?;
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
