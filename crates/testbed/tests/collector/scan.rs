//! The upload port as scanners of others see it: testssl.sh (Debian package `testssl.sh`), and `openssl s_client` for what that does not ask.

use super::scene::{Scene, USUAL};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

/// What testssl.sh warns of although it says nothing of the port.
const PASSED_OVER: [(&str, &str); 1] = [("engine_problem", "the scanner's own OpenSSL has no engine for GOST")];

/// One line of the report of testssl.sh.
#[derive(Deserialize)]
struct Found {
    id: String,
    severity: String,
    finding: String,
}

/// Whether the program is there; in continuous integration it must be.
fn is_there(program: &str, package: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    let ci = std::env::var_os("CI").is_some_and(|v| v != "false" && !v.is_empty());
    assert!(there || !ci, "{program} (Debian: {package}) is missing, and no test may be skipped");
    if !there {
        eprintln!("skipped: without {program} (Debian: {package})");
    }
    there
}

/// Scans protocols, server preference, classes of ciphers, vulnerabilities and forward secrecy. Asks nobody else: no names are looked up,
/// no revocation, no list of preloaded names.
fn testssl(directory: &Path, door: SocketAddr) -> Vec<Found> {
    let report = directory.join("testssl.json");
    let mut command = Command::new("testssl");
    command.env("HOME", directory).env("TERM", "dumb").current_dir(directory).stdin(Stdio::null());
    command.args(["--quiet", "--color", "0", "--warnings", "off", "--fast", "--assume-http", "--nodns", "none"]);
    command.args(["--ip", "127.0.0.1", "-p", "-P", "-s", "-U", "-f", "--jsonfile"]).arg(&report);
    let output = command.arg(format!("https://localhost:{}", door.port())).output().unwrap();
    let text = std::fs::read_to_string(&report).unwrap_or_default();
    let told = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("no report: {error}\n{text}\n{told}"))
}

/// Nothing of medium weight or more, and no protocol but TLS 1.3.
#[tokio::test(flavor = "multi_thread")]
async fn testssl_finds_nothing_at_the_upload_port() {
    if !is_there("testssl", "testssl.sh") {
        return;
    }
    let scene = Scene::new(USUAL).await;
    let (directory, door) = (scene.lab.path().to_owned(), scene.door());
    let found = tokio::task::spawn_blocking(move || testssl(&directory, door)).await.unwrap();
    let amiss = found.iter().filter(|found| {
        let quiet = matches!(found.severity.as_str(), "OK" | "INFO" | "LOW");
        !quiet && !PASSED_OVER.iter().any(|(id, _)| found.severity == "WARN" && *id == found.id)
    });
    let amiss: Vec<_> = amiss.map(|found| format!("{} {}: {}", found.severity, found.id, found.finding)).collect();
    assert_eq!(amiss, Vec::<String>::new());
    let of = |id: &str| found.iter().find(|found| found.id == id).map(|found| found.finding.as_str());
    for old in ["SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2"] {
        assert_eq!(of(old), Some("not offered"), "{old}");
    }
    assert_eq!(of("TLS1_3"), Some("offered with final"));
    // That the scan came to its end, and to the sections that it was asked for.
    for id in ["cipherlist_NULL", "PFS", "protocol_negotiated", "heartbleed", "ROBOT", "LUCKY13", "RC4"] {
        assert!(of(id).is_some(), "{id} was not looked at");
    }
}

/// What one connection of `openssl s_client` tells, and whether it came about.
async fn s_client(scene: &Scene, more: &[&str]) -> (bool, String) {
    let mut command = tokio::process::Command::new("openssl");
    let door = scene.door().to_string();
    command.current_dir(scene.lab.path()).stdin(Stdio::null()).kill_on_drop(true);
    command.args(["s_client", "-connect", &door, "-servername", "localhost", "-CAfile", "ca.pem"]);
    command.args(["-verify_hostname", "localhost", "-verify_return_error"]).args(more);
    let output = command.output().await.unwrap();
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

/// The chain is good for the name, the three ciphers of TLS 1.3 are all there is, certificates of phones are asked for, no early data is
/// taken that somebody could send twice, and older protocols end with an alert (RFC 8446 clauses 4.2.1, 6.2, 8).
#[tokio::test(flavor = "multi_thread")]
async fn s_client_sees_tls_1_3_alone_a_good_chain_and_no_early_data() {
    if !is_there("openssl", "openssl") {
        return;
    }
    let scene = Scene::new(USUAL).await;
    let (came, told) = s_client(&scene, &["-tls1_3"]).await;
    assert!(came && told.contains("Verify return code: 0 (ok)"), "{told}");
    for seen in ["New, TLSv1.3", "Acceptable client certificate CA names"] {
        assert!(told.contains(seen), "{seen}: {told}");
    }
    let early = told.lines().filter(|line| line.contains("Max Early Data")).all(|line| line.trim().ends_with(": 0"));
    assert!(early && !told.contains("Early data was accepted"), "{told}");
    for cipher in ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"] {
        assert!(s_client(&scene, &["-tls1_3", "-ciphersuites", cipher]).await.0, "{cipher}");
    }
    let (came, told) = s_client(&scene, &["-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256"]).await;
    assert!(!came && told.contains("handshake failure"), "{told}");
    // What is older than 1.2 has none of the signatures that are taken, so that is what ends it.
    for (old, why) in
        [("-tls1", "handshake failure"), ("-tls1_1", "handshake failure"), ("-tls1_2", "alert protocol version")]
    {
        let (came, told) = s_client(&scene, &[old, "-cipher", "ALL:@SECLEVEL=0"]).await;
        assert!(!came && told.contains(why), "{old}: {told}");
    }
}
