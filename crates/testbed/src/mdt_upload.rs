//! The upload protocol of the collector of MDT logs, from a phone's side (`docs/mdt-collector.md`).

use base64ct::{Base64, Encoding as _};
use mdt_log::SegmentId;
use reqwest::{Method, RequestBuilder, StatusCode};
use std::time::Duration;
use tokio_rustls::rustls::ClientConfig;

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Attempts at one segment.
const ATTEMPTS: u32 = 20;

/// What the collector says to one request.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Upload-Offset.
    pub offset: Option<u32>,
    /// Upload-Complete.
    pub complete: Option<bool>,
    /// Location.
    pub location: Option<String>,
    /// The body: a receipt, or what is wrong.
    pub body: Vec<u8>,
}

/// A segment did not come up.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The collector refuses it.
    #[error("the collector answers {0}: {1}")]
    Refused(StatusCode, String),
    /// It was tried as often as one may.
    #[error("not taken in {ATTEMPTS} attempts; the last ended with: {0}")]
    Attempts(String),
    /// The connection.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
}

/// A phone's way to a collector.
#[derive(Clone)]
pub struct Uploader {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

fn structured(flag: bool) -> &'static str {
    if flag { "?1" } else { "?0" }
}

/// The name of an upload: that of its segment.
fn path(segment: SegmentId) -> String {
    format!("/mdt/v1/uploads/{segment:?}")
}

