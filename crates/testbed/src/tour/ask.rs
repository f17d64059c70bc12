//! Asking as an LCS client does, and having the network report.

use super::{row::found, run::Tour};
use crate::scenario::{Step, StepMode, StepService, StepTarget};
use lcs::{Address, ApnNi, CallSession};
use mlp::{
    ImmediateService, MsidType, ResultId,
    client::{ClientTarget, Request, SvcResult, parse_svc_result},
};
use serde_json::{Value, json};
use std::time::Duration;

/// How long a pushed report is waited for.
const PUSH_TIMEOUT: Duration = Duration::from_secs(15);
/// A secret that no gateway makes.
const WRONG_SECRET: &str = "not-the-secret-of-anybody";

impl Tour<'_> {
    /// Sends a client's request to its gateway.
    async fn post(&self, client: &str, request: &Request) -> Result<SvcResult, String> {
        self.post_text(client, request.to_xml()).await
    }

    /// The same of the text of one.
    pub(super) async fn post_text(&self, client: &str, request: String) -> Result<SvcResult, String> {
        let gateway = self.of_client(client).ok_or("no gateway of this client")?;
        let post = self.http.post(&gateway.mlp).header("Content-Type", mlp::CONTENT_TYPE).body(request);
        let answer = post.send().await.map_err(|error| format!("no answer: {error}"))?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| format!("answer cut off: {error}"))?;
        parse_svc_result(&body).map_err(|error| format!("HTTP {status}, {error}"))
    }

    /// A client asks for somebody whom it knows by this pseudonym alone; the result, told under it.
    pub(super) async fn locate(&self, client: &str, pseudonym: &str) -> Result<u16, String> {
        let secret = self.secret(client).ok_or("no secret of this client")?;
        let request = Request::new(client, secret, vec![ClientTarget::of(MsidType::Asid, pseudonym)]);
        let got = found(&self.post(client, &request).await?, 0)?;
        match got.name {
            Some(name) if name != pseudonym => Err("told under another name".to_owned()),
            _ => Ok(got.result),
        }
    }

    /// Sends a step's request and waits for its answer, or for the report that follows.
    pub(super) async fn ask(&mut self, step: &Step, names: &[Option<String>]) -> Result<SvcResult, String> {
        match step.service {
            StepService::EmergencyCall => return self.call_for_help(step).await,
            StepService::SelfLocation => return self.send_position(step).await,
            _ => {}
        }
        let request = self.request(step, names)?;
        let answer = self.post(&step.client, &request).await?;
        if step.mode == StepMode::Sync || answer.result.as_ref().is_some_and(|(result, _)| *result != ResultId::OK) {
            return Ok(answer);
        }
        let request_id = answer.request_id.ok_or("accepted without a req_id")?;
        self.report(|report| report.request_id.as_ref() == Some(&request_id)).await
    }

    /// Has the first target call for help, and waits for the emergency report (OMA MLP section 5.2.3.5).
    async fn call_for_help(&mut self, step: &Step) -> Result<SvcResult, String> {
        let subscriber = step.targets.first().map(|target| &target.subscriber);
        let url = format!("http://{}/emergency-call", self.control);
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
        let url = format!("http://{}/self-location", self.control);
        let send = self.http.post(url).json(&json!({ "subscriber": subscriber, "client": number })).send().await;
        match send.and_then(reqwest::Response::error_for_status) {
            Ok(_) => self.report(|report| report.element == "slrep").await,
            Err(error) => Err(format!("the node's report was not taken: {error}")),
        }
    }

    /// The next pushed report of this kind; others are passed over.
    pub(super) async fn report(&mut self, wanted: impl Fn(&SvcResult) -> bool) -> Result<SvcResult, String> {
        loop {
            let report = self.listener.next(PUSH_TIMEOUT).await.ok_or("no report was pushed")?;
            let report = parse_svc_result(report.as_bytes()).map_err(|error| format!("report: {error}"))?;
            if wanted(&report) {
                return Ok(report);
            }
        }
    }

    pub(super) fn request(&self, step: &Step, names: &[Option<String>]) -> Result<Request, String> {
        let secret = self.secrets.get(&step.client).filter(|_| !step.wrong_secret);
        let names = names.iter().map(Option::as_deref).chain(std::iter::repeat(None));
        let targets = step.targets.iter().zip(names).map(|(target, name)| self.target(step, target, name));
        let targets = targets.collect::<Result<_, _>>()?;
        let mut request = Request::new(&step.client, secret.map_or(WRONG_SECRET, String::as_str), targets);
        request.service = match step.service {
            StepService::EmeLir => ImmediateService::EmeLir,
            _ => ImmediateService::Slir,
        };
        request.service_id.clone_from(&step.service_id);
        request.active = step.session_apn.is_some() || step.dialled.is_some();
        request.requestor = step.requestor.clone().map(|name| ("NAME".to_owned(), name));
        request.asynchronous = step.mode == StepMode::Async;
        if request.asynchronous || step.service == StepService::Triggered {
            request.push_address = Some((self.listener.url(), None, None));
        }
        Ok(request)
    }

    fn target(&self, step: &Step, target: &StepTarget, pseudonym: Option<&str>) -> Result<ClientTarget, String> {
        let subscriber = self.subscriber(&target.subscriber).ok_or("no such subscriber")?;
        let mut asked = match (pseudonym, &subscriber.msisdn) {
            (Some(pseudonym), _) => ClientTarget::of(MsidType::Asid, pseudonym),
            (None, Some(msisdn)) => ClientTarget::msisdn(msisdn),
            (None, None) => ClientTarget::of(MsidType::Imsi, &subscriber.imsi),
        };
        asked.codeword.clone_from(&target.codeword);
        let apn = step.session_apn.as_deref().map(ApnNi::new).transpose().map_err(|error| error.to_string())?;
        let dialled = step.dialled.as_deref().map(Address::international).transpose();
        let dialled = dialled.map_err(|error| error.to_string())?;
        asked.session = apn.map(CallSession::Apn).or(dialled.map(CallSession::Dialled));
        Ok(asked)
    }
}
