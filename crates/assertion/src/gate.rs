//! All of it for a service that wants to know who is there: challenge, token, nonce, replay.

use crate::challenge::{Challenge, ChallengeError, presented};
use crate::claims::Assertion;
use crate::keys::KeySet;
use crate::nonce::{NonceError, Nonces};
use crate::verify::{Verifier, VerifyError};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError, RwLock};

/// Most tokens remembered as used. Each was signed by the operator, so nobody else can fill it.
const USED_MAX: usize = 100_000;
/// How long after its end a token is remembered, seconds: the leeway of clocks, twice.
const REMEMBER_S: u64 = 60;

/// The gate of a web service. For use from many threads.
#[derive(Debug)]
pub struct Gate {
    realm: String,
    verifier: RwLock<Verifier>,
    nonces: Nonces,
    /// Names of tokens that were let in, and when they can be forgotten.
    used: Mutex<HashMap<String, u64>>,
}

/// Why nobody is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// No credentials of this scheme: answer 401 with [`Gate::challenge`].
    #[error("no credentials of the scheme Pseudonym")]
    NotPresented,
    /// The token is refused.
    #[error(transparent)]
    Token(#[from] VerifyError),
    /// Its nonce is refused.
    #[error(transparent)]
    Nonce(#[from] NonceError),
    /// It was let in before.
    #[error("the token was used before")]
    Replayed,
    /// Too many tokens are remembered.
    #[error("too many tokens at once; try again in a minute")]
    Full,
}

impl Gate {
    /// A gate. `realm` is a name for people, `issuer` the operator's origin, `account` the client's account at the operator.
    ///
    /// # Errors
    /// Realm or account cannot stand in a challenge.
    pub fn new(realm: &str, issuer: &str, account: &str, keys: KeySet, nonces: Nonces) -> Result<Self, ChallengeError> {
        // A nonce of its form, to see that the others are of theirs.
        Challenge::new(realm, account, "0000000000000000")?;
        let verifier = RwLock::new(Verifier::new(issuer, account, keys));
        Ok(Self { realm: realm.to_owned(), verifier, nonces, used: Mutex::default() })
    }

    /// The challenge for a 401: its text is the value of `WWW-Authenticate`. Send one in an answer, with `Cache-Control: no-store`.
    ///
    /// # Errors
    /// The system's random source failed.
    pub fn challenge(&self, now_s: u64) -> Result<Challenge, NonceError> {
        let nonce = self.nonces.issue(now_s)?;
        let verifier = self.verifier.read().unwrap_or_else(PoisonError::into_inner);
        // Sound: realm and account were looked at when the gate was made, and the nonce is of its form.
        Challenge::new(&self.realm, verifier.audience(), &nonce).map_err(|_| NonceError::Foreign)
    }

    /// Lets in who shows a sound token, once. `authorization` is the value of that header, `now_s` the time, seconds since 1970.
    ///
    /// # Errors
    /// Why not. After [`VerifyError::UnknownKey`] the operator may have new keys: [`Gate::replace_keys`].
    pub fn admit(&self, authorization: Option<&str>, now_s: u64) -> Result<Assertion, GateError> {
        let token = authorization.and_then(presented).ok_or(GateError::NotPresented)?;
        let assertion = self.verifier.read().unwrap_or_else(PoisonError::into_inner).verify(token, now_s)?;
        self.nonces.judge(assertion.nonce(), now_s)?;
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.contains_key(assertion.id()) {
            return Err(GateError::Replayed);
        }
        if used.len() >= USED_MAX {
            used.retain(|_, until| *until > now_s);
            if used.len() >= USED_MAX {
                return Err(GateError::Full);
            }
        }
        used.insert(assertion.id().to_owned(), assertion.ends_s().saturating_add(REMEMBER_S));
        Ok(assertion)
    }

    /// Takes other keys, those that the operator publishes now.
    pub fn replace_keys(&self, keys: KeySet) {
        self.verifier.write().unwrap_or_else(PoisonError::into_inner).replace_keys(keys);
    }
}
