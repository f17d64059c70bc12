//! `POST /v1/mdt/import`: files of others into the running collector (`docs/mdt-import.md`). The body is a line of JSON that says what comes, and
//! then the file as it is, which is taken piece by piece and has a bound.

use super::Api;
use super::mdt::collector;
use super::problem::Problem;
use crate::mdt::{ImportHead, ImportPlace, ImportRefusal, ImportReport};
use axum::Json;
use axum::body::{Body, BodyDataStream};
use axum::extract::State;
use axum::http::StatusCode;
use futures_util::StreamExt as _;
use lcs::Duration;

/// Octets of the longest first line: some jobs of at most 64 KiB each.
const HEAD_MAX: usize = 1 << 20;
/// How long nothing may come.
const PATIENCE: Duration = Duration::from_secs(30);
/// Octets that are still taken, and dropped, of a file that is refused, so that whoever sends it gets to read why.
const DRAINED: usize = 256 << 20;

impl From<ImportRefusal> for Problem {
    fn from(refusal: ImportRefusal) -> Self {
        let detail = refusal.to_string();
        let (status, title) = match refusal {
            ImportRefusal::Busy => (StatusCode::SERVICE_UNAVAILABLE, "not now"),
            ImportRefusal::Consent | ImportRefusal::OtherJob => (StatusCode::CONFLICT, "not imported"),
            ImportRefusal::Option(_) | ImportRefusal::Rat | ImportRefusal::Job(_) | ImportRefusal::File(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "not imported")
            }
            ImportRefusal::Rows(error) => {
                tracing::error!(%error, "a file was not imported");
                let detail = "the store could not be written; see the program's log and send the file again";
                return Self::new(StatusCode::SERVICE_UNAVAILABLE, "not imported", detail);
            }
        };
        Self::new(status, title, detail)
    }
}

/// Imports a file of others: its rows go through the anonymiser of the collector, and are in exports from then on. The same file again keeps
/// nothing. A file with an identity of an anonymised job is told as `set_aside`, and nothing of it is kept.
#[utoipa::path(post, path = "/v1/mdt/import", tag = "mdt",
    request_body(content = ImportHead, content_type = "application/octet-stream", description = "A line of JSON, and behind its end the octets of the file"),
    responses(
    (status = 200, description = "What became of it", body = ImportReport),
    (status = 400, description = "The first line is not understood, or the body ended early", body = Problem),
    (status = 409, description = "No logs are collected here; consent is looked up by reference; or a job is another than the collector's, or was stopped", body = Problem),
    (status = 413, description = "The file is longer than such a file may be", body = Problem),
    (status = 422, description = "An option, a job or the file is not as it should be: nothing of it is kept", body = Problem),
    (status = 503, description = "Another file is being imported, or the store cannot be written", body = Problem),
))]
pub(super) async fn import(State(api): State<Api>, body: Body) -> Result<Json<ImportReport>, Problem> {
    let collector = collector(&api)?;
    let mut incoming = body.into_data_stream();
    let taken = async {
        let place = collector.import_place()?;
        let (head, rest) = head(&mut incoming).await?;
        collector.import_allowed(&head)?;
        let file = file(&mut incoming, rest, head.kind.most()).await?;
        Ok::<(ImportHead, Vec<u8>, ImportPlace), Problem>((head, file, place))
    };
    match taken.await {
        Ok((head, file, place)) => Ok(Json(collector.import(&head, file, place).await?)),
        Err(problem) => {
            drain(&mut incoming).await;
            Err(problem)
        }
    }
}

fn wrong(title: &str, detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, title, detail)
}

/// The next octets; nothing at the end of the body.
async fn next(incoming: &mut BodyDataStream) -> Result<Option<axum::body::Bytes>, Problem> {
    match tokio::time::timeout(PATIENCE, incoming.next()).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(octets))) => Ok(Some(octets)),
        Ok(Some(Err(_))) | Err(_) => {
            Err(wrong("cut off", "the body ended early; nothing was kept, send the file again"))
        }
    }
}

/// The first line, and what of the file came with it.
async fn head(incoming: &mut BodyDataStream) -> Result<(ImportHead, Vec<u8>), Problem> {
    let mut octets = Vec::new();
    let end = loop {
        if let Some(end) = octets.iter().position(|octet| *octet == b'\n') {
            break end;
        }
        match next(incoming).await? {
            Some(more) if octets.len() + more.len() <= HEAD_MAX || more.contains(&b'\n') => {
                octets.extend_from_slice(&more)
            }
            _ => {
                return Err(wrong(
                    "no first line",
                    "begin with a line of JSON that says what the file is; see /openapi.json",
                ));
            }
        }
    };
    let rest = octets.split_off(end + 1);
    let head = serde_json::from_slice(&octets);
    // What is wrong with it is told by its place alone: nothing that was sent is repeated.
    let head = head.map_err(|error| {
        let at = error.column();
        wrong(
            "first line not understood",
            format!("at octet {at} of the first line it is none of an import; see /openapi.json"),
        )
    })?;
    Ok((head, rest))
}

/// The file, if it is no longer than that.
async fn file(incoming: &mut BodyDataStream, begun: Vec<u8>, most: usize) -> Result<Vec<u8>, Problem> {
    let mut file = begun;
    loop {
        if file.len() > most {
            let detail = format!("such a file has at most {most} octets; divide it");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too long", detail));
        }
        match next(incoming).await? {
            Some(more) => file.extend_from_slice(&more),
            None => return Ok(file),
        }
    }
}

async fn drain(incoming: &mut BodyDataStream) {
    let mut left = DRAINED;
    while let Ok(Some(octets)) = next(incoming).await {
        let Some(less) = left.checked_sub(octets.len()) else { return };
        left = less;
    }
}
