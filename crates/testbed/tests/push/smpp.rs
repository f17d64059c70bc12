//! Short messages: the whole of figure E.1, two clients, what is refused, and the device of pseudonyms missing.

use super::ask::{ask, result};
use super::lab::{CLIENT, msisdn};
use super::process::{PATIENCE, free_address};
use super::scene::{FLEET, OTHER, PSEUDONYM, Scene, everything, holds, local};
use mlp::MsidType;
use mlp::client::{ClientTarget, Request};
use testbed::smsc::{Bind, CommandStatus, Delivered, Esme, Party, SmppError, Text};
use testbed::{Laboratory, smsc};

/// What the client was given in the place of the number: alias and pseudonym.
fn given(delivered: &Delivered) -> (Party, String) {
    let pseudonym = delivered.text.parameter(PSEUDONYM).expect("a pseudonym");
    let alias = delivered.source.clone();
    assert_eq!((alias.ton, alias.npi), (5, 0));
    assert!(alias.text.len() == 20 && alias.text.bytes().all(|octet| octet.is_ascii_alphanumeric()), "{alias:?}");
    (alias, String::from_utf8(pseudonym.to_vec()).unwrap())
}

fn by(secret: &str, client: &str, pseudonym: &str) -> Request {
    Request::new(client, secret, vec![ClientTarget::of(MsidType::Asid, pseudonym)])
}

