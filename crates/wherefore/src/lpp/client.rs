//! The side of a gateway without a register. What cannot be asked is not allowed: the register down, slow or strange is a refusal,
//! told to the client like any other and counted apart.

use super::wire::{
    AUTHORISATION, AuthorisationRequest, AuthorisationResponse, BODY_MAX, PROFILE_UPDATES, STANDING, StandingRequest,
    StandingResponse, UpdatesRequest, UpdatesResponse,
};
use crate::certified::{Asking, Missed};
use crate::{config, tls};
use anyhow::{Context as _, Result};
use lcs::{Duration, Identities};
use privacy::{Authorisation, Lpp, LppFault, LppId, LppStanding, Stands, SubjectSalt, Verdict};
use std::sync::Arc;

/// The road to a register in another process.
#[derive(Clone)]
pub(crate) struct HttpRoad {
    asking: Arc<Asking>,
    timeout: Duration,
    pseudonyms: bool,
    url: Arc<str>,
}

impl core::fmt::Debug for HttpRoad {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "HttpRoad({})", self.url)
    }
}

impl HttpRoad {
    /// None where no address is configured.
    ///
    /// # Errors
    /// The certificates cannot be read.
    pub(crate) fn new(remote: &config::PprRemote) -> Result<Option<Self>> {
        let Some(url) = &remote.url else { return Ok(None) };
        let identity = tls::Identity { cert_file: remote.cert_file.as_deref(), key_file: remote.key_file.as_deref() };
        let asking = Asking::new(url, &identity, remote.ca_file.as_deref(), BODY_MAX).context("ppr.remote")?;
        Ok(Some(Self {
            asking: Arc::new(asking),
            timeout: Duration::from_millis(remote.timeout_ms),
            pseudonyms: remote.pseudonyms,
            url: url.as_str().into(),
        }))
    }

    /// The salt by which this gateway's entries about a subscriber are sealed; none if the register knows nobody by these identities,
    /// has erased the subscriber, or may not tell salts here. Whether anything stands against the subscriber is not looked at.
    ///
    /// # Errors
    /// The register does not answer, or not to this question.
    pub(crate) async fn salt(&self, whose: Identities) -> Result<Option<SubjectSalt>, LppFault> {
        let id = LppId::random().ok_or(LppFault::Unreachable)?;
        let told = self.standing(&LppStanding { id, identities: whose, by_default: false }).await?;
        if told.id == id { Ok(told.salt) } else { Err(LppFault::Strange) }
    }

    /// Asks for changes of profiles, and waits for them for at most `wait` beyond the ordinary time.
    pub(super) async fn updates(&self, request: &UpdatesRequest, wait: Duration) -> Result<UpdatesResponse, Missed> {
        let answer = self.asking.ask(PROFILE_UPDATES, request, self.timeout + wait).await;
        count("profile-updates", answer.as_ref().err().copied());
        answer
    }
}

fn fault(missed: Missed) -> LppFault {
    match missed {
        Missed::Unreachable => LppFault::Unreachable,
        Missed::Forbidden => LppFault::Forbidden,
        // No question has "not found" for an answer.
        Missed::Refused | Missed::Strange => LppFault::Strange,
    }
}

impl Lpp for HttpRoad {
    async fn authorise(&self, asked: &Authorisation<'_>) -> Result<Verdict, LppFault> {
        let request = AuthorisationRequest::of(asked);
        let answer: Result<AuthorisationResponse, Missed> =
            self.asking.ask(AUTHORISATION, &request, self.timeout).await;
        let client_type = asked.request.client.client_type;
        let verdict = answer.and_then(|answer| answer.verdict(client_type).map_err(|_| Missed::Strange));
        count("authorisation", verdict.as_ref().err().copied());
        verdict.map_err(fault)
    }

    async fn standing(&self, asked: &LppStanding) -> Result<Stands, LppFault> {
        let answer: Result<StandingResponse, Missed> =
            self.asking.ask(STANDING, &StandingRequest::of(asked), self.timeout).await;
        let stands = answer.and_then(|answer| answer.stands().map_err(|_| Missed::Strange));
        count("standing", stands.as_ref().err().copied());
        stands.map_err(fault)
    }

    fn resolves_pseudonyms(&self) -> bool {
        self.pseudonyms
    }

    fn misbelongs(&self) {
        count("answer", Some(Missed::Strange));
    }
}

fn count(operation: &'static str, missed: Option<Missed>) {
    let outcome = missed.map_or("done", Missed::word);
    metrics::counter!("wherefore_lpp_requests_total", "operation" => operation, "outcome" => outcome).increment(1);
}
