//! Performing the steps.

use super::{
    admin::{Admin, AdminError, http_client, to_json},
    listener::PushListener,
    table::{Row, TourReport},
};
use crate::scenario::{Scenario, Seen, Step, StepMode, StepService, StepTarget, SubscriberSpec};
use lcs::{Address, ApnNi, CallSession};
use mlp::{
    ImmediateService, MsidType, ResultId,
    client::{ClientTarget, ReportedPosition, Request, SvcResult, parse_svc_result},
};
use serde::Deserialize;
use serde_json::{Value, json};
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
    #[serde(default)]
    shown_name: Option<String>,
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
    /// Prepares a tour; nothing is asked yet. Reports are to be pushed to `listener`.
    pub fn new(scenario: &'s Scenario, places: TourPlaces, listener: PushListener) -> Result<Self, TourError> {
        let admin = Admin::new(&places.admin, &places.token)?;
        Ok(Self { scenario, places, admin, http: http_client()?, listener, secrets: HashMap::new() })
    }

    /// Registers the scenario's clients and writes its subscribers' profiles.
    pub async fn provision(&mut self) -> Result<(), TourError> {
        for client in &self.scenario.clients {
            let mut record = to_json(&client.id, &client.record)?;
            let sent_to = |step: &Step| step.client == client.id && step.service == StepService::SelfLocation;
            if let Some(members) = record.as_object_mut() {
                members.entry("push_urls").or_insert_with(|| json!([self.listener.prefix()]));
                if self.scenario.steps.iter().any(sent_to) {
                    members.entry("own_location_url").or_insert_with(|| json!(self.listener.url()));
                }
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
        self.provision_home_register().await
    }

    /// Writes into the home register what the gateway says that it must hold, for subscribers of MSCs and SGSNs for whom the scenario
    /// says nothing: what an operator does before old nodes can be asked.
    async fn provision_home_register(&self) -> Result<(), TourError> {
        let numbers = self.scenario.ss7.as_ref().is_some_and(|ss7| !ss7.pseudo_external.is_empty());
        for subscriber in self.scenario.subscribers.iter().filter(|_| numbers) {
            let legacy = subscriber.msc.is_some() || subscriber.sgsn.is_some();
            if !legacy || subscriber.lcs_information.is_some() {
                continue;
            }
            let hex = self.admin.home_register_data(&subscriber.label, &identity(subscriber)).await?;
            let url = format!("http://{}/hlr/lcs-information/{}", self.places.control, subscriber.label);
            let put = self.http.put(url).json(&json!({ "hex": hex })).send().await;
            put.and_then(reqwest::Response::error_for_status).map_err(TourError::Control)?;
        }
        Ok(())
    }

    /// The secret that the gateway made for a client.
    #[must_use]
    pub fn secret(&self, client: &str) -> Option<&str> {
        self.secrets.get(client).map(String::as_str)
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
            let result = answer.as_ref().map_err(Clone::clone).and_then(|answer| found(answer, at));
            let seen = self.seen(&target.subscriber).await?;
            let rule = self.deciding_rule(step, target).await?;
            rows.push(row(step, target, &Observed { result, seen, rule }));
        }
        Ok(rows)
    }

    /// Sends a step's request and waits for its answer, or for the report that follows.
    async fn ask(&mut self, step: &Step) -> Result<SvcResult, String> {
        match step.service {
            StepService::EmergencyCall => return self.call_for_help(step).await,
            StepService::SelfLocation => return self.send_position(step).await,
            StepService::Slir | StepService::EmeLir => {}
        }
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
        self.report(|report| report.request_id.as_ref() == Some(&request_id)).await
    }

    /// Has the first target call for help, and waits for the emergency report (OMA MLP section 5.2.3.5).
    async fn call_for_help(&mut self, step: &Step) -> Result<SvcResult, String> {
        let subscriber = step.targets.first().map(|target| &target.subscriber);
        let url = format!("http://{}/emergency-call", self.places.control);
        let call = self.http.post(url).json(&json!({ "subscriber": subscriber })).send().await;
        let told: Value = match call.and_then(reqwest::Response::error_for_status) {
            Ok(answer) => answer.json().await.map_err(|error| error.to_string())?,
            Err(error) => return Err(format!("the node's report was not taken: {error}")),
        };
        match told.get("result_code").and_then(Value::as_u64) {
            Some(2001) => self.report(|report| report.element == "emerep").await,
            code => Err(format!("the node's report was answered {code:?}")),
        }
    }

    /// Has the first target send the position to the client, and waits for the report (OMA MLP section 5.2.3.4).
    async fn send_position(&mut self, step: &Step) -> Result<SvcResult, String> {
        let subscriber = step.targets.first().map(|target| &target.subscriber);
        let client = self.scenario.clients.iter().find(|client| client.id == step.client);
        let number =
            client.and_then(|client| client.record.get("external_identities")?.get(0)?.get("number")?.as_str());
        let number = number.ok_or("the client has no external identity")?;
        let url = format!("http://{}/self-location", self.places.control);
        let send = self.http.post(url).json(&json!({ "subscriber": subscriber, "client": number })).send().await;
        match send.and_then(reqwest::Response::error_for_status) {
            Ok(_) => self.report(|report| report.element == "slrep").await,
            Err(error) => Err(format!("the node's report was not taken: {error}")),
        }
    }

    /// The next pushed report of this kind; others are passed over.
    async fn report(&mut self, wanted: impl Fn(&SvcResult) -> bool) -> Result<SvcResult, String> {
        loop {
            let report = self.listener.next(PUSH_TIMEOUT).await.ok_or("no report was pushed")?;
            let report = parse_svc_result(report.as_bytes()).map_err(|error| format!("report: {error}"))?;
            if wanted(&report) {
                return Ok(report);
            }
        }
    }

    fn request(&self, step: &Step) -> Result<Request, String> {
        let secret = self.secrets.get(&step.client).filter(|_| !step.wrong_secret);
        let targets = step.targets.iter().map(|target| self.target(step, target)).collect::<Result<_, _>>()?;
        let mut request = Request::new(&step.client, secret.map_or(WRONG_SECRET, String::as_str), targets);
        request.service = match step.service {
            StepService::Slir | StepService::EmergencyCall | StepService::SelfLocation => ImmediateService::Slir,
            StepService::EmeLir => ImmediateService::EmeLir,
        };
        request.service_id.clone_from(&step.service_id);
        request.active = step.session_apn.is_some() || step.dialled.is_some();
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
        let dialled = step.dialled.as_deref().map(Address::international).transpose();
        let dialled = dialled.map_err(|error| error.to_string())?;
        asked.session = apn.map(CallSession::Apn).or(dialled.map(CallSession::Dialled));
        Ok(asked)
    }

    /// The rule that decides about one target, from the gateway's dry run; only where the step says which one it must be.
    async fn deciding_rule(&self, step: &Step, target: &StepTarget) -> Result<Option<String>, TourError> {
        let subscriber = self.scenario.subscribers.iter().find(|subscriber| subscriber.label == target.subscriber);
        let (Some(subscriber), true) = (subscriber, target.rule.is_some()) else { return Ok(None) };
        let mut request = json!({ "client": step.client, "target": identity(subscriber) });
        let mut add = |name: &str, value: Option<&String>| {
            if let (Some(members), Some(value)) = (request.as_object_mut(), value) {
                members.insert(name.to_owned(), json!(value));
            }
        };
        add("service_id", step.service_id.as_ref());
        add("codeword", target.codeword.as_ref());
        add("apn", step.session_apn.as_ref());
        add("dialled", step.dialled.as_ref());
        if let (Some(members), Some(text)) = (request.as_object_mut(), &step.requestor) {
            members.insert("requestor".to_owned(), json!({ "text": text }));
        }
        Ok(Some(self.admin.deciding_rule(&request).await?))
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

/// What came of a request about one target.
struct Observed {
    result: Result<Got, String>,
    seen: Vec<SeenSight>,
    rule: Option<String>,
}

fn row(step: &Step, target: &StepTarget, observed: &Observed) -> Row {
    let wanted = step.result.unwrap_or(target.expect);
    let last = observed.seen.last();
    let saw = last.map_or(Seen::Nothing, SeenSight::kind);
    let mut expected = vec![result_text(wanted), format!("user {}", seen_text(target.sees))];
    let mut got = match &observed.result {
        Ok(found) => vec![result_text(found.result)],
        Err(error) => vec![error.clone()],
    };
    got.push(format!("user {}", seen_text(saw)));
    let mut ok = observed.result.as_ref().is_ok_and(|found| found.result == wanted) && saw == target.sees;
    if observed.seen.len() > 1 {
        ok = false;
        got.push(format!("{} times", observed.seen.len()));
    }
    if target.sees_codeword {
        let shown = last.is_some_and(|sight| sight.codeword.is_some() && sight.codeword == target.codeword);
        ok &= shown;
        expected.push("codeword shown".to_owned());
        got.push(if shown { "codeword shown" } else { "codeword not shown" }.to_owned());
    }
    if let Some(name) = &target.sees_name {
        let shown = last.and_then(|sight| sight.shown_name.as_deref());
        ok &= shown == Some(name);
        expected.push(format!("name {name}"));
        got.push(shown.map_or_else(|| "no name".to_owned(), |shown| format!("name {shown}")));
    }
    if let Some(least_m) = target.radius_at_least_m {
        let radius_m = observed.result.as_ref().ok().and_then(|found| found.radius_m).map(f64::from);
        ok &= radius_m.is_some_and(|radius_m| radius_m >= least_m);
        expected.push(format!("radius at least {least_m:.0} m"));
        got.push(radius_m.map_or_else(|| "no radius".to_owned(), |radius_m| format!("radius {radius_m:.0} m")));
    }
    if let Some(rule) = &target.rule {
        let decided = observed.rule.as_deref().unwrap_or("no rule");
        ok &= decided == rule;
        expected.push(rule.clone());
        got.push(decided.to_owned());
    }
    Row {
        step: step.name.clone(),
        asked: asked_text(step, target),
        expected: expected.join("; "),
        got: got.join("; "),
        ok,
    }
}

fn asked_text(step: &Step, target: &StepTarget) -> String {
    match step.service {
        StepService::EmergencyCall => return format!("{} calls for help", target.subscriber),
        StepService::SelfLocation => return format!("{} sends the position to {}", target.subscriber, step.client),
        StepService::Slir | StepService::EmeLir => {}
    }
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
    if let Some(number) = &step.dialled {
        add(&format!(", call to {number}"));
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

#[cfg(test)]
mod tests;
