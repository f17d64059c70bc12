//! The upload protocol over HTTP, in the shape of resumable uploads (draft-ietf-httpbis-resumable-upload); `docs/mdt-collector.md`.

use super::Collector;
use super::door::Shown;
use super::fields::{
    NOT_STORED, Refusal, UPLOAD_LENGTH, UPLOAD_OFFSET, bearer, complete_header, flag, later, limit_header, not_known,
    not_taken, number, offset_header, path_name, problem, receipt_response, spool_problem, told, unlock,
};
use super::intake::{Presented, count, name_of};
use super::phones::Owner;
use super::spool::{SpoolError, Writing};
use crate::admin::Problem;
use crate::certified::Words;
use crate::clock;
use axum::Router;
use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use lcs::Duration;
use mdt_log::SegmentId;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const UPLOADS: &str = "/mdt/v1/uploads";
/// Octets in which every head ends: its fixed part, its longest CBOR, the longest encapsulated key, the confirmation.
const HEAD_MAX: usize = 4096;

/// What the collector is called where it shares code with other services.
const WORDS: Words = Words {
    service: "MDT collector",
    document: "/mdt/v1/openapi.json",
    // Of requests that are read as a whole: erasures, opt-outs. Uploads are counted by the spool.
    body_max: 1024,
    answers: "wherefore_mdt_answers_total",
    section: "mdt",
    refused: "wherefore_mdt_connections_refused_total",
    tls_failures: "wherefore_mdt_tls_failures_total",
    broken: "wherefore_mdt_connections_broken_total",
    waits: None,
};

type At = State<Arc<Collector>>;

/// The routes.
pub(crate) fn router(collector: Arc<Collector>) -> Router {
    let routes = OpenApiRouter::new()
        .routes(routes!(limits, begin))
        .routes(routes!(standing, receipt, append, cancel))
        .routes(routes!(erase))
        .routes(routes!(opt_out))
        .merge(super::stream::routes());
    WORDS.router(
        routes,
        "Sealed MDT logs from phones: resumable uploads, signed receipts, erasure by token, opt-out. Streams of trace records from \
         the network.",
        collector,
    )
}

/// What an upload may be.
#[utoipa::path(options, path = "/mdt/v1/uploads", tag = "mdt", responses(
    (status = 204, description = "Upload-Limit says the largest segment and how long an unfinished upload is kept"),
))]
async fn limits(State(collector): At) -> Response {
    (StatusCode::NO_CONTENT, limit_header(&collector)).into_response()
}

/// Begins an upload with the first octets of a segment or report, its whole head among them; its name becomes that of the upload.
#[utoipa::path(post, path = "/mdt/v1/uploads", tag = "mdt", params(
    ("Upload-Complete" = String, Header, description = "?1 with the last octets, ?0 otherwise"),
    ("Upload-Length" = Option<u32>, Header, description = "Octets of the whole"),
    ("Mdt-Unlock" = Option<String>, Header, description = "With ?1: the unlock message, :base64:"),
    ("Mdt-Model" = Option<String>, Header, description = "With ?1, for jobs that keep it: the type allocation code"),
), request_body(content_type = "application/partial-upload"), responses(
    (status = 200, description = "All is here: the signed receipt", content_type = "application/octet-stream"),
    (status = 201, description = "Begun; Location and Upload-Offset say where to go on"),
    (status = 400, description = "A header, the head or the unlock message is missing or not understood", body = Problem),
    (status = 401, description = "Neither a certificate nor a token that is known", body = Problem),
    (status = 409, description = "It is begun already, Upload-Offset says how far; or another came under its name", body = Problem),
    (status = 413, description = "Longer than Upload-Limit says", body = Problem),
    (status = 422, description = "It does not open, or an identity came with it", body = Problem),
    (status = 429, description = "This phone has too many unfinished uploads", body = Problem),
    (status = 503, description = "It cannot be taken now; the octets are kept, send the last request again later", body = Problem),
))]
async fn begin(State(collector): At, owner: Owner, headers: HeaderMap, body: Body) -> Response {
    uninterrupted(async move {
        let complete = flag(&headers)?;
        let length = number(&headers, &UPLOAD_LENGTH)?;
        let mut incoming = Incoming::new(&collector, body);
        let (mut head, mut end) = (Vec::new(), None);
        while end.is_none() && head.len() < HEAD_MAX {
            match incoming.next().await {
                Piece::Octets(octets) => head.extend_from_slice(&octets),
                over => end = Some(over),
            }
        }
        let Some(named) = name_of(&head) else {
            let detail = "begin with the whole head of a segment or report";
            return Err(problem(StatusCode::BAD_REQUEST, "no head", detail).into());
        };
        // With all of its octets it will be compared.
        if !complete && let Ok(Some(receipt)) = collector.receipt_of(named.segment).await {
            count("repeated");
            return Ok(receipt_response(receipt));
        }
        let spool = &collector.spool;
        let mut writing = spool.begin(&named, owner, length, clock::now()).await.map_err(spool_problem)?;
        let filled = match writing.append(&head).await {
            Ok(()) => fill(&mut writing, &mut incoming, end).await,
            Err(error) => Err(error),
        };
        let created = (StatusCode::CREATED, Some(named.segment));
        go_on(&collector, writing, filled, complete, &headers, created).await
    })
    .await
}

