//! One request: who asks, what is taken out, what is put in, where it goes.

use super::body::{Cut, Passage, Passing};
use super::caller::{Vouchers, host};
use crate::config::{PushWeb, PushWebClient, WithoutIdentity};
use crate::identity_headers::IdentityHeaders;
use crate::push::Swap;
use crate::tls;
use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Body as _;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use lcs::Duration;
use std::net::IpAddr;
use std::sync::Arc;

/// The body of an answer.
pub(super) type Answer = Response<UnsyncBoxBody<Bytes, Cut>>;

/// A client that gets pseudonyms.
struct Client {
    hosts: Vec<String>,
    account: String,
    http: reqwest::Client,
    url: String,
    pseudonym_header: HeaderName,
}

/// What all requests share.
pub(super) struct Proxy {
    clients: Vec<Client>,
    vouchers: Vouchers,
    identities: IdentityHeaders,
    without_identity: WithoutIdentity,
    body_limit: u64,
    patience: Duration,
    client_patience: Duration,
    swap: Arc<Swap>,
}

impl Client {
    fn new(client: &PushWebClient, patience: Duration) -> Result<Self> {
        let at = || format!("push.web.client {}", client.client);
        let nobody = tls::Identity { cert_file: None, key_file: None };
        // Without authorities nothing is trusted; a client over https has them.
        let config = tls::client(&nobody, client.ca_file.as_deref()).with_context(at)?;
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .http1_only()
            .connect_timeout(patience)
            .tls_backend_preconfigured((*config).clone())
            .build()
            .with_context(at)?;
        Ok(Self {
            hosts: client.hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
            account: client.client.clone(),
            http,
            url: client.url.trim_end_matches('/').to_owned(),
            pseudonym_header: HeaderName::from_bytes(client.pseudonym_header.as_bytes()).with_context(at)?,
        })
    }
}

impl Proxy {
    /// # Errors
    /// A name is not a header's, or authorities cannot be read.
    pub(super) fn new(web: &PushWeb, swap: Arc<Swap>) -> Result<Self> {
        let client_patience = Duration::from_millis(web.client_timeout_ms);
        let clients: Vec<Client> =
            web.client.iter().map(|client| Client::new(client, client_patience)).collect::<Result<_>>()?;
        // A pseudonym comes from here alone, whichever client it is for. What leads to the terminal is as telling as a number.
        let own = [web.identity_header.as_str(), "via"].into_iter().map(str::to_owned);
        let pseudonyms = web.client.iter().map(|client| client.pseudonym_header.clone());
        let taken: Vec<String> = own.chain(pseudonyms).chain(web.strip_headers.iter().cloned()).collect();
        let header = HeaderName::from_bytes(web.identity_header.as_bytes()).context("push.web.identity_header")?;
        Ok(Self {
            clients,
            vouchers: Vouchers::new(&web.trusted, header),
            identities: IdentityHeaders::new(&taken).context("push.web.strip_headers")?,
            without_identity: web.without_identity,
            body_limit: web.body_limit_bytes,
            patience: Duration::from_millis(web.read_timeout_ms),
            client_patience,
            swap,
        })
    }

    /// Answers a request of this peer.
    pub(super) async fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> Answer {
        match self.passed(request, peer).await {
            Ok(answer) => {
                count("passed");
                answer
            }
            Err(refusal) => refusal.answer(),
        }
    }

    async fn passed(&self, request: Request<Incoming>, peer: IpAddr) -> Result<Answer, Refusal> {
        let (parts, body) = request.into_parts();
        // The one is no request to a client, the other would tell back what the client was told.
        if matches!(parts.method, Method::CONNECT | Method::TRACE) {
            return Err(Refusal::Method);
        }
        let host = host(&parts.uri, &parts.headers).ok_or(Refusal::Host)?;
        let client = self.clients.iter().find(|client| client.hosts.contains(&host)).ok_or(Refusal::NoClient)?;
        let caller = self.vouchers.caller(peer, &parts.headers, &self.swap.numbering);
        let caller = caller.map_err(|_| Refusal::Ambiguous)?;
        if caller.is_none() && self.without_identity == WithoutIdentity::Refuse {
            return Err(Refusal::Nobody);
        }
        if body.size_hint().lower() > self.body_limit {
            return Err(Refusal::TooLong);
        }
        let pseudonym = match caller {
            Some(msisdn) => {
                let pseudonym = self.swap.pseudonym(msisdn, &client.account).await.map_err(|_| Refusal::NoPseudonym)?;
                Some(HeaderValue::from_str(&pseudonym).map_err(|_| Refusal::NoPseudonym)?)
            }
            None => None,
        };
        let headers = self.onwards(&parts.headers, client, pseudonym)?;
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let url = reqwest::Url::parse(&format!("{}{path}", client.url)).map_err(|_| Refusal::Host)?;
        let passage = Passage::new();
        let ended = body.is_end_stream();
        let body = Passing::new(body, self.body_limit, self.patience, Arc::clone(&passage));
        let mut onwards = client.http.request(parts.method, url).headers(headers);
        if !ended {
            onwards = onwards.body(reqwest::Body::wrap(body));
        }
        let answer = self.in_time(onwards.send(), &passage).await?;
        Ok(self.back(answer.into()))
    }

