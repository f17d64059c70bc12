//! `/v1/mdt`: jobs, consent references, erasure and keys of the collector (`docs/mdt-collector.md`).

use super::Api;
use super::extract::{Body as JsonBody, Person, parse_person};
use super::problem::Problem;
use crate::mdt::{
    BinForm, Collector, CollectorKeyView, Days, EraseError, ErasedRows, Form, HandOutError, HandedOut, JobError,
    JobView, ReferError, ReferenceView, SelectBody, SelectError, SelectionView, SubjectView, SubscriberError, Wish,
};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use lcs::Identities;
use mdt_store::Which;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio_util::io::ReaderStream;
use utoipa::{IntoParams, ToSchema};

/// All jobs, in the order of their references.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobList {
    /// The jobs.
    pub jobs: Vec<JobView>,
}

/// Names a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobBody {
    /// Trace reference, as `234-15-000001`.
    pub job: String,
}

/// Whose rows go: those of a job, or without one those of the header `Subscriber`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MdtEraseBody {
    /// Trace reference, as `234-15-000001`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
}

/// Public keys of the collector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CollectorKeyList {
    /// Keys that logs are sealed to, and the one that signs receipts.
    pub keys: Vec<CollectorKeyView>,
}

pub(super) fn collector(api: &Api) -> Result<Arc<Collector>, Problem> {
    let detail = "set roles.mdt to collect MDT logs here";
    api.operations.collector().ok_or_else(|| Problem::new(StatusCode::CONFLICT, "no logs are collected here", detail))
}

/// Whom the header `Subscriber` names, where it is there; `Some(None)` where it cannot be read.
fn named(headers: &HeaderMap) -> Option<Option<Identities>> {
    headers.get("subscriber").map(|value| value.to_str().ok().and_then(parse_person))
}

impl From<JobError> for Problem {
    fn from(error: JobError) -> Self {
        let detail = error.to_string();
        match error {
            JobError::Job(_) | JobError::Kind => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "job not taken", detail),
            JobError::Twice => Self::new(StatusCode::CONFLICT, "job not taken", detail),
            JobError::Unknown => Self::new(StatusCode::NOT_FOUND, "no such job", detail),
            JobError::Store(error) => error.into(),
        }
    }
}

impl From<EraseError> for Problem {
    fn from(error: EraseError) -> Self {
        tracing::error!(%error, "MDT rows were not erased");
        let detail = "an erasure stopped in the middle; see the program's log and repeat it";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not erased", detail)
    }
}

/// Lists the jobs whose logs are taken. Names no subscriber.
#[utoipa::path(get, path = "/v1/mdt/jobs", tag = "mdt", responses(
    (status = 200, description = "All jobs", body = JobList),
    (status = 409, description = "No logs are collected here", body = Problem),
))]
pub(super) async fn jobs(State(api): State<Api>) -> Result<Json<JobList>, Problem> {
    Ok(Json(JobList { jobs: collector(&api)?.jobs() }))
}

/// Takes a job: a TraceJob in the JSON of TS 28.623, as `docs/mdt-jobs.md` says.
#[utoipa::path(post, path = "/v1/mdt/jobs", tag = "mdt", request_body(content_type = "application/json"), responses(
    (status = 200, description = "Kept; its logs are taken from now on", body = JobView),
    (status = 409, description = "There is one of this trace reference, or no logs are collected here", body = Problem),
    (status = 422, description = "No TraceJob, or none that phones log for", body = Problem),
))]
pub(super) async fn add(State(api): State<Api>, body: Bytes) -> Result<Json<JobView>, Problem> {
    let view = collector(&api)?.add_job(&body).await?;
    tracing::info!(job = %view.job, "MDT: job taken");
    Ok(Json(view))
}

/// Stops a job: its logs are refused from now on, those under way too.
#[utoipa::path(post, path = "/v1/mdt/jobs/stop", tag = "mdt", request_body = JobBody, responses(
    (status = 200, description = "Stopped", body = JobView),
    (status = 404, description = "No such job", body = Problem),
    (status = 409, description = "No logs are collected here", body = Problem),
))]
pub(super) async fn stop(State(api): State<Api>, JsonBody(body): JsonBody<JobBody>) -> Result<Json<JobView>, Problem> {
    let view = collector(&api)?.stop_job(&body.job).await?;
    tracing::info!(job = %view.job, "MDT: job stopped");
    Ok(Json(view))
}

