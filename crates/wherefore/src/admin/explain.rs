//! `/v1/explain`: a dry run of the privacy check, which prints each rule looked at, its clause, and which decided.

use super::Api;
use super::extract::{Body, parse_identities};
use super::problem::Problem;
use crate::clients::{Client, RequestType};
use crate::clock;
use crate::forms::{Number, Setting};
use crate::profile::RequestorBody;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lcs::gad::ShapeSet;
use lcs::{Failure, Identities, LocationRequest, LocationType, Qos, Requestor, Target};
use privacy::{Explanation, OverrideClient, RuleId, RuleResult};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// The request to be judged. Nothing is asked of the network, and nothing is disclosed or recorded.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExplainBody {
    /// Account of the client.
    pub client: String,
    /// The subscriber: `msisdn:DIGITS`, `imsi:DIGITS` or both with a comma between.
    pub target: String,
    /// Service identity, as the client would send it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_id: Option<String>,
    /// Codeword.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codeword: Option<String>,
    /// Requestor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requestor: Option<RequestorBody>,
    /// The number that the subscriber dialled to reach the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialled: Option<Number>,
    /// Or the APN of the session with the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apn: Option<String>,
    /// Time of the request, RFC 3339. Absent: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<jiff::Timestamp>,
}

/// One rule looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepView {
    /// The rule's word.
    pub rule: String,
    /// The clause that it carries out.
    pub clause: String,
    /// `not_applicable`, `passed`, `failed`, `setting` or `later`.
    pub result: String,
    /// The setting given, or the reason of the failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What the check comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExplainView {
    /// Whether the network would be asked.
    pub allowed: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The rule that decided.
    pub decided_by: String,
    /// Its clause.
    pub clause: String,
    /// Indicator for requests that are not related to a call or session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unrelated: Option<Setting>,
    /// Indicator for requests that are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub related: Option<Setting>,
    /// What else happens before a position is given.
    #[serde(default)]
    pub remarks: Vec<String>,
    /// The rules looked at, in order.
    pub steps: Vec<StepView>,
}

/// Explains what the privacy check would decide.
#[utoipa::path(post, path = "/v1/explain", tag = "privacy", request_body = ExplainBody, responses(
    (status = 200, description = "What the check comes to", body = ExplainView),
    (status = 404, description = "No such client", body = Problem),
    (status = 422, description = "Request not sound", body = Problem),
))]
pub(super) async fn explain(
    State(api): State<Api>,
    Body(body): Body<ExplainBody>,
) -> Result<Json<ExplainView>, Problem> {
    let client = api.directory.registry().client(&body.client).ok_or_else(Problem::no_client)?;
    let unsound = |detail: &str| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "request not sound", detail);
    let who = parse_identities(&body.target)
        .ok_or_else(|| unsound("target: write msisdn:DIGITS or imsi:DIGITS, or both with a comma between"))?;
    let gmlc = api.operations.gmlc().ok_or_else(|| unsound("gateway.gmlc_number is not configured"))?;
    let mut request = match request(&client, &body, &who) {
        Ok(request) => request,
        Err(Early::Unsound(detail)) => return Err(unsound(detail)),
        Err(Early::Client(failure)) => return Ok(Json(refused_by_record(failure))),
    };
    if let Err(reason) = client.keep_to_list(&mut request) {
        return Ok(Json(refused_by_record(Failure::Refused(reason))));
    }
    let client_type = client.client_type();
    let may_override = OverrideClient::from_record(client_type, client.record().override_capability).is_some();
    if may_override && api.operations.overrides(client_type) {
        return Ok(Json(overridden()));
    }
    let at = body.at.map(clock::timestamp);
    let explanation = api.operations.ppr().explain(&request, &who, at.unwrap_or_else(clock::now), &gmlc);
    tracing::info!(client = body.client, "privacy check explained");
    Ok(Json(view(&explanation)))
}

