//! `/v1/usim`: cards with the change-of-area application, their keys and counters (`docs/annex-f.md`).

use super::Api;
use super::extract::Body;
use super::problem::Problem;
use crate::config::UsimRoad;
use crate::forms::{from_hex, to_hex};
use crate::store::{CardCounters, CardName, CardPut};
use crate::usim::{CardBody, parse_card_name};
use axum::Json;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Most cards in one answer, or in one body.
const MOST: u32 = 1000;

/// Cards to be written.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardsBody {
    /// At most 1000.
    pub cards: Vec<CardBody>,
}

/// What became of cards that were written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardsWritten {
    /// Not known before.
    pub added: u64,
    /// Known with other keys: their counters begin anew.
    pub renewed: u64,
    /// Known with these keys: no counter falls.
    pub unchanged: u64,
}

/// A card, without its keys and without a word on whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardView {
    /// Random name of its row.
    pub card: String,
    /// Number of its key set.
    pub key_set: u8,
    /// Its own toolkit application reference.
    pub tar: Option<String>,
    /// Last counter of a packet to it.
    pub sent: u64,
    /// Last counter of a packet from it.
    pub taken: u64,
    /// A packet went to it, so that it is known from which number it answers.
    pub has_number: bool,
}

/// Cards, in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardList {
    /// The cards.
    pub cards: Vec<CardView>,
    /// When area events go to them, as `usim.road` has it; absent where none do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub road: Option<UsimRoad>,
}

/// Which cards to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CardPage {
    /// Those whose names come after this one.
    after: Option<String>,
    /// At most so many, 1-1000. Default 1000.
    limit: Option<u32>,
}

/// The card of the header `Subscriber`. In a header, for URLs are kept in logs and histories.
pub(super) struct Named(CardName);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let text = parts.headers.get("subscriber").and_then(|value| value.to_str().ok());
        text.and_then(parse_card_name).map(Self).ok_or_else(|| {
            let detail = "send the header Subscriber: imsi:DIGITS, iccid:DIGITS or msisdn:DIGITS";
            Problem::new(StatusCode::BAD_REQUEST, "no card named", detail)
        })
    }
}

/// Writes cards, all or none.
#[utoipa::path(post, path = "/v1/usim/cards", tag = "usim", request_body = CardsBody, responses(
    (status = 200, description = "Written", body = CardsWritten),
    (status = 409, description = "An ICCID is another card's", body = Problem),
    (status = 422, description = "A card that cannot be used", body = Problem),
))]
pub(super) async fn put(State(api): State<Api>, Body(body): Body<CardsBody>) -> Result<Json<CardsWritten>, Problem> {
    if body.cards.len() > MOST as usize {
        let detail = format!("send at most {MOST} cards at once");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "too many cards", detail));
    }
    let mut records = Vec::with_capacity(body.cards.len());
    for (card, at) in body.cards.iter().zip(0..) {
        records.push(card.record().map_err(|error| {
            let detail = format!("cards[{at}].{error}");
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "a card that cannot be used", detail)
        })?);
    }
    let mut written = CardsWritten::default();
    for put in api.directory.store().put_cards(&records).await? {
        *match put {
            CardPut::Added => &mut written.added,
            CardPut::Renewed => &mut written.renewed,
            CardPut::Unchanged => &mut written.unchanged,
        } += 1;
    }
    let CardsWritten { added, renewed, unchanged } = written;
    tracing::info!(added, renewed, unchanged, "cards written");
    Ok(Json(written))
}

/// Lists cards, and tells when they are used: no identity, no key.
#[utoipa::path(get, path = "/v1/usim/cards", tag = "usim", params(CardPage), responses(
    (status = 200, description = "The cards", body = CardList),
))]
pub(super) async fn list(State(api): State<Api>, Query(page): Query<CardPage>) -> Result<Json<CardList>, Problem> {
    let name = |text: &str| from_hex(text).and_then(|octets| octets.try_into().ok());
    let after = page.after.as_deref().map(|text| {
        let detail = "a name is 32 hexadecimal digits";
        name(text).ok_or_else(|| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not the name of a card", detail))
    });
    let most = page.limit.unwrap_or(MOST).clamp(1, MOST);
    let cards = api.directory.store().cards(after.transpose()?, most).await?;
    Ok(Json(CardList { cards: cards.iter().map(view).collect(), road: api.operations.card_road() }))
}

/// Shows one card.
#[utoipa::path(get, path = "/v1/usim/card", tag = "usim", params(
    ("Subscriber" = String, Header, description = "imsi:DIGITS, iccid:DIGITS or msisdn:DIGITS, the number that a packet went to last"),
), responses(
    (status = 200, description = "The card", body = CardView),
    (status = 404, description = "No such card", body = Problem),
))]
pub(super) async fn show(State(api): State<Api>, Named(name): Named) -> Result<Json<CardView>, Problem> {
    api.directory.store().card_counters(&name).await?.map(|counters| Json(view(&counters))).ok_or_else(no_card)
}

/// Forgets a card, its keys and its counters. Requests that it watches can no longer be heard of.
#[utoipa::path(delete, path = "/v1/usim/card", tag = "usim", params(
    ("Subscriber" = String, Header, description = "imsi:DIGITS, iccid:DIGITS or msisdn:DIGITS, the number that a packet went to last"),
), responses(
    (status = 204, description = "Forgotten"),
    (status = 404, description = "No such card", body = Problem),
))]
pub(super) async fn remove(State(api): State<Api>, Named(name): Named) -> Result<StatusCode, Problem> {
    if api.directory.store().remove_card(&name).await? {
        tracing::info!("a card removed");
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(no_card())
    }
}

fn no_card() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no such card", "import it first, or name it by its IMSI")
}

fn view(counters: &CardCounters) -> CardView {
    CardView {
        card: to_hex(&counters.card),
        key_set: counters.key_set,
        tar: counters.tar.map(|tar| to_hex(&tar.0)),
        sent: counters.sent.value(),
        taken: counters.taken.value(),
        has_number: counters.has_number,
    }
}
