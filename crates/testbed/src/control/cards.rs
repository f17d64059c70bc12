//! What the control API tells of the SMS centre and of cards.

use super::{Answer, mistake, named};
use crate::{network::Shared, usim::Cards};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use serde::Serialize;
use std::{net::SocketAddr, sync::Arc};

/// The routes.
pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/smsc", get(centre)).route("/card/{subscriber}", get(card))
}

#[derive(Serialize)]
struct Centre {
    address: SocketAddr,
    system_id: &'static str,
    /// Made when the network started.
    password: String,
    /// Whether a gateway is bound.
    bound: bool,
}

async fn centre(State(shared): State<Arc<Shared>>) -> Answer<Centre> {
    let of = |cards: &Cards| Centre {
        address: cards.smsc_address(),
        system_id: cards.system_id(),
        password: cards.password().to_owned(),
        bound: cards.has_gateway(),
    };
    let none = || mistake(StatusCode::NOT_FOUND, "the scenario has no [smsc]");
    shared.cards.as_ref().map(of).map(Json).ok_or_else(none)
}

#[derive(Serialize)]
struct Card {
    subscriber: String,
    /// Keys, hexadecimal digits; made when the network started.
    kic: String,
    kid: String,
    /// Requests that it watches.
    requests: usize,
    /// Texts that it showed, oldest first.
    shown: Vec<String>,
}

async fn card(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Answer<Card> {
    let label = &named(&shared, &name)?.label;
    let of = shared.cards.as_ref().and_then(|cards| Some((cards.keys(label)?, cards.of(label)?)));
    let ([kic, kid], card) = of.ok_or_else(|| mistake(StatusCode::NOT_FOUND, "the subscriber has no card"))?;
    let (requests, shown) = (card.requests().await, card.shown().await);
    Ok(Json(Card { subscriber: label.clone(), kic, kid, requests, shown }))
}
