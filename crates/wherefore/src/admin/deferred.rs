//! `/v1/deferred`: deferred requests that are not over; their end, and pauses of them, by subscriber or operator.

use super::Api;
use super::extract::{Body, parse_identities};
use super::problem::Problem;
use crate::forms::from_hex;
use crate::ldr::{Asker, Done, LdrDesk, LdrStanding, Road};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use gmlc::Phase;
use lcs::Timestamp;
use privacy::disclosure::RequestId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Most requests in one answer.
const MOST: usize = 1000;

/// How a deferred request stands. Names no subscriber.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeferredView {
    /// What client, subscriber and disclosure log know it by.
    pub id: String,
    /// Its reference towards the network, 0-255.
    pub reference: u8,
    /// Account of the client.
    pub client: String,
    /// `resting`, `activating`, `armed` or `cancelling`.
    pub state: String,
    /// For whom it waits.
    pub asked_by: DeferredAskedBy,
    /// By which road it is armed.
    pub road: DeferredRoad,
    /// It waits with another under the same reference: the network was asked for that one.
    pub merged: bool,
    /// The phone itself is known to know of it.
    pub activated: bool,
    /// Its reports are paused, by subscriber or operator.
    pub paused: bool,
    /// Reports made.
    pub reports: u32,
    /// When it ends at the latest.
    #[schema(value_type = String, format = DateTime)]
    pub stop: jiff::Timestamp,
}

/// For whom a deferred request waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeferredAskedBy {
    /// A client of this gateway.
    Client,
    /// A client of another gateway, which asked this one, the home gateway, over Lr.
    RequestingGateway,
    /// The home gateway of somebody who is in this network, which asked this one, the visited gateway, over Lr.
    HomeGateway,
}

/// Who waits for the event: not which node or network, which would say where the subscriber is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeferredRoad {
    /// Nobody now: it has not begun, none has acknowledged it yet, or whoever was asked said no.
    Nobody,
    /// A node of the EPC, asked over SLg.
    Slg,
    /// An MSC server or an SGSN, asked over MAP.
    Map,
    /// The application on the subscriber's card, asked by SMS.
    Card,
    /// The gateway of the network where the subscriber is, asked over Lr.
    VisitedGateway,
    /// The subscriber's home gateway, asked over Lr by this one, the requesting gateway.
    HomeGateway,
}

/// Deferred requests, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeferredList {
    /// The requests.
    pub requests: Vec<DeferredView>,
}

/// Which requests to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Those whose ids come after this one.
    after: Option<String>,
    /// At most so many, 1-1000. Default 1000.
    limit: Option<usize>,
}

/// Which requests to end, to pause or to have go on, and on whose word.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeferredOrderBody {
    /// One request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// All requests about this subscriber: `msisdn:DIGITS` or `imsi:DIGITS`. Beside `id`: that one, if it is about this subscriber.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscriber: Option<String>,
    /// Whether the subscriber demands it; else the operator does. What both paused goes on when both have said so.
    #[serde(default)]
    pub demanded_by_subscriber: bool,
}

/// How many requests were ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeferredCancelled {
    /// That many.
    pub cancelled: usize,
}

/// How many requests were paused or let go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeferredPaused {
    /// That many, those among them that stood so before.
    pub requests: usize,
}

/// Lists deferred requests: all, or those about one subscriber.
#[utoipa::path(get, path = "/v1/deferred", tag = "deferred", params(
    Page,
    ("Subscriber" = Option<String>, Header, description = "msisdn:DIGITS or imsi:DIGITS: those about this subscriber alone"),
), responses(
    (status = 200, description = "The requests", body = DeferredList),
    (status = 409, description = "No deferred requests are taken here", body = Problem),
))]
pub(super) async fn list(
    State(api): State<Api>,
    Query(page): Query<Page>,
    headers: HeaderMap,
) -> Result<Json<DeferredList>, Problem> {
    let desk = desk(&api)?;
    let standings = match headers.get("subscriber") {
        Some(value) => {
            let who = value.to_str().ok().and_then(parse_identities).ok_or_else(nobody)?;
            desk.of_subscriber(&who).await
        }
        None => {
            let after = page.after.as_deref().map(|id| name(id).ok_or_else(no_id)).transpose()?;
            desk.page(after, page.limit.unwrap_or(MOST).clamp(1, MOST)).await
        }
    };
    Ok(Json(DeferredList { requests: standings.iter().map(view).collect() }))
}

/// Ends deferred requests. The client is told; no further report goes to it.
#[utoipa::path(post, path = "/v1/deferred/cancel", tag = "deferred", request_body = DeferredOrderBody, responses(
    (status = 200, description = "Ended", body = DeferredCancelled),
    (status = 404, description = "No such request", body = Problem),
    (status = 409, description = "No deferred requests are taken here", body = Problem),
    (status = 422, description = "Neither a request nor a subscriber is named", body = Problem),
))]
pub(super) async fn cancel(
    State(api): State<Api>,
    Body(body): Body<DeferredOrderBody>,
) -> Result<Json<DeferredCancelled>, Problem> {
    let desk = desk(&api)?;
    let (id, who) = named(&body)?;
    match desk.cancel(id, who.as_ref(), body.demanded_by_subscriber).await {
        Done::These(0) if id.is_some() => Err(none()),
        Done::These(cancelled) => {
            tracing::info!(cancelled, by_subscriber = body.demanded_by_subscriber, "deferred requests ended");
            Ok(Json(DeferredCancelled { cancelled }))
        }
        Done::NotKept => {
            let detail = "an end could not be kept, and that request goes on; see the program's log and repeat";
            Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "not ended", detail))
        }
    }
}