/// Where an upload stands.
#[utoipa::path(head, path = "/mdt/v1/uploads/{segment}", tag = "mdt", params(
    ("segment" = String, Path, description = "Name of the segment or report, 32 hexadecimal digits"),
), responses(
    (status = 204, description = "Upload-Offset says how far it is; Upload-Complete ?1: it was taken, GET gives the receipt"),
    (status = 401, description = "Neither a certificate nor a token that is known"),
    (status = 404, description = "There is none, or it is another's"),
))]
async fn standing(State(collector): At, Named { owner, id }: Named) -> Response {
    match collector.receipt_of(id).await {
        Ok(None) => {}
        Ok(Some(_)) => return (StatusCode::NO_CONTENT, complete_header(true), NOT_STORED).into_response(),
        Err(error) => return not_taken(error, None),
    }
    let Some(standing) = collector.spool.standing(id, owner) else { return spool_problem(SpoolError::Unknown) };
    let length = standing.length.map(|length| [(UPLOAD_LENGTH, HeaderValue::from(length))]);
    let mut response = (
        StatusCode::NO_CONTENT,
        complete_header(false),
        offset_header(standing.octets),
        limit_header(&collector),
        NOT_STORED,
    )
        .into_response();
    length.into_iter().flatten().for_each(|(name, value)| drop(response.headers_mut().insert(name, value)));
    response
}

/// The receipt of what was taken.
#[utoipa::path(get, path = "/mdt/v1/uploads/{segment}", tag = "mdt", params(
    ("segment" = String, Path, description = "Name of the segment or report, 32 hexadecimal digits"),
), responses(
    (status = 200, description = "The signed receipt", content_type = "application/octet-stream"),
    (status = 401, description = "Neither a certificate nor a token that is known", body = Problem),
    (status = 404, description = "It was not taken yet", body = Problem),
))]
async fn receipt(State(collector): At, Named { id, .. }: Named) -> Response {
    match collector.receipt_of(id).await {
        Ok(Some(receipt)) => receipt_response(receipt),
        Ok(None) => spool_problem(SpoolError::Unknown),
        Err(error) => not_taken(error, None),
    }
}

/// Goes on with an upload where its octets end. The last request has Upload-Complete ?1 and may be sent again.
#[utoipa::path(patch, path = "/mdt/v1/uploads/{segment}", tag = "mdt", params(
    ("segment" = String, Path, description = "Name of the segment or report, 32 hexadecimal digits"),
    ("Upload-Offset" = u32, Header, description = "Octets that are there"),
    ("Upload-Complete" = String, Header, description = "?1 with the last octets, ?0 otherwise"),
    ("Mdt-Unlock" = Option<String>, Header, description = "With ?1: the unlock message, :base64:"),
    ("Mdt-Model" = Option<String>, Header, description = "With ?1, for jobs that keep it: the type allocation code"),
), request_body(content_type = "application/partial-upload"), responses(
    (status = 200, description = "All is here: the signed receipt", content_type = "application/octet-stream"),
    (status = 204, description = "Appended; Upload-Offset says how far it is"),
    (status = 400, description = "A header or the unlock message is missing or not understood", body = Problem),
    (status = 401, description = "Neither a certificate nor a token that is known", body = Problem),
    (status = 404, description = "There is none, or it is another's", body = Problem),
    (status = 409, description = "Its octets end elsewhere, Upload-Offset says where; or another request has it in hand", body = Problem),
    (status = 413, description = "Longer than Upload-Limit says", body = Problem),
    (status = 422, description = "It does not open, or an identity came with it", body = Problem),
    (status = 503, description = "It cannot be taken now; the octets are kept, send the last request again later", body = Problem),
))]
async fn append(State(collector): At, Named { owner, id }: Named, headers: HeaderMap, body: Body) -> Response {
    uninterrupted(async move {
        let complete = flag(&headers)?;
        let at = number(&headers, &UPLOAD_OFFSET)?;
        let at = at.ok_or_else(|| problem(StatusCode::BAD_REQUEST, "no offset", "say Upload-Offset: 0 or more"))?;
        if let Some(receipt) = collector.receipt_of(id).await.map_err(|error| not_taken(error, None))? {
            count("repeated");
            return Ok(receipt_response(receipt));
        }
        let mut writing = collector.spool.resume(id, owner, at).await.map_err(spool_problem)?;
        let filled = fill(&mut writing, &mut Incoming::new(&collector, body), None).await;
        go_on(&collector, writing, filled, complete, &headers, (StatusCode::NO_CONTENT, None)).await
    })
    .await
}

