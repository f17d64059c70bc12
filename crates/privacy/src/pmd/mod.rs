//! Pseudonym mediation device (TS 23.271 clauses 6.3.12 and 6.4.2, Annex E): assigns pseudonyms and turns them back.
//!
//! ```text
//!  Identities + client ──assign──> Pseudonym ──> LCS client ──> gateway ──resolve(client)──> Identities
//!                                      └ home_of: realm of the home gateway, read by anybody
//! ```
//!
//! A pseudonym is the verinym encrypted under the operator's key, so that whoever holds the key resolves it without asking
//! anybody. It is bound to one client: for another it does not open, and those of two clients have nothing in common. The same
//! subscriber, client and period give the same pseudonym. The format is in `docs/pseudonyms.md`.
//!
//! Whatever is wrong with a pseudonym, the answer is the same and so is the work. No type here shows a pseudonym or an
//! identity in `Debug`, and no error carries either.

mod fault;
mod format;
mod key;
mod meter;
mod revoked;
#[cfg(test)]
mod tests;

pub use fault::{AssignError, AuditCause, PmdError, RevokeError, Unresolved};
pub use format::{Home, PSEUDONYM_MAX, Realm, RealmError, home_of};
pub use key::{PseudonymKey, PseudonymMaster};
pub use revoked::{RevocationRecord, RevocationScope, Revocations};

use key::{Inside, Keyed, words};
use lcs::{Identities, Pseudonym, Timestamp};
use meter::{Meter, Unmetered, Work};
use std::sync::Arc;

/// Greatest number of keys.
const KEYS_MAX: usize = 16;

/// The pseudonym mediation device. A change of keys makes a new one over the same revocations.
pub struct Pmd {
    realm: Realm,
    /// The one that began last comes first.
    keys: Box<[Keyed]>,
    /// Stands in for a key that is not known, so that there is something to fail on.
    stand_in: Keyed,
    revocations: Arc<Revocations>,
}

impl core::fmt::Debug for Pmd {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Pmd({}, {} keys)", self.realm.as_str(), self.keys.len())
    }
}

/// How long the pseudonyms hold that are assigned now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// From then on another is assigned.
    pub rotates: Timestamp,
    /// From then on it is not resolved any more.
    pub ends: Timestamp,
}

impl Pmd {
    /// Over these keys and revocations. `realm` leads other gateways to this one's home gateway.
    ///
    /// # Errors
    /// The keys do not fit together; the error names the key.
    pub fn new(realm: Realm, keys: &[PseudonymKey], revocations: Arc<Revocations>) -> Result<Self, PmdError> {
        if keys.len() > KEYS_MAX {
            return Err(PmdError::TooManyKeys(keys.len()));
        }
        for (at, key) in keys.iter().enumerate() {
            for known in keys.iter().take(at) {
                if known.id == key.id {
                    return Err(PmdError::SameId(key.id));
                }
                if known.master.same(&key.master) {
                    return Err(PmdError::SameSecret(known.id, key.id));
                }
            }
        }
        let first = keys.first().ok_or(PmdError::NoKey)?;
        let master = PseudonymMaster::random().ok_or(PmdError::Crypto)?;
        let stand_in = Keyed::new(&PseudonymKey { master, ..first.clone() }, &realm)?;
        let mut made: Vec<Keyed> = keys.iter().map(|key| Keyed::new(key, &realm)).collect::<Result<_, _>>()?;
        made.sort_by_key(|key| core::cmp::Reverse(key.began()));
        Ok(Self { realm, keys: made.into(), stand_in, revocations })
    }

    /// The realm in the pseudonyms assigned here.
    #[must_use]
    pub fn realm(&self) -> &Realm {
        &self.realm
    }

    /// What is revoked, and the way to revoke more.
    #[must_use]
    pub fn revocations(&self) -> &Arc<Revocations> {
        &self.revocations
    }

    /// Assigns the pseudonym of a subscriber for a client account: always the same until it rotates, a key takes over, or it is
    /// revoked. `identities` must be all that the register knows, because an IMSI alone makes another pseudonym than an IMSI
    /// with its MSISDN; an IMEI counts for nothing.
    ///
    /// # Errors
    /// There is no identity to stand for, or no key in force, or revocations cannot be read.
    pub fn assign(&self, identities: &Identities, client: &str, now: Timestamp) -> Result<Pseudonym, AssignError> {
        let (imsi, msisdn) = words(identities);
        if (imsi, msisdn) == (0, 0) {
            return Err(AssignError::NoVerinym);
        }
        let (key, period, generation) = {
            let revoked = self.revocations.view().ok_or(AssignError::Unavailable)?;
            let key = self.current(&revoked, now).ok_or(AssignError::NoKey)?;
            let period = key.period(now).ok_or(AssignError::Unavailable)?;
            let generation = revoked.generation(client, (imsi, msisdn), key.start_s(period));
            (key, period, generation.ok_or(AssignError::Unavailable)?)
        };
        let inside = Inside { imsi, msisdn, period, generation };
        let (iv, block) = key.seal(inside, client.as_bytes()).ok_or(AssignError::Unavailable)?;
        format::write(key.id, iv.into(), &block, &self.realm).ok_or(AssignError::Unavailable)
    }