impl Uploader {
    /// To the collector at `base`, such as `https://localhost:9443`, over `tls`, known by a token or by the certificate in `tls`.
    ///
    /// # Errors
    /// The client cannot be made.
    pub fn new(base: &str, tls: &ClientConfig, token: Option<&str>) -> Result<Self, UploadError> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .https_only(true)
            .timeout(TIMEOUT)
            .tls_backend_preconfigured(tls.clone())
            .build()?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned(), token: token.map(str::to_owned) })
    }

    /// A request, to be added to.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request.
    ///
    /// # Errors
    /// No answer came.
    pub async fn send(request: RequestBuilder) -> Result<Answer, UploadError> {
        let response = request.send().await?;
        let header = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        Ok(Answer {
            status: response.status(),
            offset: header("upload-offset").and_then(|text| text.parse().ok()),
            complete: header("upload-complete").map(|text| text == "?1"),
            location: header("location"),
            body: response.bytes().await?.to_vec(),
        })
    }

    /// Begins with these octets, the whole head among them; with an unlock message these are all.
    ///
    /// # Errors
    /// No answer came.
    pub async fn begin(&self, octets: &[u8], unlock: Option<&[u8]>) -> Result<Answer, UploadError> {
        Self::send(self.beginning(octets, unlock)).await
    }

    /// The same as a request, to be added to.
    pub fn beginning(&self, octets: &[u8], unlock: Option<&[u8]>) -> RequestBuilder {
        let request = self.request(Method::POST, "/mdt/v1/uploads");
        with_unlock(request, unlock).body(octets.to_vec())
    }

    /// Goes on at `at`; with an unlock message these are the last octets.
    ///
    /// # Errors
    /// No answer came.
    pub async fn append(
        &self,
        segment: SegmentId,
        at: u32,
        octets: &[u8],
        unlock: Option<&[u8]>,
    ) -> Result<Answer, UploadError> {
        let request = self.request(Method::PATCH, &path(segment)).header("upload-offset", at);
        let request = request.header("content-type", "application/partial-upload");
        Self::send(with_unlock(request, unlock).body(octets.to_vec())).await
    }

    /// Asks where an upload stands.
    ///
    /// # Errors
    /// No answer came.
    pub async fn standing(&self, segment: SegmentId) -> Result<Answer, UploadError> {
        Self::send(self.request(Method::HEAD, &path(segment))).await
    }

    /// Asks for the receipt of what was taken.
    ///
    /// # Errors
    /// No answer came.
    pub async fn receipt(&self, segment: SegmentId) -> Result<Answer, UploadError> {
        Self::send(self.request(Method::GET, &path(segment))).await
    }

    /// Lets an unfinished upload go.
    ///
    /// # Errors
    /// No answer came.
    pub async fn cancel(&self, segment: SegmentId) -> Result<Answer, UploadError> {
        Self::send(self.request(Method::DELETE, &path(segment))).await
    }

    /// Shows an erasure token, and nothing else of the phone.
    ///
    /// # Errors
    /// No answer came.
    pub async fn erase(&self, token: &[u8]) -> Result<Answer, UploadError> {
        Self::send(self.http.post(format!("{}/mdt/v1/erasures", self.base)).body(token.to_vec())).await
    }

    /// Says that the user opted out: the reference is what the register gave out, and the log brings back.
    ///
    /// # Errors
    /// No answer came.
    pub async fn opt_out(&self, reference: &[u8]) -> Result<Answer, UploadError> {
        Self::send(self.request(Method::POST, "/mdt/v1/opt-out").body(reference.to_vec())).await
    }

    /// One attempt at a whole segment, from wherever an earlier one ended. Gives the receipt.
    ///
    /// # Errors
    /// No answer came, or another than a receipt.
    pub async fn begin_or_go_on(
        &self,
        segment: SegmentId,
        octets: &[u8],
        unlock: &[u8],
    ) -> Result<Vec<u8>, UploadError> {
        let standing = self.standing(segment).await?;
        let answer = match standing.offset {
            Some(at) => {
                let rest = octets.get(at as usize..).unwrap_or_default();
                self.append(segment, at, rest, Some(unlock)).await?
            }
            None => self.begin(octets, Some(unlock)).await?,
        };
        match answer.status {
            StatusCode::OK => Ok(answer.body),
            status => Err(UploadError::Refused(status, String::from_utf8_lossy(&answer.body).into_owned())),
        }
    }

    /// Brings a whole segment up in pieces of so many octets, going on where an attempt ended. Gives the receipt.
    ///
    /// # Errors
    /// It is refused, or nothing helps.
    pub async fn upload(
        &self,
        segment: SegmentId,
        octets: &[u8],
        unlock: &[u8],
        piece: usize,
    ) -> Result<Vec<u8>, UploadError> {
        let mut last = String::new();
        for _ in 0..ATTEMPTS {
            let at = match self.standing(segment).await {
                Ok(answer) if answer.status == StatusCode::NOT_FOUND => None,
                Ok(Answer { complete: Some(true), .. }) => Some(u32::try_from(octets.len()).unwrap_or(u32::MAX)),
                Ok(answer) => answer.offset,
                Err(error) => {
                    last = error.to_string();
                    continue;
                }
            };
            let from = at.map_or(0, |at| at as usize).min(octets.len());
            let to = octets.len().min(from.saturating_add(piece.max(1)));
            let (part, unlock) = (octets.get(from..to).unwrap_or_default(), (to == octets.len()).then_some(unlock));
            let answer = match at {
                None => self.begin(part, unlock).await,
                Some(at) => self.append(segment, at, part, unlock).await,
            };
            match answer {
                Ok(Answer { status: StatusCode::OK, body, .. }) => return Ok(body),
                Ok(answer) if answer.status.is_success() => {}
                Ok(answer) if answer.status == StatusCode::CONFLICT || answer.status.is_server_error() => {
                    last = String::from_utf8_lossy(&answer.body).into_owned();
                }
                Ok(answer) => {
                    let told = String::from_utf8_lossy(&answer.body).into_owned();
                    return Err(UploadError::Refused(answer.status, told));
                }
                Err(error) => last = error.to_string(),
            }
        }
        Err(UploadError::Attempts(last))
    }
}

fn with_unlock(request: RequestBuilder, unlock: Option<&[u8]>) -> RequestBuilder {
    let request = request.header("upload-complete", structured(unlock.is_some()));
    match unlock {
        Some(unlock) => request.header("mdt-unlock", format!(":{}:", Base64::encode_string(unlock))),
        None => request,
    }
}
