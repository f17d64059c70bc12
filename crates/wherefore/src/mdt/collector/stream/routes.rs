//! The streaming data reporting service over HTTP (TS 28.532 clauses 12.5.1 and A.6), and the upgrade of a connection to a WebSocket.

use super::super::Collector;
use super::super::fields::{Refusal, bearer, not_known, path_name, problem};
use super::registry::{ConnectionId, Full, MAX_NAME, MAX_STREAMS, Producer};
use super::socket::consume;
use crate::admin::Problem;
use crate::forms::{from_hex, to_hex};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use mdt::rrc::TraceReference;
use mdt::stream::MAX_TRANSPORT;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const CONNECTIONS: &str = "/StreamingDataReportingMnS/v1/connections";
/// A request may hold the attributes of a TraceJob for each stream.
const BODY_MAX: usize = 256 * 1024;

type At = State<Arc<Collector>>;

/// The routes.
pub(in super::super) fn routes() -> OpenApiRouter<Arc<Collector>> {
    OpenApiRouter::new()
        .routes(routes!(establish, connections))
        .routes(routes!(connection))
        .routes(routes!(add_streams, streams, delete_streams))
        .layer(DefaultBodyLimit::max(BODY_MAX))
}

/// streamInfo-Type. What it says of the job besides, its target among it, is not looked at.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StreamInfo {
    /// `TRACE`.
    stream_type: String,
    /// `GPB`.
    serialization_format: String,
    /// The trace reference, 12 hexadecimal digits; a trace differentiator may stand behind.
    stream_id: String,
    /// Not looked at.
    #[serde(default)]
    #[schema(value_type = Object)]
    #[expect(dead_code, reason = "it is there so that the document names it, and never read")]
    additional_info: Option<IgnoredAny>,
}

/// connectionRequest-Type.
#[derive(Deserialize, ToSchema)]
struct ConnectionRequest {
    /// DN of the producer.
    #[serde(default)]
    producer: String,
    /// Streams that are to come.
    streams: Vec<StreamInfo>,
}

/// A stream as it is told.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StreamTold {
    stream_type: &'static str,
    serialization_format: &'static str,
    stream_id: String,
}

/// connectionInfo-Type.
#[derive(Serialize, ToSchema)]
struct ConnectionInfo {
    /// Where it is.
    connection: String,
    /// DN of the producer, as it said.
    producer: String,
    /// Streams.
    streams: Vec<String>,
}

/// failedConnectionResponse-Type.
#[derive(Serialize, ToSchema)]
struct Failed {
    error: Vec<FailedStream>,
}

/// Why a stream is not taken.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FailedStream {
    stream_id: String,
    error_reason: &'static str,
}

/// Whose request it is.
impl FromRequestParts<Arc<Collector>> for Producer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, collector: &Arc<Collector>) -> Result<Self, Refusal> {
        let known = collector.streams.producer(bearer(&parts.headers));
        known.ok_or_else(|| not_known("send Authorization: Bearer with a token of mdt.producer_tokens_file"))
    }
}

/// Says which streams a new connection will carry.
#[utoipa::path(post, path = "/StreamingDataReportingMnS/v1/connections", tag = "streams",
    request_body = ConnectionRequest, responses(
    (status = 201, description = "Location is where to connect"),
    (status = 400, description = "The request is not understood", body = Problem),
    (status = 401, description = "No token that is known", body = Problem),
    (status = 403, description = "No stream is taken as it is; each says why", body = Failed),
    (status = 503, description = "There is no place for another connection", body = Problem),
))]
async fn establish(
    State(collector): At,
    producer: Producer,
    request: Result<Json<ConnectionRequest>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(request) = request.map_err(unread)?;
    let sound = request.producer.len() <= MAX_NAME && !request.producer.chars().any(char::is_control);
    if !sound || request.streams.is_empty() || request.streams.len() > MAX_STREAMS {
        let detail = "name the producer in at most 400 octets, and 1 to 64 streams";
        return Err(problem(StatusCode::BAD_REQUEST, "not understood", detail).into());
    }
    let jobs = admitted(&collector, &request.streams)?;
    let mut name = [0; 16];
    if aws_lc_rs::rand::fill(&mut name).is_err() {
        return Err(problem(StatusCode::SERVICE_UNAVAILABLE, "not now", "no random numbers; try again").into());
    }
    let id = ConnectionId(name);
    collector.streams.add(id, producer, request.producer, jobs).map_err(|Full| {
        problem(StatusCode::SERVICE_UNAVAILABLE, "full", "64 connections are open; close one and try again")
    })?;
    let location = [(header::LOCATION, location(id))];
    Ok((StatusCode::CREATED, location).into_response())
}

