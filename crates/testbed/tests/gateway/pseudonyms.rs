//! Requests by pseudonym, a subscriber's own location told under one, and a device of its own that is asked over Lid. Nothing that
//! the gateway says of itself has a pseudonym in it, or the number behind one.

use super::{
    ask::{ask, result},
    device::Device,
    lab::{CLIENT, Lab, client_record, msisdn, who},
    process::{self, Gateway, PATIENCE},
};
use lcs::Address;
use mlp::{
    MsidType,
    client::{ClientTarget, Request, SvcResult},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use testbed::{Laboratory, ss7::SelfLocation, tour::PushListener};

const REALM: &str = "h.gmlc.example";
/// Result 4 of MLP 3.5 table 126.
const UNKNOWN_SUBSCRIBER: u16 = 4;

fn with_pmd() -> String {
    format!("[roles]\npmd = true\n[pmd]\nrealm = '{REALM}'\n")
}

/// A request by pseudonym: as ASID, or as any identity that is said to be encrypted.
fn by(secret: &str, client: &str, pseudonym: &str, encrypted: bool) -> Request {
    let kind = if encrypted { MsidType::Msisdn } else { MsidType::Asid };
    let target = ClientTarget { encrypted, ..ClientTarget::of(kind, pseudonym) };
    Request::new(client, secret, vec![target])
}

/// The name under which the answer tells of its one target.
fn told(answer: &SvcResult) -> &str {
    let [position] = &answer.positions[..] else { panic!("{answer:?}") };
    assert!(position.other_msids.is_empty());
    position.msid.1.expose()
}

async fn assigned(gateway: &Gateway, client: &str, subscriber: &str) -> String {
    let body = json!({"client": client, "subscriber": subscriber});
    let told = gateway.done(Method::POST, "/v1/pseudonyms/assign", None, Some(&body)).await;
    told["pseudonym"].as_str().unwrap().to_owned()
}

async fn revoke(gateway: &Gateway, body: Value) {
    gateway.done(Method::POST, "/v1/pseudonyms/revoke", None, Some(&body)).await;
}

/// Everything that a directory holds, files below it included.
fn everything(dir: &Path, octets: &mut Vec<u8>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            everything(&path, octets);
        } else {
            octets.extend(std::fs::read(path).unwrap());
        }
    }
}

