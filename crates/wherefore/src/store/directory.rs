//! Store and memory as one: every change is made durable, then takes effect in place, in the same order.

use super::subscribers::{Loaded, identities};
use super::{LoadSummary, SecretChange, Store, StoreError, StoredProfile};
use crate::clients::{ClientRecord, Registry, SecretCheckError, StoredClient};
use crate::lpp::{ProfileChange, ProfileChanges};
use crate::profile::{BodyError, ProfileBody, StandingBody};
use lcs::Identities;
use privacy::{Register, RegisterError};
use std::sync::{Arc, OnceLock};
use tokio::sync::Mutex;

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The store cannot do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The profile is not sound.
    #[error("profile: {0}")]
    Profile(#[from] BodyError),
    /// The register does not take it.
    #[error("register: {0}")]
    Register(#[from] RegisterError),
    /// A secret cannot be hashed.
    #[error(transparent)]
    Secret(#[from] SecretCheckError),
    /// The subscriber opted out for good, and the change would undo it.
    #[error(
        "the subscriber opted out for good; only opt-in, confirmed on the subscriber's own demand, takes that back"
    )]
    OptedOut,
    /// There is no such subscriber.
    #[error("no profile for this subscriber; put one first, or opt the subscriber out")]
    NoSubscriber,
    /// There is no such client.
    #[error("no such client; list them, or add it first")]
    NoClient,
}

/// Clients and subscribers, on disk and in memory.
#[derive(Debug)]
pub struct Directory {
    store: Arc<Store>,
    register: Arc<Register>,
    registry: Arc<Registry>,
    /// Whether an opted-out subscriber who is erased leaves the opt-out behind: so where a default profile would allow.
    keep_opt_outs: bool,
    /// What loading came to.
    loaded: OnceLock<LoadSummary>,
    /// Held from the write to the store until memory has it too, so that both see changes in one order.
    changing: Mutex<()>,
    /// Whose profile changed, for gateways elsewhere.
    changes: Arc<ProfileChanges>,
}

impl Directory {
    /// Ties store, register and registry together. Nothing is loaded yet.
    #[must_use]
    pub fn new(store: Arc<Store>, register: Arc<Register>, registry: Arc<Registry>, keep_opt_outs: bool) -> Self {
        let (loaded, changing, changes) = (OnceLock::new(), Mutex::new(()), Arc::default());
        Self { store, register, registry, keep_opt_outs, loaded, changing, changes }
    }

    /// Whose profile changed, for gateways elsewhere.
    pub(crate) fn changes(&self) -> &Arc<ProfileChanges> {
        &self.changes
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// The profiles in memory.
    #[must_use]
    pub fn register(&self) -> &Arc<Register> {
        &self.register
    }

    /// The clients in memory.
    #[must_use]
    pub fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// Loads clients and profiles; `progress` hears how many of how many subscribers are done, every 10,000. A profile that
    /// cannot be read is registered as unreadable, so that its subscriber is refused.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn load(&self, mut progress: impl FnMut(u64, u64)) -> Result<LoadSummary, StoreError> {
        let _changing = self.changing.lock().await;
        self.registry.replace(self.store.clients().await?);
        let total = self.store.subscriber_count().await?;
        self.register.reserve(usize::try_from(total).unwrap_or(0));
        let mut done = 0;
        let summary = self.store.each_subscriber(|subscriber, profile| {
            done += 1;
            if done % 10_000 == 0 {
                progress(done, total);
            }
            let compiled = profile.and_then(|profile| profile.compile().ok());
            if compiled.is_some_and(|compiled| self.register.put(&subscriber, &compiled).is_ok()) {
                return Loaded::Sound;
            }
            let refused = self.register.put_unreadable(&subscriber);
            if refused.is_ok() { Loaded::Unreadable } else { Loaded::Lost }
        });
        let summary = summary.await?;
        progress(done, total);
        self.loaded.get_or_init(|| summary);
        let failed = summary.unreadable + summary.lost;
        metrics::gauge!("wherefore_profiles_unreadable").set(failed as f64);
        if failed > 0 {
            tracing::error!(
                unreadable = summary.unreadable,
                lost = summary.lost,
                "profiles cannot be read; their subscribers are refused until the profiles are set anew"
            );
        }
        Ok(summary)
    }

    /// What loading came to; nothing, before. Goes into [`crate::profile::default_profile`].
    #[must_use]
    pub fn loaded(&self) -> LoadSummary {
        self.loaded.get().copied().unwrap_or_default()
    }

    /// Writes a client and puts it in place.
    ///
    /// # Errors
    /// As [`Store::put_client`].
    pub async fn put_client(
        &self,
        record: &ClientRecord,
        secret: SecretChange<'_>,
        expected: Option<u64>,
    ) -> Result<StoredClient, DirectoryError> {
        let _changing = self.changing.lock().await;
        let stored = self.store.put_client(record, secret, expected).await?;
        self.registry.put(&stored);
        Ok(stored)
    }

    /// Changes a client's secret, or takes it away.
    ///
    /// # Errors
    /// No such client, or as [`Store::put_client`].
    pub async fn change_secret(&self, account: &str, secret: Option<&str>) -> Result<StoredClient, DirectoryError> {
        let phc = match secret {
            Some(secret) => Some(self.registry.hash_secret(secret).await?),
            None => None,
        };
        let _changing = self.changing.lock().await;
        let client = self.registry.client(account).ok_or(DirectoryError::NoClient)?;
        let change = phc.as_deref().map_or(SecretChange::Remove, SecretChange::Set);
        let stored = self.store.put_client(client.record(), change, Some(client.version())).await?;
        self.registry.put(&stored);
        Ok(stored)
    }

