//! The upload protocol from this side (`docs/mdt-collector.md`): over TLS 1.3 alone, to a collector of the one authority that is named.

use crate::config::CollectorConfig;
use crate::files::read;
use crate::station::{Errand, Outcome};
use base64ct::{Base64, Encoding as _};
use mdt_log::SegmentId;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, version};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use zeroize::Zeroizing;

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Longest answer that is read, octets: a receipt of one segment has below 300.
const LONGEST_ANSWER: usize = 64 << 10;

/// The collector did not take something.
#[derive(Debug, Error)]
pub enum CollectorError {
    /// What the configuration names cannot be used.
    #[error("{key}: {told}")]
    Setup {
        /// Which key.
        key: &'static str,
        /// Why.
        told: String,
    },
    /// No answer.
    #[error("the collector does not answer: {0}")]
    Silent(String),
    /// Another answer than one that settles it.
    #[error("the collector answers {status}")]
    Answer {
        /// Which.
        status: StatusCode,
        /// How long it wants to be left alone, s.
        retry_after_s: Option<u64>,
    },
    /// It does not go on.
    #[error("the collector takes octets and stands where it stood")]
    Stuck,
}

fn setup(key: &'static str, told: impl ToString) -> CollectorError {
    CollectorError::Setup { key, told: told.to_string() }
}

/// A way to a collector.
#[derive(Clone)]
pub struct Collector {
    http: Client,
    base: String,
    token: Option<Arc<Zeroizing<String>>>,
    piece: usize,
}

impl Collector {
    /// As the file says.
    ///
    /// # Errors
    /// [`CollectorError::Setup`].
    pub fn new(config: &CollectorConfig) -> Result<Self, CollectorError> {
        let http = Client::builder()
            .no_proxy()
            .https_only(true)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .tls_backend_preconfigured(tls(config)?)
            .build()
            .map_err(|error| setup("collector", error))?;
        let token = config.token_file.as_deref().map(token).transpose()?.map(Arc::new);
        Ok(Self { http, base: config.url.trim_end_matches('/').to_owned(), token, piece: config.piece_octets })
    }

    /// Does an errand; one attempt. A segment goes on where an earlier attempt ended.
    ///
    /// # Errors
    /// Why it is not done; nothing is lost by trying again.
    pub async fn run(&self, errand: &Errand) -> Result<Outcome, CollectorError> {
        match errand {
            Errand::OptOut(reference) => {
                let request = self.request(Method::POST, "/mdt/v1/opt-out");
                let request = request.header("content-type", "application/octet-stream").body(reference.clone());
                match send(request).await? {
                    response if response.status() == StatusCode::NO_CONTENT => Ok(Outcome::Told),
                    response => Err(answer(&response)),
                }
            }
            // Who shows a token shows nothing else of himself.
            Errand::Erase(_, token) => {
                let request = self.http.post(format!("{}/mdt/v1/erasures", self.base));
                receipt(send(request.body(token.to_vec())).await?).await
            }
            Errand::Segment { segment, octets, unlock } => self.upload(*segment, octets, unlock).await,
        }
    }

