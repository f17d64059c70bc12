//! Checking a client's secret: Argon2id once, a keyed hash afterwards.
//!
//! ```text
//!   (account, secret) --HMAC under a key of this process--> proof known? --yes--> recognised, 1 microsecond
//!                                                             no
//!                        Argon2id against the stored PHC hash, or against a stand-in if there is no such client
//! ```
//!
//! A proof covers the stored hash too, so a rotated secret makes old proofs worthless at once. Proofs are compared by
//! looking up a keyed hash that nobody outside can predict, so the time tells nothing about the secret.

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::hmac;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// Why a secret could not be checked or hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretCheckError {
    /// Too many others are being checked.
    #[error("too many secrets are being checked at once; try again")]
    Busy,
    /// The hash function or the source of randomness failed.
    #[error("Argon2id failed; see that 19 MiB of memory are free")]
    Hash,
}

/// Hashes and checks secrets.
pub(super) struct SecretCheck {
    /// Keyed hashes of secrets that Argon2id accepted lately.
    proofs: moka::sync::Cache<[u8; 32], ()>,
    key: hmac::Key,
    /// A hash that no secret has, of the same cost as real ones.
    stand_in: Arc<str>,
    running: Arc<Semaphore>,
    /// Places for those who run and those who wait.
    places: Arc<Semaphore>,
    #[cfg(test)]
    pub(super) runs: std::sync::atomic::AtomicUsize,
}

impl SecretCheck {
    pub(super) fn new(limits: &crate::config::Limits, cache: &crate::config::Cache) -> Result<Self, SecretCheckError> {
        let mut random = Zeroizing::new([0u8; 64]);
        aws_lc_rs::rand::fill(random.as_mut()).map_err(|_| SecretCheckError::Hash)?;
        let (key, nobody) = random.split_at(32);
        Ok(Self {
            proofs: moka::sync::Cache::builder()
                .max_capacity(cache.secret_entries)
                .time_to_live(Duration::from_secs(cache.secret_s))
                .build(),
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            stand_in: hash(nobody)?.into(),
            running: Arc::new(Semaphore::new(limits.secret_checks)),
            places: Arc::new(Semaphore::new(limits.secret_checks.saturating_add(limits.secret_checks_waiting))),
            #[cfg(test)]
            runs: std::sync::atomic::AtomicUsize::new(0),
        })
    }

    /// Keyed hash over account, stored hash and secret, each with its length.
    fn proof(&self, account: &str, phc: &str, secret: &str) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        for part in [account, phc, secret] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut proof = [0u8; 32];
        proof.iter_mut().zip(context.sign().as_ref()).for_each(|(to, from)| *to = *from);
        proof
    }

    /// Whether this secret was accepted lately.
    pub(super) fn recognises(&self, account: &str, phc: &str, secret: &str) -> bool {
        self.proofs.contains_key(&self.proof(account, phc, secret))
    }

    /// Whether the secret is right. Without a hash the same work is done and the answer is no.
    pub(super) async fn accepts(
        &self,
        account: &str,
        phc: Option<&Arc<str>>,
        secret: &str,
    ) -> Result<bool, SecretCheckError> {
        let known = phc.is_some();
        let phc = Arc::clone(phc.unwrap_or(&self.stand_in));
        let proof = self.proof(account, &phc, secret);
        if self.proofs.contains_key(&proof) {
            return Ok(known);
        }
        let _place = self.places.try_acquire().map_err(|_| SecretCheckError::Busy)?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| SecretCheckError::Busy)?;
        // Others with the same secret waited too, and the first of them may have been accepted meanwhile.
        if self.proofs.contains_key(&proof) {
            return Ok(known);
        }
        #[cfg(test)]
        self.runs.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let secret = Zeroizing::new(secret.to_owned());
        let proofs = self.proofs.clone();
        let work = move || {
            let right = verify(&phc, secret.as_bytes()) && known;
            if right {
                proofs.insert(proof, ());
            }
            // Held until here, so that whoever waited sees the proof, and that a caller who goes away does not let more than
            // the limit run.
            drop(running);
            right
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| SecretCheckError::Hash)
    }

    /// Hashes a new secret.
    pub(super) async fn hash(&self, secret: &str) -> Result<String, SecretCheckError> {
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| SecretCheckError::Busy)?;
        let secret = Zeroizing::new(secret.to_owned());
        let work = move || {
            let _running = running;
            hash(secret.as_bytes())
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| SecretCheckError::Hash)?
    }
}

/// Argon2id with the parameters that its authors' documentation gives first: 19 MiB, 2 passes, 1 lane.
fn argon2id() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

fn hash(secret: &[u8]) -> Result<String, SecretCheckError> {
    argon2id().hash_password(secret).map(|hash| hash.to_string()).map_err(|_| SecretCheckError::Hash)
}

fn verify(phc: &str, secret: &[u8]) -> bool {
    PasswordHash::new(phc).is_ok_and(|hash| argon2id().verify_password(secret, &hash).is_ok())
}