/// Lets an unfinished upload go.
#[utoipa::path(delete, path = "/mdt/v1/uploads/{segment}", tag = "mdt", params(
    ("segment" = String, Path, description = "Name of the segment or report, 32 hexadecimal digits"),
), responses(
    (status = 204, description = "Gone"),
    (status = 401, description = "Neither a certificate nor a token that is known", body = Problem),
    (status = 404, description = "There is none, or it is another's", body = Problem),
    (status = 409, description = "A request has it in hand", body = Problem),
))]
async fn cancel(State(collector): At, Named { owner, id }: Named) -> Response {
    collector.spool.cancel(id, owner).map_or_else(spool_problem, |()| StatusCode::NO_CONTENT.into_response())
}

/// Erases what became of the log whose erasure token this is. Whoever has the token may; no certificate and no other token is asked for.
#[utoipa::path(post, path = "/mdt/v1/erasures", tag = "mdt",
    request_body(content_type = "application/octet-stream", description = "The erasure token, 32 octets"), responses(
    (status = 200, description = "Gone, or never there: the signed receipt", content_type = "application/octet-stream"),
    (status = 400, description = "No token of 32 octets", body = Problem),
    (status = 503, description = "It cannot be erased now; nothing was changed, repeat the request", body = Problem),
))]
async fn erase(State(collector): At, body: Bytes) -> Response {
    let Ok(token) = <[u8; 32]>::try_from(body.as_ref()) else {
        return problem(StatusCode::BAD_REQUEST, "no token", "send the 32 octets of an erasure token");
    };
    uninterrupted(async move {
        collector.erase_by_token(token).await.map(receipt_response).map_err(|error| {
            tracing::error!(%error, "an erasure by token was not made");
            later(StatusCode::SERVICE_UNAVAILABLE, "not erased", "nothing was changed; repeat the request").into()
        })
    })
    .await
}

