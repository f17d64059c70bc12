//! The command line as a process of its own, against a served admin API and a scripted MLP door.
#![allow(clippy::unwrap_used, reason = "helpers of tests; only test functions are exempt by configuration")]

#[path = "support/serving.rs"]
mod serving;

use axum::extract::State;
use axum::routing::post;
use lcs::Address;
use privacy::{HomeNetwork, Policy, Ppr, Register};
use serde_json::Value;
use serving::{Serving, with_free_ports};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::{Arc, Mutex};
use wherefore::admin::{self, LogHead, Operations, PeerView, Token};
use wherefore::clients::Registry;
use wherefore::config;
use wherefore::slpp::HomeRegisters;
use wherefore::store::{Directory, Store};

const WHO: &str = "msisdn:491701234567";

struct Idle {
    register: Arc<Register>,
    home_registers: Option<Arc<HomeRegisters>>,
}

impl Operations for Idle {
    fn ppr(&self) -> Ppr {
        let home = HomeNetwork { country_codes: Vec::new(), realms: Vec::new(), node_numbers: Vec::new() };
        Ppr::new(Arc::clone(&self.register), Policy::new(home))
    }

    fn home_registers(&self) -> Option<Arc<HomeRegisters>> {
        self.home_registers.clone()
    }

    fn gmlc(&self) -> Option<Address> {
        Address::international("4900000001").ok()
    }

    fn overrides(&self, client_type: lcs::LcsClientType) -> bool {
        client_type == lcs::LcsClientType::Emergency
    }

    fn peers(&self) -> Vec<PeerView> {
        Vec::new()
    }

    fn log_head(&self) -> Option<LogHead> {
        None
    }

    fn hindrances(&self) -> Vec<String> {
        vec!["no Diameter peer is open".into()]
    }
}

struct Lab {
    dir: tempfile::TempDir,
    admin: SocketAddr,
}

impl Lab {
    async fn new() -> Self {
        Self::with(None).await
    }

    /// With these pseudo-external identities in home registers.
    async fn with(home_registers: Option<HomeRegisters>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = config::Store {
            path: dir.path().join("w.db"),
            key_file: dir.path().join("w.key"),
            ..config::Store::default()
        };
        let store = Arc::new(Store::open(&settings).await.unwrap());
        let register = Arc::new(Register::new());
        let registry = Registry::new(&config::Limits::default(), &config::Cache::default()).unwrap();
        let directory = Arc::new(Directory::new(store, Arc::clone(&register), Arc::new(registry), false));
        config::create_private(&dir.path().join("token"), b"the token\n").unwrap();
        let idle = Idle { register, home_registers: home_registers.map(Arc::new) };
        let router = admin::router(directory, Arc::new(idle), Token::new("the token"), 1 << 20);
        let admin = served(router).await;
        Self { dir, admin }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    async fn run(&self, args: &[&str]) -> Output {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_wherefore"));
        command.args(args).env_clear().current_dir(self.dir.path());
        command.env("WHEREFORE_ADMIN", format!("http://{}", self.admin));
        command.env("WHEREFORE_TOKEN_FILE", self.path("token"));
        command.stdin(std::process::Stdio::null()).output().await.unwrap()
    }

    /// Standard output of a command that succeeds.
    async fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args).await;
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Standard error of a command that ends with this status.
    async fn fails(&self, status: i32, args: &[&str]) -> String {
        let output = self.run(args).await;
        assert_eq!(output.status.code(), Some(status), "{args:?}: {} {}", text(&output.stdout), text(&output.stderr));
        text(&output.stderr)
    }

    async fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.ok(args).await).unwrap()
    }
}

