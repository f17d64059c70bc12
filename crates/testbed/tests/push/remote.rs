//! The role `push` beside a device of pseudonyms that is a process of its own, asked over Lid: steps 2 and 8 of figure E.1 on the wire.

use super::device::Device;
use super::lab::{CLIENT, msisdn, who};
use super::process::PATIENCE;
use super::scene::{FLEET, FLEET_HOST, PSEUDONYM, Scene, everything, holds};
use testbed::Laboratory;
use testbed::smsc::{CommandStatus, SmppError, Text};

#[tokio::test(flavor = "multi_thread")]
async fn pseudonyms_come_from_the_device_and_nothing_passes_without_it() {
    let ours = Laboratory::new(&[], "gmlc.example.net").unwrap();
    let mut device = Device::start(&ours).await;
    let add = ["client", "add", CLIENT, "--type", "value_added", "--name", "Laboratory", "--number", "+99912345001"];
    device.does(&[&add[..], &["--no-secret"]].concat()).await;
    let file = |name: &str| device.path().join(name).display().to_string();
    let remote = device.remote(&file("client.pem"), &file("client.key"), &file("ca.pem"));
    let mut scene = Scene::start(&format!("[roles]\npush = true\n{remote}"), "").await;
    let mut fleet = scene.fleet().await;
    let (smsc, number) = (&scene.smsc, msisdn(1));

    // 1-3: the alias is made here, the pseudonym there.
    assert_eq!(smsc.send_from_terminal(&number, FLEET, "Where is my bus?").await.unwrap(), CommandStatus::EsmeRok);
    let delivered = fleet.next(PATIENCE).await.unwrap();
    let alias = delivered.source.clone();
    let pseudonym = String::from_utf8(delivered.text.parameter(PSEUDONYM).unwrap().to_vec()).unwrap();
    // With both identities, as the register of the gateway knows them.
    let both = format!("{},imsi:001010000000001", who(1));
    let said = device.does(&["pseudonym", "assign", &both, "--client", CLIENT]).await;
    assert_eq!(said.lines().next(), Some(pseudonym.as_str()), "the device gives one client one name of a person");
    // 7-9: and back.
    fleet.submit(FLEET, &alias, &Text::ascii("Two streets away"), false).await.unwrap();
    let arrived = smsc.next_for_terminal(&number, PATIENCE).await.unwrap();
    assert_eq!(arrived.text.characters(), "Two streets away");
    let answer = scene.web(FLEET_HOST).ask("GET /", Some(&number), &[], b"").await.unwrap();
    let seen = scene.service.next(PATIENCE).await.unwrap();
    assert_eq!((answer.status, seen.all("x-pseudonym")), (200, vec![pseudonym.as_str()]));
    for (operation, least) in [("assign", 2.0), ("resolve", 1.0)] {
        let name = format!("wherefore_lid_requests_total{{operation=\"{operation}\",outcome=\"done\"}}");
        assert!(scene.gateway.metric(&name).await >= least, "{operation}");
    }

    // Revoked at the device: the alias leads nowhere here.
    device.does(&["pseudonym", "revoke", "--subscriber", &both]).await;
    let refused = |outcome| match outcome {
        Err(SmppError::Refused(status)) => Some(status),
        _ => None,
    };
    let spam = fleet.submit(FLEET, &alias, &Text::ascii("spam"), false).await;
    assert_eq!(refused(spam), Some(CommandStatus::EsmeRinvdstadr));
    smsc.send_from_terminal(&number, FLEET, "again").await.unwrap();
    let next = fleet.next(PATIENCE).await.unwrap().source;
    assert_ne!(next, alias);
    // Gone: the centre keeps the message, the request is refused, and the answer to a known alias does not leave.
    device.child.kill().await.unwrap();
    assert_eq!(smsc.send_from_terminal(&number, FLEET, "Hi").await.unwrap(), CommandStatus::EsmeRxTAppn);
    assert!(refused(fleet.submit(FLEET, &next, &Text::ascii("Hi"), false).await).is_some());
    assert_eq!(scene.web(FLEET_HOST).ask("GET /", Some(&number), &[], b"").await.unwrap().status, 503);
    assert_eq!((fleet.waiting(), scene.service.waiting(), smsc.submitted()), (0, 0, 0));
    fleet.unbind().await.unwrap();
    let Scene { lab, gateway, .. } = scene;
    gateway.stop().await;
    // Neither side's files or logs have the number or the pseudonym.
    let mut octets = Vec::new();
    everything(lab.path(), &mut octets);
    octets.extend(std::fs::read(device.path().join("device.log")).unwrap());
    assert!(
        holds(&octets, "push smpp ready")
            && [&number, &pseudonym, &alias.text].iter().all(|text| !holds(&octets, text))
    );
}
