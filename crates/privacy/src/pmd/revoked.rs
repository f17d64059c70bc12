//! Revocations: how often the pseudonyms of a client, of a subscriber, or of both together were revoked.
//!
//! The sum of the counts that concern a pseudonym is its generation, which is sealed in it. A revocation raises the sum: every
//! pseudonym that was assigned no longer has the right one, and the next that is assigned is another. A count concerns only
//! pseudonyms whose period began before the revocation, give or take what clocks differ: later ones were not assigned yet.
//! So a record says nothing any more once the pseudonyms of its time have expired, and goes.

use super::fault::RevokeError;
use super::key::{SKEW_S, words};
use lcs::{Digits, Identities, Imsi, Msisdn, Timestamp};
use std::collections::HashMap;
use std::sync::RwLock;

/// Of what pseudonyms are revoked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RevocationScope {
    /// All under this key, for ever; it assigns none either.
    Key(u8),
    /// All that this client was given.
    Client(Box<str>),
    /// All of the subscriber with this IMSI.
    Imsi(Imsi),
    /// All of the subscriber with this MSISDN.
    Msisdn(Msisdn),
    /// That of this IMSI for this client.
    ImsiAtClient(Imsi, Box<str>),
    /// That of this MSISDN for this client.
    MsisdnAtClient(Msisdn, Box<str>),
}

/// A revocation as a store keeps it, identities in sealed columns. `Debug` hides identities.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RevocationRecord {
    /// Of what.
    pub scope: RevocationScope,
    /// How often so far.
    pub count: u32,
    /// When the last time, whole seconds.
    pub at: Timestamp,
}

/// How often, and when last. Eight octets, as there may be millions.
#[derive(Clone, Copy, Default)]
struct Entry {
    count: u32,
    /// Seconds since 1970, until 2106 told exactly; later than that, always taken to concern.
    at_s: u32,
}

impl Entry {
    fn raise(&mut self, count: u32, at_s: u32) {
        self.count = self.count.max(count);
        self.at_s = self.at_s.max(at_s);
    }
}

/// Counts by IMSI and by MSISDN.
#[derive(Default)]
struct ByVerinym {
    imsi: HashMap<u64, Entry>,
    msisdn: HashMap<u64, Entry>,
}

#[derive(Default)]
struct OfClient {
    all: Entry,
    some: ByVerinym,
}

#[derive(Default)]
struct Tables {
    /// One bit for each key id.
    keys: [u64; 4],
    clients: HashMap<Box<str>, OfClient>,
    subscribers: ByVerinym,
}

/// What is revoked: shared by every PMD made over it. Reading takes one read lock. Takes memory for what was revoked within
/// the lifetime of a pseudonym alone: about 20 to 40 octets for each identity.
#[derive(Default)]
pub struct Revocations(RwLock<Tables>);

impl core::fmt::Debug for Revocations {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Revocations")
    }
}

/// The tables under their read lock.
pub(super) struct View<'a>(std::sync::RwLockReadGuard<'a, Tables>);

impl View<'_> {
    pub(super) fn key_is_revoked(&self, id: u8) -> bool {
        let word = self.0.keys.get(usize::from(id / 64)).copied().unwrap_or(u64::MAX);
        word >> (id % 64) & 1 == 1
    }

    /// The generation of pseudonyms of a period that began at `start_s`; `None` if it cannot be told. Every table is asked,
    /// whether an identity is known or not.
    pub(super) fn generation(&self, client: &str, (imsi, msisdn): (u64, u64), start_s: u64) -> Option<u32> {
        let of_client = self.0.clients.get(client);
        let some = of_client.map_or(&self.0.subscribers, |found| &found.some);
        let at_client = u64::from(of_client.is_some());
        let counts = |entry: Option<&Entry>| match entry {
            Some(entry) if start_s <= u64::from(entry.at_s) + SKEW_S || entry.at_s == u32::MAX => {
                u64::from(entry.count)
            }
            _ => 0,
        };
        let sum = counts(of_client.map(|found| &found.all))
            + counts(self.0.subscribers.imsi.get(&imsi))
            + counts(self.0.subscribers.msisdn.get(&msisdn))
            + at_client * counts(some.imsi.get(&imsi))
            + at_client * counts(some.msisdn.get(&msisdn));
        u32::try_from(sum).ok()
    }
}

