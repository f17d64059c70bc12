//! Writes of the outbox that go together with those of others.

use super::{GivenUp, InOrder, Receiver, ReportId, ReportKind, given_up_of, place};
use crate::clock;
use crate::store::StoreError;
use crate::store::clients::micros;
use crate::store::seal::{Place, Sealing};
use crate::store::writes::Job;
use lcs::Timestamp;
use sqlx::sqlite::SqliteConnection;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// A report whose receiver does not answer waits with the others of that: all of them wait, or none, so the first tells. One that is kept
/// under the same number stays.
const INSERT: &str = "INSERT INTO outbox (id, kind, client_id, destination, body, due_us, attempts, expires_us, created_us, stream, number, \
                      receiver) \
    SELECT $1, $2, $3, $4, $5, COALESCE(first.due_us, $6), COALESCE(first.attempts, 0), $7, $8, $9, $10, $11 FROM (SELECT 1) AS one \
    LEFT JOIN (SELECT due_us, attempts FROM outbox WHERE receiver = $12 AND kind <> 'emerep' ORDER BY due_us LIMIT 1) AS first \
    ON first.attempts > 0 WHERE TRUE ON CONFLICT (stream, number) DO NOTHING";
const COUNT: &str = "SELECT COUNT(*) FROM outbox WHERE client_id = $1 AND kind IN ('tlrep', 'trlrep')";
const SURPLUS: &str = "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE client_id = $1 AND kind IN ('tlrep', 'trlrep') \
                       ORDER BY created_us DESC, number DESC LIMIT -1 OFFSET $2) \
                       RETURNING kind, client_id, stream, number, attempts";

/// How many reports in order may still be kept of each client before they must be counted.
#[derive(Default)]
pub(in crate::store) struct Room(Mutex<HashMap<String, Left>>);

#[derive(Clone, Copy)]
struct Left {
    most: u32,
    left: u32,
}

impl Room {
    fn clients(&self) -> std::sync::MutexGuard<'_, HashMap<String, Left>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether one more of the client is certainly not one too many. Others may have gone since they were counted, and one that was not
    /// kept after all has taken its place here: both err on the safe side.
    fn take(&self, client: &str, most: u32) -> bool {
        let mut clients = self.clients();
        let Some(left) = clients.get_mut(client).filter(|left| left.most == most) else { return false };
        let room = left.left > 0;
        left.left = left.left.saturating_sub(1);
        room
    }

    fn counted(&self, client: &str, most: u32, count: u32) {
        self.clients().insert(client.to_owned(), Left { most, left: most.saturating_sub(count) });
    }
}

/// A row to be.
pub(super) struct Row {
    pub(super) id: ReportId,
    pub(super) kind: ReportKind,
    pub(super) client: String,
    pub(super) destination: Vec<u8>,
    pub(super) body: Vec<u8>,
    pub(super) due: Timestamp,
    pub(super) expires: Timestamp,
    pub(super) in_order: Option<InOrder>,
    pub(super) receiver: Option<Receiver>,
}

impl Row {
    /// Whether it is there now: one of its number may have been there before.
    async fn insert(&self, to: &mut SqliteConnection) -> Result<bool, StoreError> {
        let receiver = self.receiver.map(|receiver| receiver.0.to_vec());
        let waits_with = receiver.clone().filter(|_| self.kind != ReportKind::Emerep);
        let query = sqlx::query(INSERT)
            .bind(self.id.0.as_slice())
            .bind(self.kind.word())
            .bind(self.client.as_str())
            .bind(self.destination.as_slice())
            .bind(self.body.as_slice())
            .bind(micros(self.due))
            .bind(micros(self.expires))
            .bind(micros(clock::now()))
            .bind(self.in_order.map(|order| order.stream.to_vec()))
            .bind(self.in_order.map_or(0, |order| order.number))
            .bind(receiver)
            .bind(waits_with);
        Ok(query.execute(to).await?.rows_affected() == 1)
    }
}

impl Job for Row {
    type Value = ();

    async fn write(&self, to: &mut SqliteConnection) -> Result<(), StoreError> {
        self.insert(to).await?;
        Ok(())
    }
}

/// Reports in order, each with what it says: sealed for the row that it would have, and plain for the one that it takes the place of.
pub(super) struct KeepInOrder {
    pub(super) rows: Vec<(Row, Zeroizing<Vec<u8>>)>,
    pub(super) most: u32,
    pub(super) sealing: Arc<Sealing>,
    pub(super) room: Arc<Room>,
}

