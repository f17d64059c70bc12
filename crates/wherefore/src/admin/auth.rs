//! Who may use the admin API: whoever has the bearer token (RFC 6750 section 2.1).

use super::problem::Problem;
use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// The bearer token, as its hash, so that comparing takes the same time whatever is sent.
#[derive(Clone)]
pub struct Token(Arc<[u8]>);

impl core::fmt::Debug for Token {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Token(hidden)")
    }
}

impl Token {
    /// From its text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(digest(&SHA256, text.as_bytes()).as_ref().into())
    }

    fn is(&self, text: &str) -> bool {
        digest(&SHA256, text.as_bytes()).as_ref().ct_eq(&self.0).into()
    }
}

/// Lets requests with the token through.
pub(super) async fn require(State(token): State<Token>, request: Request, next: Next) -> Response {
    let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let sent = sent.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    if sent.is_some_and(|(_, text)| token.is(text.trim())) {
        return next.run(request).await;
    }
    tracing::warn!("admin API: refused, no token or a wrong one");
    let detail = "send Authorization: Bearer with the token of admin.token_file";
    let mut response = Problem::new(StatusCode::UNAUTHORIZED, "not authorised", detail).into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
