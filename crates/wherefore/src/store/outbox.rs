//! Reports to deliver: durable until delivered, so that neither a client that is down nor a crash loses one.

use super::clients::micros;
use super::seal::{Place, RowId, fresh_row};
use super::{Store, StoreError};
use crate::clock;
use lcs::Timestamp;
use sqlx::Row as _;
use zeroize::Zeroizing;

/// Kind of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportKind {
    /// Answer to an asynchronous request (SLIREP).
    Slirep,
    /// Emergency report (EMEREP).
    Emerep,
    /// Report that a subscriber has sent (SLREP).
    Slrep,
}

impl ReportKind {
    fn word(self) -> &'static str {
        match self {
            Self::Slirep => "slirep",
            Self::Emerep => "emerep",
            Self::Slrep => "slrep",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Slirep, Self::Emerep, Self::Slrep].into_iter().find(|kind| kind.word() == word)
    }
}

/// Name of a report in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReportId(RowId);

/// A report that is due. Its content has no printable form.
pub struct Report {
    /// Its name.
    pub id: ReportId,
    /// Its kind.
    pub kind: ReportKind,
    /// Account of the client to whom it goes.
    pub client: String,
    /// Where to: a URL.
    pub destination: Zeroizing<String>,
    /// What to send.
    pub body: Zeroizing<Vec<u8>>,
    /// Tries so far.
    pub attempts: u32,
}

impl core::fmt::Debug for Report {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Report({:?} for {}, {} tries)", self.kind, self.client, self.attempts)
    }
}

const fn place<'a>(column: &'static str, row: &'a RowId) -> Place<'a> {
    Place { table: "outbox", column, row }
}

impl Store {
    /// Keeps a report, due at once. It is durable when this returns.
    ///
    /// # Errors
    /// SQL failed, a full disk included: the report is not kept.
    pub async fn keep_report(
        &self,
        kind: ReportKind,
        client: &str,
        destination: &str,
        body: &[u8],
        expires: Timestamp,
    ) -> Result<ReportId, StoreError> {
        self.keep_report_for_later(kind, client, destination, body, clock::now(), expires).await
    }

    /// Keeps a report that is due only then. It is durable when this returns.
    ///
    /// # Errors
    /// SQL failed, a full disk included: the report is not kept.
    pub async fn keep_report_for_later(
        &self,
        kind: ReportKind,
        client: &str,
        destination: &str,
        body: &[u8],
        due: Timestamp,
        expires: Timestamp,
    ) -> Result<ReportId, StoreError> {
        let id = fresh_row()?;
        let now = micros(clock::now());
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO outbox (id, kind, client_id, destination, body, due_us, attempts, expires_us, created_us) \
             VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)",
        )
        .bind(id.as_slice())
        .bind(kind.word())
        .bind(client)
        .bind(self.sealing.seal(&place("destination", &id), destination.as_bytes())?)
        .bind(self.sealing.seal(&place("body", &id), body)?)
        .bind(micros(due))
        .bind(micros(expires))
        .bind(now)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(ReportId(id))
    }

    /// Reports due by `now`, oldest first, emergencies before others. One that cannot be read is dropped and counted.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn due_reports(&self, now: Timestamp, limit: u32) -> Result<Vec<Report>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, kind, client_id, destination, body, attempts FROM outbox WHERE due_us <= $1 AND expires_us > $1 \
             ORDER BY kind, due_us LIMIT $2",
        )
        .bind(micros(now))
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        let mut reports = Vec::with_capacity(rows.len());
        for row in rows {
            let id: Vec<u8> = row.try_get("id")?;
            match self.report(&row) {
                Ok(report) => reports.push(report),
                Err(_) => {
                    metrics::counter!("wherefore_outbox_unreadable_total").increment(1);
                    tracing::error!("a pending report cannot be read and is dropped");
                    self.delete_report(&id).await?;
                }
            }
        }
        Ok(reports)
    }

    fn report(&self, row: &sqlx::sqlite::SqliteRow) -> Result<Report, StoreError> {
        let unreadable = |column| StoreError::Unreadable { table: "outbox", column };
        let id: Vec<u8> = row.try_get("id")?;
        let id = RowId::try_from(id).map_err(|_| unreadable("id"))?;
        let kind: String = row.try_get("kind")?;
        let destination = self.sealing.open(&place("destination", &id), &row.try_get::<Vec<u8>, _>("destination")?)?;
        let destination = String::from_utf8(destination.to_vec()).map_err(|_| unreadable("destination"))?;
        Ok(Report {
            id: ReportId(id),
            kind: ReportKind::from_word(&kind).ok_or_else(|| unreadable("kind"))?,
            client: row.try_get("client_id")?,
            destination: Zeroizing::new(destination),
            body: self.sealing.open(&place("body", &id), &row.try_get::<Vec<u8>, _>("body")?)?,
            attempts: u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(u32::MAX),
        })
    }

    /// When the next report is due, to sleep until then; `None` if there is none.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn next_report_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let due: Option<i64> = sqlx::query_scalar("SELECT MIN(due_us) FROM outbox").fetch_one(&self.readers).await?;
        Ok(due.map(|micros| Timestamp::from_micros(micros.unsigned_abs())))
    }

    /// Notes a failed try and when to try next.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn postpone_report(&self, id: ReportId, due: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE outbox SET due_us = $2, attempts = attempts + 1 WHERE id = $1")
            .bind(id.0.as_slice())
            .bind(micros(due))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps a report from being due again while it is tried.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn hold_report(&self, id: ReportId, until: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE outbox SET due_us = $2 WHERE id = $1")
            .bind(id.0.as_slice())
            .bind(micros(until))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets a report that was delivered or is given up.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn forget_report(&self, id: ReportId) -> Result<(), StoreError> {
        self.delete_report(&id.0).await
    }

    async fn delete_report(&self, id: &[u8]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM outbox WHERE id = $1").bind(id).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Drops reports that are out of date; says how many.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn drop_expired_reports(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM outbox WHERE expires_us <= $1").bind(micros(now)).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}
