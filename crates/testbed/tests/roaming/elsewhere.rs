//! Operators whose registers of privacy profiles are processes of their own: their gateways ask over Lpp whose subscriber somebody is, and
//! are requesting, home and visited gateway as any other.

use super::operators::{AT_HOME, CLOSED, OWN, OWN_ABROAD, OWN_CLOSED, REFUSER, ROAMER, TOLD_AFTER, World};
use super::register::Register;
use serde_json::Value;
use testbed::Laboratory;

#[tokio::test(flavor = "multi_thread")]
async fn gateways_without_a_register_refer_answer_and_instruct_as_those_that_have_one() {
    let world = World::new(&[]).await;
    let ours = Laboratory::new(&[], "gmlc.example.net").unwrap();
    let start = async |operator| {
        let register = Register::start(&ours).await;
        let started = world.start_beside(operator, &register, &ours).await;
        (started, register)
    };
    let ((a, _at_a), (b, _at_b), (c, mut at_c)) = (start("a").await, start("b").await, start("c").await);
    let before = world.network.counted();
    for (person, expected) in
        [(&ROAMER, 0), (&AT_HOME, 0), (&CLOSED, 202), (&REFUSER, 202), (&TOLD_AFTER, 0), (&OWN, 0), (&OWN_ABROAD, 0)]
    {
        assert_eq!(a.result(&a.about(person)).await, expected, "{}", person.label());
    }
    assert_eq!(world.network.counted().shown - before.shown, 2);
    let pseudonym = b.assigned(&ROAMER).await;
    assert_eq!(a.result(&a.under(&pseudonym)).await, 0);
    // With an override nobody's register is asked.
    assert_eq!(a.result(&a.rescuing(&OWN_CLOSED)).await, 0);

    // Whether the subscriber is another's after all cannot be asked any more: the visited gateway has nobody positioned by the home
    // gateway's word, and the node is not asked.
    at_c.child.kill().await.unwrap();
    let asked = world.network.counted().plr;
    assert_ne!(a.result(&a.about(&ROAMER)).await, 0);
    assert_eq!(world.network.counted().plr, asked);
    // An override needs no register.
    assert_eq!(a.result(&a.rescuing(&OWN_CLOSED)).await, 0);

    // The home operator's log has them under the subscriber's key, by the salt of its register.
    let outcomes = |entries: Vec<Value>| -> Vec<String> {
        let text = |entry: &Value| format!("{} {}", entry["via"].as_str().unwrap(), entry["outcome"].as_str().unwrap());
        entries.iter().map(text).collect()
    };
    for gateway in [a, b, c] {
        gateway.gateway.stop().await;
    }
    assert_eq!(outcomes(world.entries_about("b", &CLOSED).await), ["rlp refused"]);
    let at_b = outcomes(world.entries_about("b", &ROAMER).await);
    assert_eq!(at_b[..2], ["rlp allowed", "rlp allowed"], "{at_b:?}");
    assert!(at_b.len() == 3 && at_b[2] != "rlp allowed", "{at_b:?}");
    assert_eq!(outcomes(world.entries_about("a", &OWN).await), ["mlp allowed"]);
}