/// Why the request never comes to the privacy check.
enum Early {
    /// The body is wrong.
    Unsound(&'static str),
    /// The client's record refuses it.
    Client(Failure),
}

fn request(client: &Client, body: &ExplainBody, who: &Identities) -> Result<LocationRequest, Early> {
    if !client.record().enabled {
        return Err(Early::Client(Failure::UnauthorisedApplication));
    }
    let (service_type, _) = client.service(body.service_id.as_deref()).map_err(Early::Client)?;
    let session = match (body.dialled, body.apn.as_deref()) {
        (Some(_), Some(_)) => return Err(Early::Unsound("give either dialled or apn")),
        (Some(number), None) => Some(lcs::CallSession::Dialled(number.0)),
        (None, Some(apn)) => {
            let apn = lcs::ApnNi::new(apn).map_err(|_| Early::Unsound("apn: not an APN network identifier"))?;
            Some(lcs::CallSession::Apn(apn))
        }
        (None, None) => None,
    };
    let kind = if session.is_some() { RequestType::CallSession } else { RequestType::NonCall };
    if !client.may(kind) || session.as_ref().is_some_and(|session| !client.owns_session(session)) {
        return Err(Early::Client(Failure::UnauthorisedApplication));
    }
    let codeword = body.codeword.clone().map(lcs::Codeword::new);
    let codeword = codeword.map(|word| word.ok_or(Early::Unsound("codeword: 1-255 bytes"))).transpose()?;
    let requestor = body.requestor.as_ref();
    let requestor = requestor.map(|r| Requestor { text: r.text.clone(), format: r.format.into() });
    let target = who.imsi.map(Target::Imsi).or(who.msisdn.map(Target::Msisdn));
    Ok(LocationRequest {
        account: Arc::clone(client.account()),
        client: client.identity(requestor, session),
        target: target.ok_or(Early::Unsound("target: neither IMSI nor MSISDN"))?,
        service_type,
        codeword,
        location_type: LocationType::Current,
        max_age_s: None,
        qos: Qos::BEST_EFFORT,
        velocity: false,
        priority: client.record().priority.into(),
        service_coverage: client.record().service_coverage.iter().map(|code| code.value()).collect(),
        shapes: ShapeSet::ALL,
        least_privacy: client.least_privacy(None),
    })
}

fn refused_by_record(failure: Failure) -> ExplainView {
    let clause = "TS 23.271 Table 10.7".to_owned();
    let step = StepView {
        rule: "client-record".into(),
        clause: clause.clone(),
        result: "failed".into(),
        detail: Some(failure.to_string()),
    };
    ExplainView {
        allowed: false,
        reason: Some(failure.to_string()),
        decided_by: "client-record".into(),
        clause,
        unrelated: None,
        related: None,
        remarks: vec!["refused before the subscriber's settings are looked at".into()],
        steps: vec![step],
    }
}

/// A client with override: the profile is not read at all.
fn overridden() -> ExplainView {
    let rule = RuleId::Override;
    ExplainView {
        allowed: true,
        reason: None,
        decided_by: rule.word().into(),
        clause: rule.clause().into(),
        unrelated: Some(Setting::Allowed),
        related: None,
        remarks: vec!["only where the serving node is in the home country or one with an agreement".into()],
        steps: vec![StepView {
            rule: rule.word().into(),
            clause: rule.clause().into(),
            result: "later".into(),
            detail: None,
        }],
    }
}

fn view(explanation: &Explanation) -> ExplainView {
    let steps = explanation.steps.iter().map(|step| {
        let (result, detail) = match step.result {
            RuleResult::NotApplicable => ("not_applicable", None),
            RuleResult::Passed => ("passed", None),
            RuleResult::Failed(reason) => ("failed", Some(reason.to_string())),
            RuleResult::Setting(setting) => ("setting", Some(Setting::from(setting).to_string())),
            RuleResult::Later => ("later", None),
        };
        StepView { rule: step.rule.word().into(), clause: step.rule.clause().into(), result: result.into(), detail }
    });
    let decided_by = explanation.decided_by();
    let conclusion = explanation.outcome.as_ref().ok();
    let remarks = conclusion.into_iter().flat_map(|conclusion| {
        [
            (conclusion.forwards_codeword, "the codeword goes to the serving node, for the user to check"),
            (conclusion.checks_area, "rules on where the subscriber is are judged after positioning"),
            (conclusion.notifies_after, "the user is told or asked after positioning"),
        ]
    });
    ExplainView {
        allowed: conclusion.is_some(),
        reason: explanation.outcome.as_ref().err().map(|refusal| refusal.reason.to_string()),
        decided_by: decided_by.word().into(),
        clause: decided_by.clause().into(),
        unrelated: conclusion.map(|conclusion| conclusion.unrelated.into()),
        related: conclusion.and_then(|conclusion| conclusion.related).map(Into::into),
        remarks: remarks.filter(|(holds, _)| *holds).map(|(_, text)| text.to_owned()).collect(),
        steps: steps.collect(),
    }
}
