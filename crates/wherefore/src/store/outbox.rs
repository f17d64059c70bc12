//! Reports to deliver: durable until delivered, so that neither a client that is down nor a crash loses one.

mod jobs;

pub(super) use jobs::Room;

use super::clients::micros;
use super::seal::{Place, RowId, fresh_row};
use super::{Store, StoreError};
use crate::clock;
use jobs::{Delivered, KeepInOrder, Postponed, Row};
use lcs::Timestamp;
use sqlx::Row as _;
use std::collections::HashSet;
use std::sync::Arc;
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

/// Whatever is due and comes next in its order, a few for each receiver, emergencies first and by themselves.
const DUE: &str = "SELECT id, kind, client_id, destination, body, attempts, stream, number, receiver FROM \
    (SELECT o.*, ROW_NUMBER() OVER (PARTITION BY COALESCE(o.receiver, o.id), o.kind = 'emerep' ORDER BY o.due_us, o.created_us) AS turn \
     FROM outbox o \
     WHERE o.due_us <= $1 AND o.expires_us > $1 AND (o.stream IS NULL OR NOT EXISTS \
        (SELECT 1 FROM outbox p WHERE p.stream = o.stream AND p.number < o.number AND p.expires_us > $1))) AS next \
    WHERE turn <= CASE kind WHEN 'emerep' THEN $3 ELSE $2 END ORDER BY CASE kind WHEN 'emerep' THEN 0 ELSE 1 END, due_us LIMIT $3";
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
        let report = NewReport { kind, client, destination, body, expires };
        let row = self.row(&report, clock::now(), None, self.receiver(client, destination))?;
        let id = row.id;
        self.write_with_others(row).await?;
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
        let report = NewReport { kind, client, destination, body, expires };
        let row = self.row(&report, due, None, None)?;
        let id = row.id;
        self.write_with_others(row).await?;
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
        let now = clock::now();
        let rows = reports.iter().map(|(report, in_order)| {
            let receiver = self.receiver(report.client, report.destination);
            Ok((self.row(report, now, Some(*in_order), receiver)?, Zeroizing::new(report.body.to_vec())))
        });
        let rows = rows.collect::<Result<_, StoreError>>()?;
        let (sealing, room) = (Arc::clone(&self.sealing), Arc::clone(&self.room));
        self.write_with_others(KeepInOrder { rows, most, sealing, room }).await
    }

    fn row(
        &self,
        report: &NewReport<'_>,
        due: Timestamp,
        in_order: Option<InOrder>,
        receiver: Option<Receiver>,
    ) -> Result<Row, StoreError> {
        let NewReport { kind, client, destination, body, expires } = *report;
        let id = ReportId(fresh_row()?);
        let (destination, body) = jobs::sealed(&self.sealing, &id, (destination, body))?;
        Ok(Row { id, kind, client: client.to_owned(), destination, body, due, expires, in_order, receiver })
    }

    fn receiver(&self, client: &str, destination: &str) -> Option<Receiver> {
        let length = u64::try_from(client.len()).unwrap_or(u64::MAX).to_be_bytes();
        let both = Zeroizing::new([&length[..], client.as_bytes(), destination.as_bytes()].concat());
        self.sealing.name("outbox receiver", &both).first_chunk().copied().map(Receiver)
    }

    /// Reports due by `now`, at most `limit`, and at most `of_one` of each receiver beside its emergencies; emergencies before others, then the
    /// oldest first. Of reports that come one after another, the next alone. One that is being delivered is due until its outcome is kept. One
    /// that cannot be read is dropped and counted.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn due_reports(&self, now: Timestamp, of_one: u32, limit: u32) -> Result<Vec<Report>, StoreError> {
        self.due_reports_but(&HashSet::new(), now, of_one, limit).await
    }

    /// The same without these, which count nevertheless.
    ///
    /// # Errors
    /// SQL failed.
    pub(crate) async fn due_reports_but(
        &self,
        under_way: &HashSet<ReportId>,
        now: Timestamp,
        of_one: u32,
        limit: u32,
    ) -> Result<Vec<Report>, StoreError> {
        let query = sqlx::query(DUE).bind(micros(now)).bind(i64::from(of_one)).bind(i64::from(limit));
        let rows = query.fetch_all(&self.readers).await?;
        let mut reports = Vec::with_capacity(rows.len());
        for row in rows {
            let id: &[u8] = row.try_get("id")?;
            if RowId::try_from(id).is_ok_and(|id| under_way.contains(&ReportId(id))) {
                continue;
            }
            match self.report(&row) {
                Ok(report) => reports.push(report),
                Err(_) => {
                    metrics::counter!("wherefore_outbox_unreadable_total").increment(1);
                    tracing::error!("a pending report cannot be read and is dropped");
                    let mut tx = self.begin().await?;
                    sqlx::query("DELETE FROM outbox WHERE id = $1").bind(id).execute(&mut *tx).await?;
                    tx.commit().await?;
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
        let receiver = report.receiver.filter(|_| report.kind != ReportKind::Emerep);
        let receiver = receiver.map(|receiver| (receiver, report.attempts));
        self.write_with_others(Postponed { id: report.id, due, receiver }).await
    }

    /// Forgets a report that its receiver took. What waited because it did not answer is due at `now`.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn delivered_report(&self, report: &Report, now: Timestamp) -> Result<(), StoreError> {
        let answers_again = report.receiver.filter(|_| report.attempts > 0);
        self.write_with_others(Delivered { id: report.id, answers_again, now }).await
    }

    /// Makes due at `now` what the process before this one had promised and not tried before. What failed keeps its wait.
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
        self.write_with_others(Delivered { id, answers_again: None, now: Timestamp::default() }).await
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
