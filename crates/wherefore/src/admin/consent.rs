//! `/v1/consent`: the consent register of MDT (`docs/consent.md`).

use super::Api;
use super::extract::{Body, Person, parse_person};
use super::problem::Problem;
use crate::clock;
use crate::consent::{
    AccessView, AmDataView, ConsentError, Consents, DecisionBody, EraseBody, ErasedView, ExclusionBody, ImportBody,
    ImportView, InformedBody, LiftBody, LinkBody, NoticeBody, NoticeList, PauseUntilBody, PersonView, SignedReceipt,
    SourceBody, SubscriptionDataView, plmn, source,
};
use crate::mdt::SubscriberError;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use lcs::Identities;
use privacy::consent::{Change, ChangeError, Source};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Most rows of one import.
const MOST_ROWS: usize = 1000;

/// What an unlinked identity leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnlinkedView {
    /// Identities that the person has now.
    pub left: usize,
}

type Answer = Result<Json<PersonView>, Problem>;

impl From<ConsentError> for Problem {
    fn from(error: ConsentError) -> Self {
        let detail = error.to_string();
        match error {
            ConsentError::Change(ChangeError::Nobody) => {
                Self::new(StatusCode::NOT_FOUND, "nobody of that identity", detail)
            }
            ConsentError::Change(ChangeError::NoIdentity | ChangeError::Decision) | ConsentError::Body(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "body not understood", detail)
            }
            ConsentError::Notice(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "notice not taken", detail),
            ConsentError::Change(ChangeError::Unavailable) | ConsentError::Log(_) | ConsentError::Receipt(_) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "not recorded", detail)
            }
            ConsentError::Change(_) => Self::new(StatusCode::CONFLICT, "change not made", detail),
            ConsentError::Store(error) => error.into(),
        }
    }
}

fn consents(api: &Api) -> Result<Arc<Consents>, Problem> {
    let detail = "this process has no consent register";
    api.operations.consents().ok_or_else(|| Problem::new(StatusCode::CONFLICT, "no consent register", detail))
}

async fn change(
    api: &Api,
    who: &Identities,
    by: Source,
    what: &'static str,
    make: impl FnOnce(lcs::Timestamp) -> Result<Change, ConsentError>,
) -> Answer {
    let consents = consents(api)?;
    consents.change(who, by, make).await?;
    tracing::info!(source = by.word(), "consent: {what}");
    Ok(Json(PersonView::of(&consents.picture(who)?)))
}

/// Publishes the next version of a notice. What is published is never changed.
#[utoipa::path(post, path = "/v1/consent/notices", tag = "consent", request_body = NoticeBody, responses(
    (status = 200, description = "Published", body = NoticeBody),
    (status = 422, description = "Not sound, or not the next version", body = Problem),
))]
pub(super) async fn publish(State(api): State<Api>, Body(body): Body<NoticeBody>) -> Result<Json<NoticeBody>, Problem> {
    let notice = body.notice(clock::now())?;
    let view = NoticeBody::of(&notice);
    consents(&api)?.publish(notice).await?;
    Ok(Json(view))
}

/// Lists all versions of all notices.
#[utoipa::path(get, path = "/v1/consent/notices", tag = "consent", responses(
    (status = 200, description = "All notices", body = NoticeList),
))]
pub(super) async fn notices(State(api): State<Api>) -> Result<Json<NoticeList>, Problem> {
    let notices = consents(&api)?.notices();
    Ok(Json(NoticeList { notices: notices.iter().map(|notice| NoticeBody::of(notice)).collect() }))
}

/// Shows what is kept about a person.
#[utoipa::path(get, path = "/v1/consent", tag = "consent", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS, imei:DIGITS"),
), responses(
    (status = 200, description = "What is kept", body = PersonView),
    (status = 404, description = "Nobody", body = Problem),
))]
pub(super) async fn show(State(api): State<Api>, Person(who): Person) -> Answer {
    Ok(Json(PersonView::of(&consents(&api)?.picture(&who)?)))
}

