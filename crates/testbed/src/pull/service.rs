//! A web service that wants to know who is there: asks by a challenge, verifies the token with the crate `assertion`, and asks the
//! location gateway over MLP where that pseudonym is.
//!
//! ```text
//! /             401 with a challenge, then 200 with the pseudonym's position
//! /open         200 for anybody          /stubborn     401 with a challenge whatever is shown
//! /elsewhere    as /, then 302           /other        401 with a challenge for another audience
//! /back         takes the form of the redirect form
//! ```

use assertion::{Assertion, Gate, GateError, KeySet, Nonces};
use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use mlp::{
    MsidType,
    client::{ClientTarget, Request as LocationRequest, parse_svc_result},
};
use parking_lot::Mutex;
use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::net::TcpListener;

/// Longest body that is taken, octets.
const BODY_MAX: usize = 16 << 20;

/// What a service knows of the operator.
#[derive(Debug, Clone)]
pub struct Operator {
    /// Issuer of the tokens: the operator's origin.
    pub issuer: String,
    /// Where the proxy is reached for the keys.
    pub proxy: SocketAddr,
    /// The door of the location gateway.
    pub mlp: SocketAddr,
    /// Secret of the service's account.
    pub secret: String,
}

/// Why a service does not open.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The keys cannot be fetched.
    #[error("the operator's keys cannot be fetched: {0}")]
    Fetch(#[from] reqwest::Error),
    /// The keys are none.
    #[error("the operator's keys: {0}")]
    Keys(#[from] assertion::KeySetError),
    /// The account cannot stand in a challenge.
    #[error("the account: {0}")]
    Challenge(#[from] assertion::ChallengeError),
    /// There is no randomness.
    #[error("nonces: {0}")]
    Nonce(#[from] assertion::NonceError),
    /// It was opened before.
    #[error("the service was opened before")]
    Twice,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct SeenRequest {
    /// Method and target, as in the request line.
    pub line: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl SeenRequest {
    /// The token that was shown.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.headers.get(header::AUTHORIZATION)?.to_str().ok().and_then(assertion::presented)
    }

    /// Whether any header or the body has this text in it.
    #[must_use]
    pub fn mentions(&self, text: &str) -> bool {
        let has = |octets: &[u8]| octets.windows(text.len()).any(|window| window == text.as_bytes());
        self.headers.values().any(|value| has(value.as_bytes())) || has(&self.body)
    }
}

struct Open {
    gate: Gate,
    operator: Operator,
    http: reqwest::Client,
}

struct Inside {
    account: String,
    open: OnceLock<Open>,
    seen: Mutex<Vec<SeenRequest>>,
    let_in: Mutex<Vec<Result<String, GateError>>>,
}

/// A running service. Stops when dropped.
pub struct WebService {
    local: SocketAddr,
    inside: Arc<Inside>,
    task: tokio::task::JoinHandle<()>,
}

impl WebService {
    /// Listens on loopback; answers 503 until [`WebService::open`].
    ///
    /// # Errors
    /// The socket cannot be had.
    pub async fn start(account: &str) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let local = listener.local_addr()?;
        let account = account.to_owned();
        let inside =
            Arc::new(Inside { account, open: OnceLock::new(), seen: Mutex::default(), let_in: Mutex::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&inside));
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the web service ended");
            }
        });
        Ok(Self { local, inside, task })
    }

    /// Fetches the operator's keys, and lets people in from now on.
    ///
    /// # Errors
    /// The keys cannot be had, or the account cannot stand in a challenge.
    pub async fn open(&self, operator: Operator) -> Result<(), ServiceError> {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build()?;
        let keys = http.get(format!("http://{}/.well-known/jwks.json", operator.proxy)).send().await?.bytes().await?;
        let account = &self.inside.account;
        let gate = Gate::new(account, &operator.issuer, account, KeySet::parse(&keys)?, Nonces::new()?)?;
        self.inside.open.set(Open { gate, operator, http }).map_err(|_| ServiceError::Twice)
    }

    /// Its origin.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.local)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.local
    }

    /// Everything that it was asked, in order.
    #[must_use]
    pub fn seen(&self) -> Vec<SeenRequest> {
        self.inside.seen.lock().clone()
    }

    /// The pseudonyms of those who were let in, and why others were not, in order.
    #[must_use]
    pub fn let_in(&self) -> Vec<Result<String, GateError>> {
        self.inside.let_in.lock().clone()
    }
}

