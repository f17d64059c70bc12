//! Clients on disk.

use super::seal::Place;
use super::{Store, StoreError};
use crate::clients::{ClientRecord, ExternalIdentity, StoredClient, TargetRule};
use crate::clock;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use std::collections::HashMap;

/// What to do with a client's secret.
#[derive(Clone, Copy)]
pub enum SecretChange<'a> {
    /// Leave it.
    Keep,
    /// Put this Argon2id hash (PHC string) in its place.
    Set(&'a str),
    /// Take it away: the client authenticates by certificate only.
    Remove,
}

impl core::fmt::Debug for SecretChange<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Keep => "Keep",
            Self::Set(_) => "Set(hidden)",
            Self::Remove => "Remove",
        })
    }
}

fn place(id: &str) -> Place<'_> {
    Place { table: "clients", column: "targets", row: id.as_bytes() }
}

impl Store {
    /// All clients. One that cannot be read is left out, counted and logged: it is then unknown, and refused.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn clients(&self) -> Result<Vec<StoredClient>, StoreError> {
        let mut identities: HashMap<String, Vec<ExternalIdentity>> = HashMap::new();
        let mut broken = Vec::new();
        let rows = sqlx::query("SELECT client_id, number, name FROM client_external_ids ORDER BY client_id, position")
            .fetch_all(&self.readers)
            .await?;
        for row in rows {
            let client: String = row.try_get("client_id")?;
            let number: String = row.try_get("number")?;
            match number.parse() {
                Ok(number) => {
                    let identity = ExternalIdentity { number, name: row.try_get("name")? };
                    identities.entry(client).or_default().push(identity);
                }
                Err(_) => broken.push(client),
            }
        }
        let rows = sqlx::query("SELECT id, record, targets, secret_phc, version FROM clients")
            .fetch_all(&self.readers)
            .await?;
        let mut clients = Vec::with_capacity(rows.len());
        for row in rows {
            let id: String = row.try_get("id")?;
            let external = identities.remove(&id).unwrap_or_default();
            match self.client(&id, &row, external) {
                Ok(client) if !broken.contains(&id) => clients.push(client),
                Ok(_) | Err(_) => {
                    metrics::counter!("wherefore_store_unreadable_clients_total").increment(1);
                    tracing::error!(
                        client = id,
                        "client record cannot be read; the client is refused. Set the record anew"
                    );
                }
            }
        }
        Ok(clients)
    }

    fn client(&self, id: &str, row: &SqliteRow, external: Vec<ExternalIdentity>) -> Result<StoredClient, StoreError> {
        let unreadable = StoreError::Unreadable { table: "clients", column: "record" };
        let text: String = row.try_get("record")?;
        let mut record: ClientRecord = serde_json::from_str(&text).map_err(|_| unreadable)?;
        let targets: Option<Vec<u8>> = row.try_get("targets")?;
        let targets =
            targets.map(|sealed| self.sealing.open_json::<Vec<TargetRule>>(&place(id), &sealed)).transpose()?;
        id.clone_into(&mut record.id);
        record.external_identities = external;
        record.targets = targets;
        let version: i64 = row.try_get("version")?;
        Ok(StoredClient { record, secret_phc: row.try_get("secret_phc")?, version: version.unsigned_abs() })
    }

    /// Writes a client, new or changed, and gives it back with its version. `expected` is the version that is to be
    /// replaced, if the caller read one; 0 for a client that must be new.
    ///
    /// # Errors
    /// [`StoreError::Conflict`], or SQL failed.
    pub async fn put_client(
        &self,
        record: &ClientRecord,
        secret: SecretChange<'_>,
        expected: Option<u64>,
    ) -> Result<StoredClient, StoreError> {
        let bare = ClientRecord { targets: None, external_identities: Vec::new(), ..record.clone() };
        let json = serde_json::to_string(&bare).map_err(|_| StoreError::Seal)?;
        let targets = record.targets.as_ref().map(|t| self.sealing.seal_json(&place(&record.id), t)).transpose()?;
        let now = micros(clock::now());
        let mut tx = self.begin().await?;
        let before = sqlx::query("SELECT version, secret_phc FROM clients WHERE id = $1")
            .bind(&record.id)
            .fetch_optional(&mut *tx)
            .await?;
        let found = before.as_ref().map_or(Ok(0), |row| row.try_get::<i64, _>("version"))?;
        check_version(expected, found)?;
        let old_secret: Option<String> = before.map_or(Ok(None), |row| row.try_get("secret_phc"))?;
        let secret_phc = match secret {
            SecretChange::Keep => old_secret,
            SecretChange::Set(phc) => Some(phc.to_owned()),
            SecretChange::Remove => None,
        };
        sqlx::query(
            "INSERT INTO clients (id, record, targets, secret_phc, version, created_us, updated_us) \
             VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (id) DO UPDATE SET record = excluded.record, \
             targets = excluded.targets, secret_phc = excluded.secret_phc, version = excluded.version, \
             updated_us = excluded.updated_us",
        )
        .bind(&record.id)
        .bind(json)
        .bind(targets)
        .bind(&secret_phc)
        .bind(found + 1)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM client_external_ids WHERE client_id = $1").bind(&record.id).execute(&mut *tx).await?;
        for (position, identity) in (0_i64..).zip(&record.external_identities) {
            sqlx::query("INSERT INTO client_external_ids (client_id, position, number, name) VALUES ($1, $2, $3, $4)")
                .bind(&record.id)
                .bind(position)
                .bind(identity.number.to_string())
                .bind(&identity.name)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(StoredClient { record: record.clone(), secret_phc, version: (found + 1).unsigned_abs() })
    }

    /// Removes a client; says whether there was one.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn remove_client(&self, id: &str) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM clients WHERE id = $1").bind(id).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() > 0)
    }
}

/// Whether the version found is the one expected, if any is.
pub(super) fn check_version(expected: Option<u64>, found: i64) -> Result<(), StoreError> {
    let found = found.unsigned_abs();
    match expected {
        Some(expected) if expected != found => Err(StoreError::Conflict { expected, found }),
        Some(_) | None => Ok(()),
    }
}

/// A time as the store keeps it.
pub(super) fn micros(time: lcs::Timestamp) -> i64 {
    i64::try_from(time.micros()).unwrap_or(i64::MAX)
}
