//! Tokens: who signs them, and where their keys are told.

use super::keys::{self, AssertionKeyError, TimedKey};
use super::origin::Origin;
use crate::config;
use arc_swap::ArcSwap;
use assertion::{Claims, SignError, key_set_json, random_id};
use lcs::{Pseudonym, Timestamp};
use privacy::RecordedIntroduction;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

/// Signs tokens as the operator.
pub(super) struct Issuer {
    origin: Origin,
    keys: ArcSwap<Vec<TimedKey>>,
    key_file: PathBuf,
    rotation_s: u64,
    token_s: u64,
}

impl core::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Issuer({})", self.origin)
    }
}

impl Issuer {
    pub(super) fn open(origin: Origin, pull: &config::Pull, now: Timestamp) -> Result<Self, AssertionKeyError> {
        let keys = keys::open(&pull.key_file, now)?;
        Ok(Self {
            origin,
            keys: ArcSwap::from_pointee(keys),
            key_file: pull.key_file.clone(),
            rotation_s: pull.key_rotation_s,
            token_s: pull.token_s,
        })
    }

    /// The operator's own origin.
    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The token for a client that was introduced, and whose introduction is on record. Beside [`privacy::RecordedIntroduction`],
    /// which names the audience, it takes the pseudonym that was assigned for that client.
    pub(super) fn token(
        &self,
        to: &RecordedIntroduction,
        pseudonym: &Pseudonym,
        nonce: &str,
        now: Timestamp,
    ) -> Result<String, SignError> {
        let keys = self.keys.load();
        // The first one serves where a clock went back behind it.
        let signing = keys.iter().rev().find(|key| key.from <= now).or(keys.first()).ok_or(SignError::Key)?;
        signing.key.sign(&Claims {
            iss: self.origin.to_string(),
            sub: crate::pmd::pseudonym_text(pseudonym),
            aud: to.account().to_string(),
            nonce: nonce.to_owned(),
            iat: now.secs(),
            exp: now.secs().saturating_add(self.token_s),
            jti: random_id()?,
        })
    }

    /// The document of the public keys (RFC 7517): those that sign, signed lately, or will soon.
    pub(super) fn key_set(&self) -> String {
        key_set_json(self.keys.load().iter().map(|key| key.key.published()))
    }

    /// The discovery document (OpenID Connect Discovery 1.0 section 3).
    pub(super) fn discovery(&self) -> String {
        let origin = &self.origin;
        json!({
            "issuer": origin.to_string(),
            "authorization_endpoint": format!("{origin}/authorize"),
            "jwks_uri": format!("{origin}/.well-known/jwks.json"),
            "response_types_supported": ["id_token"],
            "response_modes_supported": ["form_post"],
            "scopes_supported": ["openid"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "claims_supported": ["iss", "sub", "aud", "nonce", "iat", "exp", "jti"],
            "request_uri_parameter_supported": false,
        })
        .to_string()
    }

    /// Adds and drops keys as time goes by.
    pub(super) fn tend(&self, now: Timestamp) -> Result<(), AssertionKeyError> {
        if let Some(keys) = keys::rotate(&self.key_file, self.rotation_s, self.token_s, now)? {
            self.keys.store(Arc::new(keys));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assertion::KeySet;
    use std::os::unix::fs::PermissionsExt as _;

    const NOW: Timestamp = Timestamp::from_secs(1_795_600_800);
    const DAY: u64 = 86_400;

    fn at(s: u64) -> Timestamp {
        Timestamp::from_secs(NOW.secs() + s)
    }

    fn signs(issuer: &Issuer, now: Timestamp) -> String {
        let keys = issuer.keys.load();
        keys.iter().rev().find(|key| key.from <= now).unwrap().key.published().id().to_owned()
    }

    #[test]
    fn keys_overlap_before_they_sign_and_after() {
        let dir = tempfile::tempdir().unwrap();
        let key_file = dir.path().join("assertion.keys");
        let settings = config::Pull { key_file: key_file.clone(), key_rotation_s: DAY, ..config::Pull::default() };
        let origin = Origin::parse("https://p.example").unwrap();
        let issuer = Issuer::open(origin.clone(), &settings, NOW).unwrap();
        assert_eq!(std::fs::metadata(&key_file).unwrap().permissions().mode() & 0o777, 0o600);
        let ids = |issuer: &Issuer| -> Vec<String> {
            issuer.keys.load().iter().map(|key| key.key.published().id().to_owned()).collect()
        };
        let first = ids(&issuer);
        issuer.tend(at(DAY - keys::LEAD_S - 1)).unwrap();
        assert_eq!(ids(&issuer), first);
        // Published an hour before it signs.
        issuer.tend(at(DAY - keys::LEAD_S)).unwrap();
        let both = ids(&issuer);
        assert!(both.len() == 2 && both[0] == first[0]);
        assert_eq!((signs(&issuer, at(DAY - 1)), signs(&issuer, at(DAY))), (both[0].clone(), both[1].clone()));
        assert!(KeySet::parse(issuer.key_set().as_bytes()).is_ok());
        // Published until its last token has expired.
        issuer.tend(at(DAY + 120 + 599)).unwrap();
        assert_eq!(ids(&issuer), both);
        issuer.tend(at(DAY + 120 + 600)).unwrap();
        assert_eq!(ids(&issuer), both[1..]);
        // The file says the same after a restart.
        assert_eq!(ids(&Issuer::open(origin, &settings, at(DAY * 2)).unwrap()), both[1..]);
        assert!(!format!("{issuer:?}").contains(&both[1]));
        // Long asleep: the next key is still published before it signs.
        issuer.tend(at(DAY * 30)).unwrap();
        let last = issuer.keys.load().last().unwrap().from;
        assert_eq!(last, at(DAY * 30 + keys::LEAD_S));
    }

    #[test]
    fn a_broken_file_is_told_without_its_secrets() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys");
        for text in [
            "[[key]]\npkcs8 = \"c0ffee\"\nfrom = \"2030-01-01T00:00:00Z\"\n",
            "c0ffee",
            "# none\n",
            "[[key]]\nc0ffee = 1",
        ] {
            std::fs::remove_file(&path).ok();
            crate::config::create_private(&path, text.as_bytes()).unwrap();
            let said = keys::open(&path, NOW).unwrap_err().to_string();
            assert!(said.contains("pull.key_file") && !said.contains("c0ffee"), "{said}");
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(keys::open(&path, NOW), Err(AssertionKeyError::Secret(SecretError::Open { .. }))));
    }

    use crate::config::SecretError;
}
