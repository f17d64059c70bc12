//! Performing the steps.

use super::{
    admin::{Admin, AdminError, http_client, to_json},
    listener::PushListener,
    table::{Row, TourReport},
};
use crate::scenario::{Scenario, Seen, Step, StepMode, StepService, StepTarget, SubscriberSpec};
use lcs::{ApnNi, CallSession};
use mlp::{
    ImmediateService, MsidType, ResultId,
    client::{ClientTarget, ReportedPosition, Request, SvcResult, parse_svc_result},
};
use serde::Deserialize;
use serde_json::json;
use std::{collections::HashMap, net::SocketAddr, time::Duration};

/// How long a pushed report is waited for.
const PUSH_TIMEOUT: Duration = Duration::from_secs(15);
/// A secret that no gateway makes.
const WRONG_SECRET: &str = "not-the-secret-of-anybody";

/// Why a tour could not be made. A step that ends otherwise than expected is no error, but a row that says so.
#[derive(Debug, thiserror::Error)]
pub enum TourError {
    /// The admin API.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// The listener for pushes.
    #[error("cannot listen for pushed reports: {0}")]
    Listener(#[from] std::io::Error),
    /// The control API of the simulated network.
    #[error("control API of the network: {0}; is `wherefore-testbed network` running with this scenario?")]
    Control(reqwest::Error),
}

/// Where everything is.
#[derive(Debug, Clone)]
pub struct TourPlaces {
    /// MLP of the gateway, for instance `http://127.0.0.1:9210/`.
    pub mlp: String,
    /// Its admin API, for instance `http://127.0.0.1:9280`.
    pub admin: String,
    /// Bearer token of the admin API.
    pub token: String,
    /// Control API of the simulated network.
    pub control: SocketAddr,
}

/// A tour through the steps of a scenario.
pub struct Tour<'s> {
    scenario: &'s Scenario,
    places: TourPlaces,
    admin: Admin,
    http: reqwest::Client,
    listener: PushListener,
    secrets: HashMap<String, String>,
}

/// What came back for one target.
struct Got {
    result: u16,
    radius_m: Option<u32>,
}

#[derive(Deserialize)]
struct SeenAnswer {
    seen: Vec<SeenSight>,
}

#[derive(Deserialize)]
struct SeenSight {
    shown: String,
    after_positioning: bool,
    #[serde(default)]
    codeword: Option<String>,
}

impl SeenSight {
    fn kind(&self) -> Seen {
        match (self.shown.as_str(), self.after_positioning) {
            ("notification", false) => Seen::Notified,
            ("notification", true) => Seen::NotifiedAfter,
            (_, false) => Seen::Asked,
            (_, true) => Seen::AskedAfter,
        }
    }
}

impl<'s> Tour<'s> {
    /// Prepares a tour; nothing is asked yet.
    pub async fn new(scenario: &'s Scenario, places: TourPlaces) -> Result<Self, TourError> {
        let admin = Admin::new(&places.admin, &places.token)?;
        let (http, listener) = (http_client()?, PushListener::start().await?);
        Ok(Self { scenario, places, admin, http, listener, secrets: HashMap::new() })
    }

    /// Whether the gateway's admin API answers.
    pub async fn reachable(&self) -> bool {
        self.admin.reachable().await
    }

    /// Registers the scenario's clients and writes its subscribers' profiles.
    pub async fn provision(&mut self) -> Result<(), TourError> {
        for client in &self.scenario.clients {
            let mut record = to_json(&client.id, &client.record)?;
            if let Some(members) = record.as_object_mut() {
                members.entry("push_urls").or_insert_with(|| json!([self.listener.prefix()]));
            }
            let secret = self.admin.provision_client(&client.id, record).await?;
            self.secrets.insert(client.id.clone(), secret);
        }
        for subscriber in &self.scenario.subscribers {
            if let Some(profile) = &subscriber.profile {
                let profile = to_json(&subscriber.label, profile)?;
                self.admin.provision_subscriber(&subscriber.label, &identity(subscriber), &profile).await?;
            }
        }
        Ok(())
    }