/// A producer's own connections.
#[utoipa::path(get, path = "/StreamingDataReportingMnS/v1/connections", tag = "streams", responses(
    (status = 200, description = "Those of this token", body = Vec<ConnectionInfo>),
    (status = 401, description = "No token that is known", body = Problem),
))]
async fn connections(State(collector): At, producer: Producer) -> Json<Vec<ConnectionInfo>> {
    let of = collector.streams.of(producer);
    Json(of.into_iter().filter_map(|id| info(&collector, id, producer)).collect())
}

/// Tells of a connection, or with an upgrade connects: binary messages of GPB records from then on.
#[utoipa::path(get, path = "/StreamingDataReportingMnS/v1/connections/{connectionId}", tag = "streams", params(
    ("connectionId" = String, Path, description = "32 hexadecimal digits"),
), responses(
    (status = 101, description = "Connected"),
    (status = 200, description = "Without an upgrade: what it is", body = ConnectionInfo),
    (status = 401, description = "No token that is known", body = Problem),
    (status = 404, description = "There is none, or it is another's", body = Problem),
    (status = 409, description = "It is connected already", body = Problem),
))]
async fn connection(
    State(collector): At,
    Named { producer, id }: Named,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let known = info(&collector, id, producer).ok_or_else(unknown)?;
    if !headers.contains_key(header::UPGRADE) {
        return Ok(Json(known).into_response());
    }
    let upgrade = upgrade.map_err(axum::response::IntoResponse::into_response)?;
    if !collector.streams.connect(id, producer) {
        return Err(problem(StatusCode::CONFLICT, "connected", "this connection has its socket already").into());
    }
    let (failed, taken) = (Arc::clone(&collector), Arc::clone(&collector));
    Ok(upgrade
        .max_message_size(MAX_TRANSPORT)
        .max_frame_size(MAX_TRANSPORT)
        .on_failed_upgrade(move |_| failed.streams.remove(id))
        .on_upgrade(move |socket| consume(taken, socket, id)))
}

/// Adds streams to a connection.
#[utoipa::path(post, path = "/StreamingDataReportingMnS/v1/connections/{connectionId}/streams", tag = "streams", params(
    ("connectionId" = String, Path, description = "32 hexadecimal digits"),
), request_body = Vec<StreamInfo>, responses(
    (status = 201, description = "All of them are taken", body = Vec<StreamTold>),
    (status = 400, description = "The request is not understood", body = Problem),
    (status = 401, description = "No token that is known", body = Problem),
    (status = 403, description = "One is not taken, so none is; each says why", body = Failed),
    (status = 404, description = "There is none, or it is another's", body = Problem),
))]
async fn add_streams(
    State(collector): At,
    Named { producer, id }: Named,
    request: Result<Json<Vec<StreamInfo>>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(request) = request.map_err(unread)?;
    let jobs = admitted(&collector, &request)?;
    let added = collector.streams.with(id, producer, |known| {
        let new: Vec<TraceReference> = jobs.iter().copied().filter(|job| !known.jobs.contains(job)).collect();
        let fits = known.jobs.len() + new.len() <= MAX_STREAMS;
        if fits {
            known.jobs.extend(new);
        }
        fits
    });
    match added {
        None => Err(unknown().into()),
        Some(false) => Err(problem(StatusCode::BAD_REQUEST, "too many", "a connection has at most 64 streams").into()),
        Some(true) => Ok((StatusCode::CREATED, Json(jobs.into_iter().map(told).collect::<Vec<_>>())).into_response()),
    }
}

/// Streams of a connection.
#[utoipa::path(get, path = "/StreamingDataReportingMnS/v1/connections/{connectionId}/streams", tag = "streams", params(
    ("connectionId" = String, Path, description = "32 hexadecimal digits"),
), responses(
    (status = 200, description = "Those that it has", body = Vec<StreamTold>),
    (status = 401, description = "No token that is known", body = Problem),
    (status = 404, description = "There is none, or it is another's", body = Problem),
))]
async fn streams(State(collector): At, Named { producer, id }: Named) -> Result<Json<Vec<StreamTold>>, Refusal> {
    let jobs = collector.streams.with(id, producer, |known| known.jobs.clone()).ok_or_else(unknown)?;
    Ok(Json(jobs.into_iter().map(told).collect()))
}