    /// The headers for the client: nothing that tells who asks but the pseudonym.
    fn onwards(
        &self,
        given: &HeaderMap,
        client: &Client,
        pseudonym: Option<HeaderValue>,
    ) -> Result<HeaderMap, Refusal> {
        let mut headers = given.clone();
        let host = headers.get(header::HOST).cloned().ok_or(Refusal::Host)?;
        let removed = self.identities.strip(&mut headers);
        metrics::counter!("wherefore_push_web_headers_removed_total").increment(removed as u64);
        // Of this hop: answered here, and told anew by the length of the body.
        headers.remove(header::EXPECT);
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::HOST, host);
        if let Some(mut pseudonym) = pseudonym {
            pseudonym.set_sensitive(true);
            headers.insert(client.pseudonym_header.clone(), pseudonym);
        }
        Ok(headers)
    }

    /// Waits for the head of the answer: as long as the body of the request goes on, and a while from its end.
    async fn in_time(
        &self,
        sending: impl Future<Output = reqwest::Result<reqwest::Response>>,
        passage: &Passage,
    ) -> Result<reqwest::Response, Refusal> {
        tokio::pin!(sending);
        loop {
            let until = passage.last() + self.client_patience;
            tokio::select! {
                sent = &mut sending => return sent.map_err(|_| match passage.cut() {
                    Some(Cut::TooLong) => Refusal::TooLong,
                    Some(Cut::Stalled | Cut::Broken) => Refusal::Stalled,
                    None => Refusal::Unreachable,
                }),
                () = tokio::time::sleep_until(until) => {
                    if passage.last() + self.client_patience <= tokio::time::Instant::now() {
                        return Err(Refusal::Late);
                    }
                }
            }
        }
    }

    /// The answer of the client, for the terminal: what concerns one connection is taken out.
    fn back(&self, answer: Response<reqwest::Body>) -> Answer {
        let (mut parts, body) = answer.into_parts();
        crate::identity_headers::strip_hop_by_hop(&mut parts.headers);
        parts.version = http::Version::HTTP_11;
        let body = Passing::new(body, u64::MAX, self.client_patience, Passage::new());
        Response::from_parts(parts, body.boxed_unsync())
    }
}

/// Why a request is not passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Method,
    Host,
    NoClient,
    Ambiguous,
    Nobody,
    TooLong,
    NoPseudonym,
    Stalled,
    Unreachable,
    Late,
}

impl Refusal {
    fn told(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method", "this method does not pass here"),
            Self::Host => (StatusCode::BAD_REQUEST, "host", "the request must name exactly one host"),
            Self::NoClient => {
                (StatusCode::MISDIRECTED_REQUEST, "no_client", "no service of this name is behind this proxy")
            }
            Self::Ambiguous => (
                StatusCode::BAD_REQUEST,
                "ambiguous",
                "the network tells more or less than one number for this request",
            ),
            Self::Nobody => (StatusCode::FORBIDDEN, "nobody", "the network tells no number for this request"),
            Self::TooLong => {
                (StatusCode::PAYLOAD_TOO_LARGE, "too_long", "the body is longer than the limit of this proxy")
            }
            Self::NoPseudonym => {
                (StatusCode::SERVICE_UNAVAILABLE, "no_pseudonym", "no pseudonym can be had now; try again later")
            }
            Self::Stalled => (StatusCode::REQUEST_TIMEOUT, "stalled", "the body did not come to its end"),
            Self::Unreachable => (StatusCode::BAD_GATEWAY, "unreachable", "the service cannot be reached"),
            Self::Late => (StatusCode::GATEWAY_TIMEOUT, "late", "the service did not answer in time"),
        }
    }

    fn answer(self) -> Answer {
        let (status, outcome, text) = self.told();
        count(outcome);
        let body = Full::new(Bytes::from(format!("{text}\n"))).map_err(|never| match never {}).boxed_unsync();
        let mut answer = Response::new(body);
        *answer.status_mut() = status;
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        answer
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("wherefore_push_web_total", "outcome" => outcome).increment(1);
}
