//! Serving nodes as records of charging name them.

use lcs::{NodeKind, ServingNode};

/// The network of a node, MCC and MNC digits, as far as its name tells.
pub(crate) fn plmn_of_node(node: &ServingNode) -> Option<String> {
    plmn_of_realm(node.realm()?)
}

/// The same of the name of a host, which has the realm at its end.
pub(crate) fn plmn_of_host(host: &str) -> Option<String> {
    let realm = host.find("epc.mnc").and_then(|at| host.get(at..))?;
    plmn_of_realm(realm)
}

fn plmn_of_realm(realm: &str) -> Option<String> {
    let realm = realm.to_ascii_lowercase();
    let (mnc, rest) = realm.strip_prefix("epc.mnc")?.split_once(".mcc")?;
    let mcc = rest.strip_suffix(".3gppnetwork.org")?;
    let digits = |text: &str| text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(mnc) || !digits(mcc) {
        return None;
    }
    // The name has three digits where the network code may have two; only a leading zero can be one that was added.
    Some(format!("{mcc}{}", mnc.strip_prefix('0').unwrap_or(mnc)))
}

/// The name of a node, for charging: a host name, or a number.
pub(crate) fn name_of_node(node: &ServingNode) -> Option<String> {
    match &node.kind {
        NodeKind::Mme { name, .. } | NodeKind::Sgsn { diameter: Some((name, _)), .. } | NodeKind::Aaa { name } => {
            Some(name.clone())
        }
        NodeKind::Msc { number } | NodeKind::Sgsn { number: Some(number), diameter: None } => {
            Some(crate::forms::Number(*number).to_string())
        }
        NodeKind::Sgsn { number: None, diameter: None } => None,
    }
}
