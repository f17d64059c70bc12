//! Tests of the pseudonym mediation device.

mod properties;
mod refusals;
mod revocation;
mod rotation;
mod vectors;

use super::{Pmd, PmdError, PseudonymKey, PseudonymMaster, Realm, Revocations};
use crate::testing::both;
use lcs::{Duration, Identities, Pseudonym, Timestamp};
use std::sync::Arc;

pub(super) use crate::testing::NOW;

pub(super) const REALM: &str = "h.gmlc.example";
pub(super) const DAY_S: u64 = 86_400;
/// Rotation of the key of these tests, seconds. [`NOW`] lies in its period 692.
pub(super) const ROTATION_S: u64 = 30 * DAY_S;
pub(super) const FLEET: &str = "fleet";
pub(super) const SHOP: &str = "shop";

pub(super) fn realm(text: &str) -> Realm {
    Realm::new(text).unwrap()
}

/// Key 7: octets 00, 01, 02 … as master, 30 days of rotation, one day of overlap, for two years about [`NOW`].
pub(super) fn key() -> PseudonymKey {
    PseudonymKey {
        id: 7,
        master: PseudonymMaster::from_octets(core::array::from_fn(|at| at as u8)),
        from: NOW.before(Duration::from_secs(365 * DAY_S)),
        until: NOW.after(Duration::from_secs(365 * DAY_S)),
        rotation: Duration::from_secs(ROTATION_S),
        overlap: Duration::from_secs(DAY_S),
    }
}

/// Another key: `id` in every octet of the master.
pub(super) fn other_key(id: u8) -> PseudonymKey {
    PseudonymKey { id, master: PseudonymMaster::from_octets([id; 32]), ..key() }
}

pub(super) fn made(keys: &[PseudonymKey]) -> Result<Pmd, PmdError> {
    Pmd::new(realm(REALM), keys, Arc::default())
}

pub(super) fn over(keys: &[PseudonymKey], revocations: &Arc<Revocations>) -> Pmd {
    Pmd::new(realm(REALM), keys, Arc::clone(revocations)).unwrap()
}

pub(super) fn pmd() -> Pmd {
    made(&[key()]).unwrap()
}

/// What the client fleet is given of the subscriber with both identities.
pub(super) fn given(pmd: &Pmd, now: Timestamp) -> Pseudonym {
    pmd.assign(&both(), FLEET, now).unwrap()
}

pub(super) fn later(seconds: u64) -> Timestamp {
    NOW.after(Duration::from_secs(seconds))
}

pub(super) fn pseudonym(text: impl Into<String>) -> Pseudonym {
    Pseudonym::new(text.into()).unwrap()
}

pub(super) fn resolves(pmd: &Pmd, shown: &Pseudonym, client: &str, now: Timestamp) -> Option<Identities> {
    pmd.resolve(shown, client, now).ok()
}