/// Asks the consent register whether a person may be given a job, and gives the reference that goes to the phone with it. Of a job of an area
/// that is one more duty of the phone.
#[utoipa::path(post, path = "/v1/mdt/consent-reference", tag = "mdt", request_body = JobBody, params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS or imei:DIGITS"),
), responses(
    (status = 200, description = "The reference, and the networks where it holds", body = ReferenceView),
    (status = 403, description = "The register does not allow it, the phone did its duty for now, or a job of its own may still log", body = Problem),
    (status = 404, description = "No such job runs", body = Problem),
    (status = 409, description = "No logs are collected here", body = Problem),
    (status = 503, description = "The register does not answer, or the duty cannot be kept", body = Problem),
))]
pub(super) async fn refer(
    State(api): State<Api>,
    Person(who): Person,
    JsonBody(body): JsonBody<JobBody>,
) -> Result<Json<ReferenceView>, Problem> {
    let collector = collector(&api)?;
    // It is durable that somebody is given a job before it is said.
    let referred = tokio::task::spawn_blocking(move || collector.refer(&body.job, &who)).await;
    referred.unwrap_or(Err(ReferError::Unavailable)).map(Json).map_err(|error| {
        let (status, title) = match error {
            ReferError::Job => (StatusCode::NOT_FOUND, "no such job"),
            ReferError::Refused => (StatusCode::FORBIDDEN, "not allowed"),
            ReferError::Duty | ReferError::OwnJob => (StatusCode::FORBIDDEN, "asked enough"),
            ReferError::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "not now"),
        };
        Problem::new(status, title, error.to_string())
    })
}

/// Selects whom a job is given to: asks the consent register about each candidate, and draws among those whom it allows.
#[utoipa::path(post, path = "/v1/mdt/selection", tag = "mdt", request_body = SelectBody, responses(
    (status = 200, description = "Who is chosen, by place in the request, and why others are not, in counts", body = SelectionView),
    (status = 404, description = "No such job runs", body = Problem),
    (status = 409, description = "No logs are collected here", body = Problem),
    (status = 422, description = "A candidate cannot be read, there are too many, or the job is of one other subscriber", body = Problem),
    (status = 503, description = "Nobody can be selected now", body = Problem),
))]
pub(super) async fn select(
    State(api): State<Api>,
    JsonBody(body): JsonBody<SelectBody>,
) -> Result<Json<SelectionView>, Problem> {
    let collector = collector(&api)?;
    // Of many candidates it is more than a moment's work.
    let selected = tokio::task::spawn_blocking(move || collector.select(&body)).await;
    let view = selected.unwrap_or(Err(SelectError::Unavailable)).map_err(|error| {
        let (status, title) = match error {
            SelectError::Job => (StatusCode::NOT_FOUND, "no such job"),
            SelectError::Candidate(_) | SelectError::TooMany | SelectError::OneSubscriber => {
                (StatusCode::UNPROCESSABLE_ENTITY, "candidates not taken")
            }
            SelectError::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "not now"),
        };
        Problem::new(status, title, error.to_string())
    })?;
    tracing::info!(chosen = view.chosen.len(), area_refused = view.area_refused, "MDT: selected");
    Ok(Json(view))
}

/// The register's name for a subscriber, by which rows are exported.
#[utoipa::path(get, path = "/v1/mdt/subject", tag = "mdt", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS or imei:DIGITS"),
), responses(
    (status = 200, description = "The name", body = SubjectView),
    (status = 404, description = "Nobody of that identity", body = Problem),
    (status = 409, description = "No logs are collected here", body = Problem),
))]
pub(super) async fn subject(State(api): State<Api>, Person(who): Person) -> Result<Json<SubjectView>, Problem> {
    Ok(Json(collector(&api)?.subject(&who)?))
}

/// Erases the rows of a job or of a subscriber, from what is read and from disk.
#[utoipa::path(post, path = "/v1/mdt/erase", tag = "mdt", request_body = MdtEraseBody, params(
    ("Subscriber" = Option<String>, Header, description = "msisdn:DIGITS, imsi:DIGITS or imei:DIGITS: the rows of this subscriber's jobs"),
), responses(
    (status = 200, description = "Gone", body = ErasedRows),
    (status = 404, description = "Nobody of that identity", body = Problem),
    (status = 409, description = "No logs are collected here", body = Problem),
    (status = 422, description = "Neither a job nor a subscriber is named, or both", body = Problem),
    (status = 503, description = "Not erased", body = Problem),
))]
pub(super) async fn erase(
    State(api): State<Api>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<MdtEraseBody>,
) -> Result<Json<ErasedRows>, Problem> {
    let collector = collector(&api)?;
    let unnamed = || {
        let detail = "give \"job\" as 234-15-000001, or the header Subscriber, one of them";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "nothing to erase", detail)
    };
    let erased = match (body.job, named(&headers)) {
        (Some(job), None) => collector.erase_by_job(&job).await?.ok_or_else(unnamed)?,
        (None, Some(Some(who))) => collector.erase_subscriber(&who).await.map_err(|error| match error {
            SubscriberError::Consent(error) => Problem::from(error),
            SubscriberError::Erase(error) => error.into(),
        })?,
        _ => return Err(unnamed()),
    };
    tracing::info!(rows = erased.rows, "MDT: rows erased");
    Ok(Json(erased))
}

/// What an export asks for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportQuery {
    /// `csv`, `json`, `geopackage` or `32.423`, a trace file.
    #[param(inline)]
    form: Form,
    /// Reports of failures instead of rows of logs; in any form but `32.423`.
    #[serde(default)]
    failures: bool,
    /// Trace reference, as `234-15-000001`: that job's alone.
    job: Option<String>,
    /// Models that fewer sessions of the export have are left out, 2 or more. 10 without.
    model_floor: Option<u16>,
}

