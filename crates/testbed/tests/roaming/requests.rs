//! Requests of clients, over two and three gateways.

use super::operators::{
    AT_HOME, CLIENT, CLOSED, OWN, OWN_ABROAD, OWN_CLOSED, REFUSER, ROAMER, TOLD_AFTER, World, gateway_name, plmn,
};
use serde_json::Value;

/// What a log says of one request: how it ended, on what ground, over what door.
fn ended(entry: &Value) -> (&str, &str, &str) {
    let text = |key: &str| entry[key].as_str().unwrap_or_default();
    (text("outcome"), text("basis"), text("via"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_one_operator_asks_about_a_subscriber_of_another_in_the_network_of_a_third() {
    let world = World::new(&[]).await;
    let (a, b, c) = (world.start("a").await, world.start("b").await, world.start("c").await);
    let before = world.network.counted();
    assert_eq!(a.result(&a.about(&ROAMER)).await, 0);
    // Where the home gateway's own nodes serve, no visited one is asked; and its settings and its users decide.
    assert_eq!(a.result(&a.about(&AT_HOME)).await, 0);
    assert_eq!(a.result(&a.about(&CLOSED)).await, 202);
    assert_eq!(a.result(&a.about(&REFUSER)).await, 202);
    assert_eq!(a.result(&a.about(&TOLD_AFTER)).await, 0);
    // Own subscribers: here, and with the gateway that serves them.
    assert_eq!(a.result(&a.about(&OWN)).await, 0);
    assert_eq!(a.result(&a.about(&OWN_ABROAD)).await, 0);
    assert_eq!(b.result(&b.about(&ROAMER)).await, 0);
    let counted = world.network.counted();
    assert_eq!(counted.plr_without_indicator, before.plr_without_indicator);
    // The user of `c`'s node was asked once, told once after positioning.
    assert_eq!(counted.shown - before.shown, 2);
    for gateway in [a, b, c] {
        gateway.gateway.stop().await;
    }

    let (at_a, at_b, at_c) = (world.entries("a").await, world.entries("b").await, world.entries("c").await);
    let by_home = ("allowed", "answer of the home gateway", "mlp");
    assert_eq!(at_a.iter().map(ended).filter(|entry| *entry == by_home).count(), 3, "{at_a:?}");
    assert_eq!(at_a.len(), 7);
    // Five from `a`, one of its own client, one for `a`'s subscriber.
    assert_eq!(at_b.len(), 7);
    let by_word = ("allowed", "instruction of the home gateway", "rlp");
    assert_eq!(at_b.iter().map(ended).filter(|entry| *entry == by_word).count(), 1);
    assert_eq!(
        at_b.iter()
            .map(ended)
            .filter(|(outcome, basis, via)| (*outcome, *basis, *via) == ("allowed", "subscriber's profile", "rlp"))
            .count(),
        3
    );
    // Two rounds for the one who is told afterwards.
    assert_eq!(at_c.len(), 5);
    assert!(at_c.iter().all(|entry| entry["via"] == "rlp"));
    assert_eq!(at_c.iter().map(ended).filter(|entry| *entry == by_word).count(), 4);

    charged(&world);
}

/// The records of all three fit together.
fn charged(world: &World) {
    let (at_a, at_b, at_c) = (world.charged("a"), world.charged("b"), world.charged("c"));
    let roles = |records: &[Value], role: &str| records.iter().filter(|record| record["role"] == role).count();
    assert_eq!((roles(&at_a, "requesting"), roles(&at_a, "home")), (5, 2));
    assert_eq!((roles(&at_b, "home"), roles(&at_b, "visited")), (6, 1));
    assert_eq!(roles(&at_c, "visited"), 5);
    // Whom a gateway asked has the exchange under the same name.
    for (asking, asked, name) in [(&at_a, &at_b, "b"), (&at_b, &at_c, "c")] {
        let legs = asking.iter().flat_map(|record| record["asked"].as_array().cloned().unwrap_or_default());
        let mut found = 0;
        for leg in legs.filter(|leg| leg["gateway"] == gateway_name(name)) {
            let same = asked.iter().filter(|record| record["transaction"] == leg["transaction"]);
            assert_eq!(same.count(), 1, "{leg}");
            found += 1;
        }
        assert_eq!(found, if name == "b" { 6 } else { 5 });
    }
    for record in &at_c {
        assert_eq!(record["from"], gateway_name("b"));
        assert_eq!(record["visited_plmn"], plmn("c").as_str());
        assert_eq!(record["client"]["number"], "+99912345001");
        assert!(record["target"].as_str().unwrap().starts_with("hash:"));
    }
    // The network that served is told to the home gateway, for billing, and not to the one that asked.
    assert!(at_b.iter().any(|record| record["visited_plmn"] == plmn("c").as_str()));
    assert!(at_a.iter().filter(|record| record["role"] == "requesting").all(|record| record["visited_plmn"].is_null()));
    let all = serde_json::to_string(&(&at_a, &at_b, &at_c)).unwrap();
    assert!(!all.contains(&ROAMER.msisdn()) && !all.contains(&ROAMER.imsi()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_is_honoured_or_refused_by_the_visited_gateway() {
    let world = World::new(&[]).await;
    let (a, b, c) = (world.start("a").await, world.start("b").await, world.start("c").await);
    let before = world.network.counted();
    // Of a country with which `c` has an agreement. The profile, which allows nobody, is not asked.
    assert_eq!(a.result(&a.rescuing(&OWN_CLOSED)).await, 0);
    assert_eq!(world.network.counted().plr - before.plr, 1);
    // Of one with which it has none, and whose operator thinks that there is one, and asks.
    let refused = b.result(&b.rescuing(&CLOSED)).await;
    assert_ne!(refused, 0);
    // Nor is the node asked in the place of the gateway that refused.
    assert_eq!(world.network.counted().plr - before.plr, 1);
    assert_eq!(world.network.counted().shown, before.shown);
    let told = format!("wherefore_lr_served_total{{peer=\"{}\",as=\"overriding\",outcome=", gateway_name("b"));
    let told = c.gateway.metric(&format!("{told}\"refused\"}}")).await;
    assert!((told - 1.0).abs() < 0.1, "{told}");
    for gateway in [a, b, c] {
        gateway.gateway.stop().await;
    }
    let (at_a, at_b, at_c) = (world.entries("a").await, world.entries("b").await, world.entries("c").await);
    let one = |entries: &[Value]| entries.iter().map(|entry| ended(entry).0.to_owned()).collect::<Vec<_>>();
    assert_eq!((one(&at_a), at_a[0]["basis"].as_str()), (vec!["allowed".to_owned()], Some("emergency")));
    assert!(at_b.len() == 1 && ended(&at_b[0]).0 != "allowed", "{at_b:?}");
    assert_eq!(one(&at_c), ["allowed", "refused"]);
    assert!(at_c.iter().all(|entry| entry["via"] == "rlp") && at_c[0]["basis"] == "emergency", "{at_c:?}");
    // Both have it on record for billing, the one that refused under the exchange that the other names.
    let (charged_b, charged_c) = (world.charged("b"), world.charged("c"));
    let leg = &charged_b[0]["asked"][0];
    assert_eq!(leg["gateway"], gateway_name("c"));
    assert!(charged_c.iter().any(|record| record["transaction"] == leg["transaction"]), "{charged_c:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pseudonym_goes_to_its_home_unresolved_and_comes_back_in_the_answer() {
    let world = World::new(&[]).await;
    let (a, b, c) = (world.start("a").await, world.start("b").await, world.start("c").await);
    let pseudonym = b.assigned(&ROAMER).await;
    let answer = a.ask(&a.under(&pseudonym)).await;
    let [position] = &answer.positions[..] else { panic!("{answer:?}") };
    assert_eq!((position.result.0, position.msid.1.expose()), (0, pseudonym.as_str()));
    // Forged, or of nobody's realm: nobody, whoever would know.
    let forged = pseudonym.replacen("AQ", "AR", 1);
    assert_eq!(a.result(&a.under(&forged)).await, 4);
    assert_eq!(a.result(&a.under(&pseudonym.replace("h.b.example", "h.x.example"))).await, 4);
    // The home gateway's own client asks under it as ever.
    assert_eq!(b.result(&b.under(&pseudonym)).await, 0);
    for gateway in [a, b, c] {
        gateway.gateway.stop().await;
    }
    // Whom it stands for is known at home and where somebody is served, and not where it was asked.
    let told = serde_json::to_string(&world.entries("a").await).unwrap();
    assert!(!told.contains(&ROAMER.msisdn()) && !told.contains(&ROAMER.imsi()), "{told}");
    assert!(!told.contains(&pseudonym[..40]));
    let at_home = world.entries("b").await;
    let rlp: Vec<&Value> = at_home.iter().filter(|entry| entry["via"] == "rlp").collect();
    assert_eq!(rlp.len(), 2);
    assert!(rlp[0].to_string().contains(&ROAMER.msisdn()));
    assert_eq!(rlp[0]["account"], format!("lr/{}/+99912345001", gateway_name("a")));
    let charged = world.charged("a");
    assert!(charged.iter().all(|record| record["target"].is_null() && record["client"]["account"] == CLIENT));
}
