//! What the control API does with phones that move, and with what they wait for.

use super::{Answer, Mistake, mistake, named};
use crate::{
    mdt_core::Mdt, mme::ForgedReport, network::Shared, phones::Phone, scenario::Waypoint, wire::deferred::bits,
};
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use ss7::map::DeferredEvents;
use std::{sync::Arc, time::Duration};

type Refusal = (StatusCode, Json<Mistake>);

/// The routes.
pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/move", post(go))
        .route("/clock", get(clock).post(advance))
        .route("/cells", get(table))
        .route("/deferred/{subscriber}", get(waits))
        .route("/deferred/end", post(end))
        .route("/forged-report", post(forged))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    subscriber: String,
    /// Where to; the way is not gone but jumped.
    latitude: Option<f64>,
    longitude: Option<f64>,
    /// The MME that serves from now on.
    mme: Option<String>,
    /// The MSC or SGSN that does.
    node: Option<String>,
}

async fn go(State(shared): State<Arc<Shared>>, Json(to): Json<Move>) -> Result<StatusCode, Refusal> {
    let phone = named(&shared, &to.subscriber)?;
    let position = match (to.latitude, to.longitude) {
        (None, None) => None,
        (Some(latitude), Some(longitude)) => {
            let on_earth = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
            let there = Waypoint { latitude, longitude, altitude_m: 0.0, speed_km_h: None, at_s: None };
            Some(on_earth.then_some(there).ok_or_else(|| mistake(StatusCode::BAD_REQUEST, "no place on Earth"))?)
        }
        _ => return Err(mistake(StatusCode::BAD_REQUEST, "give both latitude and longitude")),
    };
    if to.mme.as_ref().is_some_and(|name| !shared.mmes.contains_key(name)) {
        return Err(mistake(StatusCode::NOT_FOUND, "no MME of this name"));
    }
    // A phone with MDT has been where it was until now, and a new MME hears of its consent.
    let mdt = Mdt::of(&shared).filter(|_| phone.now().mdt.is_some());
    let failed = |error| mistake(StatusCode::BAD_GATEWAY, error);
    if let Some(mdt) = &mdt {
        mdt.phone(&phone.label, |_, _| ()).await.map_err(failed)?;
    }
    phone.go(position, to.mme);
    keep_up(&shared, phone).await?;
    if let Some(mdt) = &mdt {
        mdt.attach(&phone.label).await.map_err(failed)?;
    }
    if let Some(node) = to.node
        && !shared.relocate(phone, &node).await
    {
        return Err(mistake(StatusCode::CONFLICT, "no MSC or SGSN of this name, or its location update failed"));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// A card hears of it at once. What it has to say about it must arrive.
async fn keep_up(shared: &Shared, phone: &Phone) -> Result<(), Refusal> {
    let Some(cards) = &shared.cards else { return Ok(()) };
    cards.keep_up(shared, phone).await.map_err(|error| mistake(StatusCode::BAD_GATEWAY, error))
}

#[derive(Serialize)]
struct Time {
    now_s: f64,
}

async fn clock(State(shared): State<Arc<Shared>>) -> Json<Time> {
    Json(Time { now_s: shared.phones.clock().now().as_secs_f64() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_s: f64,
}

async fn advance(State(shared): State<Arc<Shared>>, Json(by): Json<Advance>) -> Result<Json<Time>, Refusal> {
    let by = Duration::try_from_secs_f64(by.advance_s);
    shared.phones.clock().advance(by.map_err(|_| mistake(StatusCode::BAD_REQUEST, "advance_s: seconds from 0"))?);
    for phone in shared.phones.all() {
        keep_up(&shared, phone).await?;
    }
    Ok(clock(State(shared)).await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfRealm {
    /// Of the network of this realm; of the first operator's if absent.
    realm: Option<String>,
}

async fn table(State(shared): State<Arc<Shared>>, Query(of): Query<OfRealm>) -> Result<String, Refusal> {
    let none = || mistake(StatusCode::NOT_FOUND, "the network of this realm has no cells of its own");
    of.realm.map_or_else(|| Ok(shared.cell_table()), |realm| shared.cell_table_in(&realm).ok_or_else(none))
}

#[derive(Serialize)]
struct Waits {
    subscriber: String,
    references: Vec<u8>,
}

async fn waits(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Answer<Waits> {
    let label = named(&shared, &name)?.label.clone();
    Ok(Json(Waits { references: shared.deferrals.of(&label), subscriber: label }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    subscriber: String,
    reference: u8,
}

async fn end(State(shared): State<Arc<Shared>>, Json(end): Json<End>) -> Result<StatusCode, Refusal> {
    let phone = Arc::clone(named(&shared, &end.subscriber)?);
    let ended = shared.end_deferral(&phone, end.reference).await;
    let nothing = || mistake(StatusCode::NOT_FOUND, "the phone waits for nothing under this reference");
    ended.map(|_| StatusCode::NO_CONTENT).ok_or_else(nothing)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forged {
    /// Whom it is about.
    subscriber: String,
    /// The node that sends it.
    node: String,
    reference: u8,
    event: Word,
    sequence: Option<u32>,
}

/// Events, as reports tell them.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Available,
    Entering,
    Leaving,
    Inside,
    Periodic,
    Motion,
    Activated,
}

impl Word {
    fn in_map(self) -> Option<DeferredEvents> {
        match self {
            Self::Available => Some(DeferredEvents::MS_AVAILABLE),
            Self::Entering => Some(DeferredEvents::ENTERING_INTO_AREA),
            Self::Leaving => Some(DeferredEvents::LEAVING_FROM_AREA),
            Self::Inside => Some(DeferredEvents::BEING_INSIDE_AREA),
            Self::Periodic => Some(DeferredEvents::PERIODIC_LDR),
            Self::Motion | Self::Activated => None,
        }
    }
}

#[derive(Serialize)]
struct Told {
    /// Result code of the gateway's answer, over MAP the code of its error or 0; absent if there was no answer.
    result_code: Option<u32>,
}

async fn forged(State(shared): State<Arc<Shared>>, Json(forged): Json<Forged>) -> Answer<Told> {
    let phone = Arc::clone(named(&shared, &forged.subscriber)?);
    if shared.ss7.as_ref().is_some_and(|ss7| ss7.node(&forged.node).is_some()) {
        let by_map = "an MSC or an SGSN has no such event";
        let events = forged.event.in_map().ok_or_else(|| mistake(StatusCode::BAD_REQUEST, by_map))?;
        let report = (forged.reference, events, forged.sequence);
        return Ok(Json(Told { result_code: shared.forge_by_map(&forged.node, &phone, report).await }));
    }
    if !shared.mmes.contains_key(&forged.node) {
        return Err(mistake(StatusCode::NOT_FOUND, "no MME, MSC or SGSN of this name"));
    }
    let kind = match forged.event {
        Word::Available => bits::UE_AVAILABLE,
        Word::Entering => bits::ENTERING,
        Word::Leaving => bits::LEAVING,
        Word::Inside => bits::INSIDE,
        Word::Periodic => bits::PERIODIC,
        Word::Motion => bits::MOTION,
        Word::Activated => bits::ACTIVATED,
    };
    let report = ForgedReport { reference: forged.reference, kind, sequence: forged.sequence };
    Ok(Json(Told { result_code: shared.forge(&forged.node, &phone, report).await }))
}