/// The user opted out on the phone. Answered alike whoever a reference is about, and if it is about nobody.
#[utoipa::path(post, path = "/mdt/v1/opt-out", tag = "mdt",
    request_body(content_type = "application/octet-stream", description = "The consent reference as it stands in the head of a segment, 1 to 64 octets; of a job that runs or ran"), responses(
    (status = 204, description = "In force, durable and recorded; or about nobody. May be said again"),
    (status = 400, description = "No octets, or more than a head has room for", body = Problem),
    (status = 401, description = "Neither a certificate nor a token that is known", body = Problem),
    (status = 413, description = "More octets than any request has", body = Problem),
    (status = 503, description = "The register cannot take it now; say it again later", body = Problem),
))]
async fn opt_out(State(collector): At, _: Owner, body: Bytes) -> Response {
    if body.is_empty() || body.len() > mdt_log::MAX_CONSENT_REFERENCE {
        let detail = "send the consent reference of a job as the head of its log has it";
        return problem(StatusCode::BAD_REQUEST, "no reference", detail);
    }
    uninterrupted(async move {
        collector.opt_out(&body).await.map_err(|error| {
            tracing::error!(%error, "an opt-out of a phone was not taken to its end");
            let detail = "it restricts already if it could; say it again until the answer is 204";
            later(StatusCode::SERVICE_UNAVAILABLE, "not now", detail)
        })?;
        metrics::counter!("wherefore_mdt_opt_outs_total").increment(1);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}

/// Runs to its end even when the client hangs up: what it sent until then is kept, and what was taken is taken.
async fn uninterrupted(work: impl Future<Output = Result<Response, Refusal>> + Send + 'static) -> Response {
    match tokio::spawn(work).await {
        Ok(Ok(response)) => response,
        Ok(Err(refused)) => refused.into_response(),
        Err(_) => later(StatusCode::INTERNAL_SERVER_ERROR, "not done", "repeat the request"),
    }
}

/// What follows once the octets of a request are here.
async fn go_on(
    collector: &Arc<Collector>,
    mut writing: Writing,
    filled: Result<bool, SpoolError>,
    complete: bool,
    headers: &HeaderMap,
    (status, begun): (StatusCode, Option<SegmentId>),
) -> Result<Response, Refusal> {
    let whole = match filled {
        Ok(whole) => whole,
        Err(error) => {
            if matches!(error, SpoolError::TooLong { .. }) {
                writing.remove();
            }
            return Err(spool_problem(error).into());
        }
    };
    let octets = writing.octets();
    if !whole {
        let detail = "the body ended early; go on where Upload-Offset says";
        let cut = problem(StatusCode::REQUEST_TIMEOUT, "cut off", detail);
        return Err((offset_header(octets), cut).into_response().into());
    }
    if !complete {
        let mut response =
            (status, complete_header(false), offset_header(octets), limit_header(collector)).into_response();
        let location = begun.map(|id| format!("{UPLOADS}/{}", crate::forms::to_hex(&id.0)));
        if let Some(Ok(location)) = location.map(HeaderValue::try_from) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        return Ok(response);
    }
    let presented = Presented { unlock: unlock(headers)?, told: told(headers) };
    let sealed = writing.whole().await.map_err(spool_problem)?;
    match collector.take(sealed, presented).await {
        Ok(receipt) => {
            writing.remove();
            Ok(receipt_response(receipt))
        }
        Err(error) => {
            count(error.word());
            if error.is_final() {
                writing.remove();
                return Err(not_taken(error, None).into());
            }
            Err(not_taken(error, Some(octets)).into())
        }
    }
}

/// The body of a request, piece by piece.
struct Incoming {
    stream: BodyDataStream,
    timeout: Duration,
}

enum Piece {
    Octets(Bytes),
    /// All came.
    End,
    /// The connection ended, or nothing came for too long.
    Cut,
}

impl Incoming {
    fn new(collector: &Collector, body: Body) -> Self {
        Self { stream: body.into_data_stream(), timeout: Duration::from_millis(collector.config.timeout_ms) }
    }

    async fn next(&mut self) -> Piece {
        match tokio::time::timeout(self.timeout, self.stream.next()).await {
            Ok(Some(Ok(octets))) => Piece::Octets(octets),
            Ok(None) => Piece::End,
            Ok(Some(Err(_))) | Err(_) => Piece::Cut,
        }
    }
}

/// Appends what comes, makes it durable, and says whether all came. `over`: how the body ended already, if it did.
async fn fill(writing: &mut Writing, incoming: &mut Incoming, over: Option<Piece>) -> Result<bool, SpoolError> {
    let mut end = over;
    let whole = loop {
        let piece = match end.take() {
            Some(piece) => piece,
            None => incoming.next().await,
        };
        match piece {
            Piece::Octets(octets) => {
                if let Err(error) = writing.append(&octets).await {
                    writing.settle().await?;
                    return Err(error);
                }
            }
            Piece::End => break true,
            Piece::Cut => break false,
        }
    };
    writing.settle().await?;
    Ok(whole)
}

/// Which phone this is; a certificate that TLS checked, or a token.
impl FromRequestParts<Arc<Collector>> for Owner {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, collector: &Arc<Collector>) -> Result<Self, Refusal> {
        let shown = parts.extensions.get::<Shown>().and_then(Option::as_deref);
        let known = collector.phones.owner(shown, bearer(&parts.headers));
        let detail =
            "show a certificate of an authority that this collector knows, or Authorization: Bearer with a token";
        known.ok_or_else(|| not_known(detail))
    }
}

/// A request about an upload that has a name: whose request it is comes first.
struct Named {
    owner: Owner,
    id: SegmentId,
}

impl FromRequestParts<Arc<Collector>> for Named {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, collector: &Arc<Collector>) -> Result<Self, Refusal> {
        let owner = Owner::from_request_parts(parts, collector).await?;
        let id = path_name(parts, collector).await?.map(SegmentId);
        Ok(Self { owner, id: id.ok_or_else(|| spool_problem(SpoolError::Unknown))? })
    }
}
