//! Performing the steps.

use super::{
    admin::{Admin, AdminError, http_client, to_json},
    listener::PushListener,
    row::{Observed, SeenSight, found, pseudonym_row, row},
    services::Services,
    table::{Row, TourReport},
};
use crate::scenario::{Meanwhile, NamedBy, Scenario, Step, StepService, StepTarget, SubscriberSpec};
use serde::Deserialize;
use serde_json::json;
use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};
use tokio::sync::{mpsc, oneshot};

/// Why a tour could not be made. A step that ends otherwise than expected is no error, but a row that says so.
#[derive(Debug, thiserror::Error)]
pub enum TourError {
    /// The admin API.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// The control API of the simulated network.
    #[error("control API of the network: {0}; is `wherefore-testbed network` running with this scenario?")]
    Control(reqwest::Error),
    /// The cards of subscribers.
    #[error("cards: {0}")]
    Cards(String),
    /// What the steps of MDT need.
    #[error("drive tests: {0}")]
    DriveTests(String),
    /// The web services beside the network.
    #[error("web services: {0}")]
    Services(String),
}

/// Where everything is.
#[derive(Debug, Clone)]
pub struct TourPlaces {
    /// Control API of the simulated network.
    pub control: SocketAddr,
    /// The gateways, one of an operator.
    pub gateways: Vec<GatewayPlaces>,
}

/// Where the gateway of an operator is.
#[derive(Debug, Clone)]
pub struct GatewayPlaces {
    /// Name of the operator.
    pub operator: String,
    /// MLP, for instance `http://127.0.0.1:9210/`.
    pub mlp: String,
    /// Admin API, for instance `http://127.0.0.1:9280`.
    pub admin: String,
    /// Bearer token of the admin API.
    pub token: String,
}

/// A tour through the steps of a scenario.
pub struct Tour<'s> {
    pub(super) scenario: &'s Scenario,
    pub(super) control: SocketAddr,
    /// By operator.
    gateways: HashMap<String, At>,
    pub(super) http: reqwest::Client,
    pub(super) listener: PushListener,
    pub(super) secrets: HashMap<String, String>,
    services: Option<Arc<Services>>,
    pub(super) restarts: Option<Restarts>,
}

/// Where a tour asks to have the first operator's gateway killed and started again; it is told when all of that is done.
pub type Restarts = mpsc::Sender<oneshot::Sender<()>>;

/// The doors of a gateway.
pub(super) struct At {
    pub(super) mlp: String,
    pub(super) admin: Admin,
}

#[derive(Deserialize)]
struct SeenAnswer {
    seen: Vec<SeenSight>,
}

impl<'s> Tour<'s> {
    /// Prepares a tour; nothing is asked yet. Reports are to be pushed to `listener`.
    pub fn new(scenario: &'s Scenario, places: TourPlaces, listener: PushListener) -> Result<Self, TourError> {
        let gateways = places.gateways.into_iter().map(|of| {
            let admin = Admin::new(&of.admin, &of.token)?;
            Ok((of.operator, At { mlp: of.mlp, admin }))
        });
        let gateways = gateways.collect::<Result<_, AdminError>>()?;
        let http = http_client()?;
        Ok(Self {
            scenario,
            control: places.control,
            gateways,
            http,
            listener,
            secrets: HashMap::new(),
            services: None,
            restarts: None,
        })
    }

    /// Has an SMS centre and web services, which the first operator's gateway knows; without them the steps that need them are left out.
    #[must_use]
    pub fn with_services(mut self, services: Option<Services>) -> Self {
        self.services = services.map(Arc::new);
        self
    }

    /// Can have the gateway killed and started again; without that the steps that need it are left out.
    #[must_use]
    pub fn with_restarts(mut self, restarts: Option<Restarts>) -> Self {
        self.restarts = restarts;
        self
    }

