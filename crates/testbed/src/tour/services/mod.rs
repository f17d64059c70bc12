//! What stands around a gateway that hides numbers from clients: an SMS centre, web services, terminals; and the steps that go through
//! them (TS 23.271 Annex E).
//!
//! ```text
//!   terminal -- SMS --> Smsc ----- SMPP --> gateway -- pseudonym --> client     PUSH, Fig. E.1
//!   terminal -- web --> web gateway -----> gateway -- pseudonym --> client
//!   terminal -- web --> gateway -- who is there? a token, by pseudonym --> client     PULL, Fig. E.2
//! ```

mod pull;
mod push;

use super::{run::Tour, table::Row};
use crate::{
    pull::WebService as PullService,
    push::WebService as PushService,
    scenario::{Scenario, Step, StepService, StepTarget},
    smsc::{Account, Esme, SmppError, Smsc},
};
use std::{
    collections::HashMap,
    fmt::Write as _,
    hash::{BuildHasher as _, Hasher as _},
    net::SocketAddr,
    time::Duration,
};
use tokio::sync::Mutex;

/// How long anything that happens at once is waited for.
const PATIENCE: Duration = Duration::from_secs(15);
/// Number under which terminals reach the first client.
const FIRST_SERVICE: usize = 80_800;
/// Addresses of terminals, which on loopback may be any.
const TERMINALS: &str = "127.0.8.0/24";

/// Why the services did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServicesError {
    /// The SMS centre.
    #[error("SMS centre: {0}")]
    Smsc(#[from] SmppError),
    /// A web service.
    #[error("web service: {0}")]
    Web(#[from] std::io::Error),
}

/// Where a gateway takes what the services and terminals send.
#[derive(Debug, Clone, Copy)]
pub struct ServiceDoors {
    /// SMPP.
    pub smpp: SocketAddr,
    /// Requests of the web gateway.
    pub web: SocketAddr,
    /// Proxy of terminals.
    pub pull: SocketAddr,
}

/// A client as the services know it.
struct Client {
    id: String,
    /// Its password for SMPP, of this run alone.
    password: String,
    /// Number under which terminals reach it.
    number: String,
    pull: PullService,
}

/// An SMS centre, and web services of the clients that steps of PUSH and PULL name.
pub struct Services {
    doors: ServiceDoors,
    smsc: Smsc,
    web: Mutex<PushService>,
    clients: Vec<Client>,
    /// Bound at the first message.
    bound: Mutex<HashMap<String, Esme>>,
}

/// A password that nobody chose.
fn password() -> String {
    let random = std::hash::RandomState::new().build_hasher().finish();
    format!("{:08x}", random & 0xFFFF_FFFF)
}

impl Services {
    /// Starts them on loopback; none if no step needs them.
    ///
    /// # Errors
    /// A socket cannot be had.
    pub async fn start(scenario: &Scenario, doors: ServiceDoors) -> Result<Option<Self>, ServicesError> {
        let mut ids: Vec<&String> = Vec::new();
        for step in scenario.steps.iter().filter(|step| step.service.needs_services()) {
            ids.extend(std::iter::once(&step.client).chain(&step.others));
        }
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(None);
        }
        let mut clients = Vec::new();
        for (at, id) in ids.into_iter().enumerate() {
            let (number, pull) = ((FIRST_SERVICE + at).to_string(), PullService::start(id).await?);
            clients.push(Client { id: id.clone(), password: password(), number, pull });
        }
        let account = |client: &Client| Account {
            system_id: client.id.clone(),
            password: client.password.clone(),
            service: client.number.clone(),
        };
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let smsc = Smsc::start(anywhere, clients.iter().map(account).collect()).await?;
        let web = Mutex::new(PushService::start(anywhere).await?);
        Ok(Some(Self { doors, smsc, web, clients, bound: Mutex::default() }))
    }

    /// Files with passwords that the gateway needs, by name.
    #[must_use]
    pub fn secrets(&self) -> Vec<(String, &str)> {
        self.clients.iter().map(|client| (format!("{}.smpp", client.id), client.password.as_str())).collect()
    }

    /// The sections of the gateway's configuration; `country_code` is that of its subscribers' numbers.
    #[must_use]
    pub fn sections(&self, country_code: u16) -> String {
        let ServiceDoors { smpp, web, pull } = self.doors;
        let (smsc, issuer) = (self.smsc.address(), pull::ISSUER);
        let service = self.web.try_lock().map(|web| web.address()).unwrap_or(web);
        let mut text = format!(
            "\n[push]\ncountry_code = {country_code}\ntrunk_prefix = \"\"\n\n[push.smpp]\nlisten = \"{smpp}\"\nsmsc = \"{smsc}\"\n\n\
             [push.web]\nlisten = \"{web}\"\ntrusted = [\"127.0.0.1/32\"]\n\n\
             [pull]\nlisten = \"{pull}\"\norigin = \"{issuer}\"\naccess_networks = [\"{TERMINALS}\"]\n"
        );
        for Client { id, pull, .. } in &self.clients {
            let (host, origin) = (push::host(id), pull.origin());
            // Writing to a String cannot fail.
            write!(
                text,
                "\n[[push.smpp.esme]]\nsystem_id = \"{id}\"\npassword_file = \"{id}.smpp\"\nclient = \"{id}\"\n\n\
                 [[push.web.client]]\nhosts = [\"{host}\"]\nclient = \"{id}\"\nurl = \"http://{service}\"\n\n\
                 [[pull.client]]\naccount = \"{id}\"\norigin = \"{origin}\"\nprivate = true\n"
            )
            .ok();
        }
        text
    }

    fn client(&self, id: &str) -> Result<&Client, String> {
        self.clients.iter().find(|client| client.id == id).ok_or_else(|| format!("no service of client `{id}`"))
    }
}

