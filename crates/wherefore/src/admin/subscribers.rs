//! `/v1/subscriber`: one subscriber's privacy profile. The subscriber is named in a header, never in the URL.

use super::Api;
use super::extract::{Body, Expected, Subscriber, Written, etag};
use super::problem::Problem;
use crate::profile::{ProfileBody, StandingBody};
use crate::store::StoredProfile;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A profile with its version.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProfileView {
    /// The profile.
    pub profile: ProfileBody,
    /// Counts the changes; also the ETag.
    pub version: u64,
}

/// Changes to what holds whoever asks; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StandingPatch {
    /// The global location privacy switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub switched_off: Option<bool>,
    /// Offset from UTC, minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utc_offset_min: Option<i16>,
    /// Sets the opt-out. `false` is refused where it is set: use opt-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opted_out: Option<bool>,
}

/// How long to pause: one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PauseBody {
    /// From now, seconds, 1-31536000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_s: Option<u32>,
    /// Until, RFC 3339 as `2030-01-31T18:00:00Z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<jiff::Timestamp>,
}

/// A confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OptInBody {
    /// Must be true: the subscriber demands it in person.
    pub demanded_by_subscriber: bool,
}

/// How many subscribers are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubscriberCount {
    /// Subscribers with a profile in memory.
    pub subscribers: u64,
}

type Answer = Result<(HeaderMap, Json<ProfileView>), Problem>;

fn answer(stored: StoredProfile, what: &'static str) -> Answer {
    tracing::info!(version = stored.version, "subscriber: {what}");
    Ok((etag(stored.version), Json(ProfileView { profile: stored.profile, version: stored.version })))
}

/// Counts the subscribers. There is no list of them.
#[utoipa::path(get, path = "/v1/subscribers", tag = "subscribers", responses(
    (status = 200, description = "How many", body = SubscriberCount),
))]
pub(super) async fn count(State(api): State<Api>) -> Json<SubscriberCount> {
    Json(SubscriberCount { subscribers: api.directory.register().len() as u64 })
}

/// Shows a profile.
#[utoipa::path(get, path = "/v1/subscriber", tag = "subscribers", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS or imsi:DIGITS"),
), responses(
    (status = 200, description = "The profile", body = ProfileView),
    (status = 404, description = "No profile", body = Problem),
))]
pub(super) async fn show(State(api): State<Api>, Subscriber(who): Subscriber) -> Answer {
    answer(api.directory.profile(&who).await?, "profile shown")
}

/// Writes a whole profile. Without `standing`, switch, pause and time zone stay as they are.
#[utoipa::path(put, path = "/v1/subscriber", tag = "subscribers", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS or both with a comma between"),
    ("If-Match" = Option<String>, Header, description = "Version to replace"),
    ("If-None-Match" = Option<String>, Header, description = "`*`: the subscriber must be new"),
), request_body = ProfileBody, responses(
    (status = 200, description = "Written", body = ProfileView),
    (status = 409, description = "Opted out for good, or identities of two subscribers", body = Problem),
    (status = 412, description = "Changed meanwhile", body = Problem),
    (status = 422, description = "Profile not sound", body = Problem),
))]
pub(super) async fn put(
    State(api): State<Api>,
    Subscriber(who): Subscriber,
    Expected(expected): Expected,
    Written { profile, with_standing }: Written,
) -> Answer {
    let written = match with_standing {
        true => api.directory.put_profile(&who, &profile, expected).await?,
        false => api.directory.put_rules(&who, &profile, expected).await?,
    };
    answer(written, "profile written")
}