/// Which streams.
#[derive(Deserialize)]
struct Which {
    /// Trace references, divided by commas.
    #[serde(rename = "streamIds")]
    stream_ids: String,
}

/// Takes streams off a connection: records of them are passed over from then on.
#[utoipa::path(delete, path = "/StreamingDataReportingMnS/v1/connections/{connectionId}/streams", tag = "streams", params(
    ("connectionId" = String, Path, description = "32 hexadecimal digits"),
    ("streamIds" = String, Query, description = "Trace references, divided by commas"),
), responses(
    (status = 204, description = "They are off"),
    (status = 401, description = "No token that is known", body = Problem),
    (status = 404, description = "There is none, or it is another's", body = Problem),
))]
async fn delete_streams(
    State(collector): At,
    Named { producer, id }: Named,
    Query(which): Query<Which>,
) -> Result<StatusCode, Refusal> {
    let off: Vec<TraceReference> = which.stream_ids.split(',').filter_map(stream).collect();
    let done = collector.streams.with(id, producer, |known| known.jobs.retain(|job| !off.contains(job)));
    done.map(|()| StatusCode::NO_CONTENT).ok_or_else(|| unknown().into())
}

/// All jobs of the streams, or why not.
fn admitted(collector: &Collector, streams: &[StreamInfo]) -> Result<Vec<TraceReference>, Refusal> {
    let (mut jobs, mut error) = (Vec::new(), Vec::new());
    for wanted in streams {
        let job = match (wanted.stream_type.as_str(), wanted.serialization_format.as_str(), stream(&wanted.stream_id)) {
            ("TRACE", "GPB", Some(job)) => collector.admit_stream(job).map(|_| job),
            ("TRACE", "GPB", None) => Err("streamId is no trace reference of 12 to 16 hexadecimal digits"),
            ("TRACE", _, _) => Err("only GPB is taken"),
            _ => Err("only streams of TRACE are taken"),
        };
        match job {
            Ok(job) if !jobs.contains(&job) => jobs.push(job),
            Ok(_) => {}
            Err(error_reason) => {
                let stream_id = wanted.stream_id.chars().filter(char::is_ascii_hexdigit).take(16).collect();
                error.push(FailedStream { stream_id, error_reason });
            }
        }
    }
    if error.is_empty() {
        Ok(jobs)
    } else {
        Err((StatusCode::FORBIDDEN, Json(Failed { error })).into_response().into())
    }
}

/// The job of a stream (TS 32.422 clause 5.6); a trace differentiator behind it is not looked at.
fn stream(id: &str) -> Option<TraceReference> {
    let octets = from_hex(id.trim()).filter(|octets| (6..=8).contains(&octets.len()))?;
    TraceReference::from_octets(octets.get(..6)?)
}

fn stream_id(job: TraceReference) -> String {
    to_hex(&job.to_octets())
}

fn told(job: TraceReference) -> StreamTold {
    StreamTold { stream_type: "TRACE", serialization_format: "GPB", stream_id: stream_id(job) }
}

fn location(id: ConnectionId) -> String {
    format!("{CONNECTIONS}/{}", to_hex(&id.0))
}

fn info(collector: &Collector, id: ConnectionId, producer: Producer) -> Option<ConnectionInfo> {
    collector.streams.with(id, producer, |known| ConnectionInfo {
        connection: location(id),
        producer: known.name.clone(),
        streams: known.jobs.iter().copied().map(stream_id).collect(),
    })
}

fn unread(_: JsonRejection) -> Refusal {
    let detail = "send JSON of TS 28.532 clause A.6: producer, streams with streamType, serializationFormat, streamId";
    problem(StatusCode::BAD_REQUEST, "not understood", detail).into()
}

fn unknown() -> Response {
    problem(StatusCode::NOT_FOUND, "no such connection", "POST to connections gives one")
}

/// A request about a connection: whose request it is comes first.
struct Named {
    producer: Producer,
    id: ConnectionId,
}

impl FromRequestParts<Arc<Collector>> for Named {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, collector: &Arc<Collector>) -> Result<Self, Refusal> {
        let producer = Producer::from_request_parts(parts, collector).await?;
        let id = path_name(parts, collector).await?.map(ConnectionId);
        Ok(Self { producer, id: id.ok_or_else(unknown)? })
    }
}
