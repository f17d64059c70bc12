//! Deferred requests on disk: each in one row until it is over.

mod head;
mod request;

pub(crate) use head::{KeptLdr, LdrParties, Likeness};
pub(crate) use request::likeness;
pub(super) use request::{from_octets as request_from_octets, octets as request_octets};

use super::seal::Place;
use super::writes::Job;
use super::{Store, StoreError};
use futures_util::TryStreamExt as _;
use gmlc::LdrRequest;
use privacy::disclosure::RequestId;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;
use std::sync::Arc;

const INSERT: &str = "INSERT INTO deferred (id, head, request) VALUES ($1, $2, $3)";
const UPDATE: &str = "UPDATE deferred SET head = $2 WHERE id = $1";
const DELETE: &str = "DELETE FROM deferred WHERE id = $1";
const SELECT: &str = "SELECT request FROM deferred WHERE id = $1";
/// In the order of the table: by name every row would be a look elsewhere in the file.
const SELECT_ALL: &str = "SELECT id, head FROM deferred";

const fn place<'a>(column: &'static str, row: &'a [u8]) -> Place<'a> {
    Place { table: "deferred", column, row }
}

/// Something of a deferred request could not be kept; why is in the program's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a deferred request could not be kept")]
pub(crate) struct NotKept;

/// A statement about one row.
struct Write {
    sql: &'static str,
    id: [u8; 16],
    sealed: Vec<Vec<u8>>,
}

impl Job for Write {
    type Value = ();

    async fn write(&self, to: &mut SqliteConnection) -> Result<(), StoreError> {
        let mut query = sqlx::query(self.sql).bind(self.id.as_slice());
        for sealed in &self.sealed {
            query = query.bind(sealed.as_slice());
        }
        query.execute(to).await?;
        Ok(())
    }
}

/// The rows of deferred requests.
pub(crate) struct LdrRows {
    store: Arc<Store>,
}

impl LdrRows {
    /// Over this store.
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self { store }
    }

    /// Keeps a request that is new. Durable when this returns.
    ///
    /// # Errors
    /// It is not kept.
    pub(crate) async fn insert(
        &self,
        parties: &LdrParties,
        kept: &KeptLdr,
        request: &LdrRequest,
    ) -> Result<(), NotKept> {
        let id = parties.id.0;
        let sealed = self.seal("head", &id, &kept.octets(parties)).and_then(|head| {
            let request = request::octets(request).ok_or(StoreError::Seal)?;
            // One that could not be read again would never be reported.
            request::from_octets(parties.id, &request).ok_or(StoreError::Seal)?;
            Ok(vec![head, self.seal("request", &id, &request)?])
        });
        self.write(INSERT, id, sealed).await
    }

    /// Keeps how far one came. Durable when this returns.
    ///
    /// # Errors
    /// It stays as it was.
    pub(crate) async fn update(&self, parties: &LdrParties, kept: &KeptLdr) -> Result<(), NotKept> {
        let id = parties.id.0;
        let sealed = self.seal("head", &id, &kept.octets(parties)).map(|head| vec![head]);
        self.write(UPDATE, id, sealed).await
    }

    /// Forgets one that is over.
    ///
    /// # Errors
    /// It is still there.
    pub(crate) async fn delete(&self, id: RequestId) -> Result<(), NotKept> {
        self.write(DELETE, id.0, Ok(Vec::new())).await
    }

    /// What was asked; `None` if there is no such request.
    ///
    /// # Errors
    /// SQL failed, or it cannot be read.
    pub(crate) async fn request(&self, id: RequestId) -> Result<Option<LdrRequest>, StoreError> {
        let query = sqlx::query_scalar(SELECT).bind(id.0.as_slice());
        let sealed: Option<Vec<u8>> = query.fetch_optional(&self.store.readers).await?;
        let Some(sealed) = sealed else { return Ok(None) };
        let octets = self.store.sealing.open(&place("request", &id.0), &sealed)?;
        let unreadable = StoreError::Unreadable { table: "deferred", column: "request" };
        request::from_octets(id, &octets).map(Some).ok_or(unreadable)
    }

    /// Reads all requests, in one walk over the table. Says how many cannot be read: their rows stay.
    ///
    /// # Errors
    /// SQL failed.
    pub(crate) async fn load(&self, mut take: impl FnMut(LdrParties, KeptLdr)) -> Result<u64, StoreError> {
        let mut rows = sqlx::query(SELECT_ALL).fetch(&self.store.readers);
        let mut unreadable = 0;
        while let Some(row) = rows.try_next().await? {
            let (id, head): (&[u8], &[u8]) = (row.try_get(0)?, row.try_get(1)?);
            let name = <[u8; 16]>::try_from(id).ok();
            let head = self.store.sealing.open(&place("head", id), head).ok();
            match name.zip(head).and_then(|(name, head)| KeptLdr::from_octets(RequestId(name), &head)) {
                Some((parties, kept)) => take(parties, kept),
                None => unreadable += 1,
            }
        }
        Ok(unreadable)
    }

    fn seal(&self, column: &'static str, id: &[u8; 16], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.store.sealing.seal(&place(column, id), plain)
    }

    async fn write(
        &self,
        sql: &'static str,
        id: [u8; 16],
        sealed: Result<Vec<Vec<u8>>, StoreError>,
    ) -> Result<(), NotKept> {
        let written = match sealed {
            Ok(sealed) => self.store.write_with_others(Write { sql, id, sealed }).await,
            Err(error) => Err(error),
        };
        written.map_err(|error| {
            metrics::counter!("wherefore_deferred_not_kept_total").increment(1);
            tracing::error!(%error, "a deferred request cannot be kept");
            NotKept
        })
    }
}
