//! `kill -9` under load: what a client received is in the log.

use super::{
    ask::{about, endpoint},
    lab::{Lab, OPEN},
    process::{self, Starting},
};
use mlp::client::parse_svc_result;
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use testbed::load::Connection;
use tokio::task::JoinSet;

/// Kills in all.
const KILLS: u32 = 50;
/// Connections that ask all the time.
const CLIENTS: u32 = 8;

/// An answer that a client received: about whom, with which result, when.
struct Received {
    subscriber: u32,
    result: u16,
    at: jiff::Timestamp,
}

/// All that came, by the name that the requestor of the request had; no two requests have the same.
type Ledger = Arc<Mutex<HashMap<String, Received>>>;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Asks until the connection breaks.
async fn client(mlp: std::net::SocketAddr, secret: String, name: String, ledger: Ledger) {
    let endpoint = endpoint(mlp);
    let Ok(mut connection) = Connection::open(&endpoint).await else { return };
    for number in 0_u32.. {
        let (requestor, subscriber) = (format!("{name}-{number}"), 1 + number % OPEN);
        let mut request = about(&secret, &[subscriber]);
        request.requestor = Some(("NAME".to_owned(), requestor.clone()));
        let sent = connection.exchange(&endpoint.request(&request.to_xml()), parse_svc_result).await;
        let Ok((_, answer)) = sent else { return };
        let result = super::ask::result(&answer.unwrap());
        let received = Received { subscriber, result, at: jiff::Timestamp::now() };
        ledger.lock().unwrap().insert(requestor, received);
    }
}

/// Kills a gateway so many times, and looks at the log after each.
async fn rounds(lab: u32, kills: u32) {
    let laboratory = Lab::new("[limits]\nclient_rate_per_s = 1000000\n").await;
    let mut dice = Dice(0x5EED_0000 + u64::from(lab));
    let ledger = Ledger::default();
    let (mut gateway, secret) = laboratory.first_start().await;
    let mut before = laboratory.verified().await;
    for round in 1..=kills {
        let mut clients = JoinSet::new();
        for at in 0..CLIENTS {
            let name = format!("lab{lab} round{round} client{at}");
            clients.spawn(client(gateway.doors.mlp, secret.clone(), name, Arc::clone(&ledger)));
        }
        let received = || ledger.lock().unwrap().len();
        let answered = received();
        process::until("the first answer of a round", async || (received() > answered).then_some(())).await;
        tokio::time::sleep(Duration::from_millis(50 + dice.below(350))).await;
        gateway.kill().await;
        clients.join_all().await;
        // Now and then once more while it starts, when it recovers what is there.
        if round % 5 == 0 {
            let mut starting = Starting::new(laboratory.path());
            tokio::time::sleep(Duration::from_millis(dice.below(200))).await;
            starting.child.kill().await.unwrap();
        }
        gateway = laboratory.start().await;
        let now = laboratory.verified().await;
        grown(&laboratory, &before, &now, round % 10 == 0).await;
        before = now;
    }
    gateway.stop().await;
    laboratory.verified().await;
    let entries = laboratory.entries().await;
    compare(&ledger.lock().unwrap(), &entries);
}

/// The log has not shrunk, nor has the published checkpoint, and what was there is its beginning.
async fn grown(lab: &Lab, before: &Value, now: &Value, prove: bool) {
    let number = |report: &Value, key: &str| report[key].as_u64().unwrap_or(0);
    for key in ["size", "published"] {
        assert!(number(before, key) <= number(now, key), "{key} went back: {before} {now}");
    }
    let old = number(now, "published");
    if prove && old > 0 {
        let old = number(before, "published").max(1);
        let proof = process::ok(lab.path(), &["log", "prove", "log", "--grown-from", &old.to_string()]).await;
        std::fs::write(lab.path().join("grown.proof"), proof).unwrap();
        process::ok(lab.path(), &["log", "check-proof", "grown.proof", "--vkey", "log/log.vkey"]).await;
    }
}

/// Every answer that a client received has one entry, about the same subscriber and of the same kind, made before.
fn compare(received: &HashMap<String, Received>, entries: &[Value]) {
    let mut by_requestor: HashMap<&str, &Value> = HashMap::new();
    for entry in entries.iter().filter(|entry| entry["requestor"].is_string()) {
        let twice = by_requestor.insert(entry["requestor"].as_str().unwrap(), entry);
        assert!(twice.is_none(), "two entries of one request: {entry}");
    }
    let positions = received.values().filter(|of| of.result == 0).count();
    assert!(positions > 0, "no client received a position");
    for (requestor, of) in received {
        let entry = by_requestor.get(requestor.as_str());
        let entry = entry.unwrap_or_else(|| panic!("{requestor} received {} and has no entry", of.result));
        assert_eq!(entry["outcome"] == "allowed", of.result == 0, "{requestor} received {}: {entry}", of.result);
        assert_eq!(entry["msisdn"], super::lab::msisdn(of.subscriber), "{requestor}");
        let recorded: jiff::Timestamp = entry["answered"].as_str().unwrap().parse().unwrap();
        assert!(recorded <= of.at, "{requestor}: received before it was recorded");
    }
    eprintln!("{positions} positions received, {} entries", entries.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_client_received_is_in_the_log_after_kill_9_fifty_times() {
    // Two gateways beside each other: the clients of one load the machine while the other starts.
    tokio::join!(rounds(0, KILLS / 2), rounds(1, KILLS / 2));
}
