//! A web service behind a gateway: keeps what it was asked.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A request as the service saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Method, path and query.
    pub request: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Seen {
    /// The values of a header.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        let same = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        same.map(|(_, value)| value.as_str()).collect()
    }
}

/// A running service; stops when dropped. Every request is answered `200` with two cookies and a greeting under the pseudonym.
pub struct WebService {
    address: SocketAddr,
    seen: mpsc::UnboundedReceiver<Seen>,
    task: JoinHandle<()>,
}

impl Drop for WebService {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl WebService {
    /// Starts one.
    ///
    /// # Errors
    /// The address is taken.
    pub async fn start(listen: SocketAddr) -> std::io::Result<Self> {
        let socket = TcpListener::bind(listen).await?;
        let address = socket.local_addr()?;
        let (told, seen) = mpsc::unbounded_channel();
        let router = Router::new().fallback(serve).with_state(told);
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(socket, router).await {
                tracing::warn!(%error, "a web service ended");
            }
        });
        Ok(Self { address, seen, task })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next request; `None` if none comes within `patience`.
    pub async fn next(&mut self, patience: Duration) -> Option<Seen> {
        tokio::time::timeout(patience, self.seen.recv()).await.ok().flatten()
    }

    /// Requests that have come and were not looked at.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.seen.len()
    }
}

/// Longest body kept.
const BODY_MAX: usize = 64 << 20;

async fn serve(State(told): State<mpsc::UnboundedSender<Seen>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let request = format!("{} {path}", parts.method);
    let greeting = greeting(&parts.headers);
    // What does not come whole is as nothing.
    let body = axum::body::to_bytes(body, BODY_MAX).await.unwrap_or_default().to_vec();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    // A service that is gone looks at nothing.
    told.send(Seen { request, headers, body }).ok();
    let mut answer = Response::new(Body::from(greeting));
    let headers = answer.headers_mut();
    headers.append(header::SET_COOKIE, HeaderValue::from_static("one=1; Path=/"));
    headers.append(header::SET_COOKIE, HeaderValue::from_static("two=2; HttpOnly"));
    headers.append(header::CONNECTION, HeaderValue::from_static("x-hop"));
    headers.append(HeaderName::from_static("x-hop"), HeaderValue::from_static("of this connection"));
    answer
}

fn greeting(headers: &HeaderMap) -> String {
    let name = headers.get("x-pseudonym").and_then(|value| value.to_str().ok());
    format!("hello {}", name.unwrap_or("stranger"))
}