/// Pauses the reports of deferred requests. What happens meanwhile is told to nobody, then or later; the client is told that they pause.
#[utoipa::path(post, path = "/v1/deferred/pause", tag = "deferred", request_body = DeferredOrderBody, responses(
    (status = 200, description = "Paused", body = DeferredPaused),
    (status = 404, description = "No such request", body = Problem),
    (status = 409, description = "No deferred requests are taken here", body = Problem),
    (status = 422, description = "Neither a request nor a subscriber is named", body = Problem),
))]
pub(super) async fn pause(
    State(api): State<Api>,
    Body(body): Body<DeferredOrderBody>,
) -> Result<Json<DeferredPaused>, Problem> {
    change(&api, &body, true).await
}

/// Has the reports of deferred requests go on. The client is told, unless the other of subscriber and operator still pauses them.
#[utoipa::path(post, path = "/v1/deferred/resume", tag = "deferred", request_body = DeferredOrderBody, responses(
    (status = 200, description = "Nothing of this demander pauses them", body = DeferredPaused),
    (status = 404, description = "No such request", body = Problem),
    (status = 409, description = "No deferred requests are taken here", body = Problem),
    (status = 422, description = "Neither a request nor a subscriber is named", body = Problem),
))]
pub(super) async fn resume(
    State(api): State<Api>,
    Body(body): Body<DeferredOrderBody>,
) -> Result<Json<DeferredPaused>, Problem> {
    change(&api, &body, false).await
}

async fn change(api: &Api, body: &DeferredOrderBody, paused: bool) -> Result<Json<DeferredPaused>, Problem> {
    let desk = desk(api)?;
    let (id, who) = named(body)?;
    match desk.pause((id, who.as_ref()), (body.demanded_by_subscriber, paused)).await {
        Done::These(0) if id.is_some() => Err(none()),
        Done::These(requests) => {
            tracing::info!(requests, paused, by_subscriber = body.demanded_by_subscriber, "deferred requests paused");
            Ok(Json(DeferredPaused { requests }))
        }
        Done::NotKept => {
            let detail =
                "a change could not be kept, and that request stands as before; see the program's log and repeat";
            Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "not changed", detail))
        }
    }
}

/// Which requests an order means.
fn named(body: &DeferredOrderBody) -> Result<(Option<RequestId>, Option<lcs::Identities>), Problem> {
    let id = body.id.as_deref().map(|id| name(id).ok_or_else(no_id)).transpose()?;
    let who = body.subscriber.as_deref().map(|text| parse_identities(text).ok_or_else(nobody)).transpose()?;
    if id.is_none() && who.is_none() {
        let detail = "give id, subscriber or both";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "no request named", detail));
    }
    Ok((id, who))
}

fn none() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no such request", "it is over, or never was")
}

fn desk(api: &Api) -> Result<LdrDesk, Problem> {
    api.operations.deferred().ok_or_else(|| {
        let detail = "set deferred.gmlc_address, and roles.gmlc, to take some";
        Problem::new(StatusCode::CONFLICT, "no deferred requests are taken here", detail)
    })
}

fn name(text: &str) -> Option<RequestId> {
    from_hex(text).and_then(|octets| octets.try_into().ok()).map(RequestId)
}

fn no_id() -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not an id", "an id is 32 hexadecimal digits")
}

fn nobody() -> Problem {
    let detail = "name the subscriber as msisdn:DIGITS or imsi:DIGITS, or both with a comma between";
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "no subscriber named", detail)
}

fn view(standing: &LdrStanding) -> DeferredView {
    let state = match standing.phase {
        Phase::Resting => "resting",
        Phase::Activating => "activating",
        Phase::Armed => "armed",
        Phase::Cancelling | Phase::Ended => "cancelling",
    };
    let asked_by = match standing.asked_by {
        Asker::Client => DeferredAskedBy::Client,
        Asker::RequestingGateway => DeferredAskedBy::RequestingGateway,
        Asker::HomeGateway => DeferredAskedBy::HomeGateway,
    };
    let road = match standing.road {
        Road::Nobody => DeferredRoad::Nobody,
        Road::Slg => DeferredRoad::Slg,
        Road::Map => DeferredRoad::Map,
        Road::Card => DeferredRoad::Card,
        Road::VisitedGateway => DeferredRoad::VisitedGateway,
        Road::HomeGateway => DeferredRoad::HomeGateway,
    };
    DeferredView {
        id: standing.id.to_string(),
        reference: standing.reference.0,
        client: standing.account.to_string(),
        state: state.to_owned(),
        asked_by,
        road,
        merged: standing.merged,
        activated: standing.activated,
        paused: standing.paused,
        reports: standing.reports,
        stop: moment(standing.stop),
    }
}

fn moment(at: Timestamp) -> jiff::Timestamp {
    let micros = i64::try_from(at.micros()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX)
}