impl Job for KeepInOrder {
    type Value = Vec<GivenUp>;

    async fn write(&self, to: &mut SqliteConnection) -> Result<Vec<GivenUp>, StoreError> {
        let mut given_up = Vec::new();
        for (row, plain) in &self.rows {
            if row.insert(to).await? {
                given_up.append(&mut self.bound(to, &row.client).await?);
            } else if let Some(in_order) = row.in_order {
                self.replace(to, in_order, plain).await?;
            }
        }
        Ok(given_up)
    }
}

impl KeepInOrder {
    async fn replace(&self, to: &mut SqliteConnection, at: InOrder, body: &[u8]) -> Result<(), StoreError> {
        let query = sqlx::query_scalar("SELECT id FROM outbox WHERE stream = $1 AND number = $2");
        let id: Vec<u8> = query.bind(at.stream.as_slice()).bind(at.number).fetch_one(&mut *to).await?;
        let body = self.sealing.seal(&Place { table: "outbox", column: "body", row: &id }, body)?;
        sqlx::query("UPDATE outbox SET body = $2 WHERE id = $1").bind(id).bind(body).execute(to).await?;
        Ok(())
    }

    /// Gives up the oldest of a client that has too many.
    async fn bound(&self, to: &mut SqliteConnection, client: &str) -> Result<Vec<GivenUp>, StoreError> {
        if self.room.take(client, self.most) {
            return Ok(Vec::new());
        }
        let count: i64 = sqlx::query_scalar(COUNT).bind(client).fetch_one(&mut *to).await?;
        self.room.counted(client, self.most, u32::try_from(count).unwrap_or(u32::MAX));
        if count <= i64::from(self.most) {
            return Ok(Vec::new());
        }
        let surplus = sqlx::query(SURPLUS).bind(client).bind(i64::from(self.most)).fetch_all(to).await?;
        surplus.iter().map(given_up_of).collect()
    }
}

/// A report that its receiver took: forgotten.
pub(super) struct Delivered {
    pub(super) id: ReportId,
    /// Who did not answer before: what waits for it is due now.
    pub(super) answers_again: Option<Receiver>,
    pub(super) now: Timestamp,
}

impl Job for Delivered {
    type Value = ();

    async fn write(&self, to: &mut SqliteConnection) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM outbox WHERE id = $1").bind(self.id.0.as_slice()).execute(&mut *to).await?;
        if let Some(receiver) = self.answers_again {
            let waiting = "UPDATE outbox SET due_us = $2, attempts = 0 WHERE receiver = $1 AND attempts > 0";
            sqlx::query(waiting).bind(receiver.0.as_slice()).bind(micros(self.now)).execute(to).await?;
        }
        Ok(())
    }
}

/// A try in vain.
pub(super) struct Postponed {
    pub(super) id: ReportId,
    pub(super) due: Timestamp,
    /// Who did not answer, and how often: what else is kept for it waits, too.
    pub(super) receiver: Option<(Receiver, u32)>,
}

impl Job for Postponed {
    type Value = ();

    async fn write(&self, to: &mut SqliteConnection) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET due_us = $2, attempts = attempts + 1 WHERE id = $1")
            .bind(self.id.0.as_slice())
            .bind(micros(self.due))
            .execute(&mut *to)
            .await?;
        let Some((receiver, attempts)) = self.receiver else { return Ok(()) };
        let others = "UPDATE outbox SET due_us = CASE WHEN due_us < $2 THEN $2 ELSE due_us END, attempts = $4 \
                      WHERE receiver = $1 AND id <> $3 AND kind <> 'emerep'";
        sqlx::query(others)
            .bind(receiver.0.as_slice())
            .bind(micros(self.due))
            .bind(self.id.0.as_slice())
            .bind(i64::from(attempts) + 1)
            .execute(to)
            .await?;
        Ok(())
    }
}

/// The sealed parts of a row.
pub(super) fn sealed(
    sealing: &Sealing,
    ReportId(id): &ReportId,
    (destination, body): (&str, &[u8]),
) -> Result<(Vec<u8>, Vec<u8>), StoreError> {
    Ok((sealing.seal(&place("destination", id), destination.as_bytes())?, sealing.seal(&place("body", id), body)?))
}
