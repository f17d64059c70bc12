//! What handlers take from a request: JSON bodies, the subscriber, the expected version.

use super::problem::Problem;
use crate::forms::json_fault;
use crate::profile::ProfileBody;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use lcs::{Identities, Imei, Imsi, Msisdn};
use serde::de::DeserializeOwned;

/// A JSON body, every member known.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = json_octets(request, state).await?;
        parse(&bytes).map(Self)
    }
}

/// A profile to be written, and whether it says what holds whoever asks.
pub(super) struct Written {
    pub(super) profile: ProfileBody,
    pub(super) with_standing: bool,
}

impl<S: Send + Sync> FromRequest<S> for Written {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        /// Looks for the one member.
        #[derive(serde::Deserialize)]
        struct Standing {
            standing: Option<serde::de::IgnoredAny>,
        }
        let bytes = json_octets(request, state).await?;
        let with_standing = parse::<Standing>(&bytes)?.standing.is_some();
        Ok(Self { profile: parse(&bytes)?, with_standing })
    }
}

/// The octets of a JSON body.
async fn json_octets<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let json = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    if !json.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
        let detail = "send the body with Content-Type: application/json";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not JSON", detail));
    }
    Bytes::from_request(request, state).await.map_err(|rejection| {
        let detail = "send a shorter body, or raise admin.body_limit_bytes";
        Problem::new(rejection.status(), "body not received", detail)
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| body_problem(&error))
}

fn body_problem(error: &serde_json::Error) -> Problem {
    let (status, title) = match error.is_data() {
        true => (StatusCode::UNPROCESSABLE_ENTITY, "body not understood"),
        false => (StatusCode::BAD_REQUEST, "malformed JSON"),
    };
    Problem::new(status, title, format!("{}; see /openapi.json", json_fault(error)))
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

/// The person of the header `Subscriber`, as the consent register knows people: by phone too.
pub(super) struct Person(pub(super) Identities);

impl<S: Send + Sync> FromRequestParts<S> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let wrong = || {
            let detail =
                "send the header Subscriber: msisdn:DIGITS, imsi:DIGITS, imei:DIGITS, or several with commas between";
            Problem::new(StatusCode::BAD_REQUEST, "no person named", detail)
        };
        let text = parts.headers.get("subscriber").and_then(|value| value.to_str().ok()).ok_or_else(wrong)?;
        parse_person(text).map(Self).ok_or_else(wrong)
    }
}

/// Identities as `msisdn:DIGITS`, `imsi:DIGITS` or both with a comma between.
pub(crate) fn parse_identities(text: &str) -> Option<Identities> {
    parse_person(text).filter(|who| who.imei.is_none())
}

/// The same, and `imei:DIGITS`.
pub(crate) fn parse_person(text: &str) -> Option<Identities> {
    let mut identities = Identities::default();
    for part in text.split(',') {
        match part.trim().split_once(':')? {
            ("msisdn", digits) if identities.msisdn.is_none() => {
                identities.msisdn = Some(Msisdn::parse(digits.strip_prefix('+').unwrap_or(digits)).ok()?);
            }
            ("imsi", digits) if identities.imsi.is_none() => identities.imsi = Some(Imsi::parse(digits).ok()?),
            ("imei", digits) if identities.imei.is_none() => identities.imei = Some(Imei::parse(digits).ok()?),
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
