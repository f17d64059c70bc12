//! What handlers take from a request: JSON bodies, the subscriber, the expected version.

use super::problem::Problem;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use lcs::{Identities, Imsi, Msisdn};
use serde::de::DeserializeOwned;

/// A JSON body, every member known.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let json = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
        if !json.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
            let detail = "send the body with Content-Type: application/json";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not JSON", detail));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let detail = "send a shorter body, or raise admin.body_limit_bytes";
            Problem::new(rejection.status(), "body not received", detail)
        })?;
        let mut deserializer = serde_json::Deserializer::from_slice(&bytes);
        let value = T::deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
        value.map(Self).map_err(|error| body_problem(&error))
    }
}

/// Place and kind of what is wrong. The parser's own words are kept only where they speak of names that the API defines: its
/// other messages can repeat values, and values can be identities.
fn body_problem(error: &serde_json::Error) -> Problem {
    let place = format!("line {}, column {}", error.line(), error.column());
    let said = error.to_string();
    let names = ["unknown field", "unknown variant", "missing field", "duplicate field"];
    match names.iter().any(|name| said.starts_with(name)) {
        _ if error.is_syntax() || error.is_eof() => {
            let detail = format!("{place}: the body is not JSON");
            Problem::new(StatusCode::BAD_REQUEST, "malformed JSON", detail)
        }
        true => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "body not understood", said),
        false => {
            let detail = format!("{place}: a value has the wrong type or form; see /openapi.json");
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "body not understood", detail)
        }
    }
}

/// The subscriber of the header `Subscriber`: `msisdn:DIGITS`, `imsi:DIGITS` or both with a comma between. In a header, for URLs
/// are kept in logs and histories.
pub(super) struct Subscriber(pub(super) Identities);

impl<S: Send + Sync> FromRequestParts<S> for Subscriber {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let wrong = || {
            let detail = "send the header Subscriber: msisdn:DIGITS or imsi:DIGITS, or both with a comma between";
            Problem::new(StatusCode::BAD_REQUEST, "no subscriber named", detail)
        };
        let text = parts.headers.get("subscriber").and_then(|value| value.to_str().ok()).ok_or_else(wrong)?;
        parse_identities(text).map(Self).ok_or_else(wrong)
    }
}

/// Identities as `msisdn:DIGITS`, `imsi:DIGITS` or both with a comma between.
pub(crate) fn parse_identities(text: &str) -> Option<Identities> {
    let mut identities = Identities::default();
    for part in text.split(',') {
        match part.trim().split_once(':')? {
            ("msisdn", digits) if identities.msisdn.is_none() => {
                identities.msisdn = Some(Msisdn::parse(digits.strip_prefix('+').unwrap_or(digits)).ok()?);
            }
            ("imsi", digits) if identities.imsi.is_none() => identities.imsi = Some(Imsi::parse(digits).ok()?),
            _ => return None,
        }
    }
    Some(identities)
}

/// The version of `If-Match`: the one that a change is to replace. `If-None-Match: *` is version 0: must be new.
pub(super) struct Expected(pub(super) Option<u64>);

impl<S: Send + Sync> FromRequestParts<S> for Expected {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let text = |name| parts.headers.get(name).map(|value| value.to_str().unwrap_or_default().trim());
        if text(header::IF_NONE_MATCH) == Some("*") {
            return Ok(Self(Some(0)));
        }
        let Some(tag) = text(header::IF_MATCH).filter(|tag| *tag != "*") else { return Ok(Self(None)) };
        let version = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).and_then(|tag| tag.parse().ok());
        let detail = "send the ETag of an earlier answer, such as If-Match: \"3\"";
        version
            .map(|version| Self(Some(version)))
            .ok_or_else(|| Problem::new(StatusCode::BAD_REQUEST, "If-Match not understood", detail))
    }
}

/// A version as an entity tag.
pub(super) fn etag(version: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(value) = format!("\"{version}\"").parse() {
        headers.insert(header::ETAG, value);
    }
    headers
}
