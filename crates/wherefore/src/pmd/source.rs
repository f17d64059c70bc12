//! Where a gateway has pseudonyms from: its own device, or another's over Lid.

use super::lid::RemotePmd;
use super::{Assigned, LocalPmd, PseudonymError};
use crate::clock;
use crate::store::Store;
use lcs::{Identities, Pseudonym, Timestamp};
use privacy::Unresolved;
use std::sync::Arc;

/// The device that knows pseudonyms, wherever it is.
#[derive(Clone)]
pub(crate) enum Pseudonyms {
    /// In this process.
    Local(Arc<LocalPmd>),
    /// In another; what the register here knows of a subscriber goes with the question.
    Remote(Arc<RemotePmd>, Arc<Store>),
}

impl Pseudonyms {
    /// The one in this process.
    pub(crate) fn local(&self) -> Option<&Arc<LocalPmd>> {
        match self {
            Self::Local(pmd) => Some(pmd),
            Self::Remote(..) => None,
        }
    }

    /// Turns a pseudonym back, for the account that it was assigned to, before `deadline`.
    ///
    /// # Errors
    /// It is not resolved, for whatever reason.
    pub(crate) async fn resolve(
        &self,
        pseudonym: &Pseudonym,
        client: &str,
        deadline: Timestamp,
    ) -> Result<Identities, Unresolved> {
        match self {
            Self::Local(pmd) => pmd.resolve(pseudonym, client, clock::now()),
            Self::Remote(pmd, _) => pmd.resolve(pseudonym, client, deadline).await,
        }
    }

    /// Assigns the pseudonym of a subscriber for a client account.
    ///
    /// # Errors
    /// None is assigned.
    pub(crate) async fn assign(&self, who: &Identities, client: &str) -> Result<Assigned, PseudonymError> {
        match self {
            Self::Local(pmd) => pmd.assign(who, client, clock::now()).await,
            Self::Remote(pmd, store) => pmd.assign(&super::completed(store, who).await?, client).await,
        }
    }
}
