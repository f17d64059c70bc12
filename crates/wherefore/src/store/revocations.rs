//! Revoked pseudonyms on disk. The count is made here, in one transaction, so that gateways which share a store agree.

use super::seal::Place;
use super::{Store, StoreError};
use lcs::{Digits, Imsi, Msisdn, Timestamp};
use privacy::{RevocationRecord, RevocationScope};
use serde::{Deserialize, Serialize};
use sqlx::Row as _;

const SELECT_ONE: &str = "SELECT record FROM pseudonym_revocations WHERE id = $1";
const UPSERT: &str = "INSERT INTO pseudonym_revocations (id, record) VALUES ($1, $2) \
                      ON CONFLICT (id) DO UPDATE SET record = excluded.record";

/// A record as it is sealed.
#[derive(Serialize, Deserialize)]
struct SealedRecord {
    scope: SealedScope,
    count: u32,
    /// Seconds since 1970.
    at_s: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SealedScope {
    Key(u8),
    Client(String),
    Imsi(String),
    Msisdn(String),
    ImsiAtClient(String, String),
    MsisdnAtClient(String, String),
}

impl SealedScope {
    fn of(scope: &RevocationScope) -> Self {
        let text = |digits: Digits| digits.values().map(|value| char::from(b'0' + value)).collect();
        match scope {
            RevocationScope::Key(id) => Self::Key(*id),
            RevocationScope::Client(client) => Self::Client(client.to_string()),
            RevocationScope::Imsi(imsi) => Self::Imsi(text(imsi.expose_digits())),
            RevocationScope::Msisdn(msisdn) => Self::Msisdn(text(msisdn.expose_digits())),
            RevocationScope::ImsiAtClient(imsi, client) => {
                Self::ImsiAtClient(text(imsi.expose_digits()), client.to_string())
            }
            RevocationScope::MsisdnAtClient(msisdn, client) => {
                Self::MsisdnAtClient(text(msisdn.expose_digits()), client.to_string())
            }
        }
    }

    fn scope(self) -> Option<RevocationScope> {
        let imsi = |text: &str| Imsi::parse(text).ok();
        let msisdn = |text: &str| Msisdn::parse(text).ok();
        Some(match self {
            Self::Key(id) => RevocationScope::Key(id),
            Self::Client(client) => RevocationScope::Client(client.into()),
            Self::Imsi(text) => RevocationScope::Imsi(imsi(&text)?),
            Self::Msisdn(text) => RevocationScope::Msisdn(msisdn(&text)?),
            Self::ImsiAtClient(text, client) => RevocationScope::ImsiAtClient(imsi(&text)?, client.into()),
            Self::MsisdnAtClient(text, client) => RevocationScope::MsisdnAtClient(msisdn(&text)?, client.into()),
        })
    }
}

const fn place(row: &[u8]) -> Place<'_> {
    Place { table: "pseudonym_revocations", column: "record", row }
}

impl Store {
    /// Revokes once more: adds 1 to each count, at `now`, all of them or none. Durable when this returns the records, which are
    /// then to take effect in memory.
    ///
    /// # Errors
    /// A record cannot be read, has no room left for its count, or SQL failed: nothing is revoked.
    pub async fn revoke_pseudonyms(
        &self,
        scopes: &[RevocationScope],
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, StoreError> {
        let mut records = Vec::with_capacity(scopes.len());
        let mut tx = self.begin().await?;
        for scope in scopes {
            let id = self.name_of(scope)?;
            let known: Option<Vec<u8>> = sqlx::query_scalar(SELECT_ONE).bind(&id).fetch_optional(&mut *tx).await?;
            let known = known.map(|sealed| self.opened(&id, &sealed)).transpose()?;
            let (count, at) = known.map_or((0, now), |known| (known.count, known.at.max(now)));
            let count = count.checked_add(1).ok_or_else(unreadable)?;
            let record = RevocationRecord { scope: scope.clone(), count, at: Timestamp::from_secs(at.secs()) };
            let sealed = SealedRecord { scope: SealedScope::of(scope), count, at_s: at.secs() };
            sqlx::query(UPSERT).bind(&id).bind(self.sealing.seal_json(&place(&id), &sealed)?).execute(&mut *tx).await?;
            records.push(record);
        }
        tx.commit().await?;
        Ok(records)
    }

    /// All of them.
    ///
    /// # Errors
    /// One cannot be read: what it revoked would resolve, so none are given. Or SQL failed.
    pub async fn pseudonym_revocations(&self) -> Result<Vec<RevocationRecord>, StoreError> {
        let rows = sqlx::query("SELECT id, record FROM pseudonym_revocations").fetch_all(&self.readers).await?;
        let record = |row: &sqlx::sqlite::SqliteRow| {
            let id: Vec<u8> = row.try_get("id")?;
            self.opened(&id, &row.try_get::<Vec<u8>, _>("record")?)
        };
        rows.iter().map(record).collect()
    }

    /// Forgets what concerns no pseudonym any more: those of `scopes` that were not revoked again after `before`.
    ///
    /// # Errors
    /// A record cannot be read, or SQL failed.
    pub async fn forget_revocations(&self, scopes: &[RevocationScope], before: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for scope in scopes {
            let id = self.name_of(scope)?;
            let known: Option<Vec<u8>> = sqlx::query_scalar(SELECT_ONE).bind(&id).fetch_optional(&mut *tx).await?;
            let Some(known) = known.map(|sealed| self.opened(&id, &sealed)).transpose()? else { continue };
            if known.at < before {
                sqlx::query("DELETE FROM pseudonym_revocations WHERE id = $1").bind(&id).execute(&mut *tx).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    fn name_of(&self, scope: &RevocationScope) -> Result<Vec<u8>, StoreError> {
        let text = serde_json::to_vec(&SealedScope::of(scope)).map(zeroize::Zeroizing::new);
        Ok(self.sealing.name("pseudonym revocation", &text.map_err(|_| StoreError::Seal)?))
    }

    fn opened(&self, id: &[u8], sealed: &[u8]) -> Result<RevocationRecord, StoreError> {
        let record: SealedRecord = self.sealing.open_json(&place(id), sealed)?;
        let scope = record.scope.scope().ok_or_else(unreadable)?;
        Ok(RevocationRecord { scope, count: record.count, at: Timestamp::from_secs(record.at_s) })
    }
}

fn unreadable() -> StoreError {
    StoreError::Unreadable { table: "pseudonym_revocations", column: "record" }
}
