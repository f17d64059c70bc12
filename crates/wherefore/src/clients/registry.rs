//! The clients in memory, and who of them is asking.

use super::client::{Client, StoredClient};
use super::secret::{SecretCheck, SecretCheckError};
use crate::config::{Cache, Limits};
use arc_swap::ArcSwap;
use aws_lc_rs::digest;
use std::collections::HashMap;
use std::sync::Arc;

/// What a client shows to prove who it is.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    /// The shared secret of the request.
    Secret(&'a str),
    /// Its TLS certificate (end entity, DER), of which the TLS layer has checked possession of the key and, if
    /// authorities are configured, the chain.
    Certificate {
        /// The certificate.
        der: &'a [u8],
        /// Whether its chain leads to an authority of `mlp.tls.client_ca_file`; without that, a subject proves nothing.
        chain_verified: bool,
    },
    /// Nothing.
    None,
}

impl core::fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Secret(_) => "Secret(hidden)",
            Self::Certificate { .. } => "Certificate(..)",
            Self::None => "None",
        })
    }
}

/// Why a client is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthFailure {
    /// Unknown, disabled, or the credential is wrong: the three cannot be told apart, nor by their cost.
    #[error("unauthorised application: unknown client, or wrong secret or certificate")]
    Refused,
    /// Too many secrets are being checked.
    #[error("too many clients are being authenticated at once; try again")]
    Busy,
    /// The check itself failed.
    #[error("the secret could not be checked")]
    Failed,
}

impl From<AuthFailure> for lcs::Failure {
    fn from(failure: AuthFailure) -> Self {
        match failure {
            AuthFailure::Refused => Self::UnauthorisedApplication,
            AuthFailure::Busy => Self::Congestion,
            AuthFailure::Failed => Self::SystemFailure,
        }
    }
}

/// All registered clients. Reads take no lock; a change puts a new index in place.
pub struct Registry {
    clients: ArcSwap<HashMap<Arc<str>, Arc<Client>>>,
    secrets: SecretCheck,
    limits: Limits,
}

impl core::fmt::Debug for Registry {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Registry({} clients)", self.clients.load().len())
    }
}

impl Registry {
    /// An empty registry.
    ///
    /// # Errors
    /// No randomness, or no memory for Argon2id.
    pub fn new(limits: &Limits, cache: &Cache) -> Result<Self, SecretCheckError> {
        let secrets = SecretCheck::new(limits, cache)?;
        Ok(Self { clients: ArcSwap::default(), secrets, limits: limits.clone() })
    }

    /// Puts these clients in place of all that were there.
    pub fn replace(&self, stored: impl IntoIterator<Item = StoredClient>) {
        let clients = stored.into_iter().map(|stored| {
            let client = Arc::new(Client::new(stored, &self.limits, None));
            (Arc::clone(client.account()), client)
        });
        self.clients.store(Arc::new(clients.collect()));
    }

    /// Adds or changes one client. An older version than the one in place changes nothing.
    pub fn put(&self, stored: &StoredClient) {
        self.clients.rcu(|clients| {
            let before = clients.get(stored.record.id.as_str());
            if before.is_some_and(|before| before.version() > stored.version) {
                return Arc::clone(clients);
            }
            let client = Arc::new(Client::new(stored.clone(), &self.limits, before.map(Arc::as_ref)));
            let mut changed = HashMap::clone(clients);
            changed.insert(Arc::clone(client.account()), client);
            Arc::new(changed)
        });
    }

    /// Takes one client out.
    pub fn remove(&self, account: &str) {
        self.clients.rcu(|clients| {
            let mut changed = HashMap::clone(clients);
            changed.remove(account);
            changed
        });
    }

    /// The enabled value added client with this external identity, the whole number; the first by account where several have it.
    #[must_use]
    pub fn of_external_identity(&self, number: lcs::Address) -> Option<Arc<Client>> {
        let clients = self.clients.load();
        let has = |client: &&Arc<Client>| {
            let record = client.record();
            let value_added = client.client_type() == lcs::LcsClientType::ValueAdded;
            value_added && record.enabled && record.external_identities.iter().any(|own| own.number.0 == number)
        };
        clients.values().filter(has).min_by_key(|client| Arc::clone(client.account())).cloned()
    }

    /// The client of this account.
    #[must_use]
    pub fn client(&self, account: &str) -> Option<Arc<Client>> {
        self.clients.load().get(account).cloned()
    }

    /// All clients, by account.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Client>> {
        let mut all: Vec<_> = self.clients.load().values().cloned().collect();
        all.sort_by(|a, b| a.account().cmp(b.account()));
        all
    }

    /// The client, if its secret was accepted lately. Never waits; the hot path before [`Registry::authenticate`].
    #[must_use]
    pub fn recognise(&self, account: &str, secret: &str) -> Option<Arc<Client>> {
        let clients = self.clients.load();
        let client = clients.get(account).filter(|client| client.record().enabled)?;
        let phc = client.secret_phc()?;
        self.secrets.recognises(account, phc, secret).then(|| Arc::clone(client))
    }

    /// Finds out whether `account` is who it says. An unknown account costs what a wrong secret costs.
    ///
    /// # Errors
    /// It is not, or too many others are being checked.
    pub async fn authenticate(&self, account: &str, credential: Credential<'_>) -> Result<Arc<Client>, AuthFailure> {
        let client = self.client(account);
        let right = match credential {
            Credential::Secret(secret) => {
                let phc = client.as_ref().and_then(|client| client.secret_phc());
                self.secrets.accepts(account, phc, secret).await.map_err(|error| match error {
                    SecretCheckError::Busy => AuthFailure::Busy,
                    SecretCheckError::Hash => AuthFailure::Failed,
                })?
            }
            Credential::Certificate { der, chain_verified } => {
                client.as_ref().is_some_and(|client| shows(client, der, chain_verified))
            }
            Credential::None => false,
        };
        client.filter(|client| right && client.record().enabled).ok_or(AuthFailure::Refused)
    }

    /// Hashes a new secret for the store.
    ///
    /// # Errors
    /// Argon2id failed.
    pub async fn hash_secret(&self, secret: &str) -> Result<String, SecretCheckError> {
        self.secrets.hash(secret).await
    }

    #[cfg(test)]
    pub(super) fn argon2_runs(&self) -> usize {
        self.secrets.runs.load(std::sync::atomic::Ordering::Relaxed)
    }
}

/// Whether the certificate is one of the client's: by fingerprint, or by subject under a checked chain.
fn shows(client: &Client, der: &[u8], chain_verified: bool) -> bool {
    let fingerprint = digest::digest(&digest::SHA256, der);
    if client.fingerprints().iter().any(|known| known.as_slice() == fingerprint.as_ref()) {
        return true;
    }
    let subjects = &client.record().certificate_subjects;
    if !chain_verified || subjects.is_empty() {
        return false;
    }
    let Ok((_, certificate)) = x509_parser::parse_x509_certificate(der) else { return false };
    let subject = certificate.subject().to_string();
    subjects.contains(&subject)
}
