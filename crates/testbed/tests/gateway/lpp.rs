//! A register of privacy profiles in a process of its own, and a gateway that asks it over Lpp: the real programs, real sockets, a
//! simulated network. Whoever can reach the gateway's directory finds no profile in it.

use super::{
    ask::{about, ask, result},
    lab::{CLIENT, CLOSED, Lab, client_record, who},
    process::{self, until},
    register::Register,
};
use reqwest::Method;
use serde_json::{Value, json};
use testbed::Laboratory;

/// Result 202 of MLP 3.5 table 126: not allowed.
const NOT_ALLOWED: u16 = 202;

/// Writes a profile at the register.
async fn profile(register: &Register, number: u32, profile: &Value) {
    let both = format!("{},imsi:00101000000{number:04}", who(number));
    register.change(Method::PUT, "/v1/subscriber", &both, Some(profile)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_without_a_register_asks_the_one_that_has_it() {
    let ours = Laboratory::new(&[], "gmlc.example.net").unwrap();
    let mut register = Register::start(&ours).await;
    profile(&register, 1, &json!({"universal": true})).await;
    profile(&register, CLOSED, &json!({})).await;
    let anywhere = |effect: &str| {
        let circle = json!({"circle": {"lat": 52.52, "lon": 13.405, "radius_m": 5000.0}});
        let rules = json!([{"area": circle, "when": "inside", "effect": effect}]);
        json!({"universal": true, "conditions": {"areas": rules}})
    };
    profile(&register, 2, &anywhere("refuse")).await;
    profile(&register, 3, &anywhere("allow")).await;

    let lab = Lab::new(&format!("[roles]\nppr = false\n{}", register.remote())).await;
    ours.write(lab.path()).unwrap();
    process::ok(lab.path(), &["init", "."]).await;
    let gateway = lab.start().await;
    let secret = gateway.client(CLIENT, client_record(CLIENT)).await;
    let mlp = gateway.doors.mlp;
    let asks = async |number: u32| result(&ask(mlp, &about(&secret, &[number])).await);
    // Allowed, barred, unknown to the register, and by where the subscriber is.
    for (number, expected) in [(1, 0), (CLOSED, NOT_ALLOWED), (4, NOT_ALLOWED), (2, NOT_ALLOWED), (3, 0)] {
        assert_eq!(asks(number).await, expected, "{number}");
    }
    // The gateway says that nothing about subscribers is here.
    let both = who(1);
    let (status, _) = gateway.admin(Method::GET, "/v1/subscriber", Some(&both), None).await;
    assert_eq!(status.as_u16(), 409);

    // A change takes effect with the next request.
    register.change(Method::POST, "/v1/subscriber/opt-out", &who(1), None).await;
    assert_eq!(asks(1).await, NOT_ALLOWED);
    profile(&register, 4, &json!({"universal": true})).await;
    assert_eq!(asks(4).await, 0);
    let told = "wherefore_lpp_requests_total{operation=\"profile-updates\",outcome=\"done\"}";
    until("the changes are told", async || (gateway.metric(told).await > 1.5).then_some(())).await;

    // Killed, nobody is located; back again, as ever.
    register.child.kill().await.unwrap();
    assert_eq!(asks(4).await, NOT_ALLOWED);
    let mut register = register.again().await;
    assert_eq!(asks(4).await, 0);
    assert_eq!(asks(1).await, NOT_ALLOWED);
    gateway.stop().await;
    // A subscriber's entries are read with the salt that the register tells, by whichever identity.
    let show =
        async |who: &str| process::run(lab.path(), &["log", "show", who, "--config", "wherefore.toml", "--json"]).await;
    for who in [who(1), "imsi:001010000000001".to_owned()] {
        let shown = show(&who).await;
        let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
        let outcomes: Vec<&str> =
            shown.as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes, ["allowed", "refused", "refused"], "{who}: {shown}");
    }
    assert!(!show(&who(5)).await.status.success(), "nobody by that number at the register");
    // Erased there, they are closed for good.
    register.change(Method::DELETE, "/v1/subscriber", &who(1), None).await;
    assert!(!show(&who(1)).await.status.success());
    register.child.kill().await.unwrap();
    assert!(!show(&who(4)).await.status.success());
    // Every end is in the log of the gateway; those that the register answered are sealed for their subscribers.
    let operators: Vec<Value> = lab.entries().await;
    assert!(operators.iter().any(|entry| entry["rule"] == "ppr-answer"), "{operators:?}");
    lab.verified().await;
}