fn refused<T>(outcome: Result<T, SmppError>) -> Option<CommandStatus> {
    match outcome {
        Err(SmppError::Refused(status)) => Some(status),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_walk_of_figure_e_1() {
    let scene = Scene::usual().await;
    let (mlp, smsc) = (scene.gateway.doors.mlp, &scene.smsc);
    let (mut fleet, mut other) = (scene.fleet().await, scene.other().await);
    let number = msisdn(1);

    // 1-3: the message arrives without the number.
    let sent = smsc.send_from_terminal(&number, FLEET, "Where is my bus?").await.unwrap();
    assert_eq!(sent, CommandStatus::EsmeRok);
    let delivered = fleet.next(PATIENCE).await.unwrap();
    let (alias, pseudonym) = given(&delivered);
    assert_eq!(
        (delivered.text.characters().as_str(), delivered.destination.text.as_str()),
        ("Where is my bus?", FLEET)
    );
    assert!(!holds(format!("{delivered:?}").as_bytes(), &number));
    // 4-6: the client asks where, by pseudonym.
    let answer = ask(mlp, &by(&scene.secrets[0], CLIENT, &pseudonym)).await;
    assert_eq!((result(&answer), answer.positions[0].msid.1.expose()), (0, pseudonym.as_str()));
    // 7-9: its answer reaches the terminal.
    let id = fleet.submit(FLEET, &alias, &Text::ascii("Two streets away"), true).await.unwrap();
    let arrived = smsc.next_for_terminal(&number, PATIENCE).await.unwrap();
    assert_eq!((arrived.message_id, arrived.text.characters()), (id.clone(), "Two streets away".to_owned()));
    assert_eq!((arrived.destination, arrived.source.text.as_str()), (Party::international(&number), FLEET));
    let receipt = fleet.next(PATIENCE).await.unwrap();
    assert_eq!(given(&receipt), (alias.clone(), pseudonym.clone()));
    let said = receipt.text.characters();
    assert!(said.starts_with(&format!("id:{id} ")) && said.ends_with(&format!("to {}", alias.text)), "{said}");

    // However the centre writes the number, and again: the same person.
    for (ton, text) in [(0, number.clone()), (1, format!("+{number}")), (2, number[3..].to_owned())] {
        smsc.deliver(&Party::of(ton, &text), FLEET, &Text::ascii("again")).await.unwrap();
        assert_eq!(given(&fleet.next(PATIENCE).await.unwrap()), (alias.clone(), pseudonym.clone()), "{ton}");
    }
    // Another client sees somebody else, here at the head of the text as well.
    smsc.send_from_terminal(&number, OTHER, "Hello").await.unwrap();
    let delivered = other.next(PATIENCE).await.unwrap();
    let (theirs, their_pseudonym) = given(&delivered);
    assert!(theirs != alias && their_pseudonym != pseudonym);
    assert_eq!(delivered.text.characters(), format!("{their_pseudonym} Hello"));
    assert_eq!(result(&ask(mlp, &by(&scene.secrets[1], "other", &their_pseudonym)).await), 0);
    assert_ne!(result(&ask(mlp, &by(&scene.secrets[0], CLIENT, &their_pseudonym)).await), 0);

    // Not the client's, not anybody's, a number: one answer to all.
    let wrong = [theirs.text.clone(), "PAAAAAAAAAAAAAAAAAAA".into(), "x".into(), String::new(), number.clone()];
    let wrong = wrong.iter().map(|text| Party::of(5, text)).chain([Party::international(&number)]);
    for to in wrong {
        let outcome = fleet.submit(FLEET, &to, &Text::ascii("spam"), false).await;
        assert_eq!(refused(outcome), Some(CommandStatus::EsmeRinvdstadr), "{to:?}");
        assert_eq!(
            refused(fleet.submit_multi(FLEET, &[alias.clone(), to], &Text::ascii("spam")).await),
            Some(CommandStatus::EsmeRinvdstadr)
        );
    }
    // A pseudonym instead of an alias, if it is the client's own.
    let with = |pseudonym: &str| Text {
        parameters: vec![(PSEUDONYM, pseudonym.as_bytes().to_vec())],
        ..Text::ascii("by name")
    };
    let nobody = Party { ton: 0, npi: 0, text: String::new() };
    let outcome = fleet.submit(FLEET, &nobody, &with(&their_pseudonym), false).await;
    assert_eq!(refused(outcome), Some(CommandStatus::EsmeRinvdstadr));
    assert_eq!(smsc.submitted(), 0);
    fleet.submit(FLEET, &nobody, &with(&pseudonym), false).await.unwrap();
    let arrived = smsc.next_for_terminal(&number, PATIENCE).await.unwrap();
    assert_eq!(arrived.text.parameter(PSEUDONYM), None);
    // Those that fail of many are told as they were named.
    let lower = Party { text: alias.text.to_lowercase(), ..alias.clone() };
    let failed = fleet.submit_multi(FLEET, std::slice::from_ref(&lower), &Text::ascii("to many")).await.unwrap();
    assert_eq!(failed, [lower]);

    // What is revoked is nobody any more, and the next message comes from somebody new.
    let revoked = msisdn(5);
    let next = async |fleet: &mut Esme| {
        smsc.send_from_terminal(&revoked, FLEET, "Hi").await.unwrap();
        given(&fleet.next(PATIENCE).await.unwrap())
    };
    let (before, _) = next(&mut fleet).await;
    let body = serde_json::json!({"client": CLIENT, "subscriber": super::lab::who(5)});
    scene.gateway.done(reqwest::Method::POST, "/v1/pseudonyms/revoke", None, Some(&body)).await;
    let outcome = fleet.submit(FLEET, &before, &Text::ascii("spam"), false).await;
    assert_eq!(refused(outcome), Some(CommandStatus::EsmeRinvdstadr));
    let (after, _) = next(&mut fleet).await;
    assert_ne!(before, after);
    fleet.submit(FLEET, &after, &Text::ascii("Ho"), false).await.unwrap();
    smsc.next_for_terminal(&revoked, PATIENCE).await.unwrap();
    // Told that it can be reached again, the client knows whom.
    smsc.alert(&number, FLEET).unwrap();
    assert_eq!(fleet.next_alert(PATIENCE).await.unwrap(), alias);

    // The alias outlives the process.
    let Scene { lab, gateway, smsc, .. } = scene;
    gateway.kill().await;
    let gateway = lab.start().await;
    let fleet =
        Esme::bind(super::scene::door(lab.path(), "push smpp"), Bind::Transceiver, "fleet", "fleet-pw").await.unwrap();
    fleet.submit(FLEET, &alias, &Text::ascii("still there"), false).await.unwrap();
    assert_eq!(smsc.next_for_terminal(&number, PATIENCE).await.unwrap().text.characters(), "still there");
    fleet.unbind().await.unwrap();
    let page = reqwest::get(format!("http://{}/metrics", gateway.doors.metrics)).await.unwrap().text().await.unwrap();
    assert!(page.contains("wherefore_push_smpp_total"));
    gateway.stop().await;

    // Nowhere on disk, in the log or the metrics is number, alias or pseudonym.
    let mut octets = page.into_bytes();
    everything(lab.path(), &mut octets);
    assert!(holds(&octets, "push smpp ready"));
    for text in [&number, &alias.text, &theirs.text, &pseudonym, &their_pseudonym] {
        assert!(!holds(&octets, text), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_network_adds_does_not_reach_the_client() {
    let scene = Scene::usual().await;
    let mut fleet = scene.fleet().await;
    let parameters =
        vec![(0x1501, b"001010000000001".to_vec()), (0x1500, b"kept".to_vec()), (PSEUDONYM, b"forged".to_vec())];
    let text = Text { parameters, ..Text::ascii("Hi") };
    scene.smsc.deliver(&Party::international(&msisdn(2)), FLEET, &text).await.unwrap();
    let delivered = fleet.next(PATIENCE).await.unwrap();
    let tags: Vec<u16> = delivered.text.parameters.iter().map(|(tag, _)| *tag).collect();
    assert_eq!(tags, [0x1500, PSEUDONYM]);
    assert!(given(&delivered).1.ends_with(super::scene::REALM));
    // A service is no subscriber, and what could be one and cannot be read stays where it is.
    scene.smsc.deliver(&Party::of(5, "Weather"), FLEET, &Text::ascii("Rain")).await.unwrap();
    let delivered = fleet.next(PATIENCE).await.unwrap();
    assert_eq!((delivered.source.text.as_str(), delivered.text.parameter(PSEUDONYM)), ("Weather", None));
    let unread = scene.smsc.deliver(&Party::of(4, "1234567"), FLEET, &Text::ascii("?")).await.unwrap();
    assert_eq!(unread, CommandStatus::EsmeRxPAppn);
    // A long text, a bind of an older version, one to receive alone.
    let long = "x".repeat(400);
    scene.smsc.send_from_terminal(&msisdn(2), FLEET, &long).await.unwrap();
    assert_eq!(fleet.next(PATIENCE).await.unwrap().text.characters(), long);
    fleet.unbind().await.unwrap();
    scene.smsc.wait_bound("fleet", 0, PATIENCE).await.unwrap();
    let mut old = Esme::bind_version(scene.door("push smpp"), Bind::Receiver, "fleet", "fleet-pw", 0x33).await.unwrap();
    scene.smsc.wait_bound("fleet", 1, PATIENCE).await.unwrap();
    scene.smsc.send_from_terminal(&msisdn(2), FLEET, "old").await.unwrap();
    let delivered = old.next(PATIENCE).await.unwrap();
    assert_eq!((delivered.source.ton, delivered.text.parameters), (5, Vec::new()));
    scene.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_and_ends_pass_and_the_unlisted_do_not() {
    let scene = Scene::usual().await;
    let mut fleet = scene.fleet().await;
    scene.smsc.send_from_terminal(&msisdn(3), FLEET, "Hi").await.unwrap();
    let (alias, _) = given(&fleet.next(PATIENCE).await.unwrap());
    scene.smsc.refuse_next(CommandStatus::EsmeRthrottled);
    let outcome = fleet.submit(FLEET, &alias, &Text::ascii("fast"), false).await;
    assert_eq!(refused(outcome), Some(CommandStatus::EsmeRthrottled));
    fleet.answer(CommandStatus::EsmeRmsgqful);
    assert_eq!(scene.smsc.send_from_terminal(&msisdn(3), FLEET, "full").await.unwrap(), CommandStatus::EsmeRmsgqful);
    fleet.enquire().await.unwrap();
    // Wrong passwords, and names that are not listed though the centre knows them.
    for (system_id, password) in [("fleet", "wrong"), ("fleet", ""), ("open", "open-pw"), ("nobody", "x")] {
        assert_eq!(refused(scene.bind(system_id, password).await), Some(CommandStatus::EsmeRbindfail), "{system_id}");
    }
    // The centre ends it: so does the gateway.
    scene.smsc.disconnect();
    while fleet.next(PATIENCE).await.is_ok() {}
    assert!(fleet.enquire().await.is_err());
    scene.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_operator_says_so_the_unlisted_pass_as_they_are() {
    let scene = Scene::start(&local(), "[push.smpp]\nunlisted = 'pass'").await;
    let mut open = scene.bind("open", "open-pw").await.unwrap();
    assert_eq!(refused(scene.bind("open", "wrong").await), Some(CommandStatus::EsmeRbindfail));
    // A listed name is the gateway's to check, whatever the centre would say.
    assert_eq!(refused(scene.bind("fleet", "wrong").await), Some(CommandStatus::EsmeRbindfail));
    scene.smsc.wait_bound("open", 1, PATIENCE).await.unwrap();
    scene.smsc.send_from_terminal(&msisdn(4), "80810", "Hi").await.unwrap();
    let delivered = open.next(PATIENCE).await.unwrap();
    assert_eq!((delivered.source, delivered.text.parameters), (Party::international(&msisdn(4)), Vec::new()));
    open.submit("80810", &Party::international(&msisdn(4)), &Text::ascii("Ho"), false).await.unwrap();
    scene.smsc.next_for_terminal(&msisdn(4), PATIENCE).await.unwrap();
    scene.smsc.alert(&msisdn(4), "80810").unwrap();
    assert_eq!(open.next_alert(PATIENCE).await.unwrap(), Party::international(&msisdn(4)));
    scene.gateway.stop().await;
}

/// A device for pseudonyms that is not there.
pub(crate) async fn without_pmd() -> Scene {
    let nobody = free_address().await;
    let roles = format!(
        "[roles]\npush = true\n[pmd.remote]\nurl = 'https://localhost:{}'\ncert_file = '/dev/null'\nkey_file = '/dev/null'\nca_file = '/dev/null'\n",
        nobody.port()
    );
    // Files must be there before the first start reads the configuration, so they are written elsewhere.
    let ours = Laboratory::new(&[], "push.example.net").unwrap();
    let dir = tempfile::Builder::new().prefix("wherefore-push-").tempdir().unwrap().keep();
    ours.write(&dir).unwrap();
    let file = |name: &str| format!("'{}'", dir.join(name).display());
    let roles = roles
        .replacen("'/dev/null'", &file("client.pem"), 1)
        .replacen("'/dev/null'", &file("client.key"), 1)
        .replacen("'/dev/null'", &file("ca.pem"), 1);
    Scene::start(&roles, "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_device_of_pseudonyms_nothing_goes_on() {
    let scene = without_pmd().await;
    let fleet = scene.fleet().await;
    for _ in 0..3 {
        let sent = scene.smsc.send_from_terminal(&msisdn(1), FLEET, "Hi").await.unwrap();
        assert_eq!(sent, CommandStatus::EsmeRxTAppn, "the centre keeps it and tries again");
    }
    let outcome = fleet.submit(FLEET, &smsc::Party::of(5, "PAAAAAAAAAAAAAAAAAAA"), &Text::ascii("Hi"), false).await;
    assert_eq!(refused(outcome), Some(CommandStatus::EsmeRinvdstadr));
    fleet.enquire().await.unwrap();
    assert_eq!((fleet.waiting(), scene.smsc.submitted()), (0, 0));
    let put_off = scene.gateway.metric("wherefore_push_smpp_total{from=\"centre\",outcome=\"put_off\"}").await;
    assert!((put_off - 3.0).abs() < 0.1, "{put_off}");
    scene.gateway.stop().await;
}