/// Notes that a notice was delivered. Who was not known is from then on.
#[utoipa::path(post, path = "/v1/consent/informed", tag = "consent", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS, imei:DIGITS, or several with commas between"),
), request_body = InformedBody, responses(
    (status = 200, description = "Noted", body = PersonView),
    (status = 409, description = "No such notice or language, or several persons", body = Problem),
))]
pub(super) async fn informed(State(api): State<Api>, Person(who): Person, Body(body): Body<InformedBody>) -> Answer {
    let by = source(&body.source)?;
    change(&api, &who, by, "informed", |now| body.change(now)).await
}

/// Notes a yes or no to one purpose.
#[utoipa::path(post, path = "/v1/consent/decision", tag = "consent", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS, imei:DIGITS"),
), request_body = DecisionBody, responses(
    (status = 200, description = "Noted", body = PersonView),
    (status = 404, description = "Nobody", body = Problem),
    (status = 409, description = "Not informed, opted out, or an import over the person's word", body = Problem),
))]
pub(super) async fn decision(State(api): State<Api>, Person(who): Person, Body(body): Body<DecisionBody>) -> Answer {
    let by = source(&body.source)?;
    change(&api, &who, by, "decided", |now| body.change(now)).await
}

/// Pauses: no measurements for a while, consents stay.
#[utoipa::path(post, path = "/v1/consent/pause", tag = "consent", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS, imei:DIGITS"),
), request_body = PauseUntilBody, responses(
    (status = 200, description = "Paused", body = PersonView),
    (status = 404, description = "Nobody", body = Problem),
))]
pub(super) async fn pause(State(api): State<Api>, Person(who): Person, Body(body): Body<PauseUntilBody>) -> Answer {
    let by = source(&body.source)?;
    change(&api, &who, by, "paused", |_| body.change()).await
}

/// Ends a pause.
#[utoipa::path(post, path = "/v1/consent/resume", tag = "consent", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS, imei:DIGITS"),
), request_body = SourceBody, responses(
    (status = 200, description = "Not paused", body = PersonView),
    (status = 404, description = "Nobody", body = Problem),
))]
pub(super) async fn resume(State(api): State<Api>, Person(who): Person, Body(body): Body<SourceBody>) -> Answer {
    change(&api, &who, source(&body.source)?, "resumed", |_| Ok(Change::Resumed)).await
}

/// Opts a person out for good, known before or not.
#[utoipa::path(post, path = "/v1/consent/opt-out", tag = "consent", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS, imei:DIGITS, or several with commas between"),
), request_body = SourceBody, responses((status = 200, description = "Opted out", body = PersonView)))]
pub(super) async fn opt_out(State(api): State<Api>, Person(who): Person, Body(body): Body<SourceBody>) -> Answer {
    change(&api, &who, source(&body.source)?, "opted out", |_| Ok(Change::OptedOut)).await
}

/// Takes back an opt-out, on the person's own demand. Brings no consent back.
#[utoipa::path(post, path = "/v1/consent/lift", tag = "consent", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS, imei:DIGITS"),
), request_body = LiftBody, responses(
    (status = 200, description = "Not opted out", body = PersonView),
    (status = 404, description = "Nobody", body = Problem),
    (status = 422, description = "Not confirmed", body = Problem),
))]
pub(super) async fn lift(State(api): State<Api>, Person(who): Person, Body(body): Body<LiftBody>) -> Answer {
    change(&api, &who, Source::Person, "opt-out lifted", |_| body.change()).await
}