    /// Registers the scenario's clients and writes its subscribers' profiles, at those gateways that there are.
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
            for operator in &client.known_to {
                if let Some(gateway) = self.of_operator(Some(operator)) {
                    gateway.admin.provision_client(&client.id, record.clone()).await?;
                }
            }
            if let Some(gateway) = self.of_client(&client.id) {
                let secret = gateway.admin.provision_client(&client.id, record).await?;
                self.secrets.insert(client.id.clone(), secret);
            }
        }
        for subscriber in &self.scenario.subscribers {
            if let (Some(profile), Some(gateway)) = (&subscriber.profile, self.home_of(subscriber)) {
                let profile = to_json(&subscriber.label, profile)?;
                gateway.admin.provision_subscriber(&subscriber.label, &identity(subscriber), &profile).await?;
            }
        }
        if let Some(services) = self.services.clone() {
            self.open(&services).await.map_err(TourError::Services)?;
        }
        self.provision_cards().await.map_err(TourError::Cards)?;
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
            let Some(gateway) = self.home_of(subscriber) else { continue };
            let hex = gateway.admin.home_register_data(&subscriber.label, &identity(subscriber)).await?;
            let url = format!("http://{}/hlr/lcs-information/{}", self.control, subscriber.label);
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
            if !self.can_be_made(step) {
                report.left_out.push(step.name.clone());
                continue;
            }
            for row in self.step(step).await? {
                told(&row);
                report.rows.push(row);
            }
        }
        Ok(report)
    }

    async fn step(&mut self, step: &Step) -> Result<Vec<Row>, TourError> {
        if step.service == StepService::Pseudonyms {
            return Ok(self.pseudonyms(step).await);
        }
        if let Some(trigger) = &step.trigger {
            return self.triggered(step, trigger).await;
        }
        if let Some(services) = self.services.clone().filter(|_| step.service.needs_services()) {
            return Ok(self.meet(step, &services).await);
        }
        let mut names = Vec::new();
        for target in &step.targets {
            self.wipe(&target.subscriber).await?;
            names.push(match target.by {
                NamedBy::Identity => None,
                NamedBy::Pseudonym => Some(self.assigned(&step.client, &target.subscriber).await?),
            });
        }
        let answer = self.ask(step, &names).await;
        let mut rows = Vec::new();
        for ((at, target), pseudonym) in step.targets.iter().enumerate().zip(names) {
            let result = answer.as_ref().map_err(Clone::clone).and_then(|answer| found(answer, at));
            let seen = self.seen(&target.subscriber).await?;
            let rule = self.deciding_rule(step, target).await?;
            let way = self.way(step, target);
            rows.push(row(step, target, &Observed { result, seen, rule, pseudonym, way }));
        }
        Ok(rows)
    }

    /// What each client of a step is told instead of a number, twice.
    async fn pseudonyms(&self, step: &Step) -> Vec<Row> {
        let mut rows = Vec::new();
        for target in &step.targets {
            let mut before = Vec::new();
            for client in std::iter::once(&step.client).chain(&step.others) {
                let once =
                    || async { self.assigned(client, &target.subscriber).await.map_err(|error| error.to_string()) };
                let assigned = match (once().await, once().await) {
                    (Ok(first), Ok(again)) => Ok([first, again]),
                    (Err(error), _) | (_, Err(error)) => Err(error),
                };
                rows.push(pseudonym_row(step, target, client, &assigned, &before));
                before.extend(assigned.into_iter().flatten());
            }
        }
        rows
    }

    /// Tells the home gateway that an address is a subscriber's.
    pub(super) async fn lease(&self, of: &SubscriberSpec, address: IpAddr, lasts_s: u32) -> Result<(), AdminError> {
        let home = self.home_of(of).ok_or_else(|| AdminError::Unsayable(of.label.clone()))?;
        home.admin.lease(&of.label, &identity(of), address, lasts_s).await
    }

    /// A subscriber wants to be located by nobody any more.
    pub(super) async fn opt_out(&self, of: &SubscriberSpec) -> Result<(), AdminError> {
        let home = self.home_of(of).ok_or_else(|| AdminError::Unsayable(of.label.clone()))?;
        home.admin.opt_out(&of.label, &identity(of)).await
    }

    /// A client's pseudonym of a subscriber, from the home gateway.
    async fn assigned(&self, client: &str, label: &str) -> Result<String, AdminError> {
        let home =
            self.subscriber(label).and_then(|subscriber| Some((self.home_of(subscriber)?, identity(subscriber))));
        let (gateway, identity) = home.ok_or_else(|| AdminError::Unsayable(label.to_owned()))?;
        gateway.admin.pseudonym(client, &identity).await
    }

    pub(super) fn subscriber(&self, label: &str) -> Option<&'s SubscriberSpec> {
        self.scenario.subscribers.iter().find(|subscriber| subscriber.label == label)
    }

    pub(super) fn of_operator(&self, named: Option<&str>) -> Option<&At> {
        self.gateways.get(self.scenario.operator(named)?.name)
    }

    /// The gateway that a client asks.
    pub(super) fn of_client(&self, id: &str) -> Option<&At> {
        let client = self.scenario.clients.iter().find(|client| client.id == id)?;
        self.of_operator(client.operator.as_deref())
    }

    pub(super) fn home_of(&self, subscriber: &SubscriberSpec) -> Option<&At> {
        self.of_operator(subscriber.operator.as_deref())
    }

    /// Operators of the requesting, home and visited gateway.
    fn operators(&self, step: &Step, target: &StepTarget) -> Option<[&'s str; 3]> {
        let client = self.scenario.clients.iter().find(|client| client.id == step.client)?;
        let subscriber = self.subscriber(&target.subscriber)?;
        let asked = self.scenario.operator(client.operator.as_deref())?;
        let home = self.scenario.operator(subscriber.operator.as_deref())?;
        let mme = subscriber.mme.as_ref();
        let serves = |mme: &String| self.scenario.operators().find(|of| of.mmes.iter().any(|it| it.name == *mme));
        Some([asked.name, home.name, mme.map_or(Some(home), serves)?.name])
    }

    /// Whether everything is there that has a part in a step: services, and a gateway of each operator.
    fn can_be_made(&self, step: &Step) -> bool {
        if step.service.needs_services() && self.services.is_none() {
            return false;
        }
        if step.trigger.as_ref().is_some_and(|of| of.meanwhile == Meanwhile::Restarted) && self.restarts.is_none() {
            return false;
        }
        let mut operators = step.targets.iter().flat_map(|target| self.operators(step, target).unwrap_or_default());
        operators.all(|operator| self.gateways.contains_key(operator))
    }

    /// The gateways on the way to a target, if that is not one alone (TS 23.271 clause 6.3.3).
    pub(super) fn way(&self, step: &Step, target: &StepTarget) -> Option<String> {
        let [requesting, home, visited] = self.operators(step, target)?;
        match step.service {
            StepService::Slir | StepService::EmeLir | StepService::Triggered
                if requesting != home || home != visited =>
            {
                Some(format!("R {requesting}, H {home}, V {visited}"))
            }
            _ => None,
        }
    }

    /// The rule that decides about one target, from the gateway's dry run; only where the step says which one it must be.
    async fn deciding_rule(&self, step: &Step, target: &StepTarget) -> Result<Option<String>, TourError> {
        let subscriber = self.subscriber(&target.subscriber).filter(|_| target.rule.is_some());
        let home = subscriber.and_then(|subscriber| Some((subscriber, self.home_of(subscriber)?)));
        let Some((subscriber, home)) = home else { return Ok(None) };
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
        Ok(Some(home.admin.deciding_rule(&request).await?))
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
        format!("http://{}/seen/{label}", self.control)
    }
}

/// A subscriber as the admin API names them.
pub(super) fn identity(subscriber: &SubscriberSpec) -> String {
    match &subscriber.msisdn {
        Some(msisdn) => format!("imsi:{},msisdn:{msisdn}", subscriber.imsi),
        None => format!("imsi:{}", subscriber.imsi),
    }
}