async fn served(router: axum::Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

#[tokio::test]
async fn clients_from_adding_to_removing() {
    let lab = Lab::new().await;
    let added = lab
        .ok(&["client", "add", "fleet", "--type", "value_added", "--name", "Fleet", "--number", "+4930123456"])
        .await;
    let secret = added.lines().find_map(|line| line.strip_prefix("secret, shown this once: ")).unwrap();
    assert_eq!(secret.len(), 64);
    let again = lab.fails(1, &["client", "add", "fleet", "--type", "emergency"]).await;
    assert!(again.contains("changed meanwhile") || again.contains("not sound"), "{again}");
    let list = lab.ok(&["client", "list"]).await;
    assert!(list.contains("fleet") && list.contains("+4930123456") && !list.contains('\u{1b}'), "{list}");
    lab.ok(&[
        "client",
        "set",
        "fleet",
        "--rate",
        "50",
        "--target",
        "msisdn:49170*",
        "--service",
        "friends=16",
        "--disable",
    ])
    .await;
    let view = lab.json(&["client", "show", "fleet", "--json"]).await;
    assert_eq!((&view["rate_per_s"], &view["enabled"], &view["version"]), (&50.into(), &false.into(), &3.into()));
    assert_eq!(view["services"][0]["service_type"], 16);
    assert_eq!(view["name"]["text"], "Fleet");
    std::fs::write(lab.path("new.secret"), "a secret that is long enough\n").unwrap();
    lab.ok(&["client", "secret", "fleet", "--secret-file", "new.secret"]).await;
    lab.ok(&["client", "secret", "fleet", "--remove"]).await;
    assert_eq!(lab.json(&["client", "show", "fleet", "--json"]).await["has_secret"], false);
    lab.ok(&["client", "remove", "fleet"]).await;
    let gone = lab.fails(1, &["client", "show", "fleet"]).await;
    assert!(gone.contains("no such client"), "{gone}");
    let unsound = lab.fails(1, &["client", "add", "x", "--type", "value_added"]).await;
    assert!(unsound.contains("external_identities") && unsound.contains("name"), "{unsound}");
}

#[tokio::test]
async fn a_subscriber_from_adding_to_erasing() {
    let lab = Lab::new().await;
    lab.ok(&["client", "add", "fleet", "--type", "value_added", "--name", "Fleet", "--number", "+4930123456"]).await;
    lab.ok(&["subscriber", "add", WHO, "--unrelated", "+4930123456=notify", "--plmn", "anonymous_location"]).await;
    lab.fails(1, &["subscriber", "add", WHO, "--universal"]).await;
    let shown = lab.ok(&["subscriber", "show", WHO]).await;
    assert!(shown.contains("notify") && shown.contains("anonymous_location") && !shown.contains("49170"), "{shown}");

    let explained = lab.ok(&["explain", "--client", "fleet", "--target", WHO]).await;
    assert!(
        explained.contains("TS 23.271") && explained.contains("would ask the network, unrelated notify"),
        "{explained}"
    );
    lab.ok(&["subscriber", "switch", WHO, "on"]).await;
    let output = lab.run(&["explain", "--client", "fleet", "--target", WHO]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("decided by switch"), "{}", text(&output.stdout));
    // A profile that is written anew or imported again leaves the switch on.
    let file = lab.dir.path().join("again.json");
    std::fs::write(&file, "{\"universal\": true}").unwrap();
    let lines = lab.dir.path().join("again.ndjson");
    std::fs::write(&lines, format!("{{\"subscriber\": \"{WHO}\", \"profile\": {{\"universal\": true}}}}\n")).unwrap();
    let (file, lines) = (file.display().to_string(), lines.display().to_string());
    let ways: [&[&str]; 3] = [
        &["subscriber", "set", WHO, "--universal"],
        &["subscriber", "set", WHO, "--profile", &file],
        &["subscriber", "import", &lines],
    ];
    for way in ways {
        lab.ok(way).await;
        let view = lab.ok(&["subscriber", "show", WHO, "--json"]).await;
        let view: serde_json::Value = serde_json::from_str(&view).unwrap();
        let (standing, universal) = (&view["profile"]["standing"], &view["profile"]["universal"]);
        assert_eq!((&standing["switched_off"], universal), (&true.into(), &true.into()), "{way:?}");
    }
    lab.ok(&["subscriber", "switch", WHO, "off"]).await;

    lab.ok(&["subscriber", "pause", WHO, "--for", "3600"]).await;
    lab.ok(&["subscriber", "resume", WHO]).await;
    lab.ok(&["subscriber", "opt-out", WHO]).await;
    let refused = lab.fails(1, &["subscriber", "set", WHO, "--universal"]).await;
    assert!(refused.contains("opted out for good"), "{refused}");
    lab.fails(1, &["subscriber", "opt-in", WHO]).await;
    lab.ok(&["subscriber", "opt-in", WHO, "--demanded-by-subscriber"]).await;
    lab.fails(2, &["subscriber", "erase", WHO]).await;
    lab.ok(&["subscriber", "erase", WHO, "--yes"]).await;
    lab.ok(&["subscriber", "erase", WHO, "--yes"]).await;
    lab.fails(1, &["subscriber", "show", WHO]).await;
}

#[tokio::test]
async fn an_import_goes_on_after_lines_that_fail() {
    let lab = Lab::new().await;
    let mut lines: Vec<String> = (0..200)
        .map(|n| format!(r#"{{"subscriber": "imsi:0010100000{n:05}", "profile": {{"universal": true}}}}"#))
        .collect();
    lines[3] = r#"{"subscriber": "imsi:001010000000003", "profile": {"colour": "red"}}"#.into();
    lines[7] = "no json 491701234567".into();
    lines[11] = r#"{"subscriber": "imsi:001010000000011", "profile": {"unrelated": {"not_listed": "allowed"}}}"#.into();
    lines.push(String::new());
    std::fs::write(lab.path("p.ndjson"), lines.join("\n")).unwrap();
    let output = lab.run(&["subscriber", "import", "p.ndjson"]).await;
    let (said, told) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(said.trim(), "197 written, 3 failed");
    for line in ["line 4: unknown field `colour`", "line 8: not JSON", "line 12: profile not sound"] {
        assert!(told.contains(line), "{told}");
    }
    assert!(!told.contains("49170") && !told.contains("00101000"), "{told}");
    let status = lab.run(&["status", "--json"]).await;
    assert_eq!(status.status.code(), Some(1), "not ready");
    let status: Value = serde_json::from_str(&text(&status.stdout)).unwrap();
    assert_eq!(status["subscribers"], 197);
    lab.fails(2, &["subscriber", "import", "missing.ndjson"]).await;
}

#[tokio::test]
async fn a_gateway_that_is_away_or_strange_is_told_so() {
    let lab = Lab::new().await;
    let away = lab.fails(3, &["client", "list", "--admin", "http://127.0.0.1:1"]).await;
    assert!(away.contains("cannot be reached"), "{away}");
    let strange = served(axum::Router::new()).await;
    let said = lab.fails(3, &["client", "list", "--admin", &format!("http://{strange}")]).await;
    assert!(said.contains("is this the right port"), "{said}");
    config::create_private(&lab.path("wrong"), b"another token").unwrap();
    let said = lab.fails(3, &["client", "list", "--token-file", "wrong"]).await;
    assert!(said.contains("not authorised"), "{said}");
    let said = lab.fails(2, &["client", "list", "--token-file", "missing"]).await;
    assert!(said.contains("cannot be read"), "{said}");
}

type Seen = Arc<Mutex<String>>;

async fn door(State((seen, answer)): State<(Seen, String)>, body: String) -> String {
    *seen.lock().unwrap() = body;
    answer
}

/// An MLP door that gives this answer to everything.
async fn scripted_door(answer: &str) -> (String, Seen) {
    let seen = Seen::default();
    let router = axum::Router::new().route("/", post(door)).with_state((Arc::clone(&seen), answer.to_owned()));
    (format!("http://{}/", served(router).await), seen)
}

const LOCATED: &str = r#"<?xml version="1.0"?><svc_result ver="3.5.0"><slia ver="3.5.0"><pos><msid>491701234567</msid><pd>
<time utc_off="+0000">20301231120000</time><shape><CircularArea><coord><X>52 31 12.00N</X><Y>13 24 18.00E</Y></coord>
<radius>100</radius></CircularArea></shape></pd></pos></slia></svc_result>"#;
const REFUSED: &str = r#"<?xml version="1.0"?><svc_result ver="3.5.0"><slia ver="3.5.0"><pos><msid>491701234567</msid>
<poserr><result resid="202">POSITIONING NOT ALLOWED</result><time utc_off="+0000">20301231120000</time></poserr></pos></slia></svc_result>"#;

#[tokio::test]
async fn locate_asks_as_a_client_and_shows_what_comes() {
    let lab = Lab::new().await;
    config::create_private(&lab.path("fleet.secret"), b"s3cret of the fleet\n").unwrap();
    let (mlp, seen) = scripted_door(LOCATED).await;
    let common = ["locate", WHO, "--client", "fleet", "--secret-file", "fleet.secret", "--mlp"];
    let with = |more: &[&'static str], url: &str| {
        let mut args: Vec<String> = common.iter().map(|arg| (*arg).to_owned()).collect();
        args.push(url.to_owned());
        args.extend(more.iter().map(|arg| (*arg).to_owned()));
        args
    };
    let run = async |args: Vec<String>, status: i32| {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let output = lab.run(&args).await;
        assert_eq!(output.status.code(), Some(status), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let said = run(with(&["--codeword", "sesame", "--service", "friends"], &mlp), 0).await;
    assert!(said.contains("52.520000") && said.contains("13.405000") && said.contains("100"), "{said}");
    let sent = seen.lock().unwrap().clone();
    for part in ["<id>fleet</id>", "s3cret of the fleet", "491701234567", "sesame", "friends", "slir"] {
        assert!(sent.contains(part), "{part}: {sent}");
    }
    let json: Value = serde_json::from_str(&run(with(&["--json"], &mlp), 0).await).unwrap();
    assert_eq!((&json["positions"][0]["result"], &json["positions"][0]["radius_m"]), (&0.into(), &100.into()));
    assert!(run(with(&["--xml"], &mlp), 0).await.contains("<CircularArea>"));
    run(with(&["--emergency"], &mlp), 0).await;
    assert!(seen.lock().unwrap().contains("eme_lir"));

    let (mlp, _) = scripted_door(REFUSED).await;
    assert!(run(with(&[], &mlp), 1).await.contains("202"));
    let (mlp, _) = scripted_door("no xml").await;
    run(with(&[], &mlp), 3).await;
    lab.fails(2, &["locate", "491701234567", "--client", "fleet"]).await;
}

#[tokio::test]
async fn files_are_made_checked_and_explained() {
    let lab = Lab::new().await;
    let made = lab.ok(&["init", "etc"]).await;
    assert!(made.contains("made etc/wherefore.toml") && made.contains("store.key"), "{made}");
    let kept = lab.ok(&["init", "etc"]).await;
    assert!(kept.contains("kept etc/wherefore.toml") && !kept.lines().any(|line| line.starts_with("made")), "{kept}");
    let summary = lab.ok(&["check-config", "etc/wherefore.toml"]).await;
    assert!(summary.contains("gmlc.example.net") && summary.contains("note: "), "{summary}");
    std::fs::write(lab.path("bad.toml"), "[mlp]\nlissen = 1\n").unwrap();
    let said = lab.fails(1, &["check-config", "bad.toml"]).await;
    assert!(said.contains("bad.toml:2:1") && said.contains("lissen") && said.contains("listen"), "{said}");
    assert!(lab.fails(1, &["serve", "--config", "bad.toml"]).await.contains("lissen"));
    lab.fails(1, &["check-config", "missing.toml"]).await;
    // With --config neither address nor token need be named.
    let status = lab.fails(3, &["status", "--config", "etc/wherefore.toml", "--admin", "http://127.0.0.1:1"]).await;
    assert!(status.contains("cannot be reached"), "{status}");
    // A lost key is not replaced while there is data.
    std::fs::write(lab.path("etc/wherefore.db"), "x").unwrap();
    std::fs::remove_file(lab.path("etc/store.key")).unwrap();
    assert!(lab.fails(2, &["init", "etc"]).await.contains("put the key back"));
}

#[tokio::test]
async fn a_gateway_is_served_used_and_stopped_and_its_log_names_nobody() {
    let lab = Lab::new().await;
    lab.ok(&["init", "etc"]).await;
    let sample = std::fs::read_to_string(lab.path("etc/wherefore.toml")).unwrap();
    std::fs::write(lab.path("etc/wherefore.toml"), with_free_ports(sample)).unwrap();
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_wherefore"));
    command.args(["serve", "--config", "etc/wherefore.toml", "--log", "trace,sqlx=info"]).current_dir(lab.dir.path());
    let gateway = Serving::start(command).await;
    let (mlp, admin) = (gateway.address("mlp") + "/", gateway.address("admin"));

    let api = ["--admin", &admin, "--token-file", "etc/admin.token"];
    let with = |args: &[&'static str]| args.iter().copied().chain(api).collect::<Vec<_>>();
    let added = lab
        .ok(&with(&["client", "add", "fleet", "--type", "value_added", "--name", "Fleet", "--number", "+4930123456"]))
        .await;
    let secret = added.lines().find_map(|line| line.strip_prefix("secret, shown this once: ")).unwrap().to_owned();
    config::create_private(&lab.path("fleet.secret"), secret.as_bytes()).unwrap();
    let both = "msisdn:491701234567,imsi:001010123456789";
    lab.ok(&with(&["subscriber", "add", both, "--unrelated", "+4930123456=notify"])).await;
    let profile = r#"{"codewords": {"check": "network", "words": ["Abrakadabra"]}, "unrelated": {"clients": [{"number": "+4930123456"}]}}"#;
    std::fs::write(lab.path("p.json"), profile).unwrap();
    lab.ok(&with(&["subscriber", "set", WHO, "--profile", "p.json"])).await;
    let locate = ["locate", WHO, "--client", "fleet", "--secret-file", "fleet.secret", "--mlp", &mlp];
    let refused = lab.run(&locate).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stdout).contains("202"), "{}", text(&refused.stdout));
    let mut right = locate.to_vec();
    right.extend(["--codeword", "Abrakadabra", "--requestor", "aunt"]);
    assert_eq!(lab.run(&right).await.status.code(), Some(1), "there is no network");
    lab.fails(3, &["client", "list", "--admin", &admin, "--token-file", "token"]).await;
    lab.ok(&with(&["subscriber", "opt-out", WHO])).await;

    let log = gateway.stop().await;
    for word in ["491701234567", "001010123456789", "Abrakadabra", "aunt", secret.as_str()] {
        assert!(!log.contains(word), "the gateway's log contains {word}");
    }

    let verified = lab.json(&["log", "verify", "etc/log", "--json"]).await;
    assert_eq!((&verified["good"], &verified["size"]), (&true.into(), &2.into()));
    let shown = lab.json(&["log", "show", WHO, "--config", "etc/wherefore.toml", "--json"]).await;
    let rules: Vec<&Value> = shown.as_array().unwrap().iter().map(|entry| &entry["rule"]).collect();
    assert_eq!(rules, ["codeword", "unrelated-listed"]);
    std::fs::write(lab.path("entry.proof"), lab.ok(&["log", "prove", "etc/log", "--entry", "1"]).await).unwrap();
    lab.ok(&["log", "check-proof", "entry.proof", "--vkey", "etc/log/log.vkey"]).await;
    lab.fails(2, &["log", "show", "msisdn:491700000000", "--config", "etc/wherefore.toml"]).await;
}

#[tokio::test]
async fn completions_and_manual_are_printed() {
    let lab = Lab::new().await;
    for shell in ["bash", "zsh", "fish"] {
        assert!(lab.ok(&["completions", shell]).await.contains("opt-out"), "{shell}");
    }
    assert!(lab.ok(&["man"]).await.contains(".TH wherefore"));
    lab.ok(&["man", "--dir", "man1"]).await;
    assert!(Path::new(&lab.path("man1/wherefore-subscriber-pause.1")).exists());
    let help = lab.ok(&["locate", "--help"]).await;
    assert!(help.contains("Example") && !help.contains('\u{1b}'), "{help}");
    assert!(lab.ok(&["--help"]).await.contains("Exit status"));
}

/// Fourteen numbers, +49900000000 and two digits; this gateway and one abroad.
fn home_registers(provisioned: &str) -> HomeRegisters {
    let numbers: Vec<String> = (1..=14).map(|number| format!("\"+4990000000{number:02}\"")).collect();
    let text = format!(
        "[gateway]\ngmlc_number = \"+4917100000\"\ncountry_codes = [49]\n[pseudo_external]\nnumbers = [{}]\n\
         provisioned = \"{provisioned}\"\nmo_lr = [\"basic_self_location\"]\nv_gmlc_numbers = [\"+336000000\"]\n",
        numbers.join(", ")
    );
    let config = config::Config::parse(&text).unwrap();
    let home = HomeNetwork {
        country_codes: vec![lcs::Digits::parse("49").unwrap()],
        realms: Vec::new(),
        node_numbers: Vec::new(),
    };
    HomeRegisters::new(&config, &Policy::new(home)).unwrap()
}

const SLPP: &[&str] = &["subscriber", "slpp", WHO];

fn slpp<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [SLPP, more].concat()
}

#[tokio::test]
async fn what_the_home_register_must_hold_is_shown_in_a_table_and_as_octets() {
    let lab = Lab::with(Some(home_registers("fourteen"))).await;
    lab.ok(&["subscriber", "add", WHO, "--plmn", "broadcast", "--unrelated", "+4930123456=notify"]).await;
    let table = lab.ok(&slpp(&[])).await;
    let row = |class: &str, who: &str| {
        let line = table.lines().find(|line| line.trim_start().starts_with(class) && line.contains(who));
        line.unwrap_or_else(|| panic!("{class} {who} not in\n{table}")).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        row("call/session related", "clients not listed"),
        "call/session related clients not listed denied said outright, as the default of this class allows"
    );
    assert_eq!(
        row("call/session related", "+499000000003"),
        "call/session related +499000000003 3 verify_allow a call or session changes nothing; listed for nodes that take the default of this class"
    );
    assert_eq!(
        row("call/session related", "+499000000012"),
        "call/session related +499000000012 12 allowed with a call or session; without one verify_restrict"
    );
    assert_eq!(
        row("call/session unrelated", "+499000000012"),
        "call/session unrelated +499000000012 12 verify_restrict without a call or session; with one allowed"
    );
    assert_eq!(
        row("PLMN operator", "broadcast"),
        "PLMN operator broadcast allowed the profile lists it; nodes serve it without asking this gateway"
    );
    assert!(row("self location", "basic_self_location").ends_with("allowed pseudo_external.mo_lr"));
    // What the subscriber allows stays here, and whose data it is is not said.
    assert!(!table.contains("+4930123456") && !table.contains("491701234567"), "{table}");
    assert!(table.contains("note: write it in place of all LCS data"), "{table}");
    let view = lab.json(&slpp(&["--json"])).await;
    assert_eq!(lab.ok(&slpp(&["--map"])).await.trim(), view["map"]);
    assert_eq!(lab.ok(&slpp(&["--avp"])).await.trim(), view["avp"]);
    assert!(view["avp"].as_str().unwrap().starts_with("000005c1c0"), "{view}");
    lab.fails(2, &slpp(&["--map", "--avp"])).await;
}

#[tokio::test]
async fn who_may_not_be_located_keeps_the_identities() {
    let lab = Lab::with(Some(home_registers("first_four"))).await;
    let stranger = lab.ok(&slpp(&[])).await;
    assert!(stranger.contains("the subscriber has no profile, so this gateway refuses"), "{stranger}");
    lab.ok(&["subscriber", "add", WHO, "--plmn", "broadcast"]).await;
    assert!(lab.ok(&slpp(&[])).await.contains("PLMN operator"));
    lab.ok(&["subscriber", "pause", WHO, "--for", "3600"]).await;
    let paused = lab.ok(&slpp(&[])).await;
    assert!(paused.contains("the subscriber paused; write the data again when the pause is over"), "{paused}");
    assert!(paused.contains("+499000000004") && !paused.contains("+499000000005"), "{paused}");
    assert!(!paused.contains("broadcast"), "{paused}");
}

#[tokio::test]
async fn what_a_home_register_holds_is_checked_in_every_form() {
    let lab = Lab::with(Some(home_registers("fourteen"))).await;
    let view = lab.json(&slpp(&["--json"])).await;
    let write = |name: &str, text: &str| std::fs::write(lab.path(name), text).unwrap();
    write("sound.json", &view["data"].to_string());
    write("sound.map", &format!("{}\n", view["map"].as_str().unwrap().to_uppercase()));
    write("sound.avp", view["avp"].as_str().unwrap());
    for name in ["sound.json", "sound.map", "sound.avp"] {
        assert!(lab.ok(&slpp(&["--check", name])).await.contains("sound: old nodes do"), "{name}");
    }
    // The tables of the standard as printed: identities 2 to 4 not in the related list, its default left alone.
    let mut printed = view["data"].clone();
    let related = printed["classes"].as_array_mut().unwrap().iter_mut().find(|c| c["class"] == "call_session_related");
    let related = related.unwrap().as_object_mut().unwrap();
    related.remove("not_listed");
    related["clients"].as_array_mut().unwrap().drain(..3);
    write("printed.json", &printed.to_string());
    let output = lab.run(&slpp(&["--from", "printed.json"])).await;
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("not sound: 8 faults, 4 leaks"), "{told}");
    assert!(
        told.contains("provision \"not allowed\" (NotificationToMSUser 3) for the class (TS 23.271 clause 9.5.3.2"),
        "{told}"
    );
    assert!(told.contains("identity 3 with a call or session up: a node of capability set 2"), "{told}");
    let json = lab.run(&slpp(&["--check", "printed.json", "--json"])).await;
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&json["sound"], &json["leaks"]), (&false.into(), &4.into()));
    // Of another subscriber's profile the PLMN operator class is a fault.
    lab.ok(&["subscriber", "add", WHO, "--plmn", "broadcast"]).await;
    let output = lab.run(&slpp(&["--check", "sound.json"])).await;
    assert!(text(&output.stdout).contains("allows nobody, and by the subscriber's profile must allow broadcast"));
}

