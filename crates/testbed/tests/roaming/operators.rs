//! Operators `a`, `b` and `c` over one simulated network: directories with configuration and certificates, and their gateways started.

use super::certificates::Exchange;
use super::process::{self, Gateway, Starting};
use super::register::Register;
use super::school::CELLS;
use mlp::MsidType;
use mlp::client::{ClientTarget, Request, SvcResult, parse_svc_result};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, fmt::Write as _, net::SocketAddr, path::Path};
use testbed::load::{Connection, Endpoint};
use testbed::{DiameterAddress, Laboratory, Network, NetworkOptions, NodeRole, scenario::Scenario};

/// All operators, with the code of their country. The first two are of no country, and of networks that span them; the third is of
/// one, so that its node is in a country that others may have an agreement with.
pub(crate) const OPERATORS: [(&str, u16); 3] = [("a", 999), ("b", 888), ("c", 44)];
/// With which countries an operator agreed that emergency services override privacy: `c` with that of `a` and not with that of `b`, who
/// thinks otherwise.
const AGREEMENTS: [(&str, &str); 3] = [("a", "44, 888"), ("b", "44, 999"), ("c", "999")];
/// The account of the client that each gateway has.
pub(crate) const CLIENT: &str = "fleet";
/// The account of the emergency service that each gateway has.
pub(crate) const RESCUE: &str = "rescue";

/// Somebody: home operator, number, and by whose node served.
pub(crate) struct Person(pub(crate) &'static str, pub(crate) u32, pub(crate) &'static str);

/// At home with `b`, and in `c`'s network.
pub(crate) const ROAMER: Person = Person("b", 1, "c");
/// At home with `b`, and there.
pub(crate) const AT_HOME: Person = Person("b", 2, "b");
/// At home with `b`, in `c`'s network, and has allowed nobody anything.
pub(crate) const CLOSED: Person = Person("b", 3, "c");
/// At home with `b`, in `c`'s network, wants to be asked, and says no.
pub(crate) const REFUSER: Person = Person("b", 4, "c");
/// At home with `b`, in `c`'s network, and is told afterwards, where the position is known.
pub(crate) const TOLD_AFTER: Person = Person("b", 5, "c");
/// At home with `a`, and there.
pub(crate) const OWN: Person = Person("a", 6, "a");
/// At home with `a`, and in `b`'s network.
pub(crate) const OWN_ABROAD: Person = Person("a", 7, "b");
/// At home with `a`, in `c`'s network, and has allowed nobody anything.
pub(crate) const OWN_CLOSED: Person = Person("a", 8, "c");

/// At home with `b`, in `c`'s network, and cannot be reached.
pub(crate) const SHUT_OFF: Person = Person("b", 9, "c");

const PEOPLE: [&Person; 9] =
    [&ROAMER, &AT_HOME, &CLOSED, &REFUSER, &TOLD_AFTER, &OWN, &OWN_ABROAD, &OWN_CLOSED, &SHUT_OFF];

impl Person {
    pub(crate) fn msisdn(&self) -> String {
        format!("{}0000{:05}", country(self.0), self.1)
    }

    pub(crate) fn imsi(&self) -> String {
        format!("{}00000{:05}", plmn(self.0), self.1)
    }

    pub(crate) fn label(&self) -> String {
        format!("{}-{}", self.0, self.1)
    }
}

fn country(operator: &str) -> u16 {
    OPERATORS.iter().find(|(name, _)| *name == operator).unwrap().1
}

fn at(operator: &str) -> usize {
    1 + OPERATORS.iter().position(|(name, _)| *name == operator).unwrap()
}

/// Mobile country code: that of tests, and one of the country of `c`.
fn mcc(operator: &str) -> &'static str {
    if operator == "c" { "234" } else { "001" }
}

pub(crate) fn plmn(operator: &str) -> String {
    format!("{}0{}", mcc(operator), at(operator))
}

pub(crate) fn realm(operator: &str) -> String {
    format!("epc.mnc00{}.mcc{}.3gppnetwork.org", at(operator), mcc(operator))
}

