//! Configurations that contradict themselves are told so, each by where and what to do.

use lcs::{Address, Digits, NatureOfAddress, NumberingPlan};
use transport::sigtran::{AssociationConfig, GtRoute, NoOperations, SigtranConfig, SigtranNode, Ssn};

use crate::common::{ANY, centre, connected_to, number, point_code, register};

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
