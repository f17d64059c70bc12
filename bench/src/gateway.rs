//! The product as a process, with one client and many subscribers, for benches of whole requests.

use crate::programs::{Programs, Running, free_port, wait_for};
use anyhow::{Context, Result};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Core of the gateway, and of the floor that it is compared with.
pub(crate) const GATEWAY_CORE: &str = "0";
/// Core of everything else.
pub(crate) const LOAD_CORE: &str = "1";
/// Subscribers, each with a profile of its own.
pub(crate) const SUBSCRIBERS: u64 = 20_000;
/// Own number, the global title in MAP.
pub(crate) const GMLC_NUMBER: &str = "491700000001";

/// Number of subscriber `n`.
pub(crate) fn msisdn(n: u64) -> String {
    format!("49170{n:07}")
}

/// IMSI of subscriber `n`.
pub(crate) fn imsi(n: u64) -> String {
    format!("00101{n:010}")
}

/// A running gateway.
pub(crate) struct Gateway {
    pub(crate) running: Running,
    pub(crate) port: u16,
    admin: u16,
    dir: PathBuf,
}

/// Whose gateway it is.
pub(crate) struct Operator<'a> {
    /// Name of the gateway.
    pub(crate) name: &'a str,
    /// GMLC number, without a leading +.
    pub(crate) number: &'a str,
    /// Code of its country.
    pub(crate) country: u16,
    /// Code of its network; none where no other network is known.
    pub(crate) plmn: Option<&'a str>,
    /// Realm of its nodes.
    pub(crate) realm: &'a str,
    /// How many subscribers it has.
    pub(crate) subscribers: u64,
    /// Record of the client "bench".
    pub(crate) client: &'a str,
}

/// The one whose gateway is measured alone.
const ALONE: Operator<'_> = Operator {
    name: "bench",
    number: GMLC_NUMBER,
    country: 49,
    plmn: None,
    realm: "floor.example",
    subscribers: SUBSCRIBERS,
    client: CLIENT,
};

impl Gateway {
    /// Starts one whose configuration ends with `sections`; `dir` is its own and is made.
    pub(crate) fn start(programs: &Programs, dir: &Path, sections: &str) -> Result<Self> {
        Self::of(&ALONE, programs, dir, sections)
    }

    /// Starts that of an operator.
    pub(crate) fn of(operator: &Operator<'_>, programs: &Programs, dir: &Path, sections: &str) -> Result<Self> {
        std::fs::create_dir_all(dir)?;
        let (port, admin) = (free_port()?, free_port()?);
        let config = dir.join("wherefore.toml");
        std::fs::write(&config, configuration(operator, port, admin) + sections)?;
        let gateway = Self { running: serve(programs, dir)?, port, admin, dir: dir.to_owned() };
        gateway.wait()?;
        let config = config.to_str().context("the temporary directory has no UTF-8 name")?;
        let record = dir.join("client.json");
        std::fs::write(&record, operator.client)?;
        let record = record.to_str().context("the temporary directory has no UTF-8 name")?;
        let secret = dir.join("client.secret");
        std::fs::write(&secret, "bench-secret-of-a-client")?;
        let secret = secret.to_str().context("the temporary directory has no UTF-8 name")?;
        programs
            .run("wherefore", &["client", "add", "bench", "--record", record, "--no-secret", "--config", config])?;
        programs.run("wherefore", &["client", "secret", "bench", "--secret-file", secret, "--config", config])?;
        if operator.subscribers == 0 {
            return Ok(gateway);
        }
        let mut lines = String::new();
        for n in 0..operator.subscribers {
            writeln!(lines, r#"{{"subscriber":"msisdn:{},imsi:{}","profile":{PROFILE}}}"#, msisdn(n), imsi(n))?;
        }
        let import = dir.join("subscribers.ndjson");
        std::fs::write(&import, lines)?;
        let import = import.to_str().context("the temporary directory has no UTF-8 name")?;
        programs.run("wherefore", &["subscriber", "import", import, "--config", config])?;
        Ok(gateway)
    }

    /// Kills it and starts it on what it left. Does not wait until it listens.
    pub(crate) fn again(self, programs: &Programs) -> Result<Self> {
        let Self { running, port, admin, dir } = self;
        drop(running);
        Ok(Self { running: serve(programs, &dir)?, port, admin, dir })
    }

    /// Waits until it listens.
    pub(crate) fn wait(&self) -> Result<()> {
        let errors = self.dir.join(ERRORS);
        wait_for(self.port, "the gateway", &errors)?;
        wait_for(self.admin, "the admin API", &errors)
    }

    /// Where its clients connect.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

/// What a gateway says goes here.
const ERRORS: &str = "wherefore.err";

fn serve(programs: &Programs, dir: &Path) -> Result<Running> {
    let config = dir.join("wherefore.toml");
    let config = config.to_str().context("the temporary directory has no UTF-8 name")?;
    programs.start(GATEWAY_CORE, "wherefore", &["serve", "--config", config], &dir.join(ERRORS))
}

fn configuration(operator: &Operator<'_>, port: u16, admin: u16) -> String {
    let Operator { name, number, country, plmn, realm, .. } = operator;
    let plmns = plmn.map(|plmn| format!("home_plmns = [\"{plmn}\"]\n")).unwrap_or_default();
    format!(
        "[gateway]\nname = \"{name}\"\ngmlc_number = \"+{number}\"\ncountry_codes = [{country}]\n{plmns}\
         [mlp]\nlisten = \"127.0.0.1:{port}\"\n[admin]\nlisten = \"127.0.0.1:{admin}\"\n[metrics]\nenabled = false\n\
         [limits]\nclient_rate_per_s = 1000000\nclient_burst = 1000000\nclient_max_targets = 100\n\
         [diameter]\norigin_host = \"gmlc.{realm}\"\norigin_realm = \"{realm}\"\naccept = false\n"
    )
}

/// Section that sets how long routes are kept.
pub(crate) fn routes_kept_s(seconds: u32) -> String {
    format!("[cache]\nrouting_s = {seconds}\n")
}

/// A client of immediate requests.
pub(crate) const CLIENT: &str = r#"{"id":"bench","client_type":"value_added","name":{"text":"Fleet control"},
    "external_identities":[{"number":"+4930123456"}],"services":[{"id":"fleet","service_type":3}],
    "requests":["non_call","call_session","current","current_or_last_known","negotiate_qos","negotiate_priority"]}"#;

/// A profile that lists the client.
pub(crate) const PROFILE: &str = r#"{"unrelated":{"clients":[{"number":"+4930123456","setting":"allowed"}]}}"#;