    async fn upload(&self, segment: SegmentId, octets: &[u8], unlock: &[u8]) -> Result<Outcome, CollectorError> {
        let path = format!("/mdt/v1/uploads/{segment:?}");
        let standing = send(self.request(Method::HEAD, &path)).await?;
        let mut at = match standing.status() {
            StatusCode::NOT_FOUND => None,
            status if status.is_success() && header(&standing, "upload-complete") == Some("?1") => Some(octets.len()),
            status if status.is_success() => Some(offset(&standing).ok_or_else(|| answer(&standing))?),
            _ => return Err(answer(&standing)),
        };
        loop {
            let from = at.unwrap_or(0).min(octets.len());
            let to = octets.len().min(from.saturating_add(self.piece));
            let last = to == octets.len();
            let request = match at {
                None => self.request(Method::POST, "/mdt/v1/uploads").header("upload-length", octets.len()),
                Some(at) => self
                    .request(Method::PATCH, &path)
                    .header("upload-offset", at)
                    .header("content-type", "application/partial-upload"),
            };
            let request = request.header("upload-complete", if last { "?1" } else { "?0" });
            let request = if last {
                request.header("mdt-unlock", format!(":{}:", Base64::encode_string(unlock)))
            } else {
                request
            };
            let response = send(request.body(octets.get(from..to).unwrap_or_default().to_vec())).await?;
            if last {
                return receipt(response).await;
            }
            let stands = offset(&response).filter(|_| response.status().is_success());
            match stands {
                Some(stands) if stands > from => at = Some(stands),
                Some(_) => return Err(CollectorError::Stuck),
                None => return Err(answer(&response)),
            }
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token.as_str()),
            None => request,
        }
    }
}

async fn send(request: RequestBuilder) -> Result<Response, CollectorError> {
    request.send().await.map_err(silent)
}

/// Without the address, which names a segment.
fn silent(error: reqwest::Error) -> CollectorError {
    let error = error.without_url();
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
    CollectorError::Silent(format!("{error}{cause}"))
}

fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers().get(name)?.to_str().ok()
}

fn offset(response: &Response) -> Option<usize> {
    header(response, "upload-offset")?.parse().ok()
}

fn answer(response: &Response) -> CollectorError {
    let retry_after_s = header(response, "retry-after").and_then(|text| text.parse().ok());
    CollectorError::Answer { status: response.status(), retry_after_s }
}

/// The receipt in an answer.
async fn receipt(mut response: Response) -> Result<Outcome, CollectorError> {
    if response.status() != StatusCode::OK {
        return Err(answer(&response));
    }
    let mut octets = Vec::new();
    while let Some(part) = response.chunk().await.map_err(silent)? {
        if octets.len() + part.len() > LONGEST_ANSWER {
            return Err(answer(&response));
        }
        octets.extend_from_slice(&part);
    }
    Ok(Outcome::Receipt(octets))
}

fn tls(config: &CollectorConfig) -> Result<ClientConfig, CollectorError> {
    let mut roots = RootCertStore::empty();
    let authorities = certificates("collector.ca_file", &config.ca_file)?;
    for authority in authorities {
        roots.add(authority).map_err(|error| setup("collector.ca_file", error))?;
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&version::TLS13])
        .map_err(|error| setup("collector", error))?
        .with_root_certificates(roots);
    let (Some(cert_file), Some(key_file)) = (&config.cert_file, &config.key_file) else {
        return Ok(builder.with_no_client_auth());
    };
    let chain = certificates("collector.cert_file", cert_file)?;
    let key = PrivateKeyDer::from_pem_file(key_file).map_err(|error| setup("collector.key_file", error))?;
    builder.with_client_auth_cert(chain, key).map_err(|error| setup("collector.cert_file", error))
}

fn certificates(key: &'static str, file: &Path) -> Result<Vec<CertificateDer<'static>>, CollectorError> {
    let found = CertificateDer::pem_file_iter(file).map_err(|error| setup(key, error))?;
    let found: Vec<_> = found.collect::<Result<_, _>>().map_err(|error| setup(key, error))?;
    if found.is_empty() { Err(setup(key, "no certificate in it")) } else { Ok(found) }
}

fn token(file: &Path) -> Result<Zeroizing<String>, CollectorError> {
    const KEY: &str = "collector.token_file";
    let octets = read(file).map_err(|error| setup(KEY, error))?;
    let text = std::str::from_utf8(&octets).map_err(|error| setup(KEY, error))?.trim();
    let sound = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_graphic());
    if sound { Ok(Zeroizing::new(text.to_owned())) } else { Err(setup(KEY, "no token in it: one word of ASCII")) }
}