    /// Removes a client; says whether there was one.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn remove_client(&self, account: &str) -> Result<bool, DirectoryError> {
        let _changing = self.changing.lock().await;
        // From memory first: should the store fail, the client is refused until the next start.
        self.registry.remove(account);
        Ok(self.store.remove_client(account).await?)
    }

    /// The profile of a subscriber.
    ///
    /// # Errors
    /// There is none, it cannot be read, or SQL failed.
    pub async fn profile(&self, who: &Identities) -> Result<StoredProfile, DirectoryError> {
        self.store.profile(who).await?.ok_or(DirectoryError::NoSubscriber)
    }

    /// Writes a profile and puts it in place.
    ///
    /// # Errors
    /// It is not sound, would undo an opt-out, or as [`Store::put_profile`].
    pub async fn put_profile(
        &self,
        who: &Identities,
        profile: &ProfileBody,
        expected: Option<u64>,
    ) -> Result<StoredProfile, DirectoryError> {
        let _changing = self.changing.lock().await;
        if self.is_opted_out(who) && !profile.standing.opted_out {
            return Err(DirectoryError::OptedOut);
        }
        self.write(who, profile, expected).await
    }

    /// Writes a profile without a word on what holds whoever asks: switch, pause and time zone stay as they are. They are the
    /// subscriber's own, and a profile that is written anew or imported again must not turn them off.
    ///
    /// # Errors
    /// As [`Directory::put_profile`].
    pub async fn put_rules(
        &self,
        who: &Identities,
        profile: &ProfileBody,
        expected: Option<u64>,
    ) -> Result<StoredProfile, DirectoryError> {
        let _changing = self.changing.lock().await;
        let before = match self.store.profile(who).await {
            Ok(before) => before.map(|stored| stored.profile.standing).unwrap_or_default(),
            // Written anew.
            Err(StoreError::Unreadable { column: "profile", .. }) => StandingBody::default(),
            Err(error) => return Err(error.into()),
        };
        if before.opted_out || self.is_opted_out(who) {
            return Err(DirectoryError::OptedOut);
        }
        self.write(who, &ProfileBody { standing: before, ..profile.clone() }, expected).await
    }

    fn is_opted_out(&self, who: &Identities) -> bool {
        self.register.standing(who).is_some_and(|standing| standing.opted_out)
    }

    async fn write(
        &self,
        who: &Identities,
        profile: &ProfileBody,
        expected: Option<u64>,
    ) -> Result<StoredProfile, DirectoryError> {
        let compiled = profile.compile()?;
        let stored = self.store.put_profile(who, profile, expected).await?;
        self.register.put(&stored.subscriber, &compiled)?;
        self.changes.note(identities(&stored.subscriber), ProfileChange::Changed);
        Ok(stored)
    }

    /// Changes switch, pause, time zone, or sets the opt-out.
    ///
    /// # Errors
    /// No such subscriber, the change would undo an opt-out, or as [`Store::put_profile`].
    pub async fn change_standing(
        &self,
        who: &Identities,
        change: impl FnOnce(&mut StandingBody) + Send,
    ) -> Result<StoredProfile, DirectoryError> {
        let _changing = self.changing.lock().await;
        let before = self.profile(who).await?;
        let mut profile = before.profile;
        let opted_out = profile.standing.opted_out;
        change(&mut profile.standing);
        if opted_out && !profile.standing.opted_out {
            return Err(DirectoryError::OptedOut);
        }
        self.write(who, &profile, Some(before.version)).await
    }

    /// Opts a subscriber out for good. Works for one without a profile, and for one whose profile cannot be read: then an
    /// empty profile, which allows nothing, takes its place.
    ///
    /// # Errors
    /// As [`Store::put_profile`].
    pub async fn opt_out(&self, who: &Identities) -> Result<StoredProfile, DirectoryError> {
        let _changing = self.changing.lock().await;
        let mut profile = match self.store.profile(who).await {
            Ok(stored) => stored.map(|stored| stored.profile).unwrap_or_default(),
            Err(StoreError::Unreadable { column: "profile", .. }) => ProfileBody::default(),
            Err(error) => return Err(error.into()),
        };
        profile.standing.opted_out = true;
        self.write(who, &profile, None).await
    }

    /// Takes back an opt-out, on the subscriber's own demand only.
    ///
    /// # Errors
    /// No such subscriber, or as [`Store::put_profile`].
    pub async fn opt_in(&self, who: &Identities) -> Result<StoredProfile, DirectoryError> {
        let _changing = self.changing.lock().await;
        let before = self.profile(who).await?;
        let mut profile = before.profile;
        profile.standing.opted_out = false;
        let stored = self.write(who, &profile, Some(before.version)).await?;
        self.register.withdraw_opt_out(&identities(&stored.subscriber));
        Ok(stored)
    }

    /// Erases a subscriber, salt included, so that the disclosure log's entries about them become unreadable. Says whether
    /// there was one. Where a default profile would allow what an opt-out forbids, an empty opted-out record with a new
    /// salt stays behind.
    ///
    /// # Errors
    /// As [`Store::erase_subscriber`].
    pub async fn erase(&self, who: &Identities) -> Result<bool, DirectoryError> {
        let _changing = self.changing.lock().await;
        let (known, left) = self.store.erase_row(who, self.keep_opt_outs).await?;
        let in_memory = match left {
            // In place of the record before, so that the subscriber is a stranger at no moment.
            Some(left) => {
                self.register.put(&left.subscriber, &left.profile.compile()?)?;
                true
            }
            None => self.register.remove(who),
        };
        self.changes.note(*who, ProfileChange::Erased);
        // Also when nothing was found: an earlier call may have been cut off before its checkpoint.
        self.store.checkpoint().await?;
        Ok(known || in_memory)
    }
}
