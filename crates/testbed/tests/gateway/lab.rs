//! A network, a gateway's directory with its configuration, and the disclosure log in it.

use super::process::{self, Gateway, Starting};
use serde_json::{Value, json};
use std::{fmt::Write as _, path::Path};
use testbed::{DiameterAddress, Network, NetworkOptions, NodeRole, scenario::Scenario};

const REALM: &str = "epc.mnc001.mcc001.3gppnetwork.org";
/// The account that most tests ask as.
pub(crate) const CLIENT: &str = "lab";
/// Names of the nodes, for faults.
pub(crate) const MME: &str = "mme-1";
/// Subscribers who allow everybody.
pub(crate) const OPEN: u32 = 8;

/// Digits of a subscriber by number.
pub(crate) fn msisdn(number: u32) -> String {
    format!("9990000{number:04}")
}

/// The same, as the admin API and the command line name subscribers.
pub(crate) fn who(number: u32) -> String {
    format!("msisdn:{}", msisdn(number))
}

/// Number of a subscriber whom nobody knows.
pub(crate) const STRANGER: u32 = 9999;
/// Number of a subscriber known to the network, with a profile that allows nobody.
pub(crate) const CLOSED: u32 = 100;

pub(crate) fn scenario(more: &str) -> Scenario {
    let mut text = format!(
        "[network]\nrealm = '{REALM}'\ncontrol = '127.0.0.1:0'\nverification_timeout_ms = 40\n[hss]\nhost = 'hss.{REALM}'\nlisten = '127.0.0.1:0'\n\
         [[mme]]\nname = '{MME}'\nhost = 'mme1.{REALM}'\nlisten = '127.0.0.1:0'\n"
    );
    for number in (1..=OPEN).chain([CLOSED]) {
        // Writing to a String cannot fail.
        write!(
            text,
            "[[subscriber]]\nlabel = 'sub-{number}'\nimsi = '00101000000{number:04}'\nmsisdn = '{}'\n\
             position = {{ latitude = 52.52, longitude = 13.405 }}\n",
            msisdn(number)
        )
        .unwrap();
    }
    text.push_str(more);
    Scenario::parse(&text).unwrap()
}

/// A network and the directory of one gateway.
pub(crate) struct Lab {
    directory: tempfile::TempDir,
    pub(crate) network: Network,
    /// How the gateway is told of the legacy half of the network, if there is one.
    legacy: String,
}

impl Lab {
    /// Starts the network and writes the configuration. `changes` is laid over the usual one, key by key.
    pub(crate) async fn new(changes: &str) -> Self {
        Self::over(&scenario(""), changes).await
    }

    /// The same with more of a network than an HSS, an MME and the usual subscribers.
    pub(crate) async fn with(more: &str, changes: &str) -> Self {
        Self::over(&scenario(more), changes).await
    }

    async fn over(scenario: &Scenario, changes: &str) -> Self {
        // Fails only if a provider is installed already, which is as good.
        tokio_rustls::rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let network = Network::start(scenario, NetworkOptions::default()).await.unwrap();
        let directory = tempfile::Builder::new().prefix("wherefore-test-").tempdir().unwrap();
        let ss7 = scenario.ss7.as_ref();
        let legacy = ss7.map(|ss7| testbed::ss7::gateway_sections(ss7, &network.ss7_addresses())).unwrap_or_default();
        let lab = Self { directory, network, legacy };
        lab.configure(changes);
        lab
    }

    /// Writes the configuration anew.
    pub(crate) fn configure(&self, changes: &str) {
        let mut config: toml::Table = toml::from_str(&self.usual()).unwrap();
        lay_over(&mut config, toml::from_str(changes).unwrap());
        std::fs::write(self.path().join("wherefore.toml"), toml::to_string(&config).unwrap()).unwrap();
    }

    fn usual(&self) -> String {
        let free = "listen = '127.0.0.1:0'";
        let mut text = format!(
            "[gateway]\nname = 'lab'\ngmlc_number = '+99912340000'\ncountry_codes = [999]\nhome_plmns = ['00101']\n\
             [mlp]\n{free}\n[mlp.tls]\n{free}\n[mlp.push]\nretry_ms = 50\nretry_max_s = 1\nallow_plain_http = true\n\
             [admin]\n{free}\n[metrics]\n{free}\n[log]\nsegment_mib = 1\n\
             [diameter]\norigin_host = 'gmlc.{REALM}'\norigin_realm = '{REALM}'\naccept = false\n\
             [diameter.timers]\nreconnect_s = 1\n"
        );
        for node in self.network.diameter_addresses() {
            let DiameterAddress { host, realm, listen, .. } = &node;
            let role = match node.role {
                NodeRole::Hss => "hss",
                NodeRole::Mme => "mme",
            };
            write!(
                text,
                "[[diameter.peer]]\nhost = '{host}'\nrealm = '{realm}'\nrole = '{role}'\naddress = '{listen}'\n"
            )
            .unwrap();
        }
        text.push_str(&self.legacy);
        text
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Starts the gateway, waits until it listens and has all its peers.
    pub(crate) async fn start(&self) -> Gateway {
        let gateway = Starting::new(self.path()).listening().await;
        gateway.connected().await;
        gateway
    }

    /// Starts it for the first time: makes the secrets, registers the usual client and subscribers. The client's secret.
    pub(crate) async fn first_start(&self) -> (Gateway, String) {
        process::ok(self.path(), &["init", "."]).await;
        let gateway = self.start().await;
        let secret = gateway.client(CLIENT, client_record(CLIENT)).await;
        for number in 1..=OPEN {
            self.profile(&gateway, number, &json!({"universal": true})).await;
        }
        self.profile(&gateway, CLOSED, &json!({})).await;
        (gateway, secret)
    }

    pub(crate) async fn profile(&self, gateway: &Gateway, number: u32, profile: &Value) {
        // Both identities: what the network finds out about one is the same person.
        let both = format!("{},imsi:00101000000{number:04}", who(number));
        gateway.done(reqwest::Method::PUT, "/v1/subscriber", Some(&both), Some(profile)).await;
    }

    /// Every entry of the log that the keys open.
    pub(crate) async fn entries(&self) -> Vec<Value> {
        let shown =
            process::json(self.path(), &["log", "show", "--all", "--operator", "--config", "wherefore.toml", "--json"]);
        match shown.await {
            Value::Array(entries) => entries,
            other => panic!("no list: {other}"),
        }
    }

    /// `log verify`, which must find the log good: its report.
    pub(crate) async fn verified(&self) -> Value {
        let report = process::json(self.path(), &["log", "verify", "log", "--json"]).await;
        assert_eq!(report["good"], true, "{report}");
        report
    }
}

/// The record of a value added client that may ask anything at any rate.
pub(crate) fn client_record(id: &str) -> Value {
    json!({
        "id": id,
        "client_type": "value_added",
        "name": {"text": "Laboratory"},
        "external_identities": [{"number": "+99912345001"}],
        "rate_per_s": 1_000_000,
        "burst": 1_000_000,
        "max_targets": 100,
        "requests": ["non_call", "call_session", "current", "current_or_last_known", "asynchronous"],
    })
}

fn lay_over(below: &mut toml::Table, above: toml::Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => lay_over(below, above),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}