/// Excludes a person, or ends that.
#[utoipa::path(post, path = "/v1/consent/exclusion", tag = "consent", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS, imei:DIGITS, or several with commas between"),
), request_body = ExclusionBody, responses(
    (status = 200, description = "Noted", body = PersonView),
    (status = 409, description = "Not by this source", body = Problem),
))]
pub(super) async fn exclusion(State(api): State<Api>, Person(who): Person, Body(body): Body<ExclusionBody>) -> Answer {
    change(&api, &who, source(&body.source)?, "exclusion", |_| Ok(Change::Excluded(body.excluded))).await
}

/// Notes that a person has another SIM or number from now on. An opt-out stays bound to the old ones too.
#[utoipa::path(post, path = "/v1/consent/link", tag = "consent", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS or imei:DIGITS, as known"),
), request_body = LinkBody, responses(
    (status = 200, description = "Linked", body = PersonView),
    (status = 404, description = "Nobody", body = Problem),
))]
pub(super) async fn link(State(api): State<Api>, Person(who): Person, Body(body): Body<LinkBody>) -> Answer {
    let new = named(&body.subscriber)?;
    let consents = consents(&api)?;
    consents.link(&who, &new, source(&body.source)?).await?;
    tracing::info!("consent: linked");
    Ok(Json(PersonView::of(&consents.picture(&new)?)))
}

fn named(text: &str) -> Result<Identities, ConsentError> {
    const FORM: &str = "subscriber is msisdn:DIGITS, imsi:DIGITS, imei:DIGITS, or several with commas between";
    parse_person(text).ok_or(ConsentError::Body(FORM))
}

/// Notes that a SIM, number or phone is a person's no longer. An opt-out stays bound to it.
#[utoipa::path(post, path = "/v1/consent/unlink", tag = "consent", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS or imei:DIGITS: one that the person has"),
), request_body = LinkBody, responses(
    (status = 200, description = "Unlinked; how many identities are left", body = UnlinkedView),
    (status = 404, description = "Nobody", body = Problem),
    (status = 409, description = "Not theirs now, or their last", body = Problem),
))]
pub(super) async fn unlink(
    State(api): State<Api>,
    Person(who): Person,
    Body(body): Body<LinkBody>,
) -> Result<Json<UnlinkedView>, Problem> {
    let left = consents(&api)?.unlink(&who, &named(&body.subscriber)?, source(&body.source)?).await?;
    tracing::info!("consent: unlinked");
    Ok(Json(UnlinkedView { left }))
}

/// Takes decisions of another system, up to 1000. One that is refused stops no other; none gives what anybody refused, and none lifts
/// an opt-out. Importing the same again is harmless.
#[utoipa::path(post, path = "/v1/consent/import", tag = "consent", request_body = ImportBody, responses(
    (status = 200, description = "How many were taken, and why others were not", body = ImportView),
    (status = 422, description = "More than 1000", body = Problem),
    (status = 503, description = "Not recorded: repeat it", body = Problem),
))]
pub(super) async fn import(State(api): State<Api>, Body(body): Body<ImportBody>) -> Result<Json<ImportView>, Problem> {
    if body.rows.len() > MOST_ROWS {
        return Err(ConsentError::Body("at most 1000 rows are taken at once").into());
    }
    let rows = body.rows.into_iter().map(|row| (named(&row.subscriber), row.decision)).collect();
    let view = consents(&api)?.import(rows).await?;
    tracing::info!(written = view.written, refused = view.refused.len(), "consent: imported");
    Ok(Json(view))
}