#[tokio::test]
async fn what_is_no_data_of_a_home_register_is_said_to_be_none() {
    let lab = Lab::with(Some(home_registers("fourteen"))).await;
    for (name, content, status, says) in [
        ("empty", "", 2, "neither JSON nor hexadecimal"),
        ("words", "a register", 2, "neither JSON nor hexadecimal"),
        ("json", "{\"clases\": []}", 2, "unknown"),
        ("odd", "305", 1, "not hexadecimal"),
        ("ber", "30050403", 1, "map: neither InsertSubscriberDataArg"),
        ("other", "3000", 1, "there is no lcsInformation in it"),
        ("avp", "000005c1c000000d000028af", 1, "avp: not an LCS-Info AVP"),
    ] {
        std::fs::write(lab.path(name), content).unwrap();
        let told = lab.fails(status, &slpp(&["--check", name])).await;
        assert!(told.contains(says), "{name}: {told}");
    }
    let none = Lab::new().await;
    assert!(none.fails(1, &slpp(&[])).await.contains("give pseudo_external.numbers in the configuration"));
}

#[tokio::test]
async fn a_client_that_could_pass_for_an_identity_is_not_registered() {
    let lab = Lab::with(Some(home_registers("first_four"))).await;
    for number in ["+499000000014", "+4990000000021", "+49900"] {
        let add = ["client", "add", "fleet", "--type", "value_added", "--name", "Fleet", "--number", number];
        let told = lab.fails(1, &add).await;
        assert!(told.contains("external_identities: client number") && told.contains("9.5.3.6"), "{told}");
    }
    lab.ok(&["client", "add", "fleet", "--type", "value_added", "--name", "Fleet", "--number", "+4990000001"]).await;
}