pub(crate) fn gateway_name(operator: &str) -> String {
    format!("gmlc.{operator}.example")
}

fn pseudonym_realm(operator: &str) -> String {
    format!("h.{operator}.example")
}

fn gmlc_number(operator: &str) -> String {
    format!("+{}12340000", country(operator))
}

fn address(operator: &str) -> String {
    format!("192.0.2.{}0", at(operator))
}

/// The network of all three: a register and a node each, gateways told by address.
fn scenario(cells: &str) -> Scenario {
    let mut text = String::new();
    for (operator, code) in OPERATORS {
        let realm = realm(operator);
        let (network, gateway, hss, mme) = match operator {
            "a" => (
                "[network]\noperator = 'a'\ncontrol = '127.0.0.1:0'\nverification_timeout_ms = 60".to_owned(),
                "network.gateway",
                "hss",
                "mme",
            ),
            other => (format!("[[operator]]\nname = '{other}'"), "operator.gateway", "operator.hss", "operator.mme"),
        };
        write!(
            text,
            "{network}\nrealm = '{realm}'\n[{gateway}]\nnumber = '{}'\ncountry_code = {code}\nplmns = ['{}']\naddress = '{}'\n\
             [{hss}]\nname = 'hss-{operator}'\nhost = 'hss.{realm}'\nlisten = '127.0.0.1:0'\n\
             [[{mme}]]\nname = 'mme-{operator}'\nhost = 'mme.{realm}'\nlisten = '127.0.0.1:0'\n",
            gmlc_number(operator),
            plmn(operator),
            address(operator),
        )
        .unwrap();
    }
    for person in PEOPLE {
        let user = match person.1 {
            of if of == REFUSER.1 => "user = { answer = 'refuses' }\n",
            of if of == SHUT_OFF.1 => "state = 'unreachable'\n",
            _ => "",
        };
        write!(
            text,
            "[[subscriber]]\nlabel = '{}'\nimsi = '{}'\nmsisdn = '{}'\noperator = '{}'\nmme = 'mme-{}'\n{user}\
             position = {{ latitude = 52.52, longitude = 13.405 }}\n",
            person.label(),
            person.imsi(),
            person.msisdn(),
            person.0,
            person.2,
        )
        .unwrap();
    }
    Scenario::parse(&(text + cells)).unwrap()
}

/// The home by a name that one shape stands for, and one that none does.
const NAMES: &str = r#"{"type": "FeatureCollection", "features": [
    {"properties": {"name": "home"}, "geometry": {"type": "Polygon", "coordinates":
        [[[13.402, 52.518], [13.408, 52.518], [13.408, 52.522], [13.402, 52.522], [13.402, 52.518]]]}},
    {"properties": {"name": "both"}, "geometry": {"type": "MultiPolygon", "coordinates": [
        [[[13.402, 52.518], [13.408, 52.518], [13.408, 52.522]]], [[[13.402, 52.598], [13.408, 52.598], [13.408, 52.602]]]]}}
]}"#;

/// Everything but the gateways.
pub(crate) struct World {
    pub(crate) network: Network,
    pub(crate) exchange: Exchange,
    pub(crate) doors: BTreeMap<&'static str, SocketAddr>,
    directories: BTreeMap<&'static str, tempfile::TempDir>,
}

/// A gateway with the secret of its client.
pub(crate) struct Started {
    pub(crate) gateway: Gateway,
    secret: String,
    rescue: String,
}

impl World {
    /// Starts the network and writes configurations. `changes`: of an operator's gateway, laid over the usual ones as text.
    pub(crate) async fn new(changes: &[(&str, &str)]) -> Self {
        Self::with("", changes, ("", "", "")).await
    }

    /// The same, where `operator` knows the gateway of another with these keys beside the usual ones.
    pub(crate) async fn limited(operator: &str, other: &str, keys: &str) -> Self {
        Self::with("", &[], (operator, other, keys)).await
    }

