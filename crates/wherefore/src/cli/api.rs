//! The admin API as its client sees it.

use super::args;
use super::error::CliError;
use crate::admin::Problem;
use crate::config::{Config, Secret};
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use http_body::Frame;
use http_body_util::StreamBody;
use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use tokio_util::io::ReaderStream;
use zeroize::Zeroizing;

/// Variable with the bearer token.
const TOKEN_ENV: &str = "WHEREFORE_ADMIN_TOKEN";

/// A connection to the admin API.
#[derive(Clone)]
pub(super) struct AdminApi {
    client: reqwest::Client,
    base: String,
    token: Zeroizing<String>,
}

impl AdminApi {
    /// Finds address and token from options, environment and configuration file, in this order.
    pub(super) fn new(args: &args::Api) -> Result<Self, CliError> {
        let config = args.config.as_deref().map(Config::load).transpose()?;
        let from_config = config.as_ref().map(|config| format!("http://{}", config.admin.listen));
        let base = args.admin.clone().or(from_config).unwrap_or_else(|| "http://127.0.0.1:9280".to_owned());
        let configured = config.as_ref().map(|config| config.admin.token_file.clone());
        let file = args.token_file.clone().or(configured).unwrap_or_else(|| PathBuf::from("admin.token"));
        let env = std::env::var_os(TOKEN_ENV).map(|_| TOKEN_ENV);
        let token = Secret { file: &file, env }.read()?;
        Ok(Self { client: http_client(None)?, base: base.trim_end_matches('/').to_owned(), token })
    }

    fn request(&self, method: Method, path: &str, subscriber: Option<&str>) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&*self.token);
        match subscriber {
            Some(subscriber) => request.header("Subscriber", subscriber),
            None => request,
        }
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str, subscriber: Option<&str>) -> Result<T, CliError> {
        self.json(self.request(Method::GET, path, subscriber)).await
    }

    /// Sends a body and takes an answer.
    pub(super) async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        subscriber: Option<&str>,
        body: &(impl Serialize + Sync),
        guard: Guard,
    ) -> Result<T, CliError> {
        let request = self.request(method, path, subscriber).json(body);
        self.json(match guard {
            Guard::None => request,
            Guard::New => request.header("If-None-Match", "*"),
            Guard::Version(version) => request.header("If-Match", format!("\"{version}\"")),
        })
        .await
    }

    /// Posts without a body.
    pub(super) async fn post<T: DeserializeOwned>(&self, path: &str, subscriber: Option<&str>) -> Result<T, CliError> {
        self.json(self.request(Method::POST, path, subscriber)).await
    }

    pub(super) async fn delete(&self, path: &str, subscriber: Option<&str>) -> Result<(), CliError> {
        self.answer(self.request(Method::DELETE, path, subscriber)).await.map(drop)
    }

    /// Readiness comes with 200 or 503, and a body either way.
    pub(super) async fn readiness(&self) -> Result<crate::admin::Readiness, CliError> {
        let response = self.execute(self.request(Method::GET, "/ready", None)).await?;
        let status = response.status().as_u16();
        response.json().await.map_err(|_| CliError::Strange { url: self.base.clone(), status })
    }

    /// Writes the body of an export into a file, piece by piece. Says how many rows it has.
    pub(super) async fn download(
        &self,
        path: &str,
        subscriber: Option<&str>,
        into: &mut std::fs::File,
    ) -> Result<u64, CliError> {
        use std::io::Write as _;
        let mut response = self.execute(self.request(Method::GET, path, subscriber)).await?;
        let status = response.status().as_u16();
        let strange = || CliError::Strange { url: self.base.clone(), status };
        if !response.status().is_success() {
            let body = response.bytes().await.map_err(|error| unreachable(&self.base, &error))?;
            return Err(refused(status, serde_json::from_slice(&body).map_err(|_| strange())?));
        }
        let rows = response.headers().get("mdt-rows").and_then(|rows| rows.to_str().ok()?.parse().ok());
        while let Some(piece) = response.chunk().await.map_err(|error| unreachable(&self.base, &error))? {
            into.write_all(&piece).map_err(|_| CliError::Usage("the file could not be written".to_owned()))?;
        }
        rows.ok_or_else(strange)
    }

    /// Posts a line of JSON and behind it a file, piece by piece, and takes an answer.
    pub(super) async fn upload<T: DeserializeOwned>(
        &self,
        path: &str,
        head: &(impl Serialize + Sync),
        file: impl tokio::io::AsyncRead + Send + Sync + 'static,
    ) -> Result<T, CliError> {
        let head =
            serde_json::to_string(head).map_err(|_| CliError::Usage("the request cannot be written".to_owned()))?;
        let head = futures_util::stream::iter([Ok(Bytes::from(head + "\n"))]);
        let octets = head.chain(ReaderStream::with_capacity(file, 1 << 16));
        let body = reqwest::Body::wrap(StreamBody::new(octets.map_ok(Frame::data)));
        let request = self.request(Method::POST, path, None).header("Content-Type", "application/octet-stream");
        self.json(request.body(body)).await
    }

    async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, CliError> {
        let (status, body) = self.answer(request).await?;
        serde_json::from_slice(&body).map_err(|_| CliError::Strange { url: self.base.clone(), status })
    }

    async fn execute(&self, request: RequestBuilder) -> Result<reqwest::Response, CliError> {
        request.send().await.map_err(|error| unreachable(&self.base, &error))
    }

    /// The body of a good answer; a problem as an error.
    async fn answer(&self, request: RequestBuilder) -> Result<(u16, Zeroizing<Vec<u8>>), CliError> {
        let response = self.execute(request).await?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| unreachable(&self.base, &error))?;
        if status.is_success() {
            return Ok((status.as_u16(), Zeroizing::new(body.to_vec())));
        }
        let problem: Problem = serde_json::from_slice(&body)
            .map_err(|_| CliError::Strange { url: self.base.clone(), status: status.as_u16() })?;
        Err(refused(status.as_u16(), problem))
    }
}

fn refused(status: u16, problem: Problem) -> CliError {
    match status {
        401 => CliError::NotAuthorised(problem),
        500.. => CliError::GatewayFailed(problem),
        _ => CliError::Refused(problem),
    }
}

/// Which version a change replaces.
#[derive(Debug, Clone, Copy)]
pub(super) enum Guard {
    /// Any or none.
    None,
    /// None: it must be new.
    New,
    /// This one.
    Version(u64),
}

/// What failed, without the request: its headers and body may name a subscriber.
pub(super) fn unreachable(url: &str, error: &reqwest::Error) -> CliError {
    let mut innermost: &dyn core::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    CliError::Unreachable { url: url.to_owned(), why: innermost.to_string() }
}

/// An HTTP client that goes straight to the gateway.
pub(super) fn http_client(ca_file: Option<&Path>) -> Result<reqwest::Client, CliError> {
    // Set already if a caller did it first.
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let mut builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    if let Some(path) = ca_file {
        let pem = std::fs::read(path).map_err(|source| CliError::File { path: path.to_owned(), source })?;
        let certificates = reqwest::Certificate::from_pem_bundle(&pem)
            .map_err(|_| CliError::Usage(format!("{}: no certificates in PEM", path.display())))?;
        builder = builder.tls_certs_only(certificates);
    }
    builder.build().map_err(|error| CliError::Usage(format!("HTTP client: {error}")))
}