/// Forgets a person: measurements of jobs of theirs, then the record of consent, with proofs, history and identities. What restricts stays: an
/// opt-out for ever, and an exclusion. The person's entries of the disclosure log become unreadable; that somebody was forgotten is one.
#[utoipa::path(post, path = "/v1/consent/erase", tag = "consent", request_body = EraseBody, params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS, imei:DIGITS"),
), responses(
    (status = 200, description = "Gone; and what stays. Twice is no error", body = ErasedView),
    (status = 409, description = "Several persons, or a record that cannot be read", body = Problem),
    (status = 422, description = "Not confirmed", body = Problem),
    (status = 503, description = "Not recorded, or not wholly erased: repeat it", body = Problem),
))]
pub(super) async fn erase(
    State(api): State<Api>,
    Person(who): Person,
    Body(body): Body<EraseBody>,
) -> Result<Json<ErasedView>, Problem> {
    if !body.demanded_by_person {
        let what = "a person is forgotten on their own demand; confirm it with demanded_by_person: true";
        return Err(ConsentError::Body(what).into());
    }
    let consents = consents(&api)?;
    // Rows first: it is the record that tells whose they are.
    let rows = match api.operations.collector() {
        Some(collector) => match collector.erase_subscriber(&who).await {
            Ok(erased) => Some(erased.rows),
            Err(SubscriberError::Consent(ConsentError::Change(ChangeError::Nobody))) => Some(0),
            Err(SubscriberError::Consent(error)) => return Err(error.into()),
            Err(SubscriberError::Erase(error)) => return Err(error.into()),
        },
        None => None,
    };
    let view = ErasedView { rows, ..consents.erase(&who).await? };
    tracing::info!(known = view.known, opt_out_stays = view.opt_out_stays, "consent: erased");
    Ok(Json(view))
}

/// All that is kept about a person, for the person.
#[utoipa::path(get, path = "/v1/consent/export", tag = "consent", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS, imei:DIGITS"),
), responses(
    (status = 200, description = "All of it", body = AccessView),
    (status = 404, description = "Nobody", body = Problem),
))]
pub(super) async fn export(State(api): State<Api>, Person(who): Person) -> Result<Json<AccessView>, Problem> {
    Ok(Json(AccessView::of(&consents(&api)?.picture(&who)?, clock::now())))
}

/// A signed receipt of what is kept, for the person to keep.
#[utoipa::path(get, path = "/v1/consent/receipt", tag = "consent", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS, imei:DIGITS"),
), responses(
    (status = 200, description = "The receipt", body = SignedReceipt),
    (status = 404, description = "Nobody", body = Problem),
))]
pub(super) async fn receipt(State(api): State<Api>, Person(who): Person) -> Result<Json<SignedReceipt>, Problem> {
    Ok(Json(consents(&api)?.receipt(&who)?))
}

/// What a UDM of a network says about a person: whether logged MDT that keeps no identity is allowed there now.
#[utoipa::path(get, path = "/v1/consent/am-data/{plmn}", tag = "consent", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS, imei:DIGITS"),
    ("plmn" = String, Path, description = "The network, as 262-01"),
), responses((status = 200, description = "The word; not given also for who is not known", body = AmDataView)))]
pub(super) async fn am_data(
    State(api): State<Api>,
    Path(network): Path<String>,
    Person(who): Person,
) -> Result<Json<AmDataView>, Problem> {
    let given = consents(&api)?.network_word(&who, plmn(&network)?);
    let word = if given { "CONSENT_GIVEN" } else { "CONSENT_NOT_GIVEN" };
    Ok(Json(AmDataView { mdt_user_consent: word.to_owned() }))
}

/// What an HSS of a network tells serving nodes about a person, over S6a; the same word.
#[utoipa::path(get, path = "/v1/consent/subscription-data/{plmn}", tag = "consent", params(
    ("Subscriber" = String, Header, description = "msisdn:DIGITS, imsi:DIGITS, imei:DIGITS"),
    ("plmn" = String, Path, description = "The network, as 262-01"),
), responses((status = 200, description = "The AVP; not given also for who is not known", body = SubscriptionDataView)))]
pub(super) async fn subscription_data(
    State(api): State<Api>,
    Path(network): Path<String>,
    Person(who): Person,
) -> Result<Json<SubscriptionDataView>, Problem> {
    let given = consents(&api)?.network_word(&who, plmn(&network)?);
    Ok(Json(SubscriptionDataView::of(given)?))
}
