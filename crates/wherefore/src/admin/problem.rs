//! Errors of the admin API as `application/problem+json` (RFC 9457): what was wrong, where, what to do.

use crate::config::Problem as Finding;
use crate::store::{DirectoryError, StoreError};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A problem (RFC 9457 section 3). Holds no identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Kind of problem: `about:blank`, so that title and status say it all.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is wrong, in general.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What is wrong here, and what to do.
    pub detail: String,
    /// Where: members of the request that are wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Member>,
}

/// A member of the request that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// Its name, dotted.
    pub at: String,
    /// What is wrong with it.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl Problem {
    /// A problem of this status.
    #[must_use]
    pub fn new(status: StatusCode, title: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank".into(),
            title: title.into(),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// A request whose members are wrong.
    pub(super) fn members(title: &str, found: Vec<Finding>) -> Self {
        let errors = found.into_iter().map(|Finding { key, what, remedy }| Member { at: key, what, remedy });
        let detail = "correct the members named in \"errors\"";
        Self { errors: errors.collect(), ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, title, detail) }
    }

    pub(super) fn no_client() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no such client", "list them with GET /v1/clients, or add it with PUT")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(self)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}

impl From<DirectoryError> for Problem {
    fn from(error: DirectoryError) -> Self {
        let detail = error.to_string();
        match error {
            DirectoryError::Store(error) => error.into(),
            DirectoryError::Profile(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "profile not sound", detail),
            DirectoryError::Register(_) => Self::new(StatusCode::CONFLICT, "subscriber not taken", detail),
            DirectoryError::Secret(_) => Self::new(StatusCode::SERVICE_UNAVAILABLE, "secret not hashed", detail),
            DirectoryError::OptedOut => Self::new(StatusCode::CONFLICT, "opted out for good", detail),
            DirectoryError::NoSubscriber => Self::new(StatusCode::NOT_FOUND, "no such subscriber", detail),
            DirectoryError::NoClient => Self::no_client(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let detail = error.to_string();
        match error {
            StoreError::Conflict { .. } => Self::new(StatusCode::PRECONDITION_FAILED, "changed meanwhile", detail),
            StoreError::TwoSubscribers => Self::new(StatusCode::CONFLICT, "two subscribers", detail),
            StoreError::StillRead => Self::new(StatusCode::SERVICE_UNAVAILABLE, "not wholly erased", detail),
            StoreError::IccidTaken => Self::new(StatusCode::CONFLICT, "ICCID of another card", detail),
            StoreError::CountersUsedUp => Self::new(StatusCode::CONFLICT, "counters used up", detail),
            StoreError::NoCounter => Self::new(StatusCode::NOT_FOUND, "no such card", detail),
            StoreError::NoIdentity => Self::new(StatusCode::BAD_REQUEST, "no subscriber named", detail),
            StoreError::Unreadable { .. } => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "stored value not readable", detail)
            }
            StoreError::Open { .. }
            | StoreError::Migrate(_)
            | StoreError::Key(_)
            | StoreError::KeyMissing { .. }
            | StoreError::WrongKey
            | StoreError::Seal
            | StoreError::NotWritten
            | StoreError::Sql(_) => {
                tracing::error!(error = detail, "the store failed");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "store failed",
                    "nothing was changed; see the gateway's log",
                )
            }
        }
    }
}
