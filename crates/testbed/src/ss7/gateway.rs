//! How a gateway beside the network is told of its legacy half: sections for its configuration.

use super::Ss7Address;
use crate::scenario::Ss7Spec;
use std::fmt::Write as _;

/// The sections `[sigtran]`, `[map]` and `[pseudo_external]` of a gateway that is the first of the scenario's list, and reaches each node
/// directly over TCP. The HSS tells where subscribers are served, unless `[map] hlr` is set beside.
#[must_use]
pub fn gateway_sections(spec: &Ss7Spec, nodes: &[Ss7Address]) -> String {
    let Some(own) = spec.gateways.first() else { return String::new() };
    let list = |items: Vec<String>| items.join(", ");
    let numbers = list(nodes.iter().map(|node| format!("\"{}\"", node.number)).collect());
    let mut text = format!(
        "\n[sigtran]\nenabled = true\npoint_code = {}\nadmitted = [{numbers}]\n\n[sigtran.timers]\nreconnect_s = 1\n",
        own.point_code
    );
    for node in nodes {
        let Some(address) = node.listen.first() else { continue };
        let (name, code, number) = (&node.name, node.point_code, node.number);
        // Writing to a String cannot fail.
        write!(
            text,
            "\n[[sigtran.association]]\nname = \"{name}\"\naddress = \"{address}\"\ntransport = \"tcp\"\npoint_codes = \
             [{code}]\n\n[[sigtran.route]]\nprefix = \"{number}\"\npoint_code = {code}\n"
        )
        .ok();
    }
    if !spec.pseudo_external.is_empty() {
        let numbers = list(spec.pseudo_external.iter().map(|number| format!("\"{number}\"")).collect());
        write!(text, "\n[pseudo_external]\nnumbers = [{numbers}]\nmo_lr = [\"transfer_to_third_party\"]\n").ok();
    }
    text
}
