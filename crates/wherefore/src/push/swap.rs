//! Numbers for pseudonyms, pseudonyms for numbers.

use super::number::{Numbering, digits};
use crate::clock;
use crate::config;
use crate::pmd::{Pseudonyms, pseudonym_text};
use crate::store::{Alias, Store};
use lcs::{Duration, Identities, Msisdn, Pseudonym};
use moka::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Both gateways' way to pseudonyms.
pub(crate) struct Swap {
    pseudonyms: Pseudonyms,
    store: Arc<Store>,
    pub(super) numbering: Numbering,
    patience: Duration,
    aliases_max: u64,
    /// Aliases that are known to be kept: keyed hashes, so that nobody's name lies about.
    kept: Cache<Alias, ()>,
    /// Aliases written since the start.
    written: AtomicU64,
}

/// No pseudonym can be had now. Why is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unavailable;

/// What a client names a subscriber by.
#[derive(Clone, Copy)]
pub(crate) enum Name<'a> {
    /// An alias.
    Alias(&'a [u8]),
    /// A whole pseudonym.
    Pseudonym(&'a [u8]),
}

/// For how long an alias counts as used without being written again.
const KEPT: Duration = Duration::from_secs(3600);
const KEPT_MAX: u64 = 100_000;
/// After how many new aliases those that are too many are looked for, at most.
const PRUNE_EVERY: u64 = 256;

impl Swap {
    pub(crate) fn new(push: &config::PushRole, pseudonyms: Pseudonyms, store: Arc<Store>) -> Self {
        Self {
            pseudonyms,
            store,
            numbering: Numbering::new(push),
            patience: Duration::from_millis(push.smpp.response_timeout_ms),
            aliases_max: push.smpp.aliases_max,
            kept: Cache::builder().max_capacity(KEPT_MAX).time_to_live(KEPT).build(),
            written: AtomicU64::new(0),
        }
    }

    /// The pseudonym of a subscriber for a client (step 2 of figure E.1).
    ///
    /// # Errors
    /// None can be had.
    pub(crate) async fn pseudonym(&self, msisdn: Msisdn, client: &str) -> Result<String, Unavailable> {
        let assigned = self.assigned(msisdn, client).await?;
        Ok(pseudonym_text(&assigned.pseudonym))
    }

    /// Alias and pseudonym of a subscriber for a client. The alias is durable.
    ///
    /// # Errors
    /// None can be had, or it cannot be kept.
    pub(crate) async fn alias(&self, msisdn: Msisdn, client: &str) -> Result<(Alias, String), Unavailable> {
        let assigned = self.assigned(msisdn, client).await?;
        let alias = self.store.alias(client, &assigned.pseudonym);
        if !self.kept.contains_key(&alias) {
            self.keep(client, &alias, &assigned).await.map_err(|error| {
                tracing::error!(%error, "push: an alias cannot be kept, the message is put off");
                Unavailable
            })?;
        }
        Ok((alias, pseudonym_text(&assigned.pseudonym)))
    }

    async fn keep(
        &self,
        client: &str,
        alias: &Alias,
        assigned: &crate::pmd::Assigned,
    ) -> Result<(), crate::store::StoreError> {
        let now = clock::now();
        self.store.keep_alias(client, alias, &assigned.pseudonym, assigned.ends, now).await?;
        let every = (self.aliases_max / 16).clamp(1, PRUNE_EVERY);
        if self.written.fetch_add(1, Ordering::Relaxed).is_multiple_of(every)
            && self.store.prune_aliases(client, self.aliases_max, now).await? > 0
        {
            // One that is gone must be written again when it is next given.
            self.kept.invalidate_all();
        }
        self.kept.insert(alias.clone(), ());
        Ok(())
    }

    async fn assigned(&self, msisdn: Msisdn, client: &str) -> Result<crate::pmd::Assigned, Unavailable> {
        let who = Identities { msisdn: Some(msisdn), ..Identities::default() };
        self.pseudonyms.assign(&who, client).await.map_err(|error| {
            tracing::warn!(%error, "push: no pseudonym, nothing goes on");
            Unavailable
        })
    }

    /// The number behind what a client names, if it is that client's; whatever is wrong is the same (step 8 of figure E.1).
    pub(crate) async fn number(&self, name: Name<'_>, client: &str) -> Option<String> {
        let pseudonym = match name {
            Name::Pseudonym(text) => Pseudonym::new(String::from_utf8(text.to_vec()).ok()?)?,
            Name::Alias(text) => {
                let text = core::str::from_utf8(text).ok()?.to_ascii_uppercase();
                match self.store.pseudonym_of_alias(client, &text).await {
                    Ok(found) => found?,
                    Err(error) => {
                        tracing::error!(%error, "push: an alias cannot be looked up, the message is refused");
                        return None;
                    }
                }
            }
        };
        let deadline = clock::now().after(self.patience);
        let identities = self.pseudonyms.resolve(&pseudonym, client, deadline).await.ok()?;
        identities.msisdn.map(digits)
    }
}
