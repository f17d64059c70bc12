//! What the control API does with MDT: consents, jobs, phones and their users.

use super::{Answer, Mistake, mistake, octets};
use crate::{
    mdt_core::{JobOutcome, Mdt, MdtError},
    mdt_phone::{Truth, Wish},
    network::Shared,
    phones::Phone,
    ran::{Heard, Ran, Technology, plmn},
    scenario::PhoneState,
};
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::{get, post, put},
};
use lcs::gad::Position;
use mdt::job::TraceJob;
use mdt_log::KeyList;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

type Refusal = (StatusCode, Json<Mistake>);

/// The routes.
pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/mdt/{subscriber}", get(status))
        .route("/mdt/{subscriber}/truth", get(truth))
        .route("/mdt/{subscriber}/consent", put(consent))
        .route("/ran", get(there))
        .route("/mdt-job", post(job))
        .route("/mdt-user", post(user))
        .route("/mdt-connection", post(connection))
        .route("/mdt-keys", put(keys))
}

fn of(shared: &Arc<Shared>) -> Result<Mdt, Refusal> {
    Mdt::of(shared).ok_or_else(|| mistake(StatusCode::NOT_FOUND, "this network has no [ran]"))
}

/// A phone with MDT that is no longer registered loses its job and its log.
pub(super) async fn left(shared: &Arc<Shared>, phone: &Phone) -> Result<(), Refusal> {
    let spec = phone.now();
    let gone = matches!(spec.state, PhoneState::Detached | PhoneState::Absent);
    let Some(mdt) = Mdt::of(shared).filter(|_| gone && spec.mdt.is_some()) else { return Ok(()) };
    let done = mdt.phone(&phone.label, |phone, _| phone.detach()).await.map_err(refusal)?;
    done.map_err(|error| refusal(error.into()))
}

fn refusal(error: MdtError) -> Refusal {
    let status = match error {
        MdtError::NoSubscriber => StatusCode::NOT_FOUND,
        MdtError::Job(_) | MdtError::Untold(_) => StatusCode::BAD_REQUEST,
        MdtError::Mme(_) | MdtError::Refused(_) => StatusCode::BAD_GATEWAY,
        MdtError::Phone(_) | MdtError::CutOff => StatusCode::INTERNAL_SERVER_ERROR,
    };
    mistake(status, error)
}

/// What may be said of a phone: no place, and of its log no content.
#[derive(Serialize)]
struct Status {
    /// `idle`, `logging`, `kept` or `opted_out`.
    phase: &'static str,
    /// `logMeasAvailable`.
    available: bool,
    paused: bool,
    connected: bool,
    /// The cell that serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    cell: Option<u64>,
    /// Entries since the job began or the user cleared, of which the lab knows what was true.
    entries: usize,
    /// Sealed octets of the log.
    octets: u32,
    /// Reports of failures that wait.
    reports: usize,
    /// Whether the register must still hear of an opt-out.
    register_waits: bool,
}