    /// How long the pseudonyms hold that are assigned now; `None` if none can be.
    #[must_use]
    pub fn term(&self, now: Timestamp) -> Option<Term> {
        let revoked = self.revocations.view()?;
        let key = self.current(&revoked, now)?;
        let (rotates, ends) = key.ends(key.period(now)?);
        let successor = self.keys.iter().map(|key| key.began().0).filter(|from| *from > now).min();
        Some(Term { rotates: successor.map_or(rotates, |from| from.min(rotates)), ends })
    }

    /// Turns a pseudonym back into the identities that it was assigned for, if `client` is the account that it was assigned to.
    ///
    /// # Errors
    /// Forged, truncated, expired, revoked, of another realm, or another client's: all alike, and for the same work.
    pub fn resolve(&self, pseudonym: &Pseudonym, client: &str, now: Timestamp) -> Result<Identities, Unresolved> {
        self.examine(pseudonym, client, now, &mut Unmetered).map_err(|_| Unresolved)
    }

    /// Like [`Pmd::resolve`], with the cause beside it for the operator's own audit. The cause must not reach whoever
    /// presented the pseudonym.
    pub fn resolve_for_audit(
        &self,
        pseudonym: &Pseudonym,
        client: &str,
        now: Timestamp,
    ) -> (Result<Identities, Unresolved>, Option<AuditCause>) {
        let examined = self.examine(pseudonym, client, now, &mut Unmetered);
        (examined.map_err(|_| Unresolved), examined.err())
    }

    /// Forgets revocations that concern no pseudonym any more, and tells which, for the store. Where gateways share a store,
    /// one of them does this and tells the others. Give the keys of former pseudonyms until these have ended: their lifetime
    /// tells how long a revocation counts.
    ///
    /// # Errors
    /// The tables cannot be written.
    pub fn prune(&self, now: Timestamp) -> Result<Vec<RevocationScope>, RevokeError> {
        let lifetime_s = self.keys.iter().map(Keyed::lifetime_s).max().unwrap_or(u64::MAX);
        self.revocations.prune(now, lifetime_s)
    }

    /// The key that assigns.
    fn current(&self, revoked: &revoked::View<'_>, now: Timestamp) -> Option<&Keyed> {
        self.keys.iter().find(|key| key.assigns(now) && !revoked.key_is_revoked(key.id))
    }

    /// Every step is done whatever came of those before it; only at the end is it asked what failed first.
    fn examine(
        &self,
        pseudonym: &Pseudonym,
        client: &str,
        now: Timestamp,
        meter: &mut impl Meter,
    ) -> Result<Identities, AuditCause> {
        let presented = format::read(pseudonym.expose(), &self.realm);
        meter.done(Work::Read);
        let known = self.keys.iter().find(|key| key.id == presented.key);
        let key = known.unwrap_or(&self.stand_in);
        let (inside, opened) = key.open(presented.iv, presented.block, client.as_bytes(), meter);
        let view = self.revocations.view();
        let generation = view
            .as_ref()
            .and_then(|view| view.generation(client, (inside.imsi, inside.msisdn), key.start_s(inside.period)));
        let key_revoked = view.as_ref().is_none_or(|view| view.key_is_revoked(presented.key));
        drop(view);
        meter.done(Work::LookedUp);
        let identities = inside.identities();
        let requisites = [
            (bool::from(presented.well_formed), AuditCause::Malformed),
            (bool::from(presented.of_realm), AuditCause::Realm),
            (generation.is_some(), AuditCause::Unavailable),
            (known.is_some() && key.resolves(now) && !key_revoked, AuditCause::Key),
            (opened && identities.is_some(), AuditCause::NotAuthentic),
            (key.holds(inside.period, now), AuditCause::Time),
            (generation == Some(inside.generation), AuditCause::Revoked),
        ];
        let failed =
            requisites.iter().rev().fold(None, |failed, (met, cause)| if *met { failed } else { Some(*cause) });
        match (failed, identities) {
            (None, Some(identities)) => Ok(identities),
            (failed, _) => {
                key.open_decoy(opened, meter);
                Err(failed.unwrap_or(AuditCause::NotAuthentic))
            }
        }
    }
}
