//! Erasure: by a token that needs no identity, by job, by subscriber.

use super::Collector;
use super::rows::RowsError;
use crate::clock;
use aws_lc_rs::digest::{SHA256, digest};
use mdt_store::{SubjectId, Which};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an erasure did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErasedRows {
    /// Rows that are gone.
    pub rows: u64,
}

/// An erasure was not made; repeat it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EraseError {
    /// The store of rows.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// The books.
    #[error(transparent)]
    Books(#[from] crate::store::StoreError),
    /// The spool.
    #[error("an unfinished upload could not be removed")]
    Spool(#[from] std::io::Error),
    /// The signature.
    #[error("the receipt could not be signed")]
    Receipt,
}

impl Collector {
    /// Erases what became of the log whose token this is, and gives a signed receipt. A token that nothing is known of costs no pass over
    /// the store.
    pub(super) async fn erase_by_token(&self, token: [u8; 32]) -> Result<Vec<u8>, EraseError> {
        let mut commitment = [0; 32];
        commitment.iter_mut().zip(digest(&SHA256, &token).as_ref()).for_each(|(to, from)| *to = *from);
        self.spool.erase(&commitment)?;
        let known = self.books.has_erasure(&commitment).await?;
        let rows = if known { self.rows.erase(Which::Token(token)).await? } else { 0 };
        metrics::counter!("wherefore_mdt_erasures_total", "by" => "token").increment(1);
        let receipt = self.keys.signer.sign_erasure(commitment, clock::now().secs(), rows);
        receipt.map_err(|_| EraseError::Receipt)
    }

    /// Erases the rows of a job, by its trace reference; nothing where the reference is none.
    pub(crate) async fn erase_by_job(&self, job: &str) -> Result<Option<ErasedRows>, EraseError> {
        let Some(job) = mdt_store::job_of(job.as_bytes()) else { return Ok(None) };
        metrics::counter!("wherefore_mdt_erasures_total", "by" => "job").increment(1);
        Ok(Some(ErasedRows { rows: self.rows.erase(Which::Job(job)).await? }))
    }

    /// Erases the rows of a subscriber, by the register's name for them.
    pub(crate) async fn erase_by_subject(&self, subject: SubjectId) -> Result<ErasedRows, EraseError> {
        metrics::counter!("wherefore_mdt_erasures_total", "by" => "subject").increment(1);
        Ok(ErasedRows { rows: self.rows.erase(Which::Subject(subject)).await? })
    }
}