/// Changes switch, time zone or opt-out.
#[utoipa::path(patch, path = "/v1/subscriber", tag = "subscribers", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS or imsi:DIGITS"),
), request_body = StandingPatch, responses(
    (status = 200, description = "Changed", body = ProfileView),
    (status = 404, description = "No profile", body = Problem),
    (status = 409, description = "Opted out for good", body = Problem),
))]
pub(super) async fn patch(
    State(api): State<Api>,
    Subscriber(who): Subscriber,
    Body(patch): Body<StandingPatch>,
) -> Answer {
    let change = move |standing: &mut StandingBody| {
        standing.switched_off = patch.switched_off.unwrap_or(standing.switched_off);
        standing.utc_offset_min = patch.utc_offset_min.unwrap_or(standing.utc_offset_min);
        standing.opted_out = patch.opted_out.unwrap_or(standing.opted_out);
    };
    answer(api.directory.change_standing(&who, change).await?, "standing changed")
}

/// Pauses location: nobody may locate until the time given.
#[utoipa::path(post, path = "/v1/subscriber/pause", tag = "subscribers", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS or imsi:DIGITS"),
), request_body = PauseBody, responses(
    (status = 200, description = "Paused", body = ProfileView),
    (status = 404, description = "No profile", body = Problem),
    (status = 422, description = "Neither for_s nor until, or both", body = Problem),
))]
pub(super) async fn pause(State(api): State<Api>, Subscriber(who): Subscriber, Body(body): Body<PauseBody>) -> Answer {
    let until = match (body.for_s, body.until) {
        (Some(for_s @ 1..=31_536_000), None) => {
            jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_secs(for_s.into())).ok()
        }
        (None, until) => until,
        (Some(_), _) => None,
    };
    let until = until.ok_or_else(|| {
        let detail = "give either for_s, 1-31536000 seconds, or until";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "no end of the pause", detail)
    })?;
    let change = move |standing: &mut StandingBody| standing.paused_until = Some(until);
    answer(api.directory.change_standing(&who, change).await?, "paused")
}

/// Ends a pause.
#[utoipa::path(post, path = "/v1/subscriber/resume", tag = "subscribers", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS or imsi:DIGITS"),
), responses(
    (status = 200, description = "Not paused", body = ProfileView),
    (status = 404, description = "No profile", body = Problem),
))]
pub(super) async fn resume(State(api): State<Api>, Subscriber(who): Subscriber) -> Answer {
    let change = |standing: &mut StandingBody| standing.paused_until = None;
    answer(api.directory.change_standing(&who, change).await?, "resumed")
}

/// Opts a subscriber out for good, known before or not.
#[utoipa::path(post, path = "/v1/subscriber/opt-out", tag = "subscribers", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS or both with a comma between"),
), responses((status = 200, description = "Opted out", body = ProfileView)))]
pub(super) async fn opt_out(State(api): State<Api>, Subscriber(who): Subscriber) -> Answer {
    answer(api.directory.opt_out(&who).await?, "opted out")
}

/// Takes back an opt-out, on the subscriber's own demand.
#[utoipa::path(post, path = "/v1/subscriber/opt-in", tag = "subscribers", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS or imsi:DIGITS"),
), request_body = OptInBody, responses(
    (status = 200, description = "Not opted out", body = ProfileView),
    (status = 404, description = "No profile", body = Problem),
    (status = 409, description = "Not confirmed", body = Problem),
))]
pub(super) async fn opt_in(State(api): State<Api>, Subscriber(who): Subscriber, Body(body): Body<OptInBody>) -> Answer {
    if !body.demanded_by_subscriber {
        let detail =
            "an opt-out holds until the subscriber demands otherwise; confirm it with demanded_by_subscriber: true";
        return Err(Problem::new(StatusCode::CONFLICT, "not confirmed", detail));
    }
    answer(api.directory.opt_in(&who).await?, "opt-out taken back on the subscriber's demand")
}

/// Erases a subscriber: profile, identities, and the salt without which the disclosure log's entries cannot be read.
#[utoipa::path(delete, path = "/v1/subscriber", tag = "subscribers", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS or imsi:DIGITS"),
), responses((status = 204, description = "Erased, now or before")))]
pub(super) async fn erase(State(api): State<Api>, Subscriber(who): Subscriber) -> Result<StatusCode, Problem> {
    let known = api.directory.erase(&who).await?;
    tracing::info!(known, "subscriber erased");
    Ok(StatusCode::NO_CONTENT)
}