async fn status(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Answer<Status> {
    let mdt = of(&shared)?;
    let status = mdt.phone(&name, |phone, ran| {
        let overview = phone.overview();
        Status {
            phase: match overview.phase {
                mdt_log::machine::Phase::Idle => "idle",
                mdt_log::machine::Phase::Logging => "logging",
                mdt_log::machine::Phase::Kept => "kept",
                mdt_log::machine::Phase::OptedOut => "opted_out",
            },
            available: overview.available,
            paused: overview.paused_until_ms.is_some(),
            connected: phone.is_connected(),
            cell: phone.serving().and_then(|at| ran.cells().get(at)).map(|cell| cell.cell),
            entries: phone.truths().len(),
            octets: overview.status.octets,
            reports: overview.status.reports,
            register_waits: phone.register_waits(),
        }
    });
    Ok(Json(status.await.map_err(refusal)?))
}

/// What was true when an entry was logged: for comparisons with what a collector makes of it.
#[derive(Serialize)]
struct TrueEntry {
    relative_s: u16,
    any_cell_selection: bool,
    latitude: f64,
    longitude: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    serving: Option<TrueCell>,
    neighbours: Vec<TrueCell>,
}

#[derive(Serialize)]
struct TrueCell {
    cell: u64,
    pci: u16,
    /// One of the two, by the technology of the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    earfcn: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nr_arfcn: Option<u32>,
    rsrp_dbm: f64,
    rsrq_db: f64,
    sinr_db: f64,
}

fn true_cell(heard: &Heard, ran: &Ran) -> Option<TrueCell> {
    let cell = ran.cells().get(heard.at)?;
    let is_nr = ran.technology() == Technology::Nr;
    Some(TrueCell {
        cell: cell.cell,
        pci: cell.pci,
        earfcn: (!is_nr).then_some(cell.arfcn),
        nr_arfcn: is_nr.then_some(cell.arfcn),
        rsrp_dbm: heard.rsrp_dbm,
        rsrq_db: heard.rsrq_db,
        sinr_db: heard.sinr_db,
    })
}

fn true_entry(truth: &Truth, ran: &Ran) -> TrueEntry {
    TrueEntry {
        relative_s: truth.relative_s,
        any_cell_selection: truth.any_cell_selection,
        latitude: truth.place.lat_deg,
        longitude: truth.place.lon_deg,
        serving: truth.serving.and_then(|at| true_cell(truth.survey.of(at)?, ran)),
        neighbours: truth.survey.neighbours(truth.serving).filter_map(|heard| true_cell(heard, ran)).collect(),
    }
}

async fn truth(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Answer<Vec<TrueEntry>> {
    let mdt = of(&shared)?;
    let entries = mdt.phone(&name, |phone, ran| phone.truths().iter().map(|truth| true_entry(truth, ran)).collect());
    Ok(Json(entries.await.map_err(refusal)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct There {
    latitude: f64,
    longitude: f64,
}

/// What every cell within reach is like at a place, the strongest first.
async fn there(State(shared): State<Arc<Shared>>, Query(at): Query<There>) -> Answer<Vec<TrueCell>> {
    let place = Position { lat_deg: at.latitude, lon_deg: at.longitude };
    if !((-90.0..=90.0).contains(&place.lat_deg) && (-180.0..=180.0).contains(&place.lon_deg)) {
        return Err(mistake(StatusCode::BAD_REQUEST, "no place on Earth"));
    }
    let cells = of(&shared)?
        .with_survey(place, |survey, ran| survey.heard.iter().filter_map(|heard| true_cell(heard, ran)).collect());
    Ok(Json(cells.map_err(refusal)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Consent {
    consent: bool,
    /// Networks where it holds, as `001-01`; as before if absent.
    plmns: Option<Vec<String>>,
}

async fn consent(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    Json(told): Json<Consent>,
) -> Result<StatusCode, Refusal> {
    let networks = |texts: Vec<String>| texts.iter().map(|text| plmn(text)).collect::<Option<Vec<_>>>();
    let plmns = match told.plmns.map(networks) {
        None => None,
        Some(Some(plmns)) if plmns.len() <= 16 => Some(plmns),
        Some(_) => return Err(mistake(StatusCode::BAD_REQUEST, "plmns: 16 networks at most, each as 001-01")),
    };
    of(&shared)?.consent(&name, told.consent, plmns).await.map_err(refusal)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Job {
    /// TraceJob of TS 28.623; a subscriber in its traceTarget makes it one of that subscriber alone.
    job: TraceJob,
    /// Whether the home network looks at the consent; a faulty one does not.
    #[serde(default = "yes")]
    home_check: bool,
}

fn yes() -> bool {
    true
}

#[derive(Serialize)]
struct Became {
    subscriber: String,
    outcome: JobOutcome,
}

async fn job(State(shared): State<Arc<Shared>>, Json(told): Json<Job>) -> Answer<Vec<Became>> {
    let outcomes = of(&shared)?.job(&told.job, told.home_check).await.map_err(refusal)?;
    Ok(Json(outcomes.into_iter().map(|(subscriber, outcome)| Became { subscriber, outcome }).collect()))
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Does {
    Clear,
    OptOut,
    OptIn,
    Pause,
    Resume,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct User {
    subscriber: String,
    does: Does,
    /// How long a pause is, seconds of the phones' clock. Default: a day.
    #[serde(default = "a_day")]
    for_s: u32,
}

fn a_day() -> u32 {
    86_400
}

async fn user(State(shared): State<Arc<Shared>>, Json(told): Json<User>) -> Result<StatusCode, Refusal> {
    let wish = match told.does {
        Does::Clear => Wish::Clear,
        Does::OptOut => Wish::OptOut,
        Does::OptIn => Wish::OptIn,
        Does::Pause => Wish::Pause(u64::from(told.for_s) * 1000),
        Does::Resume => Wish::Resume,
    };
    let done = of(&shared)?.phone(&told.subscriber, move |phone, _| phone.wish(wish)).await.map_err(refusal)?;
    done.map_err(|error| refusal(error.into()))?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Connect {
    subscriber: String,
    up: bool,
}

async fn connection(State(shared): State<Arc<Shared>>, Json(told): Json<Connect>) -> Result<StatusCode, Refusal> {
    let mdt = of(&shared)?;
    let connected = mdt.phone(&told.subscriber, move |phone, _| {
        if told.up {
            return phone.connect();
        }
        phone.release();
        true
    });
    let done = connected.await.map_err(refusal)?;
    if done { Ok(StatusCode::NO_CONTENT) } else { Err(mistake(StatusCode::CONFLICT, "the phone has no coverage")) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// The signed key list, in hexadecimal digits.
    list: String,
    /// The root that signed it, in hexadecimal digits: 32 octets.
    root: String,
}

async fn keys(State(shared): State<Arc<Shared>>, Json(told): Json<Keys>) -> Result<StatusCode, Refusal> {
    let wrong = |what: &str| mistake(StatusCode::BAD_REQUEST, what);
    let (list, root) = (octets(&told.list), octets(&told.root));
    let list = list.ok_or_else(|| wrong("list: hexadecimal digits"))?;
    let root = root.and_then(|root| <[u8; 32]>::try_from(root).ok());
    let root = root.ok_or_else(|| wrong("root: 64 hexadecimal digits"))?;
    let now_s = crate::network::now_us() / 1_000_000;
    let list = KeyList::verify(&list, &[root], 0, now_s).map_err(|error| mistake(StatusCode::BAD_REQUEST, error))?;
    of(&shared)?.trust(&list).map_err(refusal)?;
    Ok(StatusCode::NO_CONTENT)
}