impl Revocations {
    /// `None`: a panic left them in doubt, and nobody is resolved.
    pub(super) fn view(&self) -> Option<View<'_>> {
        self.0.read().ok().map(View)
    }

    /// Revokes what a client was given of a subscriber. Gives a record for each identity, for the store; in force at once.
    /// The identities must be all that the register knows, as for [`Pmd::assign`](super::Pmd::assign).
    ///
    /// # Errors
    /// No identity is known, or the tables cannot be written.
    pub fn revoke_pair(
        &self,
        identities: &Identities,
        client: &str,
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, RevokeError> {
        let imsi = identities.imsi.map(|imsi| RevocationScope::ImsiAtClient(imsi, client.into()));
        let msisdn = identities.msisdn.map(|msisdn| RevocationScope::MsisdnAtClient(msisdn, client.into()));
        self.revoke_each([imsi, msisdn], now)
    }

    /// Revokes what any client was given of a subscriber; otherwise as [`Revocations::revoke_pair`].
    ///
    /// # Errors
    /// No identity is known, or the tables cannot be written.
    pub fn revoke_subscriber(
        &self,
        identities: &Identities,
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, RevokeError> {
        let imsi = identities.imsi.map(RevocationScope::Imsi);
        self.revoke_each([imsi, identities.msisdn.map(RevocationScope::Msisdn)], now)
    }

    /// Revokes all that a client was given.
    ///
    /// # Errors
    /// The tables cannot be written.
    pub fn revoke_client(&self, client: &str, now: Timestamp) -> Result<RevocationRecord, RevokeError> {
        self.revoke(RevocationScope::Client(client.into()), now)
    }

    /// Revokes a key for ever: nothing under it resolves, and it assigns nothing.
    ///
    /// # Errors
    /// The tables cannot be written.
    pub fn revoke_key(&self, id: u8, now: Timestamp) -> Result<RevocationRecord, RevokeError> {
        self.revoke(RevocationScope::Key(id), now)
    }

    /// Takes in a record: from the store at start, or from another gateway. Taking one in twice changes nothing.
    ///
    /// Where several gateways revoke, count in the store (one transaction adds 1 and tells the count) and take the outcome in
    /// here: two that counted for themselves would count the same.
    ///
    /// # Errors
    /// The tables cannot be written.
    pub fn apply(&self, record: &RevocationRecord) -> Result<(), RevokeError> {
        let mut tables = self.0.write().map_err(|_| RevokeError::Unavailable)?;
        let at_s = whole_s(record.at);
        match tables.entry(&record.scope) {
            Some(entry) => entry.raise(record.count, at_s),
            None => tables.revoke_key(&record.scope),
        }
        Ok(())
    }

    /// Number of records held, those of keys left out.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.read().map_or(0, |tables| {
            let sub = tables.subscribers.len();
            tables.clients.values().fold(sub, |sum, of| sum + of.some.len() + usize::from(of.all.count > 0))
        })
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[cfg(test)]
    pub(super) fn poison(&self) {
        let _tables = self.0.write();
        std::panic::resume_unwind(Box::new("a writer that fails"));
    }

    /// Forgets what concerns no pseudonym that still holds, of periods that began up to `lifetime_s` ago.
    pub(super) fn prune(&self, now: Timestamp, lifetime_s: u64) -> Result<Vec<RevocationScope>, RevokeError> {
        let mut tables = self.0.write().map_err(|_| RevokeError::Unavailable)?;
        let mut gone = Vec::new();
        let dead = |entry: &Entry| {
            let concerns = u64::from(entry.at_s) + SKEW_S + lifetime_s;
            entry.at_s != u32::MAX && concerns < now.secs()
        };
        tables.subscribers.prune(dead, &mut gone, RevocationScope::Imsi, RevocationScope::Msisdn);
        tables.clients.retain(|client, of| {
            let imsi = |imsi| RevocationScope::ImsiAtClient(imsi, client.clone());
            let msisdn = |msisdn| RevocationScope::MsisdnAtClient(msisdn, client.clone());
            of.some.prune(dead, &mut gone, imsi, msisdn);
            if of.all.count > 0 && dead(&of.all) {
                of.all = Entry::default();
                gone.push(RevocationScope::Client(client.clone()));
            }
            of.all.count > 0 || of.some.len() > 0
        });
        Ok(gone)
    }

    fn revoke_each(
        &self,
        scopes: [Option<RevocationScope>; 2],
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, RevokeError> {
        let records: Result<Vec<_>, _> = scopes.into_iter().flatten().map(|scope| self.revoke(scope, now)).collect();
        records.and_then(|records| if records.is_empty() { Err(RevokeError::NoVerinym) } else { Ok(records) })
    }

    fn revoke(&self, scope: RevocationScope, now: Timestamp) -> Result<RevocationRecord, RevokeError> {
        let mut tables = self.0.write().map_err(|_| RevokeError::Unavailable)?;
        let told = match tables.entry(&scope) {
            Some(entry) => {
                entry.raise(entry.count.checked_add(1).ok_or(RevokeError::Unavailable)?, whole_s(now));
                *entry
            }
            None => {
                tables.revoke_key(&scope);
                Entry { count: 1, at_s: whole_s(now) }
            }
        };
        Ok(RevocationRecord { scope, count: told.count, at: Timestamp::from_secs(told.at_s.into()) })
    }
}

