//! Deferred requests that the home gateways of others wait for, on disk: each in one row until it is over.

use super::deferred::{request_from_octets, request_octets};
use super::seal::Place;
use super::{Store, StoreError};
use gmlc::LdrRequest;
use lcs::Timestamp;
use privacy::disclosure::RequestId;
use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use std::sync::Arc;

const INSERT: &str = "INSERT INTO referred (id, head, request) VALUES ($1, $2, $3)";
const UPDATE: &str = "UPDATE referred SET head = $2 WHERE id = $1";
const DELETE: &str = "DELETE FROM referred WHERE id = $1";
const SELECT: &str = "SELECT request FROM referred WHERE id = $1";
const SELECT_ALL: &str = "SELECT id, head FROM referred ORDER BY id";

const fn place<'a>(column: &'static str, row: &'a [u8]) -> Place<'a> {
    Place { table: "referred", column, row }
}

/// Where a request stands that another gateway is to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReferralPhase {
    /// The home gateway is being asked.
    Asked,
    /// It waits.
    Armed,
    /// It is over for the client; the home gateway is being told.
    Ending,
}

/// A request as it is in memory, save what was asked.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct KeptReferral {
    /// Its name.
    pub(crate) id: RequestId,
    /// Account of the client.
    pub(crate) account: Arc<str>,
    /// The home gateway.
    pub(crate) home: Arc<str>,
    /// What the home gateway knows it by.
    pub(crate) name: Arc<str>,
    /// Where it stands.
    pub(crate) phase: ReferralPhase,
    /// Number of the last report.
    pub(crate) reports: u32,
    /// When it ends at the latest.
    pub(crate) stop: Timestamp,
    /// Who pauses its reports here.
    pub(crate) pauses: Pauses,
}

/// Who pauses reports, and how often that changed for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pauses {
    pub(crate) by_subscriber: bool,
    pub(crate) by_operator: bool,
    pub(crate) changes: u16,
}

impl Pauses {
    /// Whether anybody pauses them.
    pub(crate) fn any(self) -> bool {
        self.by_subscriber || self.by_operator
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    account: String,
    home: String,
    name: String,
    phase: ReferralPhase,
    reports: u32,
    stop_us: u64,
    #[serde(default)]
    pauses: Pauses,
}

impl KeptReferral {
    fn octets(&self) -> Result<Vec<u8>, StoreError> {
        let head = Head {
            account: self.account.to_string(),
            home: self.home.to_string(),
            name: self.name.to_string(),
            phase: self.phase,
            reports: self.reports,
            stop_us: self.stop.micros(),
            pauses: self.pauses,
        };
        serde_json::to_vec(&head).map_err(|_| StoreError::Seal)
    }

    fn from_octets(id: RequestId, octets: &[u8]) -> Option<Self> {
        let Head { account, home, name, phase, reports, stop_us, pauses } = serde_json::from_slice(octets).ok()?;
        let (account, home, name) = (account.into(), home.into(), name.into());
        Some(Self { id, account, home, name, phase, reports, stop: Timestamp::from_micros(stop_us), pauses })
    }
}

impl Store {
    /// Keeps a request that is new. Durable when this returns.
    ///
    /// # Errors
    /// SQL failed, or it could not be read again: it is not kept.
    pub(crate) async fn keep_referral(&self, kept: &KeptReferral, request: &LdrRequest) -> Result<(), StoreError> {
        let id = kept.id.0;
        let octets = request_octets(request).ok_or(StoreError::Seal)?;
        request_from_octets(kept.id, &octets).ok_or(StoreError::Seal)?;
        let head = self.sealing.seal(&place("head", &id), &kept.octets()?)?;
        let request = self.sealing.seal(&place("request", &id), &octets)?;
        let mut tx = self.begin().await?;
        sqlx::query(INSERT).bind(id.as_slice()).bind(head).bind(request).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps how far one came. Durable when this returns.
    ///
    /// # Errors
    /// SQL failed: it stays as it was.
    pub(crate) async fn update_referral(&self, kept: &KeptReferral) -> Result<(), StoreError> {
        let id = kept.id.0;
        let head = self.sealing.seal(&place("head", &id), &kept.octets()?)?;
        let mut tx = self.begin().await?;
        sqlx::query(UPDATE).bind(id.as_slice()).bind(head).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets one that is over.
    ///
    /// # Errors
    /// SQL failed: it is still there.
    pub(crate) async fn forget_referral(&self, id: RequestId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(DELETE).bind(id.0.as_slice()).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    /// What was asked.
    ///
    /// # Errors
    /// SQL failed, there is no such request, or it cannot be read.
    pub(crate) async fn referred_request(&self, id: RequestId) -> Result<LdrRequest, StoreError> {
        let unreadable = StoreError::Unreadable { table: "referred", column: "request" };
        let query = sqlx::query_scalar(SELECT).bind(id.0.as_slice());
        let sealed: Option<Vec<u8>> = query.fetch_optional(&self.readers).await?;
        let Some(sealed) = sealed else { return Err(unreadable) };
        let octets = self.sealing.open(&place("request", &id.0), &sealed)?;
        request_from_octets(id, &octets).ok_or(unreadable)
    }

    /// All requests, and how many cannot be read: their rows stay.
    ///
    /// # Errors
    /// SQL failed.
    pub(crate) async fn referrals(&self) -> Result<(Vec<KeptReferral>, u64), StoreError> {
        let (mut referrals, mut unreadable) = (Vec::new(), 0);
        for row in sqlx::query(SELECT_ALL).fetch_all(&self.readers).await? {
            let (id, head): (Vec<u8>, Vec<u8>) = (row.try_get("id")?, row.try_get("head")?);
            let name = <[u8; 16]>::try_from(id.as_slice()).ok();
            let head = self.sealing.open(&place("head", &id), &head).ok();
            match name.zip(head).and_then(|(name, head)| KeptReferral::from_octets(RequestId(name), &head)) {
                Some(kept) => referrals.push(kept),
                None => unreadable += 1,
            }
        }
        Ok((referrals, unreadable))
    }
}
