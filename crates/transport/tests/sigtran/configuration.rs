//! Configurations that contradict themselves are told so, each by where and what to do.

use std::time::Duration;

use lcs::{Address, Digits, NatureOfAddress, NumberingPlan};
use transport::sigtran::{
    AssociationConfig, GtRoute, InvokeError, InvokeOutcome, LinkDown, NoOperations, SigtranConfig, SigtranNode, Ssn,
};

use crate::common::{
    ANY, ECHO, Register, active, ask, centre, connected_to, element, number, point_code, register, until,
};

async fn refusal(config: SigtranConfig) -> String {
    SigtranNode::start(config, NoOperations).await.unwrap_err().to_string()
}

#[tokio::test]
async fn each_contradiction_has_its_words() {
    let sound = || connected_to(centre(), ANY);
    let mut config = sound();
    config.subsystems.clear();
    assert!(refusal(config).await.starts_with("subsystems: at least one"));
    let mut config = sound();
    config.subsystems = vec![Ssn::MANAGEMENT];
    assert!(refusal(config).await.starts_with("subsystems: at least one"));
    let mut config = sound();
    config.associations.push(AssociationConfig::asp("register", ANY, [point_code(1)]));
    assert_eq!(refusal(config).await, "association register is named twice");
    let mut config = sound();
    config.associations.push(AssociationConfig::asp("empty", ANY, []));
    assert!(refusal(config).await.starts_with("association empty: point_codes is empty"));
    let mut config = sound();
    config.routes.push(GtRoute { prefix: number("33"), point_code: point_code(7) });
    assert!(refusal(config).await.starts_with("routes, entry 1: no association leads to point code 0-0-7"));
    let mut config = sound();
    config.default_route = Some(point_code(7));
    assert!(refusal(config).await.starts_with("default_route: no association leads to point code 0-0-7"));
    let mut config = sound();
    config.global_title.nature = NatureOfAddress::Abbreviated;
    assert!(refusal(config).await.starts_with("global_title: no global title"));
    // Twelve digits of E.212 are a subscriber.
    let mut config = sound();
    let prefix = Address {
        nature: NatureOfAddress::International,
        plan: NumberingPlan::Other(6),
        digits: Digits::parse("262017700001").unwrap(),
    };
    config.routes.push(GtRoute { prefix, point_code: point_code(2062) });
    assert!(refusal(config).await.starts_with("routes, entry 1: a prefix of E.212"));
}

#[tokio::test]
async fn a_place_that_is_taken_is_told() {
    let first = SigtranNode::start(register(), NoOperations).await.unwrap();
    let mut config = register();
    config.associations[0].address = first.local_addrs()[0].unwrap();
    let words = refusal(config).await;
    assert!(words.starts_with("association centre: cannot listen on Tcp 127.0.0.1:"), "{words}");
}

/// What both sides have agreed on is sent and taken.
#[tokio::test]
async fn routing_context_network_appearance_and_identifier_agree() {
    let mut config = register();
    (config.associations[0].routing_context, config.associations[0].network_appearance) = (Some(7), Some(3));
    let node = SigtranNode::start(config, Register::default()).await.unwrap();
    let mut config = connected_to(centre(), node.local_addrs()[0].unwrap());
    let own = &mut config.associations[0];
    (own.routing_context, own.network_appearance, own.asp_identifier) = (Some(7), Some(3), Some(42));
    let centre = SigtranNode::start(config, NoOperations).await.unwrap();
    active(&centre, 1).await;
    assert_eq!(ask(&centre, ECHO).await, Ok(InvokeOutcome::Result(element(20))));
}

/// A routing context that the other side does not know: the process is never taken up, and its status says so.
#[tokio::test]
async fn another_routing_context_is_never_active() {
    let mut config = register();
    config.associations[0].routing_context = Some(7);
    let node = SigtranNode::start(config, Register::default()).await.unwrap();
    let mut config = connected_to(centre(), node.local_addrs()[0].unwrap());
    config.associations[0].routing_context = Some(8);
    (config.timers.ack, config.timers.ack_attempts) = (Duration::from_millis(20), 2);
    let centre = SigtranNode::start(config, NoOperations).await.unwrap();
    until(|| centre.status().associations[0].last_error == Some(LinkDown::NotTaken)).await;
    assert_eq!(ask(&centre, ECHO).await, Err(InvokeError::NotActive));
}
