//! Programs of others: Wireshark's dissector on what the proxy sends, and smpplib (PyPI) as a client.

use super::interop::{self, Running, pcap, program, tshark};
use super::lab::msisdn;
use super::process::PATIENCE;
use super::scene::{FLEET, PSEUDONYM, Scene};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use testbed::smsc::{Bind, CommandStatus, Esme, Party, Text};

#[tokio::test(flavor = "multi_thread")]
async fn a_dissector_reads_what_the_proxy_sends() {
    if let Some(missing) = tshark::missing() {
        return interop::skip("a_dissector_reads_what_the_proxy_sends", missing);
    }
    // Between the proxy and both of its sides.
    let capture = pcap::Capture::default();
    let scene = Scene::usual().await;
    let before_proxy = pcap::before(scene.door("push smpp"), 1, &capture).await;
    let mut fleet = Esme::bind(before_proxy, Bind::Transceiver, "fleet", "fleet-pw").await.unwrap();
    scene.smsc.wait_bound("fleet", 1, PATIENCE).await.unwrap();
    let number = msisdn(1);
    assert_eq!(scene.smsc.send_from_terminal(&number, FLEET, "Hi").await.unwrap(), CommandStatus::EsmeRok);
    let delivered = fleet.next(PATIENCE).await.unwrap();
    fleet.submit(FLEET, &delivered.source, &Text::ascii("Ho"), true).await.unwrap();
    fleet.next(PATIENCE).await.unwrap();
    fleet.submit_multi(FLEET, std::slice::from_ref(&delivered.source), &Text::ascii("Ho")).await.unwrap();
    assert!(fleet.submit(FLEET, &Party::of(5, "nobody"), &Text::ascii("Ho"), false).await.is_err());
    scene.smsc.alert(&number, FLEET).unwrap();
    fleet.next_alert(PATIENCE).await.unwrap();
    fleet.enquire().await.unwrap();
    fleet.unbind().await.unwrap();
    scene.gateway.stop().await;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("smpp.pcap");
    capture.write(&file);
    let as_smpp = ["-d", "tcp.port==3868,smpp"];
    let text = tshark::run(&file, &[&as_smpp[..], &["-V", "-O", "smpp"]].concat());
    let doubtful = ["malformed", "[expert info", "unreassembled"];
    let doubts: Vec<&str> =
        text.lines().filter(|line| doubtful.iter().any(|word| line.to_lowercase().contains(word))).collect();
    assert!(doubts.is_empty(), "{doubts:?}");
    assert!(!text.contains(&number));
    let packets = tshark::run(&file, &[&as_smpp[..], &["-T", "json", "--no-duplicate-keys"]].concat());
    let mut fields = BTreeMap::new();
    tshark::gather(&serde_json::from_str::<Value>(&packets).unwrap(), &mut fields);
    let all = |field: &str| fields.get(field).cloned().unwrap_or_default();
    let sources = all("smpp.source_addr");
    // The message, its receipt and the alert.
    assert_eq!(sources.iter().filter(|source| **source == delivered.source.text).count(), 3, "{sources:?}");
    let tag = format!("0x{PSEUDONYM:04x}");
    assert_eq!(
        all("smpp.opt_params.tag").iter().chain(&all("smpp.opt_param_tag")).filter(|t| **t == tag).count(),
        3,
        "{:?}",
        fields.keys()
    );
}

/// The interpreter with smpplib.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("WHEREFORE_TEST_PYTHON").map(PathBuf::from).or_else(|| program("python3"))?;
    let found = Command::new(&python).args(["-c", "import smpplib.client"]).stderr(Stdio::null()).status();
    found.is_ok_and(|status| status.success()).then_some(python)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_another_make_is_reached_and_replies() {
    let Some(python) = python() else {
        return interop::skip(
            "a_client_of_another_make_is_reached_and_replies",
            "smpplib (PyPI) in WHEREFORE_TEST_PYTHON",
        );
    };
    let scene = Scene::usual().await;
    let port = scene.door("push smpp").port().to_string();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/push/esme.py");
    let mut peer = Running::start(Command::new(python).arg(script).args([&port, "fleet", "fleet-pw", FLEET]));
    peer.line("bound");
    scene.smsc.wait_bound("fleet", 1, PATIENCE).await.unwrap();
    let number = msisdn(1);
    assert_eq!(scene.smsc.send_from_terminal(&number, FLEET, "Hi").await.unwrap(), CommandStatus::EsmeRok);
    let told: Value = serde_json::from_str(&peer.line("\"delivered\"")).unwrap();
    assert_eq!((told["ton"].as_u64(), told["delivered"].as_str()), (Some(5), Some("Hi")));
    assert!(told["source"].as_str().is_some_and(|source| source.len() == 20 && !source.contains(&number)));
    let arrived = scene.smsc.next_for_terminal(&number, PATIENCE).await.unwrap();
    assert_eq!(arrived.text.characters(), "Ho");
    peer.line("submitted");
    peer.finish();
    scene.gateway.stop().await;
}
