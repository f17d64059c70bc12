//! The PMD of this process: keys from their file, revocations from the store.

use super::keys::{self, KeyFileError};
use crate::config;
use crate::store::{Store, StoreError};
use arc_swap::ArcSwap;
use lcs::{Identities, Pseudonym, Timestamp};
use privacy::{
    AssignError, AuditCause, Pmd, PmdError, PseudonymKey, Realm, RealmError, RevocationScope, Revocations, RevokeError,
    Unresolved,
};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A pseudonym that was assigned. `Debug` hides it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// The pseudonym.
    pub pseudonym: Pseudonym,
    /// From when another is assigned.
    pub rotates: Timestamp,
    /// From when it does not resolve any more.
    pub ends: Timestamp,
}

/// What is revoked.
#[derive(Debug, Clone, Copy)]
pub enum Revoke<'a> {
    /// What this client was given of this subscriber.
    Pair(&'a Identities, &'a str),
    /// What any client was given of this subscriber.
    Subscriber(&'a Identities),
    /// All that this client was given.
    Client(&'a str),
    /// All under this key, for ever.
    Key(u8),
}

/// Why pseudonyms cannot be made ready, assigned or revoked. None tells a pseudonym or a subscriber.
#[derive(Debug, thiserror::Error)]
pub enum PseudonymError {
    /// The realm is missing or none.
    #[error("pmd.realm: {0}")]
    Realm(#[from] RealmError),
    /// The keys cannot be had.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// The keys do not fit together.
    #[error("pmd.key_file: {0}")]
    Pmd(#[from] PmdError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// None is assigned.
    #[error("{0}")]
    Assign(#[from] AssignError),
    /// Nothing is revoked.
    #[error("{0}")]
    Revoke(#[from] RevokeError),
    /// The device asked over Lid assigns none.
    #[error("the device at pmd.remote.url assigns none: {0}")]
    Remote(&'static str),
    /// There is no such key.
    #[error("no pseudonym key has the id {0}; see pmd.key_file")]
    NoSuchKey(u8),
}

/// The device over the keys that the file held last.
struct Loaded {
    pmd: Pmd,
    /// Id, beginning and end of each.
    keys: Vec<(u8, Timestamp, Timestamp)>,
}

/// The PMD of this process.
pub struct LocalPmd {
    loaded: ArcSwap<Loaded>,
    realm: Realm,
    revocations: Arc<Revocations>,
    store: Arc<Store>,
    key_file: PathBuf,
    /// Held from the write to the store until memory has it too.
    changing: Mutex<()>,
}

impl core::fmt::Debug for LocalPmd {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("LocalPmd").field(&self.realm.as_str()).finish()
    }
}

impl LocalPmd {
    /// Reads keys, which are made if there are none, and revocations.
    ///
    /// # Errors
    /// Realm or keys are not sound, or a revocation cannot be read: without it a revoked pseudonym would resolve.
    pub async fn open(settings: &config::Pmd, store: Arc<Store>, now: Timestamp) -> Result<Self, PseudonymError> {
        let realm = Realm::new(settings.realm.as_deref().unwrap_or_default())?;
        let revocations = Arc::new(Revocations::default());
        for record in store.pseudonym_revocations().await? {
            revocations.apply(&record)?;
        }
        let keys = keys::open(settings, now)?;
        let loaded = Loaded::new(&realm, &keys, &revocations)?;
        tracing::info!(realm = realm.as_str(), keys = keys.len(), revocations = revocations.len(), "pseudonyms ready");
        Ok(Self {
            loaded: ArcSwap::from_pointee(loaded),
            realm,
            revocations,
            store,
            key_file: settings.key_file.clone(),
            changing: Mutex::new(()),
        })
    }

    /// The realm in the pseudonyms assigned here.
    #[must_use]
    pub fn realm(&self) -> &str {
        self.realm.as_str()
    }

    /// Number of revocations held.
    #[must_use]
    pub fn revoked(&self) -> usize {
        self.revocations.len()
    }

    /// Assigns the pseudonym of a subscriber for a client account. What the register knows of the subscriber beyond `who` goes in.
    ///
    /// # Errors
    /// Nobody is named, no key is in force, or the subscriber's record cannot be read.
    pub async fn assign(&self, who: &Identities, client: &str, now: Timestamp) -> Result<Assigned, PseudonymError> {
        let who = completed(&self.store, who).await?;
        let loaded = self.loaded.load();
        let pseudonym = loaded.pmd.assign(&who, client, now)?;
        let term = loaded.pmd.term(now).ok_or(AssignError::Unavailable)?;
        metrics::counter!("wherefore_pseudonyms_assigned_total").increment(1);
        Ok(Assigned { pseudonym, rotates: term.rotates, ends: term.ends })
    }

    /// Turns a pseudonym back, for the account that it was assigned to.
    ///
    /// # Errors
    /// It is not resolved; why is counted, and told to nobody.
    pub fn resolve(&self, pseudonym: &Pseudonym, client: &str, now: Timestamp) -> Result<Identities, Unresolved> {
        let (resolved, cause) = self.loaded.load().pmd.resolve_for_audit(pseudonym, client, now);
        let outcome = cause.map_or("resolved", word);
        metrics::counter!("wherefore_pseudonyms_resolved_total", "outcome" => outcome).increment(1);
        resolved
    }

    /// Revokes: durable, then in force. Says how many records it took.
    ///
    /// # Errors
    /// Nobody is named, no such key, or the store failed: then nothing is revoked.
    pub async fn revoke(&self, what: Revoke<'_>, now: Timestamp) -> Result<usize, PseudonymError> {
        let scopes = match what {
            Revoke::Pair(who, client) => {
                let who = completed(&self.store, who).await?;
                let imsi = who.imsi.map(|imsi| RevocationScope::ImsiAtClient(imsi, client.into()));
                let msisdn = who.msisdn.map(|msisdn| RevocationScope::MsisdnAtClient(msisdn, client.into()));
                imsi.into_iter().chain(msisdn).collect()
            }
            Revoke::Subscriber(who) => {
                let who = completed(&self.store, who).await?;
                let msisdn = who.msisdn.map(RevocationScope::Msisdn);
                who.imsi.map(RevocationScope::Imsi).into_iter().chain(msisdn).collect()
            }
            Revoke::Client(client) => vec![RevocationScope::Client(client.into())],
            Revoke::Key(id) if self.loaded.load().keys.iter().any(|(known, ..)| *known == id) => {
                vec![RevocationScope::Key(id)]
            }
            Revoke::Key(id) => return Err(PseudonymError::NoSuchKey(id)),
        };
        if scopes.is_empty() {
            return Err(RevokeError::NoVerinym.into());
        }
        let _changing = self.changing.lock().await;
        let records = self.store.revoke_pseudonyms(&scopes, now).await?;
        for record in &records {
            self.revocations.apply(record)?;
        }
        metrics::counter!("wherefore_pseudonyms_revoked_total").increment(records.len() as u64);
        Ok(records.len())
    }

    /// Takes in what the key file holds by now, and forgets revocations that concern nothing any more.
    ///
    /// # Errors
    /// The keys are not sound, and those before stay in force; or the store failed.
    pub async fn tend(&self, now: Timestamp) -> Result<(), PseudonymError> {
        let keys = keys::read(&self.key_file)?;
        let loaded = Loaded::new(&self.realm, &keys, &self.revocations)?;
        if loaded.keys != self.loaded.load().keys {
            tracing::info!(keys = keys.len(), "pseudonym keys have changed");
            self.loaded.store(Arc::new(loaded));
        }
        let _changing = self.changing.lock().await;
        let gone = self.loaded.load().pmd.prune(now)?;
        if !gone.is_empty() {
            self.store.forget_revocations(&gone, now).await?;
        }
        Ok(())
    }
}

/// All identities that the register has of a subscriber; those given, of one it does not know.
pub(crate) async fn completed(store: &Store, who: &Identities) -> Result<Identities, StoreError> {
    if who.imsi.is_none() && who.msisdn.is_none() {
        return Ok(*who);
    }
    Ok(store.identities_of(who).await?.unwrap_or(*who))
}

impl Loaded {
    fn new(realm: &Realm, keys: &[PseudonymKey], revocations: &Arc<Revocations>) -> Result<Self, PmdError> {
        let pmd = Pmd::new(realm.clone(), keys, Arc::clone(revocations))?;
        Ok(Self { pmd, keys: keys.iter().map(|key| (key.id, key.from, key.until)).collect() })
    }
}

/// A cause as the label of a metric.
fn word(cause: AuditCause) -> &'static str {
    match cause {
        AuditCause::Malformed => "malformed",
        AuditCause::Realm => "realm",
        AuditCause::Key => "key",
        AuditCause::NotAuthentic => "not_authentic",
        AuditCause::Time => "time",
        AuditCause::Revoked => "revoked",
        AuditCause::Unavailable => "unavailable",
    }
}
