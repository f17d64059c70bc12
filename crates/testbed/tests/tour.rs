//! The tour in full: `wherefore-testbed demo` with two operators, their gateways, SMS centre and web services.
//!
//! Needs the program: `cargo build -p wherefore`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests, outside of test functions")]

use serde_json::Value;
use std::{path::Path, process::Command};
use testbed::scenario::Scenario;

/// Runs `wherefore-testbed` with these arguments to its end; exit status, and what it printed.
fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let ran = Command::new(env!("CARGO_BIN_EXE_wherefore-testbed")).args(arguments).output().unwrap();
    (ran.status.code(), String::from_utf8(ran.stdout).unwrap())
}

fn gateway() -> String {
    let own = Path::new(env!("CARGO_BIN_EXE_wherefore-testbed"));
    let path = own.parent().unwrap().join("wherefore");
    assert!(path.exists(), "{} is missing; build it first: cargo build -p wherefore", path.display());
    path.to_str().unwrap().to_owned()
}

fn rows<'v>(report: &'v Value, step: &str) -> Vec<(&'v str, &'v str)> {
    let rows = report["rows"].as_array().unwrap().iter().filter(|row| row["step"] == step);
    rows.map(|row| (row["asked"].as_str().unwrap(), row["got"].as_str().unwrap())).collect()
}

#[test]
fn every_step_of_the_tour_ends_as_expected_and_nothing_that_it_prints_names_anybody() {
    let (code, printed) = run(&["demo", "--gateway", &gateway(), "--free-ports", "--once", "--json"]);
    let report: Value = serde_json::from_str(&printed).unwrap();
    let bad: Vec<&Value> = report["rows"].as_array().unwrap().iter().filter(|row| row["ok"] != true).collect();
    assert!(code == Some(0) && bad.is_empty(), "{code:?}: {bad:#?}");
    assert!(report.get("left_out").is_none());

    // Each client has a name of its own for one person, the same by whichever way.
    let names = |step: &str| -> Vec<String> {
        let told = rows(&report, step).into_iter().map(|(_, got)| got.split(';').next().unwrap().to_owned());
        told.collect()
    };
    let written = names("PUSH: a short message, and the answer");
    assert!(written.len() == 2 && written[0] != written[1] && written.iter().all(|name| name.contains('@')));
    assert_eq!(names("PUSH: a web request"), written);
    assert_eq!(names("PULL: a client asks who is there"), written);
    // Asked at the other operator's gateway, about somebody who is there, by a name that home alone resolves.
    let abroad = rows(&report, "asked abroad: by pseudonym, resolved at home");
    assert!(abroad[0].0.ends_with("(sub-41), R beta, H alpha, V beta"), "{abroad:?}");

    // Abroad, the visited gateway waits, and home has what it is told.
    let abroad = rows(&report, "triggered abroad: opts out in the middle");
    assert!(abroad[0].0.ends_with(", R alpha, H alpha, V beta"), "{abroad:?}");
    assert_eq!(abroad[0].1, "position; told that it is over");
    let there = rows(&report, "triggered abroad: asked there, leaves the school");
    assert!(there[0].0.ends_with(", R beta, H alpha, V beta"), "{there:?}");

    // Asked by the card, and not by the gateway's nodes.
    let by_card = |said: &str| rows(&report, &format!("triggered: by SMS and USIM, {said}"));
    let got = |said: &str| by_card(said).into_iter().map(|(_, got)| got.to_owned()).collect::<Vec<_>>();
    assert_eq!(got("the user said yes"), ["the card asks; position; nothing armed in the end"]);
    assert_eq!(got("the user said no"), ["the card asks; 202 positioning not allowed; nothing armed in the end"]);
    assert_eq!(got("several reports"), ["the card asks; position; position; nothing armed in the end"]);

    // MDT, with what was counted: rows as entries, nothing found.
    let mdt: Vec<&str> = report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["step"].as_str()?.strip_prefix("MDT: "))
        .collect();
    assert_eq!(mdt, ["not informed", "an application on the phone", "informed and agreed", "clear", "opt out"]);
    let application = rows(&report, "MDT: an application on the phone");
    assert!(application[0].1.ends_with(" canaries, 0 found"), "{application:?}");

    let logs = report["logs"].as_array().unwrap();
    assert_eq!(logs.iter().map(|log| &log["operator"]).collect::<Vec<_>>(), ["alpha", "beta"]);
    for (log, vias) in logs.iter().zip([vec!["mlp", "network", "rlp", "pull"], vec!["mlp", "network", "rlp"]]) {
        let has = |via: &str| log["entries"].as_array().unwrap().iter().any(|entry| entry["via"] == via);
        assert!(vias.into_iter().all(has), "{}", log["operator"]);
    }
    for subscriber in Scenario::tour().unwrap().subscribers {
        assert!(!printed.contains(&subscriber.imsi), "{}", subscriber.label);
        assert!(subscriber.msisdn.is_none_or(|msisdn| !printed.contains(&msisdn)), "{}", subscriber.label);
    }
}