impl Tables {
    /// The entry of a scope, made if there is none; `None` for a key.
    fn entry(&mut self, scope: &RevocationScope) -> Option<&mut Entry> {
        let imsi_word = |imsi: &Imsi| words(&Identities { imsi: Some(*imsi), ..Identities::default() }).0;
        let msisdn_word = |msisdn: &Msisdn| words(&Identities { msisdn: Some(*msisdn), ..Identities::default() }).1;
        Some(match scope {
            RevocationScope::Key(_) => return None,
            RevocationScope::Client(client) => &mut self.clients.entry(client.clone()).or_default().all,
            RevocationScope::Imsi(imsi) => self.subscribers.imsi.entry(imsi_word(imsi)).or_default(),
            RevocationScope::Msisdn(msisdn) => self.subscribers.msisdn.entry(msisdn_word(msisdn)).or_default(),
            RevocationScope::ImsiAtClient(imsi, client) => {
                self.clients.entry(client.clone()).or_default().some.imsi.entry(imsi_word(imsi)).or_default()
            }
            RevocationScope::MsisdnAtClient(msisdn, client) => {
                self.clients.entry(client.clone()).or_default().some.msisdn.entry(msisdn_word(msisdn)).or_default()
            }
        })
    }

    fn revoke_key(&mut self, scope: &RevocationScope) {
        if let RevocationScope::Key(id) = scope
            && let Some(word) = self.keys.get_mut(usize::from(id / 64))
        {
            *word |= 1 << (id % 64);
        }
    }
}

impl ByVerinym {
    fn len(&self) -> usize {
        self.imsi.len() + self.msisdn.len()
    }

    fn prune(
        &mut self,
        dead: impl Fn(&Entry) -> bool,
        gone: &mut Vec<RevocationScope>,
        imsi: impl Fn(Imsi) -> RevocationScope,
        msisdn: impl Fn(Msisdn) -> RevocationScope,
    ) {
        let digits = Digits::from_word;
        let extracted = self.imsi.extract_if(|_, entry| dead(entry));
        gone.extend(extracted.filter_map(|(word, _)| Imsi::new(digits(word)?).ok().map(&imsi)));
        let extracted = self.msisdn.extract_if(|_, entry| dead(entry));
        gone.extend(extracted.filter_map(|(word, _)| Msisdn::new(digits(word)?).ok().map(&msisdn)));
    }
}

fn whole_s(at: Timestamp) -> u32 {
    u32::try_from(at.secs()).unwrap_or(u32::MAX)
}
