//! Headers of the upload protocol, and its answers.

use super::Collector;
use super::intake::NotTaken;
use super::spool::SpoolError;
use crate::admin::Problem;
use crate::forms::from_hex;
use axum::extract::{FromRequestParts as _, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64ct::{Base64, Encoding as _};
use mdt_store::{Model, Told};
use std::sync::Arc;

const UPLOAD_COMPLETE: HeaderName = HeaderName::from_static("upload-complete");
pub(super) const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub(super) const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_LIMIT: HeaderName = HeaderName::from_static("upload-limit");
const MDT_UNLOCK: HeaderName = HeaderName::from_static("mdt-unlock");
const MDT_MODEL: HeaderName = HeaderName::from_static("mdt-model");

/// A refusal, on its way out.
pub(super) struct Refusal(Box<Response>);

impl From<Response> for Refusal {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl axum::response::IntoResponse for Refusal {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// The token of `Authorization: Bearer`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Nobody whom this door knows; says what to show.
pub(super) fn not_known(detail: &str) -> Refusal {
    let refused = problem(StatusCode::UNAUTHORIZED, "not known", detail);
    ([(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))], refused).into_response().into()
}

/// The 16 octets that name the thing of a path, in hexadecimal; nothing where the last part is no such name.
pub(super) async fn path_name(parts: &mut Parts, collector: &Arc<Collector>) -> Result<Option<[u8; 16]>, Refusal> {
    let name = Path::<String>::from_request_parts(parts, collector).await;
    let Path(name) = name.map_err(|unreadable| Refusal::from(unreadable.into_response()))?;
    Ok(from_hex(&name).and_then(|octets| octets.try_into().ok()))
}

/// A boolean of structured fields (RFC 9651 section 3.3.6).
pub(super) fn flag(headers: &HeaderMap) -> Result<bool, Refusal> {
    match headers.get(UPLOAD_COMPLETE).map(HeaderValue::as_bytes) {
        Some(b"?1") => Ok(true),
        Some(b"?0") => Ok(false),
        _ => {
            let detail = "say Upload-Complete: ?1 with the last octets and ?0 otherwise";
            Err(problem(StatusCode::BAD_REQUEST, "complete or not", detail).into())
        }
    }
}

/// An integer of structured fields (RFC 9651 section 3.3.1), as far as a segment has octets.
pub(super) fn number(headers: &HeaderMap, name: &HeaderName) -> Result<Option<u32>, Refusal> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let digits = value.to_str().ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).map(Some).ok_or_else(|| {
        let detail = format!("{name} is a number of octets");
        problem(StatusCode::BAD_REQUEST, "not a number", &detail).into()
    })
}

/// A byte sequence of structured fields (RFC 9651 section 3.3.5).
pub(super) fn unlock(headers: &HeaderMap) -> Result<Option<Vec<u8>>, Refusal> {
    let Some(value) = headers.get(MDT_UNLOCK) else { return Ok(None) };
    let text = value.to_str().ok().and_then(|text| text.strip_prefix(':')?.strip_suffix(':'));
    let octets = text.and_then(|text| Base64::decode_vec(text).ok()).ok_or_else(|| {
        problem(StatusCode::BAD_REQUEST, "unlock message not understood", "send Mdt-Unlock: :base64:")
    })?;
    Ok(Some(octets))
}

/// What is told of the phone. Whatever is not a model alone is taken for an identity.
pub(super) fn told(headers: &HeaderMap) -> Told {
    let Some(value) = headers.get(MDT_MODEL) else { return Told::Nothing };
    value.to_str().ok().and_then(Model::parse).map_or(Told::Identity, Told::Model)
}

pub(super) const NOT_STORED: [(HeaderName, HeaderValue); 1] =
    [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];

pub(super) fn complete_header(complete: bool) -> [(HeaderName, HeaderValue); 1] {
    [(UPLOAD_COMPLETE, HeaderValue::from_static(if complete { "?1" } else { "?0" }))]
}

pub(super) fn offset_header(octets: u32) -> [(HeaderName, HeaderValue); 1] {
    [(UPLOAD_OFFSET, HeaderValue::from(octets))]
}

pub(super) fn limit_header(collector: &Collector) -> HeaderMap {
    let (size, age) = (collector.spool.limit(), collector.spool.keep().as_secs());
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::try_from(format!("max-size={size}, max-age={age}")) {
        headers.insert(UPLOAD_LIMIT, value);
    }
    headers
}

pub(super) fn receipt_response(receipt: Vec<u8>) -> Response {
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))];
    (StatusCode::OK, complete_header(true), NOT_STORED, kind, receipt).into_response()
}

pub(super) fn problem(status: StatusCode, title: &str, detail: &str) -> Response {
    Problem::new(status, title, detail).into_response()
}

/// A refusal that another attempt may turn.
pub(super) fn later(status: StatusCode, title: &str, detail: &str) -> Response {
    let after = [(header::RETRY_AFTER, HeaderValue::from_static("60"))];
    (after, problem(status, title, detail)).into_response()
}

pub(super) fn spool_problem(error: SpoolError) -> Response {
    let detail = error.to_string();
    match error {
        SpoolError::Unknown => problem(StatusCode::NOT_FOUND, "no such upload", &detail),
        SpoolError::Busy => problem(StatusCode::CONFLICT, "in hand", &detail),
        SpoolError::Offset { at } => {
            (offset_header(at), problem(StatusCode::CONFLICT, "another offset", &detail)).into_response()
        }
        SpoolError::Length { at } => {
            (offset_header(at), problem(StatusCode::BAD_REQUEST, "another length", &detail)).into_response()
        }
        SpoolError::TooLong { .. } => problem(StatusCode::PAYLOAD_TOO_LARGE, "too long", &detail),
        SpoolError::ClientFull => later(StatusCode::TOO_MANY_REQUESTS, "too many uploads", &detail),
        SpoolError::Full => later(StatusCode::SERVICE_UNAVAILABLE, "full", &detail),
        SpoolError::File(error) => {
            tracing::error!(%error, "the spool of MDT uploads");
            later(StatusCode::SERVICE_UNAVAILABLE, "not written", &detail)
        }
    }
}

/// `kept`: how many octets stay, where they do.
pub(super) fn not_taken(error: NotTaken, kept: Option<u32>) -> Response {
    let detail = error.to_string();
    let response = match error {
        NotTaken::Unlock => problem(StatusCode::BAD_REQUEST, "no unlock message", &detail),
        NotTaken::OtherOctets => problem(StatusCode::CONFLICT, "other octets", &detail),
        NotTaken::Head | NotTaken::Altered | NotTaken::OtherKey => {
            problem(StatusCode::UNPROCESSABLE_ENTITY, "does not open", &detail)
        }
        NotTaken::Identity => problem(StatusCode::UNPROCESSABLE_ENTITY, "anonymised job", &detail),
        NotTaken::Unavailable => later(StatusCode::SERVICE_UNAVAILABLE, "not now", &detail),
    };
    match kept {
        Some(octets) => (complete_header(false), offset_header(octets), response).into_response(),
        None => response,
    }
}