fn holds(octets: &[u8], text: &str) -> bool {
    octets.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_asks_by_its_own_pseudonym_and_is_answered_under_it() {
    let lab = Lab::new(&with_pmd()).await;
    let (gateway, secret) = lab.first_start().await;
    let mlp = gateway.doors.mlp;
    let other_secret = gateway.client("other", client_record("other")).await;
    let mine = assigned(&gateway, CLIENT, &who(1)).await;
    let theirs = assigned(&gateway, "other", &who(1)).await;
    assert!(mine.ends_with(REALM) && mine != theirs);
    // Both identities were completed from the register.
    assert_eq!(assigned(&gateway, CLIENT, "imsi:001010000000001").await, mine);
    for encrypted in [false, true] {
        let answer = ask(mlp, &by(&secret, CLIENT, &mine, encrypted)).await;
        assert_eq!((result(&answer), told(&answer)), (0, mine.as_str()));
    }
    assert_eq!(result(&ask(mlp, &by(&other_secret, "other", &theirs, false)).await), 0);

    // Another client's, forged, cut short, of nobody: one answer.
    let forged = mine.replacen("AQ", "AR", 1);
    for wrong in [theirs.as_str(), &forged, &mine[1..], "nobody"] {
        let answer = ask(mlp, &by(&secret, CLIENT, wrong, false)).await;
        assert_eq!((result(&answer), told(&answer)), (UNKNOWN_SUBSCRIBER, wrong));
    }
    // Privacy is the subscriber's as ever.
    let closed = assigned(&gateway, CLIENT, &who(super::lab::CLOSED)).await;
    assert_eq!(result(&ask(mlp, &by(&secret, CLIENT, &closed, false)).await), 202);

    revoke(&gateway, json!({"client": CLIENT, "subscriber": who(1)})).await;
    assert_eq!(result(&ask(mlp, &by(&secret, CLIENT, &mine, false)).await), UNKNOWN_SUBSCRIBER);
    assert_eq!(result(&ask(mlp, &by(&other_secret, "other", &theirs, false)).await), 0);
    let next = assigned(&gateway, CLIENT, &who(1)).await;
    assert_ne!(next, mine);
    // Acknowledged, so it outlives the power cut.
    gateway.kill().await;
    let gateway = lab.start().await;
    let mlp = gateway.doors.mlp;
    assert_eq!(result(&ask(mlp, &by(&secret, CLIENT, &mine, false)).await), UNKNOWN_SUBSCRIBER);
    assert_eq!(result(&ask(mlp, &by(&secret, CLIENT, &next, false)).await), 0);
    let refused = gateway.metric("wherefore_pseudonyms_resolved_total{outcome=\"revoked\"}").await;
    assert!((refused - 1.0).abs() < 0.1, "{refused}");
    let page = reqwest::get(format!("http://{}/metrics", gateway.doors.metrics)).await.unwrap().text().await.unwrap();
    gateway.stop().await;

    let mut octets = page.into_bytes();
    everything(lab.path(), &mut octets);
    assert!(holds(&octets, "wherefore_pseudonyms_resolved_total") && holds(&octets, "mlp ready"));
    for text in [mine.as_str(), &theirs, &next, &closed, &forged, &mine[..56], &msisdn(1), "001010000000001"] {
        assert!(!holds(&octets, text), "{text}");
    }
    // The disclosure log tells the subscriber, or nobody, and of the name under which the client asked the realm alone.
    let entries = lab.entries().await;
    assert_eq!(entries.len(), 12);
    let veiled = |entry: &Value| entry["target"] == format!("pseudonym @{REALM}");
    // All but "nobody" had one.
    assert_eq!(entries.iter().filter(|entry| veiled(entry)).count(), 11);
    let all = serde_json::to_string(&entries).unwrap();
    assert!([&mine, &theirs, &next, &closed, &forged].iter().all(|text| !all.contains(&text[..56])));
    let located = entries.iter().filter(|entry| entry["outcome"] == "allowed");
    assert!(located.clone().count() == 5 && located.clone().all(|entry| entry.to_string().contains(&msisdn(1))));
    lab.verified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_assigns_resolves_revokes_and_rotates() {
    let lab = Lab::new(&with_pmd()).await;
    let (gateway, _) = lab.first_start().await;
    let admin = format!("http://{}", gateway.doors.admin);
    let api = ["--admin", admin.as_str(), "--token-file", "admin.token", "--json"];
    let person = who(1);
    let run = async |line: &[&str]| process::run(lab.path(), &[line, &api[..]].concat()).await;
    let told = async |line: &[&str]| -> Value {
        let output = run(line).await;
        assert!(output.status.success(), "{line:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let view = told(&["pseudonym", "assign", &person, "--client", CLIENT]).await;
    let pseudonym = view["pseudonym"].as_str().unwrap();
    assert!(view["rotates"].as_str() < view["ends"].as_str());
    std::fs::write(lab.path().join("given"), format!("{pseudonym}\n")).unwrap();
    let resolve = ["pseudonym", "resolve", "--client", CLIENT, "--file", "given"];
    assert_eq!(told(&resolve).await["subscriber"], format!("{person},imsi:001010000000001"));
    let foreign = run(&["pseudonym", "resolve", "--client", "other", "--file", "given"]).await;
    assert_eq!(foreign.status.code(), Some(1));
    assert!(!String::from_utf8_lossy(&foreign.stderr).contains(pseudonym));
    // Whom it hits is to be said twice.
    assert_eq!(run(&["pseudonym", "revoke", "--client", CLIENT]).await.status.code(), Some(2));
    assert_eq!(run(&["pseudonym", "revoke", "--key", "7", "--yes"]).await.status.code(), Some(1));
    assert_eq!(run(&["pseudonym", "assign", &person, "--client", "stranger"]).await.status.code(), Some(1));
    assert!(run(&resolve).await.status.success());
    told(&["pseudonym", "revoke", "--subscriber", &person]).await;
    assert_eq!(run(&resolve).await.status.code(), Some(1));

    let rotate = ["pseudonym", "rotate-key", "--config", "wherefore.toml", "--after", "120", "--json"];
    assert_eq!(process::json(lab.path(), &rotate).await["id"], 1);
    let keys = std::fs::read_to_string(lab.path().join("pseudonym.keys")).unwrap();
    assert_eq!(keys.matches("[[key]]").count(), 2);
    gateway.stop().await;
    // The former key resolves on after a restart, and once it is revoked nothing is assigned before the new one begins.
    let gateway = lab.start().await;
    let assign = json!({"client": CLIENT, "subscriber": person});
    assigned(&gateway, CLIENT, &person).await;
    revoke(&gateway, json!({"key": 0})).await;
    let (status, problem) = gateway.admin(Method::POST, "/v1/pseudonyms/assign", None, Some(&assign)).await;
    assert_eq!((status.as_u16(), &problem["title"]), (409, &json!("no key in force")));
    for wrong in [json!({}), json!({"key": 1, "client": CLIENT}), json!({"subscriber": "msisdn:x"})] {
        let (status, _) = gateway.admin(Method::POST, "/v1/pseudonyms/revoke", None, Some(&wrong)).await;
        assert_eq!(status.as_u16(), 422, "{wrong}");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_role_no_pseudonym_is_known() {
    let lab = Lab::new("").await;
    let (gateway, secret) = lab.first_start().await;
    let answer = ask(gateway.doors.mlp, &by(&secret, CLIENT, &format!("AQxx@{REALM}"), false)).await;
    assert_eq!(result(&answer), UNKNOWN_SUBSCRIBER);
    let body = json!({"client": CLIENT, "subscriber": who(1)});
    let (status, _) = gateway.admin(Method::POST, "/v1/pseudonyms/assign", None, Some(&body)).await;
    assert_eq!(status.as_u16(), 409);
    gateway.stop().await;
}

const LEGACY: &str = "[ss7]\ncountry_code = '999'\n[[ss7.gateway]]\npoint_code = 100\nnumber = '+99912340000'\n\
    [ss7.hlr]\nnumber = '+99900100001'\npoint_code = 201\nlisten = '127.0.0.1:0'\n\
    [[ss7.msc]]\nname = 'msc-1'\nnumber = '+99900200001'\npoint_code = 211\nlisten = '127.0.0.1:0'\ncapability_set = 5\n\
    [[subscriber]]\nlabel = 'self'\nimsi = '001010000010001'\nmsisdn = '99900010001'\nmsc = 'msc-1'\n\
    lcs_information = { mo_lr = ['third_party'] }\nposition = { latitude = 52.52, longitude = 13.405 }\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_who_asks_for_it_is_told_of_under_a_pseudonym() {
    let lab = Lab::with(LEGACY, &with_pmd()).await;
    process::ok(lab.path(), &["init", "."]).await;
    let mut listener = PushListener::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let mut record = client_record(CLIENT);
    record["push_urls"] = json!([listener.prefix()]);
    record["own_location_url"] = json!(listener.url());
    let gateway = lab.start().await;
    lab.network.connected().await;
    gateway.client(CLIENT, record).await;
    let subscriber = "msisdn:99900010001,imsi:001010000010001";
    gateway.done(Method::PUT, "/v1/subscriber", Some(subscriber), Some(&json!({}))).await;
    let client = Address::international("99912345001").unwrap();
    let wanted = |pseudonym| SelfLocation { client, service_type: None, pseudonym };

    lab.network.self_location("self", &wanted(true)).await.unwrap();
    let report = listener.next(PATIENCE).await.unwrap();
    assert!(report.contains("type=\"ASID\"") && !report.contains("99900010001") && !report.contains("001010000010001"));
    let pseudonym = report.split("type=\"ASID\">").nth(1).unwrap().split('<').next().unwrap();
    let body = json!({"client": CLIENT, "pseudonym": pseudonym});
    let told = gateway.done(Method::POST, "/v1/pseudonyms/resolve", None, Some(&body)).await;
    assert_eq!(told["subscriber"], subscriber);
    // Who does not ask for one is told of by number.
    lab.network.self_location("self", &wanted(false)).await.unwrap();
    assert!(listener.next(PATIENCE).await.unwrap().contains("99900010001"));
    gateway.stop().await;

    // Where none can be had, nothing is told.
    lab.configure("");
    let gateway = lab.start().await;
    lab.network.connected().await;
    assert!(lab.network.self_location("self", &wanted(true)).await.is_err());
    gateway.stop().await;
    let outcomes: Vec<Value> = lab.entries().await.iter().map(|entry| entry["outcome"].clone()).collect();
    assert_eq!(outcomes, ["allowed", "allowed", "abandoned"]);
    lab.verified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_without_a_key_asks_the_device_that_has_it() {
    let ours = Laboratory::new(&[], "gmlc.example.net").unwrap();
    let mut device = Device::start(&ours).await;
    let lab = Lab::new(&device.remote("client.pem", "client.key", "ca.pem")).await;
    ours.write(lab.path()).unwrap();
    let (gateway, secret) = lab.first_start().await;
    let mlp = gateway.doors.mlp;
    let add = ["client", "add", CLIENT, "--type", "value_added", "--name", "Laboratory", "--number", "+99912345001"];
    device.does(&[&add[..], &["--no-secret"]].concat()).await;
    let person = who(1);
    let said = device.does(&["pseudonym", "assign", &person, "--client", CLIENT]).await;
    let pseudonym = said.lines().next().unwrap();
    let answer = ask(mlp, &by(&secret, CLIENT, pseudonym, false)).await;
    assert_eq!((result(&answer), told(&answer)), (0, pseudonym));
    device.does(&["pseudonym", "revoke", "--subscriber", &person]).await;
    assert_eq!(result(&ask(mlp, &by(&secret, CLIENT, pseudonym, false)).await), UNKNOWN_SUBSCRIBER);
    let said = device.does(&["pseudonym", "assign", &person, "--client", CLIENT]).await;
    let next = said.lines().next().unwrap();
    device.child.kill().await.unwrap();
    assert_eq!(result(&ask(mlp, &by(&secret, CLIENT, next, false)).await), UNKNOWN_SUBSCRIBER);
    for (outcome, count) in [("done", 1.0), ("refused", 1.0), ("unreachable", 1.0)] {
        let name = format!("wherefore_lid_requests_total{{operation=\"resolve\",outcome=\"{outcome}\"}}");
        assert!((gateway.metric(&name).await - count).abs() < 0.1, "{outcome}");
    }
    gateway.stop().await;
    // Not even at its most talkative.
    let (mut octets, log) = (Vec::new(), device.path().join("device.log"));
    everything(lab.path(), &mut octets);
    octets.extend(std::fs::read(log).unwrap());
    for text in [pseudonym, next, &pseudonym[..56], &msisdn(1)] {
        assert!(!holds(&octets, text), "{text}");
    }
}