    /// Performs every step; `told` gets each line as it is there.
    pub async fn run(&mut self, mut told: impl FnMut(&Row)) -> Result<TourReport, TourError> {
        let mut report = TourReport::default();
        for step in &self.scenario.steps {
            for row in self.step(step).await? {
                told(&row);
                report.rows.push(row);
            }
        }
        Ok(report)
    }

    async fn step(&mut self, step: &Step) -> Result<Vec<Row>, TourError> {
        for target in &step.targets {
            self.wipe(&target.subscriber).await?;
        }
        let answer = self.ask(step).await;
        let mut rows = Vec::new();
        for (at, target) in step.targets.iter().enumerate() {
            let got = answer.as_ref().map_err(Clone::clone).and_then(|answer| found(answer, at));
            let seen = self.seen(&target.subscriber).await?;
            rows.push(row(step, target, got, &seen));
        }
        Ok(rows)
    }

    /// Sends a step's request and waits for its answer, or for the report that follows.
    async fn ask(&mut self, step: &Step) -> Result<SvcResult, String> {
        let request = self.request(step)?;
        let post = self.http.post(&self.places.mlp).header("Content-Type", mlp::CONTENT_TYPE).body(request.to_xml());
        let answer = post.send().await.map_err(|error| format!("no answer: {error}"))?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| format!("answer cut off: {error}"))?;
        let answer = parse_svc_result(&body).map_err(|error| format!("HTTP {status}, {error}"))?;
        if step.mode == StepMode::Sync || answer.result.as_ref().is_some_and(|(result, _)| *result != ResultId::OK) {
            return Ok(answer);
        }
        let request_id = answer.request_id.ok_or("accepted without a req_id")?;
        loop {
            let report = self.listener.next(PUSH_TIMEOUT).await.ok_or("no report was pushed")?;
            let report = parse_svc_result(report.as_bytes()).map_err(|error| format!("report: {error}"))?;
            if report.request_id.as_ref() == Some(&request_id) {
                return Ok(report);
            }
        }
    }

    fn request(&self, step: &Step) -> Result<Request, String> {
        let secret = self.secrets.get(&step.client).filter(|_| !step.wrong_secret);
        let targets = step.targets.iter().map(|target| self.target(step, target)).collect::<Result<_, _>>()?;
        let mut request = Request::new(&step.client, secret.map_or(WRONG_SECRET, String::as_str), targets);
        request.service = match step.service {
            StepService::Slir => ImmediateService::Slir,
            StepService::EmeLir => ImmediateService::EmeLir,
        };
        request.service_id.clone_from(&step.service_id);
        request.active = step.session_apn.is_some();
        request.requestor = step.requestor.clone().map(|name| ("NAME".to_owned(), name));
        if step.mode == StepMode::Async {
            request.asynchronous = true;
            request.push_address = Some((self.listener.url(), None, None));
        }
        Ok(request)
    }

    fn target(&self, step: &Step, target: &StepTarget) -> Result<ClientTarget, String> {
        let subscriber = self.scenario.subscribers.iter().find(|subscriber| subscriber.label == target.subscriber);
        let subscriber = subscriber.ok_or("no such subscriber")?;
        let mut asked = match &subscriber.msisdn {
            Some(msisdn) => ClientTarget::msisdn(msisdn),
            None => ClientTarget::of(MsidType::Imsi, &subscriber.imsi),
        };
        asked.codeword.clone_from(&target.codeword);
        let apn = step.session_apn.as_deref().map(ApnNi::new).transpose().map_err(|error| error.to_string())?;
        asked.session = apn.map(CallSession::Apn);
        Ok(asked)
    }

    async fn seen(&self, label: &str) -> Result<Vec<SeenSight>, TourError> {
        let answer = self.http.get(self.screen(label)).send().await.and_then(reqwest::Response::error_for_status);
        let seen: SeenAnswer = answer.map_err(TourError::Control)?.json().await.map_err(TourError::Control)?;
        Ok(seen.seen)
    }

    async fn wipe(&self, label: &str) -> Result<(), TourError> {
        let answer = self.http.delete(self.screen(label)).send().await.and_then(reqwest::Response::error_for_status);
        answer.map(|_| ()).map_err(TourError::Control)
    }

    fn screen(&self, label: &str) -> String {
        format!("http://{}/seen/{label}", self.places.control)
    }
}

