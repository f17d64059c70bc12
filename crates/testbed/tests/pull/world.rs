//! A gateway with the roles `gmlc`, `pmd` and `pull`, two web services that are its clients, and terminals.

use super::lab::{Lab, client_record, who};
use super::process::{Gateway, until};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::{fmt::Write as _, net::SocketAddr};
use testbed::pull::{Operator, Terminal, WebService};

pub(crate) const REALM: &str = "h.gmlc.example";
pub(crate) const ORIGIN: &str = "http://pseudonym.example.net";
/// Number of the clients, as profiles list them.
pub(crate) const NUMBER: &str = "+99912345001";

/// All of it.
pub(crate) struct World {
    pub(crate) lab: Lab,
    pub(crate) gateway: Gateway,
    pub(crate) pull: SocketAddr,
    pub(crate) shop: WebService,
    pub(crate) fleet: WebService,
}

impl World {
    /// The usual one: subscribers 1 to 8 let anybody know and locate them.
    pub(crate) async fn new() -> Self {
        Self::with("", &usual()).await
    }

    /// `pull`: more keys of `[pull]`. `changes`: more of the configuration.
    pub(crate) async fn with(pull: &str, changes: &str) -> Self {
        let sites = [WebService::start("shop").await.unwrap(), WebService::start("fleet").await.unwrap()];
        let keys = [&sites[0], &sites[1]].map(|site| site_keys(&site.origin()));
        Self::of(sites, &keys, pull, changes).await
    }

    /// With these sites as `shop` and `fleet`, each known by these keys of `[[pull.client]]`.
    pub(crate) async fn of([shop, fleet]: [WebService; 2], keys: &[String; 2], pull: &str, changes: &str) -> Self {
        let lab = Lab::new(&configuration(keys, pull, changes)).await;
        let (gateway, _) = lab.first_start().await;
        let pull = pull_address(&lab).await;
        let world = Self { lab, gateway, pull, shop, fleet };
        for (account, service) in [("shop", &world.shop), ("fleet", &world.fleet)] {
            let secret = world.gateway.client(account, client_record(account)).await;
            let (issuer, mlp) = (ORIGIN.to_owned(), world.gateway.doors.mlp);
            service.open(Operator { issuer, proxy: world.pull, mlp, secret }).await.unwrap();
        }
        world
    }

    /// The terminal at the address of this number, whosever it is.
    pub(crate) fn terminal_at(&self, number: u32) -> Terminal {
        Terminal::new(format!("127.0.8.{number}").parse().unwrap(), self.pull).unwrap()
    }

    /// The terminal of a subscriber, whose address the network has told.
    pub(crate) async fn terminal(&self, number: u32) -> Terminal {
        self.lease(number, number).await;
        self.terminal_at(number)
    }

    /// Tells that an address is a subscriber's.
    pub(crate) async fn lease(&self, address: u32, subscriber: u32) {
        let body = json!({"address": format!("127.0.8.{address}"), "subscriber": who(subscriber), "lasts_s": 3600});
        self.gateway.done(Method::PUT, "/v1/pull/terminals", None, Some(&body)).await;
    }

    /// Writes a subscriber's profile.
    pub(crate) async fn profile(&self, number: u32, profile: &Value) {
        let both = format!("{},imsi:00101000000{number:04}", who(number));
        self.gateway.done(Method::PUT, "/v1/subscriber", Some(&both), Some(profile)).await;
    }

    /// A profile that has the clients of [`NUMBER`] at this setting.
    pub(crate) async fn setting(&self, number: u32, setting: &str) {
        let clients = json!([{"number": NUMBER, "setting": setting}]);
        self.profile(number, &json!({"unrelated": {"not_listed": "denied", "clients": clients}})).await;
    }

    /// How often introductions ended so.
    pub(crate) async fn counted(&self, outcome: &str) -> u32 {
        let name = format!("wherefore_pull_introductions_total{{outcome=\"{outcome}\"}}");
        self.gateway.metric(&name).await as u32
    }

    /// The entries of the disclosure log that came through the proxy, once the gateway has stopped.
    pub(crate) async fn stopped(self) -> Vec<Value> {
        self.gateway.stop().await;
        let entries = self.lab.entries().await;
        self.lab.verified().await;
        entries.into_iter().filter(|entry| entry["via"] == "pull").collect()
    }
}

/// Keys of a site that terminals find at `origin`.
pub(crate) fn site_keys(origin: &str) -> String {
    format!("origin = '{origin}'\nreturn_urls = ['{origin}/back']\n")
}

/// Roles and device of pseudonyms of the usual world.
pub(crate) fn usual() -> String {
    format!("[pmd]\nrealm = '{REALM}'\n[roles]\npmd = true\n")
}

/// The configuration of the usual world.
fn configuration(keys: &[String; 2], pull: &str, changes: &str) -> String {
    let mut config: toml::Table = toml::from_str(changes).unwrap();
    let mut section = format!(
        "listen = '127.0.0.1:0'\norigin = '{ORIGIN}'\naccess_networks = ['127.0.8.0/24']\n\
         identity_headers = ['x-home-alias']\n{pull}\n"
    );
    for (account, keys) in ["shop", "fleet"].iter().zip(keys) {
        // Writing to a String cannot fail.
        write!(section, "[[client]]\naccount = '{account}'\nprivate = true\n{keys}").unwrap();
    }
    config.insert("pull".into(), toml::Value::Table(toml::from_str(&section).unwrap()));
    let roles = config.entry("roles").or_insert(toml::Value::Table(toml::Table::new()));
    roles.as_table_mut().unwrap().insert("pull".into(), true.into());
    toml::to_string(&config).unwrap()
}

pub(crate) async fn pull_address(lab: &Lab) -> SocketAddr {
    until("the proxy listens", async || {
        let text = std::fs::read_to_string(lab.path().join("gateway.log")).unwrap();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let line = lines.into_iter().find(|line| line["fields"]["message"] == "pull ready")?;
        line["fields"]["address"].as_str()?.parse().ok()
    })
    .await
}

/// Where an answer sends a browser.
pub(crate) fn location(answer: &Response) -> String {
    answer.headers()["location"].to_str().unwrap().to_owned()
}

/// The value of a hidden field of a page.
pub(crate) fn field(page: &str, name: &str) -> String {
    let begin = format!("name=\"{name}\" value=\"");
    let rest = page.split(&begin).nth(1).unwrap_or_else(|| panic!("no field {name} in {page}"));
    rest.split('"').next().unwrap().to_owned()
}
