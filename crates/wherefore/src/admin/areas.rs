//! `/v1/areas/reload`: the tables of cells and of named areas, read again.

use super::Api;
use super::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AreasLoaded {
    /// Cells in memory.
    pub cells: usize,
    /// Named areas.
    pub names: usize,
}

/// Reads the files of `[areas]` again and takes them, if they can be used, in the place of what was read before. Requests that are armed
/// go on as they are; one that is begun anew is put into cells by the new table.
#[utoipa::path(post, path = "/v1/areas/reload", tag = "areas", responses(
    (status = 200, description = "Read", body = AreasLoaded),
    (status = 409, description = "No table is configured", body = Problem),
    (status = 422, description = "A file cannot be used; what was read before stays", body = Problem),
))]
pub(super) async fn reload(State(api): State<Api>) -> Result<Json<AreasLoaded>, Problem> {
    let operations = api.operations;
    let read = tokio::task::spawn_blocking(move || operations.reload_areas()).await;
    match read {
        Ok(Some(Ok(loaded))) => Ok(Json(loaded)),
        Ok(None) => {
            let detail = "set areas.cell_table_file, and roles.gmlc, and start the gateway again";
            Err(Problem::new(StatusCode::CONFLICT, "no table of cells is configured", detail))
        }
        Ok(Some(Err(error))) => {
            let detail = format!("{error:#}; what was read before stays");
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "the tables cannot be used", detail))
        }
        Err(error) => {
            tracing::error!(%error, "reading the tables of areas was broken off");
            let detail = "what was read before stays; see the program's log";
            Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "not read", detail))
        }
    }
}