#[tokio::test]
async fn check_config_looks_at_the_registered_clients() {
    let lab = Lab::new().await;
    lab.ok(&["client", "add", "fleet", "--type", "value_added", "--name", "Fleet", "--number", "+4990000000031"]).await;
    let numbers: Vec<String> = (1..=14).map(|number| format!("\"+4990000000{number:02}\"")).collect();
    let file = |first: &str| {
        format!(
            "[gateway]\ngmlc_number = \"+4917100000\"\n[diameter]\norigin_host = \"gmlc.example.net\"\n\
             origin_realm = \"example.net\"\nlisten = \"127.0.0.1:0\"\n[store]\npath = \"w.db\"\nkey_file = \"w.key\"\n\
             [pseudo_external]\nnumbers = [{first}{}]\n",
            numbers[1..].join(", ")
        )
    };
    std::fs::write(lab.path("conflict.toml"), file("\"+499000000001\", ")).unwrap();
    let told = lab.fails(1, &["check-config", "conflict.toml"]).await;
    assert!(told.contains("pseudo_external.numbers: client fleet: client number +4990000000031"), "{told}");
    let serve = lab.fails(3, &["serve", "--config", "conflict.toml"]).await;
    assert!(serve.contains("pseudo_external.numbers: client fleet"), "{serve}");
    lab.ok(&["client", "remove", "fleet"]).await;
    let told = lab.ok(&["check-config", "conflict.toml"]).await;
    assert!(told.contains("old nodes by pseudo-external identities +499000000001 to +499000000014, all"), "{told}");
    for (first, says) in [
        ("", "13 numbers, and the standard defines fourteen"),
        ("\"+499000000002\", ", "begins with the number of identity 1"),
        ("\"+49900000001\", ", "all must be of one length"),
    ] {
        std::fs::write(lab.path("unsound.toml"), file(first)).unwrap();
        let told = lab.fails(1, &["check-config", "unsound.toml"]).await;
        assert!(told.contains(says), "{told}");
    }
}
