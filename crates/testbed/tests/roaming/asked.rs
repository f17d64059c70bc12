//! Gateways that ask against the rules: each is refused, recorded and counted, and no node hears of it.

use super::operators::{AT_HOME, CLIENT, OWN, ROAMER, World, gateway_name};
use super::rlp::{CLIENT_NUMBER, allowed, body, named, now, routed, send, session, wanted};
use lcs::{LcsClientType, PrivacyIndicators, PrivacySetting, Timestamp};
use mlp::rlp::{Outgoing, PeerOutcome, PrivacyInstruction, Sender, Subject, Transaction};
use mlp::{Hidden, PushAddress, ResultId};
use serde_json::Value;

/// Result 3 of MLP 3.5 table 126.
const UNAUTHORISED: PeerOutcome = PeerOutcome::Failed(ResultId::UNAUTHORIZED_APPLICATION);

fn sender(operator: &str) -> Sender {
    Sender::new(gateway_name(operator))
}

fn located(outcome: &PeerOutcome) -> bool {
    matches!(outcome, PeerOutcome::Position(_))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requesting_gateway_is_who_it_is_and_asks_once() {
    let world = World::new(&[]).await;
    let b = world.start("b").await;
    let (a, request) = (sender("a"), wanted(&AT_HOME, LcsClientType::ValueAdded));
    let subject = || Subject::Known(AT_HOME.identities());
    let to_home = |name: &str| body(&named(Outgoing::to_home(&a, &request, subject()).unwrap(), name));
    let send = async |by: &str, body: &str| send(&world, by, "b", body).await.unwrap().outcome;

    let first = to_home("first");
    assert!(located(&send(&gateway_name("a"), &first).await));
    let before = world.network.counted();
    // The same again, by whoever: not carried out twice.
    assert_eq!(send(&gateway_name("a"), &first).await, UNAUTHORISED);
    // Known to the authority and to nobody else; and one that speaks in another's name.
    assert_eq!(send("gmlc.stranger.example", &to_home("second")).await, UNAUTHORISED);
    assert_eq!(send(&gateway_name("c"), &to_home("third")).await, UNAUTHORISED);
    // Without a name, and sent long ago or by a clock that is far ahead.
    let unnamed = body(&Outgoing::to_home(&a, &request, subject()).unwrap());
    assert_eq!(send(&gateway_name("a"), &unnamed).await, UNAUTHORISED);
    let ages = [now().micros() - 120_000_000, now().micros() + 120_000_000];
    for (at, micros) in ages.into_iter().enumerate() {
        let transaction = Transaction::new(format!("old-{at}")).unwrap();
        let old = Outgoing::to_home(&a, &request, subject()).unwrap();
        let old = body(&old.transaction(transaction, Timestamp::from_micros(micros)));
        assert_eq!(send(&gateway_name("a"), &old).await, UNAUTHORISED);
    }
    // Clients that it may not ask for, and an acknowledgement, which is a home gateway's to ask for.
    let of_operator = wanted(&AT_HOME, LcsClientType::LawfulIntercept);
    let lawful = body(&named(Outgoing::to_home(&a, &of_operator, subject()).unwrap(), "lawful"));
    assert_eq!(send(&gateway_name("a"), &lawful).await, UNAUTHORISED);
    let emergency = wanted(&AT_HOME, LcsClientType::Emergency);
    let emergency = body(&named(Outgoing::to_home(&a, &emergency, subject()).unwrap(), "emergency"));
    assert_eq!(send(&gateway_name("a"), &emergency).await, UNAUTHORISED);
    let told = named(Outgoing::to_home(&a, &request, subject()).unwrap().notification_only(), "told");
    assert_eq!(send(&gateway_name("a"), &body(&told)).await, UNAUTHORISED);
    // Asynchronous: the position would go where nobody answers for it.
    let back = PushAddress { url: Hidden::new("https://gmlc.a.example/report"), id: None, password: None };
    let later = named(Outgoing::to_home(&a, &request, subject()).unwrap().asynchronous(&back), "later");
    assert_eq!(
        send(&gateway_name("a"), &body(&later)).await,
        PeerOutcome::Failed(ResultId::INVALID_PROTOCOL_ELEMENT_VALUE)
    );
    // About a subscriber of a third operator: not referred on.
    let of_another = wanted(&OWN, LcsClientType::ValueAdded);
    let by_c = sender("c");
    let of_another = Outgoing::to_home(&by_c, &of_another, Subject::Known(OWN.identities())).unwrap();
    let outcome = send(&gateway_name("c"), &body(&named(of_another, "of-another"))).await;
    assert!(matches!(outcome, PeerOutcome::Failed(_)), "{outcome:?}");

    let counted = world.network.counted();
    assert_eq!(counted.plr, before.plr);
    for (peer, reason, times) in [
        (gateway_name("a"), "replayed", 1.0),
        ("unknown".to_owned(), "unknown_gateway", 1.0),
        (gateway_name("c"), "forged_name", 1.0),
        (gateway_name("a"), "no_transaction", 1.0),
        (gateway_name("a"), "out_of_time", 2.0),
        (gateway_name("a"), "client_type", 1.0),
        (gateway_name("a"), "role", 2.0),
        (gateway_name("a"), "asynchronous", 1.0),
    ] {
        let name = format!("wherefore_lr_refused_total{{peer=\"{peer}\",reason=\"{reason}\"}}");
        let found = b.gateway.metric(&name).await;
        assert!((found - times).abs() < 0.1, "{peer} {reason}: {found}");
    }
    b.gateway.stop().await;
    let entries = world.entries("b").await;
    assert_eq!(entries.len(), 12);
    assert!(entries.iter().all(|entry| entry["via"] == "rlp"));
    assert_eq!(entries.iter().filter(|entry| entry["outcome"] == "allowed").count(), 1);
    let accounts = |account: &str| entries.iter().filter(|entry| entry["account"] == account).count();
    assert_eq!(accounts(&format!("lr/unknown/+{CLIENT_NUMBER}")), 1);
    assert!(entries.iter().all(|entry: &Value| entry["account"] != CLIENT));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_gateway_speaks_for_its_own_subscribers_and_has_to_say_something() {
    let world = World::new(&[]).await;
    let c = world.start("c").await;
    let b = sender("b");
    let request = wanted(&ROAMER, LcsClientType::ValueAdded);
    let send = async |by: &str, body: &str| send(&world, &gateway_name(by), "c", body).await.unwrap().outcome;
    let instruct = |sender: &Sender, name: &str, routing| {
        let outgoing = Outgoing::to_visited(sender, &request, ROAMER.identities(), allowed()).unwrap();
        body(&named(outgoing.routing(routing), name))
    };
    assert!(located(&send("b", &instruct(&b, "one", routed("c"))).await));
    let before = world.network.counted();
    // Another operator's gateway, in its own name, about a subscriber that is not its own.
    let a = sender("a");
    assert!(!located(&send("a", &instruct(&a, "two", routed("c"))).await));
    // The word is missing: without one nobody is asked. So says a requesting gateway's request, which comes to nothing here.
    let silent = Outgoing::to_home(&b, &request, Subject::Known(ROAMER.identities())).unwrap();
    let silent = body(&named(silent.routing(routed("c")), "three"));
    assert_eq!(send("b", &silent).await, UNAUTHORISED);
    // A word on a call that the request does not name, and one that forbids.
    let related = PrivacySetting::AllowedWithoutNotification;
    let both = PrivacyIndicators::new(PrivacySetting::NotAllowed, Some(related)).unwrap();
    let mut in_session = request.clone();
    if let lcs::CallSession::Dialled(number) = session() {
        (in_session.client.dialled, in_session.client.call_session_related) = (Some(number), true);
    }
    let word = PrivacyInstruction::Indicators(both);
    let told = Outgoing::to_visited(&b, &in_session, ROAMER.identities(), word).unwrap();
    let told = body(&named(told.routing(routed("c")), "four"));
    let without = told.replace("<session type=\"DIAL\">", "<x_session>").replace("</session>", "</x_session>");
    let without = without.replace("<requestmode type=\"ACTIVE\"/>", "");
    assert!(told.len() > without.len() && !without.contains("requestmode"));
    assert_eq!(send("b", &without).await, UNAUTHORISED);
    // A node of another network: not asked for others.
    assert!(!located(&send("b", &instruct(&b, "five", routed("b"))).await));
    let counted = world.network.counted();
    assert_eq!(counted.plr, before.plr);

    // An override: of an operator with whom there is an agreement, and of one with whom there is none.
    let emergency = wanted(&ROAMER, LcsClientType::Emergency);
    let overriding = |sender: &Sender, name: &str| {
        let outgoing = Outgoing::overriding(sender, &emergency, ROAMER.identities()).unwrap();
        body(&named(outgoing.routing(routed("c")), name))
    };
    assert!(located(&send("a", &overriding(&a, "six")).await));
    assert!(!located(&send("b", &overriding(&b, "seven")).await));
    c.gateway.stop().await;
    let entries = world.entries("c").await;
    assert_eq!(entries.len(), 7);
    let allowed = entries.iter().filter(|entry| entry["outcome"] == "allowed");
    let mut bases: Vec<&str> = allowed.map(|entry| entry["basis"].as_str().unwrap()).collect();
    bases.sort_unstable();
    assert_eq!(bases, ["emergency", "instruction of the home gateway"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_asks_too_much_is_refused_and_others_are_served() {
    // What `b` takes from `a` at once: two.
    let world = World::limited("b", "a", "rate_per_s = 1\nburst = 2\n").await;
    let b = world.start("b").await;
    let request = wanted(&AT_HOME, LcsClientType::ValueAdded);
    let by = async |operator: &str, name: &str| {
        let sender = sender(operator);
        let outgoing = Outgoing::to_home(&sender, &request, Subject::Known(AT_HOME.identities())).unwrap();
        send(&world, &gateway_name(operator), "b", &body(&named(outgoing, name))).await.unwrap().outcome
    };
    let mut refused = 0;
    for at in 0..20 {
        refused += usize::from(!located(&by("a", &format!("flood-{at}")).await));
    }
    // As many as the machine is slow were let in beside the two.
    assert!(refused > 0, "{refused}");
    assert!(located(&by("c", "one").await));
    b.gateway.stop().await;
    assert_eq!(world.entries("b").await.len(), 21);
}
