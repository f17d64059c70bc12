//! Reports to deliver: durable until delivered, so that neither a client that is down nor a crash loses one.

use super::clients::micros;
use super::seal::{Place, RowId, fresh_row};
use super::{Store, StoreError};
use crate::clock;
use lcs::Timestamp;
use sqlx::{Row as _, Sqlite, Transaction};
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
    /// What becomes of a triggered request (TLREP, TLRPR, TLRSA).
    Tlrep,
    /// What a client has armed (TLQREP).
    Tlqrep,
    /// What becomes of a triggered request of another gateway (TRLREP, TRLRSA).
    Trlrep,
}

impl ReportKind {
    const ALL: [Self; 6] = [Self::Slirep, Self::Emerep, Self::Slrep, Self::Tlrep, Self::Tlqrep, Self::Trlrep];

    /// The word by which it is kept and told in logs.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Slirep => "slirep",
            Self::Emerep => "emerep",
            Self::Slrep => "slrep",
            Self::Tlrep => "tlrep",
            Self::Tlqrep => "tlqrep",
            Self::Trlrep => "trlrep",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A report's place among others that come one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InOrder {
    /// What it is one of: the name of a deferred request.
    pub stream: [u8; 16],
    /// Its place there. Nothing is sent while a lower one is kept. A report has its number times [`InOrder::BETWEEN`].
    pub number: i64,
}

impl InOrder {
    /// Places from one report to the next.
    pub const BETWEEN: i64 = 1 << 16;
    /// What comes after everything else.
    pub const END: i64 = i64::MAX;
}

/// A report to keep.
pub(crate) struct NewReport<'a> {
    pub(crate) kind: ReportKind,
    /// Account of the client to whom it goes.
    pub(crate) client: &'a str,
    pub(crate) destination: &'a str,
    pub(crate) body: &'a [u8],
    pub(crate) expires: Timestamp,
}

/// A report that was not delivered in its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// Its kind; `None`: one that this version does not know.
    pub kind: Option<ReportKind>,
    /// Account of the client that did not get it.
    pub client: String,
    /// Its place among others.
    pub in_order: Option<InOrder>,
    /// Tries in vain.
    pub attempts: u32,
}

/// Name of a report in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReportId(RowId);

impl ReportId {
    /// An octet of it, which is as good as drawn by lot.
    pub(crate) fn lot(self, at: u32) -> u8 {
        usize::try_from(at).ok().and_then(|at| self.0.get(at % self.0.len())).copied().unwrap_or_default()
    }
}

/// Who gets a report: hides client and address, tells two receivers apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Receiver([u8; 16]);

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
    /// Tries in vain: of this report if it is an emergency's, else of its receiver since that last took something.
    pub attempts: u32,
    /// Its place among others; `None`: it stands alone.
    pub in_order: Option<InOrder>,
    /// Who gets it; `None`: it waits by itself.
    pub receiver: Option<Receiver>,
}

impl core::fmt::Debug for Report {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Report({:?} for {}, {} tries)", self.kind, self.client, self.attempts)
    }
}

const fn place<'a>(column: &'static str, row: &'a RowId) -> Place<'a> {
    Place { table: "outbox", column, row }
}

const INSERT: &str = "INSERT INTO outbox (id, kind, client_id, destination, body, due_us, attempts, expires_us, created_us, \
                      stream, number, receiver) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
/// How a receiver stands: when the first that waits for it is due, and how often it did not answer.
const STANDING: &str =
    "SELECT MIN(due_us), MAX(attempts) FROM outbox WHERE receiver = $1 AND attempts > 0 AND kind <> 'emerep'";
/// Whatever is due and comes next in its order, a few for each receiver, emergencies first.
const DUE: &str = "SELECT id, kind, client_id, destination, body, attempts, stream, number, receiver FROM \
    (SELECT o.*, ROW_NUMBER() OVER (PARTITION BY COALESCE(o.receiver, o.id) ORDER BY o.due_us, o.created_us) AS turn FROM outbox o \
     WHERE o.due_us <= $1 AND o.expires_us > $1 AND (o.stream IS NULL OR NOT EXISTS \
        (SELECT 1 FROM outbox p WHERE p.stream = o.stream AND p.number < o.number AND p.expires_us > $1))) AS next \
    WHERE turn <= $2 ORDER BY CASE kind WHEN 'emerep' THEN 0 ELSE 1 END, due_us LIMIT $3";