    /// One where all take triggered requests and their networks have cells, at the same places. `b` has names of areas.
    pub(crate) async fn with_cells() -> Self {
        let push = |operator| {
            let own = address(operator);
            format!("[mlp.push]\nretry_ms = 50\nretry_max_s = 1\n[deferred]\ngmlc_address = '{own}'\n")
        };
        let table = |operator| push(operator) + "[areas]\ncell_table_file = 'cells.csv'\n";
        let (a, b, c) = (table("a"), table("b") + "names_file = 'names.json'\n", table("c"));
        let world = Self::with(CELLS, &[("a", &a), ("b", &b), ("c", &c)], ("", "", "")).await;
        std::fs::write(world.directory("b").join("names.json"), NAMES).unwrap();
        for operator in ["a", "b", "c"] {
            let network = format!("LTE,{},{},", mcc(operator).trim_start_matches('0'), at(operator));
            let cells = world.network.cell_table().replace("LTE,1,1,", &network);
            std::fs::write(world.directory(operator).join("cells.csv"), cells).unwrap();
        }
        world
    }

    /// Takes a role from the gateway of `other` in the records of `operator`, whose gateway is not started yet.
    pub(crate) fn take_role(&self, operator: &str, other: &str, role: &str) {
        let file = self.directory(operator).join("wherefore.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let roles = |roles: &str| format!("name = '{}'\nroles = [{roles}]", gateway_name(other));
        let all = ["requesting", "home", "visited"];
        let list = |left: &[&str]| left.iter().map(|role| format!("'{role}'")).collect::<Vec<_>>().join(", ");
        let left: Vec<&str> = all.into_iter().filter(|one| *one != role).collect();
        let changed = text.replace(&roles(&list(&all)), &roles(&list(&left)));
        assert_ne!(changed, text, "{other} is no peer of {operator} with all roles");
        std::fs::write(file, changed).unwrap();
    }

    async fn with(cells: &str, changes: &[(&str, &str)], limited: (&str, &str, &str)) -> Self {
        // Fails only if a provider is installed already, which is as good.
        tokio_rustls::rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let network = Network::start(&scenario(cells), NetworkOptions::default()).await.unwrap();
        let names: Vec<String> = OPERATORS.iter().map(|(name, _)| gateway_name(name)).collect();
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        // Known to the authority, and a peer of nobody.
        names.push("gmlc.stranger.example");
        let exchange = Exchange::new(&names);
        let mut doors = BTreeMap::new();
        let mut directories = BTreeMap::new();
        for (operator, _) in OPERATORS {
            // Told to the others before it is there.
            let door = process::free_address().await;
            doors.insert(operator, door);
            let directory = tempfile::Builder::new().prefix("wherefore-roaming-").tempdir().unwrap();
            exchange.write(&gateway_name(operator), directory.path());
            directories.insert(operator, directory);
        }
        let world = Self { network, exchange, doors, directories };
        for (operator, _) in OPERATORS {
            let own = changes.iter().find(|(name, _)| *name == operator).map_or("", |(_, text)| *text);
            let text = world.configuration(operator, own, limited);
            std::fs::write(world.directory(operator).join("wherefore.toml"), text).unwrap();
        }
        world
    }

    pub(crate) fn directory(&self, operator: &str) -> &Path {
        self.directories[operator].path()
    }

    /// `changes` may set keys of `[lr]` and further sections; it stands where those of `[lr]` begin.
    fn configuration(&self, operator: &str, changes: &str, limited: (&str, &str, &str)) -> String {
        let realm = realm(operator);
        let free = "listen = '127.0.0.1:0'";
        let mut text = format!(
            "[gateway]\nname = '{}'\ngmlc_number = '{}'\ncountry_codes = [{}]\nhome_plmns = ['{}']\n[roles]\npmd = true\n\
             [pmd]\nrealm = '{}'\n[mlp]\n{free}\n[mlp.tls]\n{free}\n[admin]\n{free}\n[metrics]\n{free}\n[log]\nsegment_mib = 1\n\
             [charging]\ndir = 'charging'\n[privacy.emergency]\nenabled = true\nagreement_country_codes = [{}]\n\
             [diameter]\norigin_host = 'gmlc.{realm}'\norigin_realm = '{realm}'\naccept = false\n[diameter.timers]\nreconnect_s = 1\n",
            gateway_name(operator),
            gmlc_number(operator),
            country(operator),
            plmn(operator),
            pseudonym_realm(operator),
            AGREEMENTS.iter().find(|(name, _)| *name == operator).unwrap().1,
        );
        for DiameterAddress { role, operator: of, host, realm, listen, .. } in self.network.diameter_addresses() {
            let role = if role == NodeRole::Hss { "hss" } else { "mme" };
            if of == operator {
                write!(
                    text,
                    "[[diameter.peer]]\nhost = '{host}'\nrealm = '{realm}'\nrole = '{role}'\naddress = '{listen}'\n"
                )
                .unwrap();
            }
        }
        write!(
            text,
            "[lr]\nlisten = '{}'\ncert_file = 'lr.pem'\nkey_file = 'lr.key'\nca_file = 'lr-ca.pem'\naddresses = ['{}']\n{changes}\n",
            self.doors[operator],
            address(operator)
        )
        .unwrap();
        for (other, code) in OPERATORS.iter().filter(|(other, _)| *other != operator) {
            let keys = if (limited.0, limited.1) == (operator, other) { limited.2 } else { "" };
            write!(
                text,
                "[[lr.peer]]\nname = '{}'\nroles = ['requesting', 'home', 'visited']\ncountry_code = {code}\n\
                 url = 'https://localhost:{}'\ncertificate_sha256 = ['{}']\nrealms = ['{}']\nplmns = ['{}']\n\
                 number_prefixes = ['+{code}']\naddresses = ['{}']\ngmlc_number = '{}'\nclients = ['{CLIENT}']\n\
                 client_types = ['value_added', 'emergency']\n{keys}",
                gateway_name(other),
                self.doors[other].port(),
                self.print(&gateway_name(other)),
                pseudonym_realm(other),
                plmn(other),
                address(other),
                gmlc_number(other),
            )
            .unwrap();
        }
        text
    }

    fn print(&self, name: &str) -> String {
        Sha256::digest(self.exchange.certificate(name)).iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// Starts the gateway of an operator, with its clients and the profiles of its subscribers.
    pub(crate) async fn start(&self, operator: &'static str) -> Started {
        let started = self.without_profiles(operator).await;
        for (both, profile) in profiles(operator) {
            started.gateway.done(Method::PUT, "/v1/subscriber", Some(&both), Some(&profile)).await;
        }
        started
    }

    /// The same where the profiles are kept by a register of the operator in a process of its own.
    pub(crate) async fn start_beside(&self, operator: &'static str, register: &Register, ours: &Laboratory) -> Started {
        let directory = self.directory(operator);
        ours.write(directory).unwrap();
        let file = directory.join("wherefore.toml");
        let text = std::fs::read_to_string(&file).unwrap().replacen("[roles]\n", "[roles]\nppr = false\n", 1);
        std::fs::write(&file, text + &register.remote()).unwrap();
        for (both, profile) in profiles(operator) {
            register.change(Method::PUT, "/v1/subscriber", &both, Some(&profile)).await;
        }
        self.without_profiles(operator).await
    }

    /// Starts the gateway of an operator once more.
    pub(crate) async fn again(&self, operator: &'static str) -> Gateway {
        let gateway = Starting::new(self.directory(operator)).listening().await;
        gateway.connected().await;
        gateway
    }

    async fn without_profiles(&self, operator: &'static str) -> Started {
        process::ok(self.directory(operator), &["init", "."]).await;
        let gateway = Starting::new(self.directory(operator)).listening().await;
        gateway.connected().await;
        // One client, registered with more than one operator under one number.
        let record = json!({
            "id": CLIENT,
            "client_type": "value_added",
            "name": {"text": "Example Fleet"},
            "external_identities": [{"number": "+99912345001"}],
            "rate_per_s": 1_000_000,
            "burst": 1_000_000,
            "requests": ["non_call", "call_session", "current", "current_or_last_known"],
        });
        let secret = gateway.client(CLIENT, record).await;
        let record = json!({
            "id": RESCUE,
            "client_type": "emergency",
            "external_identities": [{"number": format!("+{}112", country(operator))}],
            "override_capability": true,
        });
        let rescue = gateway.client(RESCUE, record).await;
        Started { gateway, secret, rescue }
    }

    /// What the log of an operator shows of somebody.
    pub(crate) async fn entries_about(&self, operator: &str, person: &Person) -> Vec<Value> {
        let who = format!("msisdn:{}", person.msisdn());
        match process::json(self.directory(operator), &["log", "show", &who, "--config", "wherefore.toml", "--json"])
            .await
        {
            Value::Array(entries) => entries,
            other => panic!("no list: {other}"),
        }
    }

    /// Every entry of an operator's log.
    pub(crate) async fn entries(&self, operator: &str) -> Vec<Value> {
        let all = ["log", "show", "--all", "--operator", "--config", "wherefore.toml", "--json"];
        match process::json(self.directory(operator), &all).await {
            Value::Array(entries) => entries,
            other => panic!("no list: {other}"),
        }
    }

    /// Every record of charging of an operator whose gateway was stopped.
    pub(crate) fn charged(&self, operator: &str) -> Vec<Value> {
        let directory = self.directory(operator).join("charging");
        let mut files: Vec<_> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert!(files.iter().all(|file| file.extension().is_some_and(|end| end == "jsonl")), "{files:?}");
        let lines = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
        lines
            .flat_map(|text| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<_>>())
            .collect()
    }
}

/// Identities and profiles of an operator's subscribers.
fn profiles(operator: &str) -> impl Iterator<Item = (String, Value)> {
    PEOPLE.iter().filter(move |person| person.0 == operator).map(|person| {
        let profile = match person.1 {
            of if of == CLOSED.1 || of == OWN_CLOSED.1 => json!({}),
            of if of == REFUSER.1 => json!({"unrelated": {"not_listed": "verify_restrict"}}),
            of if of == TOLD_AFTER.1 => json!({
                "unrelated": {"not_listed": "notify"},
                "conditions": {"notify_after_positioning": true},
            }),
            _ => json!({"universal": true}),
        };
        (format!("msisdn:{},imsi:{}", person.msisdn(), person.imsi()), profile)
    })
}

impl Started {
    /// A request of the usual client.
    pub(crate) fn about(&self, person: &Person) -> Request {
        Request::new(CLIENT, &self.secret, vec![ClientTarget::msisdn(person.msisdn())])
    }

    /// A request of the emergency service.
    pub(crate) fn rescuing(&self, person: &Person) -> Request {
        let mut request = Request::new(RESCUE, &self.rescue, vec![ClientTarget::msisdn(person.msisdn())]);
        request.service = mlp::ImmediateService::EmeLir;
        request
    }

    /// One by pseudonym.
    pub(crate) fn under(&self, pseudonym: &str) -> Request {
        Request::new(CLIENT, &self.secret, vec![ClientTarget::of(MsidType::Asid, pseudonym)])
    }

    /// Sends a request over a connection of its own.
    pub(crate) async fn ask(&self, request: &Request) -> SvcResult {
        let endpoint: Endpoint = format!("http://{}/", self.gateway.doors.mlp).parse().unwrap();
        let mut connection = Connection::open(&endpoint).await.unwrap();
        let (_, answer) = connection.exchange(&endpoint.request(&request.to_xml()), parse_svc_result).await.unwrap();
        answer.unwrap()
    }

    /// Sends a request; its result, 0 for a position.
    pub(crate) async fn result(&self, request: &Request) -> u16 {
        let answer = self.ask(request).await;
        answer.result.as_ref().map_or_else(|| answer.positions[0].result.0, |(result, _)| result.0)
    }

    /// The pseudonym of somebody for the usual client.
    pub(crate) async fn assigned(&self, person: &Person) -> String {
        let body = json!({"client": CLIENT, "subscriber": format!("msisdn:{}", person.msisdn())});
        let told = self.gateway.done(Method::POST, "/v1/pseudonyms/assign", None, Some(&body)).await;
        told["pseudonym"].as_str().unwrap().to_owned()
    }
}