/// A subscriber as the admin API names them.
fn identity(subscriber: &SubscriberSpec) -> String {
    match &subscriber.msisdn {
        Some(msisdn) => format!("imsi:{},msisdn:{msisdn}", subscriber.imsi),
        None => format!("imsi:{}", subscriber.imsi),
    }
}

/// What an answer says of the target at this place; answers keep the order of the request.
fn found(answer: &SvcResult, at: usize) -> Result<Got, String> {
    if let Some((result, _)) = &answer.result {
        return Ok(Got { result: result.0, radius_m: None });
    }
    let position: &ReportedPosition =
        answer.positions.get(at).ok_or_else(|| format!("the answer <{}> has no position for it", answer.element))?;
    let shapeless = position.result == ResultId::OK && position.shape.is_none() && position.lte_cell.is_none();
    if shapeless {
        return Err("a position without a shape".to_owned());
    }
    Ok(Got { result: position.result.0, radius_m: position.radius_m })
}

fn row(step: &Step, target: &StepTarget, got: Result<Got, String>, seen: &[SeenSight]) -> Row {
    let saw = seen.last().map_or(Seen::Nothing, SeenSight::kind);
    let wanted = step.result.unwrap_or(target.expect);
    let mut expected = format!("{}; user {}", result_text(wanted), seen_text(target.sees));
    if let Some(radius_m) = target.radius_at_least_m {
        expected.push_str(&format!("; radius at least {radius_m:.0} m"));
    }
    let (result_ok, mut told) = match &got {
        Ok(got) => {
            let radius = got.radius_m.map(f64::from);
            let wide = target.radius_at_least_m.is_none_or(|least| radius.is_some_and(|radius| radius >= least));
            let mut told = format!("{}; user {}", result_text(got.result), seen_text(saw));
            if let (Some(_), Some(radius)) = (target.radius_at_least_m, radius) {
                told.push_str(&format!("; radius {radius:.0} m"));
            }
            (got.result == wanted && wide, told)
        }
        Err(error) => (false, format!("{error}; user {}", seen_text(saw))),
    };
    let codeword_ok = !target.sees_codeword
        || seen.last().is_some_and(|sight| sight.codeword.as_deref() == target.codeword.as_deref());
    if target.sees_codeword {
        expected.push_str(" with the codeword");
        told.push_str(if codeword_ok { " with the codeword" } else { " without the codeword" });
    }
    let ok = result_ok && codeword_ok && saw == target.sees && seen.len() <= 1;
    if seen.len() > 1 {
        told.push_str(&format!(" and {} times", seen.len()));
    }
    Row { step: step.name.clone(), asked: asked_text(step, target), expected, got: told, ok }
}

fn asked_text(step: &Step, target: &StepTarget) -> String {
    let mut text = format!("{} for {}", step.client, target.subscriber);
    let mut add = |more: &str| text.push_str(more);
    if step.service == StepService::EmeLir {
        add(", emergency");
    }
    if step.mode == StepMode::Async {
        add(", asynchronous");
    }
    if step.wrong_secret {
        add(", wrong secret");
    }
    if let Some(apn) = &step.session_apn {
        add(&format!(", session {apn}"));
    }
    if let Some(service) = &step.service_id {
        add(&format!(", service {service}"));
    }
    if step.requestor.is_some() {
        add(", requestor named");
    }
    if target.codeword.is_some() {
        add(", codeword given");
    }
    text
}

fn result_text(result: u16) -> String {
    match result {
        0 => "position".to_owned(),
        result => format!("{result} {}", ResultId(result).slogan().to_lowercase()),
    }
}

fn seen_text(seen: Seen) -> &'static str {
    match seen {
        Seen::Nothing => "saw nothing",
        Seen::Notified => "notified",
        Seen::Asked => "asked",
        Seen::NotifiedAfter => "notified afterwards",
        Seen::AskedAfter => "asked afterwards",
    }
}