impl Drop for WebService {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Seconds since 1970.
fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

async fn answer(State(inside): State<Arc<Inside>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_MAX).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let seen = SeenRequest { line: format!("{} {}", parts.method, parts.uri), headers: parts.headers, body };
    inside.seen.lock().push(seen.clone());
    let Some(open) = inside.open.get() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    match parts.uri.path() {
        "/open" => "open to anybody\n".into_response(),
        "/stubborn" => challenge(open),
        "/other" => other_challenge(open),
        "/basic" => (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Basic realm=\"shop\"")]).into_response(),
        "/back" => back(&inside, open, &seen.body).await,
        path => {
            let authorization = seen.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
            match admitted(&inside, open, authorization) {
                None => challenge(open),
                Some(_) if path == "/elsewhere" => {
                    (StatusCode::FOUND, [(header::LOCATION, "http://elsewhere.example/")]).into_response()
                }
                Some(assertion) => content(&inside, open, &assertion).await,
            }
        }
    }
}

fn admitted(inside: &Inside, open: &Open, authorization: Option<&str>) -> Option<Assertion> {
    let admitted = open.gate.admit(authorization, now_s());
    if !matches!(admitted, Err(GateError::NotPresented)) {
        inside.let_in.lock().push(admitted.as_ref().map(|it| it.pseudonym().to_owned()).map_err(|error| *error));
    }
    admitted.ok()
}

/// Step 3: the challenge.
fn challenge(open: &Open) -> Response {
    let Ok(challenge) = open.gate.challenge(now_s()) else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let headers = [(header::WWW_AUTHENTICATE, challenge.to_string()), (header::CACHE_CONTROL, "no-store".into())];
    (StatusCode::UNAUTHORIZED, headers, "who are you?\n").into_response()
}

/// What a site sends that wants a token for somebody else.
fn other_challenge(open: &Open) -> Response {
    let Ok(own) = open.gate.challenge(now_s()) else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let text = format!("Pseudonym realm=\"r\", audience=\"somebody-else\", nonce=\"{}\"", own.nonce());
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, text)]).into_response()
}

/// The end of the redirect form: `id_token` or `error`, and `state`.
async fn back(inside: &Inside, open: &Open, body: &[u8]) -> Response {
    let field = |name: &str| {
        let text = core::str::from_utf8(body).ok()?;
        text.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
    };
    let authorization = field("id_token").map(|token| format!("{} {token}", assertion::SCHEME));
    match admitted(inside, open, authorization.as_deref()) {
        Some(assertion) => content(inside, open, &assertion).await,
        None => (StatusCode::FORBIDDEN, "not told\n").into_response(),
    }
}

/// Steps 6 to 9: where is the one behind this pseudonym?
async fn content(inside: &Inside, open: &Open, assertion: &Assertion) -> Response {
    let target = ClientTarget::of(MsidType::Asid, assertion.pseudonym());
    let xml = LocationRequest::new(&inside.account, &open.operator.secret, vec![target]).to_xml();
    let sent = open.http.post(format!("http://{}/", open.operator.mlp)).body(xml).send().await;
    let told = match sent {
        Ok(answer) => answer.bytes().await,
        Err(error) => Err(error),
    };
    let result = told.ok().and_then(|octets| parse_svc_result(&octets).ok());
    let Some(result) = result else { return StatusCode::BAD_GATEWAY.into_response() };
    let results: Vec<u16> = match &result.result {
        Some((whole, _)) => vec![whole.0],
        None => result.positions.iter().map(|position| position.result.0).collect(),
    };
    // The gateway tells under the name that it was asked by.
    let same = result.positions.iter().all(|position| position.msid.1.expose() == assertion.pseudonym());
    format!("welcome back; location result {results:?}, under the same name {same}\n").into_response()
}
