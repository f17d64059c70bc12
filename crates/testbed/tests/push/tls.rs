//! TLS on every side of the role `push`: from clients, to the SMS centre, from the web gateway, to a web service.

use super::lab::msisdn;
use super::process::PATIENCE;
use super::scene::{FLEET, FLEET_HOST, PSEUDONYM, REALM, Scene, local};
use std::net::SocketAddr;
use std::path::Path;
use testbed::push::WebGateway;
use testbed::smsc::{Bind, CommandStatus, Esme, SmppError, Text};
use testbed::{Laboratory, Tunnel};

/// A laboratory with its files; they have to be there before the gateway starts for the first time.
fn laboratory() -> (Laboratory, tempfile::TempDir) {
    let laboratory = Laboratory::new(&[], "nobody.example").unwrap();
    let dir = tempfile::Builder::new().prefix("wherefore-push-tls-").tempdir().unwrap();
    laboratory.write(dir.path()).unwrap();
    (laboratory, dir)
}

/// The gateway over TLS on all four sides. `trusted`: whose authority it takes SMS centre and service to be signed by.
fn over_tls(smsc: SocketAddr, service: SocketAddr, own: &Path, trusted: &Path) -> String {
    let (own, trusted) = (own.display(), trusted.display());
    format!(
        "[push.smpp]\nsmsc = 'localhost:{}'\nsmsc_ca_file = '{trusted}/ca.pem'\n\
         cert_file = '{own}/server.pem'\nkey_file = '{own}/server.key'\n\
         [push.web]\ncert_file = '{own}/server.pem'\nkey_file = '{own}/server.key'\n\
         [[push.web.client]]\nhosts = ['{FLEET_HOST}']\nclient = 'lab'\nurl = 'https://localhost:{}'\n\
         ca_file = '{trusted}/ca.pem'\n",
        smsc.port(),
        service.port(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn pseudonyms_pass_over_tls_on_all_four_sides() {
    let (ours, dir) = laboratory();
    let mut ends = Vec::new();
    let mut scene = Scene::around(&local(), async |smsc, service| {
        for to in [smsc, service] {
            ends.push(Tunnel::ending_tls(ours.acceptor(false).unwrap(), to).await.unwrap());
        }
        over_tls(ends[0].address(), ends[1].address(), dir.path(), dir.path())
    })
    .await;
    let number = msisdn(1);
    let (smpp, web) = (scene.door("push smpp"), scene.door("push web"));

    let to_smpp = Tunnel::starting_tls(ours.connector().unwrap(), smpp).await.unwrap();
    let mut fleet = Esme::bind(to_smpp.address(), Bind::Transceiver, "fleet", "fleet-pw").await.unwrap();
    scene.smsc.wait_bound("fleet", 1, PATIENCE).await.unwrap();
    assert_eq!(scene.smsc.send_from_terminal(&number, FLEET, "Hi").await.unwrap(), CommandStatus::EsmeRok);
    let delivered = fleet.next(PATIENCE).await.unwrap();
    let pseudonym = String::from_utf8(delivered.text.parameter(PSEUDONYM).unwrap().to_vec()).unwrap();
    assert!(pseudonym.ends_with(REALM) && delivered.source.ton == 5);
    fleet.submit(FLEET, &delivered.source, &Text::ascii("Ho"), false).await.unwrap();
    let arrived = scene.smsc.next_for_terminal(&number, PATIENCE).await.unwrap();
    assert_eq!(arrived.text.characters(), "Ho");

    let to_web = Tunnel::starting_tls(ours.connector().unwrap(), web).await.unwrap();
    let gateway = WebGateway::new(to_web.address(), FLEET_HOST);
    let answer = gateway.ask("POST /where", Some(&number), &[], b"my bus").await.unwrap();
    let seen = scene.service.next(PATIENCE).await.unwrap();
    assert_eq!((answer.status, seen.all("x-pseudonym")), (200, vec![pseudonym.as_str()]));
    assert!(seen.all("x-msisdn").is_empty() && seen.body == b"my bus");

    // Without TLS nobody is heard, and nothing said in the clear goes on.
    assert!(Esme::bind(smpp, Bind::Transceiver, "fleet", "fleet-pw").await.is_err());
    assert!(scene.web(FLEET_HOST).ask("GET /plain", Some(&number), &[], b"").await.is_err());
    assert_eq!(scene.service.waiting(), 0);
    let failures = scene.gateway.metric("wherefore_push_smpp_tls_failures_total").await;
    assert!((failures - 1.0).abs() < 0.1, "{failures}");
    fleet.unbind().await.unwrap();
    scene.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sms_centre_or_service_of_another_authority_is_told_nothing() {
    let ((ours, dir), (_, other)) = (laboratory(), laboratory());
    let mut ends = Vec::new();
    let scene = Scene::around(&local(), async |smsc, service| {
        for to in [smsc, service] {
            ends.push(Tunnel::ending_tls(ours.acceptor(false).unwrap(), to).await.unwrap());
        }
        over_tls(ends[0].address(), ends[1].address(), dir.path(), other.path())
    })
    .await;
    let to_smpp = Tunnel::starting_tls(ours.connector().unwrap(), scene.door("push smpp")).await.unwrap();
    let bound = Esme::bind(to_smpp.address(), Bind::Transceiver, "fleet", "fleet-pw").await;
    assert!(matches!(bound, Err(SmppError::Refused(CommandStatus::EsmeRsyserr))));
    let to_web = Tunnel::starting_tls(ours.connector().unwrap(), scene.door("push web")).await.unwrap();
    let gateway = WebGateway::new(to_web.address(), FLEET_HOST);
    assert_eq!(gateway.ask("GET /", Some(&msisdn(1)), &[], b"").await.unwrap().status, 502);
    assert_eq!(scene.service.waiting(), 0);
    scene.gateway.stop().await;
}