/// What came of one client's part of a step.
pub(super) struct Met {
    /// What the client had instead of the number; none if it was told nobody's.
    pub(super) pseudonym: Option<String>,
    /// MLP result of the client's request by it; that of "not allowed" where it could not ask.
    pub(super) result: u16,
    /// What else must hold, and whether it does.
    pub(super) also: Vec<(&'static str, bool)>,
}

impl Tour<'_> {
    /// A step of PUSH or PULL: each client meets the same person, under a name of its own.
    pub(super) async fn meet(&mut self, step: &Step, services: &Services) -> Vec<Row> {
        let mut rows = Vec::new();
        for target in &step.targets {
            let mut before = Vec::new();
            for client in std::iter::once(&step.client).chain(&step.others) {
                let met = match step.service {
                    StepService::PushMessage => self.by_message(services, target, client).await,
                    StepService::PushWeb => self.by_web(services, target, client).await,
                    _ => self.by_pull(services, target, client).await,
                };
                rows.push(met_row(step, target, client, &met, &before));
                before.extend(met.into_iter().filter_map(|met| met.pseudonym));
            }
        }
        rows
    }
}

/// What a client has of somebody whom it was not told of.
const NO_NAME: &str = "no pseudonym";

/// The row of one client's part.
fn met_row(step: &Step, target: &StepTarget, client: &str, met: &Result<Met, String>, before: &[String]) -> Row {
    let how = match step.service {
        StepService::PushMessage => "writes to",
        StepService::PushWeb => "visits, through the web gateway,",
        _ => "visits, through the proxy,",
    };
    // Whom PULL does not introduce the client has no name for; a message of PUSH always comes from somebody.
    let introduced = step.service != StepService::Pull || target.expect == 0;
    let name = if introduced { format!("a pseudonym of {client}'s own") } else { NO_NAME.to_owned() };
    let mut expected = vec![name, super::row::result_text(target.expect)];
    let mut got = Vec::new();
    let mut ok = false;
    match met {
        Err(error) => got.push(error.clone()),
        Ok(met) => {
            let own = met.pseudonym.as_ref().is_none_or(|pseudonym| !before.contains(pseudonym));
            let named = own && met.pseudonym.is_some() == introduced;
            ok = named && met.result == target.expect && met.also.iter().all(|(_, holds)| *holds);
            let name = met.pseudonym.as_deref().unwrap_or(NO_NAME);
            got.push(if own { name.to_owned() } else { format!("{name}, as another client") });
            got.push(super::row::result_text(met.result));
            for (what, holds) in &met.also {
                expected.push((*what).to_owned());
                got.push(if *holds { (*what).to_owned() } else { format!("NOT {what}") });
            }
        }
    }
    Row {
        step: step.name.clone(),
        asked: format!("{} {how} {client}", target.subscriber),
        expected: expected.join("; "),
        got: got.join("; "),
        ok,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meeting_is_right_only_if_all_of_it_is() {
        let step: Step = toml::from_str(
            "name = 's'\nclient = 'fleet'\nservice = 'push_message'\ntargets = [{ subscriber = 'sub-01', expect = 0 }]",
        )
        .unwrap();
        let row = |result, holds, before: &[String]| {
            let met = Met { pseudonym: Some("p1".into()), result, also: vec![("no number", holds)] };
            met_row(&step, &step.targets[0], "fleet", &Ok(met), before)
        };
        assert!(row(0, true, &["p2".into()]).ok);
        assert!(!row(0, true, &["p1".into()]).ok && !row(202, true, &[]).ok && !row(0, false, &[]).ok);
        assert!(row(0, false, &[]).got.ends_with("NOT no number"));
        assert!(!met_row(&step, &step.targets[0], "fleet", &Err("no answer".into()), &[]).ok);
        assert_eq!(row(0, true, &[]).got, "p1; position; no number");
        // Who said no is nobody to the client, in PULL alone.
        let refused = |service: &str, pseudonym: Option<&str>| {
            let step: Step = toml::from_str(&format!(
                "name = 's'\nclient = 'fleet'\nservice = '{service}'\ntargets = [{{ subscriber = 'sub-01', expect = 202 }}]"
            ))
            .unwrap();
            let met = Met { pseudonym: pseudonym.map(str::to_owned), result: 202, also: Vec::new() };
            met_row(&step, &step.targets[0], "fleet", &Ok(met), &[]).ok
        };
        assert!(refused("pull", None) && !refused("pull", Some("p1")));
        assert!(refused("push_message", Some("p1")) && !refused("push_message", None));
    }
}
