//! What most tests begin with: SMS centre, web service, gateway with the role `push`.

use super::lab::{CLIENT, Lab, client_record};
use super::process::{Gateway, PATIENCE};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use testbed::push::{WebGateway, WebService};
use testbed::smsc::{Account, Bind, Esme, SmppError, Smsc};

pub(crate) const REALM: &str = "h.gmlc.example";
/// Under which terminals reach the first client, and another.
pub(crate) const FLEET: &str = "80808";
pub(crate) const OTHER: &str = "80809";
/// Tag of the pseudonym.
pub(crate) const PSEUDONYM: u16 = 0x1401;
/// Hosts of the two web services.
pub(crate) const FLEET_HOST: &str = "fleet.example";
pub(crate) const OTHER_HOST: &str = "other.example";

/// Everything that runs.
pub(crate) struct Scene {
    pub(crate) lab: Lab,
    pub(crate) gateway: Gateway,
    /// The secret of the first client for MLP, and of the other.
    pub(crate) secrets: [String; 2],
    pub(crate) smsc: Smsc,
    pub(crate) service: WebService,
}

/// Loopback, any port.
pub(crate) fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

pub(crate) async fn centre() -> Smsc {
    let account = |system_id: &str, password: &str, service: &str| Account {
        system_id: system_id.into(),
        password: password.into(),
        service: service.into(),
    };
    let accounts = vec![
        account("fleet", "fleet-pw", FLEET),
        account("proxy2", "proxy-pw", OTHER),
        account("open", "open-pw", "80810"),
    ];
    Smsc::start(anywhere(), accounts).await.unwrap()
}

/// The configuration of the role.
pub(crate) fn settings(smsc: SocketAddr, service: SocketAddr) -> String {
    format!(
        "[push]\ncountry_code = 999\ntrunk_prefix = ''\n\
         [push.smpp]\nlisten = '127.0.0.1:0'\nsmsc = '{smsc}'\nresponse_timeout_ms = 3000\npdu_limit_bytes = 4096\nkeep_vendor_tlvs = [5376]\n\
         [[push.smpp.esme]]\nsystem_id = 'fleet'\npassword_file = 'fleet.password'\nclient = '{CLIENT}'\n\
         [[push.smpp.esme]]\nsystem_id = 'other'\npassword_file = 'other.password'\nclient = 'other'\n\
         smsc_system_id = 'proxy2'\nsmsc_password_file = 'proxy.password'\npseudonym_in_text = true\n\
         [push.web]\nlisten = '127.0.0.1:0'\ntrusted = ['127.0.0.1/32']\nstrip_headers = ['X-Acme-Line']\nbody_limit_bytes = 100000\n\
         [[push.web.client]]\nhosts = ['{FLEET_HOST}']\nclient = '{CLIENT}'\nurl = 'http://{service}'\n\
         [[push.web.client]]\nhosts = ['{OTHER_HOST}']\nclient = 'other'\nurl = 'http://{service}'\n\
         pseudonym_header = 'X-Other-Pseudonym'\n"
    )
}

/// Files with secrets, beside the configuration.
pub(crate) fn passwords(dir: &Path) {
    for (name, password) in [("fleet", "fleet-pw"), ("other", "other-pw"), ("proxy", "proxy-pw")] {
        let file = dir.join(format!("{name}.password"));
        std::fs::write(&file, password).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

impl Scene {
    /// Starts everything; `more` is TOML laid over the roles and what `settings` says.
    pub(crate) async fn start(roles: &str, more: &str) -> Self {
        Self::around(roles, async |_, _| more.to_owned()).await
    }

    /// The same, where what is laid over depends on where the SMS centre and the web service are.
    pub(crate) async fn around(roles: &str, more: impl AsyncFnOnce(SocketAddr, SocketAddr) -> String) -> Self {
        let (smsc, service) = (centre().await, WebService::start(anywhere()).await.unwrap());
        let more = more(smsc.address(), service.address()).await;
        let text = format!("{roles}\n{}", settings(smsc.address(), service.address()));
        let mut table: toml::Table = toml::from_str(&text).unwrap();
        lay_over(&mut table, toml::from_str(&more).unwrap());
        let lab = Lab::new(&toml::to_string(&table).unwrap()).await;
        passwords(lab.path());
        let (gateway, secret) = lab.first_start().await;
        let other = gateway.client("other", client_record("other")).await;
        Self { lab, gateway, secrets: [secret, other], smsc, service }
    }

    /// With a device of its own for pseudonyms.
    pub(crate) async fn usual() -> Self {
        Self::start(&local(), "").await
    }

    /// Where the gateway says that it listens.
    pub(crate) fn door(&self, what: &str) -> SocketAddr {
        door(self.lab.path(), what)
    }

    /// A client bound through the gateway.
    pub(crate) async fn bind(&self, system_id: &str, password: &str) -> Result<Esme, SmppError> {
        Esme::bind(self.door("push smpp"), Bind::Transceiver, system_id, password).await
    }

    pub(crate) async fn fleet(&self) -> Esme {
        let esme = self.bind("fleet", "fleet-pw").await.unwrap();
        self.smsc.wait_bound("fleet", 1, PATIENCE).await.unwrap();
        esme
    }

    pub(crate) async fn other(&self) -> Esme {
        let esme = self.bind("other", "other-pw").await.unwrap();
        self.smsc.wait_bound("proxy2", 1, PATIENCE).await.unwrap();
        esme
    }

    /// The web gateway, for a service.
    pub(crate) fn web(&self, host: &str) -> WebGateway {
        WebGateway::new(self.door("push web"), host)
    }
}

/// Where a gateway says in its log that it listens.
pub(crate) fn door(dir: &Path, what: &str) -> SocketAddr {
    let log = std::fs::read_to_string(dir.join("gateway.log")).unwrap();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let line = lines.into_iter().find(|line| line["fields"]["message"] == format!("{what} ready"));
    line.unwrap()["fields"]["address"].as_str().unwrap().parse().unwrap()
}

/// Roles with a device of pseudonyms in the same process.
pub(crate) fn local() -> String {
    format!("[roles]\npmd = true\npush = true\n[pmd]\nrealm = '{REALM}'\n")
}

pub(crate) fn lay_over(below: &mut toml::Table, above: toml::Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => lay_over(below, above),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

/// Everything that a directory holds, files below it included.
pub(crate) fn everything(dir: &Path, octets: &mut Vec<u8>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            everything(&path, octets);
        } else {
            octets.extend(std::fs::read(path).unwrap());
        }
    }
}

pub(crate) fn holds(octets: &[u8], text: &str) -> bool {
    octets.windows(text.len()).any(|window| window == text.as_bytes())
}
