//! Who may not ask, whose settings cannot be read, and a gateway whose own secrets are gone: refused, recorded, said.

use super::{
    ask::{about, ask, result, results},
    lab::{CLIENT, CLOSED, Lab, OPEN, STRANGER, client_record, who},
    process::{self, Starting},
};
use mlp::client::Request;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

/// Entries of the request that named this requestor.
fn of<'e>(entries: &'e [Value], requestor: &str) -> Vec<&'e Value> {
    entries.iter().filter(|entry| entry["requestor"] == requestor).collect()
}

fn named(mut request: Request, requestor: &str) -> Request {
    request.requestor = Some(("NAME".to_owned(), requestor.to_owned()));
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_known_is_refused_and_recorded_for_every_target() {
    let lab = Lab::new("").await;
    let (gateway, secret) = lab.first_start().await;
    let mlp = gateway.doors.mlp;
    let mut disabled = client_record("disabled");
    let of_disabled = gateway.client("disabled", disabled.clone()).await;
    disabled["enabled"] = json!(false);
    gateway.done(Method::PUT, "/v1/clients/disabled", None, Some(&disabled)).await;

    let mut asked = Vec::new();
    for (account, secret, targets) in [
        ("nobody", Some(secret.as_str()), vec![1, 2]),
        (CLIENT, Some("a wrong secret"), vec![1, 2, CLOSED]),
        (CLIENT, Some(""), vec![1]),
        (CLIENT, None, vec![1]),
        ("disabled", Some(of_disabled.as_str()), vec![3, STRANGER]),
    ] {
        let requestor = format!("case {}", asked.len());
        let mut request = named(about("", &targets), &requestor);
        (request.client_id, request.password) = (account.to_owned(), secret.map(str::to_owned));
        assert_eq!(results(&ask(mlp, &request).await), [3], "{account}");
        asked.push((requestor, targets.len()));
    }
    assert_eq!(lab.network.counted().plr, 0, "a refusal costs no signalling");
    gateway.stop().await;
    lab.verified().await;
    let entries = lab.entries().await;
    for (requestor, targets) in asked {
        let entries = of(&entries, &requestor);
        assert_eq!(entries.len(), targets, "{requestor}");
        for entry in entries {
            assert_eq!((&entry["outcome"], &entry["given"]), (&json!("failed"), &Value::Null), "{entry}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_cannot_be_read_refuse() {
    let lab = Lab::new("").await;
    let (gateway, secret) = lab.first_start().await;
    assert_eq!(results(&ask(gateway.doors.mlp, &about(&secret, &[1, CLOSED])).await), [0, 202]);
    assert_eq!(result(&ask(gateway.doors.mlp, &about(&secret, &[STRANGER])).await), 4);
    gateway.stop().await;

    let store = SqliteConnectOptions::new().filename(lab.path().join("wherefore.db"));
    let mut store = SqliteConnection::connect_with(&store).await.unwrap();
    let spoiled = sqlx::query("UPDATE profiles SET profile = randomblob(length(profile))").execute(&mut store).await;
    assert_eq!(spoiled.unwrap().rows_affected(), u64::from(OPEN) + 1);
    store.close().await.unwrap();

    let gateway = lab.start().await;
    let before = lab.network.counted().plr;
    assert_eq!(result(&ask(gateway.doors.mlp, &named(about(&secret, &[1]), "unreadable")).await), 202);
    assert_eq!(lab.network.counted().plr, before, "a refusal costs no signalling");
    // Written anew, it counts.
    gateway.done(Method::PUT, "/v1/subscriber", Some(&who(2)), Some(&json!({"universal": true}))).await;
    assert_eq!(results(&ask(gateway.doors.mlp, &about(&secret, &[1, 2])).await), [202, 0]);
    gateway.stop().await;
    let entries = lab.entries().await;
    let [entry] = of(&entries, "unreadable")[..] else { panic!("{entries:?}") };
    assert_eq!(entry["outcome"], "refused");
    assert_eq!((&entry["rule"], &entry["given"]), (&json!("profile-readable"), &Value::Null), "{entry}");
    assert!(entry["why"].as_str().unwrap().contains("cannot be read"), "{entry}");
    lab.verified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_without_its_keys_serves_nothing_and_says_why() {
    let lab = Lab::new("").await;
    let (gateway, secret) = lab.first_start().await;
    assert_eq!(result(&ask(gateway.doors.mlp, &about(&secret, &[1])).await), 0);
    gateway.stop().await;

    let other_key = format!("{}\n", "5a".repeat(32));
    let cases: [(&str, Option<&str>, &str); 6] = [
        ("store.key", None, "its key is missing"),
        ("store.key", Some(&other_key), "key"),
        ("store.key", Some("no key\n"), "64 hexadecimal digits"),
        ("wherefore.db", Some("this is no database, and was never one"), "wherefore.db"),
        ("log-sign.key", None, "log-sign.key"),
        ("log-content.key", None, "log-content.key"),
    ];
    for (file, content, told) in cases {
        let path = lab.path().join(file);
        let aside = lab.path().join("aside");
        std::fs::rename(&path, &aside).unwrap();
        if let Some(content) = content {
            std::fs::copy(&aside, &path).unwrap();
            std::fs::write(&path, content).unwrap();
        }
        let output = process::run(lab.path(), &["serve", "--config", "wherefore.toml"]).await;
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().last().unwrap_or_default();
        assert_eq!(output.status.code(), Some(3), "{file} {content:?}: {said}");
        assert!(last.starts_with("wherefore: ") && last.contains(told), "{file} {content:?}: {last}");
        assert!(!said.contains("ready"), "{file} {content:?}: {said}");
        if content.is_none() {
            assert!(!path.exists(), "{file} was made anew");
        }
        std::fs::rename(&aside, &path).unwrap();
    }
    // Only one at a time.
    let gateway = lab.start().await;
    let second = process::run(lab.path(), &["serve", "--config", "wherefore.toml"]).await;
    assert_eq!(second.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&second.stderr).contains("another process"));
    assert_eq!(result(&ask(gateway.doors.mlp, &about(&secret, &[1])).await), 0);
    gateway.stop().await;
    // A door that is taken.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    lab.configure(&format!("[mlp]\nlisten = '{}'\n", taken.local_addr().unwrap()));
    let mut starting = Starting::new(lab.path());
    assert_eq!(starting.child.wait().await.unwrap().code(), Some(3));
    assert!(std::fs::read_to_string(lab.path().join("gateway.log")).unwrap().contains("mlp.listen"));
    lab.verified().await;
}