const SURPLUS: &str = "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE client_id = $1 AND kind IN ('tlrep', 'trlrep') \
                       ORDER BY created_us DESC, number DESC LIMIT -1 OFFSET $2) \
                       RETURNING kind, client_id, stream, number, attempts";
const EXPIRED: &str = "DELETE FROM outbox WHERE expires_us <= $1 RETURNING kind, client_id, stream, number, attempts";

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
        let mut tx = self.begin().await?;
        let report = NewReport { kind, client, destination, body, expires };
        let id = self.insert_report(&mut tx, &report, None).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Keeps a report that is due only then, whatever its receiver does. It is durable when this returns.
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
        let mut tx = self.begin().await?;
        let report = NewReport { kind, client, destination, body, expires };
        let id = self.insert_row(&mut tx, &report, (micros(due), 0), None, None).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Keeps reports that come one after another, and no more than `most` of the client: the oldest are given up. All are durable when
    /// this returns. One that is kept under the same number is replaced.
    ///
    /// # Errors
    /// SQL failed, a full disk included: none of them is kept.
    pub(crate) async fn keep_in_order(
        &self,
        reports: &[(NewReport<'_>, InOrder)],
        most: u32,
    ) -> Result<Vec<GivenUp>, StoreError> {
        let mut given_up = Vec::new();
        let mut tx = self.begin().await?;
        for (report, in_order) in reports {
            let known: Option<Vec<u8>> = sqlx::query_scalar("SELECT id FROM outbox WHERE stream = $1 AND number = $2")
                .bind(in_order.stream.as_slice())
                .bind(in_order.number)
                .fetch_optional(&mut *tx)
                .await?;
            if let Some(id) = known {
                let body = self.sealing.seal(&Place { table: "outbox", column: "body", row: &id }, report.body)?;
                let update = sqlx::query("UPDATE outbox SET body = $2 WHERE id = $1").bind(id).bind(body);
                update.execute(&mut *tx).await?;
                continue;
            }
            self.insert_report(&mut tx, report, Some(*in_order)).await?;
            let surplus = sqlx::query(SURPLUS).bind(report.client).bind(i64::from(most)).fetch_all(&mut *tx).await?;
            given_up.append(&mut surplus.iter().map(given_up_of).collect::<Result<_, _>>()?);
        }
        tx.commit().await?;
        Ok(given_up)
    }

    /// Keeps a report for a receiver. One whose receiver does not answer waits with the others.
    async fn insert_report(
        &self,
        tx: &mut Transaction<'_, Sqlite>,
        report: &NewReport<'_>,
        in_order: Option<InOrder>,
    ) -> Result<ReportId, StoreError> {
        let receiver = self.receiver(report.client, report.destination);
        let now = micros(clock::now());
        let standing = match (report.kind, receiver) {
            (ReportKind::Emerep, _) | (_, None) => (now, 0),
            (_, Some(receiver)) => {
                let row = sqlx::query(STANDING).bind(receiver.0.as_slice()).fetch_one(&mut **tx).await?;
                let (due, attempts): (Option<i64>, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
                (due.unwrap_or(now), attempts.unwrap_or(0))
            }
        };
        self.insert_row(tx, report, standing, in_order, receiver).await
    }

    async fn insert_row(
        &self,
        tx: &mut Transaction<'_, Sqlite>,
        report: &NewReport<'_>,
        (due_us, attempts): (i64, i64),
        in_order: Option<InOrder>,
        receiver: Option<Receiver>,
    ) -> Result<ReportId, StoreError> {
        let id = fresh_row()?;
        sqlx::query(INSERT)
            .bind(id.as_slice())
            .bind(report.kind.word())
            .bind(report.client)
            .bind(self.sealing.seal(&place("destination", &id), report.destination.as_bytes())?)
            .bind(self.sealing.seal(&place("body", &id), report.body)?)
            .bind(due_us)
            .bind(attempts)
            .bind(micros(report.expires))
            .bind(micros(clock::now()))
            .bind(in_order.map(|order| order.stream.to_vec()))
            .bind(in_order.map_or(0, |order| order.number))
            .bind(receiver.map(|receiver| receiver.0.to_vec()))
            .execute(&mut **tx)
            .await?;
        Ok(ReportId(id))
    }

    fn receiver(&self, client: &str, destination: &str) -> Option<Receiver> {
        let length = u64::try_from(client.len()).unwrap_or(u64::MAX).to_be_bytes();
        let both = Zeroizing::new([&length[..], client.as_bytes(), destination.as_bytes()].concat());
        self.sealing.name("outbox receiver", &both).first_chunk().copied().map(Receiver)
    }

    /// Reports due by `now`, at most `limit`, and at most `of_one` of each receiver; emergencies before others, then the oldest first. Of
    /// reports that come one after another, the next alone. One that cannot be read is dropped and counted.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn due_reports(&self, now: Timestamp, of_one: u32, limit: u32) -> Result<Vec<Report>, StoreError> {
        let query = sqlx::query(DUE).bind(micros(now)).bind(i64::from(of_one)).bind(i64::from(limit));
        let rows = query.fetch_all(&self.readers).await?;
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
            in_order: in_order_of(row)?,
            receiver: row
                .try_get::<Option<Vec<u8>>, _>("receiver")?
                .and_then(|hash| hash.try_into().ok())
                .map(Receiver),
        })
    }

    /// When the next report is due after `now`, to sleep until then; `None` if there is none.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn next_report_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let query = sqlx::query_scalar("SELECT MIN(due_us) FROM outbox WHERE due_us > $1").bind(micros(now));
        let due: Option<i64> = query.fetch_one(&self.readers).await?;
        Ok(due.map(|micros| Timestamp::from_micros(micros.unsigned_abs())))
    }

    /// Notes a failed try and when to try next. Whatever else is kept for the same receiver waits with it, but for emergencies.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn postpone_report(&self, report: &Report, due: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE outbox SET due_us = $2, attempts = attempts + 1 WHERE id = $1")
            .bind(report.id.0.as_slice())
            .bind(micros(due))
            .execute(&mut *tx)
            .await?;
        if let (Some(receiver), false) = (report.receiver, report.kind == ReportKind::Emerep) {
            let others = "UPDATE outbox SET due_us = CASE WHEN due_us < $2 THEN $2 ELSE due_us END, attempts = $4 \
                          WHERE receiver = $1 AND id <> $3 AND kind <> 'emerep'";
            sqlx::query(others)
                .bind(receiver.0.as_slice())
                .bind(micros(due))
                .bind(report.id.0.as_slice())
                .bind(i64::from(report.attempts) + 1)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Forgets a report that its receiver took. What waited because it did not answer is due at `now`.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn delivered_report(&self, report: &Report, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM outbox WHERE id = $1").bind(report.id.0.as_slice()).execute(&mut *tx).await?;
        if let (Some(receiver), true) = (report.receiver, report.attempts > 0) {
            let waiting = "UPDATE outbox SET due_us = $2, attempts = 0 WHERE receiver = $1 AND attempts > 0";
            sqlx::query(waiting).bind(receiver.0.as_slice()).bind(micros(now)).execute(&mut *tx).await?;
        }
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

    /// Makes due at `now` what a process that ended held and had not tried before. What failed keeps its wait.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn release_held_reports(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE outbox SET due_us = $1 WHERE attempts = 0 AND due_us > $1")
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets a report that another one stands for.
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

    /// Gives up reports that are out of date.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn drop_expired_reports(&self, now: Timestamp) -> Result<Vec<GivenUp>, StoreError> {
        let mut tx = self.begin().await?;
        let rows = sqlx::query(EXPIRED).bind(micros(now)).fetch_all(&mut *tx).await?;
        tx.commit().await?;
        rows.iter().map(given_up_of).collect()
    }
}

fn in_order_of(row: &sqlx::sqlite::SqliteRow) -> Result<Option<InOrder>, StoreError> {
    let stream: Option<Vec<u8>> = row.try_get("stream")?;
    let number = row.try_get("number")?;
    Ok(stream.and_then(|stream| stream.try_into().ok()).map(|stream| InOrder { stream, number }))
}

fn given_up_of(row: &sqlx::sqlite::SqliteRow) -> Result<GivenUp, StoreError> {
    Ok(GivenUp {
        kind: ReportKind::from_word(&row.try_get::<String, _>("kind")?),
        client: row.try_get("client_id")?,
        in_order: in_order_of(row)?,
        attempts: u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(u32::MAX),
    })
}

#[cfg(test)]
mod tests;
