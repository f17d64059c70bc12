//! The side of a gateway without a key. What cannot be asked is not resolved: the device down, slow or strange is a refusal, told
//! to the client like any other and counted apart.

use super::wire::{ASSIGN, AssignAnswer, AssignRequest, BODY_MAX, RESOLVE, ResolveRequest, Subscriber};
use crate::certified::{Asking, Missed};
use crate::clock;
use crate::config;
use crate::pmd::{Assigned, PseudonymError, pseudonym_text};
use crate::tls;
use anyhow::{Context as _, Result};
use lcs::{Duration, Identities, Pseudonym, Timestamp};
use privacy::Unresolved;

/// A PMD in another process.
pub(crate) struct RemotePmd {
    asking: Asking,
    timeout: Duration,
}

impl RemotePmd {
    /// None where no address is configured.
    ///
    /// # Errors
    /// The certificates cannot be read.
    pub(crate) fn new(remote: &config::PmdRemote) -> Result<Option<Self>> {
        let Some(url) = &remote.url else { return Ok(None) };
        let identity = tls::Identity { cert_file: remote.cert_file.as_deref(), key_file: remote.key_file.as_deref() };
        let asking = Asking::new(url, &identity, remote.ca_file.as_deref(), BODY_MAX).context("pmd.remote")?;
        Ok(Some(Self { asking, timeout: Duration::from_millis(remote.timeout_ms) }))
    }

    /// Has a pseudonym turned back, before `deadline`.
    ///
    /// # Errors
    /// The device refuses, or cannot be asked.
    pub(crate) async fn resolve(
        &self,
        pseudonym: &Pseudonym,
        client: &str,
        deadline: Timestamp,
    ) -> Result<Identities, Unresolved> {
        let request = ResolveRequest { pseudonym: pseudonym_text(pseudonym), client: client.to_owned() };
        let timeout = deadline.since(clock::now()).min(self.timeout);
        let answer: Result<Subscriber, Missed> = self.asking.ask(RESOLVE, &request, timeout).await;
        let identities = answer.and_then(|subscriber| subscriber.identities().ok_or(Missed::Strange));
        count("resolve", &identities);
        identities.map_err(|_| Unresolved)
    }

    /// Has a pseudonym assigned. `who` must be all that is known of the subscriber.
    ///
    /// # Errors
    /// The device does not, or cannot be asked.
    pub(crate) async fn assign(&self, who: &Identities, client: &str) -> Result<Assigned, PseudonymError> {
        let request = AssignRequest { subscriber: Subscriber::of(who), client: client.to_owned() };
        let answer: Result<AssignAnswer, Missed> = self.asking.ask(ASSIGN, &request, self.timeout).await;
        let assigned = answer.and_then(|answer| answer.assigned().ok_or(Missed::Strange));
        count("assign", &assigned);
        assigned.map_err(|missed| PseudonymError::Remote(missed.word()))
    }
}

fn count<T>(operation: &'static str, ended: &Result<T, Missed>) {
    let outcome = ended.as_ref().map_or_else(|missed| missed.word(), |_| "done");
    metrics::counter!("wherefore_lid_requests_total", "operation" => operation, "outcome" => outcome).increment(1);
}
