//! The tour's own HTTP listener, to which a gateway pushes reports (OMA MLP sections 5.2.3.2 and 5.2.3.5).

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{net::TcpListener, sync::mpsc};

/// Reports that wait to be read; more are turned away with 503, and the gateway tries again.
const WAITING: usize = 256;

/// A report as it came.
pub struct Pushed {
    /// What the header `Wherefore-Report` names it, if it has one; the same name is the same report.
    pub name: Option<String>,
    /// The body, an MLP document.
    pub body: String,
}

/// A listener. Stops when dropped.
pub struct PushListener {
    local: SocketAddr,
    reports: mpsc::Receiver<Pushed>,
    task: tokio::task::JoinHandle<()>,
}

impl PushListener {
    /// Listens at an address; port 0 takes a free one.
    pub async fn start(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let local = listener.local_addr()?;
        let (sender, reports) = mpsc::channel(WAITING);
        let router = Router::new().route("/push", post(take)).with_state(sender);
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the push listener ended");
            }
        });
        Ok(Self { local, reports, task })
    }

    /// The address to name in a request.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/push", self.local)
    }

    /// The beginning of the address, which the client's record has to allow.
    #[must_use]
    pub fn prefix(&self) -> String {
        format!("http://{}/", self.local)
    }

    /// The next report, unless it takes longer than `timeout`.
    pub async fn next(&mut self, timeout: Duration) -> Option<String> {
        self.next_named(timeout).await.map(|pushed| pushed.body)
    }

    /// The same with its name.
    pub async fn next_named(&mut self, timeout: Duration) -> Option<Pushed> {
        tokio::time::timeout(timeout, self.reports.recv()).await.ok().flatten()
    }
}

impl Drop for PushListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take(State(sender): State<mpsc::Sender<Pushed>>, headers: HeaderMap, body: String) -> StatusCode {
    let name = headers.get("wherefore-report").and_then(|name| name.to_str().ok()).map(str::to_owned);
    if sender.try_send(Pushed { name, body }).is_ok() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}