/// Exports rows while logs go on coming in. Of each subscriber whose rows are among them an entry stands in the disclosure log first.
#[utoipa::path(get, path = "/v1/mdt/export", tag = "mdt", params(
    ExportQuery,
    ("Subscriber" = Option<String>, Header, description = "msisdn:DIGITS, imsi:DIGITS or imei:DIGITS: the rows of this subscriber's jobs alone"),
), responses(
    (status = 200, description = "The rows; Mdt-Rows says how many", content_type = "application/octet-stream"),
    (status = 404, description = "Nobody of that identity", body = Problem),
    (status = 409, description = "No logs are collected here", body = Problem),
    (status = 422, description = "No such job can be, both a job and a subscriber, or a form that these rows do not have", body = Problem),
    (status = 503, description = "The store or the disclosure log cannot do it now: nothing left", body = Problem),
))]
pub(super) async fn export(
    State(api): State<Api>,
    headers: HeaderMap,
    query: Result<Query<ExportQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let collector = collector(&api)?;
    let wrong = |detail: &str| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not exported", detail);
    let Query(query) =
        query.map_err(|_| wrong("say form=csv, json, geopackage or 32.423, and failures, job, model_floor at will"))?;
    let which = match (&query.job, named(&headers)) {
        (None, None) => None,
        (Some(job), None) => {
            let job = mdt_store::job_of(job.as_bytes())
                .ok_or_else(|| wrong("a job is MCC-MNC-trace id, as 234-15-000001"))?;
            Some(Which::Job(job))
        }
        (None, Some(Some(who))) => Some(Which::Subject(collector.subject_id(&who)?)),
        _ => return Err(wrong("give job or the header Subscriber, one of them")),
    };
    let model_floor = usize::from(query.model_floor.unwrap_or(10).max(2));
    let wish = Wish { which, failures: query.failures, form: query.form, model_floor };
    let handed_out = collector.hand_out(&wish).await?;
    tracing::info!(rows = handed_out.rows, "MDT: rows exported");
    Ok(download(handed_out))
}

/// Which bins.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct BinsQuery {
    /// `csv`, `json` or `geopackage`.
    #[param(inline)]
    form: BinForm,
    /// First day of the earliest bins, `2026-11-28`; all without.
    from: Option<String>,
    /// First day of the latest bins.
    until: Option<String>,
}

/// Exports bins of places and days that enough phones were in. Those of a day are made once and told alike ever after.
#[utoipa::path(get, path = "/v1/mdt/bins", tag = "mdt", params(BinsQuery), responses(
    (status = 200, description = "The bins; Mdt-Rows says how many", content_type = "application/octet-stream"),
    (status = 409, description = "No logs are collected here", body = Problem),
    (status = 422, description = "No such form, or no day", body = Problem),
    (status = 503, description = "The store cannot do it now: nothing left", body = Problem),
))]
pub(super) async fn bins(
    State(api): State<Api>,
    query: Result<Query<BinsQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let collector = collector(&api)?;
    let wrong = || {
        let detail = "say form=csv, json or geopackage, and from and until, as 2026-11-28, at will";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not exported", detail)
    };
    let Query(query) = query.map_err(|_| wrong())?;
    let days = Days::new(query.from, query.until).ok_or_else(wrong)?;
    let handed_out = collector.hand_out_bins(&days, query.form).await?;
    tracing::info!(bins = handed_out.rows, "MDT: bins exported");
    Ok(download(handed_out))
}

/// A file as an answer.
fn download(HandedOut { file, rows }: HandedOut) -> Response {
    let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
    let mut response = ([(header::CONTENT_TYPE, "application/octet-stream")], body).into_response();
    response.headers_mut().insert(ROWS, HeaderValue::from(rows));
    response
}

/// How many rows or bins an export has.
const ROWS: HeaderName = HeaderName::from_static("mdt-rows");

impl From<HandOutError> for Problem {
    fn from(error: HandOutError) -> Self {
        let detail = error.to_string();
        match error {
            HandOutError::Form | HandOutError::TooLong(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "not exported", detail)
            }
            HandOutError::Subscriber => Self::new(StatusCode::CONFLICT, "not exported", detail),
            HandOutError::Log(_) => Self::new(StatusCode::SERVICE_UNAVAILABLE, "not exported", detail),
            HandOutError::Rows(_) | HandOutError::File(_) | HandOutError::GeoPackage(_) => {
                tracing::error!(%error, "MDT rows were not exported");
                let detail =
                    "the store could not be read or the export not written; see the program's log and repeat it";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "not exported", detail)
            }
        }
    }
}

/// Public keys of the collector, for the key list that the root signs.
#[utoipa::path(get, path = "/v1/mdt/keys", tag = "mdt", responses(
    (status = 200, description = "The keys", body = CollectorKeyList),
    (status = 409, description = "No logs are collected here", body = Problem),
))]
pub(super) async fn keys(State(api): State<Api>) -> Result<Json<CollectorKeyList>, Problem> {
    Ok(Json(CollectorKeyList { keys: collector(&api)?.key_views() }))
}
