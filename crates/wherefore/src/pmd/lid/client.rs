//! The side of a gateway without a key. What cannot be asked is not resolved: the device down, slow or strange is a refusal, told
//! to the client like any other and counted apart.

use super::wire::{ASSIGN, AssignAnswer, AssignRequest, BODY_MAX, RESOLVE, ResolveRequest, Subscriber};
use crate::clock;
use crate::config;
use crate::pmd::{Assigned, PseudonymError, pseudonym_text};
use crate::tls;
use anyhow::{Context as _, Result};
use lcs::{Duration, Identities, Pseudonym, Timestamp};
use privacy::Unresolved;
use reqwest::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

/// A PMD in another process.
pub(crate) struct RemotePmd {
    http: reqwest::Client,
    base: String,
    timeout: Duration,
}

/// How asking ended, where it did not end well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missed {
    /// The device says no.
    Refused,
    /// No answer came in time, or the device says that it cannot.
    Unreachable,
    /// The device does not let this gateway.
    Forbidden,
    /// The answer is not one.
    Strange,
}

impl Missed {
    fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Forbidden => "forbidden",
            Self::Strange => "strange",
        }
    }
}

impl RemotePmd {
    /// None where no address is configured.
    ///
    /// # Errors
    /// The certificates cannot be read.
    pub(crate) fn new(remote: &config::PmdRemote) -> Result<Option<Self>> {
        let Some(url) = &remote.url else { return Ok(None) };
        let identity = tls::Identity { cert_file: remote.cert_file.as_deref(), key_file: remote.key_file.as_deref() };
        let tls = tls::client(&identity, remote.ca_file.as_deref()).context("pmd.remote")?;
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(true)
            .tls_backend_preconfigured((*tls).clone())
            .build()
            .context("pmd.remote")?;
        let base = url.trim_end_matches('/').to_owned();
        Ok(Some(Self { http, base, timeout: Duration::from_millis(remote.timeout_ms) }))
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
        let answer: Result<Subscriber, Missed> = self.ask(RESOLVE, &request, timeout).await;
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
        let answer: Result<AssignAnswer, Missed> = self.ask(ASSIGN, &request, self.timeout).await;
        let assigned = answer.and_then(|answer| answer.assigned().ok_or(Missed::Strange));
        count("assign", &assigned);
        assigned.map_err(|missed| PseudonymError::Remote(missed.word()))
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        request: &impl Serialize,
        timeout: Duration,
    ) -> Result<T, Missed> {
        let sent = self.http.post(format!("{}{path}", self.base)).timeout(timeout).json(request).send();
        // The timeout of the request covers its body too.
        let mut response = sent.await.map_err(|_| Missed::Unreachable)?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Err(Missed::Refused),
            StatusCode::FORBIDDEN => return Err(Missed::Forbidden),
            status if status.is_server_error() => return Err(Missed::Unreachable),
            _ => return Err(Missed::Strange),
        }
        let mut body = Zeroizing::new(Vec::with_capacity(512));
        while let Some(chunk) = response.chunk().await.map_err(|_| Missed::Unreachable)? {
            if body.len() + chunk.len() > BODY_MAX {
                return Err(Missed::Strange);
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(|_| Missed::Strange)
    }
}

fn count<T>(operation: &'static str, ended: &Result<T, Missed>) {
    let outcome = ended.as_ref().map_or_else(|missed| missed.word(), |_| "done");
    metrics::counter!("wherefore_lid_requests_total", "operation" => operation, "outcome" => outcome).increment(1);
}
